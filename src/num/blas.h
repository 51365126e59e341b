/*
 * blas.h - dense linear algebra: OpenBLAS and its LAPACK, loaded at need
 *
 * Matrices are column-major without gaps between columns unless a leading
 * dimension is given: element (i, j) of an m by n matrix stands at
 * a[i + j*lda].  The library is loaded by the first call that needs it, with
 * one thread and with the core type that this processor deserves; products
 * of small matrices never need it.  All functions return NUM_OK or a code of
 * number.h: NUM_MISSING (no OpenBLAS; the package is libopenblas0),
 * NUM_MEMORY, NUM_SINGULAR, NUM_FAILED.  None raises, so they may be called
 * from worker threads.  The result does not depend on whether the library
 * is already loaded.
 */
#ifndef MLC_NUM_BLAS_H
#define MLC_NUM_BLAS_H

#include <stdbool.h>
#include <stddef.h>

#include "num/number.h"

#define BLAS_PACKAGE "libopenblas0"

int blas_load(void); /* NUM_OK or NUM_MISSING; may be repeated */
bool blas_is_loaded(void);

/*
 * c = alpha*op(a)*op(b) + beta*c with op(a) m by k and op(b) k by n.  With
 * beta 0, c need not be initialised.
 */
int blas_gemm(bool ta, bool tb, int m, int n, int k, double alpha,
              const double *a, int lda, const double *b, int ldb, double beta,
              double *c, int ldc);

/* y = alpha*op(a)*x + beta*y, a m by n. */
int blas_gemv(bool ta, int m, int n, double alpha, const double *a, int lda,
              const double *x, double beta, double *y);

/*
 * c = a'*b + beta*c of k by n arrays whose product is known to be symmetric:
 * the lower triangle, and a part of the upper one.  blas_mirror copies it.
 */
int blas_gemm_lower(int n, int k, const double *a, int lda, const double *b,
                    int ldb, double beta, double *c, int ldc);
void blas_mirror(int n, double *c, int ldc);

/* c = a'*a (ta) or a*a', n by n, both triangles; k is the other side of a. */
int blas_syrk(bool ta, int n, int k, double alpha, const double *a, int lda,
              double beta, double *c, int ldc);

/* a += alpha*x*y', m by n. */
int blas_ger(int m, int n, double alpha, const double *x, const double *y,
             double *a, int lda);

double blas_dot(size_t n, const double *x, const double *y);
void blas_axpy(size_t n, double alpha, const double *x, double *y);

/*
 * b = op(a)^-1*b for a triangular n by n matrix and n by nrhs right sides.
 * NUM_SINGULAR if there is a zero on the diagonal.
 */
int blas_trsm(bool upper, bool ta, bool unit, int n, int nrhs, const double *a,
              int lda, double *b, int ldb);

/*
 * LU factors of an n by n matrix, in place; ipiv has n entries.  Always fills
 * the factors; NUM_SINGULAR if a pivot is exactly 0.
 */
int blas_lu(int n, double *a, int *ipiv);
int blas_lu_solve(bool ta, int n, const double *lu, const int *ipiv, int nrhs,
                  double *b);

/*
 * Estimate of 1/(norm1(a)*norm1(inv(a))) from the factors and norm1(a); 0 if
 * singular.
 */
int blas_lu_rcond(int n, const double *lu, double norm1, double *rcond);
double blas_norm1(int m, int n, const double *a);

/*
 * The same for a matrix whose other triangle is 0, with a bound from above of
 * its condition.
 */
bool blas_is_triangle(bool upper, int n, const double *a);
int blas_solve_triangle(bool upper, int n, const double *a, int nrhs, double *b,
                        double *condition);

/*
 * x = op(a)\b for a square a, b n by nrhs, in place of b; a is overwritten.
 * *rcond (if not NULL) as above.  NUM_SINGULAR if a pivot is 0.
 */
int blas_solve(bool ta, int n, double *a, int nrhs, double *b, double *rcond);

/* a is replaced by its inverse. */
int blas_inverse(int n, double *a, double *rcond);

/*
 * Sign (-1, 0, 1) and logarithm of the magnitude of the determinant, -inf if
 * it is 0; det = sign*exp(logabs), and *det (if not NULL) is computed as a
 * product, scaled so that it does not overflow on the way.  a is overwritten.
 */
int blas_det(int n, double *a, double *sign, double *logabs, double *det);

/*
 * a = l*l' from the lower triangle; l in place, zeros above.  NUM_SINGULAR if a
 * is not positive definite.
 */
int blas_cholesky(int n, double *a);
int blas_cholesky_solve(int n, const double *l, int nrhs, double *b);

/*
 * Column j of the lower triangle l with l*l' = a, where those before it are
 * known, in place of that of a; work has room for n numbers.  NUM_SINGULAR if
 * a is not positive definite.
 */
int blas_cholesky_column(int n, int j, double *a, double *work);

/* r'*r*x = b for an upper triangle r, in place of b. */
int blas_solve_factored(int n, const double *r, int nrhs, double *b);

/*
 * Least squares by QR with column pivoting: minimises |a*x - b| for an m by
 * n matrix.  Columns of a are first scaled to norm 1, so that the rank does
 * not depend on units.  The rank is the number of diagonal entries of R above
 * `tol` (<= 0: max(m, n)*2^-52) times the first; coefficients of dependent
 * columns are 0.  jpvt (n entries) receives the columns (from 0) in the order
 * of the pivots: the first `rank` are independent.  x is n by nrhs.  A tall
 * matrix is first reduced to its triangle by blocks of rows.  NUM_DOMAIN if an
 * entry of a is not finite (so in the functions below).
 */
typedef struct LeastSquares {
    int rank;
    int *jpvt;        /* n entries, or NULL if not wanted */
    double *residual; /* nrhs sums of squares, or NULL */
    double *rinv;     /* n by n: inv(R'R) = inv(a'a) if rank is n
                         (else on the independent columns, the rest
                         0), or NULL */
} LeastSquares;

int blas_least_squares(int m, int n, const double *a, int nrhs,
                       const double *b, double tol, double *x,
                       LeastSquares *info);

/*
 * R of the QR factorisation of a, m by n, up to the signs of its rows: r is
 * min(m, n) by n.  NUM_DOMAIN if an entry is not finite.
 */
int blas_qr_triangle(int m, int n, const double *a, double *r);

/*
 * a = q*r with k = min(m, n): q m by k with orthonormal columns, r k by n with
 * a diagonal >= 0.
 */
int blas_qr(int m, int n, const double *a, double *q, double *r);

/* Eigenvalues of a symmetric matrix, ascending; vectors in the columns of a. */
int blas_eigen_symmetric(int n, double *a, double *w, bool vectors);

/*
 * Eigenvalues re + i*im of a general matrix; a is overwritten.  v (or NULL)
 * receives right eigenvectors in LAPACK's packing: a complex pair takes two
 * columns, real and imaginary part.
 */
int blas_eigen(int n, double *a, double *re, double *im, double *v);

/*
 * Singular values, descending, k = min(m, n) of them; u m by k and vt k by n
 * unless NULL (both or none).  a is overwritten.
 */
int blas_svd(int m, int n, double *a, double *s, double *u, double *vt);

#endif

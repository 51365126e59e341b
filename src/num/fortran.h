/*
 * fortran.h - the routines of OpenBLAS that blas.c and lapack.c call
 *
 * For the files of num/ only.  The library is opened once a process and never
 * closed; the table of its routines is the only state.  After each character
 * argument's place at the end of the list follows its length, as gfortran
 * wants it (ONE).
 */
#ifndef MLC_NUM_FORTRAN_H
#define MLC_NUM_FORTRAN_H

#include <stdbool.h>
#include <stddef.h>

typedef const char *Flag; /* "N", "T", "U", ... */
typedef const int *Int;
typedef const double *Real;

#define ONE ((size_t)1)

typedef struct Fortran {
    void (*dgemm)(Flag ta, Flag tb, Int m, Int n, Int k, Real alpha, Real a,
                  Int lda, Real b, Int ldb, Real beta, double *c, Int ldc,
                  size_t, size_t);
    void (*dgemv)(Flag ta, Int m, Int n, Real alpha, Real a, Int lda, Real x,
                  Int incx, Real beta, double *y, Int incy, size_t);
    void (*dsyrk)(Flag uplo, Flag ta, Int n, Int k, Real alpha, Real a, Int lda,
                  Real beta, double *c, Int ldc, size_t, size_t);
    void (*dger)(Int m, Int n, Real alpha, Real x, Int incx, Real y, Int incy,
                 double *a, Int lda);
    void (*dtrsm)(Flag side, Flag uplo, Flag ta, Flag diag, Int m, Int n,
                  Real alpha, Real a, Int lda, double *b, Int ldb, size_t,
                  size_t, size_t, size_t);
    void (*dgetrf)(Int m, Int n, double *a, Int lda, int *ipiv, int *info);
    void (*dgetrs)(Flag ta, Int n, Int nrhs, Real a, Int lda, Int ipiv,
                   double *b, Int ldb, int *info, size_t);
    void (*dgetri)(Int n, double *a, Int lda, Int ipiv, double *work, Int lwork,
                   int *info);
    void (*dgecon)(Flag norm, Int n, Real a, Int lda, Real anorm, double *rcond,
                   double *work, int *iwork, int *info, size_t);
    void (*dpotrf)(Flag uplo, Int n, double *a, Int lda, int *info, size_t);
    void (*dgeqrf)(Int m, Int n, double *a, Int lda, double *tau, double *work,
                   Int lwork, int *info);
    void (*dgeqrt)(Int m, Int n, Int nb, double *a, Int lda, double *t, Int ldt,
                   double *work, int *info);
    void (*dorgqr)(Int m, Int n, Int k, double *a, Int lda, Real tau,
                   double *work, Int lwork, int *info);
    void (*dgeqp3)(Int m, Int n, double *a, Int lda, int *jpvt, double *tau,
                   double *work, Int lwork, int *info);
    void (*dormqr)(Flag side, Flag ta, Int m, Int n, Int k, Real a, Int lda,
                   Real tau, double *c, Int ldc, double *work, Int lwork,
                   int *info, size_t, size_t);
    void (*dsyevd)(Flag jobz, Flag uplo, Int n, double *a, Int lda, double *w,
                   double *work, Int lwork, int *iwork, Int liwork, int *info,
                   size_t, size_t);
    void (*dgeev)(Flag jobvl, Flag jobvr, Int n, double *a, Int lda, double *re,
                  double *im, double *vl, Int ldvl, double *vr, Int ldvr,
                  double *work, Int lwork, int *info, size_t, size_t);
    void (*dgesdd)(Flag jobz, Int m, Int n, double *a, Int lda, double *s,
                   double *u, Int ldu, double *vt, Int ldvt, double *work,
                   Int lwork, int *iwork, int *info, size_t);
} Fortran;

/* The routines, loaded at the first call; NULL if there is no library. */
const Fortran *fortran_load(void);

/*
 * Plain loops for small sizes (small.c).  They sum in the order of the index,
 * so a result is the same on every machine.
 */
#define SMALL_WORK 4096 /* m*n*k up to which they are used */
#define SMALL_SIDE 16   /* SMALL_SIDE^3 == SMALL_WORK */

void small_gemm(int ta, int tb, int m, int n, int k, double alpha, Real a,
                int lda, Real b, int ldb, double beta, double *c, int ldc);
void small_gemv(int ta, int m, int n, double alpha, Real a, int lda, Real x,
                double beta, double *y);
void small_trsm(int upper, int ta, int unit, int n, int nrhs, Real a, int lda,
                double *b, int ldb);
int small_lu(int n, double *a, int *ipiv); /* 1 if a pivot is 0 */
int small_cholesky(int n, double *a);      /* 1 if not definite */

/*
 * Opens the first of these libraries that is there, or gives NULL.  Whatever
 * BLAS comes along is told to run one thread, and the core type that this
 * processor deserves.
 */
void *shared_open(const char *const names[], size_t count);

/* The address of a routine as bytes (C has no cast from data to function);
 * false if there is none. */
bool shared_find(void *library, const char *name, void *pointer, size_t size);

#endif

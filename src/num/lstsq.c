/* lstsq.c - linear least squares (blas.h) */
#include "num/blas.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "num/fortran.h"
#include "num/vmath.h"

/*
 * The work of one call.  The matrix is m by n (after the reduction by row
 * blocks its R, with m == n), c the transformed right sides.
 */
typedef struct Work {
    const Fortran *f;
    int m, n, nrhs, rank;
    double *a, *c;                 /* m by n, m by nrhs */
    double *scale, *tau, *outside; /* n, n, nrhs */
    int *jpvt;                     /* from 1, as LAPACK has it */
} Work;

static double *new_reals(size_t count)
{
    return mem_try_aligned(count ? count : 1, sizeof(double));
}

static size_t at(int i, int j, int lda)
{
    return (size_t)i + (size_t)j * (size_t)lda;
}

/*
 * Powers of two near the norms of the columns: to divide by them rounds
 * nothing, and makes the decision about the rank free of units.
 */
static int find_scales(Work *w, const double *a, int m)
{
    for (int j = 0; j < w->n; j++) {
        int e = 0;
        const double *column = a + at(0, j, m);
        double norm = vmath_norm2(column, (size_t)m, 1);
        if (!isfinite(norm) && !vmath_all_finite(column, (size_t)m))
            return NUM_DOMAIN;
        if (norm > 0)
            frexp(norm, &e);
        w->scale[j] = ldexp(1, e);
    }
    return NUM_OK;
}

static void scale_columns(Work *w)
{
    for (int j = 0; j < w->n; j++)
        for (int i = 0; i < w->m; i++)
            w->a[at(i, j, w->m)] /= w->scale[j];
}

/* Blocks of this many rows: the p by p triangle on top adds an eighth. */
static int block_rows(int p)
{
    return p * 8 > 1024 ? p * 8 : 1024;
}

#define PANEL 32 /* columns that dgeqrt reduces at once, by matrix products */

/*
 * Reduces [a b], m by p, to its triangle R, p by p, reading the rows once
 * (Demmel, Grigori, Hoemmen & Langou, SIAM J. Sci. Comput. 34, 2012): R stands
 * on top of the next block, and QR of both gives the new R.  z is (p + rows)
 * by p.  dgeqrf would work such narrow blocks column by column.
 */
static int reduce_rows(const Work *w, int m, const double *a, const double *b,
                       double *z, int rows)
{
    int p = w->n + w->nrhs, panel = p < PANEL ? p : PANEL, info;
    double *work = new_reals(at(0, p, panel)), *t = new_reals(at(0, p, panel));
    int top = 0, lda = p + rows;
    for (int i = 0; i < m && work && t; i += rows) {
        int count = m - i < rows ? m - i : rows;
        for (int j = 0; j < p; j++) {
            double *column = z + at(0, j, lda);
            const double *from =
                j < w->n ? a + at(i, j, m) : b + at(i, j - w->n, m);
            if (top)
                memset(column + j + 1, 0, (size_t)(p - j - 1) * sizeof *z);
            memcpy(column + top, from, (size_t)count * sizeof *z);
        }
        int height = top + count;
        w->f->dgeqrt(&height, &p, &panel, z, &lda, t, &panel, work, &info);
        top = p;
    }
    int code = work && t ? NUM_OK : NUM_MEMORY;
    mem_free(work);
    mem_free(t);
    return code;
}

/* Takes R and Q'b out of the triangle; what is below n is residual. */
static void take_triangle(Work *w, const double *z, int lda)
{
    int n = w->n;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            w->a[at(i, j, n)] = i <= j ? z[at(i, j, lda)] : 0;
    for (int r = 0; r < w->nrhs; r++) {
        memcpy(w->c + at(0, r, n), z + at(0, n + r, lda),
               (size_t)n * sizeof *z);
        double norm = vmath_norm2(z + at(n, n + r, lda), (size_t)r + 1, 1);
        w->outside[r] = norm * norm;
    }
    w->m = n;
}

/* QR with column pivoting, and Q' applied to the right sides. */
static int factor(Work *w)
{
    int m = w->m, n = w->n, k = m < n ? m : n, info;
    int side = n > w->nrhs ? n : w->nrhs, lwork = (side + 1) * 64;
    double *work = new_reals((size_t)lwork);
    if (!work)
        return NUM_MEMORY;
    memset(w->jpvt, 0, (size_t)n * sizeof *w->jpvt);
    w->f->dgeqp3(&m, &n, w->a, &m, w->jpvt, w->tau, work, &lwork, &info);
    w->f->dormqr("L", "T", &m, &w->nrhs, &k, w->a, &m, w->tau, w->c, &m, work,
                 &lwork, &info, ONE, ONE);
    mem_free(work);
    return NUM_OK;
}

static void find_rank(Work *w, double tol)
{
    int k = w->m < w->n ? w->m : w->n;
    double first = k ? fabs(w->a[0]) : 0;
    w->rank = 0;
    while (w->rank < k && fabs(w->a[at(w->rank, w->rank, w->m)]) > tol * first)
        w->rank++;
}

static int solve_triangle(Work *w, double *x)
{
    int code = NUM_OK;
    if (w->rank > 0)
        code = blas_trsm(true, false, false, w->rank, w->nrhs, w->a, w->m, w->c,
                         w->m);
    memset(x, 0, at(0, w->nrhs, w->n) * sizeof *x);
    for (int r = 0; r < w->nrhs; r++)
        for (int i = 0; i < w->rank; i++) {
            int j = w->jpvt[i] - 1;
            x[at(j, r, w->n)] = w->c[at(i, r, w->m)] / w->scale[j];
        }
    return code;
}

/* Sums of squares of the transformed right sides beyond the rank. */
static void find_residuals(const Work *w, double *residual)
{
    for (int r = 0; r < w->nrhs; r++) {
        const double *c = w->c + at(0, r, w->m);
        double norm = vmath_norm2(c + w->rank, (size_t)(w->m - w->rank), 1);
        residual[r] = norm * norm + w->outside[r];
    }
}

/* inv(a'a) = inv(R)*inv(R)' on the independent columns. */
static int find_inverse(const Work *w, double *y)
{
    int k = w->rank, n = w->n;
    size_t side = (size_t)k * (size_t)k;
    double *inverse = new_reals(side), *product = new_reals(side);
    int code = NUM_MEMORY;
    if (inverse && product) {
        memset(inverse, 0, side * sizeof *inverse);
        for (int i = 0; i < k; i++)
            inverse[at(i, i, k)] = 1;
        code = blas_trsm(true, false, false, k, k, w->a, w->m, inverse, k);
    }
    if (code == NUM_OK)
        code = blas_syrk(false, k, k, 1, inverse, k, 0, product, k);
    memset(y, 0, at(0, n, n) * sizeof *y);
    for (int j = 0; j < k && code == NUM_OK; j++)
        for (int i = 0; i < k; i++) {
            int p = w->jpvt[i] - 1, q = w->jpvt[j] - 1;
            y[at(p, q, n)] = product[at(i, j, k)] / w->scale[p] / w->scale[q];
        }
    mem_free(inverse);
    mem_free(product);
    return code;
}

static int answer(Work *w, double tol, double *x, LeastSquares *info)
{
    int code = factor(w);
    if (code != NUM_OK)
        return code;
    find_rank(w, tol);
    info->rank = w->rank;
    for (int j = 0; j < w->n && info->jpvt; j++)
        info->jpvt[j] = w->jpvt[j] - 1;
    if (info->residual)
        find_residuals(w, info->residual);
    code = solve_triangle(w, x);
    if (code == NUM_OK && info->rinv)
        code = find_inverse(w, info->rinv);
    return code;
}

static int copy_problem(Work *w, const double *a, const double *b)
{
    w->a = new_reals(at(0, w->n, w->m));
    w->c = new_reals(at(0, w->nrhs, w->m));
    if (!w->a || !w->c)
        return NUM_MEMORY;
    memcpy(w->a, a, at(0, w->n, w->m) * sizeof *a);
    memcpy(w->c, b, at(0, w->nrhs, w->m) * sizeof *b);
    return NUM_OK;
}

static int reduce_problem(Work *w, const double *a, const double *b, int rows)
{
    int p = w->n + w->nrhs, lda = p + rows, code = NUM_MEMORY;
    double *z = new_reals(at(0, p, lda));
    w->a = new_reals(at(0, w->n, w->n));
    w->c = new_reals(at(0, w->nrhs, w->n));
    if (z && w->a && w->c)
        code = reduce_rows(w, w->m, a, b, z, rows);
    if (code == NUM_OK)
        take_triangle(w, z, lda);
    mem_free(z);
    return code;
}

/* Brings the problem into w->a and w->c, scaled. */
static int prepare(Work *w, int m, const double *a, const double *b)
{
    int rows = block_rows(w->n + w->nrhs), code = find_scales(w, a, m);
    w->m = m;
    if (code == NUM_OK)
        code = m <= rows + w->n + w->nrhs ? copy_problem(w, a, b)
                                          : reduce_problem(w, a, b, rows);
    if (code == NUM_OK)
        scale_columns(w);
    return code;
}

/* No rows or no unknowns: x is 0, and b is all residual. */
static int answer_nothing(int m, int n, int nrhs, const double *b, double *x,
                          LeastSquares *info)
{
    memset(x, 0, at(0, nrhs, n) * sizeof *x);
    info->rank = 0;
    for (int j = 0; j < n && info->jpvt; j++)
        info->jpvt[j] = j;
    for (int r = 0; r < nrhs && info->residual; r++) {
        double norm = m ? vmath_norm2(b + at(0, r, m), (size_t)m, 1) : 0;
        info->residual[r] = norm * norm;
    }
    if (info->rinv)
        memset(info->rinv, 0, at(0, n, n) * sizeof *x);
    return NUM_OK;
}

int blas_least_squares(int m, int n, const double *a, int nrhs,
                       const double *b, double tol, double *x,
                       LeastSquares *info)
{
    if (m == 0 || n == 0 || nrhs == 0)
        return answer_nothing(m, n, nrhs, b, x, info);
    Work w = {.f = fortran_load(), .n = n, .nrhs = nrhs};
    if (!w.f)
        return NUM_MISSING;
    if (tol <= 0)
        tol = (m > n ? m : n) * DBL_EPSILON;
    w.scale = new_reals((size_t)n);
    w.tau = new_reals((size_t)n);
    w.outside = new_reals((size_t)nrhs);
    w.jpvt = mem_try_aligned((size_t)n + 1, sizeof(int));
    int code = NUM_MEMORY;
    if (w.scale && w.tau && w.outside && w.jpvt) {
        memset(w.outside, 0, (size_t)nrhs * sizeof(double));
        code = prepare(&w, m, a, b);
        if (code == NUM_OK)
            code = answer(&w, tol, x, info);
    }
    mem_free(w.scale);
    mem_free(w.tau);
    mem_free(w.outside);
    mem_free(w.jpvt);
    mem_free(w.a);
    mem_free(w.c);
    return code;
}

/* The upper triangle of z, k by n. */
static void copy_triangle(int k, int n, const double *z, int lda, double *r)
{
    for (int j = 0; j < n; j++)
        for (int i = 0; i < k; i++)
            r[at(i, j, k)] = i <= j ? z[at(i, j, lda)] : 0;
}

int blas_qr_triangle(int m, int n, const double *a, double *r)
{
    int k = m < n ? m : n, rows = block_rows(n), panel = k < PANEL ? k : PANEL;
    if (!vmath_all_finite(a, at(0, n, m)))
        return NUM_DOMAIN;
    if (k == 0)
        return NUM_OK;
    Work w = {.f = fortran_load(), .n = n};
    if (!w.f)
        return NUM_MISSING;
    bool whole = m <= rows + n;
    int lda = whole ? m : n + rows, code = NUM_MEMORY, info;
    double *z = new_reals(at(0, n, lda));
    double *t = new_reals(at(0, n, panel)), *work = new_reals(at(0, n, panel));
    if (z && t && work && whole) {
        memcpy(z, a, at(0, n, m) * sizeof *a);
        w.f->dgeqrt(&m, &n, &panel, z, &lda, t, &panel, work, &info);
        code = NUM_OK;
    } else if (z && t && work) {
        code = reduce_rows(&w, m, a, NULL, z, rows);
    }
    if (code == NUM_OK)
        copy_triangle(k, n, z, lda, r);
    mem_free(z);
    mem_free(t);
    mem_free(work);
    return code;
}

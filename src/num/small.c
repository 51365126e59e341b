/* small.c - linear algebra in plain loops, for small sizes (fortran.h) */
#include "num/fortran.h"

#include <math.h>
#include <stdint.h>

#include "num/wide.h"

static double entry(Real a, int lda, int transposed, int i, int j)
{
    return transposed ? a[j + (ptrdiff_t)i * lda] : a[i + (ptrdiff_t)j * lda];
}

static void scale(int n, double beta, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = beta == 0 ? 0 : beta * y[i];
}

/* Eight entries of a column side by side. */
typedef double Lane8 __attribute__((vector_size(64), aligned(8), may_alias));

enum { SMALL_PACK = 512 }; /* entries of op(a) that are laid out anew */

/*
 * Four columns of a product, 8 rows: y[i + 8*w] = sum of a[i, l]*b[l*step +
 * at[w]] with `side` entries from column to column of a.  Every entry is a sum
 * in the order of l, as in plain loops.
 */
WIDE static void panel(int k, Real a, int side, Real b, int step,
                       const ptrdiff_t at[4], double *y)
{
    Lane8 sum[4] = {{0}, {0}, {0}, {0}};
    for (int l = 0; l < k; l++, a += side, b += step) {
        Lane8 x = *(const Lane8 *)(const void *)a;
        sum[0] += x * b[at[0]];
        sum[1] += x * b[at[1]];
        sum[2] += x * b[at[2]];
        sum[3] += x * b[at[3]];
    }
    for (int w = 0; w < 4; w++)
        *(Lane8 *)(void *)(y + 8 * w) = sum[w];
}

/* Where the entries of c go: c[i*row + j*col]. */
typedef struct Target {
    double alpha, beta;
    double *c;
    ptrdiff_t row, col;
} Target;

static void put_panel(const Target *t, int i0, int rows, int j0, int cols,
                      Real y)
{
    double *c = t->c + i0 * t->row + j0 * t->col;
    for (int j = 0; j < cols; j++, c += t->col, y += 8)
        for (int i = 0; i < rows; i++) {
            double *to = c + i * t->row;
            *to = t->beta == 0 ? t->alpha * y[i]
                               : t->alpha * y[i] + t->beta * *to;
        }
}

/* op(a) by columns of whole lanes, the rest 0. */
static void pack(int ta, int m, int k, Real a, int lda, double *y, int side)
{
    ptrdiff_t down = ta ? lda : 1, along = ta ? 1 : lda;
    for (int l = 0; l < k; l++, a += along, y += side) {
        for (int i = 0; i < m; i++)
            y[i] = a[i * down];
        for (int i = m; i < side; i++)
            y[i] = 0;
    }
}

/* c = alpha*op(a)*b + beta*c with b[l*step + j*next]. */
static void gemm_by_panels(int ta, int m, int n, int k, Real a, int lda, Real b,
                           int step, int next, const Target *t)
{
    double packed[SMALL_PACK], y[32];
    int side = (m + 7) / 8 * 8;
    pack(ta, m, k, a, lda, packed, side);
    for (int j = 0; j < n; j += 4) {
        int cols = n - j < 4 ? n - j : 4;
        ptrdiff_t at[4];
        for (int w = 0; w < 4; w++) /* the last again where there are fewer */
            at[w] = (ptrdiff_t)(j + (w < cols ? w : cols - 1)) * next;
        for (int i = 0; i < m; i += 8) {
            panel(k, packed + i, side, b, step, at, y);
            put_panel(t, i, m - i < 8 ? m - i : 8, j, cols, y);
        }
    }
}

static int panels_fit(int m, int k)
{
    return m >= 4 && (int64_t)(m + 7) / 8 * 8 * k <= SMALL_PACK;
}

/* A tall product, as many rows at a time as can be laid out anew. */
static void gemm_by_rows(int ta, int m, int n, int k, Real a, int lda, Real b,
                         int step, int next, const Target *t)
{
    int block = SMALL_PACK / k / 8 * 8;
    for (int i = 0; i < m; i += block) {
        Target part = *t;
        part.c += i * t->row;
        gemm_by_panels(ta, m - i < block ? m - i : block, n, k,
                       a + i * (ptrdiff_t)(ta ? lda : 1), lda, b, step, next,
                       &part);
    }
}

enum { LONG_DOT = 64 };

/* A long sum of products, in eight sums that are joined in order. */
WIDE static double long_dot(Real a, Real b, int n)
{
    Lane8 sum = {0};
    int i = 0;
    double y = 0;
    for (; i + 8 <= n; i += 8)
        sum += *(const Lane8 *)(const void *)(a + i) *
               *(const Lane8 *)(const void *)(b + i);
    for (int j = 0; j < 8; j++)
        y += sum[j];
    for (; i < n; i++)
        y += a[i] * b[i];
    return y;
}

void small_gemm(int ta, int tb, int m, int n, int k, double alpha, Real a,
                int lda, Real b, int ldb, double beta, double *c, int ldc)
{
    if (m >= n && m >= 4 && k > 0 && 8 * k <= SMALL_PACK) {
        Target t = {alpha, beta, c, 1, ldc};
        gemm_by_rows(ta, m, n, k, a, lda, b, tb ? ldb : 1, tb ? 1 : ldb, &t);
        return;
    }
    if (panels_fit(n, k)) { /* c' = op(b)'*op(a)' */
        Target t = {alpha, beta, c, ldc, 1};
        gemm_by_panels(!tb, n, m, k, b, ldb, a, ta ? 1 : lda, ta ? lda : 1, &t);
        return;
    }
    for (int j = 0; j < n; j++) {
        double *y = c + (ptrdiff_t)j * ldc;
        for (int i = 0; i < m; i++) {
            double sum = 0;
            if (ta && !tb && k >= LONG_DOT)
                sum =
                    long_dot(a + (ptrdiff_t)i * lda, b + (ptrdiff_t)j * ldb, k);
            else
                for (int l = 0; l < k; l++)
                    sum += entry(a, lda, ta, i, l) * entry(b, ldb, tb, l, j);
            y[i] = beta == 0 ? alpha * sum : alpha * sum + beta * y[i];
        }
    }
}

void small_gemv(int ta, int m, int n, double alpha, Real a, int lda, Real x,
                double beta, double *y)
{
    scale(ta ? n : m, beta, y);
    for (int j = 0; j < n; j++) {
        Real column = a + (ptrdiff_t)j * lda;
        if (ta) {
            double sum = 0;
            if (m >= LONG_DOT)
                sum = long_dot(column, x, m);
            else
                for (int i = 0; i < m; i++)
                    sum += column[i] * x[i];
            y[j] += alpha * sum;
        } else {
            double t = alpha * x[j];
            for (int i = 0; i < m; i++)
                y[i] += t * column[i];
        }
    }
}

void small_trsm(int upper, int ta, int unit, int n, int nrhs, Real a, int lda,
                double *b, int ldb)
{
    /* op(a) is upper triangular: the last unknown comes first. */
    int backward = upper ? !ta : ta;
    for (int r = 0; r < nrhs; r++) {
        double *x = b + (ptrdiff_t)r * ldb;
        for (int s = 0; s < n; s++) {
            int i = backward ? n - 1 - s : s;
            int from = backward ? i + 1 : 0, to = backward ? n : i;
            double y = x[i];
            for (int j = from; j < to; j++)
                y -= entry(a, lda, ta, i, j) * x[j];
            x[i] = unit ? y : y / a[i + (ptrdiff_t)i * lda];
        }
    }
}

/* Gaussian elimination with row exchanges, as LAPACK's dgetf2. */
int small_lu(int n, double *a, int *ipiv)
{
    int singular = 0;
    for (int k = 0; k < n; k++) {
        double *column = a + (ptrdiff_t)k * n;
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(column[i]) > fabs(column[p]))
                p = i;
        ipiv[k] = p + 1;
        if (column[p] == 0) {
            singular = 1;
            continue;
        }
        for (int j = 0; j < n && p != k; j++) {
            double t = a[k + (ptrdiff_t)j * n];
            a[k + (ptrdiff_t)j * n] = a[p + (ptrdiff_t)j * n];
            a[p + (ptrdiff_t)j * n] = t;
        }
        for (int i = k + 1; i < n; i++)
            column[i] /= column[k];
        for (int j = k + 1; j < n; j++) {
            double *y = a + (ptrdiff_t)j * n;
            for (int i = k + 1; i < n; i++)
                y[i] -= column[i] * y[k];
        }
    }
    return singular;
}

int small_cholesky(int n, double *a)
{
    for (int j = 0; j < n; j++) {
        double *column = a + (ptrdiff_t)j * n;
        for (int k = 0; k < j; k++) {
            Real before = a + (ptrdiff_t)k * n;
            for (int i = j; i < n; i++)
                column[i] -= before[i] * before[j];
        }
        if (!(column[j] > 0) || isinf(column[j]))
            return 1;
        double root = sqrt(column[j]);
        for (int i = j; i < n; i++)
            column[i] /= root;
    }
    return 0;
}

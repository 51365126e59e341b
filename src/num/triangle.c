/* triangle.c - systems whose matrix is a triangle (blas.h) */
#include "num/blas.h"

#include <math.h>

#include "base/mem.h"
#include "num/rows.h"
#include "num/wide.h"

bool blas_is_triangle(bool upper, int n, const double *a)
{
    for (int j = 0; j < n; j++) {
        const double *column = a + (size_t)j * (size_t)n;
        for (int i = upper ? j + 1 : 0; i < (upper ? n : j); i++)
            if (column[i] != 0)
                return false;
    }
    return true;
}

/* The unknown after i, where the last one comes first in an upper triangle. */
static int next(bool upper, int i)
{
    return upper ? i - 1 : i + 1;
}

static void solve_column(bool upper, int n, const double *a, double *x)
{
    for (int j = upper ? n - 1 : 0; j >= 0 && j < n; j = next(upper, j)) {
        const double *column = a + (size_t)j * (size_t)n;
        double y = x[j] /= column[j];
        for (int i = upper ? 0 : j + 1; i < (upper ? j : n); i++)
            x[i] -= column[i] * y;
    }
}

/*
 * The largest entry of the inverse's row sums is at most that of the inverse
 * of the comparison matrix, |a[i,i]| beside -|a[i,j]| (Higham 2002, section
 * 8.3), which takes one solve.  z is room for n numbers.
 */
static double condition_bound(bool upper, int n, const double *a, double *z)
{
    double inverse = 0;
    for (int i = 0; i < n; i++)
        z[i] = 1;
    for (int j = upper ? n - 1 : 0; j >= 0 && j < n; j = next(upper, j)) {
        const double *column = a + (size_t)j * (size_t)n;
        double y = z[j] / fabs(column[j]);
        inverse = fmax(inverse, y);
        for (int i = upper ? 0 : j + 1; i < (upper ? j : n); i++)
            z[i] += fabs(column[i]) * y;
    }
    return inverse * (double)n * blas_norm1(n, n, a);
}

int blas_solve_triangle(bool upper, int n, const double *a, int nrhs, double *b,
                        double *condition)
{
    for (int i = 0; i < n; i++)
        if (a[(size_t)i * (size_t)n + (size_t)i] == 0)
            return NUM_SINGULAR;
    double *z = mem_try_aligned((size_t)n + 1, sizeof *z);
    if (!z)
        return NUM_MEMORY;
    *condition = condition_bound(upper, n, a, z);
    mem_free(z);
    for (int r = 0; r < nrhs; r++)
        solve_column(upper, n, a, b + (size_t)r * (size_t)n);
    return NUM_OK;
}

/* ---- Cholesky ---- */

int blas_cholesky_column(int n, int j, double *a, double *work)
{
    size_t size = (size_t)n, rows = (size_t)(n - j);
    double *column = a + (size_t)j * size + j, *sum = work + j;
    for (int k = 0; k < j; k++)
        work[k] = a[(size_t)k * size + (size_t)j];
    rows_times(sum, a + j, size, rows, (size_t)j, work, 0);
    for (size_t i = 0; i < rows; i++)
        column[i] -= sum[i];
    if (!(column[0] > 0))
        return NUM_SINGULAR;
    double root = sqrt(column[0]);
    for (size_t i = 0; i < rows; i++)
        column[i] /= root;
    return NUM_OK;
}

typedef double Lanes __attribute__((vector_size(ROWS_LANES * sizeof(double)),
                                    aligned(8), may_alias));

/* x - a'*z of n numbers. */
WIDE static double less_product(double x, const double *a, const double *z,
                                size_t n)
{
    Lanes sum = {0};
    double lane[ROWS_LANES];
    size_t i = 0;
    for (; i + ROWS_LANES <= n; i += ROWS_LANES)
        sum += *(const Lanes *)(const void *)(a + i) *
               *(const Lanes *)(const void *)(z + i);
    *(Lanes *)(void *)lane = sum;
    for (size_t k = 0; i + k < n; k++)
        lane[k] += a[i + k] * z[i + k];
    return x - rows_total(lane);
}

WIDE_LOOP static void subtract_multiple(double *x, const double *a, double t,
                                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] -= a[i] * t;
}

int blas_solve_factored(int n, const double *r, int nrhs, double *b)
{
    size_t size = (size_t)n;
    for (size_t i = 0; i < size; i++)
        if (r[i + i * size] == 0)
            return NUM_SINGULAR;
    for (double *x = b; nrhs > 0; nrhs--, x += size) {
        for (size_t i = 0; i < size; i++)
            x[i] = less_product(x[i], r + i * size, x, i) / r[i + i * size];
        for (size_t i = size; i-- > 0;) {
            x[i] /= r[i + i * size];
            subtract_multiple(x, r + i * size, x[i], i);
        }
    }
    return NUM_OK;
}

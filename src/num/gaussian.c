/* gaussian.c - matrices of Gaussian kernel values */
#include "num/gaussian.h"

#include <math.h>
#include <stdbool.h>

#include "base/pool.h"
#include "num/blas.h"
#include "num/vmath.h"
#include "num/wide.h"

/* Columns of a part: with 2000 rows they stay in the second cache. */
#define WIDTH 64

/* y = gamma times the squared lengths of the rows of x. */
static void square_rows(double *y, double gamma, const double *x, int n, int d)
{
    for (int i = 0; i < n; i++)
        y[i] = 0;
    for (int j = 0; j < d; j++)
        for (int i = 0; i < n; i++) {
            double v = x[i + (ptrdiff_t)j * n];
            y[i] += v * v;
        }
    for (int i = 0; i < n; i++)
        y[i] *= gamma;
}

/* What cancels in the square may end above 0. */
WIDE_LOOP static void exponents(double *y, const double *r, double own,
                                size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double v = (y[i] - r[i]) - own;
        y[i] = v > 0 ? 0 : v;
    }
}

/* The entries below the diagonal of columns from..from+count-1 to the rows
 * on its other side, and 1 onto it where nothing is NaN. */
static void mirror(double *y, size_t n, size_t from, size_t count)
{
    for (size_t j = from; j < from + count; j++)
        y[j + j * n] = y[j + j * n] * 0 == 0 ? 1 : NAN;
    for (size_t top = from; top < n; top += WIDTH) {
        size_t end = n - top < WIDTH ? n : top + WIDTH;
        for (size_t i = top; i < end; i++)
            for (size_t j = from; j < from + count && j < i; j++)
                y[j + i * n] = y[i + j * n];
    }
}

static int part(void *job, size_t at, unsigned worker)
{
    const Gaussian *g = job;
    int from = (int)at * WIDTH, top = g->b ? 0 : from, m = g->m;
    int count = g->n - from < WIDTH ? g->n - from : WIDTH;
    const double *b = g->b ? g->b : g->a;
    const double *own = g->b ? g->room + m : g->room;
    double *y = g->y + top + (ptrdiff_t)from * m;
    (void)worker;
    int code = blas_gemm(false, true, m - top, count, g->d, 2 * g->gamma,
                         g->a + top, m, b + from, g->n, 0, y, m);
    if (code != NUM_OK)
        return code;
    for (int j = 0; j < count; j++, y += m) {
        exponents(y, g->room + top, own[from + j], (size_t)(m - top));
        vmath_exp(y, y, (size_t)(m - top));
    }
    if (!g->b)
        mirror(g->y, (size_t)m, (size_t)from, (size_t)count);
    return NUM_OK;
}

int gaussian_fill(const Gaussian *g)
{
    Gaussian job = *g;
    square_rows(g->room, g->gamma, g->a, g->m, g->d);
    if (g->b)
        square_rows(g->room + g->m, g->gamma, g->b, g->n, g->d);
    return pool_run(part, &job, ((size_t)g->n + WIDTH - 1) / WIDTH);
}

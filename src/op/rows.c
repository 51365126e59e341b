/*
 * rows.c - kernels that work on each row
 *
 * A matrix stands column by column, so a row is a vector whose stride is the
 * number of rows.  Each kernel knows one vector; it is run on all entries or
 * on every row.
 */
#include <math.h>

#include "base/error.h"
#include "base/pool.h"
#include "num/vmath.h"
#include "op/array.h"

/* ---- entry by entry of a vector x[0], x[stride], ... ---- */

typedef void (*Along)(Array *y, const Array *x, size_t at, size_t n,
                      size_t stride);

static void hardmax_along(Array *y, const Array *x, size_t at, size_t n,
                          size_t stride)
{
    size_t best = 0;
    if (n == 0)
        return;
    vmath_largest(x->f + at, n, stride, &best);
    for (size_t i = 0; i < n; i++)
        array_set(y, at + i * stride, value_int(i == best));
}

static Value run_along(Along f, const Array *x, ElementKind kind, bool rows)
{
    Value y = array_new(kind, x->rows, x->cols);
    size_t m = (size_t)x->rows;
    if (!rows)
        f(y.array, x, 0, array_count(x), 1);
    for (size_t i = 0; rows && i < m; i++) {
        POLL();
        f(y.array, x, i, (size_t)x->cols, m);
    }
    return array_value(y);
}

/* ---- rows side by side, as their entries are contiguous ---- */

enum { STRIP = 64, LARGE = 1 << 15 };

typedef struct Strips {
    double *y;
    const double *x;
    size_t rows, cols;
} Strips;

static int softmax_strip(void *job, size_t part, unsigned worker)
{
    const Strips *s = job;
    size_t from = part * STRIP, left = s->rows - from;
    (void)worker;
    vmath_softmax_rows(s->y + from, s->x + from, s->rows,
                       left < STRIP ? left : STRIP, s->cols);
    return 0;
}

Value kernel_softmax_rows(int n, const Value args[])
{
    (void)n;
    const Array *x = array_to_float(args[0]);
    Value y = array_new_unset(x->rows, x->cols);
    Strips s = {y.array->f, x->f, (size_t)x->rows, (size_t)x->cols};
    size_t parts = (s.rows + STRIP - 1) / STRIP;
    if (array_count(x) > LARGE)
        pool_run(softmax_strip, &s, parts);
    else
        for (size_t k = 0; k < parts; k++)
            softmax_strip(&s, k, 0);
    return y;
}

/* ---- each row by itself ---- */

static void normalize_along(Array *y, const Array *x, size_t at, size_t n,
                            size_t stride)
{
    double norm = vmath_norm2(x->f + at, n, stride);
    for (size_t i = 0; i < n; i++)
        y->f[at + i * stride] = norm == 0 ? 0 : x->f[at + i * stride] / norm;
}

Value kernel_normalize_rows(int n, const Value args[])
{
    (void)n;
    return run_along(normalize_along, array_to_float(args[0]), ELEM_FLOAT,
                     true);
}

Value kernel_norm2_rows(int n, const Value args[])
{
    (void)n;
    const Array *x = array_to_float(args[0]);
    Value y = array_new(ELEM_FLOAT, x->rows, 1);
    for (int i = 0; i < x->rows; i++)
        y.array->f[i] = vmath_norm2(x->f + i, (size_t)x->cols, (size_t)x->rows);
    return array_value(y);
}

Value kernel_hardmax(int n, const Value args[])
{
    (void)n;
    return run_along(hardmax_along, array_to_float(args[0]), ELEM_EXACT, false);
}

Value kernel_hardmax_rows(int n, const Value args[])
{
    (void)n;
    return run_along(hardmax_along, array_to_float(args[0]), ELEM_EXACT, true);
}

/* ---- a number a row ---- */

Value kernel_logsumexp_rows(int n, const Value args[])
{
    (void)n;
    const Array *x = array_to_float(args[0]);
    size_t m = (size_t)x->rows;
    Value y = array_new(ELEM_FLOAT, x->rows, 1);
    for (size_t i = 0; i < m; i++) {
        POLL();
        y.array->f[i] = vmath_logsumexp(x->f + i, (size_t)x->cols, m);
    }
    return array_value(y);
}

Value kernel_prod_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_PROD, args[0], 2);
}

Value kernel_max_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MAX, args[0], 2);
}

Value kernel_min_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MIN, args[0], 2);
}

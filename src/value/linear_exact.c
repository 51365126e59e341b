/*
 * linear_exact.c - exact linear algebra
 *
 * Entries are Values: integers of 64 bits cost no object, and what is longer
 * is freed by the pool, entry by entry.
 */
#include "value/linear_exact.h"

#include "base/error.h"
#include "value/number.h"

static Value times(Value a, Value b)
{
    return number_binary(BIN_MUL, a, b);
}

Value exact_product(const Array *a, const Array *b)
{
    Value y = array_new(ELEM_EXACT, a->rows, b->cols);
    size_t m = (size_t)a->rows, n = (size_t)a->cols;
    for (size_t j = 0; j < (size_t)b->cols; j++) {
        for (size_t i = 0; i < m; i++) {
            PoolMark mark = pool_mark();
            Value sum = value_int(0);
            for (size_t k = 0; k < n; k++) {
                POLL();
                Value e = times(a->x[i + k * m], b->x[k + j * n]);
                sum = number_binary(BIN_ADD, sum, e);
                pool_drain_except(mark, sum);
            }
            array_set(y.array, i + j * m, sum);
            pool_drain(mark);
        }
    }
    return y;
}

/* ---- elimination ---- */

/* The rows of a and b side by side, n by n + m. */
typedef struct System {
    Array *w;
    size_t n, width;
    Value scale;   /* product of the factors of the rows */
    bool negative; /* an odd number of exchanges */
} System;

static Value entry(const System *s, size_t i, size_t j)
{
    return s->w->x[i + j * s->n];
}

static void set_entry(System *s, size_t i, size_t j, Value v)
{
    array_set(s->w, i + j * s->n, v);
}

/* Multiplies row i by the common denominator of its entries. */
static void scale_row(System *s, size_t i)
{
    for (size_t j = 0; j < s->width; j++) {
        Value d = number_denominator(entry(s, i, j));
        if (d.kind == VAL_INT && d.integer == 1)
            continue;
        for (size_t k = 0; k < s->width; k++)
            set_entry(s, i, k, times(entry(s, i, k), d));
        s->scale = times(s->scale, d);
    }
}

static System new_system(const Array *a, const Array *b)
{
    size_t n = (size_t)a->rows, more = b ? (size_t)b->cols : 0;
    System s = {.n = n, .width = n + more, .scale = value_int(1)};
    s.w = array_new(ELEM_EXACT, a->rows, (int)s.width).array;
    for (size_t k = 0; k < n * n; k++)
        array_set(s.w, k, a->x[k]);
    for (size_t k = 0; k < n * more; k++)
        array_set(s.w, n * n + k, b->x[k]);
    for (size_t i = 0; i < n; i++)
        scale_row(&s, i);
    return s;
}

/* Exchanges two rows; what they hold stays held. */
static void swap_rows(System *s, size_t i, size_t k)
{
    for (size_t j = 0; j < s->width; j++) {
        Value *x = &s->w->x[i + j * s->n], *y = &s->w->x[k + j * s->n], old;
        old = *x;
        *x = *y;
        *y = old;
    }
    s->negative = !s->negative;
}

/* Brings a pivot to row k; false if there is none. */
static bool find_pivot(System *s, size_t k)
{
    for (size_t i = k; i < s->n; i++) {
        if (number_sign(entry(s, i, k)) == 0)
            continue;
        if (i != k)
            swap_rows(s, i, k);
        return true;
    }
    return false;
}

/*
 * row i = (pivot*row i - w[i,k]*row k)/last, right of column k.  Then column k
 * is 0; it comes last, for w[i,k] is held there alone.
 */
static void eliminate_row(System *s, size_t i, size_t k, Value last)
{
    Value pivot = entry(s, k, k), factor = entry(s, i, k);
    for (size_t j = k + 1; j < s->width; j++) {
        PoolMark mark = pool_mark();
        Value e = times(pivot, entry(s, i, j));
        POLL();
        e = number_binary(BIN_SUB, e, times(factor, entry(s, k, j)));
        set_entry(s, i, j, number_binary(BIN_DIV, e, last));
        pool_drain(mark);
    }
    set_entry(s, i, k, value_int(0));
}

/*
 * Eliminates column after column, below the pivot or (Jordan) everywhere
 * else.  The last pivot is the determinant of the scaled rows; after Jordan
 * every row stands for last pivot * unknown = right side.
 */
static bool eliminate(System *s, bool jordan)
{
    Value last = value_int(1);
    for (size_t k = 0; k < s->n; k++) {
        if (!find_pivot(s, k))
            return false;
        for (size_t i = jordan ? 0 : k + 1; i < s->n; i++) {
            if (i != k)
                eliminate_row(s, i, k, last);
        }
        last = entry(s, k, k);
    }
    return true;
}

bool exact_solve(const Array *a, const Array *b, Value *x)
{
    System s = new_system(a, b);
    if (!eliminate(&s, true))
        return false;
    *x = array_new(ELEM_EXACT, a->rows, b->cols);
    Value det = s.n > 0 ? entry(&s, s.n - 1, s.n - 1) : value_int(1);
    for (size_t j = 0; j < (size_t)b->cols; j++) {
        for (size_t i = 0; i < s.n; i++) {
            Value e = number_binary(BIN_DIV, entry(&s, i, s.n + j), det);
            array_set(x->array, i + j * s.n, e);
        }
    }
    return true;
}

Value exact_det(const Array *a)
{
    System s = new_system(a, NULL);
    if (s.n == 0)
        return value_int(1);
    if (!eliminate(&s, false))
        return value_int(0);
    Value det = entry(&s, s.n - 1, s.n - 1);
    if (s.negative)
        det = number_negate(det);
    return number_binary(BIN_DIV, det, s.scale);
}

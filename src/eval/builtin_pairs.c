/*
 * builtin_pairs.c - pair_minimum, the quadratic program of kernel machines
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "num/pairs.h"

static const char text[] = "pair_minimum";

/* A column of n floats; `what` names it in errors. */
static const double *column(Value v, size_t n, const char *what)
{
    if (value_is_number(v) && n == 1)
        v = array_fill(1, 1, value_float(value_to_double(v)));
    if (v.kind != VAL_ARRAY || array_count(v.array) != n)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s: %s is a column of %zu numbers",
                    text, what, n);
    const double *x = array_to_float(v)->f;
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            error_raise(SPAN_NONE, ERR_NAN, "%s: %s[%zu] is NaN", text, what,
                        i + 1);
    return x;
}

static double number_option(const Args *a, const char *name, double otherwise)
{
    const Value *v = args_named(a, name);
    if (!v)
        return otherwise;
    if (!value_is_number(*v) || !(value_to_double(*v) >= 0))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "%s: %s is a number from 0", text,
                    name);
    return value_to_double(*v);
}

/* The matrix, or NULL and its side: columns of K. */
static const Array *matrix_argument(Value v)
{
    if (value_is_number(v))
        v = array_fill(1, 1, value_float(value_to_double(v)));
    if (v.kind != VAL_ARRAY || v.array->rows != v.array->cols)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s: K is a square matrix", text);
    return array_to_float(v);
}

/* The option rows, from 1, as places in K of `side` rows; NULL: not given. */
static const size_t *chosen_rows(Interp *in, const Args *a, size_t n,
                                 size_t side)
{
    const Value *v = args_named(a, "rows");
    if (!v)
        return NULL;
    const double *x = column(*v, n, "rows");
    size_t *rows = ARENA_ARRAY(in->scratch, size_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= 1 && x[i] <= (double)side) || x[i] != floor(x[i]))
            error_raise(SPAN_NONE, ERR_INDEX,
                        "%s: rows[%zu] is no row of K, which has %zu", text,
                        i + 1, side);
        rows[i] = (size_t)x[i] - 1;
    }
    return rows;
}

/* The start, between the bounds: given, else 0 where that is allowed. */
static Value start_of(const Args *a, const PairProblem *p)
{
    const Value *v = args_named(a, "start");
    const double *x = v ? column(*v, p->n, "start") : NULL;
    Value u = array_new(ELEM_FLOAT, (int)p->n, 1);
    for (size_t i = 0; i < p->n; i++) {
        double y = u.array->f[i] = x ? x[i] : 0;
        if (!(p->low[i] <= y && y <= p->high[i]) || isinf(y))
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "%s: the start, %g at entry %zu, is not between the "
                        "bounds %g and %g",
                        text, y, i + 1, p->low[i], p->high[i]);
    }
    return u;
}

static Value outcome(Value u, Value slope, const PairProblem *p,
                     const PairOutcome *y)
{
    Value r = record_new(7);
    record_set(r, name_of("u"), array_value(u));
    record_set(r, name_of("value"), value_float(y->value));
    record_set(r, name_of("slope"), array_value(slope));
    record_set(r, name_of("level"), value_float(y->level));
    record_set(r, name_of("gap"), value_float(y->gap));
    record_set(r, name_of("steps"), value_int((int64_t)y->steps));
    record_set(r, name_of("converged"), value_bool(y->gap <= p->tol));
    return r;
}

Value builtin_pair_minimum(Interp *in, const Args *a)
{
    const Array *k = matrix_argument(a->at[0]);
    size_t n = value_is_number(a->at[1])    ? 1
               : a->at[1].kind == VAL_ARRAY ? array_count(a->at[1].array)
                                            : 0;
    PairProblem p = {.n = n, .k = k->f, .ld = (size_t)k->rows};
    p.q = column(a->at[1], n, "q");
    p.low = column(a->at[2], n, "low");
    p.high = column(a->at[3], n, "high");
    p.rows = chosen_rows(in, a, n, p.ld);
    if (!p.rows && n != p.ld)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "%s: K has %zu rows, q %zu entries; rows = v says which "
                    "rows of K they are",
                    text, p.ld, n);
    p.edge = number_option(a, "edge", 0);
    p.tol = number_option(a, "tol", 1e-8);
    p.steps = (size_t)fmin(
        1e15, number_option(a, "steps", fmax(1e7, 100.0 * (double)n)));
    Value u = start_of(a, &p);
    Value room = array_new(ELEM_FLOAT, (int)n, 4);
    PairOutcome y = pairs_minimize(&p, u.array->f, room.array->f);
    if (isnan(y.gap))
        error_raise(SPAN_NONE, ERR_NAN, "%s: K has a NaN or Inf", text);
    Value slope = array_new(ELEM_FLOAT, (int)n, 1);
    for (size_t i = 0; i < n; i++)
        slope.array->f[i] = -room.array->f[i];
    return outcome(u, slope, &p, &y);
}

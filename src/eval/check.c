/*
 * check.c - a gradient against central differences, and against another one
 *
 * check(grad(L, w)) compares a derived function with differences of the
 * function it comes from; check(g, f) a gradient that was written by hand with
 * the exact gradient of f and with differences of f.  Points are random:
 * standard normal entries, their magnitudes where the function is not defined
 * for the former; named dimensions are small and differ.
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/derive.h"
#include "num/rng.h"
#include "value/shape.h"

#define MOST_PARAMS 64

typedef struct CheckRun {
    Interp *in;
    Value f;                    /* the function */
    Value g;                    /* its gradient as claimed */
    Value exact;                /* NONE, or the exact gradient */
    DeriveKind kind;
    int nparams, nvars;
    int var[MOST_PARAMS];
    Rng rng;
    double worst, ratio;        /* largest relative difference; g/exact there */
    Value where;                /* the arguments there */
} CheckRun;

/* Named dimensions take 2, 3, 4, ... in order of their first use. */
static int dim_size(Dim d, Dim seen[], int *n)
{
    if (d >= 0)
        return d;
    int i = 0;
    while (i < *n && seen[i] != d)
        i++;
    if (i == *n)
        seen[(*n)++] = d;
    return 2 + i % 4;
}

static Value random_array(CheckRun *c, int rows, int cols, bool positive)
{
    Value v = array_new(ELEM_FLOAT, rows, cols);
    for (size_t i = 0; i < array_count(v.array); i++) {
        double x = rng_normal(&c->rng);
        v.array->f[i] = positive ? fabs(x) + 0.1 : x;
    }
    return array_value(v);
}

static void random_arguments(CheckRun *c, Value args[], bool positive)
{
    int total, nseen = 0, k = 0;
    Dim seen[2 * MOST_PARAMS];
    Shape s[MOST_PARAMS];
    Value of = c->exact.kind == VAL_NONE ? c->g : c->exact;
    int n = derived_shapes(c->in, of.function, s);
    const Decl *d = function_params(c->f.function, &total);
    for (int i = 0; i < n; i++) {
        while (k < total && d[k].option)
            k++;
        bool bounded = k < total && d[k].lower;
        args[i] = random_array(c, dim_size(s[i].rows, seen, &nseen),
                               dim_size(s[i].cols, seen, &nseen),
                               positive || bounded);
        k++;
    }
}

static double call_number(CheckRun *c, const Value args[])
{
    Value y = call_values(c->in, c->f, c->nparams, args);
    double x;
    if (value_is_number(y))
        return value_to_double(y);
    if (y.kind == VAL_EXPR && node_constant_value(c->in->graph, y.expr->node, &x))
        return x;
    error_raise(SPAN_NONE, ERR_TYPE, "check needs a function that gives a "
                                     "number, and this gives %s",
                value_kind_phrase(y));
}

/* Central difference of order 4 by entry k of argument v. */
static double difference(CheckRun *c, Value args[], int v, size_t k)
{
    Value old = args[v];
    double f[4], x = array_to_float(old)->f[k];
    double h = 1e-3 * fmax(1, fabs(x));
    static const double at[] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; i++) {
        Value moved = array_copy(array_to_float(old));
        moved.array->f[k] = x + at[i] * h;
        args[v] = array_value(moved);
        f[i] = call_number(c, args);
    }
    args[v] = old;
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
}

static double entry_of(Value g, size_t k)
{
    return value_is_number(g) ? value_to_double(g) : array_to_float(g)->f[k];
}

static void compare(CheckRun *c, double have, double want, const Value args[])
{
    double scale = fmax(1, fmax(fabs(have), fabs(want)));
    double off = fabs(have - want) / scale;
    if (!(off > c->worst) && !isnan(off))
        return;
    c->worst = isnan(off) ? INFINITY : off;
    c->ratio = want != 0 ? have / want : NAN;
    Value where = list_new((size_t)c->nparams);
    for (int i = 0; i < c->nparams; i++)
        list_push(where, args[i]);
    c->where = where;
}

/* The gradient by variable number i: a field of a record, a part of a column. */
static Value gradient_part(const CheckRun *c, Value g, int i, bool *whole)
{
    *whole = c->nvars == 1;
    if (g.kind == VAL_RECORD) {
        if ((size_t)i >= g.record->count)
            error_raise(SPAN_NONE, ERR_CHECK, "the gradient has %zu parts, and "
                                              "the function %d parameters",
                        g.record->count, c->nvars);
        *whole = true;
        return g.record->at[i];
    }
    return g;
}

static void check_shape(Value g, Value argument, bool whole)
{
    Shape s = value_shape(g), q = value_shape(argument);
    if (whole && (s.rows != q.rows || s.cols != q.cols))
        error_raise(SPAN_NONE, ERR_CHECK,
                    "the gradient is %s, and the variable %s", shape_text(s),
                    shape_text(q));
}

static void check_point(CheckRun *c, Value args[])
{
    Value g = call_values(c->in, c->g, c->nparams, args), e = VALUE_NONE;
    if (c->exact.kind != VAL_NONE)
        e = call_values(c->in, c->exact, c->nparams, args);
    for (int i = 0; i < c->nvars; i++) {
        bool whole;
        Value part = gradient_part(c, g, i, &whole);
        check_shape(part, args[c->var[i]], whole);
        size_t n = array_count(array_to_float(args[c->var[i]]));
        for (size_t k = 0; k < n; k++) {
            size_t at = whole ? k : (size_t)i;
            double have = entry_of(part, at);
            compare(c, have, difference(c, args, c->var[i], k), args);
            if (e.kind != VAL_NONE)
                compare(c, have, entry_of(gradient_part(c, e, i, &whole), at),
                        args);
        }
    }
}

/* True if the point lies where the function is defined. */
static bool try_point(CheckRun *c, Value args[])
{
    Checkpoint point = interp_checkpoint(c->in);
    Protect p;
    volatile bool good = false;
    if (PROTECT(&p)) {
        check_point(c, args);
        protect_end(&p);
        good = true;
    } else {
        ErrorCode code = context_error()->code;
        if (code != ERR_DOMAIN && code != ERR_NAN && code != ERR_SINGULAR)
            error_again();
        interp_restore(c->in, &point);
    }
    return good;
}

static void choose_variables(CheckRun *c)
{
    Name vars[MOST_PARAMS];
    c->nvars = derived_vars(c->exact.kind != VAL_NONE ? c->exact.function
                                                      : c->g.function,
                            c->var, vars);
    c->nparams = function_nparams(c->f.function);
    if (c->nparams == 0)
        c->nparams = c->nvars;
}

static Value check_report(const CheckRun *c, int points)
{
    bool passed = c->worst < 1e-6;
    Value r = record_new(4);
    record_set(r, name_of("passed"), value_bool(passed));
    record_set(r, name_of("points"), value_int(points));
    record_set(r, name_of("difference"), value_float(c->worst));
    if (!passed) {
        record_set(r, name_of("ratio"), value_float(c->ratio));
        record_set(r, name_of("at"), c->where);
    }
    return r;
}

/*
 * The difference quotients of a derivative are taken of its base: f'' is
 * checked against differences of f'.
 */
static void choose_functions(CheckRun *c, const Args *a)
{
    Interp *in = c->in;
    if (a->count == 2) {
        c->g = a->at[0];
        c->f = a->at[1];
        if (c->f.kind != VAL_FUNCTION || c->g.kind != VAL_FUNCTION)
            error_raise(SPAN_NONE, ERR_TYPE, "check(g, f) takes two functions");
        c->exact = derive_function(in, DERIVE_GRAD, c->f, 1, 0, NULL,
                                   *context_here());
        return;
    }
    c->g = a->at[0];
    if (c->g.kind != VAL_FUNCTION || c->g.function->class != &class_derived)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "a gradient written by hand is checked with its "
                         "function: check(g, f)",
                         "check takes a derivative: f', grad(f), grad(f, w)");
    c->f = derived_lower(in, c->g.function, &c->kind);
    if (c->kind != DERIVE_GRAD && c->kind != DERIVE_DIFF)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "check takes gradients and derivatives by a number");
}

Value builtin_check(Interp *in, const Args *a)
{
    CheckRun c = {.in = in, .exact = VALUE_NONE, .where = VALUE_NONE,
                  .kind = DERIVE_GRAD};
    const Value *seed = args_named(a, "seed"), *n = args_named(a, "points");
    int64_t start = 0, points = 5;
    if ((seed && !value_to_int(*seed, &start)) ||
        (n && (!value_to_int(*n, &points) || points < 1)))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "seed and points are integers");
    choose_functions(&c, a);
    choose_variables(&c);
    c.rng = rng_new((uint64_t)start, 0);
    int tried = 0;
    for (int64_t k = 0; k < points; k++) {
        Value args[MOST_PARAMS];
        random_arguments(&c, args, false);
        bool good = try_point(&c, args);
        if (!good) {
            random_arguments(&c, args, true);
            good = try_point(&c, args);
        }
        tried += good;
    }
    if (tried == 0)
        error_raise(SPAN_NONE, ERR_CHECK,
                    "no point was found where the function is defined");
    return check_report(&c, tried);
}

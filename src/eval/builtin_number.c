/*
 * builtin_number.c - exact and random numbers
 */
#include <math.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "graph/front.h"
#include "num/rng.h"
#include "num/vmath.h"
#include "value/number.h"
#include "value/shape.h"

/* A list keeps its form: the roots of solve as floats. */
static Value floats_of(Interp *in, Value v)
{
    if (value_is_number(v))
        return number_to_float(v);
    if (v.kind == VAL_ARRAY || v.kind == VAL_BOOL)
        return array_value(value_object(array_to_float(v)));
    if (v.kind == VAL_EXPR) {
        Value y;
        if (!constant_floats(in, v, &y))
            error_raise(SPAN_NONE, ERR_TYPE,
                        "the formula has symbols, so it is no number");
        return y;
    }
    if (v.kind == VAL_LIST) {
        depth_check();
        Value y = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(y, floats_of(in, v.list->at[i]));
        return y;
    }
    error_raise(SPAN_NONE, ERR_TYPE, "float takes numbers, not %s",
                value_kind_phrase(v));
}

Value builtin_float(Interp *in, const Args *a)
{
    return floats_of(in, a->at[0]);
}

Value builtin_exact(Interp *in, const Args *a)
{
    (void)in;
    Value v = a->at[0];
    if (value_is_number(v))
        return number_to_exact(v);
    if (v.kind == VAL_ARRAY || v.kind == VAL_BOOL)
        return array_value(value_object(array_to_exact(v)));
    error_raise(SPAN_NONE, ERR_TYPE, "exact takes numbers, not %s",
                value_kind_phrase(v));
}

/* Largest |a - b|/max(1, |a|, |b|) over the entries. */
static double relative_distance(Value a, Value b)
{
    Array *x = array_to_float(a), *y = array_to_float(b);
    size_t n = array_count(x), m = array_count(y), count = n > m ? n : m;
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        double p = x->f[n == 1 ? 0 : i], q = y->f[m == 1 ? 0 : i];
        double top = fmax(fabs(p), fabs(q)), d = fabs(p - q);
        if (p == q)
            continue;
        if (isnan(d))
            return INFINITY;
        worst = fmax(worst, p == 0 || q == 0 ? d : d / top);
    }
    return worst;
}

static Value near_side(Interp *in, Value v)
{
    Value y;
    if (v.kind == VAL_EXPR && constant_floats(in, v, &y))
        return y;
    if (!value_is_number(v) && v.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE, "near compares numbers, not %s",
                    value_kind_phrase(v));
    return v;
}

/* Lists agree item by item, and have one length. */
static bool are_near(Interp *in, Value a, Value b, double tol)
{
    Shape y;
    if (a.kind == VAL_LIST && b.kind == VAL_LIST) {
        depth_check();
        if (a.list->count != b.list->count)
            return false;
        for (size_t i = 0; i < a.list->count; i++)
            if (!are_near(in, a.list->at[i], b.list->at[i], tol))
                return false;
        return true;
    }
    a = near_side(in, a);
    b = near_side(in, b);
    if (!shape_broadcast(value_shape(a), value_shape(b), &y))
        error_raise(SPAN_NONE, ERR_SHAPE, "near compares %s with %s",
                    shape_text(value_shape(a)), shape_text(value_shape(b)));
    return relative_distance(a, b) <= tol;
}

Value builtin_near(Interp *in, const Args *a)
{
    const Value *t = args_named(a, "tol");
    double tol = t ? value_to_double(*t) : 1e-9;
    return value_bool(are_near(in, a->at[0], a->at[1], tol));
}

/* Entry by entry; what was no NaN before is counted and warned of. */
Value builtin_sqrt(Interp *in, const Args *a)
{
    Value v = a->at[0];
    if (v.kind == VAL_ARRAY)
        return value_map_noted("sqrt", sqrt, vmath_sqrt, v);
    if (v.kind == VAL_FLOAT && v.number >= 0)
        return value_float(sqrt(v.number));
    if (v.kind == VAL_FLOAT)
        error_raise(SPAN_NONE, ERR_DOMAIN, "sqrt of a negative number");
    if (!value_is_number(v) && v.kind != VAL_EXPR)
        error_raise(SPAN_NONE, ERR_TYPE, "sqrt takes numbers, not %s",
                    value_kind_phrase(v));
    bool known;
    Node n = node_of_value(in, v);
    return value_of_node(
        in, front_call(in->graph, name_of("sqrt"), 1, &n, 0, &known));
}

Value builtin_mod(Interp *in, const Args *a)
{
    if (a->at[0].kind == VAL_EXPR || a->at[1].kind == VAL_EXPR)
        return apply_op(in, OP_MOD, 2, a->at);
    return value_binary(BIN_MOD, a->at[0], a->at[1]);
}

/* An exact function of exact numbers; its codes become errors. */
static Value exact_result(int code, mpq_t y, const char *what)
{
    Value v = VALUE_NONE;
    if (code == NUM_OK)
        v = value_exact(y);
    mpq_clear(y);
    if (code == NUM_TOO_LONG)
        error_raise_help(SPAN_NONE, ERR_EXACT, NULL, "start from 1.0",
                         "%s has more than 2^22 bits", what);
    if (code != NUM_OK)
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s takes integers from 0", what);
    return v;
}

static void need_integer(const Args *a, int i, const char *what)
{
    if (!value_is_exact(a->at[i]) || !number_is_integer(a->at[i]))
        error_raise(SPAN_NONE, ERR_TYPE, "%s takes exact integers", what);
}

static Value exact_two(const Args *a, const char *what,
                       int (*f)(mpq_t, const mpq_t, const mpq_t))
{
    need_integer(a, 0, what);
    need_integer(a, 1, what);
    mpq_t y, p, q;
    mpq_inits(y, p, q, NULL);
    mpq_set(p, number_rational(a->at[0], p));
    mpq_set(q, number_rational(a->at[1], q));
    int code = f(y, p, q);
    mpq_clears(p, q, NULL);
    return exact_result(code, y, what);
}

Value builtin_factorial(Interp *in, const Args *a)
{
    (void)in;
    need_integer(a, 0, "factorial");
    mpq_t y, p;
    mpq_inits(y, p, NULL);
    mpq_set(p, number_rational(a->at[0], p));
    int code = exact_factorial(y, p);
    mpq_clear(p);
    return exact_result(code, y, "factorial");
}

Value builtin_binomial(Interp *in, const Args *a)
{
    (void)in;
    return exact_two(a, "binomial", exact_binomial);
}

Value builtin_gcd(Interp *in, const Args *a)
{
    (void)in;
    return exact_two(a, "gcd", exact_gcd);
}

Value builtin_isnan(Interp *in, const Args *a)
{
    (void)in;
    Value v = a->at[0];
    if (value_is_number(v))
        return value_bool(v.kind == VAL_FLOAT && isnan(v.number));
    if (v.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE, "isnan takes numbers, not %s",
                    value_kind_phrase(v));
    Array *x = array_to_float(v);
    Value y = array_new(ELEM_BOOL, x->rows, x->cols);
    for (size_t i = 0; i < array_count(x); i++)
        y.array->b[i] = (uint8_t)(isnan(x->f[i]) != 0);
    return array_value(y);
}

/* ---- random numbers ---- */

/* The stream of the session, or one of its own for a call with a seed. */
static Rng begin_draws(Interp *in, const Args *a)
{
    const Value *s = args_named(a, "seed");
    int64_t k;
    if (!s) {
        Rng r = rng_new(in->seed, 0);
        r.index = in->draws;
        return r;
    }
    if (!value_to_int(*s, &k))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "a seed is an integer");
    return rng_new((uint64_t)k, 0);
}

static void end_draws(Interp *in, const Args *a, const Rng *r)
{
    if (!args_named(a, "seed"))
        in->draws = r->index;
}

enum { DRAWS = 1 << 20 }; /* between two looks for Ctrl-C */

static Value draw(Interp *in, const Args *a,
                  void (*fill)(Rng *, double *, size_t))
{
    int64_t side[2] = {1, 1};
    for (int i = 0; i < a->count; i++) {
        side[i] = arg_int(a, i, "a side");
        if (side[i] < 0 || side[i] > INT32_MAX)
            error_raise(SPAN_NONE, ERR_SHAPE, "a side of an array is from 0");
    }
    Rng r = begin_draws(in, a);
    Value y = array_new(ELEM_FLOAT, (int)side[0], (int)side[1]);
    size_t n = array_count(y.array);
    for (size_t i = 0; i < n; i += DRAWS) {
        POLL();
        fill(&r, y.array->f + i, n - i < DRAWS ? n - i : DRAWS);
    }
    end_draws(in, a, &r);
    return array_value(y);
}

Value builtin_rand(Interp *in, const Args *a)
{
    return draw(in, a, rng_uniform_array);
}

Value builtin_randn(Interp *in, const Args *a)
{
    return draw(in, a, rng_normal_array);
}

Value builtin_randperm(Interp *in, const Args *a)
{
    int64_t n = arg_int(a, 0, "the length");
    if (n < 0 || n > INT32_MAX)
        error_raise(SPAN_NONE, ERR_SHAPE, "a length is from 0 to %d",
                    INT32_MAX);
    Rng r = begin_draws(in, a);
    size_t *order = ARENA_ARRAY(in->scratch, size_t, (size_t)n + 1);
    rng_permutation(&r, order, (size_t)n);
    end_draws(in, a, &r);
    Value y = array_new(ELEM_EXACT, (int)n, 1);
    for (int64_t i = 0; i < n; i++)
        array_set(y.array, (size_t)i, value_int((int64_t)order[i] + 1));
    return array_value(y);
}

Value builtin_seed(Interp *in, const Args *a)
{
    in->seed = (uint64_t)arg_int(a, 0, "the seed");
    in->draws = 0;
    return VALUE_NONE;
}

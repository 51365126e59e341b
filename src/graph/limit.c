#include "graph/limit.h"

#include <math.h>

#include "graph/limit_series.h"
#include "graph/print.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum { LIMIT_DEPTH = 40, FIRST_TERMS = 3 };

typedef struct Bound {
    int infinite; /* -1, 1; 0: the value */
    Node value;
} Bound;

typedef struct NodeSet {
    int count;
    Node at[SERIES_TERMS];
} NodeSet;

static Bound limit_of(Limits *l, Node n);
static NodeSet fastest(Limits *l, Node n);

/* A problem of its own within another: nothing of the expansion is shared. */
static Limits inner(Limits *l)
{
    Limits k = {.g = l->g,
                .arena = l->arena,
                .t = l->t,
                .depth = l->depth + 1,
                .work = l->work};
    if (k.depth > LIMIT_DEPTH || --*k.work < 0)
        limit_fail("the problem does not become simpler");
    return k;
}

/* ---- which exponentials grow fastest: mrv of Gruntz's chapter 3 ---- */

static Node log_of(Limits *l, Node n)
{
    return node_op(l->g, n) == OP_EXP ? node_arg(l->g, n, 0)
                                      : node_apply(l->g, OP_LOG, 1, &n);
}

static NodeSet join(NodeSet a, NodeSet b)
{
    for (int i = 0; i < b.count; i++) {
        bool found = false;
        for (int k = 0; k < a.count; k++)
            found = found || a.at[k] == b.at[i];
        if (!found && a.count == SERIES_TERMS)
            limit_fail("too many exponentials grow alike");
        if (!found)
            a.at[a.count++] = b.at[i];
    }
    return a;
}

static NodeSet faster(Limits *l, NodeSet a, NodeSet b)
{
    if (a.count == 0)
        return b;
    if (b.count == 0)
        return a;
    for (int i = 0; i < a.count; i++)
        for (int k = 0; k < b.count; k++)
            if (a.at[i] == b.at[k])
                return join(a, b);
    Limits k = inner(l);
    Node q = node_div(l->g, log_of(l, a.at[0]), log_of(l, b.at[0]));
    Bound c = limit_of(&k, q);
    if (c.infinite)
        return a;
    return node_is_zero(l->g, c.value) ? b : join(a, b);
}

static bool grows(Limits *l, Node n, int *sign)
{
    Limits k = inner(l);
    Bound b = limit_of(&k, n);
    *sign = b.infinite;
    return b.infinite != 0;
}

static NodeSet fastest_exp(Limits *l, Node e)
{
    Graph *g = l->g;
    if (node_op(g, e) != OP_EXP)
        return fastest(l, e);
    Node u = node_arg(g, e, 0);
    int sign;
    NodeSet s = fastest(l, u);
    if (!grows(l, u, &sign))
        return s;
    NodeSet one = {1, {e}};
    return faster(l, one, s);
}

/* base^exponent, both moving, as exp(exponent*log(base)). */
static Node power_as_exp(Limits *l, Node base, Node exponent)
{
    Graph *g = l->g;
    Node u = node_mul(g, exponent, log_of(l, base));
    return node_apply(g, OP_EXP, 1, &u);
}

/* The exponential within sigmoid(u), tanh(u) and their like. */
static Node hidden_exp(Limits *l, Node n)
{
    Node u = node_arg(l->g, n, 0);
    return node_apply(l->g, OP_EXP, 1, &u);
}

static bool hides_exp(OpId op)
{
    return op == OP_SIGMOID || op == OP_SOFTPLUS || op == OP_TANH ||
           op == OP_SINH || op == OP_COSH || op == OP_EXPM1;
}

static bool must_stay_bounded(OpId op)
{
    return op == OP_SIN || op == OP_COS || op == OP_TAN || op == OP_FLOOR ||
           op == OP_CEIL || op == OP_ROUND || op == OP_GAMMA ||
           op == OP_LGAMMA || op == OP_DIGAMMA || op == OP_TRIGAMMA;
}

static NodeSet fastest(Limits *l, Node n)
{
    Graph *g = l->g;
    NodeSet s = {0, {0}};
    int sign;
    depth_check();
    if (!node_depends(g, n, l->t))
        return s;
    OpId op = node_op(g, n);
    if (op == OP_SYM)
        return (NodeSet){1, {n}};
    if (op == OP_EXP)
        return fastest_exp(l, n);
    if (hides_exp(op))
        return fastest_exp(l, hidden_exp(l, n));
    if (op != OP_SUM && op != OP_MONO &&
        op_table[op].class != CLASS_ELEMENTWISE)
        limit_fail("it holds an operation without series");
    if (must_stay_bounded(op) && grows(l, node_arg(g, n, 0), &sign))
        limit_fail("it oscillates, or holds a function without series at inf");
    int count = node_count(g, n);
    const Node *arg = node_args_copy(g, n, l->arena);
    for (int i = 0; i < count; i++) {
        bool moving = op == OP_MONO && i >= 2 && i % 2 == 0 &&
                      node_depends(g, arg[i + 1], l->t);
        Node part = moving ? power_as_exp(l, arg[i], arg[i + 1]) : arg[i];
        s = faster(l, s, fastest(l, part));
    }
    return s;
}

/* ---- expansion of a formula in w ---- */

static bool is_fast(Limits *l, Node n, int *place)
{
    for (int i = 0; i < l->count; i++)
        if (l->fast[i] == n) {
            *place = i;
            return true;
        }
    return false;
}

/* An exponential of the fastest class is w^power * exp(rest). */
static Series exp_series(Limits *l, Node e)
{
    int i;
    if (node_op(l->g, e) != OP_EXP)
        return series_of(l, e);
    if (!is_fast(l, e, &i))
        return series_exp(l, series_of(l, node_arg(l->g, e, 0)));
    return series_multiply(l, series_power_of_w(l, l->power[i]),
                           series_exp(l, series_of(l, l->rest[i])));
}

static Series plus_one(Limits *l, Series a)
{
    return series_add(l, a, series_constant(l, node_int(l->g, 1)));
}

static Series inverse(Limits *l, Series a)
{
    return series_power(l, a, node_int(l->g, -1));
}

static Series minus(Limits *l, Series a)
{
    return series_scale(l, a, node_int(l->g, -1));
}

static bool large(Series a)
{
    return a.count > 0 && a.exponent[0] < 0;
}

static Series hidden_series(Limits *l, OpId op, Series e)
{
    Node half = node_rational(l->g, 1, 2);
    if (op == OP_EXPM1)
        return series_add(l, e, series_constant(l, node_int(l->g, -1)));
    if (op == OP_SOFTPLUS)
        return series_log(l, plus_one(l, e));
    if (op == OP_SIGMOID)
        return large(e) ? inverse(l, plus_one(l, inverse(l, e)))
                        : series_multiply(l, e, inverse(l, plus_one(l, e)));
    Series f = inverse(l, e), up = series_add(l, e, f),
           down = series_add(l, e, minus(l, f));
    if (op == OP_TANH)
        return series_multiply(l, down, inverse(l, up));
    return series_scale(l, op == OP_SINH ? down : up, half);
}

static Series root(Limits *l, Series a)
{
    return series_power(l, a, node_rational(l->g, 1, 2));
}

/* 1 - a^2, a^2 - 1, a^2 + 1 */
static Series square_and(Limits *l, Series a, int square, int one)
{
    Series s =
        series_scale(l, series_multiply(l, a, a), node_int(l->g, square));
    return series_add(l, s, series_constant(l, node_int(l->g, one)));
}

/* Half of pi minus the arc whose sine is a, near a = 1, in roots of 1 - a:
 * acos(a) = 2*asin(sqrt((1 - a)/2)). */
static Series acos_near_one(Limits *l, Series a)
{
    Series u =
        series_scale(l, plus_one(l, minus(l, a)), node_rational(l->g, 1, 2));
    return series_scale(l, series_taylor(l, OP_ASIN, root(l, u)),
                        node_int(l->g, 2));
}

static Node pi_times(Limits *l, int64_t num, int64_t den)
{
    return node_mul(l->g, node_rational(l->g, num, den),
                    node_apply(l->g, OP_PI, 0, NULL));
}

static Series acos_series(Limits *l, Series a)
{
    bool constant = a.count > 0 && a.exponent[0] == 0;
    if (constant && node_is_int(l->g, a.coefficient[0], 1))
        return acos_near_one(l, a);
    if (constant && node_is_int(l->g, a.coefficient[0], -1))
        return series_add(l, minus(l, acos_near_one(l, minus(l, a))),
                          series_constant(l, pi_times(l, 1, 1)));
    return series_taylor(l, OP_ACOS, a);
}

static Series arc_series(Limits *l, OpId op, Series a)
{
    Graph *g = l->g;
    if (op == OP_ACOS)
        return acos_series(l, a);
    if (op == OP_ASIN)
        return series_add(l, minus(l, acos_series(l, a)),
                          series_constant(l, pi_times(l, 1, 2)));
    if (op == OP_ATANH)
        return series_scale(
            l,
            series_add(l, series_log(l, plus_one(l, a)),
                       minus(l, series_log(l, plus_one(l, minus(l, a))))),
            node_rational(g, 1, 2));
    if (op == OP_ACOSH)
        return series_log(l,
                          series_add(l, a, root(l, square_and(l, a, 1, -1))));
    if (!large(a))
        return series_taylor(l, op, a);
    int sign = series_sign(l, a);
    if (op == OP_ATAN)
        return series_add(l, series_constant(l, pi_times(l, sign, 2)),
                          minus(l, series_taylor(l, OP_ATAN, inverse(l, a))));
    Series b = series_abs(l, a);
    b = series_log(l, series_add(l, b, root(l, square_and(l, b, 1, 1))));
    return series_scale(l, b, node_int(g, sign));
}

/* erf near inf differs from 1 by less than every power: not expanded. */
static Series erf_series(Limits *l, OpId op, Series a)
{
    if (!large(a))
        return series_taylor(l, op, a);
    int sign = series_sign(l, a);
    Series s = series_constant(l, node_int(l->g, op == OP_ERF ? sign
                                                 : sign > 0   ? 0
                                                              : 2));
    s.order = 1e-6;
    return s;
}

/* Just below a whole number floor has one less, just above it ceil one more. */
static Series round_series(Limits *l, OpId op, Series a)
{
    double v = 0;
    bool constant = a.count > 0 && a.exponent[0] == 0;
    if (large(a) || a.order <= 0 ||
        (constant && !node_constant_value(l->g, a.coefficient[0], &v)))
        limit_fail("it rounds something that moves without end");
    double y = op_table[op].scalar1(v);
    double shifted = op == OP_ROUND ? v + 0.5 : v;
    if (fabs(shifted - round(shifted)) < 1e-9) {
        Series u = {a.count - constant, a.order, a.exponent + constant,
                    a.coefficient + constant};
        int sign = series_sign(l, u);
        if (op == OP_ROUND)
            y = sign < 0 ? ceil(v - 0.5) : floor(v + 0.5);
        else if ((op == OP_FLOOR && sign < 0) || (op == OP_CEIL && sign > 0))
            y = round(v) + sign;
        else
            y = round(v);
    }
    return series_constant(l, node_int(l->g, (int64_t)y));
}

/* gamma(a) = gamma(a + m)/(a*(a + 1)*...*(a + m - 1)) near its poles. */
static Series gamma_series(Limits *l, Series a)
{
    double v = 0;
    bool constant = a.count > 0 && a.exponent[0] == 0;
    if (constant && !node_constant_value(l->g, a.coefficient[0], &v))
        v = 1;
    int m = v <= 0 && v > -50 && v == floor(v) ? 1 - (int)v : 0;
    Series y = series_constant(l, node_int(l->g, 1)), b = a;
    for (int i = 0; i < m; i++) {
        y = series_multiply(l, y, b);
        b = plus_one(l, b);
    }
    return series_multiply(l, series_taylor(l, OP_GAMMA, b), inverse(l, y));
}

static Series kink_series(Limits *l, OpId op, Series a)
{
    if (op == OP_ABS)
        return series_abs(l, a);
    int sign = series_sign(l, a);
    if (op == OP_SIGN)
        return series_constant(l, node_int(l->g, sign));
    if (op == OP_RELU && sign > 0)
        return a;
    return series_constant(l, node_int(l->g, op == OP_STEP && sign > 0));
}

static Series function_series(Limits *l, OpId op, Series a)
{
    Graph *g = l->g;
    switch (op) {
    case OP_LOG:
        return series_log(l, a);
    case OP_LOG1P:
        return series_log(l, plus_one(l, a));
    case OP_LOG2:
    case OP_LOG10: {
        Node b = node_int(g, op == OP_LOG2 ? 2 : 10);
        b = node_apply(g, OP_LOG, 1, &b);
        return series_scale(l, series_log(l, a),
                            node_power(g, b, node_int(g, -1)));
    }
    case OP_ABS:
    case OP_SIGN:
    case OP_STEP:
    case OP_RELU:
        return kink_series(l, op, a);
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
        return round_series(l, op, a);
    case OP_GAMMA:
        return gamma_series(l, a);
    case OP_TAN:
        return series_multiply(l, series_taylor(l, OP_SIN, a),
                               inverse(l, series_taylor(l, OP_COS, a)));
    case OP_ASIN:
    case OP_ACOS:
    case OP_ATAN:
    case OP_ASINH:
    case OP_ACOSH:
    case OP_ATANH:
        return arc_series(l, op, a);
    case OP_ERF:
    case OP_ERFC:
        return erf_series(l, op, a);
    default:
        return series_taylor(l, op, a);
    }
}

static Series two_series(Limits *l, OpId op, Series a, Series b)
{
    switch (op) {
    case OP_MAX:
    case OP_MIN: {
        int sign = series_sign(l, series_add(l, a, minus(l, b)));
        return (op == OP_MAX) == (sign > 0) ? a : b;
    }
    case OP_HYPOT:
        return root(l, series_add(l, series_multiply(l, a, a),
                                  series_multiply(l, b, b)));
    case OP_XLOGY:
        return series_multiply(l, a, series_log(l, b));
    default:
        limit_fail("it holds an operation without series");
    }
}

static Series product_series(Limits *l, Node n)
{
    Graph *g = l->g;
    const Node *arg = node_args_copy(g, n, l->arena);
    Series y = series_constant(l, arg[0]);
    for (int i = 2; i < node_count(g, n); i += 2) {
        Series f = node_depends(g, arg[i + 1], l->t)
                       ? exp_series(l, power_as_exp(l, arg[i], arg[i + 1]))
                       : series_power(l, series_of(l, arg[i]), arg[i + 1]);
        y = series_multiply(l, y, f);
    }
    return y;
}

/* Is one of the fastest exponentials in n? Those hidden too. */
static bool holds_fast(Limits *l, Node n)
{
    Graph *g = l->g;
    int place;
    depth_check();
    if (!node_depends(g, n, l->t))
        return false;
    if (is_fast(l, n, &place))
        return true;
    OpId op = node_op(g, n);
    if (hides_exp(op) && is_fast(l, hidden_exp(l, n), &place))
        return true;
    const Node *arg = node_args_copy(g, n, l->arena);
    for (int i = 0; i < node_count(g, n); i++) {
        if (holds_fast(l, arg[i]))
            return true;
        if (op == OP_MONO && i >= 2 && i % 2 == 0 &&
            node_depends(g, arg[i + 1], l->t) &&
            holds_fast(l, power_as_exp(l, arg[i], arg[i + 1])))
            return true;
    }
    return false;
}

Series series_of(Limits *l, Node n)
{
    Graph *g = l->g;
    depth_check();
    POLL();
    if (!holds_fast(l, n))
        return series_constant(l, n);
    OpId op = node_op(g, n);
    const Node *arg = node_args_copy(g, n, l->arena);
    int count = node_count(g, n);
    if (op == OP_EXP)
        return exp_series(l, n);
    if (hides_exp(op))
        return hidden_series(l, op, exp_series(l, hidden_exp(l, n)));
    if (op == OP_MONO)
        return product_series(l, n);
    if (op == OP_SUM) {
        Series y = series_constant(l, node_int(g, 0));
        for (int i = 0; i < count; i += 2)
            y = series_add(l, y,
                           series_scale(l, series_of(l, arg[i + 1]), arg[i]));
        return y;
    }
    if (count == 1)
        return function_series(l, op, series_of(l, arg[0]));
    if (count == 2)
        return two_series(l, op, series_of(l, arg[0]), series_of(l, arg[1]));
    limit_fail("it holds an operation without series");
}

/* ---- the leading term ---- */

/* The exponential e as w^power * exp(rest); false if it grows more slowly. */
static bool put_fast(Limits *l, Node e)
{
    Graph *g = l->g;
    Node v = node_arg(g, e, 0);
    Limits k = inner(l);
    Bound c = limit_of(&k, node_div(g, v, l->log_w));
    int i = l->count;
    if (!c.infinite && node_is_zero(g, c.value))
        return false;
    if (c.infinite || i == SERIES_TERMS ||
        !node_constant_value(g, c.value, &l->power[i]))
        limit_fail("exponentials cannot be compared");
    Node rest = node_sub(g, v, node_mul(g, c.value, l->log_w));
    l->rest[i] = node_expand(g, rest);
    l->exact_power[i] = c.value;
    l->fast[i] = e;
    l->count++;
    return true;
}

/*
 * When n was moved up, powers of t became exponentials and products of
 * exponentials merged: those that are powers of w are found anew.
 */
static void put_merged(Limits *l, Node n, NodeMap *seen)
{
    Graph *g = l->g;
    uint32_t known;
    int sign, place;
    if (!node_depends(g, n, l->t) || node_map_get(seen, n, &known))
        return;
    depth_check();
    node_map_set(seen, n, 1);
    OpId op = node_op(g, n);
    const Node *arg = node_args_copy(g, n, l->arena);
    for (int i = 0; i < node_count(g, n); i++) {
        put_merged(l, arg[i], seen);
        if (op == OP_MONO && i >= 2 && i % 2 == 0 &&
            node_depends(g, arg[i + 1], l->t))
            put_merged(l, power_as_exp(l, arg[i], arg[i + 1]), seen);
    }
    if (hides_exp(op))
        put_merged(l, hidden_exp(l, n), seen);
    if (op == OP_EXP && !is_fast(l, n, &place) && grows(l, arg[0], &sign))
        put_fast(l, n);
}

/* Chooses w among the fastest exponentials and writes the others in it. */
static void choose_w(Limits *l, NodeSet fast)
{
    Graph *g = l->g;
    int best = 0, sign;
    for (int i = 1; i < fast.count; i++)
        if (node_size(g, fast.at[i]) < node_size(g, fast.at[best]))
            best = i;
    for (int i = 0; i < fast.count; i++)
        if (node_op(g, fast.at[i]) != OP_EXP)
            limit_fail("exponentials merge");
    Node u = node_arg(g, fast.at[best], 0);
    if (!grows(l, u, &sign))
        limit_fail("the problem does not become simpler");
    l->log_w = sign > 0 ? node_neg(g, u) : u;
    l->power = ARENA_ARRAY(l->arena, double, SERIES_TERMS);
    l->exact_power = ARENA_ARRAY(l->arena, Node, SERIES_TERMS);
    l->rest = ARENA_ARRAY(l->arena, Node, SERIES_TERMS);
    l->fast = ARENA_ARRAY(l->arena, Node, SERIES_TERMS);
    for (int i = 0; i < fast.count; i++)
        if (!put_fast(l, fast.at[i]))
            limit_fail("exponentials cannot be compared");
}

/*
 * If t itself is among the fastest, exp(t) for t everywhere: the limit is the
 * same, and what was fastest stays so.
 */
static Node move_up(Limits *l, Node n, NodeSet *fast)
{
    bool up = false;
    for (int i = 0; i < fast->count; i++)
        up = up || fast->at[i] == l->t;
    if (!up)
        return n;
    Node e = node_apply(l->g, OP_EXP, 1, &l->t);
    for (int i = 0; i < fast->count; i++)
        fast->at[i] = node_substitute(l->g, fast->at[i], 1, &l->t, &e);
    return node_substitute(l->g, n, 1, &l->t, &e);
}

/* n = coefficient * w^exponent * (1 + ...): false if n is 0. */
static bool leading_term(Limits *l, Node n, Node *coefficient, double *exponent)
{
    Limits k = inner(l);
    NodeSet fast = fastest(&k, n);
    Node m = move_up(l, n, &fast);
    choose_w(&k, fast);
    NodeMap seen = node_map_in(k.arena);
    if (m != n)
        put_merged(&k, m, &seen);
    n = m;
    for (k.terms = FIRST_TERMS; k.terms <= SERIES_TERMS; k.terms *= 2) {
        Series s = series_of(&k, n);
        if (s.count > 0) {
            *coefficient = s.coefficient[0];
            *exponent = s.exponent[0];
            return true;
        }
        if (s.order == INFINITY)
            return false;
        if (s.order < 1e-5 && s.order > 0)
            break;
    }
    limit_fail("the leading terms cancel further than was expanded");
}

static int constant_sign(Limits *l, Node n, int otherwise)
{
    Graph *g = l->g;
    int sign = node_known_sign(g, n);
    if (sign != 2)
        return sign;
    if (otherwise)
        return otherwise;
    Str s = str_in(error_arena());
    node_print(g, node_textbook(g, n), &s);
    error_raise_help(SPAN_NONE, ERR_CLOSED, NULL,
                     "declare symbols with their sign: sym k > 0",
                     "the limit depends on the sign of %s", str_text(&s));
}

int limit_sign(Limits *l, Node n, int otherwise)
{
    if (!node_depends(l->g, n, l->t))
        return constant_sign(l, n, otherwise);
    Sign s = node_sign(l->g, n);
    if (s == SIGN_POSITIVE || s == SIGN_NEGATIVE)
        return s == SIGN_POSITIVE ? 1 : -1;
    Node c;
    double e;
    Limits k = inner(l);
    return leading_term(&k, n, &c, &e) ? limit_sign(&k, c, otherwise) : 0;
}

static Bound limit_of(Limits *l, Node n)
{
    Graph *g = l->g;
    if (!node_depends(g, n, l->t))
        return (Bound){0, n};
    if (n == l->t)
        return (Bound){1, n};
    Node c;
    double e;
    if (!leading_term(l, n, &c, &e) || e > 0)
        return (Bound){0, node_int(g, 0)};
    if (e < 0) {
        int sign = limit_sign(l, c, 0);
        if (sign == 0)
            limit_fail("it is not known whether a coefficient is 0");
        return (Bound){sign, NODE_NONE};
    }
    Limits k = inner(l);
    return limit_of(&k, c);
}

Node limit_at_infinity(Limits *l, Node n)
{
    Bound b = limit_of(l, n);
    return b.infinite ? node_float(l->g, b.infinite * (double)INFINITY)
                      : b.value;
}

Series limit_series(Limits *l, Node n, int terms)
{
    Limits k = inner(l);
    Node u = node_neg(l->g, l->t);
    NodeSet fast = {1, {node_apply(l->g, OP_EXP, 1, &u)}};
    choose_w(&k, fast);
    NodeMap seen = node_map_in(k.arena);
    put_merged(&k, n, &seen);
    k.terms = terms;
    return series_of(&k, n);
}

/*
 * jet.c - recurrences of Taylor coefficients (Moore 1979, section 3.4)
 */
#include "graph/jet.h"

#include <float.h>
#include <math.h>

#include "graph/binder.h"
#include "graph/enclose.h"
#include "graph/walk.h"

/* What a step does, besides the operators of one argument. */
enum {
    STEP_CONSTANT = OP_COUNT,
    STEP_VARIABLE,
    STEP_ADD, /* a + c*b */
    STEP_MULTIPLY,
    STEP_POWER, /* a^c */
    STEP_MAX,
    STEP_MIN,
    STEP_TRUTH, /* 1, 0 or between: does the comparison `what` hold? */
    STEP_SELECT /* b if truth a, else `other` */
};

typedef struct Step {
    int what, a, b, other;
    OpId compare;
    Range c;
} Step;

struct Jets {
    Graph *g;
    Arena *arena;
    Node x;
    bool failed;
    NodeMap place;
    VEC(Step) step;
    Jet *jet;
};

/* ---- code ---- */

static int emit(Jets *j, int what, int a, int b, Range c)
{
    Step s = {what, a, b, 0, OP_LT, c};
    VEC_PUSH_IN(j->arena, &j->step, s);
    return (int)j->step.count - 1;
}

static int lower(Jets *j, Node n);

static int constant(Jets *j, Range c)
{
    if (c.state)
        j->failed = true;
    return emit(j, STEP_CONSTANT, 0, 0, c);
}

static int apply(Jets *j, OpId op, int a)
{
    return emit(j, (int)op, a, 0, RANGE_NONE);
}

static int lower_sum(Jets *j, const Node *arg, int count)
{
    int y = constant(j, range_point(0));
    for (int i = 0; i < count; i += 2) {
        Range c = enclose(j->g, arg[i], 0, NULL, NULL);
        int t = lower(j, arg[i + 1]);
        j->failed = j->failed || c.state;
        y = emit(j, STEP_ADD, y, t, c);
    }
    return y;
}

static int scaled(Jets *j, Range c, int a)
{
    int zero = constant(j, range_point(0));
    return emit(j, STEP_ADD, zero, a, c);
}

/*
 * k*(f(u) - 1) where f goes to 1: the same without cancellation, or -1.
 */
static int lower_difference(Jets *j, Node n)
{
    Graph *g = j->g;
    if (node_op(g, n) != OP_SUM || node_count(g, n) != 4)
        return -1;
    int one = node_is_one(g, node_arg(g, n, 1)) ? 0 : 2;
    Node c = node_arg(g, n, one), k = node_arg(g, n, 2 - one);
    Node f = node_arg(g, n, 3 - one);
    OpId op = node_op(g, f);
    if (!node_is_one(g, node_arg(g, n, one + 1)) ||
        !node_is_zero(g, node_add(g, c, k)) || node_count(g, f) != 1)
        return -1;
    if (op != OP_EXP && op != OP_SIGMOID && op != OP_TANH && op != OP_ERF &&
        op != OP_COS)
        return -1;
    Range scale = enclose(g, k, 0, NULL, NULL);
    j->failed = j->failed || scale.state;
    int u = lower(j, node_arg(g, f, 0));
    switch ((int)op) {
    case OP_EXP:
        return scaled(j, scale, apply(j, OP_EXPM1, u));
    case OP_SIGMOID: /* 1 - s(u) = s(-u) */
        u = apply(j, OP_SIGMOID, scaled(j, range_point(-1), u));
        return scaled(j, range_negative(scale), u);
    case OP_TANH: /* 1 - tanh(u) = 2*s(-2*u) */
        u = apply(j, OP_SIGMOID, scaled(j, range_point(-2), u));
        return scaled(j, range_multiply(scale, range_point(-2)), u);
    case OP_ERF:
        return scaled(j, range_negative(scale), apply(j, OP_ERFC, u));
    default: /* 1 - cos(u) = 2*sin(u/2)^2 */
        u = apply(j, OP_SIN, scaled(j, range_point(0.5), u));
        u = emit(j, STEP_MULTIPLY, u, u, RANGE_NONE);
        return scaled(j, range_multiply(scale, range_point(-2)), u);
    }
}

static int lower_power(Jets *j, Node base, Node exponent)
{
    int b = lower(j, base);
    if (!node_depends(j->g, exponent, j->x)) {
        Range c = enclose(j->g, exponent, 0, NULL, NULL);
        j->failed = j->failed || c.state;
        return c.low == 1 && c.high == 1 ? b : emit(j, STEP_POWER, b, 0, c);
    }
    int e = lower(j, exponent);
    b = apply(j, OP_LOG, b);
    return apply(j, OP_EXP, emit(j, STEP_MULTIPLY, e, b, RANGE_NONE));
}

static int lower_product(Jets *j, const Node *arg, int count)
{
    int y = lower(j, arg[0]);
    if (!node_is_one(j->g, arg[1]))
        y = emit(j, STEP_MULTIPLY, y, lower(j, arg[1]), RANGE_NONE);
    for (int i = 2; i < count; i += 2) {
        int f = lower_power(j, arg[i], arg[i + 1]);
        y = i == 2 && node_is_one(j->g, arg[0])
                ? f
                : emit(j, STEP_MULTIPLY, y, f, RANGE_NONE);
    }
    return y;
}

static int lower_two(Jets *j, OpId op, int a, int b)
{
    Range one = range_point(1), half = range_point(0.5);
    switch ((int)op) {
    case OP_MAX:
        return emit(j, STEP_MAX, a, b, one);
    case OP_MIN:
        return emit(j, STEP_MIN, a, b, one);
    case OP_XLOGY:
        return emit(j, STEP_MULTIPLY, a, apply(j, OP_LOG, b), one);
    case OP_HYPOT:
        a = emit(j, STEP_MULTIPLY, a, a, one);
        b = emit(j, STEP_MULTIPLY, b, b, one);
        return emit(j, STEP_POWER, emit(j, STEP_ADD, a, b, one), 0, half);
    case OP_MOD: {
        int q = emit(j, STEP_POWER, b, 0, range_point(-1));
        q = apply(j, OP_FLOOR, emit(j, STEP_MULTIPLY, a, q, one));
        q = emit(j, STEP_MULTIPLY, b, q, one);
        return emit(j, STEP_ADD, a, q, range_point(-1));
    }
    case OP_POW:
        a = emit(j, STEP_MULTIPLY, b, apply(j, OP_LOG, a), one);
        return apply(j, OP_EXP, a);
    default:
        j->failed = true;
        return 0;
    }
}

/* A condition as 1 or 0, or both. */
static int lower_truth(Jets *j, Node n)
{
    Graph *g = j->g;
    OpId op = node_op(g, n);
    Range one = range_point(1);
    depth_check();
    if (op == OP_NUM)
        return constant(j, range_point(!node_is_zero(g, n)));
    if (op == OP_NOT)
        return emit(j, STEP_ADD, constant(j, one),
                    lower_truth(j, node_arg(g, n, 0)), range_point(-1));
    if (op == OP_AND || op == OP_OR) {
        int a = lower_truth(j, node_arg(g, n, 0));
        int b = lower_truth(j, node_arg(g, n, 1));
        return emit(j, op == OP_AND ? STEP_MIN : STEP_MAX, a, b, one);
    }
    if (op != OP_LT && op != OP_LE && op != OP_EQ && op != OP_NE) {
        j->failed = true;
        return 0;
    }
    int a = lower(j, node_arg(g, n, 0)), b = lower(j, node_arg(g, n, 1));
    int y = emit(j, STEP_TRUTH, a, b, one);
    j->step.at[y].compare = op;
    return y;
}

static int lower_choice(Jets *j, Node n)
{
    Graph *g = j->g;
    Node choice = node_arg(g, n, 0);
    if (node_op(g, choice) != OP_IF) {
        j->failed = true;
        return 0;
    }
    int result = result_number(g, n);
    Node yes = choice_open(g, choice, 0, j->arena)[result];
    Node no = choice_open(g, choice, 1, j->arena)[result];
    int c = lower_truth(j, node_arg(g, choice, 0));
    int a = lower(j, yes), b = lower(j, no);
    int y = emit(j, STEP_SELECT, c, a, RANGE_NONE);
    if (!j->failed)
        j->step.at[y].other = b;
    return y;
}

static bool has_jet(OpId op)
{
    switch ((int)op) {
    case OP_GAMMA:
    case OP_LGAMMA:
    case OP_DIGAMMA:
    case OP_TRIGAMMA:
        return false;
    default:
        return op_table[op].class == CLASS_ELEMENTWISE;
    }
}

static int lower_new(Jets *j, Node n)
{
    Graph *g = j->g;
    OpId op = node_op(g, n);
    int count = node_count(g, n);
    if (!node_is_scalar(g, n)) {
        j->failed = true;
        return 0;
    }
    if (!node_depends(g, n, j->x))
        return constant(j, enclose(g, n, 0, NULL, NULL));
    const Node *arg = node_args_copy(g, n, j->arena);
    if (n == j->x)
        return emit(j, STEP_VARIABLE, 0, 0, RANGE_NONE);
    int special = lower_difference(j, n);
    if (special >= 0)
        return special;
    if (op == OP_SUM)
        return lower_sum(j, arg, count);
    if (op == OP_MONO)
        return lower_product(j, arg, count);
    if (op == OP_PROJ)
        return lower_choice(j, n);
    if (op == OP_LOG && node_op(g, arg[0]) == OP_SUM) {
        Node less = node_sub(g, arg[0], node_int(g, 1));
        if (node_count(g, less) < node_count(g, arg[0])) /* log(1 + u) */
            return apply(j, OP_LOG1P, lower(j, less));
    }
    if (count == 1 && has_jet(op))
        return apply(j, op, lower(j, arg[0]));
    if (count == 2 && has_jet(op)) {
        int a = lower(j, arg[0]);
        return lower_two(j, op, a, lower(j, arg[1]));
    }
    j->failed = true;
    return 0;
}

static int lower(Jets *j, Node n)
{
    uint32_t at;
    if (j->failed)
        return 0;
    depth_check();
    POLL();
    if (node_map_get(&j->place, n, &at))
        return (int)at;
    int y = lower_new(j, n);
    node_map_set(&j->place, n, (uint32_t)y);
    return y;
}

Jets *jets_new(Graph *g, Node e, Node x, Arena *a)
{
    Jets *j = ARENA_NEW(a, Jets);
    j->g = g;
    j->arena = a;
    j->x = x;
    j->place = node_map_in(a);
    int y = lower(j, e);
    if (j->failed)
        return NULL;
    if (y != (int)j->step.count - 1) /* shared with an operand */
        emit(j, STEP_ADD, constant(j, range_point(0)), y, range_point(1));
    j->jet = ARENA_ARRAY(a, Jet, j->step.count);
    return j;
}

size_t jets_count(const Jets *j)
{
    return j->step.count;
}

/* ---- arithmetic, faster than that of interval.h and a little wider ---- */

static const Range nothing = {0, 0, RANGE_OK};

static bool is_nothing(Range a)
{
    return a.low == 0 && a.high == 0;
}

static Range spread(double low, double high)
{
    low -= fabs(low) * DBL_EPSILON + 1e-320;
    high += fabs(high) * DBL_EPSILON + 1e-320;
    if (!(low <= high)) /* infinity less infinity */
        return (Range){-INFINITY, INFINITY, RANGE_OK};
    return (Range){low, high, RANGE_OK};
}

static Range plus(Range a, Range b)
{
    if (is_nothing(a))
        return b;
    if (is_nothing(b))
        return a;
    return spread(a.low + b.low, a.high + b.high);
}

static double product(double a, double b)
{
    return a == 0 || b == 0 ? 0 : a * b;
}

static Range times(Range a, Range b)
{
    if (is_nothing(a) || is_nothing(b))
        return nothing;
    double p = product(a.low, b.low), q = product(a.low, b.high);
    double r = product(a.high, b.low), s = product(a.high, b.high);
    double low = p < q ? p : q, high = p < q ? q : p;
    double low2 = r < s ? r : s, high2 = r < s ? s : r;
    low = low < low2 ? low : low2;
    high = high > high2 ? high : high2;
    Range y = spread(low, high);
    if (low >= 0 && y.low < 0)
        y.low = 0;
    if (high <= 0 && y.high > 0)
        y.high = 0;
    return y;
}

static Range scale(Range a, double k)
{
    return times(a, range_point(k));
}

static Range divided(Range a, int k)
{
    return is_nothing(a) ? a : spread(a.low / k, a.high / k);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* ---- jets ---- */

static void set_value(Jet *y, Range value)
{
    y->valid = value.state == RANGE_OK ? 1 : 0;
    y->c[0] = value;
}

static void set_constant(Jet *y, Range value)
{
    set_value(y, value);
    for (int k = 1; k < JET_SIZE; k++)
        y->c[k] = nothing;
    if (y->valid)
        y->valid = JET_SIZE;
}

static void jet_add(Jet *y, const Jet *a, const Jet *b, Range c)
{
    y->valid = least(a->valid, b->valid);
    for (int k = 1; k < y->valid; k++)
        y->c[k] = plus(a->c[k], times(c, b->c[k]));
    if (!y->valid)
        y->c[0] = a->valid ? b->c[0] : a->c[0];
    else /* of values the exact ones stay exact */
        y->c[0] = range_add(a->c[0], range_multiply(c, b->c[0]));
}

static void jet_multiply(Jet *y, const Jet *a, const Jet *b)
{
    y->valid = least(a->valid, b->valid);
    if (!y->valid)
        y->c[0] = a->valid ? b->c[0] : a->c[0];
    for (int k = 0; k < y->valid; k++) {
        Range s = nothing;
        for (int i = 0; a == b ? 2 * i < k : i <= k; i++)
            s = plus(s, times(a->c[i], b->c[k - i]));
        if (a == b) {
            s = scale(s, 2);
            if (k % 2 == 0)
                s = plus(s, range_whole_power(a->c[k / 2], 2));
        }
        y->c[k] = s;
    }
    if (y->valid && a != b)
        y->c[0] = range_multiply(a->c[0], b->c[0]);
}

/* y' = g*u', where y->c[0] is known. */
static void jet_chain(Jet *y, const Jet *g, const Jet *u)
{
    y->valid = least(least(u->valid, g->valid + 1), JET_SIZE);
    for (int k = 1; k < y->valid; k++) {
        Range s = nothing;
        for (int i = 1; i <= k; i++)
            s = plus(s, times(scale(u->c[i], i), g->c[k - i]));
        y->c[k] = divided(s, k);
    }
}

/* y' = y*u' */
static void jet_exp(Jet *y, const Jet *u)
{
    set_value(y, range_apply(OP_EXP, u->c[0]));
    y->c[0].low = fmax(y->c[0].low, 0);
    for (int k = 1; y->valid && k < u->valid; k++) {
        Range s = nothing;
        for (int i = 1; i <= k; i++)
            s = plus(s, times(scale(u->c[i], i), y->c[k - i]));
        y->c[k] = divided(s, k);
        y->valid = k + 1;
    }
}

static void jet_wave(Jet *sine, Jet *cosine, const Jet *u)
{
    set_value(sine, range_apply(OP_SIN, u->c[0]));
    set_value(cosine, range_apply(OP_COS, u->c[0]));
    for (int k = 1; k < u->valid; k++) {
        Range s = nothing, c = nothing;
        for (int i = 1; i <= k; i++) {
            Range d = divided(scale(u->c[i], i), k);
            s = plus(s, times(d, cosine->c[k - i]));
            c = plus(c, times(d, sine->c[k - i]));
        }
        sine->c[k] = s;
        cosine->c[k] = range_negative(c);
        sine->valid = cosine->valid = k + 1;
    }
}

/*
 * u^p where u is not 0: u*y' = p*y*u'.
 */
static void power_recurrence(Jet *y, const Jet *u, Range p)
{
    Range inverse = range_inverse(u->c[0]);
    for (int k = 1; y->valid && k < u->valid; k++) {
        Range s = nothing;
        for (int i = 1; i <= k; i++) {
            if (is_nothing(u->c[i]))
                continue;
            Range w = plus(scale(plus(p, range_point(1)), (double)i),
                           range_point(-k));
            s = plus(s, times(w, times(u->c[i], y->c[k - i])));
        }
        y->c[k] = divided(times(s, inverse), k);
        y->valid = k + 1;
    }
}

static void power_by_products(Jet *y, const Jet *u, int n)
{
    Jet square = *u, t;
    set_constant(y, range_point(1));
    bool first = true;
    for (; n > 0; n /= 2) {
        if (n % 2) {
            if (first)
                *y = square;
            else {
                jet_multiply(&t, y, &square);
                *y = t;
            }
            first = false;
        }
        if (n > 1) {
            jet_multiply(&t, &square, &square);
            square = t;
        }
    }
}

static void jet_power(Jet *y, const Jet *u, Range p)
{
    Range a = u->c[0];
    bool whole = p.low == p.high && p.low == rint(p.low) && fabs(p.low) < 200;
    bool away = a.low > 0 || (whole && a.high < 0);
    if (whole && p.low >= 0 && (p.low <= 16 || !away)) {
        power_by_products(y, u, (int)p.low);
        if (y->valid)
            y->c[0] = range_whole_power(a, (int64_t)p.low);
        return;
    }
    if (whole)
        set_value(y, range_whole_power(a, (int64_t)p.low));
    else if (a.high < 0)
        set_value(y, (Range){0, 0, RANGE_UNDEFINED});
    else
        set_value(y, range_power(range_new(fmax(a.low, 0), a.high), p));
    if (away)
        power_recurrence(y, u, p);
}

/* 1/(c + sign*u^2)^p, the derivative of arc functions. */
static void arc_slope(Jet *y, const Jet *u, double c, double sign, double p)
{
    Jet square, sum, one;
    jet_multiply(&square, u, u);
    set_constant(&one, range_point(c));
    jet_add(&sum, &one, &square, range_point(sign));
    jet_power(y, &sum, range_point(-p));
    if (sum.c[0].low <= 0)
        y->valid = 0;
}

static void jet_logarithm(Jet *y, const Jet *u, OpId op)
{
    Jet shifted = *u, slope;
    Range a = u->c[0], one = range_point(1);
    if (op == OP_LOG1P)
        shifted.c[0] = plus(a, one);
    Range s = shifted.c[0];
    if (s.high <= 0) {
        set_value(y, (Range){0, 0, RANGE_UNDEFINED});
        return;
    }
    if (s.low <= 0) {
        Range top =
            range_apply(op == OP_LOG1P ? OP_LOG : op, range_point(s.high));
        set_value(y, range_new(-INFINITY, top.high));
        return;
    }
    set_value(y, range_apply(op, a));
    if (!y->valid && op == OP_LOG1P)
        set_value(y, range_apply(OP_LOG, s));
    if (!y->valid)
        return;
    jet_power(&slope, &shifted, range_point(-1));
    double base = op == OP_LOG2 ? 2 : 10;
    if (op == OP_LOG2 || op == OP_LOG10) {
        Range c = range_inverse(range_apply(OP_LOG, range_point(base)));
        for (int k = 0; k < slope.valid; k++)
            slope.c[k] = times(slope.c[k], c);
    }
    jet_chain(y, &slope, u);
}

/* The Gaussian slope of erf and erfc. */
static void bell(Jet *y, const Jet *u, double sign)
{
    Jet square, e;
    jet_multiply(&square, u, u);
    for (int k = 0; k < square.valid; k++)
        square.c[k] = range_negative(square.c[k]);
    jet_exp(&e, &square);
    set_constant(&square, nothing);
    double c = 1.1283791670955126 * sign;
    jet_add(y, &square, &e, spread(c, c));
}

/* Functions with y' = (c0 + c2*y^2 + c1*y)*u'. */
static void jet_riccati(Jet *y, const Jet *u, double c0, double c1, double c2)
{
    for (int k = 1; y->valid && k < u->valid; k++) {
        Jet square, t, g;
        y->valid = k;
        jet_multiply(&square, y, y);
        set_constant(&t, range_point(c0));
        jet_add(&g, &t, y, range_point(c1));
        jet_add(&t, &g, &square, range_point(c2));
        Range s = nothing;
        for (int i = 1; i <= k; i++)
            s = plus(s, times(scale(u->c[i], i), t.c[k - i]));
        y->c[k] = divided(s, k);
        y->valid = k + 1;
    }
}

/* sinh, cosh, by exponentials beyond the value. */
static void jet_hyperbolic(Jet *y, const Jet *u, double sign)
{
    Jet minus = *u, up, down, half;
    for (int k = 0; k < u->valid; k++)
        minus.c[k] = range_negative(u->c[k]);
    jet_exp(&up, u);
    jet_exp(&down, &minus);
    jet_add(&half, &up, &down, range_point(sign));
    Range value = y->c[0];
    Jet zero;
    set_constant(&zero, nothing);
    jet_add(y, &zero, &half, range_point(0.5));
    y->c[0] = value;
}

static void jet_arc(Jet *y, const Jet *u, OpId op)
{
    Jet g;
    Range a = u->c[0];
    bool inner = op == OP_ASIN || op == OP_ACOS;
    if (inner && (a.high < -1 || a.low > 1)) {
        set_value(y, (Range){0, 0, RANGE_UNDEFINED});
        return;
    }
    if (inner)
        a = range_new(fmax(a.low, -1), fmin(a.high, 1));
    if (op == OP_ACOSH && a.high >= 1)
        a.low = fmax(a.low, 1);
    set_value(y, range_apply(op, a));
    if (!y->valid)
        return;
    if (op == OP_ATAN)
        arc_slope(&g, u, 1, 1, 1);
    else if (op == OP_ATANH)
        arc_slope(&g, u, 1, -1, 1);
    else if (op == OP_ASINH)
        arc_slope(&g, u, 1, 1, 0.5);
    else if (op == OP_ACOSH)
        arc_slope(&g, u, -1, 1, 0.5);
    else
        arc_slope(&g, u, 1, -1, 0.5);
    for (int k = 0; op == OP_ACOS && k < g.valid; k++)
        g.c[k] = range_negative(g.c[k]);
    jet_chain(y, &g, u);
}

/* Where its argument does not change sign it is c*u, else the value alone. */
static void jet_kink(Jet *y, const Jet *u, OpId op)
{
    Range a = u->c[0];
    if (a.low <= 0 && a.high >= 0 && (a.low < 0 || a.high > 0)) {
        set_value(y, range_apply(op, a));
        return;
    }
    double c = op == OP_ABS ? (a.low > 0 ? 1 : -1) : a.low > 0;
    *y = *u;
    for (int k = 0; k < u->valid; k++)
        y->c[k] = scale(u->c[k], c);
    if (y->valid)
        y->c[0] = range_apply(op, a);
}

static void jet_stairs(Jet *y, const Jet *u, OpId op)
{
    Range a = range_apply(op, u->c[0]);
    if (a.state == RANGE_OK && a.low == a.high)
        set_constant(y, a);
    else
        set_value(y, a);
}

static void jet_extreme(Jet *y, const Jet *a, const Jet *b, bool most)
{
    Range p = a->c[0], q = b->c[0];
    if (!a->valid || !b->valid) {
        *y = a->valid ? *b : *a;
        return;
    }
    if (most ? p.low >= q.high : p.high <= q.low)
        *y = *a;
    else if (most ? q.low >= p.high : q.high <= p.low)
        *y = *b;
    else if (most)
        set_value(y, range_new(fmax(p.low, q.low), fmax(p.high, q.high)));
    else
        set_value(y, range_new(fmin(p.low, q.low), fmin(p.high, q.high)));
}

static void jet_truth(Jet *y, const Jet *a, const Jet *b, OpId op)
{
    Range p = a->c[0], q = b->c[0];
    if (!a->valid || !b->valid) {
        *y = a->valid ? *b : *a;
        return;
    }
    bool less = p.high < q.low, more = q.high < p.low;
    bool same = p.low == p.high && q.low == q.high && p.low == q.low;
    bool not_more = p.high <= q.low, not_less = q.high <= p.low;
    bool yes = op == OP_LT   ? less
               : op == OP_LE ? not_more
               : op == OP_EQ ? same
                             : less || more;
    bool no = op == OP_LT   ? not_less
              : op == OP_LE ? more
              : op == OP_EQ ? less || more
                            : same;
    set_constant(y, range_new(yes, !no));
    if (!yes && !no)
        y->valid = 1;
}

static void jet_select(Jet *y, const Jet *c, const Jet *a, const Jet *b)
{
    if (!c->valid)
        *y = *c;
    else if (c->c[0].low == 1)
        *y = *a;
    else if (c->c[0].high == 0)
        *y = *b;
    else if (a->valid && b->valid)
        set_value(y, range_hull(a->c[0], b->c[0]));
    else
        set_value(y, RANGE_NONE);
}

static void jet_tangent(Jet *y, const Jet *u)
{
    Jet sine, cosine, inverse;
    jet_wave(&sine, &cosine, u);
    jet_power(&inverse, &cosine, range_point(-1));
    jet_multiply(y, &sine, &inverse);
}

static void jet_function(Jet *y, const Jet *u, OpId op)
{
    Jet other;
    if (!u->valid) {
        *y = *u;
        return;
    }
    switch ((int)op) {
    case OP_EXP:
        jet_exp(y, u);
        return;
    case OP_EXPM1:
        jet_exp(y, u);
        y->c[0] = range_apply(op, u->c[0]);
        return;
    case OP_SIN:
        jet_wave(y, &other, u);
        return;
    case OP_COS:
        jet_wave(&other, y, u);
        return;
    case OP_TAN:
        jet_tangent(y, u);
        return;
    case OP_LOG:
    case OP_LOG2:
    case OP_LOG10:
    case OP_LOG1P:
        jet_logarithm(y, u, op);
        return;
    case OP_ATAN:
    case OP_ASIN:
    case OP_ACOS:
    case OP_ASINH:
    case OP_ACOSH:
    case OP_ATANH:
        jet_arc(y, u, op);
        return;
    case OP_ABS:
    case OP_RELU:
        jet_kink(y, u, op);
        return;
    case OP_SIGN:
    case OP_STEP:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
        jet_stairs(y, u, op);
        return;
    default:
        break;
    }
    set_value(y, range_apply(op, u->c[0]));
    if (!y->valid)
        return;
    if (op == OP_SINH || op == OP_COSH)
        jet_hyperbolic(y, u, op == OP_SINH ? -1 : 1);
    else if (op == OP_TANH)
        jet_riccati(y, u, 1, 0, -1);
    else if (op == OP_SIGMOID)
        jet_riccati(y, u, 0, 1, -1);
    else if (op == OP_SOFTPLUS) {
        set_value(&other, range_apply(OP_SIGMOID, u->c[0]));
        jet_riccati(&other, u, 0, 1, -1);
        jet_chain(y, &other, u);
    } else if (op == OP_ERF || op == OP_ERFC) {
        bell(&other, u, op == OP_ERF ? 1 : -1);
        jet_chain(y, &other, u);
    }
}

static void set_variable(Jet *y, Range x, double r)
{
    set_constant(y, x);
    y->c[1] = range_point(r);
}

const Jet *jets_run(Jets *j, Range x, double r)
{
    for (size_t i = 0; i < j->step.count; i++) {
        const Step *s = &j->step.at[i];
        Jet *y = &j->jet[i];
        const Jet *a = &j->jet[s->a], *b = &j->jet[s->b];
        switch (s->what) {
        case STEP_CONSTANT:
            set_constant(y, s->c);
            break;
        case STEP_VARIABLE:
            set_variable(y, x, r);
            break;
        case STEP_ADD:
            jet_add(y, a, b, s->c);
            break;
        case STEP_MULTIPLY:
            jet_multiply(y, a, b);
            break;
        case STEP_POWER:
            if (a->valid)
                jet_power(y, a, s->c);
            else
                *y = *a;
            break;
        case STEP_MAX:
        case STEP_MIN:
            jet_extreme(y, a, b, s->what == STEP_MAX);
            break;
        case STEP_TRUTH:
            jet_truth(y, a, b, s->compare);
            break;
        case STEP_SELECT:
            jet_select(y, a, b, &j->jet[s->other]);
            break;
        default:
            jet_function(y, a, (OpId)s->what);
        }
        bool lost = y->valid && (isnan(y->c[0].low) || isnan(y->c[0].high));
        if (lost || (!y->valid && y->c[0].state == RANGE_VAGUE))
            set_value(y, range_new(-INFINITY, INFINITY)); /* as at a pole */
    }
    return &j->jet[j->step.count - 1];
}

/*
 * enclose.c - interval evaluation
 *
 * Error-free sums and products after Dekker (Numer. Math. 18, 1971); the rest
 * by monotony.
 */
#include "graph/enclose.h"

#include <float.h>
#include <math.h>

#include "graph/binder.h"
#include "graph/internal.h"
#include "graph/walk.h"
#include "value/number.h"

#define WIDEN 16
#define VAGUE ((Range){0, 0, RANGE_VAGUE})
#define UNDEFINED ((Range){0, 0, RANGE_UNDEFINED})

typedef struct Enclosure {
    Graph *g;
    Arena *arena;
    int count;
    const Node *symbol, *value;
    NodeMap seen; /* node -> place in `known` */
    VEC(Range) known;
} Enclosure;

static Range range_of(Enclosure *e, Node n);

static Range checked(double low, double high)
{
    if (!(low <= high) || isinf(low) || isinf(high))
        return VAGUE;
    return (Range){low, high, RANGE_OK};
}

static Range point(double x)
{
    return checked(x, x);
}

static Range worst(Range a, Range b)
{
    bool none = a.state == RANGE_UNDEFINED || b.state == RANGE_UNDEFINED;
    return none ? UNDEFINED : VAGUE;
}

static double below(double x)
{
    return nextafter(x, -INFINITY);
}

static double above(double x)
{
    return nextafter(x, INFINITY);
}

/* ---- arithmetic ---- */

static bool sum_is_exact(double a, double b, double s)
{
    double c = s - a;
    return (a - (s - c)) + (b - c) == 0;
}

static Range add(Range a, Range b)
{
    if (a.state || b.state)
        return worst(a, b);
    double low = a.low + b.low, high = a.high + b.high;
    if (!sum_is_exact(a.low, b.low, low))
        low = below(low);
    if (!sum_is_exact(a.high, b.high, high))
        high = above(high);
    return checked(low, high);
}

static void take_product(double a, double b, double *low, double *high)
{
    double p = a * b;
    bool exact = a == 0 || b == 0 ||
                 (fma(a, b, -p) == 0 && fabs(p) > DBL_MIN / DBL_EPSILON);
    *low = fmin(*low, exact ? p : below(p));
    *high = fmax(*high, exact ? p : above(p));
}

static Range multiply(Range a, Range b)
{
    double low = INFINITY, high = -INFINITY;
    if (a.state || b.state)
        return worst(a, b);
    take_product(a.low, b.low, &low, &high);
    take_product(a.low, b.high, &low, &high);
    take_product(a.high, b.low, &low, &high);
    take_product(a.high, b.high, &low, &high);
    return checked(low, high);
}

static Range negative(Range a)
{
    return a.state ? a : (Range){-a.high, -a.low, RANGE_OK};
}

static Range inverse(Range a)
{
    if (a.state)
        return a;
    if (a.low <= 0 && a.high >= 0)
        return VAGUE; /* a single pole is a thin set */
    return checked(below(1 / a.high), above(1 / a.low));
}

/* ---- functions ---- */

static double widened(double x, double side)
{
    return x + side * (WIDEN * DBL_EPSILON * fabs(x) + DBL_MIN);
}

static Range monotone(OpId op, Range a, double sign)
{
    double x = op_number(op, 1, &a.low), y = op_number(op, 1, &a.high);
    return sign > 0 ? checked(widened(x, -1), widened(y, 1))
                    : checked(widened(y, -1), widened(x, 1));
}

static Range clamped(Range a, double low, double high)
{
    if (a.state == RANGE_OK)
        a = (Range){fmax(a.low, low), fmin(a.high, high), RANGE_OK};
    return a;
}

/* sin or cos: at the middle, with slope at most 1. */
static Range wave(OpId op, Range a)
{
    double mid = a.low / 2 + a.high / 2;
    double y = op_number(op, 1, &mid);
    double radius = (a.high - a.low) + 4 * DBL_EPSILON * (1 + fabs(mid));
    if (fabs(mid) > 1e6)
        return VAGUE;
    return clamped(checked(y - radius, y + radius), -1, 1);
}

static Range logarithm(OpId op, Range a)
{
    double edge = op == OP_LOG1P ? -1 : 0;
    if (a.high < edge)
        return UNDEFINED;
    return a.low <= edge ? VAGUE : monotone(op, a, 1);
}

static Range within(OpId op, Range a, double low, double high, double sign)
{
    if (a.high < low || a.low > high)
        return UNDEFINED;
    return a.low < low || a.high > high ? VAGUE : monotone(op, a, sign);
}

static Range magnitude(Range a)
{
    if (a.low >= 0)
        return a;
    if (a.high <= 0)
        return negative(a);
    return (Range){0, fmax(-a.low, a.high), RANGE_OK};
}

static Range stepped(OpId op, Range a)
{
    double x = op_number(op, 1, &a.low), y = op_number(op, 1, &a.high);
    return x == y ? point(x) : VAGUE;
}

static Range elementary(OpId op, Range a)
{
    if (a.state)
        return a;
    switch ((int)op) {
    case OP_EXP:
    case OP_EXPM1:
    case OP_SINH:
    case OP_TANH:
    case OP_ASINH:
    case OP_ATAN:
    case OP_SIGMOID:
    case OP_SOFTPLUS:
    case OP_ERF:
        return monotone(op, a, 1);
    case OP_ERFC:
        return monotone(op, a, -1);
    case OP_COSH:
        return monotone(op, magnitude(a), 1);
    case OP_LOG:
    case OP_LOG2:
    case OP_LOG10:
    case OP_LOG1P:
        return logarithm(op, a);
    case OP_SIN:
    case OP_COS:
        return wave(op, a);
    case OP_TAN:
        return multiply(wave(OP_SIN, a), inverse(wave(OP_COS, a)));
    case OP_ASIN:
        return within(op, a, -1, 1, 1);
    case OP_ACOS:
        return within(op, a, -1, 1, -1);
    case OP_ATANH:
        if (a.low == -1 || a.high == 1)
            return VAGUE;
        return within(op, a, -1, 1, 1);
    case OP_ACOSH:
        return within(op, a, 1, INFINITY, 1);
    case OP_ABS:
        return magnitude(a);
    case OP_RELU:
        return (Range){fmax(a.low, 0), fmax(a.high, 0), RANGE_OK};
    case OP_SIGN:
    case OP_STEP:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
        return stepped(op, a);
    default:
        return VAGUE;
    }
}

/* ---- powers ---- */

static Range integer_power(Range a, int64_t n)
{
    Range y = point(1);
    if (n < 0)
        return inverse(integer_power(a, -n));
    if (n % 2 == 0)
        a = a.state ? a : magnitude(a);
    for (int64_t i = 0; i < n; i++)
        y = multiply(y, a);
    return y;
}

static Range power(Enclosure *e, Node base, Node exponent)
{
    Range a = range_of(e, base);
    if (a.state)
        return a;
    bool number = node_is_number(e->g, exponent);
    Range by = range_of(e, exponent);
    if (by.state)
        return by;
    if (by.low == by.high && fabs(by.low) < 1000 && by.low == rint(by.low))
        return integer_power(a, (int64_t)by.low);
    if (a.high < 0) /* at whole exponents near by it may have a value */
        return number ? UNDEFINED : VAGUE;
    if (number && node_is_number(e->g, base) && a.low <= 0)
        return VAGUE;
    if (number && a.low == 0 && a.high == 0 &&
        number_sign(node_number_value(e->g, exponent)) > 0)
        return a;
    if (a.low <= 0)
        return VAGUE;
    if (number && exponent == e->g->half)
        return checked(widened(sqrt(a.low), -1), widened(sqrt(a.high), 1));
    return elementary(OP_EXP, multiply(by, logarithm(OP_LOG, a)));
}

/* ---- nodes ---- */

static Range of_number(Value v)
{
    double x = value_to_double(v);
    bool exact = !value_is_exact(v);
    if (!exact && isfinite(x))
        exact = number_sign(number_binary(
                    BIN_SUB, v, number_to_exact(value_float(x)))) == 0;
    return exact ? point(x) : checked(below(x), above(x));
}

static Range of_symbol(Enclosure *e, Node n)
{
    for (int i = 0; i < e->count; i++)
        if (e->symbol[i] == n)
            return of_number(node_number_value(e->g, e->value[i]));
    return VAGUE;
}

/* The angle of the point (b, a). */
static Range angle(Range a, Range b)
{
    Range quarter = {1.5707963267948966, above(1.5707963267948966), RANGE_OK};
    if (b.low > 0)
        return elementary(OP_ATAN, multiply(a, inverse(b)));
    Range turned = negative(elementary(OP_ATAN, multiply(b, inverse(a))));
    if (a.low > 0)
        return add(quarter, turned);
    return a.high < 0 ? add(negative(quarter), turned) : VAGUE;
}

static Range of_two(Enclosure *e, OpId op, Node n)
{
    Range a = range_of(e, node_arg(e->g, n, 0));
    Range b = range_of(e, node_arg(e->g, n, 1));
    if (a.state || b.state)
        return worst(a, b);
    switch ((int)op) {
    case OP_MAX:
        return checked(fmax(a.low, b.low), fmax(a.high, b.high));
    case OP_MIN:
        return checked(fmin(a.low, b.low), fmin(a.high, b.high));
    case OP_MOD: {
        Range floor = elementary(OP_FLOOR, multiply(a, inverse(b)));
        return add(a, negative(multiply(b, floor)));
    }
    case OP_ATAN2:
        return angle(a, b);
    case OP_XLOGY:
        return multiply(a, logarithm(OP_LOG, b));
    case OP_HYPOT:
        a = add(integer_power(a, 2), integer_power(b, 2));
        return checked(widened(sqrt(fmax(0, a.low)), -1),
                       widened(sqrt(a.high), 1));
    default:
        return VAGUE;
    }
}

/* ---- choices ---- */

/* 1, 0, or -1: not known. */
static int truth(Enclosure *e, Node c)
{
    Graph *g = e->g;
    OpId op = node_op(g, c);
    if (op == OP_NUM)
        return !node_is_zero(g, c);
    if (op == OP_NOT) {
        int t = truth(e, node_arg(g, c, 0));
        return t < 0 ? t : !t;
    }
    if (node_count(g, c) != 2)
        return -1;
    if (op == OP_AND || op == OP_OR) {
        int s = truth(e, node_arg(g, c, 0)), t = truth(e, node_arg(g, c, 1));
        return s < 0 || t < 0 ? -1 : op == OP_AND ? s && t : s || t;
    }
    Range a = range_of(e, node_arg(g, c, 0)),
          b = range_of(e, node_arg(g, c, 1));
    if (a.state || b.state)
        return -1;
    bool less = a.high < b.low, more = b.high < a.low;
    bool same = a.low == a.high && b.low == b.high && a.low == b.low;
    if (!less && !more && !same)
        return -1;
    switch ((int)op) {
    case OP_LT:
        return less;
    case OP_LE:
        return !more;
    case OP_EQ:
        return same;
    case OP_NE:
        return !same;
    default:
        return -1;
    }
}

static Range chosen(Enclosure *e, Node n)
{
    Graph *g = e->g;
    Node choice = node_arg(g, n, 0);
    if (node_op(g, choice) != OP_IF)
        return VAGUE;
    depth_check();
    int t = truth(e, node_arg(g, choice, 0));
    if (t < 0)
        return VAGUE;
    Node *arm = choice_open(g, choice, !t, e->arena);
    return range_of(e, arm[result_number(g, n)]);
}

/* ---- columns that are written out ---- */

/* Entry i from 0 of a column of scalars. */
static Range entry_of(Enclosure *e, Node a, int i)
{
    Node n = node_index(e->g, a, node_int(e->g, i + 1), e->g->one);
    return node_is_scalar(e->g, n) ? range_of(e, n) : VAGUE;
}

static Range sum_of_exp(Enclosure *e, Node a)
{
    Shape s = node_shape(e->g, a);
    Range y = point(0);
    if (node_op(e->g, a) != OP_STACK || s.cols != 1 || s.rows > 50)
        return VAGUE;
    for (int i = 0; i < s.rows; i++)
        y = add(y, elementary(OP_EXP, entry_of(e, a, i)));
    return y;
}

/* softmax(a)[i] */
static Range share(Enclosure *e, Node n)
{
    Graph *g = e->g;
    Node a = node_arg(g, n, 0), at = node_arg(g, n, 1);
    int64_t i;
    if (node_op(g, a) != OP_SOFTMAX || !node_is_number(g, at) ||
        !value_to_int(node_number_value(g, at), &i))
        return VAGUE;
    a = node_arg(g, a, 0);
    Range top = elementary(OP_EXP, entry_of(e, a, (int)i - 1));
    return multiply(top, inverse(sum_of_exp(e, a)));
}

static Range compute(Enclosure *e, Node n)
{
    Graph *g = e->g;
    OpId op = node_op(g, n);
    int count = node_count(g, n);
    Range y = point(op == OP_MONO);
    if (!node_is_scalar(g, n))
        return VAGUE;
    switch ((int)op) {
    case OP_NUM:
        return of_number(node_number_value(g, n));
    case OP_SYM:
        return of_symbol(e, n);
    case OP_PI:
        return checked(3.141592653589793, above(3.141592653589793));
    case OP_SUM:
        for (int i = 0; i < count; i += 2)
            y = add(y, multiply(range_of(e, node_arg(g, n, i)),
                                range_of(e, node_arg(g, n, i + 1))));
        return y;
    case OP_MONO:
        y = multiply(range_of(e, node_arg(g, n, 0)),
                     range_of(e, node_arg(g, n, 1)));
        for (int i = 2; i < count; i += 2)
            y = multiply(y, power(e, node_arg(g, n, i), node_arg(g, n, i + 1)));
        return y;
    }
    if (op == OP_PROJ)
        return chosen(e, n);
    if (op == OP_INDEX)
        return share(e, n);
    if (op == OP_LOGSUMEXP)
        return elementary(OP_LOG, sum_of_exp(e, node_arg(g, n, 0)));
    if (count == 2)
        return of_two(e, op, n);
    return count == 1 ? elementary(op, range_of(e, node_arg(g, n, 0))) : VAGUE;
}

static Range range_of(Enclosure *e, Node n)
{
    uint32_t at;
    depth_check();
    POLL();
    if (node_map_get(&e->seen, n, &at))
        return e->known.at[at];
    Range y = compute(e, n);
    node_map_set(&e->seen, n, (uint32_t)e->known.count);
    VEC_PUSH_IN(e->arena, &e->known, y);
    return y;
}

Range enclose(Graph *g, Node n, int count, const Node symbol[],
              const Node value[])
{
    Arena *a = arena_local();
    Enclosure e = {.g = g,
                   .arena = a,
                   .count = count,
                   .symbol = symbol,
                   .value = value,
                   .seen = node_map_in(a)};
    Range y = range_of(&e, n);
    arena_free(a);
    return y;
}

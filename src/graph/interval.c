/*
 * interval.c - error-free sums and products after Dekker (Numer. Math. 18,
 * 1971); functions by monotony, widened by 16 units in the last place, where
 * their kernels (num/vmath.h) are accurate to a few.
 */
#include "graph/interval.h"

#include <float.h>
#include <math.h>

#include "graph/internal.h"
#include "value/number.h"

#define WIDEN 16
#define UNDEFINED ((Range){0, 0, RANGE_UNDEFINED})

Range range_new(double low, double high)
{
    if (!(low <= high))
        return RANGE_NONE;
    return (Range){fmin(low, DBL_MAX), fmax(high, -DBL_MAX), RANGE_OK};
}

Range range_point(double x)
{
    return range_new(x, x);
}

static Range worst(Range a, Range b)
{
    bool none = a.state == RANGE_UNDEFINED || b.state == RANGE_UNDEFINED;
    return none ? UNDEFINED : RANGE_NONE;
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

Range range_add(Range a, Range b)
{
    if (a.state || b.state)
        return worst(a, b);
    double low = a.low + b.low, high = a.high + b.high;
    if (!sum_is_exact(a.low, b.low, low))
        low = below(low);
    if (!sum_is_exact(a.high, b.high, high))
        high = above(high);
    return range_new(low, high);
}

static void take_product(double a, double b, double *low, double *high)
{
    double p = a == 0 || b == 0 ? 0 : a * b;
    bool exact = a == 0 || b == 0 ||
                 (fma(a, b, -p) == 0 && fabs(p) > DBL_MIN / DBL_EPSILON);
    *low = fmin(*low, exact ? p : below(p));
    *high = fmax(*high, exact ? p : above(p));
}

Range range_multiply(Range a, Range b)
{
    double low = INFINITY, high = -INFINITY;
    if (a.state || b.state)
        return worst(a, b);
    take_product(a.low, b.low, &low, &high);
    take_product(a.low, b.high, &low, &high);
    take_product(a.high, b.low, &low, &high);
    take_product(a.high, b.high, &low, &high);
    return range_new(low, high);
}

Range range_negative(Range a)
{
    return a.state ? a : (Range){-a.high, -a.low, RANGE_OK};
}

Range range_inverse(Range a)
{
    if (a.state)
        return a;
    bool sign = a.low >= 0 && a.high > 0, minus = a.low < 0 && a.high <= 0;
    if (!sign && !minus)
        return RANGE_NONE; /* a single pole is a thin set */
    double low = a.high == 0 ? -INFINITY : below(1 / a.high);
    double high = a.low == 0 ? INFINITY : above(1 / a.low);
    return sign ? range_new(fmax(low, 0), high) : range_new(low, fmin(high, 0));
}

/* ---- functions ---- */

static double widened(double x, double side)
{
    return isinf(x) ? x : x + side * (WIDEN * DBL_EPSILON * fabs(x) + DBL_MIN);
}

static Range monotone(OpId op, Range a, double sign)
{
    double x = op_number(op, 1, &a.low), y = op_number(op, 1, &a.high);
    return sign > 0 ? range_new(widened(x, -1), widened(y, 1))
                    : range_new(widened(y, -1), widened(x, 1));
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
    if (!(fabs(mid) < 1e6))
        return range_new(-1, 1);
    if (op == OP_SIN && a.low > -1.5 && a.high < 1.5)
        return monotone(op, a, 1);
    double y = op_number(op, 1, &mid);
    double radius = (a.high - a.low) + WIDEN * DBL_EPSILON;
    return clamped(range_new(y - radius, y + radius), -1, 1);
}

static Range logarithm(OpId op, Range a)
{
    double edge = op == OP_LOG1P ? -1 : 0;
    if (a.high < edge)
        return UNDEFINED;
    return a.low <= edge ? RANGE_NONE : monotone(op, a, 1);
}

static Range within(OpId op, Range a, double low, double high, double sign)
{
    if (a.high < low || a.low > high)
        return UNDEFINED;
    return a.low < low || a.high > high ? RANGE_NONE : monotone(op, a, sign);
}

Range range_magnitude(Range a)
{
    if (a.low >= 0)
        return a;
    if (a.high <= 0)
        return range_negative(a);
    return (Range){0, fmax(-a.low, a.high), RANGE_OK};
}

static Range stepped(OpId op, Range a)
{
    double x = op_number(op, 1, &a.low), y = op_number(op, 1, &a.high);
    return range_new(x, y);
}

Range range_apply(OpId op, Range a)
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
        return monotone(op, range_magnitude(a), 1);
    case OP_LOG:
    case OP_LOG2:
    case OP_LOG10:
    case OP_LOG1P:
        return logarithm(op, a);
    case OP_SIN:
    case OP_COS:
        return wave(op, a);
    case OP_TAN:
        return range_multiply(wave(OP_SIN, a), range_inverse(wave(OP_COS, a)));
    case OP_ASIN:
        return within(op, a, -1, 1, 1);
    case OP_ACOS:
        return within(op, a, -1, 1, -1);
    case OP_ATANH:
        if (a.low == -1 || a.high == 1)
            return RANGE_NONE;
        return within(op, a, -1, 1, 1);
    case OP_ACOSH:
        return within(op, a, 1, INFINITY, 1);
    case OP_ABS:
        return range_magnitude(a);
    case OP_RELU:
        return (Range){fmax(a.low, 0), fmax(a.high, 0), RANGE_OK};
    case OP_SIGN:
    case OP_STEP:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
        return stepped(op, a);
    default:
        return RANGE_NONE;
    }
}

/* ---- powers ---- */

Range range_whole_power(Range a, int64_t n)
{
    Range y = range_point(1);
    if (n < 0)
        return range_inverse(range_whole_power(a, -n));
    if (n % 2 == 0)
        a = a.state ? a : range_magnitude(a);
    for (int64_t i = 0; i < n; i++)
        y = range_multiply(y, a);
    return y;
}

Range range_power(Range a, Range b)
{
    if (a.state || b.state)
        return worst(a, b);
    if (b.low == 0.5 && b.high == 0.5 && a.low >= 0)
        return range_new(fmax(0, widened(sqrt(a.low), -1)),
                         widened(sqrt(a.high), 1));
    Range low = logarithm(OP_LOG, range_new(a.low, a.low));
    Range high = logarithm(OP_LOG, range_new(a.high, a.high));
    Range by = a.high == 0
                   ? range_new(-INFINITY, -INFINITY)
                   : range_new(a.low == 0 ? -INFINITY : low.low, high.high);
    Range y = range_apply(OP_EXP, range_multiply(b, by));
    return y.state ? y : range_new(fmax(0, y.low), y.high);
}

Range range_hull(Range a, Range b)
{
    if (a.state || b.state)
        return worst(a, b);
    return range_new(fmin(a.low, b.low), fmax(a.high, b.high));
}

Range range_of_number(Value v)
{
    double x = value_to_double(v);
    bool exact = !value_is_exact(v);
    if (!exact && isfinite(x))
        exact = number_sign(number_binary(
                    BIN_SUB, v, number_to_exact(value_float(x)))) == 0;
    return exact ? range_point(x) : range_new(below(x), above(x));
}

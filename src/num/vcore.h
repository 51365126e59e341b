/*
 * vcore.h - elementary functions on a vector of lanes: a template
 *
 * simd.c includes this file once for every width it compiles, after defining
 * LANES, TARGET (a function attribute) and FN (which makes a name).  Every
 * lane goes through the same additions, multiplications and divisions,
 * without fused ones, whatever the width: results are the same bit for bit on
 * every processor, and a number alone is a vector whose other lanes are not
 * used.  Errors are below 1 ulp for exp, expm1, log, log1p, sin, cos and tanh,
 * and below 4 ulp for what is put together from these.
 *
 * There is no header guard, on purpose.
 */
#define V FN(Vector)
#define I FN(Integers)
#define U FN(Bits)
#define CORE static inline __attribute__((always_inline)) TARGET

typedef double V __attribute__((vector_size(LANES * 8)));
typedef int64_t I __attribute__((vector_size(LANES * 8)));
typedef uint64_t U __attribute__((vector_size(LANES * 8)));

CORE V FN(splat)(double x)
{
    return x - (V){0};
}

CORE V FN(select)(I mask, V a, V b)
{
    return (V)((mask & (I)a) | (~mask & (I)b));
}

CORE V FN(magnitude)(V x)
{
    return (V)((I)x & INT64_MAX);
}

/* x with the sign of s. */
CORE V FN(with_sign)(V x, V s)
{
    return (V)(((I)x & INT64_MAX) | ((I)s & INT64_MIN));
}

/* 2^k for a k in the range of normal numbers. */
CORE V FN(power_of_two)(I k)
{
    return (V)((U)(k + 1023) << 52);
}

/* a + b = sum + *low exactly (Knuth). */
CORE V FN(two_sum)(V a, V b, V *low)
{
    V sum = a + b, z = sum - a;
    *low = (a - (sum - z)) + (b - z);
    return sum;
}

/*
 * x = *k*log(2) + r + *low with |r| <= log(2)/2.  LN2_HIGH ends in 32 zero
 * bits, so its multiples are exact (Cody & Waite).
 */
CORE V FN(reduce_exp)(V x, I *k, V *low)
{
    V t = x * LOG2_E + ROUNDER;
    V n = t - ROUNDER;
    *k = (I)t - (I)FN(splat)(ROUNDER);
    V high = x - n * LN2_HIGH, rest = n * LN2_LOW;
    V r = high - rest;
    *low = (high - r) - rest;
    return r;
}

/*
 * exp(r) - 1 - r by its Taylor series, |r| <= log(2)/2; the square, which is
 * most of it, is added last.
 */
CORE V FN(exp_tail)(V r)
{
    V r2 = r * r, r4 = r2 * r2;
    V a = (1 / 6.0 + r * (1 / 24.0)) + r2 * (1 / 120.0 + r * (1 / 720.0));
    V b = (1 / 5040.0 + r * (1 / 40320.0)) +
          r2 * (1 / 362880.0 + r * (1 / 3628800.0));
    V c = (1 / 39916800.0 + r * (1 / 479001600.0)) + r2 * (1 / 6227020800.0);
    return 0.5 * r2 + r * r2 * (a + r4 * (b + r4 * c));
}

CORE V FN(exp)(V x)
{
    I k;
    V low;
    x = FN(select)((I)(x > 710), FN(splat)(710), x);
    x = FN(select)((I)(x < -746), FN(splat)(-746), x);
    V r = FN(reduce_exp)(x, &k, &low);
    V y = 1 + (r + (FN(exp_tail)(r) + low));
    /* In two steps, for 2^k may leave the range where the result does not. */
    I half = k >> 1;
    return y * FN(power_of_two)(half) * FN(power_of_two)(k - half);
}

/* (exp(x) - 1)/2 in two parts, for -40 <= x <= 710. */
CORE V FN(half_expm1)(V x, V *low)
{
    I k;
    V rest, lost;
    V r = FN(reduce_exp)(x, &k, &rest);
    V s = FN(power_of_two)(k - 1), less = s - 0.5;
    V sum = FN(two_sum)(less, s * r, &lost);
    lost += (s - less) - 0.5;
    *low = lost + s * (FN(exp_tail)(r) + rest);
    return sum;
}

CORE V FN(expm1)(V x)
{
    V low;
    I tiny = (I)(FN(magnitude)(x) < 0x1p-54);
    V z = FN(select)((I)(x > 710), FN(splat)(710), x);
    z = FN(select)((I)(z < -40), FN(splat)(-40), z);
    V y = FN(half_expm1)(z, &low);
    y = (y + low) * 2;
    return FN(select)(tiny, x, y);
}

/*
 * log(u) + extra for u > 0: u = 2^e*(1 + f) with 1 + f between the roots of 1/2
 * and 2; s = f/(2 + f), log(1 + f) = 2*atanh(s) = f - f^2/2 + s*(f^2/2 + R),
 * where R = 2*(s^2/3 + s^4/5 + ...).
 */
CORE V FN(log_of)(V u, V extra)
{
    I small = (I)(u < 0x1p-1022);
    u = FN(select)(small, u * 0x1p54, u);
    I e = (I)((U)u - ROOT_HALF_BITS) >> 52;
    V f = (V)((U)u - ((U)e << 52)) - 1;
    V n = (V)(e + (I)FN(splat)(ROUNDER)) - ROUNDER;
    n = FN(select)(small, n - 54, n);
    V s = f / (2 + f), z = s * s, z2 = z * z, z4 = z2 * z2;
    V a = (2 / 3.0 + z * (2 / 5.0)) + z2 * (2 / 7.0 + z * (2 / 9.0));
    V b = (2 / 11.0 + z * (2 / 13.0)) + z2 * (2 / 15.0 + z * (2 / 17.0));
    V c = 2 / 19.0 + z * (2 / 21.0) + z2 * (2 / 23.0);
    V series = z * (a + z4 * (b + z4 * c)), half = 0.5 * f * f;
    V low = s * (half + series) + (n * LN2_LOW + extra);
    return n * LN2_HIGH - ((half - low) - f);
}

/* Puts right what log_of makes of u <= 0, infinity and NaN. */
CORE V FN(log_edges)(V u, V y)
{
    y = FN(select)((I)(u == 0), FN(splat)(-INFINITY), y);
    y = FN(select)((I)(u < 0), FN(splat)(NAN), y);
    y = FN(select)((I)(u == INFINITY), u, y);
    return FN(select)((I)(u != u), u, y);
}

CORE V FN(log)(V x)
{
    return FN(log_edges)(x, FN(log_of)(x, FN(splat)(0)));
}

/* log(u) for u = 1 + x rounded, and what was lost as a part of u. */
CORE V FN(log1p)(V x)
{
    V lost, u = FN(two_sum)(FN(splat)(1), x, &lost);
    V y = FN(log_edges)(u, FN(log_of)(u, lost / u));
    return FN(select)((I)(FN(magnitude)(x) < 0x1p-54), x, y);
}

CORE V FN(sigmoid)(V x)
{
    V e = FN(exp)(-FN(magnitude)(x));
    return FN(select)((I)(x < 0), e, FN(splat)(1)) / (1 + e);
}

CORE V FN(dsigmoid)(V x)
{
    V e = FN(exp)(-FN(magnitude)(x)), d = 1 + e;
    return e / (d * d);
}

CORE V FN(softplus)(V x)
{
    V rest = FN(log1p)(FN(exp)(-FN(magnitude)(x)));
    return FN(select)((I)(x > 0), x, FN(splat)(0)) + rest;
}

CORE V FN(logsigmoid)(V x)
{
    return -FN(softplus)(-x);
}

CORE V FN(dtanh)(V x)
{
    V e = FN(exp)(-2 * FN(magnitude)(x)), d = 1 + e;
    return 4 * e / (d * d);
}

/* a*b = product + *low exactly (Dekker 1971), far from the ends of the range.
 */
CORE V FN(two_product)(V a, V b, V *low)
{
    V p = a * b, ta = a * 134217729.0, tb = b * 134217729.0;
    V ha = ta - (ta - a), hb = tb - (tb - b), la = a - ha, lb = b - hb;
    *low = ((ha * hb - p) + ha * lb + la * hb) + la * lb;
    return p;
}

/*
 * h/(h + 1) for h = (exp(2|x|) - 1)/2, carried in two parts through the
 * division.
 */
CORE V FN(tanh)(V x)
{
    V low, lost, error, a = FN(magnitude)(x);
    a = FN(select)((I)(a > 20), FN(splat)(20), a);
    V sum = FN(half_expm1)(2 * a, &low);
    V h = sum + low;
    low = (sum - h) + low;
    V d = FN(two_sum)(h, FN(splat)(1), &lost);
    V q = h / d;
    V p = FN(two_product)(q, d, &error);
    q += (((h - p) - error) + (low - q * (low + lost))) / d;
    q = FN(select)((I)(a < 0x1p-28), a, q);
    return FN(with_sign)(q, x);
}

/*
 * x = n*pi/2 + r + *low, |r| <= pi/4, for |x| < TRIG_MOST: the first two parts
 * of pi/2 have 33 bits, so that their multiples are exact.
 */
CORE V FN(reduce_trig)(V x, I *n, V *low)
{
    V t = x * TWO_OVER_PI + ROUNDER;
    V m = t - ROUNDER, lost;
    *n = (I)t - (I)FN(splat)(ROUNDER);
    V high = FN(two_sum)(x - m * HALF_PI_1, -(m * HALF_PI_2), &lost);
    lost -= m * HALF_PI_3;
    V r = high + lost;
    *low = (high - r) + lost;
    return r;
}

/* sin and cos of r + low by their Taylor series. */
CORE V FN(sin_series)(V r, V low)
{
    V z = r * r, z2 = z * z;
    V a =
        (-1 / 6.0 + z * (1 / 120.0)) + z2 * (-1 / 5040.0 + z * (1 / 362880.0));
    V b = (-1 / 39916800.0 + z * (1 / 6227020800.0)) +
          z2 * (-1 / 1307674368000.0 + z * (1 / 355687428096000.0));
    return r + (r * z * (a + z2 * z2 * b) + low * (1 - 0.5 * z));
}

CORE V FN(cos_series)(V r, V low)
{
    V z = r * r, z2 = z * z;
    V a = (1 / 24.0 + z * (-1 / 720.0)) +
          z2 * (1 / 40320.0 + z * (-1 / 3628800.0));
    V b = (1 / 479001600.0 + z * (-1 / 87178291200.0)) +
          z2 * (1 / 20922789888000.0 + z * (-1 / 6402373705728000.0));
    V half = 0.5 * z, w = 1 - half;
    return w + (((1 - w) - half) + (z2 * (a + z2 * z2 * b) - r * low));
}

/* sin(x + turn*pi/2) */
CORE V FN(sin_turned)(V x, int64_t turn)
{
    I n;
    V low, r = FN(reduce_trig)(x, &n, &low);
    n += turn;
    V y = FN(select)((n & 1) == 0, FN(sin_series)(r, low),
                     FN(cos_series)(r, low));
    return (V)((U)y ^ ((U)(n & 2) << 62));
}

CORE V FN(sin)(V x)
{
    V y = FN(sin_turned)(x, 0);
    return FN(select)((I)(FN(magnitude)(x) < 0x1p-27), x, y);
}

CORE V FN(cos)(V x)
{
    return FN(sin_turned)(x, 1);
}

#undef V
#undef I
#undef U
#undef CORE

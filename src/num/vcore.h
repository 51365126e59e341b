/*
 * vcore.h - elementary functions on the lanes of a vector: a template
 *
 * simd.c includes this file once for every width it compiles, after defining
 * FN (which makes a name), CORE (the attributes of an inlined function), the
 * types FN(V) and FN(I) (doubles and 64-bit words, lane by lane) and the
 * operations that C has not for both vectors and numbers:
 *
 *   splat(x)            every lane x
 *   fma(a, b, c)        a*b + c
 *   bits(x), real(k)    the same bits read as the other type
 *   scale(y, n)         y*2^n
 *   less(x, y, a, b)    x < y ? a : b
 *   equal(x, y, a, b)   x == y ? a : b
 *   odd(k, a, b)        k odd ? a : b
 *   product(a, b, low)  a*b = result + *low exactly
 *
 * Every lane goes through the same roundings whatever the width, so a vector
 * and a number give the same bits.  Errors are below 1 ulp for exp, expm1, log,
 * log1p, sin, cos and tanh, and below 4 ulp for what is put together from
 * these.  There is no header guard, on purpose.
 */
#define V FN(V)
#define I FN(I)

CORE V FN(magnitude)(V x)
{
    return FN(real)(FN(bits)(x) & MAGNITUDE_BITS);
}

/* a >= 0 with the sign of s. */
CORE V FN(with_sign)(V a, V s)
{
    return FN(real)(FN(bits)(a) | (FN(bits)(s) & ~MAGNITUDE_BITS));
}

/* a + b = sum + *low exactly (Knuth). */
CORE V FN(two_sum)(V a, V b, V *low)
{
    V sum = a + b, z = sum - a;
    *low = (a - (sum - z)) + (b - z);
    return sum;
}

/* The polynomial c[0] + c[1]*x + ... with 4 coefficients; x2 = x*x. */
CORE V FN(cubic)(V x, V x2, const double c[4])
{
    V low = FN(fma)(x, FN(splat)(c[1]), FN(splat)(c[0]));
    V high = FN(fma)(x, FN(splat)(c[3]), FN(splat)(c[2]));
    return FN(fma)(x2, high, low);
}

/* The same with 11 coefficients. */
CORE V FN(polynomial)(V x, const double c[11])
{
    V x2 = x * x, x4 = x2 * x2;
    V y = FN(fma)(x, FN(splat)(c[9]), FN(splat)(c[8]));
    y = FN(fma)(x2, FN(splat)(c[10]), y);
    y = FN(fma)(x4, y, FN(cubic)(x, x2, c + 4));
    return FN(fma)(x4, y, FN(cubic)(x, x2, c));
}

/*
 * x = *n*log(2) + r + *low with |r| <= log(2)/2.  LN2_HIGH ends in 32 zero
 * bits, so its multiples are exact (Cody & Waite).
 */
CORE V FN(reduce_exp)(V x, V *n, V *low)
{
    *n = FN(fma)(x, FN(splat)(LOG2_E), FN(splat)(ROUNDER)) - ROUNDER;
    V high = FN(fma)(*n, FN(splat)(-LN2_HIGH), x), rest = *n * LN2_LOW;
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
    static const double c[11] = {
        1 / 6.0,        1 / 24.0,        1 / 120.0,       1 / 720.0,
        1 / 5040.0,     1 / 40320.0,     1 / 362880.0,    1 / 3628800.0,
        1 / 39916800.0, 1 / 479001600.0, 1 / 6227020800.0};
    V r2 = r * r;
    return FN(fma)(r * r2, FN(polynomial)(r, c), 0.5 * r2);
}

CORE V FN(exp)(V x)
{
    V n, low;
    x = FN(less)(FN(splat)(710), x, FN(splat)(710), x);
    x = FN(less)(x, FN(splat)(-746), FN(splat)(-746), x);
    V r = FN(reduce_exp)(x, &n, &low);
    V y = 1 + (r + (FN(exp_tail)(r) + low));
    return FN(scale)(y, n);
}

/* (exp(x) - 1)/2 in two parts, for -40 <= x <= 710. */
CORE V FN(half_expm1)(V x, V *low)
{
    V n, rest, lost;
    V r = FN(reduce_exp)(x, &n, &rest);
    V s = FN(scale)(FN(splat)(0.5), n), less = s - 0.5;
    V sum = FN(two_sum)(less, s * r, &lost);
    lost += (s - less) - 0.5;
    *low = FN(fma)(s, FN(exp_tail)(r) + rest, lost);
    return sum;
}

CORE V FN(expm1)(V x)
{
    V low;
    V z = FN(less)(FN(splat)(710), x, FN(splat)(710), x);
    z = FN(less)(z, FN(splat)(-40), FN(splat)(-40), z);
    V y = FN(half_expm1)(z, &low);
    y = (y + low) * 2;
    return FN(less)(FN(magnitude)(x), FN(splat)(0x1p-54), x, y);
}

/*
 * log(u + lost) + shift*log(2) for a normal u > 0 and |lost| below an ulp of
 * it.  u = 2^e*(1 + f) with 1 + f between the roots of 1/2 and 2; s = f/(2 +
 * f), log(1 + f) = 2*atanh(s) = f - f^2/2 + s*(f^2/2 + R), where R = 2*(s^2/3 +
 * s^4/5 + ...). To first order lost (if the pointer is not NULL) adds lost/u,
 * for which three terms of 1/(1 + f) = (1 - s)/(1 + s) are enough.
 */
CORE V FN(log_of)(V u, const V *lost, const V *shift)
{
    static const double c[11] = {2 / 3.0,  2 / 5.0,  2 / 7.0,  2 / 9.0,
                                 2 / 11.0, 2 / 13.0, 2 / 15.0, 2 / 17.0,
                                 2 / 19.0, 2 / 21.0, 2 / 23.0};
    I e = FN(bits)(u) + (ONE_BITS - ROOT_HALF_BITS);
    e = (e >> 52) - 1023;
    V f = FN(real)(FN(bits)(u) - (e << 52)) - 1;
    V n = FN(real)(e + FN(bits)(FN(splat)(ROUNDER))) - ROUNDER;
    V s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    V series = z * FN(polynomial)(z, c);
    V extra = FN(splat)(0);
    if (lost)
        extra = FN(scale)(*lost, -n) * FN(fma)(2 * s, s - 1, FN(splat)(1));
    if (shift)
        n += *shift;
    V low = FN(fma)(s, half + series, FN(fma)(n, FN(splat)(LN2_LOW), extra));
    return FN(fma)(n, FN(splat)(LN2_HIGH), f - (half - low));
}

/* Puts right what log_of makes of u <= 0, infinity and NaN. */
CORE V FN(log_edges)(V u, V y)
{
    y = FN(less)(u, FN(splat)(INFINITY), y, u);
    y = FN(less)(FN(splat)(0), u, y, FN(splat)(NAN));
    return FN(equal)(u, FN(splat)(0), FN(splat)(-INFINITY), y);
}

CORE V FN(log)(V x)
{
    V small = FN(splat)(0x1p-1022);
    V shift = FN(less)(x, small, FN(splat)(-54), FN(splat)(0));
    V big = FN(less)(x, small, x * 0x1p54, x);
    return FN(log_edges)(x, FN(log_of)(big, NULL, &shift));
}

/* log(u) for u = 1 + x rounded, put right by what was lost. */
CORE V FN(log1p)(V x)
{
    V lost, u = FN(two_sum)(FN(splat)(1), x, &lost);
    V y = FN(log_edges)(u, FN(log_of)(u, &lost, NULL));
    return FN(less)(FN(magnitude)(x), FN(splat)(0x1p-54), x, y);
}

CORE V FN(sigmoid)(V x)
{
    V e = FN(exp)(-FN(magnitude)(x));
    return FN(less)(x, FN(splat)(0), e, FN(splat)(1)) / (1 + e);
}

CORE V FN(dsigmoid)(V x)
{
    V e = FN(exp)(-FN(magnitude)(x)), d = 1 + e;
    return e / (d * d);
}

/*
 * log(1 + f) for 0 <= f <= 1 needs no exponent: the series of log_of, z =
 * s^2 <= 1/9, with coefficients fitted there (Chebyshev, error 2.5e-18).
 */
CORE V FN(log1p_of_part)(V f)
{
    static const double c[11] = {
        0x1.5555555555555p-1, 0x1.9999999999944p-2, 0x1.2492492499d46p-2,
        0x1.c71c71bedea97p-3, 0x1.745d19937b1fcp-3, 0x1.3b13515f6f9efp-3,
        0x1.111abdc8abe16p-3, 0x1.e0a2d581ab68fp-4, 0x1.bc37f0140c19ep-4,
        0x1.32e0d25c9c761p-4, 0x1.401d3e65cdc48p-3};
    V s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    V series = z * FN(polynomial)(z, c);
    return f - (half - s * (half + series));
}

CORE V FN(softplus)(V x)
{
    V y = FN(log1p_of_part)(FN(exp)(-FN(magnitude)(x)));
    y = FN(less)(FN(splat)(0), x, x, FN(splat)(0)) + y;
    return FN(equal)(x, x, y, x);
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

/*
 * h/(h + 1) for h = (exp(2|x|) - 1)/2, carried in two parts through the
 * division.
 */
CORE V FN(tanh)(V x)
{
    V low, lost, error, a = FN(magnitude)(x);
    a = FN(less)(FN(splat)(20), a, FN(splat)(20), a);
    V sum = FN(half_expm1)(2 * a, &low);
    V h = sum + low;
    low = (sum - h) + low;
    V d = FN(two_sum)(h, FN(splat)(1), &lost);
    V q = h / d;
    V p = FN(product)(q, d, &error);
    q += (((h - p) - error) + (low - q * (low + lost))) / d;
    q = FN(less)(a, FN(splat)(0x1p-28), a, q);
    return FN(with_sign)(q, x);
}

/*
 * x = n*pi/2 + r + *low, |r| <= pi/4, for |x| < TRIG_MOST: the first two parts
 * of pi/2 have 33 bits, so that their multiples are exact.
 */
CORE V FN(reduce_trig)(V x, I *n, V *low)
{
    V t = FN(fma)(x, FN(splat)(TWO_OVER_PI), FN(splat)(ROUNDER));
    V m = t - ROUNDER, lost;
    *n = FN(bits)(t);
    V first = FN(fma)(m, FN(splat)(-HALF_PI_1), x);
    V high = FN(two_sum)(first, m * -HALF_PI_2, &lost);
    lost = FN(fma)(m, FN(splat)(-HALF_PI_3), lost);
    V r = high + lost;
    *low = (high - r) + lost;
    return r;
}

/* sin and cos of r + low by their Taylor series. */
CORE V FN(sin_series)(V r, V low)
{
    static const double c[8] = {-1 / 6.0,
                                1 / 120.0,
                                -1 / 5040.0,
                                1 / 362880.0,
                                -1 / 39916800.0,
                                1 / 6227020800.0,
                                -1 / 1307674368000.0,
                                1 / 355687428096000.0};
    V z = r * r, z2 = z * z;
    V y = FN(fma)(z2 * z2, FN(cubic)(z, z2, c + 4), FN(cubic)(z, z2, c));
    return r +
           FN(fma)(r * z, y, low * FN(fma)(z, FN(splat)(-0.5), FN(splat)(1)));
}

CORE V FN(cos_series)(V r, V low)
{
    static const double c[8] = {1 / 24.0,
                                -1 / 720.0,
                                1 / 40320.0,
                                -1 / 3628800.0,
                                1 / 479001600.0,
                                -1 / 87178291200.0,
                                1 / 20922789888000.0,
                                -1 / 6402373705728000.0};
    V z = r * r, z2 = z * z, half = 0.5 * z, w = 1 - half;
    V y = FN(fma)(z2 * z2, FN(cubic)(z, z2, c + 4), FN(cubic)(z, z2, c));
    return w + (((1 - w) - half) + FN(fma)(z2, y, -(r * low)));
}

/* sin(x + turn*pi/2) */
CORE V FN(sin_turned)(V x, int turn)
{
    I n;
    V low, r = FN(reduce_trig)(x, &n, &low);
    n += (uint64_t)turn;
    V y = FN(odd)(n, FN(cos_series)(r, low), FN(sin_series)(r, low));
    return FN(real)(FN(bits)(y) ^ ((n >> 1) << 63));
}

CORE V FN(sin)(V x)
{
    V y = FN(sin_turned)(x, 0);
    return FN(less)(FN(magnitude)(x), FN(splat)(0x1p-27), x, y);
}

CORE V FN(cos)(V x)
{
    return FN(sin_turned)(x, 1);
}

#undef V
#undef I

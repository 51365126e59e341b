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
 *   power(n)            2^n for whole n from -1022 to 1023; 2^-1023 as 0
 *   scale(y, n)         y*2^n
 *   scale_down(y, n)    y*2^floor(n) for n of whole sixteenths
 *   least(a, b)         a < b ? a : b, so that a NaN in b stays
 *   most(a, b)          a > b ? a : b
 *   less(x, y, a, b)    x < y ? a : b
 *   equal(x, y, a, b)   x == y ? a : b
 *   odd(k, a, b)        k odd ? a : b
 *   root(x)             the square root, NaN below 0
 *   pick(table, k)      table[k % 16], lane by lane
 *   product(a, b, low)  a*b = result + *low exactly
 *   residue(a, b, c)    c - a*b where they nearly cancel: one rounding
 *   all_normal(x)       every lane is positive, finite and no subnormal
 *   all_below(x, a)     every lane is below the number a
 *
 * Every lane goes through the same roundings whatever the width, so a vector
 * and a number give the same bits.  Errors are below 1 ulp, but for dsigmoid
 * and dtanh, where they are below 4.  Polynomials whose source is not named
 * are minimax ones (Remez) with the stated relative error.  There is no header
 * guard, on purpose.
 */
#define V FN(V)
#define I FN(I)

CORE V FN(magnitude)(V x)
{
    return FN(real)(FN(bits)(x) & MAGNITUDE_BITS);
}

CORE V FN(minus_magnitude)(V x)
{
    return FN(real)(FN(bits)(x) | ~MAGNITUDE_BITS);
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

/* a + b = sum + *low exactly where |a| >= |b| or a is 0 (Dekker). */
CORE V FN(fast_sum)(V a, V b, V *low)
{
    V sum = a + b;
    *low = (a - sum) + b;
    return sum;
}

/* The polynomial c[0] + c[1]*x + ... with 4 coefficients; x2 = x*x. */
CORE V FN(cubic)(V x, V x2, const double c[4])
{
    V low = FN(fma)(x, FN(splat)(c[1]), FN(splat)(c[0]));
    V high = FN(fma)(x, FN(splat)(c[3]), FN(splat)(c[2]));
    return FN(fma)(x2, high, low);
}

/* The same with 9 coefficients, even and odd powers side by side. */
CORE V FN(polynomial)(V x, V x2, const double c[9])
{
    V even = FN(fma)(x2, FN(splat)(c[8]), FN(splat)(c[6]));
    V odd = FN(fma)(x2, FN(splat)(c[7]), FN(splat)(c[5]));
    even = FN(fma)(x2, even, FN(splat)(c[4]));
    odd = FN(fma)(x2, odd, FN(splat)(c[3]));
    even = FN(fma)(x2, even, FN(splat)(c[2]));
    odd = FN(fma)(x2, odd, FN(splat)(c[1]));
    even = FN(fma)(x2, even, FN(splat)(c[0]));
    return FN(fma)(x, odd, even);
}

/*
 * x = *n*log(2) + r + *low with |r| <= log(2)/2.  LN2_HIGH ends in 32 zero
 * bits, so its multiples are exact (Cody & Waite).
 */
CORE V FN(reduce_exp)(V x, V *n, V *low)
{
    *n = FN(fma)(x, FN(splat)(LOG2_E), FN(splat)(ROUNDER)) - ROUNDER;
    V high = FN(fma)(*n, FN(splat)(-LN2_HIGH), x);
    V r = FN(fma)(*n, FN(splat)(-LN2_LOW), high);
    *low = FN(fma)(*n, FN(splat)(-LN2_LOW), high - r);
    return r;
}

/*
 * exp(x) = 2^floor(*n)*(the result + *low) to 2^-56: *n is x/log(2) rounded to
 * sixteenths, whose low 4 bits choose the power of 2 that is the result, and
 * what is left of x is at most log(2)/32.
 */
CORE V FN(exp_split)(V x, V *n, V *low)
{
    static const double c[5] = {0x1.0000000000002p-1, 0x1.55555554901b5p-3,
                                0x1.55555554d1f14p-5, 0x1.11123a3ff8bb6p-7,
                                0x1.6c17ed202352ap-10};
    V t = FN(fma)(x, FN(splat)(LOG2_E), FN(splat)(STEPPER));
    *n = t - STEPPER;
    V r = FN(fma)(*n, FN(splat)(-LN2_HIGH), x);
    r = FN(fma)(*n, FN(splat)(-LN2_LOW), r);
    V r2 = r * r, power = FN(pick)(step_power, FN(bits)(t));
    V y = FN(fma)(r2, FN(splat)(c[4]),
                  FN(fma)(r, FN(splat)(c[3]), FN(splat)(c[2])));
    y = FN(fma)(r2, y, FN(fma)(r, FN(splat)(c[1]), FN(splat)(c[0])));
    *low = FN(fma)(power, FN(fma)(r2, y, r),
                   FN(pick)(step_power_low, FN(bits)(t)));
    return power;
}

CORE V FN(exp)(V x)
{
    V n, low;
    x = FN(least)(FN(splat)(710), x);
    V y = FN(exp_split)(FN(most)(FN(splat)(-746), x), &n, &low);
    return FN(scale_down)(y + low, n);
}

/* exp(-|x|) in two parts: less than half an ulp is lost. */
CORE V FN(exp_down)(V x, V *low)
{
    V n, rest;
    V z = FN(most)(FN(splat)(-746), FN(minus_magnitude)(x));
    V power = FN(exp_split)(z, &n, &rest), y = power + rest;
    *low = FN(scale_down)((power - y) + rest, n);
    return FN(scale_down)(y, n);
}

/* (exp(r) - 1 - r - r^2/2)/r^3 for |r| <= log(2)/2; error 2^-63 of exp(r). */
CORE V FN(exp_cube)(V r)
{
    static const double c[10] = {0x1.555555555555ap-3,  0x1.5555555555531p-5,
                                 0x1.111111110efc2p-7,  0x1.6c16c16c26ff1p-10,
                                 0x1.a01a01b269531p-13, 0x1.a01a0152777cfp-16,
                                 0x1.71ddf26fb5bdap-19, 0x1.27e58cfdcab47p-22,
                                 0x1.af68619134448p-26, 0x1.1e66fe405a8b7p-29};
    return FN(fma)(r, FN(polynomial)(r, r * r, c + 1), FN(splat)(c[0]));
}

/* (exp(x) - 1)/2 in two parts, for -40 <= x <= 710. */
CORE V FN(half_expm1)(V x, V *low)
{
    V n, rest, lost;
    V r = FN(reduce_exp)(x, &n, &rest);
    V s = FN(scale)(FN(splat)(0.5), n), less = s - 0.5;
    V sum = FN(two_sum)(less, s * r, &lost);
    lost += (s - less) - 0.5;
    V tail = FN(fma)(r * r, r * FN(exp_cube)(r), 0.5 * r * r);
    *low = FN(fma)(s, tail + rest, lost);
    return sum;
}

CORE V FN(expm1)(V x)
{
    V low;
    V z = FN(most)(FN(splat)(-40), FN(least)(FN(splat)(710), x));
    V y = FN(half_expm1)(z, &low);
    y = (y + low) * 2;
    return FN(less)(FN(magnitude)(x), FN(splat)(0x1p-54), x, y);
}

/* log(1 + r) - r + r^2/2 = r^3*Q(r) for |r| <= 1/16; error 2^-57. */
CORE V FN(log_tail)(V r)
{
    static const double c[9] = {
        0x1.555555555557bp-2,  -0x1.ffffffffed6dap-3, 0x1.9999999955a41p-3,
        -0x1.555555ec0b5eep-3, 0x1.24924a5223a84p-3,  -0x1.fffcd5673a4d2p-4,
        0x1.c717f52035202p-4,  -0x1.9d11eed5c31f0p-4, 0x1.78394f2adbda7p-4};
    return FN(fma)(r, FN(polynomial)(r, r * r, c), FN(splat)(-0.5));
}

/*
 * log(u + lost) + shift*log(2) for a normal u > 0 and |lost| below an ulp of
 * it.  u = 2^n*z with z from 11/16 to 11/8; of z the first 4 bits choose a c
 * near 1/z (1 for the three intervals about z = 1) and r = z*c - 1.  The c are
 * such that -log(c) is a multiple of 2^-43 to 2^-64 (Gal, ACM TOMS 17, 1991),
 * so that its sum with n*log(2) is exact.  Tables of 16 are one instruction
 * where vectors have 8 lanes.
 */
CORE V FN(log_of)(V u, const V *lost, const V *shift)
{
    I place = FN(bits)(u) + (ONE_BITS - LOG_FROM), e = place >> 52;
    V z = FN(real)((place & MANTISSA_BITS) + LOG_FROM);
    V n = FN(real)(e + (ROUNDER_BITS - 1023)) - ROUNDER;
    V c = FN(pick)(log_c, place >> 48), high = FN(pick)(log_high, place >> 48);
    V r = -FN(residue)(z, c, FN(splat)(1));
    if (lost) {
        V part = FN(power)(FN(most)(FN(splat)(-1023), -n));
        r = FN(fma)(*lost * part, c, r);
    }
    if (shift)
        n += *shift;
    high = FN(fma)(n, FN(splat)(LN2_HIGH), high);
    V sum = high + r;
    V low = FN(fma)(n, FN(splat)(LN2_LOW), (high - sum) + r);
    return sum + FN(fma)(r * r, FN(log_tail)(r), low);
}

/*
 * log(u)*(part[0] + part[1]) for a normal u > 0: the steps of log_of, whose
 * last sum stays in two parts.
 */
CORE V FN(log_times)(V u, V shift, const double part[2])
{
    I place = FN(bits)(u) + (ONE_BITS - LOG_FROM), e = place >> 52;
    V z = FN(real)((place & MANTISSA_BITS) + LOG_FROM), lost;
    V n = FN(real)(e + (ROUNDER_BITS - 1023)) - ROUNDER + shift;
    V c = FN(pick)(log_c, place >> 48), high = FN(pick)(log_high, place >> 48);
    V r = -FN(residue)(z, c, FN(splat)(1));
    high = FN(fma)(n, FN(splat)(LN2_HIGH), high);
    V sum = high + r;
    V low = FN(fma)(n, FN(splat)(LN2_LOW), (high - sum) + r);
    low = FN(fma)(r * r, FN(log_tail)(r), low);
    sum = FN(fast_sum)(sum, low, &low);
    V y = FN(product)(sum, FN(splat)(part[0]), &lost);
    return y + FN(fma)(sum, FN(splat)(part[1]),
                       FN(fma)(low, FN(splat)(part[0]), lost));
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
    if (__builtin_expect(FN(all_normal)(x), 1))
        return FN(log_of)(x, NULL, NULL);
    V small = FN(splat)(0x1p-1022);
    V shift = FN(less)(x, small, FN(splat)(-54), FN(splat)(0));
    V big = FN(less)(x, small, x * 0x1p54, x);
    return FN(log_edges)(x, FN(log_of)(big, NULL, &shift));
}

/* log(x) in another base; part is 1/log(base) in two parts. */
CORE V FN(log_to_base)(V x, const double part[2])
{
    V small = FN(splat)(0x1p-1022), zero = FN(splat)(0);
    V shift = FN(less)(x, small, FN(splat)(-54), zero);
    V y = FN(log_times)(FN(less)(x, small, x * 0x1p54, x), shift, part);
    return FN(all_normal)(x) ? y : FN(log_edges)(x, y);
}

CORE V FN(log2)(V x)
{
    static const double part[2] = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
    return FN(log_to_base)(x, part);
}

CORE V FN(log10)(V x)
{
    static const double part[2] = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
    return FN(log_to_base)(x, part);
}

/* log(u) for u = 1 + x rounded, put right by what was lost; -0 for -0. */
CORE V FN(log1p)(V x)
{
    V lost, u = FN(two_sum)(FN(splat)(1), x, &lost);
    V y = FN(log_of)(u, &lost, NULL);
    if (__builtin_expect(!FN(all_normal)(u), 0))
        y = FN(log_edges)(u, y);
    return FN(real)(FN(bits)(y) | (FN(bits)(x) & ~MAGNITUDE_BITS));
}

/*
 * n/d for d = 1 + e + low, 0 <= e <= 1, and n in two parts; the quotient takes
 * one division and is put right by what it leaves over.
 */
CORE V FN(over_one_plus)(V n, V n_low, V e, V low)
{
    V d = 1 + e, y = 1 / d, q = n * y;
    low += (1 - d) + e;
    V left = FN(residue)(q, d, n);
    return FN(fma)((left + n_low) - q * low, y, q);
}

/* 1/(1 + e) or e/(1 + e) for e = exp(-|x|) */
CORE V FN(sigmoid_far)(V x)
{
    V low, zero = FN(splat)(0), e = FN(exp_down)(x, &low);
    V n = FN(less)(x, zero, e, FN(splat)(1));
    return FN(over_one_plus)(n, FN(less)(x, zero, low, zero), e, low);
}

/*
 * 1/(1 + e) for e = exp(-x), |x| < SIGMOID_NEAR: without a division, which
 * takes longer than all the rest.  e = p*(1 + w) with p = 2^m*(a number of 11
 * bits), so that b = 1 + p is exact; short_low has what the 11 bits differ from
 * 2^(k/16), as a part of the exponent.  RECIPROCAL_BITS - bits(d) are those of
 * y near 1/d, to 1/16; y*d = v and (c - v)^2 + k is near 1/v to 2^-14.9 (the
 * minimax one, for which the bits were chosen too); what is left over then,
 * q*d - 1, needs 3 terms of its series.
 */
CORE V FN(sigmoid_near)(V x)
{
    static const double c[5] = {0x1.0000000000006p-1, 0x1.555555547d039p-3,
                                0x1.5555555447c0ap-5, 0x1.1112484d95c50p-7,
                                0x1.6c1870979a3f0p-10};
    V t = FN(fma)(x, FN(splat)(-LOG2_E), FN(splat)(STEPPER)), n = t - STEPPER;
    V r = FN(fma)(n, FN(splat)(LN2_HIGH), x);
    r = FN(fma)(n, FN(splat)(LN2_LOW), r);
    r = FN(pick)(short_low, FN(bits)(t)) - r;
    V p = FN(real)(FN(bits)(FN(pick)(short_power, FN(bits)(t))) +
                   (FN(bits)(t) << 48));
    V r2 = r * r, w = FN(fma)(r, FN(splat)(c[3]), FN(splat)(c[2]));
    w = FN(fma)(r2, FN(splat)(c[4]), w);
    w = FN(fma)(r2, w, FN(fma)(r, FN(splat)(c[1]), FN(splat)(c[0])));
    V b = 1 + p, low = p * FN(fma)(r2, w, r), d = b + low;
    V q = FN(real)(RECIPROCAL_BITS - FN(bits)(d));
    V e = FN(fma)(-q, d, FN(splat)(0x1.803efe28e4a98p+0));
    q *= FN(fma)(e, e, FN(splat)(0x1.7f820e015c59cp-1));
    V left = FN(fma)(-q, low, FN(residue)(q, b, FN(splat)(1)));
    return FN(fma)(q, FN(fma)(left, FN(fma)(left, left, left), left), q);
}

CORE V FN(sigmoid)(V x)
{
    V y = FN(sigmoid_near)(x), a = FN(magnitude)(x);
    if (__builtin_expect(FN(all_below)(a, SIGMOID_NEAR), 1))
        return y;
    return FN(less)(a, FN(splat)(SIGMOID_NEAR), y, FN(sigmoid_far)(x));
}

CORE V FN(dsigmoid)(V x)
{
    V e = FN(exp)(FN(minus_magnitude)(x)), d = 1 + e;
    return e / (d * d);
}

/*
 * max(0, x) + log(1 + e) for e = exp(-|x|): log as in log_of, without an
 * exponent; c is near 1/(1 + k/15) for k = 15*e rounded.  The c are above 1/2,
 * so 1 - c is exact.  The logarithms of c are multiples of 2^-44 and 0 for x >
 * 4, so that their sum with x loses just what fast_sum says although x may be
 * the larger.  |r| < 1/30: the polynomial of log_tail has error 2^-61.
 */
CORE V FN(softplus)(V x)
{
    static const double near[16] = {1.0,
                                    0x1.e014e2a90df7bp-1,
                                    0x1.c3d8e8b6b676ep-1,
                                    0x1.aac00a8c2f0e2p-1,
                                    0x1.944b79ab5cb0fp-1,
                                    0x1.8015c416349d9p-1,
                                    0x1.6dccca7b5a8a7p-1,
                                    0x1.5d2d5bedd7156p-1,
                                    0x1.4dfff7007d5edp-1,
                                    0x1.40165a7d8509dp-1,
                                    0x1.3349abc8945c1p-1,
                                    0x1.27790a86bcd3ap-1,
                                    0x1.1c887537bd328p-1,
                                    0x1.125fea94c3a3cp-1,
                                    0x1.08eab8f5ba765p-1,
                                    0x1.0016f10d708c8p-1};
    static const double log_near[16] = {0.0,
                                        0x1.07a7566493000p-4,
                                        0x1.ffeb606f45000p-4,
                                        0x1.74fe6aa8d0000p-3,
                                        0x1.e3b2783e4d000p-3,
                                        0x1.265c17d27a400p-2,
                                        0x1.584ec54268000p-2,
                                        0x1.87ee57a07e000p-2,
                                        0x1.b56fbbdaa5400p-2,
                                        0x1.e1011c29db000p-2,
                                        0x1.05657d6306a00p-1,
                                        0x1.19788a97a1000p-1,
                                        0x1.2cc98e5032200p-1,
                                        0x1.3f66a666a5800p-1,
                                        0x1.515c7424ccc00p-1,
                                        0x1.62b64fe2f4600p-1};
    static const double t[8] = {0x1.55555555554a9p-2, -0x1.ffffffffffc96p-3,
                                0x1.9999999c7d9f6p-3, -0x1.5555555a5f1cfp-3,
                                0x1.24922a58da012p-3, -0x1.ffffadf2c5ad7p-4,
                                0x1.c81e9ad95a60dp-4, -0x1.9ab1408a42d6bp-4};
    V low, lost, e = FN(exp_down)(x, &low);
    I k = FN(bits)(FN(fma)(e, FN(splat)(15), FN(splat)(ROUNDER)));
    V c = FN(pick)(near, k);
    V r = -FN(residue)(e, c, 1 - c);
    V top = FN(most)(FN(splat)(0), x);
    V high = FN(fast_sum)(FN(pick)(log_near, k), top, &lost);
    V sum = high + r, r2 = r * r;
    V even = FN(fma)(r2, FN(splat)(t[6]), FN(splat)(t[4]));
    V odd = FN(fma)(r2, FN(splat)(t[7]), FN(splat)(t[5]));
    even = FN(fma)(r2, even, FN(splat)(t[2]));
    odd = FN(fma)(r2, odd, FN(splat)(t[3]));
    even = FN(fma)(r2, even, FN(splat)(t[0]));
    odd = FN(fma)(r2, odd, FN(splat)(t[1]));
    V tail = FN(fma)(r, FN(fma)(r, odd, even), FN(splat)(-0.5));
    low = FN(fma)(low, c, ((high - sum) + r) + lost);
    V y = sum + FN(fma)(r2, tail, low);
    return FN(less)(FN(splat)(40), x, x, y);
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
    V low, lost, a = FN(magnitude)(x);
    a = FN(least)(FN(splat)(20), a);
    V sum = FN(half_expm1)(2 * a, &low);
    V h = sum + low;
    low = (sum - h) + low;
    V d = FN(two_sum)(h, FN(splat)(1), &lost);
    V y = 1 / d, q = h * y;
    V left = FN(residue)(q, d, h) + (low - q * (low + lost));
    q = FN(fma)(left, y, q);
    q = FN(less)(a, FN(splat)(0x1p-28), a, q);
    return FN(with_sign)(q, x);
}

/* exp(x)/2 in two parts, for 0 <= x; infinity where the half is. */
CORE V FN(half_exp)(V x, V *low)
{
    V n, rest;
    V power = FN(exp_split)(FN(least)(FN(splat)(720), x), &n, &rest);
    V y = power + rest;
    *low = FN(scale_down)((power - y) + rest, n - 1);
    return FN(scale_down)(y, n - 1);
}

/* h + h/(2h + 1) for h = (exp(|x|) - 1)/2; exp(|x|)/2 from 40 on. */
CORE V FN(sinh)(V x)
{
    V low, lost, a = FN(magnitude)(x), far = FN(splat)(40);
    V sum = FN(half_expm1)(FN(least)(far, a), &low), h = sum + low;
    low = (sum - h) + low;
    V d = FN(two_sum)(2 * h, FN(splat)(1), &lost), y = 1 / d, q = h * y;
    V left =
        FN(residue)(q, d, h) + (low - q * FN(fma)(low, FN(splat)(2), lost));
    sum = FN(fast_sum)(h, q, &lost);
    sum += FN(fma)(left, y, lost + low);
    sum = FN(less)(far, a, FN(half_exp)(a, &low), sum);
    sum = FN(less)(a, FN(splat)(0x1p-28), a, sum);
    sum = FN(equal)(x, x, sum, x);
    return FN(with_sign)(sum, x);
}

/* h + 1/(4h) for h = exp(|x|)/2 */
CORE V FN(cosh)(V x)
{
    V low, h = FN(half_exp)(FN(magnitude)(x), &low), q = 0.25 / h;
    q = FN(fma)(q * q * -4, low, q);
    return FN(less)(h, FN(splat)(0x1p60), h + (q + low), FN(equal)(x, x, h, x));
}

/*
 * erfc(a) = exp(-a^2)*g(a) for 0 <= a: g is a polynomial in the distance from
 * the middle of its interval; the square, the exponential and g have two parts.
 */
CORE V FN(erfc_right)(V a)
{
    V n, low, square_low, lost, fine;
    a = FN(least)(FN(splat)(28), a);
    I k = FN(bits)(a + 2) >> 50;
    V t = a - FN(pick)(erfc_part[0], k), t2 = t * t;
    V even = FN(pick)(erfc_part[16], k), odd = FN(pick)(erfc_part[15], k);
    even = FN(fma)(even, t2, FN(pick)(erfc_part[14], k));
    for (int j = 12; j > 3; j -= 2) {
        even = FN(fma)(even, t2, FN(pick)(erfc_part[j], k));
        odd = FN(fma)(odd, t2, FN(pick)(erfc_part[j + 1], k));
    }
    V rest = FN(fma)(FN(fma)(odd, t, even), t2, FN(pick)(erfc_part[2], k));
    V top = FN(product)(t, FN(pick)(erfc_part[3], k), &fine);
    top = FN(fast_sum)(FN(pick)(erfc_part[1], k), top, &lost);
    rest += fine + lost;
    V square = FN(product)(a, a, &square_low);
    V power = FN(exp_split)(-square, &n, &low), e = power + low;
    low = FN(fma)(-e, square_low, (power - e) + low);
    V y = FN(product)(e, top, &lost);
    low = FN(fma)(low, top + rest, FN(fma)(e, rest, lost));
    return FN(scale_down)(y + low, n);
}

/* erf(a) in two parts for 0 <= a <= 1/2: a*(2/sqrt(pi) + z*p(z)), z = a^2;
 * error 2^-57. */
CORE V FN(erf_near)(V a, V *low)
{
    static const double c[8] = {-0x1.812746b0379c5p-2,  0x1.ce2f21a03e71ap-4,
                                -0x1.b82ce30f8c728p-6,  0x1.565bcc0d95394p-8,
                                -0x1.c02d5468324cdp-11, 0x1.f98e611d66f08p-14,
                                -0x1.f2316df45e8e6p-17, 0x1.8baad46feb9d1p-20};
    static const double first[2] = {0x1.20dd750429b6dp+0,
                                    0x1.1ae3a914fed80p-56};
    V lost, z, z2;
    a = FN(least)(FN(splat)(1), a);
    z = a * a;
    z2 = z * z;
    V tail = FN(fma)(z2 * z2, FN(cubic)(z, z2, c + 4), FN(cubic)(z, z2, c));
    V y = FN(product)(a, FN(splat)(first[0]), &lost);
    *low = FN(fma)(a, FN(fma)(z, tail, FN(splat)(first[1])), lost);
    return y;
}

CORE V FN(erf)(V x)
{
    V low, a = FN(magnitude)(x), y = FN(erf_near)(a, &low);
    y = FN(less)(FN(splat)(0.5), a, 1 - FN(erfc_right)(a), y + low);
    return FN(with_sign)(FN(equal)(x, x, y, x), x);
}

CORE V FN(erfc)(V x)
{
    V low, lost, a = FN(magnitude)(x), zero = FN(splat)(0);
    V far = FN(erfc_right)(a), near = FN(erf_near)(a, &low);
    far = FN(less)(x, zero, 2 - far, far);
    near = FN(less)(x, zero, near, -near);
    low = FN(less)(x, zero, low, -low);
    near = FN(fast_sum)(FN(splat)(1), near, &lost);
    return FN(less)(a, FN(splat)(0.5), near + (lost + low), far);
}

/* (asin(x) - x)/x^3 for z = x^2 <= 1/4; error 2^-55 of asin. */
CORE V FN(asin_tail)(V z)
{
    static const double c[12] = {
        0x1.5555555555388p-3, 0x1.333333336f741p-4,  0x1.6db6db41e2578p-5,
        0x1.f1c72c6851704p-6, 0x1.6e89eff7dfa87p-6,  0x1.1c6c1fff9dc26p-6,
        0x1.c6f91c4fc5d15p-7, 0x1.8ee074b0562eap-7,  0x1.aad8f5a2ebd08p-8,
        0x1.4097bd3e9dc0ap-6, -0x1.0acae42a85b6ap-6, 0x1.05bfae5df2182p-5};
    V z2 = z * z, z4 = z2 * z2;
    V y = FN(fma)(z4, FN(cubic)(z, z2, c + 8), FN(cubic)(z, z2, c + 4));
    return FN(fma)(z4, y, FN(cubic)(z, z2, c));
}

/*
 * asin(s) = *s + the result where *s is |x| up to 1/2, else the square root of
 * (1 - |x|)/2, the sine of half of the angle to 1.
 */
CORE V FN(asin_parts)(V x, V *s)
{
    V half = FN(splat)(0.5), a = FN(magnitude)(x);
    V z = FN(less)(half, a, FN(fma)(a, FN(splat)(-0.5), half), a * a);
    V root = FN(root)(z), zero = FN(splat)(0);
    V lost = FN(residue)(root, root, z) / (2 * root);
    lost = FN(less)(zero, z, lost, zero);
    *s = FN(less)(half, a, root, a);
    V low = FN(less)(half, a, lost, zero);
    return FN(fma)(*s * z, FN(asin_tail)(z), low);
}

CORE V FN(asin)(V x)
{
    V s, low = FN(asin_parts)(x, &s), a = FN(magnitude)(x), lost;
    V right = FN(fast_sum)(FN(splat)(HALF_PI), -2 * s, &lost);
    V y = right + (FN(fma)(low, FN(splat)(-2), lost) + HALF_PI_LOW);
    y = FN(less)(FN(splat)(0.5), a, y, s + low);
    return FN(with_sign)(FN(equal)(y, y, y, FN(splat)(NAN)), x);
}

/* pi/2 - asin(x); from the ends, 0 or pi, where |x| > 1/2. */
CORE V FN(acos)(V x)
{
    V s, lost, zero = FN(splat)(0), half = FN(splat)(0.5);
    V low = FN(asin_parts)(x, &s), a = FN(magnitude)(x);
    V far = FN(less)(half, a, FN(splat)(2), FN(splat)(1));
    V from =
        FN(less)(half, a, FN(less)(x, zero, FN(splat)(2), zero), FN(splat)(1));
    V way = FN(less)(x, zero, far, -far);
    way = FN(less)(half, a, -way, way);
    V sum = FN(fast_sum)(from * HALF_PI, way * s, &lost);
    return sum + FN(fma)(way, low, FN(fma)(from, FN(splat)(HALF_PI_LOW), lost));
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

/*
 * sin and cos of r + low, |r| <= pi/4, errors 2^-58 and 2^-64; what the sum
 * loses goes to *rest.
 */
CORE V FN(sin_series)(V r, V low, V *rest)
{
    static const double c[6] = {-0x1.5555555555549p-3,  0x1.111111110f87bp-7,
                                -0x1.a01a019c119d2p-13, 0x1.71de3577b7999p-19,
                                -0x1.ae5e663a7de6bp-26, 0x1.5d9300d9b819dp-33};
    V z = r * r, z2 = z * z;
    V y = FN(fma)(z, FN(splat)(c[5]), FN(splat)(c[4]));
    y = FN(fma)(z2 * z2, y, FN(cubic)(z, z2, c));
    V slope = FN(fma)(z, FN(splat)(-0.5), FN(splat)(1));
    V tail = FN(fma)(r * z, y, low * slope), sum = r + tail;
    *rest = (r - sum) + tail;
    return sum;
}

CORE V FN(cos_series)(V r, V low, V *rest)
{
    static const double c[6] = {0x1.555555555554bp-5,  -0x1.6c16c16c14f8bp-10,
                                0x1.a01a019c839e8p-16, -0x1.27e4f7ea3fd83p-22,
                                0x1.1ee9d75752e0bp-29, -0x1.8fa46803f06cfp-37};
    V z = r * r, z2 = z * z, half = 0.5 * z, w = 1 - half;
    V y = FN(fma)(z, FN(splat)(c[5]), FN(splat)(c[4]));
    y = FN(fma)(z2 * z2, y, FN(cubic)(z, z2, c));
    V tail = ((1 - w) - half) + FN(fma)(z2, y, -(r * low)), sum = w + tail;
    *rest = (w - sum) + tail;
    return sum;
}

/* sin(x + turn*pi/2) */
CORE V FN(sin_turned)(V x, int turn)
{
    I n;
    V rest, low, r = FN(reduce_trig)(x, &n, &low);
    n += (uint64_t)turn;
    V y = FN(odd)(n, FN(cos_series)(r, low, &rest),
                  FN(sin_series)(r, low, &rest));
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

/* sin/cos or, after a quarter turn, -cos/sin; corrected by what is left. */
CORE V FN(tan)(V x)
{
    I k;
    V s_low, c_low, low, r = FN(reduce_trig)(x, &k, &low);
    V s = FN(sin_series)(r, low, &s_low), c = FN(cos_series)(r, low, &c_low);
    V n = FN(odd)(k, -c, s), n_low = FN(odd)(k, -c_low, s_low);
    V d = FN(odd)(k, s, c), d_low = FN(odd)(k, s_low, c_low);
    V y = 1 / d, q = n * y;
    V left = FN(residue)(q, d, n) + (n_low - q * d_low);
    q = FN(fma)(left, y, q);
    return FN(less)(FN(magnitude)(x), FN(splat)(0x1p-27), x, q);
}

/*
 * The turn by the angle of (cosine, sine) brings |x| to r = tan of at most
 * 1/8 in size; high + low is that angle.  There are two angles for every
 * binade from 1/16 to 8, and 0 and pi/2 on both sides.  The polynomial has
 * error 2^-58.
 */
CORE V FN(atan)(V x)
{
    static const double cosine[16] = {1.0,
                                      0x1.fe72039b1aa65p-1,
                                      0x1.fcf756146908ap-1,
                                      0x1.f9dfa6c0b8942p-1,
                                      0x1.f431ae7a0cd79p-1,
                                      0x1.e8d907b9c2b73p-1,
                                      0x1.d551996b086e9p-1,
                                      0x1.b38880b4603e4p-1,
                                      0x1.82cadc5cae4adp-1,
                                      0x1.449a319f348a5p-1,
                                      0x1.00fc8d4a40240p-1,
                                      0x1.87de2a6aea963p-2,
                                      0x1.1e4c39d506768p-2,
                                      0x1.a108806227c58p-3,
                                      0x1.276ae68f04cb1p-3,
                                      0.0};
    static const double sine[16] = {0.0,
                                    0x1.3ef371fd4e49dp-4,
                                    0x1.bd3cebb4be975p-4,
                                    0x1.3bdeb1e21e5abp-3,
                                    0x1.b54324b5769bcp-3,
                                    0x1.307232386ae43p-2,
                                    0x1.994faa72d17c7p-2,
                                    0x1.0d2ca0da1530dp-1,
                                    0x1.4f769a46d9171p-1,
                                    0x1.8bf3804b546dcp-1,
                                    0x1.bad57ee7d96fcp-1,
                                    0x1.d906bcf328d46p-1,
                                    0x1.eb94df024af87p-1,
                                    0x1.f545c841e6369p-1,
                                    0x1.faa536cc741dbp-1,
                                    1.0};
    static const double high[16] = {0.0,
                                    0x1.3f46300ccb802p-4,
                                    0x1.be1e96057903fp-4,
                                    0x1.3d22c4c92395cp-3,
                                    0x1.b8a78a27d6defp-3,
                                    0x1.351ea1f3d8fafp-2,
                                    0x1.a514023a34d20p-2,
                                    0x1.1b6e192ebbe45p-1,
                                    0x1.6dcc57bb565fdp-1,
                                    0x1.c4a83936311d9p-1,
                                    0x1.0b833be165cc9p+0,
                                    0x1.2d97c7f3321d2p+0,
                                    0x1.49952004c912ep+0,
                                    0x1.5da0a7c6d9b5dp+0,
                                    0x1.6d114072b01efp+0,
                                    0x1.921fb54442d18p+0};
    static const double low[16] = {0.0,
                                   -0x1.d3b911eedc56ep-59,
                                   -0x1.e4d8f17df12b5p-58,
                                   -0x1.4b10a68e958e7p-58,
                                   0x1.478d36058beaep-58,
                                   0x1.a333cd99d04c5p-56,
                                   -0x1.704b9d929c7f6p-58,
                                   -0x1.b1f6346d28eefp-55,
                                   -0x1.d23006911498ap-56,
                                   0x1.378d2963672f6p-56,
                                   0x1.5d36cf8ed75b8p-55,
                                   0x1.13a685a9ce6aep-55,
                                   0x1.998ec084ecfd0p-54,
                                   -0x1.b6b91ca4623b1p-54,
                                   0x1.4382d9e4d599cp-57,
                                   0x1.1a62633145c07p-54};
    static const double t[6] = {-0x1.55555555554c3p-2, 0x1.9999999941367p-3,
                                -0x1.24924896c1081p-3, 0x1.c71ba05fd6d83p-4,
                                -0x1.740ec8ab3dd33p-4, 0x1.2c9a284b65470p-4};
    V a = FN(least)(FN(splat)(1e300), FN(magnitude)(x));
    V place = FN(most)(FN(splat)(0x1.8p-5), FN(least)(FN(splat)(8), a));
    I k = (FN(bits)(place) >> 51) - (HALF_BINADES - 9);
    V c = FN(pick)(cosine, k), s = FN(pick)(sine, k);
    V r = -FN(residue)(a, c, s) / FN(fma)(a, s, c), z = r * r, z2 = z * z;
    V tail = FN(fma)(z, FN(splat)(t[5]), FN(splat)(t[4]));
    tail = FN(fma)(z2 * z2, tail, FN(cubic)(z, z2, t));
    tail = FN(fma)(r * z, tail, FN(pick)(low, k));
    V angle = FN(pick)(high, k), sum = angle + r;
    return FN(with_sign)(sum + (((angle - sum) + r) + tail), x);
}

/*
 * log(u) in two parts for a normal u > 0, to 2^-68: as log_of, with a second
 * table for c near 1/(1 + k/112), after which |r| < 1/200.
 */
CORE V FN(long_log)(V u, V *low)
{
    static const double c2[16] = {1.0,
                                  0x1.fb78121fb7812p-1,
                                  0x1.f7047dc11f704p-1,
                                  0x1.f2a4bafdc61f3p-1,
                                  0x1.ee58469ee5847p-1,
                                  0x1.ea1ea1ea1ea1fp-1,
                                  0x1.e5f75270d0457p-1,
                                  0x1.e1e1e1e1e1e1ep-1,
                                  1.0,
                                  0x1.1111111111111p+0,
                                  0x1.0e7d95bc609a9p+0,
                                  0x1.0bf66e0e5aea7p+0,
                                  0x1.097b425ed097bp+0,
                                  0x1.070bbe3d1070cp+0,
                                  0x1.04a7904a7904ap+0,
                                  0x1.024e6a171024ep+0};
    static const double high2[16] = {0.0,
                                     0x1.2345e53a00000p-7,
                                     0x1.21fd6832e0000p-6,
                                     0x1.b1151da898000p-6,
                                     0x1.1f77d4ded0000p-5,
                                     0x1.65c93f2ca0000p-5,
                                     0x1.ab8174e5e8000p-5,
                                     0x1.f0a30c0118000p-5,
                                     0.0,
                                     -0x1.08598b59e4000p-4,
                                     -0x1.c30cb8ca70000p-5,
                                     -0x1.7621025360000p-5,
                                     -0x1.29ec7a4b18000p-5,
                                     -0x1.bcd78085e8000p-6,
                                     -0x1.273716f6d8000p-6,
                                     -0x1.25e2a821e0000p-7};
    static const double low2[16] = {0.0,
                                    -0x1.8d9b0e231ed12p-45,
                                    0x1.2cb62f965f161p-47,
                                    0x1.bb1dd7671e0f7p-45,
                                    -0x1.282c9122890c6p-49,
                                    0x1.0276b614a048cp-45,
                                    0x1.49306a31ded54p-45,
                                    -0x1.d579e83368e91p-45,
                                    0.0,
                                    0x1.7e9dd7009902cp-46,
                                    0x1.7520ee3497c5ep-48,
                                    -0x1.8f067031243e4p-45,
                                    0x1.b2f8ac3e15400p-45,
                                    -0x1.ce00436857435p-48,
                                    0x1.1a5959b56b595p-45,
                                    0x1.3ec17311879acp-46};
    static const double t[6] = {0x1.5555555555559p-2, -0x1.0000000000008p-2,
                                0x1.9999999787010p-3, -0x1.55555552731edp-3,
                                0x1.2494c1c069a07p-3, -0x1.0002af924728dp-3};
    I place = FN(bits)(u) + (ONE_BITS - LOG_FROM), e = place >> 52;
    V z = FN(real)((place & MANTISSA_BITS) + LOG_FROM);
    V n = FN(real)(e + (ROUNDER_BITS - 1023)) - ROUNDER;
    V r_low, lost, lost2, square_low;
    V c = FN(pick)(log_c, place >> 48);
    V r = FN(product)(z, c, &r_low) - 1;
    I k = FN(bits)(FN(fma)(r, FN(splat)(112), FN(splat)(ROUNDER)));
    V d = FN(pick)(c2, k);
    V p = FN(product)(r, d, &lost);
    r_low = FN(fma)(r_low, d, lost);
    r = p + (d - 1);
    V high = FN(pick)(log_high, place >> 48) + FN(pick)(high2, k);
    V rest = FN(pick)(log_low, place >> 48) + FN(pick)(low2, k);
    high = FN(fma)(n, FN(splat)(LN2_HIGH), high);
    rest = FN(fma)(n, FN(splat)(LN2_LOW), rest);
    V square = FN(product)(r, r, &square_low), s2 = square * square;
    V tail = FN(fma)(r, FN(splat)(t[5]), FN(splat)(t[4]));
    tail = FN(fma)(s2, tail, FN(cubic)(r, square, t));
    tail = FN(fma)(r * square, tail, FN(fma)(-r, r_low, r_low));
    V sum = FN(fast_sum)(high, r, &lost);
    sum = FN(fast_sum)(sum, -0.5 * square, &lost2);
    rest += (lost + lost2) + FN(fma)(square_low, FN(splat)(-0.5), tail);
    return FN(fast_sum)(sum, rest, low);
}

/*
 * a^b; *good is 0 where this is not its place: zero, infinity, NaN and
 * subnormals, results near the ends of the range, negative numbers to powers
 * that are not whole; and for b = 2, as a square is rounded once.
 */
CORE V FN(pow)(V a, V b, V *good)
{
    V zero = FN(splat)(0), one = FN(splat)(1);
    V size = FN(magnitude)(a), fine, low, n, lost, lost2;
    V log = FN(long_log)(size, &fine);
    V x = FN(product)(b, log, &low);
    low = FN(fma)(b, fine, low);
    V r = FN(reduce_exp)(x, &n, &lost);
    r = FN(fast_sum)(r, lost + low, &lost);
    V square = FN(product)(r, r, &low), lost3;
    low = FN(fma)(low, FN(splat)(0.5), FN(fma)(lost, r, lost));
    V t = FN(fast_sum)(r, 0.5 * square, &lost);
    V rest = FN(fma)(r * square, FN(exp_cube)(r), low + lost);
    t = FN(fast_sum)(t, rest, &lost2);
    V y = FN(fast_sum)(one, t, &lost3);
    y = FN(scale)(y + (lost2 + lost3), n);
    V whole = b + ROUNDER;
    V ok = FN(less)(FN(magnitude)(b), FN(splat)(0x1p51), one, zero);
    ok = FN(equal)(whole - ROUNDER, b, ok, zero);
    ok = FN(less)(zero, a, one, ok);
    ok = FN(less)(FN(magnitude)(x), FN(splat)(700), ok, zero);
    ok = FN(less)(size, FN(splat)(0x1p-1022), zero, ok);
    ok = FN(equal)(b, FN(splat)(2), zero, ok);
    *good = FN(less)(size, FN(splat)(INFINITY), ok, zero);
    V turned = FN(odd)(FN(bits)(whole), -y, y);
    return FN(less)(a, zero, turned, y);
}

#undef V
#undef I

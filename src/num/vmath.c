#include "num/vmath.h"

#include <math.h>

#include "num/wide.h"

/* The libm functions that are right as they stand. */
#define FROM_LIBM(name, libm)                                                  \
    double num_##name(double x)                                                \
    {                                                                          \
        return libm(x);                                                        \
    }

FROM_LIBM(cbrt, cbrt)
FROM_LIBM(asinh, asinh)
FROM_LIBM(acosh, acosh)
FROM_LIBM(atanh, atanh)
FROM_LIBM(gamma, tgamma)
FROM_LIBM(lgamma, lgamma)

/* Functions of few instructions, whose loops become vectors. */
#define SHORT(name, value)                                                     \
    double num_##name(double x)                                                \
    {                                                                          \
        return value;                                                          \
    }                                                                          \
    WIDE_LOOP void vmath_##name(double *y, const double *from, size_t n)       \
    {                                                                          \
        for (size_t i = 0; i < n; i++) {                                       \
            double x = from[i];                                                \
            y[i] = value;                                                      \
        }                                                                      \
    }

#define SHORT2(name, value)                                                    \
    double num_##name(double a, double b)                                      \
    {                                                                          \
        return value;                                                          \
    }                                                                          \
    WIDE_LOOP void vmath_##name(double *y, const double *first,                \
                                const double *second, size_t n)                \
    {                                                                          \
        for (size_t i = 0; i < n; i++) {                                       \
            double a = first[i], b = second[i];                                \
            y[i] = value;                                                      \
        }                                                                      \
    }

/* Halves away from zero; x - trunc(x) is exact. */
static inline double rounded(double x)
{
    double whole = trunc(x);
    double more = fabs(x - whole) >= 0.5 ? 1.0 : 0.0;
    return copysign(fabs(whole) + more, x);
}

SHORT(sqrt, sqrt(x))
SHORT(abs, fabs(x))
SHORT(floor, floor(x))
SHORT(ceil, ceil(x))
SHORT(round, rounded(x))
SHORT(neg, -x)
SHORT(square, x *x)
SHORT(recip, 1 / x)
SHORT(sign, isnan(x) ? x : (x > 0 ? 1.0 : 0.0) - (x < 0 ? 1.0 : 0.0))
SHORT(relu, x <= 0 ? 0 : x)
SHORT2(add, a + b)
SHORT2(sub, a - b)
SHORT2(mul, a *b)
SHORT2(div, a / b)
SHORT2(max, a >= b || isnan(a) ? a : b)
SHORT2(min, a <= b || isnan(a) ? a : b)

/* Maechler 2012, "Accurately computing log(1 - exp(-|a|))". */
double num_log1mexp(double x)
{
    return x > -0.69314718055994531 ? num_log(-num_expm1(x))
                                    : num_log1p(-num_exp(x));
}

double num_sinc(double x)
{
    if (isinf(x))
        return 0;
    return x == 0 ? 1 : sin(x) / x;
}

/* (cos(x) - sin(x)/x)/x cancels near 0, where the series is short. */
double num_dsinc(double x)
{
    if (isinf(x))
        return 0;
    if (fabs(x) >= 1)
        return (cos(x) - sin(x) / x) / x;
    /* The coefficient of x^(2k-1) is (-1)^k*2k/(2k+1)!. */
    double z = x * x, term = -x / 3, y = 0;
    for (int k = 1; k <= 10; k++) {
        y += term;
        term *= -z * (k + 1) / (k * (2.0 * k + 2) * (2.0 * k + 3));
    }
    return y;
}

double num_atan2(double a, double b)
{
    return atan2(a, b);
}

double num_hypot(double a, double b)
{
    return hypot(a, b);
}

double num_mod(double a, double b)
{
    double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

double num_xlogy(double a, double b)
{
    return a == 0 && !isnan(b) ? 0 : a * num_log(b);
}

double num_xlog1py(double a, double b)
{
    return a == 0 && !isnan(b) ? 0 : a * num_log1p(b);
}

double num_logaddexp(double a, double b)
{
    if (a == b)
        return a + 0.69314718055994531;
    double top = num_max(a, b);
    return isnan(a) || isnan(b) ? a + b
                                : top + num_log1p(num_exp(-fabs(a - b)));
}

#define VECTOR(name)                                                           \
    void vmath_##name(double *y, const double *x, size_t n)                    \
    {                                                                          \
        for (size_t i = 0; i < n; i++)                                         \
            y[i] = num_##name(x[i]);                                           \
    }

#define VECTOR2(name)                                                          \
    void vmath_##name(double *y, const double *a, const double *b, size_t n)   \
    {                                                                          \
        for (size_t i = 0; i < n; i++)                                         \
            y[i] = num_##name(a[i], b[i]);                                     \
    }

VMATH_PLAIN_LIST(VECTOR)
VMATH2_PLAIN_LIST(VECTOR2)

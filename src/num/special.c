/* special.c - the less elementary functions of vmath.h */
#include "num/vmath.h"

#include <float.h>
#include <math.h>

#define PI 3.14159265358979323846
#define LN_SQRT_2PI 0.91893853320467274178

/* B(2j)/(2j), j = 1.. */
static const double bernoulli_over[] = {
    0.08333333333333333,   -0.008333333333333333, 0.003968253968253968,
    -0.004166666666666667, 0.007575757575757576,  -0.021092796092796094,
    0.08333333333333333,   -0.4432598039215686,
};

/* B(2j), j = 1.. */
static const double bernoulli[] = {
    0.16666666666666666,  -0.03333333333333333, 0.023809523809523808,
    -0.03333333333333333, 0.07575757575757576,  -0.2531135531135531,
    1.1666666666666667,   -7.092156862745098,
};

#define BERNOULLI_COUNT 8

/* pi*cot(pi*x) with the integer part taken off first, exactly. */
static double pi_cot(double x)
{
    double r = x - round(x);
    return fabs(r) == 0.5 ? 0.0 : PI / tan(PI * r);
}

/*
 * The positive root of digamma in two parts, and the Taylor coefficients
 * psi^(k)(root)/k!, k = 1.., computed with 60 digits.
 */
#define ROOT_HIGH 1.4616321449683622
#define ROOT_LOW 9.549995429965697e-17

static const double near_root[] = {
    0.9676722454476212,     -0.4427631689835921,    0.258499760955651,
    -0.16394270544240652,   0.10782405069126237,    -0.07219956125645471,
    0.04880428816414311,    -0.03316112647484736,   0.022597648232218104,
    -0.01542476590494896,   0.010538791616612175,   -0.007204534386356869,
    0.004926781395729853,   -0.003369801655439328,  0.002305126326734928,
    -0.0015769367714301972, 0.0010788252019162967,  -0.0007380709389960052,
    0.000504953265834602,   -0.0003454680251063077, 0.00023635601564027053,
    -0.00016170622091974803};

#define NEAR_ROOT_COUNT 22

/*
 * Recurrence up to 10, then the asymptotic series (Abramowitz & Stegun
 * 6.3.18); reflection (6.3.7) on the left.  Near the root, where the parts
 * would cancel, the Taylor series.
 */
double num_digamma(double x)
{
    if (x <= 0) {
        if (x == floor(x))
            return NAN;
        return num_digamma(1 - x) - pi_cot(x);
    }
    if (fabs(x - ROOT_HIGH) < 0.25) {
        double t = x - ROOT_HIGH - ROOT_LOW, y = 0;
        for (int k = NEAR_ROOT_COUNT - 1; k >= 0; k--)
            y = (y + near_root[k]) * t;
        return y;
    }
    double shift = 0;
    while (x < 10) {
        shift += 1 / x;
        x++;
    }
    double z = 1 / (x * x), series = 0;
    for (int j = BERNOULLI_COUNT - 1; j >= 0; j--)
        series = (series + bernoulli_over[j]) * z;
    return (log(x) - 0.5 / x) - series - shift;
}

/*
 * sum((x + k)^-s, k >= 0) for x > 0, s >= 2: terms up to x + k >= 12 + s, the
 * rest by Euler & Maclaurin (NIST handbook 25.11.5).
 */
static double hurwitz_zeta(double s, double x)
{
    double sum = 0;
    while (x < 12 + s) {
        double term = pow(x, -s);
        sum += term;
        if (term < sum * DBL_EPSILON / 64)
            return sum;
        x++;
    }
    double p = pow(x, -s), z = 1 / (x * x), rising = s / 2, rest = 0;
    double power = p / x;
    for (int j = 0; j < BERNOULLI_COUNT; j++) {
        rest += bernoulli[j] * rising * power;
        double k = 2 * j + 3;
        rising *= (s + k - 2) * (s + k - 1) / (k * (k + 1));
        power *= z;
    }
    return sum + (p * x / (s - 1) + 0.5 * p + rest);
}

double num_trigamma(double x)
{
    if (x <= 0) {
        if (x == floor(x))
            return NAN;
        double s = sin(PI * (x - round(x)));
        return PI * PI / (s * s) - hurwitz_zeta(2, 1 - x);
    }
    return hurwitz_zeta(2, x);
}

#define COT_MOST 40

/*
 * n-th derivative of pi*cot(pi*x).  With c = cot(pi*x), c' is -pi*(1 + c^2):
 * each derivative is a polynomial in c.
 */
static double cot_derivative(int n, double x)
{
    double p[COT_MOST + 3] = {0, 1}, q[COT_MOST + 3];
    for (int k = 1; k <= n; k++) {
        for (int i = 0; i <= k + 1; i++) {
            double same = i + 1 <= k ? (i + 1) * p[i + 1] : 0;
            double below = i >= 1 ? (i - 1) * p[i - 1] : 0;
            q[i] = -PI * (same + below);
        }
        for (int i = 0; i <= k + 1; i++)
            p[i] = q[i];
    }
    double c = pi_cot(x) / PI, y = 0;
    for (int i = n + 1; i >= 0; i--)
        y = y * c + p[i];
    return PI * y;
}

double num_polygamma(int n, double x)
{
    if (n == 0)
        return num_digamma(x);
    if (n < 0 || n > 170 || isnan(x))
        return NAN;
    double sign = n % 2 ? 1 : -1;
    if (x > 0)
        return sign * tgamma(n + 1.0) * hurwitz_zeta(n + 1.0, x);
    if (x == floor(x) || n > COT_MOST)
        return NAN;
    return -sign * num_polygamma(n, 1 - x) - cot_derivative(n, x);
}

/* lgamma(x) - ((x - 1/2)*log(x) - x + log(2*pi)/2) for x >= 10. */
static double stirling_rest(double x)
{
    double z = 1 / (x * x), series = 0;
    for (int j = BERNOULLI_COUNT - 1; j >= 0; j--)
        series = series * z + bernoulli_over[j] / (2 * j + 1);
    return series / x;
}

/*
 * For large arguments the logarithms of the gammas cancel; then Stirling's
 * formula is taken apart (Didonato & Morris, ACM TOMS 18, 1992).
 */
double num_lbeta(double a, double b)
{
    double p = a < b ? a : b, q = a < b ? b : a;
    if (!(p > 0))
        return p == 0 && !isnan(q) ? INFINITY : NAN;
    if (isinf(q))
        return -INFINITY;
    if (q < 10)
        return lgamma(p) + (lgamma(q) - lgamma(p + q));
    double h = p / (p + q);
    double rest = stirling_rest(q) - stirling_rest(p + q);
    if (p < 10)
        return lgamma(p) + rest + p - p * log(p + q) + (q - 0.5) * log1p(-h);
    return -0.5 * log(q) + LN_SQRT_2PI + (stirling_rest(p) + rest) +
           (p - 0.5) * log(h) + q * log1p(-h);
}

/* Small arguments by the gammas themselves, which are right to an ulp. */
double num_beta(double a, double b)
{
    double sum = a + b;
    if ((fabs(a) < 80 && fabs(b) < 80 && fabs(sum) < 80) || !(a > 0 && b > 0))
        return tgamma(a) / tgamma(sum) * tgamma(b);
    return exp(num_lbeta(a, b));
}

/*
 * erfc(-x/sqrt(2))/2.  In the tail a rounding of x/sqrt(2) grows by x^2, so
 * the lost part is put back to first order.
 */
double num_normcdf(double x)
{
    static const double high = 0.70710678118654752440;
    static const double low = -4.833646656726457e-17;
    double t = -x * high, lost = fma(-x, high, -t) - x * low;
    double y = 0.5 * num_erfc(t);
    return t > 1 && t < 30 ? y - y * 2 * t * lost : y;
}

/* Below -20 by the asymptotic series of the tail. */
double num_lognormcdf(double x)
{
    if (x > 0)
        return log1p(-num_normcdf(-x));
    if (x > -20)
        return log(num_normcdf(x));
    double z = 1 / (x * x), series = 1;
    for (int k = 11; k > 0; k--)
        series = 1 - (2 * k - 1) * z * series;
    return -0.5 * x * x - log(-x) - LN_SQRT_2PI + log(series);
}

/*
 * The density of the standard normal over its distribution function.  Below -5
 * by the continued fraction of Mills' ratio (Abramowitz & Stegun 26.2.14).
 */
double num_invmills(double x)
{
    if (x > -5)
        return exp(-0.5 * x * x - LN_SQRT_2PI) / num_normcdf(x);
    double y = -x;
    for (int k = 60; k > 0 && y < HUGE_VAL; k--)
        y = k / y - x;
    return y;
}

static double ratio(const double *a, const double *b, double r)
{
    double n = a[7], d = b[6];
    for (int i = 6; i >= 0; i--)
        n = n * r + a[i];
    for (int i = 5; i >= 0; i--)
        d = d * r + b[i];
    return n / (d * r + 1);
}

/* Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37, 1988. */
double num_norminv(double p)
{
    static const double a[] = {
        3.3871328727963666080e0, 1.3314166789178437745e2,
        1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4,
        3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[] = {4.2313330701600911252e1, 6.8718700749205790830e2,
                               5.3941960214247511077e3, 2.1213794301586595867e4,
                               3.9307895800092710610e4, 2.8729085735721942674e4,
                               5.2264952788528545610e3};
    static const double c[] = {
        1.42343711074968357734e0,  4.63033784615654529590e0,
        5.76949722146069140550e0,  3.64784832476320460504e0,
        1.27045825245236838258e0,  2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {
        2.05319162663775882187e0,  1.67638483018380384940e0,
        6.89767334985100004550e-1, 1.48103976427480074590e-1,
        1.51986665636164571966e-2, 5.47593808499534494600e-4,
        1.05075007164441684324e-9};
    static const double e[] = {
        6.65790464350110377720e0,  5.46378491116411436990e0,
        1.78482653991729133580e0,  2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[] = {
        5.99832206555887937690e-1, 1.36929880922735805310e-1,
        1.48753612908506148525e-2, 7.86869131145613259100e-4,
        1.84631831751005468180e-5, 1.42151175831644588870e-7,
        2.04426310338993978564e-15};
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double y = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -y : y;
}

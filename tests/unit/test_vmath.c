/*
 * Special functions against values computed with 50 digits (mpmath), and sums
 * that lose their digits when taken plainly.
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "num/rng.h"
#include "num/vmath.h"

static const struct {
    double (*f)(double);
    const char *name;
    double x, y;
} reference[] = {
    {num_digamma, "digamma", 1e-10, -10000000000.577215},
    {num_digamma, "digamma", 0.1, -10.423754940411076},
    {num_digamma, "digamma", 0.5, -1.9635100260214235},
    {num_digamma, "digamma", 1.0, -0.5772156649015329},
    {num_digamma, "digamma", 1.2, -0.2890398965921884},
    {num_digamma, "digamma", 1.4616321449683622, -9.241265521729427e-17},
    {num_digamma, "digamma", 1.4616321449683625, 1.2245374622004068e-16},
    {num_digamma, "digamma", 1.462, 0.00035590320380104274},
    {num_digamma, "digamma", 1.5, 0.03648997397857652},
    {num_digamma, "digamma", 1.7, 0.2085478748734939},
    {num_digamma, "digamma", 2.0, 0.42278433509846713},
    {num_digamma, "digamma", 3.7, 1.1671535393615113},
    {num_digamma, "digamma", 9.99, 2.250700372831201},
    {num_digamma, "digamma", 10.0, 2.251752589066721},
    {num_digamma, "digamma", 50.5, 3.912039670928392},
    {num_digamma, "digamma", 100000.0, 11.512920464961896},
    {num_digamma, "digamma", 1e+300, 690.7755278982137},
    {num_digamma, "digamma", -0.5, 0.03648997397857652},
    {num_digamma, "digamma", -1.3, 2.8825405488661673},
    {num_digamma, "digamma", -7.2, 6.365952363045109},
    {num_digamma, "digamma", -100.25, 7.754238959208646},
    {num_trigamma, "trigamma", 1e-05, 10000000001.644909},
    {num_trigamma, "trigamma", 0.1, 101.43329915079275},
    {num_trigamma, "trigamma", 0.5, 4.934802200544679},
    {num_trigamma, "trigamma", 1.0, 1.6449340668482264},
    {num_trigamma, "trigamma", 1.5, 0.9348022005446793},
    {num_trigamma, "trigamma", 2.0, 0.6449340668482264},
    {num_trigamma, "trigamma", 5.5, 0.19934238698962767},
    {num_trigamma, "trigamma", 13.9, 0.07459229874976957},
    {num_trigamma, "trigamma", 14.0, 0.07404026866401034},
    {num_trigamma, "trigamma", 100.0, 0.010050166663333571},
    {num_trigamma, "trigamma", 100000000.0, 1.000000005e-08},
    {num_trigamma, "trigamma", -0.5, 8.934802200544679},
    {num_trigamma, "trigamma", -1.3, 14.53687624413708},
    {num_trigamma, "trigamma", -7.2, 28.43716268473333},
    {num_sigmoid, "sigmoid", -800.0, 0.0},
    {num_sigmoid, "sigmoid", -700.0, 9.85967654375977e-305},
    {num_sigmoid, "sigmoid", -40.0, 4.248354255291589e-18},
    {num_sigmoid, "sigmoid", -1.0, 0.2689414213699951},
    {num_sigmoid, "sigmoid", 0.0, 0.5},
    {num_sigmoid, "sigmoid", 1.0, 0.7310585786300049},
    {num_sigmoid, "sigmoid", 40.0, 1.0},
    {num_sigmoid, "sigmoid", 800.0, 1.0},
    {num_dsigmoid, "dsigmoid", -40.0, 4.248354255291589e-18},
    {num_dsigmoid, "dsigmoid", -1.0, 0.19661193324148185},
    {num_dsigmoid, "dsigmoid", 0.0, 0.25},
    {num_dsigmoid, "dsigmoid", 1.0, 0.19661193324148185},
    {num_dsigmoid, "dsigmoid", 40.0, 4.248354255291589e-18},
    {num_softplus, "softplus", -700.0, 9.85967654375977e-305},
    {num_softplus, "softplus", -40.0, 4.248354255291589e-18},
    {num_softplus, "softplus", -1.0, 0.3132616875182228},
    {num_softplus, "softplus", 0.0, 0.6931471805599453},
    {num_softplus, "softplus", 1.0, 1.3132616875182228},
    {num_softplus, "softplus", 40.0, 40.0},
    {num_logsigmoid, "logsigmoid", -700.0, -700.0},
    {num_logsigmoid, "logsigmoid", -40.0, -40.0},
    {num_logsigmoid, "logsigmoid", -1.0, -1.3132616875182228},
    {num_logsigmoid, "logsigmoid", 0.0, -0.6931471805599453},
    {num_logsigmoid, "logsigmoid", 1.0, -0.3132616875182228},
    {num_logsigmoid, "logsigmoid", 40.0, -4.248354255291589e-18},
    {num_dtanh, "dtanh", -20.0, 1.6993417021166355e-17},
    {num_dtanh, "dtanh", -1.0, 0.4199743416140261},
    {num_dtanh, "dtanh", 1e-08, 0.9999999999999999},
    {num_dtanh, "dtanh", 0.5, 0.7864477329659274},
    {num_dtanh, "dtanh", 20.0, 1.6993417021166355e-17},
    {num_log1mexp, "log1mexp", -1e-20, -46.051701859880914},
    {num_log1mexp, "log1mexp", -1e-05, -11.512930464966061},
    {num_log1mexp, "log1mexp", -0.5, -0.9327521295671886},
    {num_log1mexp, "log1mexp", -0.7, -0.6863410028083852},
    {num_log1mexp, "log1mexp", -1.0, -0.4586751453870819},
    {num_log1mexp, "log1mexp", -40.0, -4.248354255291589e-18},
    {num_log1mexp, "log1mexp", -700.0, -9.8596765437597708e-305},
    {num_sinc, "sinc", 1e-09, 1.0},
    {num_sinc, "sinc", 0.1, 0.9983341664682815},
    {num_sinc, "sinc", 1.0, 0.8414709848078965},
    {num_sinc, "sinc", 10.0, -0.05440211108893698},
    {num_dsinc, "dsinc", 1e-09, -3.3333333333333337e-10},
    {num_dsinc, "dsinc", 0.001, -0.0003333333000000012},
    {num_dsinc, "dsinc", 0.1, -0.033300011902557575},
    {num_dsinc, "dsinc", 0.5, -0.16253703063606656},
    {num_dsinc, "dsinc", 0.999, -0.3009294567857256},
    {num_dsinc, "dsinc", 1.0, -0.3011686789397568},
    {num_dsinc, "dsinc", 2.0, -0.4353977749799916},
    {num_dsinc, "dsinc", 10.0, -0.07846694179875155},
    {num_normcdf, "normcdf", -38.0, 2.88542835e-316},
    {num_normcdf, "normcdf", -37.0, 5.725571222524577e-300},
    {num_normcdf, "normcdf", -30.0, 4.906713927148187e-198},
    {num_normcdf, "normcdf", -20.0, 2.7536241186062337e-89},
    {num_normcdf, "normcdf", -10.3, 3.5230650789264124e-25},
    {num_normcdf, "normcdf", -5.1, 1.6982674071476014e-07},
    {num_normcdf, "normcdf", -2.2, 0.013903447513498604},
    {num_normcdf, "normcdf", -1.0, 0.15865525393145705},
    {num_normcdf, "normcdf", -0.3, 0.3820885778110474},
    {num_normcdf, "normcdf", 0.0, 0.5},
    {num_normcdf, "normcdf", 0.5, 0.6914624612740131},
    {num_normcdf, "normcdf", 1.0, 0.8413447460685429},
    {num_normcdf, "normcdf", 3.3, 0.9995165758576162},
    {num_normcdf, "normcdf", 8.0, 0.9999999999999993},
    {num_lognormcdf, "lognormcdf", -100000.0, -5000000012.431864},
    {num_lognormcdf, "lognormcdf", -100.0, -5005.524208694205},
    {num_lognormcdf, "lognormcdf", -38.0, -726.5572160188201},
    {num_lognormcdf, "lognormcdf", -21.0, -224.46571583141449},
    {num_lognormcdf, "lognormcdf", -20.0, -203.91715537109727},
    {num_lognormcdf, "lognormcdf", -19.9, -201.9171677073326},
    {num_lognormcdf, "lognormcdf", -5.0, -15.064998393988725},
    {num_lognormcdf, "lognormcdf", -1.0, -1.8410216450092636},
    {num_lognormcdf, "lognormcdf", 0.0, -0.6931471805599453},
    {num_lognormcdf, "lognormcdf", 1.0, -0.17275377902344988},
    {num_lognormcdf, "lognormcdf", 5.0, -2.866516129637636e-07},
    {num_lognormcdf, "lognormcdf", 10.0, -7.619853024160525e-24},
    {num_gamma, "gamma", 0.5, 1.772453850905516},
    {num_gamma, "gamma", 1.5, 0.886226925452758},
    {num_gamma, "gamma", 5.0, 24.0},
    {num_gamma, "gamma", 10.3, 716430.6890623764},
    {num_gamma, "gamma", 100.5, 9.320963104082716e+156},
    {num_gamma, "gamma", -0.5, -3.544907701811032},
    {num_gamma, "gamma", -3.3, 0.43851739219876307},
    {num_lgamma, "lgamma", 0.5, 0.5723649429247001},
    {num_lgamma, "lgamma", 1.5, -0.12078223763524522},
    {num_lgamma, "lgamma", 5.0, 3.1780538303479458},
    {num_lgamma, "lgamma", 10.3, 13.482036786138359},
    {num_lgamma, "lgamma", 100.5, 361.4355404677776},
    {num_lgamma, "lgamma", 100000.0, 1051287.7089736569},
    {num_erf, "erf", -1.0, -0.8427007929497149},
    {num_erf, "erf", 1e-10, 1.1283791670955126e-10},
    {num_erf, "erf", 0.5, 0.5204998778130465},
    {num_erf, "erf", 3.0, 0.9999779095030014},
    {num_norminv, "norminv", 1e-300, -37.0470962993612},
    {num_norminv, "norminv", 1e-100, -21.273453560965326},
    {num_norminv, "norminv", 1e-20, -9.262340089798407},
    {num_norminv, "norminv", 1e-05, -4.264890793922825},
    {num_norminv, "norminv", 0.02, -2.053748910631823},
    {num_norminv, "norminv", 0.075, -1.439531470938456},
    {num_norminv, "norminv", 0.0751, -1.43882539275254},
    {num_norminv, "norminv", 0.25, -0.6744897501960817},
    {num_norminv, "norminv", 0.4999, -0.00025066283008800747},
    {num_norminv, "norminv", 0.75, 0.6744897501960817},
    {num_norminv, "norminv", 0.99, 2.3263478740408408},
};

static const struct {
    int n;
    double x, y;
} polygammas[] = {
    {1, 0.3, 12.245364546107732},    {1, 1.0, 1.6449340668482264},
    {1, 4.5, 0.24872510303901038},   {1, 40.0, 0.02531510384129103},
    {1, -0.4, 9.886209670902357},    {1, -2.7, 14.769375845132314},
    {2, 0.3, -75.27253658872604},    {2, 1.0, -2.4041138063191885},
    {2, 4.5, -0.061556821321027695}, {2, 40.0, -0.0006408202718352986},
    {2, -0.4, 21.287168462856535},   {2, -2.7, -68.9329390232638},
    {3, 0.3, 743.1417646550498},     {3, 1.0, 6.493939402266829},
    {3, 4.5, 0.030322508542366587},  {3, 40.0, 3.24414001515635e-05},
    {3, -0.4, 281.78204104534575},   {3, -2.7, 768.9626351155225},
    {5, 0.3, 164634.84609922304},    {5, 1.0, 122.0811674381339},
    {5, 4.5, 0.0217702556694113},    {5, 40.0, 2.4938943509996704e-07},
    {5, -0.4, 31876.50690776846},    {5, -2.7, 165660.11051361315},
    {10, 0.3, -2048468424178.0745},  {10, 1.0, -3630593.311606629},
    {10, 4.5, -0.2681931239535166},  {10, 40.0, -3.9130747998980846e-11},
    {10, -0.4, 85517084631.51274},   {10, -2.7, -2048284893020.769},
};

static const double betas[][3] = {
    {0.5, 0.5, 1.1447298858494002},
    {2.0, 3.0, -2.4849066497880004},
    {0.001, 5.0, 6.905672657062075},
    {5.0, 20.0, -12.266791380564879},
    {12.5, 13.0, -17.667605636121614},
    {100.0, 1000000.0, -1022.4218002626852},
    {100000000.0, 100000000.0, -138629444.05681732},
};

static double error_of(double got, double want)
{
    if (got == want)
        return 0;
    return fabs(got - want) / fmax(fabs(want), 1e-308);
}

static void special_functions(void)
{
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
        double got = reference[i].f(reference[i].x), want = reference[i].y;
        /* Left of 0 digamma has roots that are not known to full precision:
           there the error is absolute. */
        double scale = reference[i].f == num_digamma && reference[i].x < 0
                           ? fmax(1, fabs(1 / want))
                           : 1;
        CHECK_MESSAGE(error_of(got, want) <= 1e-14 * scale,
                      "%s(%.17g): %.17g, not %.17g", reference[i].name,
                      reference[i].x, got, want);
    }
}

static void polygamma_values(void)
{
    for (size_t i = 0; i < sizeof polygammas / sizeof *polygammas; i++) {
        double got = num_polygamma(polygammas[i].n, polygammas[i].x);
        CHECK_MESSAGE(error_of(got, polygammas[i].y) < 1e-12,
                      "psi_%d(%g): %.17g, not %.17g", polygammas[i].n,
                      polygammas[i].x, got, polygammas[i].y);
    }
    CHECK(isnan(num_digamma(0)) && isnan(num_trigamma(-3)));
}

static void lbeta_values(void)
{
    for (size_t i = 0; i < sizeof betas / sizeof *betas; i++) {
        double got = num_lbeta(betas[i][0], betas[i][1]);
        CHECK_MESSAGE(error_of(got, betas[i][2]) < 1e-14,
                      "lbeta(%g, %g): %.17g, not %.17g", betas[i][0],
                      betas[i][1], got, betas[i][2]);
    }
}

static void edges(void)
{
    CHECK(num_softplus(800) == 800 && num_softplus(-INFINITY) == 0);
    CHECK(num_softplus(INFINITY) == INFINITY && isnan(num_softplus(NAN)));
    CHECK(num_logsigmoid(-800) == -800 && num_sigmoid(-800) >= 0);
    CHECK(num_sigmoid(-INFINITY) == 0 && num_sigmoid(INFINITY) == 1);
    CHECK(isnan(num_sigmoid(NAN)) && isnan(num_relu(NAN)));
    CHECK(num_xlogy(0, 0) == 0 && isnan(num_xlogy(0, NAN)));
    CHECK(num_xlogy(2, 1) == 0 && num_xlogy(1, 0) == -INFINITY);
    CHECK(num_logaddexp(-INFINITY, -INFINITY) == -INFINITY);
    CHECK(num_logaddexp(1000, 1000) == 1000 + log(2));
    CHECK(num_logaddexp(INFINITY, 1) == INFINITY);
    CHECK(isnan(num_logaddexp(NAN, 1)));
    CHECK(num_max(1, NAN) != num_max(1, NAN) && isnan(num_min(NAN, 1)));
    CHECK(num_max(2, 3) == 3 && num_min(2, 3) == 2);
    CHECK(num_mod(-1, 3) == 2 && num_mod(1, -3) == -2 && num_mod(6, 3) == 0);
    CHECK(isnan(num_mod(1, 0)) && num_mod(5.5, 2) == 1.5);
    CHECK(isnan(num_pow(-8, 1.0 / 3)) && num_pow(0, 0) == 1);
    CHECK(num_sign(-2) == -1 && num_sign(0) == 0 && isnan(num_sign(NAN)));
    CHECK(num_sinc(0) == 1 && num_dsinc(0) == 0 && num_sinc(INFINITY) == 0);
    CHECK(num_norminv(0) == -INFINITY && isnan(num_norminv(2)));
    CHECK(num_norminv(0.5) == 0);
}

static void vectors_agree_with_scalars(void)
{
    enum { N = 1001 };
    static double x[N], y[N], z[N];
    Rng r = rng_new(1, 2);
    for (int i = 0; i < N; i++)
        x[i] = rng_normal(&r) * 10;
#define AGREE(name)                                                            \
    vmath_##name(y, x, N);                                                     \
    for (int i = 0; i < N; i++) {                                              \
        z[i] = num_##name(x[i]);                                               \
        CHECK_MESSAGE(!memcmp(&y[i], &z[i], 8) ||                              \
                          (isnan(y[i]) && isnan(z[i])),                        \
                      #name "(%.17g)", x[i]);                                  \
    }
    VMATH_LIST(AGREE)
}

/* The error of y in units of the last place of the exact value. */
static double ulps(double y, long double exact)
{
    double near = fabs((double)exact);
    double unit = near < DBL_MIN ? 0x1p-1074 : nextafter(near, INFINITY) - near;
    return (double)(fabsl((long double)y - exact) / (long double)unit);
}

static long double exact_sigmoid(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double exact_softplus(long double x)
{
    return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

static const struct {
    const char *name;
    double (*f)(double);
    long double (*exact)(long double);
    double low, high;
} accurate[] = {
    {"sigmoid", num_sigmoid, exact_sigmoid, -745, 40},
    {"sigmoid", num_sigmoid, exact_sigmoid, -5, 5},
    {"sigmoid", num_sigmoid, exact_sigmoid, -30, -28},
    {"sigmoid", num_sigmoid, exact_sigmoid, 28, 30},
    {"softplus", num_softplus, exact_softplus, -745, 40},
    {"softplus", num_softplus, exact_softplus, -5, 5},
    {"exp", num_exp, expl, -707, 709},
    {"exp", num_exp, expl, -2, 2},
    {"expm1", num_expm1, expm1l, -40, 40},
    {"expm1", num_expm1, expm1l, -1, 1},
    {"log", num_log, logl, 0, 1e10},
    {"log", num_log, logl, 0.5, 2},
    {"log1p", num_log1p, log1pl, -1, 1},
    {"log1p", num_log1p, log1pl, 0, 1e9},
    {"log2", num_log2, log2l, 0, 1e10},
    {"log2", num_log2, log2l, 0.5, 2},
    {"log10", num_log10, log10l, 0, 1e10},
    {"log10", num_log10, log10l, 0.5, 2},
    {"sinh", num_sinh, sinhl, -710.4, 710.4},
    {"sinh", num_sinh, sinhl, -3, 3},
    {"cosh", num_cosh, coshl, -710.4, 710.4},
    {"cosh", num_cosh, coshl, -3, 3},
    {"asin", num_asin, asinl, -1, 1},
    {"asin", num_asin, asinl, 0.4, 0.6},
    {"acos", num_acos, acosl, -1, 1},
    {"acos", num_acos, acosl, 0.4, 0.6},
    {"erf", num_erf, erfl, -6, 6},
    {"erf", num_erf, erfl, 0.4, 0.8},
    {"erfc", num_erfc, erfcl, -6, 26.5},
    {"erfc", num_erfc, erfcl, 0.4, 3},
    {"sin", num_sin, sinl, -10, 10},
    {"sin", num_sin, sinl, -2e5, 2e5},
    {"cos", num_cos, cosl, -10, 10},
    {"cos", num_cos, cosl, -2e5, 2e5},
    {"tan", num_tan, tanl, -10, 10},
    {"tan", num_tan, tanl, -2e5, 2e5},
    {"atan", num_atan, atanl, -20, 20},
    {"atan", num_atan, atanl, -1, 1},
    {"atan", num_atan, atanl, 0, 1e9},
    {"tanh", num_tanh, tanhl, -25, 25},
    {"tanh", num_tanh, tanhl, -0.5, 0.5},
};

static void elementary_functions_to_one_ulp(void)
{
    if (LDBL_MANT_DIG < 64)
        return;
    Rng r = rng_new(17, 0);
    for (size_t t = 0; t < sizeof accurate / sizeof *accurate; t++) {
        for (int i = 0; i < 20000; i++) {
            double u = rng_uniform(&r);
            double x =
                accurate[t].low + u * (accurate[t].high - accurate[t].low);
            if (i % 2)
                x *= pow(2, -40 * rng_uniform(&r));
            double e = ulps(accurate[t].f(x), accurate[t].exact(x));
            CHECK_MESSAGE(e <= 1.001, "%s(%.17g): %.2f ulp", accurate[t].name,
                          x, e);
        }
    }
}

/* The value and the sign of zero agree, or both are NaN. */
static bool is_same(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b && !signbit(a) == !signbit(b);
}

static void elementary_functions_at_edges(void)
{
    static const double x[] = {0.0,       -0.0,   5e-324, -5e-324, 1e-310,
                               1e-20,     -1e-20, 1.0,    -1.0,    710,
                               -745.2,    1e300,  -1e300, DBL_MAX, INFINITY,
                               -INFINITY, NAN,    -760,   -2.0};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        CHECK_MESSAGE(is_same(num_exp(x[i]), exp(x[i])), "exp(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_tanh(x[i]), tanh(x[i])) ||
                          ulps(num_tanh(x[i]), tanhl(x[i])) < 1,
                      "tanh(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_expm1(x[i]), expm1(x[i])) ||
                          ulps(num_expm1(x[i]), expm1l(x[i])) < 1,
                      "expm1(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_log(x[i]), log(x[i])), "log(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_log2(x[i]), log2(x[i])), "log2(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_log10(x[i]), log10(x[i])), "log10(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_sinh(x[i]), sinh(x[i])) ||
                          ulps(num_sinh(x[i]), sinhl(x[i])) < 1,
                      "sinh(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_cosh(x[i]), cosh(x[i])) ||
                          ulps(num_cosh(x[i]), coshl(x[i])) < 1,
                      "cosh(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_asin(x[i]), asin(x[i])), "asin(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_acos(x[i]), acos(x[i])), "acos(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_erf(x[i]), erf(x[i])) ||
                          ulps(num_erf(x[i]), erfl(x[i])) < 1,
                      "erf(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_erfc(x[i]), erfc(x[i])) ||
                          ulps(num_erfc(x[i]), erfcl(x[i])) < 1,
                      "erfc(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_log1p(x[i]), log1p(x[i])), "log1p(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_sin(x[i]), sin(x[i])), "sin(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_cos(x[i]), cos(x[i])), "cos(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_tan(x[i]), tan(x[i])) ||
                          ulps(num_tan(x[i]), tanl(x[i])) < 1,
                      "tan(%g)", x[i]);
        CHECK_MESSAGE(is_same(num_atan(x[i]), atan(x[i])), "atan(%g)", x[i]);
    }
}

/* Whole logarithms, and where sinh and cosh leave the range. */
static void elementary_functions_at_landmarks(void)
{
    for (int k = -1074; k < 1024; k++)
        CHECK_MESSAGE(num_log2(ldexp(1, k)) == k, "log2(2^%d)", k);
    double power = 1;
    for (int k = 0; k <= 22; k++, power *= 10)
        CHECK_MESSAGE(num_log10(power) == k, "log10(10^%d)", k);
    double most = 0x1.633ce8fb9f87dp+9;
    CHECK(isfinite(num_sinh(most)) && isfinite(num_cosh(-most)));
    CHECK(num_sinh(nextafter(most, 800)) == INFINITY);
    CHECK(num_cosh(nextafter(-most, -800)) == INFINITY);
    CHECK(num_sinh(-800) == -INFINITY && isnan(num_asin(1.0000001)));
    CHECK(num_acos(1) == 0 && num_acos(-1) == 2 * num_acos(0));
    CHECK(num_asin(1) == num_acos(0) && isnan(num_acos(-2)));
}

/* Every count takes another mix of widths. */
static void widths_agree(void)
{
    double x[24], y[24], z[24];
    Rng r = rng_new(3, 1);
    for (int i = 0; i < 24; i++)
        x[i] = rng_normal(&r) * 3;
    x[5] = 1e9;
    x[7] = NAN;
    x[11] = -INFINITY;
    x[13] = -29;
    x[17] = 30;
#define WIDTHS(name)                                                           \
    for (size_t n = 0; n <= 24; n++) {                                         \
        memcpy(y, x, sizeof x);                                                \
        vmath_##name(y, y, n);                                                 \
        for (size_t i = 0; i < n; i++) {                                       \
            z[i] = num_##name(x[i]);                                           \
            CHECK_MESSAGE(is_same(y[i], z[i]), #name "(%g), %zu of %zu", x[i], \
                          i, n);                                               \
        }                                                                      \
        CHECK(n == 24 || !memcmp(y + n, x + n, (24 - n) * sizeof *x));         \
    }
    VMATH_SIMD_LIST(WIDTHS)
}

static void sums_of_rows_are_sums(void)
{
    enum { ROWS = 21, MOST = 40 };
    static const int cols[] = {0, 1, 2, 7, 8, 9, 16, 17, MOST};
    double x[ROWS * MOST], y[ROWS];
    for (int i = 0; i < ROWS * MOST; i++)
        x[i] = sin(i * 1.7) * pow(10, i % 13 - 6);
    x[3] = INFINITY;
    x[5] = 1e308;
    x[5 + ROWS] = 1e308;
    x[6] = x[6 + ROWS] = -0.0;
    for (size_t k = 0; k < sizeof cols / sizeof *cols; k++) {
        vmath_sum_rows(y, x, ROWS, ROWS, (size_t)cols[k]);
        for (int i = 0; i < ROWS; i++) {
            double sum = vmath_sum(x + i, (size_t)cols[k], ROWS);
            CHECK(memcmp(&y[i], &sum, sizeof sum) == 0);
        }
    }
}

static void sums_are_compensated(void)
{
    const double a[] = {1e16, 1, -1e16}, b[] = {1, 1e100, 1, -1e100};
    CHECK(vmath_sum(a, 3, 1) == 1);
    CHECK(vmath_sum(b, 4, 1) == 2);
    CHECK(vmath_sum(b, 0, 1) == 0);
    const double c[] = {INFINITY, 1, 2}, d[] = {INFINITY, -INFINITY};
    CHECK(vmath_sum(c, 3, 1) == INFINITY && isnan(vmath_sum(d, 2, 1)));
    enum { N = 20011 };
    static double x[N], wide[3 * N];
    Rng r = rng_new(5, 0);
    long double exact = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = rng_normal(&r);
        wide[3 * i] = x[i];
        exact += x[i];
    }
    double sum = vmath_sum(x, N, 1);
    CHECK(fabs(sum - (double)exact) < 1e-14);
    CHECK(sum == vmath_sum(wide, N, 3));
    CHECK(vmath_norm2(x, N, 1) == vmath_norm2(wide, N, 3));
    const double v[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    double mean = vmath_mean(v, 4, 1);
    CHECK(mean == 1e9 + 10 && vmath_square_sum(v, 4, 1, mean) / 3 == 30);
}

static void norms_and_products(void)
{
    const double big[] = {1e200, 1e200}, small[] = {1e-200, 1e-200};
    CHECK(error_of(vmath_norm2(big, 2, 1), 1.4142135623730951e200) < 1e-15);
    CHECK(error_of(vmath_norm2(small, 2, 1), 1.4142135623730951e-200) < 1e-15);
    const double zero[] = {0, 0}, inf[] = {1, -INFINITY};
    CHECK(vmath_norm2(zero, 2, 1) == 0 && vmath_norm2(inf, 2, 1) == INFINITY);
    const double tiny[] = {5e-324, 0};
    CHECK(vmath_norm2(tiny, 2, 1) == 5e-324);
    const double p[] = {1e200, 1e200, 1e-300, -1e-90};
    CHECK(error_of(vmath_prod(p, 4, 1), -1e10) < 1e-15);
    const double q[] = {1e200, 1e200, 0};
    CHECK(isnan(vmath_prod(q, 3, 1)) || vmath_prod(q, 3, 1) == 0);
    CHECK(vmath_prod(p, 2, 1) == INFINITY && vmath_prod(p, 0, 1) == 1);
    CHECK(vmath_dot(p, p, 2) == INFINITY && vmath_norm1(p + 3, 1, 1) == 1e-90);
}

static void extremes(void)
{
    const double x[] = {2, 5, 1, 5, 1}, y[] = {1, NAN, 3};
    size_t i;
    CHECK(vmath_largest(x, 5, 1, &i) == 5 && i == 1);
    CHECK(vmath_smallest(x, 5, 1, &i) == 1 && i == 2);
    CHECK(vmath_largest(x, 2, 2, NULL) == 2);
    CHECK(isnan(vmath_largest(y, 3, 1, &i)) && i == 1);
    CHECK(isnan(vmath_smallest(y, 3, 1, NULL)));
}

static void exponentials_are_centred(void)
{
    const double a[] = {1000, 1000}, low[] = {-INFINITY, -INFINITY};
    CHECK(vmath_logsumexp(a, 2, 1) == 1000 + log(2));
    CHECK(vmath_logsumexp(low, 2, 1) == -INFINITY);
    CHECK(vmath_logsumexp(a, 0, 1) == -INFINITY);
    const double b[] = {0, -50};
    CHECK(error_of(vmath_logsumexp(b, 2, 1), 1.9287498479639178e-22) < 1e-14);
    const double top[] = {-INFINITY, 3, NAN}, inf[] = {1, INFINITY};
    CHECK(vmath_logsumexp(top, 2, 1) == 3);
    CHECK(isnan(vmath_logsumexp(top, 3, 1)));
    CHECK(vmath_logsumexp(inf, 2, 1) == INFINITY);
    static double x[3003], p[3003], q[3003];
    Rng r = rng_new(8, 8);
    rng_normal_array(&r, x, 3003);
    vmath_softmax(p, x, 1001, 3);
    for (size_t i = 0; i < 1001; i++)
        q[i] = x[3 * i];
    double l = vmath_logsumexp(q, 1001, 1);
    CHECK(l == vmath_logsumexp(x, 1001, 3));
    vmath_softmax(q, q, 1001, 1);
    CHECK(fabs(vmath_sum(q, 1001, 1) - 1) < 1e-15);
    for (size_t i = 0; i < 1001; i++) {
        CHECK(q[i] == p[3 * i]);
        CHECK(error_of(q[i], exp(x[3 * i] - l)) < 1e-14);
    }
    double y[2];
    const double c[] = {0, 1000};
    vmath_logsoftmax(y, c, 2, 1);
    CHECK(y[0] == -1000 && y[1] == 0);
    vmath_softmax(y, c, 2, 1);
    CHECK(y[0] == 0 && y[1] == 1);
}

/* Powers to one ulp, edges as in libm, numbers and vectors alike. */
static void powers(void)
{
    enum { N = 1001 };
    static const double edge[] = {0.0,      -0.0, 1,       -1,     0.5,
                                  2,        3,    -3,      1e300,  -1e300,
                                  INFINITY, NAN,  5e-324,  1e-310, -INFINITY,
                                  0x1p52,   1e16, -0x1p53, 0.1,    -2.5};
    enum { EDGES = sizeof edge / sizeof *edge };
    static double a[N], b[N], y[N];
    Rng r = rng_new(23, 0);
    for (int i = 0; i < N; i++) {
        a[i] = exp(rng_normal(&r) * 3);
        b[i] = i % 3 ? rng_normal(&r) * 30 : round(rng_normal(&r) * 5);
        a[i] = i % 3 ? a[i] : i % 2 ? -a[i] : 1 + rng_normal(&r) * 1e-9;
        b[i] = i % 6 ? b[i] : b[i] * 1e9;
        if (i < EDGES * EDGES) {
            a[i] = edge[i % EDGES];
            b[i] = edge[i / EDGES];
        }
    }
    vmath_pow(y, a, b, N);
    for (int i = 0; i < N; i++) {
        double want = pow(a[i], b[i]);
        CHECK_MESSAGE(is_same(y[i], num_pow(a[i], b[i])), "%a^%a", a[i], b[i]);
        CHECK_MESSAGE(is_same(y[i], want) ||
                          (LDBL_MANT_DIG >= 64 && isfinite(want) &&
                           ulps(y[i], powl(a[i], b[i])) < 0.6),
                      "%a^%a: %a, not %a", a[i], b[i], y[i], want);
    }
    CHECK(num_pow(10, 2) == 100 && num_pow(10, 22) == 1e22);
    CHECK(num_pow(2, 0.5) == sqrt(2) && num_pow(27, 1.0 / 3) == 3);
}

static void rows_are_those_of_vectors(void)
{
    enum { M = 131, N = 1061, LD = 140 };
    static double x[LD * N], y[LD * N], row[N], l[M];
    static const int sides[] = {1, 2, 5, 8, 9, 511, 512, 513, N};
    Rng r = rng_new(4, 4);
    rng_normal_array(&r, x, LD * N);
    for (size_t i = 0; i < LD * N; i++)
        x[i] *= 20;
    x[7] = INFINITY;
    x[9] = NAN;
    x[70] = -INFINITY;
    for (size_t k = 0; k < sizeof sides / sizeof *sides; k++) {
        size_t n = (size_t)sides[k];
        vmath_softmax_rows(y, x, LD, M, n);
        vmath_logsumexp_rows(l, x, LD, M, n);
        for (size_t i = 0; i < M; i++) {
            for (size_t j = 0; j < n; j++)
                row[j] = x[i + j * LD];
            CHECK(is_same(l[i], vmath_logsumexp(row, n, 1)));
            vmath_softmax(row, row, n, 1);
            for (size_t j = 0; j < n; j++)
                CHECK_MESSAGE(is_same(y[i + j * LD], row[j]),
                              "entry %zu, %zu of %zu", i, j, n);
        }
    }
}

static void philox_vectors(void)
{
    /* The known answers that the authors publish (Random123, kat_vectors). */
    const uint32_t zero[4] = {0, 0, 0, 0};
    const uint32_t ones[4] = {~0u, ~0u, ~0u, ~0u};
    const uint32_t pi[6] = {0x243f6a88, 0x85a308d3, 0x13198a2e,
                            0x03707344, 0xa4093822, 0x299f31d0};
    uint32_t y[4];
    rng_philox(zero, zero, y);
    CHECK(y[0] == 0x6627e8d5 && y[1] == 0xe169c58d && y[2] == 0xbc57ac4c &&
          y[3] == 0x9b00dbd8);
    rng_philox(ones, ones, y);
    CHECK(y[0] == 0x408f276d && y[1] == 0x41c83b0e && y[2] == 0xa20bc7c6 &&
          y[3] == 0x6d5451fd);
    rng_philox(pi, pi + 4, y);
    CHECK(y[0] == 0xd16cfe09 && y[1] == 0x94fdcceb && y[2] == 0x5001e420 &&
          y[3] == 0x24126ea1);
}

static void draws_depend_on_their_place(void)
{
    enum { N = 101 };
    double x[N], y[N];
    Rng a = rng_new(7, 1), b = a;
    for (int i = 0; i < N; i++)
        x[i] = rng_uniform(&a);
    rng_uniform_array(&b, y, 33);
    rng_uniform_array(&b, y + 33, N - 33);
    CHECK(a.index == b.index && !memcmp(x, y, sizeof x));
    CHECK(rng_bits_at(7, 1, 50) != rng_bits_at(7, 2, 50));
}

static void draws_have_their_distribution(void)
{
    enum { N = 100000 };
    static double x[N], y[N];
    Rng r = rng_new(42, 0);
    rng_normal_array(&r, x, N);
    rng_uniform_array(&r, y, N);
    double m = vmath_mean(x, N, 1);
    CHECK(fabs(m) < 0.015);
    CHECK(fabs(vmath_square_sum(x, N, 1, m) / N - 1) < 0.02);
    CHECK(fabs(vmath_mean(y, N, 1) - 0.5) < 0.005);
    CHECK(vmath_smallest(y, N, 1, NULL) > 0 &&
          vmath_largest(y, N, 1, NULL) < 1);
    for (int i = 0; i < N; i++) {
        x[i] = rng_gamma(&r, 2.5);
        y[i] = rng_gamma(&r, 0.3);
    }
    CHECK(fabs(vmath_mean(x, N, 1) - 2.5) < 0.03);
    CHECK(fabs(vmath_mean(y, N, 1) - 0.3) < 0.01);
    int count[7] = {0};
    for (int i = 0; i < 70000; i++)
        count[rng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        CHECK(abs(count[i] - 10000) < 500);
    size_t p[50];
    int seen[50] = {0};
    rng_permutation(&r, p, 50);
    for (int i = 0; i < 50; i++)
        seen[p[i]]++;
    for (int i = 0; i < 50; i++)
        CHECK(seen[i] == 1);
}

int main(void)
{
    RUN(special_functions);
    RUN(polygamma_values);
    RUN(lbeta_values);
    RUN(edges);
    RUN(vectors_agree_with_scalars);
    RUN(elementary_functions_to_one_ulp);
    RUN(elementary_functions_at_edges);
    RUN(elementary_functions_at_landmarks);
    RUN(widths_agree);
    RUN(sums_are_compensated);
    RUN(sums_of_rows_are_sums);
    RUN(norms_and_products);
    RUN(extremes);
    RUN(exponentials_are_centred);
    RUN(powers);
    RUN(rows_are_those_of_vectors);
    RUN(philox_vectors);
    RUN(draws_depend_on_their_place);
    RUN(draws_have_their_distribution);
    return check_result();
}

/*
 * vmath.h - functions of numbers and of plain arrays of numbers
 *
 * num_f is the function of one number, vmath_f applies it to n numbers; the
 * two agree bit for bit, and y may be x.  Outside of its domain a function
 * returns NaN; nothing raises.  Where a formula as usually written loses
 * digits, these do not.
 *
 * Reductions take x[0], x[stride], ..., x[(n - 1)*stride] and depend on these
 * numbers alone: every sum is taken in one tree, whatever the machine, the
 * stride or the number of threads.
 */
#ifndef MLC_NUM_VMATH_H
#define MLC_NUM_VMATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * VMATH(name): double num_<name>(double) and
 * void vmath_<name>(double *y, const double *x, size_t n).  The first list is
 * that of simd.c, which takes many lanes at once; vcore.h tells their errors.
 */
#define VMATH_SIMD_LIST(VMATH)                                                 \
    VMATH(exp)                                                                 \
    VMATH(expm1)                                                               \
    VMATH(log)                                                                 \
    VMATH(log1p)                                                               \
    VMATH(log2)                                                                \
    VMATH(log10)                                                               \
    VMATH(sinh)                                                                \
    VMATH(cosh)                                                                \
    VMATH(asin)                                                                \
    VMATH(acos)                                                                \
    VMATH(erf)                                                                 \
    VMATH(erfc)                                                                \
    VMATH(sin)                                                                 \
    VMATH(cos)                                                                 \
    VMATH(tan)                                                                 \
    VMATH(atan)                                                                \
    VMATH(tanh)                                                                \
    VMATH(sigmoid)    /* 1/(1 + exp(-x)) */                                    \
    VMATH(dsigmoid)   /* its derivative s*(1 - s) */                           \
    VMATH(softplus)   /* log(1 + exp(x)) */                                    \
    VMATH(logsigmoid) /* log(sigmoid(x)) = -softplus(-x) */                    \
    VMATH(dtanh)      /* 1 - tanh(x)^2 */

#define VMATH_PLAIN_LIST(VMATH)                                                \
    VMATH(cbrt)                                                                \
    VMATH(asinh)                                                               \
    VMATH(acosh)                                                               \
    VMATH(atanh)                                                               \
    VMATH(gamma)      /* the gamma function */                                 \
    VMATH(lgamma)     /* log|gamma(x)| */                                      \
    VMATH(digamma)    /* its derivative */                                     \
    VMATH(trigamma)   /* and the next */                                       \
    VMATH(log1mexp)   /* log(1 - exp(x)) for x < 0 */                          \
    VMATH(sinc)       /* sin(x)/x, 1 at 0 */                                   \
    VMATH(dsinc)      /* its derivative, 0 at 0 */                             \
    VMATH(normcdf)    /* distribution of the standard normal */                \
    VMATH(norminv)    /* and its inverse on (0, 1) */                          \
    VMATH(lognormcdf) /* log(normcdf(x)) */                                    \
    VMATH(invmills)   /* its derivative */

/* Those of few instructions. */
#define VMATH_SHORT_LIST(VMATH)                                                \
    VMATH(sqrt)                                                                \
    VMATH(abs)                                                                 \
    VMATH(sign)                                                                \
    VMATH(floor)                                                               \
    VMATH(ceil)                                                                \
    VMATH(round) /* halves away from zero */                                   \
    VMATH(relu)  /* max(0, x) */                                               \
    VMATH(neg)                                                                 \
    VMATH(square)                                                              \
    VMATH(recip) /* 1/x */

#define VMATH_LIST(VMATH)                                                      \
    VMATH_SIMD_LIST(VMATH) VMATH_PLAIN_LIST(VMATH) VMATH_SHORT_LIST(VMATH)

#define VMATH(name)                                                            \
    double num_##name(double x);                                               \
    void vmath_##name(double *y, const double *x, size_t n);
VMATH_LIST(VMATH)
#undef VMATH

/* The same for two operands. */
#define VMATH2_PLAIN_LIST(VMATH2)                                              \
    VMATH2(atan2)                                                              \
    VMATH2(hypot)                                                              \
    VMATH2(mod)       /* a - b*floor(a/b), the sign of b; NaN if b is 0 */     \
    VMATH2(xlogy)     /* x*log(y), 0 at x = 0 also for y = 0 */                \
    VMATH2(xlog1py)   /* x*log(1 + y) */                                       \
    VMATH2(logaddexp) /* log(exp(a) + exp(b)) */                               \
    VMATH2(beta)      /* gamma(a)*gamma(b)/gamma(a + b) */                     \
    VMATH2(lbeta)     /* log of the beta function */

#define VMATH2_SHORT_LIST(VMATH2)                                              \
    VMATH2(add)                                                                \
    VMATH2(sub)                                                                \
    VMATH2(mul)                                                                \
    VMATH2(div)                                                                \
    VMATH2(max) /* NaN if one is NaN; a tie gives the first */                 \
    VMATH2(min)

#define VMATH2_SIMD_LIST(VMATH2)                                               \
    VMATH2(pow) /* real: (-8)^(1/3) is NaN; 0^0 is 1 */

#define VMATH2_LIST(VMATH2)                                                    \
    VMATH2_SIMD_LIST(VMATH2) VMATH2_PLAIN_LIST(VMATH2) VMATH2_SHORT_LIST(VMATH2)

#define VMATH2(name)                                                           \
    double num_##name(double a, double b);                                     \
    void vmath_##name(double *y, const double *a, const double *b, size_t n);
VMATH2_LIST(VMATH2)
#undef VMATH2

/* The n-th derivative of digamma, n >= 0 (polygamma 1 is trigamma). */
double num_polygamma(int n, double x);

/*
 * Sum of x[0], x[stride], ... in a fixed tree of blocks with compensation
 * (Neumaier 1974): as exact as if summed in twice the precision, then
 * rounded.  1e16 + 1 - 1e16 is 1.
 */
double vmath_sum(const double *x, size_t n, size_t stride);

/* The same sum of each row of a matrix of `rows` rows and n columns, which
 * begin ld numbers apart. */
void vmath_sum_rows(double *y, const double *x, size_t ld, size_t rows,
                    size_t n);

/* The tree by parts: to sum what does not stand in one array. */
typedef struct VmathSum {
    double sum, rest; /* the sum is sum + rest */
} VmathSum;

void vmath_sum_add(VmathSum *s, double x);
void vmath_sum_join(VmathSum *s, VmathSum other);
double vmath_sum_total(VmathSum s);

/*
 * y = exp(x - top), and its sum in the lanes of a block of the tree: entry i
 * in lane i mod 8.  The second has a top and a sum for each entry, to which it
 * adds.
 */
enum { EXP_LANES = 8 };

void vmath_exp_sum(double *y, const double *x, size_t n, double top,
                   double sum[EXP_LANES], double rest[EXP_LANES]);
void vmath_exp_add(double *y, const double *x, size_t n, const double *top,
                   double *sum, double *rest);

/* sum of x[i]*y[i], compensated in the same tree. */
double vmath_dot(const double *x, const double *y, size_t n);

/* Is no entry an infinity or NaN? */
bool vmath_all_finite(const double *x, size_t n);

/* Two passes: sum/n, and the sum of squares about it (sd, var). */
double vmath_mean(const double *x, size_t n, size_t stride);
double vmath_square_sum(const double *x, size_t n, size_t stride,
                        double centre);

double vmath_prod(const double *x, size_t n, size_t stride);

/* Largest and smallest; NaN if there is one; the first index of it. n >= 1. */
double vmath_largest(const double *x, size_t n, size_t stride, size_t *index);
double vmath_smallest(const double *x, size_t n, size_t stride, size_t *index);

/* sqrt(sum(x.^2)) without overflow or underflow on the way. */
double vmath_norm2(const double *x, size_t n, size_t stride);
double vmath_norm1(const double *x, size_t n, size_t stride);

/* log(sum(exp(x))); -inf for n = 0 and when all are -inf. */
double vmath_logsumexp(const double *x, size_t n, size_t stride);

/* y = exp(x - logsumexp(x)), and its logarithm; the same stride for both. */
void vmath_softmax(double *y, const double *x, size_t n, size_t stride);
void vmath_logsoftmax(double *y, const double *x, size_t n, size_t stride);

/*
 * The same, bit for bit, for each of m rows of a matrix of n columns that are
 * ld numbers apart.  y is not x; that of logsumexp is a column.
 */
void vmath_softmax_rows(double *y, const double *x, size_t ld, size_t m,
                        size_t n);
void vmath_logsumexp_rows(double *y, const double *x, size_t ld, size_t m,
                          size_t n);

#endif

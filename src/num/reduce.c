/* reduce.c - sums and other reductions (vmath.h) */
#include "num/vmath.h"

#include <math.h>
#include <string.h>

/*
 * One tree for every sum: blocks of BLOCK elements, element i of a block in
 * lane i % 8; each lane carries its sum and the sum of its rounding errors
 * (Knuth's exact sum of two, the branch-free form of Neumaier's); lanes and
 * then blocks are joined from left to right in the same way.  Only + and -
 * are used, so every width of SIMD gives the same bits.
 */
#define LANES 8
#define BLOCK 4096

typedef double Lanes __attribute__((vector_size(LANES * sizeof(double))));

typedef enum Term { PLAIN, SQUARE, MAGNITUDE, PRODUCT, DEVIATION } Term;

static inline double term_of(Term term, double x, double y)
{
    switch (term) {
    case SQUARE:
        return x * x;
    case MAGNITUDE:
        return fabs(x);
    case PRODUCT:
        return x * y;
    case DEVIATION:
        return (x - y) * (x - y);
    default:
        return x;
    }
}

void vmath_sum_add(VmathSum *s, double x)
{
    double t = s->sum + x, z = t - s->sum;
    s->rest += (s->sum - (t - z)) + (x - z);
    s->sum = t;
}

void vmath_sum_join(VmathSum *s, VmathSum other)
{
    vmath_sum_add(s, other.sum);
    s->rest += other.rest;
}

/* After an overflow the errors are NaN and mean nothing. */
double vmath_sum_total(VmathSum s)
{
    double y = s.sum + s.rest;
    return isnan(y) ? s.sum : y;
}

/* Adds v to every lane; `rest` takes what rounding loses. */
static inline __attribute__((always_inline)) void
add_lanes(Lanes *sum, Lanes *rest, const double lane[LANES])
{
    Lanes v;
    memcpy(&v, lane, sizeof v);
    Lanes t = *sum + v, z = t - *sum;
    *rest += (*sum - (t - z)) + (v - z);
    *sum = t;
}

/* The sum of the terms of one block; `y` serves two-operand terms. */
static inline __attribute__((always_inline)) VmathSum
sum_block(Term term, const double *x, size_t stride, const double *y, size_t n,
          double centre)
{
    Lanes sum = {0}, rest = {0};
    double lane[LANES];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++)
            lane[j] = term_of(term, x[(i + j) * stride], y ? y[i + j] : centre);
        add_lanes(&sum, &rest, lane);
    }
    if (i < n) {
        memset(lane, 0, sizeof lane);
        for (size_t j = 0; i + j < n; j++)
            lane[j] = term_of(term, x[(i + j) * stride], y ? y[i + j] : centre);
        add_lanes(&sum, &rest, lane);
    }
    VmathSum s = {0, 0};
    for (int j = 0; j < LANES; j++)
        vmath_sum_join(&s, (VmathSum){sum[j], rest[j]});
    return s;
}

static inline __attribute__((always_inline)) double
sum_tree(Term term, const double *x, size_t stride, const double *y, size_t n,
         double centre)
{
    VmathSum s = {0, 0};
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK;
        vmath_sum_join(&s, sum_block(term, x + i * stride, stride,
                                     y ? y + i : NULL, m, centre));
    }
    return vmath_sum_total(s);
}

double vmath_sum(const double *x, size_t n, size_t stride)
{
    if (stride == 1)
        return sum_tree(PLAIN, x, 1, NULL, n, 0);
    return sum_tree(PLAIN, x, stride, NULL, n, 0);
}

double vmath_dot(const double *x, const double *y, size_t n)
{
    return sum_tree(PRODUCT, x, 1, y, n, 0);
}

double vmath_mean(const double *x, size_t n, size_t stride)
{
    return vmath_sum(x, n, stride) / (double)n;
}

double vmath_square_sum(const double *x, size_t n, size_t stride, double centre)
{
    if (stride == 1)
        return sum_tree(DEVIATION, x, 1, NULL, n, centre);
    return sum_tree(DEVIATION, x, stride, NULL, n, centre);
}

double vmath_norm1(const double *x, size_t n, size_t stride)
{
    return sum_tree(MAGNITUDE, x, stride, NULL, n, 0);
}

/*
 * When the squares leave the range where they are exact enough, divide by a
 * power of two near the largest entry first; that division is exact.
 */
double vmath_norm2(const double *x, size_t n, size_t stride)
{
    double s = stride == 1 ? sum_tree(SQUARE, x, 1, NULL, n, 0)
                           : sum_tree(SQUARE, x, stride, NULL, n, 0);
    if ((s > 1e-280 && s < INFINITY) || isnan(s) || n == 0)
        return sqrt(s);
    double top = 0;
    for (size_t i = 0; i < n; i++)
        top = fmax(top, fabs(x[i * stride]));
    if (top == 0 || isinf(top))
        return top;
    int e;
    frexp(top, &e);
    VmathSum sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double v = ldexp(x[i * stride], -e);
        vmath_sum_add(&sum, v * v);
    }
    return ldexp(sqrt(vmath_sum_total(sum)), e);
}

/* The product by mantissas and exponents, for when it left the range. */
static double scaled_prod(const double *x, size_t n, size_t stride)
{
    double y = 1;
    long exponent = 0;
    for (size_t i = 0; i < n; i++) {
        int e, more;
        y = frexp(y * frexp(x[i * stride], &e), &more);
        exponent += (long)e + more;
    }
    return ldexp(y, exponent > 5000    ? 5000
                    : exponent < -5000 ? -5000
                                       : (int)exponent);
}

double vmath_prod(const double *x, size_t n, size_t stride)
{
    double y = 1;
    for (size_t i = 0; i < n; i++)
        y *= x[i * stride];
    double size = fabs(y);
    if (size > 1e-290 && size < INFINITY)
        return y;
    for (size_t i = 0; i < n; i++) {
        double v = x[i * stride];
        if (v == 0 || !isfinite(v))
            return y;
    }
    return scaled_prod(x, n, stride);
}

double vmath_largest(const double *x, size_t n, size_t stride, size_t *index)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        double v = x[i * stride];
        if (isnan(v)) {
            best = i;
            break;
        }
        if (v > x[best * stride])
            best = i;
    }
    if (index)
        *index = best;
    return x[best * stride];
}

double vmath_smallest(const double *x, size_t n, size_t stride, size_t *index)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        double v = x[i * stride];
        if (isnan(v)) {
            best = i;
            break;
        }
        if (v < x[best * stride])
            best = i;
    }
    if (index)
        *index = best;
    return x[best * stride];
}

/*
 * The largest entry, NaN if there is one.  A sum of x - x is 0 unless there is
 * an infinity or NaN: then the slow way decides.
 */
static double top_of(const double *x, size_t n, size_t stride)
{
    if (stride != 1 || n < LANES)
        return vmath_largest(x, n, stride, NULL);
    double top[LANES], odd[LANES] = {0}, y;
    memcpy(top, x, sizeof top);
    for (size_t i = 0; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++) {
            double v = x[i + j];
            top[j] = v > top[j] ? v : top[j];
            odd[j] += v - v;
        }
    }
    y = vmath_largest(x + n - LANES, LANES, 1, NULL);
    for (int j = 0; j < LANES; j++) {
        if (odd[j] != 0)
            return vmath_largest(x, n, 1, NULL);
        y = top[j] > y ? top[j] : y;
    }
    return y;
}

/* At a time, so that the exponentials stay in cache. */
#define PART 512

/*
 * Puts exp(x[i] - top) for the next m <= PART entries into y and adds them to
 * the sum.
 */
static void add_exps(VmathSum *sum, double *y, const double *x, size_t m,
                     size_t stride, double top)
{
    size_t i = 0;
    for (; stride == 1 && i + LANES <= m; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            y[i + j] = x[i + j] - top;
    for (; i < m; i++)
        y[i] = x[i * stride] - top;
    vmath_exp(y, y, m);
    vmath_sum_join(sum, sum_block(PLAIN, y, 1, NULL, m, 0));
}

/*
 * sum(exp(x - top)) - 1: the largest entry gives 1, which the compensated sum
 * takes off again without loss, and log1p of the rest is exact also when it is
 * tiny (Blanchard, Higham & Higham, IMA J. Numer. Anal. 41, 2021).
 */
static double rest_of_exps(const double *x, size_t n, size_t stride, double top)
{
    double part[PART];
    VmathSum s = {0, 0};
    for (size_t i = 0; i < n; i += PART)
        add_exps(&s, part, x + i * stride, n - i < PART ? n - i : PART, stride,
                 top);
    vmath_sum_add(&s, -1);
    return vmath_sum_total(s);
}

double vmath_logsumexp(const double *x, size_t n, size_t stride)
{
    if (n == 0)
        return -INFINITY;
    double top = top_of(x, n, stride);
    if (!isfinite(top))
        return top;
    return top + num_log1p(rest_of_exps(x, n, stride, top));
}

/* y *= factor, in fixed groups that the compiler turns into vectors. */
static void multiply(double *y, size_t n, size_t stride, double factor)
{
    size_t i = 0;
    for (; stride == 1 && i + LANES <= n; i += LANES) {
        Lanes v;
        memcpy(&v, y + i, sizeof v);
        v *= factor;
        memcpy(y + i, &v, sizeof v);
    }
    for (; i < n; i++)
        y[i * stride] *= factor;
}

void vmath_softmax(double *y, const double *x, size_t n, size_t stride)
{
    if (n == 0)
        return;
    double part[PART], top = top_of(x, n, stride);
    VmathSum s = {0, 0};
    for (size_t i = 0; i < n; i += PART) {
        size_t m = n - i < PART ? n - i : PART;
        double *to = stride == 1 ? y + i : part;
        add_exps(&s, to, x + i * stride, m, stride, top);
        for (size_t j = 0; j < m && to == part; j++)
            y[(i + j) * stride] = part[j];
    }
    multiply(y, n, stride, 1 / vmath_sum_total(s));
}

void vmath_logsoftmax(double *y, const double *x, size_t n, size_t stride)
{
    if (n == 0)
        return;
    double top = top_of(x, n, stride);
    double rest = num_log1p(rest_of_exps(x, n, stride, top));
    for (size_t i = 0; i < n; i++)
        y[i * stride] = (x[i * stride] - top) - rest;
}

/* reduce.c - sums and other reductions (vmath.h) */
#include "num/vmath.h"

#include <math.h>
#include <stdint.h>

#include "num/wide.h"

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

/*
 * One tree for every sum: blocks of BLOCK elements, element i of a block in
 * lane i % 8; each lane carries its sum and the sum of its rounding errors
 * (Knuth's exact sum of two, the branch-free form of Neumaier's); lanes and
 * then blocks are joined from left to right in the same way.  Only + and -
 * are used, so every width of SIMD gives the same bits.
 */
#define LANES 8
#define BLOCK 4096

#define INLINE static inline __attribute__((always_inline))

typedef double Lanes
    __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
typedef int64_t Mask
    __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

typedef enum Term { PLAIN, SQUARE, MAGNITUDE, PRODUCT, DEVIATION } Term;

INLINE double term_of(Term term, double x, double y)
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

/* The same for all lanes; y is one number where a term has one. */
INLINE Lanes terms_of(Term term, const double *x, const double *y)
{
    Lanes v = *(const Lanes *)(const void *)x, w = {0};
    switch (term) {
    case SQUARE:
        return v * v;
    case MAGNITUDE:
        return (Lanes)((Mask)v & INT64_MAX);
    case PRODUCT:
        return v * *(const Lanes *)(const void *)y;
    case DEVIATION:
        w += *y;
        return (v - w) * (v - w);
    default:
        return v;
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
INLINE void add_lanes(Lanes *sum, Lanes *rest, Lanes v)
{
    Lanes t = *sum + v, z = t - *sum;
    *rest += (*sum - (t - z)) + (v - z);
    *sum = t;
}

/* m terms in the first lanes, 0 in the others. */
INLINE Lanes gather(Term term, const double *x, size_t stride, const double *y,
                    size_t m)
{
    Lanes v = {0};
    for (size_t j = 0; j < m; j++)
        v[j] = term_of(term, x[j * stride], term == PRODUCT ? y[j] : *y);
    return v;
}

/*
 * The sum of the terms of one block; y is the second operand of PRODUCT, the
 * number of DEVIATION, else anything that can be read.
 */
INLINE VmathSum sum_block(Term term, const double *x, size_t stride,
                          const double *y, size_t n)
{
    Lanes sum = {0}, rest = {0};
    size_t i = 0, step = term == PRODUCT;
    for (; i + LANES <= n; i += LANES)
        add_lanes(&sum, &rest,
                  stride == 1
                      ? terms_of(term, x + i, y + i * step)
                      : gather(term, x + i * stride, stride, y + i * step, 8));
    if (i < n)
        add_lanes(&sum, &rest,
                  gather(term, x + i * stride, stride, y + i * step, n - i));
    VmathSum s = {0, 0};
    for (int j = 0; j < LANES; j++)
        vmath_sum_join(&s, (VmathSum){sum[j], rest[j]});
    return s;
}

INLINE double sum_tree(Term term, const double *x, size_t stride,
                       const double *y, size_t n)
{
    VmathSum s = {0, 0};
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK;
        vmath_sum_join(&s, sum_block(term, x + i * stride, stride,
                                     term == PRODUCT ? y + i : y, m));
    }
    return vmath_sum_total(s);
}

/* Each term without and with a stride, for every width. */
#define SUMS(name, term)                                                       \
    WIDE static double name(const double *x, size_t n, size_t stride,          \
                            const double *y)                                   \
    {                                                                          \
        return stride == 1 ? sum_tree(term, x, 1, y, n)                        \
                           : sum_tree(term, x, stride, y, n);                  \
    }

SUMS(sum_plain, PLAIN)
SUMS(sum_squares, SQUARE)
SUMS(sum_magnitudes, MAGNITUDE)
SUMS(sum_products, PRODUCT)
SUMS(sum_deviations, DEVIATION)

double vmath_sum(const double *x, size_t n, size_t stride)
{
    return sum_plain(x, n, stride, x);
}

/*
 * The tree of vmath_sum for 8 rows side by side: entry i of each goes to lane
 * i mod 8 of its own, and these are joined in order.
 */
WIDE static void sum_rows(double *y, const double *x, size_t ld, size_t n)
{
    Lanes sum[LANES] = {{0}}, rest[LANES] = {{0}}, s = {0}, r = {0};
    for (size_t i = 0; i < n; i++, x += ld)
        add_lanes(&sum[i % LANES], &rest[i % LANES],
                  *(const Lanes *)(const void *)x);
    for (size_t j = 0; j < LANES && j < n; j++) {
        add_lanes(&s, &r, sum[j]);
        r += rest[j];
    }
    r += s;
    for (int j = 0; j < LANES; j++)
        y[j] = isnan(r[j]) ? s[j] : r[j];
}

/* The same of at most 8 entries, where each lane has one. */
WIDE static void sum_short_rows(double *y, const double *x, size_t ld, size_t n)
{
    Lanes s = {0}, r = {0};
    for (size_t i = 0; i < n; i++, x += ld)
        add_lanes(&s, &r, *(const Lanes *)(const void *)x);
    r += s;
    for (int j = 0; j < LANES; j++)
        y[j] = isnan(r[j]) ? s[j] : r[j];
}

void vmath_sum_rows(double *y, const double *x, size_t ld, size_t rows,
                    size_t n)
{
    size_t i = 0;
    for (; n <= BLOCK && i + LANES <= rows; i += LANES)
        (n <= LANES ? sum_short_rows : sum_rows)(y + i, x + i, ld, n);
    for (; i < rows; i++)
        y[i] = vmath_sum(x + i, n, ld);
}

double vmath_dot(const double *x, const double *y, size_t n)
{
    return sum_products(x, n, 1, y);
}

/* x - x is 0 unless x is infinite or NaN. */
WIDE bool vmath_all_finite(const double *x, size_t n)
{
    Mask odd = {0};
    double rest = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        Lanes v = *(const Lanes *)(const void *)(x + i);
        odd |= v - v != 0;
    }
    for (; i < n; i++)
        rest += x[i] - x[i];
    for (int j = 0; j < LANES; j++)
        if (odd[j])
            return false;
    return rest == 0;
}

double vmath_mean(const double *x, size_t n, size_t stride)
{
    return vmath_sum(x, n, stride) / (double)n;
}

double vmath_square_sum(const double *x, size_t n, size_t stride, double centre)
{
    return sum_deviations(x, n, stride, &centre);
}

double vmath_norm1(const double *x, size_t n, size_t stride)
{
    return sum_magnitudes(x, n, stride, x);
}

/*
 * When the squares leave the range where they are exact enough, divide by a
 * power of two near the largest entry first; that division is exact.
 */
double vmath_norm2(const double *x, size_t n, size_t stride)
{
    double s = sum_squares(x, n, stride, x);
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

/* The first entry such that none has a greater product with the sign (1 or
 * -1), or the first NaN. */
static double extreme_one_by_one(const double *x, size_t n, size_t stride,
                                 double sign, size_t *index)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        double v = x[i * stride];
        if (isnan(v)) {
            best = i;
            break;
        }
        if (sign * v > sign * x[best * stride])
            best = i;
    }
    if (index)
        *index = best;
    return x[best * stride];
}

/* The same of finite entries side by side; false: there is another. */
WIDE static bool finite_extreme(const double *x, size_t n, double sign,
                                double *y)
{
    Lanes first = *(const Lanes *)(const void *)x, s = {0}, odd = {0};
    s += sign;
    Lanes top = first * s;
    for (size_t i = 0; i < n; i += LANES) {
        const double *at = x + (n - i < LANES ? n - LANES : i);
        Lanes v = *(const Lanes *)(const void *)at * s;
        Mask more = v > top;
        top = (Lanes)(((Mask)v & more) | ((Mask)top & ~more));
        odd += v - v;
    }
    *y = top[0];
    for (int j = 0; j < LANES; j++) {
        if (odd[j] != 0)
            return false;
        *y = top[j] > *y ? top[j] : *y;
    }
    *y *= sign;
    return true;
}

static double extreme(const double *x, size_t n, size_t stride, double sign,
                      size_t *index)
{
    double y;
    if (stride != 1 || n < LANES || !finite_extreme(x, n, sign, &y))
        return extreme_one_by_one(x, n, stride, sign, index);
    size_t i = 0;
    while (x[i] != y)
        i++;
    if (index)
        *index = i;
    return x[i];
}

/* The largest entry, NaN if there is one. */
static double top_of(const double *x, size_t n, size_t stride)
{
    double y;
    if (stride == 1 && n >= LANES && finite_extreme(x, n, 1, &y))
        return y;
    return extreme_one_by_one(x, n, stride, 1, NULL);
}

double vmath_largest(const double *x, size_t n, size_t stride, size_t *index)
{
    return extreme(x, n, stride, 1, index);
}

double vmath_smallest(const double *x, size_t n, size_t stride, size_t *index)
{
    return extreme(x, n, stride, -1, index);
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
    double sums[EXP_LANES], rests[EXP_LANES];
    VmathSum part = {0, 0};
    for (size_t i = 0; stride != 1 && i < m; i++)
        y[i] = x[i * stride];
    vmath_exp_sum(y, stride == 1 ? x : y, m, top, sums, rests);
    for (int j = 0; j < EXP_LANES; j++)
        vmath_sum_join(&part, (VmathSum){sums[j], rests[j]});
    vmath_sum_join(sum, part);
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

WIDE static void multiply(double *y, size_t n, size_t stride, double factor)
{
    size_t i = 0;
    for (; stride == 1 && i + LANES <= n; i += LANES)
        *(Lanes *)(void *)(y + i) *= factor;
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

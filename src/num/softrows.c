/*
 * softrows.c - softmax and logsumexp of the rows of a matrix (vmath.h)
 *
 * Columns are contiguous, so the rows of a block go through the steps of
 * vmath_softmax side by side, each with the lanes of its own sum.
 */
#include <math.h>
#include <string.h>

#include "num/vmath.h"
#include "num/wide.h"

/*
 * A block of 1000 columns stays in the second cache; as every column is on a
 * page of its own, only fetch brings them in time.  LANES and PART as
 * in reduce.c.
 */
enum { ROWS = 32, LANES = 8, PART = 512, LINE = 8, AHEAD = 8 };

typedef struct Sums {
    double sum[ROWS], rest[ROWS];
} Sums;

typedef struct Block {
    _Alignas(64) double top[ROWS], odd[ROWS], e[ROWS];
    Sums lane[LANES], part, total;
} Block;

/* Asks for the m entries of a column that is read or written soon. */
static inline __attribute__((always_inline)) void fetch(const double *x,
                                                        size_t m)
{
    for (size_t i = 0; i < m; i += LINE)
        __builtin_prefetch(x + i);
}

/* The largest entry of each row; odd is not 0 where one is not finite. */
WIDE_LOOP static void find_tops(Block *b, const double *x, size_t ld, size_t m,
                                size_t n)
{
    for (size_t i = 0; i < m; i++) {
        b->top[i] = x[i];
        b->odd[i] = 0;
    }
    for (size_t j = 0; j < n; j++) {
        if (j + AHEAD < n)
            fetch(x + (j + AHEAD) * ld, m);
        for (size_t i = 0; i < m; i++) {
            double v = x[j * ld + i], top = b->top[i];
            b->top[i] = v > top ? v : top;
            b->odd[i] += v - v;
        }
    }
}

/* vmath_sum_add for each row. */
WIDE_LOOP static void add_each(Sums *s, const double *v, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        double sum = s->sum[i], t = sum + v[i], z = t - sum;
        s->rest[i] += (sum - (t - z)) + (v[i] - z);
        s->sum[i] = t;
    }
}

/* vmath_sum_join for each row. */
static void join_each(Sums *s, const Sums *other, size_t m)
{
    add_each(s, other->sum, m);
    for (size_t i = 0; i < m; i++)
        s->rest[i] += other->rest[i];
}

/* The sums of exp(x - top); the exponentials go to y, if there is one. */
static void sum_exps(Block *b, double *y, const double *x, size_t ld, size_t m,
                     size_t n)
{
    memset(&b->total, 0, sizeof b->total);
    for (size_t from = 0; from < n; from += PART) {
        size_t end = n - from < PART ? n : from + PART;
        memset(b->lane, 0, sizeof b->lane);
        memset(&b->part, 0, sizeof b->part);
        for (size_t j = from; j < end; j++) {
            if (y && j + AHEAD < n)
                fetch(y + (j + AHEAD) * ld, m);
            Sums *s = &b->lane[(j - from) % LANES];
            vmath_exp_add(y ? y + j * ld : b->e, x + j * ld, m, b->top, s->sum,
                          s->rest);
        }
        for (size_t k = 0; k < LANES && k < end - from; k++)
            join_each(&b->part, &b->lane[k], m);
        join_each(&b->total, &b->part, m);
    }
}

WIDE_LOOP static void scale_rows(Block *b, double *y, size_t ld, size_t m,
                                 size_t n)
{
    for (size_t i = 0; i < m; i++)
        b->e[i] = 1 / (b->total.sum[i] + b->total.rest[i]);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            y[j * ld + i] *= b->e[i];
}

void vmath_softmax_rows(double *y, const double *x, size_t ld, size_t m,
                        size_t n)
{
    Block b;
    for (size_t i = 0; i < m && n > 0; i += ROWS) {
        size_t count = m - i < ROWS ? m - i : ROWS;
        find_tops(&b, x + i, ld, count, n);
        sum_exps(&b, y + i, x + i, ld, count, n);
        scale_rows(&b, y + i, ld, count, n);
        for (size_t k = 0; k < count; k++)
            if (b.odd[k] != 0)
                vmath_softmax(y + i + k, x + i + k, n, ld);
    }
}

void vmath_logsumexp_rows(double *y, const double *x, size_t ld, size_t m,
                          size_t n)
{
    Block b;
    for (size_t i = 0; i < m; i += ROWS) {
        size_t count = m - i < ROWS ? m - i : ROWS;
        if (n > 0) {
            find_tops(&b, x + i, ld, count, n);
            sum_exps(&b, NULL, x + i, ld, count, n);
        }
        for (size_t k = 0; n > 0 && k < count; k++) {
            VmathSum s = {b.total.sum[k], b.total.rest[k]};
            vmath_sum_add(&s, -1);
            b.e[k] = vmath_sum_total(s);
        }
        vmath_log1p(b.e, b.e, n > 0 ? count : 0);
        for (size_t k = 0; k < count; k++)
            y[i + k] = n == 0 || b.odd[k] != 0
                           ? vmath_logsumexp(x + i + k, n, ld)
                           : b.top[k] + b.e[k];
    }
}

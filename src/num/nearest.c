/*
 * nearest.c - the rows of one matrix nearest to those of another
 */
#include "num/nearest.h"

#include <float.h>
#include <math.h>

#include "base/arena.h"
#include "base/error.h"
#include "num/blas.h"

#define BLOCK_ENTRIES 262144 /* of the product of a block of rows of z */
#define LEAST_BLOCK 8
#define MOST_BLOCK 4096

typedef struct Near {
    double distance;
    int row;
} Near;

typedef struct Search {
    int n, d, k;
    const double *rows;    /* x, row by row */
    const double *about;   /* x about the means, column by column */
    const double *squares; /* of the rows of about */
    double longest;        /* of these rows */
    double *least;         /* k numbers */
    Near *best;            /* k of them */
} Search;

/* The k-th smallest of s, by a list of the k smallest so far. */
static double least_at(const Search *q, const double *s)
{
    int have = 0, k = q->k;
    double *v = q->least;
    for (int i = 0; i < q->n; i++) {
        if (have == k && !(s[i] < v[k - 1]))
            continue;
        int at = have < k ? have++ : k - 1;
        for (; at > 0 && s[i] < v[at - 1]; at--)
            v[at] = v[at - 1];
        v[at] = s[i];
    }
    return v[k - 1];
}

static double distance(const double *x, const double *z, int d)
{
    double sum = 0;
    for (int j = 0; j < d; j++)
        sum += (x[j] - z[j]) * (x[j] - z[j]);
    return sum;
}

/* The nearest of the rows whose s is not above `limit`. */
static void compare(const Search *q, const double *s, double limit,
                    const double *z)
{
    int have = 0, k = q->k;
    Near *v = q->best;
    for (int i = 0; i < q->n; i++) {
        if (s[i] > limit)
            continue;
        double e = distance(q->rows + (size_t)i * (size_t)q->d, z, q->d);
        if (have == k && !(e < v[k - 1].distance))
            continue;
        int at = have < k ? have++ : k - 1;
        for (; at > 0 && e < v[at - 1].distance; at--)
            v[at] = v[at - 1];
        v[at] = (Near){e, i + 1};
    }
}

static double *by_rows(Arena *a, const double *x, int n, int d)
{
    double *y = ARENA_ARRAY(a, double, (size_t)n *(size_t)d + 1);
    for (int j = 0; j < d; j++)
        for (int i = 0; i < n; i++)
            y[(size_t)i * (size_t)d + (size_t)j] =
                x[(size_t)j * (size_t)n + (size_t)i];
    return y;
}

static double *means(Arena *a, const double *x, int n, int d)
{
    double *y = ARENA_ARRAY(a, double, (size_t)d + 1);
    for (int j = 0; j < d; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += x[(size_t)j * (size_t)n + (size_t)i];
        y[j] = sum / n;
    }
    return y;
}

static Search begin_search(Arena *a, const double *x, int n, int d, int k,
                           const double *mean)
{
    double *about = ARENA_ARRAY(a, double, (size_t)n *(size_t)d + 1);
    double *squares = ARENA_ARRAY(a, double, (size_t)n);
    double longest = 0;
    for (int i = 0; i < n; i++)
        squares[i] = 0;
    for (int j = 0; j < d; j++)
        for (int i = 0; i < n; i++) {
            size_t at = (size_t)j * (size_t)n + (size_t)i;
            about[at] = x[at] - mean[j];
            squares[i] += about[at] * about[at];
        }
    for (int i = 0; i < n; i++)
        longest = fmax(longest, sqrt(squares[i]));
    return (Search){.n = n,
                    .d = d,
                    .k = k,
                    .rows = by_rows(a, x, n, d),
                    .about = about,
                    .squares = squares,
                    .longest = longest,
                    .least = ARENA_ARRAY(a, double, (size_t)k),
                    .best = ARENA_ARRAY(a, Near, (size_t)k)};
}

/*
 * The squared distances from z but for its own square, s = |x|^2 - 2*x'z, are
 * wrong by no more than `slack`: the product by d units in the last place of
 * |x|*|z| (Higham, Accuracy and Stability, 2002, section 3.1), the squares and
 * the differences from the means likewise.
 */
static void search(const Search *q, double *s, const double *z, double length)
{
    double reach = q->longest + length;
    double slack = (4.0 * q->d + 32) * DBL_EPSILON * reach * reach;
    for (int i = 0; i < q->n; i++)
        s[i] = q->squares[i] - 2 * s[i];
    compare(q, s, least_at(q, s) + 2 * slack, z);
}

/* The rows of a block about the means, and what comes of their products. */
static void search_block(const Search *q, const double *mean, const double *z,
                         int from, int b, double *about, double *s)
{
    for (int j = 0; j < q->d; j++)
        for (int i = 0; i < b; i++)
            about[(size_t)j * (size_t)b + (size_t)i] =
                z[(size_t)(from + i) * (size_t)q->d + (size_t)j] - mean[j];
    if (blas_gemm(false, true, q->n, b, q->d, 1, q->about, q->n, about, b, 0, s,
                  q->n) != NUM_OK)
        for (size_t i = 0; i < (size_t)q->n * (size_t)b; i++)
            s[i] = -INFINITY; /* without the product all are compared */
}

static double length_of(const double *about, int i, int b, int d)
{
    double sum = 0;
    for (int j = 0; j < d; j++) {
        double e = about[(size_t)j * (size_t)b + (size_t)i];
        sum += e * e;
    }
    return sqrt(sum);
}

void nearest_rows(const double *x, int n, const double *z, int m, int d, int k,
                  int *index)
{
    Arena *a = arena_local();
    const double *mean = means(a, x, n, d);
    Search q = begin_search(a, x, n, d, k, mean);
    const double *row = by_rows(a, z, m, d);
    int block = BLOCK_ENTRIES / n;
    block = block < LEAST_BLOCK ? LEAST_BLOCK : block;
    block = block > MOST_BLOCK ? MOST_BLOCK : block;
    block = block > m ? m : block;
    double *s = ARENA_ARRAY(a, double, (size_t)n *(size_t)block + 1);
    double *about = ARENA_ARRAY(a, double, (size_t)d *(size_t)block + 1);
    for (int from = 0; from < m; from += block) {
        int b = m - from < block ? m - from : block;
        search_block(&q, mean, row, from, b, about, s);
        for (int i = 0; i < b; i++) {
            POLL();
            search(&q, s + (size_t)i * (size_t)n,
                   row + (size_t)(from + i) * (size_t)d,
                   length_of(about, i, b, d));
            for (int j = 0; j < k; j++)
                index[(size_t)j * (size_t)m + (size_t)(from + i)] =
                    q.best[j].row;
        }
    }
    arena_free(a);
}

#include "num/rows.h"

#include <stdint.h>
#include <string.h>

#include "num/wide.h"

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(ROWS_LANES * sizeof(double)),
                                    aligned(8), may_alias));

INLINE Lanes load(const double *x)
{
    return *(const Lanes *)(const void *)x;
}

/* What is left of a column, then 0. */
INLINE Lanes load_part(const double *x, size_t n)
{
    Lanes v = {0};
    memcpy(&v, x, n * sizeof *x);
    return v;
}

/* y (of which `first` says that it is 0) + x*w for `count` columns. */
INLINE void add_columns(double *y, const double *x, size_t ld, size_t m,
                        int count, const double *w, int first, size_t ahead)
{
    size_t i = 0;
    for (; i + ROWS_LANES <= m; i += ROWS_LANES) {
        Lanes sum =
            first ? load(x + i) * w[0] : load(y + i) + load(x + i) * w[0];
        for (int j = 1; j < count; j++)
            sum += load(x + (size_t)j * ld + i) * w[j];
        *(Lanes *)(void *)(y + i) = sum;
        for (int j = 0; i < ahead && j < count; j++)
            __builtin_prefetch(x + (size_t)j * ld + i + m, 0, 2);
    }
    for (; i < m; i++) {
        double sum = first ? x[i] * w[0] : y[i] + x[i] * w[0];
        for (int j = 1; j < count; j++)
            sum += x[(size_t)j * ld + i] * w[j];
        y[i] = sum;
    }
}

WIDE void rows_times(double *y, const double *x, size_t ld, size_t m, size_t k,
                     const double *w, size_t ahead)
{
    size_t j = 0;
    if (k == 0)
        memset(y, 0, m * sizeof *y);
    for (; j + 4 <= k; j += 4)
        add_columns(y, x + j * ld, ld, m, 4, w + j, j == 0, ahead);
    for (; j < k; j++)
        add_columns(y, x + j * ld, ld, m, 1, w + j, j == 0, ahead);
}

INLINE void collect(double *sums, const double *x, size_t ld, size_t m,
                    int count, const double *r, size_t first, size_t ahead)
{
    Lanes sum[4];
    size_t i = 0;
    for (int j = 0; j < count; j++)
        sum[j] = load(sums + j * ROWS_LANES);
    for (; i + ROWS_LANES <= m; i += ROWS_LANES) {
        Lanes v = load(r + i);
        for (int j = 0; j < count; j++) {
            const double *at = x + (size_t)j * ld + i;
            sum[j] += load(at) * v;
            if (i >= first && i < ahead)
                __builtin_prefetch(at + m, 0, 2);
        }
    }
    if (i < m) {
        Lanes v = load_part(r + i, m - i);
        for (int j = 0; j < count; j++)
            sum[j] += load_part(x + (size_t)j * ld + i, m - i) * v;
    }
    for (int j = 0; j < count; j++)
        *(Lanes *)(void *)(sums + j * ROWS_LANES) = sum[j];
}

WIDE void rows_collect(double *sums, const double *x, size_t ld, size_t m,
                       size_t k, const double *r, size_t first, size_t ahead)
{
    size_t j = 0;
    for (; j + 4 <= k; j += 4)
        collect(sums + j * ROWS_LANES, x + j * ld, ld, m, 4, r, first, ahead);
    for (; j < k; j++)
        collect(sums + j * ROWS_LANES, x + j * ld, ld, m, 1, r, first, ahead);
}

double rows_total(const double s[ROWS_LANES])
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

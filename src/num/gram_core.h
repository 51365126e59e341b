/*
 * gram_core.h - products of columns, for one width of vector registers
 *
 * gram.c includes this file once for every width it compiles, after defining
 *   FN(name)         a name for this width
 *   GRAM             how a function is declared that is not inlined
 *   Part, PART       a vector and the count of its numbers, 8 or 4
 *   LOAD(x)          a Part from memory
 *   FUSED(x, y, s)   x*y + s, rounded once
 *   DOWN, ACROSS     columns of a and of b in a tile that fits the registers
 * Every sum has eight lanes of rows, in one Part or two.
 */

enum { FN(PARTS) = ROWS_LANES / PART };

/* The lanes of one sum, joined as by rows_total. */
INLINE void FN(join)(const Part *sum, int count, double *y)
{
#if PART == 8
    UNROLL for (int k = 0; k < count; k += 8)
    {
        Part half[4], quarter[2], t;
        UNROLL for (int i = 0; i < 4; i++)
        {
            Part u = sum[k + 2 * i], v = sum[k + 2 * i + 1];
            half[i] = SHUFFLE(u, v, 0, 1, 2, 3, 8, 9, 10, 11) +
                      SHUFFLE(u, v, 4, 5, 6, 7, 12, 13, 14, 15);
        }
        UNROLL for (int i = 0; i < 2; i++)
        {
            Part u = half[2 * i], v = half[2 * i + 1];
            quarter[i] = SHUFFLE(u, v, 0, 1, 4, 5, 8, 9, 12, 13) +
                         SHUFFLE(u, v, 2, 3, 6, 7, 10, 11, 14, 15);
        }
        t = SHUFFLE(quarter[0], quarter[1], 0, 2, 4, 6, 8, 10, 12, 14) +
            SHUFFLE(quarter[0], quarter[1], 1, 3, 5, 7, 9, 11, 13, 15);
        memcpy(y + k, &t, sizeof t);
    }
#else
    for (int k = 0; k < count; k++) {
        Part t = sum[2 * k] + sum[2 * k + 1];
        y[k] = (t[0] + t[2]) + (t[1] + t[3]);
    }
#endif
}

/* One group of lanes more of each sum of a tile. */
INLINE void FN(add)(Part *sum, const double *a, size_t lda, const double *b,
                    size_t ldb, int height, int width)
{
    UNROLL for (int h = 0; h < FN(PARTS); h++)
    {
        Part x[4];
        UNROLL for (int r = 0; r < height; r++)
            x[r] = LOAD(a + (size_t)r * lda + h * PART);
        UNROLL for (int c = 0; c < width; c++)
        {
            Part z = LOAD(b + (size_t)c * ldb + h * PART);
            UNROLL for (int r = 0; r < height; r++)
            {
                Part *s = &sum[(c * height + r) * FN(PARTS) + h];
                *s = FUSED(x[r], z, *s);
            }
        }
    }
}

/* Columns i.. of a with columns j.. of b. */
INLINE void FN(tile)(const Gram *g, size_t i, size_t j, int height, int width)
{
    Part sum[24 * FN(PARTS)] = {{0}};
    const double *a = g->a + i * g->lda, *b = g->b + j * g->ldb;
    double y[24];
    size_t l = 0, left = g->rows % ROWS_LANES;
    for (; l + ROWS_LANES <= g->rows; l += ROWS_LANES)
        FN(add)(sum, a + l, g->lda, b + l, g->ldb, height, width);
    if (left > 0) {
        double u[4 * ROWS_LANES] = {0}, v[6 * ROWS_LANES] = {0};
        for (size_t r = 0; r < (size_t)height; r++)
            memcpy(u + r * ROWS_LANES, a + r * g->lda + l, left * sizeof *u);
        for (size_t c = 0; c < (size_t)width; c++)
            memcpy(v + c * ROWS_LANES, b + c * g->ldb + l, left * sizeof *v);
        FN(add)(sum, u, ROWS_LANES, v, ROWS_LANES, height, width);
    }
    FN(join)(sum, height * width, y);
    for (int c = 0; c < width; c++)
        for (int r = 0; r < height; r++) {
            double *to = g->c + i + (size_t)r + (j + (size_t)c) * g->ldc;
            *to = g->adds ? *to + y[c * height + r] : y[c * height + r];
        }
}

/* The entries of n columns, on and below the diagonal and a few above it. */
GRAM void FN(lower)(const Gram *g, size_t n)
{
    size_t j = 0;
    for (; j + ACROSS <= n; j += ACROSS) {
        size_t i = j / DOWN * DOWN;
        for (; i + DOWN <= n; i += DOWN)
            FN(tile)(g, i, j, DOWN, ACROSS);
        for (; i < n; i++)
            FN(tile)(g, i, j, 1, ACROSS);
    }
    for (; j < n; j++)
        for (size_t i = j; i < n; i++)
            FN(tile)(g, i, j, 1, 1);
}

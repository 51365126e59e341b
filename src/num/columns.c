/* columns.c - columns of data, gone through by threads (columns.h) */
#include "num/columns.h"

#include "base/pool.h"
#include "num/vmath.h"

/* Entries of a part. */
#define STRETCH ((size_t)1 << 18)

typedef struct Columns {
    const double *x;
    size_t n, rows;
    double *norm;
} Columns;

static int look_at_stretch(void *job, size_t part, unsigned worker)
{
    const Columns *c = job;
    size_t from = part * STRETCH, left = c->n - from;
    (void)worker;
    return !vmath_all_finite(c->x + from, left < STRETCH ? left : STRETCH);
}

bool columns_all_finite(const double *x, size_t n)
{
    Columns c = {.x = x, .n = n};
    return !pool_run(look_at_stretch, &c, (n + STRETCH - 1) / STRETCH);
}

static int measure_column(void *job, size_t j, unsigned worker)
{
    const Columns *c = job;
    (void)worker;
    c->norm[j] = vmath_norm2(c->x + j * c->rows, c->rows, 1);
    return 0;
}

void columns_norm2(double norm[], const double *x, size_t rows, size_t cols)
{
    Columns c = {x, rows * cols, rows, norm};
    if (c.n >= STRETCH) {
        pool_run(measure_column, &c, cols);
        return;
    }
    for (size_t j = 0; j < cols; j++)
        measure_column(&c, j, 0);
}

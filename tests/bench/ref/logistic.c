/*
 * Logistic loss and gradient of 100000 rows by 100 columns: the rows go in
 * blocks that stay in the cache, two dgemv of OpenBLAS a block.
 */
#include "bench.h"

enum { ROWS = 100000, COLUMNS = 100, BLOCK = 100 };

static double loss(const Blas *blas, const double *X, const double *t,
                   const double *w, double *gradient)
{
    double f[BLOCK], sum = 0;
    memset(gradient, 0, COLUMNS * sizeof *gradient);
    for (int i = 0; i < ROWS; i += BLOCK) {
        const double *rows = X + (size_t)i * COLUMNS;
        blas->gemv(ROW_MAJOR, PLAIN, BLOCK, COLUMNS, 1, rows, COLUMNS, w, 1, 0,
                   f, 1);
        for (int k = 0; k < BLOCK; k++) {
            double z = -t[i + k] * f[k], e = exp(-fabs(z));
            sum += fmax(z, 0) + log1p(e);
            f[k] = -t[i + k] * (z > 0 ? 1 : e) / (1 + e);
        }
        blas->gemv(ROW_MAJOR, TRANSPOSED, BLOCK, COLUMNS, 1, rows, COLUMNS, f,
                   1, 1, gradient, 1);
    }
    return sum;
}

int main(void)
{
    Blas blas = blas_open();
    double *X = numbers((size_t)ROWS * COLUMNS), *t = numbers(ROWS);
    double w[COLUMNS], g[COLUMNS], value = 0, size = 0;
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++)
            X[(size_t)i * COLUMNS + (size_t)j] = sample(i + 1, j + 1);
        t[i] = sample(i + 1, 101) > 0 ? 1 : -1;
    }
    for (int j = 0; j < COLUMNS; j++)
        w[j] = sample(j + 1, 7);
    for (int run = 0; run < 11; run++) {
        double start = now();
        value = loss(&blas, X, t, w, g);
        if (run)
            printf("time %.9f\n", now() - start);
    }
    for (int j = 0; j < COLUMNS; j++)
        size += g[j] * (j + 1);
    printf("answer %.15g %.15g\n", value, size);
    return 0;
}

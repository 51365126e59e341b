/*
 * generate N D OUT: the regression problem the fits are measured on, as
 * doubles: X (N x D, by rows), y, t (-1 or 1), c (0 to 4).  All comes from
 * one stream s = 16807*s mod 2147483647, so that other languages can repeat
 * it exactly.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 20240601;

static double uniform(void)
{
    state = state * 16807 % 2147483647;
    return (double)state / 2147483647;
}

static double noise(void)
{
    double sum = 0;
    for (int k = 0; k < 12; k++)
        sum += uniform();
    return sum - 6;
}

static double weight(int j)
{
    return j % 2 ? (37 * j % 101 - 50) / 50.0 : 0;
}

static double class_weight(int k, int j)
{
    return ((37 * j + 61 * k + 17 * j * k) % 101 - 50) / 50.0;
}

int main(int count, char **words)
{
    int n = count == 4 ? atoi(words[1]) : 0, d = n ? atoi(words[2]) : 0;
    FILE *out = n ? fopen(words[3], "wb") : NULL;
    size_t cells = (size_t)n * (size_t)d;
    double *X = malloc(cells * sizeof *X);
    double *v = malloc(3 * (size_t)n * sizeof *v);
    if (!out || !X || !v)
        return 1;
    for (size_t k = 0; k < cells; k++)
        X[k] = 2 * uniform() - 1;
    for (int i = 0; i < n; i++) {
        double f = noise();
        for (int j = 0; j < d; j++)
            f += X[(size_t)i * (size_t)d + (size_t)j] * weight(j + 1);
        v[i] = 1 + f;
        v[n + i] = f > 0 ? 1 : -1;
    }
    for (int i = 0; i < n; i++) {
        double top = 0;
        for (int k = 0; k < 5; k++) {
            double f = noise();
            for (int j = 0; j < d; j++)
                f += X[(size_t)i * (size_t)d + (size_t)j] *
                     class_weight(k, j + 1);
            if (k == 0 || f > top) {
                top = f;
                v[2 * n + i] = k;
            }
        }
    }
    fwrite(X, sizeof *X, cells, out);
    fwrite(v, sizeof *v, 3 * (size_t)n, out);
    return fclose(out) != 0;
}

/* The gradient of Rosenbrock's function of 10^6 variables, by hand. */
#include "bench.h"

enum { N = 1000000 };

static void gradient(const double *restrict v, double *restrict g)
{
    g[0] = 0;
    for (int i = 0; i + 1 < N; i++) {
        double r = v[i + 1] - v[i] * v[i];
        g[i] += -400 * v[i] * r - 2 * (1 - v[i]);
        g[i + 1] = 200 * r;
    }
}

int main(void)
{
    double *v = numbers(N), *g = numbers(N), sum = 0;
    for (int i = 0; i < N; i++)
        v[i] = 3 * sample(i + 1, 3);
    for (int run = 0; run < 11; run++) {
        double start = now();
        gradient(v, g);
        if (run)
            printf("time %.9f\n", now() - start);
    }
    for (int i = 0; i < N; i++)
        sum += g[i] * v[i];
    printf("answer %.15g\n", sum);
    return 0;
}

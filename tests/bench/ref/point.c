/*
 * point.c POINTS - the function that point.awk writes as C, at one point after
 * the other
 */
#include "bench.h"

double mixed(const double *x);

int main(int argc, char **argv)
{
    enum { INPUTS = 10, OPERATIONS = 1000 };
    int points = argc > 1 ? atoi(argv[1]) : 1;
    int turns = points > 1 ? 20 : 20000;
    double *x = numbers((size_t)points * INPUTS);
    double *y = numbers((size_t)points);
    for (int j = 0; j < points; j++)
        for (int i = 0; i < INPUTS; i++)
            x[j * INPUTS + i] = 0.5 + 0.1 * i + 1e-6 * j / points;
    for (int k = 0; k < 5; k++) {
        double start = now();
        for (int i = 0; i < turns; i++)
            for (int j = 0; j < points; j++)
                y[j] = mixed(x + j * INPUTS);
        printf("time %.9g\n", (now() - start) / turns / points / OPERATIONS);
    }
    printf("answer %.17g\n", y[points - 1]);
    free(x);
    free(y);
    return 0;
}

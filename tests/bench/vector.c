/*
 * vector.c NAME - a function of 4096 numbers in the cache, 256 times
 *
 * Built against the library.  `ulp` tells instead the largest error of exp,
 * log, tanh, sigmoid and softplus at 10^5 points each, in units of the last
 * place of the exact value; the answer is then the count of the points.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "num/rng.h"
#include "num/vmath.h"

enum { N = 4096, TURNS = 256, POINTS = 100000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long double exact_sigmoid(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double exact_softplus(long double x)
{
    return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

static const struct {
    const char *name;
    double (*f)(double);
    void (*each)(double *, const double *, size_t);
    long double (*exact)(long double);
    double low, high;
} function[] = {
    {"exp", num_exp, vmath_exp, expl, -9, 9},
    {"log", num_log, vmath_log, logl, 0.01, 9},
    {"tanh", num_tanh, vmath_tanh, tanhl, -9, 9},
    {"sigmoid", num_sigmoid, vmath_sigmoid, exact_sigmoid, -9, 9},
    {"softplus", num_softplus, vmath_softplus, exact_softplus, -9, 9},
};

enum { FUNCTIONS = sizeof function / sizeof *function };

static double largest_error(void)
{
    double most = 0;
    Rng r = rng_new(1, 0);
    for (int k = 0; k < FUNCTIONS; k++) {
        double low = function[k].low, size = function[k].high - low;
        for (int i = 0; i < POINTS; i++) {
            double x = low + size * rng_uniform(&r);
            long double want = function[k].exact(x);
            double near = fabs((double)want);
            long double unit = nextafter(near, INFINITY) - near;
            long double error = fabsl(function[k].f(x) - want) / unit;
            most = fmax(most, (double)error);
        }
    }
    return most;
}

static void time_function(int k)
{
    static double x[N], y[N];
    double low = function[k].low, size = function[k].high - low, sum = 0;
    for (int i = 0; i < N; i++)
        x[i] = low + size * i / N;
    function[k].each(y, x, N);
    for (int run = 0; run < 10; run++) {
        double start = now();
        for (int turn = 0; turn < TURNS; turn++)
            function[k].each(y, x, N);
        printf("time %.9f\n", now() - start);
    }
    for (int i = 0; i < N; i++)
        sum += y[i];
    printf("answer %.15g\n", sum);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "ulp";
    if (strcmp(name, "ulp") == 0)
        printf("time %.9f\nanswer %d\n", largest_error(), POINTS);
    for (int k = 0; k < FUNCTIONS; k++)
        if (strcmp(name, function[k].name) == 0)
            time_function(k);
    return 0;
}

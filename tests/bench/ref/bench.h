/*
 * What the kernels of tests/bench/ref share: a clock, memory, the entries of
 * the test arrays, and OpenBLAS opened at run time, so that no headers of it
 * are needed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROW_MAJOR = 101, COLUMN_MAJOR = 102, PLAIN = 111, TRANSPOSED = 112 };

typedef struct Blas {
    void (*gemv)(int order, int trans, int m, int n, double alpha,
                 const double *a, int lda, const double *x, int incx,
                 double beta, double *y, int incy);
    void (*gemm)(int order, int trans_a, int trans_b, int m, int n, int k,
                 double alpha, const double *a, int lda, const double *b,
                 int ldb, double beta, double *c, int ldc);
} Blas;

static inline Blas blas_open(void)
{
    Blas blas = {0};
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW);
    if (lib) {
        *(void **)&blas.gemv = dlsym(lib, "cblas_dgemv");
        *(void **)&blas.gemm = dlsym(lib, "cblas_dgemm");
    }
    if (!blas.gemv || !blas.gemm) {
        fputs("no OpenBLAS\n", stderr);
        exit(77);
    }
    return blas;
}

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double *numbers(size_t count)
{
    double *memory = calloc(count, sizeof *memory);
    if (!memory)
        exit(1);
    return memory;
}

/* Entry i, j (from 1) of a test array: exact in doubles, between -1 and 1. */
static inline double sample(int i, int j)
{
    long k =
        ((long)i * 7919 + (long)j * 104729 + (long)i * j % 9973 * 31) % 20011;
    return (double)k / 10005.5 - 1;
}

#endif

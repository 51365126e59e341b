#include "num/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "num/fortran.h"
#include "num/rows.h"
#include "num/vmath.h"

static Fortran routines;
static atomic_bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/*
 * The core type whose kernels this processor should run.  OpenBLAS 0.3.21
 * takes processors it does not know for older ones; the features count, not
 * the model number.
 */
static const char *core_type(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return "SKYLAKEX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "HASWELL";
#endif
    return NULL;
}

/* Sets a variable that the user has not set; returns whether it did. */
static bool preset(const char *name, const char *value)
{
    return value && !getenv(name) && setenv(name, value, 1) == 0;
}

void *shared_open(const char *const names[], size_t count)
{
    bool core = preset("OPENBLAS_CORETYPE", core_type());
    bool threads = preset("OPENBLAS_NUM_THREADS", "1");
    void *library = NULL;
    for (size_t i = 0; !library && i < count; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (core)
        unsetenv("OPENBLAS_CORETYPE");
    if (threads)
        unsetenv("OPENBLAS_NUM_THREADS");
    return library;
}

bool shared_find(void *library, const char *name, void *pointer, size_t size)
{
    void *address = dlsym(library, name);
    memcpy(pointer, &address, size);
    return address != NULL;
}

#define FIND(name)                                                             \
    shared_find(library, #name "_", (void *)&routines.name,                    \
                sizeof routines.name)

static void load(void)
{
    static const char *const names[] = {
        "libopenblas.so.0",
        "libopenblas.so",
        "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
        "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
    };
    void *library = shared_open(names, sizeof names / sizeof *names);
    if (!library)
        return;
    loaded = FIND(dgemm) && FIND(dgemv) && FIND(dsyrk) && FIND(dger) &&
             FIND(dtrsm) && FIND(dgetrf) && FIND(dgetrs) && FIND(dgetri) &&
             FIND(dgecon) && FIND(dpotrf) && FIND(dgeqrf) && FIND(dgeqrt) &&
             FIND(dorgqr) && FIND(dgeqp3) && FIND(dormqr) && FIND(dsyevd) &&
             FIND(dgeev) && FIND(dgesdd);
}

const Fortran *fortran_load(void)
{
    pthread_once(&once, load);
    return loaded ? &routines : NULL;
}

int blas_load(void)
{
    return fortran_load() ? NUM_OK : NUM_MISSING;
}

bool blas_is_loaded(void)
{
    return loaded;
}

static bool is_small(int m, int n, int k)
{
    return (int64_t)m * n <= SMALL_WORK && (int64_t)m * n * k <= SMALL_WORK;
}

static const int step = 1;

int blas_gemv(bool ta, int m, int n, double alpha, const double *a, int lda,
              const double *x, double beta, double *y)
{
    if (is_small(m, n, 1)) {
        small_gemv(ta, m, n, alpha, a, lda, x, beta, y);
        return NUM_OK;
    }
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    if (beta == 0)
        memset(y, 0, (size_t)(ta ? n : m) * sizeof *y);
    f->dgemv(ta ? "T" : "N", &m, &n, &alpha, a, &lda, x, &step, &beta, y, &step,
             ONE);
    return NUM_OK;
}

int blas_gemm(bool ta, bool tb, int m, int n, int k, double alpha,
              const double *a, int lda, const double *b, int ldb, double beta,
              double *c, int ldc)
{
    if (m == 0 || n == 0)
        return NUM_OK;
    /* Nothing to sum: LAPACK would complain about lda = 0. */
    if (is_small(m, n, k) || k == 0) {
        small_gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return NUM_OK;
    }
    /* A product with one column or row is bound by memory: dgemv then
       avoids packing. */
    if (n == 1 && (!tb || ldb == 1))
        return blas_gemv(ta, ta ? k : m, ta ? m : k, alpha, a, lda, b, beta, c);
    if (m == 1 && ldc == 1 && (ta || lda == 1))
        return blas_gemv(!tb, tb ? n : k, tb ? k : n, alpha, b, ldb, a, beta,
                         c);
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    f->dgemm(ta ? "T" : "N", tb ? "T" : "N", &m, &n, &k, &alpha, a, &lda, b,
             &ldb, &beta, c, &ldc, ONE, ONE);
    return NUM_OK;
}

#define GRAM_SIDE                                                              \
    256 /* up to which a block of rows stays in the second cache */

/* Our own kernel does half the work, but for short sums. */
static bool add_gram(int n, int k, const double *a, int lda, const double *b,
                     int ldb, double beta, double *c, int ldc)
{
    return n >= 8 && n <= GRAM_SIDE && k >= 64 && (beta == 0 || beta == 1) &&
           rows_gram(c, (size_t)ldc, (size_t)n, a, (size_t)lda, b, (size_t)ldb,
                     (size_t)k, beta == 1);
}

int blas_gemm_lower(int n, int k, const double *a, int lda, const double *b,
                    int ldb, double beta, double *c, int ldc)
{
    int code = NUM_OK, width = (n / 4 + 7) / 8 * 8;
    if (add_gram(n, k, a, lda, b, ldb, beta, c, ldc))
        return NUM_OK;
    if (width < 32)
        width = 32;
    for (int j = 0; j < n && code == NUM_OK; j += width) {
        int cols = n - j < width ? n - j : width;
        code = blas_gemm(true, false, n - j, cols, k, 1, a + (ptrdiff_t)j * lda,
                         lda, b + (ptrdiff_t)j * ldb, ldb, beta,
                         c + j + (ptrdiff_t)j * ldc, ldc);
    }
    return code;
}

void blas_mirror(int n, double *c, int ldc)
{
    for (ptrdiff_t j = 0; j < n; j++)
        for (ptrdiff_t i = j + 1; i < n; i++)
            c[j + i * ldc] = c[i + j * ldc];
}

int blas_syrk(bool ta, int n, int k, double alpha, const double *a, int lda,
              double beta, double *c, int ldc)
{
    if (is_small(n, n, k) || k == 0) {
        small_gemm(ta, !ta, n, n, k, alpha, a, lda, a, lda, beta, c, ldc);
        return NUM_OK;
    }
    if (ta && alpha == 1 && add_gram(n, k, a, lda, a, lda, beta, c, ldc)) {
        blas_mirror(n, c, ldc);
        return NUM_OK;
    }
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    f->dsyrk("L", ta ? "T" : "N", &n, &k, &alpha, a, &lda, &beta, c, &ldc, ONE,
             ONE);
    blas_mirror(n, c, ldc);
    return NUM_OK;
}

int blas_ger(int m, int n, double alpha, const double *x, const double *y,
             double *a, int lda)
{
    for (ptrdiff_t j = 0; j < n; j++) {
        double t = alpha * y[j], *column = a + j * lda;
        for (ptrdiff_t i = 0; i < m; i++)
            column[i] += t * x[i];
    }
    return NUM_OK;
}

/* Eight lanes, joined in pairs. */
double blas_dot(size_t n, const double *x, const double *y)
{
    double s[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            s[j] += x[i + j] * y[i + j];
    for (size_t j = 0; i < n; i++, j++)
        s[j] += x[i] * y[i];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

void blas_axpy(size_t n, double alpha, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += alpha * x[i];
}

int blas_trsm(bool upper, bool ta, bool unit, int n, int nrhs, const double *a,
              int lda, double *b, int ldb)
{
    for (ptrdiff_t i = 0; i < n && !unit; i++)
        if (a[i + i * lda] == 0)
            return NUM_SINGULAR;
    if (is_small(n, n, nrhs)) {
        small_trsm(upper, ta, unit, n, nrhs, a, lda, b, ldb);
        return NUM_OK;
    }
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    double one = 1;
    f->dtrsm("L", upper ? "U" : "L", ta ? "T" : "N", unit ? "U" : "N", &n,
             &nrhs, &one, a, &lda, b, &ldb, ONE, ONE, ONE, ONE);
    return NUM_OK;
}

double blas_norm1(int m, int n, const double *a)
{
    double most = 0;
    for (ptrdiff_t j = 0; j < n; j++) {
        double sum = vmath_norm1(a + j * m, (size_t)m, 1);
        if (!(sum <= most))
            most = sum;
    }
    return most;
}

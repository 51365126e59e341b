/*
 * tiles.c - large products, cut into tiles for threads
 *
 * A matrix times a vector is cut into strips of rows, a long sum into stretches
 * whose products are added in their order.  Other products are cut into strips
 * of rows or columns only where they take long: strips pack the other operand
 * anew, and small ones were 15% slower in one thread.
 */
#include "num/tiles.h"

#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"

/* Multiplications from which on a product is cut; matrices times vectors. */
#define LARGE_SUM ((int64_t)1 << 27)
#define LARGE_VECTOR ((int64_t)1 << 20)

/* Multiplications of a strip of a product that takes long: some 30 ms, so that
 * Ctrl-C is answered. */
#define LONG_STRIP ((int64_t)1 << 29)

/* Rows of a strip, terms of a stretch. */
#define VECTOR_STRIP 32768
#define STRETCH 16384

typedef struct Product {
    bool ta, tb, even; /* even: b is a, and c symmetric */
    int m, n, k, lda, ldb;
    const double *a, *b;
    double *c;
    int width; /* of a strip, or length of a stretch */
} Product;

static int part_of(const Product *p, size_t part, int side, int *count)
{
    int from = (int)part * p->width;
    *count = side - from < p->width ? side - from : p->width;
    return from;
}

static size_t parts(const Product *p, int side)
{
    return ((size_t)side + (size_t)p->width - 1) / (size_t)p->width;
}

static int rows(void *job, size_t part, unsigned worker)
{
    const Product *p = job;
    int count, from = part_of(p, part, p->m, &count);
    const double *a = p->a + (ptrdiff_t)from * (p->ta ? p->lda : 1);
    (void)worker;
    return blas_gemv(p->ta, p->ta ? p->k : count, p->ta ? count : p->k, 1, a,
                     p->lda, p->b, 0, p->c + from);
}

/* Stretch k of the sum, to the k-th matrix of c. */
static int stretch(void *job, size_t part, unsigned worker)
{
    const Product *p = job;
    int count, from = part_of(p, part, p->k, &count);
    const double *a = p->a + (ptrdiff_t)from * (p->ta ? 1 : p->lda);
    const double *b = p->b + (ptrdiff_t)from * (p->tb ? p->ldb : 1);
    double *c = p->c + part * (size_t)p->m * (size_t)p->n;
    (void)worker;
    if (p->even)
        return blas_syrk(p->ta, p->n, count, 1, a, p->lda, 0, c, p->n);
    return blas_gemm(p->ta, p->tb, p->m, p->n, count, 1, a, p->lda, b, p->ldb,
                     0, c, p->m);
}

/* Strip of rows of c if it has more of them than columns, else of columns. */
static int strip(void *job, size_t part, unsigned worker)
{
    const Product *p = job;
    bool tall = p->m > p->n;
    int count, from = part_of(p, part, tall ? p->m : p->n, &count);
    const double *a = p->a, *b = p->b;
    (void)worker;
    if (tall)
        return blas_gemm(p->ta, p->tb, count, p->n, p->k, 1,
                         a + (ptrdiff_t)from * (p->ta ? p->lda : 1), p->lda, b,
                         p->ldb, 0, p->c + from, p->m);
    return blas_gemm(p->ta, p->tb, p->m, count, p->k, 1, a, p->lda,
                     b + (ptrdiff_t)from * (p->tb ? 1 : p->ldb), p->ldb, 0,
                     p->c + (ptrdiff_t)from * p->m, p->m);
}

/* The width is a multiple of 64: the kernels then have no edge between. */
static int add_strips(Product *p)
{
    int side = p->m > p->n ? p->m : p->n, other = p->m > p->n ? p->n : p->m;
    int64_t width = LONG_STRIP / ((int64_t)other * p->k) / 64 * 64;
    p->width = width < 64 ? 64 : width > side ? side : (int)width;
    return pool_run(strip, p, parts(p, side));
}

/* Columns of the lower triangle of a symmetric c. */
static int strip_below(void *job, size_t part, unsigned worker)
{
    const Product *p = job;
    int count, from = part_of(p, part, p->n, &count);
    const double *a = p->a + (ptrdiff_t)from * (p->ta ? p->lda : 1);
    (void)worker;
    return blas_gemm(p->ta, p->tb, p->n - from, count, p->k, 1, a, p->lda, a,
                     p->lda, 0, p->c + from + (ptrdiff_t)from * p->n, p->n);
}

static int add_strips_below(Product *p)
{
    int64_t width = LONG_STRIP / ((int64_t)p->n * p->k) / 64 * 64;
    p->width = width < 64 ? 64 : width > p->n ? p->n : (int)width;
    int code = pool_run(strip_below, p, parts(p, p->n));
    blas_mirror(p->n, p->c, p->n);
    return code;
}

/* Few sums, each long; their parts stand in memory of an arena. */
static int add_stretches(Product *p)
{
    size_t size = (size_t)p->m * (size_t)p->n, count;
    double *c = p->c;
    p->width = STRETCH;
    while (parts(p, p->k) > 32)
        p->width *= 2;
    count = parts(p, p->k);
    Arena *scratch = arena_local();
    p->c = arena_alloc(scratch, size * count * sizeof *c);
    int code = pool_run(stretch, p, count);
    for (size_t i = 0; i < size; i++) {
        c[i] = p->c[i];
        for (size_t k = 1; k < count; k++)
            c[i] += p->c[i + k * size];
    }
    arena_free(scratch);
    return code;
}

static bool has_long_sums(const Product *p)
{
    return p->k >= 4 * STRETCH && (int64_t)p->m * p->n <= 1 << 16;
}

int tiles_gemm(bool ta, bool tb, int m, int n, int k, const double *a, int lda,
               const double *b, int ldb, double *c)
{
    Product p = {ta, tb, false, m, n, k, lda, ldb, a, b, c, STRETCH};
    int64_t work = (int64_t)m * n * k;
    if (n == 1 && !ta && !tb && work >= LARGE_VECTOR && m > VECTOR_STRIP) {
        p.width = VECTOR_STRIP;
        return pool_run(rows, &p, parts(&p, m));
    }
    if (m > 1 && n > 1 && work > LARGE_SUM && has_long_sums(&p))
        return add_stretches(&p);
    if (work > 2 * LONG_STRIP)
        return add_strips(&p);
    return blas_gemm(ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, m);
}

int tiles_syrk(bool ta, int n, int k, const double *a, int lda, double *c)
{
    Product p = {ta, !ta, true, n, n, k, lda, lda, a, a, c, STRETCH};
    if ((int64_t)n * n * k > LARGE_SUM && has_long_sums(&p))
        return add_stretches(&p);
    if ((int64_t)n * n * k > 4 * LONG_STRIP)
        return add_strips_below(&p);
    return blas_syrk(ta, n, k, 1, a, lda, 0, c, n);
}

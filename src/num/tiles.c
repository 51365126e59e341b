/*
 * tiles.c - large products, cut into tiles for threads
 *
 * A matrix times a vector is cut into strips of rows, a long sum into stretches
 * whose products are added in their order.  Other products are not cut: strips
 * pack the other operand anew, and were 15% slower in one thread.
 */
#include "num/tiles.h"

#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"

/* Multiplications from which on a product is cut; matrices times vectors. */
#define LARGE_SUM ((int64_t)1 << 27)
#define LARGE_VECTOR ((int64_t)1 << 20)

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
    return blas_gemm(ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, m);
}

int tiles_syrk(bool ta, int n, int k, const double *a, int lda, double *c)
{
    Product p = {ta, !ta, true, n, n, k, lda, lda, a, a, c, STRETCH};
    if ((int64_t)n * n * k > LARGE_SUM && has_long_sums(&p))
        return add_stretches(&p);
    return blas_syrk(ta, n, k, 1, a, lda, 0, c, n);
}

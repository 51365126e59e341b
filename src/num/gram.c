/*
 * gram.c - the lower triangle of a product that is symmetric (rows.h)
 *
 * Columns are contiguous, so an entry is the sum of eight lanes of rows, no
 * operand is laid out anew, and a tile of entries stays in registers.  Each
 * product is fused with its sum, in one order for every width of vectors.
 */
#include "num/rows.h"

#include <string.h>

#include "num/wide.h"

#ifdef __x86_64__
#include <immintrin.h>

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define SHUFFLE __builtin_shufflevector
#define UNROLL _Pragma("GCC unroll 8")

/* Rows at a time: what a tile reads of b stays in the first cache. */
#define BLOCK 256

typedef struct Gram {
    const double *a, *b;
    size_t lda, ldb, rows;
    double *c;
    size_t ldc;
    bool adds;
} Gram;

#define FN(name) name##_512
#define INLINE static inline __attribute__((always_inline, target("avx512f")))
#define GRAM static __attribute__((target("avx512f")))
#define Part __m512d
#define PART 8
#define LOAD _mm512_loadu_pd
#define FUSED _mm512_fmadd_pd
#define DOWN 4
#define ACROSS 6
#include "num/gram_core.h"

#undef FN
#undef INLINE
#undef GRAM
#undef Part
#undef PART
#undef LOAD
#undef FUSED
#undef DOWN
#undef ACROSS

#define FN(name) name##_256
#define INLINE static inline __attribute__((always_inline, target("avx2,fma")))
#define GRAM static __attribute__((target("avx2,fma")))
#define Part __m256d
#define PART 4
#define LOAD _mm256_loadu_pd
#define FUSED _mm256_fmadd_pd
#define DOWN 3
#define ACROSS 2
#include "num/gram_core.h"

bool rows_gram(double *c, size_t ldc, size_t n, const double *a, size_t lda,
               const double *b, size_t ldb, size_t m, bool adds)
{
    bool widest = WIDE_HAS(512, "avx512f");
    if (!widest &&
        !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
        return false;
    for (size_t l = 0; l < m; l += BLOCK) {
        Gram g = {.a = a + l, .b = b + l, .lda = lda, .ldb = ldb};
        g.rows = m - l < BLOCK ? m - l : BLOCK;
        g.c = c;
        g.ldc = ldc;
        g.adds = adds || l > 0;
        if (widest)
            lower_512(&g, n);
        else
            lower_256(&g, n);
    }
    return true;
}
#else
bool rows_gram(double *c, size_t ldc, size_t n, const double *a, size_t lda,
               const double *b, size_t ldb, size_t m, bool adds)
{
    (void)c, (void)ldc, (void)n, (void)a, (void)lda;
    (void)b, (void)ldb, (void)m, (void)adds;
    return false;
}
#endif

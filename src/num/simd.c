/*
 * simd.c - vcore.h compiled for each width of vector registers
 *
 * The width is chosen at each call by what the processor has.  It changes the
 * speed, never the result; only a processor without fused multiplication and
 * addition rounds differently, in its vectors and its numbers alike.
 */
#include "num/vmath.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "num/erf_table.h"
#include "num/wide.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Two vectors a turn: their instructions are mixed. */
#ifndef __clang__
#pragma GCC optimize("schedule-insns")
#endif

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"
#ifdef __clang__
#pragma clang fp contract(off)
#endif

/* x + ROUNDER has x rounded to an integer in its low bits. */
#define ROUNDER 0x1.8p52
#define ROUNDER_BITS UINT64_C(0x4338000000000000)
#define STEPPER 0x1.8p48 /* the same to sixteenths */
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define TWO_OVER_PI 0.63661977236758138
#define HALF_PI 1.5707963267948966
#define HALF_PI_LOW 0x1.1a62633145c07p-54
#define HALF_PI_1 0x1.921fb544p0
#define HALF_PI_2 0x1.0b4611a6p-34
#define HALF_PI_3 0x1.3198a2e037073p-69
#define TRIG_MOST 1e5

#define MAGNITUDE_BITS UINT64_C(0x7fffffffffffffff)
#define ONE_BITS UINT64_C(0x3ff0000000000000)
#define HALF_BINADES UINT64_C(0x7fe) /* to 1: the bits of 1 >> 51 */
#define MANTISSA_BITS UINT64_C(0x000fffffffffffff)
#define LOG_FROM UINT64_C(0x3fe6000000000000) /* 11/16 */

#define SIGMOID_NEAR 29.0
#define RECIPROCAL_BITS UINT64_C(0x7fde6681711b474f)

/* For log_of: c near 1/z and -log(c) in two parts. */
static const double log_c[16] = {0x1.6c16c15f3821bp+0,
                                 0x1.5c9882c1ec64bp+0,
                                 0x1.4e5e0a80c76b3p+0,
                                 0x1.4141414d80542p+0,
                                 0x1.3521cfbf4ee87p+0,
                                 0x1.29e412a75fda9p+0,
                                 0x1.1f7047e24b32fp+0,
                                 0x1.15b1e5ef0b1fdp+0,
                                 1.0,
                                 1.0,
                                 1.0,
                                 0x1.d41d41e382985p-1,
                                 0x1.bacf915b7203fp-1,
                                 0x1.a41a41ae2bfbcp-1,
                                 0x1.8f9c19071dd4dp-1,
                                 0x1.7d05f41fdea1ep-1};
static const double log_high[16] = {-0x1.68ac83c594800p-2,
                                    -0x1.3c25278cd9800p-2,
                                    -0x1.1178e84ce1000p-2,
                                    -0x1.d1037f7468000p-3,
                                    -0x1.823c16a885000p-3,
                                    -0x1.365fcb400c000p-3,
                                    -0x1.da727690f4000p-4,
                                    -0x1.4d311557ec000p-4,
                                    0.0,
                                    0.0,
                                    0.0,
                                    0x1.6f0d2827a0000p-4,
                                    0x1.29552f3b10000p-3,
                                    0x1.9525a99e2f000p-3,
                                    0x1.fb9186916b000p-3,
                                    0x1.2e8e2b986b800p-2};
static const double log_low[16] = {-0x1.45243516b5481p-65,
                                   -0x1.3c3c6be52f634p-65,
                                   -0x1.53b199be04e71p-65,
                                   -0x1.2671edbeb734dp-65,
                                   -0x1.13935a63d2511p-65,
                                   -0x1.33cb40a73e8dbp-65,
                                   -0x1.56a4169086ba6p-65,
                                   -0x1.1102946d1c114p-65,
                                   0.0,
                                   0.0,
                                   0.0,
                                   -0x1.5304f368cc6e6p-65,
                                   -0x1.498b7d3bf9126p-65,
                                   -0x1.54e20b01cb8efp-65,
                                   -0x1.692052636bacbp-65,
                                   -0x1.4e5c3542fb2ddp-65};

/* 2^(k/16) in two parts. */
static const double step_power[16] = {1.0,
                                      0x1.0b5586cf9890fp+0,
                                      0x1.172b83c7d517bp+0,
                                      0x1.2387a6e756238p+0,
                                      0x1.306fe0a31b715p+0,
                                      0x1.3dea64c123422p+0,
                                      0x1.4bfdad5362a27p+0,
                                      0x1.5ab07dd485429p+0,
                                      0x1.6a09e667f3bcdp+0,
                                      0x1.7a11473eb0187p+0,
                                      0x1.8ace5422aa0dbp+0,
                                      0x1.9c49182a3f090p+0,
                                      0x1.ae89f995ad3adp+0,
                                      0x1.c199bdd85529cp+0,
                                      0x1.d5818dcfba487p+0,
                                      0x1.ea4afa2a490dap+0};
static const double step_power_low[16] = {0.0,
                                          0x1.8a62e4adc610bp-54,
                                          -0x1.19041b9d78a76p-55,
                                          0x1.9b07eb6c70573p-54,
                                          0x1.6f46ad23182e4p-55,
                                          0x1.ada0911f09ebcp-55,
                                          0x1.d4397afec42e2p-56,
                                          0x1.6324c054647adp-54,
                                          -0x1.bdd3413b26456p-54,
                                          -0x1.41577ee04992fp-55,
                                          0x1.6e9f156864b27p-54,
                                          0x1.c7c46b071f2bep-56,
                                          0x1.7a1cd345dcc81p-54,
                                          0x1.11065895048ddp-55,
                                          0x1.2ed02d75b3707p-55,
                                          -0x1.e9c23179c2893p-54};

/*
 * 2^(k/16) = p*exp(low) with p of 11 bits; short_power are the numbers whose
 * bits are k<<48 less than those of p.
 */
static const double short_power[16] = {
    0x1.0000000000000p+0, 0x1.fb40000000000p-1, 0x1.f740000000000p-1,
    0x1.f380000000000p-1, 0x1.f080000000000p-1, 0x1.ee00000000000p-1,
    0x1.ec00000000000p-1, 0x1.eac0000000000p-1, 0x1.ea00000000000p-1,
    0x1.ea00000000000p-1, 0x1.eac0000000000p-1, 0x1.ec40000000000p-1,
    0x1.ee80000000000p-1, 0x1.f180000000000p-1, 0x1.f580000000000p-1,
    0x1.fa40000000000p-1};
static const double short_low[16] = {0x0.0p+0,
                                     0x1.49e0030afb1dbp-12,
                                     -0x1.2c8480440c0e7p-12,
                                     0x1.ae102a48d814cp-14,
                                     -0x1.b1ca6c1b5a1ebp-13,
                                     -0x1.1656ae988d64ep-12,
                                     -0x1.ca8cdf95bfdd6p-16,
                                     -0x1.6e6bd08f32a46p-13,
                                     0x1.c00c40725a061p-14,
                                     0x1.766bd18f32cf1p-13,
                                     0x1.295520044c5e9p-13,
                                     0x1.696bfbdb0a901p-14,
                                     0x1.7b9c1c91c385fp-14,
                                     0x1.d5147ab29882cp-13,
                                     0x1.b1d1ba7aa7ff9p-17,
                                     0x1.6ed6b99011510p-14};

#define INLINE static inline __attribute__((always_inline))

/*
 * The operations on one number, with and without the processor's fused
 * multiplication and addition.
 */
#define NUMBER_OPERATIONS                                                      \
    typedef double FN(V);                                                      \
    typedef uint64_t FN(I);                                                    \
    CORE double FN(splat)(double x)                                            \
    {                                                                          \
        return x;                                                              \
    }                                                                          \
    CORE uint64_t FN(bits)(double x)                                           \
    {                                                                          \
        uint64_t k;                                                            \
        memcpy(&k, &x, sizeof k);                                              \
        return k;                                                              \
    }                                                                          \
    CORE double FN(real)(uint64_t k)                                           \
    {                                                                          \
        double x;                                                              \
        memcpy(&x, &k, sizeof x);                                              \
        return x;                                                              \
    }                                                                          \
    CORE double FN(least)(double a, double b)                                  \
    {                                                                          \
        return a < b ? a : b;                                                  \
    }                                                                          \
    CORE double FN(most)(double a, double b)                                   \
    {                                                                          \
        return a > b ? a : b;                                                  \
    }                                                                          \
    CORE double FN(root)(double x)                                             \
    {                                                                          \
        return __builtin_sqrt(x);                                              \
    }                                                                          \
    CORE double FN(pick)(const double table[16], uint64_t k)                   \
    {                                                                          \
        return table[k & 15];                                                  \
    }                                                                          \
    CORE bool FN(all_normal)(double x)                                         \
    {                                                                          \
        return x >= 0x1p-1022 && x < INFINITY;                                 \
    }                                                                          \
    CORE bool FN(all_below)(double x, double a)                                \
    {                                                                          \
        return x < a;                                                          \
    }                                                                          \
    CORE double FN(less)(double x, double y, double a, double b)               \
    {                                                                          \
        return x < y ? a : b;                                                  \
    }                                                                          \
    CORE double FN(equal)(double x, double y, double a, double b)              \
    {                                                                          \
        return x == y ? a : b;                                                 \
    }                                                                          \
    CORE double FN(odd)(uint64_t k, double a, double b)                        \
    {                                                                          \
        return k & 1 ? a : b;                                                  \
    }

/* The low bits of n + ROUNDER + 1023 are the exponent field of 2^n. */
#define POWER                                                                  \
    CORE FN(V) FN(power)(FN(V) n)                                              \
    {                                                                          \
        return FN(real)(FN(bits)(n + (ROUNDER + 1023)) << 52);                 \
    }

/* y*2^n in two steps, for 2^n may leave the range where the result does not. */
#define TWO_STEP_SCALE                                                         \
    CORE FN(V) FN(scale)(FN(V) y, FN(V) n)                                     \
    {                                                                          \
        FN(V) half = (n * 0.5 + ROUNDER) - ROUNDER;                            \
        return y * FN(power)(half) * FN(power)(n - half);                      \
    }

#define FLOOR_SCALE                                                            \
    CORE FN(V) FN(scale_down)(FN(V) y, FN(V) n)                                \
    {                                                                          \
        return FN(scale)(y, (n - 0.46875 + ROUNDER) - ROUNDER);                \
    }

#define FUSED_PRODUCT                                                          \
    CORE FN(V) FN(product)(FN(V) a, FN(V) b, FN(V) * low)                      \
    {                                                                          \
        FN(V) p = a * b;                                                       \
        *low = FN(fma)(a, b, -p);                                              \
        return p;                                                              \
    }                                                                          \
    CORE FN(V) FN(residue)(FN(V) a, FN(V) b, FN(V) c)                          \
    {                                                                          \
        return -FN(fma)(a, b, -c);                                             \
    }

#define CORE INLINE
#define FN(name) name##_base
NUMBER_OPERATIONS
POWER
TWO_STEP_SCALE
FLOOR_SCALE

CORE double fma_base(double a, double b, double c)
{
    return a * b + c;
}

/* Dekker 1971. */
CORE double product_base(double a, double b, double *low)
{
    double p = a * b, ta = a * 134217729.0, tb = b * 134217729.0;
    double ha = ta - (ta - a), hb = tb - (tb - b), la = a - ha, lb = b - hb;
    *low = ((ha * hb - p) + ha * lb + la * hb) + la * lb;
    return p;
}

CORE double residue_base(double a, double b, double c)
{
    double low, p = product_base(a, b, &low);
    return (c - p) - low;
}

#include "num/vcore.h"
#undef CORE
#undef FN

#ifdef __x86_64__
#define FUSED_TARGET __attribute__((target("fma")))
#define CORE INLINE FUSED_TARGET
#define FN(name) name##_fused
NUMBER_OPERATIONS
POWER
TWO_STEP_SCALE
FLOOR_SCALE

CORE double fma_fused(double a, double b, double c)
{
    return __builtin_fma(a, b, c);
}

FUSED_PRODUCT
#include "num/vcore.h"
#undef CORE
#undef FN

#define AVX2_TARGET __attribute__((target("avx2,fma")))
#define CORE INLINE AVX2_TARGET
#define FN(name) name##_avx2
typedef __m256d V_avx2;
typedef uint64_t I_avx2 __attribute__((vector_size(32)));

CORE V_avx2 splat_avx2(double x)
{
    return _mm256_set1_pd(x);
}

CORE I_avx2 bits_avx2(V_avx2 x)
{
    return (I_avx2)x;
}

CORE V_avx2 real_avx2(I_avx2 k)
{
    return (V_avx2)k;
}

CORE V_avx2 least_avx2(V_avx2 a, V_avx2 b)
{
    return _mm256_min_pd(a, b);
}

CORE V_avx2 most_avx2(V_avx2 a, V_avx2 b)
{
    return _mm256_max_pd(a, b);
}

CORE V_avx2 root_avx2(V_avx2 x)
{
    return _mm256_sqrt_pd(x);
}

CORE V_avx2 pick_avx2(const double table[16], I_avx2 k)
{
    return _mm256_i64gather_pd(table, (__m256i)(k & 15), 8);
}

CORE bool all_normal_avx2(V_avx2 x)
{
    V_avx2 low = _mm256_cmp_pd(x, splat_avx2(0x1p-1022), _CMP_GE_OQ);
    V_avx2 high = _mm256_cmp_pd(x, splat_avx2(INFINITY), _CMP_LT_OQ);
    return _mm256_movemask_pd(_mm256_and_pd(low, high)) == 15;
}

CORE bool all_below_avx2(V_avx2 x, double a)
{
    V_avx2 below = _mm256_cmp_pd(x, splat_avx2(a), _CMP_LT_OQ);
    return _mm256_movemask_pd(below) == 15;
}

CORE V_avx2 less_avx2(V_avx2 x, V_avx2 y, V_avx2 a, V_avx2 b)
{
    return _mm256_blendv_pd(b, a, _mm256_cmp_pd(x, y, _CMP_LT_OQ));
}

CORE V_avx2 equal_avx2(V_avx2 x, V_avx2 y, V_avx2 a, V_avx2 b)
{
    return _mm256_blendv_pd(b, a, _mm256_cmp_pd(x, y, _CMP_EQ_OQ));
}

CORE V_avx2 odd_avx2(I_avx2 k, V_avx2 a, V_avx2 b)
{
    return _mm256_blendv_pd(b, a, (V_avx2)(k << 63));
}

CORE V_avx2 fma_avx2(V_avx2 a, V_avx2 b, V_avx2 c)
{
    return _mm256_fmadd_pd(a, b, c);
}

POWER
TWO_STEP_SCALE
FLOOR_SCALE
FUSED_PRODUCT
#include "num/vcore.h"
#undef CORE
#undef FN

#define AVX512_TARGET __attribute__((target("avx512f,avx512dq,fma")))
#define CORE INLINE AVX512_TARGET
#define FN(name) name##_avx512
typedef __m512d V_avx512;
typedef uint64_t I_avx512 __attribute__((vector_size(64)));

CORE V_avx512 splat_avx512(double x)
{
    return _mm512_set1_pd(x);
}

CORE I_avx512 bits_avx512(V_avx512 x)
{
    return (I_avx512)x;
}

CORE V_avx512 real_avx512(I_avx512 k)
{
    return (V_avx512)k;
}

CORE V_avx512 least_avx512(V_avx512 a, V_avx512 b)
{
    return _mm512_min_pd(a, b);
}

CORE V_avx512 most_avx512(V_avx512 a, V_avx512 b)
{
    return _mm512_max_pd(a, b);
}

CORE V_avx512 root_avx512(V_avx512 x)
{
    return _mm512_sqrt_pd(x);
}

CORE V_avx512 pick_avx512(const double table[16], I_avx512 k)
{
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table), (__m512i)k,
                                  _mm512_loadu_pd(table + 8));
}

CORE bool all_normal_avx512(V_avx512 x)
{
    V_avx512 least = splat_avx512(0x1p-1022), end = splat_avx512(INFINITY);
    __mmask8 low = _mm512_cmp_pd_mask(x, least, _CMP_GE_OQ);
    return _mm512_mask_cmp_pd_mask(low, x, end, _CMP_LT_OQ) == 255;
}

CORE bool all_below_avx512(V_avx512 x, double a)
{
    return _mm512_cmp_pd_mask(x, splat_avx512(a), _CMP_LT_OQ) == 255;
}

CORE V_avx512 less_avx512(V_avx512 x, V_avx512 y, V_avx512 a, V_avx512 b)
{
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(x, y, _CMP_LT_OQ), b, a);
}

CORE V_avx512 equal_avx512(V_avx512 x, V_avx512 y, V_avx512 a, V_avx512 b)
{
    return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(x, y, _CMP_EQ_OQ), b, a);
}

CORE V_avx512 odd_avx512(I_avx512 k, V_avx512 a, V_avx512 b)
{
    __mmask8 mask = _mm512_test_epi64_mask((__m512i)k, _mm512_set1_epi64(1));
    return _mm512_mask_blend_pd(mask, b, a);
}

CORE V_avx512 fma_avx512(V_avx512 a, V_avx512 b, V_avx512 c)
{
    return _mm512_fmadd_pd(a, b, c);
}

/* One instruction that rounds once, as the two steps do. */
CORE V_avx512 scale_avx512(V_avx512 y, V_avx512 n)
{
    return _mm512_scalef_pd(y, n);
}

CORE V_avx512 scale_down_avx512(V_avx512 y, V_avx512 n)
{
    return _mm512_scalef_pd(y, n);
}

POWER
FUSED_PRODUCT
#include "num/vcore.h"
#undef CORE
#undef FN

static bool has_fused(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return has_fused() && WIDE_HAS(512, "avx512f") && WIDE_HAS(512, "avx512dq");
}
#endif

/* Defines `run_NAME_WIDTH`: the function over an array, LANES at a time. */
#define LOOP(name, width, lanes, target)                                       \
    static target void run_##name##_##width(double *y, const double *x,        \
                                            size_t n)                          \
    {                                                                          \
        V_##width v;                                                           \
        size_t i = 0;                                                          \
        for (; i + 2 * (lanes) <= n; i += 2 * (lanes)) {                       \
            V_##width w;                                                       \
            memcpy(&v, x + i, sizeof v);                                       \
            memcpy(&w, x + i + (lanes), sizeof w);                             \
            v = name##_##width(v);                                             \
            w = name##_##width(w);                                             \
            memcpy(y + i, &v, sizeof v);                                       \
            memcpy(y + i + (lanes), &w, sizeof w);                             \
        }                                                                      \
        for (; i + (lanes) <= n; i += (lanes)) {                               \
            memcpy(&v, x + i, sizeof v);                                       \
            v = name##_##width(v);                                             \
            memcpy(y + i, &v, sizeof v);                                       \
        }                                                                      \
        if (i < n) {                                                           \
            v = splat_##width(1);                                              \
            memcpy(&v, x + i, (n - i) * sizeof *x);                            \
            v = name##_##width(v);                                             \
            memcpy(y + i, &v, (n - i) * sizeof *x);                            \
        }                                                                      \
    }

#ifdef __x86_64__
#define WIDTHS(name)                                                           \
    LOOP(name, base, 1, )                                                      \
    LOOP(name, avx2, 4, AVX2_TARGET)                                           \
    LOOP(name, avx512, 8, AVX512_TARGET)                                       \
    static void run_##name(double *y, const double *x, size_t n)               \
    {                                                                          \
        if (has_avx512() && n > 4)                                             \
            run_##name##_avx512(y, x, n);                                      \
        else if (has_fused())                                                  \
            run_##name##_avx2(y, x, n);                                        \
        else                                                                   \
            run_##name##_base(y, x, n);                                        \
    }                                                                          \
    static FUSED_TARGET double one_##name##_fused(double x)                    \
    {                                                                          \
        return name##_fused(x);                                                \
    }                                                                          \
    static double one_##name(double x)                                         \
    {                                                                          \
        return has_fused() ? one_##name##_fused(x) : name##_base(x);           \
    }
#else
#define WIDTHS(name)                                                           \
    LOOP(name, base, 1, )                                                      \
    static void run_##name(double *y, const double *x, size_t n)               \
    {                                                                          \
        run_##name##_base(y, x, n);                                            \
    }                                                                          \
    static double one_##name(double x)                                         \
    {                                                                          \
        return name##_base(x);                                                 \
    }
#endif

#define WHOLE_LINE(name)                                                       \
    WIDTHS(name)                                                               \
    double num_##name(double x)                                                \
    {                                                                          \
        return one_##name(x);                                                  \
    }                                                                          \
    void vmath_##name(double *y, const double *x, size_t n)                    \
    {                                                                          \
        run_##name(y, x, n);                                                   \
    }

WHOLE_LINE(exp)
WHOLE_LINE(expm1)
WHOLE_LINE(log)
WHOLE_LINE(log1p)
WHOLE_LINE(log2)
WHOLE_LINE(log10)
WHOLE_LINE(sinh)
WHOLE_LINE(cosh)
WHOLE_LINE(asin)
WHOLE_LINE(acos)
WHOLE_LINE(erf)
WHOLE_LINE(erfc)
WHOLE_LINE(tanh)
WHOLE_LINE(sigmoid)
WHOLE_LINE(dsigmoid)
WHOLE_LINE(softplus)
WHOLE_LINE(logsigmoid)
WHOLE_LINE(dtanh)
WHOLE_LINE(atan)

/*
 * Beyond TRIG_MOST the reduction needs more parts of pi: libm has them.  The
 * arguments are looked at in blocks, for y may be x.
 */
#define BLOCK 256

WIDE_LOOP static bool any_large(const double *x, size_t n)
{
    int64_t large = 0;
    for (size_t i = 0; i < n; i++)
        large |= fabs(x[i]) < TRIG_MOST ? 0 : 1;
    return large;
}

#define SHORT_RANGE(name)                                                      \
    WIDTHS(name)                                                               \
    double num_##name(double x)                                                \
    {                                                                          \
        return fabs(x) < TRIG_MOST ? one_##name(x) : name(x);                  \
    }                                                                          \
    void vmath_##name(double *y, const double *x, size_t n)                    \
    {                                                                          \
        for (size_t i = 0; i < n; i += BLOCK) {                                \
            size_t m = n - i < BLOCK ? n - i : BLOCK;                          \
            bool large = any_large(x + i, m);                                  \
            if (!large)                                                        \
                run_##name(y + i, x + i, m);                                   \
            for (size_t j = 0; j < m && large; j++)                            \
                y[i + j] = num_##name(x[i + j]);                               \
        }                                                                      \
    }

SHORT_RANGE(sin)
SHORT_RANGE(cos)
SHORT_RANGE(tan)

/* ---- exponentials and their sums ---- */

/* One step of add_lanes in reduce.c. */
#define ADD_EXP(width, v, sum, rest)                                           \
    {                                                                          \
        V_##width t = sum + v, z = t - sum;                                    \
        rest += (sum - (t - z)) + (v - z);                                     \
        sum = t;                                                               \
    }

#define EXP_SUMS(width, lanes, target)                                         \
    static target void run_exp_sum_##width(double *y, const double *x,         \
                                           size_t n, double top, double *sums, \
                                           double *rests)                      \
    {                                                                          \
        enum { PARTS = EXP_LANES / (lanes) };                                  \
        V_##width v, sum[PARTS], rest[PARTS], least = splat_##width(top);      \
        for (int k = 0; k < PARTS; k++)                                        \
            sum[k] = rest[k] = splat_##width(0);                               \
        size_t i = 0;                                                          \
        for (; i + 2 * EXP_LANES <= n; i += 2 * EXP_LANES)                     \
            for (int k = 0; k < PARTS; k++) {                                  \
                V_##width w;                                                   \
                memcpy(&v, x + i + k * (lanes), sizeof v);                     \
                memcpy(&w, x + i + EXP_LANES + k * (lanes), sizeof v);         \
                v = exp_##width(v - least);                                    \
                w = exp_##width(w - least);                                    \
                memcpy(y + i + k * (lanes), &v, sizeof v);                     \
                memcpy(y + i + EXP_LANES + k * (lanes), &w, sizeof v);         \
                ADD_EXP(width, v, sum[k], rest[k])                             \
                ADD_EXP(width, w, sum[k], rest[k])                             \
            }                                                                  \
        for (int k = 0; i < n; i += (lanes), k = (k + 1) % PARTS) {            \
            size_t m = n - i < (lanes) ? n - i : (lanes);                      \
            v = splat_##width(-INFINITY);                                      \
            memcpy(&v, x + i, m * sizeof *x);                                  \
            v = exp_##width(v - least);                                        \
            memcpy(y + i, &v, m * sizeof *y);                                  \
            ADD_EXP(width, v, sum[k], rest[k])                                 \
        }                                                                      \
        memcpy(sums, sum, sizeof sum);                                         \
        memcpy(rests, rest, sizeof rest);                                      \
    }                                                                          \
    static target void run_exp_add_##width(double *y, const double *x,         \
                                           size_t n, const double *top,        \
                                           double *sums, double *rests)        \
    {                                                                          \
        V_##width v, least, sum, rest;                                         \
        size_t i = 0;                                                          \
        for (; i + (lanes) <= n; i += (lanes)) {                               \
            memcpy(&v, x + i, sizeof v);                                       \
            memcpy(&least, top + i, sizeof v);                                 \
            memcpy(&sum, sums + i, sizeof v);                                  \
            memcpy(&rest, rests + i, sizeof v);                                \
            v = exp_##width(v - least);                                        \
            ADD_EXP(width, v, sum, rest)                                       \
            memcpy(y + i, &v, sizeof v);                                       \
            memcpy(sums + i, &sum, sizeof v);                                  \
            memcpy(rests + i, &rest, sizeof v);                                \
        }                                                                      \
        if (i < n) {                                                           \
            size_t size = (n - i) * sizeof *x;                                 \
            v = least = sum = rest = splat_##width(0);                         \
            memcpy(&v, x + i, size);                                           \
            memcpy(&least, top + i, size);                                     \
            memcpy(&sum, sums + i, size);                                      \
            memcpy(&rest, rests + i, size);                                    \
            v = exp_##width(v - least);                                        \
            ADD_EXP(width, v, sum, rest)                                       \
            memcpy(y + i, &v, size);                                           \
            memcpy(sums + i, &sum, size);                                      \
            memcpy(rests + i, &rest, size);                                    \
        }                                                                      \
    }

EXP_SUMS(base, 1, )
#ifdef __x86_64__
EXP_SUMS(avx2, 4, AVX2_TARGET)
EXP_SUMS(avx512, 8, AVX512_TARGET)
#define BY_WIDTH(name, ...)                                                    \
    if (has_avx512())                                                          \
        run_##name##_avx512(__VA_ARGS__);                                      \
    else if (has_fused())                                                      \
        run_##name##_avx2(__VA_ARGS__);                                        \
    else                                                                       \
        run_##name##_base(__VA_ARGS__);
#else
#define BY_WIDTH(name, ...) run_##name##_base(__VA_ARGS__);
#endif

void vmath_exp_sum(double *y, const double *x, size_t n, double top,
                   double sum[EXP_LANES], double rest[EXP_LANES])
{
    BY_WIDTH(exp_sum, y, x, n, top, sum, rest)
}

void vmath_exp_add(double *y, const double *x, size_t n, const double *top,
                   double *sum,
                   double *rest){BY_WIDTH(exp_add, y, x, n, top, sum, rest)}

/* ---- powers ---- */

#define POW_LOOP(width, lanes, target)                                         \
    static target void run_pow_##width(                                        \
        double *y, double *good, const double *a, const double *b, size_t n)   \
    {                                                                          \
        V_##width u, v, ok;                                                    \
        size_t i = 0;                                                          \
        for (; i + (lanes) <= n; i += (lanes)) {                               \
            memcpy(&u, a + i, sizeof u);                                       \
            memcpy(&v, b + i, sizeof v);                                       \
            u = pow_##width(u, v, &ok);                                        \
            memcpy(y + i, &u, sizeof u);                                       \
            memcpy(good + i, &ok, sizeof ok);                                  \
        }                                                                      \
        if (i < n) {                                                           \
            u = v = splat_##width(1);                                          \
            memcpy(&u, a + i, (n - i) * sizeof *a);                            \
            memcpy(&v, b + i, (n - i) * sizeof *b);                            \
            u = pow_##width(u, v, &ok);                                        \
            memcpy(y + i, &u, (n - i) * sizeof *y);                            \
            memcpy(good + i, &ok, (n - i) * sizeof *good);                     \
        }                                                                      \
    }

POW_LOOP(base, 1, )
#ifdef __x86_64__
    POW_LOOP(avx2, 4, AVX2_TARGET) POW_LOOP(avx512, 8, AVX512_TARGET)
#endif

        static void run_pow(double *y, double *good, const double *a,
                            const double *b, size_t n)
{
#ifdef __x86_64__
    if (has_fused()) {
        if (has_avx512())
            run_pow_avx512(y, good, a, b, n);
        else
            run_pow_avx2(y, good, a, b, n);
        return;
    }
#endif
    run_pow_base(y, good, a, b, n);
}

/* Squares are rounded once; what pow_WIDTH leaves is done by libm. */
void vmath_pow(double *y, const double *a, const double *b, size_t n)
{
    double power[BLOCK], good[BLOCK];
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK, squares = 0;
        while (squares < m && b[i + squares] == 2)
            squares++;
        if (squares == m) {
            vmath_mul(y + i, a + i, a + i, m);
            continue;
        }
        run_pow(power, good, a + i, b + i, m);
        for (size_t j = 0; j < m; j++) {
            double u = a[i + j], v = b[i + j];
            y[i + j] = v == 2 ? u * u : good[j] != 0 ? power[j] : pow(u, v);
        }
    }
}

#ifdef __x86_64__
static FUSED_TARGET double one_pow_fused(double a, double b, double *good)
{
    return pow_fused(a, b, good);
}
#endif

double num_pow(double a, double b)
{
    double y, good;
    if (b == 2)
        return a * a;
#ifdef __x86_64__
    if (has_fused())
        y = one_pow_fused(a, b, &good);
    else
#endif
        y = pow_base(a, b, &good);
    return good != 0 ? y : pow(a, b);
}

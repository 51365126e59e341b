/*
 * simd.c - vcore.h compiled for each width of vector registers
 *
 * The width is chosen at each call by what the processor has; it changes the
 * speed, never the result.
 */
#include "num/vmath.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"
#ifdef __clang__
#pragma clang fp contract(off)
#endif

/* x + ROUNDER has x rounded to an integer in its low bits. */
#define ROUNDER 0x1.8p52
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define ROOT_HALF_BITS 0x3fe6a09e667f3bcd
#define TWO_OVER_PI 0.63661977236758138
#define HALF_PI_1 0x1.921fb544p0
#define HALF_PI_2 0x1.0b4611a6p-34
#define HALF_PI_3 0x1.3198a2e037073p-69
#define TRIG_MOST 1e5

#define LANES 2
#define TARGET
#define FN(name) name##_base
#include "num/vcore.h"
#undef LANES
#undef TARGET
#undef FN

#ifdef __x86_64__
#define LANES 4
#define TARGET __attribute__((target("avx2")))
#define FN(name) name##_avx2
#include "num/vcore.h"
#undef LANES
#undef TARGET
#undef FN

#define LANES 8
#define TARGET __attribute__((target("avx512f,avx512dq")))
#define FN(name) name##_avx512
#include "num/vcore.h"
#undef LANES
#undef TARGET
#undef FN

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#endif

/* Defines `run_NAME_WIDTH`: the function over an array, LANES at a time. */
#define LOOP(name, width, lanes, attributes)                                   \
    static attributes void run_##name##_##width(double *y, const double *x,    \
                                                size_t n)                      \
    {                                                                          \
        Vector_##width v;                                                      \
        size_t i = 0;                                                          \
        for (; i + (lanes) <= n; i += (lanes)) {                               \
            memcpy(&v, x + i, sizeof v);                                       \
            v = name##_##width(v);                                             \
            memcpy(y + i, &v, sizeof v);                                       \
        }                                                                      \
        if (i < n) {                                                           \
            memset(&v, 0, sizeof v);                                           \
            memcpy(&v, x + i, (n - i) * sizeof *x);                            \
            v = name##_##width(v);                                             \
            memcpy(y + i, &v, (n - i) * sizeof *x);                            \
        }                                                                      \
    }

#define SCALAR(name)                                                           \
    static double one_##name(double x)                                         \
    {                                                                          \
        return name##_base((Vector_base){x, x})[0];                            \
    }

#ifdef __x86_64__
#define LOOPS(name)                                                            \
    LOOP(name, base, 2, )                                                      \
    LOOP(name, avx2, 4, __attribute__((target("avx2"))))                       \
    LOOP(name, avx512, 8, __attribute__((target("avx512f,avx512dq"))))         \
    static void run_##name(double *y, const double *x, size_t n)               \
    {                                                                          \
        if (n >= 8 && has_avx512())                                            \
            run_##name##_avx512(y, x, n);                                      \
        else if (n >= 4 && has_avx2())                                         \
            run_##name##_avx2(y, x, n);                                        \
        else                                                                   \
            run_##name##_base(y, x, n);                                        \
    }
#else
#define LOOPS(name)                                                            \
    LOOP(name, base, 2, )                                                      \
    static void run_##name(double *y, const double *x, size_t n)               \
    {                                                                          \
        run_##name##_base(y, x, n);                                            \
    }
#endif

#define WHOLE_LINE(name)                                                       \
    SCALAR(name)                                                               \
    LOOPS(name)                                                                \
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
WHOLE_LINE(tanh)
WHOLE_LINE(sigmoid)
WHOLE_LINE(dsigmoid)
WHOLE_LINE(softplus)
WHOLE_LINE(logsigmoid)
WHOLE_LINE(dtanh)

/*
 * Beyond TRIG_MOST the reduction needs more parts of pi: libm has them.  The
 * arguments are looked at in blocks, for y may be x.
 */
#define BLOCK 256

#define SHORT_RANGE(name)                                                      \
    SCALAR(name)                                                               \
    LOOPS(name)                                                                \
    double num_##name(double x)                                                \
    {                                                                          \
        return fabs(x) < TRIG_MOST ? one_##name(x) : name(x);                  \
    }                                                                          \
    void vmath_##name(double *y, const double *x, size_t n)                    \
    {                                                                          \
        for (size_t i = 0; i < n; i += BLOCK) {                                \
            size_t m = n - i < BLOCK ? n - i : BLOCK, large = 0;               \
            for (size_t j = 0; j < m; j++)                                     \
                large += !(fabs(x[i + j]) < TRIG_MOST);                        \
            if (large == 0)                                                    \
                run_##name(y + i, x + i, m);                                   \
            for (size_t j = 0; j < m && large; j++)                            \
                y[i + j] = num_##name(x[i + j]);                               \
        }                                                                      \
    }

SHORT_RANGE(sin)
SHORT_RANGE(cos)

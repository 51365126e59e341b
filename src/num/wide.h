/*
 * wide.h - functions compiled for each width of vector registers
 *
 * A function marked WIDE is compiled for several kinds of processors and the
 * loader takes the best; as products and sums are never contracted, all of
 * them give the same bits.  WIDE_LOOP also lets the compiler turn plain loops
 * into vectors, where nobody looks at errno and the flags of exceptions.
 *
 * MLC_WIDTH is the widest register in bits that a build uses: 128, 256 or 512.
 * Builds of less are made to compare their results.  Whether products and sums
 * of the elementary functions are fused is no matter of width: a processor
 * without that has digits of its own (simd.c).
 */
#ifndef MLC_NUM_WIDE_H
#define MLC_NUM_WIDE_H

#ifndef MLC_WIDTH
#define MLC_WIDTH 512
#endif

/* Is there an extension of the processor, of registers of this width? */
#define WIDE_HAS(width, name)                                                  \
    (MLC_WIDTH >= (width) && __builtin_cpu_supports(name))

#if MLC_WIDTH == 256
#define WIDE __attribute__((target("avx2")))
#elif MLC_WIDTH == 128
#define WIDE
#elif defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("default", "avx2", "avx512f")))
#define WIDE_IS_LOADED
#else
#define WIDE
#endif

#if MLC_WIDTH < 512 || defined(WIDE_IS_LOADED)
#define WIDE_LOOP                                                              \
    WIDE __attribute__((optimize("O3", "no-math-errno", "no-trapping-math",    \
                                 "fp-contract=off")))
#else
#define WIDE_LOOP
#endif

#endif

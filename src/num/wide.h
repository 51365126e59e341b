/*
 * wide.h - functions compiled for each width of vector registers
 *
 * A function marked WIDE is compiled for several kinds of processors and the
 * loader takes the best; as products and sums are never contracted, all of
 * them give the same bits.  WIDE_LOOP also lets the compiler turn plain loops
 * into vectors, where nobody looks at errno and the flags of exceptions.
 */
#ifndef MLC_NUM_WIDE_H
#define MLC_NUM_WIDE_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&         \
    !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("default", "avx2", "avx512f")))
#define WIDE_LOOP                                                              \
    WIDE __attribute__((optimize("O3", "no-math-errno", "no-trapping-math",    \
                                 "fp-contract=off")))
#else
#define WIDE
#define WIDE_LOOP
#endif

#endif

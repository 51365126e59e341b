/*
 * rng.h - random numbers that depend only on their place
 *
 * Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011) maps (seed, stream, index) to random bits.  There is no
 * state to carry along: draw number i of a stream is the same whoever asks
 * for it, in whatever order, on any number of threads.  An Rng only remembers
 * which index comes next.
 */
#ifndef MLC_NUM_RNG_H
#define MLC_NUM_RNG_H

#include <stddef.h>
#include <stdint.h>

/* The bare function: 4 words from a counter of 4 and a key of 2. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4]);

typedef struct Rng {
    uint64_t seed, stream, index;
} Rng;

Rng rng_new(uint64_t seed, uint64_t stream);

/* 64 random bits: the next ones, or those of draw `index` of a stream. */
uint64_t rng_bits(Rng *r);
uint64_t rng_bits_at(uint64_t seed, uint64_t stream, uint64_t index);

/* Uniform in (0, 1): an odd multiple of 2^-53, never 0 or 1. */
double rng_uniform(Rng *r);

/* Standard normal, by the inverse of the distribution: one draw each. */
double rng_normal(Rng *r);

/* An integer 0 <= k < n without bias (Lemire 2019); n >= 1. */
uint64_t rng_below(Rng *r, uint64_t n);

/* Gamma distributed with this shape > 0 and scale 1 (Marsaglia & Tsang). */
double rng_gamma(Rng *r, double shape);
double rng_exponential(Rng *r); /* mean 1 */

/* y[i] = draw r->index + i; the index then moves on by n. */
void rng_uniform_array(Rng *r, double *y, size_t n);
void rng_normal_array(Rng *r, double *y, size_t n);

/* Random order of 0..n-1 (Fisher & Yates). */
void rng_permutation(Rng *r, size_t *y, size_t n);

#endif

/*
 * primes.h - prime factors of exact numbers
 */
#ifndef MLC_EVAL_PRIMES_H
#define MLC_EVAL_PRIMES_H

#include "value/value.h"

/*
 * The exact number v, not 0, as an array of rows [prime, power], primes
 * ascending, powers of a denominator negative; a first row [-1, 1] is the
 * sign.  1 is [1, 1].  Raises ERR_LIMIT where a part with large prime factors
 * is not taken apart in some seconds.
 */
Value primes_of(Value v);

#endif

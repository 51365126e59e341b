/*
 * exact.h - exact rational numbers
 *
 * Plain functions on GMP's mpq_t, always canonical: lowest terms, positive
 * denominator.  A number may have at most 2^22 bits in its numerator and in
 * its denominator; so a single GMP call stays short (Ctrl-C is answered).  The
 * size of a result is estimated before GMP is called: what would be too long
 * returns NUM_TOO_LONG and leaves y as it was.  All functions return NUM_OK or
 * another code of number.h, and y may be one of the operands.
 *
 * Integers that fit in int64_t need no GMP: see int_add and its kin.
 */
#ifndef MLC_NUM_EXACT_H
#define MLC_NUM_EXACT_H

#include <gmp.h>

#include "base/str.h"
#include "num/number.h"

#define EXACT_BITS ((size_t)1 << 22)

void exact_set_int(mpq_t y, int64_t a);
bool exact_is_int(const mpq_t a);              /* denominator 1 */
bool exact_get_int(const mpq_t a, int64_t *y); /* fits in int64_t */

/* Length in bits of the longer of numerator and denominator. */
size_t exact_bits(const mpq_t a);

int exact_add(mpq_t y, const mpq_t a, const mpq_t b);
int exact_sub(mpq_t y, const mpq_t a, const mpq_t b);
int exact_mul(mpq_t y, const mpq_t a, const mpq_t b);
int exact_div(mpq_t y, const mpq_t a, const mpq_t b); /* NUM_DIV0 */

/*
 * a^b for an integer b, and for a fraction if the root is exact (4^(1/2));
 * NUM_DOMAIN otherwise, also for the even root of a negative number and
 * 0^(-1) is NUM_DIV0.  0^0 is 1.
 */
int exact_pow(mpq_t y, const mpq_t a, const mpq_t b);

/* The n-th root if it is rational (real; n >= 1), else NUM_DOMAIN. */
int exact_root(mpq_t y, const mpq_t a, uint64_t n);

/* Integer parts; round takes halves away from zero. */
void exact_floor(mpq_t y, const mpq_t a);
void exact_ceil(mpq_t y, const mpq_t a);
void exact_round(mpq_t y, const mpq_t a);

/* a - b*floor(a/b): the sign of b.  NUM_DIV0. */
int exact_mod(mpq_t y, const mpq_t a, const mpq_t b);

/* Greatest common divisor and least common multiple of integers. */
int exact_gcd(mpq_t y, const mpq_t a, const mpq_t b);
int exact_lcm(mpq_t y, const mpq_t a, const mpq_t b);

/* n!, and n over k for an integer k and any integer n. */
int exact_factorial(mpq_t y, const mpq_t n);
int exact_binomial(mpq_t y, const mpq_t n, const mpq_t k);

int exact_compare(const mpq_t a, const mpq_t b); /* -1, 0, 1 */

/* Sign of a - b, exactly; 2 if b is NaN. */
int exact_compare_double(const mpq_t a, double b);

/* Equal numbers have equal hashes, integers that of exact_hash_int. */
uint64_t exact_hash(const mpq_t a);
uint64_t exact_hash_int(int64_t a);

/* Every finite float is a rational number; NUM_DOMAIN for the others. */
int exact_from_double(mpq_t y, double x);

/* The nearest float, ties to even; infinite beyond the range. */
double exact_to_double(const mpq_t a);

/*
 * Reads an integer: decimal, or hexadecimal after 0x, with `_` between
 * digits; no sign.  NUM_SYNTAX, NUM_TOO_LONG.  `text` has `len` bytes.
 */
int exact_from_text(mpq_t y, const char *text, size_t len);

/*
 * The exact value of a decimal with point and exponent: 0.1 is 1/10.  An
 * optional sign, `_` between digits.  NUM_SYNTAX, NUM_TOO_LONG.
 */
int exact_from_decimal(mpq_t y, const char *text, size_t len);

/* Appends `-3`, `1/3`.  Raises ERR_MEMORY only. */
void exact_to_text(Str *s, const mpq_t a);

#endif

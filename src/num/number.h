/*
 * number.h - floats and small integers: text and checked arithmetic
 *
 * A float is written as the shortest decimal that reads back as itself, and
 * always with a point or an exponent, so that it can be told from an exact
 * number: 1.0, 0.1, 1e300, 2.5e-07 is written 2.5e-7.  Neither reading nor
 * writing depends on the locale.
 */
#ifndef MLC_NUM_NUMBER_H
#define MLC_NUM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the functions of num/ return; 0 is success. */
enum {
    NUM_OK = 0,
    NUM_DIV0,     /* division by zero */
    NUM_DOMAIN,   /* not defined there, or not exact */
    NUM_TOO_LONG, /* an exact number would pass 2^22 bits */
    NUM_SYNTAX,   /* the text is not a number */
    NUM_MEMORY,   /* no memory for a work array */
    NUM_MISSING,  /* a library is not installed */
    NUM_SINGULAR, /* a matrix without inverse or not definite */
    NUM_FAILED    /* an iteration did not converge */
};

#define NUM_TEXT 40 /* room for any float */

/*
 * Shortest text that reads back as x: `inf`, `-inf`, `nan`, `-0.0`.  Returns
 * the length; buf holds NUM_TEXT bytes.
 */
size_t num_format_double(char *buf, double x);

/*
 * x in at most `digits` (1..17) significant digits, without trailing zeros, as
 * arrays and tables print it: `0.1`, `1.5`, `3`, `1e10`.  An integer has no
 * point here.
 */
size_t num_format_short(char *buf, double x, int digits);

/*
 * Reads a decimal float that takes up text[0..len) entirely: digits with an
 * optional point and exponent, an optional sign in front.  No blanks, no
 * hexadecimal; `inf`, `nan` only if `names` says so (any case).  Correctly
 * rounded.  Returns false if the text is not such a number.
 */
bool num_parse_double(const char *text, size_t len, bool names, double *x);

/* y = a op b; false when the result does not fit. */
static inline bool int_add(int64_t a, int64_t b, int64_t *y)
{
    return !__builtin_add_overflow(a, b, y);
}

static inline bool int_sub(int64_t a, int64_t b, int64_t *y)
{
    return !__builtin_sub_overflow(a, b, y);
}

static inline bool int_mul(int64_t a, int64_t b, int64_t *y)
{
    return !__builtin_mul_overflow(a, b, y);
}

/* a^n for n >= 0; 0^0 is 1. */
bool int_pow(int64_t a, int64_t n, int64_t *y);

/* Quotient rounded down, and the remainder with the sign of b; b != 0. */
bool int_floor_div(int64_t a, int64_t b, int64_t *y);
int64_t int_floor_mod(int64_t a, int64_t b);

/* Greatest common divisor of the magnitudes; gcd(0, 0) is 0. */
uint64_t int_gcd(int64_t a, int64_t b);

/* True if x is an integer that int64_t holds; *y is then that integer. */
bool int_from_double(double x, int64_t *y);

/* Sign of a - b, exactly: -1, 0, 1, or 2 if b is NaN. */
int int_compare_double(int64_t a, double b);

#endif

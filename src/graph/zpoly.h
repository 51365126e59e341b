/*
 * zpoly.h - polynomials in several variables with integer coefficients
 *
 * What gcd, factorisation and determinants work on.  A ZPoly is a list of
 * distinct terms, greatest first; the exponents of a monomial are packed into
 * one 128-bit key, variable 0 in the highest field, so that keys compare as
 * monomials in lexicographic order and a product of monomials is a sum of
 * keys.  The top bit of every field is a guard: it shows overflow, and
 * whether one monomial divides another, for all variables at once.
 *
 * Polynomials are immutable and live in the arena of their ring, as do the
 * limbs of their coefficients, so an error leaks nothing and nothing is
 * freed singly.  Scratch integers belong to the value pool.
 *
 * All functions answer Ctrl-C and count their work; beyond the budget of the
 * ring, or 1 GB, they raise ERR_LIMIT.
 */
#ifndef MLC_GRAPH_ZPOLY_H
#define MLC_GRAPH_ZPOLY_H

#include "base/arena.h"
#include "value/value.h"

enum { ZPOLY_VARS = 64, ZPOLY_SCRATCH = 8 };

typedef unsigned __int128 ZKey;

typedef struct ZTerm {
    ZKey key;
    mpz_t c; /* limbs in the arena: never the target of a GMP function */
} ZTerm;

typedef struct ZPoly {
    ZTerm *at;
    size_t count;
} ZPoly;

typedef struct ZRing {
    Arena *arena;
    int nvars, bits; /* bits of a field */
    ZKey guard;
    uint64_t budget;          /* products of limbs still allowed */
    size_t memory;            /* bytes still allowed */
    mpz_ptr t[ZPOLY_SCRATCH]; /* used by leaf functions, never across calls */
} ZRing;

typedef struct ZPolyList {
    ZPoly *at;
    size_t count, room;
} ZPolyList;

#define ZPOLY_BUDGET 250000000u

ZRing *zring_new(Arena *a, int nvars, uint64_t budget);

/* Takes `work` from the budget; raises ERR_LIMIT when it is spent. */
void zring_spend(ZRing *r, uint64_t work);

/* An integer that the value pool frees. */
mpz_ptr zint_new(void);

/* y = c with its limbs copied to the arena; y is not initialised before. */
void zint_freeze(ZRing *r, mpz_ptr y, mpz_srcptr c);

/* ---- making ---- */

ZPoly zpoly_int(ZRing *r, int64_t c);
ZPoly zpoly_number(ZRing *r, mpz_srcptr c);
ZPoly zpoly_variable(ZRing *r, int var, uint64_t exponent);

/* A polynomial from terms in any order, some perhaps alike: sorts `at`. */
ZPoly zpoly_from_terms(ZRing *r, ZTerm *at, size_t n);

/* ---- reading ---- */

static inline bool zpoly_is_zero(ZPoly p)
{
    return p.count == 0;
}

bool zpoly_is_constant(ZPoly p);
bool zpoly_is_one(ZPoly p);
bool zpoly_same(ZPoly a, ZPoly b);
uint64_t zkey_exponent(const ZRing *r, ZKey key, int var);
ZKey zkey_power(const ZRing *r, int var, uint64_t exponent);
uint64_t zpoly_degree(const ZRing *r, ZPoly p, int var); /* 0 of 0 */
uint64_t zpoly_total_degree(const ZRing *r, ZPoly p);
size_t zpoly_height_bits(ZPoly p); /* of the largest coefficient */

/* The coefficients of p as a polynomial in var, constant first: degree + 1
 * of them. */
ZPoly *zpoly_coefficients(ZRing *r, ZPoly p, int var, uint64_t *degree);
ZPoly zpoly_from_coefficients(ZRing *r, const ZPoly *c, uint64_t degree,
                              int var);
ZPoly zpoly_leading(ZRing *r, ZPoly p, int var);

/* ---- arithmetic ---- */

ZPoly zpoly_add(ZRing *r, ZPoly a, ZPoly b);
ZPoly zpoly_sub(ZRing *r, ZPoly a, ZPoly b);
ZPoly zpoly_neg(ZRing *r, ZPoly a);
ZPoly zpoly_multiply(ZRing *r, ZPoly a, ZPoly b);
ZPoly zpoly_power(ZRing *r, ZPoly a, uint64_t n);
ZPoly zpoly_scale(ZRing *r, ZPoly a, mpz_srcptr c);
ZPoly zpoly_shrink(ZRing *r, ZPoly a, mpz_srcptr c); /* divided, exactly */
ZPoly zpoly_shift(ZRing *r, ZPoly a, ZKey by);       /* times a monomial */
ZPoly zpoly_unshift(ZRing *r, ZPoly a, ZKey by);

/* a/b if b divides a over the integers, else false. */
bool zpoly_divide(ZRing *r, ZPoly a, ZPoly b, ZPoly *quotient);

ZPoly zpoly_derivative(ZRing *r, ZPoly p, int var);
ZPoly zpoly_evaluate(ZRing *r, ZPoly p, int var, mpz_srcptr x);
ZPoly zpoly_translate(ZRing *r, ZPoly p, int var, int64_t by); /* x + by */

/* Coefficients reduced to -m/2..m/2. */
ZPoly zpoly_mod(ZRing *r, ZPoly p, mpz_srcptr m);

/* ---- contents and divisors (zpoly_gcd.c) ---- */

/* gcd of the coefficients, positive; 0 of 0. */
void zpoly_content(ZPoly p, mpz_ptr c);
ZPoly zpoly_primitive(ZRing *r, ZPoly p);     /* without it, leading > 0 */
ZKey zpoly_monomial(const ZRing *r, ZPoly p); /* the greatest that divides */

/* With leading coefficient > 0; gcd(0, 0) is 0. */
ZPoly zpoly_gcd(ZRing *r, ZPoly a, ZPoly b);

/* gcd of the coefficients of p as a polynomial in var. */
ZPoly zpoly_content_in(ZRing *r, ZPoly p, int var);

/* ---- factors (zpoly_factor.c) ---- */

typedef struct ZFactor {
    ZPoly p;
    uint64_t power;
} ZFactor;

typedef struct ZFactors {
    ZFactor *at; /* irreducible, primitive, leading coefficient > 0 */
    size_t count, room;
} ZFactors;

/* p = content * product of the factors, irreducible over the rationals. */
ZFactors zpoly_factor(ZRing *r, ZPoly p, mpz_ptr content);

/* The same, but factors are only square-free and pairwise coprime. */
ZFactors zpoly_square_free(ZRing *r, ZPoly p, mpz_ptr content);

/* Irreducible factors of p, square-free and primitive, degree >= 1, in the
 * one variable var (zpoly_zassenhaus.c). */
void zpoly_factor_univariate(ZRing *r, ZPoly p, int var, ZPolyList *out);

/* Those that are cyclotomic, without repetition; returns what is left of p
 * (zpoly_cyclotomic.c). */
ZPoly zpoly_cyclotomic_factors(ZRing *r, ZPoly p, int var, ZPolyList *out);

/* As zpoly_factor_univariate in several variables, primitive as polynomial
 * in var (zpoly_lift.c). */
void zpoly_factor_lifted(ZRing *r, ZPoly p, int var, ZPolyList *out);

#endif

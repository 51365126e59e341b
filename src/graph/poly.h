/*
 * poly.h - polynomials with packed exponents
 *
 * A polynomial in up to 16 variables over the exact numbers, as a list of
 * terms: the exponents of a monomial share one 128-bit key, so that a product
 * of monomials is a sum of keys.  Products are collected in a hash table.
 * Coefficients are small integers where they fit, any exact numbers else.
 *
 * Polynomials live in the arena of their Ring; big coefficients are in the
 * value pool.  Terms are distinct and not zero; they are in order (greatest
 * key first) after poly_sort only.  Errors: ERR_LIMIT where the terms pass
 * POLY_TERMS or exponents the width of their field.
 */
#ifndef MLC_GRAPH_POLY_H
#define MLC_GRAPH_POLY_H

#include "base/arena.h"
#include "value/value.h"

enum { POLY_VARS = 16, POLY_TERMS = 500000 };

typedef unsigned __int128 PolyKey;

typedef struct PolyTerm {
    PolyKey key;
    Value c; /* exact, not 0 */
} PolyTerm;

typedef struct Poly {
    PolyTerm *at;
    size_t count;
} Poly;

typedef struct Ring {
    Arena *arena;
    int nvars, bits; /* bits of an exponent's field */
} Ring;

Ring ring_new(Arena *a, int nvars);

Poly poly_number(Ring *r, Value c);
Poly poly_variable(Ring *r, int var, int64_t exponent);

int64_t poly_exponent(const Ring *r, PolyKey key, int var);
int64_t poly_degree(const Ring *r, Poly p, int var); /* -1 of 0 */

Poly poly_sum(Ring *r, size_t n, const Poly part[]);
Poly poly_scale(Ring *r, Poly a, Value c);
Poly poly_multiply(Ring *r, Poly a, Poly b);
Poly poly_power(Ring *r, Poly a, int64_t n); /* n >= 0 */
void poly_sort(Poly p);

/*
 * The derivative of a by the chain rule, slope[v] being that of variable v.
 * The exponents must fit: they are not looked at.
 */
Poly poly_slope(Ring *r, Poly a, const Poly slope[]);

#endif

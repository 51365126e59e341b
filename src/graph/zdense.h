/*
 * zdense.h - dense polynomials in one variable modulo a large integer
 *
 * Coefficients from 0 to m - 1, constant first, limbs in the arena of a
 * ZRing.  The last coefficient may be 0 only where that is said.
 */
#ifndef MLC_GRAPH_ZDENSE_H
#define MLC_GRAPH_ZDENSE_H

#include "graph/zpoly.h"

typedef struct Dense {
    mpz_t *at;
    size_t count;
} Dense;

Dense dense_new(ZRing *r, size_t count); /* to be filled */
Dense dense_constant(ZRing *r, mpz_srcptr c);
Dense dense_of(ZRing *r, ZPoly p, int var);       /* p in var alone, as it is */
Dense dense_mod(ZRing *r, Dense a, mpz_srcptr m); /* trimmed */
Dense dense_multiply(ZRing *r, Dense a, Dense b, mpz_srcptr m);
Dense dense_sub(ZRing *r, Dense a, Dense b, mpz_srcptr m); /* trimmed */

/* By b with a leading coefficient that m does not divide; m prime. */
Dense dense_divide(ZRing *r, Dense a, Dense b, mpz_srcptr m, Dense *rest);

/* s with s*a = 1 modulo b; a, b coprime, m prime. */
Dense dense_invert(ZRing *r, Dense a, Dense b, mpz_srcptr m);

ZPoly dense_poly(ZRing *r, Dense a, int var);

/* For recombination: the places 0, 1, ... n - 1, and the next n of `count`
 * places in lexicographic order; false after the last. */
size_t *subset_first(ZRing *r, size_t n);
bool subset_next(size_t pick[], size_t n, size_t count);

#endif

/*
 * zmodular.h - dense polynomials in one variable modulo a prime below 2^31
 *
 * In the arena that is given; immutable.  `count` is the degree plus 1, the
 * last coefficient is not 0; the zero polynomial has count 0.
 */
#ifndef MLC_GRAPH_ZMODULAR_H
#define MLC_GRAPH_ZMODULAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct ModPoly {
    uint64_t *at;
    size_t count;
} ModPoly;

typedef struct ModField {
    Arena *arena;
    uint64_t p;
    uint64_t random; /* state of the generator of trial polynomials */
} ModField;

typedef struct ModPolyList {
    ModPoly *at;
    size_t count, room;
} ModPolyList;

ModPoly mod_new(ModField *f, size_t count); /* zeros, to be filled */
ModPoly mod_trim(ModPoly a);
uint64_t mod_inverse(uint64_t a, uint64_t p);
ModPoly mod_sub(ModField *f, ModPoly a, ModPoly b);
ModPoly mod_multiply(ModField *f, ModPoly a, ModPoly b);
ModPoly mod_divide(ModField *f, ModPoly a, ModPoly b, ModPoly *rest);
ModPoly mod_monic(ModField *f, ModPoly a);
ModPoly mod_gcd(ModField *f, ModPoly a, ModPoly b);
ModPoly mod_derivative(ModField *f, ModPoly a);

/* s with s*a = 1 modulo m, a and m coprime. */
ModPoly mod_invert(ModField *f, ModPoly a, ModPoly m);

/* The monic irreducible factors of a, which is monic and square-free. */
void mod_factor(ModField *f, ModPoly a, ModPolyList *out);

#endif

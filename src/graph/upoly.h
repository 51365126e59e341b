/*
 * upoly.h - polynomials in one variable over the rationals
 *
 * Coefficients are exact numbers, c[0] the constant; the degree is that of
 * the last coefficient that is not 0, -1 of the zero polynomial.
 */
#ifndef MLC_GRAPH_UPOLY_H
#define MLC_GRAPH_UPOLY_H

#include "base/arena.h"
#include "value/value.h"

typedef struct UPoly {
    int degree;
    Value *c;
} UPoly;

UPoly upoly_new(Arena *a, int degree); /* all 0; set c, then upoly_trim */
void upoly_trim(UPoly *p);
Value upoly_value(UPoly p, Value x); /* exact x: exact value */
UPoly upoly_slope(Arena *a, UPoly p);
void upoly_divide(Arena *a, UPoly p, UPoly q, UPoly *quotient, UPoly *rest);
UPoly upoly_gcd(Arena *a, UPoly p, UPoly q); /* monic */
UPoly upoly_squarefree(Arena *a, UPoly p);   /* each root once */

/*
 * A real root: an exact number if it is rational, else an interval whose
 * ends have opposite signs, narrowed until both are the same float.
 */
typedef struct URoot {
    bool rational;
    Value at;    /* if rational */
    double near; /* its nearest float */
} URoot;

/* The distinct real roots in ascending order (Sturm's theorem, bisection);
 * returns their number, at most the degree. */
int upoly_real_roots(Arena *a, UPoly p, URoot roots[]);

#endif

/*
 * rational.h - scalar formulas as rational functions
 *
 * A scalar node is read as a quotient of two polynomials with integer
 * coefficients in generators: its symbols, and every part that is no sum,
 * product or integer power (sin(x), A[1,2], sqrt(x)), taken as one whole.
 * Of a symbol with fractional exponents the generator is the root that makes
 * them integers: x and sqrt(x) are s^2 and s.  Generators are treated as
 * independent, so what holds for the polynomials holds for the formulas; the
 * reverse may fail (sin(x)^2 + cos(x)^2 - 1 is not the zero polynomial).
 *
 * Polynomials and map live in the arena that is given.  A formula that holds
 * floats, that is no scalar, or that has more than ZPOLY_VARS generators
 * cannot be read.  Work beyond the budget raises ERR_LIMIT.
 */
#ifndef MLC_GRAPH_RATIONAL_H
#define MLC_GRAPH_RATIONAL_H

#include "base/vec.h"
#include "graph/expand.h"
#include "graph/node.h"
#include "graph/walk.h"
#include "graph/zpoly.h"

typedef struct Rational {
    ZPoly num, den; /* coprime, den with leading coefficient > 0 */
} Rational;

typedef struct PolyMap {
    Graph *g;
    Arena *arena;
    ZRing *ring;
    NodeList generator; /* by variable of the ring, in graph order */
    NodeMap index;      /* generator -> variable */
    NodeMap roots;      /* symbol -> common denominator of exponents */
    const char *why;    /* it cannot be read, in words, or NULL */
} PolyMap;

/*
 * A map whose generators are those of the n nodes; y->why says so if there is
 * one that cannot be read.
 */
void poly_map_new(PolyMap *y, Graph *g, Arena *a, int n, const Node nodes[],
                  uint64_t budget);

Rational rational_of_node(PolyMap *m, Node n);
Node node_of_zpoly(PolyMap *m, ZPoly p);
Node node_of_rational(PolyMap *m, Rational q);
int poly_map_variable(const PolyMap *m, Node symbol); /* -1: not in it */

/* c*p1^k1*p2^k2*... */
Node node_of_factors(PolyMap *m, mpz_srcptr c, const ZFactors *f);

/* ---- on nodes ---- */

/*
 * Numerator over denominator without common divisor, both multiplied out;
 * n itself if it cannot be read or the work is too large.  Equal rational
 * functions give the same node; one that vanishes gives 0.
 */
Node poly_cancel(Graph *g, Node n);

typedef enum Truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN } Truth;

/*
 * Is the formula 0 as a rational function?  TRUTH_YES is certain where the
 * formula is defined.  TRUTH_NO only if all generators are symbols: other
 * generators may be related.
 */
Truth poly_is_zero(Graph *g, Node n);

/* The product of irreducible factors over the rationals; raises ERR_LIMIT,
 * ERR_ARGUMENT for floats. */
Node poly_factor(Graph *g, Node n);
Node poly_factor_within(Graph *g, Node n, uint64_t budget);

/*
 * Coefficients of n as a polynomial in x, constant first; the entries are
 * nodes without x.  Returns the degree; raises ERR_ARGUMENT if n is no
 * polynomial in x.
 */
int64_t poly_coefficients(Graph *g, Node n, Node x, Arena *a, Node **out);

/*
 * Sum of the coefficients of the powers of x[0], negative ones too, each
 * collected by x[1] and so on.  The x are symbols or functions; what else
 * holds them is taken as a whole.
 */
Node poly_collect(Graph *g, Node n, int count, const Node x[]);

#endif

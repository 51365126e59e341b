/*
 * exponentials.h - exp as powers of few symbols
 *
 * exp(2x) + exp(x + y) is s^2 + s*t with s = exp(x), t = exp(y), and so a
 * polynomial that has factors.
 */
#ifndef MLC_GRAPH_EXPONENTIALS_H
#define MLC_GRAPH_EXPONENTIALS_H

#include "graph/expand.h"
#include "graph/node.h"

typedef struct Exponentials {
    NodeList symbol, meaning; /* fresh ones, and what they stand for */
} Exponentials;

/* n with powers of e->symbol for the exp in its sums and products, where one
 * is a power or two share a term of their exponents; in the arena. */
Node exponentials_out(Graph *g, Node n, Arena *a, Exponentials *e);

/* n with the exponentials in place. */
Node exponentials_in(Graph *g, Node n, const Exponentials *e);

#endif

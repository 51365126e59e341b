/*
 * poly_node.h - formulas as polynomials
 *
 * A scalar node is read as a polynomial in its generators: symbols, and
 * whatever else is no sum, product or whole power (functions, roots, negative
 * powers, each a generator of its own).  Numbers must be exact.
 */
#ifndef MLC_GRAPH_POLY_NODE_H
#define MLC_GRAPH_POLY_NODE_H

#include "graph/node.h"
#include "graph/poly.h"

typedef struct PolyForm {
    Ring ring;
    Node generator[POLY_VARS];
    bool symbols; /* all generators are symbols */
    Poly poly;
} PolyForm;

/*
 * By steps, for several nodes: a form without generators; those of n added
 * (false as below); no more will come; n as a polynomial in them.
 */
PolyForm poly_form(Arena *a);
bool poly_take(Graph *g, PolyForm *f, Node n);
void poly_begin(Graph *g, PolyForm *f);
Poly poly_read(Graph *g, PolyForm *f, Node n);

/* False if n has floats, arrays' products among its factors that are no
 * generators, or more than 16 generators. */
bool poly_of_node(Graph *g, Arena *a, Node n, PolyForm *f);

Node node_of_poly(Graph *g, const PolyForm *f, Poly p);

#endif

/*
 * entrywise.h - the entry of an array as a scalar formula
 *
 * A formula of elementwise operations on arrays, sin(v).^2 + cos(v).^2, is
 * read as the formula of one entry, with a fresh symbol for each array that is
 * no elementwise operation itself.  What holds of all real numbers holds of
 * the entries.
 */
#ifndef MLC_GRAPH_ENTRYWISE_H
#define MLC_GRAPH_ENTRYWISE_H

#include "graph/expand.h"
#include "graph/node.h"

typedef struct Entries {
    Graph *g;
    Arena *arena;
    Shape shape;
    NodeList array, symbol; /* the arrays, and what stands for their entries */
} Entries;

/* For arrays of one shape: no symbols yet. */
Entries entries_new(Graph *g, Arena *a, Shape shape);

/* The formula of an entry of the array n, which has the shape. */
Node entry_formula(Entries *e, Node n);

/* The array whose entries are u; NODE_NONE if u holds what has no elementwise
 * form. */
Node entry_array(Entries *e, Node u);

#endif

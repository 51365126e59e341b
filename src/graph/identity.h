/*
 * identity.h - are two formulas equal?
 *
 * TRUTH_YES is proved: in each region of signs both have the same normal form
 * (kernel.h), or neither has a value.  Points that lie only on zeros of
 * denominators and the like do not count, as in x/x = 1.  TRUTH_NO comes with
 * a point at which bounds of the two values (enclose.h) do not overlap, or
 * where one has a value and the other has none in a neighbourhood.
 */
#ifndef MLC_GRAPH_IDENTITY_H
#define MLC_GRAPH_IDENTITY_H

#include "graph/rational.h"

typedef struct Witness {
    int count;
    Node *symbol, *value; /* in the arena */
    bool defined[2];      /* has each formula a value there? */
    double at[2];
} Witness;

/* Shapes of a and b are the same. */
Truth node_equal(Graph *g, Node a, Node b, Arena *arena, Witness *w);

/* Is n an array, or are there array symbols in it? */
bool has_arrays(Graph *g, Node n, Arena *arena);

/* Looks for a point where they differ. */
bool find_witness(Graph *g, Node a, Node b, Arena *arena, Witness *w);

/* Surely equal wherever a has a value; if `both`, b has one nowhere else. */
bool node_proves(Graph *g, Node a, Node b, bool both);

#endif

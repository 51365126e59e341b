/*
 * reach.h - which entries of a formula depend on which variables
 *
 * The structure of a Jacobian read off the graph, operator by operator, where
 * its closed form does not show it (loops, choices, functions of rows).  What
 * is found is never too little; where an operator mixes all of its entries,
 * all of them depend on all that any depends on.
 */
#ifndef MLC_GRAPH_REACH_H
#define MLC_GRAPH_REACH_H

#include "base/arena.h"
#include "graph/node.h"

/* Entry k (column by column) depends on the variables col[start[k]..start[k +
 * 1]), ascending; entries of the leaves are numbered in their order. */
typedef struct Reach {
    size_t n;
    int *start, *col;
} Reach;

/*
 * Of y by the leaves x, all of concrete shapes; arrays in the arena.  False if
 * it would have more than 2^26 pairs.
 */
bool node_reach(Graph *g, Node y, int nx, const Node x[], Arena *a, Reach *r);

#endif

/*
 * binder.h - loops, index sums, lambdas and choices as nodes
 *
 * BINDERS.md.
 */
#ifndef MLC_GRAPH_BINDER_H
#define MLC_GRAPH_BINDER_H

#include "graph/node.h"

/*
 * if c then a else b: lazy where c is a scalar, entry by entry where it is an
 * array.  Scalar arms spread to the shape of the other.
 */
Node node_if(Graph *g, Node c, Node a, Node b);

#endif

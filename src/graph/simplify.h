/*
 * simplify.h - from the canonical node to the textbook form
 *
 * MATRIX.md section 6, steps 1 to 3: a pass after differentiation, within a
 * budget, that never lengthens its argument.  The result is again a canonical
 * node (printing gives it its last touch).
 */
#ifndef MLC_GRAPH_SIMPLIFY_H
#define MLC_GRAPH_SIMPLIFY_H

#include "graph/node.h"

Node node_textbook(Graph *g, Node n);

/*
 * n with `value` for its factor f, among factors of products and of matrix
 * products; in other functions, and within a root, f stays.
 */
Node node_with_factor(Graph *g, Node n, Node f, Node value);

/* Products distributed over sums, powers of sums multiplied out. */
Node node_expand(Graph *g, Node n);

#endif

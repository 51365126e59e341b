/*
 * diff.h - derivatives in closed form
 *
 * MATRIX.md sections 3 to 5.  All results are canonical nodes; simplify.h
 * brings them to the textbook form.  What has no closed form raises
 * ERR_DIFF or ERR_TENSOR naming the operator.
 */
#ifndef MLC_GRAPH_DIFF_H
#define MLC_GRAPH_DIFF_H

#include "graph/node.h"

/* Forward: the change of y when the leaf x changes by dx (x's shape). */
Node diff_forward(Graph *g, Node y, int n, const Node x[], const Node dx[]);

/* Reverse: gradients of the scalar y by each x, each with its shape. */
void diff_reverse(Graph *g, Node y, int n, const Node x[], Node gradient[]);

/* Reverse with a seed u of y's shape. */
void diff_pullback(Graph *g, Node y, Node u, int n, const Node x[],
                   Node adjoint[]);

/* d y / d x for a scalar x, y of any shape: by forward mode with dx = 1. */
Node diff_scalar(Graph *g, Node y, Node x);

/* The same `order` times; raises ERR_LIMIT where that becomes too long. */
Node diff_scalar_order(Graph *g, Node y, Node x, int order);

/* [m,n] for column (or scalar) y [m] and x [n]. */
Node diff_jacobian(Graph *g, Node y, Node x);

/* Of a scalar y by a column x, or by several scalars/columns stacked. */
Node diff_hessian(Graph *g, Node y, Node x);

#endif

/*
 * query.h - questions about a formula that decide how it is minimised
 *
 * All are answered by the structure of the canonical node or by exact
 * derivatives; "no" may mean "not found".
 */
#ifndef MLC_GRAPH_QUERY_H
#define MLC_GRAPH_QUERY_H

#include "graph/node.h"

bool query_depends(Graph *g, Node y, int n, const Node x[]);

/* Is y an affine function of the symbols x?  Its differential holds none. */
bool query_affine(Graph *g, Node y, int n, const Node x[]);

/* Is y quadratic in x?  Its Hessian holds no x. */
bool query_quadratic(Graph *g, Node y, int n, const Node x[]);

/* Is y differentiable in x everywhere it is defined, as far as its operators
 * tell: no abs, max, relu, norm2, if on x?  Else the name of the first. */
bool query_smooth(Graph *g, Node y, int n, const Node x[], const char **kink);

/*
 * If the scalar y is a sum of squares with positive coefficients, the column
 * r with y = r'*r + constant; NODE_NONE else.
 */
Node query_residual(Graph *g, Node y, int n, const Node x[]);

/*
 * The arguments, depending on x, of the relus of matrices in y, operands
 * first; at most `most`.  Returns their number.
 */
int query_relus(Graph *g, Node y, int n, const Node x[], int most,
                Node argument[]);

/* Is y convex in x by the rules of composition (Boyd & Vandenberghe 2004,
 * section 3.2)?  `curve` of the operator table. */
bool query_convex(Graph *g, Node y, int n, const Node x[]);

#endif

/*
 * limit.h - limits in closed form
 *
 * Where e is continuous, its value; else the algorithm of Gruntz (On
 * Computing Limits in a Symbolic Manipulation System, thesis, ETH Zurich
 * 1996): with x towards infinity, the fastest growing exponentials of e are
 * written as powers of one w -> 0, e is expanded in w, and the leading term
 * decides, its coefficient being a slower problem of the same kind.
 *
 * A limit is taken over the points where e has a value: that of sqrt(x) at 0
 * is 0.  What is not found raises ERR_CLOSED; a limit that does not exist
 * raises ERR_DOMAIN and says why.
 */
#ifndef MLC_GRAPH_LIMIT_H
#define MLC_GRAPH_LIMIT_H

#include "graph/node.h"

typedef enum LimitSide { LIMIT_LEFT, LIMIT_BOTH, LIMIT_RIGHT } LimitSide;

/*
 * The limit of the scalar e as the scalar symbol x goes to a, which may be
 * the float inf or -inf; so may the result.
 */
Node node_limit(Graph *g, Node e, Node x, Node a, LimitSide side);

/* The same, but NODE_NONE instead of errors. */
Node node_limit_try(Graph *g, Node e, Node x, Node a, LimitSide side);

/*
 * e = c[0] + c[1]*h + ... + c[n]*h^n + o(h^n) as x = a + h goes to a from one
 * side.  False if it is not found, or has other powers of h.
 */
bool node_expansion(Graph *g, Node e, Node x, Node a, LimitSide side, int n,
                    Node c[]);

/* n with a for x where the operators of n are continuous there; NODE_NONE if
 * one may not be, or has no value. */
Node node_continuous_at(Graph *g, Node n, Node x, Node a);

bool node_is_infinite(const Graph *g, Node n);

#endif

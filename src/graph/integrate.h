/*
 * integrate.h - antiderivatives
 *
 * Methods of the textbook, tried in order on each term: tables, partial
 * fractions, polynomials times exp, sin, cos, Gaussians or roots of
 * quadratics, powers of sines and cosines, substitutions (an inner function
 * whose derivative is a factor; roots; tan of half the angle), by parts.  No
 * answer leaves before its derivative was compared with e at several points.
 *
 * Logarithms are of absolute values, log(abs(x)), where the sign is open.
 */
#ifndef MLC_GRAPH_INTEGRATE_H
#define MLC_GRAPH_INTEGRATE_H

#include "graph/node.h"

/* F with F' = e, x a scalar symbol; NODE_NONE if the methods do not find it. */
Node node_integrate(Graph *g, Node e, Node x);

#endif

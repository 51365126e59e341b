/*
 * rewrite.h - other ways to write an image
 *
 * Images in kernels (kernel.h) as formulas in other functions, for shorten.c;
 * each may be as long as it likes.
 */
#ifndef MLC_GRAPH_REWRITE_H
#define MLC_GRAPH_REWRITE_H

#include "graph/kernel.h"

/* Exponentials by sinh and cosh: the clean image u as a formula. */
Node rewrite_hyperbolic(Kernels *k, Node u);

/* Products of sines and cosines as sums (in pairs mode). */
Node rewrite_angles(Kernels *k, Node u);

/* sin(t)/cos(t) as tan(t), sinh(t)/cosh(t) as tanh(t), in a product. */
Node rewrite_tangents(Graph *g, Node n);

/* a^t*b^t as (a*b)^t for numbers, sqrt(3 + 2*sqrt(2)) as 1 + sqrt(2), log(a) +
 * log(b) as log(a*b), which may have a value where the sum has none. */
Node rewrite_powers(Graph *g, Node n);

/*
 * One formula from `above` where f > 0 and `below` where f < 0, as the i-th of
 * several ways; NODE_NONE when there are no more.
 */
Node rewrite_joined(Graph *g, Node f, Node above, Node below, int i);

#endif

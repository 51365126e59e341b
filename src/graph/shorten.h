/*
 * shorten.h - the shortest form of a formula
 *
 * What the user's simplify does.  (simplify.h is another thing: the pass after
 * differentiation, which knows no identities.)  A scalar formula, and every
 * scalar part of one, is written in several ways: expanded, factored, over
 * one denominator, in exponentials, hyperbolic and circular functions, as a
 * sum of multiples of angles, by regions of the signs that abs and max ask
 * for.  The shortest one is taken if it is proved to be equal (identity.h)
 * wherever the formula has a value.  The result is never longer.
 *
 * Arrays of elementwise operations are shortened as the formula of one entry
 * (entrywise.h), the arms of a choice each for itself.
 */
#ifndef MLC_GRAPH_SHORTEN_H
#define MLC_GRAPH_SHORTEN_H

#include "graph/node.h"

Node node_shorten(Graph *g, Node n);

/* The same, but equal also in where they have a value. */
Node node_shorten_same(Graph *g, Node n);

/* ---- shorten_float.c ---- */

/* n with exact numbers of the same value for its floats; false if it has
 * none, or some that cannot be reached.  And the way back. */
bool shorten_floats_out(Graph *g, Node n, Node *y);
bool shorten_floats_in(Graph *g, Node n, Node *y);

#endif

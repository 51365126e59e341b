/*
 * identity_array.h - identities of matrices
 *
 * For identity.c: normal forms of inverses and determinants of products, and
 * proofs by multiplying with what is inverted.
 */
#ifndef MLC_GRAPH_IDENTITY_ARRAY_H
#define MLC_GRAPH_IDENTITY_ARRAY_H

#include "graph/node.h"

/*
 * n with inv(A*B) as inv(B)*inv(A), det(A*B) as det(A)*det(B), logdet as the
 * logarithm of det, for square factors: equal where n has a value, and with a
 * value nowhere else.
 */
Node array_normal(Graph *g, Node n);

/*
 * Are the arrays a and b surely equal: is their difference 0, multiplied from
 * the left or right by the sums whose inverses stand in it?
 */
bool array_proves(Graph *g, Node a, Node b);

#endif

/*
 * binder_rows.h - index forms as matrix products; for graph/ alone
 *
 * A body that depends on an index i = 1..n is vectorised: the [n,w] matrix R
 * is found whose row i is the body (a scalar, w = 1, or a row).  x[i] gives
 * x, X[i, :] gives X, what does not depend on i a product with ones, and the
 * operators act on the matrices of their operands.  A sum over i is then
 * ones'*R, and the rules of chains make x'*A*y of it.
 */
#ifndef MLC_GRAPH_BINDER_ROWS_H
#define MLC_GRAPH_BINDER_ROWS_H

#include "graph/binder.h"

typedef struct Rows Rows;

/* In the scratch arena of g, to be reset by the caller. */
Rows *rows_new(Graph *g, int level, Node index, Node count);

/* R for a scalar, a row, or the transpose of a column; NODE_NONE: no form. */
Node rows_of(Rows *r, Node body);

/* The sum over i of a body of any shape, or NODE_NONE. */
Node rows_sum(Rows *r, Node body);

/* How far the position is ahead of the index: position = i + *ahead. */
bool rows_position(Rows *r, Node position, Node *ahead);

#endif

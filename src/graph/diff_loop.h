/*
 * diff_loop.h - derivatives of binders; for graph/ alone
 *
 * A loop is opened with each carried variable replaced by its history, and a
 * second loop reads the history of the first: the value stands once in the
 * graph, and the result is again a LOOP, so higher orders are the same rules.
 *
 * Forward, the second loop carries the changes of the carried variables, and
 * its accumulators take the changes of what the first one's take, at the
 * same places.
 *
 * Reverse, it runs the other way round and carries their adjoints.  In turn i
 * the seeds are the carried adjoints and, for an accumulator, what its
 * adjoint holds at this turn's place; an ordinary reverse pass over the open
 * body follows.  A read c[r, k] of a capture is a leaf, and its adjoint an
 * accumulator at [r, k]: reads and accumulators are each other's transpose.
 *
 * A choice becomes a choice upon the same condition between the derivatives
 * of the arms, the seeds being captures: nothing leaks from an arm that is
 * not taken.
 */
#ifndef MLC_GRAPH_DIFF_LOOP_H
#define MLC_GRAPH_DIFF_LOOP_H

#include "graph/diff_pass.h"

/* The changes of all results and histories, as a tuple. */
Node tangent_loop(DiffPass *p, Node n);
Node tangent_choice(DiffPass *p, Node n);

/* Of a PROJ or HIST, out of that tuple. */
Node tangent_output(DiffPass *p, Node n);

/*
 * The [m,n] matrix J with e = J*dx, for e a column that is a result of a
 * binder and linear in the column dx: diagonal where entry i of e reads entry
 * i of dx alone, else column by column.
 */
Node jacobian_result(DiffPass *p, Node e, Node dx);

void adjoint_loop(DiffPass *p, Node n, Node u);
void adjoint_choice(DiffPass *p, Node n, Node u);

#endif

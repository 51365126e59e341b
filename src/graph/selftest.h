/*
 * selftest.h - ops.def against numbers
 *
 * Every row of ops.def is tried where it says, by the witness of naive.h:
 *
 *   DIFF       reverse mode against central differences and against forward
 *              mode, at the row's points for a number, [3], [2,2] and [2,3],
 *              at its sizes for operators on arrays
 *   TRANSPOSE  <u, op(v)> = <transpose(u), v>
 *   RULE       both sides, evaluated from their texts, wherever WHEN holds
 *   name       printed and parsed back, it is the same node
 *
 * A row that is added to ops.def is thereby tested, without another line.
 */
#ifndef MLC_GRAPH_SELFTEST_H
#define MLC_GRAPH_SELFTEST_H

#include "graph/node.h"

/* `what` names the row ("DIFF tanh a"); `why` is "" if it holds. */
typedef void (*SelftestReport)(void *data, const char *what, const char *why);

/* Returns how many rows failed; report may be NULL. */
int op_selftest(Graph *g, SelftestReport report, void *data);

#endif

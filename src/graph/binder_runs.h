/*
 * binder_runs.h - loops whose choices depend on the turn alone
 *
 * array(i = 1:n, if i > 1 then a(i) else b(i)) is b(1) and below it
 * array(i = 2:n, a(i)): cut where its conditions change, such a loop is a stack
 * of loops without choices, which have matrix forms.
 */
#ifndef MLC_GRAPH_BINDER_RUNS_H
#define MLC_GRAPH_BINDER_RUNS_H

#include "graph/node.h"

/*
 * y with array and sum loops of a known number of turns cut into runs.  A loop
 * that would have many runs, or whose conditions are not linear in the turn,
 * stays as it is.
 */
Node loops_cut_into_runs(Graph *g, Node y);

#endif

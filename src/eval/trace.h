/*
 * trace.h - statements of traced functions, and the index forms
 *
 * BINDERS.md section 2.  In a function that is called with symbols, `for`
 * becomes a LOOP and `if` with assignments an IF of the graph.
 */
#ifndef MLC_EVAL_TRACE_H
#define MLC_EVAL_TRACE_H

#include "eval/interp.h"

/*
 * The `if` statement t, whose condition number `first` is the symbolic
 * value c (conditions before it did not hold): traces the arms.  Raises
 * ERR_TRACE where an arm holds what cannot be traced.
 */
Flow trace_if(Interp *in, const Ast *t, uint32_t first, Value c);

/*
 * The `for` statement t in a traced frame.  True: it became a LOOP, and the
 * names it assigns are bound to the results.  False: it is run turn by turn
 * (few turns, or nothing symbolic in it).
 */
bool trace_for(Interp *in, const Ast *t, Flow *f);

/*
 * Raises ERR_TRACE for a number of turns that is a formula and no integer; the
 * help names parameters of the running function to derive by instead.
 */
_Noreturn void trace_raise_turns(Interp *in, Span at, Node count);

/*
 * sum(i = 1:n, e) and its kin, array(i = 1:n, j = 1:m, e), list(i = 1:n, e):
 * numbers are computed, symbols give binder nodes.  These are the `special`
 * members of the rows in builtins.def; false if the call has no index.
 */
bool index_sum(Interp *in, const Ast *call, Value *y);
bool index_prod(Interp *in, const Ast *call, Value *y);
bool index_min(Interp *in, const Ast *call, Value *y);
bool index_max(Interp *in, const Ast *call, Value *y);
bool index_mean(Interp *in, const Ast *call, Value *y);
bool index_all(Interp *in, const Ast *call, Value *y);
bool index_any(Interp *in, const Ast *call, Value *y);
bool index_array(Interp *in, const Ast *call, Value *y);
bool index_list(Interp *in, const Ast *call, Value *y);

#endif

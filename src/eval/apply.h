/*
 * apply.h - operators on values
 *
 * Numbers go to value/, symbolic operands to graph/front.  The syntax nodes
 * of the operands serve the messages: both shapes, the rule that is broken,
 * and a repair that works when typed.
 */
#ifndef MLC_EVAL_APPLY_H
#define MLC_EVAL_APPLY_H

#include "eval/interp.h"
#include "syntax/diag.h"

/* t is the BINARY (for place and texts), ta and tb its operands. */
Value apply_binary(Interp *in, int op, Value a, Value b, const Ast *t,
                   const Ast *ta, const Ast *tb);
Value apply_negate(Interp *in, Value a);
Value apply_not(Interp *in, Value a);
Value apply_compare(Interp *in, int op, Value a, Value b, const Ast *ta,
                    const Ast *tb);
Value apply_transpose(Interp *in, Value a);
Value apply_range(Interp *in, Value from, Value step, Value to);

/* An operator of ops.def, or a front function, on values. */
Value apply_op(Interp *in, OpId op, int n, const Value args[]);

/* `[...]`: rows of entries. */
Value apply_literal(Interp *in, int rows, const int cols[], const Value entry[],
                    bool stacked);

Value apply_index(Interp *in, Value a, int n, const Value index[]);

/* true or false; ERR_CONDITION with a hint for anything else. */
bool truth(Interp *in, Value v, const Ast *t);

/* Raises ERR_CONDITION unless v may stand beside and, or, not. */
void truth_kind(Value v, const Ast *t);

_Noreturn void raise_shapes(Interp *in, const Ast *t, Value a, Value b,
                            const Ast *ta, const Ast *tb);

#endif

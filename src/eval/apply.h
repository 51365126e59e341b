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
#include "value/matrix.h"

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

/*
 * Is the formula a comparison, or made of some?  What is settled of it is a
 * boolean, not the 0 or 1 of the graph.
 */
bool node_is_truth(const Graph *g, Node n);
Value truth_of_node(Interp *in, Node n);

/* true or false; ERR_CONDITION with a hint for anything else. */
bool truth(Interp *in, Value v, const Ast *t);

/* Raises ERR_CONDITION unless v may stand beside and, or, not. */
void truth_kind(Value v, const Ast *t);

/*
 * The operands ta and tb of shapes a and b do not fit.  t is ta itself
 * for `ta op= tb`, the CALL whose terms they are, the definition whose signature
 * was checked, or their operation or NULL.
 */
_Noreturn void raise_shapes(Interp *in, const Ast *t, int op, Shape a, Shape b,
                            const Ast *ta, const Ast *tb);

/* Raises ERR_SHAPE unless the entries of the ARRAY t fit together. */
void check_literal(Interp *in, const Ast *t, const Shape shape[]);

/* That of a number, an array or a formula; of anything else [1,1]. */
Shape operand_shape(Interp *in, Value v);

/* The floats of a formula without symbols (sqrt(2), [pi, 1]); false if it has
 * symbols or v is no formula. */
bool constant_floats(Interp *in, Value v, Value *y);

/* a op b where both are numbers or such formulas; false where one has symbols
 * or rounding could have decided (sqrt(8) and 2*sqrt(2)). */
bool compare_constants(Interp *in, BinaryOp op, Value a, Value b, Value *y);

#endif

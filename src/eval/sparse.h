/*
 * sparse.h - sparse matrices in the language
 *
 * Sums, products, transposes, indices, powers and `\` of value/sparse.h stay
 * sparse.  Any other operator or builtin meets the dense matrix if that is
 * small, and is refused by name if it is not.
 */
#ifndef MLC_EVAL_SPARSE_H
#define MLC_EVAL_SPARSE_H

#include "eval/call.h"

/* a op b, one of them sparse, shapes that fit; op of AstOp. */
Value sparse_binary(Interp *in, int op, Value a, Value b, const Ast *t,
                    const Ast *ta, const Ast *tb);

/* `what` has no sparse form: the dense matrix if that is small; ERR_TYPE. */
Value sparse_dense(Value v, const char *what);

/* Arguments of a builtin that knows no sparse matrices, made dense in `room`
 * (a->count values); `a` itself if there is none. */
const Args *sparse_arguments(const Builtin *b, const Args *a, Args *copy,
                             Value room[]);

/* diag and tr of a sparse matrix: of the builtin of this name. */
bool sparse_operator(const char *name, const Args *a, Value *y);

#endif

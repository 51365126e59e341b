/*
 * repair.h - repairs for shapes that do not fit
 *
 * A repair is found by trying: the usual mistakes (a transpose too many or
 * too few, factors exchanged, `*` for `.*`, a part too long, a symbol
 * declared with another shape) are undone one at a time until the shapes fit.
 * It is a syntax tree in the error arena, printed as source: what a message
 * proposes parses, and fits, by construction.
 */
#ifndef MLC_EVAL_REPAIR_H
#define MLC_EVAL_REPAIR_H

#include "eval/interp.h"

/* The shape of `a op b` (AST_ADD ... AST_DOTPOW, comparisons); false: none. */
bool operands_fit(int op, Shape a, Shape b, Shape *y);

/* The shape of an array literal t with entries of these shapes, in order. */
bool literal_fits(Interp *in, const Ast *t, const Shape shape[], Shape *y);

/*
 * "X*w fits, and gives [n]", or NULL if nothing near fits.  t is ta itself
 * for `ta op= tb`, the definition whose signature is checked, or any other.
 */
const char *repair_operands(Interp *in, const Ast *t, int op, Shape a, Shape b,
                            const Ast *ta, const Ast *tb);
const char *repair_literal(Interp *in, const Ast *t, const Shape shape[]);

/* "[n,d]", "a number", "n + 1", in the error arena. */
const char *shape_words(Interp *in, Shape s);
const char *dim_words(Interp *in, Dim d);

#endif

/*
 * fast.h - register bytecode for functions that are called with numbers
 *
 * A closure that is called often, or that holds a loop, is compiled from its
 * syntax tree to register code: values stay unboxed in registers, arithmetic
 * on floats and small integers is done in place, everything else goes through
 * the functions of the tree walker, so that both give the same values and
 * the same errors.  What it does not cover runs in the tree walker.
 */
#ifndef MLC_EVAL_FAST_H
#define MLC_EVAL_FAST_H

#include "eval/call.h"

typedef struct FastCode FastCode;

/*
 * The closure's register code: made when its body holds a loop or it is called
 * often, NULL before that.
 */
const FastCode *fast_code(Interp *in, Closure *c);

/* Runs the code in a frame whose parameters are bound; raises as the tree
 * walker would. */
Value fast_run(Interp *in, const FastCode *code, Frame *frame);

void fast_free(FastCode *code);         /* NULL is allowed */

#endif

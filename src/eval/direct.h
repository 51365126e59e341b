/*
 * direct.h - calls with floats, by the program that derivatives would use
 *
 * log(1 + x) or exp(x)/sum(exp(x)) typed in a function lose digits, or
 * overflow, where they are computed as they stand; compiled, they do not
 * (compile/lower_sum.c).  A function without effects whose program takes
 * such a stable form is therefore called by its program, so that its value has
 * the digits that its derivatives have.  All others run as register code:
 * those of choices inside loops too, whose traces may grow large.
 *
 * A function that builds an array over rows of data, array(i = 1:n, f(X[i, :])),
 * is called by its program too, where the rows are computed side by side.
 *
 * What the program does not settle (a trace that fails, an infinity, a NaN)
 * is left to the ordinary call, which also finds the words for it.
 */
#ifndef MLC_EVAL_DIRECT_H
#define MLC_EVAL_DIRECT_H

#include "eval/call.h"

/* The value of a closure, if its program is the one to give it. */
bool direct_call(Interp *in, Function *f, const Args *a, Value *y);

/*
 * The formula e with the symbols from[i] replaced by values: numbers by the
 * program as above where floats are among them, and where exact numbers
 * leave a loop.
 */
Value direct_substitute(Interp *in, Node e, int n, const Node from[],
                        const Value to[], Span at);

void direct_free(struct Direct *d); /* NULL is allowed */

#endif

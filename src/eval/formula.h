/*
 * formula.h - "y ~ x1 + factor(g)"
 *
 * Terms are names of columns, factor(name) (a column of 0 and 1 for every
 * label but the first), a:b (the product), a*b (both and their product), I(e)
 * with e an expression of columns; `.` is every other column of numbers; `- 1`
 * and `0` are refused where the model has an intercept of its own.
 */
#ifndef MLC_EVAL_FORMULA_H
#define MLC_EVAL_FORMULA_H

#include "eval/interp.h"

/*
 * Fills pair with the design matrix [n,d] and the response, and gives a
 * record: text, columns (names of the d columns), levels (of the factors):
 * what formula_apply needs for new rows.
 */
Value formula_build(Interp *in, Value table, const char *text, Value pair[]);

/* The design matrix of new rows, with the levels of the fit. */
Value formula_apply(Interp *in, Value formula, Value table);

/* A table of those columns only that the formula names (`.`: all). */
Value formula_columns(Interp *in, Value table, const char *text);

#endif

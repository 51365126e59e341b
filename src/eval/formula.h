/*
 * formula.h - "y ~ x1 + x2*x3 + factor(g) + I(x^2) + poly(x, 3) - 1"
 *
 * The notation of Wilkinson & Rogers (1973) as R has it.  Terms are columns,
 * factor(e) (a column of 0 and 1 for each label but the first), I(e) and
 * functions of columns, entry by entry; poly(x, k) is an orthogonal basis of
 * the powers 1 to k, scale(x) is standardised, and both keep what they took
 * from the data of the fit.  a:b is a product, a*b is a + b + a:b, a/b is
 * a + a:b, (a + b)^2 all up to products of two, `- a` takes a term away, `.` is
 * every other column; `- 1` or `+ 0`: no intercept.  Text columns are factors.
 * Terms stand in order of their degree; a factor whose margin is not in the
 * formula gets a column for every label (Chambers & Hastie 1992, section 2.4).
 */
#ifndef MLC_EVAL_FORMULA_H
#define MLC_EVAL_FORMULA_H

#include "eval/interp.h"

/*
 * Fills pair with the design matrix [n,d] and the response, and gives a
 * record: response, right (its sides), columns (names of the d columns), others,
 * kept (labels of the factors, bases of poly and scale), intercept: what
 * formula_apply needs for new rows.
 */
Value formula_build(Interp *in, Value table, const char *text, Value pair[]);

/* The design matrix of new rows, with the labels and bases of the fit. */
Value formula_apply(Interp *in, Value formula, Value table);

/* The response of new rows. */
Value formula_response(Interp *in, Value formula, Value table);

bool formula_has_intercept(Value formula);

/* A table of those columns only that the formula names (`.`: all). */
Value formula_columns(Interp *in, Value table, const char *text);

#endif

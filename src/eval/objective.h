/*
 * objective.h - what a solver minimises: formulas of packed parameters
 *
 * The parameters of a model are arrays of several shapes; a solver sees one
 * column v that holds them end to end, each column by column.  An Objective
 * computes a formula of them: a function of v for the language, whose grad,
 * jacobian and hessian are functions of v too.  Parameters are read in v where
 * they lie, and gradients written where they belong, so packing costs nothing.
 *
 * A scalar objective records the best finite point at every evaluation:
 * whatever ends a solver loses nothing.
 *
 * The Hessian is exact: of one column parameter in closed form, else by
 * forward over reverse, a column of it for every entry of v.
 */
#ifndef MLC_EVAL_OBJECTIVE_H
#define MLC_EVAL_OBJECTIVE_H

#include "eval/call.h"
#include "eval/derive.h"

extern const FunctionClass class_objective;

/*
 * `n` parameter symbols of concrete shapes; y a scalar, or a column (of
 * residuals, of constraints), without other symbols than `extra` (or
 * NODE_NONE), a column that is passed as second argument: f(v, u).
 */
Value objective_new(Interp *in, Node y, int n, const Node params[], Node extra);

/* The same of several extra arrays; the second argument holds them end to end. */
Value objective_with(Interp *in, Node y, int n, const Node params[],
                     int nextra, const Node extra[]);

/* f(v, u) as a function of v; u is kept, and programs are shared. */
Value objective_bind(Value f, Value u);

/* grad, jacobian or hessian of an objective, a function of v. */
Value objective_derive(Interp *in, DeriveKind kind, Value f, Span at);

Value call_objective(Interp *in, Function *f, const Args *a);

/* Entries of v. */
int objective_size(Value f);

/* Says that a solver will run f and its gradient at the same points. */
void objective_expect_gradient(Value f);

/* The best value so far and where; false if none was finite. */
bool objective_best(Value f, double *value, Value *v);

/* Evaluations of value, gradient, Hessian since it was made. */
void objective_counts(Value f, size_t count[3]);

/* Entries of v that hold parameter k: from, rows, cols. */
void objective_place(Value f, int k, int *from, Shape *s);

#endif

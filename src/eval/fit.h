/*
 * fit.h - a model fitted to data
 *
 * fit(model, data...; options) binds the data, states the problem (objective,
 * constraints, what the graph says of them) as a record for the library's
 * solve_problem, which chooses a solver and runs it, and keeps the outcome.
 * A Fit has its params and facts as members (m.w, m.value, m.converged) and
 * predict, prob, score as methods.
 */
#ifndef MLC_EVAL_FIT_H
#define MLC_EVAL_FIT_H

#include "eval/model.h"

extern const FunctionClass class_fit, class_method;

/* m.name; false if there is no such member. */
bool fit_member(Interp *in, Function *f, Name name, Value *v);
void fit_member_names(const Function *f, size_t *n, const char *const **names);

/* m.predict(X) */
Value call_method(Interp *in, Function *f, const Args *a);

/* `minimize e over ... subject to ...`: a record. */
Value eval_minimize(Interp *in, const Ast *t);

/* All facts of a fit as a record: for the reports of the library. */
Value fit_record(Interp *in, Value fit);

/* A function of the library by name. */
Value fit_call_library(Interp *in, const char *name, int n, const Value args[]);

/* The options of fit, none given. */
Value fit_default_options(void);

/* The part of a packed column that a leaf is, in its shape. */
Value fit_leaf_value(const ModelLeaf *l, const double *v);

/* What save writes, and the fit that it was. */
Value fit_parts(Interp *in, Value fit);
Value fit_from_parts(Interp *in, Value parts, const char *path);

#endif

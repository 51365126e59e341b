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

typedef struct Fit {
    Value model;
    Value data;                 /* list, as bound; NONE where none was given */
    Value params;               /* record */
    Value facts;                /* record */
    Value labels;               /* list, or NONE */
    Value formula;              /* as formula_build gave it, or NONE */
    Value columns;              /* names, where the first item was a table */
    Value scaling;              /* of the first data item, or NONE */
    Value objective;            /* until fit_settle was called, then NONE;
                                 * true: the model has its own solution */
} Fit;

extern const FunctionClass class_fit, class_method;

/* m.name; false if there is no such member. */
bool fit_member(Interp *in, Function *f, Name name, Value *v);
const char *const *fit_member_names(const Function *f, Arena *a, size_t *n);

/* m.predict(X) */
Value call_method(Interp *in, Function *f, const Args *a);

/* `minimize e over ... subject to ...`: a record. */
Value eval_minimize(Interp *in, const Ast *t);

/* All facts of a fit as a record: for the reports of the library. */
Value fit_record(Interp *in, Value fit);

/* A function of the library by name. */
Value fit_call_library(Interp *in, const char *name, int n, const Value args[]);

/* What formula_build gave, or NONE. */
Value fit_formula(const Function *f);

/*
 * The residuals whose squares the loss adds up, and their derivatives by the
 * parameters, [n,p], at the fit: a record residual, jacobian.  Raises ERR_TYPE
 * where the loss is no sum of squares.
 */
Value fit_design(Interp *in, Function *f);

/* Are the data of the fit here?  Not of one that was loaded. */
bool fit_has_data(const Function *f);

/*
 * Sets data, a list; and for a model with nll what it is compared with:
 * null_value, the nll without the first data item.
 */
void fit_add_context(Interp *in, Function *f, Value facts);

/*
 * Sets the values of the lines saturated, variance, dispersion and loglik of
 * a model with nll; beside a variance, mean_jacobian, the derivatives of the
 * expected y.
 */
void fit_add_lines(Interp *in, Function *f, Value facts);

/* The options of fit, none given. */
Value fit_default_options(void);

/* The part of a packed column that a leaf is, in its shape. */
Value fit_leaf_value(const ModelLeaf *l, const double *v);

/* Names of the entries of v: those of the columns (a list, or NONE), "w[2]", "net[1].W[2,1]"; of
 * W [d,K] and b [K] with K labels, "versicolor:W[2]", "versicolor:b". */
Value fit_entry_names(Interp *in, const ModelRun *r, Value columns);

/* The hypers of a run with their values; functions as text. */
Value fit_hypers(Interp *in, const Model *m);

/* The objective as it was written, hyper values put in. */
Value fit_objective_text(Interp *in, const ModelRun *r, Value options);

/* What save writes, and the fit that it was. */
Value fit_parts(Interp *in, Value fit);
Value fit_from_parts(Interp *in, Value parts, const char *path);

/* Objectives of some rows, of a fit that is being made (fit_batch.c). */
extern const FunctionClass class_batches;
Value call_batches(Interp *in, Function *f, const Args *a);

#endif

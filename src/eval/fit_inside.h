/*
 * fit_inside.h - what the files of fit share
 */
#ifndef MLC_EVAL_FIT_INSIDE_H
#define MLC_EVAL_FIT_INSIDE_H

#include "eval/fit.h"
#include "eval/problem.h"

/* Predicted codes back to labels: of {-1, 1}, or 1..K. */
Value fit_decode(Value y, Value labels, const Decl *coded, Interp *in);

/* The number of the data item that is predicted: that with labels, else the
 * first that the line predict does not reach (the second: no such line); -1. */
int fit_response(const Model *m);

/* The data item with labels, or NULL. */
const Decl *fit_coded_item(const Model *m);

/* The number of the data item of this name, or -1. */
int fit_data_named(const Model *m, Name name);

/*
 * The data of a call fit(model, ...) in the order of the declarations; NONE:
 * left to the default.  The rest of `D, "y ~ x"`: what formula_build gave, and
 * the rows dropped for missing entries.
 */
void fit_gather(Interp *in, const Args *a, const Model *m, Value missing,
                Value values[], Value *formula, int *dropped);

/*
 * The places of the data items in the call fit(model, ...): of a formula, of a
 * named one; the call's where an item is left to its default.
 */
void fit_places(const Args *a, const Model *m, bool formula, Span places[]);

/* Puts the data that are given by name into values, of which the first `given`
 * are filled; a text is a column of the table. */
void fit_fill_named(const Args *a, const Model *m, Value table, int given,
                    Value values[]);

/* Symbols for the params; intercept = false: the param b is held at 0. */
void fit_bind_params(ModelRun *r, Value options);

/* Data, labels, hypers and params of a fit, and `train`. */
void fit_bind_fitted(Interp *in, const Fit *m, ModelRun *r,
                     const Value values[]);

/* Names of the columns of a table, else NONE; the columns of these names. */
Value fit_column_names(Value x);
Value fit_named_columns(Value names, Value x);

/* The rows at these positions of a table, a list or an array. */
Value fit_rows(Interp *in, Value v, Value rows);
int fit_row_count(Value v);

/* Splits the options of a call of fit: hypers make another model. */
Value fit_split_options(Interp *in, const Args *a, Value *options);

/* Raises ERR_ARGUMENT, with a near name, for an option that is neither of fit
 * nor a hyper nor data of the model. */
void fit_check_option(const Function *model, const NamedValue *option);

/* What the line of a role gives for data; NONE where none was given.  Errors
 * are told at the places of the data (model.h), or NULL. */
Value fit_evaluate_role(Interp *in, const Fit *m, AstRole role,
                        const Value values[], const Span places[]);

/*
 * Facts that take a pass over the data (fitted values, gradient, Hessian) are
 * computed when the first of them is asked for (fit_settle.c).
 */
Value fit_response_given(Interp *in, const Fit *fit);
bool fit_fact_is_late(Name name);
void fit_settle(Interp *in, Function *f);

/* The loss or nll of a run, after its lines. */
Node fit_objective(Interp *in, ModelRun *r);

/* Has the model a line `solution`? */
bool fit_has_solution(const Model *m);

/*
 * What the line `solution` of a model gives, a record with the params and
 * facts (converged, solver, reason), as a solver's record; the loss is
 * evaluated, and p->f set, only where the line gives no value.
 */
Value fit_own_solution(Interp *in, ModelRun *r, Problem *p, Value own);

/* Refuses options of solvers for a model that has such a line. */
void fit_check_own(Value model, Value options);

/*
 * Means and deviations of the columns of x, the first data item, if `option`
 * (standardize) or the model's hyper of that name asks for it; else NONE.
 */
Value fit_scaling(Interp *in, const Model *m, Value option, Value x);
Value fit_scaled(Interp *in, Value scaling, Value x);

/* A fit that is being made. */
typedef struct Outcome {
    ModelRun *r;
    Problem *p;
    Value record, solution, options, formula, scaling;
    double begun;
    int dropped; /* rows with missing entries */
    bool own;    /* solved by a line of the model */
    Value model;
    const Value *values; /* the data as they were given */
    Value batches;       /* made by fit_batches */
    Value columns;       /* names of those of the first item, a table */
} Outcome;

/* Adds what the options l1 and l2 ask for. */
void fit_add_penalty(Interp *in, const ModelRun *r, Value options, Node *y);

/*
 * For step functions (fit_batch.c): batches(rows), the penalised objective of
 * these rows, batches(rows; seed = k), the same with draws for a model that asks
 * for them, and batches(rows, train), the loss of rows held out where those of
 * train are the training rows; functions of v.  NONE without rows or where the
 * solver is no step function.  It ends with the fit.
 */
Value fit_batches(Interp *in, Outcome *o);
void fit_batches_end(Outcome *o);

/* Adds the evaluations on batches (those of shared programs). */
void fit_batches_count(const Outcome *o, size_t count[3]);

/*
 * For restarts (fit_units.c): functions of v, or NONE.  A list with, for each
 * relu over the data, the largest argument of each unit; the largest and then
 * the smallest entries of the columns of the predictions; the ranges of v
 * that hold a param each.
 */
Value fit_units(Interp *in, const Problem *p, int rows);
Value fit_spread(Interp *in, ModelRun *r, const Problem *p, int rows);
Value fit_blocks(const Problem *p);

#endif

/*
 * model.h - `model` blocks
 *
 * A Model is a definition with the hyper values that were given.  To work with
 * it, its items are bound in a frame (ModelRun): data and hypers to numbers,
 * or to symbols with named dimensions; params to symbols of known shape, or
 * to fitted numbers.  Then its lines are evaluated in order, those that the
 * wanted roles reach.
 */
#ifndef MLC_EVAL_MODEL_H
#define MLC_EVAL_MODEL_H

#include "eval/call.h"

typedef struct Model {
    const Ast *def;
    Code *code;
    Scope *scope;
    Value hypers;               /* record: what was given by name */
} Model;

extern const FunctionClass class_model;

/* A MODEL statement: names and shapes are checked.  Raises at the line. */
Value model_new(Interp *in, const Ast *def);

/* logistic(l2 = 0.1), ridge(2): the model with these hypers. */
Value call_model(Interp *in, Function *f, const Args *a);

/* The gradient by every param, closed forms in a record. */
Value model_gradient(Interp *in, Value model, Span at);

#define MODEL_LEAVES 256
#define MODEL_DATA 64 /* items of a model */

/* A leaf of a param: an array or number of its own. */
typedef struct ModelLeaf {
    Name param;
    const char *path;           /* "W", "net[1].W"; in the scratch arena */
    Node symbol;
    Shape shape;
    Value start;                /* a float array or number */
    double lower, upper;
    bool weight;                /* called w or W: what l2 penalises */
} ModelLeaf;

typedef struct ModelRun {
    Interp *in;
    const Model *model;
    Function *function;
    Frame *frame;
    bool symbolic;              /* the data are symbols */
    int nleaves;
    ModelLeaf leaf[MODEL_LEAVES];
    Value labels;               /* of the data item with labels, or NONE */
    Name labelled;              /* that item */
    Value held;                 /* the param b, where it is held at 0 */
    const Span *places;         /* of the data items in the call that gives
                                   them (SPAN_NONE: their line), or NULL */
    const double *measured;     /* a matrix of the data, or NULL, */
    const double *norms;        /* and those of its columns */
} ModelRun;

void model_begin(Interp *in, Value model, ModelRun *r);
void model_end(ModelRun *r);

/* Items.  `values` in the order of the data declarations, VAL_NONE where the
 * default counts; NULL: symbols with named dimensions. */
int model_data_count(const Model *m);
const Decl *model_data(const Model *m, int i);
const Decl *model_hyper(const Model *m, int i);         /* NULL: past the last */
const Decl *model_hyper_named(const Model *m, Name name);
void model_bind_data(ModelRun *r, const Value *values);
/* Data as an earlier run bound them, labels coded, or symbols in their place. */
void model_bind_bound(ModelRun *r, Value list);
/* The data items of a run in their order, as the model has them. */
Value model_bound_data(ModelRun *r);
/* `train`: a record of data items, of a list of values; where the model has a
 * line `draws`, train.draws is none (fit_batch.c sets it). */
void model_bind_train(ModelRun *r, Value list);
void model_bind_hypers(ModelRun *r, bool symbolic);

/* Symbols for the params, starts evaluated; of named dimensions `symbolic`. */
void model_bind_params(ModelRun *r, bool symbolic);

/* Numbers for the params: fields of a record. */
void model_bind_values(ModelRun *r, Value params);

/* A variable of `minimize`: its symbol, start and bounds. */
void minimize_leaf(Interp *in, const Decl *d, ModelLeaf *l);

/* Structure of a param with its leaves in order replaced by values. */
Value model_rebuild(Value start, const Value **leaf);

/* Evaluates the lines that `role` (of AstRole) or the constraints reach. */
void model_run_lines(ModelRun *r, unsigned roles, bool constraints);
bool model_has(const Model *m, AstRole role);
const Ast *model_line(const Model *m, AstRole role);
Value model_role(ModelRun *r, AstRole role);    /* after model_run_lines */

/* Raises ERR_NAN at the first NaN of a data item. */
void model_check_entries(const Decl *d, Value v);

/* The value of the line `name = e`, run with those that it needs; NONE: the
 * model has no such line. */
Value model_named_line(ModelRun *r, Name name);
bool model_has_line(const Model *m, Name name);

/* Runs the lines `name = e` that an expression names. */
void model_run_named(ModelRun *r, const Ast *e);

/* Data items that a role reaches, as a mask of their numbers. */
uint64_t model_reach(const Model *m, AstRole role);

#endif

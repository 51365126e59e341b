/*
 * fit_again.c - a fit taken up again: its data scaled, its residuals, its null
 */
#include <string.h>

#include "eval/builtin.h"
#include "eval/fit_inside.h"
#include "eval/objective.h"
#include "value/datatable.h"
#include "value/matrix.h"
#include "value/shape.h"

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* ---- columns of mean 0 and deviation 1 ---- */

/* The option, or the default of a hyper of that name. */
static bool wants_scaling(Interp *in, const Model *m, Value option)
{
    const Decl *d = model_hyper_named(m, name_of("standardize"));
    Value *given = record_find(m->hypers, name_of("standardize"));
    Value v = given ? *given : d && d->value ? eval(in, d->value) : option;
    if (v.kind == VAL_NONE)
        return false;
    if (v.kind != VAL_BOOL)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "standardize is true or false");
    return v.truth;
}

Value fit_scaling(Interp *in, const Model *m, Value option, Value x)
{
    if (!wants_scaling(in, m, option))
        return VALUE_NONE;
    if (x.kind == VAL_TABLE)
        x = array_value(datatable_matrix(x));
    return fit_call_library(in, "column_scaling", 1, &x);
}

Value fit_scaled(Interp *in, Value scaling, Value x)
{
    if (scaling.kind == VAL_NONE)
        return x;
    if (x.kind == VAL_TABLE)
        x = array_value(datatable_matrix(x));
    Value pair[] = {scaling, x};
    return fit_call_library(in, "scaled_columns", 2, pair);
}

/* ---- the problem of a fit ---- */

Value fit_formula(const Function *f)
{
    return ((const Fit *)f->data)->formula;
}

/* The data of the fit with labels as they were given; false: not kept. */
static bool data_again(Interp *in, const Fit *m, Value values[])
{
    const Model *model = m->model.function->data;
    const Decl *coded = fit_coded_item(model);
    int n = model_data_count(model);
    for (int i = 0; i < n && i < 64; i++) {
        values[i] = m->data.list->at[i];
        if (values[i].kind == VAL_NONE)
            return false;
        if (model_data(model, i) == coded)
            values[i] = fit_decode(values[i], m->labels, coded, in);
    }
    return true;
}

static Value same_intercept(const Fit *m)
{
    Value options = fit_default_options();
    set(options, "intercept", get(m->facts, "intercept"));
    return options;
}

bool fit_has_data(const Function *f)
{
    const Fit *m = f->data;
    for (size_t i = 0; i < m->data.list->count; i++)
        if (m->data.list->at[i].kind == VAL_NONE)
            return false;
    return true;
}

Value fit_design(Interp *in, Function *f)
{
    const Fit *m = f->data;
    Value *values = ARENA_ARRAY(in->scratch, Value, 64);
    if (!data_again(in, m, values))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a fit that was loaded has not its data any more");
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    Problem *p = ARENA_NEW(in->scratch, Problem);
    model_begin(in, m->model, r);
    r->labels = m->labels;
    model_bind_data(r, values);
    model_bind_hypers(r, false);
    fit_bind_params(r, same_intercept(m));
    model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, false);
    interp_hold(in, 1);
    p->objective = fit_objective(in, r);
    p->nleaves = r->nleaves;
    p->leaf = r->leaf;
    Value residual = get(problem_record(in, p), "residual");
    interp_hold(in, -1);
    if (residual.kind == VAL_NONE)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the loss of %s is no sum of squares: "
                    "it has no design matrix",
                    m->model.function->name);
    Value v = get(m->facts, "v");
    Value j = objective_derive(in, DERIVE_JACOBIAN, residual, SPAN_NONE);
    Value y = record_new(2);
    set(y, "jacobian", call_values(in, j, 1, &v));
    set(y, "residual", call_values(in, residual, 1, &v));
    model_end(r);
    return y;
}

/* How many parameters does the column of zeros of a bare fit have?  As many
 * as each further column of the fit. */
static int64_t count_of_column(const Fit *m, Shape x, size_t count)
{
    size_t all = array_count(get(m->facts, "v").array);
    return x.cols > 1 ? (int64_t)(all - count) / (x.cols - 1) : 1;
}

/* The nll of the fit with a first data item of no columns, or of zeros, and
 * how many parameters the rest has. */
static void add_null(Interp *in, const Fit *m, Value values[], Value facts)
{
    Value intercept = get(m->facts, "intercept");
    bool bare = intercept.kind == VAL_BOOL && !intercept.truth;
    Shape x = value_shape(values[1]);
    values[1] = array_fill(x.rows, bare ? 1 : 0, value_float(0));
    NamedValue named = {.name = name_of("intercept"), .value = intercept};
    Args a = {.count = 1 + (int)m->data.list->count,
              .at = values,
              .nnamed = 1,
              .named = &named};
    Value v, fit = builtin_fit(in, &a);
    if (!fit_member(in, fit.function, name_of("value"), &v))
        return;
    set(facts, "null_value", v);
    v = get(((const Fit *)fit.function->data)->facts, "v");
    int64_t n = (int64_t)array_count(v.array);
    if (bare)
        n -= count_of_column(m, x, (size_t)n);
    set(facts, "null_parameters", value_int(n));
}

/*
 * What a model says of its rows in lines of these names: the nll of a model
 * that fits each row, the variance of each y for a dispersion of 1, that
 * dispersion (none: estimated), the log likelihood.
 */
static void add_lines(Interp *in, const Fit *m, const Value values[],
                      Value facts)
{
    static const char *const names[] = {"saturated", "variance", "dispersion",
                                        "loglik"};
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    model_begin(in, m->model, r);
    r->frame->traced = false;
    fit_bind_fitted(in, m, r, values);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        set(facts, names[i], model_named_line(r, name_of(names[i])));
    model_end(r);
}

/* The derivatives of the expected y by the parameters, [n,p]: of prob, where
 * the model has labels. */
static Value mean_jacobian(Interp *in, const Fit *m, const Value values[])
{
    const Model *model = m->model.function->data;
    AstRole role = model_has(model, AST_PROB) ? AST_PROB : AST_PREDICT;
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    Node x[MODEL_LEAVES];
    model_begin(in, m->model, r);
    r->labels = m->labels;
    model_bind_data(r, values);
    model_bind_hypers(r, false);
    fit_bind_params(r, same_intercept(m));
    model_run_lines(r, 1u << role, false);
    interp_hold(in, 1);
    for (int k = 0; k < r->nleaves; k++)
        x[k] = r->leaf[k].symbol;
    Value mean = objective_new(in, node_of_value(in, model_role(r, role)),
                               r->nleaves, x, NODE_NONE);
    interp_hold(in, -1);
    Value v = get(m->facts, "v");
    Value j = objective_derive(in, DERIVE_JACOBIAN, mean, SPAN_NONE);
    Value y = call_values(in, j, 1, &v);
    model_end(r);
    return y;
}

void fit_add_lines(Interp *in, Function *f, Value facts)
{
    const Fit *m = f->data;
    const Model *model = m->model.function->data;
    Value *values = ARENA_ARRAY(in->scratch, Value, 64);
    if (!model_has_line(model, name_of("variance")) &&
        !model_has_line(model, name_of("saturated")) &&
        !model_has_line(model, name_of("loglik")))
        return;
    if (!data_again(in, m, values)) {
        set(facts, "lost_data", value_bool(true));
        return;
    }
    add_lines(in, m, values, facts);
    if (get(facts, "variance").kind != VAL_NONE)
        set(facts, "mean_jacobian", mean_jacobian(in, m, values));
}

void fit_add_context(Interp *in, Function *f, Value facts)
{
    const Fit *m = f->data;
    set(facts, "data", m->data);
    const Model *model = m->model.function->data;
    Value *values = ARENA_ARRAY(in->scratch, Value, 65);
    Value penalised = get(facts, "penalised");
    if (!model_has(model, AST_NLL) || model_data_count(model) < 2 ||
        model_data(model, 0)->ndims != 2 || model_data_count(model) > 63 ||
        (penalised.kind == VAL_BOOL && penalised.truth) ||
        !data_again(in, m, values + 1))
        return;
    values[0] = m->model;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        add_null(in, m, values, facts);
        protect_end(&p);
    } else {
        if (context_error()->code == ERR_INTERRUPT)
            error_again();
        interp_restore(in, &c);
    }
}

/*
 * fit.c - a model fitted to data
 */
#include "eval/fit_inside.h"

#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/formula.h"
#include "eval/hinge.h"
#include "eval/module.h"
#include "eval/labels.h"
#include "eval/objective.h"
#include "eval/problem.h"
#include "eval/progress.h"
#include "eval/report.h"
#include "eval/start.h"
#include "graph/front.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/shape.h"

typedef struct Method {
    Value fit;
    AstRole role;
} Method;

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* ---- the class ---- */

static void release_fit(Function *f)
{
    Fit *m = f->data;
    Value *held[] = {&m->model,   &m->data,      &m->params,
                     &m->facts,   &m->labels,    &m->formula,
                     &m->scaling, &m->objective, &m->columns};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        value_drop(*held[i]);
    mem_free(m);
}

Value fit_call_library(Interp *in, const char *name, int n, const Value args[])
{
    Value f = library_value(in, name);
    /* What its trials warn of is told, if it matters, by the result. */
    const Warning *first;
    size_t warned = heap_warnings(&first);
    Span here = *context_here();
    Value y = call_values(in, f, n, args);
    *context_here() = here;
    heap_warnings_cut(warned);
    return y;
}

static void print_fit(const Function *f, Str *out)
{
    Interp *in = interp_current();
    const Fit *m = f->data;
    Value self = value_object((void *)(uintptr_t)f);
    Value facts = fit_record(in, self);
    Value line = fit_call_library(in, "fit_line", 1, &facts);
    if (line.kind == VAL_STRING)
        str_add(out, line.string->text);
    for (size_t i = 0; i < m->params.record->count; i++) {
        str_add_format(out, "\n%s = ", m->params.record->name[i]);
        value_format(&in->format, m->params.record->at[i], out);
    }
}

static bool equal_fits(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_fit = {"fit", release_fit, print_fit, equal_fits};

static void release_method(Function *f)
{
    Method *m = f->data;
    value_drop(m->fit);
    mem_free(m);
}

static void print_method(const Function *f, Str *out)
{
    const Method *m = f->data;
    str_add_format(out, "%s of a fit", ast_role_text(m->role));
}

const FunctionClass class_method = {"method", release_method, print_method,
                                    equal_fits};

static Value method_new(Value fit, AstRole role)
{
    Method *m = mem_zero(1, sizeof *m);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_method;
    f->name = name_of(ast_role_text(role));
    f->data = m;
    m->role = role;
    value_store(&m->fit, fit);
    return value_object(f);
}

bool fit_member(Interp *in, Function *f, Name name, Value *v)
{
    const Fit *m = f->data;
    (void)in;
    Value *found = record_find(m->params, name);
    if (found) {
        *v = *found;
        return true;
    }
    static const AstRole roles[] = {AST_PREDICT, AST_PROB, AST_SCORE};
    const Model *model = m->model.function->data;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (name == name_of(ast_role_text(roles[i])) &&
            model_has(model, roles[i])) {
            *v = method_new(value_object(f), roles[i]);
            return true;
        }
    if (name == name_of("score")) { /* the model has no such line */
        *v = method_new(value_object(f), AST_SCORE);
        return true;
    }
    if (name == name_of("predict") || name == name_of("prob"))
        error_raise(SPAN_NONE, ERR_MEMBER, "the model %s has no line `%s`",
                    m->model.function->name, name);
    if (fit_fact_is_late(name))
        fit_settle(in, f);
    found = record_find(m->facts, name);
    if (found) {
        *v = *found;
        return true;
    }
    return false;
}

const char *const *fit_member_names(const Function *f, Arena *a, size_t *n)
{
    static const AstRole roles[] = {AST_PREDICT, AST_PROB};
    const Fit *m = f->data;
    const Model *model = m->model.function->data;
    const Record *part[] = {m->params.record, m->facts.record};
    const char **names =
        ARENA_ARRAY(a, const char *, part[0]->count + part[1]->count + 3);
    *n = 0;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < part[k]->count; i++)
            names[(*n)++] = part[k]->name[i];
        for (size_t i = 0; k == 0 && i < sizeof roles / sizeof *roles; i++)
            if (model_has(model, roles[i]))
                names[(*n)++] = ast_role_text(roles[i]);
    }
    names[(*n)++] = "score";
    return names;
}

Value fit_record(Interp *in, Value fit)
{
    const Fit *m = fit.function->data;
    fit_settle(in, fit.function);
    Value r = record_new(m->facts.record->count + 4);
    for (size_t i = 0; i < m->facts.record->count; i++)
        record_set(r, m->facts.record->name[i], m->facts.record->at[i]);
    set(r, "params", m->params);
    return r;
}

/* ---- prediction ---- */

Value fit_decode(Value y, Value labels, const Decl *coded, Interp *in)
{
    if (labels.kind == VAL_NONE || !coded)
        return y;
    const Array *a = array_to_float(y);
    size_t n = array_count(a);
    bool text = labels.list->at[0].kind == VAL_STRING;
    double code[2] = {0, 0};
    if (coded->set) {
        Span here = *context_here();
        Value set_value = eval(in, coded->set);
        *context_here() = here;
        code[0] = value_to_double(set_value.list->at[0]);
        code[1] = value_to_double(set_value.list->at[1]);
    }
    Value list = labels_decode(a, labels, coded->set ? code : NULL);
    if (list.kind != VAL_NONE)
        return list;
    list = list_new(n);
    for (size_t i = 0; i < n; i++) {
        if (coded->set && a->f[i] != code[0] && a->f[i] != code[1])
            return y; /* numbers of another meaning */
        size_t k = coded->set ? a->f[i] != code[0] : (size_t)(a->f[i] - 1);
        if (k >= labels.list->count)
            return y;
        list_push(list, labels.list->at[k]);
    }
    if (text)
        return n == 1 ? list.list->at[0] : list;
    int one = (int)n;
    return apply_literal(in, 1, &one, list.list->at, false);
}

const Decl *fit_coded_item(const Model *m)
{
    for (int i = 0; i < model_data_count(m); i++) {
        const Decl *d = model_data(m, i);
        if (d->set || d->classes)
            return d;
    }
    return NULL;
}

/* While it is fitted, what a model calls train are the rows at hand. */
static void bind_rows(ModelRun *r, const Value values[])
{
    model_bind_data(r, values);
    model_bind_train(r, model_bound_data(r));
    model_bind_hypers(r, false);
}

void fit_bind_fitted(Interp *in, const Fit *m, ModelRun *r,
                     const Value values[])
{
    const Decl *coded = fit_coded_item(r->model);
    r->labels = m->labels;
    model_bind_data(r, values);
    if (coded && coded->classes && m->labels.kind == VAL_LIST)
        frame_set(in, coded->classes,
                  value_int((int64_t)m->labels.list->count));
    model_bind_hypers(r, false);
    model_bind_values(r, m->params);
    model_bind_train(r, m->data);
}

Value fit_evaluate_role(Interp *in, const Fit *m, AstRole role,
                        const Value values[], const Span places[])
{
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    model_begin(in, m->model, r);
    r->places = places;
    r->frame->traced = false;
    fit_bind_fitted(in, m, r, values);
    model_run_lines(r, 1u << role, false);
    Value y = model_role(r, role);
    if (role == AST_PREDICT)
        y = fit_decode(y, m->labels, fit_coded_item(r->model), in);
    model_end(r);
    return y;
}

/* The number of data items that the line of a role is given. */
static int items_of(const Model *model, AstRole role)
{
    const Decl *coded = fit_coded_item(model);
    uint64_t reach = model_reach(model, role);
    int n = 0;
    for (int i = 0; i < model_data_count(model) && i < 64; i++)
        n += (reach >> i & 1) && model_data(model, i) != coded;
    return n;
}

/* A data item that a method is not given: one with a default, and left so in
 * the fit. */
static void check_default(const Function *f, const Args *a, const Fit *m, int i)
{
    const Decl *d = model_data(m->model.function->data, i);
    Value fitted = m->data.list->at[i];
    if (d->value && fitted.kind != VAL_ARRAY)
        return;
    error_raise_help(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT, NULL,
                     d->value ? arena_printf(error_arena(), "%s(X; %s = ...)",
                                             f->name, d->name)
                              : NULL,
                     "%s needs the data `%s`%s", f->name, d->name,
                     d->value ? ", which the fit was given" : "");
}

/* New rows have the columns of those of the fit: one parameter for one column
 * would multiply any number of them. */
static void check_columns(const Function *f, Span at, const Fit *m, int i,
                          Value given)
{
    const Decl *d = model_data(m->model.function->data, i);
    Value fitted = m->data.list->at[i];
    if (d->ndims != 2 || given.kind != VAL_ARRAY || fitted.kind != VAL_ARRAY ||
        d->dims[0]->kind != AST_NAME || d->dims[1]->kind != AST_NAME ||
        d->dims[0]->name == d->dims[1]->name)
        return;
    int was = fitted.array->cols, is = given.array->cols;
    if (is != was && given.array->rows > 0)
        error_raise_help(at, ERR_SHAPE, NULL,
                         m->formula.kind != VAL_NONE
                             ? "a fit by a formula takes rows of a table"
                         : is == 1 && given.array->rows == was
                             ? "one row is written [1, 2;]"
                             : NULL,
                         "%s: `%s` has %d %s, and the fit had %d", f->name,
                         d->name, is, is == 1 ? "column" : "columns", was);
}

Value call_method(Interp *in, Function *f, const Args *a)
{
    const Method *method = f->data;
    const Fit *m = method->fit.function->data;
    const Model *model = m->model.function->data;
    if (method->role == AST_SCORE &&
        (a->count == 0 || !model_has(model, AST_SCORE) ||
         a->count > items_of(model, AST_SCORE)))
        return report_score(in, method->fit.function, a->count, a->at);
    Value values[64], given[64];
    Span places[MODEL_DATA] = {0};
    int n = model_data_count(model), next = 0, count = a->count;
    uint64_t reach = model_reach(model, method->role);
    for (int i = 0; i < count && i < 64; i++)
        given[i] = a->at[i];
    if (count == 1 && given[0].kind == VAL_TABLE && m->formula.kind != VAL_NONE)
        given[0] = formula_apply(in, m->formula, given[0]);
    if (count > 0 && (reach & 1))
        given[0] = fit_named_columns(m->columns, given[0]);
    if (count > 0 && (reach & 1))
        given[0] = fit_scaled(in, m->scaling, given[0]);
    const Decl *coded = fit_coded_item(model);
    for (int i = 0; i < n && i < 64; i++) {
        bool here = (reach >> i & 1) && model_data(model, i) != coded;
        places[i] = args_place(a, here && next < count ? next : -1);
        values[i] = here && next < count ? given[next++] : VALUE_NONE;
    }
    if (next < count)
        error_raise(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT,
                    "%s takes %d data %s, and %d are given", f->name, next,
                    next == 1 ? "item" : "items", count);
    fit_fill_named(a, model, count == 1 ? a->at[0] : VALUE_NONE, 0, values);
    for (int i = 0; i < n && i < 64; i++)
        check_columns(f, places[i], m, i, values[i]);
    for (int i = 0; i < n && i < 64; i++)
        if ((reach >> i & 1) && values[i].kind == VAL_NONE &&
            model_data(model, i) != coded)
            check_default(f, a, m, i);
    return fit_evaluate_role(in, m, method->role, values, places);
}

/* ---- the problem ---- */

/* l2 beside a penalty of the model's own on w would add up in silence. */
static void check_one_penalty(const ModelRun *r, Node y, Node square)
{
    const Graph *g = r->in->graph;
    for (int i = 1; node_op(g, y) == OP_SUM && i < node_count(g, y); i += 2)
        if (node_arg(g, y, i) == square)
            error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                             arena_printf(error_arena(),
                                          "%s(0.5) sets its weight",
                                          r->function->name),
                             "the model %s has such a penalty of its own, and "
                             "l2 would be added to it",
                             r->function->name);
}

/* The weight of a penalty; VALUE_NONE: not given, or 0. */
static Value penalty_option(Value options, const char *name)
{
    Value v = get(options, name);
    if (v.kind == VAL_NONE)
        return v;
    if (!value_is_number(v) || !(value_to_double(v) >= 0))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "%s is a number from 0", name);
    return value_to_double(v) == 0 ? VALUE_NONE : v;
}

/* A penalty of its own, or of the model, would be added to in silence. */
static void add_magnitudes(Interp *in, const ModelRun *r, Value l1, Node *y)
{
    Graph *g = in->graph;
    for (int k = 0; k < r->nleaves; k++) {
        if (!r->leaf[k].weight)
            continue;
        Node w = r->leaf[k].symbol, part[2] = {*y, NODE_NONE};
        bool known;
        Node size = front_call(g, name_of("norm1"), 1, &w, 0, &known);
        part[1] = node_mul(g, node_of_value(in, l1), size);
        *y = node_add(g, part[0], part[1]);
    }
}

/* A penalty without params that it acts on would be left out in silence. */
static void check_weights(const ModelRun *r, const char *option)
{
    for (int k = 0; k < r->nleaves; k++)
        if (r->leaf[k].weight)
            return;
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                     "write the penalty in its loss",
                     "%s penalises params called w or W, and the model %s has "
                     "none",
                     option, r->function->name);
}

void fit_add_penalty(Interp *in, const ModelRun *r, Value options, Node *y)
{
    Graph *g = in->graph;
    Value l1 = penalty_option(options, "l1"),
          l2 = penalty_option(options, "l2");
    if (l1.kind != VAL_NONE || l2.kind != VAL_NONE)
        check_weights(r, l2.kind != VAL_NONE ? "l2" : "l1");
    for (int k = 0; l2.kind != VAL_NONE && k < r->nleaves; k++) {
        if (!r->leaf[k].weight)
            continue;
        Node w = r->leaf[k].symbol;
        Node half = node_div(g, node_of_value(in, l2), node_int(g, 2));
        Node square = node_dot(g, w, w);
        check_one_penalty(r, *y, square);
        *y = node_add(g, *y, node_mul(g, half, square));
    }
    if (l1.kind != VAL_NONE)
        add_magnitudes(in, r, l1, y);
}

void fit_bind_params(ModelRun *r, Value options)
{
    Value intercept = get(options, "intercept");
    model_bind_params(r, false);
    if (intercept.kind == VAL_NONE ||
        (intercept.kind == VAL_BOOL && intercept.truth))
        return;
    if (intercept.kind != VAL_BOOL)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "intercept is true or false");
    for (int k = 0; k < r->nleaves; k++)
        if (!strcmp(r->leaf[k].path, "b")) {
            Shape s = r->leaf[k].shape;
            r->held = array_fill(s.rows, s.cols, value_float(0));
            frame_set(r->in, name_of("b"), r->held);
            r->nleaves--;
            memmove(r->leaf + k, r->leaf + k + 1,
                    (size_t)(r->nleaves - k) * sizeof *r->leaf);
            return;
        }
}

static void add_subjects(Interp *in, ModelRun *r, Problem *p)
{
    const Ast *def = r->model->def;
    for (uint32_t k = 0; k < def->count; k++) {
        const Ast *t = def->kids[k];
        for (uint32_t i = 0; t->kind == AST_SUBJECT && i < t->count; i++)
            problem_add_constraint(in, p, t->kids[i]);
    }
}

/* ---- the outcome ---- */

Value fit_leaf_value(const ModelLeaf *l, const double *v)
{
    Value y = array_new(ELEM_FLOAT, l->shape.rows, l->shape.cols);
    memcpy(y.array->f, v, array_count(y.array) * sizeof *v);
    return array_value(y);
}

static Value unpack(Interp *in, ModelRun *r, const Array *v)
{
    Value params = record_new(4);
    const double *at = v->f;
    for (int k = 0; k < r->nleaves;) {
        Name name = r->leaf[k].param;
        Value leaf[MODEL_LEAVES];
        const Value *next[MODEL_LEAVES];
        int n = 0;
        for (; k < r->nleaves && r->leaf[k].param == name; k++, n++) {
            leaf[n] = fit_leaf_value(&r->leaf[k], at);
            next[n] = &leaf[n];
            at += r->leaf[k].shape.rows * r->leaf[k].shape.cols;
        }
        Local *start = frame_find(
            in, name_of(arena_printf(in->scratch, " start %s", name)));
        bool whole = n == 1 && r->leaf[k - 1].path == (const char *)name;
        const Value **cursor = next;
        record_set(params, name,
                   whole || !start ? leaf[0]
                                   : model_rebuild(start->value, cursor));
    }
    if (r->held.kind != VAL_NONE)
        set(params, "b", r->held);
    return params;
}

static const char *kind_of_model(const Model *m, const Problem *p, Value labels,
                                 Value residual)
{
    if (labels.kind != VAL_NONE)
        return p->nconstraints > 0 ? "svm" : "classifier";
    if (model_has(m, AST_NLL))
        return "glm";
    return residual.kind != VAL_NONE ? "regression" : "other";
}

static Value float_of(double x)
{
    return value_float(x);
}

static Value copy_facts(Value solution)
{
    static const char *const names[] = {
        "converged", "iterations", "solver", "reason",     "test",
        "history",   "rank",       "dead",   "validation", "kkt",
        "dual",      "unit",       "held",   "seed",       "at_bound"};
    Value facts = record_new(24);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        set(facts, names[i], get(solution, names[i]));
    return facts;
}

/* Rows of the first data item; 1 without data. */
static int data_rows(const ModelRun *r)
{
    Local *first = model_data_count(r->model) > 0
                       ? frame_find(r->in, model_data(r->model, 0)->name)
                       : NULL;
    return first ? value_shape(first->value).rows : 1;
}

/* By l2, by magnitudes, or by squares beside those of the rows (ridge). */
static bool is_penalised(const Outcome *o)
{
    int64_t n = 0;
    value_to_int(get(o->record, "residual_rows"), &n);
    return get(o->options, "l2").kind != VAL_NONE ||
           get(o->record, "l1").kind != VAL_NONE || n > data_rows(o->r);
}

/* A data item of this name, one for each row. */
static void set_data_fact(Value facts, const Fit *fit, const char *name)
{
    int i = fit_data_named(fit->model.function->data, name_of(name));
    if (i >= 0 && fit->data.list->at[i].kind == VAL_ARRAY)
        set(facts, name, fit->data.list->at[i]);
}

/* The objective at the solution; a solver may say that its value is that. */
static Value value_at_solution(Interp *in, const Outcome *o)
{
    Value settled = get(o->solution, "settled");
    bool known = o->own || get(o->record, "l1").kind != VAL_NONE ||
                 (settled.kind == VAL_BOOL && settled.truth);
    return known ? get(o->solution, "value")
                 : problem_value(in, o->p, o->solution);
}

/* The names of the columns of the first item, or NONE. */
static Value columns_of(const Outcome *o)
{
    return o->formula.kind == VAL_RECORD ? get(o->formula, "columns")
                                         : o->columns;
}

static Value make_fit(Interp *in, Value model, Outcome *o)
{
    const Model *m = model.function->data;
    Fit *fit = mem_zero(1, sizeof *fit);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_fit;
    f->data = fit;
    value_store(&fit->model, model);
    value_store(&fit->data, model_bound_data(o->r));
    value_store(&fit->labels, o->r->labels);
    value_store(&fit->formula, o->formula);
    value_store(&fit->columns, o->columns);
    value_store(&fit->scaling, o->scaling);
    Value v = value_object(array_to_float(get(o->solution, "v")));
    value_store(&fit->params, unpack(in, o->r, v.array));
    Value facts = copy_facts(o->solution);
    value_store(&fit->facts, facts);
    size_t count[3] = {0};
    if (!o->own) {
        objective_counts(o->p->f, count);
        fit_batches_count(o, count);
    }
    set(facts, "model", value_string(model.function->name));
    set(facts, "objective", fit_objective_text(in, o->r, o->options));
    set(facts, "hypers", fit_hypers(in, m));
    set(facts, "names", fit_entry_names(in, o->r, columns_of(o)));
    set(facts, "v", v);
    set(facts, "value", value_at_solution(in, o));
    set(facts, "evaluations", value_int((int64_t)(count[0] + count[1])));
    Value kinks = get(o->solution, "multipliers_of_kinks");
    set(facts, "multipliers",
        kinks.kind != VAL_NONE ? kinks
                               : problem_multipliers(o->p, o->solution));
    set(facts, "gradient", VALUE_NONE);
    set(facts, "hessian", VALUE_NONE);
    Value residual = get(o->record, "residual");
    set(facts, "likelihood",
        model_has(m, AST_NLL)       ? value_string("nll")
        : residual.kind != VAL_NONE ? value_string("least squares")
                                    : VALUE_NONE);
    set(facts, "affine", get(o->record, "affine"));
    set(facts, "penalised", value_bool(is_penalised(o)));
    set(facts, "kind",
        value_string(kind_of_model(m, o->p, o->r->labels, residual)));
    set(facts, "labels", o->r->labels);
    set(facts, "y", VALUE_NONE);
    Shape s =
        value_shape(fit->data.list->count ? fit->data.list->at[0] : VALUE_NONE);
    set(facts, "rows", value_int(s.rows));
    set(facts, "dropped", value_int(o->dropped));
    set_data_fact(facts, fit, "weights");
    set_data_fact(facts, fit, "offset");
    set(facts, "intercept", value_bool(o->r->held.kind == VAL_NONE));
    set(facts, "standardized", value_bool(o->scaling.kind != VAL_NONE));
    set(facts, "scores", VALUE_NONE);
    set(facts, "fitted", VALUE_NONE);
    set(facts, "prob", VALUE_NONE);
    if (!in->interrupted) /* else the prompt is wanted at once */
        value_store(&fit->objective, o->own ? value_bool(true) : o->p->f);
    else
        set(facts, "y", fit_response_given(in, fit));
    set(facts, "seconds", float_of(seconds_now() - o->begun));
    return value_object(f);
}

Node fit_objective(Interp *in, ModelRun *r)
{
    AstRole role = model_has(r->model, AST_LOSS) ? AST_LOSS : AST_NLL;
    Value v = model_role(r, role);
    const Ast *line = model_line(r->model, role);
    if (v.kind != VAL_EXPR && !value_is_number(v))
        error_raise(line->at, ERR_TYPE, "the %s is a number, not %s",
                    ast_role_text(role), value_kind_phrase(v));
    Node y = node_of_value(in, v);
    if (!node_is_scalar(in->graph, y))
        error_raise(line->at, ERR_SHAPE,
                    "the %s is a number, and this is an "
                    "array",
                    ast_role_text(role));
    return y;
}

/* The best point so far, after Ctrl-C. */
static Value best_so_far(const Problem *p)
{
    double best;
    Value v, r = record_new(10);
    if (!objective_best(p->f, &best, &v))
        error_again();
    set(r, "v", v);
    set(r, "value", value_float(best));
    set(r, "converged", value_bool(false));
    set(r, "iterations", value_int(0));
    set(r, "solver", value_string("interrupted"));
    set(r, "reason", value_string("Ctrl-C: the best point so far"));
    set(r, "test", value_string("Ctrl-C"));
    return r;
}

/*
 * Runs the library's solver.  Ctrl-C gives the best point so far: the session
 * goes on with it, a script prints it and ends.
 */
static Value solve(Interp *in, Problem *p, Value record, Value options)
{
    Value *y = ARENA_NEW(in->scratch, Value);
    Checkpoint c = interp_checkpoint(in);
    Protect q;
    if (PROTECT(&q)) {
        *y = fit_call_library(in, "solve_problem", 2,
                              (Value[]){record, options});
        protect_end(&q);
    } else {
        if (context_error()->code != ERR_INTERRUPT)
            error_again();
        Value best = best_so_far(p);
        interp_restore(in, &c);
        in->interrupted = true;
        interrupt_flag = 0;
        *y = best;
    }
    return *y;
}

/* The first entries of the solver's v: those of the params. */
static void cut_solution(Value solution, int size)
{
    const Array *a = array_to_float(get(solution, "v"));
    Value v = array_new(ELEM_FLOAT, size, 1);
    memcpy(v.array->f, a->f, (size_t)size * sizeof *a->f);
    set(solution, "v", v);
    set(solution, "rank", VALUE_NONE);
}

/* A kinked objective with slacks in place of its kinks; NONE: has others. */
static Value solve_kinks(Interp *in, ModelRun *r, Outcome *o)
{
    Problem *q = ARENA_NEW(in->scratch, Problem);
    int nleaves = r->nleaves;
    Value smooth = get(o->record, "smooth"), y = VALUE_NONE;
    if ((smooth.kind == VAL_BOOL && smooth.truth) ||
        get(o->record, "l1").kind != VAL_NONE ||
        get(o->options, "solver").kind != VAL_NONE)
        return y;
    interp_hold(in, 1);
    bool lifted = hinge_problem(in, r, o->p, q);
    Value record = lifted ? problem_record(in, q) : VALUE_NONE;
    interp_hold(in, -1);
    if (lifted) {
        Value l2 = get(o->options, "l2");
        set(record, "units",
            start_units(r, l2.kind == VAL_NONE ? 0 : value_to_double(l2)));
        set(record, "rows", value_int(data_rows(r)));
        set(record, "batches", VALUE_NONE);
        y = solve(in, q, record, o->options);
        set(y, "multipliers_of_kinks", problem_multipliers(q, y));
        cut_solution(y, objective_size(o->p->f));
        if (!in->interrupted)
            set(y, "reason",
                value_string("kinks of affine terms, solved with "
                             "slacks"));
    }
    r->nleaves = nleaves;
    return y;
}

static Value solve_bound(Interp *in, ModelRun *r, Outcome *o)
{
    Problem *p = ARENA_NEW(in->scratch, Problem);
    o->p = p;
    if (fit_has_solution(r->model)) {
        o->own = true;
        o->record = record_new(1);
        p->nleaves = r->nleaves;
        p->leaf = r->leaf;
        Value own = model_named_line(r, name_of("solution"));
        return fit_own_solution(in, r, p, own);
    }
    model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, true);
    interp_hold(in, 1);
    p->objective = fit_objective(in, r);
    fit_add_penalty(in, r, o->options, &p->objective);
    p->nleaves = r->nleaves;
    p->leaf = r->leaf;
    add_subjects(in, r, p);
    o->record = problem_record(in, p);
    interp_hold(in, -1);
    objective_expect_gradient(p->f);
    start_check_value(in, r, p, o->record);
    Value l2 = get(o->options, "l2");
    set(o->record, "units",
        start_units(r, l2.kind == VAL_NONE ? 0 : value_to_double(l2)));
    int rows = data_rows(r);
    set(o->record, "rows", value_int(rows));
    set(o->record, "relus", fit_units(in, p, rows));
    set(o->record, "spread", fit_spread(in, r, p, rows));
    set(o->record, "blocks", fit_blocks(p));
    *context_here() = r->frame->called_at; /* what follows is no line's */
    set(o->record, "batches", fit_batches(in, o));
    Value y = solve_kinks(in, r, o);
    if (y.kind != VAL_NONE)
        return y;
    return solve(in, p, o->record, o->options);
}

/* The progress line ends as the line of the outcome. */
static void show_outcome(Interp *in, Value fit)
{
    Value facts = fit_record(in, fit);
    Value line = fit_call_library(in, "fit_line", 1, &facts);
    fprintf(in->err, "%s\n", line.string->text);
}

static const char *model_help(Value v)
{
    if (v.kind == VAL_FUNCTION && v.function->class == &class_closure &&
        v.function->name && ((const Closure *)v.function->data)->scope->library)
        return arena_printf(error_arena(),
                            "%s is called with the data itself: ?%s shows how",
                            v.function->name, v.function->name);
    return "fit(ols, X, y); models are ols, ridge, lasso, logistic, "
           "softmax_regression, poisson, svm, mlp, curvefit(f), and your own";
}

static bool is_model(Value v)
{
    return v.kind == VAL_FUNCTION && v.function->class == &class_model;
}

/* A library model whose name begins so, as gamma_regression; or NULL. */
static const char *model_of_name(Interp *in, Name name)
{
    for (size_t i = 0; library_name(i); i++) {
        if (strlen(name) < 3 || strncmp(library_name(i), name, strlen(name)))
            continue;
        Cell *c = library_find(in, name_of(library_name(i)));
        if (c && is_model(c->value))
            return library_name(i);
    }
    return NULL;
}

_Noreturn static void raise_no_model(Interp *in, Value v)
{
    Name name = v.kind == VAL_FUNCTION ? v.function->name : NULL;
    const char *model = name ? model_of_name(in, name) : NULL;
    const char *help = model ? arena_printf(error_arena(),
                                            "did you mean fit(%s, ...)?", model)
                             : model_help(v);
    if (name)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL, help,
                         "fit takes a model first, and %s is a function", name);
    error_raise_help(SPAN_NONE, ERR_TYPE, NULL, help,
                     "fit takes a model first, not %s", value_kind_phrase(v));
}

Value builtin_fit(Interp *in, const Args *a)
{
    if (!is_model(a->at[0]))
        raise_no_model(in, a->at[0]);
    Outcome o = {.begun = seconds_now()};
    Value model = fit_split_options(in, a, &o.options);
    const Model *m = model.function->data;
    Value *values = ARENA_ARRAY(in->scratch, Value, 64);
    fit_gather(in, a, m, get(o.options, "missing"), values, &o.formula,
               &o.dropped);
    Span *places = ARENA_ARRAY(in->scratch, Span, MODEL_DATA);
    fit_places(a, m, o.formula.kind != VAL_NONE, places);
    start_check_rows(m, values, places);
    if (o.formula.kind == VAL_RECORD && !formula_has_intercept(o.formula))
        set(o.options, "intercept", value_bool(false));
    fit_check_own(model, o.options);
    o.model = model;
    o.scaling = fit_scaling(in, m, get(o.options, "standardize"), values[0]);
    if (o.scaling.kind != VAL_NONE && values[0].kind == VAL_ARRAY)
        model_check_entries(model_data(m, 0), values[0]);
    o.columns = fit_column_names(values[0]);
    values[0] = fit_scaled(in, o.scaling, values[0]);
    o.values = values;
    double running = progress_begin(in);
    o.r = ARENA_NEW(in->scratch, ModelRun);
    model_begin(in, model, o.r);
    o.r->places = places;
    bind_rows(o.r, values);
    fit_bind_params(o.r, o.options);
    o.solution = solve_bound(in, o.r, &o);
    Value fit = make_fit(in, model, &o);
    fit_batches_end(&o);
    model_end(o.r);
    if (progress_end(in, running))
        show_outcome(in, fit);
    if (in->interrupted && !in->session) {
        interp_show(in, fit);
        error_raise(SPAN_NONE, ERR_INTERRUPT,
                    "interrupted; the best fit so far is printed");
    }
    if (in->interrupted)
        fprintf(in->err, "interrupted: the best fit so far is the result\n");
    in->interrupted = false;
    return fit;
}

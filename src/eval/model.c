/*
 * model.c - `model` blocks
 */
#include "eval/model_inside.h"

#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/start.h"
#include "eval/symbol.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "syntax/print.h"
#include "value/matrix.h"
#include "value/shape.h"

/* ---- the value ---- */

static void release_model(Function *f)
{
    Model *m = f->data;
    value_drop(m->hypers);
    code_drop(m->code);
    mem_free(m);
}

static void print_model(const Function *f, Str *out)
{
    const Model *m = f->data;
    ast_print_statement(out, m->def, 0);
    while (out->len > 0 && out->at[out->len - 1] == '\n')
        out->at[--out->len] = '\0';
}

static bool equal_models(const Function *a, const Function *b)
{
    const Model *p = a->data, *q = b->data;
    return p->def == q->def && value_same(p->hypers, q->hypers);
}

const FunctionClass class_model = {"model", release_model, print_model,
                                   equal_models};

static Value new_model(Name name, const Ast *def, Code *code, Scope *scope,
                       Value hypers)
{
    Model *m = mem_zero(1, sizeof *m);
    m->def = def;
    m->code = code_keep(code);
    m->scope = scope;
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_model;
    f->name = name;
    f->data = m;
    value_store(&m->hypers, hypers);
    return value_object(f);
}

/* ---- items ---- */

const Decl *model_next_item(ItemWalk *w, AstRole role)
{
    const Ast *def = w->model->def;
    for (; w->line < def->count; w->line++, w->decl = 0) {
        const Ast *t = def->kids[w->line];
        if (t->kind == AST_DECLS && t->op == (int)role && w->decl < t->ndecls)
            return &t->decls[w->decl++];
    }
    return NULL;
}

int model_data_count(const Model *m)
{
    ItemWalk w = {.model = m};
    int n = 0;
    while (model_next_item(&w, AST_DATA))
        n++;
    return n;
}

const Decl *model_data(const Model *m, int i)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = model_next_item(&w, AST_DATA)) != NULL && i-- > 0)
        continue;
    return d;
}

const Decl *model_hyper(const Model *m, int i)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = model_next_item(&w, AST_HYPER)) != NULL && i-- > 0)
        continue;
    return d;
}

const Decl *model_hyper_named(const Model *m, Name name)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = model_next_item(&w, AST_HYPER)) != NULL && d->name != name)
        continue;
    return d;
}

void model_begin(Interp *in, Value model, ModelRun *r)
{
    const Model *m = model.function->data;
    *r = (ModelRun){.in = in, .model = m, .function = model.function,
                    .labels = VALUE_NONE, .held = VALUE_NONE};
    Frame *f = frame_begin(in);
    f->scope = m->scope;
    f->code = m->code;
    f->function = model.function;
    f->called_at = *context_here();
    f->traced = true;
    r->frame = f;
    graph_whole(in->graph, 1);
}

void model_end(ModelRun *r)
{
    graph_whole(r->in->graph, -1);
    *context_here() = r->frame->called_at;
    frame_end(r->in, r->frame);
}

/* ---- hypers ---- */

static void check_hyper(ModelRun *r, const Decl *d, Value v)
{
    if (value_is_number(v))
        model_check_bounds(r, d, v);
    else if (d->lower || d->upper)
        error_raise(d->at, ERR_TYPE, "the hyper `%s` is a number, not %s",
                    d->name, value_kind_phrase(v));
}

static bool is_literal(const Ast *bound)
{
    return !bound || bound->kind == AST_NUMBER ||
           (bound->kind == AST_UNARY && bound->kids[0]->kind == AST_NUMBER);
}

/* Bounds that need no data are checked where the hyper is given. */
static void check_given_hyper(Interp *in, const Decl *d, Value v, Span at)
{
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    Decl told = *d;
    r->in = in;
    told.at = at;
    if (is_literal(d->lower) && is_literal(d->upper))
        check_hyper(r, &told, v);
}

void model_bind_hypers(ModelRun *r, bool symbolic)
{
    ItemWalk w = {.model = r->model};
    const Decl *d;
    while ((d = model_next_item(&w, AST_HYPER)) != NULL) {
        Value *given = record_find(r->model->hypers, d->name);
        Value v;
        if (given)
            v = *given;
        else if (d->value)
            v = eval(r->in, d->value);
        else if (symbolic)
            v = value_float(1);
        else
            error_raise_help(d->at, ERR_ARGUMENT, NULL,
                             arena_printf(error_arena(), "%s(%s = ...)",
                                          r->function->name, d->name),
                             "the hyper `%s` has no value", d->name);
        check_hyper(r, d, v);
        if (symbolic && value_is_number(v))
            v = value_expr(node_symbol(r->in->graph, d->name, SHAPE_SCALAR,
                                       d->lower_open ? SYM_POSITIVE : 0));
        frame_set(r->in, d->name, v);
    }
}

/* ---- params ---- */

/* A start where none was given: 0, or inside of the bounds. */
static double inner_point(double lower, double upper)
{
    if (isinf(lower) && isinf(upper))
        return 0;
    if (isinf(upper))
        return lower < 0 ? 0 : lower + 1;
    if (isinf(lower))
        return upper > 0 ? 0 : upper - 1;
    return (lower + upper) / 2;
}

static ModelLeaf *add_leaf(ModelRun *r, const Decl *d, const char *path,
                           Shape s, Value start)
{
    if (r->nleaves == MODEL_LEAVES)
        error_raise(d->at, ERR_LIMIT, "a model has at most %d param arrays",
                    MODEL_LEAVES);
    ModelLeaf *l = &r->leaf[r->nleaves++];
    size_t n = strlen(path);
    *l = (ModelLeaf){.param = d->name, .path = path, .shape = s,
                     .start = start};
    l->lower = model_bound(r, d->lower, -INFINITY);
    l->upper = model_bound(r, d->upper, INFINITY);
    l->weight = n > 0 && (path[n - 1] == 'w' || path[n - 1] == 'W') &&
                (n == 1 || path[n - 2] == '.');
    unsigned flags = l->lower == 0 ? (d->lower_open ? SYM_POSITIVE
                                                    : SYM_NONNEGATIVE)
                                   : 0;
    l->symbol = node_symbol(r->in->graph, name_of(path), s, flags);
    return l;
}

/* A list or record of arrays with symbols in their places. */
static Value structured(ModelRun *r, const Decl *d, const char *path, Value v)
{
    Arena *a = r->in->scratch;
    depth_check();
    if (v.kind == VAL_LIST) {
        Value y = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(y, structured(r, d, arena_printf(a, "%s[%zu]", path, i + 1),
                                    v.list->at[i]));
        return y;
    }
    if (v.kind == VAL_RECORD) {
        Value y = record_new(v.record->count);
        for (size_t i = 0; i < v.record->count; i++)
            record_set(y, v.record->name[i],
                       structured(r, d,
                                  arena_printf(a, "%s.%s", path,
                                               v.record->name[i]),
                                  v.record->at[i]));
        return y;
    }
    if (!value_is_number(v) && v.kind != VAL_ARRAY)
        return v;               /* a name of an activation, a function */
    return value_expr(add_leaf(r, d, path, value_shape(v), v)->symbol);
}

Value model_rebuild(Value start, const Value **leaf)
{
    depth_check();
    if (start.kind == VAL_LIST) {
        Value y = list_new(start.list->count);
        for (size_t i = 0; i < start.list->count; i++)
            list_push(y, model_rebuild(start.list->at[i], leaf));
        return y;
    }
    if (start.kind == VAL_RECORD) {
        Value y = record_new(start.record->count);
        for (size_t i = 0; i < start.record->count; i++)
            record_set(y, start.record->name[i],
                       model_rebuild(start.record->at[i], leaf));
        return y;
    }
    if (!value_is_number(start) && start.kind != VAL_ARRAY)
        return start;
    return *(*leaf)++;
}

static Value fill_start(const Decl *d, Shape s, Value v)
{
    Shape have = value_shape(v);
    if (shape_same(have, s))
        return value_object(array_to_float(v));
    if (!shape_is_scalar(have))
        error_raise(d->at, ERR_SHAPE, "the start of `%s` is %s, and the param is "
                                      "%s",
                    d->name, shape_text(have), shape_text(s));
    return array_fill(s.rows, s.cols, value_float(value_to_double(v)));
}

static void bind_param(ModelRun *r, const Decl *d, bool symbolic)
{
    Interp *in = r->in;
    bool shaped = d->ndims > 0 || !d->value;
    Value v = VALUE_NONE;
    if (d->value && !symbolic) {
        model_run_named(r, d->value);
        v = eval(in, d->value);
        double x;
        if (v.kind == VAL_EXPR &&
            node_constant_value(in->graph, v.expr->node, &x))
            v = value_float(x);
        shaped = shaped || value_is_number(v) || v.kind == VAL_ARRAY;
    }
    if (!shaped && !symbolic) {
        if (v.kind != VAL_LIST && v.kind != VAL_RECORD)
            error_raise(d->at, ERR_TYPE, "the start of `%s` is numbers, a list "
                                         "or a record, not %s",
                        d->name, value_kind_phrase(v));
        frame_set(in, name_of(arena_printf(in->scratch, " start %s", d->name)),
                  v);
        frame_set(in, d->name, structured(r, d, d->name, v));
        return;
    }
    Shape s = declared_shape(in, d);
    if (d->ndims == 0 && v.kind == VAL_ARRAY)
        s = value_shape(v);
    ModelLeaf *l = add_leaf(r, d, d->name, s, VALUE_NONE);
    if (!symbolic) {
        if (v.kind == VAL_NONE)
            v = value_float(inner_point(l->lower, l->upper));
        l->start = fill_start(d, s, v);
        start_check_bounds(d, l);
        frame_set(in, name_of(arena_printf(in->scratch, " start %s", d->name)),
                  l->start);
    }
    frame_set(in, d->name, value_expr(l->symbol));
}

void minimize_leaf(Interp *in, const Decl *d, ModelLeaf *l)
{
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    r->in = in;
    Shape s = declared_shape(in, d);
    if (s.rows < 0 || s.cols < 0)
        error_raise(d->at, ERR_SHAPE, "the size of the variable `%s` is a number",
                    d->name);
    ModelLeaf *made = add_leaf(r, d, d->name, s, VALUE_NONE);
    Value v = d->value ? eval(in, d->value)
                       : value_float(inner_point(made->lower, made->upper));
    made->start = fill_start(d, s, v);
    start_check_bounds(d, made);
    *l = *made;
    Local *local = frame_add(in, d->name);
    value_store(&local->value, value_expr(l->symbol));
    value_store(&local->symbol, local->value);
    /* keeps the start alive */
    value_store(&frame_add(in, name_of(" start"))->value, l->start);
}

void model_bind_params(ModelRun *r, bool symbolic)
{
    ItemWalk w = {.model = r->model};
    const Decl *d;
    while ((d = model_next_item(&w, AST_PARAM)) != NULL)
        bind_param(r, d, symbolic);
}

void model_bind_values(ModelRun *r, Value params)
{
    for (size_t i = 0; i < params.record->count; i++)
        frame_set(r->in, params.record->name[i], params.record->at[i]);
}

/* ---- definitions ---- */

/* A start that is an array or number even with symbols for the data. */
static bool is_plain_start(ModelRun *r, const Decl *d)
{
    if (d->ndims > 0 || !d->value || d->lower || d->upper ||
        d->value->kind == AST_NUMBER)
        return true;
    Checkpoint c = interp_checkpoint(r->in);
    Protect p;
    volatile bool plain = false;
    if (PROTECT(&p)) {
        Value v = eval(r->in, d->value);
        plain = value_is_number(v) || v.kind == VAL_ARRAY || v.kind == VAL_EXPR;
        protect_end(&p);
    } else {
        if (context_error()->code == ERR_INTERRUPT)
            error_again();
        interp_restore(r->in, &c);
    }
    return plain;
}

/* Params that are lists or records take their shapes from the data. */
static bool is_structured(ModelRun *r)
{
    ItemWalk w = {.model = r->model};
    const Decl *d;
    while ((d = model_next_item(&w, AST_PARAM)) != NULL)
        if (!is_plain_start(r, d))
            return true;
    return false;
}

static Node objective_node(ModelRun *r)
{
    AstRole role = model_has(r->model, AST_LOSS) ? AST_LOSS : AST_NLL;
    const Ast *line = model_line(r->model, role);
    Value v = model_role(r, role);
    if (v.kind != VAL_EXPR && !value_is_number(v))
        error_raise(line->at, ERR_TYPE, "the %s is a number, not %s",
                    ast_role_text(role), value_kind_phrase(v));
    Node y = node_of_value(r->in, v);
    if (!node_is_scalar(r->in->graph, y)) {
        Str s = str_in(error_arena());
        shape_print(r->in->graph, node_shape(r->in->graph, y), &s);
        error_raise_help(line->at, ERR_SHAPE, NULL, "sum(...) or mean(...) of it",
                         "the %s is a number, and this is %s",
                         ast_role_text(role), str_text(&s));
    }
    return y;
}

static void check_definition(Interp *in, Value model)
{
    const Model *m = model.function->data;
    const Ast *def = m->def;
    if (!model_has(m, AST_LOSS) && !model_has(m, AST_NLL))
        error_raise_help(def->at, ERR_SYNTAX, NULL, "loss sum((y - X*w).^2)",
                         "the model `%s` has no loss and no nll", def->name);
    ItemWalk w = {.model = m};
    if (!model_next_item(&w, AST_PARAM))
        error_raise_help(def->at, ERR_SYNTAX, NULL, "param w[d], b",
                         "the model `%s` has no param", def->name);
    if (model_data_count(m) > MODEL_DATA)
        error_raise(def->at, ERR_LIMIT,
                    "the model `%s` has more than %d data items", def->name,
                    MODEL_DATA);
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    model_begin(in, model, r);
    interp_hold(in, 1);
    model_bind_data(r, NULL);
    model_bind_train(r, model_bound_data(r));
    model_bind_hypers(r, true);
    if (!is_structured(r)) {    /* else its shapes are known with the data */
        model_bind_params(r, true);
        model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, true);
        objective_node(r);
    }
    interp_hold(in, -1);
    model_end(r);
}

Value model_new(Interp *in, const Ast *def)
{
    if (in->frame)
        error_raise(def->at, ERR_SYNTAX, "a model is defined at top level");
    Value model = new_model(def->name, def, in->code, in->top, record_new(0));
    check_definition(in, model);
    return model;
}

Value call_model(Interp *in, Function *f, const Args *a)
{
    const Model *m = f->data;
    Value hypers = record_new(4);
    for (size_t i = 0; i < m->hypers.record->count; i++)
        record_set(hypers, m->hypers.record->name[i], m->hypers.record->at[i]);
    ItemWalk order = {.model = m};
    for (int i = 0; i < a->count; i++) {        /* in the order of the lines */
        const Decl *d = model_next_item(&order, AST_HYPER);
        if (!d)
            error_raise_help(
                a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT, NULL,
                arena_printf(error_arena(), "fit(%s, ...)", f->name),
                "the model %s has %d %s, and %d %s given: data go to fit",
                f->name, i, i == 1 ? "hyper" : "hypers", a->count,
                a->count == 1 ? "is" : "are");
        check_given_hyper(in, d, a->at[i], args_place(a, i));
        record_set(hypers, d->name, a->at[i]);
    }
    for (int i = 0; i < a->nnamed; i++) {
        const char *names[64];
        size_t n = 0;
        const Decl *d;
        ItemWalk w = {.model = m};
        const Decl *known = NULL;
        while ((d = model_next_item(&w, AST_HYPER)) != NULL) {
            known = d->name == a->named[i].name ? d : known;
            if (n < 64)
                names[n++] = d->name;
        }
        if (!known) {
            const char *near = diag_nearest(a->named[i].name, names, n);
            error_raise_help(a->named[i].at, ERR_ARGUMENT, NULL,
                             near ? arena_printf(error_arena(),
                                                 "did you mean %s?", near)
                                  : NULL,
                             "the model %s has no hyper `%s`", f->name,
                             a->named[i].name);
        }
        check_given_hyper(in, known, a->named[i].value, a->named[i].at);
        record_set(hypers, a->named[i].name, a->named[i].value);
    }
    return new_model(f->name, m->def, m->code, m->scope, hypers);
}

Value model_gradient(Interp *in, Value model, Span at)
{
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    Node x[MODEL_LEAVES], gradient[MODEL_LEAVES];
    model_begin(in, model, r);
    interp_hold(in, 1);
    model_bind_data(r, NULL);
    model_bind_hypers(r, true);
    if (is_structured(r))
        error_raise(at, ERR_DIFF, "the params of `%s` take their shapes from the "
                                  "data: fit it first",
                    model.function->name);
    model_bind_params(r, true);
    model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, false);
    Node y = objective_node(r);
    for (int i = 0; i < r->nleaves; i++)
        x[i] = r->leaf[i].symbol;
    diff_reverse(in->graph, y, r->nleaves, x, gradient);
    Value record = record_new((size_t)r->nleaves);
    for (int i = 0; i < r->nleaves; i++)
        record_set(record, r->leaf[i].param,
                   value_of_node(in, node_textbook(in->graph, gradient[i])));
    interp_hold(in, -1);
    model_end(r);
    return record;
}

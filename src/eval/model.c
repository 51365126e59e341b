/*
 * model.c - `model` blocks
 */
#include "eval/model.h"

#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/labels.h"
#include "eval/start.h"
#include "eval/symbol.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "num/columns.h"
#include "syntax/print.h"
#include "value/datatable.h"
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

typedef struct ItemWalk {
    const Model *model;
    uint32_t line, decl;
} ItemWalk;

/* Declarations of one role in order; NULL past the last. */
static const Decl *next_item(ItemWalk *w, AstRole role)
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
    while (next_item(&w, AST_DATA))
        n++;
    return n;
}

const Decl *model_data(const Model *m, int i)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = next_item(&w, AST_DATA)) != NULL && i-- > 0)
        continue;
    return d;
}

const Decl *model_hyper(const Model *m, int i)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = next_item(&w, AST_HYPER)) != NULL && i-- > 0)
        continue;
    return d;
}

const Decl *model_hyper_named(const Model *m, Name name)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while ((d = next_item(&w, AST_HYPER)) != NULL && d->name != name)
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

static Shape shape_of(Interp *in, Value v)
{
    return v.kind == VAL_EXPR ? node_shape(in->graph, v.expr->node)
                              : value_shape(v);
}

/* ---- data ---- */

static bool same_dim(Value bound, Value side)
{
    if (bound.kind == VAL_EXPR && side.kind == VAL_EXPR)
        return bound.expr->node == side.expr->node;
    return value_same(bound, side);
}

/* "3 rows", "1 column" of a shape. */
static const char *side_text(Shape s, uint32_t i)
{
    Dim n = i == 0 ? s.rows : s.cols;
    if (n < 0)
        return arena_printf(error_arena(), "the shape %s", shape_text(s));
    return arena_printf(error_arena(), "%d %s%s", n, i == 0 ? "row" : "column",
                        n == 1 ? "" : "s");
}

/* The data item before `name` that has this dimension first, or NULL. */
static const Decl *first_with_side(const Model *m, const Ast *dim, Name name)
{
    ItemWalk w = {.model = m};
    const Decl *d;
    while (dim->kind == AST_NAME && (d = next_item(&w, AST_DATA)) != NULL &&
           d->name != name)
        for (uint32_t i = 0; i < d->ndims; i++)
            if (d->dims[i]->kind == AST_NAME && d->dims[i]->name == dim->name)
                return d;
    return NULL;
}

static void bind_side(ModelRun *r, const Decl *d, uint32_t i, Shape s)
{
    const Ast *dim = d->dims[i];
    Dim have = i == 0 ? s.rows : s.cols;
    Interp *in = r->in;
    Value side = value_of_node(in, node_of_dim(in->graph, have));
    Local *l = dim->kind == AST_NAME ? frame_find(in, dim->name) : NULL;
    if (dim->kind == AST_NAME && !l) {
        frame_set(in, dim->name, side);
        return;
    }
    Value want = l ? l->value : eval(in, dim);
    if (same_dim(want, side))
        return;
    const char *mine = side_text(s, i);
    const Decl *first = first_with_side(r->model, dim, d->name);
    Local *given = first ? frame_find(in, first->name) : NULL;
    if (given && given->value.kind == VAL_ARRAY) {
        uint32_t k = first->dims[0]->name == dim->name ? 0 : 1;
        const Array *a = given->value.array;
        error_raise(d->at, ERR_SHAPE, "`%s` has %s, and `%s` has %s", d->name,
                    mine, first->name, side_text((Shape){a->rows, a->cols}, k));
    }
    Str text = str_in(error_arena());
    value_format_inline(&in->format, want, &text);
    error_raise(d->at, ERR_SHAPE, "`%s` has %s, and %s is %s", d->name, mine,
                diag_quote(dim->at, 20), str_text(&text));
}

static void bind_sides(ModelRun *r, const Decl *d, Value v)
{
    Shape s = shape_of(r->in, v);
    if (d->ndims > 2 || (d->ndims == 1 && s.cols != 1) ||
        (d->ndims == 0 && !shape_is_scalar(s))) {
        Str want = str_in(error_arena());
        ast_print_decl(&want, d);
        error_raise(d->at, ERR_SHAPE, "the data %s is %s", str_text(&want),
                    shape_text(s));
    }
    for (uint32_t i = 0; i < d->ndims; i++)
        bind_side(r, d, i, s);
}

static double bound_value(ModelRun *r, const Ast *t, double otherwise)
{
    double x;
    if (!t)
        return otherwise;
    Value v = eval(r->in, t);
    if (value_is_number(v))
        return value_to_double(v);
    if (v.kind == VAL_EXPR &&
        node_constant_value(r->in->graph, v.expr->node, &x))
        return x;
    if (v.kind == VAL_EXPR && r->symbolic)
        return otherwise;       /* known with the data */
    error_raise(t->at, ERR_TYPE, "a bound is a number, not %s",
                value_kind_phrase(v));
}

static void check_bounds(ModelRun *r, const Decl *d, Value v)
{
    if (!d->lower && !d->upper)
        return;
    double lower = bound_value(r, d->lower, -INFINITY);
    double upper = bound_value(r, d->upper, INFINITY);
    Array *a = array_to_float(v);
    for (size_t i = 0; i < array_count(a); i++) {
        double x = a->f[i];
        if ((d->lower_open ? x > lower : x >= lower) &&
            (d->upper_open ? x < upper : x <= upper))
            continue;
        const char *want = start_bounds_text(d);
        if (array_count(a) == 1)
            error_raise(d->at, ERR_DOMAIN, "`%s` must be %s, not %g", d->name,
                        want, x);
        error_raise(d->at, ERR_DOMAIN, "`%s` must be %s, and is %g in row %zu",
                    d->name, want, x, i % (size_t)a->rows + 1);
    }
}

void model_check_entries(const Decl *d, Value v)
{
    Array *a = array_to_float(v);
    size_t n = array_count(a);
    if (columns_all_finite(a->f, n))
        return;
    for (size_t i = 0; i < n; i++)
        if (isnan(a->f[i]))
            error_raise(d->at, ERR_NAN, "`%s` has a NaN in row %zu, column %zu",
                        d->name, i % (size_t)a->rows + 1,
                        i / (size_t)a->rows + 1);
}

/* ---- labels ---- */

static const char *labels_text(Interp *in, Value labels)
{
    Str s = str_in(error_arena());
    value_format_inline(&in->format, labels, &s);
    return str_text(&s);
}

static bool are_codes(Value labels, const double code[2])
{
    Value v = labels.list->at[0];
    if (!value_is_number(v))
        return false;
    double x = value_to_double(v);
    return x == code[0] || x == code[1];
}

/* y[n] in {-1, 1}: two labels of any kind become the two numbers. */
static Value code_two(ModelRun *r, const Decl *d, Value v)
{
    Value set = eval(r->in, d->set);
    double code[2];
    if (set.kind != VAL_LIST || set.list->count != 2 ||
        !value_is_number(set.list->at[0]) || !value_is_number(set.list->at[1]))
        error_raise(d->set->at, ERR_TYPE,
                    "labels are coded by two numbers: in {-1, 1}");
    code[0] = value_to_double(set.list->at[0]);
    code[1] = value_to_double(set.list->at[1]);
    Value labels = r->labels;
    if (labels.kind == VAL_NONE)
        labels = labels_distinct(v, d);
    if (labels.list->count == 1 && !model_has(r->model, AST_PROB) &&
        !model_has(r->model, AST_SCORE) && are_codes(labels, code)) {
        labels = list_new(2); /* no classifier: the numbers mean themselves */
        list_push(labels, set.list->at[0]);
        list_push(labels, set.list->at[1]);
    }
    if (labels.list->count == 1)
        error_raise(d->at, ERR_DOMAIN, "`%s` needs two labels, and the data "
                                       "have one class only: %s",
                    d->name, labels_text(r->in, labels));
    if (labels.list->count != 2)
        error_raise_help(d->at, ERR_DOMAIN, NULL,
                         "softmax_regression, svc and mlp take any number",
                         "`%s` needs two labels, and the data have %zu: %s",
                         d->name, labels.list->count,
                         labels_text(r->in, labels));
    value_store(&frame_add(r->in, name_of(" labels"))->value, labels);
    r->labels = labels;
    r->labelled = d->name;
    return labels_code(v, labels, code);
}

static Value code_classes(ModelRun *r, const Decl *d, Value v)
{
    Value labels = r->labels;
    if (labels.kind == VAL_NONE)
        labels = labels_distinct(v, d);
    if (labels.list->count < 2)
        error_raise(d->at, ERR_DOMAIN, "`%s` has one class only: %s", d->name,
                    labels_text(r->in, labels));
    value_store(&frame_add(r->in, name_of(" labels"))->value, labels);
    frame_set(r->in, d->classes, value_int((int64_t)labels.list->count));
    r->labels = labels;
    r->labelled = d->name;
    return labels_code(v, labels, NULL);
}

_Noreturn static void raise_no_numbers(const Decl *d, Value v)
{
    bool text = v.kind == VAL_LIST && v.list->count > 0 &&
                v.list->at[0].kind == VAL_STRING;
    error_raise_help(d->at, ERR_TYPE, NULL,
                     text && d->ndims == 1
                         ? "logistic (two labels) and softmax_regression take "
                           "text as labels"
                     : text ? "onehot(v) makes columns of text, and factor(v) "
                              "in a formula does"
                            : NULL,
                     "the data `%s` are numbers, not %s", d->name,
                     text ? "text" : value_kind_phrase(v));
}

static Value data_number(ModelRun *r, const Decl *d, Value v)
{
    start_check_missing(d, v);
    if (d->set)
        return code_two(r, d, v);
    if (d->classes)
        return code_classes(r, d, v);
    if (v.kind == VAL_TABLE)
        v = array_value(datatable_matrix(v));
    if (!value_is_number(v) && v.kind != VAL_ARRAY && v.kind != VAL_BOOL)
        raise_no_numbers(d, v);
    if (!start_measure(r, d, v))
        model_check_entries(d, v);
    check_bounds(r, d, v);
    Value y = value_object(array_to_float(v));
    return array_value(y);
}

static Value data_symbol(ModelRun *r, const Decl *d)
{
    Shape s = declared_shape(r->in, d);
    unsigned flags = 0;
    if (d->lower && d->lower->kind == AST_NUMBER && d->lower->text &&
        !strcmp(d->lower->text, "0"))
        flags = d->lower_open ? SYM_POSITIVE : SYM_NONNEGATIVE;
    if (d->classes)
        frame_set(r->in, d->classes,
                  value_expr(dimension_symbol(r->in, d->classes)));
    return value_expr(node_symbol(r->in->graph, d->name, s, flags));
}

/* weights[n] = 1: one number for all rows stays a number. */
static bool stands_for_all(const Decl *d, Value v)
{
    return d->value && d->ndims > 0 && value_is_number(v);
}

void model_bind_data(ModelRun *r, const Value *values)
{
    r->symbolic = !values;
    ItemWalk w = {.model = r->model};
    const Decl *item;
    for (int i = 0; (item = next_item(&w, AST_DATA)) != NULL; i++) {
        Decl told = *item;      /* errors are told where the data are given */
        const Decl *d = &told;
        Value v;
        if (r->places && i < MODEL_DATA && r->places[i].source)
            told.at = r->places[i];
        if (!values)
            v = data_symbol(r, d);
        else if (values[i].kind != VAL_NONE)
            v = values[i];
        else if (d->value)
            v = eval(r->in, d->value);
        else
            continue;
        if (values && stands_for_all(d, v)) {
            check_bounds(r, d, v);
            frame_set(r->in, d->name, v);
            continue;
        }
        if (values)
            v = data_number(r, d, v);
        bind_sides(r, d, v);
        frame_set(r->in, d->name, v);
    }
}

void model_bind_bound(ModelRun *r, Value list)
{
    ItemWalk w = {.model = r->model};
    const Decl *d;
    for (int i = 0; (d = next_item(&w, AST_DATA)) != NULL; i++) {
        Value v = list.list->at[i];
        if (d->classes && r->labels.kind == VAL_LIST)
            frame_set(r->in, d->classes,
                      value_int((int64_t)r->labels.list->count));
        if (v.kind == VAL_NONE)
            continue;
        if (!stands_for_all(d, v))
            bind_sides(r, d, v);
        frame_set(r->in, d->name, v);
    }
}

Value model_bound_data(ModelRun *r)
{
    Value list = list_new(4);
    for (int i = 0; i < model_data_count(r->model); i++) {
        Local *l = frame_find(r->in, model_data(r->model, i)->name);
        list_push(list, l ? l->value : VALUE_NONE);
    }
    return list;
}

void model_bind_train(ModelRun *r, Value list)
{
    Value train = record_new(4);
    for (int i = 0; i < model_data_count(r->model); i++)
        record_set(train, model_data(r->model, i)->name, list.list->at[i]);
    if (model_has_line(r->model, name_of("draws")))
        record_set(train, name_of("draws"), VALUE_NONE);
    frame_set(r->in, name_of("train"), train);
}

/* ---- hypers ---- */

static void check_hyper(ModelRun *r, const Decl *d, Value v)
{
    if (value_is_number(v))
        check_bounds(r, d, v);
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
    while ((d = next_item(&w, AST_HYPER)) != NULL) {
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
    l->lower = bound_value(r, d->lower, -INFINITY);
    l->upper = bound_value(r, d->upper, INFINITY);
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
    while ((d = next_item(&w, AST_PARAM)) != NULL)
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
    while ((d = next_item(&w, AST_PARAM)) != NULL)
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
    if (!next_item(&w, AST_PARAM))
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
        const Decl *d = next_item(&order, AST_HYPER);
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
        while ((d = next_item(&w, AST_HYPER)) != NULL) {
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

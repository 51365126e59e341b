/*
 * model_data.c - data items of a model: shapes, bounds, labels
 */
#include "eval/model_inside.h"

#include <math.h>
#include <string.h>

#include "eval/labels.h"
#include "eval/start.h"
#include "eval/symbol.h"
#include "num/columns.h"
#include "syntax/diag.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/matrix.h"
#include "value/shape.h"

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
    while (dim->kind == AST_NAME &&
           (d = model_next_item(&w, AST_DATA)) != NULL && d->name != name)
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

double model_bound(ModelRun *r, const Ast *t, double otherwise)
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
        return otherwise; /* known with the data */
    error_raise(t->at, ERR_TYPE, "a bound is a number, not %s",
                value_kind_phrase(v));
}

void model_check_bounds(ModelRun *r, const Decl *d, Value v)
{
    if (!d->lower && !d->upper)
        return;
    double lower = model_bound(r, d->lower, -INFINITY);
    double upper = model_bound(r, d->upper, INFINITY);
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
        error_raise(d->at, ERR_DOMAIN,
                    "`%s` needs two labels, and the data "
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

/* The columns side by side; one of text is named. */
static Value table_numbers(const Decl *d, Value v)
{
    const DataTable *t = v.table;
    for (size_t j = 0; j < t->ncols; j++)
        if (t->column[j].kind == VAL_LIST)
            error_raise_help(
                d->at, ERR_TYPE, NULL,
                "D[:, {\"a\", \"b\"}] chooses columns; a formula makes columns "
                "of text: fit(model, D, \"y ~ a + factor(b)\")",
                "`%s` has a column of text, `%s`", d->name, t->name[j]);
    return array_value(datatable_matrix(v));
}

static Value data_number(ModelRun *r, const Decl *d, Value v)
{
    start_check_missing(d, v);
    if (d->set)
        return code_two(r, d, v);
    if (d->classes)
        return code_classes(r, d, v);
    if (v.kind == VAL_TABLE)
        v = table_numbers(d, v);
    if (!value_is_number(v) && v.kind != VAL_ARRAY && v.kind != VAL_BOOL)
        raise_no_numbers(d, v);
    if (!start_measure(r, d, v))
        model_check_entries(d, v);
    model_check_bounds(r, d, v);
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
    for (int i = 0; (item = model_next_item(&w, AST_DATA)) != NULL; i++) {
        Decl told = *item; /* errors are told where the data are given */
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
            model_check_bounds(r, d, v);
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
    for (int i = 0; (d = model_next_item(&w, AST_DATA)) != NULL; i++) {
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

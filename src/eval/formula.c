/*
 * formula.c - "y ~ x1 + factor(g)"
 */
#include "eval/formula.h"

#include <string.h>

#include "eval/index.h"
#include "syntax/diag.h"
#include "syntax/parse.h"
#include "value/datatable.h"
#include "value/matrix.h"

typedef struct Design {
    Interp *in;
    Value table;
    Value levels;               /* record: labels of each factor */
    Value columns;              /* list of names */
    VEC(Value) column;          /* in the scratch arena */
    const char *response;
} Design;

#define HELP_DROP "missing = \"drop\" in fit drops such rows"

static void add_column(Design *d, const char *name, Value v)
{
    for (size_t i = 0; v.kind == VAL_ARRAY && array_has_missing(v.array) &&
                       i < array_count(v.array);
         i++)
        if (array_is_missing(v.array, i))
            error_raise_help(SPAN_NONE, ERR_MISSING, NULL,
                             HELP_DROP,
                             "the column `%s` has a missing value in row %zu",
                             name, i + 1);
    if (!value_is_numeric(v) || value_shape(v).rows != d->table.table->rows ||
        value_shape(v).cols != 1)
        error_raise(SPAN_NONE, ERR_TYPE, "the term `%s` is not a column of "
                                         "numbers",
                    name);
    VEC_PUSH_IN(d->in->scratch, &d->column, v);
    list_push(d->columns, value_string(name));
}

static bool same_label(Value a, Value b)
{
    return a.kind == VAL_STRING ? value_same(a, b)
                                : value_to_double(a) == value_to_double(b);
}

static size_t place_of(Value levels, Value v)
{
    size_t i = 0;
    while (i < levels.list->count && !same_label(levels.list->at[i], v))
        i++;
    return i;
}

static Value entry(Value column, int i)
{
    return column.kind == VAL_LIST ? column.list->at[i]
                                   : array_get(value_array(column), (size_t)i);
}

/* Different entries in ascending order. */
static Value find_levels(Value column, int rows)
{
    Value levels = list_new(8);
    for (int i = 0; i < rows; i++) {
        Value v = entry(column, i);
        if (v.kind == VAL_MISSING)
            error_raise(SPAN_NONE, ERR_MISSING, "a factor has a missing value in "
                                                "row %d",
                        i + 1);
        size_t k = place_of(levels, v);
        if (k < levels.list->count)
            continue;
        list_push(levels, v);
        for (; k > 0 && value_compare(levels.list->at[k - 1], v) > 0; k--) {
            Value before = levels.list->at[k - 1];
            list_set(levels, k, before);
            list_set(levels, k - 1, v);
        }
    }
    return levels;
}

static void add_factor(Design *d, Name name)
{
    Value column = field_get(d->in, d->table, name);
    int n = d->table.table->rows;
    Value *known = record_find(d->levels, name);
    Value levels = known ? *known : find_levels(column, n);
    if (!known)
        record_set(d->levels, name, levels);
    for (int i = 0; i < n; i++)
        if (place_of(levels, entry(column, i)) == levels.list->count) {
            Str s = str_in(error_arena());
            value_format_inline(&d->in->format, entry(column, i), &s);
            error_raise(SPAN_NONE, ERR_DOMAIN, "the factor `%s` had no level %s "
                                               "in the fit",
                        name, str_text(&s));
        }
    for (size_t k = 1; k < levels.list->count; k++) {
        Value y = array_new(ELEM_FLOAT, n, 1);
        for (int i = 0; i < n; i++)
            y.array->f[i] = place_of(levels, entry(column, i)) == k;
        Str s = str_in(d->in->scratch);
        str_add(&s, name);
        Value level = levels.list->at[k];
        if (level.kind == VAL_STRING)
            str_add(&s, level.string->text);
        else
            value_format_inline(&d->in->format, level, &s);
        add_column(d, str_text(&s), y);
    }
}

static bool is_text_column(Value v)
{
    return v.kind == VAL_LIST;
}

static void add_name(Design *d, Name name)
{
    Value v = field_get(d->in, d->table, name);
    if (is_text_column(v))
        add_factor(d, name);
    else
        add_column(d, name, v);
}

/* The value of an expression of columns. */
static Value column_value(Design *d, const Ast *t)
{
    Frame *o = frame_overlay(d->in);
    for (size_t i = 0; i < d->table.table->ncols; i++)
        frame_set(d->in, d->table.table->name[i],
                  field_get(d->in, d->table, d->table.table->name[i]));
    Value v = eval(d->in, t);
    frame_end(d->in, o);
    return v;
}

static void add_term(Design *d, const Ast *t);

/* Products of every column of one term with every one of another. */
static void add_interaction(Design *d, const Ast *a, const Ast *b)
{
    size_t start = d->column.count;
    add_term(d, a);
    size_t middle = d->column.count;
    add_term(d, b);
    size_t end = d->column.count;
    for (size_t i = start; i < middle; i++)
        for (size_t j = middle; j < end; j++) {
            Str s = str_in(d->in->scratch);
            str_add_format(&s, "%s:%s", d->columns.list->at[i].string->text,
                           d->columns.list->at[j].string->text);
            add_column(d, str_text(&s),
                       value_binary(BIN_MUL, d->column.at[i], d->column.at[j]));
        }
    /* The factors themselves go. */
    size_t made = d->column.count - end;
    Value columns = list_new(d->columns.list->count);
    for (size_t i = 0; i < d->columns.list->count; i++)
        if (i < start || i >= end)
            list_push(columns, d->columns.list->at[i]);
    memmove(d->column.at + start, d->column.at + end, made * sizeof(Value));
    d->column.count = start + made;
    d->columns = columns;
}

static void add_call(Design *d, const Ast *t)
{
    const char *name = t->kids[0]->kind == AST_NAME ? t->kids[0]->name : "";
    if (!strcmp(name, "factor") && t->count == 2 &&
        t->kids[1]->kind == AST_NAME) {
        add_factor(d, t->kids[1]->name);
        return;
    }
    const Ast *inside = !strcmp(name, "I") && t->count == 2 ? t->kids[1] : t;
    add_column(d, diag_quote(t->at, 40), column_value(d, inside));
}

static void add_term(Design *d, const Ast *t)
{
    depth_check();
    if (t->kind == AST_NAME) {
        add_name(d, t->name);
    } else if (t->kind == AST_CALL) {
        add_call(d, t);
    } else if (t->kind == AST_BINARY && t->op == AST_ADD) {
        add_term(d, t->kids[0]);
        add_term(d, t->kids[1]);
    } else if (t->kind == AST_BINARY && t->op == AST_MUL) {
        add_term(d, t->kids[0]);
        add_term(d, t->kids[1]);
        add_interaction(d, t->kids[0], t->kids[1]);
    } else if (t->kind == AST_RANGE && t->count == 2) {
        add_interaction(d, t->kids[0], t->kids[1]);
    } else if (t->kind == AST_NUMBER && !strcmp(t->text ? t->text : "", "1")) {
        return;                 /* the intercept is the model's own */
    } else {
        error_raise_help(SPAN_NONE, ERR_SYNTAX, NULL,
                         "terms: a, factor(a), a:b, a*b, I(a.^2)",
                         "`%s` is no term of a formula", diag_quote(t->at, 30));
    }
}

static void add_others(Design *d)
{
    for (size_t i = 0; i < d->table.table->ncols; i++)
        if (strcmp(d->table.table->name[i], d->response) != 0)
            add_name(d, d->table.table->name[i]);
}

static const char *trimmed(Arena *a, const char *from, const char *to)
{
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    return arena_copy(a, from, (size_t)(to - from));
}

static Value build_matrix(Design *d, const char *text)
{
    Arena *a = d->in->scratch;
    const char *tilde = strchr(text, '~');
    if (!tilde)
        error_raise_help(SPAN_NONE, ERR_SYNTAX, NULL, "\"y ~ x1 + x2\"",
                         "a formula has a `~`");
    d->response = trimmed(a, text, tilde);
    const char *right = trimmed(a, tilde + 1, text + strlen(text));
    if (!strcmp(right, "."))
        add_others(d);
    else
        add_term(d, parse_expression("formula", right, a));
    if (d->column.count == 0)
        error_raise(SPAN_NONE, ERR_SYNTAX, "the formula has no term");
    return array_join((int)d->column.count, d->column.at);
}

Value formula_columns(Interp *in, Value table, const char *text)
{
    Arena *a = in->scratch;
    const char *tilde = strchr(text, '~');
    const char *end = text + strlen(text);
    const char *right = tilde ? trimmed(a, tilde + 1, end) : ".";
    if (!strcmp(right, "."))
        return table;
    Value y = table_new(table.table->rows);
    Name response = name_of(trimmed(a, text, tilde));
    Value *found = datatable_find(table, response);
    if (found)
        datatable_set(y, response, *found);
    AstWalk w = ast_walk(a, parse_expression("formula", right, a));
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
        if (t->kind == AST_NAME &&
            (found = datatable_find(table, t->name)) != NULL)
            datatable_set(y, t->name, *found);
    return y;
}

/* The column to predict, without missing values. */
static Value response_column(const Design *d)
{
    Value v = field_get(d->in, d->table, name_of(d->response));
    for (int i = 0; i < d->table.table->rows; i++) {
        bool gone = v.kind == VAL_LIST ? v.list->at[i].kind == VAL_MISSING
                    : v.kind == VAL_ARRAY ? array_is_missing(v.array, (size_t)i)
                                          : v.kind == VAL_MISSING;
        if (gone)
            error_raise_help(SPAN_NONE, ERR_MISSING, NULL, HELP_DROP,
                             "the column `%s` has a missing value in row %d",
                             d->response, i + 1);
    }
    return v;
}

Value formula_build(Interp *in, Value table, const char *text, Value pair[])
{
    Design d = {.in = in, .table = table, .levels = record_new(4),
                .columns = list_new(8)};
    pair[0] = build_matrix(&d, text);
    pair[1] = response_column(&d);
    Value formula = record_new(4);
    record_set(formula, name_of("text"), value_string(text));
    record_set(formula, name_of("columns"), d.columns);
    record_set(formula, name_of("levels"), d.levels);
    return formula;
}

Value formula_apply(Interp *in, Value formula, Value table)
{
    Design d = {.in = in, .table = table,
                .levels = *record_find(formula, name_of("levels")),
                .columns = list_new(8)};
    return build_matrix(
        &d, record_find(formula, name_of("text"))->string->text);
}

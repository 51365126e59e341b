/*
 * fit_data.c - the data of a fit: in order, by name, or columns of a table
 *
 * Data items (weights, an offset) are given by name as well:
 * fit(ols, X, y; weights = w), or with a formula as a column of its table,
 * fit(ols, D, "y ~ x"; weights = "w").
 */
#include "eval/fit_inside.h"

#include <string.h>

#include "eval/formula.h"
#include "eval/index.h"
#include "value/datatable.h"
#include "value/shape.h"

int fit_data_named(const Model *m, Name name)
{
    const Decl *d;
    for (int i = 0; (d = model_data(m, i)) != NULL; i++)
        if (d->name == name)
            return i;
    return -1;
}

int fit_response(const Model *m)
{
    int n = model_data_count(m);
    uint64_t reach =
        model_has(m, AST_PREDICT) ? model_reach(m, AST_PREDICT) : 1;
    const Decl *coded = fit_coded_item(m);
    for (int i = 0; coded && i < n; i++)
        if (model_data(m, i) == coded)
            return i;
    for (int i = 0; i < n && i < 64; i++)
        if (!(reach >> i & 1))
            return i;
    return -1;
}

void fit_places(const Args *a, const Model *m, bool formula, Span places[])
{
    int n = model_data_count(m), given = a->count - 1;
    for (int i = 0; i < n && i < MODEL_DATA; i++) {
        if (formula && i < 2)
            places[i] = args_place(a, 2);
        else if (!formula && i < given)
            places[i] = args_place(a, i + 1);
        else
            places[i] = a->call ? a->call->at : SPAN_NONE;
    }
    for (int i = 0; i < a->nnamed; i++) {
        int k = fit_data_named(m, a->named[i].name);
        if (k >= 0 && k < MODEL_DATA)
            places[k] = a->named[i].at;
    }
}

/* A column that an option names. */
static Value named_column(Value table, const NamedValue *option)
{
    const char *text = option->value.string->text;
    Value *column = datatable_find(table, name_of(text));
    if (!column)
        error_raise(option->at, ERR_MEMBER, "the table has no column `%s`",
                    text);
    return *column;
}

/* Adds the columns that options name to those of a formula. */
static void add_named_columns(const Args *a, const Model *m, Value from,
                              Value to)
{
    for (int i = 0; i < a->nnamed; i++) {
        const NamedValue *o = &a->named[i];
        if (fit_data_named(m, o->name) >= 0 && o->value.kind == VAL_STRING)
            datatable_set(to, name_of(o->value.string->text),
                          named_column(from, o));
    }
}

void fit_fill_named(const Args *a, const Model *m, Value table, int given,
                    Value values[])
{
    for (int i = 0; i < a->nnamed; i++) {
        const NamedValue *o = &a->named[i];
        int k = fit_data_named(m, o->name);
        if (k < 0)
            continue;
        if (k < given)
            error_raise(o->at, ERR_ARGUMENT, "the data `%s` are given twice",
                        o->name);
        values[k] = o->value;
        if (o->value.kind != VAL_STRING)
            continue;
        if (table.kind != VAL_TABLE)
            error_raise(o->at, ERR_TYPE,
                        "a column by its name needs a table: fit(model, D, "
                        "\"y ~ x\"; %s = \"%s\")",
                        o->name, o->value.string->text);
        values[k] = named_column(table, o);
    }
}

/* ---- rows ---- */

Value fit_rows(Interp *in, Value v, Value rows)
{
    Value index[2] = {rows, {.kind = VAL_COLON}};
    if (v.kind == VAL_TABLE)
        return datatable_index(v, rows, index[1]);
    bool matrix = v.kind == VAL_ARRAY && v.array->cols > 1;
    return index_value(in, v, matrix ? 2 : 1, index);
}

int fit_row_count(Value v)
{
    switch (v.kind) {
    case VAL_TABLE:
        return v.table->rows;
    case VAL_LIST:
        return (int)v.list->count;
    default:
        return value_shape(v).rows;
    }
}

Value fit_column_names(Value x)
{
    if (x.kind != VAL_TABLE)
        return VALUE_NONE;
    Value list = list_new(x.table->ncols);
    for (size_t i = 0; i < x.table->ncols; i++)
        list_push(list, value_string(x.table->name[i]));
    return list;
}

/* In the order of the fit, whatever the order and company in a new table. */
Value fit_named_columns(Value names, Value x)
{
    if (names.kind != VAL_LIST || x.kind != VAL_TABLE)
        return x;
    return datatable_index(x, (Value){.kind = VAL_COLON}, names);
}

static bool row_has_missing(Value v, int i)
{
    if (v.kind == VAL_LIST)
        return v.list->at[i].kind == VAL_MISSING;
    for (size_t j = 0; v.kind == VAL_TABLE && j < v.table->ncols; j++)
        if (row_has_missing(v.table->column[j], i))
            return true;
    for (int j = 0; v.kind == VAL_ARRAY && j < v.array->cols; j++)
        if (array_is_missing(v.array,
                             (size_t)i + (size_t)j * (size_t)v.array->rows))
            return true;
    return false;
}

/* Leaves out the rows in which one of the items lacks an entry; how many. */
static int drop_rows(Interp *in, int n, Value values[])
{
    int rows = fit_row_count(values[0]), kept = 0;
    Value keep = array_new(ELEM_FLOAT, rows, 1);
    for (int i = 0; i < rows; i++) {
        bool whole = true;
        for (int k = 0; k < n; k++)
            whole = whole && (fit_row_count(values[k]) != rows ||
                              !row_has_missing(values[k], i));
        if (whole)
            keep.array->f[kept++] = i + 1;
    }
    if (kept == rows)
        return 0;
    Value at = array_new(ELEM_FLOAT, kept, 1);
    memcpy(at.array->f, keep.array->f, (size_t)kept * sizeof(double));
    for (int k = 0; k < n; k++)
        if (values[k].kind != VAL_NONE && fit_row_count(values[k]) == rows)
            values[k] = fit_rows(in, values[k], at);
    return rows - kept;
}

/* A third item beside a table and a formula has to say what it is. */
_Noreturn static void raise_beside_formula(const Args *a, const Model *m)
{
    const Decl *third = model_data(m, 2);
    const char *name = third ? third->name : "weights";
    error_raise_help(args_place(a, 3), ERR_ARGUMENT, NULL,
                     arena_printf(error_arena(),
                                  "fit(model, D, \"y ~ x\"; %s = \"column\")",
                                  name),
                     "beside a formula further data are given by name");
}

/* "fit(wls, X, y, weights)" */
_Noreturn static void raise_wanting(const Args *a, const Model *m, int i)
{
    const char *name = a->at[0].function->name;
    Str s = str_in(error_arena());
    str_add_format(&s, "fit(%s", name ? name : "model");
    const Decl *d;
    for (int k = 0; (d = model_data(m, k)) != NULL; k++)
        if (!d->value)
            str_add_format(&s, ", %s", d->name);
    str_add_char(&s, ')');
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, str_text(&s),
                     "fit needs the data `%s`", model_data(m, i)->name);
}

void fit_gather(Interp *in, const Args *a, const Model *m, Value missing,
                Value values[], Value *formula, int *dropped)
{
    int n = model_data_count(m), given = a->count - 1;
    const Value *at = a->at + 1;
    Value table = VALUE_NONE;
    *formula = VALUE_NONE;
    *dropped = 0;
    bool drop =
        missing.kind == VAL_STRING && !strcmp(missing.string->text, "drop");
    if (missing.kind != VAL_NONE && !drop)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "missing = \"drop\"",
                         "missing is \"drop\", which leaves out the rows that "
                         "lack an entry");
    if (given == 2 && at[0].kind == VAL_TABLE && at[1].kind == VAL_STRING) {
        Value *pair = ARENA_ARRAY(in->scratch, Value, 2);
        table = at[0];
        if (drop) {
            Value columns = formula_columns(in, table, at[1].string->text);
            if (columns.table != table.table)
                add_named_columns(a, m, table, columns);
            table = datatable_drop_missing(columns);
        }
        *dropped = at[0].table->rows - table.table->rows;
        *formula = formula_build(in, table, at[1].string->text, pair);
        at = pair;
    }
    if (given > 2 && at[0].kind == VAL_TABLE && at[1].kind == VAL_STRING)
        raise_beside_formula(a, m);
    if (given > n)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the model %s takes %d data items, "
                    "and %d are given",
                    a->at[0].function->name, n, given);
    for (int i = 0; i < n; i++)
        values[i] = i < given ? at[i] : VALUE_NONE;
    fit_fill_named(a, m, table, given, values);
    for (int i = given; i < n; i++)
        if (values[i].kind == VAL_NONE && !model_data(m, i)->value)
            raise_wanting(a, m, i);
    if (drop && at == a->at + 1 && given > 0)
        *dropped = drop_rows(in, n, values);
}

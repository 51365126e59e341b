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
#include "value/datatable.h"

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
    if (missing.kind != VAL_NONE && !(drop && at[0].kind == VAL_TABLE))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "missing = \"drop\" drops rows of a table: fit(model, D, "
                    "\"y ~ x\"; missing = \"drop\")");
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
            error_raise(SPAN_NONE, ERR_ARGUMENT, "fit needs the data `%s`",
                        model_data(m, i)->name);
}

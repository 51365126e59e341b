/*
 * datatable.c - tables of named columns
 *
 * A column of one row stays an Array [1,1]; who hands it to the user calls
 * array_value.
 */
#include "value/datatable.h"

#include <string.h>

#include "base/error.h"
#include "base/near.h"
#include "base/mem.h"
#include "value/order.h"
#include "value/rows.h"
#include "value/selection.h"

Value table_new(int rows)
{
    DataTable *t = object_new(VAL_TABLE, sizeof *t);
    t->rows = rows;
    return value_object(t);
}

void datatable_add(DataTable *t, Name name, Value column)
{
    if (t->ncols == t->room) {
        size_t room = t->room ? 2 * t->room : 8;
        t->name = mem_resize(t->name, room * sizeof *t->name);
        t->column = mem_resize(t->column, room * sizeof *t->column);
        t->room = room;
    }
    value_keep(column);
    t->name[t->ncols] = name;
    t->column[t->ncols++] = column;
}

Value datatable_copy(const DataTable *t)
{
    Value y = table_new(t->rows);
    for (size_t i = 0; i < t->ncols; i++)
        datatable_add(y.table, t->name[i], t->column[i]);
    return y;
}

Value *datatable_find(Value table, Name name)
{
    DataTable *t = table.table;
    for (size_t i = 0; i < t->ncols; i++) {
        if (t->name[i] == name)
            return &t->column[i];
    }
    return NULL;
}

/* ---- columns ---- */

static Value repeat_text(Value text, int n)
{
    Value y = list_new((size_t)n);
    for (int i = 0; i < n; i++)
        list_push(y, text);
    return y;
}

static void check_text(Name name, const List *l)
{
    for (size_t i = 0; i < l->count; i++) {
        ValueKind kind = l->at[i].kind;
        if (kind != VAL_STRING && kind != VAL_MISSING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "column \"%s\" holds strings only, and entry %zu is %s",
                        name, i + 1, value_kind_phrase(l->at[i]));
    }
}

/* One value for a whole column, as an array or list. */
static Value spread(Value v, int rows)
{
    if (v.kind == VAL_STRING || v.kind == VAL_MISSING)
        return repeat_text(v, rows);
    if (v.kind == VAL_BOOL || value_is_number(v)) {
        Value y = array_new(value_element_kind(v), rows, 1);
        for (int i = 0; i < rows; i++)
            array_set(y.array, (size_t)i, v);
        return y;
    }
    return v;
}

static int column_length(Name name, Value column)
{
    if (column.kind == VAL_LIST) {
        check_text(name, column.list);
        return (int)column.list->count;
    }
    if (column.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE, "%s cannot be column \"%s\"",
                    value_kind_phrase(column), name);
    if (column.array->cols != 1)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "column \"%s\" wants a vector, not [%d,%d]", name,
                    column.array->rows, column.array->cols);
    return column.array->rows;
}

void datatable_set(Value table, Name name, Value column)
{
    DataTable *t = table.table;
    bool fresh = t->ncols == 0 && t->rows == 0;
    column = spread(column, fresh ? 1 : t->rows);
    int rows = column_length(name, column);
    if (!fresh && rows != t->rows)
        error_raise(SPAN_NONE, ERR_SHAPE, "column \"%s\" has %d rows, the table %d",
                    name, rows, t->rows);
    Value *place = datatable_find(table, name);
    if (place)
        value_store(place, column);
    else
        datatable_add(t, name, column);
    t->rows = rows;
}

Value column_cell(Value column, size_t i)
{
    if (column.kind == VAL_LIST)
        return column.list->at[i];
    return array_get(column.array, i);
}

/* The entries of a column at these places. */
Value column_take(Value column, const size_t *at, size_t n)
{
    if (column.kind == VAL_LIST) {
        Value y = list_new(n);
        for (size_t i = 0; i < n; i++)
            list_push(y, column.list->at[at[i]]);
        return y;
    }
    const Array *a = column.array;
    Value y = array_new((ElementKind)a->kind, (int)n, 1);
    for (size_t i = 0; i < n; i++) {
        if (array_is_missing(a, at[i]))
            array_set_missing(y.array, i);
        else
            array_set(y.array, i, array_get(a, at[i]));
    }
    return y;
}

Value datatable_take(const DataTable *t, const size_t *at, size_t n)
{
    Value y = table_new((int)n);
    for (size_t j = 0; j < t->ncols; j++)
        datatable_add(y.table, t->name[j], column_take(t->column[j], at, n));
    return y;
}

/* ---- indexing ---- */

Value *datatable_need(Value table, Name name)
{
    Value *column = datatable_find(table, name);
    if (column)
        return column;
    const DataTable *t = table.table;
    const char *near = near_of(name, t->name, t->ncols);
    const char *help =
        near ? arena_printf(error_arena(), "did you mean \"%s\"?", near) : NULL;
    error_raise_help(SPAN_NONE, ERR_MEMBER, NULL, help,
                     "the table has no column \"%s\"", name);
}

static Value selected_columns(Value table, Value cols)
{
    DataTable *t = table.table;
    Value y = table_new(t->rows);
    if (cols.kind == VAL_LIST) {
        for (size_t i = 0; i < cols.list->count; i++) {
            Value name = cols.list->at[i];
            if (name.kind != VAL_STRING)
                error_raise(SPAN_NONE, ERR_TYPE,
                            "columns are named by strings, not by %s",
                            value_kind_phrase(name));
            Name n = name_of_len(name.string->text, name.string->len);
            datatable_set(y, n, *datatable_need(table, n));
        }
        return y;
    }
    Selection s = selection_of(cols, t->ncols);
    for (size_t i = 0; i < s.count; i++) {
        size_t j = selection_at(&s, i);
        datatable_set(y, t->name[j], t->column[j]);
    }
    return y;
}

static const size_t *places_of(const Selection *s)
{
    if (s->at)
        return s->at;
    size_t *at = places_new(s->count);
    for (size_t i = 0; i < s->count; i++)
        at[i] = s->first + i;
    return at;
}

/* One column: a vector or list; of one row its entry. */
static Value index_column(Value column, const Selection *rows)
{
    if (rows->single)
        return column_cell(column, rows->first);
    Value y = column_take(column, places_of(rows), rows->count);
    return column.kind == VAL_LIST ? y : array_value(y);
}

Value datatable_index(Value table, Value rows, Value cols)
{
    DataTable *t = table.table;
    Selection r = selection_of(rows, (size_t)t->rows);
    if (cols.kind == VAL_STRING) {
        Name name = name_of_len(cols.string->text, cols.string->len);
        return index_column(*datatable_need(table, name), &r);
    }
    if (value_is_number(cols)) {
        Selection c = selection_of(cols, t->ncols);
        return index_column(t->column[c.first], &r);
    }
    Value part = selected_columns(table, cols);
    return datatable_take(part.table, places_of(&r), r.count);
}

/* A column of one row, which the functions of arrays make a number of. */
static Value as_column(Value v)
{
    if (v.kind == VAL_ARRAY)
        return v;
    bool missing = v.kind == VAL_MISSING;
    Value y = array_new(missing ? ELEM_FLOAT : value_element_kind(v), 1, 1);
    if (missing)
        array_set_missing(y.array, 0);
    else
        array_set(y.array, 0, v);
    return y;
}

/* Part of one column: the column is copied where others hold it. */
static void assign_column(Value table, Name name, Value rows, Value v)
{
    Value *place = datatable_need(table, name);
    Value column = value_own(*place);
    if (column.kind == VAL_LIST) {
        Selection s = selection_of(rows, column.list->count);
        if (v.kind == VAL_LIST && v.list->count != s.count)
            error_raise(SPAN_NONE, ERR_SHAPE, "%zu values for %zu places",
                        v.list->count, s.count);
        if (v.kind == VAL_LIST)
            check_text(name, v.list);
        else if (v.kind != VAL_STRING && v.kind != VAL_MISSING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "column \"%s\" holds strings, not %s", name,
                        value_kind_phrase(v));
        list_assign(column, rows, v);
    } else {
        column = as_column(array_assign(column, 1, &rows, v));
    }
    value_store(place, column);
}

static Value cols_as_names(Value table, Value cols)
{
    if (cols.kind == VAL_STRING) {
        Value one = list_new(1);
        list_push(one, cols);
        return one;
    }
    if (cols.kind == VAL_LIST)
        return cols;
    DataTable *t = table.table;
    Selection s = selection_of(cols, t->ncols);
    Value y = list_new(s.count);
    for (size_t i = 0; i < s.count; i++)
        list_push(y, value_string(t->name[selection_at(&s, i)]));
    return y;
}

/* One more row, from a table of one row or a record with the same columns. */
static void append_row(Value table, Value row)
{
    DataTable *t = table.table;
    Value one = row;
    if (row.kind == VAL_RECORD) {
        one = table_new(1);
        for (size_t i = 0; i < row.record->count; i++)
            datatable_set(one, row.record->name[i], row.record->at[i]);
    }
    if (one.kind != VAL_TABLE || one.table->rows != 1)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "D[end + 1, :] = {a = 1, b = \"text\"}",
                         "a new row is a record or a table of one row");
    Value longer = datatable_stack(table, one);
    for (size_t j = 0; j < t->ncols; j++)
        value_store(&t->column[j], longer.table->column[j]);
    t->rows++;
}

void datatable_assign(Value table, Value rows, Value cols, Value v)
{
    int64_t k;
    if (cols.kind == VAL_COLON && value_to_int(rows, &k) &&
        k == (int64_t)table.table->rows + 1) {
        append_row(table, v);
        return;
    }
    Value names = cols_as_names(table, cols);
    for (size_t i = 0; i < names.list->count; i++) {
        Value name = names.list->at[i], part = v;
        if (name.kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "columns are named by strings, not by %s",
                        value_kind_phrase(name));
        Name n = name_of_len(name.string->text, name.string->len);
        if (v.kind == VAL_TABLE)
            part = *datatable_need(v, n);
        assign_column(table, n, rows, part);
    }
}

/* One column below another, both arrays or both lists. */
static Value stack_columns(Name name, Value a, Value b)
{
    if (a.kind != b.kind)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "column \"%s\" holds text in one table, numbers in the other",
                    name);
    if (a.kind != VAL_LIST) {
        Value parts[] = {a, b};
        return as_column(array_stack(2, parts));
    }
    Value y = list_new(a.list->count + b.list->count);
    for (size_t i = 0; i < a.list->count; i++)
        list_push(y, a.list->at[i]);
    for (size_t i = 0; i < b.list->count; i++)
        list_push(y, b.list->at[i]);
    return y;
}

Value datatable_stack(Value a, Value b)
{
    DataTable *ta = a.table;
    if (ta->ncols != b.table->ncols)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "cannot stack tables of %zu and %zu columns", ta->ncols,
                    b.table->ncols);
    if (ta->rows > INT32_MAX - b.table->rows)
        error_raise(SPAN_NONE, ERR_LIMIT, "a table of more than 2^31 rows");
    Value y = table_new(ta->rows + b.table->rows);
    for (size_t j = 0; j < ta->ncols; j++) {
        Name name = ta->name[j];
        Value below = *datatable_need(b, name);
        datatable_add(y.table, name, stack_columns(name, ta->column[j], below));
    }
    return y;
}

Value datatable_matrix(Value table)
{
    DataTable *t = table.table;
    Value columns = list_new(t->ncols);
    for (size_t j = 0; j < t->ncols; j++) {
        Value c = t->column[j];
        if (c.kind != VAL_ARRAY)
            error_raise(SPAN_NONE, ERR_TYPE, "column \"%s\" holds text",
                        t->name[j]);
        if (array_has_missing(c.array))
            error_raise_help(SPAN_NONE, ERR_MISSING, NULL,
                             "drop_missing(D) drops the rows",
                             "column \"%s\" misses values", t->name[j]);
        list_push(columns, c);
    }
    return array_join((int)t->ncols, columns.list->at);
}

/* ---- missing entries ---- */

static bool row_misses(const DataTable *t, size_t i)
{
    for (size_t j = 0; j < t->ncols; j++) {
        if (column_cell(t->column[j], i).kind == VAL_MISSING)
            return true;
    }
    return false;
}

Value datatable_drop_missing(Value table)
{
    DataTable *t = table.table;
    size_t *at = places_new((size_t)t->rows), n = 0;
    for (size_t i = 0; i < (size_t)t->rows; i++) {
        POLL();
        if (!row_misses(t, i))
            at[n++] = i;
    }
    return datatable_take(t, at, n);
}

static Value missing_of_list(const List *l)
{
    Value y = array_new(ELEM_BOOL, (int)l->count, 1);
    for (size_t i = 0; i < l->count; i++)
        y.array->b[i] = l->at[i].kind == VAL_MISSING;
    return y;
}

static Value missing_of_array(const Array *a)
{
    Value y = array_new(ELEM_BOOL, a->rows, a->cols);
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++)
        y.array->b[i] = array_is_missing(a, i);
    return y;
}

static Value missing_of_table(const DataTable *t)
{
    Value y = array_new(ELEM_BOOL, t->rows, (int)t->ncols);
    size_t rows = (size_t)t->rows;
    for (size_t j = 0; j < t->ncols; j++) {
        for (size_t i = 0; i < rows; i++)
            y.array->b[j * rows + i] =
                column_cell(t->column[j], i).kind == VAL_MISSING;
    }
    return y;
}

Value value_missing(Value v)
{
    switch (v.kind) {
    case VAL_ARRAY:
        return array_value(missing_of_array(v.array));
    case VAL_LIST:
        return array_value(missing_of_list(v.list));
    case VAL_TABLE:
        return array_value(missing_of_table(v.table));
    default:
        return value_bool(v.kind == VAL_MISSING);
    }
}

/* ---- lists of text ---- */

Value list_index(Value list, Value index)
{
    Selection s = selection_of(index, list.list->count);
    if (s.single)
        return list.list->at[s.first];
    Value y = list_new(s.count);
    for (size_t i = 0; i < s.count; i++)
        list_push(y, list.list->at[selection_at(&s, i)]);
    return y;
}

void list_assign(Value list, Value index, Value v)
{
    int64_t k;
    size_t n = list.list->count;
    if (value_to_int(index, &k) && k > 0 && (uint64_t)k == n + 1) {
        list_push(list, v);
        return;
    }
    Selection s = selection_of(index, n);
    bool several = !s.single && v.kind == VAL_LIST;
    if (several && v.list->count != s.count)
        error_raise(SPAN_NONE, ERR_SHAPE, "%zu values for %zu places",
                    v.list->count, s.count);
    for (size_t i = 0; i < s.count; i++)
        list_set(list, selection_at(&s, i), several ? v.list->at[i] : v);
}

Value list_equals(Value list, Value text)
{
    const List *l = list.list;
    Value y = array_new(ELEM_BOOL, (int)l->count, 1);
    for (size_t i = 0; i < l->count; i++) {
        if (l->at[i].kind == VAL_MISSING)
            error_raise_help(SPAN_NONE, ERR_MISSING, NULL,
                             "drop_missing(D) drops the rows",
                             "entry %zu is missing", i + 1);
        y.array->b[i] = value_same(l->at[i], text);
    }
    return array_value(y);
}

/*
 * builtin_data.c - tables, files, sorting
 */
#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/module.h"
#include "eval/read.h"
#include "io/csv.h"
#include "num/nearest.h"
#include "value/datatable.h"
#include "value/sparse.h"

/* ---- reading ---- */

static const char *const *missing_marks(Interp *in, const Args *a, size_t *n)
{
    const Value *v = args_named(a, "missing");
    *n = 0;
    if (!v)
        return NULL;
    const Value *item = v;
    size_t count = 1;
    if (v->kind == VAL_LIST) {
        item = v->list->at;
        count = v->list->count;
    }
    const char **marks = ARENA_ARRAY(in->scratch, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (item[i].kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "missing is a list of texts: missing = {\"NA\"}");
        marks[i] = item[i].string->text;
    }
    *n = count;
    return marks;
}

static Value text_column(const CsvColumn *c, size_t rows)
{
    Value y = list_new(rows);
    for (size_t i = 0; i < rows; i++)
        list_push(y, c->text[i] ? value_string(c->text[i])
                                : (Value){.kind = VAL_MISSING});
    return y;
}

static Value number_column(const CsvColumn *c, size_t rows)
{
    bool truth = c->kind == CSV_BOOL;
    Value y = array_new(truth ? ELEM_BOOL : ELEM_FLOAT, (int)rows, 1);
    for (size_t i = 0; i < rows; i++) {
        if (truth)
            y.array->b[i] = c->number[i] == 1;
        else
            y.array->f[i] = c->number[i];
        if (csv_is_missing(c, i))
            array_set_missing(y.array, i);
    }
    return y;
}

Value builtin_read(Interp *in, const Args *a)
{
    const char *path = arg_text(a, 0, "the file");
    const char *full = strcmp(path, "-") == 0
                           ? "/dev/stdin"
                           : relative_path(in, in->scratch, path);
    const char *ending = strrchr(path, '.');
    CsvOptions options = {.header = CSV_HEADER_USUAL};
    if (ending && !strcmp(ending, ".json"))
        return read_json(in->scratch, full);
    if (ending && !strcmp(ending, ".jsonl"))
        return read_json_lines(in->scratch, full);
    if (ending && !strcmp(ending, ".txt") && a->nnamed == 0 &&
        read_is_numbers(in->scratch, full))
        return read_numbers(in->scratch, full);
    if (args_named(a, "header"))
        options.header =
            option_bool(a, "header", true) ? CSV_HEADER_YES : CSV_HEADER_NO;
    options.fill = option_bool(a, "fill", false);
    const Value *separator = args_named(a, "separator");
    if (separator) {
        if (separator->kind != VAL_STRING || separator->string->len != 1)
            error_raise(SPAN_NONE, ERR_ARGUMENT, "separator is one character");
        options.separator = separator->string->text[0];
    }
    options.missing = missing_marks(in, a, &options.nmissing);
    CsvTable *csv = csv_read(in->scratch, full, &options);
    if (csv->rows > INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT, "%s has more than %d rows", path,
                    INT32_MAX);
    Value table = table_new((int)csv->rows);
    for (size_t i = 0; i < csv->ncols; i++) {
        const CsvColumn *c = &csv->column[i];
        datatable_set(table, name_of(c->name),
                      c->kind == CSV_TEXT ? text_column(c, csv->rows)
                                          : number_column(c, csv->rows));
    }
    return table;
}

/* ---- tables ---- */

static Value need_table(const Args *a, int i)
{
    if (a->at[i].kind != VAL_TABLE)
        error_raise(SPAN_NONE, ERR_TYPE, "a table is wanted, not %s",
                    value_kind_phrase(a->at[i]));
    return a->at[i];
}

Value builtin_names(Interp *in, const Args *a)
{
    (void)in;
    Value t = need_table(a, 0);
    Value y = list_new(t.table->ncols);
    for (size_t i = 0; i < t.table->ncols; i++)
        list_push(y, value_string(t.table->name[i]));
    return y;
}

static int column_length(Value v)
{
    if (v.kind == VAL_LIST)
        return (int)v.list->count;
    return value_shape(v).rows;
}

Value builtin_table(Interp *in, const Args *a)
{
    (void)in;
    Value r = a->at[0];
    if (r.kind != VAL_RECORD || r.record->count == 0)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "table takes a record of columns: {a = [1, 2]}");
    Value t = table_new(column_length(r.record->at[0]));
    for (size_t i = 0; i < r.record->count; i++)
        datatable_set(t, r.record->name[i], r.record->at[i]);
    return t;
}

Value builtin_matrix(Interp *in, const Args *a)
{
    (void)in;
    if (a->at[0].kind == VAL_SPARSE)
        return sparse_to_array(a->at[0].sparse);
    return array_value(datatable_matrix(need_table(a, 0)));
}

Value builtin_missing(Interp *in, const Args *a)
{
    (void)in;
    return value_missing(a->at[0]);
}

Value builtin_drop_missing(Interp *in, const Args *a)
{
    (void)in;
    return datatable_drop_missing(need_table(a, 0));
}

Value builtin_group(Interp *in, const Args *a)
{
    (void)in;
    return datatable_group(need_table(a, 0), arg_name(a, 1, "the column"));
}

Value builtin_join(Interp *in, const Args *a)
{
    (void)in;
    return datatable_join(need_table(a, 0), need_table(a, 1),
                          arg_name(a, 2, "the key"));
}

/* ---- sorting ---- */

static int compare_entries(Value a, Value b)
{
    if (a.kind == VAL_BOOL)
        return (int)a.truth - (int)b.truth;
    return value_compare(a, b);
}

/* Insertion of runs: a stable merge sort of numbers, texts or booleans. */
static void merge_sort(Value *at, Value *room, size_t n, int sign)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            size_t i = from, mid = from + width < n ? from + width : n;
            size_t j = mid, end = from + 2 * width < n ? from + 2 * width : n;
            for (size_t k = from; k < end; k++) {
                bool left =
                    i < mid &&
                    (j >= end || sign * compare_entries(at[i], at[j]) <= 0);
                room[k] = left ? at[i++] : at[j++];
            }
        }
        memcpy(at, room, n * sizeof *at);
    }
}

static Value list_sort(Interp *in, Value list, bool descending)
{
    size_t n = list.list->count;
    ValueKind kind = n > 0 ? list.list->at[0].kind : VAL_INT;
    bool alike = kind == VAL_STRING || kind == VAL_BOOL;
    for (size_t i = 0; i < n; i++)
        if (alike ? list.list->at[i].kind != kind
                  : !value_is_number(list.list->at[i]))
            error_raise(SPAN_NONE, ERR_TYPE,
                        "a list is sorted if it holds numbers, texts or "
                        "booleans, and one kind of them");
    Value *at = ARENA_ARRAY(in->scratch, Value, n + 1);
    memcpy(at, list.list->at, n * sizeof *at);
    merge_sort(at, ARENA_ARRAY(in->scratch, Value, n + 1), n,
               descending ? -1 : 1);
    Value y = list_new(n);
    for (size_t i = 0; i < n; i++)
        list_push(y, at[i]);
    return y;
}

Value builtin_sort(Interp *in, const Args *a)
{
    bool descending = option_bool(a, "descending", false);
    if (a->at[0].kind == VAL_TABLE) {
        if (a->count != 2)
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "a table is sorted by a column: sort(D, \"c\")");
        return datatable_sort(a->at[0], arg_name(a, 1, "the column"),
                              descending);
    }
    if (a->count != 1)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "sort(v) takes one array or list");
    if (a->at[0].kind == VAL_LIST)
        return list_sort(in, a->at[0], descending);
    Value v = a->at[0];
    constant_floats(in, v, &v);
    return array_sort(v, descending);
}

Value builtin_order(Interp *in, const Args *a)
{
    Value v = a->at[0];
    constant_floats(in, v, &v);
    return array_sort_order(v, option_bool(a, "descending", false));
}

/* Finite floats, an argument of nearest. */
static const Array *finite_rows(const Args *a, int i, const char *what)
{
    Value v = a->at[i];
    if (v.kind != VAL_ARRAY && !value_is_number(v))
        error_raise(SPAN_NONE, ERR_TYPE, "nearest(X, Z, k): %s is a matrix of "
                                         "numbers, not %s",
                    what, value_kind_phrase(v));
    const Array *x = array_to_float(v);
    for (size_t k = 0; k < array_count(x); k++)
        if (!isfinite(x->f[k]))
            error_raise(SPAN_NONE, ERR_NAN,
                        "nearest(X, Z, k): %s has an entry that is %s, in row "
                        "%zu", what, isnan(x->f[k]) ? "NaN" : "infinite",
                        k % (size_t)x->rows + 1);
    return x;
}

Value builtin_nearest(Interp *in, const Args *a)
{
    (void)in;
    const Array *x = finite_rows(a, 0, "X"), *z = finite_rows(a, 1, "Z");
    if (x->cols != z->cols)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "nearest(X, Z, k): rows of %d and of %d entries have no "
                    "distance", x->cols, z->cols);
    int64_t k = 0;
    if (!value_to_int(a->at[2], &k) || k < 1 || k > x->rows)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "nearest(X, Z, k): k is a whole number from 1 to %d, the "
                    "rows of X", x->rows);
    Arena *scratch = arena_local();
    int *rows = ARENA_ARRAY(scratch, int, (size_t)z->rows * (size_t)k + 1);
    nearest_rows(x->f, x->rows, z->f, z->rows, x->cols, (int)k, rows);
    Value y = array_new(ELEM_EXACT, z->rows, (int)k);
    for (size_t i = 0; i < array_count(y.array); i++)
        y.array->x[i] = value_int(rows[i]);
    arena_free(scratch);
    return array_value(y);
}

Value builtin_unique(Interp *in, const Args *a)
{
    Value v = a->at[0];
    bool list = v.kind == VAL_LIST;
    constant_floats(in, v, &v);
    v = list ? list_sort(in, v, false) : array_sort(v, false);
    size_t n = list ? v.list->count : array_count(value_array(v));
    if (list) {
        Value y = list_new(n);
        for (size_t i = 0; i < n; i++)
            if (i == 0 || !value_same(v.list->at[i], v.list->at[i - 1]))
                list_push(y, v.list->at[i]);
        return y;
    }
    Array *x = value_array(v);
    Value keep = array_new(ELEM_BOOL, (int)n, 1);
    for (size_t i = 0; i < n; i++)
        keep.array->b[i] =
            i == 0 || value_compare(array_get(x, i), array_get(x, i - 1)) != 0;
    return array_index(value_object(x), 1, &keep);
}

/*
 * datatable_order.c - sorting, grouping and joining tables
 */
#include "base/error.h"
#include "value/order.h"
#include "value/rows.h"

typedef struct SortedColumn {
    Value column;
    bool descending;
} SortedColumn;

static bool is_nan(Value v)
{
    return v.kind == VAL_FLOAT && v.number != v.number;
}

/* Missing entries come last, NaN before them, in either direction. */
static int last_rank(Value v)
{
    return v.kind == VAL_MISSING ? 2 : is_nan(v) ? 1 : 0;
}

static bool cell_after(const void *data, size_t i, size_t j)
{
    const SortedColumn *s = data;
    Value x = column_cell(s->column, i), y = column_cell(s->column, j);
    int rx = last_rank(x), ry = last_rank(y);
    if (rx != 0 || ry != 0)
        return rx > ry;
    int c = value_compare(x, y);
    return s->descending ? c < 0 : c > 0;
}

static size_t *sorted_rows(const DataTable *t, Value column, bool descending)
{
    SortedColumn s = {column, descending};
    return places_sorted((size_t)t->rows, cell_after, &s);
}

Value datatable_sort(Value table, Name column, bool descending)
{
    DataTable *t = table.table;
    size_t *at = sorted_rows(t, *datatable_need(table, column), descending);
    return datatable_take(t, at, (size_t)t->rows);
}

/* Equal keys; missing ones are alike here. */
static bool same_key(Value a, Value b)
{
    int ra = last_rank(a), rb = last_rank(b);
    if (ra != 0 || rb != 0)
        return ra == rb;
    return value_compare(a, b) == 0;
}

Value datatable_group(Value table, Name column)
{
    DataTable *t = table.table;
    Value key = *datatable_need(table, column), y = list_new(0);
    size_t n = (size_t)t->rows, *at = sorted_rows(t, key, false), from = 0;
    for (size_t i = 1; i <= n; i++) {
        POLL();
        if (i < n &&
            same_key(column_cell(key, at[i]), column_cell(key, at[from])))
            continue;
        list_push(y, datatable_take(t, at + from, i - from));
        from = i;
    }
    return y;
}

/* ---- join ---- */

/* First place in the sorted order of `key` that is not below v. */
static size_t lower_bound(Value key, const size_t *order, size_t n, Value v)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        Value k = column_cell(key, order[mid]);
        if (last_rank(k) == 0 && value_compare(k, v) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* Pairs of rows with equal keys; in a first pass they are only counted. */
static size_t match_rows(Value ka, size_t na, Value kb, const size_t *order,
                         size_t nb, size_t *left, size_t *right)
{
    size_t count = 0;
    for (size_t i = 0; i < na; i++) {
        Value v = column_cell(ka, i);
        POLL();
        if (last_rank(v) != 0)
            continue;
        for (size_t k = lower_bound(kb, order, nb, v);
             k < nb && same_key(column_cell(kb, order[k]), v); k++) {
            if (left) {
                left[count] = i;
                right[count] = order[k];
            }
            count++;
        }
    }
    return count;
}

/* The name, or with _2, _3, ... where the table has it already. */
static Name free_name(Value table, Name name)
{
    Name y = name;
    for (int k = 2; datatable_find(table, y); k++)
        y = name_of(arena_printf(error_arena(), "%s_%d", name, k));
    return y;
}

Value datatable_join(Value a, Value b, Name key)
{
    DataTable *ta = a.table, *tb = b.table;
    size_t na = (size_t)ta->rows, nb = (size_t)tb->rows;
    Value ka = *datatable_need(a, key), kb = *datatable_need(b, key);
    if (na > 0 && nb > 0 && (ka.kind == VAL_LIST) != (kb.kind == VAL_LIST))
        error_raise(SPAN_NONE, ERR_TYPE,
                    "column %s holds text in one table, numbers in the other",
                    key);
    size_t *order = sorted_rows(tb, kb, false);
    size_t n = match_rows(ka, na, kb, order, nb, NULL, NULL);
    size_t *left = places_new(n), *right = places_new(n);
    match_rows(ka, na, kb, order, nb, left, right);
    Value y = datatable_take(ta, left, n);
    for (size_t j = 0; j < tb->ncols; j++) {
        if (tb->name[j] != key)
            datatable_add(y.table, free_name(y, tb->name[j]),
                          column_take(tb->column[j], right, n));
    }
    return y;
}

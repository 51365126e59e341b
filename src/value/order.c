/*
 * order.c - stable sorting
 */
#include "value/order.h"

#include "base/error.h"
#include "value/matrix.h"

/* The bytes of an array, which the pool frees. */
size_t *places_new(size_t n)
{
    if (n > INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than 2^31 entries to index");
    Value room = array_new(ELEM_BOOL, (int)n, (int)sizeof(size_t));
    return (size_t *)(void *)room.array->b;
}

typedef struct Sorting {
    ComesAfter after;
    const void *data;
    size_t *at, *room;
} Sorting;

/* Merges at[from..mid) and at[mid..to) into room. */
static void merge_runs(const Sorting *s, size_t from, size_t mid, size_t to)
{
    size_t i = from, j = mid;
    for (size_t k = from; k < to; k++) {
        bool right =
            i == mid || (j < to && s->after(s->data, s->at[i], s->at[j]));
        POLL();
        s->room[k] = right ? s->at[j++] : s->at[i++];
    }
}

/* Merge sort from below: runs of 1, 2, 4, ... */
size_t *places_sorted(size_t n, ComesAfter after, const void *data)
{
    Sorting s = {after, data, places_new(n), places_new(n)};
    for (size_t i = 0; i < n; i++)
        s.at[i] = i;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t mid = i + width < n ? i + width : n;
            size_t to = i + 2 * width < n ? i + 2 * width : n;
            merge_runs(&s, i, mid, to);
        }
        size_t *swap = s.at;
        s.at = s.room;
        s.room = swap;
    }
    return s.at;
}

/* ---- arrays ---- */

typedef struct SortedArray {
    const Array *a;
    bool descending;
} SortedArray;

/* NaN comes last, in either direction. */
static bool entry_after(const void *data, size_t i, size_t j)
{
    const SortedArray *s = data;
    if (s->a->kind == ELEM_FLOAT) {
        double x = s->a->f[i], y = s->a->f[j];
        if (x != x || y != y)
            return x != x && y == y;
        return s->descending ? x < y : x > y;
    }
    int c = value_compare(array_get(s->a, i), array_get(s->a, j));
    return s->descending ? c < 0 : c > 0;
}

Value array_sort(Value v, bool descending)
{
    SortedArray s = {value_array(v), descending};
    size_t n = array_count(s.a);
    const size_t *at = places_sorted(n, entry_after, &s);
    Value y = array_new((ElementKind)s.a->kind, s.a->rows, s.a->cols);
    for (size_t i = 0; i < n; i++)
        array_set(y.array, i, array_get(s.a, at[i]));
    return array_value(y);
}

Value array_sort_order(Value v, bool descending)
{
    SortedArray s = {value_array(v), descending};
    size_t n = array_count(s.a);
    const size_t *at = places_sorted(n, entry_after, &s);
    Value y = array_new(ELEM_EXACT, (int)n, 1);
    for (size_t i = 0; i < n; i++)
        y.array->x[i] = value_int((int64_t)at[i] + 1);
    return array_value(y);
}

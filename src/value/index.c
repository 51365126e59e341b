/*
 * index.c - reading and writing parts of arrays
 */
#include <string.h>

#include "base/error.h"
#include "value/number.h"
#include "value/selection.h"
#include "value/shape.h"

/* An array that may miss entries, unlike that of value_array. */
static Array *indexed_array(Value v)
{
    return v.kind == VAL_ARRAY ? v.array : value_array(v);
}

/* y[k] = a[i], of one kind. */
static void copy_entry(Array *y, size_t k, const Array *a, size_t i)
{
    if (array_is_missing(a, i))
        array_set_missing(y, k);
    else if (a->kind == ELEM_FLOAT)
        y->f[k] = a->f[i];
    else
        array_set(y, k, array_get(a, i));
}

/* A mask of a matrix has its shape, or lists its entries. */
static void check_mask(const Array *a, Value index)
{
    if (index.kind != VAL_ARRAY || index.array->kind != ELEM_BOOL)
        return;
    const Array *mask = index.array;
    if (mask->rows > 1 && mask->cols > 1 &&
        (mask->rows != a->rows || mask->cols != a->cols))
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a mask [%d,%d] does not select from [%d,%d]", mask->rows,
                    mask->cols, a->rows, a->cols);
}

/* Of a vector, its own direction; of a matrix, the shape of the index. */
static Shape entries_shape(const Array *a, const Selection *s)
{
    bool vector_index = s->shape.rows == 1 || s->shape.cols == 1;
    if (a->rows == 1 && a->cols != 1 && vector_index)
        return (Shape){1, (Dim)s->count};
    if (a->cols == 1 && vector_index)
        return (Shape){(Dim)s->count, 1};
    return s->shape;
}

static Value index_entries(const Array *a, Value index)
{
    check_mask(a, index);
    Selection s = selection_of(index, array_count(a));
    if (s.single)
        return array_get(a, s.first);
    Shape shape = entries_shape(a, &s);
    if (index.kind == VAL_COLON)
        shape = (Shape){(Dim)s.count, 1};
    Value y = array_new((ElementKind)a->kind, shape.rows, shape.cols);
    for (size_t k = 0; k < s.count; k++)
        copy_entry(y.array, k, a, selection_at(&s, k));
    return array_value(y);
}

static Value index_block(const Array *a, Value rows, Value cols)
{
    Selection r = selection_of(rows, (size_t)a->rows);
    Selection c = selection_of(cols, (size_t)a->cols);
    size_t side = (size_t)a->rows, k = 0;
    if (r.single && c.single)
        return array_get(a, r.first + c.first * side);
    Value y = array_new((ElementKind)a->kind, (int)r.count, (int)c.count);
    for (size_t j = 0; j < c.count; j++) {
        size_t column = selection_at(&c, j) * side;
        POLL();
        for (size_t i = 0; i < r.count; i++)
            copy_entry(y.array, k++, a, selection_at(&r, i) + column);
    }
    return array_value(y);
}

Value array_index(Value v, int nindex, const Value index[])
{
    const Array *a = indexed_array(v);
    if (nindex == 1)
        return index_entries(a, index[0]);
    if (nindex == 2)
        return index_block(a, index[0], index[1]);
    error_raise(SPAN_NONE, ERR_INDEX,
                "an array takes one or two indices, not %d", nindex);
}

/* ---- assignment ---- */

static ElementKind joined_kind(ElementKind a, ElementKind b)
{
    if (a == b)
        return a;
    return a == ELEM_FLOAT || b == ELEM_FLOAT ? ELEM_FLOAT : ELEM_EXACT;
}

/* An entry as one of another kind. */
static Value convert_entry(ElementKind kind, Value v)
{
    if (v.kind == VAL_BOOL && kind == ELEM_EXACT)
        return value_int(v.truth);
    return v;
}

static Array *convert_array(const Array *a, ElementKind kind)
{
    Array *y = array_new(kind, a->rows, a->cols).array;
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++) {
        if (array_is_missing(a, i))
            array_set_missing(y, i);
        else
            array_set(y, i, convert_entry(kind, array_get(a, i)));
    }
    return y;
}

/* A copy of `a` that takes entries like v, or `a` itself. */
static Array *target_array(Value a, Value v)
{
    Array *x = indexed_array(a);
    ElementKind own = (ElementKind)x->kind, kind = own;
    if (v.kind != VAL_MISSING)
        kind = joined_kind(own, value_element_kind(v));
    if (kind != own)
        return convert_array(x, kind);
    return value_own(value_object(x)).array;
}

/* Where the k-th entry to be assigned comes from. */
static void assign_entry(Array *y, size_t i, Value v, size_t k)
{
    if (v.kind == VAL_ARRAY)
        v = array_get(v.array, k);
    if (v.kind == VAL_MISSING)
        array_set_missing(y, i);
    else
        array_set(y, i, convert_entry((ElementKind)y->kind, v));
}

static void check_assigned(Value v, Shape place, bool any_direction)
{
    if (v.kind == VAL_MISSING)
        return;
    if (!value_is_numeric(v))
        error_raise(SPAN_NONE, ERR_TYPE, "%s cannot be an entry of an array",
                    value_kind_phrase(v));
    if (v.kind != VAL_ARRAY)
        return;
    Shape s = value_shape(v);
    bool flat = (s.rows == 1 || s.cols == 1) &&
                (place.rows == 1 || place.cols == 1 || any_direction) &&
                (int64_t)s.rows * s.cols == (int64_t)place.rows * place.cols;
    if (!shape_same(s, place) && !flat)
        error_raise(SPAN_NONE, ERR_SHAPE, "cannot assign %s to %s places",
                    shape_text(s), shape_text(place));
}

static Value assign_entries(Value a, Value index, Value v)
{
    Array *x = indexed_array(a);
    check_mask(x, index);
    Selection s = selection_of(index, array_count(x));
    check_assigned(v, s.shape, true);
    Array *y = target_array(a, v);
    for (size_t k = 0; k < s.count; k++)
        assign_entry(y, selection_at(&s, k), v, k);
    return value_object(y);
}

static Value assign_block(Value a, Value rows, Value cols, Value v)
{
    Array *x = indexed_array(a);
    Selection r = selection_of(rows, (size_t)x->rows);
    Selection c = selection_of(cols, (size_t)x->cols);
    check_assigned(v, (Shape){(Dim)r.count, (Dim)c.count}, false);
    Array *y = target_array(a, v);
    size_t side = (size_t)y->rows, k = 0;
    for (size_t j = 0; j < c.count; j++) {
        size_t column = selection_at(&c, j) * side;
        POLL();
        for (size_t i = 0; i < r.count; i++)
            assign_entry(y, selection_at(&r, i) + column, v, k++);
    }
    return value_object(y);
}

Value array_assign(Value a, int nindex, const Value index[], Value v)
{
    if (v.kind == VAL_ARRAY && a.kind == VAL_ARRAY && v.array == a.array)
        v = array_copy(v.array);
    if (nindex == 1)
        return array_value(assign_entries(a, index[0], v));
    if (nindex == 2)
        return array_value(assign_block(a, index[0], index[1], v));
    error_raise(SPAN_NONE, ERR_INDEX,
                "an array takes one or two indices, not %d", nindex);
}

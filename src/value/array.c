/*
 * array.c - arrays: making them, entries, conversions
 *
 * The entries stand behind the head in the same block, on the next cache
 * line.
 */
#include "value/matrix.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "value/number.h"
#include "value/sparse.h"

enum { CACHE_LINE = 64 };

size_t array_count(const Array *a)
{
    return (size_t)a->rows * (size_t)a->cols;
}

static size_t entry_size(ElementKind kind)
{
    switch (kind) {
    case ELEM_FLOAT:
        return sizeof(double);
    case ELEM_EXACT:
        return sizeof(Value);
    default:
        return 1;
    }
}

/* Bytes of an array; raises when it is above half of the memory. */
static size_t array_size(ElementKind kind, int rows, int cols)
{
    /* Asking the system for its memory takes longer than a small array. */
    enum { SMALL = 1 << 16 };
    size_t n = (size_t)rows * (size_t)cols, size;
    if (__builtin_mul_overflow(n, entry_size(kind), &size) ||
        (size > SMALL && size > mem_limit() / 2))
        error_raise(SPAN_NONE, ERR_MEMORY,
                    "an array [%d,%d] would take more than half of the memory",
                    rows, cols);
    return size;
}

static Array *new_array(ElementKind kind, int rows, int cols, bool zero)
{
    if (rows < 0 || cols < 0)
        error_raise(SPAN_NONE, ERR_SHAPE, "an array cannot have %d %s",
                    rows < 0 ? rows : cols, rows < 0 ? "rows" : "columns");
    size_t size = array_size(kind, rows, cols);
    size_t all = sizeof(Array) + CACHE_LINE + size;
    Array *a = object_new_unset(VAL_ARRAY, all, zero ? all : sizeof(Array));
    uintptr_t past = (uintptr_t)(a + 1);
    uintptr_t line = (past + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1);
    a->rows = rows;
    a->cols = cols;
    a->f = (double *)((char *)(a + 1) + (line - past));
    a->kind = (uint8_t)kind;
    return a;
}

Value array_new(ElementKind kind, int rows, int cols)
{
    Array *a = new_array(kind, rows, cols, true);
    if (kind == ELEM_EXACT) {
        size_t n = array_count(a);
        for (size_t i = 0; i < n; i++)
            a->x[i] = value_int(0);
    }
    return value_object(a);
}

Value array_new_unset(int rows, int cols)
{
    return value_object(new_array(ELEM_FLOAT, rows, cols, false));
}

static void copy_missing(Array *y, const Array *a)
{
    if (!a->missing)
        return;
    size_t words = (array_count(a) + 63) / 64;
    y->missing = mem_zero(words, sizeof *y->missing);
    memcpy(y->missing, a->missing, words * sizeof *y->missing);
}

Value array_copy(const Array *a)
{
    Value y = a->kind == ELEM_FLOAT
                  ? array_new_unset(a->rows, a->cols)
                  : array_new((ElementKind)a->kind, a->rows, a->cols);
    size_t n = array_count(a);
    if (n > 0)
        memcpy(y.array->f, a->f, n * entry_size((ElementKind)a->kind));
    if (a->kind == ELEM_EXACT) {
        for (size_t i = 0; i < n; i++)
            value_keep(y.array->x[i]);
    }
    copy_missing(y.array, a);
    return y;
}

Value array_value(Value a)
{
    if (a.kind == VAL_ARRAY && a.array->rows == 1 && a.array->cols == 1)
        return array_get(a.array, 0);
    return a;
}

Value array_get(const Array *a, size_t i)
{
    if (a->missing && array_is_missing(a, i))
        return (Value){.kind = VAL_MISSING};
    switch (a->kind) {
    case ELEM_FLOAT:
        return value_float(a->f[i]);
    case ELEM_EXACT:
        return a->x[i];
    default:
        return value_bool(a->b[i]);
    }
}

void array_set(Array *a, size_t i, Value v)
{
    switch (a->kind) {
    case ELEM_FLOAT:
        a->f[i] = value_to_double(v);
        break;
    case ELEM_EXACT:
        value_store(&a->x[i], v);
        break;
    default:
        a->b[i] = v.truth;
        break;
    }
    if (a->missing)
        a->missing[i / 64] &= ~((uint64_t)1 << i % 64);
}

/* ---- missing entries ---- */

bool array_is_missing(const Array *a, size_t i)
{
    return a->missing && (a->missing[i / 64] >> i % 64 & 1);
}

void array_set_missing(Array *a, size_t i)
{
    if (!a->missing) {
        size_t words = (array_count(a) + 63) / 64;
        a->missing = mem_zero(words, sizeof *a->missing);
    }
    a->missing[i / 64] |= (uint64_t)1 << i % 64;
}

bool array_has_missing(const Array *a)
{
    if (!a->missing)
        return false;
    size_t words = (array_count(a) + 63) / 64;
    for (size_t i = 0; i < words; i++) {
        if (a->missing[i])
            return true;
    }
    return false;
}

void array_need_present(const Array *a)
{
    if (!array_has_missing(a))
        return;
    size_t n = array_count(a), i = 0, count = 0;
    for (size_t k = n; k-- > 0;) {
        if (array_is_missing(a, k)) {
            i = k;
            count++;
        }
    }
    error_raise_help(SPAN_NONE, ERR_MISSING, NULL,
                     "drop_missing(D) drops the rows, v[missing(v)] = 0 fills",
                     "%zu of %zu values are missing, the first at index %zu",
                     count, n, i + 1);
}

/* ---- operands ---- */

bool value_is_numeric(Value v)
{
    return v.kind == VAL_ARRAY || v.kind == VAL_BOOL || value_is_number(v);
}

Shape value_shape(Value v)
{
    if (v.kind == VAL_ARRAY)
        return (Shape){v.array->rows, v.array->cols};
    if (v.kind == VAL_SPARSE)
        return (Shape){v.sparse->at->rows, v.sparse->at->cols};
    return SHAPE_SCALAR;
}

ElementKind value_element_kind(Value v)
{
    if (v.kind == VAL_ARRAY)
        return (ElementKind)v.array->kind;
    if (v.kind == VAL_BOOL)
        return ELEM_BOOL;
    return v.kind == VAL_FLOAT ? ELEM_FLOAT : ELEM_EXACT;
}

Array *value_array(Value v)
{
    if (v.kind == VAL_ARRAY) {
        array_need_present(v.array);
        return v.array;
    }
    if (v.kind == VAL_MISSING)
        error_raise(SPAN_NONE, ERR_MISSING, "the value is missing");
    if (!value_is_numeric(v))
        error_raise(SPAN_NONE, ERR_TYPE, "expected a number or array, got %s",
                    value_kind_phrase(v));
    Value y = array_new(value_element_kind(v), 1, 1);
    array_set(y.array, 0, v);
    return y.array;
}

Array *array_to_float(Value v)
{
    Array *a = value_array(v);
    if (a->kind == ELEM_FLOAT)
        return a;
    Array *y = array_new_unset(a->rows, a->cols).array;
    size_t n = array_count(a);
    for (size_t i = 0; i < n && a->kind == ELEM_BOOL; i++)
        y->f[i] = a->b[i];
    for (size_t i = 0; i < n && a->kind == ELEM_EXACT; i++)
        y->f[i] = a->x[i].kind == VAL_INT ? (double)a->x[i].integer
                                          : value_to_double(a->x[i]);
    return y;
}

Array *array_to_exact(Value v)
{
    Array *a = value_array(v);
    if (a->kind == ELEM_EXACT)
        return a;
    Array *y = array_new(ELEM_EXACT, a->rows, a->cols).array;
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++)
        array_set(y, i, number_to_exact(array_get(a, i)));
    return y;
}

Value array_from(int rows, int cols, const double *entries)
{
    Value y = array_new(ELEM_FLOAT, rows, cols);
    size_t n = array_count(y.array);
    if (n > 0)
        memcpy(y.array->f, entries, n * sizeof *entries);
    return y;
}

/*
 * build.c - arrays from numbers and from other arrays
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "value/number.h"
#include "value/shape.h"

Value array_fill(int rows, int cols, Value v)
{
    Value y = array_new(value_element_kind(v), rows, cols);
    size_t n = array_count(y.array);
    for (size_t i = 0; i < n; i++)
        array_set(y.array, i, v);
    return array_value(y);
}

Value array_identity(int n)
{
    Value y = array_new(ELEM_EXACT, n, n);
    for (size_t i = 0; i < (size_t)n; i++)
        y.array->x[i * (size_t)n + i] = value_int(1);
    return array_value(y);
}

Value array_reshape(Value v, int rows, int cols)
{
    const Array *a = v.kind == VAL_ARRAY ? v.array : value_array(v);
    size_t n = array_count(a);
    if (rows < 0 || cols < 0 || (size_t)rows * (size_t)cols != n)
        error_raise(SPAN_NONE, ERR_SHAPE, "%zu entries do not fill [%d,%d]", n,
                    rows, cols);
    Value y = array_copy(a);
    y.array->rows = rows;
    y.array->cols = cols;
    return array_value(y);
}

/* ---- ranges ---- */

static _Noreturn void raise_range_long(void)
{
    error_raise(SPAN_NONE, ERR_LIMIT, "a range of more than 2^31 - 1 entries");
}

static int range_length(double n)
{
    if (!(n < INT32_MAX))
        raise_range_long();
    return n < 0 ? 0 : (int)n + 1;
}

/*
 * A float step does not hit the end exactly: what is within 2^-40 of an
 * entry counts as one (0:0.1:0.3 has four), and the entry is then the end.
 */
static Value float_range(double from, double step, double to)
{
    double steps = (to - from) / step, near = nearbyint(steps);
    bool hits = fabs(steps - near) <= 0x1p-40 * fmax(1, fabs(near));
    int n = range_length(hits ? near : floor(steps));
    Value y = array_new(ELEM_FLOAT, n, 1);
    for (int i = 0; i < n; i++)
        y.array->f[i] = from + i * step;
    if (hits && n > 1)
        y.array->f[n - 1] = to;
    return y;
}

static Value exact_range(Value from, Value step, Value to)
{
    Value span = number_binary(BIN_SUB, to, from);
    Value steps = number_floor(number_binary(BIN_DIV, span, step));
    int n = range_length(number_sign(steps) < 0 ? -1 : value_to_double(steps));
    Value y = array_new(ELEM_EXACT, n, 1), e = from;
    for (int i = 0; i < n; i++) {
        POLL();
        array_set(y.array, (size_t)i, e);
        if (i + 1 < n)
            e = number_binary(BIN_ADD, e, step);
    }
    return y;
}

Value array_range(Value from, Value step, Value to)
{
    if (!value_is_number(from) || !value_is_number(step) ||
        !value_is_number(to))
        error_raise(SPAN_NONE, ERR_TYPE, "the parts of a range are numbers");
    if (number_sign(step) == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN, "the step of a range is 0");
    if (from.kind != VAL_FLOAT && step.kind != VAL_FLOAT &&
        to.kind != VAL_FLOAT)
        return array_value(exact_range(from, step, to));
    double a = value_to_double(from), b = value_to_double(to);
    double d = value_to_double(step);
    if (!isfinite(a) || !isfinite(b) || !isfinite(d))
        error_raise(SPAN_NONE, ERR_DOMAIN, "a range without an end");
    return array_value(float_range(a, d, b));
}

/* ---- blocks ---- */

static ElementKind common_kind(int n, const Value parts[])
{
    bool bools = true, floats = false;
    for (int i = 0; i < n; i++) {
        ElementKind kind = value_element_kind(parts[i]);
        bools = bools && kind == ELEM_BOOL;
        floats = floats || kind == ELEM_FLOAT;
    }
    return floats ? ELEM_FLOAT : bools ? ELEM_BOOL : ELEM_EXACT;
}

static void check_parts(int n, const Value parts[])
{
    for (int i = 0; i < n; i++) {
        if (parts[i].kind != VAL_MISSING && !value_is_numeric(parts[i]))
            error_raise(SPAN_NONE, ERR_TYPE, "%s cannot be part of an array",
                        value_kind_phrase(parts[i]));
    }
}

/* The part's entries at row i, column j of y. */
static void put_part(Array *y, size_t i, size_t j, Value part)
{
    const Array *a = part.kind == VAL_ARRAY ? part.array : value_array(part);
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    for (size_t c = 0; c < cols; c++) {
        size_t from = c * rows, to = (j + c) * (size_t)y->rows + i;
        POLL();
        if (a->kind == ELEM_FLOAT && y->kind == ELEM_FLOAT && !a->missing) {
            memcpy(y->f + to, a->f + from, rows * sizeof *y->f);
            continue;
        }
        for (size_t r = 0; r < rows; r++, from++, to++) {
            Value v = array_get(a, from);
            if (v.kind == VAL_MISSING)
                array_set_missing(y, to);
            else if (v.kind == VAL_BOOL && y->kind == ELEM_EXACT)
                array_set(y, to, value_int(v.truth));
            else
                array_set(y, to, v);
        }
    }
}

/* A part of no entries fits everywhere: `v = [v; x]` may begin with it. */
static bool is_empty(Shape s)
{
    return s.rows == 0 && s.cols <= 1;
}

static int add_side(int a, int b)
{
    int y;
    if (__builtin_add_overflow(a, b, &y))
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "an array of more than 2^31 - 1 rows or columns");
    return y;
}

/* The total shape of parts put together along one side. */
static Shape total_shape(int n, const Value parts[], bool down)
{
    Shape y = {0, 0};
    bool first = true;
    for (int i = 0; i < n; i++) {
        Shape s = value_shape(parts[i]);
        if (is_empty(s))
            continue;
        int along = down ? s.rows : s.cols, side = down ? s.cols : s.rows;
        int *sum = down ? &y.rows : &y.cols, *common = down ? &y.cols : &y.rows;
        if (first)
            *common = side;
        if (*common != side)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        down ? "cannot stack: %d columns above %d"
                             : "cannot join: %d rows beside %d",
                        *common, side);
        *sum = add_side(*sum, along);
        first = false;
    }
    if (first)
        y = n > 0 ? value_shape(parts[0]) : (Shape){0, 1};
    return y;
}

static Value put_together(int n, const Value parts[], bool down)
{
    check_parts(n, parts);
    Shape s = total_shape(n, parts, down);
    Value y = array_new(common_kind(n, parts), s.rows, s.cols);
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        Shape p = value_shape(parts[i]);
        if (is_empty(p))
            continue;
        if (parts[i].kind == VAL_MISSING)
            array_set_missing(y.array, down ? at : at * (size_t)s.rows);
        else
            put_part(y.array, down ? at : 0, down ? 0 : at, parts[i]);
        at += (size_t)(down ? p.rows : p.cols);
    }
    return array_value(y);
}

Value array_stack(int n, const Value parts[])
{
    return put_together(n, parts, true);
}

Value array_join(int n, const Value parts[])
{
    return put_together(n, parts, false);
}

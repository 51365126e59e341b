/*
 * reduce.c - sums and their kin
 */
#include <math.h>

#include "base/error.h"
#include "num/vmath.h"
#include "value/number.h"
#include "value/shape.h"

static const char *reduce_name(ReduceOp op)
{
    static const char *const name[] = {
        [RED_SUM] = "sum", [RED_PROD] = "prod", [RED_MIN] = "min",
        [RED_MAX] = "max", [RED_MEAN] = "mean", [RED_ALL] = "all",
        [RED_ANY] = "any",
    };
    return name[op];
}

/* n entries of an array from `first` on, `stride` apart. */
typedef struct Slice {
    const Array *a;
    size_t first, n, stride;
} Slice;

/* ---- floats ---- */

static double reduce_floats(ReduceOp op, Slice s)
{
    const double *x = s.a->f + s.first;
    size_t index;
    switch (op) {
    case RED_SUM:
        return vmath_sum(x, s.n, s.stride);
    case RED_PROD:
        return vmath_prod(x, s.n, s.stride);
    case RED_MEAN:
        return vmath_mean(x, s.n, s.stride);
    case RED_MIN:
        return vmath_smallest(x, s.n, s.stride, &index);
    default:
        return vmath_largest(x, s.n, s.stride, &index);
    }
}

/* NaN that comes from no NaN, infinity from finite entries. */
static bool went_wrong(double y, Slice s)
{
    const double *x = s.a->f + s.first;
    if (isfinite(y))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        double e = x[i * s.stride];
        if (e != e || (y == y && isinf(e)))
            return false;
    }
    return true;
}

/* ---- other entries ---- */

static Value slice_get(Slice s, size_t i)
{
    return array_get(s.a, s.first + i * s.stride);
}

/* The better of the entries, the first of equal ones; its index from 0. */
static size_t best_entry(ReduceOp op, Slice s)
{
    size_t best = 0;
    for (size_t i = 1; i < s.n; i++) {
        int c = value_compare(slice_get(s, i), slice_get(s, best));
        POLL();
        if (op == RED_MIN ? c == -1 : c == 1)
            best = i;
    }
    return best;
}

static Value fold_exact(BinaryOp op, Value start, Slice s)
{
    Value y = start;
    PoolMark mark = pool_mark();
    for (size_t i = 0; i < s.n; i++) {
        POLL();
        y = number_binary(op, y, slice_get(s, i));
        pool_drain_except(mark, y);
    }
    return y;
}

static Value reduce_exact(ReduceOp op, Slice s)
{
    switch (op) {
    case RED_SUM:
        return fold_exact(BIN_ADD, value_int(0), s);
    case RED_PROD:
        return fold_exact(BIN_MUL, value_int(1), s);
    case RED_MEAN:
        return number_binary(BIN_DIV, fold_exact(BIN_ADD, value_int(0), s),
                             value_int((int64_t)s.n));
    default:
        return slice_get(s, best_entry(op, s));
    }
}

static Value reduce_bools(ReduceOp op, Slice s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += s.a->b[s.first + i * s.stride];
    switch (op) {
    case RED_SUM:
        return value_int((int64_t)count);
    case RED_MEAN:
        return value_float((double)count / (double)s.n);
    case RED_ANY:
    case RED_MAX:
        return value_bool(count > 0);
    case RED_PROD:
        return value_int(count == s.n);
    default:
        return value_bool(count == s.n);
    }
}

/* ---- all of them ---- */

static void check_reducible(ReduceOp op, const Array *a, size_t n)
{
    if ((op == RED_ALL || op == RED_ANY) && a->kind != ELEM_BOOL && n > 0)
        error_raise_help(
            SPAN_NONE, ERR_TYPE, NULL, "compare first, as in all(x > 0)",
            "%s needs true and false, not numbers", reduce_name(op));
    if (n == 0 && (op == RED_MIN || op == RED_MAX || op == RED_MEAN))
        error_raise(SPAN_NONE, ERR_DOMAIN, "%s of no entries", reduce_name(op));
}

static Value reduce_slice(ReduceOp op, Slice s, bool alone)
{
    if (op == RED_ALL || op == RED_ANY || s.a->kind == ELEM_BOOL)
        return reduce_bools(op, s);
    if (s.a->kind == ELEM_EXACT)
        return reduce_exact(op, s);
    double y = reduce_floats(op, s);
    if (went_wrong(y, s)) {
        if (alone)
            error_raise(SPAN_NONE, ERR_NAN,
                        y != y ? "%s of the entries is not a number"
                               : "%s of the entries is too large for a float",
                        reduce_name(op));
        if (y != y)
            heap_warn(reduce_name(op), 1);
    } else if (alone) {
        heap_check_number(y);
    }
    return value_float(y);
}

static ElementKind result_kind(ReduceOp op, const Array *a)
{
    if (op == RED_ALL || op == RED_ANY)
        return ELEM_BOOL;
    if (a->kind != ELEM_BOOL)
        return (ElementKind)a->kind;
    if (op == RED_MIN || op == RED_MAX)
        return ELEM_BOOL;
    return op == RED_MEAN ? ELEM_FLOAT : ELEM_EXACT;
}

Value value_reduce(ReduceOp op, Value v, int dim)
{
    Array *a = value_array(v);
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    if (dim == 0) {
        check_reducible(op, a, rows * cols);
        return reduce_slice(op, (Slice){a, 0, rows * cols, 1}, true);
    }
    if (dim != 1 && dim != 2)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "dim is 1 (down the columns) or 2 (along the rows)");
    bool down = dim == 1;
    size_t n = down ? cols : rows;
    check_reducible(op, a, down ? rows : cols);
    Value y =
        array_new(result_kind(op, a), down ? 1 : a->rows, down ? a->cols : 1);
    for (size_t k = 0; k < n; k++) {
        Slice s =
            down ? (Slice){a, k * rows, rows, 1} : (Slice){a, k, cols, rows};
        POLL();
        array_set(y.array, k, reduce_slice(op, s, false));
    }
    return array_value(y);
}

Value value_argreduce(ReduceOp op, Value v)
{
    Array *a = value_array(v);
    size_t n = array_count(a), index = 0;
    check_reducible(op, a, n);
    if (a->kind != ELEM_FLOAT)
        index = best_entry(op, (Slice){a, 0, n, 1});
    else if (op == RED_MIN)
        vmath_smallest(a->f, n, 1, &index);
    else
        vmath_largest(a->f, n, 1, &index);
    return value_int((int64_t)index + 1);
}

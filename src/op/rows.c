/*
 * rows.c - kernels that work on each row, and the adjugate
 *
 * A matrix stands column by column, so a row is a vector whose stride is the
 * number of rows.  Each kernel knows one vector; it is run on all entries or
 * on every row.
 */
#include <math.h>

#include "base/error.h"
#include "num/blas.h"
#include "num/vmath.h"
#include "op/array.h"

/* ---- entry by entry of a vector x[0], x[stride], ... ---- */

typedef void (*Along)(Array *y, const Array *x, size_t at, size_t n,
                      size_t stride);

static void softmax_along(Array *y, const Array *x, size_t at, size_t n,
                          size_t stride)
{
    vmath_softmax(y->f + at, x->f + at, n, stride);
}

static void hardmax_along(Array *y, const Array *x, size_t at, size_t n,
                          size_t stride)
{
    size_t best = 0;
    if (n == 0)
        return;
    vmath_largest(x->f + at, n, stride, &best);
    for (size_t i = 0; i < n; i++)
        array_set(y, at + i * stride, value_int(i == best));
}

/* y[i] = x[0]*...*x[i-1], then times x[i+1]*...: nothing is divided. */
static void others_along(Array *y, const Array *x, size_t at, size_t n,
                         size_t stride)
{
    Value before = value_int(1), after = value_int(1);
    if (x->kind == ELEM_FLOAT)
        before = after = value_float(1);
    for (size_t i = 0; i < n; i++) {
        array_set(y, at + i * stride, before);
        before = value_binary(BIN_MUL, before, array_get(x, at + i * stride));
    }
    for (size_t i = n; i-- > 0;) {
        size_t k = at + i * stride;
        array_set(y, k, value_binary(BIN_MUL, array_get(y, k), after));
        after = value_binary(BIN_MUL, after, array_get(x, k));
    }
}

static Value run_along(Along f, const Array *x, ElementKind kind, bool rows)
{
    Value y = array_new(kind, x->rows, x->cols);
    size_t m = (size_t)x->rows;
    if (!rows)
        f(y.array, x, 0, array_count(x), 1);
    for (size_t i = 0; rows && i < m; i++) {
        POLL();
        f(y.array, x, i, (size_t)x->cols, m);
    }
    return array_value(y);
}

Value kernel_softmax_rows(int n, const Value args[])
{
    (void)n;
    return run_along(softmax_along, array_to_float(args[0]), ELEM_FLOAT, true);
}

static void normalize_along(Array *y, const Array *x, size_t at, size_t n,
                            size_t stride)
{
    double norm = vmath_norm2(x->f + at, n, stride);
    for (size_t i = 0; i < n; i++)
        y->f[at + i * stride] = norm == 0 ? 0 : x->f[at + i * stride] / norm;
}

Value kernel_normalize_rows(int n, const Value args[])
{
    (void)n;
    return run_along(normalize_along, array_to_float(args[0]), ELEM_FLOAT,
                     true);
}

Value kernel_norm2_rows(int n, const Value args[])
{
    (void)n;
    const Array *x = array_to_float(args[0]);
    Value y = array_new(ELEM_FLOAT, x->rows, 1);
    for (int i = 0; i < x->rows; i++)
        y.array->f[i] = vmath_norm2(x->f + i, (size_t)x->cols,
                                    (size_t)x->rows);
    return array_value(y);
}

Value kernel_hardmax(int n, const Value args[])
{
    (void)n;
    return run_along(hardmax_along, array_to_float(args[0]), ELEM_EXACT, false);
}

Value kernel_hardmax_rows(int n, const Value args[])
{
    (void)n;
    return run_along(hardmax_along, array_to_float(args[0]), ELEM_EXACT, true);
}

static Value prod_others(Value a, bool rows)
{
    bool exact = value_element_kind(a) == ELEM_EXACT;
    const Array *x = exact ? value_array(a) : array_to_float(a);
    return run_along(others_along, x, x->kind, rows);
}

Value kernel_prod_others(int n, const Value args[])
{
    (void)n;
    return prod_others(args[0], false);
}

Value kernel_prod_others_rows(int n, const Value args[])
{
    (void)n;
    return prod_others(args[0], true);
}

/* ---- a number a row ---- */

Value kernel_logsumexp_rows(int n, const Value args[])
{
    (void)n;
    const Array *x = array_to_float(args[0]);
    size_t m = (size_t)x->rows;
    Value y = array_new(ELEM_FLOAT, x->rows, 1);
    for (size_t i = 0; i < m; i++) {
        POLL();
        y.array->f[i] = vmath_logsumexp(x->f + i, (size_t)x->cols, m);
    }
    return array_value(y);
}

Value kernel_prod_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_PROD, args[0], 2);
}

Value kernel_max_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MAX, args[0], 2);
}

Value kernel_min_rows(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MIN, args[0], 2);
}

/* ---- the adjugate ---- */

static Value entry(const Array *a, int i, int j)
{
    int n = a->rows;
    return array_get(a, (size_t)(i % n + j % n * n));
}

static Value times(Value a, Value b)
{
    return value_binary(BIN_MUL, a, b);
}

/* 2x2 and 3x3 by cofactors; of the rotated indices of 3x3 all signs are +. */
static Value adjugate_small(const Array *a)
{
    int n = a->rows;
    Value y = array_new(a->kind, n, n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            Value e;
            if (n == 2)
                e = i == j ? entry(a, 1 - i, 1 - j)
                           : value_negate(entry(a, i, j));
            else
                e = value_binary(
                    BIN_SUB,
                    times(entry(a, j + 1, i + 1), entry(a, j + 2, i + 2)),
                    times(entry(a, j + 1, i + 2), entry(a, j + 2, i + 1)));
            array_set(y.array, (size_t)(i + j * n), e);
        }
    return y;
}

/*
 * Of an exact matrix by its characteristic polynomial, which divides by
 * 1, 2, ..., n alone (Faddeev & Leverrier; Gantmacher, Theory of Matrices I,
 * IV.5): M = I; k = 1 ... n - 1: M = A*M - tr(A*M)/k*I.
 */
static Value adjugate_exact(Value a)
{
    int n = a.array->rows;
    Value unit = array_identity(n), m = unit;
    for (int k = 1; k < n; k++) {
        POLL();
        m = value_product(a, m);
        Value c = value_binary(BIN_DIV, value_trace(m), value_int(k));
        m = value_binary(BIN_SUB, m, times(c, unit));
    }
    return n % 2 ? m : value_negate(m);
}

_Noreturn static void raise_number(int code)
{
    if (code == NUM_MISSING)
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package libopenblas0",
                         "OpenBLAS was not found");
    error_raise(SPAN_NONE, ERR_DOMAIN,
                "adj of a matrix whose singular values are not found");
}

/*
 * Of A = U*S*V' it is det(U)*det(V)*V*adj(S)*U', and adj of a diagonal matrix
 * holds the products of the other entries (G. W. Stewart, On the adjugate
 * matrix, Linear Algebra Appl. 283, 1998): right at singular matrices too.
 */
static Value adjugate_float(const Array *a)
{
    int n = a->rows;
    Value copy = array_new(ELEM_FLOAT, n, n), u = array_new(ELEM_FLOAT, n, n);
    Value vt = array_new(ELEM_FLOAT, n, n), s = array_new(ELEM_FLOAT, n, 1);
    size_t count = array_count(a);
    for (size_t i = 0; i < count; i++)
        copy.array->f[i] = a->f[i];
    int code =
        blas_svd(n, n, copy.array->f, s.array->f, u.array->f, vt.array->f);
    if (code != NUM_OK)
        raise_number(code);
    double det = value_to_double(value_det(u)) > 0 ? 1 : -1;
    det *= value_to_double(value_det(vt)) > 0 ? 1 : -1;
    Value others = prod_others(s, false);
    Value scaled = times(array_value(others), vt);
    return times(value_float(det),
                 value_product(value_transpose(scaled), value_transpose(u)));
}

Value kernel_adj(int n, const Value args[])
{
    (void)n;
    if (value_is_number(args[0]))
        return value_int(1);
    const Array *a = args[0].array;
    bool exact = a->kind == ELEM_EXACT;
    if (!exact)
        a = array_to_float(args[0]);
    if (a->rows < 2)
        return array_value(array_identity(a->rows));
    if (a->rows <= 3)
        return array_value(adjugate_small(a));
    return exact ? adjugate_exact(args[0]) : adjugate_float(a);
}

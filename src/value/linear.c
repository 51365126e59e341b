/*
 * linear.c - products, solving, determinants
 *
 * Exact operands are worked exactly, the rest by num/blas.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "num/tiles.h"
#include "value/linear_exact.h"
#include "value/number.h"
#include "value/shape.h"

/* What a code of num/blas means to the user. */
static void check_blas(int code)
{
    switch (code) {
    case NUM_OK:
        return;
    case NUM_MISSING:
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package " BLAS_PACKAGE,
                         "OpenBLAS was not found");
    case NUM_SINGULAR:
        error_raise(SPAN_NONE, ERR_SINGULAR, "the matrix is singular");
    case NUM_MEMORY:
        error_raise(SPAN_NONE, ERR_MEMORY, "no memory for a work array");
    default:
        error_raise(SPAN_NONE, ERR_NAN, "the factorisation did not converge");
    }
}

static bool both_exact(Value a, Value b)
{
    return value_element_kind(a) != ELEM_FLOAT &&
           value_element_kind(b) != ELEM_FLOAT;
}

static Array *copy_floats(Value v)
{
    Array *a = array_to_float(v);
    return v.kind == VAL_ARRAY && a == v.array ? array_copy(a).array : a;
}

static Array *need_square(Value v, const char *what)
{
    Array *a = value_array(v);
    if (a->rows != a->cols)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "%s needs a square matrix, and this is %s", what,
                    shape_text(value_shape(v)));
    return a;
}

static bool has_nan(const Array *a)
{
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++) {
        if (a->f[i] != a->f[i])
            return true;
    }
    return false;
}

static bool is_finite(const Array *a)
{
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a->f[i]))
            return false;
    }
    return true;
}

/* NaN stays in an array, with a warning; a number that overflows raises. */
static void check_result(const char *what, const Array *y, const Array *a,
                         const Array *b)
{
    if (array_count(y) == 1 && !isfinite(y->f[0]) && is_finite(a) &&
        is_finite(b))
        error_raise(SPAN_NONE, ERR_NAN,
                    "the result of %s is too large for a float", what);
    if (array_count(y) == 1)
        heap_check_number(y->f[0]);
    if (!has_nan(y) || has_nan(a) || has_nan(b))
        return;
    heap_warn(what, value_count_nan(value_object((void *)y), VALUE_NONE));
}

/* ---- products ---- */

/* a*b, or with turned a'*b. */
static Value float_product(Array *a, bool turned, Array *b)
{
    int rows = turned ? a->cols : a->rows, inner = turned ? a->rows : a->cols;
    Value y = array_new(ELEM_FLOAT, rows, b->cols);
    if (inner > 0 && array_count(y.array) > 0)
        check_blas(
            turned && a == b
                ? tiles_syrk(true, rows, inner, a->f, a->rows, y.array->f)
                : tiles_gemm(turned, false, rows, b->cols, inner, a->f, a->rows,
                             b->f, b->rows, y.array->f));
    check_result("*", y.array, a, b);
    return array_value(y);
}

Value value_product(Value a, Value b)
{
    Shape y, sa = value_shape(a), sb = value_shape(b);
    if (shape_is_scalar(sa) || shape_is_scalar(sb) || !value_is_numeric(a) ||
        !value_is_numeric(b))
        return value_binary(BIN_MUL, a, b);
    if (!shape_product(sa, sb, &y))
        shape_raise_product(sa, sb);
    if (both_exact(a, b))
        return array_value(exact_product(array_to_exact(a), array_to_exact(b)));
    return float_product(array_to_float(a), false, array_to_float(b));
}

Value value_turned_product(Value a, Value b)
{
    if (a.kind == VAL_ARRAY && b.kind == VAL_ARRAY &&
        a.array->kind == ELEM_FLOAT && b.array->kind == ELEM_FLOAT &&
        !a.array->missing && !b.array->missing &&
        a.array->rows == b.array->rows)
        return float_product(a.array, true, b.array);
    return value_product(value_transpose(a), b);
}

/*
 * Square blocks: a block's columns of both arrays stay in the first cache,
 * where the strides of whole columns would miss it at each entry.
 */
#define BLOCK ((size_t)16)

static void transpose_floats(const Array *a, double *y)
{
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    for (size_t i0 = 0; i0 < rows; i0 += BLOCK) {
        size_t i1 = rows - i0 < BLOCK ? rows : i0 + BLOCK;
        POLL();
        for (size_t j0 = 0; j0 < cols; j0 += BLOCK) {
            size_t j1 = cols - j0 < BLOCK ? cols : j0 + BLOCK;
            for (size_t i = i0; i < i1; i++)
                for (size_t j = j0; j < j1; j++)
                    y[j + i * cols] = a->f[i + j * rows];
        }
    }
}

Value value_transpose(Value v)
{
    if (v.kind != VAL_ARRAY)
        return array_value(value_object(value_array(v)));
    Array *a = v.array;
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    array_need_present(a);
    if (rows == 1 || cols == 1)
        return array_reshape(v, a->cols, a->rows);
    Value y = array_new((ElementKind)a->kind, a->cols, a->rows);
    if (a->kind == ELEM_FLOAT) {
        transpose_floats(a, y.array->f);
        return y;
    }
    for (size_t j = 0; j < cols; j++) {
        POLL();
        for (size_t i = 0; i < rows; i++)
            array_set(y.array, j + i * cols, array_get(a, i + j * rows));
    }
    return y;
}

static Value identity_like(const Array *a)
{
    Value y = array_identity(a->rows);
    if (a->kind == ELEM_FLOAT)
        return value_object(array_to_float(y));
    return value_object(array_to_exact(y));
}

/* By repeated squaring, as in Knuth, TAOCP 2, section 4.6.3. */
Value value_matrix_power(Value v, int64_t k)
{
    if (v.kind != VAL_ARRAY)
        return number_binary(BIN_POW, v, value_int(k));
    Value base = value_object(need_square(v, "a power")), y = VALUE_NONE;
    if (k < 0)
        base = value_inverse(base);
    for (uint64_t n = k < 0 ? 0 - (uint64_t)k : (uint64_t)k; n > 0; n /= 2) {
        if (n % 2 == 1)
            y = y.kind == VAL_NONE ? base : value_product(y, base);
        if (n > 1)
            base = value_product(base, base);
    }
    return y.kind == VAL_NONE ? identity_like(v.array) : y;
}

/* ---- solving ---- */

static _Noreturn void raise_singular(Shape s)
{
    error_raise(SPAN_NONE, ERR_SINGULAR, "the %s matrix is singular",
                shape_text(s));
}

/* Less than one digit is left: worth a line, but still an answer. */
static void warn_condition(double rcond)
{
    if (rcond < 0x1p-52)
        heap_warn_text("the matrix is singular to working precision: the "
                       "result may have no correct digit");
}

/* Symmetric with a positive diagonal: Cholesky is worth a try. */
static bool may_be_definite(const Array *a)
{
    size_t n = (size_t)a->rows;
    for (size_t j = 0; j < n; j++) {
        if (!(a->f[j + j * n] > 0))
            return false;
        for (size_t i = 0; i < j; i++) {
            if (a->f[i + j * n] != a->f[j + i * n])
                return false;
        }
    }
    return true;
}

/* Condition of l*l' from below: the squared ratio of the diagonal of l. */
static bool cholesky_is_safe(const Array *l)
{
    size_t n = (size_t)l->rows;
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, l->f[i + i * n]);
        high = fmax(high, l->f[i + i * n]);
    }
    return low > 1e-5 * high;
}

static bool solve_definite(Array *a, Array *x)
{
    Array *l = array_copy(a).array;
    if (!may_be_definite(a) || blas_cholesky(a->rows, l->f) != NUM_OK ||
        !cholesky_is_safe(l))
        return false;
    check_blas(blas_cholesky_solve(a->rows, l->f, x->cols, x->f));
    return true;
}

/* A triangle that is far from singular; else false, and x as it was. */
static bool solve_triangle(const Array *a, Array *x)
{
    bool upper = blas_is_triangle(true, a->rows, a->f);
    if (x->cols > 1 || (!upper && !blas_is_triangle(false, a->rows, a->f)))
        return false;
    double condition;
    Array *y = array_copy(x).array;
    if (blas_solve_triangle(upper, a->rows, a->f, 1, y->f, &condition) !=
            NUM_OK ||
        !(condition < 1e14))
        return false;
    memcpy(x->f, y->f, array_count(y) * sizeof *y->f);
    return true;
}

static Value solve_square(Array *a, Value b)
{
    double rcond = 1;
    Array *x = copy_floats(b);
    if (a->rows == 0 || solve_triangle(a, x) || solve_definite(a, x))
        return value_object(x);
    Array *lu = array_copy(a).array;
    int code = blas_solve(false, a->rows, lu->f, x->cols, x->f, &rcond);
    if (code == NUM_SINGULAR)
        raise_singular((Shape){a->rows, a->cols});
    check_blas(code);
    warn_condition(rcond);
    return value_object(x);
}

static Value solve_least_squares(Array *a, Array *b)
{
    LeastSquares info = {0};
    Value x = array_new(ELEM_FLOAT, a->cols, b->cols);
    if (a->cols == 0)
        return x;
    check_blas(blas_least_squares(a->rows, a->cols, a->f, b->cols, b->f, 0,
                                  x.array->f, &info));
    if (info.rank < a->cols && info.rank < a->rows)
        heap_warn_text(name_of(arena_printf(
            error_arena(),
            "the matrix %s has rank %d: dependent columns have coefficient 0",
            shape_text((Shape){a->rows, a->cols}), info.rank)));
    else if (info.rank < a->cols)
        heap_warn_text(name_of(arena_printf(
            error_arena(),
            "fewer equations (%d) than unknowns (%d): one solution of many",
            a->rows, a->cols)));
    return x;
}

/* Exact least squares by the normal equations; false if they are singular. */
static bool solve_exact(Array *a, Array *b, Value *x)
{
    if (a->rows == a->cols) {
        if (!exact_solve(a, b, x))
            raise_singular((Shape){a->rows, a->cols});
        return true;
    }
    if (a->rows < a->cols)
        return false;
    Array *t = array_to_exact(value_transpose(value_object(a)));
    return exact_solve(exact_product(t, a).array, exact_product(t, b).array, x);
}

Value value_solve(Value a, Value b)
{
    Shape y, sa = value_shape(a), sb = value_shape(b);
    Value x;
    if (shape_is_scalar(sa))
        return value_binary(BIN_DIV, b, a);
    if (!shape_solve(sa, sb, &y))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "cannot solve: %d rows on the left, %d on the right",
                    (int)sa.rows, (int)sb.rows);
    if (both_exact(a, b) &&
        solve_exact(array_to_exact(a), array_to_exact(b), &x))
        return array_value(x);
    Array *fa = array_to_float(a), *fb = array_to_float(b);
    x = sa.rows == sa.cols ? solve_square(fa, value_object(fb))
                           : solve_least_squares(fa, fb);
    check_result("\\", x.array, fa, fb);
    return array_value(x);
}

Value value_inverse(Value v)
{
    if (v.kind != VAL_ARRAY)
        return value_binary(BIN_DIV, value_int(1), v);
    Array *a = need_square(v, "inv");
    Value x;
    double rcond = 1;
    if (a->kind != ELEM_FLOAT) {
        Array *id = array_to_exact(array_identity(a->rows));
        if (!exact_solve(array_to_exact(v), id, &x))
            raise_singular(value_shape(v));
        return array_value(x);
    }
    x = array_copy(a);
    if (a->rows == 0)
        return x;
    int code = blas_inverse(a->rows, x.array->f, &rcond);
    if (code == NUM_SINGULAR)
        raise_singular(value_shape(v));
    check_blas(code);
    warn_condition(rcond);
    return array_value(x);
}

/* ---- determinants and traces ---- */

static void float_det(Value v, double *sign, double *logabs, double *det)
{
    Array *a = copy_floats(v);
    *sign = *det = 1;
    *logabs = 0;
    if (a->rows > 0)
        check_blas(blas_det(a->rows, a->f, sign, logabs, det));
}

Value value_det(Value v)
{
    if (v.kind != VAL_ARRAY)
        return array_value(value_object(value_array(v)));
    Array *a = need_square(v, "det");
    double sign, logabs, det;
    if (a->kind != ELEM_FLOAT)
        return exact_det(array_to_exact(v));
    float_det(v, &sign, &logabs, &det);
    if (!isfinite(det) && isfinite(logabs))
        error_raise_help(SPAN_NONE, ERR_NAN, NULL, "logdet(A) is its logarithm",
                         "the determinant is too large for a float");
    return value_float(det);
}

Value value_logdet(Value v)
{
    double sign, logabs, det;
    Array *a = need_square(v, "logdet");
    float_det(v, &sign, &logabs, &det);
    bool exact = a->kind != ELEM_FLOAT;
    int exact_sign = exact ? number_sign(exact_det(array_to_exact(v))) : 0;
    if (sign == 0 || (exact && exact_sign == 0))
        error_raise(SPAN_NONE, ERR_DOMAIN, "logdet: the determinant is 0");
    if (exact ? exact_sign < 0 : sign < 0)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "logdet: the determinant is negative");
    return value_float(logabs);
}

Value value_diag(Value v)
{
    Array *a = value_array(v);
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    bool vector = rows == 1 || cols == 1;
    size_t n = vector ? rows * cols : rows < cols ? rows : cols;
    Value y = array_new((ElementKind)a->kind, (int)n, vector ? (int)n : 1);
    for (size_t i = 0; i < n; i++) {
        if (vector)
            array_set(y.array, i * n + i, array_get(a, i));
        else
            array_set(y.array, i, array_get(a, i * rows + i));
    }
    return array_value(y);
}

Value value_trace(Value v)
{
    Array *a = need_square(v, "tr");
    if (a->rows == 0)
        return value_int(0);
    if (a->rows == 1)
        return array_value(value_object(a));
    return value_reduce(RED_SUM, value_diag(value_object(a)), 0);
}

static int times_side(int a, int b)
{
    int y;
    if (__builtin_mul_overflow(a, b, &y))
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "kron: more than 2^31 - 1 rows or columns");
    return y;
}

Value value_kron(Value va, Value vb)
{
    bool exact = both_exact(va, vb);
    Array *a = exact ? array_to_exact(va) : array_to_float(va);
    Array *b = exact ? array_to_exact(vb) : array_to_float(vb);
    size_t ar = (size_t)a->rows, br = (size_t)b->rows, rows = ar * br;
    Value y =
        array_new(exact ? ELEM_EXACT : ELEM_FLOAT, times_side(a->rows, b->rows),
                  times_side(a->cols, b->cols));
    size_t na = array_count(a), nb = array_count(b);
    for (size_t i = 0; i < na; i++) {
        for (size_t k = 0; k < nb; k++) {
            size_t row = i % ar * br + k % br;
            size_t col = i / ar * (size_t)b->cols + k / br;
            POLL();
            if (exact)
                array_set(y.array, row + col * rows,
                          number_binary(BIN_MUL, a->x[i], b->x[k]));
            else
                y.array->f[row + col * rows] = a->f[i] * b->f[k];
        }
    }
    return array_value(y);
}

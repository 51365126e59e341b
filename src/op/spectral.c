/*
 * spectral.c - kernels of eigenvalues, singular values and factorisations
 */
#include "op/array.h"

#include "base/error.h"
#include "num/vmath.h"

/* The least of two sides; false if that depends on their names. */
static bool least_side(Shape s, Dim *y)
{
    if (s.rows == s.cols || s.rows == 1) {
        *y = s.rows;
        return true;
    }
    *y = s.cols < s.rows ? s.cols : s.rows;
    if (s.cols == 1)
        *y = 1;
    return s.cols == 1 || (s.rows > 0 && s.cols > 0);
}

bool shape_svd(int n, const Shape args[], Shape *y)
{
    y->cols = 1;
    return n == 1 && least_side(args[0], &y->rows);
}

bool shape_svd_u(int n, const Shape args[], Shape *y)
{
    y->rows = args[0].rows;
    return n == 1 && least_side(args[0], &y->cols);
}

bool shape_svd_v(int n, const Shape args[], Shape *y)
{
    y->rows = args[0].cols;
    return n == 1 && least_side(args[0], &y->cols);
}

bool shape_left(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].rows, 1};
    return n == 1;
}

bool shape_right(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].cols, 1};
    return n == 1;
}

static bool alike(int n, const Shape args[])
{
    for (int i = 1; i < n; i++)
        if (args[i].rows != args[0].rows || args[i].cols != args[0].cols)
            return false;
    return true;
}

bool shape_squares(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n >= 2 && args[0].rows == args[0].cols && alike(n, args);
}

bool shape_two(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n == 2 && alike(n, args);
}

bool shape_outer(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].rows, args[0].rows};
    return args[0].cols == 1 && alike(n, args);
}

bool shape_inner(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n == 2 && args[0].cols == 1 && args[1].rows == args[0].rows &&
           args[1].cols == args[0].rows;
}

Value kernel_half_triu(int n, const Value args[])
{
    (void)n;
    Value half = value_binary(BIN_DIV, value_int(1), value_int(2));
    if (value_is_number(args[0]))
        return value_binary(BIN_MUL, half, args[0]);
    const Array *a = args[0].array;
    Value y = array_new(a->kind, a->rows, a->cols);
    for (int j = 0; j < a->cols; j++)
        for (int i = 0; i <= j && i < a->rows; i++) {
            size_t k = (size_t)i + (size_t)j * (size_t)a->rows;
            Value x = array_get(a, k);
            array_set(y.array, k, i == j ? value_binary(BIN_MUL, half, x) : x);
        }
    return y;
}

/* expm([A, E; 0, A]), of which the upper right block counts. */
Value kernel_dexpm(int n, const Value args[])
{
    (void)n;
    const Array *a = array_to_float(args[0]), *e = array_to_float(args[1]);
    int m = a->rows, k = 2 * m;
    Value block = array_fill(k, k, value_float(0));
    double *f = block.array->f;
    for (int j = 0; j < m; j++)
        for (int i = 0; i < m; i++) {
            f[i + j * k] = f[i + m + (j + m) * k] = a->f[i + j * m];
            f[i + (j + m) * k] = e->f[i + j * m];
        }
    const Array *x = array_to_float(kernel_expm(1, &block));
    Value y = array_new(ELEM_FLOAT, m, m);
    for (int j = 0; j < m; j++)
        for (int i = 0; i < m; i++)
            y.array->f[i + j * m] = x->f[i + (j + m) * k];
    return array_value(y);
}

Value kernel_eig(int n, const Value args[])
{
    (void)n;
    return value_eigen(args[0], false);
}

Value kernel_eigvec(int n, const Value args[])
{
    (void)n;
    return value_eigen(args[0], true);
}

Value kernel_svd(int n, const Value args[])
{
    (void)n;
    return array_value(value_singular(args[0], false).s);
}

Value kernel_svd_u(int n, const Value args[])
{
    (void)n;
    return array_value(value_singular(args[0], true).u);
}

Value kernel_svd_v(int n, const Value args[])
{
    (void)n;
    return array_value(value_singular(args[0], true).v);
}

Value kernel_norm_nuc(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_SUM, value_singular(args[0], false).s, 0);
}

/* Of the least norm where a singular value is 0, as norm2 has it at 0. */
Value kernel_polar(int n, const Value args[])
{
    (void)n;
    Singular s = value_singular(args[0], true);
    Array *u = s.u.array;
    size_t from = (size_t)singular_rank(&s) * (size_t)u->rows;
    for (size_t i = from; i < array_count(u); i++)
        u->f[i] = 0;
    return array_value(value_product(s.u, value_transpose(s.v)));
}

Value kernel_norm_spec(int n, const Value args[])
{
    (void)n;
    const Array *s = value_singular(args[0], false).s.array;
    return value_float(array_count(s) ? s->f[0] : 0);
}

/* The first column of the vectors; 0 of a matrix of zeros. */
static Value top_column(const Singular *s, Value vectors)
{
    int rows = vectors.array->rows;
    Value y = array_fill(rows, 1, value_float(0));
    for (int i = 0; i < rows && s->s.array->f[0] > 0; i++)
        y.array->f[i] = vectors.array->f[i];
    return array_value(y);
}

Value kernel_top_u(int n, const Value args[])
{
    (void)n;
    Singular s = value_singular(args[0], true);
    return top_column(&s, s.u);
}

Value kernel_top_v(int n, const Value args[])
{
    (void)n;
    Singular s = value_singular(args[0], true);
    return top_column(&s, s.v);
}

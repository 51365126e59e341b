/*
 * array.c - shape rules and kernels of the ARRAY rows
 */
#include "op/array.h"

#include <math.h>

#include "base/error.h"
#include "num/blas.h"
#include "num/vmath.h"

static bool is_square(Shape s)
{
    return s.rows == s.cols;
}

bool shape_trace(int n, const Shape args[], Shape *y)
{
    *y = SHAPE_SCALAR;
    return n == 1 && is_square(args[0]);
}

bool shape_square(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n == 1 && is_square(args[0]);
}

bool shape_alike(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n == 1;
}

bool shape_number(int n, const Shape args[], Shape *y)
{
    (void)args;
    *y = SHAPE_SCALAR;
    return n == 1;
}

bool shape_column(int n, const Shape args[], Shape *y)
{
    *y = args[0];
    return n == 1 && args[0].cols == 1;
}

bool shape_rows(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].rows, 1};
    return n == 1;
}

bool shape_diag(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].rows, args[0].rows};
    return n == 1 && args[0].cols == 1;
}

bool shape_diagof(int n, const Shape args[], Shape *y)
{
    *y = (Shape){args[0].rows, 1};
    return n == 1 && is_square(args[0]);
}

/* a*b where it can be said without the graph; false otherwise. */
static bool multiply_dims(Dim a, Dim b, Dim *y)
{
    if (a == 1 || b == 1)
        *y = a == 1 ? b : a;
    else if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, y))
        return false;
    return true;
}

bool shape_kron(int n, const Shape args[], Shape *y)
{
    return n == 2 && multiply_dims(args[0].rows, args[1].rows, &y->rows) &&
           multiply_dims(args[0].cols, args[1].cols, &y->cols);
}

Value kernel_tr(int n, const Value args[])
{
    (void)n;
    return value_trace(args[0]);
}

Value kernel_det(int n, const Value args[])
{
    (void)n;
    return value_det(args[0]);
}

Value kernel_logdet(int n, const Value args[])
{
    (void)n;
    return value_logdet(args[0]);
}

Value kernel_inv(int n, const Value args[])
{
    (void)n;
    return value_inverse(args[0]);
}

Value kernel_diag(int n, const Value args[])
{
    (void)n;
    return value_diag(args[0]);
}

Value kernel_kron(int n, const Value args[])
{
    (void)n;
    return value_kron(args[0], args[1]);
}

Value kernel_prod(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_PROD, args[0], 0);
}

Value kernel_logsumexp(int n, const Value args[])
{
    (void)n;
    const Array *a = array_to_float(args[0]);
    return value_float(vmath_logsumexp(a->f, array_count(a), 1));
}

Value kernel_softmax(int n, const Value args[])
{
    (void)n;
    const Array *a = array_to_float(args[0]);
    Value y = array_new(ELEM_FLOAT, a->rows, a->cols);
    vmath_softmax(y.array->f, a->f, array_count(a), 1);
    return array_value(y);
}

Value kernel_maxof(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MAX, args[0], 0);
}

Value kernel_minof(int n, const Value args[])
{
    (void)n;
    return value_reduce(RED_MIN, args[0], 0);
}

Value kernel_argmax(int n, const Value args[])
{
    (void)n;
    return value_argreduce(RED_MAX, args[0]);
}

Value kernel_argmin(int n, const Value args[])
{
    (void)n;
    return value_argreduce(RED_MIN, args[0]);
}

/* Each entry is the compensated sum of the entries up to it. */
Value kernel_cumsum(int n, const Value args[])
{
    (void)n;
    if (value_is_number(args[0]))
        return args[0];
    const Array *a = args[0].array;
    size_t count = array_count(a);
    if (a->kind == ELEM_EXACT) {
        Value y = array_new(ELEM_EXACT, a->rows, a->cols), sum = value_int(0);
        for (size_t i = 0; i < count; i++) {
            sum = value_binary(BIN_ADD, sum, array_get(a, i));
            array_set(y.array, i, sum);
        }
        return y;
    }
    const Array *x = array_to_float(args[0]);
    Value y = array_new(ELEM_FLOAT, x->rows, x->cols);
    VmathSum sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        vmath_sum_add(&sum, x->f[i]);
        y.array->f[i] = vmath_sum_total(sum);
    }
    return y;
}

/* From so many rows on, columns are made by products in lanes. */
#define CHOL_LANES 32

static void raise_not_definite(void)
{
    error_raise(SPAN_NONE, ERR_DOMAIN,
                "chol of a matrix that is not positive definite");
}

/* The lower triangle in place of a, then turned. */
static void chol_by_lanes(Array *a, double *r)
{
    size_t m = (size_t)a->rows;
    Value work = array_new(ELEM_FLOAT, a->rows, 1);
    for (int j = 0; j < a->rows; j++) {
        POLL();
        if (blas_cholesky_column(a->rows, j, a->f, work.array->f) != NUM_OK)
            raise_not_definite();
    }
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++)
            r[i + j * m] = a->f[j + i * m];
}

/*
 * R upper with R'*R = (A + A')/2, column by column (Golub & Van Loan, Matrix
 * Computations, 4.2).
 */
Value kernel_chol(int n, const Value args[])
{
    (void)n;
    Array *a = value_symmetric_part(args[0]).array;
    size_t m = (size_t)a->rows;
    Value y = array_new(ELEM_FLOAT, a->rows, a->cols);
    double *r = y.array->f;
    if (m >= CHOL_LANES) {
        chol_by_lanes(a, r);
        return array_value(y);
    }
    for (size_t j = 0; j < m; j++) {
        POLL();
        for (size_t i = 0; i <= j; i++) {
            double rest = a->f[i + j * m] - vmath_dot(r + i * m, r + j * m, i);
            if (i < j)
                r[i + j * m] = rest / r[i + i * m];
            else if (rest > 0)
                r[j + j * m] = sqrt(rest);
            else
                raise_not_definite();
        }
    }
    return array_value(y);
}

/* Largest sum of magnitudes down a column. */
static double norm_one(const Array *a)
{
    double most = 0;
    for (int j = 0; j < a->cols; j++)
        most = fmax(most, vmath_norm1(a->f + (size_t)j * (size_t)a->rows,
                                      (size_t)a->rows, 1));
    return most;
}

/*
 * Scaling and squaring with the diagonal Pade approximant of degree 13
 * (Higham, SIAM J. Matrix Anal. Appl. 26, 2005): below a norm of 5.37 it is
 * exact to rounding.
 */
static Value exponential(Value a)
{
    static const double b[] = {64764752532480000,
                               32382376266240000,
                               7771770303897600,
                               1187353796428800,
                               129060195264000,
                               10559470521600,
                               670442572800,
                               33522128640,
                               1323241920,
                               40840800,
                               960960,
                               16380,
                               182,
                               1};
    Value square = value_product(a, a);
    Value power = array_identity(a.array->rows);
    Value even = value_binary(BIN_MUL, value_float(b[0]), power);
    Value odd = value_binary(BIN_MUL, value_float(b[1]), power);
    for (int k = 2; k <= 12; k += 2) {
        power = value_product(power, square);
        even = value_binary(BIN_ADD, even,
                            value_binary(BIN_MUL, value_float(b[k]), power));
        odd = value_binary(BIN_ADD, odd,
                           value_binary(BIN_MUL, value_float(b[k + 1]), power));
    }
    odd = value_product(a, odd);
    return value_solve(value_binary(BIN_SUB, even, odd),
                       value_binary(BIN_ADD, even, odd));
}

Value kernel_expm(int n, const Value args[])
{
    (void)n;
    const Array *a = array_to_float(args[0]);
    if (array_count(a) == 1)
        return value_float(num_exp(a->f[0]));
    double norm = norm_one(a);
    if (!isfinite(norm))
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "expm of a matrix that is not finite");
    int squarings = 0;
    while (norm > 5.37) {
        norm /= 2;
        squarings++;
    }
    Value scaled =
        value_binary(BIN_MUL, args[0], value_float(ldexp(1, -squarings)));
    Value y = exponential(scaled);
    for (int i = 0; i < squarings; i++)
        y = value_product(y, y);
    return y;
}

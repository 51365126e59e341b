/*
 * spectral.c - eigenvalues and singular values of numbers
 *
 * Vectors have the signs that LAPACK gives them: the same matrix, the same
 * signs, and a pair of singular vectors changes sign only together.
 */
#include "value/matrix.h"

#include <math.h>

#include "base/error.h"
#include "num/blas.h"
#include "num/vmath.h"

static void check_blas(int code)
{
    if (code == NUM_MISSING)
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package libopenblas0",
                         "OpenBLAS was not found");
    if (code == NUM_MEMORY)
        error_raise(SPAN_NONE, ERR_MEMORY, "no memory for a work array");
    if (code != NUM_OK)
        error_raise(SPAN_NONE, ERR_SINGULAR, "the iteration did not converge");
}

/* (a + a')/2 as floats, a copy. */
static Array *symmetric_part(Value a)
{
    const Array *x = array_to_float(a);
    int n = x->rows;
    Array *y = array_new(ELEM_FLOAT, n, n).array;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            y->f[i + j * n] = (x->f[i + j * n] + x->f[j + i * n]) / 2;
    return y;
}

Value value_symmetric_part(Value a)
{
    return value_object(symmetric_part(a));
}

Value value_eigen(Value a, bool vectors)
{
    Array *v = symmetric_part(a);
    Value w = array_new(ELEM_FLOAT, v->rows, 1);
    for (size_t i = 0; i < array_count(v); i++)
        if (!isfinite(v->f[i]))
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "eig of a matrix that is not finite");
    check_blas(blas_eigen_symmetric(v->rows, v->f, w.array->f, vectors));
    return array_value(vectors ? value_object(v) : w);
}

Singular value_singular(Value a, bool vectors)
{
    const Array *x = array_to_float(a);
    int m = x->rows, n = x->cols, k = m < n ? m : n;
    for (size_t i = 0; i < array_count(x); i++)
        if (!isfinite(x->f[i]))
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "singular values of a matrix that is not finite");
    Value copy = array_copy(x);
    Singular y = {array_new(ELEM_FLOAT, k, 1), VALUE_NONE, VALUE_NONE};
    if (!vectors) {
        check_blas(blas_svd(m, n, copy.array->f, y.s.array->f, NULL, NULL));
        return y;
    }
    Value t = array_new(ELEM_FLOAT, k, n);
    y.u = array_new(ELEM_FLOAT, m, k);
    y.v = array_new(ELEM_FLOAT, n, k);
    check_blas(
        blas_svd(m, n, copy.array->f, y.s.array->f, y.u.array->f, t.array->f));
    for (int j = 0; j < n; j++)
        for (int i = 0; i < k; i++)
            y.v.array->f[j + i * n] = t.array->f[i + j * k];
    return y;
}

/* The number of singular values above rounding. */
int singular_rank(const Singular *a)
{
    int k = a->s.array->rows, r = 0;
    int m = a->u.kind == VAL_ARRAY ? a->u.array->rows : k;
    int n = a->v.kind == VAL_ARRAY ? a->v.array->rows : k;
    double least = k ? a->s.array->f[0] * (m > n ? m : n) * 0x1p-52 : 0;
    while (r < k && a->s.array->f[r] > least)
        r++;
    return r;
}

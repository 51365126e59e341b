/*
 * adjugate.c - the adjugate and its derivatives, which are polynomials
 */
#include "base/error.h"
#include "num/blas.h"
#include "op/array.h"

static Value entry(const Array *a, int i, int j)
{
    int n = a->rows;
    return array_get(a, (size_t)(i % n + j % n * n));
}

static Value times(Value a, Value b)
{
    return value_binary(BIN_MUL, a, b);
}

/* x_ij*y_kl - x_il*y_kj */
static Value minor(const Array *x, const Array *y, int i, int j, int k, int l)
{
    return value_binary(BIN_SUB, times(entry(x, i, j), entry(y, k, l)),
                        times(entry(x, i, l), entry(y, k, j)));
}

/* 2x2 and 3x3 by cofactors; of the rotated indices of 3x3 all signs are +.
 * Those of 3x3 are bilinear in x and y; of 2x2 linear in x. */
static Value adjugate_small(const Array *x, const Array *y)
{
    int n = x->rows;
    Value z = array_new(x->kind, n, n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            Value e;
            if (n == 2)
                e = i == j ? entry(x, 1 - i, 1 - j)
                           : value_negate(entry(x, i, j));
            else
                e = minor(x, y, j + 1, i + 1, j + 2, i + 2);
            array_set(z.array, (size_t)(i + j * n), e);
        }
    return z;
}

/* One step of the recurrence: s - tr(s)/k*I, of the sum s of products. */
static Value less_trace(Value s, int k, Value unit)
{
    Value c = value_binary(BIN_DIV, value_trace(s), value_int(k));
    return value_binary(BIN_SUB, s, times(c, unit));
}

static Value plus(Value a, Value b)
{
    return value_binary(BIN_ADD, a, b);
}

/*
 * Of an exact matrix by its characteristic polynomial, which divides by
 * 1, 2, ..., n alone (Faddeev & Leverrier; Gantmacher, Theory of Matrices I,
 * IV.5): M = I; k = 1 ... n - 1: M = A*M - tr(A*M)/k*I.  d[0] is M; d[1],
 * d[2] and d[3] its derivatives in the directions b, c, and b and c.
 */
static Value adjugate_exact(Value a, int order, Value b, Value c)
{
    int n = a.array->rows;
    Value unit = array_identity(n), none = times(value_int(0), unit);
    Value d[4] = {unit, none, none, none};
    for (int k = 1; k < n; k++) {
        Value s[4];
        POLL();
        s[0] = value_product(a, d[0]);
        if (order > 0)
            s[1] = plus(value_product(a, d[1]), value_product(b, d[0]));
        if (order > 1) {
            s[2] = plus(value_product(a, d[2]), value_product(c, d[0]));
            s[3] = plus(value_product(a, d[3]),
                        plus(value_product(b, d[2]), value_product(c, d[1])));
        }
        for (int i = 0; i < 4; i++)
            if (i == 0 || (i == 1 && order > 0) || order > 1)
                d[i] = less_trace(s[i], k, unit);
    }
    Value y = d[order == 2 ? 3 : order];
    return n % 2 ? y : value_negate(y);
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

/* ---- of floats, by singular values ---- */

typedef struct Factors {
    int n;
    double *u, *vt, *s; /* A = U*S*V' */
    double det;         /* det(U)*det(V) */
} Factors;

static Factors factorise(const Array *a)
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
    return (Factors){n, u.array->f, vt.array->f, s.array->f, det};
}

static Value matrix_of(const double *f, int n)
{
    Value y = array_new(ELEM_FLOAT, n, n);
    for (size_t i = 0; i < array_count(y.array); i++)
        y.array->f[i] = f[i];
    return y;
}

/* det*V*d*U' */
static Value turned_back(const Factors *f, Value d)
{
    Value u = matrix_of(f->u, f->n), vt = matrix_of(f->vt, f->n);
    Value y = value_product(value_product(value_transpose(vt), d),
                            value_transpose(u));
    return times(value_float(f->det), y);
}

/* U'*b*V */
static const double *turned_in(const Factors *f, Value b)
{
    Value u = matrix_of(f->u, f->n), vt = matrix_of(f->vt, f->n);
    Value y = value_product(value_transpose(u),
                            value_product(b, value_transpose(vt)));
    return array_to_float(y)->f;
}

/* The product of all s but those at the places, which may repeat. */
static double product_without(const Factors *f, int i, int j, int k)
{
    double y = 1;
    for (int l = 0; l < f->n; l++)
        if (l != i && l != j && l != k)
            y *= f->s[l];
    return y;
}

/* The adjugate of S: the products of the other entries. */
static void adjugate_diagonal(const Factors *f, double *y)
{
    for (int i = 0; i < f->n; i++)
        y[i + i * f->n] = product_without(f, i, i, i);
}

/* Its change for a change c of S. */
static void adjugate_change(const Factors *f, const double *c, double *y)
{
    int n = f->n;
    for (int i = 0; i < n; i++) {
        POLL();
        for (int j = 0; j < n; j++) {
            if (i == j)
                continue;
            double p = product_without(f, i, j, j);
            y[i + j * n] = -c[i + j * n] * p;
            y[i + i * n] += c[j + j * n] * p;
        }
    }
}

/*
 * Its second change, for changes c and d: the minors of 2 rows and columns of
 * c and d, by the products of the s that are left.
 */
static void adjugate_second(const Factors *f, const double *c, const double *d,
                            double *y)
{
    int n = f->n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            POLL();
            for (int k = 0; k < n; k++) {
                if (k == i || k == j || i == j)
                    continue;
                double p = product_without(f, i, j, k);
                int ij = i + j * n, ik = i + k * n, kj = k + j * n;
                int kk = k + k * n, jj = j + j * n, jk = j + k * n;
                y[ij] += p * (c[ik] * d[kj] + d[ik] * c[kj] - c[ij] * d[kk] -
                              d[ij] * c[kk]);
                /* the pairs j < k of the diagonal entry i */
                if (j < k)
                    y[i + i * n] += p * (c[jj] * d[kk] + d[jj] * c[kk] -
                                         c[jk] * d[kj] - d[jk] * c[kj]);
            }
        }
}

/*
 * Of A = U*S*V' it is det(U)*det(V)*V*adj(S)*U', and adj of a diagonal matrix
 * holds the products of the other entries (G. W. Stewart, On the adjugate
 * matrix, Linear Algebra Appl. 283, 1998): right at singular matrices too.
 * So are the derivatives, which are polynomials in the entries.
 */
static Value adjugate_float(const Array *a, int order, Value b, Value c)
{
    Factors f = factorise(a);
    Value y = array_fill(f.n, f.n, value_float(0));
    if (order == 0)
        adjugate_diagonal(&f, y.array->f);
    else if (order == 1)
        adjugate_change(&f, turned_in(&f, b), y.array->f);
    else
        adjugate_second(&f, turned_in(&f, b), turned_in(&f, c), y.array->f);
    return turned_back(&f, y);
}

static Value small(const Array *a, int order, const Array *b, const Array *c)
{
    if (order == 0)
        return adjugate_small(a, a);
    if (a->rows == 2)
        return order == 1 ? adjugate_small(b, b)
                          : times(value_int(0), adjugate_small(b, b));
    if (order == 1)
        c = a;
    return plus(adjugate_small(b, c), adjugate_small(c, b));
}

static Value adjugate(int order, const Value args[])
{
    bool exact = true;
    Value m[3];
    if (value_is_number(args[0]))
        return value_int(order == 0);
    for (int i = 0; i <= order; i++)
        exact = exact && value_element_kind(args[i]) == ELEM_EXACT;
    for (int i = 0; i < 3; i++) {
        Value x = args[i <= order ? i : 0];
        m[i] = value_object(exact ? value_array(x) : array_to_float(x));
    }
    const Array *a = m[0].array;
    if (a->rows < 2)
        return array_value(array_fill(a->rows, a->rows, value_int(order == 0)));
    if (a->rows <= 3)
        return array_value(small(a, order, m[1].array, m[2].array));
    return array_value(exact ? adjugate_exact(m[0], order, m[1], m[2])
                             : adjugate_float(a, order, m[1], m[2]));
}

Value kernel_adj(int n, const Value args[])
{
    (void)n;
    return adjugate(0, args);
}

Value kernel_dadj(int n, const Value args[])
{
    (void)n;
    return adjugate(1, args);
}

Value kernel_ddadj(int n, const Value args[])
{
    (void)n;
    return adjugate(2, args);
}

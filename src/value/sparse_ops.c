/*
 * sparse_ops.c - arithmetic of sparse matrices
 *
 * A product of two goes column by column with a dense accumulator of one
 * column (Gustavson, ACM TOMS 4, 1978): the time is that of the
 * multiplications that there are.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "num/sparse.h"
#include "value/shape.h"
#include "value/sparse.h"

Value sparse_transpose(const Sparse *a)
{
    const Structure *s = a->at;
    Value y = sparse_new(s->cols, s->rows, sparse_count(a));
    Structure *t = y.sparse->at;
    for (size_t k = 0; k < sparse_count(a); k++)
        t->start[s->row[k] + 1]++;
    for (int i = 0; i < s->rows; i++)
        t->start[i + 1] += t->start[i];
    for (int j = 0; j < s->cols; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++) {
            int at = t->start[s->row[k]]++;
            t->row[at] = j;
            y.sparse->f[at] = a->f[k];
        }
    memmove(t->start + 1, t->start, (size_t)s->rows * sizeof *t->start);
    t->start[0] = 0;
    return y;
}

static Shape shape_of(const Sparse *a)
{
    return (Shape){a->at->rows, a->at->cols};
}

static void need_same(BinaryOp op, const Sparse *a, const Sparse *b)
{
    if (!shape_same(shape_of(a), shape_of(b)))
        shape_raise_broadcast(op, shape_of(a), shape_of(b));
}

Value sparse_sum(const Sparse *a, const Sparse *b, double sign)
{
    need_same(sign > 0 ? BIN_ADD : BIN_SUB, a, b);
    const Structure *s = a->at, *t = b->at;
    if (s == t) {
        Value y = sparse_like(a);
        for (size_t k = 0; k < sparse_count(a); k++)
            y.sparse->f[k] = a->f[k] + sign * b->f[k];
        return y;
    }
    Value y = sparse_new(s->rows, s->cols, sparse_count(a) + sparse_count(b));
    Structure *u = y.sparse->at;
    int n = 0;
    for (int j = 0; j < s->cols; j++) {
        int k = s->start[j], m = t->start[j];
        while (k < s->start[j + 1] || m < t->start[j + 1]) {
            int p = k < s->start[j + 1] ? s->row[k] : s->rows;
            int q = m < t->start[j + 1] ? t->row[m] : s->rows;
            double e = p <= q ? a->f[k++] : 0;
            y.sparse->f[n] = q <= p ? e + sign * b->f[m++] : e;
            u->row[n++] = p < q ? p : q;
        }
        u->start[j + 1] = n;
    }
    return y;
}

Value sparse_scale(const Sparse *a, double c)
{
    Value y = sparse_like(a);
    for (size_t k = 0; k < sparse_count(a); k++)
        y.sparse->f[k] = c * a->f[k];
    return y;
}

Value sparse_power(const Sparse *a, double exponent)
{
    Value y = sparse_like(a);
    for (size_t k = 0; k < sparse_count(a); k++)
        y.sparse->f[k] =
            exponent == 2 ? a->f[k] * a->f[k] : pow(a->f[k], exponent);
    return y;
}

Value sparse_had(const Sparse *a, const Sparse *b)
{
    need_same(BIN_MUL, a, b);
    const Structure *s = a->at, *t = b->at;
    size_t most =
        sparse_count(a) < sparse_count(b) ? sparse_count(a) : sparse_count(b);
    Value y = sparse_new(s->rows, s->cols, most);
    Structure *u = y.sparse->at;
    int n = 0;
    for (int j = 0; j < s->cols; j++) {
        int k = s->start[j], m = t->start[j];
        while (k < s->start[j + 1] && m < t->start[j + 1]) {
            if (s->row[k] == t->row[m]) {
                u->row[n] = s->row[k];
                y.sparse->f[n++] = a->f[k] * b->f[m];
            }
            int p = s->row[k], q = t->row[m];
            k += p <= q;
            m += q <= p;
        }
        u->start[j + 1] = n;
    }
    return y;
}

Value sparse_had_array(const Sparse *a, Value v)
{
    const Array *b = array_to_float(v);
    Shape s = shape_of(a), y, t = {b->rows, b->cols};
    if (!shape_broadcast(s, t, &y) || !shape_same(y, s))
        shape_raise_broadcast(BIN_MUL, s, t);
    size_t down = t.rows == 1 ? 0 : 1;
    size_t along = t.cols == 1 ? 0 : (size_t)t.rows;
    Value r = sparse_like(a);
    for (int j = 0; j < s.cols; j++)
        for (int k = a->at->start[j]; k < a->at->start[j + 1]; k++)
            r.sparse->f[k] =
                a->f[k] *
                b->f[(size_t)a->at->row[k] * down + (size_t)j * along];
    return r;
}

/* ---- products ---- */

/* Counts the product's entries in each column; marks are numbers of columns. */
static size_t count_product(const Structure *s, const Structure *t, int *mark)
{
    size_t n = 0;
    memset(mark, -1, (size_t)s->rows * sizeof *mark);
    for (int j = 0; j < t->cols; j++) {
        POLL();
        for (int m = t->start[j]; m < t->start[j + 1]; m++)
            for (int k = s->start[t->row[m]]; k < s->start[t->row[m] + 1]; k++)
                if (mark[s->row[k]] != j) {
                    mark[s->row[k]] = j;
                    n++;
                }
    }
    memset(mark, -1, (size_t)s->rows * sizeof *mark);
    return n;
}

/* The columns come out in the order of their multiplications; two transposes
 * sort all of them in linear time. */
Value sparse_product(const Sparse *a, const Sparse *b)
{
    const Structure *s = a->at, *t = b->at;
    if (s->cols != t->rows)
        shape_raise_product(shape_of(a), shape_of(b));
    Arena *arena = arena_local();
    int *mark = ARENA_ARRAY(arena, int, (size_t)s->rows + 1);
    int *place = ARENA_ARRAY(arena, int, (size_t)s->rows + 1);
    Value y = sparse_new(s->rows, t->cols, count_product(s, t, mark));
    Structure *u = y.sparse->at;
    double *f = y.sparse->f;
    int n = 0;
    for (int j = 0; j < t->cols; j++) {
        POLL();
        for (int m = t->start[j]; m < t->start[j + 1]; m++)
            for (int k = s->start[t->row[m]]; k < s->start[t->row[m] + 1];
                 k++) {
                int i = s->row[k];
                if (mark[i] != j) {
                    mark[i] = j;
                    place[i] = n;
                    u->row[n] = i;
                    f[n++] = 0;
                }
                f[place[i]] += a->f[k] * b->f[m];
            }
        u->start[j + 1] = n;
    }
    arena_free(arena);
    y = sparse_transpose(y.sparse);
    return sparse_transpose(y.sparse);
}

Value sparse_times_array(const Sparse *a, Value v)
{
    const Structure *s = a->at;
    const Array *b = array_to_float(v);
    if (s->cols != b->rows)
        shape_raise_product(shape_of(a), (Shape){b->rows, b->cols});
    Value y = array_new(ELEM_FLOAT, s->rows, b->cols);
    for (int c = 0; c < b->cols; c++) {
        POLL();
        const double *x = b->f + (size_t)c * (size_t)b->rows;
        double *to = y.array->f + (size_t)c * (size_t)s->rows;
        for (int j = 0; j < s->cols; j++)
            for (int k = s->start[j]; k < s->start[j + 1]; k++)
                to[s->row[k]] += a->f[k] * x[j];
    }
    return array_value(y);
}

Value sparse_matrix_power(const Sparse *a, int64_t k)
{
    if (a->at->rows != a->at->cols)
        shape_raise_product(shape_of(a), shape_of(a));
    if (k < 1)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the powers of a sparse matrix are 1, 2, 3, ...");
    Value y = VALUE_NONE, square = value_object((void *)a);
    for (; k > 0; k /= 2) {
        if (k % 2)
            y = y.kind == VAL_NONE ? square
                                   : sparse_product(y.sparse, square.sparse);
        if (k > 1)
            square = sparse_product(square.sparse, square.sparse);
    }
    return y;
}

/* ---- systems ---- */

static void check_code(const Sparse *a, int code)
{
    switch (code) {
    case NUM_OK:
        return;
    case NUM_MISSING:
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package " SPARSE_PACKAGE,
                         "UMFPACK was not found, and the band of this sparse "
                         "matrix is too wide to do without");
    case NUM_SINGULAR:
        error_raise(SPAN_NONE, ERR_SINGULAR, "the %s sparse matrix is singular",
                    shape_text(shape_of(a)));
    case NUM_MEMORY:
        error_raise(SPAN_NONE, ERR_MEMORY,
                    "no memory for the factors of the %s sparse matrix",
                    shape_text(shape_of(a)));
    default:
        error_raise(SPAN_NONE, ERR_NAN,
                    "the %s sparse matrix holds entries that are not finite",
                    shape_text(shape_of(a)));
    }
}

Value sparse_solve(const Sparse *a, Value v)
{
    const Structure *s = a->at;
    Shape t;
    if (!shape_solve(shape_of(a), value_shape(v), &t))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "rows of both sides of `\\` must agree");
    if (s->rows != s->cols)
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL, "(S'*S)\\(S'*b)",
                         "`\\` with a sparse matrix needs a square one, and "
                         "this is %s",
                         shape_text(shape_of(a)));
    Value y = array_copy(array_to_float(v));
    for (size_t k = 0; k < sparse_count(a); k++)
        if (!isfinite(a->f[k]))
            check_code(a, NUM_DOMAIN);
    Columns c = {s->rows, s->cols, s->start, s->row, a->f};
    double rcond;
    check_code(a, sparse_solve_in_place(&c, y.array->cols, y.array->f, &rcond));
    if (rcond < 0x1p-52)
        heap_warn_text("the matrix is singular to working precision: the "
                       "result may have no correct digit");
    return array_value(y);
}

/* ---- reductions ---- */

Value sparse_sum_entries(const Sparse *a, int dim)
{
    const Structure *s = a->at;
    double all = 0;
    Value y = dim == 0 ? VALUE_NONE
                       : array_new(ELEM_FLOAT, dim == 1 ? 1 : s->rows,
                                   dim == 1 ? s->cols : 1);
    for (int j = 0; j < s->cols; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++) {
            if (dim == 0)
                all += a->f[k];
            else
                y.array->f[dim == 1 ? j : s->row[k]] += a->f[k];
        }
    return dim == 0 ? value_float(all) : array_value(y);
}

Value sparse_diagonal_of(const Sparse *a)
{
    const Structure *s = a->at;
    int n = s->rows < s->cols ? s->rows : s->cols;
    Value y = array_new(ELEM_FLOAT, n, 1);
    for (int j = 0; j < n; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++)
            if (s->row[k] == j)
                y.array->f[j] = a->f[k];
    return array_value(y);
}

/*
 * builtin_array.c - arrays and their reductions
 */
#include <math.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/index.h"
#include "graph/front.h"
#include "graph/print.h"
#include "num/blas.h"
#include "num/vmath.h"
#include "op/array.h"
#include "value/datatable.h"
#include "value/shape.h"
#include "value/sparse.h"

static Value need_array(const Args *a, int i)
{
    Value v = a->at[i];
    constant_floats(interp_current(), v, &v);
    if (!value_is_number(v) && v.kind != VAL_ARRAY && v.kind != VAL_BOOL)
        error_raise(SPAN_NONE, ERR_TYPE, "an array is wanted, not %s",
                    value_kind_phrase(v));
    return v;
}

/* A function of graph/front on symbolic arguments. */
static Value symbolic(Interp *in, const char *name, int n, const Value args[],
                      int dim)
{
    Node node[2];
    bool known;
    for (int i = 0; i < n; i++)
        node[i] = node_of_value(in, args[i]);
    Node y = front_call(in->graph, name_of(name), n, node, dim, &known);
    if (y == NODE_NONE && known)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s does not take these shapes", name);
    if (y == NODE_NONE)
        error_raise(SPAN_NONE, ERR_TYPE, "%s has no form for symbols", name);
    return value_of_node(in, y);
}

static bool has_symbol(const Args *a)
{
    for (int i = 0; i < a->count; i++)
        if (a->at[i].kind == VAL_EXPR)
            return true;
    return false;
}

/* sum(A, 1), as formulas are printed. */
static int second_dim(const Args *a)
{
    int64_t k = arg_int(a, 1, "the dimension");
    if (k < 1 || k > 2)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "the dimension is 1 (down the "
                                             "columns) or 2 (along the rows)");
    return (int)k;
}

static Value reduce(Interp *in, const Args *a, ReduceOp op, const char *name)
{
    Value v = a->at[0];
    int dim = a->count == 2 ? second_dim(a) : args_dim(a);
    if (v.kind == VAL_SPARSE)
        return sparse_sum_entries(v.sparse, dim);
    if (v.kind == VAL_EXPR)
        return symbolic(in, name, 1, a->at, dim);
    if (v.kind == VAL_LIST) {
        int n = (int)v.list->count, one = n;
        v = n == 0 ? array_new(ELEM_EXACT, 0, 1)
                   : apply_literal(in, 1, &one, v.list->at, false);
        if (v.kind == VAL_EXPR)
            return symbolic(in, name, 1, &v, dim);
    }
    if (!value_is_number(v) && v.kind != VAL_ARRAY && v.kind != VAL_BOOL)
        error_raise(SPAN_NONE, ERR_TYPE, "%s takes an array, not %s", name,
                    value_kind_phrase(v));
    return value_reduce(op, v, dim);
}

Value builtin_sum(Interp *in, const Args *a)
{
    return reduce(in, a, RED_SUM, "sum");
}

Value builtin_prod(Interp *in, const Args *a)
{
    return reduce(in, a, RED_PROD, "prod");
}

Value builtin_mean(Interp *in, const Args *a)
{
    return reduce(in, a, RED_MEAN, "mean");
}

Value builtin_all(Interp *in, const Args *a)
{
    return reduce(in, a, RED_ALL, "all");
}

Value builtin_any(Interp *in, const Args *a)
{
    return reduce(in, a, RED_ANY, "any");
}

static Value extreme(Interp *in, const Args *a, ReduceOp one, BinaryOp two,
                     const char *name)
{
    if (a->count == 1)
        return reduce(in, a, one, name);
    if (has_symbol(a))
        return symbolic(in, name, 2, a->at, 0);
    return value_binary(two, need_array(a, 0), need_array(a, 1));
}

Value builtin_min(Interp *in, const Args *a)
{
    return extreme(in, a, RED_MIN, BIN_MIN, "min");
}

Value builtin_max(Interp *in, const Args *a)
{
    return extreme(in, a, RED_MAX, BIN_MAX, "max");
}

Value builtin_argmin(Interp *in, const Args *a)
{
    (void)in;
    return value_argreduce(RED_MIN, need_array(a, 0));
}

Value builtin_argmax(Interp *in, const Args *a)
{
    (void)in;
    return value_argreduce(RED_MAX, need_array(a, 0));
}

Value builtin_norm1(Interp *in, const Args *a)
{
    if (has_symbol(a))
        return symbolic(in, "norm1", 1, a->at, 0);
    Value v = need_array(a, 0);
    return value_reduce(RED_SUM, apply_op(in, OP_ABS, 1, &v), 0);
}

/* An operator that has a form for each row (ops.def), on numbers directly. */
static Value along(Interp *in, const Args *a, const char *name)
{
    int dim = a->count == 2 ? second_dim(a) : args_dim(a);
    Value v = a->at[0];
    if (v.kind != VAL_ARRAY)
        return symbolic(in, name, 1, a->at, dim);
    Name op = name_of(name);
    const OpInfo *info = &op_table[dim ? op_find_rows(op) : op_find(op)];
    if (dim != 1)
        return info->array(1, &v);
    Value turned = value_transpose(v);
    return value_transpose(info->array(1, &turned));
}

Value builtin_logsumexp(Interp *in, const Args *a)
{
    return along(in, a, "logsumexp");
}

Value builtin_softmax(Interp *in, const Args *a)
{
    return along(in, a, "softmax");
}

Value builtin_hardmax(Interp *in, const Args *a)
{
    return along(in, a, "hardmax");
}

Value builtin_prod_others(Interp *in, const Args *a)
{
    return along(in, a, "prod_others");
}

/* A row operator of ops.def, down the columns for dim 1. */
static Value of_lines(Value v, OpId op, int dim)
{
    if (dim == 2)
        return op_table[op].array(1, &v);
    Value turned = value_transpose(v);
    return value_transpose(op_table[op].array(1, &turned));
}

Value builtin_normalize(Interp *in, const Args *a)
{
    int dim = a->count == 2 ? second_dim(a) : args_dim(a);
    if (a->at[0].kind == VAL_EXPR)
        return symbolic(in, "normalize", 1, a->at, dim);
    Value v = need_array(a, 0);
    if (dim)
        return of_lines(v, OP_NORMALIZE_ROWS, dim);
    Array *x = array_to_float(v);
    double norm = vmath_norm2(x->f, array_count(x), 1);
    return value_binary(BIN_DIV, v, value_float(norm == 0 ? 1 : norm));
}

static Value column_norms(Value v)
{
    array_need_present(value_array(v));
    Array *x = array_to_float(v);
    size_t rows = (size_t)x->rows;
    Value y = array_new(ELEM_FLOAT, 1, x->cols);
    for (size_t j = 0; j < (size_t)x->cols; j++)
        y.array->f[j] = vmath_norm2(x->f + j * rows, rows, 1);
    return array_value(y);
}

/* Exact vectors have an exact norm where the root is, else sqrt of a number. */
Value builtin_norm2(Interp *in, const Args *a)
{
    int dim = a->count == 2 ? second_dim(a) : args_dim(a);
    if (a->at[0].kind == VAL_EXPR)
        return symbolic(in, "norm2", 1, a->at, dim);
    Value v = need_array(a, 0);
    if (dim == 1)
        return column_norms(v);
    if (dim)
        return of_lines(v, OP_NORM2_ROWS, dim);
    if (value_element_kind(v) == ELEM_FLOAT) {
        Array *x = array_to_float(v);
        double y = vmath_norm2(x->f, array_count(x), 1);
        heap_check_number(y);
        return value_float(y);
    }
    Value square = value_reduce(RED_SUM, value_binary(BIN_MUL, v, v), 0);
    return value_of_node(in, node_power(in->graph, node_of_value(in, square),
                                        node_rational(in->graph, 1, 2)));
}

Value builtin_dot(Interp *in, const Args *a)
{
    if (has_symbol(a))
        return symbolic(in, "dot", 2, a->at, 0);
    return value_reduce(RED_SUM,
                        value_binary(BIN_MUL, need_array(a, 0), need_array(a, 1)),
                        0);
}

/* ---- making arrays ---- */

static int side(const Args *a, int i)
{
    int64_t n = arg_int(a, i, "a side");
    if (n < 0 || n > INT32_MAX)
        error_raise(SPAN_NONE, ERR_SHAPE, "a side of an array is from 0 to %d",
                    INT32_MAX);
    return (int)n;
}

static bool symbolic_sides(const Args *a)
{
    return has_symbol(a);
}

static Node side_node(Interp *in, const Args *a, int i)
{
    return i < a->count ? node_of_value(in, a->at[i]) : node_int(in->graph, 1);
}

static Value filled(Interp *in, const Args *a, int64_t entry)
{
    Graph *g = in->graph;
    if (symbolic_sides(a)) {
        Dim r = dim_of_node(g, side_node(in, a, 0));
        Dim c = dim_of_node(g, side_node(in, a, 1));
        if (entry == 0)
            return value_of_node(in, node_zero(g, (Shape){r, c}));
        return value_of_node(
            in, node_mul(g, node_ones(g, r), node_transpose(g, node_ones(g, c))));
    }
    return array_value(array_fill(side(a, 0), a->count > 1 ? side(a, 1) : 1,
                                  value_int(entry)));
}

Value builtin_zeros(Interp *in, const Args *a)
{
    return filled(in, a, 0);
}

Value builtin_ones(Interp *in, const Args *a)
{
    return filled(in, a, 1);
}

Value builtin_identity(Interp *in, const Args *a)
{
    if (symbolic_sides(a))
        return value_of_node(
            in, node_identity(in->graph,
                              dim_of_node(in->graph, side_node(in, a, 0))));
    return array_value(array_identity(side(a, 0)));
}

Value builtin_unit(Interp *in, const Args *a)
{
    if (symbolic_sides(a))
        return value_of_node(
            in, node_unit(in->graph,
                          dim_of_node(in->graph, side_node(in, a, 0)),
                          side_node(in, a, 1)));
    int n = side(a, 0);
    int64_t k = arg_int(a, 1, "the position");
    if (k < 1 || k > n)
        error_raise(SPAN_NONE, ERR_INDEX, "position %lld is outside 1..%d",
                    (long long)k, n);
    Value v = array_new(ELEM_EXACT, n, 1);
    for (int i = 0; i < n; i++)
        array_set(v.array, (size_t)i, value_int(i == k - 1));
    return array_value(v);
}

Value builtin_linspace(Interp *in, const Args *a)
{
    (void)in;
    double from = arg_double(a, 0, "the start"), to = arg_double(a, 1, "the end");
    int n = side(a, 2);
    Value v = array_new(ELEM_FLOAT, n, 1);
    for (int i = 0; i < n; i++)
        v.array->f[i] = i == n - 1 ? to : from + (to - from) * i / (n - 1);
    return array_value(v);
}

/* ---- sizes ---- */

static Value dim_value(Interp *in, Dim d)
{
    return value_of_node(in, node_of_dim(in->graph, d));
}

static Shape any_shape(Interp *in, Value v)
{
    if (v.kind == VAL_EXPR)
        return node_shape(in->graph, v.expr->node);
    if (v.kind == VAL_TABLE)
        return (Shape){v.table->rows, (int)v.table->ncols};
    return value_shape(v);
}

Value builtin_size(Interp *in, const Args *a)
{
    Shape s = any_shape(in, a->at[0]);
    Value side_value[] = {dim_value(in, s.rows), dim_value(in, s.cols)};
    if (a->count == 2) {
        int64_t k = arg_int(a, 1, "the dimension");
        if (k < 1 || k > 2)
            error_raise(SPAN_NONE, ERR_ARGUMENT, "size(A, 1) or size(A, 2)");
        return side_value[k - 1];
    }
    return apply_literal(in, 1, (int[]){2}, side_value, false);
}

Value builtin_length(Interp *in, const Args *a)
{
    Value v = a->at[0];
    switch (v.kind) {
    case VAL_LIST:
        return value_int((int64_t)v.list->count);
    case VAL_RECORD:
        return value_int((int64_t)v.record->count);
    case VAL_STRING:
        return value_int((int64_t)text_length(v.string));
    default: {
        Shape s = any_shape(in, v);
        return dim_value(in, dim_mul(in->graph, s.rows,
                                     v.kind == VAL_TABLE ? 1 : s.cols));
    }
    }
}

Value builtin_rows(Interp *in, const Args *a)
{
    return dim_value(in, any_shape(in, a->at[0]).rows);
}

Value builtin_cols(Interp *in, const Args *a)
{
    return dim_value(in, any_shape(in, a->at[0]).cols);
}

Value builtin_reshape(Interp *in, const Args *a)
{
    (void)in;
    return array_value(array_reshape(need_array(a, 0), side(a, 1), side(a, 2)));
}

Value builtin_vec(Interp *in, const Args *a)
{
    (void)in;
    Value v = need_array(a, 0);
    Shape s = value_shape(v);
    return array_value(array_reshape(v, s.rows * s.cols, 1));
}

Value builtin_find(Interp *in, const Args *a)
{
    (void)in;
    Value v = need_array(a, 0);
    if (value_element_kind(v) != ELEM_BOOL)
        error_raise(SPAN_NONE, ERR_TYPE, "find takes a mask: find(v > 0)");
    Array *m = value_array(v);
    size_t n = array_count(m), count = 0;
    for (size_t i = 0; i < n; i++)
        count += m->b[i];
    Value y = array_new(ELEM_EXACT, (int)count, 1);
    for (size_t i = 0, k = 0; i < n; i++)
        if (m->b[i])
            array_set(y.array, k++, value_int((int64_t)i + 1));
    return array_value(y);
}

/* ---- spectra ---- */

static Array *float_square(const Args *a)
{
    Array *x = array_to_float(need_array(a, 0));
    if (x->rows != x->cols)
        error_raise(SPAN_NONE, ERR_SHAPE, "a square matrix is wanted, not %s",
                    shape_text((Shape){x->rows, x->cols}));
    return x;
}

static void need_library(int code)
{
    if (code == NUM_MISSING)
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package libopenblas0",
                         "OpenBLAS was not found");
    if (code != NUM_OK)
        error_raise(SPAN_NONE, ERR_SINGULAR, "the iteration did not converge");
}

/* Equal to its transpose, save for rounding. */
static void need_symmetric(const Array *x)
{
    int n = x->rows;
    double most = 0;
    for (size_t i = 0; i < array_count(x); i++)
        most = fmax(most, fabs(x->f[i]));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (!(fabs(x->f[i + j * n] - x->f[j + i * n]) <= most * 0x1p-40))
                error_raise(SPAN_NONE, ERR_TYPE,
                            "eig takes a symmetric matrix; entries [%d,%d] and "
                            "[%d,%d] differ", i + 1, j + 1, j + 1, i + 1);
}

/* A formula must say that it is symmetric: nothing could be checked later. */
static Value symbolic_eigen(Interp *in, const Args *a, const char *name)
{
    Node n = node_of_value(in, a->at[0]);
    if (node_is_square(in->graph, n) && !node_is_symmetric(in->graph, n)) {
        Str s = str_in(in->scratch);
        node_print(in->graph, n, &s);
        const char *text = str_text(&s);
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         arena_printf(in->scratch, "sym A[n,n] symmetric "
                                      "declares it; %s((A + A')/2) takes the "
                                      "symmetric part", name),
                         "%s takes a symmetric matrix, and `%s` need not be one",
                         name, text);
    }
    return symbolic(in, name, 1, a->at, 0);
}

Value builtin_eig(Interp *in, const Args *a)
{
    if (has_symbol(a))
        return symbolic_eigen(in, a, "eig");
    need_symmetric(float_square(a));
    return value_eigen(a->at[0], false);
}

Value builtin_eigvec(Interp *in, const Args *a)
{
    if (has_symbol(a))
        return symbolic_eigen(in, a, "eigvec");
    need_symmetric(float_square(a));
    return value_eigen(a->at[0], true);
}

static Value singular_values(const Args *a)
{
    return value_singular(need_array(a, 0), false).s;
}

Value builtin_svd(Interp *in, const Args *a)
{
    if (!has_symbol(a))
        return array_value(singular_values(a));
    Graph *g = in->graph;
    Shape y, s = node_shape(g, node_of_value(in, a->at[0]));
    if (!shape_svd(1, &s, &y))
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL,
                         "norm_spec, norm_nuc and norm2 take any shape; "
                         "svd_u, svd_v and svd one with numbers as sides",
                         "svd of a matrix has as many values as its lesser "
                         "side, and which that is is not known here");
    return symbolic(in, "svd", 1, a->at, 0);
}

Value builtin_cond(Interp *in, const Args *a)
{
    (void)in;
    Value s = singular_values(a);
    int k = s.array->rows;
    if (k == 0 || s.array->f[k - 1] == 0)
        error_raise(SPAN_NONE, ERR_SINGULAR, "the matrix is singular");
    return value_float(s.array->f[0] / s.array->f[k - 1]);
}

Value builtin_rank(Interp *in, const Args *a)
{
    (void)in;
    Value s = singular_values(a);
    Array *x = array_to_float(a->at[0]);
    int k = s.array->rows, most = x->rows > x->cols ? x->rows : x->cols, r = 0;
    double least = k > 0 ? s.array->f[0] * most * 0x1p-52 : 0;
    while (r < k && s.array->f[r] > least)
        r++;
    return value_int(r);
}

Value builtin_chol_solve(Interp *in, const Args *a)
{
    (void)in;
    Array *r = array_to_float(need_array(a, 0));
    Array *b = array_to_float(need_array(a, 1));
    if (r->rows != r->cols || b->rows != r->rows)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "chol_solve: R is %s and b is %s, and R is square with the "
                    "rows of b",
                    shape_text((Shape){r->rows, r->cols}),
                    shape_text((Shape){b->rows, b->cols}));
    Value x = array_copy(b);
    if (blas_solve_factored(r->rows, r->f, b->cols, x.array->f) != NUM_OK)
        error_raise(SPAN_NONE, ERR_SINGULAR,
                    "chol_solve: R has 0 on its diagonal");
    return array_value(x);
}

Value builtin_qr_triangle(Interp *in, const Args *a)
{
    (void)in;
    Array *x = array_to_float(need_array(a, 0));
    int m = x->rows, n = x->cols;
    Value y = array_new(ELEM_FLOAT, m < n ? m : n, n);
    int code = blas_qr_triangle(m, n, x->f, y.array->f);
    if (code == NUM_DOMAIN)
        error_raise(SPAN_NONE, ERR_DOMAIN, "an entry of A is not finite");
    need_library(code);
    return array_value(y);
}

/*
 * Least squares with a report: x, rank, the columns in the order of the
 * pivots, and inv(A'*A) on the independent ones.
 */
Value builtin_lstsq(Interp *in, const Args *a)
{
    (void)in;
    Array *x = array_to_float(need_array(a, 0));
    Array *b = array_to_float(need_array(a, 1));
    int m = x->rows, n = x->cols;
    if (b->rows != m)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "lstsq: %d rows on the left, %d on the right", m, b->rows);
    Value y = array_new(ELEM_FLOAT, n, b->cols);
    Value rinv = array_new(ELEM_FLOAT, n, n), pivots = array_new(ELEM_EXACT, n, 1);
    Value order = array_new(ELEM_FLOAT, n, 1); /* room for n ints */
    LeastSquares info = {.jpvt = (int *)(void *)order.array->f,
                         .rinv = rinv.array->f};
    int code = blas_least_squares(m, n, x->f, b->cols, b->f, 0,
                                  y.array->f, &info);
    if (code == NUM_DOMAIN)
        error_raise(SPAN_NONE, ERR_DOMAIN, "an entry of A is not finite");
    need_library(code);
    for (int j = 0; j < n; j++)
        array_set(pivots.array, (size_t)j, value_int(info.jpvt[j] + 1));
    Value r = record_new(4);
    record_set(r, name_of("x"), array_value(y));
    record_set(r, name_of("rank"), value_int(info.rank));
    record_set(r, name_of("pivots"), array_value(pivots));
    record_set(r, name_of("rinv"), array_value(rinv));
    return r;
}

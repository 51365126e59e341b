/*
 * sparse.c - sparse matrices in the language
 */
#include "value/sparse.h"

#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/sparse.h"
#include "syntax/diag.h"
#include "value/shape.h"

enum { SMALL_DENSE = 1 << 20 }; /* entries of a matrix that may go dense */

Value sparse_dense(Value v, const char *what)
{
    Shape s = value_shape(v);
    if ((int64_t)s.rows * s.cols > SMALL_DENSE)
        error_raise_help(
            SPAN_NONE, ERR_TYPE, NULL,
            "matrix(S) has all entries, if they fit in memory",
            "%s has no sparse form, and %s is too large to go dense unasked",
            what, shape_text(s));
    return sparse_to_array(v.sparse);
}

/* ---- operators ---- */

static Value array_times(Value a, const Sparse *b)
{
    Value turned = sparse_transpose(b);
    return value_transpose(
        sparse_times_array(turned.sparse, value_transpose(a)));
}

/* a op b for a sparse matrix and a number; NONE if there is no such form. */
static Value with_number(int op, Value a, Value b)
{
    bool first = a.kind == VAL_SPARSE;
    const Sparse *s = first ? a.sparse : b.sparse;
    double c = value_to_double(first ? b : a);
    int64_t k;
    switch (op) {
    case AST_MUL:
    case AST_DOTMUL:
        return sparse_scale(s, c);
    case AST_DIV:
    case AST_DOTDIV:
        if (!first)
            return VALUE_NONE;
        if (c == 0)
            error_raise(SPAN_NONE, ERR_DOMAIN, "division by 0");
        {
            Value y = sparse_like(s);
            for (size_t i = 0; i < sparse_count(s); i++)
                y.sparse->f[i] = s->f[i] / c;
            return y;
        }
    case AST_DOTPOW:
        return first && c > 0 ? sparse_power(s, c) : VALUE_NONE;
    case AST_POW:
        if (!first || !value_to_int(b, &k))
            return VALUE_NONE;
        return sparse_matrix_power(s, k);
    default:
        return VALUE_NONE;
    }
}

/* Does the array spread over the sparse matrix, not the other way round? */
static bool spreads(Shape sparse, Shape array)
{
    Shape y;
    return shape_broadcast(sparse, array, &y) && shape_same(y, sparse);
}

static Value with_array(int op, Value a, Value b)
{
    bool first = a.kind == VAL_SPARSE;
    switch (op) {
    case AST_MUL:
        return first ? sparse_times_array(a.sparse, b)
                     : array_times(a, b.sparse);
    case AST_DOTMUL:
        if (!spreads(value_shape(first ? a : b), value_shape(first ? b : a)))
            return VALUE_NONE;
        return first ? sparse_had_array(a.sparse, b)
                     : sparse_had_array(b.sparse, a);
    case AST_SOLVE:
        return first ? sparse_solve(a.sparse, b) : VALUE_NONE;
    default:
        return VALUE_NONE;
    }
}

static Value with_sparse(int op, const Sparse *a, const Sparse *b)
{
    bool same = a->at->rows == b->at->rows && a->at->cols == b->at->cols;
    if (!same && op != AST_MUL)
        return VALUE_NONE;
    switch (op) {
    case AST_ADD:
        return sparse_sum(a, b, 1);
    case AST_SUB:
        return sparse_sum(a, b, -1);
    case AST_MUL:
        return sparse_product(a, b);
    case AST_DOTMUL:
        return sparse_had(a, b);
    default:
        return VALUE_NONE;
    }
}

Value sparse_binary(Interp *in, int op, Value a, Value b, const Ast *t,
                    const Ast *ta, const Ast *tb)
{
    Value y = VALUE_NONE;
    constant_floats(in, a, &a);
    constant_floats(in, b, &b);
    if (a.kind == VAL_SPARSE && b.kind == VAL_SPARSE)
        y = with_sparse(op, a.sparse, b.sparse);
    else if (value_is_number(a) || value_is_number(b))
        y = with_number(op, a, b);
    else if (a.kind == VAL_ARRAY || b.kind == VAL_ARRAY)
        y = with_array(op, a, b);
    if (y.kind != VAL_NONE)
        return y;
    const char *what =
        arena_printf(error_arena(), "`%s` of %s and %s", ast_op_text((AstOp)op),
                     value_kind_phrase(a), value_kind_phrase(b));
    if (a.kind == VAL_SPARSE)
        a = sparse_dense(a, what);
    if (b.kind == VAL_SPARSE)
        b = sparse_dense(b, what);
    return apply_binary(in, op, a, b, t, ta, tb);
}

/* ---- arguments of builtins ---- */

/* Those that take a sparse matrix as it is, or any value. */
static bool takes_sparse(const char *name)
{
    static const char *const names[] = {
        "sparse", "nnz",  "triplets", "matrix", "size",   "length",
        "rows",   "cols", "sum",      "print",  "string", "json",
        "format", "kind", "apply",    "record", "map",    "error",
        "fields", "has",  "float",    "save"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

const Args *sparse_arguments(const Builtin *b, const Args *a, Args *copy,
                             Value room[])
{
    bool some = false;
    for (int i = 0; i < a->count; i++)
        some = some || a->at[i].kind == VAL_SPARSE;
    if (!some || takes_sparse(b->name))
        return a;
    for (int i = 0; i < a->count; i++)
        room[i] = a->at[i].kind == VAL_SPARSE ? sparse_dense(a->at[i], b->name)
                                              : a->at[i];
    *copy = *a;
    copy->at = room;
    return copy;
}

bool sparse_operator(const char *name, const Args *a, Value *y)
{
    if (a->count != 1 || a->at[0].kind != VAL_SPARSE)
        return false;
    const Sparse *s = a->at[0].sparse;
    bool trace = !strcmp(name, "tr");
    if (!trace && strcmp(name, "diag") != 0)
        return false;
    if (trace && s->at->rows != s->at->cols)
        return false;
    *y = sparse_diagonal_of(s);
    if (trace)
        *y = value_reduce(RED_SUM, *y, 0);
    return true;
}

/* ---- builtins ---- */

/* Positions from 1 as integers from 0; the largest in *most. */
static int *positions(Arena *arena, Value v, int *most)
{
    const Array *a = value_array(v);
    size_t n = array_count(a);
    int *y = ARENA_ARRAY(arena, int, n + 1);
    *most = 0;
    for (size_t k = 0; k < n; k++) {
        int64_t i;
        Value e = array_get(a, k);
        if (!value_is_number(e) || !value_to_int(e, &i) || i < 1 ||
            i >= INT32_MAX)
            error_raise_help(
                SPAN_NONE, ERR_INDEX, NULL, "positions are integers from 1",
                "position %zu of a sparse matrix is no index", k + 1);
        y[k] = (int)i - 1;
        *most = (int)i > *most ? (int)i : *most;
    }
    return y;
}

static int given_side(const Args *a, int i, int most, const char *what)
{
    int64_t n = a->count > i ? arg_int(a, i, what) : most;
    if (n < 0 || n >= INT32_MAX)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "%s is no size of a matrix", what);
    if (n < most)
        error_raise(SPAN_NONE, ERR_INDEX, "index %d is outside 1..%lld", most,
                    (long long)n);
    return (int)n;
}

static Value from_triplets(const Args *a)
{
    Arena *arena = arena_local();
    int rows, cols;
    int *i = positions(arena, a->at[0], &rows);
    int *j = positions(arena, a->at[1], &cols);
    size_t n = array_count(value_array(a->at[0]));
    const Array *v = array_to_float(a->at[2]);
    size_t nv = array_count(v);
    if (array_count(value_array(a->at[1])) != n || (nv != n && nv != 1))
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL, "sparse(i, j, v, m, n)",
                         "as many rows as columns and values are needed: "
                         "%zu, %zu, %zu",
                         n, array_count(value_array(a->at[1])), nv);
    double *f = ARENA_ARRAY(arena, double, n + 1);
    for (size_t k = 0; k < n; k++)
        f[k] = v->f[nv == 1 ? 0 : k];
    Value y = sparse_of_triplets(
        given_side(a, 3, rows, "the number of rows"),
        given_side(a, 4, cols, "the number of columns"), n, i, j, f);
    arena_free(arena);
    return y;
}

Value builtin_sparse(Interp *in, const Args *a)
{
    Value v[5];
    for (int k = 0; k < a->count; k++)
        if (!constant_floats(in, a->at[k], &v[k]))
            v[k] = a->at[k];
    Args b = *a;
    b.at = v;
    for (int k = 0; k < a->count; k++)
        if (!value_is_numeric(v[k]) && v[k].kind != VAL_SPARSE)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "sparse takes numbers and arrays, not %s",
                        value_kind_phrase(v[k]));
    if (a->count == 1)
        return v[0].kind == VAL_SPARSE ? v[0] : sparse_of_array(v[0]);
    for (int k = 0; k < a->count; k++)
        if (v[k].kind == VAL_SPARSE)
            v[k] = sparse_dense(v[k], "sparse");
    if (a->count == 2 || a->count == 4)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "sparse(i, j, v, m, n)",
                         "sparse takes a matrix; or rows, columns and values; "
                         "or these and both sizes");
    return from_triplets(&b);
}

static const Sparse *need_sparse(const Args *a, const char *name)
{
    if (a->at[0].kind != VAL_SPARSE)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL, "sparse(A)",
                         "%s takes a sparse matrix, not %s", name,
                         value_kind_phrase(a->at[0]));
    return a->at[0].sparse;
}

Value builtin_nnz(Interp *in, const Args *a)
{
    (void)in;
    return value_int((int64_t)sparse_count(need_sparse(a, "nnz")));
}

Value builtin_triplets(Interp *in, const Args *a)
{
    (void)in;
    Value part[3], y = record_new(3);
    static const char *const name[] = {"i", "j", "v"};
    sparse_triplets(need_sparse(a, "triplets"), &part[0], &part[1], &part[2]);
    for (int k = 0; k < 3; k++)
        record_set(y, name_of(name[k]), array_value(part[k]));
    return y;
}

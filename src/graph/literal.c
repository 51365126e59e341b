/*
 * literal.c - arrays whose entries are known one by one
 *
 * A literal matrix is a stack of joins of scalars; a CONST, a unit, ones and
 * what is made of them have known entries too.  As long as they are small,
 * they combine entry by entry: [a, b] + [1, 2] is [a + 1, b + 2].
 */
#include "graph/array.h"
#include "graph/determinant.h"

/* Entries beyond which an array is kept as it was written. */
#define LITERAL_LIMIT 64
#define SHORT_DET_SIDE 20

static bool is_small(Shape s)
{
    return s.rows >= 0 && s.cols >= 0 && s.rows <= LITERAL_LIMIT &&
           s.cols <= LITERAL_LIMIT && s.rows * s.cols <= LITERAL_LIMIT;
}

static bool all_scalars(const Graph *g, Node n)
{
    for (int i = 0; i < node_count(g, n); i++)
        if (!node_is_scalar(g, arg_of(g, n, (uint32_t)i)))
            return false;
    return true;
}

static bool is_literal_stack(const Graph *g, Node n)
{
    if (node_shape(g, n).cols == 1)
        return all_scalars(g, n);
    for (int i = 0; i < node_count(g, n); i++) {
        Node row = arg_of(g, n, (uint32_t)i);
        if (op_of(g, row) != OP_JOIN || !all_scalars(g, row))
            return false;
    }
    return true;
}

/* [a, b; c, d], [a, b], [a, b;]: written out with symbols. */
static bool is_written(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    return op == OP_STACK ? is_literal_stack(g, n)
                          : op == OP_JOIN && all_scalars(g, n);
}

bool array_is_literal(Graph *g, Node n)
{
    if (!is_small(node_shape(g, n)) || node_is_scalar(g, n))
        return false;
    switch (op_of(g, n)) {
    case OP_STACK:
    case OP_JOIN:
        return is_written(g, n);
    case OP_CONST:
        return g->whole == 0;
    case OP_ONES:
    case OP_IDENT:
    case OP_ZERO:
        return true;
    case OP_UNIT:
        return node_is_number(g, arg_of(g, n, 0));
    case OP_TRANS:
    case OP_DIAG:
        return array_is_literal(g, arg_of(g, n, 0));
    case OP_MONO:
        return array_is_literal(g, arg_of(g, n, 1));
    case OP_CHAIN:
        return node_count(g, n) == 2 && node_is_column(g, arg_of(g, n, 0)) &&
               array_is_literal(g, arg_of(g, n, 0)) &&
               array_is_literal(g, arg_of(g, n, 1));
    default:
        return false;
    }
}

static Node const_entry(Graph *g, Node n, int i, int j)
{
    Value v = node_const_value(g, n);
    size_t at = (size_t)j * (size_t)v.array->rows + (size_t)i;
    return node_from_value(g, array_get(v.array, at));
}

Node array_entry(Graph *g, Node n, int i, int j)
{
    switch (op_of(g, n)) {
    case OP_STACK: {
        Node row = arg_of(g, n, (uint32_t)i);
        return node_is_scalar(g, row) ? row : arg_of(g, row, (uint32_t)j);
    }
    case OP_JOIN:
        return arg_of(g, n, (uint32_t)j);
    case OP_CONST:
        return const_entry(g, n, i, j);
    case OP_ONES:
        return g->one;
    case OP_IDENT:
        return i == j ? g->one : g->zero;
    case OP_UNIT:
        return node_is_int(g, arg_of(g, n, 0), i + 1) ? g->one : g->zero;
    case OP_TRANS:
        return array_entry(g, arg_of(g, n, 0), j, i);
    case OP_DIAG:
        return i == j ? array_entry(g, arg_of(g, n, 0), i, 0) : g->zero;
    case OP_MONO: {
        Node body, scalar = split_scalar(g, n, &body);
        return node_mul(g, scalar, array_entry(g, body, i, j));
    }
    case OP_CHAIN: {
        Node a = arg_of(g, n, 0), b = arg_of(g, n, 1);
        Node x = array_entry(g, a, i, 0);
        return node_mul(g, x, array_entry(g, b, 0, j));
    }
    default:
        return g->zero;
    }
}

/* The numbers of `entries` as an array value. */
static Value number_array(Graph *g, int rows, int cols, const Node entries[])
{
    size_t n = (size_t)rows * (size_t)cols;
    bool exact = true;
    for (size_t i = 0; i < n; i++)
        exact = exact && !coef_is_float(g, entries[i]);
    Value y = array_new(exact ? ELEM_EXACT : ELEM_FLOAT, rows, cols);
    for (size_t i = 0; i < n; i++)
        array_set(y.array, i,
                  exact ? node_number_value(g, entries[i])
                        : value_float(coef_double(g, entries[i])));
    return y;
}

Node array_literal(Graph *g, int rows, int cols, const Node entries[])
{
    size_t n = (size_t)rows * (size_t)cols, numbers = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        numbers += node_is_number(g, entries[i]);
        same += entries[i] == entries[0];
    }
    if (same == n)
        return node_fill(g, (Shape){rows, cols}, entries[0]);
    if (numbers == n)
        return node_const(g, number_array(g, rows, cols, entries));
    if (cols == 1)
        return node_intern(g, OP_STACK, (Shape){rows, 1}, rows, entries, 0,
                           NULL);
    ArenaMark m = arena_mark(g->scratch);
    Node *row = ARENA_ARRAY(g->scratch, Node, (size_t)rows);
    Node *at = ARENA_ARRAY(g->scratch, Node, (size_t)cols);
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++)
            at[j] = entries[(size_t)j * (size_t)rows + (size_t)i];
        row[i] = node_intern(g, OP_JOIN, (Shape){1, cols}, cols, at, 0, NULL);
    }
    Node y = row[0];
    if (rows > 1)
        y = node_intern(g, OP_STACK, (Shape){rows, cols}, rows, row, 0, NULL);
    arena_reset(g->scratch, m);
    return y;
}

Node literal_product(Graph *g, Node a, Node b)
{
    if (!(is_written(g, a) || is_written(g, b)) || !array_is_literal(g, a) ||
        !array_is_literal(g, b))
        return NODE_NONE;
    Shape s = node_shape(g, a), t = node_shape(g, b);
    if (!is_small((Shape){s.rows, t.cols}))
        return NODE_NONE;
    ArenaMark m = arena_mark(g->scratch);
    int rows = s.rows, cols = t.cols, inner = s.cols;
    Node *entry = ARENA_ARRAY(g->scratch, Node, (size_t)rows * (size_t)cols);
    Node *term = ARENA_ARRAY(g->scratch, Node, (size_t)inner);
    for (int k = 0; k < rows * cols; k++) {
        for (int i = 0; i < inner; i++) {
            Node x = array_entry(g, a, k % rows, i);
            term[i] = node_mul(g, x, array_entry(g, b, i, k / rows));
        }
        entry[k] = node_sum(g, inner, term);
    }
    Node y = array_literal(g, rows, cols, entry);
    arena_reset(g->scratch, m);
    return y;
}

static Node minor2(Graph *g, Node a, int i, int j, int k, int l)
{
    Node p = node_mul(g, array_entry(g, a, i, k), array_entry(g, a, j, l));
    Node q = node_mul(g, array_entry(g, a, i, l), array_entry(g, a, j, k));
    return node_sub(g, p, q);
}

Node literal_det(Graph *g, Node a)
{
    int n = node_shape(g, a).rows;
    if ((op_of(g, a) == OP_STACK || op_of(g, a) == OP_JOIN) && n > 3 && n <= SHORT_DET_SIDE)
        return node_det_short(g, a);
    if (!is_written(g, a) || !array_is_literal(g, a) || n > 3)
        return NODE_NONE;
    if (n == 2)
        return minor2(g, a, 0, 1, 0, 1);
    Node term[] = {
        node_mul(g, array_entry(g, a, 0, 0), minor2(g, a, 1, 2, 1, 2)),
        node_mul(g, array_entry(g, a, 0, 1), minor2(g, a, 1, 2, 2, 0)),
        node_mul(g, array_entry(g, a, 0, 2), minor2(g, a, 1, 2, 0, 1))};
    return node_sum(g, 3, term);
}

Node literal_diagonal(Graph *g, Node a)
{
    if (!array_is_literal(g, a) || !node_is_square(g, a))
        return NODE_NONE;
    int n = node_shape(g, a).rows;
    Node entry[LITERAL_LIMIT];
    for (int i = 0; i < n; i++)
        entry[i] = array_entry(g, a, i, i);
    return array_literal(g, n, 1, entry);
}

static bool all_float(const Graph *g, int n, const Node args[])
{
    for (int i = 0; i < n; i++)
        if (op_of(g, args[i]) != OP_CONST ||
            node_const_value(g, args[i]).array->kind != ELEM_FLOAT)
            return false;
    return n > 0;
}

/* Functions of arrays of floats are evaluated, whatever their size. */
static Node apply_floats(Graph *g, OpId op, int n, const Node args[])
{
    const OpInfo *f = &op_table[op];
    if (n == 1 && f->scalar1)
        return node_from_value(
            g, value_map(f->scalar1, f->vector1, node_const_value(g, args[0])));
    if (n == 2 && f->scalar2)
        return node_from_value(g, value_map2(f->scalar2,
                                             node_const_value(g, args[0]),
                                             node_const_value(g, args[1])));
    return NODE_NONE;
}

Node literal_apply(Graph *g, OpId op, int n, const Node args[])
{
    if (all_float(g, n, args))
        return apply_floats(g, op, n, args);
    bool written = false;
    for (int i = 0; i < n; i++) {
        if (!array_is_literal(g, args[i]))
            return NODE_NONE;
        written =
            written || is_written(g, args[i]) || op_of(g, args[i]) == OP_CONST;
    }
    if (!written)
        return NODE_NONE;
    Shape s = node_shape(g, args[0]);
    Node entry[LITERAL_LIMIT], at[8];
    if (n > 8)
        return NODE_NONE;
    for (int k = 0; k < s.rows * s.cols; k++) {
        for (int i = 0; i < n; i++)
            at[i] = array_entry(g, args[i], k % s.rows, k / s.rows);
        entry[k] = node_apply(g, op, n, at);
    }
    return array_literal(g, s.rows, s.cols, entry);
}

Node array_product(Graph *g, Node a)
{
    Node body, scalar = split_scalar(g, a, &body);
    Shape s = node_shape(g, a);
    if (!node_is_one(g, scalar)) {
        Node count =
            node_mul(g, node_of_dim(g, s.rows), node_of_dim(g, s.cols));
        return node_mul(g, node_power(g, scalar, count),
                        node_apply(g, OP_PROD, 1, &body));
    }
    Node entry;
    if (node_is_fill(g, a, &entry))
        return entry;
    if (op_of(g, a) == OP_CONST)
        return node_from_value(
            g, value_reduce(RED_PROD, node_const_value(g, a), 0));
    if (!array_is_literal(g, a))
        return NODE_NONE;
    Node y = g->one;
    for (int k = 0; k < s.rows * s.cols; k++)
        y = node_mul(g, y, array_entry(g, a, k % s.rows, k / s.rows));
    return y;
}

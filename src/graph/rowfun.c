/*
 * rowfun.c - canonical forms of functions of all entries, or of each row
 *
 * max min prod logsumexp softmax hardmax and the products of the others, of a
 * whole array and of every row for itself (dim = 2; down the columns they are
 * transposes of these).  What is alike in a whole row leaves: softmax does
 * not see it, max and logsumexp are moved by it.
 */
#include "graph/array.h"

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

/* The operator of all entries whose row form this is. */
static OpId whole_of(OpId op)
{
    switch (op) {
    case OP_MAX_ROWS:
        return OP_MAXOF;
    case OP_MIN_ROWS:
        return OP_MINOF;
    case OP_PROD_ROWS:
        return OP_PROD;
    case OP_LOGSUMEXP_ROWS:
        return OP_LOGSUMEXP;
    case OP_SOFTMAX_ROWS:
        return OP_SOFTMAX;
    case OP_HARDMAX_ROWS:
        return OP_HARDMAX;
    case OP_PROD_OTHERS_ROWS:
        return OP_PROD_OTHERS;
    default:
        return op;
    }
}

/* Has the result the shape of the argument? */
static bool keeps_shape(OpId op)
{
    return op == OP_SOFTMAX || op == OP_HARDMAX || op == OP_PROD_OTHERS ||
           op == OP_PROD_OTHERS_ALL;
}

/* ---- what is alike in a row leaves ---- */

/* c*ones' with a column c: alike along each row.  Gives c. */
static bool is_alike_in_rows(Graph *g, Node term, Node *column)
{
    Node body, scalar = split_scalar(g, term, &body);
    if (op_of(g, body) != OP_CHAIN)
        return false;
    int n;
    Node *f = chain_factors(g, body, &n);
    if (!is_ones_row(g, f[n - 1]) || node_shape(g, f[n - 2]).cols != 1)
        return false;
    *column = node_mul(g, scalar, chain_intern(g, n - 1, f));
    return true;
}

static bool is_alike(Graph *g, Node term, bool rows, Node *part)
{
    return rows ? is_alike_in_rows(g, term, part) : node_is_fill(g, term, part);
}

/* f(E + part): NODE_NONE if no term of the sum is alike. */
static Node take_alike(Graph *g, OpId op, Node a, bool rows)
{
    if (!is_sum(g, a))
        return NODE_NONE;
    OpId whole = whole_of(op);
    bool turned = op_of(g, a) == OP_TRANS;
    Node s = turned ? arg_of(g, a, 0) : a;
    int n = node_count(g, s), kept = 0, taken = 0;
    Node *f = args_copy(g, s);
    Node *part = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i += 2) {
        Node t = node_scale(g, f[i], f[i + 1]);
        if (turned)
            t = node_transpose(g, t);
        if (is_alike(g, t, rows, &part[taken]))
            taken++;
        else
            f[kept++] = t;
    }
    if (taken == 0 || kept == 0)
        return NODE_NONE;
    Node y = apply1(g, op, node_sum(g, kept, f));
    if (whole == OP_SOFTMAX || whole == OP_HARDMAX)
        return y;
    return node_add(g, y, node_sum(g, taken, part));
}

/* A number in front of max and min leaves. */
static Node take_number(Graph *g, OpId op, Node a)
{
    Node rest, c = split_coefficient(g, a, &rest);
    int sign = coef_sign(g, c);
    if (rest == a || sign == 2 || sign == 0)
        return NODE_NONE;
    static const OpId other[][2] = {{OP_MAXOF, OP_MINOF},
                                    {OP_MINOF, OP_MAXOF},
                                    {OP_MAX_ROWS, OP_MIN_ROWS},
                                    {OP_MIN_ROWS, OP_MAX_ROWS}};
    for (int i = 0; i < 4; i++)
        if (other[i][0] == op)
            return node_mul(g, c, apply1(g, sign < 0 ? other[i][1] : op, rest));
    return NODE_NONE;
}

/* ---- one entry everywhere ---- */

static Node apply_fill(Graph *g, OpId op, Node a, bool rows)
{
    Node entry;
    Shape s = node_shape(g, a);
    if (!node_is_fill(g, a, &entry))
        return NODE_NONE;
    Node count = node_of_dim(g, s.cols);
    if (!rows)
        count = node_mul(g, count, node_of_dim(g, s.rows));
    Shape out = rows ? (Shape){s.rows, 1} : SHAPE_SCALAR;
    switch (whole_of(op)) {
    case OP_MAXOF:
    case OP_MINOF:
        return node_fill(g, out, entry);
    case OP_PROD:
        return node_fill(g, out, node_power(g, entry, count));
    case OP_LOGSUMEXP:
        return node_fill(g, out, node_add(g, entry, apply1(g, OP_LOG, count)));
    case OP_SOFTMAX:
        return node_fill(g, s, node_power(g, count, g->minus_one));
    default:
        return NODE_NONE;
    }
}

/* ---- rows, columns, orientation ---- */

/* Of a column each row is a number, of a row there is one row. */
static Node apply_line(Graph *g, OpId op, Node a)
{
    OpId whole = whole_of(op);
    if (node_shape(g, a).cols == 1)
        return keeps_shape(whole) ? node_ones(g, node_shape(g, a).rows) : a;
    Node y = apply1(g, whole, node_transpose(g, a));
    return keeps_shape(whole) ? node_transpose(g, y) : y;
}

static Node apply_turned(Graph *g, OpId op, Node a)
{
    Node turned;
    if (op == OP_HARDMAX && !node_is_row(g, a))
        return NODE_NONE; /* which of two is first depends on it */
    if (!array_orient(g, a, &turned))
        return NODE_NONE;
    Node y = apply1(g, op, turned);
    return keeps_shape(op) ? node_transpose(g, y) : y;
}

/* norm2 and normalize of each row: of lines, and numbers that leave. */
static Node apply_norms(Graph *g, OpId op, Node a)
{
    bool norm = op == OP_NORM2_ROWS;
    Shape s = node_shape(g, a);
    if (s.cols == 1)
        return apply1(g, norm ? OP_ABS : OP_SIGN, a);
    Node y = s.rows == 1 ? node_norm2(g, a) : NODE_NONE;
    if (y != NODE_NONE)
        return norm ? y : node_div(g, a, y);
    Node rest, c = split_coefficient(g, a, &rest);
    if (rest == a || coef_sign(g, c) == 0 || coef_sign(g, c) == 2)
        return NODE_NONE;
    y = apply1(g, op, rest);
    if (!norm)
        return coef_sign(g, c) < 0 ? node_neg(g, y) : y;
    return node_mul(g, coef_sign(g, c) < 0 ? coef_neg(g, c) : c, y);
}

Node rowfun_apply(Graph *g, OpId op, Node a)
{
    if (op == OP_NORM2_ROWS || op == OP_NORMALIZE_ROWS)
        return apply_norms(g, op, a);
    ArenaMark m = arena_mark(g->scratch);
    bool rows = op_table[op].rows;
    OpId whole = whole_of(op);
    Shape s = node_shape(g, a);
    Node y = NODE_NONE;
    bool line = s.rows == 1 || s.cols == 1;
    if (op == (line ? OP_PROD_OTHERS_ALL : OP_PROD_OTHERS))
        return apply1(g, line ? OP_PROD_OTHERS : OP_PROD_OTHERS_ALL, a);
    if (rows && line)
        y = apply_line(g, op, a);
    if (y == NODE_NONE)
        y = apply_fill(g, op, a, rows);
    if (y == NODE_NONE && whole != OP_PROD && whole != OP_PROD_OTHERS &&
        whole != OP_PROD_OTHERS_ALL)
        y = take_alike(g, op, a, rows);
    if (y == NODE_NONE)
        y = take_number(g, op, a);
    if (y == NODE_NONE && op == OP_PROD)
        y = array_product(g, a);
    if (y == NODE_NONE && !rows)
        y = apply_turned(g, op, a);
    arena_reset(g->scratch, m);
    return y;
}

/* ---- in products ---- */

/* The exp under e, which is one or the transpose of one; NODE_NONE. */
static Node exponential(const Graph *g, Node e)
{
    Node f = op_of(g, e) == OP_TRANS ? arg_of(g, e, 0) : e;
    return op_of(g, f) == OP_EXP ? f : NODE_NONE;
}

/* v without the base b, which stands in it with the exponent -1. */
static Node without_inverse(Graph *g, Node v, Node b)
{
    if (op_of(g, v) != OP_HAD)
        return NODE_NONE;
    for (int i = 0; i < node_count(g, v); i += 2)
        if (arg_of(g, v, (uint32_t)i) == b &&
            node_is_int(g, arg_of(g, v, (uint32_t)i + 1), -1))
            return node_had(g, v, b);
    return NODE_NONE;
}

/* diag(1./sum(exp(F), dim = 2))*exp(F) = softmax(F, dim = 2), and likewise
 * prod(F, dim = 2)./F. */
static Node row_quotient(Graph *g, Node v, Node e)
{
    Node f = exponential(g, e), entry;
    if (f != NODE_NONE) {
        Node rest = without_inverse(g, v, node_sum_entries(g, e, 2));
        if (rest == NODE_NONE)
            return NODE_NONE;
        Node x = arg_of(g, f, 0);
        Node y = apply1(g, OP_SOFTMAX_ROWS, f == e ? x : node_transpose(g, x));
        return node_is_fill(g, rest, &entry)
                   ? node_mul(g, entry, y)
                   : node_mul(g, apply1(g, OP_DIAG, rest), y);
    }
    if (op_of(g, v) == OP_PROD_ROWS && op_of(g, e) == OP_HAD &&
        node_count(g, e) == 2 && arg_of(g, e, 0) == arg_of(g, v, 0) &&
        node_is_int(g, arg_of(g, e, 1), -1))
        return apply1(g, OP_PROD_OTHERS_ROWS, arg_of(g, e, 0));
    return NODE_NONE;
}

/* Its rows sum to 1. */
static bool has_unit_rows(const Graph *g, Node n)
{
    return op_of(g, n) == OP_SOFTMAX_ROWS || op_of(g, n) == OP_HARDMAX_ROWS;
}

Node rowfun_combine(Graph *g, Node a, Node b)
{
    OpId p = op_of(g, a), q = op_of(g, b);
    if (q == OP_ONES && has_unit_rows(g, a))
        return node_ones(g, node_shape(g, a).rows);
    if (q == OP_TRANS && is_ones_row(g, a) && has_unit_rows(g, arg_of(g, b, 0)))
        return node_transpose(g, node_ones(g, node_shape(g, b).cols));
    if (p == OP_DIAG && q != OP_DIAG)
        return row_quotient(g, arg_of(g, a, 0), b);
    if (q == OP_DIAG && p != OP_DIAG && node_shape(g, a).rows != 1) {
        Node y = row_quotient(g, arg_of(g, b, 0), node_transpose(g, a));
        return y == NODE_NONE ? y : node_transpose(g, y);
    }
    return NODE_NONE;
}

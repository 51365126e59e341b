/*
 * apply.c - operators on arguments; conditions; calls of function symbols
 */
#include "graph/array.h"
#include "graph/quick.h"

#include <assert.h>
#include <string.h>

#include "value/number.h"

static bool is_commutative(OpId op)
{
    return op == OP_MAX || op == OP_MIN || op == OP_HYPOT;
}

/* A whole array operator of a number. */
static Node apply_to_scalar(Graph *g, OpId op, Node a)
{
    switch (op) {
    case OP_TR:
    case OP_DET:
    case OP_DIAG:
    case OP_DIAGOF:
    case OP_PROD:
    case OP_LOGSUMEXP:
    case OP_MAXOF:
    case OP_MINOF:
    case OP_CUMSUM:
    case OP_PROD_ROWS:
    case OP_LOGSUMEXP_ROWS:
    case OP_MAX_ROWS:
    case OP_MIN_ROWS:
    case OP_EIG:
        return a;
    case OP_INV:
        return node_power(g, a, g->minus_one);
    case OP_LOGDET:
        return node_apply(g, OP_LOG, 1, &a);
    case OP_CHOL:
        return node_power(g, a, g->half);
    case OP_EXPM:
        return node_apply(g, OP_EXP, 1, &a);
    case OP_HALF_TRIU:
        return node_mul(g, g->half, a);
    case OP_SVD:
    case OP_NORM_NUC:
    case OP_NORM_SPEC:
    case OP_NORM2_ROWS:
        return node_apply(g, OP_ABS, 1, &a);
    case OP_NORMALIZE_ROWS:
    case OP_POLAR:
    case OP_SVD_U:
    case OP_TOP_U:
        return node_apply(g, OP_SIGN, 1, &a);
    case OP_EIGVEC:
    case OP_SVD_V:
    case OP_TOP_V:
    case OP_SOFTMAX:
    case OP_SOFTMAX_ROWS:
    case OP_HARDMAX:
    case OP_HARDMAX_ROWS:
    case OP_PROD_OTHERS:
    case OP_PROD_OTHERS_ALL:
    case OP_PROD_OTHERS_ROWS:
    case OP_ADJ:
    case OP_ARGMAX:
    case OP_ARGMIN:
        return g->one;
    case OP_PROD_PAIRS:
        return g->zero;
    default:
        return NODE_NONE;
    }
}

/* f of arrays that are each one number everywhere. */
static Node apply_to_fills(Graph *g, OpId op, int n, const Node args[])
{
    Node entry[3];
    if (n == 0 || n > 3)
        return NODE_NONE;
    for (int i = 0; i < n; i++)
        if (!node_is_fill(g, args[i], &entry[i]))
            return NODE_NONE;
    Shape s = node_shape(g, args[0]);
    return node_fill(g, s, node_apply(g, op, n, entry));
}

static Node apply_elementwise(Graph *g, OpId op, int n, const Node args[])
{
    Node y = NODE_NONE;
    if (n == 0)
        return y;
    if (node_is_scalar(g, args[0])) {
        if (op == OP_POW)
            return node_power(g, args[0], args[1]);
        return fold_scalars(g, op, n, args);
    }
    y = array_apply(g, op, n, args);
    if (y == NODE_NONE)
        y = apply_to_fills(g, op, n, args);
    if (y == NODE_NONE)
        y = fold_constants(g, op, n, args);
    return y;
}

static Node apply_array(Graph *g, OpId op, int n, const Node args[])
{
    Node y = NODE_NONE;
    if (n == 1 && node_is_scalar(g, args[0]))
        y = apply_to_scalar(g, op, args[0]);
    if (y == NODE_NONE)
        y = fold_kernel(g, op, n, args);
    if (y == NODE_NONE)
        y = array_apply(g, op, n, args);
    return y;
}

static Shape result_shape(Graph *g, OpId op, int n, const Node args[])
{
    Shape s[3], y = SHAPE_SCALAR;
    if (op_table[op].class == CLASS_ELEMENTWISE)
        return n ? node_shape(g, args[0]) : y;
    for (int i = 0; i < n; i++)
        s[i] = node_shape(g, args[i]);
    if (!op_table[op].shape(n, s, &y) && op == OP_KRON)
        y = (Shape){dim_mul(g, s[0].rows, s[1].rows),
                    dim_mul(g, s[0].cols, s[1].cols)};
    return y;
}

Node node_apply(Graph *g, OpId op, int n, const Node args[])
{
    assert(op_table[op].class != CLASS_CORE && n <= 3);
    depth_check();
    POLL();
    Node a[3];
    if (n)
        memcpy(a, args, (size_t)n * sizeof *a);
    if (is_commutative(op) && node_compare(g, a[0], a[1]) > 0) {
        Node swap = a[0];
        a[0] = a[1];
        a[1] = swap;
    }
    Node y = op_table[op].class == CLASS_ELEMENTWISE
                 ? apply_elementwise(g, op, n, a)
                 : apply_array(g, op, n, a);
    if (y != NODE_NONE)
        return y;
    Shape s = result_shape(g, op, n, a);
    return rules_rewrite(g, node_intern(g, op, s, n, a, 0, NULL));
}

/* ---- conditions ---- */

/* The truth of a comparison of two numbers. */
static bool holds(OpId op, int order)
{
    switch (op) {
    case OP_LT:
        return order == -1;
    case OP_LE:
        return order == -1 || order == 0;
    case OP_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

Node node_compare_op(Graph *g, OpId op, Node a, Node b)
{
    if (node_is_number(g, a) && node_is_number(g, b)) {
        int order =
            value_compare(node_number_value(g, a), node_number_value(g, b));
        return node_int(g, holds(op, order));
    }
    if (a == b && node_is_scalar(g, a))
        return node_int(g, op == OP_LE || op == OP_EQ);
    if ((op == OP_EQ || op == OP_NE) && node_compare(g, a, b) > 0) {
        Node swap = a;
        a = b;
        b = swap;
    }
    Node args[2] = {a, b};
    return node_intern(g, op, node_shape(g, a), 2, args, 0, NULL);
}

/* and, or, not: of numbers 0 and 1, else as they stand. */
Node logic_apply(Graph *g, OpId op, int n, const Node args[])
{
    Node a = args[0], b = n > 1 ? args[1] : args[0];
    if (op == OP_NOT) {
        if (node_is_number(g, a))
            return node_int(g, coef_sign(g, a) == 0);
        if (op_of(g, a) == OP_NOT)
            return arg_of(g, a, 0);
        return node_intern(g, op, node_shape(g, a), 1, &a, 0, NULL);
    }
    if (node_is_number(g, b)) {
        Node swap = a;
        a = b;
        b = swap;
    }
    if (a == b)
        return a;
    if (node_is_number(g, a)) {
        bool truth = coef_sign(g, a) != 0;
        if (truth == (op == OP_AND))
            return b;
        return node_fill(g, node_shape(g, b), node_int(g, truth));
    }
    Node pair[2] = {a, b};
    return node_intern(g, op, node_shape(g, a), 2, pair, 0, NULL);
}

/* ---- function symbols ---- */

Node node_call(Graph *g, Name f, int n, const Node args[],
               const uint32_t orders[])
{
    ArenaMark mark = arena_mark(g->scratch);
    uint32_t *attr = arena_alloc(g->scratch, ((size_t)n + 1) * sizeof *attr);
    attr[0] = graph_name(g, f);
    for (int i = 0; i < n; i++)
        attr[i + 1] = orders ? orders[i] : 0;
    Node y = node_intern(g, OP_CALL, SHAPE_SCALAR, n, args, n + 1, attr);
    arena_reset(g->scratch, mark);
    return rules_rewrite(g, y);
}

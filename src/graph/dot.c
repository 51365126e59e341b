/*
 * dot.c - sums over entries
 *
 * Every one is a scalar chain: x'*y in key order, ones'*had, or a chain of
 * which it or its transpose is the lesser.  Which of them was typed leaves no
 * trace: the bases of both ends are collected as one had, and a chain among
 * them goes to the end.
 */
#include "graph/array.h"

#include <assert.h>

/* ---- scalar chains ---- */

/* The least chain among the bases of exponent 1 of a had (pairs), or -1. */
static int least_chain(const Graph *g, int n, const Node pair[])
{
    int at = -1;
    for (int i = 0; i < n; i += 2)
        if (op_of(g, pair[i]) == OP_CHAIN && node_is_one(g, pair[i + 1]) &&
            (at < 0 || node_compare(g, pair[i], pair[at]) < 0))
            at = i;
    return at;
}

/* rest'*chain */
static Node splice(Graph *g, Node rest, Node chain)
{
    return chain_product(g, node_transpose(g, rest), chain);
}

static Node intern_dot(Graph *g, Node a, Node b)
{
    Node f[] = {node_transpose(g, a), b};
    return node_intern(g, OP_CHAIN, SHAPE_SCALAR, 2, f, 0, NULL);
}

static Node plain_sum(Graph *g, Node a)
{
    return intern_dot(g, node_ones(g, node_shape(g, a).rows), a);
}

/*
 * The sum of the entries of a column had: x'*y in key order for two bases of
 * exponent 1, x'*x for a square; a chain among the bases goes to the end, the
 * others before it as a row; else ones'*had.
 */
static Node sum_had(Graph *g, Node h)
{
    int n = node_count(g, h);
    Node *p = args_copy(g, h);
    if (n == 2 && node_is_int(g, p[1], 2))
        return op_of(g, p[0]) == OP_CHAIN ? splice(g, p[0], p[0])
                                          : intern_dot(g, p[0], p[0]);
    int at = least_chain(g, n, p);
    if (at >= 0) {
        Node chain = p[at];
        for (int i = at; i + 2 < n; i++)
            p[i] = p[i + 2];
        n -= 2;
        Node rest = p[0];
        if (n > 2 || !node_is_one(g, p[1]))
            rest = node_intern(g, OP_HAD, node_shape(g, h), n, p, 0, NULL);
        return splice(g, rest, chain);
    }
    if (n == 4 && node_is_one(g, p[1]) && node_is_one(g, p[3])) {
        bool swap = node_compare(g, p[2], p[0]) < 0;
        return intern_dot(g, p[swap ? 2 : 0], p[swap ? 0 : 2]);
    }
    return plain_sum(g, h);
}

static Node sum_parts(Graph *g, Node stack)
{
    int n = node_count(g, stack);
    Node *p = args_copy(g, stack);
    for (int i = 0; i < n; i++)
        p[i] = node_is_scalar(g, p[i]) ? p[i] : sum_column(g, p[i]);
    return node_sum(g, n, p);
}

static Node sum_body(Graph *g, Node a)
{
    switch (op_of(g, a)) {
    case OP_ZERO:
        return g->zero;
    case OP_ONES:
        return node_of_dim(g, node_shape(g, a).rows);
    case OP_UNIT:
    case OP_SOFTMAX:
        return g->one;
    case OP_CONST:
        return node_from_value(
            g, value_reduce(RED_SUM, node_const_value(g, a), 0));
    case OP_CHAIN:
        return splice(g, node_ones(g, node_shape(g, a).rows), a);
    case OP_HAD:
        return sum_had(g, a);
    case OP_STACK:
        return sum_parts(g, a);
    case OP_SUM: {
        Node primitive, content = split_content(g, a, &primitive);
        if (sum_balances(g, primitive, true))
            return g->zero;
        return node_mul(g, content, plain_sum(g, primitive));
    }
    default:
        return plain_sum(g, a);
    }
}

Node sum_column(Graph *g, Node a)
{
    ArenaMark m = arena_mark(g->scratch);
    Node body, scalar = split_scalar(g, a, &body);
    Node y = node_mul(g, scalar, sum_body(g, body));
    arena_reset(g->scratch, m);
    return y;
}

/* ones'*(A.*B)*ones = tr(A'*B) */
static Node trace_form(Graph *g, int n, const Node f[])
{
    if (n != 3 || !is_ones_row(g, f[0]) || op_of(g, f[2]) != OP_ONES ||
        op_of(g, f[1]) != OP_HAD)
        return NODE_NONE;
    int k = node_count(g, f[1]);
    Node *p = args_copy(g, f[1]);
    Node a = p[0], b;
    if (k == 2 && node_is_int(g, p[1], 2))
        b = a;
    else if (k == 4 && node_is_one(g, p[1]) && node_is_one(g, p[3]))
        b = p[2];
    else
        return NODE_NONE;
    Node t = chain_product(g, node_transpose(g, a), b);
    return node_apply(g, OP_TR, 1, &t);
}

/* ---- where a scalar chain is cut ---- */

/*
 * A scalar chain u'*P*q whose ends are hads with chains among their bases is
 * a tree: its vertices are the entrywise products, its edges the chains
 * between them.  Which edge stands in the middle was an accident of typing:
 * x'*A*(v.*(B*y)) = (v.*(A'*x))'*B*y.  Of all edges the least form is kept.
 */
typedef struct Cut {
    Graph *g;
    Node best;
    Node merged; /* a had with a chain twice: begin again */
    int left;    /* forms still to be tried */
} Cut;

static Node turned_chain(Graph *g, int n, const Node f[])
{
    Node *t = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        t[i] = node_transpose(g, f[n - 1 - i]);
    return chain_intern(g, n, t);
}

static bool has_base(const Graph *g, Node h, Node base)
{
    if (op_of(g, h) != OP_HAD)
        return h == base;
    for (int i = 0; i < node_count(g, h); i += 2)
        if (arg_of(g, h, (uint32_t)i) == base)
            return true;
    return false;
}

/* The had `h` without pair `at`. */
static Node had_without(Graph *g, Node h, int at)
{
    int n = node_count(g, h) - 2;
    Node *p = args_copy(g, h);
    for (int i = at; i < n; i++)
        p[i] = p[i + 2];
    if (n == 2 && node_is_one(g, p[1]))
        return p[0];
    return node_intern(g, OP_HAD, node_shape(g, h), n, p, 0, NULL);
}

static void try_edge(Cut *c, int n, const Node f[])
{
    Graph *g = c->g;
    Node u = node_transpose(g, f[0]);
    Node right = chain_intern(g, n - 1, f + 1);
    Node left = turned_chain(g, n - 1, f);
    if (op_of(g, u) == OP_HAD && has_base(g, u, right))
        c->merged = node_had(g, u, right);
    else if (op_of(g, f[n - 1]) == OP_HAD && has_base(g, f[n - 1], left))
        c->merged = node_had(g, f[n - 1], left);
    if (c->merged != NODE_NONE)
        return;
    Node y = chain_intern(g, n, f), t = turned_chain(g, n, f);
    if (node_compare(g, t, y) < 0)
        y = t;
    if (c->best == NODE_NONE || node_compare(g, y, c->best) < 0)
        c->best = y;
}

/* The edges that begin at the last factor, and what lies beyond them. */
static void try_beyond(Cut *c, int n, const Node f[])
{
    Graph *g = c->g;
    Node q = f[n - 1];
    depth_check();
    if (op_of(g, q) != OP_HAD)
        return;
    Node back = turned_chain(g, n - 1, f);
    for (int i = 0; i < node_count(g, q); i += 2) {
        Node chain = arg_of(g, q, (uint32_t)i);
        if (op_of(g, chain) != OP_CHAIN ||
            !node_is_one(g, arg_of(g, q, (uint32_t)i + 1)) || c->left-- <= 0)
            continue;
        Node u = node_had(g, had_without(g, q, i), back);
        if (op_of(g, u) != OP_HAD)
            continue;
        int k;
        Node *link = chain_factors(g, chain, &k);
        Node *edge = ARENA_ARRAY(g->scratch, Node, (size_t)k + 1);
        edge[0] = node_transpose(g, u);
        for (int j = 0; j < k; j++)
            edge[j + 1] = link[j];
        try_edge(c, k + 1, edge);
        if (c->merged == NODE_NONE)
            try_beyond(c, k + 1, edge);
        if (c->merged != NODE_NONE)
            return;
    }
}

/* Forms that are tried before the least one so far is taken. */
#define CUT_LIMIT 64

Node chain_scalar(Graph *g, int n, const Node f[])
{
    if (n == 2)
        return sum_column(g, node_had(g, node_transpose(g, f[0]), f[1]));
    Node y = trace_form(g, n, f);
    if (y != NODE_NONE)
        return y;
    Cut c = {g, NODE_NONE, NODE_NONE, CUT_LIMIT};
    try_edge(&c, n, f);
    if (c.merged == NODE_NONE)
        try_beyond(&c, n, f);
    if (c.merged == NODE_NONE) {
        Node *t = ARENA_ARRAY(g->scratch, Node, (size_t)n);
        for (int i = 0; i < n; i++)
            t[i] = node_transpose(g, f[n - 1 - i]);
        try_beyond(&c, n, t);
    }
    return c.merged != NODE_NONE ? sum_column(g, c.merged) : c.best;
}

/* ---- sums over entries ---- */

Node node_sum_entries(Graph *g, Node a, int dim)
{
    Shape s = node_shape(g, a);
    Node f[3];
    int n = 0;
    if (dim != 2 && s.rows != 1)
        f[n++] = node_transpose(g, node_ones(g, s.rows));
    f[n++] = a;
    if (dim != 1 && s.cols != 1)
        f[n++] = node_ones(g, s.cols);
    return node_product(g, n, f);
}

Node node_dot(Graph *g, Node a, Node b)
{
    if (node_is_scalar(g, a))
        return node_mul(g, a, b);
    if (node_is_row(g, a))
        return node_mul(g, a, node_transpose(g, b));
    Node p = node_mul(g, node_transpose(g, a), b);
    return node_is_scalar(g, p) ? p : node_apply(g, OP_TR, 1, &p);
}

Node node_norm2(Graph *g, Node a)
{
    if (node_is_scalar(g, a))
        return node_apply(g, OP_ABS, 1, &a);
    return node_power(g, node_dot(g, a, a), g->half);
}

/* ---- powers of a square matrix ---- */

/* The longest power that is written as a chain of factors. */
#define POWER_LIMIT 4096

Node node_square_power(Graph *g, Node base, Node exponent)
{
    int64_t k;
    bool whole = value_to_int(node_number_value(g, exponent), &k);
    assert(whole);
    (void)whole;
    if (node_is_scalar(g, base))
        return node_power(g, base, exponent);
    Node body, scalar = split_scalar(g, base, &body);
    if (!node_is_one(g, scalar))
        return node_mul(g, node_power(g, scalar, exponent),
                        node_square_power(g, body, exponent));
    if (k == 0 || op_of(g, base) == OP_IDENT)
        return node_identity(g, node_shape(g, base).rows);
    if (op_of(g, base) == OP_CONST)
        return node_from_value(
            g, value_matrix_power(node_const_value(g, base), k));
    if (op_of(g, base) == OP_DIAG) {
        Node v = node_had_power(g, arg_of(g, base, 0), exponent);
        return node_apply(g, OP_DIAG, 1, &v);
    }
    if (k < 0)
        base = node_apply(g, OP_INV, 1, &base);
    if (k < -POWER_LIMIT || k > POWER_LIMIT)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "the power of a symbolic matrix stops at %d", POWER_LIMIT);
    ArenaMark m = arena_mark(g->scratch);
    int n = (int)(k < 0 ? -k : k);
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        f[i] = base;
    Node y = node_product(g, n, f);
    arena_reset(g->scratch, m);
    return y;
}

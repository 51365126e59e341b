/*
 * binder.c - binders as nodes: reading, opening, rebuilding
 */
#include "graph/binder.h"

#include <assert.h>

#include "graph/binder_close.h"
#include "graph/internal.h"
#include "graph/walk.h"

/* Operands of a LOOP before the bases, attributes before the roles. */
enum { LOOP_FIRST_BASE = 2, LOOP_FIRST_ROLE = 3 };

/* ---- reading ---- */

Node loop_count(const Graph *g, Node l)
{
    return node_arg(g, l, 0);
}

Node loop_lambda(const Graph *g, Node l)
{
    return node_arg(g, l, 1);
}

bool loop_is_down(const Graph *g, Node l)
{
    return node_attr(g, l, 0) != 0;
}

int loop_carried(const Graph *g, Node l)
{
    return (int)node_attr(g, l, 1);
}

int loop_results(const Graph *g, Node l)
{
    return (int)node_attr(g, l, 2);
}

LoopRole loop_role(const Graph *g, Node l, int k)
{
    return (LoopRole)node_attr(g, l, LOOP_FIRST_ROLE + k);
}

Node loop_base(const Graph *g, Node l, int k)
{
    return node_arg(g, l, LOOP_FIRST_BASE + k);
}

int loop_captures(const Graph *g, Node l)
{
    return node_count(g, l) - LOOP_FIRST_BASE - loop_results(g, l);
}

Node loop_capture(const Graph *g, Node l, int j)
{
    return node_arg(g, l, LOOP_FIRST_BASE + loop_results(g, l) + j);
}

int lambda_args(const Graph *g, Node f)
{
    return (int)node_attr(g, f, 0);
}

static Node intern_arg(Graph *g, int k, Shape s, unsigned flags)
{
    uint32_t attr[] = {(uint32_t)k, flags};
    return node_intern(g, OP_ARG, s, 0, NULL, 2, attr);
}

Node lambda_arg(Graph *g, Node f, int k, Shape s)
{
    return intern_arg(g, k, s, node_attr(g, f, 1 + k));
}

int choice_results(const Graph *g, Node n)
{
    return node_count(g, node_arg(g, n, 1));
}

int choice_captures(const Graph *g, Node n)
{
    return node_count(g, n) - 3;
}

Node choice_capture(const Graph *g, Node n, int j)
{
    return node_arg(g, n, 3 + j);
}

int result_number(const Graph *g, Node n)
{
    return (int)node_attr(g, n, 0);
}

int binder_level(const Graph *g, int n, const Node nodes[])
{
    int level = 0;
    for (int i = 0; i < n; i++)
        if (node_level(g, nodes[i]) > level)
            level = node_level(g, nodes[i]);
    if (level >= 250)
        error_raise(SPAN_NONE, ERR_LIMIT, "loops nested more than 250 deep");
    return level + 1;
}

/* ---- leaves and results ---- */

Node node_bv(Graph *g, int level, int k, Shape s, unsigned flags)
{
    uint32_t attr[] = {(uint32_t)level, (uint32_t)k, flags};
    return node_intern(g, OP_BV, s, 0, NULL, 3, attr);
}

Node node_tuple(Graph *g, int n, const Node parts[])
{
    uint32_t none = 0;
    return node_intern(g, OP_LAMBDA, SHAPE_SCALAR, n, parts, 1, &none);
}

/* A shape that a result may have: not one of the inside of the binder. */
static void check_outside(Graph *g, Shape s)
{
    const Dim side[] = {s.rows, s.cols};
    for (int i = 0; i < 2; i++)
        if (side[i] < 0 && binder_holds_arg(g, (Node)~side[i]))
            error_raise(SPAN_NONE, ERR_TRACE,
                        "the size of a result depends on a turn of its loop");
}

Node node_proj(Graph *g, Node n, int k)
{
    if (op_of(g, n) == OP_LAMBDA)
        return arg_of(g, n, (uint32_t)k);
    Shape s = op_of(g, n) == OP_LOOP
                  ? node_shape(g, loop_base(g, n, k))
                  : node_shape(g, node_arg(g, node_arg(g, n, 1), k));
    check_outside(g, s);
    uint32_t attr = (uint32_t)k;
    return node_intern(g, OP_PROJ, s, 1, &n, 1, &attr);
}

Node node_hist(Graph *g, Node loop, int k)
{
    Shape s = node_shape(g, loop_base(g, loop, k));
    Dim n = dim_of_node(g, loop_count(g, loop));
    s.cols = dim_mul(g, s.cols, n);
    uint32_t attr = (uint32_t)k;
    return node_intern(g, OP_HIST, s, 1, &loop, 1, &attr);
}

Node hist_block(Graph *g, Node hist, Dim cols, Node i)
{
    if (cols == 1)
        return node_index(g, hist, g->all, i);
    Node width = node_of_dim(g, cols);
    Node to = node_mul(g, i, width);
    Node from = node_add(g, node_sub(g, to, width), g->one);
    return node_index(g, hist, g->all, node_range(g, from, g->one, to));
}

Node hist_entry(Graph *g, Node loop, int k, Node i)
{
    Dim cols = node_shape(g, loop_base(g, loop, k)).cols;
    return hist_block(g, node_hist(g, loop, k), cols, i);
}

/* ---- opening ---- */

/* The results of lambda f with to[k] in the place of argument k. */
static Node *open_lambda(Graph *g, Node f, int n, const Node to[], Arena *a)
{
    int count = node_count(g, f);
    Node *y = ARENA_ARRAY(a, Node, (size_t)count + 1);
    ArenaMark mark = arena_mark(g->scratch);
    Node *from = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    for (int k = 0; k < n; k++)
        from[k] = lambda_arg(g, f, k, node_shape(g, to[k]));
    Node *parts = args_copy(g, f);
    Node tuple = node_tuple(g, count, parts);
    tuple = node_substitute(g, tuple, n, from, to);
    for (int i = 0; i < count; i++)
        y[i] = node_arg(g, tuple, i);
    if (a != g->scratch)
        arena_reset(g->scratch, mark);
    return y;
}

LoopBody loop_open_with(Graph *g, Node l, Node index, const Node variable[],
                        const Node capture[], Arena *a)
{
    LoopBody b = {.index = index};
    b.carried = loop_carried(g, l);
    b.results = loop_results(g, l);
    b.captures = loop_captures(g, l);
    b.level = node_level(g, index);
    int n = 1 + b.carried + b.captures;
    Node *to = ARENA_ARRAY(a, Node, (size_t)n);
    to[0] = index;
    b.variable = to + 1;
    b.capture = to + 1 + b.carried;
    for (int k = 0; k < b.carried; k++)
        b.variable[k] = variable[k];
    for (int j = 0; j < b.captures; j++)
        b.capture[j] = capture[j];
    Node *y = open_lambda(g, loop_lambda(g, l), n, to, a);
    b.value = ARENA_ARRAY(a, Node, 3 * (size_t)b.results + 1);
    b.row = b.value + b.results;
    b.col = b.row + b.results;
    for (int k = 0; k < b.results; k++) {
        bool carried = k < b.carried;
        int at = carried ? k : b.carried + 3 * (k - b.carried);
        b.value[k] = y[at];
        b.row[k] = carried ? NODE_NONE : y[at + 1];
        b.col[k] = carried ? NODE_NONE : y[at + 2];
    }
    return b;
}

LoopBody loop_open(Graph *g, Node l, int level, Arena *a)
{
    if (level == 0)
        level = binder_level(g, 1, &l);
    Node f = loop_lambda(g, l);
    int c = loop_carried(g, l), p = loop_captures(g, l);
    Node *variable = ARENA_ARRAY(a, Node, (size_t)(c + p) + 1);
    Node *capture = variable + c;
    for (int k = 0; k < c; k++)
        variable[k] =
            node_bv(g, level, 1 + k, node_shape(g, loop_base(g, l, k)),
                    node_attr(g, f, 2 + k));
    for (int j = 0; j < p; j++)
        capture[j] = loop_capture(g, l, j);
    Node index = node_bv(g, level, 0, SHAPE_SCALAR, node_attr(g, f, 1));
    return loop_open_with(g, l, index, variable, capture, a);
}

Node *choice_open_with(Graph *g, Node n, int arm, const Node capture[],
                       Arena *a)
{
    return open_lambda(g, node_arg(g, n, 1 + arm), choice_captures(g, n),
                       capture, a);
}

Node *choice_open(Graph *g, Node n, int arm, Arena *a)
{
    Node *args = node_args_copy(g, n, a);
    return choice_open_with(g, n, arm, args + 3, a);
}

/* ---- rebuilding ---- */

/*
 * With other operands: opened over them and closed again, so that captures
 * that became constants go into the body.  The numbers of the results stay.
 */
static Node rebuild_loop(Graph *g, Node n, const Node args[])
{
    int count = node_count(g, n), nattr = node_attr_count(g, n);
    uint32_t *attr = ARENA_ARRAY(g->scratch, uint32_t, (size_t)nattr);
    for (int i = 0; i < nattr; i++)
        attr[i] = node_attr(g, n, i);
    Node l = node_intern(g, OP_LOOP, SHAPE_SCALAR, count, args, nattr, attr);
    LoopBody b = loop_open(g, l, 0, g->scratch);
    LoopResult *r = ARENA_ARRAY(g->scratch, LoopResult, (size_t)b.results + 1);
    for (int k = 0; k < b.results; k++)
        r[k] =
            (LoopResult){.role = loop_role(g, l, k),
                         .variable = k < b.carried ? b.variable[k] : NODE_NONE,
                         .base = loop_base(g, l, k),
                         .value = b.value[k],
                         .row = b.row[k],
                         .col = b.col[k]};
    LoopSpec s = {.level = b.level,
                  .count = args[0],
                  .index = b.index,
                  .down = loop_is_down(g, l),
                  .carried = b.carried,
                  .results = b.results,
                  .result = r};
    return loop_close(g, &s);
}

static Node rebuild_choice(Graph *g, Node n, const Node args[])
{
    int count = node_count(g, n);
    Node old = node_intern(g, OP_IF, SHAPE_SCALAR, count, args, 0, NULL);
    int results = choice_results(g, old);
    if (node_is_number(g, args[0])) {
        Node *y = choice_open(g, old, node_is_zero(g, args[0]), g->scratch);
        return node_tuple(g, results, y);
    }
    int p = choice_captures(g, old);
    Node *variable = ARENA_ARRAY(g->scratch, Node, (size_t)p + 1);
    Node *value = ARENA_ARRAY(g->scratch, Node, (size_t)p + 1);
    Node tuple = node_tuple(g, count, args);
    int level = binder_level(g, 1, &tuple);
    for (int j = 0; j < p; j++) {
        value[j] = choice_capture(g, old, j);
        variable[j] = node_bv(g, level, j, node_shape(g, value[j]),
                              node_attr(g, node_arg(g, old, 1), 1 + j));
        if (node_is_constant(g, value[j]))
            variable[j] = value[j];
    }
    Node *a = choice_open_with(g, old, 0, variable, g->scratch);
    Node *b = choice_open_with(g, old, 1, variable, g->scratch);
    return choice_close(g, args[0], results, a, b, p, variable, value);
}

Node binder_rebuild(Graph *g, Node n, const Node args[])
{
    depth_check();
    ArenaMark mark = arena_mark(g->scratch);
    Node y;
    switch (op_of(g, n)) {
    case OP_LOOP:
        y = rebuild_loop(g, n, args);
        break;
    case OP_IF:
        y = rebuild_choice(g, n, args);
        break;
    case OP_PROJ:
        y = node_proj(g, args[0], result_number(g, n));
        break;
    case OP_HIST:
        y = node_hist(g, args[0], result_number(g, n));
        break;
    default: {
        int nattr = node_attr_count(g, n);
        uint32_t *attr = ARENA_ARRAY(g->scratch, uint32_t, (size_t)nattr + 1);
        for (int i = 0; i < nattr; i++)
            attr[i] = node_attr(g, n, i);
        y = node_intern(g, op_of(g, n), node_shape(g, n), node_count(g, n),
                        args, nattr, attr);
    }
    }
    arena_reset(g->scratch, mark);
    return y;
}

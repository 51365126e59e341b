/*
 * expand.c - products multiplied out
 */
#include "graph/expand.h"

#include "graph/determinant.h"
#include "graph/poly_node.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "graph/quick.h"

/* ---- lists of terms ---- */

NodeList node_terms(Graph *g, Node n, Arena *a)
{
    NodeList y = {0};
    bool turned =
        node_op(g, n) == OP_TRANS && node_op(g, node_arg(g, n, 0)) == OP_SUM;
    Node s = turned ? node_arg(g, n, 0) : n;
    if (node_op(g, s) != OP_SUM) {
        VEC_PUSH_IN(a, &y, n);
        return y;
    }
    for (int i = 0; i < node_count(g, s); i += 2) {
        Node t = node_scale(g, node_arg(g, s, i), node_arg(g, s, i + 1));
        if (turned)
            t = node_transpose(g, t);
        VEC_PUSH_IN(a, &y, t);
    }
    return y;
}

static NodeList single(Expansion *e, Node n)
{
    NodeList y = {0};
    VEC_PUSH_IN(e->arena, &y, n);
    return y;
}

static NodeList collect(Expansion *e, NodeList l)
{
    if (l.count < 2 || e->over)
        return l;
    Node sum = node_sum(e->g, (int)l.count, l.at);
    NodeList y = node_terms(e->g, sum, e->arena);
    if (y.count < l.count)
        e->merged = true;
    return y;
}

/* Every product of a term of a and one of b. */
static NodeList multiply(Expansion *e, NodeList a, NodeList b,
                         Node (*product)(Graph *g, Node a, Node b))
{
    NodeList y = {0};
    if (a.count * b.count > e->limit)
        e->over = true;
    for (size_t i = 0; i < a.count && !e->over; i++)
        for (size_t j = 0; j < b.count; j++) {
            POLL();
            VEC_PUSH_IN(e->arena, &y, product(e->g, a.at[i], b.at[j]));
        }
    return collect(e, y);
}

/* ---- by kind of node ---- */

static NodeList expand_part(Expansion *e, Node n)
{
    if (e->depth == 0)
        return single(e, n);
    e->depth--;
    NodeList y = expand_terms(e, n);
    e->depth++;
    return y;
}

/* May a sum to this power be multiplied out? */
static bool is_small_power(const Graph *g, Node exponent)
{
    if (!node_is_number(g, exponent))
        return false;
    Value v = node_number_value(g, exponent);
    return v.kind == VAL_INT && v.integer > 0 && v.integer <= 1000;
}

/* The terms of a base to a power that multiplies them out; else none. */
static NodeList open_power(Expansion *e, Node base, Node exponent)
{
    NodeList y = {0};
    if (is_small_power(e->g, exponent))
        y = expand_part(e, base);
    if (y.count == 1)
        y.count = 0;
    return y;
}

/* y times part^exponent */
static NodeList multiply_out(Expansion *e, NodeList y, NodeList part,
                             Node exponent, bool had)
{
    int64_t power = node_number_value(e->g, exponent).integer;
    for (int64_t k = 0; k < power && !e->over; k++)
        y = multiply(e, y, part, had ? node_had : node_mul);
    return y;
}

/* What is no sum is one factor, with which the first sum is multiplied. */
static NodeList expand_mono(Expansion *e, Node n)
{
    Graph *g = e->g;
    int count = node_count(g, n);
    NodeList plain = single(e, node_arg(g, n, 0)), *part;
    part = ARENA_ARRAY(e->arena, NodeList, (size_t)count);
    for (int i = 2; i + 1 < count && !e->over; i += 2) {
        Node base = node_arg(g, n, i), p = node_arg(g, n, i + 1);
        part[i] = open_power(e, base, p);
        if (!part[i].count)
            VEC_PUSH_IN(e->arena, &plain, node_power(g, base, p));
    }
    NodeList y = single(e, node_product(g, (int)plain.count, plain.at));
    for (int i = 2; i + 1 < count && !e->over; i += 2)
        if (part[i].count)
            y = multiply_out(e, y, part[i], node_arg(g, n, i + 1), false);
    Node body = node_arg(g, n, 1);
    if (!node_is_number(g, body))
        y = multiply(e, y, expand_part(e, body), node_mul);
    return y;
}

static NodeList multiply_had(Expansion *e, NodeList y, Node base, Node p)
{
    NodeList part = open_power(e, base, p);
    if (part.count)
        return multiply_out(e, y, part, p, true);
    return multiply(e, y, single(e, node_had_power(e->g, base, p)), node_had);
}

static NodeList expand_had(Expansion *e, Node n)
{
    Graph *g = e->g;
    int count = node_count(g, n);
    NodeList y = {0};
    for (int i = 0; i < count && !e->over; i += 2) {
        Node base = node_arg(g, n, i), p = node_arg(g, n, i + 1);
        if (i == 0 && node_is_one(g, p))
            y = expand_part(e, base);
        else if (i == 0)
            y = single(e, node_had_power(g, base, p));
        else
            y = multiply_had(e, y, base, p);
    }
    return y;
}

#define DATA_ENTRIES 16

bool chain_holds_data(const Graph *g, Node n)
{
    for (int i = 0; i < node_count(g, n); i++) {
        Node f = node_arg(g, n, i);
        if (node_op(g, f) == OP_DIAG)
            f = node_arg(g, f, 0);
        if (node_op(g, f) == OP_CONST &&
            array_count(node_const_value(g, f).array) > DATA_ENTRIES)
            return true;
    }
    return false;
}

static NodeList expand_chain(Expansion *e, Node n)
{
    if (e->keep_data && chain_holds_data(e->g, n))
        return single(e, n);
    int count = node_count(e->g, n);
    NodeList y = expand_part(e, node_arg(e->g, n, 0));
    for (int i = 1; i < count && !e->over; i++)
        y = multiply(e, y, expand_part(e, node_arg(e->g, n, i)), node_mul);
    return y;
}

static NodeList expand_trace(Expansion *e, Node n)
{
    NodeList y = expand_part(e, node_arg(e->g, n, 0));
    if (y.count < 2)
        return single(e, n);
    for (size_t i = 0; i < y.count; i++)
        y.at[i] = node_apply(e->g, OP_TR, 1, &y.at[i]);
    return collect(e, y);
}

/* The terms of a sum, each multiplied out. */
static NodeList expand_sum(Expansion *e, NodeList terms)
{
    NodeList y = {0};
    for (size_t i = 0; i < terms.count && !e->over; i++) {
        NodeList part = expand_terms(e, terms.at[i]);
        for (size_t j = 0; j < part.count; j++)
            VEC_PUSH_IN(e->arena, &y, part.at[j]);
        if (y.count > e->limit)
            e->over = true;
    }
    return collect(e, y);
}

static bool may_hold_sum(OpId op)
{
    return op == OP_SUM || op == OP_TRANS || op == OP_CHAIN || op == OP_HAD ||
           op == OP_TR;
}

/* Is there an operand that may hold a sum to be multiplied out? */
static bool may_expand(const Graph *g, Node n)
{
    bool mono = node_op(g, n) == OP_MONO;
    int first = mono ? 2 : 0, step = mono ? 2 : 1;
    if (mono && may_hold_sum(node_op(g, node_arg(g, n, 1))))
        return true;
    for (int i = first; i < node_count(g, n); i += step)
        if (may_hold_sum(node_op(g, node_arg(g, n, i))) &&
            (!mono || is_small_power(g, node_arg(g, n, i + 1))))
            return true;
    return false;
}

bool expand_changes(const Graph *g, Node n)
{
    if (node_op(g, n) != OP_SUM || !node_is_scalar(g, n))
        return true;
    for (int i = 1; i < node_count(g, n); i += 2) {
        Node t = node_arg(g, n, i);
        OpId op = node_op(g, t);
        if (op == OP_MONO ? may_expand(g, t) : may_hold_sum(op))
            return true;
    }
    return false;
}

NodeList expand_terms(Expansion *e, Node n)
{
    NodeList terms = node_terms(e->g, n, e->arena);
    if (terms.count > 1)
        return expand_sum(e, terms);
    if (!may_expand(e->g, n))
        return terms;
    switch ((int)node_op(e->g, n)) {
    case OP_MONO:
        return expand_mono(e, n);
    case OP_HAD:
        return expand_had(e, n);
    case OP_CHAIN:
        return expand_chain(e, n);
    case OP_TR:
        return expand_trace(e, n);
    default:
        return terms;
    }
}

/* ---- node_expand: the same from the leaves up ---- */

#define EXPAND_TERMS 200000

typedef struct Pass {
    Graph *g;
    Arena *arena;
    NodeMap done;
    NodeList stack;
} Pass;

/* A scalar sum or product of exact numbers, as a packed polynomial. */
static bool expand_packed(Pass *p, Node n, Node *y)
{
    PolyForm f;
    OpId op = node_op(p->g, n);
    if ((op != OP_SUM && op != OP_MONO) || !poly_of_node(p->g, p->arena, n, &f))
        return false;
    *y = node_of_poly(p->g, &f, f.poly);
    return true;
}

static Node expand_node(Pass *p, Node n)
{
    Node y;
    if (expand_packed(p, n, &y))
        return y;
    if (node_op(p->g, n) == OP_DET) {
        y = node_det_expanded(p->g, node_arg(p->g, n, 0));
        return y == NODE_NONE ? n : y;
    }
    Expansion e = {
        .g = p->g, .arena = p->arena, .limit = EXPAND_TERMS, .depth = 1};
    NodeList terms = expand_terms(&e, n);
    if (e.over)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "multiplied out this has more than %d terms", EXPAND_TERMS);
    return terms.count == 1 ? terms.at[0]
                            : node_sum(p->g, (int)terms.count, terms.at);
}

/* n with the answers for its operands; false if one is still missing. */
static bool expand_parts(Pass *p, Node n, Node *y)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, p->arena);
    bool all = true, same = true;
    for (int i = 0; i < count; i++) {
        Node a = args[i];
        if (!node_map_get(&p->done, a, &args[i])) {
            VEC_PUSH_IN(p->arena, &p->stack, a);
            all = false;
        }
        same = same && args[i] == a;
    }
    if (all)
        *y = same ? n : node_rebuild(g, n, args);
    return all;
}

static Node run_pass(Pass *p, Node n)
{
    Node y = n;
    VEC_PUSH_IN(p->arena, &p->stack, n);
    while (p->stack.count) {
        POLL();
        Node m = p->stack.at[p->stack.count - 1];
        if (node_map_get(&p->done, m, &y)) {
            p->stack.count--;
            continue;
        }
        if (!expand_parts(p, m, &y))
            continue;
        node_map_set(&p->done, m, expand_node(p, y));
    }
    node_map_get(&p->done, n, &y);
    return y;
}

Node node_expand(Graph *g, Node n)
{
    Arena *a = arena_local();
    Pass pass = {.g = g, .arena = a, .done = node_map_in(a)};
    Node y = run_pass(&pass, n);
    arena_free(a);
    return y;
}

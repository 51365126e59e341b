/*
 * entrywise.c - arrays to entries and back
 */
#include "graph/entrywise.h"

#include "graph/array.h"
#include "graph/front.h"
#include "graph/internal.h"
#include "graph/walk.h"

/* ---- to an entry ---- */

static bool makes_mask(OpId op)
{
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE ||
           op == OP_AND || op == OP_OR || op == OP_NOT;
}

static Node entry_symbol(Entries *e, Node n)
{
    Graph *g = e->g;
    for (size_t i = 0; i < e->array.count; i++)
        if (e->array.at[i] == n)
            return e->symbol.at[i];
    Sign s = node_sign(g, n);
    unsigned flags = s == SIGN_POSITIVE      ? SYM_POSITIVE
                     : s == SIGN_NONNEGATIVE ? SYM_NONNEGATIVE
                                             : 0;
    /* A name that nobody can type, and that is no kernel's. */
    const char *name = arena_printf(e->arena, "#entry%zu", e->array.count);
    Node y = node_symbol(g, name_of(name), (Shape){1, 1}, flags);
    VEC_PUSH_IN(e->arena, &e->array, n);
    VEC_PUSH_IN(e->arena, &e->symbol, y);
    return y;
}

static Node entry_of(Entries *e, Node n);

static Node entry_of_sum(Entries *e, const Node args[], int count)
{
    Node y = e->g->zero;
    for (int i = 0; i < count; i += 2)
        y = node_add(e->g, y,
                     node_scale(e->g, args[i], entry_of(e, args[i + 1])));
    return y;
}

static Node entry_of_product(Entries *e, const Node args[], int count,
                             int first)
{
    Node y = e->g->one;
    for (int i = 0; i < first; i++)
        y = node_mul(e->g, y, entry_of(e, args[i]));
    for (int i = first; i < count; i += 2)
        y = node_mul(
            e->g, y,
            node_power(e->g, entry_of(e, args[i]), entry_of(e, args[i + 1])));
    return y;
}

static Node entry_of(Entries *e, Node n)
{
    Graph *g = e->g;
    Node fill;
    depth_check();
    if (node_is_scalar(g, n))
        return n;
    if (node_is_fill(g, n, &fill))
        return fill;
    OpId op = node_op(g, n);
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, e->arena);
    if (op == OP_SUM)
        return entry_of_sum(e, args, count);
    if (op == OP_MONO || op == OP_HAD)
        return entry_of_product(e, args, count, op == OP_MONO ? 2 : 0);
    if (op_table[op].class != CLASS_ELEMENTWISE || makes_mask(op))
        return entry_symbol(e, n);
    for (int i = 0; i < count; i++)
        args[i] = entry_of(e, args[i]);
    return node_apply(g, op, count, args);
}

Entries entries_new(Graph *g, Arena *a, Shape shape)
{
    return (Entries){.g = g, .arena = a, .shape = shape};
}

Node entry_formula(Entries *e, Node n)
{
    return entry_of(e, n);
}

/* ---- and back ---- */

static bool is_constant_here(const Entries *e, Node u)
{
    for (size_t i = 0; i < e->symbol.count; i++)
        if (node_depends(e->g, u, e->symbol.at[i]))
            return false;
    return true;
}

static Node array_of(Entries *e, Node u);

static Node array_of_sum(Entries *e, const Node args[], int count)
{
    Node y = e->g->zero;
    for (int i = 0; i < count; i += 2) {
        Node t = array_of(e, args[i + 1]);
        if (t == NODE_NONE)
            return t;
        y = front_add(e->g, y, front_mul(e->g, args[i], t));
    }
    return y;
}

/* Factors below `/` together, so that the text has one denominator. */
static Node array_of_product(Entries *e, const Node args[], int count)
{
    Graph *g = e->g;
    Node y = args[0];
    for (int i = 2; i < count; i += 2) {
        Node b = array_of(e, args[i]), p = array_of(e, args[i + 1]);
        if (b == NODE_NONE || p == NODE_NONE)
            return NODE_NONE;
        bool scalar = node_is_scalar(g, b) && node_is_scalar(g, p);
        b = scalar ? node_power(g, b, p) : front_had_power(g, b, p);
        y = front_had(g, y, b);
    }
    return y;
}

static Node array_of(Entries *e, Node u)
{
    Graph *g = e->g;
    depth_check();
    if (is_constant_here(e, u))
        return u;
    for (size_t i = 0; i < e->symbol.count; i++)
        if (e->symbol.at[i] == u)
            return e->array.at[i];
    OpId op = node_op(g, u);
    int count = node_count(g, u);
    Node *args = node_args_copy(g, u, e->arena);
    if (op == OP_SUM)
        return array_of_sum(e, args, count);
    if (op == OP_MONO)
        return array_of_product(e, args, count);
    if (op_table[op].class != CLASS_ELEMENTWISE)
        return NODE_NONE;
    for (int i = 0; i < count; i++) {
        args[i] = array_of(e, args[i]);
        if (args[i] == NODE_NONE)
            return NODE_NONE;
    }
    return front_spread(g, count, args) ? node_apply(g, op, count, args)
                                        : NODE_NONE;
}

Node entry_array(Entries *e, Node u)
{
    Node y = array_of(e, u);
    if (y == NODE_NONE || !node_is_scalar(e->g, y))
        return y;
    return node_fill(e->g, e->shape, y);
}

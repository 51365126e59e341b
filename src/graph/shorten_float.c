/*
 * shorten_float.c - formulas with floats, through exact numbers
 */
#include <math.h>

#include "graph/internal.h"
#include "graph/shorten.h"
#include "graph/walk.h"
#include "value/number.h"

typedef struct Convert {
    Graph *g;
    Arena *arena;
    NodeMap done;
    bool back;   /* to floats */
    bool failed; /* a number has no counterpart of the same value */
    bool floats; /* some were met */
} Convert;

/*
 * Floats are fractions with a power of 2 below.  On the way back whole
 * numbers stay exact, others must be floats as they are: 0.1 + 0.2 as
 * fractions is no float, and a formula made with it is not taken.
 */
static Node convert_number(Convert *c, Node n)
{
    Value v = node_number_value(c->g, n);
    if (!c->back) {
        if (value_is_exact(v))
            return n;
        c->floats = true;
        if (isfinite(value_to_double(v)))
            return node_number(c->g, number_to_exact(v));
        c->failed = true;
        return n;
    }
    double x = value_to_double(v);
    if (!isfinite(x) || number_sign(number_binary(
                            BIN_SUB, v, number_to_exact(value_float(x)))) != 0)
        c->failed = true;
    return number_is_integer(v) ? n : node_number(c->g, value_float(x));
}

static Node convert(Convert *c, Node n)
{
    Graph *g = c->g;
    uint32_t known;
    depth_check();
    if (node_is_number(g, n))
        return convert_number(c, n);
    if (node_map_get(&c->done, n, &known))
        return known;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, c->arena), y = n;
    bool same = true;
    switch ((int)node_op(g, n)) {
    case OP_CONST:
    case OP_LAMBDA:
    case OP_LOOP:
    case OP_IF:
        c->failed = true;
        return n;
    }
    /* An exponent stays exact: x^(1/2) is a root. */
    OpId op = node_op(g, n);
    int first = op == OP_MONO ? 3 : op == OP_HAD ? 1 : count;
    for (int i = 0; i < count && !c->failed; i++) {
        bool exponent = i >= first && (i - first) % 2 == 0;
        Node a = c->back && exponent && node_is_number(g, args[i])
                     ? args[i]
                     : convert(c, args[i]);
        same = same && a == args[i];
        args[i] = a;
    }
    if (!same && !c->failed)
        y = node_rebuild(g, n, args);
    node_map_set(&c->done, n, y);
    return y;
}

static bool run(Graph *g, Node n, bool back, Node *y)
{
    Arena *a = arena_local();
    Convert c = {.g = g, .arena = a, .done = node_map_in(a), .back = back};
    *y = convert(&c, n);
    arena_free(a);
    return !c.failed && (back || c.floats);
}

bool shorten_floats_out(Graph *g, Node n, Node *y)
{
    return run(g, n, false, y);
}

bool shorten_floats_in(Graph *g, Node n, Node *y)
{
    return run(g, n, true, y);
}

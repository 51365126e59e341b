#include "graph/near.h"

#include "graph/enclose.h"
#include "graph/simplify.h"
#include "graph/walk.h"

typedef struct Near {
    Graph *g;
    Arena *arena;
    Node x, t, place; /* place: c + side*t */
    NodeMap done;
} Near;

/* n at t = 0 */
static Node at_zero(Near *w, Node n)
{
    Node zero = node_int(w->g, 0);
    return node_substitute(w->g, n, 1, &w->t, &zero);
}

/* sin(c + u) with sin(c) = 0, cos(c + u) with cos(c) = 0. */
static Node shifted_wave(Near *w, OpId op, Node arg)
{
    Graph *g = w->g;
    Node c = at_zero(w, arg), wave = node_apply(g, op, 1, &c);
    if (node_is_zero(g, c) || !enclose_zero(g, wave))
        return node_apply(g, op, 1, &arg);
    double v = 0;
    Node u = node_sub(g, arg, c);
    Node other = node_apply(g, op == OP_SIN ? OP_COS : OP_SIN, 1, &c);
    node_constant_value(g, other, &v);
    Node y = node_apply(g, OP_SIN, 1, &u);
    return (v > 0) == (op == OP_SIN) ? y : node_neg(g, y);
}

/* tan as well: with cos(c) = 0 it is -1/tan(u). */
static Node shifted_tangent(Near *w, Node arg)
{
    Graph *g = w->g;
    Node c = at_zero(w, arg), u = node_sub(g, arg, c);
    Node sine = node_apply(g, OP_SIN, 1, &c);
    Node cosine = node_apply(g, OP_COS, 1, &c);
    bool root = enclose_zero(g, sine), pole = enclose_zero(g, cosine);
    Node y = node_apply(g, OP_TAN, 1, root || pole ? &u : &arg);
    return pole ? node_neg(g, node_power(g, y, node_int(g, -1))) : y;
}

static Node rewrite(Near *w, Node n)
{
    Graph *g = w->g;
    uint32_t known;
    if (n == w->x)
        return w->place;
    if (!node_depends(g, n, w->x))
        return n;
    depth_check();
    if (node_map_get(&w->done, n, &known))
        return known;
    OpId op = node_op(g, n);
    Node y;
    if (op != OP_SUM && op != OP_MONO &&
        op_table[op].class != CLASS_ELEMENTWISE)
        y = node_substitute(g, n, 1, &w->x, &w->place);
    else {
        Node *arg = node_args_copy(g, n, w->arena);
        for (int i = 0; i < node_count(g, n); i++)
            arg[i] = rewrite(w, arg[i]);
        bool wave = op == OP_SIN || op == OP_COS;
        y = wave           ? shifted_wave(w, op, arg[0])
            : op == OP_TAN ? shifted_tangent(w, arg[0])
                           : node_rebuild(g, n, arg);
        if (node_op(g, y) == OP_SUM && enclose_zero(g, at_zero(w, y)))
            y = node_expand(g, y);
    }
    node_map_set(&w->done, n, y);
    return y;
}

Node node_near(Graph *g, Node e, Node x, Node c, int side, Node t)
{
    Node place = node_add(g, c, side < 0 ? node_neg(g, t) : t);
    Node y = NODE_NONE;
    Protect p;
    if (node_is_zero(g, c))
        return node_substitute(g, e, 1, &x, &place);
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        Near w = {g, a, x, t, place, node_map_in(a)};
        y = rewrite(&w, e);
        arena_free(a);
        protect_end(&p);
        return y;
    }
    if (context_error()->code != ERR_DOMAIN)
        error_again();
    return node_substitute(g, e, 1, &x, &place);
}

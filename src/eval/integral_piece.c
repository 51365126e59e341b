/*
 * integral_piece.c - an integrand between two of its cuts
 */
#include <math.h>

#include "eval/integral.h"
#include "graph/binder.h"
#include "graph/integrate.h"
#include "graph/solve.h"
#include "graph/walk.h"

static double low_end(const Definite *d, int i)
{
    return i == 0 ? d->a : d->cut[i - 1].x;
}

static double high_end(const Definite *d, int i)
{
    return i == d->count ? d->b : d->cut[i].x;
}

static bool is_step(OpId op)
{
    return op == OP_FLOOR || op == OP_CEIL || op == OP_ROUND || op == OP_SIGN ||
           op == OP_STEP || op == OP_LT || op == OP_LE || op == OP_EQ ||
           op == OP_NE;
}

static bool is_truth(OpId op)
{
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE;
}

/* The steps of n that hold x, outermost first. */
typedef struct Steps {
    Nodes node, value; /* in the same order */
} Steps;

static void find_steps(Definite *d, Node n, NodeMap *seen, Steps *s)
{
    uint32_t known;
    if (!node_depends(d->g, n, d->x) || node_map_get(seen, n, &known))
        return;
    depth_check();
    node_map_set(seen, n, 1);
    if (is_step(node_op(d->g, n))) {
        VEC_PUSH_IN(d->arena, &s->node, n);
        return;
    }
    for (int i = 0; i < node_count(d->g, n); i++)
        find_steps(d, node_arg(d->g, n, i), seen, s);
}

/* The number that n is at three places between the ends. */
static Node constant_between(Definite *d, Node n, double a, double b)
{
    Graph *g = d->g;
    Node one = node_int(g, 1), zero = node_int(g, 0);
    Program *p = integral_compile(g, n, d->x);
    double y = integral_at(p, a + (b - a) / 2);
    bool same = integral_at(p, a + (b - a) * 0.01) == y &&
                integral_at(p, a + (b - a) * 0.99) == y;
    program_free(p);
    if (!same || y != nearbyint(y) || fabs(y) > 1e15)
        return NODE_NONE;
    if (is_truth(node_op(g, n)))
        return node_compare_op(g, OP_LT, y != 0 ? zero : one,
                               y != 0 ? one : zero);
    return node_int(g, (int64_t)y);
}

Node integral_piece(Definite *d, int i)
{
    Steps s = {0};
    NodeMap seen = node_map_in(d->arena);
    double a = low_end(d, i), b = high_end(d, i);
    if (!isfinite(a) || !isfinite(b))
        return NODE_NONE;
    find_steps(d, d->e, &seen, &s);
    if (s.node.count == 0)
        return NODE_NONE;
    for (size_t k = 0; k < s.node.count; k++) {
        Node y = constant_between(d, s.node.at[k], a, b);
        if (y == NODE_NONE)
            return y;
        VEC_PUSH_IN(d->arena, &s.value, y);
    }
    Node e =
        node_substitute(d->g, d->e, (int)s.node.count, s.node.at, s.value.at);
    return node_integrate(d->g, e, d->x);
}

bool integral_gap(Definite *d, double *from, double *to)
{
    bool gap = false;
    Program *p = integral_compile(d->g, d->e, d->x);
    for (int i = 0; i <= d->count && !gap; i++) {
        *from = low_end(d, i);
        *to = high_end(d, i);
        gap = isfinite(*from) && isfinite(*to);
        for (int k = 1; k < 8 && gap; k++)
            gap = isnan(integral_at(p, *from + (*to - *from) * k / 8));
    }
    program_free(p);
    return gap;
}

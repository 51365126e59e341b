/*
 * diff_point.c - functions defined apart at one point
 *
 * In `if x == c then p else s` the derivative of p says nothing: the value
 * at c alone is p.  Where s goes to p at c, the choice is replaced before it
 * is differentiated: by s, if that is continuous there, else p by the
 * expansion of s at c.  Where s goes elsewhere there is no derivative, and
 * NaN stands for it.  What cannot be decided is left as it is.
 */
#include <math.h>

#include "graph/binder.h"
#include "graph/decimals.h"
#include "graph/diff_pass.h"
#include "graph/limit.h"
#include "graph/probe.h"
#include "graph/simplify.h"

enum { POINT_ORDER = 3 };

/* The choice n = if x == c then p else s. */
typedef struct PointChoice {
    Node n, x, c, p, s;
} PointChoice;

/* x = c from the gap of an equation, if that is affine in x. */
static bool solve_gap(Graph *g, Node gap, Node x, Node *c)
{
    Node zero = node_int(g, 0);
    Node slope = node_expand(g, diff_scalar(g, gap, x));
    if (!node_is_number(g, slope) || node_is_zero(g, slope))
        return false;
    Node rest = node_substitute(g, gap, 1, &x, &zero);
    *c = node_textbook(g, node_neg(g, node_div(g, rest, slope)));
    return true;
}

/* The one leaf of the pass that the equation depends on. */
static bool read_choice(const DiffPass *p, Node n, PointChoice *y)
{
    Graph *g = p->g;
    if (node_op(g, n) != OP_PROJ || !node_is_scalar(g, n) ||
        node_op(g, node_arg(g, n, 0)) != OP_IF)
        return false;
    Node choice = node_arg(g, n, 0), found = NODE_NONE;
    Node condition = node_arg(g, choice, 0);
    int k = result_number(g, n);
    OpId op = node_op(g, condition);
    if (op != OP_EQ && op != OP_NE)
        return false;
    Node a = node_arg(g, condition, 0), b = node_arg(g, condition, 1);
    if (!node_is_scalar(g, a) || !node_is_scalar(g, b))
        return false;
    Node gap = node_sub(g, a, b);
    for (int i = 0; i < p->nx; i++)
        if (node_depends(g, gap, p->x[i])) {
            if (found != NODE_NONE || node_op(g, p->x[i]) != OP_SYM ||
                !node_is_scalar(g, p->x[i]))
                return false;
            found = p->x[i];
        }
    if (found == NODE_NONE || !solve_gap(g, gap, found, &y->c))
        return false;
    y->n = n;
    y->x = found;
    y->p = choice_open(g, choice, op == OP_NE, p->arena)[k];
    y->s = choice_open(g, choice, op == OP_EQ, p->arena)[k];
    return node_is_scalar(g, y->p) && node_is_scalar(g, y->s);
}

/* p with the expansion of s added, as far as there is one. */
static Node expanded(Graph *g, const PointChoice *y, Node p)
{
    Node right[POINT_ORDER + 1], left[POINT_ORDER + 1], sum = p;
    Node s = node_decimals(g, y->s), c = node_decimals(g, y->c);
    Node shift = node_sub(g, y->x, y->c);
    int n = POINT_ORDER;
    for (; n >= 0; n--) {
        if (!node_expansion(g, s, y->x, c, LIMIT_RIGHT, n, right) ||
            !node_expansion(g, s, y->x, c, LIMIT_LEFT, n, left))
            continue;
        int k = 0;
        while (k <= n &&
               probe_zero(g, node_sub(g, left[k], right[k])) == ZERO_YES)
            k++;
        if (k > n)
            break;
    }
    if (n < 0)
        return NODE_NONE;
    Zero same = probe_zero(g, node_sub(g, right[0], node_decimals(g, p)));
    if (same == ZERO_UNKNOWN)
        return NODE_NONE;
    if (same == ZERO_NO || n == 0)
        return node_add(g, p, node_mul(g, node_float(g, NAN), shift));
    for (int k = 1; k <= n; k++)
        sum = node_add(
            g, sum,
            node_mul(g, right[k], node_power(g, shift, node_int(g, k))));
    return sum;
}

/* What is differentiated in the place of the choice; NODE_NONE: itself. */
static Node filled(Graph *g, const PointChoice *y)
{
    Node p = node_substitute(g, y->p, 1, &y->x, &y->c);
    Node there = node_continuous_at(g, node_decimals(g, y->s), y->x,
                                    node_decimals(g, y->c));
    Zero same = there == NODE_NONE
                    ? ZERO_UNKNOWN
                    : probe_zero(g, node_sub(g, there, node_decimals(g, p)));
    if (same == ZERO_YES)
        return y->s;
    Node point = there == NODE_NONE ? expanded(g, y, p) : NODE_NONE;
    if (same == ZERO_NO)
        point = node_add(
            g, p, node_mul(g, node_float(g, NAN), node_sub(g, y->x, y->c)));
    if (point == NODE_NONE)
        return point;
    return node_if(g, node_compare_op(g, OP_EQ, y->x, y->c), point, y->s);
}

const Node *diff_fill_points(DiffPass *p, int ny, const Node y[])
{
    Graph *g = p->g;
    VEC(Node) from = {0};
    VEC(Node) to = {0};
    PointChoice choice;
    for (size_t i = 0; i < p->order.count; i++) {
        Node n = p->order.at[i];
        if (!read_choice(p, n, &choice))
            continue;
        Node with = filled(g, &choice);
        if (with == NODE_NONE || with == n)
            continue;
        VEC_PUSH_IN(p->arena, &from, n);
        VEC_PUSH_IN(p->arena, &to, with);
    }
    if (from.count == 0)
        return y;
    Node *out = ARENA_ARRAY(p->arena, Node, (size_t)ny);
    for (int i = 0; i < ny; i++)
        out[i] = node_substitute(g, y[i], (int)from.count, from.at, to.at);
    return out;
}

/*
 * lower_step.c - sums whose terms hang on the step of an extremum
 *
 * The slope of max(tanh(x), x) is a sum, 1 - step(d)*tanh(x)^2 with
 * d = tanh(x) - x, in which terms of both sides have met.  Where step(d) is 1
 * such a sum may cancel in a way that only the sum of that side shows, here
 * 1 - tanh(x)^2, so each side is computed by itself.
 */
#include "compile/lower.h"

#include "graph/simplify.h"
#include "graph/walk.h"
#include "value/shape.h"

enum { STEP_TERMS = 32, STEP_DEPTH = 4 };

static double choose(double c, double a, double b)
{
    return c > 0 ? a : b;
}

static const Kernel kernel_choose = {
    .name = "if", .code = "a > 0 ? b : c", .f3 = choose};

/* A factor step(d) of a term, or NODE_NONE. */
static Node step_factor(const Graph *g, Node term)
{
    OpId op = node_op(g, term);
    if (op == OP_STEP)
        return term;
    if (op != OP_MONO && op != OP_HAD)
        return NODE_NONE;
    for (int i = op == OP_MONO ? 2 : 0; i < node_count(g, term); i += 2)
        if (node_op(g, node_arg(g, term, i)) == OP_STEP)
            return node_arg(g, term, i);
    return NODE_NONE;
}

/* The number of terms of the sum y of one side. */
static int terms_of(const Graph *g, Node y)
{
    if (node_is_zero(g, y))
        return 0;
    return node_op(g, y) == OP_SUM ? node_count(g, y) / 2 : 1;
}

/*
 * The term t with `value` for step f where f multiplies it entry by entry.
 * Under a sum or a matrix product other entries of f count, which need not
 * be on the same side.
 */
static Node with_own_factor(Graph *g, Node t, Node f, Node value)
{
    OpId op = node_op(g, t);
    if (t == f)
        return value;
    if (node_is_scalar(g, f))
        return node_with_factor(g, t, f, value);
    if (op != OP_MONO && op != OP_HAD)
        return t;
    depth_check();
    Arena *a = arena_local();
    Node *arg = node_args_copy(g, t, a);
    bool same = true;
    for (int i = op == OP_MONO ? 2 : 0; i < node_count(g, t); i += 2) {
        if (arg[i] == f || node_is_integer(g, arg[i + 1]))
            arg[i] = with_own_factor(g, arg[i], f, value);
        same = same && arg[i] == node_arg(g, t, i);
    }
    Node y = same ? t : node_rebuild(g, t, arg);
    arena_free(a);
    return y;
}

/* The sum with step `f` at `value`; *met: fewer terms are left than were. */
static Node side_of(Graph *g, Node sum, Node f, Node value, bool *met)
{
    Node term[STEP_TERMS];
    int count = 0;
    for (int i = 0; i < node_count(g, sum); i += 2) {
        Node t = with_own_factor(g, node_arg(g, sum, i + 1), f, value);
        t = node_scale(g, node_arg(g, sum, i), t);
        if (!node_is_zero(g, t))
            term[count++] = t;
    }
    Node side = node_sum(g, count, term);
    *met = terms_of(g, side) < count;
    return side;
}

static Node filled(Graph *g, Node like, int x)
{
    Shape s = node_shape(g, like);
    Node ones = node_mul(g, node_ones(g, s.rows),
                         node_transpose(g, node_ones(g, s.cols)));
    return x ? ones : node_zero(g, s);
}

/* Are there terms, at step f = 1, that a stable form needs together? */
static bool worth_a_side(Lower *l, Node n, Node on, bool met)
{
    return met || (node_op(l->g, on) == OP_SUM &&
                   lower_sum_pairs(l, on) > lower_sum_pairs(l, n));
}

static Step lower_sides(Lower *l, Node n, Node f)
{
    Graph *g = l->g;
    bool met, met_off;
    Node on = side_of(g, n, f, filled(g, f, 1), &met);
    Node off = side_of(g, n, f, filled(g, f, 0), &met_off);
    l->sides++;
    Step args[3] = {lowered(l, f), lower_node(l, on), STEP_NONE};
    if (worth_a_side(l, n, on, met))
        args[2] = lower_node(l, off);
    l->sides--;
    if (args[2] == STEP_NONE)
        return STEP_NONE;
    StepInfo at = l->step.at[args[0]];
    for (int k = 1; k < 3; k++)
        args[k] = step_spread(l, args[k], at.rows, at.cols);
    return step_each(l, STEP_CALL3, 3, args,
                     (uint64_t)(uintptr_t)&kernel_choose);
}

Step lower_sum_by_step(Lower *l, Node n)
{
    Graph *g = l->g;
    int count = node_count(g, n) / 2;
    if (count > STEP_TERMS || l->sides == STEP_DEPTH)
        return STEP_NONE;
    for (int i = 0; i < count; i++) {
        Node f = step_factor(g, node_arg(g, n, 2 * i + 1));
        if (f == NODE_NONE || !shape_same(node_shape(g, f), node_shape(g, n)))
            continue;
        Step s = lower_sides(l, n, f);
        if (s != STEP_NONE)
            return s;
    }
    return STEP_NONE;
}

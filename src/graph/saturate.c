/*
 * saturate.c - sums that cancel where a function saturates
 */
#include "graph/textbook.h"
#include "graph/quick.h"

enum { SATURATING_TERMS = 120, SATURATING_MOST = 8 };

static bool saturates(OpId op)
{
    return op == OP_SIGMOID || op == OP_TANH || op == OP_STEP || op == OP_ERF;
}

static bool is_product(OpId op)
{
    return op == OP_MONO || op == OP_HAD || op == OP_CHAIN || op == OP_TRANS ||
           op == OP_DIAG;
}

/* The saturating functions among the factors of n, without repetition. */
static void collect_saturating(Textbook *t, Node n, NodeList *found)
{
    Graph *g = t->g;
    if (saturates(node_op(g, n))) {
        for (size_t i = 0; i < found->count; i++)
            if (found->at[i] == n)
                return;
        VEC_PUSH_IN(t->arena, found, n);
    } else if (is_product(node_op(g, n))) {
        depth_check();
        for (int i = 0; i < node_count(g, n); i++)
            collect_saturating(t, node_arg(g, n, i), found);
    }
}

Node node_with_factor(Graph *g, Node n, Node f, Node value)
{
    OpId op = node_op(g, n);
    if (n == f)
        return value;
    if (!is_product(op))
        return n;
    depth_check();
    Arena *a = arena_local();
    Node *args = node_args_copy(g, n, a);
    int first = op == OP_MONO ? 2 : 0;
    bool powers = op == OP_MONO || op == OP_HAD, same = true;
    for (int i = 0; i < node_count(g, n); i++) {
        bool base = powers && i >= first;
        if (base && (i - first) % 2)
            continue;
        if (!base || args[i] == f || node_is_integer(g, args[i + 1]))
            args[i] = node_with_factor(g, args[i], f, value);
        same = same && args[i] == node_arg(g, n, i);
    }
    Node y = same ? n : node_rebuild(g, n, args);
    arena_free(a);
    return y;
}

static Node ones_like(Graph *g, Node n)
{
    Shape s = node_shape(g, n);
    return node_mul(g, node_ones(g, s.rows),
                    node_transpose(g, node_ones(g, s.cols)));
}

/*
 * With f at 1, do the terms that are alike but for powers of f leave nothing?
 * Then they cancel near saturation, unless they are 1 - f^k, which is
 * computed as one.
 */
static bool cancels_at_one(Textbook *t, Node sum, Node f)
{
    Graph *g = t->g;
    Node one = ones_like(g, f);
    int count = node_count(g, sum) / 2;
    Node rest[SATURATING_TERMS];
    for (int i = 0; i < count; i++) {
        Node term = node_arg(g, sum, 2 * i + 1);
        rest[i] = node_with_factor(g, term, f, one);
    }
    for (int i = 0; i < count; i++) {
        Node total = node_arg(g, sum, 2 * i);
        int alike = 1;
        bool plain = node_arg(g, sum, 2 * i + 1) == one;
        for (int j = 0; j < count; j++)
            if (j != i && rest[j] == rest[i]) {
                total = node_add(g, total, node_arg(g, sum, 2 * j));
                alike++;
                plain = plain || node_arg(g, sum, 2 * j + 1) == one;
            }
        if (alike > 1 && node_is_zero(g, total) &&
            !(alike == 2 && plain && rest[i] == one))
            return true;
    }
    return false;
}

bool sum_cancels_saturated(Textbook *t, Node n)
{
    Graph *g = t->g;
    Node sum = form_untransposed(g, n);
    NodeList found = {0};
    if (node_op(g, sum) != OP_SUM || node_count(g, sum) > 2 * SATURATING_TERMS)
        return false;
    for (int i = 1; i < node_count(g, sum); i += 2)
        collect_saturating(t, node_arg(g, sum, i), &found);
    for (size_t i = 0; i < found.count && i < SATURATING_MOST; i++)
        if (cancels_at_one(t, sum, found.at[i]))
            return true;
    return false;
}

/* With f at 1, is rest*part = -other? */
static bool cancels(Graph *g, Node rest, Node part, Node other, Node f,
                    Node one)
{
    part = node_mul(g, rest, node_with_factor(g, part, f, one));
    return node_with_factor(g, other, f, one) == node_neg(g, part);
}

bool sum_vanishes_saturated(Textbook *t, Node n)
{
    Graph *g = t->g;
    Node sum = form_untransposed(g, n);
    NodeList found = {0};
    if (node_op(g, sum) != OP_SUM)
        return false;
    for (int i = 1; i < node_count(g, sum); i += 2)
        collect_saturating(t, node_arg(g, sum, i), &found);
    for (size_t k = 0; k < found.count && k < SATURATING_MOST; k++) {
        Node one = ones_like(g, found.at[k]), total = NODE_NONE;
        for (int i = 0; i < node_count(g, sum); i += 2) {
            Node term =
                node_with_factor(g, node_arg(g, sum, i + 1), found.at[k], one);
            term = node_scale(g, node_arg(g, sum, i), term);
            total = total == NODE_NONE ? term : node_add(g, total, term);
        }
        if (node_is_zero(g, total))
            return true;
    }
    return false;
}

bool factor_cancels_saturated(Textbook *t, Node factor, int parts,
                              const Node part[], int others, const Node other[])
{
    Graph *g = t->g;
    NodeList found = {0};
    collect_saturating(t, factor, &found);
    for (size_t k = 0; k < found.count && k < SATURATING_MOST; k++) {
        Node one = ones_like(g, found.at[k]);
        Node rest = node_with_factor(g, factor, found.at[k], one);
        if (!node_is_scalar(g, rest))
            continue;
        for (int i = 0; i < parts; i++)
            for (int j = 0; j < others; j++)
                if (cancels(g, rest, part[i], other[j], found.at[k], one))
                    return true;
    }
    return false;
}

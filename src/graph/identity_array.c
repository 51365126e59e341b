/*
 * identity_array.c - inverses and determinants
 */
#include "graph/identity_array.h"

#include "graph/internal.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum { FACTORS_MOST = 4, TERMS_MOST = 200 };

/* ---- normal form ---- */

static bool has_square_factors(const Graph *g, Node chain)
{
    Shape all = node_shape(g, chain);
    if (node_op(g, chain) != OP_CHAIN)
        return false;
    for (int i = 0; i < node_count(g, chain); i++)
        if (!shape_same(node_shape(g, node_arg(g, chain, i)), all))
            return false;
    return true;
}

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

/* inv or det of a product by those of its factors. */
static Node open_product(Graph *g, OpId op, Node a)
{
    Node y = NODE_NONE;
    if (!has_square_factors(g, a))
        return apply1(g, op, a);
    for (int i = 0; i < node_count(g, a); i++) {
        Node f = apply1(g, op, node_arg(g, a, i));
        y = y == NODE_NONE ? f
            : op == OP_INV ? node_mul(g, f, y)
                           : node_mul(g, y, f);
    }
    return y;
}

static Node normal(Graph *g, Node n, Arena *a, NodeMap *done)
{
    uint32_t known;
    depth_check();
    POLL();
    if (node_map_get(done, n, &known))
        return known;
    OpId op = node_op(g, n);
    if (op == OP_LAMBDA || op == OP_LOOP || op == OP_IF || op == OP_PROJ)
        return n;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, a), y = n;
    bool same = true;
    for (int i = 0; i < count; i++) {
        args[i] = normal(g, args[i], a, done);
        same = same && args[i] == node_arg(g, n, i);
    }
    if (op == OP_INV || op == OP_DET)
        y = open_product(g, op, args[0]);
    else if (op == OP_LOGDET)
        y = apply1(g, OP_LOG, open_product(g, OP_DET, args[0]));
    else if (!same)
        y = node_rebuild(g, n, args);
    node_map_set(done, n, y);
    return y;
}

Node array_normal(Graph *g, Node n)
{
    Arena *a = arena_local();
    NodeMap done = node_map_in(a);
    Node y = normal(g, n, a, &done);
    arena_free(a);
    return y;
}

/* ---- proofs ---- */

/* Terms with one body: is the sum of their scalars 0? */
static bool body_vanishes(Graph *g, const NodeList *terms, size_t first,
                          bool used[])
{
    Node body, other, c = split_scalar(g, terms->at[first], &body);
    for (size_t i = first + 1; i < terms->count; i++) {
        Node d = split_scalar(g, terms->at[i], &other);
        if (other != body)
            continue;
        used[i] = true;
        c = node_add(g, c, d);
    }
    return node_is_zero(g, c) || poly_is_zero(g, c) == TRUTH_YES;
}

static bool sum_vanishes(Graph *g, Node d, Arena *a)
{
    if (node_is_zero(g, d) || node_op(g, d) == OP_ZERO)
        return true;
    NodeList terms = node_terms(g, d, a);
    if (terms.count > TERMS_MOST)
        return false;
    bool *used = ARENA_ARRAY(a, bool, terms.count + 1);
    for (size_t i = 0; i < terms.count; i++)
        if (!used[i] && !body_vanishes(g, &terms, i, used))
            return false;
    return true;
}

/* The sums inverted in n, those without inverses in them last. */
static void find_inverted(Graph *g, Node n, Arena *a, NodeList *found)
{
    NodeMap seen = node_map_in(a);
    NodeList stack = {0};
    uint32_t mark;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count && found->count < FACTORS_MOST) {
        POLL();
        n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &mark))
            continue;
        node_map_set(&seen, n, 1);
        if (node_op(g, n) == OP_INV && node_op(g, node_arg(g, n, 0)) == OP_SUM)
            VEC_PUSH_IN(a, found, node_arg(g, n, 0));
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, n, i));
    }
}

/* m times each term of d (or each term times m), then multiplied out: so that
 * m meets its inverse whole. */
static Node times(Graph *g, Node m, Node d, bool right, Arena *a)
{
    NodeList terms = node_terms(g, d, a);
    for (size_t i = 0; i < terms.count; i++)
        terms.at[i] =
            right ? node_mul(g, terms.at[i], m) : node_mul(g, m, terms.at[i]);
    return node_expand(g, node_sum(g, (int)terms.count, terms.at));
}

static bool vanishes_multiplied(Graph *g, Node d, Arena *a, int depth)
{
    NodeList found = {0};
    Shape s = node_shape(g, d);
    depth_check();
    if (sum_vanishes(g, d, a))
        return true;
    if (depth == 0)
        return false;
    find_inverted(g, d, a, &found);
    for (size_t i = 0; i < found.count; i++) {
        Shape m = node_shape(g, found.at[i]);
        for (int right = 0; right < 2; right++)
            if ((right ? s.cols == m.rows : s.rows == m.cols) &&
                vanishes_multiplied(g, times(g, found.at[i], d, right, a), a,
                                    depth - 1))
                return true;
    }
    return false;
}

bool array_proves(Graph *g, Node a, Node b)
{
    Arena *arena = arena_local();
    Node d = node_expand(g, node_sub(g, a, b));
    bool y = vanishes_multiplied(g, d, arena, 2);
    arena_free(arena);
    return y;
}

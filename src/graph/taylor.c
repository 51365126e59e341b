/*
 * taylor.c - Taylor polynomials
 */
#include "base/error.h"
#include "graph/diff.h"
#include "graph/simplify.h"
#include "graph/solve.h"
#include "graph/walk.h"
#include "op/op.h"

static Node value_at(Graph *g, Node e, Node x, Node a)
{
    return node_substitute(g, e, 1, &x, &a);
}

/* What of n has to be 0 for a kink: its argument, or the gap of two. */
static Node kink_gap(Graph *g, Node n)
{
    switch ((int)node_op(g, n)) {
    case OP_ABS:
    case OP_RELU:
    case OP_STEP:
    case OP_SIGN:
        return node_arg(g, n, 0);
    case OP_FLOOR:
    case OP_CEIL:
        return node_sub(g, node_arg(g, n, 0), n);
    case OP_MAX:
    case OP_MIN:
        return node_sub(g, node_arg(g, n, 0), node_arg(g, n, 1));
    default:
        return NODE_NONE;
    }
}

const char *node_kink_at(Graph *g, Node e, Node x, Node a)
{
    Arena *arena = arena_local();
    NodeMap seen = node_map_in(arena);
    Nodes stack = {0};
    const char *found = NULL;
    uint32_t once;
    VEC_PUSH_IN(arena, &stack, e);
    while (stack.count > 0 && !found) {
        Node n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &once) || !node_depends(g, n, x))
            continue;
        node_map_set(&seen, n, 1);
        Node gap = kink_gap(g, n);
        if (gap != NODE_NONE && node_is_scalar(g, gap) &&
            node_is_zero(g, node_expand(g, value_at(g, gap, x, a))))
            found = op_table[node_op(g, n)].name;
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(arena, &stack, node_arg(g, n, i));
    }
    arena_free(arena);
    return found;
}

Node node_taylor(Graph *g, Node e, Node x, Node a, int n)
{
    Node shift = node_sub(g, x, a), factorial = node_int(g, 1);
    Arena *scratch = arena_local();
    Node *term = ARENA_ARRAY(scratch, Node, (size_t)n + 1);
    int count = 0;
    for (int k = 0; k <= n && !node_is_zero(g, e); k++) {
        POLL();
        if (k > 0) {
            e = diff_scalar(g, e, x);
            factorial = node_mul(g, factorial, node_int(g, k));
        }
        Node c = node_div(g, value_at(g, e, x, a), factorial);
        term[count++] = node_mul(g, c, node_power(g, shift, node_int(g, k)));
    }
    Node y = count ? node_sum(g, count, term) : node_int(g, 0);
    arena_free(scratch);
    return y;
}

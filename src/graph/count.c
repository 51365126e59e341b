/*
 * count.c - how many nodes a formula has
 */
#include "graph/walk.h"

/* A diagonal matrix is no more than its diagonal. */
static size_t entries(const Graph *g, Node n)
{
    if (node_count(g, n) == 0 || node_op(g, n) == OP_DIAG)
        return 0;
    Shape s = node_shape(g, n);
    return s.rows < 0 || s.cols < 0 ? SIZE_MAX
                                    : (size_t)s.rows * (size_t)s.cols;
}

/* Dimensions are nodes too, but none of the formula. */
static size_t walk(Graph *g, int n, const Node roots[], size_t *largest)
{
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0};
    uint32_t mark;
    for (int i = 0; i < n; i++)
        VEC_PUSH_IN(a, &stack, roots[i]);
    while (stack.count > 0) {
        Node top = stack.at[--stack.count];
        if (node_map_get(&seen, top, &mark))
            continue;
        node_map_set(&seen, top, 1);
        if (entries(g, top) > *largest)
            *largest = entries(g, top);
        for (int i = 0; i < node_count(g, top); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, top, i));
    }
    size_t count = seen.count;
    arena_free(a);
    return count;
}

size_t node_reachable(Graph *g, int n, const Node roots[])
{
    size_t largest = 0;
    return walk(g, n, roots, &largest);
}

size_t node_largest(Graph *g, int n, const Node roots[])
{
    size_t largest = 0;
    walk(g, n, roots, &largest);
    return largest;
}

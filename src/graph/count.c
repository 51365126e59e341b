/*
 * count.c - how many nodes a formula has
 */
#include "graph/walk.h"

/* Dimensions are nodes too, but none of the formula. */
size_t node_reachable(Graph *g, int n, const Node roots[])
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
        for (int i = 0; i < node_count(g, top); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, top, i));
    }
    size_t count = seen.count;
    arena_free(a);
    return count;
}

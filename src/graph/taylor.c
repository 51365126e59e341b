/*
 * taylor.c - Taylor polynomials
 */
#include "base/error.h"
#include "graph/diff.h"
#include "graph/solve.h"

static Node value_at(Graph *g, Node e, Node x, Node a)
{
    return node_substitute(g, e, 1, &x, &a);
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

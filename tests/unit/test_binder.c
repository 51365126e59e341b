/*
 * Binders: closing and opening, equal bodies, what leaves a loop, levels,
 * rebuilding, derivatives as loops.
 */
#include "base/error.h"
#include "check.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/internal.h"

static Graph *g;

static Dim named(const char *name)
{
    return dim_of_node(
        g, node_symbol(g, name_of(name), SHAPE_SCALAR, SYM_DIMENSION));
}

static Node column(const char *name, Dim n)
{
    return node_symbol(g, name_of(name), (Shape){n, 1}, 0);
}

static Node index_at(int level)
{
    return node_bv(g, level, 0, SHAPE_SCALAR, SYM_INTEGER | SYM_POSITIVE);
}

static Node entry(Node a, Node i)
{
    return node_index(g, a, i, g->one);
}

/* p = p*x[i], from 1. */
static Node product_of(Node x, int level)
{
    Node n = node_of_dim(g, node_shape(g, x).rows), i = index_at(level);
    return index_form_prod(g, level, i, n, entry(x, i));
}

static void equal_bodies_are_one_node(void)
{
    Dim n = named("n");
    Node p = product_of(column("x", n), 1), q = product_of(column("y", n), 3);
    CHECK(node_op(g, p) == OP_PROJ && p != q);
    CHECK(loop_lambda(g, node_arg(g, p, 0)) ==
          loop_lambda(g, node_arg(g, q, 0)));
    CHECK(product_of(column("x", n), 5) == p);
}

static void opening_twice_gives_the_same(void)
{
    Node loop = node_arg(g, product_of(column("x", named("n")), 1), 0);
    LoopBody a = loop_open(g, loop, 0, g->scratch);
    LoopBody b = loop_open(g, loop, 0, g->scratch);
    CHECK(a.level == 1 && a.carried == 1 && a.captures == 1);
    CHECK(a.value[0] == b.value[0]);
    CHECK(a.value[0] ==
          node_mul(g, a.variable[0], entry(column("x", named("n")), a.index)));
    CHECK(node_level(g, loop) == 0);
}

static void inner_levels_are_above(void)
{
    Dim n = named("n");
    Node u = column("u", n), v = column("v", n), count = node_of_dim(g, n);
    Node i = index_at(1), j = index_at(2);
    Node inner =
        index_form_sum(g, 2, j, count, node_mul(g, entry(u, i), entry(v, j)));
    Node both = index_form_sum(g, 1, i, count, inner);
    CHECK(both ==
          node_mul(g, node_sum_entries(g, u, 0), node_sum_entries(g, v, 0)));
}

static void invariants_leave_the_loop(void)
{
    Dim n = named("n");
    Node a = node_symbol(g, name_of("a"), SHAPE_SCALAR, 0);
    Node s = node_apply(g, OP_SIGMOID, 1, &a), x = column("x", n);
    Node i = index_at(1), p = node_bv(g, 1, 1, SHAPE_SCALAR, 0);
    Node k = node_bv(g, 1, 2, SHAPE_SCALAR, 0), out[2];
    Node next = node_add(g, node_mul(g, p, s), entry(x, i));
    LoopResult r[] = {
        {.role = LOOP_CARRY,
         .variable = p,
         .base = g->one,
         .value = node_mul(g, next, k)},
        {.role = LOOP_CARRY, .variable = k, .base = a, .value = k},
    };
    LoopSpec spec = {.level = 1,
                     .count = node_of_dim(g, n),
                     .index = i,
                     .carried = 2,
                     .results = 2,
                     .result = r};
    node_loop(g, &spec, out);
    CHECK(out[1] == a);
    Node loop = node_arg(g, out[0], 0);
    CHECK(loop_carried(g, loop) == 1);
    bool found = false;
    for (int j = 0; j < loop_captures(g, loop); j++)
        found = found || loop_capture(g, loop, j) == s;
    CHECK(found);
    spec.count = g->zero;
    node_loop(g, &spec, out);
    CHECK(out[0] == g->one && out[1] == a);
}

static void captures_are_replaced_in_loops(void)
{
    Node x = column("x", 300), y = column("y", 300);
    Node p = product_of(x, 1), two = node_fill(g, (Shape){300, 1}, g->two);
    CHECK(node_substitute(g, p, 1, &x, &y) == product_of(y, 1));
    Node q = node_substitute(g, p, 1, &x, &two);
    CHECK(loop_captures(g, node_arg(g, q, 0)) == 0);
    Dim n = named("n");
    Node from = node_of_dim(g, n), to = node_int(g, 300);
    CHECK(node_substitute(g, product_of(column("x", n), 1), 1, &from, &to) ==
          p);
}

static void derivatives_are_loops_of_few_nodes(void)
{
    Node x = column("x", named("n")), p = product_of(x, 1), d, dd;
    diff_reverse(g, p, 1, &x, &d);
    CHECK(node_reachable(g, 1, &d) < 60);
    Node s = node_dot(g, d, d);
    diff_reverse(g, s, 1, &x, &dd);
    CHECK(node_shape(g, dd).rows == named("n") && node_level(g, dd) == 0);
    CHECK(node_reachable(g, 1, &dd) < 300);
}

static void choices_without_a_difference_vanish(void)
{
    Node x = node_symbol(g, name_of("x"), SHAPE_SCALAR, 0);
    Node c = node_compare_op(g, OP_LT, g->zero, x);
    Node y = node_if(g, c, node_power(g, x, g->half), node_power(g, x, g->two));
    CHECK(node_if(g, c, x, x) == x);
    CHECK(node_if(g, g->one, x, c) == x);
    Node four = node_int(g, 4), minus = node_int(g, -3);
    CHECK(node_is_int(g, node_substitute(g, y, 1, &x, &four), 2));
    CHECK(node_is_int(g, node_substitute(g, y, 1, &x, &minus), 9));
    Node d = diff_scalar(g, y, x);
    CHECK(node_op(g, d) == OP_PROJ && node_op(g, node_arg(g, d, 0)) == OP_IF);
    CHECK(node_is_int(g, node_substitute(g, d, 1, &x, &g->zero), 0));
}

/* Each upon the one before: not once for every path. */
static void chains_of_choices_stay_linear(void)
{
    Node x = node_symbol(g, name_of("x"), SHAPE_SCALAR, 0), y = x, d;
    for (int i = 0; i < 40; i++) {
        Node sine = node_apply(g, OP_SIN, 1, &y);
        Node c = node_compare_op(g, OP_LT, node_int(g, i), y);
        y = node_if(g, c, sine, node_add(g, y, node_mul(g, y, sine)));
    }
    diff_reverse(g, y, 1, &x, &d);
    CHECK(node_reachable(g, 1, &d) < 4000);
}

static void graph_is_well_formed(void)
{
    Str why = str_in(g->scratch);
    CHECK(graph_check(g, &why));
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *heap = heap_new();
    g = graph_new();
    graph_hold(g, 1);
    RUN(equal_bodies_are_one_node);
    RUN(opening_twice_gives_the_same);
    RUN(inner_levels_are_above);
    RUN(invariants_leave_the_loop);
    RUN(captures_are_replaced_in_loops);
    RUN(derivatives_are_loops_of_few_nodes);
    RUN(choices_without_a_difference_vanish);
    RUN(chains_of_choices_stay_linear);
    RUN(graph_is_well_formed);
    graph_free(g);
    heap_free(heap);
    context_free(c);
    return check_result();
}

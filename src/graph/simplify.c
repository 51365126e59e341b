/*
 * simplify.c - node_textbook
 */
#include "graph/simplify.h"

#include "graph/quotients.h"
#include "graph/textbook.h"
#include "graph/quick.h"

#define TEXTBOOK_COST 1500 /* a formula above this stays as it is */
#define TEXTBOOK_BUDGET 1000000
#define TEXTBOOK_PASSES 4
#define EXPAND_LIMIT 60
#define DISTRIBUTE_TERMS 16
#define DISTRIBUTE_SUMS 4

uint32_t textbook_cost(Textbook *t, Node n)
{
    if (t->budget == 0)
        return FORM_COST_MAX;
    uint32_t cost = form_of(t->forms, n)->cost;
    t->budget = t->budget > cost ? t->budget - cost : 0;
    return cost;
}

/* ---- step 1: products distributed over one of their sums ---- */

/* May operand i of the product n be replaced by the terms of its sum? */
static bool is_open_sum(Graph *g, Node n, int i)
{
    Node a = form_untransposed(g, node_arg(g, n, i));
    if (node_op(g, a) != OP_SUM || node_count(g, a) > 2 * DISTRIBUTE_TERMS)
        return false;
    switch ((int)node_op(g, n)) {
    case OP_CHAIN:
        return !chain_holds_data(g, n);
    case OP_MONO:
        return i == 1 ||
               (i > 1 && i % 2 == 0 && node_is_one(g, node_arg(g, n, i + 1)));
    case OP_HAD:
        return i % 2 == 0 && node_is_one(g, node_arg(g, n, i + 1));
    default:
        return false;
    }
}

static Node distribute_over(Textbook *t, Node n, int i)
{
    Graph *g = t->g;
    Node *args = node_args_copy(g, n, t->arena);
    NodeList terms = node_terms(g, args[i], t->arena);
    for (size_t k = 0; k < terms.count; k++) {
        args[i] = terms.at[k];
        terms.at[k] = node_rebuild(g, n, args);
    }
    return node_sum(g, (int)terms.count, terms.at);
}

/*
 * May the sum y, multiplied out, stand for n?  s - s^2 loses all its digits
 * where a sigmoid s is near 1, s*(1 - s) none: however short it is, a sum
 * that cancels there is only taken if n is such a sum already.
 */
static bool keeps_digits(Textbook *t, Node y, Node n)
{
    return !sum_cancels_saturated(t, y) || sum_cancels_saturated(t, n);
}

static Node distribute(Textbook *t, Node n)
{
    Graph *g = t->g;
    OpId op = node_op(g, n);
    if (op != OP_CHAIN && op != OP_MONO && op != OP_HAD)
        return n;
    uint32_t least = 0;
    Node best = n, made = NODE_NONE;
    int tried = 0;
    node_map_get(&t->made, n, &made);
    for (int i = 0; i < node_count(g, n) && tried < DISTRIBUTE_SUMS; i++) {
        if (!is_open_sum(g, n, i))
            continue;
        tried++;
        if (node_arg(g, n, i) == made)
            continue; /* it would be factored back to n */
        if (best == n)
            least = textbook_cost(t, n);
        Node y = factor_sum(t, distribute_over(t, n, i));
        uint32_t cost = textbook_cost(t, y);
        if (cost < least && !sum_vanishes_saturated(t, node_arg(g, n, i))) {
            least = cost;
            best = y;
        }
    }
    return best;
}

/* ---- steps 2 and 3: sums ---- */

static Node simplify_sum(Textbook *t, Node n)
{
    Graph *g = t->g;
    Node best = factor_sum(t, n);
    if (node_count(g, form_untransposed(g, n)) > 2 * EXPAND_LIMIT ||
        !expand_changes(g, n))
        return best;
    Expansion e = {.g = g,
                   .arena = t->arena,
                   .limit = EXPAND_LIMIT,
                   .depth = 3,
                   .keep_data = true};
    NodeList terms = expand_terms(&e, n);
    if (e.over || !e.merged)
        return best;
    Node sum = node_sum(g, (int)terms.count, terms.at);
    Node y = factor_sum(t, sum);
    return textbook_cost(t, y) < textbook_cost(t, best) &&
                   keeps_digits(t, sum, n)
               ? y
               : best;
}

static Node simplify_node(Textbook *t, Node n)
{
    Node y;
    if (t->budget == 0)
        return n;
    if (node_map_get(&t->simplified, n, &y))
        return y;
    y = node_op(t->g, form_untransposed(t->g, n)) == OP_SUM ? simplify_sum(t, n)
                                                            : distribute(t, n);
    node_map_set(&t->simplified, n, y);
    return y;
}

/* ---- passes ---- */

static bool simplify_parts(Textbook *t, Node n, NodeList *stack, Node *y)
{
    Graph *g = t->g;
    int count = node_count(g, n);
    bool all = true, same = true;
    for (int i = 0; i < count; i++) {
        Node a = node_arg(g, n, i), b = a;
        if (node_count(g, a) > 0 && !node_map_get(&t->done, a, &b)) {
            VEC_PUSH_IN(t->arena, stack, a);
            all = false;
        }
        same = same && b == a;
    }
    *y = n;
    if (!all || same)
        return all;
    Node *args = node_args_copy(g, n, t->arena);
    for (int i = 0; i < count; i++)
        node_map_get(&t->done, args[i], &args[i]);
    *y = node_rebuild(g, n, args);
    return true;
}

static Node run_pass(Textbook *t, Node n)
{
    NodeList stack = {0};
    Node y = n;
    t->done = node_map_in(t->arena);
    VEC_PUSH_IN(t->arena, &stack, n);
    while (stack.count) {
        POLL();
        Node m = stack.at[stack.count - 1];
        if (node_map_get(&t->done, m, &y)) {
            stack.count--;
            continue;
        }
        if (simplify_parts(t, m, &stack, &y))
            node_map_set(&t->done, m, simplify_node(t, y));
    }
    node_map_get(&t->done, n, &y);
    return y;
}

static Node run_passes(Textbook *t, Node n)
{
    uint32_t least = textbook_cost(t, n);
    if (least > TEXTBOOK_COST)
        return n;
    for (int i = 0; i < TEXTBOOK_PASSES && t->budget; i++) {
        Node y = run_pass(t, n);
        uint32_t cost = textbook_cost(t, y);
        if (y == n || cost > least)
            break;
        least = cost;
        n = y;
    }
    return n;
}

Node node_textbook(Graph *g, Node n)
{
    /* As many terms cost at least as much: no Form is needed to see it. */
    if (node_op(g, n) == OP_SUM && node_count(g, n) > 2 * TEXTBOOK_COST)
        return n;
    n = node_join_quotients(g, n);
    Arena *a = arena_local();
    Textbook t = {.g = g,
                  .arena = a,
                  .simplified = node_map_in(a),
                  .factored = node_map_in(a),
                  .made = node_map_in(a),
                  .budget = TEXTBOOK_BUDGET};
    t.forms = forms_take(g);
    Node y = run_passes(&t, n);
    forms_give(t.forms);
    arena_free(a);
    return y;
}

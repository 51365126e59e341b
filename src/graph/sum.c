/*
 * sum.c - sums in canonical form
 *
 * Terms are opened into pairs (coefficient, rest), sorted by the rest, like
 * ones merged: n log n for n terms, and one node at the end.
 */
#include "graph/array.h"
#include "graph/quick.h"

#include <math.h>
#include <string.h>

#include "value/number.h"

typedef VEC(Node) Pairs; /* c1 t1 c2 t2 ..., in the scratch arena */

static void push_pair(Graph *g, Pairs *v, Node c, Node rest)
{
    VEC_PUSH_IN(g->scratch, v, c);
    VEC_PUSH_IN(g->scratch, v, rest);
}

/* scale * term, opened if it is a sum. */
static void open_term(Graph *g, Pairs *v, Node term)
{
    OpId op = op_of(g, term);
    if (op == OP_ZERO || term == g->zero)
        return;
    if (op == OP_SUM) {
        uint32_t count = g->row[term].nargs;
        for (uint32_t i = 0; i < count; i += 2)
            push_pair(g, v, arg_of(g, term, i), arg_of(g, term, i + 1));
        return;
    }
    Node rest, *pairs;
    int count;
    Node c = split_coefficient(g, term, &rest);
    if (op_of(g, rest) == OP_TRANS && array_open_sum(g, rest, &count, &pairs)) {
        for (int i = 0; i < count; i++)
            push_pair(g, v, coef_mul(g, c, pairs[2 * i]), pairs[2 * i + 1]);
        return;
    }
    push_pair(g, v, c, rest);
}

/* c1 + c2 + ... of pairs, without a node for every partial sum. */
static Node add_numbers(Graph *g, size_t n, const Node pairs[])
{
    Value sum = node_number_value(g, pairs[0]);
    for (size_t i = 1; i < n; i++)
        sum = number_binary(BIN_ADD, sum, node_number_value(g, pairs[2 * i]));
    return node_number(g, sum);
}

/* Sorts and adds up like terms; those that vanish go. */
static void collect(Graph *g, Pairs *v)
{
    size_t n = 0;
    nodes_sort(g, v->at, v->count / 2, 2, 1);
    for (size_t i = 0; i < v->count;) {
        Node c = v->at[i], rest = v->at[i + 1];
        size_t first = i;
        for (i += 2; i < v->count && v->at[i + 1] == rest; i += 2)
            continue;
        if (i > first + 2)
            c = add_numbers(g, (i - first) / 2, v->at + first);
        if (coef_sign(g, c) == 0)
            continue;
        v->at[n++] = c;
        v->at[n++] = rest;
    }
    v->count = n;
}

/*
 * A float among constants makes one float of all of them: 0.5 + pi is a
 * number.  True if something was folded.
 */
static bool fold_floats(Graph *g, Pairs *v)
{
    bool has_float = false;
    size_t constants = 0;
    for (size_t i = 0; i < v->count; i += 2) {
        if (!node_is_constant(g, v->at[i + 1]))
            continue;
        constants++;
        has_float = has_float || coef_is_float(g, v->at[i]);
    }
    if (!has_float || (constants == 1 && v->at[1] == g->one))
        return false;
    Node total = g->zero;
    size_t n = 0;
    for (size_t i = 0; i < v->count; i += 2) {
        Node c = v->at[i], rest = v->at[i + 1];
        double x = NAN;
        if (node_is_constant(g, rest) && node_constant_value(g, rest, &x) &&
            isfinite(x)) {
            Node y = rest == g->one ? g->one : node_float(g, x);
            total = coef_add(g, total, coef_mul(g, c, y));
            continue;
        }
        v->at[n++] = c;
        v->at[n++] = rest;
    }
    v->count = n;
    if (total != g->zero)
        push_pair(g, v, total, g->one);
    return true;
}

static Node build_sum(Graph *g, Shape s, Pairs *v)
{
    if (v->count == 0)
        return node_zero(g, s);
    if (v->count == 2)
        return node_scale(g, v->at[0], v->at[1]);
    if (!shape_is_scalar(s))
        return array_sum(g, s, (int)(v->count / 2), v->at);
    return node_intern(g, OP_SUM, s, (int)v->count, v->at, 0, NULL);
}

/* A term that can join or merge without a look at the others: scalar, no
 * constant, no sum. */
static bool joins_alone(Graph *g, Node term, Node *c, Node *rest)
{
    if (!shape_is_scalar(node_shape(g, term)) || op_of(g, term) == OP_SUM ||
        node_is_constant(g, term))
        return false;
    *c = split_coefficient(g, term, rest);
    return op_of(g, *rest) != OP_TRANS && op_of(g, *rest) != OP_SUM &&
           !node_is_constant(g, *rest);
}

/*
 * sum + term for a long sum: the place is found by halving, so that a loop
 * that adds n terms compares n log n times.  NODE_NONE: not that simple.
 */
static Node insert_term(Graph *g, Node sum, Node term)
{
    enum { LONG = 32 };
    Node c, rest;
    if (op_of(g, sum) != OP_SUM || g->row[sum].nargs < LONG ||
        !joins_alone(g, term, &c, &rest))
        return NODE_NONE;
    size_t count = g->row[sum].nargs / 2, low = 0, high = count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (node_compare(g, arg_of(g, sum, (uint32_t)(2 * mid + 1)), rest) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    bool merges =
        low < count && arg_of(g, sum, (uint32_t)(2 * low + 1)) == rest;
    if (merges)
        c = coef_add(g, arg_of(g, sum, (uint32_t)(2 * low)), c);
    size_t skip = merges ? 1 : 0, put = merges && coef_sign(g, c) == 0 ? 0 : 1;
    ArenaMark mark = arena_mark(g->scratch);
    Node *pair = arena_alloc(g->scratch, 2 * (count + 1) * sizeof *pair);
    const Node *old = g->pool + g->row[sum].first;
    memcpy(pair, old, 2 * low * sizeof *pair);
    pair[2 * low] = c;
    pair[2 * low + 1] = rest;
    memcpy(pair + 2 * (low + put), old + 2 * (low + skip),
           2 * (count - low - skip) * sizeof *pair);
    Node y = node_intern(g, OP_SUM, SHAPE_SCALAR,
                         (int)(2 * (count - skip + put)), pair, 0, NULL);
    arena_reset(g->scratch, mark);
    return y;
}

Node node_sum(Graph *g, int n, const Node terms[])
{
    if (n == 0)
        return g->zero;
    if (n == 1)
        return terms[0];
    if (n == 2) {
        Node y = insert_term(g, terms[0], terms[1]);
        if (y == NODE_NONE)
            y = insert_term(g, terms[1], terms[0]);
        if (y != NODE_NONE)
            return y;
    }
    ArenaMark mark = arena_mark(g->scratch);
    Shape s = node_shape(g, terms[0]);
    Pairs v = {0};
    bool floats = false;
    /* Opening may make nodes, and `terms` may lie in the pool. */
    Node *copy = arena_alloc(g->scratch, (size_t)n * sizeof *copy);
    memcpy(copy, terms, (size_t)n * sizeof *copy);
    for (int i = 0; i < n; i++) {
        POLL();
        open_term(g, &v, copy[i]);
        /* A vanishing 0.0 still makes the constants float. */
        floats = floats || coef_is_float(g, copy[i]);
    }
    collect(g, &v);
    if (shape_is_scalar(s) && fold_floats(g, &v))
        collect(g, &v);
    Node y = build_sum(g, s, &v);
    if (floats && node_is_number(g, y) && !coef_is_float(g, y))
        y = node_float(g, coef_double(g, y));
    arena_reset(g->scratch, mark);
    return y;
}

Node sum_of_pairs(Graph *g, size_t n, Node pairs[])
{
    nodes_sort(g, pairs, n, 2, 1);
    if (n == 0)
        return g->zero;
    if (n == 1)
        return node_scale(g, pairs[0], pairs[1]);
    return node_intern(g, OP_SUM, SHAPE_SCALAR, (int)(2 * n), pairs, 0, NULL);
}

Node node_add(Graph *g, Node a, Node b)
{
    if (op_of(g, a) == OP_NUM && op_of(g, b) == OP_NUM)
        return coef_add(g, a, b);
    Node terms[2] = {a, b};
    return node_sum(g, 2, terms);
}

Node node_sub(Graph *g, Node a, Node b)
{
    return node_add(g, a, node_neg(g, b));
}

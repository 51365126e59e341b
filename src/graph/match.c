/*
 * match.c - patterns against nodes
 */
#include "graph/match.h"
#include "graph/quick.h"

#include <string.h>

#include "value/number.h"

/* A product or had seen as its parts, to be used up by a pattern. */
typedef struct Parts {
    Node coefficient, body;
    uint32_t count;
    Factor *factor;
    bool *used;
} Parts;

static bool match_any(Match *m, Node p, Node n);

static int letter_of(const Match *m, Node p)
{
    for (int i = 0; i < m->count; i++)
        if (m->letter[i] == p)
            return i;
    return -1;
}

static bool bind(Match *m, int i, Node n)
{
    if (m->bound[i] != NODE_NONE)
        return m->bound[i] == n;
    m->bound[i] = n;
    return true;
}

static bool match_dim(Match *m, Dim p, Dim d)
{
    if (p == d)
        return true;
    if (p >= 0)
        return false;
    int i = letter_of(m, (Node)~p);
    return i >= 0 && bind(m, i, node_of_dim(m->g, d));
}

static bool match_shape(Match *m, Node p, Node n)
{
    Shape s = node_shape(m->g, p), t = node_shape(m->g, n);
    return match_dim(m, s.rows, t.rows) && match_dim(m, s.cols, t.cols);
}

static bool same_number(const Graph *g, Node a, Node b)
{
    return a == b || (node_is_number(g, a) && node_is_number(g, b) &&
                      value_compare(node_number_value(g, a),
                                    node_number_value(g, b)) == 0);
}

/* ---- products ---- */

static Parts parts_of(Graph *g, Node n)
{
    OpId op = op_of(g, n);
    Parts p = {g->one, g->one, 0, NULL, NULL};
    uint32_t first = op == OP_MONO ? 2 : 0;
    if (op == OP_NUM) {
        p.coefficient = n;
        return p;
    }
    if (op != OP_MONO && op != OP_HAD) {
        p.count = 1;
        p.factor = arena_alloc(g->scratch, sizeof *p.factor);
        p.factor[0] = (Factor){n, g->one};
    } else {
        if (op == OP_MONO) {
            p.coefficient = arg_of(g, n, 0);
            p.body = arg_of(g, n, 1);
        }
        p.count = (g->row[n].nargs - first) / 2;
        p.factor =
            arena_alloc(g->scratch, ((size_t)p.count + 1) * sizeof *p.factor);
        memcpy(p.factor, node_args(g, n) + first, p.count * sizeof *p.factor);
    }
    p.used = arena_zero(g->scratch, (size_t)p.count + 1, sizeof *p.used);
    return p;
}

static bool is_sink(const Match *m, Factor f)
{
    return f.exponent == m->g->one && letter_of(m, f.base) >= 0 &&
           node_is_scalar(m->g, f.base);
}

/* Factors i, i + 1, ... of the pattern that are no sinks, each against one
 * of the node's. */
static bool match_factors(Match *m, const Parts *p, uint32_t i, Parts *n)
{
    while (i < p->count && is_sink(m, p->factor[i]))
        i++;
    if (i == p->count)
        return true;
    Match before = *m;
    for (uint32_t j = 0; j < n->count; j++) {
        /* A power that is a letter wants a power to be there. */
        if (n->used[j] ||
            (n->factor[j].exponent == m->g->one &&
             letter_of(m, p->factor[i].exponent) >= 0) ||
            !match_any(m, p->factor[i].base, n->factor[j].base) ||
            !match_any(m, p->factor[i].exponent, n->factor[j].exponent)) {
            *m = before;
            continue;
        }
        n->used[j] = true;
        if (match_factors(m, p, i + 1, n))
            return true;
        n->used[j] = false;
        *m = before;
    }
    return false;
}

static bool is_nonnegative(Graph *g, Factor f)
{
    Sign s = node_sign(g, f.base);
    return s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE;
}

/* What is left of the node, for the letters that are factors. */
static bool match_sinks(Match *m, const Parts *p, Parts *n)
{
    Graph *g = m->g;
    int sink[2], sinks = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (!is_sink(m, p->factor[i]))
            continue;
        if (sinks == 2)
            return false;
        sink[sinks++] = letter_of(m, p->factor[i].base);
    }
    if (sinks == 0)
        return true;
    /* Of two the letter p is the number: letters stand in this order. */
    if (sinks == 2 && sink[0] < sink[1]) {
        int swap = sink[0];
        sink[0] = sink[1];
        sink[1] = swap;
    }
    Product number = product_new(g), rest = product_new(g);
    product_put(g, &number, n->coefficient);
    if (sinks == 2 && coef_sign(g, n->coefficient) < 0) {
        number.coefficient = coef_neg(g, number.coefficient);
        rest.coefficient = g->minus_one;
    }
    for (uint32_t j = 0; j < n->count; j++) {
        if (n->used[j])
            continue;
        bool first = sinks == 1 || is_nonnegative(g, n->factor[j]);
        product_put_power(g, first ? &number : &rest, n->factor[j].base,
                          n->factor[j].exponent);
        n->used[j] = true;
    }
    n->coefficient = g->one;
    Node a = product_build(g, &number);
    /* p*a wants a factor besides what a takes. */
    if ((a == g->one && letter_of(m, p->body) >= 0) || !bind(m, sink[0], a))
        return false;
    if (sinks == 1)
        return true;
    Node b = product_build(g, &rest);
    return a != g->one && bind(m, sink[1], b);
}

/* What is not used, as a node: for the head of a rule. */
static Node build_rest(Graph *g, bool had, const Parts *p, const Parts *n,
                       bool body_left)
{
    Node y = node_mul(g, n->coefficient, coef_inverse(g, p->coefficient));
    if (!had) {
        Product left = product_new(g);
        product_put(g, &left, y);
        for (uint32_t j = 0; j < n->count; j++)
            if (!n->used[j])
                product_put_power(g, &left, n->factor[j].base,
                                  n->factor[j].exponent);
        y = product_build(g, &left);
        return body_left ? node_mul(g, y, n->body) : y;
    }
    Node array = NODE_NONE;
    for (uint32_t j = 0; j < n->count; j++) {
        if (n->used[j])
            continue;
        Node power =
            node_had_power(g, n->factor[j].base, n->factor[j].exponent);
        array = array == NODE_NONE ? power : node_had(g, array, power);
    }
    return array == NODE_NONE ? y : node_mul(g, y, array);
}

static bool all_used(const Parts *n)
{
    for (uint32_t j = 0; j < n->count; j++)
        if (!n->used[j])
            return false;
    return true;
}

/* MONO and HAD; the head of a rule may leave something over. */
static bool match_product(Match *m, Node pattern, Node node, bool head)
{
    Graph *g = m->g;
    bool had = op_of(g, pattern) == OP_HAD;
    if (had && op_of(g, node) == OP_MONO)
        return false;
    if (!had && op_of(g, node) == OP_HAD && !head &&
        arg_of(g, pattern, 1) == g->one)
        return false;
    Parts p = parts_of(g, pattern), n = parts_of(g, node);
    if (!had && op_of(g, node) != OP_MONO && !node_is_scalar(g, node)) {
        n.body = node; /* an array is a body, not a factor */
        n.count = 0;
    }
    /* -a: the sign decides, also that of a sum. */
    if (!had && p.coefficient == g->minus_one && p.count <= 1) {
        Node a = p.count ? p.factor[0].base : p.body;
        bool plain = p.count == 0 || p.factor[0].exponent == g->one;
        if (plain && (p.count == 0 || p.body == g->one) && letter_of(m, a) >= 0)
            return node_is_negative_form(g, node) && match_shape(m, a, node) &&
                   bind(m, letter_of(m, a), node_neg(g, node));
    }
    if (!match_factors(m, &p, 0, &n))
        return false;
    bool body = p.body != g->one;
    if (body && (n.body == g->one || !match_any(m, p.body, n.body)))
        return false;
    bool body_left = !body && n.body != g->one;
    if (body_left && !head)
        return false;
    if (!match_sinks(m, &p, &n))
        return false;
    if (head) {
        m->rest = build_rest(g, had, &p, &n, body_left);
        return true;
    }
    bool sunk = false;
    for (uint32_t i = 0; i < p.count; i++)
        sunk = sunk || is_sink(m, p.factor[i]);
    return all_used(&n) &&
           (sunk || same_number(g, p.coefficient, n.coefficient));
}

/* ---- sums ---- */

static Node rest_of_sum(Graph *g, Node n, const bool used[])
{
    uint32_t count = g->row[n].nargs / 2, k = 0;
    Node *terms = args_copy(g, n);
    for (uint32_t j = 0; j < count; j++)
        if (!used[j])
            terms[k++] = node_scale(g, terms[2 * j], terms[2 * j + 1]);
    return k == 0 ? node_zero(g, node_shape(g, n)) : node_sum(g, (int)k, terms);
}

/* Terms i, i + 1, ... of the pattern, letters last. */
static bool match_terms(Match *m, const Node *p, uint32_t count, uint32_t i,
                        Node n, bool used[])
{
    Graph *g = m->g;
    uint32_t terms = g->row[n].nargs / 2;
    if (i == count) {
        for (uint32_t j = 0; j < terms; j++)
            if (!used[j])
                return false;
        return true;
    }
    Node c = p[2 * i], t = p[2 * i + 1];
    int letter = letter_of(m, t);
    if (letter >= 0 && i + 1 == count) {
        Node rest = rest_of_sum(g, n, used);
        return match_shape(m, t, rest) &&
               bind(m, letter, node_scale(g, coef_inverse(g, c), rest));
    }
    Match before = *m;
    for (uint32_t j = 0; j < terms; j++) {
        Node d = arg_of(g, n, 2 * j), u = arg_of(g, n, 2 * j + 1);
        if (used[j])
            continue;
        bool fits =
            letter >= 0
                ? match_shape(m, t, u) &&
                      bind(m, letter,
                           node_scale(g, coef_mul(g, d, coef_inverse(g, c)), u))
                : same_number(g, c, d) && match_any(m, t, u);
        used[j] = true;
        if (fits && match_terms(m, p, count, i + 1, n, used))
            return true;
        used[j] = false;
        *m = before;
    }
    return false;
}

static bool match_sum(Match *m, Node pattern, Node n)
{
    Graph *g = m->g;
    if (op_of(g, n) != OP_SUM)
        return false;
    uint32_t count = g->row[pattern].nargs / 2, k = 0;
    if (g->row[n].nargs < g->row[pattern].nargs)
        return false;
    Node *args = args_copy(g, pattern);
    Node *pairs = arena_alloc(g->scratch, 2 * (size_t)count * sizeof *pairs);
    for (int letters = 0; letters < 2; letters++) {
        for (uint32_t i = 0; i < count; i++) {
            if ((letter_of(m, args[2 * i + 1]) >= 0) != letters)
                continue;
            pairs[k++] = args[2 * i];
            pairs[k++] = args[2 * i + 1];
        }
    }
    if (letter_of(m, pairs[2 * count - 1]) < 0 &&
        g->row[n].nargs != g->row[pattern].nargs)
        return false;
    bool *used = arena_zero(g->scratch, g->row[n].nargs, sizeof *used);
    return match_terms(m, pairs, count, 0, n, used);
}

/* ---- the rest ---- */

static bool match_args(Match *m, Node p, Node n, bool turned)
{
    Graph *g = m->g;
    uint32_t count = g->row[p].nargs;
    for (uint32_t i = 0; i < count; i++)
        if (!match_any(m, arg_of(g, p, i),
                       arg_of(g, n, turned ? count - 1 - i : i)))
            return false;
    return true;
}

static bool same_attributes(const Graph *g, Node p, Node n)
{
    int count = node_attr_count(g, p);
    if (count != node_attr_count(g, n))
        return false;
    for (int i = 0; i < count; i++)
        if (node_attr(g, p, i) != node_attr(g, n, i))
            return false;
    return true;
}

static bool match_plain(Match *m, Node p, Node n)
{
    Graph *g = m->g;
    OpId op = op_of(g, p);
    if (op != op_of(g, n) || g->row[p].nargs != g->row[n].nargs ||
        !match_shape(m, p, n) || !same_attributes(g, p, n))
        return false;
    Match before = *m;
    if (match_args(m, p, n, false))
        return true;
    *m = before;
    return (op == OP_MAX || op == OP_MIN || op == OP_HYPOT) &&
           match_args(m, p, n, true);
}

static bool match_any(Match *m, Node p, Node n)
{
    Graph *g = m->g;
    if (p == n)
        return true;
    int i = letter_of(m, p);
    if (i >= 0)
        return match_shape(m, p, n) && bind(m, i, n);
    switch (op_of(g, p)) {
    case OP_NUM:
        return same_number(g, p, n);
    case OP_MONO:
    case OP_HAD:
        return match_product(m, p, n, false);
    case OP_SUM:
        return match_sum(m, p, n);
    default:
        return match_plain(m, p, n);
    }
}

bool match_node(Match *m, Node pattern, Node n)
{
    OpId op = op_of(m->g, pattern);
    for (int i = 0; i < m->count; i++)
        m->bound[i] = NODE_NONE;
    m->rest = m->g->one;
    if (op == OP_MONO || op == OP_HAD)
        return match_product(m, pattern, n, true);
    return match_any(m, pattern, n);
}

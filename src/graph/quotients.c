/*
 * quotients.c - sums of quotients by sums of exponentials
 *
 * The derivative of exp(x)/(exp(x) + exp(y)) comes as exp(x)/S - exp(2*x)/S^2,
 * which has lost all digits where x is large: both terms are 1.  Over one
 * denominator the exponentials that cancel are gone, exp(x)*exp(y)/S^2, and
 * nothing is left that saturates.  A sum takes this form only if something
 * cancels in it.
 */
#include "graph/quotients.h"

#include <stdlib.h>

#include "graph/expand.h"
#include "graph/internal.h"
#include "graph/walk.h"

enum {
    MOST_NODES = 4000,
    MOST_TERMS = 24,
    MOST_PRODUCTS = 160,
    MOST_POWER = 6
};

typedef struct Run {
    Graph *g;
    Arena *arena;
    NodeMap done;
} Run;

/* exp(u)*exp(v)..., a number among them, or 1. */
static bool is_exponential(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    if (op == OP_EXP || node_is_one(g, n))
        return true;
    if (op != OP_MONO || !node_is_one(g, node_arg(g, n, 1)))
        return false;
    for (int i = 2; i < node_count(g, n); i += 2)
        if (node_op(g, node_arg(g, n, i)) != OP_EXP)
            return false;
    return true;
}

static bool is_exp_sum(const Graph *g, Node n)
{
    if (node_op(g, n) != OP_SUM || !node_is_scalar(g, n) ||
        node_count(g, n) > 2 * MOST_TERMS)
        return false;
    bool some = false;
    for (int i = 1; i < node_count(g, n); i += 2) {
        if (!is_exponential(g, node_arg(g, n, i)))
            return false;
        some = some || !node_is_one(g, node_arg(g, n, i));
    }
    return some;
}

/* The integer exponent of factor i of a MONO, 0 if it is none. */
static int power_at(const Graph *g, Node mono, int i)
{
    int64_t k;
    Node e = node_arg(g, mono, i + 1);
    if (!node_is_number(g, e) || !value_to_int(node_number_value(g, e), &k))
        return 0;
    return llabs(k) <= MOST_POWER ? (int)k : 0;
}

/* The first sum of exponentials that a term of n is divided by. */
static Node find_denominator(const Graph *g, Node n)
{
    for (int i = 1; i < node_count(g, n); i += 2) {
        Node t = node_arg(g, n, i);
        if (node_op(g, t) != OP_MONO)
            continue;
        for (int k = 2; k < node_count(g, t); k += 2)
            if (power_at(g, t, k) < 0 && is_exp_sum(g, node_arg(g, t, k)))
                return node_arg(g, t, k);
    }
    return NODE_NONE;
}

/* A term c*rest*e/s^p, e a polynomial of exponentials: a list of products. */
typedef struct Term {
    Node rest;
    int power;
    NodeList product;
} Term;

static bool times_sum(Run *r, NodeList *product, Node sum)
{
    Graph *g = r->g;
    NodeList y = {0};
    int n = node_count(g, sum);
    if (product->count * (size_t)n / 2 > MOST_PRODUCTS)
        return false;
    for (size_t i = 0; i < product->count; i++)
        for (int k = 0; k < n; k += 2) {
            Node t =
                node_scale(g, node_arg(g, sum, k), node_arg(g, sum, k + 1));
            VEC_PUSH_IN(r->arena, &y, node_mul(g, product->at[i], t));
        }
    *product = y;
    return true;
}

static bool read_term(Run *r, Node coefficient, Node n, Node s, Term *t)
{
    Graph *g = r->g;
    *t = (Term){.rest = g->one};
    VEC_PUSH_IN(r->arena, &t->product, coefficient);
    if (node_op(g, n) != OP_MONO) {
        if (is_exponential(g, n))
            t->product.at[0] = node_scale(g, coefficient, n);
        else if (is_exp_sum(g, n))
            return times_sum(r, &t->product, n);
        else
            t->rest = n;
        return true;
    }
    Node *args = node_args_copy(g, n, r->arena);
    t->product.at[0] = node_mul(g, coefficient, args[0]);
    t->rest = args[1];
    for (int i = 2; i < node_count(g, n); i += 2) {
        int k = power_at(g, n, i);
        if (args[i] == s && k < 0) {
            t->power = -k;
        } else if (node_op(g, args[i]) == OP_EXP) {
            Node f = node_power(g, args[i], args[i + 1]);
            t->product.at[0] = node_mul(g, t->product.at[0], f);
        } else if (k > 0 && is_exp_sum(g, args[i])) {
            for (; k > 0; k--)
                if (!times_sum(r, &t->product, args[i]))
                    return false;
        } else {
            Node f = node_power(g, args[i], args[i + 1]);
            t->rest = node_mul(g, t->rest, f);
        }
    }
    return true;
}

/* Do products of opposite signs meet?  Their sum is *total then. */
static bool cancel(Run *r, const NodeList *product, Node *total)
{
    Graph *g = r->g;
    *total = node_sum(g, (int)product->count, product->at);
    int left = node_op(g, *total) == OP_SUM ? node_count(g, *total) / 2
               : node_is_zero(g, *total)    ? 0
                                            : 1;
    if (left > MOST_TERMS)
        return false;
    NodeList positive = {0}, negative = {0};
    for (size_t i = 0; i < product->count; i++) {
        Node body, c = split_coefficient(g, product->at[i], &body);
        NodeList *mine = coef_sign(g, c) < 0 ? &negative : &positive;
        const NodeList *other = coef_sign(g, c) < 0 ? &positive : &negative;
        for (size_t k = 0; k < other->count; k++)
            if (other->at[k] == body)
                return true;
        VEC_PUSH_IN(r->arena, mine, body);
    }
    return false;
}

/* The terms that are alike but for exponentials, over s^power. */
static Node join_alike(Run *r, int n, Term t[], int first, Node s)
{
    Graph *g = r->g;
    NodeList all = {0};
    int power = 0;
    for (int i = first; i < n; i++)
        if (t[i].rest == t[first].rest && t[i].power > power)
            power = t[i].power;
    for (int i = first; i < n; i++) {
        if (t[i].rest != t[first].rest)
            continue;
        NodeList product = t[i].product;
        for (int k = t[i].power; k < power; k++)
            if (!times_sum(r, &product, s))
                return NODE_NONE;
        for (size_t k = 0; k < product.count; k++)
            VEC_PUSH_IN(r->arena, &all, product.at[k]);
    }
    Node total;
    if (power == 0 || all.count > MOST_PRODUCTS || !cancel(r, &all, &total))
        return NODE_NONE;
    Node f[] = {t[first].rest, total, node_power(g, s, node_int(g, -power))};
    return node_product(g, 3, f);
}

static Node join_sum(Run *r, Node n)
{
    Graph *g = r->g;
    int count = node_count(g, n) / 2;
    Node s = node_is_scalar(g, n) && count <= MOST_TERMS
                 ? find_denominator(g, n)
                 : NODE_NONE;
    if (s == NODE_NONE)
        return n;
    Term t[MOST_TERMS];
    for (int i = 0; i < count; i++)
        if (!read_term(r, node_arg(g, n, 2 * i), node_arg(g, n, 2 * i + 1), s,
                       &t[i]))
            return n;
    Node part[MOST_TERMS];
    bool gone[MOST_TERMS] = {false}, some = false;
    int parts = 0;
    for (int i = 0; i < count; i++) {
        if (gone[i])
            continue;
        Node joined = join_alike(r, count, t, i, s);
        some = some || joined != NODE_NONE;
        for (int k = i + 1; joined != NODE_NONE && k < count; k++)
            gone[k] = gone[k] || t[k].rest == t[i].rest;
        part[parts++] = joined != NODE_NONE
                            ? joined
                            : node_scale(g, node_arg(g, n, 2 * i),
                                         node_arg(g, n, 2 * i + 1));
    }
    return some ? node_sum(g, parts, part) : n;
}

static Node join_below(Run *r, Node n)
{
    Graph *g = r->g;
    uint32_t known;
    POLL();
    depth_check();
    if (node_map_get(&r->done, n, &known))
        return known;
    Node y = n;
    OpId op = node_op(g, n);
    int count = node_count(g, n);
    if (count > 0 && op != OP_LOOP && op != OP_IF && op != OP_LAMBDA &&
        op != OP_PROJ && op != OP_HIST) {
        Node *args = node_args_copy(g, n, r->arena);
        bool same = true;
        for (int i = 0; i < count; i++) {
            Node a = join_below(r, args[i]);
            same = same && a == args[i];
            args[i] = a;
        }
        y = same ? n : node_rebuild(g, n, args);
        for (int i = 0; i < MOST_POWER && node_op(g, y) == OP_SUM; i++) {
            Node joined = join_sum(r, y);
            if (joined == y)
                break;
            y = joined;
        }
    }
    node_map_set(&r->done, n, y);
    return y;
}

Node node_join_quotients(Graph *g, Node n)
{
    static const OpId exponential = OP_EXP, sum = OP_SUM;
    if (!(row_of(g, n)->ops & op_bit(OP_EXP)) ||
        !node_holds_op(g, n, 1, &exponential) ||
        !node_holds_op(g, n, 1, &sum) || node_reachable(g, 1, &n) > MOST_NODES)
        return n;
    Arena *a = arena_local();
    Run r = {g, a, node_map_in(a)};
    Node y = join_below(&r, n);
    arena_free(a);
    return y;
}

/*
 * exponentials.c - a basis of exponents over the whole numbers
 */
#include "graph/exponentials.h"

#include "graph/internal.h"
#include "graph/walk.h"
#include "value/number.h"

enum { EXPONENTIALS_MOST = 40, DENOMINATOR_MOST = 1000 };

/* c*t in an exponent; all c of a t are whole multiples of its unit 1/q. */
typedef struct Basis {
    NodeList exp;        /* the exponentials met */
    NodeList term, unit; /* t, and the greatest 1/q of which they are */
    VEC(int) uses;       /* a power counts twice: it may be split */
} Basis;

static void find_exponentials(Graph *g, Node n, Arena *a, Basis *b)
{
    NodeMap seen = node_map_in(a);
    NodeList stack = {0};
    uint32_t mark;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count) {
        POLL();
        n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &mark))
            continue;
        node_map_set(&seen, n, 1);
        OpId op = node_op(g, n);
        if (op == OP_EXP && b->exp.count < EXPONENTIALS_MOST)
            VEC_PUSH_IN(a, &b->exp, n);
        if (op == OP_SUM || op == OP_MONO)
            for (int i = 0; i < node_count(g, n); i++)
                VEC_PUSH_IN(a, &stack, node_arg(g, n, i));
    }
}

/* 1 over the common denominator of x and y. */
static Node common_unit(Graph *g, Node x, Node y)
{
    int64_t q[2];
    Value v[2] = {node_number_value(g, x), node_number_value(g, y)};
    for (int i = 0; i < 2; i++)
        if (!value_to_int(number_denominator(v[i]), &q[i]) ||
            q[i] > DENOMINATOR_MOST)
            return NODE_NONE;
    return node_rational(g, 1, q[0] / (int64_t)int_gcd(q[0], q[1]) * q[1]);
}

static size_t place_of(const Basis *b, Node t)
{
    size_t i = 0;
    while (i < b->term.count && b->term.at[i] != t)
        i++;
    return i;
}

static bool add_term(Graph *g, Node t, Arena *a, Basis *b)
{
    Node rest, c = split_coefficient(g, t, &rest);
    size_t i = place_of(b, rest);
    if (coef_is_float(g, c))
        return false;
    bool power = !node_is_one(g, c) && coef_is_integer(g, c);
    if (i == b->term.count) {
        VEC_PUSH_IN(a, &b->term, rest);
        VEC_PUSH_IN(a, &b->unit, g->one);
        VEC_PUSH_IN(a, &b->uses, 0);
    }
    b->unit.at[i] = common_unit(g, c, b->unit.at[i]);
    b->uses.at[i] += power ? 2 : 1;
    return b->unit.at[i] != NODE_NONE;
}

static bool find_basis(Graph *g, Arena *a, Basis *b)
{
    bool shared = false;
    for (size_t i = 0; i < b->exp.count; i++) {
        NodeList terms = node_terms(g, node_arg(g, b->exp.at[i], 0), a);
        for (size_t k = 0; k < terms.count; k++)
            if (!add_term(g, terms.at[k], a, b))
                return false;
    }
    for (size_t i = 0; i < b->term.count; i++)
        shared = shared || b->uses.at[i] > 1;
    return shared;
}

static Node by_symbols(Graph *g, Node exp, Arena *a, const Basis *b,
                       const Exponentials *e)
{
    Node y = g->one, rest;
    NodeList terms = node_terms(g, node_arg(g, exp, 0), a);
    for (size_t k = 0; k < terms.count; k++) {
        Node c = split_coefficient(g, terms.at[k], &rest);
        size_t i = place_of(b, rest);
        Node power = coef_mul(g, c, coef_inverse(g, b->unit.at[i]));
        y = node_mul(g, y, node_power(g, e->symbol.at[i], power));
    }
    return y;
}

Node exponentials_out(Graph *g, Node n, Arena *a, Exponentials *e)
{
    Basis b = {0};
    NodeList to = {0};
    *e = (Exponentials){0};
    find_exponentials(g, n, a, &b);
    if (!find_basis(g, a, &b))
        return n;
    for (size_t i = 0; i < b.term.count; i++) {
        const char *name = arena_printf(a, "#exp%zu", i);
        Node s = node_symbol(g, name_of(name), (Shape){1, 1}, SYM_POSITIVE);
        Node u = node_scale(g, b.unit.at[i], b.term.at[i]);
        VEC_PUSH_IN(a, &e->symbol, s);
        VEC_PUSH_IN(a, &e->meaning, node_apply(g, OP_EXP, 1, &u));
    }
    for (size_t i = 0; i < b.exp.count; i++)
        VEC_PUSH_IN(a, &to, by_symbols(g, b.exp.at[i], a, &b, e));
    return node_substitute(g, n, (int)to.count, b.exp.at, to.at);
}

Node exponentials_in(Graph *g, Node n, const Exponentials *e)
{
    return e->symbol.count == 0 ? n
                                : node_substitute(g, n, (int)e->symbol.count,
                                                  e->symbol.at, e->meaning.at);
}

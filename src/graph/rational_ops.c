/*
 * rational_ops.c - cancelling, factors, coefficients of nodes
 */
#include "graph/exponentials.h"
#include "graph/internal.h"
#include "graph/rational.h"
#include "value/number.h"

#define CANCEL_BUDGET 30000000u

/* Runs cancel on the map; a limit is an answer too: false. */
static bool cancel_in(Graph *g, Arena *a, Node n, PolyMap *m, Rational *y)
{
    Protect p;
    if (PROTECT(&p)) {
        poly_map_new(m, g, a, 1, &n, CANCEL_BUDGET);
        if (!m->why)
            *y = rational_of_node(m, n);
        protect_end(&p);
        return !m->why;
    }
    if (context_error()->code != ERR_LIMIT &&
        context_error()->code != ERR_DOMAIN)
        error_again();
    return false;
}

Node poly_cancel(Graph *g, Node n)
{
    Arena *a = arena_local();
    PolyMap m;
    Rational q;
    Node y = cancel_in(g, a, n, &m, &q) ? node_of_rational(&m, q) : n;
    arena_free(a);
    return y;
}

Truth poly_is_zero(Graph *g, Node n)
{
    Arena *a = arena_local();
    PolyMap m;
    Rational q;
    Truth y = TRUTH_UNKNOWN;
    if (cancel_in(g, a, n, &m, &q)) {
        y = zpoly_is_zero(q.num) ? TRUTH_YES : TRUTH_NO;
        for (size_t i = 0; i < m.generator.count && y == TRUTH_NO; i++)
            if (node_op(g, m.generator.at[i]) != OP_SYM)
                y = TRUTH_UNKNOWN;
    }
    arena_free(a);
    return y;
}

/* ---- factors ---- */

static _Noreturn void raise_unreadable(const PolyMap *m, const char *what)
{
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                     "exact numbers are written without a point: 1/2 for 0.5",
                     "this is not %s: %s", what, m->why);
}

static Node factor_one(Graph *g, Arena *a, Node n, uint64_t budget)
{
    PolyMap m;
    mpz_ptr c = zint_new();
    poly_map_new(&m, g, a, 1, &n, budget);
    if (m.why)
        raise_unreadable(&m, "factored");
    Rational q = rational_of_node(&m, n);
    ZFactors f = zpoly_factor(m.ring, q.num, c);
    Node num = node_of_factors(&m, c, &f);
    f = zpoly_factor(m.ring, q.den, c);
    return zpoly_is_one(q.den) ? num
                               : node_div(g, num, node_of_factors(&m, c, &f));
}

/* A product factor by factor, so that powers are not multiplied out; then the
 * parts may still cancel: (x^2 - 1)/(x - 1). */
Node poly_factor_within(Graph *g, Node n, uint64_t budget)
{
    Arena *a = arena_local();
    Exponentials e;
    n = exponentials_out(g, n, a, &e);
    Node y = n;
    if (node_op(g, n) == OP_MONO && node_is_scalar(g, n)) {
        int count = node_count(g, n);
        Node *args = node_args_copy(g, n, a);
        y = node_mul(g, args[0], args[1]);
        for (int i = 2; i + 1 < count; i += 2)
            y = node_mul(
                g, y,
                node_power(g, factor_one(g, a, args[i], budget), args[i + 1]));
    } else {
        y = factor_one(g, a, n, budget);
    }
    y = exponentials_in(g, y, &e);
    arena_free(a);
    return y;
}

Node poly_factor(Graph *g, Node n)
{
    return poly_factor_within(g, n, ZPOLY_BUDGET);
}

/* ---- coefficients ---- */

static bool depends_otherwise(PolyMap *m, Node x, ZPoly den, int var)
{
    if (zpoly_degree(m->ring, den, var))
        return true;
    for (size_t i = 0; i < m->generator.count; i++)
        if ((int)i != var && node_depends(m->g, m->generator.at[i], x))
            return true;
    return false;
}

int64_t poly_coefficients(Graph *g, Node n, Node x, Arena *a, Node **out)
{
    PolyMap m;
    uint64_t degree;
    uint32_t root = 1;
    Node both[2] = {n, x};
    poly_map_new(&m, g, a, 2, both, ZPOLY_BUDGET);
    if (m.why)
        raise_unreadable(&m, "a polynomial with exact coefficients");
    Rational q = rational_of_node(&m, n);
    int var = poly_map_variable(&m, x);
    node_map_get(&m.roots, x, &root);
    if (root > 1 || depends_otherwise(&m, x, q.den, var))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "this is no polynomial in the variable");
    ZPoly *c = zpoly_coefficients(m.ring, q.num, var, &degree);
    *out = ARENA_ARRAY(a, Node, (size_t)degree + 1);
    for (uint64_t e = 0; e <= degree; e++) {
        /* Each over the common denominator, reduced on its own. */
        ZPoly d = zpoly_gcd(m.ring, c[e], q.den);
        Rational y = {c[e], q.den};
        if (c[e].count) {
            zpoly_divide(m.ring, c[e], d, &y.num);
            zpoly_divide(m.ring, q.den, d, &y.den);
        } else {
            y.den = zpoly_int(m.ring, 1);
        }
        (*out)[e] = node_of_rational(&m, y);
    }
    return (int64_t)degree;
}

/* The highest power of x in the denominator of n. */
static int64_t power_below(Graph *g, Node n, Node x, Arena *a)
{
    PolyMap m;
    Node both[2] = {n, x};
    poly_map_new(&m, g, a, 2, both, ZPOLY_BUDGET);
    if (m.why)
        raise_unreadable(&m, "a polynomial with exact coefficients");
    ZPoly den = rational_of_node(&m, n).den;
    return (int64_t)zkey_exponent(m.ring, zpoly_monomial(m.ring, den),
                                  poly_map_variable(&m, x));
}

static Node collect_by(Graph *g, Node n, int count, const Node x[], Arena *a)
{
    Node *c;
    NodeList terms = {0};
    if (count == 0)
        return n;
    int64_t below = power_below(g, n, x[0], a);
    if (below > 0)
        n = node_mul(g, n, node_power(g, x[0], node_int(g, below)));
    int64_t degree = poly_coefficients(g, n, x[0], a, &c);
    for (int64_t e = 0; e <= degree; e++) {
        Node p = node_power(g, x[0], node_int(g, e - below));
        VEC_PUSH_IN(a, &terms,
                    node_mul(g, collect_by(g, c[e], count - 1, x + 1, a), p));
    }
    return node_sum(g, (int)terms.count, terms.at);
}

Node poly_collect(Graph *g, Node n, int count, const Node x[])
{
    Arena *a = arena_local();
    Node *symbol = ARENA_ARRAY(a, Node, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        const char *name = arena_printf(a, "#collect%d", i);
        symbol[i] = node_op(g, x[i]) == OP_SYM
                        ? x[i]
                        : node_symbol(g, name_of(name), (Shape){1, 1}, 0);
    }
    n = node_substitute(g, n, count, x, symbol);
    n = collect_by(g, n, count, symbol, a);
    n = node_substitute(g, n, count, symbol, x);
    arena_free(a);
    return n;
}

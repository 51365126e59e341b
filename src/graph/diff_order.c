/*
 * diff_order.c - derivatives of high order
 *
 * Where functions and their derivatives are polynomials in each other, as
 * sin(x) and cos(x) are, in packed polynomials; else one after the other.  When
 * one of them is a multiple of one before, as the 4th of exp(x)*sin(x) is -4
 * times the function, all that follow are known.
 */
#include <math.h>

#include "graph/diff.h"
#include "graph/internal.h"
#include "graph/poly_node.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum {
    PERIOD_MOST = 64, /* orders in which a repetition is looked for */
    RING_ORDER = 4,   /* from this order on in packed polynomials */
    RING_ORDER_MOST = 400,
    RING_WORK_MOST = 200 * 1000, /* terms of all orders */
    EXPAND_MOST = 20000,
    WORK_MOST = 4500 * 1000 /* of all orders: a few seconds */
};

/* coefficient*rest, rest without a number in front */
typedef struct Multiple {
    Node coefficient, rest;
} Multiple;

static Multiple multiple_of(Graph *g, Node n)
{
    Multiple m = {node_int(g, 1), n};
    if (node_op(g, n) == OP_MONO) {
        m.coefficient = node_arg(g, n, 0);
        m.rest = node_div(g, n, m.coefficient);
    }
    return m;
}

/* Words of the numbers that stand in front of n and of its terms. */
static size_t number_words(const Graph *g, Node n)
{
    size_t words = 0;
    OpId op = node_op(g, n);
    if (op == OP_NUM) {
        Value v = node_number_value(g, n);
        return v.kind == VAL_EXACT ? exact_bits(v.exact->q) / 64 : 0;
    }
    if (op == OP_MONO)
        return number_words(g, node_arg(g, n, 0));
    for (int i = 0; op == OP_SUM && i < node_count(g, n); i += 2)
        words += number_words(g, node_arg(g, n, i));
    return words;
}

/* The derivative of order k + left, now[k] being ratio*now[k - period]. */
static Node continue_period(Graph *g, Node now, Node x, Node ratio, int period,
                            int left)
{
    for (int i = 0; i < left % period; i++)
        now = diff_scalar(g, now, x);
    return node_mul(g, node_power(g, ratio, node_int(g, left / period)), now);
}

static int terms_of(const Graph *g, Node n)
{
    return node_op(g, n) == OP_SUM ? node_count(g, n) / 2 : 1;
}

/*
 * Multiplied out if terms then meet, as those of x^x do: (x - 1)*x^(x - 2)
 * and x^(x - 1).  *most: the number of terms above which that is tried.
 */
static Node shortened(Graph *g, Node y, int *most)
{
    if (terms_of(g, y) <= *most || *most > EXPAND_MOST)
        return y;
    Node z = node_expand(g, y);
    if (terms_of(g, z) < terms_of(g, y))
        y = z;
    *most = terms_of(g, y) / 2 * 3;
    return y;
}

static _Noreturn void raise_too_long(const Graph *g, Node y, int order, int k)
{
    error_raise(SPAN_NONE, ERR_LIMIT,
                "the derivative of order %d is too long: that of order %d has "
                "%d terms%s",
                order, k, terms_of(g, y),
                number_words(g, y) > 1000 ? " and numbers of many digits" : "");
}

/* ---- in a ring that differentiation does not leave ---- */

/* May its derivatives be multiplied out?  Not where 1 - f^k would be: programs
 * keep its digits as a whole. */
static bool may_expand(const Graph *g, Node n)
{
    switch ((int)node_op(g, n)) {
    case OP_SYM:
    case OP_MONO:
    case OP_EXP:
    case OP_LOG:
    case OP_SIN:
    case OP_COS:
    case OP_TAN:
    case OP_SINH:
    case OP_COSH:
    case OP_ATAN:
        return true;
    default:
        return false;
    }
}

/* A generator and its derivative. */
typedef struct Slope {
    Node of, node;
} Slope;

/*
 * Adds to f, which holds the generators of y, those of their derivatives,
 * until none is new: sin(x) and cos(x), exp(x^2) and x.  *slope: the
 * derivative of each.  False if there is no end, or one may not be expanded.
 */
static bool close_ring(Graph *g, PolyForm *f, Node x, Slope slope[])
{
    for (int i = 0; i < f->ring.nvars; i++) {
        Node n = f->generator[i];
        if (!may_expand(g, n))
            return false;
        slope[i] = (Slope){n, diff_scalar(g, n, x)};
        if (!poly_take(g, f, slope[i].node))
            return false;
    }
    return true;
}

/* poly_begin has put the generators in another order. */
static void read_slopes(Graph *g, PolyForm *f, const Slope slope[], Poly by[])
{
    for (int i = 0; i < f->ring.nvars; i++) {
        int k = 0;
        while (slope[k].of != f->generator[i])
            k++;
        by[i] = poly_read(g, f, slope[k].node);
    }
}

/* Can `order` derivatives of p be multiplied out in the ring's fields? */
static bool degrees_fit(const Ring *r, Poly p, const Poly by[], int order)
{
    for (int v = 0; v < r->nvars; v++) {
        double most = 0;
        for (int i = 0; i < r->nvars; i++)
            most = fmax(most, (double)poly_degree(r, by[i], v));
        if ((double)poly_degree(r, p, v) + order * most >=
            (double)((int64_t)1 << r->bits))
            return false;
    }
    return true;
}

/* NODE_NONE: not by this way. */
static Node diff_in_ring(Graph *g, Node y, Node x, int order, Arena *a)
{
    PolyForm f = poly_form(a);
    Slope slope[POLY_VARS];
    Poly by[POLY_VARS];
    if (!poly_take(g, &f, y) || !close_ring(g, &f, x, slope))
        return NODE_NONE;
    poly_begin(g, &f);
    read_slopes(g, &f, slope, by);
    Poly p = poly_read(g, &f, y);
    if (!degrees_fit(&f.ring, p, by, order))
        return NODE_NONE;
    size_t work = 0;
    for (int k = 0; k < order; k++) {
        POLL();
        p = poly_slope(&f.ring, p, by);
        work += p.count;
        if (work > RING_WORK_MOST)
            return NODE_NONE;
    }
    return node_of_poly(g, &f, p);
}

/* ---- one after the other ---- */

static Node diff_by_steps(Graph *g, Node y, Node x, int order)
{
    Multiple past[PERIOD_MOST];
    size_t work = 0;
    int most = 12;
    for (int k = 0; k < order && !node_is_zero(g, y); k++) {
        POLL();
        if (k < PERIOD_MOST) {
            past[k] = multiple_of(g, y);
            for (int j = 0; j < k; j++)
                if (past[j].rest == past[k].rest)
                    return continue_period(
                        g, y, x,
                        node_div(g, past[k].coefficient, past[j].coefficient),
                        k - j, order - k);
        }
        size_t before = graph_count(g);
        y = diff_scalar(g, y, x);
        if (order > 2)
            y = shortened(g, y, &most);
        size_t after = graph_count(g);
        work += 1 + (after > before ? after - before : 0) + number_words(g, y);
        if (node_op(g, y) == OP_SUM)
            work += 2 * (size_t)node_count(g, y);
        if (work > WORK_MOST)
            raise_too_long(g, y, order, k + 1);
    }
    return y;
}

Node diff_scalar_order(Graph *g, Node y, Node x, int order)
{
    volatile Node found = NODE_NONE;
    if (order < RING_ORDER || order > RING_ORDER_MOST)
        return diff_by_steps(g, y, x, order);
    Arena *a = arena_local();
    Protect p;
    if (PROTECT(&p)) {
        found = diff_in_ring(g, y, x, order, a);
        protect_end(&p);
        arena_free(a);
    } else if (context_error()->code != ERR_LIMIT) {
        error_again();
    }
    return found != NODE_NONE ? found : diff_by_steps(g, y, x, order);
}

/*
 * integrate_rational.c - rational functions by partial fractions
 *
 * The denominator is factored over the rationals; the numerators over its
 * linear and quadratic factors come from a linear system (Bronstein, Symbolic
 * Integration I, 2005, section 2.1).  A factor a*x^4 + b*x^2 + c without real
 * roots is split once more, over square roots; others of higher degree are
 * refused.
 */
#include "graph/diff.h"
#include "graph/integrate_parts.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/solve.h"

enum { FRACTION_UNKNOWNS = 40 };

typedef struct Fraction {
    Node base;  /* the factor */
    int power;  /* this term stands over base^power */
    int degree; /* 1, 2 or 4 */
    Node c[4];  /* coefficients of the numerator, of lower degree */
} Fraction;

static Node power(Graph *g, Node a, int k)
{
    return node_power(g, a, node_int(g, k));
}

/* n = up/down, down a polynomial in x or free of x. */
static void split_quotient(Integral *w, Node n, Node *up, Node *down)
{
    Graph *g = w->g;
    *up = n, *down = node_int(g, 1);
    if (node_op(g, n) != OP_MONO)
        return;
    *up = node_arg(g, n, 0);
    int count = node_count(g, n);
    for (int i = 2; i < count; i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        double v;
        bool below = node_constant_value(g, e, &v) && v < 0;
        Node f = node_power(g, base, below ? node_neg(g, e) : e);
        if (below && node_depends(g, base, w->x))
            *down = node_mul(g, *down, f);
        else
            *up = node_mul(g, *up, below ? node_power(g, base, e) : f);
    }
}

/* The quotient and rest of up by down: polynomials by coefficients. */
static Node divide(Integral *w, Node *up, Node down)
{
    Graph *g = w->g;
    Node *a, *b, quotient = node_int(g, 0);
    int64_t n = integral_coefficients(w, *up, &a);
    int64_t m = integral_coefficients(w, down, &b);
    if (n < m)
        return quotient;
    Node rest = node_int(g, 0);
    for (int64_t k = n; k >= m; k--) {
        Node q = poly_cancel(g, node_div(g, a[k], b[m]));
        quotient =
            node_add(g, quotient, node_mul(g, q, power(g, w->x, (int)(k - m))));
        for (int64_t i = 0; i <= m; i++)
            a[k - m + i] =
                poly_cancel(g, node_sub(g, a[k - m + i], node_mul(g, q, b[i])));
    }
    for (int64_t k = 0; k < m; k++)
        rest = node_add(g, rest, node_mul(g, a[k], power(g, w->x, (int)k)));
    *up = rest;
    return quotient;
}

/* 1/(a*x^2 + b*x + c) */
static Node one_over_quadratic(Integral *w, Node a, Node b, Node c)
{
    Graph *g = w->g;
    Node slope =
        node_add(g, node_mul(g, node_mul(g, node_int(g, 2), a), w->x), b);
    Node d = node_sub(g, node_mul(g, node_int(g, 4), node_mul(g, a, c)),
                      node_mul(g, b, b));
    d = poly_cancel(g, d);
    int sign = integral_sign(w, d);
    if (sign == 0)
        return node_div(g, node_int(g, -2), slope);
    if (sign == 2)
        return NODE_NONE;
    Node root =
        node_power(g, sign > 0 ? d : node_neg(g, d), node_rational(g, 1, 2));
    if (sign > 0) {
        Node arc = node_div(g, slope, root);
        arc = node_apply(g, OP_ATAN, 1, &arc);
        return node_div(g, node_mul(g, node_int(g, 2), arc), root);
    }
    Node up = integral_log(w, node_sub(g, slope, root));
    Node down = integral_log(w, node_add(g, slope, root));
    return node_div(g, node_sub(g, up, down), root);
}

/* 1/q^k, q = a*x^2 + b*x + c (Gradshteyn & Ryzhik 2.171). */
static Node one_over_power(Integral *w, Node q, const Node c[3], int k)
{
    Graph *g = w->g;
    Node y = one_over_quadratic(w, c[2], c[1], c[0]);
    if (y == NODE_NONE || k == 1)
        return y;
    Node two_a = node_mul(g, node_int(g, 2), c[2]);
    Node slope = node_add(g, node_mul(g, two_a, w->x), c[1]);
    Node d = node_sub(g, node_mul(g, node_int(g, 4), node_mul(g, c[2], c[0])),
                      node_mul(g, c[1], c[1]));
    for (int j = 2; j <= k; j++) {
        Node below = node_mul(g, node_int(g, j - 1), d);
        Node first = node_div(g, slope, node_mul(g, below, power(g, q, j - 1)));
        Node next =
            node_div(g, node_mul(g, node_int(g, 2 * j - 3), two_a), below);
        y = node_add(g, first, node_mul(g, next, y));
    }
    return y;
}

/*
 * p/(a*x^4 + b*x^2 + c), p = n[3]*x^3 + ... + n[0], b^2 < 4*a*c: over
 * a*(x^2 + r*x + s)*(x^2 - r*x + s) with s^2 = c/a, r^2 = 2*s - b/a.
 */
static Node over_quartic(Integral *w, const Node q[5], const Node n[4])
{
    Graph *g = w->g;
    Node half = node_rational(g, 1, 2), two = node_int(g, 2);
    Node s = node_power(g, poly_cancel(g, node_div(g, q[0], q[4])), half);
    Node r = node_sub(g, node_mul(g, two, s), node_div(g, q[2], q[4]));
    r = node_power(g, poly_cancel(g, r), half);
    /* a1 + a2 = n3, b1 + b2 = n0/s; their differences d and e */
    Node d = node_div(g, node_sub(g, n[2], node_div(g, n[0], s)), r);
    Node e = node_div(g, node_sub(g, n[1], node_mul(g, s, n[3])), r);
    Node y = node_int(g, 0), square = power(g, w->x, 2);
    for (int side = 1; side >= -1; side -= 2) {
        Node k = node_int(g, -side);
        Node a = node_add(g, n[3], node_mul(g, k, d));
        Node b = node_add(g, node_div(g, n[0], s), node_mul(g, k, e));
        Node middle = node_mul(g, node_int(g, side), r), one = node_int(g, 1);
        Node f = node_add(g, node_add(g, square, node_mul(g, middle, w->x)), s);
        /* (a*x + b)/(2*f) = a/4*f'/f + (b/2 - a*middle/4)/f */
        Node rest = node_sub(
            g, node_mul(g, half, b),
            node_mul(g, node_rational(g, 1, 4), node_mul(g, a, middle)));
        Node arc = one_over_quadratic(w, one, middle, s);
        if (arc == NODE_NONE)
            return arc;
        Node log = node_apply(g, OP_LOG, 1, &f);
        y = node_add(g, y,
                     node_mul(g, node_mul(g, node_rational(g, 1, 4), a), log));
        y = node_add(g, y, node_mul(g, node_expand(g, rest), arc));
    }
    return node_div(g, y, q[4]);
}

static Node integral_of_fraction(Integral *w, const Fraction *f)
{
    Graph *g = w->g;
    Node *q;
    integral_coefficients(w, f->base, &q);
    Node below = power(g, f->base, 1 - f->power);
    if (f->degree == 4)
        return over_quartic(w, q, f->c);
    if (f->degree == 1) {
        Node y = f->power == 1 ? integral_log(w, f->base)
                               : node_div(g, below, node_int(g, 1 - f->power));
        return node_div(g, node_mul(g, f->c[0], y), q[1]);
    }
    /* b*x + c = b/(2a)*q' + (c - b*q1/(2a)) */
    Node part = node_div(g, f->c[1], node_mul(g, node_int(g, 2), q[2]));
    Node rest = poly_cancel(g, node_sub(g, f->c[0], node_mul(g, part, q[1])));
    Node y = f->power == 1 ? integral_log(w, f->base)
                           : node_div(g, below, node_int(g, 1 - f->power));
    y = node_mul(g, part, y);
    if (node_is_zero(g, rest))
        return y;
    Node r = one_over_power(w, f->base, q, f->power);
    if (r == NODE_NONE)
        return NODE_NONE;
    return node_add(g, y, node_mul(g, rest, r));
}

/* a*x^4 + b*x^2 + c with b^2 < 4*a*c */
static bool is_split_over_roots(Integral *w, const Node c[5])
{
    Graph *g = w->g;
    Node d = node_sub(g, node_mul(g, c[2], c[2]),
                      node_mul(g, node_int(g, 4), node_mul(g, c[4], c[0])));
    return node_is_zero(g, c[1]) && node_is_zero(g, c[3]) &&
           integral_sign(w, poly_cancel(g, d)) == -1;
}

/* The terms that stand over the factors of down; false if one is too high. */
static bool list_fractions(Integral *w, Node down, int *count, Fraction f[])
{
    Graph *g = w->g;
    Node product = poly_factor(g, down);
    bool one = node_op(g, product) != OP_MONO;
    int n = one ? 3 : node_count(g, product);
    *count = 0;
    for (int i = 2; i < n; i += 2) {
        Node base = one ? product : node_arg(g, product, i);
        double v = 1;
        if (!one && !node_constant_value(g, node_arg(g, product, i + 1), &v))
            return false;
        if (!node_depends(g, base, w->x))
            continue;
        Node *c;
        int64_t degree = integral_coefficients(w, base, &c);
        bool quartic = degree == 4 && v == 1 && is_split_over_roots(w, c);
        if (degree < 1 || (degree > 2 && !quartic) || v < 1 || v > 20)
            return false;
        for (int k = 1; k <= (int)v; k++) {
            if (*count == FRACTION_UNKNOWNS / 2)
                return false;
            f[(*count)++] =
                (Fraction){.base = base, .power = k, .degree = (int)degree};
        }
    }
    return *count > 0;
}

/* up/down as a sum of f[i] */
static bool find_numerators(Integral *w, Node up, Node down, int count,
                            Fraction f[])
{
    Graph *g = w->g;
    Node unknown[FRACTION_UNKNOWNS], value[FRACTION_UNKNOWNS];
    int n = 0;
    Node sum = node_neg(g, up);
    for (int i = 0; i < count; i++) {
        Node top = node_int(g, 0);
        if (n + f[i].degree > FRACTION_UNKNOWNS)
            return false;
        for (int k = 0; k < f[i].degree; k++) {
            Node c = unknown[n++] = integral_variable(w, 0);
            top = node_add(g, top, node_mul(g, c, power(g, w->x, k)));
        }
        Node others =
            poly_cancel(g, node_mul(g, down, power(g, f[i].base, -f[i].power)));
        sum = node_add(g, sum, node_mul(g, top, others));
    }
    Node *equation;
    int64_t degree = integral_coefficients(w, node_expand(g, sum), &equation);
    if (degree < 0 || degree >= FRACTION_UNKNOWNS ||
        !solve_linear(g, (int)degree + 1, equation, n, unknown, value))
        return false;
    n = 0;
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < f[i].degree; k++)
            f[i].c[k] = poly_cancel(g, value[n++]);
    }
    return true;
}

Node integral_rational(Integral *w, Node e)
{
    Graph *g = w->g;
    Node up, down, *c;
    Node n = poly_cancel(g, e);
    split_quotient(w, n, &up, &down);
    if (!node_depends(g, down, w->x) ||
        integral_coefficients(w, down, &c) < 1 ||
        integral_coefficients(w, up, &c) < 0)
        return NODE_NONE;
    Node whole = divide(w, &up, down);
    Node y = integral_of(w, whole);
    Fraction f[FRACTION_UNKNOWNS];
    int count;
    if (y == NODE_NONE || !list_fractions(w, down, &count, f) ||
        !find_numerators(w, up, down, count, f))
        return NODE_NONE;
    for (int i = 0; i < count; i++) {
        Node part = integral_of_fraction(w, &f[i]);
        if (part == NODE_NONE)
            return NODE_NONE;
        y = node_add(g, y, part);
    }
    return y;
}

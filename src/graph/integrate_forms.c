/*
 * integrate_forms.c - polynomials times exponentials, sines, Gaussians and
 * roots of quadratics; powers of sines and cosines
 *
 * Formulas: Gradshteyn & Ryzhik, Table of Integrals, 7th edition, sections
 * 2.2, 2.3, 2.5 and 2.6.
 */
#include <math.h>

#include "graph/diff.h"
#include "graph/integrate_parts.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/walk.h"

static Node power(Graph *g, Node a, int k)
{
    return node_power(g, a, node_int(g, k));
}

static Node apply(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

/* The factors of e that depend on x, with exponents; others in *rest. */
typedef struct Factors {
    int count;
    Node base[8], exponent[8];
    Node rest;
} Factors;

static bool split_factors(Integral *w, Node e, Factors *f)
{
    Graph *g = w->g;
    *f = (Factors){.count = 0, .rest = node_int(g, 1)};
    if (node_op(g, e) != OP_MONO) {
        f->base[0] = e;
        f->exponent[0] = node_int(g, 1);
        f->count = 1;
        return true;
    }
    const Node *arg = node_args_copy(g, e, w->arena);
    f->rest = arg[0];
    for (int i = 2; i < node_count(g, e); i += 2) {
        if (f->count == 8)
            return false;
        f->base[f->count] = arg[i];
        f->exponent[f->count++] = arg[i + 1];
    }
    return true;
}

/* ---- p(x)*exp(a*x + b)*cos(c*x + d) ---- */

/*
 * By parts until p is used up: p*f1 - p'*f2 + p''*f3 - ..., where f_k is the
 * k-th antiderivative of exp(u)*(r*cos(v) + s*sin(v)); u' = a, v' = c.
 */
Node integral_exp_trig(Integral *w, Node e)
{
    Graph *g = w->g;
    Factors f;
    Node zero = node_int(g, 0), one = node_int(g, 1);
    Node p = one, u = zero, v = zero, a = zero, c = zero, skip, *coefficient;
    Node r = one, s = zero;
    if (!split_factors(w, e, &f))
        return NODE_NONE;
    for (int i = 0; i < f.count; i++) {
        OpId op = node_op(g, f.base[i]);
        bool once = node_is_one(g, f.exponent[i]);
        Node arg = once && node_count(g, f.base[i]) == 1
                       ? node_arg(g, f.base[i], 0)
                       : NODE_NONE;
        if (op == OP_EXP && arg != NODE_NONE && u == zero &&
            integral_linear(w, arg, &a, &skip))
            u = arg;
        else if ((op == OP_SIN || op == OP_COS) && arg != NODE_NONE &&
                 v == zero && integral_linear(w, arg, &c, &skip)) {
            v = arg;
            r = op == OP_COS ? one : zero;
            s = op == OP_SIN ? one : zero;
        } else
            p = node_mul(g, p, node_power(g, f.base[i], f.exponent[i]));
    }
    if (u == zero && v == zero)
        return NODE_NONE;
    int64_t degree = integral_coefficients(w, p, &coefficient);
    if (degree < 0 || degree > INTEGRAL_DEGREE)
        return NODE_NONE;
    Node square = node_add(g, node_mul(g, a, a), node_mul(g, c, c));
    Node y = zero, cos_v = apply(g, OP_COS, v), sin_v = apply(g, OP_SIN, v);
    for (int k = 0; !node_is_zero(g, p); k++) {
        POLL();
        Node r1 = node_sub(g, node_mul(g, a, r), node_mul(g, c, s));
        Node s1 = node_add(g, node_mul(g, a, s), node_mul(g, c, r));
        r = poly_cancel(g, node_div(g, r1, square));
        s = poly_cancel(g, node_div(g, s1, square));
        Node t = node_add(g, node_mul(g, r, cos_v), node_mul(g, s, sin_v));
        t = node_mul(g, p, t);
        y = node_add(g, y, k % 2 ? node_neg(g, t) : t);
        p = node_expand(g, diff_scalar(g, p, w->x));
    }
    Node scale = u == zero ? one : apply(g, OP_EXP, u);
    return node_mul(g, f.rest, node_mul(g, scale, y));
}

/* ---- p(x)*exp(a*x^2 + b*x + c) ---- */

static Node gauss_alone(Integral *w, const Node q[3], Node e)
{
    Graph *g = w->g;
    (void)e;
    if (integral_sign(w, q[2]) != -1)
        return NODE_NONE;
    Node a = node_neg(g, q[2]);
    Node root = node_power(g, a, node_rational(g, 1, 2));
    Node centre = node_div(g, q[1], node_mul(g, node_int(g, 2), a));
    Node top = node_add(g, q[0], node_mul(g, a, node_mul(g, centre, centre)));
    Node z = node_mul(g, root, node_sub(g, w->x, centre));
    Node pi = node_apply(g, OP_PI, 0, NULL);
    Node y = node_mul(g, node_power(g, pi, node_rational(g, 1, 2)),
                      apply(g, OP_ERF, z));
    y = node_mul(g, y, apply(g, OP_EXP, poly_cancel(g, top)));
    return node_div(g, y, node_mul(g, node_int(g, 2), root));
}

/* x^n*exp(q) by x^(n-2) and x^(n-1): q' = 2*a*x + b. */
Node integral_gauss(Integral *w, Node e)
{
    Graph *g = w->g;
    Factors f;
    Node p = node_int(g, 1), u = NODE_NONE, *q, *c;
    if (!split_factors(w, e, &f))
        return NODE_NONE;
    for (int i = 0; i < f.count; i++)
        if (u == NODE_NONE && node_op(g, f.base[i]) == OP_EXP &&
            node_is_one(g, f.exponent[i]))
            u = node_arg(g, f.base[i], 0);
        else
            p = node_mul(g, p, node_power(g, f.base[i], f.exponent[i]));
    if (u == NODE_NONE || integral_coefficients(w, u, &q) != 2)
        return NODE_NONE;
    int64_t n = integral_coefficients(w, p, &c);
    if (n < 0 || n > INTEGRAL_DEGREE)
        return NODE_NONE;
    Node full = apply(g, OP_EXP, u), two_a = node_mul(g, node_int(g, 2), q[2]);
    Node y = node_int(g, 0);
    for (int64_t k = n; k >= 1; k--) {
        POLL();
        /* d(x^(k-1)*exp(q)) = ((k-1)*x^(k-2) + 2a*x^k + b*x^(k-1))*exp(q) */
        Node lead = poly_cancel(g, node_div(g, c[k], two_a));
        Node m = node_mul(g, power(g, w->x, (int)k - 1), full);
        y = node_add(g, y, node_mul(g, lead, m));
        c[k - 1] = node_sub(g, c[k - 1], node_mul(g, lead, q[1]));
        if (k >= 2)
            c[k - 2] =
                node_sub(g, c[k - 2], node_mul(g, lead, node_int(g, k - 1)));
    }
    Node left = poly_cancel(g, c[0]);
    if (!node_is_zero(g, left)) {
        Node alone = gauss_alone(w, q, u);
        if (alone == NODE_NONE)
            return NODE_NONE;
        y = node_add(g, y, node_mul(g, left, alone));
    }
    return node_mul(g, f.rest, y);
}

/* ---- p(x)*q^(k/2), q quadratic, k odd ---- */

static Node one_over_root(Integral *w, const Node q[3], Node root)
{
    Graph *g = w->g;
    Node two_a = node_mul(g, node_int(g, 2), q[2]),
         half = node_rational(g, 1, 2);
    Node slope = node_add(g, node_mul(g, two_a, w->x), q[1]);
    Node d = poly_cancel(
        g, node_sub(g, node_mul(g, node_int(g, 4), node_mul(g, q[2], q[0])),
                    node_mul(g, q[1], q[1])));
    int sign = integral_sign(w, q[2]), sign_d = integral_sign(w, d);
    if (sign == -1 && (sign_d == -1)) {
        Node z = node_div(g, slope, node_power(g, node_neg(g, d), half));
        return node_div(g, node_neg(g, apply(g, OP_ASIN, z)),
                        node_power(g, node_neg(g, q[2]), half));
    }
    if (sign != 1)
        return NODE_NONE;
    Node root_a = node_power(g, q[2], half);
    if (sign_d == 1) {
        Node z = node_div(g, slope, node_power(g, d, half));
        return node_div(g, apply(g, OP_ASINH, z), root_a);
    }
    Node z = node_add(g, node_mul(g, node_mul(g, node_int(g, 2), root_a), root),
                      slope);
    return node_div(g, integral_log(w, z), root_a);
}

/* p/sqrt(q), c the coefficients of p. */
static Node over_root(Integral *w, const Node q[3], Node root, int64_t n,
                      Node c[])
{
    Graph *g = w->g;
    Node y = node_int(g, 0);
    for (int64_t k = n; k >= 1; k--) {
        /* d(x^(k-1)*sqrt(q)) = (k*a*x^k + (k-1/2)*b*x^(k-1)
         *                       + (k-1)*c*x^(k-2))/sqrt(q) */
        Node lead = poly_cancel(
            g, node_div(g, c[k], node_mul(g, node_int(g, k), q[2])));
        y = node_add(g, y, node_mul(g, lead, power(g, w->x, (int)k - 1)));
        Node half = node_mul(g, node_rational(g, 2 * k - 1, 2), q[1]);
        c[k - 1] = node_sub(g, c[k - 1], node_mul(g, lead, half));
        if (k >= 2)
            c[k - 2] = node_sub(
                g, c[k - 2],
                node_mul(g, lead, node_mul(g, node_int(g, k - 1), q[0])));
    }
    y = node_mul(g, y, root);
    Node left = poly_cancel(g, c[0]);
    if (node_is_zero(g, left))
        return y;
    Node alone = one_over_root(w, q, root);
    return alone == NODE_NONE ? alone
                              : node_add(g, y, node_mul(g, left, alone));
}

/* (b*x + c)/q^(3/2) */
static Node over_cube(Integral *w, const Node q[3], Node root, Node b, Node c)
{
    Graph *g = w->g;
    Node two = node_int(g, 2);
    Node d = node_sub(g, node_mul(g, node_int(g, 4), node_mul(g, q[2], q[0])),
                      node_mul(g, q[1], q[1]));
    Node first = node_add(g, node_mul(g, node_mul(g, two, q[2]), w->x), q[1]);
    Node second = node_add(g, node_mul(g, q[1], w->x), node_mul(g, two, q[0]));
    Node up = node_sub(g, node_mul(g, c, first), node_mul(g, b, second));
    return node_div(g, node_mul(g, two, up), node_mul(g, d, root));
}

Node integral_root(Integral *w, Node e)
{
    Graph *g = w->g;
    Factors f;
    Node p = node_int(g, 1), q = NODE_NONE, *c, *quad;
    double k = 0;
    if (!split_factors(w, e, &f))
        return NODE_NONE;
    for (int i = 0; i < f.count; i++) {
        double v;
        if (q == NODE_NONE && node_constant_value(g, f.exponent[i], &v) &&
            v != floor(v) && 2 * v == floor(2 * v) && v >= -1.5 && v < 20 &&
            integral_coefficients(w, f.base[i], &quad) == 2) {
            q = f.base[i];
            k = v;
        } else
            p = node_mul(g, p, node_power(g, f.base[i], f.exponent[i]));
    }
    if (q == NODE_NONE)
        return NODE_NONE;
    Node root = node_power(g, q, node_rational(g, 1, 2));
    if (k > 0)
        p = node_mul(g, p, power(g, q, (int)(k + 0.5)));
    int64_t n = integral_coefficients(w, node_expand(g, p), &c);
    if (n < 0 || n > INTEGRAL_DEGREE)
        return NODE_NONE;
    if (k > -1) {
        Node y = over_root(w, quad, root, n, c);
        return y == NODE_NONE ? y : node_mul(g, f.rest, y);
    }
    /* p = s*q + b*x + c */
    Node s[INTEGRAL_DEGREE + 1];
    for (int64_t i = n; i >= 2; i--) {
        s[i - 2] = poly_cancel(g, node_div(g, c[i], quad[2]));
        for (int j = 0; j < 2; j++)
            c[i - 2 + j] =
                node_sub(g, c[i - 2 + j], node_mul(g, s[i - 2], quad[j]));
    }
    Node y = over_cube(w, quad, root, n >= 1 ? c[1] : node_int(g, 0), c[0]);
    if (n >= 2) {
        Node more = over_root(w, quad, root, n - 2, s);
        if (more == NODE_NONE)
            return NODE_NONE;
        y = node_add(g, y, more);
    }
    return node_mul(g, f.rest, y);
}

/* ---- sin(v)^m*cos(v)^n ---- */

/* sin^m*cos^n, m and n even and not negative: powers come down by 2. */
static Node even_powers(Graph *g, Node s, Node c, Node v, int m, int n)
{
    if (m == 0 && n == 0)
        return v;
    Node total = node_int(g, m + n);
    if (m > 0) {
        Node a = node_mul(g, power(g, s, m - 1), power(g, c, n + 1));
        Node b =
            node_mul(g, node_int(g, m - 1), even_powers(g, s, c, v, m - 2, n));
        return node_div(g, node_sub(g, b, a), total);
    }
    Node a = node_mul(g, power(g, c, n - 1), s);
    Node b = node_mul(g, node_int(g, n - 1), even_powers(g, s, c, v, 0, n - 2));
    return node_div(g, node_add(g, a, b), total);
}

static Node one_minus_square(Graph *g, Node t, int k)
{
    Node s = node_sub(g, node_int(g, 1), node_mul(g, t, t));
    return power(g, s, k);
}

Node integral_trig(Integral *w, Node e)
{
    Graph *g = w->g;
    Factors f;
    Node v = NODE_NONE, a, b;
    int m = 0, n = 0;
    if (!split_factors(w, e, &f))
        return NODE_NONE;
    for (int i = 0; i < f.count; i++) {
        OpId op = node_op(g, f.base[i]);
        double k;
        if ((op != OP_SIN && op != OP_COS && op != OP_TAN) ||
            !node_constant_value(g, f.exponent[i], &k) || k != floor(k) ||
            fabs(k) > INTEGRAL_DEGREE)
            return NODE_NONE;
        Node arg = node_arg(g, f.base[i], 0);
        if (v != NODE_NONE && arg != v)
            return NODE_NONE;
        v = arg;
        m += op != OP_COS ? (int)k : 0;
        n += op == OP_COS ? (int)k : op == OP_TAN ? -(int)k : 0;
    }
    if (v == NODE_NONE || !integral_linear(w, v, &a, &b))
        return NODE_NONE;
    Node s = apply(g, OP_SIN, v), c = apply(g, OP_COS, v);
    Node scale = node_div(g, f.rest, a), y;
    if (m % 2 == 0 && n % 2 == 0 && m >= 0 && n >= 0)
        return node_mul(g, scale, even_powers(g, s, c, v, m, n));
    Node t = integral_variable(w, 0);
    if (m % 2 != 0 && (m > 0 || n % 2 == 0)) { /* t = cos(v) */
        y = node_mul(g, power(g, t, n), one_minus_square(g, t, (m - 1) / 2));
        y = integral_through(w, node_neg(g, y), t, c);
    } else if (n % 2 != 0) { /* t = sin(v) */
        y = node_mul(g, power(g, t, m), one_minus_square(g, t, (n - 1) / 2));
        y = integral_through(w, y, t, s);
    } else { /* t = tan(v) */
        Node one = node_add(g, node_int(g, 1), node_mul(g, t, t));
        y = node_mul(g, power(g, t, m), power(g, one, -(m + n) / 2 - 1));
        Node tan_v = apply(g, OP_TAN, v);
        y = integral_through(w, y, t, tan_v);
        if (y != NODE_NONE)
            y = integral_replace(w, y, apply(g, OP_ATAN, tan_v), v);
    }
    return y == NODE_NONE ? y : node_mul(g, scale, y);
}

/* ---- t = tan(v/2) ---- */

/* The one argument of sines, cosines and tangents in n; false if they differ.
 */
static bool one_angle(Integral *w, Node n, Node *v)
{
    Graph *g = w->g;
    if (!node_depends(g, n, w->x))
        return true;
    depth_check();
    OpId op = node_op(g, n);
    if (op == OP_SIN || op == OP_COS || op == OP_TAN) {
        bool same = *v == NODE_NONE || *v == node_arg(g, n, 0);
        *v = node_arg(g, n, 0);
        return same;
    }
    const Node *arg = node_args_copy(g, n, w->arena);
    for (int i = 0; i < node_count(g, n); i++)
        if (!one_angle(w, arg[i], v))
            return false;
    return true;
}

Node integral_half_angle(Integral *w, Node e)
{
    Graph *g = w->g;
    Node v = NODE_NONE, a, b;
    if (w->substitutions == 0 || !one_angle(w, e, &v) || v == NODE_NONE ||
        !integral_linear(w, v, &a, &b))
        return NODE_NONE;
    Node t = integral_variable(w, 0), square = node_mul(g, t, t);
    Node one = node_int(g, 1), two_t = node_mul(g, node_int(g, 2), t);
    Node plus = node_add(g, one, square), minus = node_sub(g, one, square);
    Node from[3] = {apply(g, OP_SIN, v), apply(g, OP_COS, v),
                    apply(g, OP_TAN, v)};
    Node to[3] = {node_div(g, two_t, plus), node_div(g, minus, plus),
                  node_div(g, two_t, minus)};
    Node r = node_substitute(g, e, 3, from, to);
    if (node_depends(g, r, w->x))
        return NODE_NONE;
    r = node_div(g, node_mul(g, node_int(g, 2), r), node_mul(g, a, plus));
    Node half = apply(g, OP_TAN, node_div(g, v, node_int(g, 2)));
    return integral_through(w, poly_cancel(g, r), t, half);
}

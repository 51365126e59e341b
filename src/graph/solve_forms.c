/*
 * solve_forms.c - equations in several functions of x that become one
 *
 * Roots of x by x = t^q, exponentials and powers of numbers by their common
 * base, sines and cosines by the tangent of the half angle, sums of
 * logarithms and two terms of exponentials by taking exp and log, square and
 * cube roots by the norm, abs, max, min and relu by their two cases.  What
 * comes out too much on the way is found when the roots are put back.
 */
#include "graph/solve_inside.h"

#include <math.h>

#include "base/error.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "value/number.h"

enum { ANGLE_MOST = 12, PI_PARTS = 60 };

/* e = 0 in another unknown t: not put back yet. */
static Roots solve_in(Solver *s, Node t, Node e)
{
    Roots inner = {0};
    Solver deeper = *s;
    deeper.x = t;
    deeper.roots = &inner;
    solve_for(&deeper, e);
    s->failed = s->failed || deeper.failed;
    return inner;
}

/* x = t^q where t >= 0. */
static void take_power(Solver *s, Node t, Node q)
{
    Graph *g = s->g;
    int sign = node_known_sign(g, t), before = s->wheres;
    if (sign == -1)
        return;
    if (sign == 2 && before == SOLVE_WHERES) {
        s->failed = true;
        return;
    }
    if (sign == 2 && node_sign(g, t) != SIGN_NONNEGATIVE)
        s->where[s->wheres++] =
            node_compare_op(g, OP_LE, node_int(g, 0), node_textbook(g, t));
    solve_inner(s, s->x, node_power(g, t, q));
    s->wheres = before;
}

/* Is r an exact rational number? */
static bool is_rational(Graph *g, Node r)
{
    return node_is_number(g, r) && value_is_exact(node_number_value(g, r));
}

static bool is_float(Graph *g, Node r)
{
    return node_is_number(g, r) && !value_is_exact(node_number_value(g, r));
}

/* The rational b/a; NODE_NONE if it is none. */
static Node rational_ratio(Graph *g, Node b, Node a)
{
    Node r = node_div(g, b, a);
    if (!is_rational(g, r))
        r = node_textbook(g, node_expand(g, r));
    return is_rational(g, r) ? r : NODE_NONE;
}

/*
 * The largest u of which every a[i] is a whole multiple, up to a rational
 * factor; NODE_NONE if there is none.
 */
static Node common_unit(Graph *g, int n, const Node a[])
{
    Node unit = a[0];
    for (int i = 1; i < n; i++) {
        Node ratio = rational_ratio(g, a[i], unit);
        if (ratio == NODE_NONE)
            return NODE_NONE;
        Value d = number_denominator(node_number_value(g, ratio));
        unit = node_div(g, unit, node_number(g, d));
    }
    return unit;
}

/* All of u[] are rational powers of x: with x = t^q, t >= 0 for even q. */
static bool solve_roots(Solver *s, PolyForm *f, int n, const int var[], Node e)
{
    Graph *g = s->g;
    int64_t q = 1;
    for (int i = 0; i < n; i++) {
        Node u = f->generator[var[i]];
        if (u == s->x)
            continue;
        if (node_op(g, u) != OP_MONO || node_count(g, u) != 4 ||
            node_arg(g, u, 2) != s->x)
            return false;
        Value d = number_denominator(node_number_value(g, node_arg(g, u, 3)));
        if (d.kind != VAL_INT || d.integer > 12)
            return false;
        q = q % d.integer == 0 ? q : q * d.integer;
    }
    if (q == 1 || q > 60)
        return false;
    Node t = node_symbol(g, name_of(" t"), SHAPE_SCALAR, SYM_POSITIVE);
    Node power = node_power(g, t, node_int(g, q));
    Roots inner = solve_in(s, t, node_substitute(g, e, 1, &s->x, &power));
    s->failed = s->failed || inner.all;
    for (size_t i = 0; i < inner.at.count; i++)
        take_power(s, inner.at.at[i].at, node_int(g, q));
    return true;
}

/* ---- exponentials ---- */

/* u = b^a with a number b, or exp(a): its base (NODE_NONE: e), its a. */
static bool read_exponential(Solver *s, Node u, Node *base, Node *a)
{
    Graph *g = s->g;
    *base = NODE_NONE;
    if (node_op(g, u) == OP_EXP) {
        *a = node_arg(g, u, 0);
        return true;
    }
    if (node_op(g, u) != OP_MONO || node_count(g, u) != 4 ||
        node_depends(g, node_arg(g, u, 2), s->x) ||
        !node_depends(g, node_arg(g, u, 3), s->x))
        return false;
    *base = node_arg(g, u, 2);
    *a = node_arg(g, u, 3);
    return true;
}

/* log(u) of such a one. */
static Node log_of(Graph *g, Node base, Node a)
{
    return base == NODE_NONE ? a : node_mul(g, a, solve_call(g, "log", base));
}

/*
 * All of u[] are b^(c*a + d) with one b, rational c: powers of t = b^unit.
 * Bases such as 2, 4 and 8 are powers of the first.
 */
static bool solve_exponentials(Solver *s, PolyForm *f, int n, const int var[],
                               Node e)
{
    Graph *g = s->g;
    Node first = NODE_NONE, from[POLY_VARS], to[POLY_VARS], a[POLY_VARS];
    Node moving[POLY_VARS] = {NODE_NONE}, zero = node_int(g, 0);
    for (int i = 0; i < n; i++) {
        Node base;
        from[i] = f->generator[var[i]];
        if (!read_exponential(s, from[i], &base, &a[i]))
            return false;
        if (i == 0)
            first = base;
        if ((base == NODE_NONE) != (first == NODE_NONE))
            return false;
        if (base != first) {
            Node ratio = solve_log_ratio(g, base, first);
            if (!is_rational(g, ratio))
                return false;
            a[i] = node_expand(g, node_mul(g, ratio, a[i]));
        }
        Node still = node_substitute(g, a[i], 1, &s->x, &zero);
        moving[i] = node_expand(g, node_sub(g, a[i], still));
    }
    Node unit = common_unit(g, n, moving);
    if (unit == NODE_NONE)
        return false;
    Node t = node_symbol(g, name_of(" t"), SHAPE_SCALAR, SYM_POSITIVE);
    for (int i = 0; i < n; i++) {
        Node rest = node_expand(g, node_sub(g, a[i], moving[i]));
        Node still = first == NODE_NONE ? solve_call(g, "exp", rest)
                                        : node_power(g, first, rest);
        to[i] = node_mul(g, still,
                         node_power(g, t, rational_ratio(g, moving[i], unit)));
    }
    Roots inner = solve_in(s, t, node_substitute(g, e, n, from, to));
    for (size_t i = 0; i < inner.at.count; i++) {
        Node r = inner.at.at[i].at;
        int sign = node_known_sign(g, r);
        if (sign != 0 && sign != -1)
            solve_inner(s, unit,
                        first == NODE_NONE ? solve_call(g, "log", r)
                                           : solve_log_ratio(g, r, first));
    }
    return true;
}

/* c1*u1^k1*... + c2*v1^m1*... = 0 with exponentials: their logarithms. */
static bool solve_two_terms(Solver *s, PolyForm *f, int n, const int var[])
{
    Graph *g = s->g;
    Node log[2], c[2], base, a;
    if (f->poly.count != 2)
        return false;
    for (int k = 0; k < 2; k++) {
        PolyTerm t = f->poly.at[k];
        log[k] = node_int(g, 0);
        for (int i = 0; i < n; i++) {
            int64_t power = poly_exponent(&f->ring, t.key, var[i]);
            if (!read_exponential(s, f->generator[var[i]], &base, &a))
                return false;
            t.key -= (PolyKey)power << (var[i] * f->ring.bits);
            log[k] = node_add(
                g, log[k], node_mul(g, node_int(g, power), log_of(g, base, a)));
        }
        c[k] = node_of_poly(g, f, (Poly){&t, 1});
    }
    Node ratio = node_neg(g, node_div(g, c[1], c[0]));
    int sign = node_known_sign(g, ratio);
    if (sign == 0 || sign == -1)
        return true;
    ratio = solve_call(g, "log", ratio);
    Node y = node_sub(g, node_sub(g, log[0], log[1]), ratio);
    solve_for(s, node_expand(g, y));
    return true;
}

/* ---- logarithms ---- */

/* c1*log(u1) + c2*log(u2) + ... = r: the product of the u^c is exp(r). */
static bool solve_logarithms(Solver *s, PolyForm *f, int n, const int var[])
{
    Graph *g = s->g;
    Node rest = node_int(g, 0), c[POLY_VARS];
    Value common = value_int(1);
    for (int i = 0; i < n; i++) {
        c[i] = NODE_NONE;
        if (node_op(g, f->generator[var[i]]) != OP_LOG)
            return false;
    }
    for (size_t k = 0; k < f->poly.count; k++) {
        PolyTerm t = f->poly.at[k];
        int which = -1;
        for (int i = 0; i < n; i++) {
            int64_t power = poly_exponent(&f->ring, t.key, var[i]);
            if (power > 1 || (power == 1 && which >= 0))
                return false;
            if (power == 1)
                which = i;
        }
        if (which >= 0)
            t.key -= (PolyKey)1 << (var[which] * f->ring.bits);
        Node m = node_of_poly(g, f, (Poly){&t, 1});
        if (which < 0) {
            rest = node_add(g, rest, m);
            continue;
        }
        if (c[which] != NODE_NONE || !is_rational(g, m))
            return false;
        c[which] = m;
        Value d = number_denominator(
            number_binary(BIN_MUL, node_number_value(g, m), common));
        common = number_binary(BIN_MUL, common, d);
    }
    Node times = node_number(g, common), above = node_int(g, 1);
    Node below = solve_call(
        g, "exp", node_expand(g, node_neg(g, node_mul(g, rest, times))));
    for (int i = 0; i < n; i++) {
        Node u = node_arg(g, f->generator[var[i]], 0);
        Node power = node_mul(g, c[i], times);
        if (node_known_sign(g, power) > 0)
            above = node_mul(g, above, node_power(g, u, power));
        else
            below = node_mul(g, below, node_power(g, u, node_neg(g, power)));
    }
    solve_for(s, node_expand(g, node_sub(g, above, below)));
    return true;
}

/* ---- sines and cosines ---- */

/*
 * sin(m*w) and cos(m*w) as rational functions of t = tan(w/2):
 * cos(w) + i*sin(w) = (1 + i*t)^2/(1 + t^2).
 */
static void half_angle(Graph *g, Node t, int64_t m, Node *sine, Node *cosine)
{
    Node re = node_int(g, 1), im = node_int(g, 0), square;
    int64_t size = m < 0 ? -m : m;
    for (int64_t i = 0; i < 2 * size; i++) {
        Node next = node_sub(g, re, node_mul(g, im, t));
        im = node_expand(g, node_add(g, im, node_mul(g, re, t)));
        re = node_expand(g, next);
    }
    square = node_add(g, node_int(g, 1), node_power(g, t, node_int(g, 2)));
    square = node_power(g, square, node_int(g, -size));
    *cosine = node_mul(g, re, square);
    *sine = node_mul(g, m < 0 ? node_neg(g, im) : im, square);
}

static Node trig_value(Graph *g, OpId op, Node sine, Node cosine)
{
    return op == OP_SIN   ? sine
           : op == OP_COS ? cosine
                          : node_div(g, sine, cosine);
}

/* 2*atan(t), as a part of pi if it is one. */
static Node twice_atan(Graph *g, Node t)
{
    double v, pi = acos(-1);
    Node y = node_mul(g, node_int(g, 2), solve_call(g, "atan", t));
    if (!node_constant_value(g, y, &v))
        return y;
    for (int q = 1; q <= PI_PARTS; q++) {
        double p = nearbyint(v / pi * q);
        if (fabs(v / pi * q - p) > 1e-12)
            continue;
        Node angle = node_mul(g, node_rational(g, (int64_t)p, q),
                              node_apply(g, OP_PI, 0, NULL));
        Node half = node_div(g, angle, node_int(g, 2));
        half = node_apply(g, OP_TAN, 1, &half);
        if (probe_zero(g, node_sub(g, half, t)) == ZERO_YES || is_float(g, t))
            return angle;
    }
    return y;
}

/* w = y, and w + 2*pi*k */
static void turn_to(Solver *s, Node w, Node y)
{
    Graph *g = s->g;
    Node pi = node_apply(g, OP_PI, 0, NULL);
    solve_turns(s, w, y, node_mul(g, node_int(g, 2), pi));
}

/* All of u[] are sines, cosines and tangents of whole multiples of one w. */
static bool solve_angles(Solver *s, PolyForm *f, int n, const int var[], Node e)
{
    Graph *g = s->g;
    Node from[POLY_VARS], to[POLY_VARS], sine, cosine;
    Node a[POLY_VARS] = {NODE_NONE};
    int64_t m[POLY_VARS];
    for (int i = 0; i < n; i++) {
        from[i] = f->generator[var[i]];
        OpId op = node_op(g, from[i]);
        if (op != OP_SIN && op != OP_COS && op != OP_TAN)
            return false;
        a[i] = node_arg(g, from[i], 0);
    }
    Node w = common_unit(g, n, a);
    Node t = node_symbol(g, name_of(" u"), SHAPE_SCALAR, 0);
    if (w == NODE_NONE)
        return false;
    bool opposite = true; /* w = pi, where t is infinite */
    for (int i = 0; i < n; i++) {
        OpId op = node_op(g, from[i]);
        Value v = node_number_value(g, rational_ratio(g, a[i], w));
        if (v.kind != VAL_INT || v.integer > ANGLE_MOST ||
            v.integer < -ANGLE_MOST)
            return false;
        m[i] = v.integer;
        half_angle(g, t, m[i], &sine, &cosine);
        to[i] = trig_value(g, op, sine, cosine);
    }
    Roots inner = solve_in(s, t, node_substitute(g, e, n, from, to));
    s->roots->all = s->roots->all || inner.all;
    for (size_t i = 0; i < inner.at.count; i++)
        turn_to(s, w, twice_atan(g, inner.at.at[i].at));
    for (int i = 0; i < n; i++)
        to[i] = trig_value(g, node_op(g, from[i]), node_int(g, 0),
                           node_int(g, m[i] % 2 ? -1 : 1));
    Node there = node_expand(g, node_substitute(g, e, n, from, to));
    opposite = probe_zero(g, there) == ZERO_YES;
    if (opposite)
        turn_to(s, w, node_apply(g, OP_PI, 0, NULL));
    return true;
}

/* ---- roots and cases ---- */

/* u = b^(p/q) with x in b, q = 2 or 3: true, and q. */
static bool read_root(Solver *s, Node u, Node *b, int *q)
{
    Graph *g = s->g;
    if (node_op(g, u) != OP_MONO || node_count(g, u) != 4 ||
        !is_rational(g, node_arg(g, u, 3)))
        return false;
    Value d = number_denominator(node_number_value(g, node_arg(g, u, 3)));
    *b = node_arg(g, u, 2);
    *q = d.kind == VAL_INT ? (int)d.integer : 0;
    return *q == 2 || *q == 3;
}

/* part[i] = sum of c[i + k*q]*b^k: a polynomial in v where v^q = b. */
static void reduce_powers(Graph *g, int degree, const Node c[], Node b, int q,
                          Node part[3])
{
    for (int i = 0; i < 3; i++)
        part[i] = node_int(g, 0);
    for (int i = 0; i <= degree; i++) {
        Node power = node_power(g, b, node_int(g, i / q));
        part[i % q] = node_add(g, part[i % q], node_mul(g, c[i], power));
    }
}

/*
 * A + B*v + C*v^2 = 0 where v^q = b, q = 2 or 3: the norm
 * A^2 - B^2*b, or A^3 + B^3*b + C^3*b^2 - 3*A*B*C*b.
 */
static bool solve_norm(Solver *s, PolyForm *f, int n, const int var[],
                       int which, Node e)
{
    Graph *g = s->g;
    Node b, other, from[POLY_VARS], to[POLY_VARS], *c, part[3], cube[3];
    int q, p, m = 0, degree = -1;
    PolyForm in_v;
    if (!read_root(s, f->generator[var[which]], &b, &q))
        return false;
    Node v = node_symbol(g, name_of(" v"), SHAPE_SCALAR, 0);
    for (int i = 0; i < n; i++) {
        Node u = f->generator[var[i]];
        if (!read_root(s, u, &other, &p) || other != b || p != q)
            continue;
        from[m] = u;
        to[m++] =
            node_power(g, v, node_mul(g, node_int(g, q), node_arg(g, u, 3)));
    }
    e = node_expand(g, node_substitute(g, e, m, from, to));
    if (!poly_of_node(g, s->arena, e, &in_v))
        return false;
    for (int i = 0; i < in_v.ring.nvars; i++)
        if (in_v.generator[i] == v)
            degree = solve_coefficients(s, &in_v, i, &c);
    if (degree < 1)
        return false;
    reduce_powers(g, degree, c, b, q, part);
    for (int i = 0; i < 3; i++)
        cube[i] = node_mul(g, node_power(g, part[i], node_int(g, q)),
                           node_power(g, b, node_int(g, i)));
    Node y = node_sub(g, cube[0], cube[1]);
    if (q == 3) {
        Node mixed =
            node_mul(g, node_mul(g, part[0], part[1]), node_mul(g, part[2], b));
        y = node_sub(g, node_sum(g, 3, cube),
                     node_mul(g, node_int(g, 3), mixed));
    }
    solve_for(s, node_expand(g, y));
    return true;
}

/* e with u for one of its two values: a case that always holds is no list. */
static void solve_case(Solver *s, Node e, Node u, Node value)
{
    bool before = s->roots->all;
    s->roots->all = false;
    solve_for(s, node_substitute(s->g, e, 1, &u, &value));
    s->failed = s->failed || s->roots->all;
    s->roots->all = before;
}

static bool solve_cases(Solver *s, Node u, Node e)
{
    Graph *g = s->g;
    OpId op = node_op(g, u);
    if (op != OP_ABS && op != OP_RELU && op != OP_MAX && op != OP_MIN)
        return false;
    Node a = node_arg(g, u, 0);
    Node b = op == OP_ABS    ? node_neg(g, a)
             : op == OP_RELU ? node_int(g, 0)
                             : node_arg(g, u, 1);
    if (!node_is_scalar(g, a) || !node_is_scalar(g, b))
        return false;
    solve_case(s, e, u, a);
    solve_case(s, e, u, b);
    return true;
}

bool solve_cases_of(Solver *s, Node u, Node e)
{
    return node_op(s->g, u) != OP_ABS && solve_cases(s, u, e);
}

bool solve_several(Solver *s, PolyForm *f, int n, const int var[], Node e)
{
    for (int i = 0; i < n; i++)
        if (solve_cases(s, f->generator[var[i]], e))
            return true;
    if (solve_roots(s, f, n, var, e) || solve_exponentials(s, f, n, var, e) ||
        solve_two_terms(s, f, n, var) || solve_logarithms(s, f, n, var) ||
        solve_angles(s, f, n, var, e))
        return true;
    for (int i = n - 1; i >= 0; i--)
        if (solve_norm(s, f, n, var, i, e))
            return true;
    return false;
}

/*
 * solve.c - one equation in one unknown
 *
 * e = 0 is read as a polynomial in what holds x.  If that is x alone, or one
 * function u of it, the roots in u are found, and u = root is undone step by
 * step.  Whatever was done on the way, each root is put back into e.
 */
#include "graph/solve.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "graph/front.h"
#include "graph/poly_node.h"
#include "graph/simplify.h"
#include "graph/upoly.h"
#include "value/number.h"

enum { SOLVE_DEPTH = 24, DEGREE_MOST = 200 };

typedef struct Solver {
    Graph *g;
    Arena *arena;
    Node x;
    Roots *roots;
    int depth;
    bool failed; /* part of the equation resists */
    bool floats; /* roots are wanted as floats, to all digits */
} Solver;

static void solve_for(Solver *s, Node e);

static Node call(Graph *g, const char *name, Node a)
{
    bool known;
    return front_call(g, name_of(name), 1, &a, 0, &known);
}

static Node root_of(Graph *g, Node a)
{
    return node_power(g, a, node_rational(g, 1, 2));
}

static void push(Solver *s, Node root)
{
    for (size_t i = 0; i < s->roots->at.count; i++)
        if (s->roots->at.at[i] == root)
            return;
    VEC_PUSH_IN(s->arena, &s->roots->at, root);
}

/* The sign of a scalar, 2 if it is not known. */
static int sign_of(Graph *g, Node n)
{
    double v;
    if (node_is_constant(g, n) && node_constant_value(g, n, &v) && v == v)
        return (v > 0) - (v < 0);
    switch (node_sign(g, n)) {
    case SIGN_POSITIVE:
        return 1;
    case SIGN_NEGATIVE:
        return -1;
    case SIGN_ZERO:
        return 0;
    default:
        return 2;
    }
}

/* ---- undoing one step: u = r ---- */

/* The next equation: what stands inside of u, less a value. */
static void inner_is(Solver *s, Node inner, Node value)
{
    solve_for(s, node_sub(s->g, inner, value));
}

static void undo_power(Solver *s, Node u, Node r)
{
    Graph *g = s->g;
    Node base = node_arg(g, u, 2), e = node_arg(g, u, 3);
    Node inverse = node_div(g, node_int(g, 1), e);
    if (!node_is_number(g, e)) {
        if (node_depends(g, base, s->x))
            s->failed = true;
        else if (sign_of(g, r) > 0)
            inner_is(s, e,
                     node_div(g, call(g, "log", r), call(g, "log", base)));
        return;
    }
    inner_is(s, base, node_power(g, r, inverse));
    Value p = number_numerator(node_number_value(g, e));
    if (p.kind == VAL_INT && p.integer % 2 == 0)
        inner_is(s, base, node_neg(g, node_power(g, r, inverse)));
}

static const struct {
    OpId op;
    const char *inverse;
    bool principal; /* periodic: there are more */
} inverses[] = {
    {OP_SIN, "asin", true},    {OP_COS, "acos", true},
    {OP_TAN, "atan", true},    {OP_ASIN, "sin", false},
    {OP_ACOS, "cos", false},   {OP_ATAN, "tan", false},
    {OP_SINH, "asinh", false}, {OP_TANH, "atanh", false},
    {OP_EXP, "log", false},    {OP_LOG, "exp", false},
};

/* u = r for a function or power u of x. */
static void undo(Solver *s, Node u, Node r)
{
    Graph *g = s->g;
    OpId op = node_op(g, u);
    Node arg = node_count(g, u) ? node_arg(g, u, 0) : NODE_NONE;
    int sign = sign_of(g, r);
    if (op == OP_EXP && (sign == 0 || sign == -1))
        return;
    if (op == OP_ABS) {
        if (sign == -1)
            return;
        inner_is(s, arg, r);
        inner_is(s, arg, node_neg(g, r));
        return;
    }
    if (op == OP_COSH) {
        inner_is(s, arg, call(g, "acosh", r));
        inner_is(s, arg, node_neg(g, call(g, "acosh", r)));
        return;
    }
    if (op == OP_SIGMOID) {
        Node odds = node_div(g, r, node_sub(g, node_int(g, 1), r));
        inner_is(s, arg, call(g, "log", odds));
        return;
    }
    if (op == OP_MONO) {
        undo_power(s, u, r);
        return;
    }
    for (size_t i = 0; i < sizeof inverses / sizeof *inverses; i++)
        if (inverses[i].op == op) {
            s->roots->principal = s->roots->principal || inverses[i].principal;
            inner_is(s, arg, call(g, inverses[i].inverse, r));
            return;
        }
    s->failed = true;
}

/* u = r, u being x itself or a function of it; outside of the domain of the
 * inverse there is no solution. */
static void undo_or_none(Solver *s, Node u, Node r)
{
    if (u == s->x) {
        push(s, r);
        return;
    }
    Protect p;
    if (PROTECT(&p)) {
        undo(s, u, r);
        protect_end(&p);
    } else if (context_error()->code != ERR_DOMAIN) {
        error_again();
    }
}

/* ---- polynomials in one unknown u ---- */

static void solve_quadratic(Solver *s, Node u, const Node c[3])
{
    Graph *g = s->g;
    Node four = node_int(g, 4), two = node_int(g, 2);
    Node disc = node_sub(g, node_mul(g, c[1], c[1]),
                         node_mul(g, four, node_mul(g, c[0], c[2])));
    disc = node_expand(g, disc);
    int sign = sign_of(g, disc);
    if (sign == -1)
        return;
    Node below = node_mul(g, two, c[2]), minus = node_neg(g, c[1]);
    Node root = root_of(g, disc);
    Node least = node_div(g, node_sub(g, minus, root), below);
    Node most = node_div(g, node_add(g, minus, root), below);
    undo_or_none(s, u, node_textbook(g, least));
    if (sign != 0)
        undo_or_none(s, u, node_textbook(g, most));
}

static void push_quadratic(Solver *s, Node u, UPoly q)
{
    Node c[3];
    for (int i = 0; i < 3; i++)
        c[i] = node_number(s->g, q.c[i]);
    solve_quadratic(s, u, c);
}

static bool is_near_whole(double x)
{
    return fabs(x) < 1e12 && fabs(x - nearbyint(x)) < 1e-12 * (1000 + fabs(x));
}

/* The factor (u - a)*(u - b) of p, if it is one over the rationals. */
static bool split_pair(Solver *s, UPoly *p, double a, double b, UPoly *factor)
{
    Value top = number_abs(p->c[p->degree]);
    double scale = value_to_double(top);
    double sum = -(a + b) * scale, product = a * b * scale;
    if (!is_near_whole(sum) || !is_near_whole(product))
        return false;
    *factor = upoly_new(s->arena, 2);
    factor->c[2] = value_int(1);
    factor->c[1] =
        number_binary(BIN_DIV, value_int((int64_t)nearbyint(sum)), top);
    factor->c[0] =
        number_binary(BIN_DIV, value_int((int64_t)nearbyint(product)), top);
    UPoly quotient, rest;
    upoly_divide(s->arena, *p, *factor, &quotient, &rest);
    if (rest.degree >= 0)
        return false;
    *p = quotient;
    return true;
}

static UPoly linear(Solver *s, Value root)
{
    UPoly p = upoly_new(s->arena, 1);
    p.c[1] = value_int(1);
    p.c[0] = number_negate(root);
    return p;
}

/* All coefficients are numbers. */
static void solve_rational(Solver *s, Node u, UPoly p)
{
    URoot *root = ARENA_ARRAY(s->arena, URoot, (size_t)p.degree + 1);
    UPoly rest, quotient;
    p = upoly_squarefree(s->arena, p);
    int n = upoly_real_roots(s->arena, p, root);
    bool *done = ARENA_ARRAY(s->arena, bool, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (root[i].rational) {
            undo_or_none(s, u, node_number(s->g, root[i].at));
            upoly_divide(s->arena, p, linear(s, root[i].at), &quotient, &rest);
            p = quotient;
            done[i] = true;
        }
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n && !done[i] && !s->floats; j++) {
            UPoly q;
            if (done[j] || !split_pair(s, &p, root[i].near, root[j].near, &q))
                continue;
            push_quadratic(s, u, q);
            done[i] = done[j] = true;
        }
    for (int i = 0; i < n; i++)
        if (!done[i]) {
            s->roots->numeric = !s->floats;
            undo_or_none(s, u, node_float(s->g, root[i].near));
        }
}

/* u^degree = r */
static void solve_pure(Solver *s, Node u, int degree, Node r)
{
    Graph *g = s->g;
    Node exponent = node_rational(g, 1, degree);
    int sign = sign_of(g, r);
    if (sign == 2) {
        s->failed = true;
        return;
    }
    if (sign == -1 && degree % 2 == 0)
        return;
    Node size = node_power(g, sign < 0 ? node_neg(g, r) : r, exponent);
    undo_or_none(s, u, sign < 0 ? node_neg(g, size) : size);
    if (degree % 2 == 0 && sign != 0)
        undo_or_none(s, u, node_neg(g, size));
}

/* c[0] + c[1]*u + ... = 0 */
static void solve_polynomial(Solver *s, Node u, int degree, const Node c[])
{
    Graph *g = s->g;
    bool numbers = true;
    if (degree > 0 && node_is_zero(g, c[0])) {
        undo_or_none(s, u, c[0]);
        for (; degree > 0 && node_is_zero(g, c[0]); c++)
            degree--;
    }
    if (degree == 0)
        return;
    for (int i = 0; i <= degree; i++)
        numbers = numbers && node_is_number(g, c[i]);
    bool pure = true;
    for (int i = 1; i < degree; i++)
        pure = pure && node_is_zero(g, c[i]);
    if (degree > 2 && pure) {
        Node r = node_neg(g, node_div(g, c[0], c[degree]));
        solve_pure(s, u, degree, node_textbook(g, r));
    } else if (degree == 1) {
        Node r = node_neg(g, node_div(g, c[0], c[1]));
        undo_or_none(s, u, node_textbook(g, r));
    } else if (numbers && (degree > 2 || s->floats)) {
        UPoly p = upoly_new(s->arena, degree);
        for (int i = 0; i <= degree; i++)
            p.c[i] = node_number_value(g, c[i]);
        solve_rational(s, u, p);
    } else if (degree == 2) {
        solve_quadratic(s, u, c);
    } else {
        s->failed = true;
    }
}

/* The coefficients of the powers of generator `var`, as nodes. */
static int coefficients(Solver *s, PolyForm *f, int var, Node **out)
{
    int degree = (int)poly_degree(&f->ring, f->poly, var);
    *out = ARENA_ARRAY(s->arena, Node, (size_t)degree + 1);
    for (int k = 0; k <= degree; k++) {
        Poly part = {ARENA_ARRAY(s->arena, PolyTerm, f->poly.count + 1), 0};
        for (size_t i = 0; i < f->poly.count; i++) {
            PolyTerm t = f->poly.at[i];
            if (poly_exponent(&f->ring, t.key, var) != k)
                continue;
            t.key -= (PolyKey)k << (var * f->ring.bits);
            part.at[part.count++] = t;
        }
        (*out)[k] = node_of_poly(s->g, f, part);
    }
    return degree;
}

/* ---- bringing e to that form ---- */

/* base^-1 with x in it, or NODE_NONE. */
static Node denominator(Solver *s, Node u)
{
    Graph *g = s->g;
    if (node_op(g, u) != OP_MONO || node_count(g, u) != 4 ||
        !node_is_number(g, node_arg(g, u, 3)) ||
        value_to_double(node_number_value(g, node_arg(g, u, 3))) >= 0)
        return NODE_NONE;
    return node_div(g, node_int(g, 1), u);
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
    Roots inner = {0};
    Solver deeper = *s;
    deeper.x = t;
    deeper.roots = &inner;
    solve_for(&deeper, node_substitute(g, e, 1, &s->x, &power));
    s->failed = s->failed || deeper.failed;
    s->roots->numeric = s->roots->numeric || inner.numeric;
    for (size_t i = 0; i < inner.at.count; i++)
        push(s, node_power(g, inner.at.at[i], node_int(g, q)));
    return true;
}

/* All of u[] are exp(c*a) with rational multiples c of one a. */
static bool solve_exponentials(Solver *s, PolyForm *f, int n, const int var[],
                               Node e)
{
    Graph *g = s->g;
    Node least = NODE_NONE;
    Node from[POLY_VARS], to[POLY_VARS];
    for (int i = 0; i < n; i++) {
        Node u = f->generator[var[i]];
        if (node_op(g, u) != OP_EXP)
            return false;
        Node a = node_arg(g, u, 0);
        if (least == NODE_NONE) {
            least = a;
            continue;
        }
        Node ratio = node_div(g, a, least);
        if (!node_is_number(g, ratio) ||
            !value_is_exact(node_number_value(g, ratio)))
            return false;
        Value d = number_denominator(node_number_value(g, ratio));
        least = node_div(g, least, node_number(g, d));
    }
    Node t = node_symbol(g, name_of(" t"), SHAPE_SCALAR, SYM_POSITIVE);
    for (int i = 0; i < n; i++) {
        from[i] = f->generator[var[i]];
        to[i] = node_power(g, t, node_div(g, node_arg(g, from[i], 0), least));
    }
    Roots inner = {0};
    Solver deeper = *s;
    deeper.x = t;
    deeper.roots = &inner;
    solve_for(&deeper, node_substitute(g, e, n, from, to));
    s->failed = s->failed || deeper.failed;
    s->roots->numeric = s->roots->numeric || inner.numeric;
    for (size_t i = 0; i < inner.at.count; i++)
        if (sign_of(g, inner.at.at[i]) > 0)
            inner_is(s, least, call(g, "log", inner.at.at[i]));
    return true;
}

/* e times the highest power of `below` that divides a term. */
static Node without_denominator(Solver *s, PolyForm *f, int var, Node below)
{
    Graph *g = s->g;
    Node *c, y = node_int(g, 0);
    int k = coefficients(s, f, var, &c);
    for (int i = 0; i <= k; i++) {
        Node times = node_power(g, below, node_int(g, k - i));
        y = node_add(g, y, node_mul(g, c[i], times));
    }
    return node_expand(g, y);
}

/* What of e holds x, as a polynomial; handles those with one unknown. */
static void solve_form(Solver *s, PolyForm *f, Node e)
{
    Graph *g = s->g;
    int var[POLY_VARS], n = 0;
    for (int i = 0; i < f->ring.nvars; i++)
        if (poly_degree(&f->ring, f->poly, i) > 0 &&
            node_depends(g, f->generator[i], s->x))
            var[n++] = i;
    for (int i = 0; i < n; i++) {
        Node below = denominator(s, f->generator[var[i]]);
        if (below == NODE_NONE)
            continue;
        solve_for(s, without_denominator(s, f, var[i], below));
        return;
    }
    if (n == 1) {
        Node *c;
        int degree = coefficients(s, f, var[0], &c);
        if (degree > DEGREE_MOST)
            error_raise(SPAN_NONE, ERR_LIMIT, "an equation of degree %d",
                        degree);
        solve_polynomial(s, f->generator[var[0]], degree, c);
    } else if (!solve_roots(s, f, n, var, e) &&
               !solve_exponentials(s, f, n, var, e)) {
        s->failed = true;
    }
}

/* A product is 0 where one of its factors is. */
static bool solve_factors(Solver *s, Node e)
{
    Graph *g = s->g;
    if (node_op(g, e) != OP_MONO || node_count(g, e) == 4)
        return false;
    for (int i = 2; i < node_count(g, e); i += 2)
        if (node_depends(g, node_arg(g, e, i), s->x) &&
            node_is_number(g, node_arg(g, e, i + 1)) &&
            value_to_double(node_number_value(g, node_arg(g, e, i + 1))) > 0)
            solve_for(s, node_arg(g, e, i));
    return true;
}

static void solve_for(Solver *s, Node e)
{
    Graph *g = s->g;
    PolyForm f;
    depth_check();
    if (!node_depends(g, e, s->x)) {
        s->roots->all = s->roots->all || node_is_zero(g, e);
        return;
    }
    if (++s->depth > SOLVE_DEPTH)
        s->failed = true;
    else if (!solve_factors(s, e)) {
        if (poly_of_node(g, s->arena, e, &f))
            solve_form(s, &f, e);
        else
            s->failed = true;
    }
    s->depth--;
}

/* ---- putting the roots back ---- */

/* False if e is surely not 0 at the root, or has no value there. */
static bool holds_at(Graph *g, Node e, Node x, Node root)
{
    Protect p;
    double v, near;
    volatile bool holds = true;
    int sign = sign_of(g, root);
    if ((node_symbol_flags(g, x) & SYM_POSITIVE) && (sign == 0 || sign == -1))
        return false;
    if (PROTECT(&p)) {
        Node y = node_substitute(g, e, 1, &x, &root);
        if (node_is_constant(g, y) && !node_is_zero(g, y) &&
            !node_is_zero(g, node_expand(g, y))) {
            Node r = node_add(g, root, node_float(g, 0));
            double size = 0;
            node_constant_value(g, root, &size);
            Node slope = node_float(g, 1e-6 * (1 + fabs(size)));
            Node at = node_add(g, r, slope);
            Node beside = node_substitute(g, e, 1, &x, &at);
            holds = node_constant_value(g, y, &v) && v == v &&
                    (!node_constant_value(g, beside, &near) || near != near ||
                     fabs(v) <= 1e-2 * fabs(near) + 1e-9);
        }
        protect_end(&p);
        return holds;
    }
    if (context_error()->code != ERR_DOMAIN)
        error_again();
    return false;
}

/*
 * A root with symbols: tried with numbers for them.  False if it failed, or
 * had no value, wherever it was tried.
 */
static bool holds_somewhere(Graph *g, Arena *a, Node e, Node x, Node root)
{
    Node *symbol, value[16], all = node_add(g, e, root);
    int n = node_symbols(g, all, a, &symbol), m = 0;
    Node from[16];
    for (int i = 0; i < n && m < 16; i++)
        if (symbol[i] != x)
            from[m++] = symbol[i];
    if (m == 0)
        return holds_at(g, e, x, root);
    for (int k = 0; k < 12; k++) {
        for (int i = 0; i < m; i++) {
            double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
            int64_t c = 1 + (int64_t)(40 * r);
            bool minus = (k >> (i % 3)) % 2 &&
                         !(node_symbol_flags(g, from[i]) &
                           (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER));
            value[i] = node_rational(g, minus ? -c : c, 8);
        }
        Protect p;
        volatile bool good = false;
        if (PROTECT(&p)) {
            Node at = node_substitute(g, root, m, from, value);
            Node with = node_substitute(g, e, m, from, value);
            good = holds_at(g, with, x, at);
            protect_end(&p);
        } else if (context_error()->code != ERR_DOMAIN) {
            error_again();
        }
        if (good)
            return true;
    }
    return false;
}

Roots solve_equation(Graph *g, Arena *a, Node e, Node x, bool floats)
{
    Roots found = {0}, kept = {0};
    Solver s = {g, a, x, &found, 0, false, floats};
    solve_for(&s, e);
    kept = (Roots){.numeric = found.numeric,
                   .principal = found.principal,
                   .all = found.all,
                   .open = s.failed};
    for (size_t i = 0; i < found.at.count; i++)
        if (holds_at(g, e, x, found.at.at[i]) &&
            holds_somewhere(g, a, e, x, found.at.at[i]))
            VEC_PUSH_IN(a, &kept.at, found.at.at[i]);
    return kept;
}

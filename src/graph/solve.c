/*
 * solve.c - one equation in one unknown
 *
 * e = 0 is read as a polynomial in what holds x.  If that is x alone, or one
 * function u of it, the roots in u are found, and u = root is undone step by
 * step.  Whatever was done on the way, each root is put back into e.
 */
#include "graph/solve_inside.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "graph/diff.h"
#include "graph/front.h"
#include "graph/probe.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "graph/upoly.h"
#include "value/number.h"

enum { SOLVE_DEPTH = 24, DEGREE_MOST = 200, SIZE_MOST = 20000, WORK = 1000 };

Node solve_call(Graph *g, const char *name, Node a)
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
    Root r = {.at = root, .family = NODE_NONE, .wheres = s->wheres};
    for (int i = 0; i < s->turns; i++)
        if (node_depends(s->g, root, s->counter[i]))
            r.counter[r.counters++] = s->counter[i];
    for (int i = 0; i < s->wheres; i++)
        r.where[i] = s->where[i];
    for (size_t i = 0; i < s->roots->at.count; i++)
        if (s->roots->at.at[i].at == root)
            return;
    VEC_PUSH_IN(s->arena, &s->roots->at, r);
}

/* ---- undoing one step: u = r ---- */

/* The next equation: what stands inside of u, less a value. */
void solve_inner(Solver *s, Node inner, Node value)
{
    solve_for(s, node_sub(s->g, inner, value));
}

/* Does a counter of periods stand in n? Then the numbers will tell. */
static bool has_counter(Solver *s, Node n)
{
    for (int i = 0; i < s->turns; i++)
        if (node_depends(s->g, n, s->counter[i]))
            return true;
    return false;
}

/*
 * inner = value under the condition that `size` >= 0, which is noted if it
 * depends on symbols.
 */
static void inner_where(Solver *s, Node inner, Node value, Node size)
{
    Graph *g = s->g;
    int sign = node_known_sign(g, size), before = s->wheres;
    if (sign == -1)
        return;
    bool sure = sign == 0 || sign == 1 || has_counter(s, size) ||
                node_sign(g, size) == SIGN_NONNEGATIVE ||
                node_depends(g, size, s->x);
    Node where = sure ? NODE_NONE
                      : node_compare_op(g, OP_LE, node_int(g, 0),
                                        node_textbook(g, size));
    for (int i = 0; i < before; i++)
        sure = sure || s->where[i] == where;
    if (!sure && before == SOLVE_WHERES) {
        s->failed = true;
        return;
    }
    if (!sure)
        s->where[s->wheres++] = where;
    solve_inner(s, inner, value);
    s->wheres = before;
}

Node solve_log_ratio(Graph *g, Node r, Node b)
{
    Value x, y, power, other;
    Node ratio = node_div(g, solve_call(g, "log", r), solve_call(g, "log", b));
    double v;
    if (!node_is_number(g, r) || !node_is_number(g, b) ||
        !node_constant_value(g, ratio, &v) || fabs(v) > 1000)
        return ratio;
    x = node_number_value(g, r);
    y = node_number_value(g, b);
    if (!value_is_exact(x) || !value_is_exact(y))
        return ratio;
    for (int q = 1; q <= 12; q++) {
        int64_t p = (int64_t)nearbyint(v * q);
        if (fabs(v * q - (double)p) < 1e-9 &&
            number_power_exact(y, value_int(p), &power) &&
            number_power_exact(x, value_int(q), &other) &&
            value_compare(power, other) == 0)
            return node_rational(g, p, q);
    }
    return ratio;
}

/* r^inverse for an odd root of a number that may be negative. */
static Node odd_root(Graph *g, Node r, Node inverse, int sign)
{
    if (sign == -1)
        return node_neg(g, node_power(g, node_neg(g, r), inverse));
    Node size = node_power(g, node_apply(g, OP_ABS, 1, &r), inverse);
    return node_mul(g, node_apply(g, OP_SIGN, 1, &r), size);
}

static void undo_power(Solver *s, Node u, Node r)
{
    Graph *g = s->g;
    Node base = node_arg(g, u, 2), e = node_arg(g, u, 3);
    Node inverse = node_div(g, node_int(g, 1), e);
    int sign = node_known_sign(g, r);
    if (!node_is_number(g, e)) {
        if (node_depends(g, base, s->x))
            s->failed = true;
        else if (sign != 0 && sign != -1)
            solve_inner(s, e, solve_log_ratio(g, r, base));
        return;
    }
    Value p = number_numerator(node_number_value(g, e));
    bool even = p.kind == VAL_INT && p.integer % 2 == 0;
    bool whole = number_is_integer(node_number_value(g, e));
    if (whole && !even && sign != 0 && sign != 1) {
        solve_inner(s, base, odd_root(g, r, inverse, sign));
        return;
    }
    if (even)
        solve_inner(s, base, node_neg(g, node_power(g, r, inverse)));
    inner_where(s, base, node_power(g, r, inverse),
                even || whole ? node_int(g, 1) : r);
}

void solve_turns(Solver *s, Node inner, Node value, Node period)
{
    Graph *g = s->g;
    static const char *const names[] = {"k", "m", "n", "j"};
    if (s->turns == SOLVE_COUNTERS) {
        s->failed = true;
        return;
    }
    Node k = NODE_NONE;
    for (int i = 0; i < 4 && k == NODE_NONE; i++) {
        k = node_symbol(g, name_of(names[i]), SHAPE_SCALAR, SYM_INTEGER);
        bool taken = k == s->x || node_depends(g, s->typed, k);
        for (int j = 0; j < s->turns; j++)
            taken = taken || s->counter[j] == k;
        if (taken)
            k = NODE_NONE;
    }
    if (k == NODE_NONE) {
        s->failed = true;
        return;
    }
    s->counter[s->turns++] = k;
    solve_inner(s, inner, node_add(g, value, node_mul(g, k, period)));
    s->turns--;
}

/* sin(arg) = r and the like: all of one period, and those beyond. */
static void undo_periodic(Solver *s, OpId op, Node arg, Node r)
{
    Graph *g = s->g;
    Node pi = node_apply(g, OP_PI, 0, NULL), v;
    Node gap = node_sub(g, node_int(g, 1), node_apply(g, OP_ABS, 1, &r));
    bool zero = node_known_sign(g, r) == 0;
    int within = op == OP_TAN ? 1 : node_known_sign(g, gap);
    bool one = zero || within == 0;
    if (within == -1)
        return;
    if (within == 0) /* sqrt(2) + sqrt(3) over sqrt(5 + 2*sqrt(6)) */
        r = node_int(g, node_known_sign(g, r));
    Node turn = op == OP_TAN || zero ? pi : node_mul(g, node_int(g, 2), pi);
    v = solve_call(g,
                   op == OP_SIN   ? "asin"
                   : op == OP_COS ? "acos"
                                  : "atan",
                   r);
    solve_turns(s, arg, v, turn);
    if (op != OP_TAN && !one)
        solve_turns(s, arg, op == OP_SIN ? node_sub(g, pi, v) : node_neg(g, v),
                    turn);
}

/* The lower and upper bound of an inverse, as halves of pi; 0, 0: none. */
static const struct {
    OpId op;
    const char *inverse;
    int least, most;
} inverses[] = {
    {OP_ASIN, "sin", -1, 1},   {OP_ACOS, "cos", 0, 2},
    {OP_ATAN, "tan", -1, 1},   {OP_SINH, "asinh", 0, 0},
    {OP_TANH, "atanh", 0, 0},  {OP_ASINH, "sinh", 0, 0},
    {OP_EXP, "log", 0, 0},     {OP_LOG, "exp", 0, 0},
    {OP_EXPM1, "log1p", 0, 0}, {OP_LOG1P, "expm1", 0, 0},
    {OP_ATANH, "tanh", 0, 0},
};

/* arg = inverse(r), where least <= r <= most halves of pi. */
static void undo_listed(Solver *s, size_t i, Node arg, Node r)
{
    Graph *g = s->g;
    Node y = solve_call(g, inverses[i].inverse, r);
    if (inverses[i].least == inverses[i].most) {
        solve_inner(s, arg, y);
        return;
    }
    Node half = node_div(g, node_apply(g, OP_PI, 0, NULL), node_int(g, 2));
    Node least = node_mul(g, node_int(g, inverses[i].least), half);
    Node most = node_mul(g, node_int(g, inverses[i].most), half);
    if (node_is_constant(g, r)) {
        if (node_known_sign(g, node_sub(g, r, least)) >= 0 &&
            node_known_sign(g, node_sub(g, most, r)) >= 0)
            solve_inner(s, arg, y);
        return;
    }
    int before = s->wheres;
    if (!has_counter(s, r) && before + 2 > SOLVE_WHERES) {
        s->failed = true;
    } else {
        if (!has_counter(s, r)) {
            s->where[s->wheres++] = node_compare_op(g, OP_LE, least, r);
            s->where[s->wheres++] = node_compare_op(g, OP_LE, r, most);
        }
        solve_inner(s, arg, y);
        s->wheres = before;
    }
}

/* Is r surely no value of the function? */
static bool is_beyond(Graph *g, OpId op, Node r)
{
    Node one = node_int(g, 1), up = NODE_NONE, down = NODE_NONE;
    int sign = node_known_sign(g, r);
    switch ((int)op) {
    case OP_TANH: /* up and down have to be positive */
        down = node_add(g, r, one);
        up = node_sub(g, one, r);
        break;
    case OP_SIGMOID:
        down = r;
        up = node_sub(g, one, r);
        break;
    case OP_EXPM1:
        down = node_add(g, r, one);
        break;
    case OP_EXP:
    case OP_SOFTPLUS:
        return sign == 0 || sign == -1;
    case OP_COSH:
        return node_known_sign(g, node_sub(g, r, one)) == -1;
    default:
        return false;
    }
    sign = up == NODE_NONE ? 1 : node_known_sign(g, up);
    int other = node_known_sign(g, down);
    return sign == 0 || sign == -1 || other == 0 || other == -1;
}

/* u = r for a function or power u of x. */
static void undo(Solver *s, Node u, Node r)
{
    Graph *g = s->g;
    OpId op = node_op(g, u);
    Node arg = node_count(g, u) ? node_arg(g, u, 0) : NODE_NONE;
    Node one = node_int(g, 1);
    if (is_beyond(g, op, r))
        return;
    switch ((int)op) {
    case OP_MONO:
        undo_power(s, u, r);
        return;
    case OP_SIN:
    case OP_COS:
    case OP_TAN:
        undo_periodic(s, op, arg, r);
        return;
    case OP_ABS:
        inner_where(s, arg, r, r);
        inner_where(s, arg, node_neg(g, r), r);
        return;
    case OP_COSH:
        solve_inner(s, arg, solve_call(g, "acosh", r));
        solve_inner(s, arg, node_neg(g, solve_call(g, "acosh", r)));
        return;
    case OP_ACOSH:
        inner_where(s, arg, solve_call(g, "cosh", r), r);
        return;
    case OP_LOG2:
    case OP_LOG10:
        solve_inner(s, arg,
                    node_power(g, node_int(g, op == OP_LOG2 ? 2 : 10), r));
        return;
    case OP_SIGMOID:
        arg = node_sub(
            g, arg, solve_call(g, "log", node_div(g, r, node_sub(g, one, r))));
        solve_for(s, arg);
        return;
    case OP_SOFTPLUS:
        r = node_sub(g, solve_call(g, "exp", r), one);
        solve_inner(s, arg, solve_call(g, "log", r));
        return;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof inverses / sizeof *inverses; i++)
        if (inverses[i].op == op) {
            undo_listed(s, i, arg, r);
            return;
        }
    s->failed = true;
}

/* u = r, u being x itself or a function of it; outside of the domain of the
 * inverse there is no solution. */
static void undo_or_none(Solver *s, Node u, Node r)
{
    if (node_op(s->g, u) == OP_SUM) {
        solve_inner(s, u, r);
        return;
    }
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
    int sign = node_known_sign(g, disc);
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
            undo_or_none(s, u, node_float(s->g, root[i].near));
        }
}

/* u^degree = r */
static void solve_pure(Solver *s, Node u, int degree, Node r)
{
    Graph *g = s->g;
    Node exponent = node_rational(g, 1, degree);
    int sign = node_known_sign(g, r);
    if (degree % 2 == 1) {
        undo_or_none(s, u,
                     sign == 1 || sign == 0 ? node_power(g, r, exponent)
                                            : odd_root(g, r, exponent, sign));
        return;
    }
    if (sign == -1)
        return;
    if (sign != 0)
        undo_or_none(s, u, node_neg(g, node_power(g, r, exponent)));
    undo_or_none(s, u, node_power(g, r, exponent));
}

static void solve_polynomial(Solver *s, Node u, int degree, const Node c[]);

/* Only the powers of u^d, d > 1: a polynomial in that. */
static bool solve_in_power(Solver *s, Node u, int degree, const Node c[])
{
    Graph *g = s->g;
    int d = degree;
    for (int i = 1; i < degree; i++)
        while (!node_is_zero(g, c[i]) && (i % d != 0 || degree % d != 0))
            d--;
    if (d < 2)
        return false;
    Node *part = ARENA_ARRAY(s->arena, Node, (size_t)(degree / d) + 1);
    for (int i = 0; i * d <= degree; i++)
        part[i] = c[i * d];
    solve_polynomial(s, node_power(g, u, node_int(g, d)), degree / d, part);
    return true;
}

/* c*(u - h)^degree + d. */
static bool solve_shifted(Solver *s, Node u, int degree, const Node c[])
{
    Graph *g = s->g;
    Node *b = ARENA_ARRAY(s->arena, Node, (size_t)degree + 1);
    Node h = node_div(g, c[degree - 1],
                      node_mul(g, node_int(g, -degree), c[degree]));
    h = node_textbook(g, h);
    for (int i = 0; i <= degree; i++)
        b[i] = c[i];
    for (int k = 0; k < degree; k++)
        for (int i = degree - 1; i >= k; i--)
            b[i] = node_add(g, b[i], node_mul(g, h, b[i + 1]));
    for (int i = 1; i < degree; i++)
        if (!node_is_zero(g, node_expand(g, b[i])))
            return false;
    Node r = node_neg(g, node_div(g, node_expand(g, b[0]), c[degree]));
    solve_pure(s, node_sub(g, u, h), degree, node_textbook(g, r));
    return true;
}

/* With symbols among the coefficients: by factors over the rationals. */
static bool solve_factored(Solver *s, Node u, int degree, const Node c[])
{
    Graph *g = s->g;
    Node e = node_int(g, 0), y = NODE_NONE;
    Protect p;
    for (int i = 0; i <= degree; i++)
        e = node_add(g, e, node_mul(g, c[i], node_power(g, u, node_int(g, i))));
    if (PROTECT(&p)) {
        y = poly_factor(g, e);
        protect_end(&p);
    } else if (context_error()->code != ERR_LIMIT &&
               context_error()->code != ERR_ARGUMENT) {
        error_again();
    }
    if (y == NODE_NONE || node_op(g, y) != OP_MONO)
        return false;
    int parts = 0;
    for (int i = 2; i < node_count(g, y); i += 2)
        parts += node_depends(g, node_arg(g, y, i), s->x);
    if (parts == 0 || (parts == 1 && node_is_one(g, node_arg(g, y, 3))))
        return false;
    for (int i = 2; i < node_count(g, y); i += 2)
        solve_for(s, node_arg(g, y, i));
    return true;
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
    } else if (numbers && !s->floats && degree > 2 &&
               solve_in_power(s, u, degree, c)) {
        return;
    } else if (numbers && (degree > 2 || s->floats)) {
        UPoly p = upoly_new(s->arena, degree);
        for (int i = 0; i <= degree; i++)
            p.c[i] = node_number_value(g, c[i]);
        solve_rational(s, u, p);
    } else if (degree == 2) {
        solve_quadratic(s, u, c);
    } else if (!solve_in_power(s, u, degree, c) &&
               !solve_shifted(s, u, degree, c) &&
               !solve_factored(s, u, degree, c)) {
        s->failed = true;
    }
}

/* The coefficients of the powers of generator `var`, as nodes. */
int solve_coefficients(Solver *s, PolyForm *f, int var, Node **out)
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

/* e times the highest power of `below` that divides a term. */
static Node without_denominator(Solver *s, PolyForm *f, int var, Node below)
{
    Graph *g = s->g;
    Node *c, y = node_int(g, 0);
    int k = solve_coefficients(s, f, var, &c);
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
    if (n == 1 && solve_cases_of(s, f->generator[var[0]], e))
        return;
    if (n == 1) {
        Node *c;
        int degree = solve_coefficients(s, f, var[0], &c);
        if (degree > DEGREE_MOST)
            error_raise(SPAN_NONE, ERR_LIMIT, "an equation of degree %d",
                        degree);
        solve_polynomial(s, f->generator[var[0]], degree, c);
    } else if (!solve_several(s, f, n, var, e)) {
        s->failed = true;
    }
}

/* A product is 0 where one of its factors is. */
static bool solve_factors(Solver *s, Node e)
{
    Graph *g = s->g;
    if (node_op(g, e) != OP_MONO || node_count(g, e) == 4)
        return false;
    for (int i = 2; i < node_count(g, e); i += 2) {
        Node base = node_arg(g, e, i), power = node_arg(g, e, i + 1);
        if (!node_depends(g, base, s->x))
            continue;
        if (!node_is_number(g, power))
            s->failed = s->failed || node_sign(g, base) != SIGN_POSITIVE;
        else if (value_to_double(node_number_value(g, power)) > 0)
            solve_for(s, base);
    }
    return true;
}

/* c*x + d = 0 with floats, of roots that were found before. */
static bool solve_affine(Solver *s, Node e)
{
    Graph *g = s->g;
    Node c = node_expand(g, diff_scalar(g, e, s->x)), zero = node_int(g, 0);
    if (node_depends(g, c, s->x) || node_is_zero(g, c))
        return false;
    push(s,
         node_neg(g, node_div(g, node_substitute(g, e, 1, &s->x, &zero), c)));
    return true;
}

void solve_for(Solver *s, Node e)
{
    Graph *g = s->g;
    PolyForm f;
    depth_check();
    if (!node_depends(g, e, s->x)) {
        s->roots->all = s->roots->all || node_is_zero(g, e);
        return;
    }
    if (++s->depth > SOLVE_DEPTH || node_size(g, e) > SIZE_MOST ||
        --*s->work < 0)
        s->failed = true;
    else if (!solve_factors(s, e)) {
        if (poly_of_node(g, s->arena, e, &f))
            solve_form(s, &f, e);
        else if (!solve_affine(s, e))
            s->failed = true;
    }
    s->depth--;
}

/* Does a float stand in n? */
static bool holds_float(Solver *s, Node n)
{
    Graph *g = s->g;
    if (node_is_number(g, n))
        return !value_is_exact(node_number_value(g, n));
    depth_check();
    const Node *arg = node_args_copy(g, n, s->arena);
    for (int i = 0; i < node_count(g, n); i++)
        if (holds_float(s, arg[i]))
            return true;
    return false;
}

Roots solve_equation(Graph *g, Arena *a, Node e, Node x, bool floats)
{
    Roots found = {0}, kept;
    int work = WORK;
    Solver s = {.g = g,
                .arena = a,
                .x = x,
                .typed = e,
                .roots = &found,
                .floats = floats,
                .work = &work};
    solve_for(&s, e);
    kept = (Roots){.all = found.all, .open = s.failed};
    solve_keep(&s, e, &kept);
    for (size_t i = 0; i < kept.at.count && !floats; i++)
        kept.numeric = kept.numeric || holds_float(&s, kept.at.at[i].at);
    return kept;
}

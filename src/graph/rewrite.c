/*
 * rewrite.c - images by other functions
 */
#include "graph/rewrite.h"

#include "graph/internal.h"
#include "graph/simplify.h"
#include "value/number.h"

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

static Node halves(Graph *g, int64_t i, int64_t den, Node t)
{
    return node_scale(g, node_rational(g, i, 2 * den), t);
}

/* ---- hyperbolic ---- */

/*
 * The polynomial c in e = exp(t/den), divided by e^(middle/2): the terms at
 * equal distance from the middle give a cosh and a sinh.
 */
static Node balanced(Graph *g, int64_t degree, const Node c[], int64_t low,
                     const Kernel *e)
{
    int64_t middle = low + degree;
    Node y = g->zero;
    for (int64_t i = low; 2 * i <= middle; i++) {
        int64_t j = middle - i;
        Node t = halves(g, j - i, e->den, e->key);
        if (i == j) {
            y = node_add(g, y, c[i]);
            continue;
        }
        Node up = node_add(g, c[j], c[i]), down = node_sub(g, c[j], c[i]);
        y = node_add(g, y, node_mul(g, up, apply1(g, OP_COSH, t)));
        y = node_add(g, y, node_mul(g, down, apply1(g, OP_SINH, t)));
    }
    return y;
}

/* The parts of a quotient. */
static void quotient_parts(Graph *g, Node u, Node *num, Node *den)
{
    *num = g->one;
    *den = g->one;
    if (node_op(g, u) != OP_MONO) {
        *num = u;
        return;
    }
    int count = node_count(g, u);
    Arena *a = arena_local();
    Node *args = node_args_copy(g, u, a);
    Value c = node_number_value(g, args[0]);
    *num = node_number(g, number_numerator(c));
    *den = node_number(g, number_denominator(c));
    for (int i = 2; i < count; i += 2) {
        bool minus =
            node_is_number(g, args[i + 1]) && coef_sign(g, args[i + 1]) < 0;
        Node e = minus ? node_neg(g, args[i + 1]) : args[i + 1];
        Node p = node_power(g, args[i], e);
        *(minus ? den : num) = node_mul(g, *(minus ? den : num), p);
    }
    arena_free(a);
}

/* p balanced in e; *middle is the power that was divided out, doubled. */
static Node balance(Graph *g, Node p, const Kernel *e, int64_t *middle)
{
    Arena *a = arena_local();
    Node *c;
    int64_t degree = poly_coefficients(g, p, e->symbol, a, &c), low = 0;
    while (low < degree && node_is_zero(g, c[low]))
        low++;
    Node y = balanced(g, degree, c, low, e);
    *middle = low + degree;
    arena_free(a);
    return y;
}

Node rewrite_hyperbolic(Kernels *k, Node u)
{
    Graph *g = k->g;
    for (size_t i = k->kernel.count; i-- > 0;) {
        Kernel at = k->kernel.at[i];
        Node num, den;
        int64_t up, down;
        if (at.kind != KERNEL_EXP || !node_depends(g, u, at.symbol))
            continue;
        quotient_parts(g, u, &num, &den);
        num = balance(g, num, &at, &up);
        den = balance(g, den, &at, &down);
        Node rest = apply1(g, OP_EXP, halves(g, up - down, at.den, at.key));
        u = node_mul(g, rest, rewrite_tangents(g, node_div(g, num, den)));
        break; /* what follows is no rational function any more */
    }
    return kernel_restore(k, u);
}

/* ---- angles ---- */

typedef struct Wave {
    Node c;
    bool sine;
    Node angle;
} Wave;

typedef VEC(Wave) Waves;

static void add_wave(Arena *a, Waves *y, Graph *g, Wave w, Node angle,
                     bool sine, bool minus)
{
    Node c = node_scale(g, g->half, w.c);
    VEC_PUSH_IN(a, y, ((Wave){minus ? node_neg(g, c) : c, sine, angle}));
}

/* All of x times cos(t) or sin(t). */
static Waves times_wave(Arena *a, Graph *g, Waves x, bool sine, Node t)
{
    Waves y = {0};
    for (size_t i = 0; i < x.count; i++) {
        Wave w = x.at[i];
        Node plus = node_add(g, w.angle, t), minus = node_sub(g, w.angle, t);
        bool both = sine != w.sine;
        add_wave(a, &y, g, w, plus, both, sine && w.sine);
        add_wave(a, &y, g, w, minus, both, sine && !w.sine);
    }
    return y;
}

enum { WAVES_MOST = 256, TERMS_MOST = 400 };

/* A product of kernels and other symbols: its terms, added to `out`. */
static void angles_of_term(Kernels *k, Arena *a, Node c, Node t, NodeList *out)
{
    Graph *g = k->g;
    Waves x = {0};
    Node rest = g->one;
    VEC_PUSH_IN(a, &x, ((Wave){g->one, false, g->zero}));
    bool mono = node_op(g, t) == OP_MONO;
    int count = mono ? node_count(g, t) : 4;
    Node single[4] = {g->one, g->one, t, g->one};
    Node *args = mono ? node_args_copy(g, t, a) : single;
    rest = args[0];
    for (int i = 2; i < count; i += 2) {
        const Kernel *at = kernel_of_symbol(k, args[i]);
        int64_t e = 0;
        bool wave = at && (at->kind == KERNEL_COS || at->kind == KERNEL_SIN) &&
                    node_is_number(g, args[i + 1]) &&
                    value_to_int(node_number_value(g, args[i + 1]), &e) &&
                    e > 0 && e <= 8 && x.count << e <= WAVES_MOST;
        if (!wave) {
            rest = node_mul(g, rest, node_power(g, args[i], args[i + 1]));
            continue;
        }
        Node angle = node_scale(g, node_rational(g, 1, at->den), at->key);
        bool sine = at->kind == KERNEL_SIN;
        for (; e > 0; e--)
            x = times_wave(a, g, x, sine, angle);
    }
    for (size_t i = 0; i < x.count; i++) {
        Node f = apply1(g, x.at[i].sine ? OP_SIN : OP_COS, x.at[i].angle);
        f = node_mul(g, rest, node_mul(g, x.at[i].c, f));
        VEC_PUSH_IN(a, out, node_scale(g, c, f));
    }
}

/* NODE_NONE: it gets long, and no shorter than it is. */
static Node angles_of_sum(Kernels *k, Node p)
{
    Graph *g = k->g;
    Arena *a = arena_local();
    NodeList terms = {0};
    if (node_op(g, p) != OP_SUM) {
        angles_of_term(k, a, g->one, p, &terms);
    } else {
        int count = node_count(g, p);
        Node *args = node_args_copy(g, p, a);
        for (int i = 0; i < count && terms.count <= TERMS_MOST; i += 2) {
            POLL();
            angles_of_term(k, a, args[i], args[i + 1], &terms);
        }
    }
    Node y = terms.count > TERMS_MOST ? NODE_NONE
                                      : node_sum(g, (int)terms.count, terms.at);
    arena_free(a);
    return y == NODE_NONE ? y : node_expand(g, y);
}

Node rewrite_angles(Kernels *k, Node u)
{
    Graph *g = k->g;
    Node num, den;
    quotient_parts(g, u, &num, &den);
    num = angles_of_sum(k, node_expand(g, num));
    den = angles_of_sum(k, node_expand(g, den));
    if (num == NODE_NONE || den == NODE_NONE || node_is_zero(g, den))
        return NODE_NONE;
    return kernel_restore(k, rewrite_tangents(g, node_div(g, num, den)));
}

/* ---- tangents ---- */

static Node with_tangent(Graph *g, Node n, OpId sine, OpId cosine, OpId tangent)
{
    int count = node_count(g, n);
    for (int i = 2; i < count; i += 2) {
        Node s = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        if (node_op(g, s) != sine || !node_is_number(g, e))
            continue;
        Node t = node_arg(g, s, 0), c = apply1(g, cosine, t);
        for (int j = 2; j < count; j += 2) {
            Node d = node_arg(g, n, j + 1);
            if (node_arg(g, n, j) != c || !node_is_number(g, d) ||
                coef_sign(g, d) * coef_sign(g, e) >= 0)
                continue;
            Node q = node_mul(g, node_power(g, c, e),
                              node_power(g, apply1(g, tangent, t), e));
            return node_mul(g, node_div(g, n, node_power(g, s, e)), q);
        }
    }
    return n;
}

Node rewrite_tangents(Graph *g, Node n)
{
    if (node_op(g, n) == OP_MONO)
        n = with_tangent(g, n, OP_SIN, OP_COS, OP_TAN);
    if (node_op(g, n) == OP_MONO)
        n = with_tangent(g, n, OP_SINH, OP_COSH, OP_TANH);
    return n;
}

/* ---- powers and logarithms ---- */

/* 2^x*3^x as 6^x, 6^x/3^x as 2^x. */
static Node with_common_exponent(Graph *g, Node n)
{
    int count = node_count(g, n);
    for (int i = 2; i < count; i += 2)
        for (int j = i + 2; j < count; j += 2) {
            Node a = node_arg(g, n, i), b = node_arg(g, n, j);
            Node e = node_arg(g, n, i + 1), f = node_arg(g, n, j + 1);
            bool minus = f == node_neg(g, e);
            if (node_is_number(g, e) || !node_is_number(g, a) ||
                !node_is_number(g, b) || coef_sign(g, a) <= 0 ||
                coef_sign(g, b) <= 0 || (e != f && !minus))
                continue;
            Node rest = node_div(g, n, node_power(g, a, e));
            rest = node_div(g, rest, node_power(g, b, f));
            Node base = minus ? node_div(g, a, b) : node_mul(g, a, b);
            return node_mul(g, rest, node_power(g, base, e));
        }
    return n;
}

/* Whole multiples of logarithms as one. */
static Node with_one_log(Graph *g, Node n)
{
    Arena *a = arena_local();
    int count = node_count(g, n), logs = 0;
    Node *args = node_args_copy(g, n, a), in = g->one, rest = g->zero;
    for (int i = 0; i < count; i += 2) {
        Node t = args[i + 1];
        if (node_op(g, t) == OP_LOG && coef_is_integer(g, args[i])) {
            in = node_mul(g, in, node_power(g, node_arg(g, t, 0), args[i]));
            logs++;
        } else {
            rest = node_add(g, rest, node_scale(g, args[i], t));
        }
    }
    arena_free(a);
    return logs < 2 ? n : node_add(g, apply1(g, OP_LOG, in), rest);
}

/* The rational square root of the number x, or NODE_NONE. */
static Node whole_root(Graph *g, Node x)
{
    Node y = coef_sign(g, x) < 0 ? NODE_NONE : node_power(g, x, g->half);
    return y != NODE_NONE && node_is_number(g, y) ? y : NODE_NONE;
}

/* sqrt(a + r), where r^2 is rational and a^2 - r^2 = d^2: the sum or
 * difference of sqrt((a + d)/2) and sqrt((a - d)/2). */
static Node root_of_sum(Graph *g, Node base)
{
    if (node_op(g, base) != OP_SUM || node_count(g, base) != 4)
        return NODE_NONE;
    int one = node_is_one(g, node_arg(g, base, 1)) ? 0 : 2;
    Node a = node_arg(g, base, one), c = node_arg(g, base, 2 - one);
    Node square = node_power(g, node_arg(g, base, 3 - one), g->two);
    if (!node_is_one(g, node_arg(g, base, one + 1)) ||
        !node_is_number(g, square) || coef_sign(g, a) <= 0)
        return NODE_NONE;
    square = coef_mul(g, square, coef_mul(g, c, c));
    Node d = whole_root(g, coef_add(g, coef_mul(g, a, a), coef_neg(g, square)));
    if (d == NODE_NONE)
        return NODE_NONE;
    Node up = coef_mul(g, g->half, coef_add(g, a, d));
    Node down = coef_mul(g, g->half, coef_add(g, a, coef_neg(g, d)));
    up = node_power(g, up, g->half);
    down = node_power(g, down, g->half);
    return coef_sign(g, c) > 0 ? node_add(g, up, down) : node_sub(g, up, down);
}

static Node with_plain_roots(Graph *g, Node n)
{
    for (int i = 2; i < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), y;
        if (node_arg(g, n, i + 1) == g->half &&
            (y = root_of_sum(g, base)) != NODE_NONE)
            return node_mul(g, node_div(g, n, node_power(g, base, g->half)), y);
    }
    return n;
}

Node rewrite_powers(Graph *g, Node n)
{
    if (node_op(g, n) == OP_MONO)
        return with_plain_roots(g, with_common_exponent(g, n));
    return node_op(g, n) == OP_SUM ? with_one_log(g, n) : n;
}

/* ---- regions joined ---- */

Node rewrite_joined(Graph *g, Node f, Node above, Node below, int i)
{
    Node sum = node_scale(g, g->half, node_add(g, above, below));
    Node jump = node_sub(g, above, below), both[2] = {above, below};
    Node slope = poly_cancel(g, node_div(g, jump, f));
    Node abs = apply1(g, OP_ABS, f), minus = node_neg(g, f);
    switch (i) {
    case 0:
        return node_add(g, poly_cancel(g, sum),
                        node_mul(g, node_scale(g, g->half, slope), abs));
    case 1:
        return node_add(g, below, node_mul(g, slope, apply1(g, OP_RELU, f)));
    case 2:
        return node_add(g, above,
                        node_mul(g, slope, apply1(g, OP_RELU, minus)));
    case 3:
        return node_add(g, poly_cancel(g, sum),
                        node_mul(g, apply1(g, OP_SIGN, f),
                                 poly_cancel(g, node_scale(g, g->half, jump))));
    case 4:
        return node_add(
            g, below, node_mul(g, apply1(g, OP_STEP, f), poly_cancel(g, jump)));
    case 5: /* f is a multiple of their difference */
        if (!node_is_number(g, slope))
            return NODE_NONE;
        return node_apply(g, coef_sign(g, slope) > 0 ? OP_MAX : OP_MIN, 2,
                          both);
    default:
        return NODE_NONE;
    }
}

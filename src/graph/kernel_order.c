/*
 * kernel_order.c - comparisons: what decides between the arms of a choice,
 * and signs of differences by monotony
 */
#include "graph/binder.h"
#include "graph/internal.h"
#include "graph/kernel.h"
#include "value/number.h"

enum { POWER_MOST = 8 };

/* ---- choices ---- */

/* The sign of b - a; 2 if there is none. */
static int order_of(Kernels *k, Node c)
{
    Graph *g = k->g;
    Node a = kernel_image(k, node_arg(g, c, 0));
    Node b = kernel_image(k, node_arg(g, c, 1));
    int s = kernel_sign(k, kernel_clean(k, node_sub(g, b, a)));
    return k->want != NODE_NONE || k->undefined ? 2 : s;
}

static int truth_of_all(Kernels *k, Node c, bool all)
{
    int y = all;
    for (int i = 0; i < node_count(k->g, c); i++) {
        int t = kernel_truth(k, node_arg(k->g, c, i));
        if (t < 0)
            return t;
        y = all ? y && t : y || t;
    }
    return y;
}

int kernel_truth(Kernels *k, Node c)
{
    Graph *g = k->g;
    OpId op = node_op(g, c);
    int s;
    depth_check();
    switch ((int)op) {
    case OP_NUM:
        return !node_is_zero(g, c);
    case OP_AND:
    case OP_OR:
        return truth_of_all(k, c, op == OP_AND);
    case OP_NOT:
        s = kernel_truth(k, node_arg(g, c, 0));
        return s < 0 ? s : !s;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
        s = order_of(k, c);
        break;
    default:
        return -1;
    }
    if (s == 2)
        return -1;
    return op == OP_LT   ? s > 0
           : op == OP_LE ? s >= 0
           : op == OP_EQ ? s == 0
                         : s != 0;
}

Node kernel_choice(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node choice = node_arg(g, n, 0);
    if (node_op(g, n) != OP_PROJ || node_op(g, choice) != OP_IF ||
        !node_is_scalar(g, node_arg(g, choice, 0)))
        return kernel_symbol(k, KERNEL_OTHER, n, 1);
    int t = kernel_truth(k, node_arg(g, choice, 0));
    if (k->want != NODE_NONE || k->undefined)
        return g->one;
    if (t < 0)
        return kernel_symbol(k, KERNEL_OTHER, n, 1);
    Node *arm = choice_open(g, choice, !t, k->arena);
    return kernel_image(k, arm[result_number(g, n)]);
}

/* ---- signs by monotony ---- */

/* The exponent of a product of exponentials, 0 of the number 1. */
static bool exponent_of(Kernels *k, Node t, Node *y)
{
    Graph *g = k->g;
    int count = node_op(g, t) == OP_MONO ? node_count(g, t) : 4;
    *y = g->zero;
    if (node_is_one(g, t))
        return true;
    if (node_op(g, t) == OP_MONO && node_arg(g, t, 0) != g->one)
        return false;
    for (int i = 2; i < count; i += 2) {
        bool mono = node_op(g, t) == OP_MONO;
        const Kernel *at = kernel_of_symbol(k, mono ? node_arg(g, t, i) : t);
        Node e = mono ? node_arg(g, t, i + 1) : g->one;
        if (!at || at->kind != KERNEL_EXP || !node_is_number(g, e))
            return false;
        e = coef_mul(g, e, node_rational(g, 1, at->den));
        *y = node_add(g, *y, node_scale(g, e, at->key));
    }
    return true;
}

/* a*exp(s) - b*exp(t) has the sign of s - t + log(a/b). */
static Node like_exponents(Kernels *k, Node p)
{
    Graph *g = k->g;
    Node s, t;
    if (node_count(g, p) != 4)
        return NODE_NONE;
    Node a = node_arg(g, p, 0), b = node_arg(g, p, 2);
    if (coef_sign(g, a) * coef_sign(g, b) >= 0 ||
        !exponent_of(k, node_arg(g, p, 1), &s) ||
        !exponent_of(k, node_arg(g, p, 3), &t))
        return NODE_NONE;
    Node ratio = coef_neg(g, coef_mul(g, a, coef_inverse(g, b)));
    Node y = node_add(g, node_sub(g, s, t), kernel_log(k, ratio));
    return coef_sign(g, a) > 0 ? y : node_neg(g, y);
}

/* |p|^(c*times) for the c of c*log|p|. */
static bool raise_log(Kernels *k, Node c, Node log, int64_t times, Node *up,
                      Node *down)
{
    Graph *g = k->g;
    const Kernel *at = kernel_of_symbol(k, log);
    int64_t e;
    Value v = number_binary(BIN_MUL, node_number_value(g, c), value_int(times));
    if (!at || at->kind != KERNEL_LOG || !value_to_int(v, &e) ||
        e > POWER_MOST || e < -POWER_MOST)
        return false;
    Node p = at->key;
    int s = kernel_quiet_sign(k, p);
    if (s != 1 && s != -1)
        return false;
    Node *to = e > 0 ? up : down;
    p = node_power(g, s > 0 ? p : node_neg(g, p), node_int(g, e > 0 ? e : -e));
    *to = node_mul(g, *to, p);
    return true;
}

/* log|a| - log|b| has the sign of |a| - |b|. */
static Node like_logarithms(Kernels *k, Node p)
{
    Graph *g = k->g;
    Node up = g->one, down = g->one;
    int64_t times = 1, den;
    bool sum = node_op(g, p) == OP_SUM;
    int count = sum ? node_count(g, p) : 2;
    for (int i = 0; i < count && sum; i += 2) {
        Value v = node_number_value(g, node_arg(g, p, i));
        if (!value_to_int(number_denominator(v), &den) || den > POWER_MOST)
            return NODE_NONE;
        times = times / (int64_t)int_gcd(times, den) * den;
    }
    for (int i = 0; i < count; i += 2)
        if (!raise_log(k, sum ? node_arg(g, p, i) : g->one,
                       sum ? node_arg(g, p, i + 1) : p, times, &up, &down))
            return NODE_NONE;
    return node_sub(g, up, down);
}

Node kernel_like_sign(Kernels *k, Node p)
{
    Graph *g = k->g;
    const Kernel *at = kernel_of_symbol(k, p);
    if (at && (at->kind == KERNEL_ASIN || at->kind == KERNEL_ATAN))
        return at->key;
    if (!at && node_op(g, p) != OP_SUM)
        return NODE_NONE;
    Node y = at ? NODE_NONE : like_exponents(k, p);
    return y != NODE_NONE ? y : like_logarithms(k, p);
}

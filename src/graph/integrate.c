#include "graph/integrate.h"

#include <math.h>

#include "graph/diff.h"
#include "graph/integrate_parts.h"
#include "graph/probe.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum {
    INTEGRAL_DEPTH = 9,
    INTEGRAL_WORK = 2500,
    SUBSTITUTIONS = 2,
    CANDIDATES = 12
};

/* ---- what the methods share ---- */

Node integral_variable(Integral *w, unsigned sign)
{
    *w->work -= 1;
    const char *text = arena_printf(w->arena, "integral %d", *w->work);
    return node_symbol(w->g, name_of(text), (Shape){1, 1}, sign);
}

Node integral_replace(Integral *w, Node e, Node from, Node to)
{
    return node_substitute(w->g, e, 1, &from, &to);
}

Node integral_through(Integral *w, Node e, Node t, Node u)
{
    Integral k = *w;
    k.x = t;
    k.depth++;
    Node y = integral_of(&k, e);
    return y == NODE_NONE ? y : integral_replace(w, y, t, u);
}

int64_t integral_coefficients(Integral *w, Node n, Node **c)
{
    Graph *g = w->g;
    int64_t degree = -1;
    Protect p;
    if (PROTECT(&p)) {
        degree = poly_coefficients(g, n, w->x, w->arena, c);
        protect_end(&p);
    } else if (context_error()->code != ERR_ARGUMENT &&
               context_error()->code != ERR_LIMIT) {
        error_again();
    } else {
        return -1;
    }
    for (int64_t i = 0; i <= degree; i++)
        if (node_depends(g, (*c)[i], w->x))
            return -1;
    return degree > INTEGRAL_DEGREE ? -1 : degree;
}

bool integral_linear(Integral *w, Node n, Node *a, Node *b)
{
    Graph *g = w->g;
    Node zero = node_int(g, 0);
    *a = node_expand(g, diff_scalar(g, n, w->x));
    if (node_depends(g, *a, w->x) || node_is_zero(g, *a))
        return false;
    *b = integral_replace(w, n, w->x, zero);
    return true;
}

int integral_sign(Integral *w, Node n)
{
    double v;
    if (node_constant_value(w->g, n, &v))
        return probe_zero(w->g, n) == ZERO_YES ? 0 : v > 0 ? 1 : -1;
    switch (node_sign(w->g, n)) {
    case SIGN_POSITIVE:
    case SIGN_NONNEGATIVE: /* as 4*a^2: 0 for no values but special ones */
        return 1;
    case SIGN_NEGATIVE:
    case SIGN_NONPOSITIVE:
        return -1;
    case SIGN_ZERO:
        return 0;
    default:
        return 2;
    }
}

/* A quadratic without real roots has the sign of its leading coefficient. */
static bool stays_positive(Integral *w, Node n)
{
    Graph *g = w->g;
    Node *c;
    if (node_sign(g, n) == SIGN_POSITIVE)
        return true;
    if (integral_coefficients(w, n, &c) != 2 || integral_sign(w, c[2]) != 1)
        return false;
    Node d = node_sub(g, node_mul(g, c[1], c[1]),
                      node_mul(g, node_int(g, 4), node_mul(g, c[2], c[0])));
    return integral_sign(w, poly_cancel(g, d)) == -1;
}

Node integral_log(Integral *w, Node n)
{
    if (!stays_positive(w, n))
        n = node_apply(w->g, OP_ABS, 1, &n);
    return node_apply(w->g, OP_LOG, 1, &n);
}

/* ---- the table: f(u) for f a function or power, u = a*x + b ---- */

static Node apply(Integral *w, OpId op, Node u)
{
    return node_apply(w->g, op, 1, &u);
}

/* The antiderivative of op(u) by u; NODE_NONE if it is not of the table. */
static Node table(Integral *w, OpId op, Node u)
{
    Graph *g = w->g;
    Node half = node_rational(g, 1, 2);
    switch (op) {
    case OP_EXP:
        return apply(w, OP_EXP, u);
    case OP_SIN:
        return node_neg(g, apply(w, OP_COS, u));
    case OP_COS:
        return apply(w, OP_SIN, u);
    case OP_TAN:
        return node_neg(g, integral_log(w, apply(w, OP_COS, u)));
    case OP_SINH:
        return apply(w, OP_COSH, u);
    case OP_COSH:
        return apply(w, OP_SINH, u);
    case OP_TANH:
        return apply(w, OP_LOG, apply(w, OP_COSH, u));
    case OP_SIGMOID:
        return apply(w, OP_SOFTPLUS, u);
    case OP_EXPM1:
        return node_sub(g, apply(w, OP_EXP, u), u);
    case OP_ABS:
        return node_mul(g, half, node_mul(g, u, apply(w, OP_ABS, u)));
    case OP_RELU: {
        Node r = apply(w, OP_RELU, u);
        return node_mul(g, half, node_mul(g, r, r));
    }
    case OP_SIGN:
        return apply(w, OP_ABS, u);
    case OP_STEP:
        return apply(w, OP_RELU, u);
    default:
        return NODE_NONE;
    }
}

static Node by_table(Integral *w, Node e)
{
    Graph *g = w->g;
    Node a, b, y = NODE_NONE;
    OpId op = node_op(g, e);
    if (op == OP_SYM)
        return node_mul(g, node_rational(g, 1, 2), node_mul(g, e, e));
    if (op == OP_MONO && node_count(g, e) == 4) {
        Node u = node_arg(g, e, 2), k = node_arg(g, e, 3);
        Node one = node_int(g, 1), c = node_arg(g, e, 0);
        if (node_depends(g, k, w->x) || !integral_linear(w, u, &a, &b))
            return NODE_NONE;
        Node k1 = node_add(g, k, one);
        if (node_is_zero(g, k1))
            y = integral_log(w, u);
        else
            y = node_div(g, node_power(g, u, k1), k1);
        return node_div(g, node_mul(g, c, y), a);
    }
    if (op_table[op].class != CLASS_ELEMENTWISE || node_count(g, e) != 1)
        return NODE_NONE;
    Node u = node_arg(g, e, 0);
    if (!integral_linear(w, u, &a, &b))
        return NODE_NONE;
    y = table(w, op, u);
    return y == NODE_NONE ? y : node_div(g, y, a);
}

/* ---- substitution ---- */

static int add_candidate(Integral *w, Node n, int count, Node found[])
{
    for (int i = 0; i < count; i++)
        if (found[i] == n)
            return count;
    if (count < CANDIDATES && n != w->x && node_depends(w->g, n, w->x))
        found[count++] = n;
    return count;
}

static bool hides_exp(OpId op)
{
    return op == OP_SIGMOID || op == OP_TANH || op == OP_SOFTPLUS;
}

/* Inner functions, powers, hidden exponentials, each once. */
static int candidates(Integral *w, Node n, int count, Node found[])
{
    Graph *g = w->g;
    if (!node_depends(g, n, w->x) || n == w->x)
        return count;
    depth_check();
    const Node *arg = node_args_copy(g, n, w->arena);
    for (int i = 0; i < node_count(g, n); i++)
        count = candidates(w, arg[i], count, found);
    for (int i = 2; node_op(g, n) == OP_MONO && i < node_count(g, n); i += 2)
        count =
            add_candidate(w, node_power(g, arg[i], arg[i + 1]), count, found);
    if (hides_exp(node_op(g, n)))
        count = add_candidate(w, node_apply(g, OP_EXP, 1, arg), count, found);
    return add_candidate(w, n, count, found);
}

/* exp(v) as t^k for every exponential whose exponent is k times that of u. */
static Node replace_exponentials(Integral *w, Node e, Node n, Node v, Node t)
{
    Graph *g = w->g;
    if (!node_depends(g, n, w->x))
        return e;
    depth_check();
    const Node *arg = node_args_copy(g, n, w->arena);
    for (int i = 0; i < node_count(g, n); i++)
        e = replace_exponentials(w, e, arg[i], v, t);
    OpId op = node_op(g, n);
    if (op != OP_EXP && !hides_exp(op))
        return e;
    Node k = poly_cancel(g, node_div(g, arg[0], v)), one = node_int(g, 1);
    if (!node_is_number(g, k))
        return e;
    Node y = node_power(g, t, k), plus = node_add(g, one, y);
    if (op == OP_SIGMOID)
        y = node_div(g, y, plus);
    else if (op == OP_SOFTPLUS)
        y = apply(w, OP_LOG, plus);
    else if (op == OP_TANH)
        y = node_div(g, node_sub(g, node_mul(g, y, y), one),
                     node_add(g, node_mul(g, y, y), one));
    return integral_replace(w, e, n, y);
}

/* e in terms of t = u, where the powers of u hide. */
static Node express(Integral *w, Node e, Node u, Node t)
{
    Graph *g = w->g;
    Node y = integral_replace(w, e, u, t);
    if (node_op(g, u) == OP_EXP)
        y = replace_exponentials(w, y, y, node_arg(g, u, 0), t);
    if (node_op(g, u) == OP_LOG && node_arg(g, u, 0) == w->x)
        y = integral_replace(w, y, w->x, apply(w, OP_EXP, t));
    bool power = node_op(g, u) == OP_MONO && node_count(g, u) == 4 &&
                 node_arg(g, u, 2) == w->x && node_is_one(g, node_arg(g, u, 0));
    if (power && node_depends(g, y, w->x)) {
        Node k = node_power(g, node_arg(g, u, 3), node_int(g, -1));
        y = integral_replace(w, y, w->x, node_power(g, t, k));
    }
    return y;
}

/* e = f(u)*u': the integral of f. */
static Node by_substitution(Integral *w, Node e)
{
    Graph *g = w->g;
    Node found[CANDIDATES];
    int n = candidates(w, e, 0, found);
    if (w->nested >= w->substitutions)
        return NODE_NONE;
    Integral inner = *w;
    inner.nested++;
    for (int i = n - 1; i >= 0; i--) {
        Node u = found[i];
        if (u == e)
            continue;
        Node slope = diff_scalar(g, u, w->x);
        if (node_is_zero(g, slope) || node_op(g, slope) == OP_NUM)
            continue;
        bool exponential = node_op(g, u) == OP_EXP;
        Node t = integral_variable(
            w,
            exponential || node_sign(g, u) == SIGN_POSITIVE ? SYM_POSITIVE : 0);
        Node q = node_div(g, e, slope);
        Node f = express(w, q, u, t);
        if (node_depends(g, f, w->x))
            f = express(w, poly_cancel(g, q), u, t);
        if (node_depends(g, f, w->x))
            continue;
        Node y = integral_through(&inner, f, t, u);
        if (y != NODE_NONE)
            return y;
    }
    return NODE_NONE;
}

/* (a*x + b)^(k/m) within e: t = (a*x + b)^(1/m). */
static Node by_root(Integral *w, Node e)
{
    Graph *g = w->g;
    Node found[CANDIDATES], a, b;
    int n = candidates(w, e, 0, found);
    for (int i = 0; i < n; i++) {
        Node u = found[i];
        if (node_op(g, u) != OP_MONO || node_count(g, u) != 4 ||
            !node_is_one(g, node_arg(g, u, 0)))
            continue;
        double k;
        Node base = node_arg(g, u, 2);
        if (!node_constant_value(g, node_arg(g, u, 3), &k) || k == floor(k) ||
            !integral_linear(w, base, &a, &b))
            continue;
        int m = 2;
        while (m < 13 && fabs(m * k - round(m * k)) > 1e-9)
            m++;
        if (m == 13)
            continue;
        Node t = integral_variable(w, SYM_POSITIVE);
        Node x =
            node_div(g, node_sub(g, node_power(g, t, node_int(g, m)), b), a);
        Node f = integral_replace(w, e, base, node_power(g, t, node_int(g, m)));
        f = integral_replace(w, f, w->x, x);
        Node slope =
            node_mul(g, node_int(g, m), node_power(g, t, node_int(g, m - 1)));
        f = node_div(g, node_mul(g, f, slope), a);
        if (node_depends(g, f, w->x))
            continue;
        Node y = integral_through(w, f, t,
                                  node_power(g, base, node_rational(g, 1, m)));
        if (y != NODE_NONE)
            return y;
    }
    return NODE_NONE;
}

/* ---- by parts ---- */

static bool is_for_parts(OpId op)
{
    return op == OP_LOG || op == OP_LOG1P || op == OP_LOG2 || op == OP_LOG10 ||
           op == OP_ATAN || op == OP_ASIN || op == OP_ACOS || op == OP_ASINH ||
           op == OP_ACOSH || op == OP_ATANH || op == OP_ERF || op == OP_ERFC;
}

/* f*R - integral of f'*R, f a logarithm or arc function, R' the rest. */
static Node by_parts(Integral *w, Node e)
{
    Graph *g = w->g;
    Node f = NODE_NONE;
    if (is_for_parts(node_op(g, e)))
        f = e;
    for (int i = 2; node_op(g, e) == OP_MONO && i < node_count(g, e); i += 2) {
        double k;
        if (is_for_parts(node_op(g, node_arg(g, e, i))) &&
            node_constant_value(g, node_arg(g, e, i + 1), &k) && k > 0 &&
            k == floor(k))
            f = node_power(g, node_arg(g, e, i), node_arg(g, e, i + 1));
    }
    if (f == NODE_NONE)
        return f;
    Node rest = integral_of(w, node_div(g, e, f));
    if (rest == NODE_NONE)
        return rest;
    Node left = node_mul(g, diff_scalar(g, f, w->x), rest);
    Node more = integral_of(w, poly_cancel(g, left));
    if (more == NODE_NONE)
        return more;
    return node_sub(g, node_mul(g, f, rest), more);
}

/* ---- rewriting ---- */

/* sinh and cosh as exponentials. */
static Node as_exponentials(Integral *w, Node n)
{
    Graph *g = w->g;
    Node found[CANDIDATES], half = node_rational(g, 1, 2);
    int count = candidates(w, n, 0, found);
    for (int i = count - 1; i >= 0; i--) {
        Node u = found[i];
        OpId op = node_op(g, u);
        if (op != OP_SINH && op != OP_COSH)
            continue;
        Node v = node_arg(g, u, 0);
        Node up = apply(w, OP_EXP, v), down = apply(w, OP_EXP, node_neg(g, v));
        Node y = op == OP_SINH ? node_sub(g, up, down) : node_add(g, up, down);
        n = integral_replace(w, n, u, node_mul(g, half, y));
    }
    return n;
}

/* sin(a)*cos(b) = (sin(a + b) + sin(a - b))/2 and its like. */
static Node product_to_sum(Integral *w, Node e)
{
    Graph *g = w->g;
    int place[2], count = 0;
    if (node_op(g, e) != OP_MONO)
        return e;
    const Node *arg = node_args_copy(g, e, w->arena);
    for (int i = 2; i < node_count(g, e); i += 2) {
        OpId op = node_op(g, arg[i]);
        if ((op == OP_SIN || op == OP_COS) && count < 2 &&
            node_is_one(g, arg[i + 1]))
            place[count++] = i;
    }
    if (count < 2)
        return e;
    Node u = node_arg(g, arg[place[0]], 0), v = node_arg(g, arg[place[1]], 0);
    bool sine_u = node_op(g, arg[place[0]]) == OP_SIN;
    bool sine_v = node_op(g, arg[place[1]]) == OP_SIN;
    OpId op = sine_u == sine_v ? OP_COS : OP_SIN;
    Node plus = apply(w, op, node_add(g, u, v));
    Node minus = apply(w, op, node_sub(g, u, v));
    Node s = sine_u && sine_v   ? node_sub(g, minus, plus)
             : sine_u == sine_v ? node_add(g, plus, minus)
             : sine_u           ? node_add(g, plus, minus)
                                : node_sub(g, plus, minus);
    Node rest = node_div(g, e, node_mul(g, arg[place[0]], arg[place[1]]));
    return node_mul(g, node_mul(g, node_rational(g, 1, 2), rest), s);
}

/* b^k as exp(k*log(b)), and back. */
static Node by_base(Integral *w, Node e)
{
    Graph *g = w->g;
    if (node_op(g, e) != OP_MONO)
        return NODE_NONE;
    const Node *arg = node_args_copy(g, e, w->arena);
    for (int i = 2; i < node_count(g, e); i += 2) {
        if (node_depends(g, arg[i], w->x) || !node_depends(g, arg[i + 1], w->x))
            continue;
        Node u = node_power(g, arg[i], arg[i + 1]);
        Node k = node_mul(g, apply(w, OP_LOG, arg[i]), arg[i + 1]);
        Node f = apply(w, OP_EXP, k);
        Node y = integral_of(w, node_mul(g, node_div(g, e, u), f));
        if (y != NODE_NONE)
            return integral_replace(w, y, f, u);
    }
    return NODE_NONE;
}

/* The whole is the derivative of a part of it, but for a factor. */
static Node by_inspection(Integral *w, Node e)
{
    Graph *g = w->g;
    Node found[CANDIDATES];
    int n = candidates(w, e, 0, found);
    for (int i = 0; i < n; i++) {
        Node slope = diff_scalar(g, found[i], w->x);
        if (node_is_zero(g, slope))
            continue;
        Node q = poly_cancel(g, node_div(g, e, slope));
        if (!node_depends(g, q, w->x))
            return node_mul(g, q, found[i]);
    }
    return NODE_NONE;
}

/* tanh^k = tanh^(k-2) - tanh^(k-2)*tanh' */
static Node by_tanh(Integral *w, Node e)
{
    Graph *g = w->g;
    double k;
    Node a, b;
    if (node_op(g, e) != OP_MONO || node_count(g, e) != 4 ||
        node_op(g, node_arg(g, e, 2)) != OP_TANH ||
        !node_constant_value(g, node_arg(g, e, 3), &k) || k != floor(k) ||
        k < 2 || k > INTEGRAL_DEGREE)
        return NODE_NONE;
    Node c = node_arg(g, e, 0), t = node_arg(g, e, 2);
    if (!integral_linear(w, node_arg(g, t, 0), &a, &b))
        return NODE_NONE;
    int n = (int)k;
    Node rest = integral_of(w, node_power(g, t, node_int(g, n - 2)));
    if (rest == NODE_NONE)
        return rest;
    Node top = node_div(g, node_power(g, t, node_int(g, n - 1)),
                        node_mul(g, a, node_int(g, n - 1)));
    return node_mul(g, c, node_sub(g, rest, top));
}

static Node by_powers(Integral *w, Node e)
{
    Graph *g = w->g;
    Node *c, y = node_int(g, 0);
    int64_t n = integral_coefficients(w, e, &c);
    if (n < 0)
        return NODE_NONE;
    for (int64_t k = 0; k <= n; k++) {
        Node p = node_power(g, w->x, node_int(g, k + 1));
        y = node_add(g, y,
                     node_mul(g, node_div(g, c[k], node_int(g, k + 1)), p));
    }
    return y;
}

/* sin^2 and cos^2 by the cosine of twice the angle. */
static Node double_angles(Integral *w, Node e)
{
    Graph *g = w->g;
    if (node_op(g, e) != OP_MONO)
        return e;
    const Node *arg = node_args_copy(g, e, w->arena);
    Node y = e, one = node_int(g, 1);
    for (int i = 2; i < node_count(g, e); i += 2) {
        double k;
        OpId op = node_op(g, arg[i]);
        if ((op != OP_SIN && op != OP_COS) ||
            !node_constant_value(g, arg[i + 1], &k) || k < 2 ||
            k > INTEGRAL_DEGREE || k / 2 != floor(k / 2))
            continue;
        Node c = node_mul(g, node_int(g, 2), node_arg(g, arg[i], 0));
        c = apply(w, OP_COS, c);
        Node s = op == OP_SIN ? node_sub(g, one, c) : node_add(g, one, c);
        s = node_mul(g, node_rational(g, 1, 2), s);
        y = node_div(g, y, node_power(g, arg[i], arg[i + 1]));
        y = node_mul(g, y, node_power(g, s, node_int(g, (int64_t)k / 2)));
    }
    return y;
}

static Node by_rewriting(Integral *w, Node e)
{
    Graph *g = w->g;
    Node other[5] = {node_expand(g, e), product_to_sum(w, e),
                     double_angles(w, e), as_exponentials(w, e),
                     poly_cancel(g, e)};
    for (int i = 0; i < 5; i++) {
        if (other[i] == e)
            continue;
        Node y = integral_of(w, i == 4 ? other[i] : node_expand(g, other[i]));
        if (y != NODE_NONE)
            return y;
    }
    return NODE_NONE;
}

/* ---- the order of the methods ---- */

static Node of_sum(Integral *w, Node e)
{
    Graph *g = w->g;
    int n = node_count(g, e);
    const Node *arg = node_args_copy(g, e, w->arena);
    Node y = node_int(g, 0);
    for (int i = 0; i < n; i += 2) {
        Node f = integral_of(w, arg[i + 1]);
        if (f == NODE_NONE)
            return f;
        y = node_add(g, y, node_mul(g, arg[i], f));
    }
    return y;
}

/* Factors free of x go before the integral. */
static Node take_constant(Integral *w, Node e, Node *constant)
{
    Graph *g = w->g;
    *constant = node_int(g, 1);
    if (node_op(g, e) != OP_MONO)
        return e;
    const Node *arg = node_args_copy(g, e, w->arena);
    *constant = arg[0];
    for (int i = 2; i < node_count(g, e); i += 2)
        if (!node_depends(g, arg[i], w->x) &&
            !node_depends(g, arg[i + 1], w->x))
            *constant =
                node_mul(g, *constant, node_power(g, arg[i], arg[i + 1]));
    return node_div(g, e, *constant);
}

Node integral_of(Integral *w, Node e)
{
    static Node (*const method[])(Integral *, Node) = {
        by_table,          by_tanh,        by_powers,
        integral_exp_trig, integral_gauss, integral_rational,
        integral_root,     integral_trig,  by_root,
        by_substitution,   by_base,        by_parts,
        integral_kinked,   by_rewriting,   integral_half_angle,
    };
    Graph *g = w->g;
    POLL();
    depth_check();
    if (!node_depends(g, e, w->x))
        return node_mul(g, e, w->x);
    if (w->depth > INTEGRAL_DEPTH || --*w->work < 0 || node_size(g, e) > 2000)
        return NODE_NONE;
    Integral k = *w;
    k.depth++;
    if (node_op(g, e) == OP_SUM) {
        Node y = by_inspection(&k, e);
        if (y == NODE_NONE)
            y = of_sum(&k, e);
        if (y != NODE_NONE)
            return y;
    }
    Node c;
    e = take_constant(&k, e, &c);
    for (size_t i = 0; i < sizeof method / sizeof *method; i++) {
        Node y = method[i](&k, e);
        if (y != NODE_NONE)
            return node_mul(g, c, y);
    }
    return NODE_NONE;
}

/* Is F' = e, at points of both signs where both have values? */
static bool is_verified(Graph *g, Node f, Node e, Node x)
{
    Arena *a = arena_local();
    Node slope = diff_scalar(g, f, x), *symbol;
    int count = node_symbols(g, e, a, &symbol);
    double *value = ARENA_ARRAY(a, double, (size_t)count + 1);
    int good = 0;
    bool wrong = false;
    for (int k = 0; k < 24 && !wrong; k++) {
        Probe p, q;
        for (int i = 0; i < count; i++) {
            double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
            bool positive = node_symbol_flags(g, symbol[i]) &
                            (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER);
            value[i] = (0.1 + 3 * r * r) * (positive || k % 4 < 2 ? 1 : -1);
            if (symbol[i] != x)
                value[i] = (0.3 + r) * (positive || k % 8 < 4 ? 1 : -1);
        }
        if (!probe_value(g, slope, count, symbol, value, &p) ||
            !probe_value(g, e, count, symbol, value, &q))
            break;
        if (!isfinite(q.value) || !isfinite(p.value) || !isfinite(p.error) ||
            !isfinite(q.error))
            continue;
        double size = 1e-9 * (fabs(p.value) + fabs(q.value));
        double d = fabs(p.value - q.value);
        if (p.error + q.error > 1e-3 * (fabs(q.value) + 1e-6))
            continue;
        wrong = d > size + 20 * (p.error + q.error);
        good++;
    }
    arena_free(a);
    return !wrong && good >= 3;
}

/* Constants of integration are left out. */
static Node without_constant(Graph *g, Node n, Node x)
{
    Node y = n;
    for (int i = 0; node_op(g, n) == OP_SUM && i < node_count(g, n); i += 2)
        if (!node_depends(g, node_arg(g, n, i + 1), x))
            y = node_sub(
                g, y, node_scale(g, node_arg(g, n, i), node_arg(g, n, i + 1)));
    return y;
}

Node node_integrate(Graph *g, Node e, Node x)
{
    Node y = NODE_NONE;
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        for (int k = 0; y == NODE_NONE && k <= SUBSTITUTIONS; k++) {
            int work = INTEGRAL_WORK;
            Integral w = {
                .g = g, .arena = a, .x = x, .substitutions = k, .work = &work};
            y = integral_of(&w, e);
        }
        if (y != NODE_NONE)
            y = without_constant(g, y, x);
        if (y != NODE_NONE && node_depends(g, e, x) && !is_verified(g, y, e, x))
            y = NODE_NONE;
        arena_free(a);
        protect_end(&p);
    } else {
        ErrorCode c = context_error()->code;
        if (c != ERR_DOMAIN && c != ERR_LIMIT && c != ERR_DIFF &&
            c != ERR_ARGUMENT)
            error_again();
        return NODE_NONE;
    }
    return y == NODE_NONE ? y : node_textbook(g, y);
}

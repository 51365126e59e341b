/*
 * kernel_image.c - formulas to images, operator by operator
 */
#include <math.h>

#include "graph/internal.h"
#include "graph/kernel.h"
#include "graph/simplify.h"
#include "value/number.h"

static Node image_arg(Kernels *k, Node n, int i)
{
    return kernel_image(k, node_arg(k->g, n, i));
}

static Node clean_arg(Kernels *k, Node n, int i)
{
    return kernel_clean(k, image_arg(k, n, i));
}

static Node other(Kernels *k, Node key)
{
    return kernel_symbol(k, KERNEL_OTHER, key, 1);
}

/* ---- arithmetic ---- */

static Node image_number(Kernels *k, Node n)
{
    Value v = node_number_value(k->g, n);
    if (value_is_exact(v))
        return n;
    if (!isfinite(value_to_double(v)))
        error_raise(SPAN_NONE, ERR_LIMIT, "not a finite number");
    return node_number(k->g, number_to_exact(v));
}

static Node image_power(Kernels *k, Node base, Node exponent)
{
    Graph *g = k->g;
    Node b = kernel_image(k, base), e = kernel_image(k, exponent);
    int64_t n;
    if (node_is_number(g, e)) {
        Value v = node_number_value(g, e);
        if (number_is_integer(v) && value_to_int(v, &n))
            return kernel_power(k, n < 0 ? kernel_clean(k, b) : b, n);
        return kernel_root(k, kernel_clean(k, b), v);
    }
    return kernel_general_power(k, kernel_clean(k, b), e);
}

static Node image_sum(Kernels *k, Node n)
{
    Graph *g = k->g;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, k->arena), y = g->zero;
    for (int i = 0; i < count; i += 2)
        y = node_add(g, y,
                     node_mul(g, image_number(k, args[i]),
                              kernel_image(k, args[i + 1])));
    return y;
}

static Node image_product(Kernels *k, Node n, int first)
{
    Graph *g = k->g;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, k->arena), y = g->one;
    for (int i = 0; i < first; i++)
        y = node_mul(g, y, kernel_image(k, args[i]));
    for (int i = first; i < count; i += 2)
        y = node_mul(g, y, image_power(k, args[i], args[i + 1]));
    return y;
}

/* ---- kinks ---- */

static Node image_kink(Kernels *k, OpId op, Node u)
{
    Graph *g = k->g;
    if (op == OP_RELU || op == OP_ABS) {
        int s = kernel_sign(k, u);
        return s > 0 ? u : op == OP_ABS && s < 0 ? node_neg(g, u) : g->zero;
    }
    int s = kernel_sign(k, u);
    return node_int(g, op == OP_STEP ? s > 0 : s);
}

static Node image_extreme(Kernels *k, Node n, bool max)
{
    Node a = clean_arg(k, n, 0), b = clean_arg(k, n, 1);
    int s = kernel_sign(k, kernel_clean(k, node_sub(k->g, a, b)));
    return (s >= 0) == max ? a : b;
}

/* ---- functions by exponentials and logarithms ---- */

static Node log_base(Kernels *k, Node n, int64_t base)
{
    Graph *g = k->g;
    Node b = kernel_log(k, node_int(g, base));
    return node_div(g, kernel_log(k, clean_arg(k, n, 0)), b);
}

static Node image_hyperbolic(Kernels *k, OpId op, Node u)
{
    Graph *g = k->g;
    Node e = kernel_exp(k, u), d = kernel_power(k, e, -1);
    Node s = node_sub(g, e, d), c = node_add(g, e, d);
    if (op == OP_TANH)
        return node_div(g, s, c);
    return node_mul(g, g->half, op == OP_SINH ? s : c);
}

/* log(u + sqrt(u^2 + c)) */
static Node log_with_root(Kernels *k, Node u, Node c)
{
    Graph *g = k->g;
    Node in = node_add(g, node_power(g, u, g->two), c);
    Node root =
        kernel_root(k, kernel_clean(k, in), node_number_value(g, g->half));
    return kernel_log(k, kernel_clean(k, node_add(g, u, root)));
}

static Node image_area(Kernels *k, OpId op, Node u)
{
    Graph *g = k->g;
    if (op == OP_ASINH)
        return node_is_negative_form(g, u)
                   ? node_neg(g, log_with_root(k, node_neg(g, u), g->one))
                   : log_with_root(k, u, g->one);
    if (op == OP_ACOSH) {
        kernel_demand(k, kernel_clean(k, node_sub(g, u, g->one)), true);
        return k->undefined ? u : log_with_root(k, u, g->minus_one);
    }
    Node up = kernel_clean(k, node_add(g, g->one, u));
    Node down = kernel_clean(k, node_sub(g, g->one, u));
    return node_mul(g, g->half,
                    node_sub(g, kernel_log(k, up), kernel_log(k, down)));
}

static Node image_exponential(Kernels *k, OpId op, Node u)
{
    Graph *g = k->g;
    Node e = kernel_exp(k, u);
    Node up = node_add(g, g->one, e);
    switch ((int)op) {
    case OP_EXP:
        return e;
    case OP_EXPM1:
        return node_sub(g, e, g->one);
    case OP_SIGMOID:
        return node_div(g, e, up);
    default:
        return kernel_log(k, kernel_clean(k, up));
    }
}

static Node image_circular(Kernels *k, OpId op, Node u)
{
    Node c, s;
    kernel_circle(k, u, &c, &s);
    if (op == OP_SIN)
        return s;
    return op == OP_COS ? c : node_mul(k->g, s, kernel_power(k, c, -1));
}

/* atan2(u, v) by the half plane in which the point (v, u) lies. */
static Node image_polar(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node u = clean_arg(k, n, 0), v = clean_arg(k, n, 1);
    int right = kernel_sign(k, v);
    if (right > 0)
        return kernel_atan(k, node_div(g, u, v));
    int up = kernel_sign(k, u);
    Node turn = kernel_image(k, node_apply(g, OP_PI, 0, NULL));
    if (right == 0)
        return node_scale(g, node_rational(g, up, 2), turn);
    if (up == 0)
        return turn;
    return node_add(g, node_scale(g, node_int(g, up), turn),
                    kernel_atan(k, node_div(g, u, v)));
}

/* ---- gamma ---- */

/* u = v + shift with a constant term of v in [0, 1). */
static int64_t shift_of(Kernels *k, Node u, Node *v)
{
    Graph *g = k->g;
    int64_t y = 0;
    *v = u;
    if (node_op(g, u) != OP_SUM)
        return 0;
    for (int i = 0; i < node_count(g, u); i += 2)
        if (node_is_one(g, node_arg(g, u, i + 1)) &&
            !value_to_int(number_floor(node_number_value(g, node_arg(g, u, i))),
                          &y))
            y = 0;
    if (y > 20 || y < -20)
        y = 0;
    *v = node_sub(g, u, node_int(g, y));
    return y;
}

/* gamma(u + 1) = u*gamma(u) */
static Node image_gamma(Kernels *k, Node u)
{
    Graph *g = k->g;
    Node v, y;
    int64_t n = shift_of(k, u, &v);
    Node known = node_apply(g, OP_GAMMA, 1, &v);
    y = node_op(g, known) == OP_GAMMA ? other(k, known)
                                      : kernel_image(k, known);
    for (int64_t i = 0; i < n; i++)
        y = node_mul(g, y, node_add(g, v, node_int(g, i)));
    for (int64_t i = n; i < 0; i++)
        y = node_div(g, y, node_add(g, v, node_int(g, i)));
    return y;
}

/* ---- whole numbers ---- */

/* floor(u + 1) = floor(u) + 1 */
static Node image_floor(Kernels *k, Node u)
{
    Node v;
    int64_t n = shift_of(k, u, &v);
    Node y = node_apply(k->g, OP_FLOOR, 1, &v);
    y = node_op(k->g, y) == OP_FLOOR ? other(k, y) : kernel_image(k, y);
    return node_add(k->g, y, node_int(k->g, n));
}

/* a - b*floor(a/b) */
static Node image_mod(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node a = clean_arg(k, n, 0), b = clean_arg(k, n, 1);
    Node q = kernel_clean(k, node_mul(g, a, kernel_power(k, b, -1)));
    return k->undefined ? a : node_sub(g, a, node_mul(g, b, image_floor(k, q)));
}

/* ---- arrays ---- */

/*
 * An operator without identities, its arguments in normal form.  Where that
 * made it another operator, as erf(-a) is -erf(a), the coefficient comes out.
 */
static Node image_whole(Kernels *k, Node n)
{
    Graph *g = k->g;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, k->arena), rest;
    if (op_table[node_op(g, n)].class != CLASS_ELEMENTWISE &&
        node_op(g, n) != OP_CALL)
        return other(k, n);
    for (int i = 0; i < count; i++) {
        if (!node_is_scalar(g, args[i]) && !node_is_scalar(g, n))
            return other(k, n);
        args[i] = node_is_scalar(g, args[i])
                      ? kernel_clean(k, kernel_image(k, args[i]))
                      : args[i];
    }
    Node y = node_rebuild(g, n, args);
    Node c = split_coefficient(g, y, &rest);
    return node_mul(g, c, other(k, rest));
}

/* The sum of exp over a short column that is written out, or NODE_NONE. */
static Node sum_of_exp(Kernels *k, Node a)
{
    Graph *g = k->g;
    Shape s = node_shape(g, a);
    Node sum = g->zero;
    if (node_op(g, a) != OP_STACK || s.cols != 1 || s.rows > 8)
        return NODE_NONE;
    for (int i = 1; i <= s.rows; i++) {
        Node at = node_index(g, a, node_int(g, i), g->one);
        sum = node_add(g, sum, kernel_exp(k, kernel_image(k, at)));
    }
    return kernel_clean(k, sum);
}

/* An entry of the softmax of such a column. */
static Node image_index(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node a = node_arg(g, n, 0), at = node_arg(g, n, 1);
    if (node_op(g, a) != OP_SOFTMAX || !node_is_number(g, at))
        return other(k, n);
    a = node_arg(g, a, 0);
    Node sum = sum_of_exp(k, a);
    if (sum == NODE_NONE)
        return other(k, n);
    Node top = kernel_image(k, node_index(g, a, at, g->one));
    return node_div(g, kernel_exp(k, top), sum);
}

/* Multiples of ones come out. */
static Node image_logsumexp(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node a = node_arg(g, n, 0), c = g->zero, entry;
    Node sum = sum_of_exp(k, a);
    if (sum != NODE_NONE)
        return kernel_log(k, sum);
    if (node_op(g, a) == OP_SUM) {
        Node *args = node_args_copy(g, a, k->arena);
        int count = node_count(g, a);
        for (int i = 0; i < count; i += 2) {
            Node t = node_scale(g, args[i], args[i + 1]);
            if (!node_is_fill(g, t, &entry))
                continue;
            c = node_add(g, c, entry);
            a = node_sub(g, a, t);
        }
    }
    n = node_apply(g, node_op(g, n), 1, &a);
    return node_add(g, kernel_image(k, c), other(k, n));
}

/* An entry of a softmax: exp(x - logsumexp(x)). */
static Node image_softmax(Kernels *k, Node n)
{
    Graph *g = k->g;
    Node a = node_arg(g, n, 0);
    Node l = image_logsumexp(k, node_apply(g, OP_LOGSUMEXP, 1, &a));
    return kernel_exp(k, node_sub(g, kernel_image(k, a), l));
}

/* ---- all ---- */

static Node image_function(Kernels *k, OpId op, Node n)
{
    Graph *g = k->g;
    switch ((int)op) {
    case OP_ABS:
    case OP_RELU:
    case OP_SIGN:
    case OP_STEP:
        return image_kink(k, op, clean_arg(k, n, 0));
    case OP_MAX:
    case OP_MIN:
        return image_extreme(k, n, op == OP_MAX);
    case OP_EXP:
    case OP_EXPM1:
    case OP_SIGMOID:
    case OP_SOFTPLUS:
        return image_exponential(k, op, clean_arg(k, n, 0));
    case OP_SINH:
    case OP_COSH:
    case OP_TANH:
        return image_hyperbolic(k, op, clean_arg(k, n, 0));
    case OP_ASINH:
    case OP_ACOSH:
    case OP_ATANH:
        return image_area(k, op, clean_arg(k, n, 0));
    case OP_LOG:
        return kernel_log(k, clean_arg(k, n, 0));
    case OP_LOG2:
        return log_base(k, n, 2);
    case OP_LOG10:
        return log_base(k, n, 10);
    case OP_LOG1P:
        return kernel_log(
            k, kernel_clean(k, node_add(g, g->one, image_arg(k, n, 0))));
    case OP_XLOGY:
        return node_mul(g, image_arg(k, n, 0),
                        kernel_log(k, clean_arg(k, n, 1)));
    case OP_SIN:
    case OP_COS:
    case OP_TAN:
        return image_circular(k, op, clean_arg(k, n, 0));
    case OP_ASIN:
        return kernel_asin(k, image_arg(k, n, 0));
    case OP_ACOS:
        return node_sub(
            g,
            kernel_image(k,
                         node_scale(g, g->half, node_apply(g, OP_PI, 0, NULL))),
            kernel_asin(k, image_arg(k, n, 0)));
    case OP_ATAN:
        return kernel_atan(k, image_arg(k, n, 0));
    case OP_ERFC: {
        Node a = node_arg(g, n, 0);
        return node_sub(g, g->one,
                        kernel_image(k, node_apply(g, OP_ERF, 1, &a)));
    }
    case OP_HYPOT:
        return kernel_root(
            k,
            kernel_clean(k,
                         node_add(g, node_power(g, image_arg(k, n, 0), g->two),
                                  node_power(g, image_arg(k, n, 1), g->two))),
            node_number_value(g, g->half));
    case OP_POW:
        return image_power(k, node_arg(g, n, 0), node_arg(g, n, 1));
    case OP_FLOOR:
        return image_floor(k, clean_arg(k, n, 0));
    case OP_CEIL:
        return node_neg(g, image_floor(k, node_neg(g, clean_arg(k, n, 0))));
    case OP_MOD:
        return image_mod(k, n);
    case OP_GAMMA:
        return image_gamma(k, clean_arg(k, n, 0));
    case OP_LOGSUMEXP:
        return image_logsumexp(k, n);
    case OP_SOFTMAX:
        return image_softmax(k, n);
    case OP_INDEX:
        return image_index(k, n);
    case OP_PROJ:
        return kernel_choice(k, n);
    case OP_ATAN2:
        return image_polar(k, n);
    default:
        return image_whole(k, n);
    }
}

static Node make_image(Kernels *k, Node n)
{
    Graph *g = k->g;
    OpId op = node_op(g, n);
    Node entry;
    if (op == OP_SYM && node_is_scalar(g, n))
        return n;
    if (!node_is_scalar(g, n) && node_is_fill(g, n, &entry))
        return kernel_image(k, entry);
    switch ((int)op) {
    case OP_NUM:
        return image_number(k, n);
    case OP_ZERO:
        return g->zero;
    case OP_ONES:
        return g->one;
    case OP_SUM:
        return image_sum(k, n);
    case OP_MONO:
        return image_product(k, n, 2);
    case OP_HAD:
        return image_product(k, n, 0);
    default:
        return image_function(k, op, n);
    }
}

Node kernel_image(Kernels *k, Node n)
{
    uint32_t known;
    depth_check();
    POLL();
    if (k->want != NODE_NONE || k->undefined)
        return k->g->one;
    if (node_map_get(&k->image, n, &known))
        return known;
    Node y = make_image(k, n);
    node_map_set(&k->image, n, y);
    return y;
}

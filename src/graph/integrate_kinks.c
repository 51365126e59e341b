/*
 * integrate_kinks.c - integrands with kinks and jumps
 *
 * On each side of a kink c the integrand is another formula, with the
 * antiderivatives F and G.  F(max(x, c)) + G(min(x, c)) is then one of the
 * whole, continuous at c.  Where (F - F(c)) - (G - G(c)) is a polynomial, it
 * is divisible by x - c, and abs(x - c) says the same more shortly.
 */
#include "graph/integrate_parts.h"
#include "graph/rational.h"
#include "graph/simplify.h"
#include "graph/walk.h"

/* The first kink of n: the operator's node, and whose sign decides. */
static Node find_kink(Integral *w, Node n, Node *decides)
{
    Graph *g = w->g;
    if (!node_depends(g, n, w->x))
        return NODE_NONE;
    depth_check();
    const Node *arg = node_args_copy(g, n, w->arena);
    for (int i = 0; i < node_count(g, n); i++) {
        Node y = find_kink(w, arg[i], decides);
        if (y != NODE_NONE)
            return y;
    }
    switch ((int)node_op(g, n)) {
    case OP_ABS:
    case OP_SIGN:
    case OP_STEP:
    case OP_RELU:
        *decides = arg[0];
        return n;
    case OP_MAX:
    case OP_MIN:
        *decides = node_sub(g, arg[0], arg[1]);
        return n;
    default:
        return NODE_NONE;
    }
}

/* The kinked n where `decides` has this sign. */
static Node on_side(Graph *g, Node n, int sign)
{
    Node u = node_arg(g, n, 0), zero = node_int(g, 0);
    switch ((int)node_op(g, n)) {
    case OP_ABS:
        return sign > 0 ? u : node_neg(g, u);
    case OP_SIGN:
        return node_int(g, sign);
    case OP_STEP:
        return node_int(g, sign > 0);
    case OP_RELU:
        return sign > 0 ? u : zero;
    case OP_MAX:
        return node_arg(g, n, sign > 0 ? 0 : 1);
    default:
        return node_arg(g, n, sign > 0 ? 1 : 0);
    }
}

/* Every kink at the place of `decides` is decided alike. */
static Node decide(Integral *w, Node e, Node kink, Node decides, int sign)
{
    Graph *g = w->g;
    e = integral_replace(w, e, kink, on_side(g, kink, sign));
    for (int k = 0; k < 8; k++) {
        Node other, more = find_kink(w, e, &other);
        Node q = more == NODE_NONE
                     ? NODE_NONE
                     : poly_cancel(g, node_div(g, other, decides));
        if (more == NODE_NONE || !node_is_number(g, q))
            break;
        int s = integral_sign(w, q) > 0 ? sign : -sign;
        e = integral_replace(w, e, more, on_side(g, more, s));
    }
    return e;
}

static Node with_constant_at(Integral *w, Node f, Node c)
{
    Node at = integral_replace(w, f, w->x, c);
    return node_sub(w->g, f, at);
}

/* Left of the kink c the integrand is `left`, then `right`. */
static Node join(Integral *w, Node left, Node right, Node c)
{
    Graph *g = w->g;
    Node f = integral_of(w, right), y = integral_of(w, left), *skip;
    if (f == NODE_NONE || y == NODE_NONE)
        return NODE_NONE;
    Node half = node_rational(g, 1, 2), u = node_sub(g, w->x, c);
    Node jump =
        node_sub(g, with_constant_at(w, f, c), with_constant_at(w, y, c));
    Node q = poly_cancel(g, node_div(g, node_expand(g, jump), u));
    if (integral_coefficients(w, q, &skip) >= 0) {
        Node size = node_apply(g, OP_ABS, 1, &u);
        Node mean = node_mul(g, half, node_add(g, f, y));
        return node_add(g, node_expand(g, mean),
                        node_mul(g, node_mul(g, half, q), size));
    }
    Node both[2] = {w->x, c};
    Node high = node_apply(g, OP_MAX, 2, both);
    Node low = node_apply(g, OP_MIN, 2, both);
    return node_add(g, integral_replace(w, f, w->x, high),
                    integral_replace(w, y, w->x, low));
}

/* A quadratic with two real roots as a product: the sign of each factor. */
static Node split_quadratic(Integral *w, Node e, Node kink, Node decides)
{
    Graph *g = w->g;
    Node *c;
    if (integral_coefficients(w, decides, &c) != 2)
        return NODE_NONE;
    Node d = node_sub(g, node_mul(g, c[1], c[1]),
                      node_mul(g, node_int(g, 4), node_mul(g, c[2], c[0])));
    int sign = integral_sign(w, poly_cancel(g, d));
    int top = integral_sign(w, c[2]);
    if (sign == 2 || top == 2 || top == 0)
        return NODE_NONE;
    if (sign <= 0)
        return integral_of(w, decide(w, e, kink, decides, top));
    Node root = node_power(g, poly_cancel(g, d), node_rational(g, 1, 2));
    Node two_a = node_mul(g, node_int(g, 2), c[2]), middle = node_neg(g, c[1]);
    Node a = node_div(g, node_sub(g, middle, root), two_a);
    Node b = node_div(g, node_add(g, middle, root), two_a);
    Node inside = decide(w, e, kink, decides, -top);
    Node outside = decide(w, e, kink, decides, top);
    if (top < 0) {
        Node t = a;
        a = b;
        b = t;
    }
    Node f = integral_of(w, inside), y = integral_of(w, outside);
    if (f == NODE_NONE || y == NODE_NONE)
        return NODE_NONE;
    /* y(min(x, a)) + f(clamped between a and b) + y(max(x, b)) */
    Node high[2] = {w->x, b}, low[2] = {w->x, a};
    Node above = node_apply(g, OP_MAX, 2, high);
    Node below = node_apply(g, OP_MIN, 2, low);
    Node inner[2] = {node_apply(g, OP_MAX, 2, low), b};
    Node within = node_apply(g, OP_MIN, 2, inner);
    return node_add(g,
                    node_add(g, integral_replace(w, y, w->x, below),
                             integral_replace(w, y, w->x, above)),
                    integral_replace(w, f, w->x, within));
}

Node integral_kinked(Integral *w, Node e)
{
    Graph *g = w->g;
    Node decides, a, b, kink = find_kink(w, e, &decides);
    if (kink == NODE_NONE)
        return NODE_NONE;
    if (!integral_linear(w, decides, &a, &b))
        return split_quadratic(w, e, kink, decides);
    int sign = integral_sign(w, a);
    if (sign == 2)
        return NODE_NONE;
    Node c = node_neg(g, node_div(g, b, a));
    Node left = decide(w, e, kink, decides, -sign);
    Node right = decide(w, e, kink, decides, sign);
    return join(w, left, right, c);
}

/*
 * integral_form.c - definite integrals without an elementary antiderivative
 *
 * Gradshteyn & Ryzhik, Table of Integrals, 7th edition: 3.381.4 and 3.478.1
 * (gamma), 3.191.3 (beta), 3.721.1 (sin(k*x)/x), 3.691.1 (sin(k*x^2)).
 */
#include "eval/integral.h"
#include "graph/simplify.h"
#include "graph/walk.h"

/* constant * x^s * (1 - x)^q * f(k*x^m), f an exponential or wave, or none */
typedef struct Form {
    Node constant, s, q;
    Node f; /* NODE_NONE: none */
    Node k, m;
} Form;

static bool is_positive(Graph *g, Node n)
{
    double v;
    if (node_constant_value(g, n, &v))
        return v > 0;
    return node_sign(g, n) == SIGN_POSITIVE;
}

/* n = k*x^m */
static bool read_power(Definite *d, Node n, Node *k, Node *m)
{
    Graph *g = d->g;
    *k = *m = node_int(g, 1);
    if (n == d->x)
        return true;
    if (node_op(g, n) != OP_MONO)
        return false;
    const Node *arg = node_args_copy(g, n, d->arena);
    bool found = false;
    for (int i = 2; i < node_count(g, n); i += 2)
        if (arg[i] == d->x) {
            *m = arg[i + 1];
            found = true;
        }
    *k = node_div(g, n, node_power(g, d->x, *m));
    return found && !node_depends(g, *k, d->x) && !node_depends(g, *m, d->x);
}

static bool read_factor(Definite *d, Node base, Node e, Form *y)
{
    Graph *g = d->g;
    Node one_less = node_sub(g, node_int(g, 1), d->x);
    OpId op = node_op(g, base);
    bool free = !node_depends(g, e, d->x);
    if (free && !node_depends(g, base, d->x))
        y->constant = node_mul(g, y->constant, node_power(g, base, e));
    else if (free && base == d->x)
        y->s = node_add(g, y->s, e);
    else if (free && base == one_less)
        y->q = node_add(g, y->q, e);
    else if (y->f == NODE_NONE && node_is_one(g, e) &&
             (op == OP_EXP || op == OP_SIN || op == OP_COS) &&
             read_power(d, node_arg(g, base, 0), &y->k, &y->m))
        y->f = base;
    else
        return false;
    return true;
}

static bool read_form(Definite *d, Form *y)
{
    Graph *g = d->g;
    Node zero = node_int(g, 0), one = node_int(g, 1);
    *y = (Form){one, zero, zero, NODE_NONE, one, one};
    if (node_op(g, d->e) != OP_MONO)
        return read_factor(d, d->e, one, y);
    const Node *arg = node_args_copy(g, d->e, d->arena);
    int count = node_count(g, d->e);
    y->constant = arg[0];
    for (int i = 2; i < count; i += 2)
        if (!read_factor(d, arg[i], arg[i + 1], y))
            return false;
    return true;
}

static Node gamma_of(Graph *g, Node n)
{
    return node_apply(g, OP_GAMMA, 1, &n);
}

/* x^s*exp(-k*x^m) from 0 to infinity */
static Node gamma_form(Graph *g, const Form *f)
{
    Node k = node_neg(g, f->k);
    Node t = node_add(g, f->s, node_int(g, 1));
    if (!is_positive(g, k) || !is_positive(g, f->m) || !is_positive(g, t))
        return NODE_NONE;
    t = node_div(g, t, f->m);
    Node y = node_div(g, gamma_of(g, t), node_power(g, k, t));
    return node_div(g, y, f->m);
}

/* sin(k*x)/x, sin(k*x^2), cos(k*x^2) from 0 to infinity */
static Node wave_form(Graph *g, const Form *f)
{
    Node pi = node_apply(g, OP_PI, 0, NULL), half = node_rational(g, 1, 2);
    if (!is_positive(g, f->k))
        return NODE_NONE;
    if (node_op(g, f->f) == OP_SIN && node_is_one(g, f->m) &&
        node_is_int(g, f->s, -1))
        return node_mul(g, half, pi);
    if (!node_is_int(g, f->m, 2) || !node_is_zero(g, f->s))
        return NODE_NONE;
    Node y = node_div(g, pi, node_mul(g, node_int(g, 2), f->k));
    return node_mul(g, half, node_power(g, y, half));
}

/* x^s*(1 - x)^q from 0 to 1 */
static Node beta_form(Graph *g, const Form *f)
{
    Node one = node_int(g, 1);
    Node a = node_add(g, f->s, one), b = node_add(g, f->q, one);
    if (!is_positive(g, a) || !is_positive(g, b))
        return NODE_NONE;
    Node up = node_mul(g, gamma_of(g, a), gamma_of(g, b));
    return node_div(g, up, gamma_of(g, node_add(g, a, b)));
}

Node integral_known_form(Definite *d)
{
    Graph *g = d->g;
    Form f;
    Node y = NODE_NONE;
    double to;
    if (!node_is_zero(g, d->from) || !node_constant_value(g, d->to, &to) ||
        !read_form(d, &f))
        return NODE_NONE;
    bool plain = node_is_zero(g, f.q);
    if (to > 1e308 && f.f != NODE_NONE && plain)
        y = node_op(g, f.f) == OP_EXP ? gamma_form(g, &f) : wave_form(g, &f);
    else if (node_is_one(g, d->to) && f.f == NODE_NONE)
        y = beta_form(g, &f);
    return y == NODE_NONE ? y : node_mul(g, f.constant, y);
}

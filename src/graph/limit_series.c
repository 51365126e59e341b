#include "graph/limit_series.h"

#include <math.h>

#include "graph/diff.h"
#include "graph/probe.h"

enum { SIZE_MOST = 5000 };

#define TINY 1e-9 /* exponents closer than this are the same */

void limit_fail(const char *why)
{
    error_raise(SPAN_NONE, ERR_CLOSED, "the limit is not found: %s", why);
}

static Series series_room(Limits *l, int count)
{
    Series s = {.order = INFINITY};
    s.exponent = ARENA_ARRAY(l->arena, double, (size_t)count + 1);
    s.coefficient = ARENA_ARRAY(l->arena, Node, (size_t)count + 1);
    return s;
}

static bool is_zero(Limits *l, Node c)
{
    if (node_size(l->g, c) > SIZE_MOST)
        limit_fail("the expansion becomes too long");
    switch (probe_zero(l->g, c)) {
    case ZERO_NO:
        return false;
    case ZERO_YES:
        return true;
    default:
        limit_fail("it is not known whether a coefficient is 0");
    }
}

Series series_constant(Limits *l, Node c)
{
    Series s = series_room(l, 1);
    if (!is_zero(l, c)) {
        s.exponent[0] = 0;
        s.coefficient[0] = c;
        s.count = 1;
    }
    return s;
}

Series series_power_of_w(Limits *l, double exponent)
{
    Series s = series_constant(l, node_int(l->g, 1));
    s.exponent[0] = exponent;
    return s;
}

/* Terms at or above the order are void; those past l->terms are cut. */
static Series cut(Limits *l, Series s)
{
    while (s.count > 0 && s.exponent[s.count - 1] >= s.order - TINY)
        s.count--;
    if (s.count > l->terms) {
        s.order = s.exponent[l->terms];
        s.count = l->terms;
    }
    return s;
}

Series series_add(Limits *l, Series a, Series b)
{
    POLL();
    if (--*l->work < 0)
        limit_fail("the expansion becomes too long");
    Series s = series_room(l, a.count + b.count);
    s.order = fmin(a.order, b.order);
    for (int i = 0, k = 0; i < a.count || k < b.count;) {
        double ea = i < a.count ? a.exponent[i] : INFINITY;
        double eb = k < b.count ? b.exponent[k] : INFINITY;
        if (fmin(ea, eb) >= s.order - TINY)
            break;
        bool both = fabs(ea - eb) < TINY;
        if (!both && fabs(ea - eb) < 1000 * TINY)
            limit_fail("two powers are too close to be told apart");
        Node c = both      ? node_add(l->g, a.coefficient[i], b.coefficient[k])
                 : ea < eb ? a.coefficient[i]
                           : b.coefficient[k];
        if (both || ea < eb)
            i++;
        if (both || eb < ea)
            k++;
        if (both && is_zero(l, c))
            continue;
        s.exponent[s.count] = fmin(ea, eb);
        s.coefficient[s.count++] = c;
    }
    return cut(l, s);
}

static Series times_term(Limits *l, Series a, Node c, double exponent)
{
    Series s = series_room(l, a.count);
    s.order = a.order + exponent;
    s.count = a.count;
    for (int i = 0; i < a.count; i++) {
        double e = a.exponent[i] + exponent;
        s.exponent[i] = fabs(e) < TINY ? 0 : e;
        s.coefficient[i] = node_mul(l->g, a.coefficient[i], c);
    }
    return s;
}

Series series_scale(Limits *l, Series a, Node c)
{
    if (node_is_zero(l->g, c))
        return series_room(l, 0);
    return times_term(l, a, c, 0);
}

static double lead(Series a)
{
    return a.count > 0 ? a.exponent[0] : a.order;
}

Series series_multiply(Limits *l, Series a, Series b)
{
    Series s = series_room(l, 0);
    if ((a.count == 0 && a.order == INFINITY) ||
        (b.count == 0 && b.order == INFINITY))
        return s;
    s.order = fmin(lead(a) + b.order, lead(b) + a.order);
    for (int i = 0; i < a.count; i++)
        s = series_add(l, s, times_term(l, b, a.coefficient[i], a.exponent[i]));
    return s;
}

/* Nothing is known: more terms are needed. */
static Series lost(void)
{
    return (Series){0, -INFINITY, NULL, NULL};
}

/* Is the leading term there? It may have been lost to the order. */
static bool has_lead(Series a)
{
    if (a.count == 0 && a.order == INFINITY)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "it divides by 0, or takes a "
                    "logarithm of 0, near the point");
    return a.count > 0;
}

/* a = c*w^e*(1 + u): u. */
static Series without_lead(Limits *l, Series a)
{
    Series s =
        times_term(l, a, node_power(l->g, a.coefficient[0], node_int(l->g, -1)),
                   -a.exponent[0]);
    Series u = {s.count - 1, s.order, s.exponent + 1, s.coefficient + 1};
    return u;
}

/*
 * sum of f[k]*u^k for u -> 0, where next(k) gives f[k] from f[k - 1]; the
 * powers of u decide where to stop; `finite`: all that follow a 0 are 0.
 */
typedef Node (*NextCoefficient)(Limits *l, void *data, int k);

static Series compose(Limits *l, Series u, NextCoefficient next, void *data,
                      bool finite)
{
    Series y = series_constant(l, next(l, data, 0));
    Series power = series_constant(l, node_int(l->g, 1));
    for (int k = 1;; k++) {
        POLL();
        if (u.count == 0 && u.order == INFINITY)
            return y;
        power = series_multiply(l, power, u);
        if (k > l->terms || power.count == 0) {
            y.order = fmin(y.order, lead(power));
            return cut(l, y);
        }
        Node c = next(l, data, k);
        if (finite && node_is_zero(l->g, c))
            return y;
        y = series_add(l, y, series_scale(l, power, c));
        if (lead(power) >= y.order)
            return y;
    }
}

typedef struct Binomial {
    Node exponent, c;
} Binomial;

static Node next_binomial(Limits *l, void *data, int k)
{
    Binomial *b = data;
    Graph *g = l->g;
    b->c =
        k == 0
            ? node_int(g, 1)
            : node_div(g,
                       node_mul(g, b->c,
                                node_sub(g, b->exponent, node_int(g, k - 1))),
                       node_int(g, k));
    return b->c;
}

Series series_power(Limits *l, Series a, Node exponent)
{
    Graph *g = l->g;
    double r;
    bool number = node_constant_value(g, exponent, &r);
    bool whole = number && r == floor(r);
    if (number && a.count == 0 && a.order == INFINITY && r > 0)
        return a;
    if (node_is_one(g, exponent))
        return a;
    if (!has_lead(a))
        return lost();
    if (!whole && limit_sign(l, a.coefficient[0], 1) < 0)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "a power of a negative number is not real near the point");
    if (!number && fabs(a.exponent[0]) > 0)
        limit_fail("it depends on the exponent of a power");
    Binomial b = {exponent, NODE_NONE};
    Series y = compose(l, without_lead(l, a), next_binomial, &b, whole);
    return times_term(l, y, node_power(g, a.coefficient[0], exponent),
                      number ? r * a.exponent[0] : 0);
}

static Node next_exp(Limits *l, void *data, int k)
{
    Node *c = data;
    *c = k == 0 ? node_int(l->g, 1) : node_div(l->g, *c, node_int(l->g, k));
    return *c;
}

/* a = a0 + u with u -> 0; fails if a is not bounded by powers of w.
 * NODE_NONE: more terms are needed. */
static Node split_constant(Limits *l, Series a, Series *u)
{
    if (a.count > 0 && a.exponent[0] < 0)
        limit_fail("a function of something that grows without bound");
    if (a.order <= 0)
        return NODE_NONE;
    bool constant = a.count > 0 && a.exponent[0] == 0;
    *u = a;
    if (constant)
        *u = (Series){a.count - 1, a.order, a.exponent + 1, a.coefficient + 1};
    return constant ? a.coefficient[0] : node_int(l->g, 0);
}

Series series_exp(Limits *l, Series a)
{
    Series u;
    Node c, a0 = split_constant(l, a, &u);
    if (a0 == NODE_NONE)
        return lost();
    Series y = compose(l, u, next_exp, &c, false);
    return times_term(l, y, node_apply(l->g, OP_EXP, 1, &a0), 0);
}

static Node next_log(Limits *l, void *data, int k)
{
    (void)data;
    return k == 0 ? node_int(l->g, 0) : node_rational(l->g, k % 2 ? 1 : -1, k);
}

/* An exponent as the fraction that it is, if its denominator is small. */
static Node exponent_node(Limits *l, double e)
{
    for (int i = 0; i < l->count; i++)
        if (fabs(fabs(e) - fabs(l->power[i])) < TINY)
            return (e < 0) == (l->power[i] < 0)
                       ? l->exact_power[i]
                       : node_neg(l->g, l->exact_power[i]);
    for (int q = 1; q <= 360; q++)
        if (fabs(e * q - round(e * q)) < TINY * q && fabs(e) < 1e6)
            return node_rational(l->g, (int64_t)round(e * q), q);
    return node_float(l->g, e);
}

Series series_log(Limits *l, Series a)
{
    Graph *g = l->g;
    if (!has_lead(a))
        return lost();
    Node c = a.coefficient[0];
    if (limit_sign(l, c, 1) < 0)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "a logarithm of a negative number is not real near the "
                    "point");
    Node constant = node_apply(g, OP_LOG, 1, &c);
    if (a.exponent[0] != 0)
        constant =
            node_add(g, constant,
                     node_mul(g, exponent_node(l, a.exponent[0]), l->log_w));
    Series y = compose(l, without_lead(l, a), next_log, NULL, false);
    return series_add(l, y, series_constant(l, constant));
}

int series_sign(Limits *l, Series a)
{
    if (a.count == 0 && a.order == INFINITY)
        return 0;
    if (!has_lead(a))
        limit_fail("the leading terms cancel further than was expanded");
    return limit_sign(l, a.coefficient[0], 0);
}

Series series_abs(Limits *l, Series a)
{
    return series_scale(l, a, node_int(l->g, series_sign(l, a) < 0 ? -1 : 1));
}

typedef struct Derivatives {
    Node z, at, f, factorial;
} Derivatives;

static Node next_derivative(Limits *l, void *data, int k)
{
    Derivatives *d = data;
    Graph *g = l->g;
    if (k > 0) {
        d->f = diff_scalar(g, d->f, d->z);
        d->factorial = node_mul(g, d->factorial, node_int(g, k));
    }
    return node_div(g, node_substitute(g, d->f, 1, &d->z, &d->at),
                    d->factorial);
}

Series series_taylor(Limits *l, OpId op, Series a)
{
    Series u;
    Graph *g = l->g;
    Derivatives d = {.at = split_constant(l, a, &u)};
    if (d.at == NODE_NONE)
        return lost();
    d.z = node_symbol(g, name_of("expansion point"), (Shape){1, 1}, 0);
    d.f = node_apply(g, op, 1, &d.z);
    d.factorial = node_int(g, 1);
    return compose(l, u, next_derivative, &d, false);
}

/*
 * kernel_terms.c - exponentials, logarithms, roots and angles of images
 */
#include <math.h>

#include "graph/internal.h"
#include "graph/kernel.h"
#include "value/number.h"

#define HALVINGS 3
#define MULTIPLE_MOST 24 /* of an angle that is written by powers */

/* ---- linear combinations ---- */

typedef struct LinearTerm {
    Value c; /* rational */
    Node t;  /* monomial over a common denominator, without coefficient */
} LinearTerm;

typedef VEC(LinearTerm) Linear;

static void put_term(Kernels *k, Linear *y, Node c, Node t)
{
    Node rest;
    Node d = split_coefficient(k->g, t, &rest);
    Value v = node_number_value(k->g, coef_mul(k->g, c, d));
    VEC_PUSH_IN(k->arena, y, ((LinearTerm){v, rest}));
}

/* The clean image u as a sum of rational multiples. */
static Linear linear_of(Kernels *k, Node u)
{
    Graph *g = k->g;
    Linear y = {0};
    Node sum = u, rest = g->one;
    if (node_is_zero(g, u))
        return y;
    if (node_op(g, u) == OP_MONO)
        for (int i = 2; i < node_count(g, u); i += 2)
            if (node_op(g, node_arg(g, u, i)) == OP_SUM &&
                node_is_one(g, node_arg(g, u, i + 1)))
                sum = node_arg(g, u, i);
    if (node_op(g, sum) != OP_SUM) {
        put_term(k, &y, g->one, u);
        return y;
    }
    if (sum != u)
        rest = node_div(g, u, sum);
    int count = node_count(g, sum);
    Node *args = node_args_copy(g, sum, k->arena);
    for (int i = 0; i < count; i += 2)
        put_term(k, &y, args[i], node_mul(g, args[i + 1], rest));
    return y;
}

static int64_t small_int(Value v)
{
    int64_t y;
    if (!value_to_int(v, &y) || y > 100000 || y < -100000)
        error_raise(SPAN_NONE, ERR_LIMIT, "a number is too long");
    return y;
}

static int64_t numerator(Value v)
{
    return small_int(number_numerator(v));
}

static int64_t denominator(Value v)
{
    return small_int(number_denominator(v));
}

static Value times(Value a, int64_t b)
{
    return number_binary(BIN_MUL, a, value_int(b));
}

static Value over(Value a, int64_t b)
{
    return number_binary(BIN_DIV, a, value_int(b));
}

/* The kernel of the table whose symbol was given, with its den as of now. */
static int64_t den_of(const Kernels *k, Node symbol)
{
    return kernel_of_symbol(k, symbol)->den;
}

Node kernel_power(Kernels *k, Node u, int64_t e)
{
    Graph *g = k->g;
    if (e < 0 && node_is_zero(g, u)) {
        k->undefined = true;
        return g->zero;
    }
    return node_power(g, u, node_int(g, e));
}

void kernel_demand(Kernels *k, Node u, bool or_zero)
{
    int s = kernel_sign(k, u);
    if (k->want == NODE_NONE && (s < 0 || (s == 0 && !or_zero)))
        k->undefined = true;
}

static Node quotient_by(Kernels *k, Node a, int64_t den)
{
    return node_scale(k->g, node_rational(k->g, 1, den), a);
}

/* ---- powers of one positive factor ---- */

/* |p|^e for a factor p and a rational e. */
static Node factor_power(Kernels *k, Node p, Value e)
{
    Graph *g = k->g;
    int64_t n = numerator(e), d = denominator(e);
    const Kernel *at = kernel_of_symbol(k, p);
    if (at && at->kind == KERNEL_EXP)
        return kernel_exp(
            k, node_scale(g, node_number(g, over(e, at->den)), at->key));
    if (at && at->kind == KERNEL_ROOT)
        return factor_power(k, at->key, over(e, at->den));
    if (d == 1) {
        int s = n % 2 != 0 ? kernel_sign(k, p) : 1;
        Node y = kernel_power(k, p, n);
        return s < 0 ? node_neg(g, y) : y;
    }
    Node root = kernel_symbol(k, KERNEL_ROOT, p, d);
    return kernel_power(k, root, small_int(times(e, den_of(k, root))));
}

Node kernel_root(Kernels *k, Node u, Value e)
{
    KernelFactors f;
    kernel_demand(k, u, number_sign(e) > 0);
    if (k->want != NODE_NONE || k->undefined || node_is_zero(k->g, u))
        return u;
    kernel_factors(k, u, &f);
    Node y = k->g->one;
    for (size_t i = 0; i < f.count; i++)
        y = node_mul(k->g, y,
                     factor_power(k, f.at[i].p, times(e, f.at[i].power)));
    return kernel_clean(k, y);
}

/* ---- logarithms and exponentials ---- */

/* log|p| of a factor p. */
static Node factor_log(Kernels *k, Node p)
{
    const Kernel *at = kernel_of_symbol(k, p);
    if (at && at->kind == KERNEL_EXP)
        return quotient_by(k, at->key, at->den);
    if (at && at->kind == KERNEL_ROOT)
        return quotient_by(k, factor_log(k, at->key), at->den);
    return kernel_symbol(k, KERNEL_LOG, p, 1);
}

Node kernel_log(Kernels *k, Node u)
{
    Graph *g = k->g;
    KernelFactors f;
    kernel_demand(k, u, false);
    if (k->want != NODE_NONE || k->undefined)
        return g->zero;
    kernel_factors(k, u, &f);
    Node y = g->zero;
    for (size_t i = 0; i < f.count; i++)
        y = node_add(g, y,
                     node_scale(g, node_int(g, f.at[i].power),
                                factor_log(k, f.at[i].p)));
    return y;
}

Node kernel_exp(Kernels *k, Node u)
{
    Graph *g = k->g;
    Linear sum = linear_of(k, kernel_clean(k, u));
    Node y = g->one;
    for (size_t i = 0; i < sum.count; i++) {
        LinearTerm at = sum.at[i];
        const Kernel *log = kernel_of_symbol(k, at.t);
        if (log && log->kind == KERNEL_LOG) {
            y = node_mul(g, y, factor_power(k, log->key, at.c));
            continue;
        }
        Node e = kernel_symbol(k, KERNEL_EXP, at.t, denominator(at.c));
        y = node_mul(g, y,
                     kernel_power(k, e, small_int(times(at.c, den_of(k, e)))));
    }
    return y;
}

/*
 * u^e.  Where u may be negative it has values for whole e too, so that only
 * what holds for these as well is used: u^(e + 1) = u*u^e, u^(2e) = (u^e)^2.
 */
Node kernel_general_power(Kernels *k, Node u, Node e)
{
    Graph *g = k->g;
    if (kernel_is_positive(k, u))
        return kernel_exp(k, node_mul(g, e, kernel_log(k, u)));
    Linear sum = linear_of(k, kernel_clean(k, e));
    Node y = g->one;
    for (size_t i = 0; i < sum.count; i++) {
        LinearTerm at = sum.at[i];
        bool whole = denominator(at.c) == 1;
        Node t = whole ? at.t : node_scale(g, node_number(g, at.c), at.t);
        int64_t n = whole ? numerator(at.c) : 1;
        Node p = node_is_one(g, t)
                     ? u
                     : kernel_symbol(k, KERNEL_OTHER, node_power(g, u, t), 1);
        if (node_is_number(g, t) && !whole)
            p = kernel_root(k, u, at.c);
        y = node_mul(g, y, kernel_power(k, p, n));
    }
    return y;
}

/* ---- angles ---- */

typedef struct Angle {
    Node c, s; /* cosine and sine */
} Angle;

static Angle angle_sum(Kernels *k, Angle a, Angle b)
{
    Graph *g = k->g;
    Node c = node_sub(g, node_mul(g, a.c, b.c), node_mul(g, a.s, b.s));
    Node s = node_add(g, node_mul(g, a.s, b.c), node_mul(g, a.c, b.s));
    return (Angle){kernel_clean(k, c), kernel_clean(k, s)};
}

static Angle angle_times(Kernels *k, Angle a, int64_t n)
{
    Graph *g = k->g;
    Angle y = {g->one, g->zero};
    if (n < 0) {
        a.s = node_neg(g, a.s);
        n = -n;
    }
    if (n > MULTIPLE_MOST)
        error_raise(SPAN_NONE, ERR_LIMIT, "a multiple of an angle is too high");
    for (; n > 0; n--)
        y = angle_sum(k, y, a);
    return y;
}

/* The angle key/den by its kernels. */
static Angle angle_kernel(Kernels *k, Node key, int64_t den, int64_t *now)
{
    Graph *g = k->g;
    if (k->pairs) {
        Node c = kernel_symbol(k, KERNEL_COS, key, den);
        Node s = kernel_symbol(k, KERNEL_SIN, key, den_of(k, c));
        *now = den_of(k, c);
        return (Angle){c, s};
    }
    Node t = kernel_symbol(k, KERNEL_TAN, key, den);
    Node t2 = node_power(g, t, g->two);
    Node d = node_add(g, g->one, t2);
    *now = den_of(k, t);
    return (Angle){node_div(g, node_sub(g, g->one, t2), d),
                   node_div(g, node_mul(g, g->two, t), d)};
}

/* cos and sin of asin(v), atan(v): sqrt(1 - v^2) and 1/sqrt(1 + v^2). */
static Angle angle_of_inverse(Kernels *k, const Kernel *at)
{
    Graph *g = k->g;
    Node v = at->key, v2 = node_power(g, v, g->two);
    bool sine = at->kind == KERNEL_ASIN;
    Node in = sine ? node_sub(g, g->one, v2) : node_add(g, g->one, v2);
    Value half = node_number_value(g, node_rational(g, sine ? 1 : -1, 2));
    Node c = kernel_root(k, in, half);
    return (Angle){c, sine ? v : node_mul(g, v, c)};
}

/* A rational multiple of pi: exact where it is known as roots. */
static bool angle_of_pi(Kernels *k, Value c, Angle *y)
{
    Graph *g = k->g;
    Node pi = node_apply(g, OP_PI, 0, NULL), rest;
    Node at = node_scale(g, node_number(g, c), pi);
    Node cosine = node_apply(g, OP_COS, 1, &at);
    Node sine = node_apply(g, OP_SIN, 1, &at);
    split_coefficient(g, cosine, &rest);
    if (node_op(g, rest) == OP_COS)
        return false;
    split_coefficient(g, sine, &rest);
    if (node_op(g, rest) == OP_SIN)
        return false;
    *y = (Angle){kernel_image(k, cosine), kernel_image(k, sine)};
    return true;
}

/* cos and sin of 1/5: (1 + sqrt(5))/4 and sqrt(10 - 2*sqrt(5))/4. */
static Angle fifth(Kernels *k)
{
    Graph *g = k->g;
    Node root = node_power(g, node_int(g, 5), g->half);
    Node quarter = node_rational(g, 1, 4);
    Node c = node_mul(g, quarter, node_add(g, g->one, root));
    Node s = node_sub(g, node_int(g, 10), node_mul(g, g->two, root));
    s = node_mul(g, quarter, node_power(g, s, g->half));
    return (Angle){kernel_image(k, c), kernel_image(k, s)};
}

/* Half of the angle c, of which y is known: the roots of (1 + cos)/2 and
 * (1 - cos)/2, with the signs of the quadrant. */
static Angle half_angle(Kernels *k, Value c, Angle y)
{
    Graph *g = k->g;
    Value half = node_number_value(g, g->half);
    double at = acos(-1) * value_to_double(c) / 2;
    Node up = node_scale(g, g->half, node_add(g, g->one, y.c));
    Node down = node_scale(g, g->half, node_sub(g, g->one, y.c));
    up = kernel_root(k, kernel_clean(k, up), half);
    down = kernel_root(k, kernel_clean(k, down), half);
    return (Angle){cos(at) < 0 ? node_neg(g, up) : up,
                   sin(at) < 0 ? node_neg(g, down) : down};
}

/* The angle i/d for a power d of 2, or d = 3 or 5; in halves at most HALVINGS
 * times. */
static bool angle_of_part(Kernels *k, int64_t i, int64_t d, int depth, Angle *y)
{
    Value c = over(value_int(i), d);
    if (angle_of_pi(k, c, y))
        return true;
    if (d == 5) {
        *y = angle_times(k, fifth(k), int_floor_mod(i, 10));
        return true;
    }
    if (d % 2 || depth == HALVINGS || !angle_of_part(k, i, d / 2, depth + 1, y))
        return false;
    *y = half_angle(k, times(c, 2), *y);
    return true;
}

/* The angle c: a sum of such parts, as 1/12 is 1/3 - 1/4. */
static bool angle_of_parts(Kernels *k, Value c, Angle *y)
{
    int64_t n = numerator(c), d = denominator(c), parts[3] = {1, 1, 1};
    while (d % 2 == 0) {
        d /= 2;
        parts[0] *= 2;
    }
    for (int i = 1; i < 3; i++)
        if (d % (2 * i + 1) == 0) {
            d /= 2 * i + 1;
            parts[i] = 2 * i + 1;
        }
    if (d != 1)
        return false;
    /* n/(p*q*r) = a/p + b/q + c/r up to a whole number, by inverses. */
    int64_t all = parts[0] * parts[1] * parts[2], rest = n;
    *y = (Angle){k->g->one, k->g->zero};
    for (int i = 0; i < 3; i++) {
        Angle part;
        int64_t other = all / parts[i], a = 0;
        while ((a * other - n) % parts[i] != 0)
            a++;
        rest -= a * other;
        if (parts[i] == 1)
            continue;
        if (!angle_of_part(k, a, parts[i], 0, &part))
            return false;
        *y = angle_sum(k, *y, part);
    }
    if (rest / all % 2 != 0)
        *y = (Angle){node_neg(k->g, y->c), node_neg(k->g, y->s)};
    return true;
}

static Angle angle_of_term(Kernels *k, LinearTerm at)
{
    const Kernel *f = kernel_of_symbol(k, at.t);
    Angle y;
    int64_t den;
    if (f && f->kind == KERNEL_OTHER && node_op(k->g, f->key) == OP_PI &&
        angle_of_parts(k, at.c, &y))
        return y;
    if (f && (f->kind == KERNEL_ASIN || f->kind == KERNEL_ATAN) &&
        denominator(at.c) == 1)
        return angle_times(k, angle_of_inverse(k, f), numerator(at.c));
    y = angle_kernel(k, at.t, denominator(at.c), &den);
    return angle_times(k, y, small_int(times(at.c, den)));
}

void kernel_circle(Kernels *k, Node u, Node *c, Node *s)
{
    Linear sum = linear_of(k, kernel_clean(k, u));
    Angle y = {k->g->one, k->g->zero};
    for (size_t i = 0; i < sum.count; i++)
        y = angle_sum(k, y, angle_of_term(k, sum.at[i]));
    *c = y.c;
    *s = y.s;
}

/* ---- inverse functions ---- */

Node kernel_asin(Kernels *k, Node u)
{
    Graph *g = k->g;
    u = kernel_clean(k, u);
    kernel_demand(k, node_sub(g, g->one, node_power(g, u, g->two)), true);
    if (k->undefined)
        return g->zero;
    if (node_is_negative_form(g, u))
        return node_neg(g, kernel_asin(k, node_neg(g, u)));
    return kernel_symbol(k, KERNEL_ASIN, u, 1);
}

/* atan(u) + atan(1/u) is pi/2 for u > 0, -pi/2 for u < 0. */
Node kernel_atan(Kernels *k, Node u)
{
    Graph *g = k->g;
    u = kernel_clean(k, u);
    if (node_is_zero(g, u))
        return u;
    if (node_is_one(g, u))
        return kernel_image(k, node_apply(g, OP_ATAN, 1, &u));
    if (node_is_negative_form(g, u))
        return node_neg(g, kernel_atan(k, node_neg(g, u)));
    Node turned = kernel_clean(k, kernel_power(k, u, -1));
    if (node_compare(g, turned, u) < 0) {
        int s = kernel_sign(k, u);
        Node pi = kernel_image(k, node_apply(g, OP_PI, 0, NULL));
        return node_sub(g, node_scale(g, node_rational(g, s, 2), pi),
                        kernel_atan(k, turned));
    }
    return kernel_symbol(k, KERNEL_ATAN, u, 1);
}

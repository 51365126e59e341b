/*
 * kernel.c - kernels, regions and the normal form of images
 */
#include "graph/kernel.h"

#include "graph/enclose.h"
#include "graph/internal.h"
#include "value/number.h"

#define MAP_WORK 5000 /* of making one map, whatever is done in it */
#define SIGN_UNSURE 2

void kernels_new(Kernels *k, Graph *g, Arena *a, uint64_t budget)
{
    *k = (Kernels){.g = g, .arena = a, .want = NODE_NONE, .budget = budget};
    kernels_begin(k);
}

void kernels_begin(Kernels *k)
{
    k->image = node_map_in(k->arena);
    k->want = NODE_NONE;
    k->undefined = false;
}

/* ---- the table ---- */

/* Names that nobody can type, alike in every run. */
static Node fresh_symbol(Kernels *k, unsigned flags)
{
    const char *text = arena_printf(k->arena, "#%zu", k->kernel.count);
    return node_symbol(k->g, name_of(text), (Shape){1, 1}, flags);
}

static unsigned kernel_flags(Kernels *k, KernelKind kind, Node key)
{
    if (kind == KERNEL_EXP || kind == KERNEL_ROOT)
        return SYM_POSITIVE;
    if (kind != KERNEL_OTHER)
        return 0;
    Sign s = node_sign(k->g, key);
    return s == SIGN_POSITIVE      ? SYM_POSITIVE
           : s == SIGN_NONNEGATIVE ? SYM_NONNEGATIVE
                                   : 0;
}

Node kernel_symbol(Kernels *k, KernelKind kind, Node key, int64_t den)
{
    for (size_t i = 0; i < k->kernel.count; i++) {
        Kernel *at = &k->kernel.at[i];
        if (at->kind != kind || at->key != key)
            continue;
        if (at->den % den != 0) {
            at->den = at->den / (int64_t)int_gcd(at->den, den) * den;
            k->refine = true;
            if (at->den > 1000)
                error_raise(SPAN_NONE, ERR_LIMIT, "roots of too many kinds");
        }
        return at->symbol;
    }
    Kernel fresh = {kind, key, fresh_symbol(k, kernel_flags(k, kind, key)),
                    den};
    VEC_PUSH_IN(k->arena, &k->kernel, fresh);
    return fresh.symbol;
}

const Kernel *kernel_of_symbol(const Kernels *k, Node symbol)
{
    for (size_t i = 0; i < k->kernel.count; i++)
        if (k->kernel.at[i].symbol == symbol)
            return &k->kernel.at[i];
    return NULL;
}

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

static Node quotient_of(Graph *g, Node a, int64_t den)
{
    return node_scale(g, node_rational(g, 1, den), a);
}

static Node kernel_meaning(Kernels *k, const Kernel *at);

/* exp(t*log(a)) as a^t. */
static Node power_meaning(Kernels *k, Node exponent)
{
    Graph *g = k->g;
    int count = node_op(g, exponent) == OP_MONO ? node_count(g, exponent) : 0;
    for (int i = 2; i < count; i += 2) {
        Node log = node_arg(g, exponent, i);
        const Kernel *at = kernel_of_symbol(k, log);
        if (!at || at->kind != KERNEL_LOG ||
            !node_is_one(g, node_arg(g, exponent, i + 1)))
            continue;
        Node base = kernel_meaning(k, &(Kernel){KERNEL_ROOT, at->key, 0, 1});
        if (node_sign(g, kernel_restore(k, base)) == SIGN_POSITIVE)
            return node_power(g, base, node_div(g, exponent, log));
    }
    return apply1(g, OP_EXP, exponent);
}

/* The formula that a kernel stands for, in earlier symbols. */
static Node kernel_meaning(Kernels *k, const Kernel *at)
{
    Graph *g = k->g;
    Node key = at->key;
    bool minus = false;
    switch (at->kind) {
    case KERNEL_EXP:
        return power_meaning(k, quotient_of(g, key, at->den));
    case KERNEL_TAN:
        return apply1(g, OP_TAN, quotient_of(g, key, 2 * at->den));
    case KERNEL_COS:
        return apply1(g, OP_COS, quotient_of(g, key, at->den));
    case KERNEL_SIN:
        return apply1(g, OP_SIN, quotient_of(g, key, at->den));
    case KERNEL_LOG:
    case KERNEL_ROOT:
        if (!node_is_number(g, key)) {
            Node before = k->want;
            minus = kernel_sign(k, key) < 0;
            k->want = before;
        }
        key = minus ? node_neg(g, key) : key;
        return at->kind == KERNEL_LOG
                   ? apply1(g, OP_LOG, key)
                   : node_power(g, key, node_rational(g, 1, at->den));
    case KERNEL_ASIN:
        return apply1(g, OP_ASIN, key);
    case KERNEL_ATAN:
        return apply1(g, OP_ATAN, key);
    default:
        return key;
    }
}

Node kernel_restore(Kernels *k, Node u)
{
    for (size_t i = k->kernel.count; i-- > 0;) {
        Kernel at = k->kernel.at[i];
        if (!node_depends(k->g, u, at.symbol))
            continue;
        Node meaning = kernel_meaning(k, &at);
        u = node_substitute(k->g, u, 1, &at.symbol, &meaning);
    }
    return u;
}

/* ---- normal form ---- */

/*
 * A map for u: it also knows the radicands of the roots, which are part of
 * the normal form.
 */
static void map_of(Kernels *k, PolyMap *m, Arena *a, Node u)
{
    size_t n = k->kernel.count;
    Node *nodes = ARENA_ARRAY(a, Node, 2 * n + 1);
    int count = 0;
    nodes[count++] = u;
    for (size_t i = n; i-- > 0;) {
        const Kernel *at = &k->kernel.at[i];
        bool used = false;
        if (at->kind != KERNEL_ROOT && at->kind != KERNEL_SIN &&
            at->kind != KERNEL_COS)
            continue;
        for (int j = 0; j < count && !used; j++)
            used = node_depends(k->g, nodes[j], at->symbol);
        if (used && at->kind == KERNEL_ROOT)
            nodes[count++] = at->key;
        if (used && at->kind == KERNEL_SIN && !k->sines)
            nodes[count++] = kernel_symbol(k, KERNEL_COS, at->key, at->den);
        if (used && at->kind == KERNEL_COS && k->sines)
            nodes[count++] = kernel_symbol(k, KERNEL_SIN, at->key, at->den);
    }
    if (k->budget <= MAP_WORK)
        error_raise(SPAN_NONE, ERR_LIMIT, "not decided: too much work");
    k->budget -= MAP_WORK;
    poly_map_new(m, k->g, a, count, nodes, k->budget);
    if (m->why)
        error_raise(SPAN_NONE, ERR_LIMIT, "not decided: %s", m->why);
}

/* Takes what was spent in the map; maps may nest. */
static void charge(Kernels *k, const PolyMap *m)
{
    if (m->ring->budget < k->budget)
        k->budget = m->ring->budget;
}

/* p with x^q replaced by value, x the variable var. */
static ZPoly reduce_power(ZRing *r, ZPoly p, int var, uint64_t q, ZPoly value)
{
    uint64_t degree;
    if (zpoly_degree(r, p, var) < q)
        return p;
    ZPoly *c = zpoly_coefficients(r, p, var, &degree);
    ZPoly y = {0}, high = zpoly_int(r, 1);
    for (uint64_t i = 0; i <= degree; i++) {
        if (i > 0 && i % q == 0)
            high = zpoly_multiply(r, high, value);
        ZPoly t = zpoly_multiply(r, c[i], high);
        if (i % q > 0)
            t = zpoly_shift(r, t, zkey_power(r, var, i % q));
        y = zpoly_add(r, y, t);
    }
    return y;
}

/* root^q = value, if the kernel has such a relation here. */
static bool relation_of(Kernels *k, PolyMap *m, const Kernel *at, int *var,
                        uint64_t *q, ZPoly *value)
{
    ZRing *r = m->ring;
    *var = poly_map_variable(m, at->symbol);
    if (*var < 0)
        return false;
    if (at->kind == KERNEL_ROOT) {
        *q = (uint64_t)at->den;
        *value = rational_of_node(m, at->key).num;
        if (!node_is_number(k->g, at->key) && kernel_sign(k, at->key) < 0)
            *value = zpoly_neg(r, *value);
        return true;
    }
    if (at->kind != (k->sines ? KERNEL_COS : KERNEL_SIN))
        return false;
    Node other =
        kernel_symbol(k, k->sines ? KERNEL_SIN : KERNEL_COS, at->key, at->den);
    *q = 2;
    *value = zpoly_sub(r, zpoly_int(r, 1),
                       zpoly_variable(r, poly_map_variable(m, other), 2));
    return true;
}

static ZPoly reduce(Kernels *k, PolyMap *m, ZPoly p)
{
    for (size_t i = k->kernel.count; i-- > 0;) {
        int var;
        uint64_t q;
        ZPoly value;
        Kernel at = k->kernel.at[i];
        if (relation_of(k, m, &at, &var, &q, &value))
            p = reduce_power(m->ring, p, var, q, value);
    }
    return p;
}

/* Roots that divide the denominator go to the numerator. */
static void clear_roots(Kernels *k, PolyMap *m, Rational *u)
{
    ZRing *r = m->ring;
    for (size_t i = k->kernel.count; i-- > 0;) {
        const Kernel *at = &k->kernel.at[i];
        int var = poly_map_variable(m, at->symbol);
        if (at->kind != KERNEL_ROOT || var < 0)
            continue;
        uint64_t e = zkey_exponent(r, zpoly_monomial(r, u->den), var);
        if (e == 0 || e >= (uint64_t)at->den)
            continue;
        ZKey key = zkey_power(r, var, (uint64_t)at->den - e);
        u->num = reduce(k, m, zpoly_shift(r, u->num, key));
        u->den = reduce(k, m, zpoly_shift(r, u->den, key));
    }
}

static Rational lowest(ZRing *r, Rational u)
{
    ZPoly d = zpoly_gcd(r, u.num, u.den);
    zpoly_divide(r, u.num, d, &u.num);
    zpoly_divide(r, u.den, d, &u.den);
    if (mpz_sgn(u.den.at[0].c) < 0)
        u = (Rational){zpoly_neg(r, u.num), zpoly_neg(r, u.den)};
    return u;
}

static Rational clean_rational(Kernels *k, PolyMap *m, Node u)
{
    Rational y = rational_of_node(m, u);
    y.num = reduce(k, m, y.num);
    y.den = reduce(k, m, y.den);
    if (zpoly_is_zero(y.den)) {
        k->undefined = true;
        return (Rational){zpoly_int(m->ring, 0), zpoly_int(m->ring, 1)};
    }
    y = lowest(m->ring, y);
    clear_roots(k, m, &y);
    return lowest(m->ring, y);
}

Node kernel_clean(Kernels *k, Node u)
{
    if (node_is_number(k->g, u) || node_op(k->g, u) == OP_SYM)
        return u;
    Arena *a = arena_local();
    PolyMap m;
    map_of(k, &m, a, u);
    Node y = node_of_rational(&m, clean_rational(k, &m, u));
    charge(k, &m);
    arena_free(a);
    return y;
}

/* ---- factors ---- */

static void add_factor(Kernels *k, KernelFactors *out, Node p, int64_t power)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i].p == p) {
            out->at[i].power += power;
            return;
        }
    VEC_PUSH_IN(k->arena, out, ((KernelFactor){p, power}));
}

/* Primes below 1000 by trial; what is left counts as one factor. */
static void add_primes(Kernels *k, KernelFactors *out, mpz_ptr c, int64_t power)
{
    mpz_abs(c, c);
    for (unsigned long d = 2; d < 1000 && mpz_cmp_ui(c, 1) > 0; d++) {
        int64_t e = 0;
        while (mpz_divisible_ui_p(c, d)) {
            mpz_divexact_ui(c, c, d);
            e++;
        }
        if (e)
            add_factor(k, out, node_int(k->g, (int64_t)d), e * power);
    }
    if (mpz_cmp_ui(c, 1) > 0) {
        if (!mpz_fits_slong_p(c))
            error_raise(SPAN_NONE, ERR_LIMIT, "a number is too long");
        add_factor(k, out, node_int(k->g, mpz_get_si(c)), power);
    }
}

static int add_polynomial(Kernels *k, PolyMap *m, ZPoly p, int64_t power,
                          KernelFactors *out)
{
    mpz_ptr c = zint_new();
    ZFactors f = zpoly_factor(m->ring, p, c);
    int sign = mpz_sgn(c);
    add_primes(k, out, c, power);
    for (size_t i = 0; i < f.count; i++)
        add_factor(k, out, node_of_zpoly(m, f.at[i].p),
                   power * (int64_t)f.at[i].power);
    return sign;
}

int kernel_factors(Kernels *k, Node u, KernelFactors *out)
{
    Arena *a = arena_local();
    PolyMap m;
    *out = (KernelFactors){0};
    map_of(k, &m, a, u);
    Rational q = clean_rational(k, &m, u);
    int sign = 0;
    if (!zpoly_is_zero(q.num))
        sign = add_polynomial(k, &m, q.num, 1, out) *
               add_polynomial(k, &m, q.den, -1, out);
    charge(k, &m);
    arena_free(a);
    return sign;
}

/* ---- signs ---- */

static int known_sign(Kernels *k, Node p);

static int sum_sign(Kernels *k, Node p)
{
    Graph *g = k->g;
    int count = node_count(g, p), all = 0;
    for (int i = 0; i < count; i += 2) {
        int s = known_sign(k, node_arg(g, p, i + 1));
        if (s == SIGN_UNSURE)
            return s;
        s *= number_sign(node_number_value(g, node_arg(g, p, i)));
        if (s == 0)
            continue;
        if (all != 0 && s != all)
            return SIGN_UNSURE;
        all = s;
    }
    return all;
}

static int product_sign(Kernels *k, Node p)
{
    Graph *g = k->g;
    int count = node_count(g, p);
    int y = number_sign(node_number_value(g, node_arg(g, p, 0)));
    for (int i = 2; i < count; i += 2) {
        int64_t e = 1;
        if (!value_to_int(node_number_value(g, node_arg(g, p, i + 1)), &e))
            return SIGN_UNSURE;
        int s = known_sign(k, node_arg(g, p, i));
        if (s == SIGN_UNSURE && e % 2 == 0 && !k->jumps)
            s = 1; /* 0 is a thin set */
        if (s == SIGN_UNSURE)
            return s;
        y *= e % 2 == 0 ? s * s : s;
    }
    return y;
}

/* The one sign of p that the region allows. */
static int implied_sign(Kernels *k, Node p)
{
    int y = SIGN_UNSURE, possible = 0;
    if (k->region.count == 0 || k->region.count > 12)
        return y;
    for (int s = -1; s <= 1; s++) {
        if (s == 0 && !k->jumps)
            continue;
        VEC_PUSH_IN(k->arena, &k->region, ((Assumed){p, s}));
        bool empty = kernel_region_is_empty(k);
        k->region.count--;
        if (!empty) {
            y = s;
            possible++;
        }
    }
    return possible == 1 ? y : SIGN_UNSURE;
}

int kernel_quiet_sign(Kernels *k, Node u)
{
    Node before = k->want;
    k->want = NODE_NONE;
    int y = kernel_sign(k, u);
    if (k->want != NODE_NONE)
        y = SIGN_UNSURE;
    k->want = before;
    return y;
}

/*
 * Of a + b*r with a root r > 0: a^2 - (b*r)^2 tells which of the two is the
 * larger, and that one has the sign.
 */
static int root_sum_sign(Kernels *k, Node p)
{
    Graph *g = k->g;
    for (size_t i = k->kernel.count; i-- > 0;) {
        Kernel at = k->kernel.at[i];
        Node *c;
        if (at.kind != KERNEL_ROOT || !node_depends(g, p, at.symbol))
            continue;
        Arena *a = arena_local();
        if (poly_coefficients(g, p, at.symbol, a, &c) != 1) {
            arena_free(a);
            return SIGN_UNSURE;
        }
        Node low = c[0], high = node_mul(g, c[1], at.symbol);
        arena_free(a);
        Node norm = node_sub(g, node_power(g, low, g->two),
                             node_power(g, high, g->two));
        int s = kernel_quiet_sign(k, kernel_clean(k, norm));
        return s == SIGN_UNSURE || s == 0
                   ? SIGN_UNSURE
                   : kernel_quiet_sign(k, s > 0 ? low : high);
    }
    return SIGN_UNSURE;
}

/* Of a constant in kernels its value tells. */
static int constant_sign(Kernels *k, Node p)
{
    Node n = kernel_restore(k, p);
    if (!node_is_constant(k->g, n))
        return SIGN_UNSURE;
    Range r = enclose(k->g, n, 0, NULL, NULL);
    return r.state != RANGE_OK ? SIGN_UNSURE
           : r.low > 0         ? 1
           : r.high < 0        ? -1
                               : SIGN_UNSURE;
}

static int known_sign(Kernels *k, Node p)
{
    Graph *g = k->g;
    depth_check();
    if (node_is_number(g, p))
        return number_sign(node_number_value(g, p));
    for (size_t i = 0; i < k->region.count; i++)
        if (k->region.at[i].factor == p)
            return k->region.at[i].sign;
    switch ((int)node_sign(g, p)) {
    case SIGN_POSITIVE:
        return 1;
    case SIGN_NEGATIVE:
        return -1;
    case SIGN_NONNEGATIVE:
        if (!k->jumps)
            return 1;
        break;
    case SIGN_NONPOSITIVE:
        if (!k->jumps)
            return -1;
        break;
    }
    int y = SIGN_UNSURE;
    if (node_op(g, p) == OP_SUM)
        y = sum_sign(k, p);
    else if (node_op(g, p) == OP_MONO)
        y = product_sign(k, p);
    if (y == SIGN_UNSURE)
        y = constant_sign(k, p);
    if (y == SIGN_UNSURE)
        y = implied_sign(k, p);
    if (y == SIGN_UNSURE && node_op(g, p) == OP_SUM)
        y = root_sum_sign(k, p);
    return y;
}

/* Of an irreducible p, by monotony too; asks for it if it is not known. */
static int wanted_sign(Kernels *k, Node p)
{
    int s = known_sign(k, p);
    if (s != SIGN_UNSURE)
        return s;
    Node like = kernel_like_sign(k, p);
    if (like == NODE_NONE) {
        k->want = p;
        return 1;
    }
    depth_check();
    return kernel_sign(k, kernel_clean(k, like));
}

int kernel_sign(Kernels *k, Node u)
{
    KernelFactors f;
    if (node_is_number(k->g, u))
        return number_sign(node_number_value(k->g, u));
    int y = known_sign(k, u);
    if (y != SIGN_UNSURE)
        return y;
    if (k->want != NODE_NONE)
        return 1;
    y = kernel_factors(k, u, &f);
    for (size_t i = 0; i < f.count && k->want == NODE_NONE; i++) {
        bool even = f.at[i].power % 2 == 0;
        int s = even && !k->jumps ? 1 : wanted_sign(k, f.at[i].p);
        y *= even ? s * s : s;
    }
    return y;
}

bool kernel_is_positive(Kernels *k, Node u)
{
    size_t count = k->region.count;
    k->region.count = 0;
    int s = known_sign(k, u);
    k->region.count = count;
    return s == 1;
}

/*
 * rational.c - nodes to polynomials and back
 */
#include "graph/rational.h"

#include <string.h>

#include "graph/internal.h"
#include "graph/print.h"
#include "value/number.h"

#define ROOT_MOST 1000

/* ---- exponents ---- */

/* A rational exponent p/q of machine size. */
static bool small_exponent(const Graph *g, Node e, int64_t *p, int64_t *q)
{
    if (!node_is_number(g, e) || coef_is_float(g, e))
        return false;
    Value v = node_number_value(g, e);
    Value den = number_denominator(v), num = number_numerator(v);
    if (num.kind != VAL_INT || den.kind != VAL_INT)
        return false;
    *p = num.integer;
    *q = den.integer;
    return true;
}

/* The integer constant in a symbolic exponent: x^(n + 1) is x*x^n. */
static int64_t exponent_constant(Graph *g, Node e, Node *rest)
{
    *rest = e;
    if (node_op(g, e) != OP_SUM)
        return 0;
    for (int i = 0; i < node_count(g, e); i += 2) {
        Value v = node_number_value(g, node_arg(g, e, i));
        if (!node_is_one(g, node_arg(g, e, i + 1)) || v.kind != VAL_INT)
            continue;
        *rest = node_sub(g, e, node_int(g, v.integer));
        return v.integer;
    }
    return 0;
}

/*
 * base^exponent = base^(*whole) * (*generator)^(*power); *generator is
 * NODE_NONE if there is none.
 */
static void split_power(PolyMap *m, Node base, Node exponent, int64_t *whole,
                        Node *generator, int64_t *power)
{
    Graph *g = m->g;
    int64_t p, q;
    *generator = NODE_NONE;
    *power = 0;
    if (!small_exponent(g, exponent, &p, &q)) {
        Node rest;
        *whole = exponent_constant(g, exponent, &rest);
        *generator = node_power(g, base, rest);
        *power = 1;
        return;
    }
    *whole = p;
    if (q == 1)
        return;
    int_floor_div(p, q, whole);
    *power = int_floor_mod(p, q);
    *generator = node_power(g, base, node_rational(g, 1, q));
}

/* ---- generators ---- */

static void add_generator(PolyMap *m, Node n)
{
    uint32_t known;
    if (node_map_get(&m->index, n, &known))
        return;
    node_map_set(&m->index, n, 0);
    VEC_PUSH_IN(m->arena, &m->generator, n);
}

static void add_root(PolyMap *m, Node symbol, int64_t q)
{
    uint32_t old = 1;
    node_map_get(&m->roots, symbol, &old);
    uint64_t both = old / int_gcd(old, q) * (uint64_t)q;
    if (both > ROOT_MOST)
        m->why = "it has roots of too many kinds";
    else
        node_map_set(&m->roots, symbol, (uint32_t)both);
    add_generator(m, symbol);
}

static void collect_factor(PolyMap *m, NodeList *stack, Node base,
                           Node exponent)
{
    Graph *g = m->g;
    int64_t p, q, whole, power;
    Node generator;
    if (node_op(g, base) == OP_SYM && small_exponent(g, exponent, &p, &q)) {
        add_root(m, base, q);
        return;
    }
    split_power(m, base, exponent, &whole, &generator, &power);
    if (generator != NODE_NONE)
        add_generator(m, generator);
    if (whole)
        VEC_PUSH_IN(m->arena, stack, base);
}

static void collect_node(PolyMap *m, NodeList *stack, Node n)
{
    Graph *g = m->g;
    int count = node_count(g, n);
    if (!node_is_scalar(g, n)) {
        m->why = "it is not a number";
        return;
    }
    switch ((int)node_op(g, n)) {
    case OP_NUM:
        if (coef_is_float(g, n))
            m->why = "it holds floats";
        return;
    case OP_SUM:
        for (int i = 0; i < count; i++)
            VEC_PUSH_IN(m->arena, stack, node_arg(g, n, i));
        return;
    case OP_MONO:
        VEC_PUSH_IN(m->arena, stack, node_arg(g, n, 0));
        if (!node_is_number(g, node_arg(g, n, 1)))
            VEC_PUSH_IN(m->arena, stack, node_arg(g, n, 1));
        for (int i = 2; i + 1 < count; i += 2)
            collect_factor(m, stack, node_arg(g, n, i), node_arg(g, n, i + 1));
        return;
    case OP_SYM:
        add_root(m, n, 1);
        return;
    default:
        add_generator(m, n);
    }
}

static void collect(PolyMap *m, int n, const Node nodes[])
{
    NodeMap seen = node_map_in(m->arena);
    NodeList stack = {0};
    uint32_t mark;
    for (int i = 0; i < n; i++)
        VEC_PUSH_IN(m->arena, &stack, nodes[i]);
    while (stack.count && !m->why) {
        POLL();
        Node k = stack.at[--stack.count];
        if (node_map_get(&seen, k, &mark))
            continue;
        node_map_set(&seen, k, 1);
        collect_node(m, &stack, k);
    }
}

void poly_map_new(PolyMap *y, Graph *g, Arena *a, int n, const Node nodes[],
                  uint64_t budget)
{
    *y = (PolyMap){
        .g = g, .arena = a, .index = node_map_in(a), .roots = node_map_in(a)};
    collect(y, n, nodes);
    if (!y->why && y->generator.count > ZPOLY_VARS)
        y->why = "it has too many variables and functions";
    if (y->why)
        return;
    nodes_sort(g, y->generator.at, y->generator.count, 1, 0);
    for (size_t i = 0; i < y->generator.count; i++)
        node_map_set(&y->index, y->generator.at[i], (uint32_t)i);
    y->ring = zring_new(a, (int)y->generator.count, budget);
}

int poly_map_variable(const PolyMap *m, Node symbol)
{
    uint32_t y;
    return node_map_get(&m->index, symbol, &y) ? (int)y : -1;
}

/* ---- arithmetic of quotients ---- */

static Rational reduced(ZRing *r, ZPoly num, ZPoly den)
{
    if (!zpoly_is_one(den)) {
        ZPoly d = zpoly_gcd(r, num, den);
        if (!zpoly_is_one(d)) {
            zpoly_divide(r, num, d, &num);
            zpoly_divide(r, den, d, &den);
        }
        if (mpz_sgn(den.at[0].c) < 0) {
            num = zpoly_neg(r, num);
            den = zpoly_neg(r, den);
        }
    }
    return (Rational){num, den};
}

static Rational add(ZRing *r, Rational a, Rational b)
{
    if (zpoly_same(a.den, b.den))
        return reduced(r, zpoly_add(r, a.num, b.num), a.den);
    ZPoly d = zpoly_gcd(r, a.den, b.den), u = a.den, v = b.den;
    zpoly_divide(r, a.den, d, &u);
    zpoly_divide(r, b.den, d, &v);
    return reduced(
        r,
        zpoly_add(r, zpoly_multiply(r, a.num, v), zpoly_multiply(r, b.num, u)),
        zpoly_multiply(r, a.den, v));
}

static Rational multiply(ZRing *r, Rational a, Rational b)
{
    Rational x = reduced(r, a.num, b.den), y = reduced(r, b.num, a.den);
    return (Rational){zpoly_multiply(r, x.num, y.num),
                      zpoly_multiply(r, x.den, y.den)};
}

static Rational power(ZRing *r, Rational a, int64_t n)
{
    if (n < 0) {
        if (zpoly_is_zero(a.num))
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "division by 0: a denominator vanishes when it is "
                        "multiplied out");
        bool minus = mpz_sgn(a.num.at[0].c) < 0;
        a = (Rational){minus ? zpoly_neg(r, a.den) : a.den,
                       minus ? zpoly_neg(r, a.num) : a.num};
        n = -n;
    }
    return (Rational){zpoly_power(r, a.num, (uint64_t)n),
                      zpoly_power(r, a.den, (uint64_t)n)};
}

static Rational number(ZRing *r, Value v)
{
    mpq_t room;
    mpq_init(room);
    mpq_srcptr q = number_rational(v, room);
    mpz_set(r->t[4], mpq_numref(q));
    mpz_set(r->t[5], mpq_denref(q));
    mpq_clear(room);
    return (Rational){zpoly_number(r, r->t[4]), zpoly_number(r, r->t[5])};
}

/* ---- reading ---- */

static Rational generator_power(PolyMap *m, Node n, int64_t e)
{
    ZRing *r = m->ring;
    uint64_t size = e < 0 ? -(uint64_t)e : (uint64_t)e;
    ZPoly p = zpoly_variable(r, poly_map_variable(m, n), size);
    ZPoly one = zpoly_int(r, 1);
    return e < 0 ? (Rational){one, p} : (Rational){p, one};
}

static Rational read_factor(PolyMap *m, Node base, Node exponent)
{
    Graph *g = m->g;
    int64_t p, q, whole, part;
    uint32_t root = 1;
    Node generator;
    if (node_op(g, base) == OP_SYM && small_exponent(g, exponent, &p, &q)) {
        node_map_get(&m->roots, base, &root);
        if (!int_mul(p, (int64_t)root / q, &p))
            p = INT64_MAX;
        return generator_power(m, base, p);
    }
    split_power(m, base, exponent, &whole, &generator, &part);
    ZPoly one = zpoly_int(m->ring, 1);
    Rational y = {one, one};
    if (generator != NODE_NONE)
        y = generator_power(m, generator, part);
    if (whole)
        y = multiply(m->ring, y,
                     power(m->ring, rational_of_node(m, base), whole));
    return y;
}

static Rational read_mono(PolyMap *m, Node n)
{
    Graph *g = m->g;
    Node *args = node_args_copy(g, n, m->arena);
    int count = node_count(g, n);
    Rational y = number(m->ring, node_number_value(g, args[0]));
    if (!node_is_number(g, args[1]))
        y = multiply(m->ring, y, rational_of_node(m, args[1]));
    for (int i = 2; i + 1 < count; i += 2)
        y = multiply(m->ring, y, read_factor(m, args[i], args[i + 1]));
    return y;
}

/* Terms of one denominator are added up in one go; then the groups. */
static Rational read_sum(PolyMap *m, Node n)
{
    ZRing *r = m->ring;
    Node *args = node_args_copy(m->g, n, m->arena);
    size_t count = (size_t)node_count(m->g, n) / 2, total = 0;
    Rational *term = ARENA_ARRAY(m->arena, Rational, count);
    bool *done = ARENA_ARRAY(m->arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        Rational c = number(r, node_number_value(m->g, args[2 * i]));
        term[i] = multiply(r, c, rational_of_node(m, args[2 * i + 1]));
        total += term[i].num.count;
    }
    Rational y = {(ZPoly){0}, zpoly_int(r, 1)};
    for (size_t i = 0; i < count; i++) {
        if (done[i])
            continue;
        ZTerm *at = ARENA_ARRAY(m->arena, ZTerm, total + 1);
        size_t k = 0;
        zring_spend(r, count);
        for (size_t j = i; j < count; j++) {
            if (done[j] || !zpoly_same(term[i].den, term[j].den))
                continue;
            done[j] = true;
            memcpy(at + k, term[j].num.at, term[j].num.count * sizeof *at);
            k += term[j].num.count;
        }
        total -= k;
        y = add(r, y, reduced(r, zpoly_from_terms(r, at, k), term[i].den));
    }
    return y;
}

Rational rational_of_node(PolyMap *m, Node n)
{
    Graph *g = m->g;
    uint32_t root = 1;
    depth_check();
    switch ((int)node_op(g, n)) {
    case OP_NUM:
        return number(m->ring, node_number_value(g, n));
    case OP_SUM:
        return read_sum(m, n);
    case OP_MONO:
        return read_mono(m, n);
    default:
        node_map_get(&m->roots, n, &root);
        return generator_power(m, n, root);
    }
}

/* ---- writing ---- */

static Node node_of_integer(Graph *g, mpz_srcptr c)
{
    if (mpz_fits_slong_p(c))
        return node_int(g, mpz_get_si(c));
    mpq_t q;
    mpq_init(q);
    mpz_set(mpq_numref(q), c);
    Value v = value_exact(q);
    mpq_clear(q);
    return node_number(g, v);
}

static Node node_of_term(PolyMap *m, const ZTerm *t)
{
    Graph *g = m->g;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    product_put(g, &p, node_of_integer(g, t->c));
    for (int v = 0; v < m->ring->nvars; v++) {
        uint64_t e = zkey_exponent(m->ring, t->key, v);
        uint32_t root = 1;
        Node base = m->generator.at[v];
        if (!e)
            continue;
        node_map_get(&m->roots, base, &root);
        product_put_power(g, &p, base,
                          node_rational(g, (int64_t)e, (int64_t)root));
    }
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

Node node_of_zpoly(PolyMap *m, ZPoly p)
{
    if (!p.count)
        return node_int(m->g, 0);
    Node *term = ARENA_ARRAY(m->arena, Node, p.count);
    for (size_t i = 0; i < p.count; i++) {
        POLL();
        term[i] = node_of_term(m, &p.at[i]);
    }
    /* Written with the sign of its highest term, if that is a plus. */
    Node y = node_sum(m->g, (int)p.count, term);
    return mpz_sgn(p.at[0].c) > 0 ? print_typed(m->g, y) : y;
}

Node node_of_rational(PolyMap *m, Rational q)
{
    Node num = node_of_zpoly(m, q.num);
    return zpoly_is_one(q.den) ? num
                               : node_div(m->g, num, node_of_zpoly(m, q.den));
}

Node node_of_factors(PolyMap *m, mpz_srcptr c, const ZFactors *f)
{
    Graph *g = m->g;
    Node y = node_of_integer(g, c);
    for (size_t i = 0; i < f->count; i++)
        y = node_mul(g, y,
                     node_power(g, node_of_zpoly(m, f->at[i].p),
                                node_int(g, (int64_t)f->at[i].power)));
    return y;
}

/*
 * poly_node.c - nodes to packed polynomials and back
 */
#include "graph/poly_node.h"

#include "base/error.h"
#include "graph/internal.h"
#include "graph/walk.h"
#include "value/number.h"

/* ---- generators ---- */

/* base^e as a power of a polynomial: base to a whole number from 1. */
static bool is_whole_power(const Graph *g, Node e, int64_t *k)
{
    return node_is_number(g, e) && value_to_int(node_number_value(g, e), k) &&
           *k >= 1;
}

static int find_generator(const PolyForm *f, Node n)
{
    for (int i = 0; i < f->ring.nvars; i++)
        if (f->generator[i] == n)
            return i;
    return -1;
}

static bool add_generator(Graph *g, PolyForm *f, Node n)
{
    if (find_generator(f, n) >= 0)
        return true;
    if (f->ring.nvars == POLY_VARS)
        return false;
    f->symbols = f->symbols && node_op(g, n) == OP_SYM;
    f->generator[f->ring.nvars++] = n;
    return true;
}

/* The node that stands for base^e with another e than a whole number. */
static Node power_generator(Graph *g, Node base, Node e, int64_t *k)
{
    Node minus = node_int(g, -1);
    if (node_is_number(g, e) && value_to_int(node_number_value(g, e), k)) {
        *k = -*k;
        return node_power(g, base, minus);
    }
    *k = 1;
    return node_power(g, base, e);
}

static bool collect_generators(Graph *g, PolyForm *f, Node n, NodeMap *seen)
{
    uint32_t mark;
    int64_t k;
    if (node_map_get(seen, n, &mark))
        return true;
    node_map_set(seen, n, 1);
    depth_check();
    if (node_is_number(g, n))
        return value_is_exact(node_number_value(g, n));
    if (node_op(g, n) == OP_SUM) {
        for (int i = 0; i < node_count(g, n); i++)
            if (!collect_generators(g, f, node_arg(g, n, i), seen))
                return false;
        return true;
    }
    if (node_op(g, n) != OP_MONO)
        return add_generator(g, f, n);
    if (!value_is_exact(node_number_value(g, node_arg(g, n, 0))))
        return false;
    for (int i = 2; i < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        bool whole = is_whole_power(g, e, &k);
        if (whole ? !collect_generators(g, f, base, seen)
                  : !add_generator(g, f, power_generator(g, base, e, &k)))
            return false;
    }
    return true;
}

/* ---- reading ---- */

static Poly read_node(Graph *g, PolyForm *f, Node n);

static Poly read_sum(Graph *g, PolyForm *f, Node n)
{
    Ring *r = &f->ring;
    Poly *part = ARENA_ARRAY(r->arena, Poly, (size_t)node_count(g, n) / 2);
    size_t count = 0;
    for (int i = 0; i < node_count(g, n); i += 2)
        part[count++] = poly_scale(r, read_node(g, f, node_arg(g, n, i + 1)),
                                   node_number_value(g, node_arg(g, n, i)));
    return poly_sum(r, count, part);
}

static Poly read_product(Graph *g, PolyForm *f, Node n)
{
    Ring *r = &f->ring;
    Poly y = poly_number(r, node_number_value(g, node_arg(g, n, 0)));
    for (int i = 2; i < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        int64_t k;
        Poly p;
        if (is_whole_power(g, e, &k)) {
            p = poly_power(r, read_node(g, f, base), k);
        } else {
            int var = find_generator(f, power_generator(g, base, e, &k));
            p = poly_variable(r, var, k);
        }
        y = poly_multiply(r, y, p);
    }
    return y;
}

static Poly read_node(Graph *g, PolyForm *f, Node n)
{
    depth_check();
    if (node_is_number(g, n))
        return poly_number(&f->ring, node_number_value(g, n));
    if (node_op(g, n) == OP_SUM)
        return read_sum(g, f, n);
    if (node_op(g, n) == OP_MONO)
        return read_product(g, f, n);
    return poly_variable(&f->ring, find_generator(f, n), 1);
}

PolyForm poly_form(Arena *a)
{
    return (PolyForm){.symbols = true, .ring.arena = a};
}

bool poly_take(Graph *g, PolyForm *f, Node n)
{
    NodeMap seen = node_map_in(f->ring.arena);
    return node_is_scalar(g, n) && collect_generators(g, f, n, &seen);
}

void poly_begin(Graph *g, PolyForm *f)
{
    nodes_sort(g, f->generator, (size_t)f->ring.nvars, 1, 0);
    f->ring = ring_new(f->ring.arena, f->ring.nvars);
}

Poly poly_read(Graph *g, PolyForm *f, Node n)
{
    return read_node(g, f, n);
}

bool poly_of_node(Graph *g, Arena *a, Node n, PolyForm *f)
{
    *f = poly_form(a);
    if (!poly_take(g, f, n))
        return false;
    poly_begin(g, f);
    f->poly = read_node(g, f, n);
    return true;
}

/* ---- back ---- */

/* A monomial without its coefficient. */
static Node monomial(Graph *g, const PolyForm *f, PolyKey key)
{
    Factor factor[POLY_VARS];
    uint32_t count = 0;
    for (int v = 0; v < f->ring.nvars; v++) {
        int64_t e = poly_exponent(&f->ring, key, v);
        if (e)
            factor[count++] = (Factor){f->generator[v], node_int(g, e)};
    }
    if (f->symbols)
        return product_of_symbols(g, count, factor);
    Product p = product_new(g);
    for (uint32_t i = 0; i < count; i++)
        product_put_power(g, &p, factor[i].base, factor[i].exponent);
    return product_build(g, &p);
}

Node node_of_poly(Graph *g, const PolyForm *f, Poly p)
{
    Arena *a = arena_local();
    Node *at = ARENA_ARRAY(a, Node, 2 * p.count + 1);
    for (size_t i = 0; i < p.count; i++) {
        ArenaMark mark = arena_mark(g->scratch);
        POLL();
        Node c = node_number(g, p.at[i].c), m = monomial(g, f, p.at[i].key);
        arena_reset(g->scratch, mark);
        if (f->symbols) {
            at[2 * i] = c;
            at[2 * i + 1] = m;
        } else {
            at[i] = node_scale(g, c, m);
        }
    }
    Node y = f->symbols ? sum_of_pairs(g, p.count, at)
                        : node_sum(g, (int)p.count, at);
    arena_free(a);
    return y;
}

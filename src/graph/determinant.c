/*
 * determinant.c - determinants on packed polynomials
 *
 * Rows are freed of denominators first.  Matrices with many variables are
 * expanded by minors: those of the first k rows on each set of k columns are
 * found from those of k - 1 rows, so each is computed once (Gentleman &
 * Johnson, ACM Trans. Math. Softw. 2, 1976).  Large ones, and numbers, by
 * elimination without fractions (Bareiss, Math. Comp. 22, 1968).
 */
#include "graph/determinant.h"

#include <string.h>

#include "graph/array.h"
#include "graph/rational.h"

#define MINOR_SIDE 12
#define MOST_SIDE 200
#define MINOR_TERMS 400000
#define SHORT_BUDGET 100000u

typedef struct PolyMatrix {
    ZRing *r;
    int n;
    ZPoly *at; /* by rows */
} PolyMatrix;

/* ---- minors ---- */

static void check_terms(size_t n)
{
    if (n > MINOR_TERMS)
        error_raise_help(SPAN_NONE, ERR_LIMIT, NULL,
                         "put numbers for some of its entries, or leave it as "
                         "det(A)",
                         "multiplied out this determinant has more than %d "
                         "terms",
                         MINOR_TERMS);
}

/* The minor of the first rows on the columns of the set. */
static ZPoly minor_on(const PolyMatrix *m, const ZPoly minor[], uint32_t set)
{
    ZRing *r = m->r;
    int row = __builtin_popcount(set) - 1;
    ZPoly part[MINOR_SIDE];
    size_t total = 0, n = 0, k = 0;
    for (int j = m->n - 1, after = 0; j >= 0; j--) {
        if (!(set >> j & 1))
            continue;
        ZPoly e = m->at[row * m->n + j];
        bool minus = after++ % 2;
        if (!e.count || !minor[set & ~(1u << j)].count)
            continue;
        ZPoly p = zpoly_multiply(r, e, minor[set & ~(1u << j)]);
        part[n++] = minus ? zpoly_neg(r, p) : p;
        total += p.count;
        check_terms(total);
    }
    if (n == 1)
        return part[0];
    ZTerm *at = arena_alloc(r->arena, (total + 1) * sizeof *at);
    for (size_t i = 0; i < n; i++) {
        memcpy(at + k, part[i].at, part[i].count * sizeof *at);
        k += part[i].count;
    }
    return zpoly_from_terms(r, at, total);
}

static ZPoly by_minors(const PolyMatrix *m)
{
    uint32_t sets = 1u << m->n;
    ZPoly *minor = ARENA_ARRAY(m->r->arena, ZPoly, sets);
    minor[0] = zpoly_int(m->r, 1);
    for (uint32_t set = 1; set < sets; set++)
        minor[set] = minor_on(m, minor, set);
    return minor[sets - 1];
}

/* ---- elimination ---- */

/* The row at or below k with the shortest entry in column k; -1: none. */
static int find_pivot(const PolyMatrix *m, int k)
{
    int best = -1;
    for (int i = k; i < m->n; i++) {
        size_t count = m->at[i * m->n + k].count;
        if (count && (best < 0 || count < m->at[best * m->n + k].count))
            best = i;
    }
    return best;
}

static void swap_rows(PolyMatrix *m, int i, int k)
{
    for (int j = 0; j < m->n; j++) {
        ZPoly t = m->at[i * m->n + j];
        m->at[i * m->n + j] = m->at[k * m->n + j];
        m->at[k * m->n + j] = t;
    }
}

static ZPoly by_elimination(PolyMatrix *m)
{
    ZRing *r = m->r;
    ZPoly before = zpoly_int(r, 1);
    bool minus = false;
    for (int k = 0; k + 1 < m->n; k++) {
        int p = find_pivot(m, k);
        if (p < 0)
            return (ZPoly){0};
        if (p != k) {
            swap_rows(m, p, k);
            minus = !minus;
        }
        ZPoly pivot = m->at[k * m->n + k];
        for (int i = k + 1; i < m->n; i++)
            for (int j = k + 1; j < m->n; j++) {
                ZPoly *y = &m->at[i * m->n + j];
                ZPoly u = zpoly_multiply(r, *y, pivot);
                ZPoly v =
                    zpoly_multiply(r, m->at[i * m->n + k], m->at[k * m->n + j]);
                u = zpoly_sub(r, u, v);
                check_terms(u.count);
                *y = u;
                if (u.count)
                    zpoly_divide(r, u, before, y);
            }
        before = pivot;
    }
    ZPoly y = m->at[m->n * m->n - 1];
    return minus ? zpoly_neg(r, y) : y;
}

/* ---- the matrix ---- */

/* Row i times its least common denominator, which goes to *den. */
static void read_row(PolyMap *map, const Node entry[], PolyMatrix *m, int i,
                     ZPoly *den)
{
    ZRing *r = m->r;
    Rational *q = ARENA_ARRAY(map->arena, Rational, (size_t)m->n);
    ZPoly all = zpoly_int(r, 1), u;
    for (int j = 0; j < m->n; j++) {
        q[j] = rational_of_node(map, entry[i * m->n + j]);
        u = q[j].den;
        zpoly_divide(r, u, zpoly_gcd(r, all, u), &u);
        all = zpoly_multiply(r, all, u);
    }
    for (int j = 0; j < m->n; j++) {
        zpoly_divide(r, all, q[j].den, &u);
        m->at[i * m->n + j] = zpoly_multiply(r, q[j].num, u);
    }
    *den = zpoly_multiply(r, *den, all);
}

/* Entry i, j of an array put together from scalars and constants, from 0;
 * NODE_NONE if it is not known. */
static Node entry_of(Graph *g, Node n, int i, int j)
{
    OpId op = node_op(g, n);
    if (node_is_scalar(g, n))
        return n;
    switch ((int)op) {
    case OP_STACK:
    case OP_JOIN:
        for (int k = 0; k < node_count(g, n); k++) {
            Node part = node_arg(g, n, k);
            Shape s = node_shape(g, part);
            int size = op == OP_STACK ? s.rows : s.cols;
            int *at = op == OP_STACK ? &i : &j;
            if (size < 0)
                return NODE_NONE;
            if (*at < size)
                return entry_of(g, part, i, j);
            *at -= size;
        }
        return NODE_NONE;
    case OP_TRANS:
        return entry_of(g, node_arg(g, n, 0), j, i);
    case OP_CONST:
    case OP_ONES:
    case OP_ZERO:
    case OP_UNIT:
    case OP_IDENT:
        return array_entry(g, n, i, j);
    default:
        return NODE_NONE;
    }
}

/* The entries by rows; NULL if they are not all known. */
static Node *entries_of(Graph *g, Node a, Arena *arena, int *count)
{
    int n = node_shape(g, a).rows;
    if (n < 1 || n > MOST_SIDE)
        return NULL;
    Node *y = ARENA_ARRAY(arena, Node, (size_t)n * (size_t)n);
    *count = n * n;
    for (int k = 0; k < n * n; k++) {
        y[k] = entry_of(g, a, k / n, k % n);
        if (y[k] == NODE_NONE)
            return NULL;
    }
    return y;
}

static Node determinant(Graph *g, Arena *arena, Node a, uint64_t budget,
                        size_t most)
{
    int count;
    Node *entry = entries_of(g, a, arena, &count);
    PolyMap map;
    if (!entry)
        return NODE_NONE;
    poly_map_new(&map, g, arena, count, entry, budget);
    if (map.why)
        return NODE_NONE;
    PolyMatrix m = {map.ring, node_shape(g, a).rows,
                    ARENA_ARRAY(arena, ZPoly, (size_t)count)};
    ZPoly den = zpoly_int(m.r, 1);
    for (int i = 0; i < m.n; i++)
        read_row(&map, entry, &m, i, &den);
    bool minors = m.n <= 5 || (m.n <= MINOR_SIDE && m.r->nvars > 2);
    ZPoly y = minors ? by_minors(&m) : by_elimination(&m), d;
    if (y.count > most)
        return NODE_NONE;
    d = zpoly_gcd(m.r, y, den);
    if (y.count && !zpoly_is_one(d)) {
        zpoly_divide(m.r, y, d, &y);
        zpoly_divide(m.r, den, d, &den);
    }
    if (!y.count)
        den = zpoly_int(m.r, 1);
    return node_of_rational(&map, (Rational){y, den});
}

Node node_det_expanded(Graph *g, Node a)
{
    Arena *arena = arena_local();
    Node y = determinant(g, arena, a, ZPOLY_BUDGET, MINOR_TERMS);
    arena_free(arena);
    return y;
}

Node node_det_short(Graph *g, Node a)
{
    Arena *arena = arena_local();
    volatile Node y = NODE_NONE;
    size_t n = (size_t)node_shape(g, a).rows;
    Protect p;
    if (PROTECT(&p)) {
        y = determinant(g, arena, a, SHORT_BUDGET, n * n);
        protect_end(&p);
    } else if (context_error()->code != ERR_LIMIT &&
               context_error()->code != ERR_DOMAIN) {
        error_again();
    }
    arena_free(arena);
    return y;
}

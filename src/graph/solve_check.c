/*
 * solve_check.c - putting roots back into their equation
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "graph/solve_inside.h"

enum { TURNS_TRIED = 3, SAMPLES = 48, SAMPLES_ALL = 112, SAMPLED_MOST = 16 };

/* Is the constant y 0, beside values of e next to the root? */
static bool vanishes(Graph *g, Node y, Node e, Node x, Node root)
{
    Probe p;
    double v, near, size = 0;
    if (!node_constant_value(g, y, &v) || v != v)
        return false;
    if (v == 0)
        return true;
    if (probe_value(g, y, 0, NULL, NULL, &p) && p.error < 1e-6 &&
        fabs(v) <= 64 * p.error)
        return true;
    node_constant_value(g, root, &size);
    for (int side = -1; side <= 1; side += 2) {
        Node step = node_float(g, side * 1e-6 * (1 + fabs(size)));
        Node at = node_add(g, node_add(g, root, node_float(g, 0)), step);
        Node beside = node_substitute(g, e, 1, &x, &at);
        if (node_constant_value(g, beside, &near) && near == near)
            return fabs(v) <= 1e-2 * fabs(near);
    }
    return fabs(v) <= 1e-9;
}

/* False if e is surely not 0 at the root, or has no value there. */
static bool holds_at(Graph *g, Node e, Node x, Node root)
{
    Protect p;
    volatile bool holds = true;
    int sign = node_known_sign(g, root);
    unsigned flags = node_symbol_flags(g, x);
    double v;
    if ((flags & SYM_POSITIVE) && (sign == 0 || sign == -1))
        return false;
    if ((flags & SYM_NONNEGATIVE) && sign == -1)
        return false;
    if ((flags & SYM_INTEGER) && node_constant_value(g, root, &v) &&
        fabs(v - nearbyint(v)) > 1e-9)
        return false;
    if (PROTECT(&p)) {
        Node y = node_substitute(g, e, 1, &x, &root);
        if (node_is_constant(g, y) && !node_is_zero(g, y) &&
            !node_is_zero(g, node_expand(g, y)))
            holds = vanishes(g, y, e, x, root);
        protect_end(&p);
        return holds;
    }
    if (context_error()->code != ERR_DOMAIN)
        error_again();
    return false;
}

/* A number for the i-th other symbol in the k-th sample, by its sign; after
 * the first SAMPLES large ones. */
static Node sample(Graph *g, Node symbol, int i, int k)
{
    static const int large[] = {1, 40, 1000, 100000};
    double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
    int64_t c = 1 + (int64_t)(40 * r);
    if (k >= SAMPLES)
        c *= large[(k + k / 4 * i) % 4];
    unsigned flags = node_symbol_flags(g, symbol);
    bool minus = (k >> (i % 3)) % 2 &&
                 !(flags & (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER));
    static const int parts[] = {8, 8, 128, 1}; /* the last: 16 on */
    if (flags & SYM_INTEGER)
        return node_int(g, c);
    return node_rational(g, minus ? -c : c, parts[(k / 8 + i) % 4]);
}

typedef enum Holds { HOLDS_NOT, HOLDS_UNSEEN, HOLDS_PARTLY, HOLDS } Holds;

/* A root with symbols: tried with numbers for them, where it has a value; the
 * very large and small ones may fail by rounding.  Unseen: it has none for any
 * of the numbers. */
static Holds holds_in_samples(Graph *g, Arena *a, Node e, Node x, Node root)
{
    volatile int hits = 0, misses = 0, tried = 0;
    Node *symbol, value[SAMPLED_MOST], from[SAMPLED_MOST];
    int n = node_symbols(g, node_add(g, e, root), a, &symbol), m = 0;
    for (int i = 0; i < n && m < SAMPLED_MOST; i++)
        if (symbol[i] != x)
            from[m++] = symbol[i];
    if (m == 0)
        return holds_at(g, e, x, root) ? HOLDS : HOLDS_NOT;
    for (int k = 0; k < SAMPLES || (k < SAMPLES_ALL && hits == 0); k++) {
        for (int i = 0; i < m; i++)
            value[i] = sample(g, from[i], i, k);
        Protect p;
        if (PROTECT(&p)) {
            double v;
            Node at = node_substitute(g, root, m, from, value);
            Node with = node_substitute(g, e, m, from, value);
            if (!node_constant_value(g, at, &v) ||
                (isfinite(v) && (v != 0 || node_is_zero(g, at)))) {
                bool good = holds_at(g, with, x, at);
                hits += good;
                tried++;
                misses += !good && k < 16;
            }
            protect_end(&p);
        } else if (context_error()->code != ERR_DOMAIN) {
            error_again();
        }
    }
    return tried == 0   ? HOLDS_UNSEEN
           : hits == 0  ? HOLDS_NOT
           : misses > 0 ? HOLDS_PARTLY
                        : HOLDS;
}

static bool is_kept(Graph *g, const Roots *kept, Node root)
{
    for (size_t i = 0; i < kept->at.count; i++) {
        Node other = kept->at.at[i].at;
        if (other == root)
            return true;
        if (node_is_constant(g, root) && node_is_constant(g, other) &&
            probe_zero(g, node_sub(g, root, other)) == ZERO_YES)
            return true;
    }
    return false;
}

/* With these numbers for its counters; NODE_NONE if it does not hold. */
static Node root_of_turn(Solver *s, Node e, const Root *r, int k, int m)
{
    Graph *g = s->g;
    Node turn[2] = {node_int(g, k), node_int(g, m)}, y = NODE_NONE;
    Protect p;
    if (PROTECT(&p)) {
        Node at = node_substitute(g, r->at, r->counters, r->counter, turn);
        at = node_textbook(g, at);
        if (holds_at(g, e, s->x, at) &&
            holds_in_samples(g, s->arena, e, s->x, at) >= HOLDS_PARTLY)
            y = at;
        protect_end(&p);
    } else if (context_error()->code != ERR_DOMAIN) {
        error_again();
    }
    return y;
}

/*
 * Of a family, those next to k = 0 that fulfil the equation, which k = 0
 * may not.  False if there are none among those that were tried.
 */
static bool keep_family(Solver *s, Node e, Root r, Roots *kept)
{
    int found = TURNS_TRIED + 1;
    Root one = r;
    one.family = node_textbook(s->g, r.at);
    Nodes at = {0};
    for (int size = 0; size <= TURNS_TRIED; size++)
        for (int k = -size; k <= size; k++)
            for (int m = -size; m <= size; m++) {
                if ((abs(k) != size && abs(m) != size) ||
                    (r.counters < 2 && m != 0))
                    continue;
                Node y = root_of_turn(s, e, &r, k, m);
                one.gaps = one.gaps || y == NODE_NONE;
                if (y == NODE_NONE || size > found)
                    continue;
                found = size;
                VEC_PUSH_IN(s->arena, &at, y);
            }
    if (at.count > 0)
        VEC_PUSH_IN(s->arena, &kept->families, one);
    for (size_t i = 0; i < at.count; i++) {
        one.at = at.at[i];
        if (!is_kept(s->g, kept, one.at))
            VEC_PUSH_IN(s->arena, &kept->at, one);
    }
    return at.count > 0;
}

void solve_keep(Solver *s, Node e, Roots *kept)
{
    Graph *g = s->g;
    const Roots *found = s->roots;
    for (size_t i = 0; i < found->at.count; i++) {
        Root r = found->at.at[i];
        if (r.counters > 0) {
            kept->open = !keep_family(s, e, r, kept) || kept->open;
            continue;
        }
        if (!holds_at(g, e, s->x, r.at))
            continue;
        Holds holds = holds_in_samples(g, s->arena, e, s->x, r.at);
        r.partly = holds == HOLDS_PARTLY && r.wheres == 0;
        if (holds == HOLDS_NOT || holds == HOLDS_UNSEEN)
            kept->open = kept->open || r.wheres > 0 || holds == HOLDS_UNSEEN;
        else if (!is_kept(g, kept, r.at))
            VEC_PUSH_IN(s->arena, &kept->at, r);
    }
}

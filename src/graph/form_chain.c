/*
 * form_chain.c - matrix products, traces
 *
 * Chains with ones are read as sums: ones'*A is sum(A, 1), A*ones sum(A, 2),
 * a scalar one sum(A).  Equal neighbours become a power.
 */
#include "graph/form.h"
#include "graph/quick.h"

typedef struct ChainWork {
    Forms *f;
    Graph *g;
    Node *factor;
    Form **form;
    int n;
    ChainSums sums;
} ChainWork;

/* ---- the transpose of a chain where that is shorter ---- */

/* Primes that the chain would save as (...)', the new one counted. */
static int primes_saved(Graph *g, Node chain)
{
    int saved = -1, n = node_count(g, chain);
    for (int i = 0; i < n; i++) {
        Node p = node_arg(g, chain, i);
        if (form_is_ones(g, p) || form_is_ones_row(g, p))
            return 0;
        if (node_op(g, p) == OP_TRANS)
            saved++;
        else if (!node_is_symmetric(g, p))
            saved--;
    }
    return saved;
}

/* ---- factors ---- */

/* Factors a..b-1 as a product; equal neighbours as a power. */
static Form *make_product(ChainWork *w, int a, int b)
{
    Forms *f = w->f;
    Form *y = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, (size_t)(b - a));
    for (int i = a; i < b;) {
        int j = i + 1;
        bool square = node_is_square(w->g, w->factor[i]);
        while (square && j < b && w->factor[j] == w->factor[i])
            j++;
        Form *p = w->form[i];
        if (j - i > 1)
            p = form_power(f, p, form_integer(f, j - i), false);
        form_add(y, p, MARK_TIMES);
        i = j;
    }
    return y->count == 1 ? y->kids[0] : form_close(y);
}

/* ones(n)*ones(m)' */
static Form *make_fill(ChainWork *w, int i)
{
    Node row = node_arg(w->g, w->factor[i + 1], 0);
    Form *down = w->form[i]->kids[0];
    Form *along = form_want(w->f, row, FORM_PLAIN)->kids[0];
    Form *args[2] = {down, along};
    return form_call(w->f, "ones", OP_ONES, 2, args);
}

/*
 * One stretch, from behind a ones (or the beginning) to the next one.  `name`
 * is sum or mean.
 */
static Form *make_stretch(ChainWork *w, int a, int b, const char *name)
{
    Graph *g = w->g;
    bool down = form_is_ones_row(g, w->factor[a]);
    bool along = form_is_ones(g, w->factor[b - 1]);
    if (b - a == 1)
        return make_product(w, a, b);
    if (!down && !along)
        return make_product(w, a, b);
    bool scalar = node_shape(g, w->factor[a]).rows == 1 &&
                  node_shape(g, w->factor[b - 1]).cols == 1;
    Form *args[2] = {make_product(w, a + down, b - along), NULL};
    if (scalar && args[0]->kind == FORM_PRIME)
        args[0] = args[0]->kids[0];
    if (!scalar)
        args[1] = form_integer(w->f, down ? 1 : 2);
    return form_call(w->f, name, -1, scalar ? 1 : 2, args);
}

static int stretch_end(ChainWork *w, int a)
{
    int b = a + 1;
    if (form_is_ones(w->g, w->factor[a]))
        return b;
    while (b < w->n && !form_is_ones_row(w->g, w->factor[b])) {
        if (form_is_ones(w->g, w->factor[b]))
            return b + 1;
        b++;
    }
    return b;
}

static bool is_fill(ChainWork *w, int i)
{
    return form_is_ones(w->g, w->factor[i]) && i + 1 < w->n &&
           form_is_ones_row(w->g, w->factor[i + 1]) &&
           stretch_end(w, i + 1) == i + 2;
}

static Form *make_chain(ChainWork *w, bool mean)
{
    const char *name = mean ? "mean" : "sum";
    Form *y = form_open(w->f, FORM_PRODUCT, LEVEL_PRODUCT, (size_t)w->n);
    for (int a = 0; a < w->n;) {
        int b = is_fill(w, a) ? a + 2 : stretch_end(w, a);
        Form *p = is_fill(w, a) ? make_fill(w, a) : make_stretch(w, a, b, name);
        bool open = p->kind == FORM_PRODUCT;
        form_add(y, p, open ? MARK_TIMES | MARK_OPEN : MARK_TIMES);
        a = b;
    }
    return y->count == 1 ? y->kids[0] : form_close(y);
}

/* A had alone in a stretch is no part of the product around it. */
static bool find_factors(ChainWork *w, bool flip)
{
    bool all = true;
    for (int i = 0; i < w->n; i++) {
        Node p = w->factor[i];
        unsigned variant = form_chain_variant(w->f, &w->sums, p, flip);
        w->form[i] = form_want(w->f, p, variant);
        all = all && w->form[i];
        if (form_is_ones_row(w->g, p))
            all = form_want(w->f, node_arg(w->g, p, 0), FORM_PLAIN) && all;
    }
    return all;
}

Form *form_chain(Forms *f, Node n, unsigned variant)
{
    Graph *g = f->graph;
    Node half;
    if (form_is_square(g, n, &half) && node_op(g, half) == OP_SUM)
        return form_power_of(f, n, value_int(1), FORM_PLAIN);
    if (!node_is_scalar(g, n) && primes_saved(g, n) >= 2) {
        Form *y = form_want(f, node_transpose(g, n), variant);
        return y ? form_prime(f, y) : NULL;
    }
    ChainWork w = {.f = f, .g = g, .n = node_count(g, n)};
    w.factor = ARENA_ARRAY(f->arena, Node, (size_t)w.n);
    w.form = ARENA_ARRAY(f->arena, Form *, (size_t)w.n);
    for (int i = 0; i < w.n; i++)
        w.factor[i] = node_arg(g, n, i);
    form_chain_sums(f, n, &w.sums);
    if (!find_factors(&w, variant & FORM_FLIP))
        return NULL;
    return make_chain(&w, variant & FORM_MEAN);
}

Form *form_trace(Forms *f, Node n, unsigned variant)
{
    Node half, a = node_arg(f->graph, n, 0);
    if (form_is_square(f->graph, n, &half) && node_op(f->graph, half) == OP_SUM)
        return form_power_of(f, n, value_int(1), FORM_PLAIN);
    Form *y = form_want(f, a, variant);
    return y ? form_call(f, "tr", OP_TR, 1, &y) : NULL;
}

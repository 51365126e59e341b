/*
 * lower_small.c - small arrays in the body of a loop, entry by entry
 *
 * In lanes every number of the body is a column over the turns.  A product of
 * small arrays that gives a number is written out in its entries.  The product
 * of a column with itself keeps its root beside it, so that norms neither
 * overflow nor vanish, and 0/0 of a norm is 0 as elsewhere.
 */
#include "compile/loop.h"

enum { SMALL_ENTRIES = 64, SMALL_CHAIN = 256 };

bool small_array(Lower *l, Node n, Small *y)
{
    int rows, cols;
    Graph *g = l->g;
    lower_shape(l, n, &rows, &cols);
    y->rows = rows;
    y->cols = cols;
    y->count = (size_t)rows * (size_t)cols;
    if (y->count == 0 || y->count > SMALL_ENTRIES)
        return false;
    y->entry = ARENA_ARRAY(l->a, Node, y->count);
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++) {
            Node e = node_index(g, n, node_int(g, i + 1), node_int(g, j + 1));
            if (!node_is_scalar(g, e))
                return false;
            y->entry[i + j * rows] = e;
        }
    return true;
}

bool small_chain(Lower *l, Node n, Small *y)
{
    VEC(Node) all = {0};
    for (int k = 0; k < node_count(l->g, n); k++) {
        Small f;
        if (!small_array(l, node_arg(l->g, n, k), &f) ||
            all.count + f.count > SMALL_CHAIN)
            return false;
        for (size_t i = 0; i < f.count; i++)
            VEC_PUSH_IN(l->a, &all, f.entry[i]);
    }
    *y = (Small){1, 1, all.count, all.at};
    return true;
}

/* a + b*c, STEP_NONE being 0. */
static Step add_product(Lower *l, Step a, Step b, Node c)
{
    if (b == STEP_NONE || node_is_zero(l->g, c))
        return a;
    Step y = step_each2(l, STEP_MUL, b, lower_node(l, c));
    return a == STEP_NONE ? y : step_each2(l, STEP_ADD, a, y);
}

/* The row v times the next factor; sums run from the last term down. */
static Step *times_factor(Lower *l, const Step v[], const Small *f)
{
    Step *y = ARENA_ARRAY(l->a, Step, (size_t)f->cols);
    for (int j = 0; j < f->cols; j++) {
        y[j] = STEP_NONE;
        for (int i = f->rows - 1; i >= 0; i--)
            y[j] = add_product(l, y[j], v[i], f->entry[i + j * f->rows]);
        POLL();
    }
    return y;
}

/* sum of the squares of v: its root is known. */
static void remember_norm(Lower *l, Step squares, const Small *v)
{
    LaneNorm n = {.squares = squares, .count = v->count};
    n.entry = ARENA_ARRAY(l->a, Step, v->count);
    for (size_t i = 0; i < v->count; i++) {
        n.entry[i] = lower_node(l, v->entry[i]);
        n.norm = i ? lower_hypot(l, n.norm, n.entry[i]) : n.entry[i];
    }
    VEC_PUSH_IN(l->a, &l->norm, n);
}

Step lower_small_chain(Lower *l, Node n)
{
    Graph *g = l->g;
    Small first, f;
    depth_check();
    small_array(l, node_arg(g, n, 0), &first);
    Step *v = ARENA_ARRAY(l->a, Step, first.count);
    for (size_t i = 0; i < first.count; i++)
        v[i] = node_is_zero(g, first.entry[i]) ? STEP_NONE
                                               : lower_node(l, first.entry[i]);
    for (int k = 1; k < node_count(g, n); k++) {
        small_array(l, node_arg(g, n, k), &f);
        v = times_factor(l, v, &f);
    }
    if (v[0] == STEP_NONE)
        return step_number(l, 0);
    bool same = node_count(g, n) == 2 && first.count > 1;
    for (size_t i = 0; same && i < f.count; i++)
        same = f.entry[i] == first.entry[i];
    if (same)
        remember_norm(l, v[0], &f);
    return v[0];
}

bool lower_lane_norm(const Lower *l, Step s, Step *norm)
{
    for (size_t i = 0; i < l->norm.count; i++)
        if (l->norm.at[i].squares == s) {
            *norm = l->norm.at[i].norm;
            return true;
        }
    return false;
}

/* Is x computed from the norm and numbers alone? */
static bool is_of_norm(const Lower *l, Step norm, Step x, int depth)
{
    const StepInfo *i = &l->step.at[x];
    if (x == norm || i->op == STEP_NUM)
        return true;
    if (depth == 0 || !(step_is_each(i->op) || i->op == STEP_SPREAD))
        return false;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!is_of_norm(l, norm, step_arg(l, x, (int)k), depth - 1))
            return false;
    return true;
}

bool lower_lane_shares(const Lower *l, Step norm, Step x)
{
    enum { DEPTH = 6 };
    for (size_t i = 0; i < l->norm.count; i++) {
        const LaneNorm *n = &l->norm.at[i];
        if (n->norm != norm)
            continue;
        for (size_t k = 0; k < n->count; k++)
            if (n->entry[k] == x)
                return true;
        return is_of_norm(l, norm, x, DEPTH);
    }
    return false;
}

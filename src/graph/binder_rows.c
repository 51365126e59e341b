/*
 * binder_rows.c - index forms as matrix products
 */
#include "graph/print.h"
#include "graph/binder_rows.h"

#include "graph/array.h"
#include "graph/front.h"
#include "graph/walk.h"

/* A constant vector 1:n takes the place of an index that is used as a
 * number; longer ones stay loops. */
enum { LONGEST_CONSTANT = 4096 };

struct Rows {
    Graph *g;
    int level;
    Node index, count;
    Dim n;
    NodeMap known;
};

Rows *rows_new(Graph *g, int level, Node index, Node count)
{
    Rows *r = ARENA_NEW(g->scratch, Rows);
    *r = (Rows){.g = g, .level = level, .index = index, .count = count};
    r->n = dim_of_node(g, count);
    r->known = node_map_in(g->scratch);
    return r;
}

static bool is_outside(const Rows *r, Node n)
{
    return node_level(r->g, n) < r->level;
}

static bool is_place(const Rows *r, Node n)
{
    return op_of(r->g, n) != OP_ALL && op_of(r->g, n) != OP_RANGE &&
           node_is_scalar(r->g, n);
}

bool rows_position(Rows *r, Node position, Node *ahead)
{
    if (!is_place(r, position) || is_outside(r, position))
        return false;
    *ahead = node_sub(r->g, position, r->index);
    return is_outside(r, *ahead);
}

/* The places of all turns at once: 1 + ahead : n + ahead. */
static Node all_places(Rows *r, Node ahead)
{
    Graph *g = r->g;
    if (r->n == 1)
        return node_add(g, g->one, ahead);
    return node_range(g, node_add(g, g->one, ahead), g->one,
                      node_add(g, r->count, ahead));
}

static Node ones_times(Rows *r, Node n)
{
    return node_mul(r->g, node_ones(r->g, r->n), n);
}

/* Do the turns 1..n stay within a side, as far as is known? */
static bool fits(Rows *r, Node ahead, Dim side)
{
    Graph *g = r->g;
    Node last = node_add(g, r->count, ahead);
    Sign low = node_sign(g, ahead);
    Sign high = node_sign(g, node_sub(g, node_of_dim(g, side), last));
    return low != SIGN_NEGATIVE && high != SIGN_NEGATIVE;
}

/* a[p, q], a scalar or row. */
static Node rows_index(Rows *r, Node a, Node p, Node q)
{
    Graph *g = r->g;
    Node ahead, other;
    if (!is_outside(r, a))
        return NODE_NONE;
    Shape s = node_shape(g, a);
    if (rows_position(r, p, &ahead)) {
        if (is_outside(r, q))
            return fits(r, ahead, s.rows)
                       ? node_index(g, a, all_places(r, ahead), q)
                       : NODE_NONE;
        if (!rows_position(r, q, &other) || other != ahead ||
            !node_is_zero(g, ahead) || s.rows != r->n || s.cols != r->n)
            return NODE_NONE;
        return node_apply(g, OP_DIAGOF, 1, &a);
    }
    if (!is_outside(r, p) || !is_place(r, p) || !rows_position(r, q, &ahead) ||
        !fits(r, ahead, s.cols))
        return NODE_NONE;
    return node_transpose(g, node_index(g, a, p, all_places(r, ahead)));
}

/* Columns [n,1] and a matrix or column, entry by entry and row by row. */
static Node scale_rows(Graph *g, Node column, Node m)
{
    if (node_shape(g, m).cols == 1)
        return node_had(g, column, m);
    return node_mul(g, node_apply(g, OP_DIAG, 1, &column), m);
}

static Node rows_sum_terms(Rows *r, Node e, bool turned)
{
    Graph *g = r->g;
    int n = node_count(g, e);
    Node *f = args_copy(g, e);
    for (int i = 0; i < n; i += 2) {
        Node t = turned ? node_transpose(g, f[i + 1]) : f[i + 1];
        Node m = rows_of(r, t);
        if (m == NODE_NONE)
            return m;
        f[i / 2] = node_scale(g, f[i], m);
    }
    return node_sum(g, n / 2, f);
}

static Node rows_power(Rows *r, Node base, Node exponent)
{
    Graph *g = r->g;
    if (is_outside(r, exponent)) {
        Node b = rows_of(r, base);
        return b == NODE_NONE ? b : node_had_power(g, b, exponent);
    }
    Node f[] = {rows_of(r, base), rows_of(r, exponent)};
    if (f[0] == NODE_NONE || f[1] == NODE_NONE)
        return NODE_NONE;
    return front_had_power(g, f[0], f[1]);
}

/* Coefficient and scalar factors of a MONO: what does not depend on the
 * index in *outside, the others as a column, NODE_NONE if there are none.
 * False: no form. */
static bool mono_scalars(Rows *r, Node e, Node *outside, Node *column)
{
    Graph *g = r->g;
    int n = node_count(g, e);
    Node *f = args_copy(g, e);
    *outside = f[0];
    *column = NODE_NONE;
    for (int i = 2; i < n; i += 2) {
        if (is_outside(r, f[i]) && is_outside(r, f[i + 1])) {
            Node p = node_power(g, f[i], f[i + 1]);
            *outside = node_mul(g, *outside, p);
            continue;
        }
        Node p = rows_power(r, f[i], f[i + 1]);
        if (p == NODE_NONE)
            return false;
        *column = *column == NODE_NONE ? p : node_had(g, *column, p);
    }
    return true;
}

static Node rows_mono(Rows *r, Node e)
{
    Graph *g = r->g;
    Node outside, column, body = arg_of(g, e, 1);
    if (!mono_scalars(r, e, &outside, &column))
        return NODE_NONE;
    Node y = NODE_NONE;
    if (body != g->one) {
        y = rows_of(r, body);
        if (y == NODE_NONE)
            return y;
    }
    if (column != NODE_NONE)
        y = y == NODE_NONE ? column : scale_rows(g, column, y);
    return node_mul(g, outside, y);
}

/* m, whose rows stand before the factor f that depends on the index. */
static Node rows_times(Rows *r, Node m, Node f)
{
    Graph *g = r->g;
    Shape s = node_shape(g, f);
    if (s.rows == 1) {
        Node y = rows_of(r, f);
        return y == NODE_NONE ? y : scale_rows(g, m, y);
    }
    if (op_of(g, f) == OP_DIAG) {
        Node y = rows_of(r, node_transpose(g, arg_of(g, f, 0)));
        return y == NODE_NONE ? y : node_had(g, m, y);
    }
    if (s.cols != 1)
        return NODE_NONE;
    Node y = rows_of(r, node_transpose(g, f));
    if (y == NODE_NONE)
        return y;
    return node_mul(g, node_had(g, m, y), node_ones(g, s.rows));
}

/* The leading factors that are outside and the first that is not. */
static Node rows_chain_start(Rows *r, const Node f[], int *at)
{
    Graph *g = r->g;
    int k = 0;
    while (is_outside(r, f[k]))
        k++;
    *at = k + 1;
    if (k == 0)
        return rows_of(r, f[0]);
    Node before = node_product(g, k, f);
    if (op_of(g, f[k]) == OP_DIAG) {
        Node y = rows_of(r, node_transpose(g, arg_of(g, f[k], 0)));
        Node column = node_transpose(g, before);
        return y == NODE_NONE
                   ? y
                   : node_mul(g, y, node_apply(g, OP_DIAG, 1, &column));
    }
    if (node_shape(g, f[k]).cols != 1)
        return NODE_NONE;
    Node y = rows_of(r, node_transpose(g, f[k]));
    return y == NODE_NONE ? y : node_mul(g, y, node_transpose(g, before));
}

static Node rows_chain(Rows *r, Node e)
{
    Graph *g = r->g;
    int n = node_count(g, e), i;
    Node *f = args_copy(g, e);
    Node y = rows_chain_start(r, f, &i);
    for (; i < n && y != NODE_NONE; i++)
        y = is_outside(r, f[i]) ? node_mul(g, y, f[i]) : rows_times(r, y, f[i]);
    return y;
}

static Node rows_had(Rows *r, Node e, bool turned)
{
    Graph *g = r->g;
    int n = node_count(g, e);
    Node *f = args_copy(g, e), y = NODE_NONE;
    for (int i = 0; i < n; i += 2) {
        Node base = rows_of(r, turned ? node_transpose(g, f[i]) : f[i]);
        if (base == NODE_NONE || !is_outside(r, f[i + 1]))
            return NODE_NONE;
        base = node_had_power(g, base, f[i + 1]);
        y = y == NODE_NONE ? base : node_had(g, y, base);
    }
    return y;
}

static Node rows_apply(Rows *r, Node e, bool turned)
{
    Graph *g = r->g;
    int n = node_count(g, e);
    Node *f = args_copy(g, e);
    for (int i = 0; i < n; i++) {
        f[i] = rows_of(r, turned ? node_transpose(g, f[i]) : f[i]);
        if (f[i] == NODE_NONE)
            return NODE_NONE;
    }
    return node_apply(g, op_of(g, e), n, f);
}

static Node rows_blocks(Rows *r, Node e, bool turned)
{
    Graph *g = r->g;
    int n = node_count(g, e);
    Node *f = args_copy(g, e);
    for (int i = 0; i < n; i++) {
        f[i] = rows_of(r, turned ? node_transpose(g, f[i]) : f[i]);
        if (f[i] == NODE_NONE)
            return NODE_NONE;
    }
    return node_join(g, n, f);
}

/* x', x a column. */
static Node rows_transpose(Rows *r, Node x)
{
    Graph *g = r->g;
    switch (op_of(g, x)) {
    case OP_SUM:
        return rows_sum_terms(r, x, true);
    case OP_HAD:
        return rows_had(r, x, true);
    case OP_STACK:
        return rows_blocks(r, x, true);
    case OP_INDEX: {
        Node ahead, a = arg_of(g, x, 0), p = arg_of(g, x, 1);
        if (!is_outside(r, a) || !is_outside(r, p) ||
            !rows_position(r, arg_of(g, x, 2), &ahead) ||
            !fits(r, ahead, node_shape(g, a).cols))
            return NODE_NONE;
        return node_transpose(g, node_index(g, a, p, all_places(r, ahead)));
    }
    case OP_UNIT: {
        Node ahead;
        Dim w = node_shape(g, x).rows;
        if (w != r->n || !rows_position(r, arg_of(g, x, 0), &ahead) ||
            !node_is_zero(g, ahead))
            return NODE_NONE;
        return node_identity(g, w);
    }
    default:
        if (op_table[op_of(g, x)].class == CLASS_ELEMENTWISE)
            return rows_apply(r, x, true);
        return NODE_NONE;
    }
}

static Node rows_index_itself(Rows *r)
{
    Graph *g = r->g;
    if (r->n < 0 || r->n > LONGEST_CONSTANT)
        return NODE_NONE;
    if (r->n == 1)
        return g->one;
    return node_from_value(
        g, array_range(value_int(1), value_int(1), value_int(r->n)));
}

static Node find_rows(Rows *r, Node e)
{
    Graph *g = r->g;
    if (is_outside(r, e))
        return ones_times(r, e);
    if (e == r->index)
        return rows_index_itself(r);
    switch (op_of(g, e)) {
    case OP_SUM:
        return print_typed_as(g, e, rows_sum_terms(r, e, false));
    case OP_MONO:
        return rows_mono(r, e);
    case OP_CHAIN:
        return rows_chain(r, e);
    case OP_HAD:
        return rows_had(r, e, false);
    case OP_INDEX:
        return rows_index(r, arg_of(g, e, 0), arg_of(g, e, 1), arg_of(g, e, 2));
    case OP_TRANS:
        return rows_transpose(r, arg_of(g, e, 0));
    case OP_JOIN:
        return rows_blocks(r, e, false);
    default:
        if (op_table[op_of(g, e)].class == CLASS_ELEMENTWISE &&
            node_count(g, e) > 0)
            return rows_apply(r, e, false);
        return NODE_NONE;
    }
}

Node rows_of(Rows *r, Node body)
{
    uint32_t known;
    if (node_map_get(&r->known, body, &known))
        return known;
    depth_check();
    Node y = find_rows(r, body);
    node_map_set(&r->known, body, y);
    return y;
}

/* ---- sums ---- */

/* The sum of a product of matrices that begins with the column L(i) and
 * goes on with the row R(i): the product of both matrices. */
static Node sum_outer(Rows *r, Node column, int n, const Node f[], int joint)
{
    Graph *g = r->g;
    Node left = node_product(g, joint, f);
    Node right = node_product(g, n - joint, f + joint);
    Node a = rows_of(r, node_transpose(g, left));
    Node b = a == NODE_NONE ? a : rows_of(r, right);
    if (b == NODE_NONE)
        return b;
    if (column != NODE_NONE)
        b = scale_rows(g, column, b);
    return node_mul(g, node_transpose(g, a), b);
}

/* A matrix that is a chain, times the scalars in `column`. */
static Node sum_chain(Rows *r, Node column, Node e)
{
    Graph *g = r->g;
    int n;
    Node *f = chain_factors(g, e, &n);
    int joint = chain_joint(g, n, f);
    if (joint > 0)
        return sum_outer(r, column, n, f, joint);
    int from = 0, to = n;
    while (is_outside(r, f[from]))
        from++;
    while (is_outside(r, f[to - 1]))
        to--;
    if ((from == 0 && to == n) || column != NODE_NONE)
        return NODE_NONE;
    Node y = rows_sum(r, node_product(g, to - from, f + from));
    if (y == NODE_NONE)
        return y;
    f[from] = y;
    for (int i = to; i < n; i++)
        f[from + 1 + i - to] = f[i];
    return node_product(g, n - (to - from) + 1, f);
}

static Node sum_mono(Rows *r, Node e)
{
    Graph *g = r->g;
    Node outside, column, body = arg_of(g, e, 1), y;
    if (!mono_scalars(r, e, &outside, &column))
        return NODE_NONE;
    if (column == NODE_NONE)
        y = rows_sum(r, body);
    else if (is_outside(r, body))
        y = node_mul(g, node_sum_entries(g, column, 0), body);
    else
        y = sum_chain(r, column, body);
    return y == NODE_NONE ? y : node_mul(g, outside, y);
}

static Node sum_matrix(Rows *r, Node e)
{
    Graph *g = r->g;
    switch (op_of(g, e)) {
    case OP_SUM: {
        int n = node_count(g, e);
        Node *f = args_copy(g, e);
        for (int i = 0; i < n; i += 2) {
            Node t = rows_sum(r, f[i + 1]);
            if (t == NODE_NONE)
                return t;
            f[i / 2] = node_scale(g, f[i], t);
        }
        return node_sum(g, n / 2, f);
    }
    case OP_MONO:
        return sum_mono(r, e);
    case OP_CHAIN:
        return sum_chain(r, NODE_NONE, e);
    case OP_TRANS: {
        Node y = rows_sum(r, arg_of(g, e, 0));
        return y == NODE_NONE ? y : node_transpose(g, y);
    }
    case OP_DIAG: {
        Node y = rows_sum(r, arg_of(g, e, 0));
        return y == NODE_NONE ? y : node_apply(g, OP_DIAG, 1, &y);
    }
    default:
        return NODE_NONE;
    }
}

Node rows_sum(Rows *r, Node body)
{
    Graph *g = r->g;
    depth_check();
    if (is_outside(r, body))
        return node_mul(g, r->count, body);
    Shape s = node_shape(g, body);
    if (s.rows != 1 && s.cols != 1)
        return sum_matrix(r, body);
    bool column = s.cols == 1 && s.rows != 1;
    Node y = rows_of(r, column ? node_transpose(g, body) : body);
    if (y == NODE_NONE)
        return y;
    if (shape_is_scalar(s))
        return node_sum_entries(g, y, 0);
    if (column)
        return node_mul(g, node_transpose(g, y), node_ones(g, r->n));
    return node_mul(g, node_transpose(g, node_ones(g, r->n)), y);
}

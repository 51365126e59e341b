/*
 * block.c - stacks, joins, indices
 *
 * A stack holds no stacks, a join no joins; neighbouring blocks of zeros or
 * of numbers are one block, and a matrix of blocks whose lines fit is a
 * stack of joins.  An index goes through whatever has known entries there,
 * or hands it to its operands; what is left is an INDEX of an atom.
 */
#include "graph/array.h"

/* ---- stacks and joins ---- */

typedef struct Blocks {
    Graph *g;
    bool stack; /* one below the other, else side by side */
    VEC(Node) part;
} Blocks;

static Dim side_of(const Blocks *b, Node n)
{
    Shape s = node_shape(b->g, n);
    return b->stack ? s.rows : s.cols;
}

static bool is_numeric(const Graph *g, Node n)
{
    return node_is_number(g, n) || op_of(g, n) == OP_CONST;
}

static Node value_block(Blocks *b, Node p, Node q)
{
    Graph *g = b->g;
    Value v[2];
    v[0] =
        node_is_number(g, p) ? node_number_value(g, p) : node_const_value(g, p);
    v[1] =
        node_is_number(g, q) ? node_number_value(g, q) : node_const_value(g, q);
    return node_from_value(g, b->stack ? array_stack(2, v) : array_join(2, v));
}

/* p and then q as one block, NODE_NONE if they are not. */
static Node merge_blocks(Blocks *b, Node p, Node q)
{
    Graph *g = b->g;
    if (node_is_zero(g, p) && node_is_zero(g, q)) {
        Shape s = node_shape(g, p);
        Dim side = dim_add(g, side_of(b, p), side_of(b, q));
        return node_zero(g, b->stack ? (Shape){side, s.cols}
                                     : (Shape){s.rows, side});
    }
    if (node_is_zero(g, p) || node_is_zero(g, q))
        return NODE_NONE;
    if (is_numeric(g, p) && is_numeric(g, q)) {
        Node y = value_block(b, p, q);
        return is_numeric(g, y) ? y : NODE_NONE;
    }
    return NODE_NONE;
}

static void put_block(Blocks *b, Node n)
{
    Graph *g = b->g;
    if (side_of(b, n) == 0)
        return;
    if (op_of(g, n) == (b->stack ? OP_STACK : OP_JOIN)) {
        int k = node_count(g, n);
        Node *f = args_copy(g, n);
        for (int i = 0; i < k; i++)
            put_block(b, f[i]);
        return;
    }
    VEC_PUSH_IN(g->scratch, &b->part, n);
}

static void merge_neighbours(Blocks *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->part.count; i++) {
        Node y = n == 0 ? NODE_NONE
                        : merge_blocks(b, b->part.at[n - 1], b->part.at[i]);
        if (y == NODE_NONE)
            b->part.at[n++] = b->part.at[i];
        else
            b->part.at[n - 1] = y;
    }
    b->part.count = n;
}

static Shape total_shape(Blocks *b)
{
    Graph *g = b->g;
    Dim side = 0;
    for (size_t i = 0; i < b->part.count; i++)
        side = dim_add(g, side, side_of(b, b->part.at[i]));
    Shape s = node_shape(g, b->part.at[0]);
    return b->stack ? (Shape){side, s.cols} : (Shape){s.rows, side};
}

/* Every block a literal: the literal of all entries. */
static Node merge_literal(Blocks *b, Shape s)
{
    Graph *g = b->g;
    if (s.rows < 0 || s.cols < 0 || (int64_t)s.rows * s.cols > 64)
        return NODE_NONE;
    for (size_t i = 0; i < b->part.count; i++) {
        Node p = b->part.at[i];
        if (!node_is_scalar(g, p) && !array_is_literal(g, p))
            return NODE_NONE;
    }
    Node *entry =
        ARENA_ARRAY(g->scratch, Node, (size_t)s.rows * (size_t)s.cols + 1);
    int at = 0;
    for (size_t k = 0; k < b->part.count; k++) {
        Node p = b->part.at[k];
        Shape t = node_shape(g, p);
        for (int i = 0; i < t.rows; i++)
            for (int j = 0; j < t.cols; j++) {
                Node e = node_is_scalar(g, p) ? p : array_entry(g, p, i, j);
                entry[b->stack ? j * s.rows + at + i : (at + j) * s.rows + i] =
                    e;
            }
        at += b->stack ? t.rows : t.cols;
    }
    return array_literal(g, s.rows, s.cols, entry);
}

/* All blocks ones (of a column), all zero. */
static Node merge_fill(Blocks *b, Shape s)
{
    Graph *g = b->g;
    Node first = NODE_NONE;
    for (size_t i = 0; i < b->part.count; i++) {
        Node p = b->part.at[i], entry = p;
        if (!node_is_scalar(g, p) && !node_is_fill(g, p, &entry))
            return NODE_NONE;
        if (first != NODE_NONE && entry != first)
            return NODE_NONE;
        first = entry;
    }
    return node_fill(g, s, first);
}

/* Stacks of equal heights side by side: a stack of joins. */
static Node join_stacks(Blocks *b)
{
    Graph *g = b->g;
    Node *p = b->part.at;
    int n = (int)b->part.count;
    if (b->stack || op_of(g, p[0]) != OP_STACK)
        return NODE_NONE;
    int lines = node_count(g, p[0]);
    for (int i = 1; i < n; i++) {
        if (op_of(g, p[i]) != OP_STACK || node_count(g, p[i]) != lines)
            return NODE_NONE;
        for (uint32_t k = 0; k < (uint32_t)lines; k++)
            if (node_shape(g, arg_of(g, p[i], k)).rows !=
                node_shape(g, arg_of(g, p[0], k)).rows)
                return NODE_NONE;
    }
    Node *line = ARENA_ARRAY(g->scratch, Node, (size_t)lines);
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (uint32_t k = 0; k < (uint32_t)lines; k++) {
        for (int i = 0; i < n; i++)
            f[i] = arg_of(g, p[i], k);
        line[k] = node_join(g, n, f);
    }
    return node_stack(g, lines, line);
}

static Node build_blocks(Graph *g, bool stack, int n, const Node parts[])
{
    depth_check();
    ArenaMark m = arena_mark(g->scratch);
    Blocks b = {.g = g, .stack = stack};
    for (int i = 0; i < n; i++)
        put_block(&b, parts[i]);
    if (b.part.count == 0)
        VEC_PUSH_IN(g->scratch, &b.part, parts[0]);
    Shape s = total_shape(&b);
    Node y = b.part.count == 1 ? b.part.at[0] : merge_fill(&b, s);
    if (y == NODE_NONE)
        y = merge_literal(&b, s);
    if (y == NODE_NONE) {
        merge_neighbours(&b);
        y = b.part.count == 1 ? b.part.at[0] : join_stacks(&b);
    }
    if (y == NODE_NONE)
        y = node_intern(g, stack ? OP_STACK : OP_JOIN, s, (int)b.part.count,
                        b.part.at, 0, NULL);
    arena_reset(g->scratch, m);
    return y;
}

Node node_stack(Graph *g, int n, const Node parts[])
{
    return build_blocks(g, true, n, parts);
}

Node node_join(Graph *g, int n, const Node parts[])
{
    return build_blocks(g, false, n, parts);
}

/* ---- ranges ---- */

/* floor((to - from)/step) + 1, of numbers at least 0. */
static Node range_count(Graph *g, Node from, Node step, Node to)
{
    Node span = node_sub(g, to, from);
    if (!node_is_one(g, step)) {
        span = node_div(g, span, step);
        span = node_apply(g, OP_FLOOR, 1, &span);
    }
    Node count = node_add(g, span, g->one);
    return node_is_number(g, count) && coef_sign(g, count) < 0 ? g->zero
                                                               : count;
}

Node node_range(Graph *g, Node from, Node step, Node to)
{
    if (from == to)
        return from;
    Node f[] = {from, step, to};
    Shape s = {dim_of_node(g, range_count(g, from, step, to)), 1};
    return node_intern(g, OP_RANGE, s, 3, f, 0, NULL);
}

/* ---- indices ---- */

/* A part of a unit matrix of up to so many rows is written out. */
enum { LARGEST_IDENTITY = 64 };

static bool is_position(const Graph *g, Node i)
{
    return op_of(g, i) != OP_ALL && node_is_scalar(g, i) &&
           op_of(g, i) != OP_RANGE;
}

static bool is_all(const Graph *g, Node i)
{
    return op_of(g, i) == OP_ALL;
}

static Dim index_count(Graph *g, Node i, Dim side)
{
    return is_all(g, i) ? side : node_shape(g, i).rows;
}

/* A mask as the places where it is true. */
static Node mask_places(Graph *g, Node i)
{
    Value v = node_const_value(g, i);
    const Array *a = v.array;
    int n = (int)array_count(a), k = 0;
    for (int at = 0; at < n; at++)
        k += a->b[at];
    Value y = array_new(ELEM_EXACT, k, 1);
    k = 0;
    for (int at = 0; at < n; at++)
        if (a->b[at])
            array_set(y.array, (size_t)k++, value_int(at + 1));
    return node_from_value(g, y);
}

static bool is_mask(const Graph *g, Node i)
{
    return op_of(g, i) == OP_CONST &&
           node_const_value(g, i).array->kind == ELEM_BOOL;
}

static void check_position(Graph *g, Node i, Dim side)
{
    int64_t k;
    if (!node_is_number(g, i))
        return;
    if (!value_to_int(node_number_value(g, i), &k))
        error_raise(SPAN_NONE, ERR_INDEX, "an index is a whole number");
    if (k < 1)
        error_raise(SPAN_NONE, ERR_INDEX, "index %lld is below 1",
                    (long long)k);
    if (side >= 0 && k > side)
        error_raise(SPAN_NONE, ERR_INDEX, "index %lld is above %d",
                    (long long)k, (int)side);
}

/* Positions that are all k are kept written out: k*ones(n) would be read as
 * one position. */
static Node written_out(Graph *g, Node i)
{
    Node entry;
    Shape s = node_shape(g, i);
    if (is_all(g, i) || node_is_scalar(g, i) || s.rows < 1 || s.cols < 1 ||
        !node_is_fill(g, i, &entry) || !node_is_number(g, entry))
        return i;
    Value k = node_number_value(g, entry);
    return intern_object(g, OP_CONST, 0, array_fill(s.rows, s.cols, k));
}

/* `:` for 1:n over a side n; 1 for a side of 1; a mask as places. */
static Node plain_index(Graph *g, Node i, Dim side)
{
    if (is_mask(g, i))
        i = mask_places(g, i);
    i = written_out(g, i);
    if (side == 1 && (is_all(g, i) || is_position(g, i)))
        return g->one;
    if (op_of(g, i) != OP_RANGE) {
        check_position(g, i, side);
        return i;
    }
    check_position(g, arg_of(g, i, 0), side);
    check_position(g, arg_of(g, i, 2), side);
    if (node_is_one(g, arg_of(g, i, 0)) && node_is_one(g, arg_of(g, i, 1)) &&
        arg_of(g, i, 2) == node_of_dim(g, side))
        return g->all;
    return i;
}

/* The value of an index made of numbers. */
static bool index_value(Graph *g, Node i, Value *v)
{
    if (is_all(g, i)) {
        *v = (Value){.kind = VAL_COLON};
        return true;
    }
    if (node_is_number(g, i)) {
        *v = node_number_value(g, i);
        return true;
    }
    if (op_of(g, i) == OP_CONST) {
        *v = node_const_value(g, i);
        return true;
    }
    if (op_of(g, i) != OP_RANGE)
        return false;
    Value part[3];
    for (uint32_t k = 0; k < 3; k++) {
        Node p = arg_of(g, i, k);
        if (!node_is_number(g, p))
            return false;
        part[k] = node_number_value(g, p);
    }
    *v = array_range(part[0], part[1], part[2]);
    return true;
}

static Node intern_index(Graph *g, Node a, Node r, Node c, Shape s)
{
    Node f[] = {a, r, c};
    return node_intern(g, OP_INDEX, s, 3, f, 0, NULL);
}

/* Are two positions equal: 1 yes, 0 no, -1 not known. */
static int same_position(Graph *g, Node i, Node j)
{
    if (i == j)
        return 1;
    Node d = node_sub(g, i, j);
    if (node_is_zero(g, d))
        return 1;
    Sign s = node_sign(g, d);
    return s == SIGN_POSITIVE || s == SIGN_NEGATIVE ? 0 : -1;
}

/* A sum with terms unit(k)*row: lines were assigned in it. */
static bool holds_unit(Graph *g, Node a)
{
    for (int i = 1; i < node_count(g, a); i += 2) {
        Node t = arg_of(g, a, (uint32_t)i);
        if (op_of(g, t) == OP_MONO)
            t = arg_of(g, t, 1);
        if (op_of(g, t) != OP_CHAIN)
            continue;
        Node last = arg_of(g, t, g->row[t].nargs - 1);
        if (op_of(g, arg_of(g, t, 0)) == OP_UNIT ||
            (op_of(g, last) == OP_TRANS &&
             op_of(g, arg_of(g, last, 0)) == OP_UNIT))
            return true;
    }
    return false;
}

static Node index_terms(Graph *g, Node a, Node r, Node c)
{
    int n = node_count(g, a);
    Node *f = args_copy(g, a);
    for (int i = 0; i < n; i += 2)
        f[i / 2] = node_mul(g, f[i], node_index(g, f[i + 1], r, c));
    return node_sum(g, n / 2, f);
}

static Node index_had(Graph *g, Node a, Node r, Node c)
{
    int n = node_count(g, a);
    Node *f = args_copy(g, a);
    Node y = g->one;
    for (int i = 0; i < n; i += 2)
        y = node_mul(g, y, node_power(g, node_index(g, f[i], r, c), f[i + 1]));
    return y;
}

static Node index_elementwise(Graph *g, Node a, Node r, Node c)
{
    int n = node_count(g, a);
    Node *f = args_copy(g, a);
    for (int i = 0; i < n; i++)
        f[i] = node_index(g, f[i], r, c);
    return node_apply(g, op_of(g, a), n, f);
}

/* Of a mask: the condition of one entry. */
static Node index_condition(Graph *g, Node a, Node r, Node c)
{
    int n = node_count(g, a);
    Node *f = args_copy(g, a);
    for (int i = 0; i < n; i++)
        f[i] = node_index(g, f[i], r, c);
    return node_rebuild(g, a, f);
}

/* The row of the first factor, the column of the last. */
static Node index_chain(Graph *g, Node a, Node r, Node c)
{
    int n;
    Node *f = chain_factors(g, a, &n);
    if (!is_all(g, r) && node_shape(g, a).rows != 1)
        f[0] = node_index(g, f[0], r, g->all);
    if (!is_all(g, c) && node_shape(g, a).cols != 1)
        f[n - 1] = node_index(g, f[n - 1], g->all, c);
    return node_product(g, n, f);
}

/* Lines of a unit matrix at known positions, where they are few entries. */
static Node index_identity(Graph *g, Dim n, Node r, Node c)
{
    Value index[2];
    if (n < 0 || n > LARGEST_IDENTITY || !index_value(g, r, &index[0]) ||
        !index_value(g, c, &index[1]))
        return NODE_NONE;
    Value v = array_fill(n, n, value_int(0));
    for (int k = 0; k < n; k++)
        array_set(v.array, (size_t)k * (size_t)(n + 1), value_int(1));
    return node_from_value(g, array_index(v, 2, index));
}

/* I or diag(v). */
static Node index_diagonal(Graph *g, Node a, Node r, Node c)
{
    Node v = op_of(g, a) == OP_DIAG ? arg_of(g, a, 0) : NODE_NONE;
    Dim n = node_shape(g, a).rows;
    if (is_position(g, r) && is_position(g, c)) {
        int same = same_position(g, r, c);
        if (same < 0)
            return NODE_NONE;
        if (same == 0)
            return g->zero;
        return v == NODE_NONE ? g->one : node_index(g, v, r, g->one);
    }
    Node k = is_position(g, r) && is_all(g, c)   ? r
             : is_position(g, c) && is_all(g, r) ? c
                                                 : NODE_NONE;
    if (k == NODE_NONE)
        return v == NODE_NONE ? index_identity(g, n, r, c) : NODE_NONE;
    Node unit = node_unit(g, n, k);
    if (v != NODE_NONE)
        unit = node_mul(g, node_index(g, v, k, g->one), unit);
    return k == r ? node_transpose(g, unit) : unit;
}

static Node index_const(Graph *g, Node a, Node r, Node c)
{
    Value index[2];
    if (!index_value(g, r, &index[0]) || !index_value(g, c, &index[1]))
        return NODE_NONE;
    return node_from_value(g, array_index(node_const_value(g, a), 2, index));
}

/*
 * The rows r of a stack: one part that holds them all, or several parts from
 * edge to edge.  Positions are compared with the offsets of the parts as
 * expressions, so [x; 1][n + 1] is found as well.
 */
static Node index_stack(Graph *g, Node a, Node r, Node c)
{
    int n = node_count(g, a), from = -1;
    Node *f = args_copy(g, a);
    if (is_all(g, r)) {
        for (int i = 0; i < n; i++)
            f[i] = node_index(g, f[i], r, c);
        return node_stack(g, n, f);
    }
    bool range = op_of(g, r) == OP_RANGE && node_is_one(g, arg_of(g, r, 1));
    if (!range && !is_position(g, r))
        return NODE_NONE;
    Node first = range ? arg_of(g, r, 0) : r;
    Node last = range ? arg_of(g, r, 2) : r;
    Node offset = g->zero;
    for (int i = 0; i < n; i++) {
        Node end =
            node_add(g, offset, node_of_dim(g, node_shape(g, f[i]).rows));
        Node p = node_sub(g, first, offset), q = node_sub(g, last, offset);
        Node over = node_sub(g, end, last);
        Sign low = node_sign(g, p), high = node_sign(g, over);
        bool inside = low == SIGN_POSITIVE &&
                      (high == SIGN_POSITIVE || high == SIGN_NONNEGATIVE ||
                       high == SIGN_ZERO);
        if (inside) {
            Node part = range ? node_range(g, p, g->one, q) : p;
            return node_index(g, f[i], part, c);
        }
        if (range && node_is_one(g, p))
            from = i;
        if (from >= 0 && node_is_zero(g, over)) {
            for (int k = from; k <= i; k++)
                f[k] = node_index(g, f[k], g->all, c);
            return node_stack(g, i - from + 1, f + from);
        }
        offset = end;
    }
    return NODE_NONE;
}

/* (a[p, q])[r, c] where a single step leads to a's own positions. */
static Node compose_index(Graph *g, Node outer, Node inner)
{
    if (is_all(g, outer))
        return inner;
    if (is_all(g, inner))
        return outer;
    if (is_position(g, inner))
        return is_position(g, outer) ? inner : NODE_NONE;
    if (op_of(g, inner) == OP_RANGE && is_position(g, outer)) {
        Node from = arg_of(g, inner, 0), step = arg_of(g, inner, 1);
        Node k = node_sub(g, outer, g->one);
        return node_add(g, from, node_mul(g, step, k));
    }
    if (op_of(g, inner) == OP_CONST && node_is_number(g, outer))
        return node_index(g, inner, outer, g->one);
    return NODE_NONE;
}

static Node index_index(Graph *g, Node a, Node r, Node c)
{
    Node base = arg_of(g, a, 0);
    Node p = compose_index(g, r, arg_of(g, a, 1));
    Node q = compose_index(g, c, arg_of(g, a, 2));
    if (p == NODE_NONE || q == NODE_NONE)
        return NODE_NONE;
    return node_index(g, base, p, q);
}

static Node index_unit(Graph *g, Node a, Node r)
{
    int same = is_position(g, r) ? same_position(g, r, arg_of(g, a, 0)) : -1;
    return same < 0 ? NODE_NONE : same ? g->one : g->zero;
}

/* An entry of kron(a, b) where all positions are numbers. */
static Node index_kron(Graph *g, Node a, Node r, Node c)
{
    Node u = arg_of(g, a, 0), v = arg_of(g, a, 1);
    Shape s = node_shape(g, v);
    int64_t i, j;
    if (s.rows < 1 || s.cols < 1 || !node_is_number(g, r) ||
        !node_is_number(g, c) || !value_to_int(node_number_value(g, r), &i) ||
        !value_to_int(node_number_value(g, c), &j))
        return NODE_NONE;
    i--;
    j--;
    return node_mul(g,
                    node_index(g, u, node_int(g, i / s.rows + 1),
                               node_int(g, j / s.cols + 1)),
                    node_index(g, v, node_int(g, i % s.rows + 1),
                               node_int(g, j % s.cols + 1)));
}

/* Is an entry of the product a cheap one: the sum of a row or column of one
 * matrix, an entry of a column times one of a row? */
static bool has_cheap_entries(Graph *g, Node a)
{
    int n;
    Node *f = chain_factors(g, a, &n);
    return chain_joint(g, n, f) > 0 ||
           (n == 2 && (op_of(g, f[1]) == OP_ONES || is_ones_row(g, f[0])));
}

/*
 * Do the turns of loops read all entries or all rows of a product that none of
 * them changes?  It is then made once; entry by entry, or row by row, it would
 * cost a product each, of what they read in full.
 */
static bool is_read_by_turns(Graph *g, Node a, Node r, Node c)
{
    int level = node_level(g, a);
    bool rows = !is_all(g, r) && node_level(g, r) > level;
    bool cols = !is_all(g, c) && node_level(g, c) > level;
    Shape s = node_shape(g, a);
    return (rows || s.rows == 1 || is_all(g, r)) &&
           (cols || s.cols == 1 || is_all(g, c)) && r != c &&
           !has_cheap_entries(g, a);
}

/* The index where it is known or goes on to the operands, or NODE_NONE. */
static Node resolve_index(Graph *g, Node a, Node r, Node c, Shape s)
{
    OpId op = op_of(g, a);
    bool entry = is_position(g, r) && is_position(g, c);
    bool line = (is_position(g, r) || is_all(g, r)) &&
                (is_position(g, c) || is_all(g, c));
    switch (op) {
    case OP_MONO: {
        Node body, scalar = split_scalar(g, a, &body);
        return node_mul(g, scalar, node_index(g, body, r, c));
    }
    case OP_TRANS:
        return node_transpose(g, node_index(g, arg_of(g, a, 0), c, r));
    case OP_ZERO:
        return node_zero(g, s);
    case OP_ONES:
        return node_fill(g, s, g->one);
    case OP_CONST:
        return index_const(g, a, r, c);
    case OP_UNIT:
        return index_unit(g, a, r);
    case OP_IDENT:
    case OP_DIAG:
        return index_diagonal(g, a, r, c);
    case OP_STACK:
        return index_stack(g, a, r, c);
    case OP_JOIN:
        return node_transpose(g, node_index(g, node_transpose(g, a), c, r));
    case OP_INDEX:
        return index_index(g, a, r, c);
    case OP_SUM:
        return entry || (line && holds_unit(g, a)) ? index_terms(g, a, r, c)
                                                   : NODE_NONE;
    case OP_HAD:
        return entry ? index_had(g, a, r, c) : NODE_NONE;
    case OP_CHAIN:
        return line && !is_read_by_turns(g, a, r, c) ? index_chain(g, a, r, c)
                                                     : NODE_NONE;
    case OP_DIAGOF:
        return entry ? node_index(g, arg_of(g, a, 0), r, r) : NODE_NONE;
    case OP_KRON:
        return entry ? index_kron(g, a, r, c) : NODE_NONE;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return entry ? index_condition(g, a, r, c) : NODE_NONE;
    default:
        if (entry && op_table[op].class == CLASS_ELEMENTWISE)
            return index_elementwise(g, a, r, c);
        return NODE_NONE;
    }
}

Node node_index(Graph *g, Node a, Node r, Node c)
{
    depth_check();
    Shape s = node_shape(g, a);
    r = plain_index(g, r, s.rows);
    c = plain_index(g, c, s.cols);
    bool whole_rows = is_all(g, r) || (s.rows == 1 && r == g->one);
    bool whole_cols = is_all(g, c) || (s.cols == 1 && c == g->one);
    if (whole_rows && whole_cols)
        return a;
    Shape t = {index_count(g, r, s.rows), index_count(g, c, s.cols)};
    ArenaMark m = arena_mark(g->scratch);
    Node y = resolve_index(g, a, r, c, t);
    arena_reset(g->scratch, m);
    return y == NODE_NONE ? intern_index(g, a, r, c, t) : y;
}

/*
 * had.c - products entry by entry
 *
 * A Had collects bases with exponents, all of one shape, none of them a row
 * (a row had is the transpose of a column had).  Outer products and diags
 * that touch the bases leave as diagonal matrices to the left and right;
 * against a diagonal matrix only diagonals count.
 */
#include "graph/array.h"

typedef struct Had {
    Graph *g;
    Shape shape;
    Product scalar;   /* what left the product */
    VEC(Node) pair;   /* base, exponent, ... */
    Node left, right; /* diag(left)*had*diag(right), or NODE_NONE */
    Node diag;        /* I.*had times diag(diag), or NODE_NONE */
    bool zero;
} Had;

static void put(Had *h, Node n, Node e);

static Had had_new(Graph *g, Shape s)
{
    return (Had){.g = g,
                 .shape = s,
                 .scalar = product_new(g),
                 .left = NODE_NONE,
                 .right = NODE_NONE,
                 .diag = NODE_NONE};
}

static bool is_nonnegative(Graph *g, Node n)
{
    Sign s = node_sign(g, n);
    return s == SIGN_ZERO || s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE;
}

/* (b^p)^e = b^(p*e): for whole e, or b that cannot be negative. */
static bool may_multiply(Graph *g, Node b, Node e)
{
    return node_is_integer(g, e) || is_nonnegative(g, b);
}

static bool is_positive_number(const Graph *g, Node e)
{
    return node_is_number(g, e) && coef_sign(g, e) > 0;
}

static bool is_even(const Graph *g, Node e)
{
    int64_t k;
    return node_is_number(g, e) && coef_is_integer(g, e) &&
           value_to_int(node_number_value(g, e), &k) && k % 2 == 0;
}

static void put_pair(Had *h, Node base, Node e)
{
    Graph *g = h->g;
    OpId op = op_of(g, base);
    if (op == OP_ABS && is_even(g, e)) {
        put(h, arg_of(g, base, 0), e);
        return;
    }
    if (op == OP_NORM2_ROWS && is_even(g, e) && is_positive_number(g, e)) {
        Node square = node_had_power(g, arg_of(g, base, 0), g->two);
        put(h, node_sum_entries(g, square, 2), node_mul(g, e, g->half));
        return;
    }
    if (op == OP_STEP && is_positive_number(g, e))
        e = g->one;
    VEC_PUSH_IN(g->scratch, &h->pair, base);
    VEC_PUSH_IN(g->scratch, &h->pair, e);
}

/* *side = *side .* v.^e */
static void put_side(Had *h, Node *side, Node v, Node e)
{
    Graph *g = h->g;
    v = node_had_power(g, v, e);
    *side = *side == NODE_NONE ? v : node_had(g, *side, v);
}

/*
 * A chain as a base: of an outer product P*Q both sides leave; a diag at the
 * head or at the end leaves.  Entries then are products, so powers go inside
 * only if they are whole.
 */
static void put_chain(Had *h, Node a, Node e)
{
    Graph *g = h->g;
    if (!node_is_integer(g, e) || h->shape.cols == 1) {
        put_pair(h, a, e);
        return;
    }
    int n;
    Node *f = chain_factors(g, a, &n);
    int at = chain_joint(g, n, f);
    if (at > 0) {
        Node right = chain_intern(g, n - at, f + at);
        put_side(h, &h->left, chain_intern(g, at, f), e);
        put_side(h, &h->right, node_transpose(g, right), e);
        return;
    }
    int from = 0, to = n;
    if (op_of(g, f[0]) == OP_DIAG)
        put_side(h, &h->left, arg_of(g, f[from++], 0), e);
    if (op_of(g, f[n - 1]) == OP_DIAG && to - from > 1)
        put_side(h, &h->right, arg_of(g, f[--to], 0), e);
    if (to - from == n)
        put_pair(h, a, e);
    else
        put(h, node_product(g, to - from, f + from), e);
}

/* A sum as a base is primitive. */
static void put_sum(Had *h, Node n, Node e)
{
    Graph *g = h->g;
    Node primitive, content = array_content(g, n, &primitive);
    if (node_is_one(g, content) || !may_multiply(g, content, e)) {
        put_pair(h, n, e);
        return;
    }
    product_put_power(g, &h->scalar, content, e);
    put_pair(h, primitive, e);
}

static void put_had(Had *h, Node n, Node e)
{
    Graph *g = h->g;
    int k = node_count(g, n);
    Node *p = args_copy(g, n);
    bool whole = node_is_integer(g, e);
    for (int i = 0; i < k && !whole; i += 2)
        if (!is_nonnegative(g, p[i])) {
            put_pair(h, n, e);
            return;
        }
    for (int i = 0; i < k; i += 2)
        put(h, p[i], node_mul(g, p[i + 1], e));
}

/* *= I or diag(v): zeros beside the diagonal stay for positive powers. */
static void put_diagonal(Had *h, Node n, Node e)
{
    Graph *g = h->g;
    if (!is_positive_number(g, e)) {
        put_pair(h, n, e);
        return;
    }
    Node v =
        op_of(g, n) == OP_IDENT ? node_ones(g, h->shape.rows) : arg_of(g, n, 0);
    put_side(h, &h->diag, v, e);
}

static void put_body(Had *h, Node n, Node e)
{
    Graph *g = h->g;
    Node entry;
    switch (op_of(g, n)) {
    case OP_ONES:
        return;
    case OP_ZERO:
        if (is_positive_number(g, e))
            h->zero = true;
        else
            put_pair(h, n, e);
        return;
    case OP_HAD:
        put_had(h, n, e);
        return;
    case OP_IDENT:
    case OP_DIAG:
        put_diagonal(h, n, e);
        return;
    case OP_CHAIN:
        if (!node_is_fill(g, n, &entry) || !node_is_one(g, entry))
            put_chain(h, n, e);
        return;
    default:
        if (is_sum(g, n))
            put_sum(h, n, e);
        else
            put_pair(h, n, e);
    }
}

static void put(Had *h, Node n, Node e)
{
    Graph *g = h->g;
    depth_check();
    if (node_is_zero(g, e))
        return;
    Node body, scalar = split_scalar(g, n, &body);
    if (node_is_one(g, scalar)) {
        put_body(h, n, e);
        return;
    }
    if (!may_multiply(g, scalar, e)) {
        put_pair(h, n, e);
        return;
    }
    product_put_power(g, &h->scalar, scalar, e);
    put_body(h, body, e);
}

/* ---- the bases, sorted and merged ---- */

static void drop_pair(Had *h, size_t i)
{
    for (size_t k = i; k + 2 < h->pair.count; k++)
        h->pair.at[k] = h->pair.at[k + 2];
    h->pair.count -= 2;
}

static void merge_equal(Had *h)
{
    Graph *g = h->g;
    Node *p = h->pair.at;
    size_t n = 0;
    nodes_sort(g, p, h->pair.count / 2, 2, 0);
    for (size_t i = 0; i < h->pair.count; i += 2) {
        if (n > 0 && p[n - 2] == p[i]) {
            p[n - 1] = node_add(g, p[n - 1], p[i + 1]);
            if (op_of(g, p[i]) == OP_STEP && is_positive_number(g, p[n - 1]))
                p[n - 1] = g->one;
        } else {
            p[n] = p[i];
            p[n + 1] = p[i + 1];
            n += 2;
        }
        if (node_is_zero(g, p[n - 1]))
            n -= 2;
    }
    h->pair.count = n;
}

static size_t find_applied(const Had *h, OpId op, Node argument)
{
    for (size_t i = 0; i < h->pair.count; i += 2)
        if (op_of(h->g, h->pair.at[i]) == op &&
            arg_of(h->g, h->pair.at[i], 0) == argument)
            return i;
    return h->pair.count;
}

/* sign(x).*abs(x) = x, relu(z).*step(z) = relu(z): true if one was met. */
static bool merge_kinks(Had *h)
{
    Graph *g = h->g;
    for (size_t i = 0; i < h->pair.count; i += 2) {
        Node base = h->pair.at[i];
        OpId op = op_of(g, base);
        if ((op != OP_SIGN && op != OP_STEP) ||
            !node_is_one(g, h->pair.at[i + 1]))
            continue;
        Node x = arg_of(g, base, 0);
        size_t k = find_applied(h, op == OP_SIGN ? OP_ABS : OP_RELU, x);
        if (k == h->pair.count || !is_positive_number(g, h->pair.at[k + 1]))
            continue;
        Node left = node_sub(g, h->pair.at[k + 1], g->one);
        if (op == OP_SIGN && coef_sign(g, left) < 0)
            continue;
        if (op == OP_SIGN) {
            h->pair.at[k + 1] = left;
            h->pair.at[i] = x;
            if (node_is_zero(g, left))
                drop_pair(h, k);
        } else {
            drop_pair(h, i);
        }
        return true;
    }
    return false;
}

/* unit(n, k).*v.^e = v[k]^e*unit(n, k): the others become scalars. */
static bool merge_unit(Had *h)
{
    Graph *g = h->g;
    size_t at = 0;
    while (at < h->pair.count && (op_of(g, h->pair.at[at]) != OP_UNIT ||
                                  !is_positive_number(g, h->pair.at[at + 1])))
        at += 2;
    if (at == h->pair.count || h->pair.count == 2)
        return false;
    Node unit = h->pair.at[at], k = arg_of(g, unit, 0);
    for (size_t i = 0; i < h->pair.count; i += 2)
        if (i != at)
            product_put_power(g, &h->scalar,
                              node_index(g, h->pair.at[i], k, g->one),
                              h->pair.at[i + 1]);
    h->pair.at[0] = unit;
    h->pair.at[1] = g->one;
    h->pair.count = 2;
    return true;
}

/* Arrays of numbers with numbers as exponents become one. */
static void merge_constants(Had *h)
{
    Graph *g = h->g;
    Value v = VALUE_NONE;
    for (size_t i = 0; i < h->pair.count;) {
        Node b = h->pair.at[i], e = h->pair.at[i + 1];
        if (op_of(g, b) != OP_CONST || !node_is_number(g, e)) {
            i += 2;
            continue;
        }
        Value f = node_const_value(g, b);
        if (!node_is_one(g, e))
            f = value_binary(BIN_POW, f, node_number_value(g, e));
        v = v.kind == VAL_NONE ? f : value_binary(BIN_MUL, v, f);
        drop_pair(h, i);
    }
    if (v.kind != VAL_NONE)
        put(h, node_from_value(g, v), g->one);
}

/* All bases literals, one with symbols: entry by entry. */
static Node merge_literals(Had *h)
{
    Graph *g = h->g;
    bool symbols = false;
    for (size_t i = 0; i < h->pair.count; i += 2) {
        OpId op = op_of(g, h->pair.at[i]);
        symbols = symbols || op == OP_STACK || op == OP_JOIN;
        if (!array_is_literal(g, h->pair.at[i]))
            return NODE_NONE;
    }
    if (!symbols)
        return NODE_NONE;
    int rows = h->shape.rows, cols = h->shape.cols;
    Node *entry = ARENA_ARRAY(g->scratch, Node, (size_t)rows * (size_t)cols);
    for (int k = 0; k < rows * cols; k++) {
        Product p = product_new(g);
        for (size_t i = 0; i < h->pair.count; i += 2)
            product_put(
                g, &p,
                node_power(g, array_entry(g, h->pair.at[i], k % rows, k / rows),
                           h->pair.at[i + 1]));
        entry[k] = product_build(g, &p);
    }
    return array_literal(g, rows, cols, entry);
}

static bool same_cuts(Graph *g, Node a, Node b)
{
    int n = node_count(g, a);
    if (op_of(g, a) != op_of(g, b) || node_count(g, b) != n)
        return false;
    for (uint32_t i = 0; i < (uint32_t)n; i++)
        if (!shape_same(node_shape(g, arg_of(g, a, i)),
                        node_shape(g, arg_of(g, b, i))))
            return false;
    return true;
}

/* All bases stacks, or joins, that are cut alike: block by block. */
static Node merge_blocks(Had *h)
{
    Graph *g = h->g;
    Node first = h->pair.at[0];
    OpId op = op_of(g, first);
    if (op != OP_STACK && op != OP_JOIN)
        return NODE_NONE;
    for (size_t k = 2; k < h->pair.count; k += 2)
        if (!same_cuts(g, first, h->pair.at[k]))
            return NODE_NONE;
    int n = node_count(g, first);
    Node *block = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < h->pair.count; k += 2) {
            Node b = arg_of(g, h->pair.at[k], (uint32_t)i);
            b = node_had_power(g, b, h->pair.at[k + 1]);
            block[i] = k == 0 ? b : node_had(g, block[i], b);
        }
    return op == OP_STACK ? node_stack(g, n, block) : node_join(g, n, block);
}

/* The bases alone, without scalars and sides; NODE_NONE if none are left. */
static Node build_pairs(Had *h)
{
    Graph *g = h->g;
    merge_constants(h);
    merge_equal(h);
    while (merge_kinks(h))
        merge_equal(h);
    if (h->pair.count == 0)
        return NODE_NONE;
    if (merge_unit(h))
        return h->pair.at[0];
    Node y = merge_literals(h);
    if (y == NODE_NONE &&
        !(h->pair.count == 2 && node_is_one(g, h->pair.at[1])))
        y = merge_blocks(h);
    if (y != NODE_NONE)
        return y;
    if (h->pair.count == 2 && node_is_one(g, h->pair.at[1]))
        return h->pair.at[0];
    y = node_intern(g, OP_HAD, h->shape, (int)h->pair.count, h->pair.at, 0,
                    NULL);
    return rules_rewrite(g, y);
}

/* diag(left)*rest*diag(right) */
static Node build_sides(Had *h, Node rest)
{
    Graph *g = h->g;
    if (rest == NODE_NONE) {
        Node l = h->left, r = h->right;
        if (l == NODE_NONE)
            l = node_ones(g, h->shape.rows);
        if (r == NODE_NONE)
            r = node_ones(g, h->shape.cols);
        return node_mul(g, l, node_transpose(g, r));
    }
    if (h->left != NODE_NONE)
        rest = node_mul(g, node_apply(g, OP_DIAG, 1, &h->left), rest);
    if (h->right != NODE_NONE)
        rest = node_mul(g, rest, node_apply(g, OP_DIAG, 1, &h->right));
    return rest;
}

static Node build_diagonal(Had *h, Node rest)
{
    Graph *g = h->g;
    Node v = h->diag;
    if (rest != NODE_NONE)
        v = node_had(g, v, node_apply(g, OP_DIAGOF, 1, &rest));
    if (h->left != NODE_NONE)
        v = node_had(g, v, h->left);
    if (h->right != NODE_NONE)
        v = node_had(g, v, h->right);
    return node_apply(g, OP_DIAG, 1, &v);
}

static Node finish(Had *h)
{
    Graph *g = h->g;
    Node y = h->zero ? NODE_NONE : build_pairs(h);
    if (h->zero)
        return node_zero(g, h->shape);
    if (h->diag != NODE_NONE)
        y = build_diagonal(h, y);
    else if (h->left != NODE_NONE || h->right != NODE_NONE)
        y = build_sides(h, y);
    else if (y == NODE_NONE)
        y = node_fill(g, h->shape, g->one);
    if (node_is_zero(g, y))
        return y;
    return node_mul(g, product_build(g, &h->scalar), y);
}

Node node_had(Graph *g, Node a, Node b)
{
    depth_check();
    if (node_is_scalar(g, a))
        return node_mul(g, a, b);
    if (node_is_row(g, a))
        return node_transpose(
            g, node_had(g, node_transpose(g, a), node_transpose(g, b)));
    ArenaMark m = arena_mark(g->scratch);
    Had h = had_new(g, node_shape(g, a));
    put(&h, a, g->one);
    put(&h, b, g->one);
    Node y = finish(&h);
    arena_reset(g->scratch, m);
    return y;
}

Node node_had_power(Graph *g, Node base, Node e)
{
    if (node_is_one(g, e))
        return base;
    if (node_is_scalar(g, base))
        return node_power(g, base, e);
    if (node_is_row(g, base))
        return node_transpose(g, node_had_power(g, node_transpose(g, base), e));
    ArenaMark m = arena_mark(g->scratch);
    Had h = had_new(g, node_shape(g, base));
    put(&h, base, e);
    Node y = finish(&h);
    arena_reset(g->scratch, m);
    return y;
}

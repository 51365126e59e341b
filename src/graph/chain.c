/*
 * chain.c - matrix products
 *
 * A Chain collects factors from left to right and keeps what it holds in
 * canonical order: scalars have left, neighbours that cancel are gone, and
 * at most one row stands in it, at its head or after a column (the one-wide
 * joint of an outer product).  So when a column arrives behind a row, what
 * lies between is a scalar, and when a diag arrives behind a row or a column
 * behind a diag, they are a had.
 */
#include "graph/array.h"
#include "graph/quick.h"

#include <assert.h>
#include <string.h>

typedef VEC(Node) NodeVec;

typedef struct Chain {
    Graph *g;
    Product scalar; /* what left the chain */
    NodeVec out;
    int row; /* place of the row in out, or -1 */
    int inv; /* place of the last inv in out, or -1 */
    bool zero;
} Chain;

static void put(Chain *c, Node n);
static void put_atom(Chain *c, Node f);

/* ---- chains as lists of factors ---- */

Node *chain_factors(Graph *g, Node n, int *count)
{
    if (op_of(g, n) == OP_CHAIN) {
        *count = node_count(g, n);
        return args_copy(g, n);
    }
    Node *f = ARENA_ARRAY(g->scratch, Node, 1);
    *count = 1;
    f[0] = n;
    return f;
}

Node chain_intern(Graph *g, int n, const Node f[])
{
    if (n == 1)
        return f[0];
    Shape s = {node_shape(g, f[0]).rows, node_shape(g, f[n - 1]).cols};
    return node_intern(g, OP_CHAIN, s, n, f, 0, NULL);
}

int chain_joint(const Graph *g, int n, const Node f[])
{
    for (int i = 1; i < n; i++)
        if (node_shape(g, f[i]).rows == 1)
            return i;
    return 0;
}

static bool is_inverse(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    return op == OP_INV ||
           (op == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_INV);
}

/* E where n = inv(E). */
static Node inverse_argument(Graph *g, Node n)
{
    if (op_of(g, n) == OP_INV)
        return arg_of(g, n, 0);
    return node_transpose(g, arg_of(g, arg_of(g, n, 0), 0));
}

/* ---- the list of a Chain ---- */

static Chain chain_new(Graph *g)
{
    return (Chain){.g = g, .scalar = product_new(g), .row = -1, .inv = -1};
}

static int length(const Chain *c)
{
    return (int)c->out.count;
}

static Node top(const Chain *c)
{
    return c->out.at[c->out.count - 1];
}

static void truncate_to(Chain *c, int n)
{
    c->out.count = (size_t)n;
    if (c->row >= n)
        c->row = -1;
    if (c->inv < n)
        return;
    c->inv = n - 1;
    while (c->inv >= 0 && !is_inverse(c->g, c->out.at[c->inv]))
        c->inv--;
}

static void push(Chain *c, Node f)
{
    int at = length(c);
    VEC_PUSH_IN(c->g->scratch, &c->out, f);
    if (node_shape(c->g, f).rows == 1)
        c->row = at;
    if (is_inverse(c->g, f))
        c->inv = at;
}

/* ---- cancellation with inverses ---- */

static bool spans_square(const Graph *g, const Node e[], int from, int to)
{
    return node_shape(g, e[from]).rows == node_shape(g, e[to - 1]).cols;
}

/* The inverse of the product of e[0..n-1], which may be nothing. */
static void put_inverse(Chain *c, int n, const Node e[])
{
    if (n == 0)
        return;
    Node rest = node_product(c->g, n, e);
    put(c, node_apply(c->g, OP_INV, 1, &rest));
}

/* E*inv(E), B*inv(P*Q*B): the end of the list is the end of E. */
static bool cancel_before(Chain *c, Node inv)
{
    Graph *g = c->g;
    int k, square = 0;
    Node *e = chain_factors(g, inverse_argument(g, inv), &k);
    for (int j = 1; j <= k && j <= length(c); j++) {
        if (c->out.at[length(c) - j] != e[k - j])
            break;
        if (spans_square(g, e, k - j, k))
            square = j;
    }
    if (square == 0)
        return false;
    truncate_to(c, length(c) - square);
    put_inverse(c, k - square, e);
    return true;
}

/* inv(E)*E, inv(P*Q*B)*P: what follows the inverse begins E. */
static bool cancel_after(Chain *c, Node f)
{
    Graph *g = c->g;
    int at = c->inv, k, j = length(c) - at;
    Node inverse = inverse_argument(g, c->out.at[at]);
    if (j > (op_of(g, inverse) == OP_CHAIN ? node_count(g, inverse) : 1))
        return false;
    Node *e = chain_factors(g, inverse, &k);
    if (e[j - 1] != f || !spans_square(g, e, 0, j))
        return false;
    for (int i = 1; i < j; i++)
        if (c->out.at[at + i] != e[i - 1])
            return false;
    truncate_to(c, at);
    put_inverse(c, k - j, e + j);
    return true;
}

static bool cancel(Chain *c, Node f)
{
    if (length(c) == 0)
        return false;
    if (is_inverse(c->g, f) && cancel_before(c, f))
        return true;
    return c->inv >= 0 && cancel_after(c, f);
}

/* ---- neighbours ---- */

/*
 * The sum s times ones (or ones' times it) is spread only where that gives 0:
 * one of its terms has all entries alike, and the others balance it.
 */
bool sum_balances(Graph *g, Node s, bool ones_first)
{
    ArenaMark m = arena_mark(g->scratch);
    bool turned = op_of(g, s) == OP_TRANS, fill = false;
    if (turned)
        s = arg_of(g, s, 0);
    int n = node_count(g, s);
    Node *f = args_copy(g, s), entry;
    for (int i = 1; i < n && !fill; i += 2)
        fill = node_is_fill(g, f[i], &entry);
    bool zero = false;
    if (fill) {
        bool left = ones_first != turned;
        Shape shape = node_shape(g, s);
        Node ones = node_ones(g, left ? shape.rows : shape.cols);
        if (left)
            ones = node_transpose(g, ones);
        for (int i = 1; i < n; i += 2)
            f[i / 2] = node_mul(g, f[i - 1],
                                left ? node_mul(g, ones, f[i])
                                     : node_mul(g, f[i], ones));
        zero = node_is_zero(g, node_sum(g, n / 2, f));
    }
    arena_reset(g->scratch, m);
    return zero;
}

static bool is_unit_row(const Graph *g, Node n)
{
    return op_of(g, n) == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_UNIT;
}

static bool is_const_diag(const Graph *g, Node n)
{
    return op_of(g, n) == OP_DIAG && op_of(g, arg_of(g, n, 0)) == OP_CONST;
}

/* A CONST, or the transpose of one. */
static bool is_array_of_numbers(Graph *g, Node n)
{
    return op_of(g, n) == OP_CONST ||
           (op_of(g, n) == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_CONST);
}

static Value array_of_numbers(Graph *g, Node n)
{
    if (op_of(g, n) == OP_CONST)
        return node_const_value(g, n);
    return value_transpose(node_const_value(g, arg_of(g, n, 0)));
}

static Value turned_product(Graph *g, Node a, Node b)
{
    if (op_of(g, a) == OP_TRANS)
        return value_turned_product(node_const_value(g, arg_of(g, a, 0)),
                                    array_of_numbers(g, b));
    return value_product(node_const_value(g, a), array_of_numbers(g, b));
}

/*
 * A column times a row, of many entries: apart they are few, and with a matrix
 * on either side the product is one of a matrix and a vector.
 */
static bool is_wide_outer(const Graph *g, Node a, Node b)
{
    Shape p = node_shape(g, a), q = node_shape(g, b);
    return p.cols == 1 && q.rows == 1 && p.rows >= 32 && q.cols >= 32;
}

static Node new_product(Graph *g, Node a, Node b)
{
    bool left = op_of(g, a) == OP_CONST, right = op_of(g, b) == OP_CONST;
    Value v;
    if (is_wide_outer(g, a, b))
        return NODE_NONE;
    if (is_array_of_numbers(g, a) && is_array_of_numbers(g, b))
        v = turned_product(g, a, b);
    else if (left && op_of(g, b) == OP_ONES)
        v = value_reduce(RED_SUM, node_const_value(g, a), 2);
    else if (right && is_ones_row(g, a))
        v = value_reduce(RED_SUM, node_const_value(g, b), 1);
    else if (left && is_const_diag(g, b))
        v = value_binary(BIN_MUL, node_const_value(g, a),
                         value_transpose(node_const_value(g, arg_of(g, b, 0))));
    else if (right && is_const_diag(g, a))
        v = value_binary(BIN_MUL, node_const_value(g, arg_of(g, a, 0)),
                         node_const_value(g, b));
    else
        return NODE_NONE;
    return node_from_value(g, v);
}

/*
 * A product of arrays of numbers, one of which is a CONST.  Every derivative
 * of a formula asks for the same few, which may be large: the last are
 * remembered.
 */
static Node combine_constants(Graph *g, Node a, Node b)
{
    KnownProduct *p = &g->product[(a + 31 * b) % KNOWN_PRODUCTS];
    if (p->a == a && p->b == b && p->generation == g->generation)
        return p->y;
    Node y = new_product(g, a, b);
    if (y != NODE_NONE)
        *p = (KnownProduct){a, b, y, g->generation};
    return y;
}

/* [P, Q]*[u; v] = P*u + Q*v where the cuts agree. */
static Node combine_blocks(Graph *g, Node a, Node b)
{
    if (op_of(g, a) != OP_JOIN || op_of(g, b) != OP_STACK ||
        node_count(g, a) != node_count(g, b))
        return NODE_NONE;
    int n = node_count(g, a);
    Node *p = args_copy(g, a), *q = args_copy(g, b);
    for (int i = 0; i < n; i++)
        if (node_shape(g, p[i]).cols != node_shape(g, q[i]).rows)
            return NODE_NONE;
    for (int i = 0; i < n; i++)
        p[i] = node_mul(g, p[i], q[i]);
    return node_sum(g, n, p);
}

/* kron(p, q)*kron(r, s) = kron(p*r, q*s) where the products exist. */
static Node combine_krons(Graph *g, Node a, Node b)
{
    Node f[2];
    for (uint32_t i = 0; i < 2; i++) {
        Node x = arg_of(g, a, i), y = arg_of(g, b, i);
        if (node_shape(g, x).cols != node_shape(g, y).rows)
            return NODE_NONE;
        f[i] = node_mul(g, x, y);
    }
    return node_apply(g, OP_KRON, 2, f);
}

/* a*b of two neighbours where it is known; NODE_NONE where it is not. */
static Node combine(Graph *g, Node a, Node b)
{
    OpId p = op_of(g, a), q = op_of(g, b);
    if (p == OP_DIAG && q == OP_DIAG) {
        Node v = node_had(g, arg_of(g, a, 0), arg_of(g, b, 0));
        return node_apply(g, OP_DIAG, 1, &v);
    }
    Node y = combine_constants(g, a, b);
    if (y == NODE_NONE)
        y = rowfun_combine(g, a, b);
    if (y == NODE_NONE)
        y = spectral_combine(g, a, b);
    if (y != NODE_NONE)
        return y;
    if (is_ones_row(g, a) && is_sum(g, b) && sum_balances(g, b, true))
        return node_zero(g, (Shape){1, node_shape(g, b).cols});
    if (q == OP_ONES && is_sum(g, a) && sum_balances(g, a, false))
        return node_zero(g, (Shape){node_shape(g, a).rows, 1});
    if (q == OP_UNIT)
        return node_index(g, a, node_all(g), arg_of(g, b, 0));
    if (is_unit_row(g, a))
        return node_index(g, b, arg_of(g, arg_of(g, a, 0), 0), node_all(g));
    y = p == OP_KRON && q == OP_KRON ? combine_krons(g, a, b)
                                     : combine_blocks(g, a, b);
    return y == NODE_NONE ? literal_product(g, a, b) : y;
}

/* ---- rows, columns, diagonals ---- */

/* (out[from..])*f is a scalar and leaves. */
static void take_scalar(Chain *c, int from, Node f)
{
    Graph *g = c->g;
    int n = length(c) - from + 1;
    Node *all = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n - 1; i++)
        all[i] = c->out.at[from + i];
    all[n - 1] = f;
    truncate_to(c, from);
    product_put(g, &c->scalar, chain_scalar(g, n, all));
}

/* r'*P*diag(v) = (P'*r.*v)' */
static void put_row_diag(Chain *c, Node diag)
{
    Graph *g = c->g;
    int from = c->row;
    Node r = chain_intern(g, length(c) - from, c->out.at + from);
    truncate_to(c, from);
    Node h = node_had(g, node_transpose(g, r), arg_of(g, diag, 0));
    put(c, node_transpose(g, h));
}

/* P*diag(v)*Q*f = P*(v.*(Q*f)) */
static bool put_column_diag(Chain *c, Node f)
{
    Graph *g = c->g;
    int at = length(c) - 1;
    while (at >= 0 && op_of(g, c->out.at[at]) != OP_DIAG)
        at--;
    if (at < 0)
        return false;
    Node v = arg_of(g, c->out.at[at], 0);
    push(c, f);
    Node q = chain_intern(g, length(c) - at - 1, c->out.at + at + 1);
    truncate_to(c, at);
    put(c, node_had(g, v, q));
    return true;
}

/* ---- appending ---- */

static void put_atom(Chain *c, Node f)
{
    Graph *g = c->g;
    if (cancel(c, f))
        return;
    int n = length(c);
    if (n > 1 && op_of(g, f) == OP_TRANS) {
        Node y = spectral_combine3(g, c->out.at[n - 2], top(c), f);
        if (y != NODE_NONE) {
            truncate_to(c, n - 2);
            put(c, y);
            return;
        }
    }
    if (n > 0) {
        Node y = combine(g, top(c), f);
        if (y != NODE_NONE) {
            truncate_to(c, length(c) - 1);
            put(c, y);
            return;
        }
    }
    if (c->row >= 0 && op_of(g, f) == OP_DIAG) {
        put_row_diag(c, f);
        return;
    }
    if (node_shape(g, f).cols == 1) {
        if (c->row >= 0) {
            take_scalar(c, c->row, f);
            return;
        }
        if (put_column_diag(c, f))
            return;
    }
    push(c, f);
}

/* A sum as a factor is primitive: its content leaves. */
static void put_sum(Chain *c, Node n)
{
    Node primitive;
    product_put(c->g, &c->scalar, array_content(c->g, n, &primitive));
    put_atom(c, primitive);
}

static void put(Chain *c, Node n)
{
    Graph *g = c->g;
    depth_check();
    POLL();
    if (c->zero) /* what stands beside it need not fit the rest */
        return;
    if (node_is_scalar(g, n)) {
        product_put(g, &c->scalar, n);
        return;
    }
    Node body;
    product_put(g, &c->scalar, split_scalar(g, n, &body));
    switch (op_of(g, body)) {
    case OP_ZERO:
        c->zero = true;
        return;
    case OP_IDENT:
        return;
    case OP_CHAIN: {
        int k;
        Node *f = chain_factors(g, body, &k);
        for (int i = 0; i < k; i++)
            put(c, f[i]);
        return;
    }
    default:
        if (is_sum(g, body))
            put_sum(c, body);
        else
            put_atom(c, body);
    }
}

static Node finish(Chain *c, Shape s)
{
    Graph *g = c->g;
    if (c->zero)
        return node_zero(g, s);
    int n = length(c);
    if (n > 0)
        product_put(g, &c->scalar, chain_intern(g, n, c->out.at));
    else if (!shape_is_scalar(s))
        product_put(g, &c->scalar, node_identity(g, s.rows));
    return product_build(g, &c->scalar);
}

static Node scalar_product(Graph *g, int n, const Node factors[])
{
    ArenaMark m = arena_mark(g->scratch);
    Node *f = arena_alloc(g->scratch, ((size_t)n + 1) * sizeof *f);
    memcpy(f, factors, (size_t)n * sizeof *f);
    Product p = product_new(g);
    for (int i = 0; i < n; i++) {
        POLL();
        product_put(g, &p, f[i]);
    }
    Node y = product_build(g, &p);
    arena_reset(g->scratch, m);
    return y;
}

Node node_product(Graph *g, int n, const Node factors[])
{
    Shape s = SHAPE_SCALAR;
    bool array = false;
    if (n == 2 && node_is_scalar(g, factors[0]) &&
        node_is_scalar(g, factors[1]))
        return node_mul(g, factors[0], factors[1]);
    int scalars = 0;
    while (scalars < n && node_is_scalar(g, factors[scalars]))
        scalars++;
    if (scalars == n)
        return scalar_product(g, n, factors);
    ArenaMark m = arena_mark(g->scratch);
    Chain c = chain_new(g);
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        f[i] = factors[i];
    for (int i = 0; i < n; i++) {
        if (!node_is_scalar(g, f[i])) {
            Shape t = node_shape(g, f[i]);
            assert(!array || s.cols == t.rows);
            s = (Shape){array ? s.rows : t.rows, t.cols};
            array = !shape_is_scalar(s);
        }
        put(&c, f[i]);
    }
    Node y = finish(&c, s);
    arena_reset(g->scratch, m);
    return y;
}

Node chain_product(Graph *g, Node a, Node b)
{
    Node f[] = {a, b};
    return node_product(g, 2, f);
}

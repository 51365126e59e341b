/*
 * merge.c - sums of arrays
 *
 * What a sum of arrays collects beyond like terms: arrays of numbers and
 * literals add entry by entry, diagonal matrices by their diagonals, stacks
 * block by block.  A sum of rows is the transpose of a sum of columns, and of
 * a matrix sum and its transpose only the lesser is kept.
 */
#include "graph/array.h"

#include <math.h>

typedef struct Term {
    Node coefficient; /* NUM */
    Node term;        /* as it stands in the sum */
    Node body;        /* its array, without scalar factors */
    Node scalar;      /* coefficient and scalar factors */
} Term;

/* Drops term i; the last one takes its place. */
static void drop_term(Term t[], int *n, int i)
{
    t[i] = t[--*n];
}

/* The sum of the remaining terms and `merged`, built anew. */
static Node sum_with(Graph *g, Term t[], int n, Node merged)
{
    Node *f = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        f[i] = node_scale(g, t[i].coefficient, t[i].term);
    f[n] = merged;
    return node_sum(g, n + 1, f);
}

/* ---- diagonal matrices ---- */

static Node merge_diagonals(Graph *g, Shape s, Term t[], int n)
{
    int diag = 0, all = 0;
    for (int i = 0; i < n; i++) {
        OpId op = op_of(g, t[i].body);
        diag += op == OP_DIAG;
        all += op == OP_DIAG || op == OP_IDENT;
    }
    if (diag == 0 || all < 2)
        return NODE_NONE;
    Node *v = ARENA_ARRAY(g->scratch, Node, (size_t)all);
    int k = 0;
    for (int i = n - 1; i >= 0; i--) {
        OpId op = op_of(g, t[i].body);
        if (op != OP_DIAG && op != OP_IDENT)
            continue;
        Node d = op == OP_DIAG ? arg_of(g, t[i].body, 0) : node_ones(g, s.rows);
        v[k++] = node_mul(g, t[i].scalar, d);
        drop_term(t, &n, i);
    }
    Node sum = node_sum(g, k, v);
    return sum_with(g, t, n, node_apply(g, OP_DIAG, 1, &sum));
}

/* ---- numbers and literals ---- */

/* Is it there with its entries, rather than as a pattern like I or ones? */
static bool is_explicit(const Graph *g, Node body)
{
    OpId op = op_of(g, body);
    if (op == OP_TRANS || op == OP_CHAIN)
        return is_explicit(g, arg_of(g, body, 0));
    return op == OP_CONST || op == OP_STACK || op == OP_JOIN || op == OP_UNIT;
}

static Node merge_literals(Graph *g, Shape s, Term t[], int n)
{
    bool explicit = false;
    int k = 0;
    for (int i = 0; i < n; i++) {
        if (!array_is_literal(g, t[i].body))
            continue;
        explicit = explicit || is_explicit(g, t[i].body);
        k++;
    }
    if (k < 2 || !explicit)
        return NODE_NONE;
    int size = s.rows * s.cols;
    Term *part = ARENA_ARRAY(g->scratch, Term, (size_t)k);
    k = 0;
    for (int i = n - 1; i >= 0; i--)
        if (array_is_literal(g, t[i].body)) {
            part[k++] = t[i];
            drop_term(t, &n, i);
        }
    Node *entry = ARENA_ARRAY(g->scratch, Node, (size_t)size);
    Node *v = ARENA_ARRAY(g->scratch, Node, (size_t)k);
    for (int at = 0; at < size; at++) {
        for (int i = 0; i < k; i++)
            v[i] = node_mul(
                g, part[i].scalar,
                array_entry(g, part[i].body, at % s.rows, at / s.rows));
        entry[at] = node_sum(g, k, v);
    }
    return sum_with(g, t, n, array_literal(g, s.rows, s.cols, entry));
}

/* The value of number*CONST, number*fill, number*I; VAL_NONE otherwise. */
static Value term_value(Graph *g, const Term *t)
{
    Node entry;
    if (!node_is_number(g, t->scalar))
        return VALUE_NONE;
    Value c = node_number_value(g, t->scalar);
    if (op_of(g, t->body) == OP_CONST)
        return value_product(c, node_const_value(g, t->body));
    if (op_of(g, t->body) == OP_IDENT)
        return value_product(c, array_identity(node_shape(g, t->body).rows));
    if (node_is_fill(g, t->body, &entry) && node_is_one(g, entry))
        return c;
    return VALUE_NONE;
}

/* Arrays of numbers of any size: one of them is a CONST. */
static Node merge_constants(Graph *g, Shape s, Term t[], int n)
{
    if (s.rows < 0 || s.cols < 0)
        return NODE_NONE;
    int constants = 0, all = 0;
    for (int i = 0; i < n; i++) {
        OpId op = op_of(g, t[i].body);
        Node entry;
        if (!node_is_number(g, t[i].scalar))
            continue;
        constants += op == OP_CONST;
        all += op == OP_CONST || op == OP_IDENT ||
               (node_is_fill(g, t[i].body, &entry) && node_is_one(g, entry));
    }
    if (constants == 0 || all < 2)
        return NODE_NONE;
    Value sum = VALUE_NONE;
    for (int i = n - 1; i >= 0; i--) {
        Value v = term_value(g, &t[i]);
        if (v.kind == VAL_NONE)
            continue;
        sum = sum.kind == VAL_NONE ? v : value_binary(BIN_ADD, sum, v);
        drop_term(t, &n, i);
    }
    return sum_with(g, t, n, node_from_value(g, sum));
}

/* ---- stacks ---- */

static Dim side_of(const Graph *g, Node n, bool stack)
{
    Shape s = node_shape(g, n);
    return stack ? s.rows : s.cols;
}

/* Is a > b for sure?  Then *rest = a - b. */
static bool dim_exceeds(Graph *g, Dim a, Dim b, Dim *rest)
{
    if (a >= 0 && b >= 0) {
        *rest = a - b;
        return a > b;
    }
    Node d = node_sub(g, node_of_dim(g, a), node_of_dim(g, b));
    if (node_sign(g, d) != SIGN_POSITIVE)
        return false;
    *rest = dim_of_node(g, d);
    return true;
}

typedef struct Blocks {
    Node *part;
    int count;
    Node scalar;
    Dim left; /* of the zero block being used up, or 0 */
} Blocks;

static Node zero_block(Graph *g, Shape s, Dim side, bool stack)
{
    return node_zero(g, stack ? (Shape){side, s.cols} : (Shape){s.rows, side});
}

/*
 * Adds two lists of blocks: equal sides add, a zero block may be cut.  False
 * if a nonzero block would be cut.
 */
static bool add_blocks(Graph *g, Shape s, bool stack, Blocks a, Blocks b,
                       Node y[], int *count)
{
    int i = 0, j = 0, n = 0;
    Dim p = 0, q = 0, rest;
    while (i < a.count && j < b.count) {
        if (p == 0)
            p = side_of(g, a.part[i], stack);
        if (q == 0)
            q = side_of(g, b.part[j], stack);
        Node u = a.part[i], v = b.part[j];
        Dim take = p;
        if (p == q) {
            p = q = 0;
        } else if (node_is_zero(g, u) && dim_exceeds(g, p, q, &rest)) {
            take = q, p = rest, q = 0;
        } else if (node_is_zero(g, v) && dim_exceeds(g, q, p, &rest)) {
            q = rest, p = 0;
        } else {
            return false;
        }
        bool cut_u = take != side_of(g, u, stack);
        bool cut_v = take != side_of(g, v, stack);
        if ((cut_u && !node_is_zero(g, u)) || (cut_v && !node_is_zero(g, v)))
            return false;
        Node zero = zero_block(g, s, take, stack);
        u = cut_u ? zero : node_mul(g, a.scalar, u);
        v = cut_v ? zero : node_mul(g, b.scalar, v);
        y[n++] = node_add(g, u, v);
        i += p == 0;
        j += q == 0;
    }
    *count = n;
    return i == a.count && j == b.count;
}

static Blocks blocks_of(Graph *g, const Term *t)
{
    return (Blocks){.part = args_copy(g, t->body),
                    .count = node_count(g, t->body),
                    .scalar = t->scalar};
}

static Node merge_stacks(Graph *g, Shape s, Term t[], int n)
{
    for (int i = 0; i < n; i++) {
        OpId op = op_of(g, t[i].body);
        if (op != OP_STACK && op != OP_JOIN)
            continue;
        Blocks a = blocks_of(g, &t[i]);
        for (int j = i + 1; j < n; j++) {
            if (op_of(g, t[j].body) != op)
                continue;
            Blocks b = blocks_of(g, &t[j]);
            size_t room = (size_t)(a.count + b.count);
            Node *y = ARENA_ARRAY(g->scratch, Node, room);
            int count;
            if (!add_blocks(g, s, op == OP_STACK, a, b, y, &count))
                continue;
            Node merged = op == OP_STACK ? node_stack(g, count, y)
                                         : node_join(g, count, y);
            drop_term(t, &n, j);
            drop_term(t, &n, i);
            return sum_with(g, t, n, merged);
        }
    }
    return NODE_NONE;
}

/* ---- the constructor ---- */

static Node merge_terms(Graph *g, Shape s, int n, const Node pairs[])
{
    Term *t = ARENA_ARRAY(g->scratch, Term, (size_t)n);
    for (int i = 0; i < n; i++) {
        t[i].coefficient = pairs[2 * i];
        t[i].term = pairs[2 * i + 1];
        Node scalar = split_scalar(g, t[i].term, &t[i].body);
        t[i].scalar = node_mul(g, t[i].coefficient, scalar);
    }
    Node y = merge_constants(g, s, t, n);
    if (y == NODE_NONE)
        y = merge_literals(g, s, t, n);
    if (y == NODE_NONE)
        y = merge_diagonals(g, s, t, n);
    if (y == NODE_NONE)
        y = merge_stacks(g, s, t, n);
    return y;
}

static Node intern_sum(Graph *g, Shape s, int n, Node pairs[])
{
    nodes_sort(g, pairs, (size_t)n, 2, 1);
    return node_intern(g, OP_SUM, s, 2 * n, pairs, 0, NULL);
}

/* By the terms, then the sizes of the coefficients: a sum and its negative go
 * together. */
static int compare_sums(const Graph *g, Node a, Node b)
{
    for (uint32_t i = 1; i < g->row[a].nargs; i += 2) {
        int c = node_compare(g, arg_of(g, a, i), arg_of(g, b, i));
        if (c != 0)
            return c;
    }
    for (uint32_t i = 0; i < g->row[a].nargs; i += 2) {
        double x = fabs(coef_double(g, arg_of(g, a, i)));
        double y = fabs(coef_double(g, arg_of(g, b, i)));
        if (x != y)
            return x < y ? -1 : 1;
    }
    return node_compare(g, a, b);
}

/* Of a matrix sum and the sum of the transposed terms the lesser. */
static Node oriented_sum(Graph *g, Shape s, int n, Node pairs[])
{
    Node y = intern_sum(g, s, n, pairs);
    if (s.cols == 1)
        return y;
    for (int i = 0; i < n; i++)
        pairs[2 * i + 1] = node_transpose(g, pairs[2 * i + 1]);
    Node turned = intern_sum(g, (Shape){s.cols, s.rows}, n, pairs);
    if (turned == y) {
        g->row[y].flags |= ROW_SYMMETRIC;
        return y;
    }
    g->row[y].flags |= ROW_SKEW;
    g->row[turned].flags |= ROW_SKEW;
    if (s.rows != 1 && compare_sums(g, turned, y) > 0)
        return y;
    return node_transpose(g, turned);
}

Node array_sum(Graph *g, Shape s, int n, const Node pairs[])
{
    depth_check();
    ArenaMark m = arena_mark(g->scratch);
    Node y = merge_terms(g, s, n, pairs);
    if (y == NODE_NONE) {
        Node *p = ARENA_ARRAY(g->scratch, Node, 2 * (size_t)n);
        for (int i = 0; i < 2 * n; i++)
            p[i] = pairs[i];
        y = oriented_sum(g, s, n, p);
    }
    arena_reset(g->scratch, m);
    return y;
}

bool array_open_sum(Graph *g, Node n, int *count, Node **pairs)
{
    if (op_of(g, n) != OP_TRANS || op_of(g, arg_of(g, n, 0)) != OP_SUM)
        return false;
    Node sum = arg_of(g, n, 0);
    *count = node_count(g, sum) / 2;
    *pairs = args_copy(g, sum);
    for (int i = 0; i < *count; i++)
        (*pairs)[2 * i + 1] = node_transpose(g, (*pairs)[2 * i + 1]);
    return true;
}

Node array_scale_const(Graph *g, Node number, Node a)
{
    if (op_of(g, a) != OP_CONST)
        return NODE_NONE;
    return node_from_value(
        g, value_product(node_number_value(g, number), node_const_value(g, a)));
}

Node array_content(Graph *g, Node n, Node *primitive)
{
    Node c = split_content(g, n, primitive), again;
    if (node_is_one(g, c) || !is_sum(g, *primitive) ||
        node_is_one(g, split_content(g, *primitive, &again)) ||
        node_compare(g, *primitive, n) < 0)
        return c;
    *primitive = n;
    return g->one;
}

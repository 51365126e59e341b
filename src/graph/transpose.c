/*
 * transpose.c - where transposes live
 *
 * On symbols and on the outside of what has no transpose of its own: a
 * function of the entries, inv, a sum, an index.  Products turn round, hads
 * and stacks hand the transpose to their parts.  Whether a matrix equals its
 * transpose is found once a node and kept in its row.
 */
#include "graph/array.h"

#include <string.h>

#include "base/mem.h"

static Node intern_transpose(Graph *g, Node a)
{
    Shape s = node_shape(g, a);
    return node_intern(g, OP_TRANS, (Shape){s.cols, s.rows}, 1, &a, 0, NULL);
}

static Node transpose_chain(Graph *g, Node a)
{
    ArenaMark m = arena_mark(g->scratch);
    int n = node_count(g, a);
    Node *f = args_copy(g, a);
    Node *t = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        t[i] = node_transpose(g, f[n - 1 - i]);
    Node y = chain_intern(g, n, t);
    arena_reset(g->scratch, m);
    return y;
}

/* A column had goes under the transpose as it is, a matrix had hands it to
 * its bases. */
static Node transpose_had(Graph *g, Node a)
{
    if (node_is_column(g, a))
        return intern_transpose(g, a);
    ArenaMark m = arena_mark(g->scratch);
    int n = node_count(g, a);
    Shape s = node_shape(g, a);
    Node *f = args_copy(g, a);
    for (int i = 0; i < n; i += 2)
        f[i] = node_transpose(g, f[i]);
    nodes_sort(g, f, (size_t)n / 2, 2, 0);
    Node y = node_intern(g, OP_HAD, (Shape){s.cols, s.rows}, n, f, 0, NULL);
    arena_reset(g->scratch, m);
    return y;
}

/* The stack of the transposed columns, and the other way round. */
static Node transpose_blocks(Graph *g, Node a)
{
    ArenaMark m = arena_mark(g->scratch);
    int n = node_count(g, a);
    bool stack = op_of(g, a) == OP_STACK;
    Node *f = args_copy(g, a);
    for (int i = 0; i < n; i++)
        f[i] = node_transpose(g, f[i]);
    Node y = stack ? node_join(g, n, f) : node_stack(g, n, f);
    arena_reset(g->scratch, m);
    return y;
}

/* The transpose of a square matrix sum, its terms sorted again, not yet
 * oriented: equal to `a` exactly if `a` is symmetric. */
static Node turn_sum(Graph *g, Node a)
{
    ArenaMark m = arena_mark(g->scratch);
    int n = node_count(g, a);
    Shape s = node_shape(g, a);
    Node *f = args_copy(g, a);
    for (int i = 1; i < n; i += 2)
        f[i] = node_transpose(g, f[i]);
    nodes_sort(g, f, (size_t)n / 2, 2, 1);
    Node y = node_intern(g, OP_SUM, (Shape){s.cols, s.rows}, n, f, 0, NULL);
    arena_reset(g->scratch, m);
    return y;
}

/* Large data, looked at in tiles that stay in the cache, once a node. */
static bool equals_its_transpose(const Array *a)
{
    enum { TILE = 32 };
    size_t n = (size_t)a->rows;
    if (a->rows != a->cols || a->kind != ELEM_FLOAT)
        return false;
    for (size_t from = 0; from < n; from += TILE)
        for (size_t row = from; row < n; row += TILE)
            for (size_t j = from; j < from + TILE && j < n; j++)
                for (size_t i = row; i < row + TILE && i < n; i++)
                    if (!(a->f[i + j * n] == a->f[j + i * n]))
                        return false;
    return true;
}

static bool is_symmetric_data(Graph *g, Node a)
{
    uint8_t known = g->row[a].flags & (ROW_SYMMETRIC | ROW_SKEW);
    if (known)
        return known == ROW_SYMMETRIC;
    bool yes = equals_its_transpose(node_const_value(g, a).array);
    g->row[a].flags |= yes ? ROW_SYMMETRIC : ROW_SKEW;
    return yes;
}

static bool find_symmetric(Graph *g, Node a)
{
    OpId op = op_of(g, a);
    if (op == OP_SUM)
        return turn_sum(g, a) == a;
    if (op == OP_SYM || op == OP_ARG || op == OP_BV)
        return (node_symbol_flags(g, a) & SYM_SYMMETRIC) != 0;
    if (op == OP_INV || op == OP_ADJ || op == OP_EXPM)
        return node_is_symmetric(g, arg_of(g, a, 0));
    if (op_table[op].class != CLASS_ELEMENTWISE && op != OP_DEXPM &&
        op != OP_DADJ && op != OP_DDADJ)
        return false;
    for (int i = 0; i < node_count(g, a); i++)
        if (!node_is_symmetric(g, arg_of(g, a, (uint32_t)i)))
            return false;
    return true;
}

bool node_is_symmetric(Graph *g, Node a)
{
    depth_check();
    Shape s = node_shape(g, a);
    if (s.rows != s.cols)
        return false;
    if (s.rows == 1)
        return true;
    OpId op = op_of(g, a);
    if (op == OP_IDENT || op == OP_DIAG)
        return true;
    uint8_t known = g->row[a].flags & (ROW_SYMMETRIC | ROW_SKEW);
    if (known)
        return known == ROW_SYMMETRIC;
    bool atom = op == OP_SUM || op == OP_SYM || op == OP_ARG || op == OP_BV ||
                op == OP_INV || op == OP_ADJ || op == OP_EXPM ||
                op == OP_DEXPM || op == OP_DADJ || op == OP_DDADJ ||
                op_table[op].class == CLASS_ELEMENTWISE;
    bool yes = atom ? find_symmetric(g, a) : node_transpose(g, a) == a;
    g->row[a].flags |= yes ? ROW_SYMMETRIC : ROW_SKEW;
    return yes;
}

/*
 * What hands the transpose to its parts remembers it: a graph that shares
 * parts is then not walked as a tree.  The memo ends with a sweep.
 */
static uint32_t *turned_slot(Graph *g, Node a)
{
    if (g->turned_room < g->room) {
        g->turned_memo =
            mem_resize(g->turned_memo, g->room * sizeof *g->turned_memo);
        memset(g->turned_memo + g->turned_room, 0,
               (g->room - g->turned_room) * sizeof *g->turned_memo);
        g->turned_room = g->room;
    }
    if (g->turned_generation != g->generation) {
        memset(g->turned_memo, 0, g->turned_room * sizeof *g->turned_memo);
        g->turned_generation = g->generation;
    }
    return &g->turned_memo[a];
}

static Node transpose_parts(Graph *g, Node a)
{
    switch (op_of(g, a)) {
    case OP_MONO: {
        Node body, scalar = split_scalar(g, a, &body);
        return node_mul(g, scalar, node_transpose(g, body));
    }
    case OP_CHAIN:
        return transpose_chain(g, a);
    case OP_HAD:
        return transpose_had(g, a);
    case OP_STACK:
    case OP_JOIN:
        return transpose_blocks(g, a);
    default: {
        Node t[] = {node_transpose(g, arg_of(g, a, 0)),
                    node_transpose(g, arg_of(g, a, 1))};
        return node_apply(g, OP_KRON, 2, t);
    }
    }
}

static Node transpose_remembered(Graph *g, Node a)
{
    uint32_t known = *turned_slot(g, a);
    if (known)
        return known - 1;
    Node t = transpose_parts(g, a);
    *turned_slot(g, a) = t + 1;
    return t;
}

/* Numbers are copied once, and turned back they are what they were. */
static Node transpose_numbers(Graph *g, Node a)
{
    uint32_t known = *turned_slot(g, a);
    if (known)
        return known - 1;
    Node t = node_const(g, value_transpose(node_const_value(g, a)));
    *turned_slot(g, a) = t + 1;
    *turned_slot(g, t) = a + 1;
    return t;
}

/* An array of numbers with more entries than this is data. */
#define DATA_ENTRIES (1 << 15)

Node node_transpose(Graph *g, Node a)
{
    depth_check();
    Shape s = node_shape(g, a);
    if (shape_is_scalar(s))
        return a;
    switch (op_of(g, a)) {
    case OP_TRANS:
        return arg_of(g, a, 0);
    case OP_ZERO:
        return node_zero(g, (Shape){s.cols, s.rows});
    case OP_IDENT:
    case OP_DIAG:
        return a;
    case OP_CONST:
        /* Data is not copied: what is compiled reads it by rows or columns. */
        if ((int64_t)s.rows * s.cols > DATA_ENTRIES && s.cols > 1 && s.rows > 1)
            return is_symmetric_data(g, a) ? a : intern_transpose(g, a);
        return transpose_numbers(g, a);
    case OP_MONO:
    case OP_CHAIN:
    case OP_HAD:
    case OP_STACK:
    case OP_JOIN:
    case OP_KRON:
        return transpose_remembered(g, a);
    case OP_SYM:
    case OP_ARG:
    case OP_BV:
    case OP_SUM:
    case OP_INV:
    case OP_ADJ:
    case OP_EXPM:
    case OP_DEXPM:
    case OP_DADJ:
    case OP_DDADJ:
        return node_is_symmetric(g, a) ? a : intern_transpose(g, a);
    case OP_PROD_PAIRS:
    case OP_PROD_TRIPLES:
        return a;
    default:
        if (op_table[op_of(g, a)].class == CLASS_ELEMENTWISE &&
            node_is_symmetric(g, a))
            return a;
        return intern_transpose(g, a);
    }
}

bool array_orient(Graph *g, Node e, Node *oriented)
{
    *oriented = e;
    Shape s = node_shape(g, e);
    if (s.cols == 1)
        return false;
    Node t = node_transpose(g, e);
    if (s.rows != 1 && node_compare(g, t, e) >= 0)
        return false;
    /* A skew matrix: its transpose is its negative, and the rules about
     * signs would turn it back. */
    OpId op = op_of(g, e);
    if ((op == OP_SUM || op == OP_MONO) && t == node_neg(g, e))
        return false;
    *oriented = t;
    return true;
}

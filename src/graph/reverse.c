#include "graph/diff_pass.h"

#include "graph/diff_loop.h"
#include "graph/front.h"
#include "graph/internal.h"

#include <assert.h>

static void push_part(DiffPass *p, uint32_t place, Node u, Node output)
{
    DiffPart *part = ARENA_NEW(p->arena, DiffPart);
    *part = (DiffPart){u, output, p->part[place - 1]};
    p->part[place - 1] = part;
}

void pass_add(DiffPass *p, Node n, Node u)
{
    uint32_t place;
    if (node_map_get(&p->place, n, &place) && place != 0 &&
        !node_is_zero(p->g, u))
        push_part(p, place, u, NODE_NONE);
}

const DiffPart *pass_outputs(DiffPass *p, Node n)
{
    uint32_t place;
    if (!node_map_get(&p->place, n, &place) || place == 0)
        return NULL;
    return p->part[place - 1];
}

static void adjoint_sum(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    for (int i = 0; i < count; i += 2) {
        Node t = node_arg(g, n, i + 1);
        if (pass_is_active(p, t))
            pass_add(p, t, node_scale(g, node_arg(g, n, i), u));
    }
}

static Node logarithm(Graph *g, Node n)
{
    return node_apply(g, OP_LOG, 1, &n);
}

static void adjoint_mono(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    if (pass_is_active(p, a[1])) {
        Node s = node_mul(g, diff_mono_cofactor(g, count, a, -1), u);
        pass_add(p, a[1], s);
    }
    Node inner = NODE_NONE;
    for (int i = 2; i < count; i += 2) {
        bool base = pass_is_active(p, a[i]);
        bool exponent = pass_is_active(p, a[i + 1]);
        if ((base || exponent) && inner == NODE_NONE)
            inner = node_is_scalar(g, u) ? u : node_dot(g, a[1], u);
        Node scalar = node_is_scalar(g, u) ? a[1] : g->one;
        if (base) {
            Node c = diff_mono_cofactor(g, count, a, (i - 2) / 2);
            c = node_product(g, 3, (Node[]){c, inner, scalar});
            pass_add(p, a[i], c);
        }
        if (exponent) {
            Node c = diff_mono_cofactor(g, count, a, -1);
            c = node_product(g, 4,
                             (Node[]){c, logarithm(g, a[i]), inner, scalar});
            pass_add(p, a[i + 1], c);
        }
    }
}

/* P*F*Q sends P'*u*Q' to F. */
static void adjoint_chain(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    Node *f = ARENA_ARRAY(p->arena, Node, (size_t)count);
    for (int i = 0; i < count; i++) {
        if (!pass_is_active(p, a[i]))
            continue;
        int k = 0;
        for (int j = i - 1; j >= 0; j--)
            f[k++] = node_transpose(g, a[j]);
        f[k++] = u;
        for (int j = count - 1; j > i; j--)
            f[k++] = node_transpose(g, a[j]);
        pass_add(p, a[i], node_product(g, k, f));
    }
}

static void adjoint_had(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->arena);
    for (int i = 0; i < count; i += 2) {
        if (pass_is_active(p, a[i])) {
            Node c = diff_had_cofactor(g, count, a, i / 2);
            pass_add(p, a[i], c == NODE_NONE ? u : node_had(g, c, u));
        }
        if (pass_is_active(p, a[i + 1])) {
            Node c = node_had(g, n, logarithm(g, a[i]));
            pass_add(p, a[i + 1], node_dot(g, c, u));
        }
    }
}

static void adjoint_transpose(DiffPass *p, Node n, Node u)
{
    pass_add(p, node_arg(p->g, n, 0), node_transpose(p->g, u));
}

/* ---- indices ---- */

/*
 * The [m,n] matrix S with a[r, :] = S*a for the positions in the constant
 * vector (or stepped range of numbers) r, over n rows.
 */
static Node selection(Graph *g, Node r, Dim n)
{
    Value at;
    if (node_op(g, r) == OP_CONST)
        at = node_const_value(g, r);
    else
        at = array_range(node_number_value(g, node_arg(g, r, 0)),
                         node_number_value(g, node_arg(g, r, 1)),
                         node_number_value(g, node_arg(g, r, 2)));
    int m = at.kind == VAL_ARRAY ? (int)array_count(at.array) : 1;
    Value s = array_new(ELEM_EXACT, m, n);
    for (int i = 0; i < m; i++) {
        int64_t k = 0;
        Value v = at.kind == VAL_ARRAY ? array_get(at.array, (size_t)i) : at;
        value_to_int(v, &k);
        array_set(s.array, (size_t)i + (size_t)(k - 1) * (size_t)m,
                  value_int(1));
    }
    return node_const(g, s);
}

static bool is_number_range(Graph *g, Node r)
{
    return node_is_number(g, node_arg(g, r, 0)) &&
           node_is_number(g, node_arg(g, r, 1)) &&
           node_is_number(g, node_arg(g, r, 2));
}

/* u between rows of zeros, so that it stands at from... of n rows. */
static Node pad_rows(Graph *g, Node u, Node from, Dim n)
{
    Shape s = node_shape(g, u);
    Dim above = dim_sub(g, dim_of_node(g, from), 1);
    Dim below = dim_sub(g, dim_sub(g, n, above), s.rows);
    Node part[3];
    int count = 0;
    if (above != 0)
        part[count++] = node_zero(g, (Shape){above, s.cols});
    part[count++] = u;
    if (below != 0)
        part[count++] = node_zero(g, (Shape){below, s.cols});
    return node_stack(g, count, part);
}

Node diff_spread_rows(Graph *g, Node u, Node r, Dim n)
{
    switch (node_op(g, r)) {
    case OP_ALL:
        return u;
    case OP_RANGE:
        if (node_is_one(g, node_arg(g, r, 1)))
            return pad_rows(g, u, node_arg(g, r, 0), n);
        if (n < 0 || !is_number_range(g, r))
            error_raise(SPAN_NONE, ERR_DIFF,
                        "there is no derivative of a range with steps of a "
                        "named dimension");
        return node_mul(g, node_transpose(g, selection(g, r, n)), u);
    case OP_CONST:
        if (n < 0)
            error_raise(SPAN_NONE, ERR_DIFF,
                        "there is no derivative of an index vector of a "
                        "named dimension");
        return node_mul(g, node_transpose(g, selection(g, r, n)), u);
    default:
        return n == 1 ? u : node_mul(g, node_unit(g, n, r), u);
    }
}

static void adjoint_index(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    Node a = node_arg(g, n, 0);
    Node r = node_arg(g, n, 1), c = node_arg(g, n, 2);
    if (pass_is_active(p, r) || pass_is_active(p, c))
        error_raise(SPAN_NONE, ERR_DIFF,
                    "there is no derivative by the position of an index");
    Shape s = node_shape(g, a);
    u = diff_spread_rows(g, u, r, s.rows);
    u = node_transpose(g, diff_spread_rows(g, node_transpose(g, u), c, s.cols));
    pass_add(p, a, u);
}

/* Rows (columns) from + 1 to from + count of u. */
Node diff_cut_block(Graph *g, Node u, Dim from, Dim count, bool columns)
{
    Node first = node_add(g, node_of_dim(g, from), g->one);
    Node r = first;
    if (count != 1)
        r = node_range(g, first, g->one,
                       node_of_dim(g, dim_add(g, from, count)));
    return columns ? node_index(g, u, g->all, r) : node_index(g, u, r, g->all);
}

static void adjoint_blocks(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    bool columns = node_op(g, n) == OP_JOIN;
    int count = node_count(g, n);
    Dim from = 0;
    for (int i = 0; i < count; i++) {
        Node a = node_arg(g, n, i);
        Shape s = node_shape(g, a);
        Dim size = columns ? s.cols : s.rows;
        if (pass_is_active(p, a))
            pass_add(p, a, diff_cut_block(g, u, from, size, columns));
        from = dim_add(g, from, size);
    }
}

static void adjoint_call(DiffPass *p, Node n, Node u)
{
    Graph *g = p->g;
    int count = node_count(g, n);
    for (int i = 0; i < count; i++) {
        Node a = node_arg(g, n, i);
        if (!pass_is_active(p, a))
            continue;
        Node slope = diff_call_order(g, n, i);
        pass_add(p, a,
                 node_is_scalar(g, u) ? node_mul(g, slope, u)
                                      : node_had(g, slope, u));
    }
}

/* ---- kron ---- */

static Node kron(Graph *g, Node a, Node b)
{
    return node_apply(g, OP_KRON, 2, (Node[]){a, b});
}

/* u = kron(f[0], f[1]) with parts of the shapes of n's: f holds those. */
static bool split_kron(Graph *g, Node n, Node u, Node f[2])
{
    Node entry, p = node_arg(g, n, 0), q = node_arg(g, n, 1);
    Shape s = node_shape(g, p), t = node_shape(g, q);
    if (node_op(g, u) == OP_KRON) {
        f[0] = node_arg(g, u, 0);
        f[1] = node_arg(g, u, 1);
        return shape_same(node_shape(g, f[0]), s) &&
               shape_same(node_shape(g, f[1]), t);
    }
    if (node_op(g, u) == OP_IDENT) {
        f[0] = node_identity(g, s.rows);
        f[1] = node_identity(g, t.rows);
        return node_is_square(g, p) && node_is_square(g, q);
    }
    if (!node_is_fill(g, u, &entry))
        return false;
    f[0] = node_fill(g, s, entry);
    f[1] = node_fill(g, t, g->one);
    return true;
}

/* <kron(P, Q), kron(a, b)> = <P, a>*<Q, b>; NODE_NONE for another u. */
static Node kron_adjoint_split(Graph *g, Node n, int i, Node u)
{
    Node f[2], body, t[16];
    if (node_op(g, u) == OP_SUM && node_count(g, u) <= 32) {
        int count = node_count(g, u);
        for (int k = 0; k < count; k += 2) {
            Node y = kron_adjoint_split(g, n, i, node_arg(g, u, k + 1));
            if (y == NODE_NONE)
                return y;
            t[k / 2] = node_scale(g, node_arg(g, u, k), y);
        }
        return node_sum(g, count / 2, t);
    }
    Node scalar = split_scalar(g, u, &body);
    if (!split_kron(g, n, body, f))
        return NODE_NONE;
    Node other = node_dot(g, node_arg(g, n, 1 - i), f[1 - i]);
    return node_product(g, 3, (Node[]){scalar, other, f[i]});
}

/*
 * With b a column kron(a, b) is kron(I, b)*a, with a row a*kron(I, b), and
 * likewise for a; any other adjoint that is no kron itself is made of traces
 * of blocks.
 */
static Node kron_adjoint(Graph *g, Node n, int i, Node u)
{
    Shape s = node_shape(g, node_arg(g, n, i));
    Node other = node_arg(g, n, 1 - i);
    Node flat = node_transpose(g, other);
    bool row = node_is_row(g, other);
    Node split = kron_adjoint_split(g, n, i, u);
    if (split != NODE_NONE)
        return split;
    if (!row && !node_is_column(g, other))
        error_raise(SPAN_NONE, ERR_TENSOR,
                    "the derivative of `kron` of two matrices needs a tensor "
                    "with four indices");
    Node identity = node_identity(g, row ? s.cols : s.rows);
    Node k = i == 0 ? kron(g, identity, flat) : kron(g, flat, identity);
    return row ? node_mul(g, u, k) : node_mul(g, k, u);
}

static void adjoint_kron(DiffPass *p, Node n, Node u)
{
    for (int i = 0; i < 2; i++) {
        Node a = node_arg(p->g, n, i);
        if (pass_is_active(p, a))
            pass_add(p, a, kron_adjoint(p->g, n, i, u));
    }
}

/* ---- the rows of ops.def ---- */

/* Of linear operators the stated transpose, of others their DIFF. */
static Node adjoint_of_text(DiffPass *p, Node n, int i, Node u)
{
    static const char *const change[] = {"da", "db", "dc"};
    Graph *g = p->g;
    const char *text = i < 3 ? transpose_text(node_op(g, n), i) : NULL;
    if (text)
        return diff_text_build(g, text, n, "u", u);
    if (p->linear)
        error_raise(SPAN_NONE, ERR_TENSOR,
                    "the derivative of `%s` needs a tensor with four indices",
                    op_table[node_op(g, n)].name);
    text = i < 3 ? diff_text(node_op(g, n), i) : NULL;
    if (text == NULL)
        diff_refuse(g, n, i);
    Node a = node_arg(g, n, i);
    Node da =
        node_symbol(g, name_of(change[i]), node_shape(g, a), SYM_PLACEHOLDER);
    Node e = diff_text_build(g, text, n, change[i], da);
    return linear_transpose(g, p, e, da, u);
}

/* A result of a node with several: its adjoint waits with the node. */
static void adjoint_output(DiffPass *p, Node n, Node u)
{
    uint32_t place;
    if (node_map_get(&p->place, node_arg(p->g, n, 0), &place) && place != 0)
        push_part(p, place, u, n);
}

static bool has_outputs(OpId op)
{
    return op == OP_LOOP || op == OP_IF;
}

static void adjoint_text(DiffPass *p, Node n, Node u)
{
    int count = node_count(p->g, n);
    for (int i = 0; i < count; i++) {
        Node a = node_arg(p->g, n, i);
        if (pass_is_active(p, a))
            pass_add(p, a, adjoint_of_text(p, n, i, u));
    }
}

typedef void (*Adjoint)(DiffPass *p, Node n, Node u);

static Adjoint find_adjoint(OpId op)
{
    switch (op) {
    case OP_SUM:
        return adjoint_sum;
    case OP_MONO:
        return adjoint_mono;
    case OP_CHAIN:
        return adjoint_chain;
    case OP_HAD:
        return adjoint_had;
    case OP_TRANS:
        return adjoint_transpose;
    case OP_INDEX:
        return adjoint_index;
    case OP_STACK:
    case OP_JOIN:
        return adjoint_blocks;
    case OP_CALL:
        return adjoint_call;
    case OP_KRON:
        return adjoint_kron;
    case OP_PROJ:
    case OP_HIST:
        return adjoint_output;
    case OP_LOOP:
        return adjoint_loop;
    case OP_IF:
        return adjoint_choice;
    default:
        return adjoint_text;
    }
}

/* ---- the pass ---- */

/* The contributions as one sum; NODE_NONE for 0. */
static Node collect_adjoint(DiffPass *p, size_t place)
{
    Graph *g = p->g;
    size_t count = 0;
    for (const DiffPart *q = p->part[place]; q; q = q->next)
        count++;
    if (count == 0)
        return NODE_NONE;
    ArenaMark mark = arena_mark(p->arena);
    Node *u = ARENA_ARRAY(p->arena, Node, count);
    size_t i = 0;
    for (const DiffPart *q = p->part[place]; q; q = q->next)
        u[i++] = q->u;
    Node sum = count == 1 ? u[0] : node_sum(g, (int)count, u);
    arena_reset(p->arena, mark);
    return node_is_zero(g, sum) ? NODE_NONE : sum;
}

/* From the last active node to the first; adjoints of leaves stay. */
static void pass_reverse(DiffPass *p, Node adjoint[])
{
    Graph *g = p->g;
    for (size_t i = p->order.count; i-- > 0;) {
        POLL();
        Node n = p->order.at[i];
        if (has_outputs(node_op(g, n))) {
            if (p->part[i])
                find_adjoint(node_op(g, n))(p, n, NODE_NONE);
            continue;
        }
        Node u = collect_adjoint(p, i);
        if (u == NODE_NONE)
            continue;
        int k = 0;
        while (k < p->nx && p->x[k] != n)
            k++;
        if (k < p->nx)
            adjoint[k] = u;
        else
            find_adjoint(node_op(g, n))(p, n, u);
    }
}

/* The leaves y[i] with adjoints u[i]; NODE_NONE where nothing arrives. */
static void run_reverse(DiffPass *p, int ny, const Node y[], const Node u[],
                        Node adjoint[])
{
    for (int k = 0; k < p->nx; k++)
        adjoint[k] = NODE_NONE;
    for (int i = 0; i < ny; i++)
        pass_reach(p, y[i]);
    p->part = ARENA_ARRAY(p->arena, DiffPart *, p->order.count + 1);
    for (int i = 0; i < ny; i++)
        pass_add(p, y[i], u[i]);
    pass_reverse(p, adjoint);
}

Node linear_transpose(Graph *g, const DiffPass *outer, Node e, Node x, Node u)
{
    ArenaMark mark = arena_mark(g->scratch);
    DiffPass p = pass_new(g, 1, &x);
    p.outer = outer;
    p.linear = true;
    Node adjoint;
    run_reverse(&p, 1, &e, &u, &adjoint);
    arena_reset(g->scratch, mark);
    return adjoint == NODE_NONE ? node_zero(g, node_shape(g, x)) : adjoint;
}

/*
 * What a symmetric symbol gets is made symmetric: S' became S when the
 * expression was built, so the unsymmetric part is an accident of typing.
 */
static Node finish_adjoint(Graph *g, Node x, Node adjoint)
{
    if (adjoint == NODE_NONE)
        return node_zero(g, node_shape(g, x));
    if (node_op(g, x) != OP_SYM || node_is_scalar(g, x) ||
        !(node_symbol_flags(g, x) & (SYM_SYMMETRIC | SYM_POSDEF)))
        return adjoint;
    Node both = node_add(g, adjoint, node_transpose(g, adjoint));
    return node_scale(g, g->half, both);
}

void diff_pullback_several(Graph *g, int level, int ny, const Node y[],
                           const Node u[], int nx, const Node x[],
                           Node adjoint[])
{
    ArenaMark mark = arena_mark(g->scratch);
    diff_refuse_leaves(g, nx, x);
    DiffPass p = pass_new(g, nx, x);
    p.level = level;
    for (int i = 0; i < ny; i++)
        pass_reach(&p, y[i]);
    const Node *whole = level == 0 ? diff_fill_points(&p, ny, y) : y;
    if (whole != y)
        p = pass_new(g, nx, x);
    run_reverse(&p, ny, whole, u, adjoint);
    arena_reset(g->scratch, mark);
    for (int k = 0; k < nx; k++)
        adjoint[k] = finish_adjoint(g, x[k], adjoint[k]);
}

void diff_pullback(Graph *g, Node y, Node u, int n, const Node x[],
                   Node adjoint[])
{
    diff_pullback_several(g, 0, 1, &y, &u, n, x, adjoint);
}

void diff_reverse(Graph *g, Node y, int n, const Node x[], Node gradient[])
{
    assert(node_is_scalar(g, y));
    diff_pullback(g, y, g->one, n, x, gradient);
}

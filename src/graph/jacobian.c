#include "graph/diff_pass.h"

#include "graph/binder.h"
#include "graph/diff_loop.h"
#include "graph/front.h"
#include "graph/internal.h"

#include <assert.h>

/*
 * The differential e of a column, linear in the column dx, is brought to the
 * form J*dx (MATRIX.md section 5).  The pass has dx for its leaf.
 */
typedef struct Push {
    DiffPass pass;
    NodeMap known; /* e -> J */
    Node dx;
    Dim n;
} Push;

static Node push_right(Push *p, Node e);
static Node push_product(Push *p, Node f, Node q);

#define AT_NUMBERS                                                             \
    "at numbers it has values: f(X[n,n]) = ..., then jacobian(f)(A) or "       \
    "hessian(f)(A)"

_Noreturn static void refuse_tensor(Graph *g, Node n)
{
    error_raise_help(
        SPAN_NONE, ERR_TENSOR, NULL, AT_NUMBERS,
        "the closed form would need a tensor with four indices: the "
        "derivative of `%s` by a column does not move to the right",
        op_table[node_op(g, n)].name);
}

static Node diagonal(Graph *g, Node v)
{
    return node_is_scalar(g, v) ? v : node_apply(g, OP_DIAG, 1, &v);
}

static Node diagonal_of(Graph *g, Node a)
{
    return node_is_scalar(g, a) ? a : node_apply(g, OP_DIAGOF, 1, &a);
}

/* The operand that holds dx: the only one, for n is linear in it. */
static int find_active(Push *p, Node n, int from, int step)
{
    Graph *g = p->pass.g;
    for (int i = from; i < node_count(g, n); i += step)
        if (pass_is_active(&p->pass, node_arg(g, n, i)))
            return i;
    refuse_tensor(g, n);
}

static Node zero_rows(Push *p, Node e)
{
    Graph *g = p->pass.g;
    return node_zero(g, (Shape){node_shape(g, e).rows, p->n});
}

/* Sum of c*f(t) over the terms c*t of a SUM that hold dx. */
static Node push_terms(Push *p, Node sum, Node (*f)(Push *p, Node t, Node q),
                       Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, sum);
    Node *a = node_args_copy(g, sum, p->pass.arena);
    int k = 0;
    for (int i = 0; i < count; i += 2)
        if (pass_is_active(&p->pass, a[i + 1]))
            a[k++] = node_scale(g, a[i], f(p, a[i + 1], q));
    return node_sum(g, k, a);
}

static Node push_term(Push *p, Node t, Node q)
{
    (void)q;
    return push_right(p, t);
}

/* s*J for the scalar factors s beside the body, or s*whole*J of the scalar
 * that holds dx; `inner` is the Jacobian of the body, `whole` what stands
 * for the body. */
static Node push_mono(Push *p, Node n,
                      Node (*inner)(Push *p, Node body, Node q), Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->pass.arena);
    if (pass_is_active(&p->pass, a[1]))
        return node_mul(g, diff_mono_cofactor(g, count, a, -1),
                        inner(p, a[1], q));
    int i = find_active(p, n, 2, 2);
    Node c = diff_mono_cofactor(g, count, a, (i - 2) / 2);
    Node whole = q == NODE_NONE ? a[1] : node_mul(g, a[1], q);
    return node_product(g, 3, (Node[]){c, whole, push_right(p, a[i])});
}

static Node push_had(Push *p, Node n)
{
    Graph *g = p->pass.g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->pass.arena);
    int i = find_active(p, n, 0, 2);
    Node c = diff_had_cofactor(g, count, a, i / 2);
    Node j = push_right(p, a[i]);
    return c == NODE_NONE ? j : node_mul(g, diagonal(g, c), j);
}

static Node push_chain(Push *p, Node n)
{
    Graph *g = p->pass.g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->pass.arena);
    int i = find_active(p, n, 0, 1);
    Node j;
    if (i == count - 1)
        j = push_right(p, a[i]);
    else
        j = push_product(p, a[i], node_product(g, count - i - 1, a + i + 1));
    if (i == 0)
        return j;
    return node_mul(g, node_product(g, i, a), j);
}

static Node push_blocks(Push *p, Node n, Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->pass.arena);
    for (int i = 0; i < count; i++) {
        if (!pass_is_active(&p->pass, a[i]))
            a[i] = zero_rows(p, a[i]);
        else
            a[i] =
                q == NODE_NONE ? push_right(p, a[i]) : push_product(p, a[i], q);
    }
    return node_stack(g, count, a);
}

/* A column of entries of a, by rows r of column c. */
static Node push_index(Push *p, Node n)
{
    Graph *g = p->pass.g;
    Node a = node_arg(g, n, 0);
    Node r = node_arg(g, n, 1), c = node_arg(g, n, 2);
    Shape s = node_shape(g, a);
    Node j;
    if (s.cols == 1)
        j = push_right(p, a);
    else if (node_op(g, c) != OP_ALL && node_op(g, c) != OP_RANGE &&
             node_op(g, c) != OP_CONST)
        j = push_product(p, a, node_unit(g, s.cols, c));
    else
        refuse_tensor(g, n);
    return node_index(g, j, r, g->all);
}

/* The terms that hold dx of a sum, or of a transposed sum. */
static int open_sum(Push *p, Node f, bool transposed, Node **terms)
{
    Graph *g = p->pass.g;
    int count = node_count(g, f), k = 0;
    Node *a = node_args_copy(g, f, p->pass.arena);
    for (int i = 0; i < count; i += 2) {
        if (!pass_is_active(&p->pass, a[i + 1]))
            continue;
        Node t = transposed ? node_transpose(g, a[i + 1]) : a[i + 1];
        a[k++] = node_scale(g, a[i], t);
    }
    *terms = a;
    return k;
}

static int open_matrix(Push *p, Node f, Node **terms);

/*
 * c.*(s + t) is c.*s + c.*t; c.*(diag(v)*B) is diag(v)*(c.*B), and likewise
 * from the right.
 */
static int open_had(Push *p, Node f, Node **terms)
{
    Graph *g = p->pass.g;
    int count = node_count(g, f);
    Node *a = node_args_copy(g, f, p->pass.arena);
    int i = find_active(p, f, 0, 2);
    Node c = diff_had_cofactor(g, count, a, i / 2);
    if (c == NODE_NONE)
        return 0;
    if (node_op(g, a[i]) != OP_CHAIN) {
        int n = open_matrix(p, a[i], terms);
        for (int k = 0; k < n; k++)
            (*terms)[k] = node_had(g, c, (*terms)[k]);
        return n;
    }
    int n = node_count(g, a[i]);
    Node *b = node_args_copy(g, a[i], p->pass.arena);
    int at = find_active(p, a[i], 0, 1);
    if (node_op(g, b[at]) != OP_DIAG || (at != 0 && at != n - 1))
        return 0;
    Node d = b[at];
    Node rest = node_had(g, c, node_product(g, n - 1, b + (at == 0)));
    b[0] = at == 0 ? node_mul(g, d, rest) : node_mul(g, rest, d);
    *terms = b;
    return b[0] == f ? 0 : 1;
}

/*
 * A matrix that holds dx as a sum of simpler ones, those that hold dx: their
 * number, 0 if it is none.
 */
static int open_matrix(Push *p, Node f, Node **terms)
{
    Graph *g = p->pass.g;
    switch (node_op(g, f)) {
    case OP_SUM:
        return open_sum(p, f, false, terms);
    case OP_TRANS:
        if (node_op(g, node_arg(g, f, 0)) != OP_SUM)
            return 0;
        return open_sum(p, node_arg(g, f, 0), true, terms);
    case OP_HAD:
        return open_had(p, f, terms);
    default:
        return 0;
    }
}

static Node push_diagonal(Push *p, Node a, Node q);

/* diag(P*F*Q) as a column: (P.*Q')*J(v) if F is diag(v). */
static Node push_diagonal_chain(Push *p, Node e)
{
    Graph *g = p->pass.g;
    int count = node_count(g, e);
    Node *a = node_args_copy(g, e, p->pass.arena);
    int i = find_active(p, e, 0, 1);
    Node *t;
    int n = open_matrix(p, a[i], &t);
    if (n > 0) {
        for (int k = 0; k < n; k++) {
            Node whole = diff_product_with(g, count, a, i, t[k]);
            t[k] = push_right(p, diagonal_of(g, whole));
        }
        return node_sum(g, n, t);
    }
    if (node_op(g, a[i]) != OP_DIAG || i == 0 || i == count - 1)
        refuse_tensor(g, a[i]);
    Node before = node_product(g, i, a);
    Node after = node_product(g, count - i - 1, a + i + 1);
    Node v = node_arg(g, a[i], 0);
    return node_mul(g, node_had(g, before, node_transpose(g, after)),
                    push_right(p, v));
}

static Node push_diagonal_scaled(Push *p, Node n)
{
    Graph *g = p->pass.g;
    int count = node_count(g, n);
    Node *a = node_args_copy(g, n, p->pass.arena);
    int i = find_active(p, n, 0, 2);
    Node c = diff_had_cofactor(g, count, a, i / 2);
    if (c == NODE_NONE)
        return push_diagonal(p, a[i], NODE_NONE);
    return node_mul(g, diagonal(g, diagonal_of(g, c)),
                    push_diagonal(p, a[i], NODE_NONE));
}

/* The Jacobian of the diagonal of the matrix a. */
static Node push_diagonal(Push *p, Node a, Node q)
{
    Graph *g = p->pass.g;
    (void)q;
    depth_check();
    switch (node_op(g, a)) {
    case OP_SUM:
        return push_terms(p, a, push_diagonal, NODE_NONE);
    case OP_MONO: {
        int i = find_active(p, a, 1, 1);
        if (i == 1)
            return push_mono(p, a, push_diagonal, NODE_NONE);
        int count = node_count(g, a);
        Node *args = node_args_copy(g, a, p->pass.arena);
        Node c = diff_mono_cofactor(g, count, args, (i - 2) / 2);
        return node_product(
            g, 3, (Node[]){c, diagonal_of(g, args[1]), push_right(p, args[i])});
    }
    case OP_DIAG:
        return push_right(p, node_arg(g, a, 0));
    case OP_TRANS:
        return push_diagonal(p, node_arg(g, a, 0), q);
    case OP_CHAIN:
        return push_diagonal_chain(p, a);
    case OP_HAD:
        return push_diagonal_scaled(p, a);
    default:
        refuse_tensor(g, a);
    }
}

/* kron(a, b) of columns: kron(J*dx, b) = kron(J, b)*dx. */
static Node push_kron(Push *p, Node n)
{
    Graph *g = p->pass.g;
    Node pair[2] = {node_arg(g, n, 0), node_arg(g, n, 1)};
    int i = find_active(p, n, 0, 1);
    pair[i] = push_right(p, pair[i]);
    return node_apply(g, OP_KRON, 2, pair);
}

/*
 * A linear operator of ops.def from columns to columns: its matrix, column
 * by column from its kernel, where the size is a number.
 */
static Node push_linear(Push *p, Node e)
{
    Graph *g = p->pass.g;
    const OpInfo *op = &op_table[node_op(g, e)];
    if (op->class != CLASS_ARRAY || op->nargs != 1 ||
        transpose_text(op->id, 0) == NULL)
        refuse_tensor(g, e);
    Node a = node_arg(g, e, 0);
    Shape s = node_shape(g, a);
    if (s.cols != 1)
        refuse_tensor(g, e);
    if (s.rows < 0 || s.rows > 1000)
        error_raise(SPAN_NONE, ERR_TENSOR,
                    "the Jacobian of `%s` has a closed form for small "
                    "numbers of rows only",
                    op->name);
    Node *column = ARENA_ARRAY(p->pass.arena, Node, (size_t)s.rows);
    for (int i = 0; i < s.rows; i++) {
        Value unit = array_new(ELEM_EXACT, s.rows, 1);
        array_set(unit.array, (size_t)i, value_int(1));
        column[i] = node_from_value(g, op->array(1, &unit));
    }
    return node_mul(g, node_join(g, s.rows, column), push_right(p, a));
}

/* The Jacobian of the branch that is taken. */
static Node push_choice(Push *p, Node e)
{
    Graph *g = p->pass.g;
    Node n = node_arg(g, e, 0);
    int k = result_number(g, e);
    Node yes = choice_open(g, n, 0, p->pass.arena)[k];
    Node no = choice_open(g, n, 1, p->pass.arena)[k];
    return node_if(g, node_arg(g, n, 0), push_right(p, yes), push_right(p, no));
}

static Node push_column(Push *p, Node e)
{
    Graph *g = p->pass.g;
    switch (node_op(g, e)) {
    case OP_SUM:
        return push_terms(p, e, push_term, NODE_NONE);
    case OP_MONO:
        return push_mono(p, e, push_term, NODE_NONE);
    case OP_HAD:
        return push_had(p, e);
    case OP_CHAIN:
        return push_chain(p, e);
    case OP_STACK:
        return push_blocks(p, e, NODE_NONE);
    case OP_INDEX:
        return push_index(p, e);
    case OP_DIAGOF:
        return push_diagonal(p, node_arg(g, e, 0), NODE_NONE);
    case OP_KRON:
        return push_kron(p, e);
    case OP_TRANS: {
        /* Of a row that is not written as the transpose of a column. */
        Node row = node_arg(g, e, 0);
        if (node_op(g, row) == OP_INDEX) {
            Node a = node_transpose(g, node_arg(g, row, 0));
            Node i = node_arg(g, row, 1), c = node_arg(g, row, 2);
            Node column = node_index(g, a, c, i);
            if (column != e)
                return push_right(p, column);
            Shape s = node_shape(g, a);
            Node j = push_product(p, a, node_unit(g, s.cols, i));
            return node_index(g, j, c, g->all);
        }
        refuse_tensor(g, row);
    }
    case OP_PROJ:
        if (node_op(g, node_arg(g, e, 0)) == OP_IF)
            return push_choice(p, e);
        return jacobian_result(&p->pass, e, p->dx);
    default:
        return push_linear(p, e);
    }
}

static Node push_right(Push *p, Node e)
{
    Graph *g = p->pass.g;
    POLL();
    depth_check();
    if (e == p->dx)
        return node_identity(g, p->n);
    if (!pass_is_active(&p->pass, e))
        return zero_rows(p, e);
    uint32_t known;
    if (node_map_get(&p->known, e, &known))
        return known;
    Node j;
    if (node_is_scalar(g, e))
        j = node_transpose(g, linear_transpose(g, NULL, e, p->dx, g->one));
    else
        j = push_column(p, e);
    node_map_set(&p->known, e, j);
    return j;
}

/* (f + ...)' and [f; ...]' with the transpose inside; NODE_NONE if f' has
 * another form. */
static Node open_transpose(Push *p, Node f)
{
    Graph *g = p->pass.g;
    Node inner = node_arg(g, f, 0);
    int count = node_count(g, inner);
    Node *a = node_args_copy(g, inner, p->pass.arena);
    for (int i = 0; i < count; i++)
        a[i] = node_transpose(g, a[i]);
    if (node_op(g, inner) == OP_STACK)
        return node_join(g, count, a);
    if (node_op(g, inner) == OP_JOIN)
        return node_stack(g, count, a);
    return NODE_NONE;
}

static Node push_join(Push *p, Node f, Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, f), k = 0;
    Node *a = node_args_copy(g, f, p->pass.arena);
    Dim from = 0;
    for (int i = 0; i < count; i++) {
        Dim width = node_shape(g, a[i]).cols;
        Node part = diff_cut_block(g, q, from, width, false);
        from = dim_add(g, from, width);
        if (pass_is_active(&p->pass, a[i]))
            a[k++] = push_product(p, a[i], part);
    }
    return node_sum(g, k, a);
}

/* kron(a, b)*q is kron(a, b*q) for a column a, kron(a*q, b) for a column b. */
static Node push_product_kron(Push *p, Node f, Node q)
{
    Graph *g = p->pass.g;
    Node pair[2] = {node_arg(g, f, 0), node_arg(g, f, 1)};
    if (node_is_column(g, pair[0]))
        pair[1] = node_mul(g, pair[1], q);
    else if (node_is_column(g, pair[1]))
        pair[0] = node_mul(g, pair[0], q);
    else
        refuse_tensor(g, f);
    return push_right(p, node_apply(g, OP_KRON, 2, pair));
}

/* a[r, c]*q is (a*w)[r], w = q at the places c and 0 elsewhere. */
static Node push_part(Push *p, Node a, Node r, Node c, Node q)
{
    Graph *g = p->pass.g;
    Node w = diff_spread_rows(g, q, c, node_shape(g, a).cols);
    return node_index(g, push_product(p, a, w), r, g->all);
}

static Node push_transposed(Push *p, Node f, Node q)
{
    Graph *g = p->pass.g;
    Node inner = node_arg(g, f, 0);
    if (node_op(g, inner) == OP_INDEX) {
        Node r = node_arg(g, inner, 1), c = node_arg(g, inner, 2);
        Node a = node_transpose(g, node_arg(g, inner, 0));
        return push_part(p, a, c, r, q);
    }
    Node opened = open_transpose(p, f);
    if (opened == NODE_NONE || opened == f)
        refuse_tensor(g, inner);
    return push_product(p, opened, q);
}

/*
 * K(c.*(P*diag(v)*Q), q) is (P.*(c*diag(q)*Q'))*J(v): entry i of the product
 * is the sum over j and k of c_ij*P_ik*v_k*Q_kj*q_j.
 */
static Node push_had_chain(Push *p, Node c, Node f, Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, f);
    Node *a = node_args_copy(g, f, p->pass.arena);
    int i = find_active(p, f, 0, 1);
    if (node_op(g, a[i]) != OP_DIAG)
        refuse_tensor(g, f);
    Node right = node_mul(g, c, diagonal(g, q));
    if (i < count - 1) {
        Node after = node_product(g, count - i - 1, a + i + 1);
        right = node_mul(g, right, node_transpose(g, after));
    }
    if (i > 0)
        right = node_had(g, node_product(g, i, a), right);
    else
        right = diagonal(g, diagonal_of(g, right));
    return node_mul(g, right, push_right(p, node_arg(g, a[i], 0)));
}

static Node push_product_had(Push *p, Node f, Node q)
{
    Graph *g = p->pass.g;
    int count = node_count(g, f);
    Node *a = node_args_copy(g, f, p->pass.arena);
    int i = find_active(p, f, 0, 2);
    if (node_op(g, a[i]) != OP_CHAIN)
        refuse_tensor(g, f);
    return push_had_chain(p, diff_had_cofactor(g, count, a, i / 2), a[i], q);
}

/* K(f, q): the Jacobian of f*q for a matrix f that holds dx. */
static Node push_product(Push *p, Node f, Node q)
{
    Graph *g = p->pass.g;
    depth_check();
    if (!pass_is_active(&p->pass, f))
        return zero_rows(p, f);
    if (node_shape(g, f).rows == 1 || node_is_scalar(g, q))
        return push_right(p, node_mul(g, f, q));
    Node *t;
    int n = open_matrix(p, f, &t);
    if (n > 0) {
        for (int k = 0; k < n; k++)
            t[k] = push_product(p, t[k], q);
        return node_sum(g, n, t);
    }
    switch (node_op(g, f)) {
    case OP_DIAG:
        return node_mul(g, diagonal(g, q), push_right(p, node_arg(g, f, 0)));
    case OP_MONO:
        return push_mono(p, f, push_product, q);
    case OP_STACK:
        return push_blocks(p, f, q);
    case OP_JOIN:
        return push_join(p, f, q);
    case OP_TRANS:
        return push_transposed(p, f, q);
    case OP_HAD:
        return push_product_had(p, f, q);
    case OP_KRON:
        return push_product_kron(p, f, q);
    case OP_INDEX:
        return push_part(p, node_arg(g, f, 0), node_arg(g, f, 1),
                         node_arg(g, f, 2), q);
    default: {
        Node e = node_mul(g, f, q);
        if (node_op(g, e) == OP_CHAIN && node_arg(g, e, 0) == f)
            refuse_tensor(g, f);
        return push_right(p, e);
    }
    }
}

/*
 * The derivative of a polynomial as a product that its direction can leave,
 * at the price of an inverse; NULL for other operators.
 */
static const char *product_text(OpId op)
{
    switch (op) {
    case OP_DADJ:
        return "(tr(adj(a)*b)*I(size(a, 1)) - adj(a)*b)*inv(a)";
    case OP_ROW_PAIRS:
        return "prod(a, dim = 2).*(sum(b./a, dim = 2)./a - b./a.^2)";
    default:
        return NULL;
    }
}

/* e with such nodes opened where they hold dx. */
static Node open_polynomials(Graph *g, Node e, Node dx)
{
    ArenaMark mark = arena_mark(g->scratch);
    DiffPass pass = pass_new(g, 1, &dx);
    pass_reach(&pass, e);
    VEC(Node) from = {0}, to = {0};
    for (size_t i = 0; i < pass.order.count; i++) {
        Node n = pass.order.at[i];
        const char *text = product_text(node_op(g, n));
        if (!text)
            continue;
        VEC_PUSH_IN(pass.arena, &from, n);
        VEC_PUSH_IN(pass.arena, &to,
                    diff_text_build(g, text, n, "u", NODE_NONE));
    }
    if (from.count > 0)
        e = node_substitute(g, e, (int)from.count, from.at, to.at);
    arena_reset(g->scratch, mark);
    return e;
}

/* The Jacobian of the column y by the column x. */
static Node jacobian_column(Graph *g, Node y, Node x)
{
    Shape s = node_shape(g, x);
    Node dx = node_symbol(g, name_of("dx"), s, SYM_PLACEHOLDER);
    Node e = open_polynomials(g, diff_forward(g, y, 1, &x, &dx), dx);
    ArenaMark mark = arena_mark(g->scratch);
    Push p = {.dx = dx, .n = s.rows};
    p.pass = pass_new(g, 1, &dx);
    p.known = node_map_in(g->scratch);
    Node j = push_right(&p, e);
    arena_reset(g->scratch, mark);
    return j;
}

static void check_value(Graph *g, Node y)
{
    if (node_shape(g, y).rows == 1 && !node_is_scalar(g, y))
        error_raise_help(SPAN_NONE, ERR_TENSOR, NULL, "jacobian(y', x)",
                         "the Jacobian is of a column, and this is a row: "
                         "transpose it");
    if (!node_is_scalar(g, y) && !node_is_column(g, y))
        error_raise_help(SPAN_NONE, ERR_TENSOR, NULL,
                         "the gradient of a number by a matrix has a closed "
                         "form",
                         "the Jacobian of a matrix is a tensor with more "
                         "than two indices: the value must be a column");
}

static void check_variable(Graph *g, Node x, const char *what)
{
    OpId op = node_op(g, x);
    if (op != OP_SYM && op != OP_BV && op != OP_ARG)
        error_raise(SPAN_NONE, ERR_DIFF, "the %s is by symbols", what);
    if (!node_is_scalar(g, x) && !node_is_column(g, x))
        error_raise_help(SPAN_NONE, ERR_TENSOR, NULL, AT_NUMBERS,
                         "the %s by the matrix `%s` is a tensor with four "
                         "indices: the variable must be a column",
                         what, op == OP_SYM ? node_symbol_name(g, x) : "");
}

/* By one leaf; a row if y is a number. */
static Node jacobian_symbol(Graph *g, Node y, Node x)
{
    if (node_is_scalar(g, x))
        return diff_scalar(g, y, x);
    if (node_is_scalar(g, y)) {
        Node gradient;
        diff_reverse(g, y, 1, &x, &gradient);
        return node_transpose(g, gradient);
    }
    return jacobian_column(g, y, x);
}

/* Does y hold the parts of x in no other way than by x itself? */
static bool is_whole(Graph *g, Node y, Node x)
{
    ArenaMark mark = arena_mark(g->scratch);
    int count = node_count(g, x);
    Node *leaf = node_args_copy(g, x, g->scratch);
    leaf[count] = x;
    DiffPass p = pass_new(g, count + 1, leaf);
    pass_reach(&p, y);
    bool whole = node_map_get(&p.place, x, &(uint32_t){0});
    for (int i = 0; i < count; i++)
        whole = whole && !node_map_get(&p.place, leaf[i], &(uint32_t){0});
    arena_reset(g->scratch, mark);
    return whole;
}

/*
 * The variables of a STACK, else x itself.  A stack that y holds whole is a
 * variable of its own: the answer then is in terms of it.
 */
static int split_variable(Graph *g, Node y, Node x, const char *what,
                          Node **parts)
{
    int count = 1;
    Node *part;
    if (node_op(g, x) == OP_STACK) {
        count = node_count(g, x);
        part = node_args_copy(g, x, g->scratch);
    } else {
        part = ARENA_ARRAY(g->scratch, Node, 1);
        part[0] = x;
    }
    for (int i = 0; i < count; i++)
        check_variable(g, part[i], what);
    *parts = part;
    if (node_op(g, x) == OP_STACK && is_whole(g, y, x)) {
        part[0] = x;
        count = 1;
    }
    return count;
}

static Node jacobian_parts(Graph *g, Node y, int n, const Node x[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *block = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        block[i] = jacobian_symbol(g, y, x[i]);
    Node j = n == 1 ? block[0] : node_join(g, n, block);
    arena_reset(g->scratch, mark);
    return j;
}

Node diff_jacobian(Graph *g, Node y, Node x)
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *part;
    check_value(g, y);
    int n = split_variable(g, y, x, "Jacobian", &part);
    Node j = jacobian_parts(g, y, n, part);
    arena_reset(g->scratch, mark);
    return j;
}

Node diff_hessian(Graph *g, Node y, Node x)
{
    assert(node_is_scalar(g, y));
    ArenaMark mark = arena_mark(g->scratch);
    Node *part;
    int n = split_variable(g, y, x, "Hessian", &part);
    Node *gradient = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    diff_reverse(g, y, n, part, gradient);
    for (int i = 0; i < n; i++)
        gradient[i] = jacobian_parts(g, gradient[i], n, part);
    Node h = n == 1 ? gradient[0] : node_stack(g, n, gradient);
    arena_reset(g->scratch, mark);
    return h;
}

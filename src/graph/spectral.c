/*
 * spectral.c - canonical forms of expm, chol, eigen- and singular vectors
 *
 * What the derivatives of eigenvalues and factorisations meet: orthogonal
 * factors cancel, a diagonal with a single 1 picks one vector, and
 * inv(R)*inv(R)' of a Cholesky factor is the inverse of its matrix.
 */
#include "graph/array.h"

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

/* n = f(a), or f(a)' with `turned`: gives a. */
static bool is_applied(Graph *g, Node n, OpId op, bool turned, Node *a)
{
    if (turned && op_of(g, n) != OP_TRANS)
        return false;
    if (turned)
        n = arg_of(g, n, 0);
    if (op_of(g, n) != op)
        return false;
    *a = arg_of(g, n, 0);
    return true;
}

/* ---- expm ---- */

static Node apply_expm(Graph *g, Node a)
{
    Node turned;
    if (node_is_zero(g, a))
        return node_identity(g, node_shape(g, a).rows);
    if (op_of(g, a) == OP_IDENT || op_of(g, a) == OP_DIAG) {
        Node v = apply1(g, OP_DIAGOF, a);
        Node e = apply1(g, OP_EXP, v);
        return apply1(g, OP_DIAG, e);
    }
    if (node_is_square(g, a) && array_orient(g, a, &turned))
        return node_transpose(g, apply1(g, OP_EXPM, turned));
    return NODE_NONE;
}

/* Linear in e; where e is a multiple of I or of a it commutes with a. */
static Node apply_dexpm(Graph *g, Node a, Node e)
{
    Node x, y;
    if (node_is_scalar(g, a))
        return node_mul(g, e, apply1(g, OP_EXP, a));
    if (node_is_zero(g, a) || node_is_zero(g, e))
        return e;
    split_scalar(g, a, &x);
    Node scalar = split_scalar(g, e, &y);
    if (op_of(g, y) == OP_IDENT || x == y)
        return node_product(g, 3, (Node[]){scalar, y, apply1(g, OP_EXPM, a)});
    if (node_is_one(g, scalar))
        return NODE_NONE;
    Node f[] = {a, y};
    return node_mul(g, scalar, node_apply(g, OP_DEXPM, 2, f));
}

/*
 * Derivatives of polynomials of a, linear in the other operands: their numbers
 * leave.  Of a number, and of rows of one entry, there is nothing.
 */
static Node apply_change(Graph *g, OpId op, const Node args[])
{
    int n = op_table[op].nargs;
    Node body[3] = {args[0]}, scalar = g->one;
    Shape s = node_shape(g, args[0]);
    bool none =
        node_is_scalar(g, args[0]) || (op == OP_ROW_PAIRS && s.cols == 1);
    for (int i = 1; i < n; i++) {
        none = none || node_is_zero(g, args[i]);
        scalar = node_mul(g, scalar, split_scalar(g, args[i], &body[i]));
    }
    if (none)
        return node_zero(g,
                         op == OP_PROD_TRIPLES ? (Shape){s.rows, s.rows} : s);
    if (op == OP_ROW_PAIRS && s.rows == 1) {
        Node a = node_transpose(g, args[0]), b = node_transpose(g, args[1]);
        return node_transpose(g, node_mul(g, apply1(g, OP_PROD_PAIRS, a), b));
    }
    bool swap = op == OP_DDADJ && node_compare(g, body[2], body[1]) < 0;
    if (node_is_one(g, scalar) && !swap)
        return NODE_NONE;
    if (swap) {
        Node b = body[1];
        body[1] = body[2], body[2] = b;
    }
    return node_mul(g, scalar, node_apply(g, op, n, body));
}

/* ---- triangles ---- */

/* half_triu of a lower triangle is half of its diagonal. */
static Node apply_half_triu(Graph *g, Node a)
{
    Node body, inner, scalar = split_scalar(g, a, &body);
    if (!node_is_one(g, scalar))
        return node_mul(g, scalar, apply1(g, OP_HALF_TRIU, body));
    if (node_is_zero(g, a))
        return a;
    bool lower = op_of(g, a) == OP_IDENT || op_of(g, a) == OP_DIAG ||
                 is_applied(g, a, OP_CHOL, true, &inner);
    if (op_of(g, a) == OP_CHAIN && node_count(g, a) == 2)
        lower = op_of(g, arg_of(g, a, 0)) == OP_DIAG &&
                is_applied(g, arg_of(g, a, 1), OP_CHOL, true, &inner);
    if (!lower)
        return NODE_NONE;
    Node d = apply1(g, OP_DIAGOF, a);
    return node_mul(g, g->half, apply1(g, OP_DIAG, d));
}

/* A column or row has one singular value: its length. */
static Node apply_norm(Graph *g, Node a)
{
    return node_is_column(g, a) || node_is_row(g, a) ? node_norm2(g, a)
                                                     : NODE_NONE;
}

Node spectral_apply(Graph *g, OpId op, const Node args[])
{
    switch (op) {
    case OP_EXPM:
        return apply_expm(g, args[0]);
    case OP_DEXPM:
        return apply_dexpm(g, args[0], args[1]);
    case OP_DADJ:
    case OP_DDADJ:
    case OP_ROW_PAIRS:
    case OP_PROD_TRIPLES:
    case OP_PROD_TRIPLES_OF:
        return apply_change(g, op, args);
    case OP_HALF_TRIU:
        return apply_half_triu(g, args[0]);
    case OP_SVD:
    case OP_NORM_NUC:
    case OP_NORM_SPEC:
        return apply_norm(g, args[0]);
    default:
        return NODE_NONE;
    }
}

/* ---- products ---- */

/* f(x)*f(x)', with `first` f(x)'*f(x). */
static bool is_pair(Graph *g, Node a, Node b, OpId op, bool first, Node *x)
{
    Node y;
    return is_applied(g, a, op, first, x) && is_applied(g, b, op, !first, &y) &&
           *x == y;
}

/* diag(unit(n, k)), which the adjoint of an entry brings. */
static bool is_unit_diag(const Graph *g, Node n)
{
    return op_of(g, n) == OP_DIAG && op_of(g, arg_of(g, n, 0)) == OP_UNIT;
}

/* inv(R) or inv(R)' of R = chol(x), x symmetric. */
static bool is_inverse_factor(Graph *g, Node n, bool turned, Node *x)
{
    Node r;
    return is_applied(g, n, OP_INV, turned, &r) && op_of(g, r) == OP_CHOL &&
           node_is_symmetric(g, *x = arg_of(g, r, 0));
}

Node spectral_combine(Graph *g, Node a, Node b)
{
    Node x, y;
    if (is_pair(g, a, b, OP_EIGVEC, false, &x) ||
        is_pair(g, a, b, OP_EIGVEC, true, &x))
        return node_identity(g, node_shape(g, a).rows);
    for (int k = 0; k < 2; k++) {
        OpId op = k ? OP_SVD_V : OP_SVD_U;
        Shape t = node_shape(g, b);
        if (is_pair(g, a, b, op, true, &x))
            return node_identity(g, t.cols);
        if (is_pair(g, a, b, op, false, &x) && t.rows == t.cols)
            return node_identity(g, t.rows);
    }
    if (is_pair(g, a, b, OP_CHOL, true, &x) && node_is_symmetric(g, x))
        return x;
    if (is_inverse_factor(g, a, false, &x) &&
        is_inverse_factor(g, b, true, &y) && x == y)
        return apply1(g, OP_INV, x);
    if (is_unit_diag(g, b) || is_unit_diag(g, a)) {
        Node u = arg_of(g, is_unit_diag(g, b) ? b : a, 0);
        Node k = arg_of(g, u, 0);
        if (is_unit_diag(g, b))
            return node_mul(g, node_index(g, a, node_all(g), k),
                            node_transpose(g, u));
        return node_mul(g, u, node_index(g, b, k, node_all(g)));
    }
    return NODE_NONE;
}

/* The matrix with the eigenvalues v of x, which are w, 1./w, w.^2, ... or
 * exp of these. */
static Node of_eigenvalues(Graph *g, Node v, Node x)
{
    Node values, e = g->one;
    bool exponential = op_of(g, v) == OP_EXP;
    if (exponential)
        v = arg_of(g, v, 0);
    if (op_of(g, v) == OP_HAD && node_count(g, v) == 2) {
        e = arg_of(g, v, 1);
        v = arg_of(g, v, 0);
    }
    if (!is_applied(g, v, OP_EIG, false, &values) || values != x ||
        !node_is_number(g, e) || !coef_is_integer(g, e))
        return NODE_NONE;
    Node y = node_square_power(g, x, e);
    return exponential ? apply1(g, OP_EXPM, y) : y;
}

/* V*diag(f(w))*V' is f(x), U*diag(s)*V' is x. */
Node spectral_combine3(Graph *g, Node a, Node d, Node b)
{
    Node x, y, s;
    if (op_of(g, d) != OP_DIAG)
        return NODE_NONE;
    Node v = arg_of(g, d, 0);
    if (is_pair(g, a, b, OP_EIGVEC, false, &x) && node_is_symmetric(g, x))
        return of_eigenvalues(g, v, x);
    if (is_applied(g, a, OP_SVD_U, false, &x) &&
        is_applied(g, b, OP_SVD_V, true, &y) &&
        is_applied(g, v, OP_SVD, false, &s) && x == y && x == s)
        return x;
    return NODE_NONE;
}

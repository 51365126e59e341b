/*
 * matfun.c - canonical forms of functions of whole matrices
 *
 * tr det logdet inv diag diagof kron: scalars leave, what is known is
 * evaluated, the argument is oriented.  Elementwise functions of arrays come
 * through here too, for rows, literals and the orientation of matrices.
 */
#include "graph/array.h"

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

static Node side(Graph *g, Node a)
{
    return node_of_dim(g, node_shape(g, a).rows);
}

/* f of the terms of a sum, for a linear f. */
static Node apply_terms(Graph *g, OpId op, Node sum)
{
    ArenaMark m = arena_mark(g->scratch);
    int n = node_count(g, sum);
    Node *f = args_copy(g, sum);
    for (int i = 0; i < n; i += 2)
        f[i / 2] = node_mul(g, f[i], apply1(g, op, f[i + 1]));
    Node y = node_sum(g, n / 2, f);
    arena_reset(g->scratch, m);
    return y;
}

/* f(scalar*body) = scalar*f(body) */
static Node apply_body(Graph *g, OpId op, Node mono)
{
    Node body, scalar = split_scalar(g, mono, &body);
    return node_mul(g, scalar, apply1(g, op, body));
}

static bool is_oriented_away(Graph *g, Node a, Node *turned)
{
    return node_is_square(g, a) && array_orient(g, a, turned);
}

/* kron(a, b) of square matrices. */
static bool is_square_kron(Graph *g, Node n)
{
    return op_of(g, n) == OP_KRON && node_is_square(g, arg_of(g, n, 0)) &&
           node_is_square(g, arg_of(g, n, 1));
}

/* ---- inv ---- */

static Node apply_inverse(Graph *g, Node a)
{
    Node b, scalar;
    switch (op_of(g, a)) {
    case OP_IDENT:
        return a;
    case OP_INV:
        return arg_of(g, a, 0);
    case OP_CONST:
        return node_from_value(g, value_inverse(node_const_value(g, a)));
    case OP_MONO:
        scalar = split_scalar(g, a, &b);
        return node_div(g, apply1(g, OP_INV, b), scalar);
    case OP_DIAG:
        return apply1(g, OP_DIAG,
                      node_had_power(g, arg_of(g, a, 0), g->minus_one));
    case OP_SUM:
        scalar = array_content(g, a, &b);
        if (!node_is_one(g, scalar))
            return node_div(g, apply1(g, OP_INV, b), scalar);
        break;
    default:
        break;
    }
    if (is_square_kron(g, a)) {
        Node f[] = {apply1(g, OP_INV, arg_of(g, a, 0)),
                    apply1(g, OP_INV, arg_of(g, a, 1))};
        return node_apply(g, OP_KRON, 2, f);
    }
    if (is_oriented_away(g, a, &b))
        return node_transpose(g, apply1(g, OP_INV, b));
    return NODE_NONE;
}

/* ---- adj ---- */

static Node apply_adjugate(Graph *g, Node a)
{
    Node b, scalar = g->one;
    switch (op_of(g, a)) {
    case OP_IDENT:
        return a;
    case OP_DIAG:
        return apply1(g, OP_DIAG, apply1(g, OP_PROD_OTHERS, arg_of(g, a, 0)));
    case OP_MONO:
        scalar = split_scalar(g, a, &b);
        break;
    case OP_SUM:
        scalar = array_content(g, a, &b);
        break;
    default:
        break;
    }
    if (!node_is_one(g, scalar)) {
        Node less = node_sub(g, side(g, a), g->one);
        return node_mul(g, node_power(g, scalar, less), apply1(g, OP_ADJ, b));
    }
    if (is_oriented_away(g, a, &b))
        return node_transpose(g, apply1(g, OP_ADJ, b));
    return NODE_NONE;
}

/* ---- det, logdet ---- */

/* a = p*I + q*u*v' : gives p, and q*v'*u. */
static bool is_rank_one_update(Graph *g, Node a, Node *p, Node *inner)
{
    if (op_of(g, a) != OP_SUM || node_count(g, a) != 4)
        return false;
    Node f[4], unit, outer;
    for (int i = 0; i < 4; i++)
        f[i] = arg_of(g, a, (uint32_t)i);
    Node s = split_scalar(g, f[1], &unit), t = split_scalar(g, f[3], &outer);
    if (op_of(g, unit) != OP_IDENT) {
        Node swap = unit;
        unit = outer, outer = swap;
        swap = s, s = t, t = swap;
        swap = f[0], f[0] = f[2], f[2] = swap;
    }
    if (op_of(g, unit) != OP_IDENT || op_of(g, outer) != OP_CHAIN)
        return false;
    ArenaMark m = arena_mark(g->scratch);
    int n;
    Node *factor = chain_factors(g, outer, &n);
    int at = chain_joint(g, n, factor);
    if (at > 0) {
        *p = node_mul(g, f[0], s);
        Node r = chain_intern(g, n - at, factor + at);
        Node c = chain_intern(g, at, factor);
        *inner = node_mul(g, node_mul(g, f[2], t), node_mul(g, r, c));
    }
    arena_reset(g->scratch, m);
    return at > 0;
}

/* det(kron(a, b)) = det(a)^m*det(b)^n of a [n,n], b [m,m];
 * det(a*a*a) = det(a)^3; NODE_NONE for another product. */
static Node det_of_product(Graph *g, Node n)
{
    if (is_square_kron(g, n)) {
        Node a = arg_of(g, n, 0), b = arg_of(g, n, 1);
        return node_mul(g, node_power(g, apply1(g, OP_DET, a), side(g, b)),
                        node_power(g, apply1(g, OP_DET, b), side(g, a)));
    }
    if (op_of(g, n) != OP_CHAIN)
        return NODE_NONE;
    int count = node_count(g, n);
    Node a = arg_of(g, n, 0);
    for (int i = 1; i < count; i++)
        if (arg_of(g, n, (uint32_t)i) != a)
            return NODE_NONE;
    return node_power(g, apply1(g, OP_DET, a), node_int(g, count));
}

static Node apply_det(Graph *g, Node a)
{
    Node b, c, scalar;
    switch (op_of(g, a)) {
    case OP_IDENT:
        return g->one;
    case OP_ZERO:
        return g->zero;
    case OP_CONST:
        return node_from_value(g, value_det(node_const_value(g, a)));
    case OP_MONO:
        scalar = split_scalar(g, a, &b);
        return node_mul(g, node_power(g, scalar, side(g, b)),
                        apply1(g, OP_DET, b));
    case OP_DIAG:
        return apply1(g, OP_PROD, arg_of(g, a, 0));
    case OP_INV:
        return node_power(g, apply1(g, OP_DET, arg_of(g, a, 0)), g->minus_one);
    case OP_TRANS:
        return apply1(g, OP_DET, arg_of(g, a, 0));
    case OP_SUM:
        scalar = array_content(g, a, &b);
        if (!node_is_one(g, scalar))
            return node_mul(g, node_power(g, scalar, side(g, b)),
                            apply1(g, OP_DET, b));
        break;
    default:
        break;
    }
    /* det(p*I + u*v') = p^(n - 1)*(p + v'*u) */
    if (is_rank_one_update(g, a, &b, &c)) {
        Node less = node_sub(g, side(g, a), g->one);
        return node_mul(g, node_power(g, b, less), node_add(g, b, c));
    }
    b = det_of_product(g, a);
    if (b != NODE_NONE)
        return b;
    if (is_oriented_away(g, a, &b))
        return apply1(g, OP_DET, b);
    return literal_det(g, a);
}

static Node apply_logdet(Graph *g, Node a)
{
    Node b, c;
    switch (op_of(g, a)) {
    case OP_IDENT:
        return g->zero;
    case OP_CONST:
        return node_from_value(g, value_logdet(node_const_value(g, a)));
    case OP_INV:
        return node_neg(g, apply1(g, OP_LOGDET, arg_of(g, a, 0)));
    case OP_TRANS:
        return apply1(g, OP_LOGDET, arg_of(g, a, 0));
    case OP_DIAG:
        if (node_sign(g, arg_of(g, a, 0)) == SIGN_POSITIVE)
            return node_sum_entries(g, apply1(g, OP_LOG, arg_of(g, a, 0)), 0);
        break;
    default:
        break;
    }
    if (is_rank_one_update(g, a, &b, &c) && node_is_one(g, b))
        return apply1(g, OP_LOG, node_add(g, g->one, c));
    if (is_oriented_away(g, a, &b))
        return apply1(g, OP_LOGDET, b);
    return NODE_NONE;
}

/* ---- tr ---- */

/* The product of the factors from `at` on, then those before it. */
static Node rotated_product(Graph *g, int n, const Node f[], int at)
{
    Node *r = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        r[i] = f[(i + at) % n];
    return node_product(g, n, r);
}

static int compare_rotations(const Graph *g, int n, const Node a[], int i,
                             const Node b[], int j)
{
    for (int k = 0; k < n; k++) {
        Node x = a[(i + k) % n], y = b[(j + k) % n];
        if (x != y)
            return node_compare(g, x, y);
    }
    return 0;
}

/* Where the least rotation begins (two candidates that chase each other:
 * Y. Shiloach, J. Algorithms 2, 1981). */
static int least_rotation(const Graph *g, int n, const Node f[])
{
    int i = 0, j = 1, k = 0;
    while (i < n && j < n && k < n) {
        Node x = f[(i + k) % n], y = f[(j + k) % n];
        if (x == y) {
            k++;
            continue;
        }
        if (node_compare(g, x, y) > 0)
            i += k + 1;
        else
            j += k + 1;
        if (i == j)
            j++;
        k = 0;
    }
    return i < j ? i : j;
}

static uint64_t total_size(const Graph *g, int n, const Node f[])
{
    uint64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += node_size(g, f[i]);
    return sum;
}

/* Of the rotations of the chain and of its transpose the least. */
static Node trace_least(Graph *g, int n, Node f[])
{
    Node *t = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        t[i] = node_transpose(g, f[n - 1 - i]);
    int i = least_rotation(g, n, f), j = least_rotation(g, n, t);
    uint64_t p = total_size(g, n, f), q = total_size(g, n, t);
    bool turn = q < p || (q == p && compare_rotations(g, n, t, j, f, i) < 0);
    Node *best = turn ? t : f;
    int at = turn ? j : i;
    Node *r = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int k = 0; k < n; k++)
        r[k] = best[(k + at) % n];
    Node chain = chain_intern(g, n, r);
    return node_intern(g, OP_TR, SHAPE_SCALAR, 1, &chain, 0, NULL);
}

/* Can the last factor and the first one join, once they are neighbours? */
static bool ends_meet(const Graph *g, Node last, Node first)
{
    OpId p = op_of(g, last), q = op_of(g, first);
    bool literal = (p == OP_CONST || p == OP_STACK || p == OP_JOIN) &&
                   (q == OP_CONST || q == OP_STACK || q == OP_JOIN);
    return literal;
}

/* The first place whose rotation makes the chain shorter, or 0. */
static Node trace_shorter(Graph *g, int n, const Node f[])
{
    for (int i = 0; i < n; i++) {
        OpId op = op_of(g, f[i]);
        if (op == OP_TRANS)
            op = op_of(g, arg_of(g, f[i], 0));
        bool meet = i == 0 && ends_meet(g, f[n - 1], f[0]);
        if (op != OP_INV && !meet)
            continue;
        /* The inverse first, then last: it cancels to either side. */
        for (int last = 0; last < 2; last++) {
            int at = meet ? n - 1 : (i + last) % n;
            Node p = rotated_product(g, n, f, at);
            if (op_of(g, p) != OP_CHAIN || node_count(g, p) < n)
                return p;
        }
    }
    return NODE_NONE;
}

static Node trace_chain(Graph *g, Node a)
{
    int n;
    Node *f = chain_factors(g, a, &n);
    int at = chain_joint(g, n, f);
    if (at > 0)
        return rotated_product(g, n, f, at);
    for (int i = 0; i < n; i++)
        if (op_of(g, f[i]) == OP_DIAG) {
            Node *r = ARENA_ARRAY(g->scratch, Node, (size_t)n);
            for (int k = 1; k < n; k++)
                r[k - 1] = f[(i + k) % n];
            Node rest = node_product(g, n - 1, r);
            return node_dot(g, arg_of(g, f[i], 0), apply1(g, OP_DIAGOF, rest));
        }
    Node p = trace_shorter(g, n, f);
    if (p != NODE_NONE)
        return apply1(g, OP_TR, p);
    return trace_least(g, n, f);
}

static Node apply_trace(Graph *g, Node a)
{
    Node b;
    switch (op_of(g, a)) {
    case OP_ZERO:
        return g->zero;
    case OP_IDENT:
        return side(g, a);
    case OP_CONST:
        return node_from_value(g, value_trace(node_const_value(g, a)));
    case OP_SUM:
        return apply_terms(g, OP_TR, a);
    case OP_MONO:
        return apply_body(g, OP_TR, a);
    case OP_TRANS:
        return apply1(g, OP_TR, arg_of(g, a, 0));
    case OP_DIAG:
        return node_sum_entries(g, arg_of(g, a, 0), 0);
    case OP_KRON: {
        Node x = arg_of(g, a, 0), y = arg_of(g, a, 1);
        if (node_is_square(g, x) && node_is_square(g, y))
            return node_mul(g, apply1(g, OP_TR, x), apply1(g, OP_TR, y));
        return NODE_NONE;
    }
    case OP_CHAIN: {
        ArenaMark m = arena_mark(g->scratch);
        b = trace_chain(g, a);
        arena_reset(g->scratch, m);
        return b;
    }
    default:
        break;
    }
    if (array_is_literal(g, a))
        return node_sum_entries(g, apply1(g, OP_DIAGOF, a), 0);
    if (is_oriented_away(g, a, &b))
        return apply1(g, OP_TR, b);
    return NODE_NONE;
}

/* ---- diag, diagof, kron ---- */

static Node apply_diag(Graph *g, Node v)
{
    switch (op_of(g, v)) {
    case OP_ONES:
        return node_identity(g, node_shape(g, v).rows);
    case OP_ZERO: {
        Dim n = node_shape(g, v).rows;
        return node_zero(g, (Shape){n, n});
    }
    case OP_MONO:
        return apply_body(g, OP_DIAG, v);
    default:
        return NODE_NONE;
    }
}

static Node diagof_chain(Graph *g, Node a)
{
    int n;
    Node *f = chain_factors(g, a, &n);
    int at = chain_joint(g, n, f);
    if (at > 0) {
        Node right = chain_intern(g, n - at, f + at);
        return node_had(g, chain_intern(g, at, f), node_transpose(g, right));
    }
    bool first = op_of(g, f[0]) == OP_DIAG;
    if (first || op_of(g, f[n - 1]) == OP_DIAG) {
        Node v = arg_of(g, f[first ? 0 : n - 1], 0);
        Node rest = chain_intern(g, n - 1, f + first);
        return node_had(g, v, apply1(g, OP_DIAGOF, rest));
    }
    Node turned;
    if (is_oriented_away(g, a, &turned))
        return apply1(g, OP_DIAGOF, turned);
    return NODE_NONE;
}

static Node diagof_had(Graph *g, Node a)
{
    int n = node_count(g, a);
    Node *f = args_copy(g, a), y = NODE_NONE;
    for (int i = 0; i < n; i += 2) {
        Node v = node_had_power(g, apply1(g, OP_DIAGOF, f[i]), f[i + 1]);
        y = y == NODE_NONE ? v : node_had(g, y, v);
    }
    return y;
}

static Node apply_diagof(Graph *g, Node a)
{
    Node b;
    switch (op_of(g, a)) {
    case OP_ZERO:
        return node_zero(g, (Shape){node_shape(g, a).rows, 1});
    case OP_IDENT:
        return node_ones(g, node_shape(g, a).rows);
    case OP_CONST:
        return node_from_value(g, value_diag(node_const_value(g, a)));
    case OP_DIAG:
    case OP_TRANS:
        b = arg_of(g, a, 0);
        return op_of(g, a) == OP_DIAG ? b : apply1(g, OP_DIAGOF, b);
    case OP_SUM:
        return apply_terms(g, OP_DIAGOF, a);
    case OP_MONO:
        return apply_body(g, OP_DIAGOF, a);
    case OP_KRON: {
        Node f[] = {arg_of(g, a, 0), arg_of(g, a, 1)};
        if (!node_is_square(g, f[0]) || !node_is_square(g, f[1]))
            return NODE_NONE;
        f[0] = apply1(g, OP_DIAGOF, f[0]);
        f[1] = apply1(g, OP_DIAGOF, f[1]);
        return node_apply(g, OP_KRON, 2, f);
    }
    case OP_CHAIN:
    case OP_HAD: {
        ArenaMark m = arena_mark(g->scratch);
        b = op_of(g, a) == OP_CHAIN ? diagof_chain(g, a) : diagof_had(g, a);
        arena_reset(g->scratch, m);
        return b;
    }
    default:
        return literal_diagonal(g, a);
    }
}

static Node apply_kron(Graph *g, Node a, Node b)
{
    Shape s = node_shape(g, a), t = node_shape(g, b);
    if (shape_is_scalar(s) || shape_is_scalar(t))
        return node_mul(g, a, b);
    if (node_is_zero(g, a) || node_is_zero(g, b))
        return node_zero(
            g, (Shape){dim_mul(g, s.rows, t.rows), dim_mul(g, s.cols, t.cols)});
    Node x, y;
    Node p = split_scalar(g, a, &x), q = split_scalar(g, b, &y);
    if (!node_is_one(g, p) || !node_is_one(g, q)) {
        Node f[] = {x, y};
        return node_mul(g, node_mul(g, p, q), node_apply(g, OP_KRON, 2, f));
    }
    OpId k = op_of(g, a), l = op_of(g, b);
    if (k == OP_IDENT && l == OP_IDENT)
        return node_identity(g, dim_mul(g, s.rows, t.rows));
    if (k == OP_ONES && l == OP_ONES)
        return node_ones(g, dim_mul(g, s.rows, t.rows));
    if (k == OP_CONST && l == OP_CONST)
        return node_from_value(
            g, value_kron(node_const_value(g, a), node_const_value(g, b)));
    if ((k == OP_DIAG || k == OP_IDENT) && (l == OP_DIAG || l == OP_IDENT)) {
        Node f[] = {apply1(g, OP_DIAGOF, a), apply1(g, OP_DIAGOF, b)};
        return apply1(g, OP_DIAG, node_apply(g, OP_KRON, 2, f));
    }
    return NODE_NONE;
}

/* ---- elementwise functions ---- */

static Node *transposed(Graph *g, int n, const Node args[])
{
    Node *t = ARENA_ARRAY(g->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        t[i] = node_transpose(g, args[i]);
    return t;
}

/* Is the list of transposes less than the list as it stands? */
static bool is_less(const Graph *g, int n, const Node t[], const Node a[])
{
    uint64_t p = total_size(g, n, t), q = total_size(g, n, a);
    for (int i = 0; p == q && i < n; i++)
        if (t[i] != a[i])
            return node_compare(g, t[i], a[i]) < 0;
    return p < q;
}

static Node apply_elementwise(Graph *g, OpId op, int n, const Node args[])
{
    Shape s = node_shape(g, args[0]);
    for (int i = 0; i < n; i++)
        if (!shape_same(node_shape(g, args[i]), s))
            return NODE_NONE;
    if (s.cols != 1) {
        Node *t = transposed(g, n, args);
        if (s.rows == 1 || is_less(g, n, t, args))
            return node_transpose(g, node_apply(g, op, n, t));
    }
    return literal_apply(g, op, n, args);
}

Node array_apply(Graph *g, OpId op, int n, const Node args[])
{
    depth_check();
    if (op_table[op].class == CLASS_ELEMENTWISE) {
        if (n == 0 || node_is_scalar(g, args[0]))
            return NODE_NONE;
        ArenaMark m = arena_mark(g->scratch);
        Node y = apply_elementwise(g, op, n, args);
        arena_reset(g->scratch, m);
        return y;
    }
    Node a = args[0];
    if (n == 1 && node_is_scalar(g, a))
        return NODE_NONE;
    Node y = spectral_apply(g, op, args);
    if (y != NODE_NONE)
        return y;
    switch (op) {
    case OP_INV:
        return apply_inverse(g, a);
    case OP_DET:
        return apply_det(g, a);
    case OP_LOGDET:
        return apply_logdet(g, a);
    case OP_TR:
        return apply_trace(g, a);
    case OP_DIAG:
        return apply_diag(g, a);
    case OP_DIAGOF:
        return apply_diagof(g, a);
    case OP_KRON:
        return apply_kron(g, a, args[1]);
    case OP_ADJ:
        return apply_adjugate(g, a);
    case OP_PROD:
    case OP_PROD_OTHERS:
    case OP_PROD_OTHERS_ALL:
    case OP_LOGSUMEXP:
    case OP_SOFTMAX:
    case OP_MAXOF:
    case OP_MINOF:
    case OP_HARDMAX:
        return rowfun_apply(g, op, a);
    default:
        return op_table[op].rows ? rowfun_apply(g, op, a) : NODE_NONE;
    }
}

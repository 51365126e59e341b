/*
 * query.c - what a formula is to an optimiser
 */
#include "graph/query.h"

#include "graph/diff.h"
#include "graph/walk.h"

bool query_depends(Graph *g, Node y, int n, const Node x[])
{
    for (int i = 0; i < n; i++)
        if (node_depends(g, y, x[i]))
            return true;
    return false;
}

/* Fresh symbols of the shapes of x: a direction. */
static Node *directions(Graph *g, Arena *a, int n, const Node x[],
                        const char *letter)
{
    Node *d = ARENA_ARRAY(a, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        d[i] = node_symbol(g, name_of(arena_printf(a, " %s%d", letter, i)),
                           node_shape(g, x[i]), 0);
    return d;
}

static bool constant_differential(Graph *g, Node of, int n, const Node x[],
                                  int order)
{
    static const char *const letters[] = {"q1", "q2"};
    Arena *a = arena_local();
    Protect p;
    volatile bool yes = false;
    if (PROTECT(&p)) {
        Node y = of;
        for (int k = 0; k < order; k++)
            y = diff_forward(g, y, n, x, directions(g, a, n, x, letters[k]));
        yes = !query_depends(g, y, n, x);
        protect_end(&p);
    } else if (context_error()->code != ERR_DIFF &&
               context_error()->code != ERR_TENSOR) {
        arena_free(a);
        error_again();
    }
    arena_free(a);
    return yes;
}

bool query_affine(Graph *g, Node y, int n, const Node x[])
{
    const char *kink;
    return query_smooth(g, y, n, x, &kink) &&
           constant_differential(g, y, n, x, 1);
}

bool query_quadratic(Graph *g, Node y, int n, const Node x[])
{
    const char *kink;
    return query_smooth(g, y, n, x, &kink) &&
           constant_differential(g, y, n, x, 2);
}

/* ---- kinks ---- */

static const char *kink_of(Graph *g, Node n)
{
    switch (node_op(g, n)) {
    case OP_ABS:
    case OP_SIGN:
    case OP_STEP:
    case OP_RELU:
    case OP_MAX:
    case OP_MIN:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_MAXOF:
    case OP_MINOF:
    case OP_MOD:
        return op_table[node_op(g, n)].name;
    case OP_IF:
        return "if";
    default:
        return NULL;
    }
}

/* x'*x to a power that is no integer: norm2. */
static bool has_norm(Graph *g, Node n, int count, const Node x[])
{
    if (node_op(g, n) != OP_MONO)
        return false;
    for (int i = 2; i + 1 < node_count(g, n); i += 2) {
        Node base = node_arg(g, n, i), e = node_arg(g, n, i + 1);
        bool square = node_op(g, base) == OP_CHAIN || node_op(g, base) == OP_TR;
        if (square && !node_is_integer(g, e) &&
            query_depends(g, base, count, x))
            return true;
    }
    return false;
}

bool query_smooth(Graph *g, Node y, int n, const Node x[], const char **kink)
{
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0};
    uint32_t mark;
    *kink = NULL;
    VEC_PUSH_IN(a, &stack, y);
    while (!*kink && stack.count > 0) {
        Node top = stack.at[--stack.count];
        if (node_map_get(&seen, top, &mark))
            continue;
        node_map_set(&seen, top, 1);
        if (!query_depends(g, top, n, x))
            continue;
        *kink = has_norm(g, top, n, x) ? "norm2" : kink_of(g, top);
        for (int i = 0; i < node_count(g, top); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, top, i));
    }
    arena_free(a);
    return *kink == NULL;
}

int query_relus(Graph *g, Node y, int n, const Node x[], int most,
                Node argument[])
{
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0};
    uint32_t state;
    int count = 0;
    VEC_PUSH_IN(a, &stack, y);
    while (stack.count > 0 && count < most) {
        Node top = stack.at[stack.count - 1];
        if (node_map_get(&seen, top, &state)) {
            stack.count--;
            if (state == 0 && node_op(g, top) == OP_RELU &&
                !node_is_scalar(g, top) && query_depends(g, top, n, x))
                argument[count++] = node_arg(g, top, 0);
            node_map_set(&seen, top, 1);
            continue;
        }
        node_map_set(&seen, top, 0);
        for (int i = 0; i < node_count(g, top); i++)
            if (!node_map_get(&seen, node_arg(g, top, i), &state))
                VEC_PUSH_IN(a, &stack, node_arg(g, top, i));
    }
    arena_free(a);
    return count;
}

/* ---- sums of squares ---- */

/* The root of a factor base.^e: squares, or what is fixed and nowhere < 0. */
static Node root_of_power(Graph *g, Node base, Node e, int n, const Node x[])
{
    if (node_is_int(g, e, 2))
        return base;
    Sign s = node_sign(g, base);
    if (query_depends(g, base, n, x) ||
        (s != SIGN_POSITIVE && s != SIGN_NONNEGATIVE))
        return NODE_NONE;
    return node_had_power(g, base, node_div(g, e, node_int(g, 2)));
}

/* r with sum(r.^2) = sum(h): of w.*b.^2, sqrt(w).*b. */
static Node weighted_root(Graph *g, Node h, int n, const Node x[])
{
    Node y = NODE_NONE;
    if (node_op(g, h) != OP_HAD)
        return NODE_NONE;
    for (int i = 0; i + 1 < node_count(g, h); i += 2) {
        Node u =
            root_of_power(g, node_arg(g, h, i), node_arg(g, h, i + 1), n, x);
        if (u == NODE_NONE)
            return NODE_NONE;
        y = y == NODE_NONE ? u : node_had(g, y, u);
    }
    return y;
}

/* u with t = u'*u for one term without coefficient; NODE_NONE. */
static Node square_root(Graph *g, Node t, int n, const Node x[])
{

    if (node_op(g, t) == OP_CHAIN && node_count(g, t) == 2 &&
        node_transpose(g, node_arg(g, t, 0)) == node_arg(g, t, 1))
        return node_arg(g, t, 1);
    if (node_op(g, t) == OP_CHAIN && node_count(g, t) == 2 &&
        node_op(g, node_transpose(g, node_arg(g, t, 0))) == OP_ONES)
        return weighted_root(g, node_arg(g, t, 1), n, x);
    if (node_op(g, t) == OP_TR && node_op(g, node_arg(g, t, 0)) == OP_CHAIN)
        return NODE_NONE;
    if (node_op(g, t) == OP_MONO) {
        /* products of even powers of scalars, or one chain u'*u */
        Node u = node_int(g, 1);
        for (int i = 2; i + 1 < node_count(g, t); i += 2) {
            Node base = node_arg(g, t, i), e = node_arg(g, t, i + 1);
            Node root =
                node_is_int(g, e, 1) ? square_root(g, base, n, x) : NODE_NONE;
            if (node_is_int(g, e, 2))
                root = base;
            if (root == NODE_NONE ||
                (!node_is_scalar(g, root) && !node_is_scalar(g, u)))
                return NODE_NONE;
            u = node_mul(g, u, root);
        }
        return u;
    }
    return NODE_NONE;
}

static bool add_square(Graph *g, Node c, Node t, int n, const Node x[],
                       Node part[], int *count)
{
    Node u = square_root(g, t, n, x);
    if (u == NODE_NONE || !node_is_number(g, c) ||
        value_to_double(node_number_value(g, c)) <= 0 || *count == 64)
        return false;
    if (!node_is_scalar(g, u) && !node_is_column(g, u))
        return false;
    Node root = node_power(g, c, node_rational(g, 1, 2));
    part[(*count)++] = node_mul(g, root, u);
    return true;
}

Node query_residual(Graph *g, Node y, int n, const Node x[])
{
    Node part[64];
    int count = 0;
    if (node_op(g, y) == OP_SUM) {
        for (int i = 0; i + 1 < node_count(g, y); i += 2) {
            Node c = node_arg(g, y, i), t = node_arg(g, y, i + 1);
            if (query_depends(g, t, n, x) &&
                !add_square(g, c, t, n, x, part, &count))
                return NODE_NONE;
        }
    } else if (node_op(g, y) == OP_MONO) {
        Node c = node_arg(g, y, 0);
        if (!add_square(g, c, node_div(g, y, c), n, x, part, &count))
            return NODE_NONE;
    } else if (!add_square(g, node_int(g, 1), y, n, x, part, &count)) {
        return NODE_NONE;
    }
    if (count == 0)
        return NODE_NONE;
    return count == 1 ? part[0] : node_stack(g, count, part);
}

/* ---- convexity ---- */

enum { AFFINE = 1, CONVEX = 2, CONCAVE = 4 };

static int flip(int c)
{
    return (c & AFFINE) | (c & CONVEX ? CONCAVE : 0) |
           (c & CONCAVE ? CONVEX : 0);
}

static int compose(Curvature f, int inner)
{
    if (inner & AFFINE) {
        switch (f) {
        case CURVE_AFFINE:
            return AFFINE | CONVEX | CONCAVE;
        case CURVE_CONVEX:
        case CURVE_CONVEX_UP:
        case CURVE_CONVEX_DOWN:
            return CONVEX;
        case CURVE_CONCAVE:
        case CURVE_CONCAVE_UP:
        case CURVE_CONCAVE_DOWN:
            return CONCAVE;
        default:
            return 0;
        }
    }
    if (f == CURVE_AFFINE)
        return inner;
    if ((f == CURVE_CONVEX_UP && (inner & CONVEX)) ||
        (f == CURVE_CONVEX_DOWN && (inner & CONCAVE)))
        return CONVEX;
    if ((f == CURVE_CONCAVE_UP && (inner & CONCAVE)) ||
        (f == CURVE_CONCAVE_DOWN && (inner & CONVEX)))
        return CONCAVE;
    return 0;
}

static int curvature(Graph *g, Node y, int n, const Node x[]);

static int curvature_of_sum(Graph *g, Node y, int n, const Node x[])
{
    int c = AFFINE | CONVEX | CONCAVE;
    for (int i = 0; i + 1 < node_count(g, y); i += 2) {
        int part = curvature(g, node_arg(g, y, i + 1), n, x);
        double k = value_to_double(node_number_value(g, node_arg(g, y, i)));
        c &= k < 0 ? flip(part) : part;
    }
    return c;
}

/* A product of one factor that holds x with factors of known sign. */
static int curvature_of_mono(Graph *g, Node y, int n, const Node x[])
{
    int c = 0, sign = 1;
    bool found = false;
    double k = value_to_double(node_number_value(g, node_arg(g, y, 0)));
    Node body = node_arg(g, y, 1);
    if (query_depends(g, body, n, x)) {
        c = curvature(g, body, n, x);
        found = true;
    }
    for (int i = 2; i + 1 < node_count(g, y); i += 2) {
        Node base = node_arg(g, y, i), e = node_arg(g, y, i + 1);
        if (!query_depends(g, base, n, x) && !query_depends(g, e, n, x)) {
            Sign s = node_sign(g, base);
            if (s != SIGN_POSITIVE && s != SIGN_NONNEGATIVE)
                return 0;
            continue;
        }
        if (found)
            return 0;
        found = true;
        int inner = curvature(g, base, n, x);
        if (node_is_int(g, e, 1))
            c = inner;
        else if (node_is_int(g, e, 2) && (inner & AFFINE))
            c = CONVEX;
        else
            return 0;
    }
    return k * sign < 0 ? flip(c) : c;
}

static bool is_nonnegative(Graph *g, Node n)
{
    Sign s = node_sign(g, n);
    return s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE;
}

/* Entry by entry: one factor that holds x with constant ones. */
static int curvature_of_had(Graph *g, Node y, int n, const Node x[])
{
    int c = 0;
    bool found = false, positive = true;
    for (int i = 0; i + 1 < node_count(g, y); i += 2) {
        Node base = node_arg(g, y, i), e = node_arg(g, y, i + 1);
        if (!query_depends(g, base, n, x) && !query_depends(g, e, n, x)) {
            positive = positive && node_is_int(g, e, 1) &&
                       is_nonnegative(g, base);
            continue;
        }
        if (found)
            return 0;
        found = true;
        int inner = curvature(g, base, n, x);
        if (node_is_int(g, e, 1))
            c = inner;
        else if (node_is_int(g, e, 2) && (inner & AFFINE))
            c = CONVEX;
    }
    return (c & AFFINE) || positive ? c : 0;
}

/*
 * u'*u of an affine u, or of one that is convex and nowhere negative; or
 * constant factors of known sign around one.
 */
static int curvature_of_chain(Graph *g, Node y, int n, const Node x[])
{
    int count = node_count(g, y), at = -1;
    if (node_is_scalar(g, y) && count == 2 &&
        node_transpose(g, node_arg(g, y, 0)) == node_arg(g, y, 1)) {
        Node u = node_arg(g, y, 1);
        int inner = curvature(g, u, n, x);
        bool square = (inner & AFFINE) ||
                      ((inner & CONVEX) && is_nonnegative(g, u));
        return square ? CONVEX : 0;
    }
    for (int i = 0; i < count; i++) {
        if (!query_depends(g, node_arg(g, y, i), n, x))
            continue;
        if (at >= 0)
            return 0;
        at = i;
    }
    int c = curvature(g, node_arg(g, y, at), n, x);
    if (c & AFFINE)
        return c;
    for (int i = 0; i < count; i++) {
        Sign s = i == at ? SIGN_POSITIVE : node_sign(g, node_arg(g, y, i));
        if (s != SIGN_POSITIVE && s != SIGN_NONNEGATIVE)
            return 0;
    }
    return c;
}

static int curvature(Graph *g, Node y, int n, const Node x[])
{
    depth_check();
    if (!query_depends(g, y, n, x))
        return AFFINE | CONVEX | CONCAVE;
    int c;
    switch (node_op(g, y)) {
    case OP_SYM:
        return AFFINE | CONVEX | CONCAVE;
    case OP_SUM:
        return curvature_of_sum(g, y, n, x);
    case OP_MONO:
        return curvature_of_mono(g, y, n, x);
    case OP_CHAIN:
        return curvature_of_chain(g, y, n, x);
    case OP_HAD:
        return curvature_of_had(g, y, n, x);
    case OP_TRANS:
    case OP_INDEX:
        return curvature(g, node_arg(g, y, 0), n, x);
    case OP_STACK:
    case OP_JOIN:
        c = AFFINE | CONVEX | CONCAVE;
        for (int i = 0; i < node_count(g, y); i++)
            c &= curvature(g, node_arg(g, y, i), n, x);
        return c;
    default:
        break;
    }
    if (op_table[node_op(g, y)].class == CLASS_CORE)
        return 0;
    int inner = AFFINE | CONVEX | CONCAVE;
    for (int i = 0; i < node_count(g, y); i++)
        inner &= curvature(g, node_arg(g, y, i), n, x);
    return compose(op_table[node_op(g, y)].curve, inner);
}

bool query_convex(Graph *g, Node y, int n, const Node x[])
{
    return (curvature(g, y, n, x) & CONVEX) != 0;
}

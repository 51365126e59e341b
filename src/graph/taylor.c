/*
 * taylor.c - Taylor polynomials
 */
#include <math.h>

#include "base/error.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/limit.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "graph/solve.h"
#include "graph/walk.h"
#include "op/op.h"
#include "value/matrix.h"
#include "value/number.h"

enum { EXPANSION_MOST = 24 };

static Node value_at(Graph *g, Node e, Node x, Node a)
{
    return node_substitute(g, e, 1, &x, &a);
}

/* What of n has to be 0 for a kink: its argument, or the gap of two. */
static Node kink_gap(Graph *g, Node n)
{
    switch ((int)node_op(g, n)) {
    case OP_ABS:
    case OP_RELU:
    case OP_STEP:
    case OP_SIGN:
        return node_arg(g, n, 0);
    case OP_FLOOR:
    case OP_CEIL:
        return node_sub(g, node_arg(g, n, 0), n);
    case OP_ROUND:
        return node_sub(
            g, node_add(g, node_arg(g, n, 0), node_rational(g, 1, 2)), n);
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_MAX:
    case OP_MIN:
        return node_sub(g, node_arg(g, n, 0), node_arg(g, n, 1));
    default:
        return NODE_NONE;
    }
}

static bool is_comparison(OpId op)
{
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE;
}

/* Is the gap 0, or an entry of it? */
static bool is_closed(Graph *g, Node gap)
{
    gap = node_expand(g, gap);
    if (node_is_zero(g, gap))
        return true;
    if (node_op(g, gap) != OP_CONST)
        return false;
    const Array *m = array_to_float(node_const_value(g, gap));
    for (size_t i = 0; i < array_count(m); i++)
        if (m->f[i] == 0)
            return true;
    return false;
}

/* A root of what is 0 at the point. */
static bool has_root_of_zero(Graph *g, Node n, int count, const Node x[],
                             const Node a[], Arena *arena)
{
    const Node *arg = node_args_copy(g, n, arena);
    for (int i = 2; node_op(g, n) == OP_MONO && i < node_count(g, n); i += 2) {
        Node e = arg[i + 1];
        if (node_is_number(g, e) &&
            !number_is_integer(node_number_value(g, e)) &&
            is_closed(g, node_substitute(g, arg[i], count, x, a)))
            return true;
    }
    return false;
}

static const char *kink_of(Graph *g, Node n, int count, const Node x[],
                           const Node a[], Arena *arena)
{
    Node gap = kink_gap(g, n);
    OpId op = node_op(g, n);
    if (gap != NODE_NONE && is_closed(g, node_substitute(g, gap, count, x, a)))
        return is_comparison(op) ? "if" : op_table[op].name;
    return has_root_of_zero(g, n, count, x, a, arena) ? "sqrt" : NULL;
}

static bool depends_on_any(Graph *g, Node n, int count, const Node x[])
{
    for (int i = 0; i < count; i++)
        if (node_depends(g, n, x[i]))
            return true;
    return false;
}

const char *node_kink_at(Graph *g, Node e, int count, const Node x[],
                         const Node a[])
{
    Arena *arena = arena_local();
    NodeMap seen = node_map_in(arena);
    Nodes stack = {0};
    const char *found = NULL;
    uint32_t once;
    VEC_PUSH_IN(arena, &stack, e);
    while (stack.count > 0 && !found) {
        Node n = stack.at[--stack.count];
        if (node_map_get(&seen, n, &once) || !depends_on_any(g, n, count, x))
            continue;
        node_map_set(&seen, n, 1);
        found = kink_of(g, n, count, x, a, arena);
        for (int arm = 0; node_op(g, n) == OP_IF && arm < 2; arm++) {
            const Node *result = choice_open(g, n, arm, arena);
            for (int i = 0; i < choice_results(g, n); i++)
                VEC_PUSH_IN(arena, &stack, result[i]);
        }
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(arena, &stack, node_arg(g, n, i));
    }
    arena_free(arena);
    return found;
}

/* The value of e at a; NODE_NONE if it has none, or none that is finite. */
static Node finite_at(Graph *g, Node e, Node x, Node a)
{
    Node volatile y = NODE_NONE;
    double v;
    Protect p;
    if (PROTECT(&p)) {
        y = value_at(g, e, x, a);
        if (node_is_constant(g, y) && node_constant_value(g, y, &v) &&
            !isfinite(v))
            y = NODE_NONE;
        protect_end(&p);
    } else if (context_error()->code != ERR_DOMAIN) {
        error_again();
    }
    return y;
}

/* The derivatives at a over the factorials: their number, -1 if one has no
 * value. */
static int by_derivatives(Graph *g, Node e, Node x, Node a, int n, Node c[])
{
    Node factorial = node_int(g, 1);
    int k = 0;
    for (; k <= n && !node_is_zero(g, e); k++) {
        POLL();
        if (k > 0) {
            e = diff_scalar(g, e, x);
            factorial = node_mul(g, factorial, node_int(g, k));
        }
        Node y = finite_at(g, e, x, a);
        if (y == NODE_NONE)
            return -1;
        c[k] = node_div(g, y, factorial);
    }
    return k;
}

/* Has e no real value on this side of the number a, however near? */
static bool is_void_side(Graph *g, Node e, Node x, Node a, LimitSide side)
{
    for (int k = 8; k <= 24; k += 8) {
        Node h = node_rational(g, side == LIMIT_RIGHT ? 1 : -1, 1 << k);
        Node at = node_add(g, a, h);
        if (!node_is_constant(g, at) || finite_at(g, e, x, at) != NODE_NONE)
            return false;
    }
    return true;
}

/*
 * Where e is not smooth as it stands: both sides are expanded, and if they
 * agree (and with the value, if there is one) that is the polynomial.  One
 * side is enough if e has no values on the other, as cos(sqrt(x)) at 0.
 */
static bool by_expansion(Graph *g, Node e, Node x, Node a, int n, Node c[])
{
    Arena *scratch = arena_local();
    Node *left = ARENA_ARRAY(scratch, Node, (size_t)n + 1);
    Node value = finite_at(g, e, x, a);
    LimitSide side = LIMIT_RIGHT;
    bool fine = n <= EXPANSION_MOST, both = false;
    if (fine && is_void_side(g, e, x, a, LIMIT_RIGHT))
        side = LIMIT_LEFT;
    else if (fine)
        both = !is_void_side(g, e, x, a, LIMIT_LEFT);
    fine = fine && node_expansion(g, e, x, a, side, n, c) &&
           (!both || node_expansion(g, e, x, a, LIMIT_LEFT, n, left));
    for (int k = 0; fine && both && k <= n; k++)
        fine = probe_zero(g, node_sub(g, left[k], c[k])) == ZERO_YES;
    if (fine && value != NODE_NONE)
        fine = probe_zero(g, node_sub(g, value, c[0])) == ZERO_YES;
    arena_free(scratch);
    return fine;
}

_Noreturn static void refuse_taylor(Graph *g, Node e, Node x, Node a)
{
    const char *kink = node_kink_at(g, e, 1, &x, &a);
    if (kink)
        error_raise(SPAN_NONE, ERR_DIFF,
                    "`%s` has a kink at this point: there is no Taylor "
                    "polynomial",
                    kink);
    Node inverse = node_power(g, e, node_int(g, -1));
    Node limit = node_limit_try(g, inverse, x, a, LIMIT_BOTH);
    if (limit != NODE_NONE && node_is_zero(g, limit))
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "the formula grows without bound at this point: there is "
                    "no Taylor polynomial");
    value_at(g, e, x, a); /* says what is wrong, where there is no value */
    error_raise(SPAN_NONE, ERR_DOMAIN,
                "a derivative has no finite value at this point: there is no "
                "Taylor polynomial");
}

Node node_taylor(Graph *g, Node e, Node x, Node a, int n)
{
    Node shift = node_sub(g, x, a);
    Arena *scratch = arena_local();
    Node *c = ARENA_ARRAY(scratch, Node, (size_t)n + 1);
    int count = -1;
    if (!node_kink_at(g, e, 1, &x, &a))
        count = by_derivatives(g, e, x, a, n, c);
    if (count < 0) {
        if (!by_expansion(g, e, x, a, n, c))
            refuse_taylor(g, e, x, a);
        count = n + 1;
    }
    for (int k = 0; k < count; k++)
        c[k] = node_mul(g, c[k], node_power(g, shift, node_int(g, k)));
    Node y = count ? node_sum(g, count, c) : node_int(g, 0);
    arena_free(scratch);
    return y;
}

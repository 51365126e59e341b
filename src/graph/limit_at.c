/*
 * limit_at.c - limits at a point: by continuity, from both sides, bounded
 * factors, and a last look at the numbers
 */
#include <math.h>

#include "graph/decimals.h"
#include "graph/diff.h"
#include "graph/limit.h"
#include "graph/limit_series.h"
#include "graph/print.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum { LIMIT_WORK = 20000, BOUNDED_MOST = 4, BOUNDED_DEGREE = 4 };

bool node_is_infinite(const Graph *g, Node n)
{
    if (!node_is_number(g, n))
        return false;
    Value v = node_number_value(g, n);
    return v.kind == VAL_FLOAT && isinf(v.number);
}

/* ---- by continuity ---- */

static bool jumps(OpId op)
{
    return op == OP_SIGN || op == OP_STEP || op == OP_FLOOR || op == OP_CEIL ||
           op == OP_ROUND || op == OP_MOD || op == OP_ATAN2 || op == OP_POW ||
           op == OP_XLOGY;
}

typedef struct Continuity {
    Graph *g;
    NodeMap seen;
    Arena *arena;
    Node x, at;
} Continuity;

static bool is_continuous(Continuity *c, Node n);

/* b^e: e without x, and not at a zero that floats or symbols hide. */
static bool power_is_continuous(Continuity *c, Node b, Node e)
{
    Graph *g = c->g;
    if (node_depends(g, e, c->x))
        return false;
    if (!node_depends(g, b, c->x) || node_sign(g, e) == SIGN_POSITIVE)
        return is_continuous(c, b);
    Node v = node_substitute(g, b, 1, &c->x, &c->at);
    return probe_zero(g, v) == ZERO_NO && is_continuous(c, b);
}

/* Are all operators that x reaches continuous where they have a value? */
static bool is_continuous(Continuity *c, Node n)
{
    Graph *g = c->g;
    uint32_t known;
    if (!node_depends(g, n, c->x) || node_map_get(&c->seen, n, &known))
        return true;
    depth_check();
    node_map_set(&c->seen, n, 1);
    OpId op = node_op(g, n);
    if (op == OP_SYM)
        return true;
    bool core = op == OP_SUM || op == OP_MONO || op == OP_CHAIN ||
                op == OP_STACK || op == OP_JOIN || op == OP_TRANS;
    if (!core && (op_table[op].class != CLASS_ELEMENTWISE || jumps(op)))
        return false;
    const Node *arg = node_args_copy(g, n, c->arena);
    if (op == OP_TAN) {
        Node v = node_substitute(g, arg[0], 1, &c->x, &c->at);
        if (probe_zero(g, node_apply(g, OP_COS, 1, &v)) != ZERO_NO)
            return false;
    }
    for (int i = 0; i < node_count(g, n); i++) {
        bool power = op == OP_MONO && i >= 2 && i % 2 == 0;
        if (power ? !power_is_continuous(c, arg[i], arg[i + 1])
                  : !is_continuous(c, arg[i]))
            return false;
    }
    return true;
}

Node node_continuous_at(Graph *g, Node n, Node x, Node a)
{
    if (node_is_infinite(g, a))
        return NODE_NONE;
    Node y = NODE_NONE;
    Protect p;
    if (PROTECT(&p)) {
        Arena *arena = arena_local();
        Continuity c = {.g = g,
                        .seen = node_map_in(arena),
                        .arena = arena,
                        .x = x,
                        .at = a};
        if (is_continuous(&c, n))
            y = node_substitute(g, n, 1, &x, &a);
        arena_free(arena);
        protect_end(&p);
    } else if (context_error()->code == ERR_DOMAIN) {
        return NODE_NONE;
    } else {
        error_again();
    }
    double v;
    if (y == NODE_NONE)
        return y;
    bool number = node_constant_value(g, y, &v);
    return number && !isfinite(v) ? NODE_NONE : y;
}

static bool same_limit(Graph *g, Node a, Node b)
{
    if (a == b)
        return true;
    if (node_is_infinite(g, a) || node_is_infinite(g, b))
        return false;
    return probe_zero(g, node_sub(g, a, b)) == ZERO_YES;
}

static const char *text_of(Graph *g, Node n)
{
    Str s = str_in(error_arena());
    if (node_is_infinite(g, n))
        return node_number_value(g, n).number > 0 ? "inf" : "-inf";
    node_print(g, n, &s);
    return str_text(&s);
}

/* ---- one direction, as t -> inf ---- */

static Node take_limit(Graph *g, Node e, Node t)
{
    Arena *a = arena_local();
    int work = LIMIT_WORK;
    Limits l = {.g = g, .arena = a, .t = t, .work = &work};
    Node y = limit_at_infinity(&l, e);
    arena_free(a);
    return y;
}

/* The sines and cosines in n whose argument grows without bound. */
static int oscillating(Graph *g, Node n, Node t, Arena *a, NodeMap *seen,
                       int count, Node found[])
{
    uint32_t known;
    if (!node_depends(g, n, t) || node_map_get(seen, n, &known))
        return count;
    depth_check();
    node_map_set(seen, n, 1);
    const Node *arg = node_args_copy(g, n, a);
    if (node_op(g, n) == OP_SIN || node_op(g, n) == OP_COS) {
        Node inf = node_float(g, INFINITY);
        Node to = node_limit_try(g, arg[0], t, inf, LIMIT_BOTH);
        if (to != NODE_NONE && node_is_infinite(g, to)) {
            if (count < BOUNDED_MOST)
                found[count] = n;
            return count + 1;
        }
    }
    for (int i = 0; i < node_count(g, n); i++)
        count = oscillating(g, arg[i], t, a, seen, count, found);
    return count;
}

/* Is n a polynomial in b? Then it is bounded with b, evenly in t. */
static bool is_polynomial(Graph *g, Node n, Node b)
{
    for (int k = 0; k <= BOUNDED_DEGREE; k++) {
        if (!node_depends(g, n, b))
            return true;
        n = node_expand(g, diff_scalar(g, n, b));
    }
    return false;
}

/*
 * A polynomial in sines and cosines that oscillate: they are bounded, so if
 * the limit for any fixed numbers in their place does not depend on these,
 * it is the limit.  NODE_NONE if there are none, or it does.
 */
static Node limit_of_bounded(Graph *g, Node e, Node t)
{
    Node found[BOUNDED_MOST], symbol[BOUNDED_MOST];
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    int n = oscillating(g, e, t, a, &seen, 0, found);
    Node y = NODE_NONE;
    if (n > 0 && n <= BOUNDED_MOST) {
        for (int i = 0; i < n; i++)
            symbol[i] = node_symbol(
                g, name_of(arena_printf(a, "oscillating %d", i + 1)),
                (Shape){1, 1}, 0);
        Node m = node_substitute(g, e, n, found, symbol);
        bool fine = true;
        for (int i = 0; fine && i < n; i++)
            fine = is_polynomial(g, m, symbol[i]);
        if (fine)
            y = node_limit_try(g, m, t, node_float(g, INFINITY), LIMIT_BOTH);
        for (int i = 0; y != NODE_NONE && i < n; i++)
            if (node_depends(g, y, symbol[i]))
                y = NODE_NONE;
    }
    arena_free(a);
    return y;
}

/* Does n hold an operator that jumps on the way of t? */
static bool holds_jump(Graph *g, Node n, Node t, Arena *a)
{
    if (!node_depends(g, n, t))
        return false;
    depth_check();
    OpId op = node_op(g, n);
    if (jumps(op) || (op != OP_SYM && op != OP_SUM && op != OP_MONO &&
                      op_table[op].class != CLASS_ELEMENTWISE))
        return true;
    const Node *arg = node_args_copy(g, n, a);
    for (int i = 0; i < node_count(g, n); i++)
        if (holds_jump(g, arg[i], t, a))
            return true;
    return false;
}

/* e with an angle of num/6 times pi in its sines and cosines; its limit. */
static Node limit_in_phase(Graph *g, Node e, Node t, int n, const Node found[],
                           int num)
{
    Node value[BOUNDED_MOST], pi = node_apply(g, OP_PI, 0, NULL);
    Node angle = node_mul(g, node_rational(g, num, 6), pi);
    for (int i = 0; i < n; i++)
        value[i] = node_apply(g, node_op(g, found[i]), 1, &angle);
    Node y = NODE_NONE;
    Protect p;
    if (PROTECT(&p)) {
        e = node_substitute(g, e, n, found, value);
        y = node_depends(g, e, t)
                ? node_limit_try(g, e, t, node_float(g, INFINITY), LIMIT_BOTH)
                : e;
        protect_end(&p);
    } else if (context_error()->code != ERR_DOMAIN) {
        error_again();
    }
    return y;
}

/* Are they surely different? */
static bool other_limit(Graph *g, Node a, Node b)
{
    if (node_is_infinite(g, a) || node_is_infinite(g, b))
        return a != b;
    return probe_zero(g, node_sub(g, a, b)) == ZERO_NO;
}

/*
 * Sines and cosines of one continuous u without bound: u comes to every
 * angle again and again.  If e has other limits at these for one angle than
 * for another, it has none.
 */
static void refuse_oscillation(Graph *g, Node e, Node t)
{
    Node found[BOUNDED_MOST], first = NODE_NONE;
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    int n = oscillating(g, e, t, a, &seen, 0, found);
    bool fine = n > 0 && n <= BOUNDED_MOST;
    for (int i = 0; fine && i < n; i++)
        fine = node_arg(g, found[i], 0) == node_arg(g, found[0], 0) &&
               !holds_jump(g, found[i], t, a);
    for (int num = 1; fine && num < 12; num++) {
        Node y = limit_in_phase(g, e, t, n, found, num);
        if (y == NODE_NONE || num == 1)
            first = num == 1 ? y : first;
        else if (first != NODE_NONE && other_limit(g, first, y))
            error_raise(SPAN_NONE, ERR_DOMAIN,
                        "it has no limit: it oscillates, and comes to %s "
                        "and to %s again and again",
                        text_of(g, node_textbook(g, first)),
                        text_of(g, node_textbook(g, y)));
        if (first == NODE_NONE)
            first = y;
    }
    arena_free(a);
}

/* ---- a last look at the numbers ---- */

/*
 * Do values along t = 10, 100, 1000, ... settle somewhere else than at y?
 * No proof, but against a mistake in the algebra a witness.
 */
static bool contradicts(Graph *g, Node e, Node t, Node y)
{
    double limit, at[3];
    if (!node_constant_value(g, y, &limit) || isinf(limit))
        return false;
    int settled = 0;
    for (int k = 0; k < 3; k++) {
        Probe p;
        double v = 37 * pow(10, k);
        if (!probe_value(g, e, 1, &t, &v, &p) || !isfinite(p.value) ||
            !(p.error < 1e-6 * (1 + fabs(p.value))))
            return false;
        at[k] = p.value;
        settled += k > 0 && fabs(at[k] - at[k - 1]) < 1e-4 * (1 + fabs(at[k]));
    }
    return settled == 2 && fabs(at[2] - limit) > 0.05 * (1 + fabs(limit)) &&
           fabs(at[2] - limit) >= fabs(at[0] - limit) * (1 - 1e-3);
}

static Node limit_towards(Graph *g, Node e, Node t)
{
    Node y;
    e = limit_settled(g, e, t);
    if (!node_depends(g, e, t))
        return e;
    y = limit_of_bounded(g, e, t);
    if (y == NODE_NONE) {
        refuse_oscillation(g, e, t);
        y = take_limit(g, e, t);
    }
    if (contradicts(g, e, t, y))
        limit_fail("values near the point do not bear the answer out");
    return node_is_infinite(g, y) ? y : node_textbook(g, y);
}

/* From one side: a + 1/t, a - 1/t, t or -t for x. */
static Node limit_one_side(Graph *g, Node e, Node x, Node a, LimitSide side)
{
    Node t =
        node_symbol(g, name_of("t towards inf"), (Shape){1, 1}, SYM_POSITIVE);
    Node to;
    if (node_is_infinite(g, a)) {
        to = node_number_value(g, a).number > 0 ? t : node_neg(g, t);
    } else {
        Node step = node_power(g, t, node_int(g, -1));
        to = side == LIMIT_LEFT ? node_sub(g, a, step) : node_add(g, a, step);
    }
    return limit_towards(g, node_substitute(g, e, 1, &x, &to), t);
}

typedef Node LimitFn(Graph *g, Node e, Node x, Node a, LimitSide side);

/* NODE_NONE, and the error is still there to look at, if it was not found. */
static Node limit_or_none(LimitFn *limit, Graph *g, Node e, Node x, Node a,
                          LimitSide side)
{
    Node y = NODE_NONE;
    Protect p;
    if (PROTECT(&p)) {
        y = limit(g, e, x, a, side);
        protect_end(&p);
        return y;
    }
    ErrorCode c = context_error()->code;
    if (c != ERR_DOMAIN && c != ERR_CLOSED && c != ERR_DIFF && c != ERR_LIMIT)
        error_again();
    return NODE_NONE;
}

/* Both sides; one on which e is not real does not count. */
static Node limit_both(Graph *g, Node e, Node x, Node a)
{
    Node left = limit_or_none(limit_one_side, g, e, x, a, LIMIT_LEFT);
    if (left == NODE_NONE) {
        bool outside = context_error()->code == ERR_DOMAIN;
        if (!outside)
            error_again();
        return limit_one_side(g, e, x, a, LIMIT_RIGHT);
    }
    Node right = limit_or_none(limit_one_side, g, e, x, a, LIMIT_RIGHT);
    if (right == NODE_NONE && context_error()->code == ERR_DOMAIN)
        return left;
    if (right == NODE_NONE)
        error_again();
    if (!same_limit(g, left, right))
        error_raise_help(
            SPAN_NONE, ERR_DOMAIN, NULL,
            arena_printf(error_arena(),
                         "one side: limit(e, %s, %s, \"left\") "
                         "or \"right\"",
                         node_symbol_name(g, x), text_of(g, a)),
            "it has no limit at %s = %s: %s from the left, %s from the right",
            node_symbol_name(g, x), text_of(g, a), text_of(g, left),
            text_of(g, right));
    return node_size(g, left) < node_size(g, right) ? left : right;
}

/* What is shared counts anew each time: series are made of formulas that are
 * written out. */
enum { LIMIT_SIZE = 20000 };

Node node_limit(Graph *g, Node e, Node x, Node a, LimitSide side)
{
    if (!node_depends(g, e, x))
        return e;
    Node exact = node_decimals(g, e), point = node_decimals(g, a);
    double v;
    if (exact != e || point != a) {
        Node y = node_limit(g, exact, x, point, side);
        return node_constant_value(g, y, &v) ? node_float(g, v) : y;
    }
    limit_refuse_unreal(g, e, x, a, side);
    Node y = node_continuous_at(g, e, x, a);
    if (y != NODE_NONE)
        return node_textbook(g, y);
    if (node_size(g, e) > LIMIT_SIZE)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "written out, the formula has more than %d operations: "
                    "too many for a limit",
                    LIMIT_SIZE);
    if (side == LIMIT_BOTH && !node_is_infinite(g, a))
        return limit_both(g, e, x, a);
    return limit_one_side(g, e, x, a, side);
}

Node node_limit_try(Graph *g, Node e, Node x, Node a, LimitSide side)
{
    return limit_or_none(node_limit, g, e, x, a, side);
}

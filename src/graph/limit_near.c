/*
 * limit_near.c - what holds near the point of a limit
 */
#include <math.h>

#include "base/error.h"
#include "graph/limit_series.h"
#include "graph/probe.h"
#include "graph/walk.h"

enum { CHOICES_MOST = 32, LIMIT_WORK = 20000, OTHERS_MOST = 8, SAMPLES = 32 };

/* ---- comparisons ---- */

static bool is_comparison(OpId op)
{
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE;
}

/* One that t reaches, of scalars; NODE_NONE. */
static Node find_comparison(Graph *g, Node n, Node t, Arena *a, NodeMap *seen)
{
    uint32_t known;
    if (!node_depends(g, n, t) || node_map_get(seen, n, &known))
        return NODE_NONE;
    depth_check();
    node_map_set(seen, n, 1);
    const Node *arg = node_args_copy(g, n, a);
    if (is_comparison(node_op(g, n)) && node_is_scalar(g, arg[0]) &&
        node_is_scalar(g, arg[1]))
        return n;
    for (int i = 0; i < node_count(g, n); i++) {
        Node found = find_comparison(g, arg[i], t, a, seen);
        if (found != NODE_NONE)
            return found;
    }
    return NODE_NONE;
}

/* Its truth for large t. */
static bool settle(Graph *g, Node n, Node t, Arena *a)
{
    int work = LIMIT_WORK;
    Limits l = {.g = g, .arena = a, .t = t, .work = &work};
    Node gap = node_sub(g, node_arg(g, n, 1), node_arg(g, n, 0));
    int sign = limit_sign(&l, gap, 0);
    switch ((int)node_op(g, n)) {
    case OP_LT:
        return sign > 0;
    case OP_LE:
        return sign >= 0;
    case OP_EQ:
        return sign == 0;
    default:
        return sign != 0;
    }
}

Node limit_settled(Graph *g, Node e, Node t)
{
    Arena *a = arena_local();
    for (int k = 0; k < CHOICES_MOST; k++) {
        NodeMap seen = node_map_in(a);
        Node n = find_comparison(g, e, t, a, &seen);
        if (n == NODE_NONE)
            break;
        Node truth = node_int(g, settle(g, n, t, a));
        e = node_substitute(g, e, 1, &n, &truth);
    }
    arena_free(a);
    return e;
}

/* ---- real values ---- */

/* Is e real beside x = a, with these numbers for its other symbols? */
static bool is_real_beside(Graph *g, Node e, Node x, double a, int side, int n,
                           Node symbol[], double value[])
{
    static const double steps[] = {1e-1, 1e-2, 1e-4, 1e-6};
    static const double far[] = {2, 5, 20, 100};
    symbol[n] = x;
    for (int i = 0; i < 4; i++) {
        Probe p;
        value[n] = isinf(a) ? copysign(far[i], a)
                            : a + side * steps[i] * fmax(1, fabs(a));
        if (!probe_value(g, e, n + 1, symbol, value, &p) || p.value == p.value)
            return true; /* or it cannot be told */
    }
    return false;
}

void limit_refuse_unreal(Graph *g, Node e, Node x, Node a, LimitSide side)
{
    static const double sizes[] = {1, 40, 1e3, 1e6};
    Node *all, symbol[OTHERS_MOST + 1];
    double value[OTHERS_MOST + 1], at;
    int n = 0;
    Arena *arena = arena_local();
    int count = node_symbols(g, node_add(g, e, x), arena, &all);
    bool real = !node_constant_value(g, a, &at) || count > OTHERS_MOST;
    for (int i = 0; i < count && !real; i++)
        if (all[i] != x)
            symbol[n++] = all[i];
    for (int k = 0; k < (n ? SAMPLES : 1) && !real; k++) {
        for (int i = 0; i < n; i++) {
            double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
            unsigned flags = node_symbol_flags(g, symbol[i]);
            bool plus = flags & (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER);
            value[i] = plus ? ceil(5 * r) : 6 * r - 3;
            value[i] *= sizes[(k / 8 + k * i) % 4];
        }
        for (int to = -1; to <= 1 && !real; to += 2) {
            bool wanted = isinf(at) || side == LIMIT_BOTH ||
                          (side == LIMIT_LEFT) == (to < 0);
            real = wanted && is_real_beside(g, e, x, at, to, n, symbol, value);
        }
    }
    arena_free(arena);
    if (!real)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "it has no limit there: it has no real value %s the point",
                    side == LIMIT_LEFT    ? "to the left of"
                    : side == LIMIT_RIGHT ? "to the right of"
                                          : "near");
}

/* ---- expansion at the point ---- */

/* The coefficients of the whole powers 0 ... n; false if there are others. */
static bool take_powers(Limits *l, Series s, int n, LimitSide side, Node c[])
{
    Graph *g = l->g;
    for (int i = 0; i <= n; i++)
        c[i] = node_int(g, 0);
    for (int i = 0; i < s.count && s.exponent[i] < n + 0.5; i++) {
        int power = (int)nearbyint(s.exponent[i]);
        if (power < 0 || fabs(s.exponent[i] - power) > 1e-9 ||
            node_depends(g, s.coefficient[i], l->t))
            return false;
        c[power] = side == LIMIT_LEFT && power % 2
                       ? node_neg(g, s.coefficient[i])
                       : s.coefficient[i];
    }
    return s.order > n + 1e-9;
}

static bool expand_at(Graph *g, Node e, Node x, Node a, LimitSide side, int n,
                      Node c[])
{
    int work = LIMIT_WORK;
    Arena *arena = arena_local();
    Node t =
        node_symbol(g, name_of("t towards inf"), SHAPE_SCALAR, SYM_POSITIVE);
    Node u = node_neg(g, t), h = node_apply(g, OP_EXP, 1, &u);
    Node to = side == LIMIT_LEFT ? node_sub(g, a, h) : node_add(g, a, h);
    e = limit_settled(g, node_substitute(g, e, 1, &x, &to), t);
    Limits l = {.g = g, .arena = arena, .t = t, .work = &work};
    bool found = false;
    for (int more = 2; !found && more <= 16; more *= 2)
        found = take_powers(&l, limit_series(&l, e, n + more), n, side, c);
    arena_free(arena);
    return found;
}

bool node_expansion(Graph *g, Node e, Node x, Node a, LimitSide side, int n,
                    Node c[])
{
    volatile bool found = false;
    Protect p;
    if (PROTECT(&p)) {
        found = expand_at(g, e, x, a, side, n, c);
        protect_end(&p);
        return found;
    }
    ErrorCode code = context_error()->code;
    if (code != ERR_DOMAIN && code != ERR_CLOSED && code != ERR_DIFF &&
        code != ERR_LIMIT)
        error_again();
    return false;
}

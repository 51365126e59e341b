/*
 * exact_sum.c - long sums and products of exact numbers
 */
#include "eval/exact_sum.h"

#include "graph/node.h"

/* ---- towers ---- */

static Value join(const Tower *t, Value a, Value b)
{
    return value_binary(t->product ? BIN_MUL : BIN_ADD, a, b);
}

void tower_add(Tower *t, Value v)
{
    int k = 0;
    for (; t->count >> k & 1; k++) {
        v = join(t, t->floor[k], v);
        value_store(&t->floor[k], VALUE_NONE);
    }
    value_store(&t->floor[k], v);
    t->count++;
}

Value tower_total(Tower *t)
{
    Value y = VALUE_NONE;
    for (int k = 0; k < TOWER_FLOORS; k++)
        if (t->count >> k & 1)
            y = y.kind == VAL_NONE ? t->floor[k] : join(t, t->floor[k], y);
    if (y.kind != VAL_NONE)
        value_keep(y);
    tower_clear(t);
    return y;
}

void tower_clear(Tower *t)
{
    for (int k = 0; k < TOWER_FLOORS; k++)
        value_store(&t->floor[k], VALUE_NONE);
    t->count = 0;
}

/* ---- ranges ---- */

bool range_steps(Value from, Value step, Value to, Steps *s)
{
    if (from.kind != VAL_INT || step.kind != VAL_INT || to.kind != VAL_INT ||
        step.integer == 0 || step.integer == INT64_MIN)
        return false;
    int64_t span;
    if (__builtin_sub_overflow(to.integer, from.integer, &span))
        return false;
    s->from = from.integer;
    s->step = step.integer;
    s->count = span != 0 && (span > 0) != (step.integer > 0)
                   ? 0
                   : (size_t)(span / step.integer) + 1;
    return true;
}

/* ---- sums of polynomials ---- */

enum { DEGREE_MOST = 64 };

/* A bound of the degree of n in x; -1: it is no polynomial in it. */
static int degree(const Graph *g, Node n, Node x, int deep)
{
    int most = 0;
    if (n == x)
        return 1;
    if (node_is_number(g, n))
        return 0;
    if (deep == 0 || (node_op(g, n) != OP_SUM && node_op(g, n) != OP_MONO))
        return -1;
    bool sum = node_op(g, n) == OP_SUM;
    for (int i = 0; i + 1 < node_count(g, n); i += 2) {
        int64_t e = 1;
        int a = degree(g, node_arg(g, n, i), x, deep - 1);
        Node second = node_arg(g, n, i + 1);
        int b = sum || i == 0 ? degree(g, second, x, deep - 1) : 0;
        if (a < 0 || b < 0)
            return -1;
        if (!sum && i > 0 &&
            (!node_is_number(g, second) ||
             !value_to_int(node_number_value(g, second), &e) || e < 0 ||
             e > DEGREE_MOST))
            return -1;
        int k = a * (int)e + b;
        most = !sum ? most + k : k > most ? k : most;
        if (most > DEGREE_MOST)
            return -1;
    }
    return most;
}

static bool value_at(Graph *g, Node body, Node x, int64_t at, Value *y)
{
    Node n = node_substitute(g, body, 1, &x, (Node[]){node_int(g, at)});
    if (!node_is_number(g, n))
        return false;
    *y = node_number_value(g, n);
    return y->kind == VAL_INT || y->kind == VAL_EXACT;
}

/*
 * By the differences D of the first values, the sum of n of them is
 * sum D^k*binomial(n, k + 1) (Graham, Knuth & Patashnik, Concrete
 * Mathematics, 5.3).
 */
bool polynomial_sum(Graph *g, Node body, Node index, const Steps *s, Value *y)
{
    Value d[DEGREE_MOST + 1];
    int m = degree(g, body, index, 16);
    if (m < 0 || s->count > INT64_MAX)
        return false;
    for (int k = 0; k <= m; k++)
        if ((size_t)k >= s->count ||
            !value_at(g, body, index, s->from + k * s->step, &d[k]))
            return false;
    Value sum = value_int(0), binomial = value_int((int64_t)s->count);
    for (int k = 0; k <= m; k++) {
        sum = value_binary(BIN_ADD, sum, value_binary(BIN_MUL, d[0], binomial));
        for (int i = 0; i < m - k; i++)
            d[i] = value_binary(BIN_SUB, d[i + 1], d[i]);
        binomial = value_binary(BIN_MUL, binomial,
                                value_int((int64_t)s->count - k - 1));
        binomial = value_binary(BIN_DIV, binomial, value_int(k + 2));
    }
    *y = sum;
    return true;
}

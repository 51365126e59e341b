/*
 * lower_chain.c - matrix products, traces, solves
 *
 * A chain is associated by cost (the dynamic program of Cormen, Leiserson,
 * Rivest & Stein, section on matrix chains).  A product of two looks at what
 * the factors are: ones make sums, diagonals scale, inverses solve, one-wide
 * joints are outer products entry by entry, transposes become flags.
 */
#include "compile/lower.h"

#include <assert.h>

static StepInfo info(const Lower *l, Step s)
{
    return l->step.at[s];
}

static Step times(Lower *l, Step a, Step b)
{
    return step_each2(l, STEP_MUL, a, b);
}

/* diag(v)*b or a*diag(v). */
static Step scale_rows(Lower *l, Step v, Step b)
{
    StepInfo s = info(l, b);
    return times(l, step_spread(l, v, s.rows, s.cols), b);
}

static Step scale_cols(Lower *l, Step a, Step v)
{
    StepInfo s = info(l, a);
    return times(l, a, step_spread(l, step_turn(l, v), s.rows, s.cols));
}

static Step outer(Lower *l, Step a, Step b)
{
    int rows = info(l, a).rows, cols = info(l, b).cols;
    if (rows == 1 || cols == 1)
        return times(l, a, b);
    return times(l, step_spread(l, a, rows, cols),
                 step_spread(l, b, rows, cols));
}

/* a of which all entries are `number`, times b. */
static Step fill_times(Lower *l, Step a, Step number, Step b)
{
    Step row = times(l, number, step_colsum(l, b));
    return step_spread(l, row, info(l, a).rows, info(l, b).cols);
}

static Step times_fill(Lower *l, Step a, Step b, Step number)
{
    Step col = times(l, step_rowsum(l, a), number);
    return step_spread(l, col, info(l, a).rows, info(l, b).cols);
}

/* inv(m)*b, or inv(m)'*b. */
static Step solve(Lower *l, Step lu, Step b, bool turned)
{
    StepInfo s = info(l, b);
    Step args[2] = {lu, b};
    return step_make(l, STEP_SOLVE, s.rows, s.cols, 2, args, turned);
}

/* Is a == w.*b with a column w, so that a'*b is symmetric? */
static bool is_weighted(const Lower *l, Step a, Step b)
{
    if (info(l, a).op != STEP_MUL)
        return false;
    for (int i = 0; i < 2; i++) {
        Step w = step_arg(l, a, i);
        if (step_arg(l, a, 1 - i) != b)
            continue;
        if (info(l, w).op == STEP_SPREAD)
            w = step_arg(l, w, 0);
        if (info(l, w).cols == 1)
            return true;
    }
    return false;
}

static Step gemm(Lower *l, Step a, Step b)
{
    bool ta, tb;
    int rows = info(l, a).rows, cols = info(l, b).cols;
    Step args[2] = {step_under_turn(l, a, &ta), step_under_turn(l, b, &tb)};
    if (args[0] == args[1] && ta != tb)
        return step_make(l, STEP_SYRK, rows, cols, 1, args, ta);
    bool even = ta && !tb && rows > 1 &&
                (is_weighted(l, args[0], args[1]) ||
                 is_weighted(l, args[1], args[0]));
    return step_make(l, STEP_GEMM, rows, cols, 2, args,
                     (uint64_t)ta + 2 * (uint64_t)tb +
                         (even ? STEP_GEMM_EVEN : 0));
}

Step step_product(Lower *l, Step a, Step b)
{
    Step number, under;
    bool turned;
    StepInfo sa = info(l, a), sb = info(l, b);
    if (step_is_scalar(l, a) || step_is_scalar(l, b))
        return times(l, a, b);
    assert(sa.cols == sb.rows);
    if (sa.op == STEP_DIAG)
        return scale_rows(l, step_arg(l, a, 0), b);
    if (sb.op == STEP_DIAG)
        return scale_cols(l, a, step_arg(l, b, 0));
    if (sa.cols == 1)
        return outer(l, a, b);
    if (sa.rows == 1 && sb.cols == 1)
        return step_sum(l, times(l, step_view(l, a, 0, sa.cols, 1), b));
    if (step_is_fill(l, a, &number))
        return fill_times(l, a, number, b);
    if (step_is_fill(l, b, &number))
        return times_fill(l, a, b, number);
    under = step_under_turn(l, a, &turned);
    if (info(l, under).op == STEP_INV)
        return solve(l, step_arg(l, under, 0), b, turned);
    under = step_under_turn(l, b, &turned);
    if (info(l, under).op == STEP_INV)
        return step_turn(
            l, solve(l, step_arg(l, under, 0), step_turn(l, a), !turned));
    return gemm(l, a, b);
}

/* ---- association ---- */

enum { CHAIN_MOST = 48 };

static double product_cost(const Lower *l, const Step f[], int i, int k, int j)
{
    double m = info(l, f[i]).rows, n = info(l, f[j]).cols;
    double inner = info(l, f[k]).cols;
    Step number;
    if ((i == k && info(l, f[i]).op == STEP_DIAG) ||
        (k + 1 == j && info(l, f[j]).op == STEP_DIAG))
        return m * n;
    if (i == k && step_is_fill(l, f[i], &number))
        return inner * n;
    if (k + 1 == j && step_is_fill(l, f[j], &number))
        return m * inner;
    return 2 * m * inner * n;
}

static Step build(Lower *l, const Step f[], int count, const int *split, int i,
                  int j)
{
    if (i == j)
        return f[i];
    int k = split[i * count + j];
    Step a = build(l, f, count, split, i, k);
    return step_product(l, a, build(l, f, count, split, k + 1, j));
}

static Step best_order(Lower *l, const Step f[], int n)
{
    double *cost = ARENA_ARRAY(l->a, double, (size_t)(n * n));
    int *split = ARENA_ARRAY(l->a, int, (size_t)(n * n));
    for (int len = 2; len <= n; len++)
        for (int i = 0; i + len <= n; i++) {
            int j = i + len - 1;
            cost[i * n + j] = -1;
            for (int k = i; k < j; k++) {
                double c = cost[i * n + k] + cost[(k + 1) * n + j] +
                           product_cost(l, f, i, k, j);
                if (cost[i * n + j] < 0 || c < cost[i * n + j]) {
                    cost[i * n + j] = c;
                    split[i * n + j] = k;
                }
            }
        }
    return build(l, f, n, split, 0, n - 1);
}

Step lower_chain(Lower *l, int n, const Step f[])
{
    if (n <= CHAIN_MOST)
        return best_order(l, f, n);
    /* Long chains: from the narrower end. */
    if (info(l, f[n - 1]).cols <= info(l, f[0]).rows) {
        Step y = f[n - 1];
        for (int i = n - 2; i >= 0; i--)
            y = step_product(l, f[i], y);
        return y;
    }
    Step y = f[0];
    for (int i = 1; i < n; i++)
        y = step_product(l, y, f[i]);
    return y;
}

/* ---- traces and diagonals of products ---- */

/* The chain cut where both parts together cost least. */
static bool cut_chain(Lower *l, Node n, Step *p, Step *q)
{
    if (node_op(l->g, n) != OP_CHAIN)
        return false;
    int count = node_count(l->g, n);
    Step *f = ARENA_ARRAY(l->a, Step, (size_t)count);
    for (int i = 0; i < count; i++)
        f[i] = lowered(l, node_arg(l->g, n, i));
    int best = 0;
    double least = 0;
    for (int k = 0; k + 1 < count; k++) {
        double rows = info(l, f[0]).rows, cols = info(l, f[k]).cols;
        if (k == 0 || rows * cols < least) {
            least = rows * cols;
            best = k;
        }
    }
    *p = lower_chain(l, best + 1, f);
    *q = lower_chain(l, count - best - 1, f + best + 1);
    return true;
}

Step lower_diagof(Lower *l, Node arg)
{
    Step p, q, s = lowered(l, arg), number;
    StepInfo a = info(l, s);
    if (a.op == STEP_DIAG)
        return step_arg(l, s, 0);
    if (a.op == STEP_TURN)
        s = step_arg(l, s, 0);
    if (step_is_fill(l, s, &number))
        return step_spread(l, number, a.rows, 1);
    if (cut_chain(l, arg, &p, &q))
        return step_rowsum(l, times(l, p, step_turn(l, q)));
    Gather *g =
        arena_alloc(l->keep, sizeof *g + (size_t)a.rows * sizeof g->from[0]);
    g->count = (size_t)a.rows;
    for (int i = 0; i < a.rows; i++)
        g->from[i] = (size_t)i * (size_t)(a.rows + 1);
    return step_make(l, STEP_GATHER, a.rows, 1, 1, &s, (uint64_t)(uintptr_t)g);
}

/* tr(P*Q) is the sum of P'.*Q: no product of matrices at all. */
Step lower_trace(Lower *l, Node arg)
{
    Step p, q;
    if (cut_chain(l, arg, &p, &q))
        return step_sum(l, times(l, step_turn(l, p), q));
    return step_sum(l, lower_diagof(l, arg));
}

/*
 * lower_share.c - quotients by sums of exponentials
 *
 * exp(x)/(exp(x) + exp(y)) and its derivatives, typed or found by
 * differentiation: with m the largest exponent, S = exp(m)*T where T is a sum
 * of exponentials of which one is 1, so exp(b)/S^k = exp(b - k*m)/T^k neither
 * overflows nor is 0/0 (Blanchard, Higham & Higham, IMA J. Numer. Anal. 41,
 * 2021).  Sums above S are distributed first.
 */
#include "compile/lower.h"

#include <math.h>

#include "num/vmath.h"

enum { SHARE_TERMS = 12, SHARE_POWER = 6, SHARE_FACTORS = 60 };

static const Kernel share_exp = {
    .name = "exp", .code = "num_exp(a)", .f1 = num_exp, .v1 = vmath_exp};
static const Kernel share_max = {
    .name = "max", .code = "num_max(a, b)", .f2 = num_max};

/* ---- sums of exponentials ---- */

static bool is_unit_body(Lower *l, Node n)
{
    Step number;
    double x;
    if (node_is_number(l->g, n))
        return node_is_one(l->g, n);
    return step_is_fill(l, lower_node(l, n), &number) &&
           step_is_number(l, number, &x) && x == 1;
}

/* The exponent of a term: x of exp(x), 0 of 1, x of exp(x)*ones. */
static bool read_exponent(Lower *l, Node t, Step *x, bool *some)
{
    Graph *g = l->g;
    if (node_op(g, t) == OP_EXP) {
        *x = lower_node(l, node_arg(g, t, 0));
        *some = true;
        return true;
    }
    if (node_op(g, t) != OP_MONO) {
        *x = step_number(l, 0);
        return is_unit_body(l, t);
    }
    if (node_count(g, t) != 4 || !node_is_one(g, node_arg(g, t, 0)) ||
        !node_is_int(g, node_arg(g, t, 3), 1) ||
        !is_unit_body(l, node_arg(g, t, 1)))
        return false;
    Node f = node_arg(g, t, 2);
    *some = true;
    if (node_op(g, f) != OP_EXP)
        return false;
    *x = lower_node(l, node_arg(g, f, 0));
    return true;
}

int lower_exponents(Lower *l, Node sum, int most, Step x[])
{
    Graph *g = l->g;
    int count = node_count(g, sum) / 2;
    bool some = false;
    if (node_op(g, sum) != OP_SUM || count > most)
        return 0;
    for (int i = 0; i < count; i++) {
        double p, q;
        lower_ratio(node_number_value(g, node_arg(g, sum, 2 * i)), &p, &q);
        if (p / q <= 0 ||
            !read_exponent(l, node_arg(g, sum, 2 * i + 1), &x[i], &some))
            return 0;
        if (p != q)
            x[i] = step_each2(l, STEP_ADD, x[i], step_number(l, log(p / q)));
    }
    return some ? count : 0;
}

/* ---- quotients ---- */

static int64_t exponent_of(const Graph *g, Node n, int i)
{
    int64_t e = 0;
    Node k = node_arg(g, n, i + 1);
    if (!node_is_number(g, k) || !value_to_int(node_number_value(g, k), &e))
        return 0;
    return e;
}

/* exp(b1)*exp(b2)*.../S^k for the exponents of S */
static Step quotient(Lower *l, int nb, const Step b[], int n, const Step x[],
                     int k)
{
    Step m = x[0], t = STEP_NONE, e = STEP_NONE;
    for (int i = 1; i < n; i++)
        m = step_call2(l, &share_max, m, x[i]);
    for (int i = 0; i < n; i++) {
        Step s = step_each2(l, STEP_SUB, x[i], m);
        s = step_call1(l, &share_exp, s);
        t = t == STEP_NONE ? s : step_each2(l, STEP_ADD, t, s);
    }
    for (int i = 0; i < nb || i < k; i++) {
        Step s = i < nb ? b[i] : step_each1(l, STEP_NEG, m);
        if (i < nb && i < k)
            s = step_each2(l, STEP_SUB, s, m);
        e = e == STEP_NONE ? s : step_each2(l, STEP_ADD, e, s);
    }
    Step y = step_call1(l, &share_exp, e);
    for (int i = 0; i < k; i++)
        y = step_each2(l, STEP_DIV, y, t);
    l->stable = true;
    return y;
}

/* An exponential, a product with one, or with a sum that has one. */
static bool holds_exp(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    if (op == OP_EXP)
        return true;
    int first = op == OP_MONO ? 2 : 0;
    for (int i = first;
         (op == OP_MONO || op == OP_HAD) && i + 1 < node_count(g, n); i += 2) {
        Node f = node_arg(g, n, i);
        if (node_op(g, f) == OP_EXP)
            return true;
        for (int k = 1; node_op(g, f) == OP_SUM && k < node_count(g, f); k += 2)
            if (node_op(g, node_arg(g, f, k)) == OP_EXP)
                return true;
    }
    return false;
}

/* A sum with exponentials, to the power e, above the line. */
static bool is_upper_sum(const Graph *g, Node n, int64_t e)
{
    if (node_op(g, n) != OP_SUM || e < 1 || e > SHARE_POWER ||
        node_count(g, n) > 2 * SHARE_TERMS)
        return false;
    for (int i = 1; i < node_count(g, n); i += 2)
        if (holds_exp(g, node_arg(g, n, i)))
            return true;
    return false;
}

/* All factors of n from `first` on, that at `skip` one power less. */
static Node other_factors(Graph *g, Node n, int first, int skip)
{
    Node y = node_int(g, 1);
    bool array = first == 0;
    bool begun = false;
    for (int i = first; i + 1 < node_count(g, n); i += 2) {
        Node e = node_arg(g, n, i + 1);
        if (i == skip)
            e = node_sub(g, e, node_int(g, 1));
        if (node_is_zero(g, e))
            continue;
        Node f = node_arg(g, n, i);
        f = array ? node_had_power(g, f, e) : node_power(g, f, e);
        y = !begun ? f : array ? node_had(g, y, f) : node_mul(g, y, f);
        begun = true;
    }
    return y;
}

static Step distributed(Lower *l, Node n, int first, int place)
{
    Graph *g = l->g;
    Node sum = lower_joined(l, node_arg(g, n, place));
    Node rest = other_factors(g, n, first, place);
    if (node_op(g, sum) != OP_SUM) {
        sum = first == 0 ? node_had(g, sum, rest) : node_mul(g, sum, rest);
        return lower_node(l, sum);
    }
    Step y = STEP_NONE;
    for (int i = 0; i < node_count(g, sum); i += 2) {
        Node t = node_arg(g, sum, i + 1);
        t = first == 0 ? node_had(g, t, rest) : node_mul(g, t, rest);
        t = node_scale(g, node_arg(g, sum, i), t);
        Step s = lower_node(l, t);
        POLL();
        y = y == STEP_NONE ? s : step_each2(l, STEP_ADD, y, s);
    }
    return y;
}

/*
 * Bit i of *used: the factor at i is in the result.  STEP_NONE if there is no
 * sum of exponentials below the line, or nothing above it.
 */
Step lower_share(Lower *l, Node n, int first, uint64_t *used)
{
    Graph *g = l->g;
    Step x[SHARE_TERMS], b[SHARE_TERMS];
    int den = -1, sum = -1, count = 0, nb = 0;
    *used = 0;
    if (node_count(g, n) > SHARE_FACTORS)
        return STEP_NONE;
    for (int i = first; i + 1 < node_count(g, n) && den < 0; i += 2) {
        int64_t e = exponent_of(g, n, i);
        if (e < 0 && e >= -SHARE_POWER)
            count = lower_exponents(l, node_arg(g, n, i), SHARE_TERMS, x);
        den = count ? i : -1;
    }
    if (den < 0)
        return STEP_NONE;
    for (int i = first; i + 1 < node_count(g, n); i += 2) {
        Node f = node_arg(g, n, i);
        int64_t e = exponent_of(g, n, i);
        if (is_upper_sum(g, f, e))
            sum = i;
        if (node_op(g, f) != OP_EXP || e < 1 || nb + e > SHARE_TERMS)
            continue;
        for (int k = 0; k < e; k++)
            b[nb++] = lower_node(l, node_arg(g, f, 0));
        *used |= (uint64_t)1 << i;
    }
    if (sum >= 0) {
        depth_check();
        *used = UINT64_MAX;
        return distributed(l, n, first, sum);
    }
    if (nb == 0)
        return STEP_NONE;
    *used |= (uint64_t)1 << den;
    return quotient(l, nb, b, count, x, (int)-exponent_of(g, n, den));
}

/* ---- 1 - exp(x)/S ---- */

/* T*f/S for the term f of S: T, or NODE_NONE. */
static Node without_share(Graph *g, Node n, Node sum, Node f)
{
    if (node_is_scalar(g, n)) {
        Node t = node_mul(g, n, node_power(g, f, node_int(g, -1)));
        return node_mul(g, t, sum);
    }
    Node t = node_had(g, n, node_had_power(g, f, node_int(g, -1)));
    return node_had(g, t, sum);
}

/* Term j of `term` holds f/S: is there -T beside it?  Then both are one. */
static bool join_term(Graph *g, Node coef[], Node term[], int count, int j,
                      Node sum, int k)
{
    Node c = node_arg(g, sum, 2 * k), f = node_arg(g, sum, 2 * k + 1);
    Node t = without_share(g, term[j], sum, f);
    for (int i = 0; i < count; i++) {
        if (i == j || coef[i] == NODE_NONE || term[i] != t ||
            node_mul(g, coef[i], c) != node_neg(g, coef[j]))
            continue;
        Node others = node_sub(g, sum, node_scale(g, c, f));
        bool scalar = node_is_scalar(g, t);
        Node below = scalar ? node_power(g, sum, node_int(g, -1))
                            : node_had_power(g, sum, node_int(g, -1));
        Node part =
            scalar ? node_mul(g, others, below) : node_had(g, others, below);
        term[j] = scalar ? node_mul(g, t, part) : node_had(g, t, part);
        coef[j] = coef[i];
        coef[i] = NODE_NONE;
        return true;
    }
    return false;
}

static bool join_shares(Graph *g, Node coef[], Node term[], int count, int j)
{
    Node n = term[j];
    OpId op = node_op(g, n);
    int first = op == OP_MONO ? 2 : 0;
    if (coef[j] == NODE_NONE || (op != OP_MONO && op != OP_HAD))
        return false;
    for (int i = first; i + 1 < node_count(g, n); i += 2) {
        Node sum = node_arg(g, n, i);
        int terms = node_count(g, sum) / 2;
        if (node_op(g, sum) != OP_SUM || exponent_of(g, n, i) >= 0 ||
            terms > SHARE_TERMS ||
            node_is_scalar(g, sum) != node_is_scalar(g, n))
            continue;
        for (int k = 0; k < terms; k++)
            if (join_term(g, coef, term, count, j, sum, k))
                return true;
    }
    return false;
}

/*
 * T - T*f/S, where f is a term of the sum S, is T*(S - f)/S: nothing cancels
 * where f is nearly all of S.
 */
Node lower_joined(Lower *l, Node n)
{
    Graph *g = l->g;
    int count = node_op(g, n) == OP_SUM ? node_count(g, n) / 2 : 0;
    Node coef[SHARE_TERMS], term[SHARE_TERMS];
    bool some = false;
    if (count < 2 || count > SHARE_TERMS)
        return n;
    for (int i = 0; i < count; i++) {
        coef[i] = node_arg(g, n, 2 * i);
        term[i] = node_arg(g, n, 2 * i + 1);
    }
    for (int j = 0; j < count; j++)
        some = join_shares(g, coef, term, count, j) || some;
    if (!some)
        return n;
    int left = 0;
    for (int i = 0; i < count; i++)
        if (coef[i] != NODE_NONE)
            term[left++] = node_scale(g, coef[i], term[i]);
    return node_sum(g, left, term);
}

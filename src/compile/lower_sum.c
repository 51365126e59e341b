/*
 * lower_sum.c - sums, powers and products of scalars, in stable forms
 *
 * A formula keeps in the graph the form in which it reads best; here, where
 * nobody reads any more, differences that cancel take the form that does not
 * (NUMERICS.md section 4): 1 - sigmoid(x) is sigmoid(-x), exp(x) - 1 is
 * expm1(x), 1 - tanh(x)^2 and 1 - cos(x) are products, log(1 + x) is
 * log1p(x), and the root of a sum of squares is a norm that neither
 * overflows nor underflows.
 */
#include "compile/lower.h"

#include <math.h>
#include <stdlib.h>

#include "num/vmath.h"
#include "num/wide.h"

static const Kernel kernel_expm1 = {
    .name = "exp", .code = "num_expm1(a)", .f1 = num_expm1, .v1 = vmath_expm1};
static const Kernel kernel_sigmoid = {.name = "sigmoid",
                                      .code = "num_sigmoid(a)",
                                      .f1 = num_sigmoid,
                                      .v1 = vmath_sigmoid};
static const Kernel kernel_dtanh = {
    .name = "tanh", .code = "num_dtanh(a)", .f1 = num_dtanh, .v1 = vmath_dtanh};
static const Kernel kernel_tanh = {
    .name = "tanh", .code = "num_tanh(a)", .f1 = num_tanh, .v1 = vmath_tanh};
static const Kernel kernel_sin = {
    .name = "sin", .code = "num_sin(a)", .f1 = num_sin, .v1 = vmath_sin};
static const Kernel kernel_log = {
    .name = "log", .code = "num_log(a)", .f1 = num_log, .v1 = vmath_log};
static const Kernel kernel_log1p = {
    .name = "log", .code = "num_log1p(a)", .f1 = num_log1p, .v1 = vmath_log1p};
static const Kernel kernel_log1mexp = {.name = "log",
                                       .code = "num_log1mexp(a)",
                                       .f1 = num_log1mexp,
                                       .v1 = vmath_log1mexp};
static const Kernel kernel_erfc = {
    .name = "erf", .code = "num_erfc(a)", .f1 = num_erfc};
static const Kernel kernel_pow = {
    .name = "^", .code = "num_pow(a, b)", .f2 = num_pow};
static const Kernel kernel_logaddexp = {
    .name = "log", .code = "num_logaddexp(a, b)", .f2 = num_logaddexp};

/* sqrt(a^2 + b^2), scaled only where squares leave the range of floats. */
static inline double norm_pair(double a, double b)
{
    double s = a * a + b * b;
    return s > 1e-280 && s < 1e300 ? sqrt(s) : num_hypot(a, b);
}

WIDE_LOOP static bool all_plain(const double *a, const double *b, size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        double s = a[i] * a[i] + b[i] * b[i];
        bad |= !(s > 1e-280) | !(s < 1e300);
    }
    return !bad;
}

WIDE_LOOP static void plain_pairs(double *y, const double *a, const double *b,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = sqrt(a[i] * a[i] + b[i] * b[i]);
}

static void norm_pairs(double *y, const double *a, const double *b, size_t n)
{
    if (all_plain(a, b, n))
        plain_pairs(y, a, b, n);
    else
        for (size_t i = 0; i < n; i++)
            y[i] = norm_pair(a[i], b[i]);
}

static const Kernel kernel_hypot = {.name = "hypot",
                                    .code = "num_hypot(a, b)",
                                    .f2 = norm_pair,
                                    .v2 = norm_pairs};

static Step times(Lower *l, Step a, Step b)
{
    return step_each2(l, STEP_MUL, a, b);
}

static Step over(Lower *l, Step a, Step b)
{
    return lower_quotient(l, STEP_DIV, a, b);
}

/* (p/q)*s with one rounding where p is 1. */
static Step scaled(Lower *l, double p, double q, Step s)
{
    return over(l, times(l, step_number(l, p), s), step_number(l, q));
}

/* ---- sums ---- */

typedef struct Term {
    double p, q; /* coefficient p/q */
    Node node;
    bool gone;         /* part of a stable pair */
    bool centred;      /* node is sigmoid(x), the term rest*tanh(x/2)/2 */
    Node rest, factor; /* the term is rest*(factor - 1); NODE_NONE: it is not */
} Term;

typedef struct Terms {
    Term *at;
    int count;
    int constant; /* the term that is a multiple of 1, or -1 */
} Terms;

/* The number 1, or an array of ones. */
static bool is_unit(Lower *l, Node n)
{
    Step number;
    double x;
    if (node_is_number(l->g, n))
        return node_is_one(l->g, n);
    return step_is_fill(l, lowered(l, n), &number) &&
           step_is_number(l, number, &x) && x == 1;
}

static Terms read_terms(Lower *l, Node n)
{
    Terms t = {NULL, node_count(l->g, n) / 2, -1};
    t.at = ARENA_ARRAY(l->a, Term, (size_t)t.count);
    for (int i = 0; i < t.count; i++) {
        Node c = node_arg(l->g, n, 2 * i);
        lower_ratio(node_number_value(l->g, c), &t.at[i].p, &t.at[i].q);
        t.at[i].node = node_arg(l->g, n, 2 * i + 1);
        t.at[i].rest = t.at[i].factor = NODE_NONE;
        if (t.constant < 0 && is_unit(l, t.at[i].node))
            t.constant = i;
    }
    return t;
}

/* n = x^2 for x of the operator op: a scalar or an elementwise square. */
static bool is_square_of(Lower *l, Node n, OpId op, Node *x)
{
    Graph *g = l->g;
    int first = node_op(g, n) == OP_MONO ? 2 : 0;
    if (node_op(g, n) != OP_MONO && node_op(g, n) != OP_HAD)
        return false;
    if (node_count(g, n) != first + 2 ||
        !node_is_int(g, node_arg(g, n, first + 1), 2))
        return false;
    if (first && (!node_is_one(g, node_arg(g, n, 0)) ||
                  !node_is_one(g, node_arg(g, n, 1))))
        return false;
    *x = node_arg(g, n, first);
    return node_op(g, *x) == op;
}

/* c - 2*c*sigmoid(x) = -c*tanh(x/2). */
static bool pair_centred(Lower *l, Terms *t)
{
    if (t->constant < 0)
        return false;
    Term *k = &t->at[t->constant];
    for (int i = 0; i < t->count; i++) {
        Term *s = &t->at[i];
        if (node_op(l->g, s->node) != OP_SIGMOID ||
            s->p / s->q != -2 * (k->p / k->q))
            continue;
        k->gone = true;
        s->centred = true;
        return true;
    }
    return false;
}

/* t - 1 in a form that keeps its digits, or STEP_NONE. */
static Step less_one(Lower *l, Node t)
{
    Graph *g = l->g;
    Node x;
    Step half, s;
    if (is_square_of(l, t, OP_TANH, &x)) {
        s = lowered(l, node_arg(g, x, 0));
        return step_each1(l, STEP_NEG, step_call1(l, &kernel_dtanh, s));
    }
    switch (node_op(g, t)) {
    case OP_EXP:
        return step_call1(l, &kernel_expm1, lowered(l, node_arg(g, t, 0)));
    case OP_SIGMOID:
        s = step_each1(l, STEP_NEG, lowered(l, node_arg(g, t, 0)));
        return step_each1(l, STEP_NEG, step_call1(l, &kernel_sigmoid, s));
    case OP_COS:
        half = over(l, lowered(l, node_arg(g, t, 0)), step_number(l, 2));
        s = step_call1(l, &kernel_sin, half);
        return times(l, step_number(l, -2), times(l, s, s));
    case OP_STEP:
        return step_each2(l, STEP_SUB, lowered(l, t), step_number(l, 1));
    case OP_ERF:
        s = lowered(l, node_arg(g, t, 0));
        return step_each1(l, STEP_NEG, step_call1(l, &kernel_erfc, s));
    default:
        return STEP_NONE;
    }
}

static bool may_lose_one(Lower *l, Node t)
{
    Node x;
    OpId op = node_op(l->g, t);
    return op == OP_EXP || op == OP_SIGMOID || op == OP_COS || op == OP_STEP ||
           op == OP_ERF || is_square_of(l, t, OP_TANH, &x);
}

/*
 * Pairs the constant c with terms whose coefficients add up to -c: one, or
 * all that have the other sign.  True if the constant is thereby gone.
 */
static bool pair_constant(Lower *l, Terms *t)
{
    if (t->constant < 0)
        return false;
    Term *k = &t->at[t->constant];
    double c = k->p / k->q, total = 0;
    int single = -1, last = -1;
    for (int i = 0; i < t->count; i++) {
        double ci = t->at[i].p / t->at[i].q;
        if (ci * c >= 0 || !may_lose_one(l, t->at[i].node))
            continue;
        total += ci;
        last = i;
        if (ci == -c && single < 0)
            single = i;
    }
    if (last < 0 || (single < 0 && total != -c))
        return false;
    for (int i = 0; i < t->count; i++) {
        double ci = t->at[i].p / t->at[i].q;
        t->at[i].gone = single >= 0
                            ? i == single
                            : ci * c < 0 && may_lose_one(l, t->at[i].node);
    }
    k->gone = true;
    return true;
}

enum { PAIRS_MOST = 64 };

/* The power of a factor f that may be near 1, 0 if it has none. */
static int power_near_one(const Graph *g, Node f)
{
    switch (node_op(g, f)) {
    case OP_TANH:
        return 2;
    case OP_SIGMOID:
    case OP_EXP:
    case OP_COS:
    case OP_STEP:
    case OP_ERF:
        return 1;
    default:
        return 0;
    }
}

/*
 * Pairs c*M*f^k, term j, with -c*M if that stands in the sum.  With a
 * negative k, c*M*(f^k - 1) is -c*M*f^k*(f^-k - 1).
 */
static void pair_factor(Lower *l, Terms *t, int j, Node f, int k)
{
    Graph *g = l->g;
    Term *b = &t->at[j];
    bool scalar = node_is_scalar(g, f);
    Node over = node_int(g, -k), size = node_int(g, abs(k));
    Node rest = scalar ? node_mul(g, b->node, node_power(g, f, over))
                       : node_had(g, b->node, node_had_power(g, f, over));
    for (int i = 0; i < t->count; i++) {
        Term *a = &t->at[i];
        if (i == j || a->gone || a->rest != NODE_NONE || a->node != rest ||
            a->p / a->q != -b->p / b->q)
            continue;
        a->gone = true;
        a->node = NODE_NONE;
        b->rest = k > 0 ? rest : b->node;
        b->p = k > 0 ? b->p : -b->p;
        b->factor =
            scalar ? node_power(g, f, size) : node_had_power(g, f, size);
        return;
    }
}

/*
 * Pairs c*M*(1 - s), term j, with -c*M*s for a sigmoid s: their sum is
 * -2*c*M*(s - 1/2), and nothing cancels where s is near 1/2.
 */
static bool pair_complement(Lower *l, Terms *t, int j, Node base)
{
    Graph *g = l->g;
    Term *b = &t->at[j];
    if (!node_is_scalar(g, base) || node_op(g, base) != OP_SUM ||
        node_count(g, base) != 4)
        return false;
    for (int k = 1; k < 4; k += 2) {
        Node s = node_arg(g, base, k);
        if (node_op(g, s) != OP_SIGMOID ||
            base != node_sub(g, node_int(g, 1), s))
            continue;
        Node rest = node_mul(g, b->node, node_power(g, base, node_int(g, -1)));
        Node partner = node_mul(g, rest, s);
        for (int i = 0; i < t->count; i++) {
            Term *a = &t->at[i];
            if (a->gone || a->rest != NODE_NONE || a->node != partner ||
                a->p / a->q != -b->p / b->q)
                continue;
            a->gone = b->centred = true;
            a->node = NODE_NONE;
            *b = (Term){-2 * b->p, b->q, s, false, true, rest, NODE_NONE};
            return true;
        }
    }
    return false;
}

static void pair_products(Lower *l, Terms *t)
{
    Graph *g = l->g;
    if (t->count > PAIRS_MOST)
        return;
    for (int j = 0; j < t->count; j++) {
        Node n = t->at[j].node;
        if (t->at[j].gone ||
            (node_op(g, n) != OP_MONO && node_op(g, n) != OP_HAD))
            continue;
        for (int i = node_op(g, n) == OP_MONO ? 2 : 0;
             i + 1 < node_count(g, n) && t->at[j].rest == NODE_NONE; i += 2) {
            Node f = node_arg(g, n, i), e = node_arg(g, n, i + 1);
            int64_t power;
            int k = power_near_one(g, f);
            if (pair_complement(l, t, j, f))
                break;
            if (k && node_is_number(g, e) &&
                value_to_int(node_number_value(g, e), &power) &&
                (power >= k || power <= -k))
                pair_factor(l, t, j, f, power > 0 ? k : -k);
        }
    }
}

static Step add_term(Lower *l, Step sum, double p, double q, Step s)
{
    if (sum == STEP_NONE)
        return scaled(l, p, q, s);
    if (p < 0)
        return step_each2(l, STEP_SUB, sum, scaled(l, -p, q, s));
    return step_each2(l, STEP_ADD, sum, scaled(l, p, q, s));
}

/* rest*(sigmoid(x) - 1/2) */
static Step centred(Lower *l, const Term *t)
{
    Step two = step_number(l, 2);
    Step half = over(l, lowered(l, node_arg(l->g, t->node, 0)), two);
    Step s = over(l, step_call1(l, &kernel_tanh, half), two);
    return t->rest == NODE_NONE ? s : times(l, lower_node(l, t->rest), s);
}

static Step add_terms(Lower *l, const Terms *t)
{
    Step sum = STEP_NONE;
    for (int i = 0; i < t->count; i++) {
        const Term *k = &t->at[i];
        Step s;
        POLL();
        if (k->gone && (i == t->constant || k->node == NODE_NONE))
            continue;
        l->stable = l->stable || k->centred || k->gone || k->rest != NODE_NONE;
        if (k->centred)
            s = centred(l, k);
        else if (k->rest != NODE_NONE)
            s = times(l, lowered(l, k->rest), less_one(l, k->factor));
        else
            s = k->gone ? less_one(l, k->node) : lowered(l, k->node);
        sum = add_term(l, sum, k->p, k->q, s);
    }
    return sum;
}

/* Array sums whose terms are all spread numbers must keep their shape. */
static Step shaped(Lower *l, Node n, Step s)
{
    int rows, cols;
    if (l->lanes)
        return s;
    lower_shape(l, n, &rows, &cols);
    return step_spread(l, s, rows, cols);
}

static Terms paired_terms(Lower *l, Node n)
{
    Terms t = read_terms(l, n);
    if (!pair_centred(l, &t))
        pair_constant(l, &t);
    pair_products(l, &t);
    return t;
}

int lower_sum_pairs(Lower *l, Node n)
{
    Terms t = paired_terms(l, n);
    int pairs = 0;
    for (int i = 0; i < t.count; i++)
        pairs += t.at[i].gone;
    return pairs;
}

static bool has_pairs(const Terms *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->at[i].gone || t->at[i].centred || t->at[i].rest != NODE_NONE)
            return true;
    return false;
}

Step lower_sum(Lower *l, Node n)
{
    Node joined = lower_joined(l, n);
    if (joined != n)
        return lower_node(l, joined);
    Step chosen = lower_sum_by_step(l, n);
    if (chosen != STEP_NONE)
        return chosen;
    Terms t = paired_terms(l, n);
    if (l->lanes && !has_pairs(&t)) {
        Step y = lower_factored(l, n);
        if (y != STEP_NONE)
            return y;
    }
    return shaped(l, n, add_terms(l, &t));
}

/* ---- logarithms ---- */

enum { LOG_TERMS = 64 };

/*
 * log(a*exp(x) + b*exp(y) + ...) for positive a, b, by the largest exponent;
 * STEP_NONE if n is no such sum.
 */
static Step log_sum_exp(Lower *l, Node n)
{
    Step x[LOG_TERMS], y = STEP_NONE;
    int count = lower_exponents(l, n, LOG_TERMS, x);
    for (int i = 0; i < count; i++)
        y = i == 0 ? x[i] : step_call2(l, &kernel_logaddexp, y, x[i]);
    l->stable = l->stable || count;
    return y;
}

static Step log_of_sum(Lower *l, Node a)
{
    Terms t = read_terms(l, a);
    if (t.constant < 0 || t.at[t.constant].p != 1 || t.at[t.constant].q != 1)
        return STEP_NONE;
    const Term *other = &t.at[t.constant == 0];
    l->stable = true;
    if (t.count == 2 && other->p == -1 && other->q == 1 &&
        node_op(l->g, other->node) == OP_EXP)
        return step_call1(l, &kernel_log1mexp,
                          lowered(l, node_arg(l->g, other->node, 0)));
    if (pair_constant(l, &t))
        return STEP_NONE;
    t.at[t.constant].gone = true;
    return step_call1(l, &kernel_log1p, shaped(l, a, add_terms(l, &t)));
}

Step lower_log(Lower *l, Node n)
{
    Node a = node_arg(l->g, n, 0);
    Step s = lowered(l, a);
    if (l->step.at[s].op == STEP_DET) {
        Step lu = step_arg(l, s, 0);
        return step_make(l, STEP_LOGDET, 1, 1, 1, &lu, 0);
    }
    if (node_op(l->g, a) == OP_SUM) {
        Step y = log_sum_exp(l, a);
        if (y == STEP_NONE)
            y = log_of_sum(l, a);
        if (y != STEP_NONE)
            return shaped(l, n, y);
    }
    return step_call1(l, &kernel_log, s);
}

/* ---- powers ---- */

/* s = sum of the squares of what? */
static bool is_square_sum(const Lower *l, Step s, Step *x)
{
    if (l->step.at[s].op != STEP_SUM)
        return false;
    Step m = step_arg(l, s, 0);
    if (l->step.at[m].op != STEP_MUL || step_arg(l, m, 0) != step_arg(l, m, 1))
        return false;
    *x = step_arg(l, m, 0);
    return true;
}

static bool is_square(const Lower *l, Step s)
{
    return l->step.at[s].op == STEP_MUL &&
           step_arg(l, s, 0) == step_arg(l, s, 1);
}

/* s = a^2 + b^2, or a^2 + c for a number c > 0, whose root b is then. */
static bool is_hypot(Lower *l, Step s, Step *a, Step *b)
{
    double c;
    if (l->step.at[s].op != STEP_ADD)
        return false;
    *a = step_arg(l, s, 0);
    *b = step_arg(l, s, 1);
    if (!is_square(l, *a)) {
        Step t = *a;
        *a = *b;
        *b = t;
    }
    if (!is_square(l, *a))
        return false;
    Step fill = *b;
    step_is_fill(l, *b, &fill);
    bool number = step_is_number(l, fill, &c) && c > 0;
    if (!number && !is_square(l, *b))
        return false;
    *a = step_arg(l, *a, 0);
    *b = number ? step_number(l, sqrt(c)) : step_arg(l, *b, 0);
    return true;
}

Step lower_hypot(Lower *l, Step a, Step b)
{
    return step_call2(l, &kernel_hypot, a, b);
}

static Step root(Lower *l, Step s)
{
    Step x;
    if (lower_lane_norm(l, s, &x)) {
        l->stable = true;
        return x;
    }
    if (is_square_sum(l, s, &x)) {
        l->stable = true;
        return step_make(l, STEP_NORM2, 1, 1, 1, &x, 0);
    }
    Step b;
    if (is_hypot(l, s, &x, &b)) {
        l->stable = true;
        return step_call2(l, &kernel_hypot, x, b);
    }
    return step_each1(l, STEP_SQRT, s);
}

/* s^e, e >= 1, by squaring. */
static Step whole_power(Lower *l, Step s, int e)
{
    Step y = STEP_NONE;
    for (;; s = times(l, s, s)) {
        if (e & 1)
            y = y == STEP_NONE ? s : times(l, y, s);
        e >>= 1;
        if (e == 0)
            return y;
    }
}

enum { POWER_MOST = 32 }; /* beyond, pow is more accurate */

/* s^e for a number e > 0. */
static Step power(Lower *l, Step s, double e)
{
    Step x;
    if (e == floor(e) && e <= POWER_MOST)
        return whole_power(l, s, (int)e);
    if (2 * e == floor(2 * e) && e <= POWER_MOST) {
        if (is_square_sum(l, s, &x) || lower_lane_norm(l, s, &x))
            return whole_power(l, root(l, s), (int)(2 * e));
        Step y = root(l, s);
        return e < 1 ? y : times(l, whole_power(l, s, (int)e), y);
    }
    return step_call2(l, &kernel_pow, s, step_number(l, e));
}

/* ---- products ---- */

/* above/below, divided by norm^turns. */
typedef struct Quotient {
    Step above, below; /* STEP_NONE: 1 */
    Step norm;
    int turns;
    StepOp division; /* by the norm: STEP_DIV0 has 0/0 = 0 */
    int place;       /* of the norm's power among the factors, or -1 */
} Quotient;

#define QUOTIENT_ONE                                                           \
    ((Quotient){STEP_NONE, STEP_NONE, STEP_NONE, 0, STEP_DIV, -1})

static void put(Lower *l, Step *place, Step s)
{
    *place = *place == STEP_NONE ? s : times(l, *place, s);
}

static bool is_used(uint64_t used, int i)
{
    return i < 64 && used >> i & 1;
}

/*
 * Negative powers of a norm, among the factors n[first..], divide one at a
 * time so that norms of 1e200 do not overflow when squared, nor norms of
 * 1e-200 vanish.  Odd powers of the norm of an array have 0/0 = 0.
 */
static void take_norm(Lower *l, Quotient *q, Node n, int first, uint64_t used)
{
    for (int i = first; i + 1 < node_count(l->g, n); i += 2) {
        Node exponent = node_arg(l->g, n, i + 1);
        if (is_used(used, i) || !node_is_number(l->g, exponent))
            continue;
        Step x, y, base = lowered(l, node_arg(l->g, n, i));
        double turns = -2 * value_to_double(node_number_value(l->g, exponent));
        bool array = is_square_sum(l, base, &x) || lower_lane_norm(l, base, &x);
        if (!(turns > 0 && turns <= 7 && turns == floor(turns)) ||
            (!array && (turns < 2 || !is_hypot(l, base, &x, &y))))
            continue;
        q->norm = root(l, base);
        q->turns = (int)turns;
        q->division = array && q->turns % 2 ? STEP_DIV0 : STEP_DIV;
        q->place = i;
        return;
    }
}

/* How many divisions by the norm its factors may take over. */
static int spare_turns(const Quotient *q)
{
    return q->turns > 1 ? q->turns - q->turns % 2 : 0;
}

static Step by_norm(Lower *l, Quotient *q, Step s)
{
    q->turns--;
    return lower_quotient(l, q->division, s, q->norm);
}

/* x*x'/norm^2 is (x/norm)*(x/norm)'. */
static Step outer_by_norm(Lower *l, Quotient *q, Node body, Step s)
{
    Graph *g = l->g;
    if (l->lanes || spare_turns(q) < 2 || node_op(g, body) != OP_CHAIN ||
        node_count(g, body) != 2)
        return s;
    Step a = lowered(l, node_arg(g, body, 0));
    Step b = lowered(l, node_arg(g, body, 1));
    if (l->step.at[a].cols != 1 || l->step.at[b].rows != 1)
        return s;
    a = by_norm(l, q, a);
    b = by_norm(l, q, b);
    return step_product(l, a, b);
}

static void put_by_norm(Lower *l, Quotient *q, Step base, int e)
{
    Step s = by_norm(l, q, base);
    q->turns -= e - 1;
    put(l, &q->above, whole_power(l, s, e));
}

static void put_power(Lower *l, Quotient *q, Step base, Node exponent)
{
    if (!node_is_number(l->g, exponent)) {
        put(l, &q->above,
            step_call2(l, &kernel_pow, base, lowered(l, exponent)));
        return;
    }
    double e = value_to_double(node_number_value(l->g, exponent));
    if (isnan(e) || e == 0)
        put(l, &q->above, step_call2(l, &kernel_pow, base, step_number(l, e)));
    else if (e == floor(e) && e > 0 &&
             (e <= spare_turns(q) ||
              (e <= q->turns && lower_lane_shares(l, q->norm, base))))
        put_by_norm(l, q, base, (int)e);
    else if (e > 0)
        put(l, &q->above, power(l, base, e));
    else
        put(l, &q->below, power(l, base, -e));
}

static Step divide(Lower *l, const Quotient *q, Step body)
{
    Step y = body;
    if (y == STEP_NONE)
        y = q->above == STEP_NONE ? step_number(l, 1) : q->above;
    if (body != STEP_NONE && q->above != STEP_NONE) {
        y = q->below == STEP_NONE ? q->above : over(l, q->above, q->below);
        y = times(l, y, body);
    } else if (q->below != STEP_NONE) {
        y = over(l, y, q->below);
    }
    for (int i = 0; i < q->turns; i++)
        y = lower_quotient(l, q->division, y, q->norm);
    return y;
}

/*
 * det(a)*inv(a) and its transpose: the adjugate, which exists where a has no
 * inverse.
 */
static bool is_adjugate(Lower *l, Step det, Node exponent, Step *body)
{
    bool turned;
    if (*body == STEP_NONE || l->step.at[det].op != STEP_DET ||
        !node_is_int(l->g, exponent, 1))
        return false;
    Step inv = step_under_turn(l, *body, &turned);
    if (l->step.at[inv].op != STEP_INV ||
        step_arg(l, inv, 0) != step_arg(l, det, 0))
        return false;
    Step a = step_arg(l, step_arg(l, det, 0), 0);
    StepInfo s = l->step.at[a];
    Step y = step_make(l, STEP_ADJUGATE, s.rows, s.cols, 1, &a, 0);
    *body = turned ? step_turn(l, y) : y;
    return true;
}

static void put_share(Lower *l, Quotient *q, Node n, int first, uint64_t *used)
{
    Step s = lower_share(l, n, first, used);
    if (s != STEP_NONE)
        put(l, &q->above, s);
    else
        *used = 0;
}

Step lower_mono(Lower *l, Node n)
{
    uint64_t used;
    Graph *g = l->g;
    Quotient q = QUOTIENT_ONE;
    double above, below;
    Node body_node = node_arg(g, n, 1);
    Step body =
        node_is_number(g, body_node) ? STEP_NONE : lowered(l, body_node);
    lower_ratio(node_number_value(g, node_arg(g, n, 0)), &above, &below);
    if (above != 1)
        q.above = step_number(l, above);
    if (below != 1)
        q.below = step_number(l, below);
    put_share(l, &q, n, 2, &used);
    take_norm(l, &q, n, 2, used);
    if (body != STEP_NONE)
        body = outer_by_norm(l, &q, body_node, body);
    for (int i = 2; i + 1 < node_count(g, n); i += 2) {
        if (is_used(used, i) || i == q.place)
            continue;
        Step base = lowered(l, node_arg(g, n, i));
        Node exponent = node_arg(g, n, i + 1);
        POLL();
        if (!is_adjugate(l, base, exponent, &body))
            put_power(l, &q, base, exponent);
    }
    return shaped(l, n, divide(l, &q, body));
}

Step lower_had(Lower *l, Node n)
{
    Quotient q = QUOTIENT_ONE;
    uint64_t used;
    put_share(l, &q, n, 0, &used);
    take_norm(l, &q, n, 0, used);
    for (int i = 0; i + 1 < node_count(l->g, n); i += 2)
        if (!is_used(used, i) && i != q.place)
            put_power(l, &q, lowered(l, node_arg(l->g, n, i)),
                      node_arg(l->g, n, i + 1));
    return shaped(l, n, divide(l, &q, STEP_NONE));
}

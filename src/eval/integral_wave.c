/*
 * integral_wave.c - waves that die out towards infinity
 *
 * The integral of A(x)*sin(g(x)) converges if A/g' falls to 0 (Dirichlet's
 * test, with g for the variable).  From one zero of the sine to the next it
 * gives an alternating series, which is summed by the weights of Cohen,
 * Rodriguez Villegas & Zagier (Convergence acceleration of alternating
 * series, Experimental Mathematics 9, 2000, algorithm 1).
 */
#include <float.h>
#include <math.h>

#include "eval/integral.h"
#include "graph/diff.h"
#include "graph/limit.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum { TERMS = 28, SKIP = 12, LEAD = 200, UNFOLDINGS = 12 };

#define PI 3.14159265358979323846

/* ---- products of waves as sums ---- */

static bool is_wave(Graph *g, Node n)
{
    return node_op(g, n) == OP_SIN || node_op(g, n) == OP_COS;
}

/* u*v for two waves: half a sum of two. */
static Node product_of_waves(Graph *g, Node u, Node v)
{
    bool sine_u = node_op(g, u) == OP_SIN, sine_v = node_op(g, v) == OP_SIN;
    Node a = node_arg(g, u, 0), b = node_arg(g, v, 0);
    Node plus = node_add(g, a, b), minus = node_sub(g, a, b);
    OpId op = sine_u == sine_v ? OP_COS : OP_SIN;
    plus = node_apply(g, op, 1, &plus);
    minus = node_apply(g, op, 1, &minus);
    Node y = sine_u && sine_v ? node_sub(g, minus, plus)
             : sine_v         ? node_sub(g, plus, minus)
                              : node_add(g, plus, minus);
    return node_mul(g, node_rational(g, 1, 2), y);
}

/* One product of two waves within the term n unfolded; else n. */
static Node unfold_term(Graph *g, Arena *a, Node n)
{
    Node wave[2];
    int found = 0, count = node_count(g, n);
    if (node_op(g, n) != OP_MONO)
        return n;
    const Node *arg = node_args_copy(g, n, a);
    for (int i = 2; i < count && found < 2; i += 2) {
        double k;
        if (!is_wave(g, arg[i]) || !node_constant_value(g, arg[i + 1], &k) ||
            k != floor(k) || k < 1)
            continue;
        wave[found++] = arg[i];
        if (k >= 2 && found < 2)
            wave[found++] = arg[i];
    }
    if (found < 2)
        return n;
    Node rest = node_div(g, n, node_mul(g, wave[0], wave[1]));
    return node_mul(g, rest, product_of_waves(g, wave[0], wave[1]));
}

/* e as a sum of terms with one wave each, as far as it can be. */
static Node unfold(Definite *d, Node e)
{
    Graph *g = d->g;
    for (int k = 0; k < UNFOLDINGS; k++) {
        Node y = node_int(g, 0), before = e;
        e = node_expand(g, e);
        if (node_op(g, e) != OP_SUM)
            y = unfold_term(g, d->arena, e);
        else {
            const Node *arg = node_args_copy(g, e, d->arena);
            int count = node_count(g, e);
            for (int i = 0; i < count; i += 2)
                y = node_add(
                    g, y,
                    node_mul(g, arg[i], unfold_term(g, d->arena, arg[i + 1])));
        }
        e = y;
        if (e == before)
            break;
    }
    return node_expand(g, e);
}

/* ---- one term ---- */

typedef struct Wave {
    Definite *d;
    Program *f, *phase;
    Integrand integrand;
    double shift; /* zeros where the phase is (k + shift)*pi */
} Wave;

/* Where the phase, which grows, is v, beyond x. */
static double place_of_phase(Wave *w, double v, double x)
{
    double low = x, step = 1e-3 * (1 + fabs(x)), high = x + step;
    while (integral_at(w->phase, high) < v && isfinite(high)) {
        POLL();
        low = high;
        step *= 2;
        high += step;
    }
    for (int k = 0; k < 100; k++) {
        double m = low + (high - low) / 2;
        if (m <= low || m >= high)
            break;
        if (integral_at(w->phase, m) < v)
            low = m;
        else
            high = m;
    }
    return high;
}

/* The alternating series a[0] + a[1] + ... */
static double alternating(const double *a, int n)
{
    double d = pow(3 + sqrt(8), n), b = -1, c, s = 0;
    d = (d + 1 / d) / 2;
    c = -d;
    for (int k = 0; k < n; k++) {
        c = b - c;
        s += c * (k % 2 ? -a[k] : a[k]);
        b = (double)(k + n) * (k - n) * b / ((k + 0.5) * (k + 1));
    }
    return s / d;
}

static bool falls(const double *a, int n)
{
    for (int k = 1; k < n; k++)
        if (!(fabs(a[k]) < fabs(a[k - 1])) || (a[k] > 0) == (a[k - 1] > 0))
            return false;
    return true;
}

/* From x on, half wave by half wave. */
static Quadrature sum_half_waves(Wave *w, double x)
{
    enum { ALL = LEAD + TERMS + SKIP };
    Quadrature y = {0, 0, 0, true, false, INFINITY};
    double *a = ARENA_ARRAY(w->d->arena, double, ALL);
    double k = floor(integral_at(w->phase, x) / PI - w->shift) + 1;
    double error = 0;
    for (int n = 0; n < ALL; n++) {
        double next = place_of_phase(w, (k + n + w->shift) * PI, x);
        Quadrature part = quadrature_between(&w->integrand, x, next);
        y.size += fabs(part.value);
        y.settled = y.settled && part.settled && isfinite(next);
        if (!y.settled)
            return y;
        a[n] = part.value;
        error += part.error;
        x = next;
        int lead = n + 1 - TERMS - SKIP;
        if (lead < 1 || !falls(a + lead, TERMS + SKIP))
            continue;
        double early = 0, late = 0;
        for (int i = 0; i < lead + SKIP; i++) {
            early += i < lead ? a[i] : 0;
            late += a[i];
        }
        early += alternating(a + lead, TERMS);
        late += alternating(a + lead + SKIP, TERMS);
        y.value = late;
        y.error = error + 4 * fabs(late - early) + 1e-15 * y.size;
        quadrature_judge(&y);
        return y;
    }
    y.settled = false;
    return y;
}

/* The wave within the term n, if there is one and no other; its share. */
static Node only_wave(Definite *d, Node n, Node *rest)
{
    Graph *g = d->g;
    Node wave = NODE_NONE;
    if (is_wave(g, n))
        wave = n;
    for (int i = 2; node_op(g, n) == OP_MONO && i < node_count(g, n); i += 2)
        if (is_wave(g, node_arg(g, n, i)) &&
            node_is_one(g, node_arg(g, n, i + 1)) &&
            node_depends(g, node_arg(g, n, i), d->x))
            wave = node_arg(g, n, i);
    *rest = wave == NODE_NONE ? n : node_div(g, n, wave);
    return wave;
}

static bool falls_to_zero(Definite *d, Node rest, Node phase)
{
    Graph *g = d->g;
    Node slope = diff_scalar(g, phase, d->x);
    Node b = node_limit_try(g, node_div(g, rest, slope), d->x,
                            node_float(g, INFINITY), LIMIT_LEFT);
    return b != NODE_NONE && node_is_zero(g, b);
}

/* The integral of n from x to infinity. */
static Quadrature one_term(Definite *d, Node n, double x)
{
    Graph *g = d->g;
    Node rest, wave = only_wave(d, n, &rest), top = NODE_NONE;
    Quadrature y = {0, 0, 0, false, false, INFINITY};
    Node phase = wave == NODE_NONE ? NODE_NONE : node_arg(g, wave, 0);
    if (wave == NODE_NONE) {
        Definite tail = *d;
        tail.e = n;
        tail.a = x;
        tail.from = node_float(g, x);
        tail.count = 0;
        return integral_measure(&tail);
    }
    top = node_limit_try(g, phase, d->x, node_float(g, INFINITY), LIMIT_LEFT);
    double sign = 1;
    if (top == NODE_NONE || !node_is_infinite(g, top) ||
        !node_constant_value(g, top, &sign) || !falls_to_zero(d, rest, phase))
        return y;
    if (sign < 0)
        phase = node_neg(g, phase);
    Wave w = {.d = d, .shift = node_op(g, wave) == OP_COS ? 0.5 : 0};
    w.f = integral_compile(g, n, d->x);
    w.phase = integral_compile(g, phase, d->x);
    w.integrand = (Integrand){integral_at, w.f, jets_new(g, n, d->x, d->arena)};
    y = sum_half_waves(&w, x);
    program_free(w.phase);
    program_free(w.f);
    return y;
}

static void add(Quadrature *y, Quadrature part)
{
    y->value += part.value;
    y->error += part.error;
    y->size += part.size;
    y->settled = y->settled && part.settled;
}

/* From d->a, finite, to infinity. */
static Quadrature to_infinity(Definite *d)
{
    Graph *g = d->g;
    Definite near = *d;
    double last = d->count > 0 ? d->cut[d->count - 1].x : d->a;
    near.b = ceil(last) + 1;
    near.to = node_float(g, near.b);
    Node e = unfold(d, d->e);
    Quadrature y = {0, 0, 0, true, false, INFINITY};
    if (node_op(g, e) != OP_SUM)
        add(&y, one_term(d, e, near.b));
    else {
        const Node *arg = node_args_copy(g, e, d->arena);
        int count = node_count(g, e);
        for (int i = 0; i < count && y.settled; i += 2)
            add(&y, one_term(d, node_mul(g, arg[i], arg[i + 1]), near.b));
    }
    if (y.settled)
        add(&y, integral_measure(&near));
    quadrature_judge(&y);
    return y;
}

/* The same with -x for x. */
static Definite turned(const Definite *d)
{
    Graph *g = d->g;
    Definite y = *d;
    Node minus = node_neg(g, d->x);
    y.e = node_substitute(g, d->e, 1, &d->x, &minus);
    y.from = node_neg(g, d->to);
    y.to = node_neg(g, d->from);
    y.a = -d->b;
    y.b = -d->a;
    for (int i = 0; i < d->count; i++) {
        const Cut *c = &d->cut[d->count - 1 - i];
        y.cut[i] = (Cut){-c->x, node_neg(g, c->exact)};
    }
    return y;
}

Quadrature integral_of_waves(Definite *d)
{
    Graph *g = d->g;
    Quadrature none = {0, 0, 0, false, false, INFINITY};
    if (d->many)
        return none;
    if (isfinite(d->a))
        return isinf(d->b) ? to_infinity(d) : none;
    Definite left = turned(d), right = *d;
    if (isfinite(d->b))
        return to_infinity(&left);
    left.a = right.a = 0;
    left.from = right.from = node_int(g, 0);
    left.count = right.count = 0;
    for (int i = 0; i < d->count; i++) {
        Cut c = d->cut[i];
        if (c.x > 0)
            right.cut[right.count++] = c;
    }
    for (int i = d->count - 1; i >= 0; i--) {
        Cut c = d->cut[i];
        if (c.x < 0)
            left.cut[left.count++] = (Cut){-c.x, node_neg(g, c.exact)};
    }
    Quadrature y = to_infinity(&left);
    if (y.settled)
        add(&y, to_infinity(&right));
    return y;
}

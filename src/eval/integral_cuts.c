/*
 * integral_cuts.c - where an integrand or antiderivative may jump
 */
#include <math.h>

#include "eval/integral.h"
#include "graph/binder.h"
#include "graph/enclose.h"
#include "graph/walk.h"

enum { SCAN = 2000, SUSPECTS = 40 };

double integral_at(void *data, double x)
{
    double y = NAN;
    const double *const in[] = {&x};
    double *const out[] = {&y};
    program_run(data, in, out);
    return y;
}

Program *integral_compile(Graph *g, Node n, Node x)
{
    Shape one = {1, 1};
    ProgramSpec s = {
        .nin = 1, .in = &x, .in_shape = &one, .nout = 1, .out = &n};
    return program_new_local(g, &s);
}

/* ---- where something may happen ---- */

typedef struct Suspects {
    int count;
    Node at[SUSPECTS]; /* zeros of these are suspicious */
} Suspects;

static void suspect(Suspects *s, Node n)
{
    for (int i = 0; i < s->count; i++)
        if (s->at[i] == n)
            return;
    if (s->count < SUSPECTS)
        s->at[s->count++] = n;
}

/* Denominators, arguments of log and kinks, cosines below tangents. */
static void find_suspects(Definite *d, Node n, NodeMap *seen, Suspects *s)
{
    Graph *g = d->g;
    uint32_t known;
    if (!node_depends(g, n, d->x) || node_map_get(seen, n, &known))
        return;
    depth_check();
    node_map_set(seen, n, 1);
    OpId op = node_op(g, n);
    const Node *arg = node_args_copy(g, n, d->arena);
    int count = node_count(g, n);
    for (int i = 0; i < count; i++) {
        find_suspects(d, arg[i], seen, s);
        double k;
        bool power = op == OP_MONO && i >= 2 && i % 2 == 0 &&
                     node_depends(g, arg[i], d->x);
        if (power &&
            (!node_constant_value(g, arg[i + 1], &k) || k != floor(k) || k < 0))
            suspect(s, arg[i]);
    }
    if (op == OP_PROJ && node_op(g, arg[0]) == OP_IF)
        for (int arm = 0; arm < 2; arm++)
            find_suspects(
                d, choice_open(g, arg[0], arm, d->arena)[result_number(g, n)],
                seen, s);
    if (op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE)
        suspect(s, node_sub(g, arg[0], arg[1]));
    if (op == OP_TAN)
        suspect(s, node_apply(g, OP_COS, 1, arg));
    else if (op == OP_LOG || op == OP_ABS || op == OP_SIGN || op == OP_STEP ||
             op == OP_RELU || op == OP_LOG2 || op == OP_LOG10)
        suspect(s, arg[0]);
    else if (op == OP_MAX || op == OP_MIN)
        suspect(s, node_sub(g, arg[0], arg[1]));
    else if (op == OP_FLOOR || op == OP_CEIL || op == OP_ROUND) {
        Node turn = node_mul(g, node_apply(g, OP_PI, 0, NULL), arg[0]);
        suspect(s, node_apply(g, OP_SIN, 1, &turn));
    }
}

/*
 * A cut as the exact number it is near, a fraction or one times pi, where
 * what is suspected is 0; else as a float.
 */
static Node exact_point(Definite *d, Node suspected, double x)
{
    Graph *g = d->g;
    Node pi = node_apply(g, OP_PI, 0, NULL);
    for (int64_t q = 1; q <= 60; q++)
        for (int k = 0; k < 2; k++) {
            double unit = k ? x / 3.14159265358979323846 : x;
            double p = round(unit * (double)q);
            if (fabs(p) > 1e9 || fabs(unit * (double)q - p) > 1e-7)
                continue;
            Node y = node_rational(g, (int64_t)p, q);
            y = k ? node_mul(g, y, pi) : y;
            Node zero = node_substitute(g, suspected, 1, &d->x, &y);
            if (enclose_zero(g, zero))
                return y;
        }
    return node_float(g, x);
}

static void add_cut(Definite *d, Node suspected, double x)
{
    double near = 1e-9 * (1 + fabs(x));
    if (d->many || !(x > d->a + near) || !(x < d->b - near))
        return;
    for (int i = 0; i < d->count; i++)
        if (fabs(d->cut[i].x - x) <= near)
            return;
    if (d->count == INTEGRAL_CUTS) {
        d->many = true;
        d->count = 0;
        return;
    }
    Node exact = exact_point(d, suspected, x);
    node_constant_value(d->g, exact, &x);
    int k = d->count++;
    for (; k > 0 && d->cut[k - 1].x > x; k--)
        d->cut[k] = d->cut[k - 1];
    d->cut[k] = (Cut){x, exact};
}

/* The place u in 0..1 of the range; infinite ends are folded in. */
double integral_place(const Definite *d, double u)
{
    if (isfinite(d->a) && isfinite(d->b))
        return d->a + (d->b - d->a) * u;
    if (isfinite(d->a))
        return d->a + u / (1 - u);
    if (isfinite(d->b))
        return d->b - (1 - u) / u;
    return (2 * u - 1) / (u * (1 - u));
}

static double zero_between(Program *p, double a, double b)
{
    bool sign = integral_at(p, a) < 0;
    for (int k = 0; k < 200; k++) {
        double m = a + (b - a) / 2, v = integral_at(p, m);
        if (m == a || m == b || v == 0)
            return m;
        if ((v < 0) == sign)
            a = m;
        else
            b = m;
    }
    return a;
}

/* Where |p| touches 0 between a and b without a change of sign. */
static double lowest_between(Program *p, double a, double b)
{
    const double golden = 0.6180339887498949;
    for (int k = 0; k < 90; k++) {
        double c = b - golden * (b - a), e = a + golden * (b - a);
        if (fabs(integral_at(p, c)) < fabs(integral_at(p, e)))
            b = e;
        else
            a = c;
    }
    return a + (b - a) / 2;
}

static void scan_zeros(Definite *d, Node n)
{
    Program *p = integral_compile(d->g, n, d->x);
    double x0 = integral_place(d, 0.25 / SCAN), v0 = integral_at(p, x0);
    double x1 = x0, v1 = v0;
    for (int i = 1; i < SCAN; i++) {
        POLL();
        double x = integral_place(d, (i + 0.25) / SCAN), v = integral_at(p, x);
        if (v == 0)
            add_cut(d, n, x);
        else if ((v0 < 0) != (v < 0) && isfinite(v0) && isfinite(v) && v0 != 0)
            add_cut(d, n, zero_between(p, x0, x));
        else if (i > 1 && fabs(v0) < fabs(v1) && fabs(v0) < fabs(v)) {
            double low = lowest_between(p, x1, x);
            double scale = fmax(fabs(v1), fabs(v));
            if (fabs(integral_at(p, low)) < 1e-9 * scale)
                add_cut(d, n, low);
        }
        x1 = x0, v1 = v0, x0 = x, v0 = v;
    }
    program_free(p);
}

int integral_suspects(Definite *d, const Node **at)
{
    Suspects *s = ARENA_NEW(d->arena, Suspects);
    NodeMap seen = node_map_in(d->arena);
    find_suspects(d, d->e, &seen, s);
    *at = s->at;
    return s->count;
}

/* Places are dense near 0. */
bool integral_zero_of(Definite *d, Node f, Node c, bool positive, double *at)
{
    enum { PLACES = 800 };
    Program *p = integral_compile(d->g, f, c);
    double before = NAN, last = 0;
    bool found = false;
    for (int i = positive ? PLACES / 2 + 1 : 0; i <= PLACES && !found; i++) {
        double t = 2.0 * i / PLACES - 1, x = 100 * t * t * t;
        double v = integral_at(p, x);
        POLL();
        found = v == 0 || (v < 0 && before > 0) || (v > 0 && before < 0);
        if (found)
            *at = v == 0 ? x : zero_between(p, last, x);
        before = v;
        last = x;
    }
    program_free(p);
    return found;
}

void integral_find_cuts(Definite *d, Node antiderivative)
{
    Suspects s = {.count = 0};
    NodeMap seen = node_map_in(d->arena);
    find_suspects(d, d->e, &seen, &s);
    if (antiderivative != NODE_NONE)
        find_suspects(d, antiderivative, &seen, &s);
    for (int i = 0; i < s.count; i++)
        scan_zeros(d, s.at[i]);
}

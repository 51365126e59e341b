/*
 * integral.c - the form integrate
 *
 * A definite integral is exact only if quadrature bears it out: the
 * antiderivative is followed from one end to the other, through its limits at
 * every point where it or the integrand may jump or have a pole, and the
 * result is compared with numbers.  With symbols in it the comparison is made
 * at samples of them.
 */
#include <math.h>

#include "compile/program.h"
#include "compile/quadrature.h"
#include "eval/apply.h"
#include "eval/calculus.h"
#include "eval/derive.h"
#include "eval/symbol.h"
#include "graph/integrate.h"
#include "graph/limit.h"
#include "graph/probe.h"
#include "graph/simplify.h"
#include "graph/walk.h"

enum { CUTS = 40, SCAN = 2000, SAMPLES = 3, SUSPECTS = 40 };

typedef struct Definite {
    Graph *g;
    Arena *arena;
    Span at;
    Node e, x, from, to;
    double a, b; /* the ends as floats, a < b */
    int count;   /* points between where something may happen */
    double cut[CUTS];
} Definite;

/* ---- the integrand as a compiled function ---- */

static double integrand(void *data, double x)
{
    double y = NAN;
    const double *const in[] = {&x};
    double *const out[] = {&y};
    program_run(data, in, out);
    return y;
}

static Program *compile_of_x(Graph *g, Node n, Node x)
{
    Shape one = {1, 1};
    ProgramSpec s = {
        .nin = 1, .in = &x, .in_shape = &one, .nout = 1, .out = &n};
    return program_new(g, &s);
}

/* Piece by piece between the cuts. */
static Quadrature measure(Definite *d)
{
    Program *p = compile_of_x(d->g, d->e, d->x);
    Quadrature y = {0, 0, true};
    for (int i = 0; i <= d->count; i++) {
        double a = i == 0 ? d->a : d->cut[i - 1];
        double b = i == d->count ? d->b : d->cut[i];
        Quadrature part = quadrature(integrand, p, a, b);
        y.value += part.value;
        y.error += part.error;
        y.settled = y.settled && part.settled;
    }
    program_free(p);
    /* Nothing but zeros may mean that a peak was not hit. */
    if (y.value == 0 && y.error == 0 && !node_is_zero(d->g, d->e))
        y.settled = false;
    return y;
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

static void add_cut(Definite *d, double x)
{
    double near = 1e-9 * (1 + fabs(x));
    if (!(x > d->a + near) || !(x < d->b - near))
        return;
    int k = d->count;
    for (int i = 0; i < d->count; i++)
        if (fabs(d->cut[i] - x) <= near)
            return;
    if (d->count == CUTS)
        error_raise(d->at, ERR_LIMIT,
                    "more than %d poles or kinks between the ends", CUTS);
    while (k > 0 && d->cut[k - 1] > x) {
        d->cut[k] = d->cut[k - 1];
        k--;
    }
    d->cut[k] = x;
    d->count++;
}

/* The place u in 0..1 of the range; infinite ends are folded in. */
static double spread(const Definite *d, double u)
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
    bool sign = integrand(p, a) < 0;
    for (int k = 0; k < 200; k++) {
        double m = a + (b - a) / 2, v = integrand(p, m);
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
        if (fabs(integrand(p, c)) < fabs(integrand(p, e)))
            b = e;
        else
            a = c;
    }
    return a + (b - a) / 2;
}

static void scan_zeros(Definite *d, Node n)
{
    Program *p = compile_of_x(d->g, n, d->x);
    double x0 = spread(d, 0.25 / SCAN), v0 = integrand(p, x0);
    double x1 = x0, v1 = v0;
    for (int i = 1; i < SCAN; i++) {
        POLL();
        double x = spread(d, (i + 0.25) / SCAN), v = integrand(p, x);
        if (v == 0)
            add_cut(d, x);
        else if ((v0 < 0) != (v < 0) && isfinite(v0) && isfinite(v) && v0 != 0)
            add_cut(d, zero_between(p, x0, x));
        else if (i > 1 && fabs(v0) < fabs(v1) && fabs(v0) < fabs(v)) {
            double low = lowest_between(p, x1, x);
            double scale = fmax(fabs(v1), fabs(v));
            if (fabs(integrand(p, low)) < 1e-9 * scale)
                add_cut(d, low);
        }
        x1 = x0, v1 = v0, x0 = x, v0 = v;
    }
    program_free(p);
}

static void find_cuts(Definite *d, Node antiderivative)
{
    Suspects s = {.count = 0};
    NodeMap seen = node_map_in(d->arena);
    find_suspects(d, d->e, &seen, &s);
    if (antiderivative != NODE_NONE)
        find_suspects(d, antiderivative, &seen, &s);
    for (int i = 0; i < s.count; i++)
        scan_zeros(d, s.at[i]);
}

/* ---- the exact value, piece by piece ---- */

/* A cut as the exact number it is near: a fraction, or one times pi. */
static Node exact_point(Graph *g, double x)
{
    Node pi = node_apply(g, OP_PI, 0, NULL);
    for (int64_t q = 1; q <= 60; q++)
        for (int k = 0; k < 2; k++) {
            double unit = k ? x / 3.14159265358979323846 : x;
            double p = round(unit * (double)q);
            if (fabs(p) > 1e9 || fabs(unit * (double)q - p) > 1e-7)
                continue;
            Node y = node_rational(g, (int64_t)p, q);
            return k ? node_mul(g, y, pi) : y;
        }
    return node_float(g, x);
}

/* F at the upper end of a piece less F at its lower; NODE_NONE if a limit is
 * not found. */
static Node piece(Graph *g, Node f, Node x, Node a, Node b)
{
    Node low = node_limit_try(g, f, x, a, LIMIT_RIGHT);
    Node high = node_limit_try(g, f, x, b, LIMIT_LEFT);
    if (low == NODE_NONE || high == NODE_NONE)
        return NODE_NONE;
    if (node_is_infinite(g, low))
        return low;
    if (node_is_infinite(g, high))
        return high;
    return node_sub(g, high, low);
}

_Noreturn static void raise_divergent(Span at)
{
    error_raise(at, ERR_DOMAIN, "the integral diverges");
}

/* Through the limits at all cuts. */
static Node follow(Definite *d, Node f)
{
    Graph *g = d->g;
    Node y = node_int(g, 0), low = d->from;
    for (int i = 0; i <= d->count; i++) {
        Node high = i == d->count ? d->to : exact_point(g, d->cut[i]);
        Node part = piece(g, f, d->x, low, high);
        if (part == NODE_NONE)
            return part;
        if (node_is_infinite(g, part))
            raise_divergent(d->at);
        y = node_add(g, y, part);
        low = high;
    }
    return y;
}

static bool agrees(Quadrature q, double exact)
{
    double d = fabs(q.value - exact);
    return q.settled && d <= 10 * q.error + 1e-9 * fmax(1e-3, fabs(exact));
}

/*
 * Without a cut F is smooth between the ends, so it is enough that it agrees
 * on most of the range, away from ends that quadrature cannot reach.
 */
static bool agrees_within(Definite *d, Node f)
{
    double a = spread(d, 0.02), b = spread(d, 0.98);
    if (d->count > 0)
        return false;
    Program *e = compile_of_x(d->g, d->e, d->x);
    Quadrature q = quadrature(integrand, e, a, b);
    program_free(e);
    Program *p = compile_of_x(d->g, f, d->x);
    double exact = integrand(p, b) - integrand(p, a);
    program_free(p);
    return isfinite(exact) && agrees(q, exact);
}

/* Does quadrature agree with the exact value? */
static bool is_borne_out(Definite *d, Node f, double exact)
{
    Quadrature q = measure(d);
    return q.settled ? agrees(q, exact) : agrees_within(d, f);
}

static Value by_quadrature(Definite *d)
{
    Quadrature q = measure(d);
    if (!q.settled)
        error_raise(d->at, ERR_DOMAIN,
                    "no exact value was found, and quadrature does not "
                    "settle: the integral may diverge");
    heap_warn_text(arena_printf(
        error_arena(), "integrate: by quadrature, error about %.1g", q.error));
    return value_float(q.value);
}

static Node swap_sign(Graph *g, Node n, bool swapped)
{
    return swapped ? node_neg(g, n) : n;
}

/* One of them is wrong: an antiderivative that jumps, or a peak that was not
 * hit. */
static void refuse_conflict(Definite *d, double exact)
{
    Quadrature q = measure(d);
    if (q.settled && fabs(q.value) < 1e-3 * fabs(exact))
        error_raise(d->at, ERR_DOMAIN,
                    "no certain value: the antiderivative gives %.6g, and "
                    "quadrature %.6g; divide the range",
                    exact, q.value);
}

/* Both ends are numbers, and x the only symbol. */
static Value definite_number(Interp *in, Definite *d, bool swapped)
{
    Graph *g = d->g;
    Node f = node_integrate(g, d->e, d->x);
    find_cuts(d, f);
    Node y = f == NODE_NONE ? f : follow(d, f);
    double v;
    if (y != NODE_NONE && node_constant_value(g, y, &v) &&
        is_borne_out(d, f, v))
        return value_of_node(in, node_textbook(g, swap_sign(g, y, swapped)));
    if (y != NODE_NONE && node_constant_value(g, y, &v) && isfinite(v))
        refuse_conflict(d, v);
    Value q = by_quadrature(d);
    return swapped ? value_float(-value_to_double(q)) : q;
}

/* ---- symbols among the ends or in the integrand ---- */

/* A number at the share r between the ends, where a pole would count. */
static Node node_between(Definite *d, double r, bool positive, Node otherwise)
{
    double a, b;
    if (!node_constant_value(d->g, d->from, &a) ||
        !node_constant_value(d->g, d->to, &b) || !isfinite(a) || !isfinite(b))
        return otherwise;
    double v = nearbyint((a + (b - a) * r) * 4096);
    if ((positive && v <= 0) || fabs(v) > 1e15)
        return otherwise;
    return node_rational(d->g, (int64_t)v, 4096);
}

/* A sample of the symbols: does y have the value that quadrature gives? */
static bool sample_agrees(Definite *d, Node y, int k, bool *tested)
{
    Graph *g = d->g;
    Node parts[4] = {d->e, d->from, d->to, y}, *symbol;
    Node all = node_stack(g, 4, parts);
    int n = node_symbols(g, all, d->arena, &symbol), m = 0;
    Node *from = ARENA_ARRAY(d->arena, Node, (size_t)n + 1);
    Node *to = ARENA_ARRAY(d->arena, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        if (symbol[i] == d->x)
            continue;
        double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
        bool positive = node_symbol_flags(g, symbol[i]) &
                        (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER);
        int64_t c = 1 + (int64_t)(20 * r);
        from[m] = symbol[i];
        to[m] = node_rational(g, positive || k % 2 ? c : -c, 8);
        if (k % 3 == 2)
            to[m] = node_between(d, r, positive, to[m]);
        m++;
    }
    Definite s = {.g = g, .arena = d->arena, .at = d->at, .x = d->x};
    s.e = node_substitute(g, d->e, m, from, to);
    s.from = node_substitute(g, d->from, m, from, to);
    s.to = node_substitute(g, d->to, m, from, to);
    Node value = node_substitute(g, y, m, from, to);
    double v;
    if (!node_constant_value(g, s.from, &s.a) ||
        !node_constant_value(g, s.to, &s.b) ||
        !node_constant_value(g, value, &v) || !isfinite(v))
        return false;
    if (s.a == s.b)
        return true;
    double sign = s.a < s.b ? 1 : -1;
    if (sign < 0) {
        double t = s.a;
        s.a = s.b;
        s.b = t;
    }
    find_cuts(&s, NODE_NONE);
    Quadrature q = measure(&s);
    q.value *= sign;
    *tested = true;
    return agrees(q, v);
}

/* sample_agrees, where a sample outside of a domain is no witness. */
static bool try_sample(Definite *d, Node y, int k, int *good)
{
    bool tested = false, fine = true;
    Protect p;
    if (PROTECT(&p)) {
        fine = sample_agrees(d, y, k, &tested);
        *good += fine && tested;
        protect_end(&p);
        return fine;
    }
    if (context_error()->code != ERR_DOMAIN)
        error_again();
    return true;
}

static Value definite_symbolic(Interp *in, Definite *d)
{
    Graph *g = d->g;
    Node f = node_integrate(g, d->e, d->x), y = NODE_NONE;
    int good = 0;
    if (f == NODE_NONE)
        error_raise_help(d->at, ERR_CLOSED, NULL,
                         "substitute numbers first: subs(e, a = 2)",
                         "no antiderivative was found, and with symbols there "
                         "is no quadrature");
    y = piece(g, f, d->x, d->from, d->to);
    if (y != NODE_NONE && node_is_infinite(g, y))
        raise_divergent(d->at);
    for (int k = 0; y != NODE_NONE && k < 2 * SAMPLES; k++)
        if (!try_sample(d, y, k, &good))
            y = NODE_NONE;
    if (y == NODE_NONE || good == 0)
        error_raise_help(d->at, ERR_CLOSED, NULL,
                         "declare symbols with their sign: sym k > 0",
                         "the integral depends on the values of its symbols, "
                         "or no limit was found at its ends");
    return value_of_node(in, node_textbook(g, y));
}

static Value definite(Interp *in, Definite *d)
{
    Graph *g = d->g;
    Node *symbol;
    int n = node_symbols(g, d->e, d->arena, &symbol);
    if (d->from == d->to)
        return value_int(0);
    bool numbers = node_constant_value(g, d->from, &d->a) &&
                   node_constant_value(g, d->to, &d->b) &&
                   (n == 0 || (n == 1 && symbol[0] == d->x));
    if (!numbers)
        return definite_symbolic(in, d);
    bool swapped = d->a > d->b;
    if (swapped) {
        double t = d->a;
        d->a = d->b;
        d->b = t;
        Node m = d->from;
        d->from = d->to;
        d->to = m;
    }
    return definite_number(in, d, swapped);
}

/* ---- the form ---- */

static Node scalar_argument(Interp *in, const Ast *t, Node x)
{
    Node n = node_of_value(in, eval(in, t));
    if (!node_is_scalar(in->graph, n))
        error_raise(t->at, ERR_SHAPE, "the ends of an integral are numbers");
    if (node_depends(in->graph, n, x))
        error_raise(t->at, ERR_ARGUMENT,
                    "the ends of an integral do not hold its variable `%s`",
                    node_symbol_name(in->graph, x));
    return n;
}

/* integrate(e, x)  integrate(e, x, a, b) */
bool special_integrate(Interp *in, const Ast *call, Value *y)
{
    Vars v = {.count = 0};
    Graph *g = in->graph;
    uint32_t n = ast_args(call);
    if (n != 2 && n != 4)
        error_raise_help(call->at, ERR_ARGUMENT, NULL,
                         "integrate(x^2, x)  integrate(x^2, x, 0, 1)",
                         "integrate takes a formula, its variable, and "
                         "perhaps both ends");
    vars_add(in, &v, ast_arg(call, 1));
    const Ast *t = ast_arg(call, 0);
    Node e = vars_node(in, t, vars_eval(in, t, &v), &v);
    *context_here() = call->at;
    if (!node_is_scalar(g, e))
        error_raise(call->at, ERR_SHAPE, "integrate is for numbers");
    Node x = symbol_in(in, e, v.name[0], v.at[0]);
    if (n == 4) {
        Arena *a = arena_local();
        Definite d = {.g = g, .arena = a, .at = call->at, .e = e, .x = x};
        d.from = scalar_argument(in, ast_arg(call, 2), x);
        d.to = scalar_argument(in, ast_arg(call, 3), x);
        *context_here() = call->at;
        *y = definite(in, &d);
        arena_free(a);
        return true;
    }
    Node f = node_integrate(g, e, x);
    if (f == NODE_NONE)
        error_raise_help(call->at, ERR_CLOSED, NULL,
                         "between two numbers: integrate(e, x, 0, 1)",
                         "no antiderivative was found");
    *y = value_of_node(in, f);
    return true;
}

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

#include "eval/apply.h"
#include "eval/calculus.h"
#include "eval/derive.h"
#include "eval/integral.h"
#include "eval/symbol.h"
#include "graph/integrate.h"
#include "graph/limit.h"
#include "graph/simplify.h"

enum { SAMPLES = 3 };

/* ---- the exact value, piece by piece ---- */

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

/* Through the limits at all cuts; f NODE_NONE: an antiderivative for each
 * piece, where steps are numbers. */
static Node follow(Definite *d, Node f)
{
    Graph *g = d->g;
    Node y = node_int(g, 0), low = d->from;
    for (int i = 0; i <= d->count; i++) {
        Node high = i == d->count ? d->to : d->cut[i].exact;
        Node own = f == NODE_NONE ? integral_piece(d, i) : f;
        if (own == NODE_NONE)
            return own;
        Node part = piece(g, own, d->x, low, high);
        if (part == NODE_NONE)
            return part;
        if (node_is_infinite(g, part))
            raise_divergent(d->at);
        y = node_add(g, y, part);
        low = high;
    }
    return y;
}

static Quadrature measure(Definite *d)
{
    Quadrature y = integral_measure(d);
    if (y.settled || (isfinite(d->a) && isfinite(d->b)))
        return y;
    Quadrature waves = integral_of_waves(d);
    return waves.settled ? waves : y;
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
    double a = integral_place(d, 0.02), b = integral_place(d, 0.98);
    if (d->count > 0 || d->many)
        return false;
    Quadrature q = integral_measure_within(d, a, b);
    Program *p = integral_compile(d->g, f, d->x);
    double exact = integral_at(p, b) - integral_at(p, a);
    program_free(p);
    return isfinite(exact) && agrees(q, exact);
}

_Noreturn static void raise_unsettled(Definite *d, Quadrature q)
{
    if (d->many)
        error_raise(d->at, ERR_LIMIT,
                    "more than %d poles or kinks between the ends",
                    INTEGRAL_CUTS);
    double from, to;
    if (integral_gap(d, &from, &to))
        error_raise(d->at, ERR_DOMAIN,
                    "the integrand is not a real number between %.6g and %.6g",
                    from, to);
    error_raise(d->at, ERR_DOMAIN,
                "no exact value was found, and quadrature does not settle "
                "near %.6g: the integral may diverge",
                q.doubt);
}

static Node swap_sign(Graph *g, Node n, bool swapped)
{
    return swapped ? node_neg(g, n) : n;
}

static Value by_quadrature(Definite *d, Quadrature q, bool swapped)
{
    if (!q.settled)
        raise_unsettled(d, q);
    heap_warn_text(arena_printf(
        error_arena(), "integrate: by quadrature, error about %.1g", q.error));
    return value_float(swapped ? -q.value : q.value);
}

/* A float by the antiderivative that is worse than by quadrature. */
static bool loses_digits(Graph *g, Node y, double v, Quadrature q)
{
    return node_is_number(g, y) && !value_is_exact(node_number_value(g, y)) &&
           fabs(v - q.value) > q.error + 1e-14 * fabs(v);
}

/*
 * Both ends are numbers, and x the only symbol.  What is proven overrules an
 * antiderivative that jumps where no cut was seen.
 */
static Value definite_number(Interp *in, Definite *d, bool swapped)
{
    Graph *g = d->g;
    Node f = node_integrate(g, d->e, d->x);
    integral_find_cuts(d, f);
    Node y = d->many ? NODE_NONE : follow(d, f);
    double v;
    bool known = y == NODE_NONE;
    if (known)
        y = integral_known_form(d);
    Quadrature q = measure(d);
    if (y == NODE_NONE || !node_constant_value(g, y, &v) || !isfinite(v))
        return by_quadrature(d, q, swapped);
    bool sure = q.settled ? agrees(q, v) : !known && agrees_within(d, f);
    if (sure && q.proven && loses_digits(g, y, v, q)) /* as of x^20*exp(x) */
        return by_quadrature(d, q, swapped);
    if (sure)
        return value_of_node(in, node_textbook(g, swap_sign(g, y, swapped)));
    if (q.settled && !q.proven)
        error_raise(d->at, ERR_DOMAIN,
                    "no certain value: the antiderivative gives %.6g, and "
                    "quadrature %.6g; divide the range",
                    v, q.value);
    return by_quadrature(d, q, swapped);
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

/* Numbers for the symbols but x. */
typedef struct Sample {
    int count;
    Node *from, *to;
} Sample;

static bool is_positive(Graph *g, Node symbol)
{
    return node_symbol_flags(g, symbol) &
           (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER);
}

/* The k-th sample for what the integral and its value y hold. */
static Sample sample_new(Definite *d, Node y, int k)
{
    Graph *g = d->g;
    Node parts[4] = {d->e, d->from, d->to, y}, *symbol;
    Node all = node_stack(g, 4, parts);
    int n = node_symbols(g, all, d->arena, &symbol);
    Sample s = {.count = 0};
    s.from = ARENA_ARRAY(d->arena, Node, (size_t)n + 1);
    s.to = ARENA_ARRAY(d->arena, Node, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        if (symbol[i] == d->x)
            continue;
        double r = fmod((k + 1) * 0.6180339887 + (i + 1) * 0.7548776662, 1);
        bool positive = is_positive(g, symbol[i]);
        int64_t c = 1 + (int64_t)(20 * r);
        Node *to = &s.to[s.count];
        s.from[s.count++] = symbol[i];
        *to = node_rational(g, positive || k % 2 ? c : -c, 8);
        if (k % 3 == 2)
            *to = node_between(d, r, positive, *to);
    }
    return s;
}

/* The integral with the numbers of a sample; false if an end has no value. */
static bool sample_integral(const Definite *d, const Sample *s, Definite *y)
{
    Graph *g = d->g;
    *y = (Definite){.g = g, .arena = d->arena, .at = d->at, .x = d->x};
    y->e = node_substitute(g, d->e, s->count, s->from, s->to);
    y->from = node_substitute(g, d->from, s->count, s->from, s->to);
    y->to = node_substitute(g, d->to, s->count, s->from, s->to);
    return node_constant_value(g, y->from, &y->a) &&
           node_constant_value(g, y->to, &y->b);
}

/* Does y have the value that quadrature gives? */
static bool sample_agrees(Definite *d, Node y, const Sample *at, bool *tested)
{
    Graph *g = d->g;
    Definite s;
    Node value = node_substitute(g, y, at->count, at->from, at->to);
    double v;
    if (!sample_integral(d, at, &s) || !node_constant_value(g, value, &v) ||
        !isfinite(v))
        return false;
    if (s.a == s.b)
        return true;
    double sign = s.a < s.b ? 1 : -1;
    if (sign < 0) {
        double t = s.a;
        s.a = s.b;
        s.b = t;
        Node end = s.from;
        s.from = s.to;
        s.to = end;
    }
    integral_find_cuts(&s, NODE_NONE);
    Quadrature q = measure(&s);
    q.value *= sign;
    *tested = true;
    return agrees(q, v);
}

/* sample_agrees, where a sample outside of a domain is no witness. */
static bool try_sample(Definite *d, Node y, const Sample *s, int *good)
{
    bool tested = false, fine = true;
    Protect p;
    if (PROTECT(&p)) {
        fine = sample_agrees(d, y, s, &tested);
        *good += fine && tested;
        protect_end(&p);
        return fine;
    }
    if (context_error()->code != ERR_DOMAIN)
        error_again();
    return true;
}

/* The sample with number i such that what is suspected is 0 at the share r of
 * the range. */
static bool aim(const Definite *d, Sample *s, int i, Node suspected, double r)
{
    Graph *g = d->g;
    Definite at;
    double c;
    Node symbol = s->from[i];
    if (!sample_integral(d, s, &at) || at.a == at.b)
        return false;
    s->from[i] = d->x;
    s->to[i] = node_float(g, integral_place(&at, r));
    Node f = node_substitute(g, suspected, s->count, s->from, s->to);
    s->from[i] = symbol;
    if (!node_depends(g, f, symbol) ||
        !integral_zero_of(&at, f, symbol, is_positive(g, symbol), &c))
        return false;
    if (node_symbol_flags(g, symbol) & SYM_INTEGER)
        c = nearbyint(c);
    s->to[i] = node_rational(g, (int64_t)nearbyint(c * 4096), 4096);
    return true;
}

/*
 * Poles, kinks and jumps that numbers for the symbols put between the ends:
 * is y the value there, too?
 */
static bool bears_suspects(Definite *d, Node y, int *good)
{
    enum { AIMED_MOST = 12 };
    static const double share[] = {0.37, 0.71};
    const Node *suspected;
    int n = integral_suspects(d, &suspected), aimed = 0;
    for (int k = 0; k < n; k++)
        for (int way = 0; way < 2; way++) {
            Sample s = sample_new(d, y, 1);
            for (int i = 0; i < s.count && aimed < AIMED_MOST; i++) {
                if (!node_depends(d->g, suspected[k], s.from[i]))
                    continue;
                s = sample_new(d, y, 1);
                if (!aim(d, &s, i, suspected[k], share[way]))
                    continue;
                aimed++;
                if (!try_sample(d, y, &s, good))
                    return false;
            }
        }
    return true;
}

static Value definite_symbolic(Interp *in, Definite *d)
{
    Graph *g = d->g;
    Node f = node_integrate(g, d->e, d->x), y = NODE_NONE;
    int good = 0;
    y = f == NODE_NONE ? f : piece(g, f, d->x, d->from, d->to);
    if (y == NODE_NONE)
        y = integral_known_form(d);
    if (f == NODE_NONE && y == NODE_NONE)
        error_raise_help(d->at, ERR_CLOSED, NULL,
                         "substitute numbers first: subs(e, a = 2)",
                         "no antiderivative was found, and with symbols there "
                         "is no quadrature");
    if (y != NODE_NONE && node_is_infinite(g, y))
        raise_divergent(d->at);
    for (int k = 0; y != NODE_NONE && k < 2 * SAMPLES; k++) {
        Sample s = sample_new(d, y, k);
        if (!try_sample(d, y, &s, &good))
            y = NODE_NONE;
    }
    if (y != NODE_NONE && !bears_suspects(d, y, &good))
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
    Node x = vars_symbol(in, &v, 0, e);
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
    return vars_settle(in, &v, call->at, y);
}

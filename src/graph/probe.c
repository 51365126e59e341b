#include "graph/probe.h"

#include <float.h>
#include <math.h>

#include "graph/internal.h"
#include "graph/rational.h"
#include "graph/walk.h"

enum { PROBE_POINTS = 6, PROBE_SIZE = 2000 };

typedef struct Prober {
    Graph *g;
    NodeMap place;
    VEC(Probe) memo;
    Arena *arena;
    int count;
    const Node *symbol;
    const double *value;
    bool failed;
} Prober;

static Probe probe(Prober *p, Node n);

static Probe probe_sum(Prober *p, Node n)
{
    double y = 0, size = 0, error = 0;
    for (int i = 0; i < node_count(p->g, n); i += 2) {
        double c = coef_double(p->g, node_arg(p->g, n, i));
        Probe t = probe(p, node_arg(p->g, n, i + 1));
        y += c * t.value;
        size += fabs(c * t.value);
        error += fabs(c) * t.error;
    }
    return (Probe){y, error + DBL_EPSILON * size};
}

/* f moved by an error of its argument, as a difference. */
static double moved(double (*f)(double, double), double a, double ea, double b,
                    double eb)
{
    double y = f(a, b), most = 0;
    double at[4] = {f(a + ea, b), f(a - ea, b), f(a, b + eb), f(a, b - eb)};
    for (int i = 0; i < 4; i++)
        if (fabs(at[i] - y) > most)
            most = fabs(at[i] - y);
    return 2 * most;
}

static Probe probe_product(Prober *p, Node n)
{
    double y = coef_double(p->g, node_arg(p->g, n, 0)), relative = DBL_EPSILON;
    double lost = 0;
    for (int i = 2; i < node_count(p->g, n); i += 2) {
        Probe b = probe(p, node_arg(p->g, n, i));
        Probe e = probe(p, node_arg(p->g, n, i + 1));
        double f = pow(b.value, e.value);
        double error = moved(pow, b.value, b.error, e.value, e.error);
        if (f == 0)
            lost += error;
        else
            relative += error / fabs(f) + 2 * DBL_EPSILON;
        y *= f;
    }
    return (Probe){y, fabs(y) * relative + lost};
}

static Probe probe_function(Prober *p, Node n)
{
    int count = node_count(p->g, n);
    double x[3];
    Probe a[3];
    if (count > 3) {
        p->failed = true;
        return (Probe){NAN, 0};
    }
    for (int i = 0; i < count; i++) {
        a[i] = probe(p, node_arg(p->g, n, i));
        x[i] = a[i].value;
    }
    OpId op = node_op(p->g, n);
    double y = op_number(op, count, x), error = 4 * DBL_EPSILON * fabs(y);
    for (int i = 0; i < count; i++) {
        double most = 0;
        for (int side = -1; side <= 1; side += 2) {
            x[i] = a[i].value + side * a[i].error;
            double d = fabs(op_number(op, count, x) - y);
            if (d > most)
                most = d;
        }
        x[i] = a[i].value;
        error += 2 * most;
    }
    return (Probe){y, error};
}

static Probe probe_symbol(Prober *p, Node n)
{
    for (int i = 0; i < p->count; i++)
        if (p->symbol[i] == n)
            return (Probe){p->value[i], 0};
    p->failed = true;
    return (Probe){NAN, 0};
}

static Probe probe(Prober *p, Node n)
{
    uint32_t at;
    if (p->failed || !node_is_scalar(p->g, n)) {
        p->failed = true;
        return (Probe){NAN, 0};
    }
    if (node_map_get(&p->place, n, &at))
        return p->memo.at[at];
    depth_check();
    Probe y = {NAN, 0};
    OpId op = node_op(p->g, n);
    if (op == OP_NUM)
        y.value = coef_double(p->g, n), y.error = DBL_EPSILON * fabs(y.value);
    else if (op == OP_SYM)
        y = probe_symbol(p, n);
    else if (op == OP_SUM)
        y = probe_sum(p, n);
    else if (op == OP_MONO)
        y = probe_product(p, n);
    else if (op_table[op].class == CLASS_ELEMENTWISE)
        y = probe_function(p, n);
    else
        p->failed = true;
    node_map_set(&p->place, n, (uint32_t)p->memo.count);
    VEC_PUSH_IN(p->arena, &p->memo, y);
    return y;
}

bool probe_value(Graph *g, Node n, int count, const Node symbol[],
                 const double value[], Probe *y)
{
    Arena *a = arena_local();
    Prober p = {.g = g,
                .arena = a,
                .place = node_map_in(a),
                .count = count,
                .symbol = symbol,
                .value = value};
    *y = probe(&p, n);
    arena_free(a);
    return !p.failed;
}

/* A number between 0.2 and 2.2, of either sign if the symbol allows it. */
static double sample(Graph *g, Node symbol, int point, int place)
{
    double t = fmod(
        (point + 1) * 0.6180339887498949 + (place + 1) * 0.7548776662466927, 1);
    unsigned flags = node_symbol_flags(g, symbol);
    double y = 0.2 + 2 * t;
    if (flags & (SYM_POSITIVE | SYM_NONNEGATIVE))
        return y * (1 + point);
    return point % 2 ? -y : y;
}

/* By points: all that have a value must be within their error of 0. */
static Zero zero_at_points(Graph *g, Node n)
{
    Arena *a = arena_local();
    Node *symbol;
    int count = node_symbols(g, n, a, &symbol), seen = 0, zero = 0, not = 0;
    double *value = ARENA_ARRAY(a, double, (size_t)count + 1);
    for (int k = 0; k < PROBE_POINTS; k++) {
        Probe y;
        for (int i = 0; i < count; i++)
            value[i] = sample(g, symbol[i], k, i);
        if (!probe_value(g, n, count, symbol, value, &y))
            break;
        if (!isfinite(y.value) || !isfinite(y.error))
            continue;
        seen++;
        zero += fabs(y.value) <= 8 * y.error;
        not += fabs(y.value) > 1000 * y.error;
    }
    arena_free(a);
    if (not > 0)
        return ZERO_NO;
    return seen > 1 && zero == seen ? ZERO_YES : ZERO_UNKNOWN;
}

Zero probe_zero(Graph *g, Node n)
{
    if (node_op(g, n) == OP_NUM)
        return node_is_zero(g, n) ? ZERO_YES : ZERO_NO;
    Zero z = zero_at_points(g, n);
    if (z == ZERO_NO || node_size(g, n) > PROBE_SIZE)
        return z;
    Truth t = poly_is_zero(g, n);
    return t == TRUTH_YES ? ZERO_YES : t == TRUTH_NO ? ZERO_NO : z;
}

int node_known_sign(Graph *g, Node n)
{
    double v;
    if (node_is_constant(g, n) && node_constant_value(g, n, &v) && v == v) {
        if (fabs(v) < 1e-6 && probe_zero(g, n) == ZERO_YES)
            return 0;
        return (v > 0) - (v < 0);
    }
    switch (node_sign(g, n)) {
    case SIGN_POSITIVE:
        return 1;
    case SIGN_NEGATIVE:
        return -1;
    case SIGN_ZERO:
        return 0;
    default:
        return 2;
    }
}

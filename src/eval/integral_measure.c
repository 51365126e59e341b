/*
 * integral_measure.c - an integral by quadrature, from cut to cut
 */
#include <float.h>
#include <math.h>

#include "eval/integral.h"
#include "graph/near.h"

/* e at c + side*t, ready for quadrature from t = 0. */
typedef struct Side {
    Program *program;
    Integrand f;
} Side;

static Side side_new(Definite *d, Node c, int side)
{
    Graph *g = d->g;
    Node t = node_symbol(g, name_of("distance"), (Shape){1, 1}, SYM_POSITIVE);
    Node e = node_near(g, d->e, d->x, c, side, t);
    Side y = {.program = integral_compile(g, e, t)};
    y.f = (Integrand){integral_at, y.program, jets_new(g, e, t, d->arena)};
    return y;
}

static void add(Quadrature *y, Quadrature part, double place, int side)
{
    y->value += part.value;
    y->error += part.error;
    y->size += part.size;
    y->proven = y->proven && part.proven;
    if (!part.settled && y->settled)
        y->doubt = place + side * part.doubt;
    y->settled = y->settled && part.settled;
}

/* From p, with the formula c, the length `to` to one side. */
static void add_side(Definite *d, Quadrature *y, Node c, double p, int side,
                     double to)
{
    Side s = side_new(d, c, side);
    add(y, quadrature(&s.f, to), p, side);
    /* where the two sides meet, the place is rounded */
    if (isfinite(to)) {
        double last = integral_at(s.program, to);
        y->error +=
            isfinite(last) ? fabs(last) * 2 * DBL_EPSILON * (fabs(p) + to) : 0;
    }
    program_free(s.program);
}

static void add_piece(Definite *d, Quadrature *y, Cut p, Cut q)
{
    Cut zero = {0, node_int(d->g, 0)};
    if (isinf(p.x) && isinf(q.x)) {
        add_piece(d, y, p, zero);
        add_piece(d, y, zero, q);
    } else if (isinf(p.x))
        add_side(d, y, q.exact, q.x, -1, INFINITY);
    else if (isinf(q.x))
        add_side(d, y, p.exact, p.x, 1, INFINITY);
    else {
        double m = p.x + (q.x - p.x) / 2;
        add_side(d, y, p.exact, p.x, 1, m - p.x);
        add_side(d, y, q.exact, q.x, -1, q.x - m);
    }
}

Quadrature integral_measure(Definite *d)
{
    Quadrature y = {0, 0, 0, true, true, 0};
    for (int i = 0; i <= d->count; i++) {
        Cut p = i == 0 ? (Cut){d->a, d->from} : d->cut[i - 1];
        Cut q = i == d->count ? (Cut){d->b, d->to} : d->cut[i];
        add_piece(d, &y, p, q);
    }
    quadrature_judge(&y);
    return y;
}

Quadrature integral_measure_within(Definite *d, double a, double b)
{
    Program *p = integral_compile(d->g, d->e, d->x);
    Integrand f = {integral_at, p, jets_new(d->g, d->e, d->x, d->arena)};
    Quadrature y = quadrature_between(&f, a, b);
    quadrature_judge(&y);
    program_free(p);
    return y;
}

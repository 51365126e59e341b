/* pairs.c - quadratic programs of support vector machines */
#include "num/pairs.h"

#include <math.h>
#include <stdbool.h>

#include "base/error.h"

/* The least curvature that a pair is given: K need not be definite. */
#define FLAT 1e-12

typedef struct Pairs {
    const PairProblem *p;
    double *u;
    double *f; /* minus the slope without the edge */
    double *d; /* diagonal of K */
    double *column[2];
} Pairs;

static size_t row_of(const PairProblem *p, size_t i)
{
    return p->rows ? p->rows[i] : i;
}

/* Column i of K at the rows of the variables; `room` is used if it must. */
static const double *column_of(const PairProblem *p, size_t i, double *room)
{
    const double *x = p->k + row_of(p, i) * p->ld;
    if (!p->rows)
        return x;
    for (size_t t = 0; t < p->n; t++)
        room[t] = x[p->rows[t]];
    return room;
}

/* What a larger and a smaller u[t] gain: optimal is no rise above a fall. */
static double rise_of(const Pairs *s, size_t t)
{
    return s->f[t] - (s->u[t] >= 0 ? s->p->edge : -s->p->edge);
}

static double fall_of(const Pairs *s, size_t t)
{
    return s->f[t] - (s->u[t] > 0 ? s->p->edge : -s->p->edge);
}

static void begin(Pairs *s)
{
    const PairProblem *p = s->p;
    for (size_t i = 0; i < p->n; i++) {
        s->f[i] = -p->q[i];
        s->d[i] = p->k[row_of(p, i) * (p->ld + 1)];
    }
    for (size_t i = 0; i < p->n; i++) {
        POLL();
        if (s->u[i] == 0)
            continue;
        const double *k = column_of(p, i, s->column[0]);
        for (size_t t = 0; t < p->n; t++)
            s->f[t] -= s->u[i] * k[t];
    }
}

/* The variable with the largest rise, that rise, and the smallest fall. */
static size_t steepest(const Pairs *s, double *rise, double *fall)
{
    const PairProblem *p = s->p;
    size_t best = 0;
    double most = -INFINITY, least = INFINITY;
    for (size_t t = 0; t < p->n; t++) {
        double up = rise_of(s, t), down = fall_of(s, t);
        if (s->u[t] < p->high[t] && up > most) {
            most = up;
            best = t;
        }
        if (s->u[t] > p->low[t] && down < least)
            least = down;
    }
    *rise = most;
    *fall = least;
    return best;
}

/* The partner of i that promises most (Fan, Chen & Lin 2005, (14)). */
static size_t partner(const Pairs *s, size_t i, double rise, const double *k)
{
    const PairProblem *p = s->p;
    size_t best = i;
    double most = 0;
    for (size_t t = 0; t < p->n; t++) {
        double b = rise - fall_of(s, t);
        double a = fmax(FLAT, s->d[i] + s->d[t] - 2 * k[t]);
        double gain = b * b / a;
        if (b > 0 && gain > most && s->u[t] > p->low[t]) {
            most = gain;
            best = t;
        }
    }
    return best;
}

/* Where u ends that goes from `from` by `step`, of which `room` is all that
 * there is to `end`: exactly there. */
static double moved(double from, double step, double room, double end)
{
    return fabs(step) >= room ? end : from + step;
}

/* u[i] grows and u[j] falls by as much as is best; both as far as a bound, or
 * 0 where there is an edge. */
static void move_pair(Pairs *s, size_t i, size_t j, double gain,
                      const double *ki, const double *kj)
{
    const PairProblem *p = s->p;
    double *u = s->u, *f = s->f;
    bool edge = p->edge > 0;
    double top = edge && u[i] < 0 ? fmin(0, p->high[i]) : p->high[i];
    double bottom = edge && u[j] > 0 ? fmax(0, p->low[j]) : p->low[j];
    double step = gain / fmax(FLAT, s->d[i] + s->d[j] - 2 * ki[j]);
    double above = top - u[i], below = u[j] - bottom;
    step = fmin(step, fmin(above, below));
    u[i] = moved(u[i], step, above, top);
    u[j] = moved(u[j], -step, below, bottom);
    for (size_t t = 0; t < p->n; t++)
        f[t] -= step * (ki[t] - kj[t]);
}

/* The mean over the variables that are free, else the middle of what the
 * others allow. */
static double level_of(const Pairs *s, double rise, double fall)
{
    const PairProblem *p = s->p;
    double sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < p->n; t++)
        if (s->u[t] > p->low[t] && s->u[t] < p->high[t] &&
            (p->edge == 0 || s->u[t] != 0)) {
            sum += rise_of(s, t);
            count++;
        }
    if (count > 0)
        return sum / (double)count;
    if (isinf(rise) || isinf(fall))
        return isinf(rise) ? (isinf(fall) ? 0 : fall) : rise;
    return (rise + fall) / 2;
}

/* f is -q - K*u. */
static double value_of(const Pairs *s)
{
    double sum = 0;
    for (size_t t = 0; t < s->p->n; t++)
        sum += s->u[t] * (s->p->q[t] - s->f[t]) / 2 +
               s->p->edge * fabs(s->u[t]) + 0 * s->f[t];
    return sum;
}

PairOutcome pairs_minimize(const PairProblem *p, double *u, double *room)
{
    Pairs s = {.p = p,
               .u = u,
               .f = room,
               .d = room + p->n,
               .column = {room + 2 * p->n, room + 3 * p->n}};
    PairOutcome y = {.gap = INFINITY};
    double rise, fall;
    begin(&s);
    for (;;) {
        size_t i = steepest(&s, &rise, &fall);
        y.gap = fmax(0, rise - fall);
        if (!(y.gap > p->tol) || y.steps >= p->steps)
            break;
        POLL();
        const double *ki = column_of(p, i, s.column[0]);
        size_t j = partner(&s, i, rise, ki);
        if (j == i)
            break;
        const double *kj = column_of(p, j, s.column[1]);
        move_pair(&s, i, j, rise - fall_of(&s, j), ki, kj);
        y.steps++;
    }
    y.level = level_of(&s, rise, fall);
    y.value = value_of(&s);
    if (isnan(y.value))
        y.gap = NAN;
    return y;
}

/*
 * curve.c - the points of a curve
 *
 * A grid of points is enough for what is smooth.  Between two points that are
 * far apart the larger half is halved again and again: if the jump stays, the
 * curve is broken there.  So are poles, which then leave the picture at its
 * edges and draw no upright line.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "eval/sample.h"

enum {
    GRID = 601,
    HALVINGS = 40, /* of an interval: 1e-12 of it is left */
    ZOOMS = 6,     /* towards a largest value, each time 20 times nearer */
    ZOOM = 40
};

typedef VEC(double) Numbers;

typedef struct Tracer {
    Sampler *s;
    Arena *arena;
    bool log;
    double x[GRID], y[GRID];
    double jump; /* more than this is looked into */
    Numbers outx, outy;
} Tracer;

static double value_at(const Tracer *t, double x)
{
    double y;
    sampler_run(t->s, 1, &x, NULL, &y);
    return y;
}

static double between(const Tracer *t, double a, double b, double part)
{
    return t->log ? a * pow(b / a, part) : a * (1 - part) + b * part;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * Does |y - middle| grow without bound near grid point k?  At 1/x it doubles
 * where x is halved; a narrow peak ends somewhere.
 */
static bool is_pole(const Tracer *t, int k, double middle)
{
    double a = t->x[k > 0 ? k - 1 : 0], b = t->x[k < GRID - 1 ? k + 1 : k];
    double first = fabs(t->y[k] - middle), largest = first;
    for (int zoom = 0; zoom < ZOOMS; zoom++) {
        double x[ZOOM + 1], y[ZOOM + 1];
        int best = -1;
        for (int i = 0; i <= ZOOM; i++)
            x[i] = between(t, a, b, (double)i / ZOOM);
        sampler_run(t->s, ZOOM + 1, x, NULL, y);
        for (int i = 0; i <= ZOOM; i++) {
            double far = fabs(y[i] - middle);
            if (isfinite(far) && far > largest) {
                largest = far;
                best = i;
            }
        }
        if (best < 0)
            break;
        a = x[best > 0 ? best - 1 : 0];
        b = x[best < ZOOM ? best + 1 : ZOOM];
    }
    return largest > 100 * first;
}

/* What is to be seen; where there are poles, without what is near them. */
static void find_range(Tracer *t, Curve *c)
{
    double sorted[GRID];
    int n = 0, top = -1, bottom = -1;
    for (int i = 0; i < GRID; i++) {
        if (!isfinite(t->y[i]))
            continue;
        sorted[n++] = t->y[i];
        if (top < 0 || t->y[i] > t->y[top])
            top = i;
        if (bottom < 0 || t->y[i] < t->y[bottom])
            bottom = i;
    }
    if (n == 0)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "there is no finite value between %g and %g", t->x[0],
                    t->x[GRID - 1]);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_numbers);
    double low = sorted[n / 20], high = sorted[n - 1 - n / 20];
    double middle = sorted[n / 2], part = 0.2 * (high - low);
    c->low = sorted[0];
    c->high = sorted[n - 1];
    if (c->high - high > high - low && is_pole(t, top, middle))
        c->high = high + part;
    if (low - c->low > high - low && is_pole(t, bottom, middle))
        c->low = low - part;
}

static void put(Tracer *t, double x, double y)
{
    VEC_PUSH_IN(t->arena, &t->outx, x);
    VEC_PUSH_IN(t->arena, &t->outy, y);
}

/* Between a point with a value and one without: the last that has one. */
static void put_end(Tracer *t, double x0, double y0, double x1)
{
    double best = x0, y = y0;
    for (int k = 0; k < HALVINGS; k++) {
        double m = between(t, best, x1, 0.5), ym = value_at(t, m);
        if (isfinite(ym)) {
            best = m;
            y = ym;
        } else {
            x1 = m;
        }
    }
    if (best != x0)
        put(t, best, y);
}

/* Between two points that are far apart. */
static void put_jump(Tracer *t, double x0, double y0, double x1, double y1)
{
    double jump = fabs(y1 - y0);
    double a = x0, ya = y0, b = x1, yb = y1;
    for (int k = 0; k < HALVINGS; k++) {
        double m = between(t, a, b, 0.5);
        if (!(m > a && m < b))
            break;
        double ym = value_at(t, m);
        if (!isfinite(ym)) {
            ya = ya < yb ? -INFINITY : INFINITY;
            break;
        }
        if (fabs(ym - ya) > fabs(yb - ym)) {
            b = m;
            yb = ym;
        } else {
            a = m;
            ya = ym;
        }
    }
    if (!(fabs(yb - ya) > 0.5 * jump)) {
        for (int k = 1; k < 4; k++) {
            double m = between(t, x0, x1, k / 4.0);
            put(t, m, value_at(t, m));
        }
        return;
    }
    if (isfinite(ya))
        put(t, a, ya);
    put(t, b, NAN);
    put(t, b, yb);
}

void sample_curve(Sampler *s, Arena *a, double from, double to, bool log,
                  Curve *c)
{
    Tracer *t = ARENA_NEW(a, Tracer);
    t->s = s;
    t->arena = a;
    t->log = log;
    for (int i = 0; i < GRID; i++)
        t->x[i] = between(t, from, to, (double)i / (GRID - 1));
    t->x[GRID - 1] = to;
    sampler_run(s, GRID, t->x, NULL, t->y);
    find_range(t, c);
    bool smooth = s->rows; /* single predictions cost as much as many */
    t->jump = (c->high - c->low) / 50;
    for (int i = 0; i < GRID; i++) {
        POLL();
        if (!isfinite(t->y[i])) {
            put(t, t->x[i], NAN);
            if (!smooth && i + 1 < GRID && isfinite(t->y[i + 1]))
                put_end(t, t->x[i + 1], t->y[i + 1], t->x[i]);
            continue;
        }
        put(t, t->x[i], t->y[i]);
        if (smooth || i + 1 == GRID)
            continue;
        if (!isfinite(t->y[i + 1]))
            put_end(t, t->x[i], t->y[i], t->x[i + 1]);
        else if (fabs(t->y[i + 1] - t->y[i]) > t->jump)
            put_jump(t, t->x[i], t->y[i], t->x[i + 1], t->y[i + 1]);
    }
    c->n = t->outx.count;
    c->x = t->outx.at;
    c->y = t->outy.at;
}

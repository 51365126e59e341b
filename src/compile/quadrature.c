#include "compile/quadrature.h"

#include <float.h>
#include <math.h>

#include "base/error.h"

enum { PANELS = 12000, LEVELS = 10, DOUBLINGS = 60, SMALLEST = 60 };

#define HALF_PI 1.57079632679489661923
#define RELATIVE 2e-15 /* what is asked for */
#define GOOD 1e-9      /* relative error above which nothing is settled */

typedef struct Panel {
    double a, b, value, error;
    double noise; /* the part of the error that halving does not mend */
} Panel;

typedef struct Panels {
    const Integrand *f;
    int count;
    Panel *at; /* a heap, the worst on top */
    double error, noise, size;
    int unbounded;
    bool undefined; /* a panel where the integrand has no value */
    bool open;      /* a small rest at 0, kept apart */
    Panel rest;
} Panels;

/* ---- a panel with bounds ---- */

static Panel measure(const Integrand *f, double a, double b)
{
    double c = a + (b - a) / 2, h = fmax(b - c, c - a);
    double skew = fabs((b - c) - (c - a)) + DBL_EPSILON * h;
    Panel y = {a, b, 0, INFINITY, 0};
    Jet rest = *jets_run(f->jets, (Range){a, b, RANGE_OK}, h);
    const Jet *middle = jets_run(f->jets, range_point(c), h);
    if (!rest.valid) {
        if (rest.c[0].state == RANGE_UNDEFINED)
            y.value = NAN;
        return y;
    }
    /* of the value in the middle: beside a jump no place is sure */
    double doubt = middle->valid ? middle->c[0].high - middle->c[0].low : 0;
    double low = 0, high = 0;
    for (int m = 0; m < rest.valid && m <= middle->valid; m++) {
        double from = rest.c[m].low / (m + 1), to = rest.c[m].high / (m + 1);
        if (m % 2) {
            to = fmax(fabs(from), fabs(to));
            from = -to;
        }
        double error = h * (high + to - low - from);
        if (error < y.error) {
            y.error = error;
            y.noise = h * (m ? high - low : doubt);
            y.value = h * (low + high + from + to);
        }
        if (m % 2 == 0 && m < middle->valid) {
            low += middle->c[m].low / (m + 1);
            high += middle->c[m].high / (m + 1);
        }
    }
    double lost = skew * fmax(fabs(rest.c[0].low), fabs(rest.c[0].high)) +
                  8 * DBL_EPSILON * fabs(y.value) + DBL_MIN;
    y.error += isfinite(lost) ? lost : INFINITY;
    y.noise += isfinite(lost) ? lost : 0;
    if (!isfinite(y.value) || !isfinite(y.error)) {
        y.value = 0;
        y.error = INFINITY;
    }
    return y;
}

/* ---- the heap ---- */

/* Without bounds, and then by width, before the others. */
static double badness(const Panel *p)
{
    if (isinf(p->error))
        return 1e300 * (p->b - p->a > 1 ? 2 : p->b - p->a);
    return p->error <= 2 * p->noise ? 0 : fmin(p->error, 1e200);
}

static bool is_worse(const Panel *p, const Panel *q)
{
    if (isinf(p->error) && isinf(q->error))
        return p->b - p->a > q->b - q->a;
    return badness(p) > badness(q);
}

static void count_panel(Panels *v, const Panel *p, int sign)
{
    if (isinf(p->error)) {
        v->undefined = v->undefined || isnan(p->value);
        v->unbounded += sign;
        return;
    }
    v->error += sign * p->error;
    v->noise += sign * p->noise;
    v->size += sign * fabs(p->value);
}

static void push(Panels *v, Panel p)
{
    int k = v->count++;
    count_panel(v, &p, 1);
    while (k > 0 && is_worse(&p, &v->at[(k - 1) / 2])) {
        v->at[k] = v->at[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    v->at[k] = p;
}

static Panel pop(Panels *v)
{
    Panel top = v->at[0], last = v->at[--v->count];
    int k = 0;
    count_panel(v, &top, -1);
    for (int next; (next = 2 * k + 1) < v->count; k = next) {
        if (next + 1 < v->count && is_worse(&v->at[next + 1], &v->at[next]))
            next++;
        if (!is_worse(&v->at[next], &last))
            break;
        v->at[k] = v->at[next];
    }
    if (v->count > 0)
        v->at[k] = last;
    return top;
}

static void divide(Panels *v, double a, double b)
{
    double c = a + (b - a) / 2;
    push(v, measure(v->f, a, c));
    push(v, measure(v->f, c, b));
}

/* ---- the double exponential rule for what is left at an end ---- */

typedef struct Rule {
    double h, sum, size, edge;
    bool failed;
} Rule;

/* The place for t: 0 to w near 0, or w to infinity; and its slope. */
static double place(double w, bool tail, double t, double *slope)
{
    double s = HALF_PI * sinh(t), ds = HALF_PI * cosh(t);
    if (tail) {
        double e = w * exp(s);
        *slope = ds * e;
        return w + e;
    }
    double e = exp(-2 * fabs(s)), gap = w * e / (1 + e);
    *slope = 2 * ds * gap / (1 + e);
    return t < 0 ? gap : w - gap;
}

/* The points of one level on one side. */
static void add_side(Rule *r, const Integrand *f, double w, bool tail, int side,
                     int level)
{
    double edge = 0, most = 0;
    for (int i = level ? 1 : side > 0;; i += level ? 2 : 1) {
        double t = side * i * r->h, slope, x = place(w, tail, t, &slope);
        POLL();
        if (fabs(t) > 6.5 || x < 1e-300 || !isfinite(x) || !isfinite(slope) ||
            (x == w && fabs(t) > 3))
            break;
        double term = f->f(f->data, x) * slope;
        if (!isfinite(term)) { /* 0*infinity after nothing but 0 is 0 */
            r->failed = !(tail && fabs(t) > 0 && edge == 0 && r->size == 0);
            return;
        }
        r->sum += term;
        r->size += fabs(term);
        edge = fabs(term);
        most = fmax(most, edge);
        if (fabs(t) > 3 && edge < 1e-18 * r->size)
            break;
    }
    if (edge > 1e-9 * most && edge > r->edge)
        r->edge = edge;
}

static Quadrature at_end(const Integrand *f, double w, bool tail)
{
    Quadrature y = {0, INFINITY, 0, false, false, tail ? INFINITY : 0};
    Rule r = {1, 0, 0, 0, false};
    double last = 0, before = INFINITY;
    for (int level = 0; level < LEVELS; level++) {
        r.h = ldexp(1, -level);
        r.edge = 0;
        add_side(&r, f, w, tail, -1, level);
        add_side(&r, f, w, tail, 1, level);
        double value = r.sum * r.h, change = fabs(value - last);
        if (r.failed || (level >= 3 && r.edge > 1e-9 * r.size))
            return y;
        y.value = value;
        y.size = r.size * r.h;
        y.error = 10 * change + 1e-14 * r.size * r.h;
        y.settled = level >= 4 && change <= GOOD * r.size * r.h &&
                    (change <= before || change <= 1e-12 * r.size * r.h);
        if (level >= 4 && change <= 1e-14 * r.size * r.h)
            break;
        before = change;
        last = value;
    }
    return y;
}

/* ---- all of it ---- */

static int by_place(const Panel *p, const Panel *q)
{
    return (p->a > q->a) - (p->a < q->a);
}

/* Shell's; qsort may not be jumped over, and this is no inner loop. */
static void sort_panels(Panels *v)
{
    for (int gap = v->count / 2; gap > 0; gap /= 2)
        for (int i = gap; i < v->count; i++) {
            Panel p = v->at[i];
            int k = i;
            for (; k >= gap && by_place(&p, &v->at[k - gap]) < 0; k -= gap)
                v->at[k] = v->at[k - gap];
            v->at[k] = p;
        }
}

/*
 * Each panel on the way to 0 is half as wide as the one before: where they
 * still matter after SMALLEST of them, the integral diverges or as good as.
 */
static bool grows_towards(const Panels *v, double b)
{
    for (int i = 0; i < v->count; i++)
        if (v->at[i].a == b)
            return fabs(v->at[i].value) - v->at[i].error > 0.01 * v->size;
    return false;
}

/* Long formulas get fewer, so that no integral takes more than a second. */
static int most_panels(const Integrand *f)
{
    size_t steps = f->jets ? jets_count(f->jets) : 1, most = 300000 / steps;
    return most > PANELS ? PANELS : most < 200 ? 200 : (int)most;
}

/* Halves until the bounds are close; false if some place has none. */
static bool refine(Panels *v, double last, Quadrature *y)
{
    const int most = most_panels(v->f);
    while (v->count < most) {
        POLL();
        const Panel *worst = &v->at[0];
        if (v->count == 0)
            break;
        if (v->undefined)
            return false;
        double goal = fmax(RELATIVE * v->size, 2 * v->noise);
        if (v->unbounded == 0 && v->error <= goal + 1e-290)
            break;
        if (badness(worst) == 0)
            break;
        double width = worst->b - worst->a;
        double c = worst->a + width / 2;
        if (isinf(worst->error) && worst->a == 0 &&
            width <= ldexp(last, -SMALLEST)) {
            v->rest = pop(v);
            v->open = true;
            if (grows_towards(v, v->rest.b))
                return false;
            continue;
        }
        bool narrow = c <= worst->a || c >= worst->b;
        if (isinf(worst->error) && (narrow || width <= 1e-15 * worst->b)) {
            y->doubt = c;
            return false;
        }
        Panel p = pop(v);
        if (narrow) {
            p.noise = p.error;
            push(v, p);
        } else
            divide(v, p.a, p.b);
    }
    sort_panels(v);
    for (int i = 0; i < v->count; i++)
        if (isinf(v->at[i].error)) {
            y->doubt = v->at[i].a;
            return false;
        }
    return true;
}

static void add_panels(Quadrature *y, const Panels *v, int from)
{
    double low = 0; /* compensated (Neumaier, ZAMM 54, 1974) */
    for (int i = from; i < v->count; i++) {
        double x = v->at[i].value, s = y->value + x;
        low +=
            fabs(y->value) >= fabs(x) ? (y->value - s) + x : (x - s) + y->value;
        y->value = s;
        y->error += v->at[i].error;
        y->size += fabs(x);
    }
    y->value += low;
}

static void add_end(Quadrature *y, Quadrature part)
{
    y->proven = false;
    y->settled = y->settled && part.settled;
    y->value += part.value;
    y->error += part.error;
    y->size += part.size;
    if (!part.settled)
        y->doubt = part.doubt;
}

void quadrature_judge(Quadrature *y)
{
    if (!isfinite(y->value) || !(y->error <= GOOD * y->size + 1e-280))
        y->settled = false;
}

/* From a to b, and on to infinity if there is a tail. */
static Quadrature with_bounds(const Integrand *f, double a, double b, bool tail)
{
    Arena *arena = arena_local();
    Panels v = {.f = f, .at = ARENA_ARRAY(arena, Panel, PANELS + 2)};
    Quadrature y = {0, 0, 0, true, true, 0};
    double end = b;
    push(&v, measure(f, a, b));
    for (int i = 0; tail && i < DOUBLINGS; i++, end *= 2)
        push(&v, measure(f, end, 2 * end));
    if (!refine(&v, b, &y)) {
        y.settled = y.proven = false;
        arena_free(arena);
        return y;
    }
    /* Where the digits run out on the way to 0, the rule takes over. */
    int from = 0;
    double sure = 0;
    for (int i = 0; i < v.count; i++)
        sure += fmax(0, fabs(v.at[i].value) - v.at[i].error);
    while (v.open && from < v.count && v.at[from].b < b / 4 &&
           v.at[from].error > 1e-15 * sure)
        from++;
    add_panels(&y, &v, from);
    if (v.open)
        add_end(&y, at_end(f, from > 0 ? v.at[from - 1].b : v.rest.b, false));
    if (tail)
        add_end(&y, at_end(f, end, true));
    arena_free(arena);
    return y;
}

/* ---- without bounds ---- */

static const double node[8] = {
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691838259, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0};
static const double kronrod[8] = {
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
static const double gauss[4] = {
    0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
    0.381830050505118944950369775488975, 0.417959183673469387755102040816327};

static Panel sample(const Integrand *f, double a, double b)
{
    double c = a + (b - a) / 2, h = (b - a) / 2, size = 0;
    double fine = 0, coarse = 0;
    for (int i = 0; i < 8; i++) {
        double y = f->f(f->data, c + h * node[i]);
        size += kronrod[i] * fabs(y);
        if (i < 7) {
            double z = f->f(f->data, c - h * node[i]);
            size += kronrod[i] * fabs(z);
            y += z;
        }
        fine += kronrod[i] * y;
        if (i % 2 == 1)
            coarse += gauss[i / 2] * y;
    }
    double error = fabs(fine - coarse) * h, noise = 1e-14 * size * h;
    /* the Kronrod sum is far better than the difference tells */
    double scaled =
        size > 0 ? size * h * pow(200 * error / (size * h), 1.5) : 0;
    if (!isfinite(size))
        error = scaled = INFINITY;
    return (Panel){a, b, fine * h, fmin(error, scaled) + noise, noise};
}

/* The sum over `parts` panels of slowly changing width, refined. */
static Quadrature sampled(const Integrand *f, double a, double b, int parts)
{
    Arena *arena = arena_local();
    Panels v = {.f = f, .at = ARENA_ARRAY(arena, Panel, PANELS + 2)};
    Quadrature y = {0, 0, 0, true, false, 0};
    for (int i = 0; i < parts; i++) {
        double u = (double)i / parts, w = (i + 1.0) / parts;
        double p = i ? a + (b - a) * u * (0.9 + 0.1 * u) : a;
        double q = i < parts - 1 ? a + (b - a) * w * (0.9 + 0.1 * w) : b;
        push(&v, sample(f, p, q));
    }
    while (v.count < PANELS / 4) {
        POLL();
        const Panel *worst = &v.at[0];
        double c = worst->a + (worst->b - worst->a) / 2;
        if (badness(worst) == 0 || v.error <= 1e-14 * v.size || c <= worst->a ||
            c >= worst->b)
            break;
        Panel p = pop(&v);
        push(&v, sample(f, p.a, c));
        push(&v, sample(f, c, p.b));
    }
    y.settled = v.unbounded == 0;
    add_panels(&y, &v, 0);
    quadrature_judge(&y);
    arena_free(arena);
    return y;
}

static Quadrature without_bounds(const Integrand *f, double a, double b)
{
    Quadrature y = sampled(f, a, b, 89), z = sampled(f, a, b, 233);
    z.error = 10 * fmax(z.error, y.error) + 2 * fabs(z.value - y.value);
    z.settled = y.settled && z.settled &&
                fabs(z.value - y.value) <= GOOD * z.size + 1e-280;
    if (z.value == 0 && y.value == 0) /* a peak may not have been hit */
        z.settled = false;
    return z;
}

/* A range that ends with a singularity, or at infinity; twice, divided
 * differently. */
static Quadrature open_range(const Integrand *f, double to)
{
    Quadrature part[2];
    for (int i = 0; i < 2; i++) {
        double w = isinf(to) ? (i ? 2.3 : 1) : to * (i ? 0.37 : 1);
        part[i] = at_end(f, w, false);
        if (isinf(to))
            add_end(&part[i], at_end(f, w, true));
        else if (i)
            add_end(&part[i], without_bounds(f, w, to));
    }
    Quadrature y = part[0], z = part[1];
    double d = fabs(y.value - z.value);
    y.settled = y.settled && z.settled && d <= GOOD * y.size + 1e-280;
    y.error = fmax(y.error, z.error) + 2 * d;
    return y;
}

/* A formula too long to be bounded everywhere is left to samples. */
static bool is_given_up(const Integrand *f, Quadrature y)
{
    quadrature_judge(&y);
    return !y.settled && most_panels(f) < PANELS;
}

static Quadrature by_samples(const Integrand *f, double to)
{
    if (!isinf(to)) {
        Quadrature y = without_bounds(f, 0, to);
        if (y.settled)
            return y;
    }
    return open_range(f, to);
}

Quadrature quadrature_between(const Integrand *f, double a, double b)
{
    if (!f->jets)
        return without_bounds(f, a, b);
    Quadrature y = with_bounds(f, a, b, false);
    return is_given_up(f, y) ? without_bounds(f, a, b) : y;
}

Quadrature quadrature(const Integrand *f, double to)
{
    bool tail = isinf(to);
    if (!f->jets)
        return by_samples(f, to);
    Quadrature y = with_bounds(f, 0, tail ? 1 : to, tail);
    return is_given_up(f, y) ? by_samples(f, to) : y;
}

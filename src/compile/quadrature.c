#include "compile/quadrature.h"

#include <float.h>
#include <math.h>

#include "base/arena.h"
#include "base/error.h"

enum { INTERVALS = 1500, LEVELS = 10 };

#define HALF_PI 1.57079632679489661923
#define RELATIVE 1e-13
#define GOOD 1e-9 /* relative error above which nothing is settled */

typedef struct Interval {
    double a, b, value, error;
} Interval;

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

static Interval measure(QuadratureFunction f, void *data, double a, double b)
{
    double c = a + (b - a) / 2, h = (b - a) / 2, size = 0;
    double fine = 0, coarse = 0;
    for (int i = 0; i < 8; i++) {
        double y = f(data, c + h * node[i]);
        size += kronrod[i] * fabs(y);
        if (i < 7) {
            double z = f(data, c - h * node[i]);
            size += kronrod[i] * fabs(z);
            y += z;
        }
        fine += kronrod[i] * y;
        if (i % 2 == 1)
            coarse += gauss[i / 2] * y;
    }
    double error = fabs(fine - coarse) * h;
    double floor_error = 4 * DBL_EPSILON * size * h;
    /* the Kronrod sum is far better than the difference tells */
    double scaled =
        size > 0 ? size * h * pow(200 * error / (size * h), 1.5) : 0;
    if (scaled < error)
        error = scaled;
    return (Interval){a, b, fine * h, fmax(error, floor_error)};
}

static Quadrature adaptive(QuadratureFunction f, void *data, double a, double b)
{
    Arena *arena = arena_local();
    Interval *v = ARENA_ARRAY(arena, Interval, INTERVALS);
    int n = 0;
    Quadrature y = {0, 0, false};
    v[n++] = measure(f, data, a, b);
    for (;;) {
        POLL();
        int worst = 0;
        y.value = y.error = 0;
        for (int i = 0; i < n; i++) {
            y.value += v[i].value;
            y.error += v[i].error;
            if (!(v[i].error <= v[worst].error))
                worst = i;
        }
        double scale = 0;
        for (int i = 0; i < n; i++)
            scale += fabs(v[i].value);
        y.settled = isfinite(y.value) && y.error <= GOOD * scale + DBL_MIN;
        double c = v[worst].a + (v[worst].b - v[worst].a) / 2;
        if ((n >= 2 && y.error <= RELATIVE * scale) || n == INTERVALS ||
            !isfinite(y.value) || c == v[worst].a || c == v[worst].b)
            break;
        v[n++] = measure(f, data, c, v[worst].b);
        v[worst] = measure(f, data, v[worst].a, c);
    }
    arena_free(arena);
    return y;
}

/* The substitution of the double exponential rule: x from an end or, for
 * infinite ranges, itself; and dx/dt. */
static double place(double a, double b, double t, double *weight)
{
    double s = HALF_PI * sinh(t), ds = HALF_PI * cosh(t);
    if (isinf(a) && isinf(b)) {
        *weight = ds * cosh(s);
        return sinh(s);
    }
    if (isinf(b) || isinf(a)) {
        double e = exp(s);
        *weight = ds * e;
        return isinf(b) ? a + e : b - e;
    }
    double c = cosh(s);
    *weight = (b - a) / 2 * ds / (c * c);
    /* from the nearer end, so that its digits stay */
    double gap = (b - a) / (1 + exp(2 * fabs(s)));
    return t < 0 ? a + gap : b - gap;
}

static Quadrature double_exponential(QuadratureFunction f, void *data, double a,
                                     double b)
{
    Quadrature y = {0, INFINITY, false};
    double sum = 0, last = NAN, before = INFINITY, size = 0;
    for (int level = 0; level < LEVELS; level++) {
        double h = ldexp(1, -level), edge = 0;
        size = level ? size : 0;
        for (int side = -1; side <= 1; side += 2)
            for (int i = level ? 1 : side > 0;; i += level ? 2 : 1) {
                double t = side * i * h, w, x;
                POLL();
                if (fabs(t) > 6.5)
                    break;
                x = place(a, b, t, &w);
                if (x <= a || x >= b || !isfinite(x) || !isfinite(w))
                    break;
                double term = f(data, x) * w;
                if (!isfinite(term))
                    return y;
                sum += term;
                size += fabs(term);
                edge = fabs(term);
                if (i * h > 3 && fabs(term) < 1e-18 * size)
                    break;
            }
        double value = sum * h, change = fabs(value - last);
        (void)edge;
        if (level >= 3 && change <= 1e-12 * size * h) {
            y = (Quadrature){value, change + 4 * DBL_EPSILON * size * h, true};
            return y;
        }
        if (level == LEVELS - 1) {
            y = (Quadrature){value, change,
                             change <= GOOD * size * h && change <= before};
            return y;
        }
        before = change;
        last = value;
    }
    return y;
}

Quadrature quadrature(QuadratureFunction f, void *data, double a, double b)
{
    if (isinf(a) || isinf(b))
        return double_exponential(f, data, a, b);
    Quadrature y = adaptive(f, data, a, b);
    if (y.settled && y.error <= 1e-11 * fabs(y.value))
        return y;
    Quadrature z = double_exponential(f, data, a, b);
    return z.settled && (!y.settled || z.error < y.error) ? z : y;
}

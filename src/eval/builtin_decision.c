/*
 * builtin_decision.c - what a classifier says in each place of a plane
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/classes.h"
#include "eval/fit.h"
#include "value/matrix.h"

enum { DECISION_WIDE = 150, DECISION_HIGH = 90 };

typedef struct Map {
    Plotting p;
    Classes classes;
    Grid grid;
    Value said; /* a label for each place */
} Map;

/* Beyond the points at all sides, as far as the limits of the axes say. */
static void find_ends(const Axis *axis, size_t n, const double *x, double *low,
                      double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) {
            *low = fmin(*low, x[i]);
            *high = fmax(*high, x[i]);
        }
    if (*low > *high)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "there is nothing finite to draw");
    double more = *high > *low ? 0.1 * (*high - *low) : 1;
    *low = isnan(axis->low) ? *low - more : axis->low;
    *high = isnan(axis->high) ? *high + more : axis->high;
}

static void set_grid(Map *m, size_t n, const double *x)
{
    Grid *g = &m->grid;
    g->nx = DECISION_WIDE;
    g->ny = DECISION_HIGH;
    find_ends(&m->p.f->x, n, x, &g->x0, &g->x1);
    find_ends(&m->p.f->y, n, x + n, &g->y0, &g->y1);
}

/* The predictions for all places, as labels. */
static void ask(Map *m, Value model)
{
    const Grid *g = &m->grid;
    size_t n = (size_t)g->nx * (size_t)g->ny;
    Value f = model, places = array_new_unset((int)n, 2);
    double *x = places.array->f;
    for (size_t i = 0; i < n; i++) {
        x[i] =
            g->x0 + (g->x1 - g->x0) * (double)(i % (size_t)g->nx) / (g->nx - 1);
        x[n + i] =
            g->y0 + (g->y1 - g->y0) * (double)(i / (size_t)g->nx) / (g->ny - 1);
    }
    if (model.function->class == &class_fit &&
        !fit_member(m->p.in, model.function, name_of("predict"), &f))
        error_raise(SPAN_NONE, ERR_MEMBER, "this model has no predict line");
    m->said = call_values(m->p.in, f, 1, &places);
    if (classes_rows(m->said) != n)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the model gives %zu labels for %zu rows",
                    classes_rows(m->said), n);
}

static void add_map(Map *m)
{
    Figure *f = m->p.f;
    size_t n = (size_t)m->grid.nx * (size_t)m->grid.ny;
    double *z = figure_numbers(f, n);
    for (size_t i = 0; i < n; i++) {
        int class = classes_of_row(&m->classes, m->said, i);
        z[i] = class < 0 ? (double)NAN : class + 1;
    }
    m->grid.z = z;
    figure_add_grid(f, LAYER_CLASSES, &m->grid);
}

Value builtin_decision(Interp *in, const Args *a)
{
    Map m = {.said = VALUE_NONE};
    size_t n;
    Value model = a->at[0], X = a->at[1];
    plotting_begin(&m.p, in, a, "decision");
    m.classes.f = m.p.f;
    if (model.kind != VAL_FUNCTION || picture_figure(model))
        error_raise(SPAN_NONE, ERR_TYPE,
                    "decision takes a fitted classifier, or a function that "
                    "gives labels for the rows of a matrix, not %s",
                    value_kind_phrase(model));
    if (X.kind != VAL_ARRAY || X.array->cols != 2)
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL,
                         "fit the model to two columns: X[:, [1, 2]]",
                         "a decision map is drawn over two columns, and these "
                         "rows have %d",
                         value_shape(X).cols);
    const double *x = picture_numbers(m.p.f, X, &n, "the rows");
    n /= 2;
    set_grid(&m, n, x);
    ask(&m, model);
    classes_add(&m.classes, m.said);
    if (a->count > 2)
        classes_add(&m.classes, a->at[2]);
    add_map(&m);
    if (a->count > 2)
        classes_points(&m.classes, n, x, x + n, a->at[2]);
    return picture_give(in, a, m.p.f);
}

/*
 * builtin_plot.c - plot, scatter, hist: pictures over two axes
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/classes.h"
#include "eval/fit.h"
#include "eval/picture_fit.h"
#include "eval/plotting.h"
#include "value/datatable.h"
#include "value/matrix.h"
#include "value/shape.h"

/* ---- data ---- */

static double *count_up(Figure *f, size_t n)
{
    double *x = figure_numbers(f, n);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)(i + 1);
    return x;
}

/* The columns of y, against x or, if that is NONE, against 1, 2, ... */
static void add_series(Plotting *p, Value x, Value y, int at_x, int at_y)
{
    Figure *f = p->f;
    size_t n, m, rows;
    const double *v = picture_numbers(f, y, &n, "the heights of a plot");
    int cols = y.kind == VAL_ARRAY ? y.array->cols : 1;
    rows = cols > 0 ? n / (size_t)cols : 0;
    if (cols > 1 && rows == 1) { /* a row is one series too */
        rows = n;
        cols = 1;
    }
    const double *u = count_up(f, rows);
    if (x.kind != VAL_NONE) {
        u = picture_numbers(f, x, &m, "the places of a plot");
        if (m != rows)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "%zu places and %zu heights: a plot needs as many of "
                        "one as of the other",
                        m, rows);
    }
    const char *name = picture_argument(p->args, f, at_y);
    for (int k = 0; k < cols; k++) {
        Layer *l = figure_add(f, p->points ? LAYER_POINTS : LAYER_LINE, rows, u,
                              v + rows * (size_t)k);
        l->label = cols == 1 ? name
                   : name && !strpbrk(name, " [(,;")
                       ? arena_printf(f->arena, "%s[:,%d]", name, k + 1)
                       : arena_printf(f->arena, "column %d", k + 1);
    }
    if (x.kind != VAL_NONE && !f->x.label)
        f->x.label = picture_argument(p->args, f, at_x);
}

static bool is_data(Value v)
{
    return v.kind == VAL_ARRAY || value_is_numeric(v);
}

/* ---- what is to be drawn, in the order of the arguments ---- */

_Noreturn static void refuse(const Plotting *p, Value v)
{
    error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                     "plot(x, y)  plot(f, a, b)  plot(x^2, x, -1, 1)",
                     "%s does not draw %s", p->name, value_kind_phrase(v));
}

/* A column of formulas is a curve each. */
static void add_formula(Plotting *p, int i, Value v)
{
    Graph *g = p->in->graph;
    Node e = (v.kind == VAL_SEVERAL ? v.list->at[0] : v).expr->node;
    Shape s = node_shape(g, e);
    if (node_is_scalar(g, e)) {
        plotting_curve(p, v, i);
        return;
    }
    if (s.rows < 0 || s.cols != 1)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "a curve is a number at each place, "
                    "and this formula is an array");
    for (int k = 1; k <= s.rows; k++) {
        Node entry = node_index(g, e, node_int(g, k), node_int(g, 1));
        Value part = value_expr(entry);
        if (v.kind == VAL_SEVERAL) {
            part = list_new(2);
            part.list->head.kind = VAL_SEVERAL;
            list_push(part, value_expr(entry));
            list_push(part, v.list->at[1]);
            part = value_object(part.list);
        }
        plotting_curve(p, part, i);
    }
}

static void add_value(Plotting *p, int i, Value v)
{
    const Figure *joined = picture_figure(v);
    if (joined && joined->nframes > 0)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "an animation is not joined to others");
    if (joined) {
        figure_join(p->f, joined);
    } else if (v.kind == VAL_EXPR || v.kind == VAL_SEVERAL) {
        add_formula(p, i, v);
    } else if (can_sample(v)) {
        plotting_curve(p, v, i);
    } else {
        refuse(p, v);
    }
}

/* Argument i, and the next one where that belongs to it; the next to see. */
static int add_argument(Plotting *p, int i, int count)
{
    Value v = p->args->at[i];
    double x;
    if (v.kind == VAL_LIST) {
        for (size_t k = 0; k < v.list->count; k++) {
            Value part = v.list->at[k];
            if (is_data(part))
                add_series(p, VALUE_NONE, part, -1, -1);
            else
                add_value(p, i, part);
        }
        return i + 1;
    }
    if (is_data(v) && i + 1 < count && is_data(p->args->at[i + 1])) {
        add_series(p, v, p->args->at[i + 1], i, i + 1);
        return i + 2;
    }
    if (v.kind == VAL_ARRAY)
        add_series(p, VALUE_NONE, v, -1, i);
    else if (is_constant_number(p->in, v, &x))
        plotting_curve(p, value_expr(node_float(p->in->graph, x)), i);
    else
        add_value(p, i, v);
    return i + 1;
}

/* The data of one series are named at the axes. */
static void label_axes(Figure *f)
{
    size_t series = 0;
    for (size_t i = 0; i < f->count; i++)
        series += f->layer[i].label != NULL;
    Layer *l = f->count > 0 ? &f->layer[0] : NULL;
    bool data = l && (l->kind == LAYER_POINTS || isnan(l->low));
    if (series == 1 && f->count == 1 && data && l->label && !f->y.label) {
        f->y.label = l->label;
        l->label = NULL;
    }
}

Value builtin_plot(Interp *in, const Args *a)
{
    if (a->at[0].kind == VAL_FUNCTION &&
        a->at[0].function->class == &class_fit &&
        (a->count == 1 || (a->count == 2 && a->at[1].kind == VAL_STRING)))
        return picture_of_fit(in, a);
    Plotting p;
    plotting_begin(&p, in, a, "plot");
    const Value *style = args_named(a, "points");
    p.points = style && option_bool(a, "points", false);
    int count = plotting_range(&p);
    for (int i = 0; i < count;)
        i = add_argument(&p, i, count);
    plotting_curves(&p);
    label_axes(p.f);
    return picture_give(in, a, p.f);
}

/* ---- scatter ---- */

/* One column of a matrix of two. */
static void split_matrix(Plotting *p, Value m, const double **x,
                         const double **y, size_t *n)
{
    if (m.kind != VAL_ARRAY || m.array->cols != 2)
        error_raise_help(
            SPAN_NONE, ERR_SHAPE, NULL, "scatter(X[:,1], X[:,2], labels)",
            "the points of a scatter plot are two columns x, y or a matrix "
            "[n,2]");
    const double *all = picture_numbers(p->f, m, n, "points");
    *n /= 2;
    *x = all;
    *y = all + *n;
}

static const Value *line_option(const Args *a)
{
    const Value *v = args_named(a, "line");
    if (v && !can_sample(*v) && v->kind != VAL_LIST)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "scatter(x, y; line = m), of a fit m or a function",
                         "line is a fit, a function or a formula, not %s",
                         value_kind_phrase(*v));
    return v;
}

/* Is this a second column of numbers, and no column of classes? */
static bool is_heights(const Args *a)
{
    return a->count > 1 && value_is_numeric(a->at[1]) &&
           !(a->at[0].kind == VAL_ARRAY && a->at[0].array->cols == 2);
}

Value builtin_scatter(Interp *in, const Args *a)
{
    Plotting p;
    size_t n, m;
    const double *x, *y;
    plotting_begin(&p, in, a, "scatter");
    const Value *line = line_option(a);
    int labels = 1;
    if (is_heights(a)) {
        x = picture_numbers(p.f, a->at[0], &n, "points");
        y = picture_numbers(p.f, a->at[1], &m, "points");
        if (n != m)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "the columns of a scatter plot have %zu and %zu "
                        "entries",
                        n, m);
        labels = 2;
        if (!p.f->x.label)
            p.f->x.label = picture_argument(a, p.f, 0);
        if (!p.f->y.label)
            p.f->y.label = picture_argument(a, p.f, 1);
    } else {
        split_matrix(&p, a->at[0], &x, &y, &n);
    }
    if (a->count > labels + 1)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "scatter(x, y, labels) or scatter(X, labels)");
    Classes c = {.f = p.f};
    if (a->count > labels) {
        classes_add(&c, a->at[labels]);
        classes_points(&c, n, x, y, a->at[labels]);
    } else {
        figure_add(p.f, LAYER_POINTS, n, x, y);
    }
    for (size_t i = 0;
         line && i < (line->kind == VAL_LIST ? line->list->count : 1); i++)
        plotting_curve(&p, line->kind == VAL_LIST ? line->list->at[i] : *line,
                       -1);
    plotting_curves(&p);
    return picture_give(in, a, p.f);
}

/* ---- hist ---- */

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * Round edges, about as far apart as 2*IQR/n^(1/3) (Freedman & Diaconis, Z.
 * Wahrsch. verw. Gebiete 57, 1981), or as many as were asked for.
 */
static double bar_width(const double *sorted, size_t n, int64_t bins)
{
    double range = sorted[n - 1] - sorted[0];
    double middle = sorted[n - 1 - n / 4] - sorted[n / 4];
    if (bins > 0)
        return range > 0 ? range / (double)bins : 1;
    double width = 2 * middle / cbrt((double)n);
    if (!(width > 0) || range / width > 100)
        width = range / fmin(fmax(log2((double)n) + 1, 1), 100);
    if (!(width > 0))
        return 1;
    double power = pow(10, floor(log10(width))), part = width / power;
    return (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10) * power;
}

static void add_hist(Plotting *p, const double *sorted, size_t n, int64_t bins)
{
    double width = bar_width(sorted, n, bins);
    bool asked = bins > 0;
    double first = sorted[0] == sorted[n - 1]
                       ? sorted[0] - width * (double)(asked ? bins : 1) / 2
                   : asked ? sorted[0]
                           : floor(sorted[0] / width) * width;
    if (!asked)
        bins = (int64_t)floor((sorted[n - 1] - first) / width + 1e-9) + 1;
    if (!asked && bins > 1 &&
        first + (double)(bins - 1) * width >= sorted[n - 1])
        bins--; /* the last one holds its upper end */
    size_t count = (size_t)bins;
    double *edge = figure_numbers(p->f, count + 1);
    double *height = figure_numbers(p->f, count);
    for (size_t k = 0; k <= count; k++)
        edge[k] = first + (double)k * width;
    for (size_t i = 0; i < n; i++) {
        double k = floor((sorted[i] - first) / width + 1e-12);
        height[(size_t)fmin(fmax(k, 0), (double)(count - 1))]++;
    }
    if (option_bool(p->args, "density", false))
        for (size_t k = 0; k < count; k++)
            height[k] /= (double)n * width;
    figure_add(p->f, LAYER_BARS, count, edge, height);
}

Value builtin_hist(Interp *in, const Args *a)
{
    Plotting p;
    size_t n, m = 0;
    plotting_begin(&p, in, a, "hist");
    const double *x = picture_numbers(p.f, a->at[0], &n, "what hist counts");
    double *sorted = figure_numbers(p.f, n);
    const Value *option = args_named(a, "bins"), *line = line_option(a);
    int64_t bins = 0;
    if (option && (!value_is_number(*option) || !value_to_int(*option, &bins) ||
                   bins < 1 || bins > 10000))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "bins is a number of bars, from 1 to 10000");
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            sorted[m++] = x[i];
    if (m == 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    n == 0 ? "there is nothing to draw"
                           : "there is nothing finite to draw");
    qsort(sorted, m, sizeof *sorted, compare_numbers);
    add_hist(&p, sorted, m, bins);
    if (!p.f->x.label)
        p.f->x.label = picture_argument(a, p.f, 0);
    if (line)
        plotting_curve(&p, *line, -1);
    plotting_curves(&p);
    return picture_give(in, a, p.f);
}

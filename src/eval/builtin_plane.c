/*
 * builtin_plane.c - contour, surface, field, heatmap: functions of two numbers
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/derive.h"
#include "eval/plotting.h"
#include "graph/diff.h"
#include "value/matrix.h"

enum {
    CONTOUR_SIDE = 121,
    SURFACE_SIDE = 37,
    FIELD_WIDE = 15,
    FIELD_HIGH = 9,
    MOST_LEVELS = 100
};

/* A rectangle with points to be looked at. */
typedef struct Plane {
    Plotting p;
    double x0, x1, y0, y1;
    int nx, ny;
} Plane;

/* ---- paths ---- */

typedef struct Path {
    size_t n;
    const double *x, *y;
} Path;

/* A matrix [n,2], a row a point; what descend gives holds one. */
static Path read_path(Figure *f, Value v)
{
    Path path;
    Value *part = v.kind == VAL_RECORD ? record_find(v, name_of("path")) : NULL;
    if (part)
        v = *part;
    if (v.kind != VAL_ARRAY || v.array->cols != 2)
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL,
                         "path = [x1, y1; x2, y2; x3, y3]",
                         "a path is a matrix of two columns, a row a point");
    path.x = picture_numbers(f, v, &path.n, "points of a path");
    path.n /= 2;
    path.y = path.x + path.n;
    return path;
}

static size_t count_paths(const Value *option)
{
    if (!option)
        return 0;
    return option->kind == VAL_LIST ? option->list->count : 1;
}

static Path path_at(Figure *f, const Value *option, size_t i)
{
    return read_path(f,
                     option->kind == VAL_LIST ? option->list->at[i] : *option);
}

/* A range that shows all of the paths, and something around them. */
static void range_of_paths(Plane *q, const Value *option)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t k = 0; k < count_paths(option); k++) {
        Path path = path_at(q->p.f, option, k);
        for (size_t i = 0; i < path.n; i++) {
            double at[] = {path.x[i], path.y[i]};
            for (int d = 0; d < 2; d++)
                if (isfinite(at[d])) {
                    low[d] = fmin(low[d], at[d]);
                    high[d] = fmax(high[d], at[d]);
                }
        }
    }
    if (low[0] > high[0])
        return;
    for (int d = 0; d < 2; d++) {
        double more =
            fmax(0.3 * (high[d] - low[d]), 0.15 * (high[1 - d] - low[1 - d]));
        more = more > 0 ? more : fmax(fabs(low[d]), 1);
        low[d] -= more;
        high[d] += more;
    }
    q->x0 = low[0];
    q->x1 = high[0];
    q->y0 = low[1];
    q->y1 = high[1];
}

static void add_paths(Plane *q, const Value *option)
{
    size_t n = count_paths(option);
    q->p.f->series += q->p.f->series == 0; /* not the colour of low levels */
    for (size_t k = 0; k < n; k++) {
        Path path = path_at(q->p.f, option, k);
        Layer *l = figure_add(q->p.f, LAYER_PATH, path.n, path.x, path.y);
        l->label =
            n > 1 ? arena_printf(q->p.f->arena, "path %zu", k + 1) : "path";
    }
}

/* ---- the plane ---- */

static void read_range(Plane *q)
{
    const Args *a = q->p.args;
    const Figure *f = q->p.f;
    q->x0 = q->y0 = -5;
    q->x1 = q->y1 = 5;
    if (a->count == 2 || a->count == 4 || a->count > 5)
        error_raise_help(
            SPAN_NONE, ERR_ARGUMENT, NULL,
            arena_printf(error_arena(), "%s(f, -2, 2, -1, 1)", q->p.name),
            "a range has two ends");
    if (a->count == 1)
        range_of_paths(q, args_named(a, "path"));
    if (a->count >= 3) {
        q->x0 = q->y0 = picture_end(q->p.in, a, 1);
        q->x1 = q->y1 = picture_end(q->p.in, a, 2);
    }
    if (a->count == 5) {
        q->y0 = picture_end(q->p.in, a, 3);
        q->y1 = picture_end(q->p.in, a, 4);
    }
    if (a->count == 1 && !isnan(f->x.low)) {
        q->x0 = f->x.low;
        q->x1 = f->x.high;
    }
    if (a->count == 1 && !isnan(f->y.low)) {
        q->y0 = f->y.low;
        q->y1 = f->y.high;
    }
    if (!(q->x0 < q->x1) || !(q->y0 < q->y1))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a range goes from the smaller to the larger number");
    if (f->x.log || f->y.log)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "%s has no logarithmic axes: draw f(exp(u), exp(v))",
                    q->p.name);
}

static void plane_begin(Plane *q, Interp *in, const Args *a, const char *name,
                        int nx, int ny)
{
    memset(q, 0, sizeof *q);
    plotting_begin(&q->p, in, a, name);
    q->nx = nx;
    q->ny = ny;
}

static double across(const Plane *q, int i)
{
    return q->x0 + (q->x1 - q->x0) * i / (q->nx - 1);
}

static double upwards(const Plane *q, int j)
{
    return q->y0 + (q->y1 - q->y0) * j / (q->ny - 1);
}

/* Samples at all points; the axes are named as the variables. */
static double *sample_plane(Plane *q, Value v, int nout)
{
    Figure *f = q->p.f;
    size_t n = (size_t)q->nx * (size_t)q->ny;
    double *x = figure_numbers(f, n), *y = figure_numbers(f, n);
    double *z = figure_numbers(f, n * (size_t)nout);
    for (size_t i = 0; i < n; i++) {
        x[i] = across(q, (int)(i % (size_t)q->nx));
        y[i] = upwards(q, (int)(i / (size_t)q->nx));
    }
    Sampler s;
    sampler_begin(&s, q->p.in, v, 2, nout);
    sampler_run(&s, n, x, y, z);
    if (!f->x.label && s.variable[0])
        f->x.label = figure_text_copy(f, s.variable[0]);
    if (!f->y.label && s.variable[1])
        f->y.label = figure_text_copy(f, s.variable[1]);
    sampler_end(&s);
    return z;
}

/* A matrix as a grid: columns to the right, rows upwards. */
static Grid grid_of_matrix(Plane *q, Value v)
{
    Figure *f = q->p.f;
    size_t n;
    const Array *m = v.array;
    const double *a = picture_numbers(f, v, &n, "what is drawn");
    double *z = figure_numbers(f, n);
    for (int j = 0; j < m->cols; j++)
        for (int i = 0; i < m->rows; i++)
            z[j + i * m->cols] = a[i + j * m->rows];
    return (Grid){.nx = m->cols,
                  .ny = m->rows,
                  .x0 = 1,
                  .x1 = m->cols,
                  .y0 = 1,
                  .y1 = m->rows,
                  .z = z};
}

static Grid read_grid(Plane *q)
{
    Value v = q->p.args->at[0];
    double x;
    if (v.kind == VAL_ARRAY && q->p.args->count == 1 && v.array->rows > 1 &&
        v.array->cols > 1)
        return grid_of_matrix(q, v);
    if (!can_sample(v) && !is_constant_number(q->p.in, v, &x))
        error_raise_help(
            SPAN_NONE, ERR_TYPE, NULL,
            arena_printf(error_arena(), "%s(x^2 + y^2, -1, 1)", q->p.name),
            "%s draws a function or formula of two variables, or "
            "a matrix, not %s",
            q->p.name, value_kind_phrase(v));
    read_range(q);
    return (Grid){.nx = q->nx,
                  .ny = q->ny,
                  .x0 = q->x0,
                  .x1 = q->x1,
                  .y0 = q->y0,
                  .y1 = q->y1,
                  .z = sample_plane(q, v, 1)};
}

static void set_title(Plane *q, Value v)
{
    if (!q->p.f->title && v.kind != VAL_ARRAY)
        q->p.f->title = picture_label(q->p.in, q->p.f, v, NULL);
}

/* ---- contour ---- */

static void read_levels(Figure *f, const Args *a, Layer *l)
{
    const Value *levels = args_named(a, "levels");
    const Value *count = args_named(a, "count");
    int64_t most = 9;
    if (levels) {
        size_t n;
        l->level = picture_numbers(f, *levels, &n, "levels");
        if (n > MOST_LEVELS)
            error_raise(SPAN_NONE, ERR_LIMIT, "more than %d levels",
                        MOST_LEVELS);
        l->nlevels = (int)n;
        return;
    }
    if (count && (!value_is_number(*count) || !value_to_int(*count, &most) ||
                  most < 1 || most > MOST_LEVELS))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "count is the number of levels, from 1 to %d", MOST_LEVELS);
    l->nlevels = contour_levels(f->arena, &l->grid, (int)most, &l->level);
}

Value builtin_contour(Interp *in, const Args *a)
{
    Plane q;
    plane_begin(&q, in, a, "contour", CONTOUR_SIDE, CONTOUR_SIDE);
    Grid g = read_grid(&q);
    Layer *l = figure_add_grid(q.p.f, LAYER_CONTOUR, &g);
    read_levels(q.p.f, a, l);
    add_paths(&q, args_named(a, "path"));
    set_title(&q, a->at[0]);
    return picture_give(in, a, q.p.f);
}

Value builtin_surface(Interp *in, const Args *a)
{
    Plane q;
    plane_begin(&q, in, a, "surface", SURFACE_SIDE, SURFACE_SIDE);
    Grid g = read_grid(&q);
    figure_add_grid(q.p.f, LAYER_SURFACE, &g);
    set_title(&q, a->at[0]);
    return picture_give(in, a, q.p.f);
}

/* ---- heatmap ---- */

static void name_sides(Figure *f, const Value *names, const Grid *g)
{
    if (!names)
        return;
    size_t n = names->kind == VAL_LIST ? names->list->count : 0;
    const char **text = ARENA_ARRAY(f->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        Value v = names->list->at[i];
        Str s = str_in(f->arena);
        if (v.kind == VAL_STRING)
            str_add(&s, v.string->text);
        else
            value_format_inline(&FORMAT_DEFAULT, v, &s);
        text[i] = str_text(&s);
    }
    if (n == 0 || ((int)n != g->nx && (int)n != g->ny))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "names is a list with a name for each column or row");
    if ((int)n == g->nx) {
        f->x.name = text;
        f->x.nnames = (int)n;
    }
    if ((int)n == g->ny) {
        f->y.name = text;
        f->y.nnames = (int)n;
    }
}

Value builtin_heatmap(Interp *in, const Args *a)
{
    Plane q;
    Value v = a->at[0];
    if (v.kind != VAL_ARRAY) {
        plane_begin(&q, in, a, "heatmap", CONTOUR_SIDE, CONTOUR_SIDE);
        Grid sampled = read_grid(&q);
        figure_add_grid(q.p.f, LAYER_CELLS, &sampled);
        set_title(&q, v);
        return picture_give(in, a, q.p.f);
    }
    plane_begin(&q, in, a, "heatmap", 0, 0);
    Figure *f = q.p.f;
    Grid g = grid_of_matrix(&q, v);
    Layer *l = figure_add_grid(f, LAYER_CELLS, &g);
    l->numbers = g.nx * g.ny <= 225;
    f->x.whole = f->y.whole = f->y.reversed = true; /* as it is printed */
    name_sides(f, args_named(a, "names"), &g);
    return picture_give(in, a, f);
}

/* ---- field ---- */

/* Does the function give two numbers, as grad(f) does, not one? */
static bool gives_two(Plane *q, Value f)
{
    double x = (q->x0 + q->x1) / 2, y = (q->y0 + q->y1) / 2;
    Value at[] = {value_float(x), value_float(y)};
    int n = 2;
    if (f.function->class == &class_derived ||
        f.function->class == &class_closure)
        n = function_nparams(f.function);
    if (n == 1)
        at[0] = array_from(2, 1, (double[]){x, y});
    Value v = call_values(q->p.in, f, n == 1 ? 1 : 2, at);
    return (v.kind == VAL_ARRAY && array_count(v.array) == 2) ||
           (v.kind == VAL_RECORD && v.record->count == 2) ||
           (v.kind == VAL_EXPR &&
            !node_is_scalar(q->p.in->graph, v.expr->node));
}

/* What has values of two numbers: v itself, or its gradient. */
static Value field_of(Plane *q, Value v)
{
    Interp *in = q->p.in;
    Graph *g = in->graph;
    if (v.kind == VAL_FUNCTION)
        return gives_two(q, v) ? v
                               : derive_function(in, DERIVE_GRAD, v, 1, 0, NULL,
                                                 *context_here());
    Node e = node_of_value(in, v.kind == VAL_SEVERAL ? v.list->at[0] : v);
    if (!node_is_scalar(g, e))
        return v;
    Node var[3], part[2];
    int count = sample_variables(in, v, var);
    if (count == 0 || count > 2)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a field is over two variables: field(e, x, -1, 1, y, -1, "
                    "1)");
    diff_reverse(g, e, count, var, part);
    Node gradient = count == 2 ? node_stack(g, 2, part) : part[0];
    Value y = list_new(3);
    y.list->head.kind = VAL_SEVERAL;
    list_push(y, value_expr(gradient));
    for (int i = 0; i < count; i++)
        list_push(y, value_expr(var[i]));
    return value_object(y.list);
}

/*
 * Arrows of the directions of the field.  The longest nearly reaches the next
 * point; of the others those of a steeper slope are longer, but each can be
 * seen.
 */
static void add_arrows(Plane *q, const double *z)
{
    Figure *f = q->p.f;
    size_t n = (size_t)q->nx * (size_t)q->ny;
    double *x = figure_numbers(f, n), *y = figure_numbers(f, n);
    double *u = figure_numbers(f, n), *v = figure_numbers(f, n);
    double wide = across(q, 1) - across(q, 0), most = 0;
    double high = upwards(q, 1) - upwards(q, 0);
    for (size_t i = 0; i < n; i++) {
        x[i] = across(q, (int)(i % (size_t)q->nx));
        y[i] = upwards(q, (int)(i / (size_t)q->nx));
        double size = hypot(z[2 * i] / wide, z[2 * i + 1] / high);
        if (isfinite(size))
            most = fmax(most, size);
    }
    for (size_t i = 0; i < n; i++) {
        double size = hypot(z[2 * i] / wide, z[2 * i + 1] / high);
        double scale = size > 0 ? (0.3 + 0.6 * size / most) / size : 0;
        u[i] = z[2 * i] * scale;
        v[i] = z[2 * i + 1] * scale;
    }
    Layer *l = figure_add(f, LAYER_ARROWS, n, x, y);
    l->u = u;
    l->v = v;
}

Value builtin_field(Interp *in, const Args *a)
{
    Plane q;
    Value v = a->at[0];
    if (!can_sample(v))
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL, "field(x^2 + y^2, -1, 1)",
                         "field draws the gradient of a function or formula of "
                         "two variables, not %s",
                         value_kind_phrase(v));
    plane_begin(&q, in, a, "field", FIELD_WIDE, FIELD_HIGH);
    read_range(&q);
    add_arrows(&q, sample_plane(&q, field_of(&q, v), 2));
    set_title(&q, v);
    return picture_give(in, a, q.p.f);
}

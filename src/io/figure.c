#include "io/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/vec.h"

static Figure *figure_in(Arena *a)
{
    Figure *f = ARENA_NEW(a, Figure);
    f->arena = a;
    f->ascii = -1;
    f->x.low = f->x.high = f->y.low = f->y.high = NAN;
    return f;
}

Figure *figure_new(void)
{
    return figure_in(arena_local());
}

Figure *figure_add_frame(Figure *f)
{
    if (f->nframes == f->frame_room)
        vec_grow_in(f->arena, (void **)&f->frame, f->nframes, &f->frame_room,
                    sizeof *f->frame);
    return f->frame[f->nframes++] = figure_in(f->arena);
}

static Layer *add_layer(Figure *f)
{
    if (f->count == f->room)
        vec_grow_in(f->arena, (void **)&f->layer, f->count, &f->room,
                    sizeof *f->layer);
    Layer *l = &f->layer[f->count++];
    *l = (Layer){.low = NAN, .high = NAN};
    return l;
}

Layer *figure_add(Figure *f, LayerKind kind, size_t n, const double *x,
                  const double *y)
{
    Layer *l = add_layer(f);
    l->kind = kind;
    l->n = n;
    l->x = x;
    l->y = y;
    l->series = f->series++;
    return l;
}

Layer *figure_add_grid(Figure *f, LayerKind kind, const Grid *g)
{
    Layer *l = add_layer(f);
    l->kind = kind;
    l->grid = *g;
    size_t n = (size_t)g->nx * (size_t)g->ny;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(g->z[i])) {
            low = fmin(low, g->z[i]);
            high = fmax(high, g->z[i]);
        }
    l->grid.low = low;
    l->grid.high = high;
    return l;
}

static const char *const *copy_names(Figure *f, const Axis *a)
{
    const char **name =
        ARENA_ARRAY(f->arena, const char *, (size_t)a->nnames + 1);
    for (int i = 0; i < a->nnames; i++)
        name[i] = figure_text_copy(f, a->name[i]);
    return name;
}

static void join_axis(Figure *f, Axis *a, const Axis *b)
{
    a->log = a->log || b->log;
    a->reversed = a->reversed || b->reversed;
    a->whole = a->whole || b->whole;
    if (!a->label)
        a->label = figure_text_copy(f, b->label);
    if (!a->name && b->name) {
        a->name = copy_names(f, b);
        a->nnames = b->nnames;
    }
    if (isnan(a->low))
        a->low = b->low;
    if (isnan(a->high))
        a->high = b->high;
}

static const double *copy_numbers(Figure *f, const double *x, size_t n)
{
    if (!x)
        return NULL;
    double *y = figure_numbers(f, n);
    return memcpy(y, x, n * sizeof *y);
}

void figure_join(Figure *f, const Figure *g)
{
    for (size_t i = 0; i < g->count; i++) {
        Layer *l = add_layer(f);
        *l = g->layer[i];
        l->series += f->series;
        l->label = figure_text_copy(f, l->label);
        l->x = copy_numbers(f, l->x, l->n + (l->kind == LAYER_BARS));
        l->y = copy_numbers(f, l->y, l->n);
        l->u = copy_numbers(f, l->u, l->n);
        l->v = copy_numbers(f, l->v, l->n);
        l->level = copy_numbers(f, l->level, (size_t)l->nlevels);
        l->grid.z =
            copy_numbers(f, l->grid.z, (size_t)l->grid.nx * (size_t)l->grid.ny);
    }
    f->series += g->series;
    f->ascii = f->ascii < 0 ? g->ascii : f->ascii;
    f->width = f->width ? f->width : g->width;
    f->height = f->height ? f->height : g->height;
    if (!f->title)
        f->title = figure_text_copy(f, g->title);
    join_axis(f, &f->x, &g->x);
    join_axis(f, &f->y, &g->y);
}

const char *figure_text_copy(Figure *f, const char *text)
{
    return text ? arena_copy(f->arena, text, strlen(text)) : NULL;
}

double *figure_numbers(Figure *f, size_t n)
{
    return ARENA_ARRAY(f->arena, double, n + 1);
}

const char *figure_title(const Figure *f)
{
    return f->title || f->count != 1 || f->legend ? f->title
                                                  : f->layer[0].label;
}

bool figure_has_legend(const Figure *f)
{
    bool some = false;
    for (size_t i = 0; i < f->count; i++)
        some = some || f->layer[i].label;
    return some && (f->count != 1 || f->legend);
}

/* ---- ranges ---- */

typedef struct Range {
    double low, high;
    double margin; /* a part of the range beyond both ends */
} Range;

static void take_in(Range *r, const Axis *a, double v)
{
    if (!isfinite(v) || (a->log && v <= 0))
        return;
    if (v < r->low)
        r->low = v;
    if (v > r->high)
        r->high = v;
}

static bool is_inside(const Axis *a, double v)
{
    return isfinite(v) && !(v < a->low) && !(v > a->high) &&
           !(a->log && v <= 0);
}

static void take_grid(const Layer *l, const Axis *a, bool down, Range *r)
{
    const Grid *g = &l->grid;
    double low = down ? g->y0 : g->x0, high = down ? g->y1 : g->x1;
    int n = down ? g->ny : g->nx;
    bool cells = l->kind == LAYER_CELLS || l->kind == LAYER_CLASSES;
    double half = cells && n > 1 ? (high - low) / (n - 1) / 2 : cells ? 0.5 : 0;
    take_in(r, a, low - half);
    take_in(r, a, high + half);
}

static bool has_grid(const Layer *l)
{
    return l->kind == LAYER_CELLS || l->kind == LAYER_CLASSES ||
           l->kind == LAYER_CONTOUR || l->kind == LAYER_SURFACE;
}

static void widen(Range *r, double margin)
{
    r->margin = fmax(r->margin, margin);
}

static void take_x(const Layer *l, const Axis *a, Range *r)
{
    if (has_grid(l)) {
        take_grid(l, a, false, r);
        return;
    }
    size_t n = l->kind == LAYER_BARS ? l->n + 1 : l->n;
    for (size_t i = 0; i < n; i++)
        if (l->kind == LAYER_BARS || isfinite(l->y[i]))
            take_in(r, a, l->x[i]);
    for (size_t i = 0; l->kind == LAYER_ARROWS && i < n; i++)
        take_in(r, a, l->x[i] + l->u[i]);
    if (l->kind == LAYER_POINTS)
        widen(r, 0.03);
}

static void take_y(const Layer *l, const Axis *x, const Axis *a, Range *r)
{
    if (has_grid(l)) {
        take_grid(l, a, true, r);
        return;
    }
    if (!isnan(l->low) && !(a->log && l->low <= 0)) {
        take_in(r, a, l->low);
        take_in(r, a, l->high);
    } else {
        for (size_t i = 0; i < l->n; i++)
            if (l->kind == LAYER_BARS || is_inside(x, l->x[i]))
                take_in(r, a, l->y[i]);
    }
    for (size_t i = 0; l->kind == LAYER_ARROWS && i < l->n; i++)
        take_in(r, a, l->y[i] + l->v[i]);
    if (l->kind == LAYER_BARS)
        take_in(r, a, 0);
    else
        widen(r, 0.04);
}

/* One number, or several that hardly differ, stand in the middle. */
static void spread(Range *r, bool log)
{
    if (log) {
        if (r->high < r->low * (1 + 1e-9)) {
            r->low /= 2;
            r->high *= 2;
        }
        return;
    }
    double size = fmax(fabs(r->low), fabs(r->high));
    if (r->high / 2 - r->low / 2 > 1e-10 * size)
        return;
    double half = size > 0 && size < 1e-300 ? 1e-300
                  : size > 0                ? fmin(size / 10, 1e307)
                                            : 1;
    r->low -= half;
    r->high += half;
}

static bool set_range(Axis *a, Range r, bool from_zero)
{
    bool low = isnan(a->low), high = isnan(a->high);
    if (low && high && r.low > r.high)
        return false;
    if (!low)
        r.low = a->low;
    if (!high)
        r.high = a->high;
    if (r.low > r.high)
        r.low = r.high = low ? r.high : r.low;
    spread(&r, a->log);
    double by = a->log ? log(r.high / r.low) : r.high / 2 - r.low / 2;
    by *= a->log ? r.margin : 2 * r.margin;
    if (low)
        a->low = a->log ? r.low * exp(-by) : fmax(r.low - by, -1.7e308);
    if (high)
        a->high = a->log ? r.high * exp(by) : fmin(r.high + by, 1.7e308);
    if (from_zero && low && r.low == 0)
        a->low = 0;
    return isfinite(a->low) && isfinite(a->high) && a->low < a->high;
}

bool figure_view(const Figure *f, Axis *x, Axis *y)
{
    Range rx = {INFINITY, -INFINITY, 0}, ry = rx;
    bool bars = false, grid = false;
    *x = f->x;
    *y = f->y;
    for (size_t i = 0; i < f->count; i++) {
        take_x(&f->layer[i], x, &rx);
        bars = bars || f->layer[i].kind == LAYER_BARS;
        grid = grid || has_grid(&f->layer[i]);
    }
    if (grid) /* it ends where there are no values */
        rx.margin = 0;
    if (!set_range(x, rx, false))
        return false;
    for (size_t i = 0; i < f->count; i++)
        take_y(&f->layer[i], x, y, &ry);
    if (bars)
        widen(&ry, 0.04);
    if (grid)
        ry.margin = 0;
    return set_range(y, ry, bars);
}

/* The ends of `all` as far as those of `one` reach. */
static void stretch(Axis *all, const Axis *one)
{
    all->low = isnan(all->low) ? one->low : fmin(all->low, one->low);
    all->high = isnan(all->high) ? one->high : fmax(all->high, one->high);
}

void figure_settle_frames(Figure *f)
{
    Axis x, y, all_x = {.low = NAN, .high = NAN}, all_y = all_x;
    for (size_t i = 0; i < f->nframes; i++)
        if (figure_view(f->frame[i], &x, &y)) {
            stretch(&all_x, &x);
            stretch(&all_y, &y);
        }
    for (size_t i = 0; i < f->nframes; i++) {
        Figure *g = f->frame[i];
        g->x.low = all_x.low;
        g->x.high = all_x.high;
        g->y.low = all_y.low;
        g->y.high = all_y.high;
    }
}

double axis_place(const Axis *a, double v)
{
    if (isnan(v) || (a->log && v <= 0))
        return NAN;
    double at = a->log ? log(v / a->low) / log(a->high / a->low)
                       : (v / 2 - a->low / 2) / (a->high / 2 - a->low / 2);
    return a->reversed ? 1 - at : at;
}

/* ---- ticks ---- */

double round_step(double x)
{
    double power = pow(10, floor(log10(x)));
    double part = x / power;
    double digit = part <= 1.0000001 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10;
    return fmin(digit * power, 1e308);
}

/* "2.5e+07" as 2.5e7. */
static void shorten_exponent(char *text)
{
    char *e = strchr(text, 'e');
    if (!e)
        return;
    char *from = e + 1, *to = e + 1;
    if (*from == '-')
        *to++ = *from;
    from++;
    while (*from == '0' && from[1])
        from++;
    memmove(to, from, strlen(from) + 1);
}

/* A multiple of step, with the digits that step needs. */
static void format_tick(char text[TICK_TEXT], double v, double step,
                        double size)
{
    int decimals = (int)-floor(log10(step) + 1e-9);
    if (fabs(v) < step / 2)
        v = 0;
    if (size < 1e6 && decimals <= 5) {
        snprintf(text, TICK_TEXT, "%.*f", decimals > 0 ? decimals : 0, v);
        return;
    }
    if (v == 0) {
        snprintf(text, TICK_TEXT, "0");
        return;
    }
    int digits = (int)floor(log10(fabs(v)) + 1e-9) + decimals;
    snprintf(text, TICK_TEXT, "%.*e", digits > 0 ? digits : 0, v);
    shorten_exponent(text);
}

void tick_text(char text[TICK_TEXT], double x)
{
    snprintf(text, TICK_TEXT, "%.4g", x == 0 ? 0.0 : x);
    shorten_exponent(text);
}

static int ticks_of_step(Ticks *t, const Axis *a, double step, int most)
{
    double size = fmax(fabs(a->low), fabs(a->high));
    double first = ceil(a->low / step - 1e-9);
    double last = floor(a->high / step + 1e-9);
    t->count = 0;
    for (double k = first; k <= last && t->count < most; k++) {
        t->at[t->count] = fabs(k * step) < step / 2 ? 0 : k * step;
        format_tick(t->text[t->count++], k * step, step, size);
    }
    return last - first + 1 > most ? most + 1 : t->count;
}

static void linear_ticks(Ticks *t, const Axis *a, int most)
{
    double range = a->high / 2 - a->low / 2;
    if (most < 3)
        most = 3;
    double step = round_step(range / (most - 1) * 2);
    if (a->whole)
        step = fmax(step, 1);
    for (int i = 0; i < 5 && ticks_of_step(t, a, step, most) > most; i++)
        step = round_step(step * 1.5);
    for (int i = 0; i < 3 && t->count < 2 && !(a->whole && step <= 1); i++) {
        step = round_step(step * 0.4);
        ticks_of_step(t, a, step, 3);
    }
}

static void log_tick(Ticks *t, const Axis *a, double v)
{
    if (v < a->low * (1 - 1e-9) || v > a->high * (1 + 1e-9) ||
        t->count == MOST_TICKS)
        return;
    t->at[t->count] = v;
    tick_text(t->text[t->count++], v);
}

static void log_ticks(Ticks *t, const Axis *a, int most)
{
    double low = log10(a->low), high = log10(a->high);
    if (high - low < 0.6) {
        linear_ticks(t, a, most);
        return;
    }
    t->count = 0;
    int first = (int)floor(low), last = (int)ceil(high);
    int every = most > 1 ? (last - first + most - 1) / most : last - first;
    bool between = (high - low) * 3 < most;
    for (int k = first; k <= last; k++) {
        if (every > 1 && k % every != 0)
            continue;
        log_tick(t, a, pow(10, k));
        if (between) {
            log_tick(t, a, 2 * pow(10, k));
            log_tick(t, a, 5 * pow(10, k));
        }
    }
}

void ticks_find(Ticks *t, const Axis *a, int most)
{
    if (most > MOST_TICKS)
        most = MOST_TICKS;
    t->count = 0;
    if (a->log)
        log_ticks(t, a, most);
    else
        linear_ticks(t, a, most);
    for (int i = 0; a->name && i < t->count; i++) {
        int k = (int)t->at[i];
        bool named = k >= 1 && k <= a->nnames && t->at[i] == k;
        snprintf(t->text[i], TICK_TEXT, "%s", named ? a->name[k - 1] : "");
    }
}

/* ---- grids ---- */

double grid_at(const Grid *g, double x, double y)
{
    double i =
        g->nx > 1 ? (x - g->x0) / (g->x1 - g->x0) * (g->nx - 1) : x - g->x0;
    double j =
        g->ny > 1 ? (y - g->y0) / (g->y1 - g->y0) * (g->ny - 1) : y - g->y0;
    i = floor(i + 0.5);
    j = floor(j + 0.5);
    if (!(i >= 0 && i < g->nx && j >= 0 && j < g->ny))
        return NAN;
    return g->z[(size_t)i + (size_t)j * (size_t)g->nx];
}

/*
 * figure_gnuplot.c - figures as files, through gnuplot
 *
 * gnuplot is run without a shell, and without the settings of the user.  What
 * it reads is written here: numbers, and texts between single quotes, where it
 * expands nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "io/figure.h"
#include "io/file.h"
#include "io/spawn.h"

enum { PIXELS_WIDE = 1600, PIXELS_HIGH = 1000, MANY_POINTS = 20000 };

typedef struct Sheet {
    const Figure *f;
    Arena *arena;
    Axis x, y;
    Str *out;
    int blocks;  /* of data so far */
    Str plot;    /* what will be drawn, parted by commas */
    int small;   /* size of the numbers on contour lines */
    bool vector; /* each point is written down */
} Sheet;

/* ---- texts and numbers ---- */

/*
 * 'it'."\047".'s': what gnuplot gives a meaning somewhere (macros, commands in
 * backquotes, comments, the end of the text) stands as a number.
 */
static void add_quoted(Str *out, const char *text)
{
    str_add_char(out, '\'');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr("'\"@`#\\\n", c))
            str_add_format(out, "'.\"\\%03o\".'", c);
        else
            str_add_char(out, c >= 0x20 && c != 0x7f ? (char)c : ' ');
    }
    str_add_char(out, '\'');
}

static void add_setting(Str *out, const char *name, const char *text)
{
    if (!text) {
        str_add_format(out, "unset %s\n", name);
        return;
    }
    str_add_format(out, "set %s ", name);
    add_quoted(out, text);
    str_add_char(out, '\n');
}

static const char *colour_of(int series)
{
    static const char *const colour[] = {"#0072b2", "#d55e00", "#009e73",
                                         "#cc79a7", "#e69f00", "#56b4e9",
                                         "#8c564b", "#7f7f7f"};
    return colour[(unsigned)series % 8]; /* Okabe & Ito, 2008 */
}

/* Light ones of the same. */
static void pale_of(int class, int rgb[3])
{
    static const int pale[8][3] = {
        {191, 219, 236}, {245, 214, 191}, {191, 231, 220}, {242, 221, 233},
        {249, 231, 191}, {213, 237, 250}, {226, 213, 210}, {223, 223, 223}};
    memcpy(rgb, pale[(unsigned)(class - 1) % 8], 3 * sizeof *rgb);
}

static void begin_block(Sheet *s)
{
    str_add_format(s->out, "$d%d << EOD\n", s->blocks);
}

/* Ends the data and says how they are drawn. */
static void end_block(Sheet *s, const char *how, const char *label)
{
    str_add(s->out, "EOD\n");
    str_add_format(&s->plot, "%s$d%d %s ", s->plot.len ? ", " : "", s->blocks++,
                   how);
    if (label) {
        str_add(&s->plot, "title ");
        add_quoted(&s->plot, label);
    } else {
        str_add(&s->plot, "notitle");
    }
}

/* Far outside of the picture, so that no line to it overflows. */
static double near_axis(const Axis *a, double v)
{
    if (a->log || isnan(v))
        return v > 0 ? v : NAN;
    double range = a->high - a->low;
    return isfinite(range)
               ? fmin(fmax(v, a->low - 100 * range), a->high + 100 * range)
               : v;
}

/* ---- points and lines ---- */

static void add_point(Sheet *s, double x, double y)
{
    if (isnan(x) || isnan(y))
        str_add_char(s->out, '\n');
    else
        str_add_format(s->out, "%.10g %.10g\n", x, y);
}

/* Of many points those that stand on pixels of their own. */
static void add_points(Sheet *s, const Layer *l)
{
    int wide = s->vector ? PIXELS_WIDE / 4 : PIXELS_WIDE;
    int high = s->vector ? PIXELS_HIGH / 4 : PIXELS_HIGH;
    unsigned char *seen =
        l->n > MANY_POINTS
            ? ARENA_ARRAY(s->arena, unsigned char, PIXELS_WIDE *PIXELS_HIGH)
            : NULL;
    for (size_t i = 0; i < l->n; i++) {
        if (i % 4096 == 0)
            POLL();
        double px = axis_place(&s->x, l->x[i]), py = axis_place(&s->y, l->y[i]);
        if (!(px >= 0 && px <= 1 && py >= 0 && py <= 1))
            continue;
        size_t at = (size_t)(px * (wide - 1)) +
                    (size_t)wide * (size_t)(py * (high - 1));
        if (seen && seen[at])
            continue;
        if (seen)
            seen[at] = 1;
        add_point(s, l->x[i], l->y[i]);
    }
}

/* Of many points in one column of pixels the first, lowest, highest, last. */
static void add_column(Sheet *s, const Layer *l, size_t from, size_t to)
{
    size_t low = from, high = from;
    for (size_t i = from; i < to; i++) {
        low = l->y[i] < l->y[low] ? i : low;
        high = l->y[i] > l->y[high] ? i : high;
    }
    size_t keep[] = {from, low < high ? low : high, low < high ? high : low,
                     to - 1};
    for (int k = 0; k < 4; k++)
        if (k == 0 || keep[k] != keep[k - 1])
            add_point(s, l->x[keep[k]], near_axis(&s->y, l->y[keep[k]]));
}

static long pixel_of(const Sheet *s, const Layer *l, size_t i)
{
    double at = axis_place(&s->x, l->x[i]) * PIXELS_WIDE;
    if (isnan(at) || isnan(l->y[i]))
        return -2;
    return at < 0 ? -1 : at > PIXELS_WIDE ? PIXELS_WIDE : (long)at;
}

static void add_line(Sheet *s, const Layer *l)
{
    if (l->n <= MANY_POINTS) {
        for (size_t i = 0; i < l->n; i++)
            add_point(s, near_axis(&s->x, l->x[i]), near_axis(&s->y, l->y[i]));
        return;
    }
    for (size_t i = 0, k; i < l->n; i = k) {
        long at = pixel_of(s, l, i);
        POLL();
        for (k = i + 1; k < l->n && pixel_of(s, l, k) == at; k++)
            continue;
        if (at == -2)
            str_add_char(s->out, '\n');
        else
            add_column(s, l, i, k);
    }
}

static const char *styled(Sheet *s, const char *form, int series)
{
    return arena_printf(s->arena, form, colour_of(series));
}

static void draw_path(Sheet *s, const Layer *l)
{
    begin_block(s);
    add_line(s, l);
    end_block(
        s,
        styled(s, "with linespoints lw 2 pt 7 ps 0.5 lc rgb '%s'", l->series),
        l->label);
    if (l->n == 0)
        return;
    begin_block(s);
    add_point(s, l->x[l->n - 1], l->y[l->n - 1]);
    end_block(s, styled(s, "with points pt 3 ps 2 lw 2 lc rgb '%s'", l->series),
              NULL);
}

static void draw_bars(Sheet *s, const Layer *l)
{
    begin_block(s);
    for (size_t i = 0; i < l->n; i++)
        str_add_format(s->out, "%.10g %.10g %.10g %.10g 0 %.10g\n",
                       (l->x[i] + l->x[i + 1]) / 2, l->y[i], l->x[i],
                       l->x[i + 1], l->y[i]);
    end_block(
        s,
        styled(s, "with boxxyerror lc rgb '%s' fs solid 0.7 border", l->series),
        l->label);
}

static void draw_arrows(Sheet *s, const Layer *l)
{
    begin_block(s);
    for (size_t i = 0; i < l->n; i++)
        if (isfinite(l->u[i] + l->v[i]))
            str_add_format(s->out, "%.10g %.10g %.10g %.10g\n", l->x[i],
                           l->y[i], l->u[i], l->v[i]);
    end_block(s,
              styled(s,
                     "with vectors head filled size screen 0.012,20 lw 1.5 "
                     "lc rgb '%s'",
                     l->series),
              l->label);
}

/* ---- grids ---- */

static void grid_point(const Grid *g, int i, int j, double *x, double *y)
{
    *x = g->nx > 1 ? g->x0 + (g->x1 - g->x0) * i / (g->nx - 1) : g->x0;
    *y = g->ny > 1 ? g->y0 + (g->y1 - g->y0) * j / (g->ny - 1) : g->y0;
}

static void add_cell(Sheet *s, const Layer *l, int i, int j)
{
    const Grid *g = &l->grid;
    double z = g->z[(size_t)i + (size_t)j * (size_t)g->nx], x, y;
    double w = g->nx > 1 ? fabs(g->x1 - g->x0) / (g->nx - 1) / 2 : 0.5;
    double h = g->ny > 1 ? fabs(g->y1 - g->y0) / (g->ny - 1) / 2 : 0.5;
    int rgb[3];
    if (g->nx * g->ny > 900) { /* no seam between small ones */
        w *= 1.1;
        h *= 1.1;
    }
    if (!isfinite(z))
        return;
    grid_point(g, i, j, &x, &y);
    str_add_format(s->out, "%.10g %.10g %.10g %.10g %.10g %.10g ", x, y, x - w,
                   x + w, y - h, y + h);
    if (l->kind == LAYER_CELLS) {
        str_add_format(s->out, "%.10g\n", z);
    } else {
        pale_of((int)z, rgb);
        str_add_format(s->out, "%d\n", rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
    }
}

static void draw_numbers(Sheet *s, const Grid *g)
{
    begin_block(s);
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++) {
            char text[TICK_TEXT];
            double x, y, z = g->z[i + j * g->nx];
            grid_point(g, i, j, &x, &y);
            tick_text(text, z);
            bool light = z < (g->low + g->high) / 2;
            str_add_format(s->out, "%.10g %.10g %s %d\n", x, y, text,
                           light ? 0xffffff : 0);
        }
    end_block(s, "using 1:2:(strcol(3)):4 with labels tc rgb variable", NULL);
}

static void draw_cells(Sheet *s, const Layer *l)
{
    begin_block(s);
    for (int j = 0; j < l->grid.ny; j++) {
        POLL();
        for (int i = 0; i < l->grid.nx; i++)
            add_cell(s, l, i, j);
    }
    end_block(s,
              l->kind == LAYER_CELLS
                  ? "with boxxyerror fs solid noborder lc palette"
                  : "with boxxyerror fs solid noborder lc rgb variable",
              NULL);
    if (l->numbers)
        draw_numbers(s, &l->grid);
}

static void draw_contour(Sheet *s, const Layer *l)
{
    Str labels = str_in(s->arena);
    begin_block(s);
    for (int k = 0; k < l->nlevels; k++) {
        double(*piece)[4];
        char text[TICK_TEXT];
        size_t n = contour_pieces(s->arena, &l->grid, l->level[k], &piece);
        double colour = (k + 0.5) / l->nlevels;
        tick_text(text, l->level[k]);
        for (size_t i = 0; i < n; i++)
            str_add_format(s->out, "%.10g %.10g %g\n%.10g %.10g %g\n\n",
                           piece[i][0], piece[i][1], colour, piece[i][2],
                           piece[i][3], colour);
        if (n > 0)
            str_add_format(&labels, "%.10g %.10g %s\n", piece[n / 3][0],
                           piece[n / 3][1], text);
    }
    end_block(s, "with lines lw 1.5 lc palette", l->label);
    begin_block(s);
    str_add_len(s->out, str_text(&labels), labels.len);
    end_block(s,
              arena_printf(s->arena,
                           "using 1:2:(strcol(3)) with labels font ',%d'",
                           s->small),
              NULL);
}

static void draw_surface(Sheet *s, const Layer *l)
{
    const Grid *g = &l->grid;
    begin_block(s);
    for (int j = 0; j < g->ny; j++) {
        for (int i = 0; i < g->nx; i++) {
            double x, y, z = g->z[(size_t)i + (size_t)j * (size_t)g->nx];
            grid_point(g, i, j, &x, &y);
            if (isfinite(z))
                str_add_format(s->out, "%.10g %.10g %.10g\n", x, y, z);
            else
                str_add_format(s->out, "%.10g %.10g NaN\n", x, y);
        }
        str_add_char(s->out, '\n');
    }
    end_block(s, "with pm3d", l->label);
}

static void draw_layer(Sheet *s, const Layer *l)
{
    switch (l->kind) {
    case LAYER_LINE:
        begin_block(s);
        add_line(s, l);
        end_block(s, styled(s, "with lines lw 2.5 lc rgb '%s'", l->series),
                  l->label);
        break;
    case LAYER_PATH:
        draw_path(s, l);
        break;
    case LAYER_POINTS:
        begin_block(s);
        add_points(s, l);
        end_block(s,
                  styled(s,
                         l->n > 2000 ? "with dots lc rgb '%s'"
                                     : "with points pt 7 ps 0.6 lc rgb '%s'",
                         l->series),
                  l->label);
        break;
    case LAYER_BARS:
        draw_bars(s, l);
        break;
    case LAYER_CELLS:
    case LAYER_CLASSES:
        draw_cells(s, l);
        break;
    case LAYER_ARROWS:
        draw_arrows(s, l);
        break;
    case LAYER_CONTOUR:
        draw_contour(s, l);
        break;
    case LAYER_SURFACE:
        draw_surface(s, l);
        break;
    }
}

/* ---- axes ---- */

static void set_axis(Str *out, const char *name, const Axis *a)
{
    Ticks t;
    ticks_find(&t, a, 9);
    if (a->log)
        str_add_format(out, "set logscale %s\n", name);
    else
        str_add_format(out, "unset logscale %s\n", name);
    str_add_format(out, "set %srange [%.17g:%.17g]\n", name,
                   a->reversed ? a->high : a->low,
                   a->reversed ? a->low : a->high);
    str_add_format(out, "set %stics nomirror (", name);
    for (int i = 0; i < t.count; i++) {
        str_add(out, i ? ", " : "");
        add_quoted(out, t.text[i]);
        str_add_format(out, " %.17g", t.at[i]);
    }
    str_add(out, ")\n");
    add_setting(out, arena_printf(error_arena(), "%slabel", name), a->label);
}

static bool holds(const Figure *f, LayerKind kind)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->layer[i].kind == kind)
            return true;
    return false;
}

static const char palette[] =
    "set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', "
    "0.75 '#5ec962', 1 '#fde725')\n";

static void add_page(const Figure *f, Arena *arena, const char *kind, Str *out)
{
    bool png = !strcmp(kind, "png"), pdf = !strcmp(kind, "pdf");
    Sheet s = {.f = f,
               .arena = arena,
               .out = out,
               .small = png   ? 16
                        : pdf ? 8
                              : 10,
               .vector = pdf || !strcmp(kind, "svg"),
               .plot = str_in(arena)};
    bool surface = holds(f, LAYER_SURFACE), cells = holds(f, LAYER_CELLS);
    if (!figure_view(f, &s.x, &s.y))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "there is nothing finite to draw");
    add_setting(out, "title", figure_title(f));
    set_axis(out, "x", &s.x);
    set_axis(out, "y", &s.y);
    str_add(out, surface ? "set border 31\n" : "set border 3\n");
    str_add(out, cells || surface || holds(f, LAYER_CLASSES)
                     ? "unset grid\n"
                     : "set grid lc rgb '#c8c8c8' lw 0.7 dt solid\n");
    str_add(out, palette);
    str_add(out, holds(f, LAYER_CONTOUR) ? "set cbrange [0:1]\nunset colorbox\n"
                                         : "set autoscale cb\nset colorbox\n");
    str_add(out, figure_has_legend(f) ? "set key outside right top\n"
                                      : "unset key\n");
    str_add(out, surface
                     ? "set pm3d depthorder border lc rgb '#303030' lw 0.3\n"
                       "set xyplane 0\nset view 58,35\nunset colorbox\n"
                     : "");
    for (size_t i = 0; i < f->count; i++)
        draw_layer(&s, &f->layer[i]);
    str_add_format(out, "%s ", surface ? "splot" : "plot");
    str_add_len(out, str_text(&s.plot), s.plot.len);
    str_add_char(out, '\n');
}

static void set_terminal(Str *out, const char *kind, bool moving)
{
    if (!strcmp(kind, "svg"))
        str_add(out, "set terminal svg size 800,500 noenhanced font "
                     "'Helvetica,14' background '#ffffff'\n");
    else if (!strcmp(kind, "png"))
        str_add(out,
                "set terminal pngcairo size 1600,1000 noenhanced font "
                "'Sans,22' linewidth 2 pointscale 2 background '#ffffff'\n");
    else if (!strcmp(kind, "pdf"))
        str_add(out, "set terminal pdfcairo size 16cm,10cm noenhanced font "
                     "'Sans,11'\n");
    else
        str_add_format(out,
                       "set terminal gif size 800,500 noenhanced font "
                       "'Sans,12' %s background '#ffffff'\n",
                       moving ? "animate delay 10 loop 0" : "");
}

/* ---- running ---- */

static char *temporary(Arena *a)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder || strchr(folder, '\n'))
        folder = "/tmp";
    char *path = arena_printf(a, "%s/mlc-XXXXXX", folder);
    int fd = mkstemp(path);
    if (fd < 0)
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot make a file in `%s`",
                    folder);
    close(fd);
    return path;
}

static void run_gnuplot(const char *script)
{
    const char *const argv[] = {"gnuplot", "--default-settings", script, NULL};
    int status = spawn_run(argv);
    if (status < 0)
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package gnuplot-nox; without a file the "
                         "picture is drawn with characters",
                         "the program `gnuplot` is not here, which draws the "
                         "picture");
    if (status != 0)
        error_raise(SPAN_NONE, ERR_FILE,
                    "`gnuplot` could not draw the picture (exit status %d)",
                    status);
}

static void draw_to(const Figure *f, const char *kind, Arena *a,
                    const char *script, const char *picture, Str *out)
{
    Str text = str_in(a);
    size_t len;
    bool moving = f->nframes > 0 && !strcmp(kind, "gif");
    str_add(&text, "set encoding utf8\nset clip two\n");
    set_terminal(&text, kind, moving);
    str_add(&text, "set output ");
    add_quoted(&text, picture);
    str_add(&text, "\n");
    if (f->nframes == 0)
        add_page(f, a, kind, &text);
    for (size_t i = moving ? 0 : f->nframes - 1; i < f->nframes; i++)
        add_page(f->frame[i], a, kind, &text);
    str_add(&text, "set output\n");
    file_write(script, text.at, text.len);
    run_gnuplot(script);
    char *bytes = file_read(a, picture, &len);
    str_add_len(out, bytes, len);
}

void figure_picture(const Figure *f, const char *kind, Str *out)
{
    Arena *a = arena_local();
    Protect p;
    char *script = temporary(a), *picture = temporary(a);
    if (PROTECT(&p)) {
        draw_to(f, kind, a, script, picture, out);
        protect_end(&p);
        unlink(script);
        unlink(picture);
    } else {
        unlink(script);
        unlink(picture);
        error_again();
    }
    arena_free(a);
}

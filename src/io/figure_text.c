/*
 * figure_text.c - figures drawn with characters
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "io/figure_draw.h"

/* ---- colours, marks and patterns ---- */

uint8_t ink_of_series(int series)
{
    static const uint8_t ink[] = {33, 208, 35, 170, 220, 45, 131, 245};
    return ink[(unsigned)series % sizeof ink];
}

uint8_t paper_of_class(int class)
{
    static const uint8_t paper[] = {18, 94, 22, 53, 58, 24, 52, 238};
    return paper[(unsigned)(class - 1) % sizeof paper];
}

/* Steps of even lightness through blue, green and yellow. */
uint8_t ink_of_part(double part)
{
    static const uint8_t ink[] = {54, 55, 61, 62, 68,  67,  31,  30,  36,
                                  35, 41, 71, 77, 113, 149, 148, 184, 220};
    int n = (int)(sizeof ink / sizeof *ink);
    int i = (int)(part * n);
    return ink[i < 0 ? 0 : i >= n ? n - 1 : i];
}

const uint32_t *shades_of(bool ascii, bool classes)
{
    static const uint32_t shade[4][2 * PAPER_SHADES] = {
        {' ', ' ', 0x2591, 0x2592, 0x2593, 0x2588},
        {' ', ' ', '.', ':', '+', '#'},
        {' ', ' ', 0x2591, 0x2592, 0x2593, ' ', 0x2591, 0x2592, 0x2593, ' '},
        {' ', ' ', '.', ':', '-', ' ', '.', ':', '-', ' '}};
    return shade[2 * classes + ascii];
}

static uint32_t mark_of(const Drawing *d, int series)
{
    static const char mark[] = "o+x*#@%&";
    if (d->marks == 1 && d->lines == 0 && !d->style->ascii)
        return 0x2022; /* bullet */
    return (uint32_t)mark[(unsigned)series % (sizeof mark - 1)];
}

/* Lines are told apart by colour, else by patterns. */
static Dash dash_of(const Drawing *d, int series)
{
    static const Dash dash[] = {{0},
                                {.on = 5, .off = 3},
                                {.on = 1, .off = 2},
                                {.on = 3, .off = 1},
                                {.on = 2, .off = 4},
                                {.on = 9, .off = 5}};
    if (d->style->colour || d->style->ascii || d->lines < 2)
        return dash[0];
    return dash[(unsigned)series % (sizeof dash / sizeof *dash)];
}

static uint32_t line_mark(const Drawing *d, int series)
{
    static const char mark[] = "*+ox#@%&";
    if (!d->style->ascii || d->lines < 2)
        return 0;
    return (uint32_t)mark[(unsigned)series % (sizeof mark - 1)];
}

/* ---- layers ---- */

static double dot_x(const Drawing *d, double x)
{
    return axis_place(&d->x, x) * (d->c->wide - 1);
}

static double dot_y(const Drawing *d, double y)
{
    return (1 - axis_place(&d->y, y)) * (d->c->high - 1);
}

static void to_dots(const Drawing *d, double x, double y, double at[2])
{
    at[0] = dot_x(d, x);
    at[1] = dot_y(d, y);
}

static int col_of(const Drawing *d, double x)
{
    double at = floor(dot_x(d, x) + 0.5);
    return at >= 0 && at < d->c->wide ? (int)at / (d->style->ascii ? 1 : 2)
                                      : -1;
}

static int row_of(const Drawing *d, double y)
{
    double at = floor(dot_y(d, y) + 0.5);
    return at >= 0 && at < d->c->high ? (int)at / (d->style->ascii ? 2 : 4)
                                      : -1;
}

static void draw_line(Drawing *d, const Layer *l, uint32_t mark)
{
    Dash dash = dash_of(d, l->series);
    uint8_t ink = ink_of_series(l->series);
    double from[2] = {NAN, NAN}, to[2];
    for (size_t i = 0; i < l->n; i++) {
        if (i % 4096 == 0)
            POLL();
        to_dots(d, l->x[i], l->y[i], to);
        bool alone =
            isnan(from[0] + from[1]) && (i + 1 == l->n || isnan(l->y[i + 1]));
        canvas_line(d->c, alone ? to : from, to, ink, mark, &dash);
        memcpy(from, to, sizeof from);
    }
}

/* Over everything else: contour lines do not show through. */
static void draw_path(Drawing *d, const Layer *l)
{
    for (size_t i = 1; i < l->n; i++) {
        double from[2], to[2];
        to_dots(d, l->x[i - 1], l->y[i - 1], from);
        to_dots(d, l->x[i], l->y[i], to);
        canvas_clear_line(d->c, from, to);
    }
    draw_line(d, l, 0);
    for (size_t i = 0; i < l->n; i++)
        canvas_glyph(d->c, col_of(d, l->x[i]), row_of(d, l->y[i]),
                     i + 1 == l->n ? '*' : 'o', ink_of_series(l->series));
    if (l->n > 1)
        canvas_glyph(d->c, col_of(d, l->x[0]), row_of(d, l->y[0]), '+',
                     ink_of_series(l->series));
}

/* Few points are marks; many of one series, or coloured ones, are dots. */
static bool as_dots(const Drawing *d)
{
    return d->points > 400 && (d->marks == 1 || d->style->colour);
}

static void draw_points(Drawing *d, const Layer *l)
{
    uint8_t ink = ink_of_series(l->series);
    uint32_t mark = as_dots(d) ? 0 : mark_of(d, l->series);
    for (size_t i = 0; i < l->n; i++) {
        if (i % 4096 == 0)
            POLL();
        double x = dot_x(d, l->x[i]), y = dot_y(d, l->y[i]);
        if (!(x > -1 && x < d->c->wide && y > -1 && y < d->c->high))
            continue;
        if (mark)
            canvas_glyph(d->c, col_of(d, l->x[i]), row_of(d, l->y[i]), mark,
                         ink);
        else
            canvas_dot(d->c, (int)floor(x + 0.5), (int)floor(y + 0.5), ink);
    }
}

/* A column of dots; in ASCII of `#`, with a point where half is left. */
static void draw_bar_column(Drawing *d, int x, int from, int to, uint8_t ink)
{
    for (int y = from; y <= to; y++)
        if (!d->style->ascii)
            canvas_dot(d->c, x, y, ink);
        else if (y % 2 == 1)
            canvas_glyph(d->c, x, y / 2, y == from ? '.' : '#', ink);
}

static void draw_bars(Drawing *d, const Layer *l)
{
    double zero = fmin(fmax(dot_y(d, 0), 0), d->c->high - 1);
    for (size_t i = 0; i < l->n; i++) {
        double left = dot_x(d, l->x[i]), right = dot_x(d, l->x[i + 1]);
        double top = dot_y(d, l->y[i]);
        if (!isfinite(left + right + top) || l->y[i] == 0)
            continue;
        top = fmin(fmax(top, 0), d->c->high - 1);
        int from = (int)floor(fmax(left, 0) + 0.5);
        int to = (int)floor(fmin(right, d->c->wide) + 0.5) - 1;
        to -= right - left > 3; /* a gap */
        for (int x = from; x <= (to > from ? to : from); x++)
            draw_bar_column(d, x, (int)floor(fmin(top, zero) + 0.5),
                            (int)floor(fmax(top, zero) + 0.5),
                            ink_of_series(l->series));
    }
}

/* What the middle of half a character shows. */
static double cell_at(const Drawing *d, const Grid *g, int col, int row,
                      int half)
{
    double px = (col + 0.5) / d->c->cols;
    double py = 1 - (row + 0.25 + 0.5 * half) / d->c->rows;
    if (d->y.reversed)
        py = 1 - py;
    return grid_at(g, d->x.low + px * (d->x.high - d->x.low),
                   d->y.low + py * (d->y.high - d->y.low));
}

static uint8_t paper_of(const Drawing *d, const Layer *l, double z)
{
    if (!isfinite(z))
        return 0;
    if (l->kind == LAYER_CLASSES)
        return d->style->colour
                   ? paper_of_class((int)z)
                   : (uint8_t)(1 + ((int)z - 1) % (PAPER_SHADES - 1));
    double range = l->grid.high - l->grid.low;
    double part = range > 0 ? (z - l->grid.low) / range : 0.5;
    if (d->style->colour)
        return ink_of_part(part);
    return (uint8_t)(1 + (int)fmin(part * PAPER_SHADES, PAPER_SHADES - 1));
}

/* Numbers in the cells of a small matrix. */
static void draw_numbers(Drawing *d, const Grid *g)
{
    int room = d->c->cols / g->nx - 1;
    if (d->c->rows < g->ny)
        return;
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++) {
            char text[TICK_TEXT];
            tick_text(text, g->z[i + j * g->nx]);
            int len = (int)strlen(text);
            double x =
                g->x0 + (g->nx > 1 ? (g->x1 - g->x0) * i / (g->nx - 1) : 0);
            double y =
                g->y0 + (g->ny > 1 ? (g->y1 - g->y0) * j / (g->ny - 1) : 0);
            bool bright = g->z[i + j * g->nx] > (g->low + g->high) / 2;
            if (len <= room)
                canvas_text(d->c, col_of(d, x) - len / 2, row_of(d, y), text,
                            !d->style->colour ? 0
                            : bright          ? 16
                                              : 231);
        }
}

static void draw_cells(Drawing *d, const Layer *l)
{
    for (int row = 0; row < d->c->rows; row++)
        for (int col = 0; col < d->c->cols; col++)
            for (int half = 0; half < 2; half++)
                canvas_paper(
                    d->c, col, row, half,
                    paper_of(d, l, cell_at(d, &l->grid, col, row, half)));
    d->c->shade = shades_of(d->style->ascii, l->kind == LAYER_CLASSES);
    if (l->numbers)
        draw_numbers(d, &l->grid);
}

/* The arrow that points where the dots go; one of 8. */
static uint32_t arrow_of(bool ascii, double dx, double dy)
{
    static const uint32_t arrow[] = {0x2192, 0x2197, 0x2191, 0x2196,
                                     0x2190, 0x2199, 0x2193, 0x2198};
    static const char plain[] = ">/^\\</v\\";
    int k = (int)floor(atan2(-dy, dx) / 0.78539816339744831 + 0.5) & 7;
    return ascii ? (uint32_t)plain[k] : arrow[k];
}

static void draw_arrows(Drawing *d, const Layer *l)
{
    uint8_t ink = ink_of_series(l->series);
    for (size_t i = 0; i < l->n; i++) {
        double from[2], to[2];
        to_dots(d, l->x[i], l->y[i], from);
        to_dots(d, l->x[i] + l->u[i], l->y[i] + l->v[i], to);
        if (!isfinite(to[0] + to[1]))
            continue;
        int col = col_of(d, l->x[i] + l->u[i]);
        int row = row_of(d, l->y[i] + l->v[i]);
        if (l->u[i] == 0 && l->v[i] == 0) {
            canvas_glyph(d->c, col, row, d->style->ascii ? '.' : 0xb7, ink);
            continue;
        }
        canvas_line(d->c, from, to, ink, 0, NULL);
        canvas_glyph(
            d->c, col, row,
            arrow_of(d->style->ascii, to[0] - from[0], to[1] - from[1]), ink);
    }
}

/* A level's number on its line, where nothing else is written. */
static void label_level(Drawing *d, double level, size_t n, double (*piece)[4],
                        uint8_t ink)
{
    char text[TICK_TEXT];
    tick_text(text, level);
    int len = (int)strlen(text);
    for (size_t i = 0; i < n; i++) {
        const double *p = piece[(i * 7 + n / 3) % n];
        int col = col_of(d, p[0]) - len / 2, row = row_of(d, p[1]);
        bool fits = col > 0 && row >= 0 && col + len < d->c->cols;
        for (int k = -1; fits && k <= len; k++)
            fits = d->c->glyph[col + k + row * d->c->cols] == 0;
        if (fits) {
            canvas_text(d->c, col, row, text, ink);
            return;
        }
    }
}

static void draw_contour(Drawing *d, const Layer *l)
{
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < l->nlevels; k++) {
            double(*piece)[4];
            size_t n = contour_pieces(d->arena, &l->grid, l->level[k], &piece);
            uint8_t ink = ink_of_part((k + 0.5) / l->nlevels);
            for (size_t i = 0; pass == 0 && i < n; i++) {
                double from[2], to[2];
                to_dots(d, piece[i][0], piece[i][1], from);
                to_dots(d, piece[i][2], piece[i][3], to);
                canvas_line(d->c, from, to, ink, 0, NULL);
            }
            if (pass == 1 && n > 0)
                label_level(d, l->level[k], n, piece, ink);
        }
}

static void draw_layer(Drawing *d, const Layer *l)
{
    switch (l->kind) {
    case LAYER_LINE:
        draw_line(d, l, line_mark(d, l->series));
        break;
    case LAYER_PATH:
        draw_path(d, l);
        break;
    case LAYER_POINTS:
        draw_points(d, l);
        break;
    case LAYER_BARS:
        draw_bars(d, l);
        break;
    case LAYER_CELLS:
    case LAYER_CLASSES:
        draw_cells(d, l);
        break;
    case LAYER_ARROWS:
        draw_arrows(d, l);
        break;
    case LAYER_CONTOUR:
        draw_contour(d, l);
        break;
    case LAYER_SURFACE:
        break;
    }
}

/* ---- the frame ---- */

static void add_repeated(Str *out, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        str_add(out, text);
}

/* Text in the middle of `width` columns after `left`, cut where it is longer.
 */
static void add_centred(Str *out, Arena *a, const char *text, int left,
                        int width)
{
    Str s = str_in(a);
    str_add_visible(&s, text, strlen(text));
    int len = (int)text_columns(str_text(&s), s.len);
    size_t bytes = s.len;
    while (len > width && bytes > 0) {
        do
            bytes--;
        while (bytes > 0 && ((unsigned char)s.at[bytes] & 0xc0) == 0x80);
        len = (int)text_columns(s.at, bytes);
    }
    add_repeated(out, " ", left + (width - len) / 2);
    str_add_len(out, str_text(&s), bytes);
    str_add_char(out, '\n');
}

static void add_rows(const Drawing *d, const Ticks *t, int margin, Str *out)
{
    bool ascii = d->style->ascii;
    for (int row = 0; row < d->c->rows; row++) {
        const char *label = NULL;
        for (int i = 0; i < t->count; i++)
            if (row_of(d, t->at[i]) == row)
                label = t->text[i];
        int len = label ? (int)text_columns(label, strlen(label)) : 0;
        add_repeated(out, " ", margin - len);
        str_add(out, label ? label : "");
        str_add(out, label ? ascii ? " +" : " ┤" : ascii ? " |" : " │");
        canvas_add_row(d->c, row, d->style->colour, out);
        str_add_char(out, '\n');
    }
}

/* The line below the rows, and the numbers of its ticks. */
static void add_bottom(const Drawing *d, const Ticks *t, int margin, Str *out)
{
    bool ascii = d->style->ascii;
    Canvas *c =
        canvas_new(d->arena, d->c->cols + margin + 2 + TICK_TEXT, 1, ascii);
    add_repeated(out, " ", margin + 1);
    str_add(out, ascii ? "+" : "└");
    for (int col = 0; col < d->c->cols; col++) {
        bool tick = false;
        for (int i = 0; i < t->count; i++)
            tick = tick || col_of(d, t->at[i]) == col;
        str_add(out, tick ? ascii ? "+" : "┬" : ascii ? "-" : "─");
    }
    str_add_char(out, '\n');
    int free = 0;
    for (int i = 0; i < t->count; i++) {
        int len = (int)text_columns(t->text[i], strlen(t->text[i]));
        int col = margin + 2 + col_of(d, t->at[i]) - len / 2;
        if (col + len > margin + 2 + d->c->cols + 1)
            col = margin + 2 + d->c->cols + 1 - len;
        if (col < free)
            continue;
        canvas_text(c, col, 0, t->text[i], 0);
        free = col + len + 1;
    }
    canvas_add_row(c, 0, false, out);
    str_add_char(out, '\n');
}

/* What a layer looks like, in four characters. */
static void add_sample(const Drawing *d, const Layer *l, Str *out)
{
    Canvas *c = canvas_new(d->arena, 4, 1, d->style->ascii);
    uint8_t ink = ink_of_series(l->series);
    Dash dash = dash_of(d, l->series);
    double from[] = {0, d->style->ascii ? 1 : 2};
    double to[] = {d->style->ascii ? 3 : 7, from[1]};
    if (l->kind == LAYER_POINTS)
        canvas_glyph(c, 1, 0,
                     as_dots(d) ? d->style->ascii ? '.' : 0x2802
                                : mark_of(d, l->series),
                     ink);
    else if (l->kind == LAYER_PATH)
        canvas_text(c, 0, 0, "+oo*", ink);
    else if (l->kind == LAYER_BARS)
        canvas_text(c, 0, 0, d->style->ascii ? "####" : "⣿⣿⣿⣿", ink);
    else if (l->kind == LAYER_ARROWS)
        canvas_text(c, 0, 0, d->style->ascii ? "--->" : "⠤⠤⠤→", ink);
    else
        canvas_line(c, from, to, ink, line_mark(d, l->series), &dash);
    Str s = str_in(d->arena);
    canvas_add_row(c, 0, d->style->colour, &s);
    str_add_len(out, str_text(&s), s.len);
    if (l->kind == LAYER_POINTS)
        str_add(out, "  ");
}

static void add_legend(const Drawing *d, int margin, Str *out)
{
    int col = 0, room = d->c->cols;
    for (size_t i = 0; i < d->f->count; i++) {
        const Layer *l = &d->f->layer[i];
        if (!l->label)
            continue;
        Str s = str_in(d->arena);
        str_add_visible(&s, l->label, strlen(l->label));
        int len = 5 + (int)text_columns(str_text(&s), s.len);
        if (col > 0 && col + 3 + len > room) {
            str_add_char(out, '\n');
            col = 0;
        }
        add_repeated(out, " ", col > 0 ? 3 : margin + 2);
        add_sample(d, l, out);
        str_add_char(out, ' ');
        str_add_len(out, str_text(&s), s.len);
        col += len + (col > 0 ? 3 : 0);
    }
    if (col > 0)
        str_add_char(out, '\n');
}

/* From the lowest to the highest colour or shade of cells. */
static void add_scale(const Drawing *d, int margin, Str *out)
{
    for (size_t i = 0; i < d->f->count; i++) {
        const Layer *l = &d->f->layer[i];
        if (l->kind != LAYER_CELLS || !(l->grid.low < l->grid.high))
            continue;
        char low[TICK_TEXT], high[TICK_TEXT];
        int n = d->style->colour ? 18 : 2 * PAPER_SHADES;
        Canvas *c = canvas_new(d->arena, n, 1, d->style->ascii);
        c->shade = shades_of(d->style->ascii, false);
        for (int k = 0; k < n; k++)
            for (int half = 0; half < 2; half++)
                canvas_paper(
                    c, k, 0, half,
                    paper_of(d, l,
                             l->grid.low +
                                 (l->grid.high - l->grid.low) * (k + 0.5) / n));
        tick_text(low, l->grid.low);
        tick_text(high, l->grid.high);
        add_repeated(out, " ", margin + 2);
        str_add_format(out, "%s [", low);
        canvas_add_row(c, 0, d->style->colour, out);
        str_add_format(out, "] %s\n", high);
    }
}

static int widest(const Ticks *t)
{
    int width = 0;
    for (int i = 0; i < t->count; i++) {
        int len = (int)text_columns(t->text[i], strlen(t->text[i]));
        width = len > width ? len : width;
    }
    return width;
}

static void count_layers(Drawing *d)
{
    for (size_t i = 0; i < d->f->count; i++) {
        const Layer *l = &d->f->layer[i];
        d->lines += l->kind == LAYER_LINE || l->kind == LAYER_PATH ||
                    l->kind == LAYER_CONTOUR;
        d->marks += l->kind == LAYER_POINTS;
        d->points += l->kind == LAYER_POINTS ? l->n : 0;
    }
}

static void draw_axes(Drawing *d, Str *out)
{
    const Figure *f = d->f;
    Ticks tx, ty;
    int rows = f->height ? f->height : d->style->height;
    int width = f->width ? f->width : d->style->width;
    if (d->y.whole && !f->height)
        rows = (int)fmin(rows, 3 * (d->y.high - d->y.low));
    ticks_find(&ty, &d->y, d->y.whole ? rows : rows / 3 + 1);
    int margin = widest(&ty), cols = width - margin - 3;
    if (d->x.whole && !f->width) /* a matrix: not larger than it needs */
        cols = (int)fmin(cols, fmax(12, 10 * (d->x.high - d->x.low)));
    if (cols < 8)
        cols = 8;
    d->c = canvas_new(d->arena, cols, rows, d->style->ascii);
    int most = cols / 10 + 1;
    do
        ticks_find(&tx, &d->x, most);
    while (tx.count > 2 && tx.count * (widest(&tx) + 2) > cols && most-- > 2);
    for (size_t i = 0; i < f->count; i++)
        if (f->layer[i].kind != LAYER_POINTS)
            draw_layer(d, &f->layer[i]);
    for (size_t i = 0; i < f->count; i++) /* over everything else */
        if (f->layer[i].kind == LAYER_POINTS)
            draw_layer(d, &f->layer[i]);
    if (figure_title(f))
        add_centred(out, d->arena, figure_title(f), margin + 2, cols);
    if (f->y.label) {
        Str s = str_in(d->arena);
        str_add_visible(&s, f->y.label, strlen(f->y.label));
        int len = (int)text_columns(str_text(&s), s.len);
        int left = margin + 2 - len / 2;
        add_centred(out, d->arena, f->y.label, left > 0 ? left : 0,
                    len < cols ? len : cols);
    }
    add_rows(d, &ty, margin, out);
    add_bottom(d, &tx, margin, out);
    if (f->x.label)
        add_centred(out, d->arena, f->x.label, margin + 2, cols);
    add_scale(d, margin, out);
    if (figure_has_legend(f))
        add_legend(d, margin, out);
}

void figure_text(const Figure *f, const TextStyle *style, Str *out)
{
    Arena *a = arena_local();
    Drawing d = {.f = f, .style = style, .arena = a};
    if (f->nframes > 0) {
        figure_text(f->frame[f->nframes - 1], style, out);
        arena_free(a);
        return;
    }
    count_layers(&d);
    if (!figure_view(f, &d.x, &d.y))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "there is nothing finite to draw");
    const Layer *surface = NULL;
    for (size_t i = 0; i < f->count; i++)
        if (f->layer[i].kind == LAYER_SURFACE)
            surface = &f->layer[i];
    if (surface)
        draw_surface(&d, surface, out);
    else
        draw_axes(&d, out);
    arena_free(a);
}

/*
 * figure_surface.c - a grid in three dimensions, drawn with characters
 *
 * The four-sided pieces of the surface are drawn from the back to the front,
 * each over what lies behind it.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "io/figure_draw.h"

typedef struct View {
    Drawing *d;
    const Grid *g;
    double turn[2], tilt[2]; /* cosine and sine */
    double low, high;        /* of z */
    double scale[2], shift[2];
} View;

/* x, y, z from -1 to 1; across, upwards, and away from the eye. */
static void project(const View *v, double x, double y, double z, double at[3])
{
    double across = x * v->turn[0] - y * v->turn[1];
    double away = x * v->turn[1] + y * v->turn[0];
    at[0] = across;
    at[1] = z * 0.7 * v->tilt[0] + away * v->tilt[1];
    at[2] = away;
}

static void to_dots(const View *v, double x, double y, double z, double at[2])
{
    double p[3];
    project(v, x, y, z, p);
    at[0] = v->shift[0] + v->scale[0] * p[0];
    at[1] = v->shift[1] - v->scale[1] * p[1];
}

static double part_of(int i, int n)
{
    return n > 1 ? 2.0 * i / (n - 1) - 1 : 0;
}

static double height(const View *v, int i, int j)
{
    double z = v->g->z[(size_t)i + (size_t)j * (size_t)v->g->nx];
    return v->high > v->low ? 2 * (z - v->low) / (v->high - v->low) - 1 : 0;
}

/* The whole of the box fits into the canvas. */
static void fit_box(View *v)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    Canvas *c = v->d->c;
    for (int k = 0; k < 8; k++) {
        double p[3];
        project(v, k & 1 ? 1 : -1, k & 2 ? 1 : -1, k & 4 ? 1 : -1, p);
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], p[i]);
            high[i] = fmax(high[i], p[i]);
        }
    }
    int line = c->ascii ? 2 : 4;
    v->scale[0] = (c->wide - 1) / (high[0] - low[0]);
    v->scale[1] = (c->high - 1 - 2 * line) / (high[1] - low[1]);
    v->shift[0] = -low[0] * v->scale[0];
    v->shift[1] = line + high[1] * v->scale[1];
}

/* Takes away the dots of a piece: where it is, nothing behind is seen. */
static void clear_piece(Canvas *c, double p[4][2])
{
    double low = fmin(fmin(p[0][1], p[1][1]), fmin(p[2][1], p[3][1]));
    double high = fmax(fmax(p[0][1], p[1][1]), fmax(p[2][1], p[3][1]));
    for (int y = (int)ceil(low); y <= (int)floor(high); y++) {
        double left = INFINITY, right = -INFINITY;
        for (int k = 0; k < 4; k++) {
            const double *a = p[k], *b = p[(k + 1) % 4];
            if ((a[1] < y && b[1] < y) || (a[1] > y && b[1] > y) ||
                a[1] == b[1])
                continue;
            double x = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            left = fmin(left, x);
            right = fmax(right, x);
        }
        for (int x = (int)ceil(left); x <= (int)floor(right); x++)
            canvas_clear_dot(c, x, y);
    }
}

static void draw_piece(View *v, int i0, int i1, int j0, int j1)
{
    int i[] = {i0, i1, i1, i0}, j[] = {j0, j0, j1, j1};
    double p[4][2], mean = 0;
    for (int k = 0; k < 4; k++) {
        double z = height(v, i[k], j[k]);
        if (!isfinite(z))
            return;
        mean += z / 4;
        to_dots(v, part_of(i[k], v->g->nx), part_of(j[k], v->g->ny), z, p[k]);
    }
    clear_piece(v->d->c, p);
    for (int k = 0; k < 4; k++)
        canvas_line(v->d->c, p[k], p[(k + 1) % 4], ink_of_part((mean + 1) / 2),
                    0, NULL);
}

static void draw_edge(View *v, const double a[3], const double b[3])
{
    double from[2], to[2];
    Dash dash = {.on = 1, .off = 2};
    to_dots(v, a[0], a[1], a[2], from);
    to_dots(v, b[0], b[1], b[2], to);
    canvas_line(v->d->c, from, to, 245, 0, &dash);
}

static void draw_base(View *v)
{
    static const double corner[4][3] = {
        {-1, -1, -1}, {1, -1, -1}, {1, 1, -1}, {-1, 1, -1}};
    static const double top[3] = {-1, 1, 1};
    for (int k = 0; k < 4; k++)
        draw_edge(v, corner[k], corner[(k + 1) % 4]);
    draw_edge(v, corner[3], top);
}

/* Text beside a point of the box: left of it (-1), below (0) or right (1). */
static void write_at(View *v, const double at[3], int side, const char *text)
{
    double dot[2];
    Canvas *c = v->d->c;
    int len = (int)text_columns(text, strlen(text));
    to_dots(v, at[0], at[1], at[2], dot);
    int col = (int)dot[0] / (c->ascii ? 1 : 2);
    int row = (int)dot[1] / (c->ascii ? 2 : 4) + (side == 0);
    col += side < 0 ? -len - 1 : side > 0 ? 2 : -len / 2;
    col = col < 0 ? 0 : col + len > c->cols ? c->cols - len : col;
    row = row < 0 ? 0 : row >= c->rows ? c->rows - 1 : row;
    canvas_text(c, col, row, text, 0);
}

static void write_number(View *v, const double at[3], int side, double number)
{
    char text[TICK_TEXT];
    tick_text(text, number);
    write_at(v, at, side, text);
}

/*
 * The nearest corner is that of the least x and y: x grows to the right from
 * it, y to the left.
 */
static void write_ends(View *v)
{
    const Axis *x = &v->d->x, *y = &v->d->y;
    const double near[] = {-1, -1, -1}, right[] = {1, -1, -1};
    const double left[] = {-1, 1, -1}, top[] = {-1, 1, 1};
    write_number(v, near, 1, x->low);
    write_number(v, right, 0, x->high);
    write_number(v, near, -1, y->low);
    write_number(v, left, 0, y->high);
    write_number(v, left, -1, v->low);
    write_number(v, top, 1, v->high);
    if (x->label)
        write_at(v, (const double[]){0.1, -1.1, -1}, 1, x->label);
    if (y->label)
        write_at(v, (const double[]){-1.1, 0.1, -1}, -1, y->label);
}

static void draw_all(View *v)
{
    int nx = v->g->nx, ny = v->g->ny;
    int every_x = (nx + 16) / 18, every_y = (ny + 16) / 18;
    for (int j = ny - 1; j > 0; j -= every_y) { /* the last ones are away */
        POLL();
        for (int i = nx - 1; i > 0; i -= every_x) {
            int i0 = i > every_x ? i - every_x : 0;
            int j0 = j > every_y ? j - every_y : 0;
            draw_piece(v, i0, i, j0, j);
        }
    }
}

void draw_surface(Drawing *d, const Layer *l, Str *out)
{
    const Figure *f = d->f;
    int rows = (f->height ? f->height : d->style->height) + 3;
    int cols = (f->width ? f->width : d->style->width) - 2;
    View v = {.d = d, .g = &l->grid, .low = l->grid.low, .high = l->grid.high};
    double turn = 0.6, tilt = 0.45;
    v.turn[0] = cos(turn);
    v.turn[1] = sin(turn);
    v.tilt[0] = cos(tilt);
    v.tilt[1] = sin(tilt);
    d->c = canvas_new(d->arena, cols < 10 ? 10 : cols, rows, d->style->ascii);
    fit_box(&v);
    draw_base(&v);
    draw_all(&v);
    write_ends(&v);
    if (figure_title(f)) {
        str_add_visible(out, figure_title(f), strlen(figure_title(f)));
        str_add_char(out, '\n');
    }
    int first = 0;
    while (first < rows && canvas_is_free(d->c, 0, first, d->c->cols))
        first++;
    while (rows > first && canvas_is_free(d->c, 0, rows - 1, d->c->cols))
        rows--;
    for (int row = first; row < rows; row++) {
        canvas_add_row(d->c, row, d->style->colour, out);
        str_add_char(out, '\n');
    }
}

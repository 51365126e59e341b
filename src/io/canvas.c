#include "io/canvas.h"

#include <math.h>
#include <string.h>

Canvas *canvas_new(Arena *a, int cols, int rows, bool ascii)
{
    Canvas *c = ARENA_NEW(a, Canvas);
    size_t n = (size_t)cols * (size_t)rows;
    c->cols = cols;
    c->rows = rows;
    c->ascii = ascii;
    c->wide = ascii ? cols : 2 * cols;
    c->high = ascii ? 2 * rows : 4 * rows;
    c->dot = ARENA_ARRAY(a, uint8_t, n);
    c->ink = ARENA_ARRAY(a, uint8_t, n);
    c->glyph = ARENA_ARRAY(a, uint32_t, n);
    c->paper = ARENA_ARRAY(a, uint8_t, 2 * n);
    return c;
}

/* Bits of the braille patterns, U+2800 and on (Unicode, chapter 21). */
static const uint8_t braille[4][2] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

static uint8_t *place_of(Canvas *c, int x, int y, uint8_t *bit)
{
    if (x < 0 || y < 0 || x >= c->wide || y >= c->high)
        return NULL;
    if (c->ascii) {
        *bit = (uint8_t)(1 << (y & 1));
        return &c->dot[x + (y >> 1) * c->cols];
    }
    *bit = braille[y & 3][x & 1];
    return &c->dot[(x >> 1) + (y >> 2) * c->cols];
}

void canvas_dot(Canvas *c, int x, int y, uint8_t ink)
{
    uint8_t bit, *at = place_of(c, x, y, &bit);
    if (!at)
        return;
    *at |= bit;
    c->ink[at - c->dot] = ink;
}

void canvas_clear_dot(Canvas *c, int x, int y)
{
    uint8_t bit, *at = place_of(c, x, y, &bit);
    if (at)
        *at &= (uint8_t)~bit;
}

void canvas_glyph(Canvas *c, int col, int row, uint32_t code, uint8_t ink)
{
    if (col < 0 || row < 0 || col >= c->cols || row >= c->rows)
        return;
    c->glyph[col + row * c->cols] = code;
    c->ink[col + row * c->cols] = ink;
}

void canvas_text(Canvas *c, int col, int row, const char *text, uint8_t ink)
{
    for (size_t len = strlen(text), n; len > 0; text += n, len -= n) {
        uint32_t code;
        n = text_decode(text, len, &code);
        if (n == 0)
            return;
        canvas_glyph(c, col++, row, code, ink);
    }
}

bool canvas_is_free(const Canvas *c, int col, int row, int count)
{
    if (col < 0 || row < 0 || col + count > c->cols || row >= c->rows)
        return false;
    for (int i = col + row * c->cols, n = 0; n < count; n++, i++)
        if (c->dot[i] || c->glyph[i])
            return false;
    return true;
}

/* The part of a line inside of the dots (Liang & Barsky, 1984). */
static bool clip(const Canvas *c, const double from[2], const double to[2],
                 double part[2])
{
    double low = -0.5, side[] = {c->wide - 0.5, c->high - 0.5};
    part[0] = 0;
    part[1] = 1;
    for (int k = 0; k < 2; k++) {
        double d = to[k] - from[k], p = low - from[k], q = side[k] - from[k];
        if (d == 0) {
            if (p > 0 || q < 0)
                return false;
            continue;
        }
        double enter = fmin(p / d, q / d), leave = fmax(p / d, q / d);
        part[0] = fmax(part[0], enter);
        part[1] = fmin(part[1], leave);
    }
    return part[0] <= part[1];
}

static bool is_on(Dash *d, int x, int y)
{
    if (!d || d->on == 0)
        return true;
    if (d->at == 0 || d->x != x || d->y != y)
        d->at++;
    d->x = x;
    d->y = y;
    return (d->at - 1) % (d->on + d->off) < d->on;
}

/* The dots of a line that are inside. */
typedef struct Dots {
    double x, y, w, h;
    int steps;
} Dots;

static bool find_dots(const Canvas *c, const double from[2], const double to[2],
                      Dots *d)
{
    double part[2];
    if (!isfinite(from[0]) || !isfinite(from[1]) || !isfinite(to[0]) ||
        !isfinite(to[1]) || !clip(c, from, to, part))
        return false;
    double dx = to[0] - from[0], dy = to[1] - from[1];
    d->x = from[0] + part[0] * dx;
    d->y = from[1] + part[0] * dy;
    d->w = (part[1] - part[0]) * dx;
    d->h = (part[1] - part[0]) * dy;
    d->steps = (int)fmax(fabs(d->w), fabs(d->h)) + 1;
    return true;
}

static int round_part(double from, double range, int i, int steps)
{
    return (int)floor(from + range * i / steps + 0.5);
}

void canvas_line(Canvas *c, const double from[2], const double to[2],
                 uint8_t ink, uint32_t mark, Dash *dash)
{
    Dots d;
    if (!find_dots(c, from, to, &d))
        return;
    for (int i = 0; i <= d.steps; i++) {
        int x = round_part(d.x, d.w, i, d.steps);
        int y = round_part(d.y, d.h, i, d.steps);
        if (!is_on(dash, x, y))
            continue;
        if (mark && x >= 0 && y >= 0)
            canvas_glyph(c, c->ascii ? x : x / 2, c->ascii ? y / 2 : y / 4,
                         mark, ink);
        else if (!mark)
            canvas_dot(c, x, y, ink);
    }
}

void canvas_clear_line(Canvas *c, const double from[2], const double to[2])
{
    Dots d;
    if (!find_dots(c, from, to, &d))
        return;
    for (int i = 0; i <= d.steps; i++) {
        uint8_t bit;
        uint8_t *at = place_of(c, round_part(d.x, d.w, i, d.steps),
                               round_part(d.y, d.h, i, d.steps), &bit);
        if (at) {
            *at = 0;
            c->glyph[at - c->dot] = 0;
        }
    }
}

void canvas_paper(Canvas *c, int col, int row, int half, uint8_t paper)
{
    if (col >= 0 && row >= 0 && col < c->cols && row < c->rows)
        c->paper[2 * (col + row * c->cols) + half] = paper;
}

void str_add_code(Str *out, uint32_t code)
{
    if (code < 0x80) {
        str_add_char(out, (char)code);
    } else if (code < 0x800) {
        str_add_char(out, (char)(0xc0 | code >> 6));
        str_add_char(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        str_add_char(out, (char)(0xe0 | code >> 12));
        str_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        str_add_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        str_add_char(out, (char)(0xf0 | code >> 18));
        str_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        str_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        str_add_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* What a character shows: its code, foreground and background. */
typedef struct Shown {
    uint32_t code;
    int fore, back; /* 0: none */
} Shown;

static Shown shown_at(const Canvas *c, int i, bool colour)
{
    static const char halves[] = {' ', '\'', '.', ':'};
    uint8_t top = c->paper[2 * i], bottom = c->paper[2 * i + 1];
    Shown s = {' ', 0, 0};
    if (c->glyph[i] || c->dot[i]) {
        s.code = c->glyph[i] ? c->glyph[i]
                 : c->ascii  ? (uint32_t)halves[c->dot[i] & 3]
                             : 0x2800u + c->dot[i];
        s.fore = colour ? c->ink[i] : 0;
        s.back = colour ? top : 0;
    } else if (colour && top) {
        s.back = top;
        if (bottom != top) {
            s.code = 0x2580; /* upper half block */
            s.fore = top;
            s.back = bottom;
        }
    } else if (top && c->shade) {
        s.code = c->shade[top];
    }
    return s;
}

static void add_colour(Str *out, Shown s, Shown before)
{
    if (s.fore == before.fore && s.back == before.back)
        return;
    if (s.fore == 0 || s.back == 0)
        str_add(out, "\033[0m");
    if (s.fore)
        str_add_format(out, "\033[38;5;%dm", s.fore);
    if (s.back)
        str_add_format(out, "\033[48;5;%dm", s.back);
}

void canvas_add_row(const Canvas *c, int row, bool colour, Str *out)
{
    Shown before = {' ', 0, 0};
    int last = c->cols - 1, base = row * c->cols;
    for (; last >= 0; last--) {
        Shown s = shown_at(c, base + last, colour);
        if (s.code != ' ' || s.back)
            break;
    }
    for (int i = 0; i <= last; i++) {
        Shown s = shown_at(c, base + i, colour);
        if (s.code == ' ')
            s.fore = before.fore && before.back == s.back ? before.fore : 0;
        add_colour(out, s, before);
        str_add_code(out, s.code);
        before = s;
    }
    if (before.fore || before.back)
        str_add(out, "\033[0m");
}

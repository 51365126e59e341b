#include "graph/box.h"

#include <string.h>

static int columns_of(const char *text)
{
    return (int)text_columns(text, strlen(text));
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static void add_blanks(Str *s, int n)
{
    for (int i = 0; i < n; i++)
        str_add_char(s, ' ');
}

static const char *repeat(Arena *a, const char *text, int n)
{
    Str s = str_in(a);
    for (int i = 0; i < n; i++)
        str_add(&s, text);
    return str_text(&s);
}

static Box empty_box(Arena *a, int width, int height, int base)
{
    return (Box){width, height, base,
                 ARENA_ARRAY(a, const char *, (size_t)height + 1)};
}

Box box_text(Arena *a, const char *text)
{
    Box y = empty_box(a, columns_of(text), 1, 0);
    y.row[0] = text;
    return y;
}

/* Row i of b, or blanks where it has none. */
static void add_row(Str *s, Box b, int i)
{
    if (i < 0 || i >= b.height)
        add_blanks(s, b.width);
    else
        str_add(s, b.row[i]);
}

Box box_beside(Arena *a, int n, const Box part[])
{
    int above = 0, below = 0, width = 0;
    for (int i = 0; i < n; i++) {
        above = most(above, part[i].base);
        below = most(below, part[i].height - part[i].base);
        width += part[i].width;
    }
    Box y = empty_box(a, width, above + below, above);
    for (int r = 0; r < y.height; r++) {
        Str s = str_in(a);
        for (int i = 0; i < n; i++)
            add_row(&s, part[i], r - above + part[i].base);
        y.row[r] = str_text(&s);
    }
    return y;
}

Box box_below(Arena *a, int n, const Box part[], bool centred, int base)
{
    int width = 0, height = 0, r = 0;
    for (int i = 0; i < n; i++) {
        width = most(width, part[i].width);
        height += part[i].height;
    }
    Box y = empty_box(a, width, height, base);
    for (int i = 0; i < n; i++) {
        int left = centred ? (width - part[i].width) / 2 : 0;
        for (int k = 0; k < part[i].height; k++) {
            Str s = str_in(a);
            add_blanks(&s, left);
            str_add(&s, part[i].row[k]);
            add_blanks(&s, width - left - part[i].width);
            y.row[r++] = str_text(&s);
        }
    }
    return y;
}

/* `corner` right of b, its first row level with row `at` of b. */
static Box put_corner(Arena *a, Box b, Box corner, int at)
{
    b.base = 0;
    corner.base = -at;
    int above = most(0, corner.base);
    int below = most(b.height, corner.height - corner.base);
    Box y = empty_box(a, b.width + corner.width, above + below, above);
    for (int r = 0; r < y.height; r++) {
        Str s = str_in(a);
        add_row(&s, b, r - above);
        add_row(&s, corner, r - above + corner.base);
        y.row[r] = str_text(&s);
    }
    return y;
}

Box box_raised(Arena *a, Box b, Box power)
{
    Box y = put_corner(a, b, power, -power.height);
    y.base = power.height + b.base;
    return y;
}

Box box_lowered(Arena *a, Box b, Box index)
{
    Box y = put_corner(a, b, index, b.height);
    y.base = b.base;
    return y;
}

Box box_over(Arena *a, Box top, Box bottom, int more, bool ascii)
{
    int width = most(top.width, bottom.width) + more;
    Box part[3] = {top, box_text(a, repeat(a, ascii ? "-" : "─", width)),
                   bottom};
    return box_below(a, 3, part, true, top.height);
}

/* The slanted stroke has as many columns as the radicand has rows. */
Box box_root(Arena *a, Box b, bool ascii)
{
    int h = b.height;
    Box y = empty_box(a, b.width + h + 2, h + 1, b.base + 1);
    Str bar = str_in(a);
    add_blanks(&bar, h + 1);
    str_add(&bar, repeat(a, "_", b.width + 1));
    y.row[0] = str_text(&bar);
    for (int r = 0; r < h; r++) {
        Str s = str_in(a);
        int slant = h - r;
        if (r + 1 == h) {
            str_add(&s, ascii ? "\\" : "╲");
            add_blanks(&s, slant - 1);
        } else {
            add_blanks(&s, slant);
        }
        str_add(&s, ascii ? "/" : "╱");
        add_blanks(&s, h + 1 - slant);
        str_add(&s, b.row[r]);
        y.row[r + 1] = str_text(&s);
    }
    return y;
}

/* The strokes of a bracket: alone, then first, middle and last. */
typedef struct Stroke {
    char kind;
    bool ascii;
    const char *alone[2], *first[2], *middle[2], *last[2];
} Stroke;

static const Stroke strokes[] = {
    {'(', true, {"(", ")"}, {"/", "\\"}, {"|", "|"}, {"\\", "/"}},
    {'(', false, {"(", ")"}, {"⎛", "⎞"}, {"⎜", "⎟"}, {"⎝", "⎠"}},
    {'[', true, {"[", "]"}, {"[", "]"}, {"[", "]"}, {"[", "]"}},
    {'[', false, {"[", "]"}, {"⎡", "⎤"}, {"⎢", "⎥"}, {"⎣", "⎦"}},
    {'|', true, {"|", "|"}, {"|", "|"}, {"|", "|"}, {"|", "|"}},
    {'|', false, {"│", "│"}, {"│", "│"}, {"│", "│"}, {"│", "│"}},
    {'n', true, {"||", "||"}, {"||", "||"}, {"||", "||"}, {"||", "||"}},
    {'n', false, {"║", "║"}, {"║", "║"}, {"║", "║"}, {"║", "║"}},
};

static const Stroke *find_stroke(char kind, bool ascii)
{
    size_t i = 0;
    while (strokes[i].kind != kind || strokes[i].ascii != ascii)
        i++;
    return &strokes[i];
}

Box box_in_brackets(Arena *a, Box b, char kind, bool ascii)
{
    const Stroke *k = find_stroke(kind, ascii);
    Box side[2];
    for (int s = 0; s < 2; s++) {
        side[s] = empty_box(a, columns_of(k->alone[s]), b.height, b.base);
        for (int r = 0; r < b.height; r++)
            side[s].row[r] = b.height == 1       ? k->alone[s]
                             : r == 0            ? k->first[s]
                             : r + 1 == b.height ? k->last[s]
                                                 : k->middle[s];
    }
    return box_beside(a, 3, (Box[]){side[0], b, side[1]});
}

/* b centred in a cell of this width. */
static Box widen(Arena *a, Box b, int width)
{
    Box blank = box_text(a, repeat(a, " ", width));
    Box y = box_below(a, 2, (Box[]){b, blank}, true, b.base);
    y.height--;
    return y;
}

Box box_grid(Arena *a, int rows, int cols, const Box cell[])
{
    int *width = ARENA_ARRAY(a, int, (size_t)cols + 1);
    Box *line = ARENA_ARRAY(a, Box, 2 * (size_t)rows + 1);
    Box *part = ARENA_ARRAY(a, Box, 2 * (size_t)cols + 1);
    bool tall = false;
    int n = 0, height = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            width[c] = most(width[c], cell[r * cols + c].width);
            tall = tall || cell[r * cols + c].height > 1;
        }
    for (int r = 0; r < rows; r++) {
        int k = 0;
        for (int c = 0; c < cols; c++) {
            if (c)
                part[k++] = box_text(a, "  ");
            part[k++] = widen(a, cell[r * cols + c], width[c]);
        }
        if (r && tall)
            line[n++] = box_text(a, " ");
        line[n++] = box_beside(a, k, part);
    }
    for (int i = 0; i < n; i++)
        height += line[i].height;
    int base = rows == 1 ? line[0].base : (height - 1) / 2;
    return box_below(a, n, line, false, base);
}

void box_write(Box b, Str *out)
{
    for (int r = 0; r < b.height; r++) {
        size_t len = strlen(b.row[r]);
        while (len > 0 && b.row[r][len - 1] == ' ')
            len--;
        str_add_len(out, b.row[r], len);
        str_add_char(out, '\n');
    }
}

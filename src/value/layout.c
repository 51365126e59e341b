/*
 * layout.c - values as an expression statement shows them
 *
 * What fits on a line stands on one.  A larger array is laid out in rows
 * with aligned points, a list or record with an item a line; both can still
 * be typed.  Large arrays and tables show their first and last rows, with
 * the size as a comment.
 */
#include <string.h>

#include "base/error.h"
#include "value/datatable.h"
#include "value/layout.h"
#include "value/matrix.h"

enum {
    MOST_ROWS = 20, /* more are abbreviated: */
    HEAD_ROWS = 10, /* the first ones shown */
    TAIL_ROWS = 5,  /* and the last ones */
    MOST_COLS = 40  /* columns that are looked at */
};

/* A grid of texts: an array or a table. */
typedef struct Grid {
    const Format *format;
    const Array *array; /* or */
    const DataTable *table;
    int rows, cols;
    int nrows, row[MOST_ROWS]; /* rows shown; -1 is the line of dots */
    int ncols, col[MOST_COLS + 1];
    size_t width[MOST_COLS + 1]; /* of the columns shown */
    size_t right[MOST_COLS + 1]; /* of that, from the point on */
} Grid;

/* ---- cells ---- */

static void add_table_cell(const Format *f, Value column, int i, Str *out)
{
    if (column.kind == VAL_ARRAY) {
        format_entry(f, column.array, (size_t)i, out);
        return;
    }
    Value v = column.kind == VAL_LIST ? column.list->at[i] : column;
    if (v.kind == VAL_STRING)
        str_add_visible(out, v.string->text, v.string->len);
    else
        value_format_inline(f, v, out);
}

static void add_cell(const Grid *g, int i, int j, Str *out)
{
    if (i < 0 || j < 0)
        str_add(out, "...");
    else if (g->table)
        add_table_cell(g->format, g->table->column[j], i, out);
    else
        format_entry(g->format, g->array,
                     (size_t)i + (size_t)j * (size_t)g->array->rows, out);
}

static void add_head(const Grid *g, int j, Str *out)
{
    const char *name = j < 0 ? "..." : g->table->name[j];
    str_add_visible(out, name, strlen(name));
}

static size_t head_width(const Grid *g, int j, Str *out)
{
    size_t start = out->len;
    add_head(g, j, out);
    size_t width = text_columns(str_text(out) + start, out->len - start);
    text_cut(out, start);
    return width;
}

static bool is_text_column(const Grid *g, int j)
{
    return g->table && j >= 0 && g->table->column[j].kind == VAL_LIST;
}

/*
 * Columns of the screen that a cell takes, and how many of them stand right
 * of where the decimal point would be.  A word (missing, true, ...) has no
 * such place: it is only as wide as it is.
 */
typedef struct Extent {
    size_t all, right;
    bool word;
} Extent;

static Extent measure_cell(const Grid *g, int i, int j, Str *out)
{
    size_t start = out->len;
    add_cell(g, i, j, out);
    const char *text = str_text(out) + start;
    size_t len = out->len - start, at = text[0] == '-';
    Extent e = {.all = text_columns(text, len)};
    e.word = is_text_column(g, j) || text[at] < '0' || text[at] > '9';
    const char *point = e.word ? NULL : memchr(text, '.', len);
    if (point)
        e.right = len - (size_t)(point - text);
    text_cut(out, start);
    return e;
}

/* ---- what is shown ---- */

static void choose_rows(Grid *g)
{
    if (g->rows <= MOST_ROWS) {
        g->nrows = g->rows;
        for (int i = 0; i < g->rows; i++)
            g->row[i] = i;
        return;
    }
    g->nrows = HEAD_ROWS + 1 + TAIL_ROWS;
    for (int i = 0; i < HEAD_ROWS; i++)
        g->row[i] = i;
    g->row[HEAD_ROWS] = -1;
    for (int i = 0; i < TAIL_ROWS; i++)
        g->row[HEAD_ROWS + 1 + i] = g->rows - TAIL_ROWS + i;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t column_width(Grid *g, int place, int j, Str *out)
{
    size_t left = 0, right = 0, all = 0;
    for (int k = 0; k < g->nrows; k++) {
        if (g->row[k] < 0)
            continue;
        Extent e = measure_cell(g, g->row[k], j, out);
        all = larger(all, e.all);
        right = larger(right, e.right);
        if (!e.word)
            left = larger(left, e.all - e.right);
    }
    if (g->table)
        all = larger(all, head_width(g, j, out));
    g->width[place] = larger(all, left + right);
    g->right[place] = right;
    return g->width[place] + 2;
}

/* As many columns as fit, then dots and the last one. */
static void choose_columns(Grid *g, Str *out)
{
    size_t width[MOST_COLS], used = 0, most = (size_t)g->format->width;
    int n = g->cols < MOST_COLS ? g->cols : MOST_COLS;
    for (int j = 0; j < n; j++) {
        g->col[j] = j;
        width[j] = column_width(g, j, j, out);
        used += width[j];
    }
    g->ncols = n;
    if (n == g->cols && (used <= most || n <= 2))
        return;
    size_t last = column_width(g, n, g->cols - 1, out) + 5;
    used = 0;
    int kept = 0;
    while (kept < n - 2 && used + width[kept] + last <= most)
        used += width[kept++];
    kept = kept > 0 ? kept : 1;
    g->col[kept] = -1;
    g->width[kept] = 3;
    g->right[kept] = 0;
    g->col[kept + 1] = g->cols - 1;
    column_width(g, kept + 1, g->cols - 1, out);
    g->ncols = kept + 2;
}

/* ---- arrays ---- */

/* Puts the cell so that points stand below each other; returns the blanks
 * that are left to its right. */
static size_t put_aligned(const Grid *g, int i, int place, Str *out)
{
    int j = g->col[place];
    Extent e = measure_cell(g, i, j, out);
    size_t blanks = g->width[place] - e.all, after = 0;
    if (is_text_column(g, j))
        after = blanks;
    else if (!e.word)
        after = g->right[place] - e.right;
    text_pad(out, blanks - after);
    add_cell(g, i, j, out);
    return after;
}

static void put_row(const Grid *g, int i, const char *end, Str *out)
{
    for (int c = 0; c < g->ncols; c++) {
        bool last = c + 1 == g->ncols;
        size_t after = put_aligned(g, i, c, out);
        str_add(out, last ? end : ", ");
        if (!last)
            text_pad(out, after);
    }
}

static void put_size(const Grid *g, Str *out)
{
    if (g->table || g->cols != 1)
        str_add_format(out, "# [%d,%d]", g->rows, g->cols);
    else
        str_add_format(out, "# [%d]", g->rows);
}

static void put_array(Grid *g, Str *out)
{
    const char *end = g->cols == 1 ? "," : ";";
    choose_rows(g);
    choose_columns(g, out);
    for (int k = 0; k < g->nrows; k++) {
        bool last = k + 1 == g->nrows;
        str_add(out, k == 0 ? "[" : " ");
        if (g->row[k] < 0)
            str_add(out, "...");
        else
            put_row(g, g->row[k], last ? "" : end, out);
        if (!last)
            str_add_char(out, '\n');
    }
    str_add(out, g->rows == 1 ? ";]" : "]");
    if (g->nrows != g->rows || g->ncols != g->cols) {
        str_add(out, "    ");
        put_size(g, out);
    }
}

/* ---- tables ---- */

static void put_heads(const Grid *g, Str *out)
{
    for (int c = 0; c < g->ncols; c++) {
        int j = g->col[c];
        size_t pad = g->width[c] - head_width(g, j, out);
        bool text = is_text_column(g, j), last = c + 1 == g->ncols;
        if (!text)
            text_pad(out, pad);
        add_head(g, j, out);
        if (!last)
            text_pad(out, (text ? pad : 0) + 2);
    }
}

static void put_table(Grid *g, Str *out)
{
    if (g->cols == 0) {
        put_size(g, out);
        return;
    }
    choose_rows(g);
    choose_columns(g, out);
    put_heads(g, out);
    for (int k = 0; k < g->nrows; k++) {
        str_add_char(out, '\n');
        for (int c = 0; c < g->ncols && g->row[k] >= 0; c++) {
            size_t after = put_aligned(g, g->row[k], c, out);
            if (c + 1 < g->ncols)
                text_pad(out, after + 2);
        }
        if (g->row[k] < 0)
            str_add(out, "...");
    }
    if (g->nrows != g->rows || g->ncols != g->cols || g->rows == 0) {
        str_add_char(out, '\n');
        put_size(g, out);
    }
}

/* ---- all values ---- */

/* Does v fit on a line?  Then it stands there. */
static bool put_inline(const Format *f, Value v, Str *out)
{
    size_t start = out->len;
    value_format_inline(f, v, out);
    const char *text = str_text(out) + start;
    size_t len = out->len - start;
    if (len <= 4 * (size_t)f->width &&
        text_columns(text, len) <= (size_t)f->width)
        return true;
    text_cut(out, start);
    return false;
}

/* An item a line: `{w = [1, 2],` and then ` b = 2}`. */
static void put_braces(const Format *f, Value v, Str *out)
{
    bool record = v.kind == VAL_RECORD;
    size_t n = record ? v.record->count : v.list->count;
    for (size_t i = 0; i < n; i++) {
        POLL();
        str_add(out, i == 0 ? "{" : "\n ");
        if (record) {
            const char *name = v.record->name[i];
            str_add_visible(out, name, strlen(name));
            str_add(out, " = ");
        }
        value_format_inline(f, record ? v.record->at[i] : v.list->at[i], out);
        str_add_char(out, i + 1 == n ? '}' : ',');
    }
}

void value_format(const Format *f, Value v, Str *out)
{
    Grid g = {.format = f};
    switch (v.kind) {
    case VAL_SEVERAL:
        for (size_t i = 0; i < v.list->count; i++) {
            if (i > 0)
                str_add_char(out, '\n');
            value_format(f, v.list->at[i], out);
        }
        break;
    case VAL_ARRAY:
        if (array_count(v.array) <= (size_t)f->width && put_inline(f, v, out))
            break;
        g.array = v.array;
        g.rows = v.array->rows;
        g.cols = v.array->cols;
        put_array(&g, out);
        break;
    case VAL_TABLE:
        g.table = v.table;
        g.rows = v.table->rows;
        g.cols = (int)v.table->ncols;
        put_table(&g, out);
        break;
    case VAL_LIST:
    case VAL_RECORD:
        if (!put_inline(f, v, out))
            put_braces(f, v, out);
        break;
    default:
        value_format_inline(f, v, out);
        break;
    }
}

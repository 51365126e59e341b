/*
 * html.c - tables as HTML, for notebooks
 */
#include <string.h>

#include "base/error.h"
#include "value/datatable.h"
#include "value/layout.h"
#include "value/matrix.h"

enum { MOST_ROWS = 60, HEAD_ROWS = 10, TAIL_ROWS = 5, MOST_COLS = 40 };

static void add_escaped(Str *out, const char *text, size_t len)
{
    static const char *const word[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < sizeof word / sizeof *word && word[c])
            str_add(out, word[c]);
        else if (c >= 0x20 || c == '\t')
            str_add_char(out, (char)c);
    }
}

static void add_cell(const Format *f, Value column, int i, Str *out)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    Value v = column.kind == VAL_LIST ? column.list->at[i] : column;
    if (column.kind == VAL_ARRAY)
        format_entry(f, column.array, (size_t)i, &s);
    else if (v.kind == VAL_STRING)
        str_add_len(&s, v.string->text, v.string->len);
    else
        value_format_inline(f, v, &s);
    str_add(out, column.kind == VAL_LIST ? "<td style=\"text-align:left\">"
                                         : "<td style=\"text-align:right\">");
    add_escaped(out, str_text(&s), s.len);
    str_add(out, "</td>");
    arena_free(a);
}

static void add_row(const Format *f, const DataTable *t, int i, size_t cols,
                    Str *out)
{
    str_add_format(out, "<tr><th>%d</th>", i + 1);
    for (size_t j = 0; j < cols; j++)
        add_cell(f, t->column[j], i, out);
    str_add(out, cols < t->ncols ? "<td>...</td></tr>\n" : "</tr>\n");
}

void value_html(const Format *f, Value table, Str *out)
{
    const DataTable *t = table.table;
    size_t cols = t->ncols < MOST_COLS ? t->ncols : MOST_COLS;
    str_add(out, "<table>\n<thead><tr><th></th>");
    for (size_t j = 0; j < cols; j++) {
        str_add(out, "<th>");
        add_escaped(out, t->name[j], strlen(t->name[j]));
        str_add(out, "</th>");
    }
    str_add(out, cols < t->ncols ? "<th>...</th></tr></thead>\n<tbody>\n"
                                 : "</tr></thead>\n<tbody>\n");
    for (int i = 0; i < t->rows; i++) {
        if (t->rows > MOST_ROWS && i == HEAD_ROWS) {
            str_add_format(out, "<tr><td colspan=\"%zu\">...</td></tr>\n",
                           cols + 1);
            i = t->rows - TAIL_ROWS;
        }
        add_row(f, t, i, cols, out);
    }
    str_add_format(out, "</tbody></table>\n<p>%d rows, %zu columns</p>\n",
                   t->rows, t->ncols);
}

/*
 * diag.c - how errors are shown
 */
#include "syntax/diag.h"

#include <string.h>

#include "base/near.h"
#include "syntax/unicode.h"

/* The line of a source that a span begins in. */
typedef struct Line {
    const char *text;
    size_t len;      /* without its end */
    size_t from, to; /* of the span, within the line */
    bool last;       /* no text in lines below */
} Line;

static bool find_line(Span at, Line *line)
{
    const Source *s = at.source != 0 ? source_get(at.source) : NULL;
    if (s == NULL)
        return false;
    size_t from = at.from < s->len ? at.from : s->len, begin = from;
    while (begin > 0 && s->text[begin - 1] != '\n' &&
           s->text[begin - 1] != '\r')
        begin--;
    size_t end = from;
    while (end < s->len && s->text[end] != '\n' && s->text[end] != '\r')
        end++;
    size_t rest = end;
    while (rest < s->len && strchr("\r\n \t", s->text[rest]) != NULL)
        rest++;
    size_t to = at.to > from ? at.to : from;
    *line = (Line){.text = s->text + begin,
                   .len = end - begin,
                   .from = from - begin,
                   .to = (to < end ? to : end) - begin,
                   .last = rest >= s->len};
    return true;
}

/* Bytes and columns of the character at text[at], which begins at `column`. */
static size_t step(const Line *l, size_t at, size_t column, size_t *columns)
{
    uint32_t c;
    size_t n = unicode_next(l->text + at, l->len - at, &c);
    *columns = c == '\t' ? 8 - column % 8 : text_columns(l->text + at, n);
    return n;
}

/* Column (from 0) of byte `to` of the line. */
static size_t column_of(const Line *l, size_t to)
{
    size_t column = 0, w;
    for (size_t at = 0; at < to;) {
        at += step(l, at, column, &w);
        column += w;
    }
    return column;
}

static void add_repeated(Str *out, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        str_add_char(out, c);
}

/* The columns first..end of a line that are shown. */
typedef struct Window {
    size_t first, end;
    bool cut_left, cut_right;
} Window;

static Window choose_window(const Line *l, size_t caret, size_t width)
{
    size_t total = caret, w;
    for (size_t at = l->from; at < l->len && total <= caret + width;) {
        at += step(l, at, total, &w);
        total += w;
    }
    Window v = {0, total, false, false};
    if (caret + 8 > width && total > width) {
        v.first = caret - (width / 3 < caret ? width / 3 : caret);
        v.cut_left = v.first > 0;
    }
    if (total - v.first > width) {
        v.end = v.first + width;
        v.cut_right = true;
    }
    return v;
}

static void add_line(Str *out, const Line *l, Window v)
{
    size_t column = 0, w;
    if (v.cut_left)
        str_add(out, "...");
    for (size_t at = 0; at < l->len && column < v.end;) {
        size_t n = step(l, at, column, &w);
        if (column >= v.first) {
            if (l->text[at] == '\t')
                add_repeated(out, ' ', w);
            else
                str_add_visible(out, l->text + at, n);
        } else if (column + w > v.first) {
            add_repeated(out, ' ', column + w - v.first);
        }
        at += n;
        column += w;
    }
    if (v.cut_right)
        str_add(out, "...");
    str_add_char(out, '\n');
}

static void add_carets(Str *out, size_t n, bool colour)
{
    str_add(out, colour ? "\033[31m" : "");
    add_repeated(out, '^', n > 0 ? n : 1);
    str_add(out, colour ? "\033[0m\n" : "\n");
}

static void add_source(Str *out, const Line *l, int number,
                       const DiagStyle *style)
{
    size_t width = style->width > 20 ? (size_t)style->width : 100;
    size_t from = column_of(l, l->from), to = column_of(l, l->to);
    Window v = choose_window(l, from, width);
    str_add_format(out, "%5d | ", number);
    add_line(out, l, v);
    str_add(out, "      | ");
    add_repeated(out, ' ', from - v.first + (v.cut_left ? 3 : 0));
    add_carets(out, (to < v.end ? to : v.end) - from, style->colour);
}

static void add_detail(Str *out, const char *detail)
{
    while (detail != NULL && *detail != '\0') {
        size_t n = strcspn(detail, "\n");
        str_add(out, "      | ");
        str_add_len(out, detail, n);
        str_add_char(out, '\n');
        detail += n + (detail[n] == '\n');
    }
}

static void add_help(Str *out, const char *help, bool colour)
{
    const char *head = colour ? "  \033[36mhelp:\033[0m " : "  help: ";
    while (help != NULL && *help != '\0') {
        size_t n = strcspn(help, "\n");
        str_add(out, head);
        str_add_len(out, help, n);
        str_add_char(out, '\n');
        help += n + (help[n] == '\n');
        head = "        ";
    }
}

static void add_frames(Str *out, const Error *e)
{
    for (int i = 0; i < e->nframes; i++) {
        const ErrorFrame *f = &e->frame[i];
        if (f->at.source == 0 && f->function == NULL)
            continue;
        str_add_format(out, "  in %s",
                       f->function != NULL ? f->function : "the script");
        if (f->at.source != 0) {
            str_add(out, source_is_library(f->at.source) ? ", "
                                                         : ", called at ");
            diag_place(out, f->at);
        }
        str_add_char(out, '\n');
    }
}

static void add_message(Str *out, const Error *e, const DiagStyle *style)
{
    const char *on = "", *off = "";
    if (style->colour) {
        on = style->warning ? "\033[1;33m" : "\033[1;31m";
        off = "\033[0m";
    }
    if (style->warning)
        str_add_format(out, "%swarning%s: %s\n", on, off, e->message);
    else
        str_add_format(out, "%serror[%s]%s: %s\n", on, error_name(e->code), off,
                       e->message);
}

void diag_format(Str *out, const Error *e, const DiagStyle *style)
{
    static const DiagStyle plain = {0};
    if (style == NULL)
        style = &plain;
    Line line;
    bool has_line = find_line(e->at, &line);
    const Source *s = has_line ? source_get(e->at.source) : NULL;
    bool typed = has_line && s->interactive && line.last &&
                 style->prompt >= 0 &&
                 (style->typed == 0 || style->typed == e->at.source);
    if (typed) {
        size_t from = column_of(&line, line.from);
        add_repeated(out, ' ', (size_t)style->prompt + from);
        add_carets(out, column_of(&line, line.to) - from, style->colour);
    } else if (has_line) {
        diag_place(out, e->at);
        str_add(out, ": ");
    }
    add_message(out, e, style);
    if (has_line && !typed) {
        int number, column;
        source_place(e->at, &number, &column);
        add_source(out, &line, number, style);
    }
    add_detail(out, e->detail);
    add_help(out, e->help, style->colour);
    add_frames(out, e);
}

void diag_place(Str *out, Span at)
{
    const Source *s = at.source != 0 ? source_get(at.source) : NULL;
    if (s == NULL)
        return;
    int line, column;
    source_place(at, &line, &column);
    str_add_format(out, "%s:%d:%d", s->name, line, column);
}

const char *diag_text(Span at, size_t *len)
{
    const Source *s = at.source != 0 ? source_get(at.source) : NULL;
    *len = 0;
    if (s == NULL || at.from > at.to || at.to > s->len)
        return "";
    *len = at.to - at.from;
    return s->text + at.from;
}

/* Copies text with every run of blanks as one. */
static void add_joined(Str *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t\r\n", text[i]) == NULL)
            str_add_char(out, text[i]);
        else if (i == 0 || strchr(" \t\r\n", text[i - 1]) == NULL)
            str_add_char(out, ' ');
    }
}

/* The byte where column `columns` of the text begins. */
static size_t byte_of_column(const char *text, size_t len, size_t columns)
{
    size_t at = 0, column = 0;
    while (at < len) {
        uint32_t c;
        size_t n = unicode_next(text + at, len - at, &c);
        column += text_columns(text + at, n);
        if (column > columns)
            break;
        at += n;
    }
    return at;
}

const char *diag_quote_text(Arena *a, const char *text, size_t len, int most)
{
    size_t limit = most > 8 ? (size_t)most : 8;
    /* of a huge text only the ends are looked at */
    Str joined = str_in(a), out = str_in(a);
    if (len > 32 * limit) {
        add_joined(&joined, text, 16 * limit);
        size_t tail = len - 8 * limit;
        while (((unsigned char)text[tail] & 0xc0) == 0x80)
            tail++;
        add_joined(&joined, text + tail, len - tail);
    } else {
        add_joined(&joined, text, len);
    }
    const char *s = str_text(&joined);
    size_t columns = text_columns(s, joined.len);
    if (columns <= limit) {
        str_add_visible(&out, s, joined.len);
        return str_text(&out);
    }
    size_t head = byte_of_column(s, joined.len, (limit - 3) / 2);
    size_t tail = byte_of_column(s, joined.len, columns - (limit - 3) / 2);
    str_add_visible(&out, s, head);
    str_add(&out, "...");
    str_add_visible(&out, s + tail, joined.len - tail);
    return str_text(&out);
}

const char *diag_quote(Span at, int most)
{
    size_t len;
    const char *text = diag_text(at, &len);
    return diag_quote_text(error_arena(), text, len, most);
}

Span span_join(Span a, Span b)
{
    if (a.source == 0 || a.source != b.source)
        return a.source != 0 ? a : b;
    return (Span){a.source, a.from < b.from ? a.from : b.from,
                  a.to > b.to ? a.to : b.to};
}

/* ---- near names ---- */

const char *diag_nearest(const char *wrong, const char *const *names, size_t n)
{
    return near_of(wrong, names, n);
}

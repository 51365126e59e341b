/*
 * json_lines.c - results and errors for other programs
 */
#include "tool/json_lines.h"

#include <string.h>

#include "graph/print.h"
#include "io/json.h"
#include "syntax/diag.h"
#include "tool/show.h"
#include "value/shape.h"

/* ---- members ---- */

static void add_member(Str *s, const char *name)
{
    if (s->len > 0 && s->at[s->len - 1] != '{')
        str_add_char(s, ',');
    json_add_key(s, name);
}

static void add_text(Str *s, const char *name, const char *text)
{
    add_member(s, name);
    if (text)
        json_add_text(s, text, strlen(text));
    else
        str_add(s, "null");
}

static void add_place(Str *s, Span at)
{
    const Source *source = at.source ? source_get(at.source) : NULL;
    int line = 0, column = 0;
    if (source)
        source_place(at, &line, &column);
    add_text(s, "file", source ? source->name : NULL);
    add_member(s, "line");
    str_add_format(s, source ? "%d" : "null", line);
    add_member(s, "column");
    str_add_format(s, source ? "%d" : "null", column);
}

void json_add_error(Str *s, const Error *e, bool warning)
{
    str_add_char(s, '{');
    add_text(s, "type", warning ? "warning" : "error");
    add_text(s, "code", error_name(e->code));
    add_text(s, "message", e->message);
    add_place(s, e->at);
    add_text(s, "detail", e->detail);
    add_text(s, "help", e->help);
    add_member(s, "calls");
    str_add_char(s, '[');
    for (int i = 0; i < e->nframes && i < ERROR_FRAMES; i++) {
        str_add(s, i > 0 ? ",{" : "{");
        add_text(s, "function", e->frame[i].function);
        add_place(s, e->frame[i].at);
        str_add_char(s, '}');
    }
    str_add(s, "]}");
}

/* ---- lines ---- */

static void put_line(Interp *in, const Str *s)
{
    bool bad = fwrite(str_text(s), 1, s->len, in->out) != s->len;
    bad |= fputc('\n', in->out) == EOF || fflush(in->out) != 0;
    if (bad)
        error_raise(SPAN_NONE, ERR_OUTPUT, "the output cannot be written");
}

static void show_output(Interp *in, void *owner, const char *text, size_t len)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    (void)owner;
    str_add_char(&s, '{');
    add_text(&s, "type", "output");
    add_member(&s, "text");
    json_add_text(&s, text, len);
    str_add_char(&s, '}');
    put_line(in, &s);
    arena_free(a);
}

/* Of a whole statement: it has no code and no place. */
static void show_warning(Interp *in, void *owner, const char *message)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    (void)owner;
    str_add_char(&s, '{');
    add_text(&s, "type", "warning");
    add_text(&s, "code", NULL);
    add_text(&s, "message", message);
    add_place(&s, SPAN_NONE);
    add_text(&s, "detail", NULL);
    add_text(&s, "help", NULL);
    add_member(&s, "calls");
    str_add(&s, "[]}");
    put_line(in, &s);
    arena_free(a);
}

/* ---- values ---- */

static void add_side(Interp *in, Dim d, Str *s)
{
    if (d >= 0) {
        str_add_format(s, "%d", d);
        return;
    }
    Str name = str_in(s->arena);
    node_print(in->graph, node_of_dim(in->graph, d), &name);
    json_add_text(s, str_text(&name), name.len);
}

static void add_shape(Interp *in, Value v, Str *s)
{
    bool formula = v.kind == VAL_EXPR;
    add_member(s, "shape");
    if (!formula && !value_is_number(v) && v.kind != VAL_ARRAY &&
        v.kind != VAL_SPARSE && v.kind != VAL_BOOL) {
        str_add(s, "null");
        return;
    }
    Shape shape =
        formula ? node_shape(in->graph, v.expr->node) : value_shape(v);
    str_add_char(s, '[');
    if (!shape_is_scalar(shape)) {
        add_side(in, shape.rows, s);
        if (shape.cols != 1) {
            str_add_char(s, ',');
            add_side(in, shape.cols, s);
        }
    }
    str_add_char(s, ']');
}

static void show_value(Interp *in, void *owner, Value v, bool last)
{
    if (v.kind == VAL_NONE)
        return;
    if (v.kind == VAL_SEVERAL) {
        for (size_t i = 0; i < v.list->count; i++)
            show_value(in, owner, v.list->at[i], last);
        return;
    }
    Arena *a = arena_local();
    Str s = str_in(a), text = str_in(a), latex = str_in(a);
    interp_show_text(in, v, &text);
    show_latex(in, v, &latex);
    str_add_char(&s, '{');
    add_text(&s, "type", "result");
    add_member(&s, "text");
    json_add_text(&s, str_text(&text), text.len);
    add_text(&s, "latex", latex.len > 0 ? str_text(&latex) : NULL);
    add_member(&s, "value");
    value_json(&in->format, v, &s);
    add_shape(in, v, &s);
    str_add_char(&s, '}');
    put_line(in, &s);
    arena_free(a);
}

/* What cannot be told, for want of memory or of an output, is left to the
 * exit status. */
static void show_error(Interp *in, void *owner, const Error *e)
{
    Protect p;
    (void)owner;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        Str s = str_in(a);
        json_add_error(&s, e, false);
        put_line(in, &s);
        arena_free(a);
        protect_end(&p);
    }
}

static void show_picture(Interp *in, void *owner, const Str *text,
                         const Str *svg)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    (void)owner;
    str_add_char(&s, '{');
    add_text(&s, "type", "picture");
    add_text(&s, "text", str_text(text));
    add_text(&s, "svg", svg->len > 0 ? str_text(svg) : NULL);
    str_add_char(&s, '}');
    put_line(in, &s);
    arena_free(a);
}

void json_lines_begin(Interp *in)
{
    static const Display display = {.value = show_value,
                                    .error = show_error,
                                    .picture = show_picture,
                                    .output = show_output,
                                    .warning = show_warning};
    in->display = &display;
}

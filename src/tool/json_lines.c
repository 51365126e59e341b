/*
 * json_lines.c - results and errors for other programs
 */
#include "tool/json_lines.h"

#include <stdlib.h>
#include <string.h>

#include "graph/print.h"
#include "io/json.h"
#include "syntax/diag.h"
#include "tool/show.h"
#include "value/shape.h"

/* Text that is written to a stream, until it goes out as an object. */
typedef struct Held {
    FILE *stream;
    char *text;
    size_t len;
} Held;

typedef struct Lines {
    Display display;
    FILE *out, *err; /* of the session before */
    Held output, warnings;
} Lines;

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

static void put_line(Lines *l, const Str *s)
{
    fwrite(str_text(s), 1, s->len, l->out);
    fputc('\n', l->out);
    fflush(l->out);
}

/* What was written since the last time, and forgets it. */
static const char *take_held(Held *h)
{
    if (!h->stream || fflush(h->stream) != 0 || h->len == 0)
        return NULL;
    fseek(h->stream, 0, SEEK_SET);
    return h->text;
}

static void put_text(Lines *l, const char *text, size_t len)
{
    Str s = {0};
    str_add_char(&s, '{');
    add_text(&s, "type", "output");
    add_member(&s, "text");
    json_add_text(&s, text, len);
    str_add_char(&s, '}');
    put_line(l, &s);
    str_free(&s);
}

/* A warning is a line `warning: ...` without a place. */
static void put_warning(Lines *l, const char *line, size_t len)
{
    static const char mark[] = "warning: ";
    if (len >= sizeof mark - 1 && !strncmp(line, mark, sizeof mark - 1)) {
        line += sizeof mark - 1;
        len -= sizeof mark - 1;
    }
    Str s = {0};
    str_add_char(&s, '{');
    add_text(&s, "type", "warning");
    add_text(&s, "code", NULL);
    add_member(&s, "message");
    json_add_text(&s, line, len);
    add_place(&s, SPAN_NONE);
    add_text(&s, "detail", NULL);
    add_text(&s, "help", NULL);
    add_member(&s, "calls");
    str_add(&s, "[]}");
    put_line(l, &s);
    str_free(&s);
}

static void put_held(Lines *l)
{
    const char *text = take_held(&l->output);
    if (text)
        put_text(l, text, l->output.len);
    text = take_held(&l->warnings);
    for (const char *end; text && *text; text = *end ? end + 1 : end) {
        end = text + strcspn(text, "\n");
        put_warning(l, text, (size_t)(end - text));
    }
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
    Lines *l = owner;
    (void)last;
    put_held(l);
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
    put_line(l, &s);
    arena_free(a);
}

static void show_error(Interp *in, void *owner, const Error *e)
{
    Lines *l = owner;
    Str s = {0};
    (void)in;
    put_held(l);
    json_add_error(&s, e, false);
    put_line(l, &s);
    str_free(&s);
}

static void show_picture(Interp *in, void *owner, const Str *text,
                         const Str *svg)
{
    Lines *l = owner;
    Str s = {0};
    (void)in;
    put_held(l);
    str_add_char(&s, '{');
    add_text(&s, "type", "picture");
    add_text(&s, "text", str_text(text));
    add_text(&s, "svg", svg->len > 0 ? str_text(svg) : NULL);
    str_add_char(&s, '}');
    put_line(l, &s);
    str_free(&s);
}

/* ---- begin and end ---- */

void json_lines_begin(Interp *in)
{
    Lines *l = mem_zero(1, sizeof *l);
    l->display = (Display){l, show_value, show_error, show_picture};
    l->out = in->out;
    l->err = in->err;
    l->output.stream = open_memstream(&l->output.text, &l->output.len);
    l->warnings.stream = open_memstream(&l->warnings.text, &l->warnings.len);
    in->display = &l->display;
    if (l->output.stream)
        in->out = l->output.stream;
    if (l->warnings.stream)
        in->err = l->warnings.stream;
}

static void end_held(Held *h)
{
    if (h->stream)
        fclose(h->stream);
    free(h->text);
}

void json_lines_end(Interp *in)
{
    Lines *l = in->display->owner;
    put_held(l);
    in->out = l->out;
    in->err = l->err;
    in->display = NULL;
    end_held(&l->output);
    end_held(&l->warnings);
    mem_free(l);
}

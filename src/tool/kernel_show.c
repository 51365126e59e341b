/*
 * kernel_show.c - results, errors and pictures as Jupyter shows them
 *
 * Everything has the text of the terminal; formulas also LaTeX, tables HTML,
 * pictures SVG.
 */
#include <string.h>

#include "eval/derive.h"
#include "eval/picture.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "tool/kernel_inside.h"
#include "tool/show.h"
#include "value/matrix.h"

/* A formula that prints longer than this is left to the text. */
enum { MOST_LATEX = 600 };

static void add_mime(Str *out, const char *mime, const Str *text)
{
    json_add_key(out, mime);
    json_add_text(out, str_text(text), text->len);
}

/* ---- LaTeX ---- */

static void add_formula(Interp *in, Node n, Str *s)
{
    if (node_print_cost(in->graph, n) <= MOST_LATEX)
        node_latex(in->graph, n, NULL, s);
}

static bool is_formula_part(Value v)
{
    return v.kind == VAL_EXPR || value_is_number(v);
}

/* Formulas with names, one a line. */
static void add_record(Interp *in, const Record *r, Str *s)
{
    bool symbolic = false, plain = r->count > 0 && r->count <= 20;
    for (size_t i = 0; i < r->count; i++) {
        plain = plain && is_formula_part(r->at[i]);
        symbolic = symbolic || r->at[i].kind == VAL_EXPR;
    }
    if (!plain || !symbolic)
        return;
    str_add(s, "\\begin{aligned}");
    for (size_t i = 0; i < r->count; i++) {
        size_t before = s->len;
        Node name = node_symbol(in->graph, r->name[i], SHAPE_SCALAR, 0);
        if (i > 0)
            str_add(s, " \\\\ ");
        node_latex(in->graph, name, NULL, s);
        str_add(s, " &= ");
        size_t from = s->len;
        add_formula(in, node_of_value(in, r->at[i]), s);
        if (s->len == from || before > 16 * MOST_LATEX) {
            s->len = 0;
            return;
        }
    }
    str_add(s, "\\end{aligned}");
}

static void add_derived(Interp *in, Function *f, Str *s)
{
    int count;
    const Decl *param = derived_params(f, &count);
    Name *name = ARENA_ARRAY(s->arena, Name, (size_t)count + 1);
    for (int i = 0; i < count; i++)
        name[i] = param[i].name;
    FormulaHead head = {.count = count, .param = name};
    Node n = derived_formula(in, f);
    if (node_print_cost(in->graph, n) <= MOST_LATEX)
        node_latex(in->graph, n, &head, s);
}

static void add_latex(Interp *in, Value v, Str *s)
{
    if (v.kind == VAL_EXPR)
        add_formula(in, v.expr->node, s);
    else if (v.kind == VAL_RECORD)
        add_record(in, v.record, s);
    else if (v.kind == VAL_FUNCTION && v.function->class == &class_derived)
        add_derived(in, v.function, s);
}

void show_latex(Interp *in, Value v, Str *s)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        add_latex(in, v, s);
        protect_end(&p);
        return;
    }
    interp_restore(in, &c);
    s->len = 0;
    if (context_error()->code == ERR_INTERRUPT)
        error_again();
}

/* ---- pictures ---- */

/* Pages take no XML declaration in their middle: it begins with <svg. */
static void add_svg(Str *out, const Str *svg)
{
    const char *from = svg->len > 0 ? strstr(svg->at, "<svg") : NULL;
    if (!from)
        return;
    str_add_char(out, ',');
    json_add_key(out, "image/svg+xml");
    json_add_text(out, from, svg->len - (size_t)(from - svg->at));
}

/* An animation, in the letters of RFC 4648. */
static void add_gif(Str *out, const Str *gif)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)gif->at;
    if (gif->len == 0)
        return;
    str_add(out, ",\"image/gif\":\"");
    for (size_t i = 0; i < gif->len; i += 3) {
        size_t left = gif->len - i;
        uint32_t b = (uint32_t)p[i] << 16 |
                     (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                     (left > 2 ? (uint32_t)p[i + 2] : 0);
        str_add_char(out, letter[b >> 18]);
        str_add_char(out, letter[b >> 12 & 63]);
        str_add_char(out, left > 1 ? letter[b >> 6 & 63] : '=');
        str_add_char(out, left > 2 ? letter[b & 63] : '=');
    }
    str_add_char(out, '"');
}

/* Where gnuplot is missing a figure keeps its text. */
static void try_picture(Interp *in, const Figure *f, Str *out)
{
    Checkpoint c = interp_checkpoint(in);
    bool moves = f->nframes > 0;
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        Str bytes = str_in(a);
        figure_picture(f, moves ? "gif" : "svg", &bytes);
        if (moves)
            add_gif(out, &bytes);
        else
            add_svg(out, &bytes);
        arena_free(a);
        protect_end(&p);
        return;
    }
    interp_restore(in, &c);
    if (context_error()->code == ERR_INTERRUPT)
        error_again();
}

/* ---- bundles ---- */

void show_bundle(Interp *in, Value v, const Str *text, Str *out)
{
    Arena *a = arena_local();
    Str latex = str_in(a), html = str_in(a);
    str_add(out, "\"data\":{");
    add_mime(out, "text/plain", text);
    show_latex(in, v, &latex);
    if (latex.len > 0) {
        Str s = str_in(a);
        str_add(&s, "$\\displaystyle ");
        str_add_len(&s, latex.at, latex.len);
        str_add(&s, "$");
        str_add_char(out, ',');
        add_mime(out, "text/latex", &s);
    }
    if (v.kind == VAL_TABLE) {
        value_html(&in->format, v, &html);
        str_add_char(out, ',');
        add_mime(out, "text/html", &html);
    }
    if (picture_figure(v))
        try_picture(in, picture_figure(v), out);
    str_add(out, "},\"metadata\":{}");
    arena_free(a);
}

/* The value of the last expression is the result of the cell, others are
 * shown as they come. */
void show_value(Interp *in, void *kernel, Value v, bool last)
{
    Kernel *k = kernel;
    if (v.kind == VAL_NONE || k->silent)
        return;
    if (v.kind == VAL_SEVERAL) {
        for (size_t i = 0; i < v.list->count; i++)
            show_value(in, kernel, v.list->at[i],
                       last && i + 1 == v.list->count);
        return;
    }
    Arena *a = arena_local();
    Str s = str_in(a), text = str_in(a);
    bool result = last && !k->has_result;
    interp_show_text(in, v, &text);
    str_add_char(&s, '{');
    if (result)
        str_add_format(&s, "\"execution_count\":%d,", k->count);
    show_bundle(in, v, &text, &s);
    str_add_char(&s, '}');
    kernel_publish(k, result ? "execute_result" : "display_data", &s);
    k->has_result = k->has_result || result;
    if (result && k->stored)
        k->past.at[k->past.count - 1].result =
            arena_copy(k->lasting, str_text(&text), text.len);
    arena_free(a);
}

void show_picture(Interp *in, void *kernel, const Str *text, const Str *svg)
{
    Kernel *k = kernel;
    Arena *a = arena_local();
    Str s = str_in(a);
    (void)in;
    str_add(&s, "{\"data\":{");
    add_mime(&s, "text/plain", text);
    add_svg(&s, svg);
    str_add(&s, "},\"metadata\":{}}");
    if (!k->silent)
        kernel_publish(k, "display_data", &s);
    arena_free(a);
}

/* ---- errors ---- */

/*
 * Of several mistakes of syntax the first one names the failure, and the
 * traceback shows them all.
 */
void show_error(Interp *in, void *kernel, const Error *e)
{
    Kernel *k = kernel;
    Arena *a = arena_local();
    Str text = str_in(a);
    DiagStyle style = {.colour = true};
    (void)in;
    diag_format(&text, e, &style);
    while (text.len > 0 && text.at[text.len - 1] == '\n')
        text.len--;
    Str *s = &k->failure;
    if (s->len == 0) {
        str_add(s, "\"ename\":");
        json_add_text(s, error_name(e->code), strlen(error_name(e->code)));
        str_add(s, ",\"evalue\":");
        json_add_text(s, e->message, strlen(e->message));
        str_add(s, ",\"traceback\":[");
    } else {
        s->len--;
        str_add_char(s, ',');
    }
    json_add_text(s, text.at, text.len);
    str_add_char(s, ']');
    arena_free(a);
}

#include "eval/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "eval/apply.h"
#include "eval/builtin.h"
#include "eval/module.h"
#include "graph/print.h"
#include "io/file.h"
#include "io/spawn.h"
#include "syntax/diag.h"
#include "syntax/print.h"
#include "value/matrix.h"

/* ---- the class ---- */

static void release_figure(Function *f)
{
    Figure *figure = f->data;
    arena_free(figure->arena);
}

static bool has_colour(const Interp *in)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return in->out == stdout && isatty(STDOUT_FILENO) && !(no && *no) && term &&
           strcmp(term, "dumb") != 0;
}

static TextStyle text_style(const Interp *in, const Figure *f)
{
    int width = in->format.width, height = width / 4;
    int ascii = f->nframes > 0 ? f->frame[0]->ascii : f->ascii;
    return (TextStyle){.width = width,
                       .height = height < 8    ? 8
                                 : height > 24 ? 24
                                               : height,
                       .ascii = ascii < 0 ? !locale_is_utf8() : ascii,
                       .colour = has_colour(in)};
}

enum { FRAME_TIME = 100 }; /* milliseconds */

static void play_frame(Interp *in, const Figure *f)
{
    Arena *a = arena_local();
    Str s = str_in(a);
    TextStyle style = text_style(in, f);
    int lines = 0;
    figure_text(f, &style, &s);
    for (size_t i = 0; i < s.len; i++)
        lines += s.at[i] == '\n';
    interp_write(in, str_text(&s), s.len);
    fflush(in->out);
    for (int k = 0; k < FRAME_TIME / 10; k++) {
        POLL();
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    s.len = 0;
    str_add_format(&s, "\033[%dA\033[J", lines); /* back, and all gone */
    interp_write(in, s.at, s.len);
    arena_free(a);
}

void picture_play(Interp *in, Value v)
{
    const Figure *f = picture_figure(v);
    const char *term = getenv("TERM");
    if (!f || in->out != stdout || !isatty(STDOUT_FILENO) || !term ||
        !strcmp(term, "dumb"))
        return;
    for (size_t i = 0; i + 1 < f->nframes; i++)
        play_frame(in, f->frame[i]);
}

static void print_figure(const Function *f, Str *out)
{
    const Figure *figure = f->data;
    TextStyle style = text_style(interp_current(), figure);
    figure_text(figure, &style, out);
    if (out->len > 0 && out->at[out->len - 1] == '\n')
        out->at[--out->len] = '\0'; /* who prints a value ends the line */
}

static bool equal_figures(const Function *a, const Function *b)
{
    return a->data == b->data;
}

const FunctionClass class_figure = {"figure", release_figure, print_figure,
                                    equal_figures};

Value picture_new(Figure *f)
{
    Function *v = object_new(VAL_FUNCTION, sizeof *v);
    v->data = f;
    arena_keep(f->arena);
    v->class = &class_figure;
    return value_object(v);
}

const Figure *picture_figure(Value v)
{
    return v.kind == VAL_FUNCTION && v.function->class == &class_figure
               ? v.function->data
               : NULL;
}

bool figure_to_svg(Interp *in, Value v, Str *out)
{
    (void)in;
    const Figure *f = picture_figure(v);
    if (f)
        figure_picture(f, "svg", out);
    return f != NULL;
}

/* ---- files ---- */

void picture_save(Interp *in, const Figure *f, const char *given)
{
    static const char *const kind[] = {"svg", "png", "pdf", "gif"};
    const char *path = relative_path(in, in->scratch, given);
    const char *ending = strrchr(given, '.');
    Str bytes = str_in(in->scratch);
    ending = ending ? ending + 1 : "";
    if (!strcmp(ending, "txt")) {
        TextStyle style = text_style(in, f);
        style.colour = false;
        figure_text(f, &style, &bytes);
        file_write(path, bytes.at, bytes.len);
        return;
    }
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        if (!strcmp(ending, kind[i])) {
            figure_picture(f, kind[i], &bytes);
            file_write(path, bytes.at, bytes.len);
            return;
        }
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "save(p, \"picture.svg\")",
                     "a picture is written to a .svg, .png, .pdf, .gif or .txt "
                     "file, not to `%s`",
                     given);
}

/* ---- options ---- */

static const char *text_option(const Args *a, Figure *f, const char *name)
{
    const Value *v = args_named(a, name);
    if (!v)
        return NULL;
    if (v->kind != VAL_STRING)
        error_raise(SPAN_NONE, ERR_TYPE, "%s is a text, not %s", name,
                    value_kind_phrase(*v));
    return figure_text_copy(f, v->string->text);
}

static int size_option(const Args *a, const char *name, int least, int most)
{
    const Value *v = args_named(a, name);
    int64_t n;
    if (!v)
        return 0;
    if (!value_is_number(*v) || !value_to_int(*v, &n) || n < least || n > most)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "%s is a number of characters from %d to %d", name, least,
                    most);
    return (int)n;
}

static void limits_option(const Args *a, const char *name, Axis *axis)
{
    const Value *v = args_named(a, name);
    if (!v)
        return;
    const Array *m = v->kind == VAL_ARRAY ? array_to_float(*v) : NULL;
    if (!m || array_count(m) != 2 || !(m->f[0] < m->f[1]) ||
        !isfinite(m->f[1] - m->f[0]))
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         arena_printf(error_arena(), "%s = [0, 1]", name),
                         "%s is two numbers, the smaller first", name);
    if (axis->log && m->f[0] <= 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a logarithmic axis begins above 0");
    axis->low = m->f[0];
    axis->high = m->f[1];
}

static void log_option(const Args *a, Figure *f)
{
    const Value *v = args_named(a, "log");
    if (!v)
        return;
    const char *axes = v->kind == VAL_STRING ? v->string->text : "";
    if (strcmp(axes, "x") != 0 && strcmp(axes, "y") != 0 &&
        strcmp(axes, "xy") != 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "log is \"x\", \"y\" or \"xy\": the logarithmic axes");
    f->x.log = strchr(axes, 'x') != NULL;
    f->y.log = strchr(axes, 'y') != NULL;
}

void picture_options(const Args *a, Figure *f)
{
    const char *text;
    if ((text = text_option(a, f, "title")) != NULL)
        f->title = text;
    if ((text = text_option(a, f, "xlabel")) != NULL)
        f->x.label = text;
    if ((text = text_option(a, f, "ylabel")) != NULL)
        f->y.label = text;
    log_option(a, f);
    limits_option(a, "xlim", &f->x);
    limits_option(a, "ylim", &f->y);
    f->width = size_option(a, "width", 20, 500);
    f->height = size_option(a, "height", 3, 200);
    if (args_named(a, "ascii"))
        f->ascii = option_bool(a, "ascii", false);
}

/* Texts in the order of the layers that may have one; false: no legend. */
static void legend_option(const Args *a, Figure *f)
{
    const Value *v = args_named(a, "legend");
    if (!v)
        return;
    size_t n = v->kind == VAL_LIST ? v->list->count : 1, k = 0;
    const Value *at = v->kind == VAL_LIST ? v->list->at : v;
    bool none = v->kind == VAL_BOOL && !v->truth;
    f->legend = !none;
    for (size_t i = 0; !none && i < n; i++)
        if (at[i].kind != VAL_STRING)
            error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                             "legend = {\"first\", \"second\"}",
                             "legend is a list of texts, or false");
    for (size_t i = 0; i < f->count; i++) {
        Layer *l = &f->layer[i];
        bool plain = l->kind <= LAYER_BARS || l->kind == LAYER_ARROWS;
        if (none || (plain && k >= n))
            l->label = NULL;
        else if (plain)
            l->label = figure_text_copy(f, at[k++].string->text);
    }
    if (!none && k < n)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the legend has %zu texts, and the picture %zu series", n,
                    k);
}

Value picture_give(Interp *in, const Args *a, Figure *f)
{
    Axis x, y;
    legend_option(a, f);
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++)
        count += f->layer[i].n + (size_t)f->layer[i].grid.nx;
    if (f->nframes == 0 && !figure_view(f, &x, &y))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    count == 0 ? "there is nothing to draw%s"
                               : "there is nothing finite to draw%s",
                    f->x.log || f->y.log ? " on a logarithmic axis" : "");
    const Value *file = args_named(a, "file");
    if (!file)
        return picture_new(f);
    if (file->kind != VAL_STRING)
        error_raise(SPAN_NONE, ERR_TYPE, "file is a text, not %s",
                    value_kind_phrase(*file));
    picture_save(in, f, file->string->text);
    arena_free(f->arena);
    return VALUE_NONE;
}

/* ---- arguments ---- */

const double *picture_numbers(Figure *f, Value v, size_t *n, const char *what)
{
    if (!value_is_numeric(v))
        error_raise(SPAN_NONE, ERR_TYPE, "%s are numbers, not %s", what,
                    value_kind_phrase(v));
    if (v.kind != VAL_ARRAY) {
        double *one = figure_numbers(f, 1);
        *one = value_to_double(v);
        *n = 1;
        return one;
    }
    const Array *m = v.array;
    *n = array_count(m);
    double *x = figure_numbers(f, *n);
    if (m->kind == ELEM_FLOAT)
        memcpy(x, m->f, *n * sizeof *x);
    for (size_t i = 0; i < *n; i++) {
        if (array_is_missing(m, i))
            x[i] = NAN;
        else if (m->kind != ELEM_FLOAT)
            x[i] = value_to_double(array_get(m, i));
    }
    return x;
}

static const Ast *positional(const Ast *call, int i)
{
    for (uint32_t k = 0; k < ast_args(call); k++) {
        const Ast *t = ast_arg(call, k);
        if (t->kind != AST_NAMED && i-- == 0)
            return t;
    }
    return NULL;
}

const char *picture_argument(const Args *a, Figure *f, int i)
{
    const Ast *t = a->call ? positional(a->call, i) : NULL;
    size_t len;
    const char *text = t ? diag_text(t->at, &len) : "";
    if (!*text || len > 30 || strchr("[{\"-.0123456789", *text))
        return NULL; /* literals say nothing */
    return figure_text_copy(f, diag_quote(t->at, 30));
}

const char *picture_label(Interp *in, Figure *f, Value v, const char *typed)
{
    Str s = str_in(in->scratch);
    if (v.kind == VAL_SEVERAL)
        v = v.list->at[0];
    if (v.kind == VAL_EXPR) {
        node_print(in->graph, v.expr->node, &s);
    } else if (v.kind == VAL_FUNCTION && v.function->name) {
        int n = 0;
        const Decl *d = v.function->class == &class_closure
                            ? function_params(v.function, &n)
                            : NULL;
        str_add(&s, v.function->name);
        if (v.function->class == &class_builtin)
            str_add(&s, "(x)");
        for (int i = 0; i < n; i++)
            str_add_format(&s, "%s%s", i ? ", " : "(", d[i].name);
        str_add(&s, n ? ")" : "");
    } else if (v.kind == VAL_FUNCTION && v.function->class == &class_closure) {
        const Closure *c = v.function->data;
        ast_print(&s, c->def->kids[0]);
    } else {
        str_add(&s, typed ? typed : "");
    }
    if (s.len == 0)
        return NULL;
    return figure_text_copy(
        f, diag_quote_text(in->scratch, str_text(&s), s.len, 50));
}

bool is_constant_number(Interp *in, Value v, double *x)
{
    Value y;
    if (v.kind == VAL_EXPR && constant_floats(in, v, &y))
        v = y;
    if (!value_is_number(v))
        return false;
    *x = value_to_double(v);
    return true;
}

double picture_end(Interp *in, const Args *a, int i)
{
    double x;
    if (!is_constant_number(in, a->at[i], &x))
        error_raise(SPAN_NONE, ERR_TYPE,
                    "a range goes from number to number, "
                    "and here is %s",
                    value_kind_phrase(a->at[i]));
    if (!isfinite(x))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "a range has finite ends");
    return x;
}

/*
 * command.c - `:who` and its kin
 */
#include "repl/command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "eval/fit.h"
#include "eval/help.h"
#include "io/file.h"
#include "syntax/diag.h"
#include "value/datatable.h"

typedef struct Command {
    const char *name, *form, *what;
    void (*run)(Repl *r, const char *rest, int before);
} Command;

/* ---- variables ---- */

static const char *function_text(Arena *a, Value v)
{
    const FunctionClass *class = v.function->class;
    if (class == &class_fit)
        return arena_printf(
            a, "fit of %s",
            ((const Fit *)v.function->data)->model.function->name);
    if (class == &class_model)
        return "model";
    return class == &class_builtin ? value_kind_phrase(v) : NULL;
}

/* "table [50,2] speed, dist", "model", ...: NULL where the value says it. */
static const char *kind_text(Arena *a, Value v)
{
    Str s = str_in(a);
    switch (v.kind) {
    case VAL_TABLE:
        str_add_format(&s, "table [%d,%zu] ", v.table->rows, v.table->ncols);
        for (size_t i = 0; i < v.table->ncols; i++)
            str_add_format(&s, "%s%s", i > 0 ? ", " : "", v.table->name[i]);
        return str_text(&s);
    case VAL_ARRAY:
    case VAL_SPARSE: {
        Shape shape = value_shape(v);
        const char *kind = v.kind == VAL_ARRAY ? "" : "sparse ";
        return shape.cols == 1
                   ? arena_printf(a, "%sarray [%d]", kind, shape.rows)
                   : arena_printf(a, "%sarray [%d,%d]", kind, shape.rows,
                                  shape.cols);
    }
    case VAL_MODULE:
        return "names of a file";
    case VAL_FUNCTION:
        return function_text(a, v);
    default:
        return NULL;
    }
}

static void add_value(Interp *in, Arena *a, Str *s, Value v)
{
    const char *kind = kind_text(a, v);
    if (kind)
        str_add(s, kind);
    if (kind && v.kind != VAL_ARRAY)
        return;
    if (kind)
        str_add(s, "  ");
    if (v.kind != VAL_ARRAY || v.array->rows * v.array->cols <= 100)
        value_format_inline(&in->format, v, s);
}

/* On one line of the terminal. */
static void show_variable(Repl *r, Arena *a, const Cell *c, int width)
{
    Str s = str_in(a);
    add_value(r->in, a, &s, c->value);
    int room = r->in->format.width - width - 1;
    session_print(r, "%s%*s%s\n", c->name,
                  width - (int)text_columns(c->name, strlen(c->name)), "",
                  diag_quote_text(a, str_text(&s), s.len, room));
}

static void run_who(Repl *r, const char *rest, int before)
{
    (void)before;
    Arena *a = arena_local();
    const Table *cells = &r->in->top->cells;
    const TableEntry *e;
    int width = 0;
    for (size_t i = 0; (e = table_next(cells, &i)) != NULL;) {
        const Cell *c = e->value;
        int n = (int)text_columns(c->name, strlen(c->name));
        if (c->defined && n > width)
            width = n;
    }
    bool any = false;
    for (size_t i = 0; (e = table_next(cells, &i)) != NULL;) {
        const Cell *c = e->value;
        if (!c->defined || !strstr(c->name, rest))
            continue;
        show_variable(r, a, c, (width < 20 ? width : 20) + 2);
        any = true;
    }
    if (!any)
        session_print(r, "no variables%s%s\n", *rest ? " like " : " yet", rest);
    arena_free(a);
}

static void clear_one(Repl *r, const char *name)
{
    Cell *c = scope_find(r->in->top, name_of(name));
    if (!c)
        error_raise_help(SPAN_NONE, ERR_NAME, NULL, ":who shows the variables",
                         "there is no variable `%s`", name);
    cell_clear(c);
}

static void run_clear(Repl *r, const char *rest, int before)
{
    (void)before;
    const TableEntry *e;
    if (!*rest) {
        for (size_t i = 0; (e = table_next(&r->in->top->cells, &i)) != NULL;)
            cell_clear(e->value);
        saved_clear(&r->saved);
        return;
    }
    Arena *a = arena_local();
    while (*rest) {
        size_t n = strcspn(rest, " ,");
        clear_one(r, arena_copy(a, rest, n));
        rest += n;
        rest += strspn(rest, " ,");
    }
    arena_free(a);
}

/* ---- files ---- */

/* As it was typed, perhaps in quotes; `~/` is the home folder. */
static const char *path_of(Arena *a, const char *rest, const char *command)
{
    size_t n = strlen(rest);
    if (n >= 2 && rest[0] == '"' && rest[n - 1] == '"') {
        rest++;
        n -= 2;
    }
    if (n == 0)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         arena_printf(error_arena(), "%s work.mlc", command),
                         "%s takes a file", command);
    const char *home = getenv("HOME");
    if (n >= 2 && rest[0] == '~' && rest[1] == '/' && home)
        return arena_printf(a, "%s%.*s", home, (int)n - 1, rest + 1);
    return arena_copy(a, rest, n);
}

static void run_save(Repl *r, const char *rest, int before)
{
    (void)before;
    Arena *a = arena_local();
    const char *path = path_of(a, rest, ":save");
    saved_write(&r->saved, path);
    session_print(r, "saved as %s; :load or include brings it back\n", path);
    arena_free(a);
}

static void run_load(Repl *r, const char *rest, int before)
{
    (void)before;
    Arena *a = arena_local();
    Str s = str_in(a);
    const char *path = path_of(a, rest, ":load");
    if (!file_exists(path))
        error_raise(SPAN_NONE, ERR_FILE, "there is no file `%s`", path);
    str_add(&s, "include \"");
    for (const char *p = path; *p; p++) {
        if (*p == '"' || *p == '\\')
            str_add_char(&s, '\\');
        str_add_char(&s, *p);
    }
    str_add(&s, "\"\n");
    session_run(r, str_text(&s), -1);
    arena_free(a);
}

/* ---- the session ---- */

static void print_seconds(Repl *r, double s)
{
    if (s < 1e-3)
        session_print(r, "%.3g us\n", 1e6 * s);
    else if (s < 1)
        session_print(r, "%.3g ms\n", 1e3 * s);
    else
        session_print(r, "%.4g s\n", s);
}

static void run_time(Repl *r, const char *rest, int before)
{
    if (!rest[strspn(rest, " \n")])
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         ":time sum(randn(1000))", ":time takes a statement");
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    bool good = session_run(r, rest, before);
    clock_gettime(CLOCK_MONOTONIC, &b);
    if (good)
        print_seconds(r, (double)(b.tv_sec - a.tv_sec) +
                             1e-9 * (double)(b.tv_nsec - a.tv_nsec));
}

static void run_history(Repl *r, const char *rest, int before)
{
    (void)before;
    char *end;
    long n = strtol(rest, &end, 10);
    bool number = *rest && !*end && n > 0 && n <= 100000;
    history_show(r->in->out, number ? "" : rest, number ? (int)n : 20);
}

static void run_tour(Repl *r, const char *rest, int before)
{
    (void)before;
    if (r->learn.on)
        learn_leave(&r->learn, r->in);
    tour_begin(&r->tour, r->in, rest);
}

static void run_learn(Repl *r, const char *rest, int before)
{
    (void)before;
    learn_begin(&r->learn, r->in, rest);
}

static void run_hint(Repl *r, const char *rest, int before)
{
    (void)rest;
    (void)before;
    if (r->learn.on)
        learn_hint(&r->learn, r->in);
    else
        tour_hint(&r->tour, r->in);
}

static void move_by(Repl *r, int by)
{
    if (r->learn.on)
        learn_move(&r->learn, r->in, by);
    else
        tour_move(&r->tour, r->in, by);
}

static void run_skip(Repl *r, const char *rest, int before)
{
    (void)rest;
    (void)before;
    move_by(r, 1);
}

static void run_back(Repl *r, const char *rest, int before)
{
    (void)rest;
    (void)before;
    move_by(r, -1);
}

/* The lesson or the tour first, then the session. */
static void run_quit(Repl *r, const char *rest, int before)
{
    (void)rest;
    (void)before;
    if (r->learn.on)
        learn_leave(&r->learn, r->in);
    else if (r->tour.on)
        tour_leave(&r->tour, r->in);
    else
        r->quit = true;
}

static void run_help(Repl *r, const char *rest, int before);

static const Command commands[] = {
    {":who", ":who  :who part", "the variables", run_who},
    {":clear", ":clear  :clear a, b", "forget all variables, or some",
     run_clear},
    {":save", ":save FILE", "the session as a script", run_save},
    {":load", ":load FILE", "run a script here", run_load},
    {":time", ":time STATEMENT", "how long it takes", run_time},
    {":history", ":history  :history 50  :history word", "what was typed",
     run_history},
    {":tour", ":tour  :tour 3", "mlc in ten steps", run_tour},
    {":learn", ":learn  :learn es  :learn 5", "the lessons of the course",
     run_learn},
    {":hint", ":hint", "of the tour or the lesson", run_hint},
    {":skip", ":skip", "to the next step", run_skip},
    {":back", ":back", "to the step before", run_back},
    {":help", ":help  :help name", "this list; as ?name", run_help},
    {":quit", ":quit  :q", "of the tour, of the session; or Ctrl-D", run_quit},
    {":q", NULL, NULL, run_quit},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void run_help(Repl *r, const char *rest, int before)
{
    (void)before;
    if (*rest) {
        help_show(r->in, rest, SPAN_NONE);
        return;
    }
    const char *row = r->in->format.width >= 74 ? "%-43s %s\n" : "%s\n    %s\n";
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].form)
            session_print(r, row, commands[i].form, commands[i].what);
    session_print(r, row, "?  ?name  ?source name  ??word",
                  "help on the language");
}

const char *command_name(size_t i)
{
    return i < COMMANDS ? commands[i].name : NULL;
}

/* ---- which one ---- */

/* By its name, or by its beginning where that is the beginning of one only. */
static const Command *find_command(const char *text)
{
    size_t n = strcspn(text, " \n"), found = 0;
    const Command *one = NULL;
    for (size_t i = 0; i < COMMANDS; i++) {
        const Command *c = &commands[i];
        if (strncmp(c->name, text, n) != 0)
            continue;
        if (c->name[n] == '\0')
            return c;
        one = c;
        found++;
    }
    return found == 1 && n > 2 ? one : NULL;
}

const char *command_statement(const char *text)
{
    const Command *c = find_command(text);
    return c && c->run == run_time ? text + strcspn(text, " \n") : NULL;
}

static _Noreturn void raise_no_command(const char *text)
{
    Arena *a = error_arena();
    const char *word = arena_copy(a, text, strcspn(text, " \n"));
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *near = diag_nearest(word, names, COMMANDS);
    Str all = str_in(a);
    for (size_t i = 0; i < COMMANDS; i++)
        str_add_format(&all, "%s%s", i > 0 ? " " : "", names[i]);
    error_raise_help(SPAN_NONE, ERR_NAME, NULL,
                     near ? arena_printf(a, "did you mean %s?", near)
                          : str_text(&all),
                     "there is no command `%.40s`", word);
}

void command_run(Repl *r, const char *text, int before)
{
    const Command *c = find_command(text);
    if (!c)
        raise_no_command(text);
    Arena *a = arena_local();
    size_t head = strcspn(text, " \n");
    head += strspn(text + head, " ");
    const char *rest = text + head;
    size_t n = strlen(rest);
    if (c->run != run_time)
        n = strcspn(rest, "\n");
    while (n > 0 && strchr(" \t\n", rest[n - 1]))
        n--;
    bool one_line = !strchr(arena_copy(a, rest, n), '\n');
    c->run(r, arena_copy(a, rest, n),
           before >= 0 && one_line ? before + (int)head : before);
    arena_free(a);
    if (fflush(r->in->out) != 0)
        error_raise(SPAN_NONE, ERR_OUTPUT, "the output cannot be written");
}

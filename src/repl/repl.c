/*
 * repl.c - the interactive session
 */
#include "repl/repl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* readline's old name for a callback would collide with value/'s Function. */
#define _FUNCTION_DEF
#include <readline/history.h>
#include <readline/readline.h>

#include "eval/call.h"
#include "eval/help.h"
#include "eval/interp.h"
#include "eval/module.h"
#include "io/file.h"
#include "io/spawn.h"
#include "syntax/parse.h"
#include "value/datatable.h"

static const char prompt_first[] = "mlc> ";
static const char prompt_more[] = "...> ";

typedef struct Repl {
    Interp *in;
    Arena *arena;               /* of the statement being typed */
    Str session;                /* what ran without an error, for :save */
    const char *history;        /* file, or NULL */
    bool quit;
} Repl;

/* ---- history, under XDG ---- */

static const char *history_path(Arena *a)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *folder;
    if (state && *state)
        folder = arena_printf(a, "%s/mlc", state);
    else if (home && *home)
        folder = arena_printf(a, "%s/.local/state/mlc", home);
    else
        return NULL;
    char *path = arena_copy(a, folder, strlen(folder));
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return NULL;
    return arena_printf(a, "%s/history", folder);
}

/* ---- reading ---- */

/* readline polls: Ctrl-C drops the line. */
static int check_interrupt(void)
{
    if (interrupt_flag)
        rl_done = 1;
    return 0;
}

/* NULL at the end of input; on Ctrl-C the empty line, *dropped set. */
static char *read_line(const char *prompt, bool *dropped)
{
    char *line = readline(prompt);
    *dropped = interrupt_flag != 0;
    interrupt_flag = 0;
    if (*dropped)
        putchar('\n');
    return line;
}

/*
 * Reads lines until they are whole statements.  Pasted transcripts may hold
 * the prompt.
 */
static bool read_statement(Repl *r, Str *text)
{
    const char *prompt = prompt_first;
    for (;;) {
        bool dropped;
        char *line = read_line(prompt, &dropped);
        if (!line)
            return false;
        const char *from = line;
        if (!strncmp(from, prompt_first, strlen(prompt_first)))
            from += strlen(prompt_first);
        if (dropped) {
            *text = str_in(r->arena);
            free(line);
            return true;
        }
        str_add(text, from);
        str_add_char(text, '\n');
        free(line);
        const char *start = str_text(text);
        if (start[0] == ':' || start[0] == '?' ||
            parse_state(start, text->len) != PARSE_INCOMPLETE)
            return true;
        prompt = prompt_more;
    }
}

static void remember(const char *text, size_t len)
{
    char *line = strndup(text, len);
    if (!line)
        return;
    while (len > 0 && line[len - 1] == '\n')
        line[--len] = '\0';
    HIST_ENTRY *last = history_length ? history_get(history_base +
                                                    history_length - 1)
                                      : NULL;
    if (len > 0 && (!last || strcmp(last->line, line) != 0))
        add_history(line);
    free(line);
}

/* ---- commands ---- */

static void show_variables(Repl *r)
{
    Interp *in = r->in;
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&in->top->cells, &i)) != NULL;) {
        const Cell *c = e->value;
        if (!c->defined)
            continue;
        Str s = str_in(r->arena);
        if (c->value.kind == VAL_ARRAY || c->value.kind == VAL_TABLE) {
            Shape shape = value_shape(c->value);
            if (c->value.kind == VAL_TABLE)
                shape = (Shape){c->value.table->rows,
                                (int)c->value.table->ncols};
            str_add_format(&s, "%s [%d,%d]", value_kind_name(c->value),
                           shape.rows, shape.cols);
        } else {
            value_format_inline(&in->format, c->value, &s);
        }
        fprintf(in->out, "%-12s %.60s\n", c->name, str_text(&s));
    }
}

static void clear_variables(Repl *r)
{
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&r->in->top->cells, &i)) != NULL;)
        cell_clear(e->value);
    r->session.len = 0;
}

static void save_session(Repl *r, const char *path)
{
    if (!*path)
        error_raise(SPAN_NONE, ERR_ARGUMENT, ":save takes a file");
    file_write(path, str_text(&r->session), r->session.len);
}

static void run_text(Repl *r, const char *text, size_t len)
{
    uint32_t source = source_add("input", text, len, true);
    r->in->prompt = (int)strlen(prompt_first);
    if (interp_run(r->in, r->in->top, source))
        str_add_len(&r->session, text, len);
    r->in->prompt = 0;
}

static void time_text(Repl *r, const char *text)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    run_text(r, text, strlen(text));
    clock_gettime(CLOCK_MONOTONIC, &b);
    double s = (double)(b.tv_sec - a.tv_sec) +
               1e-9 * (double)(b.tv_nsec - a.tv_nsec);
    fprintf(r->in->out, "%.3g s\n", s);
}

static bool is_command(const char *text, const char *name, const char **rest)
{
    size_t n = strlen(name);
    if (strncmp(text, name, n) != 0 || (text[n] && text[n] != ' '))
        return false;
    *rest = text + n + strspn(text + n, " ");
    return true;
}

static void run_command(Repl *r, char *text)
{
    const char *rest;
    text[strcspn(text, "\n")] = '\0';
    if (is_command(text, ":quit", &rest) || is_command(text, ":q", &rest))
        r->quit = true;
    else if (is_command(text, ":who", &rest))
        show_variables(r);
    else if (is_command(text, ":clear", &rest))
        clear_variables(r);
    else if (is_command(text, ":save", &rest))
        save_session(r, rest);
    else if (is_command(text, ":time", &rest))
        time_text(r, rest);
    else if (is_command(text, ":help", &rest))
        help_show(r->in, rest, SPAN_NONE);
    else
        error_raise_help(SPAN_NONE, ERR_NAME, NULL,
                         ":who :clear :save :time :help :quit",
                         "there is no command `%s`", text);
}

/* ---- the loop ---- */

static void run_input(Repl *r, Str *text)
{
    Checkpoint c = interp_checkpoint(r->in);
    Protect p;
    if (PROTECT(&p)) {
        r->in->format.width = terminal_columns();
        if (str_text(text)[0] == ':')
            run_command(r, text->at);
        else
            run_text(r, str_text(text), text->len);
        protect_end(&p);
    } else {
        interp_restore(r->in, &c);
        report_error(r->in);
    }
    interrupt_flag = 0;
    pool_drain(c.pool);
}

static void start_readline(Repl *r)
{
    rl_readline_name = "mlc";
    rl_catch_signals = 0;
    rl_event_hook = check_interrupt;
    rl_bind_key('\t', rl_insert);
    using_history();
    r->history = history_path(r->arena);
    if (r->history)
        read_history(r->history);
}

int repl_run(void)
{
    Interp *in = interp_new();
    if (!in) {
        fputs("mlc: there is not enough memory to begin\n", stderr);
        return EXIT_FAILURE;
    }
    Arena *lasting = arena_new();
    Repl r = {.in = in, .arena = lasting};
    const char *no_colour = getenv("NO_COLOR");
    in->colour = isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    start_readline(&r);
    printf("mlc %s: ? for help, Ctrl-D to leave\n", MLC_VERSION);
    while (!r.quit) {
        r.arena = arena_new();
        Str text = str_in(r.arena);
        bool more = read_statement(&r, &text);
        if (!more)
            putchar('\n');
        r.quit = !more;
        if (more && text.len > 0) {
            remember(text.at, text.len);
            run_input(&r, &text);
        }
        arena_free(r.arena);
    }
    if (r.history) {
        stifle_history(2000);
        write_history(r.history);
    }
    str_free(&r.session);
    arena_free(lasting);
    interp_free(in);
    return EXIT_SUCCESS;
}

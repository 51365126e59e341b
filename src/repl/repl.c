/*
 * repl.c - the interactive session
 */
#include "repl/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/spawn.h"
#include "repl/command.h"
#include "repl/complete.h"
#include "repl/paste.h"
#include "repl/session.h"
#include "syntax/parse.h"

Repl *repl_current(void)
{
    return context_slot(SLOT_REPL);
}

void session_print(Repl *r, const char *form, ...)
{
    Arena *a = arena_local();
    va_list args;
    va_start(args, form);
    const char *text = arena_print_args(a, form, args);
    va_end(args);
    interp_write(r->in, text, strlen(text));
    arena_free(a);
}

/* ---- statements ---- */

static bool is_whole(const char *text)
{
    const char *statement = text;
    if (text[0] == '?')
        return true;
    if (text[0] == ':') {
        statement = command_statement(text);
        if (!statement)
            return true;
    }
    return parse_state(statement, strlen(statement)) != PARSE_INCOMPLETE;
}

/* The next statement of a transcript, shown behind a prompt. */
static void take_queued(Repl *r)
{
    const char *text = r->queued.at + r->taken;
    r->taken += strlen(text) + 1;
    str_add(&r->typed, text);
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n") + 1;
        session_print(r, "%s%.*s", p == text ? PROMPT_FIRST : PROMPT_MORE,
                      (int)n, p);
        p += n;
    }
    fflush(r->in->out);
}

/*
 * A transcript: its statements are queued, and all but a single one are shown
 * again as they run.  Where the terminal does not tell what is pasted, the
 * lines that wait to be read belong to it.
 */
static void take_transcript(Repl *r, Str *text)
{
    while (line_waits()) {
        str_add_char(text, '\n');
        if (line_read(&r->line, PROMPT_MORE, r->colour, text) != LINE_WHOLE)
            break;
    }
    r->taken = 0;
    str_clear(&r->queued);
    paste_split(&r->queued, str_text(text));
    const char *one = str_text(&r->queued);
    if (r->queued.len > strlen(one) + 1) {
        take_queued(r);
        return;
    }
    str_add(&r->typed, one);
    str_clear(&r->queued);
}

/* A line as it was typed; returns the columns before it on the terminal, below
 * 0: it does not stand right above in one row. */
static int take_line(Repl *r, Str *line)
{
    const char *text = str_text(line);
    if (!paste_is_transcript(text)) {
        str_add(&r->typed, text);
        str_add_char(&r->typed, '\n');
        return strchr(text, '\n') ? -1 : PROMPT_COLUMNS;
    }
    take_transcript(r, line);
    return r->taken > 0 ? PROMPT_COLUMNS : -1;
}

/*
 * Reads lines until they are whole statements, in r->typed; false at the end
 * of the input.  Ctrl-C drops all lines, Ctrl-D a statement that was begun.
 */
static bool read_statement(Repl *r, int *before)
{
    str_clear(&r->typed);
    *before = PROMPT_COLUMNS;
    if (r->taken < r->queued.len) {
        take_queued(r);
        if (is_whole(str_text(&r->typed)))
            return true;
    }
    for (;;) {
        Arena *a = arena_local();
        Str line = str_in(a);
        LineEnd end =
            line_read(&r->line, r->typed.len > 0 ? PROMPT_MORE : PROMPT_FIRST,
                      r->colour, &line);
        bool begun = r->typed.len > 0;
        if (end != LINE_WHOLE) {
            arena_free(a);
            str_clear(&r->typed);
            str_clear(&r->queued);
            r->taken = 0;
            if (end == LINE_CLOSED && !r->line.plain)
                session_print(r, "\n");
            return end == LINE_DROPPED || (begun && !r->line.plain);
        }
        *before = take_line(r, &line);
        arena_free(a);
        const char *text = str_text(&r->typed);
        if (r->typed.len == 0 || is_whole(text))
            return true;
    }
}

/* ---- running ---- */

/* A row that the terminal has broken stands nowhere whole. */
static int row_columns(const Interp *in, const char *text, int before)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    size_t from = n;
    while (from > 0 && text[from - 1] != '\n')
        from--;
    size_t all = text_columns(text + from, n - from) + (size_t)before;
    return before >= 0 && all < (size_t)in->format.width ? before : -1;
}

bool session_run(Repl *r, const char *text, int before)
{
    Interp *in = r->in;
    saved_prepare(&r->saved, in, text);
    uint32_t source = source_add("input", text, strlen(text), true);
    in->prompt = row_columns(in, text, before);
    in->wrote = false;
    in->answer = SPAN_NONE;
    bool good = interp_run(in, in->top, source);
    saved_add(&r->saved, in, text, source);
    return good;
}

/* Tour and lesson look at what was typed. */
static void look(Repl *r, bool good)
{
    if (r->learn.on)
        learn_look(&r->learn, r->in, good);
    else
        tour_look(&r->tour, r->in, good);
}

static void run_input(Repl *r, int before)
{
    const char *text = str_text(&r->typed);
    history_add(&r->history, text);
    r->in->format.width = terminal_columns();
    r->in->prompt = before;
    r->in->wrote = false;
    *context_here() = SPAN_NONE;
    if (text[0] == ':')
        command_run(r, text, before);
    else
        look(r, session_run(r, text, before));
}

/* One statement; an error that is left over is reported. */
static void turn(Repl *r)
{
    Interp *in = r->in;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        int before;
        if (!read_statement(r, &before))
            r->quit = true;
        else if (str_text(&r->typed)[strspn(str_text(&r->typed), " \t\n")])
            run_input(r, before);
        else if (r->learn.on)
            learn_next(&r->learn, in);
        protect_end(&p);
    } else {
        interp_restore(in, &c);
        report_error(in);
    }
    interrupt_flag = 0;
    pool_drain(c.pool);
    if (fflush(in->out) != 0 || ferror(in->out)) {
        r->quit = true;
        r->status = EXIT_FAILURE;
    }
}

/* ---- the session ---- */

static bool wants_colour(int fd)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no_colour && *no_colour) && term && *term &&
           strcmp(term, "dumb") != 0;
}

/* Three rows at most, of 40 columns too. */
static void greet(const Repl *r)
{
    FILE *out = r->line.plain ? stderr : stdout;
    fprintf(out, "mlc %s, calculus for machine learning\n", MLC_VERSION);
    fputs("? helps, TAB completes, Ctrl-D ends\n", out);
    if (r->tour.step > 0)
        fprintf(out, ":tour goes on at step %d\n", r->tour.step + 1);
    else
        fputs(":tour shows how it goes, :learn teaches\n", out);
}

static void start(Repl *r)
{
    Interp *in = r->in;
    context_set_slot(SLOT_REPL, r);
    r->lasting = arena_new();
    in->session = true;
    in->answers = in->top;
    in->format.width = terminal_columns();
    in->colour = wants_colour(STDERR_FILENO);
    r->colour = wants_colour(STDOUT_FILENO);
    line_start(&r->line);
    if (!r->line.plain)
        complete_start();
    history_start(&r->history, r->lasting);
    tour_start(&r->tour, r->lasting);
    learn_start(&r->learn, r->lasting);
    if (isatty(r->line.plain ? STDERR_FILENO : STDOUT_FILENO))
        greet(r);
}

int repl_run(void)
{
    Repl r = {.in = interp_new(), .status = EXIT_SUCCESS};
    if (!r.in) {
        fputs("mlc: there is not enough memory to begin\n", stderr);
        return EXIT_FAILURE;
    }
    start(&r);
    while (!r.quit)
        turn(&r);
    str_free(&r.typed);
    str_free(&r.queued);
    str_free(&r.saved.text);
    arena_free(r.lasting);
    interp_free(r.in);
    return r.status;
}

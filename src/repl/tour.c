/*
 * tour.c - `:tour`, mlc in ten steps that the user types
 */
#include "repl/tour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/help.h"
#include "io/file.h"
#include "repl/history.h"
#include "repl/quiet.h"

typedef struct Step {
    const char *title, *text, *type, *check, *hint;
} Step;

static const Step steps[] = {
#define STEP(title, text, type, check, hint) {title, text, type, check, hint},
#include "repl/tour.def"
#undef STEP
};

enum { STEPS = sizeof steps / sizeof *steps };

/* ---- how far ---- */

void tour_start(Tour *t, Arena *a)
{
    *t = (Tour){.path = state_path(a, "tour")};
    Protect p;
    if (t->path && access(t->path, R_OK) == 0 && PROTECT(&p)) {
        Arena *scratch = arena_local();
        size_t len;
        long n = strtol(file_read(scratch, t->path, &len), NULL, 10);
        t->step = n > 1 && n <= STEPS ? (int)n - 1 : 0;
        arena_free(scratch);
        protect_end(&p);
    }
}

/* A file that cannot be written is no error of the tour. */
static void keep(const Tour *t)
{
    Protect p;
    if (!t->path)
        return;
    if (t->step == 0 || t->step == STEPS) {
        unlink(t->path);
    } else if (PROTECT(&p)) {
        Arena *a = arena_local();
        const char *text = arena_printf(a, "%d\n", t->step + 1);
        file_write(t->path, text, strlen(text));
        arena_free(a);
        protect_end(&p);
    }
}

/* ---- what is shown ---- */

static void say(Interp *in, const char *left, const char *text)
{
    help_paragraph(in, left, text);
}

static void show_lines(Interp *in, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        interp_write(in, "    ", 4);
        interp_write(in, text, n);
        interp_write(in, "\n", 1);
        text += n + (text[n] == '\n');
    }
}

static void show_step(const Tour *t, Interp *in)
{
    const Step *s = &steps[t->step];
    Arena *a = arena_local();
    interp_write(in, "\n", 1);
    say(in, "",
        arena_printf(a, "Step %d of %d: %s", t->step + 1, (int)STEPS,
                     s->title));
    say(in, "  ", s->text);
    say(in, "  ", "Type:");
    show_lines(in, s->type);
    arena_free(a);
}

static void finish(Tour *t, Interp *in)
{
    t->on = false;
    t->step = STEPS;
    keep(t);
    t->step = 0;
    say(in, "",
        "That was the tour. ?name explains a name, ??word finds one, :save "
        "FILE keeps the session; examples/ and README.md go on from here.");
}

/* ---- what is looked at ---- */

/* The steps before the one that is asked for, as if they had been typed. */
static void redo(const Tour *t, Interp *in)
{
    for (int i = 0; i < t->step; i++)
        if (!quiet_holds(in, steps[i].check))
            quiet_run(in, "tour", steps[i].type);
}

void tour_begin(Tour *t, Interp *in, const char *rest)
{
    char *end;
    long n = strtol(rest, &end, 10);
    if (*rest && (*end || n < 1 || n > STEPS))
        error_raise(SPAN_NONE, ERR_ARGUMENT, ":tour has the steps 1 to %d",
                    (int)STEPS);
    if (*rest)
        t->step = (int)n - 1;
    if (!t->on)
        say(in, "",
            "Type what a step asks for, or whatever you like in between. "
            ":hint helps, :skip and :back go on and back, :quit leaves the "
            "tour; :tour comes back to where you left.");
    t->on = true;
    redo(t, in);
    keep(t);
    show_step(t, in);
}

static void raise_no_tour(void)
{
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, ":tour begins it",
                     "this is for the tour, and none is under way");
}

void tour_hint(const Tour *t, Interp *in)
{
    if (!t->on)
        raise_no_tour();
    say(in, "  ", steps[t->step].hint);
    show_lines(in, steps[t->step].type);
}

void tour_move(Tour *t, Interp *in, int by)
{
    if (!t->on)
        raise_no_tour();
    t->step += by;
    if (t->step < 0)
        t->step = 0;
    if (t->step == STEPS) {
        finish(t, in);
        return;
    }
    redo(t, in);
    keep(t);
    show_step(t, in);
}

void tour_leave(Tour *t, Interp *in)
{
    t->on = false;
    Arena *a = arena_local();
    say(in, "",
        arena_printf(a,
                     "The tour waits at step %d: :tour goes on. :quit again, "
                     "or Ctrl-D, leaves mlc.",
                     t->step + 1));
    arena_free(a);
}

void tour_look(Tour *t, Interp *in, bool good)
{
    if (!t->on)
        return;
    if (good && quiet_holds(in, steps[t->step].check)) {
        if (++t->step == STEPS) {
            finish(t, in);
            return;
        }
        keep(t);
        say(in, "", "Right.");
        show_step(t, in);
    } else if (!good || in->wrote) {
        say(in, "  ",
            good ? "(Not yet what the step asks for: :hint, :skip.)"
                 : "(:hint shows how, :skip goes on.)");
    }
}

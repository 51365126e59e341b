/*
 * session.h - what the files of the interactive session share
 *
 * The Repl stands in the Context's SLOT_REPL: the calls that readline makes
 * (a whole line, TAB) get no other pointer.
 */
#ifndef MLC_REPL_SESSION_H
#define MLC_REPL_SESSION_H

#include "eval/interp.h"
#include "repl/history.h"
#include "repl/learn.h"
#include "repl/line.h"
#include "repl/saved.h"
#include "repl/tour.h"

#define PROMPT_FIRST "mlc> "
#define PROMPT_MORE "...> "
#define PROMPT_COLUMNS 5

typedef struct Repl {
    Interp *in;
    Arena *lasting; /* of the session */
    Line line;
    History history;
    Str typed;  /* the statement so far: the lines above the one being typed */
    Str queued; /* statements of a pasted transcript, each ended by a NUL */
    size_t taken; /* bytes of them that are done */
    bool colour;  /* of the prompt */
    Saved saved;
    Tour tour;
    Learn learn;
    bool quit;
    int status;
} Repl;

Repl *repl_current(void);

/*
 * Runs a text; true if all of it ran.  `before` are the columns in front of
 * its last line on the terminal; below 0: that line does not stand there.
 */
bool session_run(Repl *r, const char *text, int before);

/* printf to the output of the session. */
void session_print(Repl *r, const char *form, ...)
    __attribute__((format(printf, 2, 3)));

#endif

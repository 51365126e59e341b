/*
 * saved.h - what ran in a session, as a script that can be run again
 *
 * The statements are kept as they were typed, those that failed left out.
 * Only the session has `ans`: when a statement names it, the expression that
 * printed it becomes `ans = e` and `ans` on a line of its own.
 */
#ifndef MLC_REPL_SAVED_H
#define MLC_REPL_SAVED_H

#include "eval/interp.h"

typedef struct Saved {
    Str text;
    enum {
        ANSWER_NONE,    /* or the script has it */
        ANSWER_PRINTED, /* by the text at the places below */
        ANSWER_ELSEWHERE
    } answer;
    size_t show, from, to; /* statement, expression */
} Saved;

/* Before a text runs: gives the script the `ans` that it names. */
void saved_prepare(Saved *s, Interp *in, const char *text);

/* After it ran: its first in->done bytes did. */
void saved_add(Saved *s, const Interp *in, const char *text, uint32_t source);

void saved_write(const Saved *s, const char *path);
void saved_clear(Saved *s);

#endif

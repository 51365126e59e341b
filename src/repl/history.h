/*
 * history.h - what was typed, in this session and in earlier ones
 *
 * The file is $XDG_STATE_HOME/mlc/history (~/.local/state without the
 * variable), readable by its owner alone: a line for each input, in which a
 * newline is written \n and a backslash \\.  An input is appended when it is
 * given, so that a session that is killed loses nothing and two at a time
 * lose nothing either.
 */
#ifndef MLC_REPL_HISTORY_H
#define MLC_REPL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

typedef struct History {
    const char *path; /* NULL: it is kept in memory only */
} History;

/* Where the session keeps `name`, its folders made; NULL: nowhere. */
const char *state_path(Arena *a, const char *name);

/* Reads the file; the path is in `a`.  Never raises. */
void history_start(History *h, Arena *a);

/* Blanks at the end are left out, and an input like the one before. */
void history_add(History *h, const char *text);

/* The last `most` inputs that hold `part`, the newest last. */
void history_show(FILE *out, const char *part, int most);

#endif

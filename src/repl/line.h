/*
 * line.h - a line from the terminal
 *
 * readline edits the line, if both ends are a terminal.  Its calls are made
 * by a loop of our own, which waits for a key or a signal: Ctrl-C drops the
 * line, a new size of the window draws it anew, Ctrl-Z stops the program with
 * the terminal as it was found.  Where standard output is a pipe or a file
 * nothing but results goes there: lines are read as they come.
 */
#ifndef MLC_REPL_LINE_H
#define MLC_REPL_LINE_H

#include <stdbool.h>

#include "base/str.h"

typedef enum LineEnd {
    LINE_WHOLE,
    LINE_DROPPED, /* Ctrl-C */
    LINE_CLOSED   /* Ctrl-D on an empty line, the end of the input */
} LineEnd;

typedef struct Line {
    bool plain;  /* without readline */
    int signals; /* descriptor that tells of signals, or -1 */
    bool interrupted, resized, stopped; /* signals that came */
    bool ready;                         /* there is something to read */
    bool done;                          /* readline has a whole line */
    char *text;                         /* of it; NULL: the end */
} Line;

void line_start(Line *l);

/* Reads a line and appends it, without its end. */
LineEnd line_read(Line *l, const char *prompt, bool colour, Str *text);

/* Is there more to read right now, as in a paste that came as typed keys? */
bool line_waits(void);

/* The terminal as it was found: may be called from another thread when the
 * process is about to end. */
void line_restore_terminal(void);

#endif

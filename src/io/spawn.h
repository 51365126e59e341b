/*
 * spawn.h - other programs, and what the terminal can show
 */
#ifndef MLC_IO_SPAWN_H
#define MLC_IO_SPAWN_H

#include <stdbool.h>

/*
 * Runs argv[0], found in PATH, with these arguments (NULL at the end) and
 * waits for it; no shell reads them.  Returns its exit status, -1 if there is
 * no such program.  Raises ERR_FILE if it cannot be started for another
 * reason or was killed.
 */
int spawn_run(const char *const argv[]);

/* Does the locale of the environment say that text is UTF-8? */
bool locale_is_utf8(void);

/* Columns of the terminal that standard output is; 80 if it is none. */
int terminal_columns(void);

#endif

/*
 * paste.h - transcripts of a session, typed again
 */
#ifndef MLC_REPL_PASTE_H
#define MLC_REPL_PASTE_H

#include <stdbool.h>

#include "base/str.h"

/* What follows the prompt `mlc>` or `...>` that a line begins with, or NULL. */
const char *paste_after_prompt(const char *line, const char *prompt);

/* Does a line of the text begin with a prompt? */
bool paste_is_transcript(const char *text);

/*
 * Appends the statements of a transcript, each ended by a NUL.  Lines without
 * a prompt are what was printed, and are left out; but the first one, copied
 * from the middle of a line, and those in a statement that is not whole.
 */
void paste_split(Str *out, const char *text);

#endif

/*
 * tool.h - the subcommands of mlc that work on source text
 *
 * Each takes the words after its name and returns the exit status: 0, 1 for
 * what was found or went wrong, 2 for a wrong command line.
 */
#ifndef MLC_TOOL_TOOL_H
#define MLC_TOOL_TOOL_H

#include "base/error.h"
#include "io/folder.h"

enum { TOOL_GOOD = 0, TOOL_FOUND = 1, TOOL_USAGE = 2 };

/*
 * mlc fmt [--check] FILE|FOLDER|-...: files in canonical layout
 * (syntax/tidy.h), rewritten in place; `-` from standard input to standard
 * output.  --check writes nothing and names the files that would change.
 */
int tool_fmt(int argc, char **argv);

/* ---- shared by the tools ---- */

/* An error on stderr, and the one that a protection caught. */
void tool_show(const Error *error, bool warning);
void tool_report(void);

/* Says what is wrong with the command line; TOOL_USAGE. */
int tool_usage(const char *form, const char *word);

/* The arguments, of folders the .mlc files in them; false after a report. */
bool tool_collect(Arena *a, int argc, char **argv, Paths *paths);

/* Flushes stdout: `status`, or TOOL_FOUND after a report. */
int tool_finish(int status);

#endif

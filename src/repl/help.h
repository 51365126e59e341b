/*
 * help.h - `?name`, from doc comments and the rows of builtins and operators
 */
#ifndef MLC_REPL_HELP_H
#define MLC_REPL_HELP_H

#include "eval/interp.h"

/* Prints the help of a name, or the overview for an empty one. */
void help_name(Interp *in, const char *name);

/* Prints the names whose name or help line holds the word. */
void help_search(Interp *in, const char *word);

#endif

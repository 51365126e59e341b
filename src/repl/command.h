/*
 * command.h - `:who` and its kin
 */
#ifndef MLC_REPL_COMMAND_H
#define MLC_REPL_COMMAND_H

#include "repl/session.h"

/* ":who", ...: NULL past the last. */
const char *command_name(size_t i);

/*
 * Runs `:name rest`; of it the first line counts, of :time all.  Raises
 * ERR_NAME where there is no such command.
 */
void command_run(Repl *r, const char *text, int before);

/* Does this command take a statement, which begins where? */
const char *command_statement(const char *text);

#endif

/*
 * repl.h - the interactive session
 */
#ifndef MLC_REPL_REPL_H
#define MLC_REPL_REPL_H

/* Runs until end of input or `:quit`; the exit status. */
int repl_run(void);

#endif

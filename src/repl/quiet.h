/*
 * quiet.h - statements and conditions that tour and lessons run unseen
 */
#ifndef MLC_REPL_QUIET_H
#define MLC_REPL_QUIET_H

#include "eval/interp.h"

/* Is this condition true?  An error in it means that it is not. */
bool quiet_holds(Interp *in, const char *condition);

/* Runs statements; what they print is not shown. */
void quiet_run(Interp *in, const char *name, const char *text);

#endif

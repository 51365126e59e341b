/*
 * complete.h - what TAB offers
 *
 * Names of variables, functions and models; behind a `.` fields, columns and
 * members; in a call the options of what is called; in strings files and
 * columns; commands, and names behind `?`.  `\alpha` becomes the letter.
 */
#ifndef MLC_REPL_COMPLETE_H
#define MLC_REPL_COMPLETE_H

#include "eval/interp.h"
#include "repl/place.h"

typedef VEC(const char *) Words;

/* The words that may stand at a place, those that begin with `part`. */
void complete_words(Interp *in, Arena *a, const Place *p, const char *part,
                    Words *words);

/* Binds TAB in readline. */
void complete_start(void);

#endif

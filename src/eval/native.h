/*
 * native.h - machine code of loops in register code, for x86-64 with AVX
 *
 * Loops over numbers and over entries of float arrays run as fast as compiled
 * C, with the values, errors and promotions of the interpreter.  Without it
 * everything runs in the interpreter.
 */
#ifndef MLC_EVAL_NATIVE_H
#define MLC_EVAL_NATIVE_H

#include "eval/fastcode.h"

/* How many turns an interpreted loop takes before it is worth machine code,
 * or 0: it is never made. */
unsigned native_patience(void);

/*
 * Runs the code with these registers from instruction `at` on, the begin of a
 * loop's turn.  Returns where the interpreter goes on; -1 if there is no
 * machine code for what the registers hold, which is made if `make` is set.
 */
int native_run(const FastCode *code, Local *r, int at, bool make);

#endif

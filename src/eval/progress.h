/*
 * progress.h - the line that shows how far a fit is
 *
 * Solvers call the language's progress(iteration, value, gradient norm).  On
 * a terminal the line is shown after a third of a second, then at most ten
 * times a second, always in the same place on stderr; elsewhere nothing is.
 */
#ifndef MLC_EVAL_PROGRESS_H
#define MLC_EVAL_PROGRESS_H

#include "eval/interp.h"

double seconds_now(void);       /* of the monotonic clock */

/* Fits may call fits: the outermost one owns the line, and end takes what
 * its begin returned. */
double progress_begin(Interp *in);

/* Clears the line.  True if there was one and this was the outermost fit. */
bool progress_end(Interp *in, double begun);

#endif

/*
 * picture_fit.h - pictures of fits
 */
#ifndef MLC_EVAL_PICTURE_FIT_H
#define MLC_EVAL_PICTURE_FIT_H

#include "eval/call.h"

/* plot(m), plot(m, "residuals"): the library draws them from the facts. */
Value picture_of_fit(Interp *in, const Args *a);

#endif

/*
 * show.h - values as other programs show them
 */
#ifndef MLC_TOOL_SHOW_H
#define MLC_TOOL_SHOW_H

#include "eval/interp.h"

/* The LaTeX of a formula, or of a record of formulas; of anything else, and
 * of what is too long, nothing. */
void show_latex(Interp *in, Value v, Str *s);

#endif

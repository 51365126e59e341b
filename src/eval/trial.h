/*
 * trial.h - a fit to some of the rows, scored on others
 *
 * trial(train, test), positions of rows, gives a number: see
 * builtin_validate.c.
 */
#ifndef MLC_EVAL_TRIAL_H
#define MLC_EVAL_TRIAL_H

#include "eval/call.h"

extern const FunctionClass class_trial;

Value call_trial(Interp *in, Function *f, const Args *a);

#endif

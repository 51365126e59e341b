/*
 * report.h - what is asked of a fit: score, design, the facts of its summary
 */
#ifndef MLC_EVAL_REPORT_H
#define MLC_EVAL_REPORT_H

#include "eval/fit.h"

/*
 * How well a fit predicts: R2, or of labels the share that is right.  `n`
 * data items in the order that predict reaches them, then what was observed;
 * one table where the fit has a formula; none: the data of the fit.
 */
Value report_score(Interp *in, Function *fit, int n, const Value data[]);

#endif

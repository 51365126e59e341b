/*
 * hinge.h - kinked losses as constrained problems
 *
 * A sum of max(0, a) or abs(a), a affine in the params, is the least sum of
 * slacks s with s >= a, s >= 0 (or s >= -a): the hinge loss becomes the slack
 * form of the support vector machine, least absolute deviations a linear
 * program (Boyd & Vandenberghe 2004, p. 294, 300).
 */
#ifndef MLC_EVAL_HINGE_H
#define MLC_EVAL_HINGE_H

#include "eval/problem.h"

/* More slacks than this are left to the solvers of kinked objectives. */
#define MOST_SLACKS 800

/*
 * If every kink of p's objective is of that kind: true, q the problem with
 * slacks, which are leaves appended to r.  The caller takes them off again.
 */
bool hinge_problem(Interp *in, ModelRun *r, const Problem *p, Problem *q);

#endif

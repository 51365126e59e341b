/*
 * start.h - what a fit must have before a solver begins
 *
 * Each of these raises an error that names the data item, the param or the
 * line concerned.
 */
#ifndef MLC_EVAL_START_H
#define MLC_EVAL_START_H

#include "eval/problem.h"

/* Data items as given: at least one row. */
void start_check_rows(const Model *m, const Value values[]);

/* A param's bounds enclose something, and its start lies inside of them. */
void start_check_bounds(const Decl *d, const ModelLeaf *l);

/* The objective is a finite number at the start. */
void start_check_value(Interp *in, const ModelRun *r, const Problem *p,
                       Value record);

#endif

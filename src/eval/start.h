/*
 * start.h - what a fit must have before a solver begins
 *
 * Each check raises an error that names the data item, the param or the line
 * concerned.
 */
#ifndef MLC_EVAL_START_H
#define MLC_EVAL_START_H

#include "eval/problem.h"

/* Data items as given: at least one row. */
void start_check_rows(const Model *m, const Value values[],
                      const Span places[]);

/* What the bounds of a declaration ask for: ">= 0", "> 0 and < 1". */
const char *start_bounds_text(const Decl *d);

/* A data item without missing values. */
void start_check_missing(const Decl *d, Value v);

/* A param's bounds enclose something, and its start lies inside of them. */
void start_check_bounds(const Decl *d, const ModelLeaf *l);

/* The objective is a finite number at the start. */
void start_check_value(Interp *in, const ModelRun *r, const Problem *p,
                       Value record);

/* The norms of the columns of a data matrix, kept for start_units, show too that
 * all its entries are finite: one look at it.  False: look at them. */
bool start_measure(ModelRun *r, const Decl *d, Value v);

/* For each packed param 1/(root mean square of its column), the penalty l2
 * counted: of a weight with as many rows as a data matrix has columns; else 1.
 */
Value start_units(const ModelRun *r, double l2);

#endif

/*
 * labels.h - classes of data rows and the numbers they are coded by
 *
 * Labels are texts, numbers or booleans: a list or a column, one for each
 * row.  Columns of numbers are gone through without making a Value of each.
 */
#ifndef MLC_EVAL_LABELS_H
#define MLC_EVAL_LABELS_H

#include "syntax/ast.h"
#include "value/matrix.h"

/* The different labels in ascending order, few of them.  Raises ERR_MISSING
 * and ERR_NAN in the name of d. */
Value labels_distinct(Value v, const Decl *d);

/* The code of each row's label: code[k] for label k, or k + 1. */
Value labels_code(Value v, Value labels, const double code[]);

/*
 * The labels that the codes stand for, as an array, where all labels are
 * integers or all are floats, code (or NULL) has two entries and knows all of
 * y; else VALUE_NONE.
 */
Value labels_decode(const Array *y, Value labels, const double code[2]);

#endif

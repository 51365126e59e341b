/*
 * classes.h - labels that are drawn in colours
 */
#ifndef MLC_EVAL_CLASSES_H
#define MLC_EVAL_CLASSES_H

#include "eval/plotting.h"

enum { MOST_CLASSES = 20 };

typedef struct Classes {
    Figure *f;
    int count;
    Value label[MOST_CLASSES];
    const char *name[MOST_CLASSES]; /* in the arena of the figure */
} Classes;

/* Adds the labels of a column, a list or one for all, in ascending order with
 * those that are there.  ERR_TYPE, ERR_LIMIT. */
void classes_add(Classes *c, Value labels);

/* How many labels a column or list has. */
size_t classes_rows(Value labels);

/* The class of row i, from 0; -1: missing, or unknown. */
int classes_of_row(const Classes *c, Value labels, size_t i);

/* Points, a layer for each class. */
void classes_points(const Classes *c, size_t n, const double *x,
                    const double *y, Value labels);

#endif

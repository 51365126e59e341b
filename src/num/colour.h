/*
 * colour.h - few directions for all entries of a sparse matrix
 *
 * Columns that share no row can be taken together: a derivative in the
 * direction of their sum holds the entries of each (Curtis, Powell & Reid, J.
 * Inst. Maths Applics 13, 1974).  A partition into few such groups is a
 * distance-2 colouring of the columns (Coleman & Moré, SIAM J. Numer. Anal.
 * 20, 1983).  Of a symmetric matrix an entry may be read at its mirror image
 * as well, so fewer groups do: a star colouring (Coleman & Moré, Math. Prog.
 * 28, 1984).  Both are greedy here, in the order of the columns: Gebremedhin,
 * Manne & Pothen, SIAM Review 47, 2005, algorithms 3.1 and 4.1.
 */
#ifndef MLC_NUM_COLOUR_H
#define MLC_NUM_COLOUR_H

#include <stdbool.h>

/* Entries of a matrix by its columns and by its rows. */
typedef struct Pattern {
    int rows, cols;
    const int *col_start, *row; /* rows of each column */
    const int *row_start, *col; /* columns of each row */
} Pattern;

/*
 * colour[j] of each column, from 0; returns their number.  `room` holds cols +
 * 1 integers.
 */
int colour_columns(const Pattern *p, int *colour, int *room);

/* Of a symmetric pattern. */
int colour_star(const Pattern *p, int *colour, int *room);

#endif

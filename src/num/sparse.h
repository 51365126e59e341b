/*
 * sparse.h - linear systems with compressed columns
 *
 * Entry k of column j, start[j] <= k < start[j + 1], is f[k] in row row[k];
 * rows ascend within a column.  A narrow band is factored here; anything
 * else by UMFPACK of SuiteSparse (Davis, ACM TOMS 30, 2004), which is loaded by
 * the first call that needs it, as OpenBLAS is.  Its fill-reducing orderings
 * and frontal kernels are what makes a grid or a network of 10^5 unknowns
 * solvable; writing them again would be thousands of lines.
 *
 * The functions return NUM_OK or a code of number.h: NUM_MISSING (the package
 * is libumfpack5), NUM_MEMORY, NUM_SINGULAR, NUM_FAILED.  None raises.
 */
#ifndef MLC_NUM_SPARSE_H
#define MLC_NUM_SPARSE_H

#include "num/number.h"

#define SPARSE_PACKAGE "libumfpack5"

typedef struct Columns {
    int rows, cols;
    const int *start; /* cols + 1 */
    const int *row;
    const double *f;
} Columns;

/*
 * b = inv(a)*b for a square a and nrhs right sides, one after the other.
 * *rcond is the least pivot over the largest: a rough estimate.
 */
int sparse_solve_in_place(const Columns *a, int nrhs, double *b, double *rcond);

#endif

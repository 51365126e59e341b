/*
 * columns.h - columns of data, gone through by threads
 *
 * As the functions of vmath.h, but for the thread of the interpreter alone and
 * holding no scratch: an interrupt is raised between two parts.  Each column
 * is summed by one thread, so the digits do not depend on their number.
 */
#ifndef MLC_NUM_COLUMNS_H
#define MLC_NUM_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

bool columns_all_finite(const double *x, size_t n);

/* norm[j] = the 2-norm of column j of x, which has no gaps. */
void columns_norm2(double norm[], const double *x, size_t rows, size_t cols);

#endif

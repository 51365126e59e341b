/*
 * nearest.h - the rows of one matrix nearest to those of another
 *
 * Distances are Euclidean.  A product of matrices gives all of them but for
 * rounding; the rows that could be among the nearest, whatever the rounding
 * was, are then compared by the sums of their squared differences.  So the
 * answer is that of the sums alone, and does not depend on how the product was
 * computed.
 */
#ifndef MLC_NUM_NEAREST_H
#define MLC_NUM_NEAREST_H

/*
 * index (m by k) = the numbers, from 1, of the k rows of x (n by d) nearest to
 * each row of z (m by d), the nearest first; of rows as near the first.  All
 * are held column by column, without NaN, 1 <= k <= n.
 */
void nearest_rows(const double *x, int n, const double *z, int m, int d, int k,
                  int *index);

#endif

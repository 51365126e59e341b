/*
 * rows.h - products with some rows of a matrix
 *
 * x is what a matrix of columns `ld` numbers apart has of m rows and k columns.
 * A sweep over blocks of rows multiplies each block twice, by columns and
 * transposed, while it is in the cache; these are its kernels.  As no product
 * is contracted with its sum, every width of vectors gives the same bits.
 */
#ifndef MLC_NUM_ROWS_H
#define MLC_NUM_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * y = x*w.  Of the rows that follow the m in x, the first `ahead` (at most m)
 * are called into the cache.
 */
void rows_times(double *y, const double *x, size_t ld, size_t m, size_t k,
                const double *w, size_t ahead);

/*
 * x'*r is added to k sums of ROWS_LANES lanes each, which begin as 0;
 * rows_total joins the lanes of one.  Of the rows that follow in x,
 * first..ahead are called into the cache.
 */
enum { ROWS_LANES = 8 };

void rows_collect(double *sums, const double *x, size_t ld, size_t m, size_t k,
                  const double *r, size_t first, size_t ahead);
double rows_total(const double sum[ROWS_LANES]);

/*
 * c = a'*b, or c + a'*b if it adds, of m by n arrays whose product is known to
 * be symmetric: the lower triangle, and a part of the upper one.  Here products
 * are fused with their sums: false, and nothing is done, where the processor
 * cannot.
 */
bool rows_gram(double *c, size_t ldc, size_t n, const double *a, size_t lda,
               const double *b, size_t ldb, size_t m, bool adds);

#endif

/*
 * tiles.h - large products, cut into tiles for threads
 *
 * As the functions of blas.h, but for the thread of the interpreter alone and
 * holding no scratch: an interrupt is raised between two tiles.  How a product
 * is cut depends on its sides only, so the digits do not depend on the number
 * of threads.
 */
#ifndef MLC_NUM_TILES_H
#define MLC_NUM_TILES_H

#include "num/blas.h"

/* c = op(a)*op(b), op(a) m by k and op(b) k by n; c has no gaps. */
int tiles_gemm(bool ta, bool tb, int m, int n, int k, const double *a, int lda,
               const double *b, int ldb, double *c);

/* c = a'*a of a k by n matrix (ta), or a*a' of an n by k one. */
int tiles_syrk(bool ta, int n, int k, const double *a, int lda, double *c);

#endif

/*
 * gaussian.h - matrices of Gaussian kernel values
 */
#ifndef MLC_NUM_GAUSSIAN_H
#define MLC_NUM_GAUSSIAN_H

#include <stddef.h>

/*
 * y[i,j] = exp(-gamma*norm2(u - v)^2) for the rows u of a, m by d, and v of b,
 * n by d, y without gaps.  The square is taken apart, so the columns are best
 * centred.  b NULL: the rows of a, and y is symmetric to the last bit, with 1
 * on its diagonal.  room: m + n numbers.  NUM_OK or what blas_gemm returns;
 * an interrupt is raised.
 */
typedef struct Gaussian {
    double gamma;
    int m, n, d;
    const double *a, *b;
    double *y, *room;
} Gaussian;

int gaussian_fill(const Gaussian *g);

#endif

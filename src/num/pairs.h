/*
 * pairs.h - quadratic programs of support vector machines
 *
 * The least u'*K*u/2 + q'*u + edge*sum(|u|) with low <= u <= high and sum(u)
 * held, K symmetric.  Pairs of variables are moved against each other, chosen
 * by second-order information (Fan, Chen & Lin, JMLR 6, 2005); an edge > 0
 * puts a kink at 0, where a variable stops on its way.
 */
#ifndef MLC_NUM_PAIRS_H
#define MLC_NUM_PAIRS_H

#include <stddef.h>

typedef struct PairProblem {
    size_t n;
    const double *k; /* by columns, `ld` apart */
    size_t ld;
    const size_t *rows; /* of k, one a variable; NULL: 0..n-1 */
    const double *q, *low, *high;
    double edge;
    double tol;   /* of the optimality conditions */
    size_t steps; /* at most */
} PairProblem;

typedef struct PairOutcome {
    size_t steps;
    double gap;   /* by which the conditions are missed */
    double value; /* of the objective; NaN where K is not finite */
    double level; /* the multiplier of the sum */
} PairOutcome;

/* u: the start, within the bounds, then the result.  room: for 4*n numbers, of
 * which the first n become -q - K*u. */
PairOutcome pairs_minimize(const PairProblem *p, double *u, double *room);

#endif

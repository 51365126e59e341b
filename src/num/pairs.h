/*
 * pairs.h - quadratic programs of support vector machines
 *
 * The least u'*K*u/2 + q'*u + edge*sum(|u|) with low <= u <= high and sum(u)
 * held, K symmetric.  Pairs of variables are moved against each other, chosen
 * by second-order information (Fan, Chen & Lin, JMLR 6, 2005); an edge > 0
 * puts a kink at 0, where a variable stops on its way.
 *
 * Only the columns of K that the pairs ask for are read: from a matrix, or
 * from a PairSource, which makes them.  Of those as many are kept as the
 * caller has room for, the ones used last.
 */
#ifndef MLC_NUM_PAIRS_H
#define MLC_NUM_PAIRS_H

#include <stddef.h>
#include <stdint.h>

/* Makes columns which[0..count-1] of K: n numbers each, at to[0], to[1], ...
 * It may raise an error. */
typedef struct PairSource {
    void (*make)(void *data, size_t count, const size_t *which,
                 double *const *to);
    void *data;
    size_t batch; /* columns to ask for at once; those beyond the one that is
                     needed are likely to be needed next */
} PairSource;

/* Where made columns are kept: `room` for slots*n numbers, slots at least
 * PAIRS_SLOTS(batch); slot_of has n entries, the others `slots`. */
#define PAIRS_SLOTS(batch) ((batch) + 2)

typedef struct PairCache {
    double *room;
    size_t slots;
    size_t *slot_of; /* of a column; SIZE_MAX: none */
    size_t *column_at;
    uint64_t *used; /* when */
} PairCache;

typedef struct PairProblem {
    size_t n;
    const double *k; /* n by n, by columns; NULL: from the source */
    PairSource source;
    PairCache cache;
    const double *diagonal; /* of K */
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

/* u: the start, within the bounds, then the result.  room: for
 * PAIRS_ROOM(n) numbers, of which the first n become -q - K*u. */
#define PAIRS_ROOM(n) (4 * ((n) + 8))

PairOutcome pairs_minimize(const PairProblem *p, double *u, double *room);

#endif

/*
 * exact_sum.h - long sums and products of exact numbers
 *
 * Fractions grow with what is added to them.  In a Tower only numbers of
 * about the same number of terms are joined, so that the work is that of a
 * few large operations (binary splitting: R. Brent & P. Zimmermann, Modern
 * Computer Arithmetic, 4.9).  Sums of polynomials need no terms at all.
 */
#ifndef MLC_EVAL_EXACT_SUM_H
#define MLC_EVAL_EXACT_SUM_H

#include "graph/node.h"

enum { TOWER_FLOORS = 64 };

/* Floor k holds, or not, the join of 2^k terms. */
typedef struct Tower {
    bool product;
    uint64_t count; /* terms; its bits say which floors hold one */
    Value floor[TOWER_FLOORS];
} Tower;

void tower_add(Tower *t, Value v);
Value tower_total(Tower *t); /* and empties it */
void tower_clear(Tower *t);

/* A range of whole numbers: from, from + step, ... */
typedef struct Steps {
    int64_t from, step;
    size_t count;
} Steps;

/* False if the ends are no such numbers. */
bool range_steps(Value from, Value step, Value to, Steps *s);

/* The sum of a polynomial in the index; false if it is none in it. */
bool polynomial_sum(Graph *g, Node body, Node index, const Steps *s, Value *y);

#endif

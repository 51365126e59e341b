/*
 * interval.h - arithmetic of intervals, rounded outward
 *
 * A Range in the state RANGE_OK holds every value that a formula takes, all
 * of them numbers; its bounds may be infinite, which says that they are not
 * known or that there is none.  Where the formula has no value at some points
 * of a range only (the square root of -1..1), the others count.
 */
#ifndef MLC_GRAPH_INTERVAL_H
#define MLC_GRAPH_INTERVAL_H

#include "graph/node.h"

typedef enum RangeState {
    RANGE_OK,
    RANGE_VAGUE,    /* nothing is known */
    RANGE_UNDEFINED /* surely no value there, nor in a neighbourhood */
} RangeState;

typedef struct Range {
    double low, high;
    RangeState state;
} Range;

#define RANGE_NONE ((Range){0, 0, RANGE_VAGUE})

Range range_new(double low, double high); /* VAGUE if not low <= high */
Range range_point(double x);
Range range_of_number(Value v);

Range range_add(Range a, Range b);
Range range_negative(Range a);
Range range_multiply(Range a, Range b);
Range range_inverse(Range a); /* VAGUE around 0 */
Range range_magnitude(Range a);
Range range_whole_power(Range a, int64_t n);
Range range_hull(Range a, Range b);

/* a^b for a >= 0. */
Range range_power(Range a, Range b);

/* A function of ops.def of one argument; VAGUE for those without bounds. */
Range range_apply(OpId op, Range a);

#endif

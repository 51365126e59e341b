/*
 * enclose.h - bounds of a formula at a point
 *
 * Interval arithmetic on floats, rounded outward: the value of the formula
 * lies in low..high if the state is RANGE_OK.  Sums and products are rounded
 * by their exact error; functions, whose kernels are accurate to a few units
 * in the last place (num/vmath.h), are widened by 16.
 */
#ifndef MLC_GRAPH_ENCLOSE_H
#define MLC_GRAPH_ENCLOSE_H

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

/* The formula n where symbol[i] is the number value[i]. */
Range enclose(Graph *g, Node n, int count, const Node symbol[],
              const Node value[]);

#endif

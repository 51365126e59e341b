/*
 * probe.h - the value of a scalar formula at a point, with an error estimate
 *
 * For questions that formulas alone do not settle: is this 0, did this
 * antiderivative come out right?  Plain floats, one operation after the
 * other, nothing raised: outside of a domain the value is NaN.
 */
#ifndef MLC_GRAPH_PROBE_H
#define MLC_GRAPH_PROBE_H

#include "graph/node.h"

typedef struct Probe {
    double value;
    double error; /* how far rounding may have moved it */
} Probe;

/* False if n holds an array, a binder, or a symbol that is not among them. */
bool probe_value(Graph *g, Node n, int count, const Node symbol[],
                 const double value[], Probe *y);

typedef enum Zero { ZERO_NO, ZERO_YES, ZERO_UNKNOWN } Zero;

/*
 * Is n 0 everywhere?  Not if it is not at one of several points, within the
 * signs that its symbols were declared with; else as a rational function
 * where that settles it.  YES by points is beyond doubt only up to the digits
 * of a float.
 */
Zero probe_zero(Graph *g, Node n);

/* The sign of a scalar: -1, 0, 1; 2 if it is not known. */
int node_known_sign(Graph *g, Node n);

#endif

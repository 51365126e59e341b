/*
 * enclose.h - bounds of a formula at a point
 *
 * By interval arithmetic (graph/interval.h): the value of the formula lies
 * in low..high, which are finite, if the state is RANGE_OK.
 */
#ifndef MLC_GRAPH_ENCLOSE_H
#define MLC_GRAPH_ENCLOSE_H

#include "graph/interval.h"

/* The formula n where symbol[i] is the number value[i]. */
Range enclose(Graph *g, Node n, int count, const Node symbol[],
              const Node value[]);

/* Is the constant n 0, as far as the digits of a float tell? */
bool enclose_zero(Graph *g, Node n);

#endif

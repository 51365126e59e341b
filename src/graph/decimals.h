/*
 * decimals.h - floats as the decimal fractions that were typed
 */
#ifndef MLC_GRAPH_DECIMALS_H
#define MLC_GRAPH_DECIMALS_H

#include "graph/node.h"

/*
 * n with every finite float outside of arrays of numbers as the fraction that
 * its shortest decimal is: 0.1 is 1/10.  What cancels in the decimals then
 * cancels in the formula.  n itself if it holds none.
 */
Node node_decimals(Graph *g, Node n);

#endif

/*
 * near.h - a formula by the distance from a point
 *
 * 1 - x^2 at x = 1 - t is 2*t - t^2, whose digits do not run out near t = 0.
 */
#ifndef MLC_GRAPH_NEAR_H
#define MLC_GRAPH_NEAR_H

#include "graph/node.h"

/* e with x = c + side*t, side 1 or -1; sums, sines and cosines that are 0 at
 * t = 0 are rewritten so that they are so without cancellation. */
Node node_near(Graph *g, Node e, Node x, Node c, int side, Node t);

#endif

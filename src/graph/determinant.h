/*
 * determinant.h - determinants of written matrices, multiplied out
 */
#ifndef MLC_GRAPH_DETERMINANT_H
#define MLC_GRAPH_DETERMINANT_H

#include "graph/node.h"

/*
 * det of a square literal a as a quotient of polynomials in its entries.
 * NODE_NONE if an entry is not known or cannot be read so (rational.h).  Raises
 * ERR_LIMIT if the work or the result is too large.
 */
Node node_det_expanded(Graph *g, Node a);

/* The same if it is short, at most as many terms as entries, and found at
 * once; else NODE_NONE.  Raises nothing. */
Node node_det_short(Graph *g, Node a);

#endif

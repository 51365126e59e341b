/*
 * pretty.h - formulas as they stand on paper
 */
#ifndef MLC_GRAPH_PRETTY_H
#define MLC_GRAPH_PRETTY_H

#include "graph/node.h"

/*
 * Fractions, powers, roots, sums and matrices in two dimensions; a sum wider
 * than `columns` goes on below.  `ascii`: no other characters than those in
 * names.  Raises ERR_LIMIT for a formula that fills pages.
 */
void node_pretty(Graph *g, Node n, bool ascii, int columns, Str *out);

#endif

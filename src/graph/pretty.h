/*
 * pretty.h - formulas as they stand on paper
 */
#ifndef MLC_GRAPH_PRETTY_H
#define MLC_GRAPH_PRETTY_H

#include "graph/print.h"

/*
 * Fractions, powers, roots, sums and matrices in two dimensions; sums go on
 * below where the formula is wider than `columns`, and what is too wide even
 * so is written in lines.  `ascii`: no other characters than those in names.
 * head may be NULL.  Raises ERR_LIMIT for a formula that fills pages.
 */
void node_pretty(Graph *g, Node n, const FormulaHead *head, bool ascii,
                 int columns, Str *out);

#endif

/*
 * steps.h - a derivative, a line a rule
 */
#ifndef MLC_GRAPH_STEPS_H
#define MLC_GRAPH_STEPS_H

#include "graph/node.h"

/*
 * The derivation of the derivative of e by the number x, or of the gradient
 * of the number e by the array x (through differentials): one line for each
 * part that holds x, operands first, with the rule that was used; the last
 * is the answer.  `dx` is the symbol of the differential of an array.
 */
void node_steps(Graph *g, Node e, Node x, Node dx, Str *out);

#endif

/*
 * steps.h - a derivative, a line a rule
 */
#ifndef MLC_GRAPH_STEPS_H
#define MLC_GRAPH_STEPS_H

#include "graph/node.h"

/*
 * The derivation of the derivative of e by the number x, or (through
 * differentials) of the gradient of the number e or the Jacobian of the
 * column e by the array x: one line for each part that holds x, operands
 * first, with the rule that was used; the last is the answer, which is
 * returned.  `dx` is the symbol of the differential of an array.  Rules stand
 * beside their lines where both fit in `columns`.
 */
Node node_steps(Graph *g, Node e, Node x, Node dx, int columns, Str *out);

#endif

/*
 * quotients.h - sums of quotients by sums of exponentials
 */
#ifndef MLC_GRAPH_QUOTIENTS_H
#define MLC_GRAPH_QUOTIENTS_H

#include "graph/node.h"

/* n with a/S + b/S^2 + c joined to one quotient, S a sum of exponentials,
 * wherever exponentials cancel by it. */
Node node_join_quotients(Graph *g, Node n);

#endif

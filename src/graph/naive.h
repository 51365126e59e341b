/*
 * naive.h - the value of a node, by the definition of every operator
 *
 * One operation after the other, on whole arrays of floats, with the kernels
 * of ops.def: slow and plain.  The self-tests and the checks of rules use it
 * as a witness that shares nothing with compile/.
 *
 * A declared function symbol stands for exp(c1*x1 + c2*x2 + ...) with
 * ck = 0.3 + 0.2*k, whose derivatives of every order are known.
 */
#ifndef MLC_GRAPH_NAIVE_H
#define MLC_GRAPH_NAIVE_H

#include "graph/node.h"

/*
 * Symbols (dimensions too) and their values: numbers, arrays.  Raises
 * ERR_NAME for a symbol that is not among them, ERR_TYPE for a binder, and
 * what the operations raise.  The result is in the pool.
 */
Value naive_value(Graph *g, Node n, int count, const Node symbol[],
                  const Value value[]);

#endif

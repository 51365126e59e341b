/*
 * binder_close.h - closing binders; for graph/ alone
 *
 * A body that is open at level d is closed by replacing every maximal
 * subexpression of lower level, the captures, by an ARG.  Constants and what
 * is made of named dimensions alone stay inside.  Captures are sorted by
 * structural key, so a loop does not depend on how it was written.
 */
#ifndef MLC_GRAPH_BINDER_CLOSE_H
#define MLC_GRAPH_BINDER_CLOSE_H

#include "graph/binder.h"

/* The LOOP as it stands, without the simplifications of node_loop. */
Node loop_close(Graph *g, const LoopSpec *s);

/*
 * The IF as it stands: captures are the variables and the leaves, so that
 * nothing is computed outside that an arm alone needs.
 */
Node choice_close(Graph *g, Node c, int n, const Node a[], const Node b[],
                  int variables, const Node variable[], const Node value[]);

/* Block i of `cols` columns. */
Node hist_block(Graph *g, Node hist, Dim cols, Node i);

/* Does an ARG stand in the integer expression n? */
bool binder_holds_arg(const Graph *g, Node n);

/* What is known of a node that an argument stands for. */
unsigned binder_flags(Graph *g, Node n);

#endif

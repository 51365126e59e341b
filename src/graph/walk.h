/*
 * walk.h - what passes over the graph share
 *
 * A pass keeps its answers in a NodeMap, from nodes to 32-bit words.  Its
 * scratch data lie in g->scratch between a mark and a reset, as those of the
 * constructors do, so it takes memory only while no constructor runs.
 */
#ifndef MLC_GRAPH_WALK_H
#define MLC_GRAPH_WALK_H

#include "base/vec.h"
#include "graph/node.h"

typedef struct NodeMapEntry {
    Node key; /* NODE_NONE: free */
    uint32_t value;
} NodeMapEntry;

/* Open addressing; all memory is in the arena. */
typedef struct NodeMap {
    Arena *arena;
    NodeMapEntry *at;
    size_t count, room; /* room is a power of 2, or 0 */
} NodeMap;

NodeMap node_map_in(Arena *a);

/* False, and *value untouched, if the node is not in the map. */
bool node_map_get(const NodeMap *m, Node n, uint32_t *value);
void node_map_set(NodeMap *m, Node n, uint32_t value);

/* A copy of the operands that lives as long as the arena. */
Node *node_args_copy(const Graph *g, Node n, Arena *a);

/* Is there a node of one of these operators at or below n? */
bool node_holds_op(Graph *g, Node n, int count, const OpId ops[]);

/* Does n hold a number or an array of floats? */
bool node_holds_float(Graph *g, Node n);

#endif

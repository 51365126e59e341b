/*
 * expand.h - products multiplied out, for expand.c and simplify.c
 *
 * The terms of n are nodes whose sum is n, of its shape, none of them a sum.
 */
#ifndef MLC_GRAPH_EXPAND_H
#define MLC_GRAPH_EXPAND_H

#include "base/vec.h"
#include "graph/node.h"

typedef struct NodeList {
    Node *at;
    size_t count, room;
} NodeList;

typedef struct Expansion {
    Graph *g;
    Arena *arena;
    size_t limit;   /* of terms at any time */
    int depth;      /* sums inside of products inside of sums */
    bool merged;    /* terms have merged or vanished */
    bool over;      /* the limit was passed; answers are void */
    bool keep_data; /* products with data stay as they are */
} Expansion;

/* The terms of n as they stand: those of a SUM or its transpose, or n. */
NodeList node_terms(Graph *g, Node n, Arena *a);

/* The terms of n with its products multiplied out, like ones collected. */
NodeList expand_terms(Expansion *e, Node n);

/* False: n is a sum of scalars in which nothing can be multiplied out. */
bool expand_changes(const Graph *g, Node n);

/*
 * Is a factor of the chain n an array of data (more than 16 numbers)?  It is
 * not multiplied out to be shorter: X'*(X*w - y) would become (X'*X)*w - X'*y,
 * whose condition is squared.
 */
bool chain_holds_data(const Graph *g, Node n);

#endif

/*
 * entries.h - a matrix formula as the list of its entries
 *
 * The Jacobian of slices and of operations entry by entry is a sum of
 * products of selections I(n)[r,:], diagonals and stacks.  Followed through
 * these, an entry is a place and a value, and all entries that come from one
 * selection are one formula of a column: the places are numbers, found once
 * from the graph, and only the columns are computed at each point.  No matrix
 * of all entries is ever made.
 */
#ifndef MLC_GRAPH_ENTRIES_H
#define MLC_GRAPH_ENTRIES_H

#include "base/arena.h"
#include "graph/node.h"

/* Entry k stands at (row[k], col[k]), from 0; its value is entry k of the
 * column `value`, or that number for all.  Places may repeat: they add up. */
typedef struct EntryPart {
    size_t n;
    int *row, *col;
    Node value;
} EntryPart;

typedef struct Entries {
    int rows, cols;
    size_t count;
    EntryPart *part;
} Entries;

/*
 * The entries of m, whose dimensions and indices are numbers; arrays in the
 * arena.  False if m is no such formula, or has too many entries: then *why
 * names the operator.
 */
bool node_entries(Graph *g, Node m, Arena *a, Entries *e, const char **why);

#endif

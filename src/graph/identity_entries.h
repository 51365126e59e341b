/*
 * identity_entries.h - identities of small arrays, spelled out
 *
 * For identity.c: u'*u is u[1]^2 + u[2]^2 for a u of two entries.
 */
#ifndef MLC_GRAPH_IDENTITY_ENTRIES_H
#define MLC_GRAPH_IDENTITY_ENTRIES_H

#include "graph/node.h"

/*
 * a and b with a scalar symbol for each entry of their array symbols, S[1,2]
 * and S[2,1] of a symmetric one alike: what holds of these holds of a and b.
 * False where there are no array symbols, one has a side that is no number,
 * or they have too many entries.
 */
bool spell_entries(Graph *g, Node *a, Node *b, Arena *arena);

#endif

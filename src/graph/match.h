/*
 * match.h - does a node have the form of a pattern?
 *
 * A pattern is a node whose placeholder symbols stand for anything of their
 * shape: the letters of a rule, and the named dimensions of the shapes, which
 * stand for any dimension.  Both are canonical, so products and sums are
 * compared as what they are, with a little backtracking:
 *
 *   -a       fits what reads with a minus in front
 *   p*a      in a product takes what the other factors leave: p the number
 *            and what cannot be negative, a the rest; p alone takes all
 *   a + ...  a letter that is a term takes one term, the last takes the rest
 *
 * At the head of a pattern a product may leave factors over.
 */
#ifndef MLC_GRAPH_MATCH_H
#define MLC_GRAPH_MATCH_H

#include "graph/internal.h"

enum { MATCH_LETTERS = 12 };

typedef struct Match {
    Graph *g;
    int count; /* letters, then dimensions */
    Node letter[MATCH_LETTERS];
    Node bound[MATCH_LETTERS]; /* NODE_NONE: not yet */
    Node rest;                 /* what the head left over: NUM 1 if nothing */
} Match;

bool match_node(Match *m, Node pattern, Node n);

#endif

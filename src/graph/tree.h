/*
 * tree.h - the operations of a formula as a tree, or in the language of dot
 *
 * What is drawn are the operations that the formula is printed with.  A part
 * that occurs several times is drawn once: the tree gives it a number and
 * refers to it afterwards.
 */
#ifndef MLC_GRAPH_TREE_H
#define MLC_GRAPH_TREE_H

#include "graph/node.h"

/* Lines of at most `columns` columns; `ascii`: no box drawing characters.
 * ERR_LIMIT above 1,000 lines. */
void node_tree(Graph *g, Node n, bool ascii, size_t columns, Str *out);

/* A digraph for Graphviz. */
void node_digraph(Graph *g, Node n, Str *out);

#endif

/*
 * textbook.h - what simplify.c and factor.c share
 *
 * A Textbook is one run of node_textbook: costs are remembered with the
 * forms, answers by node, and every cost that is asked for is paid from the
 * budget.  When it is spent, nodes stay as they are.
 */
#ifndef MLC_GRAPH_TEXTBOOK_H
#define MLC_GRAPH_TEXTBOOK_H

#include "graph/expand.h"
#include "graph/form.h"
#include "graph/walk.h"

typedef struct Textbook {
    Graph *g;
    Arena *arena;
    Forms *forms;
    NodeMap done;  /* of the pass that is running */
    size_t budget; /* printed nodes that may still be looked at */
} Textbook;

/* Printed size; FORM_COST_MAX when the budget is spent. */
uint32_t textbook_cost(Textbook *t, Node n);

/* The sum with common factors taken out, best saving first (factor.c). */
Node factor_sum(Textbook *t, Node sum);

#endif

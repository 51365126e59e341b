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
    NodeMap done;       /* of the pass that is running */
    NodeMap simplified; /* answers of simplify_node, of all passes */
    NodeMap factored;   /* those of factor_sum */
    NodeMap made;       /* products that are such, with their sums */
    size_t budget; /* printed nodes that may still be looked at */
} Textbook;

/* Printed size; FORM_COST_MAX when the budget is spent. */
uint32_t textbook_cost(Textbook *t, Node n);

/*
 * Do terms of the sum cancel where a sigmoid, tanh, erf or step comes near 1,
 * as in s - s^2, 1/s - 1, x + step(y)*(z - x) (saturate.c)?  1 - s and
 * 1 - tanh(x)^2 do not count: programs compute them as a whole.
 */
bool sum_cancels_saturated(Textbook *t, Node sum);

/* Is the sum 0 where one of them is 1, as 1 - s is? */
bool sum_vanishes_saturated(Textbook *t, Node sum);

/*
 * The same of factor*(part[0] + part[1] + ...) + other[0] + ..., where a part
 * would cancel against one of the others: step(x)*(y - 1) + 1.
 */
bool factor_cancels_saturated(Textbook *t, Node factor, int parts,
                              const Node part[], int others,
                              const Node other[]);

/* The sum with common factors taken out, best saving first (factor.c). */
Node factor_sum(Textbook *t, Node sum);

#endif

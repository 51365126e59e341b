/*
 * print.h - formulas as a textbook prints them, so that they can be typed
 *
 * MATRIX.md section 6, step 4.  Shared parts of a large formula are named in
 * lines `t1 = ...` before the result.  Nothing recurses without a bound.
 */
#ifndef MLC_GRAPH_PRINT_H
#define MLC_GRAPH_PRINT_H

#include "graph/node.h"

/* On one line, no shared parts, without shape. */
void node_print(Graph *g, Node n, Str *out);

/* As the REPL shows an expression: `t1 = ...` lines where it is large, then
 * the formula and, if it is an array, `    # [n,d]`. */
void node_print_result(Graph *g, Node n, Str *out);

/* "[n,d]", "[3]", "a number" for messages. */
void shape_print(Graph *g, Shape s, Str *out);

/* What stands before a formula: `f(x) =`, without a name `x ->`. */
typedef struct FormulaHead {
    const char *name; /* or NULL */
    int count;
    const Name *param;
} FormulaHead;

/* In LaTeX with amsmath; head may be NULL. */
void node_latex(Graph *g, Node n, const FormulaHead *head, Str *out);

/* Number of symbols, numbers and operators that node_print would write. */
uint32_t node_print_cost(Graph *g, Node n);

/*
 * Remembers that n was typed as it stands, and returns it: in a square, where
 * a sum could have either sign, it is printed with the one typed last.
 */
Node print_typed(Graph *g, Node n);

/* n takes the sign that was typed for the sum `like`, of which it is the form
 * over all entries.  Returns n. */
Node print_typed_as(Graph *g, Node like, Node n);

#endif

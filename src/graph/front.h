/*
 * front.h - what the language's operators mean on nodes
 *
 * The constructors of node.h never broadcast.  Here `x + z` with z a number
 * becomes x + z*ones(n), `v.*X` diag(v)*X, a row or column spreads along a
 * matrix, `A\b` is inv(A)*b, `.^` and `^` take their several meanings, sums
 * and norms become chains.  The interpreter, the texts of ops.def and rules
 * all build through these functions.
 *
 * A front function returns NODE_NONE when the shapes do not fit; the caller
 * knows the operands' texts and raises ERR_SHAPE.
 */
#ifndef MLC_GRAPH_FRONT_H
#define MLC_GRAPH_FRONT_H

#include "graph/node.h"
#include "syntax/ast.h"

Node front_add(Graph *g, Node a, Node b);
Node front_sub(Graph *g, Node a, Node b);
Node front_mul(Graph *g, Node a, Node b);       /* * */
Node front_div(Graph *g, Node a, Node b);       /* / : by a number, or a*inv(b) */
Node front_solve(Graph *g, Node a, Node b);     /* \ */
Node front_power(Graph *g, Node a, Node b);     /* ^ */
Node front_had(Graph *g, Node a, Node b);       /* .* */
Node front_had_div(Graph *g, Node a, Node b);   /* ./ */
Node front_had_power(Graph *g, Node a, Node b); /* .^ */
Node front_compare(Graph *g, OpId op, Node a, Node b, bool swap);
Node front_not(Graph *g, Node a);
/*
 * An array literal: rows lines of cols[i] entries, all in one list.  rows 0:
 * no `;` was written, cols[0] entries, which go down if all are numbers.
 */
Node front_literal(Graph *g, int rows, const int cols[], const Node entries[]);

/*
 * A function of the language by name: every operator of ops.def, and those
 * that are no operators of their own (sum mean norm1 norm2 dot tr trace size
 * ones zeros eye I ...).  `options` are named arguments (dim).  NODE_NONE and
 * *known = false if graph/ knows no such function.
 */
Node front_call(Graph *g, Name name, int n, const Node args[], int dim,
                bool *known);

/* An operator of ops.def that is not one of those named functions. */
Node front_operator(Graph *g, OpId op, int n, const Node args[]);

/*
 * Builds the expression `t` with names looked up in `names`; used for DIFF,
 * RULE and transpose texts, for user rules and tests.  With `lift`, * / ^
 * are read as .* ./ .^ where an operand is an array.
 */
typedef struct FrontName {
    Name name;
    Node node;
} FrontName;
Node front_build(Graph *g, const Ast *t, int n, const FrontName names[],
                 bool lift);

#endif

/*
 * diff_pass.h - one pass of differentiation; for graph/ alone
 *
 * A DiffPass knows the leaves x (symbols, bound variables, or any node that
 * is to be taken for one) and finds out which nodes are active: an operand
 * leads to a leaf.  pass_reach lists the active nodes below a root, operands
 * first; the walkers go along that list, so nothing recurses and each node
 * is visited once.
 *
 * An operator takes part by two functions, found by its OpId (diff.c and
 * reverse.c); the rows of ops.def have them from their texts.
 *
 * - Its tangent: the change of the node, given pass_tangent of its operands.
 * - Its adjoint: given u, the adjoint of the node, it calls pass_add for
 *   every active operand.
 *
 * PROJ and HIST name one result of a node that has several.  The reverse
 * pass keeps their adjoints with the operand; when that is reached, its
 * adjoint function is called with NODE_NONE for u and reads pass_outputs.
 *
 * Levels: nodes below p->level are passive whatever they hold, so a pass
 * over an open body does not leave it (graph/binder.h).
 */
#ifndef MLC_GRAPH_DIFF_PASS_H
#define MLC_GRAPH_DIFF_PASS_H

#include "graph/diff.h"
#include "graph/walk.h"
#include "syntax/ast.h"

/* A contribution to the adjoint of a node, or of one output of it. */
typedef struct DiffPart DiffPart;
struct DiffPart {
    Node u;
    Node output; /* the PROJ or HIST, else NODE_NONE */
    DiffPart *next;
};

typedef struct DiffPass DiffPass;
struct DiffPass {
    Graph *g;
    Arena *arena; /* g->scratch */
    int nx;
    const Node *x;
    int level;
    bool linear;           /* transposing: no DIFF texts */
    const DiffPass *outer; /* what is passive there is passive here */
    NodeMap place;         /* 0: passive, else 1 + place in order */
    VEC(Node) order;       /* active nodes, operands first */
    Node *tangent;         /* by place; NODE_NONE: 0 */
    DiffPart **part;       /* by place */
};

/* Empty pass; x must live as long as it. */
DiffPass pass_new(Graph *g, int nx, const Node x[]);

/* Lists the active nodes at and below root that are not yet listed. */
void pass_reach(DiffPass *p, Node root);

/*
 * y, of a pass that has reached them, with choices upon x == c changed so
 * that their derivative at c is the limit of the other arm's.  If that is
 * not y itself, the pass has to begin anew.
 */
const Node *diff_fill_points(DiffPass *p, int ny, const Node y[]);

/* Also for nodes that were not reached yet. */
bool pass_is_active(DiffPass *p, Node n);

/* ---- forward ---- */

/* Fills p->tangent for the whole order; dx as x. */
void pass_forward(DiffPass *p, const Node dx[]);

/* The change of n, NODE_NONE for 0. */
Node pass_tangent(DiffPass *p, Node n);

/* ---- reverse ---- */

/* Adds u to the adjoint of n, if n is active and u is not 0. */
void pass_add(DiffPass *p, Node n, Node u);

/* Contributions to the outputs of n, in no order. */
const DiffPart *pass_outputs(DiffPass *p, Node n);

/*
 * Gradients of sum of <u[i], y[i]> by each x, 0 where y does not lead to it.
 * With `level`, nodes of lower level are passive.
 */
void diff_pullback_several(Graph *g, int level, int ny, const Node y[],
                           const Node u[], int nx, const Node x[],
                           Node adjoint[]);

/* The same for changes: dy[i] for every y[i], 0 filled in. */
void diff_forward_several(Graph *g, int level, int ny, const Node y[], int nx,
                          const Node x[], const Node dx[], Node dy[]);

/*
 * Adjoint of the leaf x in e, which is linear in x, when the adjoint of e is
 * u.  Raises ERR_TENSOR naming the operator that has no transpose.  `outer`
 * may be NULL.
 */
Node linear_transpose(Graph *g, const DiffPass *outer, Node e, Node x, Node u);

/* ---- texts of ops.def ---- */

/* The row for (op, arg), or NULL. */
const char *diff_text(OpId op, int arg);
const char *transpose_text(OpId op, int arg);

/*
 * Builds such a text for the node n: a b c its operands, y itself, `name`
 * (da, u) the node v.  Elementwise operators on arrays have it lifted.
 */
Node diff_text_build(Graph *g, const char *text, Node n, const char *name,
                     Node v);

/* ERR_DIFF for operand i of n. */
_Noreturn void diff_refuse(Graph *g, Node n, int i);

/* Rows (columns) from + 1 to from + count of u. */
Node diff_cut_block(Graph *g, Node u, Dim from, Dim count, bool columns);

/* The transpose of a -> a[r, :] (a with n rows), applied to u. */
Node diff_spread_rows(Graph *g, Node u, Node r, Dim n);

/* Raises ERR_DIFF if a leaf is a dimension or another integer. */
void diff_refuse_leaves(Graph *g, int n, const Node x[]);

/* The application of a function symbol, differentiated once more by
 * argument i. */
Node diff_call_order(Graph *g, Node n, int i);

/* Product of the factors but factor i, which is replaced by r. */
Node diff_product_with(Graph *g, int n, const Node factor[], int i, Node r);

/* c * product of b_j^e_j of a MONO (n operands) without the body, factor i
 * (from 0) differentiated: its exponent comes out and falls by 1. */
Node diff_mono_cofactor(Graph *g, int n, const Node args[], int i);

/* The same times d and the body. */
Node diff_mono_term(Graph *g, int n, const Node args[], int i, Node d);

/* The same for a HAD; NODE_NONE stands for ones. */
Node diff_had_cofactor(Graph *g, int n, const Node args[], int i);

#endif

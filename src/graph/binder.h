/*
 * binder.h - loops, index sums, lambdas and choices as nodes
 *
 * A LAMBDA is closed: constants, named dimensions and the leaves ARG(k) stand
 * in it and nothing else, so equal bodies are one node wherever they occur.
 * To work on a body it is opened: its arguments are replaced by bound
 * variables BV(level, k), level = 1 + the highest level in the operands, and
 * the passes meet ordinary nodes.  A node depends on the binder that is open
 * at level d if and only if node_level is >= d.
 *
 *   LAMBDA  r1 r2 ...        results
 *           attributes: number of arguments, then the flags of each
 *           (SymbolFlags: what is known of its sign, SYM_INTEGER, ...)
 *   ARG     attributes: k, flags      BV    attributes: level, k, flags
 *   LOOP    n lambda b1 ... bm x1 ... xp
 *           n: number of turns, an integer scalar.  b: base of each result;
 *           x: captures.  Arguments of the lambda: 0 the index 1..n, then
 *           the carried variables, then the captures.
 *           Results 0..c-1 are carried: the base is the value before the
 *           first turn, the lambda's result the next value.  The others are
 *           accumulators: three results of the lambda each, value, row and
 *           column; in every turn base[row, col] += value (LOOP_ADD), or is
 *           set to it (LOOP_SET).  Row and column are indices as in INDEX: a
 *           position, a RANGE, or ALL.  So a reduction has [:, :], a stack of
 *           numbers [i, 1], a scatter [k[i], :].  The base (mostly a ZERO or
 *           the number 0) tells the shape.
 *           Attributes: 1 if the index runs down from n to 1; c; m; then the
 *           role of each of the m results.
 *   IF      condition lambda lambda x1 ... xp
 *           The lambdas have the captures as arguments 0..p-1 and the same
 *           number of results; the first runs if the (scalar) condition
 *           holds, else the second.  What is in an arm and nowhere else must
 *           not be computed unless the arm runs.
 *   PROJ    (LOOP or IF)    attribute k: result k; the last value of a
 *           carried variable, or an accumulator
 *   HIST    (LOOP)          attribute k: all values of carried variable k.
 *           For a [r,c] variable it is an [r, c*n] array whose block of c
 *           columns number i is the value before the turn with index i.
 *           It is stored only if a program reads it.
 */
#ifndef MLC_GRAPH_BINDER_H
#define MLC_GRAPH_BINDER_H

#include "graph/node.h"

typedef enum LoopRole { LOOP_CARRY, LOOP_ADD, LOOP_SET } LoopRole;

/* ---- reading; l a LOOP ---- */

Node loop_count(const Graph *g, Node l);
Node loop_lambda(const Graph *g, Node l);
bool loop_is_down(const Graph *g, Node l);
int loop_carried(const Graph *g, Node l);
int loop_results(const Graph *g, Node l); /* carried and others */
LoopRole loop_role(const Graph *g, Node l, int k);
Node loop_base(const Graph *g, Node l, int k);
int loop_captures(const Graph *g, Node l);
Node loop_capture(const Graph *g, Node l, int j);

/* Of a LAMBDA. */
int lambda_args(const Graph *g, Node f);
Node lambda_arg(Graph *g, Node f, int k, Shape s); /* its ARG leaf */

/* Of an IF. */
int choice_results(const Graph *g, Node n);
int choice_captures(const Graph *g, Node n);
Node choice_capture(const Graph *g, Node n, int j);

/* Result or variable k of a PROJ or HIST. */
int result_number(const Graph *g, Node n);

/* The level of a binder over these nodes: 1 + the highest in them. */
int binder_level(const Graph *g, int n, const Node nodes[]);

/* ---- opening ---- */

/*
 * A body whose arguments were replaced.  value[k] is the next value of a
 * carried variable or what an accumulator takes in, row[k] and col[k] its
 * place (NODE_NONE for carried ones).  All arrays are in the arena.
 */
typedef struct LoopBody {
    int level;
    Node index;
    int carried, results, captures;
    Node *variable; /* carried */
    Node *capture;
    Node *value, *row, *col;
} LoopBody;

/*
 * Opens with BV(level, 0) for the index, BV(level, 1 + k) for carried
 * variable k and the captures themselves.  level 0: the lowest that is free.
 */
LoopBody loop_open(Graph *g, Node l, int level, Arena *a);

/* Opens with these nodes, of the right shapes, in place of the arguments. */
LoopBody loop_open_with(Graph *g, Node l, Node index, const Node variable[],
                        const Node capture[], Arena *a);

/* The results of arm 0 (the condition holds) or 1, in terms of the captures;
 * or of the nodes that take their places. */
Node *choice_open(Graph *g, Node n, int arm, Arena *a);
Node *choice_open_with(Graph *g, Node n, int arm, const Node capture[],
                       Arena *a);

/* ---- making ---- */

Node node_bv(Graph *g, int level, int k, Shape s, unsigned flags);

typedef struct LoopResult {
    LoopRole role;
    Node variable; /* carried: the BV that stands for it */
    Node base;
    Node value;
    Node row, col; /* accumulators */
} LoopResult;

typedef struct LoopSpec {
    int level; /* of the index and the variables */
    Node count;
    Node index; /* a BV */
    bool down;
    int carried, results; /* carried ones come first */
    const LoopResult *result;
} LoopSpec;

/*
 * Makes the loop and gives its results.  Captures, and keeps out of the
 * loop, every maximal subexpression of lower level; variables that do not
 * change become their base; accumulators that have a closed form as matrix
 * products leave the loop.  Raises ERR_TRACE where the size of an array
 * depends on the index of an outer loop.
 */
void node_loop(Graph *g, const LoopSpec *s, Node out[]);

Node node_proj(Graph *g, Node n, int k);
Node node_hist(Graph *g, Node loop, int k);

/* The value of carried variable k before the turn with index i. */
Node hist_entry(Graph *g, Node loop, int k, Node i);

/*
 * A choice with several results: out[k] = if c then a[k] else b[k], c a
 * scalar.  The nodes variable[i] (bound variables) stand for value[i] in the
 * arms; what an arm computes from them and from symbols is computed only if
 * it runs.
 */
void node_choice(Graph *g, Node c, int n, const Node a[], const Node b[],
                 int variables, const Node variable[], const Node value[],
                 Node out[]);

/*
 * if c then a else b: lazy where c is a scalar, entry by entry where it is an
 * array.  Scalar arms spread to the shape of the other.
 */
Node node_if(Graph *g, Node c, Node a, Node b);

/* ---- index forms; body in terms of `index`, a BV that counts 1..count ---- */

/* sum(i = 1:count, body) and prod; in matrix form where there is one. */
Node index_form_sum(Graph *g, int level, Node index, Node count, Node body);
Node index_form_prod(Graph *g, int level, Node index, Node count, Node body);

/* The first largest (smallest); count must be 1 at least. */
Node index_form_extreme(Graph *g, int level, Node index, Node count, Node body,
                        bool largest);
Node index_form_logic(Graph *g, int level, Node index, Node count, Node body,
                      bool all);

/* array(i = 1:count, body): a scalar body gives a column, a row gives the
 * matrix of those rows. */
Node index_form_array(Graph *g, int level, Node index, Node count, Node body);

/*
 * The matrix form of the body, or NODE_NONE: the [count, w] matrix whose row
 * i is the body (a scalar or row; of a column body its transpose).
 */
Node index_form_rows(Graph *g, int level, Node index, Node count, Node body);

/* ---- for graph/ alone ---- */

/* node_rebuild of LAMBDA LOOP PROJ HIST IF. */
Node binder_rebuild(Graph *g, Node n, const Node args[]);

/* Several nodes as one, for a pass that has to keep them together. */
Node node_tuple(Graph *g, int n, const Node parts[]);

#endif

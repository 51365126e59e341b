/*
 * node.h - the expression graph
 *
 * A Node is one operation on its operands, named by its index in the Graph.
 * Nodes are immutable and unique: expressions built alike have the same
 * index, so equality is == and a pass that remembers its answers visits each
 * distinct subexpression once.  Constructors bring every node to canonical
 * form (below), so an answer does not depend on how it was typed or on what
 * was computed before: order among operands is by a structural key (size,
 * kind, names, hash), never by index.
 *
 * Nodes belong to the Graph.  Only graph_sweep reclaims them, between
 * statements and at loop back-edges, from the roots: the live Expr values
 * and what graph_pin holds.  No pass frees, counts or copies nodes.
 *
 * Every node has a shape; 1x1 is a scalar.  A Dim is a count or the node of
 * a canonical integer expression (value.h).
 *
 * Canonical forms, with their operands in order:
 *
 *   NUM      an exact or float number (node_number_value)
 *   SYM      a symbol: name, shape, flags.  Declared alike, it is the same
 *   CONST    an array of numbers (node_const_value), compared by contents
 *   IDENT    I(n)        ONES     column of n ones       ZERO  [m,n], not 1x1
 *   SUM      c1 t1 c2 t2 ...   all of one shape; c NUM nodes, t without a
 *            coefficient, sorted; of scalars a constant is the term c*1.
 *            At least two terms, or one with c a number times an array
 *            never: that is a MONO.
 *   MONO     c body b1 e1 b2 e2 ...  coefficient, array body (the NUM 1
 *            if there is none, the result is then a scalar), scalar bases
 *            with scalar exponents, sorted
 *   CHAIN    f1 f2 ...   at least two array factors, none of them MONO,
 *            CHAIN, IDENT or scalar; the result may be 1x1
 *   HAD      b1 e1 b2 e2 ...   elementwise product of array bases with
 *            scalar exponents; two bases or an exponent other than 1
 *   TRANS    a'          where MATRIX.md allows it
 *   INDEX    a r c       r, c: an integer scalar node (position from 1),
 *            ALL, a RANGE, or a CONST index vector
 *   RANGE    from step to   integer scalars; only inside INDEX
 *   ALL      the index `:`
 *   STACK    p1 p2 ...   one below the other    JOIN  side by side
 *            (a literal matrix is a STACK of JOINs of scalars)
 *   UNIT     k           column of shape [n] with 1 at position k, else 0
 *   CALL     x1 x2 ...   application of a declared function symbol; its
 *            attributes are the name and the orders of its derivatives
 *   LT LE EQ NE AND OR NOT   conditions: scalars (or masks) of kind boolean
 *   LAMBDA ARG BV LOOP PROJ HIST IF   binders: graph/binder.h
 *
 * and the ELEMENTWISE and ARRAY rows of ops.def, on their arguments.
 */
#ifndef MLC_GRAPH_NODE_H
#define MLC_GRAPH_NODE_H

#include "base/error.h"
#include "op/op.h"

typedef struct Graph Graph;

#define NODE_NONE ((Node)UINT32_MAX)

enum SymbolFlags {
    SYM_SYMMETRIC = 1,
    SYM_POSDEF = 2,             /* positive definite (with SYMMETRIC) */
    SYM_POSITIVE = 4,           /* entries > 0 */
    SYM_NONNEGATIVE = 8,
    SYM_INTEGER = 16,
    SYM_DIMENSION = 32,         /* named dimension: a positive integer */
    SYM_PLACEHOLDER = 64        /* d<arg> of a DIFF text, pattern variables */
};

Graph *graph_new(void);         /* also sets SLOT_GRAPH of the Context */
void graph_free(Graph *g);
Graph *graph_current(void);

/* Roots besides the live Expr values. */
void graph_pin(Graph *g, Node n);
void graph_unpin(Graph *g, Node n);

/* While the hold count is above 0 (tracing), sweep does nothing. */
void graph_hold(Graph *g, int change);

/*
 * While the count is above 0, arrays of numbers stay whole however small they
 * are: equations of a data set are not combined entry by entry, so that every
 * row keeps its residual.  Returns the count before.
 */
int graph_whole(Graph *g, int change);
void graph_sweep(Graph *g);     /* acts only when the table has doubled */

/* ---- reading ---- */

OpId node_op(const Graph *g, Node n);
int node_count(const Graph *g, Node n);                 /* operands */
Node node_arg(const Graph *g, Node n, int i);
const Node *node_args(const Graph *g, Node n);  /* until the next constructor */
uint32_t node_attr(const Graph *g, Node n, int i);      /* attribute words */
int node_attr_count(const Graph *g, Node n);
Shape node_shape(const Graph *g, Node n);
bool node_is_scalar(const Graph *g, Node n);
bool node_is_column(const Graph *g, Node n);    /* cols 1, rows not 1 */
bool node_is_row(const Graph *g, Node n);
bool node_is_square(const Graph *g, Node n);
uint32_t node_size(const Graph *g, Node n);     /* as a tree, at most 10^9 */
uint32_t node_depth(const Graph *g, Node n);
uint64_t node_hash(const Graph *g, Node n);     /* structural */
int node_level(const Graph *g, Node n);         /* highest BV level free in it */
size_t graph_count(const Graph *g);             /* live nodes */

/* Order by structural key: <0, 0 (only if a == b), >0. */
int node_compare(const Graph *g, Node a, Node b);

bool node_is_number(const Graph *g, Node n);
Value node_number_value(const Graph *g, Node n);
bool node_is_int(const Graph *g, Node n, int64_t i);    /* exactly i */
bool node_is_zero(const Graph *g, Node n);      /* exact 0, float 0, ZERO */
bool node_is_one(const Graph *g, Node n);
Value node_const_value(const Graph *g, Node n);         /* of CONST */
Name node_symbol_name(const Graph *g, Node n);
unsigned node_symbol_flags(const Graph *g, Node n);

/* The float that a scalar without symbols is; false if it has some. */
bool node_constant_value(Graph *g, Node n, double *value);

/* No symbol, ARG or BV in it: pi, sin(1), CONST. */
bool node_is_constant(const Graph *g, Node n);

/* Does n depend on symbol (or other leaf) x?  Memoised per call pattern. */
bool node_depends(Graph *g, Node n, Node x);

/* Symbols in n, in order of first occurrence; arena array, count returned. */
int node_symbols(Graph *g, Node n, Arena *a, Node **out);

/* Distinct nodes that the roots are made of, themselves included. */
size_t node_reachable(Graph *g, int n, const Node roots[]);

/* Entries of the largest array that is computed for them; SIZE_MAX where a
 * named dimension is one of its sides. */
size_t node_largest(Graph *g, int n, const Node roots[]);

/* What is known of the sign of a scalar (or of all entries of an array). */
typedef enum Sign { SIGN_UNKNOWN, SIGN_ZERO, SIGN_NEGATIVE, SIGN_NONPOSITIVE,
                    SIGN_POSITIVE, SIGN_NONNEGATIVE } Sign;
Sign node_sign(Graph *g, Node n);
bool node_is_integer(Graph *g, Node n);         /* surely an integer */
bool node_is_symmetric(Graph *g, Node n);       /* equals its transpose */

/* ---- leaves ---- */

Node node_number(Graph *g, Value v);            /* INT, EXACT, FLOAT */
Node node_int(Graph *g, int64_t i);
Node node_rational(Graph *g, int64_t num, int64_t den);
Node node_float(Graph *g, double x);
Node node_symbol(Graph *g, Name name, Shape s, unsigned flags);
Node node_const(Graph *g, Value array);         /* all-zero etc. recognised */
Node node_from_value(Graph *g, Value v);        /* number, array, Expr, bool */
Node node_identity(Graph *g, Dim n);
Node node_ones(Graph *g, Dim n);                /* column; of 1 the NUM 1 */
Node node_zero(Graph *g, Shape s);              /* NUM 0 when scalar */
Node node_unit(Graph *g, Dim n, Node k);

Node node_of_dim(Graph *g, Dim d);              /* as a scalar node */
Dim dim_of_node(Graph *g, Node n);              /* NUM -> count, else ~n */
Dim dim_add(Graph *g, Dim a, Dim b);
Dim dim_sub(Graph *g, Dim a, Dim b);
Dim dim_mul(Graph *g, Dim a, Dim b);

/* ---- constructors; shapes must fit (asserted): the front checks them ---- */

Node node_add(Graph *g, Node a, Node b);        /* equal shapes */
Node node_sub(Graph *g, Node a, Node b);
Node node_neg(Graph *g, Node a);
Node node_sum(Graph *g, int n, const Node terms[]);
Node node_scale(Graph *g, Node coefficient, Node a);    /* NUM times any */

/* Scalar times anything, or the matrix product. */
Node node_mul(Graph *g, Node a, Node b);
Node node_product(Graph *g, int n, const Node factors[]);
Node node_div(Graph *g, Node a, Node b);        /* b scalar */
Node node_power(Graph *g, Node base, Node exponent);    /* scalars */
Node node_square_power(Graph *g, Node base, Node exponent);     /* matrix^k */
Node node_had(Graph *g, Node a, Node b);        /* equal shapes, entry by entry */
Node node_had_power(Graph *g, Node base, Node exponent);  /* array.^scalar */
Node node_transpose(Graph *g, Node a);

/* An ELEMENTWISE or ARRAY operator, after its rewrite rules. */
Node node_apply(Graph *g, OpId op, int n, const Node args[]);

Node node_index(Graph *g, Node a, Node row, Node col);
Node node_range(Graph *g, Node from, Node step, Node to);
Node node_all(Graph *g);
Node node_stack(Graph *g, int n, const Node parts[]);
Node node_join(Graph *g, int n, const Node parts[]);
Node node_compare_op(Graph *g, OpId op, Node a, Node b);        /* LT LE EQ NE */
Node node_call(Graph *g, Name f, int n, const Node args[],
               const uint32_t orders[]);

/* sum, mean, norm2, norm1 are written by the chains of MATRIX.md. */
Node node_sum_entries(Graph *g, Node a, int dim);       /* dim 0, 1, 2 */
Node node_dot(Graph *g, Node a, Node b);        /* sum of a.*b, any shape */
Node node_norm2(Graph *g, Node a);

/*
 * The same operator as n with other operands: through the constructors.
 * Passes rebuild with it.
 */
Node node_rebuild(Graph *g, Node n, const Node args[]);

/*
 * n with each from[i] replaced by to[i] (of the same shape) at once; also in
 * dimensions when from[i] is a dimension symbol.  Iterative and memoised.
 */
Node node_substitute(Graph *g, Node n, int count, const Node from[],
                     const Node to[]);

/*
 * The constructor below the canonical ones, for graph/ alone: interns the
 * node as it stands.  Attribute words follow the operands.
 */
Node node_intern(Graph *g, OpId op, Shape s, int nargs, const Node args[],
                 int nattr, const uint32_t attr[]);

/* Checks every invariant above over the whole graph; for tests. */
bool graph_check(const Graph *g, Str *why);

#endif

/*
 * array.h - canonical forms of arrays, for the files of graph/
 *
 * chain.c builds matrix products, had.c entrywise ones, transpose.c says
 * where transposes live, matfun.c holds the forms of tr, det, inv, diag and
 * their kin, block.c those of indices and stacks, merge.c what sums of
 * arrays collect beyond like terms.  The rules are those of MATRIX.md 1-2.
 *
 * The scalar constructors hand over here: node_mul calls chain_product when
 * neither side is a scalar, node_apply calls array_apply first, and the
 * constructor of sums ends with array_sum when its terms are arrays.
 */
#ifndef MLC_GRAPH_ARRAY_H
#define MLC_GRAPH_ARRAY_H

#include "graph/internal.h"

/* Bits of NodeRow.flags: known to equal its transpose, known not to. */
enum { ROW_SYMMETRIC = 64, ROW_SKEW = 128 };

/*
 * op(args) where the array rules know a form: an ELEMENTWISE op of a row (the
 * transpose of that of the column), of an array whose entries are known, or
 * of a matrix (oriented); inv det logdet tr diag diagof kron where they
 * have a form.  NODE_NONE: the rules of ops.def and the plain node come next.
 */
Node array_apply(Graph *g, OpId op, int n, const Node args[]);

/*
 * The sum of pairs[2i]*pairs[2i + 1], coefficient (a NUM) and array, like
 * terms collected, sums opened, at least two terms: the last step of the
 * constructor of array sums, which interns nothing itself.  Merges diag
 * terms, constants and stacks, orients, sorts and interns.
 */
Node array_sum(Graph *g, Shape s, int n, const Node pairs[]);

/*
 * A transposed sum as the sum of the transposed terms, as it must be opened
 * inside another sum: false if n is not one.  Otherwise *count pairs in the
 * scratch arena, as array_sum takes them.
 */
bool array_open_sum(Graph *g, Node n, int *count, Node **pairs);

/* number * CONST as a CONST; NODE_NONE if `a` is no CONST. */
Node array_scale_const(Graph *g, Node number, Node a);

/* Of E and E' the one that goes under an operator: true if it is E'. */
bool array_orient(Graph *g, Node e, Node *oriented);

/* Factors before the one-wide joint of a chain (after a column, before a
 * row); 0 if there is none. */
int chain_joint(const Graph *g, int n, const Node factors[]);

/* The factors of a chain, or the one factor that n is; scratch arena. */
Node *chain_factors(Graph *g, Node n, int *count);

/* Interns factors that are a canonical chain already (one is itself). */
Node chain_intern(Graph *g, int n, const Node factors[]);

/* The sum of the entries of a column. */
Node sum_column(Graph *g, Node a);

/* The scalar of a row, factors and a column in canonical order. */
Node chain_scalar(Graph *g, int n, const Node factors[]);

/*
 * split_content of an array that may be a sum, with one answer for both
 * where sign and orientation chase each other: A' - A is -(A - A')', and a
 * primitive of either would lead to the other.  The lesser is primitive.
 */
Node array_content(Graph *g, Node n, Node *primitive);

/*
 * Is the sum s (or the transpose of one) times ones the zero vector, or
 * ones' times it?  One of its terms then has all entries alike.
 */
bool sum_balances(Graph *g, Node s, bool ones_first);

/* A sum, or the transpose of one. */
static inline bool is_sum(const Graph *g, Node n)
{
    return op_of(g, n) == OP_SUM ||
           (op_of(g, n) == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_SUM);
}

static inline bool is_ones_row(const Graph *g, Node n)
{
    return op_of(g, n) == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_ONES;
}

/*
 * Are the entries of n known one by one (a literal, a CONST, a unit, a fill
 * of few entries), so that it combines with others entry by entry?
 */
bool array_is_literal(Graph *g, Node n);
Node array_entry(Graph *g, Node n, int i, int j); /* from 0 */

/* The matrix of rows*cols scalar nodes, column-major, as its canonical node. */
Node array_literal(Graph *g, int rows, int cols, const Node entries[]);

/* The product of two literals, one of which holds symbols; else NODE_NONE. */
Node literal_product(Graph *g, Node a, Node b);

/* Of literals, else NODE_NONE: det where it is short, diagof, op entry by entry. */
Node literal_det(Graph *g, Node a);
Node literal_diagonal(Graph *g, Node a);
Node literal_apply(Graph *g, OpId op, int n, const Node args[]);

/* front.c: spreads n arrays to one shape; false if they do not fit. */
bool front_spread(Graph *g, int n, Node args[]);

/*
 * rowfun.c: max, softmax and their kin of all entries or of each row, where
 * they have a form; products of two neighbours of a chain that are one of
 * them, or known by one.  Else NODE_NONE.
 */
Node rowfun_apply(Graph *g, OpId op, Node a);
Node rowfun_combine(Graph *g, Node a, Node b);

/* The product of all entries where it has a form, else NODE_NONE. */
Node array_product(Graph *g, Node a);

/* spectral.c: expm, chol, eigen- and singular values and vectors; NODE_NONE
 * where there is no other form. */
Node spectral_apply(Graph *g, OpId op, const Node args[]);
Node spectral_combine(Graph *g, Node a, Node b);
Node spectral_combine3(Graph *g, Node a, Node d, Node b);

#endif

/*
 * sparse.h - matrices that store some of their entries
 *
 * A Sparse has compressed columns: entry k of column j, start[j] <= k <
 * start[j + 1], is f[k] in row row[k], and rows ascend within a column.  All
 * other entries are 0.  What is stored may be 0 too: the structure is given
 * by triplets or by a formula, and stays when values change.  The structure
 * is counted and shared: a Jacobian at a new point brings new values only.
 *
 * Entries are floats.  A result of shape [1,1] is a number, as with arrays.
 * No function needs memory for all entries but sparse_to_array.  Functions
 * that take an Array broadcast it as value_binary does.  They raise ERR_SHAPE,
 * ERR_INDEX, ERR_TYPE, ERR_MEMORY, ERR_LIMIT (2^31 entries).
 */
#ifndef MLC_VALUE_SPARSE_H
#define MLC_VALUE_SPARSE_H

#include "value/matrix.h"

typedef struct Structure {
    size_t holders;
    int rows, cols;
    int *start; /* cols + 1 */
    int *row;   /* start[cols] */
} Structure;

struct Sparse {
    Object head;
    Structure *at;
    double *f;
};

size_t sparse_count(const Sparse *a); /* entries stored */
void sparse_release(Sparse *a);       /* for the heap */

/* ---- making ---- */

/* Room for `count` entries; start is all 0, the rest is unset. */
Value sparse_new(int rows, int cols, size_t count);

/* The same structure with values to be set. */
Value sparse_like(const Sparse *a);

/*
 * Entries (i[k], j[k]), from 0: at the place place[k] of the result, whose
 * values are 0.  Several triplets of one entry have one place.
 */
Value sparse_of_places(int rows, int cols, size_t n, const int *i, const int *j,
                       int *place);

/* With values, those of one entry added up in their order. */
Value sparse_of_triplets(int rows, int cols, size_t n, const int *i,
                         const int *j, const double *v);
Value sparse_of_array(Value a); /* entries other than 0 */
Value sparse_diagonal(Value column);

/* ---- reading ---- */

Value sparse_to_array(const Sparse *a); /* ERR_MEMORY as any array */
Value sparse_index(const Sparse *a, int n, const Value index[]);
bool sparse_same(const Sparse *a, const Sparse *b);
uint64_t sparse_hash(const Sparse *a);

/* Row, column (from 1) and value of each stored entry, as columns. */
void sparse_triplets(const Sparse *a, Value *i, Value *j, Value *v);

/* ---- operations ---- */

Value sparse_transpose(const Sparse *a);
Value sparse_sum(const Sparse *a, const Sparse *b,
                 double sign); /* a + sign*b */
Value sparse_scale(const Sparse *a, double c);
Value sparse_power(const Sparse *a, double exponent); /* of each entry, > 0 */
Value sparse_had(const Sparse *a, const Sparse *b);
Value sparse_had_array(const Sparse *a, Value b);
Value sparse_product(const Sparse *a, const Sparse *b);
Value sparse_times_array(const Sparse *a, Value b); /* an array */
Value sparse_matrix_power(const Sparse *a, int64_t k);
Value sparse_solve(const Sparse *a, Value b); /* a square; ERR_SINGULAR */

Value sparse_sum_entries(const Sparse *a, int dim); /* dim as value_reduce */
Value sparse_diagonal_of(const Sparse *a);          /* a column */

#endif

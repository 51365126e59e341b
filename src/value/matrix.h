/*
 * matrix.h - arrays of numbers
 *
 * An Array has rows and columns, column-major and dense; a vector is a
 * column.  A result of shape [1,1] is a number, never an Array: array_value
 * sees to that.  Entries are floats, exact numbers or booleans.  A column of
 * a table may miss entries; arithmetic with it raises ERR_MISSING.
 *
 * Everything here works on numbers alone; arrays with symbols are nodes of
 * the graph.  Functions that take Values accept numbers and Arrays.  They
 * raise ERR_SHAPE, ERR_INDEX, ERR_TYPE, ERR_MISSING and ERR_MEMORY (an array
 * above half of the machine's memory, before it is allocated).
 */
#ifndef MLC_VALUE_MATRIX_H
#define MLC_VALUE_MATRIX_H

#include "value/value.h"

typedef enum ElementKind { ELEM_FLOAT, ELEM_EXACT, ELEM_BOOL } ElementKind;

struct Array {
    Object head;
    uint8_t kind; /* ElementKind */
    int rows, cols;
    union {
        double *f;  /* 64-byte aligned */
        Value *x;   /* VAL_INT or VAL_EXACT, kept */
        uint8_t *b; /* 0 or 1 */
    };
    uint64_t *missing; /* a bit an entry, or NULL */
};

typedef enum BinaryOp { /* entry by entry, with broadcasting */
                        BIN_ADD,
                        BIN_SUB,
                        BIN_MUL,
                        BIN_DIV,
                        BIN_POW,
                        BIN_MOD,
                        BIN_MIN,
                        BIN_MAX,
                        BIN_EQ,
                        BIN_NE,
                        BIN_LT,
                        BIN_LE,
                        BIN_GT,
                        BIN_GE,
                        BIN_AND,
                        BIN_OR
} BinaryOp;

typedef enum ReduceOp {
    RED_SUM,
    RED_PROD,
    RED_MIN,
    RED_MAX,
    RED_MEAN,
    RED_ALL,
    RED_ANY
} ReduceOp;

size_t array_count(const Array *a);
Value array_new(ElementKind kind, int rows, int cols); /* zeros; also [1,1] */
Value array_new_unset(int rows, int cols);             /* floats, to be set */
Value array_copy(const Array *a);
Value array_value(Value a);                  /* [1,1] -> the number */
Value array_get(const Array *a, size_t i);   /* entry i from 0 */
void array_set(Array *a, size_t i, Value v); /* own kind only */
bool array_is_missing(const Array *a, size_t i);

void array_set_missing(Array *a, size_t i);
bool array_has_missing(const Array *a);
void array_need_present(const Array *a); /* ERR_MISSING */

/* A number, boolean or array; the kind and shape of its entries. */
bool value_is_numeric(Value v);
ElementKind value_element_kind(Value v);
Shape value_shape(Value v); /* of anything else [1,1] */

/*
 * As an Array without missing entries (ERR_TYPE, ERR_MISSING), scalars as
 * [1,1]; with entries as floats or exact numbers, the array itself if they
 * are.
 */
Array *value_array(Value v);
Array *array_to_float(Value v);
Array *array_to_exact(Value v);

/* A float array around copied numbers: convenience of C callers. */
Value array_from(int rows, int cols, const double *entries);

/*
 * a op b entry by entry.  A number combines with anything; a row or column
 * with a matrix of matching side; a column with a row raises ERR_SHAPE.
 * Numbers: exact stays exact, raising ERR_DOMAIN for a division by exact 0
 * and 0^-1, ERR_EXACT above 2^22 bits; scalar floats that give NaN or
 * infinity from finite operands raise ERR_NAN naming the operation.
 */
Value value_binary(BinaryOp op, Value a, Value b);
/* a becomes a op b, of the four operations; a is a float array that nobody
 * else knows.  False, and nothing done, where that does not go. */
bool value_binary_onto(BinaryOp op, Value a, Value b);
Value value_negate(Value a);
Value value_not(Value a);

/* Matrix product, a number on either side scales. */
Value value_product(Value a, Value b);
Value value_turned_product(Value a, Value b); /* a'*b */
Value value_transpose(Value a);
Value value_matrix_power(Value a, int64_t k); /* negative: of the inverse */

/* Linear algebra, exact when all entries are (fraction-free elimination). */
Value value_solve(Value a, Value b); /* a\b: square, else least squares */
Value value_inverse(Value a);        /* ERR_SINGULAR */
Value value_det(Value a);
Value value_logdet(Value a); /* ERR_DOMAIN if det <= 0 */
Value value_trace(Value a);
Value value_kron(Value a, Value b);
Value value_diag(Value a); /* column -> matrix, matrix -> column */

/* dim 0: all entries, 1: down the columns (a row), 2: along the rows. */
Value value_reduce(ReduceOp op, Value a, int dim);
Value value_argreduce(ReduceOp op, Value a); /* index of first min, max */

/* f applied to each entry as a float; the vector form where given. */
typedef double (*Kernel1)(double);
typedef void (*KernelVector1)(double *y, const double *x, size_t n);
Value value_map(Kernel1 f, KernelVector1 v, Value a);

/* The same for an array; warns of new NaN, notes new infinities. */
Value value_map_noted(const char *operation, Kernel1 f, KernelVector1 v,
                      Value a);
typedef double (*Kernel2)(double, double);
Value value_map2(Kernel2 f, Value a, Value b); /* broadcasts as above */

/* NaN entries of an array y = f(a) where a has none: for heap_warn.  (The
 * functions of this header that have a sign of their own warn themselves.) */
size_t value_count_nan(Value y, Value a);

/*
 * Indexing.  An index is a number from 1, an array of numbers, a mask of
 * booleans as long as the side, or VAL_COLON.  With one index on a matrix
 * all entries are numbered column by column.
 */
Value array_index(Value a, int nindex, const Value index[]);

/* A copy (or `a` itself when it may be changed) with a[index] = v. */
Value array_assign(Value a, int nindex, const Value index[], Value v);

Value array_range(Value from, Value step, Value to); /* a column */
Value array_stack(int n, const Value parts[]);       /* one below the other */
Value array_join(int n, const Value parts[]);        /* side by side */
Value array_identity(int n);                         /* exact */
Value array_fill(int rows, int cols, Value v);
Value array_reshape(Value a, int rows, int cols);
Value array_sort(Value a, bool descending);
Value array_sort_order(Value a, bool descending); /* index vector */

/* spectral.c.  Of the symmetric part (a + a')/2: the eigenvalues, ascending,
 * or the orthonormal eigenvectors in columns. */
Value value_symmetric_part(Value a);
Value value_eigen(Value a, bool vectors);

/* a = u*diag(s)*v', s descending; u and v only if asked for.  All arrays. */
typedef struct Singular {
    Value s, u, v;
} Singular;

Singular value_singular(Value a, bool vectors);
int singular_rank(const Singular *a); /* values above rounding */

#endif

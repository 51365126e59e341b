/*
 * program.h - flat code for numbers
 *
 * A Program computes the values of several nodes (value, gradient, Hessian:
 * shared parts once) from arrays for its input symbols.  It is lowered for
 * concrete shapes: the caller says what each named dimension is.
 *
 * Arrays are column-major floats.  The program carries NaN and infinity (of a
 * singular matrix, inverse and solutions are NaN); program_blame finds the
 * operation that made the first.  A program has one set of buffers: it runs
 * in one thread at a time.
 */
#ifndef MLC_COMPILE_PROGRAM_H
#define MLC_COMPILE_PROGRAM_H

#include "graph/node.h"

typedef struct Program Program;

typedef enum Precision { PRECISION_F64, PRECISION_F32 } Precision;

typedef struct ProgramSpec {
    int nin;
    const Node *in;        /* symbols */
    const Shape *in_shape; /* concrete: what is passed at run time */
    int nout;
    const Node *out;
    int ndim; /* named dimensions not given by the inputs */
    const Node *dim;
    const int *dim_size;
    Node data_dim;       /* rows of the data, or NODE_NONE; all of
                            them are passed in one run */
    Precision precision; /* F32 raises ERR_LIMIT */
} ProgramSpec;

/*
 * Raises ERR_TYPE where a node has no numeric form (an undeclared function
 * symbol, a free symbol that is no input: named), ERR_SHAPE if the inputs'
 * shapes do not agree with their symbols'.
 */
Program *program_new(Graph *g, const ProgramSpec *spec);
void program_free(Program *p);

/* The same for the scratch of a task: an error that jumps over its owner
 * frees it too. */
Program *program_new_local(Graph *g, const ProgramSpec *spec);

Shape program_out_shape(const Program *p, int i);
size_t program_count(const Program *p); /* instructions */
size_t program_room(const Program *p);  /* numbers that its arrays hold */

/* Does it compute otherwise than is written, to keep digits or not to
 * overflow: log1p for log(1 + x), a scaled norm, ...? */
bool program_is_stable(const Program *p);

/* Does it read data larger than the cache, in blocks of rows? */
bool program_sweeps(const Program *p);

/* Do turns of a long loop run side by side? */
bool program_is_batch(const Program *p);

/* out[i] has room for its shape.  Polls; raises ERR_INTERRUPT. */
void program_run(Program *p, const double *const in[], double *const out[]);

/* The same; is every number of the outputs finite?  Looks at them while they
 * are in the cache. */
bool program_run_finite(Program *p, const double *const in[],
                        double *const out[]);

/* The operation that first made a NaN or infinity out of finite operands
 * on these inputs: its name, or NULL. */
const char *program_blame(Program *p, const double *const in[]);

/* A listing for people. */
void program_print(const Program *p, Str *out);

/*
 * The value of a node without free symbols, as floats (or booleans): through
 * a Program.  `in` gives values for symbols: numbers or arrays.
 */
Value node_evaluate(Graph *g, Node n, int count, const Node symbols[],
                    const Value values[]);

#endif

/*
 * derive_inside.h - what a derived function holds; for derive*.c alone
 *
 * A Trace is the closed form for one signature: the shapes of the parameters
 * (named where the definition names them) and the values of those that are
 * no formulas.  Its programs are compiled for concrete shapes.
 */
#ifndef MLC_EVAL_DERIVE_INSIDE_H
#define MLC_EVAL_DERIVE_INSIDE_H

#include "compile/program.h"
#include "eval/derive.h"
#include "eval/symbol.h"

#define MOST_PARAMS 256
#define MOST_TRACES 32
#define MOST_PROGRAMS 16

typedef struct Compiled {
    struct Compiled *next;
    Shape shape[MOST_PARAMS];
    Program *program;
} Compiled;

typedef struct Trace {
    struct Trace *next;
    Value signature;         /* list: shapes as texts, or fixed values */
    Value roots;             /* list of the Exprs below: keeps them */
    Node param[MOST_PARAMS]; /* NODE_NONE: a fixed value */
    int nout;
    Node out[MOST_PARAMS + 1];
    bool record;  /* several outputs: a record */
    bool valued;  /* the last output is the value of the function */
    Node guard;   /* value of the function, if it is defined on
                     less than the derivative; else NODE_NONE */
    bool columns; /* no closed form: the outputs are changes, for
                     those dx of the variables */
    Node value;   /* then: of the function */
    Node dx[MOST_PARAMS];
    bool at_once;          /* and one program gives all columns */
    struct Trace *formula; /* then: the closed form, once it was wanted */
    signed char open; /* 1: holds symbols of others, -1: none, 0: not known */
    Reads reads;
    Compiled *programs, *wholes; /* of a column, of all at once */
    int depth;                   /* of calls when it was begun */
    int ndims;                   /* named dimensions that are other ones */
    Unify dim[MOST_PARAMS];
} Trace;

typedef struct SparseTrace SparseTrace; /* derive_sparse.c */

typedef struct Derived {
    Value base;
    DeriveKind kind;
    int order, nvars;
    int var[MOST_PARAMS]; /* places of the parameters */
    int nparams;
    Name name[MOST_PARAMS];
    const Decl *decl[MOST_PARAMS]; /* NULL: of a builtin */
    Trace *traces;
    bool sparse; /* asked for as a sparse matrix */
    SparseTrace *sparse_traces;
    Value parts;    /* of parts_gradient */
    Function *next; /* of the same closure */
} Derived;

/* Arguments are those of the parameters, the changes of the variables, and
 * one more: a record of the options that the call gives, or none. */
enum { ARG_OPTIONS = 2 * MOST_PARAMS, ARG_COUNT };

/* ---- derive_run.c: values ---- */

/* By putting the arguments in, which keeps exact numbers exact. */
Value call_by_substitution(Interp *in, const Derived *d, const Trace *t,
                           const Value *args);
Value call_by_program(Interp *in, const Derived *d, Trace *t,
                      const Value *args);

void free_programs(Compiled *list);

/* Is one program for all columns of a trace that has no closed form worth
 * its length?  Once its outputs are known. */
bool columns_fit_at_once(Interp *in, const Derived *d, const Trace *t);

/* Of such a trace. */
Value call_by_columns(Interp *in, const Derived *d, Trace *t, Value args[]);

/* ERR_NAN if the values y of p are no numbers, though the inputs are. */
void derive_refuse_nan(Program *p, const double *const data[], Value y);

/* The error of the function where it has no value. */
void derive_check_domain(Interp *in, const Derived *d, const Value *args,
                         const Array *value);

/* ---- derive.c ---- */

bool derive_is_var(const Derived *d, int i);

/* May a value stand for a symbol of the formula? */
bool derive_is_formula_argument(Value v);

/* Is y, a formula of the function, defined on less than its derivative? */
bool derive_forgets_domain(Interp *in, Node y);

void derive_need_scalar(Interp *in, Node y, const char *what);

/* ---- derive_sparse.c ---- */

/*
 * A Jacobian or Hessian as a sparse matrix: its structure is found once for
 * the shapes of the arguments, their integers that are no variables taken by
 * value, and its values are written into it at each point.  Raises ERR_TENSOR
 * where the structure is not known.
 */
Value call_sparse(Interp *in, Derived *d, const Value *args);

/* The same where the dense matrix would be very large and the sparse one is
 * not; false elsewhere. */
bool call_sparse_if_large(Interp *in, Derived *d, const Value *args, Value *y);

void free_sparse_traces(SparseTrace *list);

#endif

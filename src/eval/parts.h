/*
 * parts.h - gradients by records and lists of numbers and arrays
 *
 * A function of a record {W = ..., b = ...} or of a list of layers is turned
 * into a function of the numbers and arrays that the record holds, its
 * leaves.  The derivatives of that function are traced, compiled and cached
 * like any other's, and its gradient is put together again in the structure
 * of the argument.  What is no number (a text, an activation) belongs to the
 * structure: it is passed on as it is.
 */
#ifndef MLC_EVAL_PARTS_H
#define MLC_EVAL_PARTS_H

#include "eval/derive.h"

/* f of leaves; data is a Parts. */
extern const FunctionClass class_parts;

/* Is v, by which is differentiated, a list or record?  ERR_TYPE if it has no
 * number to differentiate by. */
bool needs_parts(Name name, Value v);

/* A derivative of f called with these arguments, by those of the places var. */
typedef struct PartsCall {
    DeriveKind kind;
    Value f;
    int nargs;
    const Value *args;
    int nvars;
    const int *var;
} PartsCall;

/*
 * The gradient where some of the variables are lists or records; ERR_DIFF for
 * another derivative.  *known: a list where the functions made for earlier
 * arguments are found again, kept by the caller (NONE at first).
 */
Value parts_gradient(Interp *in, const PartsCall *c, Value *known);

Value parts_base(const Function *f); /* the function itself */
Value call_parts(Interp *in, Function *f, const Args *a);

/* Names of its leaves, "net[1].W", and their declarations (NULL: none). */
int parts_params(const Function *f, int most, Name name[], const Decl *decl[]);

#endif

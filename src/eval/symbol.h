/*
 * symbol.h - declared symbols, and substitution for them
 */
#ifndef MLC_EVAL_SYMBOL_H
#define MLC_EVAL_SYMBOL_H

#include "eval/interp.h"

void declare_symbols(Interp *in, const Ast *t);         /* a SYM statement */

/*
 * The shape that the dimensions of a declaration give: an integer is that
 * integer, a name without an integer value a named dimension.
 */
Shape declared_shape(Interp *in, const Decl *d);

/* A named dimension: a positive integer symbol. */
Node dimension_symbol(Interp *in, Name name);

/* The symbol called `name` that occurs in e, else variable_symbol. */
Node symbol_in(Interp *in, Node e, Name name, Span at);

/*
 * e with symbols replaced; where to[i] has numbers for the named dimensions
 * of from[i], these are replaced too.  Raises ERR_SHAPE.
 */
Node substitute_shaped(Interp *in, Node e, int n, const Node from[],
                       const Node to[], Span at);

/* What a declaration says of a parameter's symbol: SYM_SYMMETRIC and so on. */
unsigned decl_symbol_flags(const Decl *d);

#endif

/*
 * calculus.h - what the forms that bind variables share
 *
 * The names in the variable place are symbols inside of the call, whatever
 * they hold outside.
 */
#ifndef MLC_EVAL_CALCULUS_H
#define MLC_EVAL_CALCULUS_H

#include "eval/interp.h"

enum { MOST_VARS = 64 };

typedef struct Vars {
    int count;
    Name name[MOST_VARS];
    Node node[MOST_VARS];
    int order[MOST_VARS];       /* diff(e, x, 3) */
    Span at[MOST_VARS];
    Value point[MOST_VARS];     /* of a parameter of the function that runs:
                                   its argument; else NONE.  Not held */
} Vars;

/* Adds a variable; there is room. */
void vars_bind(Interp *in, Vars *v, Name name, Span at);

/* The symbol in e that variable i is. */
Node vars_symbol(Interp *in, const Vars *v, int i, Node e);

/* e, the value of t, by variables that are right for what locals of the
 * function hold; ERR_STALE if they hold numbers made from its argument. */
Node vars_follow(Interp *in, const Ast *t, Node e, Vars *v);

/* The answer *y of a form, taken at the arguments; true, as forms return. */
bool vars_settle(Interp *in, const Vars *v, Span at, Value *y);

/* Adds the variable that t names; ERR_SYNTAX if t is no name. */
void vars_add(Interp *in, Vars *v, const Ast *t);

/* The same of each name in [x, y] or {x, y}, or of the one that t is. */
void vars_add_list(Interp *in, Vars *v, const Ast *t);

/* What follows the formula in a call: x, y or [x, y] or {x, y}; with `orders`,
 * an integer after a name. */
void vars_read(Interp *in, const Ast *call, bool orders, Vars *v);

/* left == right as the node left - right; a formula alone is meant to be 0. */
Node vars_equation(Interp *in, const Ast *t, Vars *v);

/* The value of t with the variables bound to their symbols. */
Value vars_eval(Interp *in, const Ast *t, const Vars *v);

/* The node of e, the value of t; ERR_TYPE if it is no formula, ERR_STALE if
 * it was built from a value of one of the variables. */
Node vars_node(Interp *in, const Ast *t, Value e, Vars *v);

#endif

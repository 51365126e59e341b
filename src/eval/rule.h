/*
 * rule.h - `rule f(-a) = -f(a)`, `rule diff(f(a, b), a) = e`
 */
#ifndef MLC_EVAL_RULE_H
#define MLC_EVAL_RULE_H

#include "eval/interp.h"

/* Tested at random points when read: ERR_RULE with the point. */
void add_rule(Interp *in, const Ast *t);

/* Kept as a node when it is called with symbols? */
bool is_named_function(Interp *in, const Function *f);

/* n with the bodies of such functions put in: for numbers. */
Node expand_named(Interp *in, Node n);

#endif

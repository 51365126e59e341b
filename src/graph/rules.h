/*
 * rules.h - rewriting as nodes are built
 *
 * The RULE rows of ops.def, parsed when their operator is first built, and
 * the rules of the user.  The left side of a rule is built with the rules
 * switched off, or it would rewrite itself.
 *
 * A rule on numbers holds entry by entry as well: its pattern is made for
 * numbers, columns and matrices.  In a text the letters p, q stay numbers.
 */
#ifndef MLC_GRAPH_RULES_H
#define MLC_GRAPH_RULES_H

#include "graph/node.h"

/* Rules off (+1) and on again (-1), counted.  After an error that was caught
 * the one who switched them off switches them on. */
void rules_switch(Graph *g, int change);

/*
 * left = right from now on, both nodes built with rules off, in which the
 * letters are symbols with SYM_PLACEHOLDER.  The head of `left` is a call of
 * a function symbol or an operator of ops.def.  Raises ERR_RULE if the left
 * side is a letter or a number, if a letter of the right side is missing on
 * the left, or if the right side contains the left side's form again and no
 * smaller (it swaps or grows: f(a, b) = f(b, a)).  `when` is a text as in
 * RULE_WHEN, or "" .
 */
void rules_add(Graph *g, Node left, Node right, int nletters,
               const Node letters[], const char *when);

/* For tests: whether no hint (rule_hint.h) hides what the rule would fit. */
bool rules_check_hint(Graph *g, const OpRule *row);

/* The rules of the user for this function or operator, for `help`. */
int rules_count(const Graph *g);

#endif

/*
 * selftest_rule.h - one rewrite of ops.def against numbers
 *
 * Both sides are evaluated from their trees, not as nodes: building the left
 * side would already rewrite it.
 */
#ifndef MLC_GRAPH_SELFTEST_RULE_H
#define MLC_GRAPH_SELFTEST_RULE_H

#include "graph/node.h"

/*
 * Tries the rule wherever its WHEN holds among a fixed set of values for its
 * letters, numbers for elementwise operators and for MONO and its kin, arrays
 * for operators on arrays.  Where the left side is NaN the right may be
 * anything.  Writes the first failure into why.
 */
void selftest_rule(Graph *g, const OpRule *r, char *why, size_t room);

#endif

/*
 * rule_hint.h - what the text of a rule says before it is parsed
 *
 * Most rules of an operator never fit what a session builds: of the fourteen
 * of sin none concerns sin(x).  A look at the text of the left side tells so
 * without parsing it and building its pattern.
 *
 * A hint is what a node must have, never that it fits: that of constants for
 * all forms of the letters, the others where letters stand for numbers.
 */
#ifndef MLC_GRAPH_RULE_HINT_H
#define MLC_GRAPH_RULE_HINT_H

#include <stdint.h>

#include "op/op.h"

/* Operators as a set of bits. */
typedef struct OpSet {
    uint64_t bits[2];
} OpSet;

static inline void op_set_add(OpSet *s, OpId op)
{
    s->bits[op / 64 % 2] |= (uint64_t)1 << op % 64;
}

/* Is all of `part` in s? */
static inline bool op_set_holds(OpSet s, OpSet part)
{
    return !((part.bits[0] & ~s.bits[0]) | (part.bits[1] & ~s.bits[1]));
}

static inline bool op_set_is_empty(OpSet s)
{
    return !(s.bits[0] | s.bits[1]);
}

typedef struct RuleHint {
    OpId first;  /* of its only argument; MONO: also SUM, NUM, CONST;
                    OP_COUNT: any */
    OpSet needs; /* of products: operators among the bases */
    OpSet terms; /* and among the terms of those that are sums */
} RuleHint;

RuleHint rule_hint(const OpRule *row);

/* Does it call a function of whole arrays?  Of a number that is the number
 * itself, or 1, and the rule would speak of something else. */
bool rule_is_of_arrays(const OpRule *row);

/* Has its only argument no letters?  Then only a constant fits. */
bool rule_is_constant(const OpRule *row);

#endif

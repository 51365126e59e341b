/*
 * problem.h - what a solver is given
 *
 * A record with the objective as a function of packed parameters, its start,
 * bounds and constraints, and what graph/query.h says of its structure.
 * stdlib/optim/choose.mlc reads it.
 */
#ifndef MLC_EVAL_PROBLEM_H
#define MLC_EVAL_PROBLEM_H

#include "eval/model.h"

typedef struct Constraint {
    Node node;                  /* >= 0, or == 0 */
    bool equality;
    int entries;
} Constraint;

#define MOST_CONSTRAINTS 256

typedef struct Problem {
    Node objective;
    int nleaves;
    const ModelLeaf *leaf;
    int nconstraints;
    Constraint constraint[MOST_CONSTRAINTS];
    Value f;                    /* the objective; made by problem_record */
} Problem;

/* The constraints of a COMPARE, in order; its two sides are evaluated. */
void problem_add_constraint(Interp *in, Problem *p, const Ast *compare);

/* The record; also sets p->f. */
Value problem_record(Interp *in, Problem *p);

/* The value of the objective at the solver's v. */
Value problem_value(Interp *in, const Problem *p, Value solution);

/* Multipliers in written order, bounds last, from the solver's record. */
Value problem_multipliers(const Problem *p, Value solution);

#endif

/*
 * solve_inside.h - what the files of solve.h share
 *
 * solve.c       polynomials, and inverses step by step
 * solve_forms.c equations in several functions of x that become one
 * solve_check.c putting the roots back
 *
 * All functions add to the roots of the Solver; what resists sets `failed`.
 */
#ifndef MLC_GRAPH_SOLVE_INSIDE_H
#define MLC_GRAPH_SOLVE_INSIDE_H

#include "graph/poly_node.h"
#include "graph/solve.h"

enum { SOLVE_COUNTERS = 2, SOLVE_WHERES = 2 }; /* as in Root */

typedef struct Solver {
    Graph *g;
    Arena *arena;
    Node x;
    Node typed; /* the equation that was asked for */
    Roots *roots;
    int depth, *work;
    bool failed; /* part of the equation resists */
    bool floats; /* roots are wanted as floats, to all digits */
    int turns;   /* counters of periods that are in use */
    Node counter[SOLVE_COUNTERS];
    int wheres; /* conditions of the branch that is being solved */
    Node where[SOLVE_WHERES];
} Solver;

/* e = 0, and inner = value. */
void solve_for(Solver *s, Node e);
void solve_inner(Solver *s, Node inner, Node value);

/* inner = value + k*period for whole k. */
void solve_turns(Solver *s, Node inner, Node value, Node period);

/* p/q with b^(p/q) = r, if both are rational; else log(r)/log(b). */
Node solve_log_ratio(Graph *g, Node r, Node b);

/* f(a) for a function of the language. */
Node solve_call(Graph *g, const char *name, Node a);

/* The coefficients of the powers of generator `var`, as nodes; the degree. */
int solve_coefficients(Solver *s, PolyForm *f, int var, Node **out);

/* An equation in the n > 1 generators var[] that hold x; false: in none of
 * the forms that are known. */
bool solve_several(Solver *s, PolyForm *f, int n, const int var[], Node e);

/* e = 0 by the two cases of u = max, min or relu; false: u is none. */
bool solve_cases_of(Solver *s, Node u, Node e);

/* Those of the roots that fulfil e = 0, without the counters. */
void solve_keep(Solver *s, Node e, Roots *kept);

#endif

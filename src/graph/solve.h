/*
 * solve.h - equations and series
 */
#ifndef MLC_GRAPH_SOLVE_H
#define MLC_GRAPH_SOLVE_H

#include "base/vec.h"
#include "graph/node.h"

typedef VEC(Node) Nodes;

/*
 * A root.  A periodic function has infinitely many: `family` is the formula
 * of all of them, for whole numbers in place of the symbols k (and m), and
 * `at` one next to k = 0.
 */
typedef struct Root {
    Node at;
    Node family; /* or NODE_NONE */
    int counters;
    Node counter[2];
    bool gaps;   /* not every whole number gives a root */
    bool partly; /* not a root for all values of its symbols */
    int wheres;  /* conditions on other symbols: it is a root only there */
    Node where[2];
} Root;

/* How the roots of an equation were found. */
typedef struct Roots {
    VEC(Root) at;       /* in an arena of the caller */
    VEC(Root) families; /* those that infinitely many come from */
    bool numeric;       /* some are floats found by a search */
    bool all;           /* every number is a root */
    bool open;          /* there may be others that were not found */
} Roots;

/*
 * The real x with e = 0.  Polynomials with exact coefficients: rational roots
 * and quadratic factors exactly, the others as floats by isolation; degree 2
 * at most with symbols among the coefficients; powers, roots, exp, log,
 * sines and the other functions of x by their inverses.  Every root has been
 * put back into e.  With `floats`, roots of polynomials that are not rational
 * are given as floats with all their digits.
 */
Roots solve_equation(Graph *g, Arena *a, Node e, Node x, bool floats);

/*
 * The n equations e = 0, all affine in the m unknowns x, by elimination.
 * False if they are not affine.  Raises ERR_DOMAIN: no solution, or infinitely
 * many (the free unknowns are named).
 */
bool solve_linear(Graph *g, int n, const Node e[], int m, const Node x[],
                  Node solution[]);

/* The name of an operator in e that has a kink or jump where x[i] = a[i]; or
 * NULL. */
const char *node_kink_at(Graph *g, Node e, int count, const Node x[],
                         const Node a[]);

/*
 * The Taylor polynomial of e at x = a through the power n, also where e has a
 * gap (sin(x)/x at 0) or a kink that its derivatives of these orders do not
 * feel.  Raises ERR_DIFF at other kinks, ERR_DOMAIN where a value is missing.
 */
Node node_taylor(Graph *g, Node e, Node x, Node a, int n);

#endif

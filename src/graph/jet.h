/*
 * jet.h - Taylor coefficients of a formula in one symbol, as intervals
 *
 * Over an interval of its symbol the coefficient k holds f^(k)(x)*r^k/k! for
 * every x there (r a scale that keeps them within the range of floats); at a
 * point it holds that of the Taylor series.  Together they bound the rest of
 * a series, and with it integrals, beyond doubt: rounding is in the bounds
 * (Moore, Methods and Applications of Interval Analysis, SIAM 1979, ch. 3).
 */
#ifndef MLC_GRAPH_JET_H
#define MLC_GRAPH_JET_H

#include <stddef.h>

#include "base/arena.h"
#include "graph/interval.h"

enum { JET_ORDER = 16, JET_SIZE = JET_ORDER + 1 };

typedef struct Jet {
    int valid; /* coefficients that are known; 0: not even the value */
    Range c[JET_SIZE];
} Jet;

typedef struct Jets Jets;

/* Code for the jets of e; NULL if an operator of e has none. */
Jets *jets_new(Graph *g, Node e, Node x, Arena *a);

size_t jets_count(const Jets *j); /* operations of a run */

/* Over x, with the scale r. */
const Jet *jets_run(Jets *j, Range x, double r);

#endif

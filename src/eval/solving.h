/*
 * solving.h - what solving.c shares with the search for solutions
 */
#ifndef MLC_EVAL_SOLVING_H
#define MLC_EVAL_SOLVING_H

#include "eval/interp.h"

enum { SEARCH_MOST = 6 };       /* unknowns of a nonlinear system */

/*
 * Solutions of the n equations e = 0 in n scalar unknowns x, without other
 * symbols: a list of records, in ascending order.  Found by a search: there
 * may be others.
 */
Value search_solutions(Interp *in, int n, const Node e[], const Node x[],
                       const Name name[]);

#endif

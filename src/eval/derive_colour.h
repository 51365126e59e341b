/*
 * derive_colour.h - sparse derivatives from a few directions
 *
 * Where no closed form gives the entries, the structure is read off the graph
 * (graph/reach.h), the columns are grouped (num/colour.h), and each group
 * takes one derivative in the direction of its sum: of the value for a
 * Jacobian, of the gradient for a Hessian.
 */
#ifndef MLC_EVAL_DERIVE_COLOUR_H
#define MLC_EVAL_DERIVE_COLOUR_H

#include "eval/derive_inside.h"

typedef struct Coloured Coloured;

/* Of y, the value of d's function for the parameters param; *base receives the
 * structure.  NULL if it is too full for this to be worth while. */
Coloured *coloured_new(Interp *in, const Derived *d, const Node param[], Node y,
                       Value *base);
void coloured_free(Coloured *c);

/* The entries of the structure at data, one for each parameter that is no
 * fixed value; ERR_NAN where they are no numbers. */
void coloured_run(Coloured *c, const double *const data[], double *f);

#endif

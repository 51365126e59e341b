/*
 * dims.h - named dimensions of a program
 *
 * A program is lowered for concrete shapes.  The sizes of named dimensions
 * come from the shapes of the inputs and from the caller; where two of them
 * disagree ERR_SHAPE names the dimension and both sizes.
 */
#ifndef MLC_COMPILE_DIMS_H
#define MLC_COMPILE_DIMS_H

#include "compile/lower.h"

/* Size of a dimension symbol, -1 if it is not known. */
int dims_find(const Lower *l, Node n);

#endif

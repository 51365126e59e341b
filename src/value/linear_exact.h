/*
 * linear_exact.h - exact linear algebra; for the files of value/ only
 *
 * Fraction-free elimination (Bareiss, "Sylvester's identity and multistep
 * integer-preserving Gaussian elimination", Math. Comp. 22, 1968): rows are
 * scaled to integers, and every division is exact, so that the numbers stay
 * as short as minors of the matrix are.
 */
#ifndef MLC_VALUE_LINEAR_EXACT_H
#define MLC_VALUE_LINEAR_EXACT_H

#include "value/matrix.h"

Value exact_product(const Array *a, const Array *b);

/* x with a*x = b for a square a; false if a is singular. */
bool exact_solve(const Array *a, const Array *b, Value *x);
Value exact_det(const Array *a);

#endif

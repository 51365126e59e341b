/*
 * shape.h - how shapes combine
 *
 * Dimensions may be symbolic (negative, see Dim): equal ones are ==, and a
 * symbolic one is never taken for 1.  So the graph uses the same rules.  The
 * functions return false where shapes do not fit; those that raise are for
 * arrays of numbers.
 */
#ifndef MLC_VALUE_SHAPE_H
#define MLC_VALUE_SHAPE_H

#include "value/matrix.h"

bool shape_is_scalar(Shape s);
bool shape_same(Shape a, Shape b);

/*
 * Entry by entry: equal shapes; a number with anything; a row or column with
 * a matrix of matching side.  A column with a row does not fit.
 */
bool shape_broadcast(Shape a, Shape b, Shape *y);
bool shape_is_outer(Shape a, Shape b); /* a column and a row */

/* Matrix product; a number on either side scales. */
bool shape_product(Shape a, Shape b, Shape *y);

/* a\b: rows of both agree. */
bool shape_solve(Shape a, Shape b, Shape *y);

/* "[3]", "[2,3]", "number"; of concrete dimensions, in the error arena. */
const char *shape_text(Shape s);

/* "add", "compare" ...: `cannot VERB [3] and [2,2]`. */
_Noreturn void shape_raise_broadcast(BinaryOp op, Shape a, Shape b);
_Noreturn void shape_raise_product(Shape a, Shape b);

#endif

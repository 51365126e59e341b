/*
 * number.h - arithmetic of single numbers
 *
 * Exact numbers stay exact until a float enters; booleans count as 0 and 1.
 * An exact number of more than 2^22 bits raises ERR_EXACT,
 * before it is computed.  A float result
 * that is NaN, or infinite from finite operands, raises ERR_DOMAIN where the
 * operation is not defined (division by 0, a root of a negative number) and
 * ERR_NAN where it overflows; the message shows the operation.  Operands that
 * are infinite or NaN themselves pass through, but inf - inf raises.
 */
#ifndef MLC_VALUE_NUMBER_H
#define MLC_VALUE_NUMBER_H

#include "value/matrix.h"

/*
 * a op b of two numbers or booleans.  BIN_POW of exact numbers that has no
 * exact result comes as a float: who wants to keep it symbolic asks
 * number_power_exact first.
 */
Value number_binary(BinaryOp op, Value a, Value b);
Value number_negate(Value a);

/* Greatest common divisor of exact numbers, fractions too; at least 0. */
Value number_gcd(Value a, Value b);

/*
 * a^b of exact numbers: true and *y if the result is rational (b an integer,
 * or a a perfect power), false if it is an irrational number.  Raises
 * ERR_DOMAIN for 0^-1 and for a root of a negative number.
 */
bool number_power_exact(Value a, Value b, Value *y);

/*
 * *a = *a op b in place, op one of BIN_ADD, BIN_SUB, BIN_MUL: *a is an Exact
 * that nobody else holds, b a VAL_INT or an Exact.  False, and nothing is
 * changed, where number_binary has to decide.
 */
bool number_update(Value *a, BinaryOp op, Value b);

/* The kernels of arithmetic on floats, without any check. */
double number_float(BinaryOp op, double a, double b);

bool number_is_integer(Value a); /* exact or float */
int number_sign(Value a);        /* -1, 0, 1; NaN gives 0 */
Value number_abs(Value a);
Value number_numerator(Value a); /* of an exact number */
Value number_denominator(Value a);
Value number_floor(Value a); /* exact of exact, float of float */

/* The rational number that a float is; ERR_DOMAIN for NaN and infinity. */
Value number_to_exact(Value a);
Value number_to_float(Value a);

/* A number or boolean as an Exact number usable by GMP: `room` is set and
 * returned, or the number of an Exact object itself. */
mpq_srcptr number_rational(Value a, mpq_t room);

const char *binary_sign(BinaryOp op); /* "+", ".*", "==", "max" */

#endif

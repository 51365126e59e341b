/*
 * derive_args.h - arguments of derivatives
 *
 * A derivative takes the arguments and the options of its function.  Options
 * are no symbols of the formula: their values go into it.
 */
#ifndef MLC_EVAL_DERIVE_ARGS_H
#define MLC_EVAL_DERIVE_ARGS_H

#include "eval/call.h"

/*
 * Puts the arguments of a call into args[0..n-1], in the order of the n names
 * of parameters, and gives a record of the other named ones, or none.  Raises
 * ERR_ARGUMENT if one is missing or unknown.
 */
Value place_arguments(const Function *f, const Args *a, int n,
                      const Name name[], Value args[]);

/* Calls f with these options: a record, or none. */
Value call_with_options(Interp *in, Value f, int n, const Value args[],
                        Value options);

/* Exact arguments of moderate size keep exact values. */
bool args_are_exact(int n, const Value *args);

/* Is one of the options a formula? */
bool has_formula(Value options);

#endif

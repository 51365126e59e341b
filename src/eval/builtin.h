/*
 * builtin.h - the functions of builtins.def
 *
 * A builtin takes evaluated arguments, checked in number and names of
 * options; the place of an error is the call (context_here).
 */
#ifndef MLC_EVAL_BUILTIN_H
#define MLC_EVAL_BUILTIN_H

#include "eval/call.h"

#define BUILTIN(name, least, most, options, fn, special, signature, help,      \
                example)                                                       \
    Value fn(Interp *in, const Args *a);
#define FORM(name, special, signature, help, example)
#define BOTH(name, least, most, options, fn, special, signature, help,         \
             example)                                                          \
    Value fn(Interp *in, const Args *a);
#include "eval/builtins.def"
#undef BUILTIN
#undef FORM
#undef BOTH

/* Argument i as what is needed; ERR_TYPE names the function and the place. */
int64_t arg_int(const Args *a, int i, const char *what);
double arg_double(const Args *a, int i, const char *what);
const char *arg_text(const Args *a, int i, const char *what);
Name arg_name(const Args *a, int i, const char *what);
bool option_bool(const Args *a, const char *name, bool otherwise);

#endif

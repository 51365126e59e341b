/*
 * trace.c - `if` and `for` of functions that are being traced
 */
#include "eval/trace.h"

Flow trace_if(Interp *in, const Ast *t, uint32_t first, Value c)
{
    (void)in;
    (void)first;
    (void)c;
    error_raise(t->at, ERR_TRACE,
                "an `if` statement on a symbolic condition is not traced");
}

bool trace_for(Interp *in, const Ast *t, Flow *f)
{
    (void)in;
    (void)t;
    (void)f;
    return false;
}

/*
 * print_binder.c - loops, lambdas and conditions on paper
 */
#include "graph/form.h"

#include "base/error.h"

Form *form_binder(Forms *f, Node n)
{
    error_raise(SPAN_NONE, ERR_TYPE, "%s has no printed form",
                op_table[node_op(f->graph, n)].name);
}

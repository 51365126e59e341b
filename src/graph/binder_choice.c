/*
 * binder_choice.c - choices: IF
 */
#include "graph/binder.h"

#include "graph/array.h"

/* Both arms of one shape; scalars spread. */
Node node_if(Graph *g, Node c, Node a, Node b)
{
    if (node_is_number(g, c))
        return node_is_zero(g, c) ? b : a;
    if (a == b)
        return a;
    error_raise(SPAN_NONE, ERR_TRACE,
                "a choice on a symbolic condition has no node");
}

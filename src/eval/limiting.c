/*
 * limiting.c - the form limit
 */
#include <string.h>

#include "eval/apply.h"
#include "eval/calculus.h"
#include "eval/derive.h"
#include "eval/symbol.h"
#include "graph/limit.h"

static LimitSide read_side(Interp *in, const Ast *t)
{
    Value v = eval(in, t);
    if (v.kind == VAL_STRING && strcmp(v.string->text, "left") == 0)
        return LIMIT_LEFT;
    if (v.kind == VAL_STRING && strcmp(v.string->text, "right") == 0)
        return LIMIT_RIGHT;
    error_raise(t->at, ERR_ARGUMENT,
                "the side of a limit is \"left\" or \"right\"");
}

/* limit(e, x, a)  limit(e, x, a, "left") */
bool special_limit(Interp *in, const Ast *call, Value *y)
{
    Vars v = {.count = 0};
    uint32_t n = ast_args(call);
    if (n < 3 || n > 4)
        error_raise_help(call->at, ERR_ARGUMENT, NULL, "limit(sin(x)/x, x, 0)",
                         "limit takes a formula, its variable and the point, "
                         "then perhaps \"left\" or \"right\"");
    vars_add(in, &v, ast_arg(call, 1));
    const Ast *t = ast_arg(call, 0);
    Node e = vars_node(in, t, vars_eval(in, t, &v), &v);
    Node a = node_of_value(in, eval(in, ast_arg(call, 2)));
    LimitSide side = n == 4 ? read_side(in, ast_arg(call, 3)) : LIMIT_BOTH;
    *context_here() = call->at;
    if (!node_is_scalar(in->graph, e) || !node_is_scalar(in->graph, a))
        error_raise(call->at, ERR_SHAPE, "limit is for numbers");
    Node x = vars_symbol(in, &v, 0, e);
    if (node_depends(in->graph, a, x))
        error_raise(ast_arg(call, 2)->at, ERR_ARGUMENT,
                    "the point of a limit does not hold its variable `%s`",
                    v.name[0]);
    Node to = node_limit(in->graph, e, x, a, side);
    *y = node_is_infinite(in->graph, to) ? node_number_value(in->graph, to)
                                         : value_of_node(in, to);
    return true;
}

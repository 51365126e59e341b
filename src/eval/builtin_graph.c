/*
 * builtin_graph.c - formulas looked at: expand, latex, nodes
 */
#include "eval/builtin.h"
#include "eval/derive.h"
#include "graph/print.h"
#include "graph/simplify.h"

Value builtin_expand(Interp *in, const Args *a)
{
    if (a->at[0].kind != VAL_EXPR)
        return value_of_node(in, node_of_value(in, a->at[0]));
    return value_of_node(in, node_expand(in->graph, a->at[0].expr->node));
}

/* The formula of a value: of a derived function, its closed form. */
static Node formula_of(Interp *in, Value v)
{
    if (v.kind == VAL_FUNCTION && v.function->class == &class_derived)
        return derived_formula(in, v.function);
    return node_of_value(in, v);
}

Value builtin_latex(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    node_latex(in->graph, formula_of(in, a->at[0]), &s);
    return value_string_len(str_text(&s), s.len);
}

Value builtin_nodes(Interp *in, const Args *a)
{
    if (a->at[0].kind == VAL_FUNCTION &&
        a->at[0].function->class == &class_derived)
        return value_int((int64_t)derived_nodes(in, a->at[0].function));
    return value_int(
        (int64_t)node_reachable(in->graph, 1,
                                (Node[]){node_of_value(in, a->at[0])}));
}

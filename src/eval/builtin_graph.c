/*
 * builtin_graph.c - formulas looked at: expand, latex, pretty, graph, nodes
 */
#include "eval/builtin.h"
#include "eval/derive.h"
#include "eval/graphviz.h"
#include "graph/pretty.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "graph/tree.h"
#include "io/spawn.h"

Value builtin_expand(Interp *in, const Args *a)
{
    if (a->at[0].kind != VAL_EXPR)
        return value_of_node(in, node_of_value(in, a->at[0]));
    return value_of_node(in, node_expand(in->graph, a->at[0].expr->node));
}

enum { MOST_HEAD = 64 }; /* as many as a function has parameters */

/*
 * The formula of a value: of a derived function its closed form, of a function
 * what it gives for symbols.  The head of a definition, if there is one, goes
 * to *head.
 */
static Node formula_of(Interp *in, Value v, FormulaHead *head)
{
    *head = (FormulaHead){0};
    if (v.kind != VAL_FUNCTION)
        return node_of_value(in, v);
    if (v.function->class == &class_derived)
        return derived_formula(in, v.function);
    Name *name = ARENA_ARRAY(in->scratch, Name, MOST_HEAD);
    Node n = function_formula(in, v, name, &head->count);
    if (v.function->class != &class_closure)
        return n;
    head->name = v.function->name;
    head->param = name;
    return n;
}

Value builtin_latex(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    node_latex(in->graph, n, head.param ? &head : NULL, &s);
    return value_string_len(str_text(&s), s.len);
}

Value builtin_pretty(Interp *in, const Args *a)
{
    Str s = str_in(in->scratch);
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    node_pretty(in->graph, n, head.param ? &head : NULL,
                option_bool(a, "ascii", !locale_is_utf8()), in->format.width,
                &s);
    interp_write(in, str_text(&s), s.len);
    return VALUE_NONE;
}

Value builtin_nodes(Interp *in, const Args *a)
{
    if (a->at[0].kind == VAL_FUNCTION &&
        a->at[0].function->class == &class_derived)
        return value_int((int64_t)derived_nodes(in, a->at[0].function));
    return value_int((int64_t)node_reachable(
        in->graph, 1, (Node[]){node_of_value(in, a->at[0])}));
}

/* ---- graph ---- */

static void write_graph(Interp *in, Node n, const char *given)
{
    Str dot = str_in(in->scratch);
    node_digraph(in->graph, n, &dot);
    graphviz_write(in, &dot, given);
}

Value builtin_graph(Interp *in, const Args *a)
{
    FormulaHead head;
    Node n = formula_of(in, a->at[0], &head);
    Str s = str_in(in->scratch);
    if (a->count == 2) {
        write_graph(in, n, arg_text(a, 1, "the file"));
        return VALUE_NONE;
    }
    if (option_bool(a, "dot", false)) {
        node_digraph(in->graph, n, &s);
        return value_string_len(str_text(&s), s.len);
    }
    node_tree(in->graph, n, option_bool(a, "ascii", !locale_is_utf8()),
              (size_t)in->format.width, &s);
    Str dot = str_in(in->scratch);
    if (in->display)
        node_digraph(in->graph, n, &dot);
    graphviz_show(in, &s, &dot);
    return VALUE_NONE;
}

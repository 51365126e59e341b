/*
 * builtin_equal.c - identities: simplify, equal, counterexample
 */
#include "eval/builtin.h"
#include "eval/derive.h"
#include "graph/identity.h"
#include "graph/print.h"
#include "graph/shorten.h"

Value builtin_simplify(Interp *in, const Args *a)
{
    return value_of_node(in,
                         node_shorten(in->graph, node_of_value(in, a->at[0])));
}

static Truth compare(Interp *in, const Args *a, Arena *arena, Witness *w)
{
    Graph *g = in->graph;
    Node x = node_of_value(in, a->at[0]), y = node_of_value(in, a->at[1]);
    Shape s = node_shape(g, x), t = node_shape(g, y);
    if (s.rows != t.rows || s.cols != t.cols) {
        Str left = str_in(in->scratch), right = str_in(in->scratch);
        shape_print(g, s, &left);
        shape_print(g, t, &right);
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "formulas of different shapes are not compared: the first "
                    "is %s, the second %s",
                    str_text(&left), str_text(&right));
    }
    return node_equal(g, x, y, arena, w);
}

Value builtin_equal(Interp *in, const Args *a)
{
    Arena *arena = arena_local();
    Witness w;
    Truth t = compare(in, a, arena, &w);
    arena_free(arena);
    return t == TRUTH_UNKNOWN ? value_string("unknown")
                              : value_bool(t == TRUTH_YES);
}

Value builtin_counterexample(Interp *in, const Args *a)
{
    Arena *arena = arena_local();
    Witness w;
    Value y = VALUE_NONE;
    if (compare(in, a, arena, &w) == TRUTH_NO) {
        y = record_new((size_t)w.count + 2);
        for (int i = 0; i < w.count; i++)
            record_set(y, node_symbol_name(in->graph, w.symbol[i]),
                       value_of_node(in, w.value[i]));
        record_set(y, name_of("first"),
                   w.defined[0] ? value_float(w.at[0]) : VALUE_NONE);
        record_set(y, name_of("second"),
                   w.defined[1] ? value_float(w.at[1]) : VALUE_NONE);
    }
    arena_free(arena);
    return y;
}

/*
 * builtin_poly.c - polynomials: factor, cancel, collect, coeffs, degree
 */
#include "eval/builtin.h"
#include "eval/derive.h"
#include "eval/primes.h"
#include "graph/rational.h"
#include "value/number.h"

Value builtin_factor(Interp *in, const Args *a)
{
    Node n = node_of_value(in, a->at[0]);
    if (!node_is_number(in->graph, n))
        return value_of_node(in, poly_factor(in->graph, n));
    Value v = node_number_value(in->graph, n);
    if (!value_is_exact(v))
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         "factor(360) gives the rows [prime, power]",
                         "a float has no prime factors");
    if (number_sign(v) == 0)
        return v;
    return primes_of(v);
}

Value builtin_cancel(Interp *in, const Args *a)
{
    return value_of_node(in,
                         poly_cancel(in->graph, node_of_value(in, a->at[0])));
}

static Node variable_of(Interp *in, const Args *a, const char *what)
{
    Node x = node_of_value(in, a->at[1]);
    if (node_op(in->graph, x) != OP_SYM || !node_is_scalar(in->graph, x))
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "a name that has no value, as x, or one declared by "
                         "`sym a`",
                         "the second argument of `%s` is a scalar "
                         "symbol",
                         what);
    return x;
}

/* A symbol or a function: what a polynomial may be collected by. */
static Node atom_of(Interp *in, Value v)
{
    Graph *g = in->graph;
    Node x = node_of_value(in, v);
    OpId op = node_op(g, x);
    if (!node_is_scalar(g, x) || node_is_constant(g, x) || op == OP_SUM ||
        op == OP_MONO)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "collect(e, x), collect(e, sin(x)), "
                         "collect(e, [x, y])",
                         "`collect` goes by powers of a symbol or of a "
                         "function, or by a list of them");
    return x;
}

/* x, or the entries of [x, y] or {x, y}. */
Value builtin_collect(Interp *in, const Args *a)
{
    Graph *g = in->graph;
    Arena *arena = arena_local();
    Value by = a->at[1];
    NodeList x = {0};
    if (by.kind == VAL_LIST) {
        for (size_t i = 0; i < by.list->count; i++)
            VEC_PUSH_IN(arena, &x, atom_of(in, by.list->at[i]));
    } else {
        Node n = node_of_value(in, by);
        bool column = node_op(g, n) == OP_STACK;
        for (int i = 0; i < (column ? node_count(g, n) : 1); i++)
            VEC_PUSH_IN(
                arena, &x,
                atom_of(in, value_of_node(in, column ? node_arg(g, n, i) : n)));
    }
    Node y = poly_collect(g, node_of_value(in, a->at[0]), (int)x.count, x.at);
    arena_free(arena);
    return value_of_node(in, y);
}

Value builtin_degree(Interp *in, const Args *a)
{
    Node x = variable_of(in, a, "degree"), *c;
    Arena *arena = arena_local();
    int64_t y =
        poly_coefficients(in->graph, node_of_value(in, a->at[0]), x, arena, &c);
    arena_free(arena);
    return value_int(y);
}

Value builtin_coeffs(Interp *in, const Args *a)
{
    Node x = variable_of(in, a, "coeffs"), *c;
    Arena *arena = arena_local();
    int64_t degree =
        poly_coefficients(in->graph, node_of_value(in, a->at[0]), x, arena, &c);
    Value y = list_new((size_t)degree + 1);
    for (int64_t e = 0; e <= degree; e++)
        list_push(y, value_of_node(in, c[e]));
    arena_free(arena);
    return y;
}

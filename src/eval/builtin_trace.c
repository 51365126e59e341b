/*
 * builtin_trace.c - forward and backward pass, node by node
 *
 * The function is called with symbols; every operation of its formula gets a
 * name v1, v2, ... in the order in which values are computed, its value at the
 * arguments, its derivative by each operand, and its adjoint: the derivative
 * of the result by it.
 */
#include <string.h>

#include "compile/program.h"
#include "eval/builtin.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "value/format.h"
#include "value/shape.h"

enum { TRACE_ARGS = 32, TRACE_NODES = 200 };

typedef struct Walk {
    Interp *in;
    Graph *g;
    Arena *arena;
    int nargs;
    Node symbol[TRACE_ARGS];
    Value at[TRACE_ARGS];
    int count; /* nodes with a name: the arguments, then operations */
    Node node[TRACE_NODES], name[TRACE_NODES];
    Node y;
} Walk;

static void call_with_symbols(Walk *w, const Args *a)
{
    Function *f = a->at[0].function;
    const Closure *c = f->data;
    Value v[TRACE_ARGS];
    w->nargs = a->count - 1;
    if (w->nargs > TRACE_ARGS || (uint32_t)w->nargs != c->def->ndecls)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "%s takes %u arguments, and %d "
                    "are given",
                    f->name ? f->name : "the function", c->def->ndecls,
                    w->nargs);
    for (int i = 0; i < w->nargs; i++) {
        w->at[i] = a->at[i + 1];
        if (!value_is_number(w->at[i]) && w->at[i].kind != VAL_ARRAY)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "trace needs numbers or arrays, "
                        "not %s",
                        value_kind_phrase(w->at[i]));
        w->symbol[i] =
            node_symbol(w->g, c->def->decls[i].name, value_shape(w->at[i]), 0);
        v[i] = value_expr(w->symbol[i]);
        w->node[i] = w->name[i] = w->symbol[i];
    }
    w->count = w->nargs;
    Value y = call_values(w->in, a->at[0], w->nargs, v);
    if (y.kind != VAL_EXPR || !node_is_scalar(w->g, y.expr->node))
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "f(x, y) = x*y + sin(x); trace(f, 1, 2)",
                         "trace is for functions whose value is a number that "
                         "depends on the arguments");
    w->y = y.expr->node;
}

/* Numbers and what is only notation have no line of their own. */
static bool has_line(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    return !node_is_number(g, n) && !node_is_constant(g, n) && op != OP_ONES &&
           op != OP_TRANS && op != OP_RANGE && op != OP_ALL;
}

/* Names for the operations, operands first. */
static void name_nodes(Walk *w)
{
    NodeMap state = node_map_in(w->arena);
    VEC(Node) stack = {0};
    uint32_t mark;
    for (int i = 0; i < w->nargs; i++)
        node_map_set(&state, w->symbol[i], 1);
    VEC_PUSH_IN(w->arena, &stack, w->y);
    while (stack.count > 0) {
        Node top = stack.at[stack.count - 1];
        if (!node_map_get(&state, top, &mark)) {
            node_map_set(&state, top, 0);
            for (int i = node_count(w->g, top) - 1; i >= 0; i--)
                VEC_PUSH_IN(w->arena, &stack, node_arg(w->g, top, i));
            continue;
        }
        stack.count--;
        if (mark == 1)
            continue;
        node_map_set(&state, top, 1);
        OpId op = node_op(w->g, top);
        if (op == OP_LOOP || op == OP_LAMBDA || op == OP_IF)
            error_raise(SPAN_NONE, ERR_TRACE,
                        "trace shows formulas without loops and choices");
        if (!has_line(w->g, top))
            continue;
        if (w->count == TRACE_NODES)
            error_raise(SPAN_NONE, ERR_LIMIT, "trace shows up to %d operations",
                        TRACE_NODES);
        Str s = str_in(w->arena);
        str_add_format(&s, "v%d", w->count - w->nargs + 1);
        w->node[w->count] = top;
        w->name[w->count++] =
            node_symbol(w->g, name_of(str_text(&s)), node_shape(w->g, top), 0);
    }
}

/* n with the operations before number k by their names, as text. */
static const char *named_text(Walk *w, Node n, int k)
{
    Node *from = ARENA_ARRAY(w->arena, Node, (size_t)k + 1);
    for (int i = 0; i < k; i++) /* the latest first: they hold the others */
        from[i] = w->node[k - 1 - i];
    for (int i = 0; i < k; i++)
        n = node_substitute(w->g, n, 1, &from[i], &w->name[k - 1 - i]);
    Str s = str_in(w->arena);
    node_print(w->g, n, &s);
    return str_text(&s);
}

static const char *value_text(Walk *w, Node n)
{
    Value v = node_evaluate(w->g, n, w->nargs, w->symbol, w->at);
    Str s = str_in(w->arena);
    Format f = w->in->format;
    if (value_is_number(v) && !value_is_exact(v))
        str_add_format(&s, "%.8g", value_to_double(v));
    else
        value_format_inline(&f, v, &s);
    if (s.len > 28 && v.kind == VAL_ARRAY) {
        s.len = 0;
        shape_print(w->g, value_shape(v), &s);
    }
    return str_text(&s);
}

typedef struct Row {
    const char *cell[4];
} Row;

/* "dv3/dv1 = cos(v1)" for each named operand of number k. */
static const char *local_text(Walk *w, int k)
{
    Str s = str_in(w->arena);
    Node n = w->node[k];
    for (int i = 0; i < k; i++) {
        bool operand = false;
        for (int j = 0; j < node_count(w->g, n); j++)
            operand = operand || node_arg(w->g, n, j) == w->node[i];
        if (!operand || !node_is_scalar(w->g, n))
            continue;
        Node slope;
        diff_reverse(w->g, n, 1, &w->node[i], &slope);
        const char *of = node_symbol_name(w->g, w->name[i]);
        str_add_format(&s, "%sd/d%s = %s", s.len ? ", " : "", of,
                       named_text(w, node_textbook(w->g, slope), k));
    }
    return str_text(&s);
}

static void write_rows(Walk *w, Row *row, int n)
{
    size_t width[4] = {0};
    Str s = str_in(w->arena);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 4; c++) {
            size_t len = strlen(row[i].cell[c]);
            width[c] = len > width[c] ? len : width[c];
        }
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < 3; c++)
            str_add_format(&s, "%-*s  ", (int)width[c], row[i].cell[c]);
        str_add(&s, row[i].cell[3]);
        while (s.len > 0 && s.at[s.len - 1] == ' ')
            s.at[--s.len] = '\0';
        str_add_char(&s, '\n');
    }
    interp_write(w->in, str_text(&s), s.len);
}

/* trace(A), as others call tr. */
static Value sum_of_diagonal(Interp *in, const Args *a)
{
    Value tr;
    if (!lookup_name(in, name_of("tr"), &tr))
        error_raise(SPAN_NONE, ERR_NAME, "tr is not defined");
    return call_values(in, tr, 1, a->at);
}

Value builtin_trace(Interp *in, const Args *a)
{
    if (a->count == 1 && a->at[0].kind != VAL_FUNCTION)
        return sum_of_diagonal(in, a);
    if (a->at[0].kind != VAL_FUNCTION ||
        a->at[0].function->class != &class_closure)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         "f(x, y) = x*y + sin(x); trace(f, 1, 2)",
                         "trace takes a function and its arguments");
    Arena *arena = arena_local();
    Walk *w = ARENA_NEW(arena, Walk);
    w->in = in;
    w->g = in->graph;
    w->arena = arena;
    interp_hold(in, 1);
    call_with_symbols(w, a);
    name_nodes(w);
    Row *row = ARENA_ARRAY(arena, Row, (size_t)w->count + 1);
    row[0] = (Row){{"step", "value", "adjoint", "derivatives by operands"}};
    for (int k = 0; k < w->count; k++) {
        Node adjoint;
        Str s = str_in(arena);
        diff_reverse(w->g, w->y, 1, &w->node[k], &adjoint);
        str_add(&s, node_symbol_name(w->g, w->name[k]));
        if (k >= w->nargs)
            str_add_format(&s, " = %s", named_text(w, w->node[k], k));
        row[k + 1] = (Row){{str_text(&s), value_text(w, w->node[k]),
                            value_text(w, adjoint),
                            k < w->nargs ? "" : local_text(w, k)}};
    }
    interp_hold(in, -1);
    write_rows(w, row, w->count + 1);
    arena_free(arena);
    return VALUE_NONE;
}

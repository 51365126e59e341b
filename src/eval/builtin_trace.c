/*
 * builtin_trace.c - forward and backward pass, node by node
 *
 * The function is called with symbols; every operation of its formula gets a
 * name v1, v2, ... in the order in which values are computed, its value at the
 * arguments, its derivative by each operand, and its adjoint: the derivative
 * of the result by it.
 */
#include <math.h>
#include <string.h>

#include "compile/program.h"
#include "eval/builtin.h"
#include "eval/graphviz.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "value/format.h"
#include "value/matrix.h"
#include "value/shape.h"

enum { TRACE_ARGS = 32, TRACE_NODES = 200 };

typedef VEC(Node) Nodes;

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

/* Choices and sums over an index are one operation on what they capture. */
static void push_operands(Walk *w, Node n, Nodes *stack)
{
    Graph *g = w->g;
    bool result = node_op(g, n) == OP_PROJ;
    Node of = result ? node_arg(g, n, 0) : n;
    bool choice = node_op(g, of) == OP_IF;
    int count = !result  ? node_count(g, n)
                : choice ? choice_captures(g, of)
                         : loop_captures(g, of);
    for (int i = count - 1; i >= 0; i--)
        VEC_PUSH_IN(w->arena, stack,
                    !result  ? node_arg(g, n, i)
                    : choice ? choice_capture(g, of, i)
                             : loop_capture(g, of, i));
    if (result && !choice)
        VEC_PUSH_IN(w->arena, stack, loop_base(g, of, result_number(g, n)));
}

/* Names for the operations, operands first. */
static void name_nodes(Walk *w)
{
    NodeMap state = node_map_in(w->arena);
    Nodes stack = {0};
    uint32_t mark;
    for (int i = 0; i < w->nargs; i++)
        node_map_set(&state, w->symbol[i], 1);
    VEC_PUSH_IN(w->arena, &stack, w->y);
    while (stack.count > 0) {
        Node top = stack.at[stack.count - 1];
        if (!node_map_get(&state, top, &mark)) {
            node_map_set(&state, top, 0);
            push_operands(w, top, &stack);
            continue;
        }
        stack.count--;
        if (mark == 1)
            continue;
        node_map_set(&state, top, 1);
        if (node_op(w->g, top) == OP_HIST)
            error_raise(SPAN_NONE, ERR_TRACE,
                        "trace shows formulas without loops");
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

/* n with the operations before number k by their names. */
static Node with_names(Walk *w, Node n, int k)
{
    Node *from = ARENA_ARRAY(w->arena, Node, (size_t)k + 1);
    for (int i = 0; i < k; i++) /* the latest first: they hold the others */
        from[i] = w->node[k - 1 - i];
    for (int i = 0; i < k; i++)
        n = node_substitute(w->g, n, 1, &from[i], &w->name[k - 1 - i]);
    return n;
}

static const char *text_of(Walk *w, Node n)
{
    Str s = str_in(w->arena);
    node_print(w->g, n, &s);
    return str_text(&s);
}

/* In `room` columns: an array that needs more shows its shape. */
static const char *value_text(Walk *w, Node n, size_t room)
{
    Value v = node_evaluate(w->g, n, w->nargs, w->symbol, w->at);
    Str s = str_in(w->arena);
    Format f = w->in->format;
    if (value_is_number(v) && !value_is_exact(v))
        str_add_format(&s, "%.8g", value_to_double(v));
    else
        value_format_inline(&f, v, &s);
    if (s.len > room && v.kind == VAL_ARRAY) {
        s.len = 0;
        f.digits = 4;
        value_format_inline(&f, v, &s);
    }
    if (s.len > room && v.kind == VAL_ARRAY) {
        s.len = 0;
        shape_print(w->g, value_shape(v), &s);
    }
    return str_text(&s);
}

/* The derivative of n by the symbol x, or NODE_NONE where it is a tensor. */
static Node local_slope(Walk *w, Node n, Node x)
{
    Checkpoint point = interp_checkpoint(w->in);
    Protect p;
    volatile Node slope = NODE_NONE;
    Node y;
    if (PROTECT(&p)) {
        if (node_is_scalar(w->g, n))
            diff_reverse(w->g, n, 1, &x, &y);
        else
            y = diff_jacobian(w->g, n, x);
        slope = node_textbook(w->g, y);
        protect_end(&p);
    } else {
        ErrorCode code = context_error()->code;
        if (code != ERR_TENSOR && code != ERR_DIFF)
            error_again();
        interp_restore(w->in, &point);
    }
    return slope;
}

/* The derivative of number k by number i, the other operands held fixed, as
 * text; NULL where it does not depend on it, or it is a tensor. */
static const char *slope_text(Walk *w, Node n, int i)
{
    if (!node_depends(w->g, n, w->name[i]))
        return NULL;
    Node slope = local_slope(w, n, w->name[i]);
    return slope == NODE_NONE ? NULL : text_of(w, slope);
}

/* "d/dv1 = cos(v1)" for each operand of number k, the others held fixed. */
static const char *local_text(Walk *w, int k)
{
    Str s = str_in(w->arena);
    Node n = with_names(w, w->node[k], k);
    for (int i = 0; i < k; i++) {
        const char *slope = slope_text(w, n, i);
        if (slope)
            str_add_format(&s, "%sd/d%s = %s", s.len ? ", " : "",
                           node_symbol_name(w->g, w->name[i]), slope);
    }
    return str_text(&s);
}

typedef struct Row {
    const char *cell[4];
} Row;

static const char *const heads[] = {"step", "value", "adjoint",
                                    "derivatives by operands"};

static size_t columns_of(const char *text)
{
    return text_columns(text, strlen(text));
}

static bool is_finite_value(Value v)
{
    if (value_is_number(v))
        return isfinite(value_to_double(v));
    if (v.kind != VAL_ARRAY)
        return true;
    const Array *m = array_to_float(v);
    for (size_t i = 0; i < array_count(m); i++)
        if (!isfinite(m->f[i]))
            return false;
    return true;
}

/* The table shows infinities and what follows from them; this says where the
 * first comes from. */
static void warn_infinite(Walk *w)
{
    for (int k = w->nargs; k < w->count; k++) {
        Value v = node_evaluate(w->g, w->node[k], w->nargs, w->symbol, w->at);
        if (is_finite_value(v))
            continue;
        heap_warn_text(arena_printf(error_arena(),
                                    "trace: %s = %s has no finite value here",
                                    node_symbol_name(w->g, w->name[k]),
                                    text_of(w, with_names(w, w->node[k], k))));
        return;
    }
}

static void make_rows(Walk *w, Row *row, size_t room)
{
    row[0] = (Row){{heads[0], heads[1], heads[2], heads[3]}};
    for (int k = 0; k < w->count; k++) {
        Node adjoint;
        Str s = str_in(w->arena);
        diff_reverse(w->g, w->y, 1, &w->node[k], &adjoint);
        str_add(&s, node_symbol_name(w->g, w->name[k]));
        if (k >= w->nargs)
            str_add_format(&s, " = %s",
                           text_of(w, with_names(w, w->node[k], k)));
        row[k + 1] = (Row){{str_text(&s), value_text(w, w->node[k], room),
                            value_text(w, adjoint, room),
                            k < w->nargs ? "" : local_text(w, k)}};
    }
}

/* As a table; false if it is too wide. */
static bool write_table(Walk *w, const Row *row, int n)
{
    size_t width[4] = {0};
    Str s = str_in(w->arena);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 4; c++) {
            size_t len = columns_of(row[i].cell[c]);
            width[c] = len > width[c] ? len : width[c];
        }
    if (width[0] + width[1] + width[2] + width[3] + 6 >
        (size_t)w->in->format.width)
        return false;
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < 4; c++) {
            size_t len = columns_of(row[i].cell[c]);
            str_add_format(&s, "%s%*s", row[i].cell[c],
                           (int)(width[c] - len) + 2, "");
        }
        while (s.len > 0 && s.at[s.len - 1] == ' ')
            s.at[--s.len] = '\0';
        str_add_char(&s, '\n');
    }
    interp_write(w->in, str_text(&s), s.len);
    return true;
}

/* A step on several lines. */
static void write_list(Walk *w, const Row *row, int n)
{
    Str s = str_in(w->arena);
    for (int i = 1; i < n; i++) {
        str_add_format(&s, "%s\n", row[i].cell[0]);
        str_add_format(&s, "    value    %s\n", row[i].cell[1]);
        str_add_format(&s, "    adjoint  %s\n", row[i].cell[2]);
        if (*row[i].cell[3])
            str_add_format(&s, "    %s\n", row[i].cell[3]);
    }
    interp_write(w->in, str_text(&s), s.len);
}

/* ---- as a graph ---- */

/* A node for each step with its value and adjoint, an edge from each operand
 * with the derivative by it. */
static void add_digraph(Walk *w, const Row *row, Str *out)
{
    str_add(out, "digraph {\n  rankdir=LR;\n"
                 "  node [fontname=\"monospace\", shape=box];\n"
                 "  edge [fontname=\"monospace\", fontsize=11];\n");
    for (int k = 0; k < w->count; k++) {
        const char *name = node_symbol_name(w->g, w->name[k]);
        str_add_format(out, "  n%d [%slabel=\"", k,
                       k < w->nargs ? "style=rounded, " : "");
        graphviz_label(out, row[k + 1].cell[0]);
        str_add(out, "\\n");
        graphviz_label(out, row[k + 1].cell[1]);
        str_add_format(out, "\\nd/d");
        graphviz_label(out, name);
        str_add(out, ": ");
        graphviz_label(out, row[k + 1].cell[2]);
        str_add(out, "\"];\n");
        Node n = with_names(w, w->node[k], k);
        for (int i = 0; k >= w->nargs && i < k; i++) {
            if (!node_depends(w->g, n, w->name[i]))
                continue;
            const char *slope = slope_text(w, n, i);
            str_add_format(out, "  n%d -> n%d [label=\"", i, k);
            graphviz_label(out, slope ? slope : "");
            str_add(out, "\"];\n");
        }
    }
    str_add(out, "}");
}

/* dot = true: the text for Graphviz; file = "t.svg": written. */
static Value give_graph(Walk *w, const Args *a, const Row *row)
{
    Str dot = str_in(w->in->scratch);
    const Value *file = args_named(a, "file");
    add_digraph(w, row, &dot);
    if (!file)
        return value_string_len(str_text(&dot), dot.len);
    if (file->kind != VAL_STRING)
        error_raise(SPAN_NONE, ERR_TYPE, "file is a text, not %s",
                    value_kind_phrase(*file));
    graphviz_write(w->in, &dot, file->string->text);
    return VALUE_NONE;
}

static void write_rows(Walk *w, Row *row)
{
    if (!write_table(w, row, w->count + 1)) {
        int room = w->in->format.width - 14;
        make_rows(w, row, room < 8 ? 8 : (size_t)room);
        write_list(w, row, w->count + 1);
    }
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
    make_rows(w, row, 28);
    Value y = VALUE_NONE;
    if (args_named(a, "file") || option_bool(a, "dot", false))
        y = give_graph(w, a, row);
    else
        write_rows(w, row);
    warn_infinite(w);
    interp_hold(in, -1);
    arena_free(arena);
    return y;
}

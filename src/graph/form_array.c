/*
 * form_array.c - literals, constant arrays, indices, applied functions
 */
#include "graph/form.h"
#include "graph/quick.h"

#include <string.h>

#include "base/error.h"

/* ---- leaves ---- */

static Form *call_dims(Forms *f, const char *name, OpId op, int n,
                       const Node dims[])
{
    Form *args[2];
    bool all = true;
    for (int i = 0; i < n; i++) {
        args[i] = form_want(f, dims[i], FORM_PLAIN);
        all = all && args[i];
    }
    return all ? form_call(f, name, (int)op, n, args) : NULL;
}

static Form *make_leaf(Forms *f, Node n)
{
    Graph *g = f->graph;
    Shape s = node_shape(g, n);
    Node dims[2] = {node_of_dim(g, s.rows), node_of_dim(g, s.cols)};
    switch ((int)node_op(g, n)) {
    case OP_IDENT:
        return call_dims(f, "I", OP_IDENT, 1, dims);
    case OP_ONES:
        return call_dims(f, "ones", OP_ONES, 1, dims);
    case OP_UNIT:
        dims[1] = node_arg(g, n, 0);
        return call_dims(f, "unit", OP_UNIT, 2, dims);
    default:
        return call_dims(f, "zeros", OP_ZERO, s.cols == 1 ? 1 : 2, dims);
    }
}

static Form *entry_form(Forms *f, const Array *a, size_t i)
{
    Value v = array_get(a, i);
    if (v.kind == VAL_BOOL)
        return form_text(f, v.truth ? "true" : "false");
    return form_number(f, v);
}

#define MOST_ENTRIES 16

/*
 * `[1, 2]` is a column, `[1, 2;]` a row.  An array of data is named by its
 * size alone: its numbers would bury the formula.
 */
static Form *make_const(Forms *f, Node n)
{
    const Array *a = node_const_value(f->graph, n).array;
    size_t rows = (size_t)a->rows, cols = (size_t)a->cols;
    if (rows * cols > MOST_ENTRIES)
        return form_text(f, arena_printf(f->arena, "[%zux%zu numbers]", rows,
                                         cols));
    Form *y = form_open(f, FORM_ARRAY, LEVEL_POSTFIX, rows * cols);
    y->text = rows == 1 ? ";" : "";
    if (cols == 1)
        y->op = OP_STACK;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            bool down = cols > 1 && i > 0 && j == 0;
            form_add(y, entry_form(f, a, i + j * rows),
                     down ? MARK_SEMICOLON : MARK_COMMA);
            POLL();
        }
    return form_close(y);
}

/* ---- literals ---- */

static int parts_of_row(const Graph *g, Node row)
{
    return node_op(g, row) == OP_JOIN ? node_count(g, row) : 1;
}

static Node part_of_row(const Graph *g, Node row, int j)
{
    return node_op(g, row) == OP_JOIN ? node_arg(g, row, j) : row;
}

static bool is_down(const Graph *g, Node n)
{
    if (node_op(g, n) != OP_STACK)
        return false;
    for (int i = 0; i < node_count(g, n); i++)
        if (!node_is_scalar(g, node_arg(g, n, i)))
            return false;
    return true;
}

/*
 * A STACK of rows that may be JOINs.  Of scalars alone: `[a, b]` goes down.
 */
static Form *make_literal(Forms *f, Node n)
{
    Graph *g = f->graph;
    bool stack = node_op(g, n) == OP_STACK, down = is_down(g, n), all = true;
    int rows = stack ? node_count(g, n) : 1;
    size_t total = 0;
    for (int i = 0; i < rows; i++)
        total += (size_t)parts_of_row(g, stack ? node_arg(g, n, i) : n);
    Form *y = form_open(f, FORM_ARRAY, LEVEL_POSTFIX, total);
    bool scalars = true;
    for (int i = 0; i < rows; i++) {
        Node row = stack ? node_arg(g, n, i) : n;
        for (int j = 0; j < parts_of_row(g, row); j++) {
            Node p = part_of_row(g, row, j);
            Form *kid = form_want(f, p, FORM_PLAIN);
            all = all && kid;
            scalars = scalars && node_is_scalar(g, p);
            bool below = i > 0 && j == 0 && !down;
            form_add(y, kid, below ? MARK_SEMICOLON : MARK_COMMA);
        }
    }
    y->text = rows == 1 && scalars ? ";" : "";
    if (down)
        y->op = OP_STACK;
    return all ? form_close(y) : NULL;
}

Form *form_array(Forms *f, Node n)
{
    switch ((int)node_op(f->graph, n)) {
    case OP_CONST:
        return make_const(f, n);
    case OP_STACK:
    case OP_JOIN:
        return make_literal(f, n);
    default:
        return make_leaf(f, n);
    }
}

/* ---- indices ---- */

static Form *make_range(Forms *f, Node n)
{
    Node from = node_arg(f->graph, n, 0), step = node_arg(f->graph, n, 1);
    Form *a = form_want(f, from, FORM_PLAIN);
    Form *s = form_want(f, step, FORM_PLAIN);
    Form *b = form_want(f, node_arg(f->graph, n, 2), FORM_PLAIN);
    if (!a || !s || !b)
        return NULL;
    Form *y = form_open(f, FORM_RANGE, LEVEL_RANGE, 3);
    form_add(y, a, MARK_NONE);
    if (!node_is_one(f->graph, step))
        form_add(y, s, MARK_NONE);
    form_add(y, b, MARK_NONE);
    return form_close(y);
}

/* A column has one index. */
Form *form_index(Forms *f, Node n)
{
    Graph *g = f->graph;
    if (node_op(g, n) == OP_ALL)
        return form_text(f, ":");
    if (node_op(g, n) == OP_RANGE)
        return make_range(f, n);
    Node a = node_arg(g, n, 0), col = node_arg(g, n, 2);
    Form *base = form_want(f, a, FORM_PLAIN);
    Form *i = form_want(f, node_arg(g, n, 1), FORM_PLAIN);
    Form *j = form_want(f, col, FORM_PLAIN);
    if (!base || !i || !j)
        return NULL;
    Form *y = form_open(f, FORM_INDEX, LEVEL_POSTFIX, 3);
    form_add(y, base, MARK_NONE);
    form_add(y, i, MARK_COMMA);
    bool one = node_shape(g, a).cols == 1 &&
               (node_is_one(g, col) || node_op(g, col) == OP_ALL);
    if (!one)
        form_add(y, j, MARK_COMMA);
    return form_close(y);
}

/* ---- applied functions ---- */

static int order_of(const Graph *g, Node n, int i)
{
    return (int)node_attr(g, n, 1 + i);
}

/* Is argument i a symbol that no other argument holds? */
static bool is_own_symbol(Graph *g, Node n, int i)
{
    Node x = node_arg(g, n, i);
    if (node_op(g, x) != OP_SYM)
        return false;
    for (int k = 0; k < node_count(g, n); k++)
        if (k != i && node_depends(g, node_arg(g, n, k), x))
            return false;
    return true;
}

/* A name for argument i that is free in n: t, t2, ... */
static const char *stand_in(Forms *f, Node n, int i)
{
    Arena *a = f->arena;
    Node *symbol;
    int count = node_symbols(f->graph, n, a, &symbol);
    for (int k = i;; k++) {
        const char *text = k ? arena_printf(a, "t%d", k + 1) : "t";
        bool used = false;
        for (int j = 0; j < count; j++)
            used = used || !strcmp(node_symbol_name(f->graph, symbol[j]), text);
        if (!used)
            return text;
        k += node_count(f->graph, n);
    }
}

/*
 * A derivative by one of several arguments: diff(g(x, y), x), and with an
 * argument that is no symbol subs(diff(g(t, y), t), t = ...).
 */
static Form *make_partial(Forms *f, Node n, const char *name, Form **args)
{
    Graph *g = f->graph;
    int count = node_count(g, n), swapped = 0;
    Form **seen = ARENA_ARRAY(f->arena, Form *, (size_t)count);
    Form **rest = ARENA_ARRAY(f->arena, Form *, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        seen[i] = args[i];
        if (!order_of(g, n, i) || is_own_symbol(g, n, i))
            continue;
        const char *t = stand_in(f, n, i);
        seen[i] = form_text(f, t);
        Form *named = form_open(f, FORM_NAMED, LEVEL_ANY, 1);
        named->text = t;
        form_add(named, args[i], MARK_NONE);
        rest[++swapped] = form_close(named);
    }
    Form *y = form_call(f, name, -1, count, seen);
    for (int i = 0; i < count; i++) {
        if (!order_of(g, n, i))
            continue;
        Form *part[3] = {y, seen[i], form_integer(f, order_of(g, n, i))};
        y = form_call(f, "diff", -1, order_of(g, n, i) > 1 ? 3 : 2, part);
    }
    rest[0] = y;
    return swapped ? form_call(f, "subs", -1, swapped + 1, rest) : y;
}

Form *form_call_of(Forms *f, Node n)
{
    Graph *g = f->graph;
    int count = node_count(g, n), orders = 0;
    Form **args = ARENA_ARRAY(f->arena, Form *, (size_t)count + 1);
    bool all = true;
    for (int i = 0; i < count; i++) {
        args[i] = form_want(f, node_arg(g, n, i), FORM_PLAIN);
        all = all && args[i];
        orders += order_of(g, n, i);
    }
    if (!all)
        return NULL;
    const char *name = node_symbol_name(g, n);
    if (count > 1 && orders)
        return make_partial(f, n, name, args);
    Str text = str_in(f->arena);
    str_add(&text, name);
    for (int i = 0; i < orders; i++)
        str_add_char(&text, '\'');
    return form_call(f, str_text(&text), -1, count, args);
}

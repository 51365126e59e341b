/*
 * front.c - broadcasting, and the meanings of the operators
 */
#include "graph/front.h"

#include "graph/array.h"
#include "graph/print.h"

/* ---- spreading ---- */

/*
 * The shape in which arrays of these shapes meet entry by entry: a number
 * takes any, a row or a column that of a matrix of matching side.
 */
static bool common_shape(Shape a, Shape b, Shape *y)
{
    *y = a;
    if (shape_same(a, b) || shape_is_scalar(b))
        return true;
    *y = b;
    if (shape_is_scalar(a))
        return true;
    if ((a.rows == b.rows && b.cols != 1 && a.cols == 1 && b.rows != 1) ||
        (a.cols == b.cols && b.rows != 1 && a.rows == 1 && b.cols != 1))
        return true;
    *y = a;
    return (a.rows == b.rows && a.cols != 1 && b.cols == 1 && a.rows != 1) ||
           (a.cols == b.cols && a.rows != 1 && b.rows == 1 && a.cols != 1);
}

/* `a` along the shape s, which it fits. */
static Node spread(Graph *g, Node a, Shape s)
{
    Shape t = node_shape(g, a);
    if (shape_same(t, s))
        return a;
    if (shape_is_scalar(t))
        return node_fill(g, s, a);
    if (t.cols == 1)
        return node_mul(g, a, node_transpose(g, node_ones(g, s.cols)));
    return node_mul(g, node_ones(g, s.rows), a);
}

static bool spread_both(Graph *g, Node *a, Node *b)
{
    Shape s;
    if (!common_shape(node_shape(g, *a), node_shape(g, *b), &s))
        return false;
    *a = spread(g, *a, s);
    *b = spread(g, *b, s);
    return true;
}

bool front_spread(Graph *g, int n, Node args[])
{
    Shape s = node_shape(g, args[0]);
    for (int i = 1; i < n; i++)
        if (!common_shape(s, node_shape(g, args[i]), &s))
            return false;
    for (int i = 0; i < n; i++) {
        Shape y;
        if (!common_shape(node_shape(g, args[i]), s, &y) || !shape_same(y, s))
            return false;
        args[i] = spread(g, args[i], s);
    }
    return true;
}

/* ---- + - * / \ ^ ---- */

Node front_add(Graph *g, Node a, Node b)
{
    return spread_both(g, &a, &b) ? print_typed(g, node_add(g, a, b))
                                  : NODE_NONE;
}

Node front_sub(Graph *g, Node a, Node b)
{
    return spread_both(g, &a, &b) ? print_typed(g, node_sub(g, a, b))
                                  : NODE_NONE;
}

Node front_mul(Graph *g, Node a, Node b)
{
    Shape s = node_shape(g, a), t = node_shape(g, b);
    bool fits = shape_is_scalar(s) || shape_is_scalar(t) || s.cols == t.rows;
    return fits ? node_mul(g, a, b) : NODE_NONE;
}

Node front_div(Graph *g, Node a, Node b)
{
    if (node_is_scalar(g, b))
        return node_div(g, a, b);
    if (!node_is_square(g, b) || node_shape(g, a).cols != node_shape(g, b).rows)
        return NODE_NONE;
    return node_mul(g, a, node_apply(g, OP_INV, 1, &b));
}

Node front_solve(Graph *g, Node a, Node b)
{
    if (node_is_scalar(g, a))
        return node_div(g, b, a);
    if (!node_is_square(g, a) || node_shape(g, a).cols != node_shape(g, b).rows)
        return NODE_NONE;
    return node_mul(g, node_apply(g, OP_INV, 1, &a), b);
}

Node front_power(Graph *g, Node a, Node b)
{
    int64_t k;
    if (!node_is_scalar(g, b))
        return NODE_NONE;
    if (node_is_scalar(g, a))
        return node_power(g, a, b);
    if (!node_is_square(g, a) || !node_is_number(g, b) ||
        !value_to_int(node_number_value(g, b), &k))
        return NODE_NONE;
    return node_square_power(g, a, node_int(g, k));
}

/* ---- .* ./ .^ ---- */

static Node diagonal(Graph *g, Node line)
{
    if (node_is_row(g, line))
        line = node_transpose(g, line);
    return node_apply(g, OP_DIAG, 1, &line);
}

static bool is_line(const Graph *g, Node n)
{
    return node_is_column(g, n) || node_is_row(g, n);
}

/* A row or column times a matrix, entry by entry. */
static Node line_times_matrix(Graph *g, Node line, Node matrix)
{
    bool column = node_is_column(g, line);
    Node d = diagonal(g, line);
    return column ? node_mul(g, d, matrix) : node_mul(g, matrix, d);
}

Node front_had(Graph *g, Node a, Node b)
{
    Shape s = node_shape(g, a), t = node_shape(g, b), y;
    if (!common_shape(s, t, &y))
        return NODE_NONE;
    if (shape_is_scalar(s) || shape_is_scalar(t))
        return node_mul(g, a, b);
    if (shape_same(s, t))
        return node_had(g, a, b);
    return is_line(g, a) ? line_times_matrix(g, a, b)
                         : line_times_matrix(g, b, a);
}

Node front_had_div(Graph *g, Node a, Node b)
{
    if (node_is_scalar(g, b))
        return node_div(g, a, b);
    return front_had(g, a, node_had_power(g, b, g->minus_one));
}

Node front_had_power(Graph *g, Node a, Node b)
{
    Node entry;
    if (node_is_scalar(g, b))
        return node_had_power(g, a, b);
    if (node_is_fill(g, b, &entry) &&
        shape_same(node_shape(g, a), node_shape(g, b)))
        return node_had_power(g, a, entry);
    if (!spread_both(g, &a, &b))
        return NODE_NONE;
    Node f[] = {a, b};
    return node_apply(g, OP_POW, 2, f);
}

Node front_compare(Graph *g, OpId op, Node a, Node b, bool swap)
{
    if (!spread_both(g, &a, &b))
        return NODE_NONE;
    if (op == OP_AND || op == OP_OR)
        return logic_apply(g, op, 2, (Node[]){a, b});
    return swap ? node_compare_op(g, op, b, a) : node_compare_op(g, op, a, b);
}

Node front_not(Graph *g, Node a)
{
    return logic_apply(g, OP_NOT, 1, &a);
}

/* ---- literals ---- */

static Node join_line(Graph *g, int n, const Node entries[])
{
    for (int i = 1; i < n; i++)
        if (node_shape(g, entries[i]).rows != node_shape(g, entries[0]).rows)
            return NODE_NONE;
    return n == 1 ? entries[0] : node_join(g, n, entries);
}

static Node stack_lines(Graph *g, int n, const Node lines[])
{
    for (int i = 1; i < n; i++)
        if (node_shape(g, lines[i]).cols != node_shape(g, lines[0]).cols)
            return NODE_NONE;
    return n == 1 ? lines[0] : node_stack(g, n, lines);
}

static bool all_scalar(const Graph *g, int n, const Node entries[])
{
    for (int i = 0; i < n; i++)
        if (!node_is_scalar(g, entries[i]))
            return false;
    return true;
}

Node front_literal(Graph *g, int rows, const int cols[], const Node entries[])
{
    if (rows == 0)
        return all_scalar(g, cols[0], entries)
                   ? stack_lines(g, cols[0], entries)
                   : join_line(g, cols[0], entries);
    ArenaMark m = arena_mark(g->scratch);
    Node *line = ARENA_ARRAY(g->scratch, Node, (size_t)rows), y = NODE_NONE;
    int at = 0, i = 0;
    for (; i < rows; i++) {
        line[i] = join_line(g, cols[i], entries + at);
        if (line[i] == NODE_NONE)
            break;
        at += cols[i];
    }
    if (i == rows)
        y = stack_lines(g, rows, line);
    arena_reset(g->scratch, m);
    return y;
}

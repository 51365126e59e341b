/*
 * binder_choice.c - choices: IF
 */
#include "graph/array.h"
#include "graph/binder_close.h"
#include "graph/walk.h"

/*
 * What is compared in a condition is known before the choice, and an arm may
 * use it: it cuts the arms, so that a chain of choices, each upon the result
 * of the one before, is not walked once for every path.
 */
static int compared_nodes(Graph *g, Node c, Node out[], int most)
{
    int count = 0, waiting = 0;
    Node wait[64];
    wait[waiting++] = c;
    while (waiting > 0) {
        Node n = wait[--waiting];
        switch (op_of(g, n)) {
        case OP_AND:
        case OP_OR:
        case OP_NOT:
        case OP_LT:
        case OP_LE:
        case OP_EQ:
        case OP_NE:
            for (uint32_t i = 0; i < g->row[n].nargs && waiting < 60; i++)
                wait[waiting++] = arg_of(g, n, i);
            break;
        case OP_SUM:
            /* x > y is 0 < x - y */
            for (uint32_t i = 1; i < g->row[n].nargs && waiting < 60; i += 2)
                wait[waiting++] = arg_of(g, n, i);
            break;
        default:
            if (count < most && !node_is_constant(g, n) && g->row[n].nargs > 0)
                out[count++] = n;
        }
    }
    return count;
}

void node_choice(Graph *g, Node c, int n, const Node a[], const Node b[],
                 int variables, const Node variable[], const Node value[],
                 Node out[])
{
    ArenaMark mark = arena_mark(g->scratch);
    if (node_is_number(g, c)) {
        Node tuple = node_tuple(g, n, node_is_zero(g, c) ? b : a);
        if (variables)
            tuple = node_substitute(g, tuple, variables, variable, value);
        for (int i = 0; i < n; i++)
            out[i] = node_arg(g, tuple, i);
        arena_reset(g->scratch, mark);
        return;
    }
    Node *left = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    Node *right = ARENA_ARRAY(g->scratch, Node, (size_t)n + 1);
    int *place = ARENA_ARRAY(g->scratch, int, (size_t)n + 1);
    int count = 0;
    for (int i = 0; i < n; i++) {
        place[i] = -1;
        out[i] = a[i];
        if (a[i] == b[i])
            continue;
        place[i] = count;
        left[count] = a[i];
        right[count++] = b[i];
    }
    Node choice = count == 0 ? NODE_NONE
                             : choice_close(g, c, count, left, right, variables,
                                            variable, value);
    for (int i = 0; i < n; i++) {
        if (place[i] >= 0)
            out[i] = node_proj(g, choice, place[i]);
        else if (variables)
            out[i] = node_substitute(g, out[i], variables, variable, value);
    }
    arena_reset(g->scratch, mark);
}

/* A scalar condition; arms of one shape. */
static Node choose_one(Graph *g, Node c, Node a, Node b)
{
    Node compared[16], variable[16], y;
    int n = compared_nodes(g, c, compared, 16);
    Node all[] = {c, a, b};
    int level = binder_level(g, 3, all);
    Node both[] = {a, b};
    Node tuple = node_tuple(g, 2, both);
    for (int i = 0; i < n; i++)
        variable[i] = node_bv(g, level, i, node_shape(g, compared[i]),
                              binder_flags(g, compared[i]));
    if (n)
        tuple = node_substitute(g, tuple, n, compared, variable);
    Node arm[] = {node_arg(g, tuple, 0), node_arg(g, tuple, 1)};
    node_choice(g, c, 1, &arm[0], &arm[1], n, variable, compared, &y);
    return y;
}

/* Entry by entry: array(i, j, if c[i,j] then a[i,j] else b[i,j]). */
static Node choose_entries(Graph *g, Node c, Node a, Node b)
{
    Shape s = node_shape(g, c);
    Node all[] = {c, a, b};
    int level = binder_level(g, 3, all);
    unsigned flags = SYM_INTEGER | SYM_POSITIVE;
    bool column = s.cols == 1, row = s.rows == 1;
    Node i = row ? g->one : node_bv(g, level, 0, SHAPE_SCALAR, flags);
    Node j = column ? g->one : node_bv(g, level + 1, 0, SHAPE_SCALAR, flags);
    for (int k = 0; k < 3; k++)
        all[k] = node_index(g, all[k], i, j);
    Node y = choose_one(g, all[0], all[1], all[2]);
    if (!column)
        y = node_transpose(
            g, index_form_array(g, level + 1, j, node_of_dim(g, s.cols), y));
    if (!row)
        y = index_form_array(g, level, i, node_of_dim(g, s.rows), y);
    return y;
}

Node node_if(Graph *g, Node c, Node a, Node b)
{
    depth_check();
    if (node_is_number(g, c))
        return node_is_zero(g, c) ? b : a;
    Node all[] = {c, a, b};
    bool entries = !node_is_scalar(g, c);
    if (!front_spread(g, entries ? 3 : 2, entries ? all : all + 1))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the arms of a choice have different shapes");
    if (all[1] == all[2])
        return all[1];
    return entries ? choose_entries(g, all[0], all[1], all[2])
                   : choose_one(g, c, all[1], all[2]);
}

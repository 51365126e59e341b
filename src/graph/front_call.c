/*
 * front_call.c - the functions of the language on nodes
 *
 * Those below are no operators of their own: sums, means and norms are
 * chains with ones, sizes are dimensions.  All others stand in ops.def.
 */
#include "graph/array.h"
#include "graph/front.h"
#include "graph/quick.h"

#include <string.h>

typedef struct Call {
    Graph *g;
    int n;
    Node arg[3];
    int dim;
} Call;

typedef Node (*CallRule)(const Call *c);

static Node apply1(Graph *g, OpId op, Node a)
{
    return node_apply(g, op, 1, &a);
}

/* ---- sums, means, norms ---- */

static Node call_sum(const Call *c)
{
    return node_sum_entries(c->g, c->arg[0], c->dim);
}

/* How many entries a sum along dim adds up. */
static Node entry_count(const Call *c)
{
    Graph *g = c->g;
    Shape s = node_shape(g, c->arg[0]);
    Node rows = node_of_dim(g, s.rows), cols = node_of_dim(g, s.cols);
    return c->dim == 1 ? rows : c->dim == 2 ? cols : node_mul(g, rows, cols);
}

static Node call_mean(const Call *c)
{
    return node_div(c->g, call_sum(c), entry_count(c));
}

/* The mean of the squared distances from the mean, over count - 1. */
static Node call_var(const Call *c)
{
    Graph *g = c->g;
    if (c->dim != 0)
        return NODE_NONE;
    Node centred = front_sub(g, c->arg[0], call_mean(c));
    Node less = node_sub(g, entry_count(c), g->one);
    return node_div(g, node_dot(g, centred, centred), less);
}

static Node call_sd(const Call *c)
{
    Node v = call_var(c);
    return v == NODE_NONE ? v : node_power(c->g, v, c->g->half);
}

static Node call_norm1(const Call *c)
{
    return node_sum_entries(c->g, apply1(c->g, OP_ABS, c->arg[0]), 0);
}

static Node call_rows_of(const Call *c, OpId op);

static Node call_norm2(const Call *c)
{
    return c->dim ? call_rows_of(c, OP_NORM2_ROWS)
                  : node_norm2(c->g, c->arg[0]);
}

static Node call_normalize(const Call *c)
{
    Graph *g = c->g;
    return c->dim ? call_rows_of(c, OP_NORMALIZE_ROWS)
                  : node_div(g, c->arg[0], node_norm2(g, c->arg[0]));
}

static Node call_dot(const Call *c)
{
    Graph *g = c->g;
    if (!shape_same(node_shape(g, c->arg[0]), node_shape(g, c->arg[1])))
        return NODE_NONE;
    return node_dot(g, c->arg[0], c->arg[1]);
}

/* ---- powers ---- */

static Node call_sqrt(const Call *c)
{
    return node_had_power(c->g, c->arg[0], c->g->half);
}

static Node call_square(const Call *c)
{
    return node_had_power(c->g, c->arg[0], c->g->two);
}

/* ---- matrices ---- */

static Node square_only(const Call *c, OpId op)
{
    return node_is_square(c->g, c->arg[0]) ? apply1(c->g, op, c->arg[0])
                                           : NODE_NONE;
}

static Node call_trace(const Call *c)
{
    return square_only(c, OP_TR);
}

static Node call_diag(const Call *c)
{
    Graph *g = c->g;
    Node a = c->arg[0];
    if (node_is_scalar(g, a))
        return a;
    if (node_is_row(g, a))
        a = node_transpose(g, a);
    if (node_is_column(g, a))
        return apply1(g, OP_DIAG, a);
    return square_only(c, OP_DIAGOF);
}

static Node call_kron(const Call *c)
{
    return node_apply(c->g, OP_KRON, 2, c->arg);
}

static Node call_transpose(const Call *c)
{
    return node_transpose(c->g, c->arg[0]);
}

/* ---- largest and smallest ---- */

static Node extreme(const Call *c, OpId of, OpId pair)
{
    Graph *g = c->g;
    if (c->n == 1)
        return node_is_scalar(g, c->arg[0]) ? c->arg[0]
                                            : apply1(g, of, c->arg[0]);
    if (c->dim != 0)
        return NODE_NONE;
    Node f[] = {c->arg[0], c->arg[1]};
    return front_spread(g, 2, f) ? node_apply(g, pair, 2, f) : NODE_NONE;
}

/* f of each row; of each column by the transpose. */
static Node call_rows_of(const Call *c, OpId op)
{
    Graph *g = c->g;
    if (c->dim == 2)
        return apply1(g, op, c->arg[0]);
    Node y = apply1(g, op, node_transpose(g, c->arg[0]));
    return node_transpose(g, y);
}

static Node call_max(const Call *c)
{
    if (c->n == 1 && c->dim != 0)
        return call_rows_of(c, OP_MAX_ROWS);
    return extreme(c, OP_MAXOF, OP_MAX);
}

static Node call_min(const Call *c)
{
    if (c->n == 1 && c->dim != 0)
        return call_rows_of(c, OP_MIN_ROWS);
    return extreme(c, OP_MINOF, OP_MIN);
}

/* ---- arrays by their sides ---- */

static bool is_side(Graph *g, Node n)
{
    int64_t k;
    if (!node_is_scalar(g, n))
        return false;
    if (!node_is_number(g, n))
        return node_is_integer(g, n);
    return value_to_int(node_number_value(g, n), &k) && k >= 0 &&
           k <= INT32_MAX;
}

/* The shape that one or two arguments name. */
static bool call_shape(const Call *c, Shape *s)
{
    Graph *g = c->g;
    for (int i = 0; i < c->n; i++)
        if (!is_side(g, c->arg[i]))
            return false;
    s->rows = dim_of_node(g, c->arg[0]);
    s->cols = c->n == 2 ? dim_of_node(g, c->arg[1]) : 1;
    return true;
}

static Node call_ones(const Call *c)
{
    Shape s;
    return call_shape(c, &s) ? node_fill(c->g, s, c->g->one) : NODE_NONE;
}

static Node call_zeros(const Call *c)
{
    Shape s;
    return call_shape(c, &s) ? node_zero(c->g, s) : NODE_NONE;
}

static Node call_identity(const Call *c)
{
    Shape s;
    return call_shape(c, &s) ? node_identity(c->g, s.rows) : NODE_NONE;
}

static Node call_size(const Call *c)
{
    Graph *g = c->g;
    Shape s = node_shape(g, c->arg[0]);
    Node side[] = {node_of_dim(g, s.rows), node_of_dim(g, s.cols)};
    if (c->n == 1)
        return array_literal(g, 2, 1, side);
    return node_is_int(g, c->arg[1], 1)   ? side[0]
           : node_is_int(g, c->arg[1], 2) ? side[1]
                                          : NODE_NONE;
}

static Node call_length(const Call *c)
{
    Graph *g = c->g;
    Shape s = node_shape(g, c->arg[0]);
    if (s.rows != 1 && s.cols != 1)
        return NODE_NONE;
    return node_of_dim(g, s.rows == 1 ? s.cols : s.rows);
}

static Node call_rows(const Call *c)
{
    return node_of_dim(c->g, node_shape(c->g, c->arg[0]).rows);
}

static Node call_cols(const Call *c)
{
    return node_of_dim(c->g, node_shape(c->g, c->arg[0]).cols);
}

/* unit(n, k): a column with a single 1. */
static Node call_unit(const Call *c)
{
    Dim n = dim_of_node(c->g, c->arg[0]);
    return node_is_scalar(c->g, c->arg[1]) ? node_unit(c->g, n, c->arg[1])
                                           : NODE_NONE;
}

/* ---- the table ---- */

enum { DIM_NONE, DIM_OPTION, DIM_PLACE }; /* may stand as an argument too */

static const struct {
    const char *name;
    int least, most; /* number of arguments */
    int dim;         /* does it know the option dim? */
    CallRule rule;
} calls[] = {
    {"sum", 1, 1, DIM_PLACE, call_sum},
    {"mean", 1, 1, DIM_PLACE, call_mean},
    {"var", 1, 1, DIM_NONE, call_var},
    {"sd", 1, 1, DIM_NONE, call_sd},
    {"norm1", 1, 1, DIM_NONE, call_norm1},
    {"norm2", 1, 1, DIM_PLACE, call_norm2},
    {"normalize", 1, 1, DIM_PLACE, call_normalize},
    {"dot", 2, 2, DIM_NONE, call_dot},
    {"sqrt", 1, 1, DIM_NONE, call_sqrt},
    {"square", 1, 1, DIM_NONE, call_square},
    {"tr", 1, 1, DIM_NONE, call_trace},
    {"trace", 1, 1, DIM_NONE, call_trace},
    {"diag", 1, 1, DIM_NONE, call_diag},
    {"kron", 2, 2, DIM_NONE, call_kron},
    {"transpose", 1, 1, DIM_NONE, call_transpose},
    {"max", 1, 2, DIM_OPTION, call_max},
    {"min", 1, 2, DIM_OPTION, call_min},
    {"ones", 1, 2, DIM_NONE, call_ones},
    {"zeros", 1, 2, DIM_NONE, call_zeros},
    {"unit", 2, 2, DIM_NONE, call_unit},
    {"eye", 1, 1, DIM_NONE, call_identity},
    {"I", 1, 1, DIM_NONE, call_identity},
    {"size", 1, 2, DIM_NONE, call_size},
    {"length", 1, 1, DIM_NONE, call_length},
    {"rows", 1, 1, DIM_NONE, call_rows},
    {"cols", 1, 1, DIM_NONE, call_cols},
};

/* An operator of ops.def: entry by entry on one shape, or of whole arrays. */
static Node call_operator(Graph *g, OpId op, int n, const Node args[])
{
    const OpInfo *info = &op_table[op];
    Node f[3];
    Shape s[3], y;
    if (n != info->nargs)
        return NODE_NONE;
    for (int i = 0; i < n; i++) {
        f[i] = args[i];
        s[i] = node_shape(g, args[i]);
    }
    if (n > 0 && info->class == CLASS_ELEMENTWISE && !front_spread(g, n, f))
        return NODE_NONE;
    if (info->class == CLASS_ARRAY && info->shape && !info->shape(n, s, &y))
        return NODE_NONE;
    return node_apply(g, op, n, f);
}

/* sum(A, 1) is sum(A; dim = 1): the dimension leaves the arguments. */
static int place_of_dim(const Graph *g, int *n, const Node args[])
{
    for (int k = 1; k <= 2 && *n == 2; k++)
        if (node_is_int(g, args[1], k)) {
            *n = 1;
            return k;
        }
    return 0;
}

Node front_operator(Graph *g, OpId op, int n, const Node args[])
{
    return call_operator(g, op, n, args);
}

/* What a name calls: 1 + the place in `calls`, and the operators. */
typedef struct Callee {
    int call, op, rows; /* -1: none */
} Callee;

static Callee find_callee(Name name)
{
    Callee y = {-1, op_find(name), op_find_rows(name)};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].name[0] == name[0] && strcmp(calls[i].name, name) == 0)
            y.call = (int)i;
    return y;
}

/* The same, kept by name: three numbers of ten bits and a mark. */
static Callee callee_of(Graph *g, Name name)
{
    enum { BITS = 10, MASK = (1 << BITS) - 1 };
    uintptr_t word = (uintptr_t)table_get(&g->called, name);
    if (word == 0) {
        Callee y = find_callee(name);
        word = (uintptr_t)(y.call + 1) | (uintptr_t)(y.op + 1) << BITS |
               (uintptr_t)(y.rows + 1) << 2 * BITS | (uintptr_t)1 << 3 * BITS;
        table_set(&g->called, name, (void *)word);
    }
    return (Callee){(int)(word & MASK) - 1, (int)(word >> BITS & MASK) - 1,
                    (int)(word >> 2 * BITS & MASK) - 1};
}

static Node call_listed(Graph *g, size_t i, int n, const Node args[], int dim)
{
    if (calls[i].dim == DIM_PLACE && dim == 0)
        dim = place_of_dim(g, &n, args);
    if (n < calls[i].least || n > calls[i].most || (dim != 0 && !calls[i].dim))
        return NODE_NONE;
    Call c = {.g = g, .n = n, .dim = dim};
    for (int k = 0; k < n; k++)
        c.arg[k] = args[k];
    return calls[i].rule(&c);
}

Node front_call(Graph *g, Name name, int n, const Node args[], int dim,
                bool *known)
{
    Callee f = callee_of(g, name);
    *known = true;
    if (f.call >= 0)
        return call_listed(g, (size_t)f.call, n, args, dim);
    if (f.rows >= 0 && dim == 0)
        dim = place_of_dim(g, &n, args);
    if (f.rows >= 0 && dim != 0 && n == 1)
        return call_rows_of(
            &(Call){.g = g, .n = n, .arg = {args[0]}, .dim = dim},
            (OpId)f.rows);
    if (f.op < 0 || op_table[f.op].class == CLASS_CORE ||
        op_table[f.op].nargs > 3) {
        *known = false;
        return NODE_NONE;
    }
    if (dim != 0)
        return NODE_NONE;
    return call_operator(g, (OpId)f.op, n, args);
}

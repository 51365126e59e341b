/*
 * quick.h - the readers of node.h without a call
 *
 * As the macros of <ctype.h> do, each stands for the function of its name;
 * for the files in which passes spend their time.  Arguments are evaluated
 * once.
 */
#ifndef MLC_GRAPH_QUICK_H
#define MLC_GRAPH_QUICK_H

#include "graph/internal.h"

static inline Shape quick_shape(const Graph *g, Node n)
{
    return (Shape){g->row[n].rows, g->row[n].cols};
}

static inline bool quick_is_scalar(const Graph *g, Node n)
{
    return g->row[n].rows == 1 && g->row[n].cols == 1;
}

static inline bool quick_is_int(const Graph *g, Node n, int64_t i)
{
    const NodeRow *r = &g->row[n];
    const uint32_t *word = g->pool + r->first;
    return r->op == OP_NUM && word[0] == NUM_INT &&
           (int64_t)(word[1] | (uint64_t)word[2] << 32) == i;
}

static inline int quick_sign(const Graph *g, Node n)
{
    const uint32_t *word = g->pool + g->row[n].first;
    if (word[0] != NUM_INT)
        return coef_sign(g, n);
    return (int32_t)word[2] < 0 ? -1 : (word[1] | word[2]) != 0;
}

static inline bool quick_is_zero(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    return op == OP_ZERO || (op == OP_NUM && quick_sign(g, n) == 0);
}

static inline bool quick_is_float(const Graph *g, Node n)
{
    const NodeRow *r = &g->row[n];
    return r->op == OP_NUM && g->pool[r->first] == NUM_FLOAT;
}

#define node_op(g, n) op_of((g), (n))
#define node_arg(g, n, i) arg_of((g), (n), (uint32_t)(i))
#define node_count(g, n) ((int)(g)->row[n].nargs)
#define node_shape(g, n) quick_shape((g), (n))
#define node_is_scalar(g, n) quick_is_scalar((g), (n))
#define node_is_number(g, n) (op_of((g), (n)) == OP_NUM)
#define node_is_int(g, n, i) quick_is_int((g), (n), (i))
#define node_is_one(g, n) ((n) == (g)->one)
#define node_is_zero(g, n) quick_is_zero((g), (n))
#define node_is_constant(g, n) (((g)->row[n].flags & ROW_CONSTANT) != 0)
#define node_size(g, n) ((g)->row[n].size)
#define coef_sign(g, n) quick_sign((g), (n))
#define coef_is_float(g, n) quick_is_float((g), (n))

#endif

/*
 * fit_units.c - what tells that the start of a network was a bad one
 *
 * Functions of the packed parameters for stdlib/optim/restart.mlc: for each
 * relu of a matrix with a row, or column, for every row of the data, the
 * largest argument of each unit; and largest and smallest entry of each
 * column of what the model predicts.
 */
#include "eval/fit_inside.h"

#include "eval/objective.h"
#include "graph/front.h"
#include "graph/query.h"

enum { RELUS_MOST = 64 };

/* The extremes along side `dim` as a column. */
static Node extreme(Graph *g, const char *name, Node a, int dim)
{
    bool known;
    Node y = front_call(g, name_of(name), 1, &a, dim, &known);
    return y != NODE_NONE && dim == 1 ? node_transpose(g, y) : y;
}

static Value function_of(Interp *in, const Problem *p, Node y)
{
    Node x[MODEL_LEAVES];
    for (int k = 0; k < p->nleaves; k++)
        x[k] = p->leaf[k].symbol;
    return objective_new(in, y, p->nleaves, x, NODE_NONE);
}

Value fit_units(Interp *in, const Problem *p, int rows)
{
    Node x[MODEL_LEAVES], relu[RELUS_MOST];
    for (int k = 0; k < p->nleaves; k++)
        x[k] = p->leaf[k].symbol;
    int n =
        query_relus(in->graph, p->objective, p->nleaves, x, RELUS_MOST, relu);
    Value list = list_new((size_t)n);
    for (int i = 0; i < n; i++) {
        Shape s = node_shape(in->graph, relu[i]);
        int dim = s.rows == rows && s.cols != 1 ? 1 : s.cols == rows ? 2 : 0;
        if (dim)
            list_push(
                list,
                function_of(in, p, extreme(in->graph, "max", relu[i], dim)));
    }
    return list.list->count ? list : VALUE_NONE;
}

Value fit_spread(Interp *in, ModelRun *r, const Problem *p, int rows)
{
    static const AstRole roles[] = {AST_SCORE, AST_PROB, AST_PREDICT};
    Graph *g = in->graph;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        Value v = model_role(r, roles[i]);
        if (v.kind != VAL_EXPR || node_shape(g, v.expr->node).rows != rows)
            continue;
        Node ends[2] = {extreme(g, "max", v.expr->node, 1),
                        extreme(g, "min", v.expr->node, 1)};
        if (ends[0] != NODE_NONE && ends[1] != NODE_NONE)
            return function_of(in, p, node_stack(g, 2, ends));
    }
    return VALUE_NONE;
}

Value fit_blocks(const Problem *p)
{
    Value list = list_new((size_t)p->nleaves);
    int from = 1;
    for (int k = 0; k < p->nleaves; k++) {
        int n = p->leaf[k].shape.rows * p->leaf[k].shape.cols;
        list_push(list, array_range(value_int(from), value_int(1),
                                    value_int(from + n - 1)));
        from += n;
    }
    return list;
}

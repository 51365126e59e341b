/*
 * hinge.c - kinked losses as constrained problems
 */
#include "eval/hinge.h"

#include <math.h>

#include "graph/query.h"
#include "value/matrix.h"
#include "value/shape.h"

typedef struct Lift {
    Interp *in;
    ModelRun *run;
    Problem *q;
    int nparams;
    Node x[MODEL_LEAVES];
    int slacks;
    Node from[MODEL_LEAVES], to[MODEL_LEAVES]; /* params, their starts */
} Lift;

static bool is_kink(Graph *g, Node k)
{
    OpId op = node_op(g, k);
    return (op == OP_RELU || op == OP_ABS || op == OP_MAX) &&
           node_shape(g, k).cols == 1;
}

/* Is w free of the params and nowhere negative? */
static bool is_weight(const Lift *l, Node w)
{
    Graph *g = l->in->graph;
    Sign s = node_sign(g, w);
    return (s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE) &&
           !query_depends(g, w, l->nparams, l->x);
}

/*
 * The kinked node of a term weight'*kink: relu(a), abs(a), max(a, b) of
 * scalars or columns; NODE_NONE.
 */
static Node kinked(const Lift *l, Node t, Node *weight)
{
    Graph *g = l->in->graph;
    *weight = node_int(g, 1);
    if (node_op(g, t) != OP_CHAIN || node_count(g, t) != 2)
        return node_is_scalar(g, t) && is_kink(g, t) ? t : NODE_NONE;
    Node k = node_arg(g, t, 1);
    *weight = node_transpose(g, node_arg(g, t, 0));
    if (!is_weight(l, *weight)) {
        k = *weight;
        *weight = node_arg(g, t, 1);
    }
    if (node_op(g, k) == OP_HAD && node_count(g, k) == 4 &&
        node_is_int(g, node_arg(g, k, 1), 1) &&
        node_is_int(g, node_arg(g, k, 3), 1)) {
        int w = is_weight(l, node_arg(g, k, 0)) ? 0 : 2;
        *weight = node_had(g, *weight, node_arg(g, k, w));
        k = node_arg(g, k, 2 - w);
    }
    return is_kink(g, k) && is_weight(l, *weight) ? k : NODE_NONE;
}

/* max(0, a) or abs(a) at the start, and 1. */
static Value slack_start(Lift *l, Node kink, Shape s)
{
    Graph *g = l->in->graph;
    Node at = node_substitute(g, kink, l->nparams, l->from, l->to);
    Value v = value_of_node(l->in, at);
    Value y = array_new(ELEM_FLOAT, s.rows, 1);
    bool known = v.kind == VAL_ARRAY || value_is_number(v);
    const Array *a = known ? array_to_float(v) : NULL;
    for (int i = 0; i < s.rows; i++)
        y.array->f[i] = a && isfinite(a->f[i]) ? fabs(a->f[i]) + 1 : 1;
    return array_value(y);
}

static void constrain(Lift *l, Node y, int entries)
{
    Problem *q = l->q;
    q->constraint[q->nconstraints++] =
        (Constraint){.node = y, .equality = false, .entries = entries};
}

/* The slack that stands for a kinked node. */
static Node add_slack(Lift *l, Node kink)
{
    Graph *g = l->in->graph;
    ModelRun *r = l->run;
    Shape s = node_shape(g, kink);
    const char *name =
        arena_printf(l->in->scratch, " slack%d", r->nleaves - l->nparams);
    ModelLeaf *leaf = &r->leaf[r->nleaves++];
    bool positive = node_op(g, kink) == OP_RELU;
    *leaf = (ModelLeaf){.param = name_of(name),
                        .path = name,
                        .shape = s,
                        .start = slack_start(l, kink, s),
                        .lower = positive ? 0 : -INFINITY,
                        .upper = INFINITY};
    leaf->symbol =
        node_symbol(g, name_of(name), s, positive ? SYM_NONNEGATIVE : 0);
    for (int i = 0; i < node_count(g, kink); i++) {
        Node a = node_arg(g, kink, i);
        constrain(l, node_sub(g, leaf->symbol, a), s.rows);
        if (node_op(g, kink) == OP_ABS)
            constrain(l, node_add(g, leaf->symbol, a), s.rows);
    }
    return leaf->symbol;
}

/* c*t with a slack in the place of its kink; NODE_NONE: no such term. */
static Node lift_term(Lift *l, Node c, Node t)
{
    Graph *g = l->in->graph;
    Node weight, kink = kinked(l, t, &weight);
    if (kink == NODE_NONE || value_to_double(node_number_value(g, c)) <= 0)
        return NODE_NONE;
    for (int i = 0; i < node_count(g, kink); i++)
        if (!shape_same(node_shape(g, node_arg(g, kink, i)),
                        node_shape(g, kink)) ||
            !query_affine(g, node_arg(g, kink, i), l->nparams, l->x))
            return NODE_NONE;
    int rows = node_shape(g, kink).rows;
    l->slacks += rows;
    if (rows < 0 || l->slacks > MOST_SLACKS ||
        l->run->nleaves == MODEL_LEAVES ||
        l->q->nconstraints + 2 > MOST_CONSTRAINTS)
        return NODE_NONE;
    Node slack = add_slack(l, kink);
    if (node_is_scalar(g, slack))
        return node_scale(g, c, node_mul(g, weight, slack));
    return node_scale(g, c, node_dot(g, weight, slack));
}

static void set_starts(Lift *l)
{
    for (int k = 0; k < l->nparams; k++) {
        l->x[k] = l->from[k] = l->run->leaf[k].symbol;
        l->to[k] = node_from_value(l->in->graph, l->run->leaf[k].start);
    }
}

bool hinge_problem(Interp *in, ModelRun *r, const Problem *p, Problem *q)
{
    Graph *g = in->graph;
    Lift *l = ARENA_NEW(in->scratch, Lift);
    const char *kink;
    *l = (Lift){.in = in, .run = r, .q = q, .nparams = r->nleaves};
    *q = *p;
    set_starts(l);
    bool sum = node_op(g, p->objective) == OP_SUM;
    int n = sum ? node_count(g, p->objective) : 2;
    Node *term = ARENA_ARRAY(in->scratch, Node, (size_t)n);
    term[0] = node_int(g, 1);
    term[n - 1] = p->objective;
    if (node_op(g, p->objective) == OP_MONO &&
        node_count(g, p->objective) == 4 &&
        node_is_int(g, node_arg(g, p->objective, 1), 1) &&
        node_is_int(g, node_arg(g, p->objective, 3), 1)) { /* c*t */
        term[0] = node_arg(g, p->objective, 0);
        term[n - 1] = node_arg(g, p->objective, 2);
    }
    for (int i = 0; sum && i < n; i++)
        term[i] = node_arg(g, p->objective, i);
    Node y = node_int(g, 0);
    for (int i = 0; i + 1 < n; i += 2) {
        Node lifted = NODE_NONE;
        if (!query_smooth(g, term[i + 1], l->nparams, l->x, &kink)) {
            lifted = lift_term(l, term[i], term[i + 1]);
            if (lifted == NODE_NONE)
                return false;
        }
        y = node_add(g, y,
                     lifted != NODE_NONE ? lifted
                                         : node_scale(g, term[i], term[i + 1]));
    }
    q->objective = y;
    q->nleaves = r->nleaves;
    q->leaf = r->leaf;
    return r->nleaves > l->nparams;
}

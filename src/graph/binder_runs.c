#include "graph/binder_runs.h"

#include <math.h>

#include "graph/array.h"
#include "graph/binder.h"
#include "graph/diff.h"
#include "graph/walk.h"

enum { MOST_RUNS = 64 };

typedef struct Run {
    int64_t first, last;
    Node body;
} Run;

typedef struct Cutting {
    Graph *g;
    Node index;
    int count;
    Run run[MOST_RUNS];
} Cutting;

static bool is_comparison(OpId op)
{
    return op == OP_LT || op == OP_LE || op == OP_EQ || op == OP_NE;
}

/* Does n depend on the index, and on nothing else? */
static bool is_of_index(Graph *g, Node n, Node index)
{
    Node one = node_int(g, 1);
    return node_depends(g, n, index) &&
           node_is_constant(g, node_substitute(g, n, 1, &index, &one));
}

/* A comparison in the condition of a choice of the body; NODE_NONE: none. */
static Node find_comparison(Graph *g, Node body, Node index)
{
    ArenaMark mark = arena_mark(g->scratch);
    NodeMap seen = node_map_in(g->scratch);
    VEC(Node) wait = {0};
    Node found = NODE_NONE;
    VEC_PUSH_IN(g->scratch, &wait, body);
    while (wait.count > 0 && found == NODE_NONE) {
        Node n = wait.at[--wait.count];
        if (node_map_get(&seen, n, &(uint32_t){0}) || op_of(g, n) == OP_LAMBDA)
            continue;
        node_map_set(&seen, n, 1);
        if (is_comparison(op_of(g, n)) && is_of_index(g, n, index))
            found = n;
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(g->scratch, &wait, node_arg(g, n, i));
    }
    arena_reset(g->scratch, mark);
    return found;
}

static Node at_turn(Cutting *c, Node n, int64_t i)
{
    Node to = node_int(c->g, i);
    return node_substitute(c->g, n, 1, &c->index, &to);
}

/*
 * The turn up to which a - b has one sign: the floor of its zero, where it
 * is linear in the index; false where it is not.
 */
static bool find_zero(Cutting *c, Node comparison, double *zero)
{
    Graph *g = c->g;
    Node d =
        node_sub(g, node_arg(g, comparison, 0), node_arg(g, comparison, 1));
    double base, slope;
    Node s = node_sub(g, at_turn(c, d, 1), at_turn(c, d, 0));
    Node line = node_add(g, at_turn(c, d, 0), node_mul(g, s, c->index));
    if (!node_is_zero(g, node_sub(g, d, line)) ||
        !node_constant_value(g, s, &slope) || slope == 0 ||
        !node_constant_value(g, at_turn(c, d, 0), &base))
        return false;
    *zero = -base / slope;
    return *zero > -1e15 && *zero < 1e15;
}

static bool cut(Cutting *c, Node body, int64_t first, int64_t last);

/* The turns first..last, in which the comparison has one truth. */
static bool cut_known(Cutting *c, Node body, Node comparison, int64_t first,
                      int64_t last)
{
    if (first > last)
        return true;
    Node truth = at_turn(c, comparison, first);
    if (!node_is_number(c->g, truth))
        return false;
    return cut(c, node_substitute(c->g, body, 1, &comparison, &truth), first,
               last);
}

static bool cut(Cutting *c, Node body, int64_t first, int64_t last)
{
    double zero;
    depth_check();
    Node comparison = find_comparison(c->g, body, c->index);
    if (comparison == NODE_NONE) {
        if (c->count == MOST_RUNS)
            return false;
        c->run[c->count++] = (Run){first, last, body};
        return true;
    }
    if (!find_zero(c, comparison, &zero))
        return false;
    /* Before the zero, at it if it is a turn, after it. */
    int64_t at = (int64_t)floor(zero);
    int64_t before = (double)at == zero ? at - 1 : at;
    int64_t a = before < last ? before : last;
    int64_t b = at < last ? at : last;
    int64_t from = before + 1 > first ? before + 1 : first;
    int64_t after = at + 1 > first ? at + 1 : first;
    return cut_known(c, body, comparison, first, a) &&
           cut_known(c, body, comparison, from, b) &&
           cut_known(c, body, comparison, after, last);
}

static Node body_of_run(Cutting *c, const Run *r)
{
    Node to = node_add(c->g, c->index, node_int(c->g, r->first - 1));
    return node_substitute(c->g, r->body, 1, &c->index, &to);
}

/* The runs of array(i = 1:n, body), below each other, or of sum. */
static Node join_runs(Cutting *c, int level, bool array)
{
    Graph *g = c->g;
    Node *part = ARENA_ARRAY(g->scratch, Node, (size_t)c->count);
    for (int k = 0; k < c->count; k++) {
        const Run *r = &c->run[k];
        Node turns = node_int(g, r->last - r->first + 1);
        if (r->first == r->last)
            part[k] = at_turn(c, r->body, r->first);
        else if (array)
            part[k] =
                index_form_array(g, level, c->index, turns, body_of_run(c, r));
        else
            part[k] =
                index_form_sum(g, level, c->index, turns, body_of_run(c, r));
    }
    return array ? node_stack(g, c->count, part) : node_sum(g, c->count, part);
}

/* The loop of the result n without choices; n itself if there are none. */
static Node cut_loop(Graph *g, Node n)
{
    Node l = node_arg(g, n, 0), count = loop_count(g, l);
    int k = result_number(g, n);
    int64_t turns;
    if (!node_is_number(g, count) ||
        !value_to_int(node_number_value(g, count), &turns) || turns < 1 ||
        loop_carried(g, l) > 0 || !node_is_zero(g, loop_base(g, l, k)))
        return n;
    LoopBody b = loop_open(g, l, 0, g->scratch);
    bool array = b.row[k] == b.index && node_is_scalar(g, b.value[k]) &&
                 node_is_one(g, b.col[k]) &&
                 dim_of_node(g, count) == node_shape(g, n).rows;
    bool sum = op_of(g, b.row[k]) == OP_ALL && op_of(g, b.col[k]) == OP_ALL &&
               loop_role(g, l, k) == LOOP_ADD;
    Cutting c = {.g = g, .index = b.index};
    if ((!array && !sum) || !cut(&c, b.value[k], 1, turns) || c.count < 2)
        return n;
    return join_runs(&c, b.level, array);
}

Node loops_cut_into_runs(Graph *g, Node y)
{
    ArenaMark mark = arena_mark(g->scratch);
    NodeMap seen = node_map_in(g->scratch);
    VEC(Node) wait = {0}, from = {0}, to = {0};
    VEC_PUSH_IN(g->scratch, &wait, y);
    while (wait.count > 0) {
        Node n = wait.at[--wait.count];
        if (node_map_get(&seen, n, &(uint32_t){0}) || op_of(g, n) == OP_LAMBDA)
            continue;
        node_map_set(&seen, n, 1);
        if (op_of(g, n) == OP_PROJ && op_of(g, node_arg(g, n, 0)) == OP_LOOP) {
            Node with = cut_loop(g, n);
            if (with != n) {
                VEC_PUSH_IN(g->scratch, &from, n);
                VEC_PUSH_IN(g->scratch, &to, with);
                continue;
            }
        }
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(g->scratch, &wait, node_arg(g, n, i));
    }
    if (from.count > 0)
        y = node_substitute(g, y, (int)from.count, from.at, to.at);
    arena_reset(g->scratch, mark);
    return y;
}

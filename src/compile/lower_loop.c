/*
 * lower_loop.c - loops and choices (graph/binder.h)
 */
#include "compile/loop.h"

#include <assert.h>

#include "graph/binder.h"

Program *lower_inside(Lower *l, const LoopSite *site, int nin, const Node in[],
                      const Shape shape[], int nout, const Node out[])
{
    ProgramSpec *spec = ARENA_NEW(l->a, ProgramSpec);
    Node *dim = ARENA_ARRAY(l->a, Node, l->dim.count + 1);
    int *size = ARENA_ARRAY(l->a, int, l->dim.count + 1);
    for (size_t i = 0; i < l->dim.count; i++) {
        dim[i] = l->dim.at[i].n;
        size[i] = l->dim.at[i].size;
    }
    *spec = (ProgramSpec){nin,       in,
                          shape,     nout,
                          out,       (int)l->dim.count,
                          dim,       size,
                          NODE_NONE, l->spec->precision};
    depth_check();
    Program *p = program_lower(l->g, spec, site, l->keep, l->a);
    l->stable = l->stable || p->stable;
    return p;
}

/* Shapes of operands in the map: those of their steps. */
static Shape shape_of(Lower *l, Node n)
{
    Step k = lowered(l, n); /* may make one, and move them all */
    StepInfo s = l->step.at[k];
    return (Shape){s.rows, s.cols};
}

/* ---- the program of a loop's body ---- */

/*
 * A side of an accumulator's place.  A RANGE is as long as the value that is
 * taken in; its start is computed by the body.
 */
static void read_side(Lower *l, Node index, Node n, LoopSide *side, int count,
                      LoopPlan *p, Node *out, int *nout)
{
    Graph *g = l->g;
    side->count = count;
    if (node_op(g, n) == OP_ALL) {
        side->all = true;
        return;
    }
    if (node_op(g, n) == OP_RANGE) {
        if (!node_is_int(g, node_arg(g, n, 1), 1))
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "a loop that adds to a range with a step");
        n = node_arg(g, n, 0);
    }
    side->affine = lower_affine(l, index, n, &side->a, &side->b);
    if (side->affine)
        return;
    out[*nout] = n;
    p->out[(*nout)++] = &side->from;
}

static size_t entries(int rows, int cols)
{
    return (size_t)rows * (size_t)cols;
}

/* Values of this body that later loops read are stacked beside the results. */
static void plan_saved(Lower *l, Node n, LoopPlan *p, Node *out, int *nout)
{
    int at = loop_results(l->g, n);
    for (size_t i = 0; i < l->saved.count; i++) {
        Saved *s = &l->saved.at[i];
        if (s->from != n)
            continue;
        LoopResultPlan *r = &p->result[at];
        r->saved = true;
        r->rows = r->value_rows = s->rows;
        r->value_cols = s->cols;
        r->cols = s->cols * (int)s->turns;
        r->row = (LoopSide){.all = true, .count = s->rows};
        r->col = (LoopSide){
            .affine = true, .a = s->cols, .b = 1 - s->cols, .count = s->cols};
        r->now = r->next = lower_numbers(l, entries(s->rows, s->cols));
        out[*nout] = s->inner;
        p->out[(*nout)++] = r->now;
        s->result = at++;
    }
}

static void plan_results(Lower *l, Node n, LoopPlan *p, Node *out, int *nout)
{
    Graph *g = l->g;
    Node f = loop_lambda(g, n);
    Node index = lambda_arg(g, f, 0, SHAPE_SCALAR);
    int at = 0;
    for (int k = 0; k < loop_results(g, n); k++) {
        LoopResultPlan *r = &p->result[k];
        Shape s = shape_of(l, loop_base(g, n, k));
        r->rows = r->value_rows = s.rows;
        r->cols = r->value_cols = s.cols;
        r->carried = k < p->carried;
        r->add = loop_role(g, n, k) == LOOP_ADD;
        Node value = node_arg(g, f, at++);
        if (!r->carried)
            lower_shape(l, value, &r->value_rows, &r->value_cols);
        size_t count = entries(r->value_rows, r->value_cols);
        r->now = lower_numbers(l, count);
        r->next = r->carried ? lower_numbers(l, count) : r->now;
        out[*nout] = value;
        p->out[(*nout)++] = r->next;
        if (r->carried)
            continue;
        read_side(l, index, node_arg(g, f, at++), &r->row, r->value_rows, p,
                  out, nout);
        read_side(l, index, node_arg(g, f, at++), &r->col, r->value_cols, p,
                  out, nout);
        if (r->add && r->row.all && r->col.all && count <= LANES)
            r->total = lower_numbers(l, count);
    }
    plan_saved(l, n, p, out, nout);
}

static size_t place_results(Lower *l, Node n, LoopPlan *p, int64_t turns)
{
    size_t total = 0;
    for (int k = 0; k < p->results; k++) {
        p->result[k].offset = total;
        total += entries(p->result[k].rows, p->result[k].cols);
    }
    for (int k = 0; k < p->carried; k++) {
        LoopResultPlan *r = &p->result[k];
        r->history = SIZE_MAX;
        if (!lower_reads_history(l, n, k))
            continue;
        if (turns < 0)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "the history of a loop whose count is not known "
                        "before the run");
        r->history = total;
        total += entries(r->rows, r->cols) * (size_t)turns;
    }
    return total;
}

/* What loops before have kept for this one. */
static LoopSite saved_before(Lower *l, Node n, int first)
{
    VEC(Saved) list = {0};
    for (size_t i = 0; i < l->saved.count; i++)
        if (l->saved.at[i].to == n)
            VEC_PUSH_IN(l->a, &list, l->saved.at[i]);
    return (LoopSite){first, (int)list.count, list.at};
}

static Step stack_of(Lower *l, const Saved *s)
{
    Step loop = lowered(l, s->from);
    const LoopPlan *p = (const LoopPlan *)(uintptr_t)l->step.at[loop].k;
    return step_view(l, loop, p->result[s->result].offset, s->rows,
                     s->cols * (int)s->turns);
}

/* Carried entries that are copied rather than exchanged. */
enum { COPIED_MOST = 512 };

static void plan_body(Lower *l, Node n, LoopPlan *p)
{
    Graph *g = l->g;
    Node f = loop_lambda(g, n);
    int nin = 1 + p->carried + p->captures, nout = 0;
    int inputs = 1 + p->carried + loop_captures(g, n);
    LoopSite site = saved_before(l, n, inputs);
    size_t carried = 0;
    Node *in = ARENA_ARRAY(l->a, Node, (size_t)nin);
    Shape *shape = ARENA_ARRAY(l->a, Shape, (size_t)nin);
    Node *out = ARENA_ARRAY(l->a, Node, 3 * (size_t)p->results + 1);
    p->in = ARENA_ARRAY(l->keep, const double *, (size_t)nin);
    p->out = ARENA_ARRAY(l->keep, double *, 3 * (size_t)p->results + 1);
    p->copy = ARENA_ARRAY(l->keep, double *, (size_t)p->captures + 1);
    in[0] = lambda_arg(g, f, 0, SHAPE_SCALAR);
    shape[0] = SHAPE_SCALAR;
    for (int k = 1; k < inputs; k++) {
        Node x = k <= p->carried ? loop_base(g, n, k - 1)
                                 : loop_capture(g, n, k - 1 - p->carried);
        in[k] = lambda_arg(g, f, k, node_shape(g, x));
        shape[k] = shape_of(l, x);
        size_t count = entries(shape[k].rows, shape[k].cols);
        if (k <= p->carried)
            carried += count;
        else if (count > 1 && count <= OPEN_INPUT)
            p->copy[k - 1 - p->carried] = lower_numbers(l, count);
    }
    p->swaps = carried > COPIED_MOST;
    plan_results(l, n, p, out, &nout);
    p->body = lower_inside(l, &site, inputs, in, shape, nout, out);
}

Step lower_loop(Lower *l, Node n)
{
    Graph *g = l->g;
    Step *lanes = l->written ? NULL : lower_lanes(l, n);
    if (lanes)
        return step_make(l, STEP_TUPLE, 1, 1, loop_results(g, n), lanes, 0);
    Step choices = lower_written(l, n);
    if (choices != STEP_NONE)
        return choices;
    int64_t turns = -1;
    if (!lower_integer(l, loop_count(g, n), &turns))
        turns = -1;
    Step written = lower_turns(l, n, turns);
    if (written != STEP_NONE)
        return written;
    LoopPlan *p = ARENA_NEW(l->keep, LoopPlan);
    p->down = loop_is_down(g, n);
    p->carried = loop_carried(g, n);
    p->results = loop_results(g, n);
    p->captures = loop_captures(g, n);
    lower_find_loops(l);
    for (size_t i = 0; i < l->saved.count; i++) {
        p->results += l->saved.at[i].from == n;
        p->captures += l->saved.at[i].to == n;
    }
    p->result = ARENA_ARRAY(l->keep, LoopResultPlan, (size_t)p->results + 1);
    plan_body(l, n, p);
    size_t total = place_results(l, n, p, turns);
    int nargs = 1 + p->results + p->captures;
    Step *args = ARENA_ARRAY(l->a, Step, (size_t)nargs);
    args[0] = turns >= 0 ? step_number(l, (double)turns)
                         : lowered(l, loop_count(g, n));
    for (int k = 0; k < p->results; k++)
        args[1 + k] = p->result[k].saved ? step_number(l, 0)
                                         : lowered(l, loop_base(g, n, k));
    int at = 1 + p->results;
    for (int k = 0; k < loop_captures(g, n); k++)
        args[at++] = lowered(l, loop_capture(g, n, k));
    for (size_t i = 0; i < l->saved.count; i++)
        if (l->saved.at[i].to == n)
            args[at++] = stack_of(l, &l->saved.at[i]);
    if (total > INT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "the results of a loop have %zu "
                    "entries",
                    total);
    return step_make(l, STEP_LOOP, (int)total, 1, nargs, args,
                     (uint64_t)(uintptr_t)p);
}

/* ---- choices ---- */

/*
 * What the arms of a choice are given.  An entry whose place stands in the
 * condition may be there only if its arm is taken: the arm gets array and
 * place, and reads it itself.
 */
typedef struct Given {
    int count;
    Node *value;              /* outside */
    Node *in[2];              /* in each arm */
    int nlate;                /* entries that the arms read */
    Node *entry[2], *read[2]; /* their captures, and what is read instead */
} Given;

bool lower_holds(Lower *l, Node root, Node n)
{
    NodeSet seen = {0};
    VEC(Node) stack = {0};
    VEC_PUSH_IN(l->a, &stack, root);
    while (stack.count) {
        Node x = stack.at[--stack.count];
        POLL();
        if (x == n)
            return true;
        if (lower_seen(l, &seen, x))
            continue;
        for (int i = 0; i < node_count(l->g, x); i++)
            VEC_PUSH_IN(l->a, &stack, node_arg(l->g, x, i));
    }
    return false;
}

static bool is_late(Lower *l, Node condition, Node n)
{
    Graph *g = l->g;
    if (node_op(g, n) != OP_INDEX)
        return false;
    for (int k = 1; k < 3; k++) {
        Node place = node_arg(g, n, k);
        if (node_op(g, place) == OP_ARG && lower_holds(l, condition, place))
            return true;
    }
    return false;
}

static Node give(Lower *l, Given *v, int level, Node n)
{
    Graph *g = l->g;
    if (node_op(g, n) == OP_ALL || node_op(g, n) == OP_NUM)
        return n;
    Node in = node_bv(g, level, v->count, node_shape(g, n), 0);
    v->value[v->count] = n;
    v->in[0][v->count] = v->in[1][v->count] = in;
    v->count++;
    return in;
}

static Given give_captures(Lower *l, Node n)
{
    Graph *g = l->g;
    int captures = choice_captures(g, n), level = binder_level(g, 1, &n);
    size_t most = 3 * (size_t)captures + 1;
    Given v = {.value = ARENA_ARRAY(l->a, Node, most)};
    for (int arm = 0; arm < 2; arm++) {
        v.in[arm] = ARENA_ARRAY(l->a, Node, most);
        v.entry[arm] = ARENA_ARRAY(l->a, Node, most);
        v.read[arm] = ARENA_ARRAY(l->a, Node, most);
    }
    for (int k = 0; k < captures; k++) {
        Node x = choice_capture(g, n, k), own[2];
        for (int arm = 0; arm < 2; arm++)
            own[arm] =
                lambda_arg(g, node_arg(g, n, 1 + arm), k, node_shape(g, x));
        if (is_late(l, node_arg(g, n, 0), x)) {
            Node at[3];
            for (int i = 0; i < 3; i++)
                at[i] = give(l, &v, level, node_arg(g, x, i));
            for (int arm = 0; arm < 2; arm++) {
                v.entry[arm][v.nlate] = own[arm];
                v.read[arm][v.nlate] = node_index(g, at[0], at[1], at[2]);
            }
            v.nlate++;
        } else {
            v.value[v.count] = x;
            v.in[0][v.count] = own[0];
            v.in[1][v.count] = own[1];
            v.count++;
        }
    }
    return v;
}

/* The results of an arm, that reads its late entries. */
static Node *arm_results(Lower *l, const Given *v, Node n, int arm)
{
    Graph *g = l->g;
    Node f = node_arg(g, n, 1 + arm);
    int results = choice_results(g, n);
    Node *out = ARENA_ARRAY(l->a, Node, (size_t)results + 1);
    for (int k = 0; k < results; k++)
        out[k] = node_arg(g, f, k);
    if (v->nlate == 0)
        return out;
    Node y = node_substitute(g, node_tuple(g, results, out), v->nlate,
                             v->entry[arm], v->read[arm]);
    for (int k = 0; k < results; k++)
        out[k] = node_arg(g, y, k);
    return out;
}

Step lower_choice(Lower *l, Node n)
{
    Graph *g = l->g;
    double known;
    if (step_is_number(l, lowered(l, node_arg(g, n, 0)), &known))
        return lower_known_choice(l, n, known != 0);
    Given v = give_captures(l, n);
    ChoicePlan *p = ARENA_NEW(l->keep, ChoicePlan);
    p->results = choice_results(g, n);
    p->captures = v.count;
    Shape *shape = ARENA_ARRAY(l->a, Shape, (size_t)v.count + 1);
    Step *args = ARENA_ARRAY(l->a, Step, (size_t)v.count + 1);
    p->in = ARENA_ARRAY(l->keep, const double *, (size_t)v.count + 1);
    p->out = ARENA_ARRAY(l->keep, double *, (size_t)p->results + 1);
    p->offset = ARENA_ARRAY(l->keep, size_t, (size_t)p->results + 1);
    args[0] = lowered(l, node_arg(g, n, 0));
    for (int k = 0; k < v.count; k++) {
        shape[k] = shape_of(l, v.value[k]);
        args[1 + k] = lowered(l, v.value[k]);
    }
    for (int arm = 0; arm < 2; arm++)
        p->arm[arm] = lower_inside(l, NULL, v.count, v.in[arm], shape,
                                   p->results, arm_results(l, &v, n, arm));
    size_t total = 0;
    for (int k = 0; k < p->results; k++) {
        Shape s = program_out_shape(p->arm[0], k);
        p->offset[k] = total;
        total += entries(s.rows, s.cols);
    }
    return step_make(l, STEP_CHOICE, (int)total, 1, 1 + v.count, args,
                     (uint64_t)(uintptr_t)p);
}

/* ---- results ---- */

Step lower_result(Lower *l, Node n)
{
    Graph *g = l->g;
    Node of = node_arg(g, n, 0);
    Step s = lowered(l, of);
    int k = result_number(g, n), rows, cols;
    size_t offset;
    if (l->step.at[s].op == STEP_TUPLE)
        return step_arg(l, s,
                        node_op(g, n) == OP_HIST ? loop_results(g, of) + k : k);
    lower_shape(l, n, &rows, &cols);
    if (node_op(g, of) == OP_IF) {
        const ChoicePlan *p = (const ChoicePlan *)(uintptr_t)l->step.at[s].k;
        offset = p->offset[k];
    } else {
        const LoopPlan *p = (const LoopPlan *)(uintptr_t)l->step.at[s].k;
        offset = node_op(g, n) == OP_HIST ? p->result[k].history
                                          : p->result[k].offset;
        assert(offset != SIZE_MAX);
    }
    return step_view(l, s, offset, rows, cols);
}

/*
 * lower.c - the walk over the graph
 *
 * Operands first, on a stack of its own: a graph may be 10^5 deep.  Each node
 * is lowered once; the map remembers its step.
 */
#include "compile/loop.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "compile/dims.h"
#include "graph/binder.h"
#include "value/matrix.h"

/* ---- the map from nodes to steps ---- */

static NodeSlot *find_slot(NodeSlot *map, size_t room, Node n)
{
    size_t h = hash_mix(n, 1) & (room - 1);
    while (map[h].n != NODE_NONE && map[h].n != n)
        h = (h + 1) & (room - 1);
    return &map[h];
}

static NodeSlot *empty_map(Lower *l, size_t room)
{
    NodeSlot *map = arena_alloc(l->a, room * sizeof *map);
    for (size_t i = 0; i < room; i++)
        map[i].n = NODE_NONE;
    return map;
}

void lower_remember(Lower *l, Node n, Step s)
{
    if (2 * (l->mapped + 1) > l->map_room) {
        size_t room = l->map_room ? 2 * l->map_room : 256;
        NodeSlot *map = empty_map(l, room);
        for (size_t i = 0; i < l->map_room; i++)
            if (l->map[i].n != NODE_NONE)
                *find_slot(map, room, l->map[i].n) = l->map[i];
        l->map = map;
        l->map_room = room;
    }
    *find_slot(l->map, l->map_room, n) = (NodeSlot){n, s};
    l->mapped++;
}

static bool is_lowered(const Lower *l, Node n)
{
    return l->map_room && find_slot(l->map, l->map_room, n)->n == n;
}

Step lowered(Lower *l, Node n)
{
    if (node_is_number(l->g, n))
        return step_number(l, value_to_double(node_number_value(l->g, n)));
    if (!is_lowered(l, n)) { /* below a value that another loop saved */
        depth_check();
        return lower_node(l, n);
    }
    return find_slot(l->map, l->map_room, n)->s;
}

/* ---- leaves ---- */

/* The block of this turn of a stack that an earlier loop has filled. */
static void lower_saved_input(Lower *l, const Saved *s, int input)
{
    int turns = (int)s->turns;
    Slide *m = ARENA_NEW(l->keep, Slide);
    m->step = (int64_t)s->rows * s->cols;
    m->first = -m->step;
    m->row = (SlideSide){0, 1, s->rows, s->rows};
    m->col = (SlideSide){s->cols, 1 - s->cols, s->cols, s->cols * turns};
    Step in = step_make(l, STEP_IN, s->rows, s->cols * turns, 0, NULL,
                        (uint64_t)input);
    Step y = step_make(l, STEP_SLIDE, s->rows, s->cols, 1, &in,
                       (uint64_t)(uintptr_t)m);
    if (s->rows == 1 && s->cols == 1)
        y = step_make(l, STEP_READ, 1, 1, 1, &y, 0);
    if (!is_lowered(l, s->outer))
        lower_remember(l, s->outer, y);
}

void lower_inputs(Lower *l)
{
    for (int i = 0; i < l->spec->nin; i++) {
        Shape s = l->spec->in_shape[i];
        Step in = step_make(l, STEP_IN, s.rows, s.cols, 0, NULL, (uint64_t)i);
        if (!is_lowered(l, l->spec->in[i]))
            lower_remember(l, l->spec->in[i],
                           step_is_scalar(l, in) ? step_read(l, in, 0) : in);
    }
    for (int i = 0; l->site && i < l->site->count; i++)
        lower_saved_input(l, &l->site->saved[i], l->site->first + i);
}

static Step lower_symbol(Lower *l, Node n)
{
    int size = dims_find(l, n);
    if (size >= 0)
        return step_number(l, size);
    error_raise(SPAN_NONE, ERR_TYPE, "`%s` has no value",
                node_symbol_name(l->g, n));
}

double *lower_numbers(Lower *l, size_t count)
{
    return ARENA_ARRAY(l->keep, double, count + VECTOR);
}

/* A large array that the program reads where it is, as long as it lives. */
typedef struct Held {
    ArenaEnd end;
    Object *array;
} Held;

static void let_go(ArenaEnd *end)
{
    value_drop_object(((Held *)end)->array);
}

static const double *hold(Lower *l, Array *a)
{
    Held *h = ARENA_NEW(l->keep, Held);
    h->end.run = let_go;
    h->array = (Object *)a;
    value_keep_object(h->array);
    arena_at_end(l->keep, &h->end);
    return a->f;
}

static Step lower_const(Lower *l, Node n)
{
    Array *a = array_to_float(node_const_value(l->g, n));
    size_t count = array_count(a);
    if (count > OPEN_INPUT)
        return step_make(l, STEP_CONST, a->rows, a->cols, 0, NULL,
                         (uint64_t)(uintptr_t)hold(l, a));
    double *copy = arena_alloc(l->keep, (count + VECTOR) * sizeof *copy);
    memcpy(copy, a->f, count * sizeof *copy);
    memset(copy + count, 0, VECTOR * sizeof *copy);
    return step_make(l, STEP_CONST, a->rows, a->cols, 0, NULL,
                     (uint64_t)(uintptr_t)copy);
}

static Step lower_fill(Lower *l, Node n, double x)
{
    int rows, cols;
    lower_shape(l, n, &rows, &cols);
    return step_spread(l, step_number(l, x), rows, cols);
}

static Step lower_identity(Lower *l, Node n)
{
    int rows, cols;
    lower_shape(l, n, &rows, &cols);
    Step one = step_spread(l, step_number(l, 1), rows, 1);
    return rows == 1 ? step_number(l, 1)
                     : step_make(l, STEP_DIAG, rows, cols, 1, &one, 0);
}

/* ---- rows of ops.def ---- */

static const Kernel *row_kernel(Lower *l, OpId op)
{
    if (!l->row[op]) {
        Kernel *k = ARENA_NEW(l->keep, Kernel);
        k->name = op_table[op].name;
        k->code = op_table[op].code;
        k->f1 = op_table[op].scalar1;
        k->v1 = op_table[op].vector1;
        k->f2 = op_table[op].scalar2;
        k->f3 = op_table[op].scalar3;
        l->row[op] = k;
    }
    return l->row[op];
}

static Step lower_elementwise(Lower *l, Node n, OpId op)
{
    static const StepOp calls[] = {STEP_CALL1, STEP_CALL2, STEP_CALL3};
    Step a[3];
    int nargs = node_count(l->g, n);
    if (nargs == 0)
        return step_number(l, op_table[op].scalar0());
    for (int i = 0; i < nargs; i++)
        a[i] = lowered(l, node_arg(l->g, n, i));
    if (op == OP_LOG)
        return lower_log(l, n);
    return step_each(l, calls[nargs - 1], nargs, a,
                     (uint64_t)(uintptr_t)row_kernel(l, op));
}

static Step lower_condition(Lower *l, Node n, StepOp op)
{
    Step y = lowered(l, node_arg(l->g, n, 0));
    for (int i = 1; i < node_count(l->g, n); i++)
        y = step_each2(l, op, y, lowered(l, node_arg(l->g, n, i)));
    return op == STEP_NOT ? step_each1(l, op, y) : y;
}

static _Noreturn void refuse(Lower *l, Node n)
{
    OpId op = node_op(l->g, n);
    if (op == OP_CALL)
        error_raise(SPAN_NONE, ERR_TYPE, "`%s` has no definition to compute",
                    node_symbol_name(l->g, n));
    error_raise(SPAN_NONE, ERR_TYPE, "`%s` has no numeric form here",
                op_table[op].name);
}

static Step lower_core(Lower *l, Node n, OpId op)
{
    switch (op) {
    case OP_SYM:
        return lower_symbol(l, n);
    case OP_CONST:
        return lower_const(l, n);
    case OP_IDENT:
        return lower_identity(l, n);
    case OP_ONES:
        return lower_fill(l, n, 1);
    case OP_ZERO:
        return lower_fill(l, n, 0);
    case OP_SUM:
        return lower_sum(l, n);
    case OP_MONO:
        return lower_mono(l, n);
    case OP_HAD:
        return lower_had(l, n);
    case OP_CHAIN: {
        if (l->lanes)
            return lower_small_chain(l, n);
        int count = node_count(l->g, n);
        Step *f = ARENA_ARRAY(l->a, Step, (size_t)count);
        for (int i = 0; i < count; i++)
            f[i] = lowered(l, node_arg(l->g, n, i));
        return lower_chain(l, count, f);
    }
    case OP_TRANS:
        return step_turn(l, lowered(l, node_arg(l->g, n, 0)));
    case OP_INDEX:
        return l->lanes ? lower_lane_index(l, n) : lower_index(l, n);
    case OP_STACK:
        return lower_stack(l, n, false);
    case OP_JOIN:
        return lower_stack(l, n, true);
    case OP_UNIT: {
        int rows, cols;
        lower_shape(l, n, &rows, &cols);
        Step k = lowered(l, node_arg(l->g, n, 0));
        return step_make(l, STEP_UNIT, rows, cols, 1, &k, 0);
    }
    case OP_LT:
        return lower_condition(l, n, STEP_LT);
    case OP_LE:
        return lower_condition(l, n, STEP_LE);
    case OP_EQ:
        return lower_condition(l, n, STEP_EQ);
    case OP_NE:
        return lower_condition(l, n, STEP_NE);
    case OP_AND:
        return lower_condition(l, n, STEP_AND);
    case OP_OR:
        return lower_condition(l, n, STEP_OR);
    case OP_NOT:
        return lower_condition(l, n, STEP_NOT);
    case OP_LOOP:
        return lower_loop(l, n);
    case OP_IF:
        return l->lanes ? lower_lane_choice(l, n) : lower_choice(l, n);
    case OP_PROJ:
    case OP_HIST:
        return lower_result(l, n);
    default:
        refuse(l, n);
    }
}

/* What the graph writes for log(1 + exp(x)) and its like. */
static bool is_stable_row(OpId op)
{
    return op == OP_SIGMOID || op == OP_SOFTPLUS || op == OP_SOFTMAX ||
           op == OP_SOFTMAX_ROWS || op == OP_LOGSUMEXP ||
           op == OP_LOGSUMEXP_ROWS || op == OP_LOGDET;
}

static Step lower_one(Lower *l, Node n)
{
    OpId op = node_op(l->g, n);
    l->stable = l->stable || is_stable_row(op);
    switch (op_table[op].class) {
    case CLASS_ELEMENTWISE:
        return lower_elementwise(l, n, op);
    case CLASS_ARRAY:
        return lower_array_row(l, n);
    default:
        return lower_core(l, n, op);
    }
}

/* Operands that have no step of their own: indices that are known, and yet:
 * entries that an arm may never read (lower_choice). */
static bool wants_step(Lower *l, Node parent, Node arg)
{
    OpId op = node_op(l->g, arg);
    int64_t i;
    if (node_is_number(l->g, arg) || op == OP_ALL || op == OP_RANGE ||
        op == OP_LAMBDA)
        return false;
    if (l->lanes && node_op(l->g, parent) == OP_CHAIN)
        return false; /* its entries have */
    if (!l->lanes && node_op(l->g, parent) == OP_IF && op == OP_INDEX)
        return arg == node_arg(l->g, parent, 0);
    if (node_op(l->g, parent) != OP_INDEX || arg == node_arg(l->g, parent, 0))
        return true;
    return op != OP_CONST && !lower_integer(l, arg, &i);
}

Step lower_node(Lower *l, Node root)
{
    VEC(Node) stack = {0};
    VEC_PUSH_IN(l->a, &stack, root);
    while (stack.count) {
        Node n = stack.at[stack.count - 1];
        size_t before = stack.count;
        POLL();
        if (node_is_number(l->g, n) || is_lowered(l, n)) {
            stack.count--;
            continue;
        }
        for (int i = node_count(l->g, n) - 1; i >= 0; i--) {
            Node a = node_arg(l->g, n, i);
            if (wants_step(l, n, a) && !is_lowered(l, a))
                VEC_PUSH_IN(l->a, &stack, a);
        }
        if (stack.count == before) {
            Step s = lower_one(l, n);
            lower_remember(l, n, s);
            stack.count--;
        }
    }
    return lowered(l, root);
}

/* The results of a lambda, in terms of steps for its arguments; STEP_NONE for
 * the place ALL. */
void lower_lambda(Lower *l, Node f, int n, const Node arg[], const Step value[],
                  Step y[])
{
    Lower outer = *l;
    depth_check();
    l->map = NULL;
    l->mapped = l->map_room = 0;
    for (int k = 0; k < n; k++)
        lower_remember(l, arg[k], value[k]);
    for (int k = 0; k < node_count(l->g, f); k++) {
        Node a = node_arg(l->g, f, k);
        y[k] = node_op(l->g, a) == OP_ALL ? STEP_NONE : lower_node(l, a);
    }
    l->map = outer.map;
    l->mapped = outer.mapped;
    l->map_room = outer.map_room;
}

/* ---- which histories are read ---- */

bool lower_seen(Lower *l, NodeSet *set, Node n)
{
    if (2 * (set->count + 1) > set->room) {
        size_t room = set->room ? 2 * set->room : 256;
        NodeSlot *wider = empty_map(l, room);
        for (size_t i = 0; i < set->room; i++)
            if (set->slot[i].n != NODE_NONE)
                *find_slot(wider, room, set->slot[i].n) = set->slot[i];
        set->slot = wider;
        set->room = room;
    }
    NodeSlot *s = find_slot(set->slot, set->room, n);
    if (s->n == n)
        return true;
    s->n = n;
    set->count++;
    return false;
}

static void find_histories(Lower *l)
{
    VEC(Node) stack = {0};
    NodeSet seen = {0};
    for (int i = 0; i < l->spec->nout; i++)
        VEC_PUSH_IN(l->a, &stack, l->spec->out[i]);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        POLL();
        if (lower_seen(l, &seen, n))
            continue;
        if (node_op(l->g, n) == OP_HIST)
            VEC_PUSH_IN(l->a, &l->history, n);
        if (node_op(l->g, n) == OP_LOOP)
            VEC_PUSH_IN(l->a, &l->loops, n);
        for (int i = 0; i < node_count(l->g, n); i++)
            if (node_op(l->g, node_arg(l->g, n, i)) != OP_LAMBDA)
                VEC_PUSH_IN(l->a, &stack, node_arg(l->g, n, i));
    }
    l->history_known = true;
    lower_find_saved(l);
}

void lower_find_loops(Lower *l)
{
    if (!l->history_known)
        find_histories(l);
}

bool lower_reads_history(Lower *l, Node loop, int k)
{
    lower_find_loops(l);
    for (size_t i = 0; i < l->history.count; i++) {
        Node h = l->history.at[i];
        if (node_arg(l->g, h, 0) == loop && result_number(l->g, h) == k)
            return true;
    }
    return false;
}

void lower_shape(Lower *l, Node n, int *rows, int *cols)
{
    Shape s = node_shape(l->g, n);
    *rows = lower_dim(l, s.rows);
    *cols = lower_dim(l, s.cols);
}

void lower_ratio(Value c, double *p, double *q)
{
    *p = value_to_double(c);
    *q = 1;
    if (c.kind != VAL_EXACT)
        return;
    double num = mpz_get_d(mpq_numref(c.exact->q));
    double den = mpz_get_d(mpq_denref(c.exact->q));
    if (fabs(num) <= 0x1p53 && den <= 0x1p53) {
        *p = num;
        *q = den;
    }
}

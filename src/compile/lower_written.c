/*
 * lower_written.c - loops that choose by their index, written out
 *
 * In array(i = 1:d, j = 1:d, if i == j then q[i] else if i > j then l[i - j]
 * else 0) the conditions and the places are known as soon as the indices are:
 * turn by turn the loop is a list of entries, and its derivative, that adds
 * s*unit(h, k) in each turn, is one too.
 */
#include "compile/loop.h"

#include <math.h>

#include "compile/dims.h"
#include "graph/binder.h"

enum { WRITTEN_MOST = 1 << 17, ENTRIES_MOST = 1 << 14 };

typedef VEC(Node) Nodes;

/* ---- which loops ---- */

/* Arguments of a lambda that are numbers once the loops are written out. */
typedef struct Known {
    Nodes arg;
} Known;

/* Does n follow from those, by sums, products and conditions? */
static bool is_known(Lower *l, const Known *k, Node root)
{
    Graph *g = l->g;
    NodeSet seen = {0};
    Nodes stack = {0};
    VEC_PUSH_IN(l->a, &stack, root);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        bool found = false;
        if (node_is_number(g, n) || lower_seen(l, &seen, n))
            continue;
        switch (node_op(g, n)) {
        case OP_SYM:
            if (dims_find(l, n) < 0)
                return false;
            break;
        case OP_ARG:
            for (size_t i = 0; i < k->arg.count && !found; i++)
                found = k->arg.at[i] == n;
            if (!found)
                return false;
            break;
        case OP_SUM:
        case OP_MONO:
        case OP_LT:
        case OP_LE:
        case OP_EQ:
        case OP_NE:
        case OP_AND:
        case OP_OR:
        case OP_NOT:
            if (!node_is_scalar(g, n))
                return false;
            for (int i = 0; i < node_count(g, n); i++)
                VEC_PUSH_IN(l->a, &stack, node_arg(g, n, i));
            break;
        default:
            return false;
        }
    }
    return true;
}

/* What a lambda knows whose arguments from `first` on are captures of n, the
 * first being number `operand` of its operands. */
static Known known_inside(Lower *l, const Known *outer, Node n, Node lambda,
                          int first, int operand)
{
    Graph *g = l->g;
    Known k = {{0}};
    if (node_op(g, n) == OP_LOOP)
        VEC_PUSH_IN(l->a, &k.arg, lambda_arg(g, lambda, 0, SHAPE_SCALAR));
    for (int i = operand; i < node_count(g, n); i++) {
        Node x = node_arg(g, n, i);
        if (node_is_scalar(g, x) && is_known(l, outer, x))
            VEC_PUSH_IN(
                l->a, &k.arg,
                lambda_arg(g, lambda, first + i - operand, SHAPE_SCALAR));
    }
    return k;
}

static int64_t weigh_loop(Lower *l, const Known *outer, Node n, bool *chooses);
static int64_t weigh(Lower *l, const Known *k, int n, const Node roots[],
                     bool *chooses);

static int64_t weigh_choice(Lower *l, const Known *k, Node n, bool *chooses)
{
    Graph *g = l->g;
    int64_t total = 1;
    if (!is_known(l, k, node_arg(g, n, 0)))
        return -1;
    *chooses = true;
    depth_check();
    for (int arm = 0; arm < 2; arm++) {
        Node f = node_arg(g, n, 1 + arm);
        Known inside = known_inside(l, k, n, f, 0, 3);
        int count = node_count(g, f);
        Node *y = ARENA_ARRAY(l->a, Node, (size_t)count + 1);
        for (int i = 0; i < count; i++)
            y[i] = node_arg(g, f, i);
        int64_t w = weigh(l, &inside, count, y, chooses);
        if (w < 0)
            return -1;
        total += w;
    }
    return total;
}

/* Is n cheap to write many times? */
static bool is_light(Lower *l, Node n)
{
    switch (node_op(l->g, n)) {
    case OP_NUM:
    case OP_SYM:
    case OP_ARG:
    case OP_SUM:
    case OP_MONO:
    case OP_HAD:
    case OP_INDEX:
    case OP_ALL:
    case OP_TRANS:
    case OP_UNIT:
    case OP_ZERO:
    case OP_ONES:
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_PROJ:
        return true;
    default:
        return op_table[node_op(l->g, n)].class == CLASS_ELEMENTWISE &&
               node_is_scalar(l->g, n);
    }
}

/* How much the written turn holds; -1: it cannot or should not be written. */
static int64_t weigh(Lower *l, const Known *k, int n, const Node roots[],
                     bool *chooses)
{
    Graph *g = l->g;
    NodeSet seen = {0};
    Nodes stack = {0};
    int64_t total = 0;
    for (int i = 0; i < n; i++)
        VEC_PUSH_IN(l->a, &stack, roots[i]);
    while (stack.count) {
        Node a = stack.at[--stack.count];
        POLL();
        if (lower_seen(l, &seen, a) || node_op(g, a) == OP_LAMBDA)
            continue;
        int64_t w = 1;
        if (node_op(g, a) == OP_LOOP)
            w = weigh_loop(l, k, a, chooses);
        else if (node_op(g, a) == OP_IF)
            w = weigh_choice(l, k, a, chooses);
        else if (!is_light(l, a))
            w = -1;
        total += w;
        if (w < 0 || total > WRITTEN_MOST)
            return -1;
        for (int i = 0; i < node_count(g, a); i++)
            VEC_PUSH_IN(l->a, &stack, node_arg(g, a, i));
    }
    return total;
}

static bool is_place(Lower *l, const Known *k, Node n)
{
    return node_op(l->g, n) == OP_ALL || is_known(l, k, n);
}

static int64_t weigh_loop(Lower *l, const Known *outer, Node n, bool *chooses)
{
    Graph *g = l->g;
    int64_t turns;
    int results = loop_results(g, n);
    if (loop_carried(g, n) > 0 || !lower_integer(l, loop_count(g, n), &turns) ||
        turns < 1 || turns > WRITTEN_MOST)
        return -1;
    depth_check();
    Node f = loop_lambda(g, n);
    Known k = known_inside(l, outer, n, f, 1, 2 + results);
    Node *value = ARENA_ARRAY(l->a, Node, (size_t)results + 1);
    for (int i = 0; i < results; i++) {
        int rows, cols;
        Node base = loop_base(g, n, i);
        value[i] = node_arg(g, f, 3 * i);
        lower_shape(l, base, &rows, &cols);
        if (!node_is_zero(g, base) || (int64_t)rows * cols > ENTRIES_MOST ||
            !is_place(l, &k, node_arg(g, f, 3 * i + 1)) ||
            !is_place(l, &k, node_arg(g, f, 3 * i + 2)))
            return -1;
    }
    int64_t w = weigh(l, &k, results, value, chooses);
    if (w < 0 || w * turns > WRITTEN_MOST)
        return -1;
    return w * turns;
}

/* ---- what they collect ---- */

typedef struct Collected {
    int rows, cols;
    bool add;
    Step *entry; /* STEP_NONE: 0 */
    Step rest;   /* arrays that are added whole, or STEP_NONE */
} Collected;

/* Nothing may be added where there is no place, as by vm_loop.c. */
static void put_entry(Lower *l, Collected *c, int i, int j, Step x)
{
    double known;
    if (c->add && step_is_number(l, x, &known) && known == 0)
        return;
    if (i < 0 || i >= c->rows || j < 0 || j >= c->cols)
        error_raise(SPAN_NONE, ERR_INDEX, "index %d of a side of %d",
                    (i < 0 || i >= c->rows ? i : j) + 1,
                    i < 0 || i >= c->rows ? c->rows : c->cols);
    Step *at = &c->entry[(size_t)i + (size_t)j * (size_t)c->rows];
    if (c->add && *at != STEP_NONE)
        x = step_each2(l, STEP_ADD, *at, x);
    else if (step_is_number(l, x, &known) && known == 0 && !signbit(known))
        x = STEP_NONE;
    *at = x;
}

/* s*unit(h, k) with a known k: *factor is s. */
static bool is_scaled_unit(Lower *l, Step s, Step *factor, int *k)
{
    StepInfo i = l->step.at[s];
    Step inner;
    double at;
    if (i.op == STEP_UNIT && step_is_number(l, step_arg(l, s, 0), &at)) {
        *factor = step_number(l, 1);
        *k = (int)at - 1;
        return at >= 1 && at <= i.rows && at == (int)at;
    }
    if (i.op == STEP_NEG && is_scaled_unit(l, step_arg(l, s, 0), &inner, k)) {
        *factor = step_each1(l, STEP_NEG, inner);
        return true;
    }
    for (int side = 0; side < 2 && i.op == STEP_MUL; side++) {
        Step scale;
        if (!step_is_fill(l, step_arg(l, s, side), &scale) ||
            !is_scaled_unit(l, step_arg(l, s, 1 - side), &inner, k))
            continue;
        *factor = step_each2(l, STEP_MUL, scale, inner);
        return true;
    }
    return false;
}

/* What a column or row is another shape of, else s itself. */
static Step under_view(const Lower *l, Step s)
{
    StepInfo v = l->step.at[s];
    if (v.op != STEP_VIEW || v.k != 0 || (v.rows != 1 && v.cols != 1))
        return s;
    StepInfo of = l->step.at[step_arg(l, s, 0)];
    bool same =
        (of.rows == 1 || of.cols == 1) &&
        (size_t)of.rows * (size_t)of.cols == (size_t)v.rows * (size_t)v.cols;
    return same ? step_arg(l, s, 0) : s;
}

static bool is_of_numbers(const Lower *l, Step s)
{
    StepInfo i = l->step.at[s];
    for (uint32_t k = 0; k < i.nargs; k++)
        if (!step_is_scalar(l, step_arg(l, s, (int)k)))
            return false;
    return i.op == STEP_PLACE;
}

/* The value of one turn, from row i and column j on. */
static void put_value(Lower *l, Collected *c, int i, int j, Step s)
{
    StepInfo v = l->step.at[s];
    Step of = under_view(l, s), x;
    StepInfo u = l->step.at[of];
    bool turned = u.rows != v.rows;
    int k;
    if (step_is_scalar(l, s)) {
        put_entry(l, c, i, j, s);
    } else if (c->add && is_scaled_unit(l, of, &x, &k)) {
        put_entry(l, c, turned ? i : i + k, turned ? j + k : j, x);
    } else if (is_of_numbers(l, of)) {
        const Place *at = (const Place *)(uintptr_t)u.k;
        for (uint32_t p = 0; p < u.nargs; p++)
            put_entry(l, c, i + (turned ? at[p].col : at[p].row),
                      j + (turned ? at[p].row : at[p].col),
                      step_arg(l, of, (int)p));
    } else if (c->add && !step_is_fill(l, s, &x) && v.rows == c->rows &&
               v.cols == c->cols) {
        c->rest =
            c->rest == STEP_NONE ? s : step_each2(l, STEP_ADD, c->rest, s);
    } else {
        for (int q = 0; q < v.cols; q++)
            for (int p = 0; p < v.rows; p++)
                put_entry(
                    l, c, i + p, j + q,
                    step_read(l, s, (size_t)p + (size_t)q * (size_t)v.rows));
    }
}

static Step put_together(Lower *l, const Collected *c)
{
    size_t count = (size_t)c->rows * (size_t)c->cols, known = 0;
    Place *place = ARENA_ARRAY(l->keep, Place, count);
    Step zero = step_number(l, 0), y = step_spread(l, zero, c->rows, c->cols);
    for (size_t k = 0; k < count; k++) {
        known += c->entry[k] == STEP_NONE;
        if (c->entry[k] == STEP_NONE)
            c->entry[k] = zero;
        place[k] =
            (Place){(int)(k % (size_t)c->rows), (int)(k / (size_t)c->rows)};
    }
    if (known < count)
        y = count == 1 ? c->entry[0]
                       : step_make(l, STEP_PLACE, c->rows, c->cols, (int)count,
                                   c->entry, (uint64_t)(uintptr_t)place);
    return c->rest == STEP_NONE ? y : step_each2(l, STEP_ADD, y, c->rest);
}

/* ---- turn by turn ---- */

static int place_of(Lower *l, Step s)
{
    double x = 0;
    if (!step_is_number(l, s, &x) || !(x >= 1 && x <= INT32_MAX) || x != (int)x)
        error_raise(SPAN_NONE, ERR_INDEX, "index %g of an array", x);
    return (int)x - 1;
}

static void take_in(Lower *l, Collected *c, const Step s[3])
{
    int i = s[1] == STEP_NONE ? 0 : place_of(l, s[1]);
    int j = s[2] == STEP_NONE ? 0 : place_of(l, s[2]);
    put_value(l, c, i, j, s[0]);
}

static Step write_turns(Lower *l, Node n, int turns)
{
    Graph *g = l->g;
    Node f = loop_lambda(g, n);
    int results = loop_results(g, n), captures = loop_captures(g, n);
    size_t nargs = (size_t)captures + 1;
    Node *arg = ARENA_ARRAY(l->a, Node, nargs);
    Step *value = ARENA_ARRAY(l->a, Step, nargs);
    Step *y = ARENA_ARRAY(l->a, Step, 3 * (size_t)results + 1);
    Collected *c = ARENA_ARRAY(l->a, Collected, (size_t)results + 1);
    arg[0] = lambda_arg(g, f, 0, SHAPE_SCALAR);
    for (int k = 0; k < captures; k++) {
        Node x = loop_capture(g, n, k);
        arg[1 + k] = lambda_arg(g, f, 1 + k, node_shape(g, x));
        value[1 + k] = lowered(l, x);
    }
    for (int k = 0; k < results; k++) {
        lower_shape(l, loop_base(g, n, k), &c[k].rows, &c[k].cols);
        size_t count = (size_t)c[k].rows * (size_t)c[k].cols;
        c[k].add = loop_role(g, n, k) == LOOP_ADD;
        c[k].entry = ARENA_ARRAY(l->a, Step, count + 1);
        c[k].rest = STEP_NONE;
        for (size_t i = 0; i < count; i++)
            c[k].entry[i] = STEP_NONE;
    }
    for (int t = 1; t <= turns; t++) {
        POLL();
        value[0] = step_number(l, loop_is_down(g, n) ? turns + 1 - t : t);
        lower_lambda(l, f, 1 + captures, arg, value, y);
        for (int k = 0; k < results; k++)
            take_in(l, &c[k], y + 3 * k);
    }
    for (int k = 0; k < results; k++)
        y[k] = put_together(l, &c[k]);
    return step_make(l, STEP_TUPLE, 1, 1, results, y, 0);
}

Step lower_written(Lower *l, Node n)
{
    Known none = {{0}};
    bool chooses = false;
    int64_t turns = 0;
    if (l->lanes ||
        (!l->written && (weigh_loop(l, &none, n, &chooses) < 0 || !chooses)))
        return STEP_NONE;
    lower_integer(l, loop_count(l->g, n), &turns);
    l->written++;
    Step y = write_turns(l, n, (int)turns);
    l->written--;
    return y;
}

Step lower_known_choice(Lower *l, Node n, bool holds)
{
    Graph *g = l->g;
    int captures = choice_captures(g, n), results = choice_results(g, n);
    int count = 0; /* of those that the arm reads; others may not be there */
    Node f = node_arg(g, n, holds ? 1 : 2);
    Node *arg = ARENA_ARRAY(l->a, Node, (size_t)captures + 1);
    Step *value = ARENA_ARRAY(l->a, Step, (size_t)captures + 1);
    Step *y = ARENA_ARRAY(l->a, Step, (size_t)results + 1);
    for (int k = 0; k < captures; k++) {
        Node x = choice_capture(g, n, k);
        Node own = lambda_arg(g, f, k, node_shape(g, x));
        if (!lower_holds(l, f, own))
            continue;
        arg[count] = own;
        value[count++] = lowered(l, x);
    }
    lower_lambda(l, f, count, arg, value, y);
    return step_make(l, STEP_TUPLE, 1, 1, results, y, 0);
}

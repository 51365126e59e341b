/*
 * lower_lanes.c - a loop without carried variables, as arrays over its index
 *
 * Where the body is made from numbers by elementwise operations, every value
 * of the body becomes a column with one entry a turn: the steps are then those
 * of ordinary array expressions, run in blocks of lanes and summed in the same
 * tree.  A read at an index that is affine in the loop's becomes a view or a
 * gather, at one that the body computes a pick.  A body that is a row is one
 * column for each of its entries, and small products of arrays within it are
 * written out (lower_small.c).
 */
#include "compile/loop.h"

#include <assert.h>

#include "graph/binder.h"

enum { MOST_COLUMNS = 64 }; /* of what takes rows in */

/* ---- which loops ---- */

/* n = a*index + b with whole a, b. */
static bool is_affine(Lower *l, Node n, int64_t *a, int64_t *b)
{
    Graph *g = l->g;
    *a = 0;
    *b = 0;
    if (n == l->lane_index) {
        *a = 1;
        return true;
    }
    if (lower_integer(l, n, b))
        return true;
    if (node_op(g, n) == OP_MONO)
        return node_count(g, n) == 4 && node_is_one(g, node_arg(g, n, 1)) &&
               node_arg(g, n, 2) == l->lane_index &&
               node_is_int(g, node_arg(g, n, 3), 1) &&
               lower_integer(l, node_arg(g, n, 0), a);
    if (node_op(g, n) != OP_SUM)
        return false;
    for (int i = 0; i + 1 < node_count(g, n); i += 2) {
        int64_t c, k;
        if (!lower_integer(l, node_arg(g, n, i), &c))
            return false;
        if (node_arg(g, n, i + 1) == l->lane_index)
            *a += c;
        else if (lower_integer(l, node_arg(g, n, i + 1), &k))
            *b += c * k;
        else
            return false;
    }
    return true;
}

bool lower_affine(Lower *l, Node index, Node n, int64_t *a, int64_t *b)
{
    Node outer = l->lane_index;
    l->lane_index = index;
    bool fits = is_affine(l, n, a, b);
    l->lane_index = outer;
    return fits;
}

static bool inside(int64_t a, int64_t b, int turns, int side)
{
    int64_t first = a + b, last = a * turns + b;
    return first >= 1 && first <= side && last >= 1 && last <= side;
}

static bool side_fits(Lower *l, Node n, int side)
{
    int64_t a, b;
    return is_affine(l, n, &a, &b) && inside(a, b, l->lanes, side);
}

/* A position that the body computes; of an arm that does not run it need not
 * exist. */
static bool is_computed(Lower *l, Node n)
{
    int64_t a, b;
    OpId op = node_op(l->g, n);
    return !l->lane_arms && node_is_scalar(l->g, n) && op != OP_ALL &&
           op != OP_RANGE && !is_affine(l, n, &a, &b);
}

/* *computed: the index that is a number of the run, or NODE_NONE. */
static bool index_fits(Lower *l, Node n, Node *computed)
{
    Node of = node_arg(l->g, n, 0);
    Node row = node_arg(l->g, n, 1), col = node_arg(l->g, n, 2);
    int rows, cols;
    int64_t i;
    *computed = NODE_NONE;
    if (node_op(l->g, of) != OP_ARG && node_op(l->g, of) != OP_CONST)
        return false;
    lower_shape(l, of, &rows, &cols);
    if (is_computed(l, row) && lower_integer(l, col, &i)) {
        *computed = row;
        return i >= 1 && i <= cols;
    }
    if (is_computed(l, col) && lower_integer(l, row, &i)) {
        *computed = col;
        return i >= 1 && i <= rows;
    }
    return side_fits(l, row, rows) && side_fits(l, col, cols);
}

static bool body_fits(Lower *l, NodeSet *seen, Node root);

/* In an arm the index of the loop goes by the name of an argument. */
static Node index_in_arm(Lower *l, Node n, int arm)
{
    Graph *g = l->g;
    for (int k = 0; k < choice_captures(g, n); k++)
        if (choice_capture(g, n, k) == l->lane_index)
            return lambda_arg(g, node_arg(g, n, 1 + arm), k, SHAPE_SCALAR);
    return NODE_NONE;
}

/* Both arms can be computed in all lanes; a blend takes what holds. */
static bool choice_fits(Lower *l, NodeSet *seen, Node n)
{
    Graph *g = l->g;
    Node outer = l->lane_index;
    bool fits = body_fits(l, seen, node_arg(g, n, 0));
    depth_check();
    for (int k = 0; fits && k < choice_captures(g, n); k++) {
        Node x = choice_capture(g, n, k);
        fits = node_is_scalar(g, x) ? body_fits(l, seen, x)
                                    : node_op(g, x) == OP_ARG;
    }
    l->lane_arms++;
    for (int arm = 0; fits && arm < 2; arm++) {
        NodeSet inner = {0};
        l->lane_index = index_in_arm(l, n, arm);
        for (int k = 0; fits && k < choice_results(g, n); k++)
            fits =
                body_fits(l, &inner, node_arg(g, node_arg(g, n, 1 + arm), k));
        l->lane_index = outer;
    }
    l->lane_arms--;
    return fits;
}

static bool node_fits(Lower *l, Node n)
{
    Graph *g = l->g;
    OpId op = node_op(g, n);
    if (!node_is_scalar(g, n))
        return false;
    if (op_table[op].class == CLASS_ELEMENTWISE)
        return true;
    switch (op) {
    case OP_NUM:
    case OP_SYM:
    case OP_ARG:
    case OP_SUM:
    case OP_MONO:
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return true;
    case OP_INDEX:
    case OP_CHAIN:
        return true;
    case OP_PROJ:
        return node_op(g, node_arg(g, n, 0)) == OP_IF;
    default:
        return false;
    }
}

typedef VEC(Node) Nodes;

/* The scalars that n is computed from; false if it does not fit. */
static bool push_operands(Lower *l, NodeSet *seen, Node n, Nodes *stack)
{
    Graph *g = l->g;
    Node of = node_arg(g, n, 0), computed;
    Small small;
    switch (node_op(g, n)) {
    case OP_INDEX:
        if (!index_fits(l, n, &computed))
            return false;
        if (computed != NODE_NONE)
            VEC_PUSH_IN(l->a, stack, computed);
        return true;
    case OP_PROJ:
        return lower_seen(l, seen, of) || choice_fits(l, seen, of);
    case OP_CHAIN:
        if (!small_chain(l, n, &small))
            return false;
        for (size_t i = 0; i < small.count; i++)
            VEC_PUSH_IN(l->a, stack, small.entry[i]);
        return true;
    default:
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(l->a, stack, node_arg(g, n, i));
        return true;
    }
}

static bool body_fits(Lower *l, NodeSet *seen, Node root)
{
    Nodes stack = {0};
    VEC_PUSH_IN(l->a, &stack, root);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        POLL();
        if (lower_seen(l, seen, n))
            continue;
        if (!node_fits(l, n))
            return false;
        if (node_count(l->g, n) && !push_operands(l, seen, n, &stack))
            return false;
    }
    return true;
}

/* A sum of all turns, or one entry a turn. */
static bool is_reduction(Lower *l, Node n, int k)
{
    Node f = loop_lambda(l->g, n);
    return loop_role(l->g, n, k) == LOOP_ADD &&
           node_is_scalar(l->g, loop_base(l->g, n, k)) &&
           (node_op(l->g, node_arg(l->g, f, 3 * k + 1)) == OP_ALL ||
            node_is_int(l->g, node_arg(l->g, f, 3 * k + 1), 1)) &&
           (node_op(l->g, node_arg(l->g, f, 3 * k + 2)) == OP_ALL ||
            node_is_int(l->g, node_arg(l->g, f, 3 * k + 2), 1));
}

static bool is_stack(Lower *l, Node n, int k)
{
    int rows, cols;
    Node f = loop_lambda(l->g, n);
    lower_shape(l, loop_base(l->g, n, k), &rows, &cols);
    return rows == l->lanes && cols == 1 &&
           node_arg(l->g, f, 3 * k + 1) == l->lane_index &&
           (node_op(l->g, node_arg(l->g, f, 3 * k + 2)) == OP_ALL ||
            node_is_int(l->g, node_arg(l->g, f, 3 * k + 2), 1));
}

/* Which columns an accumulator takes in: *from, from 0, and their number. */
static bool side_columns(Lower *l, Node n, int cols, int *from, int *count)
{
    Graph *g = l->g;
    int64_t first, step = 1, last;
    if (node_op(g, n) == OP_ALL) {
        first = 1;
        last = cols;
    } else if (node_op(g, n) == OP_RANGE) {
        if (!lower_integer(l, node_arg(g, n, 0), &first) ||
            !lower_integer(l, node_arg(g, n, 1), &step) ||
            !lower_integer(l, node_arg(g, n, 2), &last))
            return false;
    } else {
        if (!lower_integer(l, n, &first))
            return false;
        last = first;
    }
    *from = (int)first - 1;
    *count = (int)(last - first) + 1;
    return step == 1 && first >= 1 && last >= first && last <= cols;
}

/* A row a turn, of few entries, into row i of a matrix from a column on. */
static bool is_row_stack(Lower *l, Node n, int k, Small *entries, int *from)
{
    int rows, cols, count;
    Node f = loop_lambda(l->g, n), value = node_arg(l->g, f, 3 * k);
    lower_shape(l, loop_base(l->g, n, k), &rows, &cols);
    return rows == l->lanes && cols > 1 && cols <= MOST_COLUMNS &&
           node_arg(l->g, f, 3 * k + 1) == l->lane_index &&
           side_columns(l, node_arg(l->g, f, 3 * k + 2), cols, from, &count) &&
           small_array(l, value, entries) && entries->rows == 1 &&
           entries->cols == count;
}

static bool loop_fits(Lower *l, Node n)
{
    NodeSet seen = {0};
    Small row;
    int from;
    Node f = loop_lambda(l->g, n);
    for (int k = 0; k < loop_results(l->g, n); k++) {
        if (is_reduction(l, n, k) || is_stack(l, n, k)) {
            row.count = 1;
            row.entry = ARENA_NEW(l->a, Node);
            row.entry[0] = node_arg(l->g, f, 3 * k);
        } else if (!is_row_stack(l, n, k, &row, &from)) {
            return false;
        }
        for (size_t i = 0; i < row.count; i++)
            if (!body_fits(l, &seen, row.entry[i]))
                return false;
    }
    return true;
}

/* ---- their steps ---- */

static Step index_column(Lower *l)
{
    double *x = lower_numbers(l, (size_t)l->lanes);
    for (int i = 0; i < l->lanes; i++)
        x[i] = i + 1;
    return step_make(l, STEP_CONST, l->lanes, 1, 0, NULL,
                     (uint64_t)(uintptr_t)x);
}

/* x[i, col] or x[row, i] with the positions i of a column. */
static Step pick(Lower *l, Node n, Node computed, Step of)
{
    int64_t i = 0;
    StepInfo s = l->step.at[of];
    bool by_row = computed == node_arg(l->g, n, 1);
    lower_integer(l, node_arg(l->g, n, by_row ? 2 : 1), &i);
    Pick *p = ARENA_NEW(l->keep, Pick);
    size_t rows = (size_t)s.rows, from = (size_t)i - 1;
    *p = by_row ? (Pick){from * rows, 1, s.rows} : (Pick){from, rows, s.cols};
    Step args[2] = {of, step_spread(l, lower_node(l, computed), l->lanes, 1)};
    return step_make(l, STEP_PICK, l->lanes, 1, 2, args,
                     (uint64_t)(uintptr_t)p);
}

Step lower_lane_index(Lower *l, Node n)
{
    int64_t a = 0, b = 0, c = 0, d = 0;
    Node computed;
    Step of = lowered(l, node_arg(l->g, n, 0));
    StepInfo s = l->step.at[of];
    if (index_fits(l, n, &computed) && computed != NODE_NONE)
        return pick(l, n, computed, of);
    bool fits = is_affine(l, node_arg(l->g, n, 1), &a, &b) &&
                is_affine(l, node_arg(l->g, n, 2), &c, &d);
    assert(fits);
    (void)fits;
    int64_t first = a + b - 1 + (c + d - 1) * s.rows, step = a + c * s.rows;
    if (step == 0)
        return step_read(l, of, (size_t)first);
    if (step == 1)
        return step_view(l, of, (size_t)first, l->lanes, 1);
    size_t count = (size_t)l->lanes;
    Gather *g = arena_alloc(l->keep, sizeof *g + count * sizeof g->from[0]);
    g->count = count;
    for (size_t i = 0; i < count; i++)
        g->from[i] = (size_t)(first + (int64_t)i * step);
    return step_make(l, STEP_GATHER, l->lanes, 1, 1, &of,
                     (uint64_t)(uintptr_t)g);
}

/* The results of an arm, its captures being known. */
static void write_arm(Lower *l, Node n, int arm, const Step capture[], Step y[])
{
    Graph *g = l->g;
    Node f = node_arg(g, n, 1 + arm);
    Lower outer = *l;
    depth_check();
    l->map = NULL;
    l->mapped = l->map_room = 0;
    l->lane_index = index_in_arm(&outer, n, arm);
    for (int k = 0; k < choice_captures(g, n); k++) {
        Shape s = node_shape(g, choice_capture(g, n, k));
        lower_remember(l, lambda_arg(g, f, k, s), capture[k]);
    }
    for (int k = 0; k < choice_results(g, n); k++)
        y[k] = lower_node(l, node_arg(g, f, k));
    l->map = outer.map;
    l->mapped = outer.mapped;
    l->map_room = outer.map_room;
    l->lane_index = outer.lane_index;
}

Step lower_lane_choice(Lower *l, Node n)
{
    Graph *g = l->g;
    int results = choice_results(g, n), captures = choice_captures(g, n);
    Step *capture = ARENA_ARRAY(l->a, Step, (size_t)captures + 1);
    Step *y = ARENA_ARRAY(l->a, Step, 2 * (size_t)results + 1);
    for (int k = 0; k < captures; k++)
        capture[k] = lowered(l, choice_capture(g, n, k));
    write_arm(l, n, 0, capture, y);
    write_arm(l, n, 1, capture, y + results);
    for (int k = 0; k < results; k++) {
        Step args[3] = {lowered(l, node_arg(g, n, 0)), y[k], y[results + k]};
        y[k] = step_each(l, STEP_CHOOSE, 3, args, 0);
    }
    return step_make(l, STEP_TUPLE, 1, 1, results, y, 0);
}

/* The columns of a matrix, those that are not taken in from the base or 0. */
static Step row_stack(Lower *l, const Small *row, int from, Step base, bool set)
{
    int cols = l->step.at[base].cols;
    Step *column = ARENA_ARRAY(l->a, Step, (size_t)cols);
    Place *place = ARENA_ARRAY(l->keep, Place, (size_t)cols);
    for (int j = 0; j < cols; j++) {
        if (j >= from && j < from + row->cols)
            column[j] = lower_node(l, row->entry[j - from]);
        else if (set)
            column[j] =
                step_view(l, base, (size_t)j * (size_t)l->lanes, l->lanes, 1);
        else
            column[j] = step_number(l, 0);
        if (step_is_scalar(l, column[j]))
            column[j] = step_spread(l, column[j], l->lanes, 1);
        place[j] = (Place){0, j};
    }
    return step_make(l, STEP_PLACE, l->lanes, cols, cols, column,
                     (uint64_t)(uintptr_t)place);
}

static Step collect(Lower *l, Node n, int k, Step base)
{
    Small row;
    Step value;
    int from;
    bool set = loop_role(l->g, n, k) == LOOP_SET;
    if (is_row_stack(l, n, k, &row, &from))
        value = row_stack(l, &row, from, base, set);
    else
        value = lower_node(l, node_arg(l->g, loop_lambda(l->g, n), 3 * k));
    if (step_is_scalar(l, value))
        value = step_spread(l, value, l->lanes, 1);
    if (is_reduction(l, n, k))
        return step_each2(l, STEP_ADD, base, step_sum(l, value));
    if (set)
        return value;
    return step_each2(l, STEP_ADD, base, value);
}

static void write_body(Lower *l, Node n, Step y[])
{
    Graph *g = l->g;
    Node f = loop_lambda(g, n);
    int captures = loop_captures(g, n), results = loop_results(g, n);
    Step *capture = ARENA_ARRAY(l->a, Step, (size_t)captures + 1);
    for (int j = 0; j < captures; j++)
        capture[j] = lowered(l, loop_capture(g, n, j));
    for (int k = 0; k < results; k++)
        y[k] = lowered(l, loop_base(g, n, k));
    Lower outer = *l;
    l->map = NULL;
    l->mapped = l->map_room = 0;
    lower_remember(l, l->lane_index, index_column(l));
    for (int j = 0; j < captures; j++) {
        Shape s = node_shape(g, loop_capture(g, n, j));
        lower_remember(l, lambda_arg(g, f, 1 + j, s), capture[j]);
    }
    for (int k = 0; k < results; k++)
        y[k] = collect(l, n, k, y[k]);
    l->map = outer.map;
    l->mapped = outer.mapped;
    l->map_room = outer.map_room;
}

enum { TURNS_LEAST = 2, BATCH_LEAST = 64 };

Step *lower_lanes(Lower *l, Node n)
{
    int64_t turns;
    Graph *g = l->g;
    if (l->lanes || loop_carried(g, n) > 0 ||
        !lower_integer(l, loop_count(g, n), &turns) || turns < TURNS_LEAST ||
        turns > INT32_MAX)
        return NULL;
    Step *y = ARENA_ARRAY(l->a, Step, (size_t)loop_results(g, n) + 1);
    l->lanes = (int)turns;
    l->lane_index = lambda_arg(g, loop_lambda(g, n), 0, SHAPE_SCALAR);
    bool fits = loop_fits(l, n);
    if (fits)
        write_body(l, n, y);
    l->batch = l->batch || (fits && turns >= BATCH_LEAST);
    l->lanes = 0;
    return fits ? y : NULL;
}

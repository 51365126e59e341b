/*
 * lower_array.c - indices, literal matrices, and the ARRAY rows of ops.def
 */
#include "compile/lower.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* ---- indices ---- */

/* What an index selects of one side; positions from 0. */
typedef struct Side {
    bool dynamic; /* `count` positions from `number`, known when it runs */
    bool all;
    Step number;
    size_t count;
    int64_t first, step;
    const Array *list; /* of a CONST: positions from 1 */
} Side;

static size_t position(const Side *s, size_t i)
{
    if (s->list)
        return (size_t)s->list->f[i] - 1;
    return (size_t)(s->first + (int64_t)i * s->step);
}

enum { AFFINE_MOST = INT32_MAX };

static bool is_whole(double x, int64_t *i)
{
    *i = fabs(x) <= AFFINE_MOST ? (int64_t)x : 0;
    return (double)*i == x;
}

static void check_bounds(int64_t i, int side)
{
    if (i < 1 || i > side)
        error_raise(SPAN_NONE, ERR_INDEX, "index %lld of a side of %d",
                    (long long)i, side);
}

/* A range of known length whose start the run computes: n*i - n + 1:n*i. */
static bool read_moving_range(Lower *l, Node n, Side *s)
{
    Graph *g = l->g;
    int64_t turns;
    Node from = node_arg(g, n, 0);
    if (!node_is_int(g, node_arg(g, n, 1), 1) ||
        !lower_integer(l, node_sub(g, node_arg(g, n, 2), from), &turns) ||
        turns < 0)
        return false;
    s->dynamic = true;
    s->count = (size_t)turns + 1;
    s->number = lower_node(l, from);
    return true;
}

static void read_range(Lower *l, Node n, int side, Side *s)
{
    int64_t from, step, to;
    if (!lower_integer(l, node_arg(l->g, n, 0), &from) &&
        read_moving_range(l, n, s))
        return;
    if (!lower_integer(l, node_arg(l->g, n, 0), &from) ||
        !lower_integer(l, node_arg(l->g, n, 1), &step) ||
        !lower_integer(l, node_arg(l->g, n, 2), &to) || step == 0)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a range inside an index whose ends are not known "
                    "before the run");
    int64_t turns = (to - from) / step;
    bool empty = step > 0 ? to < from : to > from;
    s->count = empty ? 0 : (size_t)turns + 1;
    s->first = from - 1;
    s->step = step;
    if (s->count) {
        check_bounds(from, side);
        check_bounds(from + turns * step, side);
    }
}

static Side read_side(Lower *l, Node n, int side)
{
    Side s = {.count = 1, .step = 1};
    int64_t i;
    switch (node_op(l->g, n)) {
    case OP_ALL:
        s.all = true;
        s.count = (size_t)side;
        return s;
    case OP_RANGE:
        read_range(l, n, side, &s);
        return s;
    case OP_CONST:
        s.list = array_to_float(node_const_value(l->g, n));
        s.count = array_count(s.list);
        for (size_t k = 0; k < s.count; k++)
            check_bounds((int64_t)s.list->f[k], side);
        return s;
    default:
        break;
    }
    if (lower_integer(l, n, &i)) {
        check_bounds(i, side);
        s.first = i - 1;
        s.number = step_number(l, (double)i);
    } else {
        double x;
        s.number = lowered(l, n);
        s.dynamic = !step_is_number(l, s.number, &x) || !is_whole(x, &i);
        if (!s.dynamic) {
            check_bounds(i, side);
            s.first = i - 1;
        }
    }
    return s;
}

/* ---- reads that move with the turn of a loop ---- */

enum { AFFINE_DEPTH = 6 };

/* s = a*turn + b with whole a and b? */
static bool is_affine(const Lower *l, Step s, int depth, int64_t *a, int64_t *b)
{
    const StepInfo *i = &l->step.at[s];
    int64_t a2 = 0, b2 = 0;
    double x;
    *a = *b = 0;
    if (step_is_number(l, s, &x))
        return is_whole(x, b);
    if (i->op == STEP_READ) {
        const StepInfo *in = &l->step.at[step_arg(l, s, 0)];
        *a = 1;
        return in->op == STEP_IN && in->k == 0;
    }
    bool sum = i->op == STEP_ADD || i->op == STEP_SUB;
    if (depth == 0 || (!sum && i->op != STEP_MUL) ||
        !is_affine(l, step_arg(l, s, 0), depth - 1, a, b) ||
        !is_affine(l, step_arg(l, s, 1), depth - 1, &a2, &b2))
        return false;
    if (sum) {
        int sign = i->op == STEP_ADD ? 1 : -1;
        *a += sign * a2;
        *b += sign * b2;
    } else {
        if (*a && a2)
            return false;
        *a = *a * b2 + *b * a2;
        *b *= b2;
    }
    return llabs(*a) <= AFFINE_MOST && llabs(*b) <= AFFINE_MOST;
}

static bool slide_side(const Lower *l, const Side *s, int side, SlideSide *y)
{
    *y = (SlideSide){0, s->first + 1, (int)s->count, side};
    return !s->dynamic || is_affine(l, s->number, AFFINE_DEPTH, &y->a, &y->b);
}

/* The whole array or a part of it that stays where it is. */
static bool stays(const Lower *l, Step a)
{
    while (l->step.at[a].op == STEP_VIEW)
        a = step_arg(l, a, 0);
    return l->step.at[a].op == STEP_IN || l->step.at[a].op == STEP_CONST;
}

/* Entries that follow each other in memory: one, or whole columns. */
static Step index_sliding(Lower *l, Step a, const Side *r, const Side *c)
{
    StepInfo s = l->step.at[a];
    Slide *m = ARENA_NEW(l->keep, Slide);
    bool one = r->count == 1 && c->count == 1;
    if (!l->site || r->list || c->list || !(one || (r->all && c->dynamic)) ||
        !stays(l, a) || !slide_side(l, r, s.rows, &m->row) ||
        !slide_side(l, c, s.cols, &m->col))
        return STEP_NONE;
    m->first = m->row.b - 1 + (m->col.b - 1) * s.rows;
    m->step = m->row.a + m->col.a * s.rows;
    Step y = step_make(l, STEP_SLIDE, m->row.count, m->col.count, 1, &a,
                       (uint64_t)(uintptr_t)m);
    return one ? step_make(l, STEP_READ, 1, 1, 1, &y, 0) : y;
}

static Step index_known(Lower *l, Step a, const Side *r, const Side *c);

static Step index_dynamic(Lower *l, Step a, const Side *r, const Side *c)
{
    StepInfo s = l->step.at[a];
    Step y = index_sliding(l, a, r, c);
    if (y != STEP_NONE)
        return y;
    if (r->number != STEP_NONE && c->number != STEP_NONE && r->count == 1 &&
        c->count == 1 && !r->all && !c->all) {
        Step args[3] = {a, r->number, c->number};
        return step_make(l, STEP_READ_AT, 1, 1, 3, args, 0);
    }
    if (r->dynamic && r->count == 1 && c->all) {
        Step args[2] = {a, r->number};
        return step_make(l, STEP_TAKE_ROW, 1, s.cols, 2, args, 0);
    }
    if (c->dynamic && r->all) {
        Step args[2] = {a, c->number};
        return step_make(l, STEP_TAKE_COL, s.rows, (int)c->count, 2, args, 0);
    }
    if (r->dynamic && r->count == 1 && !c->dynamic) {
        Step args[2] = {a, r->number};
        Side one = {.count = 1, .step = 1};
        a = step_make(l, STEP_TAKE_ROW, 1, s.cols, 2, args, 0);
        return index_known(l, a, &one, c);
    }
    if (c->dynamic && !r->dynamic) {
        Step args[2] = {a, c->number};
        Side every = {.all = true, .count = c->count, .step = 1};
        a = step_make(l, STEP_TAKE_COL, s.rows, (int)c->count, 2, args, 0);
        return index_known(l, a, r, &every);
    }
    error_raise(SPAN_NONE, ERR_LIMIT,
                "two indices known at the run, one of them a range");
}

static Step index_known(Lower *l, Step a, const Side *r, const Side *c)
{
    size_t rows = (size_t)l->step.at[a].rows, count = r->count * c->count;
    Gather *g = arena_alloc(l->keep, sizeof *g + count * sizeof g->from[0]);
    bool dense = true;
    g->count = count;
    for (size_t j = 0, k = 0; j < c->count; j++)
        for (size_t i = 0; i < r->count; i++, k++) {
            g->from[k] = position(r, i) + position(c, j) * rows;
            dense = dense && g->from[k] == g->from[0] + k;
        }
    int m = (int)r->count, n = (int)c->count;
    if (count == 1)
        return step_read(l, a, g->from[0]);
    if (dense && count)
        return step_view(l, a, g->from[0], m, n);
    return step_make(l, STEP_GATHER, m, n, 1, &a, (uint64_t)(uintptr_t)g);
}

Step lower_index(Lower *l, Node n)
{
    bool turned;
    Step a = lowered(l, node_arg(l->g, n, 0));
    StepInfo s = l->step.at[a];
    Side r = read_side(l, node_arg(l->g, n, 1), s.rows);
    Side c = read_side(l, node_arg(l->g, n, 2), s.cols);
    if (step_is_scalar(l, a) && !r.dynamic && !c.dynamic && r.count == 1 &&
        c.count == 1)
        return a;
    a = step_under_turn(l, a, &turned);
    const Side *rows = turned ? &c : &r, *cols = turned ? &r : &c;
    Step y = r.dynamic || c.dynamic ? index_dynamic(l, a, rows, cols)
                                    : index_known(l, a, rows, cols);
    return turned ? step_turn(l, y) : y;
}

/* ---- literal matrices ---- */

typedef struct Parts {
    VEC(Step) step;
    VEC(Place) place;
} Parts;

/* A part that is itself put together is taken apart. */
static void add_part(Lower *l, Parts *p, Step s, int row, int col)
{
    StepInfo i = l->step.at[s];
    if (i.op != STEP_PLACE) {
        Place at = {row, col};
        VEC_PUSH_IN(l->a, &p->step, s);
        VEC_PUSH_IN(l->a, &p->place, at);
        return;
    }
    const Place *inner = (const Place *)(uintptr_t)i.k;
    for (uint32_t k = 0; k < i.nargs; k++) {
        Place at = {row + inner[k].row, col + inner[k].col};
        VEC_PUSH_IN(l->a, &p->step, step_arg(l, s, (int)k));
        VEC_PUSH_IN(l->a, &p->place, at);
    }
}

static Step all_numbers(Lower *l, const Parts *p, int rows, int cols)
{
    double x;
    for (size_t i = 0; i < p->step.count; i++)
        if (!step_is_number(l, p->step.at[i], &x))
            return STEP_NONE;
    double *data = lower_numbers(l, (size_t)rows * (size_t)cols);
    for (size_t i = 0; i < p->step.count; i++) {
        Place at = p->place.at[i];
        step_is_number(l, p->step.at[i], &x);
        data[(size_t)at.row + (size_t)at.col * (size_t)rows] = x;
    }
    return step_make(l, STEP_CONST, rows, cols, 0, NULL,
                     (uint64_t)(uintptr_t)data);
}

Step lower_stack(Lower *l, Node n, bool side)
{
    Parts p = {{0}, {0}};
    int rows, cols, at = 0;
    lower_shape(l, n, &rows, &cols);
    for (int i = 0; i < node_count(l->g, n); i++) {
        Step s = lowered(l, node_arg(l->g, n, i));
        StepInfo part = l->step.at[s];
        add_part(l, &p, s, side ? 0 : at, side ? at : 0);
        at += side ? part.cols : part.rows;
    }
    if (rows == 1 && cols == 1)
        return p.step.at[0];
    Step y = all_numbers(l, &p, rows, cols);
    if (y != STEP_NONE)
        return y;
    Place *place = ARENA_ARRAY(l->keep, Place, p.place.count);
    for (size_t i = 0; i < p.place.count; i++)
        place[i] = p.place.at[i];
    return step_make(l, STEP_PLACE, rows, cols, (int)p.step.count, p.step.at,
                     (uint64_t)(uintptr_t)place);
}

/* ---- rows ---- */

static Step task_of(Lower *l, Node n, StepOp op, uint64_t k)
{
    int rows, cols, count = node_count(l->g, n);
    Step args[3];
    assert(count <= 3);
    lower_shape(l, n, &rows, &cols);
    for (int i = 0; i < count; i++)
        args[i] = lowered(l, node_arg(l->g, n, i));
    return step_make(l, op, rows, cols, count, args, k);
}

static Step lower_inverse(Lower *l, Step a)
{
    bool turned;
    StepInfo s = l->step.at[a];
    if (step_is_scalar(l, a))
        return step_each2(l, STEP_DIV, step_number(l, 1), a);
    if (s.op == STEP_DIAG) {
        Step v = step_each2(l, STEP_DIV, step_number(l, 1), step_arg(l, a, 0));
        return step_make(l, STEP_DIAG, s.rows, s.cols, 1, &v, 0);
    }
    Step lu = step_lu(l, step_under_turn(l, a, &turned));
    Step y = step_make(l, STEP_INV, s.rows, s.cols, 1, &lu, 0);
    return turned ? step_turn(l, y) : y;
}

static Step lower_det(Lower *l, Step a, StepOp op)
{
    bool turned;
    Step lu = step_lu(l, step_under_turn(l, a, &turned));
    return step_make(l, op, 1, 1, 1, &lu, 0);
}

Step lower_array_row(Lower *l, Node n)
{
    OpId op = node_op(l->g, n);
    Node arg = node_arg(l->g, n, 0);
    Step a = lowered(l, arg);
    StepInfo s = l->step.at[a];
    switch (op) {
    case OP_TR:
        return lower_trace(l, arg);
    case OP_DIAGOF:
        return lower_diagof(l, arg);
    case OP_DIAG:
        return step_make(l, STEP_DIAG, s.rows, s.rows, 1, &a, 0);
    case OP_INV:
        return lower_inverse(l, a);
    case OP_DET:
        return lower_det(l, a, STEP_DET);
    case OP_LOGDET:
        return lower_det(l, a, STEP_LOGDET);
    case OP_KRON:
        return task_of(l, n, STEP_KRON, 0);
    case OP_SOFTMAX:
        return task_of(l, n, STEP_SOFTMAX, 0);
    case OP_LOGSUMEXP:
        return task_of(l, n, STEP_LOGSUMEXP, 0);
    case OP_SOFTMAX_ROWS:
        return task_of(l, n, STEP_SOFTMAX_ROWS, 0);
    case OP_LOGSUMEXP_ROWS:
        return task_of(l, n, STEP_LOGSUMEXP_ROWS, 0);
    case OP_ADJ:
        return task_of(l, n, STEP_ADJUGATE, 0);
    case OP_PROD:
        return task_of(l, n, STEP_PROD, 0);
    default:
        return task_of(l, n, STEP_ROW_KERNEL,
                       (uint64_t)(uintptr_t)&op_table[op]);
    }
}

/*
 * steps.c - building the steps of a program
 *
 * Steps are unique: asking again for the same one gives the same number, so
 * common parts are computed once whatever rewriting brought them about.
 */
#include "compile/lower.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "num/vmath.h"

const char *const step_name[STEP_COUNT] = {
#define STEP(id, name) [STEP_##id] = name,
    STEPS_ALL(STEP)
#undef STEP
};

bool step_is_each(StepOp op)
{
    return op >= STEP_ADD && op <= STEP_CALL3;
}

bool step_is_read(StepOp op)
{
    return op >= STEP_VIEW && op <= STEP_DIAG;
}

void lower_begin(Lower *l)
{
    l->slots = 256;
    l->slot = ARENA_ARRAY(l->a, uint32_t, l->slots);
}

Step step_arg(const Lower *l, Step s, int i)
{
    return l->arg.at[l->step.at[s].first + (uint32_t)i];
}

bool step_is_scalar(const Lower *l, Step s)
{
    return l->step.at[s].rows == 1 && l->step.at[s].cols == 1;
}

static bool is_op(const Lower *l, Step s, StepOp op)
{
    return l->step.at[s].op == op;
}

static size_t count_of(const Lower *l, Step s)
{
    return (size_t)l->step.at[s].rows * (size_t)l->step.at[s].cols;
}

static bool is_vector(const Lower *l, Step s)
{
    return l->step.at[s].rows == 1 || l->step.at[s].cols == 1;
}

static uint64_t hash_step(const StepInfo *s, const Step args[])
{
    uint64_t h = hash_mix(s->op, ((uint64_t)(uint32_t)s->rows << 32) |
                                     (uint32_t)s->cols);
    h = hash_mix(h, s->k);
    for (uint32_t i = 0; i < s->nargs; i++)
        h = hash_mix(h, args[i]);
    return h;
}

static bool same_step(const Lower *l, const StepInfo *a, const StepInfo *b,
                      const Step args[])
{
    if (a->op != b->op || a->rows != b->rows || a->cols != b->cols ||
        a->k != b->k || a->nargs != b->nargs)
        return false;
    return a->nargs == 0 ||
           memcmp(&l->arg.at[a->first], args, a->nargs * sizeof *args) == 0;
}

static void widen_table(Lower *l)
{
    l->slots *= 2;
    l->slot = ARENA_ARRAY(l->a, uint32_t, l->slots);
    for (size_t i = 0; i < l->step.count; i++) {
        const StepInfo *s = &l->step.at[i];
        size_t h = hash_step(s, l->arg.at + s->first) & (l->slots - 1);
        while (l->slot[h])
            h = (h + 1) & (l->slots - 1);
        l->slot[h] = (uint32_t)i + 1;
    }
}

Step step_make(Lower *l, StepOp op, int rows, int cols, int n,
               const Step args[], uint64_t k)
{
    if (2 * l->step.count >= l->slots)
        widen_table(l);
    StepInfo s = {op, rows, cols, (uint32_t)l->arg.count, (uint32_t)n, k};
    size_t h = hash_step(&s, args) & (l->slots - 1);
    for (; l->slot[h]; h = (h + 1) & (l->slots - 1))
        if (same_step(l, &l->step.at[l->slot[h] - 1], &s, args))
            return l->slot[h] - 1;
    for (int i = 0; i < n; i++) {
        assert(args[i] < l->step.count);
        VEC_PUSH_IN(l->a, &l->arg, args[i]);
    }
    VEC_PUSH_IN(l->a, &l->step, s);
    l->slot[h] = (uint32_t)l->step.count;
    return (Step)(l->step.count - 1);
}

Step step_number(Lower *l, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return step_make(l, STEP_NUM, 1, 1, 0, NULL, bits);
}

bool step_is_number(const Lower *l, Step s, double *x)
{
    if (!is_op(l, s, STEP_NUM))
        return false;
    memcpy(x, &l->step.at[s].k, sizeof *x);
    return true;
}

static bool is_exactly(const Lower *l, Step s, double x)
{
    double y;
    if (is_op(l, s, STEP_SPREAD))
        s = step_arg(l, s, 0);
    return step_is_number(l, s, &y) && y == x;
}

/* ---- elementwise ---- */

static double compute(StepOp op, const Kernel *f, const double x[])
{
    switch (op) {
    case STEP_ADD:
        return x[0] + x[1];
    case STEP_SUB:
        return x[0] - x[1];
    case STEP_MUL:
        return x[0] * x[1];
    case STEP_DIV:
        return x[0] / x[1];
    case STEP_NEG:
        return -x[0];
    case STEP_SQRT:
        return sqrt(x[0]);
    case STEP_LT:
        return x[0] < x[1];
    case STEP_LE:
        return x[0] <= x[1];
    case STEP_EQ:
        return x[0] == x[1];
    case STEP_NE:
        return x[0] != x[1];
    case STEP_AND:
        return x[0] != 0 && x[1] != 0;
    case STEP_OR:
        return x[0] != 0 || x[1] != 0;
    case STEP_NOT:
        return x[0] == 0;
    case STEP_CALL1:
        return f->f1(x[0]);
    case STEP_CALL2:
        return f->f2(x[0], x[1]);
    default:
        return NAN; /* left to the run */
    }
}

/* All operands numbers: the result, unless it is not finite, which only a
 * run may report. */
static Step fold(Lower *l, StepOp op, int n, const Step args[], uint64_t k)
{
    double x[3];
    for (int i = 0; i < n; i++)
        if (!step_is_number(l, args[i], &x[i]))
            return STEP_NONE;
    double y = compute(op, (const Kernel *)(uintptr_t)k, x);
    return isfinite(y) ? step_number(l, y) : STEP_NONE;
}

/* Every operand a number spread over the same array: compute one number. */
static bool all_fills(const Lower *l, int n, const Step args[], Step numbers[])
{
    for (int i = 0; i < n; i++)
        if (!step_is_fill(l, args[i], &numbers[i]))
            return false;
    return true;
}

Step step_each(Lower *l, StepOp op, int n, const Step args[], uint64_t k)
{
    Step a[3], number[3];
    int rows = 1, cols = 1;
    assert(n <= 3);
    for (int i = 0; i < n; i++)
        if (!step_is_scalar(l, args[i])) {
            rows = l->step.at[args[i]].rows;
            cols = l->step.at[args[i]].cols;
        }
    for (int i = 0; i < n; i++) {
        a[i] = step_spread(l, args[i], rows, cols);
        assert(l->step.at[a[i]].rows == rows);
        assert(l->step.at[a[i]].cols == cols);
    }
    if (rows == 1 && cols == 1) {
        Step y = fold(l, op, n, a, k);
        return y != STEP_NONE ? y : step_make(l, op, 1, 1, n, a, k);
    }
    if (all_fills(l, n, a, number))
        return step_spread(l, step_each(l, op, n, number, k), rows, cols);
    Step y = step_each_by_parts(l, op, n, a, k);
    if (y != STEP_NONE)
        return y;
    return step_make(l, op, rows, cols, n, a, k);
}

Step step_each1(Lower *l, StepOp op, Step a)
{
    if (op == STEP_NEG && is_op(l, a, STEP_NEG))
        return step_arg(l, a, 0);
    if (op == STEP_NEG && is_op(l, a, STEP_SUB))
        return step_each2(l, STEP_SUB, step_arg(l, a, 1), step_arg(l, a, 0));
    return step_each(l, op, 1, &a, 0);
}

/* a op b where that is a or b alone, or another operation; shapes agree. */
static Step easier(Lower *l, StepOp op, Step a, Step b)
{
    switch (op) {
    case STEP_ADD:
        if (is_exactly(l, a, 0))
            return b;
        if (is_exactly(l, b, 0))
            return a;
        if (is_op(l, b, STEP_NEG))
            return step_each2(l, STEP_SUB, a, step_arg(l, b, 0));
        if (is_op(l, a, STEP_NEG))
            return step_each2(l, STEP_SUB, b, step_arg(l, a, 0));
        return STEP_NONE;
    case STEP_SUB:
        if (is_exactly(l, b, 0))
            return a;
        if (is_exactly(l, a, 0))
            return step_each1(l, STEP_NEG, b);
        if (is_op(l, b, STEP_NEG))
            return step_each2(l, STEP_ADD, a, step_arg(l, b, 0));
        return STEP_NONE;
    case STEP_MUL:
        if (is_exactly(l, a, 1))
            return b;
        if (is_exactly(l, b, 1))
            return a;
        if (is_exactly(l, a, -1))
            return step_each1(l, STEP_NEG, b);
        if (is_exactly(l, b, -1))
            return step_each1(l, STEP_NEG, a);
        return STEP_NONE;
    case STEP_DIV:
        return is_exactly(l, b, 1) ? a : STEP_NONE;
    default:
        return STEP_NONE;
    }
}

/* s*diag(v): the scale goes to the diagonal. */
static Step scale_diagonal(Lower *l, Step a, Step b)
{
    Step s;
    if (is_op(l, a, STEP_DIAG)) {
        Step t = a;
        a = b;
        b = t;
    }
    if (!is_op(l, b, STEP_DIAG) || !step_is_fill(l, a, &s))
        return STEP_NONE;
    Step v = step_each2(l, STEP_MUL, s, step_arg(l, b, 0));
    StepInfo y = l->step.at[b];
    return step_make(l, STEP_DIAG, y.rows, y.cols, 1, &v, 0);
}

Step step_each2(Lower *l, StepOp op, Step a, Step b)
{
    Step args[2] = {a, b};
    if (step_is_scalar(l, a) && !step_is_scalar(l, b))
        args[0] = step_spread(l, a, l->step.at[b].rows, l->step.at[b].cols);
    if (step_is_scalar(l, b) && !step_is_scalar(l, a))
        args[1] = step_spread(l, b, l->step.at[a].rows, l->step.at[a].cols);
    Step y = easier(l, op, args[0], args[1]);
    if (y == STEP_NONE && op == STEP_MUL)
        y = scale_diagonal(l, args[0], args[1]);
    return y != STEP_NONE ? y : step_each(l, op, 2, args, 0);
}

Step step_call1(Lower *l, const Kernel *f, Step a)
{
    return step_each(l, STEP_CALL1, 1, &a, (uint64_t)(uintptr_t)f);
}

Step step_call2(Lower *l, const Kernel *f, Step a, Step b)
{
    Step args[2] = {a, b};
    return step_each(l, STEP_CALL2, 2, args, (uint64_t)(uintptr_t)f);
}

/* ---- reading ---- */

bool step_is_fill(const Lower *l, Step a, Step *number)
{
    if (!is_op(l, a, STEP_SPREAD) || !step_is_scalar(l, step_arg(l, a, 0)))
        return false;
    *number = step_arg(l, a, 0);
    return true;
}

Step step_spread(Lower *l, Step a, int rows, int cols)
{
    StepInfo s = l->step.at[a];
    if (s.rows == rows && s.cols == cols)
        return a;
    if (s.op == STEP_SPREAD)
        return step_spread(l, step_arg(l, a, 0), rows, cols);
    return step_make(l, STEP_SPREAD, rows, cols, 1, &a, 0);
}

Step step_turn(Lower *l, Step a)
{
    StepInfo s = l->step.at[a];
    if (is_vector(l, a))
        return step_view(l, a, 0, s.cols, s.rows);
    if (s.op == STEP_TURN)
        return step_arg(l, a, 0);
    if (s.op == STEP_DIAG || s.op == STEP_SYRK)
        return a;
    if (s.op == STEP_SPREAD) {
        Step x = step_arg(l, a, 0);
        return step_spread(l, step_is_scalar(l, x) ? x : step_turn(l, x),
                           s.cols, s.rows);
    }
    return step_make(l, STEP_TURN, s.cols, s.rows, 1, &a, 0);
}

Step step_under_turn(const Lower *l, Step a, bool *turned)
{
    *turned = is_op(l, a, STEP_TURN);
    return *turned ? step_arg(l, a, 0) : a;
}

Step step_view(Lower *l, Step a, size_t offset, int rows, int cols)
{
    Step number;
    StepInfo s = l->step.at[a];
    if (s.rows == rows && s.cols == cols)
        return a;
    if (rows == 0 || cols == 0) /* whatever a is: it may be a number */
        return step_spread(l, step_number(l, 0), rows, cols);
    if (step_is_fill(l, a, &number))
        return step_spread(l, number, rows, cols);
    if (s.op == STEP_VIEW)
        return step_view(l, step_arg(l, a, 0), offset + (size_t)s.k, rows,
                         cols);
    if (rows == 1 && cols == 1)
        return step_read(l, a, offset);
    Step y = step_slice_through(l, a, offset, rows, cols);
    if (y != STEP_NONE)
        return y;
    return step_make(l, STEP_VIEW, rows, cols, 1, &a, offset);
}

Step step_read(Lower *l, Step a, size_t i)
{
    Step number;
    StepInfo s = l->step.at[a];
    assert(i < count_of(l, a));
    if (step_is_fill(l, a, &number))
        return number;
    if (step_is_scalar(l, a) && s.op != STEP_IN)
        return a;
    size_t row = i % (size_t)s.rows, col = i / (size_t)s.rows;
    switch (s.op) {
    case STEP_VIEW:
        return step_read(l, step_arg(l, a, 0), i + (size_t)s.k);
    case STEP_TURN:
        return step_read(l, step_arg(l, a, 0), col + row * (size_t)s.cols);
    case STEP_DIAG:
        return row == col ? step_read(l, step_arg(l, a, 0), row)
                          : step_number(l, 0);
    case STEP_CONST:
        return step_number(l, ((const double *)(uintptr_t)s.k)[i]);
    default: {
        Step y = step_slice_through(l, a, i, 1, 1);
        return y != STEP_NONE ? y : step_make(l, STEP_READ, 1, 1, 1, &a, i);
    }
    }
}

/* ---- sums ---- */

Step step_sum(Lower *l, Step a)
{
    Step number;
    if (step_is_scalar(l, a))
        return a;
    if (step_is_fill(l, a, &number))
        return step_each2(l, STEP_MUL, number,
                          step_number(l, (double)count_of(l, a)));
    StepInfo s = l->step.at[a];
    if (s.op == STEP_DIAG || s.op == STEP_TURN ||
        (s.op == STEP_VIEW && count_of(l, step_arg(l, a, 0)) == count_of(l, a)))
        return step_sum(l, step_arg(l, a, 0));
    return step_make(l, STEP_SUM, 1, 1, 1, &a, 0);
}

Step step_colsum(Lower *l, Step a)
{
    Step number;
    StepInfo s = l->step.at[a];
    if (s.rows == 1)
        return a;
    if (s.cols == 1)
        return step_sum(l, a);
    if (step_is_fill(l, a, &number))
        return step_spread(
            l, step_each2(l, STEP_MUL, number, step_number(l, (double)s.rows)),
            1, s.cols);
    if (s.op == STEP_DIAG)
        return step_turn(l, step_arg(l, a, 0));
    if (s.op == STEP_TURN)
        return step_turn(l, step_rowsum(l, step_arg(l, a, 0)));
    return step_make(l, STEP_COLSUM, 1, s.cols, 1, &a, 0);
}

Step step_rowsum(Lower *l, Step a)
{
    Step number;
    StepInfo s = l->step.at[a];
    if (s.cols == 1)
        return a;
    if (s.rows == 1)
        return step_sum(l, a);
    if (step_is_fill(l, a, &number))
        return step_spread(
            l, step_each2(l, STEP_MUL, number, step_number(l, (double)s.cols)),
            s.rows, 1);
    if (s.op == STEP_DIAG)
        return step_arg(l, a, 0);
    if (s.op == STEP_TURN)
        return step_turn(l, step_colsum(l, step_arg(l, a, 0)));
    return step_make(l, STEP_ROWSUM, s.rows, 1, 1, &a, 0);
}

Step step_lu(Lower *l, Step a)
{
    StepInfo s = l->step.at[a];
    /* One column more holds the pivots. */
    return step_make(l, STEP_LU, s.rows, s.rows + 1, 1, &a, 0);
}

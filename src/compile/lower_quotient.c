/*
 * lower_quotient.c - quotients by the same divisor
 *
 * A division takes the time of some 15 products.  In lanes, where one divisor
 * often stands below many numbers (a norm, a depth), quotients are written as
 * products with its reciprocal.  Only when all steps are known it is known
 * how many there are: by a divisor that has few they become divisions again,
 * which round once and not twice.
 */
#include "compile/lower.h"

enum { QUOTIENTS_LEAST = 4 };

/* a' and b' are the operands of the step that y was or may become. */
Step lower_quotient(Lower *l, StepOp division, Step a, Step b)
{
    double x;
    Step number = b;
    bool scalars = step_is_scalar(l, a) && step_is_scalar(l, b);
    step_is_fill(l, b, &number);
    if (!l->lanes || scalars || step_is_number(l, number, &x))
        return step_each2(l, division, a, b);
    const StepInfo *s = &l->step.at[step_is_scalar(l, a) ? b : a];
    int rows = s->rows, cols = s->cols;
    LaneQuotient q = {.division = division};
    q.above = step_spread(l, a, rows, cols);
    q.below = step_spread(l, b, rows, cols);
    Step over = step_each2(l, division, step_number(l, 1), number);
    over = step_spread(l, over, rows, cols);
    q.y = step_each2(l, STEP_MUL, q.above, over);
    if (l->step.at[q.y].op == STEP_MUL && step_arg(l, q.y, 0) == q.above &&
        step_arg(l, q.y, 1) == over && q.below < q.y)
        VEC_PUSH_IN(l->a, &l->quotient, q);
    return q.y;
}

static void mark_needed(const Lower *l, int nout, const Step out[],
                        bool needed[])
{
    for (int i = 0; i < nout; i++)
        needed[out[i]] = true;
    for (size_t s = l->step.count; s-- > 0;)
        for (uint32_t k = 0; needed[s] && k < l->step.at[s].nargs; k++)
            needed[step_arg(l, (Step)s, (int)k)] = true;
}

void lower_settle_quotients(Lower *l, int nout, const Step out[])
{
    size_t n = l->quotient.count;
    if (n == 0)
        return;
    bool *needed = ARENA_ARRAY(l->a, bool, l->step.count);
    uint32_t *uses = ARENA_ARRAY(l->a, uint32_t, l->step.count);
    mark_needed(l, nout, out, needed);
    for (size_t i = 0; i < n; i++) {
        Step y = l->quotient.at[i].y;
        uses[step_arg(l, y, 1)] += needed[y];
        needed[y] = false; /* it may stand in the list again */
    }
    for (size_t i = 0; i < n; i++) {
        LaneQuotient q = l->quotient.at[i];
        StepInfo *y = &l->step.at[q.y];
        if (y->op != STEP_MUL || uses[step_arg(l, q.y, 1)] >= QUOTIENTS_LEAST)
            continue;
        y->op = q.division;
        l->arg.at[y->first] = q.above;
        l->arg.at[y->first + 1] = q.below;
    }
}

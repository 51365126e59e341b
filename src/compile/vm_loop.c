/*
 * vm_loop.c - running loops and choices
 */
#include "compile/loop.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "num/wide.h"

static double *array(const Program *p, const TaskArg *a)
{
    return a->number ? &p->slot[a->at] : p->at[a->at];
}

static size_t entries(int rows, int cols)
{
    return (size_t)rows * (size_t)cols;
}

static void run_inside(Program *p, Program *body)
{
    if (!p->checking) {
        vm_start(body);
        return;
    }
    body->checking = true;
    body->blame = NULL;
    vm_run_or_check(body);
    body->checking = false;
    if (body->blame && !p->blame)
        p->blame = body->blame;
}

/* ---- accumulators ---- */

static double side_first(const LoopSide *s, double index)
{
    return s->affine ? (double)s->a * index + (double)s->b : s->from;
}

static bool has_side(const LoopSide *s, int side, double index)
{
    double from = side_first(s, index);
    return s->all ||
           (from >= 1 && from - 1 + s->count <= side && from == floor(from));
}

static size_t side_start(const LoopSide *s, int side, double index)
{
    if (s->all)
        return 0;
    double from = side_first(s, index);
    if (!has_side(s, side, index))
        error_raise(SPAN_NONE, ERR_INDEX, "index %g of a side of %d", from,
                    side);
    return (size_t)from - 1;
}

static bool is_zero(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            return false;
    return true;
}

/*
 * Has what is added no place, and is it nothing?  In the derivative of
 * if i <= m then v[i] else 0 the other arm adds 0 at an i beyond v.
 */
static bool adds_nothing(const LoopResultPlan *r, double index)
{
    return r->add &&
           !(has_side(&r->row, r->rows, index) &&
             has_side(&r->col, r->cols, index)) &&
           is_zero(r->now, entries(r->value_rows, r->value_cols));
}

/* Sums of all turns, by whole vectors. */
WIDE static void add_whole(double *y, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i += VECTOR)
        *(Lane8 *)(void *)(y + i) += *(const Lane8 *)(const void *)(x + i);
}

static void take_in(const LoopResultPlan *r, double index, double *to)
{
    const double *x = r->now;
    if (r->total) {
        add_whole(r->total, x, entries(r->rows, r->cols));
        return;
    }
    if (r->saved) {
        size_t n = entries(r->value_rows, r->value_cols);
        memcpy(to + ((size_t)index - 1) * n, x, n * sizeof *x);
        return;
    }
    if (adds_nothing(r, index))
        return;
    size_t i0 = side_start(&r->row, r->rows, index);
    size_t j0 = side_start(&r->col, r->cols, index);
    for (size_t j = 0; j < (size_t)r->value_cols; j++) {
        double *y = to + i0 + (j0 + j) * (size_t)r->rows;
        if (r->add)
            for (size_t i = 0; i < (size_t)r->value_rows; i++)
                y[i] += *x++;
        else
            for (size_t i = 0; i < (size_t)r->value_rows; i++)
                y[i] = *x++;
    }
}

/* ---- loops ---- */

static const double *capture(const Program *p, const Task *t, LoopPlan *l,
                             int k)
{
    const TaskArg *a = &t->arg[1 + l->results + k];
    const double *x = array(p, a);
    if (!l->copy[k] || a->number || vm_is_open(p, a->at))
        return x;
    memcpy(l->copy[k], x, entries(a->rows, a->cols) * sizeof *x);
    return l->copy[k];
}

static void bind(LoopPlan *l)
{
    for (int k = 0; k < l->carried; k++) {
        l->in[1 + k] = l->result[k].now;
        l->out[k] = l->result[k].next;
    }
    vm_bind(l->body, l->in, l->out);
}

static void begin(Program *p, const Task *t, LoopPlan *l, double *y)
{
    for (int k = 0; k < l->results; k++) {
        LoopResultPlan *r = &l->result[k];
        const double *base = array(p, &t->arg[1 + k]);
        double *to = r->carried ? r->now : r->total ? r->total : y + r->offset;
        if (r->saved)
            continue;
        memcpy(to, base, entries(r->rows, r->cols) * sizeof *base);
    }
    l->in[0] = &l->index;
    for (int k = 0; k < l->captures; k++)
        l->in[1 + l->carried + k] = capture(p, t, l, k);
    bind(l);
}

/* After all reads of the turn: p, q = q, p + q. */
static void carry(LoopPlan *l)
{
    for (int k = 0; k < l->carried; k++) {
        LoopResultPlan *r = &l->result[k];
        double *next = r->next;
        if (l->swaps) {
            r->next = r->now;
            r->now = next;
        } else {
            memcpy(r->now, next, entries(r->rows, r->cols) * sizeof *next);
        }
    }
    if (l->swaps)
        bind(l);
}

static void turn(Program *p, LoopPlan *l, double *y, size_t i)
{
    l->index = (double)(i + 1);
    for (int k = 0; k < l->carried; k++) {
        LoopResultPlan *r = &l->result[k];
        size_t n = entries(r->rows, r->cols);
        if (r->history != SIZE_MAX)
            memcpy(y + r->history + i * n, r->now, n * sizeof *y);
    }
    vm_slide(l->body, i + 1);
    run_inside(p, l->body);
    for (int k = l->carried; k < l->results; k++)
        take_in(&l->result[k], l->index, y + l->result[k].offset);
    carry(l);
}

void vm_loop(Program *p, const Task *t)
{
    LoopPlan *l = (LoopPlan *)(uintptr_t)t->k;
    double *y = array(p, &t->y), count = *array(p, &t->arg[0]);
    if (!(count >= 0 && count == floor(count) && count < 0x1p52))
        error_raise(SPAN_NONE, ERR_INDEX, "a loop of %g turns", count);
    size_t n = (size_t)count;
    begin(p, t, l, y);
    if (n > 0)
        vm_slide_check(l->body, l->down ? n : 1, l->down ? 1 : n);
    for (size_t i = 0; i < n; i++) {
        POLL();
        turn(p, l, y, l->down ? n - 1 - i : i);
    }
    for (int k = 0; k < l->results; k++) {
        LoopResultPlan *r = &l->result[k];
        const double *last = r->carried ? r->now : r->total;
        if (last)
            memcpy(y + r->offset, last, entries(r->rows, r->cols) * sizeof *y);
    }
}

/* ---- choices ---- */

void vm_choice(Program *p, const Task *t)
{
    ChoicePlan *c = (ChoicePlan *)(uintptr_t)t->k;
    double *y = array(p, &t->y);
    bool truth = *array(p, &t->arg[0]) != 0;
    for (int k = 0; k < c->captures; k++)
        c->in[k] = array(p, &t->arg[1 + k]);
    for (int k = 0; k < c->results; k++)
        c->out[k] = y + c->offset[k];
    Program *arm = c->arm[truth ? 0 : 1];
    vm_bind(arm, c->in, c->out);
    run_inside(p, arm);
}

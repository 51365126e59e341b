/*
 * vm_loop.c - running loops and choices
 */
#include "compile/loop.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static double *array(const Program *p, const TaskArg *a)
{
    return a->number ? &p->slot[a->at] : p->at[a->at];
}

static size_t entries(int rows, int cols)
{
    return (size_t)rows * (size_t)cols;
}

static void run_inside(Program *p, Program *body, const double *const in[],
                       double *const out[])
{
    vm_bind(body, in, out);
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

static size_t side_start(const LoopSide *s, int side)
{
    if (s->all)
        return 0;
    if (!(s->from >= 1 && s->from - 1 + s->count <= side &&
          s->from == floor(s->from)))
        error_raise(SPAN_NONE, ERR_INDEX, "index %g of a side of %d", s->from,
                    side);
    return (size_t)s->from - 1;
}

static void take_in(const LoopResultPlan *r, double *to)
{
    size_t i0 = side_start(&r->row, r->rows);
    size_t j0 = side_start(&r->col, r->cols);
    const double *x = r->now;
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

static void begin(Program *p, const Task *t, LoopPlan *l, double *y)
{
    for (int k = 0; k < l->results; k++) {
        LoopResultPlan *r = &l->result[k];
        const double *base = array(p, &t->arg[1 + k]);
        memcpy(r->carried ? r->now : y + r->offset, base,
               entries(r->rows, r->cols) * sizeof *base);
    }
    l->in[0] = &l->index;
    for (int k = 0; k < l->captures; k++)
        l->in[1 + l->carried + k] = array(p, &t->arg[1 + l->results + k]);
}

static void turn(Program *p, LoopPlan *l, double *y, size_t i)
{
    l->index = (double)(i + 1);
    for (int k = 0; k < l->carried; k++) {
        LoopResultPlan *r = &l->result[k];
        size_t n = entries(r->rows, r->cols);
        if (r->history != SIZE_MAX)
            memcpy(y + r->history + i * n, r->now, n * sizeof *y);
        l->in[1 + k] = r->now;
        l->out[k] = r->next;
    }
    run_inside(p, l->body, l->in, l->out);
    for (int k = 0; k < l->results; k++) {
        LoopResultPlan *r = &l->result[k];
        if (!r->carried) {
            take_in(r, y + r->offset);
            continue;
        }
        double *next = r->next;
        r->next = r->now;
        r->now = next;
    }
}

void vm_loop(Program *p, const Task *t)
{
    LoopPlan *l = (LoopPlan *)(uintptr_t)t->k;
    double *y = array(p, &t->y), count = *array(p, &t->arg[0]);
    if (!(count >= 0 && count == floor(count) && count < 0x1p52))
        error_raise(SPAN_NONE, ERR_INDEX, "a loop of %g turns", count);
    size_t n = (size_t)count;
    begin(p, t, l, y);
    for (size_t i = 0; i < n; i++) {
        POLL();
        turn(p, l, y, l->down ? n - 1 - i : i);
    }
    for (int k = 0; k < l->carried; k++) {
        LoopResultPlan *r = &l->result[k];
        memcpy(y + r->offset, r->now, entries(r->rows, r->cols) * sizeof *y);
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
    run_inside(p, c->arm[truth ? 0 : 1], c->in, c->out);
}

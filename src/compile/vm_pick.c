/*
 * vm_pick.c - entries at positions of the run, picked block by block
 *
 * Rows of data at positions that the data hold are picked from a small table
 * into long columns, which a region reads once.  Where nobody else reads such
 * a column, and table and positions are inputs, the region picks the entries
 * of each block itself, and the column never leaves the cache: the task that
 * would have made it only looks at the positions, once for all tasks with
 * the same ones.
 */
#include "compile/vm.h"

#include "num/wide.h"

/* ---- which ---- */

/* Readers of the array `at`; *load: the last that is a region by blocks. */
static uint32_t count_readers(const Program *p, uint32_t at, Load **load)
{
    uint32_t n = 0;
    *load = NULL;
    for (size_t i = 0; i < p->nregion; i++)
        for (uint32_t k = 0; k < p->region[i].nload; k++) {
            Load *ld = &p->region[i].load[k];
            if (ld->kind == LOAD_NUMBER || ld->from != at)
                continue;
            n++;
            if (ld->kind == LOAD_PLAIN && !p->region[i].strip)
                *load = ld;
        }
    for (size_t i = 0; i < p->ntask; i++)
        for (uint32_t k = 0; k < p->task[i].nargs; k++)
            n += !p->task[i].arg[k].number && p->task[i].arg[k].at == at;
    for (size_t i = 0; i < p->nat; i++)
        n += (p->home[i].kind == AT_VIEW || p->home[i].kind == AT_SLIDE) &&
             p->home[i].from == at;
    for (size_t i = 0; i < p->ncode; i++)
        n += p->code[i].op == STEP_READ && p->code[i].a == at;
    return n;
}

/* It stays where and what it is for all of a run. */
static bool is_kept(const Program *p, const TaskArg *a)
{
    if (a->number)
        return false;
    const Home *h = &p->home[a->at];
    while (h->kind == AT_VIEW)
        h = &p->home[h->from];
    return h->kind == AT_INPUT || h->kind == AT_CONST;
}

static bool is_narrow(const Task *t)
{
    const Pick *k = (const Pick *)(uintptr_t)t->k;
    return k->stride <= (size_t)(INT32_MAX / k->side);
}

/* Does an earlier task look at the same positions? */
static bool is_looked_at(const Program *p, const Task *t)
{
    const Pick *k = (const Pick *)(uintptr_t)t->k;
    for (const Task *e = p->task; e < t; e++)
        if (e->op == STEP_PICK && e->late && e->arg[1].at == t->arg[1].at &&
            ((const Pick *)(uintptr_t)e->k)->side <= k->side)
            return true;
    return false;
}

void pick_late(Program *p)
{
    for (size_t i = 0; i < p->ntask && !p->turns; i++) {
        Task *t = &p->task[i];
        Load *load;
        if (t->op != STEP_PICK || t->y.number ||
            p->home[t->y.at].kind != AT_BUFFER || !is_kept(p, &t->arg[0]) ||
            !is_kept(p, &t->arg[1]) || !is_narrow(t) ||
            count_readers(p, t->y.at, &load) != 1 || load == NULL)
            continue;
        t->known = is_looked_at(p, t);
        t->late = true;
        load->pick = t;
    }
}

/* ---- running ---- */

WIDE_LOOP static bool are_positions(const double *at, size_t n, int side)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= !(at[i] >= 1) | !(at[i] <= side) |
               (at[i] != (double)(int32_t)at[i]);
    return !bad;
}

WIDE_LOOP static void pick_entries(double *to, const double *x,
                                   const double *at, size_t n, int32_t stride)
{
    for (size_t i = 0; i < n; i++)
        to[i] = x[((int32_t)at[i] - 1) * stride];
}

void vm_pick(const Program *p, const Task *t)
{
    const Pick *k = (const Pick *)(uintptr_t)t->k;
    const double *x = p->at[t->arg[0].at], *at = p->at[t->arg[1].at];
    double *to = p->at[t->y.at];
    size_t n = (size_t)t->y.rows * (size_t)t->y.cols;
    bool late = t->late && !p->checking;
    POLL();
    if (late && t->known)
        return;
    if (!is_narrow(t) || !are_positions(at, n, k->side))
        for (size_t i = 0; i < n; i++)
            to[i] = x[k->first + vm_position(at[i], k->side) * k->stride];
    else if (!late)
        pick_entries(to, x + k->first, at, n, (int32_t)k->stride);
}

void vm_load_pick(const Program *p, const Task *t, double *y, size_t from,
                  size_t n)
{
    const Pick *k = (const Pick *)(uintptr_t)t->k;
    pick_entries(y, p->at[t->arg[0].at] + k->first, p->at[t->arg[1].at] + from,
                 n, (int32_t)k->stride);
}

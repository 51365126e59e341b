/*
 * write.c - the Program from the order of its steps
 */
#include "compile/schedule.h"

#include <assert.h>
#include <string.h>

static const StepInfo *info(const Schedule *s, Step x)
{
    return &s->l->step.at[x];
}

static bool is_number(const Schedule *s, Step x)
{
    return !(s->need[x] & NEED_ARRAY);
}

static void write_scalar(Schedule *s, Step x)
{
    uint32_t at[3];
    for (uint32_t i = 0; i < info(s, x)->nargs; i++)
        at[i] = s->place[step_arg(s->l, x, (int)i)];
    Instr y = each_instr(s, x, at);
    place_result(s, x);
    y.y = s->place[x];
    VEC_PUSH_IN(s->a, &s->code, y);
}

static void write_read(Schedule *s, Step x)
{
    uint64_t k = info(s, x)->k;
    place_result(s, x);
    Instr y = {STEP_READ,   s->place[x],         s->place[step_arg(s->l, x, 0)],
               (uint32_t)k, (uint32_t)(k >> 32), 0};
    VEC_PUSH_IN(s->a, &s->code, y);
}

static TaskArg task_arg(const Schedule *s, Step x)
{
    int rows = info(s, x)->rows;
    TaskArg a = {rows, info(s, x)->cols, is_number(s, x), s->place[x],
                 rows > 0 ? rows : 1};
    assert(a.at != NO_PLACE);
    if (!a.number && s->home.at[a.at].kind == AT_LOCAL)
        a.apart = s->sweep.at[s->sweep.count - 1].block;
    return a;
}

static void push_task(Schedule *s, Task t)
{
    Instr run = {.op = VM_TASK, .k = (uint32_t)s->task.count};
    VEC_PUSH_IN(s->a, &s->code, run);
    VEC_PUSH_IN(s->a, &s->task, t);
}

static void *keep(Program *p, const void *from, size_t size)
{
    void *to = arena_alloc(p->arena, size ? size : 1);
    if (size)
        memcpy(to, from, size);
    return to;
}

/* Cache-line aligned doubles that live as long as the program. */
static double *numbers(Program *p, size_t count)
{
    char *at = arena_alloc(p->arena, count * sizeof(double) + 64);
    return (double *)(void *)(at + (64 - (uintptr_t)at % 64) % 64);
}

static LaneSum *lane_sums(Program *p, size_t count)
{
    size_t each = sizeof(LaneSum) / sizeof(double);
    return (LaneSum *)(void *)numbers(p, (count + 1) * each);
}

static void write_task(Schedule *s, Step x)
{
    const StepInfo *i = info(s, x);
    Task t = {.op = i->op, .nargs = i->nargs, .k = i->k};
    place_result(s, x);
    t.y = task_arg(s, x);
    t.arg = ARENA_ARRAY(s->p->arena, TaskArg, i->nargs ? i->nargs : 1);
    for (uint32_t k = 0; k < i->nargs; k++)
        t.arg[k] = task_arg(s, step_arg(s->l, x, (int)k));
    if (s->item[s->item_of[x]].sweep)
        sweep_write_task(s, x, &t);
    if (t.op == STEP_ADJUGATE) {
        size_t n = (size_t)t.y.rows;
        t.work = ARENA_ARRAY(s->p->arena, double, 3 * n * n + 2 * n);
    }
    push_task(s, t);
}

/* Outputs that are not already written where they belong. */
static void write_outputs(Schedule *s)
{
    for (int i = 0; i < s->nout; i++) {
        Step x = s->out[i];
        if (!is_number(s, x)) {
            const Home *h = &s->home.at[s->place[x]];
            if (h->kind == AT_OUTPUT && h->from == (uint32_t)i)
                continue;
        }
        Home out = {.kind = AT_OUTPUT, .from = (uint32_t)i};
        VEC_PUSH_IN(s->a, &s->home, out);
        Task t = {.op = STEP_VIEW, .nargs = 1};
        t.y = (TaskArg){info(s, x)->rows, info(s, x)->cols, false,
                        (uint32_t)(s->home.count - 1), 1};
        t.arg = ARENA_ARRAY(s->p->arena, TaskArg, 1);
        t.arg[0] = task_arg(s, x);
        push_task(s, t);
        if (is_number(s, x)) {
            Instr *run = &s->code.at[s->code.count - 1];
            run->op = VM_WRITE;
            run->y = t.y.at;
            run->a = t.arg[0].at;
        }
    }
}

static void find_homes(Schedule *s, Program *p)
{
    p->nat = s->home.count;
    p->home = keep(p, s->home.at, p->nat * sizeof *p->home);
    p->at = ARENA_ARRAY(p->arena, double *, p->nat + 1);
    p->moving = ARENA_ARRAY(p->arena, uint32_t, p->nat + 1);
    p->sliding = ARENA_ARRAY(p->arena, uint32_t, p->nat + 1);
    bool *moves = ARENA_ARRAY(s->a, bool, p->nat + 1);
    bool *slides = ARENA_ARRAY(s->a, bool, p->nat + 1);
    for (uint32_t i = 0; i < p->nat; i++) {
        Home *h = &p->home[i];
        moves[i] = h->kind == AT_INPUT || h->kind == AT_OUTPUT ||
                   (h->kind == AT_VIEW && moves[h->from]);
        slides[i] =
            h->kind == AT_SLIDE || (h->kind == AT_VIEW && slides[h->from]);
        if (h->kind == AT_SLIDE && h->count > 1 && h->count <= LANES)
            h->data = numbers(p, h->count + VECTOR);
        if (slides[i])
            p->sliding[p->nsliding++] = i;
        else if (moves[i])
            p->moving[p->nmoving++] = i;
        else if (h->kind == AT_CONST)
            p->at[i] = h->data;
        else if (h->kind == AT_BUFFER)
            p->at[i] = p->buffer + h->offset;
        else if (h->kind == AT_LOCAL)
            p->at[i] = NULL; /* of a hand, in its sweep */
        else
            p->at[i] = p->at[h->from] + h->offset;
    }
}

/*
 * A region that stores an output stores all of it, and looks at it if it runs
 * block by block.  Of an output put together of parts regions look at those
 * that they have put there, and the task at those that it copies.
 */
static void find_watched(const Schedule *s, Program *p)
{
    p->watched = ARENA_ARRAY(p->arena, bool, (size_t)s->nout + 1);
    for (size_t i = 0; i < p->nregion; i++)
        for (uint32_t k = 0; !p->region[i].strip && k < p->region[i].nstore;
             k++) {
            const Home *h = &p->home[p->region[i].store[k].to];
            if (h->kind == AT_OUTPUT)
                p->watched[h->from] = true;
        }
    for (size_t i = 0; i < p->ntask; i++) {
        const TaskArg *y = &p->task[i].y;
        if (p->task[i].op == STEP_PLACE && !y->number && y->rows > LANES &&
            p->home[y->at].kind == AT_OUTPUT)
            p->watched[p->home[y->at].from] = true;
    }
}

static void finish(Schedule *s, Program *p)
{
    Instr halt = {.op = VM_HALT};
    VEC_PUSH_IN(s->a, &s->code, halt);
    p->ncode = s->code.count;
    p->code = keep(p, s->code.at, p->ncode * sizeof *p->code);
    p->nlane_code = s->lane_code.count;
    p->lane_code =
        keep(p, s->lane_code.at, p->nlane_code * sizeof *p->lane_code);
    p->nregion = s->region.count;
    p->region = keep(p, s->region.at, p->nregion * sizeof *p->region);
    p->ntask = s->task.count;
    p->task = keep(p, s->task.at, p->ntask * sizeof *p->task);
    p->nkernel = s->kernels.count;
    p->kernel = keep(p, s->kernels.at, p->nkernel * sizeof *p->kernel);
    p->nslot = s->nslot;
    p->slot = numbers(p, p->nslot + 1);
    memset(p->slot, 0, (p->nslot + 1) * sizeof *p->slot);
    if (s->constant.count)
        memcpy(p->slot, s->constant.at, s->constant.count * sizeof *p->slot);
    p->buffer_count = s->room;
    p->buffer = numbers(p, s->room + VECTOR);
    p->most_lanes = s->most_lanes;
    p->lane = numbers(p, s->most_lanes * LANE_STRIDE);
    memset(p->lane, 0, s->most_lanes * LANE_STRIDE * sizeof *p->lane);
    p->lane_at = ARENA_ARRAY(p->arena, double *, s->most_lanes + 1);
    p->nsweep = s->sweep.count;
    p->sweep = keep(p, s->sweep.at, p->nsweep * sizeof *p->sweep);
    p->most_sums = s->most_sums;
    p->local_room = s->most_local;
    p->work_room = s->work_room;
    p->whole_count = s->whole_room;
    find_homes(s, p);
    sweep_finish(p);
    p->sum = lane_sums(p, p->most_sums);
    strip_all(p, s->a, (uint32_t)s->constant.count);
    pick_late(p);
    find_watched(s, p);
}

void schedule_write(Schedule *s)
{
    s->lane = ARENA_ARRAY(s->a, uint32_t, s->n);
    s->stamp = ARENA_ARRAY(s->a, uint32_t, s->n);
    place_begin(s);
    for (uint32_t i = 0; i < s->nitem; i++) {
        const Item *item = &s->item[i];
        Step x = s->order[item->first];
        POLL();
        if (item->sweep && (i == 0 || item[-1].sweep != item->sweep))
            sweep_begin(s, i);
        if (item->region)
            write_region(s, item);
        else if (step_is_each(info(s, x)->op))
            write_scalar(s, x);
        else if (info(s, x)->op == STEP_READ)
            write_read(s, x);
        else
            write_task(s, x);
        place_end(s, i);
    }
    write_outputs(s);
    finish(s, s->p);
}

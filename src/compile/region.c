/*
 * region.c - the code of regions
 *
 * Lanes of loads come first, then those of stores, then the rest, which are
 * used again after their last reader.  A lane that is stored may stand for
 * the place in memory itself, so no other value ever uses it.
 */
#include "compile/schedule.h"

#include <assert.h>
#include <string.h>

static const StepInfo *info(const Schedule *s, Step x)
{
    return &s->l->step.at[x];
}

uint32_t kernel_index(Schedule *s, Step x)
{
    const Kernel *f = (const Kernel *)(uintptr_t)info(s, x)->k;
    StepOp op = info(s, x)->op;
    if (op != STEP_CALL1 && op != STEP_CALL2 && op != STEP_CALL3)
        return 0;
    for (size_t i = 0; i < s->kernels.count; i++)
        if (s->kernels.at[i] == f)
            return (uint32_t)i;
    VEC_PUSH_IN(s->a, &s->kernels, f);
    return (uint32_t)(s->kernels.count - 1);
}

Instr each_instr(Schedule *s, Step x, const uint32_t place[])
{
    uint32_t at[3] = {0, 0, 0};
    for (uint32_t i = 0; i < info(s, x)->nargs; i++)
        at[i] = place[i];
    return (Instr){info(s, x)->op, 0, at[0], at[1], at[2], kernel_index(s, x)};
}

/* Operand i of x stands in the same region. */
static bool is_inside(const Schedule *s, Step x, Step arg, Step *a,
                      LoadKind *kind)
{
    *a = schedule_operand(s->l, arg, kind);
    return *kind == LOAD_PLAIN && schedule_fuses(s->l, x, *a) &&
           s->level[*a] == s->level[x];
}

typedef VEC(Load) Loads;

static void find_loads(Schedule *s, const Item *item, uint32_t stamp,
                       Loads *loads)
{
    for (uint32_t k = 0; k < item->count; k++) {
        Step x = s->order[item->first + k];
        for (uint32_t i = 0; i < info(s, x)->nargs; i++) {
            Step arg = step_arg(s->l, x, (int)i), a;
            LoadKind kind;
            if (is_inside(s, x, arg, &a, &kind) || s->stamp[arg] == stamp)
                continue;
            Load load = {kind, s->lanes++, s->place[a], NULL};
            assert(load.from != NO_PLACE);
            VEC_PUSH_IN(s->a, loads, load);
            s->stamp[arg] = stamp;
            s->lane[arg] = load.lane;
        }
    }
}

/* The last reader inside, for lanes that are only used here. */
static void find_ends(Schedule *s, const Item *item, uint32_t *end)
{
    for (uint32_t k = 0; k < item->count; k++) {
        Step x = s->order[item->first + k], a;
        LoadKind kind;
        end[k] = k;
        for (uint32_t i = 0; i < info(s, x)->nargs; i++)
            if (is_inside(s, x, step_arg(s->l, x, (int)i), &a, &kind))
                end[s->next_end[a]] = k;
        s->next_end[x] = k; /* place in the item, until placed */
    }
}

static uint32_t take_lane(Schedule *s)
{
    if (s->free_lane.count)
        return s->free_lane.at[--s->free_lane.count];
    return s->lanes++;
}

static bool is_stored(const Schedule *s, Step x)
{
    return (s->need[x] & NEED_ARRAY) != 0;
}

/* Writes x, and gives back the lanes that it was the last to read. */
static void write_each(Schedule *s, Step x, uint32_t k, const uint32_t *end,
                       uint32_t first, uint32_t nsum)
{
    uint32_t at[3] = {0, 0, 0};
    Step given[3];
    uint32_t ngiven = 0;
    for (uint32_t i = 0; i < info(s, x)->nargs; i++) {
        Step arg = step_arg(s->l, x, (int)i), a;
        LoadKind kind;
        if (!is_inside(s, x, arg, &a, &kind)) {
            at[i] = s->lane[arg];
            continue;
        }
        at[i] = s->lane[a];
        bool twice = false;
        for (uint32_t j = 0; j < ngiven; j++)
            twice = twice || given[j] == a;
        if (!twice && end[s->next_end[a]] == k && !is_stored(s, a)) {
            given[ngiven++] = a;
            VEC_PUSH_IN(s->a, &s->free_lane, s->lane[a]);
        }
    }
    (void)first;
    Instr y = each_instr(s, x, at);
    if (y.op == STEP_SUM)
        y.y = nsum;
    else
        y.y = s->lane[x] = is_stored(s, x) ? s->lane[x] : take_lane(s);
    VEC_PUSH_IN(s->a, &s->lane_code, y);
}

static void *keep(Schedule *s, const void *from, size_t size)
{
    void *to = arena_alloc(s->p->arena, size ? size : 1);
    if (size)
        memcpy(to, from, size);
    return to;
}

static void write_code(Schedule *s, const Item *item, Region *r)
{
    VEC(Store) store = {0};
    VEC(uint32_t) sum = {0};
    uint32_t *end = ARENA_ARRAY(s->a, uint32_t, item->count + 1);
    find_ends(s, item, end);
    for (uint32_t k = 0; k < item->count; k++) {
        Step x = s->order[item->first + k];
        if (!is_stored(s, x))
            continue;
        s->lane[x] = s->lanes++;
        Store to = {s->lane[x], s->place[x]};
        VEC_PUSH_IN(s->a, &store, to);
    }
    for (uint32_t k = 0; k < item->count; k++) {
        Step x = s->order[item->first + k];
        write_each(s, x, k, end, item->first, (uint32_t)sum.count);
        if (info(s, x)->op == STEP_SUM)
            VEC_PUSH_IN(s->a, &sum, x);
    }
    for (uint32_t k = 0; k < item->count; k++)
        place_result(s, s->order[item->first + k]);
    for (size_t i = 0; i < sum.count; i++)
        sum.at[i] = s->place[sum.at[i]];
    r->nstore = (uint32_t)store.count;
    r->store = keep(s, store.at, store.count * sizeof *store.at);
    r->nsum = (uint32_t)sum.count;
    r->sum = keep(s, sum.at, sum.count * sizeof *sum.at);
}

void write_region(Schedule *s, const Item *item)
{
    Loads loads = {0};
    Step head = s->order[item->first];
    if (info(s, head)->op == STEP_SUM)
        head = step_arg(s->l, head, 0);
    Region r = {.rows = info(s, head)->rows, .cols = info(s, head)->cols};
    r.count = (size_t)r.rows * (size_t)r.cols;
    r.code = (uint32_t)s->lane_code.count;
    s->lanes = 0;
    s->free_lane.count = 0;
    find_loads(s, item, (uint32_t)s->region.count + 1, &loads);
    write_code(s, item, &r);
    Instr halt = {.op = VM_HALT};
    VEC_PUSH_IN(s->a, &s->lane_code, halt);
    r.nload = (uint32_t)loads.count;
    r.load = keep(s, loads.at, loads.count * sizeof *loads.at);
    r.lanes = s->lanes;
    r.block = LANES;
    while (r.block > LANES_LEAST &&
           (size_t)r.lanes * r.block * sizeof(double) > LANES_ROOM)
        r.block /= 2;
    if (s->lanes > s->most_lanes)
        s->most_lanes = s->lanes;
    if (r.nsum > s->most_sums)
        s->most_sums = r.nsum;
    Instr run = {.op = VM_REGION, .k = (uint32_t)s->region.count};
    VEC_PUSH_IN(s->a, &s->code, run);
    VEC_PUSH_IN(s->a, &s->region, r);
}

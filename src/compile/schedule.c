/*
 * schedule.c - which steps run, in which order, and when each is read last
 */
#include "compile/schedule.h"

#include <assert.h>

static const StepInfo *info(const Lower *l, Step s)
{
    return &l->step.at[s];
}

static bool is_number(const Lower *l, Step s)
{
    return info(l, s)->rows == 1 && info(l, s)->cols == 1 &&
           info(l, s)->op != STEP_IN && info(l, s)->op != STEP_SLIDE;
}

static size_t entries(const Lower *l, Step s)
{
    return (size_t)info(l, s)->rows * (size_t)info(l, s)->cols;
}

static bool is_vector(const Lower *l, Step s)
{
    return info(l, s)->rows == 1 || info(l, s)->cols == 1;
}

bool schedule_in_region(const Lower *l, Step s)
{
    StepOp op = info(l, s)->op;
    return op == STEP_SUM || (step_is_each(op) && !is_number(l, s));
}

/* The step whose shape is that of the region: of a SUM, its operand. */
static Step shaped_by(const Lower *l, Step s)
{
    return info(l, s)->op == STEP_SUM ? step_arg(l, s, 0) : s;
}

/* Rows and columns of vectors are read alike. */
static bool same_extent(const Lower *l, Step a, Step b)
{
    if (is_vector(l, a) && is_vector(l, b))
        return entries(l, a) == entries(l, b);
    return info(l, a)->rows == info(l, b)->rows &&
           info(l, a)->cols == info(l, b)->cols;
}

Step schedule_operand(const Lower *l, Step a, LoadKind *kind)
{
    *kind = LOAD_PLAIN;
    while (info(l, a)->op == STEP_VIEW && info(l, a)->k == 0 &&
           is_vector(l, a) && is_vector(l, step_arg(l, a, 0)) &&
           entries(l, a) == entries(l, step_arg(l, a, 0)))
        a = step_arg(l, a, 0);
    switch (info(l, a)->op) {
    case STEP_SPREAD: {
        Step x = step_arg(l, a, 0);
        *kind = is_number(l, x)         ? LOAD_NUMBER
                : info(l, x)->cols == 1 ? LOAD_COLUMN
                                        : LOAD_ROW;
        return x;
    }
    case STEP_TURN:
        *kind = LOAD_TURNED;
        return step_arg(l, a, 0);
    case STEP_DIAG:
        *kind = LOAD_DIAGONAL;
        return step_arg(l, a, 0);
    default:
        return a;
    }
}

bool schedule_fuses(const Lower *l, Step user, Step a)
{
    return step_is_each(info(l, a)->op) && !is_number(l, a) &&
           same_extent(l, shaped_by(l, user), a);
}

/* ---- levels ---- */

static uint32_t level_in_region(const Schedule *s, Step x)
{
    const Lower *l = s->l;
    uint32_t level = 1;
    for (uint32_t i = 0; i < info(l, x)->nargs; i++) {
        LoadKind kind;
        Step a = schedule_operand(l, step_arg(l, x, (int)i), &kind);
        bool fuses = kind == LOAD_PLAIN && schedule_fuses(l, x, a);
        uint32_t ready = s->level[a] + !fuses;
        if (ready > level)
            level = ready;
    }
    return level;
}

static void find_levels(Schedule *s)
{
    const Lower *l = s->l;
    for (Step x = 0; x < s->n; x++) {
        uint32_t level = 0;
        if (schedule_in_region(l, x)) {
            level = level_in_region(s, x);
        } else {
            for (uint32_t i = 0; i < info(l, x)->nargs; i++) {
                uint32_t a = s->level[step_arg(l, x, (int)i)];
                level = a > level ? a : level;
            }
        }
        s->level[x] = level;
    }
}

/* ---- what is needed ---- */

static void need(Schedule *s, Step a)
{
    s->need[a] |= is_number(s->l, a) ? NEED_VALUE : NEED_VALUE | NEED_ARRAY;
}

static void need_operand(Schedule *s, Step user, Step arg)
{
    LoadKind kind;
    Step a = schedule_operand(s->l, arg, &kind);
    if (kind == LOAD_PLAIN && schedule_fuses(s->l, user, a) &&
        s->level[a] == s->level[user])
        s->need[a] |= NEED_VALUE;
    else
        need(s, a);
}

static void find_needs(Schedule *s)
{
    for (int i = 0; i < s->nout; i++)
        need(s, s->out[i]);
    for (Step x = (Step)s->n; x-- > 0;) {
        if (!s->need[x])
            continue;
        bool region = schedule_in_region(s->l, x);
        for (uint32_t i = 0; i < info(s->l, x)->nargs; i++) {
            Step a = step_arg(s->l, x, (int)i);
            if (region)
                need_operand(s, x, a);
            else
                need(s, a);
        }
    }
}

/* ---- order ---- */

static bool runs(const Schedule *s, Step x)
{
    StepOp op = info(s->l, x)->op;
    return s->need[x] && op != STEP_IN && op != STEP_NUM && op != STEP_CONST &&
           op != STEP_VIEW && op != STEP_SLIDE;
}

/* Steps by level; in a level those of regions first, else as they stand. */
static void sort_by_level(Schedule *s)
{
    uint32_t most = 0;
    for (Step x = 0; x < s->n; x++)
        most = s->level[x] > most ? s->level[x] : most;
    size_t keys = 2 * ((size_t)most + 1) + 1;
    uint32_t *start = ARENA_ARRAY(s->a, uint32_t, keys + 1);
    for (Step x = 0; x < s->n; x++)
        if (runs(s, x))
            start[2 * s->level[x] + !schedule_in_region(s->l, x) + 1]++;
    for (size_t k = 1; k <= keys; k++)
        start[k] += start[k - 1];
    s->norder = start[keys];
    s->order = ARENA_ARRAY(s->a, uint32_t, s->norder + 1);
    for (Step x = 0; x < s->n; x++)
        if (runs(s, x))
            s->order[start[2 * s->level[x] + !schedule_in_region(s->l, x)]++] =
                x;
}

/* The region steps order[from..to) of one level, grouped by shape. */
static void group_region(Schedule *s, uint32_t from, uint32_t to)
{
    uint32_t *copy = ARENA_ARRAY(s->a, uint32_t, to - from + 1);
    while (from < to) {
        uint32_t taken = from, left = 0;
        Step head = s->order[from];
        for (uint32_t i = from; i < to; i++) {
            Step x = s->order[i];
            if (same_extent(s->l, shaped_by(s->l, head), shaped_by(s->l, x)))
                s->order[taken++] = x;
            else
                copy[left++] = x;
        }
        for (uint32_t i = 0; i < left; i++)
            s->order[taken + i] = copy[i];
        s->item[s->nitem++] =
            (Item){.first = from, .count = taken - from, .region = true};
        from = taken;
    }
}

static void make_items(Schedule *s)
{
    s->item = ARENA_ARRAY(s->a, Item, s->norder + 1);
    for (uint32_t i = 0; i < s->norder;) {
        Step x = s->order[i];
        if (!schedule_in_region(s->l, x)) {
            s->item[s->nitem++] = (Item){.first = i++, .count = 1};
            continue;
        }
        uint32_t to = i;
        while (to < s->norder && schedule_in_region(s->l, s->order[to]) &&
               s->level[s->order[to]] == s->level[x])
            to++;
        group_region(s, i, to);
        i = to;
    }
    s->item_of = ARENA_ARRAY(s->a, uint32_t, s->n);
    for (uint32_t i = 0; i < s->nitem; i++)
        for (uint32_t k = 0; k < s->item[i].count; k++)
            s->item_of[s->order[s->item[i].first + k]] = i;
}

/* ---- last uses ---- */

/* What holds the entries of x. */
static Step storage(const Lower *l, Step x)
{
    while (info(l, x)->op == STEP_VIEW || info(l, x)->op == STEP_SLIDE)
        x = step_arg(l, x, 0);
    return x;
}

/* The items of a sweep run in turns: what one reads lives until all end. */
static uint32_t end_of_sweep(const Schedule *s, uint32_t i)
{
    uint32_t sweep = s->item[i].sweep;
    while (sweep && i + 1 < s->nitem && s->item[i + 1].sweep == sweep)
        i++;
    return i;
}

static void find_last(Schedule *s)
{
    s->last = ARENA_ARRAY(s->a, uint32_t, s->n);
    for (uint32_t i = 0, end = 0; i < s->nitem; i++) {
        if (i == 0 || i > end)
            end = end_of_sweep(s, i);
        for (uint32_t k = 0; k < s->item[i].count; k++) {
            Step x = s->order[s->item[i].first + k];
            if (s->last[x] < end)
                s->last[x] = end;
            for (uint32_t j = 0; j < info(s->l, x)->nargs; j++) {
                LoadKind kind;
                Step a = step_arg(s->l, x, (int)j);
                if (s->item[i].region)
                    a = schedule_operand(s->l, a, &kind);
                s->last[storage(s->l, a)] = end;
            }
        }
    }
    for (int i = 0; i < s->nout; i++)
        s->last[storage(s->l, s->out[i])] = (uint32_t)s->nitem;
}

void schedule_decide(Schedule *s)
{
    s->level = ARENA_ARRAY(s->a, uint32_t, s->n);
    s->need = ARENA_ARRAY(s->a, uint8_t, s->n);
    find_levels(s);
    find_needs(s);
    sort_by_level(s);
    make_items(s);
    schedule_sweeps(s);
    find_last(s);
}

void schedule(Lower *l, int nout, const Step out[], Program *p)
{
    Schedule s = {.l = l,
                  .p = p,
                  .a = l->a,
                  .n = l->step.count,
                  .nout = nout,
                  .out = out};
    assert(p->arena == l->keep);
    schedule_decide(&s);
    schedule_write(&s);
}

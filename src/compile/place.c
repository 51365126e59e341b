/*
 * place.c - where values live
 *
 * Numbers get slots and arrays stretches of one block, both used again after
 * the last reader; a stretch is taken first fit.  An array that is an output
 * is written where the caller wants it.
 */
#include "compile/schedule.h"

#include <assert.h>
#include <string.h>

static const StepInfo *info(const Schedule *s, Step x)
{
    return &s->l->step.at[x];
}

static size_t entries(const Schedule *s, Step x)
{
    return (size_t)info(s, x)->rows * (size_t)info(s, x)->cols;
}

/* Stretches are whole cache lines. */
static size_t room_for(const Schedule *s, Step x)
{
    size_t n = entries(s, x);
    return n == 0 ? 8 : (n + 7) / 8 * 8;
}

static size_t take_room(Schedule *s, size_t count)
{
    for (size_t i = 0; i < s->free_room.count; i++) {
        Room *r = &s->free_room.at[i];
        size_t offset = r->offset;
        if (r->count < count)
            continue;
        r->offset += count;
        r->count -= count;
        if (r->count == 0) {
            s->free_room.count--;
            memmove(r, r + 1, (s->free_room.count - i) * sizeof *r);
        }
        return offset;
    }
    size_t offset = s->room;
    s->room += count;
    return offset;
}

static void give_room(Schedule *s, size_t offset, size_t count)
{
    size_t i = s->free_room.count;
    while (i > 0 && s->free_room.at[i - 1].offset > offset)
        i--;
    Room r = {offset, count};
    VEC_PUSH_IN(s->a, &s->free_room, r);
    Room *at = s->free_room.at;
    memmove(at + i + 1, at + i, (s->free_room.count - 1 - i) * sizeof *at);
    at[i] = r;
    if (i + 1 < s->free_room.count &&
        at[i].offset + at[i].count == at[i + 1].offset) {
        at[i].count += at[i + 1].count;
        s->free_room.count--;
        memmove(at + i + 1, at + i + 2,
                (s->free_room.count - i - 1) * sizeof *at);
    }
    if (i > 0 && at[i - 1].offset + at[i - 1].count == at[i].offset) {
        at[i - 1].count += at[i].count;
        s->free_room.count--;
        memmove(at + i, at + i + 1, (s->free_room.count - i) * sizeof *at);
    }
}

static bool makes_array(const Schedule *s, Step x)
{
    return (s->need[x] & NEED_ARRAY) != 0;
}

static uint32_t new_home(Schedule *s, Home h)
{
    VEC_PUSH_IN(s->a, &s->home, h);
    return (uint32_t)(s->home.count - 1);
}

static Home home_of(Schedule *s, Step x)
{
    const StepInfo *i = info(s, x);
    Home h = {.kind = AT_BUFFER};
    switch (i->op) {
    case STEP_IN:
        h.kind = AT_INPUT;
        h.from = (uint32_t)i->k;
        h.count = entries(s, x);
        break;
    case STEP_CONST:
        h.kind = AT_CONST;
        h.data = (double *)(uintptr_t)i->k;
        h.count = entries(s, x);
        break;
    case STEP_VIEW:
        h.kind = AT_VIEW;
        h.from = s->place[step_arg(s->l, x, 0)];
        h.offset = (size_t)i->k;
        break;
    case STEP_SLIDE:
        h.kind = AT_SLIDE;
        h.from = s->place[step_arg(s->l, x, 0)];
        h.slide = (const Slide *)(uintptr_t)i->k;
        h.count = entries(s, x);
        break;
    default:
        if (s->out_of[x] != NO_PLACE) {
            h.kind = AT_OUTPUT;
            h.from = s->out_of[x];
        } else if (s->part_of[x] != NO_PLACE) {
            h.kind = AT_VIEW;
            h.from = s->part_of[x];
            h.offset = s->part_at[x];
        } else if (s->local && s->local[x]) {
            h.kind = AT_LOCAL;
            h.count = entries(s, x);
            h.cols = i->cols;
        }
    }
    return h;
}

/* Do its entries follow each other in the whole? */
static bool is_dense_part(const StepInfo *part, const StepInfo *whole)
{
    return part->rows == whole->rows || part->cols == 1;
}

/*
 * An output that is put together of columns, or a vector of pieces: those that
 * regions make are stored where they belong.
 */
static void find_parts(Schedule *s, int output)
{
    Step x = s->out[output];
    const Place *place = (const Place *)(uintptr_t)info(s, x)->k;
    uint32_t home =
        new_home(s, (Home){.kind = AT_OUTPUT, .from = (uint32_t)output});
    for (uint32_t k = 0; k < info(s, x)->nargs; k++) {
        Step a = step_arg(s->l, x, (int)k);
        if (!schedule_in_region(s->l, a) || info(s, a)->op == STEP_SUM ||
            !is_dense_part(info(s, a), info(s, x)) ||
            s->out_of[a] != NO_PLACE || s->part_of[a] != NO_PLACE)
            continue;
        s->part_of[a] = home;
        s->part_at[a] = place_offset(place[k], info(s, x)->rows);
    }
}

void place_begin(Schedule *s)
{
    s->place = ARENA_ARRAY(s->a, uint32_t, s->n);
    s->out_of = ARENA_ARRAY(s->a, uint32_t, s->n);
    for (Step x = 0; x < s->n; x++)
        s->out_of[x] = NO_PLACE;
    for (int i = s->nout - 1; i >= 0; i--)
        s->out_of[s->out[i]] = (uint32_t)i;
    s->part_of = ARENA_ARRAY(s->a, uint32_t, s->n);
    s->part_at = ARENA_ARRAY(s->a, size_t, s->n);
    for (Step x = 0; x < s->n; x++)
        s->part_of[x] = NO_PLACE;
    for (int i = 0; i < s->nout; i++)
        if (info(s, s->out[i])->op == STEP_PLACE)
            find_parts(s, i);
    for (Step x = 0; x < s->n; x++) {
        double number;
        s->place[x] = NO_PLACE;
        if (!s->need[x])
            continue;
        if (makes_array(s, x)) {
            s->place[x] = new_home(s, home_of(s, x));
        } else if (step_is_number(s->l, x, &number)) {
            s->place[x] = (uint32_t)s->constant.count;
            VEC_PUSH_IN(s->a, &s->constant, number);
        }
    }
    s->nslot = (uint32_t)s->constant.count;
    s->ends = ARENA_ARRAY(s->a, uint32_t, s->nitem + 1);
    s->next_end = ARENA_ARRAY(s->a, uint32_t, s->n + 1);
    for (size_t i = 0; i <= s->nitem; i++)
        s->ends[i] = NO_PLACE;
}

/* A block of its rows in the sweep that is being written. */
static void place_local(Schedule *s, Home *h, size_t whole)
{
    const Sweep *w = &s->sweep.at[s->sweep.count - 1];
    h->sweep = (uint32_t)(s->sweep.count - 1);
    h->offset = s->local_room;
    h->whole = s->whole_room;
    s->local_room += (size_t)w->block * (size_t)h->cols;
    s->whole_room += whole;
    if (s->local_room > s->most_local)
        s->most_local = s->local_room;
}

void place_result(Schedule *s, Step x)
{
    if (makes_array(s, x)) {
        Home *h = &s->home.at[s->place[x]];
        if (h->kind == AT_LOCAL)
            place_local(s, h, room_for(s, x));
        if (h->kind != AT_BUFFER)
            return;
        h->offset = take_room(s, room_for(s, x));
    } else if (schedule_in_region(s->l, x) && info(s, x)->op != STEP_SUM) {
        return; /* lives in a lane */
    } else if (s->free_slot.count) {
        s->place[x] = s->free_slot.at[--s->free_slot.count];
    } else {
        s->place[x] = s->nslot++;
    }
    s->next_end[x] = s->ends[s->last[x]];
    s->ends[s->last[x]] = x;
}

void place_end(Schedule *s, uint32_t item)
{
    for (Step x = s->ends[item]; x != NO_PLACE; x = s->next_end[x])
        if (makes_array(s, x))
            give_room(s, s->home.at[s->place[x]].offset, room_for(s, x));
        else
            VEC_PUSH_IN(s->a, &s->free_slot, s->place[x]);
}

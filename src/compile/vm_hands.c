/* vm_hands.c - what each thread has of its own while it works */
#include <string.h>

#include "compile/vm.h"

/* On cache lines that no other thread writes. */
static void *own(Program *p, size_t size)
{
    size_t whole = (size + 127) / 128 * 128 + 256;
    uintptr_t at = (uintptr_t)arena_alloc(p->arena, whole);
    return (void *)((at + 127) / 128 * 128);
}

static void make(Program *p, Program *hand)
{
    size_t lanes = p->most_lanes * LANE_STRIDE * sizeof *p->lane;
    *hand = *p;
    hand->lane = memset(own(p, lanes), 0, lanes);
    hand->lane_at = own(p, (p->most_lanes + 1) * sizeof *p->lane_at);
    hand->sum = own(p, (p->most_sums + 1) * sizeof *p->sum);
    hand->local = own(p, (p->local_room + VECTOR) * sizeof *p->local);
    hand->work = own(p, p->work_room * sizeof *p->work);
    hand->at = own(p, p->nat * sizeof *p->at);
}

static void refresh(const Program *p, Program *hand)
{
    Program new = *p;
    new.lane = hand->lane;
    new.lane_at = hand->lane_at;
    new.sum = hand->sum;
    new.local = hand->local;
    new.work = hand->work;
    new.at = hand->at;
    *hand = new;
    memcpy(hand->at, p->at, p->nat * sizeof *p->at);
}

Program *vm_hands(Program *p, unsigned count)
{
    if (count > p->nhand) {
        Program *hand = own(p, count * sizeof *hand);
        if (p->nhand)
            memcpy(hand, p->hand, p->nhand * sizeof *hand);
        for (unsigned k = p->nhand; k < count; k++)
            make(p, &hand[k]);
        p->hand = hand;
        p->nhand = count;
    }
    for (unsigned k = 0; k < count; k++)
        refresh(p, &p->hand[k]);
    return p->hand;
}

void vm_whole_locals(Program *p)
{
    if (p->whole_count == 0)
        return;
    double *all = ARENA_ARRAY(p->arena, double, p->whole_count + VECTOR);
    for (size_t i = 0; i < p->nat; i++)
        if (p->home[i].kind == AT_LOCAL)
            p->at[i] = all + p->home[i].whole;
}

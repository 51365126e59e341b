/*
 * jit_order.c - calls side by side, for code of numbers alone
 *
 * Calls that do not wait for each other overlap in the processor, and nothing
 * need be saved between them.  So what only needs numbers that are there
 * already is done first, then all calls that are ready.  Each value gets a
 * cell of its own, for slots are used again.
 */
#include "compile/jit_state.h"

enum { WINDOW = 128, CALLS_LEAST = 6 };

typedef struct Order {
    const Program *p;
    const Instr *from;
    uint32_t count;
    uint32_t (*maker)[3]; /* which instructions make a, b, c, or NONE */
    uint32_t *cell;       /* of the results; NONE: not yet done */
    bool *done;
    bool *calls; /* is it a call? */
    JitOrder *to;
} Order;

static bool makes_number(const Instr *i)
{
    return i->op != VM_WRITE;
}

static unsigned reads(const Instr *i, uint32_t slot[3])
{
    slot[0] = i->a;
    slot[1] = i->b;
    slot[2] = i->c;
    return i->op == VM_WRITE ? 1 : operand_count(i->op);
}

static bool is_worth_it(const Program *p)
{
    size_t calls = 0;
    for (size_t k = 0; k + 1 < p->ncode; k++) {
        uint32_t op = p->code[k].op;
        if (op == VM_REGION || op == VM_TASK || op == VM_SWEEP)
            return false;
        calls += jit_calls(p, &p->code[k]);
    }
    return calls >= CALLS_LEAST;
}

static void find_makers(Order *o, Arena *a)
{
    uint32_t *last = ARENA_ARRAY(a, uint32_t, o->p->nslot + 1);
    for (size_t s = 0; s <= o->p->nslot; s++)
        last[s] = NONE;
    for (uint32_t k = 0; k < o->count; k++) {
        uint32_t slot[3];
        unsigned n = reads(&o->from[k], slot);
        o->calls[k] = jit_calls(o->p, &o->from[k]);
        for (unsigned m = 0; m < 3; m++)
            o->maker[k][m] = m < n ? last[slot[m]] : NONE;
        if (makes_number(&o->from[k]))
            last[o->from[k].y] = k;
    }
}

static bool is_ready(const Order *o, uint32_t k)
{
    for (unsigned m = 0; m < 3; m++)
        if (o->maker[k][m] != NONE && !o->done[o->maker[k][m]])
            return false;
    return !o->done[k];
}

static uint32_t renamed(const Order *o, uint32_t slot, uint32_t maker)
{
    return maker == NONE ? slot : (uint32_t)o->p->nslot + o->cell[maker];
}

static void emit(Order *o, uint32_t k)
{
    Instr *i = &o->to->code[o->to->count++];
    *i = o->from[k];
    if (i->op != STEP_READ) {
        i->a = renamed(o, i->a, o->maker[k][0]);
        i->b = renamed(o, i->b, o->maker[k][1]);
        i->c = renamed(o, i->c, o->maker[k][2]);
    }
    if (makes_number(i)) {
        o->cell[k] = o->to->cells++;
        i->y = (uint32_t)o->p->nslot + o->cell[k];
    }
    o->done[k] = true;
}

/* What is ready, calls or all the rest, in the old order. */
static void emit_ready(Order *o, uint32_t from, uint32_t end, bool calls)
{
    for (uint32_t k = from; k < end; k++)
        if (o->calls[k] == calls && is_ready(o, k))
            emit(o, k);
}

bool jit_order(const Program *p, Arena *a, JitOrder *to)
{
    if (!is_worth_it(p))
        return false;
    Order o = {.p = p, .from = p->code, .count = (uint32_t)p->ncode - 1};
    o.to = to;
    o.maker = arena_zero(a, o.count + 1, sizeof *o.maker);
    o.cell = ARENA_ARRAY(a, uint32_t, o.count + 1);
    o.done = ARENA_ARRAY(a, bool, o.count + 1);
    o.calls = ARENA_ARRAY(a, bool, o.count + 1);
    to->code = ARENA_ARRAY(a, Instr, o.count + 1);
    to->count = to->cells = 0;
    find_makers(&o, a);
    for (uint32_t from = 0; from < o.count;) {
        uint32_t end = o.count - from < WINDOW ? o.count : from + WINDOW;
        POLL();
        emit_ready(&o, from, end, false);
        emit_ready(&o, from, end, true);
        while (from < o.count && o.done[from])
            from++;
    }
    return true;
}

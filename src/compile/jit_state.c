/*
 * jit_state.c - bytes of machine code, and who has which register
 *
 * Registers are given out in one pass that knows when each value is read next
 * (Belady, IBM Systems Journal 5, 1966: the one wanted last gives way).
 */
#include "compile/jit_state.h"

#include <assert.h>
#include <string.h>

#include "op/op.h"

/* ---- bytes ---- */

void jit_bytes(Jit *j, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        VEC_PUSH_IN(j->a, &j->code, ((const uint8_t *)from)[i]);
}

void jit_byte(Jit *j, unsigned b)
{
    VEC_PUSH_IN(j->a, &j->code, (uint8_t)b);
}

Operand in_register(unsigned r)
{
    return (Operand){.reg = (uint8_t)r};
}

void jit_set(Jit *j, unsigned reg, const void *to)
{
    uint64_t bits = (uintptr_t)to;
    jit_byte(j, reg < 8 ? 0x48 : 0x49);
    jit_byte(j, 0xb8 | (reg & 7));
    jit_bytes(j, &bits, sizeof bits);
}

void jit_call(Jit *j, const void *function)
{
    jit_set(j, 0, function);
    BYTES(j, 0xff, 0xd0);
}

void jit_operands(Jit *j, unsigned reg, Operand m)
{
    unsigned low = (reg & 7) << 3 | (m.reg & 7);
    if (!m.memory) {
        jit_byte(j, 0xc0 | low);
    } else if (m.offset >= -128 && m.offset < 128) {
        jit_byte(j, 0x40 | low);
        jit_byte(j, (uint8_t)m.offset);
    } else {
        jit_byte(j, 0x80 | low);
        jit_bytes(j, &m.offset, 4);
    }
}

void jit_vex(Jit *j, Opcode o, unsigned reg, unsigned reg2, Operand m)
{
    unsigned rest = (~reg2 & 15) << 3 | o.prefix;
    unsigned high = (~reg >> 3 & 1) << 7;
    if (o.map == 1 && m.reg < 8) {
        jit_byte(j, 0xc5);
        jit_byte(j, high | rest);
    } else {
        jit_byte(j, 0xc4);
        jit_byte(j, high | 0x40 | (m.reg < 8 ? 0x20 : 0) | o.map);
        jit_byte(j, rest);
    }
    jit_byte(j, o.code);
    jit_operands(j, reg, m);
}

unsigned operand_count(uint32_t op)
{
    switch (op) {
    case STEP_CHOOSE:
    case STEP_CALL3:
        return 3;
    case STEP_NEG:
    case STEP_SQRT:
    case STEP_NOT:
    case STEP_CALL1:
    case STEP_SUM:
        return 1;
    case STEP_READ:
        return 0;
    default:
        return 2;
    }
}

/* ---- kernels ---- */

Short jit_short(const Program *p, const Instr *i)
{
    static const struct {
        OpId op;
        Short name;
    } of_one[] = {{OP_ABS, SHORT_ABS},
                  {OP_RELU, SHORT_RELU},
                  {OP_STEP, SHORT_STEP},
                  {OP_FLOOR, SHORT_FLOOR},
                  {OP_CEIL, SHORT_CEIL}};
    if (i->op != STEP_CALL1 && i->op != STEP_CALL2)
        return SHORT_NONE;
    const Kernel *f = p->kernel[i->k];
    for (size_t k = 0; k < sizeof of_one / sizeof *of_one; k++)
        if (i->op == STEP_CALL1 && f->f1 == op_table[of_one[k].op].scalar1)
            return of_one[k].name;
    if (i->op == STEP_CALL1)
        return SHORT_NONE;
    return f->f2 == op_table[OP_MAX].scalar2 || f->f2 == num_max   ? SHORT_MAX
           : f->f2 == op_table[OP_MIN].scalar2 || f->f2 == num_min ? SHORT_MIN
                                                                   : SHORT_NONE;
}

bool jit_calls(const Program *p, const Instr *i)
{
    return i->op >= STEP_CALL1 && i->op <= STEP_CALL3 &&
           jit_short(p, i) == SHORT_NONE;
}

/* ---- when values are read ---- */

/* What happens next to a slot, looking down from an instruction. */
typedef struct Event {
    uint32_t at;
    bool read; /* or written */
} Event;

static uint32_t next_read(Event e, uint32_t barrier)
{
    if (e.at > barrier)
        return barrier;
    return e.read ? e.at : NEVER;
}

static void find_readers(Jit *j, const bool *live)
{
    Event *event = ARENA_ARRAY(j->a, Event, j->slots + 1);
    uint32_t barrier = NEVER; /* the next that may read every slot */
    for (size_t s = 0; s < j->slots; s++)
        event[s] =
            live && live[s] ? (Event){j->count, true} : (Event){NEVER, false};
    j->next = arena_zero(j->a, j->count + 1, sizeof *j->next);
    for (uint32_t k = j->count; k-- > 0;) {
        const Instr *i = &j->instr[k];
        Uses u = j->uses(j, i);
        if (u.makes) {
            j->next[k][0] = next_read(event[i->y], barrier);
            event[i->y] = (Event){k, false};
        }
        if (u.all)
            barrier = k;
        for (unsigned m = 0; m < u.n; m++)
            j->next[k][1 + m] = next_read(event[u.slot[m]], barrier);
        for (unsigned m = 0; m < u.n; m++)
            event[u.slot[m]] = (Event){k, true};
    }
}

void jit_begin(Jit *j, const Instr *code, uint32_t count, uint32_t slots,
               const bool *live)
{
    j->instr = code;
    j->count = count;
    j->slots = slots;
    j->where = arena_alloc(j->a, slots + 1);
    memset(j->where, (int)j->regs, slots + 1);
    for (unsigned r = 0; r < j->regs; r++)
        j->reg[r] = (Register){.slot = NONE};
    find_readers(j, live);
}

/* ---- registers ---- */

void jit_forget(Jit *j, unsigned r)
{
    if (j->reg[r].slot != NONE)
        j->where[j->reg[r].slot] = (uint8_t)j->regs;
    j->reg[r] = (Register){.slot = NONE};
}

void jit_save(Jit *j, unsigned r)
{
    if (j->reg[r].slot != NONE && j->reg[r].dirty)
        j->store(j, r, j->reg[r].slot);
    j->reg[r].dirty = false;
}

void jit_save_all(Jit *j)
{
    for (unsigned r = 0; r < j->regs; r++)
        jit_save(j, r);
}

void jit_forget_all(Jit *j)
{
    for (unsigned r = 0; r < j->regs; r++)
        jit_forget(j, r);
}

static unsigned take_register(Jit *j)
{
    unsigned best = j->regs;
    for (unsigned r = 0; r < j->regs; r++) {
        if (j->reg[r].slot == NONE)
            return r;
        if (!(j->pinned >> r & 1) &&
            (best == j->regs || j->reg[r].next > j->reg[best].next))
            best = r;
    }
    assert(best < j->regs);
    jit_save(j, best);
    jit_forget(j, best);
    return best;
}

void jit_hold(Jit *j, unsigned r, uint32_t slot, bool dirty)
{
    j->reg[r] = (Register){slot, 0, dirty};
    j->where[slot] = (uint8_t)r;
}

Operand jit_value(Jit *j, uint32_t slot)
{
    unsigned r = j->where[slot];
    if (r == j->regs)
        return j->place(j, slot);
    j->pinned |= 1U << r;
    return in_register(r);
}

unsigned jit_loaded(Jit *j, uint32_t slot)
{
    unsigned r = j->where[slot];
    if (r == j->regs) {
        r = take_register(j);
        j->load(j, r, slot);
        jit_hold(j, r, slot, false);
    }
    j->pinned |= 1U << r;
    return r;
}

void jit_retire(Jit *j, uint32_t k)
{
    Uses u = j->uses(j, &j->instr[k]);
    for (unsigned m = 0; m < u.n; m++) {
        unsigned r = j->where[u.slot[m]];
        if (r == j->regs)
            continue;
        j->reg[r].next = j->next[k][1 + m];
        if (j->reg[r].next == NEVER)
            jit_forget(j, r);
    }
    j->pinned = 0;
}

unsigned jit_result(Jit *j, uint32_t k)
{
    jit_retire(j, k);
    unsigned r = take_register(j);
    jit_hold(j, r, j->instr[k].y, true);
    j->reg[r].next = j->next[k][0];
    return r;
}

/* ---- operations ---- */

void jit_pair(const Jit *j, uint32_t k, bool may_turn, uint32_t *a, uint32_t *b)
{
    const Instr *i = &j->instr[k];
    bool turn =
        may_turn && j->where[i->a] == j->regs && j->where[i->b] != j->regs;
    *a = turn ? i->b : i->a;
    *b = turn ? i->a : i->b;
}

void jit_write(Jit *j, uint32_t k)
{
    const Templates *t = j->templates;
    switch (j->instr[k].op) {
    case STEP_ADD:
        t->binary(j, k, 0x58, true);
        break;
    case STEP_MUL:
        t->binary(j, k, 0x59, true);
        break;
    case STEP_SUB:
        t->binary(j, k, 0x5c, false);
        break;
    case STEP_DIV:
        t->binary(j, k, 0x5e, false);
        break;
    case STEP_DIV0:
        t->divide_or_0(j, k);
        break;
    case STEP_NEG:
        t->minus(j, k);
        break;
    case STEP_SQRT:
        t->root(j, k);
        break;
    case STEP_LT:
        t->test(j, k, IS_LT);
        break;
    case STEP_LE:
        t->test(j, k, IS_LE);
        break;
    case STEP_EQ:
        t->test(j, k, IS_EQ);
        break;
    case STEP_NE:
        t->test(j, k, IS_NE);
        break;
    case STEP_AND:
    case STEP_OR:
        t->logic(j, k);
        break;
    case STEP_NOT:
        t->negation(j, k);
        break;
    case STEP_CHOOSE:
        t->choose(j, k);
        break;
    default:
        t->other(j, k);
        break;
    }
    unsigned r = j->where[j->instr[k].y];
    if (j->reg[r].next == NEVER)
        jit_forget(j, r); /* nobody wants it */
}

/*
 * jit.c - machine code of programs, for x86-64 with AVX
 *
 * The code of a program has no jumps, so registers are given out in one pass
 * that knows when each value is read next (Belady, IBM Systems Journal 5,
 * 1966: the one wanted last gives way).  A value is written to its slot only
 * when its register is taken, or before a call, of which no such register
 * survives.  What runs on arrays may read any slot.
 *
 * Instructions are those of AVX ("Intel 64 and IA-32 Architectures Software
 * Developer's Manual", volume 2).  Memory is written first and then made
 * executable: it never is both.
 */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#include "compile/jit.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(ARENA_POISONS)

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "op/op.h"

#define NONE UINT32_MAX
#define NEVER UINT32_MAX

enum { REGS = 14, SPARE_1 = 14, SPARE_2 = 15 };

/* Registers of addresses.  The first three keep theirs all the time. */
typedef enum Base {
    TO_SLOTS = 3,  /* rbx */
    TO_ARRAYS = 5, /* rbp: Program.at */
    TO_POOL = 14,  /* r14 */
    TO_ENTRY = 0   /* rax */
} Base;

/* A register, or memory at a base. */
typedef struct Operand {
    bool memory;
    uint8_t reg;
    int32_t offset;
} Operand;

typedef struct Register {
    uint32_t slot; /* or NONE */
    uint32_t next; /* the instruction that reads it next */
    bool dirty;    /* the slot does not have it yet */
} Register;

typedef struct Jit {
    Program *p;
    Arena *a;
    VEC(uint8_t) code;
    const Instr *instr;
    uint32_t count;
    uint32_t (*next)[4]; /* readers of y a b c after each instruction */
    uint8_t *where;      /* by slot: its register, or REGS */
    Register reg[REGS];
    uint32_t pinned; /* registers that the present instruction reads */
} Jit;

/* ---- constants ---- */

enum { POOL_ONE, POOL_SIGN, POOL_ZERO, POOL_MAGNITUDE, POOL_COUNT };

static const uint64_t pool[POOL_COUNT][2]
    __attribute__((aligned(16))) = {{UINT64_C(0x3ff0000000000000)},
                                    {UINT64_C(1) << 63},
                                    {0},
                                    {~(UINT64_C(1) << 63)}};

static Operand constant(int which)
{
    return (Operand){true, TO_POOL, which * (int)sizeof pool[0]};
}

/* ---- bytes ---- */

static void bytes(Jit *j, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        VEC_PUSH_IN(j->a, &j->code, ((const uint8_t *)from)[i]);
}

static void byte(Jit *j, unsigned b)
{
    VEC_PUSH_IN(j->a, &j->code, (uint8_t)b);
}

#define BYTES(j, ...)                                                          \
    bytes((j), (const uint8_t[]){__VA_ARGS__},                                 \
          sizeof((const uint8_t[]){__VA_ARGS__}))

/* The byte of the operands, and the offset. */
static void operands(Jit *j, unsigned reg, Operand m)
{
    unsigned low = (reg & 7) << 3 | (m.reg & 7);
    if (!m.memory) {
        byte(j, 0xc0 | low);
    } else if (m.offset >= -128 && m.offset < 128) {
        byte(j, 0x40 | low);
        byte(j, (uint8_t)m.offset);
    } else {
        byte(j, 0x80 | low);
        bytes(j, &m.offset, 4);
    }
}

typedef enum Prefix { P_66 = 1, P_F2 = 3 } Prefix;

typedef struct Opcode {
    uint8_t prefix, map, code;
} Opcode;

/* reg = reg2 op m, as the processor names them. */
static void vex(Jit *j, Opcode o, unsigned reg, unsigned reg2, Operand m)
{
    unsigned rest = (~reg2 & 15) << 3 | o.prefix;
    unsigned high = (~reg >> 3 & 1) << 7;
    if (o.map == 1 && m.reg < 8) {
        byte(j, 0xc5);
        byte(j, high | rest);
    } else {
        byte(j, 0xc4);
        byte(j, high | 0x40 | (m.reg < 8 ? 0x20 : 0) | o.map);
        byte(j, rest);
    }
    byte(j, o.code);
    operands(j, reg, m);
}

static const Opcode op_add = {P_F2, 1, 0x58}, op_mul = {P_F2, 1, 0x59},
                    op_sub = {P_F2, 1, 0x5c}, op_div = {P_F2, 1, 0x5e},
                    op_sqrt = {P_F2, 1, 0x51}, op_compare = {P_F2, 1, 0xc2},
                    op_load = {P_F2, 1, 0x10}, op_store = {P_F2, 1, 0x11},
                    op_move = {P_66, 1, 0x28}, op_and = {P_66, 1, 0x54},
                    op_and_not = {P_66, 1, 0x55}, op_or = {P_66, 1, 0x56},
                    op_xor = {P_66, 1, 0x57}, op_blend = {P_66, 3, 0x4b},
                    op_round = {P_66, 3, 0x0b};

static Operand in_register(unsigned r)
{
    return (Operand){.reg = (uint8_t)r};
}

/* The predicates of comparisons; true is all ones. */
typedef enum Test {
    IS_EQ = 0,
    IS_LT = 1,
    IS_LE = 2,
    IS_UNORDERED = 3,
    IS_NE = 4, /* also of NaN */
    IS_NOT_LE = 6,
    IS_ORDERED = 7,
    IS_NOT_GE = 9,
    IS_GT = 14
} Test;

static void compare(Jit *j, unsigned y, unsigned a, Operand b, Test t)
{
    vex(j, op_compare, y, a, b);
    byte(j, t);
}

static void blend(Jit *j, unsigned y, unsigned no, unsigned yes, unsigned mask)
{
    vex(j, op_blend, y, no, in_register(yes));
    byte(j, mask << 4);
}

/* mov register, [base + offset] and mov register, constant */
static void load_address(Jit *j, unsigned reg, Operand from)
{
    BYTES(j, 0x48, 0x8b);
    operands(j, reg, from);
}

static void set(Jit *j, unsigned reg, const void *to)
{
    uint64_t bits = (uintptr_t)to;
    byte(j, reg < 8 ? 0x48 : 0x49);
    byte(j, 0xb8 | (reg & 7));
    bytes(j, &bits, sizeof bits);
}

/* ---- when values are read ---- */

static unsigned operand_count(uint32_t op)
{
    switch (op) {
    case STEP_CHOOSE:
    case STEP_CALL3:
        return 3;
    case STEP_NEG:
    case STEP_SQRT:
    case STEP_NOT:
    case STEP_CALL1:
        return 1;
    case STEP_READ:
        return 0;
    default:
        return 2;
    }
}

static bool is_scalar(uint32_t op)
{
    return (op >= STEP_ADD && op <= STEP_CALL3) || op == STEP_READ;
}

/* The task that writes one number to an output. */
static const Task *number_out(const Jit *j, const Instr *i)
{
    return i->op == VM_WRITE ? &j->p->task[i->k] : NULL;
}

/* The slots an instruction reads; returns their number. */
static unsigned slots_read(const Jit *j, const Instr *i, uint32_t slot[3])
{
    const Task *t = number_out(j, i);
    if (t) {
        slot[0] = t->arg[0].at;
        return 1;
    }
    const uint32_t from[3] = {i->a, i->b, i->c};
    memcpy(slot, from, sizeof from);
    return is_scalar(i->op) ? operand_count(i->op) : 0;
}

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

static void find_readers(Jit *j)
{
    Event *event = ARENA_ARRAY(j->a, Event, j->p->nslot + 1);
    uint32_t barrier = NEVER; /* the next that may read every slot */
    for (size_t s = 0; s <= j->p->nslot; s++)
        event[s].at = NEVER;
    j->next = arena_zero(j->a, j->count + 1, sizeof *j->next);
    for (uint32_t k = j->count; k-- > 0;) {
        const Instr *i = &j->instr[k];
        uint32_t slot[3];
        unsigned n = slots_read(j, i, slot);
        if (is_scalar(i->op)) {
            j->next[k][0] = next_read(event[i->y], barrier);
            event[i->y] = (Event){k, false};
        } else if (!n) {
            barrier = k;
        }
        for (unsigned m = 0; m < n; m++)
            j->next[k][1 + m] = next_read(event[slot[m]], barrier);
        for (unsigned m = 0; m < n; m++)
            event[slot[m]] = (Event){k, true};
    }
}

/* ---- registers ---- */

static Operand in_slot(uint32_t slot)
{
    return (Operand){true, TO_SLOTS, (int32_t)(slot * sizeof(double))};
}

static void forget(Jit *j, unsigned r)
{
    if (j->reg[r].slot != NONE)
        j->where[j->reg[r].slot] = REGS;
    j->reg[r] = (Register){.slot = NONE};
}

static void save(Jit *j, unsigned r)
{
    if (j->reg[r].slot != NONE && j->reg[r].dirty)
        vex(j, op_store, r, 0, in_slot(j->reg[r].slot));
    j->reg[r].dirty = false;
}

/* All values are in their slots. */
static void save_all(Jit *j)
{
    for (unsigned r = 0; r < REGS; r++)
        save(j, r);
}

static void forget_all(Jit *j)
{
    for (unsigned r = 0; r < REGS; r++)
        forget(j, r);
}

static unsigned take_register(Jit *j)
{
    unsigned best = REGS;
    for (unsigned r = 0; r < REGS; r++) {
        if (j->reg[r].slot == NONE)
            return r;
        if (!(j->pinned >> r & 1) &&
            (best == REGS || j->reg[r].next > j->reg[best].next))
            best = r;
    }
    assert(best < REGS);
    save(j, best);
    forget(j, best);
    return best;
}

static void hold(Jit *j, unsigned r, uint32_t slot, bool dirty)
{
    j->reg[r] = (Register){slot, 0, dirty};
    j->where[slot] = (uint8_t)r;
}

/* A value as the instruction reads it: from its register or its slot. */
static Operand value(Jit *j, uint32_t slot)
{
    unsigned r = j->where[slot];
    if (r == REGS)
        return in_slot(slot);
    j->pinned |= 1U << r;
    return in_register(r);
}

/* The same, in a register. */
static unsigned loaded(Jit *j, uint32_t slot)
{
    Operand v = value(j, slot);
    if (!v.memory)
        return v.reg;
    unsigned r = take_register(j);
    vex(j, op_load, r, 0, v);
    hold(j, r, slot, false);
    j->pinned |= 1U << r;
    return r;
}

/* After the operands have been found: those read no more give way. */
static void retire(Jit *j, uint32_t k, unsigned n, const uint32_t slot[])
{
    for (unsigned m = 0; m < n; m++) {
        unsigned r = j->where[slot[m]];
        if (r == REGS)
            continue;
        j->reg[r].next = j->next[k][1 + m];
        if (j->reg[r].next == NEVER)
            forget(j, r);
    }
    j->pinned = 0;
}

/* The register of the result; it may be that of an operand. */
static unsigned result(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    uint32_t slot[3];
    retire(j, k, slots_read(j, i, slot), slot);
    unsigned r = take_register(j);
    hold(j, r, i->y, true);
    j->reg[r].next = j->next[k][0];
    return r;
}

/* ---- templates ---- */

static void write_binary(Jit *j, uint32_t k, Opcode o, bool may_turn)
{
    uint32_t a = j->instr[k].a, b = j->instr[k].b;
    if (may_turn && j->where[a] == REGS && j->where[b] != REGS) {
        a = b;
        b = j->instr[k].a;
    }
    unsigned x = loaded(j, a);
    Operand v = value(j, b);
    vex(j, o, result(j, k), x, v);
}

static void write_test(Jit *j, uint32_t k, Test t)
{
    unsigned x = loaded(j, j->instr[k].a);
    compare(j, SPARE_1, x, value(j, j->instr[k].b), t);
    vex(j, op_and, result(j, k), SPARE_1, constant(POOL_ONE));
}

/* Of the operand and 0: 1 or 0. */
static void write_sign_test(Jit *j, uint32_t k, Test t)
{
    compare(j, SPARE_1, loaded(j, j->instr[k].a), constant(POOL_ZERO), t);
    vex(j, op_and, result(j, k), SPARE_1, constant(POOL_ONE));
}

static void write_logic(Jit *j, uint32_t k, Opcode o)
{
    unsigned x = loaded(j, j->instr[k].a), z = loaded(j, j->instr[k].b);
    compare(j, SPARE_1, x, constant(POOL_ZERO), IS_NE);
    compare(j, SPARE_2, z, constant(POOL_ZERO), IS_NE);
    vex(j, o, SPARE_1, SPARE_1, in_register(SPARE_2));
    vex(j, op_and, result(j, k), SPARE_1, constant(POOL_ONE));
}

static void write_divide_or_0(Jit *j, uint32_t k)
{
    unsigned x = loaded(j, j->instr[k].a), z = loaded(j, j->instr[k].b);
    compare(j, SPARE_1, z, constant(POOL_ZERO), IS_NE);
    vex(j, op_div, SPARE_2, x, in_register(z));
    vex(j, op_and, result(j, k), SPARE_1, in_register(SPARE_2));
}

static void write_choose(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    unsigned c = loaded(j, i->a), yes = loaded(j, i->b), no = loaded(j, i->c);
    compare(j, SPARE_1, c, constant(POOL_ZERO), IS_NE);
    blend(j, result(j, k), no, yes, SPARE_1);
}

/* a unless b is larger (smaller), or alone a NaN */
static void write_extreme(Jit *j, uint32_t k, Test takes_b)
{
    unsigned x = loaded(j, j->instr[k].a), z = loaded(j, j->instr[k].b);
    compare(j, SPARE_1, x, in_register(z), takes_b);
    compare(j, SPARE_2, x, in_register(x), IS_ORDERED);
    vex(j, op_and, SPARE_1, SPARE_1, in_register(SPARE_2));
    blend(j, result(j, k), x, z, SPARE_1);
}

/* 1 where it is positive, else 0; NaN of NaN */
static void write_step(Jit *j, uint32_t k)
{
    unsigned x = loaded(j, j->instr[k].a);
    compare(j, SPARE_1, x, constant(POOL_ZERO), IS_GT);
    vex(j, op_and, SPARE_1, SPARE_1, constant(POOL_ONE));
    compare(j, SPARE_2, x, in_register(x), IS_UNORDERED);
    vex(j, op_and, SPARE_2, SPARE_2, in_register(x));
    vex(j, op_or, result(j, k), SPARE_1, in_register(SPARE_2));
}

static void write_round(Jit *j, uint32_t k, unsigned way)
{
    unsigned x = loaded(j, j->instr[k].a);
    vex(j, op_round, result(j, k), x, in_register(x));
    byte(j, way);
}

/* ---- calls ---- */

static void call(Jit *j, const void *function)
{
    set(j, 0, function);
    BYTES(j, 0xff, 0xd0);
}

/* Operands to the registers 0, 1, 2: no two of them wait for each other. */
static void pass_numbers(Jit *j, const uint32_t slot[], unsigned n)
{
    Operand from[3];
    for (unsigned m = 0; m < n; m++) {
        from[m] = value(j, slot[m]);
        if (!from[m].memory && from[m].reg < m) {
            unsigned spare = SPARE_1 + m - 1;
            vex(j, op_move, spare, 0, from[m]);
            from[m] = in_register(spare);
        }
    }
    for (unsigned m = 0; m < n; m++)
        if (from[m].memory)
            vex(j, op_load, m, 0, from[m]);
        else if (from[m].reg != m)
            vex(j, op_move, m, 0, from[m]);
}

static void write_kernel(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    const Kernel *f = j->p->kernel[i->k];
    uint32_t slot[3];
    unsigned n = slots_read(j, i, slot);
    Operand from[3];
    for (unsigned m = 0; m < n; m++)
        from[m] = value(j, slot[m]);
    for (unsigned r = 0; r < REGS; r++) {
        bool dies = false;
        for (unsigned m = 0; m < n; m++)
            dies = dies || (!from[m].memory && from[m].reg == r &&
                            j->next[k][1 + m] == NEVER);
        if (!dies)
            save(j, r);
    }
    pass_numbers(j, slot, n);
    j->pinned = 0;
    forget_all(j);
    call(j, i->op == STEP_CALL1   ? (const void *)(uintptr_t)f->f1
            : i->op == STEP_CALL2 ? (const void *)(uintptr_t)f->f2
                                  : (const void *)(uintptr_t)f->f3);
    hold(j, 0, i->y, true);
    j->reg[0].next = j->next[k][0];
}

/* Those of one or two instructions are not called. */
static void write_call1(Jit *j, uint32_t k)
{
    Kernel1 f = j->p->kernel[j->instr[k].k]->f1;
    if (f == op_table[OP_ABS].scalar1) {
        unsigned x = loaded(j, j->instr[k].a);
        vex(j, op_and, result(j, k), x, constant(POOL_MAGNITUDE));
    } else if (f == op_table[OP_RELU].scalar1) {
        unsigned x = loaded(j, j->instr[k].a);
        compare(j, SPARE_1, x, constant(POOL_ZERO), IS_LE);
        vex(j, op_and_not, result(j, k), SPARE_1, in_register(x));
    } else if (f == op_table[OP_STEP].scalar1) {
        write_step(j, k);
    } else if (f == op_table[OP_FLOOR].scalar1) {
        write_round(j, k, 9);
    } else if (f == op_table[OP_CEIL].scalar1) {
        write_round(j, k, 10);
    } else {
        write_kernel(j, k);
    }
}

static void write_call2(Jit *j, uint32_t k)
{
    Kernel2 f = j->p->kernel[j->instr[k].k]->f2;
    if (f == op_table[OP_MAX].scalar2 || f == num_max)
        write_extreme(j, k, IS_NOT_GE);
    else if (f == op_table[OP_MIN].scalar2 || f == num_min)
        write_extreme(j, k, IS_NOT_LE);
    else
        write_kernel(j, k);
}

static void run_task(Program *p, const Task *t)
{
    POLL();
    vm_task(p, t);
}

enum { RAX = 0, RDX = 2, RSI = 6 };

/* function(p, what) or function(p, what, more) */
static void call_machine(Jit *j, const void *function, const void *what,
                         const void *more)
{
    save_all(j);
    forget_all(j);
    BYTES(j, 0x4c, 0x89, 0xff); /* mov rdi, r15 */
    set(j, RSI, what);
    if (more)
        set(j, RDX, more);
    call(j, function);
}

/* ---- arrays ---- */

static Operand entry_of(Jit *j, uint32_t array, uint64_t entry)
{
    uint64_t offset = entry * sizeof(double);
    load_address(j, RAX, (Operand){true, TO_ARRAYS, (int32_t)(array * 8)});
    if (offset <= INT32_MAX)
        return (Operand){true, TO_ENTRY, (int32_t)offset};
    set(j, RDX, (const void *)(uintptr_t)offset);
    BYTES(j, 0x48, 0x01, 0xd0); /* add rax, rdx */
    return (Operand){true, TO_ENTRY, 0};
}

static void write_read(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    Operand from = entry_of(j, i->a, (uint64_t)i->b | (uint64_t)i->c << 32);
    vex(j, op_load, result(j, k), 0, from);
}

static void write_number_out(Jit *j, uint32_t k, const Task *t)
{
    unsigned x = loaded(j, t->arg[0].at);
    vex(j, op_store, x, 0, entry_of(j, t->y.at, 0));
    retire(j, k, 1, &t->arg[0].at);
}

/* ---- a program ---- */

static void write_scalar(Jit *j, uint32_t k)
{
    switch (j->instr[k].op) {
    case STEP_ADD:
        write_binary(j, k, op_add, true);
        break;
    case STEP_SUB:
        write_binary(j, k, op_sub, false);
        break;
    case STEP_MUL:
        write_binary(j, k, op_mul, true);
        break;
    case STEP_DIV:
        write_binary(j, k, op_div, false);
        break;
    case STEP_DIV0:
        write_divide_or_0(j, k);
        break;
    case STEP_NEG: {
        unsigned x = loaded(j, j->instr[k].a);
        vex(j, op_xor, result(j, k), x, constant(POOL_SIGN));
        break;
    }
    case STEP_SQRT: {
        unsigned x = loaded(j, j->instr[k].a);
        vex(j, op_sqrt, result(j, k), x, in_register(x));
        break;
    }
    case STEP_LT:
        write_test(j, k, IS_LT);
        break;
    case STEP_LE:
        write_test(j, k, IS_LE);
        break;
    case STEP_EQ:
        write_test(j, k, IS_EQ);
        break;
    case STEP_NE:
        write_test(j, k, IS_NE);
        break;
    case STEP_AND:
        write_logic(j, k, op_and);
        break;
    case STEP_OR:
        write_logic(j, k, op_or);
        break;
    case STEP_NOT:
        write_sign_test(j, k, IS_EQ);
        break;
    case STEP_CHOOSE:
        write_choose(j, k);
        break;
    case STEP_CALL1:
        write_call1(j, k);
        break;
    case STEP_CALL2:
        write_call2(j, k);
        break;
    case STEP_READ:
        write_read(j, k);
        break;
    default:
        write_kernel(j, k);
        break;
    }
    unsigned r = j->where[j->instr[k].y];
    if (j->reg[r].next == NEVER)
        forget(j, r); /* nobody wants it */
}

/* Writes what instruction k does; returns the next one. */
static uint32_t write_instr(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    Program *p = j->p;
    const Task *t = number_out(j, i);
    if (t)
        write_number_out(j, k, t);
    else if (i->op == VM_REGION)
        call_machine(j, (const void *)(uintptr_t)vm_region, &p->region[i->k],
                     NULL);
    else if (i->op == VM_TASK)
        call_machine(j, (const void *)(uintptr_t)run_task, &p->task[i->k],
                     NULL);
    else if (i->op == VM_SWEEP)
        call_machine(j, (const void *)(uintptr_t)vm_sweep, &p->sweep[i->k],
                     i + 1);
    else
        write_scalar(j, k);
    return k + 1 + (i->op == VM_SWEEP ? p->sweep[i->k].count : 0);
}

static void write_program(Jit *j)
{
    BYTES(j, 0x53, 0x55, 0x41, 0x56, 0x41, 0x57); /* push rbx rbp r14 r15 */
    BYTES(j, 0x48, 0x83, 0xec, 0x08);             /* sub rsp, 8 */
    BYTES(j, 0x49, 0x89, 0xff);                   /* mov r15, rdi */
    set(j, TO_SLOTS, j->p->slot);
    set(j, TO_ARRAYS, j->p->at);
    set(j, TO_POOL, pool);
    for (uint32_t k = 0; k < j->count;)
        k = write_instr(j, k);
    BYTES(j, 0x48, 0x83, 0xc4, 0x08);             /* add rsp, 8 */
    BYTES(j, 0x41, 0x5f, 0x41, 0x5e, 0x5d, 0x5b); /* pop r15 r14 rbp rbx */
    byte(j, 0xc3);                                /* ret */
}

/* ---- memory that may be run ---- */

typedef struct Pages {
    ArenaEnd end;
    void *at;
    size_t size;
} Pages;

static void give_back(ArenaEnd *end)
{
    Pages *p = (Pages *)end;
    munmap(p->at, p->size);
}

static void install(Jit *j)
{
    size_t size = j->code.count;
    Pages *pages = ARENA_NEW(j->p->arena, Pages);
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return;
    memcpy(at, j->code.at, size);
    if (mprotect(at, size, PROT_READ | PROT_EXEC)) {
        munmap(at, size);
        return;
    }
    *pages = (Pages){{give_back, NULL}, at, size};
    arena_at_end(j->p->arena, &pages->end);
    j->p->native = (void (*)(Program *))(uintptr_t)at;
}

/* Offsets have 31 bits. */
static bool fits(const Program *p)
{
    return p->nslot < INT32_MAX / 8 && p->nat < INT32_MAX / 8 &&
           p->ncode < INT32_MAX;
}

void jit_make(Program *p)
{
    if (!__builtin_cpu_supports("avx") || !fits(p))
        return;
    Arena *a = arena_local();
    Jit j = {.p = p, .a = a, .instr = p->code, .count = (uint32_t)p->ncode - 1};
    j.where = arena_alloc(a, p->nslot + 1);
    memset(j.where, REGS, p->nslot + 1);
    for (unsigned r = 0; r < REGS; r++)
        j.reg[r].slot = NONE;
    find_readers(&j);
    write_program(&j);
    install(&j);
    arena_free(a);
}

#else

void jit_make(Program *p)
{
    (void)p;
}

#endif

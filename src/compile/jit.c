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
#include "compile/jit_state.h"

#if JIT_HERE

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "num/wide.h"

enum { REGS = 14, SPARE_1 = 14, SPARE_2 = 15 };

/* Registers of addresses.  The first four keep theirs all the time. */
typedef enum Base {
    TO_SLOTS = 3,  /* rbx */
    TO_ARRAYS = 5, /* rbp: Program.at */
    TO_CELLS = 13, /* r13 */
    TO_POOL = 14,  /* r14 */
    TO_ENTRY = 0   /* rax */
} Base;

/* ---- constants ---- */

enum { POOL_ONE, POOL_SIGN, POOL_ZERO, POOL_MAGNITUDE, POOL_COUNT };

static const uint64_t pool[POOL_COUNT][2]
    __attribute__((aligned(16))) = {{UINT64_C(0x3ff0000000000000)},
                                    {UINT64_C(1) << 63},
                                    {0},
                                    {~(UINT64_C(1) << 63)}};

static Operand at_base(Base b, int32_t offset)
{
    return (Operand){.memory = true, .reg = (uint8_t)b, .offset = offset};
}

static Operand constant(int which)
{
    return at_base(TO_POOL, which * (int)sizeof pool[0]);
}

static const Opcode op_div = {P_F2, 1, 0x5e}, op_sqrt = {P_F2, 1, 0x51},
                    op_compare = {P_F2, 1, 0xc2}, op_load = {P_F2, 1, 0x10},
                    op_store = {P_F2, 1, 0x11}, op_move = {P_66, 1, 0x28},
                    op_and = {P_66, 1, 0x54}, op_and_not = {P_66, 1, 0x55},
                    op_or = {P_66, 1, 0x56}, op_xor = {P_66, 1, 0x57},
                    op_blend = {P_66, 3, 0x4b}, op_round = {P_66, 3, 0x0b};

static void compare(Jit *j, unsigned y, unsigned a, Operand b, Test t)
{
    jit_vex(j, op_compare, y, a, b);
    jit_byte(j, t);
}

static void blend(Jit *j, unsigned y, unsigned no, unsigned yes, unsigned mask)
{
    jit_vex(j, op_blend, y, no, in_register(yes));
    jit_byte(j, mask << 4);
}

/* mov register, [base + offset] */
static void load_address(Jit *j, unsigned reg, Operand from)
{
    BYTES(j, 0x48, 0x8b);
    jit_operands(j, reg, from);
}

/* ---- slots ---- */

static bool is_scalar(uint32_t op)
{
    return (op >= STEP_ADD && op <= STEP_CALL3) || op == STEP_READ;
}

/* What runs on arrays may read any slot. */
static Uses uses(const Jit *j, const Instr *i)
{
    (void)j;
    if (i->op == VM_WRITE)
        return (Uses){.n = 1, .slot = {i->a}};
    if (!is_scalar(i->op))
        return (Uses){.all = true};
    return (Uses){operand_count(i->op), {i->a, i->b, i->c}, true, false};
}

static Operand in_slot(Jit *j, uint32_t slot)
{
    bool cell = slot >= j->p->nslot;
    uint32_t at = cell ? slot - (uint32_t)j->p->nslot : slot;
    return at_base(cell ? TO_CELLS : TO_SLOTS, (int32_t)(at * sizeof(double)));
}

static void load(Jit *j, unsigned r, uint32_t slot)
{
    jit_vex(j, op_load, r, 0, in_slot(j, slot));
}

static void store(Jit *j, unsigned r, uint32_t slot)
{
    jit_vex(j, op_store, r, 0, in_slot(j, slot));
}

/* ---- templates ---- */

static void write_binary(Jit *j, uint32_t k, unsigned code, bool may_turn)
{
    uint32_t a, b;
    jit_pair(j, k, may_turn, &a, &b);
    unsigned x = jit_loaded(j, a);
    Operand v = jit_value(j, b);
    jit_vex(j, (Opcode){P_F2, 1, (uint8_t)code}, jit_result(j, k), x, v);
}

static void write_test(Jit *j, uint32_t k, Test t)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    compare(j, SPARE_1, x, jit_value(j, j->instr[k].b), t);
    jit_vex(j, op_and, jit_result(j, k), SPARE_1, constant(POOL_ONE));
}

/* Of the operand and 0: 1 or 0. */
static void write_negation(Jit *j, uint32_t k)
{
    compare(j, SPARE_1, jit_loaded(j, j->instr[k].a), constant(POOL_ZERO),
            IS_EQ);
    jit_vex(j, op_and, jit_result(j, k), SPARE_1, constant(POOL_ONE));
}

static void write_logic(Jit *j, uint32_t k)
{
    Opcode o = j->instr[k].op == STEP_AND ? op_and : op_or;
    unsigned x = jit_loaded(j, j->instr[k].a), z = jit_loaded(j, j->instr[k].b);
    compare(j, SPARE_1, x, constant(POOL_ZERO), IS_NE);
    compare(j, SPARE_2, z, constant(POOL_ZERO), IS_NE);
    jit_vex(j, o, SPARE_1, SPARE_1, in_register(SPARE_2));
    jit_vex(j, op_and, jit_result(j, k), SPARE_1, constant(POOL_ONE));
}

static void write_divide_or_0(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a), z = jit_loaded(j, j->instr[k].b);
    compare(j, SPARE_1, z, constant(POOL_ZERO), IS_NE);
    jit_vex(j, op_div, SPARE_2, x, in_register(z));
    jit_vex(j, op_and, jit_result(j, k), SPARE_1, in_register(SPARE_2));
}

static void write_choose(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    unsigned c = jit_loaded(j, i->a), yes = jit_loaded(j, i->b),
             no = jit_loaded(j, i->c);
    compare(j, SPARE_1, c, constant(POOL_ZERO), IS_NE);
    blend(j, jit_result(j, k), no, yes, SPARE_1);
}

/* a unless b is larger (smaller), or alone a NaN */
static void write_extreme(Jit *j, uint32_t k, Test takes_b)
{
    unsigned x = jit_loaded(j, j->instr[k].a), z = jit_loaded(j, j->instr[k].b);
    compare(j, SPARE_1, x, in_register(z), takes_b);
    compare(j, SPARE_2, x, in_register(x), IS_ORDERED);
    jit_vex(j, op_and, SPARE_1, SPARE_1, in_register(SPARE_2));
    blend(j, jit_result(j, k), x, z, SPARE_1);
}

/* 1 where it is positive, else 0; NaN of NaN */
static void write_step(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    compare(j, SPARE_1, x, constant(POOL_ZERO), IS_GT);
    jit_vex(j, op_and, SPARE_1, SPARE_1, constant(POOL_ONE));
    compare(j, SPARE_2, x, in_register(x), IS_UNORDERED);
    jit_vex(j, op_and, SPARE_2, SPARE_2, in_register(x));
    jit_vex(j, op_or, jit_result(j, k), SPARE_1, in_register(SPARE_2));
}

static void write_round(Jit *j, uint32_t k, unsigned way)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    jit_vex(j, op_round, jit_result(j, k), x, in_register(x));
    jit_byte(j, way);
}

/* ---- calls ---- */

/* Operands to the registers 0, 1, 2: no two of them wait for each other. */
static void pass_numbers(Jit *j, const uint32_t slot[], unsigned n)
{
    Operand from[3];
    for (unsigned m = 0; m < n; m++) {
        from[m] = jit_value(j, slot[m]);
        if (!from[m].memory && from[m].reg < m) {
            unsigned spare = SPARE_1 + m - 1;
            jit_vex(j, op_move, spare, 0, from[m]);
            from[m] = in_register(spare);
        }
    }
    for (unsigned m = 0; m < n; m++)
        if (from[m].memory)
            jit_vex(j, op_load, m, 0, from[m]);
        else if (from[m].reg != m)
            jit_vex(j, op_move, m, 0, from[m]);
}

static void write_kernel(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    const Kernel *f = j->p->kernel[i->k];
    Uses u = uses(j, i);
    for (unsigned r = 0; r < REGS; r++) {
        bool dies = false;
        for (unsigned m = 0; m < u.n; m++)
            dies = dies ||
                   (j->where[u.slot[m]] == r && j->next[k][1 + m] == NEVER);
        if (!dies)
            jit_save(j, r);
    }
    pass_numbers(j, u.slot, u.n);
    j->pinned = 0;
    jit_forget_all(j);
    jit_call(j, i->op == STEP_CALL1   ? (const void *)(uintptr_t)f->f1
                : i->op == STEP_CALL2 ? (const void *)(uintptr_t)f->f2
                                      : (const void *)(uintptr_t)f->f3);
    jit_hold(j, 0, i->y, true);
    j->reg[0].next = j->next[k][0];
}

/* A kernel, by its instructions if they are few. */
static void write_call(Jit *j, uint32_t k)
{
    Short name = jit_short(j->p, &j->instr[k]);
    if (name == SHORT_NONE) {
        write_kernel(j, k);
        return;
    }
    unsigned x = jit_loaded(j, j->instr[k].a);
    switch (name) {
    case SHORT_ABS:
        jit_vex(j, op_and, jit_result(j, k), x, constant(POOL_MAGNITUDE));
        break;
    case SHORT_RELU:
        compare(j, SPARE_1, x, constant(POOL_ZERO), IS_LE);
        jit_vex(j, op_and_not, jit_result(j, k), SPARE_1, in_register(x));
        break;
    case SHORT_STEP:
        write_step(j, k);
        break;
    case SHORT_MAX:
        write_extreme(j, k, IS_NOT_GE);
        break;
    case SHORT_MIN:
        write_extreme(j, k, IS_NOT_LE);
        break;
    default:
        write_round(j, k, name == SHORT_FLOOR ? 9 : 10);
        break;
    }
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
    jit_save_all(j);
    jit_forget_all(j);
    BYTES(j, 0x4c, 0x89, 0xff); /* mov rdi, r15 */
    jit_set(j, RSI, what);
    if (more)
        jit_set(j, RDX, more);
    jit_call(j, function);
}

/* ---- arrays ---- */

static Operand entry_of(Jit *j, uint32_t array, uint64_t entry)
{
    uint64_t offset = entry * sizeof(double);
    load_address(j, RAX, at_base(TO_ARRAYS, (int32_t)(array * 8)));
    if (offset <= INT32_MAX)
        return at_base(TO_ENTRY, (int32_t)offset);
    jit_set(j, RDX, (const void *)(uintptr_t)offset);
    BYTES(j, 0x48, 0x01, 0xd0); /* add rax, rdx */
    return at_base(TO_ENTRY, 0);
}

static void write_read(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    Operand from = entry_of(j, i->a, (uint64_t)i->b | (uint64_t)i->c << 32);
    jit_vex(j, op_load, jit_result(j, k), 0, from);
}

static void write_number_out(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    jit_vex(j, op_store, x, 0, entry_of(j, j->instr[k].y, 0));
    jit_retire(j, k);
}

/* ---- a program ---- */

static void write_minus(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    jit_vex(j, op_xor, jit_result(j, k), x, constant(POOL_SIGN));
}

static void write_root(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    jit_vex(j, op_sqrt, jit_result(j, k), x, in_register(x));
}

static void write_other(Jit *j, uint32_t k)
{
    if (j->instr[k].op == STEP_READ)
        write_read(j, k);
    else
        write_call(j, k);
}

static const Templates templates = {
    write_binary, write_test,        write_logic,  write_negation, write_minus,
    write_root,   write_divide_or_0, write_choose, write_other};

/* Writes what instruction k does; returns the next one. */
static uint32_t write_instr(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    Program *p = j->p;
    if (i->op == VM_WRITE)
        write_number_out(j, k);
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
        jit_write(j, k);
    return k + 1 + (i->op == VM_SWEEP ? p->sweep[i->k].count : 0);
}

static void write_program(Jit *j)
{
    BYTES(j, 0x53, 0x55, 0x41, 0x55); /* push rbx rbp r13 */
    BYTES(j, 0x41, 0x56, 0x41, 0x57); /* push r14 r15 */
    BYTES(j, 0x49, 0x89, 0xff);       /* mov r15, rdi */
    jit_set(j, TO_SLOTS, j->p->slot);
    jit_set(j, TO_ARRAYS, j->p->at);
    jit_set(j, TO_CELLS, j->cell);
    jit_set(j, TO_POOL, pool);
    for (uint32_t k = 0; k < j->count;)
        k = write_instr(j, k);
    BYTES(j, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d); /* pop r15 r14 r13 */
    BYTES(j, 0x5d, 0x5b, 0xc3);                   /* pop rbp rbx; ret */
}

/* The code of a program, in the order that is fastest. */
static void translate(Jit *j)
{
    Program *p = j->p;
    JitOrder order;
    if (!jit_order(p, j->a, &order)) {
        jit_begin(j, p->code, (uint32_t)p->ncode - 1, (uint32_t)p->nslot, NULL);
    } else {
        j->cell = ARENA_ARRAY(p->arena, double, (size_t)order.cells + 1);
        jit_begin(j, order.code, order.count, (uint32_t)p->nslot + order.cells,
                  NULL);
    }
    write_program(j);
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

void *jit_install(const Jit *j, Arena *keep)
{
    size_t size = j->code.count;
    Pages *pages = ARENA_NEW(keep, Pages);
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    memcpy(at, j->code.at, size);
    if (mprotect(at, size, PROT_READ | PROT_EXEC)) {
        munmap(at, size);
        return NULL;
    }
    *pages = (Pages){{give_back, NULL}, at, size};
    arena_at_end(keep, &pages->end);
    return at;
}

/* Offsets have 31 bits. */
static bool fits(const Program *p)
{
    return p->nslot < INT32_MAX / 8 && p->nat < INT32_MAX / 8 &&
           p->ncode < INT32_MAX / 8 && p->nlane_code < INT32_MAX &&
           p->most_lanes < INT32_MAX / 8 / LANE_STRIDE;
}

void jit_make(Program *p)
{
    if (!WIDE_HAS(256, "avx") || !fits(p))
        return;
    Arena *a = arena_local();
    Jit j = {.p = p,
             .a = a,
             .regs = REGS,
             .templates = &templates,
             .uses = uses,
             .place = in_slot,
             .load = load,
             .store = store};
    translate(&j);
    size_t *start = ARENA_ARRAY(a, size_t, p->nregion + 1);
    for (size_t k = 0; k < p->nregion; k++) {
        start[k] = j.code.count;
        if (!jit_region(&j, &p->region[k]))
            start[k] = SIZE_MAX;
    }
    char *at = jit_install(&j, p->arena);
    if (at)
        p->native = (void (*)(Program *))(uintptr_t)at;
    for (size_t k = 0; at && k < p->nregion; k++)
        if (start[k] != SIZE_MAX)
            p->region[k].native =
                (void (*)(Program *, size_t))(uintptr_t)(at + start[k]);
    arena_free(a);
}

#else

void jit_make(Program *p)
{
    (void)p;
}

#endif

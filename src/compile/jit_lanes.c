/*
 * jit_lanes.c - machine code of regions, for processors with AVX-512
 *
 * Between two calls of kernels all operations are done for 8 entries, then
 * for the next 8: what is used there alone never leaves its register.  A
 * value that is used later stands in its lane, as in the VM.
 */
#include "compile/jit_state.h"

#if JIT_HERE

#include <stddef.h>
#include <string.h>

#include "num/wide.h"

/* The last registers hold constants; one is free for the templates. */
enum { SPARE = 28, SIGN = 29, ZERO = 30, ONE = 31 };

/* Registers of addresses; rcx counts the bytes of a lane up to r12. */
enum {
    RAX = 0,
    RCX = 1,
    RDX = 2,
    TO_LANES = 3,
    TO_PLACES = 5,
    RSI = 6,
    RDI = 7,
    TO_SLOTS = 14
};

/* A lane whose place is found in each block. */
#define MOVES INT32_MIN

static const double constants[] = {-0.0, 0, 1};

/* ---- instructions ---- */

/* reg = reg2 op m in the lanes of mask k (0: in all); the others become 0 if
 * `clear`, else keep what they are. */
static void masked(Jit *j, Opcode o, unsigned reg, unsigned reg2, Operand m,
                   unsigned k, bool clear)
{
    bool high = !m.memory && m.reg >= 16;
    jit_byte(j, 0x62);
    jit_byte(j, (~reg >> 3 & 1) << 7 | (high ? 0 : 0x40) |
                    (m.reg >> 3 & 1 ? 0 : 0x20) | (~reg >> 4 & 1) << 4 | o.map);
    jit_byte(j, 0x84 | (~reg2 & 15) << 3 | o.prefix);
    jit_byte(j, (clear ? 0xc0U : 0x40U) | (m.broadcast ? 0x10U : 0) |
                    (~reg2 >> 4 & 1) << 3 | k);
    jit_byte(j, o.code);
    unsigned low = (reg & 7) << 3 | (m.reg & 7);
    if (!m.memory) {
        jit_byte(j, 0xc0 | low);
        return;
    }
    if (m.indexed) {
        jit_byte(j, 0x84 | (reg & 7) << 3);
        jit_byte(j, 1 << 3 | (m.reg & 7));
    } else {
        jit_byte(j, 0x80 | low);
    }
    jit_bytes(j, &m.offset, 4);
}

static void plain(Jit *j, Opcode o, unsigned reg, unsigned reg2, Operand m)
{
    masked(j, o, reg, reg2, m, 0, false);
}

static const Opcode op_div = {P_66, 1, 0x5e}, op_sqrt = {P_66, 1, 0x51},
                    op_compare = {P_66, 1, 0xc2}, op_load = {P_66, 1, 0x10},
                    op_store = {P_66, 1, 0x11}, op_move = {P_66, 1, 0x28},
                    op_and_not = {P_66, 1, 0x55}, op_xor = {P_66, 1, 0x57},
                    op_blend = {P_66, 2, 0x65}, op_spread = {P_66, 2, 0x19},
                    op_round = {P_66, 3, 0x09};

/* Mask y of the lanes of mask k where the test holds. */
static void compare(Jit *j, unsigned y, unsigned a, Operand b, Test t,
                    unsigned k)
{
    masked(j, op_compare, y, a, b, k, false);
    jit_byte(j, t);
}

/* ---- lanes ---- */

/* mov reg, [rbp + ..]: the address of a lane */
static void address(Jit *j, unsigned reg, uint32_t lane)
{
    int32_t offset = (int32_t)(lane * sizeof(double *));
    BYTES(j, 0x48, 0x8b, (uint8_t)(0x80 | reg << 3 | TO_PLACES));
    jit_bytes(j, &offset, 4);
}

/* Where a lane is; by way of register `by` if that changes. */
static Operand lane_at(Jit *j, uint32_t lane, unsigned by)
{
    if (j->fixed[lane] != MOVES)
        return (Operand){.memory = true,
                         .indexed = true,
                         .reg = TO_LANES,
                         .offset = j->fixed[lane]};
    address(j, by, lane);
    return (Operand){.memory = true, .indexed = true, .reg = (uint8_t)by};
}

static Operand place(Jit *j, uint32_t lane)
{
    if (j->number[lane] == NONE)
        return lane_at(j, lane, RAX);
    return (Operand){.memory = true,
                     .broadcast = true,
                     .reg = TO_SLOTS,
                     .offset = (int32_t)(j->number[lane] * sizeof(double))};
}

static void load(Jit *j, unsigned r, uint32_t lane)
{
    Operand from = place(j, lane);
    bool one = from.broadcast;
    from.broadcast = false;
    plain(j, one ? op_spread : op_load, r, 0, from);
}

static void store(Jit *j, unsigned r, uint32_t lane)
{
    plain(j, op_store, r, 0, lane_at(j, lane, RDX));
}

static Uses uses(const Jit *j, const Instr *i)
{
    (void)j;
    return (Uses){
        operand_count(i->op), {i->a, i->b, i->c}, i->op != STEP_SUM, false};
}

/* ---- templates ---- */

static void write_binary(Jit *j, uint32_t k, unsigned code, bool may_turn)
{
    uint32_t a, b;
    jit_pair(j, k, may_turn, &a, &b);
    unsigned x = jit_loaded(j, a);
    Operand v = jit_value(j, b);
    plain(j, (Opcode){P_66, 1, (uint8_t)code}, jit_result(j, k), x, v);
}

/* 1 in the lanes of mask m, 0 in the others */
static void write_truth(Jit *j, uint32_t k, unsigned m)
{
    masked(j, op_move, jit_result(j, k), 0, in_register(ONE), m, true);
}

static void write_test(Jit *j, uint32_t k, Test t)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    compare(j, 1, x, jit_value(j, j->instr[k].b), t, 0);
    write_truth(j, k, 1);
}

static void write_logic(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    unsigned z = jit_loaded(j, j->instr[k].b);
    compare(j, 1, x, in_register(ZERO), IS_NE, 0);
    if (j->instr[k].op == STEP_AND) {
        compare(j, 1, z, in_register(ZERO), IS_NE, 1);
    } else {
        compare(j, 2, z, in_register(ZERO), IS_NE, 0);
        BYTES(j, 0xc5, 0xf4, 0x45, 0xca); /* korw k1, k1, k2 */
    }
    write_truth(j, k, 1);
}

static void write_choose(Jit *j, uint32_t k)
{
    const Instr *i = &j->instr[k];
    unsigned c = jit_loaded(j, i->a), yes = jit_loaded(j, i->b),
             no = jit_loaded(j, i->c);
    compare(j, 1, c, in_register(ZERO), IS_NE, 0);
    masked(j, op_blend, jit_result(j, k), no, in_register(yes), 1, false);
}

/* a unless b is larger (smaller), or alone a NaN */
static void write_extreme(Jit *j, uint32_t k, Test takes_b)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    unsigned z = jit_loaded(j, j->instr[k].b);
    compare(j, 1, x, in_register(z), takes_b, 0);
    compare(j, 1, x, in_register(x), IS_ORDERED, 1);
    masked(j, op_blend, jit_result(j, k), x, in_register(z), 1, false);
}

static void write_divide_or_0(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    unsigned z = jit_loaded(j, j->instr[k].b);
    compare(j, 1, z, in_register(ZERO), IS_NE, 0);
    masked(j, op_div, jit_result(j, k), x, in_register(z), 1, true);
}

/* 1 where it is positive, else 0; NaN of NaN */
static void write_step(Jit *j, uint32_t k, unsigned x)
{
    compare(j, 1, x, in_register(ZERO), IS_GT, 0);
    compare(j, 2, x, in_register(x), IS_UNORDERED, 0);
    masked(j, op_move, SPARE, 0, in_register(ONE), 1, true);
    masked(j, op_move, SPARE, 0, in_register(x), 2, false);
    plain(j, op_move, jit_result(j, k), 0, in_register(SPARE));
}

static void write_short(Jit *j, uint32_t k)
{
    Short name = jit_short(j->p, &j->instr[k]);
    if (name == SHORT_MAX || name == SHORT_MIN) {
        write_extreme(j, k, name == SHORT_MAX ? IS_NOT_GE : IS_NOT_LE);
        return;
    }
    unsigned x = jit_loaded(j, j->instr[k].a);
    switch (name) {
    case SHORT_ABS:
        plain(j, op_and_not, jit_result(j, k), SIGN, in_register(x));
        break;
    case SHORT_RELU:
        compare(j, 1, x, in_register(ZERO), IS_NOT_LE, 0);
        masked(j, op_move, jit_result(j, k), 0, in_register(x), 1, true);
        break;
    case SHORT_STEP:
        write_step(j, k, x);
        break;
    default:
        plain(j, op_round, jit_result(j, k), 0, in_register(x));
        jit_byte(j, name == SHORT_FLOOR ? 9 : 10);
        break;
    }
}

static bool is_written(const Jit *j, const Instr *i)
{
    return i->op <= STEP_CHOOSE || jit_short(j->p, i) != SHORT_NONE;
}

static void write_negation(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    compare(j, 1, x, in_register(ZERO), IS_EQ, 0);
    write_truth(j, k, 1);
}

static void write_minus(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    plain(j, op_xor, jit_result(j, k), x, in_register(SIGN));
}

static void write_root(Jit *j, uint32_t k)
{
    unsigned x = jit_loaded(j, j->instr[k].a);
    plain(j, op_sqrt, jit_result(j, k), 0, in_register(x));
}

static const Templates templates = {
    write_binary, write_test,        write_logic,  write_negation, write_minus,
    write_root,   write_divide_or_0, write_choose, write_short};

/* ---- a region ---- */

static bool wants_sign(const Jit *j, const Instr *i)
{
    return i->op == STEP_NEG || jit_short(j->p, i) == SHORT_ABS;
}

static bool wants_truth(const Instr *i)
{
    return (i->op >= STEP_LT && i->op <= STEP_CHOOSE) || i->op == STEP_DIV0 ||
           i->op == STEP_CALL1;
}

static void set_constants(Jit *j, uint32_t k, uint32_t end)
{
    bool sign = false, truth = false;
    for (; k < end; k++) {
        sign = sign || wants_sign(j, &j->instr[k]);
        truth = truth || wants_truth(&j->instr[k]);
    }
    if (sign || truth)
        jit_set(j, RAX, constants);
    for (unsigned c = 0; c < 3; c++)
        if (c == 0 ? sign : truth)
            plain(j, op_spread, SIGN + c, 0,
                  (Operand){.memory = true,
                            .reg = RAX,
                            .offset = (int32_t)(c * sizeof(double))});
}

/* The instructions k.. up to `end`, for 8 entries after the other. */
static void write_loop(Jit *j, uint32_t k, uint32_t end)
{
    set_constants(j, k, end);
    BYTES(j, 0x31, 0xc9); /* xor ecx, ecx */
    size_t top = j->code.count;
    for (; k < end; k++)
        jit_write(j, k);
    jit_save_all(j);
    jit_forget_all(j);
    if (j->region->count > 8) {
        BYTES(j, 0x48, 0x83, 0xc1, 0x40); /* add rcx, 64 */
        BYTES(j, 0x4c, 0x39, 0xe1);       /* cmp rcx, r12 */
        BYTES(j, 0x0f, 0x82);             /* jb top */
        int32_t back = (int32_t)(top - (j->code.count + 4));
        jit_bytes(j, &back, 4);
    }
    BYTES(j, 0xc5, 0xf8, 0x77); /* vzeroupper */
}

/* The kernel of a lane in its form for arrays, or NULL. */
static const void *array_kernel(const Jit *j, const Instr *i)
{
    if (i->op == STEP_CALL1)
        return (const void *)(uintptr_t)j->p->kernel[i->k]->v1;
    if (i->op == STEP_CALL2)
        return (const void *)(uintptr_t)j->p->kernel[i->k]->v2;
    return NULL;
}

/* How many entries a kernel works on: r13, known beforehand in a strip. */
static void pass_count(Jit *j, unsigned reg)
{
    if (j->region->strip) {
        uint32_t n = (uint32_t)vm_strip_entries(j->region->count);
        jit_byte(j, 0xb8 | reg); /* mov reg, n */
        jit_bytes(j, &n, sizeof n);
    } else {
        BYTES(j, 0x4c, 0x89, (uint8_t)(0xe8 | reg)); /* mov reg, r13 */
    }
}

/* Everything is in its lane; r13 is the number of entries. */
static void write_kernel(Jit *j, const Instr *i)
{
    const void *f = array_kernel(j, i);
    if (f) {
        bool two = i->op == STEP_CALL2;
        address(j, RDI, i->y);
        address(j, RSI, i->a);
        if (two)
            address(j, RDX, i->b);
        pass_count(j, two ? RCX : RDX);
        jit_call(j, f);
        return;
    }
    BYTES(j, 0x4c, 0x89, 0xff); /* mov rdi, r15 */
    jit_set(j, RSI, i);
    BYTES(j, 0x4c, 0x89, 0xea); /* mov rdx, r13 */
    jit_call(j, j->region->strip ? (const void *)(uintptr_t)vm_strip_one
                                 : (const void *)(uintptr_t)vm_lane);
}

/* Lanes of numbers, lanes without a place of their own, lanes that are read
 * after the code. */
static void find_lanes(Jit *j, bool *live)
{
    const Region *r = j->region;
    size_t stride = r->block + LANE_STRIDE - LANES;
    for (uint32_t k = 0; k < r->lanes; k++)
        j->fixed[k] = (int32_t)(k * stride * sizeof(double));
    for (uint32_t k = 0; k < r->nload; k++) {
        const Load *ld = &r->load[k];
        if (ld->kind == LOAD_NUMBER)
            j->number[ld->lane] = ld->from;
        if ((ld->kind == LOAD_PLAIN || ld->kind == LOAD_COLUMN) && !ld->pick)
            j->fixed[ld->lane] = MOVES;
    }
    for (uint32_t k = 0; k < r->nstore; k++) {
        j->fixed[r->store[k].lane] = MOVES;
        live[r->store[k].lane] = true;
    }
}

/* The same for a strip, whose lanes are arrays: those that it makes are read
 * after it. */
static void find_places(Jit *j, uint32_t count, bool *live)
{
    const Program *p = j->p;
    const Strip *s = j->region->strip;
    for (uint32_t k = 0; k < count; k++) {
        intptr_t far = (char *)p->at[k] - (char *)p->lane;
        bool near = far > -INT32_MAX && far < INT32_MAX;
        j->fixed[k] = near ? (int32_t)far : MOVES;
        live[k] = k < p->nat;
    }
    for (size_t k = 0; k < p->nmoving; k++)
        j->fixed[p->moving[k]] = MOVES;
    for (size_t k = 0; k < p->nsliding; k++)
        j->fixed[p->sliding[k]] = MOVES;
    for (uint32_t k = 0; k < s->nstore; k++)
        live[p->nat + s->store[k].lane] = true;
}

/* mov reg, [r15 + ..]: what the program that runs has of its own. */
static void from_program(Jit *j, unsigned reg, size_t at)
{
    int32_t offset = (int32_t)at;
    BYTES(j, (uint8_t)(0x49 | (reg & 8) >> 1), 0x8b,
          (uint8_t)(0x87 | (reg & 7) << 3));
    jit_bytes(j, &offset, 4);
}

static void write_region(Jit *j)
{
    BYTES(j, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55); /* push rbx rbp r12 r13 */
    BYTES(j, 0x41, 0x56, 0x41, 0x57);             /* push r14 r15 */
    BYTES(j, 0x48, 0x83, 0xec, 0x08);             /* sub rsp, 8 */
    BYTES(j, 0x49, 0x89, 0xff, 0x49, 0x89, 0xf5); /* mov r15, rdi; r13, rsi */
    BYTES(j, 0x4c, 0x8d, 0x66, 0x07);             /* lea r12, [rsi + 7] */
    BYTES(j, 0x49, 0x83, 0xe4, 0xf8);             /* and r12, -8 */
    BYTES(j, 0x49, 0xc1, 0xe4, 0x03);             /* shl r12, 3 */
    from_program(j, TO_LANES, offsetof(Program, lane));
    from_program(j, TO_PLACES,
                 j->region->strip ? offsetof(Program, at)
                                  : offsetof(Program, lane_at));
    jit_set(j, TO_SLOTS, j->p->slot);
    for (uint32_t k = 0; k < j->count;) {
        uint32_t end = k;
        while (end < j->count && is_written(j, &j->instr[end]))
            end++;
        if (end > k)
            write_loop(j, k, end);
        else
            write_kernel(j, &j->instr[end++]);
        k = end;
    }
    BYTES(j, 0x48, 0x83, 0xc4, 0x08);             /* add rsp, 8 */
    BYTES(j, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d); /* pop r15 r14 r13 */
    BYTES(j, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);       /* pop r12 rbp rbx; ret */
}

/* Code of a strip names places in Program.at; as many as it names. */
static uint32_t count_places(const Program *p, const Instr *i)
{
    uint32_t n = (uint32_t)(p->nat + p->most_lanes);
    for (; i->op != VM_HALT; i++) {
        const uint32_t at[] = {i->y, i->a, i->b, i->c};
        for (unsigned k = 0; k < 4; k++)
            n = at[k] >= n ? at[k] + 1 : n;
    }
    return n;
}

bool jit_region(Jit *j, const Region *r)
{
    if (!WIDE_HAS(512, "avx512f") || !WIDE_HAS(512, "avx512dq"))
        return false;
    const Instr *code = r->strip ? r->strip->code : j->p->lane_code + r->code;
    uint32_t count = 0;
    while (code[count].op != VM_HALT)
        count++;
    uint32_t lanes = r->strip ? count_places(j->p, code) : r->lanes;
    j->regs = REGS_MOST;
    j->templates = &templates;
    j->uses = uses;
    j->place = place;
    j->load = load;
    j->store = store;
    j->region = r;
    j->number = arena_alloc(j->a, (lanes + 1) * sizeof *j->number);
    memset(j->number, 0xff, lanes * sizeof *j->number);
    j->fixed = ARENA_ARRAY(j->a, int32_t, lanes + 1);
    bool *live = ARENA_ARRAY(j->a, bool, lanes + 1);
    if (r->strip)
        find_places(j, lanes, live);
    else
        find_lanes(j, live);
    jit_begin(j, code, count, lanes, live);
    write_region(j);
    return true;
}

#endif

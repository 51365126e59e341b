/*
 * native_code.c - the instructions of register code in machine code
 *
 * r15 points to the locals and r14 to the cells, rbp counts the turns that
 * are left; rax, rcx, rdx and the last four vector registers are free for the
 * templates, of which the last is 0.  A result goes to its home when nothing
 * can ask for an exit any more.
 */
#include "eval/native_state.h"

#if JIT_HERE

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "num/vmath.h"
#include "op/op.h"

enum { RAX = 0, RCX = 1, RDX = 2, RBP = 5, TO_CELLS = 14, TO_LOCALS = 15 };
enum { RESULT = 12, LEFT = 13, RIGHT = 14, ZERO = 15 };

/* Conditions of jumps. */
typedef enum Condition {
    IF_OVERFLOW = 0x0,
    IF_BELOW = 0x2,
    IF_NOT_BELOW = 0x3,
    IF_EQUAL = 0x4,
    IF_NOT_EQUAL = 0x5,
    IF_NOT_ABOVE = 0x6,
    IF_ABOVE = 0x7,
    IF_PARITY = 0xa,
    IF_NO_PARITY = 0xb,
    IF_LESS = 0xc,
    IF_NOT_LESS = 0xd,
    IF_NOT_GREATER = 0xe,
    IF_GREATER = 0xf
} Condition;

/* Instructions of integers: reg = reg op operand; two bytes have 0x0f first. */
enum {
    INT_ADD = 0x03,
    INT_OR = 0x0b,
    INT_AND = 0x23,
    INT_SUB = 0x2b,
    INT_COMPARE = 0x3b,
    INT_LOAD = 0x8b,
    INT_STORE = 0x89,
    INT_MULTIPLY = 0xfaf,
    INT_TAKE_BYTE = 0xfb6
};

static const Opcode op_add = {P_F2, 1, 0x58}, op_mul = {P_F2, 1, 0x59},
                    op_sub = {P_F2, 1, 0x5c}, op_div = {P_F2, 1, 0x5e},
                    op_sqrt = {P_F2, 1, 0x51}, op_load = {P_F2, 1, 0x10},
                    op_store = {P_F2, 1, 0x11}, op_move = {P_66, 1, 0x28},
                    op_xor = {P_66, 1, 0x57}, op_compare = {P_66, 1, 0x2e};

/* ---- bytes ---- */

static Operand at_base(unsigned base, size_t offset)
{
    return (Operand){
        .memory = true, .reg = (uint8_t)base, .offset = (int32_t)offset};
}

static Operand cell(size_t k)
{
    return at_base(TO_CELLS, k * 8);
}

static void integer(Jit *j, unsigned code, unsigned reg, Operand with)
{
    jit_byte(j, 0x48 | (reg >> 3) << 2 | with.reg >> 3);
    if (code > 0xff)
        jit_byte(j, 0x0f);
    jit_byte(j, code & 0xff);
    jit_operands(j, reg, with);
}

/* reg = k */
static void set_integer(Jit *j, unsigned reg, int64_t k)
{
    int32_t low = (int32_t)k;
    if (low != k) {
        jit_set(j, reg, (const void *)(intptr_t)k);
        return;
    }
    jit_byte(j, 0x48 | reg >> 3);
    BYTES(j, 0xc7, (uint8_t)(0xc0 | (reg & 7)));
    jit_bytes(j, &low, sizeof low);
}

static void jump(Maker *m, int to)
{
    Jit *j = &m->j;
    jit_byte(j, 0xe9);
    VEC_PUSH_IN(j->a, &m->jump, ((Jump){j->code.count, to}));
    jit_bytes(j, &(int32_t){0}, 4);
}

static void jump_if(Maker *m, Condition c, int to)
{
    Jit *j = &m->j;
    BYTES(j, 0x0f, (uint8_t)(0x80 | c));
    VEC_PUSH_IN(j->a, &m->jump, ((Jump){j->code.count, to}));
    jit_bytes(j, &(int32_t){0}, 4);
}

/* ---- states ---- */

static const uint8_t *holds(const Maker *m)
{
    return m->variant.at[m->present].holds;
}

static bool is_number(unsigned h)
{
    return h == HOLDS_INT || h == HOLDS_FLOAT;
}

static bool is_constant(const Maker *m, int r)
{
    return r >= m->code->nvars && r < m->code->nvars + m->code->nconsts;
}

/* What stands there needs no counting, and a variable has its name. */
static bool is_writable(const Maker *m, int r)
{
    unsigned h = holds(m)[r];
    return h >= HOLDS_INT || (h == HOLDS_NOTHING && r >= m->code->nvars);
}

/* Back to the interpreter before this instruction. */
static int away(Maker *m)
{
    if (!m->away) {
        Variant v = m->variant.at[m->present];
        v.label = SIZE_MAX;
        VEC_PUSH_IN(m->j.a, &m->leave, v);
        m->away = ~((int)m->leave.count - 1);
    }
    return m->away;
}

/* The state after it: register r has got a value. */
static int onward(Maker *m, int at, int r, Holds h)
{
    uint8_t *next = arena_alloc(m->j.a, (size_t)m->nregs);
    memcpy(next, holds(m), (size_t)m->nregs);
    if (r >= 0)
        next[r] = (uint8_t)h;
    return native_target(m, at, next);
}

static int present_at(const Maker *m)
{
    return m->variant.at[m->present].at;
}

/* ---- homes ---- */

static Operand home(Maker *m, HomeClass c, int r)
{
    m->use[c][r] += m->weight[present_at(m)];
    if (m->home[c][r] >= 0)
        return in_register((unsigned)m->home[c][r]);
    return cell((size_t)(CELL_FIRST + (int)c * m->nregs + r));
}

static Operand array_cell(const Maker *m, int r, int which)
{
    return cell(
        (size_t)(CELL_FIRST + CLASSES * m->nregs + ARRAY_CELLS * r + which));
}

static int64_t constant_of(const Maker *m, int r)
{
    const Value *v = &m->code->constant[r - m->code->nvars];
    return v->kind == VAL_BOOL ? v->truth : v->integer;
}

static void load_integer(Maker *m, unsigned reg, int r)
{
    if (is_constant(m, r))
        set_integer(&m->j, reg, constant_of(m, r));
    else
        integer(&m->j, INT_LOAD, reg, home(m, AS_INT, r));
}

/* reg = reg op register r */
static void with_integer(Maker *m, unsigned code, unsigned reg, int r)
{
    if (is_constant(m, r)) {
        set_integer(&m->j, RDX, constant_of(m, r));
        integer(&m->j, code, reg, in_register(RDX));
    } else {
        integer(&m->j, code, reg, home(m, AS_INT, r));
    }
}

static void store_integer(Maker *m, int r, unsigned reg)
{
    integer(&m->j, INT_STORE, reg, home(m, AS_INT, r));
}

/* spare = an integer as a float: VEX of 64 bits */
static void convert(Jit *j, unsigned to, Operand from)
{
    jit_byte(j, 0xc4);
    jit_byte(j, (to < 8 ? 0x80 : 0) | 0x40 | (from.reg < 8 ? 0x20 : 0) | 1);
    jit_byte(j, 0x80 | (~(unsigned)ZERO & 15) << 3 | P_F2);
    jit_byte(j, 0x2a);
    jit_operands(j, to, from);
}

/* A number as a float, in its home or in the register `spare`. */
static unsigned load_float(Maker *m, int r, unsigned spare)
{
    if (holds(m)[r] == HOLDS_INT && !is_constant(m, r)) {
        convert(&m->j, spare, home(m, AS_INT, r));
        return spare;
    }
    Operand from = home(m, AS_FLOAT, r);
    if (!from.memory)
        return from.reg;
    jit_vex(&m->j, op_load, spare, 0, from);
    return spare;
}

static void store_float(Maker *m, int r, unsigned reg)
{
    Operand to = home(m, AS_FLOAT, r);
    if (to.memory)
        jit_vex(&m->j, op_store, reg, 0, to);
    else if (to.reg != reg)
        jit_vex(&m->j, op_move, to.reg, 0, in_register(reg));
}

/* The result goes away if it is infinite or no number: then y - y is no 0. */
static void check_finite(Maker *m)
{
    jit_vex(&m->j, op_sub, RIGHT, RESULT, in_register(RESULT));
    jit_vex(&m->j, op_compare, RIGHT, 0, in_register(RIGHT));
    jump_if(m, IF_PARITY, away(m));
}

static int finish_float(Maker *m, const FastInstr *i)
{
    check_finite(m);
    store_float(m, i->d, RESULT);
    return onward(m, present_at(m) + 1, i->d, HOLDS_FLOAT);
}

/* ---- arithmetic ---- */

/* rax = a/b, rdx the remainder, rcx = b, which is neither 0 nor -1 */
static void write_quotient(Maker *m, const FastInstr *i)
{
    Jit *j = &m->j;
    load_integer(m, RCX, i->b);
    BYTES(j, 0x48, 0x8d, 0x51, 0x01); /* lea rdx, [rcx + 1] */
    BYTES(j, 0x48, 0x83, 0xfa, 0x01); /* cmp rdx, 1 */
    jump_if(m, IF_NOT_ABOVE, away(m));
    load_integer(m, RAX, i->a);
    BYTES(j, 0x48, 0x99, 0x48, 0xf7, 0xf9); /* cqo; idiv rcx */
}

static int write_integers(Maker *m, const FastInstr *i, FastOp op)
{
    if (op == FAST_DIV) {
        write_quotient(m, i);
        BYTES(&m->j, 0x48, 0x85, 0xd2); /* test rdx, rdx */
        jump_if(m, IF_NOT_EQUAL, away(m));
        store_integer(m, i->d, RAX);
        return onward(m, present_at(m) + 1, i->d, HOLDS_INT);
    }
    load_integer(m, RAX, i->a);
    with_integer(m,
                 op == FAST_ADD   ? INT_ADD
                 : op == FAST_SUB ? INT_SUB
                                  : INT_MULTIPLY,
                 RAX, i->b);
    jump_if(m, IF_OVERFLOW, away(m));
    store_integer(m, i->d, RAX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_INT);
}

static int write_arithmetic(Maker *m, const FastInstr *i, FastOp op)
{
    unsigned a = holds(m)[i->a], b = holds(m)[i->b];
    if (!is_number(a) || !is_number(b) || !is_writable(m, i->d))
        return away(m);
    if (a == HOLDS_INT && b == HOLDS_INT)
        return write_integers(m, i, op);
    unsigned x = load_float(m, i->a, LEFT), z = load_float(m, i->b, RIGHT);
    jit_vex(&m->j,
            op == FAST_ADD   ? op_add
            : op == FAST_SUB ? op_sub
            : op == FAST_MUL ? op_mul
                             : op_div,
            RESULT, x, in_register(z));
    return finish_float(m, i);
}

static void push_homes(Maker *m, bool back)
{
    for (int r = 0; r < m->nregs; r++)
        for (HomeClass c = 0; c < CLASSES; c++) {
            int8_t h = m->home[c][r];
            if (h < 0 || (c == AS_INT && (h == 3 || h >= 12)))
                continue;
            Operand to = cell((size_t)(CELL_FIRST + (int)c * m->nregs + r));
            if (c == AS_INT)
                integer(&m->j, back ? INT_LOAD : INT_STORE, (unsigned)h, to);
            else
                jit_vex(&m->j, back ? op_load : op_store, (unsigned)h, 0, to);
        }
}

/* RESULT = function(LEFT), or of LEFT and RIGHT; they hold the operands. */
static void call(Maker *m, const void *function)
{
    Jit *j = &m->j;
    push_homes(m, false);
    jit_vex(j, op_move, 0, 0, in_register(LEFT));
    jit_vex(j, op_move, 1, 0, in_register(RIGHT));
    jit_call(j, function);
    jit_vex(j, op_move, RESULT, 0, in_register(0));
    jit_vex(j, op_xor, ZERO, ZERO, in_register(ZERO));
    push_homes(m, true);
}

static void bring(Maker *m, int r, unsigned reg)
{
    unsigned x = load_float(m, r, reg);
    if (x != reg)
        jit_vex(&m->j, op_move, reg, 0, in_register(x));
}

static int write_power(Maker *m, const FastInstr *i)
{
    unsigned a = holds(m)[i->a], b = holds(m)[i->b];
    bool square =
        is_constant(m, i->b) && b == HOLDS_INT && constant_of(m, i->b) == 2;
    FastInstr twice = *i;
    twice.b = i->a;
    if (square)
        return write_arithmetic(m, &twice, FAST_MUL);
    bool fits =
        b == HOLDS_FLOAT || (b == HOLDS_INT && is_constant(m, i->b) &&
                             llabs(constant_of(m, i->b)) <= INT64_C(1) << 53);
    if (a != HOLDS_FLOAT || !fits || !is_writable(m, i->d))
        return away(m);
    bring(m, i->a, LEFT);
    bring(m, i->b, RIGHT);
    call(m, (const void *)(uintptr_t)op_table[OP_POW].scalar2);
    return finish_float(m, i);
}

static int write_binary(Maker *m, const FastInstr *i)
{
    switch (i->t->op) {
    case AST_POW:
        return write_power(m, i);
    case AST_DOTMUL:
        return write_arithmetic(m, i, FAST_MUL);
    case AST_DOTDIV:
        return write_arithmetic(m, i, FAST_DIV);
    default:
        return away(m);
    }
}

static int write_negate(Maker *m, const FastInstr *i)
{
    unsigned a = holds(m)[i->a];
    if (!is_number(a) || !is_writable(m, i->d))
        return away(m);
    if (a == HOLDS_INT) {
        set_integer(&m->j, RAX, 0);
        with_integer(m, INT_SUB, RAX, i->a);
        jump_if(m, IF_OVERFLOW, away(m));
        store_integer(m, i->d, RAX);
    } else {
        unsigned x = load_float(m, i->a, LEFT);
        jit_vex(&m->j, op_xor, RESULT, x, cell(CELL_SIGN));
        store_float(m, i->d, RESULT);
    }
    return onward(m, present_at(m) + 1, i->d, (Holds)a);
}

static int write_not(Maker *m, const FastInstr *i)
{
    if (holds(m)[i->a] != HOLDS_BOOL || !is_writable(m, i->d))
        return away(m);
    set_integer(&m->j, RAX, 1);
    with_integer(m, INT_SUB, RAX, i->a);
    store_integer(m, i->d, RAX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_BOOL);
}

/* A remainder that is not 0 has the sign of b. */
static int write_mod(Maker *m, const FastInstr *i)
{
    unsigned a = holds(m)[i->a], b = holds(m)[i->b];
    if (!is_number(a) || a != b || !is_writable(m, i->d) ||
        m->code->cell[i->c]->defined)
        return away(m);
    if (a == HOLDS_FLOAT) {
        bring(m, i->a, LEFT);
        bring(m, i->b, RIGHT);
        call(m, (const void *)(uintptr_t)op_table[OP_MOD].scalar2);
        return finish_float(m, i);
    }
    write_quotient(m, i);
    BYTES(&m->j, 0x48, 0x85, 0xd2, 0x74, 0x0b); /* test rdx, rdx; je .. */
    BYTES(&m->j, 0x48, 0x89, 0xd0);             /* mov rax, rdx */
    BYTES(&m->j, 0x48, 0x31, 0xc8, 0x79, 0x03); /* xor rax, rcx; jns .. */
    BYTES(&m->j, 0x48, 0x01, 0xca);             /* add rdx, rcx */
    store_integer(m, i->d, RDX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_INT);
}

static int write_root(Maker *m, const FastInstr *i)
{
    unsigned x = load_float(m, i->a, LEFT);
    jit_vex(&m->j, op_sqrt, RESULT, x, in_register(x));
    return finish_float(m, i);
}

static int write_unary(Maker *m, const FastInstr *i)
{
    bool root = i->extra == FAST_SQRT;
    const OpInfo *op = &op_table[root ? 0 : i->extra];
    if (holds(m)[i->a] != HOLDS_FLOAT || !is_writable(m, i->d) ||
        m->code->cell[i->b]->defined || (!root && !op->scalar1))
        return away(m);
    if (root)
        return write_root(m, i);
    bring(m, i->a, LEFT);
    call(m, (const void *)(uintptr_t)op->scalar1);
    return finish_float(m, i);
}

static int write_move(Maker *m, const FastInstr *i)
{
    unsigned a = holds(m)[i->a];
    if (a < HOLDS_INT || !is_writable(m, i->d))
        return away(m);
    if (a == HOLDS_FLOAT) {
        store_float(m, i->d, load_float(m, i->a, LEFT));
    } else {
        load_integer(m, RAX, i->a);
        store_integer(m, i->d, RAX);
    }
    return onward(m, present_at(m) + 1, i->d, (Holds)a);
}

/* ---- comparisons ---- */

/* al = condition, or both conditions, or either */
static void set_truth(Jit *j, Condition c)
{
    BYTES(j, 0x0f, (uint8_t)(0x90 | c), 0xc0);
}

static void compare_floats(Maker *m, const FastInstr *i, int op)
{
    Jit *j = &m->j;
    unsigned x = load_float(m, i->a, LEFT), z = load_float(m, i->b, RIGHT);
    bool turned = op == AST_LT || op == AST_LE;
    jit_vex(j, op_compare, turned ? z : x, 0, in_register(turned ? x : z));
    if (op == AST_EQ || op == AST_NE) {
        set_truth(j, op == AST_EQ ? IF_EQUAL : IF_NOT_EQUAL);
        BYTES(j, 0x0f,
              (uint8_t)(0x90 | (op == AST_EQ ? IF_NO_PARITY : IF_PARITY)),
              0xc1);                                /* cl */
        BYTES(j, op == AST_EQ ? 0x20 : 0x08, 0xc8); /* and, or al, cl */
    } else {
        set_truth(j, op == AST_LT || op == AST_GT ? IF_ABOVE : IF_NOT_BELOW);
    }
}

static void compare_integers(Maker *m, const FastInstr *i, int op)
{
    load_integer(m, RAX, i->a);
    with_integer(m, INT_COMPARE, RAX, i->b);
    set_truth(&m->j, op == AST_LT   ? IF_LESS
                     : op == AST_LE ? IF_NOT_GREATER
                     : op == AST_GT ? IF_GREATER
                     : op == AST_GE ? IF_NOT_LESS
                     : op == AST_EQ ? IF_EQUAL
                                    : IF_NOT_EQUAL);
}

/* Does the integer r have a float of its own, and one that is not compared
 * with a warning? */
static bool is_comparable(const Maker *m, int r, int op)
{
    if (holds(m)[r] != HOLDS_INT)
        return true;
    if (!is_constant(m, r))
        return false;
    int64_t k = constant_of(m, r);
    bool equality = op == AST_EQ || op == AST_NE;
    return equality ? k == 0 : llabs(k) <= INT64_C(1) << 53;
}

static int write_compare(Maker *m, const FastInstr *i)
{
    int op = i->extra;
    unsigned a = holds(m)[i->a], b = holds(m)[i->b];
    if (!is_number(a) || !is_number(b) || !is_writable(m, i->d) ||
        op < AST_EQ || op > AST_GE || op == AST_IN)
        return away(m);
    if (a == HOLDS_INT && b == HOLDS_INT)
        compare_integers(m, i, op);
    else if (is_comparable(m, i->a, op) && is_comparable(m, i->b, op))
        compare_floats(m, i, op);
    else
        return away(m);
    integer(&m->j, INT_TAKE_BYTE, RAX, in_register(RAX));
    store_integer(m, i->d, RAX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_BOOL);
}

/* ---- arrays ---- */

/* rcx = address of the entry of array r at rows b, columns c */
static void find_entry(Maker *m, const FastInstr *i, int r)
{
    Jit *j = &m->j;
    static const uint8_t minus_1[] = {0x48, 0x83, 0xe8, 0x01};
    load_integer(m, RAX, i->b);
    jit_bytes(j, minus_1, sizeof minus_1); /* sub rax, 1 */
    integer(j, INT_COMPARE, RAX,
            array_cell(m, r, i->extra == 1 ? ARRAY_COUNT : ARRAY_ROWS));
    jump_if(m, IF_NOT_BELOW, away(m));
    if (i->extra == 2) {
        load_integer(m, RCX, i->c);
        BYTES(j, 0x48, 0x83, 0xe9, 0x01); /* sub rcx, 1 */
        integer(j, INT_COMPARE, RCX, array_cell(m, r, ARRAY_COLS));
        jump_if(m, IF_NOT_BELOW, away(m));
        integer(j, INT_MULTIPLY, RCX, array_cell(m, r, ARRAY_ROWS));
        integer(j, INT_ADD, RAX, in_register(RCX));
    }
    integer(j, INT_LOAD, RCX, array_cell(m, r, ARRAY_DATA));
    BYTES(j, 0x48, 0x8d, 0x0c, 0xc1); /* lea rcx, [rcx + 8*rax] */
}

static bool has_place(const Maker *m, const FastInstr *i)
{
    return holds(m)[i->b] == HOLDS_INT &&
           (i->extra == 1 || holds(m)[i->c] == HOLDS_INT);
}

static int write_index(Maker *m, const FastInstr *i)
{
    unsigned a = holds(m)[i->a];
    if ((a != HOLDS_ARRAY && a != HOLDS_SHARED) || !has_place(m, i) ||
        !is_writable(m, i->d))
        return away(m);
    find_entry(m, i, i->a);
    jit_vex(&m->j, op_load, RESULT, 0, at_base(RCX, 0));
    store_float(m, i->d, RESULT);
    return onward(m, present_at(m) + 1, i->d, HOLDS_FLOAT);
}

static int write_assign_index(Maker *m, const FastInstr *i)
{
    if (holds(m)[i->d] != HOLDS_ARRAY || !has_place(m, i) ||
        holds(m)[i->a] != HOLDS_FLOAT)
        return away(m);
    find_entry(m, i, i->d);
    unsigned x = load_float(m, i->a, LEFT);
    jit_vex(&m->j, op_store, x, 0, at_base(RCX, 0));
    return onward(m, present_at(m) + 1, -1, HOLDS_NOTHING);
}

/* ---- ways ---- */

static int write_unless(Maker *m, const FastInstr *i)
{
    if (holds(m)[i->a] != HOLDS_BOOL)
        return away(m);
    load_integer(m, RAX, i->a);
    BYTES(&m->j, 0x48, 0x85, 0xc0); /* test rax, rax */
    jump_if(m, IF_EQUAL, onward(m, i->extra, -1, HOLDS_NOTHING));
    return onward(m, present_at(m) + 1, -1, HOLDS_NOTHING);
}

static bool is_truth(const Maker *m, int r)
{
    return holds(m)[r] == HOLDS_BOOL;
}

static int write_logic(Maker *m, const FastInstr *i)
{
    if (!is_truth(m, i->a) || !is_truth(m, i->b) || !is_writable(m, i->d))
        return away(m);
    load_integer(m, RAX, i->a);
    with_integer(m, i->t->op == AST_AND ? INT_AND : INT_OR, RAX, i->b);
    store_integer(m, i->d, RAX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_BOOL);
}

/* The jump is taken with the first operand as the result. */
static int write_decides(Maker *m, const FastInstr *i)
{
    if (!is_truth(m, i->a) || !is_writable(m, i->d))
        return away(m);
    load_integer(m, RAX, i->a);
    store_integer(m, i->d, RAX);
    BYTES(&m->j, 0x48, 0x85, 0xc0); /* test rax, rax */
    jump_if(m, i->t->op == AST_AND ? IF_EQUAL : IF_NOT_EQUAL,
            onward(m, i->extra, i->d, HOLDS_BOOL));
    return onward(m, present_at(m) + 1, -1, HOLDS_NOTHING);
}

/* A number stays a number. */
static int write_nothing(Maker *m, const FastInstr *i, bool fits)
{
    (void)i;
    return fits ? onward(m, present_at(m) + 1, -1, HOLDS_NOTHING) : away(m);
}

static bool has_counter(const Maker *m, const FastInstr *i)
{
    return holds(m)[i->a] == HOLDS_INT && holds(m)[i->b] == HOLDS_INT &&
           is_writable(m, i->d);
}

static int write_for(Maker *m, const FastInstr *i)
{
    if (!has_counter(m, i))
        return away(m);
    load_integer(m, RAX, i->a);
    with_integer(m, INT_COMPARE, RAX, i->b);
    jump_if(m, IF_GREATER, onward(m, i->extra, -1, HOLDS_NOTHING));
    store_integer(m, i->d, RAX);
    return onward(m, present_at(m) + 1, i->d, HOLDS_INT);
}

/* One turn less is left; the interpreter looks at interruptions. */
static void count_turn(Maker *m)
{
    BYTES(&m->j, 0x48, 0xff, 0xcd); /* dec rbp */
    jump_if(m, IF_EQUAL, away(m));
}

static int write_next(Maker *m, const FastInstr *i)
{
    if (!has_counter(m, i) || is_constant(m, i->a))
        return away(m);
    count_turn(m);
    load_integer(m, RAX, i->a);
    with_integer(m, INT_COMPARE, RAX, i->b);
    jump_if(m, IF_NOT_LESS, onward(m, present_at(m) + 1, -1, HOLDS_NOTHING));
    BYTES(&m->j, 0x48, 0xff, 0xc0); /* inc rax */
    store_integer(m, i->a, RAX);
    store_integer(m, i->d, RAX);
    return onward(m, i->extra, i->d, HOLDS_INT);
}

static int write_instr(Maker *m)
{
    const FastInstr *i = &m->code->instr[present_at(m)];
    switch ((FastOp)i->op) {
    case FAST_MOVE:
        return write_move(m, i);
    case FAST_ADD:
    case FAST_SUB:
    case FAST_MUL:
    case FAST_DIV:
        return write_arithmetic(m, i, (FastOp)i->op);
    case FAST_BINARY:
        return write_binary(m, i);
    case FAST_COMPARE:
        return write_compare(m, i);
    case FAST_NEGATE:
        return write_negate(m, i);
    case FAST_NOT:
        return write_not(m, i);
    case FAST_UNARY:
        return write_unary(m, i);
    case FAST_MOD:
        return write_mod(m, i);
    case FAST_LOGIC:
        return write_logic(m, i);
    case FAST_DECIDES:
        return write_decides(m, i);
    case FAST_INDEX:
        return write_index(m, i);
    case FAST_ASSIGN_INDEX:
        return write_assign_index(m, i);
    case FAST_JUMP:
        return onward(m, i->extra, -1, HOLDS_NOTHING);
    case FAST_UNLESS:
    case FAST_IF:
        return write_unless(m, i);
    case FAST_CHOOSE:
        return write_nothing(m, i, holds(m)[i->a] == HOLDS_BOOL);
    case FAST_GIVEN:
        return write_nothing(m, i, holds(m)[i->a] >= HOLDS_INT);
    case FAST_FOR:
        return write_for(m, i);
    case FAST_NEXT:
        return write_next(m, i);
    case FAST_BACK:
        count_turn(m);
        return onward(m, i->extra, -1, HOLDS_NOTHING);
    default:
        return away(m);
    }
}

/* ---- in and out ---- */

static HomeClass class_of(unsigned h)
{
    return h == HOLDS_FLOAT ? AS_FLOAT : AS_INT;
}

static size_t payload(int r)
{
    return (size_t)r * sizeof(Local) + offsetof(Local, value) +
           offsetof(Value, number);
}

static void write_entry(Maker *m, const uint8_t *start)
{
    Jit *j = &m->j;
    BYTES(j, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55); /* push rbx rbp r12 r13 */
    BYTES(j, 0x41, 0x56, 0x41, 0x57);             /* push r14 r15 */
    BYTES(j, 0x48, 0x83, 0xec, 0x08);             /* sub rsp, 8 */
    BYTES(j, 0x49, 0x89, 0xff, 0x49, 0x89, 0xf6); /* mov r15, rdi; r14, rsi */
    BYTES(j, 0x48, 0x89, 0xd5);                   /* mov rbp, rdx */
    jit_vex(j, op_xor, ZERO, ZERO, in_register(ZERO));
    for (int r = 0; r < m->nregs; r++) {
        HomeClass c = is_constant(m, r) ? AS_FLOAT : class_of(start[r]);
        int8_t h = m->home[c][r];
        Operand own = cell((size_t)(CELL_FIRST + (int)c * m->nregs + r));
        if (start[r] < HOLDS_INT || !m->use[c][r] ||
            (is_constant(m, r) && h < 0))
            continue;
        Operand from = is_constant(m, r) ? own : at_base(TO_LOCALS, payload(r));
        if (c == AS_FLOAT && h >= 0) {
            jit_vex(j, op_load, (unsigned)h, 0, from);
            continue;
        }
        unsigned to = h >= 0 ? (unsigned)h : RAX;
        integer(j, start[r] == HOLDS_BOOL ? INT_TAKE_BYTE : INT_LOAD, to, from);
        if (h < 0)
            integer(j, INT_STORE, RAX, own);
    }
}

/* mov dword [local r], kind */
static void write_kind(Jit *j, int r, ValueKind kind)
{
    int32_t offset = (int32_t)((size_t)r * sizeof(Local) +
                               offsetof(Local, value) + offsetof(Value, kind));
    int32_t k = (int32_t)kind;
    BYTES(j, 0x41, 0xc7, 0x87);
    jit_bytes(j, &offset, sizeof offset);
    jit_bytes(j, &k, sizeof k);
}

/* Numbers go back to the locals; all exits end at `end`. */
static void write_exit(Maker *m, Variant *v)
{
    Jit *j = &m->j;
    v->label = j->code.count;
    for (int r = 0; r < m->nregs; r++) {
        unsigned h = v->holds[r];
        HomeClass c = class_of(h);
        if (h < HOLDS_INT || is_constant(m, r) || !m->use[c][r])
            continue;
        Operand to = at_base(TO_LOCALS, payload(r));
        if (m->home[c][r] < 0) {
            integer(j, INT_LOAD, RAX,
                    cell((size_t)(CELL_FIRST + (int)c * m->nregs + r)));
            integer(j, INT_STORE, RAX, to);
        } else if (c == AS_FLOAT) {
            jit_vex(j, op_store, (unsigned)m->home[c][r], 0, to);
        } else {
            integer(j, INT_STORE, (unsigned)m->home[c][r], to);
        }
        write_kind(j, r,
                   h == HOLDS_FLOAT ? VAL_FLOAT
                   : h == HOLDS_INT ? VAL_INT
                                    : VAL_BOOL);
    }
    set_integer(j, RAX, v->at);
    integer(j, INT_STORE, RBP, cell(CELL_LEFT));
    BYTES(j, 0x48, 0x83, 0xc4, 0x08);             /* add rsp, 8 */
    BYTES(j, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d); /* pop r15 r14 r13 */
    BYTES(j, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);       /* pop r12 rbp rbx; ret */
}

/* From this variant on, until the code is there already. */
static void write_chain(Maker *m, int k)
{
    while (k >= 0 && m->variant.at[k].label == SIZE_MAX) {
        m->variant.at[k].label = m->j.code.count;
        m->present = k;
        m->away = 0;
        k = write_instr(m);
    }
    jump(m, k);
}

void native_write(Maker *m, int at, const uint8_t *start)
{
    m->j.code.count = 0;
    m->variant.count = m->leave.count = m->jump.count = 0;
    write_entry(m, start);
    int first = native_target(m, at, start);
    write_chain(m, first);
    for (size_t k = 0; k < m->variant.count; k++)
        if (m->variant.at[k].label == SIZE_MAX)
            write_chain(m, (int)k);
    for (size_t k = 0; k < m->leave.count; k++)
        write_exit(m, &m->leave.at[k]);
    for (size_t k = 0; k < m->jump.count; k++) {
        Jump to = m->jump.at[k];
        size_t label =
            to.to < 0 ? m->leave.at[~to.to].label : m->variant.at[to.to].label;
        int32_t far = (int32_t)(label - (to.at + 4));
        memcpy(m->j.code.at + to.at, &far, sizeof far);
    }
}

#endif

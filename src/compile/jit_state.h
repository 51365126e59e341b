/*
 * jit_state.h - what the files of the translator share
 *
 * Code without jumps is translated in one pass.  A Jit translates one such
 * piece after the other into one stretch of bytes; for each it is told how
 * instructions are read and how values get to and from their places, which
 * are slots (jit.c) or lanes (jit_lanes.c).
 */
#ifndef MLC_COMPILE_JIT_STATE_H
#define MLC_COMPILE_JIT_STATE_H

#include "compile/jit.h"

#define NONE UINT32_MAX
#define NEVER UINT32_MAX

enum { REGS_MOST = 28 };

/* A register, or memory at a base. */
typedef struct Operand {
    bool memory;
    bool indexed;   /* rcx is added */
    bool broadcast; /* one number for all lanes */
    uint8_t reg;
    int32_t offset;
} Operand;

typedef struct Opcode {
    uint8_t prefix, map, code;
} Opcode;

typedef enum Prefix { P_NONE = 0, P_66 = 1, P_F2 = 3 } Prefix;

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

typedef struct Register {
    uint32_t slot; /* or NONE */
    uint32_t next; /* the instruction that reads it next */
    bool dirty;    /* the slot does not have it yet */
} Register;

/* What an instruction does with slots. */
typedef struct Uses {
    unsigned n; /* read one by one */
    uint32_t slot[3];
    bool makes; /* its y */
    bool all;   /* may read any */
} Uses;

/* Code in another order: slots from Program.nslot on are cells. */
typedef struct JitOrder {
    Instr *code;
    uint32_t count, cells;
} JitOrder;

typedef struct Jit Jit;

/* How each operation is written; `code` is the byte of its instruction. */
typedef struct Templates {
    void (*binary)(Jit *j, uint32_t k, unsigned code, bool may_turn);
    void (*test)(Jit *j, uint32_t k, Test t);
    void (*logic)(Jit *j, uint32_t k);
    void (*negation)(Jit *j, uint32_t k); /* of a truth */
    void (*minus)(Jit *j, uint32_t k);
    void (*root)(Jit *j, uint32_t k);
    void (*divide_or_0)(Jit *j, uint32_t k);
    void (*choose)(Jit *j, uint32_t k);
    void (*other)(Jit *j, uint32_t k);
} Templates;

struct Jit {
    Program *p;
    Arena *a;
    VEC(uint8_t) code;
    const Instr *instr;
    uint32_t count;
    uint32_t slots;      /* their number */
    uint32_t (*next)[4]; /* readers of y a b c after each instruction */
    uint8_t *where;      /* by slot: its register, or `regs` */
    unsigned regs;
    Register reg[REGS_MOST];
    uint32_t pinned; /* registers that the present instruction reads */
    const Templates *templates;
    Uses (*uses)(const Jit *j, const Instr *i);
    Operand (*place)(Jit *j, uint32_t slot);
    void (*load)(Jit *j, unsigned r, uint32_t slot);
    void (*store)(Jit *j, unsigned r, uint32_t slot);
    double *cell;         /* of the cells of JitOrder */
    const Region *region; /* of lanes */
    uint32_t *number;     /* by lane: the slot of a number, or NONE */
    int32_t *fixed;       /* by lane: how far it is from Program.lane */
};

/* ---- jit_state.c: bytes ---- */

void jit_bytes(Jit *j, const void *from, size_t n);
void jit_byte(Jit *j, unsigned b);

#define BYTES(j, ...)                                                          \
    jit_bytes((j), (const uint8_t[]){__VA_ARGS__},                             \
              sizeof((const uint8_t[]){__VA_ARGS__}))

Operand in_register(unsigned r);
unsigned operand_count(uint32_t op);

/* The byte that names the operands, and the offset. */
void jit_operands(Jit *j, unsigned reg, Operand m);

/* reg = reg2 op m, as the processor names them. */
void jit_vex(Jit *j, Opcode o, unsigned reg, unsigned reg2, Operand m);

/* mov register, constant; call function (by rax) */
void jit_set(Jit *j, unsigned reg, const void *to);
void jit_call(Jit *j, const void *function);

/* Kernels of one or two instructions are not called. */
typedef enum Short {
    SHORT_NONE,
    SHORT_ABS,
    SHORT_RELU,
    SHORT_STEP,
    SHORT_FLOOR,
    SHORT_CEIL,
    SHORT_MAX,
    SHORT_MIN
} Short;

Short jit_short(const Program *p, const Instr *i);

/* Is it the call of a kernel? */
bool jit_calls(const Program *p, const Instr *i);

/* ---- registers ---- */

/* A new piece of code; `live`: slots that are read at its end, or NULL. */
void jit_begin(Jit *j, const Instr *code, uint32_t count, uint32_t slots,
               const bool *live);

void jit_save(Jit *j, unsigned r);
void jit_forget(Jit *j, unsigned r);
void jit_save_all(Jit *j); /* all values are in their slots */
void jit_forget_all(Jit *j);
void jit_hold(Jit *j, unsigned r, uint32_t slot, bool dirty);

/* A value as the instruction reads it: from its register or its place; the
 * same in a register. */
Operand jit_value(Jit *j, uint32_t slot);
unsigned jit_loaded(Jit *j, uint32_t slot);

/* After the operands have been found: those read no more give way. */
void jit_retire(Jit *j, uint32_t k);

/* The register of the result; it may be that of an operand. */
unsigned jit_result(Jit *j, uint32_t k);

/* Writes instruction k by its template. */
void jit_write(Jit *j, uint32_t k);

/* Operands of a sum or product: the one that has a register comes first. */
void jit_pair(const Jit *j, uint32_t k, bool may_turn, uint32_t *a,
              uint32_t *b);

/* ---- jit.c ---- */

/* The bytes where they may be run, until `keep` is freed; NULL if the system
 * does not allow it. */
void *jit_install(const Jit *j, Arena *keep);

/* ---- jit_order.c ---- */

/* False: the code of p stays as it is. */
bool jit_order(const Program *p, Arena *a, JitOrder *to);

/* ---- jit_lanes.c ---- */

/* Writes the code of a region for a block of its lanes; false: it has none. */
bool jit_region(Jit *j, const Region *r);

#endif

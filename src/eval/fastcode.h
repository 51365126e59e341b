/*
 * fastcode.h - register code of a closure; for fast_compile.c and fast_run.c
 *
 * Registers are locals of the running frame, in order: the variables that
 * the code knows (their name is set once they have a value, so that the tree
 * walker finds them), constants, temporaries.  An expression or statement
 * that has no instruction is left to the tree walker, which sees the same
 * locals; what it assigns is taken up into the registers afterwards.
 */
#ifndef MLC_EVAL_FASTCODE_H
#define MLC_EVAL_FASTCODE_H

#include "eval/fast.h"
#include "op/op.h"

typedef enum FastOp {
    FAST_MOVE,                  /* d = a */
    FAST_ADD,                   /* d = a op b; t: the BINARY */
    FAST_SUB,
    FAST_MUL,
    FAST_DIV,
    FAST_BINARY,                /* any other binary operator */
    FAST_COMPARE,               /* d = a op b, op in `extra`; t: the COMPARE */
    FAST_NEGATE,
    FAST_NOT,
    FAST_UNARY,                 /* d = operator `extra` of a, unless cell b defines
                                   its name; t: the CALL; FAST_SQRT: sqrt */
    FAST_MOD,                   /* d = mod(a, b), unless cell c defines its name;
                                   t: the CALL */
    FAST_INDEX,                 /* d = a[b], or a[b, c]; extra: how many */
    FAST_LOGIC,                 /* d = a and b, a or b; t: the BINARY */
    FAST_ASSIGN_INDEX,          /* d[b] = a, or d[b, c] = a; extra: how many */
    FAST_EVAL,                  /* d = the tree walker's value of t */
    FAST_EXEC,                  /* statement t, by the tree walker; extra 1: two
                                   jumps follow, for its break and continue */
    FAST_JUMP,                  /* to extra */
    FAST_UNLESS,                /* jump to extra unless a is true; t */
    FAST_IF,                    /* as UNLESS; a is condition b of the IF t, and a
                                   jump to its end stands before extra */
    FAST_CHOOSE,                /* d = choice t and jump to extra if its condition
                                   a is an array or a formula */
    FAST_GIVEN,                 /* raises if a, of the call t, is no value */
    FAST_DECIDES,               /* d = a and jump to extra if a alone decides the
                                   BINARY t */
    FAST_FOR,                   /* d runs from a to b: begins, or jumps to extra */
    FAST_NEXT,                  /* next turn of a loop: jump to extra, or go on */
    FAST_BACK,                  /* back-edge of a while loop: jump to extra */
    FAST_RESULT,                /* the result so far is a */
    FAST_RETURN,                /* ends with the result so far */
    FAST_OP_COUNT
} FastOp;

#define FAST_SQRT OP_COUNT

typedef struct FastInstr {
    uint8_t op;
    uint16_t d, a, b, c;
    int32_t extra;
    const Ast *t;
} FastInstr;

/* Machine code of its loops (native.h). */
typedef struct NativeSet {
    struct Native *first;
    unsigned patience, tries;
} NativeSet;

struct FastCode {
    Arena *arena;               /* it lies there */
    int nvars, nconsts, nregs;
    Name *name;                 /* of the registers: nvars variables, parameters
                                   first, then NULL */
    Value *constant;            /* nconsts, kept */
    Cell **cell;
    int ninstr;
    FastInstr *instr;
    NativeSet *native;
};

/* NULL if the closure's body is better walked. */
FastCode *fast_compile(Interp *in, const Ast *def);

#endif

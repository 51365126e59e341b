/*
 * native_state.h - what native.c and native_code.c share
 *
 * Code is made for what the registers hold where a loop is entered.  From
 * there each instruction is translated for the types that reach it, once for
 * each different state (lazy basic block versioning: M. Chevalier-Boisvert &
 * M. Feeley, ECOOP 2015); a sum that is exact in the first turn and a float
 * afterwards has two.  Numbers have homes: a machine register, or a cell.
 * What is not translated, and what the interpreter must look at (an overflow,
 * a float that is not finite, an index beyond an array), is an exit: numbers
 * go back to the locals, and the interpreter does that instruction itself.
 */
#ifndef MLC_EVAL_NATIVE_STATE_H
#define MLC_EVAL_NATIVE_STATE_H

#include "compile/jit_state.h"
#include "eval/fastcode.h"

typedef enum Holds {
    HOLDS_NOTHING,
    HOLDS_OTHER,
    HOLDS_SHARED, /* an array of floats, to be read only */
    HOLDS_ARRAY,  /* one that nobody else holds */
    HOLDS_INT,
    HOLDS_FLOAT,
    HOLDS_BOOL
} Holds;

typedef enum HomeClass { AS_INT, AS_FLOAT, CLASSES } HomeClass;

/* Cells: a mask of the sign, how many turns are left, then those of the
 * registers: for ints, for floats, four for an array. */
enum { CELL_SIGN, CELL_LEFT = 2, CELL_FIRST = 4, ARRAY_CELLS = 4 };
enum { ARRAY_DATA, ARRAY_COUNT, ARRAY_ROWS, ARRAY_COLS };

typedef struct Variant {
    int at;
    uint8_t *holds; /* by register, a Holds */
    size_t label;   /* where its code is, or SIZE_MAX */
} Variant;

/* A jump: to a variant, or to the exit ~to. */
typedef struct Jump {
    size_t at;
    int to;
} Jump;

typedef struct Maker {
    Jit j;
    const FastCode *code;
    int nregs;
    bool *live;       /* by instruction and register */
    uint32_t *weight; /* by instruction: how often it may run */
    uint64_t *use[CLASSES];
    int8_t *home[CLASSES]; /* a machine register, or -1 */
    VEC(Variant) variant, leave;
    VEC(Jump) jump;
    int present; /* the variant that is translated */
    int away;    /* its exit, or none yet: 0 */
} Maker;

#define NOWHERE INT32_MAX

/* ---- native_code.c ---- */

/* Machine code from `at` on, for these states; `entry` is its first variant. */
void native_write(Maker *m, int at, const uint8_t *holds);

/* ---- native.c ---- */

/* Where the code goes on at `at`: a variant, or an exit. */
int native_target(Maker *m, int at, const uint8_t *holds);

bool native_is_live(const Maker *m, int at, int reg);

#endif

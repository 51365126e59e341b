/*
 * op.h - the operators
 *
 * ops.def states every operator whole, one row each, with the differential,
 * the rewrites and the transposes in mlc itself below it.  This header makes
 * the enum and the tables from it; adding an operator edits ops.def alone.
 *
 * CORE rows are the node kinds that the canonical forms are made of; their
 * constructors and differentials are built into graph/.  ELEMENTWISE rows
 * take numbers, or arrays of one shape entry by entry.  ARRAY rows take
 * whole arrays and have a shape rule.
 */
#ifndef MLC_OP_OP_H
#define MLC_OP_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "value/matrix.h"

typedef enum OpId {
#define CORE(id, name, help, example) OP_##id,
#define ELEMENTWISE(id, name, nargs, latex, kernel, curve, points) OP_##id,
#define ARRAY(id, name, nargs, latex, shape, kernel, curve, sizes) OP_##id,
#include "op/ops.def"
    OP_COUNT
} OpId;

typedef enum OpClass { CLASS_CORE, CLASS_ELEMENTWISE, CLASS_ARRAY } OpClass;

typedef enum Curvature { /* as a function of its arguments */
                         CURVE_NONE,
                         CURVE_AFFINE,
                         CURVE_CONVEX,
                         CURVE_CONCAVE,
                         CURVE_CONVEX_UP, /* and nondecreasing */
                         CURVE_CONVEX_DOWN,
                         CURVE_CONCAVE_UP,
                         CURVE_CONCAVE_DOWN
} Curvature;

/* The shape of the result; false if the arguments do not fit. */
typedef bool (*ShapeRule)(int n, const Shape args[], Shape *y);

/* Numbers in, a number or array out (exact where the kernel can); may raise. */
typedef Value (*ArrayKernel)(int n, const Value args[]);

typedef struct OpInfo {
    OpId id;
    OpClass class;
    const char *name; /* as typed: "tanh" */
    int nargs;
    const char *latex;       /* %a %b %c stand for the arguments */
    double (*scalar0)(void); /* ELEMENTWISE by number of arguments */
    double (*scalar1)(double);
    double (*scalar2)(double, double);
    double (*scalar3)(double, double, double);
    const char *code; /* ELEMENTWISE: the kernel as written in its row */
    KernelVector1 vector1; /* whole blocks, bit-identical to scalar1 */
    ShapeRule shape;       /* ARRAY */
    ArrayKernel array;
    bool rows; /* ARRAY: works on each row, typed with dim = 2 */
    Curvature curve;
    const char *points;  /* self-test: "-1.5, 0.2, 2.0" or sizes */
    const char *help;    /* one line */
    const char *example; /* runs in the tests */
} OpInfo;

/* A differential: `text` is the change of the result when `arg` changes by
 * d<arg>; y is the result. */
typedef struct OpDiff {
    OpId op;
    int arg;
    const char *text;
} OpDiff;

/* left = right wherever `when` holds ("" : everywhere). */
typedef struct OpRule {
    OpId op;
    const char *left, *right, *when;
} OpRule;

/* Of an operator linear in `arg`: the adjoint of `arg` given u, the
 * adjoint of the result. */
typedef struct OpTranspose {
    OpId op;
    int arg;
    const char *text;
} OpTranspose;

extern const OpInfo op_table[OP_COUNT];
extern const OpDiff op_diffs[];
extern const size_t op_diff_count;
extern const OpRule op_rules[];
extern const size_t op_rule_count;
extern const OpTranspose op_transposes[];
extern const size_t op_transpose_count;

/* The operator that is typed so, or -1; with the option dim = 2. */
int op_find(Name name);
int op_find_rows(Name name);

#endif

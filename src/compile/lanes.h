/*
 * lanes.h - what is done to whole vectors: blocks of a region and strips
 *
 * A function that is compiled for each width (num/wide.h) takes the operations
 * in; all of them give the same bits.  A constant length unrolls them.
 */
#ifndef MLC_COMPILE_LANES_H
#define MLC_COMPILE_LANES_H

#include "compile/vm.h"

typedef int64_t Mask8 __attribute__((vector_size(64), aligned(8), may_alias));

#define LANES_AT(x) (*(const Lane8 *)(const void *)((x) + j))

#define LANES_TWO(value)                                                       \
    for (size_t j = 0; j < n; j += VECTOR) {                                   \
        Lane8 u = LANES_AT(a), v = LANES_AT(b);                                \
        *(Lane8 *)(void *)(y + j) = (value);                                   \
    }                                                                          \
    return true

#define LANES_ONE(value)                                                       \
    for (size_t j = 0; j < n; j += VECTOR) {                                   \
        Lane8 u = LANES_AT(a);                                                 \
        *(Lane8 *)(void *)(y + j) = (value);                                   \
    }                                                                          \
    return true

/* True is -1 in every lane of a comparison. */
#define LANES_TRUTH(mask) __builtin_convertvector(-(mask), Lane8)

#define LANES_PICK(mask, u, v)                                                 \
    ((Lane8)(((mask) & (Mask8)(u)) | (~(mask) & (Mask8)(v))))

/* y = op of a, b, c, whole vectors up to n; false: `op` is none of these. */
static inline __attribute__((always_inline)) bool
lanes_simple(uint32_t op, double *y, const double *a, const double *b,
             const double *c, size_t n)
{
    switch (op) {
    case STEP_ADD:
        LANES_TWO(u + v);
    case STEP_SUB:
        LANES_TWO(u - v);
    case STEP_MUL:
        LANES_TWO(u * v);
    case STEP_DIV:
        LANES_TWO(u / v);
    case STEP_DIV0:
        LANES_TWO(LANES_PICK(v == 0, (Lane8){0}, u / v));
    case STEP_NEG:
        LANES_ONE(-u);
    case STEP_LT:
        LANES_TWO(LANES_TRUTH(u < v));
    case STEP_LE:
        LANES_TWO(LANES_TRUTH(u <= v));
    case STEP_EQ:
        LANES_TWO(LANES_TRUTH(u == v));
    case STEP_NE:
        LANES_TWO(LANES_TRUTH(u != v));
    case STEP_AND:
        LANES_TWO(LANES_TRUTH((u != 0) & (v != 0)));
    case STEP_OR:
        LANES_TWO(LANES_TRUTH((u != 0) | (v != 0)));
    case STEP_NOT:
        LANES_ONE(LANES_TRUTH(u == 0));
    case STEP_CHOOSE:
        LANES_TWO(LANES_PICK(u != 0, v, LANES_AT(c)));
    default:
        return false;
    }
}

/* Root or kernel: in its form for vectors of `whole` entries, else of `count`
 * entries one by one. */
void vm_kernel(const Program *p, const Instr *i, double *const *at,
               size_t whole, size_t count);

#endif

/*
 * vm_strip.c - small regions: an instruction works on whole arrays
 *
 * All operands are whole vectors of 8; what stands behind the last entry is
 * computed along and belongs to nobody.  Results are those of vm_region.c,
 * bit for bit.
 */
#include "compile/vm.h"

#include <string.h>

#include "num/wide.h"

typedef int64_t Mask8 __attribute__((vector_size(64), aligned(8), may_alias));

#define VECTOR_AT(x) (*(const Lane8 *)(const void *)((x) + j))

#define EACH(value)                                                            \
    for (size_t j = 0; j < n; j += VECTOR) {                                   \
        Lane8 u = VECTOR_AT(a), v = VECTOR_AT(b);                              \
        *(Lane8 *)(void *)(y + j) = (value);                                   \
    }                                                                          \
    break

#define ONE(value)                                                             \
    for (size_t j = 0; j < n; j += VECTOR) {                                   \
        Lane8 u = VECTOR_AT(a);                                                \
        *(Lane8 *)(void *)(y + j) = (value);                                   \
    }                                                                          \
    break

/* True is -1 in every lane of a comparison. */
#define TRUTH(mask) __builtin_convertvector(-(mask), Lane8)

#define PICK(mask, u, v)                                                       \
    ((Lane8)(((mask) & (Mask8)(u)) | (~(mask) & (Mask8)(v))))

static inline __attribute__((always_inline)) void add(VmathSum *s, double x)
{
    double t = s->sum + x, z = t - s->sum;
    s->rest += (s->sum - (t - z)) + (x - z);
    s->sum = t;
}

/* The tree of vmath_sum for one block; what is past the end counts as 0. */
static inline __attribute__((always_inline)) double
sum_of(const double *a, size_t count, size_t n)
{
    static const int64_t tail[2 * VECTOR] = {-1, -1, -1, -1, -1, -1, -1, -1};
    Lane8 sum = {0}, rest = {0};
    for (size_t j = 0; j < n; j += VECTOR) {
        Lane8 v = VECTOR_AT(a);
        if (count - j < VECTOR)
            v = (Lane8)((Mask8)v &
                        *(const Mask8 *)(const void *)(tail + j + VECTOR -
                                                       count));
        Lane8 t = sum + v, z = t - sum;
        rest += (sum - (t - z)) + (v - z);
        sum = t;
    }
    VmathSum s = {0, 0};
    for (int k = 0; k < VECTOR; k++) {
        add(&s, sum[k]);
        s.rest += rest[k];
    }
    return vmath_sum_total(s);
}

size_t vm_strip_entries(size_t count)
{
    size_t n = (count + VECTOR - 1) / VECTOR * VECTOR;
    return 4 * count >= 3 * n ? n : count;
}

static void call(const Program *p, const Instr *i, size_t count)
{
    const Kernel *f = p->kernel[i->k];
    double *y = p->at[i->y];
    const double *a = p->at[i->a], *b = p->at[i->b], *c = p->at[i->c];
    if (i->op == STEP_CALL1 && f->v1)
        f->v1(y, a, vm_strip_entries(count));
    else if (i->op == STEP_CALL2 && f->v2)
        f->v2(y, a, b, vm_strip_entries(count));
    else
        for (size_t j = 0; j < count; j++)
            y[j] = i->op == STEP_CALL1   ? f->f1(a[j])
                   : i->op == STEP_CALL2 ? f->f2(a[j], b[j])
                                         : f->f3(a[j], b[j], c[j]);
}

static inline __attribute__((always_inline)) void
run(Program *p, const Instr *i, size_t count, size_t n)
{
    double *const *at = p->at;
    for (; i->op != VM_HALT; i++) {
        double *y = at[i->y];
        const double *a = at[i->a], *b = at[i->b];
        switch (i->op) {
        case STEP_ADD:
            EACH(u + v);
        case STEP_SUB:
            EACH(u - v);
        case STEP_MUL:
            EACH(u * v);
        case STEP_DIV:
            EACH(u / v);
        case STEP_DIV0:
            EACH(PICK(v == 0, (Lane8){0}, u / v));
        case STEP_NEG:
            ONE(-u);
        case STEP_SQRT:
            vmath_sqrt(y, a, n);
            break;
        case STEP_LT:
            EACH(TRUTH(u < v));
        case STEP_LE:
            EACH(TRUTH(u <= v));
        case STEP_EQ:
            EACH(TRUTH(u == v));
        case STEP_NE:
            EACH(TRUTH(u != v));
        case STEP_AND:
            EACH(TRUTH((u != 0) & (v != 0)));
        case STEP_OR:
            EACH(TRUTH((u != 0) | (v != 0)));
        case STEP_NOT:
            ONE(TRUTH(u == 0));
        case STEP_CHOOSE:
            EACH(PICK(u != 0, v, VECTOR_AT(at[i->c])));
        case STEP_SUM:
            p->slot[i->k] = sum_of(a, count, n);
            break;
        default:
            call(p, i, count);
            break;
        }
    }
}

WIDE static double strip_sum(const double *a, size_t count)
{
    return sum_of(a, count, (count + VECTOR - 1) / VECTOR * VECTOR);
}

void vm_strip_one(Program *p, const Instr *i, size_t count)
{
    if (i->op == STEP_SUM)
        p->slot[i->k] = strip_sum(p->at[i->a], count);
    else
        call(p, i, count);
}

/* The lengths of most small vectors are known to the compiler. */
WIDE static void run_8(Program *p, const Instr *i, size_t count)
{
    run(p, i, count, 8);
}

WIDE static void run_16(Program *p, const Instr *i, size_t count)
{
    run(p, i, count, 16);
}

WIDE static void run_more(Program *p, const Instr *i, size_t count, size_t n)
{
    run(p, i, count, n);
}

static void bring(Program *p, const Region *r, const Load *ld)
{
    double *y = p->at[p->nat + ld->lane];
    size_t n = (r->count + VECTOR - 1) / VECTOR * VECTOR;
    if (ld->kind == LOAD_NUMBER)
        for (size_t i = 0; i < n; i++)
            y[i] = p->slot[ld->from];
    else if (ld->kind == LOAD_PLAIN)
        memcpy(y, p->at[ld->from], r->count * sizeof *y);
    else
        vm_load(p, r, ld, y, 0, r->count);
}

void vm_strip(Program *p, const Region *r)
{
    const Strip *s = r->strip;
    for (uint32_t k = 0; k < s->nload; k++)
        bring(p, r, &s->load[k]);
    if (r->native)
        r->native(p, r->count);
    else if (r->count <= 8)
        run_8(p, s->code, r->count);
    else if (r->count <= 16)
        run_16(p, s->code, r->count);
    else
        run_more(p, s->code, r->count,
                 (r->count + VECTOR - 1) / VECTOR * VECTOR);
    for (uint32_t k = 0; k < s->nstore; k++)
        memcpy(p->at[s->store[k].to], p->at[p->nat + s->store[k].lane],
               r->count * sizeof(double));
}

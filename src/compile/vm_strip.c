/*
 * vm_strip.c - small regions: an instruction works on whole arrays
 *
 * All operands are whole vectors of 8; what stands behind the last entry is
 * computed along and belongs to nobody.  Results are those of vm_region.c,
 * bit for bit.
 */
#include "compile/lanes.h"

#include <string.h>

#include "num/wide.h"

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
        Lane8 v = LANES_AT(a);
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
    vm_kernel(p, i, p->at, vm_strip_entries(count), count);
}

static inline __attribute__((always_inline)) void
run(Program *p, const Instr *i, size_t count, size_t n)
{
    double *const *at = p->at;
    for (; i->op != VM_HALT; i++)
        if (i->op == STEP_SUM)
            p->slot[i->k] = sum_of(at[i->a], count, n);
        else if (!lanes_simple(i->op, at[i->y], at[i->a], at[i->b], at[i->c],
                               n))
            call(p, i, count);
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

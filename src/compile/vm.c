/*
 * vm.c - the machine for numbers
 *
 * Threaded code: each instruction jumps to the next itself, so the branch
 * predictor sees which instruction follows which (Ertl & Gregg, Journal of
 * Instruction-Level Parallelism 5, 2003).
 */
#include "compile/vm.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "compile/jit.h"

void vm_bind(Program *p, const double *const in[], double *const out[])
{
    for (size_t i = 0; i < p->nmoving; i++) {
        const Home *h = &p->home[p->moving[i]];
        double **at = &p->at[p->moving[i]];
        if (h->kind == AT_INPUT)
            *at = (double *)(uintptr_t)in[h->from];
        else if (h->kind == AT_OUTPUT)
            *at = out[h->from];
        else
            *at = p->at[h->from] + h->offset;
    }
}

void vm_start(Program *p)
{
    if (p->wait && --p->wait == 0)
        jit_make(p);
    if (p->native)
        p->native(p);
    else
        vm_run(p, p->code);
}

/* ---- what moves with the turns of a loop ---- */

bool vm_is_open(const Program *p, uint32_t at)
{
    const Home *h = &p->home[at];
    while (h->kind == AT_VIEW)
        h = &p->home[h->from];
    switch (h->kind) {
    case AT_INPUT:
        return p->turns && h->count <= OPEN_INPUT;
    case AT_OUTPUT:
        return p->turns;
    case AT_SLIDE:
        return h->data != NULL;
    case AT_CONST:
        return h->count <= OPEN_INPUT; /* a larger one may be a value */
    default:
        return true;
    }
}

bool vm_is_output(const Program *p, uint32_t at)
{
    const Home *h = &p->home[at];
    while (h->kind == AT_VIEW)
        h = &p->home[h->from];
    return h->kind == AT_OUTPUT;
}

/*
 * Where whole vectors would reach beyond the array that it slides along, a
 * copy takes its place.
 */
static double *slide(const Program *p, const Home *h, size_t i)
{
    const Slide *s = h->slide;
    size_t offset = (size_t)(s->first + s->step * (int64_t)i);
    size_t side = (size_t)s->row.side * (size_t)s->col.side;
    double *at = p->at[h->from] + offset;
    if (!h->data || offset + (h->count + VECTOR - 1) / VECTOR * VECTOR <= side)
        return at;
    memcpy(h->data, at, h->count * sizeof *at);
    return h->data;
}

void vm_slide(Program *p, size_t i)
{
    for (size_t k = 0; k < p->nsliding; k++) {
        uint32_t at = p->sliding[k];
        const Home *h = &p->home[at];
        p->at[at] =
            h->kind == AT_SLIDE ? slide(p, h, i) : p->at[h->from] + h->offset;
    }
}

/* Is a side left in this turn, and at which index? */
static bool leaves(const SlideSide *s, size_t turn, double *i)
{
    *i = (double)s->a * (double)turn + (double)s->b;
    if (*i >= 1 && *i <= s->side)
        *i += s->count - 1;
    return *i < 1 || *i > s->side;
}

/* An affine index leaves its side at the first or at the last turn. */
static void check_side(const SlideSide *s, size_t from, size_t to)
{
    double i;
    if (!leaves(s, from, &i) && !leaves(s, to, &i))
        return;
    while (!leaves(s, from, &i)) {
        POLL();
        from += from < to ? 1 : (size_t)-1;
    }
    error_raise(SPAN_NONE, ERR_INDEX, "index %g of a side of %d", i, s->side);
}

void vm_slide_check(const Program *p, size_t from, size_t to)
{
    for (size_t k = 0; k < p->nsliding; k++) {
        const Home *h = &p->home[p->sliding[k]];
        if (h->kind == AT_SLIDE) {
            check_side(&h->slide->row, from, to);
            check_side(&h->slide->col, from, to);
        }
    }
}

#ifdef __GNUC__
#define BEGIN goto *label[pc->op];
#define CASE(op) do_##op:
#define NEXT goto *label[(++pc)->op]
#define END
#else
#define BEGIN                                                                  \
    for (;; pc++)                                                              \
        switch (pc->op) {
#define CASE(op) case op:
#define NEXT continue
#define END }
#endif

#define Y s[pc->y]
#define A s[pc->a]
#define B s[pc->b]
#define C s[pc->c]

void vm_run(Program *p, const Instr *pc)
{
    double *s = p->slot;
#ifdef __GNUC__
    static const void *const label[VM_COUNT] = {
#define STEP(id, name) [STEP_##id] = &&do_STEP_##id,
        STEPS_EACH(STEP)
#undef STEP
            [STEP_READ] = &&do_STEP_READ,
        [VM_REGION] = &&do_VM_REGION,
        [VM_TASK] = &&do_VM_TASK,
        [VM_SWEEP] = &&do_VM_SWEEP,
        [VM_WRITE] = &&do_VM_WRITE,
        [VM_HALT] = &&do_VM_HALT};
#endif
    BEGIN
    CASE(STEP_ADD)
    Y = A + B;
    NEXT;
    CASE(STEP_SUB)
    Y = A - B;
    NEXT;
    CASE(STEP_MUL)
    Y = A * B;
    NEXT;
    CASE(STEP_DIV)
    Y = A / B;
    NEXT;
    CASE(STEP_DIV0)
    Y = B == 0 ? 0 : A / B;
    NEXT;
    CASE(STEP_NEG)
    Y = -A;
    NEXT;
    CASE(STEP_SQRT)
    Y = sqrt(A);
    NEXT;
    CASE(STEP_LT)
    Y = A < B;
    NEXT;
    CASE(STEP_LE)
    Y = A <= B;
    NEXT;
    CASE(STEP_EQ)
    Y = A == B;
    NEXT;
    CASE(STEP_NE)
    Y = A != B;
    NEXT;
    CASE(STEP_AND)
    Y = A != 0 && B != 0;
    NEXT;
    CASE(STEP_OR)
    Y = A != 0 || B != 0;
    NEXT;
    CASE(STEP_NOT)
    Y = A == 0;
    NEXT;
    CASE(STEP_CHOOSE)
    Y = A != 0 ? B : C;
    NEXT;
    CASE(STEP_CALL1)
    Y = p->kernel[pc->k]->f1(A);
    NEXT;
    CASE(STEP_CALL2)
    Y = p->kernel[pc->k]->f2(A, B);
    NEXT;
    CASE(STEP_CALL3)
    Y = p->kernel[pc->k]->f3(A, B, C);
    NEXT;
    CASE(STEP_READ)
    Y = p->at[pc->a][(size_t)pc->b | (size_t)pc->c << 32];
    NEXT;
    CASE(VM_REGION)
    vm_region(p, &p->region[pc->k]);
    NEXT;
    CASE(VM_TASK)
    POLL();
    vm_task(p, &p->task[pc->k]);
    NEXT;
    CASE(VM_SWEEP)
    vm_sweep(p, &p->sweep[pc->k], pc + 1);
    pc += p->sweep[pc->k].count;
    NEXT;
    CASE(VM_WRITE)
    p->at[pc->y][0] = A;
    NEXT;
    CASE(VM_HALT)
    return;
    END
}

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
        [VM_REGION] = &&do_VM_REGION, [VM_TASK] = &&do_VM_TASK,
        [VM_SWEEP] = &&do_VM_SWEEP, [VM_HALT] = &&do_VM_HALT};
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
    CASE(VM_HALT)
    return;
    END
}

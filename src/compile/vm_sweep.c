/* vm_sweep.c - regions and tasks in turns over blocks of rows (stream.c) */
#include <string.h>

#include "compile/vm.h"
#include "num/rows.h"

static const Region *region_of(const Program *p, const Instr *i)
{
    return i->op == VM_REGION ? &p->region[i->k] : NULL;
}

static void begin(Program *p, const Sweep *s, const Instr *code)
{
    LaneSum *sum = s->sum;
    for (uint32_t i = 0; i < s->count; i++) {
        const Region *r = region_of(p, &code[i]);
        const Task *t = &p->task[code[i].k];
        for (uint32_t k = 0; r && k < r->nsum; k++)
            lane_sum_begin(sum++);
        if (!r && t->work)
            memset(t->work, 0,
                   (size_t)t->arg[t->matrix].cols * ROWS_LANES *
                       sizeof *t->work);
    }
}

static void run_region(Program *p, const Region *r, size_t from, size_t count)
{
    size_t rows = (size_t)r->rows;
    vm_region_begin(p, r);
    for (size_t j = 0; j < (size_t)r->cols; j++)
        vm_region_range(p, r, from + j * rows, count);
}

static void run_block(Program *p, const Sweep *s, const Instr *code,
                      size_t from, size_t count)
{
    LaneSum *own = p->sum, *sum = s->sum;
    for (uint32_t i = 0; i < s->count; i++) {
        const Region *r = region_of(p, &code[i]);
        p->sum = sum;
        if (r)
            run_region(p, r, from, count);
        else
            vm_task_rows(p, &p->task[code[i].k], from, count);
        p->sum = own;
        sum += r ? r->nsum : 0;
    }
}

static void end(Program *p, const Sweep *s, const Instr *code)
{
    LaneSum *sum = s->sum;
    for (uint32_t i = 0; i < s->count; i++) {
        const Region *r = region_of(p, &code[i]);
        const Task *t = &p->task[code[i].k];
        for (uint32_t k = 0; r && k < r->nsum; k++)
            p->slot[r->sum[k]] = lane_sum_end(sum++);
        for (int j = 0; !r && t->work && j < t->arg[t->matrix].cols; j++)
            p->at[t->y.at][j] = rows_total(t->work + j * ROWS_LANES);
    }
}

void vm_sweep(Program *p, const Sweep *s, const Instr *code)
{
    size_t rows = (size_t)s->rows, block = (size_t)s->block;
    begin(p, s, code);
    for (size_t from = 0; from < rows; from += block) {
        POLL();
        run_block(p, s, code, from, rows - from < block ? rows - from : block);
    }
    end(p, s, code);
}

/*
 * vm_sweep.c - regions and tasks in turns over blocks of rows (stream.c)
 *
 * Chunks of rows are the parts of a job of the pool.  Each thread works with
 * its own hand: the same program, where a local array is a block of rows.
 */
#include <string.h>

#include "base/pool.h"
#include "compile/vm.h"
#include "num/blas.h"
#include "num/rows.h"

typedef struct Job {
    Program *hand;
    const Sweep *s;
    const Instr *code;
} Job;

static const Region *region_of(const Program *p, const Instr *i)
{
    return i->op == VM_REGION ? &p->region[i->k] : NULL;
}

static size_t chunks(const Sweep *s)
{
    return ((size_t)s->rows + (size_t)s->chunk - 1) / (size_t)s->chunk;
}

static size_t sum_blocks(int rows)
{
    return ((size_t)rows + SUM_BLOCK - 1) / SUM_BLOCK;
}

static size_t columns(const Task *t)
{
    return (size_t)t->arg[t->matrix].cols;
}

/* ---- a chunk ---- */

static void begin(Program *p, const Job *job, size_t from)
{
    LaneSum *sum = p->sum;
    for (uint32_t i = 0; i < job->s->count; i++) {
        const Region *r = region_of(p, &job->code[i]);
        const Task *t = &p->task[job->code[i].k];
        for (uint32_t k = 0; r && k < r->nsum; k++)
            lane_sum_begin(sum++, r->part + k * sum_blocks(job->s->rows) +
                                      from / SUM_BLOCK);
        if (!r && t->collects)
            memset(p->work + t->lanes, 0,
                   columns(t) * ROWS_LANES * sizeof *p->work);
    }
}

static void end(Program *p, const Job *job, size_t from)
{
    LaneSum *sum = p->sum;
    for (uint32_t i = 0; i < job->s->count; i++) {
        const Region *r = region_of(p, &job->code[i]);
        const Task *t = &p->task[job->code[i].k];
        for (uint32_t k = 0; r && k < r->nsum; k++)
            lane_sum_close(sum++);
        if (r || !t->collects)
            continue;
        double *part = t->part + from / (size_t)job->s->chunk * columns(t);
        for (size_t j = 0; j < columns(t); j++)
            part[j] = rows_total(p->work + t->lanes + j * ROWS_LANES);
    }
}

/* ---- a block ---- */

/*
 * Entry (i, j) of an array is looked for at i + j*rows.  A local has row
 * `from` first and columns a block apart: where column j is read, its place
 * is taken to be so far from where it is.
 */
static void place_locals(Program *p, const Sweep *s, size_t from, size_t j,
                         bool matrices)
{
    size_t rows = (size_t)s->rows, block = (size_t)s->block;
    for (uint32_t k = 0; k < s->nlocal; k++) {
        const Home *h = &p->home[s->local[k]];
        size_t left = from + (h->cols > 1 ? j * (rows - block) : 0);
        if (h->cols > 1 || !matrices)
            p->at[s->local[k]] = (double *)((uintptr_t)(p->local + h->offset) -
                                            left * sizeof(double));
    }
}

static void run_region(Program *p, const Sweep *s, const Region *r, size_t from,
                       size_t count)
{
    vm_region_begin(p, r);
    for (size_t j = 0; j < (size_t)r->cols; j++) {
        if (r->cols > 1)
            place_locals(p, s, from, j, true);
        vm_region_range(p, r, from + j * (size_t)s->rows, count);
    }
    if (r->cols > 1)
        place_locals(p, s, from, 0, true);
}

static int run_block(Program *p, const Job *job, size_t from, size_t count,
                     size_t start)
{
    LaneSum *own = p->sum;
    int code = NUM_OK;
    place_locals(p, job->s, from, 0, false);
    for (uint32_t i = 0; i < job->s->count && code == NUM_OK; i++) {
        const Region *r = region_of(p, &job->code[i]);
        if (r)
            run_region(p, job->s, r, from, count);
        else
            code =
                vm_task_rows(p, &p->task[job->code[i].k], from, count, start);
        p->sum += r ? r->nsum : 0;
    }
    p->sum = own;
    return code;
}

static int run_chunk(void *data, size_t part, unsigned worker)
{
    const Job *job = data;
    Program *p = &job->hand[worker];
    size_t rows = (size_t)job->s->rows, block = (size_t)job->s->block;
    size_t start = part * (size_t)job->s->chunk, stop = rows - start;
    int code = NUM_OK;
    stop =
        start + ((size_t)job->s->chunk < stop ? (size_t)job->s->chunk : stop);
    begin(p, job, start);
    for (size_t from = start; from < stop && code == NUM_OK && !pool_stops();
         from += block) {
        size_t left = stop - from;
        POLL();
        code = run_block(p, job, from, left < block ? left : block, start);
    }
    end(p, job, start);
    return code;
}

/* ---- all of it ---- */

/* The sum of what the chunks made, entry by entry. */
static void join_parts(double *y, const double *part, size_t size, size_t count)
{
    for (size_t j = 0; j < size; j++) {
        VmathSum s = {0, 0};
        for (size_t k = 0; k < count; k++)
            vmath_sum_add(&s, part[j + k * size]);
        y[j] = vmath_sum_total(s);
    }
}

static void join(Program *p, const Job *job)
{
    size_t blocks = sum_blocks(job->s->rows);
    for (uint32_t i = 0; i < job->s->count; i++) {
        const Region *r = region_of(p, &job->code[i]);
        const Task *t = &p->task[job->code[i].k];
        for (uint32_t k = 0; r && k < r->nsum; k++)
            p->slot[r->sum[k]] = lane_sum_join(r->part + k * blocks, blocks);
        if (r)
            continue;
        double *y = p->at[t->y.at];
        if (t->part)
            join_parts(y, t->part, (size_t)t->y.rows * (size_t)t->y.cols,
                       chunks(job->s));
        if (t->op == STEP_GEMM && t->k & STEP_GEMM_EVEN)
            blas_mirror(t->y.rows, y, t->y.rows);
    }
}

void vm_sweep(Program *p, const Sweep *s, const Instr *code)
{
    unsigned threads = pool_size();
    Job job = {vm_hands(p, threads), s, code};
    vm_check(pool_run(run_chunk, &job, chunks(s)));
    for (unsigned k = 0; k < threads; k++)
        p->finite = p->finite && job.hand[k].finite;
    join(p, &job);
}

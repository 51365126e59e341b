/*
 * sweep.c - blocks, chunks and arrays of a sweep
 *
 * What a sweep makes by rows and nobody reads outside of it never exists as a
 * whole: each thread has room for the block of rows that it works on.
 */
#include "compile/schedule.h"

#include "num/rows.h"

/* At most so many chunks, and so many numbers in their sums. */
#define CHUNKS 32
#define CHUNK_SUMS ((size_t)1 << 20)

static const StepInfo *info(const Schedule *s, Step x)
{
    return &s->l->step.at[x];
}

static Step head_of(const Schedule *s, uint32_t item)
{
    return s->order[s->item[item].first];
}

/* ---- which arrays are local ---- */

static Step storage(const Lower *l, Step x)
{
    while (l->step.at[x].op == STEP_VIEW || l->step.at[x].op == STEP_SLIDE)
        x = step_arg(l, x, 0);
    return x;
}

/* A reader in the same sweep reads by rows; see ready() in stream.c. */
static void note_reader(Schedule *s, const Item *item, Step x, int arg)
{
    LoadKind kind;
    Step a = step_arg(s->l, x, arg);
    if (item->region)
        a = schedule_operand(s->l, a, &kind);
    Step from = storage(s->l, a);
    if (!s->local[from])
        return;
    if (a != from || item->sweep != s->item[s->item_of[from]].sweep)
        s->local[from] = false;
}

static void note_readers(Schedule *s)
{
    for (uint32_t i = 0; i < s->nitem; i++)
        for (uint32_t k = 0; k < s->item[i].count; k++) {
            Step x = s->order[s->item[i].first + k];
            for (uint32_t j = 0; j < info(s, x)->nargs; j++)
                note_reader(s, &s->item[i], x, (int)j);
        }
    for (int i = 0; i < s->nout; i++)
        s->local[storage(s->l, s->out[i])] = false;
}

/* The rows of a softmax and those it is taken of are equally far apart. */
static void pair_softmaxes(Schedule *s)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < s->nitem; i++) {
            Step x = head_of(s, i);
            if (!s->item[i].sweep || info(s, x)->op != STEP_SOFTMAX_ROWS)
                continue;
            Step a = step_arg(s->l, x, 0);
            if (s->local[a] != s->local[x])
                s->local[a] = s->local[x] = false, changed = true;
        }
    }
}

void sweep_find_locals(Schedule *s)
{
    s->local = ARENA_ARRAY(s->a, bool, s->n);
    for (uint32_t i = 0; i < s->nitem; i++)
        for (uint32_t k = 0; k < s->item[i].count; k++) {
            Step x = s->order[s->item[i].first + k];
            s->local[x] = s->item[i].sweep && !s->item[i].total &&
                          info(s, x)->op != STEP_SUM &&
                          info(s, x)->rows == s->sweep_rows;
        }
    note_readers(s);
    pair_softmaxes(s);
}

/* ---- blocks and chunks ---- */

/*
 * The rows of a block: whole groups of LANES, so that sums are taken in the
 * same order as without blocks, and about 256 kB of the widest operand.
 */
static int block_of(const Schedule *s, uint32_t item, uint32_t count)
{
    int widest = 1, block;
    for (uint32_t i = item; i < item + count; i++) {
        Step x = head_of(s, i);
        for (uint32_t j = 0; j < info(s, x)->nargs; j++) {
            const StepInfo *a = info(s, step_arg(s->l, x, (int)j));
            if (a->rows == s->sweep_rows && a->cols > widest)
                widest = a->cols;
        }
    }
    block = 32768 / widest / LANES * LANES;
    return block < LANES ? LANES : block > 8 * LANES ? 8 * LANES : block;
}

/*
 * The rows of a chunk: whole blocks of the sums of regions.  What a matrix
 * product sums over the rows is kept for each chunk.
 */
static int chunk_of(const Schedule *s, uint32_t item, uint32_t count)
{
    size_t sums = 1, most = CHUNKS, rows = (size_t)s->sweep_rows;
    for (uint32_t i = item; i < item + count; i++)
        if (s->item[i].total) {
            const StepInfo *y = info(s, head_of(s, i));
            sums += (size_t)y->rows * (size_t)y->cols;
        }
    if (sums > CHUNK_SUMS / CHUNKS)
        most = sums < CHUNK_SUMS ? CHUNK_SUMS / sums : 1;
    size_t chunk = (rows + most - 1) / most;
    return (int)((chunk + SUM_BLOCK - 1) / SUM_BLOCK * SUM_BLOCK);
}

void sweep_begin(Schedule *s, uint32_t item)
{
    Sweep w = {.rows = s->sweep_rows};
    while (item + w.count < s->nitem &&
           s->item[item + w.count].sweep == s->item[item].sweep)
        w.count++;
    w.block = block_of(s, item, w.count);
    w.chunk = chunk_of(s, item, w.count);
    s->local_room = 0;
    Instr run = {.op = VM_SWEEP, .k = (uint32_t)s->sweep.count};
    VEC_PUSH_IN(s->a, &s->code, run);
    VEC_PUSH_IN(s->a, &s->sweep, w);
}

void sweep_write_task(Schedule *s, Step x, Task *t)
{
    if (!s->item[s->item_of[x]].total)
        return;
    const Sweep *w = &s->sweep.at[s->sweep.count - 1];
    size_t chunk = (size_t)w->chunk;
    size_t count = ((size_t)w->rows + chunk - 1) / chunk;
    size_t size = (size_t)t->y.rows * (size_t)t->y.cols;
    t->chunk = chunk;
    t->collects = schedule_sums_rows(s, x, &t->matrix, &t->column);
    if (t->collects) {
        t->lanes = s->work_room;
        s->work_room += size * ROWS_LANES;
    }
    if (t->collects || count > 1)
        t->part = ARENA_ARRAY(s->p->arena, double, count *size);
}

/* ---- what is known when all is written ---- */

static void give_parts(Program *p, Region *r)
{
    size_t blocks = (r->count + SUM_BLOCK - 1) / SUM_BLOCK;
    if (r->nsum && !r->part)
        r->part = ARENA_ARRAY(p->arena, VmathSum, r->nsum * blocks);
}

static void find_sums(Program *p, const Sweep *w, const Instr *code)
{
    size_t sums = 0;
    for (uint32_t j = 0; j < w->count; j++) {
        if (code[j].op != VM_REGION)
            continue;
        Region *r = &p->region[code[j].k];
        sums += r->nsum;
        give_parts(p, r);
    }
    if (sums > p->most_sums)
        p->most_sums = sums;
}

/* Pairs x*w and x'*r. */
static void find_pairs(Program *p, const Sweep *w, const Instr *code)
{
    for (uint32_t i = 0; i < w->count; i++)
        for (uint32_t j = i + 1; j < w->count; j++) {
            Task *a = &p->task[code[i].k], *b = &p->task[code[j].k];
            if (code[i].op == VM_TASK && code[j].op == VM_TASK &&
                a->op == STEP_GEMM && !(a->k & 1) && a->y.cols == 1 &&
                !a->collects && b->collects &&
                b->arg[b->matrix].at == a->arg[0].at)
                a->again = b->again = true;
        }
}

static void find_locals(Program *p, Sweep *w, uint32_t sweep)
{
    w->local = ARENA_ARRAY(p->arena, uint32_t, p->nat + 1);
    for (uint32_t i = 0; i < p->nat; i++)
        if (p->home[i].kind == AT_LOCAL && p->home[i].sweep == sweep)
            w->local[w->nlocal++] = i;
}

void sweep_finish(Program *p)
{
    for (size_t k = 0; k < p->nregion; k++)
        if (p->region[k].count >= LARGE_REGION)
            give_parts(p, &p->region[k]);
    const Instr *i = p->code;
    for (uint32_t k = 0; k < p->nsweep; k++) {
        while (i->op != VM_SWEEP)
            i++;
        find_sums(p, &p->sweep[k], ++i);
        find_pairs(p, &p->sweep[k], i);
        find_locals(p, &p->sweep[k], k);
    }
}

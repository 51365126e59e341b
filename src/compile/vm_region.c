/*
 * vm_region.c - elementwise work on arrays, LANES entries at a time
 *
 * A block of every value that a region needs stays in the cache.  Kernels
 * work on whole vectors of 8; at the end of an array, where memory may not be
 * read or written beyond, the lanes are copies.
 */
#include "compile/lanes.h"

#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "num/wide.h"

/* ---- sums: the tree of vmath_sum ---- */

void lane_sum_begin(LaneSum *s, VmathSum *part)
{
    memset(s, 0, sizeof *s);
    s->part = part;
}

static void close_block(LaneSum *s)
{
    VmathSum block = {0, 0};
    for (int j = 0; j < 8; j++)
        vmath_sum_join(&block, (VmathSum){s->sum[j], s->rest[j]});
    if (s->part)
        *s->part++ = block;
    else
        vmath_sum_join(&s->total, block);
    s->sum = s->rest = (Lane8){0};
    s->seen = 0;
}

WIDE static void add_lanes(LaneSum *s, const double *x, size_t n)
{
    Lane8 sum = s->sum, rest = s->rest;
    for (size_t i = 0; i < n; i += 8) {
        Lane8 v = {0};
        if (n - i >= 8)
            v = *(const Lane8 *)(const void *)(x + i);
        else
            memcpy(&v, x + i, (n - i) * sizeof *x);
        Lane8 t = sum + v, z = t - sum;
        rest += (sum - (t - z)) + (v - z);
        sum = t;
    }
    s->sum = sum;
    s->rest = rest;
}

void lane_sum_add(LaneSum *s, const double *x, size_t n)
{
    if (s->seen == SUM_BLOCK)
        close_block(s);
    add_lanes(s, x, n);
    s->seen += n;
}

void lane_sum_close(LaneSum *s)
{
    if (s->seen)
        close_block(s);
}

double lane_sum_end(LaneSum *s)
{
    lane_sum_close(s);
    return vmath_sum_total(s->total);
}

double lane_sum_join(const VmathSum *part, size_t count)
{
    VmathSum total = {0, 0};
    for (size_t k = 0; k < count; k++)
        vmath_sum_join(&total, part[k]);
    return vmath_sum_total(total);
}

/* ---- kernels ---- */

WIDE static bool simple(uint32_t op, double *y, const double *a,
                        const double *b, const double *c, size_t n)
{
    return lanes_simple(op, y, a, b, c, n);
}

void vm_kernel(const Program *p, const Instr *i, double *const *at,
               size_t whole, size_t count)
{
    const Kernel *f = i->op == STEP_SQRT ? NULL : p->kernel[i->k];
    double *y = at[i->y];
    const double *a = at[i->a], *b = at[i->b], *c = at[i->c];
    if (!f)
        vmath_sqrt(y, a, whole);
    else if (i->op == STEP_CALL1 && f->v1)
        f->v1(y, a, whole);
    else if (i->op == STEP_CALL2 && f->v2)
        f->v2(y, a, b, whole);
    else
        for (size_t j = 0; j < count; j++)
            y[j] = i->op == STEP_CALL1   ? f->f1(a[j])
                   : i->op == STEP_CALL2 ? f->f2(a[j], b[j])
                                         : f->f3(a[j], b[j], c[j]);
}

/* ---- which operation made a NaN or infinity ---- */

static int operands(uint32_t op)
{
    switch (op) {
    case STEP_CHOOSE:
    case STEP_CALL3:
        return 3;
    case STEP_NEG:
    case STEP_SQRT:
    case STEP_NOT:
    case STEP_CALL1:
        return 1;
    default:
        return 2;
    }
}

static void run_lane(Program *p, const Instr *k, size_t n)
{
    double *const *at = p->lane_at;
    if (!simple(k->op, at[k->y], at[k->a], at[k->b], at[k->c],
                (n + VECTOR - 1) / VECTOR * VECTOR))
        vm_kernel(p, k, at, n, n);
}

/* Operands are copied first, for y may stand where one of them was. */
static void check_lane(Program *p, const Instr *k, size_t n)
{
    double x[3][LANES];
    const uint32_t from[3] = {k->a, k->b, k->c};
    int count = operands(k->op);
    for (int j = 0; j < count; j++)
        memcpy(x[j], p->lane_at[from[j]], n * sizeof(double));
    run_lane(p, k, n);
    for (size_t i = 0; i < n && !p->blame; i++) {
        bool made = !isfinite(p->lane_at[k->y][i]);
        for (int j = 0; made && j < count; j++)
            made = isfinite(x[j][i]);
        if (made)
            p->blame = vm_name(p, k);
    }
}

void vm_lane(Program *p, const Instr *i, size_t n)
{
    if (i->op == STEP_SUM)
        lane_sum_add(&p->sum[i->y], p->lane_at[i->a], n);
    else if (p->checking)
        check_lane(p, i, n);
    else
        run_lane(p, i, n);
}

void vm_lanes(Program *p, const Instr *code, size_t n)
{
    for (; code->op != VM_HALT; code++)
        vm_lane(p, code, n);
}

/* ---- loads ---- */

static void load_column(const Region *r, double *y, const double *x,
                        size_t from, size_t n)
{
    size_t rows = (size_t)r->rows, row = from % rows;
    for (size_t i = 0; i < n; row = 0) {
        size_t m = rows - row < n - i ? rows - row : n - i;
        memcpy(y + i, x + row, m * sizeof *y);
        i += m;
    }
}

WIDE static void fill(double *y, double x, size_t n)
{
    Lane8 v = {x, x, x, x, x, x, x, x};
    size_t i = 0;
    for (; i + VECTOR <= n; i += VECTOR)
        *(Lane8 *)(void *)(y + i) = v;
    for (; i < n; i++)
        y[i] = x;
}

static void load_row(const Region *r, double *y, const double *x, size_t from,
                     size_t n)
{
    size_t rows = (size_t)r->rows, row = from % rows, col = from / rows;
    for (size_t i = 0; i < n; row = 0, col++) {
        size_t m = rows - row < n - i ? rows - row : n - i;
        fill(y + i, x[col], m);
        i += m;
    }
}

static void load_turned(const Region *r, double *y, const double *x,
                        size_t from, size_t n)
{
    size_t rows = (size_t)r->rows, cols = (size_t)r->cols;
    size_t row = from % rows, col = from / rows;
    for (size_t i = 0; i < n; row = 0, col++)
        for (; i < n && row < rows; row++)
            y[i++] = x[col + row * cols];
}

static void load_diagonal(const Region *r, double *y, const double *x,
                          size_t from, size_t n)
{
    size_t rows = (size_t)r->rows;
    memset(y, 0, n * sizeof *y);
    for (size_t i = (from + rows) / (rows + 1); i < rows; i++) {
        if (i * (rows + 1) >= from + n)
            break;
        y[i * (rows + 1) - from] = x[i];
    }
}

static double *lane(const Program *p, const Region *r, uint32_t k)
{
    return p->lane + (size_t)k * (r->block + LANE_STRIDE - LANES);
}

/* Once a run of the region. */
static void load_numbers(Program *p, const Region *r)
{
    size_t n = r->count < r->block ? (r->count + 7) / 8 * 8 : r->block;
    for (uint32_t k = 0; k < r->nload; k++) {
        const Load *ld = &r->load[k];
        double *y = p->lane_at[ld->lane];
        if (ld->kind == LOAD_NUMBER)
            for (size_t i = 0; i < n; i++)
                y[i] = p->slot[ld->from];
    }
}

void vm_load(Program *p, const Region *r, const Load *ld, double *y,
             size_t from, size_t n)
{
    const double *x = ld->kind == LOAD_NUMBER ? NULL : p->at[ld->from];
    if (ld->pick) {
        vm_load_pick(p, ld->pick, y, from, n);
        return;
    }
    switch (ld->kind) {
    case LOAD_NUMBER:
        break;
    case LOAD_PLAIN:
        if (n % 8 == 0) {
            p->lane_at[ld->lane] = (double *)(uintptr_t)(x + from);
        } else {
            memcpy(y, x + from, n * sizeof *y);
            p->lane_at[ld->lane] = y;
        }
        break;
    case LOAD_COLUMN:
        load_column(r, y, x, from, n);
        break;
    case LOAD_ROW:
        load_row(r, y, x, from, n);
        break;
    case LOAD_TURNED:
        load_turned(r, y, x, from, n);
        break;
    case LOAD_DIAGONAL:
        load_diagonal(r, y, x, from, n);
        break;
    }
}

static void watch_stores(Program *p, const Region *r, size_t n)
{
    for (uint32_t k = 0; p->finite && k < r->nstore; k++)
        if (vm_is_output(p, r->store[k].to))
            p->finite = vmath_all_finite(p->lane_at[r->store[k].lane], n);
}

void vm_region_begin(Program *p, const Region *r)
{
    for (uint32_t k = 0; k < r->lanes; k++)
        p->lane_at[k] = lane(p, r, k);
    load_numbers(p, r);
}

/* A column whose entries stand as they are wanted is not copied. */
static void load(Program *p, const Region *r, const Load *ld, size_t from,
                 size_t n)
{
    double *y = lane(p, r, ld->lane);
    size_t rows = (size_t)r->rows, row = from % rows;
    if (ld->kind == LOAD_COLUMN && !ld->pick) {
        bool stands = n % VECTOR == 0 && row + n <= rows;
        p->lane_at[ld->lane] = stands ? p->at[ld->from] + row : y;
        if (stands)
            return;
    }
    vm_load(p, r, ld, y, from, n);
}

void vm_region_range(Program *p, const Region *r, size_t from, size_t count)
{
    for (size_t end = from + count, turn = 0; from < end; from += r->block) {
        size_t n = end - from < r->block ? end - from : r->block;
        if (++turn % 64 == 0)
            POLL();
        for (uint32_t k = 0; k < r->nload; k++)
            load(p, r, &r->load[k], from, n);
        for (uint32_t k = 0; k < r->nstore; k++) {
            const Store *st = &r->store[k];
            p->lane_at[st->lane] =
                n % 8 == 0 ? p->at[st->to] + from : lane(p, r, st->lane);
        }
        if (r->native && !p->checking)
            r->native(p, n);
        else
            vm_lanes(p, p->lane_code + r->code, n);
        if (p->watching)
            watch_stores(p, r, n);
        for (uint32_t k = 0; n % 8 && k < r->nstore; k++)
            memcpy(p->at[r->store[k].to] + from, p->lane_at[r->store[k].lane],
                   n * sizeof(double));
    }
}

/* ---- large regions, by threads ---- */

#define CHUNK ((size_t)8 * SUM_BLOCK)

typedef struct Job {
    Program *hand;
    const Region *r;
} Job;

static size_t sum_blocks(const Region *r)
{
    return (r->count + SUM_BLOCK - 1) / SUM_BLOCK;
}

static int run_chunk(void *data, size_t part, unsigned worker)
{
    const Job *job = data;
    const Region *r = job->r;
    Program *p = &job->hand[worker];
    size_t from = part * CHUNK, left = r->count - from;
    vm_region_begin(p, r);
    for (uint32_t k = 0; k < r->nsum; k++)
        lane_sum_begin(&p->sum[k],
                       r->part + k * sum_blocks(r) + from / SUM_BLOCK);
    vm_region_range(p, r, from, left < CHUNK ? left : CHUNK);
    for (uint32_t k = 0; k < r->nsum; k++)
        lane_sum_close(&p->sum[k]);
    return 0;
}

static void run_threads(Program *p, const Region *r, unsigned threads)
{
    Job job = {vm_hands(p, threads), r};
    pool_run(run_chunk, &job, (r->count + CHUNK - 1) / CHUNK);
    for (unsigned k = 0; k < threads; k++)
        p->finite = p->finite && job.hand[k].finite;
    for (uint32_t k = 0; k < r->nsum; k++)
        p->slot[r->sum[k]] =
            lane_sum_join(r->part + k * sum_blocks(r), sum_blocks(r));
}

void vm_region(Program *p, const Region *r)
{
    if (r->strip && !p->checking) {
        vm_strip(p, r);
        return;
    }
    unsigned threads = p->checking || r->count < LARGE_REGION ? 1 : pool_size();
    if (threads > 1) {
        run_threads(p, r, threads);
        return;
    }
    vm_region_begin(p, r);
    for (uint32_t k = 0; k < r->nsum; k++)
        lane_sum_begin(&p->sum[k], NULL);
    vm_region_range(p, r, 0, r->count);
    for (uint32_t k = 0; k < r->nsum; k++)
        p->slot[r->sum[k]] = lane_sum_end(&p->sum[k]);
}

/*
 * engines.c - every run of a program, in every way that programs run
 *
 * Linked with `--wrap=vm_start` this stands between the program and its
 * machines.  Tier 0 is the threaded code for numbers, entry by entry, without
 * blocks, sweeps or machine code; what the others write must have the same
 * bits (a NaN is a NaN).  The body of a loop comes by here too, turn by turn.
 *
 * The first runs of each program are compared, then those whose number is a
 * power of two.  ENGINES_LOG names a file for the counts and for a digest of
 * all results, which is the same for every width of vector registers.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/jit.h"
#include "compile/vm.h"

enum { PATIENCE = 1 << 30, FIRST_RUNS = 3 };

void __real_vm_start(Program *p);
void __wrap_vm_start(Program *p);

static atomic_ulong programs, runs, by_machine, strips, sweeps;
static atomic_ullong digest;
static atomic_bool differ;

/* ---- tier 0 ---- */

static double loaded(Program *p, const Region *r, const Load *ld, size_t e)
{
    size_t rows = (size_t)r->rows, i = e % rows, j = e / rows;
    const double *x = ld->kind == LOAD_NUMBER ? NULL : p->at[ld->from];
    double picked;
    if (ld->pick) {
        vm_load_pick(p, ld->pick, &picked, e, 1);
        return picked;
    }
    switch (ld->kind) {
    case LOAD_NUMBER:
        return p->slot[ld->from];
    case LOAD_COLUMN:
        return x[i];
    case LOAD_ROW:
        return x[j];
    case LOAD_TURNED:
        return x[j + i * (size_t)r->cols];
    case LOAD_DIAGONAL:
        return i == j ? x[i] : 0;
    default:
        return x[e];
    }
}

/* The code of a region; what is summed is kept in a lane of its own, behind
 * the others and one that holds -0. */
static Instr *each_code(const Program *p, const Region *r, Arena *a)
{
    const Instr *from = p->lane_code + r->code;
    size_t n = 0;
    while (from[n].op != VM_HALT)
        n++;
    Instr *code = ARENA_ARRAY(a, Instr, n + 1);
    for (size_t i = 0; i <= n; i++) {
        code[i] = from[i];
        if (from[i].op == STEP_SUM)
            code[i] = (Instr){.op = STEP_ADD,
                              .y = r->lanes + 1 + from[i].y,
                              .a = from[i].a,
                              .b = r->lanes};
    }
    return code;
}

static void plain_region(Program *p, const Region *r)
{
    Arena *a = arena_local();
    double *slot = p->slot;
    double *lane = ARENA_ARRAY(a, double, r->lanes + r->nsum + 1);
    double *term = ARENA_ARRAY(a, double, r->nsum * r->count + 1);
    const Instr *code = each_code(p, r, a);
    lane[r->lanes] = -0.0;
    for (size_t e = 0; e < r->count; e++) {
        for (uint32_t k = 0; k < r->nload; k++)
            lane[r->load[k].lane] = loaded(p, r, &r->load[k], e);
        p->slot = lane;
        vm_run(p, code);
        p->slot = slot;
        for (uint32_t k = 0; k < r->nstore; k++)
            p->at[r->store[k].to][e] = lane[r->store[k].lane];
        for (uint32_t k = 0; k < r->nsum; k++)
            term[k * r->count + e] = lane[r->lanes + 1 + k];
    }
    for (uint32_t k = 0; k < r->nsum; k++)
        slot[r->sum[k]] = vmath_sum(term + k * r->count, r->count, 1);
    arena_free(a);
}

/* A product of a sweep: its chunks of rows are part of what it means, for its
 * sums are taken chunk by chunk. */
static void plain_product(Program *p, const Sweep *s, const Task *t)
{
    const Instr one = {.op = VM_TASK, .k = (uint32_t)(t - p->task)};
    Sweep alone = *s;
    alone.count = 1;
    alone.nlocal = 0;
    vm_sweep(p, &alone, &one);
}

/* A matrix that exists a block of rows at a time has no whole form. */
static bool has_matrix(const Program *p, const Sweep *s)
{
    for (uint32_t k = 0; k < s->nlocal; k++)
        if (p->home[s->local[k]].cols > 1)
            return true;
    return false;
}

static void run_plain(Program *p)
{
    const Sweep *sweep = NULL;
    uint32_t swept = 0;
    vm_whole_locals(p);
    for (const Instr *i = p->code; i->op != VM_HALT; i++) {
        const Instr pair[2] = {*i, {.op = VM_HALT}};
        if (i->op == VM_SWEEP) {
            sweep = &p->sweep[i->k];
            swept = sweep->count;
            if (has_matrix(p, sweep)) {
                vm_sweep(p, sweep, i + 1);
                i += swept;
                swept = 0;
            }
            continue;
        }
        if (i->op == VM_REGION)
            plain_region(p, &p->region[i->k]);
        else if (swept)
            plain_product(p, sweep, &p->task[i->k]);
        else
            vm_run(p, pair);
        swept -= swept > 0;
    }
}

/* ---- the others ---- */

static void run_blocks(Program *p)
{
    vm_run(p, p->code);
}

static void run_native(Program *p)
{
    if (p->native)
        p->native(p);
    else
        vm_run(p, p->code);
}

typedef struct Way {
    const char *name;
    void (*run)(Program *p);
    bool strips, native;
} Way;

static const Way ways[] = {{"tier 0", run_plain, false, false},
                           {"blocks", run_blocks, false, false},
                           {"strips", run_blocks, true, false},
                           {"machine code", run_native, true, true}};

enum { WAYS = sizeof ways / sizeof *ways };

/* Runs in one way; the program is afterwards as it was. */
static void run_way(Program *p, const Way *w)
{
    Arena *a = arena_local();
    Region *kept = ARENA_ARRAY(a, Region, p->nregion + 1);
    p->finite = true;
    for (size_t k = 0; k < p->nregion; k++) {
        Region *r = &p->region[k];
        kept[k] = *r;
        r->strip = w->strips ? r->strip : NULL;
        r->native = w->native ? r->native : NULL;
    }
    Protect protect;
    bool failed = true;
    if (PROTECT(&protect)) {
        w->run(p);
        protect_end(&protect);
        failed = false;
    }
    for (size_t k = 0; k < p->nregion; k++)
        p->region[k] = kept[k];
    arena_free(a);
    if (failed)
        error_again();
}

/* ---- comparing ---- */

static size_t out_count(const Program *p, size_t k)
{
    Shape s = p->out_shape[k];
    return (size_t)s.rows * (size_t)s.cols;
}

/* Where the outputs and inputs of the present run are, NULL if nowhere. */
static double **places(const Program *p, HomeKind kind, int n, Arena *a)
{
    double **at = ARENA_ARRAY(a, double *, (size_t)n + 1);
    for (size_t k = 0; k < p->nat; k++)
        if (p->home[k].kind == kind)
            at[p->home[k].from] = p->at[k];
    return at;
}

static void mix(const double *x, size_t n)
{
    unsigned long long sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = UINT64_C(0x7ff8000000000000);
        if (!isnan(x[i]))
            memcpy(&bits, &x[i], sizeof bits);
        bits = (bits ^ bits >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + i;
        sum += bits ^ bits >> 32;
    }
    digest += sum;
}

static void compare(const Program *p, const char *way, const double *want,
                    const double *got, size_t n, size_t out)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&want[i], &got[i], sizeof *got) != 0 &&
            !(isnan(want[i]) && isnan(got[i]))) {
            Str text = {0};
            program_print(p, &text);
            if (getenv("ENGINES_SHOW"))
                fprintf(stderr, "%s", str_text(&text));
            str_free(&text);
            differ = true;
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "engines differ: entry %zu of output %zu is %a in %s, "
                        "%a in tier 0",
                        i, out, got[i], way, want[i]);
        }
}

static void count_run(const Program *p)
{
    runs++;
    by_machine += p->native != NULL;
    for (size_t k = 0; k < p->nregion; k++)
        strips += p->region[k].strip != NULL;
    sweeps += p->nsweep;
}

static void run_ways(Program *p)
{
    Arena *a = arena_local();
    size_t nout = (size_t)p->nout;
    double **to = places(p, AT_OUTPUT, p->nout, a);
    double **want = ARENA_ARRAY(a, double *, nout + 1);
    double **before = ARENA_ARRAY(a, double *, p->nat + 1);
    for (size_t k = 0; k < p->nat; k++)
        if (p->home[k].kind == AT_INPUT) {
            size_t n = p->home[k].count;
            before[k] = ARENA_ARRAY(a, double, n + 1);
            memcpy(before[k], p->at[k], n * sizeof(double));
        }
    for (int w = 0; w < WAYS; w++) {
        run_way(p, &ways[w]);
        for (size_t k = 0; k < nout; k++) {
            size_t n = to[k] ? out_count(p, k) : 0;
            if (w == 0) {
                want[k] = ARENA_ARRAY(a, double, n + 1);
                memcpy(want[k], to[k] ? to[k] : want[k], n * sizeof(double));
                mix(want[k], n);
            }
            compare(p, ways[w].name, want[k], to[k], n, k);
        }
        for (size_t k = 0; k < p->nat && w + 1 < WAYS; k++)
            if (before[k])
                memcpy(p->at[k], before[k], p->home[k].count * sizeof(double));
    }
    count_run(p);
    arena_free(a);
}

static bool is_compared(unsigned run)
{
    return run <= FIRST_RUNS || (run & (run - 1)) == 0;
}

void __wrap_vm_start(Program *p)
{
    if (p->wait == 0 || p->checking) {
        __real_vm_start(p);
        return;
    }
    unsigned run = PATIENCE - --p->wait;
    if (run == 1) {
        programs++;
        jit_make(p);
    }
    if (is_compared(run))
        run_ways(p);
    else
        run_native(p);
}

/* At the end; a difference that a script took for an error is not forgotten. */
static void tell(void)
{
    const char *name = getenv("ENGINES_LOG");
    FILE *f = name ? fopen(name, "a") : NULL;
    if (f) {
        fprintf(f,
                "%lu runs of %lu programs, %lu by machine code, "
                "%lu small regions, %lu sweeps\ndigest %016llx\n",
                runs, programs, by_machine, strips, sweeps, digest);
        fclose(f);
    }
    if (differ) {
        fflush(NULL);
        _Exit(3);
    }
}

__attribute__((constructor)) static void begin(void)
{
    setenv("MLC_JIT", "1073741824", 1);
    atexit(tell);
}

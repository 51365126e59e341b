/*
 * program.c - making programs, running them, asking about them
 */
#include "compile/program.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compile/loop.h"

/* What a run does: numbers one by one, arrays by whole vectors. */
static size_t work(const Program *p)
{
    size_t y = p->ncode;
    for (size_t k = 0; k < p->nregion; k++) {
        const Region *r = &p->region[k];
        size_t n = 0;
        while (p->lane_code[r->code + n].op != VM_HALT)
            n++;
        y += (r->count + VECTOR - 1) / VECTOR * n;
    }
    return y;
}

/*
 * The runs before a program is worth machine code (jit.h).  To make it takes
 * as long as some ten thousand instructions: large arrays have it at once, a
 * few numbers after thousands of runs.
 */
static unsigned patience(const Program *p)
{
    const char *text = getenv("MLC_JIT");
    if (text && *text)
        return (unsigned)strtoul(text, NULL, 10);
    return 1 + (unsigned)(((size_t)1 << 16) / (work(p) + 8));
}

static void check_inputs(const ProgramSpec *spec)
{
    if (spec->precision != PRECISION_F64)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "programs compute in float64 only, not in float32");
    for (int i = 0; i < spec->nin; i++)
        assert(spec->in_shape[i].rows >= 0 && spec->in_shape[i].cols >= 0);
}

/* Marks the inverses of matrices whose adjugate is there too. */
static void mark_careful(Lower *l)
{
    Step count = (Step)l->step.count;
    for (Step s = 0; s < count; s++) {
        if (l->step.at[s].op != STEP_ADJUGATE)
            continue;
        for (Step k = 0; k < count; k++) {
            StepInfo *i = &l->step.at[k];
            POLL();
            if ((i->op == STEP_INV || i->op == STEP_SOLVE) &&
                step_arg(l, step_arg(l, k, 0), 0) == step_arg(l, s, 0))
                i->k |= INVERSE_CAREFUL;
        }
    }
}

static void lower_all(Program *p, Lower *l)
{
    const ProgramSpec *spec = l->spec;
    Step *out = ARENA_ARRAY(l->a, Step, (size_t)spec->nout + 1);
    p->out_shape = ARENA_ARRAY(p->arena, Shape, (size_t)spec->nout + 1);
    lower_begin(l);
    lower_dims(l);
    lower_inputs(l);
    for (int i = 0; i < spec->nout; i++) {
        out[i] = lower_node(l, spec->out[i]);
        p->out_shape[i] =
            (Shape){l->step.at[out[i]].rows, l->step.at[out[i]].cols};
    }
    mark_careful(l);
    lower_settle_quotients(l, spec->nout, out);
    schedule(l, spec->nout, out, p);
    p->stable = l->stable;
    p->batch = l->batch;
}

Program *program_lower(Graph *g, const ProgramSpec *spec, const LoopSite *site,
                       Arena *keep, Arena *scratch)
{
    Program *p = ARENA_NEW(keep, Program);
    p->turns = site != NULL;
    p->arena = keep;
    p->nin = spec->nin;
    p->nout = spec->nout;
    Lower *l = ARENA_NEW(scratch, Lower);
    l->g = g;
    l->a = scratch;
    l->keep = keep;
    l->spec = spec;
    l->site = site;
    lower_all(p, l);
    p->wait = patience(p);
    return p;
}

Program *program_new_local(Graph *g, const ProgramSpec *spec)
{
    check_inputs(spec);
    Arena *keep = arena_local(), *scratch = arena_local();
    Program *p = program_lower(g, spec, NULL, keep, scratch);
    arena_free(scratch);
    return p;
}

Program *program_new(Graph *g, const ProgramSpec *spec)
{
    Program *p = program_new_local(g, spec);
    arena_keep(p->arena);
    return p;
}

void program_free(Program *p)
{
    if (p)
        arena_free(p->arena);
}

Shape program_out_shape(const Program *p, int i)
{
    assert(i >= 0 && i < p->nout);
    return p->out_shape[i];
}

size_t program_count(const Program *p)
{
    return p->ncode + p->nlane_code - p->nregion - 1;
}

size_t program_room(const Program *p)
{
    return p->buffer_count;
}

bool program_sweeps(const Program *p)
{
    return p->nsweep > 0;
}

bool program_is_stable(const Program *p)
{
    return p->stable;
}

bool program_is_batch(const Program *p)
{
    return p->batch;
}

void program_run(Program *p, const double *const in[], double *const out[])
{
    p->watching = false;
    vm_bind(p, in, out);
    vm_start(p);
}

bool program_run_finite(Program *p, const double *const in[],
                        double *const out[])
{
    p->watching = p->finite = true;
    vm_bind(p, in, out);
    vm_start(p);
    p->watching = false;
    for (int i = 0; p->finite && i < p->nout; i++) {
        Shape s = p->out_shape[i];
        if (!p->watched[i])
            p->finite =
                vmath_all_finite(out[i], (size_t)s.rows * (size_t)s.cols);
    }
    return p->finite;
}

/* ---- blame ---- */

const char *vm_name(const Program *p, const Instr *i)
{
    switch (i->op) {
    case STEP_CALL1:
    case STEP_CALL2:
    case STEP_CALL3:
        return p->kernel[i->k]->name;
    case VM_TASK:
    case VM_WRITE: {
        const Task *t = &p->task[i->k];
        if (t->op == STEP_ROW_KERNEL)
            return ((const OpInfo *)(uintptr_t)t->k)->name;
        return step_name[t->op];
    }
    default:
        return i->op < STEP_COUNT ? step_name[i->op] : "";
    }
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static bool arg_is_finite(const Program *p, const TaskArg *a)
{
    if (a->number)
        return isfinite(p->slot[a->at]);
    return all_finite(p->at[a->at], (size_t)a->rows * (size_t)a->cols);
}

static bool operands_finite(const Program *p, const Instr *i)
{
    switch (i->op) {
    case STEP_READ:
        return false; /* hands on what it reads */
    case STEP_NEG:
    case STEP_SQRT:
    case STEP_NOT:
    case STEP_CALL1:
        return isfinite(p->slot[i->a]);
    case STEP_CALL3:
    case STEP_CHOOSE:
        return isfinite(p->slot[i->a]) && isfinite(p->slot[i->b]) &&
               isfinite(p->slot[i->c]);
    default:
        return isfinite(p->slot[i->a]) && isfinite(p->slot[i->b]);
    }
}

static bool makes_nan(Program *p, const Instr *i);

/* Factors of a singular matrix are finite and still mean no inverse. */
static bool task_makes_nan(Program *p, const Task *t)
{
    bool finite = true;
    for (uint32_t k = 0; k < t->nargs; k++)
        finite = finite && arg_is_finite(p, &t->arg[k]);
    vm_task(p, t);
    return finite && !arg_is_finite(p, &t->y);
}

void vm_run_or_check(Program *p)
{
    ArenaMark mark = arena_mark(p->arena);
    vm_whole_locals(p);
    for (const Instr *i = p->code; i->op != VM_HALT; i++)
        if (i->op != VM_SWEEP && makes_nan(p, i) && !p->blame)
            p->blame = vm_name(p, i);
    arena_reset(p->arena, mark);
}

static bool makes_nan(Program *p, const Instr *i)
{
    const Instr pair[2] = {*i, {.op = VM_HALT}};
    if (i->op == VM_TASK)
        return task_makes_nan(p, &p->task[i->k]);
    if (i->op == VM_REGION) {
        vm_region(p, &p->region[i->k]);
        return p->blame != NULL;
    }
    if (i->op == VM_WRITE) {
        vm_run(p, pair);
        return false;
    }
    bool finite = operands_finite(p, i);
    vm_run(p, pair);
    return finite && !isfinite(p->slot[i->y]);
}

const char *program_blame(Program *p, const double *const in[])
{
    ArenaMark mark = arena_mark(p->arena);
    double **out = ARENA_ARRAY(p->arena, double *, (size_t)p->nout + 1);
    for (int i = 0; i < p->nout; i++)
        out[i] = ARENA_ARRAY(
            p->arena, double,
            (size_t)p->out_shape[i].rows *(size_t)p->out_shape[i].cols + 1);
    vm_bind(p, in, out);
    p->checking = true;
    p->blame = NULL;
    vm_run_or_check(p);
    p->checking = false;
    arena_reset(p->arena, mark);
    return p->blame;
}

/* ---- listing ---- */

static void print_each(const Program *p, const Instr *i, char mark, Str *out)
{
    str_add_format(out, "%c%u = %s", mark, i->y, vm_name(p, i));
    switch (i->op) {
    case STEP_READ:
        str_add_format(out, " @%u %zu", i->a,
                       (size_t)i->b | (size_t)i->c << 32);
        break;
    case STEP_NEG:
    case STEP_SQRT:
    case STEP_NOT:
    case STEP_CALL1:
    case STEP_SUM:
        str_add_format(out, " %c%u", mark, i->a);
        break;
    case STEP_CALL3:
    case STEP_CHOOSE:
        str_add_format(out, " %c%u %c%u %c%u", mark, i->a, mark, i->b, mark,
                       i->c);
        break;
    default:
        str_add_format(out, " %c%u %c%u", mark, i->a, mark, i->b);
    }
    str_add(out, "\n");
}

static void print_arg(const TaskArg *a, Str *out)
{
    if (a->number)
        str_add_format(out, " s%u", a->at);
    else
        str_add_format(out, " @%u[%d,%d]", a->at, a->rows, a->cols);
}

static void print_region(const Program *p, const Region *r, Str *out)
{
    static const char *const kinds[] = {"array", "number", "column",
                                        "row",   "turned", "diagonal"};
    str_add_format(out, "blocks over [%d,%d]\n", r->rows, r->cols);
    for (uint32_t k = 0; k < r->nload; k++)
        str_add_format(
            out, "    l%u = %s %c%u\n", r->load[k].lane, kinds[r->load[k].kind],
            r->load[k].kind == LOAD_NUMBER ? 's' : '@', r->load[k].from);
    for (const Instr *i = p->lane_code + r->code; i->op != VM_HALT; i++) {
        str_add(out, "    ");
        if (i->op == STEP_SUM)
            str_add_format(out, "s%u = sum l%u\n", r->sum[i->y], i->a);
        else
            print_each(p, i, 'l', out);
    }
    for (uint32_t k = 0; k < r->nstore; k++)
        str_add_format(out, "    @%u = l%u\n", r->store[k].to,
                       r->store[k].lane);
}

void program_print(const Program *p, Str *out)
{
    for (const Instr *i = p->code; i->op != VM_HALT; i++) {
        if (i->op == VM_SWEEP) {
            const Sweep *s = &p->sweep[i->k];
            str_add_format(out,
                           "sweep of the next %u over %d rows, %d at a time\n",
                           s->count, s->rows, s->block);
        } else if (i->op == VM_REGION) {
            print_region(p, &p->region[i->k], out);
        } else if (i->op == VM_TASK || i->op == VM_WRITE) {
            const Task *t = &p->task[i->k];
            print_arg(&t->y, out);
            str_add_format(out, " = %s", vm_name(p, i));
            for (uint32_t k = 0; k < t->nargs; k++)
                print_arg(&t->arg[k], out);
            str_add(out, "\n");
        } else {
            print_each(p, i, 's', out);
        }
    }
}

/*
 * strip.c - small regions with their operands bound once
 *
 * In the body of a loop a region of 14 entries runs thousands of times: its
 * operands are found here, when the program is written, and not in each run.
 */
#include "compile/vm.h"

#include <string.h>

typedef struct Binding {
    Program *p;
    const Region *r;
    uint32_t *place; /* of each lane of the region, in Program.at */
    uint32_t constants;
    VEC(double *) fill; /* vectors of a constant */
    VEC(Load) load;
    VEC(Store) store;
    Arena *a;
} Binding;

static size_t whole(size_t count)
{
    return (count + VECTOR - 1) / VECTOR * VECTOR;
}

/* Places behind the arrays: the lanes, then constants. */
static uint32_t place_fill(Binding *b, double x)
{
    Program *p = b->p;
    size_t n = whole(b->r->count);
    char *raw = arena_alloc(p->arena, n * sizeof(double) + 64);
    double *y = (double *)(void *)(raw + (64 - (uintptr_t)raw % 64) % 64);
    for (size_t i = 0; i < n; i++)
        y[i] = x;
    VEC_PUSH_IN(b->a, &b->fill, y);
    return (uint32_t)(p->nat + p->most_lanes + b->fill.count - 1);
}

static void place_loads(Binding *b)
{
    const Region *r = b->r;
    for (uint32_t k = 0; k < r->nload; k++) {
        const Load *ld = &r->load[k];
        if (ld->kind == LOAD_NUMBER && ld->from < b->constants)
            b->place[ld->lane] = place_fill(b, b->p->slot[ld->from]);
        else if (ld->kind == LOAD_PLAIN &&
                 (r->count % VECTOR == 0 || vm_is_open(b->p, ld->from)))
            b->place[ld->lane] = ld->from;
        else
            VEC_PUSH_IN(b->a, &b->load, *ld);
    }
}

static bool has_room(const Binding *b, uint32_t at)
{
    HomeKind kind = b->p->home[at].kind;
    return b->r->count % VECTOR == 0 || kind == AT_BUFFER ||
           (kind == AT_OUTPUT && b->p->turns);
}

static void place_stores(Binding *b)
{
    const Region *r = b->r;
    for (uint32_t k = 0; k < r->nstore; k++)
        if (has_room(b, r->store[k].to))
            b->place[r->store[k].lane] = r->store[k].to;
        else
            VEC_PUSH_IN(b->a, &b->store, r->store[k]);
}

static Instr *bind_code(const Binding *b)
{
    const Instr *from = b->p->lane_code + b->r->code;
    size_t n = 0;
    while (from[n].op != VM_HALT)
        n++;
    Instr *code = arena_alloc(b->p->arena, (n + 1) * sizeof *code);
    for (size_t i = 0; i < n; i++) {
        bool sum = from[i].op == STEP_SUM;
        code[i] = from[i];
        code[i].k = sum ? b->r->sum[from[i].y] : from[i].k;
        code[i].y = b->place[sum ? from[i].a : from[i].y];
        code[i].a = b->place[from[i].a];
        code[i].b = b->place[from[i].b];
        code[i].c = b->place[from[i].c];
    }
    code[n] = from[n];
    return code;
}

static void *keep(Program *p, const void *from, size_t size)
{
    void *to = arena_alloc(p->arena, size ? size : 1);
    if (size)
        memcpy(to, from, size);
    return to;
}

static void bind_region(Binding *b, Region *r)
{
    Program *p = b->p;
    Strip *s = ARENA_NEW(p->arena, Strip);
    b->r = r;
    b->load.count = b->store.count = 0;
    for (uint32_t k = 0; k < r->lanes; k++)
        b->place[k] = (uint32_t)p->nat + k;
    place_loads(b);
    place_stores(b);
    s->code = bind_code(b);
    s->nload = (uint32_t)b->load.count;
    s->load = keep(p, b->load.at, s->nload * sizeof *s->load);
    s->nstore = (uint32_t)b->store.count;
    s->store = keep(p, b->store.at, s->nstore * sizeof *s->store);
    r->strip = s;
}

/* Only now is it known how many places there are. */
static void widen_places(Binding *b)
{
    Program *p = b->p;
    size_t n = p->nat + p->most_lanes + b->fill.count;
    double **at = ARENA_ARRAY(p->arena, double *, n + 1);
    for (size_t i = 0; i < p->nat; i++)
        at[i] = p->at[i];
    for (size_t i = 0; i < p->most_lanes; i++)
        at[p->nat + i] = p->lane + i * LANE_STRIDE;
    for (size_t i = 0; i < b->fill.count; i++)
        at[p->nat + p->most_lanes + i] = b->fill.at[i];
    p->at = at;
}

void strip_all(Program *p, Arena *scratch, uint32_t constants)
{
    Binding b = {.p = p, .constants = constants, .a = scratch};
    b.place = ARENA_ARRAY(scratch, uint32_t, p->most_lanes + 1);
    for (size_t k = 0; k < p->nregion; k++)
        if (p->region[k].count > 0 && p->region[k].count <= LANES)
            bind_region(&b, &p->region[k]);
    widen_places(&b);
}

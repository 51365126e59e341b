/*
 * native.c - which states machine code is made for, and entering it
 */
#include "eval/native_state.h"

#include "eval/native.h"

#if JIT_HERE

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "num/wide.h"
#include "value/matrix.h"

enum {
    TURNS_WAITED = 128,      /* for each run that a program waits (jit.h) */
    TURNS_AT_ONCE = 1 << 16, /* then interruptions are looked at */
    VARIANTS_MOST = 4,       /* of an instruction */
    CODE_MOST = 4000,        /* variants in all */
    WORK_MOST = 1 << 20,     /* registers times instructions */
    TRIES = 12,              /* of making code for a function */
    MISSES_MOST = 64         /* entries that left within a turn */
};

/* Machine code for one entry and what the registers hold there. */
struct Native {
    struct Native *next;
    int at;
    uint8_t *holds;
    int64_t *cell;
    const Cell **cells; /* names that must not be defined, then NULL */
    int64_t (*run)(Local *r, int64_t *cell, int64_t turns);
    int misses;
};

unsigned native_patience(void)
{
    const char *text = getenv("MLC_JIT");
    unsigned long runs = text && *text ? strtoul(text, NULL, 10) : 8;
    return runs == 1 ? 1 : (unsigned)runs * TURNS_WAITED;
}

/* ---- which registers are read later ---- */

static int reads(const FastInstr *i, uint16_t r[4])
{
    int n = 0;
    switch ((FastOp)i->op) {
    case FAST_ASSIGN_INDEX:
        r[n++] = i->d;
        /* fall through */
    case FAST_INDEX:
        r[n++] = i->a;
        r[n++] = i->b;
        if (i->extra == 2)
            r[n++] = i->c;
        return n;
    case FAST_ADD:
    case FAST_SUB:
    case FAST_MUL:
    case FAST_DIV:
    case FAST_BINARY:
    case FAST_COMPARE:
    case FAST_MOD:
    case FAST_LOGIC:
    case FAST_FOR:
    case FAST_NEXT:
        r[n++] = i->b;
        /* fall through */
    case FAST_MOVE:
    case FAST_NEGATE:
    case FAST_NOT:
    case FAST_UNARY:
    case FAST_UNLESS:
    case FAST_IF:
    case FAST_CHOOSE:
    case FAST_DECIDES:
    case FAST_GIVEN:
    case FAST_RESULT:
        r[n++] = i->a;
        return n;
    default:
        return 0;
    }
}

static int successors(const FastInstr *i, int k, int to[3])
{
    int n = 0;
    switch ((FastOp)i->op) {
    case FAST_RETURN:
        return 0;
    case FAST_JUMP:
    case FAST_BACK:
        to[n++] = i->extra;
        return n;
    case FAST_IF:
        to[n++] = i->extra - 1;
        /* fall through */
    case FAST_UNLESS:
    case FAST_CHOOSE:
    case FAST_DECIDES:
    case FAST_FOR:
    case FAST_NEXT:
        to[n++] = i->extra;
        to[n++] = k + 1;
        return n;
    case FAST_EXEC:
        to[n++] = k + 1;
        if (i->extra) {
            to[n++] = k + 2;
            to[n++] = k + 3;
        }
        return n;
    default:
        to[n++] = k + 1;
        return n;
    }
}

/* Temporaries; variables may be read by the tree walker at any time. */
static bool find_live_at(Maker *m, int k)
{
    const FastInstr *i = &m->code->instr[k];
    bool *live = m->live + k * m->nregs, changed = false;
    uint16_t read[4];
    int to[3], n = successors(i, k, to), nread = reads(i, read);
    for (int r = m->code->nvars; r < m->nregs; r++) {
        bool is = false;
        for (int s = 0; s < n && to[s] < m->code->ninstr; s++)
            is = is || m->live[to[s] * m->nregs + r];
        bool makes = i->op <= FAST_LOGIC || i->op == FAST_EVAL;
        is = is && !(makes && i->d == r);
        for (int s = 0; s < nread; s++)
            is = is || read[s] == r;
        changed = changed || is != live[r];
        live[r] = is;
    }
    return changed;
}

static void find_live(Maker *m)
{
    m->live = ARENA_ARRAY(m->j.a, bool, (size_t)(m->code->ninstr * m->nregs));
    for (bool changed = true; changed;) {
        changed = false;
        POLL();
        for (int k = m->code->ninstr - 1; k >= 0; k--)
            changed = find_live_at(m, k) || changed;
    }
}

bool native_is_live(const Maker *m, int at, int r)
{
    return r < m->code->nvars || m->live[at * m->nregs + r];
}

static void find_weights(Maker *m)
{
    m->weight = ARENA_ARRAY(m->j.a, uint32_t, (size_t)m->code->ninstr);
    for (int k = 0; k < m->code->ninstr; k++)
        m->weight[k] = 1;
    for (int k = 0; k < m->code->ninstr; k++) {
        const FastInstr *i = &m->code->instr[k];
        if (i->op == FAST_NEXT || i->op == FAST_BACK)
            for (int n = i->extra; n <= k; n++)
                m->weight[n] *= m->weight[n] < 10000 ? 10 : 1;
    }
}

/* ---- states ---- */

/* What a temporary holds is forgotten when nobody reads it any more, unless
 * it is counted. */
static void forget(const Maker *m, int at, uint8_t *holds)
{
    for (int r = m->code->nvars + m->code->nconsts; r < m->nregs; r++)
        if (holds[r] >= HOLDS_INT && !native_is_live(m, at, r))
            holds[r] = HOLDS_NOTHING;
}

int native_target(Maker *m, int at, const uint8_t *holds)
{
    size_t size = (size_t)m->nregs;
    Variant v = {at, arena_alloc(m->j.a, size), SIZE_MAX};
    int count = 0;
    memcpy(v.holds, holds, size);
    forget(m, at, v.holds);
    for (size_t k = 0; k < m->variant.count; k++) {
        if (m->variant.at[k].at != at)
            continue;
        if (memcmp(m->variant.at[k].holds, v.holds, size) == 0)
            return (int)k;
        count++;
    }
    if (count < VARIANTS_MOST && m->variant.count < CODE_MOST) {
        VEC_PUSH_IN(m->j.a, &m->variant, v);
        return (int)m->variant.count - 1;
    }
    VEC_PUSH_IN(m->j.a, &m->leave, v);
    return ~((int)m->leave.count - 1);
}

static Holds what(const Local *r, bool named)
{
    Value v = r->value;
    if (named && !r->name)
        return HOLDS_OTHER;
    switch (v.kind) {
    case VAL_NONE:
        return named ? HOLDS_OTHER : HOLDS_NOTHING;
    case VAL_INT:
        return HOLDS_INT;
    case VAL_FLOAT:
        return HOLDS_FLOAT;
    case VAL_BOOL:
        return HOLDS_BOOL;
    case VAL_ARRAY:
        if (v.array->kind != ELEM_FLOAT || v.array->missing)
            return HOLDS_OTHER;
        return v.object->count == 1 && named ? HOLDS_ARRAY : HOLDS_SHARED;
    default:
        return HOLDS_OTHER;
    }
}

/* ---- making ---- */

/* The numbers that are used most get registers. */
static void give_registers(Maker *m, HomeClass c, const int8_t *from, int n)
{
    for (int k = 0; k < n; k++) {
        int best = -1;
        for (int r = 0; r < m->nregs; r++)
            if (m->home[c][r] < 0 && m->use[c][r] &&
                (best < 0 || m->use[c][r] > m->use[c][best]))
                best = r;
        if (best >= 0)
            m->home[c][best] = from[k];
    }
}

static void fill_cells(const Maker *m, int64_t *cell)
{
    const FastCode *code = m->code;
    cell[CELL_SIGN] = INT64_MIN;
    for (int k = 0; k < code->nconsts; k++) {
        Value v = code->constant[k];
        double x = v.kind == VAL_FLOAT ? v.number
                   : v.kind == VAL_INT ? (double)v.integer
                                       : 0;
        memcpy(&cell[CELL_FIRST + AS_FLOAT * m->nregs + code->nvars + k], &x,
               sizeof x);
    }
}

/* The names of the functions that the code calls by their kernels. */
static const Cell **undefined(const FastCode *code)
{
    size_t n = 0;
    const Cell **cells =
        ARENA_ARRAY(code->arena, const Cell *, (size_t)code->ninstr + 1);
    for (int k = 0; k < code->ninstr; k++) {
        const FastInstr *i = &code->instr[k];
        int c = i->op == FAST_UNARY ? i->b : i->op == FAST_MOD ? i->c : -1;
        if (c >= 0 && !code->cell[c]->defined)
            cells[n++] = code->cell[c];
    }
    return cells;
}

static void find_homes(Maker *m, int at, const uint8_t *holds)
{
    static const int8_t ints[] = {3, 12, 13, 6, 7, 8, 9, 10, 11};
    static const int8_t floats[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (HomeClass c = 0; c < CLASSES; c++) {
        m->use[c] = ARENA_ARRAY(m->j.a, uint64_t, (size_t)m->nregs);
        m->home[c] = ARENA_ARRAY(m->j.a, int8_t, (size_t)m->nregs);
        memset(m->home[c], -1, (size_t)m->nregs);
    }
    native_write(m, at, holds);
    give_registers(m, AS_INT, ints, sizeof ints);
    give_registers(m, AS_FLOAT, floats, sizeof floats);
}

static struct Native *make(const FastCode *code, int at, const uint8_t *holds)
{
    Arena *a = arena_local();
    Maker m = {.j = {.a = a}, .code = code, .nregs = code->nregs};
    size_t cells = (size_t)(CELL_FIRST + (CLASSES + ARRAY_CELLS) * m.nregs);
    struct Native *n = ARENA_NEW(code->arena, struct Native);
    n->at = at;
    n->holds = arena_alloc(code->arena, (size_t)m.nregs);
    n->cell = ARENA_ARRAY(code->arena, int64_t, cells);
    n->cells = undefined(code);
    find_live(&m);
    find_weights(&m);
    memcpy(n->holds, holds, (size_t)m.nregs);
    forget(&m, at, n->holds);
    fill_cells(&m, n->cell);
    find_homes(&m, at, n->holds);
    native_write(&m, at, n->holds);
    void *run = jit_install(&m.j, code->arena);
    arena_free(a);
    if (!run)
        return NULL;
    n->run = (int64_t(*)(Local *, int64_t *, int64_t))(uintptr_t)run;
    n->next = code->native->first;
    code->native->first = n;
    return n;
}

/* ---- entering ---- */

static void see(const FastCode *code, Local *r, uint8_t *holds)
{
    for (int k = 0; k < code->nregs; k++)
        holds[k] = (uint8_t)what(&r[k], k < code->nvars);
}

/* A temporary that nobody reads may hold anything, but nothing counted. */
static bool fits(const struct Native *n, const FastCode *code,
                 const uint8_t *holds)
{
    for (int k = 0; k < code->nregs; k++)
        if (n->holds[k] != holds[k] &&
            (n->holds[k] != HOLDS_NOTHING || holds[k] < HOLDS_INT))
            return false;
    for (const Cell **c = n->cells; *c; c++)
        if ((*c)->defined)
            return false;
    return true;
}

static void show_arrays(const struct Native *n, const FastCode *code,
                        const Local *r)
{
    int64_t *cell = n->cell + CELL_FIRST + CLASSES * code->nregs;
    for (int k = 0; k < code->nregs; k++, cell += ARRAY_CELLS)
        if (n->holds[k] == HOLDS_ARRAY || n->holds[k] == HOLDS_SHARED) {
            const Array *a = r[k].value.array;
            cell[ARRAY_DATA] = (int64_t)(intptr_t)a->f;
            cell[ARRAY_COUNT] = (int64_t)a->rows * a->cols;
            cell[ARRAY_ROWS] = a->rows;
            cell[ARRAY_COLS] = a->cols;
        }
}

static struct Native *find(const FastCode *code, int at, const uint8_t *holds)
{
    for (struct Native *n = code->native->first; n; n = n->next)
        if (n->at == at && fits(n, code, holds))
            return n;
    return NULL;
}

static bool may_make(const FastCode *code)
{
    NativeSet *set = code->native;
    if (!WIDE_HAS(256, "avx") || set->tries >= TRIES ||
        (int64_t)code->ninstr * code->nregs > WORK_MOST)
        return false;
    set->tries++;
    return true;
}

int native_run(const FastCode *code, Local *r, int at, bool made)
{
    uint8_t holds[256];
    if (code->nregs > (int)sizeof holds)
        return -1;
    see(code, r, holds);
    struct Native *n = find(code, at, holds);
    if (!n && made && may_make(code))
        n = make(code, at, holds);
    if (!n || n->misses > MISSES_MOST)
        return -1;
    show_arrays(n, code, r);
    int64_t next = n->run(r, n->cell, TURNS_AT_ONCE);
    n->misses = n->cell[CELL_LEFT] == TURNS_AT_ONCE ? n->misses + 1 : 0;
    return (int)next;
}

#else

unsigned native_patience(void)
{
    return 0;
}

int native_run(const FastCode *code, Local *r, int at, bool made)
{
    (void)code, (void)r, (void)at, (void)made;
    return -1;
}

#endif

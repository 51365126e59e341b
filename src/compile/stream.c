/*
 * stream.c - which steps are swept together over blocks of rows
 *
 * A loss over data reads its matrix twice: X*w, then X'*r.  When X is larger
 * than the cache, both are done block by block, with what is elementwise
 * between them.  Such items are "body" (each block of rows of the result
 * depends on the same rows of the operands) or "total" (sums over the rows,
 * ready when the sweep ends); all others stand between the sweeps.
 *
 * Every item gets a time: what stands between sweeps an even one, items of a
 * sweep an odd one, so that every operand is ready.  Items are then put in the
 * order of their times.
 */
#include <assert.h>

#include "compile/schedule.h"

/* Entries of a matrix from which on it does not stay in the cache. */
#define LARGE ((size_t)1 << 17)

typedef enum Part { BETWEEN, BODY, TOTAL } Part;

static const StepInfo *info(const Schedule *s, Step x)
{
    return &s->l->step.at[x];
}

static size_t entries(const Schedule *s, Step x)
{
    return (size_t)info(s, x)->rows * (size_t)info(s, x)->cols;
}

/* The operand of a product that has the rows, and whether they are summed. */
static Step matrix_of(const Schedule *s, Step x, bool *summed)
{
    const StepInfo *i = info(s, x);
    Step a = step_arg(s->l, x, 0), b = step_arg(s->l, x, 1);
    *summed = i->k & 1;
    /* r'*X, however r stands, is the transpose of X'*r. */
    if (!(i->k & 2) && (*summed ? info(s, a)->cols : info(s, a)->rows) == 1) {
        *summed = true;
        return b;
    }
    return a;
}

bool schedule_sums_rows(const Schedule *s, Step x, int *matrix, int *column)
{
    bool summed;
    if (info(s, x)->op != STEP_GEMM)
        return false;
    Step m = matrix_of(s, x, &summed);
    *matrix = m != step_arg(s->l, x, 0);
    *column = !*matrix;
    return summed && (*matrix || info(s, step_arg(s->l, x, 1))->cols == 1);
}

/* The rows of the largest matrix that is multiplied, or 0. */
static int rows_to_sweep(const Schedule *s)
{
    size_t most = LARGE - 1;
    int rows = 0;
    for (size_t i = 0; i < s->nitem; i++) {
        Step x = s->order[s->item[i].first];
        bool summed;
        if (info(s, x)->op != STEP_GEMM)
            continue;
        Step m = matrix_of(s, x, &summed);
        if (entries(s, m) <= most || info(s, m)->rows < STREAM_ROWS)
            continue;
        most = entries(s, m);
        rows = info(s, m)->rows;
    }
    return rows;
}

static bool has_rows(const Schedule *s, Step x, int rows)
{
    return info(s, x)->rows == rows;
}

static Part part_of_product(const Schedule *s, Step x, int rows)
{
    bool summed;
    Step m = matrix_of(s, x, &summed);
    Step b = step_arg(s->l, x, 1);
    if (!has_rows(s, m, rows))
        return BETWEEN;
    if (!summed)
        return BODY;
    return !(info(s, x)->k & 2) && has_rows(s, b, rows) ? TOTAL : BETWEEN;
}

static bool region_goes_by_rows(const Schedule *s, const Item *item, int rows)
{
    Step head = s->order[item->first];
    if (info(s, head)->op == STEP_SUM)
        head = step_arg(s->l, head, 0);
    bool column = info(s, head)->cols == 1, sums = false;
    if (!has_rows(s, head, rows))
        return false;
    for (uint32_t k = 0; k < item->count; k++) {
        Step x = s->order[item->first + k];
        sums = sums || info(s, x)->op == STEP_SUM;
        for (uint32_t j = 0; j < info(s, x)->nargs; j++) {
            LoadKind kind;
            schedule_operand(s->l, step_arg(s->l, x, (int)j), &kind);
            if (kind == LOAD_TURNED || kind == LOAD_DIAGONAL ||
                (column && kind != LOAD_PLAIN && kind != LOAD_NUMBER))
                return false;
        }
    }
    /* Column by column is the order in which a sum takes the entries. */
    return column || !sums;
}

static Part part_of(const Schedule *s, const Item *item, int rows)
{
    Step x = s->order[item->first];
    if (item->region)
        return region_goes_by_rows(s, item, rows) ? BODY : BETWEEN;
    switch (info(s, x)->op) {
    case STEP_GEMM:
        return part_of_product(s, x, rows);
    case STEP_SOFTMAX_ROWS:
    case STEP_LOGSUMEXP_ROWS:
    case STEP_ROWSUM:
        return has_rows(s, step_arg(s->l, x, 0), rows) ? BODY : BETWEEN;
    default:
        return BETWEEN;
    }
}

/* ---- times ---- */

static Step storage(const Schedule *s, Step x)
{
    while (info(s, x)->op == STEP_VIEW || info(s, x)->op == STEP_SLIDE)
        x = step_arg(s->l, x, 0);
    return x;
}

/* Does the item with x read only rows of the operand, block by block? */
static bool reads_by_rows(const Schedule *s, const Item *item, Step x, int arg,
                          Step a, LoadKind kind, int rows)
{
    bool summed;
    if (!has_rows(s, a, rows) || info(s, a)->op == STEP_VIEW)
        return false;
    if (item->region)
        return kind == LOAD_PLAIN || kind == LOAD_COLUMN;
    if (info(s, x)->op != STEP_GEMM)
        return true;
    matrix_of(s, x, &summed);
    return summed || arg == 0;
}

typedef struct Plan {
    int rows;
    uint8_t *part;  /* of an item */
    uint32_t *time; /* of an item */
} Plan;

/* The time before which operand `arg` of x does not let its item run. */
static uint32_t ready(const Schedule *s, const Plan *w, uint32_t i, Step x,
                      int arg)
{
    const Item *item = &s->item[i];
    LoadKind kind = LOAD_PLAIN;
    Step a = step_arg(s->l, x, arg);
    if (item->region)
        a = schedule_operand(s->l, a, &kind);
    Step from = storage(s, a);
    StepOp op = info(s, from)->op;
    if (!s->need[from] || op == STEP_IN || op == STEP_NUM || op == STEP_CONST)
        return 0;
    uint32_t d = s->item_of[from];
    if (d == i)
        return 0;
    assert(d < i);
    /* A sum is ready when its sweep ends, like all of TOTAL. */
    bool flows = w->part[i] != BETWEEN && w->part[d] == BODY &&
                 info(s, from)->op != STEP_SUM &&
                 reads_by_rows(s, item, x, arg, a, kind, w->rows);
    bool waits = w->part[i] != BETWEEN || w->part[d] != BETWEEN;
    return w->time[d] + (waits && !flows);
}

static void find_times(const Schedule *s, Plan *w)
{
    for (uint32_t i = 0; i < s->nitem; i++) {
        const Item *item = &s->item[i];
        uint32_t time = 0;
        for (uint32_t k = 0; k < item->count; k++) {
            Step x = s->order[item->first + k];
            for (uint32_t j = 0; j < info(s, x)->nargs; j++) {
                uint32_t t = ready(s, w, i, x, (int)j);
                time = t > time ? t : time;
            }
        }
        w->time[i] = time + (time % 2 != (w->part[i] != BETWEEN));
    }
}

/* ---- the new order ---- */

static void sort_items(Schedule *s, const Plan *w)
{
    uint32_t most = 0;
    for (size_t i = 0; i < s->nitem; i++)
        most = w->time[i] > most ? w->time[i] : most;
    uint32_t *start = ARENA_ARRAY(s->a, uint32_t, most + 2);
    Item *item = ARENA_ARRAY(s->a, Item, s->nitem + 1);
    for (size_t i = 0; i < s->nitem; i++)
        start[w->time[i] + 1]++;
    for (uint32_t t = 0; t <= most; t++)
        start[t + 1] += start[t];
    for (size_t i = 0; i < s->nitem; i++) {
        Item *to = &item[start[w->time[i]]++];
        *to = s->item[i];
        to->sweep = w->time[i] % 2 ? (w->time[i] + 1) / 2 : 0;
        to->total = w->part[i] == TOTAL;
    }
    s->item = item;
    for (uint32_t i = 0; i < s->nitem; i++)
        for (uint32_t k = 0; k < s->item[i].count; k++)
            s->item_of[s->order[s->item[i].first + k]] = i;
}

/* A sweep without a product is better done item by item. */
static void drop_idle_sweeps(Schedule *s)
{
    for (size_t i = 0; i < s->nitem;) {
        size_t j = i, products = 0;
        for (; j < s->nitem && s->item[j].sweep == s->item[i].sweep; j++)
            products += info(s, s->order[s->item[j].first])->op == STEP_GEMM;
        for (; i < j; i++)
            if (products == 0)
                s->item[i].sweep = 0;
    }
}

void schedule_sweeps(Schedule *s)
{
    Plan w = {.rows = rows_to_sweep(s)};
    s->sweep_rows = w.rows;
    if (w.rows == 0)
        return;
    w.part = ARENA_ARRAY(s->a, uint8_t, s->nitem);
    w.time = ARENA_ARRAY(s->a, uint32_t, s->nitem);
    for (size_t i = 0; i < s->nitem; i++)
        w.part[i] = (uint8_t)part_of(s, &s->item[i], w.rows);
    find_times(s, &w);
    sort_items(s, &w);
    drop_idle_sweeps(s);
    sweep_find_locals(s);
}

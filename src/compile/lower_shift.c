/*
 * lower_shift.c - slices and concatenations of long vectors, without copies
 *
 * The gradient of sum((v[2:n] - v[1:n-1]).^2) is [-d; 0] + [0; d] for a d of
 * n - 1 entries.  Cut where a part begins or ends, it is three pieces, and
 * each of them is elementwise: in the long one d[2:n-1] - d[1:n-2], where a
 * slice of what is elementwise is elementwise in slices of its operands, down
 * to slices of v.  So it is one region that reads v at offsets and
 * writes the result where it belongs.
 *
 * A slice stops at what is dear to compute again: that is stored once and
 * read at offsets.
 */
#include <assert.h>

#include "compile/lower.h"

enum {
    LONG = 4096,     /* entries from which on a vector is worth it */
    CHEAP_MOST = 40, /* operations that a slice is drawn through */
    DEAR_MOST = 2,   /* arrays that are stored in place of one */
    CUTS_MOST = 16
};

static const StepInfo *info(const Lower *l, Step s)
{
    return &l->step.at[s];
}

static bool is_long(const Lower *l, Step s)
{
    int rows = info(l, s)->rows, cols = info(l, s)->cols;
    return (rows == 1 && cols >= LONG) || (cols == 1 && rows >= LONG);
}

static size_t length(const Lower *l, Step s)
{
    return (size_t)info(l, s)->rows * (size_t)info(l, s)->cols;
}

static bool is_cheap(const Lower *l, Step s)
{
    StepOp op = info(l, s)->op;
    return step_is_each(op) && op < STEP_CALL1 && op != STEP_SQRT;
}

/* ---- slices ---- */

typedef struct Cost {
    int cheap, dear;
    Step stored[DEAR_MOST];
} Cost;

/* False if it is too much. */
static bool add_cost(const Lower *l, Step s, Cost *c)
{
    Step number;
    StepOp op = info(l, s)->op;
    if (step_is_scalar(l, s) || step_is_fill(l, s, &number))
        return true;
    if (is_cheap(l, s)) {
        bool fits = ++c->cheap <= CHEAP_MOST;
        for (uint32_t i = 0; fits && i < info(l, s)->nargs; i++)
            fits = add_cost(l, step_arg(l, s, (int)i), c);
        return fits;
    }
    if (op == STEP_SPREAD)
        return false;
    if (op == STEP_IN || op == STEP_CONST || op == STEP_VIEW)
        return true;
    for (int i = 0; i < c->dear; i++)
        if (c->stored[i] == s)
            return true;
    if (c->dear == DEAR_MOST)
        return false;
    c->stored[c->dear++] = s;
    return true;
}

/* Entries offset.. of s, of which add_cost has seen the size. */
static Step draw_through(Lower *l, Step s, size_t offset, int rows, int cols)
{
    StepInfo i = *info(l, s);
    Step args[3];
    if (step_is_scalar(l, s))
        return s;
    if (!is_cheap(l, s))
        return step_view(l, s, offset, rows, cols);
    assert(i.nargs <= 3);
    for (uint32_t k = 0; k < i.nargs; k++)
        args[k] = draw_through(l, step_arg(l, s, (int)k), offset, rows, cols);
    return step_each(l, i.op, (int)i.nargs, args, i.k);
}

static size_t place_at(Place p)
{
    return (size_t)p.row + (size_t)p.col; /* in a vector one of them is 0 */
}

/* The part that holds all of these entries, or STEP_NONE. */
static Step part_with(const Lower *l, Step s, size_t *offset, size_t count)
{
    const Place *place = (const Place *)(uintptr_t)info(l, s)->k;
    for (uint32_t k = 0; k < info(l, s)->nargs; k++) {
        Step part = step_arg(l, s, (int)k);
        size_t at = place_at(place[k]);
        if (at > *offset || *offset + count > at + length(l, part))
            continue;
        *offset -= at;
        return part;
    }
    return STEP_NONE;
}

Step step_slice_through(Lower *l, Step s, size_t offset, int rows, int cols)
{
    size_t count = (size_t)rows * (size_t)cols;
    Cost c = {0, 0, {0}};
    if (!is_long(l, s) || (rows != 1 && cols != 1) || count >= length(l, s))
        return STEP_NONE;
    if (info(l, s)->op == STEP_PLACE) {
        Step part = part_with(l, s, &offset, count);
        return part == STEP_NONE || step_is_scalar(l, part)
                   ? part
                   : step_view(l, part, offset, rows, cols);
    }
    if (!is_cheap(l, s) || !add_cost(l, s, &c))
        return STEP_NONE;
    return draw_through(l, s, offset, rows, cols);
}

/* ---- concatenations ---- */

typedef struct Cuts {
    int count;
    size_t at[CUTS_MOST + 1];
} Cuts;

/* In order, each once. */
static bool add_cut(Cuts *c, size_t at)
{
    int i = c->count;
    while (i > 0 && c->at[i - 1] > at)
        i--;
    if (i > 0 && c->at[i - 1] == at)
        return true;
    if (c->count == CUTS_MOST)
        return false;
    for (int k = c->count++; k > i; k--)
        c->at[k] = c->at[k - 1];
    c->at[i] = at;
    return true;
}

/* False if none is put together of two parts or more, or of too many. */
static bool find_cuts(const Lower *l, int n, const Step args[], Cuts *c)
{
    for (int i = 0; i < n; i++) {
        const StepInfo *s = info(l, args[i]);
        if (s->op != STEP_PLACE)
            continue;
        const Place *place = (const Place *)(uintptr_t)s->k;
        for (uint32_t k = 0; k < s->nargs; k++)
            if (length(l, step_arg(l, args[i], (int)k)) > 0 &&
                !add_cut(c, place_at(place[k])))
                return false;
    }
    return c->count > 1 && c->at[0] == 0;
}

Step step_each_by_parts(Lower *l, StepOp op, int n, const Step args[],
                        uint64_t k)
{
    Cuts c = {0, {0}};
    Step part[CUTS_MOST], piece[3];
    if (n == 0 || !is_long(l, args[0]) || !find_cuts(l, n, args, &c))
        return STEP_NONE;
    StepInfo s = *info(l, args[0]);
    bool column = s.cols == 1;
    Place *place = ARENA_ARRAY(l->keep, Place, (size_t)c.count);
    c.at[c.count] = length(l, args[0]);
    for (int i = 0; i < c.count; i++) {
        int count = (int)(c.at[i + 1] - c.at[i]), at = (int)c.at[i];
        for (int j = 0; j < n; j++)
            piece[j] = step_view(l, args[j], c.at[i], column ? count : 1,
                                 column ? 1 : count);
        part[i] = step_each(l, op, n, piece, k);
        place[i] = (Place){column ? at : 0, column ? 0 : at};
    }
    return step_make(l, STEP_PLACE, s.rows, s.cols, c.count, part,
                     (uint64_t)(uintptr_t)place);
}

/* pairs.c - quadratic programs of support vector machines */
#include "num/pairs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "num/wide.h"

/* Vectors never leave a function that is not inlined. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

/* The least curvature that a pair is given: K need not be definite. */
#define FLAT 1e-12

/*
 * Variables are looked at eight side by side.  A lane keeps its first best, and
 * of the lanes the one with the lowest index wins a tie, so that the choice is
 * that of a plain loop at every width.
 */
#define LANES 8

typedef double Lanes
    __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
typedef int64_t Mask
    __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

/*
 * f is minus the slope without the edge.  What a larger u[t] gains is f + up,
 * what a smaller one costs f + down: the optimum has no rise above a fall.
 * Both hold the edge, up is -inf at the upper bound and down inf at the lower.
 * These columns are filled up to whole Lanes with entries that never win.
 */
typedef struct Pairs {
    const PairProblem *p;
    double *u;
    double *f, *up, *down;
    double *d; /* diagonal of K */
    PairCache cache;
    size_t filled; /* slots in use */
    uint64_t now;
    size_t ends; /* n without what is left of whole Lanes */
} Pairs;

typedef struct Steepest {
    size_t at; /* the variable with the largest rise */
    double rise, fall;
} Steepest;

INLINE Lanes load(const double *x)
{
    return *(const Lanes *)(const void *)x;
}

INLINE Lanes load_part(const double *x, size_t n)
{
    Lanes v = {0};
    memcpy(&v, x, n * sizeof *x);
    return v;
}

INLINE Lanes all(double x)
{
    Lanes v = {0};
    return v + x;
}

INLINE Lanes pick(Mask m, Lanes a, Lanes b)
{
    return (Lanes)((m & (Mask)a) | (~m & (Mask)b));
}

/* The best of the lanes: the largest value, of equal ones the first. */
INLINE size_t best_lane(const Lanes *value, const Mask *at, double *best)
{
    int k = 0;
    for (int j = 1; j < LANES; j++)
        if ((*value)[j] > (*value)[k] ||
            ((*value)[j] == (*value)[k] && (*at)[j] < (*at)[k]))
            k = j;
    *best = (*value)[k];
    return (size_t)(*at)[k];
}

/* f less the step's change, and who is steepest then; k: two columns. */
typedef struct Scan {
    Lanes step, rise, fall;
    Mask at, index;
} Scan;

INLINE void scan_lanes(Scan *z, const Pairs *s, size_t t, Lanes ki, Lanes kj)
{
    Lanes f = load(s->f + t) - z->step * (ki - kj);
    *(Lanes *)(void *)(s->f + t) = f;
    Lanes rise = f + load(s->up + t), fall = f + load(s->down + t);
    Mask more = rise > z->rise, less = fall < z->fall;
    z->rise = pick(more, rise, z->rise);
    z->fall = pick(less, fall, z->fall);
    z->at = (more & z->index) | (~more & z->at);
    z->index += LANES;
}

WIDE static void move_slope(const Pairs *s, double step, const double *ki,
                            const double *kj, Steepest *y)
{
    Scan z = {.step = all(step),
              .rise = all(-INFINITY),
              .fall = all(INFINITY),
              .index = {0, 1, 2, 3, 4, 5, 6, 7}};
    size_t t = 0, left = s->p->n - s->ends;
    for (; t < s->ends; t += LANES)
        scan_lanes(&z, s, t, load(ki + t), load(kj + t));
    if (left > 0)
        scan_lanes(&z, s, t, load_part(ki + t, left), load_part(kj + t, left));
    y->at = best_lane(&z.rise, &z.at, &y->rise);
    Lanes lower = -z.fall;
    best_lane(&lower, &z.index, &y->fall);
    y->fall = -y->fall;
}

/* The partner of i that promises most (Fan, Chen & Lin 2005, (14)). */
typedef struct Search {
    Lanes rise, own, most;
    Mask at, index;
} Search;

INLINE void search_lanes(Search *z, const Pairs *s, size_t t, Lanes k)
{
    Lanes zero = {0}, flat = all(FLAT);
    Lanes b = z->rise - (load(s->f + t) + load(s->down + t));
    Lanes a = z->own + load(s->d + t) - 2 * k;
    Mask curved = a > flat, descends = b > zero;
    Lanes gain = pick(descends, b * b, zero) / pick(curved, a, flat);
    Mask more = gain > z->most;
    z->most = pick(more, gain, z->most);
    z->at = (more & z->index) | (~more & z->at);
    z->index += LANES;
}

/* i itself if nothing gains. */
WIDE static size_t partner(const Pairs *s, size_t i, double rise,
                           const double *k)
{
    Search z = {.rise = all(rise),
                .own = all(s->d[i]),
                .most = all(0),
                .index = {0, 1, 2, 3, 4, 5, 6, 7}};
    size_t t = 0, left = s->p->n - s->ends;
    for (; t < s->ends; t += LANES)
        search_lanes(&z, s, t, load(k + t));
    if (left > 0)
        search_lanes(&z, s, t, load_part(k + t, left));
    double most;
    size_t j = best_lane(&z.most, &z.at, &most);
    return most > 0 ? j : i;
}

/* ---- columns of K ---- */

enum { BATCH_MOST = 128 };

/* A free slot, else the one that was not used for longest. */
static size_t next_slot(Pairs *s)
{
    const PairCache *c = &s->cache;
    size_t best = 0;
    if (s->filled < c->slots)
        return s->filled++;
    for (size_t k = 1; k < c->slots; k++)
        if (c->used[k] < c->used[best])
            best = k;
    return best;
}

static size_t batch_of(const PairProblem *p)
{
    return p->source.batch < BATCH_MOST ? p->source.batch : BATCH_MOST;
}

static double *slot_for(Pairs *s, size_t column)
{
    PairCache *c = &s->cache;
    size_t k = next_slot(s);
    if (c->used[k] > 0)
        c->slot_of[c->column_at[k]] = SIZE_MAX;
    c->column_at[k] = column;
    c->slot_of[column] = k;
    c->used[k] = s->now;
    return c->room + k * s->p->n;
}

/* Puts t into the `count` best, of which there are `most`; falling scores. */
static size_t enter(size_t *which, double *score, size_t count, size_t most,
                    size_t t, double x)
{
    size_t k = count < most ? count : most - 1;
    if (count == most && x <= score[k])
        return count;
    for (; k > 0 && score[k - 1] < x; k--) {
        score[k] = score[k - 1];
        which[k] = which[k - 1];
    }
    score[k] = x;
    which[k] = t;
    return count < most ? count + 1 : count;
}

/*
 * Those that are needed next, as far as one can tell: variables that miss the
 * conditions most, in both directions (the working sets of Joachims 1998).
 * which[0] is there already.
 */
static size_t fill_batch(const Pairs *s, size_t *which, size_t most)
{
    size_t rising[BATCH_MOST], falling[BATCH_MOST], nr = 0, nf = 0, count = 1;
    double r[BATCH_MOST], f[BATCH_MOST], middle = 0;
    size_t half = (most - 1) / 2, i = which[0];
    if (half == 0)
        return 1;
    middle = s->f[i];
    for (size_t t = 0; t < s->p->n; t++) {
        if (t == i || s->cache.slot_of[t] != SIZE_MAX)
            continue;
        double rise = s->f[t] + s->up[t], fall = s->f[t] + s->down[t];
        if (rise > -INFINITY)
            nr = enter(rising, r, nr, half, t, rise - middle);
        if (fall < INFINITY)
            nf = enter(falling, f, nf, half, t, middle - fall);
    }
    for (size_t k = 0; k < nr; k++)
        which[count++] = rising[k];
    for (size_t k = 0; k < nf; k++) {
        bool twice = false;
        for (size_t l = 0; l < nr; l++)
            twice |= falling[k] == rising[l];
        if (!twice)
            which[count++] = falling[k];
    }
    return count;
}

/* Makes the columns, and keeps what was used after the others. */
static void make_columns(Pairs *s, size_t count, const size_t *which)
{
    double *to[BATCH_MOST];
    s->now++;
    for (size_t k = 0; k < count; k++)
        to[k] = slot_for(s, which[k]);
    s->p->source.make(s->p->source.data, count, which, to);
}

/* Column i of K.  It stays while no more than one other is asked for. */
static const double *column_of(Pairs *s, size_t i)
{
    const PairProblem *p = s->p;
    if (p->k)
        return p->k + i * p->n;
    if (s->cache.slot_of[i] == SIZE_MAX) {
        size_t which[BATCH_MOST] = {i};
        make_columns(s, fill_batch(s, which, batch_of(p)), which);
    }
    size_t slot = s->cache.slot_of[i];
    s->cache.used[slot] = ++s->now;
    return s->cache.room + slot * p->n;
}

/* ---- steps ---- */

static void set_sides(Pairs *s, size_t t)
{
    const PairProblem *p = s->p;
    double u = s->u[t];
    s->up[t] = u < p->high[t] ? (u >= 0 ? -p->edge : p->edge) : -INFINITY;
    s->down[t] = u > p->low[t] ? (u > 0 ? -p->edge : p->edge) : INFINITY;
}

/* Columns from i on that the start needs. */
static void start_batch(Pairs *s, size_t i)
{
    const PairProblem *p = s->p;
    size_t which[BATCH_MOST], count = 0, most = batch_of(p);
    if (p->k || s->cache.slot_of[i] != SIZE_MAX)
        return;
    for (; i < p->n && count < most; i++)
        if (s->u[i] != 0 && s->cache.slot_of[i] == SIZE_MAX)
            which[count++] = i;
    make_columns(s, count, which);
}

static void begin(Pairs *s)
{
    const PairProblem *p = s->p;
    size_t n = p->n;
    for (size_t t = 0; t < n; t++) {
        s->f[t] = -p->q[t];
        s->d[t] = p->diagonal[t];
        set_sides(s, t);
    }
    for (size_t t = n; t < n + LANES; t++) {
        s->f[t] = s->d[t] = 0;
        s->up[t] = -INFINITY;
        s->down[t] = INFINITY;
    }
    for (size_t k = 0; !p->k && k < p->cache.slots; k++)
        p->cache.used[k] = 0;
    for (size_t t = 0; !p->k && t < n; t++)
        p->cache.slot_of[t] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        POLL();
        if (s->u[i] == 0)
            continue;
        start_batch(s, i);
        const double *k = column_of(s, i);
        for (size_t t = 0; t < n; t++)
            s->f[t] -= s->u[i] * k[t];
    }
}

/* Where u ends that goes from `from` by `step`, of which `room` is all that
 * there is to `end`: exactly there. */
static double moved(double from, double step, double room, double end)
{
    return fabs(step) >= room ? end : from + step;
}

/* u[i] grows and u[j] falls by as much as is best; both as far as a bound, or
 * 0 where there is an edge.  How far they went. */
static double move_pair(Pairs *s, size_t i, size_t j, double gain, double kij)
{
    const PairProblem *p = s->p;
    double *u = s->u;
    bool edge = p->edge > 0;
    double top = edge && u[i] < 0 ? fmin(0, p->high[i]) : p->high[i];
    double bottom = edge && u[j] > 0 ? fmax(0, p->low[j]) : p->low[j];
    double step = gain / fmax(FLAT, s->d[i] + s->d[j] - 2 * kij);
    double above = top - u[i], below = u[j] - bottom;
    step = fmin(step, fmin(above, below));
    u[i] = moved(u[i], step, above, top);
    u[j] = moved(u[j], -step, below, bottom);
    set_sides(s, i);
    set_sides(s, j);
    return step;
}

/* The mean over the variables that are free, else the middle of what the
 * others allow. */
static double level_of(const Pairs *s, const Steepest *at)
{
    const PairProblem *p = s->p;
    double sum = 0, rise = at->rise, fall = at->fall;
    size_t count = 0;
    for (size_t t = 0; t < p->n; t++)
        if (s->u[t] > p->low[t] && s->u[t] < p->high[t] &&
            (p->edge == 0 || s->u[t] != 0)) {
            sum += s->f[t] + s->up[t];
            count++;
        }
    if (count > 0)
        return sum / (double)count;
    if (isinf(rise) || isinf(fall))
        return isinf(rise) ? (isinf(fall) ? 0 : fall) : rise;
    return (rise + fall) / 2;
}

/* f is -q - K*u. */
static double value_of(const Pairs *s)
{
    double sum = 0;
    for (size_t t = 0; t < s->p->n; t++)
        sum += s->u[t] * (s->p->q[t] - s->f[t]) / 2 +
               s->p->edge * fabs(s->u[t]) + 0 * s->f[t];
    return sum;
}

PairOutcome pairs_minimize(const PairProblem *p, double *u, double *room)
{
    size_t side = p->n + LANES;
    Pairs s = {.p = p,
               .u = u,
               .f = room,
               .up = room + side,
               .down = room + 2 * side,
               .d = room + 3 * side,
               .cache = p->cache,
               .ends = p->n / LANES * LANES};
    PairOutcome y = {.gap = INFINITY};
    Steepest at;
    begin(&s);
    move_slope(&s, 0, s.d, s.d, &at);
    for (;;) {
        size_t i = at.at;
        y.gap = fmax(0, at.rise - at.fall);
        if (!(y.gap > p->tol) || y.steps >= p->steps)
            break;
        POLL();
        const double *ki = column_of(&s, i);
        size_t j = partner(&s, i, at.rise, ki);
        if (j == i)
            break;
        const double *kj = column_of(&s, j);
        double gain = at.rise - (s.f[j] + s.down[j]);
        move_slope(&s, move_pair(&s, i, j, gain, ki[j]), ki, kj, &at);
        y.steps++;
    }
    y.level = level_of(&s, &at);
    y.value = value_of(&s);
    if (isnan(y.value))
        y.gap = NAN;
    return y;
}

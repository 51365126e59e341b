/*
 * zpoly.c - arithmetic of packed integer polynomials
 *
 * Products and quotients go through a heap of candidate terms, so that terms
 * come out in order and memory is that of the result (Johnson, SIGSAM Bull. 8,
 * 1974; Monagan & Pearce, CASC 2007).
 */
#include "graph/zpoly.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define RING_MEMORY ((size_t)1 << 30)

ZRing *zring_new(Arena *a, int nvars, uint64_t budget)
{
    ZRing *r = ARENA_NEW(a, ZRing);
    if (nvars > ZPOLY_VARS)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a polynomial in more than %d variables and functions is "
                    "not taken apart",
                    ZPOLY_VARS);
    r->arena = a;
    r->nvars = nvars;
    r->bits = nvars > 4 ? 128 / nvars : 32;
    r->budget = budget;
    r->memory = RING_MEMORY;
    for (int v = 0; v < nvars; v++)
        r->guard |= (ZKey)1 << (v * r->bits + r->bits - 1);
    for (int i = 0; i < ZPOLY_SCRATCH; i++)
        r->t[i] = zint_new();
    return r;
}

static _Noreturn void raise_too_large(void)
{
    error_raise_help(SPAN_NONE, ERR_LIMIT, NULL,
                     "take it apart by hand, or put numbers for some of its "
                     "variables",
                     "this polynomial is too large: the work would take more "
                     "than some seconds or 1 GB");
}

void zring_spend(ZRing *r, uint64_t work)
{
    POLL();
    if (r->budget < work)
        raise_too_large();
    r->budget -= work;
}

static void *take(ZRing *r, size_t size)
{
    if (r->memory < size)
        raise_too_large();
    r->memory -= size;
    return arena_alloc(r->arena, size);
}

mpz_ptr zint_new(void)
{
    Exact *e = object_new(VAL_EXACT, sizeof *e);
    mpq_init(e->q);
    return mpq_numref(e->q);
}

void zint_freeze(ZRing *r, mpz_ptr y, mpz_srcptr c)
{
    size_t n = mpz_size(c);
    mp_limb_t *limb = take(r, (n ? n : 1) * sizeof *limb);
    if (n)
        memcpy(limb, mpz_limbs_read(c), n * sizeof *limb);
    else
        *limb = 0;
    mp_size_t size = (mp_size_t)n;
    mpz_roinit_n(y, limb, mpz_sgn(c) < 0 ? -size : size);
}

/* ---- keys ---- */

static int field_of(const ZRing *r, int var)
{
    return r->bits * (r->nvars - 1 - var);
}

uint64_t zkey_exponent(const ZRing *r, ZKey key, int var)
{
    return (uint64_t)(key >> field_of(r, var)) & (((uint64_t)1 << r->bits) - 1);
}

static _Noreturn void raise_exponent(void)
{
    error_raise(SPAN_NONE, ERR_LIMIT,
                "the exponents are too high for so many variables");
}

ZKey zkey_power(const ZRing *r, int var, uint64_t exponent)
{
    if (exponent >> (r->bits - 1))
        raise_exponent();
    return (ZKey)exponent << field_of(r, var);
}

static bool key_divides(const ZRing *r, ZKey a, ZKey b)
{
    return (((b | r->guard) - a) & r->guard) == r->guard;
}

/* ---- making ---- */

static ZPoly room_for(ZRing *r, size_t n)
{
    return (ZPoly){take(r, (n + 1) * sizeof(ZTerm)), 0};
}

static void put(ZRing *r, ZPoly *p, ZKey key, mpz_srcptr c)
{
    ZTerm *t = &p->at[p->count++];
    t->key = key;
    zint_freeze(r, t->c, c);
}

ZPoly zpoly_number(ZRing *r, mpz_srcptr c)
{
    ZPoly p = room_for(r, 1);
    if (mpz_sgn(c))
        put(r, &p, 0, c);
    return p;
}

ZPoly zpoly_int(ZRing *r, int64_t c)
{
    mpz_set_si(r->t[0], c);
    return zpoly_number(r, r->t[0]);
}

ZPoly zpoly_variable(ZRing *r, int var, uint64_t exponent)
{
    ZPoly p = zpoly_int(r, 1);
    p.at[0].key = zkey_power(r, var, exponent);
    return p;
}

static int compare_terms(const void *a, const void *b)
{
    ZKey x = ((const ZTerm *)a)->key, y = ((const ZTerm *)b)->key;
    return x > y ? -1 : x < y;
}

ZPoly zpoly_from_terms(ZRing *r, ZTerm *at, size_t n)
{
    zring_spend(r, n);
    qsort(at, n, sizeof *at, compare_terms);
    ZPoly p = {at, 0};
    mpz_ptr sum = r->t[0];
    for (size_t i = 0; i < n;) {
        ZTerm first = at[i++];
        if (i == n || at[i].key != first.key) {
            if (mpz_sgn(first.c))
                p.at[p.count++] = first;
            continue;
        }
        mpz_set(sum, first.c);
        for (; i < n && at[i].key == first.key; i++)
            mpz_add(sum, sum, at[i].c);
        if (mpz_sgn(sum))
            put(r, &p, first.key, sum);
    }
    return p;
}

/* ---- reading ---- */

bool zpoly_is_constant(ZPoly p)
{
    return p.count == 0 || (p.count == 1 && p.at[0].key == 0);
}

bool zpoly_is_one(ZPoly p)
{
    return p.count == 1 && p.at[0].key == 0 && mpz_cmp_ui(p.at[0].c, 1) == 0;
}

bool zpoly_same(ZPoly a, ZPoly b)
{
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (a.at[i].key != b.at[i].key || mpz_cmp(a.at[i].c, b.at[i].c))
            return false;
    return true;
}

uint64_t zpoly_degree(const ZRing *r, ZPoly p, int var)
{
    uint64_t most = 0;
    for (size_t i = 0; i < p.count; i++) {
        uint64_t e = zkey_exponent(r, p.at[i].key, var);
        most = e > most ? e : most;
    }
    return most;
}

uint64_t zpoly_total_degree(const ZRing *r, ZPoly p)
{
    uint64_t most = 0;
    for (size_t i = 0; i < p.count; i++) {
        uint64_t e = 0;
        for (int v = 0; v < r->nvars; v++)
            e += zkey_exponent(r, p.at[i].key, v);
        most = e > most ? e : most;
    }
    return most;
}

size_t zpoly_height_bits(ZPoly p)
{
    size_t most = 0;
    for (size_t i = 0; i < p.count; i++) {
        size_t bits = mpz_sizeinbase(p.at[i].c, 2);
        most = bits > most ? bits : most;
    }
    return most;
}

/* Taking the same power of var from terms keeps their order. */
ZPoly *zpoly_coefficients(ZRing *r, ZPoly p, int var, uint64_t *degree)
{
    *degree = zpoly_degree(r, p, var);
    zring_spend(r, p.count + *degree);
    size_t n = (size_t)*degree + 1;
    ZPoly *y = ARENA_ARRAY(r->arena, ZPoly, n);
    size_t *count = ARENA_ARRAY(r->arena, size_t, n);
    for (size_t i = 0; i < p.count; i++)
        count[zkey_exponent(r, p.at[i].key, var)]++;
    for (size_t e = 0; e < n; e++)
        y[e] = room_for(r, count[e]);
    for (size_t i = 0; i < p.count; i++) {
        uint64_t e = zkey_exponent(r, p.at[i].key, var);
        ZTerm t = p.at[i];
        t.key -= zkey_power(r, var, e);
        y[e].at[y[e].count++] = t;
    }
    return y;
}

ZPoly zpoly_from_coefficients(ZRing *r, const ZPoly *c, uint64_t degree,
                              int var)
{
    size_t n = 0;
    for (uint64_t e = 0; e <= degree; e++)
        n += c[e].count;
    ZPoly p = room_for(r, n);
    n = 0;
    for (uint64_t e = 0; e <= degree; e++)
        for (size_t i = 0; i < c[e].count; i++) {
            p.at[n] = c[e].at[i];
            p.at[n++].key += zkey_power(r, var, e);
        }
    return zpoly_from_terms(r, p.at, n);
}

ZPoly zpoly_leading(ZRing *r, ZPoly p, int var)
{
    uint64_t d = zpoly_degree(r, p, var);
    ZPoly y = room_for(r, p.count);
    for (size_t i = 0; i < p.count; i++)
        if (zkey_exponent(r, p.at[i].key, var) == d) {
            y.at[y.count] = p.at[i];
            y.at[y.count++].key -= zkey_power(r, var, d);
        }
    return y;
}

/* ---- sums ---- */

static ZPoly merge(ZRing *r, ZPoly a, ZPoly b, bool minus)
{
    zring_spend(r, a.count + b.count);
    ZPoly p = room_for(r, a.count + b.count);
    mpz_ptr t = r->t[0];
    size_t i = 0, j = 0;
    while (i < a.count || j < b.count) {
        bool left = i < a.count && (j == b.count || a.at[i].key >= b.at[j].key);
        bool right =
            j < b.count && (i == a.count || b.at[j].key >= a.at[i].key);
        if (left && !right) {
            p.at[p.count++] = a.at[i++];
            continue;
        }
        ZKey key = b.at[j].key;
        if (!left) {
            p.at[p.count] = b.at[j++];
            if (minus)
                mpz_roinit_n(p.at[p.count].c, p.at[p.count].c->_mp_d,
                             -p.at[p.count].c->_mp_size);
            p.count++;
            continue;
        }
        if (minus)
            mpz_sub(t, a.at[i++].c, b.at[j++].c);
        else
            mpz_add(t, a.at[i++].c, b.at[j++].c);
        if (mpz_sgn(t))
            put(r, &p, key, t);
    }
    return p;
}

ZPoly zpoly_add(ZRing *r, ZPoly a, ZPoly b)
{
    return zpoly_is_zero(a) ? b : zpoly_is_zero(b) ? a : merge(r, a, b, false);
}

ZPoly zpoly_sub(ZRing *r, ZPoly a, ZPoly b)
{
    return zpoly_is_zero(b) ? a : merge(r, a, b, true);
}

ZPoly zpoly_neg(ZRing *r, ZPoly a)
{
    return merge(r, (ZPoly){0}, a, true);
}

ZPoly zpoly_scale(ZRing *r, ZPoly a, mpz_srcptr c)
{
    ZPoly p = room_for(r, a.count);
    zring_spend(r, a.count * (1 + mpz_size(c)));
    for (size_t i = 0; i < a.count && mpz_sgn(c); i++) {
        mpz_mul(r->t[0], a.at[i].c, c);
        put(r, &p, a.at[i].key, r->t[0]);
    }
    return p;
}

ZPoly zpoly_shrink(ZRing *r, ZPoly a, mpz_srcptr c)
{
    if (mpz_cmp_ui(c, 1) == 0)
        return a;
    ZPoly p = room_for(r, a.count);
    zring_spend(r, a.count * (1 + mpz_size(c)));
    for (size_t i = 0; i < a.count; i++) {
        mpz_divexact(r->t[0], a.at[i].c, c);
        put(r, &p, a.at[i].key, r->t[0]);
    }
    return p;
}

ZPoly zpoly_mod(ZRing *r, ZPoly a, mpz_srcptr m)
{
    ZPoly p = room_for(r, a.count);
    zring_spend(r, a.count * (1 + mpz_size(m)));
    for (size_t i = 0; i < a.count; i++) {
        mpz_ptr t = r->t[0], twice = r->t[1];
        mpz_mod(t, a.at[i].c, m);
        mpz_mul_2exp(twice, t, 1);
        if (mpz_cmp(twice, m) > 0)
            mpz_sub(t, t, m);
        if (mpz_sgn(t))
            put(r, &p, a.at[i].key, t);
    }
    return p;
}

static ZPoly copy(ZRing *r, ZPoly a)
{
    ZPoly p = room_for(r, a.count);
    memcpy(p.at, a.at, a.count * sizeof *a.at);
    p.count = a.count;
    return p;
}

ZPoly zpoly_shift(ZRing *r, ZPoly a, ZKey by)
{
    ZPoly p = copy(r, a);
    for (size_t i = 0; i < p.count; i++) {
        p.at[i].key += by;
        if (p.at[i].key & r->guard)
            raise_exponent();
    }
    return p;
}

ZPoly zpoly_unshift(ZRing *r, ZPoly a, ZKey by)
{
    if (by == 0)
        return a;
    ZPoly p = copy(r, a);
    for (size_t i = 0; i < p.count; i++)
        p.at[i].key -= by;
    return p;
}

/* ---- a heap of products of terms, greatest key on top ---- */

typedef struct Entry {
    ZKey key;
    size_t i, j;
} Entry;

typedef struct TermHeap {
    Entry *at;
    size_t count;
} TermHeap;

static void heap_push(TermHeap *h, Entry e)
{
    size_t k = h->count++;
    while (k > 0 && h->at[(k - 1) / 2].key < e.key) {
        h->at[k] = h->at[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    h->at[k] = e;
}

static Entry heap_pop(TermHeap *h)
{
    Entry top = h->at[0], last = h->at[--h->count];
    size_t k = 0;
    for (size_t kid; (kid = 2 * k + 1) < h->count; k = kid) {
        if (kid + 1 < h->count && h->at[kid + 1].key > h->at[kid].key)
            kid++;
        if (h->at[kid].key <= last.key)
            break;
        h->at[k] = h->at[kid];
    }
    h->at[k] = last;
    return top;
}

typedef struct Terms { /* a polynomial that grows */
    ZTerm *at;
    size_t count, room;
} Terms;

static void terms_put(ZRing *r, Terms *p, ZKey key, mpz_srcptr c)
{
    if (p->count == p->room) {
        size_t room = p->room ? 2 * p->room : 16;
        ZTerm *at = take(r, room * sizeof *at);
        if (p->count)
            memcpy(at, p->at, p->count * sizeof *at);
        p->at = at;
        p->room = room;
    }
    p->at[p->count].key = key;
    zint_freeze(r, p->at[p->count++].c, c);
}

static uint64_t product_cost(mpz_srcptr a, mpz_srcptr b)
{
    return 4 + (uint64_t)mpz_size(a) * mpz_size(b);
}

ZPoly zpoly_multiply(ZRing *r, ZPoly a, ZPoly b)
{
    if (a.count > b.count) {
        ZPoly t = a;
        a = b;
        b = t;
    }
    if (a.count == 0)
        return a;
    if (zpoly_is_one(a))
        return b;
    TermHeap h = {take(r, (a.count + 1) * sizeof(Entry)), 0};
    Terms p = {0};
    mpz_ptr sum = r->t[0];
    heap_push(&h, (Entry){a.at[0].key + b.at[0].key, 0, 0});
    while (h.count) {
        ZKey key = h.at[0].key;
        if (key & r->guard)
            raise_exponent();
        mpz_set_ui(sum, 0);
        while (h.count && h.at[0].key == key) {
            Entry e = heap_pop(&h);
            mpz_addmul(sum, a.at[e.i].c, b.at[e.j].c);
            zring_spend(r, product_cost(a.at[e.i].c, b.at[e.j].c));
            if (e.j == 0 && e.i + 1 < a.count)
                heap_push(&h,
                          (Entry){a.at[e.i + 1].key + b.at[0].key, e.i + 1, 0});
            if (e.j + 1 < b.count)
                heap_push(&h, (Entry){a.at[e.i].key + b.at[e.j + 1].key, e.i,
                                      e.j + 1});
        }
        if (mpz_sgn(sum))
            terms_put(r, &p, key, sum);
    }
    return (ZPoly){p.at, p.count};
}

ZPoly zpoly_power(ZRing *r, ZPoly a, uint64_t n)
{
    ZPoly y = zpoly_int(r, 1);
    for (; n; n >>= 1) {
        if (n & 1)
            y = zpoly_multiply(r, y, a);
        if (n > 1)
            a = zpoly_multiply(r, a, a);
    }
    return y;
}

/* rest -= the products of quotient and divisor with this key. */
static void subtract_products(ZRing *r, TermHeap *h, ZKey key, const Terms *q,
                              ZPoly b, mpz_ptr rest)
{
    while (h->count && h->at[0].key == key) {
        Entry e = heap_pop(h);
        mpz_submul(rest, q->at[e.i].c, b.at[e.j].c);
        zring_spend(r, product_cost(q->at[e.i].c, b.at[e.j].c));
        if (e.j + 1 < b.count)
            heap_push(
                h, (Entry){q->at[e.i].key + b.at[e.j + 1].key, e.i, e.j + 1});
    }
}

static void heap_room(ZRing *r, TermHeap *h, size_t *room)
{
    if (h->count + 1 < *room)
        return;
    Entry *at = take(r, 2 * *room * sizeof *at);
    memcpy(at, h->at, h->count * sizeof *at);
    h->at = at;
    *room *= 2;
}

bool zpoly_divide(ZRing *r, ZPoly a, ZPoly b, ZPoly *quotient)
{
    size_t room = 16, i = 0;
    TermHeap h = {take(r, room * sizeof(Entry)), 0};
    Terms q = {0};
    mpz_ptr rest = r->t[0], c = r->t[1];
    while (i < a.count || h.count) {
        ZKey key = h.count ? h.at[0].key : 0;
        bool from_a = i < a.count && (!h.count || a.at[i].key >= key);
        mpz_set_ui(rest, 0);
        if (from_a) {
            key = a.at[i].key;
            mpz_set(rest, a.at[i++].c);
        }
        subtract_products(r, &h, key, &q, b, rest);
        zring_spend(r, 2 + mpz_size(rest));
        if (!mpz_sgn(rest))
            continue;
        if (!key_divides(r, b.at[0].key, key) ||
            !mpz_divisible_p(rest, b.at[0].c))
            return false;
        mpz_divexact(c, rest, b.at[0].c);
        terms_put(r, &q, key - b.at[0].key, c);
        heap_room(r, &h, &room);
        if (b.count > 1)
            heap_push(&h, (Entry){q.at[q.count - 1].key + b.at[1].key,
                                  q.count - 1, 1});
    }
    *quotient = (ZPoly){q.at, q.count};
    return true;
}

/* ---- calculus ---- */

ZPoly zpoly_derivative(ZRing *r, ZPoly p, int var)
{
    ZPoly y = room_for(r, p.count);
    ZKey one = zkey_power(r, var, 1);
    zring_spend(r, p.count);
    for (size_t i = 0; i < p.count; i++) {
        uint64_t e = zkey_exponent(r, p.at[i].key, var);
        if (e == 0)
            continue;
        mpz_mul_ui(r->t[0], p.at[i].c, e);
        put(r, &y, p.at[i].key - one, r->t[0]);
    }
    return y;
}

ZPoly zpoly_evaluate(ZRing *r, ZPoly p, int var, mpz_srcptr x)
{
    uint64_t d = zpoly_degree(r, p, var);
    size_t limbs = mpz_size(x) + 1;
    mpz_t *power = ARENA_ARRAY(r->arena, mpz_t, (size_t)d + 1);
    mpz_ptr t = r->t[0];
    zring_spend(r, (d + 1) * (d + 1) * limbs * limbs / 2);
    mpz_set_ui(t, 1);
    for (uint64_t e = 0; e <= d; e++) {
        zint_freeze(r, power[e], t);
        if (e < d)
            mpz_mul(t, t, x);
    }
    ZPoly y = room_for(r, p.count);
    for (size_t i = 0; i < p.count; i++) {
        uint64_t e = zkey_exponent(r, p.at[i].key, var);
        mpz_mul(t, p.at[i].c, power[e]);
        zring_spend(r, product_cost(p.at[i].c, power[e]));
        put(r, &y, p.at[i].key - zkey_power(r, var, e), t);
    }
    return zpoly_from_terms(r, y.at, y.count);
}

/* Horner's rule. */
ZPoly zpoly_translate(ZRing *r, ZPoly p, int var, int64_t by)
{
    uint64_t d;
    if (by == 0)
        return p;
    ZPoly *c = zpoly_coefficients(r, p, var, &d);
    ZPoly x = zpoly_add(r, zpoly_variable(r, var, 1), zpoly_int(r, by));
    ZPoly y = c[d];
    while (d-- > 0)
        y = zpoly_add(r, zpoly_multiply(r, y, x), c[d]);
    return y;
}

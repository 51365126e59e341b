/*
 * poly.c - sums, products and powers of packed polynomials
 */
#include "graph/poly.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "value/number.h"

Ring ring_new(Arena *a, int nvars)
{
    int bits = nvars > 0 ? 128 / nvars : 128;
    return (Ring){a, nvars, bits > 31 ? 31 : bits};
}

static _Noreturn void raise_terms(void)
{
    error_raise(SPAN_NONE, ERR_LIMIT,
                "multiplied out this has more than %d terms", POLY_TERMS);
}

static Poly room_for(Ring *r, size_t count)
{
    return (Poly){ARENA_ARRAY(r->arena, PolyTerm, count + 1), 0};
}

Poly poly_number(Ring *r, Value c)
{
    Poly p = room_for(r, 1);
    if (number_sign(c) != 0)
        p.at[p.count++] = (PolyTerm){0, c};
    return p;
}

Poly poly_variable(Ring *r, int var, int64_t exponent)
{
    Poly p = room_for(r, 1);
    if (exponent >= (int64_t)1 << r->bits)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a power of %lld is too high to be "
                    "multiplied out",
                    (long long)exponent);
    p.at[p.count++] =
        (PolyTerm){(PolyKey)exponent << (var * r->bits), value_int(1)};
    return p;
}

int64_t poly_exponent(const Ring *r, PolyKey key, int var)
{
    return (int64_t)(key >> (var * r->bits)) & (((int64_t)1 << r->bits) - 1);
}

int64_t poly_degree(const Ring *r, Poly p, int var)
{
    int64_t most = -1;
    for (size_t i = 0; i < p.count; i++) {
        int64_t e = poly_exponent(r, p.at[i].key, var);
        most = e > most ? e : most;
    }
    return most;
}

/* Exponents of a product must not run into the next field. */
static void check_degrees(const Ring *r, Poly a, Poly b)
{
    for (int v = 0; v < r->nvars; v++)
        if (poly_degree(r, a, v) + poly_degree(r, b, v) >= (int64_t)1
                                                               << r->bits)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "the exponents are too high to be multiplied out");
}

/* ---- tables of terms ---- */

typedef struct Slot {
    PolyKey key;
    __int128 small; /* 0 and no `big`: free */
    Value big;
} Slot;

typedef struct Sums {
    Ring *r;
    Slot *slot;
    size_t room, used; /* room is a power of 2 */
    bool exact;        /* coefficients are in `big` */
} Sums;

static Sums sums_new(Ring *r, size_t expected, bool exact)
{
    Sums s = {r, NULL, 16, 0, exact};
    while (s.room < 2 * expected)
        s.room *= 2;
    s.slot = ARENA_ARRAY(r->arena, Slot, s.room);
    memset(s.slot, 0, s.room * sizeof *s.slot);
    return s;
}

static Slot *sums_find(const Sums *s, PolyKey key)
{
    uint64_t h = ((uint64_t)key ^ (uint64_t)(key >> 64) * 0x9e3779b97f4a7c15) *
                 0xff51afd7ed558ccd;
    size_t i = (h ^ h >> 29) & (s->room - 1);
    /* Keys are stored plus 1, so that 0 means free. */
    while (s->slot[i].key != 0 && s->slot[i].key != key + 1)
        i = (i + 1) & (s->room - 1);
    return &s->slot[i];
}

static void sums_grow(Sums *s)
{
    Sums wider = sums_new(s->r, s->room, s->exact);
    if (s->used > POLY_TERMS)
        raise_terms();
    for (size_t i = 0; i < s->room; i++)
        if (s->slot[i].key != 0)
            *sums_find(&wider, s->slot[i].key - 1) = s->slot[i];
    wider.used = s->used;
    *s = wider;
}

static Slot *sums_place(Sums *s, PolyKey key)
{
    Slot *at = sums_find(s, key);
    if (at->key != 0)
        return at;
    if (3 * s->used > 2 * s->room) {
        sums_grow(s);
        at = sums_find(s, key);
    }
    s->used++;
    *at = (Slot){key + 1, 0, value_int(0)};
    return at;
}

/* A 128-bit integer as a number. */
static Value wide_value(__int128 c)
{
    if (c >= INT64_MIN && c <= INT64_MAX)
        return value_int((int64_t)c);
    Value two32 = value_int((int64_t)1 << 32);
    Value high = number_binary(BIN_MUL, value_int((int64_t)(c >> 64)), two32);
    Value low = value_int((int64_t)((uint64_t)c >> 32));
    Value y = number_binary(BIN_ADD, high, low);
    y = number_binary(BIN_MUL, y, two32);
    return number_binary(BIN_ADD, y, value_int((int64_t)(uint32_t)c));
}

static Poly sums_poly(const Sums *s)
{
    Poly p = room_for(s->r, s->used);
    for (size_t i = 0; i < s->room; i++) {
        const Slot *at = &s->slot[i];
        if (at->key == 0)
            continue;
        Value c = s->exact ? at->big : wide_value(at->small);
        if (number_sign(c) != 0)
            p.at[p.count++] = (PolyTerm){at->key - 1, c};
    }
    return p;
}

/* ---- sums ---- */

static void add_all(Sums *s, Poly p)
{
    for (size_t i = 0; i < p.count; i++) {
        Slot *at = sums_place(s, p.at[i].key);
        at->big = number_binary(BIN_ADD, at->big, p.at[i].c);
    }
}

Poly poly_sum(Ring *r, size_t n, const Poly part[])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += part[i].count;
    Sums s = sums_new(r, count, true);
    for (size_t i = 0; i < n; i++)
        add_all(&s, part[i]);
    return sums_poly(&s);
}

Poly poly_scale(Ring *r, Poly a, Value c)
{
    Poly p = room_for(r, a.count);
    for (size_t i = 0; i < a.count && number_sign(c) != 0; i++)
        p.at[p.count++] =
            (PolyTerm){a.at[i].key, number_binary(BIN_MUL, a.at[i].c, c)};
    return p;
}

/* ---- products ---- */

static Value product_of(Value a, Value b)
{
    int64_t y;
    if (a.kind == VAL_INT && b.kind == VAL_INT &&
        int_mul(a.integer, b.integer, &y))
        return value_int(y);
    return number_binary(BIN_MUL, a, b);
}

/* The largest coefficient if all are small integers, else infinity. */
static double largest(Poly p)
{
    double most = 0;
    for (size_t i = 0; i < p.count; i++) {
        if (p.at[i].c.kind != VAL_INT)
            return HUGE_VAL;
        most = fmax(most, fabs((double)p.at[i].c.integer));
    }
    return most;
}

/* One term times all: no two products are alike. */
static Poly multiply_term(Ring *r, PolyTerm t, Poly b)
{
    Poly p = room_for(r, b.count);
    for (size_t i = 0; i < b.count; i++)
        p.at[p.count++] =
            (PolyTerm){t.key + b.at[i].key, product_of(t.c, b.at[i].c)};
    return p;
}

/* s += t*p, the exponent e of t coming out. */
static void add_multiple(Sums *s, PolyTerm t, int64_t e, Poly p)
{
    for (size_t j = 0; j < p.count; j++) {
        Slot *at = sums_place(s, t.key + p.at[j].key);
        if (s->exact) {
            Value c = product_of(product_of(t.c, value_int(e)), p.at[j].c);
            at->big = number_binary(BIN_ADD, at->big, c);
        } else {
            at->small += (__int128)t.c.integer * e * p.at[j].c.integer;
        }
    }
}

Poly poly_multiply(Ring *r, Poly a, Poly b)
{
    if (a.count == 0 || b.count == 0)
        return room_for(r, 0);
    if (a.count > b.count) {
        Poly t = a;
        a = b;
        b = t;
    }
    check_degrees(r, a, b);
    if (a.count == 1)
        return multiply_term(r, a.at[0], b);
    bool exact = largest(a) * largest(b) * (double)a.count >= 0x1p126;
    Sums s = sums_new(r, a.count + b.count, exact);
    for (size_t i = 0; i < a.count; i++) {
        POLL();
        add_multiple(&s, a.at[i], 1, b);
    }
    return sums_poly(&s);
}

/* ---- powers ---- */

typedef struct Multinomial {
    Ring *r;
    const Poly *a;
    Poly y;
    size_t room;
} Multinomial;

/* Has each term a variable of its own, but for one number? */
static bool is_independent(const Ring *r, Poly a)
{
    PolyKey seen = 0;
    for (size_t i = 0; i < a.count; i++) {
        if ((seen & a.at[i].key) != 0)
            return false;
        for (int v = 0; v < r->nvars; v++)
            if (poly_exponent(r, a.at[i].key, v))
                seen |= ((((PolyKey)1 << r->bits) - 1) << (v * r->bits));
    }
    return true;
}

static Value choose(int64_t n, int64_t k, Value before)
{
    /* C(n, k) from C(n, k - 1) */
    Value y = number_binary(BIN_MUL, before, value_int(n - k + 1));
    return number_binary(BIN_DIV, y, value_int(k));
}

/* Adds the terms in which terms i.. of a take `left` powers in all. */
static void add_powers(Multinomial *m, size_t i, int64_t left, PolyKey key,
                       Value c)
{
    PolyTerm t = m->a->at[i];
    POLL();
    if (i + 1 == m->a->count) {
        if (m->y.count == m->room)
            raise_terms();
        Value p = number_binary(BIN_POW, t.c, value_int(left));
        m->y.at[m->y.count++] = (PolyTerm){key + (PolyKey)left * t.key,
                                           number_binary(BIN_MUL, c, p)};
        return;
    }
    Value ways = value_int(1);
    for (int64_t k = 0; k <= left; k++) {
        if (k > 0) {
            ways = choose(left, k, ways);
            c = number_binary(BIN_MUL, c, t.c);
        }
        add_powers(m, i + 1, left - k, key + (PolyKey)k * t.key,
                   number_binary(BIN_MUL, c, ways));
    }
}

/* C(n + m - 1, m - 1), as a float. */
static double compositions(int64_t n, size_t m)
{
    double y = 1;
    for (size_t i = 1; i < m; i++)
        y = y * (double)(n + (int64_t)i) / (double)i;
    return y;
}

Poly poly_power(Ring *r, Poly a, int64_t n)
{
    if (n == 0)
        return poly_number(r, value_int(1));
    if (n == 1 || a.count == 0)
        return a;
    for (int v = 0; v < r->nvars; v++)
        if ((double)poly_degree(r, a, v) * (double)n >=
            (double)((int64_t)1 << r->bits))
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "the exponents are too high to be multiplied out");
    if (is_independent(r, a)) {
        double count = compositions(n, a.count);
        if (count > POLY_TERMS)
            raise_terms();
        Multinomial m = {r, &a, room_for(r, (size_t)(count + 0.5)),
                         (size_t)(count + 0.5)};
        add_powers(&m, 0, n, 0, value_int(1));
        return m.y;
    }
    /* By one factor more a time: squares of sparse powers cost more. */
    Poly y = a;
    for (int64_t k = 1; k < n; k++)
        y = poly_multiply(r, y, a);
    return y;
}

static int compare_terms(const void *a, const void *b)
{
    const PolyTerm *s = a, *t = b;
    return (s->key < t->key) - (s->key > t->key);
}

void poly_sort(Poly p)
{
    qsort(p.at, p.count, sizeof *p.at, compare_terms);
}

Poly poly_slope(Ring *r, Poly a, const Poly slope[])
{
    double most = 0, terms = 0;
    for (int v = 0; v < r->nvars; v++) {
        most = fmax(most, largest(slope[v]) * (double)poly_degree(r, a, v));
        terms += (double)slope[v].count;
    }
    bool exact = largest(a) * most * terms * (double)a.count >= 0x1p126;
    Sums s = sums_new(r, 2 * a.count, exact);
    for (size_t i = 0; i < a.count; i++) {
        POLL();
        for (int v = 0; v < r->nvars; v++) {
            int64_t e = poly_exponent(r, a.at[i].key, v);
            PolyTerm t = {a.at[i].key - ((PolyKey)1 << (v * r->bits)),
                          a.at[i].c};
            if (e > 0)
                add_multiple(&s, t, e, slope[v]);
        }
    }
    return sums_poly(&s);
}

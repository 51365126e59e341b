/*
 * root.c - roots of exact numbers in a product
 *
 * sqrt(8) is 2*sqrt(2), sqrt(6)/sqrt(2) is sqrt(3): every such number is
 * split into primes, the exponents of each prime are added, whole parts go
 * to the coefficient, and primes of one remaining exponent in (0, 1) stand
 * together under it.  The result depends on the value alone.
 */
#include "graph/internal.h"

#include <string.h>

#include "value/number.h"

/* A prime (or what has no small factor) to the power top/bottom. */
typedef struct PrimePower {
    int64_t prime, top, bottom;
} PrimePower;

typedef VEC(PrimePower) PrimePowers;

enum { TRIAL_MOST = 1 << 16 };

/* top/bottom + t/b in lowest terms; false if it does not fit. */
static bool add_fraction(PrimePower *p, int64_t t, int64_t b)
{
    int64_t x, y, bottom, top;
    if (!int_mul(p->top, b, &x) || !int_mul(t, p->bottom, &y) ||
        !int_add(x, y, &top) || !int_mul(p->bottom, b, &bottom))
        return false;
    int64_t d = (int64_t)int_gcd(top, bottom);
    p->top = top / d;
    p->bottom = bottom / d;
    return true;
}

static bool add_prime(Graph *g, PrimePowers *v, int64_t prime, int64_t times,
                      int64_t top, int64_t bottom)
{
    if (!int_mul(top, times, &top))
        return false;
    size_t i = 0;
    while (i < v->count && v->at[i].prime != prime)
        i++;
    if (i == v->count)
        VEC_PUSH_IN(g->scratch, v, ((PrimePower){prime, 0, 1}));
    return add_fraction(&v->at[i], top, bottom);
}

/* m^(top/bottom) by the primes of m >= 1. */
static bool add_number(Graph *g, PrimePowers *v, int64_t m, int64_t top,
                       int64_t bottom)
{
    for (int64_t d = 2; d <= TRIAL_MOST && d <= m / d; d += 1 + d % 2) {
        int64_t times = 0;
        for (; m % d == 0; m /= d)
            times++;
        if (times && !add_prime(g, v, d, times, top, bottom))
            return false;
    }
    return m == 1 || add_prime(g, v, m, 1, top, bottom);
}

/* Numerator and denominator, where both are of 64 bits. */
static bool split_fraction(Value v, int64_t *top, int64_t *bottom)
{
    if (v.kind == VAL_INT) {
        *top = v.integer;
        *bottom = 1;
        return true;
    }
    if (v.kind != VAL_EXACT || !mpz_fits_slong_p(mpq_numref(v.exact->q)) ||
        !mpz_fits_slong_p(mpq_denref(v.exact->q)))
        return false;
    *top = mpz_get_si(mpq_numref(v.exact->q));
    *bottom = mpz_get_si(mpq_denref(v.exact->q));
    return true;
}

static bool add_root(Graph *g, PrimePowers *v, Factor f)
{
    int64_t m, n, top, bottom;
    return split_fraction(node_number_value(g, f.base), &m, &n) && m > 0 &&
           split_fraction(node_number_value(g, f.exponent), &top, &bottom) &&
           top != INT64_MIN && add_number(g, v, m, top, bottom) &&
           add_number(g, v, n, -top, bottom);
}

/* Whole parts of the exponents into the coefficient. */
static void take_whole_parts(Graph *g, Product *p, PrimePowers *v)
{
    for (size_t i = 0; i < v->count; i++) {
        PrimePower *q = &v->at[i];
        int64_t whole;
        int_floor_div(q->top, q->bottom, &whole);
        q->top -= whole * q->bottom;
        if (whole)
            p->coefficient = coef_mul(
                g, p->coefficient,
                node_number(g, number_binary(BIN_POW, value_int(q->prime),
                                             value_int(whole))));
    }
}

/* One factor for every exponent that is left. */
static void put_roots(Graph *g, Product *p, PrimePowers *v)
{
    for (size_t i = 0; i < v->count; i++) {
        PrimePower q = v->at[i];
        if (q.top == 0)
            continue;
        Value base = value_int(q.prime);
        for (size_t j = i + 1; j < v->count; j++) {
            PrimePower *r = &v->at[j];
            if (r->top != q.top || r->bottom != q.bottom)
                continue;
            base = number_binary(BIN_MUL, base, value_int(r->prime));
            r->top = 0;
        }
        p->factor[p->count++] =
            (Factor){node_number(g, base), node_rational(g, q.top, q.bottom)};
    }
}

void product_roots(Graph *g, Product *p)
{
    PrimePowers v = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->count; i++)
        if (node_is_number(g, p->factor[i].base) &&
            node_is_number(g, p->factor[i].exponent))
            n++;
    if (n == 0)
        return;
    for (uint32_t i = 0; i < p->count; i++) {
        Factor f = p->factor[i];
        if (node_is_number(g, f.base) && node_is_number(g, f.exponent) &&
            !add_root(g, &v, f))
            return; /* too large: as it stands */
    }
    Product rest = *p;
    rest.room = p->count + (uint32_t)v.count;
    rest.factor = arena_alloc(g->scratch, rest.room * sizeof *rest.factor);
    rest.count = 0;
    for (uint32_t i = 0; i < p->count; i++)
        if (!node_is_number(g, p->factor[i].base) ||
            !node_is_number(g, p->factor[i].exponent))
            rest.factor[rest.count++] = p->factor[i];
    take_whole_parts(g, &rest, &v);
    put_roots(g, &rest, &v);
    *p = rest;
}

/*
 * zdense.c - dense arithmetic modulo a large integer
 */
#include "graph/zdense.h"

#include <string.h>

Dense dense_new(ZRing *r, size_t count)
{
    return (Dense){ARENA_ARRAY(r->arena, mpz_t, count + 1), count};
}

Dense dense_constant(ZRing *r, mpz_srcptr c)
{
    Dense y = dense_new(r, 1);
    zint_freeze(r, y.at[0], c);
    return y;
}

Dense dense_of(ZRing *r, ZPoly p, int var)
{
    Dense y = dense_new(r, (size_t)zpoly_degree(r, p, var) + 1);
    mpz_set_ui(r->t[0], 0);
    for (size_t i = 0; i < y.count; i++)
        zint_freeze(r, y.at[i], r->t[0]);
    for (size_t i = 0; i < p.count; i++)
        memcpy(y.at[zkey_exponent(r, p.at[i].key, var)], p.at[i].c,
               sizeof(mpz_t));
    return y;
}

static Dense trim(Dense a)
{
    while (a.count && mpz_sgn(a.at[a.count - 1]) == 0)
        a.count--;
    return a;
}

Dense dense_mod(ZRing *r, Dense a, mpz_srcptr m)
{
    Dense y = dense_new(r, a.count);
    for (size_t i = 0; i < a.count; i++) {
        mpz_mod(r->t[0], a.at[i], m);
        zint_freeze(r, y.at[i], r->t[0]);
    }
    return trim(y);
}

Dense dense_multiply(ZRing *r, Dense a, Dense b, mpz_srcptr m)
{
    if (!a.count || !b.count)
        return (Dense){0};
    Dense y = dense_new(r, a.count + b.count - 1);
    size_t least = a.count < b.count ? a.count : b.count;
    mpz_ptr t = r->t[0];
    for (size_t k = 0; k < y.count; k++) {
        size_t from = k >= b.count ? k - b.count + 1 : 0;
        mpz_set_ui(t, 0);
        for (size_t i = from; i <= k && i < a.count; i++)
            mpz_addmul(t, a.at[i], b.at[k - i]);
        zring_spend(r, least * (1 + mpz_size(m) * mpz_size(m)));
        mpz_mod(t, t, m);
        zint_freeze(r, y.at[k], t);
    }
    return y;
}

Dense dense_sub(ZRing *r, Dense a, Dense b, mpz_srcptr m)
{
    Dense y = dense_new(r, a.count > b.count ? a.count : b.count);
    mpz_ptr t = r->t[0];
    for (size_t i = 0; i < y.count; i++) {
        mpz_set_ui(t, 0);
        if (i < a.count)
            mpz_set(t, a.at[i]);
        if (i < b.count)
            mpz_sub(t, t, b.at[i]);
        mpz_mod(t, t, m);
        zint_freeze(r, y.at[i], t);
    }
    return trim(y);
}

Dense dense_divide(ZRing *r, Dense a, Dense b, mpz_srcptr m, Dense *rest)
{
    Dense left = dense_new(r, a.count), q = {0};
    mpz_ptr c = r->t[0], t = r->t[1], inverse = r->t[2];
    memcpy(left.at, a.at, a.count * sizeof *a.at);
    if (a.count >= b.count) {
        q = dense_new(r, a.count - b.count + 1);
        mpz_invert(inverse, b.at[b.count - 1], m);
        zring_spend(r, q.count * b.count * (2 + mpz_size(m) * mpz_size(m)));
    }
    for (size_t k = q.count; k-- > 0;) {
        mpz_mul(c, left.at[k + b.count - 1], inverse);
        mpz_mod(c, c, m);
        zint_freeze(r, q.at[k], c);
        for (size_t j = 0; j < b.count; j++) {
            mpz_set(t, left.at[k + j]);
            mpz_submul(t, c, b.at[j]);
            mpz_mod(t, t, m);
            zint_freeze(r, left.at[k + j], t);
        }
    }
    if (rest)
        *rest = trim(left);
    return trim(q);
}

Dense dense_invert(ZRing *r, Dense a, Dense b, mpz_srcptr m)
{
    Dense u = {0}, x = b, y;
    mpz_set_ui(r->t[0], 1);
    Dense v = dense_constant(r, r->t[0]);
    dense_divide(r, a, b, m, &y);
    while (y.count) {
        Dense rest, q = dense_divide(r, x, y, m, &rest);
        Dense t = dense_sub(r, u, dense_multiply(r, q, v, m), m);
        u = v;
        v = t;
        x = y;
        y = rest;
    }
    mpz_invert(r->t[0], x.at[0], m);
    Dense scale = dense_constant(r, r->t[0]);
    dense_divide(r, dense_multiply(r, u, scale, m), b, m, &y);
    return y;
}

ZPoly dense_poly(ZRing *r, Dense a, int var)
{
    ZTerm *at = ARENA_ARRAY(r->arena, ZTerm, a.count + 1);
    for (size_t i = 0; i < a.count; i++) {
        at[i].key = zkey_power(r, var, i);
        memcpy(at[i].c, a.at[i], sizeof(mpz_t));
    }
    return zpoly_from_terms(r, at, a.count);
}

size_t *subset_first(ZRing *r, size_t n)
{
    size_t *pick = ARENA_ARRAY(r->arena, size_t, n);
    for (size_t i = 0; i < n; i++)
        pick[i] = i;
    return pick;
}

bool subset_next(size_t pick[], size_t n, size_t count)
{
    for (size_t i = n; i-- > 0;)
        if (pick[i] < count - n + i) {
            pick[i]++;
            for (size_t k = i + 1; k < n; k++)
                pick[k] = pick[k - 1] + 1;
            return true;
        }
    return false;
}

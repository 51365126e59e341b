/*
 * zmodular.c - arithmetic and factors modulo a prime
 *
 * Factors are separated by degree, then those of one degree by powers of
 * random polynomials (Cantor & Zassenhaus, Math. Comp. 36, 1981; Knuth, TAOCP
 * 2, 4.6.2).
 */
#include "graph/zmodular.h"

#include <string.h>

#include "base/error.h"
#include "base/vec.h"

ModPoly mod_new(ModField *f, size_t count)
{
    return (ModPoly){ARENA_ARRAY(f->arena, uint64_t, count + 1), count};
}

ModPoly mod_trim(ModPoly a)
{
    while (a.count && a.at[a.count - 1] == 0)
        a.count--;
    return a;
}

uint64_t mod_inverse(uint64_t a, uint64_t p)
{
    int64_t u = 0, v = 1, x = (int64_t)p, y = (int64_t)(a % p);
    while (y != 0) {
        int64_t q = x / y, t = x - q * y;
        x = y;
        y = t;
        t = u - q * v;
        u = v;
        v = t;
    }
    return (uint64_t)(u < 0 ? u + (int64_t)p : u);
}

static ModPoly one_of(ModField *f)
{
    ModPoly y = mod_new(f, 1);
    y.at[0] = 1;
    return y;
}

ModPoly mod_sub(ModField *f, ModPoly a, ModPoly b)
{
    ModPoly y = mod_new(f, a.count > b.count ? a.count : b.count);
    for (size_t i = 0; i < y.count; i++) {
        uint64_t u = i < a.count ? a.at[i] : 0, v = i < b.count ? b.at[i] : 0;
        y.at[i] = u >= v ? u - v : u + f->p - v;
    }
    return mod_trim(y);
}

ModPoly mod_multiply(ModField *f, ModPoly a, ModPoly b)
{
    if (!a.count || !b.count)
        return (ModPoly){0};
    ModPoly y = mod_new(f, a.count + b.count - 1);
    for (size_t i = 0; i < a.count; i++) {
        POLL();
        for (size_t j = 0; j < b.count; j++)
            y.at[i + j] = (y.at[i + j] + a.at[i] * b.at[j]) % f->p;
    }
    return mod_trim(y);
}

ModPoly mod_divide(ModField *f, ModPoly a, ModPoly b, ModPoly *rest)
{
    ModPoly r = mod_new(f, a.count), q = {0};
    memcpy(r.at, a.at, a.count * sizeof *a.at);
    if (a.count >= b.count) {
        uint64_t inverse = mod_inverse(b.at[b.count - 1], f->p);
        q = mod_new(f, a.count - b.count + 1);
        for (size_t k = q.count; k-- > 0;) {
            POLL();
            uint64_t c = r.at[k + b.count - 1] * inverse % f->p;
            q.at[k] = c;
            for (size_t j = 0; j < b.count && c; j++)
                r.at[k + j] = (r.at[k + j] + (f->p - c) * b.at[j]) % f->p;
        }
    }
    if (rest)
        *rest = mod_trim(r);
    return mod_trim(q);
}

ModPoly mod_monic(ModField *f, ModPoly a)
{
    if (!a.count || a.at[a.count - 1] == 1)
        return a;
    ModPoly y = mod_new(f, a.count);
    uint64_t inverse = mod_inverse(a.at[a.count - 1], f->p);
    for (size_t i = 0; i < a.count; i++)
        y.at[i] = a.at[i] * inverse % f->p;
    return y;
}

ModPoly mod_gcd(ModField *f, ModPoly a, ModPoly b)
{
    while (b.count) {
        ModPoly rest;
        mod_divide(f, a, b, &rest);
        a = b;
        b = rest;
    }
    return mod_monic(f, a);
}

ModPoly mod_derivative(ModField *f, ModPoly a)
{
    ModPoly y = mod_new(f, a.count ? a.count - 1 : 0);
    for (size_t i = 0; i < y.count; i++)
        y.at[i] = a.at[i + 1] * ((i + 1) % f->p) % f->p;
    return mod_trim(y);
}

ModPoly mod_invert(ModField *f, ModPoly a, ModPoly m)
{
    ModPoly u = {0}, v = one_of(f), x = m, y;
    mod_divide(f, a, m, &y);
    while (y.count) {
        ModPoly rest, q = mod_divide(f, x, y, &rest);
        ModPoly t = mod_sub(f, u, mod_multiply(f, q, v));
        u = v;
        v = t;
        x = y;
        y = rest;
    }
    /* x is the gcd, a constant. */
    ModPoly scale = mod_new(f, 1);
    scale.at[0] = mod_inverse(x.at[0], f->p);
    mod_divide(f, mod_multiply(f, u, scale), m, &y);
    return y;
}

/* ---- powers modulo a polynomial ---- */

static ModPoly multiply_mod(ModField *f, ModPoly a, ModPoly b, ModPoly m)
{
    ModPoly y;
    mod_divide(f, mod_multiply(f, a, b), m, &y);
    return y;
}

static ModPoly power_mod(ModField *f, ModPoly a, uint64_t n, ModPoly m)
{
    ModPoly y;
    mod_divide(f, one_of(f), m, &y);
    for (int bit = 63; bit >= 0; bit--) {
        y = multiply_mod(f, y, y, m);
        if (n >> bit & 1)
            y = multiply_mod(f, y, a, m);
    }
    return y;
}

static ModPoly random_below(ModField *f, size_t count)
{
    ModPoly y = mod_new(f, count);
    for (size_t i = 0; i < count; i++) {
        f->random = f->random * 6364136223846793005u + 1442695040888963407u;
        y.at[i] = (f->random >> 33) % f->p;
    }
    return mod_trim(y);
}

/*
 * b^((p^d - 1)/2) modulo m: the product of b^(p^i), i < d, is the norm, to
 * the power (p - 1)/2.
 */
static ModPoly half_power(ModField *f, ModPoly b, size_t d, ModPoly m)
{
    ModPoly norm = b, turn = b;
    for (size_t i = 1; i < d; i++) {
        turn = power_mod(f, turn, f->p, m);
        norm = multiply_mod(f, norm, turn, m);
    }
    return power_mod(f, norm, (f->p - 1) / 2, m);
}

/* The factors of a, all of degree d. */
static void split_degree(ModField *f, ModPoly a, size_t d, ModPolyList *out)
{
    depth_check();
    if (a.count - 1 == d) {
        VEC_PUSH_IN(f->arena, out, a);
        return;
    }
    for (;;) {
        ModPoly b = random_below(f, a.count - 1);
        if (b.count < 2)
            continue;
        ModPoly h = mod_sub(f, half_power(f, b, d, a), one_of(f));
        ModPoly g = mod_gcd(f, a, h);
        if (g.count < 2 || g.count == a.count)
            continue;
        split_degree(f, g, d, out);
        split_degree(f, mod_monic(f, mod_divide(f, a, g, NULL)), d, out);
        return;
    }
}

void mod_factor(ModField *f, ModPoly a, ModPolyList *out)
{
    ModPoly x = mod_new(f, 2), power;
    x.at[1] = 1;
    mod_divide(f, x, a, &power);
    for (size_t d = 1; a.count > 2 * d; d++) {
        power = power_mod(f, power, f->p, a);
        ModPoly g = mod_gcd(f, a, mod_sub(f, power, x));
        if (g.count < 2)
            continue;
        split_degree(f, g, d, out);
        a = mod_monic(f, mod_divide(f, a, g, NULL));
        mod_divide(f, power, a, &power);
    }
    if (a.count > 1)
        VEC_PUSH_IN(f->arena, out, a);
}

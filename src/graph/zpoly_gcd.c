/*
 * zpoly_gcd.c - greatest common divisors
 *
 * The heuristic method: a variable is replaced by an integer xi larger than
 * twice the coefficients, the gcd of the values is found in the same way, in
 * the end by GMP, and read as digits in base xi.  If the primitive part of
 * that divides both it is the gcd (Char, Geddes & Gonnet, J. Symb. Comput. 7,
 * 1989).  Where numbers grow too long or luck fails, Euclid's algorithm with
 * primitive remainders (Knuth, TAOCP 2, 4.6.1).
 */
#include <string.h>

#include "base/error.h"
#include "graph/zpoly.h"

#define HEURISTIC_TRIES 6
#define HEURISTIC_BITS 60000

void zpoly_content(ZPoly p, mpz_ptr c)
{
    mpz_set_ui(c, 0);
    for (size_t i = 0; i < p.count; i++) {
        mpz_gcd(c, c, p.at[i].c);
        if (mpz_cmp_ui(c, 1) == 0)
            return;
    }
}

ZPoly zpoly_primitive(ZRing *r, ZPoly p)
{
    mpz_ptr c = zint_new();
    zpoly_content(p, c);
    if (p.count && mpz_sgn(p.at[0].c) < 0)
        mpz_neg(c, c);
    return p.count ? zpoly_shrink(r, p, c) : p;
}

ZKey zpoly_monomial(const ZRing *r, ZPoly p)
{
    ZKey y = 0;
    for (int v = 0; v < r->nvars; v++) {
        uint64_t least = UINT64_MAX;
        for (size_t i = 0; i < p.count && least; i++) {
            uint64_t e = zkey_exponent(r, p.at[i].key, v);
            least = e < least ? e : least;
        }
        if (p.count)
            y += zkey_power(r, v, least);
    }
    return y;
}

static ZKey key_least(const ZRing *r, ZKey a, ZKey b)
{
    ZKey y = 0;
    for (int v = 0; v < r->nvars; v++) {
        uint64_t i = zkey_exponent(r, a, v), j = zkey_exponent(r, b, v);
        y += zkey_power(r, v, i < j ? i : j);
    }
    return y;
}

static ZPoly with_sign(ZRing *r, ZPoly p)
{
    return p.count && mpz_sgn(p.at[0].c) < 0 ? zpoly_neg(r, p) : p;
}

static ZPoly integer_primitive(ZRing *r, ZPoly p)
{
    mpz_ptr c = zint_new();
    zpoly_content(p, c);
    return with_sign(r, zpoly_shrink(r, p, c));
}

/* gcd of g and all coefficients of p in var. */
static ZPoly gcd_with_coefficients(ZRing *r, ZPoly g, ZPoly p, int var)
{
    uint64_t d;
    ZPoly *c = zpoly_coefficients(r, p, var, &d);
    for (uint64_t e = 0; e <= d && !zpoly_is_one(g); e++)
        if (c[e].count)
            g = zpoly_gcd(r, g, c[e]);
    return g;
}

ZPoly zpoly_content_in(ZRing *r, ZPoly p, int var)
{
    return gcd_with_coefficients(r, (ZPoly){0}, p, var);
}

/* ---- the heuristic ---- */

static void largest(ZPoly p, mpz_ptr y)
{
    mpz_set_ui(y, 0);
    for (size_t i = 0; i < p.count; i++)
        if (mpz_cmpabs(p.at[i].c, y) > 0)
            mpz_abs(y, p.at[i].c);
}

/* The polynomial in var whose value at xi is g, coefficients within xi/2. */
static ZPoly digits(ZRing *r, ZPoly g, int var, mpz_srcptr xi)
{
    ZPoly y = {0};
    for (uint64_t e = 0; g.count; e++) {
        ZPoly low = zpoly_mod(r, g, xi);
        y = zpoly_add(r, y, zpoly_shift(r, low, zkey_power(r, var, e)));
        g = zpoly_shrink(r, zpoly_sub(r, g, low), xi);
    }
    return y;
}

static bool divides_both(ZRing *r, ZPoly g, ZPoly a, ZPoly b)
{
    ZPoly q;
    return zpoly_divide(r, a, g, &q) && zpoly_divide(r, b, g, &q);
}

static bool heuristic(ZRing *r, ZPoly a, ZPoly b, int var, ZPoly *y)
{
    mpz_ptr xi = zint_new(), t = zint_new();
    uint64_t da = zpoly_degree(r, a, var), db = zpoly_degree(r, b, var);
    uint64_t degree = da > db ? da : db, least = da < db ? da : db;
    largest(a, xi);
    largest(b, t);
    if (mpz_cmp(t, xi) < 0)
        mpz_set(xi, t);
    mpz_mul_2exp(xi, xi, 1);
    mpz_add_ui(xi, xi, 29);
    for (int i = 0; i < HEURISTIC_TRIES; i++) {
        if (mpz_sizeinbase(xi, 2) * degree > HEURISTIC_BITS)
            return false;
        ZPoly g = zpoly_gcd(r, zpoly_evaluate(r, a, var, xi),
                            zpoly_evaluate(r, b, var, xi));
        /* A value of 0 tells nothing, and makes the gcd the other value. */
        if (g.count) {
            ZPoly p = integer_primitive(r, digits(r, g, var, xi));
            if (zpoly_degree(r, p, var) <= least && divides_both(r, p, a, b)) {
                *y = p;
                return true;
            }
        }
        /* The growth that the paper proposes. */
        mpz_root(t, xi, 4);
        mpz_mul(xi, xi, t);
        mpz_mul_ui(xi, xi, 73794);
        mpz_tdiv_q_ui(xi, xi, 27011);
    }
    return false;
}

/* ---- Euclid ---- */

static ZPoly pseudo_remainder(ZRing *r, ZPoly a, ZPoly b, int var)
{
    uint64_t db = zpoly_degree(r, b, var);
    ZPoly lead = zpoly_leading(r, b, var);
    while (a.count && zpoly_degree(r, a, var) >= db) {
        uint64_t e = zpoly_degree(r, a, var) - db;
        ZPoly m =
            zpoly_shift(r, zpoly_leading(r, a, var), zkey_power(r, var, e));
        a = zpoly_sub(r, zpoly_multiply(r, a, lead), zpoly_multiply(r, m, b));
    }
    return a;
}

static ZPoly primitive_in(ZRing *r, ZPoly p, int var)
{
    ZPoly y = p;
    if (p.count)
        zpoly_divide(r, p, zpoly_content_in(r, p, var), &y);
    return y;
}

static ZPoly euclid(ZRing *r, ZPoly a, ZPoly b, int var)
{
    ZPoly c =
        zpoly_gcd(r, zpoly_content_in(r, a, var), zpoly_content_in(r, b, var));
    a = primitive_in(r, a, var);
    b = primitive_in(r, b, var);
    if (zpoly_degree(r, a, var) < zpoly_degree(r, b, var)) {
        ZPoly t = a;
        a = b;
        b = t;
    }
    while (b.count && zpoly_degree(r, b, var)) {
        ZPoly rest = primitive_in(r, pseudo_remainder(r, a, b, var), var);
        a = b;
        b = rest;
    }
    return b.count ? c : with_sign(r, zpoly_multiply(r, c, a));
}

/* ---- the choice ---- */

/* a, b: primitive over the integers, without monomial factor, not constant. */
static ZPoly gcd_primitive(ZRing *r, ZPoly a, ZPoly b)
{
    int best = -1;
    uint64_t most = 0;
    for (int v = 0; v < r->nvars; v++) {
        uint64_t i = zpoly_degree(r, a, v), j = zpoly_degree(r, b, v);
        if (i && !j)
            return gcd_with_coefficients(r, b, a, v);
        if (j && !i)
            return gcd_with_coefficients(r, a, b, v);
        if (i + j > most) {
            most = i + j;
            best = v;
        }
    }
    if (best < 0)
        return zpoly_int(r, 1);
    ZPoly y;
    if (heuristic(r, a, b, best, &y))
        return y;
    return euclid(r, a, b, best);
}

ZPoly zpoly_gcd(ZRing *r, ZPoly a, ZPoly b)
{
    depth_check();
    if (!a.count || !b.count || zpoly_same(a, b))
        return with_sign(r, a.count ? a : b);
    mpz_ptr ca = zint_new(), cb = zint_new();
    zpoly_content(a, ca);
    zpoly_content(b, cb);
    ZKey ma = zpoly_monomial(r, a), mb = zpoly_monomial(r, b);
    ZPoly y = zpoly_int(r, 1);
    if (a.count > 1 && b.count > 1)
        y = gcd_primitive(r, zpoly_unshift(r, zpoly_shrink(r, a, ca), ma),
                          zpoly_unshift(r, zpoly_shrink(r, b, cb), mb));
    mpz_gcd(ca, ca, cb);
    y = zpoly_shift(r, zpoly_scale(r, y, ca), key_least(r, ma, mb));
    return with_sign(r, y);
}

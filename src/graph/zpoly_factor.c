/*
 * zpoly_factor.c - contents, square-free parts, irreducible factors
 *
 * Square-free parts by Yun's algorithm (SYMSAC 1976).
 */
#include "base/error.h"
#include "base/vec.h"
#include "graph/zpoly.h"

static void add_factor(ZRing *r, ZFactors *f, ZPoly p, uint64_t power)
{
    ZFactor y = {p, power};
    if (!zpoly_is_constant(p))
        VEC_PUSH_IN(r->arena, f, y);
}

static ZPoly quotient(ZRing *r, ZPoly a, ZPoly b)
{
    ZPoly y = a;
    if (!zpoly_is_one(b))
        zpoly_divide(r, a, b, &y);
    return y;
}

/* The variable of least degree, -1 in a number. */
static int least_variable(const ZRing *r, ZPoly p)
{
    int best = -1;
    uint64_t least = UINT64_MAX;
    for (int v = 0; v < r->nvars; v++) {
        uint64_t d = zpoly_degree(r, p, v);
        if (d && d < least) {
            least = d;
            best = v;
        }
    }
    return best;
}

/* p primitive in var. */
static void yun(ZRing *r, ZPoly p, int var, ZFactors *out)
{
    ZPoly d = zpoly_derivative(r, p, var);
    ZPoly g = zpoly_gcd(r, p, d);
    ZPoly w = quotient(r, p, g), y = quotient(r, d, g);
    for (uint64_t i = 1; !zpoly_is_constant(w); i++) {
        ZPoly z = zpoly_sub(r, y, zpoly_derivative(r, w, var));
        g = zpoly_gcd(r, w, z);
        add_factor(r, out, g, i);
        w = quotient(r, w, g);
        y = quotient(r, z, g);
    }
}

static void square_free(ZRing *r, ZPoly p, ZFactors *out)
{
    for (;;) {
        int var = least_variable(r, p);
        if (var < 0)
            return;
        ZPoly c = zpoly_content_in(r, p, var);
        yun(r, quotient(r, p, c), var, out);
        p = c;
    }
}

ZFactors zpoly_square_free(ZRing *r, ZPoly p, mpz_ptr content)
{
    ZFactors y = {0};
    zpoly_content(p, content);
    if (zpoly_is_zero(p))
        return y;
    if (mpz_sgn(p.at[0].c) < 0)
        mpz_neg(content, content);
    ZKey m = zpoly_monomial(r, p);
    p = zpoly_unshift(r, zpoly_shrink(r, p, content), m);
    for (int v = 0; v < r->nvars; v++)
        if (zkey_exponent(r, m, v))
            add_factor(r, &y, zpoly_variable(r, v, 1), zkey_exponent(r, m, v));
    square_free(r, p, &y);
    return y;
}

static bool is_univariate(const ZRing *r, ZPoly p)
{
    int n = 0;
    for (int v = 0; v < r->nvars; v++)
        n += zpoly_degree(r, p, v) > 0;
    return n == 1;
}

/* Irreducible factors of p, square-free and primitive. */
static void irreducible(ZRing *r, ZPoly p, ZPolyList *out)
{
    for (int var; (var = least_variable(r, p)) >= 0;) {
        ZPoly c = zpoly_content_in(r, p, var);
        ZPoly q = quotient(r, p, c);
        if (zpoly_degree(r, q, var) == 1)
            VEC_PUSH_IN(r->arena, out, q);
        else if (is_univariate(r, q))
            zpoly_factor_univariate(r, q, var, out);
        else
            zpoly_factor_lifted(r, q, var, out);
        p = c;
    }
}

ZFactors zpoly_factor(ZRing *r, ZPoly p, mpz_ptr content)
{
    ZFactors parts = zpoly_square_free(r, p, content), y = {0};
    for (size_t i = 0; i < parts.count; i++) {
        ZPolyList list = {0};
        irreducible(r, parts.at[i].p, &list);
        for (size_t k = 0; k < list.count; k++)
            add_factor(r, &y, list.at[k], parts.at[i].power);
    }
    return y;
}

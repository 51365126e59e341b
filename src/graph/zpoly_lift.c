/*
 * zpoly_lift.c - factors of polynomials in several variables
 *
 * All variables but x get numbers; the polynomial in x that is left is
 * factored, and a factorisation into two parts is lifted, one total degree in
 * the other variables after another (Hensel's lemma; Geddes, Czapor & Labahn,
 * chapter 6).  Coefficients are taken modulo a prime beyond twice any that a
 * factor may have, and leading coefficients are divided out as power series,
 * so that both parts are monic.  A part is a factor if, with its denominator
 * restored, it divides: nothing rests on the bounds.
 */
#include <string.h>

#include "base/error.h"
#include "base/vec.h"
#include "graph/zdense.h"

#define POINTS_TRIED 60
#define POINTS_WANTED 3
#define SUBSETS_TRIED 5000

typedef struct Lifting {
    ZRing *r;
    int x;   /* the last variable: the lowest field */
    ZPoly p; /* still to be factored */
    int64_t point[ZPOLY_VARS];
    ZPolyList image; /* factors of p at the point; those left */
    mpz_ptr prime;
    uint64_t top;  /* total degree up to which series are kept */
    ZPoly lead;    /* of p moved to the point, modulo the prime */
    ZPoly *series; /* p/lead by total degree in the others */
} Lifting;

static ZPoly swap_variables(ZRing *r, ZPoly p, int v, int w)
{
    ZTerm *at = ARENA_ARRAY(r->arena, ZTerm, p.count + 1);
    if (v == w)
        return p;
    for (size_t i = 0; i < p.count; i++) {
        ZKey key = p.at[i].key;
        uint64_t a = zkey_exponent(r, key, v), b = zkey_exponent(r, key, w);
        at[i] = p.at[i];
        at[i].key = key - zkey_power(r, v, a) - zkey_power(r, w, b) +
                    zkey_power(r, v, b) + zkey_power(r, w, a);
    }
    return zpoly_from_terms(r, at, p.count);
}

/* ---- the point ---- */

static ZPoly at_point(Lifting *l, ZPoly p, const int64_t point[])
{
    mpz_ptr t = zint_new();
    for (int v = 0; v < l->x; v++) {
        mpz_set_si(t, point[v]);
        if (zpoly_degree(l->r, p, v))
            p = zpoly_evaluate(l->r, p, v, t);
    }
    return p;
}

static bool is_good_image(Lifting *l, ZPoly image)
{
    ZRing *r = l->r;
    return image.count &&
           zpoly_degree(r, image, l->x) == zpoly_degree(r, l->p, l->x) &&
           zpoly_is_constant(
               zpoly_gcd(r, image, zpoly_derivative(r, image, l->x)));
}

/* Of some points that keep degree and square-freeness the one with the fewest
 * factors; zeros first, for they keep p sparse. */
static void choose_point(Lifting *l)
{
    ZRing *r = l->r;
    uint64_t random = 20240601;
    int good = 0;
    for (int i = 0; i < POINTS_TRIED && good < POINTS_WANTED; i++) {
        int64_t point[ZPOLY_VARS] = {0};
        for (int v = 0; v < l->x && i; v++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            point[v] =
                (int64_t)((random >> 33) % (uint64_t)(2 * i + 3)) - (i + 1);
        }
        ZPoly image = zpoly_primitive(r, at_point(l, l->p, point));
        if (!is_good_image(l, image))
            continue;
        ZPolyList list = {0};
        zpoly_factor_univariate(r, image, l->x, &list);
        if (good++ == 0 || list.count < l->image.count) {
            l->image = list;
            memcpy(l->point, point, sizeof point);
        }
        if (list.count == 1)
            return;
    }
    if (!good)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "no numbers were found for the other variables at which "
                    "this polynomial can be factored");
}

/* ---- series by total degree in the variables other than x ---- */

static uint64_t others_degree(const Lifting *l, ZKey key)
{
    uint64_t y = 0;
    for (int v = 0; v < l->x; v++)
        y += zkey_exponent(l->r, key, v);
    return y;
}

static ZPoly *by_degree(Lifting *l, ZPoly p)
{
    ZRing *r = l->r;
    size_t n = (size_t)l->top + 1;
    size_t *count = ARENA_ARRAY(r->arena, size_t, n);
    ZPoly *y = ARENA_ARRAY(r->arena, ZPoly, n);
    for (size_t i = 0; i < p.count; i++)
        if (others_degree(l, p.at[i].key) < n)
            count[others_degree(l, p.at[i].key)]++;
    for (size_t k = 0; k < n; k++)
        y[k].at = ARENA_ARRAY(r->arena, ZTerm, count[k] + 1);
    for (size_t i = 0; i < p.count; i++) {
        uint64_t k = others_degree(l, p.at[i].key);
        if (k < n)
            y[k].at[y[k].count++] = p.at[i];
    }
    return y;
}

static ZPoly sum_of(Lifting *l, const ZPoly part[])
{
    ZPoly y = part[0];
    for (uint64_t k = 1; k <= l->top; k++)
        y = zpoly_add(l->r, y, part[k]);
    return y;
}

/* Part k of a*b, without the products with part 0 of either. */
static ZPoly inner_product(Lifting *l, const ZPoly a[], const ZPoly b[],
                           uint64_t k)
{
    ZRing *r = l->r;
    ZPoly y = {0};
    for (uint64_t i = 1; i < k; i++)
        if (a[i].count && b[k - i].count)
            y = zpoly_add(r, y, zpoly_multiply(r, a[i], b[k - i]));
    return zpoly_mod(r, y, l->prime);
}

static ZPoly scaled(Lifting *l, ZPoly p, mpz_srcptr c)
{
    return zpoly_mod(l->r, zpoly_scale(l->r, p, c), l->prime);
}

/* series = p/lead, from lead*series = p by degrees. */
static void divide_series(Lifting *l, ZPoly p)
{
    ZRing *r = l->r;
    ZPoly *a = by_degree(l, p), *b = by_degree(l, l->lead);
    ZPoly *y = ARENA_ARRAY(r->arena, ZPoly, (size_t)l->top + 1);
    mpz_ptr inverse = zint_new();
    mpz_invert(inverse, b[0].at[0].c, l->prime);
    y[0] = scaled(l, a[0], inverse);
    for (uint64_t k = 1; k <= l->top; k++) {
        ZPoly rest = zpoly_sub(r, a[k], inner_product(l, b, y, k));
        rest = zpoly_sub(r, rest, zpoly_multiply(r, b[k], y[0]));
        y[k] = scaled(l, rest, inverse);
    }
    l->series = y;
}

/* A prime beyond twice the coefficients of lead times a factor: Gelfond's
 * bound, e^(sum of degrees) times the height of lead*p. */
static void choose_prime(Lifting *l, ZPoly p, ZPoly lead)
{
    size_t bits = zpoly_height_bits(p) + zpoly_height_bits(lead) + 34;
    for (int v = 0; v <= l->x; v++)
        bits +=
            (size_t)(3 *
                     (zpoly_degree(l->r, p, v) + zpoly_degree(l->r, lead, v)) /
                     2);
    for (size_t n = lead.count; n; n >>= 1)
        bits++;
    /* The search takes about so long, and cannot be interrupted. */
    zring_spend(l->r, (uint64_t)bits * bits * bits / 20);
    mpz_set_ui(l->prime, 1);
    mpz_mul_2exp(l->prime, l->prime, bits);
    mpz_nextprime(l->prime, l->prime);
}

static void prepare(Lifting *l)
{
    ZRing *r = l->r;
    ZPoly p = l->p;
    for (int v = 0; v < l->x; v++)
        p = zpoly_translate(r, p, v, l->point[v]);
    l->lead = zpoly_leading(r, p, l->x);
    choose_prime(l, p, l->lead);
    l->top = 0;
    for (size_t i = 0; i < p.count; i++) {
        uint64_t k = others_degree(l, p.at[i].key);
        l->top = k > l->top ? k : l->top;
    }
    l->top += zpoly_total_degree(r, l->lead);
    divide_series(l, p);
}

/* ---- lifting two parts ---- */

typedef struct Pair {
    Dense a, b;    /* monic, at the point */
    Dense inverse; /* of b modulo a */
    ZPoly *left, *right;
} Pair;

/* u*b + v*a = e for the terms e of one monomial in the other variables. */
static void solve_terms(Lifting *l, Pair *w, ZPoly e, ZKey others, uint64_t k)
{
    ZRing *r = l->r;
    Dense d = dense_mod(r, dense_of(r, e, l->x), l->prime), u, v;
    dense_divide(r, dense_multiply(r, d, w->inverse, l->prime), w->a, l->prime,
                 &u);
    Dense rest =
        dense_sub(r, d, dense_multiply(r, u, w->b, l->prime), l->prime);
    v = dense_divide(r, rest, w->a, l->prime, NULL);
    w->left[k] = zpoly_add(r, w->left[k],
                           zpoly_shift(r, dense_poly(r, u, l->x), others));
    w->right[k] = zpoly_add(r, w->right[k],
                            zpoly_shift(r, dense_poly(r, v, l->x), others));
}

static void lift_pair(Lifting *l, Pair *w)
{
    ZRing *r = l->r;
    ZKey low = ((ZKey)1 << r->bits) - 1;
    w->left = ARENA_ARRAY(r->arena, ZPoly, (size_t)l->top + 1);
    w->right = ARENA_ARRAY(r->arena, ZPoly, (size_t)l->top + 1);
    w->left[0] = dense_poly(r, w->a, l->x);
    w->right[0] = dense_poly(r, w->b, l->x);
    for (uint64_t k = 1; k <= l->top; k++) {
        ZPoly e = zpoly_mod(
            r,
            zpoly_sub(r, l->series[k], inner_product(l, w->left, w->right, k)),
            l->prime);
        for (size_t i = 0, j; i < e.count; i = j) {
            ZKey others = e.at[i].key & ~low;
            for (j = i; j < e.count && (e.at[j].key & ~low) == others;)
                j++;
            ZPoly part = {e.at + i, j - i};
            solve_terms(l, w, zpoly_unshift(r, part, others), others, k);
        }
    }
}

/* ---- recombination ---- */

static Dense monic_product(Lifting *l, const bool in[], bool which)
{
    ZRing *r = l->r;
    mpz_set_ui(r->t[0], 1);
    Dense y = dense_constant(r, r->t[0]);
    for (size_t i = 0; i < l->image.count; i++) {
        if (in[i] != which)
            continue;
        Dense f = dense_mod(r, dense_of(r, l->image.at[i], l->x), l->prime);
        y = dense_multiply(r, y, f, l->prime);
    }
    mpz_invert(r->t[3], y.at[y.count - 1], l->prime);
    return dense_multiply(r, y, dense_constant(r, r->t[3]), l->prime);
}

/* The factor that the picked images belong to, if there is one. */
static bool try_pick(Lifting *l, const bool in[], ZPoly *factor, ZPoly *rest)
{
    ZRing *r = l->r;
    Pair w = {.a = monic_product(l, in, true),
              .b = monic_product(l, in, false)};
    w.inverse = dense_invert(r, w.b, w.a, l->prime);
    lift_pair(l, &w);
    ZPoly y = zpoly_multiply(r, sum_of(l, w.left), l->lead);
    y = zpoly_mod(r, sum_of(l, by_degree(l, y)), l->prime);
    for (int v = 0; v < l->x; v++)
        y = zpoly_translate(r, y, v, -l->point[v]);
    y = zpoly_primitive(r, y);
    if (!y.count || !zpoly_divide(r, y, zpoly_content_in(r, y, l->x), &y))
        return false;
    *factor = y;
    return zpoly_divide(r, l->p, y, rest);
}

static void drop_picked(Lifting *l, const bool in[])
{
    size_t n = 0;
    for (size_t i = 0; i < l->image.count; i++)
        if (!in[i])
            l->image.at[n++] = l->image.at[i];
    l->image.count = n;
}

static bool find_factor(Lifting *l, size_t n, ZPoly *factor, int *tried)
{
    ZRing *r = l->r;
    size_t *pick = subset_first(r, n);
    do {
        bool *in = ARENA_ARRAY(r->arena, bool, l->image.count);
        for (size_t i = 0; i < n; i++)
            in[pick[i]] = true;
        if (++*tried > SUBSETS_TRIED)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "this polynomial has too many "
                        "factors at numbers to be factored");
        ZPoly rest;
        if (try_pick(l, in, factor, &rest)) {
            l->p = rest;
            drop_picked(l, in);
            return true;
        }
    } while (subset_next(pick, n, l->image.count));
    return false;
}

void zpoly_factor_lifted(ZRing *r, ZPoly p, int var, ZPolyList *out)
{
    Lifting l = {.r = r, .x = r->nvars - 1, .prime = zint_new()};
    int tried = 0;
    l.p = swap_variables(r, p, var, l.x);
    choose_point(&l);
    if (l.image.count > 1)
        prepare(&l);
    for (size_t n = 1; 2 * n <= l.image.count;) {
        ZPoly factor;
        if (!find_factor(&l, n, &factor, &tried)) {
            n++;
            continue;
        }
        factor = zpoly_primitive(r, swap_variables(r, factor, var, l.x));
        VEC_PUSH_IN(r->arena, out, factor);
        if (l.image.count > 1)
            prepare(&l);
    }
    l.p = zpoly_primitive(r, swap_variables(r, l.p, var, l.x));
    VEC_PUSH_IN(r->arena, out, l.p);
}

/*
 * zpoly_zassenhaus.c - factors of integer polynomials in one variable
 *
 * Factors modulo a prime are lifted to a power of it that is larger than
 * twice any coefficient of a factor; then products of some of them are tried
 * (Zassenhaus, J. Number Theory 1, 1969; Geddes, Czapor & Labahn, Algorithms
 * for Computer Algebra, chapter 8).
 */
#include "base/error.h"
#include "base/vec.h"
#include "graph/zdense.h"
#include "graph/zmodular.h"

#define PRIMES_TRIED 3
#define SUBSETS_TRIED (1u << 17)

typedef struct Lift {
    ZRing *r;
    int var;
    ModField field;
    ModPolyList factor; /* modulo the prime, monic */
    ModPoly *cofactor;  /* inverse of lead*(product of the others) */
    Dense *lifted;
    mpz_ptr modulus;
} Lift;

static ModPoly reduce(ModField *f, Dense a)
{
    ModPoly y = mod_new(f, a.count);
    for (size_t i = 0; i < a.count; i++)
        y.at[i] = mpz_fdiv_ui(a.at[i], f->p);
    return mod_trim(y);
}

/* ---- the prime ---- */

static bool is_good_prime(ModField *f, Dense p)
{
    ModPoly a = reduce(f, p);
    if (a.count != p.count)
        return false;
    return mod_gcd(f, a, mod_derivative(f, a)).count == 1;
}

/* The prime, of some, with the fewest factors. */
static void choose_prime(Lift *l, Dense p)
{
    mpz_ptr prime = zint_new();
    mpz_set_ui(prime, 1000000000);
    for (int tried = 0; tried < PRIMES_TRIED;) {
        zring_spend(l->r, 1000);
        mpz_nextprime(prime, prime);
        ModField f = {l->r->arena, mpz_get_ui(prime), 20240601};
        if (!is_good_prime(&f, p))
            continue;
        ModPolyList list = {0};
        mod_factor(&f, mod_monic(&f, reduce(&f, p)), &list);
        if (tried++ == 0 || list.count < l->factor.count) {
            l->factor = list;
            l->field = f;
        }
        if (list.count == 1)
            return;
    }
}

/* ---- lifting ---- */

static void find_cofactors(Lift *l, uint64_t lead)
{
    ModField *f = &l->field;
    size_t n = l->factor.count;
    l->cofactor = ARENA_ARRAY(l->r->arena, ModPoly, n);
    for (size_t i = 0; i < n; i++) {
        ModPoly y = mod_new(f, 1);
        y.at[0] = lead;
        for (size_t j = 0; j < n; j++) {
            if (j == i)
                continue;
            y = mod_multiply(f, y, l->factor.at[j]);
            mod_divide(f, y, l->factor.at[i], &y);
        }
        l->cofactor[i] = mod_invert(f, y, l->factor.at[i]);
    }
}

/* (p - lead*product of the lifted factors)/modulus, modulo the prime. */
static ModPoly error_digit(Lift *l, Dense p, mpz_srcptr wider)
{
    ZRing *r = l->r;
    Dense y = dense_constant(r, p.at[p.count - 1]);
    for (size_t i = 0; i < l->factor.count; i++)
        y = dense_multiply(r, y, l->lifted[i], wider);
    ModPoly e = mod_new(&l->field, p.count);
    for (size_t i = 0; i < p.count; i++) {
        mpz_sub(r->t[0], p.at[i], y.at[i]);
        mpz_fdiv_q(r->t[0], r->t[0], l->modulus);
        e.at[i] = mpz_fdiv_ui(r->t[0], l->field.p);
    }
    return mod_trim(e);
}

static void add_digit(Lift *l, Dense *a, ModPoly digit)
{
    ZRing *r = l->r;
    for (size_t i = 0; i < digit.count; i++) {
        mpz_mul_ui(r->t[0], l->modulus, digit.at[i]);
        mpz_add(r->t[0], r->t[0], a->at[i]);
        zint_freeze(r, a->at[i], r->t[0]);
    }
}

static void lift_factors(Lift *l, Dense p, mpz_srcptr bound)
{
    ZRing *r = l->r;
    ModField *f = &l->field;
    size_t n = l->factor.count;
    mpz_ptr wider = zint_new();
    l->modulus = zint_new();
    mpz_set_ui(l->modulus, f->p);
    l->lifted = ARENA_ARRAY(r->arena, Dense, n);
    find_cofactors(l, mpz_fdiv_ui(p.at[p.count - 1], f->p));
    for (size_t i = 0; i < n; i++) {
        ModPoly a = l->factor.at[i];
        l->lifted[i] = dense_new(r, a.count);
        for (size_t k = 0; k < a.count; k++) {
            mpz_set_ui(r->t[0], a.at[k]);
            zint_freeze(r, l->lifted[i].at[k], r->t[0]);
        }
    }
    while (mpz_cmp(l->modulus, bound) <= 0) {
        mpz_mul_ui(wider, l->modulus, f->p);
        ModPoly e = error_digit(l, p, wider);
        for (size_t i = 0; i < n && e.count; i++) {
            ModPoly digit = mod_multiply(f, e, l->cofactor[i]);
            mod_divide(f, digit, l->factor.at[i], &digit);
            add_digit(l, &l->lifted[i], digit);
        }
        mpz_set(l->modulus, wider);
    }
}

/* ---- recombination ---- */

typedef struct Recombine {
    Lift *l;
    ZPoly rest;   /* what is still to be factored */
    size_t *left; /* lifted factors not used yet */
    size_t count;
    uint32_t tried;
} Recombine;

static ZPoly product_of(Recombine *c, const size_t pick[], size_t n)
{
    ZRing *r = c->l->r;
    mpz_ptr lead = zint_new();
    mpz_set(lead, c->rest.at[0].c);
    Dense y = dense_constant(r, lead);
    for (size_t i = 0; i < n; i++)
        y = dense_multiply(r, y, c->l->lifted[c->left[pick[i]]], c->l->modulus);
    ZPoly p = dense_poly(r, y, c->l->var);
    return zpoly_primitive(r, zpoly_mod(r, p, c->l->modulus));
}

/* Does the constant coefficient of the product divide that of rest? */
static bool constant_fits(Recombine *c, const size_t pick[], size_t n)
{
    ZRing *r = c->l->r;
    mpz_ptr t = r->t[0], u = r->t[1];
    ZTerm last = c->rest.at[c->rest.count - 1];
    if (last.key)
        return true;
    mpz_set(t, c->rest.at[0].c);
    for (size_t i = 0; i < n; i++) {
        mpz_mul(t, t, c->l->lifted[c->left[pick[i]]].at[0]);
        mpz_mod(t, t, c->l->modulus);
    }
    mpz_mul_2exp(u, t, 1);
    if (mpz_cmp(u, c->l->modulus) > 0)
        mpz_sub(t, t, c->l->modulus);
    mpz_mul(u, c->rest.at[0].c, last.c);
    return mpz_sgn(t) && mpz_divisible_p(u, t);
}

static void remove_picked(Recombine *c, const size_t pick[], size_t n)
{
    size_t kept = 0, k = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (k < n && pick[k] == i)
            k++;
        else
            c->left[kept++] = c->left[i];
    }
    c->count = kept;
}

/* A factor made of n of the lifted ones: true if there was one. */
static bool try_subsets(Recombine *c, size_t n, ZPolyList *out)
{
    ZRing *r = c->l->r;
    size_t *pick = subset_first(r, n);
    do {
        zring_spend(r, 10);
        if (++c->tried > SUBSETS_TRIED)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "this polynomial has too many factors modulo primes "
                        "to be factored");
        ZPoly quotient;
        if (!constant_fits(c, pick, n))
            continue;
        ZPoly p = product_of(c, pick, n);
        if (!p.count || !zpoly_divide(r, c->rest, p, &quotient))
            continue;
        VEC_PUSH_IN(r->arena, out, p);
        c->rest = quotient;
        remove_picked(c, pick, n);
        return true;
    } while (subset_next(pick, n, c->count));
    return false;
}

/*
 * Twice the largest coefficient of lead*factor: Mignotte's bound,
 * 2^degree * norm, and the leading coefficient.
 */
static void coefficient_bound(ZPoly p, uint64_t degree, mpz_ptr y)
{
    size_t bits = (size_t)degree + 3 + zpoly_height_bits(p) +
                  mpz_sizeinbase(p.at[0].c, 2);
    for (size_t n = p.count; n > 0; n >>= 2)
        bits++;
    mpz_set_ui(y, 1);
    mpz_mul_2exp(y, y, bits);
}

void zpoly_factor_univariate(ZRing *r, ZPoly p, int var, ZPolyList *out)
{
    p = zpoly_cyclotomic_factors(r, p, var, out);
    uint64_t degree = zpoly_degree(r, p, var);
    if (degree == 0)
        return;
    if (degree < 2) {
        VEC_PUSH_IN(r->arena, out, p);
        return;
    }
    Lift l = {.r = r, .var = var};
    Dense dense = dense_of(r, p, var);
    zring_spend(r, 20 * degree * degree * degree);
    choose_prime(&l, dense);
    if (l.factor.count == 1) {
        VEC_PUSH_IN(r->arena, out, p);
        return;
    }
    mpz_ptr bound = zint_new();
    coefficient_bound(p, degree, bound);
    lift_factors(&l, dense, bound);
    Recombine c = {&l, p, ARENA_ARRAY(r->arena, size_t, l.factor.count),
                   l.factor.count, 0};
    for (size_t i = 0; i < c.count; i++)
        c.left[i] = i;
    for (size_t n = 1; 2 * n <= c.count;)
        if (!try_subsets(&c, n, out))
            n++;
    VEC_PUSH_IN(r->arena, out, c.rest);
}

/*
 * zpoly_cyclotomic.c - the cyclotomic factors of a polynomial
 *
 * Modulo every prime these split into many factors, so they are looked for
 * before the others (Bradford & Davenport, ISSAC 1988).  The n-th cyclotomic
 * polynomial can only divide p if p vanishes at an element of order n modulo
 * a prime P = 1 mod n, which costs one evaluation; what passes is divided.
 */
#include "base/error.h"
#include "base/vec.h"
#include "graph/zpoly.h"

enum {
    DEGREE_LEAST = 8, /* below, the general way is as fast */
    DEGREE_MOST = 20000,
    /* n/phi(n) is below 6 for all n below 200,000,000 (Rosser & Schoenfeld,
     * Illinois J. Math. 6, 1962: e^gamma*log log n + 2.5/log log n). */
    ORDER_FACTOR = 6
};

typedef struct Cyclotomic {
    ZRing *r;
    int var;
    ZPoly p; /* what is left */
    uint64_t degree;
    uint32_t *least; /* prime divisor of each number */
    uint32_t *phi;
    mpz_ptr t;
} Cyclotomic;

static uint64_t power_mod(uint64_t a, uint64_t e, uint64_t m)
{
    uint64_t y = 1;
    for (; e; e >>= 1) {
        if (e & 1)
            y = y * a % m;
        a = a * a % m;
    }
    return y;
}

static void sieve(Cyclotomic *c, size_t most)
{
    c->least = ARENA_ARRAY(c->r->arena, uint32_t, most + 1);
    c->phi = ARENA_ARRAY(c->r->arena, uint32_t, most + 1);
    for (size_t i = 2; i <= most; i++)
        if (!c->least[i])
            for (size_t k = i; k <= most; k += i)
                if (!c->least[k])
                    c->least[k] = (uint32_t)i;
    c->phi[1] = 1;
    for (size_t i = 2; i <= most; i++) {
        uint32_t q = c->least[i], rest = (uint32_t)i / q;
        c->phi[i] = c->phi[rest] * (rest % q == 0 ? q : q - 1);
    }
}

/* ---- could the n-th divide p? ---- */

static uint64_t prime_for(Cyclotomic *c, uint64_t n)
{
    uint64_t p = 1000000000 / n * n + 1;
    do {
        p += n;
        mpz_set_ui(c->t, p);
    } while (!mpz_probab_prime_p(c->t, 15));
    return p;
}

static uint64_t element_of_order(Cyclotomic *c, uint64_t n, uint64_t p)
{
    for (uint64_t g = 2;; g++) {
        uint64_t y = power_mod(g, (p - 1) / n, p), rest = n;
        bool whole = true;
        while (rest > 1 && whole) {
            uint64_t q = c->least[rest];
            whole = power_mod(y, n / q, p) != 1;
            while (rest % q == 0)
                rest /= q;
        }
        if (whole)
            return y;
    }
}

static bool vanishes_at_order(Cyclotomic *c, uint64_t n)
{
    ZRing *r = c->r;
    uint64_t p = prime_for(c, n), x = element_of_order(c, n, p), y = 0;
    uint64_t at = c->degree, power = power_mod(x, at % n, p);
    uint64_t down = power_mod(x, n - 1, p); /* 1/x */
    for (size_t i = 0; i < c->p.count; i++) {
        uint64_t e = zkey_exponent(r, c->p.at[i].key, c->var);
        power = power * power_mod(down, at - e, p) % p;
        at = e;
        y = (y + mpz_fdiv_ui(c->p.at[i].c, p) * power) % p;
    }
    return y == 0;
}

/* ---- the polynomial ---- */

/* a times 1 - x^d, or divided by it, as a series; modulo 2^64, which is
 * enough for coefficients that are far smaller in the end. */
static void times_one_minus(uint64_t *a, size_t count, size_t d, bool divide)
{
    if (divide)
        for (size_t i = d; i < count; i++)
            a[i] += a[i - d];
    else
        for (size_t i = count; i-- > d;)
            a[i] -= a[i - d];
}

/* The product of (1 - x^(n/d))^mobius(d) over the square-free d | n. */
static uint64_t *cyclotomic_series(Cyclotomic *c, uint64_t n)
{
    size_t count = (size_t)c->phi[n] + 1;
    uint64_t prime[16], *a = ARENA_ARRAY(c->r->arena, uint64_t, count);
    int primes = 0;
    for (uint64_t rest = n; rest > 1;) {
        uint64_t q = prime[primes++] = c->least[rest];
        while (rest % q == 0)
            rest /= q;
    }
    a[0] = 1;
    for (unsigned set = 0; set < 1u << primes; set++) {
        uint64_t d = 1;
        bool odd = false;
        for (int i = 0; i < primes; i++)
            if (set >> i & 1) {
                d *= prime[i];
                odd = !odd;
            }
        times_one_minus(a, count, (size_t)(n / d), odd);
    }
    return a;
}

static ZPoly cyclotomic(Cyclotomic *c, uint64_t n)
{
    ZRing *r = c->r;
    size_t top = c->phi[n], count = 0;
    uint64_t *a = cyclotomic_series(c, n);
    ZTerm *at = ARENA_ARRAY(r->arena, ZTerm, top + 1);
    int64_t sign = (int64_t)a[top] < 0 ? -1 : 1; /* 1 - x for n = 1 */
    for (size_t i = 0; i <= top; i++) {
        if (!a[i])
            continue;
        at[count].key = zkey_power(r, c->var, i);
        mpz_set_si(c->t, sign * (int64_t)a[i]);
        zint_freeze(r, at[count++].c, c->t);
    }
    return zpoly_from_terms(r, at, count);
}

ZPoly zpoly_cyclotomic_factors(ZRing *r, ZPoly p, int var, ZPolyList *out)
{
    Cyclotomic c = {.r = r, .var = var, .p = p, .t = zint_new()};
    c.degree = zpoly_degree(r, p, var);
    if (c.degree < DEGREE_LEAST || c.degree > DEGREE_MOST)
        return p;
    uint64_t most = ORDER_FACTOR * c.degree;
    sieve(&c, (size_t)most);
    for (uint64_t n = 1; n <= most && c.degree; n++) {
        if (c.phi[n] > c.degree)
            continue;
        zring_spend(r, 100 + c.p.count);
        ZPoly quotient;
        if (!vanishes_at_order(&c, n))
            continue;
        ZPoly f = cyclotomic(&c, n);
        if (!zpoly_divide(r, c.p, f, &quotient))
            continue;
        VEC_PUSH_IN(r->arena, out, f);
        c.p = quotient;
        c.degree = zpoly_degree(r, quotient, var);
    }
    return c.p;
}

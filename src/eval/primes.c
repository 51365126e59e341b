/*
 * primes.c - prime factors: trial division, then Pollard's rho
 *
 * Brent's variant with products of differences (BIT 20, 1980).  Primality is
 * GMP's probable one: Baillie-PSW and more rounds.
 */
#include "eval/primes.h"

#include "base/error.h"
#include "base/vec.h"
#include "graph/zpoly.h"
#include "value/matrix.h"
#include "value/number.h"

#define TRIAL_MOST 10000
#define RHO_BATCH 128
#define RHO_STEPS 50000000
#define PRIMALITY_ROUNDS 25

typedef struct PrimePower {
    mpz_ptr prime;
    int64_t power;
} PrimePower;

typedef struct PrimeList {
    Arena *arena;
    PrimePower *at;
    size_t count, room;
    int64_t steps; /* of rho still allowed */
} PrimeList;

static void add_prime(PrimeList *l, mpz_srcptr p, int64_t power)
{
    for (size_t i = 0; i < l->count; i++)
        if (mpz_cmp(l->at[i].prime, p) == 0) {
            l->at[i].power += power;
            return;
        }
    PrimePower y = {zint_new(), power};
    mpz_set(y.prime, p);
    VEC_PUSH_IN(l->arena, l, y);
    /* Into its place: the list is short. */
    for (size_t i = l->count - 1;
         i > 0 && mpz_cmp(l->at[i].prime, l->at[i - 1].prime) < 0; i--) {
        PrimePower t = l->at[i];
        l->at[i] = l->at[i - 1];
        l->at[i - 1] = t;
    }
}

/* The primes below TRIAL_MOST leave n. */
static void divide_small(PrimeList *l, mpz_ptr n, int64_t sign)
{
    mpz_ptr p = zint_new();
    for (unsigned long d = 2; d<TRIAL_MOST; d += d> 2 ? 2 : 1) {
        POLL();
        mpz_set_ui(p, d);
        while (mpz_divisible_ui_p(n, d)) {
            mpz_divexact_ui(n, n, d);
            add_prime(l, p, sign);
        }
    }
}

static _Noreturn void raise_hard(void)
{
    error_raise(SPAN_NONE, ERR_LIMIT,
                "a factor with large prime factors is not taken apart in some "
                "seconds");
}

/* x -> x^2 + c with Brent's cycle search: a divisor d > 1 of n, perhaps n. */
static void find_divisor(PrimeList *l, mpz_srcptr n, unsigned long c, mpz_ptr d)
{
    mpz_ptr x = zint_new(), y = zint_new(), product = zint_new();
    mpz_ptr back = zint_new(), t = zint_new();
    mpz_set_ui(y, 2);
    mpz_set_ui(d, 1);
    for (int64_t r = 1; mpz_cmp_ui(d, 1) == 0; r *= 2) {
        mpz_set(x, y);
        for (int64_t k = 0; k < r && mpz_cmp_ui(d, 1) == 0; k += RHO_BATCH) {
            POLL();
            mpz_set(back, y);
            mpz_set_ui(product, 1);
            for (int64_t i = 0; i < RHO_BATCH && i < r - k; i++) {
                mpz_mul(y, y, y);
                mpz_add_ui(y, y, c);
                mpz_mod(y, y, n);
                mpz_sub(t, x, y);
                mpz_mul(product, product, t);
                mpz_mod(product, product, n);
            }
            mpz_gcd(d, product, n);
            l->steps -= RHO_BATCH * (int64_t)(1 + mpz_size(n) / 2);
            if (l->steps < 0)
                raise_hard();
        }
    }
    if (mpz_cmp(d, n) != 0)
        return;
    /* All at once: step by step from the last batch. */
    do {
        mpz_mul(back, back, back);
        mpz_add_ui(back, back, c);
        mpz_mod(back, back, n);
        mpz_sub(t, x, back);
        mpz_gcd(d, t, n);
    } while (mpz_cmp_ui(d, 1) == 0);
}

static void split_number(PrimeList *l, mpz_ptr n, int64_t sign)
{
    depth_check();
    if (mpz_cmp_ui(n, 1) == 0)
        return;
    if (mpz_sizeinbase(n, 2) > 4096)
        raise_hard();
    if (mpz_probab_prime_p(n, PRIMALITY_ROUNDS)) {
        add_prime(l, n, sign);
        return;
    }
    mpz_ptr d = zint_new(), other = zint_new();
    for (unsigned long c = 1;; c++) {
        find_divisor(l, n, c, d);
        if (mpz_cmp(d, n) != 0)
            break;
    }
    mpz_divexact(other, n, d);
    split_number(l, d, sign);
    split_number(l, other, sign);
}

static void split_part(PrimeList *l, Value v, int64_t sign)
{
    mpq_t room;
    mpz_ptr n = zint_new();
    mpq_init(room);
    mpz_abs(n, mpq_numref(number_rational(v, room)));
    mpq_clear(room);
    divide_small(l, n, sign);
    split_number(l, n, sign);
}

static Value value_of_integer(mpz_srcptr n)
{
    if (mpz_fits_slong_p(n))
        return value_int(mpz_get_si(n));
    mpq_t q;
    mpq_init(q);
    mpz_set(mpq_numref(q), n);
    Value v = value_exact(q);
    mpq_clear(q);
    return v;
}

Value primes_of(Value v)
{
    Arena *a = arena_local();
    PrimeList l = {.arena = a, .steps = RHO_STEPS};
    mpz_ptr unit = zint_new();
    bool minus = number_sign(v) < 0;
    split_part(&l, number_numerator(v), 1);
    split_part(&l, number_denominator(v), -1);
    mpz_set_si(unit, minus ? -1 : 1);
    if (minus || l.count == 0)
        add_prime(&l, unit, 1);
    Value y = array_new(ELEM_EXACT, (Dim)l.count, 2);
    for (size_t i = 0; i < l.count; i++) {
        array_set(y.array, i, value_of_integer(l.at[i].prime));
        array_set(y.array, l.count + i, value_int(l.at[i].power));
    }
    arena_free(a);
    return y;
}

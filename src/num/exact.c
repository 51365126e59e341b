#include "num/exact.h"

#include <math.h>

/* How far an estimate may be off before the result itself is measured. */
#define SLACK ((size_t)64)

static size_t bits(const mpz_t a)
{
    return mpz_sgn(a) ? mpz_sizeinbase(a, 2) : 0;
}

static size_t num_bits(const mpq_t a)
{
    return bits(mpq_numref(a));
}

/* Of the denominator; 0 for 1, which makes nothing longer. */
static size_t den_bits(const mpq_t a)
{
    return exact_is_int(a) ? 0 : bits(mpq_denref(a));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void exact_set_int(mpq_t y, int64_t a)
{
    _Static_assert(sizeof(long) == sizeof(int64_t), "long has 64 bits");
    mpq_set_si(y, a, 1);
}

bool exact_is_int(const mpq_t a)
{
    return mpz_cmp_ui(mpq_denref(a), 1) == 0;
}

bool exact_get_int(const mpq_t a, int64_t *y)
{
    if (!exact_is_int(a) || !mpz_fits_slong_p(mpq_numref(a)))
        return false;
    *y = mpz_get_si(mpq_numref(a));
    return true;
}

size_t exact_bits(const mpq_t a)
{
    return larger(num_bits(a), bits(mpq_denref(a)));
}

/* Moves the result t to y unless it is too long; t is then cleared. */
static int deliver(mpq_t y, mpq_t t)
{
    int code = exact_bits(t) > EXACT_BITS ? NUM_TOO_LONG : NUM_OK;
    if (code == NUM_OK)
        mpq_swap(y, t);
    mpq_clear(t);
    return code;
}

typedef void Operation(mpq_t y, const mpq_t a, const mpq_t b);

/* y = op(a, b), whose length is at most about `estimate`. */
static int operate(Operation *op, mpq_t y, const mpq_t a, const mpq_t b,
                   size_t estimate)
{
    if (estimate > EXACT_BITS + SLACK)
        return NUM_TOO_LONG;
    if (estimate <= EXACT_BITS) {
        op(y, a, b);
        return NUM_OK;
    }
    mpq_t t;
    mpq_init(t);
    op(t, a, b);
    return deliver(y, t);
}

static size_t sum_bits(const mpq_t a, const mpq_t b)
{
    size_t da = den_bits(a), db = den_bits(b);
    if (da == db && mpz_cmp(mpq_denref(a), mpq_denref(b)) == 0)
        return larger(larger(num_bits(a), num_bits(b)) + 1, da);
    return larger(larger(num_bits(a) + db, num_bits(b) + da) + 1, da + db);
}

int exact_add(mpq_t y, const mpq_t a, const mpq_t b)
{
    return operate(mpq_add, y, a, b, sum_bits(a, b));
}

int exact_sub(mpq_t y, const mpq_t a, const mpq_t b)
{
    return operate(mpq_sub, y, a, b, sum_bits(a, b));
}

int exact_mul(mpq_t y, const mpq_t a, const mpq_t b)
{
    size_t n = larger(num_bits(a) + num_bits(b), den_bits(a) + den_bits(b));
    return operate(mpq_mul, y, a, b, n);
}

int exact_div(mpq_t y, const mpq_t a, const mpq_t b)
{
    if (mpq_sgn(b) == 0)
        return NUM_DIV0;
    /* Integers that divide each other are common, and their quotient is
       shorter than the estimate. */
    if (exact_is_int(a) && exact_is_int(b)) {
        mpq_div(y, a, b);
        return NUM_OK;
    }
    size_t n = larger(num_bits(a) + den_bits(b), den_bits(a) + num_bits(b));
    return operate(mpq_div, y, a, b, n);
}

/* log2|a| for a != 0. */
static double log2_of(const mpz_t a)
{
    long e;
    double m = mpz_get_d_2exp(&e, a);
    return log2(fabs(m)) + (double)e;
}

/* y = a^n for |n| < 2^32; a is neither 0 nor 1 nor -1. */
static int power(mpq_t y, const mpq_t a, int64_t n)
{
    unsigned long k = n < 0 ? -(unsigned long)n : (unsigned long)n;
    double length = fmax(log2_of(mpq_numref(a)), log2_of(mpq_denref(a)));
    if (length * (double)k > (double)(EXACT_BITS + SLACK))
        return NUM_TOO_LONG;
    mpq_t t;
    mpq_init(t);
    /* Powers of numbers without common factors have none either. */
    mpz_pow_ui(mpq_numref(t), mpq_numref(a), k);
    mpz_pow_ui(mpq_denref(t), mpq_denref(a), k);
    if (n < 0)
        mpq_inv(t, t);
    return deliver(y, t);
}

/* a^n for an integer n that may be long. */
static int integer_power(mpq_t y, const mpq_t a, const mpz_t n)
{
    if (mpz_sgn(n) == 0) {
        mpq_set_ui(y, 1, 1);
        return NUM_OK;
    }
    if (mpq_sgn(a) == 0) {
        if (mpz_sgn(n) < 0)
            return NUM_DIV0;
        mpq_set_ui(y, 0, 1);
        return NUM_OK;
    }
    if (exact_is_int(a) && mpz_cmpabs_ui(mpq_numref(a), 1) == 0) {
        bool minus = mpq_sgn(a) < 0 && mpz_odd_p(n);
        mpq_set_si(y, minus ? -1 : 1, 1);
        return NUM_OK;
    }
    /* |a| or 1/|a| is at least 2 in one part, so these are too long. */
    if (bits(n) > 32)
        return NUM_TOO_LONG;
    return power(y, a, mpz_get_si(n));
}

int exact_pow(mpq_t y, const mpq_t a, const mpq_t b)
{
    if (exact_is_int(b))
        return integer_power(y, a, mpq_numref(b));
    if (mpq_sgn(a) < 0 || !mpz_fits_ulong_p(mpq_denref(b)))
        return NUM_DOMAIN;
    mpq_t t;
    mpz_t n;
    mpq_init(t);
    mpz_init_set(n, mpq_numref(b));
    int code = exact_root(t, a, mpz_get_ui(mpq_denref(b)));
    if (code == NUM_OK)
        code = integer_power(y, t, n);
    mpz_clear(n);
    mpq_clear(t);
    return code;
}

int exact_root(mpq_t y, const mpq_t a, uint64_t n)
{
    if (n == 0 || (n % 2 == 0 && mpq_sgn(a) < 0))
        return NUM_DOMAIN;
    mpq_t t;
    mpq_init(t);
    bool whole = mpz_root(mpq_numref(t), mpq_numref(a), n) &&
                 mpz_root(mpq_denref(t), mpq_denref(a), n);
    if (whole)
        mpq_swap(y, t);
    mpq_clear(t);
    return whole ? NUM_OK : NUM_DOMAIN;
}

void exact_floor(mpq_t y, const mpq_t a)
{
    mpz_fdiv_q(mpq_numref(y), mpq_numref(a), mpq_denref(a));
    mpz_set_ui(mpq_denref(y), 1);
}

void exact_ceil(mpq_t y, const mpq_t a)
{
    mpz_cdiv_q(mpq_numref(y), mpq_numref(a), mpq_denref(a));
    mpz_set_ui(mpq_denref(y), 1);
}

/* Away from 0 at halves: the sign of a times floor((2|p| + q)/(2q)). */
void exact_round(mpq_t y, const mpq_t a)
{
    int sign = mpq_sgn(a);
    mpz_t n, d;
    mpz_init(n);
    mpz_init(d);
    mpz_abs(n, mpq_numref(a));
    mpz_mul_2exp(n, n, 1);
    mpz_add(n, n, mpq_denref(a));
    mpz_mul_2exp(d, mpq_denref(a), 1);
    mpz_fdiv_q(mpq_numref(y), n, d);
    if (sign < 0)
        mpz_neg(mpq_numref(y), mpq_numref(y));
    mpz_set_ui(mpq_denref(y), 1);
    mpz_clear(n);
    mpz_clear(d);
}

int exact_mod(mpq_t y, const mpq_t a, const mpq_t b)
{
    if (mpq_sgn(b) == 0)
        return NUM_DIV0;
    if (exact_is_int(a) && exact_is_int(b)) {
        mpz_fdiv_r(mpq_numref(y), mpq_numref(a), mpq_numref(b));
        mpz_set_ui(mpq_denref(y), 1);
        return NUM_OK;
    }
    mpq_t q;
    mpq_init(q);
    int code = exact_div(q, a, b);
    if (code == NUM_OK) {
        exact_floor(q, q);
        code = exact_mul(q, q, b);
    }
    if (code == NUM_OK)
        code = exact_sub(y, a, q);
    mpq_clear(q);
    return code;
}

int exact_gcd(mpq_t y, const mpq_t a, const mpq_t b)
{
    if (!exact_is_int(a) || !exact_is_int(b))
        return NUM_DOMAIN;
    mpz_gcd(mpq_numref(y), mpq_numref(a), mpq_numref(b));
    mpz_set_ui(mpq_denref(y), 1);
    return NUM_OK;
}

int exact_lcm(mpq_t y, const mpq_t a, const mpq_t b)
{
    if (!exact_is_int(a) || !exact_is_int(b))
        return NUM_DOMAIN;
    if (num_bits(a) + num_bits(b) > EXACT_BITS)
        return NUM_TOO_LONG;
    mpz_lcm(mpq_numref(y), mpq_numref(a), mpq_numref(b));
    mpz_set_ui(mpq_denref(y), 1);
    return NUM_OK;
}

/* log2(n!) for n >= 0, a little above (Stirling). */
static double log2_factorial(double n)
{
    if (n < 2)
        return 0;
    return (n * log(n) - n + 0.5 * log(6.2832 * n) + 1 / (12 * n)) / log(2);
}

int exact_factorial(mpq_t y, const mpq_t n)
{
    if (!exact_is_int(n) || mpq_sgn(n) < 0)
        return NUM_DOMAIN;
    if (num_bits(n) > 32)
        return NUM_TOO_LONG;
    unsigned long k = mpz_get_ui(mpq_numref(n));
    if (log2_factorial((double)k) > (double)EXACT_BITS)
        return NUM_TOO_LONG;
    mpz_fac_ui(mpq_numref(y), k);
    mpz_set_ui(mpq_denref(y), 1);
    return NUM_OK;
}

/* n over k for 0 <= k; n not between 0 and k - 1. */
static int choose(mpz_t y, const mpz_t n, const mpz_t k)
{
    mpz_t top;
    mpz_init(top);
    /* |C(n, k)| is C(n, k), or C(k - n - 1, k) for negative n. */
    if (mpz_sgn(n) < 0) {
        mpz_sub(top, k, n);
        mpz_sub_ui(top, top, 1);
    } else {
        mpz_set(top, n);
    }
    double lk = mpz_sgn(k) ? log2_of(k) : 0;
    double ln = mpz_sgn(top) ? log2_of(top) : 0;
    int code = NUM_TOO_LONG;
    if (lk < 32) {
        /* C(n, k) <= n^k/k! and C(n, k) < 2^n */
        double dk = mpz_get_d(k);
        double length = dk * ln - log2_factorial(dk) + 2;
        if (ln < 32)
            length = fmin(length, mpz_get_d(top));
        if (length <= (double)EXACT_BITS) {
            bool minus = mpz_sgn(n) < 0 && mpz_odd_p(k);
            unsigned long small = mpz_get_ui(k);
            if (mpz_fits_ulong_p(top))
                mpz_bin_uiui(y, mpz_get_ui(top), small);
            else
                mpz_bin_ui(y, top, small);
            if (minus)
                mpz_neg(y, y);
            code = NUM_OK;
        }
    }
    mpz_clear(top);
    return code;
}

int exact_binomial(mpq_t y, const mpq_t n, const mpq_t k)
{
    if (!exact_is_int(n) || !exact_is_int(k))
        return NUM_DOMAIN;
    mpz_t rest, other;
    mpz_init(rest);
    mpz_init_set(other, mpq_numref(k));
    mpz_sub(rest, mpq_numref(n), other);
    int code = NUM_OK;
    if (mpq_sgn(k) < 0 || (mpq_sgn(n) >= 0 && mpz_sgn(rest) < 0)) {
        mpz_set_ui(mpq_numref(y), 0);
    } else {
        if (mpq_sgn(n) >= 0 && mpz_cmp(rest, other) < 0)
            mpz_set(other, rest);
        code = choose(mpq_numref(y), mpq_numref(n), other);
    }
    if (code == NUM_OK)
        mpz_set_ui(mpq_denref(y), 1);
    mpz_clear(rest);
    mpz_clear(other);
    return code;
}

int exact_compare(const mpq_t a, const mpq_t b)
{
    int c = mpq_cmp(a, b);
    return (c > 0) - (c < 0);
}

int exact_compare_double(const mpq_t a, double b)
{
    if (isnan(b))
        return 2;
    if (isinf(b))
        return b > 0 ? -1 : 1;
    mpq_t t;
    mpq_init(t);
    mpq_set_d(t, b);
    int c = exact_compare(a, t);
    mpq_clear(t);
    return c;
}

uint64_t exact_hash_int(int64_t a)
{
    return hash_mix((uint64_t)a, 1);
}

static uint64_t hash_of(const mpz_t a)
{
    return hash_bytes(mpz_limbs_read(a), mpz_size(a) * sizeof(mp_limb_t));
}

uint64_t exact_hash(const mpq_t a)
{
    int64_t small;
    if (exact_get_int(a, &small))
        return exact_hash_int(small);
    uint64_t h = hash_mix(hash_of(mpq_numref(a)), hash_of(mpq_denref(a)));
    return mpq_sgn(a) < 0 ? ~h : h;
}

/* exacttext.c - exact numbers from and to text and floats (exact.h) */
#include "num/exact.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

int exact_from_double(mpq_t y, double x)
{
    if (!isfinite(x))
        return NUM_DOMAIN;
    mpq_set_d(y, x);
    return NUM_OK;
}

/*
 * |a| = (q + rest)*2^-shift with q of 63 or 64 bits and rest in [0, 1);
 * *more says whether rest is not 0.
 */
static uint64_t leading_bits(const mpq_t a, long *shift, bool *more)
{
    size_t n = mpz_sizeinbase(mpq_numref(a), 2);
    size_t d = mpz_sizeinbase(mpq_denref(a), 2);
    long s = 63 - ((long)n - (long)d);
    mpz_t p, q, r;
    mpz_init(p);
    mpz_init(q);
    mpz_init(r);
    mpz_abs(p, mpq_numref(a));
    mpz_set(q, mpq_denref(a));
    if (s >= 0)
        mpz_mul_2exp(p, p, (mp_bitcnt_t)s);
    else
        mpz_mul_2exp(q, q, (mp_bitcnt_t)-s);
    mpz_tdiv_qr(q, r, p, q);
    uint64_t top = mpz_get_ui(q);
    *more = mpz_sgn(r) != 0;
    *shift = s;
    mpz_clear(p);
    mpz_clear(q);
    mpz_clear(r);
    return top;
}

/* mpq_get_d cuts off; this rounds to nearest, subnormal results too. */
double exact_to_double(const mpq_t a)
{
    if (mpq_sgn(a) == 0)
        return 0;
    uint64_t num = mpz_getlimbn(mpq_numref(a), 0);
    uint64_t den = mpz_getlimbn(mpq_denref(a), 0);
    /* Of two floats the quotient is rounded once. */
    if (mpz_size(mpq_numref(a)) == 1 && mpz_size(mpq_denref(a)) == 1 &&
        (num | den) >> DBL_MANT_DIG == 0)
        return mpq_sgn(a) * ((double)num / (double)den);
    long shift;
    bool more;
    uint64_t q = leading_bits(a, &shift, &more);
    int length = 64 - __builtin_clzll(q);
    /* The value lies in [2^e, 2^(e+1)). */
    long e = length - 1 - shift;
    long keep = DBL_MANT_DIG;
    if (e < DBL_MIN_EXP - 1)
        keep += e - (DBL_MIN_EXP - 1);
    double y = 0;
    if (e > DBL_MAX_EXP) {
        y = INFINITY;
    } else if (keep >= 0) {
        int drop = length - (int)keep;
        uint64_t m = drop < 64 ? q >> drop : 0;
        uint64_t half = (uint64_t)1 << (drop - 1);
        uint64_t rest = q & (2 * half - 1);
        if (rest > half || (rest == half && (more || (m & 1))))
            m++;
        y = ldexp((double)m, (int)(drop - shift));
    }
    return mpq_sgn(a) < 0 ? -y : y;
}

static bool is_digit(char c, bool hex)
{
    return (c >= '0' && c <= '9') ||
           (hex && (c | 32) >= 'a' && (c | 32) <= 'f');
}

/*
 * Copies the digits of text[0..len) without `_`, each of which must stand
 * between two digits, and at most one point, if *point is wanted: it gets the
 * number of digits after it.  Returns their number, or -1.
 */
static long copy_digits(char *y, const char *text, size_t len, bool hex,
                        long *point)
{
    long n = 0, at = -1;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (is_digit(c, hex)) {
            y[n++] = c;
        } else if (c == '.' && point && at < 0) {
            at = n;
        } else if (c != '_' || i == 0 || i + 1 == len ||
                   !is_digit(text[i - 1], hex) || !is_digit(text[i + 1], hex)) {
            return -1;
        }
    }
    y[n] = '\0';
    if (point)
        *point = at < 0 ? 0 : n - at;
    return n > 0 ? n : -1;
}

/* Bits that n significant digits need, a little below. */
static bool is_too_long(const char *digits, long n, bool hex)
{
    while (n > 1 && *digits == '0') {
        digits++;
        n--;
    }
    return (double)(n - 1) * (hex ? 4.0 : 3.3219280948873622) >
           (double)EXACT_BITS;
}

/* The integer that the digits in `copy` name. */
static int read_integer(mpq_t y, const char *copy, long n, bool hex)
{
    if (n < 0)
        return NUM_SYNTAX;
    if (is_too_long(copy, n, hex))
        return NUM_TOO_LONG;
    mpq_t t;
    mpq_init(t);
    mpz_set_str(mpq_numref(t), copy, hex ? 16 : 10);
    bool fits = exact_bits(t) <= EXACT_BITS;
    if (fits)
        mpq_swap(y, t);
    mpq_clear(t);
    return fits ? NUM_OK : NUM_TOO_LONG;
}

int exact_from_text(mpq_t y, const char *text, size_t len)
{
    bool hex = len > 2 && text[0] == '0' && (text[1] | 32) == 'x';
    char *copy = mem_try(len + 1);
    if (!copy)
        return NUM_MEMORY;
    size_t skip = hex ? 2 : 0;
    long n = copy_digits(copy, text + skip, len - skip, hex, NULL);
    int code = read_integer(y, copy, n, hex);
    mem_free(copy);
    return code;
}

/* Reads `[+-]digits`, cut off at a billion. */
static bool read_exponent(const char *p, size_t len, int64_t *e)
{
    bool minus = len && *p == '-';
    if (len && (*p == '-' || *p == '+'))
        p++, len--;
    *e = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(p[i], false))
            return false;
        if (*e < 1000000000)
            *e = *e * 10 + (p[i] - '0');
    }
    if (minus)
        *e = -*e;
    return len > 0;
}

/* y *= 10^e */
static int shift_decimal(mpq_t y, int64_t e)
{
    if (mpq_sgn(y) == 0)
        return NUM_OK;
    mpq_t ten, power;
    mpq_init(ten);
    mpq_init(power);
    exact_set_int(ten, 10);
    exact_set_int(power, e);
    int code = exact_pow(ten, ten, power);
    if (code == NUM_OK)
        code = exact_mul(y, y, ten);
    mpq_clear(ten);
    mpq_clear(power);
    return code;
}

int exact_from_decimal(mpq_t y, const char *text, size_t len)
{
    bool minus = len && *text == '-';
    if (len && (*text == '-' || *text == '+'))
        text++, len--;
    size_t mantissa = 0;
    while (mantissa < len && (text[mantissa] | 32) != 'e')
        mantissa++;
    int64_t e = 0;
    if (mantissa < len &&
        !read_exponent(text + mantissa + 1, len - mantissa - 1, &e))
        return NUM_SYNTAX;
    char *copy = mem_try(mantissa + 1);
    if (!copy)
        return NUM_MEMORY;
    long after = 0, n = copy_digits(copy, text, mantissa, false, &after);
    mpq_t t;
    mpq_init(t);
    int code = read_integer(t, copy, n, false);
    mem_free(copy);
    if (code == NUM_OK)
        code = shift_decimal(t, e - after);
    if (code == NUM_OK) {
        if (minus)
            mpq_neg(t, t);
        mpq_swap(y, t);
    }
    mpq_clear(t);
    return code;
}

static void add_integer(Str *s, const mpz_t a)
{
    char *p = str_reserve(s, mpz_sizeinbase(a, 10) + 2);
    mpz_get_str(p, 10, a);
    s->len += strlen(p);
}

void exact_to_text(Str *s, const mpq_t a)
{
    add_integer(s, mpq_numref(a));
    if (!exact_is_int(a)) {
        str_add_char(s, '/');
        add_integer(s, mpq_denref(a));
    }
}

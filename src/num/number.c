#include "num/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 Wide;

/* 5^0 .. 5^27, all below 2^63. */
static const uint64_t five[] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

#define FIVE_MOST 27

static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                             1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                             1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#define TEN_MOST 22

/*
 * (q + a rest in [0, 1), not 0 if `more`)*2^e to the nearest double, ties
 * to even; q has 54 to 64 bits and the result is a normal number.
 */
static double round_to_double(uint64_t q, bool more, int e)
{
    int drop = 64 - __builtin_clzll(q) - DBL_MANT_DIG;
    uint64_t half = (uint64_t)1 << (drop - 1);
    uint64_t rest = q & (2 * half - 1), m = q >> drop;
    if (rest > half || (rest == half && (more || (m & 1))))
        m++;
    return ldexp((double)m, e + drop);
}

/* w*10^e, correctly rounded, for w != 0 and |e| <= FIVE_MOST. */
static double scale_exactly(uint64_t w, int e)
{
    if (e >= 0) {
        Wide p = (Wide)w * five[e];
        if (p >> 64 == 0 && (uint64_t)p >> 53 == 0)
            return ldexp((double)(uint64_t)p, e);
        uint64_t top = (uint64_t)(p >> 64);
        int up = top ? __builtin_clzll(top) : 64 + __builtin_clzll((uint64_t)p);
        p <<= up;
        return round_to_double((uint64_t)(p >> 64), (uint64_t)p != 0,
                               e + 64 - up);
    }
    uint64_t d = five[-e];
    int lw = __builtin_clzll(w), ld = __builtin_clzll(d);
    d <<= ld;
    /* The high word is below 2^63 <= d, so the quotient has 63 or 64 bits. */
    Wide n = (Wide)(w << lw) << 63;
    uint64_t q = (uint64_t)(n / d);
    return round_to_double(q, n % d != 0, e - 63 + ld - lw);
}

/* Digits beyond these cannot decide a rounding, only whether one is not 0. */
#define DIGITS_MOST 800

/*
 * What fits no fast way: strtod, on digits without a point, for whose sign
 * a locale has a say.
 */
static double scale_slowly(const char *digits, size_t len, int64_t e)
{
    char text[DIGITS_MOST + 40];
    size_t n = 0;
    bool more = false;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] == '.')
            continue;
        if (n < DIGITS_MOST) {
            text[n++] = digits[i];
        } else {
            more |= digits[i] != '0';
            e++;
        }
    }
    if (more)
        text[n++] = '1', e--;
    if (e > 999999)
        e = 999999;
    if (e < -999999)
        e = -999999;
    snprintf(text + n, sizeof text - n, "e%d", (int)e);
    return strtod(text, NULL);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The texts that name infinities and NaN. */
static bool parse_name(const char *text, size_t len, double *x)
{
    static const char *const names[] = {"inf", "infinity", "nan"};
    for (int i = 0; i < 3; i++) {
        if (strlen(names[i]) != len)
            continue;
        size_t j = 0;
        while (j < len && (text[j] | 32) == names[i][j])
            j++;
        if (j == len) {
            *x = i < 2 ? INFINITY : NAN;
            return true;
        }
    }
    return false;
}

/* Exponent after `e`; limited so that nothing overflows later. */
static bool parse_exponent(const char *p, const char *end, int64_t *e)
{
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    int64_t n = 0;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        if (n < 1000000000)
            n = n * 10 + (*p - '0');
    }
    *e += negative ? -n : n;
    return true;
}

static bool parse_magnitude(const char *p, const char *end, double *x)
{
    const char *first = NULL, *point = NULL, *digits = p;
    uint64_t w = 0;
    int64_t count = 0, e = 0;
    for (; p < end && (is_digit(*p) || (*p == '.' && !point)); p++) {
        if (*p == '.') {
            point = p;
            continue;
        }
        if (!first && *p != '0')
            first = p;
        if (first && ++count <= 19)
            w = w * 10 + (uint64_t)(*p - '0');
    }
    const char *after = p;
    if (after - digits - (point != NULL) < 1)
        return false;
    if (point)
        e = -(after - point - 1);
    if (p < end && ((*p | 32) != 'e' || !parse_exponent(p + 1, end, &e)))
        return false;
    if (!first)
        *x = 0;
    else if (count > 19 || e < -FIVE_MOST || e > FIVE_MOST)
        *x = scale_slowly(first, (size_t)(after - first), e);
    else if (w >> DBL_MANT_DIG == 0 && e >= -TEN_MOST && e <= TEN_MOST)
        /* Both are exact, so the one operation rounds correctly. */
        *x = e < 0 ? (double)w / ten[-e] : (double)w * ten[e];
    else
        *x = scale_exactly(w, (int)e);
    return true;
}

bool num_parse_double(const char *text, size_t len, bool names, double *x)
{
    bool negative = false;
    const char *p = text, *end = text + len;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    double y;
    if (!parse_magnitude(p, end, &y) &&
        !(names && parse_name(p, (size_t)(end - p), &y)))
        return false;
    *x = negative ? -y : y;
    return true;
}

/* A positive finite number as 0.d1d2d3...*10^point. */
typedef struct Decimal {
    char digit[20];
    int count, point;
} Decimal;

/* x to `count` digits; trailing zeros are dropped. */
static Decimal decimal_of(double x, int count)
{
    char text[40];
    snprintf(text, sizeof text, "%.*e", count - 1, x);
    Decimal d = {.count = 0};
    const char *p = text;
    for (; *p != 'e'; p++)
        if (is_digit(*p))
            d.digit[d.count++] = *p;
    d.point = atoi(p + 1) + 1;
    while (d.count > 1 && d.digit[d.count - 1] == '0')
        d.count--;
    return d;
}

static double value_of(const Decimal *d)
{
    double x;
    char text[40];
    int n = snprintf(text, sizeof text, "%.*se%d", d->count, d->digit,
                     d->point - d->count);
    return num_parse_double(text, (size_t)n, false, &x) ? x : NAN;
}

/* The next number of `count` digits. */
static void step_up(Decimal *d, int count)
{
    while (d->count < count)
        d->digit[d->count++] = '0';
    int i = count - 1;
    while (i >= 0 && d->digit[i] == '9')
        d->digit[i--] = '0';
    if (i >= 0) {
        d->digit[i]++;
    } else {
        d->digit[0] = '1';
        d->point++;
    }
    while (d->count > 1 && d->digit[d->count - 1] == '0')
        d->count--;
}

/*
 * Fewest digits that read back.  15 digits survive the way through a normal
 * double, so fewer need not be tried; a subnormal has fewer of its own.
 * Below a power of two doubles lie closer than above: the nearest decimal
 * may then fail on the narrow side where the next one above succeeds.
 */
static Decimal shortest_of(double x)
{
    int exponent;
    bool power = frexp(x, &exponent) == 0.5;
    for (int count = x < DBL_MIN ? 1 : 15; count < 17; count++) {
        Decimal d = decimal_of(x, count);
        if (value_of(&d) == x)
            return d;
        if (power) {
            step_up(&d, count);
            if (value_of(&d) == x)
                return d;
        }
    }
    return decimal_of(x, 17);
}

/* Writes d without exponent, or as d.ddde5. */
static size_t lay_out(char *buf, const Decimal *d, bool plain)
{
    char *p = buf;
    int n = d->count, point = plain ? d->point : 1;
    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = point; i < 0; i++)
            *p++ = '0';
    }
    for (int i = 0; i < n; i++) {
        if (i == point && i > 0)
            *p++ = '.';
        *p++ = d->digit[i];
    }
    for (int i = n; i < point; i++)
        *p++ = '0';
    *p = '\0';
    if (!plain)
        p += snprintf(p, 8, "e%d", d->point - 1);
    return (size_t)(p - buf);
}

/* The texts of what is not a positive finite number; *x is made positive. */
static size_t format_special(char *buf, double *x)
{
    size_t n = 0;
    if (isnan(*x)) {
        memcpy(buf, "nan", 4);
        *x = 0;
        return 3;
    }
    if (signbit(*x)) {
        buf[n++] = '-';
        *x = -*x;
    }
    if (isinf(*x)) {
        memcpy(buf + n, "inf", 4);
        n += 3;
    }
    return n;
}

size_t num_format_double(char *buf, double x)
{
    size_t n = format_special(buf, &x);
    if (n >= 3)
        return n;
    Decimal d = {.digit = "0", .count = 1, .point = 1};
    if (x != 0)
        d = shortest_of(x);
    bool plain = d.point > -4 && d.point <= 16;
    n += lay_out(buf + n, &d, plain);
    if (plain && d.point >= d.count) {
        memcpy(buf + n, ".0", 3);
        n += 2;
    }
    return n;
}

size_t num_format_short(char *buf, double x, int digits)
{
    size_t n = format_special(buf, &x);
    if (n >= 3)
        return n;
    if (x == 0) {
        memcpy(buf, "0", 2);
        return 1;
    }
    if (digits < 1)
        digits = 1;
    if (digits > 17)
        digits = 17;
    Decimal d = decimal_of(x, digits);
    if (d.point > digits && d.point <= 15)
        d = decimal_of(x, d.point);
    return n + lay_out(buf + n, &d, d.point > -4 && d.point <= 15);
}

bool int_pow(int64_t a, int64_t n, int64_t *y)
{
    int64_t r = 1;
    while (n > 0) {
        if ((n & 1) && !int_mul(r, a, &r))
            return false;
        n >>= 1;
        if (n > 0 && !int_mul(a, a, &a))
            return false;
    }
    *y = r;
    return true;
}

bool int_floor_div(int64_t a, int64_t b, int64_t *y)
{
    if (a == INT64_MIN && b == -1)
        return false;
    *y = a / b - (a % b != 0 && (a < 0) != (b < 0));
    return true;
}

int64_t int_floor_mod(int64_t a, int64_t b)
{
    if (b == -1)
        return 0;
    int64_t r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static uint64_t magnitude(int64_t a)
{
    return a < 0 ? -(uint64_t)a : (uint64_t)a;
}

uint64_t int_gcd(int64_t a, int64_t b)
{
    uint64_t x = magnitude(a), y = magnitude(b);
    while (y != 0) {
        uint64_t r = x % y;
        x = y;
        y = r;
    }
    return x;
}

bool int_from_double(double x, int64_t *y)
{
    if (!(x >= -0x1p63 && x < 0x1p63) || x != floor(x))
        return false;
    *y = (int64_t)x;
    return true;
}

int int_compare_double(int64_t a, double b)
{
    if (isnan(b))
        return 2;
    if (b >= 0x1p63)
        return -1;
    if (b < -0x1p63)
        return 1;
    double whole = floor(b);
    int64_t w = (int64_t)whole;
    if (a != w)
        return a < w ? -1 : 1;
    return b > whole ? -1 : 0;
}

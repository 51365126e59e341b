/* Text of floats, checked integers, exact rational numbers. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "num/exact.h"
#include "num/number.h"
#include "num/rng.h"

static const char *text_of(double x)
{
    static char buf[NUM_TEXT];
    size_t n = num_format_double(buf, x);
    return n == strlen(buf) ? buf : "wrong length";
}

static const char *short_of(double x, int digits)
{
    static char buf[NUM_TEXT];
    size_t n = num_format_short(buf, x, digits);
    return n == strlen(buf) ? buf : "wrong length";
}

static void floats_print(void)
{
    CHECK_TEXT(text_of(1), "1.0");
    CHECK_TEXT(text_of(0.1), "0.1");
    CHECK_TEXT(text_of(-0.0), "-0.0");
    CHECK_TEXT(text_of(1e300), "1e300");
    CHECK_TEXT(text_of(-2.5e-7), "-2.5e-7");
    CHECK_TEXT(text_of(0.0001), "0.0001");
    CHECK_TEXT(text_of(0.00001), "1e-5");
    CHECK_TEXT(text_of(1e15), "1000000000000000.0");
    CHECK_TEXT(text_of(1e16), "1e16");
    CHECK_TEXT(text_of(123456.75), "123456.75");
    CHECK_TEXT(text_of(0.1 + 0.2), "0.30000000000000004");
    CHECK_TEXT(text_of(3.002680208280456), "3.002680208280456");
    CHECK_TEXT(text_of(5e-324), "5e-324");
    CHECK_TEXT(text_of(DBL_MAX), "1.7976931348623157e308");
    CHECK_TEXT(text_of(9007199254740992.0), "9007199254740992.0");
    CHECK_TEXT(text_of(9.5367431640625e-07), "9.5367431640625e-7");
    CHECK_TEXT(text_of(INFINITY), "inf");
    CHECK_TEXT(text_of(-INFINITY), "-inf");
    CHECK_TEXT(text_of(NAN), "nan");
}

static void short_floats_print(void)
{
    CHECK_TEXT(short_of(1, 6), "1");
    CHECK_TEXT(short_of(0, 6), "0");
    CHECK_TEXT(short_of(-0.0, 6), "0");
    CHECK_TEXT(short_of(1.0 / 3, 6), "0.333333");
    CHECK_TEXT(short_of(-2.0 / 3, 3), "-0.667");
    CHECK_TEXT(short_of(1234567, 6), "1234567");
    CHECK_TEXT(short_of(1234567.8, 6), "1234568");
    CHECK_TEXT(short_of(999999.96, 6), "1000000");
    CHECK_TEXT(short_of(1e10, 6), "10000000000");
    CHECK_TEXT(short_of(1e15, 6), "1e15");
    CHECK_TEXT(short_of(1.5e-7, 6), "1.5e-7");
    CHECK_TEXT(short_of(0.00012345678, 6), "0.000123457");
    CHECK_TEXT(short_of(NAN, 6), "nan");
    CHECK_TEXT(short_of(-INFINITY, 6), "-inf");
    CHECK_TEXT(short_of(0.1, 17), "0.10000000000000001");
}

static double any_double(Rng *r)
{
    uint64_t bits = rng_bits(r);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void floats_read_back(void)
{
    Rng r = rng_new(11, 0);
    char buf[NUM_TEXT];
    for (int i = 0; i < 200000; i++) {
        double x = any_double(&r), y = 0;
        if (i % 3 == 1)
            x = rng_normal(&r);
        if (i % 3 == 2)
            x = ldexp(1, (int)rng_below(&r, 2098) - 1074);
        size_t n = num_format_double(buf, x);
        CHECK(num_parse_double(buf, n, true, &y));
        CHECK_MESSAGE(isnan(x) ? isnan(y) : memcmp(&x, &y, 8) == 0, "%a: %s", x,
                      buf);
        CHECK(strpbrk(buf, ".en") && n < NUM_TEXT);
    }
}

/* Random decimals of every length against strtod. */
static void decimals_round_correctly(void)
{
    Rng r = rng_new(12, 0);
    char text[80];
    for (int i = 0; i < 300000; i++) {
        int digits = 1 + (int)rng_below(&r, 22), n = 0;
        int point = (int)rng_below(&r, (uint64_t)digits + 1);
        for (int j = 0; j < digits; j++) {
            if (j == point)
                text[n++] = '.';
            text[n++] = (char)('0' + rng_below(&r, 10));
        }
        text[n] = '\0';
        if (i % 2)
            n += snprintf(text + n, 20, "e%d",
                          (int)rng_below(&r, i % 4 == 1 ? 60 : 660) -
                              (i % 4 == 1 ? 30 : 330));
        double x = 0, want = strtod(text, NULL);
        CHECK(num_parse_double(text, (size_t)n, false, &x));
        CHECK_MESSAGE(x == want, "%s: %.17g, not %.17g", text, x, want);
    }
    double x;
    CHECK(num_parse_double("9007199254740993", 16, false, &x) &&
          x == 9007199254740992.0);
    CHECK(num_parse_double("9007199254740993.00000000000000000000001", 40,
                           false, &x) &&
          x == 9007199254740994.0);
}

static void halfway_cases(void)
{
    /* The digits of 1 + 2^-53, a tie; more digits break it upwards. */
    char text[1200] = "1.00000000000000011102230246251565404236316680908203125";
    double x;
    CHECK(num_parse_double(text, strlen(text), false, &x) && x == 1);
    size_t n = strlen(text);
    memset(text + n, '0', 1000);
    CHECK(num_parse_double(text, n + 1000, false, &x) && x == 1);
    text[n + 1000] = '1';
    CHECK(num_parse_double(text, n + 1001, false, &x) && x == 1 + DBL_EPSILON);
}

static bool reads(const char *text)
{
    double x;
    return num_parse_double(text, strlen(text), false, &x);
}

static void not_numbers(void)
{
    CHECK(!reads("") && !reads(".") && !reads("-") && !reads("e5"));
    CHECK(!reads("1e") && !reads("1e+") && !reads("1.2.3") && !reads("0x10"));
    CHECK(!reads(" 1") && !reads("1 ") && !reads("1,5") && !reads("--1"));
    CHECK(!reads("inf") && !reads("nan") && !reads("1e5.5"));
    CHECK(reads("1.") && reads(".5") && reads("+3") && reads("-1E+05"));
    double x;
    CHECK(num_parse_double("-Inf", 4, true, &x) && x == -INFINITY);
    CHECK(num_parse_double("NaN", 3, true, &x) && isnan(x));
    CHECK(num_parse_double("1e999999999999", 14, false, &x) && isinf(x));
    CHECK(num_parse_double("1e-999999999999", 15, false, &x) && x == 0);
    CHECK(num_parse_double("0e999999999999", 14, false, &x) && x == 0);
}

static void integers_are_checked(void)
{
    int64_t y;
    CHECK(!int_add(INT64_MAX, 1, &y) && int_add(INT64_MAX, -1, &y));
    CHECK(!int_sub(INT64_MIN, 1, &y) && !int_mul(INT64_MIN, -1, &y));
    CHECK(int_pow(3, 39, &y) && y == 4052555153018976267);
    CHECK(!int_pow(3, 40, &y) && int_pow(-2, 63, &y) && y == INT64_MIN);
    CHECK(int_pow(0, 0, &y) && y == 1 && int_pow(-1, INT64_MAX, &y));
    CHECK(int_floor_div(-7, 2, &y) && y == -4 && int_floor_mod(-7, 2) == 1);
    CHECK(int_floor_mod(7, -2) == -1 && int_floor_mod(INT64_MIN, -1) == 0);
    CHECK(!int_floor_div(INT64_MIN, -1, &y));
    CHECK(int_gcd(-12, 18) == 6 && int_gcd(0, 0) == 0);
    CHECK(int_gcd(INT64_MIN, 0) == (uint64_t)1 << 63);
    CHECK(int_from_double(-3, &y) && y == -3 && !int_from_double(0.5, &y));
    CHECK(!int_from_double(0x1p63, &y) && !int_from_double(NAN, &y));
    CHECK(int_compare_double(1, 0.5) == 1 && int_compare_double(0, 0.5) == -1);
    CHECK(int_compare_double(INT64_MAX, 0x1p63) == -1);
    CHECK(int_compare_double(9007199254740993, 9007199254740992.0) == 1);
    CHECK(int_compare_double(3, 3) == 0 && int_compare_double(3, NAN) == 2);
    CHECK(int_compare_double(-1, -1.5) == 1);
}

static const char *exact_text(const mpq_t a)
{
    Str s = {0};
    exact_to_text(&s, a);
    Name text = name_of_len(str_text(&s), s.len);
    str_free(&s);
    return text;
}

/* Runs op on numbers given as text; returns the result as text, or a code. */
static const char *run(int (*op)(mpq_t, const mpq_t, const mpq_t),
                       const char *a, const char *b)
{
    mpq_t x, y, z;
    mpq_inits(x, y, z, NULL);
    mpq_set_str(x, a, 10);
    mpq_set_str(y, b, 10);
    mpq_canonicalize(x);
    mpq_canonicalize(y);
    int code = op(z, x, y);
    static const char *const codes[] = {"", "div0", "domain", "too long"};
    const char *text = code == NUM_OK ? exact_text(z) : codes[code];
    mpq_clears(x, y, z, NULL);
    return text;
}

static void rationals_compute(void)
{
    CHECK_TEXT(run(exact_add, "1/3", "1/6"), "1/2");
    CHECK_TEXT(run(exact_sub, "1/3", "1/3"), "0");
    CHECK_TEXT(run(exact_mul, "2/3", "-9/4"), "-3/2");
    CHECK_TEXT(run(exact_div, "1", "-3"), "-1/3");
    CHECK_TEXT(run(exact_div, "1", "0"), "div0");
    CHECK_TEXT(run(exact_mod, "-7/2", "2"), "1/2");
    CHECK_TEXT(run(exact_mod, "-7", "3"), "2");
    CHECK_TEXT(run(exact_mod, "7", "0"), "div0");
    CHECK_TEXT(run(exact_gcd, "12", "-18"), "6");
    CHECK_TEXT(run(exact_lcm, "4", "6"), "12");
    CHECK_TEXT(run(exact_gcd, "1/2", "6"), "domain");
}

static void powers_and_roots(void)
{
    CHECK_TEXT(run(exact_pow, "2/3", "3"), "8/27");
    CHECK_TEXT(run(exact_pow, "-2/3", "-3"), "-27/8");
    CHECK_TEXT(run(exact_pow, "0", "0"), "1");
    CHECK_TEXT(run(exact_pow, "0", "-1"), "div0");
    CHECK_TEXT(run(exact_pow, "4", "1/2"), "2");
    CHECK_TEXT(run(exact_pow, "8/27", "-2/3"), "9/4");
    CHECK_TEXT(run(exact_pow, "2", "1/2"), "domain");
    CHECK_TEXT(run(exact_pow, "-8", "1/3"), "domain");
    CHECK_TEXT(run(exact_pow, "-1", "99999999999999999999"), "-1");
    CHECK_TEXT(run(exact_pow, "2", "99999999999999999999"), "too long");
    CHECK_TEXT(run(exact_pow, "1/2", "4194304"), "too long");
    CHECK_TEXT(run(exact_pow, "10", "1262612"), "too long");
    CHECK(strlen(run(exact_pow, "10", "1262611")) == 1262612);
    CHECK(strlen(run(exact_pow, "2", "4194303")) == 1262612);
    CHECK_TEXT(run(exact_pow, "2", "4194304"), "too long");
    mpq_t a;
    mpq_init(a);
    mpq_set_si(a, -8, 27);
    CHECK(exact_root(a, a, 3) == NUM_OK);
    CHECK_TEXT(exact_text(a), "-2/3");
    CHECK(exact_root(a, a, 2) == NUM_DOMAIN);
    CHECK_TEXT(exact_text(a), "-2/3");
    mpq_clear(a);
}

static void long_numbers_are_refused(void)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    mpz_set_ui(mpq_numref(a), 1);
    mpz_mul_2exp(mpq_numref(a), mpq_numref(a), EXACT_BITS - 1);
    CHECK(exact_bits(a) == EXACT_BITS);
    exact_set_int(b, 2);
    CHECK(exact_mul(a, a, b) == NUM_TOO_LONG && exact_bits(a) == EXACT_BITS);
    CHECK(exact_add(a, a, a) == NUM_TOO_LONG);
    CHECK(exact_sub(b, a, b) == NUM_OK && exact_bits(b) == EXACT_BITS - 1);
    CHECK(exact_sub(b, a, a) == NUM_OK && mpq_sgn(b) == 0);
    CHECK(exact_div(b, a, a) == NUM_OK);
    CHECK_TEXT(exact_text(b), "1");
    mpq_clears(a, b, NULL);
}

static void rounding(void)
{
    mpq_t a;
    mpq_init(a);
    static const struct {
        long n;
        const char *floor, *ceil, *round;
    } rows[] = {{5, "2", "3", "3"}, {-5, "-3", "-2", "-3"}, {4, "2", "2", "2"},
                {1, "0", "1", "1"}, {-1, "-1", "0", "-1"},  {0, "0", "0", "0"}};
    for (int i = 0; i < 6; i++) {
        mpq_set_si(a, rows[i].n, 2);
        mpq_canonicalize(a);
        exact_floor(a, a);
        CHECK_TEXT(exact_text(a), rows[i].floor);
        mpq_set_si(a, rows[i].n, 2);
        mpq_canonicalize(a);
        exact_ceil(a, a);
        CHECK_TEXT(exact_text(a), rows[i].ceil);
        mpq_set_si(a, rows[i].n, 2);
        mpq_canonicalize(a);
        exact_round(a, a);
        CHECK_TEXT(exact_text(a), rows[i].round);
    }
    mpq_clear(a);
}

static int factorial(mpq_t y, const mpq_t a, const mpq_t b)
{
    (void)b;
    return exact_factorial(y, a);
}

static void factorials(void)
{
    CHECK_TEXT(run(factorial, "20", "0"), "2432902008176640000");
    CHECK_TEXT(run(factorial, "0", "0"), "1");
    CHECK_TEXT(run(factorial, "-1", "0"), "domain");
    CHECK_TEXT(run(factorial, "1000000", "0"), "too long");
    CHECK_TEXT(run(exact_binomial, "10", "3"), "120");
    CHECK_TEXT(run(exact_binomial, "10", "11"), "0");
    CHECK_TEXT(run(exact_binomial, "10", "-1"), "0");
    CHECK_TEXT(run(exact_binomial, "-3", "3"), "-10");
    CHECK_TEXT(run(exact_binomial, "-3", "2"), "6");
    CHECK_TEXT(
        run(exact_binomial, "100000000000000000000", "99999999999999999999"),
        "100000000000000000000");
    CHECK_TEXT(run(exact_binomial, "100000000000000000000", "2"),
               "4999999999999999999950000000000000000000");
    CHECK_TEXT(run(exact_binomial, "10000000000", "5000000000"), "too long");
    CHECK(strlen(run(exact_binomial, "4000000", "2000000")) == 1204117);
}

static const char *from(int (*read)(mpq_t, const char *, size_t),
                        const char *text)
{
    mpq_t a;
    mpq_init(a);
    int code = read(a, text, strlen(text));
    const char *y = code == NUM_OK       ? exact_text(a)
                    : code == NUM_SYNTAX ? "syntax"
                                         : "too long";
    mpq_clear(a);
    return y;
}

static void exact_numbers_read(void)
{
    CHECK_TEXT(from(exact_from_text, "1_000"), "1000");
    CHECK_TEXT(from(exact_from_text, "0xff"), "255");
    CHECK_TEXT(from(exact_from_text, "0xF_F"), "255");
    CHECK_TEXT(from(exact_from_text, "0x"), "syntax");
    CHECK_TEXT(from(exact_from_text, "1__0"), "syntax");
    CHECK_TEXT(from(exact_from_text, "_1"), "syntax");
    CHECK_TEXT(from(exact_from_text, "1_"), "syntax");
    CHECK_TEXT(from(exact_from_text, ""), "syntax");
    CHECK_TEXT(from(exact_from_text, "12a"), "syntax");
    CHECK_TEXT(from(exact_from_text, "123456789012345678901234567890"),
               "123456789012345678901234567890");
    CHECK_TEXT(from(exact_from_decimal, "-0.1"), "-1/10");
    CHECK_TEXT(from(exact_from_decimal, "2.50e-1"), "1/4");
    CHECK_TEXT(from(exact_from_decimal, "1e3"), "1000");
    CHECK_TEXT(from(exact_from_decimal, "1_0.5"), "21/2");
    CHECK_TEXT(from(exact_from_decimal, "1e"), "syntax");
    CHECK_TEXT(from(exact_from_decimal, "."), "syntax");
    CHECK_TEXT(from(exact_from_decimal, "1e999999999999"), "too long");
    CHECK_TEXT(from(exact_from_decimal, "0e999999999999"), "0");
}

static void floats_are_rationals(void)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    CHECK(exact_from_double(a, INFINITY) == NUM_DOMAIN);
    Rng r = rng_new(3, 3);
    for (int i = 0; i < 20000; i++) {
        double x = any_double(&r);
        if (i % 5 == 0)
            x = ldexp(x, -2000);
        if (!isfinite(x))
            continue;
        CHECK(exact_from_double(a, x) == NUM_OK);
        CHECK_MESSAGE(exact_to_double(a) == x, "%a", x);
        CHECK(exact_compare_double(a, x) == 0);
        CHECK(exact_compare_double(a, nextafter(x, INFINITY)) == -1);
        /* A point between neighbours goes to the nearer one, a tie to even. */
        double up = nextafter(x, INFINITY);
        if (!isfinite(up))
            continue;
        mpq_set_d(b, up);
        mpq_add(a, a, b);
        mpq_div_2exp(a, a, 1);
        int64_t bits;
        memcpy(&bits, &x, 8);
        CHECK(exact_to_double(a) == (bits & 1 ? up : x));
        mpq_add(b, b, a);
        mpq_div_2exp(b, b, 1);
        CHECK(exact_to_double(b) == up);
    }
    mpq_set_str(a, "1/3", 10);
    CHECK(exact_to_double(a) == 1.0 / 3);
    exact_set_int(a, 10);
    exact_set_int(b, 400);
    exact_pow(a, a, b);
    CHECK(exact_to_double(a) == INFINITY);
    mpq_inv(a, a);
    CHECK(exact_to_double(a) == 0);
    mpq_clears(a, b, NULL);
}

static void decimals_by_two_ways(void)
{
    mpq_t a;
    mpq_init(a);
    Rng r = rng_new(9, 9);
    char text[60];
    for (int i = 0; i < 20000; i++) {
        int n = snprintf(
            text, sizeof text, "%llu.%llue%d", (unsigned long long)rng_bits(&r),
            (unsigned long long)rng_bits(&r), (int)rng_below(&r, 700) - 350);
        double x;
        CHECK(num_parse_double(text, (size_t)n, false, &x));
        CHECK(exact_from_decimal(a, text, (size_t)n) == NUM_OK);
        CHECK_MESSAGE(exact_to_double(a) == x, "%s", text);
    }
    mpq_clear(a);
}

static void hashes(void)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    exact_set_int(a, -77);
    CHECK(exact_hash(a) == exact_hash_int(-77));
    mpq_set_str(a, "2/6", 10);
    mpq_canonicalize(a);
    mpq_set_str(b, "1/3", 10);
    CHECK(exact_hash(a) == exact_hash(b) && exact_compare(a, b) == 0);
    mpq_neg(b, b);
    CHECK(exact_hash(a) != exact_hash(b) && exact_compare(a, b) == 1);
    mpq_clears(a, b, NULL);
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    RUN(floats_print);
    RUN(short_floats_print);
    RUN(floats_read_back);
    RUN(decimals_round_correctly);
    RUN(halfway_cases);
    RUN(not_numbers);
    RUN(integers_are_checked);
    RUN(rationals_compute);
    RUN(powers_and_roots);
    RUN(long_numbers_are_refused);
    RUN(rounding);
    RUN(factorials);
    RUN(exact_numbers_read);
    RUN(floats_are_rationals);
    RUN(decimals_by_two_ways);
    RUN(hashes);
    context_free(c);
    return check_result();
}

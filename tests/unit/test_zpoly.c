/*
 * Tests of integer polynomials: products against values, quotients, greatest
 * common divisors with witnesses, factors of random products.
 */
#include "check.h"

#include "base/error.h"
#include "graph/zpoly.h"
#include "value/value.h"

static Arena *arena;
static Heap *heap;
static ZRing *ring;
static uint64_t state = 20240601;

static void begin(int nvars)
{
    context_enter(context_new());
    heap = heap_new();
    arena = arena_new();
    ring = zring_new(arena, nvars, ZPOLY_BUDGET);
}

static void end(void)
{
    arena_free(arena);
    heap_free(heap);
    context_free(context_enter(NULL));
}

static int64_t random_in(int64_t from, int64_t to)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return from + (int64_t)((state >> 33) % (uint64_t)(to - from + 1));
}

static ZPoly random_poly(int terms, int degree, int64_t size)
{
    ZPoly p = {0};
    for (int i = 0; i < terms; i++) {
        ZPoly t = zpoly_int(ring, random_in(-size, size));
        for (int v = 0; v < ring->nvars; v++)
            t = zpoly_shift(
                ring, t, zkey_power(ring, v, (uint64_t)random_in(0, degree)));
        p = zpoly_add(ring, p, t);
    }
    return p;
}

static void value_at(ZPoly p, const int64_t at[], mpz_ptr y)
{
    mpz_ptr x = zint_new();
    for (int v = 0; v < ring->nvars; v++) {
        mpz_set_si(x, at[v]);
        p = zpoly_evaluate(ring, p, v, x);
    }
    mpz_set_ui(y, 0);
    if (p.count)
        mpz_set(y, p.at[0].c);
}

static void products_have_the_product_of_the_values(void)
{
    for (int i = 0; i < 200; i++) {
        begin(1 + i % 4);
        ZPoly a = random_poly(12, 4, 100), b = random_poly(9, 4, 100), q;
        ZPoly c = zpoly_multiply(ring, a, b);
        int64_t at[4];
        for (int v = 0; v < 4; v++)
            at[v] = random_in(-20, 20);
        mpz_ptr x = zint_new(), y = zint_new(), z = zint_new();
        value_at(a, at, x);
        value_at(b, at, y);
        value_at(c, at, z);
        mpz_mul(x, x, y);
        CHECK(mpz_cmp(x, z) == 0);
        CHECK(!b.count || (zpoly_divide(ring, c, b, &q) && zpoly_same(q, a)));
        c = zpoly_add(ring, c, zpoly_int(ring, 1));
        CHECK(zpoly_is_constant(b) || !zpoly_divide(ring, c, b, &q));
        end();
    }
}

static void common_divisors_are_greatest(void)
{
    for (int i = 0; i < 150; i++) {
        begin(1 + i % 3);
        ZPoly g = random_poly(5, 3, 30), a = random_poly(5, 3, 30);
        ZPoly b = random_poly(5, 3, 30), u, v, q;
        ZPoly x = zpoly_multiply(ring, g, a), y = zpoly_multiply(ring, g, b);
        ZPoly d = zpoly_gcd(ring, x, y);
        if (x.count && y.count) {
            /* g divides it, it divides both, nothing common is left. */
            CHECK(zpoly_divide(ring, d, g, &q));
            CHECK(zpoly_divide(ring, x, d, &u) && zpoly_divide(ring, y, d, &v));
            CHECK(zpoly_is_one(zpoly_gcd(ring, u, v)));
        }
        end();
    }
}

static ZPoly product_of(const ZFactors *f, mpz_srcptr content)
{
    ZPoly y = zpoly_number(ring, content);
    for (size_t i = 0; i < f->count; i++)
        y = zpoly_multiply(ring, y,
                           zpoly_power(ring, f->at[i].p, f->at[i].power));
    return y;
}

static uint64_t count_of(const ZFactors *f)
{
    uint64_t y = 0;
    for (size_t i = 0; i < f->count; i++)
        y += f->at[i].power;
    return y;
}

/* A product has the factors of its parts, no fewer and no more. */
static void factors_of_products_are_those_of_the_parts(void)
{
    for (int i = 0; i < 120; i++) {
        begin(1 + i % 4);
        ZPoly a = random_poly(4, 3, 9), b = random_poly(3, 2, 9);
        ZPoly c = random_poly(3, 2, 5);
        ZPoly p = zpoly_multiply(ring, zpoly_multiply(ring, a, b),
                                 zpoly_multiply(ring, b, c));
        mpz_ptr content = zint_new(), other = zint_new();
        if (p.count) {
            ZFactors f = zpoly_factor(ring, p, content);
            ZFactors fa = zpoly_factor(ring, a, other);
            ZFactors fb = zpoly_factor(ring, b, other);
            ZFactors fc = zpoly_factor(ring, c, other);
            CHECK(zpoly_same(product_of(&f, content), p));
            CHECK(count_of(&f) ==
                  count_of(&fa) + 2 * count_of(&fb) + count_of(&fc));
        }
        end();
    }
}

static void dense_polynomials_of_one_variable_are_factored(void)
{
    begin(1);
    /* x^n - 1 has a factor for each divisor of n. */
    static const struct {
        uint64_t n, factors;
    } row[] = {{12, 6}, {30, 8}, {60, 12}, {64, 7}, {97, 2}};
    mpz_ptr content = zint_new();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        ZPoly p = zpoly_sub(ring, zpoly_variable(ring, 0, row[i].n),
                            zpoly_int(ring, 1));
        ZFactors f = zpoly_factor(ring, p, content);
        CHECK(f.count == row[i].factors);
        CHECK(zpoly_same(product_of(&f, content), p));
    }
    end();
}

static void too_much_work_is_refused(void)
{
    begin(4);
    Protect p;
    volatile bool raised = false;
    ring->budget = 10000000;
    if (PROTECT(&p)) {
        ZPoly a = random_poly(300, 20, 1000);
        for (int i = 0; i < 20; i++)
            a = zpoly_multiply(ring, a, a);
        protect_end(&p);
    } else {
        raised = context_error()->code == ERR_LIMIT;
    }
    CHECK(raised);
    end();
}

int main(void)
{
    RUN(products_have_the_product_of_the_values);
    RUN(common_divisors_are_greatest);
    RUN(factors_of_products_are_those_of_the_parts);
    RUN(dense_polynomials_of_one_variable_are_factored);
    RUN(too_much_work_is_refused);
    return check_result();
}

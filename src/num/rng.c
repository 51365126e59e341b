#include "num/rng.h"

#include <math.h>

#include "num/vmath.h"

/* Multipliers and key increments of the paper, section 4.3. */
#define MULTIPLY_0 0xd2511f53u
#define MULTIPLY_1 0xcd9e8d57u
#define KEY_STEP_0 0x9e3779b9u
#define KEY_STEP_1 0xbb67ae85u
#define ROUNDS 10

void rng_philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4])
{
    uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t p = (uint64_t)MULTIPLY_0 * a, q = (uint64_t)MULTIPLY_1 * c;
        a = (uint32_t)(q >> 32) ^ b ^ k0;
        b = (uint32_t)q;
        c = (uint32_t)(p >> 32) ^ d ^ k1;
        d = (uint32_t)p;
        k0 += KEY_STEP_0;
        k1 += KEY_STEP_1;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

/* Draws 2*pair and 2*pair + 1: the two halves of one block. */
static void draw_pair(uint64_t seed, uint64_t stream, uint64_t pair,
                      uint64_t y[2])
{
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t counter[4] = {(uint32_t)pair, (uint32_t)(pair >> 32),
                           (uint32_t)stream, (uint32_t)(stream >> 32)};
    uint32_t out[4];
    rng_philox(counter, key, out);
    y[0] = out[0] | (uint64_t)out[1] << 32;
    y[1] = out[2] | (uint64_t)out[3] << 32;
}

uint64_t rng_bits_at(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t y[2];
    draw_pair(seed, stream, index >> 1, y);
    return y[index & 1];
}

Rng rng_new(uint64_t seed, uint64_t stream)
{
    return (Rng){seed, stream, 0};
}

uint64_t rng_bits(Rng *r)
{
    return rng_bits_at(r->seed, r->stream, r->index++);
}

static double uniform_of(uint64_t bits)
{
    return (double)(bits >> 12 << 1 | 1) * 0x1p-53;
}

double rng_uniform(Rng *r)
{
    return uniform_of(rng_bits(r));
}

double rng_normal(Rng *r)
{
    return num_norminv(rng_uniform(r));
}

/*
 * The high word of bits*n is below n; the low word tells which draws to
 * reject, so that every k has equally many (Lemire, ACM TOMACS 29, 2019).
 */
uint64_t rng_below(Rng *r, uint64_t n)
{
    uint64_t least = -n % n;
    for (;;) {
        unsigned __int128 p = (unsigned __int128)rng_bits(r) * n;
        if ((uint64_t)p >= least)
            return (uint64_t)(p >> 64);
    }
}

double rng_exponential(Rng *r)
{
    return -log(rng_uniform(r));
}

/* Marsaglia & Tsang, ACM TOMS 26, 2000; a small shape by their note. */
double rng_gamma(Rng *r, double shape)
{
    if (!(shape > 0))
        return NAN;
    if (shape < 1) {
        double u = rng_uniform(r);
        return rng_gamma(r, shape + 1) * pow(u, 1 / shape);
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(r), v = 1 + c * x;
        double u = rng_uniform(r);
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

void rng_uniform_array(Rng *r, double *y, size_t n)
{
    uint64_t pair[2];
    size_t i = 0;
    if (n > 0 && (r->index & 1))
        y[i++] = rng_uniform(r);
    for (; i < n; i += 2) {
        draw_pair(r->seed, r->stream, r->index >> 1, pair);
        y[i] = uniform_of(pair[0]);
        r->index++;
        if (i + 1 < n) {
            y[i + 1] = uniform_of(pair[1]);
            r->index++;
        }
    }
}

void rng_normal_array(Rng *r, double *y, size_t n)
{
    rng_uniform_array(r, y, n);
    vmath_norminv(y, y, n);
}

void rng_permutation(Rng *r, size_t *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = (size_t)rng_below(r, i + 1);
        if (j < i)
            y[i] = y[j];
        y[j] = i;
    }
}

/*
 * mixture FILE RUNS: the gradient of ADBench's mixture of normals by hand; of
 * generated numbers, d = 32 and K = 25, where FILE is the word `generated`.
 * z = L(x - mu) of every row and component is kept, then the responsibilities
 * weight z*(x - mu)' and L'*z.
 */
#include <stdint.h>

#include "bench.h"

enum { MOST = 64 };

typedef struct Mixture {
    int d, K, n, h;
    double *alpha, *mu, *icf, *x, gamma, m;
    double *g; /* of alpha, mu, icf */
    double *z, *w;
} Mixture;

/* Number k of the input: minstd, or the next of the file. */
static double next_number(FILE *f, int k)
{
    static const double first[] = {32, 25, 1000};
    static uint64_t state = 20240601;
    double x;
    if (f) {
        if (fscanf(f, "%lf", &x) != 1)
            exit(1);
        return x;
    }
    if (k < 3)
        return first[k];
    state = state * 16807 % 2147483647;
    return 2 * (double)state / 2147483647 - 1;
}

static double *next_numbers(FILE *f, int n)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int i = 0; i < n; i++)
        x[i] = next_number(f, 3);
    return x;
}

static Mixture read_mixture(const char *path)
{
    Mixture s;
    FILE *f = strcmp(path, "generated") ? fopen(path, "r") : NULL;
    if (!f && strcmp(path, "generated"))
        exit(1);
    s.d = (int)next_number(f, 0);
    s.K = (int)next_number(f, 1);
    s.n = (int)next_number(f, 2);
    if (s.d > MOST || s.K > MOST)
        exit(1);
    s.h = s.d * (s.d + 1) / 2;
    s.alpha = next_numbers(f, s.K);
    s.mu = next_numbers(f, s.K * s.d);
    s.icf = next_numbers(f, s.K * s.h);
    s.x = next_numbers(f, s.n * s.d);
    s.gamma = f ? next_number(f, 3) : 1;
    s.m = f ? next_number(f, 3) : 0;
    if (f)
        fclose(f);
    s.g = malloc((size_t)(s.K * (1 + s.d + s.h)) * sizeof *s.g);
    s.z = malloc((size_t)(s.n * s.K * s.d) * sizeof *s.z);
    s.w = malloc((size_t)(s.n * s.K) * sizeof *s.w);
    return s;
}

/* z of row i, component k; half its squared length is given back. */
static double turn(const Mixture *s, const double *e, int i, int k, double *z)
{
    const double *x = s->x + i * s->d, *mu = s->mu + k * s->d;
    const double *l = s->icf + k * s->h + s->d;
    double y[MOST], sum = 0;
    for (int p = 0; p < s->d; p++) {
        y[p] = x[p] - mu[p];
        z[p] = e[p] * y[p];
    }
    for (int p = 0; p < s->d; p++)
        for (int q = p + 1; q < s->d; q++)
            z[q] += *l++ * y[p];
    for (int p = 0; p < s->d; p++)
        sum += z[p] * z[p];
    return sum / 2;
}

static double log_sum(double *s, int n)
{
    double top = s[0], sum = 0;
    for (int k = 1; k < n; k++)
        top = s[k] > top ? s[k] : top;
    for (int k = 0; k < n; k++)
        sum += s[k] = exp(s[k] - top);
    for (int k = 0; k < n; k++)
        s[k] /= sum;
    return top + log(sum);
}

static void add_row(Mixture *s, const double *e, int i, int k)
{
    int d = s->d;
    double w = s->w[i * s->K + k], y[MOST];
    const double *z = s->z + (i * s->K + k) * d, *x = s->x + i * d;
    const double *l = s->icf + k * s->h + d, *mu = s->mu + k * d;
    double *gm = s->g + s->K + k * d;
    double *gq = s->g + s->K * (1 + d) + k * s->h, *gl = gq + d;
    s->g[k] += w;
    for (int p = 0; p < d; p++) {
        y[p] = x[p] - mu[p];
        gm[p] += w * e[p] * z[p];
        gq[p] += w * (1 - z[p] * e[p] * y[p]);
    }
    for (int p = 0; p < d; p++)
        for (int q = p + 1; q < d; q++) {
            gm[p] += w * *l++ * z[q];
            *gl++ -= w * z[q] * y[p];
        }
}

static double log_gamma_of(const Mixture *s)
{
    double a = 0.5 * (s->d + s->m + 1);
    double y = s->d * (s->d - 1) / 4.0 * log(3.14159265359);
    for (int j = 1; j <= s->d; j++)
        y += lgamma(a + (1 - j) / 2.0);
    return y;
}

/* The prior, and log(sum(exp(alpha))) for every row. */
static double add_rest(Mixture *s, const double *e)
{
    int d = s->d;
    double a[MOST], C = (d + s->m + 1) * d * (log(s->gamma) - 0.5 * log(2.0));
    memcpy(a, s->alpha, (size_t)s->K * sizeof *a);
    double y = -s->n * log_sum(a, s->K) - s->K * (C - log_gamma_of(s));
    y -= s->n * d / 2.0 * log(2 * acos(-1.0));
    for (int k = 0; k < s->K; k++) {
        double *g = s->g + s->K * (1 + d) + k * s->h;
        const double *q = s->icf + k * s->h;
        s->g[k] -= s->n * a[k];
        for (int p = 0; p < s->h; p++) {
            double v = p < d ? e[k * d + p] : q[p];
            y += 0.5 * s->gamma * s->gamma * v * v - (p < d ? s->m * q[p] : 0);
            g[p] += s->gamma * s->gamma * (p < d ? v * v : v);
            g[p] -= p < d ? s->m : 0;
        }
    }
    return y;
}

static double gradient(Mixture *s)
{
    double e[MOST * MOST], total[MOST], y = 0;
    memset(s->g, 0, (size_t)(s->K * (1 + s->d + s->h)) * sizeof *s->g);
    for (int k = 0; k < s->K; k++) {
        total[k] = s->alpha[k];
        for (int p = 0; p < s->d; p++) {
            e[k * s->d + p] = exp(s->icf[k * s->h + p]);
            total[k] += s->icf[k * s->h + p];
        }
    }
    for (int i = 0; i < s->n; i++) {
        double *w = s->w + i * s->K;
        for (int k = 0; k < s->K; k++)
            w[k] = total[k] -
                   turn(s, e + k * s->d, i, k, s->z + (i * s->K + k) * s->d);
        y += log_sum(w, s->K);
        for (int k = 0; k < s->K; k++)
            add_row(s, e + k * s->d, i, k);
    }
    return y + add_rest(s, e);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    Mixture s = read_mixture(argv[1]);
    double y = gradient(&s), squares = 0;
    for (int run = 0; run < atoi(argv[2]); run++) {
        double start = now();
        y = gradient(&s);
        printf("time %.9f\n", now() - start);
    }
    for (int k = 0; k < s.K * (1 + s.d + s.h); k++)
        squares += s.g[k] * s.g[k];
    printf("answer %.15g %.15g\n", y, squares);
    return 0;
}

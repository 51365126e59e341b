/*
 * The gradient of ADBench's mixture of normals (d = 2, K = 5, n = 1000,
 * without its constants), by hand: responsibilities, then sums over the rows.
 */
#include "bench.h"

enum { N = 1000, K = 5 };

typedef struct Mixture {
    double a[K], m1[K], m2[K], q1[K], q2[K], l[K];
} Mixture;

static void gradient(const double *x1, const double *x2, const Mixture *p,
                     Mixture *g)
{
    double e1[K], e2[K], total = 0;
    memset(g, 0, sizeof *g);
    for (int k = 0; k < K; k++) {
        e1[k] = exp(p->q1[k]);
        e2[k] = exp(p->q2[k]);
        total += exp(p->a[k]);
    }
    for (int i = 0; i < N; i++) {
        double s[K], z1[K], z2[K], top = -1e300, sum = 0;
        for (int k = 0; k < K; k++) {
            double d1 = x1[i] - p->m1[k], d2 = x2[i] - p->m2[k];
            z1[k] = e1[k] * d1;
            z2[k] = p->l[k] * d1 + e2[k] * d2;
            s[k] = p->a[k] + p->q1[k] + p->q2[k] -
                   0.5 * (z1[k] * z1[k] + z2[k] * z2[k]);
            top = s[k] > top ? s[k] : top;
        }
        for (int k = 0; k < K; k++)
            sum += s[k] = exp(s[k] - top);
        for (int k = 0; k < K; k++) {
            double r = s[k] / sum;
            double d1 = x1[i] - p->m1[k], d2 = x2[i] - p->m2[k];
            g->a[k] += r;
            g->m1[k] += r * (z1[k] * e1[k] + z2[k] * p->l[k]);
            g->m2[k] += r * z2[k] * e2[k];
            g->q1[k] += r * (1 - z1[k] * z1[k]);
            g->q2[k] += r * (1 - z2[k] * e2[k] * d2);
            g->l[k] -= r * z2[k] * d1;
        }
    }
    for (int k = 0; k < K; k++) {
        g->a[k] -= N * exp(p->a[k]) / total;
        g->q1[k] += e1[k] * e1[k];
        g->q2[k] += e2[k] * e2[k];
        g->l[k] += p->l[k];
    }
}

int main(void)
{
    static double x1[N], x2[N];
    Mixture p, g;
    double a = 0, m = 0, q = 0, l = 0;
    for (int i = 0; i < N; i++) {
        x1[i] = 3 * sample(i + 1, 1);
        x2[i] = 3 * sample(i + 1, 2);
    }
    for (int k = 0; k < K; k++) {
        p.a[k] = sample(k + 1, 1);
        p.m1[k] = sample(k + 1, 2);
        p.m2[k] = sample(k + 1, 3);
        p.q1[k] = 0.5 * sample(k + 1, 4);
        p.q2[k] = 0.5 * sample(k + 1, 5);
        p.l[k] = sample(k + 1, 6);
    }
    for (int run = 0; run < 51; run++) {
        double start = now();
        gradient(x1, x2, &p, &g);
        if (run)
            printf("time %.9f\n", now() - start);
    }
    for (int k = 0; k < K; k++) {
        a += (k + 1) * g.a[k];
        m += (k + 1) * (g.m1[k] + g.m2[k]);
        q += (k + 1) * (g.q1[k] + g.q2[k]);
        l += (k + 1) * g.l[k];
    }
    printf("answer %.15g %.15g %.15g %.15g\n", a, m, q, l);
    return 0;
}

/*
 * jet.h - values with derivatives and error bounds, for tests
 *
 * A Jet holds the value of an expression in x and y, its first and second
 * derivatives by forward rules in extended precision, and for each of the six
 * numbers a running bound of what evaluation in doubles may lose (Higham,
 * Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.3).
 * It shares nothing with the program under test: rules are written out here.
 */
#ifndef MLC_TESTS_JET_H
#define MLC_TESTS_JET_H

#include <math.h>
#include <stdbool.h>

enum { JET_V, JET_X, JET_Y, JET_XX, JET_XY, JET_YY, JET_COUNT };

typedef struct Jet {
    long double d[JET_COUNT];
    double bound[JET_COUNT];
    bool undefined; /* outside of the domain */
    bool unclear;   /* at a kink, or too badly conditioned */
} Jet;

static const double jet_unit = 1.1102230246251565e-16;

static Jet jet_number(long double v, double bound)
{
    return (Jet){.d = {v}, .bound = {bound}};
}

static Jet jet_variable(double v, int which)
{
    Jet j = jet_number(v, 0);
    j.d[which] = 1;
    return j;
}

/*
 * Marks what the bounds say nothing about, being of first order and without
 * underflow: powers of numbers below 1e-80 leave the range of doubles.
 */
static Jet jet_judge(Jet j)
{
    for (int i = 0; i < JET_COUNT && !j.undefined; i++) {
        if (isnan(j.d[i]) || isinf(j.d[i]))
            j.undefined = true;
        else if (fabsl(j.d[i]) > 1e30L ||
                 (j.d[i] != 0 && fabsl(j.d[i]) < 1e-80L))
            j.unclear = true;
    }
    if ((long double)j.bound[0] > 1e-9L * fmaxl(1, fabsl(j.d[0])))
        j.unclear = true;
    return j;
}

static void jet_flags(Jet *r, Jet a, Jet b)
{
    r->undefined = a.undefined || b.undefined;
    r->unclear = a.unclear || b.unclear;
}

static Jet jet_add(Jet a, Jet b, int sign)
{
    Jet r = {0};
    jet_flags(&r, a, b);
    for (int i = 0; i < JET_COUNT; i++) {
        r.d[i] = a.d[i] + sign * b.d[i];
        r.bound[i] = a.bound[i] + b.bound[i] + jet_unit * (double)fabsl(r.d[i]);
    }
    return jet_judge(r);
}

/* A term p*q of a derivative: its bound. */
static double jet_lost(long double p, double dp, long double q, double dq)
{
    return (double)fabsl(p) * dq + dp * (double)fabsl(q) +
           dp * dq + 2 * jet_unit * (double)fabsl(p * q);
}

/* Which first derivatives a second one is made of. */
static const int jet_parts[JET_COUNT][2] = {[JET_XX] = {JET_X, JET_X},
                                            [JET_XY] = {JET_X, JET_Y},
                                            [JET_YY] = {JET_Y, JET_Y}};

static Jet jet_mul(Jet a, Jet b)
{
    Jet r = {0};
    jet_flags(&r, a, b);
    r.d[0] = a.d[0] * b.d[0];
    r.bound[0] = jet_lost(a.d[0], a.bound[0], b.d[0], b.bound[0]);
    for (int i = 1; i < JET_COUNT; i++) {
        r.d[i] = a.d[i] * b.d[0] + a.d[0] * b.d[i];
        r.bound[i] = jet_lost(a.d[i], a.bound[i], b.d[0], b.bound[0]) +
                     jet_lost(a.d[0], a.bound[0], b.d[i], b.bound[i]);
        if (i < JET_XX)
            continue;
        int p = jet_parts[i][0], q = jet_parts[i][1];
        r.d[i] += a.d[p] * b.d[q] + a.d[q] * b.d[p];
        r.bound[i] += jet_lost(a.d[p], a.bound[p], b.d[q], b.bound[q]) +
                      jet_lost(a.d[q], a.bound[q], b.d[p], b.bound[p]);
    }
    return jet_judge(r);
}

/* f(a), given f and its first three derivatives at a. */
static Jet jet_chain(Jet a, const long double f[4])
{
    Jet r = {.undefined = a.undefined, .unclear = a.unclear};
    double ea = a.bound[0], lost[3];
    for (int k = 0; k < 3; k++)
        lost[k] =
            (double)fabsl(f[k + 1]) * ea + 4 * jet_unit * (double)fabsl(f[k]);
    r.d[0] = f[0];
    r.bound[0] = lost[0];
    for (int i = 1; i < JET_COUNT; i++) {
        r.d[i] = f[1] * a.d[i];
        r.bound[i] = jet_lost(f[1], lost[1], a.d[i], a.bound[i]);
        if (i < JET_XX)
            continue;
        int p = jet_parts[i][0], q = jet_parts[i][1];
        long double square = a.d[p] * a.d[q];
        double square_lost = jet_lost(a.d[p], a.bound[p], a.d[q], a.bound[q]);
        r.d[i] += f[2] * square;
        r.bound[i] += jet_lost(f[2], lost[2], square, square_lost);
    }
    /* The first order must tell: f' may not change much within the bound. */
    if ((double)fabsl(f[2]) * ea > 1e-7 * (1e-3 + (double)fabsl(f[1])))
        r.unclear = true;
    return jet_judge(r);
}

static bool jet_near_kink(Jet a)
{
    return (double)fabsl(a.d[0]) <= 32 * a.bound[0];
}

#endif

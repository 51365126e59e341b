/*
 * solve_search.c - small systems of nonlinear equations
 *
 * Newton's method on the compiled equations and their Jacobian, from many
 * starts.  A solution near small whole numbers or fractions is taken exactly
 * if these fulfil the equations exactly.
 */
#include "eval/solving.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "compile/program.h"
#include "graph/diff.h"
#include "value/number.h"

enum { STARTS = 400, TURNS = 60, SOLUTIONS_MOST = 64 };

typedef struct System {
    Interp *in;
    int n;
    const Node *e, *x;
    Program *program; /* the equations, then the columns of the Jacobian */
    Value found;      /* a list of columns */
    Value records;
} System;

static void make_system_program(System *s)
{
    Graph *g = s->in->graph;
    int n = s->n, count = 0;
    Node out[SEARCH_MOST * (SEARCH_MOST + 1)];
    Shape shape[SEARCH_MOST];
    for (int i = 0; i < n; i++) {
        out[count++] = s->e[i];
        shape[i] = SHAPE_SCALAR;
    }
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            out[count++] = diff_scalar(g, s->e[i], s->x[j]);
    ProgramSpec spec = {.nin = n,
                        .in = s->x,
                        .in_shape = shape,
                        .nout = count,
                        .out = out,
                        .data_dim = NODE_NONE};
    s->program = program_new(g, &spec);
}

/* Values and Jacobian at x; the largest value. */
static double evaluate(const System *s, const double *x, double *y)
{
    const double *in[SEARCH_MOST];
    double *out[SEARCH_MOST * (SEARCH_MOST + 1)], most = 0;
    for (int i = 0; i < s->n; i++)
        in[i] = x + i;
    for (int i = 0; i < s->n * (s->n + 1); i++)
        out[i] = y + i;
    program_run(s->program, in, out);
    for (int i = 0; i < s->n; i++)
        most = isfinite(y[i]) ? fmax(most, fabs(y[i])) : HUGE_VAL;
    return most;
}

/* Gaussian elimination with pivots; false if a is singular.  *ratio: the
 * least pivot over the largest. */
static bool solve_dense(int n, double *a, double *b, double *ratio)
{
    double least = HUGE_VAL, most = 0;
    for (int j = 0; j < n; j++) {
        int p = j;
        for (int i = j + 1; i < n; i++)
            if (fabs(a[i + j * n]) > fabs(a[p + j * n]))
                p = i;
        least = fmin(least, fabs(a[p + j * n]));
        most = fmax(most, fabs(a[p + j * n]));
        *ratio = most > 0 ? least / most : 0;
        if (!(fabs(a[p + j * n]) > 1e-14))
            return false;
        for (int k = 0; k < n; k++) {
            double t = a[j + k * n];
            a[j + k * n] = a[p + k * n];
            a[p + k * n] = t;
        }
        double t = b[j];
        b[j] = b[p];
        b[p] = t;
        for (int i = 0; i < n; i++) {
            if (i == j)
                continue;
            double c = a[i + j * n] / a[j + j * n];
            for (int k = j; k < n; k++)
                a[i + k * n] -= c * a[j + k * n];
            b[i] -= c * b[j];
        }
    }
    for (int j = 0; j < n; j++)
        b[j] /= a[j + j * n];
    return true;
}

static bool newton_from(const System *s, double *x)
{
    double y[SEARCH_MOST * (SEARCH_MOST + 1)], last = HUGE_VAL, ratio;
    for (int turn = 0; turn < TURNS; turn++) {
        POLL();
        double now = evaluate(s, x, y), step = 0, size = 0;
        if (!isfinite(now) || !solve_dense(s->n, y + s->n, y, &ratio))
            return now <= 1e-12;
        for (int i = 0; i < s->n; i++) {
            x[i] -= y[i];
            step = fmax(step, fabs(y[i]));
            size = fmax(size, fabs(x[i]));
        }
        if (!isfinite(step) || size > 1e8)
            return false;
        if (step <= 4e-16 * size || (turn > 8 && step < 1e-9 && step >= last))
            return evaluate(s, x, y) <= 1e-9 * fmax(1, size);
        last = step;
    }
    return false;
}

/* Is it a multiple solution?  Newton's method comes to it slowly, and only as
 * far as half the digits or less. */
static bool is_multiple(const System *s, const double *x)
{
    double y[SEARCH_MOST * (SEARCH_MOST + 1)], ratio = 0;
    if (!isfinite(evaluate(s, x, y)))
        return true;
    solve_dense(s->n, y + s->n, y, &ratio);
    return ratio < 1e-4;
}

/* The fraction with a small denominator next to x, or x. */
static Node short_number(Graph *g, double x, double off)
{
    for (int q = 1; q <= 24; q++) {
        double p = nearbyint(x * q);
        if (fabs(p) < 1e6 && fabs(x * q - p) < off)
            return node_rational(g, (int64_t)p, q);
    }
    return node_float(g, x);
}

static bool holds_exactly(const System *s, const Node *x)
{
    Graph *g = s->in->graph;
    for (int i = 0; i < s->n; i++)
        if (!node_is_zero(g, node_substitute(g, s->e[i], s->n, s->x, x)))
            return false;
    return true;
}

static void keep_solution(System *s, const double *x)
{
    List *l = s->found.list;
    double same = is_multiple(s, x) ? 1e-3 : 1e-7;
    for (size_t k = 0; k < l->count; k++) {
        const Array *a = l->at[k].array;
        double off = 0, size = 1;
        for (int i = 0; i < s->n; i++) {
            off = fmax(off, fabs(a->f[i] - x[i]));
            size = fmax(size, fabs(x[i]));
        }
        if (off <= same * size)
            return;
    }
    Value v = array_new(ELEM_FLOAT, s->n, 1);
    memcpy(v.array->f, x, (size_t)s->n * sizeof *x);
    list_push(s->found, v);
}

/* Starts on shells of growing size, by a sequence of low discrepancy. */
static void start_point(int k, int n, double *x)
{
    double radius = 1 + 20.0 * k / STARTS;
    for (int i = 0; i < n; i++) {
        double phase = fmod((k + 1) * sqrt(2.0 + 3.0 * i + i * i), 1.0);
        x[i] = radius * (2 * phase - 1);
    }
}

static Value record_of(const System *s, const Name name[], const Array *a)
{
    Graph *g = s->in->graph;
    Node x[SEARCH_MOST];
    bool exact;
    double off = is_multiple(s, a->f) ? 1e-3 : 1e-9;
    for (int i = 0; i < s->n; i++)
        x[i] = short_number(g, a->f[i], off);
    exact = holds_exactly(s, x);
    Value r = record_new((size_t)s->n);
    for (int i = 0; i < s->n; i++)
        record_set(r, name[i],
                   exact ? node_number_value(g, x[i]) : value_float(a->f[i]));
    return r;
}

/* Ascending by the first unknown, then the next. */
static void sort_solutions(List *l)
{
    for (size_t i = 1; i < l->count; i++)
        for (size_t j = i; j > 0; j--) {
            const Array *a = l->at[j - 1].array, *b = l->at[j].array;
            size_t k = 0;
            while (k + 1 < array_count(a) && fabs(a->f[k] - b->f[k]) < 1e-9)
                k++;
            if (a->f[k] <= b->f[k])
                break;
            Value t = l->at[j];
            l->at[j] = l->at[j - 1];
            l->at[j - 1] = t;
        }
}

static void search(System *s)
{
    double at[SEARCH_MOST];
    for (int k = 0; k < STARTS && s->found.list->count < SOLUTIONS_MOST; k++) {
        start_point(k, s->n, at);
        if (newton_from(s, at))
            keep_solution(s, at);
    }
}

/* As records in order; needs the program still. */
static void collect(System *s, const Name name[])
{
    const List *l = s->found.list;
    if (l->count >= SOLUTIONS_MOST)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "%d solutions and more were found, perhaps infinitely "
                    "many: another equation is needed",
                    SOLUTIONS_MOST);
    sort_solutions(s->found.list);
    s->records = list_new(l->count);
    for (size_t k = 0; k < l->count; k++)
        list_push(s->records, record_of(s, name, l->at[k].array));
}

Value search_solutions(Interp *in, int n, const Node e[], const Node x[],
                       const Name name[])
{
    System s = {.in = in, .n = n, .e = e, .x = x, .found = list_new(4)};
    make_system_program(&s);
    Protect p;
    if (PROTECT(&p)) {
        search(&s);
        collect(&s, name);
        protect_end(&p);
        program_free(s.program);
    } else {
        program_free(s.program);
        error_again();
    }
    return s.records;
}

#include "num/sparse.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "num/fortran.h"

/* ---- band ---- */

enum {
    WIDEST = 64,        /* a band below: no ordering would gain much */
    MOST_BAND = 1 << 27 /* entries of a band, where UMFPACK is missing */
};

/*
 * LU factors of a band with partial pivoting, as in LAPACK's dgbtf2: entry
 * (i, j) stands at a[j*ld + top + i - j]; pivoting fills `below` diagonals more
 * above, so top = below + above.
 */
typedef struct Band {
    int n, below, above, top;
    size_t ld;
    double *a;
    int *pivot;
} Band;

static Band measure_band(const Columns *a)
{
    Band b = {.n = a->cols};
    for (int j = 0; j < a->cols; j++)
        for (int k = a->start[j]; k < a->start[j + 1]; k++) {
            int d = a->row[k] - j;
            if (d > b.below)
                b.below = d;
            if (-d > b.above)
                b.above = -d;
        }
    b.top = b.below + b.above;
    b.ld = (size_t)b.below + (size_t)b.top + 1;
    return b;
}

static double *band_at(const Band *b, int i, int j)
{
    return b->a + (size_t)j * b->ld + (size_t)(b->top + i - j);
}

static void fill_band(Band *b, const Columns *a)
{
    memset(b->a, 0, b->ld * (size_t)b->n * sizeof *b->a);
    for (int j = 0; j < b->n; j++)
        for (int k = a->start[j]; k < a->start[j + 1]; k++)
            *band_at(b, a->row[k], j) = a->f[k];
}

static int largest(const double *x, int n)
{
    int p = 0;
    for (int i = 1; i < n; i++)
        if (fabs(x[i]) > fabs(x[p]))
            p = i;
    return p;
}

static int factor_band(Band *b, double *rcond)
{
    int n = b->n, last = 0;
    double low = INFINITY, high = 0;
    for (int j = 0; j < n; j++) {
        int m = n - 1 - j < b->below ? n - 1 - j : b->below;
        double *x = band_at(b, j, j);
        int p = largest(x, m + 1);
        double size = fabs(x[p]);
        b->pivot[j] = p;
        if (!(size > 0))
            return size == 0 ? NUM_SINGULAR : NUM_DOMAIN;
        low = fmin(low, size);
        high = fmax(high, size);
        int reach = j + b->above + p < n - 1 ? j + b->above + p : n - 1;
        last = reach > last ? reach : last;
        for (int c = j; p > 0 && c <= last; c++) {
            double *y = band_at(b, j, c), t = y[0];
            y[0] = y[p];
            y[p] = t;
        }
        for (int i = 1; i <= m; i++)
            x[i] /= x[0];
        for (int c = j + 1; c <= last; c++) {
            double *y = band_at(b, j, c), t = y[0];
            for (int i = 1; t != 0 && i <= m; i++)
                y[i] -= x[i] * t;
        }
    }
    *rcond = n > 0 ? low / high : 1;
    return NUM_OK;
}

static void solve_band(const Band *b, double *y)
{
    for (int j = 0; j < b->n; j++) {
        int m = b->n - 1 - j < b->below ? b->n - 1 - j : b->below;
        const double *x = band_at(b, j, j);
        double t = y[j + b->pivot[j]];
        y[j + b->pivot[j]] = y[j];
        y[j] = t;
        for (int i = 1; i <= m; i++)
            y[j + i] -= x[i] * t;
    }
    for (int j = b->n - 1; j >= 0; j--) {
        int m = j < b->top ? j : b->top;
        const double *x = band_at(b, j, j);
        double t = y[j] /= x[0];
        for (int i = 1; i <= m; i++)
            y[j - i] -= x[-i] * t;
    }
}

static int band_solve(Band *b, const Columns *a, int nrhs, double *y,
                      double *rcond)
{
    b->a = mem_try(b->ld * (size_t)b->n * sizeof *b->a);
    b->pivot = mem_try((size_t)b->n * sizeof *b->pivot);
    int code = NUM_MEMORY;
    if (b->a && b->pivot) {
        fill_band(b, a);
        code = factor_band(b, rcond);
        for (int k = 0; code == NUM_OK && k < nrhs; k++)
            solve_band(b, y + (size_t)k * (size_t)b->n);
    }
    mem_free(b->pivot);
    mem_free(b->a);
    return code;
}

/* ---- UMFPACK ---- */

enum { SIZE_CONTROL = 20, SIZE_INFO = 90, INFO_RCOND = 67 };
enum { SINGULAR = 1, OUT_OF_MEMORY = -1 }; /* of its codes */

typedef struct Umfpack {
    void (*defaults)(double control[]);
    int (*symbolic)(int m, int n, const int start[], const int row[],
                    const double f[], void **symbolic, const double control[],
                    double info[]);
    int (*numeric)(const int start[], const int row[], const double f[],
                   void *symbolic, void **numeric, const double control[],
                   double info[]);
    int (*solve)(int system, const int start[], const int row[],
                 const double f[], double x[], const double b[], void *numeric,
                 const double control[], double info[]);
    void (*free_symbolic)(void **symbolic);
    void (*free_numeric)(void **numeric);
} Umfpack;

static Umfpack routines;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define FIND(name)                                                             \
    shared_find(library, "umfpack_di_" #name, (void *)&routines.name,          \
                sizeof routines.name)

static void load(void)
{
    static const char *const names[] = {"libumfpack.so.5", "libumfpack.so.6",
                                        "libumfpack.so"};
    void *library =
        shared_open(names, sizeof names / sizeof *names); /* one thread */
    loaded = library && FIND(defaults) && FIND(symbolic) && FIND(numeric) &&
             FIND(solve) && FIND(free_symbolic) && FIND(free_numeric);
}

static int code_of(int status)
{
    switch (status) {
    case 0:
        return NUM_OK;
    case SINGULAR:
        return NUM_SINGULAR;
    case OUT_OF_MEMORY:
        return NUM_MEMORY;
    default:
        return NUM_FAILED;
    }
}

static int umfpack_solve(const Columns *a, int nrhs, double *b, double *rcond)
{
    double control[SIZE_CONTROL], info[SIZE_INFO] = {0};
    void *symbolic = NULL, *numeric = NULL;
    size_t n = (size_t)a->cols;
    double *x = mem_try(n * sizeof *x);
    if (!x)
        return NUM_MEMORY;
    routines.defaults(control);
    int s = routines.symbolic(a->rows, a->cols, a->start, a->row, a->f,
                              &symbolic, control, info);
    if (s == 0)
        s = routines.numeric(a->start, a->row, a->f, symbolic, &numeric,
                             control, info);
    *rcond = info[INFO_RCOND];
    for (int k = 0; s == 0 && k < nrhs; k++) {
        double *y = b + (size_t)k * n;
        s = routines.solve(0, a->start, a->row, a->f, x, y, numeric, control,
                           info);
        memcpy(y, x, n * sizeof *x);
    }
    routines.free_numeric(&numeric);
    routines.free_symbolic(&symbolic);
    mem_free(x);
    return code_of(s);
}

/* ---- the choice ---- */

int sparse_solve_in_place(const Columns *a, int nrhs, double *b, double *rcond)
{
    Band band = measure_band(a);
    size_t n = (size_t)a->cols, room = band.ld * n;
    *rcond = 1;
    if (n == 0)
        return NUM_OK;
    if (band.below + band.above < WIDEST &&
        room <= 8 * ((size_t)a->start[n] + n))
        return band_solve(&band, a, nrhs, b, rcond);
    pthread_once(&once, load);
    if (loaded)
        return umfpack_solve(a, nrhs, b, rcond);
    if (room > MOST_BAND || band.below > 4 * WIDEST)
        return NUM_MISSING;
    return band_solve(&band, a, nrhs, b, rcond);
}

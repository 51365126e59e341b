/*
 * builtin_pairs.c - kernel machines: pair_minimum, their quadratic program, and
 * gaussian_matrix
 */
#include <math.h>
#include <string.h>

#include "eval/builtin.h"
#include "eval/call.h"
#include "num/blas.h"
#include "num/gaussian.h"
#include "num/pairs.h"
#include "num/vmath.h"

static const char text[] = "pair_minimum";

/* Entries of a number or an array; of anything else 0. */
static size_t count_of(Value v)
{
    return value_is_number(v)    ? 1
           : v.kind == VAL_ARRAY ? array_count(v.array)
                                 : 0;
}

/* A column of n floats; `what` names it in errors. */
static const double *column(Value v, size_t n, const char *what)
{
    if (count_of(v) != n)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s: %s is a column of %zu numbers",
                    text, what, n);
    const double *x = array_to_float(v)->f;
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            error_raise(SPAN_NONE, ERR_NAN, "%s: %s[%zu] is NaN", text, what,
                        i + 1);
    return x;
}

static double number_option(const Args *a, const char *name, double otherwise)
{
    const Value *v = args_named(a, name);
    if (!v)
        return otherwise;
    if (!value_is_number(*v) || !(value_to_double(*v) >= 0))
        error_raise(SPAN_NONE, ERR_ARGUMENT, "%s: %s is a number from 0", text,
                    name);
    return value_to_double(*v);
}

/*
 * K*u with the signs of the problem: K[i,t]*sign[i]*sign[t], at the rows of the
 * variables; from a matrix or from a function that gives columns.
 */
typedef struct Kernel {
    Interp *in;
    Value function; /* NONE: k */
    const double *k;
    size_t side;
    const size_t *rows; /* NULL: all */
    const double *sign; /* NULL: 1 */
    size_t n;
} Kernel;

static size_t row_of(const Kernel *k, size_t i)
{
    return k->rows ? k->rows[i] : i;
}

static double sign_of(const Kernel *k, size_t i)
{
    return k->sign ? k->sign[i] : 1;
}

/* Column i of the problem, from a whole column. */
static void put_column(const Kernel *k, size_t i, const double *x, double *to)
{
    double own = sign_of(k, i);
    for (size_t t = 0; t < k->n; t++)
        to[t] = x[row_of(k, t)];
    for (size_t t = 0; k->sign && t < k->n; t++)
        to[t] *= own * k->sign[t];
}

static void take_columns(void *data, size_t count, const size_t *which,
                         double *const *to)
{
    const Kernel *k = data;
    for (size_t c = 0; c < count; c++)
        put_column(k, which[c], k->k + row_of(k, which[c]) * k->side, to[c]);
}

static void make_columns(void *data, size_t count, const size_t *which,
                         double *const *to)
{
    const Kernel *k = data;
    PoolMark mark = pool_mark();
    Value places = array_new_unset((int)count, 1);
    for (size_t c = 0; c < count; c++)
        places.array->f[c] = (double)row_of(k, which[c]) + 1;
    Value y = call_values(k->in, k->function, 1, &places);
    if (count_of(y) != k->side * count ||
        (y.kind == VAL_ARRAY && (size_t)y.array->rows != k->side))
        error_raise_help(SPAN_NONE, ERR_SHAPE, NULL,
                         "v -> K[:, v] is such a function",
                         "%s: for %zu places the function K gives no array "
                         "[%zu,%zu], the columns of a matrix there",
                         text, count, k->side, count);
    const double *x = array_to_float(y)->f;
    for (size_t c = 0; c < count; c++)
        put_column(k, which[c], x + c * k->side, to[c]);
    pool_drain(mark);
}

/* The option rows, from 1, as places in K; NULL: not given, or all in their
 * order. */
static const size_t *chosen_rows(const Args *a, Kernel *k)
{
    const Value *v = args_named(a, "rows");
    if (!v)
        return NULL;
    const double *x = column(*v, k->n, "rows");
    size_t *rows = ARENA_ARRAY(k->in->scratch, size_t, k->n + 1);
    bool all = k->n == k->side;
    for (size_t i = 0; i < k->n; i++) {
        if (!(x[i] >= 1 && x[i] <= (double)k->side) || x[i] != floor(x[i]))
            error_raise(SPAN_NONE, ERR_INDEX,
                        "%s: rows[%zu] is no row of K, which has %zu", text,
                        i + 1, k->side);
        rows[i] = (size_t)x[i] - 1;
        all = all && rows[i] == i;
    }
    return all ? NULL : rows;
}

static const double *chosen_signs(const Args *a, const Kernel *k)
{
    const Value *v = args_named(a, "signs");
    if (!v)
        return NULL;
    const double *x = column(*v, k->n, "signs");
    bool all = true;
    for (size_t i = 0; i < k->n; i++) {
        all = all && x[i] == 1;
        if (x[i] != 1 && x[i] != -1)
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "%s: signs[%zu] is %g, and not 1 or -1", text, i + 1,
                        x[i]);
    }
    return all ? NULL : x;
}

/* The diagonal of K at the variables; of a function it must be given. */
static const double *diagonal_of(const Args *a, const Kernel *k)
{
    double *d = array_new(ELEM_FLOAT, (int)k->n, 1).array->f;
    const Value *v = args_named(a, "diagonal");
    if (!v && !k->k)
        error_raise_help(
            SPAN_NONE, ERR_ARGUMENT, NULL, "diagonal = v, a column of K[i,i]",
            "%s: K is a function, and its diagonal is not given", text);
    const double *x = v ? column(*v, k->side, "diagonal") : NULL;
    for (size_t i = 0; i < k->n; i++) {
        size_t r = row_of(k, i);
        d[i] = x ? x[r] : k->k[r * (k->side + 1)];
    }
    return d;
}

static Kernel kernel_of(Interp *in, const Args *a)
{
    Value v = a->at[0];
    Kernel k = {.in = in, .n = count_of(a->at[1])};
    if (v.kind == VAL_FUNCTION) {
        const Value *d = args_named(a, "diagonal");
        k.function = v;
        k.side = d ? count_of(*d) : k.n;
    } else {
        if (count_of(v) != 1 &&
            (v.kind != VAL_ARRAY || v.array->rows != v.array->cols))
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "%s: K is a square matrix, or a function that gives "
                        "columns of one",
                        text);
        const Array *x = array_to_float(v);
        k.k = x->f;
        k.side = (size_t)x->rows;
    }
    k.rows = chosen_rows(a, &k);
    k.sign = chosen_signs(a, &k);
    if (!args_named(a, "rows") && k.n != k.side)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "%s: K has %zu rows, q %zu entries; rows = v says which "
                    "rows of K they are",
                    text, k.side, k.n);
    return k;
}

/* Columns that are made, or copied, are kept in so many megabytes: the option
 * cache. */
static void plan_columns(const Args *a, Kernel *k, PairProblem *p)
{
    double room = number_option(a, "cache", k->k ? 64 : 400) * 1e6;
    size_t n = k->n, batch = k->k ? 1 : 64;
    if (k->k && !k->rows && !k->sign) {
        p->k = k->k;
        return;
    }
    size_t slots = (size_t)fmin(1e9, room / (8.0 * (double)(n + 1)));
    if (batch + 2 > slots / 4)
        batch = slots / 4 > 3 ? slots / 4 - 2 : 1;
    if (slots < PAIRS_SLOTS(batch))
        slots = PAIRS_SLOTS(batch);
    if (slots > n + PAIRS_SLOTS(batch))
        slots = n + PAIRS_SLOTS(batch);
    p->source = (PairSource){k->k ? take_columns : make_columns, k, batch};
    p->cache =
        (PairCache){.room = array_new_unset((int)n, (int)slots).array->f,
                    .slots = slots,
                    .slot_of = ARENA_ARRAY(k->in->scratch, size_t, n + 1),
                    .column_at = ARENA_ARRAY(k->in->scratch, size_t, slots),
                    .used = ARENA_ARRAY(k->in->scratch, uint64_t, slots)};
}

/* x, or a copy with the signs. */
static const double *signed_column(const Kernel *k, const double *x)
{
    if (!k->sign)
        return x;
    double *y = array_new_unset((int)k->n, 1).array->f;
    for (size_t i = 0; i < k->n; i++)
        y[i] = k->sign[i] * x[i];
    return y;
}

/* With signs the variables are sign.*u, whose sum is held. */
static void turn_bounds(const Kernel *k, PairProblem *p)
{
    if (!k->sign)
        return;
    double *low = array_new_unset((int)k->n, 1).array->f;
    double *high = array_new_unset((int)k->n, 1).array->f;
    for (size_t i = 0; i < k->n; i++) {
        bool turned = k->sign[i] < 0;
        low[i] = turned ? -p->high[i] : p->low[i];
        high[i] = turned ? -p->low[i] : p->high[i];
    }
    p->low = low;
    p->high = high;
}

/* The start, between the bounds: given, else 0 where that is allowed. */
static Value start_of(const Args *a, const PairProblem *p)
{
    const Value *v = args_named(a, "start");
    const double *x = v ? column(*v, p->n, "start") : NULL;
    Value u = array_new(ELEM_FLOAT, (int)p->n, 1);
    for (size_t i = 0; i < p->n; i++) {
        double y = u.array->f[i] = x ? x[i] : 0;
        if (!(p->low[i] <= y && y <= p->high[i]) || isinf(y))
            error_raise(SPAN_NONE, ERR_ARGUMENT,
                        "%s: the start, %g at entry %zu, is not between the "
                        "bounds %g and %g",
                        text, y, i + 1, p->low[i], p->high[i]);
    }
    return u;
}

static Value outcome(Value u, Value slope, const PairProblem *p,
                     const PairOutcome *y)
{
    Value r = record_new(7);
    record_set(r, name_of("u"), array_value(u));
    record_set(r, name_of("value"), value_float(y->value));
    record_set(r, name_of("slope"), array_value(slope));
    record_set(r, name_of("level"), value_float(y->level));
    record_set(r, name_of("gap"), value_float(y->gap));
    record_set(r, name_of("steps"), value_int((int64_t)y->steps));
    record_set(r, name_of("converged"), value_bool(y->gap <= p->tol));
    return r;
}

static Value solved(const Kernel *k, PairProblem *p, Value u)
{
    size_t n = p->n;
    Value room = array_new_unset((int)PAIRS_ROOM(n), 1);
    Value slope = array_new_unset((int)n, 1);
    double *v = u.array->f, *s = slope.array->f;
    for (size_t i = 0; i < n; i++)
        v[i] *= sign_of(k, i);
    PairOutcome y = pairs_minimize(p, v, room.array->f);
    if (isnan(y.gap))
        error_raise(SPAN_NONE, ERR_NAN, "%s: K has a NaN or Inf", text);
    for (size_t i = 0; i < n; i++) {
        v[i] = v[i] == 0 ? 0 : v[i] * sign_of(k, i);
        s[i] = -room.array->f[i] * sign_of(k, i);
    }
    return outcome(u, slope, p, &y);
}

Value builtin_pair_minimum(Interp *in, const Args *a)
{
    Kernel k = kernel_of(in, a);
    PairProblem p = {.n = k.n};
    p.diagonal = diagonal_of(a, &k);
    p.low = column(a->at[2], k.n, "low");
    p.high = column(a->at[3], k.n, "high");
    p.edge = number_option(a, "edge", 0);
    p.tol = number_option(a, "tol", 1e-8);
    p.steps = (size_t)fmin(
        1e15, number_option(a, "steps", fmax(1e7, 100.0 * (double)k.n)));
    Value u = start_of(a, &p);
    p.q = signed_column(&k, column(a->at[1], k.n, "q"));
    turn_bounds(&k, &p);
    plan_columns(a, &k, &p);
    return solved(&k, &p, u);
}

/* ---- kernel values ---- */

static const Array *rows_argument(Value v)
{
    if (!value_is_number(v) && v.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "gaussian_matrix: A and B are arrays, not %s",
                    value_kind_phrase(v));
    return array_to_float(v);
}

/* The rows of x less the means of the columns of a. */
static const double *centred(const Array *x, const Array *a)
{
    size_t n = (size_t)x->rows, m = (size_t)a->rows, d = (size_t)x->cols;
    double *y = array_new_unset(x->rows, x->cols).array->f;
    for (size_t j = 0; j < d; j++) {
        double mean = vmath_mean(a->f + j * m, m, 1);
        for (size_t i = 0; i < n; i++)
            y[i + j * n] = x->f[i + j * n] - mean;
    }
    return y;
}

Value builtin_gaussian_matrix(Interp *in, const Args *a)
{
    (void)in;
    if (!value_is_number(a->at[0]))
        error_raise(SPAN_NONE, ERR_TYPE,
                    "gaussian_matrix: gamma is a number, not %s",
                    value_kind_phrase(a->at[0]));
    const Array *x = rows_argument(a->at[1]);
    const Array *z = a->count > 2 ? rows_argument(a->at[2]) : x;
    if (x->cols != z->cols)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "gaussian_matrix: A is [%d,%d] and B is [%d,%d], whose "
                    "rows have not the same length",
                    x->rows, x->cols, z->rows, z->cols);
    size_t count = (size_t)x->rows * (size_t)x->cols;
    bool same = x->rows == z->rows &&
                (x == z || memcmp(x->f, z->f, count * sizeof *x->f) == 0);
    Value y = array_new_unset(x->rows, z->rows);
    Gaussian g = {.gamma = value_to_double(a->at[0]),
                  .m = x->rows,
                  .n = z->rows,
                  .d = x->cols,
                  .y = y.array->f};
    g.room = array_new_unset(x->rows + z->rows, 1).array->f;
    if (x->rows > 0 && z->rows > 0) {
        g.a = centred(x, x);
        g.b = same ? NULL : centred(z, x);
        if (gaussian_fill(&g) != NUM_OK)
            error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                             "install the package " BLAS_PACKAGE,
                             "OpenBLAS was not found");
    }
    return array_value(y);
}

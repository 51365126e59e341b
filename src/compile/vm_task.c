/*
 * vm_task.c - work on whole arrays
 *
 * A singular matrix is not an error here: its inverse and what is solved with
 * it are NaN, its determinant 0; the program carries them.
 */
#include "compile/loop.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "num/tiles.h"
#include "num/wide.h"

static double *array(const Program *p, const TaskArg *a)
{
    return a->number ? &p->slot[a->at] : p->at[a->at];
}

static size_t entries(const TaskArg *a)
{
    return (size_t)a->rows * (size_t)a->cols;
}

void vm_check(int code)
{
    if (code == NUM_MISSING)
        error_raise(SPAN_NONE, ERR_LIBRARY,
                    "linear algebra needs the package " BLAS_PACKAGE);
    if (code == NUM_MEMORY)
        error_raise(SPAN_NONE, ERR_MEMORY, "not enough memory");
}

static void fill(double *y, size_t n, double x)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x;
}

/* ---- reading and placing ---- */

static void do_spread(const TaskArg *y, double *to, const TaskArg *a,
                      const double *x)
{
    size_t m = (size_t)y->rows, n = (size_t)y->cols;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            to[i + j * m] = entries(a) == 1 ? x[0] : a->cols == 1 ? x[i] : x[j];
}

/* By tiles, so that both sides stay in the cache. */
static void do_turn(const TaskArg *y, double *to, const double *x)
{
    enum { TILE = 32 };
    size_t m = (size_t)y->rows, n = (size_t)y->cols;
    for (size_t j0 = 0; j0 < n; j0 += TILE) {
        POLL();
        for (size_t i0 = 0; i0 < m; i0 += TILE)
            for (size_t j = j0; j < n && j < j0 + TILE; j++)
                for (size_t i = i0; i < m && i < i0 + TILE; i++)
                    to[i + j * m] = x[j + i * n];
    }
}

static void do_diag(const TaskArg *y, double *to, const double *x)
{
    size_t n = (size_t)y->rows;
    fill(to, n * n, 0);
    for (size_t i = 0; i < n; i++)
        to[i * (n + 1)] = x[i];
}

bool vm_is_placed(const Program *p, const Task *t, uint32_t k)
{
    const Place *place = (const Place *)(uintptr_t)t->k;
    if (t->arg[k].number || t->y.number)
        return false;
    const Home *y = &p->home[t->y.at], *part = &p->home[t->arg[k].at];
    return y->kind == AT_OUTPUT && part->kind == AT_VIEW &&
           p->home[part->from].kind == AT_OUTPUT &&
           p->home[part->from].from == y->from &&
           part->offset == place_offset(place[k], t->y.rows);
}

static void do_place(Program *p, const Task *t, double *to)
{
    const Place *place = (const Place *)(uintptr_t)t->k;
    size_t rows = (size_t)t->y.rows;
    bool watching =
        p->watching && !t->y.number && p->home[t->y.at].kind == AT_OUTPUT;
    for (uint32_t k = 0; k < t->nargs; k++) {
        const TaskArg *a = &t->arg[k];
        const double *x = array(p, a);
        size_t m = (size_t)a->rows;
        double *at = to + place_offset(place[k], t->y.rows);
        if (a->number)
            *at = *x;
        else if (!vm_is_placed(p, t, k))
            for (size_t j = 0; j < (size_t)a->cols; j++)
                memcpy(at + j * rows, x + j * m, m * sizeof *x);
        /* The regions that put the others there have looked at them. */
        if (watching && p->finite &&
            (entries(a) <= LANES || !vm_is_placed(p, t, k)))
            p->finite = vmath_all_finite(x, entries(a));
    }
}

size_t vm_position(double i, int side)
{
    if (!(i >= 1 && i <= side && i == floor(i)))
        error_raise(SPAN_NONE, ERR_INDEX, "index %g of a side of %d", i, side);
    return (size_t)i - 1;
}

static void do_index(const Program *p, const Task *t, double *to)
{
    const TaskArg *a = &t->arg[0];
    const double *x = array(p, a);
    size_t m = (size_t)a->rows, i = 0, j = 0;
    if (t->op != STEP_TAKE_COL)
        i = vm_position(*array(p, &t->arg[1]), a->rows);
    if (t->op == STEP_TAKE_COL)
        j = vm_position(*array(p, &t->arg[1]), a->cols);
    if (t->op == STEP_READ_AT) {
        j = vm_position(*array(p, &t->arg[2]), a->cols);
        *to = x[i + j * m];
    } else if (t->op == STEP_TAKE_COL) {
        size_t cols = (size_t)t->y.cols;
        if (cols > 1)
            vm_position((double)(j + cols), a->cols);
        memcpy(to, x + j * m, m * cols * sizeof *x);
    } else {
        for (size_t k = 0; k < (size_t)a->cols; k++)
            to[k] = x[i + k * m];
    }
}

static void do_gather(const Task *t, double *to, const double *x)
{
    const Gather *g = (const Gather *)(uintptr_t)t->k;
    for (size_t i = 0; i < g->count; i++)
        to[i] = x[g->from[i]];
}

/* ---- sums ---- */

static void do_colsum(const TaskArg *a, double *to, const double *x)
{
    size_t m = (size_t)a->rows;
    for (size_t j = 0; j < (size_t)a->cols; j++) {
        POLL();
        to[j] = vmath_sum(x + j * m, m, 1);
    }
}

static void do_rowsum(const TaskArg *a, double *to, const double *x)
{
    enum { ROWS = 1024 };
    size_t m = (size_t)a->rows;
    for (size_t i = 0; i < m; i += ROWS) {
        size_t count = m - i < ROWS ? m - i : ROWS;
        POLL();
        vmath_sum_rows(to + i, x + i, m, count, (size_t)a->cols);
    }
}

static void do_rows(StepOp op, const TaskArg *a, double *to, const double *x)
{
    enum { ROWS = 1024 };
    size_t m = (size_t)a->rows, n = (size_t)a->cols;
    for (size_t i = 0; i < m; i += ROWS) {
        size_t count = m - i < ROWS ? m - i : ROWS;
        POLL();
        if (op == STEP_SOFTMAX_ROWS)
            vmath_softmax_rows(to + i, x + i, m, count, n);
        else
            vmath_logsumexp_rows(to + i, x + i, m, count, n);
    }
}

/* ---- products ---- */

static int leading(const TaskArg *a)
{
    return a->rows > 0 ? a->rows : 1;
}

static void do_gemm(const Program *p, const Task *t, double *to)
{
    const TaskArg *a = &t->arg[0], *b = &t->arg[1];
    bool ta = t->k & 1, tb = (t->k & 2) != 0;
    int m = t->y.rows, n = t->y.cols, k = ta ? a->rows : a->cols;
    const double *x = array(p, a), *z = array(p, b);
    if (m == 0 || n == 0)
        return;
    if (k == 0)
        fill(to, entries(&t->y), 0);
    else if (n == 1)
        vm_check(blas_gemv(ta, a->rows, a->cols, 1, x, leading(a), z, 0, to));
    else if (m == 1)
        vm_check(blas_gemv(!tb, b->rows, b->cols, 1, z, leading(b), x, 0, to));
    else if (t->k & STEP_GEMM_EVEN) {
        vm_check(blas_gemm_lower(n, k, x, leading(a), z, leading(b), 0, to, m));
        blas_mirror(n, to, m);
    } else
        vm_check(tiles_gemm(ta, tb, m, n, k, x, leading(a), z, leading(b), to));
}

static void do_syrk(const Program *p, const Task *t, double *to)
{
    const TaskArg *a = &t->arg[0];
    bool ta = t->k & 1;
    vm_check(tiles_syrk(ta, t->y.rows, ta ? a->rows : a->cols, array(p, a),
                        leading(a), to));
}

static void do_kron(const Program *p, const Task *t, double *to)
{
    const TaskArg *a = &t->arg[0], *b = &t->arg[1];
    const double *x = array(p, a), *z = array(p, b);
    size_t m = (size_t)b->rows, at = 0;
    for (size_t ja = 0; ja < (size_t)a->cols; ja++)
        for (size_t jb = 0; jb < (size_t)b->cols; jb++) {
            POLL();
            for (size_t ia = 0; ia < (size_t)a->rows; ia++)
                for (size_t ib = 0; ib < m; ib++)
                    to[at++] = x[ia + ja * (size_t)a->rows] * z[ib + jb * m];
        }
}

/* ---- LU: factors n by n, then a column that holds the pivots ---- */

static int *pivots(double *lu, int n)
{
    return (int *)(void *)(lu + (size_t)n * (size_t)n);
}

static void do_lu(const TaskArg *a, double *to, const double *x)
{
    int n = a->rows;
    memcpy(to, x, entries(a) * sizeof *x);
    vm_check(blas_lu(n, to, pivots(to, n)));
}

static bool is_singular(const double *lu, int n)
{
    for (size_t i = 0; i < (size_t)n; i++)
        if (lu[i * ((size_t)n + 1)] == 0)
            return true;
    return false;
}

/*
 * Beside the adjugate, inv(A) makes a derivative that A has also where it is
 * singular, as a difference that loses the square of the condition number:
 * less than half of the digits would be right from 1e4 on.  The diagonal of
 * U beside its columns tells the condition well enough.
 */
static bool is_nearly_singular(const double *lu, int n)
{
    for (size_t j = 0; j < (size_t)n; j++) {
        const double *u = lu + j * (size_t)n;
        double top = 0;
        for (size_t i = 0; i < j; i++)
            top = fmax(top, fabs(u[i]));
        if (fabs(u[j]) < 1e-4 * top)
            return true;
    }
    return false;
}

static bool has_no_inverse(const Task *t, const double *lu, int n)
{
    return is_singular(lu, n) ||
           (t->k & INVERSE_CAREFUL && is_nearly_singular(lu, n));
}

static void do_solve(const Task *t, double *to, double *lu, const double *b)
{
    int n = t->y.rows;
    if (has_no_inverse(t, lu, n)) {
        fill(to, entries(&t->y), NAN);
        return;
    }
    memcpy(to, b, entries(&t->y) * sizeof *to);
    vm_check(blas_lu_solve(t->k & 1, n, lu, pivots(lu, n), t->y.cols, to));
}

static void do_inverse(const Task *t, double *to, double *lu)
{
    int n = t->y.rows;
    if (has_no_inverse(t, lu, n)) {
        fill(to, entries(&t->y), NAN);
        return;
    }
    fill(to, entries(&t->y), 0);
    for (size_t i = 0; i < (size_t)n; i++)
        to[i * ((size_t)n + 1)] = 1;
    vm_check(blas_lu_solve(false, n, lu, pivots(lu, n), n, to));
}

/* Row i was exchanged with row pivot[i] - 1, as LAPACK counts. */
static double pivot_sign(double *lu, int n)
{
    const int *pivot = pivots(lu, n);
    int swaps = 0;
    for (int i = 0; i < n; i++)
        swaps += pivot[i] != i + 1;
    return swaps % 2 ? -1 : 1;
}

/* Mantissa and exponent apart, so that no product on the way overflows. */
static double determinant(double *lu, int n)
{
    double m = pivot_sign(lu, n);
    long e = 0;
    for (size_t i = 0; i < (size_t)n; i++) {
        int k;
        m = frexp(m * lu[i * ((size_t)n + 1)], &k);
        e += k;
    }
    return scalbln(m, e);
}

static double log_determinant(double *lu, int n)
{
    double sign = pivot_sign(lu, n);
    VmathSum s = {0, 0};
    for (size_t i = 0; i < (size_t)n; i++) {
        double d = lu[i * ((size_t)n + 1)];
        sign = d < 0 ? -sign : sign;
        vmath_sum_add(&s, num_log(fabs(d)));
    }
    return sign > 0 ? vmath_sum_total(s) : NAN;
}

/* ---- the adjugate ---- */

/*
 * From a = u*diag(s)*v': adj(a) = det(u)*det(v)*v*diag(products of the other
 * s)*u' (Stewart, Linear Algebra and its Applications 283, 1998), which needs
 * no division.
 */
static double det_of(double *a, int n)
{
    double sign = 0, logabs, det = 0;
    vm_check(blas_det(n, a, &sign, &logabs, &det));
    return sign < 0 ? -1 : 1;
}

static void do_adjugate(const Task *t, double *to, const double *x)
{
    const TaskArg *a = &t->arg[0];
    size_t n = (size_t)a->rows, nn = n * n;
    double *copy = t->work, *u = copy + nn, *vt = u + nn, *s = vt + nn,
           *other = s + n;
    memcpy(copy, x, nn * sizeof *x);
    vm_check(blas_svd(a->rows, a->rows, copy, s, u, vt));
    memcpy(copy, u, nn * sizeof *u);
    double sign = det_of(copy, a->rows);
    memcpy(copy, vt, nn * sizeof *vt);
    sign *= det_of(copy, a->rows);
    for (size_t i = 0; i < n; i++) {
        other[i] = sign;
        for (size_t j = 0; j < n; j++)
            if (j != i)
                other[i] *= s[j];
        for (size_t j = 0; j < n; j++)
            u[j + i * n] *= other[i];
    }
    vm_check(blas_gemm(true, true, a->rows, a->rows, a->rows, 1, vt, a->rows, u,
                       a->rows, 0, to, a->rows));
}

/* ---- rows of ops.def by their kernel on Values ---- */

static void do_row(const Program *p, const Task *t, double *to)
{
    const OpInfo *row = (const OpInfo *)(uintptr_t)t->k;
    Value args[3];
    PoolMark mark = pool_mark();
    assert(t->nargs <= 3);
    for (uint32_t i = 0; i < t->nargs; i++) {
        const TaskArg *a = &t->arg[i];
        const double *x = array(p, a);
        args[i] = a->number ? value_float(*x) : array_from(a->rows, a->cols, x);
    }
    Value v = row->array((int)t->nargs, args);
    if (t->y.number)
        *to = value_to_double(v);
    else
        memcpy(to, array_to_float(v)->f, entries(&t->y) * sizeof *to);
    pool_drain(mark);
}

static void do_matrix(Program *p, const Task *t, double *y, double *x)
{
    const TaskArg *a = &t->arg[0];
    switch (t->op) {
    case STEP_LU:
        do_lu(a, y, x);
        break;
    case STEP_SOLVE:
        do_solve(t, y, x, array(p, &t->arg[1]));
        break;
    case STEP_INV:
        do_inverse(t, y, x);
        break;
    case STEP_DET:
        *y = determinant(x, a->rows);
        break;
    case STEP_LOGDET:
        *y = log_determinant(x, a->rows);
        break;
    case STEP_ADJUGATE:
        do_adjugate(t, y, x);
        break;
    case STEP_GEMM:
        do_gemm(p, t, y);
        break;
    case STEP_SYRK:
        do_syrk(p, t, y);
        break;
    case STEP_LOOP:
        vm_loop(p, t);
        break;
    case STEP_CHOICE:
        vm_choice(p, t);
        break;
    case STEP_KRON:
        do_kron(p, t, y);
        break;
    default:
        do_row(p, t, y);
        break;
    }
}

void vm_task(Program *p, const Task *t)
{
    double *y = array(p, &t->y), *x = array(p, &t->arg[0]);
    const TaskArg *a = &t->arg[0];
    switch (t->op) {
    case STEP_VIEW:
        memcpy(y, x, entries(&t->y) * sizeof *y);
        break;
    case STEP_SPREAD:
        do_spread(&t->y, y, a, x);
        break;
    case STEP_TURN:
        do_turn(&t->y, y, x);
        break;
    case STEP_DIAG:
        do_diag(&t->y, y, x);
        break;
    case STEP_PLACE:
        do_place(p, t, y);
        break;
    case STEP_READ_AT:
    case STEP_TAKE_ROW:
    case STEP_TAKE_COL:
        do_index(p, t, y);
        break;
    case STEP_GATHER:
        do_gather(t, y, x);
        break;
    case STEP_PICK:
        vm_pick(p, t);
        break;
    case STEP_UNIT:
        fill(y, entries(&t->y), 0);
        y[vm_position(*x, t->y.rows)] = 1;
        break;
    case STEP_NORM2:
        *y = vmath_norm2(x, entries(a), 1);
        break;
    case STEP_COLSUM:
        do_colsum(a, y, x);
        break;
    case STEP_ROWSUM:
        do_rowsum(a, y, x);
        break;
    case STEP_SOFTMAX:
        vmath_softmax(y, x, entries(a), 1);
        break;
    case STEP_LOGSUMEXP:
        *y = vmath_logsumexp(x, entries(a), 1);
        break;
    case STEP_SOFTMAX_ROWS:
    case STEP_LOGSUMEXP_ROWS:
        do_rows(t->op, a, y, x);
        break;
    case STEP_PROD:
        *y = vmath_prod(x, entries(a), 1);
        break;
    default:
        do_matrix(p, t, y, x);
        break;
    }
}

/*
 * vm_rows.c - tasks of a sweep, on some of the rows
 *
 * May run on a thread that has no Context: nothing here raises.
 */
#include "compile/vm.h"

#include "num/blas.h"
#include "num/rows.h"

/* What the rows from.. begin with. */
static double *rows_of(const Program *p, const TaskArg *a, size_t from)
{
    return p->at[a->at] + from;
}

static const double *whole(const Program *p, const TaskArg *a)
{
    return a->number ? &p->slot[a->at] : p->at[a->at];
}

/* How many of the rows after these are called into the cache. */
static size_t rows_after(const TaskArg *m, size_t from, size_t count)
{
    size_t left = (size_t)m->rows - from - count;
    return left < count ? left : count;
}

/*
 * A matrix that the sweep multiplies twice is called by both, so that neither
 * waits for memory alone; 3/8 by the first was measured best of all eighths.
 */
static size_t first_share(const Task *t, size_t rows)
{
    return t->again ? rows * 3 / 8 : 0;
}

/* Rows of x*z. */
static int multiply(const Program *p, const Task *t, size_t from, size_t count)
{
    const TaskArg *a = &t->arg[0], *b = &t->arg[1];
    const double *x = rows_of(p, a, from), *z = whole(p, b);
    double *y = rows_of(p, &t->y, from);
    if (t->y.cols > 1)
        return blas_gemm(false, (t->k & 2) != 0, (int)count, t->y.cols, a->cols,
                         1, x, a->apart, z, b->rows > 0 ? b->rows : 1, 0, y,
                         t->y.apart);
    rows_times(y, x, (size_t)a->apart, count, (size_t)a->cols, z,
               first_share(t, rows_after(a, from, count)));
    return NUM_OK;
}

/* y = a'*b by blocks of rows: the first of a chunk sets it, others add. */
static int add_product(const Program *p, const Task *t, size_t from,
                       size_t count, size_t start)
{
    const TaskArg *a = &t->arg[0], *b = &t->arg[1];
    size_t size = (size_t)t->y.rows * (size_t)t->y.cols;
    double *y = t->part ? t->part + start / t->chunk * size : p->at[t->y.at];
    const double *x = rows_of(p, a, from), *z = rows_of(p, b, from);
    if (t->k & STEP_GEMM_EVEN)
        return blas_gemm_lower(a->cols, (int)count, x, a->apart, z, b->apart,
                               from > start, y, a->cols);
    return blas_gemm(true, false, a->cols, b->cols, (int)count, 1, x, a->apart,
                     z, b->apart, from > start, y, a->cols);
}

static void collect(const Program *p, const Task *t, size_t from, size_t count)
{
    const TaskArg *m = &t->arg[t->matrix], *r = &t->arg[t->column];
    size_t ahead = rows_after(m, from, count);
    rows_collect(p->work + t->lanes, rows_of(p, m, from), (size_t)m->apart,
                 count, (size_t)m->cols, rows_of(p, r, from),
                 first_share(t, ahead), ahead);
}

int vm_task_rows(Program *p, const Task *t, size_t from, size_t count,
                 size_t start)
{
    const TaskArg *a = &t->arg[0];
    size_t apart = (size_t)a->apart, cols = (size_t)a->cols;
    if (t->op == STEP_GEMM && !t->collects)
        return t->k & 1 ? add_product(p, t, from, count, start)
                        : multiply(p, t, from, count);
    const double *x = rows_of(p, a, from);
    if (t->op == STEP_GEMM)
        collect(p, t, from, count);
    else if (t->op == STEP_SOFTMAX_ROWS)
        vmath_softmax_rows(rows_of(p, &t->y, from), x, apart, count, cols);
    else if (t->op == STEP_LOGSUMEXP_ROWS)
        vmath_logsumexp_rows(rows_of(p, &t->y, from), x, apart, count, cols);
    else
        vmath_sum_rows(rows_of(p, &t->y, from), x, apart, count, cols);
    return NUM_OK;
}

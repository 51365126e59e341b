/* small.c - linear algebra in plain loops, for small sizes (fortran.h) */
#include "num/fortran.h"

#include <math.h>

static double entry(Real a, int lda, int transposed, int i, int j)
{
    return transposed ? a[j + (ptrdiff_t)i * lda] : a[i + (ptrdiff_t)j * lda];
}

static void scale(int n, double beta, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = beta == 0 ? 0 : beta * y[i];
}

void small_gemm(int ta, int tb, int m, int n, int k, double alpha, Real a,
                int lda, Real b, int ldb, double beta, double *c, int ldc)
{
    for (int j = 0; j < n; j++) {
        double *y = c + (ptrdiff_t)j * ldc;
        for (int i = 0; i < m; i++) {
            double sum = 0;
            for (int l = 0; l < k; l++)
                sum += entry(a, lda, ta, i, l) * entry(b, ldb, tb, l, j);
            y[i] = beta == 0 ? alpha * sum : alpha * sum + beta * y[i];
        }
    }
}

void small_gemv(int ta, int m, int n, double alpha, Real a, int lda, Real x,
                double beta, double *y)
{
    scale(ta ? n : m, beta, y);
    for (int j = 0; j < n; j++) {
        Real column = a + (ptrdiff_t)j * lda;
        if (ta) {
            double sum = 0;
            for (int i = 0; i < m; i++)
                sum += column[i] * x[i];
            y[j] += alpha * sum;
        } else {
            double t = alpha * x[j];
            for (int i = 0; i < m; i++)
                y[i] += t * column[i];
        }
    }
}

void small_trsm(int upper, int ta, int unit, int n, int nrhs, Real a, int lda,
                double *b, int ldb)
{
    /* op(a) is upper triangular: the last unknown comes first. */
    int backward = upper ? !ta : ta;
    for (int r = 0; r < nrhs; r++) {
        double *x = b + (ptrdiff_t)r * ldb;
        for (int s = 0; s < n; s++) {
            int i = backward ? n - 1 - s : s;
            int from = backward ? i + 1 : 0, to = backward ? n : i;
            double y = x[i];
            for (int j = from; j < to; j++)
                y -= entry(a, lda, ta, i, j) * x[j];
            x[i] = unit ? y : y / a[i + (ptrdiff_t)i * lda];
        }
    }
}

/* Gaussian elimination with row exchanges, as LAPACK's dgetf2. */
int small_lu(int n, double *a, int *ipiv)
{
    int singular = 0;
    for (int k = 0; k < n; k++) {
        double *column = a + (ptrdiff_t)k * n;
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(column[i]) > fabs(column[p]))
                p = i;
        ipiv[k] = p + 1;
        if (column[p] == 0) {
            singular = 1;
            continue;
        }
        for (int j = 0; j < n && p != k; j++) {
            double t = a[k + (ptrdiff_t)j * n];
            a[k + (ptrdiff_t)j * n] = a[p + (ptrdiff_t)j * n];
            a[p + (ptrdiff_t)j * n] = t;
        }
        for (int i = k + 1; i < n; i++)
            column[i] /= column[k];
        for (int j = k + 1; j < n; j++) {
            double *y = a + (ptrdiff_t)j * n;
            for (int i = k + 1; i < n; i++)
                y[i] -= column[i] * y[k];
        }
    }
    return singular;
}

int small_cholesky(int n, double *a)
{
    for (int j = 0; j < n; j++) {
        double *column = a + (ptrdiff_t)j * n;
        for (int k = 0; k < j; k++) {
            Real before = a + (ptrdiff_t)k * n;
            for (int i = j; i < n; i++)
                column[i] -= before[i] * before[j];
        }
        if (!(column[j] > 0) || isinf(column[j]))
            return 1;
        double root = sqrt(column[j]);
        for (int i = j; i < n; i++)
            column[i] /= root;
    }
    return 0;
}

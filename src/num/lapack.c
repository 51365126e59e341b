/* lapack.c - factorisations (blas.h) */
#include "num/blas.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "num/fortran.h"

static double *new_reals(size_t count)
{
    return mem_try_aligned(count ? count : 1, sizeof(double));
}

static int *new_ints(size_t count)
{
    return mem_try_aligned(count ? count : 1, sizeof(int));
}

static size_t area(int m, int n)
{
    return (size_t)m * (size_t)n;
}

static bool is_finite(const double *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(a[i]))
            return false;
    return true;
}

static void set_identity(int n, double *a)
{
    memset(a, 0, area(n, n) * sizeof *a);
    for (int i = 0; i < n; i++)
        a[area(i, n) + (size_t)i] = 1;
}

int blas_lu(int n, double *a, int *ipiv)
{
    if (n <= SMALL_SIDE)
        return small_lu(n, a, ipiv) ? NUM_SINGULAR : NUM_OK;
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    int info;
    f->dgetrf(&n, &n, a, &n, ipiv, &info);
    return info > 0 ? NUM_SINGULAR : NUM_OK;
}

/* Applies the row exchanges of the factorisation, or takes them back. */
static void exchange_rows(int n, const int *ipiv, int nrhs, double *b,
                          bool back)
{
    for (int r = 0; r < nrhs; r++) {
        double *x = b + area(r, n);
        for (int s = 0; s < n; s++) {
            int i = back ? n - 1 - s : s, p = ipiv[i] - 1;
            double t = x[i];
            x[i] = x[p];
            x[p] = t;
        }
    }
}

int blas_lu_solve(bool ta, int n, const double *lu, const int *ipiv, int nrhs,
                  double *b)
{
    if (n <= SMALL_SIDE) {
        if (!ta) {
            exchange_rows(n, ipiv, nrhs, b, false);
            small_trsm(0, 0, 1, n, nrhs, lu, n, b, n);
            small_trsm(1, 0, 0, n, nrhs, lu, n, b, n);
        } else {
            small_trsm(1, 1, 0, n, nrhs, lu, n, b, n);
            small_trsm(0, 1, 1, n, nrhs, lu, n, b, n);
            exchange_rows(n, ipiv, nrhs, b, true);
        }
        return NUM_OK;
    }
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    int info;
    f->dgetrs(ta ? "T" : "N", &n, &nrhs, lu, &n, ipiv, b, &n, &info, ONE);
    return NUM_OK;
}

/* For small n the inverse itself is cheap. */
static int small_rcond(int n, const double *lu, double norm1, double *rcond)
{
    double inverse[SMALL_SIDE * SMALL_SIDE];
    set_identity(n, inverse);
    small_trsm(0, 0, 1, n, n, lu, n, inverse, n);
    small_trsm(1, 0, 0, n, n, lu, n, inverse, n);
    *rcond = 1 / (norm1 * blas_norm1(n, n, inverse));
    return NUM_OK;
}

int blas_lu_rcond(int n, const double *lu, double norm1, double *rcond)
{
    *rcond = 0;
    for (int i = 0; i < n; i++)
        if (lu[area(i, n) + (size_t)i] == 0)
            return NUM_OK;
    if (!isfinite(norm1) || norm1 == 0)
        return NUM_OK;
    if (n <= SMALL_SIDE)
        return small_rcond(n, lu, norm1, rcond);
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    double *work = new_reals((size_t)n * 4);
    int *iwork = new_ints((size_t)n), info;
    int code = NUM_MEMORY;
    if (work && iwork) {
        f->dgecon("1", &n, lu, &n, &norm1, rcond, work, iwork, &info, ONE);
        code = NUM_OK;
    }
    mem_free(work);
    mem_free(iwork);
    return code;
}

int blas_solve(bool ta, int n, double *a, int nrhs, double *b, double *rcond)
{
    int *ipiv = new_ints((size_t)n);
    if (!ipiv)
        return NUM_MEMORY;
    double norm1 = blas_norm1(n, n, a);
    int code = blas_lu(n, a, ipiv);
    if (rcond && code == NUM_SINGULAR)
        *rcond = 0;
    if (rcond && code == NUM_OK)
        code = blas_lu_rcond(n, a, norm1, rcond);
    if (code == NUM_OK)
        code = blas_lu_solve(ta, n, a, ipiv, nrhs, b);
    mem_free(ipiv);
    return code;
}

static int invert_large(const Fortran *f, int n, double *a, const int *ipiv)
{
    int lwork = n * 64, info;
    double *work = new_reals((size_t)lwork);
    if (!work)
        return NUM_MEMORY;
    f->dgetri(&n, a, &n, ipiv, work, &lwork, &info);
    mem_free(work);
    return info > 0 ? NUM_SINGULAR : NUM_OK;
}

static void invert_small(int n, double *a, const int *ipiv)
{
    double y[SMALL_SIDE * SMALL_SIDE];
    set_identity(n, y);
    exchange_rows(n, ipiv, n, y, false);
    small_trsm(0, 0, 1, n, n, a, n, y, n);
    small_trsm(1, 0, 0, n, n, a, n, y, n);
    memcpy(a, y, area(n, n) * sizeof *a);
}

int blas_inverse(int n, double *a, double *rcond)
{
    int *ipiv = new_ints((size_t)n);
    if (!ipiv)
        return NUM_MEMORY;
    double norm1 = blas_norm1(n, n, a);
    int code = blas_lu(n, a, ipiv);
    if (code == NUM_OK && n <= SMALL_SIDE)
        invert_small(n, a, ipiv);
    else if (code == NUM_OK)
        code = invert_large(fortran_load(), n, a, ipiv);
    if (rcond)
        *rcond =
            code == NUM_OK && n > 0 ? 1 / (norm1 * blas_norm1(n, n, a)) : 0;
    mem_free(ipiv);
    return code;
}

int blas_det(int n, double *a, double *sign, double *logabs, double *det)
{
    int *ipiv = new_ints((size_t)n);
    if (!ipiv)
        return NUM_MEMORY;
    int code = blas_lu(n, a, ipiv);
    if (code == NUM_SINGULAR)
        code = NUM_OK;
    double mantissa = 1, sum = 0;
    int64_t exponent = 0;
    for (int i = 0; i < n && code == NUM_OK; i++) {
        int e, more;
        double d = a[area(i, n) + (size_t)i];
        if (ipiv[i] != i + 1)
            mantissa = -mantissa;
        mantissa = frexp(mantissa * frexp(d, &e), &more);
        exponent += isfinite(d) ? e + more : 0;
        sum += log(fabs(d));
    }
    *sign = isnan(mantissa) ? mantissa : (mantissa > 0) - (mantissa < 0);
    *logabs = sum;
    if (det) {
        if (exponent > 5000)
            exponent = 5000;
        *det = ldexp(mantissa, exponent < -5000 ? -5000 : (int)exponent);
    }
    mem_free(ipiv);
    return code;
}

int blas_cholesky(int n, double *a)
{
    int info;
    if (n <= SMALL_SIDE) {
        info = small_cholesky(n, a);
    } else {
        const Fortran *f = fortran_load();
        if (!f)
            return NUM_MISSING;
        f->dpotrf("L", &n, a, &n, &info, ONE);
    }
    for (int j = 1; j < n; j++)
        memset(a + area(j, n), 0, (size_t)j * sizeof *a);
    return info > 0 ? NUM_SINGULAR : NUM_OK;
}

int blas_cholesky_solve(int n, const double *l, int nrhs, double *b)
{
    int code = blas_trsm(false, false, false, n, nrhs, l, n, b, n);
    if (code == NUM_OK)
        code = blas_trsm(false, true, false, n, nrhs, l, n, b, n);
    return code;
}

/* Sign changes that make the diagonal of r >= 0 (q may be NULL). */
static void fix_signs(int m, int n, int k, double *q, double *r)
{
    for (int i = 0; i < k; i++) {
        if (!(r[area(i, k) + (size_t)i] < 0))
            continue;
        for (int j = i; j < n; j++)
            r[area(j, k) + (size_t)i] *= -1;
        for (int j = 0; j < m; j++)
            q[area(i, m) + (size_t)j] *= -1;
    }
}

int blas_qr(int m, int n, const double *a, double *q, double *r)
{
    int k = m < n ? m : n, lwork = (m > n ? m : n) * 64, info;
    if (k == 0)
        return NUM_OK;
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    double *copy = new_reals(area(m, n)), *tau = new_reals((size_t)k);
    double *work = new_reals((size_t)lwork);
    int code = NUM_MEMORY;
    if (copy && tau && work) {
        memcpy(copy, a, area(m, n) * sizeof *a);
        f->dgeqrf(&m, &n, copy, &m, tau, work, &lwork, &info);
        memset(r, 0, area(k, n) * sizeof *r);
        for (int j = 0; j < n; j++)
            memcpy(r + area(j, k), copy + area(j, m),
                   (size_t)(j < k ? j + 1 : k) * sizeof *r);
        memcpy(q, copy, area(m, k) * sizeof *q);
        f->dorgqr(&m, &k, &k, q, &m, tau, work, &lwork, &info);
        fix_signs(m, n, k, q, r);
        code = NUM_OK;
    }
    mem_free(copy);
    mem_free(tau);
    mem_free(work);
    return code;
}

int blas_eigen_symmetric(int n, double *a, double *w, bool vectors)
{
    if (!is_finite(a, area(n, n)))
        return NUM_DOMAIN;
    if (n == 0)
        return NUM_OK;
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    const char *job = vectors ? "V" : "N";
    double size;
    int lwork = -1, liwork = -1, isize, info;
    f->dsyevd(job, "L", &n, a, &n, w, &size, &lwork, &isize, &liwork, &info,
              ONE, ONE);
    lwork = (int)size;
    liwork = isize;
    double *work = new_reals((size_t)lwork);
    int *iwork = new_ints((size_t)liwork);
    int code = NUM_MEMORY;
    if (work && iwork) {
        f->dsyevd(job, "L", &n, a, &n, w, work, &lwork, iwork, &liwork, &info,
                  ONE, ONE);
        code = info > 0 ? NUM_FAILED : NUM_OK;
    }
    mem_free(work);
    mem_free(iwork);
    return code;
}

int blas_eigen(int n, double *a, double *re, double *im, double *v)
{
    if (!is_finite(a, area(n, n)))
        return NUM_DOMAIN;
    if (n == 0)
        return NUM_OK;
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    const char *job = v ? "V" : "N";
    double size, unused;
    int lwork = -1, one = 1, info, ldv = v ? n : 1;
    f->dgeev("N", job, &n, a, &n, re, im, &unused, &one, v, &ldv, &size, &lwork,
             &info, ONE, ONE);
    lwork = (int)size;
    double *work = new_reals((size_t)lwork);
    if (!work)
        return NUM_MEMORY;
    f->dgeev("N", job, &n, a, &n, re, im, &unused, &one, v, &ldv, work, &lwork,
             &info, ONE, ONE);
    mem_free(work);
    return info > 0 ? NUM_FAILED : NUM_OK;
}

int blas_svd(int m, int n, double *a, double *s, double *u, double *vt)
{
    if (!is_finite(a, area(m, n)))
        return NUM_DOMAIN;
    int k = m < n ? m : n, lwork = -1, info, ldvt = k, ldu = m;
    if (k == 0)
        return NUM_OK;
    const Fortran *f = fortran_load();
    if (!f)
        return NUM_MISSING;
    const char *job = u ? "S" : "N";
    double size;
    int *iwork = new_ints((size_t)k * 8);
    if (!iwork)
        return NUM_MEMORY;
    f->dgesdd(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, &size, &lwork, iwork,
              &info, ONE);
    lwork = (int)size;
    double *work = new_reals((size_t)lwork);
    int code = NUM_MEMORY;
    if (work) {
        f->dgesdd(job, &m, &n, a, &m, s, u, &ldu, vt, &ldvt, work, &lwork,
                  iwork, &info, ONE);
        code = info > 0 ? NUM_FAILED : NUM_OK;
    }
    mem_free(work);
    mem_free(iwork);
    return code;
}

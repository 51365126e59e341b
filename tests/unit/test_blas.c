/* Linear algebra: every routine against a plain computation. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "check.h"
#include "num/blas.h"
#include "num/rng.h"

static double *random_matrix(int m, int n, uint64_t seed)
{
    double *a = mem_alloc_aligned((size_t)m * (size_t)n, sizeof *a);
    Rng r = rng_new(seed, 0);
    rng_normal_array(&r, a, (size_t)m * (size_t)n);
    return a;
}

static double *copy_of(const double *a, int m, int n)
{
    size_t size = (size_t)m * (size_t)n * sizeof *a;
    return memcpy(mem_alloc(size), a, size);
}

static double entry(const double *a, int lda, bool t, int i, int j)
{
    return t ? a[j + i * lda] : a[i + j * lda];
}

static double largest_difference(const double *a, const double *b, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

/* y = op(a)*op(b) */
static double *product(bool ta, bool tb, int m, int n, int k, const double *a,
                       int lda, const double *b, int ldb)
{
    double *y = mem_zero((size_t)m * (size_t)n, sizeof *y);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++)
            for (int l = 0; l < k; l++)
                y[i + j * m] +=
                    entry(a, lda, ta, i, l) * entry(b, ldb, tb, l, j);
    return y;
}

static void check_product(int m, int n, int k)
{
    for (int t = 0; t < 4; t++) {
        bool ta = t & 1, tb = t & 2;
        int lda = ta ? k : m, ldb = tb ? n : k;
        double *a = random_matrix(m, k, 1), *b = random_matrix(k, n, 2);
        double *c = random_matrix(m, n, 3), *c0 = copy_of(c, m, n);
        double *y = product(ta, tb, m, n, k, a, lda, b, ldb);
        for (int i = 0; i < m * n; i++)
            y[i] = 2 * y[i] - 3 * c[i];
        CHECK(blas_gemm(ta, tb, m, n, k, 2, a, lda, b, ldb, -3, c, m) == 0);
        CHECK_MESSAGE(largest_difference(c, y, m * n) < 1e-12 * (k + 1),
                      "%d x %d x %d, %d", m, n, k, t);
        for (int i = 0; i < m * n; i++) {
            c[i] = NAN;
            y[i] += 3 * c0[i];
        }
        CHECK(blas_gemm(ta, tb, m, n, k, 2, a, lda, b, ldb, 0, c, m) == 0);
        CHECK(largest_difference(c, y, m * n) < 1e-12 * (k + 1));
        mem_free(a);
        mem_free(b);
        mem_free(c);
        mem_free(c0);
        mem_free(y);
    }
}

static void small_products_need_no_library(void)
{
    check_product(3, 4, 5);
    check_product(1, 1, 1);
    check_product(16, 16, 16);
    check_product(2, 3, 0);
    double a[4] = {2, 1, 1, 3}, b[2] = {1, 2}, rcond;
    CHECK(blas_solve(false, 2, a, 1, b, &rcond) == NUM_OK);
    CHECK(fabs(b[0] - 0.2) < 1e-15 && fabs(b[1] - 0.6) < 1e-15);
    CHECK(!blas_is_loaded());
}

static void products(void)
{
    check_product(70, 40, 30);
    check_product(200, 1, 100);
    check_product(1, 200, 100);
    check_product(300, 30, 1);
    check_product(90, 80, 0);
    int n = 60, k = 33;
    double *a = random_matrix(n, k, 4), *c = mem_alloc(sizeof(double) * 3600);
    for (int t = 0; t < 2; t++) {
        CHECK(blas_syrk(t, n, k, 1, a, t ? k : n, 0, c, n) == NUM_OK);
        double *y = product(t, !t, n, n, k, a, t ? k : n, a, t ? k : n);
        CHECK(largest_difference(c, y, n * n) < 1e-12);
        mem_free(y);
    }
    double x[3] = {1, 2, 3}, z[2] = {10, 20}, r[6] = {0};
    CHECK(blas_ger(3, 2, 2, x, z, r, 3) == NUM_OK && r[5] == 120);
    CHECK(blas_dot(3, x, x) == 14);
    blas_axpy(2, -1, x, z);
    CHECK(z[0] == 9 && z[1] == 18);
    mem_free(a);
    mem_free(c);
}

static void check_solve(int n)
{
    double *a = random_matrix(n, n, 5), *lu = copy_of(a, n, n);
    double *x = random_matrix(n, 2, 6), rcond;
    for (int t = 0; t < 2; t++) {
        double *b = product(t, false, n, 2, n, a, n, x, n);
        memcpy(lu, a, sizeof(double) * (size_t)(n * n));
        CHECK(blas_solve(t, n, lu, 2, b, &rcond) == NUM_OK);
        CHECK_MESSAGE(largest_difference(b, x, 2 * n) < 1e-9, "n = %d", n);
        CHECK(rcond > 0 && rcond <= 1);
        mem_free(b);
    }
    double *inverse = copy_of(a, n, n), sign, logabs, det, rc;
    CHECK(blas_inverse(n, inverse, &rc) == NUM_OK);
    CHECK(fabs(rc / rcond - 1) < 0.9);
    double *one = product(false, false, n, n, n, a, n, inverse, n);
    for (int i = 0; i < n; i++)
        one[i + i * n] -= 1;
    for (int i = 0; i < n * n; i++)
        CHECK(fabs(one[i]) < 1e-9);
    memcpy(lu, a, sizeof(double) * (size_t)(n * n));
    CHECK(blas_det(n, lu, &sign, &logabs, &det) == NUM_OK);
    CHECK(fabs(det - sign * exp(logabs)) <= 1e-10 * fabs(det));
    memcpy(lu, inverse, sizeof(double) * (size_t)(n * n));
    double det2;
    CHECK(blas_det(n, lu, &sign, &logabs, &det2) == NUM_OK);
    CHECK(fabs(det * det2 - 1) < 1e-9);
    mem_free(a);
    mem_free(lu);
    mem_free(x);
    mem_free(inverse);
    mem_free(one);
}

static void linear_systems(void)
{
    check_solve(1);
    check_solve(5);
    check_solve(16);
    check_solve(17);
    check_solve(80);
    double s[4] = {1, 2, 2, 4}, b[2] = {1, 1}, sign, logabs, det, rcond;
    CHECK(blas_solve(false, 2, s, 1, b, &rcond) == NUM_SINGULAR && rcond == 0);
    double d[4] = {1, 2, 2, 4};
    CHECK(blas_det(2, d, &sign, &logabs, &det) == NUM_OK);
    CHECK(sign == 0 && logabs == -INFINITY && det == 0);
    double p[4] = {0, 1, 1, 0};
    CHECK(blas_det(2, p, &sign, &logabs, &det) == NUM_OK && det == -1);
    double h[4] = {1e-300, 0, 0, 1e300};
    CHECK(blas_det(2, h, &sign, &logabs, &det) == NUM_OK);
    CHECK(fabs(det - 1) < 1e-15 && fabs(logabs) < 1e-12);
    CHECK(blas_det(0, h, &sign, &logabs, &det) == NUM_OK && det == 1);
}

static void check_cholesky(int n)
{
    double *g = random_matrix(n, n, 7), *x = random_matrix(n, 1, 8);
    double *a = product(true, false, n, n, n, g, n, g, n);
    for (int i = 0; i < n; i++)
        a[i + i * n] += 1;
    double *l = copy_of(a, n, n);
    double *b = product(false, false, n, 1, n, a, n, x, n);
    CHECK(blas_cholesky(n, l) == NUM_OK);
    double *y = product(false, true, n, n, n, l, n, l, n);
    CHECK(largest_difference(a, y, n * n) < 1e-11 && (n == 1 || l[n] == 0));
    CHECK(blas_cholesky_solve(n, l, 1, b) == NUM_OK);
    CHECK(largest_difference(b, x, n) < 1e-9);
    a[n * n - 1] = -1;
    CHECK(blas_cholesky(n, a) == NUM_SINGULAR);
    mem_free(g);
    mem_free(x);
    mem_free(a);
    mem_free(l);
    mem_free(b);
    mem_free(y);
}

static void check_triangle(int n, bool upper, bool ta, bool unit)
{
    double *a = random_matrix(n, n, 9), *x = random_matrix(n, 4, 10);
    double *full = mem_zero((size_t)(n * n), sizeof *full);
    /* Small entries off the diagonal: well conditioned, unit or not. */
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            a[i + j * n] = i == j ? 2 : a[i + j * n] / n;
            if (i == j || (i < j) == upper)
                full[i + j * n] = i == j && unit ? 1 : a[i + j * n];
        }
    double *b = product(ta, false, n, 4, n, full, n, x, n);
    CHECK(blas_trsm(upper, ta, unit, n, 4, a, n, b, n) == NUM_OK);
    CHECK_MESSAGE(largest_difference(b, x, 4 * n) < 1e-12, "%d %d%d%d", n,
                  upper, ta, unit);
    a[0] = 0;
    CHECK(blas_trsm(upper, ta, false, n, 4, a, n, b, n) == NUM_SINGULAR);
    mem_free(a);
    mem_free(x);
    mem_free(full);
    mem_free(b);
}

static void triangles(void)
{
    for (int t = 0; t < 8; t++) {
        check_triangle(3, t & 1, t & 2, t & 4);
        check_triangle(70, t & 1, t & 2, t & 4);
    }
    check_cholesky(1);
    check_cholesky(10);
    check_cholesky(50);
}

/* Checks the normal equations, the residual and inv(a'a). */
static void check_least_squares(int m, int n)
{
    double *a = random_matrix(m, n, 11), *b = random_matrix(m, 2, 12);
    for (int i = 0; i < m; i++) {
        a[i] *= 1e12;
        a[i + (n - 1) * m] *= 1e-12;
    }
    double *copy = copy_of(a, m, n), residual[2];
    double *x = mem_alloc(sizeof(double) * (size_t)(2 * n));
    double *inverse = mem_alloc(sizeof(double) * (size_t)(n * n));
    LeastSquares info = {.residual = residual, .rinv = inverse};
    CHECK(blas_least_squares(m, n, copy, 2, b, 0, x, &info) == NUM_OK);
    CHECK_MESSAGE(info.rank == n, "rank %d of %d", info.rank, n);
    double *r = product(false, false, m, 2, n, a, m, x, n), sum = 0;
    for (int i = 0; i < 2 * m; i++)
        r[i] = b[i] - r[i];
    for (int i = 0; i < m; i++)
        sum += r[i] * r[i];
    CHECK(fabs(residual[0] - sum) <= 1e-9 * (1 + sum));
    double *g = product(true, false, n, 2, m, a, m, r, m);
    double *aa = product(true, false, n, n, m, a, m, a, m);
    double *one = product(false, false, n, n, n, aa, n, inverse, n);
    for (int i = 0; i < n; i++) {
        double scale = sqrt(aa[i + i * n]);
        CHECK(fabs(g[i]) < 1e-10 * scale * sqrt(m));
        CHECK(fabs(one[i + i * n] - 1) < 1e-9);
    }
    mem_free(a);
    mem_free(b);
    mem_free(copy);
    mem_free(x);
    mem_free(inverse);
    mem_free(r);
    mem_free(g);
    mem_free(aa);
    mem_free(one);
}

static void least_squares(void)
{
    check_least_squares(5, 3);
    check_least_squares(200, 7);
    check_least_squares(5000, 20);
    /* The third column is the sum of the others; the fourth is zero. */
    double a[] = {1, 1, 1, 1, 1, 2, 3, 4, 2, 3, 4, 5, 0, 0, 0, 0};
    double b[] = {3, 5, 7, 9}, x[4], res;
    int jpvt[4];
    LeastSquares info = {.jpvt = jpvt, .residual = &res};
    CHECK(blas_least_squares(4, 4, a, 1, b, 0, x, &info) == NUM_OK);
    CHECK(info.rank == 2 && res < 1e-25 && x[3] == 0);
    CHECK(fabs(x[0] + x[1] + 2 * x[2] - 3) < 1e-13);
    /* More unknowns than rows. */
    double w[] = {1, 0, 0, 1, 1, 1}, c[] = {1, 2};
    CHECK(blas_least_squares(2, 3, w, 1, c, 0, x, &info) == NUM_OK);
    CHECK(info.rank == 2 && res < 1e-25);
    CHECK(blas_least_squares(2, 0, w, 1, c, 0, x, &info) == NUM_OK);
    CHECK(info.rank == 0 && res > 4.99);
    CHECK(blas_least_squares(0, 2, w, 1, c, 0, x, &info) == NUM_OK);
    CHECK(info.rank == 0 && x[1] == 0 && res == 0);
    double bad[] = {NAN};
    CHECK(blas_least_squares(1, 1, bad, 1, c, 0, x, &info) == NUM_DOMAIN);
}

static void check_qr(int m, int n)
{
    int k = m < n ? m : n;
    double *a = random_matrix(m, n, 13);
    double *q = mem_alloc(sizeof(double) * (size_t)(m * k));
    double *r = mem_alloc(sizeof(double) * (size_t)(k * n));
    CHECK(blas_qr(m, n, a, q, r) == NUM_OK);
    double *y = product(false, false, m, n, k, q, m, r, k);
    CHECK(largest_difference(a, y, m * n) < 1e-12);
    double *one = product(true, false, k, k, m, q, m, q, m);
    for (int i = 0; i < k; i++) {
        CHECK(fabs(one[i + i * k] - 1) < 1e-13 && r[i + i * k] >= 0);
        CHECK(i == 0 || r[i] == 0);
    }
    mem_free(a);
    mem_free(q);
    mem_free(r);
    mem_free(y);
    mem_free(one);
}

static void spectra(void)
{
    check_qr(7, 4);
    check_qr(4, 7);
    check_qr(50, 50);
    double s[] = {2, 1, 1, 2}, w[2], im[2], v[4], vt[4];
    CHECK(blas_eigen_symmetric(2, s, w, true) == NUM_OK);
    CHECK(fabs(w[0] - 1) < 1e-15 && fabs(w[1] - 3) < 1e-15);
    CHECK(fabs(fabs(s[2]) - sqrt(0.5)) < 1e-15);
    double a[] = {0, -1, 1, 0};
    CHECK(blas_eigen(2, a, w, im, v) == NUM_OK);
    CHECK(fabs(w[0]) < 1e-15 && fabs(fabs(im[0]) - 1) < 1e-15);
    double b[] = {3, 0, 0, -4};
    CHECK(blas_svd(2, 2, b, w, v, vt) == NUM_OK && w[0] == 4 && w[1] == 3);
    double c[] = {3, 0, 0, -4};
    CHECK(blas_svd(2, 2, c, w, NULL, NULL) == NUM_OK && w[0] == 4);
    int m = 30, n = 20;
    double *x = random_matrix(m, n, 14), *copy = copy_of(x, m, n);
    double sv[20], u[600], t[400];
    CHECK(blas_svd(m, n, copy, sv, u, t) == NUM_OK);
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++)
            u[i + j * m] *= sv[j];
    double *y = product(false, false, m, n, n, u, m, t, n);
    CHECK(largest_difference(x, y, m * n) < 1e-12);
    double nan[] = {NAN, 1, 1, 1};
    CHECK(blas_svd(2, 2, nan, w, NULL, NULL) == NUM_DOMAIN);
    CHECK(blas_eigen_symmetric(2, nan, w, false) == NUM_DOMAIN);
    CHECK(blas_eigen(0, nan, w, im, NULL) == NUM_OK);
    mem_free(x);
    mem_free(copy);
    mem_free(y);
}

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    RUN(small_products_need_no_library);
    if (blas_load() == NUM_OK) {
        RUN(products);
        RUN(linear_systems);
        RUN(triangles);
        RUN(least_squares);
        RUN(spectra);
    } else {
        printf("ok without " BLAS_PACKAGE ": the rest is not tested\n");
    }
    context_free(c);
    return check_result();
}

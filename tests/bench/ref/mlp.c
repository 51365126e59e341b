/*
 * A net 784-128-10 with tanh on a batch of 128: mean softmax cross-entropy
 * and its gradient, five dgemm.  By columns.
 */
#include "bench.h"

enum { B = 128, D = 784, H = 128, K = 10 };

typedef struct Net {
    double W[D * H], b[H], V[H * K], c[K];
} Net;

static double loss(const Blas *blas, const double *X, const Net *p, Net *g)
{
    static double A[B * H], S[B * K], T[B * H];
    double sum = 0;
    memset(g->b, 0, sizeof g->b);
    memset(g->c, 0, sizeof g->c);
    blas->gemm(COLUMN_MAJOR, PLAIN, PLAIN, B, H, D, 1, X, B, p->W, D, 0, A, B);
    for (int j = 0; j < H; j++)
        for (int i = 0; i < B; i++)
            A[i + j * B] = tanh(A[i + j * B] + p->b[j]);
    blas->gemm(COLUMN_MAJOR, PLAIN, PLAIN, B, K, H, 1, A, B, p->V, H, 0, S, B);
    for (int i = 0; i < B; i++) {
        double top = -1e300, total = 0;
        for (int k = 0; k < K; k++)
            top = fmax(top, S[i + k * B] += p->c[k]);
        sum += top - S[i + i % K * B];
        for (int k = 0; k < K; k++)
            total += S[i + k * B] = exp(S[i + k * B] - top);
        sum += log(total);
        for (int k = 0; k < K; k++) {
            S[i + k * B] = (S[i + k * B] / total - (k == i % K)) / B;
            g->c[k] += S[i + k * B];
        }
    }
    blas->gemm(COLUMN_MAJOR, TRANSPOSED, PLAIN, H, K, B, 1, A, B, S, B, 0, g->V,
               H);
    blas->gemm(COLUMN_MAJOR, PLAIN, TRANSPOSED, B, H, K, 1, S, B, p->V, H, 0, T,
               B);
    for (int j = 0; j < H; j++)
        for (int i = 0; i < B; i++) {
            T[i + j * B] *= 1 - A[i + j * B] * A[i + j * B];
            g->b[j] += T[i + j * B];
        }
    blas->gemm(COLUMN_MAJOR, TRANSPOSED, PLAIN, D, H, B, 1, X, B, T, B, 0, g->W,
               D);
    return sum / B;
}

static void fill(double *to, int rows, int columns, int shift, double factor)
{
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++)
            to[i + j * rows] = factor * sample(i + 1, j + shift);
}

int main(void)
{
    static Net p, g;
    Blas blas = blas_open();
    double *X = numbers(B * D), value = 0, size = 0;
    fill(X, B, D, 1, 1);
    fill(p.W, D, H, 1, 0.05);
    fill(p.V, H, K, 5, 0.2);
    for (int run = 0; run < 21; run++) {
        double start = now();
        value = loss(&blas, X, &p, &g);
        if (run)
            printf("time %.9f\n", now() - start);
    }
    for (int i = 0; i < D * H; i++)
        size += g.W[i] * g.W[i];
    for (int i = 0; i < H * K; i++)
        size += g.V[i] * g.V[i];
    printf("answer %.15g %.15g\n", value, size);
    return 0;
}

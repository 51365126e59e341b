/* The product of two 512 x 512 matrices by OpenBLAS as it detects itself. */
#include "bench.h"

enum { N = 512 };

int main(void)
{
    Blas blas = blas_open();
    double *A = numbers(N * N), *B = numbers(N * N), sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            A[i + j * N] = sample(i + 1, j + 1);
    for (int run = 0; run < 11; run++) {
        double start = now();
        blas.gemm(COLUMN_MAJOR, PLAIN, PLAIN, N, N, N, 1, A, N, A, N, 0, B, N);
        if (run)
            printf("time %.9f\n", now() - start);
    }
    for (int i = 0; i < N * N; i++)
        sum += B[i] * B[i];
    printf("answer %.15g\n", sum);
    return 0;
}

/* The sum of i*i in doubles, one addition after the other. */
#include "bench.h"

int main(void)
{
    double start = now(), s = 0;
    for (long i = 1; i <= 10000000; i++)
        s += (double)i * (double)i;
    printf("time %.9f\nanswer %.17g\n", now() - start, s);
    return 0;
}

import sys
import time


def total(n, s):
    for i in range(1, n + 1):
        s = s + i*i
    return s


exact = sys.argv[1] == "exact"
start = time.perf_counter()
s = total(10**7, 0 if exact else 0.0)
print("time %.9f" % (time.perf_counter() - start))
print("answer", s)

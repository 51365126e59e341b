import time
from math import sin


def h(a, b):
    return a*b + sin(a)


def calls(n):
    s = 0.0
    for _ in range(n):
        s = h(0.5*s, 1.5) + 1
    return s


start = time.perf_counter()
s = calls(1000000)
print("time %.9f" % (time.perf_counter() - start))
print("answer", s)

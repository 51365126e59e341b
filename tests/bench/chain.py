import sys
import time

from sympy import cos, diff, sin, symbols

sys.setrecursionlimit(100000)
x = symbols("x")
e = x
for k in range(1, 1001):
    e = sin(e) if k % 2 else cos(e)
start = time.perf_counter()
g = diff(e, x)
print("time %.9f" % (time.perf_counter() - start))
print("answer", 1e200*g.subs(x, 0.5).evalf(), e.subs(x, 0.5).evalf())

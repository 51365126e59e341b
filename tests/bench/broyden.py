# The same with SciPy, by the bands that a user would write down by hand.
import sys, time
import numpy as np
from scipy import sparse
n = 10**5
x = np.linspace(-1, 1, n)
def jacobian(x):
    return sparse.diags([-np.ones(n - 1), 3 - 4*x, -2*np.ones(n - 1)], [-1, 0, 1], format="csc")
start = time.perf_counter()
S = jacobian(x)
if sys.argv[1] == "build":
    print("time", time.perf_counter() - start)
for k in range(20):
    start = time.perf_counter()
    S = jacobian(x + k/1000)
    if sys.argv[1] == "evaluate":
        print("time", time.perf_counter() - start)
S = jacobian(x)
print("answer", S.nnz, S.sum(), x @ (S @ x))

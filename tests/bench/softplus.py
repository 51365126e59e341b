import time

import numpy as np

i = np.arange(1, 1000001)
z = 9*((i*7919 + 3*104729 + i*3 % 9973*31) % 20011/10005.5 - 1)
y = 2.0*(i % 2) - 1
for _ in range(10):
    start = time.perf_counter()
    r = np.log(1 + np.exp(-y*z))
    print("time %.9f" % (time.perf_counter() - start))
print("answer %.15g" % r.sum())

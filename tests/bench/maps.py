import sys
import time

import numpy as np

task, library = sys.argv[1:]
i = np.arange(1, 1000001)
z = 9*((i*7919 + 3*104729 + i*3 % 9973*31) % 20011/10005.5 - 1)
if task == "softmax_rows":
    z = z.reshape(1000, 1000)

if library == "torch":
    import torch

    torch.set_num_threads(1)
    z = torch.from_numpy(z)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e/e.sum(axis=1, keepdims=True)


if library == "torch":
    rows = lambda z: torch.softmax(z, 1)
    f = {"sigmoid": torch.sigmoid, "softmax_rows": rows}[task]
else:
    f = {"sigmoid": lambda z: 1/(1 + np.exp(-z)), "softmax_rows": softmax}[task]
for _ in range(10):
    start = time.perf_counter()
    r = f(z)
    print("time %.9f" % (time.perf_counter() - start))
print("answer %.15g" % float((r**2).sum()))

import sys
import time

import numpy as np

name, library = sys.argv[1:]
low = 0.01 if name == "log" else -9
x = low + (9 - low)*np.arange(4096)/4096
y = np.empty(4096)
if library == "torch":
    import torch

    torch.set_num_threads(1)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    f = getattr(torch, name)
else:
    f = getattr(np, name)
f(x, out=y)
for _ in range(10):
    start = time.perf_counter()
    for _ in range(256):
        f(x, out=y)
    print("time %.9f" % (time.perf_counter() - start))
print("answer %.15g" % float(y.sum()))

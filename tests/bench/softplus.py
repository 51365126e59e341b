import sys
import time

import numpy as np

library = sys.argv[1]
i = np.arange(1, 1000001)
z = 9*((i*7919 + 3*104729 + i*3 % 9973*31) % 20011/10005.5 - 1)
y = 2.0*(i % 2) - 1
lib = np
if library == "torch":
    import torch

    lib = torch
    torch.set_num_threads(1)
    z, y = torch.from_numpy(z), torch.from_numpy(y)
for _ in range(10):
    start = time.perf_counter()
    r = lib.log(1 + lib.exp(-y*z))
    print("time %.9f" % (time.perf_counter() - start))
print("answer %.15g" % float(r.sum()))

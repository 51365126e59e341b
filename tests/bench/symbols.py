"""symbols.py power|product|tenth|gradient|sum: the same in SymPy."""
import sys
import time

import sympy as sp

task = sys.argv[1]
x, y, z, w = sp.symbols("x y z w")
names = sp.symbols("a b c d f g h k m n p q")
a, b, c, d, f, g, h, k, m, n, p, q = names
e = None
if task == "product":
    e = sp.expand((x + y + z + w)**15)
elif task == "tenth":
    e = sp.exp(sp.sin(x))
elif task == "sum":
    e = sp.Add(*[sp.sin(i*x) for i in range(1, 100001)])
elif task == "gradient":
    e = (a*b*sp.exp(-c*d) + sp.sin(f*g)*h**2/(1 + k**2)
         + (m + n*p)**3*sp.cos(q) + sp.exp(a*q)/(b + m**2) + c**4*n/g
         + sp.sin(d + h*p) + f*k*q)
start = time.perf_counter()
if task == "power":
    r = sp.expand((x + y + z + w)**20)
elif task == "product":
    r = sp.expand(e*(e + w))
elif task == "tenth":
    r = sp.diff(e, x, 10)
elif task == "sum":
    r = sp.diff(e, x)
else:
    u = [sp.diff(e, s) for s in names]
    v = [[sp.diff(s, t) for t in names] for s in u]
print("time %.9f" % (time.perf_counter() - start))
if task == "gradient":
    values = dict(zip(names, (0.5, 1.5, 0.3, 0.7, 1.1, 0.9,
                              0.4, 1.3, 0.8, 0.6, 1.2, 0.2)))
    u = [float(s.subs(values)) for s in u]
    v = [float(s.subs(values)) for row in v for s in row]
    print("answer", sum(u), sum(v), sum(s*s for s in u), sum(s*s for s in v))
elif task == "sum":
    print("answer", r.subs(x, 0))
else:
    print("answer", r.subs({x: 0.5, y: 0.25, z: 0.125, w: 0.25}))

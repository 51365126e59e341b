"""nets.py A|B|C: the nets of nets.mlc, forward and backward by hand."""
import sys
import time

import numpy as np

kind = sys.argv[1]
table = np.loadtxt("examples/data/digits.csv", delimiter=",", skiprows=1)
train = np.arange(len(table)) % 5 != 0
X = np.ascontiguousarray(table[train, :64]/16)
Y = np.eye(10)[table[train, 64].astype(int)]


def minstd(count, s):
    u = []
    for _ in range(count):
        s = 16807*s % 2147483647
        u.append(s/2147483647)
    return np.array(u)


def loss_and_gradient(p, X, Y):
    W, b, V, c = p
    n = len(X)
    H = X @ W + b
    H = np.tanh(H) if kind != "B" else np.maximum(H, 0)
    S = H @ V + c
    top = S.max(1, keepdims=True)
    E = np.exp(S - top)
    total = E.sum(1, keepdims=True)
    f = ((np.log(total) + top).sum() - (S*Y).sum())/n
    R = (E/total - Y)/n
    T = (R @ V.T)*((1 - H*H) if kind != "B" else (H > 0))
    return f, [X.T @ T, T.sum(0), H.T @ R, R.sum(0)]


def train_net():
    u = minstd(64*32 + 32*10, 7)
    p = [(2*u[:2048] - 1).reshape(64, 32)*np.sqrt(6/96), np.zeros(32),
         (2*u[2048:] - 1).reshape(32, 10)*np.sqrt(6/42), np.zeros(10)]
    m = [0*a for a in p]
    v = [0*a for a in p]
    for epoch in range(20 if kind == "C" else 0):
        for at in range(0, len(X), 32):
            g = loss_and_gradient(p, X[at:at + 32], Y[at:at + 32])[1]
            for i in range(4):
                m[i] = 0.9*m[i] + g[i]
                p[i] = p[i] - 0.1*m[i]
    for k in range(1, 201 if kind != "C" else 1):
        g = loss_and_gradient(p, X, Y)[1]
        for i in range(4):
            if kind == "A":
                p[i] = p[i] - 0.5*g[i]
            else:
                m[i] = 0.9*m[i] + 0.1*g[i]
                v[i] = 0.999*v[i] + 0.001*g[i]**2
                p[i] = p[i] - 0.01*(m[i]/(1 - 0.9**k))/(
                    np.sqrt(v[i]/(1 - 0.999**k)) + 1e-8)
    return loss_and_gradient(p, X, Y)[0]


start = time.perf_counter()
value = train_net()
print("time %.9f" % (time.perf_counter() - start))
print("answer %.15g" % value)

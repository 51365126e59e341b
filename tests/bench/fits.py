"""fits.py TASK numpy|sklearn ROWS COLUMNS: the fits of fits.mlc, on the data of
ref/generate.c.  With NumPy: the textbook algorithm (QR, normal equations,
Newton, BFGS), written out."""
import os
import sys
import time

import numpy as np

task, kind = sys.argv[1:3]
n, d = int(sys.argv[3]), int(sys.argv[4])
size = {10000: "s10k", 100000: "s100k", 1000000: "s1m"}[n]
data = np.fromfile(os.environ["WORK"] + "/" + size + ".bin")
X = np.ascontiguousarray(data[:n*d].reshape(n, d))
y, t, c = data[n*d:].reshape(3, n)
ones = np.ones((n, 1))


def least_squares(penalty):
    if penalty == 0:
        A = np.hstack([ones, X])
        w = np.linalg.lstsq(A, y, rcond=None)[0]
        r = A @ w - y
        return r @ r
    m, my = X.mean(0), y.mean()
    A, b = X - m, y - my
    w = np.linalg.solve(A.T @ A + penalty*np.eye(d), A.T @ b)
    r = A @ w - b
    return r @ r + penalty*(w @ w)


def logistic(penalty):
    """Newton's method; the intercept is the first parameter."""
    A = np.hstack([ones, X])
    w = np.zeros(d + 1)
    P = penalty*np.eye(d + 1)
    P[0, 0] = 0
    for _ in range(50):
        p = 1/(1 + np.exp(t*(A @ w)))
        g = -(A.T @ (t*p)) + P @ w
        if np.linalg.norm(g) < 1e-8*n:
            break
        w -= np.linalg.solve((A*(p*(1 - p))[:, None]).T @ A + P, g)
    z = -t*(A @ w)
    return np.logaddexp(0, z).sum() + w @ P @ w/2


def svm():
    """Newton's method on the active rows, as in Keerthi & DeCoste 2005."""
    A = np.hstack([ones, X])
    P = np.eye(d + 1)
    P[0, 0] = 0
    w = np.zeros(d + 1)
    active = np.ones(n, bool)
    for _ in range(50):
        B = A[active]
        w = np.linalg.solve(2*(B.T @ B) + P, 2*(B.T @ t[active]))
        before, active = active, t*(A @ w) < 1
        if (before == active).all():
            break
    r = np.maximum(0, 1 - t*(A @ w))
    return w @ P @ w/2 + r @ r


def softmax():
    """L-BFGS with 20 pairs and backtracking."""
    labels = c.astype(int)
    Y = np.eye(5)[labels]

    def value(v):
        W, b = v[:5*d].reshape(d, 5), v[5*d:]
        S = X @ W + b
        top = S.max(1, keepdims=True)
        E = np.exp(S - top)
        total = E.sum(1, keepdims=True)
        f = (np.log(total) + top).sum() - (S*Y).sum() + (W*W).sum()/2
        R = E/total - Y
        return f, np.concatenate([(X.T @ R + W).ravel(), R.sum(0)])

    v = np.zeros(5*d + 5)
    f, g = value(v)
    pairs = []
    for _ in range(500):
        q = -g
        steps = []
        for s, u in reversed(pairs):
            a = (s @ q)/(s @ u)
            q = q - a*u
            steps.append(a)
        if pairs:
            s, u = pairs[-1]
            q = q*(s @ u)/(u @ u)
        else:
            q = q/np.linalg.norm(q)
        for (s, u), a in zip(pairs, reversed(steps)):
            q = q + s*(a - (u @ q)/(s @ u))
        rate, slope = 1.0, g @ q
        while True:
            f2, g2 = value(v + rate*q)
            if f2 <= f + 1e-4*rate*slope or rate < 1e-10:
                break
            rate /= 2
        s, u = rate*q, g2 - g
        v, f, g = v + s, f2, g2
        if s @ u > 0:
            pairs = pairs[-19:] + [(s, u)]
        if np.abs(g).max() < 1e-4:
            break
    return f


def by_sklearn():
    from sklearn.linear_model import Lasso, LogisticRegression, Ridge
    if task == "ridge":
        m = Ridge(alpha=1, solver="cholesky").fit(X, y)
        r = m.predict(X) - y
        return r @ r + m.coef_ @ m.coef_
    if task == "lasso":
        m = Lasso(alpha=0.05, tol=1e-9).fit(X, y)
        r = m.predict(X) - y
        return r @ r/(2*n) + 0.05*np.abs(m.coef_).sum()
    if task in ("rbf", "rbf_dual"):
        from sklearn.metrics.pairwise import rbf_kernel
        from sklearn.svm import SVC
        m = SVC(C=1, gamma="scale", cache_size=1000).fit(X, t)
        a, v = m.dual_coef_[0], m.support_vectors_
        return a @ rbf_kernel(v, v, m._gamma) @ a/2 - np.abs(a).sum()
    if task == "logistic":
        m = LogisticRegression(C=1, tol=1e-6, max_iter=1000).fit(X, t)
        z = -t*(X @ m.coef_[0] + m.intercept_[0])
        return np.logaddexp(0, z).sum() + (m.coef_**2).sum()/2
    m = LogisticRegression(C=1, tol=1e-6, max_iter=1000).fit(X, c)
    S = X @ m.coef_.T + m.intercept_
    f = np.log(np.exp(S).sum(1)).sum() - S[np.arange(n), c.astype(int)].sum()
    return f + (m.coef_**2).sum()/2


tasks = {"ols": lambda: least_squares(0), "ridge": lambda: least_squares(1),
         "logistic": lambda: logistic(1), "glm": lambda: logistic(0),
         "softmax": softmax, "svm": svm}
run = by_sklearn if kind == "sklearn" else tasks[task]
for _ in range(3):
    start = time.perf_counter()
    value = run()
    print("time %.9f" % (time.perf_counter() - start))
print("answer %.12g" % value)

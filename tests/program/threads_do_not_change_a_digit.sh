#!/bin/sh
# Losses, sweeps over rows, regions, products and fits print the same 17 digits
# with one thread, with two, with five (more than there are parts for) and with
# as many as the machine has; a wish that is no number is refused.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
unset MLC_THREADS

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

cat >"$work/digits.mlc" <<'END'
seed(11)
n = 30011
d = 9
X = 2*rand(n, d) - 1
w = rand(d) - 0.5
t = 2*(X*w + rand(n) > 0.5) - 1.0
y = X*w + rand(n)
show(name, v) = print(name, format("%.17g", v))

# sums over the rows: of a region, of a column, of matrices
logistic_loss(w[d]) = sum(log(1 + exp(-t.*(X*w))))
squares(w[d]) = sum((X*w - y).^2)
spread(W[d,3]) = sum(logsumexp(X*W, dim = 2)) + norm2(X*W)^2
show("loss", logistic_loss(w))
g = grad(logistic_loss)(w)
H = hessian(logistic_loss)(w)
r = grad(squares)(w)
for k = 1:d
  show("gradient", g[k])
  show("residuals", r[k])
  show("hessian", H[k, 1 + mod(k, d)])
end
W = array(i = 1:d, j = 1:3, sin(0.5*i*j))
show("spread", spread(W))
G = grad(spread)(W)
show("gradient of it", G[3, 2])

# regions, products
big(x[m]) = sum(sin(x).*exp(-x.^2))
x = 4*rand(300000) - 2
show("region", big(x))
show("its gradient", sum(grad(big)(x).*x))
A = rand(700, 600)
show("square product", norm2(rand(1400, 700)*A))
show("its square", norm2(A'*A))
B = rand(600, 500)
show("product", norm2(A*B))
show("tall product", norm2(X'*X))
T = rand(80000, 50)
show("taller product", norm2(T'*T))
show("of two", norm2(T'*(2*T)))
show("and a vector", norm2(T*rand(50)))
show("vector", norm2(A*rand(600)))

# fits, by each kind of solver
show("newton", fit(logistic, X, t; l2 = 1).value)
m = fit(ols, X, y)
show("least squares", m.value)
show("a coefficient", m.w[4])
show("lasso", fit(lasso, X, y; a = 0.01).value)
show("softmax", fit(softmax_regression, X[1:5000, :], 1.0*mod(1:5000, 3); l2 = 1).value)
END

MLC_THREADS=1 "$mlc" "$work/digits.mlc" >"$work/1" 2>&1 ||
    { bad "with one thread"; cat "$work/1"; }
for threads in 2 5 ''; do
    MLC_THREADS=$threads "$mlc" "$work/digits.mlc" >"$work/more" 2>&1
    if cmp -s "$work/1" "$work/more"; then ok; else
        bad "MLC_THREADS=$threads"
        diff "$work/1" "$work/more" | head -n 4
    fi
done

for wish in 0 -1 two 1.5; do
    MLC_THREADS=$wish "$mlc" -e 1+1 >"$work/out" 2>"$work/err"
    if [ $? = 2 ] && grep -q "MLC_THREADS=$wish is no number" "$work/err"; then
        ok
    else
        bad "MLC_THREADS=$wish is refused"
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]

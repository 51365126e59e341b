#!/bin/sh
# mlc check: what it finds, and that it finds nothing where nothing is wrong.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

"$mlc" check stdlib examples > "$work/out" 2>&1 && ok || {
    bad "the library and the examples: $(head -n 1 "$work/out")"; }

# Of the tests: what is found must be expected on its line, or on one of the
# two below where a statement is longer.
"$mlc" check tests/lang tests/diff tests/fixed tests/stdlib tests/identities \
    tests/errors tests/engines tests/adbench > "$work/out" 2>&1
grep -E '^tests/[^ ]*:[0-9]+:[0-9]+: error\[E[2-6]' "$work/out" |
    sed 's/^\([^:]*\):\([0-9]*\):[0-9]*: error\[\(E[0-9]*\)\].*/\1 \2 \3/' > "$work/found"
n=$(wc -l < "$work/found")
[ "$n" -gt 100 ] && ok || bad "only $n mistakes of the tests were found"
awk '{
        hit = 0; row = 0
        while ((getline text < $1) > 0) {
            row++
            if (row >= $2 && row <= $2 + 8 && (index(text, "# error: " $3) ||
                (text ~ /# error: E[1-5]/ && $3 ~ /E20[13]/) ||
                text ~ /^catch/))
                hit = 1
        }
        close($1)
        if (!hit) { print "not expected: " $0; bad = 1 }
    }
    END { exit bad }' "$work/found" > "$work/wrong" && ok || {
    bad "a finding that is no mistake"; cat "$work/wrong"; }

# finds NAME TEXT...: the findings in code on stdin, each as `LINE:COLUMN: CODE`
finds() {
    name=$1 want=$2
    cat > "$work/in.mlc"
    "$mlc" check "$work/in.mlc" > /dev/null 2> "$work/err"
    status=$?
    got=$(grep -E '^[^ ]*in\.mlc:' "$work/err" | sed 's/^[^:]*:\([0-9:]*\): \([a-z]*\).*/\1 \2/;' |
        tr '\n' ';')
    [ "$got" = "$want" ] && ok || { bad "$name: $got"; cat "$work/err"; }
    [ "$status" = "$([ -z "$want" ] && echo 0 || echo 1)" ] && ok || bad "$name: status $status"
}
says() { grep -qF -- "$2" "$work/err" && ok || { bad "$1"; cat "$work/err"; }; }

finds "names" "1:1 error;3:8 error;5:7 error;7:11 error;11:5 error;" <<'END'
alpha + 1
alpha = 2
f(u) = alhpa + u
f(x) + y
print(sni(1.0))
sym A[n,n], v[n]
g(p) = v'*bogus*p + n
diff(c^2 + x, c, y), sum(k = 1:3, k*x), subs(x^2, x = 1), h -> h
a, b = {1, 2}
r = (minimize s^2 over s)
w = nothing_here
try
  no_such_thing
catch err
  err.code
end
rule f(-c) = -f(c)
args
END
says "a name of the file" "did you mean alpha?"
says "a name of the library" "did you mean sin?"
says "later" 'has no value yet: it is defined in line 2'

finds "calls" "2:1 error;3:9 error;4:1 error;5:14 error;6:1 error;7:10 error;" <<'END'
f(a, b; k = 2) = a + b + k
f(1, 2, 3; k = 1)
f(1, 2; kk = 2)
f(1)
sort([3, 1]; decending = true)
mod(1)
sum([1]; dims = 1)
ols_fit = ridge
END

finds "shapes" "2:21 error;4:1 error;6:1 error;7:2 error;9:1 error;10:3 error;12:3 error;18:15 error;20:14 error;" <<'END'
X = [1, 2; 3, 4; 5, 6]
y = X*[1, 2] + 1 - (X + [1, 2, 3, 4])
n = 3
X*ones(n)
sym A[m,m], b[k]
A*b
[X; 1, 2, 3]
f(w[d], Z[r,d]) = Z*w
f([1, 2, 3], X)
X[4,1]
function g(w[d], Z[r,d])
  Z'*w
end
model line
  data  U[r,d], v[r]
  param w[d]
  predict U*w
  loss  norm2(U'*w - v)^2
end
fit(line, X, [1, 2])
END
says "both shapes" "X is [3,2] and ones(n) is [3]"
says "a repair" "U*w fits"

finds "conditions and counts" "1:4 error;4:4 error;7:5 error;9:1 error;" <<'END'
if 1
  2
end
if [1, 2] > 1
  3
end
(if 2 - 1 then 3 else 4)
v = if [1, 2] > 1 then 3 else 4
a, b = {1, 2, 3}
p, q = {1, 2}
if p > 1 and not q in {1, 2}
  p
end
END
finds "params" "3:9 warning;" <<'END'
model m
  data  x[n], y[n]
  param unread, a
  loss  sum((y - a*x).^2)
end
END
finds "no doubt" "" <<'END'
X = [1, 2; 3, 4]
if size(X, 1) > 1
  X = [1, 2, 3]
end
X*[1, 2]
f(A, v) = A*v
f([1, 2; 3, 4], [1, 2])
g(w) = w + [1, 2]
for i = 1:2
  X = [X, X]
end
X + [1, 2, 3]
s = "a" + "b"
L = {1, 2}
L[3] = 3
L[3]
sum(i = 1:2, X[i,1]) + diff(x^2, x)
END

finds "what nothing reads" "2:15 warning;3:3 warning;6:5 warning;11:3 warning;" <<'END'
f(a, b) = a
function g(a, b, _c)
  unused = a
  if a > 1
    return a
    a = 2
  end
  p, q = {1, 2}
  _meant = 3
  for i = 1:2; 5; end
  h(t) = t
  p
end
END
says "how to say so" "_unused says that this is meant"

printf 'helper(a) = a\nvalue = 1\n' > "$work/other.mlc"
finds "other files" "4:1 error;5:1 error;6:1 error;" <<'END'
include "other.mlc"
helper(value)
use "other.mlc" as m
m.helpr(1)
helper(1, 2) + m.value
include "none.mlc"
END
finds "syntax" "1:5 error;2:1 error;" <<'END'
a = (1
end
END
finds "nothing" "" < /dev/null
for words in "" --wrong; do
    "$mlc" check $words > /dev/null 2>&1
    [ $? = 2 ] && ok || bad "usage: check $words"
done
printf 'q' | "$mlc" check - > "$work/out" 2>&1; [ $? = 1 ] && grep -q '^stdin:1:1' "$work/out" && ok ||
    bad "standard input"

echo "$passed passed, $failed failed"

#!/bin/sh
# mlc fmt: the layout that it gives, what it keeps, what it refuses.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

# gives NAME: work/in becomes work/want, and that stays as it is
gives() {
    if "$mlc" fmt - < "$work/in" > "$work/out" 2> "$work/err" &&
        cmp -s "$work/out" "$work/want"; then ok; else
        bad "$1"; diff "$work/want" "$work/out"; cat "$work/err"; fi
    "$mlc" fmt - < "$work/want" 2>&1 | cmp -s - "$work/want" && ok ||
        bad "$1: a second time"
}

cat > "$work/in" <<'END'


y=x * w+ b .*c
z  = - x ^ 2-2x ^-1 +[ 1 ,2 ;3,- 4 ]' \ v
f ( a,X [n ,d] ;k=2 )=if a>=0 and not b then X[:, end - 1 ]( 2 ) else A [ i ,j ] + B[i+1,j] + C[i, j]
g=( u,v )->u : 2 : v ;h = {w = 1,b={ } }.w
s=sum( i=1 : n,x[ i ] )
x [ 2 ] += 1   # one   


# two
sym p>0,S[ n ,n ]   positive   definite
END
cat > "$work/want" <<'END'
y = x*w + b.*c
z = -x^2 - 2x^-1 + [1, 2; 3, -4]'\v
f(a, X[n,d]; k = 2) = if a >= 0 and not b then X[:, end - 1](2) else A[i,j] + B[i + 1, j] + C[i, j]
g = (u, v) -> u:2:v; h = {w = 1, b = {}}.w
s = sum(i = 1:n, x[i])
x[2] += 1      # one

# two
sym p > 0, S[n,n] positive definite
END
gives "blanks"

cat > "$work/in" <<'END'
function f(x)
    # inner
    if x>0; return 1; end
  for i=1:3
y=[1,2;
3,4]
 z = g(a, # why
b,
  # and this
  c)
     u = h(
  1,
  2
  )
    elseif_not = 1
if i>1
w=
 1
# before else
else
   #{
     block
       #{ not nested
   #{
   nested
   #}
   #}
   v
   end
end
x     # of one
      # two lines
  end
if c then 1
else 2
minimize a^2
over a
subject   to a>=1
try; 1
catch err;2
end
END
cat > "$work/want" <<'END'
function f(x)
  # inner
  if x > 0; return 1; end
  for i = 1:3
    y = [1, 2;
         3, 4]
    z = g(a,  # why
          b,
          # and this
          c)
    u = h(
      1,
      2
    )
    elseif_not = 1
    if i > 1
      w =
        1
      # before else
    else
      #{
        block
          #{ not nested
      #{
      nested
      #}
      #}
      v
    end
  end
  x     # of one
        # two lines
end
if c then 1
  else 2
minimize a^2
  over a
  subject to a >= 1
try; 1
catch err; 2
end
END
gives "blocks, brackets and comments"

cat > "$work/in" <<'END'
## Doc.
model m
    data    X[n,d],y[n] in {-1,1}
 hyper C>0 = 1
 z=X*w
  predict if z>=0 then 1 else -1
  loss w'*w/2+C*sum(z)
  subject to z>=1
end
END
cat > "$work/want" <<'END'
## Doc.
model m
  data    X[n,d], y[n] in {-1, 1}
  hyper   C > 0 = 1
  z = X*w
  predict if z >= 0 then 1 else -1
  loss    w'*w/2 + C*sum(z)
  subject to z >= 1
end
END
gives "models"

printf '\357\273\277x²×y  −1≤\tz\r\n#!/no blanks  \r\n\r\n\r\n?sin\r\n"a  b"' > "$work/in"
printf 'x²×y − 1 ≤ z\n#!/no blanks\n\n?sin\n"a  b"\n' > "$work/want"
gives "signs of a page, line ends of every kind"

: > "$work/in"; : > "$work/want"
gives "nothing"

printf 'a = (1\n' > "$work/wrong.mlc"
printf 'b=1\n' > "$work/right.mlc"
cp "$work/wrong.mlc" "$work/wrong.copy"
"$mlc" fmt "$work/wrong.mlc" "$work/right.mlc" 2> "$work/err" && bad "status of an error" || ok
grep -q 'wrong.mlc:1:5: error\[E104\]' "$work/err" && ok || bad "place of an error"
cmp -s "$work/wrong.mlc" "$work/wrong.copy" && ok || bad "a file with a mistake is kept"
[ "$(cat "$work/right.mlc")" = "b = 1" ] && ok || bad "in place"
mkdir "$work/folder"
printf 'c = 1\nd=1\n' > "$work/folder/sub.mlc"
got=$("$mlc" fmt --check "$work/folder" "$work/right.mlc")
[ $? = 1 ] && [ "$got" = "$work/folder/sub.mlc:2: the layout is not canonical" ] && ok ||
    bad "--check: $got"
"$mlc" fmt "$work/folder" && "$mlc" fmt --check "$work/folder" && ok || bad "folders"
for words in "" --wrong "--check"; do
    "$mlc" fmt $words > /dev/null 2>&1
    [ $? = 2 ] && ok || bad "usage: fmt $words"
done
"$mlc" fmt "$work/none.mlc" 2> /dev/null; [ $? = 1 ] && ok || bad "no such file"
if [ -w /dev/full ]; then
    "$mlc" fmt - < "$work/folder/sub.mlc" > /dev/full 2> /dev/null
    [ $? = 1 ] && ok || bad "output that cannot be written"
fi

echo "$passed passed, $failed failed"

#!/bin/sh
# The command line: options, exit status, where output goes.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

# expect NAME STATUS STDOUT COMMAND...: the exit status and all of stdout
expect() {
    name=$1 status=$2 want=$3
    shift 3
    got=$("$@" 2> "$work/err" < /dev/null)
    s=$?
    if [ "$s" = "$status" ] && [ "$got" = "$want" ]; then ok; else
        bad "$name: status $s, printed: $got"; fi
}
# on_stderr NAME PART: what the last command said on stderr
on_stderr() {
    if grep -qF -- "$2" "$work/err"; then ok; else
        bad "$1: stderr was: $(cat "$work/err")"; fi
}

expect "sum" 0 2 "$mlc" -e 1+1
expect "several -e share a session" 0 5 "$mlc" -e "a = 2" -e "a + 3"
expect "exact" 0 "1/2
1606938044258990275541962092341162602522202993782792835301376" \
    "$mlc" -e "1/3 + 1/6, 2^200"
expect "unknown name" 1 "" "$mlc" -e "diff(x*sim(x), x)"
on_stderr "a caret" "       ^^^"
on_stderr "the place" "-e:1:8: error[E201]"
on_stderr "a near name" "sin"
expect "errors stop the script" 1 1 "$mlc" -e 1 -e "nothing" -e 2
expect "usage" 2 "" "$mlc" --what
expect "explain nothing" 2 "" "$mlc" --explain E000
expect "-e without code" 2 "" "$mlc" -e
expect "no such file" 1 "" "$mlc" "$work/none.mlc"
on_stderr "names the file" "none.mlc"
"$mlc" --explain E203 | grep -q "^E203: shape" && ok || bad "explain"
"$mlc" --help | grep -q "usage: mlc" && ok || bad "help"
"$mlc" --version | grep -q "^mlc [0-9]" && ok || bad "version"

printf 'print(args)\nprint(length(args))\n' > "$work/args.mlc"
expect "arguments" 0 '{"a", "b c"}
2' "$mlc" "$work/args.mlc" a "b c"
printf '1 + 2\n' > "$work/in.mlc"
got=$("$mlc" - < "$work/in.mlc"); [ "$got" = 3 ] && ok || bad "standard input by -"
got=$("$mlc" < "$work/in.mlc"); [ "$got" = 3 ] && ok || bad "standard input"
mkdir "$work/d"
printf 'k = 7\n' > "$work/d/inner.mlc"
printf 'include "d/inner.mlc"\nk\n' > "$work/outer.mlc"
expect "include is relative to the file" 0 7 "$mlc" "$work/outer.mlc"
printf 'x = = 1\ny = (2\nz = 3\n' > "$work/two.mlc"
expect "syntax errors" 1 "" "$mlc" "$work/two.mlc"
on_stderr "the first" "two.mlc:1:"
on_stderr "the second" "two.mlc:2:"

# Output that cannot be written.
if [ -e /dev/full ]; then
    "$mlc" -e 1+1 > /dev/full 2> "$work/err"
    [ $? = 1 ] && ok || bad "a full disk exits with 1"
    on_stderr "a full disk" "cannot be written"
fi
# No escape sequence where there is no terminal.
"$mlc" -e "nothing" 2>&1 | grep -q "$(printf '\033')" && bad "escapes in a pipe" || ok

# Ctrl-C ends a script with 130.
printf 'while true\nend\n' > "$work/loop.mlc"
"$mlc" "$work/loop.mlc" 2> "$work/err" &
pid=$!
sleep 0.5
kill -INT $pid
wait $pid
[ $? = 130 ] && ok || bad "Ctrl-C exits with 130"

# Ctrl-C in a fit: the best so far is printed, and 130.
cat > "$work/fit.mlc" <<'MODEL'
model slow
  data x[n]
  param w[n]
  loss sum((w - x).^4) + sum(cos(9*w)) + prod(1 + 0.001*sin(w))
end
m = fit(slow, randn(300)*5; starts = 100000)
MODEL
"$mlc" "$work/fit.mlc" > "$work/out" 2> "$work/err" &
pid=$!
sleep 3
kill -INT $pid
wait $pid
[ $? = 130 ] && ok || bad "Ctrl-C in a fit exits with 130"
grep -q "interrupted" "$work/out" && ok || bad "Ctrl-C in a fit prints the best so far"

# The test runner counts, and fails with status 1.
printf '1 + 1    # expect: 2\n1 + 1    # expect: 3\n1/0      # error: E301\n' > "$work/t.mlc"
got=$("$mlc" test "$work/t.mlc" | tail -n 1)
[ "$got" = "2 passed, 1 failed" ] && ok || bad "mlc test: $got"
"$mlc" test "$work/t.mlc" > /dev/null; [ $? = 1 ] && ok || bad "mlc test fails with 1"

# An installed program finds its library from any folder.
if [ -x build/release/mlc ] && [ "$mlc" = build/mlc ]; then
    make -s install PREFIX=/usr DESTDIR="$work/root" > "$work/log" 2>&1
    got=$(cd / && env -u MLC_LIBRARY "$work/root/usr/bin/mlc" -e "sd([1.0, 3.0])^2")
    [ "$got" = 2.0000000000000004 ] && ok || bad "installed: $got"
fi

# Deep texts on the default stack.
deep() { awk -v n="$2" -v a="$3" -v b="$4" 'BEGIN { for (i = 0; i < n; i++) printf "%s", a; printf "x"; for (i = 0; i < n; i++) printf "%s", b; print "" }' > "$work/$1.mlc"; }
deep paren 100000 "(" ")"
expect "100000 parentheses" 0 x "$mlc" "$work/paren.mlc"
awk 'BEGIN { printf "d = diff("; for (i = 0; i < 100000; i++) printf "sin("; printf "x"; for (i = 0; i < 100000; i++) printf ")"; print ", x);"; print "nodes(d) < 400000" }' > "$work/chain.mlc"
expect "a chain of depth 100000" 0 true "$mlc" "$work/chain.mlc"
awk 'BEGIN { printf "d = diff(0"; for (i = 1; i <= 100000; i++) printf " + sin(%d*x)", i; print ", x);"; print "nodes(d) < 400000" }' > "$work/sum.mlc"
expect "a sum of 100000 terms" 0 true "$mlc" "$work/sum.mlc"

# OpenBLAS is loaded when it is needed, not before.
if [ -e /proc/self/maps ]; then
    if command -v strace > /dev/null 2>&1; then
        strace -f -e trace=openat "$mlc" -e 1+1 2>&1 | grep -q openblas && bad "OpenBLAS loaded at start" || ok
    fi
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]

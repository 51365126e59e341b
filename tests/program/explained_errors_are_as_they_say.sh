#!/bin/sh
# Of each error, `mlc --explain` shows a program that gives it and one that
# does not.  Programs are found in PATH only where they are not to be missing;
# a program that ends only by Ctrl-C gets one.
mlc=$(cd "$(dirname "${MLC:-build/mlc}")" && pwd)/$(basename "${MLC:-build/mlc}")
codes=$(sed -n 's/^ERROR([A-Z]*, "\(E[0-9]*\)".*/\1/p' src/base/errors.def)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# The program of one kind in the explanation, and the file that it reads.
program() {
    sed -n "/^$2:\$/,/^\$/s/^    //p" "$1" > t.mlc
    rm -f t.csv
    sed -n 's/^# with a file t.csv of the lines: //p' t.mlc |
        sed 's/ | /\
/g' > t.csv
}

run() {
    case $(cat t.mlc) in
    *'# without '*) PATH=/nonexistent "$mlc" t.mlc ;;
    *'# by mlc check'*) "$mlc" check --json t.mlc |
        sed -n 's/.*"code":"\(E[0-9]*\)".*/error[\1]/p' >&2 ;;
    *'# until Ctrl-C'*) timeout -s INT 0.2 "$mlc" t.mlc ;;
    *) "$mlc" t.mlc ;;
    esac > out 2> err
}

fail() {
    echo "not ok $1"
    failed=$((failed + 1))
}

for code in $codes; do
    "$mlc" --explain "$code" > text
    program text wrong
    if [ ! -s t.mlc ]; then
        [ "$code" = E999 ] && passed=$((passed + 1)) || fail "$code: no example"
        continue
    fi
    run
    if grep -q "error\[$code\]" err; then
        passed=$((passed + 1))
    else
        fail "$code, wrong: $(head -n 1 err)"
    fi
    program text right
    if run && [ -s t.mlc ] && ! grep -q 'error\[' err; then
        passed=$((passed + 1))
    else
        fail "$code, right: $(head -n 1 err)"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

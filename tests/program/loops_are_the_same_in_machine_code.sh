#!/bin/sh
# Random functions with loops (tests/tools/loops.awk) give the same values and
# the same errors in machine code from the first turn on, after some turns, and
# in the interpreter.  A loop in machine code can be interrupted.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

verdict() {
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $2"
    fi
}

for seed in 3 4 5 12 13; do
    awk -v seed=$seed -v count=40 -f tests/tools/loops.awk > "$work/t.mlc"
    for wait in 0 1 2; do
        MLC_JIT=$wait timeout 60 "$mlc" "$work/t.mlc" > "$work/out.$wait" 2>&1
        echo "status $?" >> "$work/out.$wait"
    done
    grep -q '^status 0$' "$work/out.0"
    verdict $? "the functions of seed $seed"
    for wait in 1 2; do
        cmp "$work/out.0" "$work/out.$wait"
        verdict $? "seed $seed: machine code gives other values or errors"
    done
done

printf 'function turn(x)\n  while x > 0\n    x = x*0.5 + 1.0\n  end\nend\nturn(1.0)\n' > "$work/spin.mlc"
MLC_JIT=1 timeout -k 5 -s INT 1 "$mlc" "$work/spin.mlc" > /dev/null 2>&1
[ $? -eq 124 ]
verdict $? "a loop is not interrupted"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

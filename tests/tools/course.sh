#!/bin/sh
# Runs the lessons of examples/course, a line each: name, checks passed, ms;
# the last line counts lessons.  Every assert of a lesson is at its top level,
# so that one which ran to its end has passed them all.
mlc=${1:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

now() { date +%s%N; }

for lesson in examples/course/*.mlc; do
    name=$(basename "$lesson" .mlc)
    checks=$(grep -c '^assert ' "$lesson")
    begin=$(now)
    "$mlc" "$lesson" >"$work/out" 2>"$work/errors"
    status=$?
    ms=$((($(now) - begin) / 1000000))
    if [ $status = 0 ]; then
        printf '%-26s %3d checks passed %5d ms\n' "$name" "$checks" "$ms"
        passed=$((passed + 1))
    else
        printf 'not ok %s\n' "$name"
        cat "$work/errors"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]

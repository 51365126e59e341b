#!/bin/sh
# Runs the tests: check.sh OUT [unit|scripts]; the last line counts them.
# MLC names the program to be tested.
out=$1
what=${2:-all}
MLC=${MLC:-build/mlc}
PTY=$out/pty
export MLC PTY
passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Adds up a line `N passed, N failed[, N skipped]`.
count() {
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1)
    if [ -z "$line" ]; then
        echo "FAILED: $2 ended early"
        tail -n 20 "$1"
        failed=$((failed + 1))
        return
    fi
    set -- $(echo "$line" | tr -cd '0-9 ')
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + ${3:-0}))
}

if [ "$what" != scripts ]; then
    for t in "$out"/unit/test_*; do
        case $t in *.d|*.o) continue ;; esac
        [ -x "$t" ] || continue
        "$t" > "$work/unit" 2>&1
        status=$?
        p=$(grep -c '^ok ' "$work/unit")
        f=$(grep -c '^not ok ' "$work/unit")
        grep '^not ok ' "$work/unit" | sed "s|^|$(basename "$t"): |"
        if [ $status -ne 0 ] && [ "$f" = 0 ]; then
            echo "FAILED: $(basename "$t") ended with status $status"
            tail -n 20 "$work/unit"
            f=1
        fi
        passed=$((passed + p)) failed=$((failed + f))
    done
fi

if [ "$what" != unit ]; then
    for folder in tests/lang tests/diff tests/errors tests/stdlib tests/fixed \
                  tests/identities tests/adbench \
                  $(ls -d examples/* | grep -v '^examples/course'); do
        [ -e "$folder" ] || continue
        "$MLC" test "$folder" > "$work/scripts" 2>&1
        grep -vE '^[0-9]+ passed, [0-9]+ failed' "$work/scripts"
        count "$work/scripts" "$folder"
    done
    # Every run of a program by all engines: tests/engines/engines.c.
    for folder in tests/engines tests/diff tests/adbench; do
        "$out/mlc-engines" test "$folder" > "$work/engines" 2>&1
        status=$?
        grep -vE '^[0-9]+ passed, [0-9]+ failed' "$work/engines"
        count "$work/engines" "$folder by all engines"
        [ $status -le 1 ] || failed=$((failed + 1))
    done
    sh tests/tools/course.sh "$MLC" > "$work/course" 2>&1
    grep -A9 '^not ok ' "$work/course"
    count "$work/course" "the course"
    for t in tests/tools/readme.sh tests/tools/index.sh tests/program/*.sh; do
        [ -e "$t" ] || continue
        sh "$t" > "$work/program" 2>&1
        grep '^not ok ' "$work/program" | sed "s|^|$(basename "$t"): |"
        count "$work/program" "$t"
    done
fi

if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ]

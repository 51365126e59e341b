#!/bin/sh
# The digest of all results of programs (tests/engines/engines.c) is the same
# in every build: widths.sh OUT...
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for folder in tests/engines tests/diff tests/adbench; do
    first=
    for out in "$@"; do
        : > "$log"
        ENGINES_LOG=$log "$out/mlc-engines" test "$folder" > /dev/null 2>&1 ||
            echo "not ok $folder in $out"
        digest=$(sed -n 's/^digest //p' "$log")
        : "${first:=$digest}"
        if [ -n "$digest" ] && [ "$digest" = "$first" ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "not ok $folder: the digits of $out are others than $1's"
        fi
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

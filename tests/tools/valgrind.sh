#!/bin/sh
# Short scripts under valgrind: no error, no leak.  valgrind.sh PROGRAM
mlc=$1
passed=0 failed=0
log=$(mktemp)
if ! command -v valgrind >/dev/null 2>&1; then
    echo "valgrind is not installed"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
for t in tests/valgrind/*.mlc; do
    OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell} \
    valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite --main-stacksize=8388608 \
        "$mlc" test "$t" > "$log" 2>&1
    if [ $? -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $t"
        tail -n 40 "$log"
    fi
done
rm -f "$log"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

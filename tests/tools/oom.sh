#!/bin/sh
# Every allocation fails once, and from then on: a clean error each time.
# oom.sh PROGRAM (built with MODE=oom).
mlc=$1
passed=0 failed=0
log=$(mktemp)
for t in tests/oom/*.mlc; do
    for all in "" 1; do
        k=1 bad=0 step=1
        while :; do
            MLC_OOM=$k MLC_OOM_ALL=$all "$mlc" "$t" > "$log" 2>&1
            status=$?
            if [ $status -gt 1 ] || grep -qE 'Sanitizer|runtime error' "$log"; then
                echo "not ok $t: allocation $k${all:+ and all after it}: status $status"
                tail -n 20 "$log"
                bad=1
                break
            fi
            # The failure itself is announced: without it, k is past the end.
            grep -q '^mlc: allocation [0-9]* fails$' "$log" || break
            k=$((k + step))
            # the first thousand one by one, then in growing steps
            [ $k -gt 1000 ] && step=$((1 + k / 200))
        done
        if [ $bad = 0 ]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
done
rm -f "$log"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

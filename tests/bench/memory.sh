#!/bin/sh
# memory.sh LOSS: peak memory of mlc over the gradient of the loss of
# memory.mlc, in kilobytes beyond what making the data takes.
peak() {
    used=$("$WORK/stopwatch" 60 "$WORK/memory.out" "$MLC" tests/bench/memory.mlc "$@") || exit 1
    echo "${used##* }"
}
data=$(peak)
all=$(peak "$1")
echo "time $((all - data))"
grep '^answer' "$WORK/memory.out"

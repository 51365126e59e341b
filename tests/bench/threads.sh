#!/bin/sh
# threads.sh: the time that a fit (threads.mlc) takes with two threads over that
# with one, the best of each, and both answers if they differ in a digit.
for threads in 1 2; do
    MLC_THREADS=$threads "$MLC" tests/bench/threads.mlc >"$WORK/threads.out.$threads" || exit 1
done
awk '/^time/ { k = FILENAME; if (!(k in t) || $2 < t[k]) t[k] = $2 }
    END { print "time", t[ARGV[2]]/t[ARGV[1]] }' "$WORK/threads.out.1" "$WORK/threads.out.2"
grep -h '^answer' "$WORK/threads.out.1" "$WORK/threads.out.2" | sort -u

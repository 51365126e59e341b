#!/bin/sh
# No file over 1,000 lines, no function over 100 save the instruction loops.
status=0
for f in src/*.[ch] src/*/*.[ch] src/*/*.def grammar/* stdlib/*.mlc stdlib/*/*.mlc; do
    [ -e "$f" ] || continue
    n=$(wc -l < "$f")
    [ "$n" -le 1000 ] || { echo "sizes: $f has $n lines"; status=1; }
done
awk '
    FNR == 1 { open = 0 }
    /^[a-zA-Z_].*\)$|^[a-zA-Z_].*\($|^ +.*\)$/ { head = $0; at = FNR }
    /^\{$/ { open = FNR; name = head }
    /^\}$/ && open {
        n = FNR - open + 1
        if (n > 100 && name !~ /(fast_run|vm_run|run_code|run_steps|run_scalar)\(/) {
            printf "sizes: %s:%d: %d lines: %s\n", FILENAME, open, n, name
            bad = 1
        }
        open = 0
    }
    END { exit bad }' src/*.c src/*/*.c || status=1
[ $status = 0 ] && echo "sizes: clean"
exit $status

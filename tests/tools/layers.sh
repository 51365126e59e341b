#!/bin/sh
# An include may only point to the same folder or up the list of folders.
order='base num io syntax value op graph compile eval repl tool'
status=0
rank() {
    k=0
    for f in $order; do
        [ "$f" = "$1" ] && { echo $k; return; }
        k=$((k + 1))
    done
    echo 99
}
for f in $order; do
    mine=$(rank "$f")
    for line in $(grep -Hno '^#include "[a-z]*/' src/"$f"/*.[ch] | tr -d ' "'); do
        other=${line##*#include}
        other=${other%/}
        if [ "$(rank "$other")" -gt "$mine" ]; then
            echo "layers: ${line%%:#*} includes $other, which is below $f"
            status=1
        fi
    done
done
# base/ knows nothing of mlc; malloc stands in base/ alone.
grep -nE '[^_a-z](malloc|calloc|realloc|free)\(' src/*/*.c src/*.c |
    grep -v '^src/base/' | grep -vE 'src/repl/[a-z]*.c:[0-9]*:.*free\((line|text)\)' |
    grep -vE '^src/repl/test.c:.*free\(out\)' |
    grep -vE '^src/tool/(kernel|lsp)_ask.c:.*free\(text\)' && {
    echo "layers: memory comes from base/mem.h"; status=1; }
[ $status = 0 ] && echo "layers: clean"
exit $status

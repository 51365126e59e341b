#!/bin/sh
# NUL and invalid UTF-8 are errors that name their place.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# refused NAME BYTES PLACE: the script ends with status 1 and names the place
refused() {
    printf "$2" > "$work/t.mlc"
    if "$mlc" "$work/t.mlc" > "$work/out" 2>&1; then
        echo "not ok $1: no error"
        failed=$((failed + 1))
    elif grep -qF "t.mlc:$3: error[E102]" "$work/out"; then
        passed=$((passed + 1))
    else
        echo "not ok $1: $(head -n 1 "$work/out")"
        failed=$((failed + 1))
    fi
}

refused NUL 'x = 1\ny = \000 2\n' 2:5
refused 'a lone continuation byte' '1\n2 + \200\n' 2:5
refused 'an overlong form' 'ab = \300\257\n' 1:6
refused 'a surrogate' '\355\240\200 = 1\n' 1:1
refused 'above U+10FFFF' '"\364\220\200\200"\n' 1:2
refused 'a sequence cut short' '# \303\n' 1:3
refused 'a control character' '1 + \001\n' 1:5
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

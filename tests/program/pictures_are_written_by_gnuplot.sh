#!/bin/sh
# Figures as files: SVG, PNG, PDF and GIF by gnuplot, texts as they were typed.
# Skipped where gnuplot is not installed; what is said then is tested always.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

check() { # NAME STATUS
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
    else
        echo "not ok $1"
        failed=$((failed + 1))
    fi
}

# Without gnuplot the error names the package, and leaves no file.
PATH=/nowhere "$mlc" -e "plot(x^2; file = \"$work/none.svg\")" 2> "$work/said"
[ $? = 1 ] && grep -q 'gnuplot-nox' "$work/said" && [ ! -e "$work/none.svg" ]
check 'the package is named' $?

# What no program is needed for.
"$mlc" -e "save(plot(x^2; ascii = true), \"$work/a.txt\")" &&
    grep -q "x^2" "$work/a.txt"
check 'a figure as text' $?

if ! command -v gnuplot > /dev/null 2>&1; then
    echo "$passed passed, $failed failed, 6 skipped"
    [ $failed -eq 0 ]
    exit
fi

begins() { # FILE BYTES
    [ "$(head -c "${#2}" "$1" 2> /dev/null)" = "$2" ]
    check "$1 begins with $2" $?
}

for kind in svg png pdf gif; do
    "$mlc" -e "plot(sin(x), cos(x), -3, 3; file = \"$work/a.$kind\")"
done
begins "$work/a.svg" '<?xml'
[ "$(head -c 4 "$work/a.png" | tail -c 3)" = PNG ]
check 'a PNG file' $?
begins "$work/a.pdf" '%PDF'
begins "$work/a.gif" 'GIF8'

# Quotes, backslashes, newlines and what gnuplot would expand stand as typed.
cat > "$work/t.mlc" << 'END'
p = plot(x^2; title = "it's \"a\" `touch injected` \\ {x_1^2} @a\n$(touch injected)\n2nd", ylabel = "'\nset output 'x'\n!touch injected\n")
save(p, "t.svg")
END
"$mlc" "$work/t.mlc" 2> "$work/said"
grep -qF "it's &quot;a&quot; \`touch injected\` \\ {x_1^2} @a" "$work/t.svg" ||
    grep -qF "it's \"a\" \`touch injected\` \\ {x_1^2} @a" "$work/t.svg"
check 'texts as they were typed' $?
[ ! -e "$work/injected" ] && [ ! -e injected ] && [ ! -e x ]
check 'nothing is run' $?

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

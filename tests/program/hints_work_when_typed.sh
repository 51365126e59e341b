#!/bin/sh
# The help `LINE` of a syntax error, as the scripts in tests/errors expect it,
# runs when it is typed after the script's `# prelude:`.
mlc=${MLC:-build/mlc}
passed=0 failed=0
for script in tests/errors/*.mlc; do
    prelude=$(sed -n '1s/^# prelude: //p' "$script")
    [ -n "$prelude" ] || continue
    while IFS= read -r line; do
        case $line in
        *'elseif '*) continue ;;
        esac
        if printf '%s\n%s\n' "$(echo "$prelude" | tr ';' '\n')" "$line" |
            "$mlc" - > /dev/null 2>&1; then
            passed=$((passed + 1))
        else
            echo "not ok $(basename "$script"): $line"
            failed=$((failed + 1))
        fi
    done <<EOF
$(sed -nE 's/.*# error: E1[0-9]+ help: //p' "$script")
EOF
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]

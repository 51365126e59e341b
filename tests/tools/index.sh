#!/bin/sh
# Checks tests/INDEX against ../shared/LANGUAGE.md, by the rule at its head;
# `index.sh list` prints the sentences with their numbers.  Run from the root.
page=${LANGUAGE:-../shared/LANGUAGE.md}
index=tests/INDEX
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints `S1.2<tab>sentence`.
sentences() {
    awk '
        function finish(    i, c, rest, from, n) {
            from = 1
            for (i = 1; i < length(text); i++) {
                if (substr(text, i, 2) != ". ") continue
                rest = substr(text, i + 2, 1)
                if (rest !~ /[A-Z`(]/) continue
                if (substr(text, i - 3, 4) ~ /(e\.g|i\.e)\.?/) continue
                tell(substr(text, from, i - from + 1)); from = i + 2
            }
            tell(substr(text, from)); text = ""
        }
        function tell(s) {
            gsub(/^ +| +$/, "", s)
            if (s != "") printf "S%d.%d\t%s\n", section, ++number, s
        }
        /^## [0-9]+\./ { finish(); section = $2 + 0; number = 0; next }
        section == 0 { next }
        /^```/ { finish(); code = !code; next }
        code { next }
        /^- / { finish(); sub(/^- /, "") }
        /^$/ { finish(); next }
        { text = text == "" ? $0 : text " " $0; gsub(/  +/, " ", text) }
        END { finish() }' "$page"
}

if [ "${1:-}" = list ]; then
    sentences
    exit 0
fi

passed=0 failed=0 skipped=0
grep -E '^S[0-9]+\.[0-9]+ ' "$index" > "$work/rows"
while read -r id place words; do
    file=${place%%:*} label=${place#*:}
    if [ ! -e "$file" ]; then
        echo "not ok $id: no file $file"
        failed=$((failed + 1))
    elif case $label in
            *[!0-9]*) ! grep -qF -- "$label" "$file" ;;
            *) [ "$(sed -n "${label}p" "$file")" = "" ] ;;
         esac; then
        echo "not ok $id: $file holds no $label"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done < "$work/rows"

if [ -e "$page" ]; then
    sentences > "$work/sentences"
    tab=$(printf '\t')
    while IFS=$tab read -r id text; do
        row=$(grep -m 1 "^$id " "$work/rows")
        words=$(printf '%s\n' "$row" | sed -E 's/^[^ ]+ +[^ ]+ +//')
        if [ -z "$row" ] && grep -q "^${id%%.*}\\." "$work/rows"; then
            echo "not ok $id: no row for: $text"
            failed=$((failed + 1))
        elif [ -z "$row" ]; then
            echo "$id has no row yet: $text"
            skipped=$((skipped + 1))
        else
            case $text in
            "${words%...}"*) ;;
            *) echo "not ok $id: the sentence is now: $text"
               failed=$((failed + 1)) ;;
            esac
        fi
    done < "$work/sentences"
fi

if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ]

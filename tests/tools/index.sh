#!/bin/sh
# Checks tests/INDEX against ../shared/LANGUAGE.md, where that is there; the
# head of tests/INDEX tells how.  Run from the root.
page=${LANGUAGE:-../shared/LANGUAGE.md}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tab=$(printf '\t')
passed=0 failed=0 skipped=0

fail() {
    echo "not ok $1"
    failed=$((failed + 1))
}

# Does the file hold the label: a line number or a text?
holds() {
    case $2 in
    *[!0-9]*) grep -qF -- "$2" "$1" ;;
    *) [ -n "$(sed -n "${2}p" "$1")" ] ;;
    esac
}

grep -E '^[0-9]+\.[0-9]+' tests/INDEX > "$work/rows"
while IFS=$tab read -r id place words; do
    file=${place%%:*}
    if [ ! -e "$file" ]; then
        fail "$id: no file $file"
    elif [ "$file" != "$place" ] && ! holds "$file" "${place#*:}"; then
        fail "$id: $file holds no ${place#*:}"
    else
        passed=$((passed + 1))
    fi
done < "$work/rows"

if [ -e "$page" ]; then
    awk -f tests/tools/sentences.awk "$page" > "$work/sentences"
    while IFS=$tab read -r id text; do
        row=$(grep -m 1 "^$id$tab" "$work/rows")
        words=${row##*"$tab"}
        if [ -z "$row" ] && grep -q "^${id%%.*}\\." "$work/rows"; then
            fail "$id: no row for: $text"
        elif [ -z "$row" ]; then
            echo "$id has no row yet: $text"
            skipped=$((skipped + 1))
        else
            case $text in
            "$words"*) ;;
            *) fail "$id: the sentence is now: $text" ;;
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

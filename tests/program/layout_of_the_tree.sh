#!/bin/sh
# All of the tree is in canonical layout (mlc fmt), save the scripts whose
# blanks, line ends and comments are what they test.
mlc=${MLC:-build/mlc}
passed=0 failed=0

# Scripts that are wrong on purpose have no layout: they are named on stderr.
"$mlc" fmt --check stdlib examples tests 2> /dev/null |
    grep -vE '^tests/lang/(comments_may_nest_and_document|newlines_end_statements|marks_of_a_page_are_read_as_their_ascii_forms|precedence_follows_the_table|text_with_bom_and_crlf_is_read)\.mlc:' |
    sed 's/^\([^:]*\):.*/not ok &: mlc fmt \1/' > "${TMPDIR:-/tmp}/mlc-layout.$$"
cat "${TMPDIR:-/tmp}/mlc-layout.$$"
failed=$(grep -c '^not ok' "${TMPDIR:-/tmp}/mlc-layout.$$")
rm -f "${TMPDIR:-/tmp}/mlc-layout.$$"
[ "$failed" = 0 ] && passed=1

echo "$passed passed, $failed failed"

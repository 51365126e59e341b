# Splits LANGUAGE.md into sentences, one a line: SECTION.NUMBER, a tab, the text.
# A sentence ends at a full stop before a blank and a capital letter or a back
# quote, or with its paragraph or list item; code blocks are no sentences.
/^```/   { flush(); code = !code; next }
code     { next }
/^## /   { flush(); section = substr($2, 1, 1); number = 0; next }
section == "" { next }
/^$/     { flush(); next }
/^- /    { flush(); sub(/^- /, "") }
         { sub(/^ +/, ""); text = text == "" ? $0 : text " " $0 }
END      { flush() }
function flush(   rest) {
    rest = text
    text = ""
    while (match(rest, /\. [A-Z`]/)) {
        emit(substr(rest, 1, RSTART))
        rest = substr(rest, RSTART + 2)
    }
    emit(rest)
}
function emit(s) {
    if (s != "")
        printf "%s.%d\t%s\n", section, ++number, s
}

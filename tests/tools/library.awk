# Makes library.c: which file of the standard library defines which name, and
# the doc comment above it.  A definition begins at the left margin: `f(x) = e`,
# `function f(x)`, `model m`, `name = e`.  Names below a `##` comment come first:
# they are for users, who are told of no others.
function add(name, called,    hidden) {
    if (name ~ /^(if|for|while|assert|include|use|sym|rule|try|end)$/ || name in seen)
        return
    seen[name] = 1
    file = FILENAME
    sub(/^stdlib\//, "", file)
    hidden = doc == ""
    rows[hidden] = rows[hidden] "    {\"" name "\", \"" file "\", " \
        (hidden ? "0" : "\n" doc "    ") ", " called "},\n"
}
function quoted(line,    i, c, text) {
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        text = text (c == "\\" || c == "\"" ? "\\" c : c)
    }
    return "        \"" text "\\n\"\n"
}
BEGIN {
    print "/* Made from stdlib/ by library.awk. */"
    print "#include \"eval/module.h\"\n"
    print "const LibraryName library_names[] = {"
}
FNR == 1 { doc = ""; above = 0 }
/^##/ {
    sub(/^## ?/, "")
    doc = (above ? doc : "") quoted($0)
    above = 1
    next
}
{ above = 0 }
/^function +[A-Za-z_]/ { split($2, part, "("); add(part[1], 1); doc = ""; next }
/^model +[A-Za-z_]/    { add($2, 0); doc = ""; next }
# One comment may stand above several short definitions.
/^[A-Za-z_][A-Za-z_0-9]*\(.*\) *=/ { split($0, part, "("); add(part[1], 1); next }
/^[A-Za-z_][A-Za-z_0-9]* *= *[^=]/ { add($1, 0); next }
{ doc = "" }
END { printf "%s%s    {0, 0, 0, 0}\n};\n", rows[0], rows[1] }

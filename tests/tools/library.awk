# Makes library.c: which file of the standard library defines which name.
# A definition begins at the left margin: `f(x) = e`, `function f(x)`,
# `model m`, `name = e`.  Names below a `##` comment come first: they are for
# users, who are told of no others.
function add(name) {
    if (name ~ /^(if|for|while|assert|include|use|sym|rule|try|end)$/ || name in seen)
        return
    seen[name] = 1
    file = FILENAME
    sub(/^stdlib\//, "", file)
    hidden = !documented
    rows[hidden] = rows[hidden] \
        sprintf("    {\"%s\", \"%s\", %d},\n", name, file, hidden)
}
# One comment may stand above several short definitions.
{ documented = doc; doc = /^##/ || (doc && /^[A-Za-z_][^ ]*(\(.*\))? *= /) }
BEGIN {
    print "/* Made from stdlib/ by library.awk. */"
    print "#include \"eval/module.h\"\n"
    print "const LibraryName library_names[] = {"
}
/^function +[A-Za-z_]/ { split($2, part, "("); add(part[1]); next }
/^model +[A-Za-z_]/    { add($2); next }
/^[A-Za-z_][A-Za-z_0-9]*\(.*\) *=/ { split($0, part, "("); add(part[1]); next }
/^[A-Za-z_][A-Za-z_0-9]* *= *[^=]/ { add($1); next }
END { printf "%s%s    {0, 0, 0}\n};\n", rows[0], rows[1] }

# embed.awk - C text as data: a NULL-ended table of one string a file.
# Strings are given line by line.
BEGIN { printf "/* made by embed.awk */\nextern const char *const c99_text[];\nconst char *const c99_text[] = {\n" }
FNR == 1 && NR > 1 { print "    ," }
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "    \"%s\\n\"\n", $0
}
END { print "    , 0\n};" }

/*
 * fmt.c - `mlc fmt`
 */
#include <stdio.h>
#include <string.h>

#include "io/file.h"
#include "syntax/tidy.h"
#include "tool/tool.h"

/* The line, from 1, in which two texts differ first; 0: they are equal. */
static int differing_line(const char *a, size_t na, const char *b, size_t nb)
{
    int line = 1;
    for (size_t i = 0; i < na || i < nb; i++) {
        if (i == na || i == nb || a[i] != b[i])
            return line;
        line += a[i] == '\n';
    }
    return 0;
}

/* May raise; true if the file had, or now has, the canonical layout. */
static bool format_file(const char *path, bool check)
{
    bool from_stdin = !strcmp(path, "-");
    const char *name = from_stdin ? "stdin" : path;
    Arena *a = arena_local();
    size_t len;
    const char *text = file_read(a, from_stdin ? "/dev/stdin" : path, &len);
    Str out = str_in(a);
    tidy_source(source_add(name, text, len, false), &out);
    int line = differing_line(text, len, str_text(&out), out.len);
    if (check && line > 0)
        printf("%s:%d: the layout is not canonical\n", name, line);
    else if (!check && from_stdin)
        fwrite(str_text(&out), 1, out.len, stdout);
    else if (!check && line > 0)
        file_write(path, str_text(&out), out.len);
    arena_free(a);
    return !check || line == 0;
}

/* In a Context of its own: the texts of one file are given back. */
static bool format_path(const char *path, bool check)
{
    Context *own = context_new();
    if (!own) {
        fputs("mlc: there is not enough memory\n", stderr);
        return false;
    }
    Context *outer = context_enter(own);
    volatile bool good = false;
    Protect p;
    if (PROTECT(&p)) {
        good = format_file(path, check);
        protect_end(&p);
    } else {
        tool_report();
    }
    context_enter(outer);
    context_free(own);
    return good;
}

int tool_fmt(int argc, char **argv)
{
    bool check = argc > 0 && !strcmp(argv[0], "--check");
    argc -= check, argv += check;
    if (argc == 0)
        return tool_usage("%s takes files, folders or -", "fmt");
    for (int i = 0; i < argc; i++)
        if (argv[i][0] == '-' && argv[i][1] != '\0')
            return tool_usage("fmt has no option %s", argv[i]);
    Context *own = context_new(), *outer = context_enter(own);
    Arena *a = arena_new();
    Paths paths = {0};
    bool good = tool_collect(a, argc, argv, &paths);
    for (size_t i = 0; i < paths.count; i++)
        good &= format_path(paths.at[i], check);
    arena_free(a);
    context_enter(outer);
    context_free(own);
    return tool_finish(good ? TOOL_GOOD : TOOL_FOUND);
}

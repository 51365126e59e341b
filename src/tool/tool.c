/*
 * tool.c - what the tools share
 */
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "syntax/diag.h"

void tool_show(const Error *error, bool warning)
{
    const char *no_colour = getenv("NO_COLOR");
    DiagStyle style = {.colour =
                           isatty(STDERR_FILENO) && !(no_colour && *no_colour),
                       .warning = warning};
    Protect p;
    if (PROTECT(&p)) {
        Arena *a = arena_local();
        Str s = str_in(a);
        diag_format(&s, error, &style);
        fwrite(str_text(&s), 1, s.len, stderr);
        arena_free(a);
        protect_end(&p);
    } else {
        fprintf(stderr, "error[%s]: %s\n", error_name(error->code),
                error->message);
    }
}

void tool_report(void)
{
    Error e = *context_error();
    tool_show(&e, false);
}

int tool_usage(const char *form, const char *word)
{
    fputs("mlc: ", stderr);
    fprintf(stderr, form, word);
    fputs("; mlc --help shows the command lines\n", stderr);
    return TOOL_USAGE;
}

static bool collect(Arena *a, const char *path, Paths *paths)
{
    Protect p;
    if (PROTECT(&p)) {
        if (path[0] == '-' && path[1] == '\0')
            VEC_PUSH_IN(a, paths, path);
        else
            folder_collect(a, path, ".mlc", paths);
        protect_end(&p);
        return true;
    }
    tool_report();
    return false;
}

bool tool_collect(Arena *a, int argc, char **argv, Paths *paths)
{
    bool good = true;
    for (int i = 0; i < argc; i++)
        good &= collect(a, argv[i], paths);
    return good;
}

int tool_finish(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("mlc: the output cannot be written\n", stderr);
    return TOOL_FOUND;
}

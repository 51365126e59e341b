/*
 * check.c - `mlc check`
 */
#include "tool/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "syntax/diag.h"
#include "tool/json_lines.h"
#include "tool/tool.h"

static const char *copy_text(Check *c, const char *text)
{
    return text ? arena_copy(c->arena, text, strlen(text)) : NULL;
}

static void add(Check *c, Error e, bool warning)
{
    if (c->tries > 0 && !warning)
        return;
    e.message = copy_text(c, e.message);
    e.detail = copy_text(c, e.detail);
    e.help = copy_text(c, e.help);
    Finding f = {e, warning};
    VEC_PUSH_IN(c->arena, &c->found, f);
}

void check_note_error(Check *c)
{
    Error e = *context_error();
    if (e.code == ERR_MEMORY || e.code == ERR_INTERRUPT)
        error_again();
    e.nframes = 0;
    add(c, e, false);
}

void check_note(Check *c, bool warning, Span at, ErrorCode code,
                const char *help, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    Error e = {.at = at,
               .code = code,
               .message = arena_print_args(c->arena, form, args),
               .help = help};
    va_end(args);
    add(c, e, warning);
}

static int compare_places(const void *a, const void *b)
{
    const Finding *x = a, *y = b;
    uint32_t i = x->error.at.from, k = y->error.at.from;
    return i < k ? -1 : i > k;
}

void check_tree(Check *c, const Ast *tree)
{
    check_names(c, tree);
    check_sizes(c, tree);
    if (c->found.count > 0)
        qsort(c->found.at, c->found.count, sizeof *c->found.at, compare_places);
}

/* ---- the tool ---- */

static const char *directory_of(Arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_copy(a, path, slash ? (size_t)(slash - path) + 1 : 0);
}

static void show(const Error *e, bool warning, bool json)
{
    if (!json) {
        tool_show(e, warning);
        return;
    }
    Arena *a = arena_local();
    Str s = str_in(a);
    json_add_error(&s, e, warning);
    puts(str_text(&s));
    arena_free(a);
}

static bool check_file(Interp *in, const char *path, bool json)
{
    bool from_stdin = !strcmp(path, "-");
    Arena *a = arena_local();
    size_t len;
    const char *text = file_read(a, from_stdin ? "/dev/stdin" : path, &len);
    const char *name = from_stdin ? "stdin" : path;
    uint32_t source = source_add(name, text, len, false);
    Parse parse = parse_source(source, a);
    for (size_t i = 0; i < parse.nerrors; i++)
        show(&parse.errors[i], false, json);
    Check c = {.in = in, .arena = a, .directory = directory_of(a, path)};
    if (parse.tree)
        check_tree(&c, parse.tree);
    for (size_t i = 0; i < c.found.count; i++)
        show(&c.found.at[i].error, c.found.at[i].warning, json);
    bool good = parse.nerrors == 0 && c.found.count == 0;
    arena_free(a);
    return good;
}

/* Each file in a session of its own. */
static bool check_path(const char *path, bool json)
{
    Interp *in = interp_new();
    if (!in) {
        fputs("mlc: there is not enough memory\n", stderr);
        return false;
    }
    volatile bool good = false;
    Protect p;
    if (PROTECT(&p)) {
        good = check_file(in, path, json);
        protect_end(&p);
    } else {
        tool_report();
    }
    interp_free(in);
    return good;
}

int tool_check(int argc, char **argv)
{
    bool json = argc > 0 && !strcmp(argv[0], "--json");
    argc -= json, argv += json;
    if (argc == 0)
        return tool_usage("%s takes files, folders or -", "check");
    for (int i = 0; i < argc; i++)
        if (argv[i][0] == '-' && argv[i][1] != '\0')
            return tool_usage("check has no option %s", argv[i]);
    Context *own = context_new(), *outer = context_enter(own);
    Arena *a = arena_new();
    Paths paths = {0};
    bool good = tool_collect(a, argc, argv, &paths);
    for (size_t i = 0; i < paths.count; i++)
        good &= check_path(paths.at[i], json);
    arena_free(a);
    context_enter(outer);
    context_free(own);
    return tool_finish(good ? TOOL_GOOD : TOOL_FOUND);
}

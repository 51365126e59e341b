#include "eval/graphviz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/module.h"
#include "io/file.h"
#include "io/spawn.h"

/* A file that Graphviz reads: its name, in the arena. */
static char *write_temporary(Arena *a, const Str *dot)
{
    const char *folder = getenv("TMPDIR");
    char *path =
        arena_printf(a, "%s/mlc-XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0)
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot make a file in `%s`",
                    folder && *folder ? folder : "/tmp");
    size_t done = 0;
    while (done < dot->len) {
        ssize_t n = write(fd, dot->at + done, dot->len - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    if (done < dot->len) {
        unlink(path);
        error_raise(SPAN_NONE, ERR_OUTPUT, "cannot write `%s`", path);
    }
    return path;
}

/* The exit status of dot; -1: there is no such program. */
static int run_dot(Interp *in, const Str *dot, const char *path,
                   const char *kind)
{
    Arena *a = in->scratch;
    char *from = write_temporary(a, dot);
    const char *const argv[] = {
        "dot", arena_printf(a, "-T%s", kind), "-o", path, from, NULL};
    Protect p;
    volatile int status = 0;
    if (PROTECT(&p)) {
        status = spawn_run(argv);
        protect_end(&p);
        unlink(from);
    } else {
        unlink(from);
        error_again();
    }
    return status;
}

static void write_picture(Interp *in, const Str *dot, const char *path,
                          const char *kind)
{
    int status = run_dot(in, dot, path, kind);
    if (status < 0)
        error_raise_help(SPAN_NONE, ERR_LIBRARY, NULL,
                         "install the package graphviz, or write a .dot file",
                         "the program `dot` is not here, which draws the "
                         "picture");
    if (status != 0)
        error_raise(SPAN_NONE, ERR_FILE,
                    "`dot` could not write `%s` (exit status %d)", path,
                    status);
}

void graphviz_write(Interp *in, const Str *dot, const char *given)
{
    static const char *const kind[] = {"svg", "png", "pdf"};
    const char *path = relative_path(in, in->scratch, given);
    const char *ending = strrchr(given, '.');
    ending = ending ? ending + 1 : "";
    if (!strcmp(ending, "dot")) {
        file_write(path, dot->at, dot->len);
        return;
    }
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        if (!strcmp(ending, kind[i])) {
            write_picture(in, dot, path, kind[i]);
            return;
        }
    error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "graph(e, \"e.svg\")",
                     "a graph is written to a .svg, .png, .pdf or .dot file, "
                     "not to `%s`",
                     given);
}

void graphviz_show(Interp *in, const Str *text, const Str *dot)
{
    if (!in->display) {
        interp_write(in, str_text(text), text->len);
        return;
    }
    Arena *a = in->scratch;
    Str svg = str_in(a);
    const char *path = write_temporary(a, &svg);
    size_t len;
    if (run_dot(in, dot, path, "svg") == 0) {
        const char *picture = file_read(a, path, &len);
        str_add_len(&svg, picture, len);
    }
    unlink(path);
    in->display->picture(in, in->display->owner, text, &svg);
}

void graphviz_label(Str *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            str_add_char(out, '\\');
        if (c == '\n')
            str_add(out, "\\n");
        else
            str_add_char(out, c >= 0x20 ? (char)c : ' ');
    }
}

/*
 * history.c - what was typed, in this session and in earlier ones
 */
#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define _FUNCTION_DEF
#include <readline/history.h>

#include "base/error.h"
#include "base/str.h"
#include "io/file.h"

enum { MOST_KEPT = 2000, MOST_IN_FILE = 4000 };

/* ---- the folder ---- */

static bool make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

const char *state_path(Arena *a, const char *name)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *folder;
    if (state && *state == '/')
        folder = arena_printf(a, "%s/mlc", state);
    else if (home && *home == '/')
        folder = arena_printf(a, "%s/.local/state/mlc", home);
    else
        return NULL;
    for (char *p = folder + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        make_folder(folder);
        *p = '/';
    }
    return make_folder(folder) ? arena_printf(a, "%s/%s", folder, name) : NULL;
}

/* ---- the file ---- */

static void add_encoded(Str *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            str_add(out, "\\n");
        else if (text[i] == '\\')
            str_add(out, "\\\\");
        else
            str_add_char(out, text[i]);
    }
    str_add_char(out, '\n');
}

/* In place; other backslashes stay. */
static void decode(char *line)
{
    char *to = line;
    for (const char *p = line; *p; p++) {
        if (*p == '\\' && (p[1] == 'n' || p[1] == '\\'))
            *to++ = *++p == 'n' ? '\n' : '\\';
        else
            *to++ = *p;
    }
    *to = '\0';
}

/* The newest MOST_KEPT lines of a file that has grown long. */
static const char *shortened(const char *path, const char *text, size_t len)
{
    size_t lines = 0;
    const char *from = text + len;
    while (from > text && lines <= MOST_KEPT)
        lines += *--from == '\n';
    if (from > text)
        from++;
    size_t all = lines;
    for (const char *p = text; p < from; p++)
        all += *p == '\n';
    if (all > MOST_IN_FILE)
        file_write(path, from, len - (size_t)(from - text));
    return from;
}

static void read_lines(const History *h)
{
    Arena *a = arena_local();
    size_t len;
    char *text = file_read(a, h->path, &len);
    const char *from = shortened(h->path, text, len);
    for (char *p = text + (from - text); p < text + len;) {
        char *line = p, *end = strchr(p, '\n');
        p = end ? end + 1 : text + len;
        if (end)
            *end = '\0';
        decode(line);
        if (*line)
            add_history(line);
    }
    arena_free(a);
}

void history_start(History *h, Arena *a)
{
    using_history();
    stifle_history(MOST_KEPT);
    h->path = NULL;
    Protect p;
    if (PROTECT(&p)) {
        h->path = state_path(a, "history");
        if (h->path && file_exists(h->path))
            read_lines(h);
        protect_end(&p);
    }
}

static void append(const History *h, const char *text, size_t len)
{
    Arena *a = arena_local();
    Str line = str_in(a);
    add_encoded(&line, text, len);
    int fd = open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        ssize_t n = write(fd, line.at, line.len);
        (void)n; /* a history that cannot be written is no error */
        close(fd);
    }
    arena_free(a);
}

void history_add(History *h, const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\n", text[len - 1]))
        len--;
    HIST_ENTRY *last =
        history_length ? history_get(history_base + history_length - 1) : NULL;
    if (len == 0 ||
        (last && strlen(last->line) == len && !memcmp(last->line, text, len)))
        return;
    Arena *a = arena_local();
    add_history(arena_copy(a, text, len));
    if (h->path)
        append(h, text, len);
    arena_free(a);
}

void history_show(FILE *out, const char *part, int most)
{
    int n = 0, from = history_length;
    while (from > 0 && n < most)
        n += strstr(history_get(history_base + --from)->line, part) != NULL;
    for (; from < history_length; from++) {
        const char *text = history_get(history_base + from)->line;
        if (!strstr(text, part))
            continue;
        for (const char *p = text; *p;) {
            size_t len = strcspn(p, "\n");
            fprintf(out, "%s%.*s\n", p == text ? "  " : "    ", (int)len, p);
            p += len + (p[len] == '\n');
        }
    }
}

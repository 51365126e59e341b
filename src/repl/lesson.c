/*
 * lesson.c - scripts as lessons
 */
#include "repl/lesson.h"

#include <string.h>

#include "base/str.h"
#include "io/file.h"
#include "syntax/parse.h"

typedef struct Reader {
    Arena *arena;
    const char *at, *end;
} Reader;

/* The next line, without its newline; false at the end. */
static bool next_line(Reader *r, const char **line, size_t *len)
{
    if (r->at >= r->end)
        return false;
    const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
    *line = r->at;
    *len = (size_t)((stop ? stop : r->end) - r->at);
    r->at += *len + 1;
    return true;
}

static bool begins(const char *line, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && !memcmp(line, with, n);
}

/* What stands behind the mark and blanks. */
static const char *after(Reader *r, const char *line, size_t len, size_t mark)
{
    while (mark < len && line[mark] == ' ')
        mark++;
    return arena_copy(r->arena, line + mark, len - mark);
}

/* "English / Spanish"; one text alone serves for both. */
static void split_languages(Reader *r, const char *text,
                            const char *out[LANGUAGES])
{
    const char *slash = strstr(text, " / ");
    out[ENGLISH] =
        slash ? arena_copy(r->arena, text, (size_t)(slash - text)) : text;
    out[SPANISH] = slash ? slash + 3 : text;
}

static void read_head(Reader *r, Lesson *y)
{
    Str intro = str_in(r->arena);
    const char *line;
    size_t len;
    y->title[ENGLISH] = y->title[SPANISH] = y->name;
    for (int i = 0;; i++) {
        const char *before = r->at;
        if (!next_line(r, &line, &len) || !begins(line, len, "##")) {
            r->at = before;
            break;
        }
        const char *text = after(r, line, len, 2);
        if (i < 2)
            y->title[i == 0 ? SPANISH : ENGLISH] = text;
        else if (intro.len > 0 || *text)
            str_add_format(&intro, "%s\n", text);
    }
    y->intro = str_text(&intro);
}

static void add_part(Reader *r, Lesson *y, Str *text)
{
    if (text->len > 0)
        VEC_PUSH_IN(r->arena, &y->part,
                    arena_copy(r->arena, text->at, text->len));
    str_clear(text);
}

static void read_mark(Reader *r, Lesson *y, const char *line, size_t len)
{
    const char *text = after(r, line, len, 2);
    size_t n = y->question.count;
    Question *q = n > 0 ? &y->question.at[n - 1] : NULL;
    if (line[1] == '?') {
        Question fresh = {.answer = ""};
        split_languages(r, text, fresh.ask);
        fresh.hint[ENGLISH] = fresh.hint[SPANISH] = "";
        VEC_PUSH_IN(r->arena, &y->question, fresh);
    } else if (q && line[1] == '=') {
        q->answer = text;
    } else if (q) {
        split_languages(r, text, q->hint);
    }
}

/* A blank line ends a part, unless a block is open. */
static bool is_open(const Str *text)
{
    return text->len > 0 &&
           parse_state(text->at, text->len) == PARSE_INCOMPLETE;
}

/* Is every line a comment?  Such a head of the questions is not shown. */
static bool is_comment(const Str *text)
{
    for (size_t i = 0; i < text->len; i++)
        if ((i == 0 || text->at[i - 1] == '\n') && text->at[i] != '#')
            return false;
    return true;
}

static void read_parts(Reader *r, Lesson *y)
{
    Str text = str_in(r->arena);
    const char *line;
    size_t len;
    while (next_line(r, &line, &len)) {
        if (begins(line, len, "#?") || begins(line, len, "#=") ||
            begins(line, len, "#!")) {
            if (is_comment(&text))
                str_clear(&text);
            read_mark(r, y, line, len);
        }
        else if (len == 0 && !is_open(&text))
            add_part(r, y, &text);
        else if (len > 0 || text.len > 0)
            str_add_format(&text, "%.*s\n", (int)len, line);
    }
    add_part(r, y, &text);
}

Lesson lesson_read(Arena *a, const char *folder, const char *name)
{
    Lesson y = {.name = name,
                .path = arena_printf(a, "%s/%s.mlc", folder, name)};
    size_t len;
    const char *text = file_read(a, y.path, &len);
    Reader r = {.arena = a, .at = text, .end = text + len};
    read_head(&r, &y);
    read_parts(&r, &y);
    return y;
}

Names lesson_order(Arena *a, const char *folder)
{
    Names y = {0};
    size_t len;
    const char *line;
    const char *text =
        file_read(a, arena_printf(a, "%s/order.txt", folder), &len);
    Reader r = {.arena = a, .at = text, .end = text + len};
    while (next_line(&r, &line, &len))
        if (len > 0)
            VEC_PUSH_IN(a, &y, arena_copy(a, line, len));
    return y;
}

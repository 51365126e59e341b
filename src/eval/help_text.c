/*
 * help_text.c - paragraphs, doc comments and examples of help
 */
#include "eval/help_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "eval/help.h"
#include "syntax/parse.h"

enum { MOST_ANSWER = 8192 };

void help_write(Interp *in, const char *text)
{
    interp_write(in, text, strlen(text));
}

/* ---- paragraphs ---- */

void help_wrapped(Interp *in, const char *left, const char *text, bool gap)
{
    Arena *a = arena_local();
    size_t most = (size_t)in->format.width - 1;
    Str line = str_in(a);
    str_add(&line, left);
    bool empty = true;
    while (*text) {
        const char *end = gap ? strstr(text, "  ") : strchr(text, ' ');
        size_t n = end ? (size_t)(end - text) : strlen(text);
        size_t used = text_columns(str_text(&line), line.len);
        if (!empty && used + 2 + text_columns(text, n) > most) {
            str_add_char(&line, '\n');
            help_write(in, str_text(&line));
            line = str_in(a);
            str_add(&line, left);
            empty = true;
        }
        str_add(&line, empty ? "" : gap ? "  " : " ");
        str_add_len(&line, text, n);
        empty = false;
        text += n;
        text += strspn(text, " ");
    }
    str_add_char(&line, '\n');
    help_write(in, str_text(&line));
    arena_free(a);
}

void help_paragraph(Interp *in, const char *left, const char *text)
{
    help_wrapped(in, left, text, false);
}

/* Each line of the text behind `first`, later ones behind `left`. */
static void write_lines(Interp *in, const char *first, const char *left,
                        const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        help_write(in, n ? first : "");
        interp_write(in, text, n);
        help_write(in, "\n");
        text += n + (text[n] == '\n');
        first = left;
    }
}

/* ---- examples ---- */

/*
 * What the example prints, run in an interpreter of its own: it changes
 * nothing here.  "" if it prints nothing, or too much, or fails.
 */
static const char *run_example(Interp *in, Arena *a, const char *example)
{
    char *text = ARENA_ARRAY(a, char, MOST_ANSWER + 1);
    FILE *out = fmemopen(text, MOST_ANSWER, "w");
    Interp *other = out ? interp_new() : NULL;
    bool good = false;
    if (other) {
        other->out = other->err = out;
        other->format.width = in->format.width - 11;
        uint32_t source =
            source_add("example", example, strlen(example), false);
        good = interp_run(other, other->top, source);
        good = good && fflush(out) == 0;
        interp_free(other);
    }
    if (out)
        fclose(out);
    return good ? text : "";
}

void help_example(Interp *in, const char *example)
{
    if (!example || !*example)
        return;
    Arena *a = arena_local();
    write_lines(in, "  example: ", "           ", example);
    write_lines(in, "        -> ", "           ", run_example(in, a, example));
    arena_free(a);
}

/* ---- doc comments ---- */

/* `  f(1, 2)  is 3`: the part before two blanks, if it can be run. */
static const char *line_example(Arena *a, const char *line, size_t len)
{
    size_t from = 0, n = 0;
    while (from < len && line[from] == ' ')
        from++;
    while (from + n < len && strncmp(line + from + n, "  ", 2) != 0)
        n++;
    const char *code = arena_copy(a, line + from, n);
    bool works = strpbrk(code, "(=") && parse_state(code, n) == PARSE_COMPLETE;
    return from > 1 && works ? code : NULL;
}

static size_t next_paragraph(Arena *a, const char *doc, Str *text)
{
    size_t at = 0;
    *text = str_in(a);
    while (doc[at] && doc[at] != ' ') {
        size_t n = strcspn(doc + at, "\n");
        if (n == 0)
            break;
        str_add(text, text->len > 0 ? " " : "");
        str_add_len(text, doc + at, n);
        at += n + (doc[at + n] == '\n');
    }
    return at;
}

void help_doc(Interp *in, const char *doc)
{
    Arena *a = arena_local();
    while (doc && *doc) {
        Str text;
        doc += next_paragraph(a, doc, &text);
        if (text.len > 0)
            help_wrapped(in, "  ", str_text(&text), false);
        size_t n = strcspn(doc, "\n");
        if (n > 0 && !line_example(a, doc, n))
            help_write(in, arena_printf(a, "  %.*s\n", (int)n, doc));
        doc += n + (doc[n] == '\n');
    }
    arena_free(a);
}

const char *help_doc_example(Arena *a, const char *doc)
{
    Str all = str_in(a);
    while (doc && *doc) {
        size_t n = strcspn(doc, "\n");
        const char *code = line_example(a, doc, n);
        if (code)
            str_add_format(&all, "%s\n", code);
        doc += n + (doc[n] == '\n');
    }
    return str_text(&all);
}

/* A full stop before a blank ends it, but not in `(Gauss 1809).w`. */
const char *help_sentence(Arena *a, const char *text)
{
    size_t n = 0;
    int depth = 0;
    for (; text[n]; n++) {
        depth += text[n] == '(' ? 1 : text[n] == ')' ? -1 : 0;
        if (text[n] == '\n' && (text[n + 1] == ' ' || text[n + 1] == '\n'))
            break;
        if (depth <= 0 && text[n] == '.' &&
            (!text[n + 1] || isspace((unsigned char)text[n + 1])))
            break;
    }
    char *one = arena_copy(a, text, n);
    for (char *c = one; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    return one;
}

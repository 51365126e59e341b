/*
 * paste.c - transcripts of a session, typed again
 */
#include "repl/paste.h"

#include <string.h>

#include "repl/session.h"
#include "syntax/parse.h"

/* The blank behind the mark may be gone: terminals cut lines. */
const char *paste_after_prompt(const char *line, const char *prompt)
{
    size_t n = strlen(prompt) - 1;
    line += strspn(line, " \t");
    if (strncmp(line, prompt, n) != 0)
        return NULL;
    line += n;
    if (*line == ' ')
        return line + 1;
    return *line == '\n' || *line == '\0' ? line : NULL;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

bool paste_is_transcript(const char *text)
{
    for (const char *p = text; *p; p = next_line(p))
        if (paste_after_prompt(p, PROMPT_FIRST) ||
            paste_after_prompt(p, PROMPT_MORE))
            return true;
    return false;
}

static void add_line(Str *s, const char *line)
{
    str_add_len(s, line, strcspn(line, "\n"));
    str_add_char(s, '\n');
}

static void finish(Str *out, Str *now)
{
    const char *text = str_text(now);
    if (text[strspn(text, " \t\n")])
        str_add_len(out, text, now->len + 1);
    str_clear(now);
}

void paste_split(Str *out, const char *text)
{
    Arena *a = arena_local();
    Str now = str_in(a);
    for (const char *p = text; *p; p = next_line(p)) {
        const char *first = paste_after_prompt(p, PROMPT_FIRST);
        const char *more = paste_after_prompt(p, PROMPT_MORE);
        if (first) {
            finish(out, &now);
            add_line(&now, first);
        } else if (more) {
            add_line(&now, more);
        } else if (p == text
                       ? strncmp(p, "mlc 0", 5) != 0
                       : now.len > 0 && parse_state(str_text(&now), now.len) ==
                                            PARSE_INCOMPLETE) {
            add_line(&now, p);
        }
    }
    finish(out, &now);
    arena_free(a);
}

/*
 * saved.c - what ran in a session, as a script that can be run again
 */
#include "repl/saved.h"

#include <ctype.h>
#include <string.h>

#include "io/file.h"

static bool names_answer(const char *text)
{
    for (const char *p = text; (p = strstr(p, "ans")) != NULL; p += 3) {
        unsigned char before = p == text ? ' ' : (unsigned char)p[-1];
        unsigned char after = (unsigned char)p[3];
        if (!isalnum(before) && before != '_' && before < 128 &&
            !isalnum(after) && after != '_' && after < 128)
            return true;
    }
    return false;
}

/* `a, b` becomes `a`, `ans = b` and `ans` on three lines. */
static void name_answer(Saved *s)
{
    Arena *a = arena_local();
    const char *all = str_text(&s->text);
    size_t head = s->from;
    while (head > s->show && strchr(", \t\n", all[head - 1]))
        head--;
    Str rest = str_in(a);
    if (head > s->show)
        str_add_char(&rest, '\n');
    str_add(&rest, "ans = ");
    str_add_len(&rest, all + s->from, s->to - s->from);
    str_add(&rest, "\nans");
    str_add(&rest, all + s->to);
    s->text.len = head;
    str_add(&s->text, str_text(&rest));
    arena_free(a);
}

/* Printed in a loop, an included file, a statement that failed. */
static void write_answer(Saved *s, Interp *in)
{
    Cell *c = scope_find(in->top, name_of("ans"));
    if (!c)
        return;
    Arena *a = arena_local();
    Str v = str_in(a);
    value_format_inline(&in->format, c->value, &v);
    if (c->value.kind < VAL_ARRAY || c->value.kind == VAL_EXPR)
        str_add_format(&s->text, "ans = %s\n", str_text(&v));
    else
        str_add_format(&s->text, "# here ans was %s\n",
                       value_kind_phrase(c->value));
    arena_free(a);
}

void saved_prepare(Saved *s, Interp *in, const char *text)
{
    if (s->answer == ANSWER_NONE || !names_answer(text))
        return;
    if (s->answer == ANSWER_PRINTED)
        name_answer(s);
    else
        write_answer(s, in);
    s->answer = ANSWER_NONE;
}

void saved_add(Saved *s, const Interp *in, const char *text, uint32_t source)
{
    size_t begin = s->text.len;
    str_add_len(&s->text, text, in->done);
    if (in->done > 0 && s->text.at[s->text.len - 1] != '\n')
        str_add_char(&s->text, '\n');
    if (in->answer.source == 0)
        return;
    bool here = in->answer.source == source && in->answer_of.to <= in->done;
    s->answer = here ? ANSWER_PRINTED : ANSWER_ELSEWHERE;
    s->show = begin + in->answer_of.from;
    s->from = begin + in->answer.from;
    s->to = begin + in->answer.to;
}

void saved_write(const Saved *s, const char *path)
{
    file_write(path, str_text(&s->text), s->text.len);
}

void saved_clear(Saved *s)
{
    str_clear(&s->text);
    s->answer = ANSWER_NONE;
}

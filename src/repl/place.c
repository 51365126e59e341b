/*
 * place.c - where the cursor stands in a text, for completion
 */
#include "repl/place.h"

#include <ctype.h>
#include <string.h>

#include "base/vec.h"

typedef struct Open {
    char bracket;
    size_t at;
    char mark; /* `,` or `;` where that is the last one in it */
} Open;

typedef struct Scan {
    Arena *arena;
    const char *text;
    size_t len;
    VEC(Open) open;
    size_t statement; /* where it begins */
    size_t string;    /* the open quote, or len */
    bool comment;
} Scan;

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 128;
}

static void take_mark(Scan *s, size_t i)
{
    char c = s->text[i];
    if (c == '(' || c == '[' || c == '{') {
        VEC_PUSH_IN(s->arena, &s->open, ((Open){c, i, 0}));
    } else if (c == ')' || c == ']' || c == '}') {
        s->open.count -= s->open.count > 0;
    } else if (s->open.count == 0) {
        if (c == '\n' || c == ';')
            s->statement = i + 1;
    } else if (c == ',' || c == ';') {
        s->open.at[s->open.count - 1].mark = c;
    } else if (!strchr(" \t\n", c) && !is_word(c)) {
        s->open.at[s->open.count - 1].mark = 0;
    }
}

static size_t end_of_string(const Scan *s, size_t i)
{
    for (i++; i < s->len && s->text[i] != '"'; i++)
        i += s->text[i] == '\\';
    return i < s->len ? i : s->len;
}

static void scan(Scan *s)
{
    s->string = s->len;
    for (size_t i = 0; i < s->len; i++) {
        if (s->text[i] == '"') {
            size_t end = end_of_string(s, i);
            if (end == s->len)
                s->string = i;
            i = end;
        } else if (s->text[i] == '#') {
            const char *end = memchr(s->text + i, '\n', s->len - i);
            s->comment = !end;
            i = end ? (size_t)(end - s->text) - 1 : s->len;
        } else {
            take_mark(s, i);
        }
    }
}

/* Where the path a.b[2].c begins that ends before `end`. */
static size_t path_begin(const char *text, size_t end)
{
    size_t at = end;
    while (at > 0) {
        if (text[at - 1] == ']') {
            int depth = 0;
            do {
                at--;
                depth += text[at] == ']' ? 1 : text[at] == '[' ? -1 : 0;
            } while (at > 0 && depth > 0);
        } else if (is_word(text[at - 1]) || text[at - 1] == '.') {
            at--;
        } else {
            break;
        }
    }
    return at;
}

static const char *path_before(Arena *a, const char *text, size_t end)
{
    size_t at = path_begin(text, end);
    return at < end ? arena_copy(a, text + at, end - at) : NULL;
}

/* The innermost call, and the innermost index inside of it. */
static void find_call(const Scan *s, Place *p)
{
    for (size_t i = s->open.count; i-- > 0;) {
        const Open *o = &s->open.at[i];
        const char *before = path_before(s->arena, s->text, o->at);
        if (o->bracket == '[' && before && !p->object)
            p->object = before;
        if (o->bracket != '(' || !before)
            continue;
        p->callee = before;
        p->args = arena_copy(s->arena, s->text + o->at + 1, s->len - o->at - 1);
        p->option = i + 1 == s->open.count ? o->mark : 0;
        return;
    }
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(name, *names))
            return true;
    return false;
}

static bool begins_with(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len > n && !memcmp(text, word, n) && !is_word(text[n]);
}

/* In a string: a file where the call or the statement takes one. */
static void find_in_string(const Scan *s, Place *p)
{
    static const char *const files[] = {"read", "load", "save", "plot", NULL};
    const char *head = s->text + s->statement;
    head += strspn(head, " \t");
    size_t len = s->len - (size_t)(head - s->text);
    p->from = s->string + 1;
    if ((p->callee && is_one_of(p->callee, files)) ||
        begins_with(head, len, "include") || begins_with(head, len, "use")) {
        p->kind = PLACE_FILE;
        return;
    }
    p->kind = p->object || p->callee ? PLACE_COLUMN : PLACE_NOWHERE;
    if (p->object)
        return;
    for (p->from = s->len; p->from > s->string + 1; p->from--)
        if (!is_word(s->text[p->from - 1]))
            break;
}

static void find_word(const Scan *s, Place *p)
{
    const char *text = s->text;
    size_t at = s->len;
    while (at > 0 && is_word(text[at - 1]))
        at--;
    p->from = at;
    p->kind = isdigit((unsigned char)text[at]) ? PLACE_NOWHERE : PLACE_NAME;
    if (at == 0)
        return;
    if (text[at - 1] == '\\' ||
        (at > 1 && text[at - 1] == '^' && text[at - 2] == '\\')) {
        p->kind = PLACE_LETTER;
        p->from = at - 1 - (text[at - 1] == '^');
    } else if (text[at - 1] == '.') {
        p->object = path_before(s->arena, text, at - 1);
        bool member = p->object && !isdigit((unsigned char)p->object[0]);
        p->kind = member ? PLACE_MEMBER : PLACE_NOWHERE;
    }
}

/* A command, a question: true if the text is one. */
static bool find_command(Place *p, const char *text, size_t len)
{
    size_t head = strcspn(text, " ");
    if (text[0] == '?') {
        p->kind = PLACE_HELP;
        p->from = len;
        while (p->from > 0 && is_word(text[p->from - 1]))
            p->from--;
        return true;
    }
    if (text[0] != ':')
        return false;
    if (head >= len) {
        p->kind = PLACE_COMMAND;
        return true;
    }
    if (head != 5 || (memcmp(text, ":load", 5) && memcmp(text, ":save", 5)))
        return false;
    p->kind = PLACE_FILE;
    p->from = head + strspn(text + head, " \"");
    return true;
}

Place place_find(Arena *a, const char *text, size_t len)
{
    Scan s = {.arena = a, .text = arena_copy(a, text, len), .len = len};
    Place p = {.kind = PLACE_NOWHERE};
    if (find_command(&p, s.text, len))
        return p;
    scan(&s);
    p.from = len;
    if (s.comment)
        return p;
    find_call(&s, &p);
    if (s.string < len) {
        find_in_string(&s, &p);
    } else {
        p.object = NULL;
        find_word(&s, &p);
    }
    return p;
}

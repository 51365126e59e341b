/*
 * help_search.c - `??word`, `?source name`
 */
#include "eval/help_inside.h"

#include <string.h>
#include <strings.h>

#include "eval/fit.h"
#include "eval/module.h"
#include "syntax/diag.h"

/* ---- words ---- */

/* Capital letters are as small ones. */
static bool holds(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text; text++)
        if (!strncasecmp(text, word, n))
            return true;
    return n == 0;
}

typedef struct Search {
    Interp *in;
    Arena *arena;
    const char *word;
    bool named; /* names that hold the word; else texts alone that do */
    size_t found;
} Search;

/* As much as fits into so many columns. */
static const char *cut(Arena *a, const char *text, size_t most)
{
    size_t n = 0, columns = 0, len = strlen(text);
    while (n < len) {
        uint32_t c;
        size_t k = text_decode(text + n, len - n, &c);
        k = k ? k : 1;
        columns += text_columns(text + n, k);
        if (columns > most)
            return arena_printf(a, "%.*s...", (int)n, text);
        n += k;
    }
    return text;
}

/* One line: the name and how its help begins. */
static void look_at(Search *s, const char *name, const char *text)
{
    bool named = holds(name, s->word);
    if (named != s->named || (!named && !holds(text, s->word)))
        return;
    size_t width = 18, n = text_columns(name, strlen(name));
    const char *what = help_sentence(s->arena, text);
    size_t used = n < width ? width : n;
    int room = s->in->format.width - (int)used - 6;
    help_write(s->in, arena_printf(
                          s->arena, "%s%*s  %s\n", name, (int)(used - n), "",
                          cut(s->arena, what, room > 10 ? (size_t)room : 10)));
    s->found++;
}

static void look_through(Search *s)
{
    const Builtin *b;
    const Topic *t;
    const char *name;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++) {
        const char *help = help_of_builtin(b);
        if (help && builtin_named(name_of(b->name)) == b)
            look_at(s, b->name, help);
    }
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        look_at(s, name, library_doc(i));
    for (size_t i = 0; (t = help_topic(i)) != NULL; i++) {
        size_t n = strcspn(t->names, " ");
        look_at(s, arena_copy(s->arena, t->names, n), t->text);
    }
}

bool help_search(Interp *in, const char *word)
{
    Search s = {.in = in, .arena = arena_local(), .word = word, .named = true};
    look_through(&s);
    s.named = false;
    look_through(&s);
    arena_free(s.arena);
    return s.found > 0;
}

/* ---- sources ---- */

static const Ast *definition_of(Value v)
{
    if (v.kind != VAL_FUNCTION)
        return NULL;
    if (v.function->class == &class_closure)
        return ((const Closure *)v.function->data)->def;
    if (v.function->class == &class_model)
        return ((const Model *)v.function->data)->def;
    if (v.function->class == &class_fit)
        return definition_of(((const Fit *)v.function->data)->model);
    return NULL;
}

/* From its doc comment on, in whole lines. */
static void write_definition(Interp *in, Span at)
{
    const Source *s = source_get(at.source);
    size_t from = at.from, to = at.to;
    while (from > 0 && s->text[from - 1] != '\n')
        from--;
    for (;;) {
        size_t above = from;
        while (above > 0 && s->text[above - 1] == '\n' &&
               (above == from || s->text[above - 1] != '\n'))
            above--;
        while (above > 0 && s->text[above - 1] != '\n')
            above--;
        if (above == from || strncmp(s->text + above, "##", 2) != 0)
            break;
        from = above;
    }
    while (to < s->len && s->text[to] != '\n')
        to++;
    Arena *a = arena_local();
    Str place = str_in(a);
    diag_place(&place, (Span){at.source, (uint32_t)from, (uint32_t)to});
    help_write(in, arena_printf(a, "# %s\n", str_text(&place)));
    interp_write(in, s->text + from, to - from);
    help_write(in, "\n");
    arena_free(a);
}

void help_source(Interp *in, const char *name, Span at)
{
    Value v;
    bool known = lookup_name(in, name_of(name), &v);
    const Ast *def = known ? definition_of(v) : NULL;
    if (def && def->at.source) {
        write_definition(in, def->at);
        return;
    }
    bool built =
        known && v.kind == VAL_FUNCTION && v.function->class == &class_builtin;
    error_raise_help(
        at, ERR_NAME, NULL,
        arena_printf(error_arena(),
                     built ? "?%.40s tells what it does"
                           : "??%.40s looks for the word",
                     name),
        built ? "`%.40s` is a part of the program, it has no source in mlc"
              : "`%.40s` is no function or model that has a source",
        name);
}

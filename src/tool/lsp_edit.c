/*
 * lsp_edit.c - changes of a document: its layout, other names
 */
#include <string.h>

#include "syntax/tidy.h"
#include "syntax/unicode.h"
#include "tool/lsp_inside.h"

static void answer_formatting(Study *y, const Json *params, Str *s)
{
    (void)params;
    Str text = str_in(y->arena);
    str_add_char(s, '[');
    if (y->parse.tree) {
        tidy_source(y->source, &text);
        if (text.len != y->len || memcmp(str_text(&text), y->text, y->len)) {
            str_add(s, "{\"range\":");
            add_range(s, y->text, y->len, 0, y->len);
            str_add(s, ",\"newText\":");
            json_add_text(s, str_text(&text), text.len);
            str_add_char(s, '}');
        }
    }
    str_add_char(s, ']');
}

void ask_formatting(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_formatting, "[]");
}

/* ---- other names ---- */

static bool is_keyword(const char *name)
{
    const char *word;
    for (size_t i = 0; (word = parse_keyword(i)) != NULL; i++)
        if (!strcmp(word, name))
            return true;
    return false;
}

/*
 * Is it known of every place where the word stands what it means there?  Not
 * of options in calls, for one.
 */
static bool is_known_everywhere(const Study *y, Name name)
{
    size_t at = 0, from, n = strlen(name);
    while (next_word(y->text, y->len, &at, &from)) {
        bool field = from > 0 && y->text[from - 1] == '.';
        if (field || at - from != n || memcmp(y->text + from, name, n) != 0)
            continue;
        bool found = false;
        for (size_t i = 0; i < y->check.refs.count && !found; i++) {
            const Ref *r = &y->check.refs.at[i];
            found = r->at.from == from && r->at.to == at &&
                    r->at.source == y->source;
        }
        if (!found)
            return false;
    }
    return true;
}

/* May it be renamed so that nothing else changes? */
static bool is_renamed(const Study *y, const Ref *r, const char *name)
{
    size_t n = strlen(name);
    if (!r || !r->var || r->var->at.source != y->source || n == 0 ||
        unicode_name_length(name, n) != n || is_keyword(name) ||
        (r->var->decl && r->var->decl->option))
        return false;
    for (size_t i = 0; i < y->check.refs.count; i++)
        if (y->check.refs.at[i].name == name_of(name))
            return false;
    return is_known_everywhere(y, r->name);
}

/*
 * Everywhere in the document; nothing where the name is the library's, or the
 * new one no name, or one that the document has.
 */
static void answer_rename(Study *y, const Json *params, Str *s)
{
    const Ref *r = study_ref(y, params);
    const char *name = json_text(params, "newName", "");
    if (!is_renamed(y, r, name)) {
        str_add(s, "null");
        return;
    }
    str_add(s, "{\"changes\":{");
    json_add_key(s, y->document->uri);
    str_add_char(s, '[');
    Span last = SPAN_NONE;
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Ref *k = &y->check.refs.at[i];
        if (!study_same(r, k) || k->at.source != y->source ||
            (last.source && k->at.from == last.from))
            continue;
        str_add(s, last.source ? ",{\"range\":" : "{\"range\":");
        study_add_span(y, k->at, s);
        str_add(s, ",\"newText\":");
        json_add_text(s, name, strlen(name));
        str_add_char(s, '}');
        last = k->at;
    }
    str_add(s, "]}}");
}

void ask_rename(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_rename, "null");
}

/*
 * lsp_study.c - a document parsed and checked
 */
#include <string.h>

#include "tool/lsp_inside.h"

static void begin_study(Study *y, const Document *d)
{
    const char *path = path_of_uri(y->arena, d->uri);
    const char *slash = strrchr(path, '/');
    y->document = d;
    y->source = source_add(path, str_text(&d->text), d->text.len, false);
    y->text = source_get(y->source)->text;
    y->len = d->text.len;
    y->parse = parse_source(y->source, y->arena);
    y->check =
        (Check){.in = y->in,
                .arena = y->arena,
                .directory = arena_copy(
                    y->arena, path, slash ? (size_t)(slash - path) + 1 : 0)};
    if (y->parse.tree)
        check_tree(&y->check, y->parse.tree);
}

/* The text is made in the session's own memory and copied to ours. */
void study(const Document *d, const Json *params, Str *s, Answer answer,
           const char *otherwise)
{
    Interp *in = interp_new();
    if (!in)
        error_raise(SPAN_NONE, ERR_MEMORY, "there is not enough memory");
    Str *volatile out = NULL;
    Protect p;
    if (PROTECT(&p)) {
        Study y = {.in = in, .arena = arena_local()};
        begin_study(&y, d);
        Str *text = ARENA_NEW(y.arena, Str);
        *text = str_in(y.arena);
        answer(&y, params, text);
        out = text;
        arena_keep(y.arena);
        protect_end(&p);
        Context *own = context_enter(in->outer);
        str_add_len(s, str_text(text), text->len);
        context_enter(own);
        arena_free(y.arena);
    }
    if (!out) {
        Context *own = context_enter(in->outer);
        str_add(s, otherwise);
        context_enter(own);
    }
    interp_free(in);
}

void study_add_span(const Study *y, Span at, Str *s)
{
    const Source *source = source_get(at.source ? at.source : y->source);
    add_range(s, source->text, source->len, at.from, at.to);
}

size_t study_place(const Study *y, const Json *params)
{
    return offset_of_position(y->text, y->len, json_member(params, "position"));
}

const Ref *study_ref(const Study *y, const Json *params)
{
    size_t at = study_place(y, params);
    const Ref *best = NULL;
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Ref *r = &y->check.refs.at[i];
        if (r->at.source == y->source && r->at.from <= at && at <= r->at.to &&
            (!best || r->at.to - r->at.from < best->at.to - best->at.from))
            best = r;
    }
    return best;
}

bool study_same(const Ref *a, const Ref *b)
{
    return a->name == b->name && a->var == b->var;
}

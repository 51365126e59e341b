/*
 * lsp_ask.c - answers about a document
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/call.h"
#include "eval/help.h"
#include "eval/model.h"
#include "eval/module.h"
#include "repl/complete.h"
#include "syntax/print.h"
#include "syntax/tidy.h"
#include "tool/lsp_inside.h"

enum { MOST_WORDS = 3000, HOVER_LINES = 12 };

typedef struct Study {
    Interp *in;
    Arena *arena;
    const Document *document;
    const char *uri, *text;
    size_t len;
    uint32_t source;
    Parse parse;
    Check check;
} Study;

typedef void (*Answer)(Study *y, const Json *params, Str *s);

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

/*
 * Appends what `answer` says, or `otherwise` after an error.  The text is made
 * in the session's own memory and copied in ours.
 */
static void study(const Document *d, const Json *params, Str *s, Answer answer,
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

static void add_span(const Study *y, Span at, Str *s)
{
    const Source *source = source_get(at.source ? at.source : y->source);
    add_range(s, source->text, source->len, at.from, at.to);
}

/* ---- diagnostics ---- */

static void add_diagnostic(const Study *y, const Error *e, bool warning, Str *s)
{
    Str text = str_in(y->arena);
    str_add(&text, e->message);
    if (e->detail)
        str_add_format(&text, "\n%s", e->detail);
    if (e->help)
        str_add_format(&text, "\nhelp: %s", e->help);
    str_add(s, s->len > 1 ? ",{\"range\":" : "{\"range\":");
    add_span(y, e->at, s);
    str_add_format(s, ",\"severity\":%d,\"code\":\"%s\",\"source\":\"mlc\"",
                   warning ? 2 : 1, error_name(e->code));
    if (warning)
        str_add(s, ",\"tags\":[1]"); /* unnecessary */
    str_add(s, ",\"message\":");
    json_add_text(s, str_text(&text), text.len);
    str_add_char(s, '}');
}

static void answer_diagnostics(Study *y, const Json *params, Str *s)
{
    (void)params;
    str_add_char(s, '[');
    for (size_t i = 0; i < y->parse.nerrors; i++)
        add_diagnostic(y, &y->parse.errors[i], false, s);
    for (size_t i = 0; i < y->check.found.count; i++) {
        const Finding *f = &y->check.found.at[i];
        if (f->error.at.source == y->source)
            add_diagnostic(y, &f->error, f->warning, s);
    }
    str_add_char(s, ']');
}

void ask_diagnostics(const Document *d, Str *s)
{
    study(d, NULL, s, answer_diagnostics, "[]");
}

/* ---- the name at a place ---- */

static size_t place_of(const Study *y, const Json *params)
{
    return offset_of_position(y->text, y->len, json_member(params, "position"));
}

static const Ref *ref_at(const Study *y, const Json *params)
{
    size_t at = place_of(y, params);
    const Ref *best = NULL;
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Ref *r = &y->check.refs.at[i];
        if (r->at.source == y->source && r->at.from <= at && at <= r->at.to &&
            (!best || r->at.to - r->at.from < best->at.to - best->at.from))
            best = r;
    }
    return best;
}

static bool is_same_thing(const Ref *a, const Ref *b)
{
    return a->name == b->name && a->var == b->var;
}

/* Where a file really is: those of the library are called `stdlib/...`. */
static const char *path_of_source(const Study *y, const char *name)
{
    static const char own[] = "stdlib/";
    const char *folder = library_folder(y->arena);
    if (!folder || strncmp(name, own, sizeof own - 1) != 0)
        return name;
    return arena_printf(y->arena, "%s/%s", folder, name + sizeof own - 1);
}

static void add_location(const Study *y, Span at, Str *s)
{
    str_add(s, "{\"uri\":");
    if (at.source == y->source)
        json_add_text(s, y->document->uri, strlen(y->document->uri));
    else
        add_uri_of_path(s, path_of_source(y, source_get(at.source)->name));
    str_add(s, ",\"range\":");
    add_span(y, at, s);
    str_add_char(s, '}');
}

/* Where the library defines a function or model; nowhere: a builtin. */
static Span library_span(const Study *y, Name name)
{
    Value v;
    const Ast *def = NULL;
    if (lookup_name(y->in, name, &v) && v.kind == VAL_FUNCTION) {
        if (v.function->class == &class_closure)
            def = ((const Closure *)v.function->data)->def;
        else if (v.function->class == &class_model)
            def = ((const Model *)v.function->data)->def;
    }
    return def ? check_name_span(def->at, name) : SPAN_NONE;
}

static void answer_definition(Study *y, const Json *params, Str *s)
{
    const Ref *r = ref_at(y, params);
    Span at = !r ? SPAN_NONE : r->var ? r->var->at : library_span(y, r->name);
    if (at.source)
        add_location(y, at, s);
    else
        str_add(s, "null");
}

void ask_definition(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_definition, "null");
}

static void add_uses(Study *y, const Json *params, Str *s, bool located)
{
    const Ref *r = ref_at(y, params);
    str_add_char(s, '[');
    for (size_t i = 0; r && i < y->check.refs.count; i++) {
        const Ref *k = &y->check.refs.at[i];
        if (!is_same_thing(r, k) || k->at.source != y->source)
            continue;
        if (s->at[s->len - 1] != '[')
            str_add_char(s, ',');
        if (located) {
            add_location(y, k->at, s);
        } else {
            str_add(s, "{\"range\":");
            add_span(y, k->at, s);
            str_add_char(s, '}');
        }
    }
    str_add_char(s, ']');
}

static void answer_references(Study *y, const Json *params, Str *s)
{
    add_uses(y, params, s, true);
}

void ask_references(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_references, "[]");
}

static void answer_highlight(Study *y, const Json *params, Str *s)
{
    add_uses(y, params, s, false);
}

void ask_highlight(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_highlight, "[]");
}

/* ---- hover ---- */

/* What `?name` prints, without an example's answer if that fails. */
static void add_help(Study *y, const char *name, Str *s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *outer = y->in->out, *to = open_memstream(&text, &len);
    if (!to)
        return;
    Checkpoint c = interp_checkpoint(y->in);
    Protect p;
    y->in->out = to;
    if (PROTECT(&p)) {
        help_show(y->in, name, SPAN_NONE);
        protect_end(&p);
    } else {
        interp_restore(y->in, &c);
    }
    y->in->out = outer;
    fclose(to);
    if (len > 0)
        str_add_format(s, "```mlc\n%s\n```\n", text);
    free(text);
}

/* The first lines of a definition as the printer writes it. */
static void add_head(const Ast *def, Str *s, int lines)
{
    Str text = str_in(s->arena);
    ast_print_statement(&text, def, 0);
    const char *at = str_text(&text);
    while (strncmp(at, "##", 2) == 0 && strchr(at, '\n'))
        at = strchr(at, '\n') + 1; /* the comment is shown below */
    str_add(s, "```mlc\n");
    for (int i = 0; i < lines && *at; i++) {
        size_t n = strcspn(at, "\n");
        str_add_len(s, at, n);
        str_add_char(s, '\n');
        at += n + (at[n] == '\n');
    }
    str_add(s, *at ? "...\n```\n" : "```\n");
}

static const char *shape_at(const Study *y, const Ref *r)
{
    const char *shape = NULL;
    for (size_t i = 0; i < y->check.shaped.count; i++) {
        const Shaped *k = &y->check.shaped.at[i];
        if (k->name == r->name && k->at.from <= r->at.from)
            shape = k->shape;
    }
    return shape;
}

static void add_var(const Study *y, const Ref *r, Str *s)
{
    static const char *const kinds[] = {
        [VAR_ASSIGNED] = "variable", [VAR_FUNCTION] = "function",
        [VAR_PARAM] = "parameter",   [VAR_DIMENSION] = "dimension",
        [VAR_SYMBOL] = "symbol",     [VAR_MODEL] = "model",
        [VAR_MODULE] = "module",     [VAR_BOUND] = "bound here"};
    const Var *v = r->var;
    if (v->def) {
        bool whole = v->kind == VAR_MODEL || !(v->def->flags & AST_LONG);
        add_head(v->def, s, whole ? HOVER_LINES : 1);
        if (v->def->text)
            str_add_format(s, "%s\n", v->def->text);
        return;
    }
    str_add(s, "```mlc\n");
    if (v->decl)
        ast_print_decl(s, v->decl);
    else
        str_add(s, v->name);
    const char *shape = v->kind == VAR_ASSIGNED || v->kind == VAR_SYMBOL
                            ? shape_at(y, r)
                            : NULL;
    str_add_format(s, "    # %s%s%s\n```\n", kinds[v->kind], shape ? ", " : "",
                   shape ? shape : "");
}

static void answer_hover(Study *y, const Json *params, Str *s)
{
    const Ref *r = ref_at(y, params);
    Str text = str_in(y->arena);
    if (r && r->var)
        add_var(y, r, &text);
    else if (r)
        add_help(y, r->name, &text);
    if (text.len == 0) {
        str_add(s, "null");
        return;
    }
    str_add(s, "{\"contents\":{\"kind\":\"markdown\",\"value\":");
    json_add_text(s, str_text(&text), text.len);
    str_add(s, "},\"range\":");
    add_span(y, r->at, s);
    str_add_char(s, '}');
}

void ask_hover(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_hover, "null");
}

/* ---- completion ---- */

enum {
    KIND_FUNCTION = 3,
    KIND_FIELD = 5,
    KIND_VARIABLE = 6,
    KIND_MODEL = 7,
    KIND_MODULE = 9,
    KIND_OPTION = 10,
    KIND_KEYWORD = 14
};

static bool is_letter(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || u == '_' || (u >= '0' && u <= '9') ||
           ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

typedef struct Completion {
    const Study *study;
    const char *prefix;
    size_t n; /* of prefix */
    VEC(Name) names;
    Str *s;
} Completion;

static bool has_prefix(const Completion *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        unsigned char a = (unsigned char)c->prefix[i];
        unsigned char b = (unsigned char)name[i];
        bool letters = (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
        if (a != b && !(letters && (a | 0x20) == (b | 0x20)))
            return false;
    }
    return true;
}

static void offer(Completion *c, const char *name, int kind, const char *detail,
                  const char *help)
{
    if (!has_prefix(c, name) || c->names.count >= MOST_WORDS)
        return;
    Name own = name_of(name);
    for (size_t i = 0; i < c->names.count; i++)
        if (c->names.at[i] == own)
            return;
    str_add(c->s, c->names.count > 0 ? ",{\"label\":" : "{\"label\":");
    json_add_text(c->s, name, strlen(name));
    str_add_format(c->s, ",\"kind\":%d", kind);
    if (detail) {
        str_add(c->s, ",\"detail\":");
        json_add_text(c->s, detail, strlen(detail));
    }
    if (help) {
        str_add(c->s, ",\"documentation\":");
        json_add_text(c->s, help, strlen(help));
    }
    str_add_char(c->s, '}');
    VEC_PUSH_IN(c->study->arena, &c->names, own);
}

static int kind_of_name(const Study *y, Name name)
{
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Var *v = y->check.refs.at[i].var;
        if (v && v->name == name)
            return v->kind == VAR_FUNCTION ? KIND_FUNCTION
                   : v->kind == VAR_MODEL  ? KIND_MODEL
                   : v->kind == VAR_MODULE ? KIND_MODULE
                                           : KIND_VARIABLE;
    }
    return KIND_VARIABLE;
}

static size_t skip_text(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"' && text[at] != '\n'; at++)
        at += text[at] == '\\';
    return at + 1;
}

/* The words of the text, without the one being typed; or those after a `.`. */
static void offer_words(Completion *c, size_t typed, bool fields)
{
    const Study *y = c->study;
    for (size_t at = 0; at < y->len;) {
        char before = at > 0 ? y->text[at - 1] : '\n';
        if (y->text[at] == '"') {
            at = skip_text(y->text, y->len, at);
        } else if (y->text[at] == '#') {
            while (at < y->len && y->text[at] != '\n')
                at++;
        } else if (!is_letter(y->text[at])) {
            at++;
        } else {
            size_t from = at;
            while (at < y->len && is_letter(y->text[at]))
                at++;
            bool digit = y->text[from] >= '0' && y->text[from] <= '9';
            if (digit || from == typed || (before == '.') != fields)
                continue;
            const char *word = arena_copy(y->arena, y->text + from, at - from);
            offer(c, word, fields ? KIND_FIELD : kind_of_name(y, name_of(word)),
                  NULL, NULL);
        }
    }
}

static void offer_library(Completion *c)
{
    const Builtin *b;
    const char *name;
    for (size_t i = 0; (b = builtin_row(i)) != NULL; i++)
        offer(c, b->name, KIND_FUNCTION, b->signature, b->help);
    for (size_t i = 0; (name = library_name(i)) != NULL; i++)
        offer(c, name, KIND_FUNCTION, NULL, NULL);
}

/* Options of the call around: of a function of the file, of the library. */
static void offer_options(Completion *c, const Place *place)
{
    const Study *y = c->study;
    Name callee = name_of(place->callee);
    const Ast *def = NULL;
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Ref *r = &y->check.refs.at[i];
        if (r->name == callee && r->var && r->var->kind == VAR_FUNCTION)
            def = r->var->def;
    }
    for (uint32_t i = 0; def && i < def->ndecls; i++)
        if (def->decls[i].option)
            offer(c, arena_printf(y->arena, "%s = ", def->decls[i].name),
                  KIND_OPTION, NULL, NULL);
    Words words = {0};
    complete_words(y->in, y->arena, place, c->prefix, &words);
    for (size_t i = 0; i < words.count && !def; i++)
        if (strchr(words.at[i], '='))
            offer(c, words.at[i], KIND_OPTION, NULL, NULL);
}

/* The line being typed is rarely right: the names are then those of the rest.
 */
static void study_without_line(Study *y, size_t at)
{
    char *text = arena_copy(y->arena, y->text, y->len);
    size_t from = at, to = at;
    while (from > 0 && text[from - 1] != '\n')
        from--;
    while (to < y->len && text[to] != '\n')
        to++;
    memset(text + from, ' ', to - from);
    uint32_t source = source_add("without", text, y->len, false);
    Parse parse = parse_source(source, y->arena);
    if (parse.tree)
        check_tree(&y->check, parse.tree);
}

static void answer_completion(Study *y, const Json *params, Str *s)
{
    size_t to = place_of(y, params);
    if (!y->parse.tree)
        study_without_line(y, to);
    Place place = place_find(y->arena, y->text, to);
    const char *word,
        *part = arena_copy(y->arena, y->text + place.from, to - place.from);
    Completion c = {.study = y, .prefix = part, .n = strlen(part), .s = s};
    str_add(s, "{\"isIncomplete\":false,\"items\":[");
    if (place.kind == PLACE_NAME && place.callee && place.option)
        offer_options(&c, &place);
    for (size_t i = 0;
         place.kind == PLACE_NAME && (word = parse_keyword(i)) != NULL; i++)
        offer(&c, word, KIND_KEYWORD, NULL, NULL);
    if (place.kind == PLACE_NAME || place.kind == PLACE_MEMBER)
        offer_words(&c, place.from, place.kind == PLACE_MEMBER);
    if (place.kind == PLACE_NAME || place.kind == PLACE_HELP)
        offer_library(&c);
    str_add(s, "]}");
}

void ask_completion(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_completion, "null");
}

/* ---- formatting, symbols ---- */

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

static void add_symbol(const Study *y, Name name, int kind, Span whole, Str *s)
{
    Span at = check_name_span(whole, name);
    str_add(s, s->len > 1 ? ",{\"name\":" : "{\"name\":");
    json_add_text(s, name, strlen(name));
    str_add_format(s, ",\"kind\":%d,\"range\":", kind);
    add_span(y, whole, s);
    str_add(s, ",\"selectionRange\":");
    add_span(y, at, s);
    str_add_char(s, '}');
}

static bool is_first_target(const Ast *tree, uint32_t k)
{
    Name name = tree->kids[k]->kids[0]->name;
    for (uint32_t i = 0; i < k; i++) {
        const Ast *t = tree->kids[i];
        if (t->kind == AST_ASSIGN && ast_is_name(t->kids[0], name))
            return false;
    }
    return true;
}

static void answer_symbols(Study *y, const Json *params, Str *s)
{
    enum { SYMBOL_CLASS = 5, SYMBOL_FUNCTION = 12, SYMBOL_VARIABLE = 13 };
    (void)params;
    const Ast *tree = y->parse.tree;
    str_add_char(s, '[');
    for (uint32_t i = 0; tree && i < tree->count; i++) {
        const Ast *t = tree->kids[i];
        if (t->kind == AST_FUNCTION)
            add_symbol(y, t->name, SYMBOL_FUNCTION, t->at, s);
        else if (t->kind == AST_MODEL)
            add_symbol(y, t->name, SYMBOL_CLASS, t->at, s);
        else if (t->kind == AST_ASSIGN && t->kids[0]->kind == AST_NAME &&
                 is_first_target(tree, i))
            add_symbol(y, t->kids[0]->name, SYMBOL_VARIABLE, t->at, s);
        for (uint32_t k = 0; t->kind == AST_SYM && k < t->ndecls; k++)
            add_symbol(y, t->decls[k].name, SYMBOL_VARIABLE, t->decls[k].at, s);
    }
    str_add_char(s, ']');
}

void ask_symbols(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_symbols, "[]");
}

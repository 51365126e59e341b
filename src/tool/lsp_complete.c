/*
 * lsp_complete.c - what may be typed at a place
 */
#include <string.h>

#include "eval/call.h"
#include "eval/module.h"
#include "repl/complete.h"
#include "syntax/print.h"
#include "tool/lsp_inside.h"

enum { MOST_WORDS = 3000 };

enum {
    KIND_FUNCTION = 3,
    KIND_FIELD = 5,
    KIND_VARIABLE = 6,
    KIND_MODEL = 7,
    KIND_MODULE = 9,
    KIND_OPTION = 10,
    KIND_KEYWORD = 14
};

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

/* The words of the text, without the one being typed; or those after a `.`. */
static void offer_words(Completion *c, size_t typed, bool fields)
{
    const Study *y = c->study;
    size_t from, at = 0;
    while (next_word(y->text, y->len, &at, &from)) {
        bool field = from > 0 && y->text[from - 1] == '.';
        if (from == typed || field != fields)
            continue;
        const char *word = arena_copy(y->arena, y->text + from, at - from);
        offer(c, word, fields ? KIND_FIELD : kind_of_name(y, name_of(word)),
              NULL, NULL);
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
    size_t to = study_place(y, params);
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

/* ---- signatures ---- */

/* Arguments before the place: commas and semicolons of the call itself. */
static int count_arguments(const char *args)
{
    int depth = 0, n = 0;
    for (const char *p = args; *p; p++) {
        if (strchr("([{", *p))
            depth++;
        else if (strchr(")]}", *p))
            depth--;
        else if (*p == '"')
            p += strcspn(p + 1, "\"\n") + (p[1 + strcspn(p + 1, "\"\n")] != 0);
        else if (depth == 0 && strchr(",;", *p))
            n++;
    }
    return n;
}

/* A signature: its text and the texts of its parameters. */
static void add_signature(Str *s, Name name, const Decl *d, uint32_t n,
                          const char *doc)
{
    Str label = str_in(s->arena), params = str_in(s->arena);
    str_add_format(&label, "%s(", name);
    for (uint32_t i = 0; i < n; i++) {
        Str one = str_in(s->arena);
        bool first = d[i].option && (i == 0 || !d[i - 1].option);
        ast_print_decl(&one, &d[i]);
        str_add(&label, first ? "; " : i > 0 ? ", " : "");
        str_add_len(&label, one.at, one.len);
        str_add(&params, i > 0 ? ",{\"label\":" : "{\"label\":");
        json_add_text(&params, one.at, one.len);
        str_add_char(&params, '}');
    }
    str_add_char(&label, ')');
    str_add(s, "{\"label\":");
    json_add_text(s, label.at, label.len);
    str_add_format(s, ",\"parameters\":[%s]", str_text(&params));
    if (doc) {
        str_add(s, ",\"documentation\":");
        json_add_text(s, doc, strlen(doc));
    }
    str_add_char(s, '}');
}

static void add_builtin(Str *s, const Builtin *b)
{
    str_add(s, "{\"label\":");
    json_add_text(s, b->signature, strlen(b->signature));
    str_add(s, ",\"parameters\":[],\"documentation\":");
    json_add_text(s, b->help ? b->help : "", b->help ? strlen(b->help) : 0);
    str_add_char(s, '}');
}

/* False if nothing is known of the name as a function. */
static bool add_callee(Study *y, Name name, Str *s)
{
    for (size_t i = 0; i < y->check.refs.count; i++) {
        const Var *v = y->check.refs.at[i].var;
        if (!v || v->name != name)
            continue;
        if (v->kind != VAR_FUNCTION || !v->def)
            return false;
        add_signature(s, name, v->def->decls, v->def->ndecls, v->def->text);
        return true;
    }
    Value v;
    if (!lookup_name(y->in, name, &v) || v.kind != VAL_FUNCTION)
        return false;
    if (v.function->class == &class_builtin) {
        const Builtin *b = v.function->data;
        if (b->signature)
            add_builtin(s, b);
        return b->signature != NULL;
    }
    int n;
    const Decl *d = function_params(v.function, &n);
    if (d)
        add_signature(s, name, d, (uint32_t)n, value_doc(v));
    return d != NULL;
}

static void answer_signature(Study *y, const Json *params, Str *s)
{
    size_t to = study_place(y, params);
    Place place = place_find(y->arena, y->text, to);
    Str one = str_in(y->arena);
    if (!y->parse.tree)
        study_without_line(y, to);
    if (!place.callee || !add_callee(y, name_of(place.callee), &one)) {
        str_add(s, "null");
        return;
    }
    str_add_format(s,
                   "{\"signatures\":[%s],\"activeSignature\":0,"
                   "\"activeParameter\":%d}",
                   str_text(&one),
                   count_arguments(place.args ? place.args : ""));
}

void ask_signature(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_signature, "null");
}

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
#include "syntax/print.h"
#include "tool/lsp_inside.h"

enum { HOVER_LINES = 12 };

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
    study_add_span(y, e->at, s);
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
    study_add_span(y, at, s);
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
    const Ref *r = study_ref(y, params);
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
    const Ref *r = study_ref(y, params);
    str_add_char(s, '[');
    for (size_t i = 0; r && i < y->check.refs.count; i++) {
        const Ref *k = &y->check.refs.at[i];
        if (!study_same(r, k) || k->at.source != y->source)
            continue;
        if (s->at[s->len - 1] != '[')
            str_add_char(s, ',');
        if (located) {
            add_location(y, k->at, s);
        } else {
            str_add(s, "{\"range\":");
            study_add_span(y, k->at, s);
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
    const Ref *r = study_ref(y, params);
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
    study_add_span(y, r->at, s);
    str_add_char(s, '}');
}

void ask_hover(const Document *d, const Json *params, Str *s)
{
    study(d, params, s, answer_hover, "null");
}

/* ---- symbols ---- */

static void add_symbol(const Study *y, Name name, int kind, Span whole, Str *s)
{
    Span at = check_name_span(whole, name);
    str_add(s, s->len > 1 ? ",{\"name\":" : "{\"name\":");
    json_add_text(s, name, strlen(name));
    str_add_format(s, ",\"kind\":%d,\"range\":", kind);
    study_add_span(y, whole, s);
    str_add(s, ",\"selectionRange\":");
    study_add_span(y, at, s);
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

/*
 * names.c - which definition each name means
 *
 * The walk goes through the statements in order.  A scope knows from the
 * beginning which names it will define: functions may use what comes later,
 * statements of the file may not.
 */
#include <string.h>

#include "base/near.h"
#include "eval/call.h"
#include "eval/module.h"
#include "io/file.h"
#include "syntax/diag.h"
#include "tool/check.h"

enum { MOST_FILES = 64 }; /* inside of each other */

struct NameScope {
    ArenaEnd end; /* frees the table, also after an error */
    NameScope *outer;
    Table vars; /* Name -> Var */
};

static void free_scope(ArenaEnd *end)
{
    table_free(&((NameScope *)end)->vars);
}

static NameScope *push_scope(Check *c)
{
    NameScope *s = ARENA_NEW(c->arena, NameScope);
    s->end.run = free_scope;
    arena_at_end(c->arena, &s->end);
    s->outer = c->scope;
    c->scope = s;
    return s;
}

static void pop_scope(Check *c)
{
    NameScope *s = c->scope;
    c->scope = s->outer;
    table_free(&s->vars);
}

static void note_ref(Check *c, Span at, Name name, const Var *v)
{
    Ref r = {at, name, v};
    VEC_PUSH_IN(c->arena, &c->refs, r);
}

static Var *define(Check *c, NameScope *s, Name name, VarKind kind, Span at)
{
    Var *v = table_get(&s->vars, name);
    if (!v) {
        v = ARENA_NEW(c->arena, Var);
        v->name = name;
        v->kind = kind;
        v->at = at;
        table_set(&s->vars, name, v);
    }
    v->times++;
    v->seen |= c->files > 0; /* its file was included before */
    if (v->kind != kind)
        v->def = NULL;
    return v;
}

static Var *find_var(const Check *c, Name name)
{
    for (const NameScope *s = c->scope; s; s = s->outer) {
        Var *v = table_get(&s->vars, name);
        if (v)
            return v;
    }
    return NULL;
}

static bool is_word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || u == '_' || (u >= '0' && u <= '9') ||
           ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

Span check_name_span(Span at, Name name)
{
    size_t len, n = strlen(name);
    const char *text = diag_text(at, &len);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(text + i, name, n) == 0 &&
            (i == 0 || !is_word_byte(text[i - 1])) &&
            (i + n == len || !is_word_byte(text[i + n])))
            return (Span){at.source, at.from + (uint32_t)i,
                          at.from + (uint32_t)(i + n)};
    return at;
}

/* ---- names that a scope will define ---- */

static void collect_block(Check *c, NameScope *s, const Ast *t);

static void define_decl(Check *c, NameScope *s, const Decl *d, VarKind kind)
{
    Var *v = define(c, s, d->name, kind, check_name_span(d->at, d->name));
    v->decl = d;
    v->seen |= kind != VAR_SYMBOL;
    for (uint32_t i = 0; i < d->ndims; i++) {
        const Ast *dim = d->dims[i];
        if (dim->kind == AST_NAME &&
            (kind == VAR_PARAM || !find_var(c, dim->name)))
            define(c, s, dim->name, VAR_DIMENSION, dim->at)->seen |=
                kind != VAR_SYMBOL;
    }
    if (d->classes)
        define(c, s, d->classes, VAR_DIMENSION,
               check_name_span(d->at, d->classes))
            ->seen = true;
}

static const Ast *parse_file(Check *c, const char *path, const Ast *t)
{
    const Ast *volatile tree = NULL;
    Protect p;
    if (PROTECT(&p)) {
        size_t len;
        const char *text = file_read(c->arena, path, &len);
        Parse parse =
            parse_source(source_add(path, text, len, false), c->arena);
        tree = parse.tree;
        if (parse.nerrors > 0) {
            const Error *e = &parse.errors[0];
            check_note(c, false, t->at, e->code, NULL, "in %s: %s", path,
                       e->message);
        }
        protect_end(&p);
    } else {
        Error *e = context_error();
        e->at = t->at;
        check_note_error(c);
    }
    c->missing |= tree == NULL;
    return tree;
}

static const char *path_of(const Check *c, const char *file)
{
    return file[0] == '/' ? file
                          : arena_printf(c->arena, "%s%s", c->directory, file);
}

static const char *directory_of(Check *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_copy(c->arena, path, slash ? (size_t)(slash - path) + 1 : 0);
}

/* The names of another file, into s. */
static void collect_file(Check *c, NameScope *s, const Ast *t)
{
    const char *path = path_of(c, t->text), *outer = c->directory;
    if (++c->files > MOST_FILES) {
        c->missing = true;
    } else {
        const Ast *tree = parse_file(c, path, t);
        c->directory = directory_of(c, path);
        if (tree)
            collect_block(c, s, tree);
    }
    c->directory = outer;
    c->files--;
}

static void collect_module(Check *c, NameScope *s, const Ast *t)
{
    Var *v = define(c, s, t->name, VAR_MODULE, check_name_span(t->at, t->name));
    bool missing = c->missing;
    c->missing = false;
    NameScope *inner = push_scope(c);
    collect_file(c, inner, t);
    v->members = c->missing ? NULL : &inner->vars;
    c->missing = missing;
    c->scope = inner->outer; /* its table stays until the end */
}

static void collect_target(Check *c, NameScope *s, const Ast *t)
{
    if (t->kind == AST_NAME)
        define(c, s, t->name, VAR_ASSIGNED, t->at);
}

static void collect_statement(Check *c, NameScope *s, const Ast *t)
{
    Var *v;
    switch (t->kind) {
    case AST_ASSIGN:
        collect_target(c, s, t->kids[0]);
        break;
    case AST_UNPACK:
        for (uint32_t i = 0; i + 1 < t->count; i++)
            collect_target(c, s, t->kids[i]);
        break;
    case AST_FUNCTION:
    case AST_MODEL:
        v = define(c, s, t->name,
                   t->kind == AST_MODEL ? VAR_MODEL : VAR_FUNCTION,
                   check_name_span(t->at, t->name));
        v->def = v->times == 1 ? t : NULL;
        break;
    case AST_SYM:
        for (uint32_t i = 0; i < t->ndecls; i++)
            define_decl(c, s, &t->decls[i], VAR_SYMBOL);
        break;
    case AST_FOR:
        define(c, s, t->name, VAR_BOUND, check_name_span(t->at, t->name));
        break;
    case AST_TRY:
        if (t->name)
            define(c, s, t->name, VAR_BOUND, check_name_span(t->at, t->name));
        break;
    case AST_INCLUDE:
        collect_file(c, s, t);
        break;
    case AST_USE:
        collect_module(c, s, t);
        break;
    default:
        break;
    }
}

static void collect_block(Check *c, NameScope *s, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const Ast *k = t->kids[i];
        if (k->kind == AST_BLOCK) {
            collect_block(c, s, k);
        } else if (!ast_is_expression(k)) {
            collect_statement(c, s, k);
            if (k->kind == AST_IF || k->kind == AST_FOR ||
                k->kind == AST_WHILE || k->kind == AST_TRY)
                collect_block(c, s, k);
        }
    }
}

/* ---- names that are used ---- */

static void offer_scopes(const Check *c, Near *near)
{
    for (const NameScope *s = c->scope; s; s = s->outer) {
        const TableEntry *e;
        for (size_t i = 0; (e = table_next(&s->vars, &i)) != NULL;)
            near_offer(near, e->key, true);
    }
}

static void note_unknown(Check *c, const Ast *t)
{
    if (c->missing)
        return;
    Protect p;
    if (PROTECT(&p))
        raise_unknown(c->in, t);
    Error *e = context_error();
    Near near = near_begin(t->name);
    offer_scopes(c, &near);
    if (near_best(&near))
        e->help = arena_printf(error_arena(), "did you mean %s?", near_best(&near));
    check_note_error(c);
}

/* Does the library, or the language, know the name? */
static bool is_library_name(Check *c, Name name)
{
    volatile bool known = false;
    Protect p;
    if (PROTECT(&p)) {
        Value v;
        known = lookup_name(c->in, name, &v);
        protect_end(&p);
    }
    return known;
}

static bool comes_later(const Check *c, const Var *v)
{
    return !v->seen && c->later == 0 && table_get(&c->file->vars, v->name) == v;
}

/* What a NAME means; an unknown one is noted. */
static Var *use_name(Check *c, const Ast *t)
{
    Var *v = find_var(c, t->name);
    if (v)
        v->used = true;
    note_ref(c, t->at, t->name, v);
    if (v && !comes_later(c, v))
        return v;
    if (is_library_name(c, t->name))
        return NULL;
    if (!v) {
        note_unknown(c, t);
    } else if (!c->missing) {
        int line, column;
        source_place(v->at, &line, &column);
        check_note(c, false, t->at, ERR_NAME, NULL,
                   "`%s` has no value yet: it is defined in line %d", t->name,
                   line);
    }
    return v;
}

static void visit(Check *c, const Ast *t);

static void visit_kids(Check *c, const Ast *t, uint32_t from)
{
    for (uint32_t i = from; i < t->count; i++)
        visit(c, t->kids[i]);
}

static void visit_decl(Check *c, const Decl *d)
{
    for (uint32_t i = 0; i < d->ndims; i++)
        if (d->dims[i]->kind == AST_NAME) {
            Var *v = find_var(c, d->dims[i]->name);
            if (v)
                v->used = true;
            note_ref(c, d->dims[i]->at, d->dims[i]->name, v);
        } else {
            visit(c, d->dims[i]);
        }
    if (d->lower)
        visit(c, d->lower);
    if (d->upper)
        visit(c, d->upper);
    if (d->set)
        visit(c, d->set);
    if (d->value)
        visit(c, d->value);
}

static void note_decl(Check *c, const Decl *d)
{
    note_ref(c, check_name_span(d->at, d->name), d->name, find_var(c, d->name));
}

/* ---- forms that bind names ---- */

static bool is_option(const char *options, const char *name)
{
    const char *at = options ? strstr(options, name) : NULL;
    return at && (at == options || at[-1] == ',');
}

/* sum(i = 1:n, j = 1:i, e) and its kin; `dim = 1` after e is an option. */
static void visit_index_form(Check *c, const Ast *t, const Builtin *b)
{
    bool value = false;
    push_scope(c);
    for (uint32_t i = 0; i < ast_args(t); i++) {
        const Ast *e = ast_arg(t, i);
        if (e->kind != AST_NAMED) {
            visit(c, e);
            value = true;
            continue;
        }
        visit(c, e->kids[0]);
        if (value && is_option(b->options, e->name))
            continue;
        Span at = check_name_span(e->at, e->name);
        Var *v = define(c, c->scope, e->name, VAR_BOUND, at);
        v->seen = true;
        note_ref(c, at, e->name, v);
    }
    pop_scope(c);
}

/* A name in the place of a variable: a symbol if it is nothing else. */
static void bind_variable(Check *c, Name name, Span at)
{
    Var *v = find_var(c, name);
    if (v) {
        v->used = true;
        if (!comes_later(c, v))
            return;
    }
    v = define(c, c->scope, name, VAR_BOUND, at);
    v->seen = true;
}

static void bind_variables(Check *c, const Ast *t)
{
    if (t->kind == AST_NAME)
        bind_variable(c, t->name, t->at);
    else if (t->kind == AST_NAMED)
        bind_variable(c, t->name, check_name_span(t->at, t->name));
    else if (t->kind == AST_ARRAY || t->kind == AST_ROW || t->kind == AST_LIST)
        for (uint32_t i = 0; i < t->count; i++)
            bind_variables(c, t->kids[i]);
}

/* diff(e, x), grad(e, [x, y]), subs(e, x = 2) and their kin. */
static void visit_form(Check *c, const Ast *t)
{
    push_scope(c);
    for (uint32_t i = 1; i < ast_args(t); i++)
        bind_variables(c, ast_arg(t, i));
    visit_kids(c, t, 1);
    pop_scope(c);
}

static void visit_call(Check *c, const Ast *t)
{
    const Ast *f = t->kids[0];
    const Var *callee = NULL;
    const Builtin *b = NULL;
    if (f->kind == AST_NAME) {
        callee = use_name(c, f);
        b = callee ? NULL : builtin_named(f->name);
    } else {
        visit(c, f);
    }
    bool index =
        b && b->special &&
        (b->fn || !strcmp(b->name, "array") || !strcmp(b->name, "list"));
    if (index)
        visit_index_form(c, t, b);
    else if (b && b->special)
        visit_form(c, t);
    else
        visit_kids(c, t, 1);
    if (f->kind == AST_NAME)
        check_call(c, t, callee);
}

/* ---- functions ---- */

static bool is_plain_local(const Var *v)
{
    return v->kind == VAR_ASSIGNED || v->kind == VAR_FUNCTION ||
           v->kind == VAR_PARAM;
}

static void note_unused(Check *c, const NameScope *s)
{
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&s->vars, &i)) != NULL;) {
        const Var *v = e->value;
        if (v->used || v->name[0] == '_' || !is_plain_local(v))
            continue;
        bool param = v->kind == VAR_PARAM;
        check_note(
            c, true, v->at, ERR_UNUSED,
            arena_printf(c->arena, "_%s says that this is meant", v->name),
            param ? "nothing reads the parameter `%s`" : "nothing reads `%s`",
            v->name);
    }
}

static void visit_params(Check *c, const Ast *t)
{
    for (uint32_t i = 0; i < t->ndecls; i++)
        define_decl(c, c->scope, &t->decls[i], VAR_PARAM);
    for (uint32_t i = 0; i < t->ndecls; i++) {
        note_decl(c, &t->decls[i]);
        visit_decl(c, &t->decls[i]);
    }
}

static void visit_function(Check *c, const Ast *t)
{
    bool whole = t->kind == AST_FUNCTION && t->flags & AST_LONG;
    NameScope *s = push_scope(c);
    c->later++;
    visit_params(c, t);
    if (whole)
        collect_block(c, s, t->kids[0]);
    visit(c, t->kids[0]);
    c->later--;
    if (whole)
        note_unused(c, s);
    pop_scope(c);
}

static bool is_param(const Ast *model, Name name)
{
    for (uint32_t i = 0; i < model->count; i++) {
        const Ast *line = model->kids[i];
        for (uint32_t k = 0; line->kind == AST_DECLS && line->op == AST_PARAM &&
                             k < line->ndecls;
             k++)
            if (line->decls[k].name == name)
                return true;
    }
    return false;
}

static void visit_model(Check *c, const Ast *t)
{
    NameScope *s = push_scope(c);
    static const char *const words[] = {"train", "predict", "prob",
                                        "score", "loss",    "nll"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        define(c, s, name_of(words[i]), VAR_BOUND, t->at)->seen = true;
    for (uint32_t i = 0; i < t->count; i++) {
        const Ast *line = t->kids[i];
        for (uint32_t k = 0; line->kind == AST_DECLS && k < line->ndecls; k++)
            define_decl(c, s, &line->decls[k], VAR_PARAM);
    }
    collect_block(c, s, t);
    c->later++;
    visit_kids(c, t, 0);
    c->later--;
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&s->vars, &i)) != NULL;) {
        const Var *v = e->value;
        if (!v->used && v->kind == VAR_PARAM && v->name[0] != '_' &&
            is_param(t, v->name))
            check_note(c, true, v->at, ERR_UNUSED, NULL,
                       "no line of the model reads the param `%s`", v->name);
    }
    pop_scope(c);
}

static void visit_minimize(Check *c, const Ast *t)
{
    NameScope *s = push_scope(c);
    for (uint32_t i = 0; i < t->ndecls; i++)
        define_decl(c, s, &t->decls[i], VAR_BOUND);
    for (uint32_t i = 0; i < t->ndecls; i++) {
        note_decl(c, &t->decls[i]);
        visit_decl(c, &t->decls[i]);
    }
    visit_kids(c, t, 0);
    pop_scope(c);
}

/* The names on the left of a rule stand for anything. */
static void visit_rule(Check *c, const Ast *t)
{
    push_scope(c);
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, t->kids[0]);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;)
        if (k->kind == AST_NAME && !find_var(c, k->name))
            define(c, c->scope, k->name, VAR_BOUND, k->at)->seen = true;
    arena_free(a);
    visit_kids(c, t, 0);
    pop_scope(c);
}

/* ---- statements ---- */

static void mark_seen(Check *c, Name name)
{
    Var *v = find_var(c, name);
    if (v)
        v->seen = true;
}

/* Names that a loop assigns have values from its second turn on. */
static void mark_block(Check *c, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const Ast *k = t->kids[i];
        if (k->kind == AST_ASSIGN && k->kids[0]->kind == AST_NAME)
            mark_seen(c, k->kids[0]->name);
        for (uint32_t j = 0; k->kind == AST_UNPACK && j + 1 < k->count; j++)
            if (k->kids[j]->kind == AST_NAME)
                mark_seen(c, k->kids[j]->name);
        if (k->name && !ast_is_expression(k))
            mark_seen(c, k->name);
        if (!ast_is_expression(k) && k->kind != AST_FUNCTION &&
            k->kind != AST_MODEL)
            mark_block(c, k);
    }
}

static void visit_target(Check *c, const Ast *t, bool update)
{
    if (t->kind != AST_NAME) {
        const Ast *base = t;
        while (base->kind == AST_INDEX || base->kind == AST_FIELD) {
            visit_kids(c, base, 1);
            base = base->kids[0];
        }
        Var *v = find_var(c, base->name);
        bool used = v && v->used;
        use_name(c, base);
        if (v)
            v->used = used; /* changed, and not read */
        return;
    }
    Var *v = find_var(c, t->name);
    if (update && v && comes_later(c, v)) {
        use_name(c, t);
    } else {
        note_ref(c, t->at, t->name, v);
    }
    mark_seen(c, t->name);
    if (v && c->tries > 0) /* perhaps for its error alone */
        v->used = true;
}

static bool ends_block(const Ast *t)
{
    if (t->kind == AST_SHOW && t->count == 1 && t->kids[0]->kind == AST_CALL)
        return ast_is_name(t->kids[0]->kids[0], name_of("error"));
    return t->kind == AST_RETURN || t->kind == AST_BREAK ||
           t->kind == AST_CONTINUE;
}

static void visit_block(Check *c, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        visit(c, t->kids[i]);
        if (i + 1 < t->count && ends_block(t->kids[i]) && c->tries == 0 &&
            (c->later > 0 || t->kids[i]->kind != AST_SHOW))
            check_note(c, true, t->kids[i + 1]->at, ERR_UNREACHABLE, NULL,
                       "this is never reached");
    }
}

static void visit_field(Check *c, const Ast *t)
{
    const Ast *m = t->kids[0];
    Var *v = m->kind == AST_NAME ? find_var(c, m->name) : NULL;
    visit(c, m);
    if (!v || v->kind != VAR_MODULE || v->times > 1 || !v->members ||
        table_has(v->members, t->name))
        return;
    Near near = near_begin(t->name);
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(v->members, &i)) != NULL;)
        near_offer(&near, e->key, true);
    check_note(c, false, t->at, ERR_MEMBER,
               near_best(&near) ? arena_printf(c->arena, "did you mean %s.%s?",
                                        v->name, near_best(&near))
                         : NULL,
               "%s defines no `%s`", v->name, t->name);
}

static void visit_statement(Check *c, const Ast *t)
{
    switch (t->kind) {
    case AST_BLOCK:
        visit_block(c, t);
        return;
    case AST_ASSIGN:
        visit(c, t->kids[1]);
        visit_target(c, t->kids[0], t->op != AST_SET);
        return;
    case AST_UNPACK:
        visit(c, t->kids[t->count - 1]);
        for (uint32_t i = 0; i + 1 < t->count; i++) {
            visit_target(c, t->kids[i], false);
            if (t->kids[i]->kind == AST_NAME)
                find_var(c, t->kids[i]->name)->used = true;
        }
        return;
    case AST_FUNCTION:
        visit_function(c, t);
        note_ref(c, check_name_span(t->at, t->name), t->name,
                 find_var(c, t->name));
        mark_seen(c, t->name);
        return;
    case AST_MODEL:
        visit_model(c, t);
        note_ref(c, check_name_span(t->at, t->name), t->name,
                 find_var(c, t->name));
        mark_seen(c, t->name);
        return;
    case AST_SYM:
    case AST_DECLS:
        for (uint32_t i = 0; i < t->ndecls; i++) {
            mark_seen(c, t->decls[i].name);
            for (uint32_t k = 0; k < t->decls[i].ndims; k++)
                if (t->decls[i].dims[k]->kind == AST_NAME)
                    mark_seen(c, t->decls[i].dims[k]->name);
            note_decl(c, &t->decls[i]);
            visit_decl(c, &t->decls[i]);
        }
        return;
    case AST_RULE:
        visit_rule(c, t);
        return;
    case AST_FOR:
        visit(c, t->kids[0]);
        mark_seen(c, t->name);
        mark_block(c, t->kids[1]);
        visit(c, t->kids[1]);
        return;
    case AST_WHILE:
        mark_block(c, t->kids[1]);
        visit_kids(c, t, 0);
        return;
    case AST_TRY:
        c->tries++;
        visit(c, t->kids[0]);
        c->tries--;
        if (t->name)
            mark_seen(c, t->name);
        visit_kids(c, t, 1);
        return;
    case AST_USE:
        mark_seen(c, t->name);
        return;
    case AST_INCLUDE:
        return;
    default:
        visit_kids(c, t, 0);
    }
}

static void visit(Check *c, const Ast *t)
{
    depth_check();
    switch (t->kind) {
    case AST_NAME:
        use_name(c, t);
        break;
    case AST_CALL:
        visit_call(c, t);
        break;
    case AST_NAMED:
        visit(c, t->kids[0]);
        break;
    case AST_FIELD:
        visit_field(c, t);
        break;
    case AST_LAMBDA:
        visit_function(c, t);
        break;
    case AST_MINIMIZE:
        visit_minimize(c, t);
        break;
    default:
        if (ast_is_expression(t))
            visit_kids(c, t, 0);
        else
            visit_statement(c, t);
    }
}

void check_names(Check *c, const Ast *tree)
{
    c->file = push_scope(c);
    define(c, c->file, name_of("args"), VAR_BOUND, SPAN_NONE)->seen = true;
    collect_block(c, c->file, tree);
    visit(c, tree);
    c->scope = NULL; /* the table of the file stays */
}

bool check_defines(const Check *c, Name name)
{
    return table_has(&c->file->vars, name);
}

bool check_redefines(const Check *c)
{
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&c->file->vars, &i)) != NULL;) {
        const Builtin *b = builtin_named(e->key);
        if (b && b->op >= 0)
            return true;
    }
    return false;
}

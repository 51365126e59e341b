/*
 * build_statement.c - actions of the parser: declarations, statements, models
 */
#include <string.h>

#include "syntax/build.h"

static void error_at(Syntax *p, const Ast *t, const char *help,
                     const char *message)
{
    syntax_error(p, ERR_SYNTAX, t->at.from, t->at.to, help, "%s", message);
}

static void *copy_array(Syntax *p, const void *from, size_t n, size_t size)
{
    if (n == 0)
        return NULL;
    void *to = arena_alloc(p->arena, n * size);
    memcpy(to, from, n * size);
    return to;
}

/* ---- declarations ---- */

static Decl declared_name(Syntax *p, const Ast *t);

/* An argument of a declared function has a name and perhaps dimensions. */
static Decl declared_argument(Syntax *p, const Ast *t)
{
    if (t->kind == AST_NAME || t->kind == AST_INDEX)
        return declared_name(p, t);
    error_at(p, t, "g(x, v[n])",
             "the arguments of a declared function are names");
    return (Decl){.name = name_of("?"), .at = t->at};
}

/* `name`, `name[dims]` or `name(args)` */
static Decl declared_name(Syntax *p, const Ast *t)
{
    Decl d = {.at = t->at};
    const Ast *name = t;
    if (t->kind == AST_INDEX || t->kind == AST_CALL)
        name = t->kids[0];
    if (name->kind != AST_NAME || (name->flags & AST_PARENS)) {
        error_at(p, t, "x, X[n,d] and g(x) are declarations",
                 "a name is declared here, perhaps with dimensions");
        d.name = name_of("?");
        return d;
    }
    d.name = name->name;
    if (t->kind == AST_INDEX) {
        d.ndims = t->count - 1;
        d.dims = t->kids + 1;
        for (uint32_t i = 0; i < d.ndims; i++)
            if (d.dims[i]->kind == AST_COLON)
                error_at(p, d.dims[i], NULL, "a dimension is a name or number");
        if (d.ndims > 2)
            error_at(p, t, "X[n,d] has two",
                     "arrays have one or two dimensions");
    } else if (t->kind == AST_CALL) {
        d.function = true;
        d.nargs = t->count - 1;
        d.args = ARENA_ARRAY(p->arena, Decl, d.nargs + 1);
        for (uint32_t i = 0; i < d.nargs; i++)
            d.args[i] = declared_argument(p, t->kids[i + 1]);
    }
    return d;
}

static bool can_be_declared(const Ast *t)
{
    return t->kind == AST_NAME || t->kind == AST_CALL ||
           (t->kind == AST_INDEX && t->kids[0]->kind == AST_NAME);
}

static void set_lower(Decl *d, Ast *bound, bool open)
{
    d->lower = bound;
    d->lower_open = open;
}

static void set_upper(Decl *d, Ast *bound, bool open)
{
    d->upper = bound;
    d->upper_open = open;
}

/* bound op name (left) or name op bound */
static bool add_bound(Decl *d, int op, Ast *bound, bool left)
{
    bool open = op == AST_LT || op == AST_GT;
    bool less = op == AST_LT || op == AST_LE;
    if (!less && op != AST_GT && op != AST_GE)
        return false;
    if (less == left)
        set_lower(d, bound, open);
    else
        set_upper(d, bound, open);
    return true;
}

static Decl declare_between(Syntax *p, const Ast *t)
{
    Decl d = declared_name(p, t->kids[1]);
    if (!add_bound(&d, t->ops[0], t->kids[0], true) ||
        !add_bound(&d, t->ops[1], t->kids[2], false) || d.lower == NULL ||
        d.upper == NULL)
        error_at(p, t, "0 <= x < 1", "two bounds are written lo < name < hi");
    return d;
}

static Decl declare(Syntax *p, Ast *t)
{
    if (t->kind != AST_COMPARE || (t->flags & AST_PARENS))
        return declared_name(p, t);
    Decl d;
    if (t->count == 3) {
        d = declare_between(p, t);
    } else if (t->count > 3) {
        error_at(p, t, "0 <= x < 1", "two bounds are written lo < name < hi");
        d = declared_name(p, t->kids[1]);
    } else if (t->ops[0] == AST_IN) {
        d = declared_name(p, t->kids[0]);
        d.set = t->kids[1];
    } else {
        bool left = !can_be_declared(t->kids[0]);
        d = declared_name(p, t->kids[left ? 1 : 0]);
        if (!add_bound(&d, t->ops[0], t->kids[left ? 0 : 1], left))
            error_at(p, t, "a default is written with =",
                     "a bound is written with < <= > >= or in");
    }
    d.at = t->at;
    return d;
}

static Decl *keep(Syntax *p, Decl d)
{
    Decl *y = ARENA_NEW(p->scratch, Decl);
    *y = d;
    return y;
}

Decl *build_decl(Syntax *p, Ast *t)
{
    return keep(p, declare(p, t));
}

Decl *build_decl_is(Syntax *p, Ast *t, unsigned is)
{
    Decl *d = build_decl(p, t);
    d->is = is;
    return d;
}

Decl *build_decl_classes(Syntax *p, Ast *t, const Token *name)
{
    Decl *d = keep(p, declared_name(p, t));
    d->classes = name->name;
    return d;
}

Decl *build_decl_value(Decl *d, Ast *value, Span at)
{
    d->at = at;
    d->value = value;
    return d;
}

DeclList build_decl_list(Syntax *p, DeclList list, const Decl *d)
{
    VEC_PUSH_IN(p->scratch, &list, *d);
    return list;
}

Ast *build_decls(Syntax *p, AstKind kind, int op, const DeclList *list, Span at)
{
    Ast *t = build_leaf(p, kind, op, at);
    t->ndecls = (uint32_t)list->count;
    t->decls = copy_array(p, list->at, list->count, sizeof *list->at);
    return t;
}

/* Twice the same name would hide the first; of very many, some are looked at.
 */
static void check_twice(Syntax *p, const Decl *d, size_t n)
{
    for (size_t i = 1; i < n && n < 1000; i++)
        for (size_t k = 0; k < i; k++)
            if (d[k].name == d[i].name && d[i].name != name_of("_")) {
                syntax_error(p, ERR_SYNTAX, d[i].at.from, d[i].at.to, NULL,
                             "two parameters are called `%s`", d[i].name);
                return;
            }
}

void build_params(Syntax *p, Ast *into, Ast *const *args, size_t n,
                  size_t positional)
{
    Decl *d = ARENA_ARRAY(p->arena, Decl, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Ast *t = args[i];
        if (t->kind == AST_NAMED) {
            d[i].name = t->name;
            d[i].at = t->at;
            d[i].value = t->kids[0];
            if (i < positional)
                error_at(p, t, "f(x; k = 2)",
                         "parameters with a default stand after `;`");
        } else {
            d[i] = declared_name(p, t);
            if (d[i].function)
                error_at(p, t, "f(g, x) = g(x)",
                         "a parameter is a name, perhaps with dimensions");
        }
        d[i].option = i >= positional;
    }
    check_twice(p, d, n);
    into->decls = d;
    into->ndecls = (uint32_t)n;
}

/* ---- statements ---- */

Ast *build_block(Syntax *p, const AstList *list, Ast *last, Span at)
{
    AstList all = last != NULL ? build_list(p, *list, last) : *list;
    if (all.count > 0) {
        at.from = all.at[0]->at.from;
        at.to = all.at[all.count - 1]->at.to;
    }
    return build_kids(p, AST_BLOCK, 0, &all, at);
}

Ast *build_quiet(Ast *t)
{
    if (t->kind == AST_SHOW)
        t->flags |= AST_QUIET;
    return t;
}

Ast *build_show(Syntax *p, const AstList *list, Span at)
{
    return build_kids(p, AST_SHOW, 0, list, at);
}

Ast *build_show_one(Syntax *p, Ast *t, Span at)
{
    return build_node(p, AST_SHOW, 0, at, t, NULL);
}

/* Can this stand left of `=`? */
static bool check_target(Syntax *p, const Ast *t)
{
    const Ast *name = t;
    while ((name->kind == AST_INDEX || name->kind == AST_FIELD) &&
           !(name->flags & AST_PARENS))
        name = name->kids[0];
    if (name->kind == AST_NAME && !(name->flags & AST_PARENS))
        return true;
    const char *help = "`a == b` compares; a name, an entry `A[i,j]` or a "
                       "field `r.w` is assigned to";
    if (name->kind == AST_CALL)
        help = "entries are written in brackets: A[i,j] = e";
    syntax_error(p, ERR_ASSIGN, t->at.from, t->at.to, help,
                 "this cannot be assigned to");
    return false;
}

static const char *doc_above(const Syntax *p, uint32_t at)
{
    size_t lo = 0, hi = p->docs.count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->docs.at[mid].below < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->docs.count && p->docs.at[lo].below == at
               ? p->docs.at[lo].text
               : NULL;
}

static Ast *define(Syntax *p, const Ast *signature, Ast *body, Span at)
{
    Ast *t = build_node(p, AST_FUNCTION, 0, at, body, NULL);
    const Ast *name = signature;
    if (signature->kind == AST_CALL && !(signature->flags & AST_PARENS))
        name = signature->kids[0];
    if (name == signature || name->kind != AST_NAME) {
        error_at(p, signature, "f(x) = x^2",
                 "a definition begins with a name and its parameters");
        t->name = name_of("?");
        return t;
    }
    t->name = name->name;
    t->text = doc_above(p, at.from);
    build_params(p, t, signature->kids + 1, signature->count - 1,
                 (size_t)signature->op);
    return t;
}

Ast *build_assign(Syntax *p, const AstList *targets, Ast *value, Span at)
{
    Ast *first = targets->at[0];
    if (targets->count == 1) {
        if (first->kind == AST_CALL && first->kids[0]->kind == AST_NAME)
            return define(p, first, value, at);
        check_target(p, first);
        return build_node(p, AST_ASSIGN, AST_SET, at, first, value);
    }
    for (size_t i = 0; i < targets->count; i++)
        check_target(p, targets->at[i]);
    AstList kids = build_list(p, *targets, value);
    return build_kids(p, AST_UNPACK, 0, &kids, at);
}

Ast *build_update(Syntax *p, int op, Ast *target, Ast *value, Span at)
{
    check_target(p, target);
    return build_node(p, AST_ASSIGN, op, at, target, value);
}

Ast *build_function(Syntax *p, Ast *signature, Ast *body, Span at)
{
    Ast *t = define(p, signature, body, at);
    t->flags |= AST_LONG;
    return t;
}

Ast *build_if(Syntax *p, Ast *c, Ast *yes, const AstList *elseifs, Ast *no,
              Span at)
{
    AstList kids =
        build_append(p, build_pair(p, (AstList){0}, c, yes), elseifs);
    if (no != NULL)
        kids = build_list(p, kids, no);
    return build_kids(p, AST_IF, 0, &kids, at);
}

Ast *build_for(Syntax *p, int op, const Token *name, Ast *range, Ast *body,
               Span at)
{
    Ast *t = build_node(p, AST_FOR, op, at, range, body);
    t->name = name->name;
    return t;
}

Ast *build_try(Syntax *p, Ast *body, const Token *name, Ast *handler, Span at)
{
    if (handler == NULL) {
        syntax_error(p, ERR_SYNTAX, at.from, at.from + 3,
                     "`catch err` and what to do then stand before `end`",
                     "this `try` has no `catch`");
        return build_hole(p, at);
    }
    Ast *t = build_node(p, AST_TRY, 0, at, body, handler);
    t->name = name != NULL ? name->name : NULL;
    return t;
}

Ast *build_assert(Syntax *p, const AstList *list, Span at)
{
    if (list->count > 2)
        error_at(p, list->at[2], "assert x > 0, \"x must be positive\"",
                 "assert takes a condition and a text");
    return build_kids(p, AST_ASSERT, 0, list, at);
}

Ast *build_file(Syntax *p, AstKind kind, const Token *file, const Token *name,
                Span at)
{
    Ast *t = build_leaf(p, kind, 0, at);
    t->text = file->text;
    t->len = file->len;
    t->name = name != NULL ? name->name : NULL;
    return t;
}

/* ---- models ---- */

Ast *build_model(Syntax *p, const Token *name, const AstList *lines, Span at)
{
    Ast *t = build_kids(p, AST_MODEL, 0, lines, at);
    t->name = name->name;
    t->text = doc_above(p, at.from);
    return t;
}

AstList build_role(Syntax *p, int op, Ast *e, const AstList *constraints,
                   Span role, Span subject)
{
    Span line = {role.source, role.from, e->at.to};
    Ast *t = build_node(p, AST_ROLE, op, line, e, NULL);
    return build_list(p, build_one(p, t),
                      build_subject(p, constraints, subject));
}

Ast *build_line(Syntax *p, Ast *left, Ast *value, Span at)
{
    if (left->kind == AST_CALL)
        return define(p, left, value, at);
    if (left->kind != AST_NAME)
        error_at(p, left, NULL,
                 "a line of a model defines a name or a function");
    return build_node(p, AST_ASSIGN, AST_SET, at, left, value);
}

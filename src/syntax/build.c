/*
 * build.c - actions of the parser: expressions
 */
#include "syntax/build.h"

#include <stdlib.h>
#include <string.h>

#include "parser.h"

AstList build_one(Syntax *p, Ast *t)
{
    return build_list(p, (AstList){0}, t);
}

AstList build_list(Syntax *p, AstList list, Ast *t)
{
    VEC_PUSH_IN(p->scratch, &list, t);
    return list;
}

AstList build_append(Syntax *p, AstList list, const AstList *more)
{
    for (size_t i = 0; i < more->count; i++)
        list = build_list(p, list, more->at[i]);
    return list;
}

AstList build_pair(Syntax *p, AstList list, Ast *a, Ast *b)
{
    return build_list(p, build_list(p, list, a), b);
}

Ast *build_leaf(Syntax *p, AstKind kind, int op, Span at)
{
    Ast *t = ARENA_NEW(p->arena, Ast);
    t->kind = kind;
    t->op = op;
    t->at = at;
    return t;
}

static void set_kids(Syntax *p, Ast *t, size_t n, Ast *const *kids)
{
    if (n == 0)
        return;
    t->count = (uint32_t)n;
    t->kids = arena_alloc(p->arena, n * sizeof *kids);
    memcpy(t->kids, kids, n * sizeof *kids);
}

Ast *build_node(Syntax *p, AstKind kind, int op, Span at, Ast *a, Ast *b)
{
    Ast *t = build_leaf(p, kind, op, at);
    Ast *kids[] = {a, b};
    set_kids(p, t, b == NULL ? 1 : 2, kids);
    return t;
}

Ast *build_kids(Syntax *p, AstKind kind, int op, const AstList *kids, Span at)
{
    Ast *t = build_leaf(p, kind, op, at);
    set_kids(p, t, kids->count, kids->at);
    return t;
}

Ast *build_hole(Syntax *p, Span at)
{
    Ast *t = build_leaf(p, AST_NAME, 0, at);
    t->name = name_of("?");
    return t;
}

Ast *build_number(Syntax *p, const Token *token, Span at)
{
    Ast *t = build_leaf(p, AST_NUMBER, 0, at);
    t->text = token->text;
    t->len = token->len;
    t->flags = token->exact ? AST_EXACT : 0;
    if (!token->exact)
        t->number = strtod(token->text, NULL);
    return t;
}

Ast *build_string(Syntax *p, const Token *token, Span at)
{
    Ast *t = build_leaf(p, AST_STRING, 0, at);
    t->text = token->text;
    t->len = token->len;
    return t;
}

Ast *build_name(Syntax *p, const Token *token, Span at)
{
    Ast *t = build_leaf(p, AST_NAME, 0, at);
    t->name = token->name;
    return t;
}

Ast *build_parens(Ast *t, Span at)
{
    t->flags |= AST_PARENS;
    t->at = at;
    return t;
}

Ast *build_unary(Syntax *p, AstOp op, Ast *a, Span at)
{
    return build_node(p, AST_UNARY, (int)op, at, a, NULL);
}

Ast *build_binary(Syntax *p, AstOp op, Ast *a, Ast *b, Span at)
{
    return build_node(p, AST_BINARY, (int)op, at, a, b);
}

Ast *build_juxtaposed(Syntax *p, const Token *number, Ast *b, Span first,
                      Span at)
{
    Ast *t = build_binary(p, AST_MUL, build_number(p, number, first), b, at);
    t->flags |= AST_JUXT;
    return t;
}

/*
 * The arrays of a chain have room for the next power of two, so that a long
 * one is not copied for every link.
 */
Ast *build_compare(Syntax *p, Ast *a, int op, Ast *b, Span at)
{
    Ast *t = build_node(p, AST_COMPARE, 0, at, a, b);
    uint8_t *ops = arena_alloc(p->arena, 2);
    ops[0] = (uint8_t)op;
    t->ops = ops;
    return t;
}

Ast *build_chain(Syntax *p, Ast *chain, int op, Ast *b, Span at)
{
    uint32_t n = chain->count;
    uint8_t *ops = (uint8_t *)chain->ops;
    if ((n & (n - 1)) == 0) {
        Ast **kids = arena_alloc(p->arena, 2 * n * sizeof *kids);
        memcpy(kids, chain->kids, n * sizeof *kids);
        chain->kids = kids;
        uint8_t *wider = arena_alloc(p->arena, 2 * n);
        memcpy(wider, ops, n - 1);
        chain->ops = ops = wider;
    }
    ops[n - 1] = (uint8_t)op;
    chain->kids[n] = b;
    chain->count = n + 1;
    chain->at = at;
    return chain;
}

Ast *build_range(Syntax *p, Ast *from, Ast *step, Ast *to, Span at)
{
    Ast *t = build_leaf(p, AST_RANGE, 0, at);
    Ast *kids[] = {from, step, to};
    set_kids(p, t, 3, kids);
    return t;
}

Ast *build_choice(Syntax *p, Ast *c, Ast *yes, Ast *no, Span at)
{
    Ast *t = build_leaf(p, AST_CHOICE, 0, at);
    Ast *kids[] = {c, yes, no};
    set_kids(p, t, 3, kids);
    return t;
}

/* ---- calls, indices ---- */

/* Can a thing in parentheses be a function? `(x + 1)(x - 1)` cannot. */
static bool is_arithmetic(const Ast *t)
{
    switch (t->kind) {
    case AST_NUMBER:
    case AST_STRING:
    case AST_BOOL:
    case AST_UNARY:
    case AST_BINARY:
    case AST_COMPARE:
    case AST_RANGE:
        return true;
    default:
        return false;
    }
}

Ast *build_call(Syntax *p, Ast *callee, const AstList *args, Span paren,
                Span at)
{
    if (is_arithmetic(callee))
        syntax_fix(p, ERR_FOREIGN, paren.from, paren.from, "*",
                   "a product is not written by parentheses side by side");
    Ast *t = build_leaf(p, AST_CALL, 0, at);
    t->count = (uint32_t)args->count + 1;
    t->kids = arena_alloc(p->arena, t->count * sizeof *t->kids);
    t->kids[0] = callee;
    if (args->count > 0)
        memcpy(t->kids + 1, args->at, args->count * sizeof *t->kids);
    t->op = (int)args->positional;
    return t;
}

Ast *build_named(Syntax *p, Ast *name, Ast *value, Span at)
{
    if (name->kind != AST_NAME || (name->flags & AST_PARENS))
        syntax_error(p, ERR_SYNTAX, name->at.from, name->at.to, "`==` compares",
                     "a name must stand before `=`, for an option, a "
                     "substitution or an index");
    Ast *t = build_node(p, AST_NAMED, 0, at, value, NULL);
    t->name = name->kind == AST_NAME ? name->name : name_of("?");
    return t;
}

AstList build_options(Syntax *p, AstList args, const AstList *options)
{
    args.positional = args.count;
    for (size_t i = 0; options != NULL && i < options->count; i++) {
        const Ast *t = options->at[i];
        if (t->kind != AST_NAMED)
            syntax_error(p, ERR_SYNTAX, t->at.from, t->at.to,
                         "options are written `name = e`",
                         "after `;` every argument has a name");
    }
    size_t positional = args.positional;
    if (options != NULL)
        args = build_append(p, args, options);
    args.positional = positional;
    return args;
}

Ast *build_index(Syntax *p, Ast *t, const AstList *indices, Span at)
{
    if (t->kind == AST_NUMBER && !(t->flags & AST_PARENS))
        syntax_fix(p, ERR_SYNTAX, t->at.to, t->at.to, "*",
                   "a number has no entries");
    Ast *node = build_leaf(p, AST_INDEX, 0, at);
    node->count = (uint32_t)indices->count + 1;
    node->kids = arena_alloc(p->arena, node->count * sizeof *node->kids);
    node->kids[0] = t;
    memcpy(node->kids + 1, indices->at, indices->count * sizeof *node->kids);
    return node;
}

Ast *build_field(Syntax *p, Ast *t, const Token *name, Span at)
{
    Ast *node = build_node(p, AST_FIELD, 0, at, t, NULL);
    node->name = name->name;
    return node;
}

Ast *build_prime(Syntax *p, Ast *t, Span at)
{
    if (t->kind == AST_PRIME && !(t->flags & AST_PARENS)) {
        t->op++;
        t->at = at;
        return t;
    }
    return build_node(p, AST_PRIME, 1, at, t, NULL);
}

/* ---- literals ---- */

Ast *build_array(Syntax *p, const AstList *rows, bool closed, Span at)
{
    Ast *t = build_kids(p, AST_ARRAY, 0, rows, at);
    if (closed || rows->count > 1)
        t->flags |= AST_ROWS;
    return t;
}

Ast *build_braces(Syntax *p, const AstList *items, Span at)
{
    size_t named = 0;
    for (size_t i = 0; i < items->count; i++)
        named += items->at[i]->kind == AST_NAMED;
    if (named != 0 && named != items->count)
        syntax_error(p, ERR_SYNTAX, at.from, at.to,
                     "{w = 1, b = 2} is a record, {1, 2} a list",
                     "either every entry has a name, or none");
    return build_kids(p, named > 0 ? AST_RECORD : AST_LIST, 0, items, at);
}

Ast *build_lambda(Syntax *p, const AstList *params, Ast *body, Span at)
{
    Ast *t = build_node(p, AST_LAMBDA, 0, at, body, NULL);
    if (params != NULL)
        build_params(p, t, params->at, params->count, params->count);
    return t;
}

Ast *build_lambda_one(Syntax *p, Ast *param, Ast *body, Span at)
{
    Ast *t = build_node(p, AST_LAMBDA, 0, at, body, NULL);
    build_params(p, t, &param, 1, 1);
    return t;
}

static void check_constraints(Syntax *p, const AstList *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const Ast *t = list->at[i];
        bool equation = t->kind == AST_COMPARE;
        for (uint32_t k = 0; equation && k + 1 < t->count; k++)
            equation = t->ops[k] != AST_NE && t->ops[k] != AST_IN;
        if (!equation)
            syntax_error(p, ERR_SYNTAX, t->at.from, t->at.to,
                         "x + y <= 1, 0 <= x <= 1, A*x == b",
                         "a constraint is a comparison with ==, <= or >=");
    }
}

Ast *build_minimize(Syntax *p, int op, Ast *objective, const DeclList *over,
                    const AstList *constraints, Span at)
{
    AstList kids = build_one(p, objective);
    if (constraints != NULL) {
        check_constraints(p, constraints);
        kids = build_append(p, kids, constraints);
    }
    Ast *t = build_decls(p, AST_MINIMIZE, op, over, at);
    set_kids(p, t, kids.count, kids.at);
    return t;
}

Ast *build_subject(Syntax *p, const AstList *constraints, Span at)
{
    check_constraints(p, constraints);
    return build_kids(p, AST_SUBJECT, 0, constraints, at);
}

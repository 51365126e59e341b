/*
 * ast.c - the syntax tree
 */
#include "syntax/ast.h"

#include <string.h>

#include "base/vec.h"

const char *ast_kind_name(AstKind kind)
{
    static const char *const names[] = {
        [AST_NUMBER] = "number",
        [AST_STRING] = "string",
        [AST_BOOL] = "true or false",
        [AST_NAME] = "name",
        [AST_END] = "last index",
        [AST_COLON] = "whole range",
        [AST_UNARY] = "operation",
        [AST_BINARY] = "operation",
        [AST_COMPARE] = "comparison",
        [AST_RANGE] = "range",
        [AST_CALL] = "call",
        [AST_NAMED] = "named argument",
        [AST_INDEX] = "index",
        [AST_FIELD] = "field",
        [AST_PRIME] = "primed expression",
        [AST_ARRAY] = "array",
        [AST_ROW] = "row",
        [AST_LIST] = "list",
        [AST_RECORD] = "record",
        [AST_LAMBDA] = "function",
        [AST_CHOICE] = "if-expression",
        [AST_MINIMIZE] = "minimize",
        [AST_BLOCK] = "block",
        [AST_SHOW] = "expression statement",
        [AST_ASSIGN] = "assignment",
        [AST_UNPACK] = "assignment",
        [AST_FUNCTION] = "definition",
        [AST_SYM] = "sym",
        [AST_RULE] = "rule",
        [AST_MODEL] = "model",
        [AST_DECLS] = "declaration",
        [AST_ROLE] = "model line",
        [AST_SUBJECT] = "subject to",
        [AST_IF] = "if",
        [AST_FOR] = "for",
        [AST_WHILE] = "while",
        [AST_BREAK] = "break",
        [AST_CONTINUE] = "continue",
        [AST_RETURN] = "return",
        [AST_TRY] = "try",
        [AST_ASSERT] = "assert",
        [AST_INCLUDE] = "include",
        [AST_USE] = "use",
        [AST_HELP] = "question",
    };
    return kind < AST_COUNT ? names[kind] : "?";
}

const char *ast_op_text(AstOp op)
{
    static const char *const texts[] = {
        [AST_SET] = "=",     [AST_OR] = "or",    [AST_AND] = "and",
        [AST_ADD] = "+",     [AST_SUB] = "-",    [AST_MUL] = "*",
        [AST_DIV] = "/",     [AST_SOLVE] = "\\", [AST_DOTMUL] = ".*",
        [AST_DOTDIV] = "./", [AST_POW] = "^",    [AST_DOTPOW] = ".^",
        [AST_NOT] = "not",   [AST_NEG] = "-",    [AST_POS] = "+",
        [AST_EQ] = "==",     [AST_NE] = "!=",    [AST_LT] = "<",
        [AST_LE] = "<=",     [AST_GT] = ">",     [AST_GE] = ">=",
        [AST_IN] = "in",
    };
    return op < AST_OP_COUNT ? texts[op] : "?";
}

const char *ast_role_text(AstRole role)
{
    static const char *const texts[] = {
        [AST_DATA] = "data",       [AST_HYPER] = "hyper", [AST_PARAM] = "param",
        [AST_PREDICT] = "predict", [AST_PROB] = "prob",   [AST_SCORE] = "score",
        [AST_LOSS] = "loss",       [AST_NLL] = "nll",
    };
    return role < AST_ROLE_COUNT ? texts[role] : "?";
}

Ast *ast_arg_named(const Ast *call, Name name)
{
    for (uint32_t i = 1; i < call->count; i++)
        if (call->kids[i]->kind == AST_NAMED && call->kids[i]->name == name)
            return call->kids[i]->kids[0];
    return NULL;
}

uint32_t ast_decl_count(const Ast *t)
{
    switch (t->kind) {
    case AST_LAMBDA:
    case AST_MINIMIZE:
    case AST_FUNCTION:
    case AST_SYM:
    case AST_DECLS:
        return t->ndecls;
    default:
        return 0;
    }
}

/* ---- the left spine ---- */

static int spine_class(const Ast *t)
{
    if (t->kind != AST_BINARY)
        return -1;
    switch (t->op) {
    case AST_ADD:
    case AST_SUB:
        return AST_ADD;
    case AST_MUL:
    case AST_DIV:
    case AST_SOLVE:
    case AST_DOTMUL:
    case AST_DOTDIV:
        return AST_MUL;
    default:
        return t->op;
    }
}

size_t ast_spine_length(const Ast *t)
{
    int class = spine_class(t);
    size_t n = 0;
    if (class < 0)
        return 0;
    for (; spine_class(t) == class; t = t->kids[0])
        n++;
    return n;
}

void ast_spine(const Ast *t, const Ast **spine, size_t n)
{
    for (size_t i = 0; i < n; i++, t = t->kids[0])
        spine[i] = t;
}

/* ---- walking ---- */

static void walk_push(AstWalk *w, const Ast *t)
{
    if (t == NULL)
        return;
    struct {
        const Ast **at;
        size_t count, room;
    } v = {w->stack, w->count, w->room};
    VEC_PUSH_IN(w->arena, &v, t);
    w->stack = v.at;
    w->count = v.count;
    w->room = v.room;
}

AstWalk ast_walk(Arena *a, const Ast *t)
{
    AstWalk w = {.arena = a};
    walk_push(&w, t);
    return w;
}

/* The expressions of a declaration, last first. */
static void walk_decl(AstWalk *w, const Decl *d)
{
    walk_push(w, d->value);
    walk_push(w, d->set);
    walk_push(w, d->upper);
    walk_push(w, d->lower);
    for (uint32_t i = d->nargs; i-- > 0;)
        for (uint32_t k = d->args[i].ndims; k-- > 0;)
            walk_push(w, d->args[i].dims[k]);
    for (uint32_t i = d->ndims; i-- > 0;)
        walk_push(w, d->dims[i]);
}

const Ast *ast_walk_next(AstWalk *w)
{
    const Ast *t = w->last;
    if (t != NULL) {
        for (uint32_t i = t->count; i-- > 0;)
            walk_push(w, t->kids[i]);
        for (uint32_t i = ast_decl_count(t); i-- > 0;)
            walk_decl(w, &t->decls[i]);
    }
    w->last = w->count > 0 ? w->stack[--w->count] : NULL;
    return w->last;
}

void ast_walk_skip(AstWalk *w)
{
    w->last = NULL;
}

/* ---- comparing ---- */

static bool same_text(const Ast *a, const Ast *b)
{
    bool has_text = a->kind == AST_NUMBER || a->kind == AST_STRING ||
                    a->kind == AST_INCLUDE || a->kind == AST_USE ||
                    a->kind == AST_HELP;
    return !has_text ||
           (a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
}

static bool same_null(const void *a, const void *b)
{
    return (a == NULL) == (b == NULL);
}

/* All but the expressions inside, which the walk compares. */
static bool same_decl(const Decl *a, const Decl *b)
{
    if (a->name != b->name || a->ndims != b->ndims || a->nargs != b->nargs ||
        a->function != b->function || a->option != b->option ||
        a->lower_open != b->lower_open || a->upper_open != b->upper_open ||
        a->is != b->is || a->classes != b->classes)
        return false;
    for (uint32_t i = 0; i < a->nargs; i++)
        if (a->args[i].name != b->args[i].name ||
            a->args[i].ndims != b->args[i].ndims)
            return false;
    return same_null(a->lower, b->lower) && same_null(a->upper, b->upper) &&
           same_null(a->set, b->set) && same_null(a->value, b->value);
}

static bool same_node(const Ast *a, const Ast *b)
{
    if (a->kind != b->kind || a->op != b->op || a->count != b->count ||
        a->name != b->name ||
        ((a->flags ^ b->flags) & ~(unsigned)AST_PARENS) != 0 ||
        !same_text(a, b) || ast_decl_count(a) != ast_decl_count(b))
        return false;
    if (a->kind == AST_COMPARE && memcmp(a->ops, b->ops, a->count - 1) != 0)
        return false;
    for (uint32_t i = 0; i < ast_decl_count(a); i++)
        if (!same_decl(&a->decls[i], &b->decls[i]))
            return false;
    return true;
}

bool ast_equal(Arena *scratch, const Ast *a, const Ast *b)
{
    AstWalk x = ast_walk(scratch, a), y = ast_walk(scratch, b);
    for (;;) {
        const Ast *s = ast_walk_next(&x), *t = ast_walk_next(&y);
        if (s == NULL || t == NULL)
            return s == t;
        if (!same_node(s, t))
            return false;
    }
}

/* ---- copying ---- */

/* Places that hold a pointer to a node which is still to be copied. */
typedef struct Copier {
    Arena *a;
    VEC(Ast **) todo; /* in scratch */
    Arena *scratch;
} Copier;

static void later(Copier *c, Ast **place)
{
    if (*place != NULL)
        VEC_PUSH_IN(c->scratch, &c->todo, place);
}

static Ast **copy_places(Copier *c, Ast *const *from, uint32_t n)
{
    if (n == 0)
        return NULL;
    Ast **to = arena_alloc(c->a, n * sizeof *to);
    memcpy(to, from, n * sizeof *to);
    for (uint32_t i = 0; i < n; i++)
        later(c, &to[i]);
    return to;
}

static void copy_decl(Copier *c, Decl *d)
{
    d->dims = copy_places(c, d->dims, d->ndims);
    if (d->nargs > 0) {
        Decl *args = arena_alloc(c->a, d->nargs * sizeof *args);
        memcpy(args, d->args, d->nargs * sizeof *args);
        for (uint32_t i = 0; i < d->nargs; i++)
            args[i].dims = copy_places(c, args[i].dims, args[i].ndims);
        d->args = args;
    }
    later(c, &d->lower);
    later(c, &d->upper);
    later(c, &d->set);
    later(c, &d->value);
}

static Ast *copy_node(Copier *c, const Ast *t)
{
    Ast *n = arena_alloc(c->a, sizeof *n);
    *n = *t;
    n->kids = copy_places(c, t->kids, t->count);
    if (t->text != NULL)
        n->text =
            arena_copy(c->a, t->text, t->len > 0 ? t->len : strlen(t->text));
    if (t->kind == AST_COMPARE)
        n->ops = (const uint8_t *)arena_copy(c->a, (const char *)t->ops,
                                             t->count - 1);
    uint32_t decls = ast_decl_count(t);
    if (decls > 0) {
        n->decls = arena_alloc(c->a, decls * sizeof *n->decls);
        memcpy(n->decls, t->decls, decls * sizeof *n->decls);
        for (uint32_t i = 0; i < decls; i++)
            copy_decl(c, &n->decls[i]);
    }
    return n;
}

Ast *ast_copy(Arena *a, const Ast *t)
{
    Copier c = {.a = a, .scratch = arena_local()};
    Ast *root = copy_node(&c, t);
    while (c.todo.count > 0) {
        Ast **place = c.todo.at[--c.todo.count];
        *place = copy_node(&c, *place);
    }
    arena_free(c.scratch);
    return root;
}

/*
 * calls.c - numbers of arguments and names of options
 */
#include <string.h>

#include "base/near.h"
#include "eval/call.h"
#include "syntax/diag.h"
#include "tool/check.h"

static const char *plural(int n)
{
    return n == 1 ? "argument" : "arguments";
}

static uint32_t count_positional(const Ast *call)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < ast_args(call); i++)
        n += ast_arg(call, i)->kind != AST_NAMED;
    return n;
}

/* ---- functions of the language ---- */

static void note_option(Check *c, const Ast *named, const char *function,
                        const Decl *d, uint32_t n)
{
    Near near = near_begin(named->name);
    for (uint32_t i = 0; i < n; i++) {
        if (d[i].name == named->name)
            return;
        near_offer(&near, d[i].name, true);
    }
    check_note(c, false, named->at, ERR_ARGUMENT,
               near_best(&near) ? arena_printf(c->arena, "did you mean %s?",
                                               near_best(&near))
                                : NULL,
               "%s has no option `%s`", function, named->name);
}

static void check_decls(Check *c, const Ast *call, const char *function,
                        const Decl *d, uint32_t n)
{
    uint32_t given = count_positional(call), taken = 0;
    int least = 0, most = 0;
    bool missing = false;
    for (uint32_t i = 0; i < ast_args(call); i++)
        if (ast_arg(call, i)->kind == AST_NAMED)
            note_option(c, ast_arg(call, i), function, d, n);
    for (uint32_t i = 0; i < n; i++) {
        bool named = ast_arg_named(call, d[i].name) != NULL;
        if (d[i].option) {
            if (!named && !d[i].value)
                check_note(c, false, call->at, ERR_ARGUMENT, NULL,
                           "the option `%s` of %s must be given", d[i].name,
                           function);
            continue;
        }
        most++;
        least += d[i].value == NULL;
        if (named)
            continue;
        if (taken < given)
            taken++;
        else
            missing |= d[i].value == NULL;
    }
    if (!missing && taken == given)
        return;
    int want = missing ? least : most;
    check_note(c, false, call->at, ERR_ARGUMENT, NULL,
               "%s takes %s%d %s, and %u %s given", function,
               least == most ? ""
               : missing     ? "at least "
                             : "up to ",
               want, plural(want), given, given == 1 ? "is" : "are");
}

/* ---- builtins ---- */

static bool has_option(const char *options, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = options; p && *p;) {
        size_t len = strcspn(p, ",");
        if (len == n && strncmp(p, name, n) == 0)
            return true;
        p += len + (p[len] == ',');
    }
    return false;
}

static void check_builtin(Check *c, const Ast *call, const Builtin *b)
{
    bool binds = ast_args(call) > 0 && ast_arg(call, 0)->kind == AST_NAMED;
    if (!b->fn && (b->special || b->op < 0))
        return;
    if (b->special && binds)
        return;
    int given = (int)count_positional(call);
    if (given < b->least || (b->most >= 0 && given > b->most)) {
        bool few = given < b->least;
        int want = few ? b->least : b->most;
        const char *range = b->least == b->most ? ""
                            : few               ? "at least "
                                                : "up to ";
        check_note(c, false, call->at, ERR_ARGUMENT, b->signature,
                   "%s takes %s%d %s, and %d %s given", b->name, range, want,
                   plural(want), given, given == 1 ? "is" : "are");
    }
    bool any = b->options && strcmp(b->options, "*") == 0;
    for (uint32_t i = 0; i < ast_args(call) && !any; i++) {
        const Ast *e = ast_arg(call, i);
        if (e->kind != AST_NAMED || has_option(b->options, e->name))
            continue;
        bool some = b->options && *b->options;
        check_note(c, false, e->at, ERR_ARGUMENT,
                   some ? arena_printf(c->arena, "it has: %s", b->options)
                        : NULL,
                   "%s has no option `%s`", b->name, e->name);
    }
}

static void check_library_call(Check *c, const Ast *call)
{
    Name name = call->kids[0]->name;
    Value v;
    if (!lookup_name(c->in, name, &v) || v.kind != VAL_FUNCTION)
        return;
    if (v.function->class == &class_builtin) {
        check_builtin(c, call, v.function->data);
    } else if (v.function->class == &class_closure) {
        int n;
        const Decl *d = function_params(v.function, &n);
        check_decls(c, call, name, d, (uint32_t)n);
    }
}

void check_call(Check *c, const Ast *call, const Var *callee)
{
    if (callee) {
        if (callee->kind == VAR_FUNCTION && callee->times == 1 && callee->def)
            check_decls(c, call, callee->name, callee->def->decls,
                        callee->def->ndecls);
        return;
    }
    Protect p;
    if (PROTECT(&p)) {
        check_library_call(c, call);
        protect_end(&p);
    }
}

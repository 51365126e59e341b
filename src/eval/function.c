/*
 * function.c - the classes of functions that are not derived
 */
#include "eval/call.h"

#include "eval/derive.h"
#include "eval/direct.h"
#include "eval/fast.h"
#include "eval/parts.h"
#include "syntax/print.h"

/* ---- closures ---- */

/* Names in the definition that are locals here are captured by value. */
static void capture(Interp *in, Closure *c)
{
    if (!in->frame)
        return;
    Arena *a = arena_local();
    VEC(Local) found = {0};
    AstWalk w = ast_walk(a, c->def);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
        Value v;
        if (t->kind != AST_NAME)
            continue;
        bool known = false;
        for (size_t i = 0; i < found.count; i++)
            known = known || found.at[i].name == t->name;
        if (!known && frame_local(in, t->name, &v))
            VEC_PUSH_IN(a, &found, ((Local){t->name, v, VALUE_NONE}));
    }
    if (found.count > 0) {
        c->captured = mem_zero(found.count, sizeof *c->captured);
        c->ncaptured = (uint32_t)found.count;
        for (size_t i = 0; i < found.count; i++) {
            c->captured[i] = found.at[i];
            value_keep(found.at[i].value);
        }
    }
    arena_free(a);
}

Value closure_new(Interp *in, const Ast *def)
{
    check_signature(in, def);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    Closure *c = f->data = mem_zero(1, sizeof *c);
    f->class = &class_closure;
    f->name = def->kind == AST_FUNCTION ? def->name : NULL;
    c->def = def;
    c->code = code_keep(in->frame ? in->frame->code : in->code);
    c->scope = in->frame ? in->frame->scope : in->top;
    c->passing = in->frame && def->kind != AST_FUNCTION;
    capture(in, c);
    return value_object(f);
}

Value closure_of(const Ast *def, Code *code, Scope *scope, Value captured)
{
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    Closure *c = f->data = mem_zero(1, sizeof *c);
    size_t n = captured.record->count;
    f->class = &class_closure;
    c->def = def;
    c->code = code_keep(code);
    c->scope = scope;
    if (n > 0)
        c->captured = mem_zero(n, sizeof *c->captured);
    for (size_t i = 0; i < n; i++) {
        c->captured[i].name = captured.record->name[i];
        value_store(&c->captured[i].value, captured.record->at[i]);
    }
    c->ncaptured = (uint32_t)n;
    return value_object(f);
}

static bool holds_name(Interp *in, Value v, Name name);

static bool any_holds_name(Interp *in, size_t n, const Value v[], Name name)
{
    for (size_t i = 0; i < n; i++)
        if (holds_name(in, v[i], name))
            return true;
    return false;
}

static bool function_holds_name(Interp *in, const Function *f, Name name)
{
    if (f->class == &class_derived)
        return holds_name(in, derived_base(f), name);
    if (f->class == &class_parts)
        return holds_name(in, parts_base(f), name);
    if (f->class != &class_closure)
        return false;
    const Closure *c = f->data;
    for (uint32_t i = 0; i < c->ncaptured; i++)
        if (holds_name(in, c->captured[i].value, name))
            return true;
    return false;
}

/* Does v hold a formula with a symbol of this name, a function in it too? */
static bool holds_name(Interp *in, Value v, Name name)
{
    depth_check();
    if (v.kind == VAL_FUNCTION)
        return function_holds_name(in, v.function, name);
    if (v.kind == VAL_LIST || v.kind == VAL_SEVERAL)
        return any_holds_name(in, v.list->count, v.list->at, name);
    if (v.kind == VAL_RECORD)
        return any_holds_name(in, v.record->count, v.record->at, name);
    if (v.kind != VAL_EXPR)
        return false;
    Arena *a = arena_local();
    Node *symbol;
    bool some = false;
    int n = node_symbols(in->graph, v.expr->node, a, &symbol);
    for (int i = 0; i < n; i++)
        some = some || node_symbol_name(in->graph, symbol[i]) == name;
    arena_free(a);
    return some;
}

Name fresh_name(Interp *in, Value f, Name name)
{
    if (!holds_name(in, f, name))
        return name;
    Str s = str_in(in->scratch);
    str_add_format(&s, "%s#%d", name, in->depth);
    return name_of(str_text(&s));
}

static void release_closure(Function *f)
{
    Closure *c = f->data;
    for (uint32_t i = 0; i < c->ncaptured; i++)
        value_drop(c->captured[i].value);
    mem_free(c->captured);
    fast_free(c->fast);
    direct_free(c->direct);
    code_drop(c->code);
    mem_free(c);
    f->data = NULL;
}

/* As it can be typed: `x -> e`, `(x, y) -> e`, or the long definition. */
static void print_closure(const Function *f, Str *out)
{
    const Closure *c = f->data;
    const Ast *def = c->def;
    if (def->kind == AST_LAMBDA) {
        ast_print(out, def);
        return;
    }
    if (def->flags & AST_LONG) {
        ast_print_statement(out, def, 0);
        while (out->len > 0 && out->at[out->len - 1] == '\n')
            out->at[--out->len] = '\0';
        return;
    }
    bool bare = def->ndecls == 1 && def->decls[0].ndims == 0 &&
                !def->decls[0].value && !def->decls[0].option;
    if (!bare)
        str_add_char(out, '(');
    for (uint32_t i = 0; i < def->ndecls; i++) {
        if (i > 0)
            str_add(out, def->decls[i].option && !def->decls[i - 1].option
                             ? "; "
                             : ", ");
        ast_print_decl(out, &def->decls[i]);
    }
    str_add(out, bare ? " -> " : ") -> ");
    ast_print(out, def->kids[0]);
}

static bool equal_closures(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_closure = {"function", release_closure, print_closure,
                                     equal_closures};

/* ---- builtins ---- */

static void release_nothing(Function *f)
{
    (void)f;
}

static void print_name(const Function *f, Str *out)
{
    str_add(out, f->name);
}

static bool equal_data(const Function *a, const Function *b)
{
    return a->data == b->data && a->name == b->name;
}

const FunctionClass class_builtin = {"function", release_nothing, print_name,
                                     equal_data};
const FunctionClass class_symbol = {"function", release_nothing, print_name,
                                    equal_data};

Value builtin_new(const Builtin *b)
{
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_builtin;
    f->name = name_of(b->name);
    f->data = (void *)(uintptr_t)b;
    return value_object(f);
}

Value function_symbol_new(Name name, int nargs)
{
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_symbol;
    f->name = name;
    f->data = (void *)(intptr_t)nargs;
    return value_object(f);
}

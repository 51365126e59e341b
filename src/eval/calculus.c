/*
 * calculus.c - the forms that bind variables: diff grad jacobian hessian subs
 *
 * The names in the variable place are symbols inside of the call, whatever
 * they hold outside.
 */
#include "eval/calculus.h"

#include <string.h>

#include "eval/apply.h"
#include "eval/derive.h"
#include "eval/direct.h"
#include "eval/model.h"
#include "eval/symbol.h"
#include "graph/diff.h"
#include "graph/print.h"
#include "graph/simplify.h"
#include "value/shape.h"

/* Is the name that of a dimension, as n is after `sym x[n]`? */
static bool is_dimension(Interp *in, Name name)
{
    Value v;
    return lookup_name(in, name, &v) && v.kind == VAL_EXPR &&
           (node_symbol_flags(in->graph, v.expr->node) & SYM_DIMENSION);
}

void vars_add(Interp *in, Vars *v, const Ast *t)
{
    if (t->kind != AST_NAME)
        error_raise_help(
            t->at, ERR_SYNTAX, NULL,
            "differentiate by a symbol: diff(e, x), grad(e, [x, y])",
            "`%s` is not the name of a variable", diag_quote(t->at, 30));
    if (v->count == MOST_VARS)
        error_raise(t->at, ERR_LIMIT, "more than %d variables", MOST_VARS);
    vars_bind(in, v, t->name, t->at);
}

void vars_add_list(Interp *in, Vars *v, const Ast *t)
{
    if (t->kind != AST_ARRAY && t->kind != AST_LIST) {
        vars_add(in, v, t);
        return;
    }
    for (uint32_t r = 0; r < t->count; r++) {
        const Ast *row = t->kids[r];
        for (uint32_t k = 0; row->kind == AST_ROW && k < row->count; k++)
            vars_add(in, v, row->kids[k]);
        if (row->kind != AST_ROW)
            vars_add(in, v, row);
    }
}

void vars_read(Interp *in, const Ast *call, bool orders, Vars *v)
{
    v->count = 0;
    for (uint32_t i = 1; i < ast_args(call); i++) {
        const Ast *t = ast_arg(call, i);
        if (t->kind == AST_NAMED)
            continue;
        if (t->kind == AST_ARRAY || t->kind == AST_LIST) {
            vars_add_list(in, v, t);
            continue;
        }
        int64_t k;
        if (orders && v->count > 0 && t->kind != AST_NAME) {
            Value n = eval(in, t);
            if (!value_is_number(n) || !value_to_int(n, &k) || k < 0 ||
                k > INT32_MAX)
                error_raise(t->at, ERR_ARGUMENT,
                            "the order of a derivative is an integer from 0");
            v->order[v->count - 1] = (int)k;
            continue;
        }
        vars_add(in, v, t);
    }
}

Value vars_eval(Interp *in, const Ast *t, const Vars *v)
{
    Frame *o = frame_overlay(in);
    for (int i = 0; i < v->count; i++) {
        Value s = value_expr(v->node[i]);
        Local *l = frame_add(in, v->name[i]);
        value_store(&l->value, s);
        value_store(&l->symbol, s);
    }
    Value e = eval(in, t);
    frame_end(in, o);
    return e;
}

static bool mentions(const Ast *t, Name name)
{
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, t);
    bool found = false;
    for (const Ast *k; !found && (k = ast_walk_next(&w)) != NULL;)
        found = ast_is_name(k, name);
    arena_free(a);
    return found;
}

/* A variable or function that t names and that was made from x's value. */
static Name stale_source(Interp *in, const Ast *t, Name x)
{
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, t);
    Name found = NULL;
    for (const Ast *k; !found && (k = ast_walk_next(&w)) != NULL;) {
        Cell *c = k->kind == AST_NAME ? lookup_cell(in, k->name) : NULL;
        if (!c)
            continue;
        for (uint32_t i = 0; i < c->nreads; i++)
            if (c->reads[i] == x)
                found = k->name;
        if (c->value.kind == VAL_FUNCTION &&
            c->value.function->class == &class_closure) {
            const Closure *f = c->value.function->data;
            bool own = false;
            for (uint32_t i = 0; i < f->def->ndecls; i++)
                own = own || f->def->decls[i].name == x;
            if (!own && mentions(f->def->kids[0], x))
                found = k->name;
        }
    }
    arena_free(a);
    return found;
}

/*
 * If e lacks x but was built from a value of x, 0 would be a wrong answer.
 */
static void check_stale(Interp *in, const Ast *t, Node e, Name x, Node symbol,
                        Span at)
{
    if (e != NODE_NONE && node_depends(in->graph, e, symbol))
        return;
    if (e != NODE_NONE) {
        Node *found;
        Arena *a = arena_local();
        int n = node_symbols(in->graph, e, a, &found);
        bool other = false;
        for (int i = 0; i < n; i++)
            other = other || node_symbol_name(in->graph, found[i]) == x;
        arena_free(a);
        if (other)
            error_raise_help(at, ERR_STALE, NULL, "build the formula anew",
                             "`%s` was declared anew after this formula was "
                             "built",
                             x);
    }
    if (mentions(t, x))
        return;
    Cell *c = scope_find(in->top, x);
    bool has_value = (c && c->value.kind != VAL_EXPR) || stale_source(in, t, x);
    Name source = has_value ? stale_source(in, t, x) : NULL;
    if (source)
        error_raise_help(
            at, ERR_STALE, NULL,
            arena_printf(error_arena(),
                         "declare `sym %s` before `%s` is built, or make it a "
                         "function: %s(%s) = ...",
                         x, source, source, x),
            "`%s` was built when `%s` had a value, so its derivative by `%s` "
            "is not known",
            source, x, x);
}

Node vars_node(Interp *in, const Ast *t, Value e, Vars *v)
{
    if (e.kind == VAL_FUNCTION)
        error_raise_help(t->at, ERR_TYPE, NULL, "call it: f(x)",
                         "a formula is needed here, and `%s` is a function",
                         diag_quote(t->at, 30));
    if (e.kind == VAL_BOOL ||
        !(value_is_number(e) || e.kind == VAL_ARRAY || e.kind == VAL_EXPR))
        error_raise(t->at, ERR_TYPE, "%s has no derivative",
                    value_kind_phrase(e));
    Node n = vars_follow(in, t, node_of_value(in, e), v);
    for (int i = 0; i < v->count; i++)
        check_stale(in, t, n, v->name[i], v->node[i], v->at[i]);
    return n;
}

/* The answer of a form at the arguments of the function that runs. */
static bool give(Interp *in, const Ast *call, const Vars *v, Node e, Value *y)
{
    *y = value_of_node(in, node_textbook(in->graph, e));
    return vars_settle(in, v, call->at, y);
}

static Node stack_vars(Interp *in, const Vars *v)
{
    return v->count == 1 ? v->node[0]
                         : node_stack(in->graph, v->count, v->node);
}

_Noreturn static void raise_no_variable(const Ast *call)
{
    error_raise_help(
        call->at, ERR_ARGUMENT, NULL, "name it: diff(e, x), grad(e, v)",
        "by which variable? an expression has no order of its own");
}

/* The option of jacobian and hessian; any other named argument is refused. */
static bool read_sparse(Interp *in, const Ast *call, DeriveKind kind)
{
    bool matrix = kind == DERIVE_JACOBIAN || kind == DERIVE_HESSIAN;
    bool sparse = false;
    for (uint32_t i = 0; i < ast_args(call); i++) {
        const Ast *t = ast_arg(call, i);
        if (t->kind != AST_NAMED)
            continue;
        if (!matrix)
            error_raise(t->at, ERR_ARGUMENT, "this form has no options");
        if (strcmp(t->name, "sparse") != 0)
            error_raise_help(t->at, ERR_ARGUMENT, NULL, "it has: sparse",
                             "this form has no option `%s`", t->name);
        Value v = eval(in, t->kids[0]);
        if (v.kind != VAL_BOOL)
            error_raise(t->at, ERR_ARGUMENT, "sparse is true or false");
        sparse = v.truth;
    }
    return sparse;
}

/* What the four forms share: the value, or the derived function. */
static bool begin_form(Interp *in, const Ast *call, DeriveKind kind, Vars *v,
                       Node *e, Value *y)
{
    if (ast_args(call) == 0)
        return false;
    bool sparse = read_sparse(in, call, kind);
    vars_read(in, call, kind == DERIVE_DIFF, v);
    const Ast *t = ast_arg(call, 0);
    Value f = vars_eval(in, t, v);
    *context_here() = call->at;
    if (f.kind == VAL_FUNCTION && f.function->class == &class_model &&
        kind == DERIVE_GRAD) {
        *y = model_gradient(in, f, call->at);
        return true;
    }
    if (sparse && f.kind != VAL_FUNCTION)
        error_raise_help(
            call->at, ERR_ARGUMENT, NULL,
            "of a function f: jacobian(f; sparse = true)(x)",
            "a sparse matrix holds numbers, and this is a formula");
    if (sparse) {
        *y = derive_sparse_function(in, kind, f, v->count, v->name, call->at);
        return true;
    }
    if (f.kind == VAL_FUNCTION) {
        *y = derive_function(in, kind, f, v->count ? v->order[0] : 1, v->count,
                             v->name, call->at);
        return true;
    }
    if (v->count == 0)
        raise_no_variable(call);
    for (int i = 0; i < v->count; i++)
        if (is_dimension(in, v->name[i]))
            error_raise(v->at[i], ERR_DIFF,
                        "`%s` is the size of an array, an integer: there is no "
                        "derivative by it",
                        v->name[i]);
    *e = vars_node(in, t, f, v);
    *y = VALUE_NONE;
    return true;
}

bool special_diff(Interp *in, const Ast *call, Value *y)
{
    Vars v;
    Node e;
    if (!begin_form(in, call, DERIVE_DIFF, &v, &e, y) || y->kind != VAL_NONE)
        return true;
    Graph *g = in->graph;
    for (int i = 0; i < v.count; i++) {
        if (!node_is_scalar(g, v.node[i]))
            error_raise_help(v.at[i], ERR_SHAPE, NULL,
                             "grad(e, v) for a number, jacobian(e, v) for a "
                             "vector",
                             "diff is by a number, and `%s` is an array",
                             v.name[i]);
        e = diff_scalar_order(g, e, v.node[i], v.order[i]);
    }
    return give(in, call, &v, e, y);
}

bool special_value_and_grad(Interp *in, const Ast *call, Value *y)
{
    Vars v;
    Node e;
    if (!begin_form(in, call, DERIVE_VALUE_GRAD, &v, &e, y))
        return false;
    if (y->kind == VAL_NONE)
        error_raise_help(call->at, ERR_ARGUMENT, NULL,
                         "of a formula: e, grad(e, v)",
                         "value_and_grad takes a function, and this is a "
                         "formula");
    return true;
}

bool special_grad(Interp *in, const Ast *call, Value *y)
{
    Vars v;
    Node e, part[MOST_VARS];
    if (!begin_form(in, call, DERIVE_GRAD, &v, &e, y) || y->kind != VAL_NONE)
        return true;
    Graph *g = in->graph;
    if (!node_is_scalar(g, e)) {
        Str s = str_in(error_arena());
        shape_print(g, node_shape(g, e), &s);
        error_raise_help(call->at, ERR_SHAPE, NULL,
                         "jacobian(e, v) is for vectors",
                         "grad needs a number, and `%s` is %s",
                         diag_quote(ast_arg(call, 0)->at, 40), str_text(&s));
    }
    for (int i = 0; v.count > 1 && i < v.count; i++)
        if (!node_is_scalar(g, v.node[i]))
            error_raise_help(v.at[i], ERR_SHAPE, NULL,
                             "one call for each: grad(e, w), grad(e, b)",
                             "several variables of grad are numbers, and `%s` "
                             "is an array",
                             v.name[i]);
    diff_reverse(g, e, v.count, v.node, part);
    e = v.count == 1 ? part[0] : node_stack(g, v.count, part);
    return give(in, call, &v, e, y);
}

bool special_jacobian(Interp *in, const Ast *call, Value *y)
{
    Vars v;
    Node e;
    if (!begin_form(in, call, DERIVE_JACOBIAN, &v, &e, y) ||
        y->kind != VAL_NONE)
        return true;
    Node j = diff_jacobian(in->graph, e, stack_vars(in, &v));
    return give(in, call, &v, j, y);
}

bool special_hessian(Interp *in, const Ast *call, Value *y)
{
    Vars v;
    Node e;
    if (!begin_form(in, call, DERIVE_HESSIAN, &v, &e, y) || y->kind != VAL_NONE)
        return true;
    if (!node_is_scalar(in->graph, e))
        error_raise(call->at, ERR_SHAPE,
                    "hessian needs a number, and `%s` is "
                    "an array",
                    diag_quote(ast_arg(call, 0)->at, 40));
    Node h = diff_hessian(in->graph, e, stack_vars(in, &v));
    return give(in, call, &v, h, y);
}

static void bind_to(Interp *in, Vars *v, Value to[], Name name, Value value,
                    Span at)
{
    if (v->count == MOST_VARS)
        error_raise(at, ERR_LIMIT, "more than %d substitutions", MOST_VARS);
    to[v->count] = value;
    vars_bind(in, v, name, at);
}

/* Each field of a record, as solve returns one. */
static void bind_fields(Interp *in, Vars *v, Value to[], const Ast *t)
{
    Value r = eval(in, t);
    if (r.kind != VAL_RECORD)
        error_raise_help(t->at, ERR_ARGUMENT, NULL, "subs(e, x = 2)",
                         "a substitution is written name = value, or is a "
                         "record of them, and this is %s",
                         value_kind_phrase(r));
    for (size_t i = 0; i < r.record->count; i++)
        bind_to(in, v, to, r.record->name[i], r.record->at[i], t->at);
}

/* subs(e, x = 2, A = [1, 2; 3, 4]), subs(e, r) */
bool special_subs(Interp *in, const Ast *call, Value *y)
{
    Vars v = {.count = 0};
    Value to[MOST_VARS];
    uint32_t n = ast_args(call);
    if (n == 0)
        return false;
    for (uint32_t i = 1; i < n; i++) {
        const Ast *t = ast_arg(call, i);
        if (t->kind == AST_NAMED)
            bind_to(in, &v, to, t->name, eval(in, t->kids[0]), t->at);
        else
            bind_fields(in, &v, to, t);
    }
    const Ast *t = ast_arg(call, 0);
    Value e = vars_eval(in, t, &v);
    *context_here() = call->at;
    if (e.kind != VAL_EXPR && !value_is_number(e) && e.kind != VAL_ARRAY)
        error_raise(t->at, ERR_TYPE, "subs works on formulas, not on %s",
                    value_kind_phrase(e));
    Node node = vars_follow(in, t, node_of_value(in, e), &v);
    for (int i = 0; i < v.count; i++) {
        check_stale(in, t, node, v.name[i], v.node[i], v.at[i]);
        v.node[i] = vars_symbol(in, &v, i, node);
    }
    *y = direct_substitute(in, node, v.count, v.node, to, call->at);
    return true;
}

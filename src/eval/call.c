/*
 * call.c - calls
 */
#include "eval/call.h"

#include <string.h>

#include "base/near.h"
#include "eval/apply.h"
#include "eval/derive.h"
#include "eval/direct.h"
#include "eval/fast.h"
#include "eval/fit.h"
#include "eval/objective.h"
#include "eval/parts.h"
#include "eval/rule.h"
#include "eval/sparse.h"
#include "eval/symbol.h"
#include "eval/trial.h"
#include "graph/print.h"
#include "syntax/print.h"
#include "value/shape.h"

#define CALL_DEPTH 10000

const Decl *function_params(const Function *f, int *count)
{
    if (f->class == &class_closure) {
        const Ast *def = ((const Closure *)f->data)->def;
        *count = (int)def->ndecls;
        return def->decls;
    }
    if (f->class == &class_derived)
        return derived_params(f, count);
    *count = 0;
    return NULL;
}

int function_nparams(const Function *f)
{
    int count, n = 0;
    const Decl *d = function_params(f, &count);
    for (int i = 0; i < count; i++)
        n += !d[i].option;
    return n;
}

/* ---- binding the parameters of a closure ---- */

_Noreturn static void raise_count(const Function *f, const Decl *d, int total,
                                  int need, const Args *a)
{
    Str names = str_in(error_arena());
    for (int i = 0, k = 0; i < total; i++)
        if (!d[i].option)
            str_add_format(&names, "%s%s", k++ ? ", " : "", d[i].name);
    error_raise(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT,
                "%s(%s) takes %d %s, and %d %s given",
                f->name ? f->name : "the function", str_text(&names), need,
                need == 1 ? "argument" : "arguments", a->count,
                a->count == 1 ? "is" : "are");
}

/* One side of `w[d]`: binds d, or compares with what it is. */
static bool bind_dim(Interp *in, const Ast *dim, Dim have, const Decl *d,
                     int ndims, size_t start)
{
    Value side = value_of_node(in, node_of_dim(in->graph, have));
    if (dim->kind == AST_NAME) {
        for (size_t i = start; i < in->locals.count; i++)
            if (in->locals.at[i].name == dim->name)
                return value_same(in->locals.at[i].value, side) ||
                       (in->locals.at[i].value.kind == VAL_EXPR &&
                        side.kind == VAL_EXPR &&
                        in->locals.at[i].value.expr->node == side.expr->node);
        frame_set(in, dim->name, side);
        return true;
    }
    (void)d;
    (void)ndims;
    Value want = eval(in, dim);
    return dim_of_node(in->graph, node_of_value(in, want)) == have;
}

static Shape value_any_shape(Interp *in, Value v)
{
    return v.kind == VAL_EXPR ? node_shape(in->graph, v.expr->node)
                              : value_shape(v);
}

_Noreturn static void raise_param(Interp *in, const Function *f, const Decl *d,
                                  Shape s, const Args *a)
{
    Str have = str_in(error_arena()), want = str_in(error_arena());
    shape_print(in->graph, s, &have);
    ast_print_decl(&want, d);
    Arena *arena = error_arena();
    Str bound = str_in(arena);
    for (uint32_t i = 0; i < d->ndims; i++) {
        Local *l = d->dims[i]->kind == AST_NAME
                       ? frame_find(in, d->dims[i]->name)
                       : NULL;
        if (l) {
            str_add_format(&bound, "%s%s = ", bound.len ? ", " : "", l->name);
            value_format_inline(&in->format, l->value, &bound);
        }
    }
    error_raise_help(a->call ? a->call->at : SPAN_NONE, ERR_SHAPE,
                     bound.len ? arena_printf(arena, "here %s", str_text(&bound))
                               : NULL,
                     NULL, "%s expects %s, and the argument is %s",
                     f->name ? f->name : "the function", str_text(&want),
                     str_text(&have));
}

static void bind_param(Interp *in, const Function *f, const Decl *d, Value v,
                       size_t start, const Args *a)
{
    if (d->ndims > 0) {
        if (!value_is_number(v) && v.kind != VAL_ARRAY && v.kind != VAL_EXPR &&
            v.kind != VAL_BOOL && v.kind != VAL_SPARSE)
            error_raise(a->call ? a->call->at : SPAN_NONE, ERR_TYPE,
                        "%s is an array, and the argument is %s", d->name,
                        value_kind_phrase(v));
        Shape s = value_any_shape(in, v);
        bool fits = d->ndims <= 2;
        if (d->ndims == 1 && s.rows == 1 && s.cols != 1)
            fits = false;
        Dim side[] = {s.rows, s.cols};
        if (d->ndims == 1 && s.cols != 1)
            fits = false;
        for (uint32_t i = 0; fits && i < d->ndims; i++)
            fits = bind_dim(in, d->dims[i], side[i], d, (int)d->ndims, start);
        if (!fits)
            raise_param(in, f, d, s, a);
    }
    frame_set(in, d->name, v);
}

static const NamedValue *find_named(const Args *a, Name name)
{
    for (int i = 0; i < a->nnamed; i++)
        if (a->named[i].name == name)
            return &a->named[i];
    return NULL;
}

/* What was likely meant, or what there is. */
static const char *option_help(const Decl *d, int total, Name name)
{
    const char *names[64];
    size_t n = 0;
    Str s = str_in(error_arena());
    for (int k = 0; k < total && n < 64; k++) {
        names[n++] = d[k].name;
        if (d[k].option)
            str_add_format(&s, "%s%s", s.len > 0 ? ", " : "its options are ",
                           d[k].name);
    }
    const char *near = diag_nearest(name, names, n);
    if (near)
        return arena_printf(error_arena(), "did you mean %s?", near);
    return s.len > 0 ? str_text(&s) : NULL;
}

static void check_options(const Function *f, const Decl *d, int total,
                          const Args *a)
{
    for (int i = 0; i < a->nnamed; i++) {
        bool known = false;
        for (int k = 0; k < total; k++)
            known = known || d[k].name == a->named[i].name;
        if (!known)
            error_raise_help(a->named[i].at, ERR_ARGUMENT, NULL,
                             option_help(d, total, a->named[i].name),
                             "%s has no option `%s`",
                             f->name ? f->name : "the function",
                             a->named[i].name);
    }
}

static void bind_params(Interp *in, const Function *f, const Args *a,
                        Frame *frame)
{
    int total;
    const Decl *d = function_params(f, &total);
    size_t start = in->locals.count;
    int given = 0, need = 0;
    if (a->nnamed > 0)
        check_options(f, d, total, a);
    for (int i = 0; i < total; i++) {
        if (d[i].option)
            continue;
        need++;
        const NamedValue *named = find_named(a, d[i].name);
        if (named) {
            bind_param(in, f, &d[i], named->value, start, a);
        } else if (given < a->count) {
            bind_param(in, f, &d[i], a->at[given++], start, a);
        } else if (d[i].value) {
            bind_param(in, f, &d[i], eval(in, d[i].value), start, a);
        } else {
            raise_count(f, d, total, function_nparams(f), a);
        }
    }
    if (given < a->count)
        raise_count(f, d, total, need, a);
    for (int i = 0; i < total; i++) {
        if (!d[i].option)
            continue;
        const NamedValue *named = find_named(a, d[i].name);
        if (!named && !d[i].value)
            error_raise(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT,
                        "the option `%s` must be given", d[i].name);
        bind_param(in, f, &d[i], named ? named->value : eval(in, d[i].value),
                   start, a);
    }
    for (size_t i = start; i < in->locals.count; i++)
        frame->traced = frame->traced || value_is_symbolic(in->locals.at[i].value);
}

static Value run_body(Interp *in, const Ast *def, Frame *frame)
{
    const Ast *body = def->kids[0];
    if (def->kind == AST_FUNCTION && (def->flags & AST_LONG)) {
        exec_block(in, body);
        return frame->result;
    }
    return eval(in, body);
}

/* A function symbol, or a function that a rule keeps as a node. */
static Value call_symbol(Interp *in, const Function *f, const Args *a)
{
    int nargs = f->class == &class_symbol ? (int)(intptr_t)f->data
                                          : function_nparams(f);
    Node node[8];
    uint32_t orders[8] = {0};
    if (a->count != nargs || a->nnamed > 0 || nargs > 8)
        error_raise(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT,
                    "%s was declared with %d %s", f->name, nargs,
                    nargs == 1 ? "argument" : "arguments");
    for (int i = 0; i < nargs; i++)
        node[i] = node_of_value(in, a->at[i]);
    return value_of_node(in, node_call(in->graph, f->name, nargs, node, orders));
}

/* With a symbol both branches of a choice are followed, without an end. */
static _Noreturn void raise_depth(const Function *f, const Frame *frame)
{
    const Frame *caller = frame->caller;
    if (caller && caller->function == f && caller->traced)
        error_raise_help(frame->called_at, ERR_DEPTH, NULL,
                         "numbers end it; as a formula write the calls as a "
                         "sum or a loop: sum(i = 1:n, ...)",
                         "a condition with a symbol decides whether %s calls "
                         "itself again, so a formula of it has no end",
                         f->name ? f->name : "the function");
    error_raise_help(frame->called_at, ERR_DEPTH, NULL,
                     "a loop needs no depth: for i = 1:n",
                     "calls are nested more than %d deep", CALL_DEPTH);
}

static Value call_closure(Interp *in, Function *f, const Args *a)
{
    Closure *c = f->data;
    Value direct;
    if (c->way != CALL_PLAIN && direct_call(in, f, a, &direct))
        return direct;
    Span here = *context_here();
    ArenaMark mark = arena_mark(in->scratch);
    struct EndPlace *end = in->end;
    Frame *frame = frame_begin(in);
    in->end = NULL;
    frame->scope = c->scope;
    frame->code = c->code;
    frame->function = f;
    frame->called_at = a->call ? a->call->at : here;
    POLL();
    if (++in->depth > CALL_DEPTH)
        raise_depth(f, frame);
    bind_params(in, f, a, frame);
    if (frame->traced && is_named_function(in, f)) {
        frame_end(in, frame);
        in->depth--;
        in->end = end;
        arena_reset(in->scratch, mark);
        *context_here() = here;
        return call_symbol(in, f, a);
    }
    const FastCode *fast = frame->traced ? NULL : fast_code(in, c);
    Value y = fast ? fast_run(in, fast, frame) : run_body(in, c->def, frame);
    frame_end(in, frame);
    in->depth--;
    in->end = end;
    arena_reset(in->scratch, mark);
    *context_here() = here;
    return y;
}

/* ---- builtins ---- */

static bool option_known(const char *options, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = options; p && *p;) {
        size_t len = strcspn(p, ",");
        if (len == n && !strncmp(p, name, n))
            return true;
        p += len + (p[len] == ',');
    }
    return false;
}

/* "did you mean level?", or all of them. */
static const char *options_help(const char *options, const char *wrong)
{
    if (!options || !*options)
        return NULL;
    Str all = str_in(error_arena());
    Near near = near_begin(wrong);
    for (const char *p = options; *p;) {
        size_t len = strcspn(p, ",");
        near_offer(&near, arena_copy(error_arena(), p, len), true);
        str_add(&all, all.len > 0 ? ", " : "");
        str_add_len(&all, p, len);
        p += len + (p[len] == ',');
    }
    const char *best = near_best(&near);
    return best ? arena_printf(error_arena(), "did you mean %s?", best)
                : arena_printf(error_arena(), "it has: %s", str_text(&all));
}

static Value call_builtin(Interp *in, const Function *f, const Args *a)
{
    const Builtin *b = f->data;
    Span at = a->call ? a->call->at : *context_here();
    if (a->count < b->least || (b->most >= 0 && a->count > b->most)) {
        const char *range = b->most < 0           ? "at least "
                            : b->least == b->most ? ""
                                                  : "up to ";
        int n = b->most < 0 || a->count < b->least ? b->least : b->most;
        if (b->most >= 0 && a->count < b->least && b->least != b->most)
            range = "at least ";
        error_raise_help(at, ERR_ARGUMENT, NULL,
                         b->signature, "%s takes %s%d %s, and %d %s given",
                         b->name, range, n, n == 1 ? "argument" : "arguments",
                         a->count, a->count == 1 ? "is" : "are");
    }
    bool any = b->options && !strcmp(b->options, "*");
    for (int i = 0; i < a->nnamed && !any; i++)
        if (!option_known(b->options, a->named[i].name))
            error_raise_help(a->named[i].at, ERR_ARGUMENT, NULL,
                             options_help(b->options, a->named[i].name),
                             "%s has no option `%s`", b->name,
                             a->named[i].name);
    *context_here() = at;
    Value y;
    if (b->op >= 0 && sparse_operator(b->name, a, &y))
        return y;
    Args dense;
    a = sparse_arguments(b, a, &dense,
                         ARENA_ARRAY(in->scratch, Value, (size_t)a->count + 1));
    if (b->fn)
        return b->fn(in, a);
    if (b->op >= 0)
        return apply_op(in, (OpId)b->op, a->count, a->at);
    error_raise(at, ERR_ARGUMENT, "%s is written %s", b->name, b->signature);
}

const Value *args_named(const Args *a, const char *name)
{
    for (int i = 0; i < a->nnamed; i++)
        if (!strcmp(a->named[i].name, name))
            return &a->named[i].value;
    return NULL;
}

/* A method's call has the fit before what Args hold: counted from the end. */
Span args_place(const Args *a, int i)
{
    if (!a->call || a->call->kind != AST_CALL)
        return SPAN_NONE;
    uint32_t n = ast_args(a->call);
    for (int left = a->count - i; n-- > 0;) {
        const Ast *arg = ast_arg(a->call, n);
        if (arg->kind != AST_NAMED && --left == 0)
            return arg->at;
    }
    return a->call->at;
}

int args_dim(const Args *a)
{
    const Value *v = args_named(a, "dim");
    int64_t k;
    if (!v)
        return 0;
    if (!value_to_int(*v, &k) || k < 1 || k > 2)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "dim is 1 (down the columns) or 2 "
                                             "(along the rows)");
    return (int)k;
}

/* ---- calls ---- */

Value call_function(Interp *in, Value f, const Args *a)
{
    if (f.kind != VAL_FUNCTION)
        error_raise(a->call ? a->call->kids[0]->at : SPAN_NONE, ERR_TYPE,
                    "%s cannot be called", value_kind_phrase(f));
    depth_check();
    const FunctionClass *class = f.function->class;
    if (class == &class_closure)
        return call_closure(in, f.function, a);
    if (class == &class_builtin)
        return call_builtin(in, f.function, a);
    if (class == &class_derived)
        return call_derived(in, f.function, a);
    if (class == &class_parts)
        return call_parts(in, f.function, a);
    if (class == &class_objective)
        return call_objective(in, f.function, a);
    if (class == &class_batches)
        return call_batches(in, f.function, a);
    if (class == &class_trial)
        return call_trial(in, f.function, a);
    if (class == &class_model)
        return call_model(in, f.function, a);
    if (class == &class_method)
        return call_method(in, f.function, a);
    if (class == &class_fit)
        error_raise(a->call ? a->call->at : SPAN_NONE, ERR_TYPE,
                    "a fit is not called; m.predict(X) predicts");
    return call_symbol(in, f.function, a);
}

Value call_values(Interp *in, Value f, int n, const Value args[])
{
    return call_function(in, f, &(Args){.count = n, .at = args});
}

/* e(x = 2): a substitution. */
static Value substitute_call(Interp *in, Value e, const Ast *t, const Args *a)
{
    Node *from = ARENA_ARRAY(in->scratch, Node, (size_t)a->nnamed);
    Value *to = ARENA_ARRAY(in->scratch, Value, (size_t)a->nnamed);
    for (int i = 0; i < a->nnamed; i++) {
        from[i] = symbol_in(in, e.expr->node, a->named[i].name, a->named[i].at);
        to[i] = a->named[i].value;
    }
    return direct_substitute(in, e.expr->node, a->nnamed, from, to, t->at);
}

_Noreturn static void raise_not_function(Value v, const Ast *t)
{
    const char *text = diag_quote(t->kids[0]->at, 30);
    const char *help = NULL;
    if (t->count == 2 && t->kids[1]->kind != AST_NAMED)
        help = v.kind == VAL_ARRAY || v.kind == VAL_LIST || v.kind == VAL_TABLE
                   ? arena_printf(error_arena(), "an index has brackets: %s[%s]",
                                  text, diag_quote(t->kids[1]->at, 30))
                   : arena_printf(error_arena(), "a product is written %s*(%s)",
                                  text, diag_quote(t->kids[1]->at, 30));
    error_raise_help(t->at, ERR_TYPE, NULL, help,
                     "`%s` is %s, and cannot be called", text,
                     value_kind_phrase(v));
}

static void eval_args(Interp *in, const Ast *t, Args *a)
{
    uint32_t n = ast_args(t);
    Value *at = ARENA_ARRAY(in->scratch, Value, n);
    NamedValue *named = ARENA_ARRAY(in->scratch, NamedValue, n);
    *a = (Args){.at = at, .named = named, .call = t};
    for (uint32_t i = 0; i < n; i++) {
        const Ast *arg = ast_arg(t, i);
        if (arg->kind == AST_NAMED)
            named[a->nnamed++] = (NamedValue){
                arg->name, eval(in, arg->kids[0]), arg->at};
        else
            at[a->count++] = eval(in, arg);
    }
}

static const Builtin *special_of(Interp *in, const Ast *callee, Value *f)
{
    *f = callee->kind == AST_NAME ? lookup(in, callee) : eval(in, callee);
    if (f->kind != VAL_FUNCTION || f->function->class != &class_builtin)
        return NULL;
    const Builtin *b = f->function->data;
    return b->special ? b : NULL;
}

Value eval_call(Interp *in, const Ast *t)
{
    Value f, y;
    const Builtin *special = special_of(in, t->kids[0], &f);
    ArenaMark mark = arena_mark(in->scratch);
    *context_here() = t->at;
    if (special && special->special(in, t, &y)) {
        arena_reset(in->scratch, mark);
        return y;
    }
    if (f.kind != VAL_FUNCTION && f.kind != VAL_EXPR)
        raise_not_function(f, t);
    Args a;
    eval_args(in, t, &a);
    *context_here() = t->at;
    if (f.kind == VAL_FUNCTION)
        y = call_function(in, f, &a);
    else if (a.count == 0 && a.nnamed > 0)
        y = substitute_call(in, f, t, &a);
    else
        raise_not_function(f, t);
    arena_reset(in->scratch, mark);
    return y;
}

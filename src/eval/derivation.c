/*
 * derivation.c - the form steps
 */
#include "eval/builtin.h"
#include "eval/calculus.h"
#include "eval/derive.h"
#include "eval/symbol.h"
#include "graph/print.h"
#include "graph/steps.h"
#include "syntax/diag.h"

typedef struct Question {
    bool named; /* a call of diff, grad, ... or a function's derivative */
    DeriveKind kind;
    Vars vars;
    Node e;
    const Ast *at;
} Question;

static _Noreturn void raise_form(const Ast *call)
{
    const Ast *t = ast_args(call) ? ast_arg(call, 0) : call;
    if (ast_args(call) == 1 && t->kind == AST_CALL)
        error_raise_help(
            call->at, ERR_ARGUMENT, NULL,
            "steps(e, x), or steps of diff, grad, jacobian or hessian",
            "steps shows how derivatives are found, and by what variable is "
            "`%s` to be differentiated?",
            diag_quote(t->at, 30));
    error_raise_help(call->at, ERR_ARGUMENT, NULL, "steps(x^2*sin(x), x)",
                     "steps takes a formula and one variable");
}

/* diff, grad, jacobian or hessian called in place? */
static bool find_kind(const Ast *t, DeriveKind *kind)
{
    static const struct {
        const char *name;
        DeriveKind kind;
    } table[] = {{"diff", DERIVE_DIFF},
                 {"grad", DERIVE_GRAD},
                 {"jacobian", DERIVE_JACOBIAN},
                 {"hessian", DERIVE_HESSIAN}};
    for (size_t i = 0; t->kind == AST_CALL && i < 4; i++)
        if (ast_is_name(t->kids[0], name_of(table[i].name))) {
            *kind = table[i].kind;
            return true;
        }
    return false;
}

/* The function, and what it is to be differentiated by: all if not said. */
static void ask_function(Interp *in, Question *q, Value f)
{
    Vars *v = &q->vars;
    Name name[MOST_VARS];
    int place[MOST_VARS], n;
    if (f.function->class == &class_derived) {
        v->count = derived_vars(f.function, place, v->name);
        f = derived_lower(in, f.function, &q->kind);
        if (q->kind == DERIVE_VALUE_GRAD)
            q->kind = DERIVE_GRAD;
        q->named = true;
        q->e = f.function->class == &class_derived
                   ? derived_formula(in, f.function)
                   : function_formula(in, f, name, &n);
    } else {
        q->e = function_formula(in, f, name, &n);
        for (int i = 0; v->count == 0 && i < n; i++)
            v->name[i] = name[i];
        v->count = v->count ? v->count : n;
    }
    for (int i = 0; i < v->count; i++) {
        v->at[i] = q->at->at;
        v->order[i] = v->order[i] ? v->order[i] : 1;
    }
}

static void ask(Interp *in, const Ast *call, Question *q)
{
    const Ast *form = call;
    if (ast_args(call) == 0)
        raise_form(call);
    if (ast_args(call) == 1 && find_kind(ast_arg(call, 0), &q->kind)) {
        form = ast_arg(call, 0);
        q->named = true;
    }
    const Ast *t = q->at = ast_arg(form, 0);
    vars_read(in, form, !q->named || q->kind == DERIVE_DIFF, &q->vars);
    Value f = vars_eval(in, t, &q->vars);
    *context_here() = call->at;
    if (f.kind == VAL_FUNCTION)
        ask_function(in, q, f);
    else if (q->vars.count == 0)
        raise_form(call);
    else
        q->e = vars_node(in, t, f, &q->vars);
    for (int i = 0; i < q->vars.count; i++)
        q->vars.node[i] = vars_symbol(in, &q->vars, i, q->e);
}

/* One derivation, under a heading where there are several. */
static Node derive_by(Interp *in, Node e, const Vars *v, int i,
                      const char *head, Str *s)
{
    Graph *g = in->graph;
    Node x = v->node[i], dx = NODE_NONE;
    if (!node_is_scalar(g, x))
        dx = node_symbol(g,
                         name_of(arena_printf(in->scratch, "d%s", v->name[i])),
                         node_shape(g, x), node_symbol_flags(g, x));
    if (head)
        str_add_format(s, "%s%s %s:\n", s->len ? "\n" : "", head, v->name[i]);
    return node_steps(g, e, x, dx, in->format.width, s);
}

/* diff(e, x, 2, y): one after the other. */
static void derive_in_turn(Interp *in, const Question *q, Str *s)
{
    const Vars *v = &q->vars;
    Node e = q->e;
    int passes = 0;
    for (int i = 0; i < v->count; i++)
        passes += v->order[i] > 20 ? 20 : v->order[i];
    bool first = true;
    for (int i = 0; i < v->count; i++)
        for (int k = 0; k < v->order[i]; k++) {
            const char *head = first ? "by" : "again, by";
            e = derive_by(in, e, v, i, passes > 1 ? head : NULL, s);
            first = false;
        }
}

static void need_number(Interp *in, const Question *q)
{
    if (!node_is_scalar(in->graph, q->e))
        error_raise_help(q->at->at, ERR_SHAPE, NULL,
                         "steps(jacobian(e, v)) is for columns",
                         "steps is for formulas whose value is a number");
}

bool special_steps(Interp *in, const Ast *call, Value *y)
{
    Question q = {.named = false};
    Str s = str_in(in->scratch);
    ask(in, call, &q);
    const Vars *v = &q.vars;
    bool numbers = true;
    for (int i = 0; i < v->count; i++)
        numbers = numbers && node_is_scalar(in->graph, v->node[i]);
    if (!q.named)
        q.kind = numbers ? DERIVE_DIFF : DERIVE_GRAD;
    if (q.kind == DERIVE_DIFF && numbers) {
        if (!q.named)
            need_number(in, &q);
        derive_in_turn(in, &q, &s);
    } else {
        if (q.kind != DERIVE_JACOBIAN)
            need_number(in, &q);
        for (int i = 0; i < v->count; i++) {
            Node d = derive_by(in, q.e, v, i,
                               v->count > 1               ? "by"
                               : q.kind == DERIVE_HESSIAN ? "first, by"
                                                          : NULL,
                               &s);
            for (int k = 0; q.kind == DERIVE_HESSIAN && k < v->count; k++)
                derive_by(in, d, v, k, "again, by", &s);
        }
    }
    interp_write(in, str_text(&s), s.len);
    *y = VALUE_NONE;
    return true;
}

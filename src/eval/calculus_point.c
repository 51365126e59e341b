/*
 * calculus_point.c - forms by a parameter of the function that runs
 *
 * df(x) = diff(sin(x), x) is the slope at the argument: the form works on a
 * symbol of the parameter's name and shape, and its answer is taken at the
 * argument afterwards.  What the body computed from the argument before, as
 * y = x^2 there, has lost the parameter; a form of it is refused, or, where
 * the argument is a symbol, is by that symbol.
 */
#include "eval/calculus.h"

#include "eval/call.h"
#include "eval/direct.h"
#include "eval/symbol.h"

/* The parameter of that name of the function that runs, or NULL. */
static const Decl *own_parameter(const Interp *in, Name name)
{
    const Function *f = in->frame ? in->frame->function : NULL;
    int count = 0;
    const Decl *d = f && f->class == &class_closure
                        ? function_params(f, &count)
                        : NULL;
    for (int i = 0; i < count; i++)
        if (d[i].name == name)
            return &d[i];
    return NULL;
}

static bool is_symbol_called(const Graph *g, Value v, Name name)
{
    return v.kind == VAL_EXPR && node_op(g, v.expr->node) == OP_SYM &&
           node_symbol_name(g, v.expr->node) == name;
}

void vars_bind(Interp *in, Vars *v, Name name, Span at)
{
    int k = v->count++;
    Graph *g = in->graph;
    const Local *l = frame_find(in, name);
    const Decl *d = l && l->symbol.kind == VAL_NONE ? own_parameter(in, name)
                                                     : NULL;
    bool formula = d && (value_is_number(l->value) ||
                         l->value.kind == VAL_ARRAY ||
                         l->value.kind == VAL_EXPR);
    v->name[k] = name;
    v->order[k] = 1;
    v->at[k] = at;
    v->point[k] = VALUE_NONE;
    if (!formula || is_symbol_called(g, l->value, name)) {
        v->node[k] = variable_symbol(in, name);
        return;
    }
    v->point[k] = l->value;
    v->node[k] = node_symbol(g, name, node_shape(g, node_of_value(in, l->value)),
                             decl_symbol_flags(d));
}

Node vars_symbol(Interp *in, const Vars *v, int i, Node e)
{
    return v->point[i].kind == VAL_NONE ? symbol_in(in, e, v->name[i], v->at[i])
                                        : v->node[i];
}

/* ---- locals that were made from the argument ---- */

static bool is_among(const Ast *t, const Name names[], int count)
{
    for (int i = 0; i < count; i++)
        if (ast_is_name(t, names[i]))
            return true;
    return false;
}

static bool mentions_any(Arena *a, const Ast *t, const Name names[], int count)
{
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;)
        if (is_among(k, names, count))
            return true;
    return false;
}

enum { MOST_MADE = 64 };

/* Adds one name that `body` assigns from those in made[]; false: none is
 * left. */
static bool add_made(Arena *a, const Ast *body, Name made[], int *count)
{
    AstWalk w = ast_walk(a, body);
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;) {
        if (t->kind != AST_ASSIGN || t->count != 2 ||
            t->kids[0]->kind != AST_NAME ||
            is_among(t->kids[0], made, *count) ||
            !mentions_any(a, t->kids[1], made, *count))
            continue;
        made[(*count)++] = t->kids[0]->name;
        return true;
    }
    return false;
}

/* A local in t that the body made from the parameter x, or NULL. */
static Name made_from(const Function *f, const Ast *t, Name x)
{
    Arena *a = arena_local();
    const Ast *body = ((const Closure *)f->data)->def->kids[0];
    Name made[MOST_MADE] = {x}, found = NULL;
    int count = 1;
    while (count < MOST_MADE && add_made(a, body, made, &count))
        continue;
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; !found && (k = ast_walk_next(&w)) != NULL;)
        if (is_among(k, made + 1, count - 1))
            found = k->name;
    arena_free(a);
    return found;
}

Node vars_follow(Interp *in, const Ast *t, Node e, Vars *v)
{
    for (int i = 0; i < v->count; i++) {
        Value p = v->point[i];
        if (p.kind == VAL_NONE)
            continue;
        Name y = made_from(in->frame->function, t, v->name[i]);
        if (!y)
            continue;
        if (p.kind != VAL_EXPR || node_op(in->graph, p.expr->node) != OP_SYM)
            error_raise_help(
                v->at[i], ERR_STALE, NULL,
                arena_printf(error_arena(), "make it a function: %s(%s) = ...",
                             y, v->name[i]),
                "`%s` was built when `%s` had a value, so its derivative by "
                "`%s` is not known", y, v->name[i], v->name[i]);
        e = node_substitute(in->graph, e, 1, &v->node[i], &p.expr->node);
        v->node[i] = p.expr->node;
    }
    return e;
}

bool vars_settle(Interp *in, const Vars *v, Span at, Value *y)
{
    Node from[MOST_VARS];
    Value to[MOST_VARS];
    int n = 0;
    for (int i = 0; i < v->count; i++)
        if (v->point[i].kind != VAL_NONE) {
            from[n] = v->node[i];
            to[n++] = v->point[i];
        }
    if (n > 0 && y->kind == VAL_EXPR)
        *y = direct_substitute(in, y->expr->node, n, from, to, at);
    return true;
}

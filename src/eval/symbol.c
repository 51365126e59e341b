/*
 * symbol.c - declared symbols, and substitution for them
 */
#include "eval/symbol.h"

#include <string.h>

#include "eval/call.h"
#include "graph/print.h"
#include "syntax/diag.h"

Node dimension_symbol(Interp *in, Name name)
{
    return node_symbol(in->graph, name, SHAPE_SCALAR,
                       SYM_INTEGER | SYM_POSITIVE | SYM_DIMENSION);
}

/* An integer value is that integer; anything else names a dimension. */
static Dim declared_dim(Interp *in, const Ast *t)
{
    Value v;
    int64_t k;
    if (t->kind == AST_NAME && (!lookup_name(in, t->name, &v) ||
                                !(value_is_number(v) || v.kind == VAL_EXPR)))
        return dim_of_node(in->graph, dimension_symbol(in, t->name));
    v = eval(in, t);
    if (v.kind == VAL_EXPR) {
        if (node_op(in->graph, v.expr->node) == OP_SYM &&
            t->kind == AST_NAME)
            return dim_of_node(in->graph, dimension_symbol(in, t->name));
        return dim_of_node(in->graph, v.expr->node);
    }
    if (!value_is_number(v) || !value_to_int(v, &k) || k < 0 || k > INT32_MAX)
        error_raise(t->at, ERR_SHAPE, "a dimension is a positive integer");
    return (Dim)k;
}

/* A dimension named in a declaration is a symbol of that name from then on,
 * unless the name has a meaning already. */
static void bind_dims(Interp *in, const Decl *d)
{
    for (uint32_t i = 0; i < d->ndims; i++) {
        Value v;
        if (d->dims[i]->kind == AST_NAME &&
            !lookup_name(in, d->dims[i]->name, &v))
            assign_name(in, d->dims[i]->name,
                        value_expr(dimension_symbol(in, d->dims[i]->name)));
    }
}

Shape declared_shape(Interp *in, const Decl *d)
{
    if (d->ndims > 2)
        error_raise(d->at, ERR_SHAPE, "an array has two dimensions at most");
    Shape s = SHAPE_SCALAR;
    if (d->ndims > 0)
        s.rows = declared_dim(in, d->dims[0]);
    if (d->ndims > 1)
        s.cols = declared_dim(in, d->dims[1]);
    return s;
}

static bool is_literal_zero(const Ast *t)
{
    return t && t->kind == AST_NUMBER &&
           (t->flags & AST_EXACT ? !strcmp(t->text, "0") : t->number == 0);
}

static unsigned declared_flags(const Decl *d, Shape s)
{
    unsigned flags = 0;
    if (d->is & DECL_SYMMETRIC)
        flags |= SYM_SYMMETRIC;
    if (d->is & DECL_POSITIVE)
        flags |= SYM_SYMMETRIC | SYM_POSDEF;
    if ((flags & SYM_SYMMETRIC) && s.rows != s.cols)
        error_raise(d->at, ERR_SHAPE, "a symmetric symbol is square");
    if (is_literal_zero(d->lower))
        flags |= d->lower_open ? SYM_POSITIVE : SYM_NONNEGATIVE;
    else if (d->lower || d->upper || d->set)
        error_raise(d->at, ERR_TYPE,
                    "a symbol has the bounds > 0 and >= 0 only");
    return flags;
}

static void declare_one(Interp *in, const Decl *d)
{
    Value v;
    if (d->function) {
        v = function_symbol_new(d->name, (int)d->nargs);
        assign_name(in, d->name, v);
        return;
    }
    Shape s = declared_shape(in, d);
    bind_dims(in, d);
    v = value_expr(node_symbol(in->graph, d->name, s, declared_flags(d, s)));
    assign_name(in, d->name, v);
    if (in->frame) {
        value_store(&frame_find(in, d->name)->symbol, v);
    } else {
        Cell *c = scope_cell(in->top, d->name);
        value_store(&c->symbol, v);
    }
}

void declare_symbols(Interp *in, const Ast *t)
{
    for (uint32_t i = 0; i < t->ndecls; i++)
        declare_one(in, &t->decls[i]);
}

Node symbol_in(Interp *in, Node e, Name name, Span at)
{
    Node *found, match = NODE_NONE;
    Arena *a = arena_local();
    int n = node_symbols(in->graph, e, a, &found);
    const char **names = ARENA_ARRAY(a, const char *, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        names[i] = node_symbol_name(in->graph, found[i]);
        if (names[i] == name)
            match = found[i];
    }
    const char *near =
        match == NODE_NONE ? diag_nearest(name, names, (size_t)n) : NULL;
    arena_free(a);
    if (match != NODE_NONE)
        return match;
    if (near)
        error_raise_help(at, ERR_NAME, NULL,
                         arena_printf(error_arena(), "did you mean %s?", near),
                         "the formula has no symbol `%s`", name);
    return variable_symbol(in, name);
}

/* ---- substitution ---- */

typedef struct DimMap {
    Node from[64], to[64];
    int count;
} DimMap;

_Noreturn static void raise_side(Interp *in, Node symbol, Node value, Span at)
{
    Str want = str_in(error_arena()), have = str_in(error_arena());
    shape_print(in->graph, node_shape(in->graph, symbol), &want);
    shape_print(in->graph, node_shape(in->graph, value), &have);
    error_raise(at, ERR_SHAPE, "`%s` is %s, and what replaces it is %s",
                node_symbol_name(in->graph, symbol), str_text(&want),
                str_text(&have));
}

/* A named dimension that would have to be this one, for a running trace. */
static void note_dimension(Interp *in, Dim named, Dim is)
{
    Graph *g = in->graph;
    Node n = named < 0 ? node_of_dim(g, named) : NODE_NONE;
    bool is_symbol = n != NODE_NONE && node_op(g, n) == OP_SYM &&
                     (node_symbol_flags(g, n) & SYM_DIMENSION);
    in->unify = (Unify){is_symbol ? n : NODE_NONE, is};
}

static void map_side(Interp *in, DimMap *m, Dim from, Dim to, Node symbol,
                     Node value, Span at)
{
    if (from == to)
        return;
    Graph *g = in->graph;
    if (from >= 0)
        note_dimension(in, to, from);
    if (from >= 0 || node_op(g, node_of_dim(g, from)) != OP_SYM)
        raise_side(in, symbol, value, at);
    Node n = node_of_dim(g, from), k = node_of_dim(g, to);
    for (int i = 0; i < m->count; i++)
        if (m->from[i] == n) {
            if (m->to[i] != k)
                raise_side(in, symbol, value, at);
            return;
        }
    if (m->count == 64)
        error_raise(at, ERR_LIMIT, "more than 64 dimensions are replaced");
    m->from[m->count] = n;
    m->to[m->count++] = k;
}

Node substitute_shaped(Interp *in, Node e, int n, const Node from[],
                       const Node to[], Span at)
{
    Graph *g = in->graph;
    DimMap m = {.count = 0};
    for (int i = 0; i < n; i++) {
        Shape s = node_shape(g, from[i]), q = node_shape(g, to[i]);
        map_side(in, &m, s.rows, q.rows, from[i], to[i], at);
        map_side(in, &m, s.cols, q.cols, from[i], to[i], at);
    }
    if (m.count == 0)
        return node_substitute(g, e, n, from, to);
    e = node_substitute(g, e, m.count, m.from, m.to);
    Node *resized = ARENA_ARRAY(in->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        resized[i] = node_substitute(g, from[i], m.count, m.from, m.to);
    return node_substitute(g, e, n, resized, to);
}

unsigned decl_symbol_flags(const Decl *d)
{
    unsigned flags = 0;
    if (!d)
        return 0;
    if (d->is & DECL_SYMMETRIC)
        flags |= SYM_SYMMETRIC;
    if (d->is & DECL_POSITIVE)
        flags |= SYM_SYMMETRIC | SYM_POSDEF;
    if (d->lower && d->lower->kind == AST_NUMBER && d->lower->text &&
        !strcmp(d->lower->text, "0"))
        flags |= d->lower_open ? SYM_POSITIVE : SYM_NONNEGATIVE;
    return flags;
}

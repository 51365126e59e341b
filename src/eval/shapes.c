/*
 * shapes.c - the message when shapes do not fit, and a repair that does
 */
#include "eval/apply.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "syntax/print.h"
#include "value/shape.h"

static Shape shape_of(Interp *in, Value v)
{
    return v.kind == VAL_EXPR ? node_shape(in->graph, v.expr->node)
                              : value_shape(v);
}

static const char *shape_words(Interp *in, Shape s)
{
    Str text = str_in(error_arena());
    shape_print(in->graph, s, &text);
    return str_text(&text);
}

static const char *dim_words(Interp *in, Dim d)
{
    Str text = str_in(error_arena());
    if (d >= 0)
        str_add_format(&text, "%d", d);
    else
        node_print(in->graph, node_of_dim(in->graph, d), &text);
    return str_text(&text);
}

/* A syntax tree `t'`, or what is primed if t is a transpose. */
static const char *transposed_text(const Ast *t)
{
    Arena *a = error_arena();
    if (t->kind == AST_PRIME && t->op % 2)
        return ast_text(a, t->kids[0]);
    const char *text = ast_text(a, t);
    bool bare = t->kind == AST_NAME || t->kind == AST_INDEX ||
                t->kind == AST_CALL || t->kind == AST_FIELD ||
                t->kind == AST_ARRAY;
    return arena_printf(a, bare ? "%s'" : "(%s)'", text);
}

static const char *operand_text(const Ast *t, int op)
{
    const char *text = ast_text(error_arena(), t);
    bool loose = t->kind == AST_RANGE || t->kind == AST_CHOICE ||
                 (t->kind == AST_BINARY && (t->op == AST_ADD || t->op == AST_SUB) &&
                  op != AST_ADD);
    return loose ? arena_printf(error_arena(), "(%s)", text) : text;
}

static Shape flip(Shape s)
{
    return (Shape){s.cols, s.rows};
}

static bool fits(int op, Shape a, Shape b, Shape *y)
{
    switch (op) {
    case AST_MUL:
        return shape_product(a, b, y);
    case AST_SOLVE:
        return shape_solve(a, b, y);
    default:
        return shape_broadcast(a, b, y);
    }
}

/* The first of the usual repairs that fits, with the shape it gives. */
static const char *find_repair(Interp *in, int op, Shape a, Shape b,
                               const Ast *ta, const Ast *tb)
{
    const char *sa = operand_text(ta, op), *sb = operand_text(tb, op);
    const char *pa = transposed_text(ta), *pb = transposed_text(tb);
    const char *sign = ast_op_text((AstOp)op);
    bool tight = op != AST_ADD && op != AST_SUB;
    const char *form = tight ? "%s%s%s" : "%s %s %s";
    Arena *arena = error_arena();
    Shape y;
    const char *repair = NULL;
    if (fits(op, flip(a), b, &y))
        repair = arena_printf(arena, form, pa, sign, sb);
    else if (fits(op, a, flip(b), &y))
        repair = arena_printf(arena, form, sa, sign, pb);
    else if (op == AST_MUL && fits(op, b, a, &y))
        repair = arena_printf(arena, form, sb, sign, sa);
    else if (op == AST_MUL && shape_broadcast(a, b, &y))
        repair = arena_printf(arena, "%s.*%s", sa, sb);
    if (!repair)
        return NULL;
    return arena_printf(arena, "%s fits, and gives %s", repair,
                        shape_words(in, y));
}

static const char *broken_rule(Interp *in, int op, Shape a, Shape b,
                               const char *sa, const char *sb)
{
    Arena *arena = error_arena();
    if (op == AST_MUL)
        return arena_printf(arena, "columns of %s (%s) must equal rows of %s (%s)",
                            sa, dim_words(in, a.cols), sb,
                            dim_words(in, b.rows));
    if (op == AST_SOLVE)
        return arena_printf(arena, "rows of %s (%s) must equal rows of %s (%s)",
                            sa, dim_words(in, a.rows), sb,
                            dim_words(in, b.rows));
    if (op == AST_DIV)
        return "on the right of `/` stands a number or a square matrix";
    if (shape_is_outer(a, b))
        return "a column and a row do not combine entry by entry";
    return "entry by entry both sides have one shape, or one is a number, or "
           "a row or column spreads over a matrix";
}

static bool is_named_dim(Interp *in, Dim d)
{
    if (d >= 0)
        return false;
    Node n = node_of_dim(in->graph, d);
    return node_op(in->graph, n) == OP_SYM &&
           (node_symbol_flags(in->graph, n) & SYM_DIMENSION);
}

static void note_pair(Interp *in, Dim a, Dim b)
{
    if (a == b || in->unify.dim != NODE_NONE)
        return;
    if (is_named_dim(in, a))
        in->unify = (Unify){node_of_dim(in->graph, a), b};
    else if (is_named_dim(in, b))
        in->unify = (Unify){node_of_dim(in->graph, b), a};
}

/* Which sides would have to be equal for the shapes to fit. */
static void note_unify(Interp *in, int op, Shape a, Shape b)
{
    in->unify.dim = NODE_NONE;
    if (op == AST_MUL) {
        note_pair(in, a.cols, b.rows);
    } else if (op == AST_SOLVE) {
        note_pair(in, a.rows, b.rows);
    } else {
        note_pair(in, a.rows, b.rows);
        note_pair(in, a.cols, b.cols);
    }
}

_Noreturn void raise_shapes(Interp *in, const Ast *t, Value a, Value b,
                            const Ast *ta, const Ast *tb)
{
    int op = t && t->kind == AST_BINARY ? t->op : AST_ADD;
    Shape p = shape_of(in, a), q = shape_of(in, b);
    note_unify(in, op, p, q);
    const char *sa = ast_text(error_arena(), ta);
    const char *sb = ast_text(error_arena(), tb);
    Span at = span_join(ta->at, tb->at);
    const char *detail = arena_printf(
        error_arena(), "%s is %s and %s is %s: %s", sa, shape_words(in, p), sb,
        shape_words(in, q), broken_rule(in, op, p, q, sa, sb));
    error_raise_help(at, ERR_SHAPE, detail,
                     find_repair(in, op, p, q, ta, tb),
                     "shapes do not fit in `%s`", diag_quote(at, 60));
}

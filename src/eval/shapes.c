/*
 * shapes.c - the message when shapes do not fit
 */
#include <string.h>

#include "eval/apply.h"
#include "eval/repair.h"
#include "graph/print.h"
#include "syntax/diag.h"
#include "syntax/print.h"
#include "value/shape.h"

/* An operand as messages quote it. */
static const char *operand_words(const Ast *t)
{
    const char *text = ast_text(error_arena(), t);
    return diag_quote_text(error_arena(), text, strlen(text), 40);
}

static const char *broken_rule(Interp *in, int op, Shape a, Shape b,
                               const char *sa, const char *sb)
{
    Arena *arena = error_arena();
    Shape y;
    if (op == AST_MUL)
        return arena_printf(arena,
                            "columns of %s (%s) must equal rows of %s (%s)", sa,
                            dim_words(in, a.cols), sb, dim_words(in, b.rows));
    if (op == AST_SOLVE && operands_fit(op, a, b, &y))
        return "a formula divides by square matrices only";
    if (op == AST_SOLVE)
        return arena_printf(arena, "rows of %s (%s) must equal rows of %s (%s)",
                            sa, dim_words(in, a.rows), sb,
                            dim_words(in, b.rows));
    if (op == AST_DIV)
        return "on the right of `/` stands a number or a square matrix with as "
               "many columns";
    if (op == AST_POW)
        return "`^` takes a power of a number, or an integer power of a square "
               "matrix";
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

_Noreturn void raise_shapes(Interp *in, const Ast *t, int op, Shape a, Shape b,
                            const Ast *ta, const Ast *tb)
{
    note_unify(in, op, a, b);
    const char *sa = operand_words(ta), *sb = operand_words(tb);
    Span at = span_join(ta->at, tb->at);
    const char *detail = arena_printf(
        error_arena(), "%s is %s and %s is %s: %s", sa, shape_words(in, a), sb,
        shape_words(in, b), broken_rule(in, op, a, b, sa, sb));
    bool terms = t && t->kind == AST_CALL;
    error_raise_help(at, ERR_SHAPE, detail,
                     terms ? NULL : repair_operands(in, t, op, a, b, ta, tb),
                     "shapes do not fit in `%s`", diag_quote(at, 60));
}

/* ---- literals ---- */

typedef struct Block {
    const char *words; /* "X", "row 2" */
    Shape shape;
    Span at;
} Block;

_Noreturn static void raise_blocks(Interp *in, const Ast *t,
                                   const Shape shape[], bool down, Block a,
                                   Block b)
{
    const char *side = down ? "columns" : "rows";
    const char *detail = arena_printf(
        error_arena(),
        "%s is %s and %s is %s: %s of %s (%s) must equal %s of %s (%s)",
        a.words, shape_words(in, a.shape), b.words, shape_words(in, b.shape),
        side, a.words, dim_words(in, down ? a.shape.cols : a.shape.rows), side,
        b.words, dim_words(in, down ? b.shape.cols : b.shape.rows));
    Span at = span_join(a.at, b.at);
    note_pair(in, down ? a.shape.cols : a.shape.rows,
              down ? b.shape.cols : b.shape.rows);
    error_raise_help(at, ERR_SHAPE, detail, repair_literal(in, t, shape),
                     down ? "the rows of `%s` do not stack"
                          : "the parts of `%s` do not join side by side",
                     diag_quote(t->at, 60));
}

/* The shape of one row of the literal; raises at the first part too much. */
static Shape row_shape(Interp *in, const Ast *t, uint32_t i, const Shape all[],
                       const Shape part[])
{
    const Ast *row = t->kids[i];
    Shape y = part[0];
    Ast one = {.kind = AST_ARRAY, .count = 1, .flags = AST_ROWS};
    Ast head = *row, *kids[] = {&head};
    one.kids = kids;
    for (uint32_t j = 1; j < row->count; j++) {
        Shape z;
        head.count = j + 1;
        if (!literal_fits(in, &one, part, &z))
            raise_blocks(in, t, all, false,
                         (Block){operand_words(row->kids[j - 1]), part[j - 1],
                                 row->kids[j - 1]->at},
                         (Block){operand_words(row->kids[j]), part[j],
                                 row->kids[j]->at});
        y = z;
    }
    return y;
}

static const char *row_words(const Ast *t, uint32_t i)
{
    const Ast *row = t->kids[i];
    if (row->count == 1)
        return operand_words(row->kids[0]);
    return arena_printf(error_arena(), "row %u", i + 1);
}

void check_literal(Interp *in, const Ast *t, const Shape shape[])
{
    Shape y;
    if (literal_fits(in, t, shape, &y))
        return;
    in->unify.dim = NODE_NONE;
    const Shape *part = shape;
    Block above = {0};
    for (uint32_t i = 0; i < t->count; part += t->kids[i++]->count) {
        Shape s = row_shape(in, t, i, shape, part);
        if (s.rows == 0)
            continue;
        Block here = {row_words(t, i), s, t->kids[i]->at};
        if (above.words && above.shape.cols != s.cols)
            raise_blocks(in, t, shape, true, above, here);
        above = here;
    }
}

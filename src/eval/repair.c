/*
 * repair.c - repairs for shapes that do not fit
 */
#include "eval/repair.h"

#include <string.h>

#include "eval/call.h"
#include "graph/print.h"
#include "syntax/print.h"
#include "value/shape.h"

/* A longer repair would hide what it changes. */
enum { REPAIR_BYTES = 160 };

typedef struct Operand {
    Ast *tree;
    Shape shape;
} Operand;

const char *shape_words(Interp *in, Shape s)
{
    Str text = str_in(error_arena());
    shape_print(in->graph, s, &text);
    return str_text(&text);
}

const char *dim_words(Interp *in, Dim d)
{
    Str text = str_in(error_arena());
    if (d >= 0)
        str_add_format(&text, "%d", d);
    else
        node_print(in->graph, node_of_dim(in->graph, d), &text);
    return str_text(&text);
}

bool operands_fit(int op, Shape a, Shape b, Shape *y)
{
    switch (op) {
    case AST_MUL:
        return shape_product(a, b, y);
    case AST_SOLVE:
        *y = b;
        return shape_is_scalar(a) || shape_solve(a, b, y);
    case AST_DIV:
        *y = a;
        return shape_is_scalar(b) || (a.cols == b.cols && b.rows == b.cols);
    case AST_POW:
        *y = a;
        return shape_is_scalar(b) && a.rows == a.cols;
    default:
        return shape_broadcast(a, b, y);
    }
}

/* ---- trees ---- */

static Ast *new_tree(AstKind kind, int op, uint32_t count)
{
    Ast *t = ARENA_NEW(error_arena(), Ast);
    t->kind = kind;
    t->op = op;
    t->count = count;
    t->kids = ARENA_ARRAY(error_arena(), Ast *, count + 1);
    return t;
}

static Ast *tree_number(int k)
{
    Ast *t = new_tree(AST_NUMBER, 0, 0);
    t->text = arena_printf(error_arena(), "%d", k);
    t->len = (uint32_t)strlen(t->text);
    t->flags = AST_EXACT;
    return t;
}

static Ast *tree_of(const Ast *t)
{
    return ast_copy(error_arena(), t);
}

static Operand flipped(Operand a)
{
    Operand y = {NULL, {a.shape.cols, a.shape.rows}};
    if (a.tree->kind == AST_PRIME && a.tree->op == 1) {
        y.tree = a.tree->kids[0];
    } else {
        y.tree = new_tree(AST_PRIME, 1, 1);
        y.tree->kids[0] = a.tree;
    }
    return y;
}

/* The first `rows` rows and `cols` columns of an array of concrete shape. */
static Operand cut(Operand a, int rows, int cols)
{
    if (a.shape.rows <= rows && a.shape.cols <= cols)
        return a;
    bool column = a.shape.cols == 1;
    Operand y = {new_tree(AST_INDEX, 0, column ? 2 : 3), a.shape};
    y.tree->kids[0] = a.tree;
    for (int side = 0; side < (column ? 1 : 2); side++) {
        Dim *have = side == 0 ? &y.shape.rows : &y.shape.cols;
        int want = side == 0 ? rows : cols;
        Ast *index = new_tree(AST_COLON, 0, 0);
        if (*have > want) {
            index = new_tree(AST_RANGE, 0, 2);
            index->kids[0] = tree_number(1);
            index->kids[1] = tree_number(want);
            *have = want;
        }
        y.tree->kids[side + 1] = index;
    }
    return y;
}

static Ast *tree_binary(int op, const Ast *a, const Ast *b)
{
    bool compares = op >= AST_EQ;
    Ast *t = new_tree(compares ? AST_COMPARE : AST_BINARY, op, 2);
    t->kids[0] = tree_of(a);
    t->kids[1] = tree_of(b);
    if (compares) {
        uint8_t *ops = ARENA_ARRAY(error_arena(), uint8_t, 1);
        ops[0] = (uint8_t)op;
        t->ops = ops;
    }
    return t;
}

/* ---- two operands ---- */

typedef struct Pair {
    Interp *in;
    bool update;    /* `a op= b`: only b may be turned */
    const Ast *def; /* whose signature is checked, or NULL */
    int op;
    Operand a, b;
} Pair;

static const char *say_fits(Interp *in, const char *text, Shape y)
{
    if (strlen(text) > REPAIR_BYTES)
        return NULL;
    return arena_printf(error_arena(), "%s fits, and gives %s", text,
                        shape_words(in, y));
}

/* The text of the pair if it fits, else NULL. */
static const char *try_pair(const Pair *p, int op, Operand a, Operand b)
{
    Shape y;
    if (!operands_fit(op, a.shape, b.shape, &y))
        return NULL;
    Arena *arena = error_arena();
    if (p->update) {
        bool same = y.rows == a.shape.rows && y.cols == a.shape.cols;
        const char *text =
            arena_printf(arena, "%s %s= %s", ast_text(arena, a.tree),
                         ast_op_text((AstOp)op), ast_text(arena, b.tree));
        return same ? say_fits(p->in, text, y) : NULL;
    }
    Ast *t = tree_binary(op, a.tree, b.tree);
    return say_fits(p->in, ast_text(arena, t), y);
}

/* Entry by entry the second operand is turned first, or one with a prime. */
static const char *try_turns(const Pair *p, int op)
{
    const char *text = NULL;
    bool product = op == AST_MUL || op == AST_SOLVE || op == AST_DIV;
    bool primed = p->a.tree->kind == AST_PRIME;
    if (!product && (!primed || p->b.tree->kind == AST_PRIME))
        text = try_pair(p, op, p->a, flipped(p->b));
    if (!text && !p->update)
        text = try_pair(p, op, flipped(p->a), p->b);
    if (!text)
        text = try_pair(p, op, p->a, flipped(p->b));
    if (!text && !p->update && op == AST_MUL)
        text = try_pair(p, op, p->b, p->a);
    return text;
}

/* `*` for `.*`, `/` for `./`, `^` for `.^` */
static const char *try_entries(const Pair *p)
{
    int op = p->op == AST_MUL   ? AST_DOTMUL
             : p->op == AST_DIV ? AST_DOTDIV
             : p->op == AST_POW ? AST_DOTPOW
                                : AST_SET;
    if (op == AST_SET || p->update)
        return NULL;
    const char *text = try_pair(p, op, p->a, p->b);
    return text ? text : try_turns(p, op);
}

/* X\y of formulas with a rectangular X: the normal equations. */
static const char *try_normal_equations(const Pair *p)
{
    Shape s = p->a.shape, y;
    if (p->op != AST_SOLVE || s.rows == s.cols ||
        !shape_solve(p->a.shape, p->b.shape, &y))
        return NULL;
    Ast *left = tree_binary(AST_MUL, flipped(p->a).tree, p->a.tree);
    Ast *right = tree_binary(AST_MUL, flipped(p->a).tree, p->b.tree);
    Ast *t = tree_binary(AST_SOLVE, left, right);
    return say_fits(p->in, ast_text(error_arena(), t), y);
}

static bool is_concrete(Shape s)
{
    return s.rows >= 0 && s.cols >= 0;
}

static int smaller(Dim a, Dim b)
{
    return a < b ? a : b;
}

/* The longer side cut to the shorter, where that leaves two or more. */
static const char *try_cut(const Pair *p)
{
    Operand a = p->a, b = p->b;
    if (!is_concrete(a.shape) || !is_concrete(b.shape))
        return NULL;
    if (p->op == AST_MUL) {
        int k = smaller(a.shape.cols, b.shape.rows);
        if (k < 2)
            return NULL;
        return try_pair(p, p->op, cut(a, a.shape.rows, k),
                        cut(b, k, b.shape.cols));
    }
    if (p->op == AST_SOLVE) {
        int k = smaller(a.shape.rows, b.shape.rows);
        if (k < 2)
            return NULL;
        return try_pair(p, p->op, cut(a, k, a.shape.cols),
                        cut(b, k, b.shape.cols));
    }
    if (shape_is_outer(a.shape, b.shape))
        b = flipped(b);
    int rows = smaller(a.shape.rows, b.shape.rows);
    int cols = smaller(a.shape.cols, b.shape.cols);
    if (rows == 1 || a.shape.rows == 1 || b.shape.rows == 1)
        rows = a.shape.rows > b.shape.rows ? a.shape.rows : b.shape.rows;
    if (cols == 1 || a.shape.cols == 1 || b.shape.cols == 1)
        cols = a.shape.cols > b.shape.cols ? a.shape.cols : b.shape.cols;
    if (rows * cols < 2)
        return NULL;
    return try_pair(p, p->op, cut(a, rows, cols), cut(b, rows, cols));
}

/* Is t the name of an array symbol that could be declared otherwise? */
static bool is_declared(Interp *in, const Ast *t, const Ast *def)
{
    Value v;
    for (uint32_t i = 0; def && i < def->ndecls; i++)
        if (t->kind == AST_NAME && def->decls[i].name == t->name)
            return true;
    if (def)
        return false;
    return t->kind == AST_NAME && lookup_name(in, t->name, &v) &&
           v.kind == VAL_EXPR && node_op(in->graph, v.expr->node) == OP_SYM &&
           !(node_symbol_flags(in->graph, v.expr->node) & SYM_DIMENSION);
}

static const char *say_declare(Interp *in, const Ast *t, Shape s, bool inner)
{
    if (shape_is_scalar(s))
        return NULL;
    return arena_printf(error_arena(),
                        inner ? "%s%s in the signature fits" : "sym %s%s fits",
                        t->name, shape_words(in, s));
}

static const char *try_declare(const Pair *p)
{
    Interp *in = p->in;
    Shape a = p->a.shape, b = p->b.shape;
    bool inner = p->def || (in->frame != NULL && !in->frame->overlay);
    if (is_declared(in, p->b.tree, p->def)) {
        Shape s = p->op == AST_MUL     ? (Shape){a.cols, b.cols}
                  : p->op == AST_SOLVE ? (Shape){a.rows, b.cols}
                  : p->op == AST_DIV   ? (Shape){a.cols, a.cols}
                                       : a;
        return say_declare(in, p->b.tree, s, inner);
    }
    if (is_declared(in, p->a.tree, p->def)) {
        Shape s = p->op == AST_MUL     ? (Shape){a.rows, b.rows}
                  : p->op == AST_SOLVE ? (Shape){b.rows, a.cols}
                                       : b;
        return say_declare(in, p->a.tree, s, inner);
    }
    return NULL;
}

const char *repair_operands(Interp *in, const Ast *t, int op, Shape a, Shape b,
                            const Ast *ta, const Ast *tb)
{
    bool definition = t && (t->kind == AST_FUNCTION || t->kind == AST_LAMBDA);
    Pair p = {in, t && t == ta,     definition ? t : NULL,
              op, {tree_of(ta), a}, {tree_of(tb), b}};
    const char *text = NULL;
    if (op != AST_POW)
        text = try_normal_equations(&p);
    if (!text && op != AST_POW)
        text = try_turns(&p, op);
    if (!text)
        text = try_entries(&p);
    if (!text && op != AST_POW)
        text = try_cut(&p);
    return text ? text : try_declare(&p);
}

/* ---- literals ---- */

typedef struct Parts {
    Interp *in;
    int rows, n;
    int *cols;
    Operand *part;
    bool stacked; /* a `;` was written */
} Parts;

static bool is_empty(Shape s)
{
    return s.rows == 0 && (s.cols == 0 || s.cols == 1);
}

/* y grown by s along one side; false where the other sides differ. */
static bool put_beside(Interp *in, Shape s, bool down, Shape *y)
{
    if (is_empty(s))
        return true;
    if (is_empty(*y)) {
        *y = s;
        return true;
    }
    if (down ? s.cols != y->cols : s.rows != y->rows)
        return false;
    Dim *sum = down ? &y->rows : &y->cols, more = down ? s.rows : s.cols;
    if (*sum >= 0 && more >= 0)
        *sum += more;
    else
        *sum = dim_of_node(in->graph,
                           node_add(in->graph, node_of_dim(in->graph, *sum),
                                    node_of_dim(in->graph, more)));
    return true;
}

static bool parts_fit(const Parts *p, Shape *y)
{
    *y = (Shape){0, 1};
    for (int i = 0, k = 0; i < p->rows; i++) {
        Shape row = {0, 1};
        for (int j = 0; j < p->cols[i]; j++)
            if (!put_beside(p->in, p->part[k++].shape, false, &row))
                return false;
        if (!put_beside(p->in, row, true, y))
            return false;
    }
    return true;
}

static Parts parts_of(Interp *in, const Ast *t, const Shape shape[])
{
    Arena *a = error_arena();
    Parts p = {
        .in = in, .rows = (int)t->count, .stacked = (t->flags & AST_ROWS) != 0};
    p.cols = ARENA_ARRAY(a, int, t->count + 1);
    for (int i = 0; i < p.rows; i++)
        p.n += p.cols[i] = (int)t->kids[i]->count;
    p.part = ARENA_ARRAY(a, Operand, (size_t)p.n + 1);
    for (int i = 0, k = 0; i < p.rows; i++)
        for (int j = 0; j < p.cols[i]; j++, k++)
            p.part[k] = (Operand){t->kids[i]->kids[j], shape[k]};
    return p;
}

bool literal_fits(Interp *in, const Ast *t, const Shape shape[], Shape *y)
{
    bool numbers = true;
    *y = (Shape){0, 1};
    for (uint32_t i = 0, k = 0; i < t->count; i++) {
        Shape row = {0, 1};
        for (uint32_t j = 0; j < t->kids[i]->count; j++, k++) {
            numbers = numbers && shape_is_scalar(shape[k]);
            if (!put_beside(in, shape[k], false, &row))
                return false;
        }
        if (!put_beside(in, row, true, y))
            return false;
    }
    if (numbers && t->count == 1 && !(t->flags & AST_ROWS))
        *y = (Shape){y->cols, 1};
    return true;
}

static const char *say_parts(const Parts *p, Shape y)
{
    Ast *t = new_tree(AST_ARRAY, 0, (uint32_t)p->rows);
    t->flags = p->stacked ? AST_ROWS : 0;
    for (int i = 0, k = 0; i < p->rows; i++) {
        Ast *row = new_tree(AST_ROW, 0, (uint32_t)p->cols[i]);
        for (int j = 0; j < p->cols[i]; j++)
            row->kids[j] = p->part[k++].tree;
        t->kids[i] = row;
    }
    return say_fits(p->in, ast_text(error_arena(), t), y);
}

/* As it is, or with one part turned. */
static const char *try_parts(const Parts *p)
{
    Shape y;
    if (parts_fit(p, &y))
        return say_parts(p, y);
    for (int k = 0; k < p->n; k++) {
        Operand old = p->part[k];
        if (shape_is_scalar(old.shape))
            continue;
        p->part[k] = flipped(old);
        const char *text = parts_fit(p, &y) ? say_parts(p, y) : NULL;
        p->part[k] = old;
        if (text)
            return text;
    }
    return NULL;
}

/* `;` for `,` or the other way round. */
static const char *try_other_way(Parts p)
{
    int *cols = ARENA_ARRAY(error_arena(), int, (size_t)p.n + 1);
    if (p.rows == 1) {
        for (int i = 0; i < p.n; i++)
            cols[i] = 1;
        p.rows = p.n;
        p.stacked = true;
    } else if (p.rows == p.n) {
        cols[0] = p.n;
        p.rows = 1;
        p.stacked = false;
    } else {
        return NULL;
    }
    p.cols = cols;
    return try_parts(&p);
}

/* Rows of numbers of different lengths: the short ones end with zeros. */
static const char *try_zeros(const Parts *p)
{
    int most = 0;
    for (int i = 0; i < p->rows; i++)
        most = p->cols[i] > most ? p->cols[i] : most;
    for (int k = 0; k < p->n; k++)
        if (!shape_is_scalar(p->part[k].shape))
            return NULL;
    Parts q = *p;
    Arena *a = error_arena();
    q.n = p->rows * most;
    q.cols = ARENA_ARRAY(a, int, (size_t)p->rows + 1);
    q.part = ARENA_ARRAY(a, Operand, (size_t)q.n + 1);
    for (int i = 0, k = 0; i < p->rows; i++) {
        q.cols[i] = most;
        for (int j = 0; j < most; j++)
            q.part[i * most + j] =
                j < p->cols[i] ? p->part[k++]
                               : (Operand){tree_number(0), SHAPE_SCALAR};
    }
    return try_parts(&q);
}

static const char *try_cut_parts(const Parts *p)
{
    if (p->rows != 1 && p->rows != p->n)
        return NULL;
    int least = INT32_MAX;
    for (int k = 0; k < p->n; k++) {
        Shape s = p->part[k].shape;
        if (!is_concrete(s))
            return NULL;
        least = smaller(least, p->rows == 1 ? s.rows : s.cols);
    }
    if (least < 2)
        return NULL;
    Parts q = *p;
    q.part = ARENA_ARRAY(error_arena(), Operand, (size_t)p->n + 1);
    for (int k = 0; k < p->n; k++)
        q.part[k] = p->rows == 1 ? cut(p->part[k], least, INT32_MAX)
                                 : cut(p->part[k], INT32_MAX, least);
    return try_parts(&q);
}

static const char *try_declare_part(const Parts *p)
{
    if (p->n != 2)
        return NULL;
    Shape a = p->part[0].shape, b = p->part[1].shape;
    bool inner = p->in->frame != NULL && !p->in->frame->overlay;
    if (!is_declared(p->in, p->part[1].tree, NULL))
        return NULL;
    Shape s = p->rows == 1 ? (Shape){a.rows, b.cols} : (Shape){b.rows, a.cols};
    return say_declare(p->in, p->part[1].tree, s, inner);
}

const char *repair_literal(Interp *in, const Ast *t, const Shape shape[])
{
    Parts p = parts_of(in, t, shape);
    if (p.n > 64)
        return NULL;
    const char *text = try_parts(&p);
    if (!text)
        text = try_other_way(p);
    if (!text)
        text = try_zeros(&p);
    if (!text)
        text = try_cut_parts(&p);
    return text ? text : try_declare_part(&p);
}

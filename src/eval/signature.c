/*
 * signature.c - shapes of a definition, checked before it ever runs
 *
 * The dimensions of `f(w[d], X[n,d]) = e` name no numbers yet, so sides with
 * different names do not fit, and X'*w is a mistake where it is written.
 * Only what the signature itself settles is judged: parameters without
 * dimensions, names from outside, arms of conditions have no known shape, and
 * neither has what is made of them.
 */
#include "eval/apply.h"
#include "eval/call.h"
#include "eval/symbol.h"
#include "op/op.h"
#include "value/shape.h"

#define MOST_LEVELS 500
#define MOST_KNOWN 64

typedef struct Known {
    Name name;
    Shape shape;
} Known;

typedef struct Signature {
    Interp *in;
    const Ast *def;
    Known param[MOST_KNOWN];
    int count;
    int level;
} Signature;

/* Does the body give the name another meaning anywhere? */
static bool rebinds(const Ast *t, Name name)
{
    if (t->kind == AST_ASSIGN)
        return ast_is_name(t->kids[0], name);
    if (t->kind == AST_UNPACK) {
        for (uint32_t i = 0; i + 1 < t->count; i++)
            if (ast_is_name(t->kids[i], name))
                return true;
        return false;
    }
    if (t->kind == AST_FOR || t->kind == AST_TRY || t->kind == AST_NAMED)
        return t->name == name;
    for (uint32_t i = 0; i < ast_decl_count(t); i++)
        if (t->decls[i].name == name)
            return true;
    return false;
}

static bool is_rebound(const Ast *body, Name name)
{
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, body);
    bool found = false;
    for (const Ast *t; !found && (t = ast_walk_next(&w)) != NULL;)
        found = rebinds(t, name);
    arena_free(a);
    return found;
}

static bool read_side(Interp *in, const Ast *t, Dim *side)
{
    if (t->kind == AST_NAME) {
        *side = dim_of_node(in->graph, dimension_symbol(in, t->name));
        return true;
    }
    Value v = t->kind == AST_NUMBER ? eval(in, t) : VALUE_NONE;
    int64_t k;
    if (!value_is_number(v) || !value_to_int(v, &k) || k < 0 || k > INT32_MAX)
        return false;
    *side = (Dim)k;
    return true;
}

static void add_param(Signature *s, const Decl *d, const Ast *body)
{
    Shape shape = SHAPE_SCALAR;
    if (d->ndims == 0 || d->ndims > 2 || s->count == MOST_KNOWN ||
        !read_side(s->in, d->dims[0], &shape.rows) ||
        (d->ndims == 2 && !read_side(s->in, d->dims[1], &shape.cols)) ||
        is_rebound(body, d->name))
        return;
    s->param[s->count++] = (Known){d->name, shape};
}

static bool shape_known(Signature *s, const Ast *t, Shape *y);

static bool shape_of_binary(Signature *s, const Ast *t, Shape *y)
{
    Shape a, b;
    bool left = shape_known(s, t->kids[0], &a);
    bool right = shape_known(s, t->kids[1], &b);
    if (!left || !right)
        return false;
    bool fits;
    switch (t->op) {
    case AST_MUL:
        fits = shape_product(a, b, y);
        break;
    case AST_SOLVE:
        fits = shape_solve(a, b, y);
        break;
    case AST_ADD:
    case AST_SUB:
    case AST_DOTMUL:
    case AST_DOTDIV:
    case AST_DOTPOW:
        fits = shape_broadcast(a, b, y);
        break;
    case AST_DIV:
        *y = a;
        return shape_is_scalar(b);
    default:
        *y = SHAPE_SCALAR;
        return shape_is_scalar(a) && shape_is_scalar(b);
    }
    if (!fits)
        raise_shapes(s->in, s->def, t->op, a, b, t->kids[0], t->kids[1]);
    return true;
}

/* A builtin that works entry by entry keeps the shape of its argument. */
static bool shape_of_call(Signature *s, const Ast *t, Shape *y)
{
    Shape arg = SHAPE_SCALAR;
    bool known = false;
    for (uint32_t i = 0; i < ast_args(t); i++) {
        const Ast *e = ast_arg(t, i);
        known = shape_known(s, e->kind == AST_NAMED ? e->kids[0] : e, &arg);
    }
    Value f;
    if (!known || ast_args(t) != 1 || t->kids[0]->kind != AST_NAME ||
        !lookup_name(s->in, t->kids[0]->name, &f) ||
        f.kind != VAL_FUNCTION || f.function->class != &class_builtin)
        return false;
    const Builtin *b = f.function->data;
    *y = arg;
    return b->op >= 0 && op_table[b->op].class == CLASS_ELEMENTWISE;
}

static bool shape_of_name(const Signature *s, Name name, Shape *y)
{
    for (int i = 0; i < s->count; i++)
        if (s->param[i].name == name) {
            *y = s->param[i].shape;
            return true;
        }
    return false;
}

static bool check_kids(Signature *s, const Ast *t)
{
    Shape y;
    for (uint32_t i = 0; i < t->count; i++)
        shape_known(s, t->kids[i], &y);
    return false;
}

static bool shape_at(Signature *s, const Ast *t, Shape *y)
{
    switch (t->kind) {
    case AST_NUMBER:
        *y = SHAPE_SCALAR;
        return true;
    case AST_NAME:
        return shape_of_name(s, t->name, y);
    case AST_UNARY:
        return shape_known(s, t->kids[0], y);
    case AST_BINARY:
        return shape_of_binary(s, t, y);
    case AST_PRIME:
        if (!shape_known(s, t->kids[0], y))
            return false;
        if (t->op % 2)
            *y = (Shape){y->cols, y->rows};
        return true;
    case AST_CALL:
        return shape_of_call(s, t, y);
    case AST_CHOICE:
    case AST_IF:
    case AST_TRY:
    case AST_LAMBDA:
    case AST_FUNCTION:
        return false;
    default:
        return check_kids(s, t);
    }
}

/* The shape of an expression, where the signature settles it. */
static bool shape_known(Signature *s, const Ast *t, Shape *y)
{
    if (s->level >= MOST_LEVELS)
        return false;
    s->level++;
    bool known = shape_at(s, t, y);
    s->level--;
    return known;
}

void check_signature(Interp *in, const Ast *def)
{
    Signature s = {.in = in, .def = def};
    for (uint32_t i = 0; i < def->ndecls; i++)
        add_param(&s, &def->decls[i], def->kids[0]);
    Shape y;
    if (s.count > 0)
        shape_known(&s, def->kids[0], &y);
}

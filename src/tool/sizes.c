/*
 * sizes.c - shapes that cannot fit
 *
 * Two questions.  The body of a definition with dimensions, and the lines of a
 * model: do sides with different names meet (check_signature)?  And where
 * statements run in order: what shapes have the values that literals,
 * declarations and known functions give, and do they fit?  A value of which
 * anything is in doubt has no known shape, and neither has what is made of it.
 */
#include <string.h>

#include "eval/apply.h"
#include "eval/call.h"
#include "eval/repair.h"
#include "eval/symbol.h"
#include "op/op.h"
#include "syntax/diag.h"
#include "syntax/print.h"
#include "tool/check.h"
#include "value/shape.h"

enum { MOST_PARTS = 4096, MOST_CALLS = 8 };

/* What is known of a value: nothing, its shape, that it is this integer. */
typedef struct Size {
    bool known, whole;
    Shape shape;
    int64_t value;  /* if whole */
    const Ast *def; /* a FUNCTION or MODEL, the only definition */
} Size;

typedef struct Sizes {
    ArenaEnd end;
    Check *c;
    Table names; /* Name -> Size */
    int calls;   /* bodies that are looked into, inside of each other */
} Sizes;

static const Size unknown = {0};

static void free_names(ArenaEnd *end)
{
    table_free(&((Sizes *)end)->names);
}

static Sizes *sizes_new(Check *c)
{
    Sizes *s = ARENA_NEW(c->arena, Sizes);
    s->end.run = free_names;
    s->c = c;
    arena_at_end(c->arena, &s->end);
    return s;
}

static void set_size(Sizes *s, Name name, Size size)
{
    Size *place = table_get(&s->names, name);
    if (!place) {
        place = ARENA_NEW(s->c->arena, Size);
        table_set(&s->names, name, place);
    }
    *place = size;
}

static Size of_shape(Shape shape)
{
    return (Size){.known = true, .shape = shape};
}

static Size of_integer(int64_t value)
{
    return (Size){
        .known = true, .whole = true, .shape = SHAPE_SCALAR, .value = value};
}

static Size size_of(Sizes *s, const Ast *t);

/* ---- operators ---- */

static void note_operands(Sizes *s, const Ast *t, int op, Size a, Size b,
                          const Ast *ta, const Ast *tb)
{
    Protect p;
    if (PROTECT(&p))
        raise_shapes(s->c->in, t, op, a.shape, b.shape, ta, tb);
    check_note_error(s->c);
}

static Size combine(Sizes *s, const Ast *t, int op, const Ast *ta,
                    const Ast *tb)
{
    Size a = size_of(s, ta), b = size_of(s, tb);
    if (!a.known || !b.known)
        return unknown;
    Shape y;
    if (!operands_fit(op, a.shape, b.shape, &y)) {
        note_operands(s, t, op, a, b, ta, tb);
        return unknown;
    }
    int64_t k;
    if (a.whole && b.whole &&
        ((op == AST_ADD && !__builtin_add_overflow(a.value, b.value, &k)) ||
         (op == AST_SUB && !__builtin_sub_overflow(a.value, b.value, &k)) ||
         (op == AST_MUL && !__builtin_mul_overflow(a.value, b.value, &k))))
        return of_integer(k);
    return of_shape(y);
}

static Size size_of_compare(Sizes *s, const Ast *t)
{
    Size y = unknown;
    for (uint32_t i = 1; i < t->count; i++) {
        int op = t->ops[i - 1];
        if (op == AST_IN) {
            size_of(s, t->kids[i - 1]);
            size_of(s, t->kids[i]);
        } else {
            y = combine(s, NULL, op, t->kids[i - 1], t->kids[i]);
        }
    }
    return t->count == 2 && t->ops[0] != AST_IN ? y : unknown;
}

static Size size_of_array(Sizes *s, const Ast *t)
{
    Check *c = s->c;
    VEC(Shape) part = {0};
    volatile bool known = t->count > 0;
    for (uint32_t i = 0; i < t->count; i++)
        for (uint32_t j = 0; j < t->kids[i]->count; j++) {
            Size k = size_of(s, t->kids[i]->kids[j]);
            known = known && k.known && part.count < MOST_PARTS;
            if (known)
                VEC_PUSH_IN(c->arena, &part, k.shape);
        }
    Size y = unknown;
    Protect p;
    if (!known)
        return unknown;
    if (PROTECT(&p)) {
        check_literal(c->in, t, part.at);
        protect_end(&p);
    } else {
        check_note_error(c);
        return unknown;
    }
    y.known = literal_fits(c->in, t, part.at, &y.shape) && y.shape.rows != 0;
    return y;
}

static Size size_of_range(Sizes *s, const Ast *t)
{
    Size a = size_of(s, t->kids[0]), b = size_of(s, t->kids[t->count - 1]);
    if (t->count == 3) {
        size_of(s, t->kids[1]);
        return unknown;
    }
    if (!a.whole || !b.whole || b.value < a.value ||
        b.value - a.value >= INT32_MAX || a.value < INT32_MIN)
        return unknown;
    return of_shape((Shape){(Dim)(b.value - a.value + 1), 1});
}

/* ---- indices ---- */

/* How many entries an index takes of a side; -1: not known. */
static int count_taken(Sizes *s, const Ast *t, Dim side)
{
    if (t->kind == AST_COLON)
        return side >= 0 ? side : -1;
    if (t->kind == AST_END)
        return 1;
    Size k = size_of(s, t);
    bool known_side = side >= 0;
    if (k.whole && known_side && (k.value < 1 || k.value > side)) {
        check_note(s->c, false, t->at, ERR_INDEX, NULL,
                   "index %lld is outside 1..%d", (long long)k.value, side);
        return -1;
    }
    if (k.known && shape_is_scalar(k.shape))
        return 1;
    return t->kind == AST_RANGE && k.known ? k.shape.rows : -1;
}

static Size size_of_index(Sizes *s, const Ast *t)
{
    Size a = size_of(s, t->kids[0]);
    if (!a.known || t->count > 3) {
        for (uint32_t i = 1; i < t->count; i++)
            size_of(s, t->kids[i]);
        return unknown;
    }
    if (t->count == 2) {
        bool column = a.shape.cols == 1;
        int rows = count_taken(s, t->kids[1], column ? a.shape.rows : -1);
        return column && rows > 0 ? of_shape((Shape){rows, 1}) : unknown;
    }
    int rows = count_taken(s, t->kids[1], a.shape.rows);
    int cols = count_taken(s, t->kids[2], a.shape.cols);
    return rows > 0 && cols > 0 ? of_shape((Shape){rows, cols}) : unknown;
}

/* ---- calls ---- */

static bool is_name(const Ast *t, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(t->kids[0]->name, *names) == 0)
            return true;
    return false;
}

static bool is_side(Size k)
{
    return k.whole && k.value > 0 && k.value < INT32_MAX;
}

/* Builtins that are no operators and whose result has a known shape. */
static Size size_of_named(const Ast *t, int n, const Size arg[])
{
    static const char *const filled[] = {"zeros", "ones", "rand", "randn",
                                         NULL},
                             *const square[] = {"I", "eye", NULL},
                             *const numbers[] = {"sum",   "prod",  "mean",
                                                 "norm2", "norm1", NULL},
                             *const same[] = {"float", "exact", NULL};
    bool shaped = n >= 1 && n <= 2 && is_side(arg[0]) && is_side(arg[n - 1]);
    Shape sides = {shaped ? (Dim)arg[0].value : 0,
                   shaped && n == 2 ? (Dim)arg[1].value : 1};
    if (is_name(t, filled))
        return shaped ? of_shape(sides) : unknown;
    if (is_name(t, square) && n == 1 && shaped)
        return of_shape((Shape){sides.rows, sides.rows});
    if (n != 1 || !arg[0].known)
        return unknown;
    if (is_name(t, same))
        return of_shape(arg[0].shape);
    if (is_name(t, numbers))
        return of_shape(SHAPE_SCALAR);
    static const char *const rows[] = {"length", "rows", NULL},
                             *const cols[] = {"cols", NULL};
    if (is_name(t, rows) && arg[0].shape.rows >= 0 && arg[0].shape.cols == 1)
        return of_integer(arg[0].shape.rows);
    if (is_name(t, cols) && arg[0].shape.cols >= 0)
        return of_integer(arg[0].shape.cols);
    return unknown;
}

static Size note_operator(Sizes *s, const Ast *t, const Size arg[])
{
    Interp *in = s->c->in;
    check_note(s->c, false, t->at, ERR_SHAPE, NULL,
               "%s does not take %s and %s together", t->kids[0]->name,
               shape_words(in, arg[0].shape), shape_words(in, arg[1].shape));
    return unknown;
}

static Size size_of_operator(Sizes *s, const Ast *t, const OpInfo *op, int n,
                             const Size arg[])
{
    Shape shape[3], y;
    for (int i = 0; i < n; i++) {
        if (!arg[i].known)
            return unknown;
        shape[i] = arg[i].shape;
    }
    if (n == 0 || n != op->nargs)
        return unknown;
    if (op->class == CLASS_ARRAY)
        return op->shape(n, shape, &y) ? of_shape(y) : unknown;
    y = shape[0];
    for (int i = 1; i < n; i++)
        if (!shape_broadcast(y, shape[i], &y))
            return n == 2 ? note_operator(s, t, arg) : unknown;
    return of_shape(y);
}

/* One side of a parameter: the same name the same number. */
static bool bind_side(Sizes *own, const Ast *dim, Dim have)
{
    if (dim->kind == AST_NAME) {
        const Size *k = table_get(&own->names, dim->name);
        if (k && k->known)
            return shape_is_scalar(k->shape) && k->whole && k->value == have;
        if (have >= 0)
            set_size(own, dim->name, of_integer(have));
        return true;
    }
    Size want = size_of(own, dim);
    return !want.whole || have < 0 || want.value == have;
}

/* Does an argument of this shape fit?  Sides that are names are not judged. */
static bool bind_param(Sizes *own, const Decl *d, Size arg)
{
    Shape shape = arg.shape;
    if (!arg.known || d->ndims == 0 || shape.rows < 0 || shape.cols < 0)
        return true;
    if (d->ndims > 2 || (d->ndims == 1 && shape.cols != 1))
        return false;
    return bind_side(own, d->dims[0], shape.rows) &&
           (d->ndims == 1 || bind_side(own, d->dims[1], shape.cols));
}

static const char *decl_words(Check *c, const Decl *d)
{
    Str s = str_in(c->arena);
    ast_print_decl(&s, d);
    return str_text(&s);
}

/* A call of a function of the file; its arguments are positional. */
static Size size_of_function(Sizes *s, const Ast *t, const Ast *def, int n,
                             const Size arg[])
{
    Check *c = s->c;
    Sizes *own = sizes_new(c);
    own->calls = s->calls + 1;
    int k = 0;
    for (uint32_t i = 0; i < def->ndecls && k < n; i++) {
        const Decl *d = &def->decls[i];
        if (d->option)
            continue;
        if (!bind_param(own, d, arg[k])) {
            check_note(c, false, t->at, ERR_SHAPE, NULL,
                       "%s expects %s, and the argument is %s", def->name,
                       decl_words(c, d), shape_words(c->in, arg[k].shape));
            return unknown;
        }
        set_size(own, d->name, arg[k]);
        k++;
    }
    if (def->flags & AST_LONG || own->calls > MOST_CALLS)
        return unknown;
    for (uint32_t i = 0; i < def->ndecls; i++)
        if (!table_has(&own->names, def->decls[i].name))
            set_size(own, def->decls[i].name, unknown);
    c->tries++; /* its own mistakes are noted where it is defined */
    Size y = size_of(own, def->kids[0]);
    c->tries--;
    return y.known && y.shape.rows >= 0 && y.shape.cols >= 0 ? y : unknown;
}

/* fit(model, X, y): the sides of the data agree. */
static void check_fit(Sizes *s, const Ast *t, const Ast *model, int n,
                      const Size arg[])
{
    Sizes *own = sizes_new(s->c);
    int k = 1;
    for (uint32_t i = 0; i < model->count; i++) {
        const Ast *line = model->kids[i];
        if (line->kind != AST_DECLS || line->op != AST_DATA)
            continue;
        for (uint32_t j = 0; j < line->ndecls && k < n; j++, k++)
            if (!bind_param(own, &line->decls[j], arg[k]))
                check_note(s->c, false, ast_arg(t, (uint32_t)k)->at, ERR_SHAPE,
                           NULL,
                           "the data %s is %s, which does not fit those "
                           "before it",
                           decl_words(s->c, &line->decls[j]),
                           shape_words(s->c->in, arg[k].shape));
    }
}

/* Is the name one of the file, or a parameter, and not of the library? */
static bool is_own_name(const Sizes *s, Name name)
{
    return table_has(&s->names, name) || check_defines(s->c, name);
}

static Size size_of_call(Sizes *s, const Ast *t)
{
    Size arg[4] = {{0}};
    int n = 0;
    bool plain = ast_args(t) <= 4;
    for (uint32_t i = 0; i < ast_args(t); i++) {
        const Ast *e = ast_arg(t, i);
        plain = plain && e->kind != AST_NAMED;
        Size k = size_of(s, e->kind == AST_NAMED ? e->kids[0] : e);
        if (plain)
            arg[n++] = k;
    }
    const Ast *f = t->kids[0];
    if (f->kind != AST_NAME || !plain)
        return unknown;
    const Size *own = table_get(&s->names, f->name);
    if (own && own->def && own->def->kind == AST_FUNCTION)
        return size_of_function(s, t, own->def, n, arg);
    if (is_own_name(s, f->name))
        return unknown;
    const Builtin *b = builtin_named(f->name);
    if (b && strcmp(b->name, "fit") == 0 && n > 1 &&
        ast_arg(t, 0)->kind == AST_NAME) {
        const Size *m = table_get(&s->names, ast_arg(t, 0)->name);
        if (m && m->def && m->def->kind == AST_MODEL)
            check_fit(s, t, m->def, n, arg);
    }
    if (!b)
        return unknown;
    if (b->op >= 0 && !b->fn && n <= 3)
        return size_of_operator(s, t, &op_table[b->op], n, arg);
    return size_of_named(t, n, arg);
}

/* ---- expressions ---- */

static Size size_of_kids(Sizes *s, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        size_of(s, t->kids[i]);
    return unknown;
}

static void check_definition(Check *c, const Ast *def)
{
    Protect p;
    if (check_redefines(c))
        return;
    if (PROTECT(&p)) {
        check_signature(c->in, def);
        protect_end(&p);
    } else {
        check_note_error(c);
    }
}

/* A body sees nothing that is known of the names outside: it runs later. */
static Size check_body(Sizes *s, const Ast *t)
{
    check_definition(s->c, t);
    Sizes *own = sizes_new(s->c);
    for (uint32_t i = 0; i < t->ndecls; i++) {
        set_size(own, t->decls[i].name, unknown);
        for (uint32_t k = 0; k < t->decls[i].ndims; k++)
            if (t->decls[i].dims[k]->kind == AST_NAME)
                set_size(own, t->decls[i].dims[k]->name, unknown);
    }
    size_of(own, t->kids[0]);
    return unknown;
}

static Size size_of_number(const Ast *t)
{
    bool small = t->flags & AST_EXACT && t->len < 10 &&
                 strspn(t->text, "0123456789") == t->len;
    int64_t value = 0;
    for (uint32_t i = 0; small && i < t->len; i++)
        value = 10 * value + (t->text[i] - '0');
    return small ? of_integer(value) : of_shape(SHAPE_SCALAR);
}

/* The names that a form or a sum binds have no known value in it. */
static Size size_of_binding_call(Sizes *s, const Ast *t)
{
    Sizes *own = sizes_new(s->c);
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        if (k->kind == AST_NAME || k->kind == AST_NAMED)
            set_size(own, k->name, unknown);
    }
    arena_free(a);
    return size_of_kids(own, t);
}

static bool binds_names(const Sizes *s, const Ast *t)
{
    const Ast *f = t->kids[0];
    if (f->kind != AST_NAME || is_own_name(s, f->name))
        return false;
    const Builtin *b = builtin_named(f->name);
    if (!b || !b->special)
        return false;
    return !b->fn || (ast_args(t) > 0 && ast_arg(t, 0)->kind == AST_NAMED);
}

static bool is_arithmetic(const Ast *t)
{
    return t->kind == AST_NUMBER ||
           (t->kind == AST_BINARY && t->op != AST_AND && t->op != AST_OR);
}

/* A condition is a boolean; that of a statement is one and not several. */
static Size check_condition(Sizes *s, const Ast *t, bool statement)
{
    Check *c = s->c;
    Size k = size_of(s, t);
    const char *text = diag_quote(t->at, 40);
    if (t->kind == AST_STRING)
        check_note(c, false, t->at, ERR_CONDITION, NULL,
                   "a condition is true or false, and `%s` is a string", text);
    if (!k.known)
        return k;
    bool one = shape_is_scalar(k.shape);
    if (one && is_arithmetic(t))
        check_note(c, false, t->at, ERR_CONDITION,
                   arena_printf(c->arena, "say what is meant: %s != 0", text),
                   "a condition is true or false, and `%s` is a number", text);
    else if (!one && statement && k.shape.rows >= 0 && k.shape.cols >= 0)
        check_note(
            c, false, t->at, ERR_CONDITION,
            t->kind == AST_COMPARE
                ? arena_printf(c->arena, "all(%s) or any(%s)", text, text)
                : NULL,
            "the condition `%s` is an array of %s", text,
            shape_words(c->in, k.shape));
    return k;
}

static Size size_of_choice(Sizes *s, const Ast *t)
{
    Size c = check_condition(s, t->kids[0], false);
    Size a = size_of(s, t->kids[1]), b = size_of(s, t->kids[2]);
    bool same = c.known && shape_is_scalar(c.shape) && a.known && b.known &&
                shape_same(a.shape, b.shape);
    return same ? of_shape(a.shape) : unknown;
}

static void run_block(Sizes *s, const Ast *t);

static Size size_of(Sizes *s, const Ast *t)
{
    Size a;
    const Size *k;
    depth_check();
    switch (t->kind) {
    case AST_NUMBER:
        return size_of_number(t);
    case AST_NAME:
        k = table_get(&s->names, t->name);
        return k && !k->def ? *k : unknown;
    case AST_UNARY:
        a = size_of(s, t->kids[0]);
        if (a.whole && t->op == AST_NEG)
            return of_integer(-a.value);
        return a.known ? of_shape(a.shape) : unknown;
    case AST_BINARY:
        return combine(s, t, t->op, t->kids[0], t->kids[1]);
    case AST_COMPARE:
        return size_of_compare(s, t);
    case AST_RANGE:
        return size_of_range(s, t);
    case AST_ARRAY:
        return size_of_array(s, t);
    case AST_INDEX:
        return size_of_index(s, t);
    case AST_PRIME:
        a = size_of(s, t->kids[0]);
        if (!a.known)
            return unknown;
        return of_shape(t->op % 2 ? (Shape){a.shape.cols, a.shape.rows}
                                  : a.shape);
    case AST_CHOICE:
        return size_of_choice(s, t);
    case AST_CALL:
        return binds_names(s, t) ? size_of_binding_call(s, t)
                                 : size_of_call(s, t);
    case AST_LAMBDA:
        return check_body(s, t);
    case AST_MINIMIZE:
        return unknown;
    case AST_BLOCK:
        run_block(s, t);
        return unknown;
    default:
        return size_of_kids(s, t);
    }
}

/* ---- statements ---- */

static void note_shape(Sizes *s, Span at, Name name, Size size)
{
    Check *c = s->c;
    if (!size.known || c->tries > 0)
        return;
    const char *words = shape_words(c->in, size.shape);
    Shaped k = {at, name, arena_copy(c->arena, words, strlen(words))};
    VEC_PUSH_IN(c->arena, &c->shaped, k);
}

/* What a block assigns is not known where it may or may not have run. */
static void forget_block(Sizes *s, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const Ast *k = t->kids[i];
        if (ast_is_expression(k)) {
            if ((t->kind == AST_ASSIGN || t->kind == AST_UNPACK) &&
                k->kind == AST_NAME)
                set_size(s, k->name, unknown);
            continue;
        }
        if (k->name)
            set_size(s, k->name, unknown);
        for (uint32_t d = 0; k->kind == AST_SYM && d < k->ndecls; d++)
            set_size(s, k->decls[d].name, unknown);
        if (k->kind != AST_FUNCTION && k->kind != AST_MODEL)
            forget_block(s, k);
    }
}

static Size declared_size(Sizes *s, const Decl *d)
{
    Shape shape = SHAPE_SCALAR;
    Dim *side[] = {&shape.rows, &shape.cols};
    if (d->function || d->ndims > 2)
        return unknown;
    for (uint32_t i = 0; i < d->ndims; i++) {
        Size k = size_of(s, d->dims[i]);
        bool name = d->dims[i]->kind == AST_NAME;
        if (is_side(k))
            *side[i] = (Dim)k.value;
        else if (name && !table_has(&s->names, d->dims[i]->name))
            *side[i] = dim_of_node(
                s->c->in->graph, dimension_symbol(s->c->in, d->dims[i]->name));
        else
            return unknown;
    }
    return of_shape(shape);
}

static void check_model(Sizes *s, const Ast *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++)
        n += t->kids[i]->kind == AST_DECLS ? t->kids[i]->ndecls : 0;
    Decl *decls = ARENA_ARRAY(s->c->arena, Decl, n + 1);
    n = 0;
    for (uint32_t i = 0; i < t->count; i++)
        for (uint32_t k = 0;
             t->kids[i]->kind == AST_DECLS && k < t->kids[i]->ndecls; k++)
            decls[n++] = t->kids[i]->decls[k];
    for (uint32_t i = 0; i < t->count; i++) {
        const Ast *line = t->kids[i];
        if (line->kind == AST_FUNCTION) {
            check_body(s, line);
            continue;
        }
        if (line->kind != AST_ROLE && line->kind != AST_ASSIGN)
            continue;
        Ast *body = line->kids[line->count - 1];
        Ast def = {.kind = AST_FUNCTION,
                   .name = t->name,
                   .count = 1,
                   .kids = &body,
                   .ndecls = n,
                   .decls = decls};
        check_body(s, &def);
    }
}

static void run_assign(Sizes *s, const Ast *t)
{
    const Ast *left = t->kids[0], *right = t->kids[1];
    if (left->kind != AST_NAME) {
        size_of(s, left);
        size_of(s, right);
        while (left->kind == AST_INDEX || left->kind == AST_FIELD)
            left = left->kids[0];
        const Size *k = table_get(&s->names, left->name);
        if (k) /* of arrays the entries change, not the shape */
            set_size(s, left->name, k->known ? of_shape(k->shape) : unknown);
        return;
    }
    Size y = t->op == AST_SET ? size_of(s, right)
                              : combine(s, left, t->op, left, right);
    set_size(s, left->name, y);
    note_shape(s, left->at, left->name, y);
}

/* `a, b = e`: where e is a list or a column, the counts must agree. */
static void check_unpack(Sizes *s, const Ast *t)
{
    const Ast *right = t->kids[t->count - 1];
    Size k = size_of(s, right);
    uint32_t left = t->count - 1, values = left;
    if (right->kind == AST_LIST)
        values = right->count;
    else if (k.known && k.shape.cols == 1 && k.shape.rows > 1)
        values = (uint32_t)k.shape.rows;
    if (values != left)
        check_note(s->c, false, t->at, ERR_UNPACK, NULL,
                   "%u names on the left, and the right side has %u values",
                   left, values);
}

static void run_if(Sizes *s, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->kids[i]->kind != AST_BLOCK) {
            check_condition(s, t->kids[i], true);
            continue;
        }
        size_of(s, t->kids[i]);
        forget_block(s, t->kids[i]);
    }
}

static void run_statement(Sizes *s, const Ast *t)
{
    switch (t->kind) {
    case AST_ASSIGN:
        run_assign(s, t);
        break;
    case AST_UNPACK:
        check_unpack(s, t);
        for (uint32_t i = 0; i + 1 < t->count; i++)
            if (t->kids[i]->kind == AST_NAME)
                set_size(s, t->kids[i]->name, unknown);
        break;
    case AST_FUNCTION:
    case AST_MODEL:
        if (t->kind == AST_FUNCTION)
            check_body(s, t);
        else
            check_model(s, t);
        set_size(s, t->name, (Size){.def = t});
        break;
    case AST_SYM:
        for (uint32_t i = 0; i < t->ndecls; i++) {
            const Decl *d = &t->decls[i];
            Size y = declared_size(s, d);
            set_size(s, d->name, y);
            note_shape(s, d->at, d->name, y);
        }
        break;
    case AST_FOR:
    case AST_WHILE:
        if (t->kind == AST_FOR)
            size_of(s, t->kids[0]);
        forget_block(s, t);
        if (t->name)
            set_size(s, t->name, unknown);
        if (t->kind == AST_WHILE)
            check_condition(s, t->kids[0], true);
        size_of(s, t->kids[1]);
        forget_block(s, t);
        break;
    case AST_IF:
        run_if(s, t);
        break;
    case AST_TRY:
        s->c->tries++;
        size_of(s, t->kids[0]);
        s->c->tries--;
        forget_block(s, t);
        if (t->name)
            set_size(s, t->name, unknown);
        for (uint32_t i = 1; i < t->count; i++)
            size_of(s, t->kids[i]);
        forget_block(s, t);
        break;
    case AST_RULE:
        break;
    case AST_USE:
        set_size(s, t->name, unknown);
        break;
    default:
        size_of(s, t);
    }
}

static void run_block(Sizes *s, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        run_statement(s, t->kids[i]);
}

/* After an `include` anything may have a value. */
static bool includes(const Ast *tree)
{
    for (uint32_t i = 0; i < tree->count; i++)
        if (tree->kids[i]->kind == AST_INCLUDE)
            return true;
    return false;
}

void check_sizes(Check *c, const Ast *tree)
{
    if (includes(tree))
        return;
    run_block(sizes_new(c), tree);
}

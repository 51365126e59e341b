/*
 * front_build.c - trees of expressions to nodes
 *
 * Long sums and products, which lean to the left in the tree, are gathered
 * and built by one constructor; every other level counts against the stack.
 */
#include "graph/array.h"
#include "graph/binder.h"
#include "graph/front.h"
#include "graph/print.h"
#include "graph/quick.h"
#include "num/exact.h"
#include "syntax/ast.h"

#include <string.h>

typedef struct Builder {
    Graph *g;
    int count;
    const FrontName *names;
    bool lift;
    Node base;         /* of the index around, for `end` */
    int place, places; /* where in it, of how many */
} Builder;

static Node build(Builder *b, const Ast *t);

/* ---- leaves ---- */

static Node build_number(Builder *b, const Ast *t)
{
    if (!(t->flags & AST_EXACT))
        return node_float(b->g, t->number);
    if (t->text[1] == '\0')
        return node_int(b->g, t->text[0] - '0');
    mpq_t q;
    mpq_init(q);
    if (exact_from_text(q, t->text, strlen(t->text)) != NUM_OK) {
        mpq_clear(q);
        error_raise(t->at, ERR_EXACT, "the number is too long");
    }
    Value v = value_exact(q);
    mpq_clear(q);
    return node_number(b->g, v);
}

static Node build_name(Builder *b, const Ast *t)
{
    for (int i = b->count - 1; i >= 0; i--)
        if (b->names[i].name == t->name)
            return b->names[i].node;
    bool known;
    if (t->name[0] == 'e' && t->name[1] == '\0')
        return node_apply(b->g, OP_EXP, 1, &b->g->one);
    return front_call(b->g, t->name, 0, NULL, 0, &known);
}

/* ---- operators ---- */

static Node build_logic(Builder *b, OpId op, Node x, Node y)
{
    Node f[] = {x, y};
    return front_spread(b->g, 2, f) ? logic_apply(b->g, op, 2, f) : NODE_NONE;
}

static Node apply_binary(Builder *b, AstOp op, Node x, Node y)
{
    Graph *g = b->g;
    if (b->lift)
        op = op == AST_MUL   ? AST_DOTMUL
             : op == AST_DIV ? AST_DOTDIV
             : op == AST_POW ? AST_DOTPOW
                             : op;
    switch (op) {
    case AST_ADD:
        return front_add(g, x, y);
    case AST_SUB:
        return front_sub(g, x, y);
    case AST_MUL:
        return front_mul(g, x, y);
    case AST_DIV:
        return front_div(g, x, y);
    case AST_SOLVE:
        return front_solve(g, x, y);
    case AST_DOTMUL:
        return front_had(g, x, y);
    case AST_DOTDIV:
        return front_had_div(g, x, y);
    case AST_POW:
        return front_power(g, x, y);
    case AST_DOTPOW:
        return front_had_power(g, x, y);
    case AST_AND:
        return build_logic(b, OP_AND, x, y);
    case AST_OR:
        return build_logic(b, OP_OR, x, y);
    default:
        return NODE_NONE;
    }
}

/*
 * What a spine has gathered: terms of one shape, or factors whose product so
 * far has `shape`.
 */
typedef struct Run {
    VEC(Node) part;
    Shape shape;
    bool product;
} Run;

static Node flush(Builder *b, Run *r)
{
    int n = (int)r->part.count;
    Node y = n == 1       ? r->part.at[0]
             : r->product ? node_product(b->g, n, r->part.at)
                          : print_typed(b->g, node_sum(b->g, n, r->part.at));
    r->part.count = 0;
    return y;
}

static void start(Builder *b, Run *r, Node x)
{
    r->part.count = 0;
    r->shape = node_shape(b->g, x);
    VEC_PUSH_IN(b->g->scratch, &r->part, x);
}

/* Does `run op y` go on in the run? */
static bool gather(Builder *b, Run *r, AstOp op, Node y)
{
    Graph *g = b->g;
    Shape s = node_shape(g, y);
    bool one = r->part.count == 1;
    if (op == AST_MUL && !b->lift && (one || r->product)) {
        bool left = shape_is_scalar(r->shape), right = shape_is_scalar(s);
        if (!left && !right && r->shape.cols != s.rows)
            return false;
        Shape p = {r->shape.rows, s.cols};
        r->shape = left ? s : right ? r->shape : p;
        r->product = true;
        VEC_PUSH_IN(g->scratch, &r->part, y);
        return true;
    }
    if ((op == AST_ADD || op == AST_SUB) && (one || !r->product) &&
        shape_same(r->shape, s)) {
        r->product = false;
        y = op == AST_SUB ? node_neg(g, y) : y;
        VEC_PUSH_IN(g->scratch, &r->part, y);
        return true;
    }
    return false;
}

static Node build_spine(Builder *b, const Ast *t)
{
    Graph *g = b->g;
    ArenaMark m = arena_mark(g->scratch);
    size_t n = ast_spine_length(t);
    const Ast **spine = ARENA_ARRAY(g->scratch, const Ast *, n);
    ast_spine(t, spine, n);
    Node x = build(b, spine[n - 1]->kids[0]), y = NODE_NONE;
    Run r = {.product = false};
    if (x == NODE_NONE)
        return x;
    start(b, &r, x);
    for (size_t i = n; i-- > 0;) {
        POLL();
        y = build(b, spine[i]->kids[1]);
        if (y == NODE_NONE)
            return y;
        AstOp op = (AstOp)spine[i]->op;
        if (gather(b, &r, op, y))
            continue;
        x = apply_binary(b, op, flush(b, &r), y);
        if (x == NODE_NONE)
            return x;
        start(b, &r, x);
    }
    y = flush(b, &r);
    arena_reset(g->scratch, m);
    return y;
}

static Node compare(Builder *b, AstOp op, Node x, Node y)
{
    switch (op) {
    case AST_EQ:
        return front_compare(b->g, OP_EQ, x, y, false);
    case AST_NE:
        return front_compare(b->g, OP_NE, x, y, false);
    case AST_LT:
        return front_compare(b->g, OP_LT, x, y, false);
    case AST_LE:
        return front_compare(b->g, OP_LE, x, y, false);
    case AST_GT:
        return front_compare(b->g, OP_LT, x, y, true);
    case AST_GE:
        return front_compare(b->g, OP_LE, x, y, true);
    default:
        return NODE_NONE;
    }
}

/* A chain `a < b <= c` holds where all its links do. */
static Node build_compare(Builder *b, const Ast *t)
{
    Node x = build(b, t->kids[0]), all = NODE_NONE;
    for (uint32_t i = 0; i + 1 < t->count; i++) {
        Node y = x == NODE_NONE ? x : build(b, t->kids[i + 1]);
        if (y == NODE_NONE)
            return y;
        Node link = compare(b, (AstOp)t->ops[i], x, y);
        if (link != NODE_NONE && all != NODE_NONE)
            link = build_logic(b, OP_AND, all, link);
        if (link == NODE_NONE)
            return link;
        all = link;
        x = y;
    }
    return all;
}

/* `if c then a else b`: the arms spread to one shape; an array c has it. */
static Node build_choice(Builder *b, const Ast *t)
{
    Node f[3];
    for (uint32_t i = 0; i < 3; i++) {
        f[i] = build(b, t->kids[i]);
        if (f[i] == NODE_NONE)
            return NODE_NONE;
    }
    Node c = f[0];
    bool lazy = node_is_scalar(b->g, c);
    if (!front_spread(b->g, lazy ? 2 : 3, f + lazy) || f[0] != c)
        return NODE_NONE;
    return node_if(b->g, c, f[1], f[2]);
}

static Node build_unary(Builder *b, const Ast *t)
{
    Node x = build(b, t->kids[0]);
    if (x == NODE_NONE)
        return x;
    return t->op == AST_NEG   ? node_neg(b->g, x)
           : t->op == AST_NOT ? logic_apply(b->g, OP_NOT, 1, &x)
                              : x;
}

/* ---- calls, indices, literals ---- */

static Node build_call(Builder *b, const Ast *t)
{
    enum { MOST = 8 };
    Node arg[MOST];
    int n = 0;
    int64_t dim = 0;
    if (!ast_is(t->kids[0], AST_NAME))
        return NODE_NONE;
    for (uint32_t i = 0; i < ast_args(t); i++) {
        const Ast *a = ast_arg(t, i);
        bool option = ast_is(a, AST_NAMED);
        Node y = build(b, option ? a->kids[0] : a);
        if (y == NODE_NONE || (!option && n == MOST))
            return NODE_NONE;
        if (!option)
            arg[n++] = y;
        else if (strcmp(a->name, "dim") != 0 || !node_is_number(b->g, y) ||
                 !value_to_int(node_number_value(b->g, y), &dim) || dim < 1 ||
                 dim > 2)
            return NODE_NONE;
    }
    bool known;
    return front_call(b->g, t->kids[0]->name, n, arg, (int)dim, &known);
}

static Node build_index_part(Builder *b, const Ast *t)
{
    if (ast_is(t, AST_COLON))
        return b->g->all;
    if (!ast_is(t, AST_RANGE))
        return build(b, t);
    Node f[3];
    for (uint32_t i = 0; i < t->count; i++) {
        f[i] = build(b, t->kids[i]);
        if (f[i] == NODE_NONE || !node_is_scalar(b->g, f[i]))
            return NODE_NONE;
    }
    Node step = t->count == 3 ? f[1] : b->g->one;
    return node_range(b->g, f[0], step, f[t->count - 1]);
}

/* Entry k of a matrix, numbered column by column. */
static Node index_linear(Graph *g, Node a, Node k)
{
    if (!node_is_scalar(g, k))
        return NODE_NONE;
    Node rows = node_of_dim(g, node_shape(g, a).rows);
    Node pair[2] = {node_sub(g, k, g->one), rows};
    /* A half keeps the quotient away from whole numbers and rounding. */
    Node column = node_div(g, node_sub(g, k, g->half), rows);
    Node r = node_apply(g, OP_MOD, 2, pair);
    Node c = node_apply(g, OP_FLOOR, 1, &column);
    return node_index(g, a, node_add(g, r, g->one), node_add(g, c, g->one));
}

static Node build_index(Builder *b, const Ast *t)
{
    Graph *g = b->g;
    Node a = build(b, t->kids[0]), at[2];
    if (a == NODE_NONE || t->count > 3)
        return NODE_NONE;
    Builder inner = *b;
    inner.base = a;
    inner.places = (int)t->count - 1;
    for (int i = 0; i < inner.places; i++) {
        inner.place = i;
        at[i] = build_index_part(&inner, t->kids[i + 1]);
        if (at[i] == NODE_NONE)
            return NODE_NONE;
    }
    if (inner.places == 2)
        return node_index(g, a, at[0], at[1]);
    Shape s = node_shape(g, a);
    return s.cols == 1   ? node_index(g, a, at[0], g->one)
           : s.rows == 1 ? node_index(g, a, g->one, at[0])
                         : index_linear(g, a, at[0]);
}

/* `end`: the side of the base in this place. */
static Node build_end(Builder *b)
{
    Shape s = node_shape(b->g, b->base);
    bool rows = b->places == 2 ? b->place == 0 : s.cols == 1;
    return node_of_dim(b->g, rows ? s.rows : s.cols);
}

static Node build_literal(Builder *b, const Ast *t)
{
    Graph *g = b->g;
    if (t->count == 0)
        return NODE_NONE;
    ArenaMark m = arena_mark(g->scratch);
    int *cols = ARENA_ARRAY(g->scratch, int, t->count);
    size_t total = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        cols[i] = (int)t->kids[i]->count;
        total += t->kids[i]->count;
    }
    Node *entry = ARENA_ARRAY(g->scratch, Node, total);
    size_t at = 0;
    for (uint32_t i = 0; i < t->count; i++)
        for (uint32_t k = 0; k < t->kids[i]->count; k++) {
            entry[at] = build(b, t->kids[i]->kids[k]);
            if (entry[at++] == NODE_NONE)
                return NODE_NONE;
        }
    int rows = (t->flags & AST_ROWS) ? (int)t->count : 0;
    Node y = front_literal(g, rows, cols, entry);
    arena_reset(g->scratch, m);
    return y;
}

static Node build_range(Builder *b, const Ast *t)
{
    Node r = build_index_part(b, t);
    if (r == NODE_NONE || op_of(b->g, r) != OP_RANGE)
        return r;
    Value v[3];
    for (uint32_t i = 0; i < 3; i++) {
        Node p = arg_of(b->g, r, i);
        if (!node_is_number(b->g, p))
            return NODE_NONE;
        v[i] = node_number_value(b->g, p);
    }
    return node_from_value(b->g, array_range(v[0], v[1], v[2]));
}

static Node build(Builder *b, const Ast *t)
{
    depth_check();
    switch (t->kind) {
    case AST_NUMBER:
        return build_number(b, t);
    case AST_BOOL:
        return node_from_value(b->g, value_bool(t->op != 0));
    case AST_NAME:
        return build_name(b, t);
    case AST_END:
        return b->base == NODE_NONE ? NODE_NONE : build_end(b);
    case AST_CHOICE:
        return build_choice(b, t);
    case AST_UNARY:
        return build_unary(b, t);
    case AST_BINARY:
        return build_spine(b, t);
    case AST_COMPARE:
        return build_compare(b, t);
    case AST_RANGE:
        return build_range(b, t);
    case AST_CALL:
        return build_call(b, t);
    case AST_INDEX:
        return build_index(b, t);
    case AST_PRIME: {
        Node x = build(b, t->kids[0]);
        return x == NODE_NONE || t->op % 2 == 0 ? x : node_transpose(b->g, x);
    }
    case AST_ARRAY:
        return build_literal(b, t);
    default:
        return NODE_NONE;
    }
}

Node front_build(Graph *g, const Ast *t, int n, const FrontName names[],
                 bool lift)
{
    Builder b = {
        .g = g, .count = n, .names = names, .lift = lift, .base = NODE_NONE};
    ArenaMark m = arena_mark(g->scratch);
    Node y = build(&b, t);
    arena_reset(g->scratch, m);
    return y;
}

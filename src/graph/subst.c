/*
 * subst.c - which leaves a node depends on; replacing them; rebuilding
 *
 * Passes here walk operands first with a stack of their own.  A symbolic
 * dimension is an operand like others.
 */
#include "graph/array.h"

#include <math.h>
#include <string.h>

#include "graph/binder.h"
#include "graph/walk.h"

typedef VEC(Node) Nodes;

/* The nodes of symbolic sides. */
static int dim_nodes(const Graph *g, Node n, Node out[2])
{
    const NodeRow *r = &g->row[n];
    int count = 0;
    if (r->rows < 0)
        out[count++] = (Node)~r->rows;
    if (r->cols < 0)
        out[count++] = (Node)~r->cols;
    return count;
}

/* ---- dependence ---- */

enum { UNSEEN, NO, YES };

/* The memo belongs to one leaf x and one generation of nodes. */
static void prepare_memo(Graph *g, Node x)
{
    if (g->depends_room < g->room) {
        g->depends_memo =
            mem_resize(g->depends_memo, g->room * sizeof *g->depends_memo);
        memset(g->depends_memo + g->depends_room, 0,
               (g->room - g->depends_room) * sizeof *g->depends_memo);
        g->depends_room = g->room;
    }
    if (g->depends_on == x && g->depends_generation == g->generation)
        return;
    g->depends_on = x;
    g->depends_generation = g->generation;
    /* Answers carry the number of the question, so that none need be
     * cleared. */
    if (++g->depends_question >= UINT32_MAX / 4) {
        memset(g->depends_memo, 0, g->depends_room * sizeof *g->depends_memo);
        g->depends_question = 1;
    }
}

static uint32_t recall(const Graph *g, Node n)
{
    uint32_t word = g->depends_memo[n];
    return word >> 2 == g->depends_question ? word & 3 : UNSEEN;
}

static void remember(Graph *g, Node n, uint32_t answer)
{
    g->depends_memo[n] = g->depends_question << 2 | answer;
}

/* Answers for n if its operands have answers; else pushes those. */
static bool answer_node(Graph *g, Nodes *stack, Node n, Node x)
{
    Node side[2];
    int sides = dim_nodes(g, n, side);
    uint32_t count = g->row[n].nargs, answer = n == x ? YES : NO;
    bool ready = true;
    for (uint32_t i = 0; i < count + (uint32_t)sides && answer == NO; i++) {
        Node a = i < count ? arg_of(g, n, i) : side[i - count];
        uint32_t known = recall(g, a);
        if (known == YES)
            answer = YES;
        if (known == UNSEEN)
            ready = false;
    }
    if (answer == NO && !ready) {
        for (uint32_t i = 0; i < count + (uint32_t)sides; i++) {
            Node a = i < count ? arg_of(g, n, i) : side[i - count];
            if (recall(g, a) == UNSEEN)
                VEC_PUSH_IN(g->scratch, stack, a);
        }
        return false;
    }
    remember(g, n, answer);
    return true;
}

bool node_depends(Graph *g, Node n, Node x)
{
    if (n == x)
        return true;
    if (node_is_constant(g, n) && op_of(g, x) != OP_CONST)
        return false;
    prepare_memo(g, x);
    if (recall(g, n) != UNSEEN)
        return recall(g, n) == YES;
    ArenaMark mark = arena_mark(g->scratch);
    Nodes stack = {0};
    VEC_PUSH_IN(g->scratch, &stack, n);
    while (stack.count) {
        POLL();
        Node top = stack.at[stack.count - 1];
        if (recall(g, top) != UNSEEN || answer_node(g, &stack, top, x))
            stack.count--;
    }
    arena_reset(g->scratch, mark);
    return recall(g, n) == YES;
}

int node_symbols(Graph *g, Node n, Arena *a, Node **out)
{
    Nodes stack = {0}, found = {0};
    NodeMap seen = node_map_in(a);
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count) {
        POLL();
        Node top = stack.at[--stack.count], side[2];
        uint32_t once;
        if (node_map_get(&seen, top, &once))
            continue;
        node_map_set(&seen, top, 1);
        if (op_of(g, top) == OP_SYM)
            VEC_PUSH_IN(a, &found, top);
        for (int i = dim_nodes(g, top, side); i-- > 0;)
            VEC_PUSH_IN(a, &stack, side[i]);
        for (uint32_t i = g->row[top].nargs; i-- > 0;)
            VEC_PUSH_IN(a, &stack, arg_of(g, top, i));
    }
    *out = found.at;
    return (int)found.count;
}

/* ---- rebuilding ---- */

static Node rebuild_sum(Graph *g, int n, const Node args[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *copy = arena_alloc(g->scratch, (size_t)n * sizeof *copy);
    memcpy(copy, args, (size_t)n * sizeof *copy);
    for (int i = 0; i < n; i += 2)
        copy[i / 2] = node_mul(g, copy[i], copy[i + 1]);
    Node y = node_sum(g, n / 2, copy);
    arena_reset(g->scratch, mark);
    return y;
}

static Node rebuild_mono(Graph *g, int n, const Node args[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *copy = arena_alloc(g->scratch, (size_t)n * sizeof *copy);
    memcpy(copy, args, (size_t)n * sizeof *copy);
    Product p = product_new(g);
    product_put(g, &p, copy[0]);
    for (int i = 2; i < n; i += 2)
        product_put_power(g, &p, copy[i], copy[i + 1]);
    Node y = node_mul(g, product_build(g, &p), copy[1]);
    arena_reset(g->scratch, mark);
    return y;
}

static Node rebuild_had(Graph *g, int n, const Node args[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Node *copy = arena_alloc(g->scratch, (size_t)n * sizeof *copy);
    memcpy(copy, args, (size_t)n * sizeof *copy);
    Node y = NODE_NONE;
    for (int i = 0; i < n; i += 2) {
        Node power = node_had_power(g, copy[i], copy[i + 1]);
        y = i ? node_had(g, y, power) : power;
    }
    arena_reset(g->scratch, mark);
    return y;
}

/* Nodes kept as they are, with their attributes. */
static Node rebuild_plain(Graph *g, Node n, const Node args[])
{
    ArenaMark mark = arena_mark(g->scratch);
    int count = node_attr_count(g, n);
    uint32_t *attr =
        arena_alloc(g->scratch, ((size_t)count + 1) * sizeof *attr);
    for (int i = 0; i < count; i++)
        attr[i] = node_attr(g, n, i);
    Node y = node_intern(g, op_of(g, n), node_shape(g, n), node_count(g, n),
                         args, count, attr);
    arena_reset(g->scratch, mark);
    return y;
}

/* x'*x, or tr(x'*x), of an array x. */
static bool is_square_sum(Graph *g, Node n)
{
    if (op_of(g, n) == OP_TR)
        n = arg_of(g, n, 0);
    return op_of(g, n) == OP_CHAIN && g->row[n].nargs == 2 &&
           node_transpose(g, arg_of(g, n, 0)) == arg_of(g, n, 1);
}

static bool is_odd_root_below(const Graph *g, Node e)
{
    double turns = node_is_number(g, e) ? -2 * coef_double(g, e) : 0;
    return turns > 0 && fmod(turns, 2) == 1;
}

/*
 * 0 over an odd power of the norm of an array that became 0: that is 0, as
 * norm2 has the gradient 0 at 0.  NODE_NONE for any other product.
 */
static Node zero_by_norm(Graph *g, Node n, int count, const Node args[])
{
    bool above = node_is_zero(g, args[1]), below = false;
    for (int i = 2; i < count; i += 2) {
        bool zero = node_is_zero(g, args[i]);
        Node e = args[i + 1];
        if (zero && is_odd_root_below(g, e) &&
            is_square_sum(g, node_arg(g, n, i)))
            below = true;
        else if (zero && node_is_number(g, e) && coef_sign(g, e) < 0)
            return NODE_NONE;
        else
            above = above || (zero && node_is_number(g, e));
    }
    if (!above || !below)
        return NODE_NONE;
    return node_is_scalar(g, args[1]) ? g->zero
                                      : node_zero(g, node_shape(g, args[1]));
}

static Node rebuild_core(Graph *g, Node n, const Node args[])
{
    int count = node_count(g, n);
    OpId op = op_of(g, n);
    switch (op) {
    case OP_SUM:
        return rebuild_sum(g, count, args);
    case OP_MONO: {
        Node y = zero_by_norm(g, n, count, args);
        return y == NODE_NONE ? rebuild_mono(g, count, args) : y;
    }
    case OP_HAD:
        return rebuild_had(g, count, args);
    case OP_CHAIN:
        return node_product(g, count, args);
    case OP_TRANS:
        return node_transpose(g, args[0]);
    case OP_INDEX:
        return node_index(g, args[0], args[1], args[2]);
    case OP_RANGE:
        return node_range(g, args[0], args[1], args[2]);
    case OP_STACK:
        return node_stack(g, count, args);
    case OP_JOIN:
        return node_join(g, count, args);
    case OP_UNIT:
        return node_unit(g, node_shape(g, n).rows, args[0]);
    case OP_CALL:
        return rules_rewrite(g, rebuild_plain(g, n, args));
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
        return node_compare_op(g, op, args[0], args[1]);
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return logic_apply(g, op, count, args);
    case OP_LOOP:
    case OP_IF:
    case OP_PROJ:
    case OP_HIST:
        return binder_rebuild(g, n, args);
    default:
        return rebuild_plain(g, n, args);
    }
}

Node node_rebuild(Graph *g, Node n, const Node args[])
{
    int count = node_count(g, n);
    bool same = true;
    for (int i = 0; i < count && same; i++)
        same = arg_of(g, n, (uint32_t)i) == args[i];
    if (same)
        return n;
    OpId op = op_of(g, n);
    if (op_table[op].class != CLASS_CORE)
        return node_apply(g, op, count, args);
    return rebuild_core(g, n, args);
}

/* ---- substitution ---- */

typedef struct Substitution {
    Graph *g;
    Arena *arena;
    NodeMap done;
    Nodes stack;
    bool dims;    /* some from[i] is a dimension */
    bool symbols; /* some from[i] is a symbol that a size may hold */
} Substitution;

static bool answer_of(const Substitution *s, Node n, Node *y)
{
    return node_map_get(&s->done, n, y);
}

/* Of symbols only named dimensions stand in a closed lambda; its arguments
 * are its own. */
static bool is_foreign_lambda(const Substitution *s, Node n)
{
    return op_of(s->g, n) == OP_LAMBDA && !s->symbols &&
           node_attr(s->g, n, 0) > 0;
}

static bool needs_visit(const Substitution *s, Node n, int *sides, Node side[2])
{
    *sides = s->dims ? dim_nodes(s->g, n, side) : 0;
    if (is_foreign_lambda(s, n))
        return false;
    return s->g->row[n].nargs > 0 || *sides > 0;
}

/* The dimension d after the substitution. */
static Dim new_dim(const Substitution *s, Dim d)
{
    Node y;
    if (d >= 0 || !answer_of(s, (Node)~d, &y))
        return d;
    return dim_of_node(s->g, y);
}

/* A leaf of the new shape. */
static Node reshape_leaf(const Substitution *s, Node n)
{
    Graph *g = s->g;
    Shape old = node_shape(g, n);
    Shape now = {new_dim(s, old.rows), new_dim(s, old.cols)};
    if (shape_same(old, now))
        return n;
    switch (op_of(g, n)) {
    case OP_ONES:
        return node_ones(g, now.rows);
    case OP_IDENT:
        return node_identity(g, now.rows);
    case OP_ZERO:
        return node_zero(g, now);
    case OP_SYM:
        return node_symbol(g, node_symbol_name(g, n), now,
                           node_symbol_flags(g, n));
    default: {
        int count = node_attr_count(g, n);
        uint32_t *attr =
            arena_alloc(s->arena, ((size_t)count + 1) * sizeof *attr);
        for (int i = 0; i < count; i++)
            attr[i] = node_attr(g, n, i);
        return node_intern(g, op_of(g, n), now, 0, NULL, count, attr);
    }
    }
}

static Node replace_node(Substitution *s, Node n)
{
    Graph *g = s->g;
    int count = node_count(g, n);
    if (count == 0)
        return reshape_leaf(s, n);
    ArenaMark mark = arena_mark(s->arena);
    Node *args = arena_alloc(s->arena, (size_t)count * sizeof *args);
    for (int i = 0; i < count; i++)
        if (!answer_of(s, arg_of(g, n, (uint32_t)i), &args[i]))
            args[i] = arg_of(g, n, (uint32_t)i);
    Node y;
    if (op_of(g, n) == OP_UNIT)
        y = node_unit(g, new_dim(s, node_shape(g, n).rows), args[0]);
    else
        y = node_rebuild(g, n, args);
    arena_reset(s->arena, mark);
    return y;
}

static void substitute_all(Substitution *s, Node root)
{
    Graph *g = s->g;
    VEC_PUSH_IN(s->arena, &s->stack, root);
    while (s->stack.count) {
        POLL();
        Node n = s->stack.at[s->stack.count - 1], side[2], y;
        int sides;
        if (answer_of(s, n, &y)) {
            s->stack.count--;
            continue;
        }
        bool ready = true;
        if (needs_visit(s, n, &sides, side)) {
            uint32_t count = g->row[n].nargs;
            for (uint32_t i = 0; i < count + (uint32_t)sides; i++) {
                Node a = i < count ? arg_of(g, n, i) : side[i - count];
                if (op_of(g, a) != OP_NUM && !answer_of(s, a, &y)) {
                    VEC_PUSH_IN(s->arena, &s->stack, a);
                    ready = false;
                }
            }
        }
        if (!ready)
            continue;
        node_map_set(&s->done, n,
                     is_foreign_lambda(s, n) ? n : replace_node(s, n));
        s->stack.count--;
    }
}

/* The memo lies in the scratch arena, below what the constructors called
 * take and give back there. */
Node node_substitute(Graph *g, Node n, int count, const Node from[],
                     const Node to[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Substitution s = {.g = g, .arena = g->scratch};
    s.done = node_map_in(s.arena);
    for (int i = 0; i < count; i++) {
        node_map_set(&s.done, from[i], to[i]);
        s.dims = s.dims || node_is_integer(g, from[i]);
        s.symbols = s.symbols || (op_of(g, from[i]) == OP_SYM &&
                                  node_is_integer(g, from[i]));
    }
    substitute_all(&s, n);
    Node y = NODE_NONE;
    answer_of(&s, n, &y);
    arena_reset(g->scratch, mark);
    return y;
}

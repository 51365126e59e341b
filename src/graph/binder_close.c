/*
 * binder_close.c - from an open body to a closed lambda
 */
#include "graph/binder_close.h"

#include <assert.h>

#include "graph/internal.h"
#include "graph/walk.h"

typedef VEC(Node) Nodes;

typedef struct Closer {
    Graph *g;
    Arena *arena;
    int level; /* of the variables; -1: captures are leaves */
    NodeMap seen;
    Nodes stack;
    Nodes from, value; /* a capture, and what it stands for */
    int variables;     /* of an IF */
    const Node *variable, *stands_for;
    Node condition;       /* of an IF */
    Nodes entry, of_line; /* of an IF: an entry, and the same of its line */
    int line_level;       /* of the variables that stand for lines */
} Closer;

unsigned binder_flags(Graph *g, Node n)
{
    unsigned flags =
        node_symbol_flags(g, n) & ~(unsigned)(SYM_DIMENSION | SYM_PLACEHOLDER);
    if (node_is_integer(g, n))
        flags |= SYM_INTEGER;
    Sign s = node_sign(g, n);
    if (s == SIGN_POSITIVE)
        flags |= SYM_POSITIVE;
    if (s == SIGN_NONNEGATIVE)
        flags |= SYM_NONNEGATIVE;
    return flags;
}

bool binder_holds_arg(const Graph *g, Node n)
{
    if (op_of(g, n) == OP_ARG)
        return true;
    depth_check();
    for (uint32_t i = 0; i < g->row[n].nargs; i++)
        if (binder_holds_arg(g, arg_of(g, n, i)))
            return true;
    return false;
}

/* Made of numbers and named dimensions alone: it is inside what it is
 * outside, as the dimensions in shapes are. */
static bool is_of_dimensions(const Graph *g, Node n, int deep)
{
    OpId op = op_of(g, n);
    if (op == OP_SYM)
        return node_symbol_flags(g, n) & SYM_DIMENSION;
    if (node_is_constant(g, n))
        return true;
    if (deep == 0 || g->row[n].nargs == 0 || g->row[n].size > 64)
        return false;
    for (uint32_t i = 0; i < g->row[n].nargs; i++)
        if (!is_of_dimensions(g, arg_of(g, n, i), deep - 1))
            return false;
    return true;
}

static bool shape_is_free(const Graph *g, Shape s)
{
    return (s.rows >= 0 || node_level(g, (Node)~s.rows) == 0) &&
           (s.cols >= 0 || node_level(g, (Node)~s.cols) == 0);
}

static bool stays_inside(const Closer *c, Node n)
{
    const Graph *g = c->g;
    switch (op_of(g, n)) {
    case OP_LAMBDA:
    case OP_ALL:
        return true;
    case OP_ONES:
    case OP_IDENT:
    case OP_ZERO:
        return shape_is_free(g, node_shape(g, n));
    default:
        return node_is_constant(g, n) || is_of_dimensions(g, n, 8);
    }
}

static void add_capture(Closer *c, Node n, Node value)
{
    if (!shape_is_free(c->g, node_shape(c->g, n)))
        error_raise(SPAN_NONE, ERR_TRACE,
                    "the size of an array inside of a loop depends on the "
                    "index of an outer loop");
    VEC_PUSH_IN(c->arena, &c->from, n);
    VEC_PUSH_IN(c->arena, &c->value, value);
}

/*
 * Of a choice: leaves, and entries and lines of arrays whose places are surely
 * there, which are the indices of open loops.
 */
static bool is_choice_leaf(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    if (op == OP_SYM || op == OP_BV)
        return true;
    if (op != OP_INDEX)
        return false;
    OpId base = op_of(g, arg_of(g, n, 0));
    if (base != OP_SYM && base != OP_BV)
        return false;
    for (uint32_t i = 1; i < 3; i++) {
        OpId place = op_of(g, arg_of(g, n, i));
        if (place != OP_ALL && place != OP_BV && place != OP_NUM)
            return false;
    }
    return true;
}

/* An entry of a variable, or at one: what they stand for is captured. */
static bool is_entry_of_variable(const Closer *c, Node n)
{
    if (op_of(c->g, n) != OP_INDEX)
        return false;
    for (int i = 0; i < c->variables; i++)
        for (uint32_t k = 0; k < 3; k++)
            if (c->variable[i] == arg_of(c->g, n, k))
                return true;
    return false;
}

/* Is a position a polynomial in indices and dimensions? */
static bool is_plain_position(const Graph *g, Node n, int deep)
{
    OpId op = op_of(g, n);
    if (op == OP_SYM || op == OP_BV || op == OP_NUM)
        return true;
    if (deep == 0 || (op != OP_SUM && op != OP_MONO) || g->row[n].size > 64)
        return false;
    for (uint32_t i = 0; i < g->row[n].nargs; i++)
        if (!is_plain_position(g, arg_of(g, n, i), deep - 1))
            return false;
    return true;
}

/* Does the condition compare k with something?  It may see to it that the
 * place k is there. */
static bool guards(Closer *c, Node k)
{
    const Graph *g = c->g;
    Nodes stack = {0};
    NodeMap seen = node_map_in(c->arena);
    uint32_t known;
    VEC_PUSH_IN(c->arena, &stack, c->condition);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        POLL();
        if (n == k)
            return true;
        if (op_of(g, n) == OP_INDEX || node_level(g, n) < node_level(g, k) ||
            node_map_get(&seen, n, &known))
            continue;
        node_map_set(&seen, n, 1);
        for (uint32_t i = 0; i < g->row[n].nargs; i++)
            VEC_PUSH_IN(c->arena, &stack, arg_of(g, n, i));
    }
    return false;
}

/*
 * The line of a variable array in which an entry n of it stands, if the line
 * is surely there, or NODE_NONE: A[:, k] of A[i + j, k].
 */
static Node line_of_entry(Closer *c, Node n)
{
    Graph *g = c->g;
    if (c->level >= 0 || op_of(g, n) != OP_INDEX || is_choice_leaf(g, n))
        return NODE_NONE;
    Node a = arg_of(g, n, 0);
    Shape s = node_shape(g, a);
    if (s.rows == 1 || s.cols == 1)
        return NODE_NONE;
    for (uint32_t side = 1; side < 3; side++) {
        Node at[] = {NODE_NONE, g->all, g->all};
        at[side] = arg_of(g, n, side);
        if (op_of(g, at[side]) != OP_BV || guards(c, at[side]) ||
            !is_plain_position(g, arg_of(g, n, 3 - side), 8))
            continue;
        Node line = node_index(g, a, at[1], at[2]);
        if (is_choice_leaf(g, line) && !is_entry_of_variable(c, line))
            return line;
    }
    return NODE_NONE;
}

/* Captures the line instead of the whole array: the derivative is a line. */
static void capture_line(Closer *c, Node n, Node line)
{
    Graph *g = c->g;
    Shape s = node_shape(g, line);
    Node v = node_bv(g, c->line_level, (int)c->entry.count, s,
                     binder_flags(g, line));
    Node row = s.rows == 1 ? g->one : arg_of(g, n, 1);
    Node col = s.rows == 1 ? arg_of(g, n, 2) : g->one;
    VEC_PUSH_IN(c->arena, &c->entry, n);
    VEC_PUSH_IN(c->arena, &c->of_line, node_index(g, v, row, col));
    add_capture(c, v, line);
}

/* Goes into n, captures it, or leaves it inside. */
static void meet(Closer *c, Node n)
{
    Graph *g = c->g;
    uint32_t known;
    if (node_map_get(&c->seen, n, &known))
        return;
    node_map_set(&c->seen, n, 1);
    if (stays_inside(c, n))
        return;
    for (int i = 0; i < c->variables; i++)
        if (c->variable[i] == n) {
            add_capture(c, n, c->stands_for[i]);
            return;
        }
    Node line = line_of_entry(c, n);
    if (line != NODE_NONE) {
        capture_line(c, n, line);
        for (uint32_t i = 1; i < 3; i++)
            meet(c, arg_of(g, n, i));
        return;
    }
    bool capture = c->level < 0
                       ? is_choice_leaf(g, n) && !is_entry_of_variable(c, n)
                       : node_level(g, n) < c->level && op_of(g, n) != OP_RANGE;
    if (capture)
        add_capture(c, n, n);
    else
        VEC_PUSH_IN(c->arena, &c->stack, n);
}

static void find_captures(Closer *c, int n, const Node roots[])
{
    for (int i = 0; i < n; i++)
        meet(c, roots[i]);
    while (c->stack.count) {
        POLL();
        Node a = c->stack.at[--c->stack.count];
        for (uint32_t i = 0; i < c->g->row[a].nargs; i++)
            meet(c, arg_of(c->g, a, i));
    }
}

/* The distinct values, in order; *count of them. */
static Node *sorted_values(Closer *c, int *count)
{
    Node *v = ARENA_ARRAY(c->arena, Node, c->value.count + 1);
    size_t n = 0;
    NodeMap known = node_map_in(c->arena);
    uint32_t seen;
    for (size_t i = 0; i < c->value.count; i++) {
        if (node_map_get(&known, c->value.at[i], &seen))
            continue;
        node_map_set(&known, c->value.at[i], 1);
        v[n++] = c->value.at[i];
    }
    nodes_sort(c->g, v, n, 1, 0);
    *count = (int)n;
    return v;
}

/*
 * The lambda over results: the nodes own[0..nown-1] are its first arguments,
 * the captures those after them.
 */
static Node close_results(Closer *c, int n, const Node results[], int nown,
                          const Node own[], int ncapture, const Node capture[])
{
    Graph *g = c->g;
    int nargs = nown + ncapture;
    uint32_t *attr = ARENA_ARRAY(c->arena, uint32_t, (size_t)nargs + 1);
    Node *arg = ARENA_ARRAY(c->arena, Node, (size_t)nargs + 1);
    NodeMap place = node_map_in(c->arena);
    attr[0] = (uint32_t)nargs;
    for (int k = 0; k < nargs; k++) {
        Node of = k < nown ? own[k] : capture[k - nown];
        attr[1 + k] = k < nown ? node_symbol_flags(g, of) : binder_flags(g, of);
        uint32_t words[] = {(uint32_t)k, attr[1 + k]};
        arg[k] = node_intern(g, OP_ARG, node_shape(g, of), 0, NULL, 2, words);
        if (k >= nown)
            node_map_set(&place, of, (uint32_t)k);
    }
    size_t count = c->from.count;
    Node *from = ARENA_ARRAY(c->arena, Node, count + (size_t)nown + 1);
    Node *to = ARENA_ARRAY(c->arena, Node, count + (size_t)nown + 1);
    for (int k = 0; k < nown; k++) {
        from[k] = own[k];
        to[k] = arg[k];
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t k = 0;
        node_map_get(&place, c->value.at[i], &k);
        from[(size_t)nown + i] = c->from.at[i];
        to[(size_t)nown + i] = arg[k];
    }
    Node tuple = node_tuple(g, n, results);
    if (c->entry.count)
        tuple = node_substitute(g, tuple, (int)c->entry.count, c->entry.at,
                                c->of_line.at);
    tuple = node_substitute(g, tuple, nown + (int)count, from, to);
    Node *y = node_args_copy(g, tuple, c->arena);
    return node_intern(g, OP_LAMBDA, SHAPE_SCALAR, n, y, 1 + nargs, attr);
}

/* The results of the lambda of a loop in their order. */
static Node *loop_lambda_results(Closer *c, const LoopSpec *s, int *count)
{
    Node *y = ARENA_ARRAY(c->arena, Node, 3 * (size_t)s->results + 1);
    int n = 0;
    for (int k = 0; k < s->results; k++) {
        const LoopResult *r = &s->result[k];
        y[n++] = r->value;
        if (k >= s->carried) {
            y[n++] = r->row;
            y[n++] = r->col;
        }
    }
    *count = n;
    return y;
}

Node loop_close(Graph *g, const LoopSpec *s)
{
    ArenaMark mark = arena_mark(g->scratch);
    Closer c = {.g = g, .arena = g->scratch, .level = s->level};
    c.seen = node_map_in(c.arena);
    int nown = 1 + s->carried, n, p;
    Node *own = ARENA_ARRAY(c.arena, Node, (size_t)nown);
    own[0] = s->index;
    for (int k = 0; k < s->carried; k++)
        own[1 + k] = s->result[k].variable;
    for (int k = 0; k < nown; k++)
        node_map_set(&c.seen, own[k], 1);
    Node *results = loop_lambda_results(&c, s, &n);
    find_captures(&c, n, results);
    Node *capture = sorted_values(&c, &p);
    Node lambda = close_results(&c, n, results, nown, own, p, capture);
    int m = s->results, k = 0;
    Node *args = ARENA_ARRAY(c.arena, Node, (size_t)(2 + m + p));
    args[k++] = s->count;
    args[k++] = lambda;
    for (int i = 0; i < m; i++)
        args[k++] = s->result[i].base;
    for (int i = 0; i < p; i++)
        args[k++] = capture[i];
    uint32_t *attr = ARENA_ARRAY(c.arena, uint32_t, (size_t)m + 3);
    attr[0] = s->down;
    attr[1] = (uint32_t)s->carried;
    attr[2] = (uint32_t)m;
    for (int i = 0; i < m; i++)
        attr[3 + i] = s->result[i].role;
    Node y = node_intern(g, OP_LOOP, SHAPE_SCALAR, k, args, 3 + m, attr);
    assert(node_level(g, y) < s->level);
    arena_reset(g->scratch, mark);
    return y;
}

Node choice_close(Graph *g, Node condition, int n, const Node a[],
                  const Node b[], int variables, const Node variable[],
                  const Node value[])
{
    ArenaMark mark = arena_mark(g->scratch);
    Closer c = {.g = g, .arena = g->scratch, .level = -1};
    c.seen = node_map_in(c.arena);
    c.variables = variables;
    c.variable = variable;
    c.stands_for = value;
    c.condition = condition;
    Node parts[] = {condition, node_tuple(g, n, a), node_tuple(g, n, b),
                    node_tuple(g, variables, variable)};
    c.line_level = binder_level(g, 4, parts);
    find_captures(&c, n, a);
    find_captures(&c, n, b);
    int p;
    Node *capture = sorted_values(&c, &p);
    Node *args = ARENA_ARRAY(c.arena, Node, (size_t)p + 3);
    args[0] = condition;
    args[1] = close_results(&c, n, a, 0, NULL, p, capture);
    args[2] = close_results(&c, n, b, 0, NULL, p, capture);
    for (int i = 0; i < p; i++)
        args[3 + i] = capture[i];
    Node y = node_intern(g, OP_IF, SHAPE_SCALAR, 3 + p, args, 0, NULL);
    arena_reset(g->scratch, mark);
    return y;
}

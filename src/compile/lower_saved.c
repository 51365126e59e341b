/*
 * lower_saved.c - values of a loop that a later one would compute again
 *
 * The derivative of a loop reads its histories and computes what the turn
 * computed once more.  Its body is put in terms of the first one's: a read of
 * a history is the carried variable.  Functions, products and solves that are
 * then nodes of the first body become stacks that the first loop fills; the
 * rest, sums and products of numbers, is cheaper to compute than to keep.
 */
#include "compile/loop.h"

#include "graph/binder_close.h"
#include "graph/walk.h"

/* Entries of all stacks for one loop; of one value. */
enum { SAVED_MOST = 1 << 21, SAVED_VALUE_MOST = 1 << 12 };

typedef VEC(Node) Nodes;

/* In the order in which they are found: the same in every session. */
typedef struct Body {
    NodeMap set;
    Nodes list;
} Body;

typedef struct Match {
    Lower *l;
    Node first, later; /* loops */
    int count;
    Node *from, *to;  /* in the later body, in the first */
    NodeMap from_map; /* those in `from` */
    Body inside;      /* nodes of the first body */
    NodeMap fits;     /* of the later body: can be put in terms of the first */
} Match;

/* ---- which nodes ---- */

static bool is_function(OpId op)
{
    switch (op) {
    case OP_ABS:
    case OP_SIGN:
    case OP_STEP:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_MAX:
    case OP_MIN:
        return false;
    default:
        return op_table[op].class == CLASS_ELEMENTWISE;
    }
}

static bool is_costly(Lower *l, Node n)
{
    OpId op = node_op(l->g, n);
    bool costly = is_function(op) || op == OP_CHAIN || op == OP_SOFTMAX ||
                  op == OP_LOGSUMEXP || op == OP_INV || op == OP_DET ||
                  op == OP_LOGDET;
    if (!costly || node_count(l->g, n) == 0)
        return false;
    int rows, cols;
    lower_shape(l, n, &rows, &cols);
    bool flat = rows == 1 || cols == 1 || op != OP_CHAIN;
    return flat && (int64_t)rows * cols <= SAVED_VALUE_MOST;
}

static void push_operands(Lower *l, Nodes *stack, Node n)
{
    for (int i = 0; i < node_count(l->g, n); i++)
        if (node_op(l->g, node_arg(l->g, n, i)) != OP_LAMBDA)
            VEC_PUSH_IN(l->a, stack, node_arg(l->g, n, i));
}

/* The nodes of a body, without those that stand below a node of `stop`. */
static Body nodes_of(Lower *l, Node lambda, const NodeMap *stop)
{
    Nodes stack = {0};
    Body y = {node_map_in(l->a), {0}};
    uint32_t known;
    push_operands(l, &stack, lambda);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        POLL();
        if (node_map_get(&y.set, n, &known))
            continue;
        node_map_set(&y.set, n, 1);
        VEC_PUSH_IN(l->a, &y.list, n);
        if (!stop || !node_map_get(stop, n, &known))
            push_operands(l, &stack, n);
    }
    return y;
}

/* ---- the later body in terms of the first ---- */

static void pair(Match *m, Node from, Node to)
{
    m->from[m->count] = from;
    m->to[m->count++] = to;
    node_map_set(&m->from_map, from, 1);
}

static void pair_capture(Match *m, int j)
{
    Graph *g = m->l->g;
    Node x = loop_capture(g, m->later, j);
    Node f = loop_lambda(g, m->later), to = loop_lambda(g, m->first);
    int carried = loop_carried(g, m->first);
    Node arg =
        lambda_arg(g, f, 1 + loop_carried(g, m->later) + j, node_shape(g, x));
    if (node_op(g, x) == OP_HIST && node_arg(g, x, 0) == m->first) {
        int k = result_number(g, x);
        Shape s = node_shape(g, loop_base(g, m->first, k));
        Node index = lambda_arg(g, f, 0, SHAPE_SCALAR);
        pair(m, hist_block(g, arg, s.cols, index), lambda_arg(g, to, 1 + k, s));
        return;
    }
    for (int k = 0; k < loop_captures(g, m->first); k++)
        if (loop_capture(g, m->first, k) == x) {
            pair(m, arg, lambda_arg(g, to, 1 + carried + k, node_shape(g, x)));
            return;
        }
}

static void pair_all(Match *m)
{
    Graph *g = m->l->g;
    int captures = loop_captures(g, m->later);
    m->from = ARENA_ARRAY(m->l->a, Node, 2 * (size_t)captures + 2);
    m->to = m->from + captures + 1;
    pair(m, lambda_arg(g, loop_lambda(g, m->later), 0, SHAPE_SCALAR),
         lambda_arg(g, loop_lambda(g, m->first), 0, SHAPE_SCALAR));
    for (int j = 0; j < captures; j++)
        pair_capture(m, j);
}

enum { OPEN, NO, YES };

static uint32_t fit(const Match *m, Node n)
{
    uint32_t known = OPEN;
    if (node_map_get(&m->from_map, n, &known))
        return YES;
    if (node_op(m->l->g, n) == OP_LAMBDA)
        return YES;
    if (node_op(m->l->g, n) == OP_ARG)
        return NO;
    return node_map_get(&m->fits, n, &known) ? known : OPEN;
}

/* Do all leaves of n have a place in the first body? */
static bool fits_first(Match *m, Node root)
{
    Graph *g = m->l->g;
    Nodes stack = {0};
    VEC_PUSH_IN(m->l->a, &stack, root);
    while (stack.count) {
        Node n = stack.at[stack.count - 1];
        uint32_t answer = YES;
        size_t before = stack.count;
        POLL();
        for (int i = 0; i < node_count(g, n) && fit(m, n) == OPEN; i++) {
            uint32_t a = fit(m, node_arg(g, n, i));
            if (a == OPEN)
                VEC_PUSH_IN(m->l->a, &stack, node_arg(g, n, i));
            if (a == NO)
                answer = NO;
        }
        if (stack.count > before)
            continue;
        if (fit(m, n) == OPEN)
            node_map_set(&m->fits, n, answer);
        stack.count--;
    }
    return fit(m, root) == YES;
}

/* The node of the first body that has the value of n, or NODE_NONE. */
static Node counterpart(Match *m, Node n)
{
    uint32_t known;
    if (!is_costly(m->l, n) || !fits_first(m, n))
        return NODE_NONE;
    Node y = node_substitute(m->l->g, n, m->count, m->from, m->to);
    return node_map_get(&m->inside.set, y, &known) ? y : NODE_NONE;
}

/* ---- stacks ---- */

static int64_t add_saved(Match *m, Node outer, Node inner, int64_t turns)
{
    Lower *l = m->l;
    Saved s = {.from = m->first,
               .inner = inner,
               .to = m->later,
               .outer = outer,
               .turns = turns};
    lower_shape(l, outer, &s.rows, &s.cols);
    VEC_PUSH_IN(l->a, &l->saved, s);
    return (int64_t)s.rows * s.cols * turns;
}

static void match(Lower *l, Node first, Node later, int64_t turns)
{
    Graph *g = l->g;
    Match m = {.l = l, .first = first, .later = later};
    m.from_map = node_map_in(l->a);
    m.fits = node_map_in(l->a);
    m.inside = nodes_of(l, loop_lambda(g, first), NULL);
    pair_all(&m);
    Node f = loop_lambda(g, later);
    Body all = nodes_of(l, f, NULL);
    NodeMap found = node_map_in(l->a);
    for (size_t i = 0; i < all.list.count; i++) {
        Node y = counterpart(&m, all.list.at[i]);
        if (y != NODE_NONE)
            node_map_set(&found, all.list.at[i], y);
    }
    Body used = nodes_of(l, f, &found);
    int64_t total = 0;
    for (size_t i = 0; i < used.list.count && total <= SAVED_MOST; i++) {
        Node inner;
        if (node_map_get(&found, used.list.at[i], &inner))
            total += add_saved(&m, used.list.at[i], inner, turns);
    }
}

/* Is capture j a history of the loop of which an earlier one is too? */
static bool is_met(const Graph *g, Node later, int j)
{
    Node first = node_arg(g, loop_capture(g, later, j), 0);
    for (int i = 0; i < j; i++) {
        Node x = loop_capture(g, later, i);
        if (node_op(g, x) == OP_HIST && node_arg(g, x, 0) == first)
            return true;
    }
    return false;
}

/* Is there one program for all turns, and how many are there? */
static bool is_plain(Lower *l, Node n, int64_t *turns)
{
    return loop_carried(l->g, n) > 0 &&
           lower_integer(l, loop_count(l->g, n), turns) && *turns >= 2 &&
           *turns <= SAVED_MOST && !lower_turns_differ(l, n);
}

void lower_find_saved(Lower *l)
{
    Graph *g = l->g;
    for (size_t i = 0; i < l->loops.count; i++) {
        Node later = l->loops.at[i];
        int64_t turns;
        if (!is_plain(l, later, &turns))
            continue;
        for (int j = 0; j < loop_captures(g, later); j++) {
            Node x = loop_capture(g, later, j);
            if (node_op(g, x) == OP_HIST && !is_met(g, later, j) &&
                loop_count(g, node_arg(g, x, 0)) == loop_count(g, later) &&
                is_plain(l, node_arg(g, x, 0), &turns))
                match(l, node_arg(g, x, 0), later, turns);
        }
    }
}

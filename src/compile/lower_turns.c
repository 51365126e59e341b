/*
 * lower_turns.c - loops whose arrays have sizes that the index decides
 *
 * In sum(i = 1:n, sum(w[1:i])^2) the body has another shape in each turn, and
 * programs have concrete shapes: such a loop is written out, its index being
 * a number in each turn.
 */
#include "compile/loop.h"
#include "graph/binder.h"

/* ---- which loops ---- */

/* Arguments of a LAMBDA that follow from the index of the loop. */
typedef VEC(Node) Followers;

static bool follows(Lower *l, const Followers *f, Node root)
{
    NodeSet seen = {0};
    VEC(Node) stack = {0};
    VEC_PUSH_IN(l->a, &stack, root);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        if (lower_seen(l, &seen, n) || node_op(l->g, n) == OP_LAMBDA)
            continue;
        for (size_t i = 0; i < f->count; i++)
            if (f->at[i] == n)
                return true;
        for (int i = 0; i < node_count(l->g, n); i++)
            VEC_PUSH_IN(l->a, &stack, node_arg(l->g, n, i));
    }
    return false;
}

static bool sides_follow(Lower *l, const Followers *f, Node lambda);

/* The same question for the lambdas of a LOOP or IF.  Where it decides about
 * an inner count, inner bodies that differ by their index ask for it too. */
static bool inner_follows(Lower *l, const Followers *f, Node n)
{
    Graph *g = l->g;
    bool loop = node_op(g, n) == OP_LOOP;
    int count = loop ? loop_captures(g, n) : choice_captures(g, n);
    depth_check();
    for (int arm = 0; arm < (loop ? 1 : 2); arm++) {
        Node lambda = loop ? loop_lambda(g, n) : node_arg(g, n, 1 + arm);
        Followers inner = {0};
        if (loop && follows(l, f, loop_count(g, n)))
            VEC_PUSH_IN(l->a, &inner, lambda_arg(g, lambda, 0, SHAPE_SCALAR));
        for (int k = 0; k < count; k++) {
            Node x = loop ? loop_capture(g, n, k) : choice_capture(g, n, k);
            int at = loop ? 1 + loop_carried(g, n) + k : k;
            if (node_is_scalar(g, x) && follows(l, f, x))
                VEC_PUSH_IN(l->a, &inner,
                            lambda_arg(g, lambda, at, SHAPE_SCALAR));
        }
        if (inner.count > 0 && sides_follow(l, &inner, lambda))
            return true;
    }
    return false;
}

static bool side_follows(Lower *l, const Followers *f, Dim d)
{
    return d < 0 && follows(l, f, (Node)~d);
}

static bool sides_follow(Lower *l, const Followers *f, Node lambda)
{
    Graph *g = l->g;
    NodeSet seen = {0};
    VEC(Node) stack = {0};
    VEC_PUSH_IN(l->a, &stack, lambda);
    while (stack.count) {
        Node n = stack.at[--stack.count];
        OpId op = node_op(g, n);
        POLL();
        if (lower_seen(l, &seen, n) || (op == OP_LAMBDA && n != lambda))
            continue;
        Shape s = node_shape(g, n);
        if (n != lambda &&
            (side_follows(l, f, s.rows) || side_follows(l, f, s.cols)))
            return true;
        if ((op == OP_LOOP || op == OP_IF) && inner_follows(l, f, n))
            return true;
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(l->a, &stack, node_arg(g, n, i));
    }
    return false;
}

bool lower_turns_differ(Lower *l, Node n)
{
    Followers index = {0};
    Node f = loop_lambda(l->g, n);
    VEC_PUSH_IN(l->a, &index, lambda_arg(l->g, f, 0, SHAPE_SCALAR));
    return sides_follow(l, &index, f);
}

/* ---- turn by turn ---- */

enum { TURNS_MOST = 2000 };

/* The base with the value of one turn taken in: a loop of one turn. */
static Node take_in(Graph *g, LoopRole role, Node base, Node value, Node row,
                    Node col)
{
    Node parts[] = {base, value, row, col}, y;
    int level = binder_level(g, 4, parts);
    LoopResult r = {
        .role = role, .base = base, .value = value, .row = row, .col = col};
    LoopSpec s = {
        .level = level,
        .count = node_int(g, 1),
        .index = node_bv(g, level, 0, SHAPE_SCALAR, SYM_INTEGER | SYM_POSITIVE),
        .results = 1,
        .result = &r};
    if (role == LOOP_ADD && node_op(g, row) == OP_ALL &&
        node_op(g, col) == OP_ALL)
        return node_add(g, base, value);
    node_loop(g, &s, &y);
    return y;
}

/* now[k] of each result after all turns; past[k][t] of carried ones before
 * the turn with index t + 1. */
static void run_turns(Lower *l, Node n, int turns, Node now[], Node *past[])
{
    Graph *g = l->g;
    int results = loop_results(g, n), carried = loop_carried(g, n);
    int captures = loop_captures(g, n);
    Node *capture = ARENA_ARRAY(l->a, Node, (size_t)captures + 1);
    for (int k = 0; k < captures; k++)
        capture[k] = loop_capture(g, n, k);
    for (int k = 0; k < results; k++)
        now[k] = loop_base(g, n, k);
    for (int t = 0; t < turns; t++) {
        int at = loop_is_down(g, n) ? turns - 1 - t : t;
        POLL();
        LoopBody b =
            loop_open_with(g, n, node_int(g, at + 1), now, capture, l->a);
        for (int k = 0; k < results; k++) {
            if (k < carried)
                past[k][at] = now[k];
            now[k] = k < carried ? b.value[k]
                                 : take_in(g, loop_role(g, n, k), now[k],
                                           b.value[k], b.row[k], b.col[k]);
        }
    }
}

/* A history stands column block by column block, so their entries follow. */
static Step history(Lower *l, int turns, const Node past[])
{
    int rows, cols;
    Step *part = ARENA_ARRAY(l->a, Step, (size_t)turns);
    Place *place = ARENA_ARRAY(l->keep, Place, (size_t)turns);
    for (int t = 0; t < turns; t++)
        part[t] = lower_node(l, past[t]);
    lower_shape(l, past[0], &rows, &cols);
    for (int t = 0; t < turns; t++)
        place[t] = (Place){0, t * cols};
    return step_make(l, STEP_PLACE, rows, turns * cols, turns, part,
                     (uint64_t)(uintptr_t)place);
}

/*
 * The results one after the other and then the histories, STEP_NONE: the
 * turns do not differ.
 */
Step lower_turns(Lower *l, Node n, int64_t turns)
{
    Graph *g = l->g;
    if (turns < 1 || !lower_turns_differ(l, n))
        return STEP_NONE;
    if (turns > TURNS_MOST)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "a loop of %lld turns whose arrays grow with its index; "
                    "`if` in the body keeps their sizes",
                    (long long)turns);
    int results = loop_results(g, n), carried = loop_carried(g, n);
    Node *now = ARENA_ARRAY(l->a, Node, (size_t)results + 1);
    Node **past = ARENA_ARRAY(l->a, Node *, (size_t)carried + 1);
    Step *y = ARENA_ARRAY(l->a, Step, (size_t)(results + carried) + 1);
    for (int k = 0; k < carried; k++)
        past[k] = ARENA_ARRAY(l->a, Node, (size_t)turns);
    run_turns(l, n, (int)turns, now, past);
    for (int k = 0; k < results; k++)
        y[k] = lower_node(l, now[k]);
    for (int k = 0; k < carried; k++)
        y[results + k] = lower_reads_history(l, n, k)
                             ? history(l, (int)turns, past[k])
                             : y[k];
    return step_make(l, STEP_TUPLE, 1, 1, results + carried, y, 0);
}

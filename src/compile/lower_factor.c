/*
 * lower_factor.c - sums in lanes, with what their terms share outside
 *
 * A derivative by the chain rule is f'(s)*(a + b + c), where the graph has
 * f'(s)*a + f'(s)*b + f'(s)*c; the sum in brackets often stands in other
 * derivatives too.  A factor of several terms, and a number that is the
 * coefficient of all, are therefore taken out.  What was made stable by the
 * terms as they are stays as it is: divisions by norms and by sums of
 * exponentials.
 */
#include "compile/lower.h"
#include "graph/walk.h"

enum { FACTOR_TERMS = 64, FACTOR_DEPTH = 32 };

typedef struct Factored {
    Lower *l;
    Graph *g;
    int count;
    Node *coefficient, *term;
} Factored;

static int64_t whole_exponent(const Graph *g, Node mono, int i)
{
    int64_t e = 0;
    Node k = node_arg(g, mono, i + 1);
    if (!node_is_number(g, k) || !value_to_int(node_number_value(g, k), &e))
        return 0;
    return e;
}

/* Is the base f divided by a norm in this term, for the sake of its range? */
static bool goes_with_norm(Lower *l, Node mono, Node f)
{
    Graph *g = l->g;
    for (int i = 2; i + 1 < node_count(g, mono); i += 2) {
        Step norm;
        if (lower_lane_norm(l, lower_node(l, node_arg(g, mono, i)), &norm) &&
            lower_lane_shares(l, norm, lower_node(l, f)))
            return true;
    }
    return false;
}

/* Where the factor f of the term stands that may be taken out, or 0. */
static int place_of(const Factored *s, Node term, Node f)
{
    Graph *g = s->g;
    if (node_op(g, term) != OP_MONO)
        return 0;
    for (int i = 2; i + 1 < node_count(g, term); i += 2)
        if (node_arg(g, term, i) == f)
            return whole_exponent(g, term, i) > 0 &&
                           !goes_with_norm(s->l, term, f)
                       ? i
                       : 0;
    return 0;
}

/* The term without one factor of those at place i.  It is built anew: times
 * the reciprocal, exp(x) would become exp(x)*exp(-x). */
static Node without(const Factored *s, Node term, int i)
{
    Graph *g = s->g;
    Node *f = node_args_copy(g, term, s->l->a);
    f[i + 1] = node_sub(g, f[i + 1], node_int(g, 1));
    return node_rebuild(g, term, f);
}

static int count_factor(const Factored *s, Node f)
{
    int n = 0;
    for (int i = 0; i < s->count; i++)
        n += place_of(s, s->term[i], f) > 0;
    return n;
}

/* The factor of most terms, of two at least; or NODE_NONE. */
static Node best_factor(const Factored *s)
{
    Graph *g = s->g;
    Node best = NODE_NONE;
    int most = 1;
    for (int i = 0; i + most < s->count; i++) {
        Node t = s->term[i];
        POLL();
        for (int k = 2; node_op(g, t) == OP_MONO && k + 1 < node_count(g, t);
             k += 2) {
            Node f = node_arg(g, t, k);
            int n = count_factor(s, f);
            if (n > most) {
                most = n;
                best = f;
            }
        }
    }
    return best;
}

/* f*(the terms that have it, without it) + the others */
static Step take_factor(const Factored *s, Node f)
{
    Graph *g = s->g;
    Node *in = ARENA_ARRAY(s->l->a, Node, (size_t)s->count);
    Node *out = ARENA_ARRAY(s->l->a, Node, (size_t)s->count);
    int nin = 0, nout = 0;
    for (int i = 0; i < s->count; i++) {
        Node c = s->coefficient[i], t = s->term[i];
        int place = place_of(s, t, f);
        if (place > 0)
            in[nin++] = node_scale(g, c, without(s, t, place));
        else
            out[nout++] = node_scale(g, c, t);
    }
    Step y = step_each2(s->l, STEP_MUL, lower_node(s->l, f),
                        lower_node(s->l, node_sum(g, nin, in)));
    if (nout == 0)
        return y;
    Step rest = lower_node(s->l, node_sum(g, nout, out));
    return step_each2(s->l, STEP_ADD, rest, y);
}

/* c*(the terms, each with 1 or -1), if that is the coefficient of all. */
static Step take_number(const Factored *s)
{
    Graph *g = s->g;
    Node c = s->coefficient[0], minus = node_neg(g, c);
    double p, q;
    if (node_is_int(g, c, 1) || node_is_int(g, c, -1))
        return STEP_NONE;
    for (int i = 1; i < s->count; i++)
        if (s->coefficient[i] != c && s->coefficient[i] != minus)
            return STEP_NONE;
    Node *t = ARENA_ARRAY(s->l->a, Node, (size_t)s->count);
    for (int i = 0; i < s->count; i++)
        t[i] = s->coefficient[i] == c ? s->term[i] : node_neg(g, s->term[i]);
    lower_ratio(node_number_value(g, c), &p, &q);
    Step y = lower_node(s->l, node_sum(g, s->count, t));
    y = step_each2(s->l, STEP_MUL, step_number(s->l, p), y);
    return lower_quotient(s->l, STEP_DIV, y, step_number(s->l, q));
}

static bool shares_exponentials(const Factored *s)
{
    for (int i = 0; i < s->count; i++) {
        uint64_t used;
        if (node_op(s->g, s->term[i]) == OP_MONO &&
            lower_share(s->l, s->term[i], 2, &used) != STEP_NONE)
            return true;
    }
    return false;
}

static Step factored(Lower *l, Node n, int count)
{
    Factored s = {l, l->g, count, ARENA_ARRAY(l->a, Node, (size_t)count),
                  ARENA_ARRAY(l->a, Node, (size_t)count)};
    for (int i = 0; i < count; i++) {
        s.coefficient[i] = node_arg(l->g, n, 2 * i);
        s.term[i] = node_arg(l->g, n, 2 * i + 1);
    }
    Step y = take_number(&s);
    Node f = y == STEP_NONE ? best_factor(&s) : NODE_NONE;
    if (f == NODE_NONE || shares_exponentials(&s))
        return y;
    return take_factor(&s, f);
}

/* Sums within sums have fewer factors each time; beyond a depth they stay. */
Step lower_factored(Lower *l, Node n)
{
    int count = node_count(l->g, n) / 2;
    if (count < 2 || count > FACTOR_TERMS || l->factoring == FACTOR_DEPTH)
        return STEP_NONE;
    depth_check();
    l->factoring++;
    Step y = factored(l, n, count);
    l->factoring--;
    return y;
}

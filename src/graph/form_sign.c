/*
 * form_sign.c - which sum takes a minus, and which sign was typed
 */
#include "graph/form.h"
#include "graph/quick.h"
#include "graph/print.h"

Node form_untransposed(const Graph *g, Node n)
{
    return node_op(g, n) == OP_TRANS ? node_arg(g, n, 0) : n;
}

bool form_is_odd(const Graph *g, Node e)
{
    if (!node_is_number(g, e))
        return false;
    Value v = node_number_value(g, e);
    return v.kind == VAL_INT && v.integer % 2 != 0;
}

static bool has_minus(const Graph *g, Node sum)
{
    for (int i = 0; i < node_count(g, sum); i += 2)
        if (form_is_negative(g, node_arg(g, sum, i)))
            return true;
    return false;
}

static const void *typed_key(Node n)
{
    return (const void *)((uintptr_t)n + 1);
}

static void remember(Graph *g, Node n, uintptr_t when)
{
    if (g->typed_generation != graph_generation(g)) {
        table_free(&g->typed);
        g->typed = (Table){0};
        g->typed_generation = graph_generation(g);
    }
    table_set(&g->typed, typed_key(n), (void *)when);
}

/* Only sums of which -n is another sum have a choice of sign. */
Node print_typed(Graph *g, Node n)
{
    if (n == NODE_NONE || node_op(g, n) != OP_SUM || node_count(g, n) > 64)
        return n;
    remember(g, n, ++g->typed_count);
    return n;
}

static uintptr_t when_typed(Graph *g, Node n)
{
    return g->typed_generation == graph_generation(g)
               ? (uintptr_t)table_get(&g->typed, typed_key(n))
               : 0;
}

Node print_typed_as(Graph *g, Node like, Node n)
{
    if (n == NODE_NONE || node_op(g, like) != OP_SUM)
        return n;
    uintptr_t mine = when_typed(g, like);
    if (when_typed(g, node_neg(g, like)) > mine)
        print_typed(g, node_neg(g, n));
    else if (mine)
        print_typed(g, n);
    return n;
}

/*
 * In a product the constructors turn a sum to the sign of its least term.
 * The sum that was typed is remembered, or at least it is a node, too, made
 * before the turned one.  This is the one place where history shows, and
 * only in a sign that could be either.
 */
bool form_flip_typed(Forms *f, Node s)
{
    Graph *g = f->graph;
    if (!has_minus(g, s))
        return false;
    size_t before = graph_count(g);
    Node other = node_neg(g, s);
    bool had = graph_count(g) == before;
    uintptr_t mine = when_typed(g, s), its = when_typed(g, other);
    if (mine != its)
        return its > mine;
    if (had)
        return other < s;
    remember(g, s, 1); /* so that it has this sign the next time, too */
    return false;
}

/* A number, or a multiple of ones or I, that is added in the sum. */
static bool adds_constant(const Graph *g, Node sum)
{
    for (int i = 0; i < node_count(g, sum); i += 2) {
        Node t = node_arg(g, sum, i + 1);
        OpId op = node_op(g, t);
        if (op == OP_MONO)
            op = node_op(g, node_arg(g, t, 1));
        if (!form_is_negative(g, node_arg(g, sum, i)) &&
            (op == OP_ONES || op == OP_IDENT || node_is_number(g, t)))
            return true;
    }
    return false;
}

static int rank_sum(Forms *f, Node s)
{
    if (!has_minus(f->graph, s))
        return FLIP_NEVER;
    if (form_flip_typed(f, s))
        return FLIP_TYPED;
    return adds_constant(f->graph, s) ? FLIP_POOR : FLIP_GOOD;
}

static bool is_odd_function(OpId op)
{
    switch ((int)op) {
    case OP_SIGN:
    case OP_SIN:
    case OP_TAN:
    case OP_ASIN:
    case OP_ATAN:
    case OP_SINH:
    case OP_TANH:
    case OP_ASINH:
    case OP_ATANH:
    case OP_ERF:
        return true;
    default:
        return false;
    }
}

/* -f(s) is f(-s) where f is odd; written so if -s was typed. */
static int rank_odd(Forms *f, Node n)
{
    Node s = node_arg(f->graph, n, 0);
    bool typed = node_op(f->graph, s) == OP_SUM && form_flip_typed(f, s);
    return typed ? FLIP_TYPED : FLIP_NEVER;
}

static int rank_had(Forms *f, Node n);
static int rank_part(Forms *f, Node n);

/* Of a factor of a chain that is no sum. */
static int rank_factor(Forms *f, Node n)
{
    OpId op = node_op(f->graph, n);
    if (op == OP_HAD)
        return rank_had(f, n);
    if (op == OP_DIAG || op == OP_DIAGOF || op == OP_TR) {
        /* diag(s) and -diag(-s) are two nodes while s is a sum. */
        Node a = node_arg(f->graph, n, 0);
        bool sum = node_op(f->graph, form_untransposed(f->graph, a)) == OP_SUM;
        return sum ? FLIP_NEVER : rank_part(f, a);
    }
    return is_odd_function(op) ? rank_odd(f, n) : FLIP_NEVER;
}

void form_chain_sums(Forms *f, Node chain, ChainSums *y)
{
    Graph *g = f->graph;
    int n = node_count(g, chain);
    y->count = y->rank = 0;
    y->chosen = NODE_NONE;
    for (int i = 0; i < n; i++) {
        Node s = form_untransposed(g, node_arg(g, chain, i));
        if (node_op(g, s) != OP_SUM) {
            int rank = rank_factor(f, s);
            if (rank > y->rank) {
                y->rank = rank;
                y->chosen = s;
            }
            continue;
        }
        int k = 0;
        while (k < y->count && y->sum[k] != s)
            k++;
        if (k == CHAIN_SUMS)
            continue;
        if (k == y->count) {
            y->sum[y->count++] = s;
            y->times[k] = 0;
        }
        y->times[k]++;
    }
    for (int k = 0; k < y->count && y->count < CHAIN_SUMS; k++) {
        int rank = y->times[k] % 2 ? rank_sum(f, y->sum[k]) : FLIP_NEVER;
        if (rank > y->rank) {
            y->rank = rank;
            y->chosen = y->sum[k];
        }
    }
}

unsigned form_chain_variant(Forms *f, const ChainSums *s, Node n, bool flip)
{
    n = form_untransposed(f->graph, n);
    if (flip && n == s->chosen)
        return FORM_FLIP;
    if (node_op(f->graph, n) != OP_SUM)
        return FORM_PLAIN;
    for (int k = 0; k < s->count && s->count < CHAIN_SUMS; k++)
        if (s->sum[k] == n && s->times[k] % 2 == 0)
            return form_flip_typed(f, n) ? FORM_FLIP : FORM_PLAIN;
    return FORM_PLAIN;
}

/* Of a part of a product: a sum, its transpose, a chain, ... */
static int rank_part(Forms *f, Node n)
{
    depth_check();
    n = form_untransposed(f->graph, n);
    if (node_op(f->graph, n) == OP_SUM)
        return rank_sum(f, n);
    if (node_op(f->graph, n) != OP_CHAIN)
        return rank_factor(f, n);
    ChainSums s;
    form_chain_sums(f, n, &s);
    return s.rank;
}

/* Of the factors from operand i on, with their exponents. */
static int rank_factors(Forms *f, Node n, int i)
{
    Graph *g = f->graph;
    int best = FLIP_NEVER;
    for (; i + 1 < node_count(g, n) && best < FLIP_TYPED; i += 2) {
        Node e = node_arg(g, n, i + 1);
        if (!form_is_odd(g, e) || form_is_negative(g, e))
            continue;
        int rank = rank_part(f, node_arg(g, n, i));
        best = rank > best ? rank : best;
    }
    return best;
}

static int rank_had(Forms *f, Node n)
{
    return rank_factors(f, n, 0);
}

int form_flip_rank(Forms *f, Node n)
{
    Graph *g = f->graph;
    n = form_untransposed(g, n);
    if (node_op(g, n) != OP_MONO)
        return rank_part(f, n);
    int body = rank_part(f, node_arg(g, n, 1));
    int rest = rank_factors(f, n, 2);
    return body > rest ? body : rest;
}

bool form_is_square(Graph *g, Node n, Node *half)
{
    Node c = node_op(g, n) == OP_TR ? node_arg(g, n, 0) : n;
    int count = node_op(g, c) == OP_CHAIN ? node_count(g, c) : 0;
    if (count < 2 || count > 64 || count % 2 ||
        (c == n && !node_is_scalar(g, n)))
        return false;
    for (int i = 0; 2 * i < count; i++)
        if (node_transpose(g, node_arg(g, c, i)) !=
            node_arg(g, c, count - 1 - i))
            return false;
    Node part[64];
    for (int i = count / 2; i < count; i++)
        part[i - count / 2] = node_arg(g, c, i);
    *half = node_product(g, count / 2, part);
    if (node_op(g, n) == OP_TR && node_op(g, *half) == OP_TRANS)
        *half = node_arg(g, *half, 0);
    return true;
}

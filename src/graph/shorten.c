/*
 * shorten.c - candidates, costs, proofs
 */
#include "graph/shorten.h"

#include "graph/binder.h"
#include "graph/entrywise.h"
#include "graph/identity.h"
#include "graph/internal.h"
#include "graph/kernel.h"
#include "graph/print.h"
#include "graph/rewrite.h"
#include "graph/simplify.h"
#include "graph/walk.h"
#include "value/number.h"

#define SIZE_MOST 400 /* of a formula that is written in kernels */
#define IMAGE_MOST 1000
#define REGIONS_DEEP 3
#define TERMS_FEW 8
#define TERMS_MOST 1000
#define PROOFS 300    /* in one run */
#define WORK 2000000u /* in one set of kernels */
#define FACTOR_WORK 2500000u
#define FACTORINGS 4 /* that may end without factors */

typedef struct Shorten {
    Graph *g;
    Arena *arena;
    NodeMap done;
    int proofs;    /* still allowed */
    int factoring; /* how many may still end without factors */
    bool choices;  /* the formula has some */
    bool same;     /* no wider domain */
    uint32_t cost; /* of the formula that is looked at */
} Shorten;

/* The forms that are tried for one formula, with their costs. */
typedef struct Candidates {
    Shorten *s;
    NodeList node;
} Candidates;

static void propose(Candidates *c, Node n)
{
    if (n == NODE_NONE)
        return;
    for (size_t i = 0; i < c->node.count; i++)
        if (c->node.at[i] == n)
            return;
    VEC_PUSH_IN(c->s->arena, &c->node, n);
}

/* NODE_NONE where factors are much work, or there are none. */
static Node factored(Shorten *s, Node n)
{
    Node y = NODE_NONE;
    Protect p;
    if (s->factoring == 0)
        return y;
    if (PROTECT(&p)) {
        y = poly_factor_within(s->g, n, FACTOR_WORK);
        protect_end(&p);
        return y;
    }
    ErrorCode code = context_error()->code;
    if (code == ERR_INTERRUPT || code == ERR_MEMORY)
        error_again();
    if (code == ERR_LIMIT)
        s->factoring--;
    return NODE_NONE;
}

/* n and what the algebra of rational functions makes of it. */
static void propose_algebra(Candidates *c, Node n)
{
    Graph *g = c->s->g;
    if (n == NODE_NONE)
        return;
    propose(c, n);
    /* What is much longer does not get short enough by factors. */
    if (node_print_cost(g, n) > 3 * c->s->cost + 20)
        return;
    Node one = poly_cancel(g, n);
    propose(c, one);
    propose(c, rewrite_tangents(g, n));
    propose(c, rewrite_powers(g, n));
    propose(c, node_expand(g, n));
    propose(c, node_textbook(g, n));
    propose(c, node_textbook(g, one));
    propose(c, factored(c->s, n));
}

/* ---- in kernels ---- */

/* The shortest of the formulas proposed. */
static Node shortest(Candidates *c)
{
    Node y = NODE_NONE;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < c->node.count; i++) {
        uint32_t cost = node_print_cost(c->s->g, c->node.at[i]);
        if (cost < least) {
            y = c->node.at[i];
            least = cost;
        }
    }
    return y;
}

static Node in_region(Shorten *s, Kernels *k, Node n);

/*
 * y, which was found where f has this sign, if the formula has no value on the
 * other side: y may have none there either, else it would add some.
 */
static Node one_sided(Shorten *s, Kernels *k, Node f, int sign, Node y)
{
    size_t at = k->region.count;
    if (y == NODE_NONE)
        return y;
    VEC_PUSH_IN(s->arena, &k->region, ((Assumed){f, -sign}));
    Node other = in_region(s, k, y);
    k->region.count = at;
    return other == NODE_NONE ? y : NODE_NONE;
}

static Node joined_regions(Shorten *s, Kernels *k, Node n)
{
    Graph *g = s->g;
    Node f = k->want, y[2], way;
    size_t at = k->region.count;
    Candidates c = {.s = s};
    if (at >= REGIONS_DEEP)
        return NODE_NONE;
    for (int i = 0; i < 2; i++) {
        VEC_PUSH_IN(s->arena, &k->region, ((Assumed){f, i ? -1 : 1}));
        y[i] = in_region(s, k, n);
        k->region.count = at;
    }
    if (y[0] == y[1])
        return y[0];
    if (y[1] == NODE_NONE)
        return one_sided(s, k, f, 1, y[0]);
    if (y[0] == NODE_NONE)
        return one_sided(s, k, f, -1, y[1]);
    f = kernel_restore(k, f);
    for (int i = 0; (way = rewrite_joined(g, f, y[0], y[1], i)) != NODE_NONE;
         i++)
        propose_algebra(&c, way);
    if (s->choices) {
        propose(&c,
                node_if(g, node_compare_op(g, OP_LT, g->zero, f), y[0], y[1]));
        propose(&c,
                node_if(g, node_compare_op(g, OP_LE, g->zero, f), y[0], y[1]));
    }
    return shortest(&c);
}

/* The shortest form found in the region; NODE_NONE if it has no value. */
static Node in_region(Shorten *s, Kernels *k, Node n)
{
    Candidates c = {.s = s};
    Node u;
    int tries = 0;
    do {
        kernels_begin(k);
        k->refine = false;
        u = kernel_image(k, n);
        if (k->want != NODE_NONE)
            return joined_regions(s, k, n);
    } while (k->refine && ++tries < 8);
    u = kernel_clean(k, u);
    /* What is far longer does not get short in other functions. */
    if (k->undefined || k->refine ||
        node_size(s->g, u) > IMAGE_MOST + 40 * s->cost)
        return NODE_NONE;
    propose_algebra(&c, kernel_restore(k, u));
    propose_algebra(&c, rewrite_hyperbolic(k, u));
    if (k->pairs)
        propose_algebra(&c, rewrite_angles(k, u));
    return shortest(&c);
}

/* ---- one formula ---- */

typedef bool Test(Graph *g, Node n);

/* Is there a part of which the test is true? */
static bool has_part(Shorten *s, Node n, Test *test)
{
    Graph *g = s->g;
    NodeMap seen = node_map_in(s->arena);
    NodeList stack = {0};
    uint32_t mark;
    VEC_PUSH_IN(s->arena, &stack, n);
    while (stack.count) {
        n = stack.at[--stack.count];
        if (test(g, n))
            return true;
        if (node_map_get(&seen, n, &mark))
            continue;
        node_map_set(&seen, n, 1);
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(s->arena, &stack, node_arg(g, n, i));
    }
    return false;
}

static bool is_float(Graph *g, Node n)
{
    return node_is_number(g, n) && coef_is_float(g, n);
}

static bool is_choice(Graph *g, Node n)
{
    return node_op(g, n) == OP_IF;
}

/* One way of proposing; limits of the work end it without a proposal. */
static void propose_kernels(Candidates *c, Node n, bool pairs, bool sines)
{
    Shorten *s = c->s;
    Protect p;
    if (PROTECT(&p)) {
        Kernels k;
        kernels_new(&k, s->g, s->arena, WORK);
        k.pairs = pairs;
        k.sines = sines;
        propose(c, in_region(s, &k, n));
        protect_end(&p);
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY) {
        error_again();
    }
}

static void propose_plain(Candidates *c, Node n)
{
    Protect p;
    if (PROTECT(&p)) {
        propose_algebra(c, n);
        protect_end(&p);
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY) {
        error_again();
    }
}

/* The shortest candidate that is proved equal to n. */
static Node best_proved(Candidates *c, Node n)
{
    Graph *g = c->s->g;
    uint32_t cost = node_print_cost(g, n);
    while (c->node.count > 0 && c->s->proofs > 0) {
        Node y = shortest(c);
        if (node_print_cost(g, y) >= cost)
            break;
        c->s->proofs--;
        if (node_proves(g, n, y, c->s->same))
            return y;
        for (size_t i = 0; i < c->node.count; i++)
            if (c->node.at[i] == y)
                c->node.at[i] = c->node.at[--c->node.count];
    }
    return n;
}

/* What the algebra of fractions finds needs no proof. */
static Node best_plain(Candidates *c, Node n)
{
    Node y = shortest(c);
    bool less = y != NODE_NONE &&
                node_print_cost(c->s->g, y) < node_print_cost(c->s->g, n);
    return less ? y : n;
}

static Node shorten_scalar(Shorten *s, Node n)
{
    Candidates c = {.s = s};
    POLL();
    if (node_is_number(s->g, n) || node_op(s->g, n) == OP_SYM ||
        has_part(s, n, is_float))
        return n;
    s->cost = node_print_cost(s->g, n);
    propose_plain(&c, n);
    if (node_size(s->g, n) > SIZE_MOST)
        return s->same ? n : best_plain(&c, n);
    propose_kernels(&c, n, false, false);
    propose_kernels(&c, n, true, false);
    propose_kernels(&c, n, true, true);
    return best_proved(&c, n);
}

/* ---- long sums ---- */

static uint32_t group_of(uint32_t of[], uint32_t i)
{
    while (of[i] != i)
        i = of[i] = of[of[i]];
    return i;
}

/* Terms that share a symbol, directly or by others, get one group. */
static uint32_t *group_terms(Shorten *s, const Node args[], uint32_t terms)
{
    uint32_t *of = ARENA_ARRAY(s->arena, uint32_t, terms);
    NodeMap holder = node_map_in(s->arena);
    for (uint32_t i = 0; i < terms; i++) {
        Node *symbol;
        int n = node_symbols(s->g, args[2 * i + 1], s->arena, &symbol);
        of[i] = i;
        for (int k = 0; k < n; k++) {
            uint32_t other;
            POLL();
            if (node_map_get(&holder, symbol[k], &other))
                of[group_of(of, i)] = group_of(of, other);
            else
                node_map_set(&holder, symbol[k], i);
        }
    }
    return of;
}

/* A long sum: the parts that have no symbol in common. */
static Node shorten_groups(Shorten *s, Node n)
{
    Graph *g = s->g;
    uint32_t terms = (uint32_t)node_count(g, n) / 2;
    Node *args = node_args_copy(g, n, s->arena);
    uint32_t *of = group_terms(s, args, terms);
    NodeList parts = {0};
    for (uint32_t i = 0; i < terms; i++) {
        NodeList part = {0};
        if (group_of(of, i) != i)
            continue;
        for (uint32_t j = 0; j < terms; j++)
            if (group_of(of, j) == i)
                VEC_PUSH_IN(s->arena, &part,
                            node_scale(g, args[2 * j], args[2 * j + 1]));
        Node y = node_sum(g, (int)part.count, part.at);
        bool whole = part.count == terms || node_size(g, y) > SIZE_MOST;
        VEC_PUSH_IN(s->arena, &parts, whole ? y : shorten_scalar(s, y));
    }
    Node y = node_sum(g, (int)parts.count, parts.at);
    return node_print_cost(g, y) < node_print_cost(g, n) ? y : n;
}

/* ---- all parts ---- */

static Node shorten_node(Shorten *s, Node n);

/* A comparison or what is made of some: the sides of each. */
static Node shorten_condition(Shorten *s, Node c)
{
    Graph *g = s->g;
    int count = node_count(g, c);
    Node *args = node_args_copy(g, c, s->arena);
    depth_check();
    switch ((int)node_op(g, c)) {
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        for (int i = 0; i < count; i++)
            args[i] = shorten_condition(s, args[i]);
        return node_rebuild(g, c, args);
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
        for (int i = 0; i < count; i++)
            args[i] = shorten_node(s, args[i]);
        return node_compare_op(g, node_op(g, c), args[0], args[1]);
    default:
        return c;
    }
}

/* A PROJ: its condition and arms, if it is one of a choice. */
static Node shorten_choice(Shorten *s, Node n)
{
    Graph *g = s->g;
    Node choice = node_arg(g, n, 0), arm[2];
    if (node_op(g, choice) != OP_IF ||
        !node_is_scalar(g, node_arg(g, choice, 0)))
        return n;
    for (int i = 0; i < 2; i++) {
        Node *open = choice_open(g, choice, i, s->arena);
        arm[i] = shorten_node(s, open[result_number(g, n)]);
    }
    Node c = shorten_condition(s, node_arg(g, choice, 0));
    return node_if(g, c, arm[0], arm[1]);
}

/* An array by the formula of its entry. */
static Node shorten_array(Shorten *s, Node n)
{
    Graph *g = s->g;
    Entries e = entries_new(g, s->arena, node_shape(g, n));
    Node y = node_textbook(g, n), u = entry_formula(&e, n);
    for (size_t i = 0; i < e.array.count; i++)
        if (e.array.at[i] == n)
            return y;
    Node v = entry_array(&e, shorten_node(s, u));
    if (v == NODE_NONE)
        return y;
    return node_print_cost(g, v) < node_print_cost(g, y) ? v : y;
}

/* p*x + p*y as p*(x + y), for a longest p: all factors but the last. */
static Node gather_products(Shorten *s, Node n)
{
    Graph *g = s->g;
    int count = node_op(g, n) == OP_SUM ? node_count(g, n) : 0;
    Node *args = node_args_copy(g, n, s->arena), y = g->zero;
    bool gathered = false;
    for (int i = 0; i < count; i += 2) {
        Node t = args[i + 1];
        if (t == NODE_NONE)
            continue;
        if (node_op(g, t) != OP_CHAIN) {
            y = node_add(g, y, node_scale(g, args[i], t));
            continue;
        }
        int k = node_count(g, t);
        Node *f = node_args_copy(g, t, s->arena);
        Node p = node_product(g, k - 1, f),
             x = node_scale(g, args[i], f[k - 1]);
        bool more = false;
        for (int j = i + 2; j < count; j += 2) {
            if (args[j + 1] == NODE_NONE || node_op(g, args[j + 1]) != OP_CHAIN)
                continue;
            f = node_args_copy(g, args[j + 1], s->arena);
            if (node_count(g, args[j + 1]) != k ||
                node_product(g, k - 1, f) != p)
                continue;
            x = node_add(g, x, node_scale(g, args[j], f[k - 1]));
            args[j + 1] = NODE_NONE;
            more = true;
        }
        gathered = gathered || more;
        y = node_add(g, y, node_mul(g, p, more ? shorten_array(s, x) : x));
    }
    return gathered && node_print_cost(g, y) < node_print_cost(g, n) ? y : n;
}

static Node shorten_node(Shorten *s, Node n)
{
    Graph *g = s->g;
    uint32_t known;
    depth_check();
    if (node_map_get(&s->done, n, &known))
        return known;
    int count = node_count(g, n);
    Node *args = node_args_copy(g, n, s->arena), y = n;
    bool changed = false, binder = false;
    switch ((int)node_op(g, n)) {
    case OP_NUM:
    case OP_SYM:
    case OP_CONST:
    case OP_LAMBDA:
    case OP_LOOP:
    case OP_IF:
        binder = true;
        break;
    case OP_PROJ:
        binder = true;
        y = shorten_choice(s, n);
    }
    for (int i = 0; i < count && !binder; i++) {
        Node a = shorten_node(s, args[i]);
        changed = changed || a != args[i];
        args[i] = a;
    }
    if (changed)
        y = node_rebuild(g, n, args);
    y = gather_products(s, y);
    if (node_op(g, y) == OP_SUM && node_is_scalar(g, y) &&
        node_count(g, y) > 2 * TERMS_FEW && node_count(g, y) <= 2 * TERMS_MOST)
        y = shorten_groups(s, y);
    if (node_is_scalar(g, y))
        y = shorten_scalar(s, y);
    else
        y = shorten_array(s, y);
    if (node_print_cost(g, y) > node_print_cost(g, n))
        y = n;
    node_map_set(&s->done, n, y);
    return y;
}

static Node shorten(Graph *g, Node n, bool same)
{
    Arena *a = arena_local();
    Shorten s = {.g = g,
                 .arena = a,
                 .done = node_map_in(a),
                 .proofs = PROOFS,
                 .factoring = FACTORINGS,
                 .same = same};
    s.choices = has_part(&s, n, is_choice);
    Node y = shorten_node(&s, n);
    /* Parts in a new form may belong together now. */
    if (y != n)
        y = shorten_node(&s, y);
    arena_free(a);
    return y;
}

Node node_shorten(Graph *g, Node n)
{
    Node y = shorten(g, n, false), exact, z;
    if (!shorten_floats_out(g, y, &exact) ||
        !shorten_floats_in(g, shorten(g, exact, false), &z))
        return y;
    return node_print_cost(g, z) < node_print_cost(g, y) ? z : y;
}

Node node_shorten_same(Graph *g, Node n)
{
    return shorten(g, n, true);
}

/*
 * factor.c - common factors of a sum: MATRIX.md section 6, step 3
 *
 * Every term is seen as coefficient * scalar factors * a chain of arrays.  A
 * candidate is a factor that several terms share; the one that saves most
 * printed nodes is taken out, then the rest is looked at again.
 */
#include "graph/textbook.h"
#include "graph/quick.h"

#define FACTOR_TERMS 64
#define FACTOR_KEYS 96
#define LONG_SUM 8

typedef struct TermView {
    Node coefficient, term; /* the term without its coefficient */
    Node body;              /* array, or NUM 1 */
    int scalars;
    Node *base, *exponent;
    int factors;
    Node *factor; /* of the body, or of the one scalar chain */
    int chain;    /* which scalar factor that chain is, or -1 */
} TermView;

typedef enum KeyKind {
    KEY_FIRST, /* F*...: a scalar chain also from behind */
    KEY_LAST,
    KEY_SCALAR,
    KEY_BODY,
    KEY_HAD
} KeyKind;

typedef struct Key {
    KeyKind kind;
    Node node;
    bool below;     /* KEY_SCALAR, KEY_HAD: exponents < 0 */
    int seen;       /* in so many places; a factor of one term is no key */
    uint64_t terms; /* that have it: a bit each */
} Key;

typedef struct FactorWork {
    Textbook *t;
    Graph *g;
    bool scalar, polynomial;
    int n;
    TermView view[FACTOR_TERMS];
    int nkeys;
    Key key[FACTOR_KEYS];
} FactorWork;

/* ---- views ---- */

static void view_chain(FactorWork *w, TermView *v, Node c)
{
    Graph *g = w->g;
    bool chain = node_op(g, c) == OP_CHAIN;
    v->factors = chain ? node_count(g, c) : 1;
    v->factor = ARENA_ARRAY(w->t->arena, Node, (size_t)v->factors);
    for (int i = 0; i < v->factors; i++)
        v->factor[i] = chain ? node_arg(g, c, i) : c;
}

static void view_scalars(FactorWork *w, TermView *v)
{
    Graph *g = w->g;
    Node t = v->term;
    bool mono = node_op(g, t) == OP_MONO;
    v->scalars = mono ? node_count(g, t) / 2 - 1 : w->scalar;
    v->base = ARENA_ARRAY(w->t->arena, Node, (size_t)v->scalars + 1);
    v->exponent = ARENA_ARRAY(w->t->arena, Node, (size_t)v->scalars + 1);
    for (int i = 0; i < v->scalars; i++) {
        v->base[i] = mono ? node_arg(g, t, 2 * i + 2) : t;
        v->exponent[i] = mono ? node_arg(g, t, 2 * i + 3) : node_int(g, 1);
    }
    if (!mono && w->scalar && node_is_number(g, t))
        v->scalars = 0;
}

static void view_term(FactorWork *w, TermView *v, Node c, Node t)
{
    Graph *g = w->g;
    bool mono = node_op(g, t) == OP_MONO;
    v->coefficient = c;
    v->term = t;
    v->body = mono ? node_arg(g, t, 1) : w->scalar ? node_int(g, 1) : t;
    v->chain = -1;
    v->factors = 0;
    view_scalars(w, v);
    if (!w->scalar) {
        view_chain(w, v, v->body);
        return;
    }
    for (int i = 0; i < v->scalars; i++)
        if (node_op(g, v->base[i]) == OP_CHAIN &&
            node_is_one(g, v->exponent[i])) {
            v->chain = i;
            view_chain(w, v, v->base[i]);
            return;
        }
}

/* The product of the scalar factors but for one (-1: all). */
static Node scalars_but(FactorWork *w, const TermView *v, int but)
{
    Graph *g = w->g;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    p.coefficient = v->coefficient;
    for (int i = 0; i < v->scalars; i++)
        if (i != but)
            product_put_power(g, &p, v->base[i], v->exponent[i]);
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

static Node product_of(FactorWork *w, const TermView *v, int a, int b)
{
    Node y = v->factor[a];
    for (int i = a + 1; i < b; i++)
        y = node_mul(w->g, y, v->factor[i]);
    return y;
}

static bool is_unit(Graph *g, Node n)
{
    OpId op = node_op(g, form_untransposed(g, n));
    return op == OP_IDENT || op == OP_ONES;
}

/* ---- keys ---- */

static void add_key(FactorWork *w, KeyKind kind, Node node, bool below,
                    int term)
{
    uint64_t bit = (uint64_t)1 << term;
    for (int i = 0; i < w->nkeys; i++) {
        Key *k = &w->key[i];
        if (k->kind == kind && k->node == node && k->below == below) {
            k->seen++;
            k->terms |= bit;
            return;
        }
    }
    if (w->nkeys < FACTOR_KEYS)
        w->key[w->nkeys++] = (Key){kind, node, below, 1, bit};
}

static bool is_below(Graph *g, Node e)
{
    return node_is_number(g, e) && form_is_negative(g, e);
}

/* s*v, which is v.*(s*ones): the one cofactor of ones that is read. */
static bool is_scaled_column(Graph *g, const TermView *v)
{
    return v->scalars > 0 && node_is_column(g, v->body) &&
           node_op(g, v->body) != OP_HAD && !is_unit(g, v->body);
}

static void find_keys_of(FactorWork *w, const TermView *v)
{
    int term = (int)(v - w->view);
    Graph *g = w->g;
    if (v->factors > 1) {
        add_key(w, KEY_FIRST, v->factor[0], false, term);
        Node last = v->factor[v->factors - 1];
        if (w->scalar)
            add_key(w, KEY_FIRST, node_transpose(g, last), false, term);
        else
            add_key(w, KEY_LAST, last, false, term);
    }
    for (int i = 0; i < v->scalars; i++)
        add_key(w, KEY_SCALAR, v->base[i], is_below(g, v->exponent[i]), term);
    if (w->scalar)
        return;
    if (!is_unit(g, v->body))
        add_key(w, KEY_BODY, v->body, false, term);
    if (is_scaled_column(g, v))
        add_key(w, KEY_HAD, v->body, false, term);
    if (node_op(g, v->body) == OP_HAD)
        for (int i = 0; i < node_count(g, v->body); i += 2)
            add_key(w, KEY_HAD, node_arg(g, v->body, i),
                    is_below(g, node_arg(g, v->body, i + 1)), term);
}

/* ---- one candidate ---- */

/* The cofactor of v for a factor at the end of its chain; NODE_NONE: it does
 * not stand there, or nothing but ones is left. */
static Node chain_cofactor(FactorWork *w, const TermView *v, const Key *k)
{
    Graph *g = w->g;
    int n = v->factors;
    Node rest = NODE_NONE;
    if (n < 2)
        return NODE_NONE;
    if (k->kind == KEY_FIRST && v->factor[0] == k->node)
        rest = product_of(w, v, 1, n);
    else if (k->kind == KEY_FIRST && w->scalar &&
             node_transpose(g, v->factor[n - 1]) == k->node)
        rest = node_transpose(g, product_of(w, v, 0, n - 1));
    else if (k->kind == KEY_LAST && v->factor[n - 1] == k->node)
        rest = product_of(w, v, 0, n - 1);
    if (rest == NODE_NONE || is_unit(g, rest))
        return NODE_NONE;
    return node_mul(g, scalars_but(w, v, v->chain), rest);
}

/*
 * A had without its operand i.  Factors are left out, never divided by:
 * 1./exp(x) becomes exp(-x), which does not meet exp(x) again.
 */
static Node had_but(Graph *g, Node had, int but)
{
    Node y = NODE_NONE;
    for (int i = 0; i < node_count(g, had); i += 2) {
        if (i == but)
            continue;
        Node p =
            node_had_power(g, node_arg(g, had, i), node_arg(g, had, i + 1));
        y = y == NODE_NONE ? p : node_had(g, y, p);
    }
    return y;
}

static Node had_cofactor(FactorWork *w, const TermView *v, const Key *k)
{
    Graph *g = w->g;
    if (v->body == k->node && !k->below && is_scaled_column(g, v))
        return node_mul(g, scalars_but(w, v, -1),
                        node_ones(g, node_shape(g, v->body).rows));
    if (node_op(g, v->body) != OP_HAD)
        return NODE_NONE;
    for (int i = 0; i < node_count(g, v->body); i += 2) {
        Node e = node_arg(g, v->body, i + 1);
        if (node_arg(g, v->body, i) != k->node ||
            !(k->below ? node_is_int(g, e, -1) : node_is_one(g, e)))
            continue;
        Node rest = had_but(g, v->body, i);
        if (rest == NODE_NONE)
            return NODE_NONE;
        return node_mul(g, scalars_but(w, v, -1), rest);
    }
    return NODE_NONE;
}

/* ---- scalar factors ---- */

/* NODE_NONE too where the base stands twice, as in 2^z*sqrt(2). */
static Node exponent_of(const TermView *v, Node base)
{
    Node e = NODE_NONE;
    for (int i = 0; i < v->scalars; i++) {
        if (v->base[i] != base)
            continue;
        if (e != NODE_NONE)
            return NODE_NONE;
        e = v->exponent[i];
    }
    return e;
}

static bool is_inner(const Graph *g, Node base)
{
    OpId op = node_op(g, base);
    return op == OP_SUM || op == OP_SIGMOID || op == OP_TANH;
}

/*
 * The power of base that all members share: the exponent nearest to 0 if all
 * have one sign.  In a sum of scalars all exponents of a symbol must be the
 * same, so that polynomials stay polynomials.
 */
static Node shared_power(FactorWork *w, int n, TermView *const member[],
                         Node base)
{
    Graph *g = w->g;
    Node least = exponent_of(member[0], base);
    for (int i = 1; i < n && least != NODE_NONE; i++) {
        Node e = exponent_of(member[i], base);
        if (e == least)
            continue;
        if (e == NODE_NONE || (w->scalar && !is_inner(w->g, base)) ||
            !node_is_number(g, e) || !node_is_number(g, least) ||
            is_below(g, e) != is_below(g, least))
            return NODE_NONE;
        Value a = form_absolute(node_number_value(g, e));
        Value b = form_absolute(node_number_value(g, least));
        if (value_compare(a, b) == -1)
            least = e;
    }
    return least;
}

/* All scalars that the members share: bases of the first one, exponents. */
typedef struct Shared {
    int count;
    Node *base, *exponent;
} Shared;

static Shared find_shared(FactorWork *w, int n, TermView *const member[])
{
    const TermView *v = member[0];
    size_t room = (size_t)v->scalars + 1;
    Shared y = {0, ARENA_ARRAY(w->t->arena, Node, room),
                ARENA_ARRAY(w->t->arena, Node, room)};
    for (int i = 0; i < v->scalars; i++) {
        Node e = shared_power(w, n, member, v->base[i]);
        if (e == NODE_NONE)
            continue;
        y.base[y.count] = v->base[i];
        y.exponent[y.count++] = e;
    }
    return y;
}

static Node shared_product(FactorWork *w, const Shared *s)
{
    Graph *g = w->g;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    for (int i = 0; i < s->count; i++)
        product_put_power(g, &p, s->base[i], s->exponent[i]);
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

/* A member without the shared scalars. */
static Node without_shared(FactorWork *w, const TermView *v, const Shared *s)
{
    Graph *g = w->g;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    p.coefficient = v->coefficient;
    for (int i = 0; i < v->scalars; i++) {
        Node e = v->exponent[i];
        for (int j = 0; j < s->count; j++)
            if (s->base[j] == v->base[i])
                e = e == s->exponent[j] ? g->zero
                                        : node_sub(g, e, s->exponent[j]);
        if (!node_is_zero(g, e))
            product_put_power(g, &p, v->base[i], e);
    }
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return w->scalar ? y : node_mul(g, y, v->body);
}

static bool has_scalar(FactorWork *w, const TermView *v, const Key *k)
{
    Node e = exponent_of(v, k->node);
    return e != NODE_NONE && is_below(w->g, e) == k->below;
}

/* ---- building ---- */

typedef struct Split {
    int members;
    Node factor, rest; /* rest: the sum of the cofactors, */
    Node *part;        /* one for each member */
    Node *other;       /* terms that do not share */
    int others;
} Split;

static bool split_scalars(FactorWork *w, const Key *k, Split *s, Node part[])
{
    TermView *member[FACTOR_TERMS];
    s->members = s->others = 0;
    for (int i = 0; i < w->n; i++) {
        TermView *v = &w->view[i];
        if (has_scalar(w, v, k))
            member[s->members++] = v;
        else
            s->other[s->others++] = node_scale(w->g, v->coefficient, v->term);
    }
    if (s->members < 2)
        return false;
    Shared shared = find_shared(w, s->members, member);
    if (!shared.count)
        return false;
    s->factor = shared_product(w, &shared);
    for (int i = 0; i < s->members; i++)
        part[i] = without_shared(w, member[i], &shared);
    return true;
}

static Node cofactor_of(FactorWork *w, const TermView *v, const Key *k)
{
    switch (k->kind) {
    case KEY_FIRST:
    case KEY_LAST:
        return chain_cofactor(w, v, k);
    case KEY_HAD:
        return had_cofactor(w, v, k);
    default:
        return v->body == k->node ? scalars_but(w, v, -1) : NODE_NONE;
    }
}

static bool split_terms(FactorWork *w, const Key *k, Split *s, Node part[])
{
    s->members = s->others = 0;
    for (int i = 0; i < w->n; i++) {
        TermView *v = &w->view[i];
        Node rest = cofactor_of(w, v, k);
        if (rest != NODE_NONE)
            part[s->members++] = rest;
        else
            s->other[s->others++] = node_scale(w->g, v->coefficient, v->term);
    }
    s->factor = k->node;
    if (k->kind == KEY_HAD && k->below)
        s->factor = node_had_power(w->g, k->node, node_int(w->g, -1));
    return s->members > 1;
}

static bool split_by(FactorWork *w, const Key *k, Split *s)
{
    Node *part = s->part = ARENA_ARRAY(w->t->arena, Node, (size_t)w->n);
    s->other = ARENA_ARRAY(w->t->arena, Node, (size_t)w->n + 1);
    bool found = k->kind == KEY_SCALAR ? split_scalars(w, k, s, part)
                                       : split_terms(w, k, s, part);
    if (!found)
        return false;
    Shape shape = node_shape(w->g, part[0]);
    for (int i = 1; i < s->members; i++) {
        Shape other = node_shape(w->g, part[i]);
        if (other.rows != shape.rows || other.cols != shape.cols)
            return false;
    }
    s->rest = node_sum(w->g, s->members, part);
    return true;
}

static Node join_split(FactorWork *w, const Key *k, Split *s)
{
    Graph *g = w->g;
    Node y = k->kind == KEY_LAST || k->kind == KEY_BODY
                 ? node_mul(g, s->rest, s->factor)
             : k->kind == KEY_HAD ? node_had(g, s->factor, s->rest)
                                  : node_mul(g, s->factor, s->rest);
    s->other[s->others] = y;
    return node_sum(g, s->others + 1, s->other);
}

/* Printed nodes that a candidate must save. */
static int least_saving(Graph *g, const Key *k, const Split *s)
{
    bool all = s->others == 0;
    bool symmetric = s->members == 2 && node_op(g, s->rest) == OP_SUM &&
                     node_transpose(g, s->rest) == s->rest;
    if (k->kind == KEY_SCALAR)
        return k->below && all ? 0 : 1;
    if (k->kind == KEY_BODY)
        return 1;
    if (symmetric) /* (A + A')*x */
        return 1;
    return all ? 2 : 3;
}

/* ---- the search ---- */

/* Only powers of symbols with positive integer exponents? */
static bool is_polynomial(FactorWork *w)
{
    for (int i = 0; i < w->n; i++) {
        const TermView *v = &w->view[i];
        for (int j = 0; j < v->scalars; j++) {
            OpId op = node_op(w->g, v->base[j]);
            Node e = v->exponent[j];
            if ((op != OP_SYM && op != OP_INDEX) || !node_is_number(w->g, e) ||
                is_below(w->g, e))
                return false;
        }
    }
    return true;
}

static bool read_sum(FactorWork *w, Node sum)
{
    Graph *g = w->g;
    w->n = node_count(g, sum) / 2;
    w->scalar = node_is_scalar(g, sum);
    if (w->n > FACTOR_TERMS)
        return false;
    for (int i = 0; i < w->n; i++)
        view_term(w, &w->view[i], node_arg(g, sum, 2 * i),
                  node_arg(g, sum, 2 * i + 1));
    if (w->scalar && is_polynomial(w))
        return false;
    for (int i = 0; i < w->n; i++)
        find_keys_of(w, &w->view[i]);
    return true;
}

/* Do all terms of a long scalar sum share a factor?  Then no other is tried:
 * each candidate costs as much as the sum is long. */
static bool shared_by_all(const FactorWork *w)
{
    for (int i = 0; i < w->nkeys; i++)
        if (w->scalar && w->n > LONG_SUM && w->key[i].kind == KEY_SCALAR &&
            w->key[i].seen == w->n)
            return true;
    return false;
}

/*
 * Was the candidate of key i made for an earlier one?  Of scalar factors the
 * terms decide, which share the same whatever the key; least_saving asks no
 * more of a denominator.
 */
static bool is_repeated(const FactorWork *w, int i)
{
    const Key *k = &w->key[i];
    if (k->kind != KEY_SCALAR)
        return false;
    for (int j = 0; j < i; j++) {
        const Key *other = &w->key[j];
        if (other->kind == KEY_SCALAR && other->terms == k->terms &&
            (other->below || !k->below))
            return true;
    }
    return false;
}

/* The best candidate, or the sum. */
static Node factor_once(Textbook *t, Node sum, Split *best, Key *key)
{
    FactorWork *w = arena_alloc(t->arena, sizeof *w);
    w->t = t;
    w->g = t->g;
    w->nkeys = 0;
    best->members = 0;
    if (!read_sum(w, sum))
        return sum;
    int64_t most = -1, cost = -1;
    Node y = sum;
    int least = shared_by_all(w) ? w->n : 2;
    for (int i = 0; i < w->nkeys; i++) {
        POLL();
        Split s;
        if (w->key[i].seen < least || is_repeated(w, i) ||
            !split_by(w, &w->key[i], &s))
            continue;
        Node candidate = join_split(w, &w->key[i], &s);
        if (candidate == sum)
            continue;
        if (cost < 0)
            cost = textbook_cost(t, sum);
        int64_t saved = cost - (int64_t)textbook_cost(t, candidate);
        if (saved <= most || saved < least_saving(w->g, &w->key[i], &s) ||
            factor_cancels_saturated(t, s.factor, s.members, s.part, s.others,
                                     s.other))
            continue;
        most = saved;
        y = candidate;
        *best = s;
        *key = w->key[i];
    }
    if (best->members == 0 || node_op(t->g, best->rest) != OP_SUM)
        return y;
    /* The cofactor may have common factors of its own. */
    Node rest = factor_sum(t, best->rest), primitive;
    if (rest == best->rest && w->scalar && best->others == 0) {
        split_content(t->g, rest, &primitive);
        node_map_set(&t->made, y, primitive);
    }
    if (rest == best->rest)
        return y;
    best->rest = rest;
    return join_split(w, key, best);
}

static Node factor_rounds(Textbook *t, Node sum)
{
    for (int round = 0; round < 8; round++) {
        bool turned = node_op(t->g, sum) == OP_TRANS;
        Node s = form_untransposed(t->g, sum);
        if (node_op(t->g, s) != OP_SUM || t->budget == 0)
            break;
        Split best;
        Key key = {KEY_FIRST, NODE_NONE, false, 0, 0};
        Node y = factor_once(t, s, &best, &key);
        if (y == s)
            break;
        sum = turned ? node_transpose(t->g, y) : y;
    }
    return sum;
}

Node factor_sum(Textbook *t, Node sum)
{
    Node y;
    depth_check();
    if (node_map_get(&t->factored, sum, &y))
        return y;
    y = factor_rounds(t, sum);
    node_map_set(&t->factored, sum, y);
    return y;
}

/*
 * identity.c - proof region by region
 */
#include "graph/identity.h"

#include "graph/array.h"
#include "graph/enclose.h"
#include "graph/entrywise.h"
#include "graph/identity_array.h"
#include "graph/identity_entries.h"
#include "graph/internal.h"
#include "graph/kernel.h"
#include "graph/print.h"
#include "graph/shorten.h"
#include "graph/simplify.h"
#include "value/number.h"

#define ROOTS_DEEP 6
#define TURNS_MOST 200
#define REGION_DEPTH 9
#define REGION_COUNT 400
#define REFINE_MOST 12
#define WORK 60000000u /* of a proof that was asked for */
#define SHORTEN_COST 200
#define WORK_SMALL 6000000u

typedef struct Proof {
    Kernels k;
    Node a, b;
    bool extends; /* b may have a value where a has none */
    int regions, compared;
} Proof;

/* ---- proof ---- */

/* The image of n; *defined says whether it has a value in the region. */
static Node image_of(Proof *p, Node n, bool *defined)
{
    kernels_begin(&p->k);
    Node y = kernel_image(&p->k, n);
    *defined = !p->k.undefined;
    return y;
}

/* Both images in the region, once no denominator grows any more. */
static bool images(Proof *p, Node y[2], bool defined[2])
{
    for (int i = 0; i < REFINE_MOST; i++) {
        p->k.refine = false;
        y[0] = image_of(p, p->a, &defined[0]);
        if (p->k.want != NODE_NONE)
            return true;
        y[1] = image_of(p, p->b, &defined[1]);
        if (p->k.want != NODE_NONE || !p->k.refine)
            return true;
    }
    return false;
}

/* z times (q + i*p)^n for an arc tangent of p/q. */
static void turn_by(Value z[2], Value tangent, int64_t n)
{
    Value q = number_denominator(tangent), p = number_numerator(tangent);
    if (n < 0)
        p = number_negate(p);
    for (n = n < 0 ? -n : n; n > 0; n--) {
        Value re = number_binary(BIN_SUB, number_binary(BIN_MUL, z[0], q),
                                 number_binary(BIN_MUL, z[1], p));
        z[1] = number_binary(BIN_ADD, number_binary(BIN_MUL, z[0], p),
                             number_binary(BIN_MUL, z[1], q));
        z[0] = re;
    }
}

/*
 * Is the sum of whole multiples of pi and of arc tangents of rational numbers
 * 0?  It is a multiple of pi if the product of the complex numbers that have
 * these angles is real.
 */
static bool angles_vanish(Kernels *k, Node d)
{
    Graph *g = k->g;
    Value z[2] = {value_int(1), value_int(0)};
    split_content(g, d, &d);
    if (node_op(g, d) != OP_SUM)
        return false;
    for (int i = 0; i < node_count(g, d); i += 2) {
        const Kernel *at = kernel_of_symbol(k, node_arg(g, d, i + 1));
        int64_t n;
        if (!at || !value_to_int(node_number_value(g, node_arg(g, d, i)), &n) ||
            n > TURNS_MOST || n < -TURNS_MOST)
            return false;
        if (at->kind == KERNEL_OTHER && node_op(g, at->key) == OP_PI)
            continue;
        if (at->kind != KERNEL_ATAN || !node_is_number(g, at->key))
            return false;
        turn_by(z, node_number_value(g, at->key), n);
    }
    Range r = enclose(g, kernel_restore(k, d), 0, NULL, NULL);
    return number_sign(z[1]) == 0 && r.state == RANGE_OK && r.low > -3 &&
           r.high < 3;
}

/*
 * Is the constant a + b*r, r a square root, 0?  If a^2 - b^2*r^2 is, and a, b
 * have other signs.
 */
static bool constant_vanishes(Kernels *k, Node d, int depth)
{
    Graph *g = k->g;
    size_t i = k->kernel.count;
    Node *c;
    if (node_is_zero(g, d))
        return true;
    while (i > 0 && !node_depends(g, d, k->kernel.at[i - 1].symbol))
        i--;
    if (i == 0 || depth == 0 || k->kernel.at[i - 1].kind != KERNEL_ROOT ||
        k->kernel.at[i - 1].den != 2)
        return false;
    Kernel at = k->kernel.at[i - 1];
    if (poly_coefficients(g, d, at.symbol, k->arena, &c) != 1)
        return false;
    int s = kernel_quiet_sign(k, c[0]), t = kernel_quiet_sign(k, c[1]);
    if (s * t != -1)
        return false;
    Node norm = node_mul(g, node_power(g, c[1], g->two),
                         node_power(g, at.symbol, g->two));
    norm = node_sub(g, node_power(g, c[0], g->two), norm);
    return constant_vanishes(k, kernel_clean(k, norm), depth - 1);
}

/* Is there the root of a constant that is no number in d? */
static bool holds_nested_root(Kernels *k, Node d)
{
    for (size_t i = 0; i < k->kernel.count; i++) {
        Kernel at = k->kernel.at[i];
        if (at.kind == KERNEL_ROOT && !node_is_number(k->g, at.key) &&
            node_depends(k->g, d, at.symbol) &&
            node_is_constant(k->g, kernel_restore(k, at.key)))
            return true;
    }
    return false;
}

/* 0 in the region, or a multiple of a factor that is 0 there. */
static bool vanishes(Proof *p, Node d)
{
    Kernels *k = &p->k;
    KernelFactors f;
    d = kernel_clean(k, d);
    if (node_is_zero(k->g, d))
        return true;
    if (node_is_number(k->g, d))
        return false;
    if (node_is_constant(k->g, kernel_restore(k, d)))
        return angles_vanish(k, d) || constant_vanishes(k, d, ROOTS_DEEP);
    bool zero = holds_nested_root(k, d);
    for (size_t i = 0; i < k->region.count; i++)
        zero = zero || k->region.at[i].sign == 0;
    if (!zero)
        return false;
    kernel_factors(k, d, &f);
    for (size_t i = 0; i < f.count; i++)
        if (f.at[i].power > 0 && !node_is_number(k->g, f.at[i].p) &&
            node_is_constant(k->g, kernel_restore(k, f.at[i].p)) &&
            constant_vanishes(k, f.at[i].p, ROOTS_DEEP))
            return true;
    for (size_t i = 0; i < f.count; i++)
        for (size_t j = 0; j < k->region.count; j++)
            if (k->region.at[j].sign == 0 &&
                k->region.at[j].factor == f.at[i].p && f.at[i].power > 0)
                return true;
    return false;
}

static bool prove(Proof *p);

/* f = 0 solved for a symbol that occurs in it once, times a number. */
static bool solve_factor(Proof *p, Node f, Node *symbol, Node *value)
{
    Graph *g = p->k.g;
    Node *at, *c;
    int count = node_symbols(g, f, p->k.arena, &at);
    for (int i = 0; i < count; i++)
        if (kernel_of_symbol(&p->k, at[i]))
            return false;
    for (int i = 0; i < count; i++) {
        if (poly_coefficients(g, f, at[i], p->k.arena, &c) != 1 ||
            !node_is_number(g, c[1]))
            continue;
        *symbol = at[i];
        *value = node_neg(g, node_div(g, c[0], c[1]));
        return true;
    }
    return false;
}

/*
 * On f = 0 by its solution.  Of the region that is kept which says something
 * about symbols alone: a proof for more points is one for fewer.
 */
static bool prove_on_zero(Proof *p, Node f)
{
    Graph *g = p->k.g;
    Node symbol, value;
    volatile bool y = false;
    Protect protect;
    if (!solve_factor(p, f, &symbol, &value))
        return false;
    Proof q = {.extends = p->extends, .regions = p->regions};
    if (PROTECT(&protect)) {
        q.a = node_substitute(g, p->a, 1, &symbol, &value);
        q.b = node_substitute(g, p->b, 1, &symbol, &value);
        kernels_new(&q.k, g, p->k.arena, p->k.budget);
        q.k.jumps = p->k.jumps;
        for (size_t i = 0; i < p->k.region.count; i++) {
            Assumed at = p->k.region.at[i];
            Node *kernel;
            int n = node_symbols(g, at.factor, p->k.arena, &kernel);
            while (n > 0 && !kernel_of_symbol(&p->k, kernel[n - 1]))
                n--;
            at.factor = node_substitute(g, at.factor, 1, &symbol, &value);
            if (n == 0 && !node_is_number(g, at.factor))
                VEC_PUSH_IN(p->k.arena, &q.k.region, at);
        }
        y = prove(&q);
        protect_end(&protect);
        p->k.budget = q.k.budget;
        p->regions = q.regions;
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY ||
               context_error()->code == ERR_LIMIT) {
        error_again();
    }
    return y;
}

static bool prove_split(Proof *p)
{
    Node f = p->k.want;
    size_t at = p->k.region.count;
    bool y = at < REGION_DEPTH && p->regions < REGION_COUNT;
    VEC_PUSH_IN(p->k.arena, &p->k.region, ((Assumed){f, 1}));
    for (int s = 1; s >= -1 && y; s--) {
        p->k.region.at[at].sign = s;
        p->k.region.count = at + 1;
        if (s != 0)
            y = prove(p);
        else if (p->k.jumps)
            y = prove(p) || prove_on_zero(p, f);
    }
    p->k.region.count = at;
    return y;
}

/* Is p = 0 a thin set?  Not where p is floor(x). */
static bool is_thin(const Kernels *k, Node p)
{
    for (size_t i = 0; i < k->kernel.count; i++)
        if (k->kernel.at[i].kind == KERNEL_OTHER &&
            node_depends(k->g, p, k->kernel.at[i].symbol))
            return false;
    return true;
}

static bool prove_here(Proof *p, Node y[2], const bool defined[2])
{
    if (!defined[0] && !defined[1])
        return true;
    if (defined[0] != defined[1]) {
        for (size_t i = 0; i < p->k.region.count; i++)
            if (p->k.region.at[i].sign == 0 &&
                is_thin(&p->k, p->k.region.at[i].factor))
                return true;
        return p->extends && !defined[0];
    }
    kernels_begin(&p->k);
    p->compared++;
    bool same = vanishes(p, node_sub(p->k.g, y[0], y[1]));
    return same && !p->k.undefined;
}

static bool prove(Proof *p)
{
    Node y[2] = {NODE_NONE, NODE_NONE};
    bool defined[2] = {false, false};
    p->regions++;
    POLL();
    if (!images(p, y, defined))
        return false;
    if (p->k.want != NODE_NONE)
        return prove_split(p);
    if (prove_here(p, y, defined))
        return true;
    return kernel_region_is_empty(&p->k);
}

/* Does sign, step or a choice occur in n? */
static bool has_jumps(Graph *g, Node n, Arena *a)
{
    NodeMap seen = node_map_in(a);
    NodeList stack = {0};
    uint32_t mark;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count) {
        n = stack.at[--stack.count];
        OpId op = node_op(g, n);
        if (op == OP_SIGN || op == OP_STEP || op == OP_IF || op == OP_ATAN2)
            return true;
        if (node_map_get(&seen, n, &mark))
            continue;
        node_map_set(&seen, n, 1);
        for (int i = 0; i < node_count(g, n); i++)
            VEC_PUSH_IN(a, &stack, node_arg(g, n, i));
    }
    return false;
}

/* Runs the proof; limits of the work end it without an answer. */
static bool prove_within(Graph *g, Node a, Node b, bool extends, uint64_t work)
{
    Arena *arena = arena_local();
    volatile bool y = false;
    Protect protect;
    if (PROTECT(&protect)) {
        Proof p = {.a = a, .b = b, .extends = extends};
        kernels_new(&p.k, g, arena, work);
        p.k.jumps = has_jumps(g, a, arena) || has_jumps(g, b, arena);
        y = prove(&p) && p.compared > 0;
        protect_end(&protect);
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY) {
        error_again();
    }
    arena_free(arena);
    return y;
}

/* ---- answers ---- */

/* Runs a search for a proof; its limits end it without an answer. */
static bool proves_arrays(Graph *g, Node a, Node b)
{
    volatile bool y = false;
    Protect protect;
    if (PROTECT(&protect)) {
        y = array_proves(g, a, b);
        protect_end(&protect);
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY) {
        error_again();
    }
    return y;
}

/* Arrays in both brought to their shortest form may be the same. */
static bool shorten_alike(Graph *g, Node a, Node b, Arena *arena)
{
    return (has_arrays(g, a, arena) || has_arrays(g, b, arena)) &&
           node_print_cost(g, a) + node_print_cost(g, b) <= SHORTEN_COST &&
           node_shorten_same(g, a) == node_shorten_same(g, b);
}

static Truth scalars_equal(Graph *g, Node a, Node b, Arena *arena, Witness *w)
{
    if (a == b)
        return TRUTH_YES;
    if (find_witness(g, a, b, arena, w))
        return TRUTH_NO;
    a = node_expand(g, a);
    b = node_expand(g, b);
    if (a == b || prove_within(g, a, b, false, WORK))
        return TRUTH_YES;
    return shorten_alike(g, a, b, arena) ? TRUTH_YES : TRUTH_UNKNOWN;
}

/*
 * Arrays by the formulas of their entries.  A point where those differ is
 * one of the arrays if they are free of each other: distinct symbols without
 * more structure; it is given as arrays that are alike all over.
 */
static Truth entries_equal(Graph *g, Node a, Node b, Arena *arena, Witness *w)
{
    Entries e = entries_new(g, arena, node_shape(g, a));
    a = entry_formula(&e, a);
    b = entry_formula(&e, b);
    Truth y = scalars_equal(g, a, b, arena, w);
    if (y == TRUTH_NO && (has_arrays(g, a, arena) || has_arrays(g, b, arena)))
        y = TRUTH_UNKNOWN;
    for (int i = 0; i < w->count && y == TRUTH_NO; i++)
        for (size_t k = 0; k < e.symbol.count; k++) {
            if (w->symbol[i] != e.symbol.at[k])
                continue;
            Node array = e.array.at[k];
            if (node_op(g, array) != OP_SYM ||
                node_symbol_flags(g, array) & SYM_POSDEF)
                y = TRUTH_UNKNOWN;
            w->symbol[i] = array;
            w->value[i] = node_fill(g, e.shape, w->value[i]);
        }
    return y;
}

/* Arrays whose sides are numbers, entry by entry: proof alone. */
static bool spelled_equal(Graph *g, Node a, Node b, Arena *arena)
{
    Witness w = {0};
    if (!spell_entries(g, &a, &b, arena))
        return false;
    Shape s = node_shape(g, a);
    if (node_is_scalar(g, a))
        return scalars_equal(g, a, b, arena, &w) == TRUTH_YES;
    if (s.rows < 1 || s.cols < 1 || !array_is_literal(g, a) ||
        !array_is_literal(g, b))
        return a == b;
    for (int j = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++)
            if (scalars_equal(g, array_entry(g, a, i, j),
                              array_entry(g, b, i, j), arena, &w) != TRUTH_YES)
                return false;
    return true;
}

Truth node_equal(Graph *g, Node a, Node b, Arena *arena, Witness *w)
{
    Node x = a, y = b;
    Truth t;
    *w = (Witness){0};
    a = array_normal(g, a);
    b = array_normal(g, b);
    if (node_is_scalar(g, a)) {
        t = scalars_equal(g, a, b, arena, w);
    } else {
        t = find_witness(g, a, b, arena, w) ? TRUTH_NO
                                            : entries_equal(g, a, b, arena, w);
        if (t == TRUTH_UNKNOWN) {
            *w = (Witness){0};
            t = proves_arrays(g, a, b) ? TRUTH_YES : t;
        }
    }
    return t == TRUTH_UNKNOWN && spelled_equal(g, x, y, arena) ? TRUTH_YES : t;
}

bool node_proves(Graph *g, Node a, Node b, bool both)
{
    Arena *arena = arena_local();
    Witness w;
    bool y = a == b;
    if (!y && !(find_witness(g, a, b, arena, &w) && (both || w.defined[0])))
        y = prove_within(g, a, b, !both, WORK_SMALL);
    arena_free(arena);
    return y;
}

/*
 * form_sum.c - the terms of a sum in reading order
 *
 * Arrays: positive terms first, then larger ones, multiples of I and ones
 * last.  Scalars: polynomials by falling degree, others by falling size,
 * constants last; a positive term in front where there is one.  A factor
 * that all terms share goes outside.
 */
#include <stdlib.h>

#include "graph/form.h"
#include "graph/quick.h"

enum { COLLECTED_MOST = 16 };

typedef enum TermGroup {
    TERM_PLAIN,
    TERM_LIFTED, /* a multiple of ones, printed as a number */
    TERM_LAST    /* multiples of I and ones, constants */
} TermGroup;

typedef struct Term {
    Node node; /* with its coefficient, positive */
    Form *form;
    bool negative, lifted;
    TermGroup group;
    int64_t degree;
} Term;

typedef struct SumWork {
    Forms *f;
    Graph *g;
    Node sum;
    int n;
    Term *term;
    bool scalar, polynomial, lifts;
    bool collected; /* by powers of a symbol: `degree` is of it */
} SumWork;

/* ---- multiples of ones ---- */

/* The scalar factors of a MONO, with its coefficient. */
static Node scalar_part(Graph *g, Node mono)
{
    Node y = node_arg(g, mono, 0);
    int n = node_count(g, mono);
    for (int i = 2; i + 1 < n; i += 2) {
        Node p = node_power(g, node_arg(g, mono, i), node_arg(g, mono, i + 1));
        y = node_mul(g, y, p);
    }
    return y;
}

static Node body_of(const Graph *g, Node t)
{
    return node_op(g, t) == OP_MONO ? node_arg(g, t, 1) : t;
}

/*
 * What stands for t beside an array that is no multiple of ones: a number
 * for ones and ones*ones', a row for ones*r, a column for c*ones'.
 */
static Node lift_body(Graph *g, Node body)
{
    if (form_is_ones(g, body))
        return node_int(g, 1);
    if (node_op(g, body) != OP_CHAIN)
        return NODE_NONE;
    int n = node_count(g, body);
    Node first = node_arg(g, body, 0), last = node_arg(g, body, n - 1);
    bool down = form_is_ones(g, first), along = form_is_ones_row(g, last);
    if (n == 2 && down && along)
        return node_int(g, 1);
    if (!down && !along)
        return NODE_NONE;
    Node y = NODE_NONE;
    for (int i = down; i < n - !down; i++) {
        Node p = node_arg(g, body, i);
        y = y == NODE_NONE ? p : node_mul(g, y, p);
    }
    return y;
}

static Node lift_term(Graph *g, Node t)
{
    Node y = lift_body(g, body_of(g, t));
    if (y == NODE_NONE || node_op(g, t) != OP_MONO)
        return y;
    return node_mul(g, scalar_part(g, t), y);
}

/* May the sum show multiples of ones as numbers? */
static bool sum_lifts(Graph *g, Node sum)
{
    Shape s = node_shape(g, sum);
    bool solid = false;
    for (int i = 1; i < node_count(g, sum); i += 2) {
        Node b = body_of(g, node_arg(g, sum, i));
        OpId op = node_op(g, b);
        if (op == OP_IDENT || op == OP_DIAG)
            return false;
        bool down = op == OP_CHAIN && form_is_ones(g, node_arg(g, b, 0));
        bool along = op == OP_CHAIN &&
                     form_is_ones_row(g, node_arg(g, b, node_count(g, b) - 1));
        if (op != OP_ONES && !down && !along)
            solid = true;
    }
    return solid && s.rows != 1;
}

/* ---- degrees ---- */

/* Total degree of the powers of symbols and entries; *pure: nothing else. */
static int64_t degree_of(const Graph *g, Node t, bool *pure)
{
    OpId op = node_op(g, t);
    *pure = true;
    if (op == OP_NUM || node_is_constant(g, t))
        return 0;
    if (op == OP_SYM || op == OP_INDEX || op == OP_BV)
        return 1;
    *pure = false;
    if (op != OP_MONO)
        return 0;
    int64_t degree = 0;
    int bases = 0;
    bool sum = false;
    *pure = true;
    for (int i = 2; i + 1 < node_count(g, t); i += 2) {
        OpId base = node_op(g, node_arg(g, t, i));
        Node e = node_arg(g, t, i + 1);
        if (node_is_constant(g, node_arg(g, t, i)) && node_is_constant(g, e))
            continue;
        bases++;
        sum = sum || base == OP_SUM;
        Value v = node_is_number(g, e) ? node_number_value(g, e) : VALUE_NONE;
        if (v.kind == VAL_INT && v.integer > 0 && v.integer < 1000000 &&
            (base == OP_SYM || base == OP_INDEX || base == OP_BV ||
             base == OP_SUM))
            degree += v.integer;
        else
            *pure = false;
    }
    *pure = *pure && (!sum || bases == 1); /* x*(a + 1) is no power */
    return degree;
}

/* Factor i of a polynomial term: the base; *e its exponent. */
static Node factor_of(const Graph *g, Node t, int i, int64_t *e)
{
    *e = 1;
    if (node_op(g, t) != OP_MONO)
        return i == 0 && node_op(g, t) != OP_NUM ? t : NODE_NONE;
    if (2 * i + 3 >= node_count(g, t))
        return NODE_NONE;
    Node power = node_arg(g, t, 2 * i + 3);
    Value v =
        node_is_number(g, power) ? node_number_value(g, power) : VALUE_NONE;
    *e = v.kind == VAL_INT ? v.integer : 0;
    return node_arg(g, t, 2 * i + 2);
}

static int compare_powers(const Graph *g, Node a, Node b)
{
    for (int i = 0;; i++) {
        int64_t ea, eb;
        Node x = factor_of(g, a, i, &ea), y = factor_of(g, b, i, &eb);
        if (x == NODE_NONE || y == NODE_NONE)
            return (y != NODE_NONE) - (x != NODE_NONE);
        if (x != y)
            return node_compare(g, x, y);
        if (ea != eb)
            return ea > eb ? -1 : 1;
    }
}

/* ---- order ---- */

static int compare_terms(const SumWork *w, const Term *a, const Term *b)
{
    if (!w->scalar && a->negative != b->negative)
        return a->negative ? 1 : -1;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (w->collected && a->degree != b->degree)
        return a->degree > b->degree ? -1 : 1;
    if (w->polynomial) {
        if (a->degree != b->degree)
            return a->degree > b->degree ? -1 : 1;
        return compare_powers(w->g, a->node, b->node);
    }
    if (a->form->weight != b->form->weight)
        return a->form->weight > b->form->weight ? -1 : 1;
    if (w->scalar && a->degree != b->degree)
        return a->degree < b->degree ? -1 : 1;
    if (a->form->cost != b->form->cost)
        return a->form->cost < b->form->cost ? -1 : 1;
    return node_compare(w->g, a->node, b->node);
}

/* Merge sort: stable, and it may be interrupted, as qsort may not. */
static void sort_terms(SumWork *w)
{
    Term *from = w->term;
    Term *to = ARENA_ARRAY(w->f->arena, Term, (size_t)w->n);
    for (int width = 1; width < w->n; width *= 2) {
        POLL();
        for (int low = 0; low < w->n; low += 2 * width) {
            int mid = low + width < w->n ? low + width : w->n;
            int high = mid + width < w->n ? mid + width : w->n;
            int i = low, j = mid;
            for (int k = low; k < high; k++) {
                bool left =
                    i < mid &&
                    (j >= high || compare_terms(w, &from[i], &from[j]) <= 0);
                to[k] = left ? from[i++] : from[j++];
            }
        }
        Term *other = from;
        from = to;
        to = other;
    }
    w->term = from;
}

static void move_to(SumWork *w, int from, int to)
{
    Term t = w->term[from];
    for (int i = from; i > to; i--)
        w->term[i] = w->term[i - 1];
    w->term[to] = t;
}

/* Powers of one base alone, the first negative, the last not. */
static bool is_falling_from_minus(const SumWork *w)
{
    Node base = NODE_NONE;
    int64_t e;
    if (!w->polynomial || w->n < 3 || !w->term[0].negative ||
        w->term[w->n - 1].negative)
        return false;
    for (int i = 0; i < w->n; i++) {
        Node b = factor_of(w->g, w->term[i].node, 0, &e);
        if (b == NODE_NONE || node_is_constant(w->g, w->term[i].node))
            continue;
        if ((base != NODE_NONE && b != base) ||
            (node_op(w->g, w->term[i].node) == OP_MONO &&
             node_count(w->g, w->term[i].node) > 4))
            return false;
        base = b;
    }
    return true;
}

/* 1 - x^2/2 + x^4/24 - x^6/720: rising powers. */
static void reverse_terms(SumWork *w)
{
    for (int i = 0, j = w->n - 1; i < j; i++, j--) {
        Term t = w->term[i];
        w->term[i] = w->term[j];
        w->term[j] = t;
    }
}

/*
 * A positive term in front.  Of the numbers that stand for multiples of ones
 * at most one may come before the first true array, else they would add up
 * as numbers: `1 - s + g`, not `1 + g - s`.
 */
static void place_first(SumWork *w)
{
    int i = 0;
    if (is_falling_from_minus(w))
        reverse_terms(w);
    while (i < w->n && w->term[i].negative)
        i++;
    if (i > 0 && i < w->n)
        move_to(w, i, 0);
    if (w->n > 2 && w->term[0].lifted && w->term[1].lifted) {
        int j = 2;
        while (j < w->n && w->term[j].lifted)
            j++;
        if (j < w->n)
            move_to(w, j, 1);
    }
}

/* ---- collected by powers of a symbol ---- */

/* t = x^degree*(what is free of x)? */
static bool power_of_symbol(Graph *g, Node t, Node x, int64_t *degree)
{
    *degree = 0;
    if (t == x)
        *degree = 1;
    if (node_op(g, t) != OP_MONO)
        return t == x || !node_depends(g, t, x);
    for (int i = 2; i + 1 < node_count(g, t); i += 2) {
        Node base = node_arg(g, t, i), e = node_arg(g, t, i + 1);
        if (base != x && !node_depends(g, base, x) && !node_depends(g, e, x))
            continue;
        Value v = node_is_number(g, e) ? node_number_value(g, e) : VALUE_NONE;
        if (base != x || v.kind != VAL_INT)
            return false;
        *degree = v.integer;
    }
    return true;
}

static bool is_collected_by(SumWork *w, Node x)
{
    int64_t degree[COLLECTED_MOST];
    for (int i = 0; i < w->n; i++) {
        Node t = node_arg(w->g, w->sum, 2 * i + 1);
        if (!power_of_symbol(w->g, t, x, &degree[i]))
            return false;
        for (int j = 0; j < i; j++)
            if (degree[i] != 0 && degree[j] == degree[i])
                return false;
    }
    return true;
}

/* x^2*(a + 1) + x*b + c goes by falling powers of x, which stands beside a
 * sum; no two terms but those without it have the same. */
static void find_collected(SumWork *w)
{
    Graph *g = w->g;
    Node x = NODE_NONE;
    if (!w->scalar || w->polynomial || w->n > COLLECTED_MOST)
        return;
    for (int i = 0; i < w->n && x == NODE_NONE; i++) {
        Node t = node_arg(g, w->sum, 2 * i + 1), beside = NODE_NONE;
        bool sum = false;
        for (int k = 2; node_op(g, t) == OP_MONO && k < node_count(g, t);
             k += 2) {
            OpId op = node_op(g, node_arg(g, t, k));
            sum = sum || op == OP_SUM;
            if (op == OP_SYM)
                beside = node_arg(g, t, k);
        }
        if (sum && beside != NODE_NONE && is_collected_by(w, beside))
            x = beside;
    }
    w->collected = x != NODE_NONE;
    for (int i = 0; i < w->n && w->collected; i++)
        power_of_symbol(g, node_arg(g, w->sum, 2 * i + 1), x,
                        &w->term[i].degree);
}

/* ---- building ---- */

/* The size that all coefficients share, or none. */
static bool find_content(const Graph *g, Node sum, Value *content)
{
    *content = form_absolute(node_number_value(g, node_arg(g, sum, 0)));
    if (form_is_one(*content))
        return false;
    for (int i = 2; i < node_count(g, sum); i += 2) {
        Value v = form_absolute(node_number_value(g, node_arg(g, sum, i)));
        if (v.kind != content->kind || !value_same(v, *content))
            return false;
    }
    return true;
}

static void set_group(SumWork *w, Term *t, Node body)
{
    OpId op = node_op(w->g, body);
    bool pure;
    t->degree = degree_of(w->g, t->node, &pure);
    w->polynomial = w->polynomial && pure;
    if (w->scalar)
        t->group = node_is_constant(w->g, body) ? TERM_LAST : TERM_PLAIN;
    else if (t->lifted)
        t->group = TERM_LIFTED;
    else if (op == OP_IDENT || lift_body(w->g, body) != NODE_NONE)
        t->group = TERM_LAST;
}

/* Term i with its sign; false if its form is still missing. */
static bool read_term(SumWork *w, int i, Node c, Node t, bool flip,
                      bool has_content)
{
    Graph *g = w->g;
    Term *y = &w->term[i];
    Node body = body_of(g, t);
    y->negative = form_is_negative(g, c) != flip;
    y->node = t;
    if (w->lifts) {
        Node u = lift_term(g, t);
        y->lifted = u != NODE_NONE;
        if (y->lifted)
            y->node = u;
    }
    Value size = form_absolute(node_number_value(g, c));
    if (!has_content && !form_is_one(size))
        y->node = node_scale(g, node_number(g, size), y->node);
    if (y->negative && !y->lifted &&
        form_flip_rank(w->f, t) >= (w->scalar ? FLIP_TYPED : FLIP_GOOD)) {
        y->negative = false;
        y->node = node_neg(g, y->node);
    }
    set_group(w, y, w->scalar ? t : body);
    y->form = form_want(w->f, y->node, FORM_PLAIN);
    return y->form != NULL;
}

static Form *join_terms(SumWork *w)
{
    Form *y = form_open(w->f, FORM_SUM, LEVEL_SUM, (size_t)w->n);
    for (int i = 0; i < w->n; i++) {
        Term *t = &w->term[i];
        Form *kid = t->form;
        bool minus = t->negative;
        if (kid->kind == FORM_NEG) {
            kid = kid->kids[0];
            minus = !minus;
        }
        form_add(y, kid, minus ? MARK_MINUS : MARK_PLUS);
    }
    return form_close(y);
}

Form *form_sum(Forms *f, Node n, unsigned variant)
{
    Graph *g = f->graph;
    SumWork w = {.f = f, .g = g, .sum = n, .n = node_count(g, n) / 2};
    Value content;
    bool has_content = find_content(g, n, &content), all = true;
    w.scalar = w.polynomial = node_is_scalar(g, n);
    w.lifts = !w.scalar && sum_lifts(g, n);
    w.term = ARENA_ARRAY(f->arena, Term, (size_t)w.n);
    for (int i = 0; i < w.n; i++) {
        Node c = node_arg(g, n, 2 * i), t = node_arg(g, n, 2 * i + 1);
        if (variant & FORM_TURN)
            t = node_transpose(g, t);
        if (!read_term(&w, i, c, t, variant & FORM_FLIP, has_content))
            all = false;
    }
    if (!all)
        return NULL;
    find_collected(&w);
    int64_t top = 0;
    for (int i = 0; i < w.n; i++)
        top = w.term[i].degree > top ? w.term[i].degree : top;
    w.polynomial = w.polynomial && top > 0;
    sort_terms(&w);
    place_first(&w);
    if (!has_content)
        return join_terms(&w);
    bool below = true;
    for (int i = 0; i < w.n; i++)
        below = below && w.term[i].negative;
    for (int i = 0; below && i < w.n; i++)
        w.term[i].negative = false;
    Form *outside = form_number(f, content), *sum = join_terms(&w), *y;
    y = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, 3);
    if (outside->kind == FORM_PRODUCT) { /* a fraction p/q */
        Form *p = outside->kids[0];
        if (!(p->kind == FORM_TEXT && p->text[0] == '1' && !p->text[1]))
            form_add(y, p, MARK_TIMES);
        form_add(y, sum, MARK_TIMES);
        form_add(y, outside->kids[1], MARK_OVER);
    } else {
        form_add(y, outside, MARK_TIMES);
        form_add(y, sum, MARK_TIMES);
    }
    y = form_close(y);
    return below ? form_negative(f, y) : y;
}

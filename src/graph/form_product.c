/*
 * form_product.c - products of scalars and an array, entrywise products
 *
 * Coefficient in front, then constants, powers of symbols, functions, sums,
 * chains, then the array; denominators after `/`.
 */
#include "graph/form.h"
#include "graph/quick.h"

typedef enum ItemClass {
    ITEM_CONSTANT,
    ITEM_SYMBOL,
    ITEM_FUNCTION,
    ITEM_SUM,
    ITEM_CHAIN,
    ITEM_CLASSES
} ItemClass;

typedef struct Item {
    Form *form;
    ItemClass class;
    bool below; /* after `/` */
} Item;

static ItemClass class_of(const Graph *g, Node base)
{
    switch ((int)node_op(g, base)) {
    case OP_NUM:
    case OP_SYM:
    case OP_INDEX:
    case OP_BV:
        return ITEM_SYMBOL;
    case OP_SUM:
        return ITEM_SUM;
    case OP_CHAIN:
        return ITEM_CHAIN;
    case OP_TRANS:
        return class_of(g, node_arg(g, base, 0));
    default:
        return node_is_constant(g, base) ? ITEM_CONSTANT : ITEM_FUNCTION;
    }
}

/* ---- powers ---- */

static bool is_half(Value v)
{
    return v.kind == VAL_EXACT && mpz_cmp_ui(mpq_denref(v.exact->q), 2) == 0;
}

static Form *make_power(Forms *f, Form *base, Value e)
{
    return form_is_one(e) ? base
                          : form_power(f, base, form_number(f, e), false);
}

/* A square of a sum, or the root of any square, is a power of norm2. */
static bool reads_as_norm(Graph *g, Node base, Value e, Node *half)
{
    if (!is_half(e) && e.kind != VAL_INT)
        return false;
    if (!form_is_square(g, base, half))
        return false;
    return is_half(e) || node_op(g, *half) == OP_SUM;
}

Form *form_power_of(Forms *f, Node base, Value e, unsigned variant)
{
    Graph *g = f->graph;
    Node half;
    if (reads_as_norm(g, base, e, &half)) {
        bool flip = node_op(g, half) == OP_SUM && form_flip_typed(f, half);
        Form *p = form_want(f, half, flip ? FORM_FLIP : FORM_PLAIN);
        if (!p)
            return NULL;
        p = form_call(f, "norm2", -1, 1, &p);
        return make_power(f, p, value_binary(BIN_MUL, e, value_int(2)));
    }
    bool even = e.kind == VAL_INT && e.integer % 2 == 0;
    if (even && node_op(g, base) == OP_SUM && form_flip_typed(f, base))
        variant = FORM_FLIP;
    Form *b = form_want(f, base, variant);
    if (!b)
        return NULL;
    if (is_half(e) && mpz_cmp_ui(mpq_numref(e.exact->q), 1) == 0)
        return form_call(f, "sqrt", -1, 1, &b);
    return make_power(f, b, e);
}

/* base^e for any e; *below: its inverse was made. */
static Form *power_item(Forms *f, Node base, Node e, unsigned variant, bool had,
                        bool *below)
{
    Graph *g = f->graph;
    if (node_is_number(g, e)) {
        Value v = node_number_value(g, e);
        *below = form_is_negative(g, e);
        v = form_absolute(v);
        if (!had || form_is_one(v))
            return form_power_of(f, base, v, variant);
        bool even = v.kind == VAL_INT && v.integer % 2 == 0;
        if (even && node_op(g, base) == OP_SUM && form_flip_typed(f, base))
            variant = FORM_FLIP;
        Form *b = form_want(f, base, variant);
        if (b && is_half(v) && mpz_cmp_ui(mpq_numref(v.exact->q), 1) == 0)
            return form_call(f, "sqrt", -1, 1, &b);
        return b ? form_power(f, b, form_number(f, v), true) : NULL;
    }
    *below = node_op(g, e) == OP_MONO && form_is_negative(g, node_arg(g, e, 0));
    if (*below)
        e = node_neg(g, e);
    Form *b = form_want(f, base, variant), *p = form_want(f, e, FORM_PLAIN);
    return b && p ? form_power(f, b, p, had) : NULL;
}

/* ---- products of items ---- */

/*
 * The items above `/` (class by class, each in the order given), with `mul`
 * between them, then those below behind one `over`.  Nothing above: `one`.
 */
static void add_items(Form *y, int n, const Item item[], bool below, int mul)
{
    unsigned there = 0;
    for (int i = 0; i < n; i++)
        there |= item[i].below == below ? 1u << item[i].class : 0;
    for (int c = 0; there >> c; c++)
        for (int i = 0; i < n && there >> c & 1; i++)
            if (item[i].below == below && item[i].class == (ItemClass)c)
                form_add(y, item[i].form, mul);
}

static Form *single(Form *y)
{
    return y->count == 1 ? y->kids[0] : form_close(y);
}

static void add_below(Forms *f, Form *y, int n, const Item item[], int mul,
                      int over)
{
    int below = 0;
    for (int i = 0; i < n; i++)
        below += item[i].below;
    if (!below)
        return;
    Form *d = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, (size_t)below);
    add_items(d, n, item, true, mul);
    form_add(y, single(d), over);
}

static Form *make_had(Forms *f, int n, const Item item[])
{
    Form *y = form_open(f, FORM_PRODUCT, LEVEL_PRODUCT, (size_t)n + 2);
    add_items(y, n, item, false, MARK_HAD);
    if (!y->count)
        form_add(y, form_integer(f, 1), MARK_HAD);
    add_below(f, y, n, item, MARK_HAD, MARK_HAD_OVER);
    return single(y);
}

/* The place of the factor that takes the minus, -1: none. */
static int choose_factor(Forms *f, Node n, int first, int *rank)
{
    Graph *g = f->graph;
    int best = -1;
    *rank = FLIP_NEVER;
    for (int i = first; i + 1 < node_count(g, n) && *rank < FLIP_TYPED;
         i += 2) {
        Node e = node_arg(g, n, i + 1);
        if (!form_is_odd(g, e) || form_is_negative(g, e))
            continue;
        int r = form_flip_rank(f, node_arg(g, n, i));
        if (r > *rank) {
            *rank = r;
            best = i;
        }
    }
    return best;
}

Form *form_had(Forms *f, Node n, unsigned variant)
{
    Graph *g = f->graph;
    int count = node_count(g, n) / 2, rank;
    int flip = variant & FORM_FLIP ? choose_factor(f, n, 0, &rank) : -1;
    Item *item = ARENA_ARRAY(f->arena, Item, (size_t)count);
    bool all = true;
    for (int i = 0; i < count; i++) {
        Node base = node_arg(g, n, 2 * i), e = node_arg(g, n, 2 * i + 1);
        item[i].class = class_of(g, base);
        item[i].form =
            power_item(f, base, e, 2 * i == flip ? FORM_FLIP : FORM_PLAIN, true,
                       &item[i].below);
        all = all && item[i].form;
    }
    return all ? make_had(f, count, item) : NULL;
}

/* ---- means ---- */

/* A MONO on its way to paper. */
typedef struct MonoWork {
    Forms *f;
    Graph *g;
    Node mono;
    int n;      /* scalar factors */
    Value size; /* of the coefficient */
    Node *exponent;
    int mean; /* factor read as a mean, -1 none, -2 body */
} MonoWork;

/* Takes the dimension from below `/`; false if it does not stand there. */
static bool take_dimension(MonoWork *w, Dim dim)
{
    Graph *g = w->g;
    Node d = node_of_dim(g, dim);
    if (node_is_number(g, d)) {
        if (w->size.kind != VAL_EXACT ||
            !mpz_divisible_ui_p(mpq_denref(w->size.exact->q),
                                (unsigned long)dim))
            return false;
        w->size = value_binary(BIN_MUL, w->size, value_int(dim));
        return true;
    }
    for (int i = 0; i < w->n; i++) {
        Node e = w->exponent[i];
        if (node_arg(g, w->mono, 2 * i + 2) != d || !node_is_number(g, e))
            continue;
        Value v = node_number_value(g, e);
        if (v.kind != VAL_INT || v.integer >= 0)
            continue;
        w->exponent[i] = node_int(g, v.integer + 1);
        return true;
    }
    return false;
}

/* A chain with ones at its ends, and nowhere else, over their count. */
static bool take_mean(MonoWork *w, Node chain)
{
    Graph *g = w->g;
    if (node_op(g, chain) != OP_CHAIN)
        return false;
    int n = node_count(g, chain);
    for (int i = 1; i + 1 < n; i++) {
        Node p = node_arg(g, chain, i);
        if (form_is_ones(g, p) || form_is_ones_row(g, p))
            return false;
    }
    Value size = w->size;
    Node *keep = w->exponent;
    w->exponent = ARENA_ARRAY(w->f->arena, Node, (size_t)w->n + 1);
    for (int i = 0; i < w->n; i++)
        w->exponent[i] = keep[i];
    Node first = node_arg(g, chain, 0), last = node_arg(g, chain, n - 1);
    bool down = form_is_ones_row(g, first), along = form_is_ones(g, last);
    bool taken = (down || along) &&
                 (!down || take_dimension(w, node_shape(g, first).cols)) &&
                 (!along || take_dimension(w, node_shape(g, last).rows));
    if (!taken) {
        w->size = size;
        w->exponent = keep;
    }
    return taken;
}

static void find_mean(MonoWork *w)
{
    w->mean = -1;
    for (int i = 0; i < w->n && w->mean == -1; i++)
        if (node_is_one(w->g, w->exponent[i]) &&
            take_mean(w, node_arg(w->g, w->mono, 2 * i + 2)))
            w->mean = i;
    if (w->mean == -1 && take_mean(w, node_arg(w->g, w->mono, 1)))
        w->mean = -2;
}

/* ---- MONO ---- */

/* The numerator's and the denominator's part of the coefficient. */
static int add_coefficient(MonoWork *w, Item item[])
{
    Form *c = form_number(w->f, w->size);
    Form *p = c->kind == FORM_PRODUCT ? c->kids[0] : c;
    int n = 0;
    if (p->text[0] != '1' || p->text[1])
        item[n++] = (Item){p, ITEM_CONSTANT, false};
    if (c->kind == FORM_PRODUCT)
        item[n++] = (Item){c->kids[1], ITEM_CONSTANT, true};
    return n;
}

/* A chain needs no parentheses as the last factor, alone of its kind. */
static void open_last(Form *y, int n, const Item item[])
{
    int chains = 0;
    for (int i = 0; i < n; i++)
        chains += !item[i].below && item[i].class == ITEM_CHAIN;
    if (chains == 1)
        y->marks[y->count - 1] |= MARK_OPEN;
}

static void add_body(Form *y, Node body, const Graph *g, Form *b)
{
    bool inverse = b->kind == FORM_PRODUCT && b->count == 2 &&
                   b->marks[1] == MARK_HAD_OVER &&
                   b->kids[0]->kind == FORM_TEXT &&
                   b->kids[0]->text[0] == '1' && !b->kids[0]->text[1];
    OpId op = node_op(g, body);
    if (inverse && y->count)
        form_add(y, b->kids[1], MARK_HAD_OVER);
    else
        form_add(y, b, op == OP_SUM ? MARK_TIMES : MARK_TIMES | MARK_OPEN);
}

static Form *make_mono(MonoWork *w, int n, const Item item[], Node body,
                       Form *b)
{
    Form *y = form_open(w->f, FORM_PRODUCT, LEVEL_PRODUCT, (size_t)n + 3);
    add_items(y, n, item, false, MARK_TIMES);
    if (b)
        add_body(y, body, w->g, b);
    else if (y->count)
        open_last(y, n, item);
    else
        form_add(y, form_integer(w->f, 1), MARK_TIMES);
    add_below(w->f, y, n, item, MARK_TIMES, MARK_OVER);
    return single(y);
}

/* Where a minus goes: a factor's place, -2 the body, -1 it stays. */
static int place_minus(MonoWork *w, Node body)
{
    int rank, r = form_flip_rank(w->f, body);
    int best = choose_factor(w->f, w->mono, 2, &rank);
    if (r >= rank && r > FLIP_NEVER) {
        rank = r;
        best = -2;
    }
    /* -2*u'*(v - a*u - b), but 2*X'*(X*w - y), however they were typed. */
    bool spend = !node_is_scalar(w->g, w->mono) || form_is_one(w->size) ||
                 (w->size.kind == VAL_EXACT &&
                  mpz_cmp_ui(mpq_numref(w->size.exact->q), 1) == 0);
    return rank == FLIP_TYPED || (rank > FLIP_NEVER && spend) ? best : -1;
}

/*
 * Sums that were typed with the other sign than the canonical one, x - 1 and
 * not 1 - x, are all written as typed, above and below `/`: (x^2 - 1)/(x - 1).
 * One alone is turned only where it spends the minus.  turn[n] is the body's.
 * Returns how many.
 */
static int turn_typed(MonoWork *w, bool negative, bool turn[])
{
    Graph *g = w->g;
    int n = 0;
    for (int i = 0; i <= w->n; i++) {
        Node base = node_arg(g, w->mono, i < w->n ? 2 * i + 2 : 1);
        turn[i] = node_op(g, base) == OP_SUM &&
                  (i == w->n || form_is_odd(g, w->exponent[i])) &&
                  form_flip_typed(w->f, base);
        n += turn[i];
    }
    if (n >= 2 || (n == 1 && negative))
        return n;
    for (int i = 0; i <= w->n; i++)
        turn[i] = false;
    return 0;
}

static bool find_items(MonoWork *w, const bool turn[], Item *item, int *n)
{
    bool all = true;
    for (int i = 0; i < w->n; i++) {
        Node base = node_arg(w->g, w->mono, 2 * i + 2);
        if (node_is_zero(w->g, w->exponent[i]))
            continue;
        unsigned variant = turn[i] ? FORM_FLIP : FORM_PLAIN;
        if (w->mean == i)
            variant |= FORM_MEAN;
        Item *y = &item[(*n)++];
        y->class = class_of(w->g, base);
        y->form =
            power_item(w->f, base, w->exponent[i], variant, false, &y->below);
        all = all && y->form;
    }
    return all;
}

Form *form_mono(Forms *f, Node n)
{
    Graph *g = f->graph;
    MonoWork w = {.f = f, .g = g, .mono = n, .n = node_count(g, n) / 2 - 1};
    Node c = node_arg(g, n, 0), body = node_arg(g, n, 1);
    bool negative = form_is_negative(g, c);
    w.size = form_absolute(node_number_value(g, c));
    w.exponent = ARENA_ARRAY(f->arena, Node, (size_t)w.n + 1);
    for (int i = 0; i < w.n; i++)
        w.exponent[i] = node_arg(g, n, 2 * i + 3);
    bool *turn = ARENA_ARRAY(f->arena, bool, (size_t)w.n + 1);
    int turned = turn_typed(&w, negative, turn);
    if (turned % 2)
        negative = !negative;
    int minus = negative && !turned ? place_minus(&w, body) : -1;
    if (minus >= 2)
        turn[minus / 2 - 1] = true;
    find_mean(&w);
    Item *item = ARENA_ARRAY(f->arena, Item, (size_t)w.n + 2);
    int count = add_coefficient(&w, item);
    bool all = find_items(&w, turn, item, &count);
    Form *b = NULL;
    if (!node_is_number(g, body)) {
        unsigned variant = minus == -2 || turn[w.n] ? FORM_FLIP : FORM_PLAIN;
        b = form_want(f, body, variant | (w.mean == -2 ? FORM_MEAN : 0u));
        all = all && b;
    }
    if (!all)
        return NULL;
    Form *y = make_mono(&w, count, item, body, b);
    return negative && minus == -1 ? form_negative(f, y) : y;
}

/*
 * product.c - products with scalars, in canonical form
 *
 * Everything is put into a Product first, which product_build then brings to
 * the form MONO.  The order of the steps matters: equal bases are merged,
 * which may make an exponent whole and so allow more; roots of numbers are
 * brought to one form; floats swallow constants; then the node is interned.
 */
#include "graph/array.h"
#include "graph/quick.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "graph/binder.h"
#include "value/number.h"

Product product_new(Graph *g)
{
    return (Product){.coefficient = g->one, .body = g->one};
}

static void push_factor(Graph *g, Product *p, Node base, Node exponent)
{
    if (p->room == 0) {
        p->room = 8;
        p->factor = arena_alloc(g->scratch, p->room * sizeof *p->factor);
    } else if (p->count == p->room) {
        size_t room = p->room;
        vec_grow_in(g->scratch, (void **)&p->factor, p->count, &room,
                    sizeof *p->factor);
        p->room = (uint32_t)room;
    }
    p->factor[p->count++] = (Factor){base, exponent};
}

static void put_number(Graph *g, Product *p, Node n)
{
    p->coefficient = coef_mul(g, p->coefficient, n);
}

/* An array as the body; a sum gives up its content there. */
static void put_body(Graph *g, Product *p, Node n)
{
    assert(p->body == g->one);
    if (op_of(g, n) == OP_SUM || op_of(g, n) == OP_TRANS)
        put_number(g, p, split_content(g, n, &n));
    p->body = n;
}

static void put_mono(Graph *g, Product *p, Node n)
{
    uint32_t count = g->row[n].nargs;
    const Node *args = args_copy(g, n);
    put_number(g, p, args[0]);
    if (args[1] != g->one)
        p->body = args[1];
    for (uint32_t i = 2; i < count; i += 2)
        push_factor(g, p, args[i], args[i + 1]);
}

/*
 * A product of more factors than this stays whole, one factor of the product
 * that it is put into: the derivative of a chain of n operations has n
 * factors, and each prefix of it is a node.
 */
enum { LONG_PRODUCT = 24 };

static bool is_long_number(const Graph *g, Node n)
{
    Value v = node_number_value(g, n);
    return v.kind == VAL_EXACT &&
           mpz_sizeinbase(mpq_numref(v.exact->q), 2) +
                   mpz_sizeinbase(mpq_denref(v.exact->q), 2) >
               128;
}

/* A coefficient that has grown long stays with it, or it would grow on. */
static void put_long(Graph *g, Product *p, Node n)
{
    Node rest, body;
    if (node_is_scalar(g, n) && is_long_number(g, arg_of(g, n, 0))) {
        push_factor(g, p, n, g->one);
        return;
    }
    put_number(g, p, split_coefficient(g, n, &rest));
    if (node_is_scalar(g, n)) {
        push_factor(g, p, rest, g->one);
    } else {
        push_factor(g, p, split_scalar(g, rest, &body), g->one);
        put_body(g, p, body);
    }
}

void product_put(Graph *g, Product *p, Node n)
{
    OpId op = op_of(g, n);
    if (op == OP_NUM)
        put_number(g, p, n);
    else if (op == OP_MONO && g->row[n].nargs > 2 + 2 * LONG_PRODUCT)
        put_long(g, p, n);
    else if (op == OP_MONO)
        put_mono(g, p, n);
    else if (node_is_scalar(g, n))
        product_put_power(g, p, n, g->one);
    else
        put_body(g, p, n);
}

/* number^number: exact where it can, a root stays a factor. */
static void put_number_power(Graph *g, Product *p, Node base, Node exponent)
{
    Value x = node_number_value(g, base), e = node_number_value(g, exponent);
    Value y;
    if (x.kind == VAL_FLOAT || e.kind == VAL_FLOAT)
        put_number(g, p, node_number(g, number_binary(BIN_POW, x, e)));
    else if (number_power_exact(x, e, &y))
        put_number(g, p, node_number(g, y));
    else
        push_factor(g, p, base, exponent);
}

/*
 * exp(a)^e: exponentials of multiples of one t are kept as powers of exp(t),
 * so that exp(x)*exp(-x) is 1 and exp(x)^2 is exp(2*x).
 */
static void put_exp_power(Graph *g, Product *p, Node base, Node exponent)
{
    Node a = arg_of(g, base, 0), t;
    if (!node_is_number(g, exponent)) {
        Node y = node_mul(g, exponent, a);
        base = node_apply(g, OP_EXP, 1, &y);
        if (op_of(g, base) != OP_EXP) {
            product_put(g, p, base);
            return;
        }
        a = arg_of(g, base, 0);
        exponent = g->one;
    }
    Node c = split_content(g, a, &t);
    Node root = node_apply(g, OP_EXP, 1, &t);
    if (op_of(g, root) == OP_EXP && arg_of(g, root, 0) == t)
        push_factor(g, p, root, coef_mul(g, c, exponent));
    else
        push_factor(g, p, base, exponent);
}

/* content^e leaves a sum if that is rational, always for whole e. */
static void put_sum_power(Graph *g, Product *p, Node base, Node exponent)
{
    Node primitive;
    Node c = split_content(g, base, &primitive);
    Value e, y;
    if (c == g->one || !node_is_number(g, exponent)) {
        push_factor(g, p, base, exponent);
        return;
    }
    e = node_number_value(g, exponent);
    if (coef_is_integer(g, exponent)) {
        put_number_power(g, p, c, exponent);
        push_factor(g, p, primitive, exponent);
        return;
    }
    if (coef_sign(g, c) < 0) {
        primitive = node_scale(g, g->minus_one, primitive);
        c = coef_neg(g, c);
    }
    if (c != g->one && value_is_exact(e) &&
        number_power_exact(node_number_value(g, c), e, &y)) {
        put_number(g, p, node_number(g, y));
        push_factor(g, p, primitive, exponent);
    } else {
        push_factor(g, p, base, exponent);
    }
}

static bool is_even(const Graph *g, Node n)
{
    if (!coef_is_integer(g, n))
        return false;
    Value v = node_number_value(g, n);
    return v.kind == VAL_INT ? v.integer % 2 == 0
                             : mpz_even_p(mpq_numref(v.exact->q)) != 0;
}

static bool is_nonnegative(Graph *g, Node n)
{
    Sign s = node_sign(g, n);
    return s == SIGN_POSITIVE || s == SIGN_NONNEGATIVE || s == SIGN_ZERO;
}

/*
 * Can n, not below 0, be 0 on more than a thin set, as relu(x) is?  There
 * sqrt(n*b) is 0 whatever b is, and sqrt(n)*sqrt(b) has no value for b < 0.
 */
static bool is_zero_widely(Graph *g, Node n, int deep)
{
    switch (op_of(g, n)) {
    case OP_RELU:
    case OP_STEP:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_MAX:
    case OP_MIN:
    case OP_PROJ:
    case OP_IF:
        return node_sign(g, n) != SIGN_POSITIVE;
    case OP_NUM:
    case OP_SYM:
        return false;
    default:
        break;
    }
    if (node_sign(g, n) == SIGN_POSITIVE)
        return false;
    if (g->row[n].size > 1000)
        return true; /* too long to be looked through */
    for (uint32_t i = 0; i < g->row[n].nargs; i++)
        if (deep > 0 && is_zero_widely(g, arg_of(g, n, i), deep - 1))
            return true;
    return false;
}

/* Of the factors of a product, args of its node: is each nonnegative or an
 * even power? */
static bool has_sure_sign(Graph *g, uint32_t count, const Node args[])
{
    bool sure = coef_sign(g, args[0]) > 0;
    for (uint32_t i = 2; i < count && sure; i += 2)
        sure = is_nonnegative(g, args[i]) || is_even(g, args[i + 1]);
    return sure;
}

/* (1/b)^q is b^(-q) for every q, the sign of b being that of 1/b. */
static void put_rest_root(Graph *g, Product *p, Product *rest, Node q)
{
    bool below = true;
    for (uint32_t i = 0; i < rest->count && below; i++)
        below = node_is_number(g, rest->factor[i].exponent) &&
                coef_sign(g, rest->factor[i].exponent) < 0;
    for (uint32_t i = 0; i < rest->count && below; i++)
        rest->factor[i].exponent = coef_neg(g, rest->factor[i].exponent);
    Node base = product_build(g, rest);
    if (!below)
        push_factor(g, p, base, q);
    else
        product_put_power(g, p, base, node_neg(g, q));
}

/*
 * (c * b1^e1 * ...)^q for a q that need not be whole: what cannot be negative
 * comes out, an even power as that of the magnitude; the rest stays one base,
 * and if it may be negative, what is 0 widely stays in it.
 */
static void put_mono_root(Graph *g, Product *p, Node base, Node q)
{
    uint32_t count = g->row[base].nargs;
    const Node *args = args_copy(g, base);
    Product rest = product_new(g), out = product_new(g);
    Node c = args[0];
    bool sure = has_sure_sign(g, count, args);
    if (coef_sign(g, c) < 0) {
        c = coef_neg(g, c);
        rest.coefficient = g->minus_one;
    }
    for (uint32_t i = 2; i < count; i += 2) {
        Node b = args[i], e = args[i + 1];
        if (!sure && is_zero_widely(g, b, 3))
            push_factor(g, &rest, b, e);
        else if (is_nonnegative(g, b))
            push_factor(g, &out, b, node_mul(g, e, q));
        else if (is_even(g, e))
            push_factor(g, &out, node_apply(g, OP_ABS, 1, &b),
                        node_mul(g, e, q));
        else
            push_factor(g, &rest, b, e);
    }
    bool lone_sign = rest.count == 0 && rest.coefficient != g->one;
    if (lone_sign && node_is_number(g, q)) {
        push_factor(g, p, base, q);
        return;
    }
    product_put_power(g, p, c, q);
    for (uint32_t i = 0; i < out.count; i++)
        product_put_power(g, p, out.factor[i].base, out.factor[i].exponent);
    if (lone_sign)
        push_factor(g, p, g->minus_one, q);
    else if (rest.count)
        put_rest_root(g, p, &rest, q);
}

static void put_mono_power(Graph *g, Product *p, Node base, Node q)
{
    if (!node_is_integer(g, q)) {
        put_mono_root(g, p, base, q);
        return;
    }
    uint32_t count = g->row[base].nargs;
    const Node *args = args_copy(g, base);
    product_put_power(g, p, args[0], q);
    for (uint32_t i = 2; i < count; i += 2)
        product_put_power(g, p, args[i], node_mul(g, args[i + 1], q));
}

/* A root of a constant below 0, be it written with roots itself. */
static void check_root(Graph *g, Node base, Node exponent)
{
    double x;
    if (!coef_is_integer(g, exponent) && node_is_constant(g, base) &&
        node_constant_value(g, base, &x) && x < -1e-9)
        error_raise(SPAN_NONE, ERR_DOMAIN,
                    "a negative number (%.6g) to a power that is not whole", x);
}

void product_put_power(Graph *g, Product *p, Node base, Node exponent)
{
    OpId op = op_of(g, base);
    if (exponent == g->zero || base == g->one)
        return;
    bool number = node_is_number(g, exponent);
    if (number && op != OP_NUM)
        check_root(g, base, exponent);
    if (op == OP_NUM && number)
        put_number_power(g, p, base, exponent);
    else if (op == OP_NUM && coef_sign(g, base) == 0 &&
             node_sign(g, exponent) == SIGN_POSITIVE)
        put_number(g, p, base);
    else if (number && coef_sign(g, exponent) == 0)
        put_number(g, p, node_float(g, 1));
    else if (coef_is_float(g, exponent) && coef_double(g, exponent) == 1) {
        put_number(g, p, node_float(g, 1)); /* x^1.0 is 1.0*x */
        product_put_power(g, p, base, g->one);
    } else if (op == OP_MONO && exponent == g->one)
        put_mono(g, p, base);
    else if (op == OP_MONO)
        put_mono_power(g, p, base, exponent);
    else if (op == OP_EXP && exponent != g->one)
        put_exp_power(g, p, base, exponent);
    else if (op == OP_SUM)
        put_sum_power(g, p, base, exponent);
    else
        push_factor(g, p, base, exponent);
}

/* ---- building ---- */

static void sort_factors(Graph *g, Product *p)
{
    if (p->count > 1)
        nodes_sort(g, (Node *)p->factor, p->count, 2, 0);
}

static bool is_root_of_number(const Graph *g, Factor f)
{
    return node_is_number(g, f.base) && node_is_number(g, f.exponent);
}

/* Do powers of relu or step above and below the line leave none below it? */
static bool hides_zeros(Graph *g, uint32_t n, const Factor f[], Node sum)
{
    OpId op = op_of(g, f[0].base);
    bool above = false, below = false;
    if ((op != OP_RELU && op != OP_STEP) || !node_is_number(g, sum) ||
        coef_sign(g, sum) < 0)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!node_is_number(g, f[i].exponent))
            return false;
        above = above || coef_sign(g, f[i].exponent) > 0;
        below = below || coef_sign(g, f[i].exponent) < 0;
    }
    return above && below;
}

/*
 * relu(u)^2/relu(u) is 0/0 for all u <= 0, not at a thin set of points alone:
 * there it stays a quotient.
 */
static Node guarded_power(Graph *g, Node base, Node exponent)
{
    Node u = arg_of(g, base, 0);
    bool relu = op_of(g, base) == OP_RELU;
    return node_if(g, node_compare_op(g, OP_LT, g->zero, u),
                   relu ? node_power(g, u, exponent) : g->one,
                   node_power(g, base, g->minus_one));
}

/*
 * Equal bases become one with the sum of the exponents, which is put anew:
 * true if that happened.  Roots of numbers have a form of their own.
 */
static bool merge_bases(Graph *g, Product *p)
{
    bool merged = false;
    uint32_t n = 0, count = p->count;
    sort_factors(g, p);
    Product again = product_new(g);
    for (uint32_t i = 0; i < count;) {
        Factor f = p->factor[i];
        uint32_t j = i + 1;
        bool root = is_root_of_number(g, f);
        for (; j < count && p->factor[j].base == f.base && !root; j++) {
            if (!is_root_of_number(g, p->factor[j]))
                f.exponent = node_add(g, f.exponent, p->factor[j].exponent);
        }
        if (j > i + 1) {
            if (hides_zeros(g, j - i, p->factor + i, f.exponent))
                product_put(g, &again, guarded_power(g, f.base, f.exponent));
            else
                product_put_power(g, &again, f.base, f.exponent);
            merged = true;
            for (uint32_t k = i + 1; k < j; k++)
                if (is_root_of_number(g, p->factor[k]))
                    push_factor(g, &again, f.base, p->factor[k].exponent);
        } else {
            p->factor[n++] = f;
        }
        i = j;
    }
    p->count = n;
    put_number(g, p, again.coefficient);
    for (uint32_t i = 0; i < again.count; i++)
        push_factor(g, p, again.factor[i].base, again.factor[i].exponent);
    return merged;
}

/* Products hold exp(2*t), put as it is: beside exp(t) both are powers of it. */
static void open_exponentials(Graph *g, Product *p)
{
    uint32_t n = 0, count = p->count, seen = 0;
    for (uint32_t i = 0; i < count; i++)
        seen += op_of(g, p->factor[i].base) == OP_EXP;
    if (seen < 2)
        return;
    Product again = product_new(g);
    for (uint32_t i = 0; i < count; i++) {
        Factor f = p->factor[i];
        if (op_of(g, f.base) == OP_EXP)
            put_exp_power(g, &again, f.base, f.exponent);
        else
            p->factor[n++] = f;
    }
    p->count = n;
    put_number(g, p, again.coefficient);
    for (uint32_t i = 0; i < again.count; i++)
        push_factor(g, p, again.factor[i].base, again.factor[i].exponent);
}

/* exp(t)^c is written exp(c*t). */
static void finish_exponentials(Graph *g, Product *p)
{
    bool changed = false;
    for (uint32_t i = 0; i < p->count; i++) {
        Factor *f = &p->factor[i];
        if (op_of(g, f->base) != OP_EXP || f->exponent == g->one)
            continue;
        Node a = node_mul(g, f->exponent, arg_of(g, f->base, 0));
        Node y = node_apply(g, OP_EXP, 1, &a);
        f = &p->factor[i];
        if (op_of(g, y) == OP_EXP) {
            *f = (Factor){y, g->one};
            changed = true;
        } else if (node_is_number(g, y)) {
            put_number(g, p, y);
            p->factor[i--] = p->factor[--p->count];
        }
    }
    if (changed)
        sort_factors(g, p);
}

/*
 * A float coefficient swallows the constants beside it (0.5*pi is a number),
 * and a constant with a float exponent is a float.
 */
static void fold_floats(Graph *g, Product *p)
{
    bool folds = coef_is_float(g, p->coefficient);
    for (uint32_t i = 0; i < p->count && !folds; i++)
        folds = coef_is_float(g, p->factor[i].exponent) &&
                node_is_constant(g, p->factor[i].base);
    if (!folds)
        return;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        Factor f = p->factor[i];
        double b, e, y = NAN;
        if (node_is_constant(g, f.base) && node_is_constant(g, f.exponent) &&
            node_constant_value(g, f.base, &b) &&
            node_constant_value(g, f.exponent, &e))
            y = number_float(BIN_POW, b, e);
        if (isfinite(y))
            put_number(g, p, node_float(g, y));
        else
            p->factor[n++] = f;
    }
    p->count = n;
}

/* Interns c*body*factors; everything is in order. */
static Node intern_mono(Graph *g, Shape s, Node c, Node body, uint32_t count,
                        const Factor factor[])
{
    ArenaMark mark = arena_mark(g->scratch);
    size_t words = 2 + 2 * (size_t)count;
    Node *args = arena_alloc(g->scratch, words * sizeof *args);
    args[0] = c;
    args[1] = body;
    if (count)
        memcpy(args + 2, factor, count * sizeof *factor);
    Node n = node_intern(g, OP_MONO, s, (int)words, args, 0, NULL);
    arena_reset(g->scratch, mark);
    return n;
}

/* A number times an array or scalar that has no coefficient. */
static Node attach_coefficient(Graph *g, Node c, Node n)
{
    Shape s = node_shape(g, n);
    if (c == g->one)
        return n;
    if (coef_sign(g, c) == 0)
        return shape_is_scalar(s) ? c : node_zero(g, s);
    if (n == g->one)
        return c;
    Factor f = {n, g->one};
    return shape_is_scalar(s) ? intern_mono(g, s, c, g->one, 1, &f)
                              : intern_mono(g, s, c, n, 0, NULL);
}

static Node build_mono(Graph *g, Product *p)
{
    Shape s = node_shape(g, p->body);
    Node c = p->coefficient;
    if (coef_sign(g, c) == 0 || op_of(g, p->body) == OP_ZERO)
        return shape_is_scalar(s) ? c : node_zero(g, s);
    if (p->count == 0)
        return p->body == g->one ? c : node_scale(g, c, p->body);
    if (p->count == 1 && p->body == g->one && p->factor[0].exponent == g->one) {
        Node b = p->factor[0].base;
        return op_of(g, b) == OP_SUM ? node_scale(g, c, b)
                                     : attach_coefficient(g, c, b);
    }
    if (c != g->one && op_of(g, p->body) == OP_CONST) {
        p->body = array_scale_const(g, c, p->body);
        c = g->one;
    }
    Node n = intern_mono(g, s, c, p->body, p->count, p->factor);
    return rules_rewrite(g, n);
}

Node product_of_symbols(Graph *g, uint32_t count, const Factor factor[])
{
    if (count == 0)
        return g->one;
    if (count == 1 && factor[0].exponent == g->one)
        return factor[0].base;
    return intern_mono(g, SHAPE_SCALAR, g->one, g->one, count, factor);
}

/* Distinct bases, none of them a number, no floats, at most one exponential
 * and that to the power 1: the order is all that is missing. */
static bool is_plain(const Graph *g, const Product *p)
{
    bool exponential = false;
    if (coef_is_float(g, p->coefficient) || p->count > 12)
        return false;
    for (uint32_t i = 0; i < p->count; i++) {
        Factor f = p->factor[i];
        OpId op = op_of(g, f.base);
        if (op == OP_NUM || coef_is_float(g, f.exponent) ||
            (op == OP_EXP && (exponential || f.exponent != g->one)))
            return false;
        exponential = exponential || op == OP_EXP;
        for (uint32_t j = 0; j < i; j++)
            if (p->factor[j].base == f.base)
                return false;
    }
    return true;
}

Node product_build(Graph *g, Product *p)
{
    if (is_plain(g, p)) {
        sort_factors(g, p);
        return build_mono(g, p);
    }
    open_exponentials(g, p);
    for (int i = 0; i < 100 && merge_bases(g, p); i++)
        POLL();
    product_roots(g, p);
    finish_exponentials(g, p);
    fold_floats(g, p);
    sort_factors(g, p);
    return build_mono(g, p);
}

/* ---- taking apart ---- */

Node split_coefficient(Graph *g, Node n, Node *rest)
{
    OpId op = op_of(g, n);
    *rest = n;
    if (op == OP_NUM) {
        *rest = g->one;
        return n;
    }
    if (op != OP_MONO || arg_of(g, n, 0) == g->one)
        return g->one;
    Node c = arg_of(g, n, 0), body = arg_of(g, n, 1);
    uint32_t nargs = g->row[n].nargs;
    if (nargs == 2) {
        *rest = body;
    } else if (nargs == 4 && body == g->one && arg_of(g, n, 3) == g->one) {
        *rest = arg_of(g, n, 2);
    } else {
        ArenaMark mark = arena_mark(g->scratch);
        Node *args = args_copy(g, n);
        args[0] = g->one;
        *rest = node_intern(g, OP_MONO, node_shape(g, n), (int)nargs, args, 0,
                            NULL);
        arena_reset(g->scratch, mark);
    }
    return c;
}

Node split_scalar(Graph *g, Node n, Node *body)
{
    *body = n;
    if (op_of(g, n) != OP_MONO || node_is_scalar(g, n))
        return g->one;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    put_mono(g, &p, n);
    *body = p.body;
    p.body = g->one;
    Node scalar = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return scalar;
}

/* The content of a sum: gcd of exact coefficients, with the sign of the
 * first; of float ones the sign alone. */
static Node content_of_sum(Graph *g, Node n)
{
    uint32_t count = g->row[n].nargs, i = 0;
    if (arg_of(g, n, 0) == g->one) {
        while (i < count && coef_is_integer(g, arg_of(g, n, i)))
            i += 2;
        if (i >= count)
            return g->one; /* whole numbers, one of them 1 */
    }
    Value content = value_int(0);
    bool negative = coef_sign(g, arg_of(g, n, 0)) == -1;
    for (i = 0; i < count; i += 2) {
        Value c = node_number_value(g, arg_of(g, n, i));
        if (c.kind == VAL_FLOAT) {
            content = value_int(1);
            break;
        }
        content = number_gcd(content, c);
        if (content.kind == VAL_INT && content.integer == 1 && count > 8)
            break;
    }
    return node_number(g, negative ? number_negate(content) : content);
}

/* A sum over its content: the order of the terms stays. */
static Node divide_sum(Graph *g, Node n, Node content)
{
    if (!node_is_scalar(g, n))
        return node_scale(g, coef_inverse(g, content), n);
    ArenaMark mark = arena_mark(g->scratch);
    uint32_t count = g->row[n].nargs;
    Node *pairs = args_copy(g, n);
    Value c = node_number_value(g, content);
    for (uint32_t i = 0; i < count; i += 2)
        pairs[i] = node_number(
            g, number_binary(BIN_DIV, node_number_value(g, pairs[i]), c));
    Node y = node_intern(g, OP_SUM, SHAPE_SCALAR, (int)count, pairs, 0, NULL);
    arena_reset(g->scratch, mark);
    return y;
}

Node split_content(Graph *g, Node n, Node *primitive)
{
    if (op_of(g, n) == OP_TRANS && op_of(g, arg_of(g, n, 0)) == OP_SUM) {
        Node content = split_content(g, arg_of(g, n, 0), primitive);
        *primitive = node_transpose(g, *primitive);
        return content;
    }
    if (op_of(g, n) != OP_SUM)
        return split_coefficient(g, n, primitive);
    Node c = content_of_sum(g, n);
    *primitive = c == g->one ? n : divide_sum(g, n, c);
    return c;
}

bool node_is_negative_form(Graph *g, Node n)
{
    OpId op = op_of(g, n);
    if (op == OP_NUM)
        return coef_sign(g, n) < 0;
    if ((op != OP_MONO && op != OP_SUM) || coef_sign(g, arg_of(g, n, 0)) != -1)
        return false;
    if (node_is_scalar(g, n))
        return true;
    if (op == OP_MONO)
        return node_neg(g, n) != node_transpose(g, n);
    /* The negative of a skew sum is its transpose, which is no plainer; that
     * of a sum with a skew part may begin with a minus again. */
    Node m = node_neg(g, n), flat = m;
    if (op_of(g, m) == OP_TRANS)
        flat = arg_of(g, m, 0);
    return m != node_transpose(g, n) &&
           !(op_of(g, flat) == OP_SUM &&
             coef_sign(g, arg_of(g, flat, 0)) == -1);
}

/* ---- constructors ---- */

/* Coefficients times c; the order of the terms stays. */
static Node scale_sum(Graph *g, Node c, Node n)
{
    ArenaMark mark = arena_mark(g->scratch);
    uint32_t count = g->row[n].nargs;
    Node *pairs = args_copy(g, n);
    for (uint32_t i = 0; i < count; i += 2)
        pairs[i] = coef_mul(g, c, pairs[i]);
    Node y;
    if (coef_is_float(g, c)) {
        /* Floats may vanish or swallow constants: collected anew. */
        Node *terms = arena_alloc(g->scratch, count / 2 * sizeof *terms);
        for (uint32_t i = 0; i < count; i += 2)
            terms[i / 2] = node_scale(g, pairs[i], pairs[i + 1]);
        y = node_sum(g, (int)(count / 2), terms);
    } else if (node_is_scalar(g, n)) {
        y = node_intern(g, OP_SUM, node_shape(g, n), (int)count, pairs, 0,
                        NULL);
    } else {
        y = array_sum(g, node_shape(g, n), (int)(count / 2), pairs);
    }
    arena_reset(g->scratch, mark);
    return y;
}

/* 0 times NaN or infinity is no 0. */
static bool holds_no_number(const Graph *g, Node a)
{
    const Array *x = node_const_value(g, a).array;
    for (size_t i = 0; x->kind == ELEM_FLOAT && i < array_count(x); i++)
        if (x->f[i] - x->f[i] != 0)
            return true;
    return false;
}

Node node_scale(Graph *g, Node c, Node a)
{
    OpId op = op_of(g, a);
    if (c == g->one)
        return a;
    if (op == OP_NUM)
        return coef_mul(g, c, a);
    if (coef_sign(g, c) == 0 && op == OP_CONST && holds_no_number(g, a))
        return node_const(
            g, value_product(node_number_value(g, c), node_const_value(g, a)));
    if (coef_sign(g, c) == 0)
        return node_is_scalar(g, a) ? c : node_zero(g, node_shape(g, a));
    if (op == OP_ZERO)
        return a;
    if (op == OP_SUM)
        return scale_sum(g, c, a);
    if (op == OP_TRANS && op_of(g, arg_of(g, a, 0)) == OP_SUM)
        return node_transpose(g, scale_sum(g, c, arg_of(g, a, 0)));
    if (op == OP_CONST)
        return array_scale_const(g, c, a);
    if (op != OP_MONO && (!coef_is_float(g, c) || !node_is_constant(g, a) ||
                          !node_is_scalar(g, a)))
        return attach_coefficient(g, c, a);
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    put_number(g, &p, c);
    if (op == OP_MONO)
        put_mono(g, &p, a);
    else
        product_put(g, &p, a);
    Node y;
    if (coef_is_float(g, p.coefficient) || op != OP_MONO ||
        op_of(g, p.body) == OP_CONST)
        y = product_build(g, &p);
    else
        y = p.count == 0 ? attach_coefficient(g, p.coefficient, p.body)
                         : build_mono(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

Node node_neg(Graph *g, Node a)
{
    return node_scale(g, g->minus_one, a);
}

Node node_mul(Graph *g, Node a, Node b)
{
    bool scalar = node_is_scalar(g, a);
    if (!scalar && !node_is_scalar(g, b))
        return chain_product(g, a, b);
    if (node_is_number(g, a))
        return node_scale(g, a, b);
    if (node_is_number(g, b))
        return node_scale(g, b, a);
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    product_put(g, &p, a);
    product_put(g, &p, b);
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

Node node_power(Graph *g, Node base, Node exponent)
{
    if (exponent == g->one)
        return base;
    ArenaMark mark = arena_mark(g->scratch);
    Product p = product_new(g);
    product_put_power(g, &p, base, exponent);
    Node y = product_build(g, &p);
    arena_reset(g->scratch, mark);
    return y;
}

Node node_div(Graph *g, Node a, Node b)
{
    if (node_is_number(g, b)) {
        if (b == g->zero)
            error_raise(SPAN_NONE, ERR_DOMAIN, "division by zero");
        return node_scale(g, coef_inverse(g, b), a);
    }
    return node_mul(g, a, node_power(g, b, g->minus_one));
}

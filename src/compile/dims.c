/*
 * dims.c - named dimensions of a program
 */
#include "compile/dims.h"

#include <limits.h>

int dims_find(const Lower *l, Node n)
{
    for (size_t i = 0; i < l->dim.count; i++)
        if (l->dim.at[i].n == n)
            return l->dim.at[i].size;
    return -1;
}

static void set_dim(Lower *l, Node n, int size, const char *by)
{
    for (size_t i = 0; i < l->dim.count; i++) {
        const DimSize *d = &l->dim.at[i];
        if (d->n != n)
            continue;
        if (d->size == size)
            return;
        if (d->by && by)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "`%s` is %d in `%s` and %d in `%s`",
                        node_symbol_name(l->g, n), d->size, d->by, size, by);
        error_raise(SPAN_NONE, ERR_SHAPE, "`%s` is %d, not %d",
                    node_symbol_name(l->g, n), d->size, size);
    }
    DimSize d = {n, size, by};
    VEC_PUSH_IN(l->a, &l->dim, d);
}

/* e = scale*n + rest for a symbol n; all other symbols must be known. */
static bool split_dim(Lower *l, Node e, bool known, Node *n, int64_t *scale,
                      int64_t *rest)
{
    Graph *g = l->g;
    int64_t c, i;
    *n = NODE_NONE;
    *rest = 0;
    for (int k = 0; k + 1 < node_count(g, e); k += 2) {
        Node t = node_arg(g, e, k + 1);
        if (!lower_integer(l, node_arg(g, e, k), &c))
            return false;
        if (*n == NODE_NONE && node_op(g, t) == OP_SYM &&
            (dims_find(l, t) >= 0) == known) {
            *n = t;
            *scale = c;
        } else if (lower_integer(l, t, &i)) {
            *rest += c * i;
        } else {
            return false;
        }
    }
    return *n != NODE_NONE;
}

/*
 * The expression e is `size`: an unknown symbol follows from it; if all are
 * known, the first must agree.
 */
static void solve_dim(Lower *l, Node e, int size, const char *by)
{
    Node n;
    int64_t scale, rest;
    if (node_op(l->g, e) != OP_SUM ||
        (!split_dim(l, e, false, &n, &scale, &rest) &&
         !split_dim(l, e, true, &n, &scale, &rest)))
        return;
    rest = size - rest;
    if (rest % scale != 0 || rest / scale < 0 || rest / scale > INT_MAX)
        error_raise(SPAN_NONE, ERR_SHAPE, "`%s` cannot have side %d: no `%s`",
                    by, size, node_symbol_name(l->g, n));
    set_dim(l, n, (int)(rest / scale), by);
}

static void each_side(Lower *l, void (*f)(Lower *, Dim, int, const char *))
{
    const ProgramSpec *s = l->spec;
    for (int i = 0; i < s->nin; i++) {
        Shape want = node_shape(l->g, s->in[i]);
        const char *name = node_op(l->g, s->in[i]) == OP_SYM
                               ? node_symbol_name(l->g, s->in[i])
                               : "argument";
        f(l, want.rows, s->in_shape[i].rows, name);
        f(l, want.cols, s->in_shape[i].cols, name);
    }
}

static void learn_symbol(Lower *l, Dim d, int size, const char *by)
{
    if (d < 0 && node_op(l->g, (Node)~d) == OP_SYM)
        set_dim(l, (Node)~d, size, by);
}

static void learn_expression(Lower *l, Dim d, int size, const char *by)
{
    if (d < 0 && node_op(l->g, (Node)~d) != OP_SYM)
        solve_dim(l, (Node)~d, size, by);
}

static void check_side(Lower *l, Dim d, int size, const char *by)
{
    int want = lower_dim(l, d);
    if (want != size)
        error_raise(SPAN_NONE, ERR_SHAPE, "a side of `%s` is %d, not %d", by,
                    want, size);
}

void lower_dims(Lower *l)
{
    const ProgramSpec *s = l->spec;
    for (int i = 0; i < s->ndim; i++)
        set_dim(l, s->dim[i], s->dim_size[i], NULL);
    each_side(l, learn_symbol);
    each_side(l, learn_expression);
    each_side(l, check_side);
}

int lower_dim(Lower *l, Dim d)
{
    int64_t size;
    if (d >= 0)
        return d;
    Node n = (Node)~d;
    if (!lower_integer(l, n, &size)) {
        if (node_op(l->g, n) == OP_SYM)
            error_raise(SPAN_NONE, ERR_SHAPE, "the size of `%s` is not known",
                        node_symbol_name(l->g, n));
        error_raise(SPAN_NONE, ERR_SHAPE, "the size of a side is not known");
    }
    if (size < 0 || size > INT_MAX)
        error_raise(SPAN_NONE, ERR_SHAPE, "a side would be %lld",
                    (long long)size);
    return (int)size;
}

/* c = a*b*..., or a sum of such; exact as long as it fits. */
static bool rational(Lower *l, Node n, int depth, mpq_t y);

static bool rational_sum(Lower *l, Node n, int depth, mpq_t y)
{
    bool known = true;
    mpq_t c, t;
    mpq_inits(c, t, NULL);
    mpq_set_ui(y, 0, 1);
    for (int i = 0; known && i + 1 < node_count(l->g, n); i += 2) {
        known = rational(l, node_arg(l->g, n, i), depth, c) &&
                rational(l, node_arg(l->g, n, i + 1), depth, t);
        mpq_mul(t, c, t);
        mpq_add(y, y, t);
    }
    mpq_clears(c, t, NULL);
    return known;
}

static bool rational_product(Lower *l, Node n, int depth, mpq_t y)
{
    Node body = node_arg(l->g, n, 1);
    bool known =
        node_is_one(l->g, body) && rational(l, node_arg(l->g, n, 0), depth, y);
    mpq_t b;
    mpq_init(b);
    for (int i = 2; known && i + 1 < node_count(l->g, n); i += 2) {
        int64_t e;
        Node exponent = node_arg(l->g, n, i + 1);
        known = rational(l, node_arg(l->g, n, i), depth, b) &&
                node_is_number(l->g, exponent) &&
                value_to_int(node_number_value(l->g, exponent), &e) &&
                e >= -8 && e <= 8 && (e > 0 || mpq_sgn(b) != 0);
        for (; known && e > 0; e--)
            mpq_mul(y, y, b);
        for (; known && e < 0; e++)
            mpq_div(y, y, b);
    }
    mpq_clear(b);
    return known;
}

static bool rational(Lower *l, Node n, int depth, mpq_t y)
{
    int64_t i;
    if (depth > 32)
        return false;
    if (node_is_number(l->g, n)) {
        Value v = node_number_value(l->g, n);
        if (v.kind == VAL_EXACT)
            mpq_set(y, v.exact->q);
        else if (value_to_int(v, &i))
            mpq_set_si(y, (long)i, 1);
        else
            return false;
        return true;
    }
    switch (node_op(l->g, n)) {
    case OP_SYM: {
        int size = dims_find(l, n);
        mpq_set_si(y, size, 1);
        return size >= 0;
    }
    case OP_SUM:
        return node_is_scalar(l->g, n) && rational_sum(l, n, depth + 1, y);
    case OP_MONO:
        return node_is_scalar(l->g, n) && rational_product(l, n, depth + 1, y);
    default:
        return false;
    }
}

bool lower_integer(Lower *l, Node n, int64_t *i)
{
    mpq_t y;
    mpq_init(y);
    bool known = rational(l, n, 0, y) && mpz_cmp_ui(mpq_denref(y), 1) == 0 &&
                 mpz_fits_slong_p(mpq_numref(y));
    if (known)
        *i = mpz_get_si(mpq_numref(y));
    mpq_clear(y);
    return known;
}

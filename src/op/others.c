/*
 * others.c - products without some of their factors
 *
 * Nothing is divided, so zeros are factors like others.  The derivatives of
 * such products are sums of products without one factor more; they are
 * computed with pairs v + d*t, t^2 = 0, whose second part is the derivative.
 */
#include "base/error.h"
#include "op/array.h"

typedef struct Dual {
    Value v, d;
} Dual;

static Value times(Value a, Value b)
{
    return value_binary(BIN_MUL, a, b);
}

static Dual dual_one(bool exact)
{
    return exact ? (Dual){value_int(1), value_int(0)}
                 : (Dual){value_float(1), value_float(0)};
}

static Dual dual_times(Dual a, Dual b)
{
    return (Dual){times(a.v, b.v),
                  value_binary(BIN_ADD, times(a.v, b.d), times(a.d, b.v))};
}

/* A vector in an array: its first entry, and the way to the next. */
typedef struct Line {
    const Array *x, *change; /* of the same shape; change may be NULL */
    size_t at, n, stride;
    bool exact;
} Line;

static Dual factor(const Line *l, size_t i)
{
    size_t k = l->at + i * l->stride;
    return (Dual){array_get(l->x, k),
                  l->change ? array_get(l->change, k) : value_int(0)};
}

/* after[i] = the product of the factors from i on; n + 1 of them. */
static Dual *products_after(Arena *a, const Line *l)
{
    Dual *after = ARENA_ARRAY(a, Dual, l->n + 1);
    after[l->n] = dual_one(l->exact);
    for (size_t i = l->n; i-- > 0;)
        after[i] = dual_times(factor(l, i), after[i + 1]);
    return after;
}

/* For each entry the product of all others, or the change of it. */
static void others_along(Array *y, const Line *l, bool change)
{
    Arena *a = arena_local();
    Dual *after = products_after(a, l), before = dual_one(l->exact);
    for (size_t i = 0; i < l->n; i++) {
        POLL();
        Dual p = dual_times(before, after[i + 1]);
        array_set(y, l->at + i * l->stride, change ? p.d : p.v);
        before = dual_times(before, factor(l, i));
    }
    arena_free(a);
}

/* For each pair the product of all others, or the change of it; 0 on the
 * diagonal. */
static void pairs_along(Array *y, const Line *l, bool change)
{
    Arena *a = arena_local();
    Dual *after = products_after(a, l), before = dual_one(l->exact);
    for (size_t i = 0; i < l->n; i++) {
        Dual p = before;
        POLL();
        array_set(y, i + i * l->n, l->exact ? value_int(0) : value_float(0));
        for (size_t j = i + 1; j < l->n; j++) {
            Dual q = dual_times(p, after[j + 1]);
            array_set(y, i + j * l->n, change ? q.d : q.v);
            array_set(y, j + i * l->n, change ? q.d : q.v);
            p = dual_times(p, factor(l, j));
        }
        before = dual_times(before, factor(l, i));
    }
    arena_free(a);
}

/* The line of all entries of args[0], with the changes args[1] if n is 2. */
static Line line_of(int n, const Value args[])
{
    Line l = {.stride = 1, .exact = true};
    const Array *x[2] = {NULL, NULL};
    for (int i = 0; i < n; i++)
        l.exact = l.exact && value_element_kind(args[i]) == ELEM_EXACT;
    for (int i = 0; i < n; i++)
        x[i] = l.exact ? value_array(args[i]) : array_to_float(args[i]);
    l.x = x[0];
    l.change = x[1];
    l.n = array_count(l.x);
    return l;
}

static Value all_rows(Line l, bool change)
{
    Value y =
        array_new(l.exact ? ELEM_EXACT : ELEM_FLOAT, l.x->rows, l.x->cols);
    l.stride = (size_t)l.x->rows;
    l.n = (size_t)l.x->cols;
    for (l.at = 0; l.at < l.stride; l.at++)
        others_along(y.array, &l, change);
    return array_value(y);
}

Value kernel_prod_others(int n, const Value args[])
{
    Line l = line_of(n, args);
    Value y =
        array_new(l.exact ? ELEM_EXACT : ELEM_FLOAT, l.x->rows, l.x->cols);
    others_along(y.array, &l, false);
    return array_value(y);
}

Value kernel_prod_others_rows(int n, const Value args[])
{
    return all_rows(line_of(n, args), false);
}

Value kernel_row_pairs(int n, const Value args[])
{
    return all_rows(line_of(n, args), true);
}

static Value pairs_of(const Line *l, bool change)
{
    Value y =
        array_new(l->exact ? ELEM_EXACT : ELEM_FLOAT, (int)l->n, (int)l->n);
    pairs_along(y.array, l, change);
    return array_value(y);
}

Value kernel_prod_pairs(int n, const Value args[])
{
    Line l = line_of(n, args);
    return pairs_of(&l, false);
}

Value kernel_prod_triples(int n, const Value args[])
{
    Line l = line_of(n, args);
    return pairs_of(&l, true);
}

/* Entry l is the sum of u.*(the triples of which l is one). */
Value kernel_prod_triples_of(int n, const Value args[])
{
    Line l = line_of(1, args);
    (void)n;
    bool exact = l.exact && value_element_kind(args[1]) == ELEM_EXACT;
    Value y = array_new(exact ? ELEM_EXACT : ELEM_FLOAT, (int)l.n, 1);
    for (size_t i = 0; i < l.n; i++) {
        Value unit = array_new(l.exact ? ELEM_EXACT : ELEM_FLOAT, (int)l.n, 1);
        array_set(unit.array, i, value_int(1));
        l.change = unit.array;
        Value t = value_binary(BIN_MUL, args[1], pairs_of(&l, true));
        array_set(y.array, i, value_reduce(RED_SUM, t, 0));
    }
    return array_value(y);
}

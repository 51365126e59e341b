/*
 * test_value.c - objects, numbers, arrays, tables, formats
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "check.h"
#include "num/rng.h"
#include "value/datatable.h"
#include "value/format.h"
#include "value/number.h"
#include "value/shape.h"

/* The code raised by a statement, -1 if none. */
#define CODE_OF(statement, code)                                               \
    do {                                                                       \
        Protect p;                                                             \
        if (PROTECT(&p)) {                                                     \
            statement;                                                         \
            protect_end(&p);                                                   \
            code = -1;                                                         \
        } else {                                                               \
            code = (int)context_error()->code;                                 \
        }                                                                      \
    } while (0)

#define CHECK_RAISES(statement, want)                                          \
    do {                                                                       \
        volatile int code;                                                     \
        CODE_OF(statement, code);                                              \
        CHECK_MESSAGE(code == (int)(want), "%s raised %d", #statement, code);  \
    } while (0)

#define CHECK_ERROR(statement, text)                                           \
    do {                                                                       \
        volatile int code;                                                     \
        CODE_OF(statement, code);                                              \
        CHECK_MESSAGE(code >= 0, "%s raised nothing", #statement);             \
        if (code >= 0)                                                         \
            CHECK_TEXT(context_error()->message, text);                        \
    } while (0)

static const char *shown(Value v)
{
    static Str s;
    Format f = FORMAT_DEFAULT;
    s.len = 0;
    str_add(&s, "");
    value_format(&f, v, &s);
    return str_text(&s);
}

#define CHECK_SHOWN(v, want) CHECK_TEXT(shown(v), want)

static Value num(int64_t i)
{
    return value_int(i);
}

static Value fl(double x)
{
    return value_float(x);
}

static Value exact_array(int rows, int cols, const int64_t *entries)
{
    Value y = array_new(ELEM_EXACT, rows, cols);
    for (int i = 0; i < rows * cols; i++)
        array_set(y.array, (size_t)i, num(entries[i]));
    return y;
}

#define EXACT(r, c, ...) exact_array(r, c, (const int64_t[]){__VA_ARGS__})
#define FLOATS(r, c, ...) array_from(r, c, (const double[]){__VA_ARGS__})

static Value op(BinaryOp o, Value a, Value b)
{
    return value_binary(o, a, b);
}

/* ---- heap ---- */

static void pool_frees_what_nobody_holds(void)
{
    size_t before = heap_live();
    PoolMark mark = pool_mark();
    Value a = value_string("a"), held = VALUE_NONE;
    value_store(&held, value_string("b"));
    CHECK(heap_live() == before + 2);
    pool_drain(mark);
    CHECK(heap_live() == before + 1);
    CHECK_TEXT(held.string->text, "b");
    a = value_string("c");
    pool_drain_except(mark, a);
    CHECK_TEXT(a.string->text, "c");
    CHECK(heap_live() == before + 2);
    value_store(&held, held);
    value_store(&held, VALUE_NONE);
    pool_drain(mark);
    CHECK(heap_live() == before);
}

static void deep_lists_are_freed_without_recursion(void)
{
    size_t before = heap_live();
    PoolMark mark = pool_mark();
    Value v = list_new(0);
    for (int i = 0; i < 1000000; i++) {
        Value outer = list_new(0);
        list_push(outer, v);
        v = outer;
    }
    pool_drain(mark);
    CHECK(heap_live() == before);
}

static void deep_lists_are_refused_not_crashed(void)
{
    Value v = list_new(0), w = list_new(0);
    for (int i = 0; i < 1000000; i++) {
        Value x = list_new(1), y = list_new(1);
        list_push(x, v);
        list_push(y, w);
        v = x;
        w = y;
    }
    CHECK_RAISES(value_same(v, w), ERR_DEPTH);
    CHECK_RAISES(value_hash(v), ERR_DEPTH);
    CHECK(strlen(shown(v)) < 1000);
}

static void containers_copy_when_shared(void)
{
    Value l = list_new(0), v1 = VALUE_NONE, v2 = VALUE_NONE;
    list_push(l, num(1));
    value_store(&v1, l);
    CHECK(value_own(l).list == l.list);
    value_store(&v2, l);
    Value copy = value_own(l);
    CHECK(copy.list != l.list);
    list_set(copy, 0, num(2));
    CHECK_SHOWN(l, "{1}");
    CHECK_SHOWN(copy, "{2}");
    value_store(&v1, VALUE_NONE);
    value_store(&v2, VALUE_NONE);
    Value r = record_new(0);
    Name w = name_of("w"), b = name_of("b");
    record_set(r, w, num(1));
    record_set(r, b, value_string("x\n"));
    record_set(r, w, num(3));
    CHECK_SHOWN(r, "{w = 3, b = \"x\\n\"}");
    CHECK(!record_find(r, name_of("c")));
}

static void exprs_are_linked(void)
{
    PoolMark mark = pool_mark();
    Value a = value_expr(5), b = value_expr(6);
    CHECK(heap_exprs() == b.expr && b.expr->after == a.expr);
    value_keep(a);
    pool_drain(mark);
    CHECK(heap_exprs() == a.expr && !a.expr->after && !a.expr->before);
    value_drop(a);
    pool_drain(mark);
    CHECK(!heap_exprs());
}

static void heap_frees_what_is_held(void)
{
    Context *c = context_new(), *old = context_enter(c);
    Heap *h = heap_new();
    Value l = list_new(0), m = EXACT(2, 1, 1, 2);
    array_set(m.array, 0, value_rational(1, 3));
    list_push(l, m);
    value_keep(l);
    value_drop(l);
    value_keep(l);
    heap_free(h);
    context_enter(old);
    context_free(c);
}

/* ---- numbers ---- */

static void exact_arithmetic(void)
{
    CHECK_SHOWN(op(BIN_ADD, num(INT64_MAX), num(1)), "9223372036854775808");
    CHECK_SHOWN(op(BIN_SUB, op(BIN_ADD, num(INT64_MAX), num(1)), num(1)),
                "9223372036854775807");
    CHECK(op(BIN_SUB, op(BIN_ADD, num(INT64_MAX), num(1)), num(1)).kind ==
          VAL_INT);
    CHECK_SHOWN(op(BIN_DIV, num(2), num(6)), "1/3");
    CHECK_SHOWN(op(BIN_DIV, num(6), num(-2)), "-3");
    CHECK_SHOWN(op(BIN_DIV, num(INT64_MIN), num(-1)), "9223372036854775808");
    CHECK_SHOWN(value_negate(num(INT64_MIN)), "9223372036854775808");
    CHECK_SHOWN(op(BIN_POW, num(2), num(-1)), "1/2");
    CHECK_SHOWN(op(BIN_POW, num(2), num(100)),
                "1267650600228229401496703205376");
    CHECK_SHOWN(op(BIN_POW, num(0), num(0)), "1");
    CHECK_SHOWN(op(BIN_POW, num(4), value_rational(3, 2)), "8");
    CHECK_SHOWN(op(BIN_MOD, num(-7), num(3)), "2");
    CHECK_SHOWN(op(BIN_MOD, num(7), num(-3)), "-2");
    CHECK_SHOWN(op(BIN_MOD, value_rational(7, 2), num(3)), "1/2");
    CHECK_SHOWN(value_rational(4, -6), "-2/3");
    CHECK_SHOWN(number_floor(value_rational(-7, 2)), "-4");
    CHECK_SHOWN(number_to_exact(fl(0.5)), "1/2");
    CHECK_SHOWN(op(BIN_MAX, num(1), fl(0.5)), "1.0");
    CHECK_SHOWN(op(BIN_MAX, num(1), value_rational(3, 2)), "3/2");
    Value y;
    CHECK(!number_power_exact(num(2), value_rational(1, 2), &y));
    CHECK(number_power_exact(value_rational(4, 9), value_rational(-1, 2), &y));
    CHECK_SHOWN(y, "3/2");
}

static void mixed_arithmetic_gives_floats(void)
{
    CHECK_SHOWN(op(BIN_MUL, value_rational(1, 3), fl(3)), "1.0");
    CHECK_SHOWN(op(BIN_ADD, fl(0.1), num(1)), "1.1");
    CHECK(value_to_double(value_rational(1, 3)) == 1.0 / 3);
    CHECK_SHOWN(op(BIN_MOD, fl(-7.5), num(2)), "0.5");
}

static void numbers_compare_exactly(void)
{
    Value big = op(BIN_ADD, op(BIN_POW, num(2), num(53)), num(1));
    CHECK(value_compare(big, fl(0x1p53)) == 1);
    CHECK(value_compare(fl(0x1p53), big) == -1);
    CHECK(value_compare(value_rational(1, 10), fl(0.1)) == -1);
    CHECK(!op(BIN_EQ, fl(0.1), value_rational(1, 10)).truth);
    CHECK(op(BIN_EQ, fl(0.5), value_rational(1, 2)).truth);
    CHECK(value_compare(fl(NAN), num(1)) == 2);
    CHECK(value_compare(num(1), fl(NAN)) == 2);
    CHECK(op(BIN_NE, fl(NAN), fl(NAN)).truth);
    CHECK(!op(BIN_LE, fl(NAN), fl(NAN)).truth);
    CHECK(value_compare(fl(INFINITY), big) == 1);
    CHECK(value_same(num(2), fl(2)) && value_hash(num(2)) == value_hash(fl(2)));
    CHECK(value_hash(fl(-0.0)) == value_hash(num(0)));
    CHECK(value_compare(value_string("a"), value_string("ab")) == -1);
}

static void scalar_failures_name_the_operation(void)
{
    CHECK_ERROR(op(BIN_DIV, num(1), num(0)), "division by 0 in 1/0");
    CHECK_ERROR(op(BIN_DIV, fl(1), fl(0)), "division by 0 in 1.0/0.0");
    CHECK_ERROR(op(BIN_POW, num(0), num(-1)), "0^(-1) divides by 0");
    CHECK_ERROR(op(BIN_POW, fl(-8), fl(0.3333)),
                "(-8.0)^0.3333 has no real value");
    CHECK_ERROR(op(BIN_POW, num(-8), value_rational(1, 3)),
                "(-8)^(1/3) has no real value");
    CHECK_RAISES(op(BIN_MUL, fl(1e300), fl(1e300)), ERR_NAN);
    CHECK_RAISES(op(BIN_SUB, fl(INFINITY), fl(INFINITY)), ERR_NAN);
    CHECK_RAISES(op(BIN_ADD, fl(INFINITY), fl(1)), -1);
    CHECK_RAISES(op(BIN_ADD, fl(NAN), fl(1)), -1);
    CHECK_RAISES(op(BIN_MUL, op(BIN_POW, num(10), num(400)), fl(1)), ERR_NAN);
    CHECK_RAISES(op(BIN_MOD, num(1), num(0)), ERR_DOMAIN);
    CHECK_RAISES(op(BIN_POW, num(3), num(10000000)), ERR_EXACT);
    CHECK_TEXT(context_error()->help, "start from 1.0");
    CHECK_RAISES(op(BIN_POW, num(1), num(INT64_MAX)), -1);
    CHECK_RAISES(op(BIN_POW, num(3), num(INT64_MAX)), ERR_EXACT);
    CHECK_RAISES(op(BIN_ADD, num(1), value_string("a")), ERR_TYPE);
    CHECK_RAISES(op(BIN_AND, num(1), value_bool(true)), ERR_TYPE);
    CHECK_RAISES(op(BIN_EQ, (Value){.kind = VAL_MISSING}, num(1)), ERR_MISSING);
}

/* ---- elementwise ---- */

static void shapes_broadcast(void)
{
    Shape y;
    CHECK(shape_broadcast((Shape){1, 1}, (Shape){2, 3}, &y) && y.cols == 3);
    CHECK(shape_broadcast((Shape){2, 1}, (Shape){2, 3}, &y) && y.cols == 3);
    CHECK(shape_broadcast((Shape){2, 3}, (Shape){1, 3}, &y) && y.rows == 2);
    CHECK(!shape_broadcast((Shape){3, 1}, (Shape){1, 3}, &y));
    CHECK(!shape_broadcast((Shape){3, 1}, (Shape){2, 2}, &y));
    CHECK(shape_broadcast((Shape){-5, 1}, (Shape){-5, -6}, &y) && y.cols == -6);
    CHECK(!shape_broadcast((Shape){-5, 1}, (Shape){-6, 1}, &y));
    CHECK(shape_broadcast((Shape){0, 3}, (Shape){1, 3}, &y) && y.rows == 0);
    CHECK(shape_product((Shape){2, -3}, (Shape){-3, 4}, &y) && y.cols == 4);
    CHECK(!shape_product((Shape){2, 3}, (Shape){2, 3}, &y));
    CHECK_ERROR(op(BIN_ADD, FLOATS(3, 1, 1, 2, 3), FLOATS(2, 2, 1, 2, 3, 4)),
                "cannot add [3] and [2,2]");
    CHECK_ERROR(op(BIN_ADD, FLOATS(2, 1, 1, 2), FLOATS(1, 2, 1, 2)),
                "cannot add [2] and [1,2]");
    CHECK(context_error()->help != NULL);
}

/* Entry (i, j) of an operand that may repeat. */
static Value entry_at(Value v, int i, int j)
{
    if (v.kind != VAL_ARRAY)
        return v;
    int r = v.array->rows == 1 ? 0 : i, c = v.array->cols == 1 ? 0 : j;
    return array_get(v.array, (size_t)(r + c * v.array->rows));
}

static Value random_operand(Rng *r, ElementKind kind, int rows, int cols)
{
    Value y = array_new(kind, rows, cols);
    for (size_t i = 0; i < (size_t)rows * (size_t)cols; i++) {
        int64_t k = (int64_t)rng_below(r, 19) - 9;
        int64_t d = (int64_t)rng_below(r, 4) + 1;
        array_set(y.array, i,
                  kind == ELEM_FLOAT   ? fl(rng_normal(r))
                  : kind == ELEM_EXACT ? value_rational(k, d)
                                       : value_bool(k > 0));
    }
    return array_value(y);
}

static void elementwise_agrees_with_scalars(void)
{
    static const int shape[][2] = {{1, 1}, {4, 1}, {1, 3}, {4, 3}, {300, 2}};
    Rng r = rng_new(1, 0);
    for (int o = BIN_ADD; o <= BIN_GE; o++) {
        if (o == BIN_DIV || o == BIN_POW || o == BIN_MOD)
            continue;
        for (int k = 0; k < 225; k++) {
            const int *sa = shape[k % 5], *sb = shape[k / 5 % 5];
            Shape s;
            if (!shape_broadcast((Shape){sa[0], sa[1]}, (Shape){sb[0], sb[1]},
                                 &s))
                continue;
            Value a =
                random_operand(&r, (ElementKind)(k / 25 % 3), sa[0], sa[1]);
            Value b = random_operand(&r, (ElementKind)(k / 75), sb[0], sb[1]);
            Value y = op((BinaryOp)o, a, b);
            for (int i = 0; i < s.rows; i += 1 + s.rows / 7) {
                for (int j = 0; j < s.cols; j++) {
                    Value want = number_binary((BinaryOp)o, entry_at(a, i, j),
                                               entry_at(b, i, j));
                    Value got = entry_at(y, i, j);
                    CHECK_MESSAGE(value_same(got, want), "op %d case %d", o, k);
                }
            }
        }
    }
}

static void arrays_keep_nan_with_one_warning(void)
{
    const Warning *w;
    heap_warnings_clear();
    Value z = FLOATS(3, 1, 0, 1, 0);
    Value y = op(BIN_DIV, z, z);
    CHECK_SHOWN(y, "[nan, 1, nan]");
    CHECK(heap_warnings(&w) == 1 && w[0].count == 2);
    CHECK_TEXT(w[0].operation, "/");
    op(BIN_ADD, y, num(1));
    CHECK(heap_warnings(&w) == 1 && w[0].count == 2);
    heap_warnings_clear();
    CHECK(value_count_nan(value_map(log, NULL, FLOATS(2, 1, -1, NAN)),
                          FLOATS(2, 1, -1, NAN)) == 1);
    CHECK_SHOWN(op(BIN_POW, EXACT(2, 1, 4, 9), value_rational(1, 2)), "[2, 3]");
    CHECK_SHOWN(op(BIN_POW, EXACT(2, 1, 4, 2), value_rational(1, 2)),
                "[2, 1.41421]");
    CHECK_RAISES(op(BIN_DIV, EXACT(2, 1, 4, 9), num(0)), ERR_DOMAIN);
    CHECK_SHOWN(value_not(op(BIN_GT, EXACT(3, 1, 1, 2, 3), num(1))),
                "[true, false, false]");
    CHECK_SHOWN(value_map2(hypot, FLOATS(2, 1, 3, 5), num(4)), "[5, 6.40312]");
}

/* ---- linear algebra ---- */

static void products_agree_with_loops(void)
{
    Rng r = rng_new(2, 0);
    for (int m = 1; m < 6; m++) {
        for (int k = 0; k < 5; k++) {
            for (int n = 1; n < 4; n++) {
                Value a = random_operand(&r, ELEM_EXACT, m, k);
                Value b = random_operand(&r, ELEM_EXACT, k, n);
                if (a.kind != VAL_ARRAY || b.kind != VAL_ARRAY)
                    continue;
                Value y = value_product(a, b);
                Value f = value_product(value_object(array_to_float(a)),
                                        value_object(array_to_float(b)));
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        Value sum = num(0);
                        for (int q = 0; q < k; q++)
                            sum = op(BIN_ADD, sum,
                                     op(BIN_MUL, entry_at(a, i, q),
                                        entry_at(b, q, j)));
                        double x = value_to_double(sum);
                        CHECK(value_same(entry_at(y, i, j), sum));
                        CHECK(fabs(value_to_double(entry_at(f, i, j)) - x) <
                              1e-12);
                    }
                }
            }
        }
    }
    CHECK_RAISES(value_product(EXACT(2, 1, 1, 2), EXACT(2, 1, 1, 2)),
                 ERR_SHAPE);
}

static double distance(Value a, Value b)
{
    double y = 0;
    Array *x = array_to_float(a), *z = array_to_float(b);
    for (size_t i = 0; i < array_count(x); i++)
        y = fmax(y, fabs(x->f[i] - z->f[i]));
    return y;
}

static void exact_and_float_solutions_agree(void)
{
    Rng r = rng_new(3, 0);
    for (int n = 2; n < 9; n++) {
        Value a = random_operand(&r, ELEM_EXACT, n, n);
        Value b = random_operand(&r, ELEM_EXACT, n, 2);
        Value x = value_solve(a, b);
        CHECK(value_same(value_product(a, x), b));
        Value inv = value_inverse(a);
        CHECK(value_same(value_product(a, inv), array_identity(n)));
        Value det = value_det(a);
        CHECK(value_same(op(BIN_MUL, det, value_det(inv)), num(1)));
        Value fa = value_object(array_to_float(a));
        CHECK(distance(value_solve(fa, b), x) < 1e-8);
        CHECK(distance(value_inverse(fa), inv) < 1e-8);
        double d = value_to_double(det);
        CHECK(fabs(value_to_double(value_det(fa)) - d) < 1e-9 * fabs(d));
        if (d > 0)
            CHECK(fabs(value_to_double(value_logdet(fa)) - log(d)) < 1e-9);
        else
            CHECK_RAISES(value_logdet(fa), ERR_DOMAIN);
    }
}

static void special_matrices(void)
{
    CHECK_SHOWN(value_solve(EXACT(2, 2, 1, 3, 2, 4), EXACT(2, 1, 5, 6)),
                "[-4, 9/2]");
    CHECK_RAISES(value_solve(EXACT(2, 2, 1, 2, 2, 4), EXACT(2, 1, 1, 1)),
                 ERR_SINGULAR);
    CHECK_RAISES(value_inverse(EXACT(2, 2, 0, 0, 0, 0)), ERR_SINGULAR);
    CHECK_RAISES(value_inverse(FLOATS(2, 2, 1, 2, 2, 4)), ERR_SINGULAR);
    CHECK_RAISES(value_solve(FLOATS(2, 2, 1, 2, 2, 4), FLOATS(2, 1, 1, 1)),
                 ERR_SINGULAR);
    CHECK_SHOWN(value_det(EXACT(2, 2, 0, 1, 1, 0)), "-1");
    CHECK_SHOWN(value_det(EXACT(2, 2, 1, 2, 2, 4)), "0");
    CHECK_SHOWN(
        value_solve(EXACT(3, 2, 1, 1, 1, 1, 2, 3), EXACT(3, 1, 1, 2, 4)),
        "[-2/3, 3/2]");
    CHECK_SHOWN(value_solve(FLOATS(2, 2, 4, 1, 1, 3), FLOATS(2, 1, 1, 2)),
                "[0.0909091, 0.636364]");
    CHECK(distance(value_solve(FLOATS(3, 2, 1, 1, 1, 1, 2, 3),
                               FLOATS(3, 1, 1, 2, 4)),
                   FLOATS(2, 1, -2.0 / 3, 1.5)) < 1e-13);
    CHECK_SHOWN(value_matrix_power(EXACT(2, 2, 1, 1, 1, 0), 10),
                "[89, 55; 55, 34]");
    CHECK_SHOWN(value_matrix_power(EXACT(2, 2, 1, 1, 1, 0), -1),
                "[0, 1; 1, -1]");
    CHECK_SHOWN(value_matrix_power(EXACT(2, 2, 1, 1, 1, 0), 0), "[1, 0; 0, 1]");
    CHECK_RAISES(value_matrix_power(EXACT(2, 1, 1, 1), 2), ERR_SHAPE);
    CHECK_SHOWN(value_kron(EXACT(1, 2, 1, 2), EXACT(2, 1, 3, 4)),
                "[3, 6; 4, 8]");
    CHECK_SHOWN(value_diag(EXACT(2, 1, 1, 2)), "[1, 0; 0, 2]");
    CHECK_SHOWN(value_diag(EXACT(2, 2, 1, 2, 3, 4)), "[1, 4]");
    CHECK_SHOWN(value_trace(EXACT(2, 2, 1, 2, 3, 4)), "5");
    CHECK_SHOWN(value_transpose(EXACT(2, 2, 1, 2, 3, 4)), "[1, 2; 3, 4]");
    CHECK_SHOWN(value_transpose(EXACT(2, 1, 1, 2)), "[1, 2;]");
    CHECK_SHOWN(value_transpose(num(2)), "2");
}

/* The Hilbert matrix of order 12 has condition 1e16; exactly it is easy. */
static void exact_hilbert_inverse(void)
{
    enum { N = 12 };
    Value h = array_new(ELEM_EXACT, N, N);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            array_set(h.array, (size_t)(i + j * N),
                      value_rational(1, i + j + 1));
    }
    Value inv = value_inverse(h);
    CHECK_SHOWN(array_get(inv.array, 0), "144");
    CHECK(value_same(value_product(h, inv), array_identity(N)));
}

/* ---- reductions ---- */

static void reductions(void)
{
    CHECK_SHOWN(value_reduce(RED_SUM, FLOATS(3, 1, 1e16, 1, -1e16), 0), "1.0");
    Value a = EXACT(2, 3, 1, 2, 3, 4, 5, 6);
    CHECK_SHOWN(value_reduce(RED_SUM, a, 0), "21");
    CHECK_SHOWN(value_reduce(RED_SUM, a, 1), "[3, 7, 11;]");
    CHECK_SHOWN(value_reduce(RED_SUM, a, 2), "[9, 12]");
    CHECK_SHOWN(value_reduce(RED_PROD, a, 0), "720");
    CHECK_SHOWN(value_reduce(RED_MEAN, a, 0), "7/2");
    CHECK_SHOWN(value_reduce(RED_MAX, a, 2), "[5, 6]");
    CHECK_SHOWN(value_reduce(RED_MIN, a, 1), "[1, 3, 5;]");
    CHECK_SHOWN(value_argreduce(RED_MAX, FLOATS(4, 1, 1, 7, 7, 2)), "2");
    CHECK_SHOWN(value_argreduce(RED_MIN, EXACT(4, 1, 3, 1, 1, 2)), "2");
    CHECK_SHOWN(value_reduce(RED_SUM, array_new(ELEM_EXACT, 0, 1), 0), "0");
    CHECK_SHOWN(value_reduce(RED_PROD, array_new(ELEM_FLOAT, 0, 1), 0), "1.0");
    CHECK_RAISES(value_reduce(RED_MAX, array_new(ELEM_FLOAT, 0, 1), 0),
                 ERR_DOMAIN);
    CHECK_SHOWN(value_reduce(RED_SUM, array_new(ELEM_EXACT, 0, 2), 1),
                "[0, 0;]");
    Value mask = op(BIN_GT, a, num(2));
    CHECK_SHOWN(value_reduce(RED_SUM, mask, 0), "4");
    CHECK_SHOWN(value_reduce(RED_MEAN, op(BIN_GT, a, num(3)), 0), "0.5");
    CHECK(!value_reduce(RED_ALL, mask, 0).truth);
    CHECK(value_reduce(RED_ANY, mask, 0).truth);
    CHECK_SHOWN(value_reduce(RED_ALL, mask, 1), "[false, true, true;]");
    CHECK_RAISES(value_reduce(RED_ALL, a, 0), ERR_TYPE);
    CHECK_RAISES(value_reduce(RED_SUM, FLOATS(2, 1, 1e308, 1e308), 0), ERR_NAN);
    CHECK(isnan(value_reduce(RED_MAX, FLOATS(2, 1, NAN, 1), 0).number));
    CHECK_SHOWN(value_reduce(RED_SUM, num(3), 0), "3");
}

/* ---- indexing and building ---- */

static Value at1(Value a, Value i)
{
    return array_index(a, 1, &i);
}

static Value at2(Value a, Value i, Value j)
{
    Value index[] = {i, j};
    return array_index(a, 2, index);
}

static Value put1(Value a, Value i, Value v)
{
    return array_assign(a, 1, &i, v);
}

static Value put2(Value a, Value i, Value j, Value v)
{
    Value index[] = {i, j};
    return array_assign(a, 2, index, v);
}

static void indexing(void)
{
    Value colon = {.kind = VAL_COLON};
    Value a = EXACT(2, 3, 1, 2, 3, 4, 5, 6), v = FLOATS(3, 1, 7, 8, 9);
    CHECK_SHOWN(at2(a, num(2), num(3)), "6");
    CHECK_SHOWN(at2(a, num(2), colon), "[2, 4, 6;]");
    CHECK_SHOWN(at2(a, colon, num(2)), "[3, 4]");
    CHECK_SHOWN(at2(a, colon, EXACT(2, 1, 3, 1)), "[5, 1; 6, 2]");
    CHECK_SHOWN(at1(a, colon), "[1, 2, 3, 4, 5, 6]");
    CHECK_SHOWN(at1(a, op(BIN_GT, a, num(4))), "[5, 6]");
    CHECK_SHOWN(at1(v, op(BIN_LT, v, num(9))), "[7, 8]");
    CHECK_SHOWN(at1(v, op(BIN_LT, v, num(0))), "zeros(0)");
    CHECK_SHOWN(at1(v, fl(2)), "8.0");
    CHECK_SHOWN(at1(value_transpose(v), EXACT(2, 1, 1, 3)), "[7, 9;]");
    CHECK_ERROR(at1(v, num(5)), "index 5 is outside 1..3");
    CHECK_ERROR(at1(v, num(0)), "index 0 is outside 1..3");
    CHECK_TEXT(context_error()->help, "indices start at 1");
    CHECK_ERROR(at1(v, fl(1.5)), "index 1.5 is not an integer");
    CHECK_ERROR(at1(v, num(-1)), "index -1 is outside 1..3");
    CHECK_RAISES(at1(v, EXACT(2, 1, 1, 4)), ERR_INDEX);
    CHECK_RAISES(at1(v, op(BIN_GT, a, num(4))), ERR_INDEX);
    CHECK_RAISES(at1(v, value_string("a")), ERR_TYPE);
    CHECK_RAISES(at1(a, op(BIN_GT, EXACT(3, 2, 1, 2, 3, 4, 5, 6), num(1))),
                 ERR_INDEX);
}

static void assignment(void)
{
    Value colon = {.kind = VAL_COLON};
    Value a = EXACT(2, 2, 1, 2, 3, 4), held = VALUE_NONE;
    CHECK(put1(a, num(1), num(9)).array == a.array);
    CHECK_SHOWN(a, "[9, 3; 2, 4]");
    value_store(&held, a);
    value_keep(a);
    Value b = put2(a, num(1), colon, EXACT(2, 1, 5, 6));
    CHECK(b.array != a.array);
    CHECK_SHOWN(b, "[5, 6; 2, 4]");
    CHECK_SHOWN(a, "[9, 3; 2, 4]");
    value_drop(a);
    value_store(&held, VALUE_NONE);
    CHECK_SHOWN(put1(b, op(BIN_GT, b, num(4)), num(0)), "[0, 0; 2, 4]");
    CHECK_SHOWN(put1(b, num(1), fl(0.5)), "[0.5, 0; 2, 4]");
    CHECK_SHOWN(put2(b, colon, colon, b), "[0, 0; 2, 4]");
    CHECK_SHOWN(put1(op(BIN_GT, b, num(1)), num(1), num(7)), "[7, 0; 1, 1]");
}

static void bad_assignments_raise(void)
{
    Value colon = {.kind = VAL_COLON}, b = EXACT(2, 2, 1, 2, 3, 4);
    CHECK_RAISES(put1(b, num(9), num(1)), ERR_INDEX);
    CHECK_RAISES(put2(b, colon, num(1), EXACT(3, 1, 1, 2, 3)), ERR_SHAPE);
    CHECK_RAISES(put1(b, num(1), value_string("a")), ERR_TYPE);
}

static void ranges(void)
{
    CHECK_SHOWN(array_range(num(1), num(1), num(4)), "[1, 2, 3, 4]");
    CHECK_SHOWN(array_range(num(1), num(1), num(1)), "1");
    CHECK_SHOWN(array_range(num(1), num(1), num(0)), "zeros(0)");
    CHECK_SHOWN(array_range(num(5), num(-2), num(0)), "[5, 3, 1]");
    CHECK_SHOWN(array_range(num(0), value_rational(1, 3), num(1)),
                "[0, 1/3, 2/3, 1]");
    CHECK_SHOWN(array_range(num(0), fl(0.1), fl(0.3)), "[0, 0.1, 0.2, 0.3]");
    CHECK(array_range(num(0), fl(0.1), num(1)).array->rows == 11);
    CHECK(array_range(num(0), fl(0.1), num(1)).array->f[10] == 1);
    CHECK_SHOWN(array_range(num(0), fl(0.3), num(1)), "[0, 0.3, 0.6, 0.9]");
    CHECK_RAISES(array_range(num(0), num(0), num(1)), ERR_DOMAIN);
    CHECK_RAISES(array_range(num(0), num(1), num(1LL << 40)), ERR_LIMIT);
    CHECK_RAISES(array_range(num(0), fl(1), fl(INFINITY)), ERR_DOMAIN);
}

static void building(void)
{
    Value parts[] = {EXACT(2, 1, 1, 2), EXACT(2, 2, 3, 4, 5, 6)};
    CHECK_SHOWN(array_join(2, parts), "[1, 3, 5; 2, 4, 6]");
    CHECK_RAISES(array_stack(2, parts), ERR_SHAPE);
    Value down[] = {num(1), fl(2.5), EXACT(2, 1, 3, 4)};
    CHECK_SHOWN(array_stack(3, down), "[1, 2.5, 3, 4]");
    Value bools[] = {value_bool(true), value_bool(false)};
    CHECK_SHOWN(array_stack(2, bools), "[true, false]");
    Value mixed[] = {value_bool(true), num(3)};
    CHECK_SHOWN(array_stack(2, mixed), "[1, 3]");
    Value grown[] = {array_new(ELEM_EXACT, 0, 1), num(3)};
    CHECK_SHOWN(array_stack(2, grown), "3");
    CHECK_SHOWN(array_stack(0, NULL), "zeros(0)");
    CHECK_SHOWN(array_new(ELEM_FLOAT, 0, 3), "zeros(0, 3)");
    CHECK_SHOWN(array_identity(2), "[1, 0; 0, 1]");
    CHECK_SHOWN(array_fill(1, 2, fl(0.5)), "[0.5, 0.5;]");
    CHECK_SHOWN(array_reshape(EXACT(4, 1, 1, 2, 3, 4), 2, 2), "[1, 3; 2, 4]");
    CHECK_RAISES(array_reshape(EXACT(4, 1, 1, 2, 3, 4), 3, 2), ERR_SHAPE);
    CHECK_SHOWN(array_sort(FLOATS(4, 1, 3, NAN, 1, 2), false),
                "[1, 2, 3, nan]");
    CHECK_SHOWN(array_sort_order(EXACT(4, 1, 3, 1, 3, 2), true),
                "[1, 3, 4, 2]");
    CHECK_RAISES(array_new(ELEM_FLOAT, INT32_MAX, INT32_MAX), ERR_MEMORY);
    CHECK(((uintptr_t)array_new(ELEM_FLOAT, 3, 1).array->f & 63) == 0);
}

static Value random_index(Rng *r, int side)
{
    int n = (int)rng_below(r, 6);
    Value y = array_new(ELEM_EXACT, n, 1);
    for (int i = 0; i < n; i++)
        array_set(y.array, (size_t)i,
                  num((int64_t)rng_below(r, (uint64_t)side) + 1));
    return y;
}

static int place(Value index, int k)
{
    return (int)array_get(index.array, (size_t)k).integer - 1;
}

static void parts_agree_with_loops(void)
{
    Rng r = rng_new(4, 0);
    for (int t = 0; t < 300; t++) {
        int m = (int)rng_below(&r, 5) + 2, n = (int)rng_below(&r, 5) + 2;
        ElementKind kind = (ElementKind)rng_below(&r, 3);
        Value a = random_operand(&r, kind, m, n);
        Value i = random_index(&r, m), j = random_index(&r, n);
        int ni = i.array->rows, nj = j.array->rows;
        Value y = at2(a, i, j), b = array_copy(a.array);
        for (int p = 0; p < ni; p++) {
            for (int q = 0; q < nj; q++)
                CHECK(value_same(entry_at(y, p, q),
                                 entry_at(a, place(i, p), place(j, q))));
        }
        Value v =
            ni * nj == 1 ? fl(1.25) : random_operand(&r, ELEM_FLOAT, ni, nj);
        Value c = put2(b, i, j, v);
        for (int p = 0; p < ni; p++) {
            for (int q = 0; q < nj; q++) {
                bool last = true; /* a later index may write there again */
                for (int u = p; u < ni; u++)
                    for (int w = 0; w < nj; w++)
                        last = last && (w * ni + u <= q * ni + p ||
                                        place(i, u) != place(i, p) ||
                                        place(j, w) != place(j, q));
                for (int u = 0; u < p; u++)
                    for (int w = q + 1; w < nj; w++)
                        last = last && (place(i, u) != place(i, p) ||
                                        place(j, w) != place(j, q));
                if (last)
                    CHECK(value_to_double(
                              entry_at(c, place(i, p), place(j, q))) ==
                          value_to_double(entry_at(v, p, q)));
            }
        }
        Value both[] = {a, c}, down = array_stack(2, both);
        Value side = array_join(2, both);
        for (int p = 0; p < m; p++) {
            for (int q = 0; q < n; q++) {
                double x = value_to_double(entry_at(c, p, q));
                CHECK(value_to_double(entry_at(down, m + p, q)) == x);
                CHECK(value_to_double(entry_at(side, p, n + q)) == x);
            }
        }
    }
}

static void reductions_agree_with_loops(void)
{
    Rng r = rng_new(5, 0);
    for (int t = 0; t < 60; t++) {
        int m = (int)rng_below(&r, 5) + 2, n = (int)rng_below(&r, 5) + 2;
        Value a = random_operand(&r, t % 2 ? ELEM_EXACT : ELEM_FLOAT, m, n);
        Value sums = value_reduce(RED_SUM, a, 2),
              top = value_reduce(RED_MAX, a, 1);
        Value sorted = array_sort(a, t % 3 == 0);
        Value order = array_sort_order(a, t % 3 == 0);
        for (int i = 0; i < m; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++)
                sum += value_to_double(entry_at(a, i, j));
            CHECK(fabs(value_to_double(entry_at(sums, i, 0)) - sum) < 1e-13);
        }
        for (int j = 0; j < n; j++) {
            double most = -INFINITY;
            for (int i = 0; i < m; i++)
                most = fmax(most, value_to_double(entry_at(a, i, j)));
            CHECK(value_to_double(entry_at(top, 0, j)) == most);
        }
        for (int k = 0; k < m * n; k++) {
            Value e = array_get(sorted.array, (size_t)k);
            size_t from = (size_t)place(order, k);
            CHECK(value_same(e, array_get(a.array, from)));
            if (k > 0)
                CHECK(value_compare(array_get(sorted.array, (size_t)k - 1),
                                    e) != (t % 3 == 0 ? -1 : 1));
        }
    }
}

static void solving_warns_of_lost_digits(void)
{
    const Warning *w;
    Value x = value_solve(FLOATS(4, 2, 1, 1, 1, 1, 2, 2, 2, 2),
                          FLOATS(4, 1, 1, 2, 3, 4));
    CHECK(heap_warnings(&w) == 1 && w[0].count == 0);
    CHECK(strstr(w[0].operation, "rank 1"));
    CHECK(distance(value_product(FLOATS(4, 2, 1, 1, 1, 1, 2, 2, 2, 2), x),
                   FLOATS(4, 1, 2.5, 2.5, 2.5, 2.5)) < 1e-13);
    heap_warnings_clear();
    value_solve(FLOATS(2, 2, 1, 1, 1, 1 + 4e-16), FLOATS(2, 1, 1, 2));
    CHECK(heap_warnings(&w) == 1 && strstr(w[0].operation, "singular"));
}

/* ---- tables ---- */

static Value small_table(void)
{
    Value t = table_new(0), names = list_new(3);
    list_push(names, value_string("ann"));
    list_push(names, (Value){.kind = VAL_MISSING});
    list_push(names, value_string("bob"));
    Value age = FLOATS(3, 1, 30.5, 25, 25);
    array_set_missing(age.array, 1);
    datatable_set(t, name_of("name"), names);
    datatable_set(t, name_of("age"), age);
    datatable_set(t, name_of("g"), FLOATS(3, 1, 2, 1, 2));
    return t;
}

static void tables(void)
{
    Value t = small_table(), colon = {.kind = VAL_COLON};
    CHECK_SHOWN(t, "name         age  g\n"
                   "ann         30.5  2\n"
                   "missing  missing  1\n"
                   "bob         25    2");
    CHECK_SHOWN(value_missing(*datatable_find(t, name_of("age"))),
                "[false, true, false]");
    CHECK_RAISES(op(BIN_ADD, *datatable_find(t, name_of("age")), num(1)),
                 ERR_MISSING);
    CHECK_SHOWN(datatable_drop_missing(t), "name   age  g\n"
                                           "ann   30.5  2\n"
                                           "bob   25    2");
    CHECK_SHOWN(datatable_index(t, num(3), value_string("age")), "25.0");
    CHECK_SHOWN(datatable_index(t, colon, value_string("g")), "[2, 1, 2]");
    CHECK_RAISES(datatable_index(t, colon, value_string("gg")), ERR_MEMBER);
    Value cols = list_new(2);
    list_push(cols, value_string("g"));
    list_push(cols, value_string("age"));
    CHECK_SHOWN(datatable_index(t, EXACT(2, 1, 3, 1), cols),
                "g   age\n2  25\n2  30.5");
    CHECK_SHOWN(datatable_sort(t, name_of("age"), true), "name         age  g\n"
                                                         "ann         30.5  2\n"
                                                         "bob         25    2\n"
                                                         "missing  missing  1");
    Value groups = datatable_group(t, name_of("g"));
    CHECK(groups.list->count == 2);
    CHECK(groups.list->at[1].table->rows == 2);
    Value e = table_new(0);
    datatable_set(e, name_of("g"), FLOATS(3, 1, 2, 3, 2));
    datatable_set(e, name_of("age"), FLOATS(3, 1, 7, 8, 9));
    Value j = datatable_join(t, e, name_of("g"));
    CHECK_SHOWN(j, "name   age  g  age_2\nann   30.5  2      7\n"
                   "ann   30.5  2      9\nbob   25    2      7\n"
                   "bob   25    2      9");
    CHECK_SHOWN(datatable_matrix(e), "[2, 7; 3, 8; 2, 9]");
    CHECK_RAISES(datatable_matrix(t), ERR_TYPE);
    CHECK_SHOWN(
        list_equals(*datatable_find(j, name_of("name")), value_string("bob")),
        "[false, false, true, true]");
    datatable_set(e, name_of("k"), num(1));
    CHECK(datatable_find(e, name_of("k"))->array->rows == 3);
    CHECK_RAISES(datatable_set(e, name_of("k"), FLOATS(2, 1, 1, 2)), ERR_SHAPE);
    CHECK_SHOWN(list_index(groups, num(1)).kind == VAL_TABLE ? num(1) : num(0),
                "1");
}

static void tables_grow_and_change(void)
{
    Value t = small_table(), colon = {.kind = VAL_COLON};
    Value both = datatable_stack(t, small_table());
    CHECK(both.table->rows == 6);
    CHECK_SHOWN(datatable_index(both, num(6), value_string("name")), "\"bob\"");
    datatable_assign(t, num(2), value_string("name"), value_string("eve"));
    datatable_assign(t, value_missing(*datatable_find(t, name_of("age"))),
                     value_string("age"), num(0));
    datatable_assign(t, colon, num(3), EXACT(3, 1, 7, 8, 9));
    CHECK_SHOWN(t, "name   age  g\nann   30.5  7\neve    0    8\n"
                   "bob   25    9");
    CHECK_SHOWN(datatable_index(both, num(2), value_string("name")), "missing");
    CHECK_RAISES(
        datatable_assign(t, num(4), value_string("name"), value_string("x")),
        ERR_INDEX);
    CHECK_RAISES(datatable_assign(t, num(1), value_string("name"), num(1)),
                 ERR_TYPE);
    Value one = datatable_index(t, num(1), colon);
    CHECK(one.kind == VAL_TABLE && one.table->rows == 1);
    datatable_assign(one, num(1), value_string("age"),
                     (Value){.kind = VAL_MISSING});
    CHECK_SHOWN(one, "name      age  g\nann   missing  7");
    CHECK(datatable_find(one, name_of("age"))->kind == VAL_ARRAY);
    Value l = list_new(0);
    list_assign(l, num(1), num(5));
    list_assign(l, num(2), num(6));
    CHECK_SHOWN(l, "{5, 6}");
    CHECK_RAISES(list_assign(l, num(4), num(6)), ERR_INDEX);
}

/* ---- formats ---- */

static void short_values_print_on_a_line(void)
{
    CHECK_SHOWN(fl(0.1), "0.1");
    CHECK_SHOWN(fl(1e300), "1e300");
    CHECK_SHOWN(fl(2), "2.0");
    CHECK_SHOWN(VALUE_NONE, "none");
    CHECK_SHOWN(value_string("a\"b\\\x01"), "\"a\\\"b\\\\\\u{1}\"");
    CHECK_SHOWN(FLOATS(2, 2, 1, 3, 2, 4), "[1, 2; 3, 4]");
    CHECK_SHOWN(FLOATS(2, 1, 1.0 / 3, 1e30), "[0.333333, 1e30]");
    Value l = list_new(2);
    list_push(l, num(1));
    list_push(l, value_string("a"));
    list_push(l, EXACT(2, 1, 1, 2));
    CHECK_SHOWN(l, "{1, \"a\", [1, 2]}");
    l.list->head.kind = VAL_SEVERAL;
    CHECK_SHOWN(value_object(l.list), "1\n\"a\"\n[1, 2]");
}

static void large_arrays_are_laid_out(void)
{
    Value v = array_range(num(1), num(1), num(30));
    CHECK_SHOWN(v, "[ 1,\n  2,\n  3,\n  4,\n  5,\n  6,\n  7,\n  8,\n  9,\n"
                   " 10,\n ...\n 26,\n 27,\n 28,\n 29,\n 30]    # [30]");
    Value a = array_new(ELEM_FLOAT, 3, 8);
    for (size_t i = 0; i < 24; i++)
        a.array->f[i] = i % 3 == 1 ? -(double)i : (double)i + 0.25;
    CHECK_SHOWN(a, "[ 0.25,  3.25,  6.25,   9.25,  12.25,  15.25,  18.25,  "
                   "21.25;\n"
                   " -1,    -4,    -7,    -10,    -13,    -16,    -19,    "
                   "-22;\n"
                   "  2.25,  5.25,  8.25,  11.25,  14.25,  17.25,  20.25,  "
                   "23.25]");
    CHECK_TEXT(strstr(shown(array_new(ELEM_FLOAT, 40, 60)), "    #"),
               "    # [40,60]");
    CHECK_TEXT(strstr(shown(array_fill(2, 100, fl(0.123456))), "    #"),
               "    # [2,100]");
    Value r = record_new(2);
    record_set(r, name_of("w"), array_fill(20, 1, fl(1.5)));
    record_set(r, name_of("b"), num(2));
    CHECK_SHOWN(r, "{w = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, "
                   "1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5],\n"
                   " b = 2}");
}

static void json_of_values(void)
{
    Format f = FORMAT_DEFAULT;
    Str s = str_in(error_arena());
    Value r = record_new(2);
    record_set(r, name_of("w"), FLOATS(2, 1, 0.5, NAN));
    record_set(r, name_of("m"), FLOATS(2, 2, 1, 2, 3, 4));
    record_set(r, name_of("q"), value_rational(1, 3));
    record_set(r, name_of("s"), value_string("a\"\n\x02"));
    record_set(r, name_of("t"), small_table());
    value_json(&f, r, &s);
    CHECK_TEXT(str_text(&s),
               "{\"w\": [0.5, null], \"m\": [[1.0, 3.0], [2.0, 4.0]], "
               "\"q\": \"1/3\", \"s\": \"a\\\"\\n\\u0002\", \"t\": "
               "{\"name\": [\"ann\", null, \"bob\"], "
               "\"age\": [30.5, null, 25.0], \"g\": [2.0, 1.0, 2.0]}}");
}

/* Runs a test in a pool of its own and looks for what it left behind. */
#define RUN_CLEAN(test)                                                        \
    do {                                                                       \
        RUN(test);                                                             \
        heap_warnings_clear();                                                 \
        pool_drain(0);                                                         \
        if (heap_live() != 0) {                                                \
            check_failures++;                                                  \
            printf("not ok %s: %zu objects left\n", #test, heap_live());       \
        }                                                                      \
    } while (0)

int main(void)
{
    Context *c = context_new();
    context_enter(c);
    Heap *h = heap_new();
    RUN_CLEAN(pool_frees_what_nobody_holds);
    RUN_CLEAN(deep_lists_are_freed_without_recursion);
    RUN_CLEAN(deep_lists_are_refused_not_crashed);
    RUN_CLEAN(containers_copy_when_shared);
    RUN_CLEAN(exprs_are_linked);
    RUN_CLEAN(heap_frees_what_is_held);
    RUN_CLEAN(exact_arithmetic);
    RUN_CLEAN(mixed_arithmetic_gives_floats);
    RUN_CLEAN(numbers_compare_exactly);
    RUN_CLEAN(scalar_failures_name_the_operation);
    RUN_CLEAN(shapes_broadcast);
    RUN_CLEAN(elementwise_agrees_with_scalars);
    RUN_CLEAN(arrays_keep_nan_with_one_warning);
    RUN_CLEAN(products_agree_with_loops);
    RUN_CLEAN(exact_and_float_solutions_agree);
    RUN_CLEAN(special_matrices);
    RUN_CLEAN(exact_hilbert_inverse);
    RUN_CLEAN(reductions);
    RUN_CLEAN(indexing);
    RUN_CLEAN(assignment);
    RUN_CLEAN(bad_assignments_raise);
    RUN_CLEAN(ranges);
    RUN_CLEAN(building);
    RUN_CLEAN(parts_agree_with_loops);
    RUN_CLEAN(reductions_agree_with_loops);
    RUN_CLEAN(solving_warns_of_lost_digits);
    RUN_CLEAN(tables);
    RUN_CLEAN(tables_grow_and_change);
    RUN_CLEAN(short_values_print_on_a_line);
    RUN_CLEAN(large_arrays_are_laid_out);
    RUN_CLEAN(json_of_values);
    heap_free(h);
    context_enter(NULL);
    context_free(c);
    return check_result();
}

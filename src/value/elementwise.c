/*
 * elementwise.c - a op b and f(a) entry by entry
 *
 * Floats run through the vector functions of num/vmath in blocks, an operand
 * that repeats being copied into a block once a column, so that the results
 * agree bit for bit with compiled code.  Exact numbers go one by one.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "num/vmath.h"
#include "value/number.h"
#include "value/shape.h"

enum { BLOCK = 256 };

/* An operand of a result of `rows` by `cols`: how its index moves. */
typedef struct Operand {
    Array *a;
    size_t down, across; /* steps of the index per row and column */
} Operand;

static Operand operand_of(Array *a)
{
    return (Operand){a, a->rows != 1, a->cols != 1 ? (size_t)a->rows : 0};
}

static size_t operand_index(Operand o, size_t i, size_t j)
{
    return i * o.down + j * o.across;
}

static void check_numeric(Value a, Value b, const char *what)
{
    if (value_is_numeric(a) && value_is_numeric(b))
        return;
    if (a.kind == VAL_MISSING || b.kind == VAL_MISSING)
        error_raise(SPAN_NONE, ERR_MISSING, "the value is missing");
    error_raise(SPAN_NONE, ERR_TYPE, "`%s` is not defined for %s and %s", what,
                value_kind_phrase(a), value_kind_phrase(b));
}

static Shape broadcast_shape(BinaryOp op, Value a, Value b)
{
    Shape y, sa = value_shape(a), sb = value_shape(b);
    if (!shape_broadcast(sa, sb, &y))
        shape_raise_broadcast(op, sa, sb);
    return y;
}

/* ---- floats by blocks ---- */

typedef void (*Kernel2Vector)(double *y, const double *a, const double *b,
                              size_t n);

static Kernel2Vector vector_kernel(BinaryOp op)
{
    static const Kernel2Vector kernel[] = {
        [BIN_ADD] = vmath_add, [BIN_SUB] = vmath_sub, [BIN_MUL] = vmath_mul,
        [BIN_DIV] = vmath_div, [BIN_POW] = vmath_pow, [BIN_MOD] = vmath_mod,
        [BIN_MIN] = vmath_min, [BIN_MAX] = vmath_max,
    };
    return kernel[op];
}

/* Entries i.. of column j, repeated in `room` where the operand is a row. */
static const double *block_of(Operand o, size_t i, size_t j, size_t n,
                              double *room)
{
    const double *x = o.a->f + operand_index(o, i, j);
    if (o.down)
        return x;
    for (size_t k = 0; k < n; k++)
        room[k] = *x;
    return room;
}

/* NaN entries of y that come from no NaN in a or b. */
static size_t count_new_nan(const double *y, const double *a, const double *b,
                            size_t n)
{
    size_t all = 0, fresh = 0;
    for (size_t i = 0; i < n; i++)
        all += y[i] != y[i];
    for (size_t i = 0; all > 0 && i < n; i++)
        fresh += y[i] != y[i] && a[i] == a[i] && b[i] == b[i];
    return fresh;
}

/* One long column where nothing but whole operands repeats. */
static void flatten(Array *y, Operand *a, Operand *b, size_t *rows,
                    size_t *cols)
{
    size_t n = array_count(y), na = array_count(a->a), nb = array_count(b->a);
    *rows = (size_t)y->rows;
    *cols = (size_t)y->cols;
    if ((na == n || na == 1) && (nb == n || nb == 1)) {
        a->down = na == n && n != 1;
        b->down = nb == n && n != 1;
        *rows = n;
        *cols = n > 0;
    }
}

/* What a block of the operands is turned into. */
typedef struct BlockWork {
    BinaryOp op;
    Kernel2Vector kernel; /* NULL: a comparison */
    Kernel2 each;         /* instead of the kernel */
    size_t fresh;         /* new NaN so far */
    bool infinite;        /* an infinity came from finite entries */
    bool onto;            /* the result takes the place of a */
} BlockWork;

static bool has_new_infinity(const double *y, const double *a, const double *b,
                             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isinf(y[i]) && isfinite(a[i]) && isfinite(b[i]))
            return true;
    }
    return false;
}

static void compare_block(BinaryOp op, uint8_t *y, const double *a,
                          const double *b, size_t n)
{
#define COMPARE(id, sign)                                                      \
    case id:                                                                   \
        for (size_t i = 0; i < n; i++)                                         \
            y[i] = a[i] sign b[i];                                             \
        break
    switch (op) {
        COMPARE(BIN_EQ, ==);
        COMPARE(BIN_NE, !=);
        COMPARE(BIN_LT, <);
        COMPARE(BIN_LE, <=);
        COMPARE(BIN_GT, >);
        COMPARE(BIN_GE, >=);
    default:
        break;
    }
#undef COMPARE
}

static void run_block(BlockWork *w, Array *y, size_t at, const double *a,
                      const double *b, size_t n)
{
    if (y->kind == ELEM_BOOL) {
        compare_block(w->op, y->b + at, a, b, n);
        return;
    }
    double before[BLOCK];
    if (w->onto)
        a = memcpy(before, a, n * sizeof *a);
    if (w->kernel) {
        w->kernel(y->f + at, a, b, n);
    } else {
        for (size_t i = 0; i < n; i++)
            y->f[at + i] = w->each(a[i], b[i]);
    }
    if (vmath_all_finite(y->f + at, n))
        return;
    w->fresh += count_new_nan(y->f + at, a, b, n);
    w->infinite = w->infinite || has_new_infinity(y->f + at, a, b, n);
}

static void run_blocks(BlockWork *w, Array *y, Array *a, Array *b)
{
    double ra[BLOCK], rb[BLOCK];
    Operand oa = operand_of(a), ob = operand_of(b);
    size_t rows, cols;
    flatten(y, &oa, &ob, &rows, &cols);
    for (size_t j = 0; j < cols; j++) {
        for (size_t i = 0; i < rows; i += BLOCK) {
            size_t n = rows - i < BLOCK ? rows - i : BLOCK;
            POLL();
            run_block(w, y, j * rows + i, block_of(oa, i, j, n, ra),
                      block_of(ob, i, j, n, rb), n);
        }
    }
}

static void note_work(const BlockWork *w)
{
    if (w->fresh > 0)
        heap_warn(binary_sign(w->op), w->fresh);
    if (w->infinite)
        heap_note_infinite(binary_sign(w->op));
}

static Value float_arrays(BinaryOp op, Value a, Value b, Shape s)
{
    bool compare = op >= BIN_EQ && op <= BIN_GE;
    BlockWork w = {.op = op, .kernel = compare ? NULL : vector_kernel(op)};
    Value y = compare ? array_new(ELEM_BOOL, s.rows, s.cols)
                      : array_new_unset(s.rows, s.cols);
    run_blocks(&w, y.array, array_to_float(a), array_to_float(b));
    note_work(&w);
    return y;
}

bool value_binary_onto(BinaryOp op, Value a, Value b)
{
    Shape sa = value_shape(a), sb = value_shape(b), s;
    bool fits = a.kind == VAL_ARRAY && a.array->kind == ELEM_FLOAT &&
                !a.array->missing &&
                (b.kind == VAL_FLOAT ||
                 (b.kind == VAL_ARRAY && b.array->kind == ELEM_FLOAT &&
                  !b.array->missing && b.array != a.array)) &&
                op <= BIN_DIV && shape_broadcast(sa, sb, &s) &&
                shape_same(s, sa);
    if (!fits)
        return false;
    BlockWork w = {.op = op, .kernel = vector_kernel(op), .onto = true};
    run_blocks(&w, a.array, a.array, array_to_float(b));
    note_work(&w);
    return true;
}

/* ---- entries one by one ---- */

static Value each_entry(BinaryOp op, ElementKind kind, Value a, Value b,
                        Shape s)
{
    Value y = array_new(kind, s.rows, s.cols);
    Operand oa = operand_of(value_array(a)), ob = operand_of(value_array(b));
    size_t rows = (size_t)s.rows, cols = (size_t)s.cols;
    for (size_t j = 0; j < cols; j++) {
        for (size_t i = 0; i < rows; i++) {
            POLL();
            PoolMark mark = pool_mark();
            Value e =
                number_binary(op, array_get(oa.a, operand_index(oa, i, j)),
                              array_get(ob.a, operand_index(ob, i, j)));
            array_set(y.array, j * rows + i, e);
            pool_drain(mark);
        }
    }
    return y;
}

/* All powers rational?  A fraction as exponent is looked at; base >= 0. */
static bool powers_are_exact(Value a, Value b, Shape s)
{
    Operand oa = operand_of(value_array(a)), ob = operand_of(value_array(b));
    for (size_t j = 0; j < (size_t)s.cols; j++) {
        for (size_t i = 0; i < (size_t)s.rows; i++) {
            Value x = array_get(oa.a, operand_index(oa, i, j)), y;
            Value k = array_get(ob.a, operand_index(ob, i, j));
            POLL();
            if (number_is_integer(k))
                continue;
            if (number_sign(x) < 0 || !number_power_exact(x, k, &y))
                return false;
        }
    }
    return true;
}

/* Would be the same number as a float? */
static bool is_float_like(Value v)
{
    if (v.kind == VAL_ARRAY)
        return v.array->kind != ELEM_EXACT;
    if (v.kind == VAL_INT)
        return v.integer >= -(1LL << 53) && v.integer <= 1LL << 53;
    return v.kind == VAL_FLOAT || v.kind == VAL_BOOL;
}

static Value compare_arrays(BinaryOp op, Value a, Value b, Shape s)
{
    bool floats = value_element_kind(a) == ELEM_FLOAT ||
                  value_element_kind(b) == ELEM_FLOAT;
    if (floats && is_float_like(a) && is_float_like(b))
        return float_arrays(op, a, b, s);
    return each_entry(op, ELEM_BOOL, a, b, s);
}

Value value_binary(BinaryOp op, Value a, Value b)
{
    check_numeric(a, b, binary_sign(op));
    if (a.kind != VAL_ARRAY && b.kind != VAL_ARRAY)
        return number_binary(op, a, b);
    Shape s = broadcast_shape(op, a, b);
    if (a.kind == VAL_ARRAY)
        array_need_present(a.array);
    if (b.kind == VAL_ARRAY)
        array_need_present(b.array);
    if (op >= BIN_EQ && op <= BIN_GE)
        return compare_arrays(op, a, b, s);
    if (op == BIN_AND || op == BIN_OR)
        return each_entry(op, ELEM_BOOL, a, b, s);
    if (value_element_kind(a) == ELEM_FLOAT ||
        value_element_kind(b) == ELEM_FLOAT ||
        (op == BIN_POW && !powers_are_exact(a, b, s)))
        return float_arrays(op, a, b, s);
    return each_entry(op, ELEM_EXACT, a, b, s);
}

/* ---- one operand ---- */

Value value_negate(Value v)
{
    check_numeric(v, v, "-");
    if (v.kind != VAL_ARRAY)
        return number_negate(v);
    Array *a = value_array(v);
    size_t n = array_count(a);
    bool floats = a->kind == ELEM_FLOAT;
    Value y = floats ? array_new_unset(a->rows, a->cols)
                     : array_new(ELEM_EXACT, a->rows, a->cols);
    if (floats) {
        vmath_neg(y.array->f, a->f, n);
        return y;
    }
    for (size_t i = 0; i < n; i++)
        array_set(y.array, i, number_negate(array_get(a, i)));
    return y;
}

static _Noreturn void raise_not(Value v)
{
    error_raise_help(SPAN_NONE, ERR_TYPE, NULL, "compare first, as in x == 0",
                     "`not` needs true or false, not %s", value_kind_phrase(v));
}

Value value_not(Value v)
{
    if (v.kind == VAL_BOOL)
        return value_bool(!v.truth);
    if (v.kind != VAL_ARRAY || v.array->kind != ELEM_BOOL)
        raise_not(v);
    Array *a = value_array(v);
    Value y = array_new(ELEM_BOOL, a->rows, a->cols);
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i++)
        y.array->b[i] = !a->b[i];
    return y;
}

/* Are all entries finite?  They are looked at while they are in the cache. */
static Value map_array(Kernel1 f, KernelVector1 v, Value x, bool *finite)
{
    Array *a = array_to_float(x);
    *finite = true;
    Value y = array_new_unset(a->rows, a->cols);
    size_t n = array_count(a);
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t m = n - i < BLOCK ? n - i : BLOCK;
        POLL();
        if (v)
            v(y.array->f + i, a->f + i, m);
        for (size_t k = i; k < i + m && !v; k++)
            y.array->f[k] = f(a->f[k]);
        *finite = *finite && vmath_all_finite(y.array->f + i, m);
    }
    return y;
}

Value value_map(Kernel1 f, KernelVector1 v, Value x)
{
    bool finite;
    return x.kind == VAL_ARRAY ? map_array(f, v, x, &finite)
                               : value_float(f(value_to_double(x)));
}

size_t value_count_nan(Value y, Value a)
{
    if (y.kind != VAL_ARRAY || y.array->kind != ELEM_FLOAT)
        return 0;
    const double *f = y.array->f;
    const Array *x = a.kind == VAL_ARRAY ? a.array : NULL;
    size_t n = array_count(y.array), count = 0;
    bool floats = x && x->kind == ELEM_FLOAT && array_count(x) == n;
    for (size_t i = 0; i < n; i++)
        count += f[i] != f[i] && !(floats && x->f[i] != x->f[i]);
    return count;
}

/* After y = operation(a): warns of new NaN, notes new infinities. */
static void note_map(const char *operation, Value y, Value a)
{
    size_t bad = value_count_nan(y, a);
    if (bad > 0)
        heap_warn(operation, bad);
    const double *f = y.array->f;
    const Array *x = a.array;
    size_t n = array_count(y.array);
    bool floats = x->kind == ELEM_FLOAT && array_count(x) == n;
    for (size_t i = 0; i < n; i++) {
        if (isinf(f[i]) && !(floats && isinf(x->f[i]))) {
            heap_note_infinite(operation);
            return;
        }
    }
}

Value value_map_noted(const char *operation, Kernel1 f, KernelVector1 v,
                      Value x)
{
    bool finite;
    Value y = map_array(f, v, x, &finite);
    if (!finite)
        note_map(operation, y, x);
    return y;
}

Value value_map2(Kernel2 f, Value a, Value b)
{
    check_numeric(a, b, "a function of two numbers");
    if (a.kind != VAL_ARRAY && b.kind != VAL_ARRAY)
        return value_float(f(value_to_double(a), value_to_double(b)));
    Shape s = broadcast_shape(BIN_AND, a, b);
    BlockWork w = {.each = f};
    Value y = array_new_unset(s.rows, s.cols);
    run_blocks(&w, y.array, array_to_float(a), array_to_float(b));
    return y;
}

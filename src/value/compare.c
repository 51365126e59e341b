/*
 * compare.c - equality, order and hashes of whole values
 *
 * Numbers compare by what they are, whatever their kind, so equal values
 * hash alike: every number is hashed as its nearest float.
 */
#include "value/value.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "num/vmath.h"
#include "value/datatable.h"
#include "value/matrix.h"
#include "value/sparse.h"
#include "value/number.h"

static int sign_of(int c)
{
    return (c > 0) - (c < 0);
}

/* An exact number or boolean with a float, exactly. */
static int compare_exact_float(Value a, double x)
{
    if (a.kind == VAL_EXACT)
        return exact_compare_double(a.exact->q, x);
    return int_compare_double(a.kind == VAL_BOOL ? a.truth : a.integer, x);
}

static int compare_exact(Value a, Value b)
{
    if (a.kind != VAL_EXACT && b.kind != VAL_EXACT) {
        int64_t i = a.kind == VAL_BOOL ? a.truth : a.integer;
        int64_t j = b.kind == VAL_BOOL ? b.truth : b.integer;
        return (i > j) - (i < j);
    }
    if (a.kind == VAL_EXACT && b.kind == VAL_EXACT)
        return exact_compare(a.exact->q, b.exact->q);
    mpq_t room;
    mpq_init(room);
    int c = a.kind == VAL_EXACT
                ? exact_compare(a.exact->q, number_rational(b, room))
                : exact_compare(number_rational(a, room), b.exact->q);
    mpq_clear(room);
    return c;
}

static int compare_numbers(Value a, Value b)
{
    bool fa = a.kind == VAL_FLOAT, fb = b.kind == VAL_FLOAT;
    if (!fa && !fb)
        return compare_exact(a, b);
    if (fa && fb) {
        if (a.number != a.number || b.number != b.number)
            return 2;
        return (a.number > b.number) - (a.number < b.number);
    }
    if (fb)
        return compare_exact_float(a, b.number);
    int c = compare_exact_float(b, a.number);
    return c == 2 ? 2 : -c;
}

static int compare_strings(const String *a, const String *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int c = memcmp(a->text, b->text, n);
    if (c != 0)
        return sign_of(c);
    return (a->len > b->len) - (a->len < b->len);
}

static bool is_numeric(Value v)
{
    return v.kind == VAL_BOOL || value_is_number(v);
}

int value_compare(Value a, Value b)
{
    if (is_numeric(a) && is_numeric(b))
        return compare_numbers(a, b);
    if (a.kind == VAL_STRING && b.kind == VAL_STRING)
        return compare_strings(a.string, b.string);
    error_raise(SPAN_NONE, ERR_TYPE, "%s and %s have no order",
                value_kind_phrase(a), value_kind_phrase(b));
}

/* ---- equality ---- */

static bool has_plain_floats(const Array *a)
{
    return a->kind == ELEM_FLOAT && !a->missing;
}

/* Equal bits are equal numbers unless there is a NaN: a fast look at data. */
static bool same_floats(const double *a, const double *b, size_t n)
{
    if (n > 0 && (a == b || memcmp(a, b, n * sizeof *a) == 0) &&
        vmath_all_finite(a, n))
        return true;
    for (size_t i = 0; i < n; i++) {
        if (!(a[i] == b[i]))
            return false;
    }
    return true;
}

static bool same_array(const Array *a, const Array *b)
{
    if (a->rows != b->rows || a->cols != b->cols)
        return false;
    size_t n = array_count(a);
    if (has_plain_floats(a) && has_plain_floats(b))
        return same_floats(a->f, b->f, n);
    for (size_t i = 0; i < n; i++) {
        bool ma = array_is_missing(a, i), mb = array_is_missing(b, i);
        if (ma != mb)
            return false;
        if (!ma && !value_same(array_get(a, i), array_get(b, i)))
            return false;
    }
    return true;
}

static bool same_list(const List *a, const List *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!value_same(a->at[i], b->at[i]))
            return false;
    }
    return true;
}

/* Fields count by name: their order does not matter. */
static bool same_record(const Record *a, Value b)
{
    if (a->count != b.record->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        Value *other = record_find(b, a->name[i]);
        if (!other || !value_same(a->at[i], *other))
            return false;
    }
    return true;
}

static bool same_table(const DataTable *a, const DataTable *b)
{
    if (a->rows != b->rows || a->ncols != b->ncols)
        return false;
    for (size_t i = 0; i < a->ncols; i++) {
        if (a->name[i] != b->name[i] || !value_same(a->column[i], b->column[i]))
            return false;
    }
    return true;
}

static bool same_function(const Function *a, const Function *b)
{
    if (a == b)
        return true;
    return a->class == b->class && a->class->equal && a->class->equal(a, b);
}

bool value_same(Value a, Value b)
{
    if (is_numeric(a) && is_numeric(b))
        return (a.kind == VAL_BOOL) == (b.kind == VAL_BOOL) &&
               compare_numbers(a, b) == 0;
    if (a.kind != b.kind)
        return false;
    depth_check();
    switch (a.kind) {
    case VAL_STRING:
        return a.string->hash == b.string->hash &&
               compare_strings(a.string, b.string) == 0;
    case VAL_ARRAY:
        return same_array(a.array, b.array);
    case VAL_SPARSE:
        return sparse_same(a.sparse, b.sparse);
    case VAL_LIST:
    case VAL_SEVERAL:
        return same_list(a.list, b.list);
    case VAL_RECORD:
        return same_record(a.record, b);
    case VAL_TABLE:
        return same_table(a.table, b.table);
    case VAL_FUNCTION:
        return same_function(a.function, b.function);
    case VAL_EXPR:
        return a.expr->node == b.expr->node;
    case VAL_MODULE:
        return a.module == b.module;
    default:
        return true;
    }
}

/* ---- hashes ---- */

static uint64_t hash_number(double x)
{
    if (x == 0)
        x = 0; /* -0.0 equals 0.0 */
    return hash_bytes(&x, sizeof x);
}

/* Of a large array about 1,000 entries, far from each other. */
static uint64_t hash_array(const Array *a)
{
    uint64_t h = hash_mix((uint64_t)a->rows, (uint64_t)a->cols);
    size_t n = array_count(a), step = n < 4096 ? 1 : (n / 1024) | 1;
    if (has_plain_floats(a)) {
        for (size_t i = 0; i < n; i += step)
            h = hash_mix(h, hash_number(a->f[i]));
        return h;
    }
    for (size_t i = 0; i < n; i += step) {
        if (!array_is_missing(a, i))
            h = hash_mix(h, value_hash(array_get(a, i)));
    }
    return h;
}

static uint64_t hash_list(const List *l)
{
    uint64_t h = l->count;
    for (size_t i = 0; i < l->count; i++)
        h = hash_mix(h, value_hash(l->at[i]));
    return h;
}

/* A sum over the fields: their order does not matter. */
static uint64_t hash_record(const Record *r)
{
    uint64_t h = r->count;
    for (size_t i = 0; i < r->count; i++)
        h += hash_mix(hash_bytes(r->name[i], strlen(r->name[i])),
                      value_hash(r->at[i]));
    return h;
}

static uint64_t hash_table(const DataTable *t)
{
    uint64_t h = (uint64_t)t->rows;
    for (size_t i = 0; i < t->ncols; i++)
        h = hash_mix(h, value_hash(t->column[i]));
    return h;
}

/* A rational may equal a float, except beyond their range. */
static uint64_t hash_exact(Value v)
{
    double x = value_to_double(v);
    if (isfinite(x) && x != 0)
        return hash_number(x);
    uint64_t hash = VAL_EXACT;
    mpz_srcptr part[] = {mpq_numref(v.exact->q), mpq_denref(v.exact->q)};
    for (int i = 0; i < 2; i++)
        hash =
            hash_mix(hash, hash_bytes(mpz_limbs_read(part[i]),
                                      mpz_size(part[i]) * sizeof(mp_limb_t)));
    return hash;
}

uint64_t value_hash(Value v)
{
    switch (v.kind) {
    case VAL_BOOL:
        return hash_mix(VAL_BOOL, v.truth);
    case VAL_EXACT:
        return hash_exact(v);
    case VAL_INT:
    case VAL_FLOAT:
        return hash_number(value_to_double(v));
    case VAL_STRING:
        return v.string->hash;
    case VAL_ARRAY:
        depth_check();
        return hash_array(v.array);
    case VAL_LIST:
    case VAL_SEVERAL:
        depth_check();
        return hash_list(v.list);
    case VAL_RECORD:
        depth_check();
        return hash_record(v.record);
    case VAL_TABLE:
        return hash_table(v.table);
    case VAL_SPARSE:
        return sparse_hash(v.sparse);
    case VAL_EXPR:
        return hash_mix(VAL_EXPR, v.expr->node);
    default:
        return v.kind;
    }
}

#include "eval/labels.h"

#include <math.h>

#include "base/error.h"
#include "base/pool.h"

static size_t label_count(Value v)
{
    return v.kind == VAL_LIST ? v.list->count : array_count(value_array(v));
}

static Value label_at(Value v, size_t i)
{
    return v.kind == VAL_LIST ? v.list->at[i] : array_get(value_array(v), i);
}

static bool label_same(Value a, Value b)
{
    if (a.kind == VAL_STRING || b.kind == VAL_STRING)
        return value_same(a, b);
    return value_to_double(a) == value_to_double(b);
}

static size_t find_label(Value labels, Value v)
{
    size_t i = 0;
    while (i < labels.list->count && !label_same(labels.list->at[i], v))
        i++;
    return i;
}

static int order_labels(Value a, Value b)
{
    if (a.kind == VAL_BOOL && b.kind == VAL_BOOL)
        return (int)a.truth - (int)b.truth;
    return value_compare(a, b);
}

/* ---- labels that are numbers ---- */

/*
 * The numbers among a few labels in the order of the list, for columns of
 * many rows.
 */
typedef struct Known {
    const Array *column; /* NULL: each label is looked at as a Value */
    double number[16];
    size_t count;
} Known;

static Known know(Value v, Value labels)
{
    Known k = {.column = v.kind == VAL_ARRAY ? v.array : NULL};
    if (k.column && (k.column->missing || k.column->kind == ELEM_BOOL))
        k.column = NULL;
    for (size_t i = 0; i < labels.list->count && k.count < 16; i++) {
        Value x = labels.list->at[i];
        if (x.kind != VAL_INT && x.kind != VAL_FLOAT)
            k.column = NULL;
        else
            k.number[k.count++] = value_to_double(x);
    }
    return k;
}

/* The label that row i of the column has; SIZE_MAX: not known in this way. */
static inline size_t known_label(const Known *k, size_t i)
{
    const Array *a = k->column;
    double x;
    if (!a)
        return SIZE_MAX;
    if (a->kind == ELEM_FLOAT)
        x = a->f[i];
    else if (a->x[i].kind == VAL_INT)
        x = (double)a->x[i].integer;
    else
        return SIZE_MAX;
    size_t found = SIZE_MAX;
    for (size_t j = k->count; j-- > 0;) /* no jump that depends on the data */
        found = k->number[j] == x ? j : found;
    return found;
}

/* ---- rows, by threads ---- */

/* Rows of a part of the work. */
#define ROWS 65536

typedef struct Rows {
    const Known *known;
    size_t from, to;
    double *y;          /* NULL: only look whether all are known */
    const double *code; /* of each label that is known */
} Rows;

static int look_at_rows(void *job, size_t part, unsigned worker)
{
    const Rows *r = job;
    size_t i = r->from + part * ROWS;
    size_t end = r->to - i < ROWS ? r->to : i + ROWS;
    (void)worker;
    for (; i < end; i++) {
        size_t k = known_label(r->known, i);
        if (k == SIZE_MAX)
            return 1;
        if (r->y)
            r->y[i] = r->code[k];
    }
    return 0;
}

/* Has each row one of the labels known?  Then y has their codes. */
static bool rows_are_known(Rows *r)
{
    if (!r->known->column || r->from >= r->to)
        return r->from >= r->to;
    return !pool_run(look_at_rows, r, (r->to - r->from + ROWS - 1) / ROWS);
}

/* ---- labels of a column ---- */

Value labels_distinct(Value v, const Decl *d)
{
    Value labels = list_new(4);
    Known known = know(v, labels);
    size_t n = label_count(v), look = 4096;
    for (size_t i = 0; i < n; i++) {
        POLL();
        if (i == look) { /* the few labels have most likely come by now */
            Rows rest = {.known = &known, .from = i, .to = n};
            if (rows_are_known(&rest))
                break;
            look *= 2;
        }
        if (known_label(&known, i) != SIZE_MAX)
            continue;
        Value x = label_at(v, i);
        if (x.kind == VAL_MISSING)
            error_raise(d->at, ERR_MISSING,
                        "`%s` has a missing value in row %zu", d->name, i + 1);
        if (x.kind == VAL_FLOAT && isnan(value_to_double(x)))
            error_raise(d->at, ERR_NAN, "`%s` has a NaN in row %zu", d->name,
                        i + 1);
        if (find_label(labels, x) < labels.list->count)
            continue;
        list_push(labels, x);
        for (size_t k = labels.list->count - 1;
             k > 0 && order_labels(labels.list->at[k - 1], x) > 0; k--) {
            Value y = labels.list->at[k - 1];
            value_keep(x);
            list_set(labels, k, y);
            list_set(labels, k - 1, x);
            value_drop(x);
        }
        known = know(v, labels);
    }
    return labels;
}

Value labels_code(Value v, Value labels, const double code[])
{
    size_t n = label_count(v);
    Value y = array_new_unset((int)n, 1);
    Known known = know(v, labels);
    double codes[16];
    for (size_t k = 0; k < known.count; k++)
        codes[k] = code ? code[k] : (double)k + 1;
    Rows all = {&known, 0, n, y.array->f, codes};
    if (rows_are_known(&all))
        return array_value(y);
    for (size_t i = 0; i < n; i++) {
        POLL();
        size_t k = known_label(&known, i);
        if (k == SIZE_MAX)
            k = find_label(labels, label_at(v, i));
        y.array->f[i] = code ? code[k] : (double)k + 1;
    }
    return array_value(y);
}

Value labels_decode(const Array *y, Value labels, const double code[2])
{
    size_t n = array_count(y), count = labels.list->count;
    const Value *label = labels.list->at;
    ValueKind kind = label[0].kind;
    if (n < 2 || y->cols != 1 || (kind != VAL_INT && kind != VAL_FLOAT))
        return VALUE_NONE;
    for (size_t k = 1; k < count; k++)
        if (label[k].kind != kind)
            return VALUE_NONE;
    Value v = array_new(kind == VAL_INT ? ELEM_EXACT : ELEM_FLOAT, (int)n, 1);
    for (size_t i = 0; i < n; i++) {
        double x = y->f[i];
        if (code && x != code[0] && x != code[1])
            return VALUE_NONE;
        if (!code && !(x >= 1 && x <= (double)count))
            return VALUE_NONE;
        size_t k = code ? x != code[0] : (size_t)(x - 1);
        if (k >= count)
            return VALUE_NONE;
        if (kind == VAL_INT)
            v.array->x[i] = label[k];
        else
            v.array->f[i] = value_to_double(label[k]);
    }
    return v;
}

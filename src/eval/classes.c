#include "eval/classes.h"

#include <math.h>

#include "value/matrix.h"

size_t classes_rows(Value labels)
{
    if (labels.kind == VAL_LIST)
        return labels.list->count;
    if (labels.kind == VAL_ARRAY)
        return array_count(labels.array);
    if (value_is_numeric(labels) || labels.kind == VAL_STRING)
        return 1;
    error_raise(SPAN_NONE, ERR_TYPE, "classes are a column or a list, not %s",
                value_kind_phrase(labels));
}

/* NONE where it is missing. */
static Value label_of(Value labels, size_t i)
{
    Value v = labels;
    if (labels.kind == VAL_LIST)
        v = labels.list->at[i];
    else if (labels.kind == VAL_ARRAY)
        v = array_is_missing(labels.array, i) ? VALUE_NONE
                                              : array_get(labels.array, i);
    if (v.kind == VAL_MISSING || (v.kind == VAL_FLOAT && isnan(v.number)))
        return VALUE_NONE;
    return v;
}

static int find(const Classes *c, Value label)
{
    for (int k = 0; k < c->count; k++)
        if (value_compare(c->label[k], label) == 0)
            return k;
    return -1;
}

static const char *name_label(const Figure *f, Value label)
{
    int64_t whole;
    Str s = str_in(f->arena);
    if (label.kind == VAL_STRING)
        str_add(&s, label.string->text);
    else if (value_is_number(label) && value_to_int(label, &whole))
        str_add_integer(&s, whole);
    else
        value_format_inline(&FORMAT_DEFAULT, label, &s);
    return str_text(&s);
}

/* Keeps them ordered, so that they do not depend on the order of the rows. */
static void insert(Classes *c, Value label)
{
    if (c->count == MOST_CLASSES)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "more than %d classes; are these numbers measured?",
                    MOST_CLASSES);
    int at = c->count++;
    for (; at > 0 && value_compare(c->label[at - 1], label) > 0; at--) {
        c->label[at] = c->label[at - 1];
        c->name[at] = c->name[at - 1];
    }
    c->label[at] = label;
    c->name[at] = name_label(c->f, label);
}

void classes_add(Classes *c, Value labels)
{
    size_t n = classes_rows(labels);
    for (size_t i = 0; i < n; i++) {
        Value v = label_of(labels, i);
        if (v.kind != VAL_NONE && !value_is_number(v) && v.kind != VAL_BOOL &&
            v.kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_TYPE,
                        "a class is a number or a text, not %s",
                        value_kind_phrase(v));
        if (v.kind == VAL_BOOL)
            v = value_int(v.truth);
        if (v.kind != VAL_NONE && find(c, v) < 0)
            insert(c, v);
    }
}

int classes_of_row(const Classes *c, Value labels, size_t i)
{
    Value v = label_of(labels, i);
    if (v.kind == VAL_BOOL)
        v = value_int(v.truth);
    return v.kind == VAL_NONE ? -1 : find(c, v);
}

void classes_points(const Classes *c, size_t n, const double *x,
                    const double *y, Value labels)
{
    if (classes_rows(labels) != n)
        error_raise(SPAN_NONE, ERR_SHAPE, "%zu points and %zu classes", n,
                    classes_rows(labels));
    int *of = ARENA_ARRAY(c->f->arena, int, n + 1);
    for (size_t i = 0; i < n; i++)
        of[i] = classes_of_row(c, labels, i);
    for (int k = 0; k < c->count; k++) {
        double *u = figure_numbers(c->f, n), *v = figure_numbers(c->f, n);
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (of[i] == k) {
                u[m] = x[i];
                v[m++] = y[i];
            }
        figure_add(c->f, LAYER_POINTS, m, u, v)->label = c->name[k];
    }
}

/*
 * selection.c - what an index selects
 */
#include "value/selection.h"

#include "base/error.h"
#include "num/number.h"
#include "value/number.h"
#include "value/order.h"

size_t selection_at(const Selection *s, size_t k)
{
    return s->at ? s->at[k] : s->first + k;
}

static _Noreturn void raise_index(Value index, size_t side)
{
    int64_t i;
    char text[NUM_TEXT];
    if (!value_to_int(index, &i)) {
        num_format_double(text, value_to_double(index));
        error_raise(SPAN_NONE, ERR_INDEX, "index %s is not an integer", text);
    }
    if (i == 0)
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL, "indices start at 1",
                         "index 0 is outside 1..%zu", side);
    if (side == 0)
        error_raise(SPAN_NONE, ERR_INDEX, "index %lld: there are no entries",
                    (long long)i);
    error_raise(SPAN_NONE, ERR_INDEX, "index %lld is outside 1..%zu",
                (long long)i, side);
}

/* The place of index v, counted from 0. */
static size_t place_of(Value v, size_t side)
{
    int64_t i;
    if (!value_to_int(v, &i) || i < 1 || (uint64_t)i > side)
        raise_index(v, side);
    return (size_t)i - 1;
}

static Selection select_mask(const Array *mask, size_t side)
{
    size_t n = array_count(mask), count = 0, k = 0;
    if (n != side)
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a mask of %zu entries selects among %zu", n, side);
    for (size_t i = 0; i < n; i++)
        count += mask->b[i];
    size_t *at = places_new(count);
    for (size_t i = 0; i < n; i++) {
        if (mask->b[i])
            at[k++] = i;
    }
    return (Selection){.count = count, .at = at, .shape = {(Dim)count, 1}};
}

static Selection select_entries(const Array *index, size_t side)
{
    size_t n = array_count(index);
    size_t *at = places_new(n);
    for (size_t i = 0; i < n; i++)
        at[i] = place_of(array_get(index, i), side);
    return (Selection){
        .count = n, .at = at, .shape = {index->rows, index->cols}};
}

Selection selection_of(Value index, size_t side)
{
    switch (index.kind) {
    case VAL_COLON:
        return (Selection){.count = side, .shape = {(Dim)side, 1}};
    case VAL_ARRAY:
        array_need_present(index.array);
        if (index.array->kind == ELEM_BOOL)
            return select_mask(index.array, side);
        return select_entries(index.array, side);
    case VAL_BOOL:
        if (side == 1) /* the mask [true] is a number */
            return (Selection){.count = index.truth, .shape = {index.truth, 1}};
        break;
    default:
        break;
    }
    if (!value_is_number(index))
        error_raise(SPAN_NONE, ERR_TYPE, "%s cannot be an index",
                    value_kind_phrase(index));
    return (Selection){.count = 1,
                       .first = place_of(index, side),
                       .shape = SHAPE_SCALAR,
                       .single = true};
}

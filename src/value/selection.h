/*
 * selection.h - what an index selects; for the files of value/ only
 *
 * A Selection lists places from 0 along one side of an array, table or list.
 * Its memory is a counted object in the pool.
 */
#ifndef MLC_VALUE_SELECTION_H
#define MLC_VALUE_SELECTION_H

#include "value/matrix.h"

typedef struct Selection {
    size_t count;
    const size_t *at; /* NULL: first, first + 1, ... */
    size_t first;
    Shape shape; /* of the index; [count,1] for `:` and masks */
    bool single; /* one number: the side vanishes */
} Selection;

/* Raises ERR_INDEX, naming the index and the length of the side. */
Selection selection_of(Value index, size_t side);
size_t selection_at(const Selection *s, size_t k);

#endif

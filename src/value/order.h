/*
 * order.h - stable sorting of places; for the files of value/ only
 *
 * qsort would have to be jumped out of by errors and Ctrl-C, and is not
 * stable.
 */
#ifndef MLC_VALUE_ORDER_H
#define MLC_VALUE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

/* Room for n places in the pool. */
size_t *places_new(size_t n);

/* Does entry i stand after entry j?  May raise. */
typedef bool (*ComesAfter)(const void *data, size_t i, size_t j);

/* 0..n-1 in order; entries none of which comes after the other keep theirs. */
size_t *places_sorted(size_t n, ComesAfter after, const void *data);

#endif

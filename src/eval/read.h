/*
 * read.h - files of numbers and of JSON as values
 *
 * Errors are ERR_FILE, and ERR_CSV with the place in the file.
 */
#ifndef MLC_EVAL_READ_H
#define MLC_EVAL_READ_H

#include "base/arena.h"
#include "value/value.h"

/*
 * Objects become records, arrays of numbers vectors, those of rows of one
 * length matrices, other arrays lists, null none.  Numbers are floats in
 * arrays; alone, whole ones are exact.
 */
Value read_json(Arena *a, const char *path);

/* A list with the value of each line that is not blank (JSON lines). */
Value read_json_lines(Arena *a, const char *path);

/* All numbers of a text, parted by blanks and lines: a column. */
bool read_is_numbers(Arena *a,
                     const char *path); /* does its first word say so? */
Value read_numbers(Arena *a, const char *path);

#endif

/*
 * csv.h - tables from CSV files
 *
 * RFC 4180: fields in quotes may hold separators, newlines and doubled quotes.
 * Also accepted: a byte order mark, line ends of every kind, blanks around
 * numbers and after a closing quote, a missing newline at the end.  A blank
 * line is skipped (in a table of one column it is a missing value, save at the
 * end of the file).
 *
 * A column has one kind, found from all its fields that are not missing:
 *
 *   boolean   if all are `true` or `false` (also TRUE, True, ...);
 *   number    if all read as numbers (decimal; inf and nan too);
 *   error     if more than half are numbers, and one that is not stands
 *             without quotes: that is most likely a mistake, or a mark
 *             for a missing value, which must be named;
 *   error     if the only ones that are not numbers have a comma for a point;
 *   text      otherwise, or if the options say so.
 *
 * Everything lies in the arena.  Errors are ERR_CSV and name the file, the
 * line and the column.
 */
#ifndef MLC_IO_CSV_H
#define MLC_IO_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

typedef enum CsvKind { CSV_NUMBER, CSV_BOOL, CSV_TEXT } CsvKind;

typedef struct CsvColumn {
    const char *name;
    CsvKind kind;
    double *number;    /* numbers; booleans as 0 and 1; NaN where missing */
    const char **text; /* texts; NULL where missing */
    uint64_t *missing; /* a bit for each row; NULL if none is missing */
    size_t nmissing;
} CsvColumn;

typedef struct CsvTable {
    size_t rows, ncols;
    CsvColumn *column;
} CsvTable;

typedef enum CsvHeader {
    CSV_HEADER_USUAL, /* yes; but a first row of numbers is an error */
    CSV_HEADER_YES,
    CSV_HEADER_NO /* the columns are x1, x2, ... */
} CsvHeader;

/* All zero is the usual. */
typedef struct CsvOptions {
    CsvHeader header;
    bool fill;      /* short records end with missing values; else an error */
    char separator; /* 0: the first of , ; tab that the first line has */
    const char *const *missing; /* texts that mean a missing value, beside
                                   the empty one */
    size_t nmissing;
    const char *const *text; /* names of columns to be read as text */
    size_t ntext;
} CsvOptions;

CsvTable *csv_read(Arena *a, const char *path, const CsvOptions *options);

/* The same from text[0..len), which is followed by a NUL and is changed. */
CsvTable *csv_parse(Arena *a, const char *name, char *text, size_t len,
                    const CsvOptions *options);

static inline bool csv_is_missing(const CsvColumn *c, size_t row)
{
    return c->missing && (c->missing[row / 64] >> row % 64 & 1);
}

#endif

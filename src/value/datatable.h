/*
 * datatable.h - tables of named columns
 *
 * A DataTable has columns of equal length: an Array [rows] (floats or
 * booleans, with a bit for each missing entry) or a List of strings (with
 * VAL_MISSING).  It grows by rows and columns; assignment copies.  A column of
 * one row is an Array [1,1] here; see array_value.
 */
#ifndef MLC_VALUE_DATATABLE_H
#define MLC_VALUE_DATATABLE_H

#include "value/matrix.h"

struct DataTable {
    Object head;
    int rows;
    size_t ncols, room;
    Name *name;
    Value *column;
};

Value table_new(int rows);
Value datatable_copy(const DataTable *t); /* shares the columns */

/*
 * Adds or replaces a column: a vector, a list of strings, or one number,
 * boolean or string for all rows.  The first column of a table without rows
 * decides how many there are.  ERR_SHAPE, ERR_TYPE.
 */
void datatable_set(Value table, Name name, Value column);
Value *datatable_find(Value table, Name name); /* NULL: absent */

/* D[rows, cols]: rows as in array_index; cols a string, a list of strings,
 * an index or VAL_COLON.  One column comes as a vector. */
Value datatable_index(Value table, Value rows, Value cols);

/*
 * D[rows, cols] = v in a table that may be changed (value_own): v is one
 * value, a vector for one column, or a table with those columns.  With the row
 * after the last one and all columns, v is a new row (a record or a table).
 */
void datatable_assign(Value table, Value rows, Value cols, Value v);

/* The rows of b below those of a, which has the same columns in any order. */
Value datatable_stack(Value a, Value b);
Value datatable_matrix(Value table); /* all columns numeric */
Value datatable_sort(Value table, Name column, bool descending);
Value datatable_group(Value table, Name column); /* list of tables */

/* Inner join in the order of a; a column of b whose name a has gets `_2`. */
Value datatable_join(Value a, Value b, Name key);
Value datatable_drop_missing(Value table);
Value value_missing(Value v); /* mask */

/* Index of a list of strings: number, index vector, mask. */
Value list_index(Value list, Value index);

/* L[index] = v in a list that may be changed; the index after the last one
 * lets it grow.  v is one value, or for several places a list as long. */
void list_assign(Value list, Value index, Value v);

/* Mask: which entries are this string; ERR_MISSING if one is missing. */
Value list_equals(Value list, Value text);

#endif

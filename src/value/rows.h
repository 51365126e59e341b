/*
 * rows.h - what the files about tables share; for value/ only
 */
#ifndef MLC_VALUE_ROWS_H
#define MLC_VALUE_ROWS_H

#include "value/datatable.h"

Value column_cell(Value column, size_t i);

/* The entries of a column, the rows of a table at these places. */
Value column_take(Value column, const size_t *at, size_t n);
Value datatable_take(const DataTable *t, const size_t *at, size_t n);

/* The column of this name; ERR_MEMBER with the nearest name as help. */
Value *datatable_need(Value table, Name name);

/* Adds a column of the right length under a new name. */
void datatable_add(DataTable *t, Name name, Value column);

#endif

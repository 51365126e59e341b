/*
 * table.h - hash table from pointers (interned names, objects) to pointers
 *
 * Keys are compared by address and are not NULL.  Iteration is in order of
 * insertion, so that nothing depends on addresses.  All zero is the empty
 * table.  During an iteration entries may be removed and values replaced,
 * but no key added.
 */
#ifndef MLC_BASE_TABLE_H
#define MLC_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TableEntry {
    const void *key; /* NULL: removed */
    void *value;
} TableEntry;

typedef struct Table {
    TableEntry *entry; /* in order of insertion */
    uint32_t *slot;
    size_t count, used, room; /* live entries, entries, slots (power of 2) */
} Table;

void *table_get(const Table *t, const void *key); /* NULL: absent */
bool table_has(const Table *t, const void *key);
void table_set(Table *t, const void *key, void *value);
void table_remove(Table *t, const void *key);
void table_free(Table *t);

/* const TableEntry *e;
   for (size_t i = 0; (e = table_next(t, &i)) != NULL;) ... */
const TableEntry *table_next(const Table *t, size_t *i);

#endif

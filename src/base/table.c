#include "base/table.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/*
 * slot[] holds 1 + the index of an entry, 0 if free; it follows entry[] in
 * one block.  A removed entry keeps its slot until the table is rebuilt.
 */
static size_t entries_for(size_t room)
{
    return room - room / 4;
}

static size_t slot_of(const Table *t, const void *key)
{
    size_t mask = t->room - 1;
    size_t i = (size_t)hash_mix((uintptr_t)key, 0) & mask;
    while (t->slot[i] && t->entry[t->slot[i] - 1].key != key)
        i = (i + 1) & mask;
    return i;
}

static TableEntry *find_entry(const Table *t, const void *key)
{
    if (!t->count || !key)
        return NULL;
    uint32_t s = t->slot[slot_of(t, key)];
    return s ? &t->entry[s - 1] : NULL;
}

void *table_get(const Table *t, const void *key)
{
    TableEntry *e = find_entry(t, key);
    return e ? e->value : NULL;
}

bool table_has(const Table *t, const void *key)
{
    return find_entry(t, key) != NULL;
}

static void append_entry(Table *t, const void *key, void *value)
{
    t->entry[t->used++] = (TableEntry){key, value};
    t->slot[slot_of(t, key)] = (uint32_t)t->used;
    t->count++;
}

/* Leaves room for one more entry and drops the removed ones. */
static void rebuild(Table *t)
{
    Table y = {.room = 8};
    while (entries_for(y.room) < t->count + t->count / 2 + 1)
        y.room *= 2;
    size_t size = entries_for(y.room) * sizeof(TableEntry);
    y.entry = mem_alloc(size + y.room * sizeof(uint32_t));
    y.slot = (uint32_t *)(void *)((char *)y.entry + size);
    memset(y.slot, 0, y.room * sizeof(uint32_t));
    for (size_t i = 0; i < t->used; i++)
        if (t->entry[i].key)
            append_entry(&y, t->entry[i].key, t->entry[i].value);
    table_free(t);
    *t = y;
}

void table_set(Table *t, const void *key, void *value)
{
    TableEntry *e = find_entry(t, key);
    if (e) {
        e->value = value;
        return;
    }
    if (t->used == entries_for(t->room))
        rebuild(t);
    append_entry(t, key, value);
}

/*
 * The slot goes on pointing to the entry, whose NULL key no search finds;
 * so searches for other keys pass over it.
 */
void table_remove(Table *t, const void *key)
{
    TableEntry *e = find_entry(t, key);
    if (e) {
        *e = (TableEntry){NULL, NULL};
        t->count--;
    }
}

void table_free(Table *t)
{
    mem_free(t->entry);
    *t = (Table){0};
}

const TableEntry *table_next(const Table *t, size_t *i)
{
    while (*i < t->used) {
        const TableEntry *e = &t->entry[(*i)++];
        if (e->key)
            return e;
    }
    return NULL;
}

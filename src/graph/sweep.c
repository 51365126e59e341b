/*
 * sweep.c - reclaiming nodes
 *
 * Mark and sweep from the live Expr values, the pins and the graph's own
 * nodes.  What is reached keeps its index; the other rows go to the free
 * list, the pool is compacted, the unique table made anew.
 */
#include "graph/internal.h"

#include <string.h>

#include "value/value.h"

/* A pin is counted under the key node + 1, which is not NULL. */
static const void *pin_key(Node n)
{
    return (const void *)((uintptr_t)n + 1);
}

void graph_pin(Graph *g, Node n)
{
    uintptr_t count = (uintptr_t)table_get(&g->pin, pin_key(n));
    table_set(&g->pin, pin_key(n), (void *)(count + 1));
}

void graph_unpin(Graph *g, Node n)
{
    uintptr_t count = (uintptr_t)table_get(&g->pin, pin_key(n));
    if (count > 1)
        table_set(&g->pin, pin_key(n), (void *)(count - 1));
    else
        table_remove(&g->pin, pin_key(n));
}

void graph_hold(Graph *g, int change)
{
    g->hold += change;
}

int graph_whole(Graph *g, int change)
{
    g->whole += change;
    return g->whole - change;
}

/* Nodes marked, whose operands are not yet looked at; room for every node,
 * so that marking never raises. */
typedef struct Marking {
    Node *stack;
    size_t count;
} Marking;

static void mark_push(Graph *g, Marking *m, Node n)
{
    if (g->row[n].flags & ROW_MARK)
        return;
    g->row[n].flags |= ROW_MARK;
    m->stack[m->count++] = n;
}

static void mark_from(Graph *g, Marking *m, Node root)
{
    mark_push(g, m, root);
    while (m->count) {
        const NodeRow *r = &g->row[m->stack[--m->count]];
        for (uint32_t i = 0; i < r->nargs; i++)
            mark_push(g, m, g->pool[r->first + i]);
        if (r->rows < 0)
            mark_push(g, m, (Node)~r->rows);
        if (r->cols < 0)
            mark_push(g, m, (Node)~r->cols);
    }
}

static void mark_roots(Graph *g, Node *room)
{
    Marking m = {room, 0};
    for (const Expr *e = heap_exprs(); e; e = e->after)
        mark_from(g, &m, e->node);
    const TableEntry *e;
    for (size_t i = 0; (e = table_next(&g->pin, &i)) != NULL;)
        mark_from(g, &m, (Node)((uintptr_t)e->key - 1));
    const Node own[] = {g->zero, g->one, g->minus_one, g->two, g->half, g->all};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        mark_from(g, &m, own[i]);
}

/* Rows that were not reached become free; an object leaves with its row. */
static void free_rows(Graph *g)
{
    g->free = NODE_NONE;
    g->live = 0;
    for (size_t n = g->count; n-- > 0;) {
        NodeRow *r = &g->row[n];
        if (r->flags & ROW_MARK) {
            r->flags &= (uint8_t)~ROW_MARK;
            g->live++;
            continue;
        }
        bool object = !(r->flags & ROW_FREE) &&
                      (r->op == OP_CONST ||
                       (r->op == OP_NUM && g->pool[r->first] == NUM_EXACT));
        if (object) {
            uint32_t place = g->pool[r->first + 1];
            value_drop(g->object.at[place]);
            g->object.at[place] = VALUE_NONE;
            g->object_free.at[g->object_free.count++] = place;
        }
        r->flags = ROW_FREE;
        r->first = g->free;
        r->nargs = r->nattr = 0;
        g->free = (uint32_t)n;
    }
}

/* The pool holds operands in no order of rows, so it is copied by rows. */
static void compact_pool(Graph *g, uint32_t *fresh, size_t room)
{
    size_t count = 0;
    for (size_t n = 0; n < g->count; n++) {
        NodeRow *r = &g->row[n];
        if (r->flags & ROW_FREE)
            continue;
        size_t words = (size_t)r->nargs + r->nattr;
        memcpy(fresh + count, g->pool + r->first, words * sizeof *fresh);
        r->first = (uint32_t)count;
        count += words;
    }
    mem_free(g->pool);
    g->pool = fresh;
    g->pool_count = count;
    g->pool_room = room;
}

static void fill_slots(Graph *g)
{
    memset(g->slot, 0xff, g->slots * sizeof *g->slot);
    for (size_t n = 0; n < g->count; n++) {
        if (g->row[n].flags & ROW_FREE)
            continue;
        uint32_t tag = tag_of(g->row[n].hash);
        size_t i = tag & (g->slots - 1);
        while (g->slot[i].node != NODE_NONE)
            i = (i + 1) & (g->slots - 1);
        g->slot[i] = (Slot){(Node)n, tag};
    }
}

void graph_sweep(Graph *g)
{
    enum { LEAST = 1 << 14 }; /* below, a sweep is not worth its time */
    if (g->hold > 0)
        return;
    arena_reset(g->scratch, g->scratch_start);
    if (g->live < LEAST || g->live < 2 * g->swept)
        return;
    graph_sweep_now(g);
}

void graph_sweep_now(Graph *g)
{
    arena_reset(g->scratch, g->scratch_start);
    /* All memory first: nothing raises once rows begin to change. */
    while (g->object_free.room < g->object.count)
        vec_grow((void **)&g->object_free.at, &g->object_free.room,
                 sizeof *g->object_free.at);
    size_t words = g->pool_room > g->count ? g->pool_room : g->count;
    uint32_t *fresh = mem_alloc(words * sizeof *fresh);
    mark_roots(g, fresh);
    free_rows(g);
    compact_pool(g, fresh, words);
    fill_slots(g);
    g->generation++;
    g->depends_on = NODE_NONE;
    constants_forget(g);
    g->swept = g->live;
}

#include "graph/walk.h"
#include "graph/quick.h"

NodeMap node_map_in(Arena *a)
{
    return (NodeMap){.arena = a};
}

/* Indices are handed out in turn, so they need a little mixing only. */
static size_t first_slot(const NodeMap *m, Node n)
{
    return (size_t)(n * UINT32_C(2654435769) >> 7) & (m->room - 1);
}

static size_t find_slot(const NodeMap *m, Node n)
{
    size_t i = first_slot(m, n);
    while (m->key[i] != NODE_NONE && m->key[i] != n)
        i = (i + 1) & (m->room - 1);
    return i;
}

bool node_map_get(const NodeMap *m, Node n, uint32_t *value)
{
    if (m->count == 0)
        return false;
    size_t i = find_slot(m, n);
    if (m->key[i] == NODE_NONE)
        return false;
    *value = m->value[i];
    return true;
}

static void grow_map(NodeMap *m)
{
    NodeMap old = *m;
    m->room = old.room ? 4 * old.room : 16;
    m->key = arena_alloc(m->arena, m->room * sizeof *m->key);
    m->value = arena_alloc(m->arena, m->room * sizeof *m->value);
    for (size_t i = 0; i < m->room; i++)
        m->key[i] = NODE_NONE;
    for (size_t i = 0; i < old.room; i++) {
        if (old.key[i] == NODE_NONE)
            continue;
        size_t k = find_slot(m, old.key[i]);
        m->key[k] = old.key[i];
        m->value[k] = old.value[i];
    }
}

void node_map_set(NodeMap *m, Node n, uint32_t value)
{
    if (2 * m->count >= m->room)
        grow_map(m);
    size_t i = find_slot(m, n);
    if (m->key[i] == NODE_NONE) {
        m->key[i] = n;
        m->count++;
    }
    m->value[i] = value;
}

Node *node_args_copy(const Graph *g, Node n, Arena *a)
{
    int count = node_count(g, n);
    Node *copy = arena_alloc(a, ((size_t)count + 1) * sizeof *copy);
    for (int i = 0; i < count; i++)
        copy[i] = node_arg(g, n, i);
    return copy;
}

#include "graph/walk.h"
#include "graph/quick.h"

NodeMap node_map_in(Arena *a)
{
    return (NodeMap){.arena = a};
}

/* Nodes made one after the other are looked for one after the other: eight of
 * them share a cache line. */
static size_t first_slot(const NodeMap *m, Node n)
{
    uint32_t h = (n >> 3) * UINT32_C(2654435769) >> 4;
    return (size_t)(h << 3 | (n & 7)) & (m->room - 1);
}

static size_t find_slot(const NodeMap *m, Node n)
{
    size_t i = first_slot(m, n);
    while (m->at[i].key != NODE_NONE && m->at[i].key != n)
        i = (i + 1) & (m->room - 1);
    return i;
}

bool node_map_get(const NodeMap *m, Node n, uint32_t *value)
{
    if (m->count == 0)
        return false;
    size_t i = find_slot(m, n);
    if (m->at[i].key == NODE_NONE)
        return false;
    *value = m->at[i].value;
    return true;
}

static void grow_map(NodeMap *m)
{
    NodeMap old = *m;
    m->room = old.room ? 4 * old.room : 16;
    m->at = arena_alloc(m->arena, m->room * sizeof *m->at);
    for (size_t i = 0; i < m->room; i++)
        m->at[i].key = NODE_NONE;
    for (size_t i = 0; i < old.room; i++)
        if (old.at[i].key != NODE_NONE)
            m->at[find_slot(m, old.at[i].key)] = old.at[i];
}

void node_map_set(NodeMap *m, Node n, uint32_t value)
{
    if (2 * m->count >= m->room)
        grow_map(m);
    size_t i = find_slot(m, n);
    m->count += m->at[i].key == NODE_NONE;
    m->at[i] = (NodeMapEntry){n, value};
}

Node *node_args_copy(const Graph *g, Node n, Arena *a)
{
    int count = node_count(g, n);
    Node *copy = arena_alloc(a, ((size_t)count + 1) * sizeof *copy);
    for (int i = 0; i < count; i++)
        copy[i] = node_arg(g, n, i);
    return copy;
}

static bool is_float(const Graph *g, Node n)
{
    OpId op = node_op(g, n);
    if (op == OP_NUM)
        return node_number_value(g, n).kind == VAL_FLOAT;
    return op == OP_CONST && node_const_value(g, n).array->kind == ELEM_FLOAT;
}

static bool holds(Graph *g, Node n, bool floats, int count, const OpId ops[])
{
    Arena *a = arena_local();
    NodeMap seen = node_map_in(a);
    VEC(Node) stack = {0};
    uint32_t once;
    bool some = false;
    VEC_PUSH_IN(a, &stack, n);
    while (stack.count > 0 && !some) {
        Node k = stack.at[--stack.count];
        POLL();
        if (node_map_get(&seen, k, &once))
            continue;
        node_map_set(&seen, k, 1);
        some = floats && is_float(g, k);
        for (int i = 0; i < count; i++)
            some = some || node_op(g, k) == ops[i];
        const Node *args = node_args_copy(g, k, a);
        for (int i = 0; i < node_count(g, k); i++)
            VEC_PUSH_IN(a, &stack, args[i]);
    }
    arena_free(a);
    return some;
}

bool node_holds_op(Graph *g, Node n, int count, const OpId ops[])
{
    return holds(g, n, false, count, ops);
}

bool node_holds_float(Graph *g, Node n)
{
    return holds(g, n, true, 0, NULL);
}

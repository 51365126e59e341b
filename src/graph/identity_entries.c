/*
 * identity_entries.c - a scalar symbol for each entry
 */
#include "graph/identity_entries.h"

#include "graph/array.h"
#include "graph/internal.h"

#define ENTRIES_MOST 36

typedef struct Spelling {
    Arena *arena;
    int count;
    Node *from, *to;
    int entries;
} Spelling;

/* A name that nobody can type, and that is no kernel's. */
static Node entry_symbol(Graph *g, Spelling *s, unsigned flags)
{
    const char *name = arena_printf(s->arena, "#spelled%d", s->entries++);
    return node_symbol(g, name_of(name), (Shape){1, 1},
                       flags & (SYM_POSITIVE | SYM_NONNEGATIVE | SYM_INTEGER));
}

static Node spelled(Graph *g, Spelling *s, Node x)
{
    Shape shape = node_shape(g, x);
    unsigned flags = node_symbol_flags(g, x);
    int rows = shape.rows, cols = shape.cols;
    Node *entry = ARENA_ARRAY(s->arena, Node, (size_t)(rows * cols));
    for (int j = 0; j < cols; j++)
        for (int i = 0; i < rows; i++)
            entry[i + j * rows] = (flags & SYM_SYMMETRIC) && i < j
                                      ? entry[j + i * rows]
                                      : entry_symbol(g, s, flags);
    return array_literal(g, rows, cols, entry);
}

static bool add_symbols(Graph *g, Spelling *s, Node n)
{
    Node *symbol;
    int count = node_symbols(g, n, s->arena, &symbol);
    for (int i = 0; i < count; i++) {
        Shape shape = node_shape(g, symbol[i]);
        if (node_is_scalar(g, symbol[i]))
            continue;
        if (shape.rows < 1 || shape.cols < 1 || shape.rows > ENTRIES_MOST ||
            shape.cols > ENTRIES_MOST ||
            s->entries + shape.rows * shape.cols > ENTRIES_MOST)
            return false;
        bool known = false;
        for (int k = 0; k < s->count; k++)
            known = known || s->from[k] == symbol[i];
        if (known)
            continue;
        s->from[s->count] = symbol[i];
        s->to[s->count++] = spelled(g, s, symbol[i]);
    }
    return true;
}

bool spell_entries(Graph *g, Node *a, Node *b, Arena *arena)
{
    Spelling s = {.arena = arena};
    s.from = ARENA_ARRAY(arena, Node, ENTRIES_MOST);
    s.to = ARENA_ARRAY(arena, Node, ENTRIES_MOST);
    if (!add_symbols(g, &s, *a) || !add_symbols(g, &s, *b) || s.count == 0)
        return false;
    *a = node_substitute(g, *a, s.count, s.from, s.to);
    *b = node_substitute(g, *b, s.count, s.from, s.to);
    return true;
}

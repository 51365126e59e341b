/*
 * store.c - nodes: the unique table, reading, order
 */
#include "graph/internal.h"

#include <string.h>

enum { FIRST_ROOM = 256, SIZE_MOST = 1000000000, LEVEL_MOST = 255 };

static void fill_graph(Graph *g)
{
    g->scratch = arena_new();
    g->scratch_start = arena_mark(g->scratch);
    g->slots = 2 * FIRST_ROOM;
    g->slot = mem_alloc(g->slots * sizeof *g->slot);
    memset(g->slot, 0xff, g->slots * sizeof *g->slot);
    g->zero = node_int(g, 0);
    g->one = node_int(g, 1);
    g->minus_one = node_int(g, -1);
    g->two = node_int(g, 2);
    g->half = node_rational(g, 1, 2);
    g->all = node_intern(g, OP_ALL, SHAPE_SCALAR, 0, NULL, 0, NULL);
}

Graph *graph_new(void)
{
    Graph *g = mem_zero(1, sizeof *g);
    g->free = NODE_NONE;
    g->depends_on = NODE_NONE;
    constants_forget(g);
    context_set_slot(SLOT_GRAPH, g);
    Protect p;
    if (PROTECT(&p)) {
        fill_graph(g);
        protect_end(&p);
        return g;
    }
    graph_free(g);
    error_again();
}

void graph_free(Graph *g)
{
    if (!g)
        return;
    rules_free(g);
    forms_free(g);
    for (size_t i = 0; i < g->object.count; i++)
        value_drop(g->object.at[i]);
    VEC_FREE(&g->object);
    VEC_FREE(&g->object_free);
    VEC_FREE(&g->name);
    table_free(&g->name_number);
    table_free(&g->pin);
    table_free(&g->typed);
    mem_free(g->row);
    mem_free(g->pool);
    mem_free(g->slot);
    mem_free(g->depends_memo);
    mem_free(g->turned_memo);
    arena_free(g->scratch);
    table_free(&g->called);
    table_free(&g->text);
    arena_free(g->text_arena);
    if (graph_current() == g)
        context_set_slot(SLOT_GRAPH, NULL);
    mem_free(g);
}

Graph *graph_current(void)
{
    return context_slot(SLOT_GRAPH);
}

uint32_t graph_generation(const Graph *g)
{
    return g->generation;
}

size_t graph_count(const Graph *g)
{
    return g->live;
}

uint32_t graph_name(Graph *g, Name name)
{
    size_t known = (size_t)table_get(&g->name_number, name);
    if (known)
        return (uint32_t)known - 1;
    VEC_PUSH(&g->name, name);
    table_set(&g->name_number, name, (void *)g->name.count);
    return (uint32_t)g->name.count - 1;
}

/* ---- hashing ---- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* By what the dimension is, not by where its node stands. */
static uint64_t dim_hash(const Graph *g, Dim d)
{
    return d >= 0 ? (uint64_t)d : g->row[~d].hash;
}

static bool has_name(OpId op)
{
    return op == OP_SYM || op == OP_CALL;
}

static uint64_t structural_hash(const Graph *g, OpId op, Shape s, int nargs,
                                const Node args[], int nattr,
                                const uint32_t attr[])
{
    uint64_t h = mix((uint64_t)op + 1, dim_hash(g, s.rows));
    h = mix(h, dim_hash(g, s.cols));
    for (int i = 0; i < nargs; i++)
        h = mix(h, g->row[args[i]].hash);
    for (int i = 0; i < nattr; i++) {
        uint64_t word = attr[i];
        if (i == 0 && has_name(op)) {
            Name name = g->name.at[word];
            word = hash_bytes(name, strlen(name));
        }
        h = mix(h, word);
    }
    return h ^ (h >> 32);
}

/* ---- the unique table ---- */

static void grow_slots(Graph *g)
{
    size_t slots = g->slots * 2;
    Slot *slot = mem_alloc(slots * sizeof *slot);
    memset(slot, 0xff, slots * sizeof *slot);
    for (size_t k = 0; k < g->slots; k++) {
        if (g->slot[k].node == NODE_NONE)
            continue;
        size_t i = g->slot[k].tag & (slots - 1);
        while (slot[i].node != NODE_NONE)
            i = (i + 1) & (slots - 1);
        slot[i] = g->slot[k];
    }
    mem_free(g->slot);
    g->slot = slot;
    g->slots = slots;
}

static void grow_pool(Graph *g, size_t more)
{
    size_t room = g->pool_room ? g->pool_room : 4 * FIRST_ROOM;
    while (room < g->pool_count + more)
        room *= 2;
    if (room > UINT32_MAX)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "expressions with more than 2^32 operands");
    g->pool = mem_resize(g->pool, room * sizeof *g->pool);
    g->pool_room = room;
}

static Node take_row(Graph *g)
{
    if (g->free != NODE_NONE) {
        Node n = g->free;
        g->free = g->row[n].first;
        return n;
    }
    if (g->count == g->room) {
        size_t room = g->room ? 2 * g->room : FIRST_ROOM;
        if (room > INT32_MAX)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "expressions with more than 2^31 operations");
        g->row = mem_resize(g->row, room * sizeof *g->row);
        g->room = room;
    }
    return (Node)g->count++;
}

/* Size, depth, level and constancy of a new row, from its operands. */
static void summarise(const Graph *g, NodeRow *r, const Node args[])
{
    uint64_t size = 1;
    uint32_t depth = 0, level = 0, ops = 0;
    bool constant = r->op != OP_SYM && r->op != OP_ARG && r->op != OP_BV;
    for (uint32_t i = 0; i < r->nargs; i++) {
        const NodeRow *a = &g->row[args[i]];
        size += a->size;
        depth = a->depth > depth ? a->depth : depth;
        level = a->level > level ? a->level : level;
        ops |= a->ops;
        constant = constant && (a->flags & ROW_CONSTANT);
    }
    /* ones(n) depends on n as much as n + 1 does. */
    const Dim side[] = {r->rows, r->cols};
    for (int i = 0; i < 2; i++) {
        if (side[i] >= 0)
            continue;
        const NodeRow *a = &g->row[~side[i]];
        level = a->level > level ? a->level : level;
        constant = false;
    }
    r->size = size > SIZE_MOST ? SIZE_MOST : (uint32_t)size;
    r->depth = depth + 1;
    r->level = (uint8_t)(level > LEVEL_MOST ? LEVEL_MOST : level);
    r->flags = constant ? ROW_CONSTANT : 0;
    if (op_table[r->op].class != CLASS_CORE)
        ops |= op_bit((OpId)r->op);
    r->ops = (uint16_t)ops;
}

static bool row_matches(const Graph *g, const NodeRow *r, OpId op, Shape s,
                        int nargs, const Node args[], int nattr,
                        const uint32_t attr[])
{
    return r->op == op && r->rows == s.rows && r->cols == s.cols &&
           r->nargs == (uint32_t)nargs && r->nattr == nattr &&
           !memcmp(g->pool + r->first, args, (size_t)nargs * sizeof *args) &&
           !memcmp(g->pool + r->first + nargs, attr,
                   (size_t)nattr * sizeof *attr);
}

static Node insert_row(Graph *g, size_t at, uint64_t hash, OpId op, Shape s,
                       int nargs, const Node args[], int nattr,
                       const uint32_t attr[])
{
    size_t words = (size_t)nargs + (size_t)nattr;
    if (g->pool_count + words > g->pool_room) {
        /* The arguments may lie in the pool itself. */
        ArenaMark mark = arena_mark(g->scratch);
        Node *copy = arena_alloc(g->scratch, (words + 1) * sizeof *copy);
        if (nargs)
            memcpy(copy, args, (size_t)nargs * sizeof *copy);
        if (nattr)
            memcpy(copy + nargs, attr, (size_t)nattr * sizeof *copy);
        grow_pool(g, words);
        Node n =
            insert_row(g, at, hash, op, s, nargs, copy, nattr, copy + nargs);
        arena_reset(g->scratch, mark);
        return n;
    }
    Node n = take_row(g);
    NodeRow *r = &g->row[n];
    *r = (NodeRow){.hash = hash,
                   .rows = s.rows,
                   .cols = s.cols,
                   .first = (uint32_t)g->pool_count,
                   .nargs = (uint32_t)nargs,
                   .op = (uint8_t)op,
                   .nattr = (uint16_t)nattr};
    summarise(g, r, args);
    if (op == OP_BV && nattr && attr[0] > r->level)
        r->level = (uint8_t)(attr[0] > LEVEL_MOST ? LEVEL_MOST : attr[0]);
    if (nargs)
        memcpy(g->pool + g->pool_count, args, (size_t)nargs * sizeof *args);
    if (nattr)
        memcpy(g->pool + g->pool_count + nargs, attr,
               (size_t)nattr * sizeof *attr);
    g->pool_count += words;
    g->slot[at] = (Slot){n, tag_of(hash)};
    g->live++;
    if (4 * (g->live + 1) > 3 * g->slots)
        grow_slots(g);
    return n;
}

Node node_intern(Graph *g, OpId op, Shape s, int nargs, const Node args[],
                 int nattr, const uint32_t attr[])
{
    static const uint32_t nothing[1];
    if (nargs == 0)
        args = nothing;
    if (nattr == 0)
        attr = nothing;
    uint64_t hash = structural_hash(g, op, s, nargs, args, nattr, attr);
    uint32_t tag = tag_of(hash);
    size_t i = tag & (g->slots - 1);
    for (Node n; (n = g->slot[i].node) != NODE_NONE;
         i = (i + 1) & (g->slots - 1)) {
        const NodeRow *r = &g->row[n];
        if (g->slot[i].tag == tag && r->hash == hash &&
            row_matches(g, r, op, s, nargs, args, nattr, attr))
            return n;
    }
    return insert_row(g, i, hash, op, s, nargs, args, nattr, attr);
}

/* Equal objects of one kind: an exact 2 is not the float 2.0. */
static bool same_object(Value a, Value b)
{
    if (a.kind != b.kind)
        return false;
    if (a.kind == VAL_ARRAY && a.array == b.array)
        return !a.array->missing;
    if (a.kind == VAL_ARRAY && (a.array->kind != b.array->kind ||
                                a.array->missing || b.array->missing))
        return false;
    return value_same(a, b);
}

Node intern_object(Graph *g, OpId op, uint32_t kind, Value v)
{
    Shape s = v.kind == VAL_ARRAY ? (Shape){v.array->rows, v.array->cols}
                                  : SHAPE_SCALAR;
    uint64_t hash = mix(mix((uint64_t)op + 1, kind), value_hash(v));
    if (v.kind == VAL_ARRAY)
        hash = mix(hash, v.array->kind);
    size_t i = tag_of(hash) & (g->slots - 1);
    for (Node n; (n = g->slot[i].node) != NODE_NONE;
         i = (i + 1) & (g->slots - 1)) {
        const NodeRow *r = &g->row[n];
        if (r->hash == hash && r->op == op && r->nattr == 2 &&
            g->pool[r->first] == kind &&
            same_object(g->object.at[g->pool[r->first + 1]], v))
            return n;
    }
    uint32_t place;
    if (g->object_free.count) {
        place = g->object_free.at[--g->object_free.count];
    } else {
        place = (uint32_t)g->object.count;
        VEC_PUSH(&g->object, VALUE_NONE);
    }
    value_store(&g->object.at[place], v);
    uint32_t attr[2] = {kind, place};
    return insert_row(g, i, hash, op, s, 0, attr, 2, attr);
}

/* ---- reading ---- */

OpId node_op(const Graph *g, Node n)
{
    return op_of(g, n);
}

int node_count(const Graph *g, Node n)
{
    return (int)g->row[n].nargs;
}

Node node_arg(const Graph *g, Node n, int i)
{
    return arg_of(g, n, (uint32_t)i);
}

const Node *node_args(const Graph *g, Node n)
{
    return g->pool + g->row[n].first;
}

Node *args_copy(Graph *g, Node n)
{
    size_t count = g->row[n].nargs;
    Node *copy = arena_alloc(g->scratch, (count + 1) * sizeof *copy);
    memcpy(copy, g->pool + g->row[n].first, count * sizeof *copy);
    return copy;
}

uint32_t node_attr(const Graph *g, Node n, int i)
{
    const NodeRow *r = &g->row[n];
    return g->pool[r->first + r->nargs + (uint32_t)i];
}

int node_attr_count(const Graph *g, Node n)
{
    return g->row[n].nattr;
}

Shape node_shape(const Graph *g, Node n)
{
    return (Shape){g->row[n].rows, g->row[n].cols};
}

bool node_is_scalar(const Graph *g, Node n)
{
    return g->row[n].rows == 1 && g->row[n].cols == 1;
}

bool node_is_column(const Graph *g, Node n)
{
    return g->row[n].cols == 1 && g->row[n].rows != 1;
}

bool node_is_row(const Graph *g, Node n)
{
    return g->row[n].rows == 1 && g->row[n].cols != 1;
}

bool node_is_square(const Graph *g, Node n)
{
    return g->row[n].rows == g->row[n].cols;
}

uint32_t node_size(const Graph *g, Node n)
{
    return g->row[n].size;
}

uint32_t node_depth(const Graph *g, Node n)
{
    return g->row[n].depth;
}

uint64_t node_hash(const Graph *g, Node n)
{
    return g->row[n].hash;
}

int node_level(const Graph *g, Node n)
{
    return g->row[n].level;
}

bool node_is_constant(const Graph *g, Node n)
{
    return g->row[n].flags & ROW_CONSTANT;
}

Name node_symbol_name(const Graph *g, Node n)
{
    return has_name(op_of(g, n)) ? g->name.at[node_attr(g, n, 0)] : NULL;
}

unsigned node_symbol_flags(const Graph *g, Node n)
{
    switch (op_of(g, n)) {
    case OP_SYM:
    case OP_ARG:
        return node_attr(g, n, 1);
    case OP_BV:
        return node_attr(g, n, 2);
    default:
        return 0;
    }
}

/* ---- order ---- */

static int order(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Leaves and names: numbers by value, symbols by their text. */
static int compare_names(const Graph *g, Node a, Node b)
{
    OpId op = op_of(g, a);
    if (op == OP_NUM) {
        int c = value_compare(node_number_value(g, a), node_number_value(g, b));
        return c == 2 ? 0 : c;
    }
    if (has_name(op))
        return strcmp(node_symbol_name(g, a), node_symbol_name(g, b));
    if (op == OP_CONST)
        return 0;
    int n = node_attr_count(g, a), m = node_attr_count(g, b);
    for (int i = 0; i < n && i < m; i++) {
        uint32_t x = node_attr(g, a, i), y = node_attr(g, b, i);
        /* Two bound variables of other levels differ by name alone. */
        if (x != y && !(op == OP_BV && i == 0))
            return order(x, y);
    }
    return order((uint64_t)n, (uint64_t)m);
}

/*
 * The first difference in the tops of both trees, `deep` levels down; 0 if
 * they look alike there.  Numbers come first, then the smaller.
 */
static int compare_tops(const Graph *g, Node a, Node b, int deep)
{
    if (a == b)
        return 0;
    const NodeRow *r = &g->row[a], *s = &g->row[b];
    if ((r->op == OP_NUM) != (s->op == OP_NUM))
        return r->op == OP_NUM ? -1 : 1;
    int c = order(r->size, s->size);
    if (!c)
        c = order(r->op, s->op);
    if (!c)
        c = compare_names(g, a, b);
    if (!c)
        c = order(r->nargs, s->nargs);
    if (c || !deep)
        return c;
    for (uint32_t i = 0; !c && i < r->nargs; i++)
        c = compare_tops(g, arg_of(g, a, i), arg_of(g, b, i), deep - 1);
    return c;
}

/* Only for two nodes with one 64-bit hash: walks both to a difference. */
static int compare_whole(const Graph *g, Node a, Node b)
{
    depth_check();
    int c = compare_tops(g, a, b, 0);
    for (uint32_t i = 0; !c && a != b && i < g->row[a].nargs; i++)
        c = compare_whole(g, arg_of(g, a, i), arg_of(g, b, i));
    return c;
}

int node_compare(const Graph *g, Node a, Node b)
{
    if (a == b)
        return 0;
    const NodeRow *r = &g->row[a], *s = &g->row[b];
    if (r->size != s->size && r->op != OP_NUM && s->op != OP_NUM)
        return r->size < s->size ? -1 : 1;
    int c = compare_tops(g, a, b, 3);
    if (!c)
        c = order(g->row[a].hash, g->row[b].hash);
    if (!c)
        c = compare_whole(g, a, b);
    return c ? c : order(a, b);
}

static bool in_order(const Graph *g, const Node *a, const Node *b, int key)
{
    return node_compare(g, a[key], b[key]) <= 0;
}

static void insertion_sort(const Graph *g, Node *at, size_t n, size_t w,
                           int key)
{
    for (size_t i = 1; i < n; i++) {
        Node item[4];
        memcpy(item, at + i * w, w * sizeof *at);
        size_t j = i;
        for (; j > 0 && !in_order(g, at + (j - 1) * w, item, key); j--)
            memcpy(at + j * w, at + (j - 1) * w, w * sizeof *at);
        memcpy(at + j * w, item, w * sizeof *at);
    }
}

/* Merges two neighbours of n and m items in order at `from` into `to`. */
static void merge_runs(const Graph *g, const Node *from, size_t n, size_t m,
                       size_t w, int key, Node *to)
{
    const Node *a = from, *b = from + n * w, *end_a = b, *end_b = b + m * w;
    /* Sums and products mostly come as they were written: in order. */
    if (m == 0 || in_order(g, end_a - w, b, key)) {
        memcpy(to, from, (n + m) * w * sizeof *to);
        return;
    }
    while (a < end_a && b < end_b) {
        const Node **next = in_order(g, a, b, key) ? &a : &b;
        memcpy(to, *next, w * sizeof *to);
        *next += w;
        to += w;
    }
    memcpy(to, a, (size_t)(end_a - a) * sizeof *to);
    memcpy(to + (end_a - a), b, (size_t)(end_b - b) * sizeof *to);
}

static bool is_sorted(const Graph *g, const Node *at, size_t n, size_t w,
                      int key)
{
    for (size_t i = 1; i < n; i++)
        if (!in_order(g, at + (i - 1) * w, at + i * w, key))
            return false;
    return true;
}

/* Merge sort of items of `stride` nodes: stable, and free to be jumped out
 * of. */
void nodes_sort(const Graph *g, Node *at, size_t n, int stride, int key)
{
    size_t w = (size_t)stride;
    if (n <= 12) {
        insertion_sort(g, at, n, w, key);
        return;
    }
    if (is_sorted(g, at, n, w, key))
        return;
    ArenaMark mark = arena_mark(g->scratch);
    Node *from = at, *to = arena_alloc(g->scratch, n * w * sizeof *to);
    Node *room = to;
    for (size_t width = 1; width < n; width *= 2) {
        POLL();
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t mid = low + width < n ? low + width : n;
            size_t high = low + 2 * width < n ? low + 2 * width : n;
            merge_runs(g, from + low * w, mid - low, high - mid, w, key,
                       to + low * w);
        }
        Node *swap = from;
        from = to;
        to = swap;
    }
    if (from == room)
        memcpy(at, room, n * w * sizeof *at);
    arena_reset(g->scratch, mark);
}

/*
 * witness.c - points at which two formulas differ
 *
 * Scalars are enclosed at rational points.  Formulas of arrays are evaluated
 * at small arrays of integers; dimensions become 2 and 3.
 */
#include <math.h>

#include "graph/enclose.h"
#include "graph/identity.h"
#include "graph/internal.h"
#include "value/number.h"

#define POINTS 300
#define ARRAY_POINTS 8
#define FLOAT_ERROR 1e-7 /* of array kernels at small integers, generously */

/* The number that symbol i takes at try t. */
static Node coordinate(Graph *g, Node symbol, int i, int t)
{
    static const int num[] = {1, -1, 2, -2, 1, -1, 3, 0, -3, 7, 1, -5, 4, 10};
    static const int den[] = {1, 1, 1, 1, 2, 2, 1, 1, 1, 2, 3, 4, 1, 1};
    uint64_t mix = ((uint64_t)t * 64 + (uint64_t)i + 1) * 0x9e3779b97f4a7c15u;
    mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9u;
    int at = i == 0 && t < 14 ? t : (int)((mix >> 32) % 14u);
    int p = num[at], q = den[at];
    unsigned flags = node_symbol_flags(g, symbol);
    if (flags & (SYM_INTEGER | SYM_DIMENSION))
        q = 1;
    if (flags & (SYM_POSITIVE | SYM_DIMENSION))
        p = p < 0 ? -p : p == 0 ? 5 : p;
    if (flags & SYM_NONNEGATIVE)
        p = p < 0 ? -p : p;
    return node_rational(g, p, q);
}

static bool differ(Range a, Range b)
{
    if (a.state == RANGE_OK && b.state == RANGE_OK)
        return a.high < b.low || b.high < a.low;
    return (a.state == RANGE_OK && b.state == RANGE_UNDEFINED) ||
           (b.state == RANGE_OK && a.state == RANGE_UNDEFINED);
}

static void fill_witness(Witness *w, Range a, Range b)
{
    w->defined[0] = a.state == RANGE_OK;
    w->defined[1] = b.state == RANGE_OK;
    w->at[0] = a.low / 2 + a.high / 2;
    w->at[1] = b.low / 2 + b.high / 2;
}

static bool find_scalar_witness(Graph *g, Node a, Node b, Arena *arena,
                                Witness *w)
{
    Node both[2] = {a, b}, *symbols;
    Node pair = node_call(g, name_of("#pair"), 2, both, (uint32_t[]){0, 0});
    *w = (Witness){.count = node_symbols(g, pair, arena, &symbols)};
    w->symbol = symbols;
    w->value = ARENA_ARRAY(arena, Node, (size_t)w->count + 1);
    for (int t = 0; t < (w->count ? POINTS : 1); t++) {
        POLL();
        for (int i = 0; i < w->count; i++)
            w->value[i] = coordinate(g, w->symbol[i], i, t);
        Range x = enclose(g, a, w->count, w->symbol, w->value);
        Range y = enclose(g, b, w->count, w->symbol, w->value);
        if (differ(x, y)) {
            fill_witness(w, x, y);
            return true;
        }
    }
    return false;
}

/* ---- arrays ---- */

static int entry_at(Shape s, int i, int j, int seed, unsigned flags)
{
    int u = i, v = j;
    if (flags & SYM_SYMMETRIC && i > j) {
        u = j;
        v = i;
    }
    int y = (u * 7 + v * 13 + seed * 11 + u * v * 5 + s.rows) % 9 - 4;
    if (flags & (SYM_POSITIVE | SYM_NONNEGATIVE))
        y = y < 0 ? -y : y == 0 ? 1 : y;
    if (flags & SYM_POSDEF) /* dominant diagonal */
        y = i == j ? 20 + y : y;
    return y;
}

static Node array_point(Graph *g, Node symbol, int seed)
{
    Shape s = node_shape(g, symbol);
    unsigned flags = node_symbol_flags(g, symbol);
    Value y = array_new(ELEM_EXACT, s.rows, s.cols);
    for (int j = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++)
            array_set(y.array, (size_t)(j * s.rows + i),
                      value_int(entry_at(s, i, j, seed, flags)));
    return node_const(g, y);
}

/* Numbers for dimensions, then for the symbols of the shapes they give. */
static Node at_point(Graph *g, Node pair, int t, Arena *arena, Witness *w)
{
    Node *symbol;
    int count = node_symbols(g, pair, arena, &symbol), dims = 0, n = 0;
    Node *dim = ARENA_ARRAY(arena, Node, (size_t)count + 1);
    Node *size = ARENA_ARRAY(arena, Node, (size_t)count + 1);
    for (int i = 0; i < count; i++)
        if (node_symbol_flags(g, symbol[i]) & SYM_DIMENSION) {
            dim[dims] = symbol[i];
            size[dims] = node_int(g, 2 + (t + dims) % 2);
            dims++;
        }
    pair = node_substitute(g, pair, dims, dim, size);
    count = node_symbols(g, pair, arena, &symbol);
    w->symbol = ARENA_ARRAY(arena, Node, (size_t)(count + dims) + 1);
    w->value = ARENA_ARRAY(arena, Node, (size_t)(count + dims) + 1);
    for (int i = 0; i < count; i++, n++) {
        Shape s = node_shape(g, symbol[i]);
        if (s.rows < 1 || s.cols < 1 || s.rows > 8 || s.cols > 8)
            return NODE_NONE;
        w->symbol[n] = symbol[i];
        w->value[n] = node_is_scalar(g, symbol[i])
                          ? coordinate(g, symbol[i], i, t)
                          : array_point(g, symbol[i], t + 3 * i);
    }
    w->count = n;
    return node_substitute(g, pair, n, w->symbol, w->value);
}

static Range entry_range(Graph *g, Node n, int i, int j)
{
    if (!node_is_scalar(g, n))
        n = node_index(g, n, node_int(g, i + 1), node_int(g, j + 1));
    Range y = enclose(g, n, 0, NULL, NULL);
    if (!node_is_number(g, n) || !coef_is_float(g, n) || y.state)
        return y;
    double error = FLOAT_ERROR * (1 + fabs(y.low));
    return (Range){y.low - error, y.high + error, RANGE_OK};
}

static bool differ_at(Graph *g, Node a, Node b, Witness *w)
{
    Shape s = node_shape(g, a);
    for (int i = 0; i < s.rows; i++)
        for (int j = 0; j < s.cols; j++) {
            Range x = entry_range(g, a, i, j), y = entry_range(g, b, i, j);
            if (x.state == RANGE_OK && y.state == RANGE_OK && differ(x, y)) {
                fill_witness(w, x, y);
                return true;
            }
        }
    return false;
}

static bool try_arrays(Graph *g, Node a, Node b, int t, Arena *arena,
                       Witness *w)
{
    volatile bool y = false;
    Node both[2] = {a, b};
    Protect p;
    if (PROTECT(&p)) {
        Node pair = node_call(g, name_of("#pair"), 2, both, (uint32_t[]){0, 0});
        pair = at_point(g, pair, t, arena, w);
        y = pair != NODE_NONE &&
            differ_at(g, node_arg(g, pair, 0), node_arg(g, pair, 1), w);
        protect_end(&p);
    } else if (context_error()->code == ERR_INTERRUPT ||
               context_error()->code == ERR_MEMORY) {
        error_again();
    }
    return y;
}

bool has_arrays(Graph *g, Node n, Arena *arena)
{
    Node *symbol;
    int count = node_symbols(g, n, arena, &symbol);
    for (int i = 0; i < count; i++)
        if (!node_is_scalar(g, symbol[i]))
            return true;
    return !node_is_scalar(g, n);
}

bool find_witness(Graph *g, Node a, Node b, Arena *arena, Witness *w)
{
    if (!has_arrays(g, a, arena) && !has_arrays(g, b, arena))
        return find_scalar_witness(g, a, b, arena, w);
    for (int t = 0; t < ARRAY_POINTS; t++)
        if (try_arrays(g, a, b, t, arena, w))
            return true;
    return false;
}

/*
 * check.c - the invariants of the graph, for tests
 */
#include "graph/internal.h"

#include <string.h>

static bool complain(Str *why, Node n, const char *text)
{
    if (why)
        str_add_format(why, "node %u: %s", n, text);
    return false;
}

static bool is_live(const Graph *g, Node n)
{
    return n < g->count && !(g->row[n].flags & ROW_FREE);
}

/* Found under its own hash, operands live and summarised rightly. */
static bool check_row(const Graph *g, Node n, Str *why)
{
    const NodeRow *r = &g->row[n];
    size_t i = tag_of(r->hash) & (g->slots - 1);
    while (g->slot[i].node != n && g->slot[i].node != NODE_NONE)
        i = (i + 1) & (g->slots - 1);
    if (g->slot[i].node != n)
        return complain(why, n, "not in the unique table");
    uint64_t size = 1;
    uint32_t depth = 0;
    for (uint32_t k = 0; k < r->nargs; k++) {
        Node a = arg_of(g, n, k);
        if (!is_live(g, a))
            return complain(why, n, "an operand is not live");
        size += g->row[a].size;
        if (g->row[a].depth > depth)
            depth = g->row[a].depth;
    }
    if (r->depth != depth + 1 || (r->size != size && r->size != 1000000000))
        return complain(why, n, "size or depth is wrong");
    if ((r->rows < 0 && !is_live(g, (Node)~r->rows)) ||
        (r->cols < 0 && !is_live(g, (Node)~r->cols)))
        return complain(why, n, "a dimension is not live");
    if (r->flags & ROW_MARK)
        return complain(why, n, "a mark was left");
    return true;
}

static bool check_sum(const Graph *g, Node n, Str *why)
{
    uint32_t count = g->row[n].nargs;
    if (count < 4 || count % 2)
        return complain(why, n, "a sum of less than two terms");
    for (uint32_t i = 0; i < count; i += 2) {
        Node c = arg_of(g, n, i), t = arg_of(g, n, i + 1);
        OpId op = op_of(g, t);
        if (!node_is_number(g, c) || coef_sign(g, c) == 0)
            return complain(why, n, "a coefficient is no number or 0");
        if (!shape_same(node_shape(g, t), node_shape(g, n)))
            return complain(why, n, "terms of several shapes");
        if (op == OP_SUM || op == OP_ZERO || (op == OP_NUM && t != g->one) ||
            (op == OP_MONO && arg_of(g, t, 0) != g->one))
            return complain(why, n, "a term that should have been opened");
        if (node_is_scalar(g, n) && i >= 2 &&
            node_compare(g, arg_of(g, n, i - 1), t) >= 0)
            return complain(why, n, "terms out of order");
    }
    return true;
}

static bool check_mono(const Graph *g, Node n, Str *why)
{
    uint32_t count = g->row[n].nargs;
    Node c = arg_of(g, n, 0), body = arg_of(g, n, 1);
    OpId op = op_of(g, body);
    if (count < 2 || count % 2 || !node_is_number(g, c) || coef_sign(g, c) == 0)
        return complain(why, n, "a product without a coefficient");
    if (op == OP_MONO || op == OP_ZERO || (op == OP_NUM && body != g->one) ||
        (op == OP_SUM && count == 2))
        return complain(why, n, "a body that should have been opened");
    if (count == 2 && (body == g->one || c == g->one))
        return complain(why, n, "a product of one factor");
    for (uint32_t i = 2; i < count; i += 2) {
        Node b = arg_of(g, n, i), e = arg_of(g, n, i + 1);
        if (!node_is_scalar(g, b) || !node_is_scalar(g, e) || e == g->zero)
            return complain(why, n, "a factor of a wrong kind");
        if (i >= 4 && node_compare(g, arg_of(g, n, i - 2), b) > 0)
            return complain(why, n, "factors out of order");
    }
    return true;
}

static bool check_pool(const Graph *g, Node n, Str *why)
{
    const NodeRow *r = &g->row[n];
    if ((size_t)r->first + r->nargs + r->nattr > g->pool_count)
        return complain(why, n, "operands outside of the pool");
    return true;
}

bool graph_check(const Graph *g, Str *why)
{
    size_t live = 0;
    for (Node n = 0; n < g->count; n++) {
        if (!is_live(g, n))
            continue;
        live++;
        if (!check_pool(g, n, why) || !check_row(g, n, why))
            return false;
        OpId op = op_of(g, n);
        if ((op == OP_SUM && !check_sum(g, n, why)) ||
            (op == OP_MONO && !check_mono(g, n, why)))
            return false;
        if (op == OP_CHAIN && g->row[n].nargs < 2)
            return complain(why, n, "a chain of one factor");
        if (op == OP_HAD && (g->row[n].nargs < 2 || g->row[n].nargs % 2))
            return complain(why, n, "an entrywise product without pairs");
    }
    if (live != g->live)
        return complain(why, 0, "the count of live nodes is wrong");
    return true;
}

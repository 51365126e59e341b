#include "graph/decimals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/internal.h"
#include "graph/walk.h"

/* digits * 10^power, digits a whole number below 10^17. */
static Node decimal_fraction(Graph *g, double x)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, x);
        if (strtod(text, NULL) == x)
            break;
    }
    int64_t whole = 0, power = 0;
    bool point = false;
    for (const char *c = text; *c; c++) {
        if (*c == '.')
            point = true;
        if (*c >= '0' && *c <= '9') {
            whole = 10 * whole + (*c - '0');
            power -= point;
        }
        if (*c == 'e') {
            power += strtol(c + 1, NULL, 10);
            break;
        }
    }
    Node y = node_int(g, x < 0 ? -whole : whole);
    return node_mul(g, y, node_power(g, node_int(g, 10), node_int(g, power)));
}

static Node rewrite(Graph *g, NodeMap *done, Node n, Arena *a)
{
    uint32_t known;
    if (node_map_get(done, n, &known))
        return known;
    depth_check();
    Node y = n;
    if (op_of(g, n) == OP_NUM && coef_is_float(g, n)) {
        if (isfinite(coef_double(g, n)))
            y = decimal_fraction(g, coef_double(g, n));
    } else if (node_count(g, n) > 0) {
        int count = node_count(g, n);
        Node *arg = node_args_copy(g, n, a);
        bool changed = false;
        for (int i = 0; i < count; i++) {
            Node b = rewrite(g, done, arg[i], a);
            changed = changed || b != arg[i];
            arg[i] = b;
        }
        if (changed)
            y = node_rebuild(g, n, arg);
    }
    node_map_set(done, n, y);
    return y;
}

Node node_decimals(Graph *g, Node n)
{
    Arena *a = arena_local();
    NodeMap done = node_map_in(a);
    Node y = rewrite(g, &done, n, a);
    arena_free(a);
    return y;
}

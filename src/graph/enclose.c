#include "graph/enclose.h"

#include <math.h>

#include "graph/binder.h"
#include "graph/internal.h"
#include "graph/walk.h"
#include "value/number.h"

#define VAGUE ((Range){0, 0, RANGE_VAGUE})
#define UNDEFINED ((Range){0, 0, RANGE_UNDEFINED})

typedef struct Enclosure {
    Graph *g;
    Arena *arena;
    int count;
    const Node *symbol, *value;
    NodeMap seen; /* node -> place in `known` */
    VEC(Range) known;
} Enclosure;

static Range range_of(Enclosure *e, Node n);

/* ---- powers ---- */

static Range power(Enclosure *e, Node base, Node exponent)
{
    Range a = range_of(e, base);
    if (a.state)
        return a;
    bool number = node_is_number(e->g, exponent);
    Range by = range_of(e, exponent);
    if (by.state)
        return by;
    if (by.low == by.high && fabs(by.low) < 1000 && by.low == rint(by.low))
        return range_whole_power(a, (int64_t)by.low);
    if (a.high < 0) /* at whole exponents near by it may have a value */
        return number ? UNDEFINED : VAGUE;
    if (number && node_is_number(e->g, base) && a.low <= 0)
        return VAGUE;
    if (number && a.low == 0 && a.high == 0 &&
        number_sign(node_number_value(e->g, exponent)) > 0)
        return a;
    return a.low <= 0 ? VAGUE : range_power(a, by);
}

/* ---- nodes ---- */

static Range of_symbol(Enclosure *e, Node n)
{
    for (int i = 0; i < e->count; i++)
        if (e->symbol[i] == n)
            return range_of_number(node_number_value(e->g, e->value[i]));
    return VAGUE;
}

/* The angle of the point (b, a). */
static Range angle(Range a, Range b)
{
    Range quarter = {1.5707963267948966, nextafter(1.5707963267948966, 2),
                     RANGE_OK};
    if (b.low > 0)
        return range_apply(OP_ATAN, range_multiply(a, range_inverse(b)));
    Range turned = range_negative(
        range_apply(OP_ATAN, range_multiply(b, range_inverse(a))));
    if (a.low > 0)
        return range_add(quarter, turned);
    return a.high < 0 ? range_add(range_negative(quarter), turned) : VAGUE;
}

static Range of_two(Enclosure *e, OpId op, Node n)
{
    Range a = range_of(e, node_arg(e->g, n, 0));
    Range b = range_of(e, node_arg(e->g, n, 1));
    if (a.state || b.state)
        return range_hull(a, b);
    switch ((int)op) {
    case OP_MAX:
        return range_new(fmax(a.low, b.low), fmax(a.high, b.high));
    case OP_MIN:
        return range_new(fmin(a.low, b.low), fmin(a.high, b.high));
    case OP_MOD: {
        Range floor =
            range_apply(OP_FLOOR, range_multiply(a, range_inverse(b)));
        return range_add(a, range_negative(range_multiply(b, floor)));
    }
    case OP_ATAN2:
        return angle(a, b);
    case OP_XLOGY:
        return range_multiply(a, range_apply(OP_LOG, b));
    case OP_HYPOT:
        a = range_add(range_whole_power(a, 2), range_whole_power(b, 2));
        a = range_new(fmax(0, a.low), a.high);
        return range_power(a, range_point(0.5));
    default:
        return VAGUE;
    }
}

/* ---- choices ---- */

/* 1, 0, or -1: not known. */
static int truth(Enclosure *e, Node c)
{
    Graph *g = e->g;
    OpId op = node_op(g, c);
    depth_check();
    if (op == OP_NUM)
        return !node_is_zero(g, c);
    if (op == OP_NOT) {
        int t = truth(e, node_arg(g, c, 0));
        return t < 0 ? t : !t;
    }
    if (node_count(g, c) != 2)
        return -1;
    if (op == OP_AND || op == OP_OR) {
        int s = truth(e, node_arg(g, c, 0)), t = truth(e, node_arg(g, c, 1));
        return s < 0 || t < 0 ? -1 : op == OP_AND ? s && t : s || t;
    }
    Range a = range_of(e, node_arg(g, c, 0)),
          b = range_of(e, node_arg(g, c, 1));
    if (a.state || b.state)
        return -1;
    bool less = a.high < b.low, more = b.high < a.low;
    bool same = a.low == a.high && b.low == b.high && a.low == b.low;
    if (!less && !more && !same)
        return -1;
    switch ((int)op) {
    case OP_LT:
        return less;
    case OP_LE:
        return !more;
    case OP_EQ:
        return same;
    case OP_NE:
        return !same;
    default:
        return -1;
    }
}

static Range chosen(Enclosure *e, Node n)
{
    Graph *g = e->g;
    Node choice = node_arg(g, n, 0);
    if (node_op(g, choice) != OP_IF)
        return VAGUE;
    depth_check();
    int t = truth(e, node_arg(g, choice, 0));
    if (t < 0)
        return VAGUE;
    Node *arm = choice_open(g, choice, !t, e->arena);
    return range_of(e, arm[result_number(g, n)]);
}

/* ---- columns that are written out ---- */

/* Entry i from 0 of a column of scalars. */
static Range entry_of(Enclosure *e, Node a, int i)
{
    Node n = node_index(e->g, a, node_int(e->g, i + 1), e->g->one);
    return node_is_scalar(e->g, n) ? range_of(e, n) : VAGUE;
}

static Range sum_of_exp(Enclosure *e, Node a)
{
    Shape s = node_shape(e->g, a);
    Range y = range_point(0);
    if (node_op(e->g, a) != OP_STACK || s.cols != 1 || s.rows > 50)
        return VAGUE;
    for (int i = 0; i < s.rows; i++)
        y = range_add(y, range_apply(OP_EXP, entry_of(e, a, i)));
    return y;
}

/* softmax(a)[i] */
static Range share(Enclosure *e, Node n)
{
    Graph *g = e->g;
    Node a = node_arg(g, n, 0), at = node_arg(g, n, 1);
    int64_t i;
    if (node_op(g, a) != OP_SOFTMAX || !node_is_number(g, at) ||
        !value_to_int(node_number_value(g, at), &i))
        return VAGUE;
    a = node_arg(g, a, 0);
    Range top = range_apply(OP_EXP, entry_of(e, a, (int)i - 1));
    return range_multiply(top, range_inverse(sum_of_exp(e, a)));
}

static Range compute(Enclosure *e, Node n)
{
    Graph *g = e->g;
    OpId op = node_op(g, n);
    int count = node_count(g, n);
    Range y = range_point(op == OP_MONO);
    if (!node_is_scalar(g, n))
        return VAGUE;
    switch ((int)op) {
    case OP_NUM:
        return range_of_number(node_number_value(g, n));
    case OP_SYM:
        return of_symbol(e, n);
    case OP_PI:
        return range_new(3.141592653589793, nextafter(3.141592653589793, 4));
    case OP_SUM:
        for (int i = 0; i < count; i += 2)
            y = range_add(y,
                          range_multiply(range_of(e, node_arg(g, n, i)),
                                         range_of(e, node_arg(g, n, i + 1))));
        return y;
    case OP_MONO:
        y = range_multiply(range_of(e, node_arg(g, n, 0)),
                           range_of(e, node_arg(g, n, 1)));
        for (int i = 2; i < count; i += 2)
            y = range_multiply(
                y, power(e, node_arg(g, n, i), node_arg(g, n, i + 1)));
        return y;
    }
    if (op == OP_PROJ)
        return chosen(e, n);
    if (op == OP_INDEX)
        return share(e, n);
    if (op == OP_LOGSUMEXP)
        return range_apply(OP_LOG, sum_of_exp(e, node_arg(g, n, 0)));
    if (count == 2)
        return of_two(e, op, n);
    return count == 1 ? range_apply(op, range_of(e, node_arg(g, n, 0))) : VAGUE;
}

static Range range_of(Enclosure *e, Node n)
{
    uint32_t at;
    depth_check();
    POLL();
    if (node_map_get(&e->seen, n, &at))
        return e->known.at[at];
    Range y = compute(e, n);
    node_map_set(&e->seen, n, (uint32_t)e->known.count);
    VEC_PUSH_IN(e->arena, &e->known, y);
    return y;
}

Range enclose(Graph *g, Node n, int count, const Node symbol[],
              const Node value[])
{
    Arena *a = arena_local();
    Enclosure e = {.g = g,
                   .arena = a,
                   .count = count,
                   .symbol = symbol,
                   .value = value,
                   .seen = node_map_in(a)};
    Range y = range_of(&e, n);
    arena_free(a);
    return y.state == RANGE_OK && (isinf(y.low) || isinf(y.high)) ? VAGUE : y;
}

bool enclose_zero(Graph *g, Node n)
{
    Range y = enclose(g, n, 0, NULL, NULL);
    return y.state == RANGE_OK && y.low <= 0 && y.high >= 0 &&
           y.high - y.low < 1e-10;
}

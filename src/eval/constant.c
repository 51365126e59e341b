/*
 * constant.c - formulas without symbols, as floats
 */
#include <math.h>

#include "eval/apply.h"
#include "value/matrix.h"
#include "value/shape.h"

#define MOST_ENTRIES 4096

static bool has_symbols(Interp *in, Node n)
{
    Node *found;
    Arena *a = arena_local();
    bool some = node_symbols(in->graph, n, a, &found) > 0;
    arena_free(a);
    return some;
}

bool constant_floats(Interp *in, Value v, Value *y)
{
    if (v.kind != VAL_EXPR)
        return false;
    Graph *g = in->graph;
    Node n = v.expr->node;
    double x;
    if (node_is_scalar(g, n)) {
        if (!node_constant_value(g, n, &x))
            return false;
        *y = value_float(x);
        return true;
    }
    Shape s = node_shape(g, n);
    if (s.rows < 0 || s.cols < 0 ||
        (int64_t)s.rows * s.cols > MOST_ENTRIES || has_symbols(in, n))
        return false;
    *y = array_new(ELEM_FLOAT, s.rows, s.cols);
    for (int j = 0, k = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++) {
            Node e = node_index(g, n, node_int(g, i + 1), node_int(g, j + 1));
            if (!node_constant_value(g, e, &x))
                return false;
            y->array->f[k++] = x;
        }
    return true;
}

/* Rounding cannot have decided the order of these. */
static bool far_apart(Value a, Value b)
{
    double x = value_to_double(a), y = value_to_double(b);
    return fabs(x - y) > 1e-12 * fmax(fabs(x), fabs(y));
}

bool compare_constants(Interp *in, BinaryOp op, Value a, Value b, Value *y)
{
    if (a.kind == VAL_EXPR && !constant_floats(in, a, &a))
        return false;
    if (b.kind == VAL_EXPR && !constant_floats(in, b, &b))
        return false;
    if (value_is_number(a) && value_is_number(b) && !far_apart(a, b))
        return false;
    *y = value_binary(op, a, b);
    return true;
}

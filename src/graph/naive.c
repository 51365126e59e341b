#include "graph/naive.h"

#include <assert.h>
#include <math.h>

#include "graph/walk.h"

typedef struct Naive {
    Graph *g;
    int count;
    const Node *symbol;
    const Value *value;
    NodeMap place; /* in memo */
    VEC(Value) memo;
    Arena *arena;
} Naive;

static Value evaluate(Naive *e, Node n);

static Value operand(Naive *e, Node n, int i)
{
    return evaluate(e, node_arg(e->g, n, i));
}

static Value as_float(Value v)
{
    if (value_is_number(v))
        return value_float(value_to_double(v));
    return value_object(array_to_float(v));
}

static int count_of_dim(Naive *e, Dim d)
{
    if (d >= 0)
        return d;
    int64_t i = 0;
    if (!value_to_int(evaluate(e, (Node)~d), &i))
        error_raise(SPAN_NONE, ERR_TYPE, "a dimension is no integer");
    return (int)i;
}

static Value find_symbol(Naive *e, Node n)
{
    for (int i = 0; i < e->count; i++)
        if (e->symbol[i] == n)
            return as_float(e->value[i]);
    error_raise(SPAN_NONE, ERR_NAME, "no value for `%s`",
                node_symbol_name(e->g, n));
}

static Value fill(Naive *e, Node n, double x)
{
    Shape s = node_shape(e->g, n);
    int rows = count_of_dim(e, s.rows), cols = count_of_dim(e, s.cols);
    return array_value(array_fill(rows, cols, value_float(x)));
}

static Value sum_value(Naive *e, Node n)
{
    Value y = value_float(0);
    for (int i = 0; i < node_count(e->g, n); i += 2) {
        Value t = value_binary(BIN_MUL, operand(e, n, i), operand(e, n, i + 1));
        y = i == 0 ? t : value_binary(BIN_ADD, y, t);
    }
    return y;
}

static Value mono_value(Naive *e, Node n)
{
    double c = value_to_double(operand(e, n, 0));
    for (int i = 2; i < node_count(e->g, n); i += 2)
        c *= pow(value_to_double(operand(e, n, i)),
                 value_to_double(operand(e, n, i + 1)));
    if (node_is_scalar(e->g, n))
        return value_float(c);
    return value_binary(BIN_MUL, value_float(c), operand(e, n, 1));
}

static Value had_value(Naive *e, Node n)
{
    Value y = VALUE_NONE;
    for (int i = 0; i < node_count(e->g, n); i += 2) {
        Value f = operand(e, n, i);
        if (!node_is_one(e->g, node_arg(e->g, n, i + 1)))
            f = value_binary(BIN_POW, f, operand(e, n, i + 1));
        y = i == 0 ? f : value_binary(BIN_MUL, y, f);
    }
    return y;
}

static Value chain_value(Naive *e, Node n)
{
    Value y = operand(e, n, 0);
    for (int i = 1; i < node_count(e->g, n); i++)
        y = value_product(y, operand(e, n, i));
    return array_value(y);
}

static Value index_value(Naive *e, Node n)
{
    Value at[2];
    for (int i = 0; i < 2; i++) {
        Node r = node_arg(e->g, n, i + 1);
        switch (node_op(e->g, r)) {
        case OP_ALL:
            at[i] = (Value){.kind = VAL_COLON};
            break;
        case OP_RANGE:
            at[i] = array_range(operand(e, r, 0), operand(e, r, 1),
                                operand(e, r, 2));
            break;
        default:
            at[i] = evaluate(e, r);
        }
    }
    Value a = operand(e, n, 0);
    if (value_is_number(a))
        return a;
    return array_value(array_index(a, 2, at));
}

static Value blocks_value(Naive *e, Node n)
{
    int count = node_count(e->g, n);
    Value *part = ARENA_ARRAY(e->arena, Value, (size_t)count);
    for (int i = 0; i < count; i++)
        part[i] = operand(e, n, i);
    return node_op(e->g, n) == OP_STACK ? array_stack(count, part)
                                        : array_join(count, part);
}

static Value unit_value(Naive *e, Node n)
{
    int64_t k = 0;
    value_to_int(operand(e, n, 0), &k);
    Value y = fill(e, n, 0);
    array_set(y.array, (size_t)(k - 1), value_float(1));
    return y;
}

static Value call_value(Naive *e, Node n)
{
    double scale = 1;
    Value sum = value_float(0);
    for (int i = 0; i < node_count(e->g, n); i++) {
        double c = 0.3 + 0.2 * (i + 1);
        scale *= pow(c, node_attr(e->g, n, i + 1));
        Value t = value_binary(BIN_MUL, value_float(c), operand(e, n, i));
        sum = value_binary(BIN_ADD, sum, t);
    }
    Value y = value_map(exp, NULL, sum);
    return value_binary(BIN_MUL, value_float(scale), y);
}

static Value row_value(Naive *e, Node n)
{
    const OpInfo *op = &op_table[node_op(e->g, n)];
    int count = node_count(e->g, n);
    Value a[3];
    assert(count <= 3);
    for (int i = 0; i < count; i++)
        a[i] = operand(e, n, i);
    if (op->class == CLASS_ARRAY)
        return as_float(op->array(count, a));
    if (op->scalar0)
        return value_float(op->scalar0());
    if (op->scalar1)
        return value_map(op->scalar1, NULL, a[0]);
    if (op->scalar2)
        return value_map2(op->scalar2, a[0], a[1]);
    error_raise(SPAN_NONE, ERR_TYPE, "`%s` has no value here", op->name);
}

static Value compare_value(Naive *e, Node n)
{
    static const BinaryOp binary[] = {
        [OP_LT] = BIN_LT, [OP_LE] = BIN_LE,   [OP_EQ] = BIN_EQ,
        [OP_NE] = BIN_NE, [OP_AND] = BIN_AND, [OP_OR] = BIN_OR,
    };
    return value_binary(binary[node_op(e->g, n)], operand(e, n, 0),
                        operand(e, n, 1));
}

static Value apply(Naive *e, Node n)
{
    switch (node_op(e->g, n)) {
    case OP_NUM:
        return as_float(node_number_value(e->g, n));
    case OP_SYM:
        return find_symbol(e, n);
    case OP_CONST:
        return as_float(node_const_value(e->g, n));
    case OP_IDENT:
        return as_float(array_value(
            array_identity(count_of_dim(e, node_shape(e->g, n).rows))));
    case OP_ONES:
        return fill(e, n, 1);
    case OP_ZERO:
        return fill(e, n, 0);
    case OP_SUM:
        return sum_value(e, n);
    case OP_MONO:
        return mono_value(e, n);
    case OP_CHAIN:
        return chain_value(e, n);
    case OP_HAD:
        return had_value(e, n);
    case OP_TRANS:
        return array_value(value_transpose(operand(e, n, 0)));
    case OP_INDEX:
        return index_value(e, n);
    case OP_STACK:
    case OP_JOIN:
        return blocks_value(e, n);
    case OP_UNIT:
        return unit_value(e, n);
    case OP_CALL:
        return call_value(e, n);
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
        return compare_value(e, n);
    case OP_NOT:
        return value_not(operand(e, n, 0));
    default:
        if (op_table[node_op(e->g, n)].class == CLASS_CORE)
            error_raise(SPAN_NONE, ERR_TYPE, "`%s` has no value here",
                        op_table[node_op(e->g, n)].name);
        return row_value(e, n);
    }
}

static Value evaluate(Naive *e, Node n)
{
    uint32_t place;
    if (node_map_get(&e->place, n, &place))
        return e->memo.at[place];
    depth_check();
    Value y = apply(e, n);
    node_map_set(&e->place, n, (uint32_t)e->memo.count);
    VEC_PUSH_IN(e->arena, &e->memo, y);
    return y;
}

Value naive_value(Graph *g, Node n, int count, const Node symbol[],
                  const Value value[])
{
    PoolMark mark = pool_mark();
    Arena *a = arena_local();
    Naive e = {.g = g,
               .count = count,
               .symbol = symbol,
               .value = value,
               .arena = a};
    e.place = node_map_in(a);
    Value y = evaluate(&e, n);
    arena_free(a);
    pool_drain_except(mark, y);
    return y;
}

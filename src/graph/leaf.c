/*
 * leaf.c - numbers, symbols, constant arrays, dimensions
 */
#include "graph/array.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "value/number.h"

/* ---- numbers ---- */

static Node intern_number(Graph *g, uint32_t kind, uint64_t bits)
{
    uint32_t attr[3] = {kind, (uint32_t)bits, (uint32_t)(bits >> 32)};
    return node_intern(g, OP_NUM, SHAPE_SCALAR, 0, NULL, 3, attr);
}

Node node_int(Graph *g, int64_t i)
{
    return intern_number(g, NUM_INT, (uint64_t)i);
}

Node node_float(Graph *g, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return intern_number(g, NUM_FLOAT, bits);
}

Node node_number(Graph *g, Value v)
{
    if (v.kind == VAL_INT)
        return node_int(g, v.integer);
    if (v.kind == VAL_FLOAT)
        return node_float(g, v.number);
    if (v.kind == VAL_BOOL)
        return node_int(g, v.truth);
    assert(v.kind == VAL_EXACT);
    return intern_object(g, OP_NUM, NUM_EXACT, v);
}

Node node_rational(Graph *g, int64_t num, int64_t den)
{
    return node_number(g, value_rational(num, den));
}

bool node_is_number(const Graph *g, Node n)
{
    return op_of(g, n) == OP_NUM;
}

Value node_number_value(const Graph *g, Node n)
{
    const uint32_t *word = g->pool + g->row[n].first;
    assert(op_of(g, n) == OP_NUM);
    if (word[0] == NUM_EXACT)
        return g->object.at[word[1]];
    uint64_t bits = word[1] | (uint64_t)word[2] << 32;
    if (word[0] == NUM_INT)
        return value_int((int64_t)bits);
    double x;
    memcpy(&x, &bits, sizeof x);
    return value_float(x);
}

bool node_is_int(const Graph *g, Node n, int64_t i)
{
    if (op_of(g, n) != OP_NUM)
        return false;
    Value v = node_number_value(g, n);
    return v.kind == VAL_INT && v.integer == i;
}

bool node_is_zero(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    if (op == OP_ZERO)
        return true;
    return op == OP_NUM && coef_sign(g, n) == 0;
}

bool node_is_one(const Graph *g, Node n)
{
    return n == g->one;
}

bool coef_is_float(const Graph *g, Node n)
{
    return op_of(g, n) == OP_NUM && g->pool[g->row[n].first] == NUM_FLOAT;
}

bool coef_is_integer(const Graph *g, Node n)
{
    if (op_of(g, n) != OP_NUM)
        return false;
    Value v = node_number_value(g, n);
    return v.kind == VAL_INT ||
           (v.kind == VAL_EXACT && exact_is_int(v.exact->q));
}

int coef_sign(const Graph *g, Node n)
{
    Value v = node_number_value(g, n);
    if (v.kind == VAL_INT)
        return (v.integer > 0) - (v.integer < 0);
    if (v.kind == VAL_EXACT)
        return mpq_sgn(v.exact->q);
    return isnan(v.number) ? 2 : (v.number > 0) - (v.number < 0);
}

double coef_double(const Graph *g, Node n)
{
    return value_to_double(node_number_value(g, n));
}

Node coef_add(Graph *g, Node a, Node b)
{
    Value x = node_number_value(g, a), y = node_number_value(g, b);
    int64_t i;
    if (x.kind == VAL_INT && y.kind == VAL_INT &&
        int_add(x.integer, y.integer, &i))
        return node_int(g, i);
    return node_number(g, number_binary(BIN_ADD, x, y));
}

Node coef_mul(Graph *g, Node a, Node b)
{
    if (a == g->one)
        return b;
    if (b == g->one)
        return a;
    Value x = node_number_value(g, a), y = node_number_value(g, b);
    int64_t i;
    if (x.kind == VAL_INT && y.kind == VAL_INT &&
        int_mul(x.integer, y.integer, &i))
        return node_int(g, i);
    return node_number(g, number_binary(BIN_MUL, x, y));
}

Node coef_neg(Graph *g, Node a)
{
    return node_number(g, number_negate(node_number_value(g, a)));
}

Node coef_inverse(Graph *g, Node a)
{
    return node_number(
        g, number_binary(BIN_DIV, value_int(1), node_number_value(g, a)));
}

/* ---- symbols ---- */

Node node_symbol(Graph *g, Name name, Shape s, unsigned flags)
{
    if (flags & SYM_POSDEF)
        flags |= SYM_SYMMETRIC;
    if (flags & SYM_DIMENSION)
        flags |= SYM_INTEGER | SYM_POSITIVE;
    uint32_t attr[2] = {graph_name(g, name), flags};
    return node_intern(g, OP_SYM, s, 0, NULL, 2, attr);
}

Node node_all(Graph *g)
{
    return g->all;
}

/* ---- arrays ---- */

Node node_zero(Graph *g, Shape s)
{
    if (shape_is_scalar(s))
        return g->zero;
    return node_intern(g, OP_ZERO, s, 0, NULL, 0, NULL);
}

Node node_ones(Graph *g, Dim n)
{
    if (n == 1)
        return g->one;
    return node_intern(g, OP_ONES, (Shape){n, 1}, 0, NULL, 0, NULL);
}

Node node_identity(Graph *g, Dim n)
{
    if (n == 1)
        return g->one;
    return node_intern(g, OP_IDENT, (Shape){n, n}, 0, NULL, 0, NULL);
}

Node node_unit(Graph *g, Dim n, Node k)
{
    if (n == 1)
        return g->one;
    return node_intern(g, OP_UNIT, (Shape){n, 1}, 1, &k, 0, NULL);
}

/* ones(m)*ones(n)', of a row or column the one of them. */
static Node ones_of_shape(Graph *g, Shape s)
{
    Node column = node_ones(g, s.rows);
    if (s.cols == 1)
        return column;
    Node row = node_transpose(g, node_ones(g, s.cols));
    return s.rows == 1 ? row : node_mul(g, column, row);
}

Node node_fill(Graph *g, Shape s, Node entry)
{
    if (shape_is_scalar(s))
        return entry;
    if (node_is_int(g, entry, 0))
        return node_zero(g, s);
    return node_mul(g, entry, ones_of_shape(g, s));
}

static bool is_ones(const Graph *g, Node n)
{
    OpId op = op_of(g, n);
    if (op == OP_TRANS)
        return op_of(g, arg_of(g, n, 0)) == OP_ONES;
    if (op == OP_CHAIN)
        return g->row[n].nargs == 2 && op_of(g, arg_of(g, n, 0)) == OP_ONES &&
               is_ones(g, arg_of(g, n, 1)) && !node_is_scalar(g, n);
    return op == OP_ONES;
}

bool node_is_fill(Graph *g, Node n, Node *entry)
{
    if (op_of(g, n) == OP_ZERO) {
        *entry = g->zero;
        return true;
    }
    if (is_ones(g, n)) {
        *entry = g->one;
        return true;
    }
    if (op_of(g, n) != OP_MONO || node_is_scalar(g, n) ||
        !is_ones(g, arg_of(g, n, 1)))
        return false;
    Node body;
    *entry = split_scalar(g, n, &body);
    return true;
}

/* Bits alike are floats alike, and only zeros have two forms. */
static bool has_one_float(const double *x, size_t n)
{
    bool alike = n > 0 && memcmp(x, x + 1, (n - 1) * sizeof *x) == 0;
    for (size_t i = 0; n > 0 && x[0] == 0 && !alike; i++) {
        if (x[i] != 0)
            return false;
        alike = i + 1 == n;
    }
    return alike && !isnan(x[0]);
}

/* All entries alike, exactly or the same float? */
static bool has_one_entry(const Array *a)
{
    size_t count = array_count(a);
    if (a->kind == ELEM_FLOAT)
        return has_one_float(a->f, count);
    for (size_t i = 1; i < count; i++) {
        bool same = a->kind == ELEM_BOOL ? a->b[i] == a->b[0]
                                         : value_compare(a->x[i], a->x[0]) == 0;
        if (!same)
            return false;
    }
    return count > 0;
}

/* Exact, square, 1 on the diagonal, else 0. */
static bool is_identity(const Array *a)
{
    if (a->kind != ELEM_EXACT || a->rows != a->cols)
        return false;
    for (int j = 0; j < a->cols; j++) {
        for (int i = 0; i < a->rows; i++) {
            Value v = a->x[(size_t)j * (size_t)a->rows + (size_t)i];
            if (v.kind != VAL_INT || v.integer != (i == j))
                return false;
        }
    }
    return true;
}

static KnownArray *known_array(Graph *g, const Array *a)
{
    return &g->array[((uintptr_t)a >> 5) % KNOWN_ARRAYS];
}

Node node_const(Graph *g, Value v)
{
    v = array_value(v);
    if (v.kind != VAL_ARRAY)
        return node_number(g, v);
    const Array *a = v.array;
    if (a->missing)
        error_raise(SPAN_NONE, ERR_MISSING,
                    "a formula cannot hold an array with missing entries");
    const KnownArray *known = known_array(g, a);
    if (known->array == a && known->generation == g->generation)
        return known->node;
    if (has_one_entry(a))
        return node_fill(g, (Shape){a->rows, a->cols},
                         node_number(g, array_get(a, 0)));
    if (is_identity(a))
        return node_identity(g, a->rows);
    Node n = intern_object(g, OP_CONST, 0, v);
    if (node_const_value(g, n).array == a)
        *known_array(g, a) = (KnownArray){a, n, g->generation};
    return n;
}

Value node_const_value(const Graph *g, Node n)
{
    assert(op_of(g, n) == OP_CONST);
    return g->object.at[g->pool[g->row[n].first + 1]];
}

Node node_from_value(Graph *g, Value v)
{
    switch (v.kind) {
    case VAL_BOOL:
    case VAL_INT:
    case VAL_FLOAT:
    case VAL_EXACT:
        return node_number(g, v);
    case VAL_ARRAY:
        return node_const(g, v);
    case VAL_EXPR:
        return v.expr->node;
    default:
        error_raise(SPAN_NONE, ERR_TYPE, "a formula cannot hold %s",
                    value_kind_phrase(v));
    }
}

/* ---- dimensions ---- */

Node node_of_dim(Graph *g, Dim d)
{
    return d >= 0 ? node_int(g, d) : (Node)~d;
}

Dim dim_of_node(Graph *g, Node n)
{
    if (!node_is_number(g, n))
        return ~(Dim)n;
    int64_t i;
    if (!value_to_int(node_number_value(g, n), &i) || i < 0 || i > INT32_MAX)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "a dimension must be a whole number from 0 to %d",
                    INT32_MAX);
    return (Dim)i;
}

Dim dim_add(Graph *g, Dim a, Dim b)
{
    return dim_of_node(g, node_add(g, node_of_dim(g, a), node_of_dim(g, b)));
}

Dim dim_sub(Graph *g, Dim a, Dim b)
{
    return dim_of_node(g, node_sub(g, node_of_dim(g, a), node_of_dim(g, b)));
}

Dim dim_mul(Graph *g, Dim a, Dim b)
{
    return dim_of_node(g, node_mul(g, node_of_dim(g, a), node_of_dim(g, b)));
}

/*
 * apply.c - operators on values
 */
#include "eval/apply.h"

#include <math.h>

#include "eval/repair.h"
#include "eval/sparse.h"
#include "graph/front.h"
#include "graph/print.h"
#include "value/number.h"
#include "value/shape.h"
#include "value/sparse.h"

static bool is_numeric(Value v)
{
    return value_is_number(v) || v.kind == VAL_ARRAY || v.kind == VAL_BOOL;
}

static bool is_operand(Value v)
{
    return is_numeric(v) || v.kind == VAL_EXPR || v.kind == VAL_SPARSE;
}

Shape operand_shape(Interp *in, Value v)
{
    return v.kind == VAL_EXPR ? node_shape(in->graph, v.expr->node)
                              : value_shape(v);
}

/* A scalar float that is NaN or infinite names the operation that made it. */
static Value checked_scalar(Value y, Value a, Value b, const Ast *t)
{
    if (y.kind != VAL_FLOAT || isfinite(y.number))
        return y;
    bool fine = (a.kind != VAL_FLOAT || isfinite(a.number)) &&
                (b.kind != VAL_FLOAT || isfinite(b.number));
    if (fine)
        error_raise(SPAN_NONE, ERR_NAN, "%s gives %s", diag_quote(t->at, 40),
                    isnan(y.number) ? "not a number" : "infinity");
    return y;
}

static Value numeric_binary(int op, Value a, Value b)
{
    switch (op) {
    case AST_ADD:
        return value_binary(BIN_ADD, a, b);
    case AST_SUB:
        return value_binary(BIN_SUB, a, b);
    case AST_MUL:
        return value_product(a, b);
    case AST_DOTMUL:
        return value_binary(BIN_MUL, a, b);
    case AST_DOTDIV:
        return value_binary(BIN_DIV, a, b);
    case AST_DIV:
        if (b.kind == VAL_ARRAY)
            return value_transpose(
                value_solve(value_transpose(b), value_transpose(a)));
        return value_binary(BIN_DIV, a, b);
    case AST_SOLVE:
        if (a.kind != VAL_ARRAY)
            return value_binary(BIN_DIV, b, a);
        return value_solve(a, b);
    case AST_DOTPOW:
        return value_binary(BIN_POW, a, b);
    case AST_AND:
        return value_binary(BIN_AND, a, b);
    case AST_OR:
        return value_binary(BIN_OR, a, b);
    default:
        return VALUE_NONE;
    }
}

static Node symbolic_binary(Graph *g, int op, Node a, Node b)
{
    switch (op) {
    case AST_ADD:
        return front_add(g, a, b);
    case AST_SUB:
        return front_sub(g, a, b);
    case AST_MUL:
        return front_mul(g, a, b);
    case AST_DIV:
        return front_div(g, a, b);
    case AST_SOLVE:
        return front_solve(g, a, b);
    case AST_DOTMUL:
        return front_had(g, a, b);
    case AST_DOTDIV:
        return front_had_div(g, a, b);
    case AST_POW:
        return front_power(g, a, b);
    case AST_DOTPOW:
        return front_had_power(g, a, b);
    case AST_AND:
        return front_compare(g, OP_AND, a, b, false);
    default:
        return front_compare(g, OP_OR, a, b, false);
    }
}

bool node_is_truth(const Graph *g, Node n)
{
    switch (node_op(g, n)) {
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        return true;
    default:
        return false;
    }
}

Value truth_of_node(Interp *in, Node n)
{
    Value v = value_of_node(in, n);
    return value_is_numeric(v) ? value_binary(BIN_NE, v, value_int(0)) : v;
}

/* `^`: a power of a number, or an integer power of a square matrix. */
static Value apply_power(Interp *in, Value a, Value b, const Ast *t)
{
    int64_t k;
    if (a.kind == VAL_ARRAY) {
        if (!value_is_number(b) || !value_to_int(b, &k))
            error_raise_help(t->at, ERR_TYPE, NULL, "`.^` is entry by entry",
                             "a matrix has integer powers only");
        return value_matrix_power(a, k);
    }
    Value y;
    if (value_is_exact(a) && value_is_exact(b)) {
        if (number_power_exact(a, b, &y))
            return y;
        return value_of_node(in, node_power(in->graph, node_of_value(in, a),
                                            node_of_value(in, b)));
    }
    return value_binary(BIN_POW, a, b);
}

_Noreturn static void raise_kinds(int op, Value a, Value b, const Ast *t)
{
    if (a.kind == VAL_MISSING || b.kind == VAL_MISSING)
        error_raise(t->at, ERR_MISSING, "`%s` with a missing value",
                    ast_op_text((AstOp)op));
    if ((a.kind == VAL_STRING) != (b.kind == VAL_STRING) && op == AST_ADD)
        error_raise_help(t->at, ERR_TYPE, NULL,
                         "string(x) turns a value into text",
                         "`+` joins two texts; this is %s and %s",
                         value_kind_phrase(a), value_kind_phrase(b));
    if (a.kind == VAL_FUNCTION || b.kind == VAL_FUNCTION)
        error_raise_help(
            t->at, ERR_TYPE, NULL, "apply the function to its arguments: f(x)",
            "`%s` does not combine %s and %s", ast_op_text((AstOp)op),
            value_kind_phrase(a), value_kind_phrase(b));
    error_raise(t->at, ERR_TYPE, "`%s` does not combine %s and %s",
                ast_op_text((AstOp)op), value_kind_phrase(a),
                value_kind_phrase(b));
}

static Value join_text(Value a, Value b)
{
    size_t n = a.string->len, m = b.string->len;
    Arena *arena = arena_local();
    Str s = str_in(arena);
    str_add_len(&s, a.string->text, n);
    str_add_len(&s, b.string->text, m);
    Value y = value_string_len(str_text(&s), n + m);
    arena_free(arena);
    return y;
}

Value apply_binary(Interp *in, int op, Value a, Value b, const Ast *t,
                   const Ast *ta, const Ast *tb)
{
    *context_here() = t->at;
    if (a.kind == VAL_STRING && b.kind == VAL_STRING && op == AST_ADD)
        return join_text(a, b);
    if (!is_operand(a) || !is_operand(b))
        raise_kinds(op, a, b, t);
    if (op == AST_AND || op == AST_OR) {
        truth_kind(a, ta);
        truth_kind(b, tb);
    }
    Shape p = operand_shape(in, a), q = operand_shape(in, b), fitting;
    if (!operands_fit(op, p, q, &fitting))
        raise_shapes(in, t, op, p, q, ta, tb);
    if (a.kind == VAL_SPARSE || b.kind == VAL_SPARSE)
        return sparse_binary(in, op, a, b, t, ta, tb);
    if (a.kind == VAL_EXPR || b.kind == VAL_EXPR) {
        Node n = symbolic_binary(in->graph, op, node_of_value(in, a),
                                 node_of_value(in, b));
        if (n == NODE_NONE)
            raise_shapes(in, t, op, p, q, ta, tb);
        return op == AST_AND || op == AST_OR ? truth_of_node(in, n)
                                             : value_of_node(in, n);
    }
    Value y =
        op == AST_POW ? apply_power(in, a, b, t) : numeric_binary(op, a, b);
    return checked_scalar(y, a, b, t);
}

Value apply_negate(Interp *in, Value a)
{
    if (a.kind == VAL_EXPR)
        return value_of_node(in, node_neg(in->graph, a.expr->node));
    if (a.kind == VAL_SPARSE)
        return sparse_scale(a.sparse, -1);
    if (!is_numeric(a))
        error_raise(SPAN_NONE, ERR_TYPE, "`-` does not apply to %s",
                    value_kind_phrase(a));
    return value_negate(a);
}

Value apply_not(Interp *in, Value a)
{
    if (a.kind == VAL_EXPR)
        return truth_of_node(in, front_not(in->graph, a.expr->node));
    if (a.kind != VAL_BOOL && a.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_CONDITION,
                    "`not` applies to true or false, not to %s",
                    value_kind_phrase(a));
    return value_not(a);
}

/* ---- comparisons ---- */

/* A column of text compared with one text, entry by entry. */
static Value compare_texts(Value list, Value text, bool equal)
{
    int n = (int)list.list->count;
    Value mask = array_new(ELEM_BOOL, n, 1);
    for (int i = 0; i < n; i++) {
        Value v = list.list->at[i];
        if (v.kind == VAL_MISSING)
            error_raise(SPAN_NONE, ERR_MISSING,
                        "entry %d is missing; missing(v) finds such entries",
                        i + 1);
        mask.array->b[i] = value_same(v, text) == equal;
    }
    return array_value(mask);
}

static bool is_text_list(Value v)
{
    if (v.kind != VAL_LIST || v.list->count == 0)
        return false;
    for (size_t i = 0; i < v.list->count; i++)
        if (v.list->at[i].kind != VAL_STRING &&
            v.list->at[i].kind != VAL_MISSING)
            return false;
    return true;
}

static Value apply_in(Value a, Value b)
{
    if (b.kind == VAL_LIST) {
        for (size_t i = 0; i < b.list->count; i++)
            if (value_same(a, b.list->at[i]))
                return value_bool(true);
        return value_bool(false);
    }
    if (b.kind == VAL_ARRAY && value_is_number(a)) {
        for (size_t i = 0; i < array_count(b.array); i++)
            if (value_compare(a, array_get(b.array, i)) == 0)
                return value_bool(true);
        return value_bool(false);
    }
    if (b.kind == VAL_RECORD && a.kind == VAL_STRING)
        return value_bool(record_find(b, name_of(a.string->text)) != NULL);
    error_raise(SPAN_NONE, ERR_TYPE,
                "`in` looks into a list, a vector or a "
                "record, not into %s",
                value_kind_phrase(b));
}

static Value compare_symbolic(Interp *in, int op, Value a, Value b,
                              const Ast *ta, const Ast *tb)
{
    Node m = node_of_value(in, a), n = node_of_value(in, b), y;
    Graph *g = in->graph;
    switch (op) {
    case AST_EQ:
        y = front_compare(g, OP_EQ, m, n, false);
        break;
    case AST_NE:
        y = front_compare(g, OP_NE, m, n, false);
        break;
    case AST_LT:
        y = front_compare(g, OP_LT, m, n, false);
        break;
    case AST_LE:
        y = front_compare(g, OP_LE, m, n, false);
        break;
    case AST_GT:
        y = front_compare(g, OP_LT, m, n, true);
        break;
    default:
        y = front_compare(g, OP_LE, m, n, true);
    }
    if (y == NODE_NONE)
        raise_shapes(in, NULL, op, operand_shape(in, a), operand_shape(in, b),
                     ta, tb);
    return truth_of_node(in, y);
}

static Value compare_whole(int op, Value a, Value b)
{
    if (op == AST_EQ || op == AST_NE)
        return value_bool(value_same(a, b) == (op == AST_EQ));
    if (a.kind == VAL_STRING && b.kind == VAL_STRING) {
        int c = value_compare(a, b);
        return value_bool(op == AST_LT   ? c < 0
                          : op == AST_LE ? c <= 0
                          : op == AST_GT ? c > 0
                                         : c >= 0);
    }
    error_raise(SPAN_NONE, ERR_TYPE, "`%s` does not compare %s and %s",
                ast_op_text((AstOp)op), value_kind_phrase(a),
                value_kind_phrase(b));
}

/* `0.1 == 1/10` is false: rarely what was meant. */
static void warn_of_rounding(int op, Value a, Value b)
{
    if ((op != AST_EQ && op != AST_NE) || !value_is_number(a) ||
        !value_is_number(b) || value_is_exact(a) == value_is_exact(b))
        return;
    double p = value_to_double(a), q = value_to_double(b);
    if (isfinite(p) && isfinite(q) && fabs(p - q) <= 1e-12 * fabs(p) &&
        value_compare(a, b) != 0)
        heap_warn_text("a float and an exact number differ by rounding alone; "
                       "near(a, b) takes them for equal");
}

Value apply_compare(Interp *in, int op, Value a, Value b, const Ast *ta,
                    const Ast *tb)
{
    if (op == AST_IN)
        return apply_in(a, b);
    if (op == AST_EQ || op == AST_NE) {
        if (is_text_list(a) && b.kind == VAL_STRING)
            return compare_texts(a, b, op == AST_EQ);
        if (is_text_list(b) && a.kind == VAL_STRING)
            return compare_texts(b, a, op == AST_EQ);
    }
    if (a.kind == VAL_MISSING || b.kind == VAL_MISSING)
        error_raise(SPAN_NONE, ERR_MISSING,
                    "comparison with a missing value; missing(v) finds them");
    if (!is_operand(a) || !is_operand(b))
        return compare_whole(op, a, b);
    Shape p = operand_shape(in, a), q = operand_shape(in, b), fitting;
    if (!operands_fit(op, p, q, &fitting))
        raise_shapes(in, NULL, op, p, q, ta, tb);
    if (a.kind == VAL_SPARSE)
        a = sparse_dense(a, "a comparison");
    if (b.kind == VAL_SPARSE)
        b = sparse_dense(b, "a comparison");
    warn_of_rounding(op, a, b);
    static const BinaryOp ops[] = {
        [AST_EQ] = BIN_EQ, [AST_NE] = BIN_NE, [AST_LT] = BIN_LT,
        [AST_LE] = BIN_LE, [AST_GT] = BIN_GT, [AST_GE] = BIN_GE};
    if (a.kind == VAL_EXPR || b.kind == VAL_EXPR) {
        Value y = compare_symbolic(in, op, a, b, ta, tb);
        if (y.kind == VAL_EXPR)
            compare_constants(in, ops[op], a, b, &y);
        return y;
    }
    return value_binary(ops[op], a, b);
}

/* ---- the rest ---- */

Value apply_transpose(Interp *in, Value a)
{
    if (a.kind == VAL_EXPR)
        return value_of_node(in, node_transpose(in->graph, a.expr->node));
    if (a.kind == VAL_SPARSE)
        return sparse_transpose(a.sparse);
    if (!is_numeric(a))
        error_raise(SPAN_NONE, ERR_TYPE, "`'` does not apply to %s",
                    value_kind_phrase(a));
    return value_transpose(a);
}

Value apply_range(Interp *in, Value from, Value step, Value to)
{
    Value part[] = {from, step, to};
    bool symbolic = false;
    for (int i = 0; i < 3; i++) {
        constant_floats(in, part[i], &part[i]);
        if (part[i].kind == VAL_EXPR &&
            node_is_scalar(in->graph, part[i].expr->node))
            symbolic = true;
        else if (!value_is_number(part[i]))
            error_raise(SPAN_NONE, ERR_TYPE,
                        "a range a:b has numbers at its ends, not %s",
                        value_kind_phrase(part[i]));
    }
    if (symbolic)
        return value_expr(node_range(in->graph, node_of_value(in, from),
                                     node_of_value(in, step),
                                     node_of_value(in, to)));
    return array_range(part[0], part[1], part[2]);
}

/* Constants fold to floats, symbols make nodes: node_apply knows which. */
Value apply_op(Interp *in, OpId op, int n, const Value args[])
{
    Node node[3];
    const OpInfo *info = &op_table[op];
    if (n == 1 && info->class == CLASS_ELEMENTWISE) {
        if (args[0].kind == VAL_FLOAT && isfinite(args[0].number)) {
            double y = info->scalar1(args[0].number);
            if (isfinite(y))
                return value_float(y);
        }
        if (args[0].kind == VAL_ARRAY)
            return value_map_noted(info->name, info->scalar1, info->vector1,
                                   args[0]);
    }
    for (int i = 0; i < n; i++)
        node[i] = node_of_value(in, args[i]);
    bool known;
    Node y =
        n == 1 && info->class == CLASS_ELEMENTWISE
            ? front_operator(in->graph, op, n, node)
            : front_call(in->graph, name_of(info->name), n, node, 0, &known);
    if (y == NODE_NONE)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s does not take %s", info->name,
                    shape_words(in, operand_shape(in, args[0])));
    return value_of_node(in, y);
}

static bool all_scalars(Interp *in, int n, const Value v[])
{
    for (int i = 0; i < n; i++)
        if (!shape_is_scalar(operand_shape(in, v[i])))
            return false;
    return true;
}

static Value numeric_literal(int rows, const int cols[], const Value entry[],
                             bool down)
{
    if (down)
        return array_stack(cols[0], entry);
    Value joined[64], *row = joined;
    Arena *a = NULL;
    if (rows > 64) {
        a = arena_local();
        row = ARENA_ARRAY(a, Value, (size_t)rows);
    }
    for (int i = 0, k = 0; i < rows; k += cols[i++])
        row[i] = array_join(cols[i], entry + k);
    Value y = array_stack(rows, row);
    arena_free(a);
    return y;
}

Value apply_literal(Interp *in, int rows, const int cols[], const Value entry[],
                    bool stacked)
{
    int n = 0;
    bool symbolic = false;
    for (int i = 0; i < rows; i++)
        n += cols[i];
    for (int i = 0; i < n; i++) {
        if (!is_operand(entry[i]))
            error_raise_help(
                SPAN_NONE, ERR_TYPE, NULL, "a list holds anything: {1, \"a\"}",
                "an array holds numbers, not %s", value_kind_phrase(entry[i]));
        symbolic = symbolic || entry[i].kind == VAL_EXPR;
    }
    if (n == 0)
        return array_new(ELEM_EXACT, 0, 1);
    bool down = !stacked && rows == 1 && all_scalars(in, n, entry);
    if (!symbolic)
        return numeric_literal(rows, cols, entry, down);
    ArenaMark mark = arena_mark(in->scratch);
    Node *node = ARENA_ARRAY(in->scratch, Node, (size_t)n);
    for (int i = 0; i < n; i++)
        node[i] = node_of_value(in, entry[i]);
    Node y;
    if (down) {
        y = node_stack(in->graph, n, node);
    } else {
        y = front_literal(in->graph, stacked ? rows : 0, cols, node);
        if (y == NODE_NONE)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "the parts of the array do not fit together");
    }
    arena_reset(in->scratch, mark);
    return value_of_node(in, y);
}

void truth_kind(Value v, const Ast *t)
{
    if (v.kind == VAL_BOOL || v.kind == VAL_EXPR ||
        (v.kind == VAL_ARRAY && v.array->kind == ELEM_BOOL))
        return;
    const char *text = diag_quote(t->at, 30);
    const char *help =
        value_is_number(v)
            ? arena_printf(error_arena(), "say what is meant: %s != 0", text)
            : NULL;
    error_raise_help(t->at, ERR_CONDITION, NULL, help,
                     "a condition is true or false, and `%s` is %s", text,
                     value_kind_phrase(v));
}

bool truth(Interp *in, Value v, const Ast *t)
{
    if (v.kind == VAL_BOOL)
        return v.truth;
    truth_kind(v, t);
    const char *text = diag_quote(t->at, 30);
    if (v.kind == VAL_ARRAY)
        error_raise_help(
            t->at, ERR_CONDITION, NULL,
            arena_printf(error_arena(), "all(%s) or any(%s)", text, text),
            "the condition `%s` is an array of %s", text,
            shape_text(value_shape(v)));
    Str s = str_in(error_arena());
    node_print(in->graph, v.expr->node, &s);
    error_raise_help(t->at, ERR_TRACE, NULL,
                     "as an expression it is a formula: if c then a else b",
                     "whether `%s` holds depends on a symbol", str_text(&s));
}

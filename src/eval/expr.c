/*
 * expr.c - the value of an expression
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/call.h"
#include "eval/derive.h"
#include "eval/fit.h"
#include "eval/index.h"
#include "eval/interp.h"
#include "graph/binder.h"
#include "graph/front.h"
#include "graph/print.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/shape.h"

static Value eval_number(const Ast *t)
{
    if (!(t->flags & AST_EXACT))
        return value_float(t->number);
    size_t len = strlen(t->text);
    if (len <= 18 && (t->text[1] | 0x20) != 'x') {
        int64_t i = 0;
        for (size_t k = 0; k < len; k++)
            i = 10 * i + (t->text[k] - '0');
        return value_int(i);
    }
    mpq_t q;
    mpq_init(q);
    int code = exact_from_text(q, t->text, len);
    Value v = code == NUM_OK ? value_exact(q) : VALUE_NONE;
    mpq_clear(q);
    if (code != NUM_OK)
        error_raise_help(t->at, ERR_EXACT, NULL, "write it as a float: 1e10",
                         "an exact number has more than 2^22 bits");
    return v;
}

/* Floats and small integers, without a call; false: the slow way. */
static inline bool quick_binary(int op, Value a, Value b, Value *y)
{
    if (a.kind == VAL_FLOAT && b.kind == VAL_FLOAT) {
        double r;
        switch (op) {
        case AST_ADD:
            r = a.number + b.number;
            break;
        case AST_SUB:
            r = a.number - b.number;
            break;
        case AST_MUL:
        case AST_DOTMUL:
            r = a.number * b.number;
            break;
        case AST_DIV:
        case AST_DOTDIV:
            r = a.number / b.number;
            break;
        default:
            return false;
        }
        *y = value_float(r);
        return isfinite(r);
    }
    if (a.kind == VAL_INT && b.kind == VAL_INT) {
        int64_t r;
        bool fits = op == AST_ADD   ? int_add(a.integer, b.integer, &r)
                    : op == AST_SUB ? int_sub(a.integer, b.integer, &r)
                    : op == AST_MUL ? int_mul(a.integer, b.integer, &r)
                                    : false;
        if (fits)
            *y = value_int(r);
        return fits;
    }
    return false;
}

static bool is_scalar_term(Interp *in, Value v)
{
    return value_is_number(v) ||
           (v.kind == VAL_EXPR && node_is_scalar(in->graph, v.expr->node));
}

/*
 * A sum or product of many operands with a symbol among them is built at
 * once: term by term each would copy the ones before.
 */
static Value join_spine(Interp *in, const Ast **spine, size_t n, Value *v)
{
    Graph *g = in->graph;
    Node *node = ARENA_ARRAY(in->scratch, Node, n + 1);
    for (size_t i = 0; i <= n; i++) {
        int op = i == 0 ? AST_ADD : spine[n - i]->op;
        Node m = node_of_value(in, v[i]);
        if (op == AST_SUB)
            m = node_neg(g, m);
        else if (op == AST_DIV || op == AST_DOTDIV)
            m = node_div(g, node_int(g, 1), m);
        node[i] = m;
    }
    int first = spine[0]->op;
    bool sum = first == AST_ADD || first == AST_SUB;
    if (sum)
        return value_of_node(in, print_typed(g, node_sum(g, (int)n + 1, node)));
    return value_of_node(in, node_product(g, (int)n + 1, node));
}

/*
 * The left operand of t.  *turned: t is A'*b for a matrix A of floats, and this
 * is A: value_turned_product does not write A' out.
 */
static Value eval_left(Interp *in, const Ast *t, bool *turned)
{
    const Ast *left = t->kids[0];
    *turned = false;
    if (t->op != AST_MUL || left->kind != AST_PRIME || left->op != 1)
        return eval(in, left);
    Value a = eval(in, left->kids[0]);
    *context_here() = left->at;
    if (a.kind == VAL_FUNCTION)
        return derive_prime(in, a, left->op);
    *turned = a.kind == VAL_ARRAY && a.array->kind == ELEM_FLOAT &&
              a.array->rows > 1 && a.array->cols > 1 && !a.array->missing;
    return *turned ? a : apply_transpose(in, a);
}

static Value multiply_turned(Interp *in, Value a, Value b, const Ast *t)
{
    *context_here() = t->at;
    if (b.kind == VAL_ARRAY && b.array->kind == ELEM_FLOAT &&
        b.array->rows == a.array->rows && !b.array->missing)
        return value_turned_product(a, b);
    return apply_binary(in, t->op, value_transpose(a), b, t, t->kids[0],
                        t->kids[1]);
}

/*
 * y, the large result of an operation, becomes y op b: one array less to clear
 * and fill.  False where that does not go.
 */
static bool change_result(Value y, Value b, const Ast *t)
{
    enum { LARGE = 4096 };
    bool number = b.kind != VAL_ARRAY;
    if (y.kind != VAL_ARRAY || y.object->count > 0 ||
        array_count(y.array) < LARGE)
        return false;
    *context_here() = t->at;
    switch (t->op) {
    case AST_ADD:
        return value_binary_onto(BIN_ADD, y, b);
    case AST_SUB:
        return value_binary_onto(BIN_SUB, y, b);
    case AST_MUL:
        return number && value_binary_onto(BIN_MUL, y, b);
    case AST_DOTMUL:
        return value_binary_onto(BIN_MUL, y, b);
    case AST_DIV:
        return number && value_binary_onto(BIN_DIV, y, b);
    case AST_DOTDIV:
        return value_binary_onto(BIN_DIV, y, b);
    default:
        return false;
    }
}

/* Is y none of the operands? */
static bool is_new(Value y, size_t n, const Value v[])
{
    for (size_t i = 0; y.kind == VAL_ARRAY && i < n; i++)
        if (v[i].kind == VAL_ARRAY && v[i].array == y.array)
            return false;
    return true;
}

static Value eval_spine(Interp *in, const Ast *t)
{
    size_t n = ast_spine_length(t);
    ArenaMark mark = arena_mark(in->scratch);
    const Ast **spine = ARENA_ARRAY(in->scratch, const Ast *, n);
    ast_spine(t, spine, n);
    Value *v = ARENA_ARRAY(in->scratch, Value, n + 1);
    bool scalars = n > 1, symbolic = false, turned;
    for (size_t i = 0; i <= n; i++) {
        v[i] = i == 0 ? eval_left(in, spine[n - 1], &turned)
                      : eval(in, spine[n - i]->kids[1]);
        scalars = scalars && is_scalar_term(in, v[i]);
        symbolic = symbolic || v[i].kind == VAL_EXPR;
        scalars = scalars && (i == 0 || spine[n - i]->op != AST_SOLVE);
    }
    Value y = v[0];
    int op = spine[0]->op;
    if (scalars && symbolic && op != AST_POW && op != AST_DOTPOW &&
        op != AST_AND && op != AST_OR) {
        *context_here() = t->at;
        y = join_spine(in, spine, n, v);
    } else {
        for (size_t i = 1; i <= n; i++) {
            const Ast *b = spine[n - i];
            Value z;
            if (turned && i == 1)
                y = multiply_turned(in, y, v[i], b);
            else if (quick_binary(b->op, y, v[i], &z))
                y = z;
            else if (!(i > 1 && is_new(y, n + 1, v) &&
                       change_result(y, v[i], b)))
                y = apply_binary(in, b->op, y, v[i], b, b->kids[0], b->kids[1]);
        }
    }
    arena_reset(in->scratch, mark);
    return y;
}

static Value eval_logical(Interp *in, const Ast *t)
{
    Value a = eval(in, t->kids[0]);
    if (a.kind == VAL_BOOL && a.truth == (t->op == AST_OR))
        return a;
    Value b = eval(in, t->kids[1]);
    return apply_binary(in, t->op, a, b, t, t->kids[0], t->kids[1]);
}

/* A.T and A^T of other languages. */
_Noreturn static void raise_transpose(const Ast *t, const char *spelling)
{
    Ast prime = {.kind = AST_PRIME, .op = 1, .count = 1, .kids = t->kids};
    error_raise_help(t->at, ERR_FOREIGN, NULL, ast_text(error_arena(), &prime),
                     "the transpose is not written `%s`", spelling);
}

/* The T of A^T, where no T has a value. */
static bool is_raised_to_t(Interp *in, const Ast *t)
{
    Value v;
    return t->op == AST_POW && t->kids[1]->kind == AST_NAME &&
           !strcmp(t->kids[1]->name, "T") &&
           !lookup_name(in, t->kids[1]->name, &v);
}

static Value eval_binary(Interp *in, const Ast *t)
{
    if (is_raised_to_t(in, t))
        raise_transpose(t, "^T");
    if (t->op == AST_AND || t->op == AST_OR)
        return eval_logical(in, t);
    if (t->kids[0]->kind == AST_BINARY && t->op != AST_POW &&
        t->op != AST_DOTPOW)
        return eval_spine(in, t);
    bool turned;
    Value a = eval_left(in, t, &turned), b = eval(in, t->kids[1]), y;
    if (turned)
        return multiply_turned(in, a, b, t);
    if (quick_binary(t->op, a, b, &y))
        return y;
    return apply_binary(in, t->op, a, b, t, t->kids[0], t->kids[1]);
}

static Value eval_unary(Interp *in, const Ast *t)
{
    Value a = eval(in, t->kids[0]);
    *context_here() = t->at;
    switch (t->op) {
    case AST_NEG:
        return apply_negate(in, a);
    case AST_NOT:
        return apply_not(in, a);
    default:
        if (!value_is_number(a) && a.kind != VAL_ARRAY && a.kind != VAL_EXPR)
            error_raise(t->at, ERR_TYPE, "`+` does not apply to %s",
                        value_kind_phrase(a));
        return a;
    }
}

/* 0 <= x < 1 is (0 <= x) and (x < 1), x evaluated once. */
static Value eval_compare(Interp *in, const Ast *t)
{
    Value left = eval(in, t->kids[0]), y = VALUE_NONE;
    for (uint32_t i = 1; i < t->count; i++) {
        Value right = eval(in, t->kids[i]);
        *context_here() = t->at;
        Value one = apply_compare(in, t->ops[i - 1], left, right,
                                  t->kids[i - 1], t->kids[i]);
        y = i == 1 ? one
                   : apply_binary(in, AST_AND, y, one, t, t->kids[i - 1],
                                  t->kids[i]);
        if (y.kind == VAL_BOOL && !y.truth)
            return y;
        left = right;
    }
    return y;
}

static Value eval_range(Interp *in, const Ast *t)
{
    Value from = eval(in, t->kids[0]), step = value_int(1), to;
    if (t->count == 3)
        step = eval(in, t->kids[1]);
    to = eval(in, t->kids[t->count - 1]);
    *context_here() = t->at;
    return apply_range(in, from, step, to);
}

static Value eval_array(Interp *in, const Ast *t)
{
    int rows = (int)t->count, total = 0;
    ArenaMark mark = arena_mark(in->scratch);
    int *cols = ARENA_ARRAY(in->scratch, int, t->count + 1);
    for (int i = 0; i < rows; i++)
        total += cols[i] = (int)t->kids[i]->count;
    Value *v = ARENA_ARRAY(in->scratch, Value, (size_t)total + 1);
    Shape *shape = ARENA_ARRAY(in->scratch, Shape, (size_t)total + 1);
    for (int i = 0, k = 0; i < rows; i++)
        for (int j = 0; j < cols[i]; j++, k++) {
            v[k] = eval(in, t->kids[i]->kids[j]);
            shape[k] = operand_shape(in, v[k]);
        }
    *context_here() = t->at;
    check_literal(in, t, shape);
    Value y = apply_literal(in, rows, cols, v, (t->flags & AST_ROWS) != 0);
    arena_reset(in->scratch, mark);
    return y;
}

static Value eval_list(Interp *in, const Ast *t)
{
    Value list = list_new(t->count);
    for (uint32_t i = 0; i < t->count; i++)
        list_push(list, eval(in, t->kids[i]));
    return list;
}

static Value eval_record(Interp *in, const Ast *t)
{
    Value r = record_new(t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        if (record_find(r, t->kids[i]->name))
            error_raise(t->kids[i]->at, ERR_MEMBER,
                        "the field `%s` is given twice", t->kids[i]->name);
        record_set(r, t->kids[i]->name, eval(in, t->kids[i]->kids[0]));
    }
    return r;
}

/* The same where the condition is an array of booleans and the choices are
 * two integers or two floats. */
static Value choose_plain(const Array *c, Value a, Value b)
{
    size_t n = array_count(c);
    bool ints = a.kind == VAL_INT;
    Value r = array_new(ints ? ELEM_EXACT : ELEM_FLOAT, c->rows, c->cols);
    double x = value_to_double(a), y = value_to_double(b);
    for (size_t i = 0; i < n; i++)
        if (ints)
            r.array->x[i] = c->b[i] ? a : b;
        else
            r.array->f[i] = c->b[i] ? x : y;
    return array_value(r);
}

/* One of two numbers an entry. */
static Value choose_numbers(Value c, Value a, Value b)
{
    if (c.kind == VAL_ARRAY && c.array->kind == ELEM_BOOL &&
        !c.array->missing && a.kind == b.kind &&
        (a.kind == VAL_INT || a.kind == VAL_FLOAT))
        return choose_plain(c.array, a, b);
    Shape s = value_shape(c), y;
    if (!shape_broadcast(s, value_shape(a), &y) ||
        !shape_broadcast(y, value_shape(b), &y))
        error_raise(SPAN_NONE, ERR_SHAPE,
                    "the condition is %s, and the choices are %s and %s",
                    shape_text(s), shape_text(value_shape(a)),
                    shape_text(value_shape(b)));
    Value zero = array_value(array_fill(y.rows, y.cols, value_int(0)));
    Value mask = value_binary(
        BIN_EQ,
        value_binary(BIN_ADD, value_binary(BIN_MUL, c, value_int(1)), zero),
        value_int(1));
    Array *m = value_array(mask);
    Array *p = value_array(value_binary(BIN_ADD, a, zero));
    Array *q = value_array(value_binary(BIN_ADD, b, zero));
    if (p->kind != q->kind) {
        p = array_to_float(value_object(p));
        q = array_to_float(value_object(q));
    }
    Value r = array_new((ElementKind)p->kind, y.rows, y.cols);
    for (size_t i = 0; i < array_count(m); i++)
        array_set(r.array, i, array_get(m->b[i] ? p : q, i));
    return array_value(r);
}

/* Entry by entry where the condition is an array. */
Value choose_entries(Interp *in, Value c, const Ast *t)
{
    Value a = eval(in, t->kids[1]), b = eval(in, t->kids[2]);
    *context_here() = t->at;
    if (a.kind == VAL_EXPR || b.kind == VAL_EXPR || c.kind == VAL_EXPR)
        return value_of_node(in, node_if(in->graph, node_of_value(in, c),
                                         node_of_value(in, a),
                                         node_of_value(in, b)));
    if (!value_is_numeric(a) || !value_is_numeric(b))
        error_raise(t->at, ERR_TYPE,
                    "entry by entry, both choices are numbers");
    return choose_numbers(c, a, b);
}

/*
 * An arm is traced whether it is taken or not: what goes wrong in it
 * (log(0) of an exact 0, say) belongs to the arm's own domain.
 */
static Value eval_choice(Interp *in, const Ast *t)
{
    Value c = eval(in, t->kids[0]);
    if (c.kind == VAL_ARRAY || c.kind == VAL_EXPR)
        return choose_entries(in, c, t);
    return eval(in, t->kids[truth(in, c, t->kids[0]) ? 1 : 2]);
}

static Value eval_prime(Interp *in, const Ast *t)
{
    Value v = eval(in, t->kids[0]);
    *context_here() = t->at;
    if (v.kind == VAL_FUNCTION)
        return derive_prime(in, v, t->op);
    return t->op % 2 ? apply_transpose(in, v) : v;
}

static Value eval_field(Interp *in, const Ast *t)
{
    Value v = eval(in, t->kids[0]);
    *context_here() = t->at;
    if ((v.kind == VAL_ARRAY || v.kind == VAL_EXPR) && !strcmp(t->name, "T"))
        raise_transpose(t, ".T");
    return field_get(in, v, t->name);
}

Value eval(Interp *in, const Ast *t)
{
    Value v;
    switch (t->kind) {
    case AST_NUMBER:
        return eval_number(t);
    case AST_STRING:
        return value_string_len(t->text, t->len);
    case AST_BOOL:
        return value_bool(t->op);
    case AST_NAME:
        if (!lookup_name(in, t->name, &v))
            raise_unknown(in, t);
        return v;
    case AST_COLON:
        return (Value){.kind = VAL_COLON};
    case AST_LAMBDA:
        return closure_new(in, t);
    default:
        break;
    }
    depth_check();
    switch (t->kind) {
    case AST_UNARY:
        return eval_unary(in, t);
    case AST_BINARY:
        return eval_binary(in, t);
    case AST_COMPARE:
        return eval_compare(in, t);
    case AST_RANGE:
        return eval_range(in, t);
    case AST_CALL:
        return eval_call(in, t);
    case AST_INDEX:
        return eval_index(in, t);
    case AST_END:
        return index_end(in, t);
    case AST_FIELD:
        return eval_field(in, t);
    case AST_PRIME:
        return eval_prime(in, t);
    case AST_ARRAY:
        return eval_array(in, t);
    case AST_LIST:
        return eval_list(in, t);
    case AST_RECORD:
        return eval_record(in, t);
    case AST_CHOICE:
        return eval_choice(in, t);
    case AST_MINIMIZE:
        return eval_minimize(in, t);
    default:
        error_raise(t->at, ERR_SYNTAX, "a %s is not an expression",
                    ast_kind_name(t->kind));
    }
}

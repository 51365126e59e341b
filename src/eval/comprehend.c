/*
 * comprehend.c - index forms: sum(i = 1:n, e), array(i = 1:n, j = 1:m, e)
 *
 * The indices are names of a frame of their own.  Numbers are computed turn
 * by turn.  Where a range or the body is symbolic, the body is evaluated
 * once with a bound variable for the index, and the graph makes a closed
 * form or a loop of it (graph/binder.h).
 */
#include "eval/trace.h"

#include "base/mem.h"
#include "eval/apply.h"
#include "eval/call.h"
#include "eval/exact_sum.h"
#include "graph/binder.h"
#include "value/shape.h"

/* What is done with the values of the body. */
typedef enum Gather {
    GATHER_SUM,
    GATHER_PROD,
    GATHER_MIN,
    GATHER_MAX,
    GATHER_MEAN,
    GATHER_ALL,
    GATHER_ANY,
    GATHER_ARRAY,
    GATHER_LIST
} Gather;

static const char *const gather_name[] = {"sum", "prod", "min",   "max", "mean",
                                          "all", "any",  "array", "list"};

/* A range of an index: from, from + step, ..., count values. */
typedef struct Range {
    Value from, step, to;
} Range;

typedef struct Form {
    Interp *in;
    const Ast *call;
    Gather gather;
    uint32_t indices; /* named arguments before the body */
    bool unroll;      /* symbolic values do not stop the turns */
    bool symbolic;    /* the body, or a range, is */
    bool open_range;  /* a range has a symbolic end */
    bool looped;      /* a short range would become a loop */
    int64_t count;    /* values gathered so far */
    Value result;     /* of a reduction */
    Tower tower;      /* exact numbers not yet in the result */
    Value terms;      /* list of the symbolic terms of a sum */
} Form;

static const Ast *body_of(const Form *f)
{
    return ast_arg(f->call, f->indices);
}

/* Named arguments, and one expression after them. */
static bool is_index_form(const Ast *call, uint32_t *indices)
{
    uint32_t n = ast_args(call);
    if (n < 2)
        return false;
    for (uint32_t i = 0; i + 1 < n; i++)
        if (ast_arg(call, i)->kind != AST_NAMED)
            return false;
    *indices = n - 1;
    return ast_arg(call, n - 1)->kind != AST_NAMED;
}

static void bind_index(Form *f, uint32_t k, Value v)
{
    Name name = ast_arg(f->call, k)->name;
    Interp *in = f->in;
    for (size_t i = in->locals.count; i > in->frame->start; i--)
        if (in->locals.at[i - 1].name == name) {
            value_store(&in->locals.at[i - 1].value, v);
            return;
        }
    value_store(&frame_add(in, name)->value, v);
}

static Range eval_index_range(Form *f, uint32_t k)
{
    const Ast *t = ast_arg(f->call, k)->kids[0];
    if (t->kind != AST_RANGE)
        error_raise(t->at, ERR_TYPE, "an index runs over a range a:b");
    Range r;
    r.from = eval(f->in, t->kids[0]);
    r.step = t->count == 3 ? eval(f->in, t->kids[1]) : value_int(1);
    r.to = eval(f->in, t->kids[t->count - 1]);
    return r;
}

/* The values of a numeric range. */
static Value range_values(Form *f, uint32_t k, Range r)
{
    *context_here() = ast_arg(f->call, k)->at;
    return apply_range(f->in, r.from, r.step, r.to);
}

static Value join_values(Form *f, Value a, Value b)
{
    Interp *in = f->in;
    const Ast *t = f->call, *e = body_of(f);
    Value two[] = {a, b};
    switch (f->gather) {
    case GATHER_SUM:
    case GATHER_MEAN:
        return apply_binary(in, AST_ADD, a, b, t, e, e);
    case GATHER_PROD:
        return apply_binary(in, AST_DOTMUL, a, b, t, e, e);
    case GATHER_ALL:
        return apply_binary(in, AST_AND, a, b, t, e, e);
    case GATHER_ANY:
        return apply_binary(in, AST_OR, a, b, t, e, e);
    default:
        return apply_op(in, f->gather == GATHER_MIN ? OP_MIN : OP_MAX, 2, two);
    }
}

/* Short loops read better written out; the longest are never. */
enum { SHORT_LOOP = 16, LONGEST_UNROLLED = 10000 };

/* ---- turn by turn ---- */

static bool is_exact(Value v)
{
    return v.kind == VAL_INT || v.kind == VAL_EXACT;
}

static bool takes_tower(const Form *f)
{
    return f->gather == GATHER_SUM || f->gather == GATHER_MEAN ||
           f->gather == GATHER_PROD;
}

/* The result takes in the exact numbers that wait. */
static void settle(Form *f)
{
    if (f->tower.count == 0)
        return;
    Value v = tower_total(&f->tower);
    value_store(&f->result,
                f->result.kind == VAL_NONE ? v : join_values(f, f->result, v));
}

/* The value of one turn. */
static void take_value(Form *f, Value v)
{
    bool sum = f->gather == GATHER_SUM || f->gather == GATHER_MEAN;
    f->count++;
    if (sum && v.kind == VAL_EXPR) {
        list_push(f->terms, v);
        return;
    }
    if (f->result.kind == VAL_NONE && is_exact(v) && takes_tower(f)) {
        tower_add(&f->tower, v);
        return;
    }
    settle(f);
    if (f->result.kind == VAL_NONE)
        value_store(&f->result, v);
    else
        value_store(&f->result, join_values(f, f->result, v));
}

static bool is_open_formula(Interp *in, Value v)
{
    return v.kind == VAL_EXPR && !node_is_constant(in->graph, v.expr->node);
}

static bool is_open_range(Interp *in, Range r)
{
    return is_open_formula(in, r.from) || is_open_formula(in, r.step) ||
           is_open_formula(in, r.to);
}

/* Raises before an array or list of so many entries fills the memory. */
static void check_room(const Form *f, size_t n, size_t inner)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, inner * sizeof(Value), &bytes) ||
        bytes > mem_limit() / 2)
        error_raise(f->call->at, ERR_MEMORY,
                    "%s of so many entries would take more than half of the "
                    "memory",
                    f->gather == GATHER_LIST ? "a list" : "an array");
}

/* Beyond so many turns a sum of a polynomial is not added term by term. */
enum { LONG_SUM = 100000 };

/* Numbers, names and arithmetic: calls may draw random numbers or print. */
static bool is_arithmetic(const Ast *t)
{
    depth_check();
    if (t->kind == AST_NUMBER || t->kind == AST_NAME)
        return true;
    if (t->kind != AST_BINARY && t->kind != AST_UNARY)
        return false;
    for (uint32_t i = 0; i < t->count; i++)
        if (!is_arithmetic(t->kids[i]))
            return false;
    return true;
}

/* The body with a formula for the index k, the last; NODE_NONE if it has
 * none. */
static Node body_of_index(Form *f, uint32_t k, Node index)
{
    Interp *in = f->in;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    volatile Node y = NODE_NONE;
    if (PROTECT(&p)) {
        bind_index(f, k, value_expr(index));
        Value v = eval(in, body_of(f));
        if (value_is_number(v) || v.kind == VAL_EXPR)
            y = node_of_value(in, v);
        protect_end(&p);
    } else {
        ErrorCode code = context_error()->code;
        if (code == ERR_INTERRUPT || code == ERR_MEMORY || code == ERR_DEPTH)
            error_again();
        interp_restore(in, &c);
    }
    return y;
}

/* Adds all turns of the last index at once, if they are a polynomial. */
static bool turns_closed(Form *f, uint32_t k, Range r)
{
    Interp *in = f->in;
    Steps s;
    Value y;
    if (f->gather != GATHER_SUM || f->unroll || k + 1 < f->indices ||
        !range_steps(r.from, r.step, r.to, &s) || s.count < LONG_SUM ||
        !is_arithmetic(body_of(f)))
        return false;
    interp_hold(in, 1);
    int level = ++in->level;
    Node index = node_bv(in->graph, level, 0, SHAPE_SCALAR, SYM_INTEGER);
    Node body = body_of_index(f, k, index);
    in->level--;
    bool closed =
        body != NODE_NONE && polynomial_sum(in->graph, body, index, &s, &y);
    interp_hold(in, -1);
    if (!closed)
        return false;
    take_value(f, y);
    return true;
}

/* Stops with `symbolic` set when the formula needs the other way. */
static void gather_turns(Form *f, uint32_t k, Value list)
{
    Interp *in = f->in;
    depth_check();
    if (k == f->indices) {
        Value v = eval(in, body_of(f));
        *context_here() = f->call->at;
        f->symbolic = !f->unroll && is_open_formula(in, v);
        if (f->symbolic)
            return;
        if (list.kind == VAL_LIST) {
            f->count++;
            list_push(list, v);
        } else {
            take_value(f, v);
        }
        return;
    }
    Range r = eval_index_range(f, k);
    f->symbolic = f->open_range = is_open_range(in, r);
    if (f->symbolic)
        return;
    if (turns_closed(f, k, r))
        return;
    Steps steps;
    bool whole = range_steps(r.from, r.step, r.to, &steps);
    Value values = whole ? VALUE_NONE : range_values(f, k, r);
    size_t n = whole                      ? steps.count
               : values.kind == VAL_ARRAY ? array_count(values.array)
                                          : 1;
    if (f->unroll && n > LONGEST_UNROLLED)
        error_raise(f->call->at, ERR_TRACE,
                    "%zu turns over symbols cannot be written out, and the "
                    "body has no form with an index",
                    n);
    value_keep(values);
    if (list.kind == VAL_LIST)
        check_room(f, n, 1);
    for (size_t i = 0; i < n && !f->symbolic; i++) {
        POLL();
        PoolMark mark = pool_mark();
        bind_index(f, k,
                   whole ? value_int(steps.from + (int64_t)i * steps.step)
                   : values.kind == VAL_ARRAY ? array_get(values.array, i)
                                              : values);
        Value inner = VALUE_NONE;
        bool nested = list.kind == VAL_LIST && k + 1 < f->indices;
        if (nested)
            list_push(list, inner = list_new(0));
        gather_turns(f, k + 1, nested ? inner : list);
        if (nested && i == 0)
            check_room(f, n, inner.list->count);
        pool_drain(mark);
    }
    value_drop(values);
}

/* A reduction of nothing. */
static Value empty_value(Form *f)
{
    switch (f->gather) {
    case GATHER_SUM:
        return value_int(0);
    case GATHER_PROD:
        return value_int(1);
    case GATHER_ALL:
        return value_bool(true);
    case GATHER_ANY:
        return value_bool(false);
    default:
        error_raise(f->call->at, ERR_DOMAIN, "the %s of nothing has no value",
                    gather_name[f->gather]);
    }
}

/* The sum of the numbers and of the symbolic terms, built at once. */
static Value join_terms(Form *f)
{
    Interp *in = f->in;
    size_t n = f->terms.list->count;
    if (n == 0)
        return f->result;
    Node *node = ARENA_ARRAY(in->scratch, Node, n);
    for (size_t i = 0; i < n; i++) {
        Value v = f->terms.list->at[i];
        node[i] = node_of_value(in, v);
        Shape s = node_shape(in->graph, node[0]);
        Shape t = node_shape(in->graph, node[i]);
        if (s.rows != t.rows || s.cols != t.cols)
            raise_shapes(in, f->call, AST_ADD, s, t, body_of(f), body_of(f));
    }
    Value y = value_of_node(in, node_sum(in->graph, (int)n, node));
    return f->result.kind == VAL_NONE ? y : join_values(f, f->result, y);
}

static Value divide_by_count(Form *f, Value y, Value count)
{
    if (f->gather != GATHER_MEAN)
        return y;
    return apply_binary(f->in, AST_DIV, y, count, f->call, body_of(f),
                        body_of(f));
}

static Value turns_reduce(Form *f)
{
    f->terms = list_new(0);
    value_keep(f->terms);
    f->tower.product = f->gather == GATHER_PROD;
    gather_turns(f, 0, VALUE_NONE);
    settle(f);
    Value y = VALUE_NONE;
    if (!f->symbolic && f->count == 0)
        y = empty_value(f);
    else if (!f->symbolic)
        y = divide_by_count(f, join_terms(f), value_int(f->count));
    value_drop(f->terms);
    value_drop(f->result);
    tower_clear(&f->tower);
    return y;
}

/* The length of the second range where the first is empty; 1 if it depends on
 * the index of the first. */
static int columns_of_nothing(Form *f)
{
    const Ast *inner = ast_arg(f->call, 1);
    AstWalk w = ast_walk(f->in->scratch, inner);
    Name outer = ast_arg(f->call, 0)->name;
    for (const Ast *t; (t = ast_walk_next(&w)) != NULL;)
        if (ast_is_name(t, outer))
            return 1;
    Range r = eval_index_range(f, 1);
    Steps steps;
    if (is_open_range(f->in, r))
        return 1;
    if (range_steps(r.from, r.step, r.to, &steps))
        return (int)steps.count;
    return (int)array_count(array_to_float(range_values(f, 1, r)));
}

/* Lists of lists of numbers as the literal of their rows. */
static Value literal_of_lists(Form *f, Value list)
{
    Interp *in = f->in;
    int rows = (int)list.list->count;
    if (f->indices > 2)
        error_raise(f->call->at, ERR_LIMIT, "an array has two indices at most");
    if (rows == 0)
        return array_new(ELEM_EXACT, 0,
                         f->indices == 2 ? columns_of_nothing(f) : 1);
    int *cols = ARENA_ARRAY(in->scratch, int, (size_t)rows);
    size_t total = 0;
    for (int i = 0; i < rows; i++) {
        Value row = list.list->at[i];
        cols[i] = f->indices == 2 ? (int)row.list->count : 1;
        if (cols[i] != cols[0])
            error_raise(f->call->at, ERR_SHAPE,
                        "the rows of an array are of one length; row 1 has %d "
                        "entries, row %d has %d",
                        cols[0], i + 1, cols[i]);
        total += (size_t)cols[i];
    }
    Value *entry = ARENA_ARRAY(in->scratch, Value, total + 1);
    size_t k = 0;
    for (int i = 0; i < rows; i++) {
        Value row = list.list->at[i];
        for (int j = 0; j < cols[i]; j++)
            entry[k++] = f->indices == 2 ? row.list->at[j] : row;
    }
    if (total == 0)
        return array_new(ELEM_EXACT, rows, 0);
    *context_here() = f->call->at;
    return apply_literal(in, rows, cols, entry, true);
}

static Value turns(Form *f)
{
    if (f->gather != GATHER_ARRAY && f->gather != GATHER_LIST)
        return turns_reduce(f);
    Value list = list_new(0);
    value_keep(list);
    gather_turns(f, 0, list);
    Value y = list;
    if (f->gather == GATHER_ARRAY && !f->symbolic)
        y = literal_of_lists(f, list);
    value_drop(list);
    return y;
}

/* ---- with bound variables ---- */

static Node turn_count(Form *f, Range r, Node from, Node step)
{
    Graph *g = f->in->graph;
    Node to = node_of_value(f->in, r.to);
    Node span = node_sub(g, to, from);
    if (!node_is_int(g, step, 1)) {
        span = node_div(g, span, step);
        span = node_apply(g, OP_FLOOR, 1, &span);
    }
    Node count = node_add(g, span, node_int(g, 1));
    if (!node_is_integer(g, count))
        trace_raise_turns(f->in, ast_arg(f->call, 0)->at, count);
    Sign s = node_sign(g, count);
    return s == SIGN_NEGATIVE || s == SIGN_NONPOSITIVE ? node_int(g, 0) : count;
}

/* Did the index form of a short range become a loop? */
static bool is_short_loop(Graph *g, Node count, Node y)
{
    if (!node_is_number(g, count) ||
        value_to_double(node_number_value(g, count)) > SHORT_LOOP)
        return false;
    while (node_op(g, y) == OP_TRANS)
        y = node_arg(g, y, 0);
    return node_op(g, y) == OP_PROJ && node_op(g, node_arg(g, y, 0)) == OP_LOOP;
}

static Node close_index(Form *f, uint32_t k, int level, Node index, Node count,
                        Node body)
{
    Graph *g = f->in->graph;
    switch (f->gather) {
    case GATHER_PROD:
        return index_form_prod(g, level, index, count, body);
    case GATHER_MIN:
    case GATHER_MAX:
        return index_form_extreme(g, level, index, count, body,
                                  f->gather == GATHER_MAX);
    case GATHER_ALL:
    case GATHER_ANY:
        return index_form_logic(g, level, index, count, body,
                                f->gather == GATHER_ALL);
    case GATHER_ARRAY:
        if (k > 0 && !node_is_scalar(g, body))
            error_raise(f->call->at, ERR_SHAPE,
                        "the entries of an array with two indices are numbers");
        body = index_form_array(g, level, index, count, body);
        return k > 0 ? node_transpose(g, body) : body;
    default:
        return index_form_sum(g, level, index, count, body);
    }
}

/* The form from index k on; *number is how many values there are. */
static Node form_from(Form *f, uint32_t k, Node *number)
{
    Interp *in = f->in;
    Graph *g = in->graph;
    depth_check();
    *number = node_int(g, 1);
    if (k == f->indices) {
        Value v = eval(in, body_of(f));
        *context_here() = f->call->at;
        return node_of_value(in, v);
    }
    Range r = eval_index_range(f, k);
    f->open_range = f->open_range || is_open_range(in, r);
    Node from = node_of_value(in, r.from), step = node_of_value(in, r.step);
    Node count = turn_count(f, r, from, step);
    int level = ++in->level;
    Node index = node_bv(g, level, 0, SHAPE_SCALAR, SYM_INTEGER | SYM_POSITIVE);
    Node before = node_sub(g, index, node_int(g, 1));
    Node i = node_add(g, from, node_mul(g, step, before));
    bind_index(f, k, value_of_node(in, i));
    Node inner;
    Node body = form_from(f, k + 1, &inner);
    in->level--;
    if (f->gather == GATHER_MEAN)
        *number = index_form_sum(g, level, index, count, inner);
    Node y = close_index(f, k, level, index, count, body);
    f->looped = f->looped || is_short_loop(g, count, y);
    return y;
}

static Value symbolic(Form *f)
{
    if (f->gather == GATHER_ARRAY && f->indices > 2)
        error_raise(f->call->at, ERR_LIMIT, "an array has two indices at most");
    Node number;
    Node y = form_from(f, 0, &number);
    return divide_by_count(f, value_of_node(f->in, y),
                           value_of_node(f->in, number));
}

/* False: no formula with bound variables, but the turns can be written out. */
static bool try_symbolic(Form *f, Value *y)
{
    Interp *in = f->in;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    volatile bool good = false;
    f->open_range = false;
    interp_hold(in, 1);
    if (PROTECT(&p)) {
        *y = symbolic(f);
        protect_end(&p);
        good = true;
    } else {
        ErrorCode code = context_error()->code;
        if (f->open_range || code == ERR_INTERRUPT || code == ERR_MEMORY ||
            code == ERR_DEPTH)
            error_again();
        interp_restore(in, &c);
    }
    if (!good)
        return false;
    interp_hold(in, -1);
    return !f->looped || f->open_range;
}

static Value comprehend(Form *f)
{
    Value y = turns(f);
    if (!f->symbolic || (f->gather != GATHER_LIST && try_symbolic(f, &y)))
        return y;
    if (f->gather == GATHER_LIST && f->open_range)
        error_raise(f->call->at, ERR_TRACE,
                    "the length of a list is a number, not a formula");
    f->unroll = true;
    f->symbolic = false;
    f->count = 0;
    f->result = VALUE_NONE;
    return turns(f);
}

/* ---- the forms ---- */

static bool gather(Interp *in, const Ast *call, Gather what, Value *y)
{
    Form f = {.in = in, .call = call, .gather = what, .result = VALUE_NONE};
    if (!is_index_form(call, &f.indices)) {
        if (what == GATHER_ARRAY || what == GATHER_LIST)
            error_raise_help(call->at, ERR_ARGUMENT, NULL,
                             what == GATHER_ARRAY ? "array(i = 1:3, i^2)"
                                                  : "list(i = 1:3, i^2)",
                             "`%s` takes ranges of indices and an expression",
                             gather_name[what]);
        return false;
    }
    ArenaMark mark = arena_mark(in->scratch);
    Frame *frame = frame_overlay(in);
    *y = comprehend(&f);
    frame_end(in, frame);
    arena_reset(in->scratch, mark);
    return true;
}

bool index_sum(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_SUM, y);
}

bool index_prod(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_PROD, y);
}

bool index_min(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_MIN, y);
}

bool index_max(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_MAX, y);
}

bool index_mean(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_MEAN, y);
}

bool index_all(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_ALL, y);
}

bool index_any(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_ANY, y);
}

bool index_array(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_ARRAY, y);
}

bool index_list(Interp *in, const Ast *call, Value *y)
{
    return gather(in, call, GATHER_LIST, y);
}

/*
 * comprehend.c - index forms: sum(i = 1:n, e), array(i = 1:n, j = 1:m, e)
 *
 * The indices are names of a frame of their own.  Numbers are computed turn
 * by turn.  Where a range or the body is symbolic, the body is evaluated
 * once with a bound variable for the index, and the graph makes a closed
 * form or a loop of it (graph/binder.h).
 */
#include "eval/trace.h"

#include "eval/apply.h"
#include "eval/call.h"
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
    uint32_t indices;           /* named arguments before the body */
    int64_t count;              /* values gathered so far */
    Value result;               /* of a reduction */
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

/* ---- turn by turn ---- */

static void gather_turns(Form *f, uint32_t k, Value list)
{
    Interp *in = f->in;
    depth_check();
    if (k == f->indices) {
        Value v = eval(in, body_of(f));
        *context_here() = f->call->at;
        f->count++;
        if (list.kind == VAL_LIST)
            list_push(list, v);
        else if (f->count == 1)
            value_store(&f->result, v);
        else
            value_store(&f->result, join_values(f, f->result, v));
        return;
    }
    Value values = range_values(f, k, eval_index_range(f, k));
    size_t n = values.kind == VAL_ARRAY ? array_count(values.array) : 1;
    value_keep(values);
    for (size_t i = 0; i < n; i++) {
        POLL();
        PoolMark mark = pool_mark();
        bind_index(f, k, values.kind == VAL_ARRAY ? array_get(values.array, i)
                                                  : values);
        Value inner = VALUE_NONE;
        bool nested = list.kind == VAL_LIST && k + 1 < f->indices;
        if (nested)
            list_push(list, inner = list_new(0));
        gather_turns(f, k + 1, nested ? inner : list);
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

static Value turns_reduce(Form *f)
{
    gather_turns(f, 0, VALUE_NONE);
    if (f->count == 0)
        return empty_value(f);
    Value y = f->result;
    if (f->gather == GATHER_MEAN)
        y = apply_binary(f->in, AST_DIV, y, value_int(f->count), f->call,
                         body_of(f), body_of(f));
    return y;
}

/* Lists of lists of numbers as the literal of their rows. */
static Value literal_of_lists(Form *f, Value list)
{
    Interp *in = f->in;
    int rows = (int)list.list->count;
    if (f->indices > 2)
        error_raise(f->call->at, ERR_LIMIT, "an array has two indices at most");
    if (rows == 0)
        return array_new(ELEM_EXACT, 0, 1);
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
    Value y = f->gather == GATHER_LIST ? list : literal_of_lists(f, list);
    list.object->count--;
    return y;
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
    *y = turns(&f);
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

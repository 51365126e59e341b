/*
 * stmt.c - statements
 */
#include <string.h>

#include "eval/help.h"
#include "eval/apply.h"
#include "eval/call.h"
#include "eval/derive.h"
#include "eval/index.h"
#include "eval/model.h"
#include "eval/module.h"
#include "eval/rule.h"
#include "eval/symbol.h"
#include "eval/trace.h"
#include "syntax/diag.h"
#include "value/datatable.h"

static void echo(Interp *in, const Ast *t, uint32_t i, Value v)
{
    const Display *d = in->display;
    if (!d) {
        interp_show(in, v);
        return;
    }
    const Ast *all = in->code ? in->code->tree : NULL;
    d->value(in, d->owner, v,
             in->files == 0 && i + 1 == t->count && all && all->count > 0 &&
                 all->kids[all->count - 1] == t);
}

/* A session keeps the value that was shown last as `ans`. */
static void keep_answer(Interp *in, const Ast *t, uint32_t i, Value v)
{
    if (v.kind == VAL_SEVERAL && v.list->count > 0)
        v = v.list->at[v.list->count - 1];
    if (!in->answers || v.kind == VAL_NONE || v.kind == VAL_SEVERAL)
        return;
    cell_set(scope_cell(in->answers, name_of("ans")), v);
    in->answer = t->kids[i]->at;
    in->answer_of = t->at;
}

/* At top level every expression is shown; in a function the last counts. */
static Flow exec_show(Interp *in, const Ast *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        Value v = eval(in, t->kids[i]);
        if (in->frame) {
            frame_show(in, v);
        } else if (!(t->flags & AST_QUIET)) {
            echo(in, t, i, v);
            keep_answer(in, t, i, v);
        }
    }
    return FLOW_NEXT;
}

/* Functions of the user may give `none`. */
void check_given(Interp *in, Value v, const Ast *t)
{
    Value f;
    if (v.kind == VAL_NONE && t->kind == AST_CALL &&
        t->kids[0]->kind == AST_NAME &&
        lookup_name(in, t->kids[0]->name, &f) && f.kind == VAL_FUNCTION &&
        f.function->class == &class_builtin)
        error_raise(t->at, ERR_TYPE, "`%s` gives no value",
                    diag_quote(t->at, 40));
}

static Flow exec_assign(Interp *in, const Ast *t)
{
    Value v = eval(in, t->kids[1]);
    check_given(in, v, t->kids[1]);
    *context_here() = t->at;
    assign_target(in, t->kids[0], t->op, v, t->kids[1]);
    return FLOW_NEXT;
}

/* Entries of a list, fields of a record, several values, entries of a vector. */
static size_t unpack_count(Value v)
{
    switch (v.kind) {
    case VAL_LIST:
    case VAL_SEVERAL:
        return v.list->count;
    case VAL_RECORD:
        return v.record->count;
    case VAL_ARRAY:
        return array_count(v.array);
    default:
        return 1;
    }
}

static Value unpack_part(Value v, size_t i)
{
    switch (v.kind) {
    case VAL_LIST:
    case VAL_SEVERAL:
        return v.list->at[i];
    case VAL_RECORD:
        return v.record->at[i];
    case VAL_ARRAY:
        return array_get(v.array, i);
    default:
        return v;
    }
}

static Flow exec_unpack(Interp *in, const Ast *t)
{
    const Ast *source = t->kids[t->count - 1];
    Value v = eval(in, source);
    size_t n = t->count - 1, have = unpack_count(v);
    if (have != n)
        error_raise(t->at, ERR_UNPACK,
                    "%zu names on the left, and the right side has %zu %s", n,
                    have, have == 1 ? "value" : "values");
    for (size_t i = 0; i < n; i++)
        assign_target(in, t->kids[i], AST_SET, unpack_part(v, i), source);
    return FLOW_NEXT;
}

static Flow exec_function(Interp *in, const Ast *t)
{
    assign_name(in, t->name, closure_new(in, t));
    return FLOW_NEXT;
}

/* A block that ends with error(...): a guard, taken for an assertion. */
bool ends_with_error(const Ast *block)
{
    const Ast *last = block->count ? block->kids[block->count - 1] : NULL;
    return last && last->kind == AST_SHOW && last->count == 1 &&
           last->kids[0]->kind == AST_CALL &&
           ast_is_name(last->kids[0]->kids[0], name_of("error"));
}

static Flow exec_if(Interp *in, const Ast *t)
{
    uint32_t i = 0;
    for (; i + 1 < t->count; i += 2) {
        Value c = eval(in, t->kids[i]);
        if (c.kind == VAL_EXPR && in->frame && ends_with_error(t->kids[i + 1]))
            continue;
        if (c.kind == VAL_EXPR && in->frame)
            return trace_if(in, t, i, c);
        if (truth(in, c, t->kids[i]))
            return exec_block(in, t->kids[i + 1]);
    }
    return i < t->count ? exec_block(in, t->kids[i]) : FLOW_NEXT;
}

/* A loop's back-edge: temporaries go, the graph may be swept. */
static void back_edge(Interp *in, PoolMark mark)
{
    POLL();
    if (in->frame && value_is_object(in->frame->result))
        pool_drain_except(mark, in->frame->result);
    else
        pool_drain(mark);
    graph_sweep(in->graph);
}

/* What `for` runs over: entry i of a vector, row of a matrix or table, ... */
static Value loop_item(Interp *in, Value v, size_t i)
{
    switch (v.kind) {
    case VAL_LIST:
        return v.list->at[i];
    case VAL_RECORD:
        return value_string(v.record->name[i]);
    case VAL_TABLE:
        return datatable_index(v, value_int((int64_t)i + 1),
                               (Value){.kind = VAL_COLON});
    case VAL_ARRAY:
        if (v.array->cols == 1)
            return array_get(v.array, i);
        return array_index(v, 2, (Value[]){value_int((int64_t)i + 1),
                                           {.kind = VAL_COLON}});
    case VAL_EXPR: {
        Shape s = node_shape(in->graph, v.expr->node);
        Value at[] = {value_int((int64_t)i + 1), {.kind = VAL_COLON}};
        return index_value(in, v, s.cols == 1 ? 1 : 2, at);
    }
    default:
        return v;
    }
}

static size_t loop_count(Interp *in, Value v, const Ast *t)
{
    switch (v.kind) {
    case VAL_LIST:
        return v.list->count;
    case VAL_RECORD:
        return v.record->count;
    case VAL_TABLE:
        return (size_t)v.table->rows;
    case VAL_ARRAY:
        return (size_t)v.array->rows;
    case VAL_INT:
    case VAL_FLOAT:
    case VAL_EXACT:
        return 1;
    case VAL_EXPR: {
        Shape s = node_shape(in->graph, v.expr->node);
        if (node_op(in->graph, v.expr->node) != OP_RANGE && s.rows >= 0)
            return (size_t)s.rows;
        error_raise(t->at, ERR_TRACE, "the number of turns depends on a symbol");
    }
    default:
        error_raise(t->at, ERR_TYPE, "`for` does not run over %s",
                    value_kind_phrase(v));
    }
}

static Flow loop_turn(Interp *in, const Ast *t, Value item, bool *stop)
{
    assign_name(in, t->name, item);
    Flow f = exec_block(in, t->kids[1]);
    *stop = f == FLOW_BREAK || f == FLOW_RETURN;
    return f == FLOW_RETURN ? FLOW_RETURN : FLOW_NEXT;
}

/* `for i = a:b` with exact ends: no vector is made. */
static bool count_range(Interp *in, const Ast *t, Value *from, Value *step,
                        Value *to)
{
    if (t->kind != AST_RANGE)
        return false;
    *from = eval(in, t->kids[0]);
    *step = t->count == 3 ? eval(in, t->kids[1]) : value_int(1);
    *to = eval(in, t->kids[t->count - 1]);
    return true;
}

static Flow for_integers(Interp *in, const Ast *t, int64_t from, int64_t step,
                         int64_t to)
{
    Flow f = FLOW_NEXT;
    bool stop = false;
    PoolMark mark = pool_mark();
    for (int64_t i = from; step > 0 ? i <= to : i >= to;) {
        f = loop_turn(in, t, value_int(i), &stop);
        if (stop || !int_add(i, step, &i))
            break;
        back_edge(in, mark);
    }
    return f;
}

static Flow for_items(Interp *in, const Ast *t, Value v)
{
    size_t n = loop_count(in, v, t->kids[0]);
    Flow f = FLOW_NEXT;
    bool stop = false;
    PoolMark mark = pool_mark();
    Name hidden = name_of(" items");    /* keeps v alive through the drains */
    Local *l = NULL;
    if (in->frame) {
        l = frame_add(in, hidden);
        value_store(&l->value, v);
    } else {
        value_keep(v);
    }
    size_t slot = in->locals.count;
    for (size_t i = 0; i < n && !stop; i++) {
        f = loop_turn(in, t, loop_item(in, v, i), &stop);
        back_edge(in, mark);
    }
    if (in->frame) {
        value_store(&in->locals.at[slot - 1].value, VALUE_NONE);
        if (in->locals.count == slot)
            in->locals.count--;
    } else {
        value_drop(v);
    }
    return f;
}

Flow exec_range(Interp *in, const Ast *t, Value from, Value step, Value to)
{
    *context_here() = t->at;
    if (from.kind == VAL_INT && step.kind == VAL_INT && to.kind == VAL_INT &&
        step.integer != 0)
        return for_integers(in, t, from.integer, step.integer, to.integer);
    return for_items(in, t, apply_range(in, from, step, to));
}

static Flow exec_for(Interp *in, const Ast *t)
{
    Flow f;
    if (in->frame && in->frame->traced && trace_for(in, t, &f))
        return f;
    Value from, step, to;
    if (!count_range(in, t->kids[0], &from, &step, &to)) {
        Value v = eval(in, t->kids[0]);
        *context_here() = t->at;
        return for_items(in, t, v);
    }
    return exec_range(in, t, from, step, to);
}

static Flow exec_while(Interp *in, const Ast *t)
{
    PoolMark mark = pool_mark();
    while (truth(in, eval(in, t->kids[0]), t->kids[0])) {
        Flow f = exec_block(in, t->kids[1]);
        if (f == FLOW_BREAK)
            break;
        if (f == FLOW_RETURN)
            return f;
        back_edge(in, mark);
    }
    return FLOW_NEXT;
}

static Flow exec_return(Interp *in, const Ast *t)
{
    if (!in->frame)
        error_raise(t->at, ERR_SYNTAX, "`return` stands inside of a function");
    if (t->count == 1) {
        in->frame->result = eval(in, t->kids[0]);
    } else if (t->count > 1) {
        Value several = list_new(t->count);
        several.object->kind = VAL_SEVERAL;
        several.kind = VAL_SEVERAL;
        for (uint32_t i = 0; i < t->count; i++)
            list_push(several, eval(in, t->kids[i]));
        in->frame->result = several;
    } else {
        in->frame->result = VALUE_NONE;
    }
    return FLOW_RETURN;
}

static Value error_value(void)
{
    const Error *e = context_error();
    Value r = record_new(3);
    int line, column;
    source_place(e->at, &line, &column);
    record_set(r, name_of("code"), value_string(error_name(e->code)));
    record_set(r, name_of("message"), value_string(e->message));
    record_set(r, name_of("line"), value_int(line));
    return r;
}

/*
 * Names that frame f took since it had `from` locals move down to there, those
 * of the frames that it called and hidden ones up: returns how many stay.
 */
static size_t keep_names(Interp *in, const Frame *f, size_t from)
{
    size_t end = in->locals.count, n = from;
    for (const Frame *k = in->frame; k && k != f; k = k->caller)
        end = k->start;
    for (size_t i = from; i < end; i++) {
        Local l = in->locals.at[i];
        if (!l.name || l.name[0] == ' ')
            continue;
        in->locals.at[i] = in->locals.at[n];
        in->locals.at[n++] = l;
    }
    return n;
}

static Flow exec_try(Interp *in, const Ast *t)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    /* volatile: it is set between setjmp and a jump */
    volatile Flow f = FLOW_NEXT;
    volatile bool failed = false;
    if (PROTECT(&p)) {
        f = exec_block(in, t->kids[0]);
        protect_end(&p);
    } else {
        failed = true;
    }
    if (!failed)
        return f;
    if (context_error()->code == ERR_INTERRUPT)
        error_again();
    interp_note_frames(in, c.frame);
    c.locals = keep_names(in, c.frame, c.locals);
    interp_restore(in, &c);
    if (t->name)
        assign_name(in, t->name, error_value());
    return exec_block(in, t->kids[1]);
}

static Flow exec_assert(Interp *in, const Ast *t)
{
    Value v = eval(in, t->kids[0]);
    if (truth(in, v, t->kids[0]))
        return FLOW_NEXT;
    if (t->count == 1)
        error_raise(t->at, ERR_ASSERT, "does not hold: %s",
                    diag_quote(t->kids[0]->at, 60));
    Value why = eval(in, t->kids[1]);
    if (why.kind != VAL_STRING)
        error_raise(t->kids[1]->at, ERR_TYPE, "the reason of an assert is text");
    error_raise(t->at, ERR_ASSERT, "%s", why.string->text);
}

Flow exec(Interp *in, const Ast *t)
{
    depth_check();
    switch (t->kind) {
    case AST_BLOCK:
        return exec_block(in, t);
    case AST_SHOW:
        return exec_show(in, t);
    case AST_ASSIGN:
        return exec_assign(in, t);
    case AST_UNPACK:
        return exec_unpack(in, t);
    case AST_FUNCTION:
        return exec_function(in, t);
    case AST_SYM:
        declare_symbols(in, t);
        return FLOW_NEXT;
    case AST_RULE:
        add_rule(in, t);
        return FLOW_NEXT;
    case AST_IF:
        return exec_if(in, t);
    case AST_FOR:
        return exec_for(in, t);
    case AST_WHILE:
        return exec_while(in, t);
    case AST_BREAK:
        return FLOW_BREAK;
    case AST_CONTINUE:
        return FLOW_CONTINUE;
    case AST_RETURN:
        return exec_return(in, t);
    case AST_TRY:
        return exec_try(in, t);
    case AST_ASSERT:
        return exec_assert(in, t);
    case AST_INCLUDE:
        include_file(in, t);
        return FLOW_NEXT;
    case AST_USE:
        use_file(in, t);
        return FLOW_NEXT;
    case AST_HELP:
        help_show(in, t->text, t->at);
        return FLOW_NEXT;
    case AST_MODEL:
        assign_name(in, t->name, model_new(in, t));
        return FLOW_NEXT;
    default:
        error_raise(t->at, ERR_SYNTAX, "a %s is not a statement",
                    ast_kind_name(t->kind));
    }
}

Flow exec_block(Interp *in, const Ast *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const Ast *t = block->kids[i];
        *context_here() = t->at;
        Flow f = exec(in, t);
        if (f != FLOW_NEXT)
            return f;
    }
    return FLOW_NEXT;
}

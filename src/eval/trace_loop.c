/*
 * trace_loop.c - `for` statements of functions that are being traced
 *
 * The body runs once, with a bound variable for the index and one for every
 * variable that has a value before the loop and is assigned in it.  What a
 * variable then holds tells its role: unchanged; y + e, an accumulator if
 * nothing else reads y; an array with entries written into it; or a carried
 * variable.
 */
#include <string.h>

#include "eval/apply.h"
#include "eval/call.h"
#include "eval/trace.h"
#include "eval/trace_state.h"
#include "graph/binder.h"
#include "syntax/diag.h"
#include "value/shape.h"

/* Short loops read better written out; longer ones than the second are
 * never. */
enum { SHORT_LOOP = 16, LONGEST_UNROLLED = 10000 };

/* One number or array among the variables. */
typedef struct Leaf {
    Node variable;   /* bound */
    Node base, next; /* before the loop; after a turn */
    bool carried;
    Writes writes; /* an array that is written, if any */
    bool written;
    int result;       /* of the loop; -1: it does not change */
    int first, count; /* its writes among the results */
} Leaf;

typedef struct Loop {
    Interp *in;
    const Ast *t;
    Arena *arena;
    int level;
    Node count, index; /* turns; BV that counts them from 1 */
    bool known;        /* the count is a number */
    int64_t turns;     /* if it is */
    Value item, last;  /* what the name of the loop holds */
    Names assigned, read;
    Value before, after;
    VEC(Leaf) leaf;
    VEC(LoopResult) result;
    Node *out;
    int variables; /* bound variables made so far */
} Loop;

/* ---- what it runs over ---- */

static void set_count(Loop *l, Node count)
{
    Graph *g = l->in->graph;
    l->count = count;
    Value v;
    l->known = node_is_number(g, count) &&
               (v = node_number_value(g, count), value_to_int(v, &l->turns));
}

/* from, from + step, ... as a formula of the index. */
static void run_over_range(Loop *l, Node from, Node step, Node to)
{
    Graph *g = l->in->graph;
    Node one = node_int(g, 1), span = node_sub(g, to, from);
    if (step != one) {
        span = node_div(g, span, step);
        span = node_apply(g, OP_FLOOR, 1, &span);
    }
    Node count = node_add(g, span, one);
    if (!node_is_integer(g, count))
        trace_raise_turns(l->in, l->t->kids[0]->at, count);
    Sign s = node_sign(g, count);
    if (s == SIGN_NEGATIVE || s == SIGN_NONPOSITIVE)
        count = node_int(g, 0);
    set_count(l, count);
    Node turn = node_sub(g, l->index, one), end = node_sub(g, count, one);
    l->item = value_of_node(l->in, node_add(g, from, node_mul(g, step, turn)));
    l->last = value_of_node(l->in, node_add(g, from, node_mul(g, step, end)));
}

/* Entries of a column, rows of a matrix. */
static void run_over_array(Loop *l, Node a)
{
    Graph *g = l->in->graph;
    Shape s = node_shape(g, a);
    Node col = s.cols == 1 ? node_int(g, 1) : node_all(g);
    set_count(l, node_of_dim(g, s.rows));
    l->item = value_of_node(l->in, node_index(g, a, l->index, col));
    l->last = l->known && l->turns < 1
                  ? VALUE_NONE
                  : value_of_node(l->in, node_index(g, a, l->count, col));
}

/* False: not something that a loop of the graph runs over. */
static bool find_range(Loop *l)
{
    Interp *in = l->in;
    const Ast *t = l->t->kids[0];
    if (t->kind != AST_RANGE) {
        Value v = eval(in, t);
        *context_here() = t->at;
        if (v.kind != VAL_ARRAY && v.kind != VAL_EXPR)
            return false;
        run_over_array(l, node_of_value(in, v));
        return true;
    }
    Value from = eval(in, t->kids[0]), step = value_int(1);
    if (t->count == 3)
        step = eval(in, t->kids[1]);
    Value to = eval(in, t->kids[t->count - 1]);
    *context_here() = t->at;
    bool numbers =
        value_is_number(from) && value_is_number(step) && value_is_number(to);
    bool whole =
        from.kind == VAL_INT && step.kind == VAL_INT && to.kind == VAL_INT;
    if (numbers && !whole) {
        Value v = apply_range(in, from, step, to);
        if (v.kind != VAL_ARRAY)
            return false;
        run_over_array(l, node_of_value(in, v));
    } else {
        run_over_range(l, node_of_value(in, from), node_of_value(in, step),
                       node_of_value(in, to));
    }
    return true;
}

/* ---- opening ---- */

static bool reads_symbols(Loop *l)
{
    for (size_t i = 0; i < l->read.count; i++) {
        Value v;
        if (frame_local(l->in, l->read.at[i], &v) &&
            (value_is_symbolic(v) || v.kind == VAL_FUNCTION))
            return true;
    }
    return false;
}

_Noreturn static void refuse(const Ast *t, const char *what)
{
    error_raise(t->at, ERR_TRACE,
                "%s in a loop over symbols cannot be traced, so the function "
                "has no derivative",
                what);
}

/* What would happen once instead of in every turn. */
static void check_body(Loop *l)
{
    AstWalk w = ast_walk(l->arena, l->t->kids[1]);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        switch (k->kind) {
        case AST_CALL:
            if (k->kids[0]->kind == AST_NAME &&
                (!strcmp(k->kids[0]->name, "print") ||
                 !strcmp(k->kids[0]->name, "input")))
                refuse(k, k->kids[0]->name);
            break;
        case AST_WHILE:
            refuse(k, "`while`");
        case AST_TRY:
            refuse(k, "`try`");
        case AST_RETURN:
            refuse(k, "`return`");
        case AST_BREAK:
            refuse(k, "`break`");
        case AST_CONTINUE:
            refuse(k, "`continue`");
        case AST_LAMBDA:
        case AST_FUNCTION:
            ast_walk_skip(&w);
            break;
        default:
            break;
        }
    }
}

static Node new_variable(Loop *l, Shape s)
{
    return node_bv(l->in->graph, l->level, ++l->variables, s, 0);
}

/* Bound variables in the place of what the loop assigns. */
static void open_variables(Loop *l)
{
    Interp *in = l->in;
    Graph *g = in->graph;
    for (size_t i = 0; i < l->assigned.count; i++) {
        Value v = l->before.list->at[i];
        if (v.kind == VAL_NONE || l->assigned.at[i] == l->t->name)
            continue;
        Nodes base = {0};
        state_leaves(in, l->arena, v, &base);
        for (size_t k = 0; k < base.count; k++) {
            Leaf leaf = {.base = base.at[k], .result = -1};
            leaf.variable = new_variable(l, node_shape(g, leaf.base));
            VEC_PUSH_IN(l->arena, &l->leaf, leaf);
            base.at[k] = leaf.variable;
        }
        const Node *at = base.at;
        frame_set(in, l->assigned.at[i], state_replace(in, v, &at));
    }
}

static void run_body(Loop *l)
{
    Interp *in = l->in;
    frame_set(in, l->t->name, l->item);
    Flow f = exec_block(in, l->t->kids[1]);
    if (f != FLOW_NEXT)
        refuse(l->t, "leaving it");
    l->after = state_save(in, &l->assigned);
}

/* ---- roles ---- */

_Noreturn static void raise_changed(Loop *l, Name name, Value a, Value b)
{
    Graph *g = l->in->graph;
    if (!state_alike(a, b))
        error_raise(l->t->at, ERR_TRACE,
                    "`%s` is %s before a turn of the loop and %s of "
                    "another form after it",
                    name, value_kind_phrase(a), value_kind_phrase(b));
    error_raise(l->t->at, ERR_SHAPE,
                "`%s` is %s before a turn of the loop and %s after it", name,
                shape_text(node_shape(g, node_of_value(l->in, a))),
                shape_text(node_shape(g, node_of_value(l->in, b))));
}

/* The leaves after a turn. */
static void take_next(Loop *l)
{
    Interp *in = l->in;
    Graph *g = in->graph;
    size_t at = 0;
    for (size_t i = 0; i < l->assigned.count; i++) {
        Value a = l->before.list->at[i], b = l->after.list->at[i];
        if (a.kind == VAL_NONE || l->assigned.at[i] == l->t->name)
            continue;
        if (!state_alike(a, b))
            raise_changed(l, l->assigned.at[i], a, b);
        Nodes next = {0};
        state_leaves(in, l->arena, b, &next);
        for (size_t k = 0; k < next.count; k++, at++) {
            Leaf *leaf = &l->leaf.at[at];
            leaf->next = next.at[k];
            Shape s = node_shape(g, leaf->base), t = node_shape(g, leaf->next);
            if (s.rows != t.rows || s.cols != t.cols)
                raise_changed(l, l->assigned.at[i], value_expr(leaf->base),
                              value_expr(leaf->next));
        }
    }
}

/* Does anything but leaf number k read its variable? */
static bool is_read_elsewhere(Loop *l, size_t k)
{
    Graph *g = l->in->graph;
    Node x = l->leaf.at[k].variable;
    for (size_t i = 0; i < l->leaf.count; i++)
        if (i != k && node_depends(g, l->leaf.at[i].next, x))
            return true;
    return false;
}

static bool is_line_place(Loop *l, Node place)
{
    Graph *g = l->in->graph;
    OpId op = node_op(g, place);
    return op != OP_ALL && op != OP_RANGE && node_is_scalar(g, place) &&
           node_level(g, node_sub(g, place, l->index)) < l->level;
}

/*
 * One write as what an accumulator takes in.  value is what is added to the
 * entry; where every turn has an entry of its own, the old entry is that of
 * the array before the loop.
 */
static bool accumulator_of(Loop *l, const Leaf *leaf, const Write *w,
                           LoopResult *r)
{
    Graph *g = l->in->graph;
    Node y = leaf->variable;
    Shape s = node_shape(g, y);
    *r = (LoopResult){.role = LOOP_ADD,
                      .variable = NODE_NONE,
                      .base = node_zero(g, s),
                      .value = w->value,
                      .row = w->row,
                      .col = w->col};
    if (!node_depends(g, w->value, y))
        return true;
    /* another write of an earlier turn may have changed the entry */
    if (leaf->writes.count > 1)
        return false;
    Node old = node_index(g, y, w->row, w->col);
    bool own = is_line_place(l, w->row) || is_line_place(l, w->col);
    Node now = node_add(g, w->value, old);
    if (own && !node_depends(g, now, y)) {
        r->role = LOOP_SET;
        r->base = leaf->base;
        r->value = now;
        return true;
    }
    if (!own)
        return false;
    Node was = node_index(g, leaf->base, w->row, w->col);
    r->value = node_substitute(g, w->value, 1, &old, &was);
    return !node_depends(g, r->value, y);
}

static int add_result(Loop *l, LoopResult r)
{
    VEC_PUSH_IN(l->arena, &l->result, r);
    return (int)l->result.count - 1;
}

/* y[i] = f(y[i - 1], y[i - 2]): the entries read before are carried. */
typedef struct Window {
    int64_t width;
    Node entry[8]; /* bound variables for y[i - 1], ... */
} Window;

enum { WIDEST_WINDOW = 8 };

static bool find_window(Loop *l, const Leaf *leaf, const Write *w, Window *win)
{
    Graph *g = l->in->graph;
    Node one = node_int(g, 1), y = leaf->variable;
    if (node_shape(g, y).cols != 1 || !is_line_place(l, w->row) ||
        (l->known && l->turns < 1))
        return false;
    Node value = node_add(g, w->value, node_index(g, y, w->row, one));
    win->width = 0;
    for (int64_t k = 1; k <= WIDEST_WINDOW; k++) {
        if (!node_depends(g, value, y))
            return true;
        Node place = node_sub(g, w->row, node_int(g, k));
        Node read = node_index(g, y, place, one);
        Node v = new_variable(l, SHAPE_SCALAR);
        value = node_substitute(g, value, 1, &read, &v);
        win->entry[win->width++] = v;
    }
    return !node_depends(g, value, y);
}

/* The carried entries of a window, and the stack of what is written. */
static void put_window(Loop *l, Leaf *leaf, const Write *w, const Window *win)
{
    Graph *g = l->in->graph;
    Node one = node_int(g, 1), y = leaf->variable;
    Node value = node_add(g, w->value, node_index(g, y, w->row, one));
    Node start = node_substitute(g, w->row, 1, &l->index, &one);
    for (int64_t k = 0; k < win->width; k++) {
        Node read =
            node_index(g, y, node_sub(g, w->row, node_int(g, k + 1)), one);
        value = node_substitute(g, value, 1, &read, &win->entry[k]);
    }
    for (int64_t k = 0; k < win->width; k++) {
        Node place = node_sub(g, start, node_int(g, k + 1));
        add_result(l,
                   (LoopResult){.role = LOOP_CARRY,
                                .variable = win->entry[k],
                                .base = node_index(g, leaf->base, place, one),
                                .value = k == 0 ? value : win->entry[k - 1]});
    }
    leaf->written = true;
    Write set = {w->row, w->col, value};
    leaf->writes.count = 0;
    VEC_PUSH_IN(l->arena, &leaf->writes, set);
}

/* Reads of entries before the one that is written, in a loop that goes up. */
static bool window_of(Loop *l, size_t k)
{
    Leaf *leaf = &l->leaf.at[k];
    Window win;
    if (leaf->writes.count != 1 || is_read_elsewhere(l, k))
        return false;
    Write w = leaf->writes.at[0];
    if (!find_window(l, leaf, &w, &win))
        return false;
    put_window(l, leaf, &w, &win);
    return true;
}

/* Carried variables first: the loop wants them so. */
static void put_carried(Loop *l)
{
    Graph *g = l->in->graph;
    for (size_t k = 0; k < l->leaf.count; k++) {
        Leaf *f = &l->leaf.at[k];
        if (f->next == f->variable)
            continue;
        Node change = node_sub(g, f->next, f->variable);
        if (!node_depends(g, change, f->variable) && !is_read_elsewhere(l, k))
            continue;
        bool array = !node_is_scalar(g, f->variable);
        LoopResult r;
        if (array &&
            state_writes(g, l->arena, f->variable, f->next, &f->writes)) {
            bool all = !is_read_elsewhere(l, k);
            for (size_t i = 0; i < f->writes.count && all; i++)
                all = accumulator_of(l, f, &f->writes.at[i], &r);
            if (all || window_of(l, k))
                continue;
        }
        f->carried = true;
        f->result = add_result(l, (LoopResult){.role = LOOP_CARRY,
                                               .variable = f->variable,
                                               .base = f->base,
                                               .value = f->next});
    }
}

static void put_accumulators(Loop *l)
{
    Graph *g = l->in->graph;
    for (size_t k = 0; k < l->leaf.count; k++) {
        Leaf *f = &l->leaf.at[k];
        if (f->carried || f->next == f->variable)
            continue;
        f->first = (int)l->result.count;
        Writes w = {0};
        if (f->written) {
            Write set = f->writes.at[0];
            add_result(l, (LoopResult){.role = LOOP_SET,
                                       .base = f->base,
                                       .variable = NODE_NONE,
                                       .value = set.value,
                                       .row = set.row,
                                       .col = set.col});
        } else if (!node_is_scalar(g, f->variable) &&
                   state_writes(g, l->arena, f->variable, f->next, &w)) {
            for (size_t i = 0; i < w.count; i++) {
                LoopResult r;
                accumulator_of(l, f, &w.at[i], &r);
                add_result(l, r);
            }
        } else {
            Node change = node_sub(g, f->next, f->variable);
            Shape s = node_shape(g, change);
            add_result(l, (LoopResult){.role = LOOP_ADD,
                                       .variable = NODE_NONE,
                                       .base = node_zero(g, s),
                                       .value = change,
                                       .row = node_all(g),
                                       .col = node_all(g)});
        }
        f->count = (int)l->result.count - f->first;
    }
}

/* ---- values that a turn leaves behind ---- */

/* Does the function read the name outside of this loop? */
static bool is_used_outside(Loop *l, Name name)
{
    const Function *f = l->in->frame->function;
    if (!f || f->class != &class_closure)
        return false;
    const Ast *def = ((const Closure *)f->data)->def;
    AstWalk w = ast_walk(l->arena, def);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        if (k == l->t)
            ast_walk_skip(&w);
        else if (k->kind == AST_NAME && k->name == name)
            return true;
    }
    return false;
}

/* A name without a value before: the last turn's, if somebody wants it. */
static void put_locals(Loop *l)
{
    Interp *in = l->in;
    Graph *g = in->graph;
    for (size_t i = 0; i < l->assigned.count; i++) {
        Value v = l->after.list->at[i];
        if (l->before.list->at[i].kind != VAL_NONE || v.kind == VAL_NONE ||
            l->assigned.at[i] == l->t->name ||
            !is_used_outside(l, l->assigned.at[i]))
            continue;
        if (node_sign(g, l->count) != SIGN_POSITIVE)
            error_raise(l->t->at, ERR_TRACE,
                        "`%s` has no value after the loop if there are no "
                        "turns; give it one before",
                        l->assigned.at[i]);
        Nodes leaf = {0};
        state_leaves(in, l->arena, v, &leaf);
        for (size_t k = 0; k < leaf.count; k++) {
            Shape s = node_shape(g, leaf.at[k]);
            add_result(l, (LoopResult){.role = LOOP_CARRY,
                                       .variable = new_variable(l, s),
                                       .base = node_zero(g, s),
                                       .value = leaf.at[k]});
        }
    }
}

/* ---- closing ---- */

static void make_loop(Loop *l, int carried)
{
    Graph *g = l->in->graph;
    l->out = ARENA_ARRAY(l->arena, Node, l->result.count + 1);
    LoopSpec s = {.level = l->level,
                  .count = l->count,
                  .index = l->index,
                  .carried = carried,
                  .results = (int)l->result.count,
                  .result = l->result.at};
    if (s.results)
        node_loop(g, &s, l->out);
}

/* The value of a leaf after the loop. */
static Node leaf_result(Loop *l, const Leaf *f)
{
    Graph *g = l->in->graph;
    if (f->carried)
        return l->out[f->result];
    Node y = NODE_NONE;
    for (int i = 0; i < f->count; i++)
        if (l->result.at[f->first + i].role == LOOP_SET)
            y = l->out[f->first + i];
    y = y == NODE_NONE ? f->base : y;
    for (int i = 0; i < f->count; i++)
        if (l->result.at[f->first + i].role == LOOP_ADD)
            y = node_add(g, y, l->out[f->first + i]);
    return y;
}

static void bind_results(Loop *l, int local)
{
    Interp *in = l->in;
    size_t at = 0;
    for (size_t i = 0; i < l->assigned.count; i++) {
        Name name = l->assigned.at[i];
        Value v = l->before.list->at[i], after = l->after.list->at[i];
        if (name == l->t->name)
            continue;
        Nodes leaf = {0};
        if (v.kind != VAL_NONE) {
            state_leaves(in, l->arena, v, &leaf);
            for (size_t k = 0; k < leaf.count; k++)
                leaf.at[k] = leaf_result(l, &l->leaf.at[at++]);
        } else if (after.kind != VAL_NONE && is_used_outside(l, name)) {
            v = after;
            state_leaves(in, l->arena, v, &leaf);
            for (size_t k = 0; k < leaf.count; k++)
                leaf.at[k] = l->out[local++];
        } else {
            continue;
        }
        const Node *next = leaf.at;
        frame_set(in, name, state_replace(in, v, &next));
    }
    if (l->last.kind != VAL_NONE)
        frame_set(in, l->t->name, l->last);
}

/* Two writes into one array, one of which sets entries, would need an order. */
static void check_writes(Loop *l)
{
    for (size_t k = 0; k < l->leaf.count; k++) {
        const Leaf *f = &l->leaf.at[k];
        for (int i = 0; f->count > 1 && i < f->count; i++)
            if (l->result.at[f->first + i].role == LOOP_SET)
                error_raise(l->t->at, ERR_TRACE,
                            "an array that one turn of a loop writes in "
                            "several places cannot be traced");
    }
}

static void trace_turn(Loop *l, size_t mark)
{
    Interp *in = l->in;
    Value result = in->frame->result;
    value_store(&frame_add(in, name_of(" result"))->value, result);
    open_variables(l);
    run_body(l);
    bool same = in->frame->result.kind == result.kind &&
                in->frame->result.integer == result.integer;
    take_next(l);
    put_carried(l);
    int local = (int)l->result.count;
    put_locals(l);
    int carried = (int)l->result.count;
    put_accumulators(l);
    check_writes(l);
    make_loop(l, carried);
    Value before = l->before, after = l->after;
    value_keep(before);
    value_keep(after);
    value_keep(result);
    state_cut(in, mark);
    bind_results(l, local);
    value_drop(before);
    value_drop(after);
    value_drop(result);
    /* the value of a turn is not the value of the function */
    in->frame->result = same ? result : VALUE_NONE;
}

/* ---- the statement ---- */

/*
 * Runs the trace; an error leaves the variables as they were, and the loop
 * is written out if that is possible.
 */
static bool try_trace(Loop *l, size_t mark)
{
    Interp *in = l->in;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    interp_hold(in, 1);
    in->level = l->level;
    if (PROTECT(&p)) {
        if (!l->known || l->turns > LONGEST_UNROLLED)
            check_body(l);
        trace_turn(l, mark);
        protect_end(&p);
    } else {
        ErrorCode code = context_error()->code;
        if (!l->known || l->turns > LONGEST_UNROLLED || code == ERR_INTERRUPT ||
            code == ERR_MEMORY || code == ERR_DEPTH)
            error_again();
        interp_restore(in, &c);
        state_restore(in, &l->assigned, l->before);
        state_cut(in, mark);
        return false;
    }
    in->level = c.level;
    interp_hold(in, -1);
    return true;
}

/* Statements that make the turns differ, or that would be lost. */
static bool must_unroll(Loop *l)
{
    AstWalk w = ast_walk(l->arena, l->t->kids[1]);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        if (k->kind == AST_CALL && k->kids[0]->kind == AST_NAME &&
            (!strcmp(k->kids[0]->name, "print") ||
             !strcmp(k->kids[0]->name, "input")))
            return true;
        if (k->kind == AST_WHILE || k->kind == AST_TRY ||
            k->kind == AST_RETURN || k->kind == AST_BREAK ||
            k->kind == AST_CONTINUE)
            return true;
        if (k->kind == AST_LAMBDA || k->kind == AST_FUNCTION)
            ast_walk_skip(&w);
    }
    return false;
}

bool trace_for(Interp *in, const Ast *t, Flow *f)
{
    depth_check();
    ArenaMark scratch = arena_mark(in->scratch);
    Loop l = {.in = in, .t = t, .arena = in->scratch};
    l.level = in->level + 1;
    l.index = node_bv(in->graph, l.level, 0, SHAPE_SCALAR,
                      SYM_INTEGER | SYM_POSITIVE);
    *f = FLOW_NEXT;
    size_t mark = in->locals.count;
    bool done = find_range(&l);
    if (done && l.known && l.turns <= SHORT_LOOP)
        done = false;
    if (done) {
        state_assigned(in, l.arena, t->kids[1], &l.assigned);
        state_read(in, l.arena, t->kids[1], &l.read);
        bool small = l.known && l.turns <= LONGEST_UNROLLED;
        if (small && (must_unroll(&l) || !reads_symbols(&l)))
            done = false;
    }
    if (done) {
        value_store(&frame_add(in, name_of(" item"))->value, l.item);
        value_store(&frame_add(in, name_of(" last"))->value, l.last);
        l.before = state_save(in, &l.assigned);
        Value last = l.last;
        value_keep(last);
        done = try_trace(&l, mark);
        if (value_is_object(last))
            last.object->count--;
    }
    arena_reset(in->scratch, scratch);
    return done;
}

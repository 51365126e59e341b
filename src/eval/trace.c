/*
 * trace.c - `if` statements of functions that are being traced
 *
 * Both arms run from the same state, in which every variable that holds a
 * formula is a bound variable; what they assign becomes results of an IF.
 */
#include "eval/trace.h"

#include "eval/apply.h"
#include "eval/call.h"
#include "eval/trace_state.h"
#include "graph/binder.h"
#include "syntax/diag.h"
#include "value/shape.h"

typedef struct Choice {
    Interp *in;
    const Ast *t;
    Arena *arena;
    Names assigned, named;   /* by the arms; read by them, with formulas */
    Nodes variable, value;   /* what the names stand for */
    size_t mark;             /* locals before the arms */
    Value before, result;    /* values of the assigned, of the frame */
    Value after[2], last[2]; /* per arm */
    Flow flow[2];
} Choice;

/* "grad(f, x)", where the parameters that count turns are left out. */
static const char *other_parameters(Interp *in, Node count)
{
    const Frame *f = in->frame;
    while (f && f->overlay)
        f = f->caller;
    if (!f || !f->function || !f->function->name)
        return NULL;
    Str turns = str_in(error_arena()), other = str_in(error_arena());
    int total, nturns = 0;
    const Decl *d = function_params(f->function, &total);
    for (int i = 0; i < total; i++) {
        Local *l = d[i].option ? NULL : frame_find(in, d[i].name);
        if (!l || l->value.kind != VAL_EXPR)
            continue;
        bool counts = node_depends(in->graph, count, l->value.expr->node);
        Str *s = counts ? &turns : &other;
        nturns += counts;
        str_add_format(s, "%s%s", s->len > 0 ? ", " : "", d[i].name);
    }
    if (turns.len == 0 || other.len == 0)
        return NULL;
    return arena_printf(error_arena(),
                        "%s count%s turns: derive by the other parameters, as "
                        "grad(%s, %s)",
                        str_text(&turns), nturns == 1 ? "s" : "",
                        f->function->name, str_text(&other));
}

void trace_raise_turns(Interp *in, Span at, Node count)
{
    error_raise_help(at, ERR_TRACE, NULL, other_parameters(in, count),
                     "the number of turns is no integer that is known when the "
                     "formula is built");
}

/* What is left of the statement from condition number i on. */
static Flow run_rest(Interp *in, const Ast *t, uint32_t i)
{
    for (; i + 1 < t->count; i += 2) {
        Value c = eval(in, t->kids[i]);
        if (c.kind == VAL_EXPR)
            return trace_if(in, t, i, c);
        if (truth(in, c, t->kids[i]))
            return exec_block(in, t->kids[i + 1]);
    }
    return i < t->count ? exec_block(in, t->kids[i]) : FLOW_NEXT;
}

/*
 * Formulas that are more than a name become bound variables, so that the
 * derivative of the choice stops at them.
 */
static void bind_formulas(Choice *c)
{
    Interp *in = c->in;
    Graph *g = in->graph;
    for (size_t i = 0; i < c->named.count; i++) {
        Value v;
        if (!frame_local(in, c->named.at[i], &v) || v.kind != VAL_EXPR)
            continue;
        Node n = v.expr->node;
        OpId op = node_op(g, n);
        if (op == OP_SYM || op == OP_BV || node_is_constant(g, n))
            continue;
        Node b = node_bv(g, in->level, (int)c->variable.count, node_shape(g, n),
                         node_is_integer(g, n) ? SYM_INTEGER : 0);
        VEC_PUSH_IN(c->arena, &c->variable, b);
        VEC_PUSH_IN(c->arena, &c->value, n);
        frame_set(in, c->named.at[i], value_expr(b));
    }
}

static bool holds_return(Arena *a, const Ast *t)
{
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        if (k->kind == AST_RETURN)
            return true;
        if (k->kind == AST_LAMBDA || k->kind == AST_FUNCTION)
            ast_walk_skip(&w);
    }
    return false;
}

/*
 * Where one arm returns, the rest of the function belongs to the other:
 * statements after t, if t stands directly in the body of the function.
 */
static Flow run_rest_of_function(Choice *c)
{
    Interp *in = c->in;
    const Function *f = in->frame->function;
    if (!f || f->class != &class_closure || in->frame->overlay ||
        !holds_return(c->arena, c->t))
        return FLOW_NEXT;
    const Ast *body = ((const Closure *)f->data)->def->kids[0];
    uint32_t i = 0;
    while (i < body->count && body->kids[i] != c->t)
        i++;
    if (body->kind != AST_BLOCK || i == body->count)
        return FLOW_NEXT;
    for (i++; i < body->count; i++) {
        *context_here() = body->kids[i]->at;
        Flow flow = exec(in, body->kids[i]);
        if (flow != FLOW_NEXT)
            return flow;
    }
    return FLOW_RETURN;
}

static void run_arm(Choice *c, int arm, uint32_t first)
{
    Interp *in = c->in;
    size_t mark = in->locals.count;
    in->frame->result = c->result;
    c->flow[arm] = arm == 0 ? exec_block(in, c->t->kids[first + 1])
                            : run_rest(in, c->t, first + 2);
    if (c->flow[arm] == FLOW_NEXT)
        c->flow[arm] = run_rest_of_function(c);
    if (c->flow[arm] == FLOW_BREAK || c->flow[arm] == FLOW_CONTINUE)
        error_raise(c->t->at, ERR_TRACE,
                    "`%s` upon a condition on symbols cannot be traced",
                    c->flow[arm] == FLOW_BREAK ? "break" : "continue");
    c->last[arm] = in->frame->result;
    Value after = list_new(c->assigned.count);
    for (size_t i = 0; i < c->assigned.count; i++) {
        Value v;
        list_push(after,
                  frame_local(in, c->assigned.at[i], &v) ? v : VALUE_NONE);
    }
    list_push(after, c->last[arm]);
    state_cut(in, mark);
    value_store(&frame_add(in, name_of(" arm"))->value, after);
    c->after[arm] = after;
}

/* ---- joining the arms ---- */

typedef struct Join {
    Choice *c;
    Nodes left, right; /* results of the arms */
} Join;

_Noreturn static void raise_join(Choice *c, Name name, Value a, Value b)
{
    Graph *g = c->in->graph;
    Shape s = a.kind == VAL_EXPR ? node_shape(g, a.expr->node) : value_shape(a);
    Shape t = b.kind == VAL_EXPR ? node_shape(g, b.expr->node) : value_shape(b);
    if (state_alike(a, b))
        error_raise(c->t->at, ERR_SHAPE,
                    "after the `if` `%s` is %s in one arm and %s in another",
                    name ? name : "the result", shape_text(s), shape_text(t));
    error_raise(c->t->at, ERR_TRACE,
                "after the `if` `%s` is %s in one arm and %s in another",
                name ? name : "the result", value_kind_phrase(a),
                value_kind_phrase(b));
}

/* Entries written in the arms: a choice for each, not for the array. */
static Node join_written(Choice *c, Node before, Node a, Node b, Join *join,
                         size_t *first)
{
    Graph *g = c->in->graph;
    Writes left = {0}, right = {0};
    if (before == NODE_NONE || node_is_scalar(g, before) || a == b ||
        !state_writes(g, c->arena, before, a, &left) ||
        !state_writes(g, c->arena, before, b, &right))
        return NODE_NONE;
    Writes both = {0};
    *first = join->left.count;
    for (size_t i = 0; i < left.count + right.count; i++) {
        bool from_left = i < left.count;
        Write w = from_left ? left.at[i] : right.at[i - left.count];
        Node zero = node_zero(g, node_shape(g, w.value));
        size_t k = 0;
        while (k < both.count &&
               (both.at[k].row != w.row || both.at[k].col != w.col))
            k++;
        if (k == both.count) {
            VEC_PUSH_IN(c->arena, &both, w);
            VEC_PUSH_IN(c->arena, &join->left, zero);
            VEC_PUSH_IN(c->arena, &join->right, zero);
        }
        if (from_left)
            join->left.at[*first + k] = w.value;
        else
            join->right.at[*first + k] = w.value;
    }
    /* The results are not known yet: bound variables mark their places. */
    for (size_t k = 0; k < both.count; k++)
        both.at[k].value = node_bv(g, c->in->level + 1, (int)(*first + k),
                                   node_shape(g, both.at[k].value), 0);
    return state_written(g, before, &both);
}

/* The value of a name after the choice, results marked by bound variables. */
static Value join_values(Choice *c, Join *join, Name name, Value before,
                         Value a, Value b)
{
    Interp *in = c->in;
    Graph *g = in->graph;
    if (!state_alike(a, b))
        raise_join(c, name, a, b);
    Nodes left = {0}, right = {0}, old = {0};
    state_leaves(in, c->arena, a, &left);
    state_leaves(in, c->arena, b, &right);
    if (before.kind != VAL_NONE)
        state_leaves(in, c->arena, before, &old);
    for (size_t i = 0; i < left.count; i++) {
        size_t first;
        Node was = old.count == left.count ? old.at[i] : NODE_NONE;
        Shape s = node_shape(g, left.at[i]), t = node_shape(g, right.at[i]);
        if (s.rows != t.rows || s.cols != t.cols)
            raise_join(c, name, value_expr(left.at[i]),
                       value_expr(right.at[i]));
        if (left.at[i] == right.at[i])
            continue;
        Node y = join_written(c, was, left.at[i], right.at[i], join, &first);
        if (y == NODE_NONE) {
            y = node_bv(g, in->level + 1, (int)join->left.count, s, 0);
            VEC_PUSH_IN(c->arena, &join->left, left.at[i]);
            VEC_PUSH_IN(c->arena, &join->right, right.at[i]);
        }
        left.at[i] = y;
    }
    const Node *at = left.at;
    return state_replace(in, a, &at);
}

/* The bound variables put in for results and names give way to nodes. */
static Value settle_value(Choice *c, Value v, size_t n, const Node from[],
                          const Node to[])
{
    Interp *in = c->in;
    Nodes leaf = {0};
    state_leaves(in, c->arena, v, &leaf);
    for (size_t i = 0; i < leaf.count; i++)
        leaf.at[i] = node_substitute(in->graph, leaf.at[i], (int)n, from, to);
    const Node *at = leaf.at;
    return state_replace(in, v, &at);
}

/* Makes the IF and binds the names to its results. */
static void join_arms(Choice *c, Node condition)
{
    Interp *in = c->in;
    Graph *g = in->graph;
    Join join = {.c = c};
    size_t n = c->assigned.count;
    Value joined = list_new(n + 1);
    value_store(&frame_add(in, name_of(" joined"))->value, joined);
    for (size_t i = 0; i <= n; i++) {
        Value a = c->after[0].list->at[i], b = c->after[1].list->at[i];
        Value before = i < n ? c->before.list->at[i] : VALUE_NONE;
        bool both = a.kind != VAL_NONE && b.kind != VAL_NONE;
        list_push(joined,
                  both ? join_values(c, &join, i < n ? c->assigned.at[i] : NULL,
                                     before, a, b)
                       : VALUE_NONE);
    }
    size_t m = join.left.count, vars = c->variable.count;
    Node *from = ARENA_ARRAY(c->arena, Node, m + vars + 1);
    Node *to = ARENA_ARRAY(c->arena, Node, m + vars + 1);
    for (size_t i = 0; i < m; i++)
        from[i] = node_bv(g, in->level + 1, (int)i,
                          node_shape(g, join.left.at[i]), 0);
    if (m)
        node_choice(g, condition, (int)m, join.left.at, join.right.at,
                    (int)vars, c->variable.at, c->value.at, to);
    for (size_t i = 0; i < vars; i++) {
        from[m + i] = c->variable.at[i];
        to[m + i] = c->value.at[i];
    }
    for (size_t i = 0; i <= n; i++)
        list_set(joined, i,
                 settle_value(c, joined.list->at[i], m + vars, from, to));
    c->after[0] = joined;
}

static void check_condition(Interp *in, const Ast *t, Value c)
{
    Graph *g = in->graph;
    if (!node_is_scalar(g, c.expr->node))
        error_raise_help(t->at, ERR_CONDITION, NULL, "all(c) or any(c)",
                         "the condition of an `if` is one truth value, and "
                         "this is an array of them");
    switch (node_op(g, c.expr->node)) {
    case OP_SYM:
    case OP_SUM:
    case OP_MONO:
    case OP_CHAIN:
        error_raise_help(t->at, ERR_CONDITION, NULL, "if x != 0",
                         "a condition is true or false, not a number");
    default:
        break;
    }
}

/* Both arms returned, or none did. */
static Flow joint_flow(Choice *c)
{
    if (c->flow[0] == c->flow[1])
        return c->flow[0];
    error_raise_help(c->t->at, ERR_TRACE, NULL,
                     "write the rest of the function in the other arm",
                     "`return` in one arm of an `if` on symbols only");
}

Flow trace_if(Interp *in, const Ast *t, uint32_t first, Value condition)
{
    depth_check();
    check_condition(in, t->kids[first], condition);
    ArenaMark scratch = arena_mark(in->scratch);
    Choice c = {.in = in, .t = t, .arena = in->scratch};
    for (uint32_t i = first; i < t->count; i++) {
        state_assigned(in, c.arena, t->kids[i], &c.assigned);
        state_read(in, c.arena, t->kids[i], &c.named);
    }
    size_t mark = in->locals.count;
    value_store(&frame_add(in, name_of(" condition"))->value, condition);
    Value named = state_save(in, &c.named);
    Value before = state_save(in, &c.assigned);
    c.before = before;
    c.result = in->frame->result;
    value_store(&frame_add(in, name_of(" result"))->value, c.result);
    interp_hold(in, 1);
    in->level++;
    c.mark = in->locals.count;
    bind_formulas(&c);
    Value bound = state_save(in, &c.named);
    c.before = state_save(in, &c.assigned);
    run_arm(&c, 0, first);
    state_restore(in, &c.assigned, before);
    state_restore(in, &c.named, bound);
    run_arm(&c, 1, first);
    Flow flow = joint_flow(&c);
    join_arms(&c, condition.expr->node);
    state_restore(in, &c.assigned, before);
    state_restore(in, &c.named, named);
    Value joined = c.after[0];
    value_keep(joined);
    state_cut(in, mark);
    in->level--;
    for (size_t i = 0; i < c.assigned.count; i++)
        if (joined.list->at[i].kind != VAL_NONE)
            frame_set(in, c.assigned.at[i], joined.list->at[i]);
    in->frame->result = joined.list->at[c.assigned.count];
    joined.object->count--;
    interp_hold(in, -1);
    arena_reset(in->scratch, scratch);
    return flow;
}

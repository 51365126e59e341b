/*
 * trace_state.c - the variables of a statement that is being traced
 */
#include "eval/trace_state.h"

#include "graph/binder.h"

static bool is_leaf(Value v)
{
    return v.kind == VAL_EXPR || v.kind == VAL_ARRAY || v.kind == VAL_BOOL ||
           value_is_number(v);
}

static bool is_list(Value v)
{
    return v.kind == VAL_LIST || v.kind == VAL_SEVERAL;
}

void state_leaves(Interp *in, Arena *a, Value v, Nodes *out)
{
    depth_check();
    if (is_leaf(v)) {
        Node n = node_of_value(in, v);
        VEC_PUSH_IN(a, out, n);
    } else if (is_list(v)) {
        for (size_t i = 0; i < v.list->count; i++)
            state_leaves(in, a, v.list->at[i], out);
    } else if (v.kind == VAL_RECORD) {
        for (size_t i = 0; i < v.record->count; i++)
            state_leaves(in, a, v.record->at[i], out);
    }
}

Value state_replace(Interp *in, Value v, const Node **at)
{
    depth_check();
    if (is_leaf(v))
        return value_of_node(in, *(*at)++);
    if (is_list(v)) {
        Value y = list_new(v.list->count);
        y.kind = v.kind;
        y.object->kind = (uint8_t)v.kind;
        for (size_t i = 0; i < v.list->count; i++)
            list_push(y, state_replace(in, v.list->at[i], at));
        return y;
    }
    if (v.kind == VAL_RECORD) {
        Value y = record_new(v.record->count);
        for (size_t i = 0; i < v.record->count; i++)
            record_set(y, v.record->name[i],
                       state_replace(in, v.record->at[i], at));
        return y;
    }
    return v;
}

bool state_alike(Value a, Value b)
{
    depth_check();
    if (is_leaf(a) && is_leaf(b))
        return true;
    if (a.kind != b.kind)
        return false;
    if (is_list(a)) {
        if (a.list->count != b.list->count)
            return false;
        for (size_t i = 0; i < a.list->count; i++)
            if (!state_alike(a.list->at[i], b.list->at[i]))
                return false;
        return true;
    }
    if (a.kind == VAL_RECORD) {
        if (a.record->count != b.record->count)
            return false;
        for (size_t i = 0; i < a.record->count; i++)
            if (a.record->name[i] != b.record->name[i] ||
                !state_alike(a.record->at[i], b.record->at[i]))
                return false;
        return true;
    }
    if (a.kind == VAL_FUNCTION || a.kind == VAL_MODULE)
        return a.object == b.object;
    return value_same(a, b);
}

/* ---- names ---- */

static void add_name(Arena *a, Names *out, Name name)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i] == name)
            return;
    VEC_PUSH_IN(a, out, name);
}

static void add_target(Arena *a, Names *out, const Ast *t)
{
    while (t->kind == AST_INDEX || t->kind == AST_FIELD)
        t = t->kids[0];
    if (t->kind == AST_NAME)
        add_name(a, out, t->name);
}

void state_assigned(Interp *in, Arena *a, const Ast *t, Names *out)
{
    (void)in;
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;) {
        switch (k->kind) {
        case AST_LAMBDA:
            ast_walk_skip(&w);
            break;
        case AST_FUNCTION:
            add_name(a, out, k->name);
            ast_walk_skip(&w);
            break;
        case AST_ASSIGN:
            add_target(a, out, k->kids[0]);
            break;
        case AST_UNPACK:
            for (uint32_t i = 0; i + 1 < k->count; i++)
                add_target(a, out, k->kids[i]);
            break;
        case AST_FOR:
            add_name(a, out, k->name);
            break;
        case AST_TRY:
            if (k->name)
                add_name(a, out, k->name);
            break;
        default:
            break;
        }
    }
}

void state_read(Interp *in, Arena *a, const Ast *t, Names *out)
{
    (void)in;
    AstWalk w = ast_walk(a, t);
    for (const Ast *k; (k = ast_walk_next(&w)) != NULL;)
        if (k->kind == AST_NAME)
            add_name(a, out, k->name);
}

/* ---- saving ---- */

Value state_save(Interp *in, const Names *names)
{
    Value saved = list_new(names->count);
    value_store(&frame_add(in, name_of(" saved"))->value, saved);
    for (size_t i = 0; i < names->count; i++) {
        Value v;
        list_push(saved, frame_local(in, names->at[i], &v) ? v : VALUE_NONE);
    }
    return saved;
}

void state_restore(Interp *in, const Names *names, Value saved)
{
    for (size_t i = 0; i < names->count; i++) {
        Value v = saved.list->at[i];
        if (v.kind != VAL_NONE)
            frame_set(in, names->at[i], v);
    }
}

void state_cut(Interp *in, size_t mark)
{
    while (in->locals.count > mark) {
        Local *l = &in->locals.at[--in->locals.count];
        value_drop(l->value);
        value_drop(l->symbol);
    }
}

/* ---- writes ---- */

static bool is_unit(const Graph *g, Node n)
{
    return node_op(g, n) == OP_UNIT;
}

static bool is_unit_row(const Graph *g, Node n)
{
    return node_op(g, n) == OP_TRANS && is_unit(g, node_arg(g, n, 0));
}

/* The scalar and the array of a term. */
static Node split_term(Graph *g, Node c, Node t, Node *body)
{
    *body = t;
    if (node_op(g, t) != OP_MONO)
        return c;
    *body = node_arg(g, t, 1);
    Node y = node_mul(g, c, node_arg(g, t, 0));
    int n = node_count(g, t);
    for (int i = 2; i < n; i += 2)
        y = node_mul(g, y,
                     node_power(g, node_arg(g, t, i), node_arg(g, t, i + 1)));
    return y;
}

static bool one_write(Graph *g, Node c, Node t, Write *w)
{
    Node body, scalar = split_term(g, c, t, &body);
    Node one = node_int(g, 1);
    *w = (Write){one, one, scalar};
    if (is_unit(g, body)) {
        w->row = node_arg(g, body, 0);
        return true;
    }
    if (is_unit_row(g, body)) {
        w->col = node_arg(g, node_arg(g, body, 0), 0);
        return true;
    }
    if (node_op(g, body) != OP_CHAIN)
        return false;
    int n = node_count(g, body), from = 0, to = n;
    Node f[16];
    if (n > 16)
        return false;
    for (int i = 0; i < n; i++)
        f[i] = node_arg(g, body, i);
    w->row = w->col = node_all(g);
    if (is_unit(g, f[0]))
        w->row = node_arg(g, f[from++], 0);
    if (is_unit_row(g, f[n - 1]) && to > from)
        w->col = node_arg(g, node_arg(g, f[--to], 0), 0);
    if (from == 0 && to == n)
        return false;
    if (to > from)
        w->value = node_mul(g, scalar, node_product(g, to - from, f + from));
    return true;
}

static void add_write(Graph *g, Arena *a, Writes *out, Write w)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->at[i].row == w.row && out->at[i].col == w.col) {
            out->at[i].value = node_add(g, out->at[i].value, w.value);
            return;
        }
    VEC_PUSH_IN(a, out, w);
}

bool state_writes(Graph *g, Arena *a, Node before, Node now, Writes *out)
{
    Node change = node_sub(g, now, before);
    Write w;
    if (node_is_zero(g, change))
        return true;
    if (node_op(g, change) != OP_SUM) {
        bool yes = one_write(g, node_int(g, 1), change, &w);
        if (yes)
            add_write(g, a, out, w);
        return yes;
    }
    int n = node_count(g, change);
    for (int i = 0; i < n; i += 2) {
        if (!one_write(g, node_arg(g, change, i), node_arg(g, change, i + 1),
                       &w))
            return false;
        add_write(g, a, out, w);
    }
    return true;
}

static Node placed(Graph *g, Shape s, const Write *w)
{
    Node y = w->value;
    if (node_op(g, w->row) != OP_ALL && s.rows != 1)
        y = node_mul(g, node_unit(g, s.rows, w->row), y);
    if (node_op(g, w->col) != OP_ALL && s.cols != 1)
        y = node_mul(g, y, node_transpose(g, node_unit(g, s.cols, w->col)));
    return y;
}

Node state_written(Graph *g, Node before, const Writes *w)
{
    Shape s = node_shape(g, before);
    for (size_t i = 0; i < w->count; i++)
        before = node_add(g, before, placed(g, s, &w->at[i]));
    return before;
}

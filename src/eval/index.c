/*
 * index.c - indices and fields, read and assigned
 */
#include "eval/index.h"

#include <string.h>

#include "eval/apply.h"
#include "eval/call.h"
#include "eval/fit.h"
#include "eval/module.h"
#include "eval/repair.h"
#include "graph/front.h"
#include "graph/print.h"
#include "value/datatable.h"
#include "value/shape.h"
#include "value/sparse.h"

/* ---- reading ---- */

Value index_end(Interp *in, const Ast *t)
{
    EndPlace *e = in->end;
    if (!e)
        error_raise(t->at, ERR_INDEX, "`end` has a meaning inside an index");
    switch (e->base.kind) {
    case VAL_LIST:
    case VAL_SEVERAL:
        return value_int((int64_t)e->base.list->count);
    case VAL_STRING:
        return value_int((int64_t)text_length(e->base.string));
    case VAL_TABLE:
        return value_int(e->place == 0 ? e->base.table->rows
                                       : (int64_t)e->base.table->ncols);
    case VAL_EXPR: {
        Shape s = node_shape(in->graph, e->base.expr->node);
        Node rows = node_of_dim(in->graph, s.rows);
        Node cols = node_of_dim(in->graph, s.cols);
        Node n = e->places > 1 ? (e->place == 0 ? rows : cols)
                               : node_mul(in->graph, rows, cols);
        return value_of_node(in, n);
    }
    default: {
        Shape s = value_shape(e->base);
        if (e->places > 1)
            return value_int(e->place == 0 ? s.rows : s.cols);
        return value_int((int64_t)s.rows * s.cols);
    }
    }
}

static void eval_indices(Interp *in, const Ast *t, Value base, Value index[])
{
    EndPlace place = {
        .outer = in->end, .base = base, .places = (int)t->count - 1};
    in->end = &place;
    for (uint32_t i = 1; i < t->count; i++) {
        place.place = (int)i - 1;
        index[i - 1] = eval(in, t->kids[i]);
    }
    in->end = place.outer;
    *context_here() = t->at;
}

/* An index of a formula: a position, a range, `:` or an index vector. */
static Node node_of_index(Interp *in, Value v)
{
    Graph *g = in->graph;
    if (v.kind == VAL_COLON)
        return node_all(g);
    if (v.kind == VAL_ARRAY && v.array->kind == ELEM_BOOL)
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a mask does not index a formula here; use positions");
    if (v.kind == VAL_ARRAY) {
        size_t n = array_count(v.array);
        int64_t first = 0, last = 0, k;
        bool run = n > 1;
        for (size_t i = 0; i < n; i++) {
            if (!value_to_int(array_get(v.array, i), &k))
                error_raise(SPAN_NONE, ERR_INDEX, "indices are integers");
            first = i == 0 ? k : first;
            run = run && (i == 0 || k == last + 1);
            last = k;
        }
        if (run)
            return node_range(g, node_int(g, first), node_int(g, 1),
                              node_int(g, last));
    }
    int64_t k;
    if (v.kind == VAL_FLOAT && value_to_int(v, &k))
        v = value_int(k);
    Node n = node_of_value(in, v);
    if (v.kind == VAL_EXPR && node_op(g, n) != OP_RANGE &&
        !node_is_scalar(g, n))
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL,
                         "fix the positions: j = [3, 1]; x -> f(x, j)",
                         "an index vector of a formula is made of numbers, and "
                         "this one is a formula of %s",
                         shape_words(in, node_shape(g, n)));
    return n;
}

static void check_position(Value v, Dim side)
{
    int64_t k;
    if (!value_is_number(v))
        return;
    if (!value_to_int(v, &k))
        error_raise(SPAN_NONE, ERR_INDEX, "an index is an integer");
    if (k == 0)
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL, "indices start at 1",
                         "there is no index 0");
    if (k < 0 || (side >= 0 && k > side))
        error_raise(SPAN_NONE, ERR_INDEX, "index %lld is outside 1..%d",
                    (long long)k, side >= 0 ? side : 1);
}

/* The positions where a mask of one side of a formula is true. */
static Value positions_of_mask(Value v, Dim side)
{
    size_t n = v.kind == VAL_BOOL ? 1 : array_count(v.array), count = 0;
    const uint8_t one = v.kind == VAL_BOOL && v.truth;
    const uint8_t *on = v.kind == VAL_BOOL ? &one : v.array->b;
    if (side < 0)
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a mask needs a side of known length, and this one has a "
                    "name");
    if (n != (size_t)side)
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a mask of %zu entries does not index a side of %d", n,
                    side);
    for (size_t i = 0; i < n; i++)
        count += on[i];
    if (count == 0)
        error_raise(SPAN_NONE, ERR_INDEX,
                    "the mask is nowhere true, and a "
                    "formula has an entry at least");
    Value y = array_new(ELEM_EXACT, (int)count, 1);
    for (size_t i = 0, k = 0; i < n; i++)
        if (on[i])
            y.array->x[k++] = value_int((int64_t)i + 1);
    return array_value(y);
}

/* An index of a side of a formula: its positions are there. */
static Node node_of_place(Interp *in, Value v, Dim side)
{
    if (v.kind == VAL_BOOL ||
        (v.kind == VAL_ARRAY && v.array->kind == ELEM_BOOL))
        v = positions_of_mask(v, side);
    check_position(v, side);
    for (size_t i = 0; v.kind == VAL_ARRAY && i < array_count(v.array); i++)
        check_position(array_get(v.array, i), side);
    return node_of_index(in, v);
}

static Value index_formula(Interp *in, Node a, int n, const Value index[])
{
    Graph *g = in->graph;
    Shape s = node_shape(g, a);
    if (n > 2)
        error_raise(SPAN_NONE, ERR_INDEX, "an array has two indices at most");
    if (shape_is_scalar(s))
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL,
                         in->reads
                             ? "declare the parameter as a vector: f(x[n]); "
                               "a derivative by a list is called with one"
                             : "declare a vector: sym x[3]",
                         "a number has no entries");
    Node row, col;
    if (n == 2) {
        row = node_of_place(in, index[0], s.rows);
        col = node_of_place(in, index[1], s.cols);
    } else if (s.cols == 1) {
        row = node_of_place(in, index[0], s.rows);
        col = node_int(g, 1);
    } else if (s.rows == 1) {
        row = node_int(g, 1);
        col = node_of_place(in, index[0], s.cols);
    } else {
        error_raise_help(SPAN_NONE, ERR_INDEX, NULL, "A[i,j], A[i,:], A[:,j]",
                         "a matrix formula takes two indices");
    }
    return value_of_node(in, node_index(g, a, row, col));
}

/* Bytes of the character that begins here, with its combining marks. */
static size_t character_length(const char *text, const char *end)
{
    uint32_t code;
    size_t n = text_decode(text, (size_t)(end - text), &code), next;
    n = n > 0 ? n : 1;
    while (text + n < end &&
           (next = text_decode(text + n, (size_t)(end - text) - n, &code)) >
               0 &&
           text_columns(text + n, next) == 0)
        n += next;
    return n;
}

size_t text_length(const String *s)
{
    const char *text = s->text, *end = text + s->len;
    size_t n = 0;
    for (; text < end; n++)
        text += character_length(text, end);
    return n;
}

/* The characters at the positions of an index: one, or several in its order. */
static Value index_text(Value v, Value index)
{
    if (index.kind == VAL_COLON)
        return v;
    Arena *a = arena_local();
    Str out = str_in(a);
    const char *text = v.string->text, *end = text + v.string->len;
    size_t count = text_length(v.string);
    bool several = index.kind == VAL_ARRAY;
    size_t n = several ? array_count(index.array) : 1, *start;
    start = ARENA_ARRAY(a, size_t, count + 1);
    for (size_t i = 0; i < count; i++)
        start[i + 1] = start[i] + character_length(text + start[i], end);
    for (size_t i = 0; i < n; i++) {
        int64_t k;
        Value at = several ? array_get(index.array, i) : index;
        if (!value_to_int(at, &k) || k < 1 || (size_t)k > count)
            error_raise(SPAN_NONE, ERR_INDEX, "the text has positions 1..%zu",
                        count);
        str_add_len(&out, text + start[k - 1], start[k] - start[k - 1]);
    }
    Value y = value_string_len(out.at ? out.at : "", out.len);
    arena_free(a);
    return y;
}

Value index_value(Interp *in, Value v, int n, const Value index[])
{
    for (int i = 0; i < n && v.kind == VAL_ARRAY; i++)
        if (index[i].kind == VAL_EXPR)
            return index_formula(in, node_of_value(in, v), n, index);
    switch (v.kind) {
    case VAL_EXPR:
        return index_formula(in, v.expr->node, n, index);
    case VAL_ARRAY:
    case VAL_INT:
    case VAL_FLOAT:
    case VAL_EXACT:
    case VAL_BOOL:
        return array_index(v, n, index);
    case VAL_SPARSE:
        return sparse_index(v.sparse, n, index);
    case VAL_LIST:
    case VAL_SEVERAL:
        if (n != 1)
            error_raise(SPAN_NONE, ERR_INDEX, "a list takes one index");
        return list_index(v, index[0]);
    case VAL_TABLE:
        if (n == 1 && index[0].kind == VAL_STRING)
            return field_get(in, v, name_of(index[0].string->text));
        if (n == 1)
            return datatable_index(v, index[0], (Value){.kind = VAL_COLON});
        return datatable_index(v, index[0], index[1]);
    case VAL_RECORD:
        if (n == 1 && index[0].kind == VAL_STRING)
            return field_get(in, v, name_of(index[0].string->text));
        error_raise(SPAN_NONE, ERR_INDEX,
                    "a record is indexed by the text of a field's name");
    case VAL_STRING:
        if (n == 1)
            return index_text(v, index[0]);
        error_raise(SPAN_NONE, ERR_INDEX, "a text takes one index");
    default:
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL,
                         v.kind == VAL_FUNCTION ? "a call has parentheses: f(x)"
                                                : NULL,
                         "%s has no entries", value_kind_phrase(v));
    }
}

Value eval_index(Interp *in, const Ast *t)
{
    Value base = eval(in, t->kids[0]);
    int n = (int)t->count - 1;
    ArenaMark mark = arena_mark(in->scratch);
    Value *index = ARENA_ARRAY(in->scratch, Value, (size_t)n);
    eval_indices(in, t, base, index);
    Value y = index_value(in, base, n, index);
    arena_reset(in->scratch, mark);
    return y;
}

/* ---- fields ---- */

/* `v.length` is `length(v)` here: the call, or NULL if there is no function. */
static const char *call_instead(Interp *in, Name name)
{
    size_t len, n = strlen(name) + 1;
    const char *near = nearest_name(in, name, true);
    if (foreign_name(name))
        return foreign_name(name);
    const char *text = diag_text(*context_here(), &len);
    if (!near || len <= n || text[len - n] != '.' ||
        memcmp(text + len - n + 1, name, n - 1) != 0)
        return NULL;
    return arena_printf(error_arena(), "%s(%.*s)", near, (int)(len - n), text);
}

_Noreturn static void raise_member(Interp *in, Value v, Name name,
                                   const char *what, size_t n,
                                   const char *const names[])
{
    const char *near = diag_nearest(name, names, n);
    const char *help = near ? NULL : call_instead(in, name);
    if (near) {
        help = arena_printf(error_arena(), "did you mean .%s?", near);
    } else if (n > 0 && !help) {
        Str all = str_in(error_arena());
        for (size_t i = 0; i < n && i < 12; i++)
            str_add_format(&all, "%s%s", i ? ", " : "there are: ", names[i]);
        help = str_text(&all);
    }
    error_raise_help(SPAN_NONE, ERR_MEMBER, NULL, help, "%s has no %s `%s`",
                     v.kind == VAL_FUNCTION ? "a fit" : value_kind_phrase(v),
                     what, name);
}

/* Members of a fit; other functions have none. */
static Value function_member(Interp *in, Value v, Name name)
{
    Value y;
    size_t n;
    if (v.function->class != &class_fit)
        error_raise_help(SPAN_NONE, ERR_MEMBER, NULL, call_instead(in, name),
                         "%s has no member `%s`", value_kind_phrase(v), name);
    if (fit_member(in, v.function, name, &y))
        return y;
    const char *const *names = fit_member_names(v.function, error_arena(), &n);
    raise_member(in, v, name, "member", n, names);
}

Value field_get(Interp *in, Value v, Name name)
{
    Value *found;
    switch (v.kind) {
    case VAL_RECORD:
        found = record_find(v, name);
        if (!found)
            raise_member(in, v, name, "field", v.record->count, v.record->name);
        return *found;
    case VAL_TABLE:
        found = datatable_find(v, name);
        if (!found)
            raise_member(in, v, name, "column", v.table->ncols, v.table->name);
        return found->kind == VAL_ARRAY ? array_value(*found) : *found;
    case VAL_MODULE:
        return module_member(in, v.module, name);
    case VAL_FUNCTION:
        return function_member(in, v, name);
    default:
        error_raise_help(SPAN_NONE, ERR_MEMBER, NULL,
                         v.kind == VAL_EXPR && in->reads
                             ? "a derivative by a record is called with one: "
                               "grad(f)({a = 1.0, b = 2.0})"
                             : call_instead(in, name),
                         "%s has no member `%s`", value_kind_phrase(v), name);
    }
}

/* ---- assignment ---- */

/* The variable that an assignment changes, at the innermost of a target. */
static Value *target_place(Interp *in, const Ast *t)
{
    Local *l = frame_find(in, t->name);
    if (l)
        return &l->value;
    if (!in->frame) {
        Cell *c = scope_find(in->top, t->name);
        if (c) {
            c->version++;
            return &c->value;
        }
    }
    Value outer;
    if (in->frame && lookup_name(in, t->name, &outer)) {
        frame_set(in, t->name, outer);
        return &frame_find(in, t->name)->value;
    }
    error_raise(t->at, ERR_NAME,
                "`%s` has no value yet, so no part of it can "
                "be assigned",
                t->name);
}

/* Entries of a formula of concrete size, column by column. */
static void formula_entries(Graph *g, Node a, Node out[])
{
    Shape s = node_shape(g, a);
    for (int j = 0, k = 0; j < s.cols; j++)
        for (int i = 0; i < s.rows; i++)
            out[k++] = node_index(g, a, node_int(g, i + 1), node_int(g, j + 1));
}

static Node formula_from_entries(Interp *in, Shape s, const Node entry[])
{
    Graph *g = in->graph;
    if (s.cols == 1)
        return node_stack(g, s.rows, entry);
    Node *row = ARENA_ARRAY(in->scratch, Node, (size_t)s.rows);
    Node *part = ARENA_ARRAY(in->scratch, Node, (size_t)s.cols);
    for (int i = 0; i < s.rows; i++) {
        for (int j = 0; j < s.cols; j++)
            part[j] = entry[i + j * s.rows];
        row[i] = node_join(g, s.cols, part);
    }
    return node_stack(g, s.rows, row);
}

/* n times a unit column or row where the index is a position. */
static Node at_place(Graph *g, Node n, Node place, Dim side, bool column)
{
    if (node_op(g, place) == OP_ALL || side == 1)
        return n;
    Node unit = node_unit(g, side, place);
    return column ? node_mul(g, n, node_transpose(g, unit))
                  : node_mul(g, unit, n);
}

static bool is_place(Graph *g, Node n)
{
    OpId op = node_op(g, n);
    return op == OP_ALL || (op != OP_RANGE && node_is_scalar(g, n));
}

/*
 * a[k] = v, a[k, :] = v, a[:, j] = v and a[k, j] = v at places that are
 * formulas: a + unit(k)*(v - a[k, :]).
 */
static Node formula_at_symbol(Interp *in, Node a, int n, const Value index[],
                              Node v)
{
    Graph *g = in->graph;
    Shape s = node_shape(g, a);
    Node row = node_of_index(in, index[0]), col = node_int(g, 1);
    if (n == 2)
        col = node_of_index(in, index[1]);
    else if (s.rows == 1 && s.cols != 1)
        col = row, row = node_int(g, 1);
    if (n > 2 || (n == 1 && s.cols != 1 && s.rows != 1) || !is_place(g, row) ||
        !is_place(g, col))
        error_raise(SPAN_NONE, ERR_TRACE,
                    "of a formula entries, rows and columns are assigned, no "
                    "ranges whose ends are formulas");
    Node old = node_index(g, a, row, col);
    Node change = front_sub(g, v, old);
    Shape t = node_shape(g, old);
    if (change == NODE_NONE || node_shape(g, change).rows != t.rows ||
        node_shape(g, change).cols != t.cols)
        error_raise(SPAN_NONE, ERR_SHAPE, "the part is %s, and the value %s",
                    shape_text(t), shape_text(node_shape(g, v)));
    change = at_place(g, change, row, s.rows, false);
    return node_add(g, a, at_place(g, change, col, s.cols, true));
}

/* Is the place known only as a formula, or the array of no known size? */
static bool is_symbolic_place(Shape s, int n, const Value index[])
{
    bool numbers = true;
    for (int i = 0; i < n; i++) {
        if (index[i].kind == VAL_EXPR)
            return true;
        numbers = numbers &&
                  (value_is_number(index[i]) || index[i].kind == VAL_COLON);
    }
    return numbers && (s.rows < 0 || s.cols < 0);
}

#define FORMULA_ENTRIES 4096

/* An array with a symbol assigned to a part of it becomes a formula. */
static Value assign_formula(Interp *in, Value base, int n, const Value index[],
                            Value v)
{
    Graph *g = in->graph;
    Node a = node_of_value(in, base);
    Shape s = node_shape(g, a);
    if (is_symbolic_place(s, n, index))
        return value_of_node(
            in, formula_at_symbol(in, a, n, index, node_of_value(in, v)));
    if (s.rows < 0 || s.cols < 0 || (int64_t)s.rows * s.cols > FORMULA_ENTRIES)
        error_raise(SPAN_NONE, ERR_TRACE,
                    "a part of this formula cannot be assigned: its size is "
                    "not a number up to %d",
                    FORMULA_ENTRIES);
    int count = s.rows * s.cols;
    Value places = array_new(ELEM_EXACT, s.rows, s.cols);
    for (int i = 0; i < count; i++)
        array_set(places.array, (size_t)i, value_int(i));
    Value hit = array_index(places, n, index);
    Node *entry = ARENA_ARRAY(in->scratch, Node, (size_t)count);
    formula_entries(g, a, entry);
    Array *h = value_array(hit);
    Node value = node_of_value(in, v);
    bool spread = node_is_scalar(g, value);
    Node *part = NULL;
    if (!spread) {
        Shape q = node_shape(g, value);
        if (q.rows != h->rows || q.cols != h->cols)
            error_raise(SPAN_NONE, ERR_SHAPE, "the part is %s",
                        shape_text((Shape){h->rows, h->cols}));
        part = ARENA_ARRAY(in->scratch, Node, array_count(h));
        formula_entries(g, value, part);
    }
    for (size_t i = 0; i < array_count(h); i++)
        entry[array_get(h, i).integer] = spread ? value : part[i];
    return value_of_node(in, formula_from_entries(in, s, entry));
}

static Value set_index(Interp *in, Value base, int n, const Value index[],
                       Value v)
{
    switch (base.kind) {
    case VAL_ARRAY:
        for (int i = 0; i < n; i++)
            if (index[i].kind == VAL_EXPR)
                return assign_formula(in, base, n, index, v);
        if (v.kind == VAL_EXPR)
            return assign_formula(in, base, n, index, v);
        return array_assign(base, n, index, v);
    case VAL_LIST:
        if (n != 1)
            error_raise(SPAN_NONE, ERR_INDEX, "a list takes one index");
        list_assign(base, index[0], v);
        return base;
    case VAL_RECORD:
        if (n != 1 || index[0].kind != VAL_STRING)
            error_raise(SPAN_NONE, ERR_ASSIGN,
                        "a record is assigned by a field's name");
        record_set(base, name_of(index[0].string->text), v);
        return base;
    case VAL_TABLE:
        if (n == 2)
            datatable_assign(base, index[0], index[1], v);
        else if (n == 1 && index[0].kind == VAL_STRING)
            datatable_set(base, name_of(index[0].string->text), v);
        else
            error_raise_help(SPAN_NONE, ERR_ASSIGN, NULL,
                             "D[rows, \"column\"] = v, or D.column = v",
                             "a table is assigned by rows and columns");
        return base;
    case VAL_EXPR:
        return assign_formula(in, base, n, index, v);
    case VAL_INT:
    case VAL_FLOAT:
    case VAL_EXACT:
    case VAL_BOOL:
        if (v.kind == VAL_EXPR)
            return v;
        return array_value(
            array_assign(value_object(value_array(base)), n, index, v));
    default:
        error_raise(SPAN_NONE, ERR_ASSIGN, "no part of %s can be assigned",
                    value_kind_phrase(base));
    }
}

/* v apart from the object that is about to hold it: no cycles. */
static Value apart_from(Value v, int n, const Value part[])
{
    for (int i = 0; i < n; i++)
        if (value_is_object(v) && part[i].object == v.object &&
            value_is_object(part[i])) {
            v.object->count += 2; /* held by others: value_own copies */
            Value copy = value_own(v);
            v.object->count -= 2;
            return copy;
        }
    return v;
}

/* `{}`, a list with nothing in it, becomes a record by its first field. */
static bool is_empty_list(Value v)
{
    return v.kind == VAL_LIST && v.list->count == 0;
}

static Value change_step(Interp *in, const Ast *t, Value base, Value v)
{
    if (t->kind == AST_FIELD) {
        if (is_empty_list(base))
            base = record_new(1);
        if (base.kind == VAL_RECORD)
            record_set(base, t->name, v);
        else if (base.kind == VAL_TABLE)
            datatable_set(base, t->name, v);
        else
            error_raise(t->at, ERR_ASSIGN, "%s has no fields to assign",
                        value_kind_phrase(base));
        return base;
    }
    int n = (int)t->count - 1;
    Value *index = ARENA_ARRAY(in->scratch, Value, (size_t)n);
    eval_indices(in, t, base, index);
    if (is_empty_list(base) && n == 1 && index[0].kind == VAL_STRING)
        base = record_new(1);
    return set_index(in, base, n, index, v);
}

static Value part_of(Interp *in, const Ast *t, Value base)
{
    if (t->kind == AST_FIELD) {
        *context_here() = t->at;
        return field_get(in, base, t->name);
    }
    int n = (int)t->count - 1;
    Value *index = ARENA_ARRAY(in->scratch, Value, (size_t)n);
    eval_indices(in, t, base, index);
    return index_value(in, base, n, index);
}

/* The steps from the variable outwards: x, x.a, x.a[i]. */
static int target_steps(const Ast *t, const Ast *step[], int most)
{
    int n = 0;
    for (; t->kind == AST_FIELD || t->kind == AST_INDEX; t = t->kids[0]) {
        if (n == most)
            error_raise(t->at, ERR_DEPTH, "the target has more than %d parts",
                        most);
        step[n++] = t;
    }
    if (t->kind != AST_NAME)
        error_raise(t->at, ERR_ASSIGN,
                    "only a variable or a part of one can "
                    "be assigned");
    step[n] = t;
    return n;
}

static Value changed(Interp *in, const Ast *t, Value base, Value v)
{
    *context_here() = t->at;
    return change_step(in, t, value_own(base), v);
}

void assign_target(Interp *in, const Ast *target, int op, Value v,
                   const Ast *value)
{
    if (target->kind == AST_NAME) {
        if (op != AST_SET) {
            Value old = lookup(in, target);
            v = apply_binary(in, op, old, v, target, target, value);
        }
        assign_noted(in, target->name, v, value);
        return;
    }
    const Ast *step[33];
    ArenaMark mark = arena_mark(in->scratch);
    int n = target_steps(target, step, 32);
    Value *place = target_place(in, step[n]);
    Value part[33];
    /* From outside: a copy of what is shared shares its parts. */
    part[n] = value_own(*place);
    for (int i = n - 1; i > 0; i--)
        part[i] = value_own(part_of(in, step[i], part[i + 1]));
    if (op != AST_SET)
        v = apply_binary(in, op, part_of(in, step[0], part[1]), v, target,
                         target, value);
    v = apart_from(v, n, part + 1);
    for (int i = 0; i < n; i++)
        v = changed(in, step[i], part[i + 1], v);
    place = target_place(in, step[n]);
    value_store(place, v);
    arena_reset(in->scratch, mark);
}

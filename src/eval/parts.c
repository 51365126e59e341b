/*
 * parts.c - gradients by records and lists of numbers and arrays
 */
#include <assert.h>

#include "eval/parts.h"

#include "eval/trace_state.h"

#define MOST_LEAVES 256
#define MOST_KNOWN 16

typedef struct Parts {
    Value base;
    Value model; /* list of arguments: their structure; NONE: a leaf */
    int nleaves;
    Name name[MOST_LEAVES];
    int owner[MOST_LEAVES]; /* the argument that holds the leaf */
} Parts;

static bool is_leaf(Value v)
{
    return value_is_number(v) || v.kind == VAL_ARRAY || v.kind == VAL_EXPR;
}

static bool is_var(const PartsCall *c, int i)
{
    for (int k = 0; k < c->nvars; k++)
        if (c->var[k] == i)
            return true;
    return false;
}

/* ---- leaves ---- */

static void push_leaves(Value v, Value list)
{
    depth_check();
    if (v.kind == VAL_LIST)
        for (size_t i = 0; i < v.list->count; i++)
            push_leaves(v.list->at[i], list);
    else if (v.kind == VAL_RECORD)
        for (size_t i = 0; i < v.record->count; i++)
            push_leaves(v.record->at[i], list);
    else if (is_leaf(v))
        list_push(list, v);
}

/* v with its leaves replaced, in order, from *at on. */
static Value replace_leaves(Value v, const Value **at)
{
    depth_check();
    if (is_leaf(v))
        return *(*at)++;
    if (v.kind == VAL_LIST) {
        Value y = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(y, replace_leaves(v.list->at[i], at));
        return y;
    }
    if (v.kind == VAL_RECORD) {
        Value y = record_new(v.record->count);
        for (size_t i = 0; i < v.record->count; i++)
            record_set(y, v.record->name[i],
                       replace_leaves(v.record->at[i], at));
        return y;
    }
    return v;
}

static void name_leaves(Parts *p, int owner, Value v, const Str *path)
{
    depth_check();
    bool list = v.kind == VAL_LIST;
    if (is_leaf(v)) {
        if (p->nleaves == MOST_LEAVES)
            error_raise(SPAN_NONE, ERR_LIMIT,
                        "more than %d arrays and numbers in the arguments",
                        MOST_LEAVES);
        p->owner[p->nleaves] = owner;
        p->name[p->nleaves++] = name_of(str_text(path));
        return;
    }
    if (!list && v.kind != VAL_RECORD)
        return;
    size_t n = list ? v.list->count : v.record->count;
    for (size_t i = 0; i < n; i++) {
        Str s = str_in(error_arena());
        if (list)
            str_add_format(&s, "%s[%zu]", str_text(path), i + 1);
        else
            str_add_format(&s, "%s.%s", str_text(path), v.record->name[i]);
        name_leaves(p, owner, list ? v.list->at[i] : v.record->at[i], &s);
    }
}

/* An argument that is not differentiated by is one leaf, whatever it is. */
static Value split_arguments(const PartsCall *c)
{
    Value list = list_new((size_t)c->nargs);
    for (int i = 0; i < c->nargs; i++)
        if (is_var(c, i))
            push_leaves(c->args[i], list);
        else
            list_push(list, c->args[i]);
    return list;
}

static size_t count_leaves(Value v)
{
    Value list = list_new(4);
    push_leaves(v, list);
    return list.list->count;
}

bool needs_parts(Name name, Value v)
{
    if (is_leaf(v) || v.kind == VAL_BOOL)
        return false;
    if (count_leaves(v) == 0)
        error_raise_help(
            SPAN_NONE, ERR_TYPE, NULL,
            "name the parameters to differentiate by: grad(f, w)",
            "the derivative by `%s` needs a number or an array, "
            "or a record or list of them, and this is %s%s",
            name, value_kind_phrase(v),
            v.kind == VAL_LIST || v.kind == VAL_RECORD ? " without one" : "");
    return true;
}

/* The structure of v alone: zeros for the leaves, whose memory may be large. */
static Value structure_of(Value v)
{
    size_t n = count_leaves(v);
    Value zero = list_new(n);
    for (size_t i = 0; i < n; i++)
        list_push(zero, value_int(0));
    const Value *at = zero.list->at;
    return replace_leaves(v, &at);
}

/* ---- the function of the leaves ---- */

static void release_parts(Function *f)
{
    Parts *p = f->data;
    value_drop(p->base);
    value_drop(p->model);
    mem_free(p);
}

static void print_parts(const Function *f, Str *out)
{
    const Parts *p = f->data;
    str_add_format(out, "function of %d parts", p->nleaves);
}

static bool equal_parts(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_parts = {"function", release_parts, print_parts,
                                   equal_parts};

static Value parts_new(const PartsCall *c)
{
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    Parts *p = f->data = mem_zero(1, sizeof *p);
    int total, k = 0;
    const Decl *decl = function_params(c->f.function, &total);
    f->class = &class_parts;
    f->name = c->f.function->name;
    value_store(&p->base, c->f);
    Value model = list_new((size_t)c->nargs);
    value_store(&p->model, model);
    for (int i = 0; i < c->nargs; i++, k++) {
        while (k < total && decl[k].option)
            k++;
        Str path = str_in(error_arena());
        str_add(&path, k < total ? decl[k].name : "x");
        bool of = is_var(c, i);
        list_push(model, of ? structure_of(c->args[i]) : VALUE_NONE);
        name_leaves(p, i, of ? c->args[i] : value_int(0), &path);
    }
    return value_object(f);
}

Value parts_base(const Function *f)
{
    return ((const Parts *)f->data)->base;
}

Value call_parts(Interp *in, Function *f, const Args *a)
{
    const Parts *p = f->data;
    Value args[MOST_LEAVES];
    const Value *at = a->at;
    int n = (int)p->model.list->count;
    for (int i = 0; i < n; i++) {
        Value model = p->model.list->at[i];
        args[i] = model.kind == VAL_NONE ? *at++ : replace_leaves(model, &at);
    }
    return call_values(in, p->base, n, args);
}

int parts_params(const Function *f, int most, Name name[], const Decl *decl[])
{
    const Parts *p = f->data;
    int total, n = 0, k = 0;
    const Decl *of = function_params(p->base.function, &total);
    for (int i = 0; n < p->nleaves && n < most; i++, k++) {
        while (k < total && of[k].option)
            k++;
        for (; n < p->nleaves && n < most && p->owner[n] == i; n++) {
            bool whole = i < (int)p->model.list->count &&
                         (p->model.list->at[i].kind == VAL_NONE ||
                          is_leaf(p->model.list->at[i]));
            name[n] = p->name[n];
            decl[n] = whole && k < total ? &of[k] : NULL;
        }
    }
    return n;
}

/* ---- gradients ---- */

static bool fits_model(const Parts *p, const PartsCall *c)
{
    for (int i = 0; i < c->nargs; i++)
        if (is_var(c, i) && !state_alike(p->model.list->at[i], c->args[i]))
            return false;
    return true;
}

/* The gradient of the function of the leaves of such arguments. */
static Value find_gradient(Interp *in, const PartsCall *c, Value *known)
{
    if (known->kind == VAL_NONE)
        value_store(known, list_new(4));
    Value list = *known;
    for (size_t i = 0; i < list.list->count; i += 2)
        if (fits_model(list.list->at[i].function->data, c))
            return list.list->at[i + 1];
    Value parts = parts_new(c);
    const Parts *p = parts.function->data;
    Name name[MOST_LEAVES];
    int n = 0;
    for (int i = 0; i < p->nleaves; i++)
        if (is_var(c, p->owner[i]))
            name[n++] = p->name[i];
    Value grad =
        derive_function(in, c->kind, parts, 1, n, name, *context_here());
    if (list.list->count >= 2 * MOST_KNOWN) {
        list = list_new(4);
        value_store(known, list);
    }
    list_push(list, parts);
    list_push(list, grad);
    return grad;
}

/* What the gradient gives, a leaf each: one, a column, or a record. */
static Value split_gradient(Interp *in, Value y, int n)
{
    Graph *g = in->graph;
    Value list = list_new((size_t)n);
    for (int i = 0; i < n; i++) {
        if (n == 1)
            list_push(list, y);
        else if (y.kind == VAL_RECORD)
            list_push(list, y.record->at[i]);
        else if (y.kind == VAL_ARRAY)
            list_push(list, array_get(y.array, (size_t)i));
        else
            list_push(list, value_of_node(in, node_index(g, y.expr->node,
                                                         node_int(g, i + 1),
                                                         node_int(g, 1))));
    }
    return list;
}

static void check_kind(DeriveKind kind)
{
    static const char *const name[] = {"derivative", "gradient", "Jacobian",
                                       "Hessian"};
    if (kind == DERIVE_GRAD || kind == DERIVE_VALUE_GRAD)
        return;
    error_raise_help(SPAN_NONE, ERR_DIFF, NULL,
                     "put its numbers in a column: h(v) = f({a = v[1], b = "
                     "v[2]})",
                     "a %s by a record or list has no shape", name[kind]);
}

/* The gradient by the leaves, in the structure of the arguments. */
static Value join_gradient(Interp *in, const PartsCall *c, Value y)
{
    size_t n = 0, from[MOST_LEAVES];
    for (int i = 0; i < c->nargs && i < MOST_LEAVES; i++) {
        from[i] = n;
        n += is_var(c, i) ? count_leaves(c->args[i]) : 0;
    }
    Value part = split_gradient(in, y, (int)n);
    const Value *at = part.list->at;
    if (c->nvars == 1)
        return replace_leaves(c->args[c->var[0]], &at);
    int total;
    const Decl *decl = function_params(c->f.function, &total);
    Value r = record_new((size_t)c->nvars);
    for (int i = 0; i < c->nvars; i++) {
        int k = 0, place = c->var[i];
        while (k < total && (decl[k].option || place-- > 0))
            k++;
        at = part.list->at + from[c->var[i]];
        record_set(r, decl[k].name, replace_leaves(c->args[c->var[i]], &at));
    }
    return r;
}

Value parts_gradient(Interp *in, const PartsCall *c, Value *known)
{
    check_kind(c->kind);
    Value grad = find_gradient(in, c, known);
    Value leaf = split_arguments(c);
    Value y = call_values(in, grad, (int)leaf.list->count, leaf.list->at);
    if (c->kind != DERIVE_VALUE_GRAD)
        return join_gradient(in, c, y);
    assert(y.kind == VAL_RECORD && y.record->count == 2);
    return value_and_grad(y.record->at[0],
                          join_gradient(in, c, y.record->at[1]));
}

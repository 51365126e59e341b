/*
 * fit_text.c - how a fit names its parameters and its objective
 */
#include "eval/fit_inside.h"

#include <string.h>

#include "syntax/print.h"

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* Digits of k > 0 that end before `end`; where they begin. */
static char *digits_before(char *end, int k)
{
    for (; k > 0; k /= 10)
        *--end = (char)('0' + k % 10);
    return end;
}

/* "W[2,13]"; there may be very many, so not by printf. */
static const char *entry_name(Arena *a, const char *path, int i, int j)
{
    size_t n = strlen(path);
    char tail[32], *at = tail + sizeof tail - 1;
    *at = 0;
    *--at = ']';
    at = digits_before(at, j);
    *--at = ',';
    at = digits_before(at, i);
    *--at = '[';
    size_t m = (size_t)(tail + sizeof tail - at);
    char *text = ARENA_ARRAY(a, char, n + m);
    memcpy(text, path, n);
    memcpy(text + n, at, m);
    return text;
}

/* A column of W, or an entry of b, for each label? */
static bool by_class(const ModelRun *r, const ModelLeaf *l)
{
    const Decl *coded = fit_coded_item(r->model);
    if (!coded || !coded->classes || r->labels.kind != VAL_LIST)
        return false;
    int count = (int)r->labels.list->count;
    if (!strcmp(l->path, "b"))
        return l->shape.cols == 1 && l->shape.rows == count;
    return l->path == (const char *)l->param && l->weight &&
           l->shape.cols == count;
}

/* "versicolor:wt", "versicolor:W[2]", "versicolor:b" */
static Value class_entry(Interp *in, const ModelRun *r, const ModelLeaf *l,
                         Value columns, int i)
{
    int rows = l->weight ? l->shape.rows : 1;
    Value label = r->labels.list->at[i / rows];
    Str s = str_in(in->scratch);
    if (label.kind == VAL_STRING)
        str_add(&s, label.string->text);
    else
        value_format_inline(&in->format, label, &s);
    if (!l->weight)
        str_add_format(&s, ":%s", l->path);
    else if (columns.kind == VAL_LIST && (int)columns.list->count == rows)
        str_add_format(&s, ":%s", columns.list->at[i % rows].string->text);
    else
        str_add_format(&s, ":%s[%d]", l->path, i % rows + 1);
    return value_string(str_text(&s));
}

Value fit_entry_names(Interp *in, const ModelRun *r, Value columns)
{
    Value list = list_new(8);
    bool single = r->nleaves > 0; /* one param, a record: its fields */
    for (int k = 0; k < r->nleaves; k++)
        single = single && r->leaf[k].param == r->leaf[0].param;
    for (int k = 0; k < r->nleaves; k++) {
        const ModelLeaf *l = &r->leaf[k];
        const char *path = l->path;
        size_t skip = strlen(l->param);
        if (single && strlen(path) > skip && path[skip] == '.')
            path += skip + 1;
        int n = l->shape.rows * l->shape.cols;
        bool coded = by_class(r, l);
        for (int i = 0; i < n; i++) {
            if (coded)
                list_push(list, class_entry(in, r, l, columns, i));
            else if (columns.kind == VAL_LIST && l->weight &&
                     l->shape.cols == 1 && (size_t)n == columns.list->count)
                list_push(list, columns.list->at[i]);
            else if (n == 1)
                list_push(list, value_string(path));
            else if (l->shape.cols == 1)
                list_push(list, value_string(arena_printf(in->scratch, "%s[%d]",
                                                          path, i + 1)));
            else
                list_push(list, value_string(entry_name(
                                    in->scratch, path, i % l->shape.rows + 1,
                                    i / l->shape.rows + 1)));
        }
    }
    return list;
}

/* A function as it prints, with the numbers that it captured; one of the
 * library by its name. */
static const char *function_text(Interp *in, const Function *f)
{
    Str s = str_in(in->scratch);
    const Closure *c = f->class == &class_closure ? f->data : NULL;
    if (c && c->scope->library && c->def->kind != AST_LAMBDA)
        return f->name;
    value_format_inline(&in->format, value_object((void *)(uintptr_t)f), &s);
    int n = 0;
    for (uint32_t i = 0; c && i < c->ncaptured; i++) {
        if (!value_is_number(c->captured[i].value))
            continue;
        str_add_format(&s, "%s%s = ", n++ ? ", " : " with ",
                       c->captured[i].name);
        value_format_inline(&in->format, c->captured[i].value, &s);
    }
    return str_text(&s);
}

/* Functions as text, those of a list too. */
static Value without_functions(Interp *in, Value v)
{
    depth_check();
    if (v.kind == VAL_FUNCTION)
        return value_string(function_text(in, v.function));
    if (v.kind == VAL_LIST) {
        Value list = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(list, without_functions(in, v.list->at[i]));
        return list;
    }
    if (v.kind != VAL_RECORD)
        return v;
    Value r = record_new(v.record->count);
    for (size_t i = 0; i < v.record->count; i++)
        record_set(r, v.record->name[i],
                   without_functions(in, v.record->at[i]));
    return r;
}

Value fit_hypers(Interp *in, const Model *m)
{
    Value r = record_new(4);
    for (uint32_t k = 0; k < m->def->count; k++) {
        const Ast *t = m->def->kids[k];
        bool hypers = t->kind == AST_DECLS && t->op == AST_HYPER;
        for (uint32_t i = 0; hypers && i < t->ndecls; i++) {
            Local *l = frame_find(in, t->decls[i].name);
            if (!l)
                continue;
            record_set(r, t->decls[i].name, without_functions(in, l->value));
        }
    }
    return r;
}

/* Is t a data item that was left at this default for all rows? */
static bool is_left_at(Interp *in, const Model *m, const Ast *t, int number)
{
    bool root = t->kind == AST_CALL && t->count == 2 &&
                ast_is_name(t->kids[0], name_of("sqrt"));
    if (root)
        t = t->kids[1]; /* of 0 or 1 */
    Local *l = t->kind == AST_NAME && fit_data_named(m, t->name) >= 0
                   ? frame_find(in, t->name)
                   : NULL;
    return l && value_is_number(l->value) &&
           value_to_double(l->value) == number;
}

/* Takes weights of 1 and offsets of 0 out of a tree, which it changes. */
static Ast *without_defaults(Interp *in, const Model *m, Ast *t)
{
    depth_check();
    for (uint32_t i = 0; i < t->count; i++)
        t->kids[i] = without_defaults(in, m, t->kids[i]);
    if (t->kind != AST_BINARY ||
        (t->op != AST_ADD && t->op != AST_MUL && t->op != AST_DOTMUL))
        return t;
    for (int i = 0; i < 2; i++)
        if (is_left_at(in, m, t->kids[i], t->op != AST_ADD))
            return t->kids[1 - i];
    return t;
}

/* " + 1/2*sum(W.^2)": a term for each param that is penalised, of a few. */
static void add_penalty(Str *s, const ModelRun *r, Value weight,
                        const char *before, const char *after)
{
    int n = 0;
    if (weight.kind == VAL_NONE)
        return;
    str_add(s, " + ");
    value_format_inline(&r->in->format, weight, s);
    for (int k = 0; k < r->nleaves; k++)
        n += r->leaf[k].weight;
    str_add_format(s, "%s%s", before[0] == '/' ? "/2*" : "*", n > 1 ? "(" : "");
    for (int k = 0, i = 0; k < r->nleaves; k++) {
        if (!r->leaf[k].weight || i++ >= 4)
            continue;
        str_add_format(s, "%s%s%s%s", i > 1 ? " + " : "",
                       before + (before[0] == '/'), r->leaf[k].path, after);
    }
    str_add_format(s, "%s%s", n > 4 ? " + ..." : "", n > 1 ? ")" : "");
}

Value fit_objective_text(Interp *in, const ModelRun *r, Value options)
{
    const Model *m = r->model;
    Value l1 = get(options, "l1"), l2 = get(options, "l2");
    Str s = str_in(in->scratch);
    AstRole role = model_has(m, AST_LOSS) ? AST_LOSS : AST_NLL;
    Ast *line = ast_copy(in->scratch, model_line(m, role)->kids[0]);
    ast_print(&s, without_defaults(in, m, line));
    add_penalty(&s, r, l2, "/sum(", ".^2)");
    add_penalty(&s, r, l1, "sum(abs(", "))");
    Value hypers = fit_hypers(in, m);
    for (size_t i = 0; i < hypers.record->count; i++) {
        str_add_format(&s, "%s%s = ", i ? ", " : "   with ",
                       hypers.record->name[i]);
        Value v = hypers.record->at[i];
        if (v.kind == VAL_STRING)
            str_add(&s, v.string->text);
        else
            value_format_inline(&in->format, v, &s);
    }
    return value_string(str_text(&s));
}

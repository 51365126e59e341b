/*
 * fit_parts.c - what save writes of a fit, and the fit made of it again
 */
#include "eval/fit_inside.h"

#include <string.h>

#include "eval/call.h"
#include "eval/module.h"

#include "syntax/parse.h"
#include "syntax/print.h"

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* The training data go along only where the model uses train. */
static bool uses_train(const Model *m)
{
    Arena *a = arena_local();
    AstWalk w = ast_walk(a, m->def);
    bool found = false;
    for (const Ast *t; !found && (t = ast_walk_next(&w)) != NULL;)
        found = ast_is_name(t, name_of("train"));
    arena_free(a);
    return found;
}

/* ---- functions without a name, as the kernel rbf(gamma = 0.5) ---- */

/* The entries of a list or record, each as `part` makes it. */
static Value each_part(Interp *in, Value v, const char *path,
                       Value (*part)(Interp *, Value, const char *))
{
    depth_check();
    if (v.kind == VAL_LIST) {
        Value list = list_new(v.list->count);
        for (size_t i = 0; i < v.list->count; i++)
            list_push(list, part(in, v.list->at[i], path));
        return list;
    }
    Value r = record_new(v.record->count);
    for (size_t i = 0; i < v.record->count; i++)
        record_set(r, v.record->name[i], part(in, v.record->at[i], path));
    return r;
}

/* A record of its text and of the values that it captured; other values as
 * they are. */
static Value function_part(Interp *in, Value v, const char *path)
{
    depth_check();
    if (v.kind == VAL_LIST || v.kind == VAL_RECORD)
        return each_part(in, v, path, function_part);
    if (v.kind != VAL_FUNCTION || v.function->class != &class_closure)
        return v;
    const Closure *c = v.function->data;
    if (c->def->kind != AST_LAMBDA)
        return v;
    Str text = str_in(in->scratch);
    ast_print(&text, c->def);
    Value r = record_new(3), captured = record_new(c->ncaptured);
    for (uint32_t i = 0; i < c->ncaptured; i++)
        record_set(captured, c->captured[i].name,
                   function_part(in, c->captured[i].value, path));
    set(r, "closure", value_string(str_text(&text)));
    set(r, "captured", captured);
    return r;
}

static bool is_true(Value v)
{
    return v.kind == VAL_BOOL && v.truth;
}

static Value function_again(Interp *in, Value v, const char *path)
{
    depth_check();
    Value text = v.kind == VAL_RECORD ? get(v, "closure") : VALUE_NONE;
    if (text.kind != VAL_STRING)
        return v.kind == VAL_LIST || v.kind == VAL_RECORD
                   ? each_part(in, v, path, function_again)
                   : v;
    Value stored = get(v, "captured"), captured = record_new(4);
    bool some = stored.kind == VAL_RECORD; /* {} is a list */
    for (size_t i = 0; some && i < stored.record->count; i++)
        record_set(captured, stored.record->name[i],
                   function_again(in, stored.record->at[i], path));
    Code *code = code_new();
    code->tree = parse_expression(path, text.string->text, code->arena);
    Value f = VALUE_NONE;
    if (code->tree->kind == AST_LAMBDA)
        f = closure_of(code->tree, code, in->top, captured);
    code_drop(code);
    if (f.kind == VAL_NONE)
        error_raise(SPAN_NONE, ERR_FILE,
                    "%s is no saved fit: a function is missing", path);
    return f;
}

static Value functions_again(Interp *in, Value hypers, const char *path)
{
    Value r = record_new(hypers.record->count);
    for (size_t i = 0; i < hypers.record->count; i++)
        record_set(r, hypers.record->name[i],
                   function_again(in, hypers.record->at[i], path));
    return r;
}

/* ---- the whole ---- */

Value fit_parts(Interp *in, Value fit)
{
    fit_settle(in, fit.function);
    const Fit *f = fit.function->data;
    const Model *m = f->model.function->data;
    Str text = str_in(in->scratch);
    ast_print_statement(&text, m->def, 0);
    Value r = record_new(8);
    set(r, "definition", value_string(str_text(&text)));
    Value hypers = record_new(m->hypers.record->count);
    for (size_t i = 0; i < m->hypers.record->count; i++)
        record_set(hypers, m->hypers.record->name[i],
                   function_part(in, m->hypers.record->at[i], ""));
    set(r, "hypers", hypers);
    set(r, "library", value_bool(m->scope->library));
    set(r, "params", f->params);
    set(r, "labels", f->labels);
    set(r, "formula", f->formula);
    set(r, "columns", f->columns);
    set(r, "scaling", f->scaling);
    Value data = list_new(f->data.list->count);
    for (size_t i = 0; i < f->data.list->count; i++)
        list_push(data, uses_train(m) ? f->data.list->at[i] : VALUE_NONE);
    set(r, "training", data);
    Value facts = record_new(f->facts.record->count);
    for (size_t i = 0; i < f->facts.record->count; i++)
        if (f->facts.record->name[i] != name_of("model")) /* a reserved word */
            record_set(facts, f->facts.record->name[i], f->facts.record->at[i]);
    set(r, "facts", facts);
    return r;
}

/* Where the names in a saved model are looked up: the file of the library that
 * has a model of this name, NULL if none has. */
static Scope *library_scope(Interp *in, Name name)
{
    Cell *c = library_find(in, name);
    bool model = c && c->value.kind == VAL_FUNCTION &&
                 c->value.function->class == &class_model;
    return model ? ((const Model *)c->value.function->data)->scope : NULL;
}

/* The model of a text, defined in the file that loads it or in that scope. */
static Value model_of_text(Interp *in, const char *path, const char *text,
                           bool library)
{
    Code *code = code_new();
    Code *outer = in->code;
    Frame *frame = in->frame;
    Value model = VALUE_NONE;
    uint32_t source = source_add(path, text, strlen(text), false);
    code->tree = parse_source_or_raise(source, code->arena);
    if (code->tree->count == 1 && code->tree->kids[0]->kind == AST_MODEL) {
        Scope *top = in->top, *scope = NULL;
        if (library)
            scope = library_scope(in, code->tree->kids[0]->name);
        in->code = code;
        in->frame = NULL;
        in->top = scope ? scope : top;
        model = model_new(in, code->tree->kids[0]);
        in->top = top;
        in->code = outer;
        in->frame = frame;
    }
    code_drop(code);
    return model;
}

Value fit_from_parts(Interp *in, Value parts, const char *path)
{
    Value text = get(parts, "definition"), params = get(parts, "params");
    Value facts = get(parts, "facts"), data = get(parts, "training");
    Value hypers = get(parts, "hypers");
    if (text.kind != VAL_STRING || params.kind != VAL_RECORD ||
        facts.kind != VAL_RECORD || data.kind != VAL_LIST)
        error_raise(SPAN_NONE, ERR_FILE,
                    "%s is no saved fit: parts are missing", path);
    Value model = model_of_text(in, path, text.string->text,
                                is_true(get(parts, "library")));
    if (model.kind == VAL_NONE)
        error_raise(SPAN_NONE, ERR_FILE, "%s is no saved fit: it has no model",
                    path);
    set(facts, "model", value_string(model.function->name));
    Model *m = model.function->data;
    if (hypers.kind == VAL_RECORD)
        value_store(&m->hypers, functions_again(in, hypers, path));
    Fit *fit = mem_zero(1, sizeof *fit);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_fit;
    f->data = fit;
    value_store(&fit->model, model);
    value_store(&fit->params, params);
    value_store(&fit->facts, facts);
    value_store(&fit->data, data);
    value_store(&fit->labels, get(parts, "labels"));
    value_store(&fit->formula, get(parts, "formula"));
    value_store(&fit->columns, get(parts, "columns"));
    value_store(&fit->scaling, get(parts, "scaling"));
    return value_object(f);
}

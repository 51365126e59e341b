/*
 * fit_parts.c - what save writes of a fit, and the fit made of it again
 */
#include "eval/fit_inside.h"

#include <string.h>

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

Value fit_parts(Interp *in, Value fit)
{
    fit_settle(in, fit.function);
    const Fit *f = fit.function->data;
    const Model *m = f->model.function->data;
    Str text = str_in(in->scratch);
    ast_print_statement(&text, m->def, 0);
    Value r = record_new(8);
    set(r, "definition", value_string(str_text(&text)));
    set(r, "hypers", m->hypers);
    set(r, "params", f->params);
    set(r, "labels", f->labels);
    set(r, "formula", f->formula);
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

/* The model of a text, defined in the file that loads it. */
static Value model_of_text(Interp *in, const char *path, const char *text)
{
    Code *code = code_new();
    Code *outer = in->code;
    Frame *frame = in->frame;
    Value model = VALUE_NONE;
    uint32_t source = source_add(path, text, strlen(text), false);
    code->tree = parse_source_or_raise(source, code->arena);
    if (code->tree->count == 1 && code->tree->kids[0]->kind == AST_MODEL) {
        in->code = code;
        in->frame = NULL;
        model = model_new(in, code->tree->kids[0]);
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
    Value model = model_of_text(in, path, text.string->text);
    if (model.kind == VAL_NONE)
        error_raise(SPAN_NONE, ERR_FILE, "%s is no saved fit: it has no model",
                    path);
    set(facts, "model", value_string(model.function->name));
    Model *m = model.function->data;
    if (hypers.kind == VAL_RECORD)
        value_store(&m->hypers, hypers);
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
    value_store(&fit->scaling, get(parts, "scaling"));
    return value_object(f);
}

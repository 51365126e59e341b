/*
 * derive_args.c - arguments of derivatives
 */
#include "eval/derive_args.h"

#include "syntax/diag.h"
#include "value/matrix.h"

_Noreturn static void raise_number(const Args *a, int n, const Name name[])
{
    Str names = str_in(error_arena());
    for (int i = 0; i < n; i++)
        str_add_format(&names, "%s%s", i ? ", " : "", name[i]);
    error_raise(a->call ? a->call->at : SPAN_NONE, ERR_ARGUMENT,
                "the derivative takes %d %s (%s), and %d %s given", n,
                n == 1 ? "argument" : "arguments", str_text(&names), a->count,
                a->count == 1 ? "is" : "are");
}

static bool is_option(const Function *f, Name name)
{
    int total;
    const Decl *d = function_params(f, &total);
    for (int i = 0; i < total; i++)
        if (d[i].option && d[i].name == name)
            return true;
    return false;
}

_Noreturn static void raise_option(const Function *f, const NamedValue *v)
{
    int total;
    const char *names[64], *near;
    size_t n = 0;
    const Decl *d = function_params(f, &total);
    for (int i = 0; i < total && n < 64; i++)
        names[n++] = d[i].name;
    near = diag_nearest(v->name, names, n);
    error_raise_help(
        v->at, ERR_ARGUMENT, NULL,
        near ? arena_printf(error_arena(), "did you mean %s?", near) : NULL,
        "%s has no option `%s`", f->name ? f->name : "the function", v->name);
}

Value place_arguments(const Function *f, const Args *a, int n,
                      const Name name[], Value args[])
{
    int next = 0, left = a->nnamed;
    Value options = VALUE_NONE;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < a->nnamed && a->named[k].name != name[i])
            k++;
        if (k == a->nnamed && next == a->count)
            raise_number(a, n, name);
        args[i] = k < a->nnamed ? a->named[k].value : a->at[next++];
        left -= k < a->nnamed;
    }
    if (next < a->count)
        raise_number(a, n, name);
    if (left > 0)
        options = record_new((size_t)left);
    for (int k = 0; k < a->nnamed; k++) {
        bool param = false;
        for (int i = 0; i < n; i++)
            param = param || a->named[k].name == name[i];
        if (!param && !is_option(f, a->named[k].name))
            raise_option(f, &a->named[k]);
        if (!param)
            record_set(options, a->named[k].name, a->named[k].value);
    }
    return options;
}

Value call_with_options(Interp *in, Value f, int n, const Value args[],
                        Value options)
{
    size_t count = options.kind == VAL_RECORD ? options.record->count : 0;
    NamedValue *named = ARENA_ARRAY(in->scratch, NamedValue, count + 1);
    for (size_t i = 0; i < count; i++)
        named[i] = (NamedValue){options.record->name[i], options.record->at[i],
                                SPAN_NONE};
    return call_function(
        in, f,
        &(Args){.count = n, .at = args, .nnamed = (int)count, .named = named});
}

bool args_are_exact(int n, const Value *args)
{
    size_t entries = 0;
    for (int i = 0; i < n; i++) {
        if (args[i].kind == VAL_FLOAT)
            return false;
        if (args[i].kind == VAL_ARRAY) {
            if (args[i].array->kind != ELEM_EXACT)
                return false;
            entries += array_count(args[i].array);
        }
    }
    return entries <= 256;
}

bool has_formula(Value options)
{
    if (options.kind == VAL_RECORD)
        for (size_t i = 0; i < options.record->count; i++)
            if (options.record->at[i].kind == VAL_EXPR)
                return true;
    return false;
}

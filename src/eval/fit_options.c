/*
 * fit_options.c - options of fit, and hypers given beside them
 */
#include "eval/fit_inside.h"

#include <string.h>

#include "syntax/diag.h"

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static const char *const fit_options[] = {
    "l2",      "solver",     "steps",    "tol",       "starts",      "seed",
    "batch",   "epochs",     "missing",  "intercept", "standardize", "l1",
    "shuffle", "validation", "patience", NULL};

static bool is_fit_option(Name name)
{
    for (int i = 0; fit_options[i]; i++)
        if (!strcmp(fit_options[i], name))
            return true;
    return false;
}

Value fit_default_options(void)
{
    Value options = record_new(10);
    for (int i = 0; fit_options[i]; i++)
        set(options, fit_options[i], VALUE_NONE);
    return options;
}

void fit_check_option(const Function *model, const NamedValue *option)
{
    const char *names[96];
    size_t n = 0;
    const Decl *d;
    if (is_fit_option(option->name) ||
        fit_data_named(model->data, option->name) >= 0)
        return;
    for (; fit_options[n]; n++)
        names[n] = fit_options[n];
    for (int i = 0; (d = model_hyper(model->data, i)) != NULL; i++) {
        if (d->name == option->name)
            return;
        if (n < 96)
            names[n++] = d->name;
    }
    for (int i = 0; (d = model_data(model->data, i)) != NULL; i++)
        if (d->value && n < 96)
            names[n++] = d->name;
    const char *near = diag_nearest(option->name, names, n);
    if (!strcmp(option->name, "alpha") || !strcmp(option->name, "lambda"))
        near = model_hyper(model->data, 0) ? model_hyper(model->data, 0)->name
                                           : "l2";
    error_raise_help(
        option->at, ERR_ARGUMENT, NULL,
        near ? arena_printf(error_arena(), "did you mean %s?", near)
             : "fit has l2, l1, solver, steps, tol, starts, seed, batch, "
               "epochs, shuffle, validation, patience, missing, intercept, "
               "standardize",
        "the model %s has no hyper `%s`, and fit no such option", model->name,
        option->name);
}

/* ---- values ---- */

static const char *const solver_names[] = {"newton",   "lbfgs",      "bfgs",
                                           "lm",       "coordinate", "proximal",
                                           "interior", "lagrangian"};

static const char *const step_names[] = {
    "adam", "adamw", "sgd", "gd", "momentum", "nesterov", "adagrad", "rmsprop"};

static bool is_one_of(const char *name, const char *const names[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A solver's name, or what is called for a step function. */
static void check_solver(const NamedValue *o)
{
    const char *names[COUNT(solver_names) + COUNT(step_names)];
    Value v = o->value;
    if (v.kind == VAL_FUNCTION && v.function->class == &class_closure &&
        function_nparams(v.function) == 0)
        error_raise_help(
            o->at, ERR_ARGUMENT, NULL,
            arena_printf(error_arena(), "solver = %s()",
                         v.function->name ? v.function->name : "adam"),
            "the solver is a step function, and this gives one "
            "when it is called");
    if (v.kind == VAL_FUNCTION || v.kind == VAL_NONE)
        return;
    if (v.kind != VAL_STRING)
        error_raise_help(o->at, ERR_ARGUMENT, NULL,
                         "solver = \"newton\", or solver = adam(rate = 0.01)",
                         "the solver is a name or a step function, not %s",
                         value_kind_phrase(v));
    const char *text = v.string->text;
    if (is_one_of(text, solver_names, COUNT(solver_names)))
        return;
    if (is_one_of(text, step_names, COUNT(step_names)))
        error_raise_help(
            o->at, ERR_ARGUMENT, NULL,
            arena_printf(error_arena(), "solver = %s(rate = 0.01)", text),
            "%s is a step function, and is called with its rate", text);
    memcpy(names, solver_names, sizeof solver_names);
    memcpy(names + COUNT(solver_names), step_names, sizeof step_names);
    const char *near = diag_nearest(text, names, COUNT(names));
    bool step = near && is_one_of(near, step_names, COUNT(step_names));
    error_raise_help(
        o->at, ERR_ARGUMENT, NULL,
        near ? arena_printf(error_arena(),
                            step ? "did you mean solver = %s(rate = 0.01)?"
                                 : "did you mean solver = \"%s\"?",
                            near)
             : "\"newton\", \"lbfgs\", \"bfgs\", \"lm\", \"coordinate\", "
               "\"proximal\", \"interior\", \"lagrangian\", or a step function "
               "as adam(rate = 0.01)",
        "no solver is called \"%s\"", text);
}

static void check_truth(const NamedValue *o)
{
    if (o->value.kind != VAL_BOOL && o->value.kind != VAL_NONE)
        error_raise_help(o->at, ERR_ARGUMENT, NULL,
                         arena_printf(error_arena(), "%s = true", o->name),
                         "%s is true or false, not %s", o->name,
                         value_kind_phrase(o->value));
}

static void check_count(const NamedValue *o, int64_t least)
{
    int64_t k = 0;
    if (o->value.kind == VAL_NONE || (value_to_int(o->value, &k) && k >= least))
        return;
    Str s = str_in(error_arena());
    value_format_inline(&interp_current()->format, o->value, &s);
    error_raise(o->at, ERR_ARGUMENT, "%s is a whole number%s, not %s", o->name,
                least == 1 ? " from 1" : "", str_text(&s));
}

/* What can be said before the problem is known. */
static void check_value(const NamedValue *o)
{
    static const char *const counts[] = {"steps", "starts", "batch", "epochs",
                                         "patience"};
    static const char *const truths[] = {"intercept", "shuffle"};
    if (!strcmp(o->name, "solver"))
        check_solver(o);
    if (!strcmp(o->name, "seed"))
        check_count(o, INT64_MIN);
    if (is_one_of(o->name, counts, COUNT(counts)))
        check_count(o, 1);
    if (is_one_of(o->name, truths, COUNT(truths)))
        check_truth(o);
}

/* ---- the call ---- */

Value fit_split_options(Interp *in, const Args *a, Value *options)
{
    NamedValue *hypers =
        ARENA_ARRAY(in->scratch, NamedValue, (size_t)a->nnamed + 1);
    int n = 0;
    *options = fit_default_options();
    const Model *m = a->at[0].function->data;
    for (int i = 0; i < a->nnamed; i++) {
        if (fit_data_named(m, a->named[i].name) >= 0)
            continue;
        if (model_hyper_named(m, a->named[i].name) ||
            !is_fit_option(a->named[i].name)) {
            fit_check_option(a->at[0].function, &a->named[i]);
            hypers[n++] = a->named[i];
            if (a->named[i].name == name_of("seed"))
                record_set(*options, a->named[i].name, a->named[i].value);
        } else {
            check_value(&a->named[i]);
            record_set(*options, a->named[i].name, a->named[i].value);
        }
    }
    if (n == 0)
        return a->at[0];
    return call_model(in, a->at[0].function,
                      &(Args){.nnamed = n, .named = hypers, .call = a->call});
}

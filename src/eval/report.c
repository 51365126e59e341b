/*
 * report.c - what is asked of a fit
 */
#include "eval/report.h"

#include <string.h>

#include "eval/builtin.h"
#include "eval/formula.h"
#include "value/matrix.h"

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static Value need_fit(const Args *a)
{
    if (a->at[0].kind != VAL_FUNCTION || a->at[0].function->class != &class_fit)
        error_raise(SPAN_NONE, ERR_TYPE, "a fit is wanted, not %s",
                    value_kind_phrase(a->at[0]));
    return a->at[0];
}

/* ---- score ---- */

Value report_score(Interp *in, Function *fit, int n, const Value data[])
{
    Value facts = fit_record(in, value_object(fit)), pair[2], method;
    Value y = get(facts, "y"), p = get(facts, "fitted");
    const Value *at = data;
    Value formula = fit_formula(fit);
    if (n == 1 && data[0].kind == VAL_TABLE && formula.kind == VAL_RECORD) {
        pair[0] = formula_apply(in, formula, data[0]);
        pair[1] = formula_response(in, formula, data[0]);
        at = pair;
        n = 2;
    }
    if (!fit_member(in, fit, name_of("predict"), &method))
        error_raise(SPAN_NONE, ERR_MEMBER,
                    "this model has no predict line: it has no score");
    if (n == 1)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL, "score(m, X, y)",
                         "score compares predictions with what was observed, "
                         "and one data item is given");
    if (n > 1) {
        Args a = {.count = n - 1, .at = at};
        p = call_method(in, method.function, &a);
        y = at[n - 1];
    }
    if (y.kind == VAL_NONE || p.kind == VAL_NONE)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "this fit has nothing observed to compare with: "
                    "score(m, X, y)");
    Value three[] = {get(facts, "labels"), y, p};
    return fit_call_library(in, "quality", 3, three);
}

Value builtin_score(Interp *in, const Args *a)
{
    Value fit = need_fit(a);
    return report_score(in, fit.function, a->count - 1, a->at + 1);
}

/* ---- facts ---- */

Value builtin_facts(Interp *in, const Args *a)
{
    return fit_record(in, need_fit(a));
}

/* The record of facts and what the options need beside it. */
static Value facts_for(Interp *in, const Args *a)
{
    Value fit = need_fit(a);
    Value r = fit_record(in, fit);
    Value likelihood = get(r, "likelihood");
    bool wanted = likelihood.kind == VAL_STRING &&
                  !strcmp(likelihood.string->text, "least squares") &&
                  fit_has_data(fit.function);
    for (int i = 0; i < a->nnamed; i++)
        wanted = wanted || strcmp(a->named[i].name, "level") != 0;
    if (wanted)
        set(r, "design", fit_design(in, fit.function));
    fit_add_lines(in, fit.function, r);
    return r;
}

static Value report(Interp *in, const Args *a, const char *function, Value r)
{
    Value f = library_value(in, function);
    Args given = {.count = 1,
                  .at = &r,
                  .nnamed = a->nnamed,
                  .named = a->named,
                  .call = a->call};
    return call_function(in, f, &given);
}

Value builtin_summary(Interp *in, const Args *a)
{
    Value r = facts_for(in, a);
    fit_add_context(in, a->at[0].function, r);
    Value text = report(in, a, "fit_summary", r);
    if (text.kind != VAL_STRING)
        return text;
    interp_write(in, text.string->text, text.string->len);
    if (text.string->len == 0 ||
        text.string->text[text.string->len - 1] != '\n')
        interp_write(in, "\n", 1);
    return VALUE_NONE;
}

/* Functions of the design matrix. */
static Value report_design(Interp *in, const Args *a, const char *function)
{
    Value r = fit_record(in, need_fit(a));
    set(r, "design", fit_design(in, a->at[0].function));
    return report(in, a, function, r);
}

Value builtin_leverage(Interp *in, const Args *a)
{
    return report_design(in, a, "leverage_of");
}

Value builtin_cook(Interp *in, const Args *a)
{
    return report_design(in, a, "cook_of");
}

Value builtin_vif(Interp *in, const Args *a)
{
    return report_design(in, a, "vif_of");
}

Value builtin_confint(Interp *in, const Args *a)
{
    return report(in, a, "confint_of", facts_for(in, a));
}

Value builtin_coef(Interp *in, const Args *a)
{
    return report(in, a, "coef_table", facts_for(in, a));
}

Value builtin_residuals(Interp *in, const Args *a)
{
    Value facts = fit_record(in, need_fit(a));
    Value y = get(facts, "y"), fitted = get(facts, "fitted");
    if (y.kind != VAL_ARRAY || fitted.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE,
                    y.kind == VAL_LIST || get(facts, "labels").kind == VAL_LIST
                        ? "labels have no residuals"
                        : "this fit has no residuals");
    return value_binary(BIN_SUB, y, fitted);
}

Value builtin_predict(Interp *in, const Args *a)
{
    Value v;
    Value fit = need_fit(a);
    if (!fit_member(in, fit.function, name_of("predict"), &v))
        error_raise(SPAN_NONE, ERR_MEMBER, "this model has no predict line");
    return call_method(
        in, v.function,
        &(Args){.count = a->count - 1, .at = a->at + 1, .call = a->call});
}

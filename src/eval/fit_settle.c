/*
 * fit_settle.c - facts of a fit that are computed when they are asked for
 *
 * Whoever wants the parameters alone does not wait for fitted values and the
 * Hessian of all rows.
 */
#include "eval/fit_inside.h"

#include <string.h>

#include "eval/objective.h"

static void set(Value r, const char *name, Value v)
{
    record_set(r, name_of(name), v);
}

static Value get(Value r, const char *name)
{
    Value *v = record_find(r, name_of(name));
    return v ? *v : VALUE_NONE;
}

/* NONE where the line is not defined at the data (no predict, an error). */
static Value quietly(Interp *in, const Fit *m, AstRole role)
{
    if (!model_has(m->model.function->data, role))
        return VALUE_NONE;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    Value *result = ARENA_NEW(in->scratch, Value); /* NONE */
    if (PROTECT(&p)) {
        Value values[64];
        uint64_t reach = model_reach(m->model.function->data, role);
        for (size_t i = 0; i < m->data.list->count && i < 64; i++)
            values[i] = reach >> i & 1 ? m->data.list->at[i] : VALUE_NONE;
        *result = fit_evaluate_role(in, m, role, values, NULL);
        protect_end(&p);
    } else {
        if (context_error()->code == ERR_INTERRUPT ||
            context_error()->code == ERR_MEMORY)
            error_again();
        interp_restore(in, &c);
    }
    return *result;
}

static void add_curvature(Interp *in, Value f, Value v, Value facts)
{
    int size = objective_size(f);
    if (size > 400)
        return;
    Checkpoint c = interp_checkpoint(in);
    Protect q;
    if (PROTECT(&q)) {
        Value h = objective_derive(in, DERIVE_HESSIAN, f, SPAN_NONE);
        set(facts, "hessian", call_values(in, h, 1, &v));
        protect_end(&q);
    } else {
        if (context_error()->code == ERR_INTERRUPT)
            error_again();
        interp_restore(in, &c);
    }
}

/* Are the predictions labels of the data?  A coded item may be no response:
 * which lifetimes are censored. */
static bool predicts_labels(Value facts)
{
    Value labels = get(facts, "labels"), fitted = get(facts, "fitted");
    if (fitted.kind == VAL_NONE)
        return true; /* a classifier may do without the line */
    size_t n = fitted.kind == VAL_LIST    ? fitted.list->count
               : fitted.kind == VAL_ARRAY ? array_count(fitted.array)
                                          : 1;
    for (size_t i = 0; i < n; i++) {
        Value v = fitted.kind == VAL_LIST    ? fitted.list->at[i]
                  : fitted.kind == VAL_ARRAY ? array_get(fitted.array, i)
                                             : fitted;
        bool known = false;
        for (size_t k = 0; k < labels.list->count; k++)
            known = known || value_same(v, labels.list->at[k]);
        if (!known)
            return false;
    }
    return true;
}

Value fit_response_given(Interp *in, const Fit *fit)
{
    const Model *m = fit->model.function->data;
    const Decl *coded = fit_coded_item(m);
    int response = fit_response(m);
    if (response < 0)
        return VALUE_NONE;
    Value y = fit->data.list->at[response];
    return coded ? fit_decode(y, fit->labels, coded, in) : y;
}

bool fit_fact_is_late(Name name)
{
    static const char *const late[] = {
        "gradient", "hessian", "scores", "fitted", "prob", "kind", "y"};
    for (size_t i = 0; i < sizeof late / sizeof *late; i++)
        if (!strcmp(name, late[i]))
            return true;
    return false;
}

void fit_settle(Interp *in, Function *f)
{
    Fit *fit = f->data;
    if (fit->objective.kind == VAL_NONE)
        return;
    Value facts = fit->facts, v = get(facts, "v"), objective = fit->objective;
    Span here = *context_here();
    if (objective.kind == VAL_FUNCTION) {
        Value g = objective_derive(in, DERIVE_GRAD, objective, SPAN_NONE);
        Value at = call_values(in, g, 1, &v);
        set(facts, "gradient", fit_call_library(in, "norm2", 1, &at));
        add_curvature(in, objective, v, facts);
    }
    set(facts, "scores", quietly(in, fit, AST_SCORE));
    set(facts, "fitted", quietly(in, fit, AST_PREDICT));
    set(facts, "prob", quietly(in, fit, AST_PROB));
    set(facts, "y", fit_response_given(in, fit));
    const Model *m = fit->model.function->data;
    if (fit->labels.kind != VAL_NONE && !predicts_labels(facts))
        set(facts, "kind",
            value_string(model_has(m, AST_NLL) ? "likelihood" : "other"));
    value_store(&fit->objective, VALUE_NONE);
    *context_here() = here;
}

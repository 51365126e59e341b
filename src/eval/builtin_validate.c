/*
 * builtin_validate.c - cross_validate and grid
 *
 * Folds and tables of scores are the library's (data/validate.mlc).  What it
 * is handed for them is a Trial: a function of the positions of training and
 * test rows that fits to the former and scores on the latter, with the data,
 * hypers and options of the call.
 */
#include <string.h>

#include "eval/builtin.h"
#include "eval/fit.h"
#include "eval/fit_inside.h"
#include "eval/formula.h"
#include "eval/index.h"
#include "eval/report.h"
#include "eval/trial.h"
#include "value/datatable.h"
#include "value/shape.h"

typedef struct Trial {
    Value how;     /* a model, or a function (X, y) -> fit */
    Value x, y;    /* of all rows; x a table where there is a formula */
    Value formula; /* its text, or NONE */
    Value metric;  /* a function (observed, predicted), or NONE: score */
    Value options; /* record: named data, hypers and options of fit */
    Span *places;  /* of the options in the call */
} Trial;

static void release_trial(Function *f)
{
    Trial *t = f->data;
    Value *held[] = {&t->how,     &t->x,      &t->y,
                     &t->formula, &t->metric, &t->options};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        value_drop(*held[i]);
    mem_free(t->places);
    mem_free(t);
}

static void print_trial(const Function *f, Str *out)
{
    (void)f;
    str_add(out, "a fit to some rows and its score on others");
}

static bool equal_trials(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_trial = {"function", release_trial, print_trial,
                                   equal_trials};

/* ---- one trial ---- */

/* An option that holds a number for each row: the weights, say. */
static bool is_by_row(const Trial *t, size_t i)
{
    const Record *o = t->options.record;
    Value v = o->at[i];
    return fit_data_named(t->how.function->data, o->name[i]) >= 0 &&
           (v.kind == VAL_ARRAY || v.kind == VAL_LIST) &&
           fit_row_count(v) == fit_row_count(t->x);
}

static Value fit_to_rows(Interp *in, const Trial *t, Value rows)
{
    Value at[3] = {t->how, fit_rows(in, t->x, rows), t->formula};
    const Record *o = t->options.record;
    if (t->formula.kind == VAL_NONE)
        at[2] = fit_rows(in, t->y, rows);
    if (t->how.function->class != &class_model)
        return call_values(in, t->how, 2, at + 1);
    NamedValue *named = ARENA_ARRAY(in->scratch, NamedValue, o->count + 1);
    for (size_t i = 0; i < o->count; i++) {
        Value v = is_by_row(t, i) ? fit_rows(in, o->at[i], rows) : o->at[i];
        named[i] = (NamedValue){o->name[i], v, t->places[i]};
    }
    return builtin_fit(
        in,
        &(Args){.count = 3, .at = at, .nnamed = (int)o->count, .named = named});
}

Value call_trial(Interp *in, Function *f, const Args *a)
{
    const Trial *t = f->data;
    if (a->count != 2 || a->nnamed > 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "a trial takes the rows of training and of test");
    Value m = fit_to_rows(in, t, a->at[0]);
    if (m.kind != VAL_FUNCTION || m.function->class != &class_fit)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the function of the rows gives %s, and not a fit",
                    value_kind_phrase(m));
    Value x = fit_rows(in, t->x, a->at[1]), seen = fit_rows(in, t->y, a->at[1]);
    if (t->metric.kind == VAL_NONE) {
        bool whole = fit_formula(m.function).kind == VAL_RECORD;
        return report_score(in, m.function, whole ? 1 : 2, (Value[]){x, seen});
    }
    Value p = builtin_predict(in, &(Args){.count = 2, .at = (Value[]){m, x}});
    return call_values(in, t->metric, 2, (Value[]){seen, p});
}

/* ---- the calls ---- */

/* Options of the folds and of the table; the others belong to the fits. */
static const char *const own_options[] = {"k",      "folds",    "seed",
                                          "metric", "stratify", "least"};

static bool is_own(Name name)
{
    for (size_t i = 0; i < sizeof own_options / sizeof *own_options; i++)
        if (!strcmp(own_options[i], name))
            return true;
    return false;
}

static bool is_model(Value v)
{
    return v.kind == VAL_FUNCTION && v.function->class == &class_model;
}

/* Table and formula: the response of all rows, for folds and metrics; rows
 * with missing entries are dropped here, where it was asked for. */
static void take_table(Interp *in, Trial *t, Value table, Value text)
{
    Value *missing = record_find(t->options, name_of("missing"));
    Value pair[2];
    if (missing && missing->kind == VAL_STRING &&
        !strcmp(missing->string->text, "drop")) {
        const Record *o = t->options.record;
        Value columns = formula_columns(in, table, text.string->text);
        for (size_t i = 0; columns.table != table.table && i < o->count; i++) {
            Value *c =
                o->at[i].kind == VAL_STRING
                    ? datatable_find(table, name_of(o->at[i].string->text))
                    : NULL;
            if (c && fit_data_named(t->how.function->data, o->name[i]) >= 0)
                datatable_set(columns, name_of(o->at[i].string->text), *c);
        }
        table = datatable_drop_missing(columns);
    }
    formula_build(in, table, text.string->text, pair);
    value_store(&t->x, table);
    value_store(&t->formula, text);
    value_store(&t->y, pair[1]);
}

/* how, X, y or how, D, "y ~ x", and the options that are not our own. */
static Value trial_new(Interp *in, const Args *a, const char *caller)
{
    Value how = a->at[0];
    const Value *metric = args_named(a, "metric");
    bool table = a->at[1].kind == VAL_TABLE && a->at[2].kind == VAL_STRING;
    if (how.kind != VAL_FUNCTION)
        error_raise_help(args_place(a, 0), ERR_TYPE, NULL,
                         arena_printf(error_arena(), "%s(ols, X, y)", caller),
                         "%s takes a model or a function (X, y) -> fit, not %s",
                         caller, value_kind_phrase(how));
    if (metric && metric->kind != VAL_FUNCTION && metric->kind != VAL_NONE)
        error_raise_help(SPAN_NONE, ERR_TYPE, NULL, "metric = rmse",
                         "%s: metric is a function (observed, predicted), not "
                         "%s",
                         caller, value_kind_phrase(*metric));
    if (args_named(a, "k") && args_named(a, "folds"))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "%s: k and folds are one option, and both are given",
                    caller);
    Trial *t = mem_zero(1, sizeof *t);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_trial;
    f->data = t;
    value_store(&t->how, how);
    value_store(&t->options, record_new((size_t)a->nnamed + 1));
    t->places = mem_zero((size_t)a->nnamed + 1, sizeof *t->places);
    for (int i = 0; i < a->nnamed; i++) {
        const NamedValue *o = &a->named[i];
        if (is_own(o->name)) {
            if (!strcmp(o->name, "metric"))
                value_store(&t->metric, o->value);
            continue;
        }
        if (!is_model(how))
            error_raise_help(
                o->at, ERR_ARGUMENT, NULL,
                arena_printf(error_arena(),
                             "(X, y) -> fit(model, X, y; %s = ...)", o->name),
                "%s has no option `%s`: what fits has it", caller, o->name);
        fit_check_option(how.function, o);
        t->places[t->options.record->count] = o->at;
        record_set(t->options, o->name, o->value);
    }
    if (table) {
        take_table(in, t, a->at[1], a->at[2]);
    } else {
        value_store(&t->x, a->at[1]);
        value_store(&t->y, a->at[2]);
    }
    if (fit_row_count(t->x) != fit_row_count(t->y))
        error_raise(SPAN_NONE, ERR_SHAPE, "%s: X has %d rows and y has %d",
                    caller, fit_row_count(t->x), fit_row_count(t->y));
    return value_object(f);
}

/*
 * The options of the library's function: those of ours that were given.  The
 * folds of a classifier share the labels, unless stratify says otherwise.
 */
static int own_named(const Args *a, NamedValue to[], bool least)
{
    int n = 0;
    if (is_model(a->at[0]) && !args_named(a, "stratify") &&
        fit_coded_item(a->at[0].function->data))
        to[n++] =
            (NamedValue){name_of("stratify"), value_bool(true), SPAN_NONE};
    for (int i = 0; i < a->nnamed; i++) {
        NamedValue o = a->named[i];
        if (!is_own(o.name) || !strcmp(o.name, "metric"))
            continue;
        if (!strcmp(o.name, "folds"))
            o.name = name_of("k");
        if (least || strcmp(o.name, "least") != 0)
            to[n++] = o;
    }
    return n;
}

Value builtin_cross_validate(Interp *in, const Args *a)
{
    NamedValue *named =
        ARENA_ARRAY(in->scratch, NamedValue, (size_t)a->nnamed + 1);
    Value f = trial_new(in, a, "cross_validate");
    const Trial *t = f.function->data;
    Value at[2] = {f, t->y};
    Args given = {.count = 2,
                  .at = at,
                  .nnamed = own_named(a, named, false),
                  .named = named,
                  .call = a->call};
    return call_function(in, library_value(in, "validate_rows"), &given);
}

/* ---- grid ---- */

/* Several values to try: a column or list that is no data of the model's. */
static bool is_varied(const Trial *t, size_t i)
{
    Value v = t->options.record->at[i];
    return (v.kind == VAL_ARRAY || v.kind == VAL_LIST) && !is_by_row(t, i);
}

static Value entry_of(Value v, size_t i)
{
    return v.kind == VAL_LIST ? v.list->at[i] : array_get(v.array, i);
}

static size_t count_of(Value v)
{
    return v.kind == VAL_LIST ? v.list->count : array_count(v.array);
}

static Value trial_with(const Trial *t, Value options)
{
    Trial *u = mem_zero(1, sizeof *u);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_trial;
    f->data = u;
    value_store(&u->how, t->how);
    value_store(&u->x, t->x);
    value_store(&u->y, t->y);
    value_store(&u->formula, t->formula);
    value_store(&u->metric, t->metric);
    value_store(&u->options, options);
    size_t n = options.record->count;
    u->places = mem_zero(n + 1, sizeof *u->places);
    memcpy(u->places, t->places, n * sizeof *u->places);
    return value_object(f);
}

#define MOST_TRIALS 10000

/* Trials of all combinations, the last option's values next to each other,
 * and what is varied in each, a list of records. */
static void combine(const Trial *t, Value trials, Value varied)
{
    const Record *o = t->options.record;
    size_t total = 1;
    for (size_t i = 0; i < o->count; i++)
        if (is_varied(t, i) && count_of(o->at[i]) == 0)
            error_raise(t->places[i], ERR_ARGUMENT,
                        "grid: `%s` has no value to try", o->name[i]);
    for (size_t i = 0; i < o->count; i++)
        if (is_varied(t, i) && (total *= count_of(o->at[i])) > MOST_TRIALS)
            error_raise(t->places[i], ERR_LIMIT,
                        "more than %d combinations to try", MOST_TRIALS);
    for (size_t k = 0; k < total; k++) {
        Value options = record_new(o->count), here = record_new(o->count);
        size_t left = k, block = total;
        for (size_t i = 0; i < o->count; i++) {
            Value v = o->at[i];
            if (is_varied(t, i)) {
                block /= count_of(v);
                v = entry_of(v, left / block);
                left %= block;
                record_set(here, o->name[i], v);
            }
            record_set(options, o->name[i], v);
        }
        list_push(trials, trial_with(t, options));
        list_push(varied, here);
    }
}

/* grid(model, X, y; a = [0.1, 1]); grid(values, make, X, y) is the library's.
 */
Value builtin_grid(Interp *in, const Args *a)
{
    NamedValue *named =
        ARENA_ARRAY(in->scratch, NamedValue, (size_t)a->nnamed + 1);
    if (a->count == 4)
        return call_function(in, library_value(in, "grid_of_values"), a);
    Value f = trial_new(in, a, "grid");
    const Trial *t = f.function->data;
    bool some = false;
    for (size_t i = 0; i < t->options.record->count; i++)
        some = some || is_varied(t, i);
    if (!some)
        error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                         "grid(ridge, X, y; a = [0.1, 1, 10])",
                         "grid has nothing to vary: give a hyper or an option "
                         "of fit several values");
    Value at[4] = {list_new(8), list_new(8), t->y, VALUE_NONE};
    combine(t, at[0], at[1]);
    Args given = {.count = 3,
                  .at = at,
                  .nnamed = own_named(a, named, true),
                  .named = named,
                  .call = a->call};
    return call_function(in, library_value(in, "grid_of_trials"), &given);
}

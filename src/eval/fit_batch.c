/*
 * fit_batch.c - objectives of some of the rows, for minibatches
 *
 * The data of a batch are symbols of as many rows, so that all batches of one
 * size are one program, run with rows of their own.  A model that computes
 * with its data before the params are known (a library function of numbers,
 * say) is run with numbers, and compiled, for each batch.
 *
 * A model with a line `draws = k` (dropout) finds k uniform draws for each row
 * as train.draws in the objectives that are made with a seed: one symbol more,
 * with the draws of that seed.  Everywhere else train.draws is none.
 */
#include "eval/fit_inside.h"

#include <math.h>
#include <string.h>

#include "eval/objective.h"
#include "num/rng.h"
#include "value/shape.h"

#define KEPT_SIZES 6
#define DRAWS_STREAM                                                           \
    0x64726177 /* draws of other streams have other numbers                    \
                */

/* What an objective is made of. */
typedef struct Part {
    Value data;  /* list: the items, numbers or symbols */
    Value train; /* list: the training rows, where those of data are held out */
    Value draws; /* [rows,k], or NONE */
    int nextra;  /* the symbols among them */
    Node extra[MODEL_DATA + 1];
} Part;

typedef struct Batches {
    const Outcome *o; /* NULL: the fit is over */
    Value data;       /* list: the items as the model has them */
    Value params;     /* record: their symbols */
    int rows;
    int draws; /* columns of train.draws */
    int count, size[KEPT_SIZES];
    bool drawn[KEPT_SIZES];
    Value of_size[KEPT_SIZES]; /* NONE: symbols will not do */
} Batches;

static void release_batches(Function *f)
{
    Batches *b = f->data;
    value_drop(b->data);
    value_drop(b->params);
    for (int i = 0; i < b->count; i++)
        value_drop(b->of_size[i]);
    mem_free(b);
}

static void print_batches(const Function *f, Str *out)
{
    const Batches *b = f->data;
    str_add_format(out, "objectives of some of %d rows", b->rows);
}

static bool equal_batches(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_batches = {"function", release_batches, print_batches,
                                     equal_batches};

static bool has_rows(Value v, int rows)
{
    return v.kind == VAL_ARRAY && v.array->rows == rows;
}

/* ---- objectives ---- */

static void bind_train(Interp *in, const Batches *b, ModelRun *r,
                       const Part *part)
{
    Value data = part->train.kind == VAL_NONE ? part->data : part->train;
    model_bind_train(r, data);
    if (b->draws > 0)
        record_set(frame_find(in, name_of("train"))->value, name_of("draws"),
                   part->draws);
}

/* Penalised, unless the rows are held out. */
static Value objective_of(Interp *in, const Batches *b, const Part *part)
{
    ArenaMark mark = arena_mark(in->scratch);
    const Outcome *o = b->o;
    ModelRun *r = ARENA_NEW(in->scratch, ModelRun);
    Node x[MODEL_LEAVES];
    interp_hold(in, 1);
    model_begin(in, o->model, r);
    r->labels = o->r->labels;
    model_bind_bound(r, part->data);
    model_bind_hypers(r, false);
    const Record *params = b->params.record;
    for (size_t i = 0; i < params->count; i++)
        frame_set(in, params->name[i], params->at[i]);
    bind_train(in, b, r, part);
    model_run_lines(r, 1u << AST_LOSS | 1u << AST_NLL, false);
    Node y = fit_objective(in, r);
    if (part->train.kind == VAL_NONE)
        fit_add_penalty(in, o->r, o->options, &y);
    for (int k = 0; k < o->r->nleaves; k++)
        x[k] = o->r->leaf[k].symbol;
    Value f =
        objective_with(in, y, o->r->nleaves, x, part->nextra, part->extra);
    model_end(r);
    interp_hold(in, -1);
    arena_reset(in->scratch, mark);
    return f;
}

static Value rows_of(const Batches *b, Value rows)
{
    Value list = list_new(b->data.list->count);
    for (size_t i = 0; i < b->data.list->count; i++) {
        Value v = b->data.list->at[i];
        if (has_rows(v, b->rows))
            v = array_index(v, 2, (Value[]){rows, {.kind = VAL_COLON}});
        list_push(list, v);
    }
    return list;
}

/* NONE where it is refused. */
static Value try_objective(Interp *in, const Batches *b, const Part *part)
{
    Value *f = ARENA_NEW(in->scratch, Value);
    Checkpoint c = interp_checkpoint(in);
    Protect q;
    *f = VALUE_NONE;
    if (PROTECT(&q)) {
        *f = objective_of(in, b, part);
        protect_end(&q);
    } else {
        ErrorCode code = context_error()->code;
        if (code == ERR_INTERRUPT || code == ERR_MEMORY)
            error_again();
        interp_restore(in, &c);
    }
    return *f;
}

static Value row_symbol(Interp *in, Part *part, const char *name, int rows,
                        int cols)
{
    const char *text = arena_printf(in->scratch, " %s %d", name, rows);
    Node x = node_symbol(in->graph, name_of(text), (Shape){rows, cols}, 0);
    part->extra[part->nextra++] = x;
    return value_expr(x);
}

/* Of symbols for `size` rows; NONE where the model needs the numbers. */
static Value objective_of_size(Interp *in, const Batches *b, int size,
                               bool drawn)
{
    Part *part = ARENA_NEW(in->scratch, Part);
    const Model *m = b->o->model.function->data;
    *part = (Part){.data = list_new(b->data.list->count)};
    for (size_t i = 0; i < b->data.list->count; i++) {
        Value v = b->data.list->at[i];
        if (has_rows(v, b->rows))
            v = row_symbol(in, part, model_data(m, (int)i)->name, size,
                           v.array->cols);
        list_push(part->data, v);
    }
    if (drawn)
        part->draws = row_symbol(in, part, "draws", size, b->draws);
    return try_objective(in, b, part);
}

/* Kept by size: an epoch has batches of one size, and a rest. */
static Value kept_objective(Interp *in, Batches *b, int size, bool drawn)
{
    for (int i = 0; i < b->count; i++)
        if (b->size[i] == size && b->drawn[i] == drawn)
            return b->of_size[i];
    int at = b->count < KEPT_SIZES ? b->count++ : KEPT_SIZES - 1;
    value_store(&b->of_size[at], objective_of_size(in, b, size, drawn));
    b->size[at] = size;
    b->drawn[at] = drawn;
    return b->of_size[at];
}

/* The rows of all items end to end, column by column; at last the draws. */
static Value packed_rows(const Batches *b, const Array *rows, Value draws)
{
    size_t n = array_count(rows), total = 0, at = 0;
    const List *data = b->data.list;
    for (size_t i = 0; i < data->count; i++)
        if (has_rows(data->at[i], b->rows))
            total += n * (size_t)data->at[i].array->cols;
    if (draws.kind != VAL_NONE)
        total += n * (size_t)b->draws;
    Value u = array_new(ELEM_FLOAT, (int)total, 1);
    for (size_t i = 0; i < data->count; i++) {
        if (!has_rows(data->at[i], b->rows))
            continue;
        const Array *a = array_to_float(data->at[i]);
        for (int j = 0; j < a->cols; j++) {
            const double *column = a->f + (size_t)j * (size_t)a->rows;
            for (size_t k = 0; k < n; k++)
                u.array->f[at++] = column[(size_t)rows->f[k] - 1];
        }
    }
    if (draws.kind != VAL_NONE)
        memcpy(u.array->f + at, draws.array->f, (total - at) * sizeof(double));
    return u;
}

/* rand(rows, k; seed = ...) of the option; NONE without one, or where none are
 * wanted. */
static Value draws_of(const Batches *b, const Args *a, size_t rows)
{
    if (a->nnamed == 0 || b->draws == 0)
        return VALUE_NONE;
    Rng r = rng_new((uint64_t)value_to_double(a->named[0].value), 0);
    Value u = array_new(ELEM_FLOAT, (int)rows, b->draws);
    rng_uniform_array(&r, u.array->f, rows * (size_t)b->draws);
    return u;
}

static void check_call(const Batches *b, const Args *a)
{
    bool seeded = a->nnamed == 1 && a->named[0].name == name_of("seed") &&
                  a->named[0].value.kind != VAL_NONE && a->count == 1;
    if (!b->o || a->count < 1 || a->count > 2 || (a->nnamed > 0 && !seeded))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "objectives of rows are taken during a fit, of rows, of "
                    "rows and a seed, or of rows and training rows");
}

Value call_batches(Interp *in, Function *f, const Args *a)
{
    Batches *b = f->data;
    check_call(b, a);
    const Array *rows = array_to_float(a->at[0]);
    size_t n = array_count(rows);
    for (size_t k = 0; k < n; k++)
        if (!(rows->f[k] >= 1 && rows->f[k] <= b->rows))
            error_raise(SPAN_NONE, ERR_ARGUMENT, "no row %g of %d", rows->f[k],
                        b->rows);
    Value draws = draws_of(b, a, n);
    if (a->count == 1) {
        Value shared = kept_objective(in, b, (int)n, draws.kind != VAL_NONE);
        if (shared.kind != VAL_NONE)
            return objective_bind(shared, packed_rows(b, rows, draws));
    }
    Part *part = ARENA_NEW(in->scratch, Part);
    *part = (Part){.data = rows_of(b, a->at[0]), .draws = draws};
    if (a->count == 2)
        part->train = rows_of(b, a->at[1]);
    return objective_of(in, b, part);
}

/* The columns of train.draws that the model asks for. */
static int wanted_draws(const Outcome *o)
{
    Value v = model_named_line(o->r, name_of("draws"));
    if (v.kind == VAL_NONE)
        return 0;
    double k = value_is_number(v) ? value_to_double(v) : -1;
    if (!(k >= 0 && k <= 1e8 && k == floor(k)))
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "the line draws is the number of uniform draws a row, a "
                    "whole number from 0");
    return (int)k;
}

static bool is_given(const Outcome *o, const char *name)
{
    Value *v = record_find(o->options, name_of(name));
    return v && v->kind != VAL_NONE;
}

/* Adam, with minibatches in a new order each epoch unless steps of all rows are
 * wanted: rows are often sorted by their labels. */
static void choose_adam(Interp *in, const Outcome *o, const char *asked)
{
    NamedValue rate = {name_of("rate"), value_float(0.01), SPAN_NONE};
    record_set(o->options, name_of("solver"),
               call_function(in, library_value(in, "adam"),
                             &(Args){.nnamed = 1, .named = &rate}));
    record_set(o->options, name_of("chosen"), value_string(asked));
    if (!is_given(o, "batch") && !is_given(o, "steps"))
        record_set(o->options, name_of("batch"), value_int(32));
    if (is_given(o, "batch") && !is_given(o, "epochs"))
        record_set(o->options, name_of("epochs"), value_int(100));
    if (is_given(o, "batch") && !is_given(o, "shuffle"))
        record_set(o->options, name_of("shuffle"), value_bool(true));
}

/*
 * Some options, and dropout, ask for a step function: Adam unless the caller
 * names another.  A solver of another kind would leave them aside.  The option
 * `chosen` keeps what asked for it.
 */
static void choose_step(Interp *in, const Outcome *o, bool draws)
{
    static const char *const names[] = {"batch", "validation", "epochs",
                                        "shuffle", "patience"};
    const char *asked = NULL;
    for (size_t i = 0; !asked && i < sizeof names / sizeof *names; i++)
        asked = is_given(o, names[i]) ? names[i] : NULL;
    asked = !asked && draws ? "dropout" : asked;
    if (!asked)
        return;
    if (is_given(o, "solver"))
        error_raise_help(
            SPAN_NONE, ERR_ARGUMENT, NULL, "solver = adam(rate = 0.01)",
            "%s needs a step function as the solver, and \"%s\" is none", asked,
            record_find(o->options, name_of("solver"))->string->text);
    choose_adam(in, o, asked);
}

Value fit_batches(Interp *in, Outcome *o)
{
    Value *solver = record_find(o->options, name_of("solver"));
    int draws = wanted_draws(o);
    if (!solver || solver->kind != VAL_FUNCTION) {
        choose_step(in, o, draws > 0);
        solver = record_find(o->options, name_of("solver"));
    }
    bool steps = solver && solver->kind == VAL_FUNCTION;
    Value data = model_bound_data(o->r);
    if (!steps || data.list->count == 0)
        return VALUE_NONE;
    Batches *b = mem_zero(1, sizeof *b);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_batches;
    f->data = b;
    b->o = o;
    b->rows = value_shape(data.list->at[0]).rows;
    b->draws = draws;
    value_store(&b->data, data);
    Value params = record_new(4);
    for (int k = 0; k < o->r->nleaves; k++) {
        Local *l = frame_find(in, o->r->leaf[k].param);
        record_set(params, o->r->leaf[k].param, l->value);
    }
    if (o->r->held.kind != VAL_NONE)
        record_set(params, name_of("b"), o->r->held);
    value_store(&b->params, params);
    value_store(&o->batches, value_object(f));
    if (draws > 0)
        record_set(o->record, name_of("draws"), value_int(draws));
    return o->batches;
}

void fit_batches_count(const Outcome *o, size_t count[3])
{
    if (o->batches.kind != VAL_FUNCTION)
        return;
    const Batches *b = o->batches.function->data;
    for (int i = 0; i < b->count; i++) {
        size_t here[3];
        if (b->of_size[i].kind == VAL_NONE)
            continue;
        objective_counts(b->of_size[i], here);
        for (int k = 0; k < 3; k++)
            count[k] += here[k];
    }
}

void fit_batches_end(Outcome *o)
{
    if (o->batches.kind == VAL_FUNCTION)
        ((Batches *)o->batches.function->data)->o = NULL;
    value_drop(o->batches);
    o->batches = VALUE_NONE;
}

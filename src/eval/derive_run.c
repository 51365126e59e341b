/*
 * derive_run.c - values of derived functions
 */
#include <math.h>
#include <string.h>

#include "eval/derive_args.h"
#include "eval/derive_inside.h"
#include "eval/rule.h"
#include "graph/diff.h"
#include "graph/walk.h"
#include "value/matrix.h"
#include "value/shape.h"

/* ---- calling ---- */

Value value_and_grad(Value value, Value grad)
{
    Value r = record_new(2);
    record_set(r, name_of("value"), value);
    record_set(r, name_of("grad"), grad);
    return r;
}

static Value shape_result(const Derived *d, const Trace *t, const Value y[])
{
    int n = t->nout - t->valued;
    Value part = y[0];
    if (t->record) {
        part = record_new((size_t)n);
        for (int i = 0; i < n; i++)
            record_set(part, d->name[d->var[i]], y[i]);
    }
    return t->valued ? value_and_grad(y[n], part) : part;
}

static Node expand_constant(Interp *in, Node n)
{
    return node_is_constant(in->graph, n) ? expand_named(in, n) : n;
}

Value call_by_substitution(Interp *in, const Derived *d, const Trace *t,
                           const Value *args)
{
    Node from[2 * MOST_PARAMS], to[2 * MOST_PARAMS];
    Value y[MOST_PARAMS + 1];
    int n = 0;
    for (int i = 0; i < d->nparams; i++) {
        if (t->param[i] == NODE_NONE)
            continue;
        from[n] = t->param[i];
        to[n++] = node_of_value(in, args[i]);
    }
    for (int i = 0; t->columns && i < d->nvars; i++) {
        from[n] = t->dx[i];
        to[n++] = node_of_value(in, args[d->nparams + i]);
    }
    if (t->guard != NODE_NONE)
        substitute_shaped(in, t->guard, n, from, to, *context_here());
    for (int i = 0; i < t->nout; i++)
        y[i] = value_of_node(
            in, expand_constant(in, substitute_shaped(in, t->out[i], n, from,
                                                      to, *context_here())));
    return shape_result(d, t, y);
}

/* ---- programs ---- */

/* What a program is given. */
typedef struct Inputs {
    int n;
    Node param[2 * MOST_PARAMS];
    Shape shape[2 * MOST_PARAMS];
    double scalar[2 * MOST_PARAMS];
    const double *data[2 * MOST_PARAMS];
} Inputs;

static void push_input(Inputs *x, Node symbol, Value v)
{
    int n = x->n;
    if (symbol == NODE_NONE)
        return;
    x->param[n] = symbol;
    x->shape[n] = value_shape(v);
    if (v.kind == VAL_ARRAY) {
        x->data[n] = array_to_float(v)->f;
    } else {
        x->scalar[n] = value_to_double(v);
        x->data[n] = &x->scalar[n];
    }
    x->n++;
}

void free_programs(Compiled *list)
{
    for (Compiled *c = list, *next; c; c = next) {
        next = c->next;
        program_free(c->program);
        mem_free(c);
    }
}

static Program *find_program(const Compiled *list, const Inputs *x)
{
    size_t size = (size_t)x->n * sizeof *x->shape;
    for (const Compiled *c = list; c; c = c->next)
        if (c->program && !memcmp(c->shape, x->shape, size))
            return c->program;
    return NULL;
}

static void drop_oldest(Compiled *list)
{
    Compiled *last = list;
    int count = 1;
    for (; last->next && last->next->next; last = last->next)
        count++;
    if (count < MOST_PROGRAMS)
        return;
    program_free(last->next->program);
    mem_free(last->next);
    last->next = NULL;
}

static Program *make_program(Interp *in, Compiled **list, const Inputs *x,
                             int nout, Node out[])
{
    for (int i = 0; i < nout; i++)
        out[i] = expand_named(in, out[i]);
    ProgramSpec spec = {.nin = x->n,
                        .in = x->param,
                        .in_shape = x->shape,
                        .nout = nout,
                        .out = out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    Compiled *c = *list;
    if (!c || c->program) { /* else an error left it without one */
        c = mem_zero(1, sizeof *c);
        c->next = *list;
        *list = c;
    }
    c->program = program_new(in->graph, &spec);
    memcpy(c->shape, x->shape, (size_t)x->n * sizeof *x->shape);
    drop_oldest(c);
    return c->program;
}

static Program *output_program(Interp *in, Trace *t, const Inputs *x)
{
    Node out[MOST_PARAMS + 2];
    Program *p = find_program(t->programs, x);
    if (p)
        return p;
    memcpy(out, t->out, (size_t)t->nout * sizeof *out);
    out[t->nout] = t->guard;
    return make_program(in, &t->programs, x, t->nout + (t->guard != NODE_NONE),
                        out);
}

/*
 * A NaN, or a number that is infinite, is refused if finite numbers gave it:
 * the operation that made it is named.
 */
void derive_refuse_nan(Program *p, const double *const data[], Value y)
{
    double bad = 0;
    if (y.kind == VAL_FLOAT)
        bad = y.number;
    size_t n = y.kind == VAL_ARRAY ? array_count(y.array) : 0;
    for (size_t i = 0; i < n && !isnan(bad); i++)
        bad = isnan(y.array->f[i]) ? y.array->f[i] : 0;
    if (isfinite(bad))
        return;
    const char *what = program_blame(p, data);
    if (what)
        error_raise(SPAN_NONE, ERR_NAN, "%s gives %s", what,
                    isnan(bad) ? "not a number" : "infinity");
}

/* Where the function has no value it says so itself, and better. */
void derive_check_domain(Interp *in, const Derived *d, const Value *args,
                         const Array *value)
{
    for (size_t i = 0; i < array_count(value); i++)
        if (isnan(value->f[i])) {
            call_with_options(in, d->base, d->nparams, args, args[ARG_OPTIONS]);
            return;
        }
}

Value call_by_program(Interp *in, const Derived *d, Trace *t, const Value *args)
{
    Inputs x = {0};
    double *result[MOST_PARAMS + 2];
    Value y[MOST_PARAMS + 2];
    for (int i = 0; i < d->nparams; i++)
        push_input(&x, t->param[i], args[i]);
    for (int i = 0; t->columns && i < d->nvars; i++)
        push_input(&x, t->dx[i], args[d->nparams + i]);
    Program *p = output_program(in, t, &x);
    int nout = t->nout + (t->guard != NODE_NONE);
    for (int i = 0; i < nout; i++) {
        Shape s = program_out_shape(p, i);
        y[i] = array_new_unset(s.rows, s.cols);
        result[i] = y[i].array->f;
    }
    bool finite = program_run_finite(p, x.data, result);
    if (nout > t->nout)
        derive_check_domain(in, d, args, y[t->nout].array);
    for (int i = 0; i < t->nout; i++) {
        y[i] = array_value(y[i]);
        if (!finite)
            derive_refuse_nan(p, x.data, y[i]);
    }
    return shape_result(d, t, y);
}

/* Loops of exact numbers that substitution has not unrolled. */
bool derived_is_unfinished(Interp *in, Value y)
{
    static const OpId loop = OP_LOOP;
    Graph *g = in->graph;
    if (y.kind == VAL_RECORD) {
        bool some = false;
        for (size_t i = 0; i < y.record->count; i++)
            some = some || derived_is_unfinished(in, y.record->at[i]);
        return some;
    }
    if (y.kind != VAL_EXPR)
        return false;
    Node n = y.expr->node;
    return node_holds_op(g, n, 1, &loop) ||
           (node_is_constant(g, n) && node_holds_float(g, n));
}

/* ---- columns ---- */

/* 1 at entry k, in the shape of x. */
static Value unit_change(Value x, size_t k)
{
    if (x.kind != VAL_ARRAY)
        return value_int(1);
    Value y = array_new(ELEM_EXACT, x.array->rows, x.array->cols);
    array_set(y.array, k, value_int(1));
    return y;
}

static void push_entries(Value list, Value v)
{
    if (v.kind == VAL_RECORD)
        for (size_t i = 0; i < v.record->count; i++)
            push_entries(list, v.record->at[i]);
    else if (v.kind == VAL_ARRAY)
        for (size_t i = 0; i < array_count(v.array); i++)
            list_push(list, array_get(v.array, i));
    else
        list_push(list, v);
}

/* All columns one below the other; false if an entry is no number. */
static bool push_columns(Interp *in, const Derived *d, Trace *t, Value args[],
                         bool exact, Value list)
{
    for (int i = 0; i < d->nvars; i++) {
        Value x = args[d->var[i]];
        size_t n = x.kind == VAL_ARRAY ? array_count(x.array) : 1;
        for (size_t k = 0; k < n; k++) {
            POLL();
            args[d->nparams + i] = unit_change(x, k);
            push_entries(list, exact ? call_by_substitution(in, d, t, args)
                                     : call_by_program(in, d, t, args));
        }
        args[d->nparams + i] = value_binary(BIN_MUL, value_int(0), x);
    }
    for (size_t i = 0; i < list.list->count; i++)
        if (!value_is_number(list.list->at[i]))
            return false;
    return true;
}

/* ---- all columns at once ---- */

/*
 * In the direction of one entry most of a formula does not change: one
 * program with the changes in all of these directions shares the rest.
 */
enum {
    MOST_WIDTH = 64,
    MOST_ENTRIES = 1 << 20,
    MOST_ROOM = 1 << 21,
    MOST_STEPS = 1 << 18
};

static size_t fixed_entries(Interp *in, Node n)
{
    Shape s = node_shape(in->graph, n);
    return s.rows < 0 || s.cols < 0 ? SIZE_MAX
                                    : (size_t)s.rows * (size_t)s.cols;
}

/* Of the outputs, or the variables; SIZE_MAX: there are named dimensions. */
static size_t total_entries(Interp *in, int n, const Node of[])
{
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        size_t count = fixed_entries(in, of[i]);
        if (count == SIZE_MAX || total > MOST_ENTRIES)
            return SIZE_MAX;
        total += count;
    }
    return total;
}

bool columns_fit_at_once(Interp *in, const Derived *d, const Trace *t)
{
    Graph *g = in->graph;
    size_t width = total_entries(in, d->nvars, t->dx);
    size_t height = total_entries(in, t->nout, t->out);
    return width <= MOST_WIDTH && width > 0 && height != SIZE_MAX &&
           height * width <= MOST_ENTRIES &&
           node_largest(g, t->nout, t->out) <= MOST_ROOM / width &&
           node_reachable(g, t->nout, t->out) * width <= MOST_STEPS;
}

/* The change of the outputs with entry k of variable v. */
static void push_change(Interp *in, const Derived *d, const Trace *t, int v,
                        int k, Node change[])
{
    Graph *g = in->graph;
    Node to[MOST_PARAMS];
    for (int i = 0; i < d->nvars; i++)
        to[i] = node_zero(g, node_shape(g, t->dx[i]));
    Shape s = node_shape(g, t->dx[v]);
    Value unit = array_new(ELEM_EXACT, s.rows, s.cols);
    array_set(unit.array, (size_t)k, value_int(1));
    to[v] = node_from_value(g, array_value(unit));
    for (int i = 0; i < t->nout; i++)
        change[i] = node_substitute(g, t->out[i], d->nvars, t->dx, to);
}

static Program *whole_program(Interp *in, const Derived *d, Trace *t,
                              const Inputs *x)
{
    Program *p = find_program(t->wholes, x);
    if (p)
        return p;
    size_t width = total_entries(in, d->nvars, t->dx);
    Node *out = ARENA_ARRAY(in->scratch, Node, width * (size_t)t->nout + 1);
    int n = 0;
    for (int i = 0; i < d->nvars; i++) {
        size_t count = fixed_entries(in, t->dx[i]);
        for (size_t k = 0; k < count; k++, n += t->nout)
            push_change(in, d, t, i, (int)k, out + n);
    }
    if (t->guard != NODE_NONE)
        out[n++] = t->guard;
    return make_program(in, &t->wholes, x, n, out);
}

/* False: the columns need too much room side by side. */
static bool call_at_once(Interp *in, const Derived *d, Trace *t,
                         const Value args[], Value *y)
{
    Inputs x = {0};
    for (int i = 0; i < d->nparams; i++)
        push_input(&x, t->param[i], args[i]);
    Program *p = whole_program(in, d, t, &x);
    t->at_once = program_room(p) <= MOST_ROOM;
    if (!t->at_once) {
        free_programs(t->wholes);
        t->wholes = NULL;
        return false;
    }
    size_t width = total_entries(in, d->nvars, t->dx);
    size_t height = total_entries(in, t->nout, t->out);
    size_t n = width * (size_t)t->nout, at = 0;
    double **result = ARENA_ARRAY(in->scratch, double *, n + 1);
    *y = array_new(ELEM_FLOAT, (int)height, (int)width);
    for (size_t i = 0; i < n; i++) {
        result[i] = y->array->f + at;
        at += fixed_entries(in, t->out[i % (size_t)t->nout]);
    }
    Value value = VALUE_NONE;
    if (t->guard != NODE_NONE) {
        Shape s = program_out_shape(p, (int)n);
        value = array_new(ELEM_FLOAT, s.rows, s.cols);
        result[n] = value.array->f;
    }
    program_run(p, x.data, result);
    if (t->guard != NODE_NONE)
        derive_check_domain(in, d, args, value.array);
    *y = array_value(*y);
    derive_refuse_nan(p, x.data, *y);
    return true;
}

/*
 * Row and column k are entry k of the value or the variables, counted column
 * by column (Magnus & Neudecker's D vec F(X)/vec X).
 */
Value call_by_columns(Interp *in, const Derived *d, Trace *t, Value args[])
{
    Value whole;
    size_t width = 0;
    if (t->at_once && !args_are_exact(d->nparams, args) &&
        call_at_once(in, d, t, args, &whole))
        return whole;
    for (int i = 0; i < d->nvars; i++) {
        Value x = args[d->var[i]];
        width += x.kind == VAL_ARRAY ? array_count(x.array) : 1;
        args[d->nparams + i] = value_binary(BIN_MUL, value_int(0), x);
    }
    Value list = list_new(width);
    bool exact = args_are_exact(d->nparams, args);
    if (!push_columns(in, d, t, args, exact, list)) {
        list = list_new(width);
        push_columns(in, d, t, args, exact = false, list);
    }
    size_t count = list.list->count, height = width ? count / width : 0;
    Value y =
        array_new(exact ? ELEM_EXACT : ELEM_FLOAT, (int)height, (int)width);
    for (size_t i = 0; i < count; i++)
        array_set(y.array, i, list.list->at[i]);
    return array_value(y);
}

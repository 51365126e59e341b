#include "eval/sample.h"

#include <math.h>
#include <string.h>

#include "eval/apply.h"
#include "eval/fit.h"
#include "eval/picture.h"
#include "value/matrix.h"
#include "value/shape.h"

bool can_sample(Value v)
{
    if (v.kind == VAL_FUNCTION)
        return v.function->class != &class_model &&
               v.function->class != &class_figure;
    return v.kind == VAL_EXPR || v.kind == VAL_SEVERAL;
}

/* ---- formulas ---- */

static int compare_names(const Graph *g, Node a, Node b)
{
    return strcmp(node_symbol_name(g, a), node_symbol_name(g, b));
}

int sample_variables(Interp *in, Value v, Node var[3])
{
    Graph *g = in->graph;
    Node *found;
    int count = 0;
    if (v.kind == VAL_SEVERAL) {
        for (size_t i = 1; i < v.list->count && count < 3; i++)
            var[count++] = v.list->at[i].expr->node;
        return count;
    }
    if (v.kind != VAL_EXPR)
        return 0;
    Arena *a = arena_local();
    int n = node_symbols(g, v.expr->node, a, &found);
    for (int i = 0; i < n; i++)
        if (count < 3 && !(node_symbol_flags(g, found[i]) & SYM_DIMENSION))
            var[count++] = found[i];
    arena_free(a);
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && compare_names(g, var[k], var[k - 1]) < 0;
             k--) {
            Node swap = var[k];
            var[k] = var[k - 1];
            var[k - 1] = swap;
        }
    return count;
}

static void refuse_variables(Sampler *s, int count, const Node var[])
{
    const Graph *g = s->in->graph;
    bool last = count > 1 && !strcmp(node_symbol_name(g, var[0]), "x");
    if (count > s->nargs)
        error_raise_help(
            SPAN_NONE, ERR_ARGUMENT, NULL,
            arena_printf(error_arena(),
                         "give the others values: subs(e, %s = 1)",
                         node_symbol_name(g, var[last ? count - 1 : 0])),
            s->nargs == 1 ? "a curve has one variable, and here are `%s` and "
                            "`%s`"
                          : "a picture has two variables, and here are `%s`, "
                            "`%s` and more",
            node_symbol_name(g, var[0]), node_symbol_name(g, var[1]));
    for (int i = 0; i < count; i++)
        if (!node_is_scalar(g, var[i]) && !s->joined)
            error_raise(SPAN_NONE, ERR_SHAPE,
                        "`%s` is an array, and a picture is drawn over numbers",
                        node_symbol_name(g, var[i]));
}

/* Entries of a column as coordinates. */
static void name_variables(Sampler *s, int count, const char *column)
{
    for (int i = 0; column && count > 0 && i < 2; i++)
        s->variable[i] = arena_printf(s->in->scratch, "%s[%d]", column, i + 1);
}

/* A symbol that is none of the variables. */
static void refuse_others(Sampler *s, Node e, int count, const Node var[])
{
    Graph *g = s->in->graph;
    Node other[3];
    int n = sample_variables(s->in, value_expr(e), other);
    for (int i = 0; i < n; i++) {
        bool known = false;
        for (int k = 0; k < count; k++)
            known = known || var[k] == other[i];
        if (!known)
            error_raise_help(SPAN_NONE, ERR_ARGUMENT, NULL,
                             arena_printf(error_arena(), "subs(e, %s = 1)",
                                          node_symbol_name(g, other[i])),
                             "`%s` has no value here",
                             node_symbol_name(g, other[i]));
    }
}

static void compile_formula(Sampler *s, Value v)
{
    Graph *g = s->in->graph;
    Node var[3] = {NODE_NONE, NODE_NONE, NODE_NONE};
    int count = sample_variables(s->in, v, var);
    Node e = node_of_value(s->in, v.kind == VAL_SEVERAL ? v.list->at[0] : v);
    if (v.kind == VAL_SEVERAL)
        refuse_others(s, e, count, var);
    else if (s->nargs == 2 && count == 1 &&
             !strcmp(node_symbol_name(g, var[0]), "y")) {
        var[1] = var[0]; /* upwards, as everybody has it */
        var[0] = variable_symbol(s->in, name_of("x"));
        count = 2;
    }
    Shape two = {2, 1}, one = {1, 1};
    s->joined = s->nargs == 2 && count == 1 && !node_is_scalar(g, var[0]);
    refuse_variables(s, count, var);
    Shape shape[2] = {s->joined ? two : one, one};
    ProgramSpec spec = {.nin = s->joined ? 1 : count,
                        .in = var,
                        .in_shape = shape,
                        .nout = 1,
                        .out = &e,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    s->program = program_new_local(g, &spec);
    s->ninputs = spec.nin;
    Shape out = program_out_shape(s->program, 0);
    if (out.rows * out.cols != s->nout)
        error_raise(SPAN_NONE, ERR_SHAPE,
                    s->nout == 1 ? "a number is drawn, and this has %d entries"
                                 : "a field has 2 entries, and this has %d",
                    out.rows * out.cols);
    name_variables(s, count, s->joined ? node_symbol_name(g, var[0]) : NULL);
    for (int i = 0; i < count && i < s->nargs && !s->joined; i++)
        s->variable[i] = node_symbol_name(g, var[i]);
}

/* ---- begin, run, end ---- */

static void begin_function(Sampler *s, Function *f)
{
    s->rows = f->class == &class_fit || f->class == &class_method;
    if (f->class == &class_fit) {
        Value predict;
        if (!fit_member(s->in, f, name_of("predict"), &predict))
            error_raise(SPAN_NONE, ERR_MEMBER,
                        "this model has no predict line");
        s->v = predict;
    }
    int count = 0;
    const Decl *decl = f->class == &class_closure || f->class == &class_derived
                           ? function_params(f, &count)
                           : NULL;
    int wanted = decl ? function_nparams(f) : 0;
    s->joined = s->nargs == 2 && wanted == 1;
    if (decl && wanted != s->nargs && !s->joined)
        error_raise(SPAN_NONE, ERR_ARGUMENT,
                    "%s has %d parameter%s, and a picture over %s is asked for",
                    f->name ? f->name : "the function", wanted,
                    wanted == 1 ? "" : "s", s->nargs == 1 ? "one" : "two");
    for (int i = 0; decl && i < wanted && !s->joined; i++)
        s->variable[i] = decl[i].name;
    name_variables(s, wanted, s->joined ? decl[0].name : NULL);
}

void sampler_begin(Sampler *s, Interp *in, Value v, int nargs, int nout)
{
    *s = (Sampler){.in = in, .v = v, .nargs = nargs, .nout = nout};
    if (v.kind == VAL_FUNCTION)
        begin_function(s, v.function);
    else
        compile_formula(s, v);
}

void sampler_end(Sampler *s)
{
    program_free(s->program);
    s->program = NULL;
}

static void run_program(Sampler *s, size_t n, const double *x, const double *y,
                        double *z)
{
    for (size_t i = 0; i < n; i++) {
        double at[2] = {x[i], y ? y[i] : 0};
        const double *const in[] = {at, at + 1};
        double *const out[] = {z + i * (size_t)s->nout};
        program_run(s->program, in, out);
        if (i % 1024 == 0)
            POLL();
    }
}

/* What a call gave, as numbers; false if it is none. */
static bool take_numbers(Sampler *s, Value v, double *z)
{
    Value y;
    if (v.kind == VAL_EXPR && constant_floats(s->in, v, &y))
        v = y;
    if (v.kind == VAL_RECORD && s->nout > 1 &&
        v.record->count == (size_t)s->nout) { /* grad of two numbers */
        for (int i = 0; i < s->nout; i++)
            if (!value_is_number(v.record->at[i]))
                return false;
        for (int i = 0; i < s->nout; i++)
            z[i] = value_to_double(v.record->at[i]);
        return true;
    }
    if (s->nout == 1 && (value_is_number(v) || v.kind == VAL_BOOL)) {
        *z = value_to_double(v);
        return true;
    }
    if (v.kind != VAL_ARRAY || array_count(v.array) != (size_t)s->nout)
        return false;
    const Array *m = array_to_float(v);
    memcpy(z, m->f, (size_t)s->nout * sizeof *z);
    return true;
}

/* Has the function no value there?  Any other error is the user's. */
static bool is_gap(ErrorCode code)
{
    return code == ERR_DOMAIN || code == ERR_NAN || code == ERR_SINGULAR;
}

static void call_at(Sampler *s, double x, const double *y, double *z)
{
    Interp *in = s->in;
    PoolMark mark = pool_mark();
    Checkpoint point = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        Value at[2] = {value_float(x), value_float(y ? *y : 0)};
        int n = s->nargs;
        if (s->joined) {
            at[0] = array_from(2, 1, (double[]){x, *y});
            n = 1;
        }
        Value v = call_values(in, s->v, n, at);
        if (!take_numbers(s, v, z))
            error_raise(
                SPAN_NONE, ERR_TYPE,
                s->nout == 1 ? "%s gives %s, and a number is drawn"
                             : "%s gives %s, and a field has two numbers",
                s->v.function->name ? s->v.function->name : "the function",
                value_kind_phrase(v));
        protect_end(&p);
    } else {
        if (!is_gap(context_error()->code))
            error_again();
        interp_restore(in, &point);
        for (int i = 0; i < s->nout; i++)
            z[i] = NAN;
    }
    pool_drain(mark);
}

/* All rows at once; labels are numbered by the caller (decision maps). */
static void predict_rows(Sampler *s, size_t n, const double *x, const double *y,
                         double *z)
{
    Value data = array_new_unset((int)n, s->nargs);
    memcpy(data.array->f, x, n * sizeof *x);
    if (y)
        memcpy(data.array->f + n, y, n * sizeof *y);
    data = array_value(data);
    Value v = call_values(s->in, s->v, 1, &data);
    if (value_is_number(v) || v.kind == VAL_BOOL) {
        for (size_t i = 0; i < n; i++)
            z[i] = value_to_double(v);
        return;
    }
    if (v.kind != VAL_ARRAY || array_count(v.array) != n)
        error_raise(SPAN_NONE, ERR_TYPE,
                    "the predictions are %s, and numbers are drawn; of a "
                    "classifier: decision(m, X, y)",
                    value_kind_phrase(v));
    memcpy(z, array_to_float(v)->f, n * sizeof *z);
}

void sampler_run(Sampler *s, size_t n, const double *x, const double *y,
                 double *z)
{
    if (n == 0)
        return;
    if (s->program) {
        run_program(s, n, x, y, z);
    } else if (s->rows) {
        predict_rows(s, n, x, y, z);
    } else {
        for (size_t i = 0; i < n; i++) {
            POLL();
            call_at(s, x[i], y ? y + i : NULL, z + i * (size_t)s->nout);
        }
    }
}

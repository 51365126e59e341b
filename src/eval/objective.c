/*
 * objective.c - formulas of packed parameters
 */
#include "eval/objective.h"

#include <math.h>
#include <string.h>

#include "compile/program.h"
#include "eval/rule.h"
#include "graph/diff.h"
#include "graph/simplify.h"
#include "value/matrix.h"
#include "value/shape.h"

#define MOST_PARAMS 256
#define MOST_EXTRAS 64
#define MOST_INPUTS (2 * MOST_PARAMS + MOST_EXTRAS)
#define MOST_KEPT 400 /* entries of v of a remembered Hessian */
#define MOST_BLOCKS 6 /* params of a closed Hessian */

/* Shared by an objective and its derivatives. */
typedef struct Packed {
    int holders;
    int n, size;
    Node param[MOST_PARAMS];
    Shape shape[MOST_PARAMS];
    int from[MOST_PARAMS];
    Node y;
    int nextra, extra_size;
    Node extra[MOST_EXTRAS];
    Shape extra_shape[MOST_EXTRAS];
    Value roots;                 /* keeps the nodes */
    Program *value;              /* y */
    Program *gradient;           /* one output a parameter */
    Program *both;               /* y, then its gradient: in place of the two */
    bool descends;               /* who asks for y will ask for its gradient */
    Program *jacobian, *hessian; /* in closed form */
    Program *product;            /* Hessian times, Jacobian times a direction */
    Node direction[MOST_PARAMS];
    bool has_best;
    double best;
    Value best_at;
    size_t count[3];
    bool has_last; /* the last point that `both` was run at */
    double last;
    Value last_at, last_extra, last_gradient;
    Value constant;                 /* the Hessian, where it is */
    Value hessian_at, last_hessian; /* without extra: the last one asked for */
} Packed;

typedef struct Objective {
    Packed *p;
    bool derived;
    DeriveKind kind; /* if derived */
    Value bound;     /* the extra columns, where they are given */
} Objective;

/* ---- making and freeing ---- */

static void drop_packed(Packed *p)
{
    if (--p->holders > 0)
        return;
    Program *programs[] = {p->value,    p->gradient, p->both,
                           p->jacobian, p->hessian,  p->product};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (programs[i])
            program_free(programs[i]);
    value_drop(p->roots);
    value_drop(p->best_at);
    value_drop(p->last_at);
    value_drop(p->last_extra);
    value_drop(p->last_gradient);
    value_drop(p->constant);
    value_drop(p->hessian_at);
    value_drop(p->last_hessian);
    mem_free(p);
}

static void release_objective(Function *f)
{
    Objective *o = f->data;
    if (o->p)
        drop_packed(o->p);
    value_drop(o->bound);
    mem_free(o);
}

static void print_objective(const Function *f, Str *out)
{
    static const char *const names[] = {"derivative", "gradient", "Jacobian",
                                        "Hessian"};
    const Objective *o = f->data;
    if (o->derived)
        str_add_format(out, "%s of an objective of %d parameters",
                       names[o->kind], o->p->size);
    else
        str_add_format(out, "objective of %d parameters", o->p->size);
}

static bool equal_objectives(const Function *a, const Function *b)
{
    return a == b;
}

const FunctionClass class_objective = {"function", release_objective,
                                       print_objective, equal_objectives};

static Value new_objective(void)
{
    Objective *o = mem_zero(1, sizeof *o);
    Function *f = object_new(VAL_FUNCTION, sizeof *f);
    f->class = &class_objective;
    f->data = o;
    return value_object(f);
}

static Packed *packed_of(Value f)
{
    return ((Objective *)f.function->data)->p;
}

Value objective_new(Interp *in, Node y, int n, const Node params[], Node extra)
{
    return objective_with(in, y, n, params, extra != NODE_NONE, &extra);
}

Value objective_with(Interp *in, Node y, int n, const Node params[], int nextra,
                     const Node extra[])
{
    if (nextra > MOST_EXTRAS)
        error_raise(SPAN_NONE, ERR_LIMIT,
                    "more than %d arrays beside the "
                    "parameters",
                    MOST_EXTRAS);
    if (n > MOST_PARAMS)
        error_raise(SPAN_NONE, ERR_LIMIT, "more than %d parameters arrays",
                    MOST_PARAMS);
    Value f = new_objective();
    Packed *p = mem_zero(1, sizeof *p);
    ((Objective *)f.function->data)->p = p;
    p->holders = 1;
    p->n = n;
    p->y = expand_named(in, y);
    value_store(&p->roots, list_new((size_t)n + 2));
    list_push(p->roots, value_expr(p->y));
    for (int k = 0; k < n; k++) {
        p->param[k] = params[k];
        p->shape[k] = node_shape(in->graph, params[k]);
        p->from[k] = p->size;
        p->size += p->shape[k].rows * p->shape[k].cols;
        list_push(p->roots, value_expr(params[k]));
    }
    for (int k = 0; k < nextra; k++) {
        Shape s = node_shape(in->graph, extra[k]);
        p->extra[k] = extra[k];
        p->extra_shape[p->nextra++] = s;
        p->extra_size += s.rows * s.cols;
        list_push(p->roots, value_expr(extra[k]));
    }
    return f;
}

Value objective_bind(Value f, Value u)
{
    const Objective *o = f.function->data;
    Value y = new_objective();
    Objective *b = y.function->data;
    b->p = o->p;
    b->p->holders++;
    value_store(&b->bound, u);
    return y;
}

Value objective_derive(Interp *in, DeriveKind kind, Value f, Span at)
{
    Objective *o = f.function->data;
    if (o->derived)
        error_raise(at, ERR_DIFF,
                    "this is a derivative of an objective already");
    Shape s = node_shape(in->graph, o->p->y);
    if (!shape_is_scalar(s) && kind != DERIVE_JACOBIAN)
        error_raise(at, ERR_SHAPE, "the objective is a vector: jacobian(f)");
    Value y = new_objective();
    Objective *d = y.function->data;
    d->p = o->p;
    d->p->holders++;
    d->derived = true;
    d->kind = kind;
    value_store(&d->bound, o->bound);
    return y;
}

/* ---- programs, made when they are first needed ---- */

static Program *compile(Interp *in, const Packed *p, int nout, const Node out[],
                        bool directions)
{
    Node input[MOST_INPUTS];
    Shape shape[MOST_INPUTS];
    int n = 0;
    for (int k = 0; k < p->n; k++) {
        input[n] = p->param[k];
        shape[n++] = p->shape[k];
    }
    for (int k = 0; directions && k < p->n; k++) {
        input[n] = p->direction[k];
        shape[n++] = p->shape[k];
    }
    for (int k = 0; k < p->nextra; k++) {
        input[n] = p->extra[k];
        shape[n++] = p->extra_shape[k];
    }
    ProgramSpec spec = {.nin = n,
                        .in = input,
                        .in_shape = shape,
                        .nout = nout,
                        .out = out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    return program_new(in->graph, &spec);
}

static void make_gradient(Interp *in, Packed *p, Node gradient[])
{
    diff_reverse(in->graph, p->y, p->n, p->param, gradient);
    for (int k = 0; k < p->n; k++)
        gradient[k] = node_textbook(in->graph, gradient[k]);
}

static void make_directions(Interp *in, Packed *p)
{
    for (int k = 0; k < p->n; k++) {
        Str s = str_in(in->scratch);
        str_add_format(&s, " d%d", k);
        p->direction[k] =
            node_symbol(in->graph, name_of(str_text(&s)), p->shape[k], 0);
        list_push(p->roots, value_expr(p->direction[k]));
    }
}

/* The change of the gradient (or of y itself) along a direction. */
static void make_product(Interp *in, Packed *p, bool gradient)
{
    Graph *g = in->graph;
    Node part[MOST_PARAMS];
    int n = gradient ? p->n : 1;
    if (gradient)
        make_gradient(in, p, part);
    else
        part[0] = p->y;
    make_directions(in, p);
    for (int k = 0; k < n; k++)
        part[k] = diff_forward(g, part[k], p->n, p->param, p->direction);
    p->product = compile(in, p, n, part, true);
}

/* Few params, numbers and columns: their matrices have closed forms. */
static bool is_columns(const Packed *p)
{
    for (int k = 0; k < p->n; k++)
        if (p->shape[k].cols != 1)
            return false;
    return p->n <= MOST_BLOCKS;
}

/* The rows and columns of the block of the Hessian of params i and j: a long
 * param gives the rows, so that its part is a product of columns. */
static void order_block(const Packed *p, int i, int j, int *row, int *col)
{
    bool turned = p->shape[i].rows < p->shape[j].rows;
    *row = turned ? j : i;
    *col = turned ? i : j;
}

/* The Hessian of a quadratic is one matrix, which need not be copied. */
static void keep_constant(const Graph *g, Packed *p, Node h)
{
    Value v = node_op(g, h) == OP_CONST ? node_const_value(g, h) : VALUE_NONE;
    if (v.kind == VAL_ARRAY && v.array->kind == ELEM_FLOAT &&
        v.array->rows == p->size && v.array->cols == p->size)
        value_store(&p->constant, v);
}

/*
 * The Jacobian has an output for each param, the Hessian one for each pair of
 * params i >= j, in this order.
 */
static Program *make_blocks(Interp *in, Packed *p, DeriveKind kind)
{
    Graph *g = in->graph;
    Node gradient[MOST_PARAMS], out[MOST_BLOCKS * MOST_BLOCKS];
    int n = 0;
    if (kind == DERIVE_JACOBIAN) {
        for (int k = 0; k < p->n; k++)
            out[n++] = node_textbook(g, diff_jacobian(g, p->y, p->param[k]));
        return compile(in, p, n, out, false);
    }
    if (p->n == 1) {
        out[n++] = node_textbook(g, diff_hessian(g, p->y, p->param[0]));
        keep_constant(g, p, out[0]);
        return compile(in, p, n, out, false);
    }
    make_gradient(in, p, gradient);
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j <= i; j++) {
            int row, col;
            order_block(p, i, j, &row, &col);
            out[n++] = node_textbook(
                g, diff_jacobian(g, gradient[row], p->param[col]));
        }
    return compile(in, p, n, out, false);
}

/* NULL where there is no closed form. */
static Program *closed_form(Interp *in, Packed *p, DeriveKind kind)
{
    Checkpoint c = interp_checkpoint(in);
    Protect q;
    Program *volatile made = NULL;
    if (PROTECT(&q)) {
        made = make_blocks(in, p, kind);
        protect_end(&q);
    } else {
        ErrorCode code = context_error()->code;
        if (code != ERR_TENSOR && code != ERR_DIFF && code != ERR_LIMIT)
            error_again();
        interp_restore(in, &c);
    }
    return made;
}

static void make_program(Interp *in, Packed *p, Program **which,
                         DeriveKind kind, bool value)
{
    Node gradient[MOST_PARAMS];
    interp_hold(in, 1);
    if (value) {
        *which = compile(in, p, 1, &p->y, false);
    } else if (kind == DERIVE_GRAD) {
        make_gradient(in, p, gradient);
        *which = compile(in, p, p->n, gradient, false);
    } else {
        if (is_columns(p))
            *which = closed_form(in, p, kind);
        if (!*which)
            make_product(in, p, kind == DERIVE_HESSIAN);
    }
    interp_hold(in, -1);
}

/* ---- running ---- */

typedef struct Point {
    const double *in[MOST_INPUTS];
    int n;
    const double *v, *extra;
} Point;

static void set_point(const Packed *p, Point *x, const double *direction)
{
    const double *extra = x->extra;
    x->n = 0;
    for (int k = 0; k < p->n; k++)
        x->in[x->n++] = x->v + p->from[k];
    for (int k = 0; direction && k < p->n; k++)
        x->in[x->n++] = direction + p->from[k];
    for (int k = 0; k < p->nextra; k++) {
        x->in[x->n++] = extra;
        extra += p->extra_shape[k].rows * p->extra_shape[k].cols;
    }
}

static void record_best(Packed *p, double value, Value v)
{
    if (!isfinite(value) || (p->has_best && value >= p->best))
        return;
    p->has_best = true;
    p->best = value;
    value_store(&p->best_at, value_object(array_to_float(v)));
}

/* ---- value and gradient at once ---- */

/*
 * Where reading the data is most of the work, y and its gradient are computed
 * together: who asks for one asks for the other at the same point.
 */
static void make_both(Interp *in, Packed *p)
{
    Node out[MOST_PARAMS + 1];
    interp_hold(in, 1);
    out[0] = p->y;
    make_gradient(in, p, out + 1);
    p->both = compile(in, p, p->n + 1, out, false);
    interp_hold(in, -1);
}

static bool is_at(Value v, const double *x, int size)
{
    return memcmp(v.array->f, x, (size_t)size * sizeof *x) == 0;
}

static void run_both(Packed *p, Point *x)
{
    int extra = p->extra_size;
    if (p->has_last && is_at(p->last_at, x->v, p->size) &&
        (p->nextra == 0 || is_at(p->last_extra, x->extra, extra)))
        return;
    double *out[MOST_PARAMS + 1] = {&p->last};
    p->has_last = false;
    value_store(&p->last_at, array_from(p->size, 1, x->v));
    if (p->nextra > 0)
        value_store(&p->last_extra, array_from(extra, 1, x->extra));
    value_store(&p->last_gradient, array_new(ELEM_FLOAT, p->size, 1));
    for (int k = 0; k < p->n; k++)
        out[k + 1] = p->last_gradient.array->f + p->from[k];
    set_point(p, x, NULL);
    program_run(p->both, x->in, out);
    p->has_last = true;
}

static Value run_value(Interp *in, Packed *p, Point *x, Value v)
{
    if (p->both) {
        run_both(p, x);
        p->count[0]++;
        record_best(p, p->last, v);
        return value_float(p->last);
    }
    if (!p->value) {
        make_program(in, p, &p->value, DERIVE_DIFF, true);
        if (p->descends && program_sweeps(p->value)) {
            make_both(in, p);
            return run_value(in, p, x, v);
        }
    }
    Shape s = node_shape(in->graph, p->y);
    Value y = array_new(ELEM_FLOAT, s.rows, s.cols);
    set_point(p, x, NULL);
    program_run(p->value, x->in, (double *[]){y.array->f});
    p->count[0]++;
    y = array_value(y);
    if (y.kind == VAL_FLOAT)
        record_best(p, y.number, v);
    return y;
}

static Value run_gradient(Interp *in, Packed *p, Point *x)
{
    if (!p->gradient && !p->both) {
        if (p->value && program_sweeps(p->value))
            make_both(in, p);
        else
            make_program(in, p, &p->gradient, DERIVE_GRAD, false);
    }
    if (p->both) {
        run_both(p, x);
        p->count[1]++;
        return array_value(array_copy(p->last_gradient.array));
    }
    Value y = array_new(ELEM_FLOAT, p->size, 1);
    double *out[MOST_PARAMS];
    for (int k = 0; k < p->n; k++)
        out[k] = y.array->f + p->from[k];
    set_point(p, x, NULL);
    program_run(p->gradient, x->in, out);
    p->count[1]++;
    return array_value(y);
}

/* A column of the matrix for every unit direction. */
static Value run_columns(Packed *p, Point *x, int rows, bool gradient)
{
    Value y = array_new(ELEM_FLOAT, rows, p->size);
    Value unit = array_new(ELEM_FLOAT, p->size, 1);
    double *out[MOST_PARAMS];
    for (int j = 0; j < p->size; j++) {
        double *column = y.array->f + (size_t)j * (size_t)rows;
        unit.array->f[j] = 1;
        for (int k = 0; k < (gradient ? p->n : 1); k++)
            out[k] = column + (gradient ? p->from[k] : 0);
        set_point(p, x, unit.array->f);
        program_run(p->product, x->in, out);
        unit.array->f[j] = 0;
    }
    return y;
}

/* The block of params `row` and `col` into its place, and mirrored. */
static void put_block(const Packed *p, int row, int col, const double *block,
                      double *h)
{
    size_t size = (size_t)p->size;
    size_t rows = (size_t)p->shape[row].rows, cols = (size_t)p->shape[col].rows;
    size_t top = (size_t)p->from[row], left = (size_t)p->from[col];
    for (size_t c = 0; c < cols; c++)
        for (size_t r = 0; r < rows; r++) {
            double v = block[r + c * rows];
            h[top + r + (left + c) * size] = v;
            h[left + c + (top + r) * size] = v;
        }
}

static void run_hessian(Packed *p, Point *x, double *h)
{
    Value block[MOST_BLOCKS * MOST_BLOCKS];
    double *out[MOST_BLOCKS * MOST_BLOCKS];
    int n = 0, row, col;
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j <= i; j++, n++) {
            order_block(p, i, j, &row, &col);
            block[n] =
                array_new(ELEM_FLOAT, p->shape[row].rows, p->shape[col].rows);
            out[n] = block[n].array->f;
        }
    program_run(p->hessian, x->in, out);
    n = 0;
    for (int i = 0; i < p->n; i++)
        for (int j = 0; j <= i; j++, n++) {
            order_block(p, i, j, &row, &col);
            put_block(p, row, col, out[n], h);
        }
}

static Value new_matrix(Interp *in, Packed *p, Point *x, DeriveKind kind)
{
    bool hessian = kind == DERIVE_HESSIAN;
    Program **which = hessian ? &p->hessian : &p->jacobian;
    if (!*which && !p->product)
        make_program(in, p, which, kind, false);
    int rows = hessian ? p->size : node_shape(in->graph, p->y).rows;
    p->count[2]++;
    if (hessian && p->constant.kind == VAL_ARRAY)
        return p->constant;
    if (!*which)
        return array_value(run_columns(p, x, rows, hessian));
    Value y = array_new(ELEM_FLOAT, rows, p->size);
    double *out[MOST_BLOCKS];
    set_point(p, x, NULL);
    if (hessian && p->n > 1) {
        run_hessian(p, x, y.array->f);
        return array_value(y);
    }
    for (int k = 0; k < p->n && k < MOST_BLOCKS; k++)
        out[k] = y.array->f + (size_t)p->from[k] * (size_t)rows;
    program_run(*which, x->in, out);
    return array_value(y);
}

/* Solvers end with the Hessian that the report of the fit asks for again. */
static Value run_matrix(Interp *in, Packed *p, Point *x, DeriveKind kind)
{
    if (kind != DERIVE_HESSIAN || p->nextra > 0 || p->size > MOST_KEPT)
        return new_matrix(in, p, x, kind);
    if (p->hessian_at.kind == VAL_ARRAY && is_at(p->hessian_at, x->v, p->size))
        return p->last_hessian;
    Value y = new_matrix(in, p, x, kind);
    value_store(&p->last_hessian, y);
    value_store(&p->hessian_at, array_from(p->size, 1, x->v));
    return y;
}

static const double *column_of(Value v, int size, const char *what)
{
    if (!value_is_number(v) && v.kind != VAL_ARRAY)
        error_raise(SPAN_NONE, ERR_TYPE, "%s is a column, not %s", what,
                    value_kind_phrase(v));
    Array *a = array_to_float(v);
    if ((int)array_count(a) != size)
        error_raise(SPAN_NONE, ERR_SHAPE, "%s has %d entries, not %zu", what,
                    size, array_count(a));
    return a->f;
}

Value call_objective(Interp *in, Function *f, const Args *a)
{
    const Objective *o = f->data;
    Packed *p = o->p;
    int want = p->nextra == 0 || o->bound.kind != VAL_NONE ? 1 : 2;
    if (a->count != want || a->nnamed > 0)
        error_raise(SPAN_NONE, ERR_ARGUMENT, "an objective takes %s",
                    want == 1 ? "the packed parameters" : "two columns");
    Point x = {.v = column_of(a->at[0], p->size, "the point")};
    if (want == 2)
        x.extra = column_of(a->at[1], p->extra_size, "the second argument");
    else if (p->nextra > 0)
        x.extra = column_of(o->bound, p->extra_size, "what is bound");
    if (!o->derived)
        return run_value(in, p, &x, a->at[0]);
    if (o->kind == DERIVE_GRAD)
        return run_gradient(in, p, &x);
    if (o->kind == DERIVE_VALUE_GRAD) {
        Value value = run_value(in, p, &x, a->at[0]);
        return value_and_grad(value, run_gradient(in, p, &x));
    }
    return run_matrix(in, p, &x, o->kind);
}

void objective_expect_gradient(Value f)
{
    packed_of(f)->descends = true;
}

int objective_size(Value f)
{
    return packed_of(f)->size;
}

bool objective_best(Value f, double *value, Value *v)
{
    const Packed *p = packed_of(f);
    *value = p->best;
    *v = p->best_at;
    return p->has_best;
}

void objective_counts(Value f, size_t count[3])
{
    memcpy(count, packed_of(f)->count, sizeof packed_of(f)->count);
}

void objective_place(Value f, int k, int *from, Shape *s)
{
    *from = packed_of(f)->from[k];
    *s = packed_of(f)->shape[k];
}

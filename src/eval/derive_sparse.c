/*
 * derive_sparse.c - Jacobians and Hessians as sparse matrices
 *
 * The function is traced for concrete shapes, so that the places of all
 * entries are numbers (graph/entries.h).  What is left to do at a point is one
 * program for the values and their way into the compressed columns.
 */
#include <string.h>

#include "base/mem.h"
#include "eval/derive_args.h"
#include "eval/derive_colour.h"
#include "eval/derive_inside.h"
#include "eval/rule.h"
#include "graph/binder_runs.h"
#include "graph/diff.h"
#include "graph/entries.h"
#include "value/sparse.h"

enum {
    LARGE_SIDE = 1 << 13, /* columns from where a dense matrix may be large */
    LARGE_ENTRIES = 1 << 26, /* of a matrix that is not made dense unasked */
    LEAST_ZEROS = 8,         /* entries for each that is stored, then */
    BLOCK = 2048             /* entries that are written at once */
};

/* Values of the program and their places. */
typedef struct Written {
    size_t n;
    bool number;    /* one for all places */
    bool ascending; /* the places */
    int *place;
    double *f;
} Written;

struct SparseTrace {
    SparseTrace *next;
    Value signature; /* list: shapes, or fixed values */
    Value roots;
    Node param[MOST_PARAMS]; /* NODE_NONE: a fixed value */
    Reads reads;
    int depth;
    Value base; /* the structure, and the values that are constant */
    int nparts;
    Written *part;
    Program *program;
    Coloured *coloured; /* or entries from directions */
    bool refused;       /* there is no sparse form */
    Value value; /* of the function, where it guards the domain; or none */
};

static void free_trace(SparseTrace *t)
{
    for (int i = 0; i < t->nparts; i++) {
        mem_free(t->part[i].place);
        mem_free(t->part[i].f);
    }
    mem_free(t->part);
    program_free(t->program);
    coloured_free(t->coloured);
    VEC_FREE(&t->reads);
    value_drop(t->signature);
    value_drop(t->roots);
    value_drop(t->base);
    value_drop(t->value);
    mem_free(t);
}

void free_sparse_traces(SparseTrace *list)
{
    for (SparseTrace *next; list; list = next) {
        next = list->next;
        free_trace(list);
    }
}

/* ---- tracing ---- */

/* Integers that are no variables may be indices: they go in by value. */
static bool is_fixed(const Derived *d, int i, Value v)
{
    if (derive_is_var(d, i))
        return false;
    return !derive_is_formula_argument(v) || v.kind == VAL_INT ||
           (v.kind == VAL_ARRAY && v.array->kind != ELEM_FLOAT);
}

static Value make_signature(const Derived *d, const Value *args)
{
    Value list = list_new((size_t)d->nparams + 1);
    for (int i = 0; i < d->nparams; i++) {
        if (is_fixed(d, i, args[i])) {
            list_push(list, args[i]);
            continue;
        }
        Shape s = value_shape(args[i]);
        Value pair = list_new(2);
        list_push(pair, value_int(s.rows));
        list_push(pair, value_int(s.cols));
        list_push(list, pair);
    }
    list_push(list, args[ARG_OPTIONS]);
    return list;
}

static Node trace_value(Interp *in, const Derived *d, SparseTrace *t,
                        const Value *args)
{
    Value v[MOST_PARAMS];
    for (int i = 0; i < d->nparams; i++) {
        v[i] = args[i];
        t->param[i] = NODE_NONE;
        if (is_fixed(d, i, args[i]))
            continue;
        t->param[i] =
            node_symbol(in->graph, fresh_name(in, d->base, d->name[i]),
                        value_shape(args[i]), decl_symbol_flags(d->decl[i]));
        v[i] = value_expr(t->param[i]);
    }
    Value y = call_with_options(in, d->base, d->nparams, v, args[ARG_OPTIONS]);
    if (!derive_is_formula_argument(y))
        error_raise(SPAN_NONE, ERR_DIFF,
                    "the function gives %s, which has no derivative",
                    value_kind_phrase(y));
    return node_of_value(in, y);
}

static Node matrix_of(Interp *in, const Derived *d, const SparseTrace *t,
                      Node y)
{
    Graph *g = in->graph;
    Node part[MOST_PARAMS];
    for (int i = 0; i < d->nvars; i++)
        part[i] = t->param[d->var[i]];
    Node x = d->nvars == 1 ? part[0] : node_stack(g, d->nvars, part);
    if (d->kind == DERIVE_JACOBIAN)
        return diff_jacobian(g, y, x);
    derive_need_scalar(in, y, "hessian");
    return diff_hessian(g, y, x);
}

/* Where the entries of all parts stand: place[k] over all of them. */
static int *make_structure(SparseTrace *t, const Entries *e, Arena *a)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < e->count; i++)
        n += e->part[i].n;
    int *row = ARENA_ARRAY(a, int, n + 1), *col = ARENA_ARRAY(a, int, n + 1);
    int *place = ARENA_ARRAY(a, int, n + 1);
    for (size_t i = 0; i < e->count; at += e->part[i++].n) {
        if (e->part[i].n == 0)
            continue;
        memcpy(row + at, e->part[i].row, e->part[i].n * sizeof *row);
        memcpy(col + at, e->part[i].col, e->part[i].n * sizeof *col);
    }
    value_store(&t->base,
                sparse_of_places(e->rows, e->cols, n, row, col, place));
    return place;
}

static bool ascends(const int *place, size_t n)
{
    for (size_t k = 1; k < n; k++)
        if (place[k] < place[k - 1])
            return false;
    return true;
}

/* Constants are added once; the others become outputs. */
static int make_parts(Interp *in, SparseTrace *t, const Entries *e, Arena *a,
                      Node out[])
{
    Graph *g = in->graph;
    const int *place = make_structure(t, e, a);
    double *f = t->base.sparse->f;
    t->part = mem_zero(e->count + 1, sizeof *t->part);
    for (size_t i = 0; i < e->count; place += e->part[i++].n) {
        const EntryPart *p = &e->part[i];
        if (p->n == 0)
            continue;
        bool number = node_is_number(g, p->value);
        if (number || node_op(g, p->value) == OP_CONST) {
            const Array *v =
                array_to_float(number ? node_number_value(g, p->value)
                                      : node_const_value(g, p->value));
            for (size_t k = 0; k < p->n; k++)
                f[place[k]] += v->f[number ? 0 : k];
            continue;
        }
        Written *w = &t->part[t->nparts];
        w->n = p->n;
        w->number = node_is_scalar(g, p->value);
        w->place = mem_alloc(p->n * sizeof *w->place);
        memcpy(w->place, place, p->n * sizeof *w->place);
        w->ascending = ascends(place, p->n);
        out[t->nparts++] = expand_named(in, p->value);
        w->f = mem_alloc(p->n * sizeof *w->f);
    }
    return t->nparts;
}

static void make_program(Interp *in, const Derived *d, SparseTrace *t,
                         const Value *args, int nout, const Node out[])
{
    Node param[MOST_PARAMS];
    Shape shape[MOST_PARAMS];
    int n = 0;
    for (int i = 0; i < d->nparams; i++) {
        if (t->param[i] == NODE_NONE)
            continue;
        param[n] = t->param[i];
        shape[n++] = value_shape(args[i]);
    }
    ProgramSpec spec = {.nin = n,
                        .in = param,
                        .in_shape = shape,
                        .nout = nout,
                        .out = out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    t->program = program_new(in->graph, &spec);
    Value roots = list_new((size_t)(nout + n));
    for (int i = 0; i < nout; i++)
        list_push(roots, value_expr(out[i]));
    for (int i = 0; i < n; i++)
        list_push(roots, value_expr(param[i]));
    value_store(&t->roots, roots);
}

/* Are the value and the variables columns or numbers? */
static bool has_columns(Interp *in, const Derived *d, const SparseTrace *t,
                        Node y)
{
    bool good = node_shape(in->graph, y).cols == 1;
    for (int i = 0; i < d->nvars; i++)
        good = good && node_shape(in->graph, t->param[d->var[i]]).cols == 1;
    return good;
}

/* The closed form as entries; false where there is none, *why then. */
static bool find_entries(Interp *in, const Derived *d, const SparseTrace *t,
                         Node y, Arena *a, Entries *e, const char **why)
{
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        bool found = node_entries(in->graph, matrix_of(in, d, t, y), a, e, why);
        protect_end(&p);
        return found;
    }
    if (context_error()->code != ERR_TENSOR || !has_columns(in, d, t, y))
        error_again();
    interp_restore(in, &c);
    *why = "what has no closed form";
    return false;
}

static void make_trace(Interp *in, const Derived *d, SparseTrace *t,
                       const Value *args)
{
    Arena *a = arena_local();
    Entries e;
    const char *why;
    Value base;
    int nout = 0;
    Node *out;
    Node y = loops_cut_into_runs(in->graph, trace_value(in, d, t, args));
    if (find_entries(in, d, t, y, a, &e, &why)) {
        out = ARENA_ARRAY(a, Node, e.count + 1);
        nout = make_parts(in, t, &e, a, out);
    } else {
        out = ARENA_ARRAY(a, Node, 1);
        t->coloured = coloured_new(in, d, t->param, y, &base);
        if (!t->coloured)
            error_raise_help(
                SPAN_NONE, ERR_TENSOR, NULL,
                "without `sparse = true` the matrix is dense",
                "this %s has no sparse form: it holds %s, and by its structure "
                "it is too full",
                d->kind == DERIVE_HESSIAN ? "Hessian" : "Jacobian", why);
        value_store(&t->base, base);
    }
    if (derive_forgets_domain(in, y)) {
        Shape s = node_shape(in->graph, y);
        value_store(&t->value, array_new(ELEM_FLOAT, s.rows, s.cols));
        out[nout++] = expand_named(in, y);
    }
    make_program(in, d, t, args, nout, out);
    arena_free(a);
}

static SparseTrace *new_trace(Interp *in, Derived *d, Value signature,
                              const Value *args)
{
    SparseTrace *t = mem_zero(1, sizeof *t);
    Reads *outer = in->reads;
    t->depth = in->depth;
    t->next = d->sparse_traces;
    d->sparse_traces = t;
    in->reads = &t->reads;
    interp_hold(in, 1);
    make_trace(in, d, t, args);
    value_store(&t->signature, signature);
    interp_hold(in, -1);
    in->reads = outer;
    return t;
}

static bool is_current(Interp *in, const SparseTrace *t, int n)
{
    if (t->signature.kind == VAL_NONE)
        return t->depth < in->depth; /* it is being made further out */
    for (size_t i = 0; i < t->reads.count; i++)
        if (t->reads.at[i].cell->version != t->reads.at[i].version)
            return false;
    return n < MOST_TRACES;
}

static SparseTrace *find_trace(Interp *in, Derived *d, const Value *args)
{
    Value signature = make_signature(d, args);
    SparseTrace *found = NULL;
    int n = 0;
    for (SparseTrace **p = &d->sparse_traces; *p;) {
        SparseTrace *t = *p;
        if (!is_current(in, t, n++)) {
            *p = t->next;
            free_trace(t);
            continue;
        }
        if (!found && t->signature.kind != VAL_NONE &&
            value_same(t->signature, signature))
            found = t;
        p = &t->next;
    }
    if (!found)
        found = new_trace(in, d, signature, args);
    for (size_t i = 0; in->reads && i < found->reads.count; i++)
        VEC_PUSH(in->reads, found->reads.at[i]);
    return found;
}

/* ---- values ---- */

/* The arguments as a program takes them. */
static void read_data(const Derived *d, const SparseTrace *t, const Value *args,
                      double scalar[], const double *data[])
{
    int n = 0;
    for (int i = 0; i < d->nparams; i++) {
        if (t->param[i] == NODE_NONE)
            continue;
        if (args[i].kind == VAL_ARRAY) {
            data[n++] = array_to_float(args[i])->f;
        } else {
            scalar[n] = value_to_double(args[i]);
            data[n] = &scalar[n];
            n++;
        }
    }
}

static void run(Interp *in, const Derived *d, SparseTrace *t, const Value *args,
                const double *const data[])
{
    if (t->nparts == 0 && t->value.kind == VAL_NONE)
        return;
    ArenaMark mark = arena_mark(in->scratch);
    double **result = ARENA_ARRAY(in->scratch, double *, (size_t)t->nparts + 1);
    for (int i = 0; i < t->nparts; i++)
        result[i] = t->part[i].f;
    if (t->value.kind != VAL_NONE)
        result[t->nparts] = t->value.array->f;
    bool finite = program_run_finite(t->program, data, result);
    arena_reset(in->scratch, mark);
    if (finite)
        return;
    if (t->value.kind != VAL_NONE)
        derive_check_domain(in, d, args, t->value.array);
    for (int i = 0; i < t->nparts; i++)
        derive_refuse_nan(t->program, data,
                          array_from(t->part[i].number ? 1 : (int)t->part[i].n,
                                     1, t->part[i].f));
}

/* Adds values to places below `end`, from value k on; gives the next. */
static size_t write_below(const Written *w, size_t k, int end, double *f)
{
    const int *place = w->place;
    const double *v = w->f;
    if (w->number)
        for (; k < w->n && place[k] < end; k++)
            f[place[k]] += v[0];
    else
        for (; k < w->n && place[k] < end; k++)
            f[place[k]] += v[k];
    return k;
}

/* Block by block, so that what is copied is still in the cache when values are
 * added; places that do not ascend come in a pass of their own. */
static Value write_values(Interp *in, const SparseTrace *t)
{
    const Sparse *base = t->base.sparse;
    Value y = sparse_like(base);
    int n = (int)sparse_count(base);
    ArenaMark mark = arena_mark(in->scratch);
    size_t *at = ARENA_ARRAY(in->scratch, size_t, (size_t)t->nparts + 1);
    for (int from = 0; from < n; from += BLOCK) {
        int end = n - from < BLOCK ? n : from + BLOCK;
        memcpy(y.sparse->f + from, base->f + from,
               (size_t)(end - from) * sizeof(double));
        for (int i = 0; i < t->nparts; i++)
            if (t->part[i].ascending)
                at[i] = write_below(&t->part[i], at[i], end, y.sparse->f);
    }
    for (int i = 0; i < t->nparts; i++)
        if (!t->part[i].ascending)
            write_below(&t->part[i], 0, n, y.sparse->f);
    arena_reset(in->scratch, mark);
    return y;
}

static Value compute(Interp *in, const Derived *d, SparseTrace *t,
                     const Value *args)
{
    const double *data[MOST_PARAMS];
    double scalar[MOST_PARAMS];
    read_data(d, t, args, scalar, data);
    run(in, d, t, args, data);
    if (!t->coloured)
        return write_values(in, t);
    Value y = sparse_like(t->base.sparse);
    coloured_run(t->coloured, data, y.sparse->f);
    return y;
}

Value call_sparse(Interp *in, Derived *d, const Value *args)
{
    return compute(in, d, find_trace(in, d, args), args);
}

static size_t columns_of(const Derived *d, const Value *args)
{
    size_t n = 0;
    for (int i = 0; i < d->nvars; i++) {
        Shape s = value_shape(args[d->var[i]]);
        n += (size_t)s.rows * (size_t)s.cols;
    }
    return n;
}

/* The trace that an error has left is known as one that leads nowhere. */
static void note_refusal(Interp *in, const Derived *d, const Value *args)
{
    SparseTrace *t = d->sparse_traces;
    while (t && (t->signature.kind != VAL_NONE || t->depth != in->depth))
        t = t->next;
    if (!t)
        return;
    t->refused = true;
    value_store(&t->signature, make_signature(d, args));
}

bool call_sparse_if_large(Interp *in, Derived *d, const Value *args, Value *y)
{
    bool matrix = d->kind == DERIVE_JACOBIAN || d->kind == DERIVE_HESSIAN;
    size_t n = matrix ? columns_of(d, args) : 0;
    if (n < LARGE_SIDE)
        return false;
    Checkpoint c = interp_checkpoint(in);
    Protect p;
    if (PROTECT(&p)) {
        SparseTrace *t = find_trace(in, d, args);
        protect_end(&p);
        if (t->refused)
            return false;
        const Structure *s = t->base.sparse->at;
        double all = (double)s->rows * s->cols;
        if (all < LARGE_ENTRIES ||
            (double)sparse_count(t->base.sparse) * LEAST_ZEROS > all)
            return false;
        *y = compute(in, d, t, args);
        return true;
    }
    ErrorCode code = context_error()->code;
    if (code != ERR_TENSOR && code != ERR_LIMIT && code != ERR_DIFF)
        error_again();
    interp_restore(in, &c);
    note_refusal(in, d, args);
    return false;
}

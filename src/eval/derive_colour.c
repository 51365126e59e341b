/*
 * derive_colour.c - sparse derivatives from a few directions
 */
#include "eval/derive_colour.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "eval/rule.h"
#include "graph/diff.h"
#include "graph/reach.h"
#include "num/colour.h"
#include "value/sparse.h"

enum { MOST_COLOURS = 1024, MOST_WORK = 1 << 30 };

struct Coloured {
    Value roots;
    Program *program; /* parameters and directions in, the change out */
    int nparams;      /* symbols among the parameters */
    int nvars;
    int size[MOST_PARAMS]; /* entries of each variable */
    double *direction;     /* all variables */
    double *change;
    int rows, cols, colours;
    int *colour; /* of each column */
    int *start;  /* colours + 1: the entries that a colour gives */
    int *place, *row;
};

void coloured_free(Coloured *c)
{
    if (!c)
        return;
    program_free(c->program);
    value_drop(c->roots);
    mem_free(c->direction);
    mem_free(c->change);
    mem_free(c->colour);
    mem_free(c->start);
    mem_free(c->place);
    mem_free(c->row);
    mem_free(c);
}

/* ---- structure ---- */

/* Symmetric where a Hessian is wanted. */
static Value make_base(const Reach *r, int cols, bool symmetric, Arena *a)
{
    size_t n = (size_t)r->start[r->n], total = symmetric ? 2 * n : n, at = 0;
    int *i = ARENA_ARRAY(a, int, total + 1),
        *j = ARENA_ARRAY(a, int, total + 1);
    for (size_t k = 0; k < r->n; k++)
        for (int m = r->start[k]; m < r->start[k + 1]; m++, at++) {
            i[at] = (int)k;
            j[at] = r->col[m];
            if (symmetric) {
                i[at + n] = r->col[m];
                j[at + n] = (int)k;
            }
        }
    return sparse_of_places((int)r->n, cols, total, i, j,
                            ARENA_ARRAY(a, int, total + 1));
}

/* By the entries of each row: the steps that a colouring takes and, but for a
 * symmetric matrix, the least number of colours. */
static bool is_worth_colouring(const Structure *turned, bool symmetric)
{
    double work = 0;
    for (int i = 0; i < turned->cols; i++) {
        double count = turned->start[i + 1] - turned->start[i];
        work += count * count;
        if (!symmetric && count > MOST_COLOURS)
            return false;
    }
    return work < MOST_WORK;
}

/* Is column j the only one of its colour that has an entry in row i? */
static bool is_alone(const Structure *turned, const int *colour, int i, int j)
{
    for (int k = turned->start[i]; k < turned->start[i + 1]; k++)
        if (turned->row[k] != j && colour[turned->row[k]] == colour[j])
            return false;
    return true;
}

/* Which direction gives each entry, and in which row. */
static void assign_entries(Coloured *c, const Structure *s, const Structure *t)
{
    size_t n = (size_t)s->start[s->cols];
    int *way = mem_alloc((n + 1) * sizeof *way);
    int *row = mem_alloc((n + 1) * sizeof *row);
    for (int j = 0; j < s->cols; j++)
        for (int k = s->start[j]; k < s->start[j + 1]; k++) {
            int i = s->row[k];
            bool here = is_alone(t, c->colour, i, j);
            way[k] = c->colour[here ? j : i];
            row[k] = here ? i : j;
            c->start[way[k] + 1]++;
        }
    for (int k = 0; k < c->colours; k++)
        c->start[k + 1] += c->start[k];
    int *next = mem_alloc(((size_t)c->colours + 1) * sizeof *next);
    memcpy(next, c->start, (size_t)c->colours * sizeof *next);
    for (size_t k = 0; k < n; k++) {
        int at = next[way[k]]++;
        c->place[at] = (int)k;
        c->row[at] = row[k];
    }
    mem_free(next);
    mem_free(row);
    mem_free(way);
}

/* False: more colours than are worth while. */
static bool colour(Coloured *c, const Sparse *base, bool symmetric, Arena *a)
{
    const Structure *s = base->at;
    Value turned = symmetric ? VALUE_NONE : sparse_transpose(base);
    const Structure *t = symmetric ? s : turned.sparse->at;
    if (!is_worth_colouring(t, symmetric))
        return false;
    size_t n = (size_t)s->start[s->cols];
    Pattern p = {s->rows, s->cols, s->start, s->row, t->start, t->row};
    int *room = ARENA_ARRAY(a, int, (size_t)s->cols + 2);
    c->rows = s->rows;
    c->cols = s->cols;
    c->colour = mem_alloc(((size_t)s->cols + 1) * sizeof *c->colour);
    c->colours = symmetric ? colour_star(&p, c->colour, room)
                           : colour_columns(&p, c->colour, room);
    if (c->colours > MOST_COLOURS)
        return false;
    c->start = mem_zero((size_t)c->colours + 1, sizeof *c->start);
    c->place = mem_alloc((n + 1) * sizeof *c->place);
    c->row = mem_alloc((n + 1) * sizeof *c->row);
    c->direction = mem_alloc(((size_t)s->cols + 1) * sizeof *c->direction);
    c->change = mem_alloc(((size_t)s->rows + 1) * sizeof *c->change);
    assign_entries(c, s, t);
    return true;
}

/* ---- program ---- */

static void make_program(Interp *in, const Derived *d, Coloured *c,
                         const Node param[], const Node dx[], Node change)
{
    Node input[2 * MOST_PARAMS];
    Shape shape[2 * MOST_PARAMS];
    Value roots = list_new(8);
    int n = 0;
    for (int i = 0; i < d->nparams; i++)
        if (param[i] != NODE_NONE)
            input[n++] = param[i];
    c->nparams = n;
    for (int i = 0; i < d->nvars; i++)
        input[n++] = dx[i];
    for (int i = 0; i < n; i++) {
        shape[i] = node_shape(in->graph, input[i]);
        list_push(roots, value_expr(input[i]));
    }
    Node out = expand_named(in, change);
    list_push(roots, value_expr(out));
    value_store(&c->roots, roots);
    ProgramSpec spec = {.nin = n,
                        .in = input,
                        .in_shape = shape,
                        .nout = 1,
                        .out = &out,
                        .data_dim = NODE_NONE,
                        .precision = PRECISION_F64};
    c->program = program_new(in->graph, &spec);
}

/* What is differentiated once more: the value, or the gradient. */
static Node column_of(Interp *in, const Derived *d, Node y, const Node x[])
{
    Node gradient[MOST_PARAMS];
    if (d->kind == DERIVE_JACOBIAN)
        return y;
    diff_reverse(in->graph, y, d->nvars, x, gradient);
    return d->nvars == 1 ? gradient[0]
                         : node_stack(in->graph, d->nvars, gradient);
}

static Coloured *try_colours(Interp *in, const Derived *d, const Node param[],
                             Node y, Value *base, Coloured *c, Arena *a)
{
    Graph *g = in->graph;
    Node x[MOST_PARAMS], dx[MOST_PARAMS];
    bool symmetric = d->kind == DERIVE_HESSIAN;
    int cols = 0;
    Reach r;
    c->nvars = d->nvars;
    for (int i = 0; i < d->nvars; i++) {
        Shape s = node_shape(g, x[i] = param[d->var[i]]);
        Str name = str_in(a);
        str_add_format(&name, "d%s", d->name[d->var[i]]);
        dx[i] = node_symbol(g, name_of(str_text(&name)), s, SYM_PLACEHOLDER);
        c->size[i] = s.rows * s.cols;
        cols += c->size[i];
        if (s.cols != 1)
            return NULL;
    }
    Node column = column_of(in, d, y, x);
    if (node_shape(g, column).cols != 1 ||
        !node_reach(g, column, d->nvars, x, a, &r))
        return NULL;
    *base = make_base(&r, cols, symmetric, a);
    if (!colour(c, base->sparse, symmetric, a))
        return NULL;
    make_program(in, d, c, param, dx, diff_forward(g, column, d->nvars, x, dx));
    return c;
}

Coloured *coloured_new(Interp *in, const Derived *d, const Node param[], Node y,
                       Value *base)
{
    Arena *a = arena_local();
    Coloured *c = mem_zero(1, sizeof *c);
    Protect p;
    if (PROTECT(&p)) {
        Coloured *made = try_colours(in, d, param, y, base, c, a);
        protect_end(&p);
        arena_free(a);
        if (!made)
            coloured_free(c);
        return made;
    }
    coloured_free(c);
    error_again();
}

/* ---- values ---- */

void coloured_run(Coloured *c, const double *const data[], double *f)
{
    const double *input[2 * MOST_PARAMS];
    bool finite = true;
    size_t at = 0;
    memcpy(input, data, (size_t)c->nparams * sizeof *input);
    for (int i = 0; i < c->nvars; at += (size_t)c->size[i++])
        input[c->nparams + i] = c->direction + at;
    for (int k = 0; k < c->colours; k++) {
        POLL();
        for (int j = 0; j < c->cols; j++)
            c->direction[j] = c->colour[j] == k;
        finite = program_run_finite(c->program, input, &c->change) && finite;
        for (int e = c->start[k]; e < c->start[k + 1]; e++)
            f[c->place[e]] = c->change[c->row[e]];
        if (!finite)
            derive_refuse_nan(c->program, input,
                              array_from(c->rows, 1, c->change));
    }
}

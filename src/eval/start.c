/*
 * start.c - what a fit must have before a solver begins
 */
#include "eval/start.h"

#include <math.h>
#include <string.h>

#include "eval/call.h"
#include "num/columns.h"
#include "syntax/print.h"
#include "value/datatable.h"
#include "value/shape.h"

static bool is_empty(Value v)
{
    switch (v.kind) {
    case VAL_LIST:
        return v.list->count == 0;
    case VAL_TABLE:
        return v.table->rows == 0;
    case VAL_ARRAY:
        return v.array->rows == 0;
    default:
        return false;
    }
}

void start_check_rows(const Model *m, const Value values[], const Span places[])
{
    for (int i = 0; i < model_data_count(m) && i < MODEL_DATA; i++)
        if (is_empty(values[i]))
            error_raise(places[i], ERR_DOMAIN, "the data `%s` have 0 rows",
                        model_data(m, i)->name);
}

#define HELP_MISSING                                                           \
    "missing = \"drop\" in fit leaves such rows out, drop_missing(D) those of a " \
    "table"

/* The first missing entry from 0, or the number of entries. */
static size_t missing_entry(const Array *a)
{
    size_t i = 0;
    if (!array_has_missing(a))
        return array_count(a);
    while (i < array_count(a) && !array_is_missing(a, i))
        i++;
    return i;
}

void start_check_missing(const Decl *d, Value v)
{
    size_t i;
    if (v.kind == VAL_ARRAY &&
        (i = missing_entry(v.array)) < array_count(v.array)) {
        size_t rows = (size_t)v.array->rows;
        if (v.array->cols == 1)
            error_raise_help(d->at, ERR_MISSING, NULL, HELP_MISSING,
                             "`%s` has a missing value in row %zu", d->name,
                             i + 1);
        error_raise_help(d->at, ERR_MISSING, NULL, HELP_MISSING,
                         "`%s` has a missing value in row %zu, column %zu",
                         d->name, i % rows + 1, i / rows + 1);
    }
    for (size_t j = 0; v.kind == VAL_TABLE && j < v.table->ncols; j++) {
        Value c = v.table->column[j];
        if (c.kind == VAL_ARRAY &&
            (i = missing_entry(c.array)) < array_count(c.array))
            error_raise_help(d->at, ERR_MISSING, NULL, HELP_MISSING,
                             "`%s` has a missing value in row %zu, column %s",
                             d->name, i + 1, v.table->name[j]);
    }
}

static void add_bound(Str *s, const char *sign, bool open, const Ast *bound)
{
    if (!bound)
        return;
    str_add_format(s, "%s%s%s ", s->len > 0 ? " and " : "", sign,
                   open ? "" : "=");
    ast_print(s, bound);
}

const char *start_bounds_text(const Decl *d)
{
    Str s = str_in(error_arena());
    add_bound(&s, ">", d->lower_open, d->lower);
    add_bound(&s, "<", d->upper_open, d->upper);
    return str_text(&s);
}

static const char *declaration_text(const Decl *d)
{
    Str s = str_in(error_arena());
    ast_print_decl(&s, d);
    return str_text(&s);
}

void start_check_bounds(const Decl *d, const ModelLeaf *l)
{
    if (l->lower > l->upper ||
        (l->lower == l->upper && (d->lower_open || d->upper_open)))
        error_raise(d->at, ERR_DOMAIN,
                    "the bounds of `%s` leave nothing between them: %s",
                    l->path, declaration_text(d));
    if (l->start.kind == VAL_NONE)
        return;
    const Array *a = array_to_float(l->start);
    for (size_t i = 0; i < array_count(a); i++) {
        double x = a->f[i];
        if (isnan(x))
            error_raise(d->at, ERR_NAN, "the start of `%s` is NaN", l->path);
        if ((d->lower_open ? x > l->lower : x >= l->lower) &&
            (d->upper_open ? x < l->upper : x <= l->upper))
            continue;
        error_raise(d->at, ERR_DOMAIN,
                    "the start of `%s` must be %s, and is %g", l->path,
                    start_bounds_text(d), x);
    }
}

/* "`X` is infinite in row 1, column 2", or NULL. */
static const char *infinite_entry(const ModelRun *r)
{
    for (int i = 0; i < model_data_count(r->model); i++) {
        Local *l = frame_find(r->in, model_data(r->model, i)->name);
        if (!l || l->value.kind != VAL_ARRAY)
            continue;
        const Array *a = array_to_float(l->value);
        for (size_t k = 0; k < array_count(a); k++)
            if (isinf(a->f[k]))
                return arena_printf(
                    error_arena(), "`%s` is infinite in row %zu, column %zu",
                    model_data(r->model, i)->name, k % (size_t)a->rows + 1,
                    k / (size_t)a->rows + 1);
    }
    return NULL;
}

static void add_starts(Interp *in, const Problem *p, Str *s)
{
    for (int k = 0; k < p->nleaves && k < 4; k++) {
        str_add_format(s, "%s%s = ", k ? ", " : "", p->leaf[k].path);
        value_format_inline(&in->format, p->leaf[k].start, s);
    }
    if (p->nleaves > 4)
        str_add(s, ", ...");
}

void start_check_value(Interp *in, const ModelRun *r, const Problem *p,
                       Value record)
{
    Value start = *record_find(record, name_of("start"));
    Value y = call_values(in, p->f, 1, &start);
    if (!value_is_number(y) || isfinite(value_to_double(y)))
        return;
    AstRole role = model_has(r->model, AST_LOSS) ? AST_LOSS : AST_NLL;
    Str s = str_in(error_arena());
    add_starts(in, p, &s);
    double x = value_to_double(y);
    const char *infinite = infinite_entry(r);
    error_raise_help(model_line(r->model, role)->at,
                     isnan(x) ? ERR_NAN : ERR_DOMAIN, NULL,
                     infinite ? infinite
                              : "give the params a start where it is finite: "
                                "param a = 1",
                     "the %s is %s at the start %s", ast_role_text(role),
                     isnan(x) ? "NaN"
                     : x > 0  ? "infinite"
                              : "-infinite",
                     str_text(&s));
}

/* ---- units ---- */

/* The first data matrix with this many columns, or NULL. */
static const Array *matrix_of(const ModelRun *r, int cols)
{
    for (int i = 0; i < model_data_count(r->model); i++) {
        const Decl *d = model_data(r->model, i);
        Local *l = frame_find(r->in, d->name);
        if (d->ndims == 2 && l && l->value.kind == VAL_ARRAY &&
            l->value.array->kind == ELEM_FLOAT && l->value.array->cols == cols)
            return l->value.array;
    }
    return NULL;
}

/* For a column of n entries and this norm. */
static double column_unit(size_t n, double norm, double l2)
{
    double rms = norm / sqrt((double)n);
    /* the curvature of l2 beside that of logistic rows, 1/4 each */
    double unit = 1 / hypot(rms, 2 * sqrt(l2 / (double)n));
    return rms > 0 && isfinite(unit) && unit > 0 ? unit : 1;
}

bool start_measure(ModelRun *r, const Decl *d, Value v)
{
    if (d->ndims != 2 || v.kind != VAL_ARRAY || v.array->kind != ELEM_FLOAT)
        return false;
    size_t rows = (size_t)v.array->rows, cols = (size_t)v.array->cols;
    double *norm = ARENA_ARRAY(r->in->scratch, double, cols + 1);
    columns_norm2(norm, v.array->f, rows, cols);
    for (size_t j = 0; j < cols; j++)
        if (!isfinite(norm[j]))
            return false;
    r->measured = v.array->f;
    r->norms = norm;
    return true;
}

Value start_units(const ModelRun *r, double l2)
{
    int size = 0;
    for (int k = 0; k < r->nleaves; k++)
        size += r->leaf[k].shape.rows * r->leaf[k].shape.cols;
    Value units = array_new(ELEM_FLOAT, size, 1);
    double *u = units.array->f;
    for (int k = 0; k < r->nleaves; k++) {
        const ModelLeaf *l = &r->leaf[k];
        const Array *x = l->weight ? matrix_of(r, l->shape.rows) : NULL;
        size_t rows = (size_t)l->shape.rows, n = x ? (size_t)x->rows : 0;
        size_t count = rows * (size_t)l->shape.cols;
        if (x && count > 0 && x->f == r->measured)
            memcpy(u, r->norms, rows * sizeof *u);
        else if (x && count > 0)
            columns_norm2(u, x->f, n, rows);
        for (size_t i = 0; i < rows && i < count; i++)
            u[i] = x ? column_unit(n, u[i], l2) : 1;
        for (size_t i = rows; i < count; i++)
            u[i] = u[i - rows];
        u += count;
    }
    return units;
}
